/*
 * discourse: a forum's topics, with an API key of one of its users.
 *
 * A topic is made in one request under an external_id of ours, by which a doubtful one is found. The other
 * parts of a thread are replies to it, found in the topic itself. Images and videos are uploaded before the
 * slot; the same bytes again give the same upload. Discourse says what is wrong in the site's language:
 * errors are told by status and type, and a bad key by the word "API", which stays in every language.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/article.h"
#include "network/discourse.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/login.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/stage.h"
#include "network/thread.h"
#include "network/uploads.h"

enum { LOOKS_MOST = 3, TITLE_LEAST = 15, TITLE_MOST = 255, TEXT_LEAST = 20, TAGS_MOST = 5 };

static const struct network_option options[] = {
    {.name = "url",
     .kind = OPTION_URL,
     .required = true,
     .help = "address of the forum: https://forum.example"},
    {.name = "api_key",
     .kind = OPTION_SECRET,
     .required = true,
     .help = "from Admin, API, with the scope to write"},
    {.name = "user",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 1,
     .max = 60,
     .help = "name of the user who writes"},
    {.name = "category",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000000000,
     .help = "number of the category (in its address) for posts without one"},
    {.name = "categories",
     .kind = OPTION_MAP,
     .max = 100,
     .help = "numbers of categories by the names that posts give: {news: 5}"},
    {.name = "tags", .kind = OPTION_TEXTS, .max = 20, .help = "tags that every topic gets"},
    {.name = "max_tags",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 50,
     .help = "the forum's limit (5 unless given)"},
    {.name = "min_title", .kind = OPTION_INTEGER, .min = 1, .max = 255, .help = "likewise (15)"},
    {.name = "max_title", .kind = OPTION_INTEGER, .min = 1, .max = 1000, .help = "likewise (255)"},
    {.name = "min_characters",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000,
     .help = "of a text, likewise (20)"},
    {.name = "max_characters", .kind = OPTION_INTEGER, .min = 1, .max = 1000000, .help = "likewise (32000)"},
    {.name = "max_video_megabytes",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000,
     .help =
         "of one video, likewise: max_attachment_size_kb (4); authorized_extensions must name mp4 or mov"},
};

/* ---- requests and errors ---- */

struct request discourse_request(const struct job *job, struct arena *arena, const char *method,
                                 const char *path, json_t *body)
{
    const char *key = account_secret(job->account, "api_key");
    struct request request = {.method = method};
    request.url = driver_url(arena, account_option(job->account, "url"), "%s", path);
    request_header(&request, arena, "Api-Key", "%s", key ? key : "");
    request_header(&request, arena, "Api-Username", "%s", account_option(job->account, "user"));
    request_header(&request, arena, "Accept", "application/json");
    if (body)
        driver_json_body(&request, arena, body);
    return request;
}

