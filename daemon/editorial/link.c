/* See link.h. */
#include <string.h>

#include "base/buf.h"
#include "editorial/link.h"

static size_t url_length(const char *at)
{
    size_t length = strcspn(at, " \t\n<>\"'`|\\^{}[]");
    while (length && strchr(".,;:!?)*_", at[length - 1]))
        length--;
    return length;
}

bool link_next(const char *text, size_t *at, size_t *ret_end)
{
    for (const char *found = text + *at; (found = strcasestr(found, "http")); found += 4) {
        size_t scheme = !strncasecmp(found, "https://", 8) ? 8 : !strncasecmp(found, "http://", 7) ? 7 : 0;
        size_t length = scheme ? url_length(found) : 0;
        if (length <= scheme)
            continue;
        *at = (size_t)(found - text);
        *ret_end = *at + length;
        return true;
    }
    return false;
}

const char *link_host(const char *url, size_t *ret_length)
{
    const char *host = strstr(url, "://") + 3;
    if (!strncasecmp(host, "www.", 4))
        host += 4;
    *ret_length = strcspn(host, "/?#:");
    return host;
}

bool link_is_of(const char *url, const char *site)
{
    size_t length, suffix;
    const char *host = link_host(url, &length), *ours = link_host(site, &suffix);
    return length >= suffix && !strncasecmp(host + length - suffix, ours, suffix) &&
           (length == suffix || host[length - suffix - 1] == '.');
}

bool link_has_parameter(const char *url, const char *name, size_t *ret_value)
{
    size_t length = strlen(name), end = strcspn(url, "#");
    bool prefix = length && name[length - 1] == '*';
    const char *at = url + strcspn(url, "?#");
    length -= prefix;
    while (at < url + end) {
        size_t size = strcspn(++at, "&#"), key = strcspn(at, "=&#");
        if (!strncasecmp(at, name, length) && (prefix ? key >= length : key == length)) {
            *ret_value = size > key ? size - key - 1 : 0;
            return true;
        }
        at += size;
    }
    return false;
}

/* RFC 3986, section 2.3: the unreserved characters stand for themselves. */
static void add_encoded(struct buf *buf, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text; text++)
        if (strchr(plain, *text))
            buf_add_char(buf, *text);
        else
            buf_printf(buf, "%%%02X", (unsigned char)*text);
}

const char *link_with_parameter(const char *url, const char *name, const char *value, struct arena *arena)
{
    size_t end = strcspn(url, "#"), query = strcspn(url, "?#");
    bool asks = url[query] == '?', open = asks && (end == query + 1 || url[end - 1] == '&');
    struct buf buf = {0};
    buf_add(&buf, url, end);
    buf_printf(&buf, "%s%s=", open ? "" : asks ? "&" : "?", name);
    add_encoded(&buf, value);
    buf_add_text(&buf, url + end);
    const char *copy = arena_strdup(arena, buf_text(&buf));
    buf_release(&buf);
    return copy;
}
