/*
 * oauth2: see oauth2.h. Requests to the token endpoint and what its answers mean; the login that a session
 * keeps is oauth2_session.c's.
 */
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "network/driver.h"
#include "network/oauth2.h"

enum { LONGEST_TOKEN = 16384 };
#define LONGEST_LIFE DAYS(3660)

/* ---- what a person opens ---- */

const char *oauth2_token_text(const unsigned char bytes[32], struct arena *arena)
{
    struct buf text = {0};
    buf_add_base64url(&text, bytes, 32);
    const char *copy = arena_strdup(arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

const char *oauth2_challenge(const char *verifier, struct arena *arena)
{
    unsigned char digest[SHA256_BYTES];
    sha256_bytes(verifier, strlen(verifier), digest);
    return oauth2_token_text(digest, arena);
}

const char *oauth2_authorize_url(const struct oauth2 *client, const char *redirect, const char *state,
                                 const char *verifier, struct arena *arena)
{
    bool pkce = client->pkce && verifier;
    const struct driver_pair pairs[] = {
        {"response_type", "code"},
        {"client_id", client->client_id},
        {"redirect_uri", redirect},
        {"scope", client->scopes},
        {"state", state},
        {"code_challenge", pkce ? oauth2_challenge(verifier, arena) : NULL},
        {"code_challenge_method", pkce ? "S256" : NULL},
    };
    return arena_printf(arena, "%s%c%s%s%s", client->authorize_url,
                        strchr(client->authorize_url, '?') ? '&' : '?',
                        driver_pairs(arena, pairs, sizeof pairs / sizeof *pairs), client->extra ? "&" : "",
                        client->extra ? client->extra : "");
}

/* ---- requests ---- */

/* The client names itself: by Basic (both parts encoded first, RFC 6749 section 2.3.1), or in the form. */
static void send_form(const struct oauth2 *client, const char *name, const char *url,
                      const struct driver_pair *pairs, size_t count, struct arena *arena,
                      struct step *ret_step)
{
    bool basic = client->basic && client->client_secret;
    struct driver_pair *all = arena_alloc_array(arena, count + 2, sizeof *all);
    memcpy(all, pairs, count * sizeof *all);
    all[count] = (struct driver_pair){"client_id", basic ? NULL : client->client_id};
    all[count + 1] = (struct driver_pair){"client_secret", basic ? NULL : client->client_secret};
    *ret_step = (struct step){.kind = STEP_SESSION, .name = name};
    ret_step->request.method = "POST";
    ret_step->request.url = url;
    request_header(&ret_step->request, arena, "Accept", "application/json");
    if (basic)
        driver_basic(&ret_step->request, arena, driver_escape(arena, client->client_id),
                     driver_escape(arena, client->client_secret));
    driver_form_body(&ret_step->request, arena, all, count + 2);
}

#define SEND(client, name, url, pairs, arena, step)                                                          \
    send_form(client, name, url, pairs, sizeof(pairs) / sizeof *(pairs), arena, step)

static void add_extra(const struct oauth2 *client, struct arena *arena, struct step *step)
{
    if (!client->token_extra)
        return;
    step->request.body = arena_printf(arena, "%s&%s", step->request.body, client->token_extra);
    step->request.body_length = strlen(step->request.body);
}

void oauth2_register_step(const struct oauth2 *client, const char *const *redirects, size_t count,
                          struct arena *arena, struct step *ret_step)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        all = arena_printf(arena, "%s%s%s", all, i ? "\n" : "", redirects[i]);
    const struct driver_pair pairs[] = {
        {"client_name", "cald"}, {"redirect_uris", all}, {"scopes", client->scopes}};
    const struct oauth2 nobody = {0};
    SEND(&nobody, "register", client->register_url, pairs, arena, ret_step);
}

void oauth2_code_step(const struct oauth2 *client, const char *code, const char *redirect,
                      const char *verifier, struct arena *arena, struct step *ret_step)
{
    const struct driver_pair pairs[] = {
        {"grant_type", "authorization_code"},
        {"code", code},
        {"redirect_uri", redirect},
        {"code_verifier", client->pkce ? verifier : NULL},
    };
    SEND(client, "login", client->token_url, pairs, arena, ret_step);
    add_extra(client, arena, ret_step);
}

void oauth2_refresh_step(const struct oauth2 *client, const char *refresh_token, struct arena *arena,
                         struct step *ret_step)
{
    const struct driver_pair pairs[] = {{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}};
    SEND(client, "refresh", client->token_url, pairs, arena, ret_step);
    add_extra(client, arena, ret_step);
}

void oauth2_revoke_step(const struct oauth2 *client, const char *token, struct arena *arena,
                        struct step *ret_step)
{
    const struct driver_pair pairs[] = {{"token", token}};
    SEND(client, "revoke", client->revoke_url, pairs, arena, ret_step);
}

/* ---- errors (RFC 6749 section 5.2) ---- */

static const struct token_error {
    const char *error;
    enum outcome_kind kind;
    bool reconnect;
    const char *meaning;
} token_errors[] = {
    {"invalid_grant", OUTCOME_REFUSED, true,
     "what we were given is used up, expired or withdrawn: log in again"},
    {"invalid_request", OUTCOME_REFUSED, true,
     "the server does not take the token or the code: log in again"},
    {"invalid_client", OUTCOME_REFUSED, true, "the server does not accept the client's id or secret"},
    {"unauthorized_client", OUTCOME_REFUSED, true,
     "the client may not do this: see its settings at the network"},
    {"invalid_scope", OUTCOME_REFUSED, true, "the client may not ask for these permissions"},
    {"unsupported_grant_type", OUTCOME_REFUSED, true, "the server does not know this way of logging in"},
    {"access_denied", OUTCOME_REFUSED, true, "it was denied"},
    {"temporarily_unavailable", OUTCOME_RETRY, false, "the server is not available"},
    {"server_error", OUTCOME_RETRY, false, "the server failed"},
    {"slow_down", OUTCOME_RETRY, false, "too many requests"},
};

static const struct token_error *error_named(const char *name)
{
    for (size_t i = 0; name && i < sizeof token_errors / sizeof *token_errors; i++)
        if (!strcmp(token_errors[i].error, name))
            return &token_errors[i];
    return NULL;
}

static void read_error(const struct step *step, const struct response *response, instant now,
                       struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    const char *name = json_text(body, "error"), *more = json_text(body, "error_description");
    const char *other = json_text(json_member(body, "error"), "message"); /* the Graph API's own form */
    const struct token_error *error = response->status < 500 ? error_named(name) : NULL;
    const char *said = name && more ? arena_printf(arena, "%s (%s)", name, more)
                       : name       ? name
                       : other      ? other
                                    : json_text(body, "error_message");
    outcome_from_status(step, response, RESET_EPOCH, now, said, arena, ret_outcome);
    ret_outcome->scope = SCOPE_ACCOUNT;
    if (!error || response->status == 429)
        return;
    ret_outcome->reconnect = error->reconnect;
    outcome_set(ret_outcome, arena, error->kind, SCOPE_ACCOUNT, "%s: %s (HTTP %d): %s", step->name,
                error->meaning, response->status, outcome_said(said, arena));
}

/* ---- answers ---- */

static void no_answer(const struct step *step, const char *what, struct arena *arena,
                      struct outcome *ret_outcome)
{
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer holds no %s", step->name,
                what);
}

