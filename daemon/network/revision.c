/* See revision.h. Knows contents and the memo, and no network. */
#include <string.h>

#include "base/json.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/thread.h"

/* ---- what differs ---- */

enum fixed_what { /* what no network changes afterwards; beside enum edit_what */
                  FIXED_PARTS = 1 << 16,
                  FIXED_MEDIA = 1 << 17,
                  FIXED_VISIBILITY = 1 << 18,
                  FIXED_SLUG = 1 << 19,
                  FIXED_CATEGORIES = 1 << 20,
};

static const struct {
    unsigned what;
    const char *name;
} names[] = {
    {FIXED_PARTS, "the number of posts"},
    {FIXED_MEDIA, "the images and videos"},
    {FIXED_VISIBILITY, "the visibility"},
    {FIXED_SLUG, "the address"},
    {FIXED_CATEGORIES, "the categories"},
    {EDIT_TEXT, "the text"},
    {EDIT_ALT, "the alt text"},
    {EDIT_TITLE, "the title"},
    {EDIT_BODY, "the body"},
    {EDIT_SUMMARY, "the summary"},
    {EDIT_LINK, "the link"},
    {EDIT_TAGS, "the tags"},
    {EDIT_WARNING, "the content warning"},
    {EDIT_LANGUAGE, "the language"},
};

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static bool are_same(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    for (size_t i = 0; a_count == b_count && i < a_count; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return a_count == b_count;
}

static unsigned differs_if(bool differs, unsigned what)
{
    return differs ? what : 0;
}

static unsigned part_differs(const struct part *a, const struct part *b)
{
    unsigned what = differs_if(strcmp(a->text, b->text) != 0, EDIT_TEXT) |
                    differs_if(a->media_count != b->media_count, FIXED_MEDIA);
    for (size_t i = 0; !(what & FIXED_MEDIA) && i < a->media_count; i++)
        what |= differs_if(strcmp(a->media[i].sha256, b->media[i].sha256) != 0, FIXED_MEDIA) |
                differs_if(strcmp(a->media[i].alt, b->media[i].alt) != 0, EDIT_ALT);
    return what;
}

/* What belongs to no part. */
static unsigned rest_differs(const struct content *a, const struct content *b)
{
    return differs_if(!is_same_text(a->title, b->title), EDIT_TITLE) |
           differs_if(!is_same_text(a->link, b->link), EDIT_LINK) |
           differs_if(!is_same_text(a->language, b->language), EDIT_LANGUAGE) |
           differs_if(!is_same_text(a->warning, b->warning), EDIT_WARNING) |
           differs_if(!is_same_text(a->body, b->body), EDIT_BODY) |
           differs_if(!is_same_text(a->summary, b->summary), EDIT_SUMMARY) |
           differs_if(!is_same_text(a->slug, b->slug), FIXED_SLUG) |
           differs_if(a->visibility != b->visibility, FIXED_VISIBILITY) |
           differs_if(!are_same(a->tags, a->tag_count, b->tags, b->tag_count), EDIT_TAGS) |
           differs_if(!are_same(a->categories, a->category_count, b->categories, b->category_count),
                      FIXED_CATEGORIES);
}

static unsigned differs(const struct content *a, const struct content *b)
{
    unsigned what = rest_differs(a, b);
    if (a->part_count != b->part_count)
        return what | FIXED_PARTS;
    for (size_t i = 0; i < a->part_count; i++)
        what |= part_differs(&a->parts[i], &b->parts[i]);
    return what;
}

bool revision_is_same(const struct content *before, const struct content *after)
{
    return differs(before, after) == 0;
}

#define ANEW "'calctl delete' it there and publish it anew"

const char *revision_objection(const struct network *network, const struct content *before,
                               const struct content *after, struct arena *arena)
{
    unsigned more = differs(before, after) & ~network->edits;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].what & more)
            return arena_printf(arena, "%s of what is published on %s cannot be changed: %s", names[i].name,
                                network->title, network->remove ? ANEW : "change it there");
    return NULL;
}

const char *revision_remedy(const struct network *network, const char *url, struct arena *arena)
{
    const char *why = network->no_edits
                          ? network->no_edits
                          : arena_printf(arena, "cald has no means to change a post on %s", network->title);
    const char *where = url ? arena_printf(arena, " at %s", url) : "";
    return network->remove ? arena_printf(arena, "%s: " ANEW, why)
                           : arena_printf(arena, "%s: what can be done is done there%s", why, where);
}

const struct content *revision_as_far(const struct content *before, const struct content *after, size_t done,
                                      struct arena *arena)
{
    if (!done)
        return NULL;
    struct content *mixed = arena_new_of(arena, struct content);
    struct part *parts = arena_alloc_array(arena, after->part_count, sizeof *parts);
    for (size_t i = 0; i < after->part_count; i++)
        parts[i] = (i < done ? after : before)->parts[i];
    *mixed = *after;
    mixed->parts = parts;
    return mixed;
}

