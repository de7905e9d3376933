/* See calendar_loader.h: campaigns, and which of them and of the key dates a post is about. */
#include <string.h>

#include "editorial/calendar_loader.h"
#include "editorial/phrase_load.h"

struct raw_campaign {
    struct moment embargo;
    struct texts words;
};

static const struct field campaign_fields[] = {
    {"embargo", FIELD_READ, offsetof(struct raw_campaign, embargo), .read = read_date_time},
    {"words", FIELD_READ, offsetof(struct raw_campaign, words), .min = 1, .max = 100, .item_max = 200,
     .read = read_phrases},
};

static struct campaign *load_campaign(struct bind *bind, const struct yaml *key, const struct yaml *map)
{
    struct loader *loader = bind->context;
    struct raw_campaign raw = {0};
    struct campaign *campaign = arena_new_of(loader->arena, struct campaign);
    campaign->name = arena_strdup(loader->arena, key->text);
    campaign->position = (struct position){bind->file, key->line, key->column};
    if (!is_name(key->text))
        bind_fail(bind, key, NULL, "a campaign's name must be " EXPECTED_NAME ", not '%s'", key->text);
    bind_map(bind, map, arena_printf(bind->arena, "campaign '%s'", key->text), campaign_fields,
             sizeof campaign_fields / sizeof *campaign_fields, &raw);
    campaign->has_embargo = raw.embargo.node != NULL;
    if (raw.embargo.node && loader->calendar->zone)
        campaign->embargo = zone_instant(loader->calendar->zone, &raw.embargo.civil, NULL);
    if (raw.words.count)
        campaign->words = phrases_of(loader->arena, raw.words.items, raw.words.count);
    return campaign;
}

static const struct campaign *find(const struct calendar *calendar, const char *name)
{
    for (size_t i = 0; i < calendar->campaign_count; i++)
        if (!strcmp(calendar->campaigns[i]->name, name))
            return calendar->campaigns[i];
    return NULL;
}

void load_campaigns(struct bind *bind, const struct yaml *map)
{
    enum { CAMPAIGNS_MOST = 1000 };
    struct loader *loader = bind->context;
    struct calendar *calendar = loader->calendar;
    if (!map || !bind_is(bind, "campaigns", map, YAML_MAP))
        return;
    if (map->count > CAMPAIGNS_MOST) {
        bind_fail(bind, map, NULL, "'campaigns' has more than %d entries", CAMPAIGNS_MOST);
        return;
    }
    const struct campaign **all =
        arena_alloc_array(loader->arena, calendar->campaign_count + map->count, sizeof *all);
    if (calendar->campaign_count)
        memcpy(all, calendar->campaigns, calendar->campaign_count * sizeof *all);
    calendar->campaigns = all;
    for (size_t i = 0; i < map->count; i++) {
        const struct campaign *before = find(calendar, map->keys[i]->text);
        const struct campaign *one = load_campaign(bind, map->keys[i], map->items[i]);
        if (before)
            bind_fail(bind, map->keys[i], "duplicate-campaign",
                      "campaign '%s' is defined already, at %s:%u:%u", one->name, before->position.file,
                      before->position.line, before->position.column);
        all[calendar->campaign_count++] = one;
    }
}

bool read_campaign(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    const struct field text = {
        .name = field->name, .kind = FIELD_TEXT, .max = 64, .valid = is_name, .expected = EXPECTED_NAME};
    const struct calendar *calendar = ((struct loader *)bind->context)->calendar;
    const char *name;
    if (!bind_value(bind, &text, value, &name))
        return false;
    *(const struct campaign **)member = find(calendar, name);
    if (*(const struct campaign **)member)
        return true;
    const char **names = arena_alloc_array(bind->arena, calendar->campaign_count + 1, sizeof *names);
    for (size_t i = 0; i < calendar->campaign_count; i++)
        names[i] = calendar->campaigns[i]->name;
    return bind_unknown(bind, value, "unknown-campaign", "unknown campaign", names, calendar->campaign_count);
}

bool read_covers(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    const struct field text = {
        .name = field->name, .kind = FIELD_TEXT, .max = 200, .valid = is_one_line, .expected = EXPECTED_LINE};
    const struct calendar *calendar = ((struct loader *)bind->context)->calendar;
    const char *name;
    if (!bind_value(bind, &text, value, &name))
        return false;
    const char **names = arena_alloc_array(bind->arena, calendar->key_date_count + 1, sizeof *names);
    for (size_t i = 0; i < calendar->key_date_count; i++) {
        names[i] = calendar->key_dates[i].name;
        if (!strcmp(names[i], name)) {
            *(const char **)member = names[i];
            return true;
        }
    }
    return bind_unknown(bind, value, "unknown-key-date", "unknown key date", names, calendar->key_date_count);
}
