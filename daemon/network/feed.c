/*
 * feed: the embedded network. A post is published by being settled here (STEP_LOCAL); control serves the
 * published ones through syndication.h with what feed.h adds.
 *
 * The id of an entry is for ever: a tag URI (RFC 4151) of the public host, or, while there is none, a UUID
 * made from the delivery's key.
 */
#include <string.h>

#include "base/buf.h"
#include "base/host.h"
#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/feed.h"
#include "network/outcome.h"

enum { SUMMARY_MOST = 280, ENTRIES_MOST = 200, HUBS_MOST = 10 };

static const struct network_option options[] = {
    {.name = "title",
     .kind = OPTION_TEXT,
     .max = 200,
     .help = "title of the feed (default: the account's name)"},
    {.name = "author", .kind = OPTION_TEXT, .max = 200, .help = "who writes it (default: the title)"},
    {.name = "language",
     .kind = OPTION_TEXT,
     .max = 35,
     .help = "language of the feed, BCP 47 (default: en)"},
    {.name = "url",
     .kind = OPTION_URL,
     .help = "public address that leads to cald's listener; entries keep it for ever"},
    {.name = "entries",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = ENTRIES_MOST,
     .help = "how many of the newest posts the feed holds (default: 30)"},
    {.name = "hubs",
     .kind = OPTION_TEXTS,
     .min = 1,
     .max = HUBS_MOST,
     .help = "addresses of WebSub hubs, which tell readers at once: cald tells them; needs 'url'"},
};

/* ---- hubs ---- */

static bool is_hub(const struct account *account, const char *url)
{
    bool plain = !strncmp(url, "http://", 7);
    if (plain && !account->insecure && !url_is_loopback(url))
        return false;
    if ((!plain && strncmp(url, "https://", 8) != 0) || !url[plain ? 7 : 8] || strlen(url) > 2048)
        return false;
    for (; *url; url++)
        if ((unsigned char)*url <= 0x20 || strchr("<>\"\\\x7F", *url))
            return false;
    return true;
}

static bool feed_check_account(const struct account *account, struct error *err)
{
    const json_t *hubs = json_member(account->options, "hubs");
    size_t i;
    json_t *hub;
    if (hubs && !account_option(account, "url"))
        return fail(err, "'hubs' needs 'url': hubs fetch the feed by its public address");
    json_array_foreach((json_t *)hubs, i, hub)
    {
        if (!is_hub(account, json_string_value(hub)))
            return fail(
                err,
                "'%.200s' in 'hubs' is no address of a hub: https://… (http:// is for this machine only)",
                json_string_value(hub));
    }
    return true;
}

const char *const *feed_hubs(const struct account *account, struct arena *arena, size_t *ret_count)
{
    const json_t *list = json_member(account->options, "hubs");
    size_t count = account->network == &network_feed ? json_array_size(list) : 0;
    const char **hubs = arena_alloc_array(arena, count + 1, sizeof *hubs);
    for (size_t i = 0; i < count; i++)
        hubs[i] = json_string_value(json_array_get(list, i));
    *ret_count = count;
    return hubs;
}

/* ---- addresses ---- */

const char *feed_path(const char *account, const char *name, struct arena *arena)
{
    return arena_printf(arena, "/feed/%s/%s", driver_escape(arena, account), name);
}

const char *feed_post_path(const char *account, const char *post_id, struct arena *arena)
{
    return arena_printf(arena, "/feed/%s/posts/%s", driver_escape(arena, account),
                        driver_escape(arena, post_id));
}

const char *feed_media_path(const char *account, const struct media *media, struct arena *arena)
{
    const char *slash = strchr(media->mime, '/');
    return arena_printf(arena, "/feed/%s/media/%s.%s", driver_escape(arena, account), media->sha256,
                        slash ? slash + 1 : "bin");
}

static const char *base_of(const struct account *account, const char *base)
{
    const char *url = account_option(account, "url");
    return url ? url : base ? base : "";
}

/* "urn:uuid:" of a key's 32 hex digits, marked as a random UUID (RFC 4122 section 4.4). */
static const char *uuid_of(const char *key, struct arena *arena)
{
    return arena_printf(arena, "urn:uuid:%.8s-%.4s-4%.3s-a%.3s-%.12s", key, key + 8, key + 13, key + 17,
                        key + 20);
}

/* The year is part of a tag URI, for a host may change hands: we take the post's own. */
static const char *tag_of(const struct job *job, const char *url, struct arena *arena)
{
    char slot[INSTANT_TEXT];
    instant_format(job->slot, slot, sizeof slot);
    return arena_printf(arena, "tag:%s,%.4s:cald/%s/%s", driver_host(url, arena), slot,
                        driver_escape(arena, job->post_id), driver_escape(arena, job->account->name));
}

