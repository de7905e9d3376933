/*
 * nodebb: topics of a NodeBB forum (3 or later, its Write API), with an API token.
 *
 * There is no key that a repeat could be known by. So before the slot the user's newest topic is noted; what
 * is found under our title after it is ours (topics are numbered upwards). Where topics wait for a moderator
 * a look-up cannot see them: then only a person can tell. The other parts of a thread are replies.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/login.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/stage.h"
#include "network/text.h"
#include "network/thread.h"
#include "network/uploads.h"

enum { TITLE_LEAST = 3, TITLE_MOST = 255, TEXT_LEAST = 8, DELAY_MOST = 3600 };

static const struct network_option options[] = {
    {.name = "url",
     .kind = OPTION_URL,
     .required = true,
     .help = "address of the forum: https://forum.example"},
    {.name = "token", .kind = OPTION_SECRET, .required = true, .help = "from Admin, Settings, API Access"},
    {.name = "uid",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000000000,
     .help = "as whom a master token writes"},
    {.name = "category",
     .kind = OPTION_INTEGER,
     .required = true,
     .min = 1,
     .max = 1000000000,
     .help = "number of the category (in its address)"},
    {.name = "tags", .kind = OPTION_TEXTS, .max = 20, .help = "tags that every topic gets"},
    {.name = "min_title",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 255,
     .help = "the forum's limit (3 unless given)"},
    {.name = "max_title", .kind = OPTION_INTEGER, .min = 1, .max = 1000, .help = "likewise (255)"},
    {.name = "min_characters",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000,
     .help = "of a text, likewise (8)"},
    {.name = "max_characters", .kind = OPTION_INTEGER, .min = 1, .max = 1000000, .help = "likewise (32767)"},
    {.name = "max_video_megabytes",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000,
     .help = "of one video, likewise: its maximum file size (2); the user needs the right to upload files"},
};

/* ---- requests and errors ---- */

/* A master token says in the body of a POST, else in the query, as whom it comes. */
static struct request request_to(const struct job *job, struct arena *arena, const char *method,
                                 const char *path, json_t *body)
{
    const char *token = account_secret(job->account, "token");
    int64_t uid = json_number(job->account->options, "uid", 0);
    struct request request = {.method = method};
    request.url = driver_url(arena, account_option(job->account, "url"), "%s%s", path,
                             uid && !body ? arena_printf(arena, "?_uid=%lld", (long long)uid) : "");
    request_header(&request, arena, "Authorization", "Bearer %s", token ? token : "");
    request_header(&request, arena, "Accept-Language",
                   "en-GB"); /* some errors are told by their words alone */
    if (body && uid)
        json_set_number(body, "_uid", uid);
    if (body)
        driver_json_body(&request, arena, body);
    return request;
}

static const struct fault faults[] = {
    {NULL, 401, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the token does not work: make a new one in Admin, API Access"},
    {NULL, 403, OUTCOME_REFUSED, SCOPE_POST, false, "the user may not do this in that category"},
    {NULL, 404, OUTCOME_REFUSED, SCOPE_POST, false, "there is no such category or topic"},
};

/* "You can only post once every 10 second(s)": the seconds, or 0. */
static int64_t delay_of(const char *said)
{
    const char *at = said ? strstr(said, "once every ") : NULL;
    int64_t seconds = at ? strtoll(at + strlen("once every "), NULL, 10) : 0;
    bool named = said && (strstr(said, "too-many-posts") || strstr(said, "already-posting") || at);
    return !named ? 0 : seconds > 0 && seconds <= DELAY_MOST ? seconds : 10;
}

static void read_error(const struct job *job, const struct step *step, const struct response *response,
                       const json_t *answer, struct arena *arena, struct outcome *ret_outcome)
{
    const char *said = json_text(json_member(answer, "status"), "message");
    const struct fault *fault =
        answer ? fault_find(faults, sizeof faults / sizeof *faults, "", response->status) : NULL;
    int64_t delay = response->status == 400 ? delay_of(said) : 0;
    *ret_outcome = (struct outcome){0};
    if (delay) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the forum asks to wait: %s",
                    step->name, outcome_said(said, arena));
        ret_outcome->at = job->now + SECONDS(delay);
    } else if (fault) {
        fault_tell(fault, step, response, job->now, said, arena, ret_outcome);
    } else if (answer || !outcome_from_front(step, response, job->now, arena, ret_outcome)) {
        outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, said, arena, ret_outcome);
    }
}

