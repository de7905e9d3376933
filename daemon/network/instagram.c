/*
 * instagram: professional accounts, through Instagram's own login or Facebook's. Publishing is
 * graph_container.c's; here are the facts and the fields of a container. There is no post without an image
 * or a video, and no link that can be followed.
 */
#include <string.h>

#include "base/json.h"
#include "network/graph_container.h"
#include "network/login.h"
#include "network/text.h"

static const char *const image_types[] = {"image/jpeg", NULL};
static const char *const login_words[] = {"instagram", "facebook", NULL};

static const struct network_option options[] = {
    {.name = "login",
     .kind = OPTION_WORD,
     .words = login_words,
     .help = "how the token was got (instagram unless given); one of instagram is renewed weekly"},
    {.name = "user",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 64,
     .help = "the account's id; with the login of facebook (instagram_business_account of the page)"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .required = true,
     .help =
         "a token that lives 60 days, with instagram_business_basic and instagram_business_content_publish"},
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
     .help = "for that: where the browser ends, as the app names it (needed; with the login of facebook its "
             "own unless given)"},
    {.name = "url",
     .kind = OPTION_URL,
     .help = "address of the API (https://graph.instagram.com unless given)"},
    {.name = "version",
     .kind = OPTION_TEXT,
     .min = 2,
     .max = 10,
     .help = "version of the API (v26.0 unless given)"},
    {.name = "max_hashtags",
     .kind = OPTION_INTEGER,
     .min = 0,
     .max = 30,
     .help = "hashtags in a caption (30 unless given; some accounts are said to have 5)"},
};

static const char *instagram_compose(const struct content *content, size_t part, struct arena *arena)
{
    return driver_with_link(content->parts[part].text, content->link, arena);
}

size_t instagram_pairs(const struct job *job, const struct container *container, struct arena *arena,
                       struct driver_pair *pairs)
{
    size_t count = 0;
    const char *caption = instagram_compose(job->content, container->part, arena);
    if (container->children) {
        pairs[count++] = (struct driver_pair){"media_type", "CAROUSEL"};
        pairs[count++] = (struct driver_pair){"children", container->children};
    } else if (media_is_video(container->image)) { /* one by itself is always a reel */
        pairs[count++] = (struct driver_pair){"media_type", container->is_item ? "VIDEO" : "REELS"};
        pairs[count++] = (struct driver_pair){"video_url", container->url};
    } else {
        pairs[count++] = (struct driver_pair){"image_url", container->url};
        if (*container->image->alt)
            pairs[count++] = (struct driver_pair){"alt_text", container->image->alt};
    }
    if (container->is_item)
        pairs[count++] = (struct driver_pair){"is_carousel_item", "true"};
    else if (*caption)
        pairs[count++] = (struct driver_pair){"caption", caption};
    return count;
}

static void report(struct diags *diags, enum diag_level level, const char *rule, const char *message)
{
    diags_add(diags, &(struct diag){.level = level, .rule = rule, .message = message});
}

static void check_tags(const struct account *account, const struct content *content, struct diags *diags)
{
    const char *caption = instagram_compose(content, 0, diags->arena);
    struct measure m = text_measure(text_rule_find("instagram"), caption, strlen(caption), 0, diags->arena);
    size_t most = (size_t)json_number(account->options, "max_hashtags", 30), tags = 0, mentions = 0;
    for (size_t i = 0; i < m.entity_count; i++) {
        tags += m.entities[i].kind == ENTITY_HASHTAG;
        mentions += m.entities[i].kind == ENTITY_MENTION;
    }
    if (tags > most)
        report(diags, DIAG_ERROR, "hashtags",
               arena_printf(diags->arena, "%zu hashtags, instagram allows %zu", tags, most));
    if (mentions > 20)
        report(diags, DIAG_ERROR, "mentions",
               arena_printf(diags->arena, "%zu mentions, instagram allows 20", mentions));
}

/* 4:5 to 1.91:1 */
static void check_image(const struct media *media, struct diags *diags)
{
    uint64_t width = media->width, height = media->height;
    if (width * 5 < height * 4 || width * 100 > height * 191)
        report(diags, DIAG_ERROR, "image-ratio",
               arena_printf(diags->arena, "'%s' is %u x %u, instagram takes from 4:5 to 1.91:1", media->file,
                            media->width, media->height));
    if (width < 320)
        report(diags, DIAG_ERROR, "image-width",
               arena_printf(diags->arena, "'%s' is %u pixels wide, instagram wants at least 320", media->file,
                            media->width));
}

static void instagram_check(const struct account *account, const struct content *content, struct diags *diags)
{
    const struct part *part = &content->parts[0];
    if (!part->media_count)
        report(diags, DIAG_ERROR, "no-image", "instagram has no posts without an image or a video");
    if (content->link)
        report(diags, DIAG_WARNING, "link",
               "the link stands in the caption, where instagram makes no link of it");
    for (size_t i = 0; i < part->media_count; i++)
        if (!media_is_video(&part->media[i]))
            check_image(&part->media[i], diags);
    check_tags(account, content, diags);
}

static bool instagram_check_account(const struct account *account, struct error *err)
{
    const char *login = account_option(account, "login");
    if (login && !strcmp(login, "facebook") && !account_option(account, "user"))
        return fail(err, "with 'login: facebook' the account's id must be given as 'user'");
    return graph_check_app(account, err);
}

static const char *instagram_where(const struct job *job, struct arena *arena)
{
    const char *name = json_text(graph_session(job), "name");
    return arena_printf(arena, "https://www.instagram.com/%s", name ? driver_escape(arena, name) : "");
}

static const struct login logins[] =
    GRAPH_LOGINS("developers.facebook.com, your app: the redirect URL must be among its valid ones", "token",
                 "one that lives 60 days, from your app's page or the Graph API's explorer");

static const char *const video_types[] = {"video/mp4", "video/quicktime", NULL};
static const char *const video_codecs[] = {"avc1", "avc3", "hvc1", "hev1", NULL}, *const video_sounds[] = {
                                                                                      "mp4a", NULL};

/* A reel, or one of a carousel. */
static const struct video_limits video_limits = {.types = video_types,
                                                 .codecs = video_codecs,
                                                 .sounds = video_sounds,
                                                 .most = 10,
                                                 .most_together = 10,
                                                 .index_first = true,
                                                 .max_bytes = 300 * 1000 * 1000,
                                                 .min_length = SECONDS(3),
                                                 .max_length = MINUTES(15),
                                                 .max_width = 1920};

const struct network network_instagram = {
    .name = "instagram",
    .title = "Instagram",
    .features = FEATURE_IMAGES,
    .max_images = 10,
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
    .compose = instagram_compose,
    .check_account = instagram_check_account,
    .check = instagram_check,
    .next = graph_container_next,
    .read = graph_container_read,
    .find = graph_container_find,
    .found = graph_container_found,
    .verify = graph_verify,
    .verified = graph_verified,
    .where = instagram_where,
    .remove = graph_remove,
    .removed = graph_removed,
    .no_edits = "Instagram has no edits through its API",
};
