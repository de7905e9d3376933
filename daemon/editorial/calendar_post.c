/*
 * See calendar_loader.h: posts and series. Works out to which accounts a post goes, what each gets (variants)
 * and when; how a plan is made of that is not known here.
 */
#include <stdlib.h>
#include <string.h>

#include "editorial/calendar_loader.h"
#include "editorial/rrule.h"

struct raw_post {
    struct layer layer; /* first: LAYER_FIELDS */
    const char *id, *bucket;
    const struct yaml *id_node, *bucket_node, *slot_node, *rrule_node;
    struct moment at, start, from;
    struct moments exdate, rdate;
    const char *slot, *rrule;
    struct account_list to;
    const struct yaml *variants;
    const struct campaign *campaign;
    const char *covers;
    int64_t cost;
    bool draft, publish_late, closing;
};

#define AT(member) .offset = offsetof(struct raw_post, member)

static bool keep_node(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    *(const struct yaml **)member = value;
    return true;
}

static bool read_id(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = 64, .valid = is_name,
                         .expected = EXPECTED_NAME};
    struct raw_post *raw = (struct raw_post *)((char *)member - offsetof(struct raw_post, id));
    raw->id_node = value;
    return bind_value(bind, &text, value, member);
}

static bool read_bucket(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = 64, .valid = is_one_line,
                         .expected = EXPECTED_LINE};
    struct loader *loader = bind->context;
    const char *bucket;
    if (!bind_value(bind, &text, value, &bucket))
        return false;
    *(const char **)member = bucket;
    const struct calendar *calendar = loader->calendar;
    for (size_t i = 0; i < calendar->bucket_count; i++)
        if (!strcmp(calendar->buckets[i], bucket))
            return true;
    return !calendar->bucket_count || bind_unknown(bind, value, "unknown-bucket", "unknown bucket",
                                                   calendar->buckets, calendar->bucket_count);
}

static bool read_slot(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct raw_post *raw = (struct raw_post *)((char *)member - offsetof(struct raw_post, slot));
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = 64, .valid = is_name,
                         .expected = EXPECTED_NAME};
    raw->slot_node = value;
    return bind_value(bind, &text, value, member);
}

static bool read_rrule(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct raw_post *raw = (struct raw_post *)((char *)member - offsetof(struct raw_post, rrule));
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = 500, .valid = is_one_line,
                         .expected = EXPECTED_LINE};
    raw->rrule_node = value;
    return bind_value(bind, &text, value, member);
}

#define COMMON_FIELDS                                                                                        \
    {"bucket", FIELD_READ, AT(bucket), .read = read_bucket},                                                 \
    {"to", FIELD_READ, AT(to), .read = read_accounts},                                                       \
    {"variants", FIELD_READ, AT(variants), .read = keep_node},                                               \
    {"draft", FIELD_FLAG, AT(draft)},                                                                        \
    {"publish_late", FIELD_FLAG, AT(publish_late)}

#define PLAN_FIELDS                                                                                          \
    {"campaign", FIELD_READ, AT(campaign), .read = read_campaign},                                           \
    {"covers", FIELD_READ, AT(covers), .read = read_covers},                                                 \
    {"cost", FIELD_INTEGER, AT(cost), .max = 1000000000}

#define POST_FIELDS                                                                                          \
    {"at", FIELD_READ, AT(at), .read = read_date_time},                                                      \
    {"slot", FIELD_READ, AT(slot), .read = read_slot},                                                       \
    COMMON_FIELDS, LAYER_FIELDS, PLAN_FIELDS,                                                                \
    {"closing", FIELD_FLAG, AT(closing)}

static const struct field post_fields[] = {
    {"id", FIELD_READ, AT(id), .required = true, .read = read_id},
    POST_FIELDS,
};

static const struct field lone_post_fields[] = { /* calendar_read_post */
    {"id", FIELD_READ, AT(id), .read = read_id},
    POST_FIELDS,
};

static const struct field series_fields[] = {
    {"id", FIELD_READ, AT(id), .required = true, .read = read_id},
    {"rrule", FIELD_READ, AT(rrule), .required = true, .read = read_rrule},
    {"start", FIELD_READ, AT(start), .read = read_date_time},
    {"from", FIELD_READ, AT(from), .read = read_date},
    {"at", FIELD_READ, AT(at), .read = read_time},
    {"exdate", FIELD_READ, AT(exdate), .read = read_moments},
    {"rdate", FIELD_READ, AT(rdate), .read = read_moments},
    {"one_of", FIELD_READ, AT(layer.one_of), .min = 1, .max = 100, .read = layer_read_pieces},
    COMMON_FIELDS, LAYER_FIELDS, PLAN_FIELDS,
};

