/*
 * Refuses what could become another request on the wire than the driver meant: control characters, header
 * names that are none, headers that are libcurl's business. Knows no libcurl.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/host.h"
#include "publish/http_check.h"

enum { URL_MOST = 8192, HEADER_MOST = 8192, HEADERS_MOST = 64, ADDRESS_MOST = 320, LINE_MOST = 998 };

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

static const char *scheme_of(const char *url, struct error *err)
{
    static const char *const schemes[] = {"https", "http", "smtps", "smtp"};

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t length = strlen(schemes[i]);

        if (strncasecmp(url, schemes[i], length) == 0 && strncmp(url + length, "://", 3) == 0)
            return schemes[i];
    }
    fail(err, "the URL '%.80s' is neither https nor http", url);
    return NULL;
}

bool origin_read(const char *url, struct arena *arena, struct origin *ret_origin, struct error *err)
{
    const char *scheme, *authority, *host = NULL;
    size_t length;

    if (strlen(url) > URL_MOST)
        return fail(err, "the URL is longer than %d bytes", URL_MOST);
    if (has_control(url) || strpbrk(url, " \\") != NULL)
        return fail(err, "the URL holds a control character, a blank or a backslash");
    scheme = scheme_of(url, err);
    if (scheme == NULL)
        return false;
    authority = url + strlen(scheme) + 3;
    length = strcspn(authority, "/?#");
    if (!split_authority(authority, length, arena, &host, err))
        return false;
    ret_origin->scheme = scheme;
    ret_origin->tls = scheme[4] == 's';
    ret_origin->host = host;
    ret_origin->length = (size_t)(authority - url) + length;
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

/* What stands between "<" and ">" in MAIL and RCPT. */
static bool check_address(const char *address, struct error *err)
{
    size_t length = strlen(address);

    if (length == 0 || length > ADDRESS_MOST || strpbrk(address, "<> ") != NULL || has_control(address))
        return fail(err, "'%.100s' is no address of mail", address);
    return true;
}

/* 7-bit with CRLF only: what a server could take for the end of a message, and for another one behind it, is
 * not in it. */
static bool check_message(const struct request *request, struct error *err)
{
    size_t line = 0, inserts = 0;

    for (size_t i = 0; i < request->body_length; i++) {
        unsigned char c = (unsigned char)request->body[i];
        bool is_end = c == '\r' && i + 1 < request->body_length && request->body[i + 1] == '\n';

        inserts += c == '\0';
        if (is_end)
            i++;
        line = is_end ? 0 : line + 1;
        if (line > LINE_MOST || (!is_end && c != '\0' && c != '\t' && (c < 0x20 || c > 0x7e)))
            return fail(err, "the message is not 7-bit text with CRLF in lines of at most %d", LINE_MOST);
    }
    if (inserts != request->insert_count ||
        (request->mail->to_count > 0 && (line > 0 || request->body_length == 0)))
        return fail(err, "the message is not whole");
    return true;
}

static bool check_mail(const struct request *request, const struct origin *origin,
                       const struct http_options *options, struct error *err)
{
    const struct mail *mail = request->mail;

    if (mail->plain && !options->insecure && !host_is_loopback(origin->host))
        return fail(err,
                    "mail to '%s' without TLS is not allowed; use it, or set 'insecure: true' in cald.yaml",
                    origin->host);
    for (size_t i = 0; i < mail->to_count; i++) {
        if (!check_address(mail->to[i], err))
            return false;
    }
    return check_address(mail->from, err) && check_message(request, err);
}

/* As many places as files; without files every byte is its own. */
static bool check_inserts(const struct request *request, struct error *err)
{
    size_t places = 0;

    for (size_t i = 0; request->insert_count > 0 && i < request->body_length; i++)
        places += request->body[i] == '\0';
    return places == request->insert_count || fail(err, "the request has other places for files than files");
}

bool http_check(const struct request *request, const struct origin *origin,
                const struct http_options *options, struct error *err)
{
    if (request->method == NULL || !is_token(request->method))
        return fail(err, "the request has no proper method");
    if ((request->mail != NULL) != (origin->scheme[0] == 's'))
        return fail(err, "the URL does not fit the request");
    if (request->mail != NULL)
        return check_mail(request, origin, options, err);
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
    return check_inserts(request, err);
}
