/*
 * Refuses what could become another request on the wire than the driver meant: control characters, header
 * names that are none, headers that are libcurl's business. Knows no libcurl.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "publish/address.h"
#include "publish/http_check.h"

enum { URL_MOST = 8192, HEADER_MOST = 8192, HEADERS_MOST = 64 };

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    }
    return false;
}

static bool is_token(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && strchr("!#$%&'*+-.^_`|~", *text) == NULL)
            return false;
    }
    return true;
}

/* The part between "//" and the path, if it is a host with an optional port. */
static bool split_authority(const char *authority, size_t length, struct arena *arena, const char **ret_host,
                            struct error *err)
{
    char *host = arena_strndup(arena, authority, length);
    char *end;

    if (strpbrk(host, "@\\ ") != NULL)
        return fail(err, "a URL must not hold a user or password");
    if (*host == '[') {
        end = strchr(host, ']');
        if (end == NULL)
            return fail(err, "the URL's host '%s' lacks its bracket", host);
        host++;
    } else {
        end = host + strcspn(host, ":");
    }
    *end = '\0';
    if (*host == '\0')
        return fail(err, "the URL names no host");
    for (char *c = host; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    *ret_host = host;
    return true;
}

bool origin_read(const char *url, struct arena *arena, struct origin *ret_origin, struct error *err)
{
    bool tls = strncasecmp(url, "https://", 8) == 0;
    const char *authority, *host;
    size_t length;

    if (strlen(url) > URL_MOST)
        return fail(err, "the URL is longer than %d bytes", URL_MOST);
    if (has_control(url) || strpbrk(url, " \\") != NULL)
        return fail(err, "the URL holds a control character, a blank or a backslash");
    if (!tls && strncasecmp(url, "http://", 7) != 0)
        return fail(err, "the URL '%.80s' is neither https nor http", url);
    authority = url + (tls ? 8 : 7);
    length = strcspn(authority, "/?#");
    if (!split_authority(authority, length, arena, &host, err))
        return false;
    ret_origin->tls = tls;
    ret_origin->host = host;
    ret_origin->root = arena_printf(arena, "http%s://%.*s/", tls ? "s" : "", (int)length, authority);
    return true;
}

static bool check_header(const struct header *header, struct error *err)
{
    static const char *const ours[] = {"content-length", "transfer-encoding", "connection", "host", "expect",
                                       "upgrade"};

    if (!is_token(header->name))
        return fail(err, "'%.60s' is no name of a header", header->name);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (strcasecmp(header->name, ours[i]) == 0)
            return fail(err, "the header '%s' cannot be set", header->name);
    }
    if (has_control(header->value))
        return fail(err, "the value of the header '%s' holds a control character", header->name);
    if (strlen(header->value) > HEADER_MOST)
        return fail(err, "the value of the header '%s' is longer than %d bytes", header->name, HEADER_MOST);
    return true;
}

static bool check_part(const struct form_part *part, struct error *err)
{
    if (part->name == NULL || *part->name == '\0' || has_control(part->name))
        return fail(err, "a form field has no proper name");
    if (part->type != NULL && has_control(part->type))
        return fail(err, "the type of a form field holds a control character");
    if (part->media != NULL && has_control(part->media->file))
        return fail(err, "the name of a media file holds a control character");
    return true;
}

struct http_options http_options_of(const struct settings *settings)
{
    return (struct http_options){
        .insecure = settings->insecure,
        .private_addresses = settings->private_addresses,
        .ca_file = settings->ca_file,
    };
}

bool http_check(const struct request *request, const struct origin *origin,
                const struct http_options *options, struct error *err)
{
    if (request->method == NULL || !is_token(request->method))
        return fail(err, "the request has no proper method");
    if (!origin->tls && !options->insecure && !host_is_loopback(origin->host))
        return fail(err, "plain http to '%s' is not allowed; use https, or set 'insecure: true' in cald.yaml",
                    origin->host);
    if (request->header_count > HEADERS_MOST)
        return fail(err, "the request has more than %d headers", HEADERS_MOST);
    for (size_t i = 0; i < request->header_count; i++) {
        if (!check_header(&request->headers[i], err))
            return false;
    }
    for (size_t i = 0; i < request->part_count; i++) {
        if (!check_part(&request->parts[i], err))
            return false;
    }
    return true;
}
