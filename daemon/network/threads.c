/*
 * threads: Threads by Meta. Publishing is graph_container.c's; here are the facts and the fields of a
 * container. Each part of a thread answers the one before it. auto_publish_text would save a request and lose
 * what makes a doubt settle itself: it is not used.
 */
#include <string.h>

#include "base/json.h"
#include "network/graph_container.h"
#include "network/login.h"
#include "network/text.h"
#include "network/thread.h"

enum { LINKS_MOST = 5, TOPIC_MOST = 50, MARGIN = 20 };

static const char *const image_types[] = {"image/jpeg", "image/png", NULL};
static const char *const reply_words[] = {
    "everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only", NULL};

static const struct network_option options[] = {
    {.name = "token",
     .kind = OPTION_SECRET,
     .required = true,
     .help = "a token that lives 60 days, with threads_basic, threads_content_publish and, to delete, "
             "threads_delete; it is renewed weekly"},
    {.name = "app_id",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 64,
     .help = "the app's id: 'calctl login' then gets the token with your consent in a browser"},
    {.name = "app_secret",
     .kind = OPTION_SECRET,
     .help = "the app's secret: for that, or if the app demands signed requests"},
    {.name = "redirect_url",
     .kind = OPTION_URL,
     .help = "for that: where the browser ends, as the app names it (an https address of yours)"},
    {.name = "reply_control",
     .kind = OPTION_WORD,
     .words = reply_words,
     .help = "who may answer (everyone unless given)"},
    {.name = "url",
     .kind = OPTION_URL,
     .help = "address of the API (https://graph.threads.net unless given)"},
    {.name = "version",
     .kind = OPTION_TEXT,
     .min = 2,
     .max = 10,
     .help = "version of the API (v1.0 unless given)"},
};

/* A post of text alone has the link as an attachment, with its card; beside images it stands in the text. */
static bool is_attached(const struct content *content, size_t part)
{
    return part == 0 && content->link && !content->parts[0].media_count &&
           !driver_has_link(content->parts[0].text, content->link);
}

static const char *threads_compose(const struct content *content, size_t part, struct arena *arena)
{
    const char *text = content->parts[part].text;
    bool empty = !text[strspn(text, " \t\n")]; /* a text is needed */
    return part || (is_attached(content, 0) && !empty) ? text : driver_with_link(text, content->link, arena);
}

static const char *topic(const struct content *content)
{
    const char *tag = content->tag_count ? content->tags[0] : NULL;
    return tag && *tag && !strpbrk(tag, ".&") && text_graphemes(tag, strlen(tag)) <= TOPIC_MOST ? tag : NULL;
}

size_t threads_pairs(const struct job *job, const struct container *container, struct arena *arena,
                     struct driver_pair *pairs)
{
    const struct content *content = job->content;
    const char *text = threads_compose(content, container->part, arena);
    const struct media *image = container->image;
    bool video = image && media_is_video(image);
    size_t count = 0;
    pairs[count++] = (struct driver_pair){"media_type", container->children ? "CAROUSEL"
                                                        : video             ? "VIDEO"
                                                        : image             ? "IMAGE"
                                                                            : "TEXT"};
    if (container->children)
        pairs[count++] = (struct driver_pair){"children", container->children};
    if (image)
        pairs[count++] = (struct driver_pair){video ? "video_url" : "image_url", container->url};
    if (image && *image->alt)
        pairs[count++] = (struct driver_pair){"alt_text", image->alt};
    if (container->is_item) {
        pairs[count++] = (struct driver_pair){"is_carousel_item", "true"};
        return count;
    }
    if (*text)
        pairs[count++] = (struct driver_pair){"text", text};
    if (is_attached(content, container->part) && strcmp(text, content->parts[0].text) == 0)
        pairs[count++] = (struct driver_pair){"link_attachment", content->link};
    if (!container->part && topic(content))
        pairs[count++] = (struct driver_pair){"topic_tag", topic(content)};
    if (account_option(job->account, "reply_control"))
        pairs[count++] = (struct driver_pair){"reply_control", account_option(job->account, "reply_control")};
    if (container->part)
        pairs[count++] =
            (struct driver_pair){"reply_to_id", json_text(thread_post(job, container->part - 1), "id")};
    return count;
}

static bool is_among(const struct measure *m, size_t before, const char *url)
{
    for (size_t i = 0; i < before; i++)
        if (m->entities[i].kind == ENTITY_LINK && !strcmp(m->entities[i].value, url))
            return true;
    return false;
}

static void check_part(const struct content *content, size_t part, struct diags *diags)
{
    const char *text = threads_compose(content, part, diags->arena);
    struct measure m = text_measure(text_rule_find("threads"), text, strlen(text), 0, diags->arena);
    size_t links = is_attached(content, part) ? 1 : 0;
    for (size_t i = 0; i < m.entity_count; i++)
        links += m.entities[i].kind == ENTITY_LINK && !is_among(&m, i, m.entities[i].value);
    if (links > LINKS_MOST)
        diags_add(diags, &(struct diag){.level = DIAG_ERROR,
                                        .rule = "links",
                                        .message = arena_printf(diags->arena, "%zu links, threads allows %d",
                                                                links, LINKS_MOST)});
    if (m.fits && m.length + MARGIN > m.limit && m.length != text_graphemes(text, strlen(text)))
        diags_add(diags, &(struct diag){
                             .level = DIAG_WARNING,
                             .rule = "text-length",
                             .message = arena_printf(diags->arena,
                                                     "%zu of %zu characters: how threads counts emoji is not "
                                                     "said exactly, it may be refused",
                                                     m.length, m.limit)});
}

static void threads_check(const struct account *account, const struct content *content, struct diags *diags)
{
    (void)account;
    for (size_t part = 0; part < content->part_count; part++)
        check_part(content, part, diags);
}

static const char *threads_where(const struct job *job, struct arena *arena)
{
    const char *name = json_text(graph_session(job), "name");
    return arena_printf(arena, "https://www.threads.net/%s%s", name ? "@" : "",
                        name ? driver_escape(arena, name) : "");
}

static const struct login logins[] = GRAPH_LOGINS(
    "developers.facebook.com, your app, Threads: the redirect URL must be among its callback URLs", "token",
    "one that lives 60 days, from your app's page, user token generator");

static const char *const video_types[] = {"video/mp4", "video/quicktime", NULL};
static const char *const video_codecs[] = {"avc1", "avc3", "hvc1", "hev1", NULL}, *const video_sounds[] = {
                                                                                      "mp4a", NULL};
static const struct video_limits video_limits = {.types = video_types,
                                                 .codecs = video_codecs,
                                                 .sounds = video_sounds,
                                                 .most = 20,
                                                 .most_together = 20,
                                                 .max_bytes = 1000 * 1000 * 1000,
                                                 .max_length = MINUTES(5)};

const struct network network_threads = {
    .name = "threads",
    .title = "Threads",
    .features = FEATURE_IMAGES | FEATURE_THREAD,
    .max_images = 20,
    .max_alt = 1000,
    .max_image_bytes = 8 * 1000 * 1000,
    .image_types = image_types,
    .video = &video_limits,
    .repeat = REPEAT_NEVER,
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .keeps_session = true,
    .fetches_images = true,
    .compose = threads_compose,
    .check_account = graph_check_app,
    .check = threads_check,
    .next = graph_container_next,
    .read = graph_container_read,
    .find = graph_container_find,
    .found = graph_container_found,
    .verify = graph_verify,
    .verified = graph_verified,
    .where = threads_where,
    .remove = graph_remove,
    .removed = graph_removed,
    .no_edits = "Threads has no edits through its API",
};
