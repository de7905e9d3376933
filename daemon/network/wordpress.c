/*
 * wordpress: a self-hosted WordPress through its REST API, with an application password.
 *
 * This file has the facts and the order of the stages; see wordpress.h for where the rest is. Everything but
 * the last stage happens before the slot and is seen by nobody.
 */
#include <string.h>

#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/drivers.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/wordpress.h"

static const char *const comment_words[] = {"open", "closed", NULL};

static const struct network_option options[] = {
    {.name = "url",
     .kind = OPTION_URL,
     .required = true,
     .help = "address of the site: https://example.org/blog"},
    {.name = "user",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 1,
     .max = 100,
     .help = "login name of the author"},
    {.name = "application_password",
     .kind = OPTION_SECRET,
     .required = true,
     .help = "from Users, Profile, Application Passwords"},
    {.name = "categories", .kind = OPTION_TEXTS, .max = 20, .help = "categories that every post gets"},
    {.name = "tags", .kind = OPTION_TEXTS, .max = 50, .help = "tags that every post gets"},
    {.name = "comments",
     .kind = OPTION_WORD,
     .words = comment_words,
     .help = "open or closed (default: as the site has it)"},
};

/* ---- stages ---- */

static const struct stage session_stages[] = {
    {"discover", STEP_SESSION, 0, wordpress_is_root_unknown, wordpress_ask_root, wordpress_read_root},
    {"discover otherwise", STEP_SESSION, 0, wordpress_is_fallback_due, wordpress_ask_root,
     wordpress_read_root},
    {"identify", STEP_SESSION, 0, wordpress_is_user_unknown, wordpress_ask_user, wordpress_read_user},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct stage_group groups[] = {
    STAGE_GROUP(session_stages),           STAGE_GROUP(wordpress_draft_stages),
    STAGE_GROUP(wordpress_media_stages),   STAGE_GROUP(wordpress_term_stages),
    STAGE_GROUP(wordpress_publish_stages),
};
static const struct stage_table table = STAGE_TABLE(groups);

static void wordpress_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
}

static void wordpress_read(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- find: has our post been published? ---- */

static const char find_name[] = "look up the post";

static void wordpress_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *stage = stage_pending(&table, job);
    if (stage->kind == STEP_SESSION) {
        stage_take(stage, job, arena, ret_step);
        return;
    }
    const char *path = arena_printf(arena, "posts/%lld", (long long)wordpress_post(job));
    *ret_step = (struct step){
        .kind = STEP_PREPARE,
        .name = find_name,
        .request =
            wordpress_request(job, arena, "GET", path, "context=edit&_fields=id,slug,status,link", NULL),
    };
}

static void found_status(const struct job *job, const json_t *post, struct arena *arena,
                         struct outcome *ret_outcome)
{
    const char *status = json_text(post, "status");
    *ret_outcome = (struct outcome){.kind = OUTCOME_NOT_FOUND};
    if (status && !strcmp(status, "publish"))
        wordpress_read_published(job, post, arena, ret_outcome);
    else if (status && !strcmp(status, "trash"))
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the post is in WordPress's trash: somebody put it there");
    else
        outcome_set(ret_outcome, arena, OUTCOME_NOT_FOUND, SCOPE_POST, "the post is still a draft");
}

static void wordpress_found(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION) {
        wordpress_read(job, step, response, arena, ret_outcome);
        return;
    }
    if (wordpress_is_error(response, "rest_post_invalid_id", arena)) {
        *ret_outcome = (struct outcome){.kind = OUTCOME_NOT_FOUND};
        outcome_set(ret_outcome, arena, wordpress_post(job) ? OUTCOME_UNSURE : OUTCOME_NOT_FOUND, SCOPE_POST,
                    "the post is no longer in WordPress: somebody deleted it");
        return;
    }
    const json_t *post = wordpress_answer(job, step, response, arena, ret_outcome);
    if (post)
        found_status(job, post, arena, ret_outcome);
}

/* ---- verify ---- */

static void wordpress_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *stage = &session_stages[COUNT(session_stages) - 1];
    for (size_t i = 0; i < COUNT(session_stages); i++) {
        if (session_stages[i].pending(job)) {
            stage_take(&session_stages[i], job, arena, ret_step);
            return;
        }
    }
    stage_take(stage, job, arena, ret_step);
    ret_step->kind = STEP_PREPARE;
}

static void wordpress_verified(const struct job *job, const struct step *step,
                               const struct response *response, struct arena *arena,
                               struct outcome *ret_outcome)
{
    wordpress_read(job, step, response, arena, ret_outcome);
    if (step->kind == STEP_SESSION || ret_outcome->kind != OUTCOME_NEXT)
        return;
    const char *name = json_text(ret_outcome->session, "user");
    ret_outcome->kind = OUTCOME_DONE;
    ret_outcome->message =
        arena_printf(arena, "%s on %s", outcome_said(name, arena), account_option(job->account, "url"));
}

/* ---- discard ---- */

static const struct stage_group discard_groups[] = {STAGE_GROUP(session_stages),
                                                    STAGE_GROUP(wordpress_discard_stages)};
