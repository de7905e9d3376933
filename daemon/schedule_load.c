/*
 * See schedule_load.h. Knows no YAML and no SQL, and decides nothing about when something is applied.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/index.h"
#include "base/mutant.h"
#include "editorial/check.h"
#include "schedule_load.h"

/* ---- what is taken ---- */

struct load *load_begin(const char *database, const char *path, const struct documents *in_force, instant now,
                        bool may_apply)
{
    struct arena *arena = arena_new();
    struct load *load = arena_new_of(arena, struct load);
    *load = (struct load){.arena = arena,
                          .path = path,
                          .database = arena_strdup(arena, database),
                          .now = now,
                          .held_back = in_force ? documents_held_back(in_force, arena) : NULL,
                          .may_apply = may_apply};
    return load;
}

static void read_notes(struct load *load, struct queue *queue)
{
    load->applied = queue_note(queue, "documents_hash", load->arena);
    load->zones = queue_note(queue, "zones_hash", load->arena);
    load->rules = queue_note(queue, LOAD_RULES_NOTE, load->arena);
    const char *until = queue_note(queue, LOAD_UNTIL_NOTE, load->arena);
    if (until)
        instant_parse(until, &load->planned_until);
    const char *accounts = queue_note(queue, "accounts", load->arena);
    load->accounts = arena_printf(load->arena, "\n%s", accounts ? accounts : "");
}

static bool read_queue(struct load *load, struct error *err)
{
    struct queue *queue = queue_look(load->database, err);
    if (!queue)
        return false;
    read_notes(load, queue);
    load->from = load->now - PLAN_PAST; /* and back to whatever is still to be decided */
    if (queue_open_since(queue) < load->from)
        load->from = queue_open_since(queue);
    memory_read(load, queue);
    queue_close(queue);
    return true;
}

/* ids NULL: of all that it must know. */
static bool read_taken(struct load *load, const char *const *ids, size_t id_count, bool slots, struct error *err)
{
    struct queue *queue = queue_look(load->database, err);
    instant since = load->now - PLAN_PAST;
    if (!queue)
        return false;
    bool ok = ids ? queue_taken_of(queue, since, ids, id_count, slots, load->arena, &load->taken, &load->taken_count, err)
                  : queue_taken(queue, since, load->arena, &load->taken, &load->taken_count, err);
    queue_close(queue);
    load->names = taken_index(load->taken, load->taken_count, load->arena);
    return ok;
}

static const struct taken *find_taken(const struct load *load, const char *post_id, const char *account)
{
    return taken_find(load->names, post_id, account);
}

void load_free(struct load *load)
{
    buf_release(&load->memory.bytes);
    application_free(load->planning);
    arena_free(load->arena);
}

bool load_knows(const struct load *load, const char *post_id, const char *account)
{
    return find_taken(load, post_id, account) != NULL;
}

/* ---- documents and plan ---- */

/*
 * The planner knows a post by the time the file gave it, or it would take a move by a person for a change of
 * the file. A time that a person moved a post to is taken too, whoever has it.
 */
static struct assigned *assigned_of(const struct load *load, size_t *ret_count)
{
    struct assigned *assigned = arena_alloc_array(load->arena, 2 * load->taken_count + 1, sizeof *assigned);
    size_t count = 0;
    for (size_t i = 0; i < load->taken_count; i++) {
        const struct taken *t = &load->taken[i];
        if (t->removed)
            continue;
        bool over = state_is_final(t->state) || t->state == STATE_SENDING || t->state == STATE_UNSURE;
        assigned[count++] = (struct assigned){t->post_id, t->account, t->slot_name, t->planned, over};
        if (t->slot != t->planned)
            assigned[count++] = (struct assigned){"", t->account, t->slot_name, t->slot, false};
    }
    *ret_count = count;
    return assigned;
}

/*
 * Series and slots are queued for half the horizon at least. Between, its end stands still: time that passes
 * is no change that a plan shows, and makes no plan old; before anything was applied, not for the hour.
 */
static instant end_of_plan(const struct load *load)
{
    duration horizon = load->documents->settings->horizon, ahead = load->planned_until - load->now;
    instant whole_hour = (load->now + horizon) / HOURS(1) * HOURS(1) + HOURS(1);
    return ahead > horizon / 2 && ahead <= horizon + HOURS(1) ? load->planned_until : whole_hour;
}

/* What goes to several accounts stands side by side and is the same content. */
static const char *hash_of(const struct load *load, size_t i)
{
    const struct content *content = load->planned[i].content;
    return i && load->planned[i - 1].content == content ? load->hashes[i - 1] : queue_content_hash(content, load->arena);
}

