/*
 * See calendar.h: reads the files of a calendar. First what posts refer to (zone, buckets,
 * slots, key dates) from all files, then posts and series in the order of the files, so that it
 * does not matter which file says what.
 */
#include <string.h>

#include "base/buf.h"
#include "editorial/calendar_loader.h"
#include "editorial/late_load.h"

struct raw_slot {
    const char *rrule;
    const struct yaml *rrule_node;
    struct moment at, from;
    struct account_list to;
    bool days[7];
    const struct yaml *days_node;
};

struct raw_key_date {
    struct moment date;
    const char *name;
    bool silent, cover;
    duration lead;
};

struct raw_file {
    int64_t version;
    const char *timezone, *language;
    struct late_policy late;
    const struct yaml *timezone_node, *slots, *key_dates, *buckets, *campaigns;
};

static const char *const day_words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
static const char *const rrule_days[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

/* ---- slots ---- */

static bool read_days(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field word = {.name = field->name, .kind = FIELD_WORD, .words = day_words};
    struct raw_slot *raw = (struct raw_slot *)((char *)member - offsetof(struct raw_slot, days));
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    raw->days_node = value;
    if (!value->count)
        return bind_fail(bind, value, NULL, "'days' is empty");
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        int day;
        if (!bind_value(bind, &word, value->items[i], &day))
            ok = false;
        else if (raw->days[day])
            ok = bind_fail(bind, value->items[i], NULL, "'days' names '%s' twice", day_words[day]);
        else
            raw->days[day] = true;
    }
    return ok;
}

static bool read_slot_rrule(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct raw_slot *raw = (struct raw_slot *)((char *)member - offsetof(struct raw_slot, rrule));
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = 500, .valid = is_one_line,
                         .expected = EXPECTED_LINE};
    raw->rrule_node = value;
    return bind_value(bind, &text, value, member);
}

static const struct field slot_fields[] = {
    {"days", FIELD_READ, offsetof(struct raw_slot, days), .read = read_days},
    {"rrule", FIELD_READ, offsetof(struct raw_slot, rrule), .read = read_slot_rrule},
    {"at", FIELD_READ, offsetof(struct raw_slot, at), .required = true, .read = read_time},
    {"from", FIELD_READ, offsetof(struct raw_slot, from), .read = read_date},
    {"to", FIELD_READ, offsetof(struct raw_slot, to), .read = read_accounts},
};

static const char *rule_of_days(struct arena *arena, const bool days[7])
{
    struct buf rule = {0};
    for (int i = 0; i < 7; i++)
        if (days[i])
            buf_printf(&rule, "%s%s", rule.length ? "," : "FREQ=WEEKLY;BYDAY=", rrule_days[i]);
    const char *copy = arena_strdup(arena, buf_text(&rule));
    buf_release(&rule);
    return copy;
}

static bool slot_recurs(struct bind *bind, const struct yaml *map, const struct raw_slot *raw, struct slot *slot)
{
    struct loader *loader = bind->context;
    struct civil start = raw->from.node ? raw->from.civil : (struct civil){.year = 1970, .month = 1, .day = 1};
    struct error err;
    if (raw->days_node && raw->rrule_node)
        return bind_fail(bind, raw->rrule_node, NULL, "'days' and 'rrule' exclude each other");
    if (!yaml_get(map, "days") && !yaml_get(map, "rrule"))
        return bind_fail(bind, map, NULL, "slot has neither 'days' nor 'rrule'");
    start.hour = raw->at.civil.hour;
    start.minute = raw->at.civil.minute;
    start.second = raw->at.civil.second;
    const char *rule = raw->rrule_node ? raw->rrule : rule_of_days(bind->arena, raw->days);
    if (raw->rrule_node && !check_beginning(bind, raw->rrule_node, yaml_get(map, "from")))
        return false;
    if (!rule || !*rule || !loader->calendar->zone)
        return false;
    slot->recurrence = recurrence_new(loader->arena, loader->calendar->zone, &start, rule, NULL, NULL, 0, NULL, 0,
                                      &err);
    return slot->recurrence || bind_fail(bind, raw->rrule_node, "recurrence", "'rrule': %s", err.message);
}