static const struct fault faults[] = {
    {"invalid_access with a word of the API", 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the API key does not work for this user: make a new one in Admin, API"},
    {"invalid_access", 403, OUTCOME_REFUSED, SCOPE_POST, false,
     "the user may not do this: the category's rights, or a closed topic"},
    {"read_only", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the forum is read-only for now"},
};

static const char *code_of(const json_t *error, const char *said)
{
    const char *type = json_text(error, "error_type");
    bool key = type && !strcmp(type, "invalid_access") && said && strstr(said, "API");
    return key ? faults[0].code : type ? type : "";
}

/* A limit tells its seconds in the body, and nginx before it in the header alone. */
static void read_limit(const struct job *job, const json_t *error, struct outcome *ret_outcome)
{
    int64_t seconds = json_number(json_member(error, "extras"), "wait_seconds", 0);
    if (seconds > 0 && seconds <= 86400 && !ret_outcome->at)
        ret_outcome->at = job->now + SECONDS(seconds);
}

static void read_error(const struct job *job, const struct step *step, const struct response *response,
                       const json_t *error, struct arena *arena, struct outcome *ret_outcome)
{
    const char *said = json_string_value(json_array_get(json_member(error, "errors"), 0));
    const struct fault *fault =
        fault_find(faults, sizeof faults / sizeof *faults, code_of(error, said), response->status);
    *ret_outcome = (struct outcome){0};
    if (fault && !(step->kind == STEP_CREATE && response->status >= 500))
        fault_tell(fault, step, response, job->now, said, arena, ret_outcome);
    else if (error || !outcome_from_front(step, response, job->now, arena, ret_outcome))
        outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, said, arena, ret_outcome);
    if (response->status == 429)
        read_limit(job, error, ret_outcome);
}

json_t *discourse_answer(const struct job *job, const struct step *step, const struct response *response,
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

/* ---- images and videos ---- */

static void ask_upload(const struct job *job, struct arena *arena, struct request *ret_request)
{
    static const char *const texts[] = {"upload_type", "composer", "synchronous", "true", NULL};
    *ret_request = discourse_request(job, arena, "POST", "/uploads.json", NULL);
    upload_form(ret_request, upload_due(job), "file", texts, arena);
}

static void read_upload(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_due(job);
    const json_t *answer = discourse_answer(job, step, response, arena, ret_outcome);
    const char *url = outcome_clean_id(json_text(answer, "short_url"), arena);
    if (url && media && !strpbrk(url, "()<>"))
        *ret_outcome = upload_done(job, media, json_pack("{s:s}", "url", url), arena);
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: the answer has no address of the file", step->name);
}

/* ---- the topic and its replies ---- */

const char *discourse_external_id(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "cald-%s", job->key);
}

/* The first of the content's categories that the account knows, else the account's. */
static int64_t category_of(const struct account *account, const struct content *content)
{
    for (size_t i = 0; i < content->category_count; i++) {
        const char *number = json_text(json_member(account->options, "categories"), content->categories[i]);
        if (number && strtoll(number, NULL, 10) > 0)
            return strtoll(number, NULL, 10);
    }
    return json_number(account->options, "category", 0);
}

static json_t *topic_of(const struct job *job, const char *raw, struct arena *arena)
{
    int64_t category = category_of(job->account, job->content);
    json_t *tags = article_names(json_member(job->account->options, "tags"), job->content->tags,
                                 job->content->tag_count);
    json_t *body = json_pack("{s:s, s:s, s:s}", "raw", raw, "title", article_title(job->content, arena),
                             "external_id", discourse_external_id(job, arena));
    if (category)
        json_set_number(body, "category", category);
    if (json_array_size(tags))
        json_set(body, "tags", tags);
    else
        json_decref(tags);
    return body;
}

static void ask_publish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    size_t count, part = thread_part_due(job);
    struct article_image *images = upload_images(job, arena, &count);
    const char *raw = article_markdown(job->content, part, images, count, true, arena);
    json_t *body =
        part ? json_pack("{s:s, s:I}", "raw", raw, "topic_id", (json_int_t)json_number(job->memo, "topic", 0))
             : topic_of(job, raw, arena);
    *ret_request = discourse_request(job, arena, "POST", "/posts.json", body);
}

void discourse_part_done(const struct job *job, int64_t topic, int64_t number, const char *slug,
                         struct arena *arena, struct outcome *ret_outcome)
{
    size_t part = thread_part_due(job);
    const char *path = part ? arena_printf(arena, "/%lld", (long long)number) : "";
    const char *clean = slug && *slug && !slug[strcspn(slug, "/?#")] ? outcome_clean_id(slug, arena) : NULL;
    const char *url = driver_url(arena, account_option(job->account, "url"), "/t/%s/%lld%s",
                                 clean ? clean : "-", (long long)topic, path);
    json_t *memo = outcome_memo(ret_outcome, arena);
    json_set_number(memo, "topic", topic);
    json_set_number(memo, "number", part ? number : 1);
    json_set(memo, "looks", json_null());
    thread_part_done(job, arena_printf(arena, "%lld%s", (long long)topic, path),
                     outcome_clean_url(url, arena), arena, ret_outcome);
}

