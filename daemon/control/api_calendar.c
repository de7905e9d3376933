/*
 * api_calendar: planned and published deliveries as a calendar to subscribe to.
 */
#include "base/hash.h"
#include "control/api.h"
#include "control/problem.h"
#include "control/room.h"
#include "queue/ics.h"

enum { MOST_EVENTS = 5000, PAGE = 500 };
#define BACK DAYS(92)

static void add_page(struct call *call, struct buf *out, struct delivery *const *deliveries, size_t count,
                     const char *installation)
{
    for (size_t i = 0; i < count; i++) {
        const char *url = deliveries[i]->remote_url;
        if (url && *url == '/')
            url = arena_printf(call->arena, "%s%s", call_base_url(call), url);
        ics_add(out, deliveries[i], installation, url);
    }
}

void api_calendar(struct call *call)
{
    struct buf out = {0};
    struct error err = {""};
    struct delivery_filter filter = {
        .states = ~(1u << STATE_CANCELLED | 1u << STATE_MISSED) & ((1u << STATE_COUNT) - 1),
        .from = call->now - BACK,
        .limit = PAGE,
    };
    const char *brand = schedule_documents(call->control->schedule)->charter->name;
    const char *installation = queue_installation(call->control->queue, &err);
    if (!installation) {
        problem(call, 503, "%s", err.message);
        return;
    }
    ics_begin(&out, brand ? brand : "cald");
    for (size_t seen = 0; seen < MOST_EVENTS; seen += PAGE) {
        struct delivery **deliveries;
        size_t count;
        if (!queue_list(call->control->queue, &filter, call->arena, &deliveries, &count, &filter.cursor,
                        &err)) {
            buf_release(&out);
            problem(call, 503, "%s", err.message);
            return;
        }
        add_page(call, &out, deliveries, count, installation);
        if (!filter.cursor)
            break;
    }
    ics_end(&out);
    char hash[SHA256_HEX];
    answer_bytes(call, 200, "text/calendar; charset=utf-8", buf_text(&out), out.length);
    answer_etag(call, arena_printf(call->arena, "%.32s", sha256_hex(buf_text(&out), out.length, hash)));
    buf_release(&out);
}
