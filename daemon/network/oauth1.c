/*
 * oauth1: see oauth1.h. Knows RFC 5849 and no network.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "network/oauth1.h"

struct parameter {
    const char *name, *value; /* percent-encoded */
};

struct parameters {
    struct arena *arena;
    struct parameter *items;
    size_t count;
};

static void add(struct parameters *all, const char *name, const char *value)
{
    *arena_push(all->arena, all->items, all->count) =
        (struct parameter){driver_escape(all->arena, name), driver_escape(all->arena, value)};
}

static void add_encoded(struct parameters *all, const char *text, size_t length)
{
    for (const char *at = text, *end = text + length; at < end;) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        size_t size = stop ? (size_t)(stop - at) : (size_t)(end - at);
        const char *equals = memchr(at, '=', size);
        size_t name = equals ? (size_t)(equals - at) : size;
        if (size)
            add(all, driver_decode(all->arena, at, name),
                equals ? driver_decode(all->arena, equals + 1, size - name - 1) : "");
        at += size + 1;
    }
}

/* ---- the base string ---- */

static int by_name_and_value(const void *a, const void *b)
{
    const struct parameter *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->value, right->value);
}

static bool has_form(const struct request *request)
{
    static const char form[] = "application/x-www-form-urlencoded";
    for (size_t i = 0; i < request->header_count; i++)
        if (!strcasecmp(request->headers[i].name, "Content-Type"))
            return request->body && !strncasecmp(request->headers[i].value, form, sizeof form - 1);
    return false;
}

static const char *normalised(struct parameters *all)
{
    struct buf out = {0};
    if (all->count)
        qsort(all->items, all->count, sizeof *all->items, by_name_and_value);
    for (size_t i = 0; i < all->count; i++)
        buf_printf(&out, "%s%s=%s", i ? "&" : "", all->items[i].name, all->items[i].value);
    const char *text = arena_strdup(all->arena, buf_text(&out));
    buf_release(&out);
    return text;
}

/* Scheme and host in lower case, without a port that is the scheme's own, without query (section 3.4.1.2). */
static const char *base_uri(const char *url, struct arena *arena)
{
    char *copy = arena_strndup(arena, url, strcspn(url, "?#"));
    char *host = strstr(copy, "://");
    if (!host)
        return copy;
    host += 3;
    char *path = host + strcspn(host, "/");
    for (char *c = copy; c < path; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 'a' - 'A') : *c;
    const char *usual = !strncmp(copy, "https:", 6) ? ":443" : ":80";
    size_t authority = (size_t)(path - host), port = strlen(usual);
    if (authority > port && !strncmp(path - port, usual, port))
        authority -= port;
    return arena_printf(arena, "%.*s%s", (int)(host + authority - copy), copy, *path ? path : "/");
}

static const char *upper(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    return copy;
}

const char *oauth1_base(const struct request *request, const struct driver_pair *protocol, size_t count,
                        struct arena *arena)
{
    struct parameters all = {.arena = arena};
    const char *query = strchr(request->url, '?');
    if (query)
        add_encoded(&all, query + 1, strcspn(query + 1, "#"));
    if (has_form(request))
        add_encoded(&all, request->body, request->body_length);
    for (size_t i = 0; i < count; i++)
        if (protocol[i].value)
            add(&all, protocol[i].name, protocol[i].value);
    return arena_printf(arena, "%s&%s&%s", upper(arena, request->method),
                        driver_escape(arena, base_uri(request->url, arena)),
                        driver_escape(arena, normalised(&all)));
}

const char *oauth1_signature(const char *base, const char *consumer_secret, const char *token_secret,
                             struct arena *arena)
{
    const char *key = arena_printf(arena, "%s&%s", driver_escape(arena, consumer_secret),
                                   driver_escape(arena, token_secret ? token_secret : ""));
    uint8_t digest[HMAC_SHA1_BYTES];
    struct buf text = {0};
    hmac_sha1(key, strlen(key), base, strlen(base), digest);
    buf_add_base64(&text, digest, sizeof digest);
    const char *signature = arena_strdup(arena, buf_text(&text));
    buf_release(&text);
    return signature;
}

/* ---- the header ---- */

void oauth1_sign(struct request *request, const struct oauth1 *who, const char *nonce, int64_t timestamp,
                 struct arena *arena)
{
    enum { SIGNATURE = 6 };
    struct driver_pair protocol[] = {
        {"oauth_consumer_key", who->consumer_key},
        {"oauth_nonce", nonce},
        {"oauth_signature_method", "HMAC-SHA1"},
        {"oauth_timestamp", arena_printf(arena, "%lld", (long long)timestamp)},
        {"oauth_token", who->token},
        {"oauth_version", "1.0"},
        [SIGNATURE] = {"oauth_signature", NULL},
    };
    struct buf header = {0};
    const char *base = oauth1_base(request, protocol, SIGNATURE, arena);
    protocol[SIGNATURE].value = oauth1_signature(base, who->consumer_secret, who->token_secret, arena);
    for (size_t i = 0; i < sizeof protocol / sizeof *protocol; i++)
        if (protocol[i].value)
            buf_printf(&header, "%s%s=\"%s\"", header.length ? ", " : "OAuth ", protocol[i].name,
                       driver_escape(arena, protocol[i].value));
    request_header(request, arena, "Authorization", "%s", buf_text(&header));
    buf_release(&header);
}

void oauth1_sign_step(const struct job *job, struct step *step, const struct oauth1 *who, struct arena *arena)
{
    char *memo = json_print(job->memo), hex[SHA256_HEX];
    const char *all =
        arena_printf(arena, "%s\n%s\n%s\n%lld\n%s\n%s\n%s", job->account->name, job->key, job->request_key,
                     (long long)job->now, memo, step->request.method, step->request.url);
    const char *nonce = arena_strndup(arena, sha256_hex(all, strlen(all), hex), 32);
    free(memo);
    oauth1_sign(&step->request, who, nonce, job->now / 1000, arena);
}

static const char *secret_or_empty(const struct job *job, const char *name)
{
    const char *value = account_secret(job->account, name);
    return value ? value : "";
}

void oauth1_sign_account(const struct job *job, struct step *step, struct arena *arena)
{
    const struct oauth1 who = {
        .consumer_key = account_option(job->account, "consumer_key"),
        .consumer_secret = secret_or_empty(job, "consumer_secret"),
        .token = secret_or_empty(job, "access_token"),
        .token_secret = secret_or_empty(job, "access_token_secret"),
    };
    oauth1_sign_step(job, step, &who, arena);
}
