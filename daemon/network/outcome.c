/*
 * outcome: see outcome.h. Knows statuses and headers that are common to networks; what a single
 * network means by its own codes is its driver's.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "network/outcome.h"

enum { LONGEST_SAID = 300, LONGEST_ID = 512, LONGEST_URL = 2048 };

void outcome_set(struct outcome *outcome, struct arena *arena, enum outcome_kind kind, enum scope scope,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    outcome->kind = kind;
    outcome->scope = scope;
    outcome->message = arena_vprintf(arena, format, args);
    va_end(args);
}

json_t *outcome_memo(struct outcome *outcome, struct arena *arena)
{
    if (!outcome->memo)
        outcome->memo = json_in_arena(arena, json_object());
    return outcome->memo;
}

void outcome_remember(struct outcome *outcome, struct arena *arena)
{
    json_t *memo = outcome_memo(outcome, arena);
    json_set_text(memo, "id", outcome->id);
    json_set_text(memo, "url", outcome->url);
}

/* ---- when to come back ---- */

/* Digits with an optional fraction (some servers send "1.5"); rounded up to whole milliseconds. */
static bool parse_seconds(const char *text, int64_t *ret_milliseconds)
{
    int64_t seconds = 0, thousandths = 0;
    const char *start = text;
    for (; isdigit((unsigned char)*text); text++) {
        if (text - start >= 12)
            return false;
        seconds = seconds * 10 + (*text - '0');
    }
    if (text == start)
        return false;
    if (*text == '.') {
        int64_t unit = 100;
        for (text++; isdigit((unsigned char)*text); text++, unit /= 10)
            thousandths += (*text - '0') * unit;
    }
    if (*text)
        return false;
    *ret_milliseconds = seconds * 1000 + thousandths;
    return true;
}

static bool parse_retry_after(const char *text, instant now, instant *ret_at)
{
    int64_t wait;
    if (!text)
        return false;
    if (parse_seconds(text, &wait)) {
        *ret_at = now + wait;
        return true;
    }
    return instant_parse_http(text, ret_at);
}

/* "ratelimit-…" is the draft's, "x-ratelimit-…" what most send, "x-rate-limit-…" is X's. */
static const char *limit_header(const struct response *response, const char *what)
{
    char name[32];
    static const char *const prefixes[] = {"ratelimit-", "x-ratelimit-", "x-rate-limit-"};
    const char *value = NULL;
    for (size_t i = 0; !value && i < sizeof prefixes / sizeof *prefixes; i++) {
        snprintf(name, sizeof name, "%s%s", prefixes[i], what);
        value = response_header(response, name);
    }
    return value;
}

/* The reset as it was said, in the dialect's headers alone. */
static bool parse_reset(const struct response *response, enum reset_dialect dialect, instant *ret_at)
{
    const char *text = limit_header(response, "reset");
    switch (text ? dialect : RESET_RETRY_AFTER) {
    case RESET_ISO:
        return instant_parse(text, ret_at);
    case RESET_EPOCH:
        return parse_seconds(text, ret_at);
    case RESET_RETRY_AFTER:
        break;
    }
    return false;
}

static instant bounded(instant at, instant now)
{
    if (at < now + SECONDS(1))
        return now + SECONDS(1);
    return at > now + HOURS(24) ? now + HOURS(24) : at;
}

instant outcome_reset(const struct response *response, enum reset_dialect dialect, instant now)
{
    instant at;
    if (parse_retry_after(response_header(response, "retry-after"), now, &at) ||
        parse_reset(response, dialect, &at))
        return bounded(at, now);
    return 0;
}

void outcome_read_limits(const struct response *response, enum reset_dialect dialect, instant now,
                         struct outcome *outcome)
{
    int64_t remaining; /* in thousandths, as it comes */
    instant reset;
    const char *text = limit_header(response, "remaining");
    if (!text || !parse_seconds(text, &remaining) || !parse_reset(response, dialect, &reset) || reset <= now)
        return;
    outcome->limit_remaining = remaining / 1000;
    outcome->limit_reset = bounded(reset, now);
}

/* ---- what a status means ---- */

