/*
 * See charter.h: charter.yaml → what is enforced, and all of it as JSON. What the rules find in a post is check.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "editorial/charter_loader.h"
#include "editorial/fold.h"

static const char *const level_words[] = {"ignore", "warning", "error", NULL}; /* enum check_level */
static const char *const day_words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

/* ---- what is enforced ---- */

struct raw_counted {
    int64_t max;
    int level;
};

#define COUNTED(key, type, member)                                                                           \
    {key, FIELD_MAP, .offset = offsetof(type, member), .fields = counted_fields, .field_count = 2}

static const struct field counted_fields[] = {
    {"max", FIELD_INTEGER, .offset = offsetof(struct raw_counted, max), .required = true, .max = 1000000},
    {"level", FIELD_WORD, .offset = offsetof(struct raw_counted, level), .words = level_words},
};

struct raw_gap {
    duration min;
    int level;
};

static const struct field gap_fields[] = {
    {"min", FIELD_DURATION, .offset = offsetof(struct raw_gap, min), .required = true, .max = DAYS(366)},
    {"level", FIELD_WORD, .offset = offsetof(struct raw_gap, level), .words = level_words},
};

struct raw_limits {
    struct raw_counted hashtags, emoji, exclamations, length, per_day;
    struct raw_gap gap;
};

static const struct field limits_fields[] = {
    COUNTED("hashtags", struct raw_limits, hashtags),
    COUNTED("emoji", struct raw_limits, emoji),
    COUNTED("exclamations", struct raw_limits, exclamations),
    COUNTED("length", struct raw_limits, length),
    COUNTED("per_day", struct raw_limits, per_day),
    {"gap", FIELD_MAP, .offset = offsetof(struct raw_limits, gap), FIELDS(gap_fields)},
};

enum { NOT_GIVEN = -1 };

static struct raw_limits no_limits(void)
{
    struct raw_limits raw = {0};
    struct raw_counted *const all[] = {&raw.hashtags, &raw.emoji, &raw.exclamations, &raw.length, &raw.per_day};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i] = (struct raw_counted){.max = NOT_GIVEN, .level = NOT_GIVEN};
    raw.gap = (struct raw_gap){.min = NOT_GIVEN, .level = NOT_GIVEN};
    return raw;
}

static enum check_level level_or(int level, enum check_level otherwise)
{
    return level == NOT_GIVEN ? otherwise : (enum check_level)level;
}

static struct counted counted_of(const struct raw_counted *raw, enum check_level otherwise)
{
    if (raw->max == NOT_GIVEN)
        return (struct counted){0};
    return (struct counted){(unsigned)raw->max, level_or(raw->level, otherwise)};
}

struct overrides {
    struct charter_limits *items;
    size_t count;
};

static struct charter_limits limits_of(const char *name, const struct raw_limits *raw)
{
    return (struct charter_limits){
        .name = name,
        .hashtags = counted_of(&raw->hashtags, CHECK_WARNING),
        .emoji = counted_of(&raw->emoji, CHECK_WARNING),
        .exclamations = counted_of(&raw->exclamations, CHECK_WARNING),
        .length = counted_of(&raw->length, CHECK_ERROR),
        .per_day = raw->per_day.max == NOT_GIVEN ? 0 : (unsigned)raw->per_day.max,
        .has_per_day = raw->per_day.max != NOT_GIVEN,
        .gap = raw->gap.min == NOT_GIVEN ? 0 : raw->gap.min,
        .has_gap = raw->gap.min != NOT_GIVEN,
        .per_day_level = level_or(raw->per_day.level, CHECK_ERROR),
        .gap_level = level_or(raw->gap.level, CHECK_ERROR),
    };
}