static json_t *answer_of(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    json_t *answer = response_json(response, arena);
    if (response->status < 200 || response->status > 299) {
        read_error(job, step, response, answer, arena, ret_outcome);
        return NULL;
    }
    if (json_is_object(answer))
        return answer;
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY, SCOPE_POST,
                "%s: the forum answered %d without JSON", step->name, response->status);
    return NULL;
}

/* ---- session: who we are ---- */

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    const char *url = account_option(job->account, "url");
    int64_t uid = json_number(job->account->options, "uid", 0);
    return driver_fingerprint(arena_printf(arena, "%s %lld", url, (long long)uid),
                              account_secret(job->account, "token"), arena);
}

static bool is_user_unknown(const struct job *job)
{
    struct arena *arena = arena_new();
    const char *made_for = json_text(job->session, "for");
    bool ours = made_for && !strcmp(made_for, fingerprint(job, arena)) && json_text(job->session, "slug");
    arena_free(arena);
    return !ours;
}

static void ask_user(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = request_to(job, arena, "GET", "/api/self", NULL);
}

static void read_user(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *user = answer_of(job, step, response, arena, ret_outcome);
    const char *slug = outcome_clean_id(json_text(user, "userslug"), arena),
               *name = json_text(user, "username");
    if (!user)
        return;
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (slug && name)
        ret_outcome->session = json_in_arena(
            arena, json_pack("{s:s, s:s, s:s, s:I}", "for", fingerprint(job, arena), "slug", slug, "name",
                             name, "uid", (json_int_t)json_number(user, "uid", 0)));
    else
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT, "%s: no NodeBB user at '%s'",
                    step->name, account_option(job->account, "url"));
}

/* ---- before the slot ---- */

static void ask_upload(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = request_to(job, arena, "POST", "/api/post/upload", NULL);
    upload_form(ret_request, upload_due(job), "files[]", NULL, arena);
}

/* It answers 500 for what is wrong with a file, and says what in words alone. */
static bool is_file_refused(const char *said)
{
    static const char *const words[] = {"nvalid file type",    "aximum allowed file size",
                                        "ploads are disabled", "invalid-file-type",
                                        "file-too-big",        "uploads-are-disabled"};
    for (size_t i = 0; said && i < sizeof words / sizeof *words; i++)
        if (strstr(said, words[i]))
            return true;
    return false;
}

static void read_upload(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_due(job);
    const json_t *answer = answer_of(job, step, response, arena, ret_outcome);
    const char *url = json_text(json_pointer(answer, "/response/images/0"), "url");
    const char *base = driver_url(arena, account_option(job->account, "url"), "/");
    url = url ? outcome_clean_url(driver_resolve(base, url, arena), arena) : NULL;
    if (url && media && !strpbrk(url, "()"))
        *ret_outcome = upload_done(job, media, json_pack("{s:s}", "url", url), arena);
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: the answer has no address of the file", step->name);
    const char *said = json_text(json_member(response_json(response, arena), "status"), "message");
    if (!answer && media && is_file_refused(said)) {
        *ret_outcome = (struct outcome){0};
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, "%s: the forum does not take '%s': %s",
                    step->name, media->file, outcome_said(said, arena));
    }
}

static bool is_newest_unknown(const struct job *job)
{
    return !json_member(job->memo, "after");
}

static void ask_newest(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *slug = driver_escape(arena, json_text(job->session, "slug"));
    *ret_request = request_to(job, arena, "GET", arena_printf(arena, "/api/user/%s/topics", slug), NULL);
}

static void read_newest(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = answer_of(job, step, response, arena, ret_outcome),
                 *topics = json_member(answer, "topics");
    json_int_t newest = 0;
    for (size_t i = 0; i < json_array_size(topics); i++) {
        int64_t tid = json_number(json_array_get(topics, i), "tid", 0);
        newest = tid > newest ? tid : newest;
    }
    if (json_is_array(topics))
        *ret_outcome = stage_next_with(arena, json_pack("{s:I}", "after", newest));
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer has no topics",
                    step->name);
}

/* ---- the topic and its replies ---- */

static const char *text_of(const struct job *job, size_t part, struct arena *arena)
{
    size_t count;
    struct article_image *images = upload_images(job, arena, &count);
    return article_markdown(job->content, part, images, count, false, arena);
}

static void ask_publish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct content *content = job->content;
    const char *text = text_of(job, thread_part_due(job), arena);
    if (thread_part_due(job)) {
        const char *path =
            arena_printf(arena, "/api/v3/topics/%lld", (long long)json_number(job->memo, "topic", 0));
        *ret_request = request_to(job, arena, "POST", path, json_pack("{s:s}", "content", text));
        return;
    }
    json_t *tags =
        article_names(json_member(job->account->options, "tags"), content->tags, content->tag_count);
    *ret_request =
        request_to(job, arena, "POST", "/api/v3/topics/",
                   json_pack("{s:I, s:s, s:s, s:o}", "cid",
                             (json_int_t)json_number(job->account->options, "category", 0), "title",
                             article_title(content, arena), "content", text, "tags", tags));
}

