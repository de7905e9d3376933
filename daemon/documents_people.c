/* See documents.h: who there is to approve. Users and groups are looked up by name (NSS), on any thread; what a token may do
 * is no business of this file. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/suggest.h"
#include "documents_internal.h"

struct people {
    struct arena *arena;
    const char **names; /* roles, tokens, users of cald.yaml and members of its groups */
    size_t count;
    bool all_here; /* whom cald.yaml names is known to this machine */
    bool can_tell;
};

static void add(struct people *people, const char *name)
{
    *arena_push(people->arena, people->names, people->count) = arena_strdup(people->arena, name);
}

/* ---- users and groups ---- */

/* What cannot be looked up is taken to be there. */
static bool is_user(const char *name, struct arena *arena)
{
    struct passwd entry, *found = NULL;
    int failure = ERANGE;
    for (size_t size = 4096; failure == ERANGE; size *= 2)
        failure = getpwnam_r(name, &entry, arena_alloc(arena, size), size, &found);
    return failure || found;
}

static bool add_members(struct people *people, const char *group)
{
    struct group entry, *found = NULL;
    int failure = ERANGE;
    for (size_t size = 4096; failure == ERANGE; size *= 2)
        failure = getgrnam_r(group, &entry, arena_alloc(people->arena, size), size, &found);
    for (char **member = failure || !found ? NULL : found->gr_mem; member && *member; member++)
        add(people, *member);
    return failure || found;
}

static bool add_user(struct people *people, const char *name)
{
    bool there = is_user(name, people->arena);
    if (there)
        add(people, name);
    return there;
}

/* ---- tokens ---- */

/* The first word of each line; what is wrong with one is told elsewhere. */
static bool add_tokens(struct people *people, const char *path)
{
    struct buf text = {0};
    struct error err;
    bool ok = file_read_secret(path, &text, &err);
    char *rest = arena_strdup(people->arena, buf_text(&text)), *line;
    while (ok && (line = strsep(&rest, "\n"))) {
        line += strspn(line, " \t\r");
        line[strcspn(line, " \t\r")] = '\0';
        if (*line && *line != '#')
            add(people, line);
    }
    if (text.data)
        explicit_bzero(text.data, text.length);
    buf_release(&text);
    return ok;
}

static struct people find_people(const struct settings *settings, struct arena *arena)
{
    struct people people = {.arena = arena, .all_here = true};
    for (size_t i = 0; approval_roles[i]; i++)
        add(&people, approval_roles[i]);
    for (size_t i = 0; i < settings->grant_count; i++) {
        const struct role_grant *grant = &settings->grants[i];
        bool there = grant->is_group ? add_members(&people, grant->name) : add_user(&people, grant->name);
        people.all_here = people.all_here && there;
    }
    if (settings->socket_group && !add_members(&people, settings->socket_group))
        people.all_here = false;
    people.can_tell = !settings->tokens_file || add_tokens(&people, settings->tokens_file);
    return people;
}

/* ---- approvers ---- */

static bool is_anybody(const struct people *people, const char *name)
{
    return names_have(&(struct names){people->names, people->count}, name) || is_user(name, people->arena);
}

/* A person counts once: so many of those who are there can be enough, or somebody of a role. */
static bool can_be_done(const struct people *people, const struct approval_stage *stage)
{
    int64_t there = 0;
    for (size_t i = 0; i < stage->by.count; i++) {
        if (approval_is_role(stage->by.items[i]))
            return true;
        there += is_anybody(people, stage->by.items[i]);
    }
    return there >= stage->count;
}

static void check_stage(struct documents *documents, const struct people *people, const struct approval_stage *stage)
{
    for (size_t i = 0; i < stage->by.count; i++) {
        const char *name = stage->by.items[i];
        if (is_anybody(people, name))
            continue;
        const char *then = can_be_done(people, stage) ? "" : ", and what waits for it never goes out";
        diags_add(&documents->diags,
                  &(struct diag){.level = DIAG_WARNING,
                                 .file = stage->places[i].file,
                                 .line = stage->places[i].line,
                                 .column = stage->places[i].column,
                                 .rule = "approver",
                                 .word = name,
                                 .nearest = suggest(name, people->names, people->count),
                                 .message = arena_printf(people->arena,
                                                         "nobody is '%s': no role, token or user has that name%s", name,
                                                         then)});
    }
}

void documents_check_people(struct documents *documents, bool here)
{
    if (!documents->settings || !documents->charter || !documents->charter->approval.count)
        return;
    const struct approval_rules *approval = &documents->charter->approval;
    struct arena *arena = arena_new();
    struct people people = find_people(documents->settings, arena);
    bool can_tell = people.can_tell && (here || people.all_here);
    for (size_t i = 0; i < approval->count && can_tell; i++)
        for (size_t k = 0; k < approval->items[i].stage_count; k++)
            check_stage(documents, &people, &approval->items[i].stages[k]);
    diags_sort(&documents->diags);
    arena_free(arena);
}