/* Instagram wraps its answer into a list, and calls the scope permissions. */
static json_t *said_by(const struct response *response, struct arena *arena)
{
    json_t *body = response_json(response, arena), *first = json_array_get(json_member(body, "data"), 0);
    return json_text(body, "access_token") || !first ? body : first;
}

/* Printable ASCII, for it goes into a header (RFC 6749 appendix A.12). */
static bool is_token(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] < 0x21 || text[i] > 0x7E)
            return false;
    return length && length <= LONGEST_TOKEN;
}

/* When what lives for so many seconds ends; some servers send the number as a text. */
static instant end_of(const json_t *body, const char *name, instant now)
{
    json_t *value = json_member(body, name);
    int64_t seconds = json_is_integer(value) ? json_integer_value(value) : 0;
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    if (*text && strspn(text, "0123456789") == strlen(text) && strlen(text) < 12)
        for (; *text; text++)
            seconds = seconds * 10 + (*text - '0');
    return seconds > 0 && seconds < LONGEST_LIFE / 1000 ? now + SECONDS(seconds) : 0;
}

static void set_end(json_t *login, const char *name, instant end)
{
    if (end)
        json_set_number(login, name, end);
    else
        json_object_del(login, name);
}

json_t *oauth2_read(const struct step *step, const struct response *response, const json_t *before,
                    instant now, struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = said_by(response, arena);
    const char *access = json_text(body, "access_token"), *refresh = json_text(body, "refresh_token");
    const char *scope = json_text(body, "scope");
    if (response->status < 200 || response->status > 299 ||
        (!access && error_named(json_text(body, "error")))) {
        read_error(step, response, now, arena, ret_outcome);
        return NULL;
    }
    if (!is_token(access) || (refresh && !is_token(refresh))) {
        no_answer(step, "token", arena, ret_outcome);
        return NULL;
    }
    json_t *login = json_in_arena(arena, before ? json_copy((json_t *)(uintptr_t)before) : json_object());
    json_set_text(login, "access_token", access);
    json_set_text(login, "refresh_token", refresh);
    json_set_text(login, "scope", scope ? scope : json_text(body, "permissions"));
    json_set_number(login, "made_at", now);
    set_end(login, "expires_at", end_of(body, "expires_in", now));
    if (refresh || json_member(body, "refresh_token_expires_in"))
        set_end(login, "refresh_expires_at", end_of(body, "refresh_token_expires_in", now));
    json_object_del(login, "expired");
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .scope = SCOPE_ACCOUNT};
    return login;
}

