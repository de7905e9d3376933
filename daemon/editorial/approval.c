/*
 * See approval.h. The words are gone through again from the first each time something is asked: what counts
 * follows from the charter of now and what is written down, and from nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "editorial/approval.h"

const char *const approval_roles[] = {"viewer", "author", "editor", "admin", NULL};

static const char *const editor[] = {"editor"};
static const struct approval_stage of_drafts[] = {{.by = {editor, 1}, .count = 1}};
static const struct approval_rule for_drafts = {.stages = of_drafts, .stage_count = 1};

/* ---- people and roles ---- */

/* The name within 'who', and its length. */
static const char *person_in(const char *who, size_t *ret_length)
{
    const char *open = strchr(who, '(');
    size_t length = strlen(who);
    if (!strncmp(who, "token ", 6)) {
        *ret_length = length - 6;
        return who + 6;
    }
    if (!strncmp(who, "uid ", 4) && open && who[length - 1] == ')') {
        *ret_length = (size_t)(who + length - 1 - (open + 1));
        return open + 1;
    }
    *ret_length = length;
    return who;
}

const char *approval_person(const char *who, struct arena *arena)
{
    size_t length;
    const char *person = person_in(who, &length);
    return arena_strndup(arena, person, length);
}

static bool same_person(const char *a, const char *b)
{
    size_t a_length, b_length;
    if (!a || !b)
        return false;
    const char *x = person_in(a, &a_length), *y = person_in(b, &b_length);
    return a_length == b_length && !memcmp(x, y, a_length);
}

static int rank_of(const char *role)
{
    for (int i = 0; role && approval_roles[i]; i++)
        if (!strcmp(approval_roles[i], role))
            return i;
    return -1;
}

bool approval_is_role(const char *name)
{
    return rank_of(name) >= 0;
}

/* A role that is named is meant as a role, whatever people are called. */
static bool may_in(const struct approval_stage *stage, const char *who, const char *role)
{
    for (size_t i = 0; i < stage->by.count; i++) {
        int least = rank_of(stage->by.items[i]);
        if (least >= 0 ? rank_of(role) >= least : same_person(who, stage->by.items[i]))
            return true;
    }
    return false;
}

/* ---- rules ---- */

static bool fits(const struct approval_rule *rule, const struct approval_case *what)
{
    bool to = !rule->to.count || names_have(&rule->to, what->account) || names_have(&rule->to, what->network);
    bool bucket = !rule->buckets.count || names_have(&rule->buckets, what->bucket);
    return to && bucket && !names_have(&rule->except, what->bucket);
}

/* The next rule that fits from *at on; NULL: no more. Where none does, a draft has one of its own. */
static const struct approval_rule *next_rule(const struct approval_rules *rules,
                                             const struct approval_case *what, size_t *at)
{
    bool any = false;
    for (size_t i = 0; i < rules->count; i++) {
        if (!fits(&rules->items[i], what))
            continue;
        any = true;
        if (i >= *at) {
            *at = i + 1;
            return &rules->items[i];
        }
    }
    if (any || !what->asked || *at > rules->count)
        return NULL;
    *at = rules->count + 1;
    return &for_drafts;
}

bool approval_concerns(const void *context, const struct approval_case *what)
{
    size_t at = 0;
    return next_rule(context, what, &at) != NULL;
}

/* ---- words ---- */

static bool is_own(const struct approval_rules *rules, const struct approval_case *what, const char *who)
{
    return rules->not_own && (same_person(who, what->author) || same_person(who, what->changed_by));
}

static bool is_of_this(const struct approval_rules *rules, const struct approval_case *what,
                       const struct approval *word)
{
#ifdef CALD_MUTANT_ANY_CONTENT
    return true;
#endif
    return !strcmp(word->content_hash, what->content_hash) && (!rules->time || word->slot == what->slot);
}

static bool ends(const struct approval *word)
{
    return word->kind == APPROVAL_REJECTED || word->kind == APPROVAL_WITHDRAWN;
}

