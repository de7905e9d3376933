/*
 * micropub: any site that speaks Micropub (W3C Recommendation, 2017), with a token of its owner.
 *
 * Images go to the media endpoint before the slot; then each part is one request in JSON, answered with the
 * address of what it made; the parts of a thread answer one another. The specification knows no keys and no
 * look-up: what is in doubt is looked for in the server's list (q=source, an extension); what is not in it
 * may still come, so that only a person can say that it is not there.
 */
#include <string.h>

#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/login.h"
#include "network/micropub.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/thread.h"
#include "network/uploads.h"

static const char *const link_words[] = {"text", "bookmark", NULL};

static const struct network_option options[] = {
    {.name = "url", .kind = OPTION_URL, .required = true, .help = "address of the site: https://example.org"},
    {.name = "token", .kind = OPTION_SECRET, .required = true, .help = "with the scopes create and media"},
    {.name = "endpoint",
     .kind = OPTION_URL,
     .help = "its Micropub endpoint (default: as the site's page says)"},
    {.name = "syndicate_to",
     .kind = OPTION_TEXTS,
     .max = 20,
     .help = "targets (uid) that every post goes on to"},
    {.name = "tags", .kind = OPTION_TEXTS, .max = 50, .help = "categories that every post gets"},
    {.name = "link_as",
     .kind = OPTION_WORD,
     .words = link_words,
     .help = "a post's link: in its text (default), or what it bookmarks"},
};

/* ---- requests and errors ---- */

struct request micropub_request(const struct job *job, struct arena *arena, const char *method,
                                const char *url)
{
    const char *token = account_secret(job->account, "token");
    struct request request = {.method = method, .url = url};
    request_header(&request, arena, "Authorization", "Bearer %s", token ? token : "");
    return request;
}

const char *micropub_query(const struct job *job, const char *query, struct arena *arena)
{
    const char *endpoint = micropub_endpoint(job);
    return arena_printf(arena, "%s%c%s", endpoint, strchr(endpoint, '?') ? '&' : '?', query);
}

#define TOKEN "the token does not work: make a new one with the scopes create and media"

static const struct fault faults[] = {
    {"insufficient_scope", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, TOKEN},
    {"unauthorized", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, TOKEN},
    {NULL, 401, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, TOKEN},
    {"forbidden", 403, OUTCOME_REFUSED, SCOPE_POST, false, "the site does not allow it"},
    {NULL, 404, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the endpoint is no longer there: looking for it again"},
    {NULL, 405, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the endpoint is no longer there: looking for it again"},
};

bool micropub_read_status(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = response_json(response, arena);
    const char *code = json_text(answer, "error"), *said = json_text(answer, "error_description");
    if (response->status >= 200 && response->status <= 299)
        return true;
    const struct fault *fault =
        fault_find(faults, sizeof faults / sizeof *faults, code ? code : "", response->status);
    *ret_outcome = (struct outcome){0};
    if (fault && response->status < 500)
        fault_tell(fault, step, response, job->now, said, arena, ret_outcome);
    else if (answer || !outcome_from_front(step, response, job->now, arena, ret_outcome))
        outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, said ? said : code, arena,
                            ret_outcome);
    if (response->status == 404 || response->status == 405)
        ret_outcome->session = json_in_arena(arena, json_object());
    return false;
}

/* The address in the answer's Location, which may be relative; NULL: there is none to believe. */
static const char *location_of(const struct response *response, const char *base, struct arena *arena)
{
    const char *location = response_header(response, "location");
    return location ? outcome_clean_url(driver_resolve(base, location, arena), arena) : NULL;
}

/* ---- images ---- */

static const char *media_endpoint(const struct job *job)
{
    return json_text(micropub_session(job), "media");
}

static bool is_upload_pending(const struct job *job)
{
    return media_endpoint(job) && upload_is_pending(job);
}

static void ask_upload(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = micropub_request(job, arena, "POST", media_endpoint(job));
    upload_form(ret_request, upload_due(job), "file", NULL, arena);
}

static void read_upload(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_due(job);
    if (!micropub_read_status(job, step, response, arena, ret_outcome))
        return;
    const char *url = location_of(response, step->request.url, arena);
    if (url && media) {
        *ret_outcome = upload_done(job, media, json_pack("{s:s}", "url", url), arena);
        return;
    }
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer has no address of the image",
                step->name);
}

/* ---- the post ---- */

static const char *bookmark_of(const struct account *account, const struct content *content)
{
    const char *as = account_option(account, "link_as");
    return as && !strcmp(as, "bookmark") ? content->link : NULL;
}