static void make_plan(struct load *load)
{
    size_t count;
    const struct assigned *assigned = assigned_of(load, &count);
    load->until = end_of_plan(load);
    load->planned = plan(load->documents->calendar, load->now, load->from, load->until, assigned, count,
                         load->arena, &load->planned_count, &load->unplaced, &load->unplaced_count);
    load->against = arena_alloc_array(load->arena, load->planned_count + 1, sizeof *load->against);
    load->hashes = arena_alloc_array(load->arena, load->planned_count + 1, sizeof *load->hashes);
    load->known = arena_alloc_array(load->arena, load->planned_count + 1, sizeof *load->known);
    for (size_t i = 0; i < load->planned_count; i++) {
        if (load->planned[i].post->recalled)
            continue;
        load->against[i] = check_recurring(load->documents->charter, load->documents->calendar, load->planned,
                                           load->planned_count, i, load->arena);
        load->hashes[i] = hash_of(load, i);
        load->known[i] = find_taken(load, load->planned[i].post_id, load->planned[i].account->name);
    }
}

/* Of a post in a slot: all that was queued of it is over, or its time is long past. */
static bool is_over(void *context, const char *post_id, instant past)
{
    const struct load *load = context;
    size_t known = 0;
    for (size_t i = 0; i < load->taken_count; i++) {
        const struct taken *t = &load->taken[i];
        if (strcmp(t->post_id, post_id) != 0)
            continue;
        if (t->removed || (t->slot >= past && t->state != STATE_PUBLISHED))
            return false;
        known++;
    }
    return known > 0;
}

/*
 * Links and mentions are looked at when a text comes in, or changes: not at every start, nor as time goes on,
 * for others may take their pages away at any time. diags NULL: only what is to be asked.
 */
static void look_online(struct load *load, struct diags *diags)
{
    const struct documents *documents = load->documents;
    struct index seen = {.arena = load->arena};
    for (size_t i = 0; i < load->planned_count; i++) {
        const struct planned *p = &load->planned[i];
        const struct taken *taken = load->known[i];
        if (p->post->recalled)
            continue;
        bool is_new = !taken || strcmp(taken->content_hash, load->hashes[i]) != 0;
        const char *text = arena_printf(load->arena, "%p %s", (const void *)p->content, p->account->name);
        if (!is_new || p->slot < load->now || p->post->incomplete || index_put(&seen, text, load))
            continue;
        struct diag where = {.file = p->post->position.file,
                             .line = p->post->position.line,
                             .column = p->post->position.column,
                             .post = p->post->id};
        check_online(documents->charter, p->account, p->content, p->bucket, &load->online, &where, diags);
    }
}

static bool looks_online(const struct load *load)
{
    bool changed = !load->applied || strcmp(load->applied, load->documents->hash) != 0;
    return changed && check_asks(load->documents->charter);
}

void load_judge_online(struct load *load)
{
    if (!load->online.count)
        return;
    online_give_up(&load->online);
    look_online(load, &load->documents->diags);
    diags_sort(&load->documents->diags);
}

/* ---- what is wanted ---- */

static bool may_be_out(const struct taken *taken)
{
    return taken->state == STATE_PUBLISHED || taken->state == STATE_SENDING || taken->state == STATE_UNSURE;
}

/*
 * A post that is new and past may only have got another name: its account was renamed, or its id was changed
 * in the calendar, after it went out. Then it is out already; a person who knows better releases it.
 */
static const struct taken *find_same_post(const struct load *load, const struct planned *planned)
{
    char hash[SHA256_HEX];
    bool new_account = !strstr(load->accounts, arena_printf(load->arena, "\n%s\n", planned->account->name));
    content_hash(planned->content, hash);
    for (size_t i = 0; i < load->taken_count; i++) {
        const struct taken *t = &load->taken[i];
        bool renamed = new_account && !strcmp(t->post_id, planned->post_id) &&
                       !settings_account(load->documents->settings, t->account);
        bool other_id = !strcmp(t->account, planned->account->name) && !strcmp(t->content_hash, hash) &&
                        strcmp(t->post_id, planned->post_id) != 0;
        if (may_be_out(t) && (renamed || other_id))
            return t;
    }
    return NULL;
}

static const struct taken *known(const struct load *load, const struct planned *planned)
{
    return load->known[planned - load->planned];
}

