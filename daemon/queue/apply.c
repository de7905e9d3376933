/*
 * Making the queue agree with the documents. What the file said last (base_hash, base_slot, base_draft) is
 * kept with each delivery, so that only an entry that changed there touches what a person changed here. Knows
 * nothing of calendars: it is given what is wanted.
 */
#include <stdlib.h>
#include <string.h>

#include "queue/apply.h"

/* ---- what is known of a wanted delivery ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

size_t source_file_length(const char *source)
{
    const char *colon = source ? strrchr(source, ':') : NULL;
    return colon ? (size_t)(colon - source) : source ? strlen(source) : 0;
}

static bool same_file(const char *a, const char *b)
{
    size_t length = source_file_length(a);
    return length == source_file_length(b) && (!length || !memcmp(a, b, length));
}

/* A line more in the file moves all entries below it: that alone writes none of them. */
static bool labels_agree(const struct query *query, int first, const struct wanted *wanted)
{
    const char *labels[] = {wanted->network, wanted->origin, wanted->series, wanted->slot_name,
                            wanted->bucket};
    const int count = (int)(sizeof labels / sizeof *labels);
    for (int i = 0; i < count; i++)
        if (!same_text(query_peek(query, first + i), labels[i]))
            return false;
    return same_file(query_peek(query, first + count), wanted->source);
}

static bool read_known(const struct query *query, const struct wanted *wanted, struct arena *arena,
                       struct known *ret_known)
{
    enum state state;
    if (!state_parse(query_peek(query, 1), &state))
        return false;
    *ret_known = (struct known){
        .spot = {.row = query_integer(query, 0),
                 .post_id = wanted->post_id,
                 .account = wanted->account,
                 .state = state,
                 .slot = query_integer(query, 2),
                 .due = query_integer(query, 3),
                 .first_sent = query_integer(query, 4),
                 .content_hash = query_text(query, 5, arena),
                 .lost = query_integer(query, 6),
                 .publish_late = publish_late_read(query_peek(query, 19)),
                 .review = review_read(query_peek(query, 20))},
        .has_base = !query_is_null(query, 7),
        .base_hash = query_text(query, 7, arena),
        .base_slot = query_integer(query, 8),
        .base_draft = query_integer(query, 9),
        .overridden = query_integer(query, 10),
        .removed = query_integer(query, 11),
        .spontaneous = !strcmp(query_peek(query, 13), "spontaneous"),
        .same_labels = labels_agree(query, 12, wanted),
        .message = query_text(query, 18, arena),
        .asked = query_integer(query, 21),
        .author = query_text(query, 22, arena),
        .changed_by = query_text(query, 23, arena),
    };
    return true;
}

/* What it was when the file lost it: a person's hold must outlive a file that was saved by halves. */
static bool find_before(struct apply *apply, struct known *known, struct error *err)
{
    if (!known->removed)
        return true;
    struct query *query = db_query(apply->queue->db,
                                   "SELECT from_state FROM history WHERE delivery = ? AND to_state = 'cancelled'"
                                   " ORDER BY id DESC LIMIT 1",
                                   "i", known->spot.row);
    known->before = STATE_READY;
    if (query_next(query))
        state_parse(query_peek(query, 0), &known->before);
    return query_end(query, err);
}

static bool find_known(struct apply *apply, const struct wanted *wanted, bool *ret_found,
                       struct known *ret_known, struct error *err)
{
    struct query *query =
        db_query(apply->queue->db,
                 "SELECT id, state, slot, due, first_sent, content_hash, lost, base_hash, base_slot,"
                 " base_draft, overridden, removed, network, origin, series, slot_name, bucket,"
                 " source, message, publish_late, review, asked, author, changed_by FROM delivery"
                 " WHERE post_id = ? AND account = ?",
                 "tt", wanted->post_id, wanted->account);
    bool found = query_next(query),
         understood = !found || read_known(query, wanted, apply->scratch, ret_known);
    if (!query_end(query, err) || (found && understood && !find_before(apply, ret_known, err)))
        return false;
    *ret_found = found;
    return understood || fail(err, "delivery '%s/%s' has an unknown state", wanted->post_id, wanted->account);
}