/* Those that count, in their order: a person once. */
static const struct approval *words_of(const struct approval_rules *rules, const struct approval_case *what,
                                       struct arena *arena, size_t *ret_count)
{
    struct approval *words = arena_alloc_array(arena, what->said_count + 1, sizeof *words);
    size_t count = 0;
    for (size_t i = 0; i < what->said_count; i++) {
        const struct approval *word = &what->said[i];
        bool counts = word->kind == APPROVAL_APPROVED && is_of_this(rules, what, word) &&
                      !is_own(rules, what, word->who);
        for (size_t k = 0; k < count && counts; k++)
            counts = !same_person(words[k].who, word->who);
        if (ends(word))
            count = 0;
        else if (counts)
            words[count++] = *word;
    }
    *ret_count = count;
    return words;
}

/* What the charter itself says needs nobody, as long as it says exactly that. */
static bool is_the_charters(const struct approval *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (words[i].role && !strcmp(words[i].role, APPROVED_BY_CHARTER))
            return true;
    return false;
}

/* ---- stages ---- */

struct match { /* of the places in a rule's stages, in their order, with words: each word fills one */
    const struct approval_rule *rule;
    const struct approval *words;
    size_t count;
    size_t *stage_of; /* of each word; the number of stages: none */
    bool *seen;
};

/* Finds a word for one more place in a stage; one that fills another place may go there if that one finds
 * another word. So it does not matter who came first: an admin's word moves on to where only an admin will
 * do. */
static bool fill(struct match *match, size_t stage)
{
    for (size_t i = 0; i < match->count; i++) {
        const struct approval *word = &match->words[i];
        if (match->seen[i] || !may_in(&match->rule->stages[stage], word->who, word->role))
            continue;
        match->seen[i] = true;
        if (match->stage_of[i] == match->rule->stage_count || fill(match, match->stage_of[i])) {
            match->stage_of[i] = stage;
            return true;
        }
    }
    return false;
}

/* The stage that is open after these words, and how many it still takes; how many places are filled. A later
 * stage is not begun before. */
static size_t open_stage(const struct approval_rule *rule, const struct approval *words, size_t count,
                         struct arena *arena, int64_t *ret_missing, size_t *ret_filled)
{
    struct match match = {rule, words, count, arena_alloc_array(arena, count + 1, sizeof *match.stage_of),
                          arena_alloc_array(arena, count + 1, sizeof *match.seen)};
    *ret_filled = 0;
    for (size_t i = 0; i < count; i++)
        match.stage_of[i] = rule->stage_count;
    for (size_t stage = 0; stage < rule->stage_count; stage++)
        for (int64_t have = 0; have < rule->stages[stage].count; have++, ++*ret_filled) {
            memset(match.seen, 0, count * sizeof *match.seen);
            if (!fill(&match, stage)) {
                *ret_missing = rule->stages[stage].count - have;
                return stage;
            }
        }
    *ret_missing = 0;
    return rule->stage_count;
}

/* Of all rules, how many places are filled. */
static size_t filled_of(const struct approval_rules *rules, const struct approval_case *what,
                        struct arena *arena)
{
    const struct approval_rule *rule;
    size_t count, filled, sum = 0;
    int64_t missing;
    const struct approval *words = words_of(rules, what, arena, &count);
    for (size_t at = 0; (rule = next_rule(rules, what, &at)); sum += filled)
        open_stage(rule, words, count, arena, &missing, &filled);
    return sum;
}

struct approval_standing approval_look(const struct approval_rules *rules, const struct approval_case *what,
                                       struct arena *arena)
{
    struct approval_standing standing = {0};
    struct approval_open *open = NULL;
    const struct approval_rule *rule;
    standing.words = words_of(rules, what, arena, &standing.word_count);
    for (size_t at = 0; (rule = next_rule(rules, what, &at));) {
        int64_t missing;
        size_t filled,
            stage = open_stage(rule, standing.words, standing.word_count, arena, &missing, &filled);
        standing.needed = true;
        if (stage < rule->stage_count && !is_the_charters(standing.words, standing.word_count))
            *arena_push(arena, open, standing.open_count) = (struct approval_open){
                rule == &for_drafts ? NULL : rule, stage, rule->stage_count, rule->stages[stage].by, missing};
    }
    standing.open = open;
    standing.done = standing.open_count == 0;
    return standing;
}

bool approval_suffices(const void *context, const struct approval_case *what)
{
    struct arena *arena = arena_new();
    bool done = approval_look(context, what, arena).done;
    arena_free(arena);
    return done;
}