static void load_slot(struct bind *bind, const struct yaml *key, const struct yaml *map, struct slot *slot)
{
    struct loader *loader = bind->context;
    struct raw_slot raw = {0};
    *slot = (struct slot){.name = arena_strdup(loader->arena, key->text),
                          .position = {bind->file, key->line, key->column}};
    if (!is_name(key->text))
        bind_fail(bind, key, NULL, "a slot's name must be " EXPECTED_NAME ", not '%s'", key->text);
    bool ok = bind_map(bind, map, arena_printf(bind->arena, "slot '%s'", key->text), slot_fields,
                       sizeof slot_fields / sizeof *slot_fields, &raw);
    if (map->kind == YAML_MAP && (ok || !raw.rrule_node))
        slot_recurs(bind, map, &raw, slot);
    slot->accounts = raw.to.items;
    slot->account_count = raw.to.count;
    const struct slot *before = index_put(&loader->slots, slot->name, slot);
    if (before)
        bind_fail(bind, key, "duplicate-slot", "slot '%s' is defined already, at %s:%u:%u", slot->name,
                  before->position.file, before->position.line, before->position.column);
}

static void load_slots(struct bind *bind, const struct yaml *map)
{
    struct loader *loader = bind->context;
    struct calendar *calendar = loader->calendar;
    if (!map || !bind_is(bind, "slots", map, YAML_MAP))
        return;
    size_t count = calendar->slot_count + map->count;
    struct slot *slots = arena_alloc_array(loader->arena, count, sizeof *slots);
    if (calendar->slot_count)
        memcpy(slots, calendar->slots, calendar->slot_count * sizeof *slots);
    loader->slots = (struct index){.arena = loader->arena}; /* the slots have moved */
    for (size_t i = 0; i < calendar->slot_count; i++)
        index_put(&loader->slots, slots[i].name, &slots[i]);
    for (size_t i = 0; i < map->count; i++)
        load_slot(bind, map->keys[i], map->items[i], &slots[calendar->slot_count + i]);
    calendar->slots = slots;
    calendar->slot_count = count;
}

/* ---- key dates, buckets ---- */

static const struct field key_date_fields[] = {
    {"date", FIELD_READ, offsetof(struct raw_key_date, date), .required = true, .read = read_date},
    {"name", FIELD_TEXT, offsetof(struct raw_key_date, name), .required = true, .max = 200, .valid = is_one_line,
     .expected = EXPECTED_LINE},
    {"silent", FIELD_FLAG, .offset = offsetof(struct raw_key_date, silent)},
    {"cover", FIELD_FLAG, .offset = offsetof(struct raw_key_date, cover)},
    {"lead", FIELD_DURATION, .offset = offsetof(struct raw_key_date, lead), .max = DAYS(366)},
};

static void load_key_dates(struct bind *bind, const struct yaml *list)
{
    static const struct field maps = {.name = "key_dates", .kind = FIELD_MAPS, .max = 10000,
                                      .item_size = sizeof(struct raw_key_date), FIELDS(key_date_fields)};
    struct loader *loader = bind->context;
    struct calendar *calendar = loader->calendar;
    struct list raw;
    if (!list || !bind_value(bind, &maps, list, &raw))
        return;
    struct key_date *dates =
        arena_alloc_array(loader->arena, calendar->key_date_count + raw.count, sizeof *dates);
    if (calendar->key_date_count)
        memcpy(dates, calendar->key_dates, calendar->key_date_count * sizeof *dates);
    for (size_t i = 0; i < raw.count; i++) {
        const struct raw_key_date *r = (struct raw_key_date *)raw.items + i;
        dates[calendar->key_date_count + i] =
            (struct key_date){.name = r->name, .date = r->date.civil, .silent = r->silent, .cover = r->cover,
                              .lead = r->lead,
                              .position = {bind->file, list->items[i]->line, list->items[i]->column}};
    }
    calendar->key_dates = dates;
    calendar->key_date_count += raw.count;
}