/* ---- conflicts ---- */

static void add_conflict(struct apply *apply, const char *source, const char *format, const struct spot *spot,
                         const char *why)
{
    struct buf text = {0};
    if (source)
        buf_printf(&text, "%s: ", source);
    buf_printf(&text, "'%s/%s' %s: %s", spot->post_id, spot->account, format, why);
    *arena_push(apply->arena, apply->conflicts, apply->report.conflict_count) =
        arena_strdup(apply->arena, buf_text(&text));
    buf_release(&text);
}

/* Later applications have to look at it again. */
static void leave(struct apply *apply, const char *post_id)
{
    apply->report.kept++;
    *arena_push(apply->arena, apply->left, apply->report.left_count) = arena_strdup(apply->arena, post_id);
}

struct apply_report apply_report(const struct apply *apply)
{
    struct apply_report report = apply->report;
    report.conflicts = apply->conflicts;
    report.left = apply->left;
    report.changes = apply->changes;
    return report;
}

/* ---- changes, one by one ---- */

const char *apply_kind_name(enum apply_kind kind)
{
    static const char *const names[] = {"add", "change", "move", "cancel", "hold", "release"};
    return names[kind];
}

bool apply_record(struct apply *apply, const struct spot *spot, struct apply_change change, struct error *err)
{
    if (!apply->records)
        return true;
    change.post_id = arena_strdup(apply->arena, spot->post_id);
    change.account = arena_strdup(apply->arena, spot->account);
    change.source = arena_strdup(apply->arena, change.source);
    change.why = arena_strdup(apply->arena, change.why);
    if (spot->row && !(change.before = queue_get(apply->queue, spot->post_id, spot->account, apply->arena, err)))
        return false;
    *arena_push(apply->arena, apply->changes, apply->report.change_count) = change;
    return true;
}

/* ---- an entry that changed ---- */

static bool agrees_with_file(const struct known *known, const struct wanted *wanted, const char *hash)
{
    return known->has_base && !strcmp(known->base_hash, hash) && known->base_slot == wanted->slot &&
           known->base_draft == is_draft(wanted);
}

/* A person's change that the file has caught up with, or a published post that is described as it went out.
 */
static bool agrees_as_it_is(const struct known *known, const struct wanted *wanted, const char *hash)
{
    return known->has_base && known->spot.slot == wanted->slot && !strcmp(known->spot.content_hash, hash);
}

/* Why the entry cannot be applied any more; *ret_why is NULL if it can. */
static bool find_obstacle(struct apply *apply, const struct known *known, const char *hash,
                          const char **ret_why, struct error *err)
{
    const struct spot *spot = &known->spot;
    *ret_why = NULL;
    if (known->spontaneous)
        *ret_why = "a spontaneous post has this name";
    else if (spot->state == STATE_PUBLISHED)
        *ret_why = "it is already published: 'calctl edit' changes it there";
    else if (spot->state == STATE_SENDING || spot->state == STATE_UNSURE)
        *ret_why = state_sentence(spot->state);
    else if (spot->state == STATE_CANCELLED && !known->removed)
        *ret_why = "it was cancelled by hand";
    else if (spot->state == STATE_WAITING && spot->first_sent)
        *ret_why = state_sentence(spot->state);
    else if (!deletion_bars(apply->queue, spot, ret_why, err))
        return false;
    else if (!*ret_why && strcmp(spot->content_hash, hash) != 0)
        return content_is_fixed(apply->queue, spot, ret_why, err);
    return true;
}

/* recognised when that is over */
static const char held_for_charter[] = "the charter is against this time: ";

bool is_held_for_charter(enum state state, bool overridden, const char *message)
{
    return state == STATE_HELD && !overridden && message &&
           !strncmp(message, held_for_charter, sizeof held_for_charter - 1);
}