/* ---- sentences ---- */

/* "an editor", "anna": who is one of them. */
static void add_one(struct buf *text, const char *name)
{
    const char *article = rank_of(name) < 0 ? "" : strchr("ae", *name) ? "an " : "a ";
    buf_printf(text, "%s%s", article, name);
}

static void add_stage(struct buf *text, const struct names *by, int64_t missing)
{
    if (missing > 1 && by->count == 1 && rank_of(by->items[0]) >= 0) {
        buf_printf(text, "%lld %ss", (long long)missing, by->items[0]);
        return;
    }
    if (missing > 1)
        buf_printf(text, "%lld of ", (long long)missing);
    for (size_t i = 0; i < by->count; i++) {
        if (i)
            buf_add_text(text, i + 1 < by->count ? ", " : " or ");
        add_one(text, by->items[i]);
    }
}

static const char *take(struct buf *text, struct arena *arena)
{
    const char *taken = arena_strdup(arena, buf_text(text));
    buf_release(text);
    return taken;
}

const char *approval_wants(const struct approval_standing *standing, struct arena *arena)
{
    struct buf text = {0};
    for (size_t i = 0; i < standing->open_count; i++) {
        struct buf one = {0};
        add_stage(&one, &standing->open[i].by, standing->open[i].missing);
        if (!strstr(buf_text(&text), buf_text(&one)))
            buf_printf(&text, "%s%s", text.length ? ", and " : "", buf_text(&one));
        buf_release(&one);
    }
    return take(&text, arena);
}

const char *approval_all(const struct approval_rules *rules, const struct approval_case *what,
                         struct arena *arena)
{
    struct buf text = {0};
    const struct approval_rule *rule;
    for (size_t at = 0; (rule = next_rule(rules, what, &at));) {
        if (text.length)
            buf_add_text(&text, "; and ");
        for (size_t i = 0; i < rule->stage_count; i++) {
            buf_add_text(&text, i ? ", then " : "");
            add_stage(&text, &rule->stages[i].by, rule->stages[i].count);
        }
    }
    return take(&text, arena);
}

/* ---- who may ---- */

static bool counted(const struct approval_standing *standing, const char *who)
{
    for (size_t i = 0; i < standing->word_count; i++)
        if (same_person(standing->words[i].who, who))
            return true;
    return false;
}

/* Whether the standing would be another one with this word. */
static bool helps(const struct approval_rules *rules, const struct approval_case *what, const char *who,
                  const char *role, struct arena *arena)
{
    struct approval_case with = *what;
    struct approval *said = arena_alloc_array(arena, what->said_count + 1, sizeof *said);
    for (size_t i = 0; i < what->said_count; i++)
        said[i] = what->said[i];
    said[with.said_count++] = (struct approval){.kind = APPROVAL_APPROVED,
                                                .who = who,
                                                .role = role,
                                                .content_hash = what->content_hash,
                                                .slot = what->slot};
    with.said = said;
    return filled_of(rules, &with, arena) > filled_of(rules, what, arena);
}

const char *approval_objection(const struct approval_rules *rules, const struct approval_case *what,
                               const char *who, const char *role, struct arena *arena)
{
    struct approval_standing standing = approval_look(rules, what, arena);
    const char *wants = approval_wants(&standing, arena);
    if (is_own(rules, what, who))
        return same_person(who, what->changed_by)
                   ? "nobody approves what they changed last themselves: so the charter says"
                   : "nobody approves their own: so the charter says";
    if (standing.done || helps(rules, what, who, role, arena))
        return NULL;
    if (counted(&standing, who))
        return arena_printf(arena, "%s approved it already; it waits for %s", approval_person(who, arena),
                            wants);
    return arena_printf(arena, "it waits for %s", wants);
}

bool approval_has_say(const struct approval_rules *rules, const struct approval_case *what, const char *who,
                      const char *role)
{
    const struct approval_rule *rule;
    if (rank_of(role) >= rank_of("editor"))
        return true;
    for (size_t at = 0; (rule = next_rule(rules, what, &at));)
        for (size_t i = 0; i < rule->stage_count; i++)
            if (may_in(&rule->stages[i], who, role))
                return true;
    return false;
}
