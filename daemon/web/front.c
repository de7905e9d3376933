/*
 * front: the page at '/': which feeds there are, and when nothing new is published in them. Public: why that
 * is so, and that there is a crisis, is for those who may look at the daemon.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "control/accounts.h"
#include "control/api.h"
#include "control/room.h"
#include "network/feed.h"

static bool is_still(const struct account_view *view)
{
    return !strcmp(view->state, "crisis") || !strcmp(view->state, "paused");
}

static void add_feed(struct call *call, const struct settings_account *settings, struct buf *page)
{
    const struct account *account = &settings->account;
    struct account_view view = account_look(call, settings);
    struct syndication_feed feed;
    feed_describe(account, call_base_url(call), call->arena, &feed);
    buf_add_text(page, "<li><a href=\"");
    buf_add_xml(page, feed_path(account->name, "", call->arena));
    buf_add_text(page, "\">");
    buf_add_xml(page, feed.title);
    buf_add_text(page, is_still(&view) ? "</a> (nothing new at the moment)</li>\n" : "</a></li>\n");
}

static void add_notice(struct buf *page, const char *what, const char *who, const char *why)
{
    buf_add_text(page, "<p role=\"status\"><strong>");
    buf_add_text(page, what);
    buf_add_xml(page, who);
    buf_add_text(page, "</strong>: ");
    buf_add_xml(page, *why ? why : "no reason was given");
    buf_add_text(page, "</p>\n");
}

static void add_pauses(struct call *call, const struct settings *settings, struct buf *page)
{
    const json_t *all = json_in_arena(call->arena, paused_to_json(call));
    if (json_is_object(all))
        add_notice(page, "Everything is paused", "", json_text(all, "why"));
    for (size_t i = 0; json_is_null(all) && i < settings->account_count; i++) {
        struct account_view view = account_look(call, &settings->accounts[i]);
        if (!strcmp(view.state, "paused"))
            add_notice(page, "Paused: ", settings->accounts[i].account.name, view.why ? view.why : "");
    }
}

/* For who may look at the daemon. */
static void add_notices(struct call *call, const struct settings *settings, struct buf *page)
{
    const json_t *crises = json_in_arena(call->arena, crises_to_json(call));
    for (size_t i = 0; i < json_array_size(crises); i++) {
        const json_t *one = json_array_get(crises, i);
        const char *account = json_text(one, "account");
        bool all = !strcmp(account, "*");
        add_notice(page, all ? "Crisis, nothing is published but what is let go" : "Crisis of ",
                   all ? "" : account, json_text(one, "why"));
    }
    add_pauses(call, settings, page);
}

void web_front(struct call *call)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    struct buf page = {0};
    size_t count = 0;
    buf_add_text(&page,
                 "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Feeds</title>\n"
                 "<meta name=\"viewport\" content=\"width=device-width\"></head>\n"
                 "<body><main>\n");
    if (call->role >= ROLE_VIEWER)
        add_notices(call, settings, &page);
    buf_add_text(&page, "<h1>Feeds</h1>\n<ul>\n");
    for (size_t i = 0; i < settings->account_count; i++) {
        if (strcmp(settings->accounts[i].account.network->name, "feed") == 0) {
            add_feed(call, &settings->accounts[i], &page);
            count++;
        }
    }
    buf_add_text(&page, count ? "</ul>\n" : "</ul>\n<p>There is none yet.</p>\n");
    buf_add_text(&page, "</main></body>\n</html>\n");
    answer_with(call, "Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'");
    answer_with(call, "Referrer-Policy", "no-referrer");
    answer_with(call, "X-Frame-Options", "DENY");
    answer_text(call, 200, "text/html; charset=utf-8", buf_text(&page));
    buf_release(&page);
}
