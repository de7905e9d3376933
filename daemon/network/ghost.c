/*
 * ghost: a Ghost site through its Admin API (v5 or later), with the key of a custom integration.
 *
 * This file has the facts, the look-up after a doubtful publication, the check of the key, and how a draft is
 * taken back; see ghost.h for where the rest is. Images cannot be deleted through the API: they stay.
 */
#include <string.h>

#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/ghost.h"
#include "network/login.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/text.h"

/* Of Ghost 5 and 6, where a post is stored; the API's own schema lets longer ones through. */
enum { TITLE_MOST = 255, EXCERPT_MOST = 300, ALT_MOST = 191, TAG_MOST = 191 };

static const char *const access_words[] = {"public", "members", "paid", NULL};

static const struct network_option options[] = {
    {.name = "url",
     .kind = OPTION_URL,
     .required = true,
     .help = "address of the site's admin: https://blog.example"},
    {.name = "key",
     .kind = OPTION_SECRET,
     .required = true,
     .help = "Admin API key of a custom integration: ID:SECRET"},
    {.name = "api_version",
     .kind = OPTION_TEXT,
     .min = 2,
     .max = 10,
     .help = "least version of Ghost's API (v5.0 unless given)"},
    {.name = "author",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 191,
     .help = "e-mail, slug or id (default: the owner)"},
    {.name = "tags", .kind = OPTION_TEXTS, .max = 50, .help = "tags that every post gets"},
    {.name = "access",
     .kind = OPTION_WORD,
     .words = access_words,
     .help = "who may read (default: as the site has it)"},
    {.name = "canonical_link",
     .kind = OPTION_FLAG,
     .help = "a post's link is the original's address: sent as canonical URL, not shown in the text"},
    {.name = "html_card",
     .kind = OPTION_FLAG,
     .help = "the text as one HTML card, exactly as made; else Ghost turns it into its own blocks"},
    {.name = "newsletter",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 191,
     .help = "slug of the newsletter that each post is sent to as well; e-mail cannot be called back"},
    {.name = "newsletter_to",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 1000,
     .help = "which of its members: Ghost's email_segment (default: all)"},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct stage_group groups[] = {STAGE_GROUP(ghost_stages)};
static const struct stage_table table = STAGE_TABLE(groups);

static void ghost_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
}

static void ghost_read(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- find: has our post been published? ---- */

static void get_post(const struct job *job, const char *name, struct arena *arena, struct step *ret_step)
{
    const char *id = json_text(job->memo, "post");
    const char *path = id ? arena_printf(arena, "posts/%s/", id)
                          : arena_printf(arena, "posts/slug/%s/", ghost_slug(job, arena));
    *ret_step = (struct step){
        .kind = STEP_PREPARE, .name = name, .request = ghost_request(job, arena, "GET", path, NULL)};
}

static void ghost_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    get_post(job, "look up the post", arena, ret_step);
}

/* As long as it is a draft, publishing it once more publishes it once. */
static void still_draft(const struct job *job, const json_t *post, struct arena *arena,
                        struct outcome *ret_outcome)
{
    int64_t collisions = json_number(job->memo, "collisions", 0);
    *ret_outcome = stage_next_with(arena, json_pack("{s:s*, s:I}", "updated", json_text(post, "updated_at"),
                                                    "collisions", (json_int_t)collisions + 1));
    outcome_set(ret_outcome, arena, OUTCOME_NOT_FOUND, SCOPE_POST, "the post is still a draft");
}

static void ghost_found(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    if (ghost_is_missing(response, arena)) {
        *ret_outcome = (struct outcome){0};
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the post is no longer in Ghost: somebody deleted it");
        return;
    }
    const json_t *post = ghost_post(job, step, response, arena, ret_outcome);
    if (!post)
        return;
    const char *status = json_text(post, "status");
    if (!strcmp(status, "draft"))
        still_draft(job, post, arena, ret_outcome);
    else
        ghost_read_published(job, post, arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_REFUSED)
        ret_outcome->kind = OUTCOME_UNSURE;
}

/* ---- verify ---- */

static void ghost_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "check the key"};
    ret_step->request = ghost_request(job, arena, "GET", "posts/?limit=1&fields=id", NULL);
}

static void ghost_verified(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = ghost_answer(job, step, response, arena, ret_outcome);
    ret_outcome->memo = NULL;
    if (!answer)
        return;
    bool whole = json_is_array(json_member(answer, "posts"));
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, whole ? OUTCOME_DONE : OUTCOME_REFUSED, SCOPE_ACCOUNT,
                whole ? "the integration's key works on %s" : "no Ghost Admin API at '%s'",
                account_option(job->account, "url"));
}

