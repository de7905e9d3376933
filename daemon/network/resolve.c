/*
 * driver_resolve of driver.h: references against a base, as RFC 3986 section 5.2 has it. It takes a URL apart
 * and puts it together; whether the result is fit for anything is its caller's question.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "network/driver.h"

struct slice {
    const char *at;
    size_t length;
    bool given;
};

struct url { /* the five components of section 3, without their marks */
    struct slice scheme, authority, path, query, fragment;
};

static struct slice take(const char **at, size_t length)
{
    struct slice slice = {*at, length, true};
    *at += length;
    return slice;
}

/* Appendix B, without its regular expression. */
static struct url split(const char *text)
{
    struct url url = {0};
    size_t scheme = strcspn(text, ":/?#");
    if (text[scheme] == ':' && scheme && isalpha((unsigned char)*text)) {
        url.scheme = take(&text, scheme);
        text++;
    }
    if (!strncmp(text, "//", 2)) {
        text += 2;
        url.authority = take(&text, strcspn(text, "/?#"));
    }
    url.path = take(&text, strcspn(text, "?#"));
    if (*text == '?') {
        text++;
        url.query = take(&text, strcspn(text, "#"));
    }
    if (*text == '#') {
        text++;
        url.fragment = take(&text, strlen(text));
    }
    return url;
}

static void drop_last_segment(struct buf *out, size_t start)
{
    while (out->length > start && out->data[out->length - 1] != '/')
        out->data[--out->length] = '\0';
    if (out->length > start)
        out->data[--out->length] = '\0';
}

/* Section 5.2.4: "." and ".." segments go. The path is appended to out. */
static void add_without_dots(struct buf *out, const char *path)
{
    size_t start = out->length;
    while (*path) {
        size_t segment = strcspn(path + 1, "/") + 1; /* with its leading slash */
        if (*path != '/') {
            segment = strcspn(path, "/");
            buf_add(out, path, segment);
        } else if (segment == 2 && path[1] == '.') {
            if (!path[segment])
                buf_add_char(out, '/');
        } else if (segment == 3 && !strncmp(path + 1, "..", 2)) {
            drop_last_segment(out, start);
            if (!path[segment])
                buf_add_char(out, '/');
        } else {
            buf_add(out, path, segment);
        }
        path += segment;
    }
}

/* Section 5.2.3: the reference's path in the place of what follows the base's last slash. */
static char *merge(const struct url *base, const struct url *reference, struct arena *arena)
{
    size_t keep = base->path.length;
    while (keep && base->path.at[keep - 1] != '/')
        keep--;
    bool root = base->authority.given && !base->path.length;
    return arena_printf(arena, "%s%.*s%.*s", root ? "/" : "", (int)keep, base->path.at,
                        (int)reference->path.length, reference->path.at);
}

static void add_path(struct buf *out, const struct url *base, const struct url *reference, bool own,
                     struct arena *arena)
{
    if (!own && !reference->path.length)
        buf_add(out, base->path.at, base->path.length);
    else if (own || *reference->path.at == '/')
        add_without_dots(out, arena_strndup(arena, reference->path.at, reference->path.length));
    else
        add_without_dots(out, merge(base, reference, arena));
}

static void add(struct buf *out, const char *mark, const struct slice *slice, const char *end)
{
    if (!slice->given)
        return;
    buf_add_text(out, mark);
    buf_add(out, slice->at, slice->length);
    buf_add_text(out, end);
}

const char *driver_resolve(const char *base, const char *reference, struct arena *arena)
{
    struct url b = split(base), r = split(reference);
    bool own_scheme = r.scheme.given, own = own_scheme || r.authority.given;
    bool same_page = !own && !r.path.length;
    struct buf out = {0};
    add(&out, "", own_scheme ? &r.scheme : &b.scheme, ":");
    add(&out, "//", own ? &r.authority : &b.authority, "");
    add_path(&out, &b, &r, own, arena);
    add(&out, "?", same_page && !r.query.given ? &b.query : &r.query, "");
    add(&out, "#", &r.fragment, "");
    const char *text = arena_strndup(arena, buf_text(&out), out.length);
    buf_release(&out);
    return text;
}