/* number: the topic's, or the reply's post. */
static void part_done(const struct job *job, int64_t number, struct arena *arena, struct outcome *ret_outcome)
{
    bool reply = thread_part_due(job) > 0;
    const char *url = driver_url(arena, account_option(job->account, "url"),
                                 reply ? "/post/%lld" : "/topic/%lld", (long long)number);
    json_t *memo = outcome_memo(ret_outcome, arena);
    if (!reply)
        json_set_number(memo, "topic", number);
    json_set_number(memo, "last", reply ? number : 0);
    json_set(memo, "candidate", json_null());
    thread_part_done(job, arena_printf(arena, "%s%lld", reply ? "post/" : "", (long long)number),
                     outcome_clean_url(url, arena), arena, ret_outcome);
}

static void read_queued(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    size_t part = thread_part_due(job);
    const char *id = arena_printf(arena, "queued:%.16s-%zu", job->key, part);
    if (part) {
        thread_part_done(job, id, NULL, arena, ret_outcome);
    } else {
        *ret_outcome = (struct outcome){.kind = OUTCOME_DONE, .id = id};
        ret_outcome->memo = json_in_arena(arena, json_pack("{s:s}", "id", id));
    }
    ret_outcome->message = "it waits for the approval of a moderator";
}

static void read_publish(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = answer_of(job, step, response, arena, ret_outcome);
    const json_t *made = json_member(answer, "response");
    int64_t number = json_number(made, thread_part_due(job) ? "pid" : "tid", 0);
    if (!answer)
        return;
    *ret_outcome = (struct outcome){0};
    if (response->status == 202 || json_flag(made, "queued", false))
        read_queued(job, arena, ret_outcome);
    else if (number > 0)
        part_done(job, number, arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s: the answer names no topic",
                    step->name);
}

static const struct stage stages[] = {
    {"identify", STEP_SESSION, 0, is_user_unknown, ask_user, read_user},
    {"upload", STEP_PREPARE, 0, upload_is_pending, ask_upload, read_upload},
    {"note the newest topic", STEP_PREPARE, 0, is_newest_unknown, ask_newest, read_newest},
    {"publish", STEP_CREATE, STAGE_EACH_PART, stage_always, ask_publish, read_publish},
};
static const struct stage_group groups[] = {STAGE_GROUP(stages)};
static const struct stage_table table = STAGE_TABLE(groups);

static void nodebb_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
}

static void nodebb_read(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- find ---- */

static void nodebb_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (is_user_unknown(job)) {
        stage_take(&stages[0], job, arena, ret_step);
        return;
    }
    int64_t candidate = json_number(job->memo, "candidate", 0);
    *ret_step =
        (struct step){.kind = STEP_PREPARE, .name = candidate ? "look at the reply" : "look up the topic"};
    if (candidate)
        ret_step->request = request_to(
            job, arena, "GET", arena_printf(arena, "/api/v3/posts/%lld/raw", (long long)candidate), NULL);
    else if (thread_part_due(job))
        ret_step->request = request_to(
            job, arena, "GET",
            arena_printf(arena, "/api/topic/%lld", (long long)json_number(job->memo, "topic", 0)), NULL);
    else
        ask_newest(job, arena, &ret_step->request);
}

/* The title as it was written; in 'title' they escape some of it. The user may write in other categories, too. */
static bool is_ours(const struct job *job, const json_t *topic, const char *title)
{
    int64_t ours = json_number(job->account->options, "category", 0);
    if (json_number(topic, "cid", ours) != ours)
        return false;
    const char *raw = json_text(topic, "titleRaw");
    raw = raw ? raw : json_text(topic, "title");
    return raw && !strcmp(raw, title);
}

static void found_topic(const struct job *job, const json_t *answer, struct arena *arena,
                        struct outcome *ret_outcome)
{
    const json_t *topics = json_member(answer, "topics");
    const char *title = article_title(job->content, arena);
    int64_t after = json_number(job->memo, "after", 0);
    bool other = false;
    for (size_t i = 0; i < json_array_size(topics); i++) {
        const json_t *topic = json_array_get(topics, i);
        int64_t tid = json_number(topic, "tid", 0);
        if (tid > after && is_ours(job, topic, title)) {
            part_done(job, tid, arena, ret_outcome);
            return;
        }
        other |= tid > after;
    }
    if (other || !json_is_array(topics))
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the user has newer topics, none under this title");
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the topic is not to be seen; it may wait for a moderator");
}

