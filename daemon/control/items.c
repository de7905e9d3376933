/*
 * See items.h. Of JSON it knows strings, brackets and commas (RFC 8259); what is wrong within an item is
 * found by who parses it.
 */
#include "control/items.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct items *items)
{
    for (; items->at < items->length && is_blank(items->bytes[items->at]); items->at++)
        items->row += items->bytes[items->at] == '\n';
}

/* Where a string ends that begins at 'from', behind its quote. */
static size_t string_end(const struct items *items, size_t from)
{
    for (size_t i = from + 1; i < items->length; i++)
        if (items->bytes[i] == '\\')
            i++;
        else if (items->bytes[i] == '"')
            return i + 1;
    return items->length;
}

/* Where an item ends that begins at 'at': before the comma or bracket that is the array's. */
static size_t item_end(const struct items *items)
{
    size_t depth = 0, i = items->at;
    while (i < items->length) {
        char c = items->bytes[i];
        if (c == '"') {
            i = string_end(items, i);
            continue;
        }
        if (depth == 0 && (c == ',' || c == ']'))
            break;
        depth += c == '[' || c == '{';
        depth -= depth && (c == ']' || c == '}');
        i++;
    }
    return i;
}

static void give(struct items *items, size_t end, const char **ret_item, size_t *ret_length)
{
    size_t last = end;
    while (last > items->at && is_blank(items->bytes[last - 1]))
        last--;
    *ret_item = items->bytes + items->at;
    *ret_length = last - items->at;
    items->count++;
}

/* Behind what was given, counting its lines. */
static void go_to(struct items *items, size_t end)
{
    for (const char *c = items->bytes + items->at; (c = memchr(c, '\n', (size_t)(items->bytes + end - c)));
         c++)
        items->row++;
    items->at = end;
}

static bool next_line(struct items *items, const char **ret_item, size_t *ret_length)
{
    skip_blanks(items);
    if (items->at == items->length)
        return true;
    const char *end = memchr(items->bytes + items->at, '\n', items->length - items->at);
    give(items, end ? (size_t)(end - items->bytes) : items->length, ret_item, ret_length);
    items->at += *ret_length;
    return true;
}

/* Behind the bracket, or the comma, that the next one needs before it; ret_end: the array ended. */
static bool take_separator(struct items *items, bool *ret_end, struct error *err)
{
    skip_blanks(items);
    char c = items->at < items->length ? items->bytes[items->at] : '\0';
    bool first = items->count == 0 && c == '[', next = items->count && c == ',';
    if (!first && !next && !(items->count && c == ']'))
        return fail(err, items->count ? "the list is not closed, line %zu" : "a list was expected, line %zu",
                    items->row);
    items->at++;
    skip_blanks(items);
    *ret_end = c == ']' || (first && items->at < items->length && items->bytes[items->at] == ']');
    if (c == '[' && *ret_end)
        items->at++;
    skip_blanks(items);
    return !*ret_end || items->at == items->length ||
           fail(err, "something stands behind the list, line %zu", items->row);
}

bool items_next(struct items *items, const char **ret_item, size_t *ret_length, struct error *err)
{
    bool ended;
    *ret_item = NULL;
    *ret_length = 0;
    items->row += !items->row;
    if (items->lines)
        return next_line(items, ret_item, ret_length);
    if (!take_separator(items, &ended, err))
        return false;
    if (ended)
        return true;
    size_t end = item_end(items);
    give(items, end, ret_item, ret_length);
    go_to(items, end);
    return true;
}
