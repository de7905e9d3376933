/*
 * tumblr: posts of a blog on Tumblr (see tumblr.h).
 *
 * One request makes a post, its images or its video in it. The parts of a thread are reblogs, each of the
 * part before it, whose key is asked for in between. Tumblr knows no key of ours: what is in doubt is looked
 * for on the blog.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/text.h"
#include "network/thread.h"
#include "network/tumblr.h"
#include "network/uploads.h"

enum { IMAGES_MOST = 30, ALT_MOST = 4096, TITLE_MOST = 4096, LINKS_MOST = 100, MEGABYTES = 20 };

static const char *const image_types[] = {"image/jpeg", "image/png", "image/gif", "image/webp", NULL};
static const char *const video_types[] = {"video/mp4", "video/quicktime", NULL};
static const char *const states[] = {"published", "private", "queue", "draft", NULL};

static const struct network_option options[] = {
    {.name = "blog",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 1,
     .max = 100,
     .help = "name of the blog: chalet, chalet.tumblr.com, or its own domain"},
    {.name = "consumer_key",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 1,
     .max = 200,
     .help = "OAuth consumer key of your application at tumblr.com/oauth/apps; then 'calctl login'"},
    {.name = "consumer_secret", .kind = OPTION_SECRET, .required = true, .help = "its secret key"},
    {.name = "redirect_url",
     .kind = OPTION_URL,
     .help = "OAuth2 redirect URL as registered with the application (http://127.0.0.1:8414/ unless given)"},
    {.name = "access_token",
     .kind = OPTION_SECRET,
     .help = "OAuth 1.0a instead of a login: the token from api.tumblr.com/console"},
    {.name = "access_token_secret", .kind = OPTION_SECRET, .help = "and its secret"},
    {.name = "state",
     .kind = OPTION_WORD,
     .words = states,
     .help =
         "what becomes of a post: published (unless given), private, or put into the blog's queue or drafts"},
    {.name = "tags", .kind = OPTION_TEXTS, .max = 30, .help = "tags that every post gets"},
    {.name = "max_image_megabytes",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000,
     .help = "of one image (20 unless given: not documented)"},
    {.name = "absent_after",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1440,
     .help = "minutes after which a doubtful post that is not listed is not there (15 unless given)"},
    {.name = "url", .kind = OPTION_URL, .help = "address of the API (https://api.tumblr.com unless given)"},
    {.name = "login_url",
     .kind = OPTION_URL,
     .help = "where a person logs in (https://www.tumblr.com/oauth2/authorize unless given)"},
};

/* ---- steps ---- */

static const char *key_name(size_t part, struct arena *arena)
{
    return arena_printf(arena, "key-%zu", part);
}

static void key_step(const struct job *job, size_t part, struct arena *arena, struct step *ret_step)
{
    tumblr_request(job, arena, ret_step, STEP_PREPARE, "continue", "GET", "blog/%s/posts/%s",
                   driver_escape(arena, account_option(job->account, "blog")),
                   json_text(thread_post(job, part - 1), "id"));
    tumblr_sign(job, arena, ret_step);
}

/* With files a form: the post, then each file under the name that the post has for it. */
static void set_body(const struct job *job, size_t number, struct arena *arena, struct request *request)
{
    const struct part *part = &job->content->parts[number];
    json_t *post = tumblr_post(job, number, tumblr_state(job->account), arena);
    if (!part->media_count) {
        driver_json_body(request, arena, post);
        return;
    }
    struct form_part *parts = NULL;
    int64_t bytes = 0;
    *arena_push(arena, parts, request->part_count) = (struct form_part){
        .name = "json", .value = driver_json_text(arena, post), .type = "application/json"};
    for (size_t i = 0; i < part->media_count; i++) {
        const struct media *media = &part->media[i];
        *arena_push(arena, parts, request->part_count) =
            (struct form_part){.name = tumblr_media_name(media, i, arena), .media = media};
        bytes += media->size;
    }
    request->parts = parts;
    request->timeout = upload_time(bytes);
}