static const struct verdict {
    int from, to;
    enum outcome_kind kind;
    enum scope scope;
    const char *meaning;
} verdicts[] = {
    /* the first that fits */
    {200, 299, OUTCOME_NEXT, SCOPE_POST, NULL},
    {300, 399, OUTCOME_REFUSED, SCOPE_ACCOUNT,
     "the server sends us elsewhere: correct the address in cald.yaml"},
    {401, 401, OUTCOME_REFUSED, SCOPE_ACCOUNT, "the server does not accept the credentials: renew them"},
    {403, 403, OUTCOME_REFUSED, SCOPE_POST, "the server forbids it"},
    {404, 404, OUTCOME_REFUSED, SCOPE_POST,
     "the server does not know the address or what the post refers to"},
    {408, 408, OUTCOME_RETRY, SCOPE_POST, "the request took too long"},
    {410, 410, OUTCOME_REFUSED, SCOPE_POST, "what the post refers to is gone"},
    {413, 413, OUTCOME_REFUSED, SCOPE_POST, "it is too large for the server"},
    {415, 415, OUTCOME_REFUSED, SCOPE_POST, "the server does not take this type of file"},
    {425, 425, OUTCOME_RETRY, SCOPE_POST, "the server asks to try again"},
    {429, 429, OUTCOME_RETRY, SCOPE_ACCOUNT, "too many requests"},
    {400, 499, OUTCOME_REFUSED, SCOPE_POST, "the server refuses it"},
    {502, 504, OUTCOME_RETRY, SCOPE_ACCOUNT, "the server is not available"},
    {0, 0, OUTCOME_RETRY, SCOPE_POST, "the server failed"}, /* the rest */
};

static const struct verdict *verdict_of(int status)
{
    const struct verdict *v = verdicts;
    while (v->to && (status < v->from || status > v->to))
        v++;
    return v;
}

const char *outcome_said(const char *said, struct arena *arena)
{
    struct buf out = {0};
    size_t length = said ? strlen(said) : 0, step;
    for (size_t i = 0, count = 0; i < length && count < LONGEST_SAID; i += step, count++) {
        uint32_t c;
        char encoded[4];
        step = utf8_decode(said + i, length - i, &c);
        bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) ||
                          (c >= 0x2066 && c <= 0x2069);
        buf_add(&out, encoded, utf8_encode(is_control ? ' ' : c, encoded));
    }
    char *text = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return text;
}

static const char *message_of(const struct step *step, const struct response *response, const char *meaning,
                              const char *said, struct arena *arena)
{
    const char *words = outcome_said(said, arena);
    if (response->status >= 300 && response->status <= 399 && !*words) {
        const char *target = response_header(response, "location");
        words = target ? arena_printf(arena, "it points to '%s'", outcome_said(target, arena)) : "";
    }
    return arena_printf(arena, "%s: %s (HTTP %d)%s%s", step->name ? step->name : "request", meaning,
                        response->status, *words ? ": " : "", words);
}

/* A creating request is answered so by those who show a page after they took what was
 * sent (RFC 9110 section 15.4.4). */
static const struct verdict perhaps_taken = {
    302, 303, OUTCOME_UNSURE, SCOPE_POST,
    "the server sends us elsewhere: some do so after they took a post, it may or may not be published"};

void outcome_from_status(const struct step *step, const struct response *response, enum reset_dialect dialect,
                         instant now, const char *said, struct arena *arena, struct outcome *ret_outcome)
{
    bool perhaps = step->kind == STEP_CREATE && (response->status == 302 || response->status == 303);
    const struct verdict *v = perhaps ? &perhaps_taken : verdict_of(response->status);
    *ret_outcome = (struct outcome){.kind = v->kind, .scope = v->scope};
    outcome_read_limits(response, dialect, now, ret_outcome);
    if (v->kind == OUTCOME_NEXT)
        return;
    ret_outcome->message = message_of(step, response, v->meaning, said, arena);
    ret_outcome->reconnect = response->status == 401;
    bool is_failure = v->kind == OUTCOME_RETRY && (response->status < 400 || response->status > 499);
    if (is_failure && step->kind == STEP_CREATE) {
        ret_outcome->kind = OUTCOME_UNSURE;
        ret_outcome->scope = SCOPE_POST;
    } else if (v->kind == OUTCOME_RETRY) {
        ret_outcome->at = outcome_reset(response, response->status == 429 ? dialect : RESET_RETRY_AFTER, now);
    } else if (step->kind == STEP_SESSION) {
        ret_outcome->scope = SCOPE_ACCOUNT;
    }
}

/* ---- what a network's own errors mean ---- */

static bool code_fits(const char *wanted, const char *code)
{
    size_t length = strlen(wanted);
    if (*wanted == '*')
        return strcasestr(code, wanted + 1) != NULL;
    return length && wanted[length - 1] == '*' ? !strncasecmp(wanted, code, length - 1)
                                               : !strcasecmp(wanted, code);
}

const struct fault *fault_find(const struct fault *faults, size_t count, const char *code, int status)
{
    for (size_t i = 0; i < count; i++)
        if ((!faults[i].code || (code && code_fits(faults[i].code, code))) &&
            (!faults[i].status || faults[i].status == status))
            return &faults[i];
    return NULL;
}