/* What waits for a moderator is with them: nothing is to be sent again. Replies to a topic that has no number
   yet cannot be sent. */
static void read_enqueued(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    size_t part = thread_part_due(job), count = thread_part_count(job);
    const char *id = arena_printf(arena, "queued:%s-%zu", discourse_external_id(job, arena), part);
    bool rest = !part && count > 1;
    if (part) {
        thread_part_done(job, id, NULL, arena, ret_outcome);
    } else {
        *ret_outcome = (struct outcome){.kind = OUTCOME_DONE, .id = id};
        ret_outcome->memo = json_in_arena(arena, json_pack("{s:s}", "id", id));
    }
    ret_outcome->message =
        arena_printf(arena, "it waits for the approval of a moderator%s",
                     rest ? "; its replies were not sent: write them when it is there" : "");
}

/* 422 says that something like it is there already, or that it is wrong. After a look-up that found nothing
   the first may be our own, which arrived in between: so it is looked for again. */
static bool may_be_our_own(const struct job *job, const struct response *response)
{
    int64_t looks = json_number(job->memo, "looks", 0);
    return response->status == 422 && looks > 0 && looks < LOOKS_MOST;
}

static void read_publish(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = discourse_answer(job, step, response, arena, ret_outcome);
    const char *action = json_text(answer, "action");
    const json_t *post = json_member(answer, "post") ? json_member(answer, "post") : answer;
    int64_t topic = json_number(post, "topic_id", 0);
    if (!answer) {
        ret_outcome->kind = may_be_our_own(job, response) ? OUTCOME_UNSURE : ret_outcome->kind;
        return;
    }
    *ret_outcome = (struct outcome){0};
    if (action && !strcmp(action, "enqueued"))
        read_enqueued(job, arena, ret_outcome);
    else if (topic > 0 && json_number(post, "post_number", 0) > 0)
        discourse_part_done(job, topic, json_number(post, "post_number", 0), json_text(post, "topic_slug"),
                            arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s: the answer names no topic",
                    step->name);
}

static const struct stage stages[] = {
    {"upload", STEP_PREPARE, 0, upload_is_pending, ask_upload, read_upload},
    {"publish", STEP_CREATE, STAGE_EACH_PART, stage_always, ask_publish, read_publish},
};
static const struct stage_group groups[] = {STAGE_GROUP(stages)};
static const struct stage_table table = STAGE_TABLE(groups);

static void discourse_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
    if (ret_step->kind != STEP_CREATE)
        return;
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
}

static void discourse_read(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- remove: the topic goes with its replies; the forum's staff can bring it back ---- */

/* What is deleted may not be deleted, so it is looked at first when it may be; staff is shown it. */
static bool is_shown_deleted(const json_t *answer)
{
    return json_text(answer, "deleted_at") != NULL;
}

static void discourse_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const json_t *first = removal_part(job) ? thread_post(job, 0) : NULL;
    const char *id = json_text(first ? first : job->memo, "id");
    int64_t topic = json_number(job->memo, "topic", 0);
    if (id && !topic) {
        removal_over(ret_step, "it waits for a moderator there, who can reject it");
        return;
    }
    if (!removal_is_due(job, account_option(job->account, "url"), arena, ret_step))
        return;
    bool look = json_flag(job->memo, "remove_lost", false);
    *removal_step(ret_step) = discourse_request(job, arena, look ? "GET" : "DELETE",
                                                arena_printf(arena, "/t/%lld.json", (long long)topic), NULL);
    ret_step->name = look ? "look at the topic" : ret_step->name;
}

