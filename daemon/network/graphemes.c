/*
 * See unicode.h: grapheme clusters and emoji sequences. utf8proc has UAX #29 as of Unicode 15.0; the
 * rule for Indic conjuncts came with 15.1 and stands here with the properties it needs.
 */
#include <string.h>

#include <utf8proc.h>

#include "network/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static utf8proc_propval_t boundary_class(uint32_t c)
{
    return (utf8proc_propval_t)utf8proc_get_property((utf8proc_int32_t)c)->boundclass;
}

/* Indic_Conjunct_Break=Consonant. */
static bool is_consonant(uint32_t c)
{
    static const struct unicode_range consonants[] = {
        {0x0915, 0x0939}, {0x0958, 0x095F}, {0x0978, 0x097F}, {0x0995, 0x09A8}, {0x09AA, 0x09B0},
        {0x09B2, 0x09B2}, {0x09B6, 0x09B9}, {0x09DC, 0x09DD}, {0x09DF, 0x09DF}, {0x09F0, 0x09F1},
        {0x0A95, 0x0AA8}, {0x0AAA, 0x0AB0}, {0x0AB2, 0x0AB3}, {0x0AB5, 0x0AB9}, {0x0AF9, 0x0AF9},
        {0x0B15, 0x0B28}, {0x0B2A, 0x0B30}, {0x0B32, 0x0B33}, {0x0B35, 0x0B39}, {0x0B5C, 0x0B5D},
        {0x0B5F, 0x0B5F}, {0x0B71, 0x0B71}, {0x0C15, 0x0C28}, {0x0C2A, 0x0C39}, {0x0C58, 0x0C5A},
        {0x0D15, 0x0D3A}};
    return unicode_in(consonants, COUNT(consonants), c);
}

/* Indic_Conjunct_Break=Linker: the viramas of the same scripts. */
static bool is_linker(uint32_t c)
{
    return c == 0x094D || c == 0x09CD || c == 0x0ACD || c == 0x0B4D || c == 0x0C4D || c == 0x0D4D;
}

static bool is_extend(uint32_t c)
{
    utf8proc_propval_t is = boundary_class(c);
    return c != 0x200C && (is == UTF8PROC_BOUNDCLASS_EXTEND || is == UTF8PROC_BOUNDCLASS_ZWJ);
}

/* GB9c: consonant, marks with a virama among them, consonant. */
static bool continues_conjunct(struct grapheme_walk *walk, uint32_t c)
{
    enum { NONE, CONSONANT, LINKED };
    if (c < 0x900) {
        walk->indic = is_extend(c) ? walk->indic : NONE;
        return false;
    }
    if (is_consonant(c)) {
        bool continues = walk->indic == LINKED;
        walk->indic = CONSONANT;
        return continues;
    }
    if (is_linker(c))
        walk->indic = walk->indic == NONE ? NONE : LINKED;
    else if (!is_extend(c))
        walk->indic = NONE;
    return false;
}

bool grapheme_begins(struct grapheme_walk *walk, uint32_t c)
{
    bool conjunct = walk->conjuncts && continues_conjunct(walk, c);
    bool breaks = !walk->begun || utf8proc_grapheme_break_stateful((utf8proc_int32_t)walk->previous,
                                                                   (utf8proc_int32_t)c, &walk->state);
    walk->begun = true;
    walk->previous = c;
    return breaks && !conjunct;
}

size_t grapheme_count(const uint32_t *at, size_t count, bool conjuncts)
{
    struct grapheme_walk walk = {.conjuncts = conjuncts};
    size_t clusters = 0;
    for (size_t i = 0; i < count; i++)
        clusters += grapheme_begins(&walk, at[i]);
    return clusters;
}

/* Emoji. */

enum {
    ZERO_WIDTH_JOINER = 0x200D,
    KEYCAP = 0x20E3,
    TEXT_STYLE = 0xFE0E,
    EMOJI_STYLE = 0xFE0F,
    BLACK_FLAG = 0x1F3F4,
    CANCEL_TAG = 0xE007F,
};

