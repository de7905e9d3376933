/*
 * See json.h: JSON as it nearly always is, read run by run where jansson looks at each character on its own; this is on
 * the way of every request and every row. It gives up on whatever it does not surely know (numbers that are not plain
 * integers, anything wrong): then jansson reads it, and says what is wrong.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

enum { DIGITS = 18 /* of an integer that fits for sure */ };

struct reader {
    const char *at, *end;
    int depth;        /* levels that are left */
    struct buf plain; /* the last string that had escapes */
};

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' || *reader->at == '\r'))
        reader->at++;
}

/* Takes the character if it is the next one. */
static bool take(struct reader *reader, char c)
{
    bool is = reader->at < reader->end && *reader->at == c;
    reader->at += is;
    return is;
}

/* ---- strings ---- */

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)((found - digits) % 16) : -1;
}

static bool read_unit(struct reader *reader, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    if (reader->end - reader->at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*reader->at++);
        if (digit < 0)
            return false;
        unit = unit * 16 + (uint32_t)digit;
    }
    *ret_unit = unit;
    return true;
}

/* "\u00e9", or both halves of a pair (RFC 8259 section 7), behind the first backslash and u. NUL is jansson's. */
static bool add_unicode(struct reader *reader)
{
    uint32_t c, low = 0;
    char bytes[4];
    if (!read_unit(reader, &c) || c == 0 || (c >= 0xDC00 && c < 0xE000))
        return false;
    if (c >= 0xD800 && c < 0xDC00) {
        if (!take(reader, '\\') || !take(reader, 'u') || !read_unit(reader, &low) || low < 0xDC00 ||
            low >= 0xE000)
            return false;
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    buf_add(&reader->plain, bytes, utf8_encode(c, bytes));
    return true;
}

static bool add_escaped(struct reader *reader)
{
    static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    if (reader->at == reader->end)
        return false;
    char c = *reader->at++;
    if (c == 'u')
        return add_unicode(reader);
    for (const char *letter = letters; *letter; letter += 2)
        if (*letter == c) {
            buf_add_char(&reader->plain, letter[1]);
            return true;
        }
    return false;
}

static size_t plain_run(const struct reader *reader)
{
    const char *at = reader->at;
    while (at < reader->end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
        at++;
    return (size_t)(at - reader->at);
}

static bool read_escaped(struct reader *reader, const char *from)
{
    buf_reset(&reader->plain);
    buf_add(&reader->plain, from, (size_t)(reader->at - from));
    while (take(reader, '\\')) {
        if (!add_escaped(reader))
            return false;
        size_t length = plain_run(reader);
        buf_add(&reader->plain, reader->at, length);
        reader->at += length;
    }
    return true;
}

/* Behind its first quote. ret_text: in the reader's bytes, or in 'plain' until the next string. */
static bool read_text(struct reader *reader, const char **ret_text, size_t *ret_length)
{
    const char *from = reader->at;
    reader->at += plain_run(reader);
    *ret_text = from;
    *ret_length = (size_t)(reader->at - from);
    if (reader->at < reader->end && *reader->at == '\\') {
        if (!read_escaped(reader, from))
            return false;
        *ret_text = buf_text(&reader->plain);
        *ret_length = reader->plain.length;
    }
    return take(reader, '"') && utf8_is_valid(*ret_text, *ret_length);
}

static json_t *read_string(struct reader *reader)
{
    const char *text;
    size_t length;
    return read_text(reader, &text, &length) ? json_stringn_nocheck(text, length) : NULL;
}

/* ---- the rest ---- */

static json_t *read_value(struct reader *reader);

static bool read_members(struct reader *reader, json_t *object)
{
    do {
        const char *text;
        size_t length;
        char key[64];
        skip_blanks(reader);
        if (!take(reader, '"') || !read_text(reader, &text, &length) || length > sizeof key)
            return false;
        memcpy(key, text, length); /* the value may have escapes, too */
        skip_blanks(reader);
        if (!take(reader, ':') || json_object_getn(object, key, length))
            return false;
        json_t *value = read_value(reader);
        if (!value || json_object_setn_new_nocheck(object, key, length, value))
            return false;
        skip_blanks(reader);
    } while (take(reader, ','));
    return take(reader, '}');
}

static bool read_items(struct reader *reader, json_t *array)
{
    do {
        json_t *value = read_value(reader);
        if (!value || json_array_append_new(array, value))
            return false;
        skip_blanks(reader);
    } while (take(reader, ','));
    return take(reader, ']');
}

static json_t *read_container(struct reader *reader, bool is_object)
{
    json_t *container = is_object ? json_object() : json_array();
    bool ok = reader->depth-- > 0;
    skip_blanks(reader);
    if (ok && !take(reader, is_object ? '}' : ']'))
        ok = is_object ? read_members(reader, container) : read_items(reader, container);
    reader->depth++;
    if (ok)
        return container;
    json_decref(container);
    return NULL;
}

static json_t *read_integer(struct reader *reader)
{
    bool negative = take(reader, '-');
    const char *from = reader->at;
    json_int_t value = 0;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    ptrdiff_t digits = reader->at - from;
    bool goes_on = reader->at < reader->end && strchr(".eE", *reader->at);
    if (digits == 0 || digits > DIGITS || goes_on || (*from == '0' && digits > 1))
        return NULL;
    for (const char *at = from; at < reader->at; at++)
        value = value * 10 + (*at - '0');
    return json_integer(negative ? -value : value);
}

static bool take_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    bool is = (size_t)(reader->end - reader->at) >= length && !memcmp(reader->at, word, length);
    reader->at += is ? length : 0;
    return is;
}

static json_t *read_value(struct reader *reader)
{
    skip_blanks(reader);
    if (take(reader, '"'))
        return read_string(reader);
    if (take(reader, '{'))
        return read_container(reader, true);
    if (take(reader, '['))
        return read_container(reader, false);
    if (take_word(reader, "true"))
        return json_true();
    if (take_word(reader, "false"))
        return json_false();
    return take_word(reader, "null") ? json_null() : read_integer(reader);
}

json_t *json_read(const char *bytes, size_t length, int deepest)
{
    struct reader reader = {.at = bytes, .end = bytes + length, .depth = deepest};
    json_t *value = read_value(&reader);
    skip_blanks(&reader);
    buf_release(&reader.plain);
    if (value && reader.at == reader.end)
        return value;
    json_decref(value);
    return NULL;
}
