/*
 * The rules, one row a network. Nothing else knows a network by name.
 *
 * Where the network does not say what a "character" is, UTF-16 units are taken: no other count but
 * that of bytes is higher, so a text that fits here is not refused there. Where it says nothing of a
 * limit there is none, and what people see as characters is counted.
 */
#include <string.h>

#include "base/utf8.h"
#include "network/text_rules.h"
#include "network/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static size_t count_graphemes(const uint32_t *at, size_t count)
{
    return grapheme_count(at, count, true);
}

static size_t count_graphemes_15_0(const uint32_t *at, size_t count)
{
    return grapheme_count(at, count, false);
}

static size_t count_code_points(const uint32_t *at, size_t count)
{
    (void)at;
    return count;
}

static size_t count_utf16(const uint32_t *at, size_t count)
{
    size_t units = count;
    for (size_t i = 0; i < count; i++)
        units += at[i] >= 0x10000;
    return units;
}

static size_t count_bytes(const uint32_t *at, size_t count)
{
    char ignored[4];
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += utf8_encode(at[i], ignored);
    return bytes;
}

static const struct text_unit GRAPHEMES = {"graphemes", count_graphemes};
/* Ruby's clusters, in which each consonant of an Indic conjunct is one. */
static const struct text_unit GRAPHEMES_15_0 = {"graphemes", count_graphemes_15_0};
static const struct text_unit CODE_POINTS = {"code points", count_code_points};
static const struct text_unit UTF16 = {"UTF-16 units", count_utf16};
static const struct text_unit BYTES = {"bytes", count_bytes};
static const struct text_unit WEIGHTED = {"weighted units", count_weighted};
static const struct text_unit THREADS = {"characters (an emoji counts its bytes)", count_threads};

/* Links with a scheme are found as Mastodon does, everywhere but where the network has its own way. */
#define PLAIN_LINKS [ENTITY_LINK] = links_mastodon
#define MENTIONS(how) [ENTITY_MENTION] = mentions_##how
#define HASHTAGS(how) [ENTITY_HASHTAG] = hashtags_##how

