/*
 * See text.h: measures a text by a rule. Knows rules, finders and units only through their tables
 * (text_rules.c) and nothing of any network.
 */
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "network/text.h"
#include "network/text_rules.h"
#include "network/text_scan.h"
#include "network/unicode.h"

const char *entity_kind_name(enum entity_kind kind)
{
    static const char *const names[ENTITY_KINDS] = {"link", "mention", "hashtag"};
    return names[kind];
}

/* What counts: the code points with links and mentions as the network replaces them. */

struct run {
    uint32_t *at;
    size_t count;
};

static void find_all(const struct text_rule *rule, struct text_scan *scan)
{
    for (size_t kind = 0; kind < ENTITY_KINDS; kind++)
        if (rule->finders[kind])
            rule->finders[kind](scan);
}

static void copy_points(struct run *run, const struct text_scan *scan, size_t start, size_t end)
{
    if (end > start)
        memcpy(run->at + run->count, scan->at + start, (end - start) * sizeof *run->at);
    run->count += end - start;
}

/* End of "@user" in "@user@host". */
static size_t host_start(const struct text_scan *scan, const struct found *mention)
{
    size_t end = mention->value;
    while (end < mention->end && scan->at[end] != '@')
        end++;
    return end;
}

static void add_replaced(struct run *run, const struct text_rule *rule, const struct text_scan *scan,
                         const struct found *found)
{
    if (found->kind == ENTITY_MENTION)
        copy_points(run, scan, found->start, host_start(scan, found));
    for (unsigned i = 0; found->kind == ENTITY_LINK && i < rule->link_units; i++)
        run->at[run->count++] = 'x';
}

static struct run replace_entities(const struct text_rule *rule, const struct text_scan *scan)
{
    struct found_walk walk = {.kinds = (rule->link_units ? 1u << ENTITY_LINK : 0) |
                                       (rule->mention_without_host ? 1u << ENTITY_MENTION : 0)};
    size_t most = scan->count + scan->found[ENTITY_LINK].count * rule->link_units, after = 0;
    struct run run = {.at = arena_alloc_array(scan->arena, most + 1, sizeof *run.at)};
    for (const struct found *found; (found = text_next(scan, &walk));) {
        copy_points(&run, scan, after, found->start);
        add_replaced(&run, rule, scan, found);
        after = found->end;
    }
    copy_points(&run, scan, after, scan->count);
    return run;
}

static struct run trim(struct run run)
{
    while (run.count && unicode_is_space(run.at[run.count - 1]))
        run.count--;
    for (; run.count && unicode_is_space(run.at[0]); run.at++)
        run.count--;
    return run;
}

/* The text in NFC with its links, or the text itself where that changes nothing. */
static const struct text_scan *normalise(const struct text_rule *rule, const struct text_scan *scan,
                                         struct text_scan *space)
{
    *space = (struct text_scan){.arena = scan->arena};
    space->at = unicode_nfc(scan->at, scan->count, &space->count, scan->arena);
    if (space->count == scan->count && !memcmp(space->at, scan->at, scan->count * sizeof *scan->at))
        return scan;
    if (rule->finders[ENTITY_LINK])
        rule->finders[ENTITY_LINK](space);
    return space;
}

static size_t count_length(const struct text_rule *rule, const struct text_scan *scan)
{
    struct text_scan space;
    struct run run = replace_entities(rule, rule->normalised ? normalise(rule, scan, &space) : scan);
    if (rule->trimmed)
        run = trim(run);
    return rule->unit->count(run.at, run.count);
}

static bool has_specials(const struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++)
        if (scan->at[i] == 0xFEFF || scan->at[i] == 0xFFFE || scan->at[i] == 0xFFFF)
            return true;
    return false;
}

/* What the caller is given. */

/* UTF-8 and without NUL, whatever the text was. */
static const char *entity_value(const struct text_scan *scan, const struct found *found, struct arena *arena)
{
    static const char scheme[] = "https://";
    size_t end = found->end - found->tail, length = found->lacks_scheme ? sizeof scheme - 1 : 0;
    char *value = arena_alloc(arena, length + (end - found->value) * 4 + 1);
    memcpy(value, scheme, length);
    for (size_t i = found->value; i < end; i++) {
        uint32_t c = scan->at[i] ? scan->at[i] : 0xFFFD;
        if (found->upper && c >= 'a' && c <= 'z')
            c -= 'a' - 'A';
        length += utf8_encode(c, value + length);
    }
    return value;
}

