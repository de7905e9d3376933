/* See plan_git.h. Both sides are read by the daemon's own loader and planned by its planner; the two plans
 * are compared. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/client.h"
#include "cli/git.h"
#include "cli/plan_git.h"
#include "documents.h"
#include "editorial/plan.h"

enum { MOST_CHANGES = 1000 };

struct side {
    struct documents *documents;
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

struct revision {
    const char *name, *config;
};

/* cald.yaml may be kept out of the repository: then it is the one on disk. */
static bool read_revision(void *context, const char *path, size_t most, struct buf *out, struct error *err)
{
    const struct revision *revision = context;
    if (git_read(path, revision->name, most, out, err))
        return true;
    return !strcmp(path, revision->config) && file_read(path, most, out, err);
}

static bool list_revision(void *context, const char *directory, size_t most, struct arena *arena, const char ***ret_paths,
                          size_t *ret_count, struct error *err)
{
    const struct revision *revision = context;
    return git_list(directory, revision->name, most, arena, ret_paths, ret_count, err);
}

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
                          offset_format(zone_offset(zone, p->slot), offset, sizeof offset)));
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

static json_t *to_json(struct comparison *c, const char *revision)
{
    const struct diags *diags = &c->new.documents->diags;
    json_t *plan = json_object(), *counts = json_object(), *unplaced = json_array();
    bool changed = strcmp(c->old.documents->hash, c->new.documents->hash) != 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        json_set_number(counts, kinds[i], c->counts[i]);
    for (size_t i = 0; i < c->new.unplaced_count; i++)
        json_array_append_new(unplaced, json_string(c->new.unplaced[i]->id));
    json_set(plan, "plan", json_null());
    json_set_text(plan, "git", revision);
    json_set_flag(plan, "empty", !diags->errors && !changed && !json_array_size(c->changes));
    json_set_flag(plan, "documents_changed", changed);
    json_set(plan, "counts", counts);
    json_set(plan, "changes", c->changes);
    json_set_number(plan, "more", c->more);
    json_set(plan, "conflicts", json_array());
    json_set(plan, "unplaced", unplaced);
    json_set(plan, "errors", diags_to_json(diags, DIAG_ERROR));
    json_set(plan, "warnings", diags_to_json(diags, DIAG_WARNING));
    return json_in_arena(c->cli->arena, plan);
}

/* ---- reading ---- */

static int check_revision(const char *config, const char *revision)
{
    struct error err = {""};
    char *directory = file_directory(config);
    bool ok = *revision != '-' && git_knows(directory, revision, &err);
    int code = ok ? EXIT_DONE
                  : cli_fail(EXIT_NOT_FOUND, "no revision '%s' of %s: %s", revision, config,
                             err.message[0] ? err.message : "a revision does not begin with '-'");
    free(directory);
    return code;
}

static int read_limit(const struct cli *cli, size_t *ret_most)
{
    const char *text = cli_option(cli, "limit");
    char *end = NULL;
    long value = text ? strtol(text, &end, 10) : MOST_CHANGES;
    if (text && (!*text || *end || value < 1 || value > 10000))
        return cli_fail(EXIT_USAGE, "--limit takes a number from 1 to 10000, not '%s'", text);
    *ret_most = (size_t)value;
    return EXIT_DONE;
}

int plan_git(struct cli *cli, const char *revision, json_t **ret_plan)
{
    const char *config = client_config(cli);
    struct comparison c = {.cli = cli, .now = clock_now(), .changes = json_array()};
    struct revision earlier = {revision, config};
    struct documents_source source = {read_revision, list_revision, &earlier};
    int code = read_limit(cli, &c.most);
    if (!code)
        code = check_revision(config, revision);
    if (code) {
        json_decref(c.changes);
        return code;
    }
    c.new.documents = documents_load(config, c.now);
    c.old.documents = documents_load_earlier(config, &source);
    if (!c.new.documents->diags.errors) {
        plan_side(&c, &c.old, NULL);
        plan_side(&c, &c.new, &c.old);
        compare(&c);
    }
    *ret_plan = to_json(&c, revision);
    documents_free(c.old.documents);
    documents_free(c.new.documents);
    return EXIT_DONE;
}