/* ---- discard ---- */

/* Memo "discard": {"id"} of what was just looked at and is to be deleted; {}: nothing is left to do. */
static void ghost_discard(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const json_t *plan = json_member(job->memo, "discard");
    const char *id = json_text(plan, "id");
    if (id) {
        *ret_step = (struct step){.kind = STEP_PREPARE, .name = "discard draft"};
        ret_step->request = ghost_request(job, arena, "DELETE", arena_printf(arena, "posts/%s/", id), NULL);
        ret_step->memo = json_in_arena(
            arena, json_pack("{s:n, s:n, s:n, s:n, s:n}", "post", "updated", "looked", "filled", "discard"));
    } else if (plan) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "discard"};
    } else {
        get_post(job, "find what to discard", arena, ret_step);
    }
}

static bool is_untouched_draft(const struct job *job, const json_t *post)
{
    const char *known = json_text(job->memo, "updated"), *updated = json_text(post, "updated_at");
    return !strcmp(json_text(post, "status"), "draft") && ghost_is_our_slug(job, json_text(post, "slug")) &&
           (!known || !updated || !strcmp(known, updated));
}

static void read_what_to_discard(const struct job *job, const struct step *step,
                                 const struct response *response, struct arena *arena,
                                 struct outcome *ret_outcome)
{
    bool missing = ghost_is_missing(response, arena);
    const json_t *post = missing ? NULL : ghost_post(job, step, response, arena, ret_outcome);
    if (!post && !missing)
        return;
    bool ours = post && is_untouched_draft(job, post);
    *ret_outcome =
        stage_next_with(arena, json_pack("{s:{s:s*}}", "discard", "id", ours ? json_text(post, "id") : NULL));
    if (post && !ours)
        ret_outcome->message = "its draft in Ghost is left alone: somebody changed it there";
}

/* What failed is looked at again before it is tried again. */
static void ghost_discarded(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    if (!strcmp(step->name, "find what to discard")) {
        read_what_to_discard(job, step, response, arena, ret_outcome);
        ret_outcome->memo = ret_outcome->kind == OUTCOME_NEXT ? ret_outcome->memo : NULL;
    } else if (ghost_is_missing(response, arena) || ghost_answer(job, step, response, arena, ret_outcome)) {
        *ret_outcome = stage_next_with(arena, json_pack("{s:{}}", "discard"));
        ret_outcome->message = "its draft in Ghost was deleted";
    } else {
        ret_outcome->memo = json_in_arena(arena, json_pack("{s:n}", "discard"));
    }
}

/* ---- remove ---- */

static void ghost_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (removal_is_due(job, NULL, arena, ret_step)) /* its ids are the same nowhere else */
        *removal_step(ret_step) =
            ghost_request(job, arena, "DELETE",
                          arena_printf(arena, "posts/%s/", driver_escape(arena, removal_id(job))), NULL);
}