static const struct text_rule text_rules[] = {
    /* sorted by name */
    {.name = "bluesky", /* app.bsky.feed.post: maxGraphemes, maxLength */
     .unit = &GRAPHEMES,
     .limit = 300,
     .byte_limit = 3000,
     .finders = {[ENTITY_LINK] = links_bluesky, MENTIONS(bluesky), HASHTAGS(bluesky)}},
    {.name = "devto", /* body_markdown, about */
     .unit = &BYTES,
     .limit = 800000,
     .finders = {PLAIN_LINKS, MENTIONS(at)}},
    {.name = "discord", /* content; the docs' "characters" are read as code points */
     .unit = &CODE_POINTS,
     .limit = 2000,
     .trimmed = true,
     .finders = {PLAIN_LINKS, MENTIONS(angle)}},
    {.name = "discourse", /* max_post_length, default */
     .unit = &CODE_POINTS,
     .limit = 32000,
     .finders = {PLAIN_LINKS, MENTIONS(at)}},
    {.name = "email", .unit = &GRAPHEMES, .finders = {PLAIN_LINKS}},
    {.name = "facebook", /* message; folklore, not documented */
     .unit = &UTF16,
     .limit = 63206,
     .finders = {PLAIN_LINKS, HASHTAGS(words)}},
    {.name = "feed", .unit = &GRAPHEMES, .finders = {PLAIN_LINKS}},
    {.name = "files", .unit = &GRAPHEMES, .finders = {PLAIN_LINKS}},
    {.name = "ghost", .unit = &GRAPHEMES, .finders = {PLAIN_LINKS}},
    {.name = "instagram", /* caption; links in it are not links */
     .unit = &UTF16,
     .limit = 2200,
     .finders = {MENTIONS(at), HASHTAGS(words)}},
    {.name = "lemmy", /* body of a post; Unicode scalar values */
     .unit = &CODE_POINTS,
     .limit = 50000,
     .finders = {PLAIN_LINKS, MENTIONS(at_host)}},
    {.name = "linkedin", /* commentary; unit unconfirmed */
     .unit = &UTF16,
     .limit = 3000,
     .finders = {PLAIN_LINKS, MENTIONS(linkedin), HASHTAGS(words)}},
    {.name = "mastodon", /* StatusLengthValidator; a server may set another limit */
     .unit = &GRAPHEMES_15_0,
     .limit = 500,
     .link_units = 23,
     .mention_without_host = true,
     .finders = {[ENTITY_LINK] = links_mastodon, MENTIONS(mastodon), HASHTAGS(mastodon)}},
    {.name = "matrix", /* the whole event has 65536 bytes; this leaves room for the rest of it */
     .unit = &BYTES,
     .limit = 60000,
     .finders = {PLAIN_LINKS, MENTIONS(matrix)}},
    {.name = "medium", .unit = &GRAPHEMES, .finders = {PLAIN_LINKS}},
    {.name = "micropub", .unit = &GRAPHEMES, .finders = {PLAIN_LINKS}},
    {.name = "nodebb", /* maximumPostLength, default; length of a JavaScript string */
     .unit = &UTF16,
     .limit = 32767,
     .finders = {PLAIN_LINKS, MENTIONS(at)}},
    {.name = "nostr", /* each relay states its own max_content_length, in code points */
     .unit = &CODE_POINTS,
     .finders = {PLAIN_LINKS, MENTIONS(nostr), HASHTAGS(words)}},
    {.name = "pinterest", /* description; unit unconfirmed */
     .unit = &UTF16,
     .limit = 800,
     .finders = {HASHTAGS(words)}},
    {.name = "reddit", /* text of a self post */
     .unit = &UTF16,
     .limit = 40000,
     .finders = {PLAIN_LINKS, MENTIONS(reddit)}},
    {.name = "slack", /* longer texts are cut */
     .unit = &UTF16,
     .limit = 40000,
     .finders = {PLAIN_LINKS, MENTIONS(angle)}},
    {.name = "snapchat", /* description of a Spotlight */
     .unit = &UTF16,
     .limit = 160,
     .finders = {HASHTAGS(words)}},
    {.name = "telegram", /* a message; counted once markup is parsed */
     .unit = &UTF16,
     .limit = 4096,
     .finders = {PLAIN_LINKS, MENTIONS(plain), HASHTAGS(words)}},
    {.name = "threads",
     .unit = &THREADS,
     .limit = 500,
     .finders = {PLAIN_LINKS, MENTIONS(at), HASHTAGS(words)}},
    {.name = "tiktok", /* title of a video */
     .unit = &UTF16,
     .limit = 2200,
     .finders = {MENTIONS(at), HASHTAGS(words)}},
    {.name = "tumblr", /* one text block */
     .unit = &CODE_POINTS,
     .limit = 4096,
     .finders = {PLAIN_LINKS}},
    {.name = "webhook", .unit = &GRAPHEMES, .finders = {PLAIN_LINKS}},
    {.name = "wordpress", .unit = &GRAPHEMES, .finders = {PLAIN_LINKS}},
    {.name = "x", /* twitter-text, config v3 */
     .unit = &WEIGHTED,
     .limit = 280,
     .link_units = 23,
     .normalised = true,
     .refuses_specials = true,
     .finders = {[ENTITY_LINK] = links_x, MENTIONS(x), HASHTAGS(x)}},
    {.name = "youtube", /* description */
     .unit = &BYTES,
     .limit = 5000,
     .finders = {PLAIN_LINKS, HASHTAGS(words)}},
};

const struct text_rule *text_rule_find(const char *network)
{
    for (size_t i = 0; i < COUNT(text_rules); i++)
        if (strcmp(text_rules[i].name, network) == 0)
            return &text_rules[i];
    return NULL;
}

const char *const *text_rule_names(size_t *ret_count)
{
    static const char *names[COUNT(text_rules)];
    for (size_t i = 0; i < COUNT(text_rules); i++)
        names[i] = text_rules[i].name; /* always the same values: harmless from any thread */
    *ret_count = COUNT(text_rules);
    return names;
}

bool text_counts_bytes(const struct text_rule *rule)
{
    return rule->unit == &BYTES;
}

const char *text_rule_unit(const struct text_rule *rule)
{
    return rule->unit->name;
}