static void load_buckets(struct bind *bind, const struct yaml *list)
{
    static const struct field form = {.name = "buckets", .kind = FIELD_TEXTS, .max = 1000, .item_max = 64,
                                      .valid = is_one_line, .expected = EXPECTED_LINE};
    struct loader *loader = bind->context;
    struct calendar *calendar = loader->calendar;
    struct texts texts;
    if (!list || !bind_value(bind, &form, list, &texts))
        return;
    const char **all = arena_alloc_array(loader->arena, calendar->bucket_count + texts.count, sizeof *all);
    if (calendar->bucket_count)
        memcpy(all, calendar->buckets, calendar->bucket_count * sizeof *all);
    if (texts.count)
        memcpy(all + calendar->bucket_count, texts.items, texts.count * sizeof *all);
    calendar->buckets = all;
    calendar->bucket_count += texts.count;
}

/* ---- files ---- */

static bool keep_node(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    (void)bind, (void)field;
    *(const struct yaml **)member = value;
    return true;
}

static bool read_timezone(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct raw_file *raw = (struct raw_file *)((char *)member - offsetof(struct raw_file, timezone));
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = 64, .valid = is_one_line,
                         .expected = "a time zone such as Europe/Paris"};
    raw->timezone_node = value;
    return bind_value(bind, &text, value, member);
}

static const struct field file_fields[] = {
    {"version", FIELD_INTEGER, offsetof(struct raw_file, version), .min = 1, .max = 1},
    {"timezone", FIELD_READ, offsetof(struct raw_file, timezone), .read = read_timezone},
    {"language", FIELD_TEXT, offsetof(struct raw_file, language), .max = 35, .valid = is_language,
     .expected = "a language tag such as fr or pt-BR"},
    {"late", FIELD_MAP, offsetof(struct raw_file, late), .fields = late_fields, .field_count = LATE_FIELDS},
    {"slots", FIELD_READ, offsetof(struct raw_file, slots), .read = keep_node},
    {"key_dates", FIELD_READ, offsetof(struct raw_file, key_dates), .read = keep_node},
    {"buckets", FIELD_READ, offsetof(struct raw_file, buckets), .read = keep_node},
    {"campaigns", FIELD_READ, offsetof(struct raw_file, campaigns), .read = keep_node},
    {"posts", FIELD_SKIP, .offset = 0},
    {"series", FIELD_SKIP, .offset = 0},
};

static void take_timezone(struct bind *bind, const struct raw_file *raw)
{
    struct loader *loader = bind->context;
    const struct zone *zone = loader->calendar->zone;
    struct error err;
    if (!raw->timezone)
        return;
    if (zone && strcmp(zone_name(zone), raw->timezone) != 0) {
        bind_fail(bind, raw->timezone_node, "other-timezone", "time zone '%s' differs from the calendar's, '%s'",
                  raw->timezone, zone_name(zone));
        return;
    }
    if (zone || !loader->world->find_zone)
        return;
    zone = loader->world->find_zone(loader->world->context, raw->timezone, loader->arena, &err);
    if (!zone)
        bind_fail(bind, raw->timezone_node, "unknown-timezone", "%s", err.message);
    loader->calendar->zone = zone;
}

static struct bind bind_of(struct loader *loader, const struct calendar_file *file)
{
    return (struct bind){.file = arena_strdup(loader->arena, file->name), .arena = loader->arena,
                         .diags = loader->diags, .context = loader};
}