static bool read_overrides(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct overrides *overrides = member;
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    bool ok = true;
    overrides->items = arena_alloc_array(bind->arena, value->count, sizeof *overrides->items);
    for (size_t i = 0; i < value->count; i++) {
        const char *name = arena_strdup(bind->arena, value->keys[i]->text);
        struct raw_limits raw = no_limits();
        ok = charter_check_name(bind, value->keys[i]) && ok;
        ok = bind_map(bind, value->items[i], name, limits_fields, sizeof limits_fields / sizeof *limits_fields,
                      &raw) && ok;
        overrides->items[overrides->count++] = limits_of(name, &raw);
    }
    return ok;
}

/* ---- vocabulary ---- */

struct words {
    struct forbidden *items;
    size_t count;
};

struct raw_word {
    const char *word, *instead;
    int level;
};

static const struct field word_fields[] = {
    {"word", FIELD_TEXT, .offset = offsetof(struct raw_word, word), .required = true, .max = 200,
     .valid = is_one_line, .expected = EXPECTED_LINE},
    CHARTER_LINE("instead", 200, offsetof(struct raw_word, instead)),
    {"level", FIELD_WORD, .offset = offsetof(struct raw_word, level), .words = level_words},
};

static void add_word(struct bind *bind, struct words *words, const struct raw_word *raw, const struct yaml *at)
{
    *arena_push(bind->arena, words->items, words->count) = (struct forbidden){
        .word = raw->word, .folded = fold_text(raw->word, bind->arena), .instead = raw->instead,
        .level = (enum check_level)raw->level, .position = {bind->file, at->line, at->column}};
}

/* A list of words, or of {word, instead, level}. */
static bool read_forbidden(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field line = CHARTER_LINE("forbidden", 200, 0);
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    if (value->count > 5000)
        return bind_fail(bind, value, NULL, "'forbidden' has more than 5000 entries");
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        const struct yaml *item = value->items[i];
        struct raw_word raw = {.level = CHECK_ERROR};
        bool good = item->kind == YAML_SCALAR
                        ? bind_value(bind, &line, item, &raw.word)
                        : bind_map(bind, item, "forbidden", word_fields, sizeof word_fields / sizeof *word_fields, &raw);
        if (good)
            add_word(bind, member, &raw, item);
        ok = good && ok;
    }
    return ok;
}

/* {word: better word}: warnings. */
static bool read_prefer(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field line = CHARTER_LINE(NULL, 200, 0);
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    if (value->count > 5000)
        return bind_fail(bind, value, NULL, "'prefer' has more than 5000 entries");
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        struct raw_word raw = {.level = CHECK_WARNING, .word = arena_strdup(bind->arena, value->keys[i]->text)};
        line.name = value->keys[i]->text;
        if (bind_value(bind, &line, value->items[i], &raw.instead))
            add_word(bind, member, &raw, value->keys[i]);
        else
            ok = false;
    }
    return ok;
}

/* ---- pace ---- */

struct quiets {
    struct quiet *items;
    size_t count;
};

static bool parse_quiet(const char *text, struct quiet *ret_quiet)
{
    char from[6] = "", until[6] = "";
    if (strlen(text) != 11 || text[5] != '-')
        return false;
    memcpy(from, text, 5);
    memcpy(until, text + 6, 5);
    if (!is_time_of_day(from) || !is_time_of_day(until))
        return false;
    *ret_quiet = (struct quiet){atoi(from) * 60 + atoi(from + 3), atoi(until) * 60 + atoi(until + 3)};
    return true;
}

static bool is_quiet(const char *text)
{
    struct quiet ignored;
    return parse_quiet(text, &ignored);
}

static bool read_quiet(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field list = {.name = field->name, .kind = FIELD_TEXTS, .max = 50, .item_max = 11, .valid = is_quiet,
                         .expected = "two times such as 21:00-07:30"};
    struct quiets *quiets = member;
    struct texts texts;
    if (!bind_value(bind, &list, value, &texts))
        return false;
    quiets->items = arena_alloc_array(bind->arena, texts.count, sizeof *quiets->items);
    for (size_t i = 0; i < texts.count; i++)
        parse_quiet(texts.items[i], &quiets->items[quiets->count++]);
    return true;
}