static bool held_by_charter(const struct known *known)
{
    return is_held_for_charter(known->spot.state, known->overridden, known->message);
}

/*
 * The state after the change. A draft in the file always needs a new approval; what a person made a draft or
 * holds stays so; what comes back, or gets another time, is as if it were new, also if cald held it; what
 * ended at a slot that is past stays ended.
 */
static enum state state_after(const struct known *known, const struct wanted *wanted, instant now)
{
    enum state state = known->removed ? known->before : known->spot.state;
    bool past = wanted->slot < now, moved = wanted->slot != known->spot.slot;
    if (known->removed && !known->overridden)
        return wanted->state;
    if (state == STATE_REFUSED || state == STATE_MISSED)
        return past ? state : wanted->state;
    if (is_draft(wanted))
        return STATE_DRAFT;
    if (state == STATE_DRAFT)
        return known->base_draft || !known->asked ? wanted->state : STATE_DRAFT; /* the gate decides */
    if (state == STATE_HELD && !held_by_charter(known) && (known->overridden || past || !moved))
        return STATE_HELD;
    if (state == STATE_HELD)
        return wanted->state;
    if (known->removed || wanted->against)
        return wanted->state;
    return moved ? wanted->state : state;
}

static bool write_entry(struct apply *apply, const struct known *known, const struct wanted *wanted,
                        const char *hash, enum state to, struct error *err)
{
    bool kept = known->overridden && (to == STATE_HELD || (to == STATE_DRAFT && !is_draft(wanted)));
    return db_run(
        apply->queue->db, err,
        "UPDATE delivery SET slot = ?, base_hash = ?, base_slot = ?, base_draft = ?, overridden = ?,"
        " asked = ?, removed = 0, released = 0, publish_late = NULL WHERE id = ?",
        "itidddi", wanted->slot, hash, wanted->slot, is_draft(wanted), kept, approval_is_asked_after(known, wanted),
        known->spot.row);
}

static bool write_labels(struct apply *apply, const struct known *known, const struct wanted *wanted,
                         struct error *err)
{
    return known->same_labels || db_run(apply->queue->db, err,
                                        "UPDATE delivery SET network = ?, origin = ?, series = ?, slot_name "
                                        "= ?, bucket = ?, source = ?"
                                        " WHERE id = ?",
                                        "ttttt"
                                        "ti",
                                        wanted->network, wanted->origin, wanted->series, wanted->slot_name,
                                        wanted->bucket, wanted->source, known->spot.row);
}

static bool write_content(struct apply *apply, const struct known *known, struct packed *packed,
                          struct error *err)
{
    if (!strcmp(known->spot.content_hash, packed->hash))
        return true;
    return content_replace(apply->queue, &known->spot, packed, apply->who, err);
}

static bool only_moves(const struct known *known, const struct wanted *wanted, const char *hash)
{
    return !strcmp(known->base_hash, hash) && known->base_draft == is_draft(wanted);
}

/* Why, for the history: what the caller says about a state it chose, else what happened. */
static const char *reason_for(const struct known *known, const struct wanted *wanted, const char *hash,
                              enum state to)
{
    if (wanted->message && to == wanted->state && to != known->spot.state)
        return wanted->message;
    if (known->removed)
        return "back in the calendar";
    if (!only_moves(known, wanted, hash))
        return "changed in the calendar";
    return wanted->moved_why ? wanted->moved_why : "moved in the calendar";
}

static enum apply_kind count_change(struct apply *apply, const struct known *known, const struct wanted *wanted,
                                    const char *hash)
{
    if (known->removed) {
        apply->report.added++;
        return APPLY_ADD;
    }
    if (only_moves(known, wanted, hash)) {
        apply->report.moved++;
        return APPLY_MOVE;
    }
    apply->report.changed++;
    return APPLY_CHANGE;
}

