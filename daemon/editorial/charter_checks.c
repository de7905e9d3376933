/*
 * See charter_loader.h: 'checks', by the table of rules. A rule's value is a level, a map, or a list of maps,
 * each for some accounts or buckets.
 */
#include <stdlib.h>
#include <string.h>

#include "editorial/charter_loader.h"
#include "editorial/link_add.h"

enum { ENTRIES_MOST = 100, LIST_MOST = 1000 };

/* enum check_level, and an alias */
static const char *const level_words[] = {"off", "warning", "error", "ignore", NULL};

bool charter_read_level(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field word = {.name = field->name, .kind = FIELD_WORD, .words = level_words};
    int level;
    if (!bind_value(bind, &word, value, &level))
        return false;
    *(int *)member = level == 3 ? CHECK_OFF : level;
    return true;
}

struct setting setting_blank(void)
{
    return (struct setting){
        .level = NOT_SAID, .max = NOT_SAID, .min = NOT_SAID, .alike = NOT_SAID, .within = NOT_SAID};
}

void checks_add(struct checks *checks, struct arena *arena, enum rule_id rule, const struct setting *setting)
{
    if (setting->level != NOT_SAID || setting->max != NOT_SAID || setting->within != NOT_SAID)
        *arena_push(arena, checks->items[rule], checks->counts[rule]) = *setting;
}

struct raw_setting {
    struct setting setting;
    struct texts to, buckets, words;
    struct parameters {
        struct parameter *items;
        size_t count;
    } add;
};

bool charter_read_to(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field list = {.name = "to", .kind = FIELD_TEXTS, .min = 1, .max = LIST_MOST, .item_max = 64,
                                      .valid = is_name, .expected = EXPECTED_NAME};
    (void)field;
    if (!bind_value(bind, &list, value, member))
        return false;
    bool ok = true;
    for (size_t i = 0; i < value->count; i++)
        ok = charter_check_name(bind, value->items[i]) && ok;
    return ok;
}

static bool read_share(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = 4, .valid = is_share,
                         .expected = "a percentage such as 20%"};
    const char *share;
    if (!bind_value(bind, &text, value, &share))
        return false;
    *(int64_t *)member = atoi(share);
    return true;
}

/* {name: value} */
static bool read_add(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    enum { MOST = 20 };
    struct field text = {.kind = FIELD_TEXT, .max = 200, .valid = is_one_line, .expected = EXPECTED_LINE};
    struct parameters *add = member;
    bool ok = true;
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    if (value->count > MOST)
        return bind_fail(bind, value, NULL, "'%s' has more than %d entries", field->name, MOST);
    for (size_t i = 0; i < value->count; i++) {
        struct parameter one = {.name = arena_strdup(bind->arena, value->keys[i]->text)};
        text.name = one.name;
        if (!is_name(one.name))
            ok = bind_fail(bind, value->keys[i], NULL, "a parameter's name must be " EXPECTED_NAME ", not '%s'", one.name);
        else if (!bind_value(bind, &text, value->items[i], &one.value))
            ok = false;
        else if (!link_add_is_valid(one.value))
            ok = bind_fail(bind, value->items[i], "placeholder",
                           "'%s': what may stand in braces is account, network, campaign, bucket, post", one.name);
        else
            *arena_push(bind->arena, add->items, add->count) = one;
    }
    return ok;
}

#define AT(member) .offset = offsetof(struct raw_setting, member)
#define PHRASES(key)                                                                                         \
    {key, FIELD_READ, AT(words), .min = 1, .max = LIST_MOST, .item_max = 200, .read = read_phrases}
#define LINES(key, member)                                                                                   \
    {key, FIELD_TEXTS, AT(member), .min = 1, .max = LIST_MOST, .item_max = 200, .valid = is_one_line,        \
     .expected = EXPECTED_LINE}

