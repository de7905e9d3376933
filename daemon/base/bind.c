/* See bind.h. Knows kinds of values and how to complain about them; what they
 * mean is in the tables of others. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bind.h"
#include "base/buf.h"
#include "base/suggest.h"

enum { WORD_SHOWN = 60, CANDIDATES_SHOWN = 40 };

/* A word as it can stand in a message: one line, not too long, cut between characters. */
static const char *shown(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    bool cut = length > WORD_SHOWN;
    if (cut)
        for (length = WORD_SHOWN; length && ((unsigned char)text[length] & 0xC0) == 0x80;)
            length--;
    char *copy = arena_printf(arena, "%.*s%s", (int)length, text, cut ? "…" : "");
    for (char *c = copy; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    return copy;
}

static void add(struct bind *bind, enum diag_level level, const struct yaml *at, const char *rule,
                const char *message, const char *word, const char *nearest)
{
    if (!bind->file && bind->member)
        word = bind->member; /* JSON has no positions: the member's name must do */
    diags_add(bind->diags, &(struct diag){.level = level, .file = bind->file, .line = at ? at->line : 0,
                                          .column = at ? at->column : 0, .rule = rule ? rule : "structure",
                                          .post = bind->post, .message = message, .word = word,
                                          .nearest = nearest});
}

bool bind_fail(struct bind *bind, const struct yaml *at, const char *rule, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(bind->arena, format, args);
    va_end(args);
    const char *word = at && at->kind == YAML_SCALAR ? shown(bind->arena, at->text) : NULL;
    add(bind, DIAG_ERROR, at, rule, message, word, NULL);
    return false;
}

void bind_warn(struct bind *bind, const struct yaml *at, const char *rule, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(bind->arena, format, args);
    va_end(args);
    add(bind, DIAG_WARNING, at, rule, message, NULL, NULL);
}

const char *bind_joined(struct arena *arena, const char *const *words, size_t count)
{
    struct buf text = {0};
    for (size_t i = 0; i < count && i < CANDIDATES_SHOWN; i++)
        buf_printf(&text, "%s%s", i ? ", " : "", words[i]);
    if (count > CANDIDATES_SHOWN)
        buf_add_text(&text, ", …");
    const char *copy = arena_strdup(arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

bool bind_unknown(struct bind *bind, const struct yaml *at, const char *rule, const char *what,
                  const char *const *candidates, size_t count)
{
    const char *word = shown(bind->arena, at->text);
    const char *message = count ? arena_printf(bind->arena, "%s '%s', expected one of %s", what, word,
                                               bind_joined(bind->arena, candidates, count))
                                : arena_printf(bind->arena, "%s '%s', none is defined", what, word);
    add(bind, DIAG_ERROR, at, rule, message, word, suggest(at->text, candidates, count));
    return false;
}

static const char comment_hint[] =
    ": ' #' begins a comment in YAML; for a hashtag put the text in quotes, or on lines of "
    "its own below 'text: |'; a comment has a blank behind '#'";

bool bind_is(struct bind *bind, const char *name, const struct yaml *value, enum yaml_kind kind)
{
    static const char *const names[] = {"a text", "a list", "a map"};
    static const char *const hints[] = {"", " (write it as [first, second])", " (write it as {key: value})"};
    if (value->kind == kind && !(kind == YAML_SCALAR && yaml_is_null(value)))
        return true;
    if (yaml_is_null(value))
        return bind_fail(bind, value, NULL, "'%s' has no value, expected %s%s", name, names[kind],
                         value->hashtag_behind ? comment_hint : "");
    return bind_fail(bind, value, NULL, "'%s' must be %s, not %s%s", name, names[kind], yaml_kind_name(value),
                     hints[kind]);
}

size_t bind_characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

/* ---- texts ---- */

static bool is_integer(const char *text)
{
    const char *digits = text + (*text == '-');
    size_t length = strspn(digits, "0123456789");
    return length && length <= 15 && !digits[length] && (*digits != '0' || length == 1);
}

static bool check_text(struct bind *bind, const char *name, const struct yaml *value, int64_t min, int64_t max,
                       const struct field *field)
{
    if (!bind_is(bind, name, value, YAML_SCALAR))
        return false;
    int64_t length = (int64_t)bind_characters(value->text), least = min ? min : 1;
    if (length < least)
        return length == 0 ? bind_fail(bind, value, NULL, "'%s' is empty", name)
                           /* To a schema a number has no length: a rule of its own. */
                           : bind_fail(bind, value, value->plain && is_integer(value->text) ? "out-of-range" : NULL,
                                       "'%s' is too short, at least %" PRId64 " characters", name, least);
    if (max && length > max)
        return bind_fail(bind, value, NULL, "'%s' has %" PRId64 " characters, at most %" PRId64 " are allowed", name,
                         length, max);
    if (field->valid && !field->valid(value->text))
        return bind_fail(bind, value, NULL, "'%s' must be %s, not '%s'", name, field->expected,
                         shown(bind->arena, value->text));
    if (value->hashtag_behind)
        bind_warn(bind, value, "comment", "the rest of this line is not part of '%s'%s", name, comment_hint);
    return true;
}

static bool bind_text(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!check_text(bind, field->name, value, field->min, field->max, field))
        return false;
    *(const char **)member = arena_strndup(bind->arena, value->text, value->length);
    return true;
}

static bool has_right_count(struct bind *bind, const struct field *field, const struct yaml *value)
{
    int64_t count = (int64_t)value->count;
    if (count < field->min)
        return count == 0 ? bind_fail(bind, value, NULL, "'%s' is empty", field->name)
                          : bind_fail(bind, value, NULL, "'%s' has %" PRId64 " entries, at least %" PRId64
                                      " are needed", field->name, count, field->min);
    if (field->max && count > field->max)
        return bind_fail(bind, value, NULL, "'%s' has %" PRId64 " entries, at most %" PRId64 " are allowed",
                         field->name, count, field->max);
    return true;
}

static bool bind_texts(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    bool ok = has_right_count(bind, field, value);
    struct texts texts = {.items = arena_alloc_array(bind->arena, value->count, sizeof *texts.items)};
    for (size_t i = 0; i < value->count; i++) {
        const struct yaml *item = value->items[i];
        if (check_text(bind, field->name, item, 0, (int64_t)field->item_max, field))
            texts.items[texts.count++] = arena_strndup(bind->arena, item->text, item->length);
        else
            ok = false;
    }
    *(struct texts *)member = texts;
    return ok;
}

/* ---- numbers, flags, words, durations ---- */

static bool bind_integer(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_SCALAR))
        return false;
    if (!is_integer(value->text))
        return bind_fail(bind, value, NULL, "'%s' must be a whole number, not '%s'", field->name,
                         shown(bind->arena, value->text));
    if (!value->plain)
        return bind_fail(bind, value, NULL, "'%s' must be a number: write %s without quotes", field->name,
                         value->text);
    int64_t number = strtoll(value->text, NULL, 10);
    if (number < field->min || (field->max && number > field->max)) {
        if (field->max == field->min)
            return bind_fail(bind, value, NULL, "'%s' must be %" PRId64 ", not %s", field->name, field->min, value->text);
        if (field->max)
            return bind_fail(bind, value, NULL, "'%s' must be from %" PRId64 " to %" PRId64 ", not %s", field->name,
                             field->min, field->max, value->text);
        return bind_fail(bind, value, NULL, "'%s' must be at least %" PRId64 ", not %s", field->name, field->min,
                         value->text);
    }
    *(int64_t *)member = number;
    return true;
}