static const struct field variant_fields[] = {LAYER_FIELDS};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- variants ---- */

struct variants {
    struct layer *layers; /* in the order of the map */
    const struct yaml *map;
};

static bool is_variant_name(struct loader *loader, const char *name)
{
    return loader->world->any_account || index_get(&loader->accounts, name) || network_find(name);
}

static bool is_used(const char *name, const struct target *targets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct account *account = targets[i].account;
        if (!strcmp(account->name, name) || !account->network || !strcmp(account->network->name, name))
            return true;
    }
    return false;
}

static bool read_variants(struct bind *bind, const struct yaml *map, struct variants *variants)
{
    struct loader *loader = bind->context;
    bool ok = true;
    *variants = (struct variants){.map = map};
    if (!map)
        return true;
    variants->layers = arena_alloc_array(bind->arena, map->count, sizeof *variants->layers);
    for (size_t i = 0; i < map->count; i++) {
        const char *name = map->keys[i]->text;
        struct layer *layer = &variants->layers[i];
        layer->visibility = -1;
        if (!is_name(name))
            ok = bind_fail(bind, map->keys[i], NULL, "a variant is named after an account or network, not '%s'",
                           name);
        else if (!is_variant_name(loader, name))
            ok = bind_unknown(bind, map->keys[i], "unknown-account", "variant for unknown account or network",
                              loader->variant_names, loader->variant_count);
        ok = bind_map(bind, map->items[i], "variant", variant_fields, COUNT(variant_fields), layer) && ok;
        if (map->items[i]->kind == YAML_MAP)
            ok = layer_finish(bind, layer, map->items[i]) && ok;
    }
    return ok;
}

static const struct layer *variant_for(const struct variants *variants, const char *name)
{
    for (size_t i = 0; variants->map && i < variants->map->count; i++)
        if (!strcmp(variants->map->keys[i]->text, name))
            return &variants->layers[i];
    return NULL;
}

/* ---- targets ---- */

/* What lies over the post for this account: its network's variant, then its own. False: nothing. */
static bool resolve(const struct raw_post *raw, const struct variants *variants, const struct account *account,
                    struct layer *ret_layer)
{
    const struct layer *own = variant_for(variants, account->name);
    const struct layer *of_network = account->network ? variant_for(variants, account->network->name) : NULL;
    if (!own && !of_network)
        return false;
    *ret_layer = raw->layer;
    if (of_network && of_network != own)
        *ret_layer = layer_merge(ret_layer, of_network);
    if (own)
        *ret_layer = layer_merge(ret_layer, own);
    return true;
}

static bool has_content(struct bind *bind, const struct layer *layer, const struct yaml *map,
                        const struct account *account)
{
    return layer_has_content(layer) ||
           bind_fail(bind, map, "no-content", "nothing to publish for '%s': no text, thread, body, link or media",
                     account->name);
}

/* Accounts share contents as long as these are the same. */
static void finish_contents(struct loader *loader, const struct post *post, struct target *target)
{
    const struct calendar_world *world = loader->world;
    const struct content **own = NULL;
    for (size_t i = 0; world->finish && i < target->content_count; i++) {
        const struct content *content = target->contents[i];
        const struct content *finished = world->finish(world->context, post, target->account, content, loader->arena);
        if (finished == content)
            continue;
        if (!own) {
            own = arena_alloc_array(loader->arena, target->content_count, sizeof *own);
            memcpy(own, target->contents, target->content_count * sizeof *own);
        }
        own[i] = finished;
    }
    if (own)
        target->contents = own;
}