/* ---- the driver ---- */

static void feed_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    (void)arena;
    bool done = json_text(job->memo, "id") != NULL;
    *ret_step = (struct step){.kind = done ? STEP_DONE : STEP_LOCAL, .name = "publish"};
}

static void feed_read(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    (void)step;
    (void)response;
    const char *base = account_option(job->account, "url");
    const char *id = base ? tag_of(job, base, arena) : uuid_of(job->key, arena);
    const char *path = feed_post_path(job->account->name, job->post_id, arena);
    const char *url = base ? driver_url(arena, base, "%s", path) : path;
    *ret_outcome = (struct outcome){
        .kind = OUTCOME_DONE,
        .id = id,
        .url = url,
    };
    outcome_remember(ret_outcome, arena);
}

static const char *feed_compose(const struct content *content, size_t part, struct arena *arena)
{
    bool last = part + 1 == content->part_count;
    return driver_with_link(content->parts[part].text, last ? content->link : NULL, arena);
}

/* ---- what is served ---- */

size_t feed_entry_limit(const struct account *account)
{
    return (size_t)json_number(account->options, "entries", FEED_ENTRIES);
}

static const char *either(const char *text, const char *otherwise)
{
    return text && *text ? text : otherwise;
}

void feed_describe(const struct account *account, const char *base, struct arena *arena,
                   struct syndication_feed *ret_feed)
{
    const char *from = base_of(account, base), *name = account->name;
    const char *title = either(account_option(account, "title"), name);
    const char *home = driver_url(arena, from, "%s", feed_path(name, "", arena));
    *ret_feed = (struct syndication_feed){
        .id = home,
        .title = title,
        .author = either(account_option(account, "author"), title),
        .language = either(account_option(account, "language"), "en"),
        .home_url = home,
        .atom_url = driver_url(arena, from, "%s", feed_path(name, FEED_ATOM, arena)),
        .json_url = driver_url(arena, from, "%s", feed_path(name, FEED_JSON, arena)),
    };
    ret_feed->hubs = feed_hubs(account, arena, &ret_feed->hub_count);
}

static void entry_media(const struct account *account, const char *base, const struct content *content,
                        struct arena *arena, struct syndication_entry *entry)
{
    size_t count;
    const struct media **all = article_media(content, arena, &count);
    struct syndication_media *media = arena_alloc_array(arena, count + 1, sizeof *media);
    struct article_image *images = arena_alloc_array(arena, count + 1, sizeof *images);
    for (size_t i = 0; i < count; i++) {
        const char *path = feed_media_path(account->name, all[i], arena);
        const char *url = driver_url(arena, base_of(account, base), "%s", path);
        media[i] =
            (struct syndication_media){url, all[i]->alt ? all[i]->alt : "", all[i]->mime, all[i]->size};
        images[i] = (struct article_image){.media = all[i], .url = url};
    }
    entry->media = media;
    entry->media_count = count;
    entry->html = article_html(content, 2, images, count, arena);
}

void feed_entry(const struct account *account, const char *base, const struct content *content,
                const char *post_id, const char *id, instant published, struct arena *arena,
                struct syndication_entry *ret_entry)
{
    const char *path = feed_post_path(account->name, post_id, arena);
    *ret_entry = (struct syndication_entry){
        .id = id,
        .url = driver_url(arena, base_of(account, base), "%s", path),
        .title = article_title(content, arena),
        .has_title = content->title && *content->title,
        .text = article_text(content, arena),
        .summary = content->summary || content->body ? article_excerpt(content, SUMMARY_MOST, arena) : NULL,
        .language = content->language,
        .link = content->link,
        .warning = content->warning,
        .published = published,
        .updated = published,
        .tags = content->tags,
        .tag_count = content->tag_count,
    };
    entry_media(account, base, content, arena, ret_entry);
}

/* Its pages are made of what the queue has: what is deleted or changed there is so on all of them. */
static void feed_follow(const struct job *job, struct arena *arena, struct step *ret_step)
{
    (void)job, (void)arena;
    *ret_step = (struct step){.kind = STEP_DONE};
}

static const struct video_limits video = {.most = 50};
static const struct document_limits document = {.most = 50};
static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

const struct network network_feed = {
    .name = "feed",
    .title = "Feed",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING |
                FEATURE_LANGUAGE | FEATURE_CATEGORIES,
    .max_images = 50,
    .image_types = image_types,
    .video = &video,
    .document = &document,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = feed_compose,
    .check_account = feed_check_account,
    .local = true,
    .one_step = true,
    .next = feed_next,
    .read = feed_read,
    .remove = feed_follow,
    .edits = EDIT_ALL,
    .edit = feed_follow,
};