static bool is_bookmark(const struct job *job)
{
    return bookmark_of(job->account, job->content);
}

/* The text as it is, or the body as HTML; images of the part go beside it, but those the body shows. */
static json_t *content_of(const struct job *job, size_t part, struct arena *arena)
{
    size_t count;
    struct content content = *job->content;
    struct article_image *images = upload_images(job, arena, &count);
    const char *link = is_bookmark(job) || part ? NULL : content.link;
    content.link = link;
    for (size_t i = 0; i < count; i++)
        images[i].elsewhere = true;
    if (content.body && *content.body)
        return json_pack("{s:s}", "html", article_html(&content, 1, images, count, arena));
    const char *text = driver_with_link(content.parts[part].text, link, arena);
    return json_string(text);
}

static bool is_of_part(const struct job *job, const struct media *media)
{
    const struct part *part = &job->content->parts[thread_part_due(job)];
    bool body = job->content->body && *job->content->body;
    return body ? !article_body_shows(job->content, media)
                : media >= part->media && media < part->media + part->media_count;
}

static json_t *photos_of(const struct job *job, struct arena *arena)
{
    size_t count;
    json_t *photos = json_array();
    const struct article_image *files = upload_images(job, arena, &count);
    for (size_t i = 0; i < count; i++)
        if (files[i].url && media_is_image(files[i].media) && is_of_part(job, files[i].media))
            json_array_append_new(photos, json_pack("{s:s, s:s}", "value", files[i].url, "alt",
                                                    files[i].media->alt ? files[i].media->alt : ""));
    return photos;
}

/* An alt text is known of photos alone. */
static json_t *videos_of(const struct job *job, struct arena *arena)
{
    size_t count;
    json_t *videos = json_array();
    const struct article_image *files = upload_images(job, arena, &count);
    for (size_t i = 0; i < count; i++)
        if (files[i].url && media_is_video(files[i].media) && is_of_part(job, files[i].media))
            json_array_append_new(videos, json_string(files[i].url));
    return videos;
}

/* Every value of a property is a list. */
static void set_one(json_t *properties, const char *name, const char *value)
{
    if (value)
        json_set(properties, name, json_pack("[s]", value));
}

static void set_list(json_t *properties, const char *name, json_t *list)
{
    if (json_array_size(list))
        json_set(properties, name, list);
    else
        json_decref(list);
}

static json_t *properties_of(const struct job *job, struct arena *arena)
{
    char published[INSTANT_TEXT];
    const struct content *content = job->content;
    size_t part = thread_part_due(job);
    json_t *properties =
        json_pack("{s:[o], s:[s], s:[s]}", "content", content_of(job, part, arena), "published",
                  instant_format(job->slot, published, sizeof published), "post-status", "published");
    bool whole = part == 0;
    set_one(properties, "in-reply-to", part ? json_text(thread_post(job, part - 1), "url") : NULL);
    set_one(properties, "name", whole ? content->title : NULL);
    set_one(properties, "summary", whole ? content->summary : NULL);
    set_one(properties, "mp-slug", whole ? content->slug : NULL);
    set_one(properties, "bookmark-of", whole && is_bookmark(job) ? content->link : NULL);
    set_list(properties, "category",
             article_names(json_member(job->account->options, "tags"), content->tags, content->tag_count));
    set_list(properties, "photo", photos_of(job, arena));
    set_list(properties, "video", videos_of(job, arena));
    set_list(properties, "mp-syndicate-to",
             article_names(json_member(job->account->options, "syndicate_to"), NULL, 0));
    return properties;
}

static void ask_publish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = micropub_request(job, arena, "POST", micropub_endpoint(job));
    driver_json_body(ret_request, arena,
                     json_pack("{s:[s], s:o}", "type", "h-entry", "properties", properties_of(job, arena)));
    ret_request->timeout = MINUTES(1);
}

static void read_publish(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    if (!micropub_read_status(job, step, response, arena, ret_outcome))
        return;
    const char *url = location_of(response, step->request.url, arena);
    *ret_outcome = (struct outcome){0};
    if (!url || (response->status != 201 && response->status != 202)) {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: answered %d without the post's address", step->name, response->status);
        return;
    }
    thread_part_done(job, url, url, arena, ret_outcome);
    if (response->status == 202)
        ret_outcome->message = "the site has accepted it; it may take a while until it is to be seen";
}

/* Without a place for images nothing of the post is sent. */
static bool has_no_place_for_images(const struct job *job)
{
    return !media_endpoint(job) && upload_is_pending(job);
}

