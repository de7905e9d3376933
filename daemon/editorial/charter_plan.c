/* See charter_loader.h: shares of buckets, and what may be spent. */
#include <stdlib.h>
#include <string.h>

#include "editorial/charter_loader.h"

/* ---- mix ---- */

bool is_share(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits && digits <= 3 && !strcmp(text + digits, "%") && atoi(text) <= 100 &&
           (digits < 3 || *text == '1');
}

/* "30 days", "1 week", "30d", "4w" */
static bool is_span(const char *text)
{
    static const char *const units[] = {"d", "w", " day", " days", " week", " weeks"};
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; digits && digits <= 4 && i < sizeof units / sizeof *units; i++)
        if (!strcmp(text + digits, units[i]))
            return true;
    return false;
}

static duration parse_span(const char *text)
{
    const char *unit = text + strspn(text, "0123456789 ");
    return (*unit == 'w' ? DAYS(7) : DAYS(1)) * atoi(text);
}

struct raw_mix {
    const char *max, *min, *over;
};

static const struct field mix_fields[] = {
    {"max", FIELD_TEXT, .offset = offsetof(struct raw_mix, max), .max = 4, .valid = is_share,
     .expected = "a percentage such as 20%"},
    {"min", FIELD_TEXT, .offset = offsetof(struct raw_mix, min), .max = 4, .valid = is_share,
     .expected = "a percentage such as 20%"},
    {"over", FIELD_TEXT, .offset = offsetof(struct raw_mix, over), .max = 16, .valid = is_span,
     .expected = "days or weeks, such as 30 days"},
};

static struct mix mix_of(struct bind *bind, const struct yaml *key, const struct raw_mix *raw)
{
    duration over = raw->over ? parse_span(raw->over) : DAYS(30);
    return (struct mix){.bucket = arena_strdup(bind->arena, key->text),
                        .position = {bind->file, key->line, key->column},
                        .max = raw->max ? atoi(raw->max) : NOT_SAID,
                        .min = raw->min ? atoi(raw->min) : NOT_SAID,
                        .over = over < DAYS(1)     ? DAYS(1)
                                : over > DAYS(366) ? DAYS(366)
                                                   : over};
}

/* {bucket: {max, min, over}} */
bool charter_read_mix(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct mixes *mixes = member;
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        struct raw_mix raw = {0};
        if (bind_map(bind, value->items[i], value->keys[i]->text, mix_fields,
                     sizeof mix_fields / sizeof *mix_fields, &raw))
            *arena_push(bind->arena, mixes->items, mixes->count) = mix_of(bind, value->keys[i], &raw);
        else
            ok = false;
    }
    return ok;
}

/* ---- budget ---- */

/* {campaign: most} */
bool charter_read_budgets(struct bind *bind, const struct field *field, const struct yaml *value,
                          void *member)
{
    struct field most = {.kind = FIELD_INTEGER, .max = 1000000000};
    struct budgets *budgets = member;
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        const struct yaml *key = value->keys[i];
        struct budget budget = {.campaign = arena_strdup(bind->arena, key->text),
                                .position = {bind->file, key->line, key->column}};
        most.name = budget.campaign;
        if (!is_name(key->text))
            ok = bind_fail(bind, key, NULL, "a campaign's name must be " EXPECTED_NAME ", not '%s'",
                           key->text);
        else if (bind_value(bind, &most, value->items[i], &budget.most))
            *arena_push(bind->arena, budgets->items, budgets->count) = budget;
        else
            ok = false;
    }
    return ok;
}
