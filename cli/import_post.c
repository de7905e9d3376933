/*
 * See import.h: from entries to posts. An id that a file gives is the post's; else it is made of what the row
 * says, so that the same row always gives the same post, and is known again. Rows with one id are one post:
 * what they say differently becomes a variant of their accounts.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/index.h"
#include "base/json.h"
#include "cli/import.h"
#include "editorial/fold.h"

enum { SLUG_MOST = 40, HASH_MOST = 12, ID_MOST = 64 };

/* What a variant cannot say otherwise. */
static const char *const plan_members[] = {"at", "slot", "bucket", "campaign", "cost", "draft"};
static const char *const content_members[] = {"text",     "thread",  "title",      "link",    "media",
                                              "language", "warning", "visibility", "summary", "slug",
                                              "body",     "tags",    "categories"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- ids ---- */

/* "La saison d'hiver est ouverte" → "la-saison-d-hiver-est-ouverte" */
static const char *slug_of(const char *text, struct arena *arena)
{
    char slug[SLUG_MOST + 1];
    size_t length = 0;
    for (const char *c = fold_text(text, arena); *c && length < SLUG_MOST; c++) {
        if (isalnum((unsigned char)*c))
            slug[length++] = *c;
        else if (length && slug[length - 1] != '-')
            slug[length++] = '-';
    }
    while (length && slug[length - 1] == '-')
        length--;
    return arena_strndup(arena, slug, length);
}

static const char *words_of(const json_t *members)
{
    static const char *const telling[] = {"title", "text", "body", "link"};
    for (size_t i = 0; i < COUNT(telling); i++)
        if (json_text(members, telling[i]))
            return json_text(members, telling[i]);
    const json_t *first = json_array_get(json_member(members, "thread"), 0);
    const char *text = json_is_string(first) ? json_string_value(first) : json_text(first, "text");
    return text ? text : "post";
}

static const char *made_id(const struct import_entry *entry, struct arena *arena)
{
    char hash[SHA256_HEX], *json = json_print(entry->members);
    const char *slug = slug_of(words_of(entry->members), arena);
    sha256_hex(json, strlen(json), hash);
    free(json);
    return arena_printf(arena, "%s-%.*s", *slug ? slug : "post", HASH_MOST, hash);
}

/* So that the words of a faulty row can be judged: a post of its own, far from all others, that is never
 * written. */
static const char *make_up(struct importing *im, const struct import_entry *entry)
{
    struct civil day = {.year = 2400, .month = 1, .day = 1};
    day = civil_add_days(&day, (int)(entry->row->line % 1000000));
    json_object_del(entry->members, "slot");
    json_set(entry->members, "at", json_sprintf("%04d-%02d-%02d 12:00", day.year, day.month, day.day));
    return arena_printf(im->arena, "faulty.%u", entry->row->line);
}

/* ---- rows of one post ---- */

struct group {
    const struct import_entry **entries;
    size_t count;
};

static bool has_account(const struct import_entry *entry, const char *name)
{
    const json_t *to = json_member(entry->members, "to");
    for (size_t i = 0; i < json_array_size(to); i++)
        if (!strcmp(json_string_value(json_array_get(to, i)), name))
            return true;
    return false;
}

static const struct csv_cell *cell_of(const struct import_entry *entry, const char *member,
                                      const char **ret_header)
{
    *ret_header = NULL;
    for (size_t i = 0; i < entry->origin_count; i++)
        if (!strcmp(entry->origins[i].member, member)) {
            *ret_header = entry->origins[i].header;
            return entry->origins[i].cell;
        }
    return &entry->row->cells[0];
}

/* Whether a row may join the others: each account once. */
static bool joins(struct importing *im, const struct group *group, const struct import_entry *entry)
{
    const json_t *to = json_member(entry->members, "to");
    const char *header;
    const struct csv_cell *cell = cell_of(entry, "id", &header);
    for (size_t i = 0; i < group->count; i++) {
        bool twice = !json_array_size(to) || !json_member(group->entries[i]->members, "to");
        for (size_t k = 0; k < json_array_size(to) && !twice; k++)
            twice = has_account(group->entries[i], json_string_value(json_array_get(to, k)));
        if (twice)
            return import_fail(im, cell, header, NULL,
                               "post '%s' is in line %u already, for the same account", entry->id,
                               group->entries[i]->row->line);
    }
    return true;
}

static bool same_in_all(const struct import_entry *const *entries, size_t count, const char *member)
{
    const json_t *first = json_member(entries[0]->members, member);
    for (size_t i = 1; i < count; i++) {
        const json_t *other = json_member(entries[i]->members, member);
        if (!first != !other || (first && !json_equal(first, other)))
            return false;
    }
    return true;
}

static bool same_plan(const struct import_entry *const *entries, size_t count)
{
    for (size_t i = 0; i < COUNT(plan_members); i++)
        if (!same_in_all(entries, count, plan_members[i]))
            return false;
    return true;
}

static void copy_member(json_t *into, const struct import_entry *entry, const char *member)
{
    json_t *value = json_member(entry->members, member);
    if (value)
        json_set(into, member, json_incref(value));
}

/* A content member that one row has and another has not cannot be taken away by a variant: all of them go
 * there. */
static void add_variants(struct import_post *post, const char *member)
{
    for (size_t i = 0; i < post->entry_count; i++) {
        const json_t *to = json_member(post->entries[i]->members, "to");
        for (size_t k = 0; k < json_array_size(to); k++) {
            const char *name = json_string_value(json_array_get(to, k));
            json_t *variant = json_member(post->variants, name);
            if (!variant)
                json_set(post->variants, name, variant = json_object());
            copy_member(variant, post->entries[i], member);
        }
    }
}

static void add_post(struct importing *im, const char *id, const struct import_entry *const *entries,
                     size_t count)
{
    struct import_post *post = arena_push(im->arena, im->posts, im->post_count);
    json_t *to = json_array();
    *post = (struct import_post){
        .id = id, .entries = entries, .entry_count = count, .faulty = entries[0]->faulty};
    post->members = json_in_arena(im->arena, json_object());
    post->variants = json_in_arena(im->arena, json_object());
    for (size_t i = 0; i < COUNT(plan_members); i++)
        copy_member(post->members, entries[0], plan_members[i]);
    for (size_t i = 0; i < COUNT(content_members); i++) {
        if (same_in_all(entries, count, content_members[i]))
            copy_member(post->members, entries[0], content_members[i]);
        else
            add_variants(post, content_members[i]);
    }
    for (size_t i = 0; i < count; i++)
        json_array_extend(to, json_member(entries[i]->members, "to"));
    if (json_array_size(to))
        json_set(post->members, "to", json_incref(to));
    json_decref(to);
}

/* Rows with other times or buckets cannot be one post. */
static void split(struct importing *im, const struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct import_entry *entry = group->entries[i];
        const json_t *to = json_member(entry->members, "to");
        const char *header, *account = json_string_value(json_array_get(to, 0));
        const char *id =
            arena_printf(im->arena, "%.*s-%.*s", ID_MOST / 2, entry->id, ID_MOST / 2 - 1, account);
        const struct csv_cell *cell = cell_of(entry, "id", &header);
        import_warn(im, cell, header, NULL,
                    "'%s' has another time, slot, bucket or state in another row: it becomes '%s'", entry->id,
                    id);
        const struct import_entry **alone = arena_alloc_array(im->arena, 1, sizeof *alone);
        alone[0] = entry;
        add_post(im, id, alone, 1);
    }
}

