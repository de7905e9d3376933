/*
 * See json.h: a value as text, byte for byte as jansson prints it (compact, keys sorted), for contents are hashed as
 * text. jansson looks at each character on its own; this is on the way of every post, and of every page of a list.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

static void add_escaped(struct buf *out, unsigned char c)
{
    static const char letters[] = "\bb\ff\nn\rr\tt";
    const char *found = c ? strchr(letters, c) : NULL;
    if (c == '"' || c == '\\')
        buf_printf(out, "\\%c", c);
    else if (found)
        buf_printf(out, "\\%c", found[1]);
    else
        buf_printf(out, "\\u%04X", c);
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether one of the eight bytes is less than n (which is at most 0x80): only there the subtraction sets a high bit. */
static bool has_less(uint64_t eight, unsigned n)
{
    return (eight - EACH(n)) & ~eight & EACH(0x80);
}

static bool are_plain(const char *text)
{
    uint64_t eight;
    memcpy(&eight, text, sizeof eight);
    return !has_less(eight, 0x20) && !has_less(eight ^ EACH('"'), 1) && !has_less(eight ^ EACH('\\'), 1);
}

/* What stands as it is: everything but quotes, backslashes and control characters. */
static size_t plain_length(const char *text, size_t length)
{
    size_t i = 0;
    while (i + 8 <= length && are_plain(text + i))
        i += 8;
    while (i < length && (unsigned char)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')
        i++;
    return i;
}

static void add_string(struct buf *out, const char *text, size_t length)
{
    buf_add_char(out, '"');
    for (size_t at = 0; at < length; at++) {
        size_t plain = plain_length(text + at, length - at);
        buf_add(out, text + at, plain);
        at += plain;
        if (at < length)
            add_escaped(out, (unsigned char)text[at]);
    }
    buf_add_char(out, '"');
}

static void add_array(struct buf *out, const json_t *array)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            buf_add_char(out, ',');
        json_add(out, json_array_get(array, i));
    }
    buf_add_char(out, ']');
}

struct member {
    const char *key;
    const json_t *value;
};

static int compare_members(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

static void add_members(struct buf *out, const json_t *object, struct member *members)
{
    const char *key;
    json_t *value;
    size_t count = 0;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) members[count++] =
        (struct member){key, value};
    qsort(members, count, sizeof *members, compare_members);
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(out, ',');
        add_string(out, members[i].key, strlen(members[i].key));
        buf_add_char(out, ':');
        json_add(out, members[i].value);
    }
}

static void add_object(struct buf *out, const json_t *object)
{
    enum { FEW = 48 }; /* a delivery has 35 */
    struct member few[FEW], *members = few;
    if (json_object_size(object) > FEW)
        members = xmalloc(json_object_size(object) * sizeof *members);
    buf_add_char(out, '{');
    add_members(out, object, members);
    buf_add_char(out, '}');
    if (members != few)
        free(members);
}

/* Whose digits are jansson's business. */
static void add_real(struct buf *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    buf_add_text(out, text ? text : "null");
    free(text);
}

void json_add(struct buf *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_object(out, value);
        break;
    case JSON_ARRAY:
        add_array(out, value);
        break;
    case JSON_STRING:
        add_string(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        buf_add_number(out, json_integer_value(value));
        break;
    case JSON_REAL:
        add_real(out, value);
        break;
    case JSON_TRUE:
        buf_add_text(out, "true");
        break;
    case JSON_FALSE:
        buf_add_text(out, "false");
        break;
    case JSON_NULL:
        buf_add_text(out, "null");
        break;
    }
}

void json_add_text(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    if (utf8_is_valid(text, length)) {
        add_string(out, text, length);
        return;
    }
    json_t *value = json_string_of(text);
    json_add(out, value);
    json_decref(value);
}

char *json_print(const json_t *value)
{
    struct buf out = {0};
    buf_reserve(&out, 500);
    json_add(&out, value);
    return buf_detach(&out);
}
