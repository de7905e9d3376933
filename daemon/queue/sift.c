/*
 * See queue.h: what of the wanted deliveries the queue has already, as they are wanted. Pure: what it leaves
 * out is what applying it (apply.c) would leave alone, whatever becomes of the delivery in the meantime,
 * because it is the file that did not change.
 */
#include <string.h>

#include "queue/apply.h"

/* ---- labels ---- */

uint64_t sift_labels(const char *network, const char *origin, const char *series, const char *slot_name,
                     const char *bucket, const char *source)
{
    const char *const labels[] = {network, origin, series, slot_name, bucket};
    uint64_t hash = FNV_START;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        hash = fnv_text(hash, labels[i]);
    return fnv_bytes(hash, source, source_file_length(source));
}

static uint64_t labels_of(const struct wanted *w)
{
    return sift_labels(w->network, w->origin, w->series, w->slot_name, w->bucket, w->source);
}

/* ---- one ---- */

/* What the charter says of a time, or whom it wants to be asked, changes nothing of it. */
static bool rules_leave(const struct taken *t, const struct wanted *w, bool rules_changed)
{
    bool against = w->against && w->state == STATE_READY,
         goes = t->state == STATE_READY || t->state == STATE_WAITING;
    if (rules_changed && (goes || t->state == STATE_DRAFT))
        return false;
    return t->against ? against : !against || !goes;
}

static bool agrees(const struct taken *t, const struct wanted *w, bool rules_changed)
{
    if (!t->base_hash || t->removed || t->labels != labels_of(w))
        return false;
    if (w->as_applied)
        return true;
    return !strcmp(t->base_hash, w->hash) && t->planned == w->slot && t->base_draft == is_draft(w) &&
           rules_leave(t, w, rules_changed);
}

/* ---- all ---- */

static bool is_gone(const struct taken *t, const struct sift *sift)
{
    return !t->wanted && t->base_hash && !state_is_final(t->state) && t->planned >= sift->from &&
           t->planned < sift->until;
}

bool queue_sift(struct taken *taken, size_t taken_count, const struct taken_index *index,
                struct wanted *wanted, size_t count, instant from, instant until, bool rules_changed,
                struct arena *arena, struct sift *ret_sift, struct error *err)
{
    struct sift sift = {.wanted = wanted, .rules_changed = rules_changed, .from = from, .until = until};
    for (size_t i = 0; i < count; i++) {
        const struct wanted *w = &wanted[i];
        struct taken *t = taken_find(index, w->post_id, w->account);
        if (t && t->wanted)
            return fail(err, "a delivery is wanted twice: '%s/%s'", w->post_id, w->account);
        if (t)
            t->wanted = true;
        if (t && agrees(t, w, rules_changed))
            *(t->overridden ? &sift.kept : &sift.unchanged) += 1;
        else
            sift.wanted[sift.count++] = *w;
    }
    for (size_t i = 0; i < taken_count; i++)
        if (is_gone(&taken[i], &sift))
            *arena_push(arena, sift.gone, sift.gone_count) = &taken[i];
    *ret_sift = sift;
    return true;
}
