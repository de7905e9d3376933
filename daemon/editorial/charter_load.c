/*
 * See charter.h: charter.yaml → what the rules need, and all of it as JSON. What
 * they find in a post is check_*.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "editorial/charter_loader.h"

static const char *const day_words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

/* ---- what is said of a rule elsewhere than in 'checks' ---- */

struct raw_counted {
    int64_t max;
    int level;
};

#define COUNTED(key, type, member)                                                                           \
    {key, FIELD_MAP, .offset = offsetof(type, member), .fields = counted_fields, .field_count = 2}

static const struct field counted_fields[] = {
    {"max", FIELD_INTEGER, .offset = offsetof(struct raw_counted, max), .required = true, .max = 1000000},
    CHARTER_LEVEL("level", offsetof(struct raw_counted, level)),
};

struct raw_gap {
    duration min;
    int level;
};

static const struct field gap_fields[] = {
    {"min", FIELD_DURATION, .offset = offsetof(struct raw_gap, min), .required = true, .max = DAYS(366)},
    CHARTER_LEVEL("level", offsetof(struct raw_gap, level)),
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

static struct raw_limits no_limits(void)
{
    const struct raw_counted none = {.max = NOT_SAID, .level = NOT_SAID};
    return (struct raw_limits){.hashtags = none, .emoji = none, .exclamations = none, .length = none, .per_day = none,
                               .gap = {.min = NOT_SAID, .level = NOT_SAID}};
}

/* override: the account or network of 'networks' that says so, or NULL. */
static void add_limits(struct checks *checks, struct arena *arena, const struct raw_limits *raw, const char *override)
{
    const struct {
        enum rule_id rule;
        const struct raw_counted *raw;
    } counted[] = {{RULE_HASHTAGS, &raw->hashtags}, {RULE_EMOJI, &raw->emoji}, {RULE_EXCLAMATIONS, &raw->exclamations},
                   {RULE_LENGTH, &raw->length}, {RULE_PER_DAY, &raw->per_day}};
    struct setting setting = setting_blank();
    setting.override = override;
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        setting.max = counted[i].raw->max;
        setting.level = counted[i].raw->level;
        checks_add(checks, arena, counted[i].rule, &setting);
    }
    setting.max = NOT_SAID;
    setting.within = raw->gap.min;
    setting.level = raw->gap.level;
    checks_add(checks, arena, RULE_GAP, &setting);
}

static void add_level(struct checks *checks, struct arena *arena, enum rule_id rule, int level)
{
    struct setting setting = setting_blank();
    setting.level = level;
    checks_add(checks, arena, rule, &setting);
}

static bool read_overrides(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        const char *name = arena_strdup(bind->arena, value->keys[i]->text);
        struct raw_limits raw = no_limits();
        ok = charter_check_name(bind, value->keys[i]) && ok;
        ok = bind_map(bind, value->items[i], name, limits_fields, sizeof limits_fields / sizeof *limits_fields,
                      &raw) && ok;
        add_limits(member, bind->arena, &raw, name);
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
    const char *name, *site, *address;
    struct words forbidden, preferred;
    struct subjects subjects;
    struct raw_limits limits;
    struct mixes mix;
    int64_t per_month;
    struct budgets budgets;
    struct quiets quiet;
    int quiet_level, silent_days_level;
    bool silent_days[7];
    struct checks checks;
    struct approval_rules approval;
    bool own;
};

#define AT(member) .offset = offsetof(struct raw_charter, member)
#define SCRAP AT(scrap)

static const struct field brand_fields[] = {
    {"name", FIELD_TEXT, AT(name), .required = true, .max = 200, .valid = is_one_line, .expected = EXPECTED_LINE},
    {"site", FIELD_TEXT, AT(site), .max = 2048, .valid = is_http_url, .expected = EXPECTED_URL},
    {"description", FIELD_TEXT, SCRAP, .max = 10000},
};

static const struct field vocabulary_fields[] = {
    {"keywords", FIELD_READ, AT(subjects), .read = charter_read_keywords},
    {"forbidden", FIELD_READ, AT(forbidden), .read = charter_read_forbidden},
    {"prefer", FIELD_READ, AT(preferred), .read = charter_read_prefer},
};

static const struct field voice_fields[] = {
    CHARTER_LINE("address", 100, offsetof(struct raw_charter, address)),
    {"tone", FIELD_TEXT, SCRAP, .max = 10000},
    COUNTED("exclamations", struct raw_charter, limits.exclamations),
    COUNTED("emoji", struct raw_charter, limits.emoji),
};

static const struct field pace_fields[] = {
    COUNTED("per_day", struct raw_charter, limits.per_day),
    {"gap", FIELD_MAP, AT(limits.gap), FIELDS(gap_fields)},
    {"quiet", FIELD_READ, AT(quiet), .read = read_quiet},
    CHARTER_LEVEL("quiet_level", offsetof(struct raw_charter, quiet_level)),
    {"silent_days", FIELD_READ, AT(silent_days), .read = read_silent_days},
    CHARTER_LEVEL("silent_days_level", offsetof(struct raw_charter, silent_days_level)),
};

static const struct field budget_fields[] = {
    {"per_month", FIELD_INTEGER, AT(per_month), .max = 1000000000},
    {"campaigns", FIELD_READ, AT(budgets), .read = charter_read_budgets},
};