static void create_step(const struct job *job, size_t part, struct arena *arena, struct step *ret_step)
{
    tumblr_request(job, arena, ret_step, STEP_CREATE,
                   arena_printf(arena, "publish %zu/%zu", part + 1, thread_part_count(job)), "POST",
                   "blog/%s/posts", driver_escape(arena, account_option(job->account, "blog")));
    set_body(job, part, arena, &ret_step->request);
    tumblr_sign(job, arena, ret_step);
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
    json_set_text(ret_step->memo, "state", tumblr_state(job->account));
}

static void tumblr_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    size_t part = thread_part_due(job);
    if (part == thread_part_count(job))
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
    else if (tumblr_session_step(job, arena, ret_step))
        return;
    else if (part && !json_member(job->memo, key_name(part - 1, arena)))
        key_step(job, part, arena, ret_step);
    else
        create_step(job, part, arena, ret_step);
}

/* What is published goes into the queue or the drafts. */
static bool waits(const char *state)
{
    return !strcmp(state, "queue") || !strcmp(state, "draft");
}

/* ---- remove ---- */

/* Where the account's posts are; NULL: of one in the queue or the drafts, which has no address. */
static const char *base_of(const struct job *job, const json_t *post, struct arena *arena)
{
    const char *blog = account_option(job->account, "blog");
    const char *host = strchr(blog, '.') ? blog : arena_printf(arena, "%s.tumblr.com", blog);
    return json_text(post, "url") ? arena_printf(arena, "https://%s/", host) : NULL;
}

static void tumblr_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *blog = account_option(job->account, "blog");
    if (!removal_is_due(job, base_of(job, removal_part(job), arena), arena, ret_step) ||
        tumblr_session_step(job, arena, ret_step))
        return;
    const struct driver_pair pairs[] = {{"id", removal_id(job)}};
    tumblr_request(job, arena, ret_step, STEP_PREPARE, "delete", "POST", "blog/%s/post/delete",
                   driver_escape(arena, blog));
    driver_form_body(&ret_step->request, arena, pairs, 1);
    tumblr_sign(job, arena, ret_step);
}

static void tumblr_removed(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    bool missing = response->status == 404 && json_member(response_json(response, arena), "meta");
    bool waited = !json_text(removal_part(job), "url"); /* what leaves the queue gets another number */
    if (missing && waited)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "it is not in the blog's queue or drafts any more: it may be out, look on the blog");
    else if (missing || tumblr_answer(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
}

/* ---- edit: all of the post is sent again, so there are no files in it; a reblog keeps what it was made of
 * ---- */

/* An edit says the state, too: what is out must not go back into the queue, nor what waits come out by it. Whether
 * that which waited is out by now is not known. */
static bool may_wait(const struct job *job)
{
    return !json_text(revision_part(job), "url") || waits(tumblr_state_of(job));
}

static void tumblr_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (thread_out(job) > 1) {
        revision_over(ret_step,
                      "a thread there is made of reblogs, which keep the old words: 'calctl delete' it and "
                      "publish it anew");
        return;
    }
    if (job->content->parts[0].media_count) {
        revision_over(ret_step,
                      "Tumblr takes an edit only with all images and videos again: change it there");
        return;
    }
    if (!revision_is_due(job, base_of(job, revision_part(job), arena), arena, ret_step))
        return;
    if (may_wait(job)) {
        revision_over(ret_step,
                      "it went into the blog's queue or drafts, or the account's posts do now ('state'): "
                      "change it there");
        return;
    }
    if (tumblr_session_step(job, arena, ret_step))
        return;
    tumblr_request(job, arena, ret_step, STEP_PREPARE, "edit", "PUT", "blog/%s/posts/%s",
                   driver_escape(arena, account_option(job->account, "blog")),
                   driver_escape(arena, revision_id(job)));
    driver_json_body(&ret_step->request, arena, tumblr_post(job, 0, tumblr_state_of(job), arena));
    tumblr_sign(job, arena, ret_step);
}

