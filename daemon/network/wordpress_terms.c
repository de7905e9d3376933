/*
 * Categories and tags: WordPress wants their ids. A name is looked for by the slug that WordPress itself
 * makes of it, and made when it is missing.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/wordpress.h"

struct wanted { /* the account's own names, then the content's */
    const json_t *own;
    const char *const *names;
    size_t count;
};

static struct wanted wanted_of(const struct job *job, const char *taxonomy)
{
    const struct content *content = job->content;
    bool tags = !strcmp(taxonomy, "tags");
    return (struct wanted){
        .own = json_member(job->account->options, taxonomy),
        .names = tags ? content->tags : content->categories,
        .count = tags ? content->tag_count : content->category_count,
    };
}

static size_t wanted_count(const struct wanted *wanted)
{
    return json_array_size(wanted->own) + wanted->count;
}

static const char *wanted_name(const struct wanted *wanted, size_t i)
{
    size_t own = json_array_size(wanted->own);
    const char *name = i < own ? json_string_value(json_array_get(wanted->own, i)) : wanted->names[i - own];
    return name ? name : "";
}

/* -1: never looked for; 0: there is none; else its id. */
static int64_t known_id(const struct job *job, const char *taxonomy, const char *name)
{
    return json_number(json_member(json_member(job->memo, "terms"), taxonomy), name, -1);
}

/* The first name whose id is still this, or NULL. */
static const char *first(const struct job *job, const char *taxonomy, int64_t id)
{
    struct wanted wanted = wanted_of(job, taxonomy);
    for (size_t i = 0; i < wanted_count(&wanted); i++) {
        const char *name = wanted_name(&wanted, i);
        if (*name && known_id(job, taxonomy, name) == id)
            return name;
    }
    return NULL;
}

static struct outcome remember(const struct job *job, const char *taxonomy, const char *name, int64_t id,
                               struct arena *arena)
{
    json_t *terms = stage_copy(job, "terms"), *ids = json_object_get(terms, taxonomy);
    if (!ids)
        json_set(terms, taxonomy, ids = json_object());
    json_set_number(ids, name, id);
    return stage_next_with(arena, json_pack("{s:o}", "terms", terms));
}

/* ---- look for one ---- */

/* As a value of 'slug', which WordPress splits at spaces and commas and makes a slug of. */
static const char *as_slug(const char *name, struct arena *arena)
{
    char *slug = arena_strdup(arena, name);
    for (char *c = slug; *c; c++)
        if (isspace((unsigned char)*c) || *c == ',')
            *c = '-';
    return driver_escape(arena, slug);
}

/* Names come back with & < > as entities; "C#" and "C" have the same slug, so the name decides. */
static bool is_same_name(const char *theirs, const char *ours)
{
    struct buf escaped = {0};
    buf_add_xml(&escaped, ours);
    bool same = theirs && (!strcasecmp(theirs, ours) || !strcasecmp(theirs, buf_text(&escaped)));
    buf_release(&escaped);
    return same;
}

static void ask_look(const struct job *job, const char *taxonomy, struct arena *arena,
                     struct request *ret_request)
{
    const char *slug = as_slug(first(job, taxonomy, -1), arena);
    *ret_request = wordpress_request(job, arena, "GET", taxonomy,
                                     arena_printf(arena, "slug=%s&per_page=100&_fields=id,name", slug), NULL);
}

static void read_look(const struct job *job, const char *taxonomy, const struct step *step,
                      const struct response *response, struct arena *arena, struct outcome *ret_outcome)
{
    int64_t id = 0;
    const char *name = first(job, taxonomy, -1);
    const json_t *list = wordpress_answer(job, step, response, arena, ret_outcome);
    if (!list || !name)
        return;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!id && is_same_name(json_text(json_array_get(list, i), "name"), name))
            id = json_number(json_array_get(list, i), "id", 0);
    *ret_outcome = remember(job, taxonomy, name, id, arena);
}

/* ---- make one ---- */

