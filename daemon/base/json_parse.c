/*
 * See json.h: JSON of the plainest kind, read straight into jansson's values. jansson looks at each byte several times;
 * this is on the way of every post, which is read from its row, and of every answer.
 *
 * What is not plain is given up: escapes as \u0041, numbers that are not whole and short, a key twice, deep nesting,
 * anything wrong. What is JSON and what it means is jansson's to say, and so is what is told of what is none.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

enum { LONGEST_NUMBER = 18 }; /* digits that fit into 64 bits */

struct reader {
    const char *at, *end;
    struct buf text; /* of a string with escapes */
    int depth;
};

static json_t *read_value(struct reader *reader);

static bool is_next(const struct reader *reader, char c)
{
    return reader->at < reader->end && *reader->at == c;
}

static bool take(struct reader *reader, char c)
{
    bool is = is_next(reader, c);
    reader->at += is;
    return is;
}

static void skip_space(struct reader *reader)
{
    while (is_next(reader, ' ') || is_next(reader, '\n') || is_next(reader, '\r') || is_next(reader, '\t'))
        reader->at++;
}

/* ---- strings ---- */

static size_t plain_length(const struct reader *reader)
{
    return json_plain_length(reader->at, (size_t)(reader->end - reader->at));
}

static bool add_unescaped(struct reader *reader)
{
    static const char meanings[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                       ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    char meaning = reader->at < reader->end ? meanings[(unsigned char)*reader->at++] : '\0';
    if (meaning)
        buf_add_char(&reader->text, meaning);
    return meaning;
}

static bool read_escaped(struct reader *reader)
{
    while (!is_next(reader, '"')) {
        size_t plain = plain_length(reader);
        buf_add(&reader->text, reader->at, plain);
        reader->at += plain;
        if (!is_next(reader, '"') && !(take(reader, '\\') && add_unescaped(reader)))
            return false;
    }
    return true;
}

static json_t *read_string(struct reader *reader)
{
    const char *text = reader->at;
    size_t length = plain_length(reader);
    if (text + length < reader->end && text[length] != '"') {
        buf_reset(&reader->text);
        if (!read_escaped(reader))
            return NULL;
        text = buf_text(&reader->text);
        length = reader->text.length;
    } else {
        reader->at += length;
    }
    return take(reader, '"') ? json_stringn_nocheck(text, length) : NULL;
}

/* ---- other values ---- */

static json_t *read_number(struct reader *reader)
{
    bool is_negative = take(reader, '-');
    const char *first = reader->at;
    json_int_t number = 0;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++)
        if (reader->at - first < LONGEST_NUMBER)
            number = number * 10 + (*reader->at - '0');
    if (reader->at == first || reader->at - first > LONGEST_NUMBER ||
        (*first == '0' && reader->at - first > 1))
        return NULL;
    return json_integer(is_negative ? -number : number);
}

static json_t *read_word(struct reader *reader, const char *word, json_t *value)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return NULL;
    reader->at += length;
    return value;
}

static bool add_item(struct reader *reader, json_t *array)
{
    json_t *item = read_value(reader);
    return item && !json_array_append_new(array, item);
}

/* What replaces another makes the object no larger. */
static bool add_member(struct reader *reader, json_t *object)
{
    skip_space(reader);
    if (!take(reader, '"'))
        return false;
    const char *key = reader->at;
    size_t length = plain_length(reader), before = json_object_size(object);
    reader->at += length;
    if (!take(reader, '"'))
        return false;
    skip_space(reader);
    json_t *value = take(reader, ':') ? read_value(reader) : NULL;
    return value && !json_object_setn_new_nocheck(object, key, length, value) &&
           json_object_size(object) > before;
}

/* An object or array, whose opening bracket was taken. */
static json_t *read_members(struct reader *reader, json_t *value, bool (*add)(struct reader *, json_t *),
                            char end)
{
    bool ok = ++reader->depth <= JSON_DEEPEST;
    skip_space(reader);
    if (ok && !is_next(reader, end))
        do {
            ok = add(reader, value);
            skip_space(reader);
        } while (ok && take(reader, ','));
    reader->depth--;
    if (ok && take(reader, end))
        return value;
    json_decref(value);
    return NULL;
}

static json_t *read_value(struct reader *reader)
{
    skip_space(reader);
    if (take(reader, '"'))
        return read_string(reader);
    if (take(reader, '{'))
        return read_members(reader, json_object(), add_member, '}');
    if (take(reader, '['))
        return read_members(reader, json_array(), add_item, ']');
    if (is_next(reader, 't'))
        return read_word(reader, "true", json_true());
    if (is_next(reader, 'f'))
        return read_word(reader, "false", json_false());
    if (is_next(reader, 'n'))
        return read_word(reader, "null", json_null());
    return read_number(reader);
}

json_t *json_parse_plain(const char *bytes, size_t length)
{
    struct reader reader = {.at = bytes, .end = bytes + length};
    json_t *value = utf8_is_valid(bytes, length) ? read_value(&reader) : NULL;
    skip_space(&reader);
    buf_release(&reader.text);
    if (reader.at == reader.end)
        return value;
    json_decref(value);
    return NULL;
}