json_t *oauth2_read_client(const struct step *step, const struct response *response, instant now,
                           struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    const char *id = json_text(body, "client_id"), *secret = json_text(body, "client_secret");
    if (response->status < 200 || response->status > 299) {
        read_error(step, response, now, arena, ret_outcome);
        return NULL;
    }
    if (!is_token(id) || (secret && !is_token(secret))) {
        no_answer(step, "client", arena, ret_outcome);
        return NULL;
    }
    json_t *client = json_in_arena(arena, json_object());
    json_set_text(client, "client_id", id);
    json_set_text(client, "client_secret", secret);
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .scope = SCOPE_ACCOUNT};
    return client;
}

/* ---- scopes ---- */

static const char between_scopes[] = " ,";

static bool has_scope(const char *scopes, const char *scope, size_t length)
{
    for (const char *at = scopes; *at;) {
        size_t size = strcspn(at, between_scopes);
        if (size == length && !strncmp(at, scope, length))
            return true;
        at += size;
        at += strspn(at, between_scopes);
    }
    return false;
}

const char *oauth2_lacks(const char *asked, const char *granted, struct arena *arena)
{
    const char *missing = "";
    for (const char *at = granted ? asked : ""; at && *at;) {
        size_t length = strcspn(at, between_scopes);
        if (!has_scope(granted, at, length))
            missing = arena_printf(arena, "%s%s%.*s", missing, *missing ? " " : "", (int)length, at);
        at += length;
        at += strspn(at, between_scopes);
    }
    return *missing ? missing : NULL;
}

const char *oauth2_missing(const struct oauth2 *client, const json_t *login, struct arena *arena)
{
    return oauth2_lacks(client->scopes, json_text(login, "scope"), arena);
}
