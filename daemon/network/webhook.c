/*
 * webhook: any HTTP endpoint; what it is sent and what its answers mean is configuration.
 *
 * One request publishes. Whether a doubtful one may be repeated depends on the endpoint: with
 * 'key_header' it promises to honour the key, else a person decides. With PUT and {{key}} in the URL
 * a repeat has no second effect either: tell so with key_header.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/outcome.h"
#include "network/webhook.h"

enum { USUAL_BODY = 1000 };

static const char *settle(struct buf *out, struct arena *arena)
{
    const char *text = arena_strndup(arena, buf_text(out), out->length);
    buf_release(out);
    return text;
}

const char *webhook_render(const char *template, enum template_style style,
                           const struct webhook_values *values, struct arena *arena)
{
    struct buf out = {0};
    if (!strstr(template, "{{"))
        return template;
    template_render(template, style, webhook_value, values, &out);
    return settle(&out, arena);
}

/* ---- the request ---- */

static bool uses_token(const struct account *account, const char *url)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_member(account->options, "headers"), name, value)
    {
        if (template_uses(json_string_value(value), "token") || !strcasecmp(name, "authorization"))
            return true;
    }
    return template_uses(url, "token");
}

void webhook_add_headers(const struct webhook_values *values, const char *url, struct request *request,
                         struct arena *arena)
{
    const struct job *job = values->job;
    const char *name, *key_header = account_option(job->account, "key_header");
    const char *token = account_secret(job->account, "token");
    json_t *value;
    json_object_foreach(json_member(job->account->options, "headers"), name, value)
    {
        request_header(request, arena, name, "%s",
                       webhook_render(json_string_value(value), TEMPLATE_HEADER, values, arena));
    }
    if (token && !uses_token(job->account, url))
        request_header(request, arena, "Authorization", "Bearer %s", token);
    if (key_header)
        request_header(request, arena, key_header, "%s", job->request_key);
}

/* Each field's name and rendered value goes to add(). Without 'fields' a form has every value under its name.
 */
static void each_field(const struct job *job, const struct webhook_values *values, struct arena *arena,
                       void (*add)(void *context, const char *name, const char *value), void *context)
{
    const char *name;
    json_t *value, *fields = json_member(job->account->options, "fields");
    for (size_t i = 0; !fields && i < WEBHOOK_NAMES; i++) {
        value = webhook_value(values, webhook_names[i]);
        if (value)
            add(context, webhook_names[i],
                webhook_render(arena_printf(arena, "{{%s}}", webhook_names[i]), TEMPLATE_PLAIN, values,
                               arena));
        json_decref(value);
    }
    json_object_foreach(fields, name, value)
    {
        add(context, name, webhook_render(json_string_value(value), TEMPLATE_PLAIN, values, arena));
    }
}

static void add_encoded(void *context, const char *name, const char *value)
{
    struct buf *out = context;
    buf_add_text(out, out->length ? "&" : "");
    buf_add_url(out, name);
    buf_add_char(out, '=');
    buf_add_url(out, value);
}

struct form {
    struct arena *arena;
    struct form_part *parts;
    size_t count;
};

static void add_part(void *context, const char *name, const char *value)
{
    struct form *form = context;
    *arena_push(form->arena, form->parts, form->count) =
        (struct form_part){.name = arena_strdup(form->arena, name), .value = value};
}

static void add_files(const struct job *job, struct form *form)
{
    size_t count;
    const char *field = account_option(job->account, "file_field");
    const struct media **all = article_media(job->content, form->arena, &count);
    for (size_t i = 0; field && i < count; i++) {
        struct buf name = {0};
        json_t *index = json_in_arena(form->arena, json_pack("{s:i}", "index", (int)i));
        template_render(field, TEMPLATE_PLAIN, template_member, index, &name);
        *arena_push(form->arena, form->parts, form->count) =
            (struct form_part){.name = settle(&name, form->arena), .media = all[i]};
    }
}

static void add_multipart(const struct job *job, struct request *request, const struct webhook_values *values,
                          struct arena *arena)
{
    struct form form = {.arena = arena};
    each_field(job, values, arena, add_part, &form);
    add_files(job, &form);
    request->parts = form.parts;
    request->part_count = form.count;
}