/* A success has no body. */
static void discourse_removed(const struct job *job, const struct step *step, const struct response *response,
                              struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = response_json(response, arena);
    const char *type = json_text(answer, "error_type");
    bool missing = (response->status == 404 || response->status == 410) && type && !strcmp(type, "not_found");
    bool fine = response->status >= 200 && response->status <= 299,
         looked = !strcmp(step->request.method, "GET");
    if (missing || (fine && (!looked || is_shown_deleted(answer))))
        *ret_outcome = removal_all_gone(arena);
    else if (fine)
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    else
        read_error(job, step, response, answer, arena, ret_outcome);
    if (response->status == 403 && ret_outcome->kind == OUTCOME_REFUSED && ret_outcome->scope == SCOPE_POST)
        ret_outcome->message = "the user may not delete the topic, or it is deleted already: look there";
}

/* ---- edit: a post by its number, which is looked up; the title is the topic's ---- */

static bool has_new_title(const struct job *job, struct arena *arena)
{
    const json_t *edit = json_member(job->memo, "edit");
    bool changed = strcmp(article_title(job->content, arena), article_title(job->published, arena)) != 0 ||
                   json_flag(edit, "all", false);
    return revision_number(job) == 0 && changed && !json_text(edit, "titled");
}

static void ask_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *id = revision_id(job), *slash = strchr(id, '/');
    const char *post = json_text(json_member(job->memo, "edit"), "seen");
    int64_t topic = json_number(job->memo, "topic", 0);
    size_t count, number = revision_number(job);
    struct article_image *images = upload_images(job, arena, &count);
    struct request *request = revision_step(job, arena, ret_step);
    if (!post) {
        ret_step->name = "look at the post";
        *request = discourse_request(
            job, arena, "GET",
            arena_printf(arena, "/posts/by_number/%lld/%s.json", (long long)topic, slash ? slash + 1 : "1"),
            NULL);
    } else if (has_new_title(job, arena)) {
        ret_step->name = "edit the title";
        *request =
            discourse_request(job, arena, "PUT", arena_printf(arena, "/t/-/%lld.json", (long long)topic),
                              json_pack("{s:s}", "title", article_title(job->content, arena)));
    } else {
        const char *raw = article_markdown(job->content, number, images, count, true, arena);
        *request = discourse_request(job, arena, "PUT", arena_printf(arena, "/posts/%s.json", post),
                                     json_pack("{s:{s:s}}", "post", "raw", raw));
    }
}

static void discourse_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *id = revision_id(job);
    if (id && !strncmp(id, "queued:", 7))
        revision_over(ret_step, "it waits for a moderator there");
    else if (revision_is_due(job, account_option(job->account, "url"), arena, ret_step))
        ask_edit(job, arena, ret_step);
}

static void discourse_edited(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = discourse_answer(job, step, response, arena, ret_outcome);
    int64_t post = json_number(answer, "id", 0);
    if (!answer) {
        if (response->status == 404)
            outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
        return;
    }
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (is_shown_deleted(answer))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (!strcmp(step->name, "edit the title"))
        ret_outcome->memo = revision_note(job, "titled", "yes", arena);
    else if (json_text(json_member(job->memo, "edit"), "seen"))
        *ret_outcome = revision_done(job, arena);
    else if (post > 0)
        ret_outcome->memo = revision_note(job, "seen", arena_printf(arena, "%lld", (long long)post), arena);
    else
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no post",
                    step->name);
}

/* ---- verify ---- */

static void discourse_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *user = driver_escape(arena, account_option(job->account, "user"));
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "check the key"};
    ret_step->request = discourse_request(job, arena, "GET", arena_printf(arena, "/u/%s.json", user), NULL);
}

static void discourse_verified(const struct job *job, const struct step *step,
                               const struct response *response, struct arena *arena,
                               struct outcome *ret_outcome)
{
    const json_t *answer = discourse_answer(job, step, response, arena, ret_outcome);
    const char *name = json_text(json_member(answer, "user"), "username");
    if (response->status == 404)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT, "%s: the forum has no user '%s'",
                    step->name, account_option(job->account, "user"));
    if (!answer)
        return;
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, name ? OUTCOME_DONE : OUTCOME_REFUSED, SCOPE_ACCOUNT,
                name ? "%s on %s" : "%sno Discourse at '%s'", name ? outcome_said(name, arena) : "",
                account_option(job->account, "url"));
}