static bool change_entry(struct apply *apply, const struct known *known, const struct wanted *wanted,
                         struct packed *packed, struct error *err)
{
    enum state before_gate = state_after(known, wanted, apply->now), to = before_gate;
    if (!approval_state_after(apply, known, wanted, packed->hash, &to, err))
        return false;
    bool stays = to == known->spot.state && wanted->slot == known->spot.slot;
    struct shift shift = {
        .to = to == STATE_DRAFT ? before_gate : to,
        .due = stays ? known->spot.due : 0,
        .slot = wanted->slot,
        .who = apply->who,
        .why = reason_for(known, wanted, packed->hash, to),
        .mover = MOVER_FILE,
        .submits = !is_draft(wanted),
    };
    struct described described = {0};
    struct apply_change change = {
        .kind = count_change(apply, known, wanted, packed->hash),
        .source = wanted->source,
        .why = shift.why,
        .to = to,
        .slot = wanted->slot,
        .content = wanted->content,
    };
    if (strcmp(known->spot.content_hash, packed->hash) != 0)
        packed_complete(packed);
    struct becoming becoming = {wanted->slot, PUBLISH_LATE_UNSAID, packed};
    bool ok = apply_record(apply, &known->spot, change, err) &&
              describe_change(apply->queue, &known->spot, &becoming, &described, err);
    shift.before = described.before;
    shift.after = described.after;
    ok = ok && approval_take_back(apply, known, wanted, err) && write_content(apply, known, packed, err) && write_entry(apply, known, wanted, packed->hash, to, err) &&
         write_labels(apply, known, wanted, err) &&
         delivery_shift(apply->queue, &known->spot, &shift, apply->now, err);
    described_release(&described);
    return ok;
}

/* ---- what the charter has against a time ---- */

/* An entry that would be ready, as it is wanted in truth. */
static struct wanted under_charter(struct apply *apply, const struct wanted *wanted)
{
    struct wanted truly = *wanted;
    if (truly.state != STATE_READY)
        truly.against = NULL;
    if (truly.against) {
        truly.state = STATE_HELD;
        truly.message = arena_printf(apply->scratch, "%s%s", held_for_charter, truly.against);
    }
    return truly;
}

/* The entry is the same; what is around it, or the charter, may not be. */
static bool follow_charter(struct apply *apply, const struct known *known, const struct wanted *wanted,
                           struct error *err)
{
    enum state state = known->spot.state;
    bool open = !known->overridden && !known->spot.first_sent;
    bool hold = open && wanted->against && (state == STATE_READY || state == STATE_WAITING);
    bool release = !wanted->against && wanted->state == STATE_READY && wanted->slot > apply->now &&
                   held_by_charter(known);
    struct shift shift = {
        .to = wanted->state,
        .slot = known->spot.slot,
        .who = apply->who,
        .why = hold ? wanted->message : "the charter is no longer against its time",
        .mover = MOVER_FILE,
    };
    struct apply_change change = {
        .kind = hold ? APPLY_HOLD : APPLY_RELEASE,
        .source = wanted->source,
        .why = shift.why,
        .to = shift.to,
        .slot = shift.slot,
    };
    return (!hold && !release) || (apply_record(apply, &known->spot, change, err) &&
                                   delivery_shift(apply->queue, &known->spot, &shift, apply->now, err));
}

/* ---- one wanted delivery ---- */

static bool add_entry(struct apply *apply, const struct wanted *wanted, struct packed *packed,
                      int64_t *ret_row, struct error *err)
{
    struct spot spot = {.post_id = wanted->post_id, .account = wanted->account};
    struct apply_change change = {
        .kind = APPLY_ADD,
        .source = wanted->source,
        .why = wanted->message,
        .to = state_coming_in(apply->queue, wanted, packed->hash),
        .slot = wanted->slot,
        .content = wanted->content,
    };
    packed_complete(packed);
    if (!apply_record(apply, &spot, change, err) || !delivery_add(apply->queue, wanted, packed, true, apply->who, apply->now, ret_row, err))
        return false;
    apply->report.added++;
    return true;
}

static bool keep_entry(struct apply *apply, const struct known *known, const struct wanted *wanted, struct error *err)
{
    apply->report.kept += known->overridden;
    apply->report.unchanged += !known->overridden;
    return known->spontaneous || write_labels(apply, known, wanted, err);
}

