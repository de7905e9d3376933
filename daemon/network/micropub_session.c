/*
 * Where a site's Micropub endpoint is (W3C Micropub section 5.3: Link headers first, then <link> elements),
 * and what it can do (section 3.7.2, q=config). The token is sent to the endpoint alone, never to the page.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/driver.h"
#include "network/micropub.h"
#include "network/outcome.h"

enum { HOPS_MOST = 5 };

static const char *site_of(const struct job *job)
{
    return account_option(job->account, "url");
}

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    const char *given = account_option(job->account, "endpoint");
    return driver_fingerprint(arena_printf(arena, "%s %s", site_of(job), given ? given : ""),
                              account_secret(job->account, "token"), arena);
}

const json_t *micropub_session(const struct job *job)
{
    struct arena *arena = arena_new();
    const char *made_for = json_text(job->session, "for");
    bool ours = made_for && !strcmp(made_for, fingerprint(job, arena)) &&
                job->now - json_number(job->session, "read_at", 0) < DAYS(1);
    arena_free(arena);
    return ours ? job->session : NULL;
}

const char *micropub_endpoint(const struct job *job)
{
    const char *given = account_option(job->account, "endpoint");
    return given ? given : json_text(micropub_session(job), "endpoint");
}

/* A copy of the session to change; the caller owns it. */
static json_t *new_session(const struct job *job, struct arena *arena)
{
    const json_t *old = micropub_session(job);
    return old ? json_deep_copy(old)
               : json_pack("{s:s, s:I}", "for", fingerprint(job, arena), "read_at", (json_int_t)job->now);
}

static void keep(json_t *session, struct arena *arena, struct outcome *ret_outcome)
{
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .session = json_in_arena(arena, session)};
}

/* ---- the page ---- */

static const char *page_of(const struct job *job)
{
    const char *page = json_text(micropub_session(job), "page");
    return page ? page : site_of(job);
}

static bool is_endpoint_unknown(const struct job *job)
{
    return !micropub_endpoint(job);
}

static void ask_page(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = (struct request){.method = "GET", .url = page_of(job)};
    request_header(ret_request, arena, "Accept", "text/html");
}

/* Whether a list of words, separated by spaces, has this one. */
static bool has_word(const char *list, size_t length, const char *word)
{
    for (size_t at = 0; at < length;) {
        size_t end = at;
        while (end < length && !isspace((unsigned char)list[end]))
            end++;
        if (end - at == strlen(word) && !strncasecmp(list + at, word, end - at))
            return true;
        at = end + 1;
    }
    return false;
}

/* One attribute of a tag, or parameter of a link: name, '=', a quoted or bare value. NULL: it has none. */
static const char *attribute(const char *text, size_t length, const char *name, size_t *ret_length)
{
    size_t wanted = strlen(name);
    for (size_t i = 1; i + wanted < length; i++) {
        if (isalnum((unsigned char)text[i - 1]) || text[i - 1] == '-' ||
            strncasecmp(text + i, name, wanted) != 0)
            continue;
        size_t at = i + wanted;
        while (at < length && isspace((unsigned char)text[at]))
            at++;
        if (at >= length || text[at] != '=')
            continue;
        at++;
        while (at < length && isspace((unsigned char)text[at]))
            at++;
        char quote = at < length && (text[at] == '"' || text[at] == '\'') ? text[at] : '\0';
        size_t start = at + (quote != '\0'), end = start;
        while (end < length &&
               (quote ? text[end] != quote : !isspace((unsigned char)text[end]) && !strchr(";>", text[end])))
            end++;
        *ret_length = end - start;
        return text + start;
    }
    return NULL;
}

static bool is_micropub(const char *text, size_t length)
{
    size_t count;
    const char *rel = attribute(text, length, "rel", &count);
    return rel && has_word(rel, count, "micropub");
}

/* RFC 8288: <url>; rel="micropub", <url>; … */
static const char *in_header(const char *value, struct arena *arena)
{
    while ((value = strchr(value, '<'))) {
        const char *end = strchr(value, '>');
        if (!end)
            return NULL;
        size_t length = strcspn(end, "<"); /* its parameters, up to the next link */
        if (is_micropub(end, length))
            return arena_strndup(arena, value + 1, (size_t)(end - value) - 1);
        value = end;
    }
    return NULL;
}

/* "&amp;" in an address of HTML is "&". */
static const char *without_entities(const char *text, size_t length, struct arena *arena)
{
    struct buf out = {0};
    for (size_t i = 0; i < length; i++) {
        buf_add_char(&out, text[i]);
        if (text[i] == '&' && length - i > 4 && !strncmp(text + i, "&amp;", 5))
            i += 4;
    }
    const char *plain = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return plain;
}

