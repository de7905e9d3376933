/*
 * See yaml_hint.h. Knows what people write and what libyaml says of it, and looks at the line where it stopped. Guesses:
 * it decides nothing, for the file is refused already.
 */
#include <string.h>

#include "base/yaml_hint.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

struct line {
    const char *start;
    size_t length;
};

/* YAML's line breaks: CR, LF, CR LF, U+0085, U+2028, U+2029. 0: none is here. */
static size_t break_length(const char *at, const char *end)
{
    static const char *const breaks[] = {"\r\n", "\n", "\r", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    if (*at != '\n' && *at != '\r' && *at != '\xC2' && *at != '\xE2')
        return 0;
    for (size_t i = 0; i < LENGTH(breaks); i++) {
        size_t length = strlen(breaks[i]);
        if ((size_t)(end - at) >= length && !memcmp(at, breaks[i], length))
            return length;
    }
    return 0;
}

/* Takes a line off the front; false at the end. */
static bool next_line(const char **at, const char *end, struct line *ret_line)
{
    const char *start = *at;
    size_t size = 0;
    if (start == end)
        return false;
    while (*at < end && !(size = break_length(*at, end)))
        ++*at;
    *ret_line = (struct line){start, (size_t)(*at - start)};
    *at += size;
    return true;
}

static struct line line_at(const struct yaml_slip *slip, size_t number)
{
    const char *at = slip->bytes, *end = at + slip->length;
    struct line line = {end, 0};
    for (size_t i = 0; i <= number; i++)
        if (!next_line(&at, end, &line))
            return (struct line){end, 0};
    return line;
}

size_t yaml_line_of(const char *bytes, size_t length, size_t byte)
{
    const char *at = bytes, *end = bytes + length;
    struct line line;
    size_t number = 0;
    while (next_line(&at, end, &line) && (number++, at <= bytes + byte))
        ;
    return number ? number : 1;
}

/* ---- slips ---- */

struct look {
    const struct yaml_slip *slip;
    struct line line; /* where libyaml stopped */
    size_t indent;    /* its blanks */
    struct arena *arena;
    struct yaml_hint *hint; /* of the place where it stopped, unless it is found elsewhere */
};

static bool says(const char *words, const char *part)
{
    return words && strstr(words, part);
}

static const char *conflict_left(const struct look *look)
{
    static const char *const marks[] = {"<<<<<<< ", "||||||| ", ">>>>>>> "};
    const char *at = look->slip->bytes, *end = at + look->slip->length;
    struct line line;
    for (size_t number = 0; next_line(&at, end, &line); number++)
        for (size_t i = 0; i < LENGTH(marks); i++)
            if (line.length >= 8 && !memcmp(line.start, marks[i], 8)) {
                look->hint->line = number;
                look->hint->column = 0;
                return arena_printf(look->arena,
                                    "a merge conflict was left here ('%.7s'): keep one side of it, and "
                                    "take the marks out",
                                    marks[i]);
            }
    return NULL;
}

static const char *tab_before(const struct look *look)
{
    const char *tab = memchr(look->line.start, '\t', look->line.length);
    if (!tab || tab != look->line.start + look->indent)
        return NULL;
    look->hint->column = look->indent;
    return "a tab: lines are indented with blanks only";
}

static const char *quote_open(const struct look *look)
{
    if (!says(look->slip->context, "quoted scalar"))
        return NULL;
    look->hint->line = look->slip->begin_line;
    look->hint->column = look->slip->begin_column;
    return "the quote that opens here is not closed";
}

static const char *bracket_open(const struct look *look)
{
    bool list = says(look->slip->context, "flow sequence");
    if (!list && !says(look->slip->context, "flow mapping"))
        return NULL;
    return arena_printf(look->arena, "the '%c' of line %zu, column %zu is not closed, or a comma is missing",
                        list ? '[' : '{', look->slip->begin_line + 1, look->slip->begin_column + 1);
}

static const char *colon_inside(const struct look *look)
{
    if (!says(look->slip->problem, "mapping values are not allowed"))
        return NULL;
    return "a text with ': ' in it must stand in quotes, or on lines of its own below 'text: |'; and keys of one "
           "entry begin in one column";
}

/* Where the value of "- key: value" begins in the line; its end where there is none. */
static size_t value_start(const struct look *look)
{
    const char *line = look->line.start, *end = line + look->line.length, *at = line + look->indent;
    while (end - at >= 2 && at[0] == '-' && at[1] == ' ')
        for (at += 2; at < end && *at == ' ';)
            at++;
    for (const char *colon = at; end - colon >= 2; colon++)
        if (colon[0] == ':' && colon[1] == ' ') {
            for (at = colon + 2; at < end && *at == ' ';)
                at++;
            break;
        }
    return (size_t)(at - line);
}

static const char *sign_first(const struct look *look)
{
    size_t at = value_start(look);
    char first = at < look->line.length ? look->line.start[at] : '\0';
    if (!first || !strchr("@`%*&!|>[{?-\"'", first) || look->slip->column + 1 < at)
        return NULL;
    if (strchr("\"'", first))
        return arena_printf(look->arena,
                            "a text that begins with %c ends at the next %c: is one missing above, or one "
                            "too many here? longer texts stand on lines of their own below 'text: |'",
                            first, first);
    return arena_printf(look->arena,
                        "a text that begins with '%c' must stand in quotes, or on lines of its own below "
                        "'text: |'",
                        first);
}

static const char *astray(const struct look *look)
{
    const struct yaml_slip *slip = look->slip;
    if (!says(slip->problem, "did not find expected key") && !says(slip->problem, "expected '-' indicator"))
        return NULL;
    if (slip->column != look->indent)
        return "is a quote missing in this line, or closed too early above it?";
    if (slip->column == slip->begin_column)
        return says(slip->problem, "'-'")
                   ? "each entry of this list begins with '- ': a line that goes on with one stands "
                     "further in"
                   : "neither 'key: value' nor part of the text above it";
    return arena_printf(look->arena,
                        "this line begins in column %zu; what it belongs to begins in line %zu, column %zu",
                        slip->column + 1, slip->begin_line + 1, slip->begin_column + 1);
}

static const char *no_key(const struct look *look)
{
    if (!says(look->slip->problem, "could not find expected ':'"))
        return NULL;
    struct line line = line_at(look->slip, look->slip->begin_line);
    look->hint->line = look->slip->begin_line;
    look->hint->column = look->slip->begin_column;
    if (memchr(line.start, ':', line.length))
        return "a blank must follow the ':' behind a key";
    return "neither 'key: value' nor part of the text above it: a longer text stands indented below "
           "'text: |'";
}

bool yaml_hint(const struct yaml_slip *slip, struct arena *arena, struct yaml_hint *ret_hint)
{
    static const char *(*const slips[])(const struct look *look) = {
        conflict_left, tab_before, quote_open, bracket_open, colon_inside, sign_first, astray, no_key};
    struct yaml_hint hint = {.line = slip->line, .column = slip->column};
    struct look look = {.slip = slip, .line = line_at(slip, slip->line), .arena = arena, .hint = &hint};
    while (look.indent < look.line.length && look.line.start[look.indent] == ' ')
        look.indent++;
    for (size_t i = 0; i < LENGTH(slips) && !hint.text; i++)
        hint.text = slips[i](&look);
    if (hint.text)
        *ret_hint = hint;
    return hint.text != NULL;
}