/* The user's own, after the last part that is known: what it says is asked for, which the topic shows as HTML. */
static void found_in_topic(const struct job *job, const json_t *answer, struct arena *arena,
                           struct outcome *ret_outcome)
{
    const json_t *posts = json_member(answer, "posts");
    int64_t last = json_number(job->memo, "last", 0), uid = json_number(job->session, "uid", -1);
    for (size_t i = 1; i < json_array_size(posts); i++) { /* the first is the topic's own */
        const json_t *post = json_array_get(posts, i);
        if (json_number(post, "pid", 0) > last && json_number(post, "uid", 0) == uid) {
            *ret_outcome = stage_next_with(
                arena, json_pack("{s:I}", "candidate", (json_int_t)json_number(post, "pid", 0)));
            return;
        }
    }
    outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                "the reply is not to be seen; it may wait for a moderator");
}

static void found_reply(const struct job *job, const json_t *answer, struct arena *arena,
                        struct outcome *ret_outcome)
{
    int64_t candidate = json_number(job->memo, "candidate", 0);
    const char *said = json_text(json_member(answer, "response"), "content");
    if (said && driver_same_text(said, text_of(job, thread_part_due(job), arena))) {
        part_done(job, candidate, arena, ret_outcome);
        return;
    }
    *ret_outcome = stage_next_with(arena, json_pack("{s:n}", "candidate"));
    outcome_set(
        ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
        "the user wrote something else in the topic since: it cannot be told whether the reply is there");
}

/* Never "not there": a queue of posts to be approved shows nothing, and its settings are not ours to read. */
static void nodebb_found(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION) {
        nodebb_read(job, step, response, arena, ret_outcome);
        return;
    }
    const json_t *answer = answer_of(job, step, response, arena, ret_outcome);
    if (!answer)
        return;
    *ret_outcome = (struct outcome){0};
    if (json_number(job->memo, "candidate", 0))
        found_reply(job, answer, arena, ret_outcome);
    else if (thread_part_due(job))
        found_in_topic(job, answer, arena, ret_outcome);
    else
        found_topic(job, answer, arena, ret_outcome);
}

/* ---- verify ---- */

static void nodebb_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_take(&stages[0], job, arena, ret_step);
    ret_step->kind = STEP_PREPARE;
}

static void nodebb_verified(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    read_user(job, step, response, arena, ret_outcome);
    if (ret_outcome->kind != OUTCOME_NEXT)
        return;
    ret_outcome->kind = OUTCOME_DONE;
    ret_outcome->message =
        arena_printf(arena, "%s on %s", outcome_said(json_text(ret_outcome->session, "name"), arena),
                     account_option(job->account, "url"));
}

/* ---- facts ---- */

static const char *nodebb_compose(const struct content *content, size_t part, struct arena *arena)
{
    return article_markdown(content, part, NULL, 0, false, arena);
}

static size_t nodebb_text_limit(const struct account *account, const json_t *session)
{
    (void)session;
    return (size_t)json_number(account->options, "max_characters", 0);
}

static void nodebb_check(const struct account *account, const struct content *content, struct diags *diags)
{
    const char *title = article_title(content, diags->arena);
    size_t length = text_utf16(title),
           least = (size_t)json_number(account->options, "min_title", TITLE_LEAST);
    size_t most = (size_t)json_number(account->options, "max_title", TITLE_MOST);
    size_t shortest = (size_t)json_number(account->options, "min_characters", TEXT_LEAST);
    if (length < least || length > most)
        driver_finding(diags, DIAG_ERROR, "title-length",
                       "the title is %zu characters long, the forum takes %zu to %zu", length, least, most);
    for (size_t i = 0; i < (content->body ? 1 : content->part_count); i++)
        if (text_utf16(nodebb_compose(content, i, diags->arena)) < shortest && !content->parts[i].media_count)
            driver_finding(diags, DIAG_ERROR, "text-length",
                           "the text of part %zu has less than %zu characters", i + 1, shortest);
}

static const char *nodebb_where(const struct job *job, struct arena *arena)
{
    const char *slug = json_text(job->session, "slug"), *site = account_option(job->account, "url");
    return slug ? driver_url(arena, site, "/user/%s/topics", slug) : driver_url(arena, site, "/recent");
}

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

/* It shows a link to one: there is no player in its Markdown. */
static const char *const video_types[] = {"video/mp4", NULL};
static const struct video_limits video = {.types = video_types, .most = 20, .max_bytes = 2048 * 1024};