static void read_no_place(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    (void)job;
    (void)response;
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                "%s: the site has no media endpoint, so it takes no images with an alt text, and no videos",
                step->name);
}

static void ask_config_again(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = micropub_request(job, arena, "GET", micropub_query(job, "q=config", arena));
}

static const struct stage stages[] = {
    {"upload image", STEP_PREPARE, 0, is_upload_pending, ask_upload, read_upload},
    {"look for a place for images", STEP_PREPARE, 0, has_no_place_for_images, ask_config_again,
     read_no_place},
    {"publish", STEP_CREATE, STAGE_EACH_PART, stage_always, ask_publish, read_publish},
};
static const struct stage_group groups[] = {STAGE_GROUP(micropub_session_stages), STAGE_GROUP(stages)};
static const struct stage_table table = STAGE_TABLE(groups);

static void micropub_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
}

static void micropub_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

static const struct stage *session_due(const struct job *job)
{
    const struct stage *stage = stage_pending(&table, job);
    return stage && stage->kind == STEP_SESSION ? stage : NULL;
}

/* ---- find: in the server's list, where it has one ---- */

static void micropub_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *stage = session_due(job);
    if (stage) {
        stage_take(stage, job, arena, ret_step);
        return;
    }
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look up the post"};
    ret_step->request = micropub_request(job, arena, "GET", micropub_query(job, "q=source&limit=20", arena));
    request_header(&ret_step->request, arena, "Accept", "application/json");
}

static const char *first_of(const json_t *properties, const char *name)
{
    return json_string_value(json_array_get(json_member(properties, name), 0));
}

/* Published at our slot, with our text or title: the same to the second, however they write it. */
static bool is_ours(const struct job *job, const json_t *properties, struct arena *arena)
{
    instant published;
    const char *when = first_of(properties, "published"), *name = first_of(properties, "name");
    const json_t *content = json_array_get(json_member(properties, "content"), 0);
    const char *text = json_is_string(content) ? json_string_value(content) : json_text(content, "value");
    json_t *sent = json_in_arena(arena, content_of(job, thread_part_due(job), arena));
    const char *title = thread_part_due(job) ? NULL : job->content->title;
    if (!when || !instant_parse(when, &published) || published / 1000 != job->slot / 1000)
        return false;
    if (title && name)
        return !strcmp(title, name);
    return json_is_string(sent) && text && !strcmp(text, json_string_value(sent));
}

static void micropub_found(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION) {
        micropub_read(job, step, response, arena, ret_outcome);
        return;
    }
    const json_t *items = json_member(response_json(response, arena), "items");
    if ((response->status == 429 || response->status >= 500 || response->status == 401) &&
        !micropub_read_status(job, step, response, arena, ret_outcome))
        return;
    *ret_outcome = (struct outcome){0};
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *properties = json_member(json_array_get(items, i), "properties");
        const char *url = outcome_clean_url(first_of(properties, "url"), arena);
        if (url && is_ours(job, properties, arena)) {
            thread_part_done(job, url, url, arena, ret_outcome);
            return;
        }
    }
    outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                json_is_array(items) ? "the site's list does not show it"
                                     : "the site has no list of posts to look at");
}

/* ---- verify ---- */

static void micropub_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    bool endpoint = micropub_endpoint(job) != NULL;
    stage_take(&micropub_session_stages[endpoint], job, arena, ret_step);
    ret_step->kind = endpoint ? STEP_PREPARE : STEP_SESSION;
}

static void micropub_verified(const struct job *job, const struct step *step, const struct response *response,
                              struct arena *arena, struct outcome *ret_outcome)
{
    micropub_read(job, step, response, arena, ret_outcome);
    if (step->kind == STEP_SESSION || ret_outcome->kind != OUTCOME_NEXT)
        return;
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "%s, by %s%s",
                account_option(job->account, "url"), micropub_endpoint(job),
                response->status == 200 ? "" : " (it does not answer questions, so the token was not tried)");
}

/* ---- facts ---- */

static const char *micropub_compose(const struct content *content, size_t part, struct arena *arena)
{
    return part ? arena_strdup(arena, content->parts[part].text)
                : driver_with_link(content->parts[part].text, content->link, arena);
}

static const char *micropub_where(const struct job *job, struct arena *arena)
{
    return arena_strdup(arena, account_option(job->account, "url"));
}

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

static const struct video_limits video = {.most = 50}; /* what a site takes it does not say */