/* ---- gathering ---- */

static void gather(struct importing *im, struct index *index, struct group ***groups, size_t *count)
{
    for (size_t i = 0; i < im->entry_count; i++) {
        struct import_entry *entry = im->entries[i];
        bool made = !entry->id && !entry->faulty;
        if (entry->faulty)
            entry->id = make_up(im, entry);
        else if (made)
            entry->id = made_id(entry, im->arena);
        struct group *group = index_get(index, entry->id);
        if (!group) {
            group = arena_new_of(im->arena, struct group);
            index_put(index, entry->id, group);
            *arena_push(im->arena, *groups, *count) = group;
        } else if (made) {
            import_leave_out(im, entry->row, "it says the same as line %u", group->entries[0]->row->line);
            continue;
        } else if (!joins(im, group, entry)) {
            continue;
        }
        *arena_push(im->arena, group->entries, group->count) = entry;
    }
}

/* ---- what is there already ---- */

/* What a says to its accounts, b says to them; b may have more. */
static bool same_contents(const struct post *a, const struct post *b)
{
    for (size_t i = 0; i < a->target_count; i++) {
        char one[SHA256_HEX], other[SHA256_HEX];
        const struct target *target = NULL;
        for (size_t k = 0; k < b->target_count; k++)
            if (!strcmp(a->targets[i].account->name, b->targets[k].account->name))
                target = &b->targets[k];
        if (!target || a->targets[i].content_count != 1 || target->content_count != 1 ||
            strcmp(content_hash(a->targets[i].contents[0], one), content_hash(target->contents[0], other)) !=
                0)
            return false;
    }
    return true;
}

