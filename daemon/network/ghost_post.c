/*
 * The post: a draft that nobody sees, under a slug made from the delivery's key by which a lost one is found
 * again; complete before the slot; then published, which is a change of that one post under its updated_at,
 * so that a second such request changes nothing. It gets its real slug when it is published.
 */
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/ghost.h"
#include "network/outcome.h"
#include "network/text.h"
#include "network/uploads.h"

enum { SLUG_MOST = 180, COLLISIONS_MOST = 3 };

const char *ghost_slug(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "cald-%.16s", job->key);
}

bool ghost_is_our_slug(const struct job *job, const char *slug)
{
    return slug && !strncmp(slug, "cald-", 5) && !strncmp(slug + 5, job->key, 16) && strchr("-", slug[21]);
}

static const char *id_of(const struct job *job)
{
    return json_text(job->memo, "post");
}

/* What we know of the post now. */
static struct outcome seen(const json_t *post, const char *filled, struct arena *arena)
{
    json_t *memo = json_pack("{s:s, s:s*, s:n}", "post", json_text(post, "id"), "updated",
                             json_text(post, "updated_at"), "doubt");
    json_set_text(memo, "filled", filled);
    return stage_next_with(arena, memo);
}

/* ---- images, videos and documents: each kind has a door of its own ---- */

static const char *kind_of(const struct media *media)
{
    return media_is_video(media) ? "media" : media_is_document(media) ? "files" : "images";
}

static void ask_upload(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *media = upload_due(job);
    const char *const texts[] = {"ref", media->sha256, media_is_image(media) ? "purpose" : NULL, "image",
                                 NULL};
    *ret_request = ghost_request(job, arena, "POST", arena_printf(arena, "%s/upload/", kind_of(media)), NULL);
    upload_form(ret_request, media, "file", texts, arena);
}

static void read_upload(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_due(job);
    json_t *answer = ghost_answer(job, step, response, arena, ret_outcome);
    const json_t *made = json_array_get(json_member(answer, media ? kind_of(media) : ""), 0);
    const char *url = outcome_clean_url(json_text(made, "url"), arena);
    if (url && media)
        *ret_outcome = upload_done(job, media, json_pack("{s:s}", "url", url), arena);
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: the answer has no address of the file", step->name);
}

/* ---- the draft ---- */

static bool is_look_pending(const struct job *job)
{
    return !id_of(job) && (!json_flag(job->memo, "looked", false) || stage_in_doubt(job));
}

static void ask_look(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *path = arena_printf(arena, "posts/slug/%s/", ghost_slug(job, arena));
    *ret_request = ghost_request(job, arena, "GET", path, NULL);
}

static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    if (ghost_is_missing(response, arena)) {
        *ret_outcome = stage_next_with(arena, json_pack("{s:b, s:n}", "looked", true, "doubt"));
        return;
    }
    const json_t *post = ghost_post(job, step, response, arena, ret_outcome);
    if (post)
        *ret_outcome = seen(post, NULL, arena);
}

static bool is_draft_missing(const struct job *job)
{
    return !id_of(job);
}

static json_t *tags_of(const struct job *job)
{
    const struct content *content = job->content;
    json_t *first = article_names(NULL, content->categories, content->category_count); /* the primary tag */
    json_t *own =
        article_names(json_member(job->account->options, "tags"), content->tags, content->tag_count);
    for (size_t i = 0; i < json_array_size(own); i++)
        json_array_append(first, json_array_get(own, i));
    json_t *all = article_names(first, NULL, 0);
    json_decref(first);
    json_decref(own);
    return all;
}

static json_t *authors_of(const char *author)
{
    const char *key = strchr(author, '@') ? "email" : strlen(author) == 24 ? "id" : "slug";
    return json_pack("[{s:s}]", key, author);
}

static const char *as_card(const char *html, struct arena *arena)
{
    return arena_printf(arena, "<!--kg-card-begin: html-->\n%s<!--kg-card-end: html-->", html);
}

/* Of what Ghost makes of an article's HTML a video is no part: each is a card, behind the article. */
static const char *videos_of(struct article_image *files, size_t count, struct arena *arena)
{
    const struct content nothing = {.parts = &(struct part){.text = ""}, .part_count = 1};
    const char *all = "";
    for (size_t i = 0; i < count; i++) {
        if (!media_is_video(files[i].media))
            continue;
        all =
            arena_printf(arena, "%s%s", all, as_card(article_html(&nothing, 2, &files[i], 1, arena), arena));
        files[i].elsewhere = true;
    }
    return all;
}

static const char *html_of(const struct job *job, bool link_too, struct arena *arena)
{
    size_t count;
    struct article_image *files = upload_images(job, arena, &count),
                         *featured = upload_featured(files, count);
    struct content content = *job->content;
    bool card = json_flag(job->account->options, "html_card", false);
    if (featured)
        featured->elsewhere = true;
    if (!link_too)
        content.link = NULL;
    const char *videos = card ? "" : videos_of(files, count, arena);
    const char *html = article_html(&content, 2, files, count, arena);
    return card ? as_card(html, arena) : arena_printf(arena, "%s%s", html, videos);
}

/* All that the draft holds. A member that is null is taken away again, when an edit did. */
json_t *ghost_fields(const struct job *job, struct arena *arena)
{
    size_t count;
    const struct content *content = job->content;
    struct article_image *files = upload_images(job, arena, &count);
    const struct article_image *featured = upload_featured(files, count);
    bool canonical = json_flag(job->account->options, "canonical_link", false) && content->link;
    const char *author = account_option(job->account, "author");
    json_t *post = json_pack(
        "{s:s, s:s, s:o, s:s?, s:s?, s:s?, s:s?}", "title", article_title(content, arena), "html",
        html_of(job, !canonical, arena), "tags", tags_of(job), "custom_excerpt", content->summary,
        "canonical_url", canonical ? content->link : NULL, "feature_image", featured ? featured->url : NULL,
        "feature_image_alt", featured && *featured->media->alt ? featured->media->alt : NULL);
    json_set_text(post, "visibility", account_option(job->account, "access"));
    if (author)
        json_set(post, "authors", authors_of(author));
    return post;
}

