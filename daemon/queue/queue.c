/*
 * The queue as a whole: its directory and lock, its transactions, whom it tells, and small notes. What
 * happens to deliveries is in the other files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/metrics.h"
#include "queue/inside.h"
#include "queue/migrate.h"

/* ---- opening ---- */

/* The lock ends with the process, however it ends. */
static int take_lock(const char *directory, struct error *err)
{
    char *path = file_join(directory, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        fail_errno(err, "%scannot open '%s'",
                   errno == EACCES ? "the state directory must belong to the user that runs cald: " : "", path);
    free(path);
    if (fd < 0 || !flock(fd, LOCK_EX | LOCK_NB))
        return fd;
    if (errno == EWOULDBLOCK)
        fail(err, "is another cald running on '%s'? its lock is taken", directory);
    else
        fail_errno(err, "cannot lock '%s'", directory);
    close(fd);
    return -1;
}

static bool open_database(struct queue *queue, const char *directory, struct error *err)
{
    char *path = file_join(directory, "cald.db");
    queue->db = db_open(path, err);
    if (queue->db)
        db_keep_log(queue->db, !queue->reserve.there);
    /* The file's name must be on disk too, or a power cut takes the whole of it. */
    bool ok = queue->db && migrate(queue->db, path, err) && db_take_for_granted(queue->db, err) &&
              file_sync_directory(directory, err);
    free(path);
    return ok;
}

/* On a full disk not even a reader can be opened: the log's index takes room. */
static bool open_with_reserve(struct queue *queue, const char *directory, struct error *err)
{
    reserve_open(&queue->reserve, directory);
    if (open_database(queue, directory, err))
        return true;
    db_close(queue->db);
    queue->db = NULL;
    return reserve_is_needed(&queue->reserve) && reserve_give_up(&queue->reserve) &&
           open_database(queue, directory, err);
}

static bool store_instance(struct queue *queue, const char *doubt, struct error *err)
{
    char note[INSTANCE_NOTE];

    return queue_begin(queue, err) &&
           queue_finish(queue,
                        queue_set_note(queue, "instance",
                                       instance_note(&queue->instance, queue->instance.count, note), err) &&
                            (!doubt || queue_set_note(queue, "doubt", doubt, err)),
                        err);
}

static bool holds_deliveries(struct queue *queue)
{
    struct query *query = db_query(queue->db, "SELECT 1 FROM delivery LIMIT 1", "");
    bool some = query_next(query);
    return query_end(query, NULL) && some;
}

static bool open_instance(struct queue *queue, const char *directory, struct error *err)
{
    struct arena *arena = arena_new();
    const char *note = queue_note(queue, "instance", arena), *doubt;
    bool ok = instance_open(&queue->instance, directory, note, holds_deliveries(queue), &doubt, err);
    if (ok && (!note || doubt))
        ok = store_instance(queue, doubt, err);
    if (ok)
        instance_begin(&queue->instance, directory);
    arena_free(arena);
    return ok;
}

struct queue *queue_open(const char *state_directory, struct error *err)
{
    if (!file_make_directories(state_directory, 0700, err))
        return NULL;
    int lock = take_lock(state_directory, err);
    if (lock < 0)
        return NULL;
    struct queue *queue = xmalloc(sizeof *queue);
    *queue = (struct queue){.lock = lock};
    if (open_with_reserve(queue, state_directory, err) && open_instance(queue, state_directory, err)) {
        queue_installation(queue, NULL); /* so that each backup has it; where the disk is full it is made later */
        return queue;
    }
    queue_close(queue);
    return NULL;
}

const char *queue_path(const struct queue *queue)
{
    return db_path(queue->db);
}

struct queue *queue_look(const char *path, struct error *err)
{
    struct queue *queue = xmalloc(sizeof *queue);
    *queue = (struct queue){.lock = -1, .db = db_open_to_read(path, err)};
    if (queue->db && db_script(queue->db, "BEGIN", err))
        return queue;
    queue_close(queue);
    return NULL;
}

void queue_give_back(struct queue *queue)
{
    db_give_back(queue->db);
    memory_give_back();
}

static void forget_changes(struct queue *queue)
{
    memset(queue->ended, 0, sizeof queue->ended);
    arena_free(queue->pending);
    queue->pending = NULL;
    queue->changes = NULL;
    queue->change_count = 0;
}

void queue_close(struct queue *queue)
{
    if (!queue)
        return;
    db_close(queue->db);
    instance_close(&queue->instance);
    if (queue->lock >= 0)
        close(queue->lock);
    reserve_release(&queue->reserve);
    forget_changes(queue);
    accounts_forget(queue);
    tally_forget(queue);
    free(queue);
}

/* ---- transactions ---- */

/* What failed for want of space may be tried again in the space of the reserve. */
static void note_full(struct queue *queue)
{
    if (!db_was_full(queue->db))
        return;
    reserve_give_up(&queue->reserve);
    db_keep_log(queue->db, true); /* else it would take all that was given up */
}

bool queue_has_room(struct queue *queue)
{
#ifdef CALD_MUTANT_SPEND_RESERVE
    return true;
#endif
    bool had = queue->reserve.there, has = reserve_ensure(&queue->reserve);
    if (has && !had)
        db_keep_log(queue->db, false);
    return has;
}

bool queue_check_room(struct queue *queue, struct error *err)
{
    return queue_has_room(queue) ||
           fail(err, "the disk is full: what is left is kept for the outcomes of what is being sent");
}

bool queue_begin(struct queue *queue, struct error *err)
{
    bool begun = db_begin(queue->db, err);
    if (!begun)
        note_full(queue);
    return begun;
}

/* The list is taken away first: who is told may change more, in a transaction of his own. */
static void tell_changes(struct queue *queue)
{
    struct arena *arena = queue->pending;
    struct queue_change *changes = queue->changes;
    size_t count = queue->change_count;
    queue->pending = NULL;
    forget_changes(queue);
    for (size_t i = 0; i < count && queue->changed; i++)
        queue->changed(queue->context, &changes[i]);
    arena_free(arena);
}

/* Here alone, for a final state is reached in many ways: by an attempt, the clock, a person, a file. */
static void count_ended(struct queue *queue)
{
    for (int state = 0; state < STATE_COUNT; state++)
        if (queue->ended[state])
            metric_add(METRIC_DELIVERIES, state_name((enum state)state), (double)queue->ended[state]);
}

static void end_count(struct queue *queue, bool committed)
{
    if (!queue->instance.counting)
        return;
    queue->instance.counting = false;
    if (!committed)
        return;
    queue->instance.count++;
    instance_write(&queue->instance);
}

/* What was read within a transaction that came to nothing may never have been; nor what was counted. */
static void forget_what_was_read(struct queue *queue)
{
    queue->head.known = false;
    queue->calm = CALM_UNKNOWN;
    accounts_forget(queue);
    tally_forget(queue);
}

static void forget_all(struct queue *queue)
{
    forget_what_was_read(queue);
    forget_changes(queue);
    note_full(queue);
}

/* What fails to be written spoils the transaction, and the commit says so. */
bool queue_commit(struct queue *queue, struct error *err)
{
    if (!db_is_nested(queue->db))
        tally_write(queue, NULL);
    bool ok = db_commit(queue->db, err);
    if (db_in_transaction(queue->db))
        return ok;
    metric_add(ok ? METRIC_DATABASE_COMMITS : METRIC_DATABASE_ERRORS, NULL, 1);
    end_count(queue, ok);
    if (ok) {
        count_ended(queue);
        tell_changes(queue);
    } else {
        forget_all(queue);
    }
    return ok;
}

void queue_rollback(struct queue *queue)
{
    db_rollback(queue->db);
    if (db_in_transaction(queue->db))
        return;
    end_count(queue, false);
    forget_all(queue);
}

bool queue_part_begin(struct queue *queue, struct error *err)
{
    queue->part = (struct queue_part){.change_count = queue->change_count, .counting = queue->instance.counting};
    memcpy(queue->part.ended, queue->ended, sizeof queue->ended);
    return tally_write(queue, err) && db_part_begin(queue->db, err); /* undoing forgets what it counted alone */
}

bool queue_part_keep(struct queue *queue, struct error *err)
{
    return db_part_keep(queue->db, err);
}

bool queue_part_undo(struct queue *queue, struct error *err)
{
    forget_what_was_read(queue);
    queue->change_count = queue->part.change_count;
    memcpy(queue->ended, queue->part.ended, sizeof queue->ended);
    queue->instance.counting = queue->part.counting;
    note_full(queue);
    return db_part_undo(queue->db, err);
}

bool queue_finish(struct queue *queue, bool ok, struct error *err)
{
    if (ok)
        return queue_commit(queue, err);
    queue_rollback(queue);
    return false;
}

/* ---- who is told ---- */

void queue_on_change(struct queue *queue, void (*changed)(void *context, const struct queue_change *change),
                     void *context)
{
    queue->changed = changed;
    queue->context = context;
}

static void note(struct queue *queue, struct queue_change change)
{
    if (!queue->changed)
        return;
    if (!queue->pending)
        queue->pending = arena_new();
    change.post_id = arena_strdup(queue->pending, change.post_id);
    change.account = arena_strdup(queue->pending, change.account);
    *arena_push(queue->pending, queue->changes, queue->change_count) = change;
}

void note_change(struct queue *queue, const char *post_id, const char *account, enum state from,
                 enum state to, instant now)
{
    note(queue, (struct queue_change){.post_id = post_id, .account = account, .from = from, .to = to, .at = now});
}

void note_crisis(struct queue *queue, const char *account, bool starts, instant now)
{
    note(queue, (struct queue_change){.post_id = "", .account = account, .at = now, .crisis = true, .starts = starts});
}

/* ---- notes ---- */

const char *queue_note(struct queue *queue, const char *name, struct arena *arena)
{
    struct query *query = db_query(queue->db, "SELECT value FROM note WHERE name = ?", "t", name);
    const char *value = query_next(query) ? query_text(query, 0, arena) : NULL;
    query_end(query, NULL);
    return value;
}

bool queue_set_note(struct queue *queue, const char *name, const char *value, struct error *err)
{
    if (!queue_begin(queue, err))
        return false;
    bool ok = value ? db_run(queue->db, err,
                             "INSERT INTO note (name, value) VALUES (?, ?)"
                             " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                             "tt", name, value)
                    : db_run(queue->db, err, "DELETE FROM note WHERE name = ?", "t", name);
    return queue_finish(queue, ok, err);
}

/* ---- which installation it is ---- */

/* Read each time: what was made in a transaction that was then undone is none. */
const char *queue_installation(struct queue *queue, struct error *err)
{
    struct arena *arena = arena_new();
    const char *id = queue_note(queue, "installation", arena);
    if (id)
        snprintf(queue->installation, sizeof queue->installation, "%s", id);
    else
        random_hex(queue->installation, INSTALLATION_ID);
    bool ok = id || queue_set_note(queue, "installation", queue->installation, err);
    arena_free(arena);
    return ok ? queue->installation : NULL;
}

/* ---- whether it is the one that was used here last ---- */

bool queue_count_departure(struct queue *queue, struct error *err)
{
    struct instance *instance = &queue->instance;
    char note[INSTANCE_NOTE];

    if (!instance->counting)
        instance->counting =
            queue_set_note(queue, "instance", instance_note(instance, instance->count + 1, note), err);
    return instance->counting;
}

const char *queue_doubt(struct queue *queue, struct arena *arena)
{
    return queue_note(queue, "doubt", arena);
}

bool queue_trust(struct queue *queue, struct error *err)
{
    return queue_set_note(queue, "doubt", NULL, err);
}

bool queue_is_writable(struct queue *queue, instant now, struct error *err)
{
    char text[INSTANT_TEXT];
    return queue_set_note(queue, "writable", instant_format(now, text, sizeof text), err);
}