static const struct login logins[] = {
    {.kind = LOGIN_SECRET,
     .secret = "token",
     .what = "token",
     .where = "from your site, with the scopes create and media"},
    {0},
};

/* ---- remove: by its address; the token needs the scope delete ---- */

static void micropub_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    static const struct stage_table sessions = {groups, 1};
    if (!removal_is_due(job, NULL, arena, ret_step) || removal_session(&sessions, job, arena, ret_step))
        return;
    *removal_step(ret_step) = micropub_request(job, arena, "POST", micropub_endpoint(job));
    driver_json_body(&ret_step->request, arena,
                     json_pack("{s:s, s:s}", "action", "delete", "url", removal_id(job)));
}

static void micropub_removed(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *ret_outcome)
{
    const char *error = json_text(response_json(response, arena), "error");
    bool missing =
        response->status == 410 || (response->status == 404 && error && !strcmp(error, "not_found"));
    if (missing || micropub_read_status(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
    else if (error && !strcmp(error, "insufficient_scope"))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "the token may not delete: it needs the scope delete");
}

/* ---- edit: what is given replaces, what is no more is deleted (Micropub, section 3.4) ---- */

static void set_or_drop(json_t *replace, json_t *drop, const char *name, const char *value,
                        const char *before)
{
    set_one(replace, name, value);
    if (!value && before)
        json_array_append_new(drop, json_string(name));
}

/* What the edit is not about may be otherwise there by now. */
static const struct revision_member not_words[] = {{"name", EDIT_TITLE},
                                                   {"summary", EDIT_SUMMARY},
                                                   {"bookmark-of", EDIT_LINK},
                                                   {"category", EDIT_TAGS},
                                                   {0}};

static json_t *update_of(const struct job *job, struct arena *arena)
{
    size_t part = revision_number(job);
    const struct content *now = job->content, *before = job->published;
    json_t *drop = json_array(), *replace = json_pack("{s:[o]}", "content", content_of(job, part, arena));
    json_t *update =
        json_pack("{s:s, s:s, s:o}", "action", "update", "url", revision_id(job), "replace", replace);
    if (!part) {
        set_or_drop(replace, drop, "name", now->title, before->title);
        set_or_drop(replace, drop, "summary", now->summary, before->summary);
        set_or_drop(replace, drop, "bookmark-of", bookmark_of(job->account, now),
                    bookmark_of(job->account, before));
    }
    set_list(replace, "category",
             article_names(json_member(job->account->options, "tags"), now->tags, now->tag_count));
    if (before->tag_count && !json_member(replace, "category"))
        json_array_append_new(drop, json_string("category"));
    revision_leave(job, not_words, replace);
    set_list(update, "delete", drop);
    return update;
}

static void micropub_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    static const struct stage_table sessions = {groups, 1};
    if (!revision_is_due(job, NULL, arena, ret_step) || removal_session(&sessions, job, arena, ret_step))
        return;
    struct request *request = revision_step(job, arena, ret_step);
    *request = micropub_request(job, arena, "POST", micropub_endpoint(job));
    driver_json_body(request, arena, update_of(job, arena));
    request->timeout = MINUTES(1);
}

/* 201: it has another address now. */
static void micropub_edited(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    const char *error = json_text(response_json(response, arena), "error");
    bool fine = micropub_read_status(job, step, response, arena, ret_outcome);
    const char *url =
        fine && response->status == 201 ? location_of(response, step->request.url, arena) : NULL;
    size_t part = revision_number(job);
    if (fine)
        *ret_outcome = revision_done(job, arena);
    else if (response->status == 410 || (error && !strcmp(error, "not_found")))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (error && !strcmp(error, "insufficient_scope"))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "the token may not edit: it needs the scope update");
    if (url)
        json_set(ret_outcome->memo, arena_printf(arena, "post-%zu", part),
                 json_pack("{s:s, s:s}", "id", url, "url", url));
}

const struct network network_micropub = {
    .name = "micropub",
    .title = "Micropub",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE,
    .max_images = 20,
    .image_types = image_types,
    .video = &video,
    .repeat = REPEAT_NEVER,
    .key_wait = SECONDS(10),
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = micropub_compose,
    .next = micropub_next,
    .read = micropub_read,
    .find = micropub_find,
    .found = micropub_found,
    .verify = micropub_verify,
    .verified = micropub_verified,
    .where = micropub_where,
    .remove = micropub_remove,
    .removed = micropub_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_BODY | EDIT_SUMMARY | EDIT_LINK | EDIT_TAGS,
    .edit = micropub_edit,
    .edited = micropub_edited,
};