static bool read_silent_days(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field word = {.name = field->name, .kind = FIELD_WORD, .words = day_words};
    bool *days = member, ok = true;
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    for (size_t i = 0; i < value->count; i++) {
        int day;
        if (bind_value(bind, &word, value->items[i], &day))
            days[day] = true;
        else
            ok = false;
    }
    return ok;
}

/* ---- the whole ---- */

struct raw_charter {
    int64_t version;
    union scrap scrap;
    const char *site;
    struct words words;
    int alt_text, link_to_site;
    struct raw_limits limits;
    struct quiets quiet;
    int quiet_level, silent_days_level;
    bool silent_days[7];
    struct overrides overrides;
};

#define AT(member) .offset = offsetof(struct raw_charter, member)
#define SCRAP AT(scrap)

static const struct field brand_fields[] = {
    {"name", FIELD_TEXT, SCRAP, .required = true, .max = 200, .valid = is_one_line, .expected = EXPECTED_LINE},
    {"site", FIELD_TEXT, AT(site), .max = 2048, .valid = is_http_url, .expected = EXPECTED_URL},
    {"description", FIELD_TEXT, SCRAP, .max = 10000},
};

static const struct field vocabulary_fields[] = {
    {"keywords", FIELD_READ, SCRAP, .read = charter_keep_keywords},
    {"forbidden", FIELD_READ, AT(words), .read = read_forbidden},
    {"prefer", FIELD_READ, AT(words), .read = read_prefer},
};

static const struct field voice_fields[] = {
    CHARTER_LINE("address", 100, offsetof(struct raw_charter, scrap)),
    {"tone", FIELD_TEXT, SCRAP, .max = 10000},
    COUNTED("exclamations", struct raw_charter, limits.exclamations),
    COUNTED("emoji", struct raw_charter, limits.emoji),
};

static const struct field checks_fields[] = {
    {"alt_text", FIELD_WORD, AT(alt_text), .words = level_words},
    {"link_to_site", FIELD_WORD, AT(link_to_site), .words = level_words},
    COUNTED("hashtags", struct raw_charter, limits.hashtags),
    COUNTED("length", struct raw_charter, limits.length),
};

static const struct field pace_fields[] = {
    COUNTED("per_day", struct raw_charter, limits.per_day),
    {"gap", FIELD_MAP, AT(limits.gap), FIELDS(gap_fields)},
    {"quiet", FIELD_READ, AT(quiet), .read = read_quiet},
    {"quiet_level", FIELD_WORD, AT(quiet_level), .words = level_words},
    {"silent_days", FIELD_READ, AT(silent_days), .read = read_silent_days},
    {"silent_days_level", FIELD_WORD, AT(silent_days_level), .words = level_words},
};

/* The groups are maps of the document, not of the struct: their members' places are within raw_charter. */
static const struct field charter_fields[] = {
    {"version", FIELD_INTEGER, AT(version), .min = 1, .max = 1},
    {"brand", FIELD_MAP, .offset = 0, FIELDS(brand_fields)},
    {"vocabulary", FIELD_MAP, .offset = 0, FIELDS(vocabulary_fields)},
    {"voice", FIELD_MAP, .offset = 0, FIELDS(voice_fields)},
    {"checks", FIELD_MAP, .offset = 0, FIELDS(checks_fields)},
    {"mix", FIELD_READ, SCRAP, .read = charter_keep_mix},
    {"pace", FIELD_MAP, .offset = 0, FIELDS(pace_fields)},
    {"networks", FIELD_READ, AT(overrides), .read = read_overrides},
    {"objectives", FIELD_READ, SCRAP, .read = charter_keep_objectives},
    {"faq", FIELD_READ, SCRAP, .read = charter_keep_faq},
    {"responses", FIELD_READ, SCRAP, .read = charter_keep_responses},
    {"moderation", FIELD_READ, SCRAP, .read = charter_keep_moderation},
    {"crisis", FIELD_READ, SCRAP, .read = charter_keep_crisis},
};