static void load_frame(struct loader *loader, const struct calendar_file *files, size_t count, struct raw_file *raws)
{
    for (size_t i = 0; i < count; i++) {
        struct bind bind = bind_of(loader, &files[i]);
        raws[i].late = (struct late_policy){.grace = LATE_UNSAID, .then = MISSED_UNSAID};
        bind_map(&bind, files[i].root, "calendar", file_fields, sizeof file_fields / sizeof *file_fields, &raws[i]);
        if (!i && files[i].root->kind == YAML_MAP && !raws[i].timezone_node)
            bind_fail(&bind, files[i].root, "no-timezone", "calendar has no 'timezone', such as Europe/Paris");
        take_timezone(&bind, &raws[i]);
    }
    for (size_t i = 0; i < count; i++) {
        struct bind bind = bind_of(loader, &files[i]);
        load_slots(&bind, raws[i].slots);
        load_key_dates(&bind, raws[i].key_dates);
        load_buckets(&bind, raws[i].buckets);
        load_campaigns(&bind, raws[i].campaigns);
    }
}

static struct loader loader_start(const struct calendar_world *world, struct calendar *calendar, struct arena *arena,
                                  struct diags *diags)
{
    struct loader loader = {.world = world,
                            .arena = arena,
                            .bulk = world->bulk ? world->bulk : arena,
                            .diags = diags,
                            .calendar = calendar};
    loader.accounts.arena = loader.slots.arena = arena;
    loader.ids.arena = loader.media.arena = loader.bulk;
    loader_know_accounts(&loader);
    return loader;
}

static size_t count_entries(const struct calendar_file *files, size_t count)
{
    static const char *const lists[] = {"posts", "series"};
    size_t entries = 0;
    for (size_t i = 0; i < count; i++) {
        entries += files[i].recalled_count;
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
            const struct yaml *list = yaml_get(files[i].root, lists[k]);
            entries += list ? list->count : 0;
        }
    }
    return entries;
}

const struct calendar *calendar_load(const struct calendar_file *files, size_t file_count,
                                     const struct calendar_world *world, struct arena *arena, struct diags *diags)
{
    struct calendar *calendar = arena_new_of(arena, struct calendar);
    struct loader loader = loader_start(world, calendar, arena, diags);
    struct raw_file *raws = arena_alloc_array(arena, file_count, sizeof *raws);
    size_t errors = diags->errors;
    load_frame(&loader, files, file_count, raws);
    loader.posts = arena_alloc_array(loader.bulk, count_entries(files, file_count), sizeof *loader.posts);
    for (size_t i = 0; i < file_count; i++) {
        struct bind bind = bind_of(&loader, &files[i]);
        loader.language = raws[i].language ? raws[i].language : raws[0].language;
        loader.late = yaml_get(files[i].root, "late") ? &raws[i].late : NULL;
        loader.arena = bind.arena = loader.bulk;
        recall_posts(&bind, &files[i]);
        load_posts(&bind, yaml_get(files[i].root, "posts"));
        loader.arena = bind.arena = arena;
        load_series(&bind, yaml_get(files[i].root, "series"));
    }
    calendar->language = file_count ? raws[0].language : NULL;
    calendar->posts = loader.posts;
    calendar->post_count = loader.post_count;
    calendar->ids = loader.ids;
    return diags->errors == errors ? calendar : NULL;
}

const struct post *calendar_read_post(const struct calendar *calendar, const struct calendar_world *world,
                                      const struct yaml *root, struct arena *arena, struct diags *diags)
{
    struct calendar copy = *calendar;
    struct loader loader = loader_start(world, &copy, arena, diags);
    struct bind bind = {.arena = arena, .diags = diags, .context = &loader};
    struct post *post = arena_new_of(arena, struct post);
    loader.language = calendar->language;
    for (size_t i = 0; i < calendar->slot_count; i++)
        index_put(&loader.slots, calendar->slots[i].name, (void *)&calendar->slots[i]);
    return load_one_post(&bind, root, post) ? post : NULL;
}

const struct post *calendar_post(const struct calendar *calendar, const char *id)
{
    return index_get(&calendar->ids, id);
}

const struct slot *calendar_slot(const struct calendar *calendar, const char *name)
{
    for (size_t i = 0; i < calendar->slot_count; i++)
        if (!strcmp(calendar->slots[i].name, name))
            return &calendar->slots[i];
    return NULL;
}