static const char *in_page(const char *html, struct arena *arena)
{
    for (const char *at = html; (at = strchr(at, '<')); at++) {
        size_t length = strcspn(at, ">"), count;
        bool link = (!strncasecmp(at, "<link", 5) && isspace((unsigned char)at[5])) ||
                    (!strncasecmp(at, "<a", 2) && isspace((unsigned char)at[2]));
        const char *href = link && is_micropub(at, length) ? attribute(at, length, "href", &count) : NULL;
        if (href)
            return without_entities(href, count, arena);
    }
    return NULL;
}

static const char *advertised(const struct response *response, struct arena *arena)
{
    for (size_t i = 0; i < response->header_count; i++) {
        const char *found =
            strcmp(response->headers[i].name, "link") ? NULL : in_header(response->headers[i].value, arena);
        if (found)
            return found;
    }
    return in_page(response->body, arena);
}

static void follow(const struct job *job, const struct response *response, struct arena *arena,
                   struct outcome *ret_outcome)
{
    const char *location = response_header(response, "location");
    const char *page =
        location ? outcome_clean_url(driver_resolve(page_of(job), location, arena), arena) : NULL;
    int64_t hops = json_number(micropub_session(job), "hops", 0);
    bool down = page && !strncmp(site_of(job), "https://", 8) && strncmp(page, "https://", 8) != 0;
    if (page && hops < HOPS_MOST && !down) {
        json_t *session = new_session(job, arena);
        json_set_text(session, "page", page);
        json_set_number(session, "hops", hops + 1);
        keep(session, arena, ret_outcome);
        return;
    }
    *ret_outcome = (struct outcome){.session = json_in_arena(arena, json_object())};
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                "find the endpoint: '%s' sends us on to '%s': correct 'url'", site_of(job),
                outcome_said(location, arena));
}

static void read_page(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    if (response->status >= 300 && response->status <= 399) {
        follow(job, response, arena, ret_outcome);
        return;
    }
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, ret_outcome);
    if (ret_outcome->kind != OUTCOME_NEXT)
        return;
    const char *found = advertised(response, arena);
    const char *endpoint =
        found ? outcome_clean_url(driver_resolve(page_of(job), found, arena), arena) : NULL;
    if (endpoint) {
        json_t *session = new_session(job, arena);
        json_set_text(session, "endpoint", endpoint);
        keep(session, arena, ret_outcome);
    } else {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "%s: the page '%s' names no Micropub endpoint: correct 'url', or give 'endpoint'",
                    step->name, page_of(job));
    }
}

/* ---- what it can do ---- */

static bool is_config_unknown(const struct job *job)
{
    return !json_flag(micropub_session(job), "config", false);
}

static void ask_config(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = micropub_request(job, arena, "GET", micropub_query(job, "q=config", arena));
    request_header(ret_request, arena, "Accept", "application/json");
}

static json_t *targets_of(const json_t *config)
{
    json_t *uids = json_array();
    const json_t *list = json_member(config, "syndicate-to");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_text(json_array_get(list, i), "uid"))
            json_array_append_new(uids, json_string(json_text(json_array_get(list, i), "uid")));
    return uids;
}

/* What the account wants to syndicate to and the server does not have, or NULL. */
static const char *missing_target(const struct job *job, const json_t *uids)
{
    const json_t *wanted = json_member(job->account->options, "syndicate_to");
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const char *target = json_string_value(json_array_get(wanted, i));
        bool known = !target;
        for (size_t j = 0; !known && j < json_array_size(uids); j++)
            known = !strcmp(json_string_value(json_array_get(uids, j)), target);
        if (!known)
            return target;
    }
    return NULL;
}

static const char *listed(const json_t *uids, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < json_array_size(uids); i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "",
                            outcome_said(json_string_value(json_array_get(uids, i)), arena));
    return *text ? text : "none";
}

/* A server without configuration (400, 404, no JSON) is one that can nothing more: that is allowed. */
static void read_config(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *config = response->status == 200 ? response_json(response, arena) : NULL;
    bool none = response->status == 200 || response->status == 400 || response->status == 404;
    if (!none && !micropub_read_status(job, step, response, arena, ret_outcome))
        return;
    const char *media = json_text(config, "media-endpoint");
    media = media ? outcome_clean_url(driver_resolve(step->request.url, media, arena), arena) : NULL;
    json_t *uids = json_in_arena(arena, targets_of(config)), *session = new_session(job, arena);
    const char *missing = missing_target(job, uids);
    json_set_text(session, "media", media);
    json_set_flag(session, "config", true);
    keep(session, arena, ret_outcome);
    if (!missing)
        return;
    ret_outcome->session = NULL;
    outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                "%s: the site cannot syndicate to '%s', only to: %s", step->name, missing,
                listed(uids, arena));
}

const struct stage micropub_session_stages[2] = {
    {"find the endpoint", STEP_SESSION, 0, is_endpoint_unknown, ask_page, read_page},
    {"ask what it can do", STEP_SESSION, 0, is_config_unknown, ask_config, read_config},
};