/* ---- which part is next ---- */

/* An edit before may have changed any part. */
static bool writes_all(const struct job *job)
{
    return json_flag(json_member(job->memo, "edit"), "all", false);
}

static bool is_due(const struct job *job, size_t post, size_t count)
{
    if (writes_all(job) || rest_differs(job->published, job->content))
        return true;
    return count == 1 ? differs(job->published, job->content) != 0
                      : part_differs(&job->published->parts[post], &job->content->parts[post]) != 0;
}

size_t revision_due(const struct job *job, size_t count)
{
    size_t post = (size_t)json_number(json_member(job->memo, "edit"), "done", 0);
    while (post < count && !is_due(job, post, count))
        post++;
    return post;
}

size_t revision_number(const struct job *job)
{
    return revision_due(job, thread_out(job));
}

const json_t *revision_part(const struct job *job)
{
    const json_t *post = thread_post(job, revision_number(job));
    return post ? post : job->memo;
}

const char *revision_id(const struct job *job)
{
    return json_text(revision_part(job), "id");
}

bool revision_touches(const struct job *job, unsigned what)
{
    return writes_all(job) || differs(job->published, job->content) & what;
}

void revision_leave(const struct job *job, const struct revision_member *members, json_t *words)
{
    for (; members->name; members++)
        if (!members->what || !revision_touches(job, members->what))
            json_object_del(words, members->name);
}

#define REVISION_FOUND                                                                                       \
    "a part of it was found by a person, and cald does not know which post that is: change it on the "       \
    "network itself"

/* Of a thread whose parts are posts of their own: why what lies beyond the known ones stands in the way. */
static const char *beyond(const struct job *job, size_t known)
{
    size_t count = thread_part_count(job);
    struct job before = *job;
    before.content = job->published;
    if (!thread_post(job, 0))
        return NULL;
    if (thread_part_count(&before) != count)
        return "with a body it is one post, without one it is several: " ANEW;
    for (size_t post = known; post < count; post++)
        if (is_due(job, post, count))
            return REVISION_FOUND;
    return NULL;
}

bool revision_is_due(const struct job *job, const char *base, struct arena *arena, struct step *ret_step)
{
    size_t count = thread_out(job);
    const char *url = json_text(revision_part(job), "url"), *why = REVISION_UNKNOWN;
    bool due = count && revision_due(job, count) < count;
    if (count)
        why = beyond(job, count);
    if (!why && due && base && !removal_is_on(url, base, arena))
        why = "the account is at another address than the post: change it there";
    if (!due || why)
        *ret_step = (struct step){.kind = STEP_DONE, .name = why};
    return due && !why;
}

void revision_over(struct step *ret_step, const char *why)
{
    *ret_step = (struct step){.kind = STEP_DONE, .name = why};
}

/* ---- steps and answers ---- */

struct request *revision_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    size_t count = thread_out(job);
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "edit"};
    if (count > 1)
        ret_step->name = arena_printf(arena, "edit %zu/%zu", revision_number(job) + 1, count);
    return &ret_step->request;
}

/* A copy of what the memo has of this edit. */
static json_t *edit_of(const struct job *job)
{
    json_t *edit = json_copy(json_member(job->memo, "edit"));
    return edit ? edit : json_object();
}

json_t *revision_note(const struct job *job, const char *name, const char *text, struct arena *arena)
{
    json_t *edit = edit_of(job);
    json_object_del(edit, name);
    json_set_text(edit, name, text);
    return json_in_arena(arena, json_pack("{s:o}", "edit", edit));
}

struct outcome revision_done_to(const struct job *job, size_t done, struct arena *arena)
{
    json_t *edit = json_object();
    json_set_number(edit, "done", (int64_t)done);
    if (writes_all(job))
        json_set_flag(edit, "all", true);
    return (struct outcome){.kind = OUTCOME_NEXT,
                            .memo = json_in_arena(arena, json_pack("{s:o}", "edit", edit))};
}

struct outcome revision_done(const struct job *job, struct arena *arena)
{
    return revision_done_to(job, revision_number(job) + 1, arena);
}

void revision_read(const struct job *job, const struct step *step, const struct response *response,
                   enum reset_dialect dialect, const char *said, struct arena *arena,
                   struct outcome *ret_outcome)
{
    bool not_there = response->status == 404 || response->status == 410;
    outcome_from_status(step, response, dialect, job->now, said, arena, ret_outcome);
    if (not_there)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    if (ret_outcome->kind != OUTCOME_NEXT)
        return;
    struct outcome done = revision_done(job, arena);
    done.limit_reset = ret_outcome->limit_reset;
    done.limit_remaining = ret_outcome->limit_remaining;
    *ret_outcome = done;
}