static void ask_add(const struct job *job, const char *taxonomy, struct arena *arena,
                    struct request *ret_request)
{
    *ret_request = wordpress_request(job, arena, "POST", taxonomy, "_fields=id,name,code,data",
                                     json_pack("{s:s}", "name", first(job, taxonomy, 0)));
}

static void read_add(const struct job *job, const char *taxonomy, const struct step *step,
                     const struct response *response, struct arena *arena, struct outcome *ret_outcome)
{
    const char *name = first(job, taxonomy, 0);
    const json_t *answer = response_json(response, arena);
    int64_t id = json_number(answer, "id", 0);
    if (wordpress_is_error(response, "term_exists", arena))
        id = json_number(json_member(answer, "data"), "term_id", 0);
    if (name && id > 0) {
        *ret_outcome = remember(job, taxonomy, name, id, arena);
    } else if (name && response->status == 403) {
        *ret_outcome = (struct outcome){.kind = OUTCOME_REFUSED};
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "%s: '%s' does not exist in %s and the user may not make it: make it in WordPress",
                    step->name, name, taxonomy);
    } else if (wordpress_answer(job, step, response, arena, ret_outcome)) {
        *ret_outcome = (struct outcome){.kind = OUTCOME_RETRY};
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer has no id", step->name);
    }
}

/* ---- the stages, for each of the two taxonomies ---- */

#define TAXONOMY(name)                                                                                       \
    static bool is_##name##_unknown(const struct job *job)                                                   \
    {                                                                                                        \
        return first(job, #name, -1) != NULL;                                                                \
    }                                                                                                        \
    static bool is_##name##_missing(const struct job *job)                                                   \
    {                                                                                                        \
        return first(job, #name, 0) != NULL;                                                                 \
    }                                                                                                        \
    static void ask_look_##name(const struct job *job, struct arena *arena, struct request *ret_request)     \
    {                                                                                                        \
        ask_look(job, #name, arena, ret_request);                                                            \
    }                                                                                                        \
    static void ask_add_##name(const struct job *job, struct arena *arena, struct request *ret_request)      \
    {                                                                                                        \
        ask_add(job, #name, arena, ret_request);                                                             \
    }                                                                                                        \
    static void read_look_##name(const struct job *job, const struct step *step,                             \
                                 const struct response *response, struct arena *arena, struct outcome *out)  \
    {                                                                                                        \
        read_look(job, #name, step, response, arena, out);                                                   \
    }                                                                                                        \
    static void read_add_##name(const struct job *job, const struct step *step,                              \
                                const struct response *response, struct arena *arena, struct outcome *out)   \
    {                                                                                                        \
        read_add(job, #name, step, response, arena, out);                                                    \
    }

TAXONOMY(categories)
TAXONOMY(tags)

const struct stage wordpress_term_stages[4] = {
    {"find category", STEP_PREPARE, 0, is_categories_unknown, ask_look_categories, read_look_categories},
    {"add category", STEP_PREPARE, 0, is_categories_missing, ask_add_categories, read_add_categories},
    {"find tag", STEP_PREPARE, 0, is_tags_unknown, ask_look_tags, read_look_tags},
    {"add tag", STEP_PREPARE, 0, is_tags_missing, ask_add_tags, read_add_tags},
};

json_t *wordpress_term_ids(const struct job *job, const char *taxonomy, struct arena *arena)
{
    struct wanted wanted = wanted_of(job, taxonomy);
    json_t *ids = NULL, *seen = json_in_arena(arena, json_object());
    for (size_t i = 0; i < wanted_count(&wanted); i++) {
        const char *name = wanted_name(&wanted, i);
        int64_t id = known_id(job, taxonomy, name);
        const char *text = arena_printf(arena, "%lld", (long long)id);
        if (id <= 0 || json_member(seen, text))
            continue;
        json_set_flag(seen, text, true);
        ids = ids ? ids : json_array();
        json_array_append_new(ids, json_integer(id));
    }
    return ids;
}
