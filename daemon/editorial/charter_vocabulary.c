/* See charter_loader.h: the words of the charter. How they are looked for is phrase.c's and regexp.c's. */
#include <string.h>

#include "editorial/charter_loader.h"

enum { WORDS_MOST = 5000, REGEXPS_MOST = 200 };

/* ---- forbidden, prefer ---- */

struct raw_word {
    const char *word, *pattern, *instead;
    int level;
};

static const struct field word_fields[] = {
    {"word", FIELD_READ, .offset = offsetof(struct raw_word, word), .read = read_phrase},
    CHARTER_LINE("pattern", REGEXP_LONGEST, offsetof(struct raw_word, pattern)),
    CHARTER_LINE("instead", 200, offsetof(struct raw_word, instead)),
    CHARTER_LEVEL("level", offsetof(struct raw_word, level)),
};

static bool add_word(struct bind *bind, struct words *words, const struct raw_word *raw,
                     const struct yaml *at)
{
    const struct regexp *regexp = NULL;
    struct error err;
    if (raw->pattern && !(regexp = regexp_new(raw->pattern, bind->arena, &err)))
        return bind_fail(bind, at, "pattern", "'pattern': %s of '%s'", err.message, raw->pattern);
    *arena_push(bind->arena, words->items, words->count) = (struct forbidden){.word = raw->word,
                                                                              .pattern = raw->pattern,
                                                                              .regexp = regexp,
                                                                              .instead = raw->instead,
                                                                              .level = raw->level};
    return true;
}

static bool read_word(struct bind *bind, const struct yaml *item, struct words *words)
{
    static const struct field phrase = {.name = "forbidden"};
    struct raw_word raw = {.level = NOT_SAID};
    const struct yaml *at = item;
    if (item->kind == YAML_SCALAR)
        return read_phrase(bind, &phrase, item, &raw.word) && add_word(bind, words, &raw, item);
    if (!bind_map(bind, item, "forbidden", word_fields, sizeof word_fields / sizeof *word_fields, &raw))
        return false;
    if (!yaml_get(item, "word") && !yaml_get(item, "pattern"))
        return bind_fail(bind, item, NULL, "forbidden has no 'word'");
    if (yaml_get(item, "word") && yaml_get(item, "pattern"))
        return bind_fail(bind, yaml_get(item, "pattern"), NULL, "'word' and 'pattern' exclude each other");
    if (raw.pattern)
        at = yaml_get(item, "pattern");
    return add_word(bind, words, &raw, at);
}

static size_t regexps_in(const struct words *words)
{
    size_t count = 0;
    for (size_t i = 0; i < words->count; i++)
        count += words->items[i].regexp != NULL;
    return count;
}

/* A list of words, or of {word or pattern, instead, level}. */
bool charter_read_forbidden(struct bind *bind, const struct field *field, const struct yaml *value,
                            void *member)
{
    bool ok = true;
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    if (value->count > WORDS_MOST)
        return bind_fail(bind, value, NULL, "'forbidden' has more than %d entries", WORDS_MOST);
    for (size_t i = 0; i < value->count; i++)
        ok = read_word(bind, value->items[i], member) && ok;
    if (regexps_in(member) > REGEXPS_MOST)
        return bind_fail(bind, value, "pattern", "'forbidden' has more than %d patterns", REGEXPS_MOST);
    return ok;
}

/* {word: better word} */
bool charter_read_prefer(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field line = CHARTER_LINE(NULL, 200, 0);
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    if (value->count > WORDS_MOST)
        return bind_fail(bind, value, NULL, "'prefer' has more than %d entries", WORDS_MOST);
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        const struct yaml *key = value->keys[i];
        struct raw_word raw = {.level = NOT_SAID, .word = arena_strdup(bind->arena, key->text)};
        line.name = key->text;
        if (!bind_value(bind, &line, value->items[i], &raw.instead) || !phrase_check(bind, key))
            ok = false;
        else
            add_word(bind, member, &raw, key);
    }
    return ok;
}

struct vocabulary vocabulary_of(struct arena *arena, const struct words *words)
{
    struct phrases *phrases = phrases_new(arena);
    size_t *phrase_of = NULL, phrase_count = 0, regexp_count = 0;
    const struct forbidden **regexps = NULL;
    for (size_t i = 0; i < words->count; i++) {
        const struct forbidden *one = &words->items[i];
        if (one->regexp) {
            *arena_push(arena, regexps, regexp_count) = one;
        } else {
            phrases_add(phrases, one->word);
            *arena_push(arena, phrase_of, phrase_count) = i;
        }
    }
    return (struct vocabulary){.items = words->items,
                               .count = words->count,
                               .phrases = phrases,
                               .phrase_of = phrase_of,
                               .regexps = regexps,
                               .regexp_count = regexp_count};
}

/* ---- keywords ---- */

/* {subject: [words]} */
bool charter_read_keywords(struct bind *bind, const struct field *field, const struct yaml *value,
                           void *member)
{
    struct field list = {.max = 1000, .item_max = 1000};
    struct subjects *subjects = member;
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        struct texts texts = {0};
        list.name = value->keys[i]->text;
        if (!read_phrases(bind, &list, value->items[i], &texts)) {
            ok = false;
            continue;
        }
        *arena_push(bind->arena, subjects->items, subjects->count) =
            (struct subject){.name = arena_strdup(bind->arena, list.name),
                             .words = {texts.items, texts.count},
                             .phrases = phrases_of(bind->arena, texts.items, texts.count)};
    }
    return ok;
}