static const char *form_body(const struct job *job, const struct webhook_values *values, struct arena *arena)
{
    struct buf out = {0};
    each_field(job, values, arena, add_encoded, &out);
    return settle(&out, arena);
}

static const char *json_body(const struct webhook_values *values, struct arena *arena)
{
    struct buf out = {0};
    buf_reserve(&out, USUAL_BODY);
    webhook_add_all(&out, values);
    return settle(&out, arena);
}

/* Without a template: everything. As JSON an object, as a form its fields, as a text the text. */
static const char *default_body(const struct job *job, const struct webhook_values *values,
                                struct arena *arena)
{
    switch (webhook_style(job->account)) {
    case TEMPLATE_FORM:
        return form_body(job, values, arena);
    case TEMPLATE_JSON:
        return json_body(values, arena);
    default:
        return article_text(job->content, arena);
    }
}

static void add_body(const struct job *job, struct request *request, const struct webhook_values *values,
                     struct arena *arena)
{
    const char *template = account_option(job->account, "body");
    if (webhook_is_multipart(job->account)) {
        add_multipart(job, request, values, arena);
        return;
    }
    request->body = template ? webhook_render(template, webhook_style(job->account), values, arena)
                             : default_body(job, values, arena);
    request->body_length = strlen(request->body);
    request_header(request, arena, "Content-Type", "%s", webhook_content_type(job->account));
}

static void webhook_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (json_text(job->memo, "id")) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "publish"};
        return;
    }
    struct arena *scratch = arena_new(); /* values are more than what is made of them */
    struct webhook_values values = {.job = job, .arena = scratch};
    const char *method = account_option(job->account, "method");
    struct request request = {.method = method ? method : "POST"};
    add_body(job, &request, &values, arena);
    values.token_too = true; /* only now: bodies are stored, and never have it */
    const char *url = account_option(job->account, "url");
    request.url = webhook_render(url, TEMPLATE_URL, &values, arena);
    webhook_add_headers(&values, url, &request, arena);
    arena_free(scratch);
    *ret_step = (struct step){.kind = STEP_CREATE, .name = "publish", .request = request};
}

/* ---- the answer ---- */

/* The text or number that the option's pointer leads to. */
static const char *pointed(const struct job *job, const json_t *answer, const char *option,
                           struct arena *arena)
{
    const char *pointer = account_option(job->account, option);
    const json_t *value = pointer ? json_pointer(answer, pointer) : NULL;
    if (json_is_integer(value))
        return arena_printf(arena, "%lld", (long long)json_integer_value(value));
    return json_string_value(value);
}

static void published(const struct job *job, const struct response *response, bool duplicate,
                      struct arena *arena, struct outcome *ret_outcome)
{
    bool is_read = account_option(job->account, "id") || account_option(job->account, "link");
    const json_t *answer = is_read ? response_json(response, arena) : NULL;
    const char *id = pointed(job, answer, "id", arena), *url = pointed(job, answer, "link", arena);
    const char *location = response_header(response, "location");
    id = id ? outcome_clean_id(id, arena) : NULL;
    url = url ? url : location;
    url = url ? outcome_clean_url(url, arena) : NULL;
    if (!id && account_option(job->account, "id") && !duplicate) {
        *ret_outcome = (struct outcome){
            .kind = OUTCOME_UNSURE,
            .message = arena_printf(arena, "the answer (%d) has no id at %s: it may or may not be published",
                                    response->status, account_option(job->account, "id")),
        };
        return;
    }
    id = id ? id : arena_strdup(arena, job->request_key);
    *ret_outcome = (struct outcome){
        .kind = OUTCOME_DONE,
        .id = id,
        .url = url,
        .message = duplicate ? "the endpoint says that it was there already" : NULL,
    };
    outcome_remember(ret_outcome, arena);
}

bool webhook_is_duplicate(const struct job *job, const struct response *response)
{
    const char *words = account_option(job->account, "duplicate_text");
    if (webhook_lists(job->account, "duplicate", response->status, false))
        return true;
    return words && response->status >= 400 && response->status < 500 && response->body &&
           strcasestr(response->body, words);
}

