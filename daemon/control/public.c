/*
 * See public.h. Knows neither routes nor roles: who has the address may have the file.
 */
#include "control/public.h"

#include <string.h>

#include "base/log.h"
#include "control/guard.h"
#include "control/listen.h"
#include "control/room.h"
#include "network/fit.h"
#include "publish/body.h"
#include "publish/hosting.h"

enum { FILE_MOST = 1 << 30, FILES_A_SECOND = 50, FILES_AT_ONCE = 100 };

static void refuse(struct call *call, int status, const char *text)
{
    answer_text(call, status, "text/plain; charset=utf-8", text);
}

/* Files are hashed before they are served, which costs: a bucket that fills by the second. */
static bool may_serve(struct public_pace *pace)
{
    duration now = clock_monotonic();
    duration filled = (now - pace->at) * FILES_A_SECOND;

    if (filled > 0) {
        pace->at = now;
        pace->thousandths += filled;
    }
    if (pace->thousandths > FILES_AT_ONCE * 1000)
        pace->thousandths = FILES_AT_ONCE * 1000;
    if (pace->thousandths < 1000)
        return false;
    pace->thousandths -= 1000;
    return true;
}

static const struct media *media_of(const struct delivery *delivery, const char *hash, struct arena *arena)
{
    const struct content *content = fit_content(delivery->content, delivery->memo, arena);

    for (size_t p = 0; p < content->part_count; p++) {
        const struct part *part = &content->parts[p];

        for (size_t i = 0; i < part->media_count; i++) {
            if (part->media[i].sha256 && !strcmp(part->media[i].sha256, hash))
                return &part->media[i];
        }
    }
    return NULL;
}

/* NULL: not ours, not good any more, or of a delivery that is not on its way. */
static const struct media *find(struct call *call)
{
    const unsigned served =
        1u << STATE_READY | 1u << STATE_WAITING | 1u << STATE_SENDING | 1u << STATE_UNSURE;
    const struct hosting *hosting = publisher_hosting(call->control->publisher);
    const char *name = call->segment_count ? call->segments[call->segment_count - 1] : "";
    char hash[SHA256_HEX];
    int64_t row;

    if (!hosting_knows(hosting, name, call->now, &row, hash))
        return NULL;
    const struct delivery *delivery = queue_get_row(call->control->queue, row, call->arena, NULL);
    return delivery && (served >> delivery->state & 1) ? media_of(delivery, hash, call->arena) : NULL;
}

static void serve(struct call *call, const struct media *media)
{
    const struct media_roots roots =
        documents_media_roots(schedule_documents(call->control->schedule)->settings);
    struct body_file file;

    if (media->size > FILE_MOST || !body_open(&file, &roots, media, NULL)) {
        refuse(call, 404, "there is nothing here\n");
        return;
    }
    call->answer.status = 200;
    call->answer.type = media->mime;
    call->answer.file = file.fd;
    call->answer.file_size = file.size;
    answer_with(call, "Cache-Control", "private, no-store");
    answer_with(call, "Content-Security-Policy", "default-src 'none'");
}

static void handle(struct call *call)
{
    const struct media *media = schedule_documents(call->control->schedule) ? find(call) : NULL;

    if (!media) {
        refuse(call, 404, "there is nothing here\n");
    } else if (!may_serve(&call->control->public_pace)) {
        refuse(call, 429, "too much at a time\n");
        answer_with(call, "Retry-After", "1");
    } else {
        serve(call, media);
    }
}

/* The address is not for the log. */
static bool begin(struct call *call)
{
    call->target = "/(media)";
    answer_with(call, "X-Content-Type-Options", "nosniff");
    if (!guard_framing(call))
        return false;
    if (guard_length(call) == 0 && !strcmp(call->method, "GET"))
        return true;
    refuse(call, 405, "GET and HEAD only\n");
    answer_with(call, "Allow", "GET, HEAD");
    return false;
}

static const struct server_callbacks callbacks = {.begin = begin, .handle = handle};

bool public_open(struct control *control, const struct settings *settings, struct server **ret_server,
                 struct error *err)
{
    char address[64];
    int fd;

    if (!settings->media_urls.listen)
        return true;
    fd = listen_tcp(settings->media_urls.listen, err);
    if (fd < 0)
        return fail_while(err, "media_urls");
    listen_address(fd, address, sizeof address);
    log_info("media for networks are served on http://%s/", address);
    *ret_server = server_new(control->loop, fd, control, &callbacks, err);
    if (*ret_server)
        hosting_serve(publisher_hosting(control->publisher), settings->media_urls.listen);
    return *ret_server != NULL;
}