static bool is_regional(uint32_t c)
{
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

/* Extended_Pictographic: every emoji but digits, flags and skin tones, and what may become one. */
static bool is_pictograph(uint32_t c)
{
    return boundary_class(c) == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool takes_skin_tone(uint32_t c) /* Emoji_Modifier_Base */
{
    static const struct unicode_range bases[] = {
        {0x261D, 0x261D},   {0x26F9, 0x26F9},   {0x270A, 0x270D},   {0x1F385, 0x1F385}, {0x1F3C2, 0x1F3C4},
        {0x1F3C7, 0x1F3C7}, {0x1F3CA, 0x1F3CC}, {0x1F442, 0x1F443}, {0x1F446, 0x1F450}, {0x1F466, 0x1F478},
        {0x1F47C, 0x1F47C}, {0x1F481, 0x1F483}, {0x1F485, 0x1F487}, {0x1F48F, 0x1F48F}, {0x1F491, 0x1F491},
        {0x1F4AA, 0x1F4AA}, {0x1F574, 0x1F575}, {0x1F57A, 0x1F57A}, {0x1F590, 0x1F590}, {0x1F595, 0x1F596},
        {0x1F645, 0x1F647}, {0x1F64B, 0x1F64F}, {0x1F6A3, 0x1F6A3}, {0x1F6B4, 0x1F6B6}, {0x1F6C0, 0x1F6C0},
        {0x1F6CC, 0x1F6CC}, {0x1F90C, 0x1F90C}, {0x1F90F, 0x1F90F}, {0x1F918, 0x1F91F}, {0x1F926, 0x1F926},
        {0x1F930, 0x1F939}, {0x1F93C, 0x1F93E}, {0x1F977, 0x1F977}, {0x1F9B5, 0x1F9B6}, {0x1F9B8, 0x1F9B9},
        {0x1F9BB, 0x1F9BB}, {0x1F9CD, 0x1F9CF}, {0x1F9D1, 0x1F9DD}, {0x1FAC3, 0x1FAC5}, {0x1FAF0, 0x1FAF8}};
    return unicode_in(bases, COUNT(bases), c);
}

/* Regions that have a flag: ISO 3166-1 and the exceptions of RGI_Emoji_Flag_Sequence; sorted. */
static bool is_flag(uint32_t first, uint32_t second)
{
    static const char regions[] =
        "ACADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCO"
        "CPCRCUCVCWCXCYCZDEDGDJDKDMDODZEAECEEEGEHERESETEUFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHK"
        "HMHNHRHTHUICIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMK"
        "MLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASB"
        "SCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTATCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUNUSUYUZVAVCVEVGVIVNVU"
        "WFWSXKYEYTZAZMZW";
    char a = (char)('A' + (first - 0x1F1E6)), b = (char)('A' + (second - 0x1F1E6));
    for (size_t i = 0; i + 1 < sizeof regions; i += 2)
        if (regions[i] == a && regions[i + 1] == b)
            return true;
    return false;
}

static size_t flag_sequence(const uint32_t *at, size_t count)
{
    return count > 1 && is_regional(at[0]) && is_regional(at[1]) && is_flag(at[0], at[1]) ? 2 : 0;
}

static size_t keycap_sequence(const uint32_t *at, size_t count)
{
    if (!ascii_is_digit(at[0]) && at[0] != '#' && at[0] != '*')
        return 0;
    size_t i = count > 1 && at[1] == EMOJI_STYLE ? 2 : 1;
    return i < count && at[i] == KEYCAP ? i + 1 : 0;
}

/* England, Scotland, Wales: a black flag and the region spelt in tags. */
static size_t tag_sequence(const uint32_t *at, size_t count)
{
    static const char *const regions[] = {"gbeng", "gbsct", "gbwls"};
    enum { LETTERS = 5 };
    if (at[0] != BLACK_FLAG || count < LETTERS + 2 || at[LETTERS + 1] != CANCEL_TAG)
        return 0;
    for (size_t r = 0; r < COUNT(regions); r++) {
        size_t same = 0;
        while (same < LETTERS && at[same + 1] == 0xE0000u + (unsigned char)regions[r][same])
            same++;
        if (same == LETTERS)
            return LETTERS + 2;
    }
    return 0;
}

static bool needs_emoji_style(uint32_t c)
{
    return c == 0xA9 || c == 0xAE || c == 0x2122 || c == 0x265F;
}

static size_t emoji_element(const uint32_t *at, size_t count)
{
    if (!count || !is_pictograph(at[0]))
        return 0;
    uint32_t next = count > 1 ? at[1] : 0;
    if (next == EMOJI_STYLE)
        return 2;
    if (next == TEXT_STYLE || needs_emoji_style(at[0]))
        return 0;
    return next >= 0x1F3FB && next <= 0x1F3FF && takes_skin_tone(at[0]) ? 2 : 1;
}

/* Any joined emoji are taken for one: the list of those that fonts have grows every year. */
static size_t joined_sequence(const uint32_t *at, size_t count)
{
    size_t length = emoji_element(at, count);
    while (length && length + 1 < count && at[length] == ZERO_WIDTH_JOINER) {
        size_t more = emoji_element(at + length + 1, count - length - 1);
        if (!more)
            break;
        length += 1 + more;
    }
    return length;
}

size_t emoji_sequence(const uint32_t *at, size_t count)
{
    static size_t (*const kinds[])(const uint32_t *, size_t) = {keycap_sequence, flag_sequence, tag_sequence,
                                                                joined_sequence};
    size_t length = 0;
    if (count && at[0] < 0x80 && (count == 1 || at[1] < 0x80))
        return 0; /* most texts, most of the time */
    for (size_t i = 0; count && !length && i < COUNT(kinds); i++)
        length = kinds[i](at, count);
    return length;
}
