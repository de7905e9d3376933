/*
 * mastodon: Mastodon and the servers that speak its client API (docs.joinmastodon.org, "API").
 *
 * Images are uploaded before the slot (POST /api/v2/media; 202 means: ask until it is processed), then
 * each part of a thread is one POST /api/v1/statuses under an Idempotency-Key of its own. Mastodon keeps
 * a key for an hour and stores it only after the status: hence the wait of a minute. What is particular to
 * other servers is in mastodon_repeat and where a message says so.
 */
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/mastodon.h"

enum { UNFINISHED_MOST = 60 };

static const char *const visibilities[] = {"public", "unlisted", "private", "direct", NULL};
static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

static const char *const video_types[] = {"video/mp4", "video/quicktime", NULL};

/* What a server allows unless it was changed; it converts whatever it takes. */
static const struct video_limits video_limits = {
    .types = video_types, .most = 1, .alone = true, .max_bytes = 99 * 1024 * 1024, .max_pixels = 8294400};

static const struct network_option options[] = {
    {.name = "url",
     .kind = OPTION_URL,
     .required = true,
     .help = "address of the server: https://mastodon.example"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .required = true,
     .help = "access token with write:statuses write:media read:statuses read:accounts"},
    {.name = "visibility",
     .kind = OPTION_WORD,
     .words = visibilities,
     .help = "who sees posts that do not say it themselves; a post may only narrow it"},
    {.name = "max_characters",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000000,
     .help = "the server's limit, for checks without a connection (500 unless given)"},
    {.name = "language",
     .kind = OPTION_TEXT,
     .min = 2,
     .max = 35,
     .help = "language of posts that do not say it themselves: fr"},
};

/* ---- requests ---- */

void mastodon_request(const struct job *job, struct arena *arena, struct step *step, enum step_kind kind,
                      const char *method, const char *path)
{
    const char *token = account_secret(job->account, "token");
    *step = (struct step){.kind = kind};
    step->request.method = method;
    step->request.url = driver_url(arena, account_option(job->account, "url"), "%s", path);
    request_header(&step->request, arena, "Accept", "application/json");
    request_header(&step->request, arena, "Accept-Language", "en"); /* their errors are told by text alone */
    request_header(&step->request, arena, "Authorization", "Bearer %s", token ? token : "");
}

json_t *mastodon_memo_media(const struct job *job, const char *name, size_t part, size_t index)
{
    char key[64];
    snprintf(key, sizeof key, "%s-%zu-%zu", name, part, index);
    return json_member(job->memo, key);
}

/* The link stands in the first part: there the server makes its preview card. */
const char *mastodon_compose(const struct content *content, size_t part, struct arena *arena)
{
    return driver_first_with_link(content, part, arena);
}

/* ---- the status ---- */

static const char *visibility_of(const struct job *job)
{
    const char *usual = account_option(job->account, "visibility");
    size_t narrowest = (size_t)job->content->visibility;
    for (size_t i = 0; usual && visibilities[i]; i++)
        if (!strcmp(usual, visibilities[i]) && i > narrowest)
            narrowest = i;
    return visibilities[narrowest];
}

/* ISO 639: the first subtag of a BCP 47 tag. */
static const char *language_of(const struct job *job, struct arena *arena)
{
    const char *language = job->content->language;
    if (!language)
        language = account_option(job->account, "language");
    return language ? arena_strndup(arena, language, strcspn(language, "-_")) : NULL;
}

static json_t *media_ids(const struct job *job, size_t part)
{
    json_t *ids = json_array();
    for (size_t i = 0; i < job->content->parts[part].media_count; i++)
        json_array_append(ids, json_member(mastodon_memo_media(job, "media", part, i), "id"));
    return ids;
}

json_t *mastodon_words(const struct job *job, size_t part, struct arena *arena)
{
    const struct content *content = job->content;
    json_t *body = json_object();
    json_set_text(body, "status", mastodon_compose(content, part, arena));
    json_set_text(body, "language", language_of(job, arena));
    if (content->parts[part].media_count)
        json_set(body, "media_ids", media_ids(job, part));
    if (content->warning) {
        json_set_text(body, "spoiler_text", content->warning);
        json_set_flag(body, "sensitive", true);
    }
    return body;
}