static const struct {
    unsigned takes; /* 0: every rule */
    struct field field;
} setting_fields[] = {
    {0, CHARTER_LEVEL("level", offsetof(struct raw_setting, setting.level))},
    {0, CHARTER_LINE("message", 500, offsetof(struct raw_setting, setting.message))},
    {0, {"to", FIELD_READ, AT(to), .read = charter_read_to}},
    {0, LINES("buckets", buckets)},
    {TAKES_MAX, {"max", FIELD_INTEGER, AT(setting.max), .max = 1000000}},
    {TAKES_MIN, {"min", FIELD_INTEGER, AT(setting.min), .max = 1000000}},
    {TAKES_WITHIN, {"within", FIELD_DURATION, AT(setting.within), .max = DAYS(366)}},
    {TAKES_ALIKE, {"alike", FIELD_READ, AT(setting.alike), .read = read_share}},
    {TAKES_WORDS, PHRASES("words")},
    {TAKES_ALLOWED, PHRASES("allowed")},
    {TAKES_SUBJECTS, LINES("subjects", words)},
    {TAKES_PARAMETERS, LINES("parameters", words)},
    {TAKES_ADD, {"add", FIELD_READ, AT(add), .read = read_add}},
};

enum { FIELDS_MOST = sizeof setting_fields / sizeof *setting_fields };

static size_t fields_of(const struct rule *rule, struct field fields[FIELDS_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < FIELDS_MOST; i++) {
        unsigned takes = setting_fields[i].takes;
        if (takes && !(rule->takes & takes))
            continue;
        fields[count] = setting_fields[i].field;
        fields[count++].required = (rule->needs & takes) != 0;
    }
    return count;
}

static bool read_setting(struct bind *bind, const struct yaml *map, const struct rule *rule, struct setting *ret)
{
    struct field fields[FIELDS_MOST];
    struct raw_setting raw = {.setting = setting_blank()};
    size_t count = fields_of(rule, fields);
    if (!bind_map(bind, map, rule->key, fields, count, &raw))
        return false;
    *ret = raw.setting;
    ret->position = (struct position){bind->file, map->line, map->column};
    ret->to = (struct names){raw.to.items, raw.to.count};
    ret->buckets = (struct names){raw.buckets.items, raw.buckets.count};
    ret->words = (struct names){raw.words.items, raw.words.count};
    ret->add = raw.add.items;
    ret->add_count = raw.add.count;
    if (rule->takes & (TAKES_WORDS | TAKES_ALLOWED))
        ret->phrases = phrases_of(bind->arena, raw.words.items, raw.words.count);
    return true;
}

static bool read_one(struct bind *bind, const struct yaml *value, enum rule_id id, struct checks *checks)
{
    struct setting setting;
    if (!read_setting(bind, value, &rules[id], &setting))
        return false;
    *arena_push(bind->arena, checks->items[id], checks->counts[id]) = setting;
    return true;
}

static bool read_level_alone(struct bind *bind, const struct yaml *value, enum rule_id id, struct checks *checks)
{
    const struct field field = CHARTER_LEVEL(rules[id].key, 0);
    struct setting setting = setting_blank();
    if (!charter_read_level(bind, &field, value, &setting.level))
        return false;
    checks_add(checks, bind->arena, id, &setting);
    return true;
}

/* A level alone is not enough where a number or a list is needed. */
static bool read_rule(struct bind *bind, const struct yaml *value, enum rule_id id, struct checks *checks)
{
    const char *key = rules[id].key;
    if (value->kind == YAML_SCALAR && !rules[id].needs)
        return read_level_alone(bind, value, id, checks);
    if (value->kind != YAML_LIST)
        return read_one(bind, value, id, checks); /* which says what kind it wants */
    if (!value->count || value->count > ENTRIES_MOST)
        return bind_fail(bind, value, NULL, "'%s' has %zu entries, expected 1 to %d", key, value->count, ENTRIES_MOST);
    bool ok = true;
    for (size_t i = 0; i < value->count; i++)
        ok = read_one(bind, value->items[i], id, checks) && ok;
    return ok;
}

static bool find_rule(const char *key, enum rule_id *ret_id)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (strcmp(rules[i].key, key) != 0)
            continue;
        *ret_id = (enum rule_id)i;
        return true;
    }
    return false;
}

static bool unknown_rule(struct bind *bind, const struct yaml *key)
{
    const char *names[RULE_COUNT];
    for (size_t i = 0; i < RULE_COUNT; i++)
        names[i] = rules[i].key;
    return bind_unknown(bind, key, NULL, "unknown rule in checks:", names, RULE_COUNT);
}

bool charter_read_checks(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        enum rule_id id;
        if (find_rule(value->keys[i]->text, &id))
            ok = read_rule(bind, value->items[i], id, member) && ok;
        else
            ok = unknown_rule(bind, value->keys[i]);
    }
    return ok;
}