/* A delivery that is new and whose time is past was never missed by us: it was written down too late. */
static enum state initial_state(struct load *load, const struct planned *planned, const char **ret_message)
{
    const struct settings_account *account =
        settings_account(load->documents->settings, planned->account->name);
    bool comes_late = !known(load, planned) && planned->slot < load->now;
    const struct taken *same = comes_late ? find_same_post(load, planned) : NULL;
    load->misfit |= comes_late && load->recalls && !FORGETS("late"); /* it is looked for among all that is taken */
    *ret_message = NULL;
    if (planned->draft)
        return STATE_DRAFT;
    if (same) {
        *ret_message =
            arena_printf(load->arena, "it seems to be out already, as '%s/%s': release it if it is not",
                         same->post_id, same->account);
        return STATE_HELD;
    }
    enum lateness lateness = plan_newcomer(planned, &account->late, load->now);
    if (lateness == LATENESS_FINE)
        return STATE_READY;
    *ret_message = "its time had already passed when it was first read";
    return lateness == LATENESS_HOLD ? STATE_HELD : STATE_MISSED;
}

static bool is_wanted(const struct load *load, const struct planned *planned)
{
    return known(load, planned) || plan_is_news(planned, load->now);
}

bool load_wants(const struct load *load, size_t i)
{
    const struct recalled *recalled = load->planned[i].post->recalled;
    return recalled ? recalled->queued : is_wanted(load, &load->planned[i]);
}

static const char *source_of(struct arena *arena, const struct position *position)
{
    return arena_printf(arena, "%s:%u", position->file, position->line);
}

static struct wanted *wanted_of(struct load *load, size_t *ret_count)
{
    struct wanted *wanted = arena_alloc_array(load->arena, load->planned_count + 1, sizeof *wanted);
    size_t count = 0;
    for (size_t i = 0; i < load->planned_count; i++) {
        const struct planned *p = &load->planned[i];
        if (p->post->recalled || !is_wanted(load, p))
            continue;
        const char *message;
        enum state state = initial_state(load, p, &message);
        wanted[count++] = (struct wanted){
            .post_id = p->post_id,
            .account = p->account->name,
            .network = p->account->network->name,
            .origin = p->series ? "series" : "calendar",
            .series = p->series,
            .slot_name = p->slot_name,
            .bucket = p->bucket,
            .source = source_of(load->arena, &p->post->position),
            .author = "calendar",
            .content = p->content,
            .hash = load->hashes[i],
            .slot = p->slot,
            .state = state,
            .message = message,
            .as_applied = p->post->incomplete,
            .against = load->against[i],
            .moved_why = load->moved_why,
        };
    }
    *ret_count = count;
    return wanted;
}

const char *load_rules(const struct load *load)
{
    return arena_printf(load->arena, "%s %s", load->documents->rules_hash, CALD_VERSION);
}

static bool sift(struct load *load, struct error *err)
{
    size_t count;
    struct wanted *wanted = wanted_of(load, &count);
    bool rules_changed = !load->rules || strcmp(load->rules, load_rules(load)) != 0;
    if (!queue_sift(load->taken, load->taken_count, load->names, wanted, count, load->from, INSTANT_NEVER,
                    rules_changed, load->arena, &load->sift, err))
        return false;
    for (size_t i = 0; i < load->planned_count; i++)
        load->sift.unchanged += load->planned[i].post->recalled && load_wants(load, i);
    return true;
}

/* ---- all of it ---- */

static bool zones_moved(const struct load *load)
{
    return load->zones && load->applied && strcmp(load->zones, load->documents->zones_hash) != 0;
}

static void read_secrets(struct load *load)
{
    if (!load->documents->diags.errors)
        documents_load_secrets(load->documents, load->held_back);
    documents_check_people(load->documents, true);
    load->zones_moved = zones_moved(load);
    if (load->zones_moved && !strcmp(load->applied, load->documents->hash))
        load->moved_why = "moved because the time zone data changed";
}

/* Of documents without errors: what they want of the queue. */
static bool work_out(struct load *load, struct error *err)
{
    read_secrets(load);
    documents_check_state(load->documents);
    if (load->documents->diags.errors)
        return true;
    make_plan(load);
    load->online = online_in(load->arena);
    if (looks_online(load))
        look_online(load, NULL);
    return sift(load, err);
}

/* ---- what changed ---- */

static bool has_slots(const struct calendar *calendar)
{
    for (size_t i = 0; i < calendar->post_count; i++)
        if (calendar->posts[i].timing == TIMING_SLOT && !FORGETS("slots"))
            return true;
    return false;
}