static void ghost_removed(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    if (ghost_is_missing(response, arena) || ghost_answer(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
    else
        ret_outcome->memo = NULL; /* which is about drafts */
}

/* ---- facts ---- */

/* The key is not known to everybody who asks. */
static bool ghost_check_account(const struct account *account, struct error *err)
{
    const char *key = account_secret(account, "key");
    size_t id = key ? strspn(key, "0123456789abcdef") : 0;
    bool whole = !key || (id && key[id] == ':' && key[id + 1] &&
                          !key[id + 1 + strspn(key + id + 1, "0123456789abcdef")]);
    return whole || fail(err, "'key' is not an Admin API key: it has the form ID:SECRET, both in hex");
}

static void check_most(struct diags *diags, const char *rule, const char *what, const char *text, size_t most)
{
    size_t count = text ? text_code_points(text) : 0;
    if (count > most)
        driver_finding(diags, DIAG_ERROR, rule, "%s is %zu characters long, ghost allows %zu", what, count,
                       most);
}

static void check_tags(struct diags *diags, const char *what, const char *const *tags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_most(diags, "tag-length", what, tags[i], TAG_MOST);
        if (tags[i][0] == ',')
            driver_finding(diags, DIAG_ERROR, "tag-comma",
                           "%s begins with a comma, which ghost does not allow", what);
    }
}

static void ghost_check(const struct account *account, const struct content *content, struct diags *diags)
{
    const struct media *first = part_image(&content->parts[0]);
    (void)account;
    check_most(diags, "title-length", "title", content->title, TITLE_MOST);
    check_most(diags, "summary-length", "summary", content->summary, EXCERPT_MOST);
    if (first)
        check_most(diags, "alt-text-length", "alt text of the first image", first->alt, ALT_MOST);
    check_tags(diags, "a tag", content->tags, content->tag_count);
    check_tags(diags, "a category", content->categories, content->category_count); /* tags there */
}

static const char *ghost_compose(const struct content *content, size_t part, struct arena *arena)
{
    return arena_strdup(arena, content->parts[part].text);
}

static const char *ghost_where(const struct job *job, struct arena *arena)
{
    const char *id = json_text(job->memo, "post"), *site = account_option(job->account, "url");
    return id ? driver_url(arena, site, "/ghost/#/editor/post/%s", id)
              : driver_url(arena, site, "/ghost/#/posts");
}

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

/* How large they may be is the server's setting, and not said. */
static const char *const video_types[] = {"video/mp4", NULL};
static const struct video_limits video = {.types = video_types, .most = 50};
static const struct document_limits document = {.most = 50};

static const struct login logins[] = {
    {.kind = LOGIN_SECRET,
     .secret = "key",
     .what = "Admin API key",
     .where = "Settings, Integrations, Add custom integration"},
    {0},
};

/* ---- edit ---- */

/* Who may read it, and who wrote it, may be otherwise there by now; so may what the edit is not about. */
static const struct revision_member not_words[] = {
    {"visibility", 0},
    {"authors", 0},
    {"feature_image", 0},
    {"feature_image_alt", EDIT_ALT},
    {"tags", EDIT_TAGS},
    {"custom_excerpt", EDIT_SUMMARY},
    {"canonical_url", EDIT_LINK},
    {0},
};

/* Ghost changes nothing but under the post's updated_at: it is read first, and again after each refusal. */
static void ghost_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *seen = json_text(json_member(job->memo, "edit"), "seen");
    if (!revision_is_due(job, NULL, arena, ret_step))
        return;
    const char *path = arena_printf(arena, "posts/%s/", driver_escape(arena, revision_id(job)));
    struct request *request = revision_step(job, arena, ret_step);
    if (!seen) {
        ret_step->name = "look at the post";
        *request = ghost_request(job, arena, "GET", path, NULL);
        return;
    }
    json_t *post = ghost_fields(job, arena);
    revision_leave(job, not_words, post);
    json_set_text(post, "updated_at", seen);
    *request = ghost_request(job, arena, "PUT", arena_printf(arena, "%s?source=html", path),
                             json_pack("{s:[o]}", "posts", post));
    request->timeout = MINUTES(1);
}

static void ghost_edited(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *post = ghost_post(job, step, response, arena, ret_outcome);
    const char *updated = json_text(post, "updated_at");
    bool looked = !strcmp(step->request.method, "GET");
    if (post && !looked) {
        *ret_outcome = revision_done(job, arena);
        return;
    }
    if (updated)
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    else if (post)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: the answer does not say when it was changed", step->name);
    else if (ghost_is_missing(response, arena))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    ret_outcome->memo = revision_note(job, "seen", looked ? updated : NULL, arena);
}

const struct network network_ghost = {
    .name = "ghost",
    .title = "Ghost",
    .features =
        FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING | FEATURE_CATEGORIES,
    .max_images = 50,
    .image_types = image_types,
    .video = &video,
    .document = &document,
    .repeat = REPEAT_NEVER,
    .key_wait = SECONDS(5),
    .logins = logins,
    .options = options,
    .option_count = COUNT(options),
    .compose = ghost_compose,
    .check_account = ghost_check_account,
    .check = ghost_check,
    .next = ghost_next,
    .read = ghost_read,
    .find = ghost_find,
    .found = ghost_found,
    .verify = ghost_verify,
    .verified = ghost_verified,
    .where = ghost_where,
    .discard = ghost_discard,
    .discarded = ghost_discarded,
    .remove = ghost_remove,
    .removed = ghost_removed,
    .edits =
        EDIT_TEXT | EDIT_TITLE | EDIT_BODY | EDIT_SUMMARY | EDIT_LINK | EDIT_TAGS | EDIT_ALT | EDIT_WARNING,
    .edit = ghost_edit,
    .edited = ghost_edited,
};
