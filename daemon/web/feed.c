/*
 * feed: serves what accounts of the network 'feed' have published: as Atom, JSON Feed and pages, with their
 * images. Public. What an entry looks like is syndication.h's; which entries there are is the queue's.
 */
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "control/api.h"
#include "control/problem.h"
#include "control/room.h"
#include "network/feed.h"
#include "network/fit.h"
#include "publish/body.h"

struct shown { /* one feed, as far as a request needs it */
    const struct settings_account *account;
    struct syndication_feed feed;
    struct delivery **deliveries;
    size_t count;
};

static const struct settings_account *find_account(struct call *call)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    const struct settings_account *account = settings_account(settings, call->arguments[0]);
    if (account && strcmp(account->account.network->name, "feed") == 0)
        return account;
    problem(call, 404, "there is no feed '%s'", call->arguments[0]);
    return NULL;
}

/* Images that were made to fit instead of those they were made of. */
static void show_what_was_sent(struct shown *shown, struct arena *arena)
{
    for (size_t i = 0; i < shown->count; i++) {
        struct delivery *delivery = shown->deliveries[i];
        delivery->content = fit_content(delivery->content, delivery->memo, arena);
    }
}

/* Published deliveries, newest first; of one post where one is named. */
static bool read_published(struct call *call, struct shown *shown, const char *post_id)
{
    const char *next;
    struct error err = {""};
    struct delivery_filter filter = {
        .account = shown->account->account.name,
        .post_id = post_id,
        .states = 1u << STATE_PUBLISHED,
        .standing = true,
        .newest_first = true,
        .by_published = true,
        .limit = post_id ? 1 : feed_entry_limit(&shown->account->account),
    };
    if (queue_list(call->control->queue, &filter, call->arena, &shown->deliveries, &shown->count, &next,
                   &err)) {
        show_what_was_sent(shown, call->arena);
        return true;
    }
    problem(call, 503, "%s", err.message);
    return false;
}

static void make_entry(struct call *call, const struct shown *shown, const struct delivery *delivery,
                       struct syndication_entry *ret_entry)
{
    feed_entry(&shown->account->account, call_base_url(call), delivery->content, delivery->post_id,
               delivery->remote_id, delivery->published, call->arena, ret_entry);
    if (delivery->edited)
        ret_entry->updated = delivery->edited;
}

static bool make_feed(struct call *call, struct shown *shown, const char *post_id)
{
    *shown = (struct shown){.account = find_account(call)};
    if (!shown->account || !read_published(call, shown, post_id))
        return false;
    struct syndication_entry *entries = arena_alloc_array(call->arena, shown->count + 1, sizeof *entries);
    for (size_t i = 0; i < shown->count; i++)
        make_entry(call, shown, shown->deliveries[i], &entries[i]);
    feed_describe(&shown->account->account, call_base_url(call), call->arena, &shown->feed);
    shown->feed.entries = entries;
    shown->feed.entry_count = shown->count;
    shown->feed.updated = shown->count ? shown->deliveries[0]->published : call->now;
    instant changed = post_id ? 0 : queue_last_changed(call->control->queue, shown->account->account.name);
    if (post_id && shown->count)
        changed = shown->deliveries[0]->edited;
    if (shown->count &&
        changed > shown->feed.updated) /* who asks whether it changed must hear of that, too */
        shown->feed.updated = changed;
    return true;
}

static bool is_unmodified(struct call *call, instant updated)
{
    const char *since = call_header(call, "If-Modified-Since");
    instant known;
    return !call_header(call, "If-None-Match") && since && instant_parse_http(since, &known) &&
           updated / 1000 <= known / 1000;
}

static void answer_feed(struct call *call, const struct shown *shown, const char *type,
                        const struct buf *body)
{
    char hash[SHA256_HEX], date[INSTANT_TEXT];
    answer_bytes(call, 200, type, buf_text(body), body->length);
    if (shown->count) {
        answer_with(call, "Last-Modified", "%s", instant_format_http(shown->feed.updated, date, sizeof date));
        if (is_unmodified(call, shown->feed.updated))
            answer_bytes(call, 304, type, "", 0);
    }
    answer_etag(call, arena_printf(call->arena, "%.32s", sha256_hex(buf_text(body), body->length, hash)));
}