/* An occurrence of a series is asked for with the series, as long as there is one. */
static bool is_asked_with_series(const struct load *load, const char *id)
{
    const char *at = strchr(id, '@');
    const struct post *post =
        at ? calendar_post(load->documents->calendar, arena_strndup(load->arena, id, (size_t)(at - id))) : NULL;
    return post && post->timing == TIMING_SERIES;
}

/* Whose deliveries have to be looked at: what was read, what was there and is not, what could not be applied. */
static const char **ids_of(struct load *load, size_t *ret_count)
{
    const struct calendar *calendar = load->documents->calendar;
    const char **ids = documents_not_recalled(load->documents, load->arena, ret_count);
    if (FORGETS("gone"))
        *ret_count = 0;
    for (size_t i = 0; i < calendar->post_count; i++) {
        const struct post *post = &calendar->posts[i];
        if (!post->recalled)
            *arena_push(load->arena, ids, *ret_count) =
                post->timing == TIMING_SERIES ? arena_printf(load->arena, "%s@", post->id) : post->id;
    }
    for (size_t i = 0; i < load->memory.id_count; i++)
        if (!is_asked_with_series(load, load->memory.ids[i]))
            *arena_push(load->arena, ids, *ret_count) = load->memory.ids[i];
    return ids;
}

/* Nothing is there twice, and nothing of what was not read: it would be taken for gone. */
static bool is_apart(const struct load *load)
{
    for (size_t i = 0; i < load->taken_count; i++) {
        const struct taken *t = &load->taken[i];
        const struct post *post = calendar_post(load->documents->calendar, t->post_id);
        if ((post && post->recalled) || taken_find(load->names, t->post_id, t->account) != t)
            return false;
    }
    return true;
}

static bool read_taken_of_changes(struct load *load, struct error *err)
{
    size_t count;
    const char **ids = ids_of(load, &count);
    bool ok = read_taken(load, ids, count, has_slots(load->documents->calendar), err);
    load->misfit = ok && !is_apart(load);
    return ok;
}

/* What is as it was when it was applied last is left out from the beginning. ret_done: that was enough. */
static bool look_at_changes(struct load *load, bool *ret_done, struct error *err)
{
    const struct documents_recollection from = {buf_text(&load->memory.bytes), load->memory.bytes.length,
                                                load->memory.ids, load->memory.id_count};
    *ret_done = false;
    load->recalls = true;
    load->documents = load->memory.bytes.length ? documents_recall(load->path, load->now, &from) : NULL;
    if (!load->documents)
        return true;
    if (!read_taken_of_changes(load, err) || (!load->misfit && !work_out(load, err)))
        return false;
    *ret_done = !load->misfit && !load->documents->diags.errors;
    return true;
}

static bool look_at_all(struct load *load, struct error *err)
{
    const struct documents_memory memory = {is_over, load};
    documents_free(load->documents);
    load->documents = NULL;
    load->recalls = load->misfit = false;
    if (!read_taken(load, NULL, 0, false, err))
        return false;
    load->documents = documents_load_to_run(load->path, load->now, &memory);
    return work_out(load, err);
}

void load_work(struct load *load)
{
    struct error *err = &load->failure;
    bool done = false;
    if (read_queue(load, err) && look_at_changes(load, &done, err) && (done || look_at_all(load, err)) &&
        !load->documents->diags.errors)
        memory_prepare(load);
}

/* ---- what is kept ---- */

struct queued { /* of each post of the calendar */
    const struct calendar *calendar;
    bool *is;
};

static bool says_more(const struct post *post)
{
    return post->campaign || post->cost || post->closing || post->publish_late || post->late;
}

static bool is_asked_for(void *context, const struct post *post)
{
    const struct queued *queued = context;
    return says_more(post) || !queued->is[post - queued->calendar->posts];
}

void load_forget_posts(struct load *load)
{
    struct queued queued = {.calendar = load->documents->calendar};
    if (load->accepted) {
        queued.is = arena_alloc_array(load->arena, queued.calendar->post_count + 1, sizeof *queued.is);
        for (size_t i = 0; i < load->planned_count; i++)
            if (load_wants(load, i))
                queued.is[load->planned[i].post - queued.calendar->posts] = true;
    }
    documents_forget(load->documents, load->accepted ? is_asked_for : NULL, &queued);
}

struct approver load_approver(const struct load *load)
{
    return (struct approver){approval_concerns, approval_suffices, &load->documents->charter->approval};
}
