/* See check_rules.h: hashtags. One is '#' and a letter, not in the middle of a word or address. */
#include <string.h>

#include "base/utf8.h"
#include "editorial/check_rules.h"
#include "editorial/fold.h"
#include "network/unicode.h"

struct hashtag {
    const struct piece_of_text *in;
    size_t start, end; /* of its text, '#' included where there is one */
    const char *name;  /* without '#' */
};

static bool goes_on(uint32_t c)
{
    return fold_is_word(c) || c == '_';
}

/* The end of the hashtag that begins at i, or 0. before is the character in front. */
static size_t hashtag_end(const char *text, size_t i, uint32_t before)
{
    size_t length = strlen(text + i) + i, end = i + 1, size;
    uint32_t c;
    if (text[i] != '#' || end == length || fold_is_word(before) || before == '/' || before == '&')
        return 0;
    utf8_decode(text + end, length - end, &c);
    if (!unicode_is_letter(c))
        return 0;
    for (; end < length; end += size) {
        size = utf8_decode(text + end, length - end, &c);
        if (!goes_on(c))
            break;
    }
    return end;
}

static void find_in(struct checking *c, const struct piece_of_text *in, struct hashtag **tags, size_t *count)
{
    size_t length = strlen(in->text);
    uint32_t before = ' ', point;
    for (size_t i = 0, size; i < length; i += size, before = point) {
        size_t end = hashtag_end(in->text, i, before);
        size = utf8_decode(in->text + i, length - i, &point);
        if (end)
            *arena_push(c->arena, *tags, *count) =
                (struct hashtag){in, i, end, arena_strndup(c->arena, in->text + i + 1, end - i - 1)};
    }
}

void check_hashtags(struct checking *c)
{
    for (size_t i = 0; i < c->piece_count && c->setting.max != NOT_SAID; i++) {
        struct hashtag *tags = NULL;
        size_t count = 0, max = (size_t)c->setting.max;
        if (c->pieces[i].kind != PIECE_PART)
            continue;
        find_in(c, &c->pieces[i], &tags, &count);
        if (count > max)
            check_found(c,
                        FOUND(.in = &c->pieces[i], .start = tags[max].start, .end = tags[max].end,
                              .remedy = "keep the most telling ones"),
                        "%zu hashtags, the charter allows %zu", count, max);
    }
}

/* ---- which, and how written ---- */

/* Those of the texts, and those that are given as 'tags': networks make hashtags of them, if they are one
 * word. */
static size_t find_all(struct checking *c, struct hashtag **ret_tags)
{
    size_t count = 0;
    *ret_tags = NULL;
    for (size_t i = 0; i < c->piece_count; i++) {
        const struct piece_of_text *piece = &c->pieces[i];
        if (piece->kind == PIECE_PART)
            find_in(c, piece, ret_tags, &count);
        else if (piece->kind == PIECE_TAG && !strpbrk(piece->text, " -"))
            *arena_push(c->arena, *ret_tags, count) =
                (struct hashtag){piece, 0, strlen(piece->text), piece->text};
    }
    return count;
}

/* The whole of it must be a phrase: "chalet" does not allow "#chalet_prive". */
static bool is_listed(struct checking *c, const struct hashtag *tag)
{
    const char *folded = fold_text(tag->name, c->arena);
    struct phrase_hit *hits;
    size_t count = phrases_find(c->setting.phrases, folded, c->arena, &hits);
    for (size_t i = 0; i < count; i++)
        if (!hits[i].start && !folded[hits[i].end])
            return true;
    return false;
}

void check_hashtag_list(struct checking *c)
{
    struct hashtag *tags;
    size_t count = find_all(c, &tags);
    for (size_t i = 0; i < count; i++)
        if (!is_listed(c, &tags[i]))
            check_found(c,
                        FOUND(.in = tags[i].in, .start = tags[i].start, .end = tags[i].end,
                              .remedy = "take one of the charter's list"),
                        "'#%s' is not among the charter's hashtags", tags[i].name);
}

/* The form in which the charter's list writes it, or NULL. */
static const char *listed_form(struct checking *c, const struct setting *list, const char *name)
{
    const char *folded = fold_text(name, c->arena);
    for (size_t i = 0; i < list->words.count; i++)
        if (!strcmp(fold_text(list->words.items[i], c->arena), folded))
            return list->words.items[i];
    return NULL;
}

/* Several words run together, by their length, with no capital within to say where the next begins. */
static bool runs_together(const char *name, size_t longest)
{
    size_t letters = 0, capitals = 0, small = 0, length = strlen(name);
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t p;
        size = utf8_decode(name + i, length - i, &p);
        if (!unicode_is_letter(p))
            return false; /* a digit or '_' parts the words */
        letters++;
        capitals += i && unicode_lower(p) != p;
        small += unicode_lower(p) == p;
    }
    return letters > longest && (!capitals || !small);
}

void check_hashtag_form(struct checking *c)
{
    struct setting list = charter_setting(c->charter, RULE_HASHTAG_LIST, c->account, c->bucket);
    size_t longest = c->setting.max == NOT_SAID ? 14 : (size_t)c->setting.max;
    struct hashtag *tags;
    size_t count = find_all(c, &tags);
    for (size_t i = 0; i < count; i++) {
        struct found found = {.in = tags[i].in, .start = tags[i].start, .end = tags[i].end};
        const char *form = listed_form(c, &list, tags[i].name);
        if (form && strcmp(form, tags[i].name) != 0) {
            found.remedy = "screen readers tell words apart by their capitals";
            check_found(c, &found, "the charter writes '#%s', not '#%s'", form, tags[i].name);
        } else if (!form && runs_together(tags[i].name, longest)) {
            found.remedy =
                "begin each word with a capital, as in #BonneAnnée: screen readers read it word by word then";
            check_found(c, &found, "'#%s' runs words together", tags[i].name);
        }
    }
}
