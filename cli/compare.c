/* See compare.h. Both sides are planned by the daemon's planner; the two plans are compared. */
#include <stdlib.h>
#include <string.h>

#include "cli/compare.h"
#include "editorial/plan.h"

struct side {
    const struct documents *documents;
    struct planned *planned;
    size_t count;
    const struct post **unplaced;
    size_t unplaced_count;
};

struct comparison {
    struct cli *cli;
    instant now;
    struct side old, new;
    size_t most;
    json_t *changes;
    int64_t counts[4], more; /* of kinds */
};

static const char *const kinds[] = {"add", "change", "move", "cancel"};
enum kind { ADD, CHANGE, MOVE, CANCEL };

/* ---- the two plans ---- */

static int compare_names(const void *a, const void *b)
{
    const struct planned *x = a, *y = b;
    int order = strcmp(x->post_id, y->post_id);
    return order ? order : strcmp(x->account->name, y->account->name);
}

/* What has a slot's time in the old plan keeps it in the new one, as it would in the queue. */
static void plan_side(struct comparison *c, struct side *side, const struct side *before)
{
    struct arena *arena = c->cli->arena;
    const struct settings *settings = c->new.documents->settings;
    size_t count = before ? before->count : 0;
    struct assigned *assigned = arena_alloc_array(arena, count + 1, sizeof *assigned);
    for (size_t i = 0; i < count; i++) {
        const struct planned *p = &before->planned[i];
        assigned[i] = (struct assigned){p->post_id, p->account->name, p->slot_name, p->slot, false};
    }
    if (!side->documents->calendar)
        return;
    side->planned = plan(side->documents->calendar, c->now, c->now, c->now + settings->horizon, assigned,
                         count, arena, &side->count, &side->unplaced, &side->unplaced_count);
    if (side->count)
        qsort(side->planned, side->count, sizeof *side->planned, compare_names);
}

/* ---- as JSON ---- */

static json_t *side_to_json(const struct planned *p, const struct zone *zone)
{
    char utc[INSTANT_TEXT], local[32], offset[16];
    struct civil civil = zone_civil(zone, p->slot);
    json_t *side = json_object();
    json_set_text(side, "state", p->draft ? "draft" : "ready");
    json_set_text(side, "slot", instant_format(p->slot, utc, sizeof utc));
    json_set(side, "local",
             json_sprintf("%s%s", civil_format(&civil, local, sizeof local),
                          offset_format(zone_offset(zone, p->slot), offset)));
    json_set(side, "content", content_to_json(p->content));
    return side;
}

static void add_change(struct comparison *c, enum kind kind, const struct planned *before,
                       const struct planned *after)
{
    const struct planned *p = after ? after : before;
    const struct zone *zone = c->new.documents->calendar->zone;
    c->counts[kind]++;
    if (json_array_size(c->changes) >= c->most) {
        c->more++;
        return;
    }
    json_t *change = json_object();
    json_set_text(change, "kind", kinds[kind]);
    json_set(change, "id", json_sprintf("%s/%s", p->post_id, p->account->name));
    json_set_text(change, "post", p->post_id);
    json_set_text(change, "account", p->account->name);
    json_set(change, "source",
             after ? json_sprintf("%s:%u", p->post->position.file, p->post->position.line) : json_null());
    json_set(change, "why", json_null());
    json_set(change, "before", before ? side_to_json(before, zone) : json_null());
    json_set(change, "after", side_to_json(p, zone));
    if (!after)
        json_set_text(json_member(change, "after"), "state", "cancelled");
    json_array_append_new(c->changes, change);
}

static void compare_pair(struct comparison *c, const struct planned *before, const struct planned *after)
{
    char old[SHA256_HEX], new[SHA256_HEX];
    bool same = before->draft == after->draft &&
                !strcmp(content_hash(before->content, old), content_hash(after->content, new));
    if (!same)
        add_change(c, CHANGE, before, after);
    else if (before->slot != after->slot)
        add_change(c, MOVE, before, after);
}

static void compare(struct comparison *c)
{
    size_t o = 0, n = 0;
    while (o < c->old.count || n < c->new.count) {
        const struct planned *before = &c->old.planned[o], *after = &c->new.planned[n];
        int order = o == c->old.count ? 1 : n == c->new.count ? -1 : compare_names(before, after);
        if (order < 0)
            add_change(c, CANCEL, before, NULL);
        else if (order > 0)
            add_change(c, ADD, NULL, after);
        else
            compare_pair(c, before, after);
        o += order <= 0;
        n += order >= 0;
    }
}

static json_t *to_json(struct comparison *c)
{
    const struct diags *diags = &c->new.documents->diags;
    json_t *plan = json_object(), *counts = json_object(), *unplaced = json_array();
    bool changed = strcmp(c->old.documents->hash, c->new.documents->hash) != 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        json_set_number(counts, kinds[i], c->counts[i]);
    for (size_t i = 0; i < c->new.unplaced_count; i++)
        json_array_append_new(unplaced, json_string(c->new.unplaced[i]->id));
    json_set(plan, "plan", json_null());
    json_set_flag(plan, "empty", !diags->errors && !changed && !json_array_size(c->changes));
    json_set_flag(plan, "documents_changed", changed);
    json_set(plan, "counts", counts);
    json_set(plan, "changes", c->changes);
    json_set_number(plan, "more", c->more);
    json_set(plan, "conflicts", json_array());
    json_set(plan, "unplaced", unplaced);
    json_set(plan, "errors", diags_to_json(diags, DIAG_ERROR));
    json_set(plan, "warnings", diags_to_json(diags, DIAG_WARNING));
    json_set(plan, "notes", diags_to_json(diags, DIAG_NOTE));
    return json_in_arena(c->cli->arena, plan);
}

json_t *compare_documents(struct cli *cli, const struct documents *old, const struct documents *new,
                          instant now, size_t most)
{
    struct comparison c = {.cli = cli, .now = now, .most = most, .changes = json_array()};
    c.old.documents = old;
    c.new.documents = new;
    if (!new->diags.errors) {
        plan_side(&c, &c.old, NULL);
        plan_side(&c, &c.new, &c.old);
        compare(&c);
    }
    return to_json(&c);
}