static bool bind_flag(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_SCALAR))
        return false;
    bool yes = !strcmp(value->text, "true");
    if (!yes && strcmp(value->text, "false") != 0)
        return bind_fail(bind, value, NULL, "'%s' must be true or false, not '%s': write true or false", field->name,
                         shown(bind->arena, value->text));
    if (!value->plain)
        return bind_fail(bind, value, NULL, "'%s' must be true or false: write %s without quotes", field->name,
                         value->text);
    *(bool *)member = yes;
    return true;
}

static bool bind_word(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    size_t count = 0;
    if (!bind_is(bind, field->name, value, YAML_SCALAR))
        return false;
    for (; field->words[count]; count++) {
        if (!strcmp(field->words[count], value->text)) {
            *(int *)member = (int)count;
            return true;
        }
    }
    return bind_unknown(bind, value, NULL, arena_printf(bind->arena, "unknown '%s'", field->name), field->words,
                        count);
}

static bool bind_duration(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    duration d;
    char least[64], most[64];
    if (!bind_is(bind, field->name, value, YAML_SCALAR))
        return false;
    if (!duration_parse(value->text, &d))
        return bind_fail(bind, value, NULL, "'%s' must be a duration such as 90s, 15m, 2h or 3d, not '%s'",
                         field->name, shown(bind->arena, value->text));
    /* What a pattern cannot say: a rule of its own. */
    if (d < field->min || (field->max && d > field->max))
        return bind_fail(bind, value, "out-of-range", "'%s' must be from %s to %s", field->name,
                         duration_format(field->min, least, sizeof least),
                         duration_format(field->max ? field->max : DAYS(36500), most, sizeof most));
    *(duration *)member = d;
    return true;
}