/* ---- facts ---- */

static const char *discourse_compose(const struct content *content, size_t part, struct arena *arena)
{
    return article_markdown(content, part, NULL, 0, true, arena);
}

static size_t discourse_text_limit(const struct account *account, const json_t *session)
{
    (void)session;
    return (size_t)json_number(account->options, "max_characters", 0);
}

static bool discourse_check_account(const struct account *account, struct error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_member(account->options, "categories"), name, value)
    {
        const char *number = json_string_value(value);
        if (!number || !*number || number[strspn(number, "0123456789")] || strlen(number) > 9)
            return fail(err, "'categories': '%s' is not the number of a category: it stands in its address",
                        name);
    }
    return true;
}

static void discourse_check(const struct account *account, const struct content *content, struct diags *diags)
{
    size_t least = (size_t)json_number(account->options, "min_title", TITLE_LEAST);
    size_t most = (size_t)json_number(account->options, "max_title", TITLE_MOST);
    size_t shortest = (size_t)json_number(account->options, "min_characters", TEXT_LEAST);
    const char *title = article_title(content, diags->arena);
    size_t length = text_code_points(title);
    if (length < least || length > most)
        driver_finding(diags, DIAG_ERROR, "title-length",
                       "the title '%s' is %zu characters long, the forum takes %zu to %zu", title, length,
                       least, most);
    for (size_t i = 0; i < (content->body ? 1 : content->part_count); i++)
        if (text_code_points(discourse_compose(content, i, diags->arena)) < shortest &&
            !content->parts[i].media_count)
            driver_finding(diags, DIAG_ERROR, "text-length",
                           "the text of part %zu has less than %zu characters", i + 1, shortest);
    json_t *tags = article_names(json_member(account->options, "tags"), content->tags, content->tag_count);
    if (json_array_size(tags) > (size_t)json_number(account->options, "max_tags", TAGS_MOST))
        driver_finding(diags, DIAG_ERROR, "tags", "%zu tags, the forum takes %lld", json_array_size(tags),
                       (long long)json_number(account->options, "max_tags", TAGS_MOST));
    json_decref(tags);
    if (content->category_count &&
        category_of(account, content) == json_number(account->options, "category", 0))
        driver_finding(diags, DIAG_WARNING, "category",
                       "none of its categories is among 'categories' of %s: it goes into the usual one",
                       account->name);
}

static const char *discourse_where(const struct job *job, struct arena *arena)
{
    return driver_url(arena, account_option(job->account, "url"), "/u/%s/activity",
                      driver_escape(arena, account_option(job->account, "user")));
}

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

/* Which of them a forum takes is a setting; at first none. */
static const char *const video_types[] = {"video/mp4", "video/quicktime", NULL};
static const struct video_limits video = {.types = video_types, .most = 20, .max_bytes = 4096 * 1024};

static const struct login logins[] = {
    {.kind = LOGIN_SECRET,
     .secret = "api_key",
     .what = "API key",
     .where = "Admin, API, New API Key, for the user who writes"},
    {0},
};

const struct network network_discourse = {
    .name = "discourse",
    .title = "Discourse",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING |
                FEATURE_CATEGORIES | FEATURE_MARKDOWN,
    .max_images = 20,
    .image_types = image_types,
    .video = &video,
    .repeat = REPEAT_NEVER,
    .key_wait = SECONDS(5),
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = discourse_compose,
    .text_limit = discourse_text_limit,
    .check_account = discourse_check_account,
    .check = discourse_check,
    .next = discourse_next,
    .read = discourse_read,
    .find = discourse_find,
    .found = discourse_found,
    .verify = discourse_verify,
    .verified = discourse_verified,
    .where = discourse_where,
    .remove = discourse_remove,
    .removed = discourse_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_BODY | EDIT_LINK | EDIT_ALT | EDIT_WARNING,
    .edit = discourse_edit,
    .edited = discourse_edited,
};
