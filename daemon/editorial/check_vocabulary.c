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