/* Subscribers look for it in the header first (W3C WebSub section 4). */
static void link_hubs(struct call *call, const struct syndication_feed *feed, const char *self)
{
    const char *links = arena_printf(call->arena, "<%s>; rel=\"self\"", self);
    for (size_t i = 0; i < feed->hub_count; i++)
        links = arena_printf(call->arena, "%s, <%s>; rel=\"hub\"", links, feed->hubs[i]);
    if (feed->hub_count)
        answer_with(call, "Link", "%s", links);
}

static void answer_as(struct call *call, void (*print)(const struct syndication_feed *, struct buf *),
                      const char *type)
{
    struct shown shown;
    struct buf body = {0};
    if (!make_feed(call, &shown, NULL))
        return;
    /* An empty feed has no date of its own: without this each look would give another entity tag. */
    if (!shown.count)
        shown.feed.updated = 0;
    print(&shown.feed, &body);
    if (print == syndication_atom || print == syndication_json)
        link_hubs(call, &shown.feed, print == syndication_atom ? shown.feed.atom_url : shown.feed.json_url);
    answer_feed(call, &shown, type, &body);
    buf_release(&body);
}

static void protect_page(struct call *call)
{
    answer_with(call, "Content-Security-Policy", "%s", syndication_policy(call->arena));
    answer_with(call, "Referrer-Policy", "no-referrer");
    answer_with(call, "X-Frame-Options", "DENY");
}

void web_feed_atom(struct call *call)
{
    answer_as(call, syndication_atom, SYNDICATION_ATOM_TYPE);
}

void web_feed_json(struct call *call)
{
    answer_as(call, syndication_json, SYNDICATION_JSON_TYPE);
}

void web_feed_page(struct call *call)
{
    protect_page(call);
    answer_as(call, syndication_page, SYNDICATION_HTML_TYPE);
}

void web_feed_redirect(struct call *call)
{
    if (!find_account(call))
        return;
    answer_text(call, 301, NULL, "");
    answer_with(call, "Location", "%s", feed_path(call->arguments[0], "", call->arena));
}

void web_feed_post(struct call *call)
{
    struct shown shown;
    struct buf body = {0};
    if (!make_feed(call, &shown, call->arguments[1]))
        return;
    if (!shown.count) {
        problem(call, 404, "the feed has no entry '%s'", call->arguments[1]);
        return;
    }
    protect_page(call);
    syndication_entry_page(&shown.feed, &shown.feed.entries[0], &body);
    answer_feed(call, &shown, SYNDICATION_HTML_TYPE, &body);
    buf_release(&body);
}

/* ---- images ---- */

/* The medium of a published entry with this hash: nothing else beneath the media root is served. */
static const struct media *find_media(const struct shown *shown, const char *hash, size_t length)
{
    for (size_t i = 0; i < shown->count; i++) {
        const struct content *content = shown->deliveries[i]->content;
        for (size_t p = 0; p < content->part_count; p++)
            for (size_t m = 0; m < content->parts[p].media_count; m++) {
                const struct media *media = &content->parts[p].media[m];
                if (media->sha256 && strlen(media->sha256) == length &&
                    memcmp(media->sha256, hash, length) == 0)
                    return media;
            }
    }
    return NULL;
}

/* A file that was changed since is not what was published. */
static int open_media(struct call *call, const struct media *media, int64_t *ret_size)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    struct media_roots roots = documents_media_roots(settings);
    struct body_file file;
    if (!body_open(&file, &roots, media, NULL))
        return -1;
    *ret_size = file.size;
    return file.fd;
}

void web_feed_media(struct call *call)
{
    struct shown shown = {.account = find_account(call)};
    if (!shown.account || !read_published(call, &shown, NULL))
        return;
    const char *name = call->arguments[1];
    const struct media *media = find_media(&shown, name, strcspn(name, "."));
    int64_t size;
    int fd = media ? open_media(call, media, &size) : -1;
    if (fd < 0) {
        problem(call, 404, "there is no such file");
        return;
    }
    call->answer.status = 200;
    call->answer.type = media->mime;
    call->answer.file = fd;
    call->answer.file_size = size;
    answer_with(call, "Content-Security-Policy", "default-src 'none'");
    answer_with(call, "ETag", "\"%s\"", media->sha256);
}