static json_t *status_body(const struct job *job, size_t part, struct arena *arena)
{
    json_t *body = mastodon_words(job, part, arena);
    json_set_text(body, "visibility", visibility_of(job));
    if (part)
        json_set_text(body, "in_reply_to_id", json_text(thread_post(job, part - 1), "id"));
    return body;
}

static void create_step(const struct job *job, size_t part, struct arena *arena, struct step *ret_step)
{
    mastodon_request(job, arena, ret_step, STEP_CREATE, "POST", "/api/v1/statuses");
    ret_step->name = arena_printf(arena, "publish %zu/%zu", part + 1, job->content->part_count);
    request_header(&ret_step->request, arena, "Idempotency-Key", "%s-%zu", job->request_key, part);
    driver_json_body(&ret_step->request, arena, status_body(job, part, arena));
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
}

static void mastodon_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    size_t part = thread_part_due(job);
    if (part == job->content->part_count)
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
    else if (!mastodon_session_step(job, arena, ret_step) && !mastodon_media_step(job, arena, ret_step))
        create_step(job, part, arena, ret_step);
}

/* ---- responses ---- */

const char *mastodon_said(const struct response *response, struct arena *arena)
{
    json_t *body = response_json(response, arena);
    const char *error = json_text(body, "error"), *more = json_text(body, "error_description");
    return error && more ? arena_printf(arena, "%s (%s)", error, more) : error;
}

bool mastodon_read_status(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    const char *said = mastodon_said(response, arena);
    outcome_from_status(step, response, RESET_ISO, job->now, said, arena, ret_outcome);
    if (response->status == 403 && said && strcasestr(said, "scope")) {
        ret_outcome->scope = SCOPE_ACCOUNT;
        ret_outcome->reconnect = true;
    }
    return ret_outcome->kind == OUTCOME_NEXT;
}

void mastodon_part_done(const struct job *job, const char *id, const char *url, struct arena *arena,
                        struct outcome *ret_outcome)
{
    static const char *const obsolete[] = {"look", "sent", "unfinished"};
    json_t *memo = outcome_memo(ret_outcome, arena);
    for (size_t i = 0; i < sizeof obsolete / sizeof *obsolete; i++)
        if (json_member(job->memo, obsolete[i]))
            json_set(memo, obsolete[i], json_null());
    thread_part_done(job, id, url, arena, ret_outcome);
}

/* 422 is for ever, but for media that are processed yet: a matter of seconds. */
static bool read_unfinished(const struct job *job, const struct response *response, struct arena *arena,
                            struct outcome *ret_outcome)
{
    const char *said = mastodon_said(response, arena);
    int64_t count = json_number(job->memo, "unfinished", 0);
    if (response->status != 422 || !said || !strcasestr(said, "processing") || count >= UNFINISHED_MOST)
        return false;
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST, "the server is still processing a file");
    ret_outcome->at = job->now + SECONDS(3);
    json_set_number(outcome_memo(ret_outcome, arena), "unfinished", count + 1);
    return true;
}

/* Pixelfed: the key was used within the hour, by a request that may have failed after storing it. */
static bool read_duplicate_key(const struct response *response, struct arena *arena,
                               struct outcome *ret_outcome)
{
    const char *said = mastodon_said(response, arena);
    if (response->status != 400 || !said || !strcasestr(said, "duplicate idempotency key"))
        return false;
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                "the server has seen this request before and does not say what became of it");
    return true;
}

static void read_create(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    if (read_unfinished(job, response, arena, ret_outcome) ||
        read_duplicate_key(response, arena, ret_outcome) ||
        !mastodon_read_status(job, step, response, arena, ret_outcome))
        return;
    json_t *status = response_json(response, arena);
    const char *id = outcome_clean_id(json_text(status, "id"), arena);
    const char *url = outcome_clean_url(json_text(status, "url"), arena);
    if (!url)
        url = outcome_clean_url(json_text(status, "uri"), arena);
    if (id)
        mastodon_part_done(job, id, url, arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: the server answered %d without naming a post", step->name, response->status);
}

static void mastodon_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION)
        mastodon_session_read(job, step, response, arena, ret_outcome);
    else if (step->kind == STEP_CREATE)
        read_create(job, step, response, arena, ret_outcome);
    else
        mastodon_media_read(job, step, response, arena, ret_outcome);
}

