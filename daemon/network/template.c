/*
 * See template.h. It knows braces and quoting, and nothing of what the names mean.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/suggest.h"
#include "network/template.h"

enum { LONGEST_NAME = 40 };

struct place {               /* one placeholder */
    const char *start, *end; /* with its braces; end NULL: never closed */
    char name[LONGEST_NAME + 1];
};

/* The next placeholder from text on. */
static bool next_place(const char *text, struct place *ret_place)
{
    const char *start = strstr(text, "{{");
    if (!start)
        return false;
    const char *name = start + 2 + strspn(start + 2, " \t"), *end = strstr(name, "}}");
    *ret_place = (struct place){.start = start, .end = end ? end + 2 : NULL};
    size_t length = end ? (size_t)(end - name) : 0;
    while (length && (name[length - 1] == ' ' || name[length - 1] == '\t'))
        length--;
    if (length > LONGEST_NAME)
        length = LONGEST_NAME;
    memcpy(ret_place->name, name, length);
    return true;
}

static bool is_known(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

bool template_check(const char *template, const char *const *names, size_t count, struct error *err)
{
    struct place place;
    for (const char *at = template; next_place(at, &place); at = place.end) {
        if (!place.end)
            return fail(err, "'{{' without '}}'");
        if (is_known(place.name, names, count))
            continue;
        const char *nearest = suggest(place.name, names, count);
        return fail(err, "unknown placeholder '%s'%s%s%s", place.name, nearest ? ", did you mean '" : "",
                    nearest ? nearest : "", nearest ? "'?" : "");
    }
    return true;
}

bool template_uses(const char *template, const char *name)
{
    struct place place;
    for (const char *at = template; next_place(at, &place) && place.end; at = place.end)
        if (!strcmp(place.name, name))
            return true;
    return false;
}

/* ---- values ---- */

static void add_plain(struct buf *out, const json_t *value)
{
    if (json_is_string(value)) {
        buf_add_text(out, json_string_value(value));
    } else if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            buf_add_text(out, i ? ", " : "");
            add_plain(out, json_array_get(value, i));
        }
    } else if (value && !json_is_null(value)) {
        json_add(out, value);
    }
}

static void add_as_it_is(struct buf *out, const char *text)
{
    buf_add_text(out, text);
}

static void add_url_part(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("/:@", *text))
            buf_add_char(out, *text);
        else
            buf_add_url(out, (char[]){*text, '\0'});
    }
}

static void add_header(struct buf *out, const char *text)
{
    for (; *text; text++)
        buf_add_char(out, (unsigned char)*text < 0x20 || *text == 0x7F ? ' ' : *text);
}

static void add_inside_string(struct buf *out, const char *text)
{
    json_t *string = json_string(text);
    char *quoted = json_print(string);
    buf_add(out, quoted + 1, strlen(quoted) - 2);
    free(quoted);
    json_decref(string);
}

static void (*const escapes[])(struct buf *, const char *) = {
    [TEMPLATE_PLAIN] = add_as_it_is, [TEMPLATE_JSON] = add_inside_string, [TEMPLATE_FORM] = buf_add_url,
    [TEMPLATE_XML] = buf_add_xml,    [TEMPLATE_URL] = add_url_part,       [TEMPLATE_HEADER] = add_header,
};

static void add_value(struct buf *out, enum template_style style, const json_t *value)
{
    struct buf plain = {0};
    add_plain(&plain, value);
    escapes[style](out, buf_text(&plain));
    buf_release(&plain);
}

/* Adds what stands between placeholders, and keeps whether a JSON string is open after it. */
static void add_literal(struct buf *out, const char *text, size_t length, bool *in_string)
{
    for (size_t i = 0; i < length; i++) {
        if (*in_string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            *in_string = !*in_string;
    }
    buf_add(out, text, length);
}

json_t *template_member(const void *object, const char *name)
{
    return json_incref(json_member(object, name));
}

static void put(struct buf *out, enum template_style style, bool in_string, const json_t *value)
{
    if (style != TEMPLATE_JSON || in_string)
        add_value(out, style, value);
    else if (value)
        json_add(out, value);
    else
        buf_add_text(out, "null");
}

void template_render(const char *template, enum template_style style, template_value *value,
                     const void *context, struct buf *out)
{
    struct place place;
    bool in_string = false;
    const char *at = template;
    for (; next_place(at, &place) && place.end; at = place.end) {
        add_literal(out, at, (size_t)(place.start - at), &in_string);
        json_t *one = value(context, place.name);
        put(out, style, in_string, one);
        json_decref(one);
    }
    add_literal(out, at, strlen(at), &in_string);
}
