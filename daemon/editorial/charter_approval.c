/* See charter_loader.h: who approves what. What follows from that for a post is approval.c's. */
#include <string.h>

#include "editorial/charter_loader.h"

enum { RULES_MOST = 100, STAGES_MOST = 10, NAMES_MOST = 50, COUNT_MOST = 10 };

struct raw_stage {
    struct texts by;
    int64_t count;
};

struct raw_rule {
    struct texts to, buckets, except;
    struct approval_stage *stages;
    size_t stage_count;
};

#define BUCKETS(key, member)                                                                                 \
    {                                                                                                        \
        key, FIELD_TEXTS, .offset = offsetof(struct raw_rule, member), .min = 1, .max = NAMES_MOST,          \
                          .item_max = 200, .valid = is_one_line, .expected = EXPECTED_LINE                   \
    }

static struct names names_of(const struct texts *texts)
{
    return (struct names){texts->items, texts->count};
}

static bool names_role(const struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (approval_is_role(names->items[i]))
            return true;
    return false;
}

/* ---- stages ---- */

static const struct field stage_fields[] = {
    {"by", FIELD_TEXTS, .offset = offsetof(struct raw_stage, by), .required = true, .min = 1,
     .max = NAMES_MOST, .item_max = 64, .valid = is_name, .expected = EXPECTED_NAME},
    {"count", FIELD_INTEGER, .offset = offsetof(struct raw_stage, count), .min = 1, .max = COUNT_MOST},
};

static const struct position *places_of(struct bind *bind, const struct yaml *list)
{
    struct position *places = arena_alloc_array(bind->arena, list->count, sizeof *places);
    for (size_t i = 0; i < list->count; i++)
        places[i] = (struct position){bind->file, list->items[i]->line, list->items[i]->column};
    return places;
}

static bool read_stage(struct bind *bind, const struct yaml *value, struct approval_stage *ret_stage)
{
    struct raw_stage raw = {.count = 1};
    if (!bind_map(bind, value, "stage", stage_fields, sizeof stage_fields / sizeof *stage_fields, &raw))
        return false;
    *ret_stage = (struct approval_stage){names_of(&raw.by), raw.count, places_of(bind, yaml_get(value, "by"))};
    return true;
}

/* A person counts once: of people by name there must be enough for all stages that take nobody else. */
static bool can_be_done(struct bind *bind, const struct yaml *at, const struct raw_rule *raw)
{
    const char **people = NULL;
    size_t count = 0;
    int64_t wanted = 0;
    for (size_t i = 0; i < raw->stage_count; i++) {
        const struct approval_stage *stage = &raw->stages[i];
        if (names_role(&stage->by))
            continue;
        wanted += stage->count;
        for (size_t k = 0; k < stage->by.count; k++)
            if (!names_have(&(struct names){people, count}, stage->by.items[k]))
                *arena_push(bind->arena, people, count) = stage->by.items[k];
    }
    return wanted <= (int64_t)count ||
           bind_fail(bind, at, "approval",
                     "the stages want %lld different people by name and name %zu: nothing could "
                     "ever be approved",
                     (long long)wanted, count);
}

static bool read_stages(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct raw_rule *raw = member;
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    if (!value->count || value->count > STAGES_MOST)
        return bind_fail(bind, value, NULL, "'stages' has %zu entries, expected 1 to %d", value->count,
                         STAGES_MOST);
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        struct approval_stage stage;
        if (read_stage(bind, value->items[i], &stage))
            *arena_push(bind->arena, raw->stages, raw->stage_count) = stage;
        else
            ok = false;
    }
    return ok && can_be_done(bind, value, raw);
}

/* ---- rules ---- */

static const struct field rule_fields[] = {
    {"to", FIELD_READ, .offset = offsetof(struct raw_rule, to), .read = charter_read_to},
    BUCKETS("buckets", buckets),
    BUCKETS("except", except),
    {"stages", FIELD_READ, .offset = 0, .required = true, .read = read_stages},
};

static bool read_rule(struct bind *bind, const struct yaml *value, struct approval_rule *ret_rule)
{
    struct raw_rule raw = {0};
    if (!bind_map(bind, value, "rule", rule_fields, sizeof rule_fields / sizeof *rule_fields, &raw))
        return false;
    *ret_rule = (struct approval_rule){
        .position = {bind->file, value->line, value->column},
        .to = names_of(&raw.to),
        .buckets = names_of(&raw.buckets),
        .except = names_of(&raw.except),
        .stages = raw.stages,
        .stage_count = raw.stage_count,
    };
    return true;
}

bool charter_read_approval(struct bind *bind, const struct field *field, const struct yaml *value,
                           void *member)
{
    struct approval_rules *read = member;
    struct approval_rule *items = NULL;
    bool ok = true;
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    if (value->count > RULES_MOST)
        return bind_fail(bind, value, NULL, "'rules' has %zu entries, expected at most %d", value->count,
                         RULES_MOST);
    for (size_t i = 0; i < value->count; i++) {
        struct approval_rule rule;
        if (read_rule(bind, value->items[i], &rule))
            *arena_push(bind->arena, items, read->count) = rule;
        else
            ok = false;
    }
    read->items = items;
    return ok;
}