static const struct stage_table discard_table = STAGE_TABLE(discard_groups);

static void wordpress_discard(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *stage = stage_pending(&discard_table, job);
    if (!stage) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "discard"};
        return;
    }
    stage_take(stage, job, arena, ret_step);
    if (stage->flags & STAGE_MAKES)
        ret_step->memo = wordpress_before_discard(job, arena);
}

static void wordpress_discarded(const struct job *job, const struct step *step,
                                const struct response *response, struct arena *arena,
                                struct outcome *ret_outcome)
{
    stage_read(&discard_table, job, step, response, arena, ret_outcome);
}

/* ---- remove: into the trash, where it can be had back; its images stay in the library ---- */

static void wordpress_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    static const struct stage_table sessions = {discard_groups, 1};
    if (!removal_is_due(job, account_option(job->account, "url"), arena, ret_step) ||
        removal_session(&sessions, job, arena, ret_step))
        return;
    const char *path = arena_printf(arena, "posts/%s", driver_escape(arena, removal_id(job)));
    *removal_step(ret_step) = wordpress_request(job, arena, "DELETE", path, "force=false", NULL);
}

static void wordpress_removed(const struct job *job, const struct step *step, const struct response *response,
                              struct arena *arena, struct outcome *ret_outcome)
{
    if (wordpress_is_error(response, "rest_post_invalid_id", arena) ||
        wordpress_is_error(response, "rest_already_trashed", arena) ||
        wordpress_answer(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
    else if (wordpress_is_error(response, "rest_trash_not_supported", arena))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "the site has no trash: delete it there, for good");
}

/* ---- edit ---- */

/* Its images, tags and categories stay as they are; so does the alt text in the library. */
static void wordpress_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    static const struct stage_table sessions = {discard_groups, 1};
    if (!revision_is_due(job, account_option(job->account, "url"), arena, ret_step) ||
        removal_session(&sessions, job, arena, ret_step))
        return;
    struct request *request = revision_step(job, arena, ret_step);
    const char *path = arena_printf(arena, "posts/%s", driver_escape(arena, revision_id(job)));
    *request =
        wordpress_request(job, arena, "POST", path, "_fields=id,link,status", wordpress_words(job, arena));
    request->timeout = MINUTES(1);
}

static void wordpress_edited(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = wordpress_answer(job, step, response, arena, ret_outcome);
    const char *status = json_text(answer, "status");
    if (wordpress_is_error(response, "rest_post_invalid_id", arena) || (status && !strcmp(status, "trash")))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (answer)
        *ret_outcome = revision_done(job, arena);
    if (ret_outcome->kind != OUTCOME_NEXT)
        ret_outcome->memo = NULL; /* which is about drafts */
}

/* ---- facts ---- */

/* Basic credentials end the user's name at the first colon. */
static bool wordpress_check_account(const struct account *account, struct error *err)
{
    const char *user = account_option(account, "user");
    return !user || !strchr(user, ':') ||
           fail(err, "'user': '%s' has a colon, which no login name has", user);
}

static const char *wordpress_compose(const struct content *content, size_t part, struct arena *arena)
{
    return arena_strdup(arena, content->parts[part].text);
}

static const char *wordpress_where(const struct job *job, struct arena *arena)
{
    const char *site = account_option(job->account, "url");
    if (wordpress_post(job))
        return driver_url(arena, site, "/wp-admin/post.php?post=%lld&action=edit",
                          (long long)wordpress_post(job));
    return driver_url(arena, site, "/wp-admin/edit.php");
}

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

static const struct login logins[] = {
    {
        .kind = LOGIN_SECRET,
        .secret = "application_password",
        .what = "application password",
        .where = "Users, Profile, Application Passwords, of a user who may publish",
    },
    {0},
};

/* How large they may be is the server's business, and not said. */
static const struct video_limits video = {.most = 50};
static const struct document_limits document = {.most = 50};

const struct network network_wordpress = {
    .name = "wordpress",
    .title = "WordPress",
    .features =
        FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING | FEATURE_CATEGORIES,
    .max_images = 50,
    .image_types = image_types,
    .video = &video,
    .document = &document,
    .repeat = REPEAT_KEY, /* to publish the draft of that id a second time changes nothing */
    .key_lifetime = 0,
    .key_wait = SECONDS(5),
    .logins = logins,
    .options = options,
    .option_count = COUNT(options),
    .compose = wordpress_compose,
    .check_account = wordpress_check_account,
    .next = wordpress_next,
    .read = wordpress_read,
    .find = wordpress_find,
    .found = wordpress_found,
    .verify = wordpress_verify,
    .verified = wordpress_verified,
    .where = wordpress_where,
    .discard = wordpress_discard,
    .discarded = wordpress_discarded,
    .remove = wordpress_remove,
    .removed = wordpress_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_BODY | EDIT_SUMMARY | EDIT_LINK | EDIT_ALT | EDIT_WARNING,
    .edit = wordpress_edit,
    .edited = wordpress_edited,
};