static bool make_targets(struct bind *bind, const struct yaml *map, const struct raw_post *raw,
                         const struct variants *variants, const struct account_list *to, struct post *post)
{
    struct loader *loader = bind->context;
    struct target *targets = arena_alloc_array(bind->arena, to->count, sizeof *targets);
    struct target base = {0}; /* shared by all accounts without a variant */
    bool ok = true;
    for (size_t i = 0; i < to->count; i++) {
        struct layer merged = raw->layer;
        bool varied = resolve(raw, variants, to->items[i], &merged);
        ok = has_content(bind, &merged, map, to->items[i]) && ok;
        if (varied)
            layer_contents(loader, &merged, &targets[i]);
        else if (!base.contents)
            layer_contents(loader, &merged, &base);
        if (!varied)
            targets[i] = base;
        targets[i].account = to->items[i];
        finish_contents(loader, post, &targets[i]);
    }
    post->targets = targets;
    post->target_count = to->count;
    for (size_t i = 0; variants->map && i < variants->map->count; i++)
        if (is_variant_name(loader, variants->map->keys[i]->text) &&
            !is_used(variants->map->keys[i]->text, targets, to->count))
            bind_warn(bind, variants->map->keys[i], "unused-variant", "variant '%s' is for none of the accounts in 'to'",
                      variants->map->keys[i]->text);
    return ok;
}

/* ---- times ---- */

static void warn_of_fold(struct bind *bind, const struct yaml *at, const struct zone *zone, instant t,
                         enum civil_fold fold)
{
    char time[32], offset[16];
    struct civil civil = zone_civil(zone, t);
    civil_format(&civil, time, sizeof time);
    offset_format(zone_offset(zone, t), offset);
    if (fold == CIVIL_GAP)
        bind_warn(bind, at, "clock-change", "%s does not exist in %s (the clock is put forward): moves to %s%s",
                  at->text, zone_name(zone), time, offset);
    else if (fold == CIVIL_OVERLAP)
        bind_warn(bind, at, "clock-change", "%s comes twice in %s (the clock is put back): the first is taken, %s%s",
                  at->text, zone_name(zone), time, offset);
}

static bool time_post(struct bind *bind, const struct raw_post *raw, struct post *post)
{
    struct loader *loader = bind->context;
    const struct zone *zone = loader->calendar->zone;
    post->timing = raw->slot ? TIMING_SLOT : TIMING_AT;
    post->at = raw->at.civil;
    if (raw->at.node && zone) {
        post->instant = zone_instant(zone, &post->at, &post->fold);
        warn_of_fold(bind, raw->at.node, zone, post->instant, post->fold);
    }
    if (!raw->slot)
        return true;
    post->slot = index_get(&loader->slots, raw->slot);
    if (post->slot)
        return true;
    const struct calendar *calendar = loader->calendar;
    const char **names = arena_alloc_array(bind->arena, calendar->slot_count, sizeof *names);
    for (size_t i = 0; i < calendar->slot_count; i++)
        names[i] = calendar->slots[i].name;
    return bind_unknown(bind, raw->slot_node, "unknown-slot", "unknown slot", names, calendar->slot_count);
}

static bool check_times(struct bind *bind, const struct yaml *map, bool alone)
{
    const struct yaml *at = yaml_get(map, "at"), *slot = yaml_get(map, "slot");
    if (at && slot)
        return bind_fail(bind, slot, NULL, "'at' and 'slot' exclude each other");
    return at || slot || alone || bind_fail(bind, map, NULL, "post has neither 'at' nor 'slot'");
}

static const struct civil epoch = {.year = 1970, .month = 1, .day = 1};

static bool find_start(struct bind *bind, const struct yaml *map, const struct raw_post *raw, struct civil *ret_start)
{
    if (yaml_get(map, "start")) {
        if (yaml_get(map, "at") || yaml_get(map, "from"))
            return bind_fail(bind, yaml_get(map, "start"), NULL,
                             "'start' already says date and time: leave out 'from' and 'at'");
        *ret_start = raw->start.civil;
        return raw->start.node;
    }
    if (!yaml_get(map, "at"))
        return bind_fail(bind, map, NULL, "series has neither 'start' nor 'at'");
    *ret_start = raw->from.node ? raw->from.civil : epoch;
    ret_start->hour = raw->at.civil.hour;
    ret_start->minute = raw->at.civil.minute;
    ret_start->second = raw->at.civil.second;
    return raw->at.node;
}

static bool has_part(const char *rrule, const char *part)
{
    return rrule && strstr(rrule, part);
}

static bool is_sub_daily(const char *rrule)
{
    return has_part(rrule, "FREQ=HOURLY") || has_part(rrule, "FREQ=MINUTELY") || has_part(rrule, "FREQ=SECONDLY");
}

