/*
 * guard: reads headers only. RFC 9112 sections 3.2 and 6 (Host, framing), Fetch Metadata, RFC 6454 (Origin).
 */
#include "control/guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/problem.h"

static bool refuse(struct call *call, int status, const char *detail)
{
    problem(call, status, "%s", detail);
    return false;
}

static const char *const single[] = {
#ifndef CALD_MUTANT_DOUBLED_LENGTH
    "Content-Length",
#endif
    "Host",           "Content-Type",   "Authorization", "Origin", "Idempotency-Key",
    "If-Match",       "Sec-Fetch-Site",
};

static bool value_is_plain(const char *value)
{
    size_t length = strlen(value);
    if (length > GUARD_VALUE)
        return false;
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7f)
            return false;
    return true;
}

/* A token as in RFC 9110 section 5.6.2: also catches 'Content-Length ' with a blank before its colon. */
static bool name_is_token(const char *name)
{
    static const char allowed[] = "!#$%&'*+-.^_`|~0123456789"
                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return *name && strspn(name, allowed) == strlen(name);
}

static bool check_length(struct call *call)
{
    const char *text = call_header(call, "Content-Length");
    if (!text)
        return true;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] || digits > 15)
        return refuse(call, 400, "Content-Length is not a number");
    return true;
}

int64_t guard_length(const struct call *call)
{
    const char *text = call_header(call, "Content-Length");
    return text ? strtoll(text, NULL, 10) : 0;
}

bool guard_framing(struct call *call)
{
    for (size_t i = 0; i < call->header_count; i++)
        if (!name_is_token(call->headers[i].name) || !value_is_plain(call->headers[i].value))
            return refuse(call, 400, "a header is not well-formed");
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        if (call_header_count(call, single[i]) > 1)
            return refuse(call, 400, "a header that may come once came twice");
#ifndef CALD_MUTANT_MISSING_HOST
    if (!call_header(call, "Host"))
        return refuse(call, 400, "the header Host is missing");
#endif
    if (call_header(call, "Transfer-Encoding")) {
        bool both = call_header(call, "Content-Length");
        return refuse(call, both ? 400 : 411,
                      both ? "Content-Length and Transfer-Encoding together"
                           : "a body needs Content-Length; Transfer-Encoding is not served");
    }
    return strlen(call->target) <= GUARD_TARGET ? check_length(call)
                                                : refuse(call, 400, "the target is too long");
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

/* "name", "name:port", "[address]:port" → name without brackets and port; port 0 where there is none. */
static bool split_host(struct call *call, const char *text, const char **ret_name, unsigned *ret_port)
{
    const char *end = *text == '[' ? strchr(text, ']') : text + strcspn(text, ":");
    if (!end || end == text)
        return false;
    const char *rest = *text == '[' ? end + 1 : end, *name = *text == '[' ? text + 1 : text;
    *ret_name = arena_strndup(call->arena, name, (size_t)(end - name));
    *ret_port = 0;
    if (*rest == '\0')
        return true;
    size_t digits = strspn(rest + 1, "0123456789");
    if (*rest != ':' || digits == 0 || digits > 5 || rest[1 + digits])
        return false;
    *ret_port = (unsigned)atoi(rest + 1);
    return true;
}

static bool host_is_ours(struct call *call, const struct settings *settings, const char *host)
{
    for (size_t i = 0; i < settings->host_count; i++)
        if (strcasecmp(settings->hosts[i], host) == 0)
            return true;
    const char *name;
    unsigned port;
    if (!split_host(call, host, &name, &port))
        return false;
    for (size_t i = 0; i < settings->host_count; i++)
        if (strcasecmp(settings->hosts[i], name) == 0)
            return port == 0 || port == call->peer->port;
    const struct peer *peer = call->peer;
    bool own =
        strcmp(name, peer->host) == 0 || (is_loopback(peer->host) && strcasecmp(name, "localhost") == 0);
    return own && (port ? port : 80) == peer->port;
}

bool guard_host(struct call *call, const struct settings *settings)
{
#ifdef CALD_MUTANT_ANY_HOST
    return true;
#endif
    if (call->peer->local || host_is_ours(call, settings, call_header(call, "Host")))
        return true;
    return refuse(call, 421,
                  "this host name is not served here; name it in 'hosts' of cald.yaml if it should be");
}

bool guard_origin(struct call *call)
{
#ifdef CALD_MUTANT_ANY_ORIGIN
    return true;
#endif
    const char *site = call_header(call, "Sec-Fetch-Site"), *origin = call_header(call, "Origin");
    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        return refuse(call, 403, "requests made by pages of other sites are refused");
    const char *own = arena_printf(call->arena, "http://%s", call_header(call, "Host"));
    const char *secure = arena_printf(call->arena, "https://%s", call_header(call, "Host"));
    if (origin && strcasecmp(origin, own) != 0 && strcasecmp(origin, secure) != 0)
        return refuse(call, 403, "requests made by pages of other sites are refused");
    return true;
}

static bool is_type(const char *type, const char *wanted)
{
    size_t length = strcspn(type, "; \t");
    if (length != strlen(wanted) || strncasecmp(type, wanted, length) != 0)
        return false;
    const char *rest = type + length + strspn(type + length, "; \t");
    return *rest == '\0' || strcasecmp(rest, "charset=utf-8") == 0 ||
           strcasecmp(rest, "charset=\"utf-8\"") == 0;
}

static bool is_json(const char *type)
{
    return is_type(type, "application/json");
}

static bool is_posts(const char *type)
{
    return is_json(type) || is_type(type, "application/x-ndjson");
}

static bool is_medium(const char *type)
{
    return is_type(type, "application/octet-stream") || is_type(type, "application/pdf") ||
           strncasecmp(type, "image/", 6) == 0 || strncasecmp(type, "video/", 6) == 0;
}

static const struct {
    int64_t most;
    const char *too_large;
    bool (*fits)(const char *type);
    const char *expected;
} bodies[] = {
    [GUARD_JSON] = {GUARD_BODY, "the body is larger than 1 MiB", is_json,
                    "the body must be JSON, with Content-Type: application/json"},
    [GUARD_FILE] = {GUARD_UPLOAD, "the file is larger than 32 MiB", is_medium,
                    "the body must be an image, video or PDF, with Content-Type: application/octet-stream"},
    [GUARD_POSTS] =
        {GUARD_BATCH, "the body is larger than 8 MiB: send it in parts", is_posts,
         "the body must be a list of posts, with Content-Type: application/json, or one on each line, with "
         "application/x-ndjson"},
};

bool guard_body(struct call *call, enum guard_body kind)
{
#ifdef CALD_MUTANT_ANY_TYPE
    return true;
#endif
    bool changes = strcmp(call->method, "POST") == 0 || strcmp(call->method, "PATCH") == 0;
    const char *type = call_header(call, "Content-Type");
    if (!changes)
        return guard_length(call) == 0 || refuse(call, 400, "a body is not expected with this method");
    if (guard_length(call) > bodies[kind].most)
        return refuse(call, 413, bodies[kind].too_large);
    if (call_header(call, "Content-Encoding"))
        return refuse(call, 415, "encoded bodies are not served");
    return (type && bodies[kind].fits(type)) || refuse(call, 415, bodies[kind].expected);
}
