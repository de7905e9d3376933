/*
 * front: the page at '/': which feeds there are. Public; says nothing else about the daemon.
 */
#include <string.h>

#include "base/buf.h"
#include "control/api.h"
#include "control/room.h"
#include "network/feed.h"

static void add_feed(struct call *call, const struct account *account, struct buf *page)
{
    struct syndication_feed feed;
    feed_describe(account, call_base_url(call), call->arena, &feed);
    buf_add_text(page, "<li><a href=\"");
    buf_add_xml(page, feed_path(account->name, "", call->arena));
    buf_add_text(page, "\">");
    buf_add_xml(page, feed.title);
    buf_add_text(page, "</a></li>\n");
}

void web_front(struct call *call)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    struct buf page = {0};
    size_t count = 0;
    buf_add_text(&page,
                 "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Feeds</title>\n"
                 "<meta name=\"viewport\" content=\"width=device-width\"></head>\n"
                 "<body><main>\n<h1>Feeds</h1>\n<ul>\n");
    for (size_t i = 0; i < settings->account_count; i++) {
        const struct account *account = &settings->accounts[i].account;
        if (strcmp(account->network->name, "feed") == 0) {
            add_feed(call, account, &page);
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