static void tumblr_edited(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    bool missing = response->status == 404 && json_member(response_json(response, arena), "meta");
    if (missing)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (tumblr_answer(job, step, response, arena, ret_outcome))
        *ret_outcome = revision_done(job, arena);
}

/* ---- answers ---- */

/* What waits in the queue or the drafts has no address that everybody may open. */
void tumblr_done(const struct job *job, const char *id, struct arena *arena, struct outcome *ret_outcome)
{
    const char *blog = account_option(job->account, "blog"), *state = tumblr_state_of(job);
    const char *host = strchr(blog, '.') ? blog : arena_printf(arena, "%s.tumblr.com", blog);
    const char *url = waits(state) ? NULL : arena_printf(arena, "https://%s/post/%s", host, id);
    json_set(outcome_memo(ret_outcome, arena), "look", json_null());
    thread_part_done(job, id, outcome_clean_url(url, arena), arena, ret_outcome);
    if (waits(state) && ret_outcome->kind == OUTCOME_DONE)
        ret_outcome->message = !strcmp(state, "queue")
                                   ? "it is in the blog's queue, from which Tumblr publishes it"
                                   : "it is among the blog's drafts, from which a person publishes it";
}

static void read_key(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *post = tumblr_answer(job, step, response, arena, ret_outcome);
    const char *uuid = outcome_clean_id(json_text(post, "tumblelog_uuid"), arena);
    const char *key = outcome_clean_id(json_text(post, "reblog_key"), arena);
    if (!post) {
        ret_outcome->scope = response->status == 404 ? SCOPE_POST : ret_outcome->scope;
        return;
    }
    if (!uuid || !key) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer has no key for a reblog",
                    step->name);
        return;
    }
    json_set(outcome_memo(ret_outcome, arena), key_name(thread_part_due(job) - 1, arena),
             json_pack("{s:s, s:s}", "uuid", uuid, "key", key));
}

static void read_create(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = tumblr_answer(job, step, response, arena, ret_outcome);
    const char *id = tumblr_id(answer, arena);
    if (id)
        tumblr_done(job, id, arena, ret_outcome);
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: Tumblr answered %d without naming a post", step->name, response->status);
}

static void tumblr_read(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION || step->kind == STEP_LOCAL)
        oauth2_session_read(job, step, response, arena, ret_outcome);
    else if (step->kind == STEP_CREATE)
        read_create(job, step, response, arena, ret_outcome);
    else
        read_key(job, step, response, arena, ret_outcome);
}

/* ---- the live check of the credentials ---- */

static void tumblr_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (tumblr_session_step(job, arena, ret_step))
        return;
    tumblr_request(job, arena, ret_step, STEP_PREPARE, "who we are", "GET", "user/info");
    tumblr_sign(job, arena, ret_step);
}

static bool is_ours(const struct account *account, const json_t *blog, struct arena *arena)
{
    const char *name = json_text(blog, "name"), *url = json_text(blog, "url");
    return (name && !strcmp(name, tumblr_blog(account, arena))) ||
           (url && !strcmp(driver_host(url, arena), account_option(account, "blog")));
}

static void tumblr_verified(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind != STEP_PREPARE) {
        oauth2_session_read(job, step, response, arena, ret_outcome);
        return;
    }
    const json_t *user = json_member(tumblr_answer(job, step, response, arena, ret_outcome), "user"), *blog;
    const char *name = json_text(user, "name");
    size_t i;
    if (ret_outcome->kind != OUTCOME_NEXT) {
        ret_outcome->scope = SCOPE_ACCOUNT;
        return;
    }
    json_array_foreach(json_member(user, "blogs"), i, blog)
    {
        if (!is_ours(job->account, blog, arena))
            continue;
        outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "%s, blog %s", outcome_said(name, arena),
                    account_option(job->account, "blog"));
        return;
    }
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT, "%s: %s has no blog '%s'", step->name,
                name ? outcome_said(name, arena) : "who logged in", account_option(job->account, "blog"));
}