void fault_tell(const struct fault *fault, const struct step *step, const struct response *response,
                instant now, const char *said, struct arena *arena, struct outcome *ret_outcome)
{
    const char *words = outcome_said(said, arena);
    *ret_outcome = (struct outcome){.reconnect = fault->reconnect};
    outcome_set(ret_outcome, arena, fault->kind, fault->scope, "%s: %s (HTTP %d%s%s)%s%s", step->name,
                fault->meaning, response->status, fault->code ? " " : "", fault->code ? fault->code : "",
                *words ? ": " : "", words);
    if (fault->kind == OUTCOME_RETRY)
        ret_outcome->at = outcome_reset(response, RESET_RETRY_AFTER, now);
}

bool outcome_from_front(const struct step *step, const struct response *response, instant now,
                        struct arena *arena, struct outcome *ret_outcome)
{
    if ((response->status != 403 && response->status != 429) || response_json(response, arena))
        return false;
    *ret_outcome = (struct outcome){.at = outcome_reset(response, RESET_RETRY_AFTER, now)};
    outcome_set(
        ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT,
        "%s: something before the server refuses for now (HTTP %d): a firewall or a limit of the host",
        step->name, response->status);
    return true;
}

bool outcome_from_faults(const struct fault *faults, size_t count, const struct step *step,
                         const struct response *response, enum reset_dialect dialect, instant now, const char *code,
                         const char *said, struct arena *arena, struct outcome *ret_outcome)
{
    const struct fault *fault = fault_find(faults, count, code, response->status);
    outcome_from_status(step, response, dialect, now, said ? said : code, arena, ret_outcome);
    if (!fault)
        return false;
    bool harmless = fault->kind == OUTCOME_UNSURE && step->kind != STEP_CREATE;
    ret_outcome->kind = harmless ? OUTCOME_RETRY : fault->kind;
    ret_outcome->scope = step->kind == STEP_SESSION ? SCOPE_ACCOUNT : fault->scope;
    ret_outcome->reconnect = fault->reconnect;
    ret_outcome->message = message_of(step, response, fault->meaning, said ? said : code, arena);
    if (ret_outcome->kind == OUTCOME_RETRY)
        ret_outcome->at = outcome_reset(response, dialect, now);
    return true;
}

instant outcome_after(instant now, double milliseconds)
{
    if (!(milliseconds > 0))
        return bounded(now, now);
    return bounded(milliseconds < (double)HOURS(24) ? now + (int64_t)(milliseconds + 0.5) : now + HOURS(24), now);
}

void outcome_unsure_if_refused(struct outcome *outcome)
{
    if (outcome->kind == OUTCOME_REFUSED)
        outcome->kind = OUTCOME_UNSURE;
}

void outcome_not_there(struct outcome *outcome, const struct job *job, duration settled, const char *words)
{
    instant sure_at = json_number(job->memo, "sent", job->first_sent) + settled;
    bool sure = job->now >= sure_at;
    outcome->kind = sure ? OUTCOME_NOT_FOUND : OUTCOME_RETRY;
    outcome->scope = SCOPE_POST;
    outcome->message = sure ? words : "it is not there yet, and may still come";
    outcome->at = sure ? 0 : sure_at;
}

/* ---- what we believe ---- */

static bool is_printable(const char *text, size_t length, const char *never)
{
    size_t step;
    for (size_t i = 0; i < length; i += step) {
        uint32_t c;
        step = utf8_decode(text + i, length - i, &c);
        if (c <= 0x20 || (c >= 0x7F && c <= 0xA0) || (c >= 0x2000 && c <= 0x200F) ||
            (c >= 0x2028 && c <= 0x202F) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c == 0xFFFD)
            return false;
        if (c < 0x80 && strchr(never, (int)c))
            return false;
    }
    return true;
}

const char *outcome_clean_id(const char *id, struct arena *arena)
{
    size_t length = id ? strlen(id) : 0;
    if (!length || length > LONGEST_ID || !is_printable(id, length, ""))
        return NULL;
    return arena_strdup(arena, id);
}

const char *outcome_clean_url(const char *url, struct arena *arena)
{
    size_t length = url ? strlen(url) : 0;
    if (!length || length > LONGEST_URL || !is_printable(url, length, "\"<>\\^`{|}"))
        return NULL;
    size_t scheme = !strncasecmp(url, "https://", 8) ? 8 : !strncasecmp(url, "http://", 7) ? 7 : 0;
    size_t host = scheme ? strcspn(url + scheme, "/?#") : 0;
    if (!host || url[scheme] == ':' || memchr(url + scheme, '@', host))
        return NULL;
    return arena_strdup(arena, url);
}