static struct pace pace_of(const struct raw_charter *raw)
{
    struct pace pace = {
        .per_day = raw->limits.per_day.max == NOT_GIVEN ? 0 : (unsigned)raw->limits.per_day.max,
        .per_day_level = level_or(raw->limits.per_day.level, CHECK_ERROR),
        .gap = raw->limits.gap.min == NOT_GIVEN ? 0 : raw->limits.gap.min,
        .gap_level = level_or(raw->limits.gap.level, CHECK_ERROR),
        .quiet = raw->quiet.items,
        .quiet_count = raw->quiet.count,
        .quiet_level = (enum check_level)raw->quiet_level,
        .silent_days_level = (enum check_level)raw->silent_days_level,
    };
    memcpy(pace.silent_days, raw->silent_days, sizeof pace.silent_days);
    return pace;
}

const struct charter *charter_load(const char *file, const struct yaml *root, const struct calendar_world *world,
                                   struct arena *arena, struct diags *diags)
{
    struct charter_reader reader = {.world = world};
    struct bind bind = {.file = arena_strdup(arena, file), .arena = arena, .diags = diags, .context = &reader};
    struct raw_charter raw = {.limits = no_limits(), .quiet_level = CHECK_ERROR, .silent_days_level = CHECK_ERROR};
    size_t errors = diags->errors;
    bind_map(&bind, root, "charter", charter_fields, sizeof charter_fields / sizeof *charter_fields, &raw);
    if (diags->errors != errors)
        return NULL;
    struct charter *charter = arena_new_of(arena, struct charter);
    struct charter_limits own = limits_of(NULL, &raw.limits);
    *charter = (struct charter){
        .forbidden = raw.words.items, .forbidden_count = raw.words.count, .site = raw.site,
        .alt_text = (enum check_level)raw.alt_text, .link_to_site = (enum check_level)raw.link_to_site,
        .hashtags = own.hashtags, .emoji = own.emoji, .exclamations = own.exclamations, .length = own.length,
        .overrides = raw.overrides.items, .override_count = raw.overrides.count, .pace = pace_of(&raw),
        .document = json_in_arena(arena, yaml_to_json(root)),
    };
    return charter;
}

static void lay_over(struct charter_limits *limits, const struct charter *charter, const char *name)
{
    for (size_t i = 0; i < charter->override_count; i++) {
        const struct charter_limits *over = &charter->overrides[i];
        if (strcmp(over->name, name) != 0)
            continue;
        const struct counted *from[] = {&over->hashtags, &over->emoji, &over->exclamations, &over->length};
        struct counted *to[] = {&limits->hashtags, &limits->emoji, &limits->exclamations, &limits->length};
        for (size_t k = 0; k < sizeof to / sizeof *to; k++)
            if (from[k]->max || from[k]->level)
                *to[k] = *from[k];
        if (over->has_per_day) {
            limits->per_day = over->per_day;
            limits->per_day_level = over->per_day_level;
        }
        if (over->has_gap) {
            limits->gap = over->gap;
            limits->gap_level = over->gap_level;
        }
    }
}

struct charter_limits charter_limits_of(const struct charter *charter, const struct account *account)
{
    struct charter_limits limits = {
        .hashtags = charter->hashtags, .emoji = charter->emoji, .exclamations = charter->exclamations,
        .length = charter->length, .per_day = charter->pace.per_day, .gap = charter->pace.gap,
        .per_day_level = charter->pace.per_day_level, .gap_level = charter->pace.gap_level};
    if (account->network && strcmp(account->network->name, account->name) != 0)
        lay_over(&limits, charter, account->network->name);
    lay_over(&limits, charter, account->name);
    return limits;
}