static const struct field approval_fields[] = {
    {"own", FIELD_FLAG, AT(own)},
    {"time", FIELD_FLAG, AT(approval.time)},
    {"rules", FIELD_READ, AT(approval), .read = charter_read_approval},
};

/* The groups are maps of the document, not of the struct: their members' places are within raw_charter. */
static const struct field charter_fields[] = {
    {"version", FIELD_INTEGER, AT(version), .min = 1, .max = 1},
    {"brand", FIELD_MAP, .offset = 0, FIELDS(brand_fields)},
    {"vocabulary", FIELD_MAP, .offset = 0, FIELDS(vocabulary_fields)},
    {"voice", FIELD_MAP, .offset = 0, FIELDS(voice_fields)},
    {"checks", FIELD_READ, AT(checks), .read = charter_read_checks},
    {"mix", FIELD_READ, AT(mix), .read = charter_read_mix},
    {"budget", FIELD_MAP, .offset = 0, FIELDS(budget_fields)},
    {"pace", FIELD_MAP, .offset = 0, FIELDS(pace_fields)},
    {"approval", FIELD_MAP, .offset = 0, FIELDS(approval_fields)},
    {"networks", FIELD_READ, AT(checks), .read = read_overrides},
    {"objectives", FIELD_READ, SCRAP, .read = charter_keep_objectives},
    {"faq", FIELD_READ, SCRAP, .read = charter_keep_faq},
    {"responses", FIELD_READ, SCRAP, .read = charter_keep_responses},
    {"moderation", FIELD_READ, SCRAP, .read = charter_keep_moderation},
    {"crisis", FIELD_READ, SCRAP, .read = charter_keep_crisis},
};

/* 'checks' is read by then: what 'voice' and 'pace' say comes after it. */
static void take_rules(struct charter *charter, struct raw_charter *raw, struct arena *arena)
{
    add_limits(&raw->checks, arena, &raw->limits, NULL);
    add_level(&raw->checks, arena, RULE_QUIET_HOURS, raw->quiet_level);
    add_level(&raw->checks, arena, RULE_SILENT_DAY, raw->silent_days_level);
    for (size_t rule = 0; rule < RULE_COUNT; rule++)
        charter->rules[rule] = (struct setting_list){raw->checks.items[rule], raw->checks.counts[rule]};
}

/* Subjects that 'checks' names must be among the keywords, wherever in the file these stand. */
static bool check_subjects(struct bind *bind, const struct yaml *entry, const struct subjects *subjects)
{
    const struct yaml *list = entry->kind == YAML_MAP ? yaml_get(entry, "subjects") : NULL;
    const char **names = arena_alloc_array(bind->arena, subjects->count + 1, sizeof *names);
    bool ok = true;
    for (size_t i = 0; i < subjects->count; i++)
        names[i] = subjects->items[i].name;
    for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count; i++) {
        const char *name = list->items[i]->text;
        bool known = list->items[i]->kind != YAML_SCALAR;
        for (size_t k = 0; k < subjects->count && !known; k++)
            known = !strcmp(names[k], name);
        if (!known)
            ok = bind_unknown(bind, list->items[i], "unknown-subject", "unknown subject of keywords", names, subjects->count);
    }
    return ok;
}

static void check_references(struct bind *bind, const struct yaml *root, const struct raw_charter *raw)
{
    const struct yaml *checks = root->kind == YAML_MAP ? yaml_get(root, "checks") : NULL;
    const struct yaml *rule = checks && checks->kind == YAML_MAP ? yaml_get(checks, "keywords") : NULL;
    if (!rule)
        return;
    for (size_t i = 0; rule->kind == YAML_LIST && i < rule->count; i++)
        check_subjects(bind, rule->items[i], &raw->subjects);
    check_subjects(bind, rule, &raw->subjects);
}

const struct charter *charter_load(const char *file, const struct yaml *root, const struct calendar_world *world,
                                   struct arena *arena, struct diags *diags)
{
    struct charter_reader reader = {.world = world};
    struct bind bind = {.file = arena_strdup(arena, file), .arena = arena, .diags = diags, .context = &reader};
    struct raw_charter raw = {.limits = no_limits(), .quiet_level = NOT_SAID, .silent_days_level = NOT_SAID,
                              .own = true};
    size_t errors = diags->errors;
    bind_map(&bind, root, "charter", charter_fields, sizeof charter_fields / sizeof *charter_fields, &raw);
    check_references(&bind, root, &raw);
    if (diags->errors != errors)
        return NULL;
    struct charter *charter = arena_new_of(arena, struct charter);
    *charter = (struct charter){
        .forbidden = vocabulary_of(arena, &raw.forbidden), .preferred = vocabulary_of(arena, &raw.preferred),
        .subjects = raw.subjects.items, .subject_count = raw.subjects.count, .name = raw.name, .site = raw.site, .address = raw.address,
        .mix = raw.mix.items, .mix_count = raw.mix.count, .per_month = raw.per_month,
        .budgets = raw.budgets.items, .budget_count = raw.budgets.count, .quiet = raw.quiet.items, .quiet_count = raw.quiet.count,
        .approval = raw.approval, .document = json_in_arena(arena, yaml_to_json(root)),
    };
    charter->approval.not_own = !raw.own;
    memcpy(charter->silent_days, raw.silent_days, sizeof charter->silent_days);
    take_rules(charter, &raw, arena);
    return charter;
}
