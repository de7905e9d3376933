/*
 * See charter_loader.h: the parts of the charter that are checked whole and kept as they are. What is done
 * with them is known to those who show or use them.
 */
#include <stdlib.h>
#include <string.h>

#include "editorial/charter_loader.h"

static const char *const priority_words[] = {"urgent", "high", "normal", "low", NULL};

static bool is_account_or_network(const struct calendar_world *world, const char *name)
{
    for (size_t i = 0; i < world->account_count; i++)
        if (!strcmp(world->accounts[i]->name, name))
            return true;
    return world->any_account || network_find(name);
}

bool charter_check_name(struct bind *bind, const struct yaml *node)
{
    const struct charter_reader *reader = bind->context;
    if (!is_name(node->text))
        return bind_fail(bind, node, NULL, "expected the name of an account or network, not '%s'", node->text);
    if (is_account_or_network(reader->world, node->text))
        return true;
    size_t count = reader->world->account_count;
    const char **names = arena_alloc_array(bind->arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = reader->world->accounts[i]->name;
    return bind_unknown(bind, node, "unknown-account", "unknown account or network", names, count);
}

static bool read_account_name(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    (void)member;
    return bind_is(bind, field->name, value, YAML_SCALAR) && charter_check_name(bind, value);
}

/* A map from accounts to lists of lines. */
bool charter_keep_moderation(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field list = {.kind = FIELD_TEXTS, .max = 1000, .item_max = 1000, .valid = is_one_line,
                         .expected = EXPECTED_LINE};
    union scrap scrap;
    (void)member;
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        list.name = value->keys[i]->text;
        ok = charter_check_name(bind, value->keys[i]) && ok;
        ok = bind_value(bind, &list, value->items[i], &scrap) && ok;
    }
    return ok;
}

static const struct field objective_fields[] = {
    CHARTER_LINE("name", 200, 0),
    CHARTER_LINE("kpi", 200, 0),
    {"account", FIELD_READ, .offset = 0, .read = read_account_name},
    {"target", FIELD_INTEGER, .offset = 0},
    {"by", FIELD_READ, .offset = 0, .read = read_date},
};

static const struct field faq_fields[] = {
    {"ask", FIELD_TEXTS, .offset = 0, .required = true, .min = 1, .max = 100, .item_max = 200, .valid = is_one_line,
     .expected = EXPECTED_LINE},
    {"answer", FIELD_TEXT, .offset = 0, .required = true, .max = 10000},
};

static const struct field response_fields[] = {
    {"kind", FIELD_TEXT, .offset = 0, .required = true, .max = 100, .valid = is_one_line, .expected = EXPECTED_LINE},
    {"priority", FIELD_WORD, .offset = 0, .words = priority_words},
    {"within", FIELD_DURATION, .offset = 0, .max = DAYS(366)},
    {"answer", FIELD_TEXT, .offset = 0, .max = 10000},
    {"approve", FIELD_FLAG, .offset = 0},
};

static const struct field crisis_fields[] = {
    {"contacts", FIELD_TEXTS, .offset = 0, .max = 100, .item_max = 200, .valid = is_one_line,
     .expected = EXPECTED_LINE},
    {"statement", FIELD_TEXT, .offset = 0, .max = 10000},
};

bool charter_keep_objectives(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field maps = {.name = "objectives", .kind = FIELD_MAPS, .max = 1000, .item_size = sizeof(union scrap),
                                      FIELDS(objective_fields)};
    (void)field;
    return bind_value(bind, &maps, value, member);
}

bool charter_keep_faq(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field maps = {.name = "faq", .kind = FIELD_MAPS, .max = 1000, .item_size = sizeof(union scrap),
                                      FIELDS(faq_fields)};
    (void)field;
    return bind_value(bind, &maps, value, member);
}

bool charter_keep_responses(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field maps = {.name = "responses", .kind = FIELD_MAPS, .max = 1000, .item_size = sizeof(union scrap),
                                      FIELDS(response_fields)};
    (void)field;
    return bind_value(bind, &maps, value, member);
}

bool charter_keep_crisis(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    return bind_map(bind, value, field->name, crisis_fields, sizeof crisis_fields / sizeof *crisis_fields, member);
}