bool check_beginning(struct bind *bind, const struct yaml *rrule, bool given)
{
    if (given || !(has_part(rrule->text, "COUNT=") || is_sub_daily(rrule->text)))
        return true;
    return bind_fail(bind, rrule, "recurrence", "this rule counts from its beginning: say from which date ('from')");
}

static bool time_series(struct bind *bind, const struct yaml *map, const struct raw_post *raw, struct post *post)
{
    struct loader *loader = bind->context;
    struct civil start;
    struct error err;
    post->timing = TIMING_SERIES;
    post->sub_daily = is_sub_daily(raw->rrule);
    post->often = post->sub_daily || has_part(raw->rrule, "BYHOUR") || has_part(raw->rrule, "BYMINUTE") ||
                  has_part(raw->rrule, "BYSECOND") || raw->rdate.count;
    bool begins = find_start(bind, map, raw, &start);
    if (!raw->rrule)
        return false;
    if (!begins ||
        !loader->calendar->zone) { /* complained about already: the rule's own faults are told with it */
        struct rrule rule;
        return (rrule_parse(raw->rrule, &rule, &err) ||
                bind_fail(bind, raw->rrule_node, "recurrence", "'rrule': %s", err.message)) &&
               begins;
    }
    if (!check_beginning(bind, raw->rrule_node, yaml_get(map, "start") || yaml_get(map, "from")))
        return false;
    size_t excluded = raw->exdate.count, added = raw->rdate.count;
    struct civil *ex = arena_alloc_array(bind->arena, excluded, sizeof *ex);
    bool *is_date = arena_alloc_array(bind->arena, excluded, sizeof *is_date);
    struct civil *extra = arena_alloc_array(bind->arena, added, sizeof *extra);
    for (size_t i = 0; i < excluded; i++) {
        ex[i] = raw->exdate.items[i].civil;
        is_date[i] = !raw->exdate.items[i].has_time;
    }
    for (size_t i = 0; i < added; i++) {
        extra[i] = raw->rdate.items[i].civil;
        if (!raw->rdate.items[i].has_time) { /* at the time of the series */
            extra[i].hour = start.hour;
            extra[i].minute = start.minute;
            extra[i].second = start.second;
        }
    }
    post->recurrence = recurrence_new(loader->arena, loader->calendar->zone, &start, raw->rrule, ex, is_date, excluded,
                                      extra, added, &err);
    return post->recurrence || bind_fail(bind, raw->rrule_node, "recurrence", "'rrule': %s", err.message);
}

/* ---- one post ---- */

static bool claim_id(struct bind *bind, const struct raw_post *raw, struct post *post)
{
    struct loader *loader = bind->context;
    const struct post *before = index_put(&loader->ids, post->id, post);
    return !before || bind_fail(bind, raw->id_node, "duplicate-id", "id '%s' is used already, at %s:%u:%u", post->id,
                                before->position.file, before->position.line, before->position.column);
}

static bool find_targets(struct bind *bind, const struct yaml *map, const struct raw_post *raw,
                         const struct variants *variants, struct post *post)
{
    struct account_list to = raw->to;
    if (!to.items && post->slot)
        to = (struct account_list){post->slot->accounts, post->slot->account_count};
    if (!to.items && (yaml_get(map, "to") || (raw->slot_node && !post->slot)))
        return false; /* complained about already */
    if (!to.items) {
        const struct loader *loader = bind->context;
        return bind_fail(bind, map, raw->slot_node ? "no-account" : NULL,
                         "%s 'to': which accounts? one or more of %s",
                         raw->slot_node ? "neither the post nor its slot has" : "no",
                         bind_joined(bind->arena, loader->account_names, loader->account_count));
    }
    return make_targets(bind, map, raw, variants, &to, post);
}

/* ---- files that are gone ---- */

static bool is_over(const struct loader *loader, const struct post *post)
{
    const struct calendar_world *world = loader->world;
    struct occurrence *next;
    if (post->timing == TIMING_AT)
        return post->instant < world->past;
    if (post->timing == TIMING_SLOT)
        return world->is_over && post->id && world->is_over(world->context, post->id);
    return world->past && post->recurrence &&
           !recurrence_between(post->recurrence, world->past, INSTANT_NEVER, 1, loader->arena, &next);
}

/* A media folder is tidied up after years, and a calendar keeps what was
 * published. An error is said once a file. */