static struct entity *give_entities(const struct text_scan *scan, const size_t *offsets, struct arena *arena,
                                    size_t *ret_count)
{
    const unsigned all = (1u << ENTITY_KINDS) - 1;
    struct found_walk counting = {.kinds = all}, giving = {.kinds = all};
    size_t count = 0;
    while (text_next(scan, &counting))
        count++;
    struct entity *entities = arena_alloc_array(arena, count, sizeof *entities);
    for (size_t i = 0; i < count; i++) {
        const struct found *found = text_next(scan, &giving);
        entities[i] = (struct entity){.kind = (enum entity_kind)found->kind,
                                      .start = offsets[found->start],
                                      .end = offsets[found->end],
                                      .value = entity_value(scan, found, arena)};
    }
    *ret_count = count;
    return entities;
}

struct entity *text_entities(const struct text_rule *rule, const char *text, size_t length, struct arena *arena,
                             size_t *ret_count)
{
    struct text_scan scan = {.arena = arena_new()};
    size_t *offsets = NULL;
    scan.at = text_decode(text, length, &offsets, &scan.count, scan.arena);
    find_all(rule, &scan);
    struct entity *entities = give_entities(&scan, offsets, arena, ret_count);
    arena_free(scan.arena);
    return entities;
}

struct measure text_measure(const struct text_rule *rule, const char *text, size_t length, size_t limit,
                            struct arena *arena)
{
    struct measure measure = {
        .limit = limit ? limit : rule->limit, .bytes = length, .byte_limit = rule->byte_limit};
    struct text_scan scan = {.arena = arena_new()};
    size_t *offsets = NULL;
    scan.at = text_decode(text, length, &offsets, &scan.count, scan.arena);
    find_all(rule, &scan);
    measure.length = count_length(rule, &scan);
    measure.fits = (!measure.limit || measure.length <= measure.limit) &&
                   (!measure.byte_limit || measure.bytes <= measure.byte_limit) &&
                   !(rule->refuses_specials && has_specials(&scan));
    measure.entities = give_entities(&scan, offsets, arena, &measure.entity_count);
    arena_free(scan.arena);
    return measure;
}

/*
 * No unit counts more than the bytes of UTF-8, but where the text is another one by then: NFC makes it three
 * times as long at most, and so does U+FFFD for what is not UTF-8, counted in bytes. Each link has a dot.
 */
static size_t most_units(const struct text_rule *rule, const char *text, size_t length)
{
    size_t links = 0;
    for (size_t i = 0; rule->link_units && i < length; i++)
        links += text[i] == '.';
    return length * (rule->normalised || text_counts_bytes(rule) ? 3 : 1) + links * rule->link_units;
}

bool text_surely_fits(const struct text_rule *rule, const char *text, size_t length, size_t limit)
{
    size_t most = limit ? limit : rule->limit;
    return !rule->refuses_specials && (!rule->byte_limit || length <= rule->byte_limit) &&
           (!most || most_units(rule, text, length) <= most);
}

/* Graphemes. */

size_t text_graphemes(const char *text, size_t length)
{
    struct grapheme_walk walk = {.conjuncts = true};
    size_t clusters = 0;
    uint32_t c;
    for (size_t i = 0; i < length; clusters += grapheme_begins(&walk, c))
        i += utf8_decode(text + i, length - i, &c);
    return clusters;
}

char *text_shorten(const char *text, size_t most, struct arena *arena)
{
    static const char ellipsis[] = "…";
    struct grapheme_walk walk = {.conjuncts = true};
    size_t length = strlen(text), clusters = 0, cut = 0;
    uint32_t c;
    for (size_t i = 0, size; i < length && clusters <= most; i += size) {
        size = utf8_decode(text + i, length - i, &c);
        if (!grapheme_begins(&walk, c))
            continue;
        if (++clusters == most)
            cut = i;
    }
    if (clusters <= most)
        return arena_strdup(arena, text);
    char *shortened = arena_alloc(arena, cut + sizeof ellipsis);
    memcpy(shortened, text, cut);
    if (most)
        memcpy(shortened + cut, ellipsis, sizeof ellipsis);
    return shortened;
}

static size_t count_units(const char *text, bool pairs)
{
    size_t count = 0, length = strlen(text);
    for (size_t i = 0; i < length; count++) {
        uint32_t c;
        i += utf8_decode(text + i, length - i, &c);
        count += pairs && c >= 0x10000;
    }
    return count;
}

size_t text_code_points(const char *text)
{
    return count_units(text, false);
}

size_t text_utf16(const char *text)
{
    return count_units(text, true);
}