static bool apply_known(struct apply *apply, const struct known *known, const struct wanted *wanted,
                        struct packed *packed, struct error *err)
{
    const char *why = NULL;
    if (wanted->as_applied)
        return keep_entry(apply, known, wanted, err);
    if (!known->removed && agrees_with_file(known, wanted, packed->hash))
        return keep_entry(apply, known, wanted, err) && follow_charter(apply, known, wanted, err) &&
               approval_follow(apply, known, wanted, err);
    if (!find_obstacle(apply, known, packed->hash, &why, err))
        return false;
    if (!why)
        return change_entry(apply, known, wanted, packed, err);
    leave(apply, known->spot.post_id);
    if (!agrees_as_it_is(known, wanted, packed->hash))
        add_conflict(apply, wanted->source, "is not changed", &known->spot, why);
    return true;
}

/* Whether its place in a slot went to another since the plan was made: a person added or moved that one. */
static bool lost_its_place(struct apply *apply, const struct wanted *wanted, const struct known *known,
                           bool *ret_lost, struct error *err)
{
    *ret_lost = false;
    if (!wanted->slot_name || wanted->as_applied ||
        (known && !known->removed && known->spot.slot == wanted->slot))
        return true;
    struct query *query =
        db_query(apply->queue->db,
                 "SELECT 1 FROM delivery WHERE slot = ? AND slot_name = ? AND account = ? AND post_id <> ?"
                 " AND updated >= ? AND state NOT IN ('published', 'refused', 'missed', 'cancelled')",
                 "ittti", wanted->slot, wanted->slot_name, wanted->account, wanted->post_id, apply->now);
    *ret_lost = query_next(query);
    return query_end(query, err);
}

static bool apply_entry(struct apply *apply, struct known *known, bool found, const struct wanted *wanted,
                        struct packed *packed, struct error *err)
{
    bool lost;
    if (!lost_its_place(apply, wanted, found ? known : NULL, &lost, err))
        return false;
    if (lost) {
        leave(apply, wanted->post_id);
        apply->report.crowded_out++;
        return true;
    }
    return found ? apply_known(apply, known, wanted, packed, err)
                 : add_entry(apply, wanted, packed, &known->spot.row, err);
}

bool apply_one(struct apply *apply, const struct wanted *entry, struct error *err)
{
    struct packed packed;
    struct known known = {0};
    bool found;
    packed_begin(&packed, entry->content, entry->hash);
    apply->scratch = arena_new();
    struct wanted wanted = under_charter(apply, entry);
    bool ok = find_known(apply, &wanted, &found, &known, err);
    if (ok && (found || !wanted.as_applied))
        ok = apply_entry(apply, &known, found, &wanted, &packed, err);
    if (ok && known.spot.row && apply->rows)
        apply->rows[apply->row_count++] = known.spot.row;
    arena_free(apply->scratch);
    packed_release(&packed);
    return ok;
}

/* ---- what is no longer wanted ---- */