static json_t *as_body(json_t *post)
{
    return json_pack("{s:[o]}", "posts", post);
}

static void ask_draft(const struct job *job, struct arena *arena, struct request *ret_request)
{
    json_t *post = ghost_fields(job, arena);
    json_set_text(post, "slug", ghost_slug(job, arena));
    json_set_text(post, "status", "draft");
    *ret_request = ghost_request(job, arena, "POST", "posts/?source=html", as_body(post));
    ret_request->timeout = MINUTES(1);
}

static void read_draft(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    char hash[SHA256_HEX];
    const json_t *post = ghost_post(job, step, response, arena, ret_outcome);
    if (post)
        *ret_outcome = seen(post, content_hash(job->content, hash), arena);
}

static bool is_sight_pending(const struct job *job)
{
    return id_of(job) && (!json_text(job->memo, "updated") || stage_in_doubt(job));
}

static void ask_sight(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = ghost_request(job, arena, "GET", arena_printf(arena, "posts/%s/", id_of(job)), NULL);
}

/* Also what the look-up found may be more than a draft by now. */
static void read_sight(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *post = ghost_post(job, step, response, arena, ret_outcome);
    if (!post)
        return;
    *ret_outcome = seen(post, NULL, arena);
    if (strcmp(json_text(post, "status"), "draft") != 0)
        outcome_set(
            ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
            "%s: somebody made it '%s' in Ghost: look there, then tell with 'calctl resolve' or cancel it",
            step->name, outcome_said(json_text(post, "status"), arena));
}

static bool is_fill_pending(const struct job *job)
{
    char hash[SHA256_HEX];
    const char *filled = json_text(job->memo, "filled");
    return !filled || strcmp(filled, content_hash(job->content, hash)) != 0;
}

static void ask_fill(const struct job *job, struct arena *arena, struct request *ret_request)
{
    json_t *post = ghost_fields(job, arena);
    json_set_text(post, "updated_at", json_text(job->memo, "updated"));
    *ret_request = ghost_request(job, arena, "PUT", arena_printf(arena, "posts/%s/?source=html", id_of(job)),
                                 as_body(post));
    ret_request->timeout = MINUTES(1);
}

/* ---- publish it ---- */

/* Ghost makes a proper slug of what it is given, a title too. */
static const char *final_slug(const struct job *job, struct arena *arena)
{
    return job->content->slug ? job->content->slug
                              : text_shorten(article_title(job->content, arena), SLUG_MOST / 4, arena);
}

static void ask_publish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *newsletter = account_option(job->account, "newsletter");
    const char *segment = account_option(job->account, "newsletter_to");
    const char *path = arena_printf(arena, "posts/%s/", id_of(job));
    json_t *post = json_pack("{s:s, s:s, s:s}", "status", "published", "slug", final_slug(job, arena),
                             "updated_at", json_text(job->memo, "updated"));
    if (newsletter)
        path =
            arena_printf(arena, "%s?newsletter=%s&email_segment=%s", path, driver_escape(arena, newsletter),
                         driver_escape(arena, segment ? segment : "all"));
    *ret_request = ghost_request(job, arena, "PUT", path, as_body(post));
}

static const char *note_of(const struct job *job, const json_t *post, struct arena *arena)
{
    const char *wish = job->content->slug, *slug = json_text(post, "slug");
    if (!wish || !slug || !strcmp(wish, slug))
        return NULL;
    return arena_printf(arena, "the slug '%s' was taken: it became '%s'", wish, outcome_said(slug, arena));
}

void ghost_read_published(const struct job *job, const json_t *post, struct arena *arena,
                          struct outcome *ret_outcome)
{
    const char *status = json_text(post, "status");
    *ret_outcome = (struct outcome){.kind = OUTCOME_DONE};
    if (strcmp(status, "published") != 0 && strcmp(status, "sent") != 0) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, "publish: Ghost keeps the post as '%s'",
                    outcome_said(status, arena));
        return;
    }
    ret_outcome->id = outcome_clean_id(json_text(post, "id"), arena);
    ret_outcome->url = outcome_clean_url(json_text(post, "url"), arena);
    ret_outcome->message = note_of(job, post, arena);
    outcome_remember(ret_outcome, arena);
}

/* A collision is either our own first try, whose answer was lost, or somebody's edit: the look-up tells. */
static void read_publish(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *post = ghost_post(job, step, response, arena, ret_outcome);
    if (post)
        ghost_read_published(job, post, arena, ret_outcome);
    else if (response->status == 409)
        ret_outcome->kind =
            json_number(job->memo, "collisions", 0) < COLLISIONS_MOST ? OUTCOME_UNSURE : OUTCOME_REFUSED;
}

const struct stage ghost_stages[6] = {
    {"upload", STEP_PREPARE, 0, upload_is_pending, ask_upload, read_upload},
    {"find draft", STEP_PREPARE, 0, is_look_pending, ask_look, read_look},
    {"make draft", STEP_PREPARE, STAGE_MAKES, is_draft_missing, ask_draft, read_draft},
    {"look at draft", STEP_PREPARE, 0, is_sight_pending, ask_sight, read_sight},
    {"fill draft", STEP_PREPARE, 0, is_fill_pending, ask_fill, read_draft},
    {"publish", STEP_CREATE, 0, stage_always, ask_publish, read_publish},
};