/* What the endpoint says about an error, where it says it in one of the usual places. */
const char *webhook_said(const struct response *response, struct arena *arena)
{
    static const char *const places[] = {"/message",       "/detail",          "/error_description",
                                         "/error/message", "/description",     "/error",
                                         "/title",         "/errors/0/message"};
    json_t *answer = response_json(response, arena);
    for (size_t i = 0; answer && i < sizeof places / sizeof *places; i++) {
        const char *text = json_string_value(json_pointer(answer, places[i]));
        if (text)
            return text;
    }
    const char *type = response_header(response, "content-type");
    return type && !strncasecmp(type, "text/plain", 10) ? response->body : NULL;
}

static void webhook_read(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    bool is_2xx = response->status >= 200 && response->status < 300;
    if (webhook_is_duplicate(job, response)) {
        published(job, response, true, arena, ret_outcome);
    } else if (webhook_lists(job->account, "success", response->status, is_2xx)) {
        published(job, response, false, arena, ret_outcome);
    } else if (is_2xx) {
        *ret_outcome = (struct outcome){
            .kind = OUTCOME_UNSURE,
            .message = arena_printf(arena, "the endpoint answered %d, which 'success' does not list",
                                    response->status),
        };
    } else {
        outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, webhook_said(response, arena), arena,
                            ret_outcome);
        outcome_read_limits(response, RESET_EPOCH, job->now, ret_outcome);
    }
}

/* ---- facts ---- */

static enum repeat webhook_repeat(const struct job *job)
{
    return account_option(job->account, "key_header") ? REPEAT_KEY : REPEAT_NEVER;
}

static duration webhook_remembers(const struct job *job)
{
    return webhook_key_lifetime(job->account);
}

static size_t webhook_limit(const struct account *account, const json_t *session)
{
    (void)session;
    return (size_t)json_number(account->options, "limit", 0);
}

static const char *webhook_compose(const struct content *content, size_t part, struct arena *arena)
{
    return arena_strdup(arena, content->parts[part].text);
}

/* Images go with a multipart form only; elsewhere the endpoint is told about them. */
static void webhook_check(const struct account *account, const struct content *content, struct diags *diags)
{
    size_t images = 0;
    for (size_t i = 0; i < content->part_count; i++)
        images += content->parts[i].media_count;
    if (!images || account_option(account, "file_field"))
        return;
    diags_add(diags, &(struct diag){
                         .level = DIAG_WARNING,
                         .rule = "images",
                         .account = account->name,
                         .message = "media are described to the endpoint, not sent: that takes content_type "
                                    "multipart/form-data and 'file_field'",
                     });
}

static const char *webhook_where(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "in what %s keeps, for key %s",
                        driver_host(account_option(job->account, "url"), arena), job->request_key);
}

/* Without 'link' it may come in the Location of the answer, which not every endpoint gives. */
static bool webhook_has_address(const struct account *account)
{
    return account_option(account, "link") != NULL;
}

static const struct video_limits video = {.most = 50};
static const struct document_limits document = {.most = 50};

const struct network network_webhook = {
    .name = "webhook",
    .title = "Webhook",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING |
                FEATURE_VISIBILITY | FEATURE_LANGUAGE | FEATURE_CATEGORIES,
    .max_images = 50,
    .video = &video,
    .document = &document,
    .tells_images = true,
    .repeat = REPEAT_NEVER,
    .key_wait = SECONDS(10),
    .options = webhook_options,
    .option_count = WEBHOOK_OPTIONS,
    .one_step = true,
    .compose = webhook_compose,
    .check_account = webhook_check_account,
    .check = webhook_check,
    .text_limit = webhook_limit,
    .repeat_for = webhook_repeat,
    .key_lifetime_for = webhook_remembers,
    .next = webhook_next,
    .read = webhook_read,
    .where = webhook_where,
    .has_address = webhook_has_address,
    .can_change = webhook_can_change,
    .remove = webhook_remove,
    .removed = webhook_removed,
    .edits = EDIT_ALL,
    .edit = webhook_edit,
    .edited = webhook_edited,
};