/* ---- facts that depend on the account ---- */

static size_t mastodon_text_limit(const struct account *account, const json_t *session)
{
    int64_t told = json_number(session, "max_characters", 0);
    return (size_t)(told > 0 ? told : json_number(account->options, "max_characters", 0));
}

static enum repeat mastodon_repeat(const struct job *job)
{
    return mastodon_kind_of(job->session) == MASTODON_REAL ? REPEAT_KEY : REPEAT_NEVER;
}

/* The content warning counts with the text. */
static void mastodon_check(const struct account *account, const struct content *content, struct diags *diags)
{
    if (!content->warning)
        return;
    size_t warning = text_graphemes(content->warning, strlen(content->warning));
    for (size_t part = 0; part < content->part_count; part++) {
        const char *text = mastodon_compose(content, part, diags->arena);
        struct measure m = text_measure(text_rule_find("mastodon"), text, strlen(text),
                                        mastodon_text_limit(account, NULL), diags->arena);
        if (m.fits && m.limit && m.length + warning > m.limit)
            diags_add(diags, &(struct diag){
                                 .level = DIAG_ERROR,
                                 .rule = "too-long",
                                 .account = account->name,
                                 .message = arena_printf(
                                     diags->arena,
                                     "text and content warning have %zu characters together, %s takes %zu",
                                     m.length + warning, account->name, m.limit)});
    }
}

static const char *mastodon_where(const struct job *job, struct arena *arena)
{
    const char *acct = json_text(job->session, "acct");
    return driver_url(arena, account_option(job->account, "url"), acct ? "/@%s" : "/", acct);
}

/* The client is registered with the server at each login: the session keeps it until that has ended. */
static void login_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client)
{
    const char *url = account_option(job->account, "url");
    const json_t *registered = json_member(job->session, "login");
    *ret_client = (struct oauth2){
        .authorize_url = driver_url(arena, url, "/oauth/authorize"),
        .token_url = driver_url(arena, url, "/oauth/token"),
        .revoke_url = driver_url(arena, url, "/oauth/revoke"),
        .register_url = driver_url(arena, url, "/api/v1/apps"),
        .client_id = json_text(registered, "client_id"),
        .client_secret = json_text(registered, "client_secret"),
        .scopes = "read:accounts read:statuses write:media write:statuses",
        .show_url = "urn:ietf:wg:oauth:2.0:oob",
        .any_port = true,
        .pkce = true,
    };
}

static const struct login logins[] = {
    {
        .kind = LOGIN_CODE,
        .secret = "token",
        .where = "nothing is needed first: cald registers itself with the server",
        .client = login_client,
    },
    {0},
};

const struct network network_mastodon = {
    .name = "mastodon",
    .title = "Mastodon",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_WARNING | FEATURE_VISIBILITY | FEATURE_LANGUAGE,
    .max_images = 4,
    .max_alt = 1500,
    .max_image_bytes = 16 * 1024 * 1024,
    .max_image_pixels = 33177600, /* a server's own default; more is refused, not scaled */
    .image_types = image_types,
    .video = &video_limits,
    .repeat = REPEAT_KEY,
    .key_lifetime = HOURS(1),
    .key_wait = MASTODON_WAIT,
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = mastodon_compose,
    .check = mastodon_check,
    .text_limit = mastodon_text_limit,
    .image_limits = mastodon_image_limits,
    .repeat_for = mastodon_repeat,
    .next = mastodon_next,
    .read = mastodon_read,
    .find = mastodon_find,
    .found = mastodon_found,
    .verify = mastodon_verify,
    .verified = mastodon_verified,
    .mention = mastodon_mention,
    .mentioned = mastodon_mentioned,
    .where = mastodon_where,
    .remove = mastodon_remove,
    .removed = mastodon_removed,
    .edits = EDIT_TEXT | EDIT_LINK | EDIT_WARNING | EDIT_LANGUAGE | EDIT_ALT,
    .edit = mastodon_edit,
    .edited = mastodon_edited,
};