static bool says_the_same(struct importing *im, const struct import_post *post, const struct post *there)
{
    struct diags ignored = diags_in(im->arena);
    const struct post *ours;
    json_t *json = json_in_arena(im->arena, json_copy(post->members));
    if (json_object_size(post->variants))
        json_set(json, "variants", json_incref(post->variants));
    if (!json_member(json, "to") && !json_member(json, "slot") && im->slot)
        json_set_text(json, "slot", im->slot);
    if (!documents_read_post(im->documents, json, im->arena, &ours, &ignored))
        return false;
    /* what an export says of a post in a slot is the time that it got */
    bool same_time = there->timing == TIMING_SLOT ||
                     (there->timing == TIMING_AT && ours->instant && there->instant == ours->instant);
    return same_time && same_contents(ours, there);
}

static void leave_out(struct importing *im, const struct import_post *post, const char *what,
                      const struct post *there)
{
    for (size_t i = 0; i < post->entry_count; i++)
        import_leave_out(im, post->entries[i]->row, "it is %s: '%s', %s:%u", what, there->id,
                         there->position.file, there->position.line);
}

/* An export has the occurrences of series; who has the series needs them no more. */
static const struct post *series_of(struct importing *im, const struct import_post *post)
{
    const char *id = post->entries[0]->given_id, *at = id ? strchr(id, '@') : NULL;
    const struct post *series =
        at ? calendar_post(im->documents->calendar, arena_strndup(im->arena, id, (size_t)(at - id))) : NULL;
    return series && series->timing == TIMING_SERIES ? series : NULL;
}

static bool is_there(struct importing *im, const struct import_post *post)
{
    const struct post *there = calendar_post(im->documents->calendar, post->id),
                      *series = series_of(im, post);
    const char *header, *given = post->entries[0]->given_id;
    const struct csv_cell *cell = cell_of(post->entries[0], "id", &header);
    if (series)
        leave_out(im, post, "of a series that is in the calendar", series);
    else if (there && given && !says_the_same(im, post, there))
        import_fail(im, cell, header, "change it there, or give this one another id",
                    "'%s' is in the calendar already (%s:%u) and says something else", post->id,
                    there->position.file, there->position.line);
    else if (there)
        leave_out(im, post, "in the calendar already", there);
    else if (given && strcmp(given, post->entries[0]->id) != 0)
        import_warn(im, cell, header, NULL, "'%s' cannot name a post of a calendar: it is called '%s'", given,
                    post->id);
    return there || series;
}