/* ---- facts ---- */

static const char *tumblr_compose(const struct content *content, size_t part, struct arena *arena)
{
    (void)arena;
    return content->parts[part].text;
}

static bool tumblr_check_account(const struct account *account, struct error *err)
{
    const char *blog = account_option(account, "blog");
    bool token = account_has_secret(account, "access_token"),
         secret = account_has_secret(account, "access_token_secret");
    if (blog[strspn(blog, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")])
        return fail(err, "'blog' is its name or domain (chalet, chalet.tumblr.com), not '%s'", blog);
    if (token != secret)
        return fail(err, "'access_token' and 'access_token_secret' belong together (OAuth 1.0a)");
    return true;
}

static size_t links_in(const char *text, struct arena *arena)
{
    struct measure m = text_measure(text_rule_find("tumblr"), text, strlen(text), 0, arena);
    size_t links = 0;
    for (size_t i = 0; i < m.entity_count; i++)
        links += m.entities[i].kind == ENTITY_LINK;
    return links;
}

static void tumblr_check(const struct account *account, const struct content *content, struct diags *diags)
{
    const char *state = tumblr_state(account);
    for (size_t i = 0; i < content->part_count; i++) {
        const struct part *part = &content->parts[i];
        if (links_in(part->text, diags->arena) > LINKS_MOST)
            driver_finding(diags, DIAG_ERROR, "link-count", "tumblr takes %d links in a text", LINKS_MOST);
        if (i && part_video(part))
            driver_finding(
                diags, DIAG_ERROR, "video-count",
                "part %zu: tumblr takes no video in what continues a thread, only in its first part", i + 1);
    }
    if (content->part_count > 1 && strcmp(state, "published") != 0)
        driver_finding(diags, DIAG_ERROR, "thread", "a thread is reblogs of its first part, and that is '%s'",
                       state);
}

static const char *tumblr_where(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "https://www.tumblr.com/blog/%s", tumblr_blog(job->account, arena));
}

static bool logs_in(const struct account *account)
{
    return !tumblr_uses_oauth1(account);
}

/* "basic" goes without saying: their answers leave it out. */
static const char *missing_scopes(const struct job *job, const struct response *response, struct arena *arena)
{
    (void)response;
    return oauth2_lacks("write offline_access", json_text(oauth2_login(job->session), "scope"), arena);
}

static const struct login logins[] = {
    {.kind = LOGIN_CODE,
     .where = "the application at tumblr.com/oauth/apps must name the OAuth2 redirect URL",
     .used = logs_in,
     .client = tumblr_client,
     .missing = missing_scopes},
    {0},
};

/* One that is uploaded; size and length are said of the older interface. */
static const struct video_limits video = {
    .types = video_types, .most = 1, .max_bytes = INT64_C(500) * 1000 * 1000, .max_length = MINUTES(10)};

const struct network network_tumblr = {
    .name = "tumblr",
    .title = "Tumblr",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_TITLE,
    .max_images = IMAGES_MOST,
    .max_alt = ALT_MOST,
    .max_title = TITLE_MOST,
    .max_image_bytes = MEGABYTES * 1000 * 1000, /* not documented */
    .image_types = image_types,
    .video = &video,
    .repeat = REPEAT_NEVER,
    .keeps_session = true,
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = tumblr_compose,
    .check_account = tumblr_check_account,
    .check = tumblr_check,
    .next = tumblr_next,
    .read = tumblr_read,
    .find = tumblr_find,
    .found = tumblr_found,
    .verify = tumblr_verify,
    .verified = tumblr_verified,
    .where = tumblr_where,
    .remove = tumblr_remove,
    .removed = tumblr_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_LINK | EDIT_TAGS,
    .edit = tumblr_edit,
    .edited = tumblr_edited,
};