/* ---- maps ---- */

static bool bind_nested(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    return bind_map(bind, value, field->name, field->fields, field->field_count, member);
}

static bool bind_maps(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    bool ok = has_right_count(bind, field, value);
    char *items = arena_alloc_array(bind->arena, value->count, field->item_size);
    for (size_t i = 0; i < value->count; i++)
        ok = bind_map(bind, value->items[i], field->name, field->fields, field->field_count,
                      items + i * field->item_size) && ok;
    *(struct list *)member = (struct list){.items = items, .count = value->count};
    return ok;
}

static bool bind_read(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    return field->read(bind, field, value, member);
}

static bool bind_nothing(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    (void)bind, (void)field, (void)value, (void)member;
    return true;
}

bool bind_value(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static bool (*const binders[])(struct bind *, const struct field *, const struct yaml *, void *) = {
        [FIELD_TEXT] = bind_text,         [FIELD_INTEGER] = bind_integer, [FIELD_FLAG] = bind_flag,
        [FIELD_WORD] = bind_word,         [FIELD_DURATION] = bind_duration, [FIELD_TEXTS] = bind_texts,
        [FIELD_MAP] = bind_nested,        [FIELD_MAPS] = bind_maps,       [FIELD_READ] = bind_read,
        [FIELD_SKIP] = bind_nothing,
    };
    return binders[field->kind](bind, field, value, member);
}

static const struct field *find_field(const struct field *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(fields[i].name, name))
            return &fields[i];
    return NULL;
}

static bool unknown_key(struct bind *bind, const struct yaml *key, const char *what, const struct field *fields,
                        size_t count)
{
    const char **names = arena_alloc_array(bind->arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = fields[i].name;
    return bind_unknown(bind, key, NULL, arena_printf(bind->arena, "unknown key in %s:", what), names, count);
}

static bool has_required(struct bind *bind, const struct yaml *map, const char *what, const struct field *fields,
                         size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !yaml_get(map, fields[i].name))
            ok = bind_fail(bind, map, NULL, "%s has no '%s'", what, fields[i].name);
    return ok;
}

bool bind_map(struct bind *bind, const struct yaml *map, const char *what, const struct field *fields, size_t count,
              void *into)
{
    if (!bind_is(bind, what, map, YAML_MAP))
        return false;
    bool ok = true;
    const char *outer = bind->member;
    for (size_t i = 0; i < map->count; i++) {
        const struct field *field = find_field(fields, count, map->keys[i]->text);
        bind->member = map->keys[i]->text;
        if (!field)
            ok = unknown_key(bind, map->keys[i], what, fields, count);
        else
            ok = bind_value(bind, field, map->items[i], (char *)into + field->offset) && ok;
    }
    bind->member = outer;
    return has_required(bind, map, what, fields, count) && ok;
}

/* ---- forms of texts ---- */

bool is_name(const char *text)
{
    if (!isalnum((unsigned char)*text) || strlen(text) > 64)
        return false;
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
            return false;
    return true;
}

bool is_one_line(const char *text)
{
    return !strchr(text, '\n');
}

bool is_http_url(const char *text)
{
    const char *host = !strncmp(text, "https://", 8) ? text + 8 : !strncmp(text, "http://", 7) ? text + 7 : NULL;
    if (!host)
        return false;
    size_t length = strcspn(host, "/?#");
    for (const unsigned char *c = (const unsigned char *)host; *c; c++)
        if (*c <= ' ' || *c == 0x7F || strchr("<>\"\\", *c))
            return false;
    return length && !memchr(host, '@', length);
}

bool is_time_of_day(const char *text)
{
    static const char form[] = "00:00:00";
    size_t length = strlen(text);
    if (length != 5 && length != 8)
        return false;
    for (size_t i = 0; i < length; i++)
        if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    return atoi(text) < 24 && atoi(text + 3) < 60 && (length == 5 || atoi(text + 6) < 60);
}
