/*
 * The draft: looked for, made, filled and published.
 *
 * WordPress knows no idempotency key, and a slug is no lock. So the post is first made as a draft that
 * nobody sees, under a slug made from the delivery's key, by which a lost one is found again; to publish
 * it is then a change of that one post, by its id, and may be repeated. The post gets its real slug when it
 * is published, for only then WordPress sees to it that it is unique.
 */
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/uploads.h"
#include "network/wordpress.h"

#define FIELDS "_fields=id,slug,status,link,featured_media,modified_gmt"

const char *wordpress_draft_slug(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "cald-%.16s", job->key);
}

static const char *post_path(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "posts/%lld", (long long)wordpress_post(job));
}

/* ---- look for it ---- */

static bool is_draft_missing(const struct job *job)
{
    return !wordpress_post(job);
}

static bool is_look_pending(const struct job *job)
{
    return is_draft_missing(job) && (!json_flag(job->memo, "looked", false) || stage_in_doubt(job));
}

static void ask_look(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *query =
        arena_printf(arena, "slug=%s&status=any&context=edit&" FIELDS, wordpress_draft_slug(job, arena));
    *ret_request = wordpress_request(job, arena, "GET", "posts", query, NULL);
}

static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *list = wordpress_answer(job, step, response, arena, ret_outcome);
    if (!list)
        return;
    json_int_t id = json_number(json_array_get(list, 0), "id", 0);
    if (id > 0)
        *ret_outcome = stage_next_with(arena, json_pack("{s:I, s:n}", "post", id, "doubt"));
    else
        *ret_outcome = stage_next_with(arena, json_pack("{s:b, s:n}", "looked", true, "doubt"));
}

/* ---- make it ---- */

static void ask_draft(const struct job *job, struct arena *arena, struct request *ret_request)
{
    json_t *body = json_pack("{s:s, s:s, s:s}", "status", "draft", "slug", wordpress_draft_slug(job, arena),
                             "title", article_title(job->content, arena));
    *ret_request = wordpress_request(job, arena, "POST", "posts", FIELDS, body);
}

static void read_draft(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *post = wordpress_answer(job, step, response, arena, ret_outcome);
    if (!post)
        return;
    json_int_t id = json_number(post, "id", 0);
    *ret_outcome = stage_next_with(arena, id > 0 ? json_pack("{s:I, s:n}", "post", id, "doubt")
                                                 : json_pack("{s:b}", "doubt", true));
    if (id <= 0)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer has no id", step->name);
}

const struct stage wordpress_draft_stages[2] = {
    {"find draft", STEP_PREPARE, 0, is_look_pending, ask_look, read_look},
    {"make draft", STEP_PREPARE, STAGE_MAKES, is_draft_missing, ask_draft, read_draft},
};

/* ---- fill it ---- */

static bool is_fill_pending(const struct job *job)
{
    char hash[SHA256_HEX];
    const char *filled = json_text(job->memo, "filled");
    return !filled || strcmp(filled, content_hash(job->content, hash)) != 0;
}

static json_int_t featured(const struct job *job, struct arena *arena)
{
    size_t count;
    struct article_image *files = upload_images(job, arena, &count);
    const struct article_image *image = upload_featured(files, count);
    return image ? image->id : 0;
}

static const char *html_of(const struct job *job, struct arena *arena)
{
    size_t count;
    struct article_image *files = upload_images(job, arena, &count), *image = upload_featured(files, count);
    if (image)
        image->elsewhere = true;
    return article_html(job->content, 2, files, count, arena);
}

json_t *wordpress_words(const struct job *job, struct arena *arena)
{
    return json_pack("{s:s, s:s, s:s}", "title", article_title(job->content, arena), "content",
                     html_of(job, arena), "excerpt", job->content->summary ? job->content->summary : "");
}

static void ask_fill(const struct job *job, struct arena *arena, struct request *ret_request)
{
    json_t *body = wordpress_words(job, arena);
    json_set_number(body, "featured_media", featured(job, arena));
    json_t *categories = wordpress_term_ids(job, "categories", arena),
           *tags = wordpress_term_ids(job, "tags", arena);
    if (categories)
        json_set(body, "categories", categories);
    if (tags)
        json_set(body, "tags", tags);
    json_set_text(body, "comment_status", account_option(job->account, "comments"));
    *ret_request = wordpress_request(job, arena, "POST", post_path(job, arena), FIELDS, body);
    ret_request->timeout = MINUTES(1);
}

/* An image that is no longer in the library is dropped without a word: so the answer is compared. */
static void read_fill(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    char hash[SHA256_HEX];
    const json_t *post = wordpress_answer(job, step, response, arena, ret_outcome);
    if (!post)
        return;
    if (json_number(post, "featured_media", 0) == featured(job, arena)) {
        *ret_outcome =
            stage_next_with(arena, json_pack("{s:s, s:s*, s:n}", "filled", content_hash(job->content, hash),
                                             "modified", json_text(post, "modified_gmt"), "doubt"));
        return;
    }
    *ret_outcome = stage_next_with(arena, json_pack("{s:n}", "images"));
    outcome_set(
        ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
        "%s: WordPress dropped the featured image (id %lld), deleted from its library perhaps; a retry "
        "uploads it again",
        step->name, (long long)featured(job, arena));
}

/* ---- publish it ---- */

/* Without a wish the empty slug lets WordPress make one from the title by its own rules. */
static void ask_publish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    json_t *body =
        json_pack("{s:s, s:s}", "status", "publish", "slug", job->content->slug ? job->content->slug : "");
    *ret_request = wordpress_request(job, arena, "POST", post_path(job, arena), FIELDS, body);
}

/* WordPress does not refuse a slug that is taken: it appends -2. */
static const char *note_of(const struct job *job, const json_t *post, struct arena *arena)
{
    const char *wish = job->content->slug, *slug = json_text(post, "slug");
    size_t length = wish ? strlen(wish) : 0;
    if (!length || !slug || strncmp(slug, wish, length) != 0 || slug[length] != '-')
        return NULL;
    return arena_printf(arena, "the slug '%s' was taken: it became '%s'", wish, outcome_said(slug, arena));
}

void wordpress_read_published(const struct job *job, const json_t *post, struct arena *arena,
                              struct outcome *ret_outcome)
{
    const char *status = json_text(post, "status");
    json_int_t number = json_number(post, "id", 0);
    *ret_outcome = (struct outcome){.kind = OUTCOME_DONE};
    if (number <= 0 || !status) {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "publish: the answer has no id or status");
    } else if (strcmp(status, "publish") != 0) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "publish: WordPress keeps the post as '%s': somebody or a plugin changed it there",
                    outcome_said(status, arena));
    } else {
        ret_outcome->id = arena_printf(arena, "%lld", (long long)number);
        ret_outcome->url = outcome_clean_url(json_text(post, "link"), arena);
        ret_outcome->message = note_of(job, post, arena);
        outcome_remember(ret_outcome, arena);
    }
}

static void read_publish(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *post = wordpress_answer(job, step, response, arena, ret_outcome);
    if (post)
        wordpress_read_published(job, post, arena, ret_outcome);
}

const struct stage wordpress_publish_stages[2] = {
    {"fill draft", STEP_PREPARE, 0, is_fill_pending, ask_fill, read_fill},
    {"publish", STEP_CREATE, 0, stage_always, ask_publish, read_publish},
};