/* What an earlier import of the file that is replaced made of the same row, or NULL. */
static const struct post *replaced(const struct importing *im, const struct import_post *post)
{
    return calendar_post(im->before->calendar, post->id);
}

/* What is replaced may be past: taken out of the calendar, it would be cancelled though it still waits. */
static bool is_past(struct importing *im, const struct import_post *post)
{
    const struct import_entry *entry = post->entries[0];
    const char *header;
    if (!entry->at || entry->at > im->now || replaced(im, post))
        return false;
    const struct csv_cell *cell = cell_of(entry, "at", &header);
    for (size_t i = 0; i < post->entry_count; i++)
        if (im->skip_past)
            import_leave_out(im, post->entries[i]->row, "its time is past");
    if (!im->skip_past)
        import_fail(im, cell, header, "give it another time, or leave such rows out: --skip-past",
                    "%s is past", json_text(post->members, "at"));
    return true;
}

/* ---- what has the same time ---- */

static const char *time_key(struct importing *im, instant at, const char *account)
{
    return arena_printf(im->arena, "%lld/%s", (long long)at, account);
}

/* Of posts that have a time of their own, by time and account. */
static void index_times(struct importing *im, struct index *times)
{
    const struct calendar *calendar = im->documents->calendar;
    for (size_t i = 0; i < calendar->post_count; i++) {
        const struct post *post = &calendar->posts[i];
        for (size_t k = 0; k < post->target_count && post->timing == TIMING_AT; k++)
            index_put(times, time_key(im, post->instant, post->targets[k].account->name), (void *)post);
    }
}

/* A row whose words were changed is another post: the one that it was made into before would go out as well. */
static void tell_same_time(struct importing *im, const struct index *times, const struct import_post *post)
{
    const struct import_entry *entry = post->entries[0];
    const json_t *to = json_member(post->members, "to");
    for (size_t i = 0; i < json_array_size(to) && entry->at; i++) {
        const char *account = json_string_value(json_array_get(to, i)), *header;
        const struct post *other = index_get(times, time_key(im, entry->at, account));
        const struct csv_cell *cell = cell_of(entry, "at", &header);
        if (!other)
            continue;
        import_warn(im, cell, header, "if the row is to take its place, change it there; --replace does that for a file",
                    "'%s' gets '%s' at the same time (%s:%u)", account, other->id, other->position.file,
                    other->position.line);
        return;
    }
}

/* ---- all ---- */

/* What had a slot keeps it: which one is free first is another each day. */
static void keep_slot(const struct importing *im, struct import_post *post)
{
    const struct post *was = replaced(im, post);
    bool timed = json_member(post->members, "at") || json_member(post->members, "slot") || im->slot;
    if (was && was->timing == TIMING_SLOT && !timed)
        json_set_text(post->members, "slot", was->slot->name);
}

static bool stays(struct importing *im, struct import_slots *slots, struct import_post *post)
{
    keep_slot(im, post);
    return post->faulty || (!is_there(im, post) && !is_past(im, post) && import_place(im, slots, post));
}

void import_make_posts(struct importing *im)
{
    struct index index = {.arena = im->arena}, times = {.arena = im->arena};
    struct group **groups = NULL;
    struct import_slots *slots = import_slots_new(im);
    size_t count = 0, kept = 0;
    gather(im, &index, &groups, &count);
    for (size_t i = 0; i < count; i++) {
        if (same_plan(groups[i]->entries, groups[i]->count))
            add_post(im, groups[i]->entries[0]->id, groups[i]->entries, groups[i]->count);
        else
            split(im, groups[i]);
    }
    index_times(im, &times);
    for (size_t i = 0; i < im->post_count; i++) {
        if (!stays(im, slots, &im->posts[i]))
            continue;
        tell_same_time(im, &times, &im->posts[i]);
        im->posts[kept++] = im->posts[i];
    }
    im->post_count = kept;
}