static int compare_rows(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool has_twins(struct apply *apply, const struct wanted *wanted, struct error *err)
{
    int64_t *sorted = apply->rows;
    qsort(sorted, apply->row_count, sizeof *sorted, compare_rows);
    for (size_t i = 1; i < apply->row_count; i++)
        if (sorted[i] == sorted[i - 1]) {
            fail(err, "a delivery is wanted twice among '%s' and others", wanted->post_id);
            return true;
        }
    return false;
}

static bool is_wanted(const struct apply *apply, int64_t row)
{
    return bsearch(&row, apply->rows, apply->row_count, sizeof row, compare_rows);
}

/* Read to the end before anything is written: the index it walks along changes with the states. */
static bool find_unwanted(struct apply *apply, int64_t **ret_rows, size_t *ret_count, struct error *err)
{
    struct query *query = db_query(
        apply->queue->db, "SELECT id FROM delivery WHERE " OPEN " AND base_slot >= ? AND base_slot < ?", "ii",
        apply->from, apply->until);
    int64_t *rows = NULL;
    size_t count = 0;
    while (query_next(query)) {
        int64_t row = query_integer(query, 0);
        if (!is_wanted(apply, row))
            *arena_push(apply->arena, rows, count) = row;
    }
    *ret_rows = rows;
    *ret_count = count;
    return query_end(query, err);
}

static bool remove_entry(struct apply *apply, const struct spot *spot, struct error *err)
{
    struct shift shift = {
        .to = STATE_CANCELLED,
        .slot = spot->slot,
        .who = apply->who,
        .why = "removed from the calendar",
        .mover = MOVER_FILE,
    };
    if (!state_allows(spot->state, STATE_CANCELLED, MOVER_FILE)) {
        add_conflict(apply, NULL, "is no longer in the calendar but is not cancelled", spot,
                     state_sentence(spot->state));
        leave(apply, spot->post_id);
        return true;
    }
    struct apply_change change = {.kind = APPLY_CANCEL, .why = shift.why, .to = shift.to, .slot = spot->slot};
    apply->report.cancelled++;
    return apply_record(apply, spot, change, err) &&
           db_run(apply->queue->db, err, "UPDATE delivery SET removed = 1 WHERE id = ?", "i", spot->row) &&
           delivery_shift(apply->queue, spot, &shift, apply->now, err);
}

bool apply_removal(struct apply *apply, int64_t row, struct error *err)
{
    struct spot spot;
    struct arena *arena = arena_new();
    bool ok = spot_read(apply->queue, row, arena, &spot, err) && remove_entry(apply, &spot, err);
    arena_free(arena);
    return ok;
}

static bool remove_unwanted(struct apply *apply, struct error *err)
{
    int64_t *rows;
    size_t count;
    if (!find_unwanted(apply, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!apply_removal(apply, rows[i], err))
            return false;
    return true;
}

/* ---- all ---- */

static bool apply_all(struct apply *apply, const struct wanted *wanted, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!apply_one(apply, &wanted[i], err))
            return false;
    return !has_twins(apply, wanted, err) && remove_unwanted(apply, err) && approval_follow_spontaneous(apply, err);
}

static bool run(struct apply *apply, const struct wanted *wanted, size_t count, struct apply_report *ret_report,
                struct error *err)
{
    apply->rows = xmalloc(count * sizeof *apply->rows);
    bool ok = apply_all(apply, wanted, count, err);
    free(apply->rows);
    if (!ok)
        return false;
    *ret_report = apply_report(apply);
    return true;
}

bool queue_apply(struct queue *queue, const struct wanted *wanted, size_t count, instant from, instant until,
                 instant now, const char *who, struct arena *arena, struct apply_report *ret_report,
                 struct error *err)
{
    struct apply apply = {.queue = queue, .from = from, .until = until, .now = now, .who = who, .arena = arena};
    struct apply_report report;
    if (!queue_begin(queue, err) || !queue_finish(queue, run(&apply, wanted, count, &report, err), err))
        return false;
    *ret_report = report;
    return true;
}

bool queue_plan(struct queue *queue, const struct wanted *wanted, size_t count, instant from, instant until, instant now,
                struct arena *arena, struct apply_report *ret_report, struct error *err)
{
    struct apply apply = {
        .queue = queue, .from = from, .until = until, .now = now, .who = "plan", .arena = arena, .records = true};
    if (!queue_begin(queue, err))
        return false;
    bool ok = run(&apply, wanted, count, ret_report, err);
    queue_rollback(queue);
    return ok;
}

instant queue_open_since(struct queue *queue)
{
    struct query *query =
        db_query(queue->db, "SELECT MIN(base_slot) FROM delivery WHERE " OPEN " AND base_slot >= 0", "");
    bool some = query_next(query) && !query_is_null(query, 0);
    instant since = some ? query_integer(query, 0) : INSTANT_NEVER;
    return query_end(query, NULL) ? since : INSTANT_NEVER;
}