static const struct login logins[] = {
    {.kind = LOGIN_SECRET,
     .secret = "token",
     .what = "API token",
     .where = "Admin, Settings, API Access, Create Token, for the user who writes"},
    {0},
};

/* ---- remove: moderators can bring it back; the topic goes with its replies, so it goes last ---- */

static void nodebb_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *id = removal_id(job);
    if (id && !strncmp(id, "queued:", 7)) {
        removal_over(ret_step, "it waits for a moderator there, who can reject it");
        return;
    }
    if (!removal_is_due(job, account_option(job->account, "url"), arena, ret_step) ||
        removal_session(&table, job, arena, ret_step))
        return;
    bool reply = !strncmp(id, "post/", 5);
    const char *path = arena_printf(arena, "/api/v3/%s/%s/state", reply ? "posts" : "topics",
                                    driver_escape(arena, reply ? id + 5 : id));
    *removal_step(ret_step) = request_to(job, arena, "DELETE", path, NULL);
}

/* It answers 400 to what is deleted already (src/topics/tools.js, src/posts/tools.js), and says it in words alone. */
static bool is_deleted_already(const struct response *response, struct arena *arena)
{
    const char *said = json_text(json_member(response_json(response, arena), "status"), "message");
    return response->status == 400 && said &&
           (strstr(said, "already been deleted") || strstr(said, "already-deleted"));
}

static void nodebb_removed(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    bool missing = response->status == 404 && json_is_object(response_json(response, arena));
    if (missing || is_deleted_already(response, arena) || answer_of(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
}

/* ---- edit: a topic's text is that of its first post, whose number is looked up ---- */

static void ask_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *id = revision_id(job), *seen = json_text(json_member(job->memo, "edit"), "seen");
    bool reply = !strncmp(id, "post/", 5);
    const char *post = reply ? id + 5 : seen;
    json_t *body = json_pack("{s:s}", "content", text_of(job, revision_number(job), arena));
    struct request *request = revision_step(job, arena, ret_step);
    if (!reply)
        json_set_text(body, "title", article_title(job->content, arena));
    if (post) {
        *request = request_to(job, arena, "PUT",
                              arena_printf(arena, "/api/v3/posts/%s", driver_escape(arena, post)), body);
        return;
    }
    json_decref(body);
    ret_step->name = "look at the topic";
    *request = request_to(job, arena, "GET",
                          arena_printf(arena, "/api/v3/topics/%s", driver_escape(arena, id)), NULL);
}

static void nodebb_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *id = revision_id(job);
    if (id && !strncmp(id, "queued:", 7))
        revision_over(ret_step, "it waits for a moderator there");
    else if (revision_is_due(job, account_option(job->account, "url"), arena, ret_step) &&
             !removal_session(&table, job, arena, ret_step))
        ask_edit(job, arena, ret_step);
}

/* A topic says it by a number, a post by a word. */
static bool is_shown_deleted(const json_t *made)
{
    return json_number(made, "deleted", 0) != 0 || json_flag(made, "deleted", false);
}

static void nodebb_edited(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = answer_of(job, step, response, arena, ret_outcome);
    const json_t *made = json_member(answer, "response");
    int64_t post = json_number(made, "mainPid", 0);
    if (is_shown_deleted(made))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (answer && strcmp(step->request.method, "GET") != 0)
        *ret_outcome = revision_done(job, arena);
    else if (answer && post > 0)
        *ret_outcome = (struct outcome){
            .kind = OUTCOME_NEXT,
            .memo = revision_note(job, "seen", arena_printf(arena, "%lld", (long long)post), arena)};
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no post",
                    step->name);
    else if (response->status == 404)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
}

const struct network network_nodebb = {
    .name = "nodebb",
    .title = "NodeBB",
    .features =
        FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING | FEATURE_MARKDOWN,
    .max_images = 20,
    .max_image_bytes = 2048 * 1024,
    .image_types = image_types,
    .video = &video,
    .repeat = REPEAT_NEVER,
    .key_wait = SECONDS(10),
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = nodebb_compose,
    .text_limit = nodebb_text_limit,
    .check = nodebb_check,
    .next = nodebb_next,
    .read = nodebb_read,
    .find = nodebb_find,
    .found = nodebb_found,
    .verify = nodebb_verify,
    .verified = nodebb_verified,
    .where = nodebb_where,
    .remove = nodebb_remove,
    .removed = nodebb_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_BODY | EDIT_LINK | EDIT_ALT | EDIT_WARNING,
    .edit = nodebb_edit,
    .edited = nodebb_edited,
};