static bool judge_faults(struct bind *bind, struct post *post)
{
    struct loader *loader = bind->context;
    size_t count = loader->fault_count;
    bool over = count && is_over(loader, post);
    loader->fault_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct fault *fault = &loader->faults[i];
        if (over)
            bind_warn(bind, fault->at, fault->rule, "%s; the post is over: what the calendar says of it is not looked at",
                      fault->message);
        else if (!*fault->told)
            bind_fail(bind, fault->at, fault->rule, "%s", fault->message);
        *fault->told |= !over;
    }
    post->incomplete = count && over;
    return !count || over;
}

static void take_named(struct loader *loader, struct post *post)
{
    post->media = loader->named;
    post->media_count = loader->named_count;
    post->names_body_file = loader->names_body_file;
    loader->named = NULL;
    loader->named_count = 0;
    loader->names_body_file = false;
}

/* ---- the whole of it ---- */

static bool load_entry(struct bind *bind, const struct yaml *map, bool is_series, bool alone, struct post *post)
{
    struct raw_post raw = {.layer.visibility = -1};
    struct variants variants;
    const struct yaml *id = yaml_get(map, "id");
    post->position = (struct position){bind->file, map->line, map->column};
    bind->post = id && id->kind == YAML_SCALAR && is_name(id->text) ? arena_strdup(bind->arena, id->text) : NULL;
    bool ok = is_series ? bind_map(bind, map, "series", series_fields, COUNT(series_fields), &raw)
                        : bind_map(bind, map, "post", alone ? lone_post_fields : post_fields, COUNT(post_fields), &raw);
    if (map->kind != YAML_MAP)
        return false;
    ok = layer_finish(bind, &raw.layer, map) && ok;
    ok = read_variants(bind, raw.variants, &variants) && ok;
    ok = (is_series ? time_series(bind, map, &raw, post)
                    : check_times(bind, map, alone) && time_post(bind, &raw, post)) && ok;
    post->id = raw.id;
    take_named(bind->context, post);
    ok = judge_faults(bind, post) && ok;
    post->bucket = raw.bucket;
    post->campaign = raw.campaign;
    post->closing = raw.closing;
    post->covers = raw.covers;
    post->cost = raw.cost;
    post->draft = raw.draft;
    post->publish_late = raw.publish_late;
    post->late = ((struct loader *)bind->context)->late;
    if (post->id && !alone)
        ok = claim_id(bind, &raw, post) && ok;
    return find_targets(bind, map, &raw, &variants, post) && ok;
}

static void load_entries(struct bind *bind, const struct yaml *list, const char *what, bool is_series)
{
    struct loader *loader = bind->context;
    if (!list || !bind_is(bind, what, list, YAML_LIST))
        return;
    for (size_t i = 0; i < list->count; i++)
        load_entry(bind, list->items[i], is_series, false, &loader->posts[loader->post_count++]);
    bind->post = NULL;
}

/* A file before this one may have an entry of the same id now; where what was read is wrong, all is read. */
static void claim_recalled_id(struct bind *bind, const struct post *post)
{
    struct loader *loader = bind->context;
    if (index_put(&loader->ids, post->id, (void *)post))
        bind_fail(bind, NULL, "duplicate-id", "id '%s' is used already", post->id);
}

/* Each was read by load_entry before: its id is known to be a good one. */
void recall_posts(struct bind *bind, const struct calendar_file *file)
{
    struct loader *loader = bind->context;
    for (size_t i = 0; i < file->recalled_count; i++) {
        const struct recalled *recalled = file->recalled[i];
        struct post *post = &loader->posts[loader->post_count++];
        *post = (struct post){.id = recalled->id,
                              .position = {bind->file, recalled->line, recalled->column},
                              .timing = TIMING_AT,
                              .instant = recalled->instant,
                              .fold = recalled->fold,
                              .bucket = recalled->bucket,
                              .draft = recalled->draft,
                              .late = loader->late,
                              .targets = recalled->targets,
                              .target_count = recalled->target_count,
                              .media = recalled->media,
                              .media_count = recalled->media_count,
                              .recalled = recalled};
        claim_recalled_id(bind, post);
    }
}

void load_posts(struct bind *bind, const struct yaml *list)
{
    load_entries(bind, list, "posts", false);
}

void load_series(struct bind *bind, const struct yaml *list)
{
    load_entries(bind, list, "series", true);
}

bool load_one_post(struct bind *bind, const struct yaml *map, struct post *post)
{
    return load_entry(bind, map, false, true, post);
}
