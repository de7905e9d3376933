/* See check_rules.h: which words a post uses. */
#include <string.h>

#include "editorial/check_rules.h"
#include "editorial/fold.h"

/* ---- forbidden and preferred words ---- */

/* A word that the charter writes as it stands is named so; of a pattern both are named. */
static void found_word(struct checking *c, const struct forbidden *f, const struct piece_of_text *in,
                       size_t start, size_t end)
{
    const char *shown = f->word;
    struct found found = {.in = in, .start = start, .end = end};
    if (f->level == CHECK_OFF)
        return;
    if (f->level != NOT_SAID)
        found.level = (enum check_level)f->level;
    if (f->regexp || strpbrk(f->word, "*|"))
        shown = arena_strndup(c->arena, in->text + start, end - start);
    if (f->instead)
        check_found(c, &found, "the charter says '%s' instead of '%s'", f->instead, shown);
    else {
        found.remedy = "say it otherwise";
        check_found(c, &found, "the charter forbids '%s'", shown);
    }
}

static void find_phrases(struct checking *c, const struct vocabulary *v, struct piece_of_text *piece,
                         bool *seen)
{
    struct phrase_hit *hits;
    if (!v->phrases || v->count == v->regexp_count)
        return;
    size_t count = phrases_find(v->phrases, checking_folded(c, piece), c->arena, &hits);
    for (size_t i = 0; i < count; i++) {
        size_t which = v->phrase_of[hits[i].phrase];
        if (!seen[which])
            found_word(c, &v->items[which], piece, fold_origin(piece->text, hits[i].start),
                       fold_origin(piece->text, hits[i].end));
        seen[which] = true;
    }
}

static void find_regexps(struct checking *c, const struct vocabulary *v, const struct piece_of_text *piece,
                         bool *seen)
{
    for (size_t i = 0; i < v->regexp_count; i++) {
        const struct forbidden *f = v->regexps[i];
        size_t which = (size_t)(f - v->items), start, end;
        enum regexp_result result =
            seen[which] ? REGEXP_NONE : regexp_find(f->regexp, piece->text, &start, &end);
        if (result == REGEXP_FOUND)
            found_word(c, f, piece, start, end);
        else if (result == REGEXP_TOO_COSTLY)
            check_found(c,
                        FOUND(.in = piece, .level = CHECK_WARNING, .word = f->pattern,
                              .remedy = "write the pattern more simply"),
                        "the pattern '%s' takes too long on this text: it was not searched whole",
                        f->pattern);
        seen[which] = seen[which] || result != REGEXP_NONE;
    }
}

/* Each word is told once, where it is first. */
static void check_list(struct checking *c, const struct vocabulary *v)
{
    if (!v->count)
        return;
    bool *seen = arena_alloc_array(c->arena, v->count, sizeof *seen);
    for (size_t i = 0; i < c->piece_count; i++) {
        if (!(PIECES_OF_WORDS >> c->pieces[i].kind & 1))
            continue;
        find_phrases(c, v, &c->pieces[i], seen);
        find_regexps(c, v, &c->pieces[i], seen);
    }
}

void check_forbidden(struct checking *c)
{
    check_list(c, &c->charter->forbidden);
}

void check_preferred(struct checking *c)
{
    check_list(c, &c->charter->preferred);
}

/* ---- words that should be there ---- */

static bool is_asked_for(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (!strcmp(names->items[i], name))
            return true;
    return !names->count;
}

/* How many of a subject's keywords the post has. */
static size_t count_keywords(struct checking *c, const struct subject *subject)
{
    bool *seen = arena_alloc_array(c->arena, subject->words.count + 1, sizeof *seen);
    size_t found = 0;
    for (size_t i = 0; i < c->piece_count; i++) {
        struct phrase_hit *hits;
        if (!(PIECES_OF_WORDS >> c->pieces[i].kind & 1))
            continue;
        size_t count = phrases_find(subject->phrases, checking_folded(c, &c->pieces[i]), c->arena, &hits);
        for (size_t k = 0; k < count; k++) {
            found += !seen[hits[k].phrase];
            seen[hits[k].phrase] = true;
        }
    }
    return found;
}

static const char *join(struct arena *arena, const char *const *items, size_t count)
{
    enum { SHOWN = 8 };
    const char *text = "";
    for (size_t i = 0; i < count && i < SHOWN; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", items[i]);
    return count > SHOWN ? arena_printf(arena, "%s…", text) : text;
}

void check_keywords(struct checking *c)
{
    size_t found = 0, wanted = c->setting.min == NOT_SAID ? 1 : (size_t)c->setting.min;
    const char **some = NULL;
    size_t some_count = 0;
    for (size_t i = 0; i < c->charter->subject_count; i++) {
        const struct subject *subject = &c->charter->subjects[i];
        if (!is_asked_for(&c->setting.words, subject->name))
            continue;
        found += count_keywords(c, subject);
        for (size_t k = 0; k < subject->words.count; k++)
            *arena_push(c->arena, some, some_count) = subject->words.items[k];
    }
    if (found < wanted && some_count)
        check_found(
            c,
            FOUND(.remedy = arena_printf(c->diags->arena, "use %s of: %s", wanted == 1 ? "one" : "more",
                                         join(c->arena, some, some_count))),
            "%zu of the keywords, the charter asks for %zu", found, wanted);
}

/* The words that say that somebody pays for it; an image's description is not where people look for them. */
void check_disclosure(struct checking *c)
{
    for (size_t i = 0; i < c->piece_count; i++)
        if ((PIECES_OF_WORDS & ~(1u << PIECE_ALT)) >> c->pieces[i].kind & 1 &&
            phrases_any(c->setting.phrases, checking_folded(c, &c->pieces[i]), c->arena))
            return;
    const char *words = join(c->diags->arena, c->setting.words.items, c->setting.words.count);
    check_found(c, FOUND(.remedy = arena_printf(c->diags->arena, "say one of: %s", words)),
                "nothing says that this is a paid partnership");
}
