/* See phrase_load.h. */
#include "editorial/phrase_load.h"

bool phrase_check(struct bind *bind, const struct yaml *at)
{
    return phrase_is_valid(at->text) ||
           bind_fail(bind, at, "phrase",
                     "expected a word or expression such as 'pas cher', 'cher|chère' or 'promo*', not '%s'",
                     at->text);
}

bool read_phrase(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    const struct field line = {
        .name = field->name, .kind = FIELD_TEXT, .max = 200, .valid = is_one_line, .expected = EXPECTED_LINE};
    return bind_value(bind, &line, value, member) && phrase_check(bind, value);
}

bool read_phrases(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field list = *field;
    list.kind = FIELD_TEXTS;
    list.valid = is_one_line;
    list.expected = EXPECTED_LINE;
    if (!bind_value(bind, &list, value, member))
        return false;
    bool ok = true;
    for (size_t i = 0; i < value->count; i++)
        ok = phrase_check(bind, value->items[i]) && ok;
    return ok;
}

const struct phrases *phrases_of(struct arena *arena, const char *const *items, size_t count)
{
    struct phrases *phrases = phrases_new(arena);
    for (size_t i = 0; i < count; i++)
        phrases_add(phrases, items[i]);
    return phrases;
}
