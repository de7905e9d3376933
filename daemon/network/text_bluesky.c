/*
 * Links, mentions and hashtags as Bluesky's own client finds them (packages/api/src/rich-text of
 * bluesky-social/atproto): its servers find none, the client sends them as facets.
 *
 * Stricter than that client where it makes facets that the servers then refuse with the whole post:
 * a link without a host, a hashtag over 640 bytes. A domain that merely begins with "http" is given
 * its scheme like any other.
 */
#include "base/utf8.h"
#include "network/text_scan.h"
#include "network/unicode.h"

enum { MOST_TAG = 64, MOST_TAG_BYTES = 640, MOST_TICKER = 5 };

/* \s of JavaScript. */
static bool is_space(uint32_t c)
{
    return c == 0xFEFF || (c != 0x85 && unicode_is_space(c));
}

static bool is_word(uint32_t c) /* \w */
{
    return ascii_is_alnum(c) || c == '_';
}

static size_t skip_to_space(const struct text_scan *scan, size_t i)
{
    while (i < scan->count && !is_space(scan->at[i]))
        i++;
    return i;
}

/* At the beginning, after a space or after '('. */
static bool begins_token(const struct text_scan *scan, size_t i)
{
    return i == 0 || is_space(scan->at[i - 1]) || scan->at[i - 1] == '(';
}

/* Whether at[start..end) ends with '.' and a top-level domain in lower case; an encoded one is not in
 * the client's list. */
static bool is_domain(struct text_scan *scan, size_t start, size_t end)
{
    size_t label = end;
    for (; label > start && scan->at[label - 1] >= 'a' && scan->at[label - 1] <= 'z'; label--)
        ;
    return label > start + 1 && scan->at[label - 1] == '.' && domain_is_top(scan, label, end);
}

static bool at_text(const struct text_scan *scan, size_t i, const char *text)
{
    for (; *text; i++, text++)
        if (scan->at[i] != (unsigned char)*text)
            return false;
    return true;
}

static size_t scheme_end(const struct text_scan *scan, size_t i)
{
    return at_text(scan, i, "http://") ? i + 7 : at_text(scan, i, "https://") ? i + 8 : i;
}

/* [a-z][a-z0-9]*(\.[a-z0-9]+)+ */
static size_t bare_domain_end(const struct text_scan *scan, size_t start)
{
    size_t end = 0, i = start;
    if (!ascii_is_letter(scan->at[i]))
        return 0;
    for (;; i++) {
        size_t label = i;
        while (ascii_is_alnum(scan->at[i]))
            i++;
        if (i == label)
            return end;
        end = label > start ? i : 0;
        if (scan->at[i] != '.')
            return end;
    }
}

static bool has_open_parenthesis(const struct text_scan *scan, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++)
        if (scan->at[i] == '(')
            return true;
    return false;
}

/* One mark of punctuation goes, then one ')' that nothing opened. */
static size_t without_punctuation(const struct text_scan *scan, size_t start, size_t end)
{
    uint32_t last = scan->at[end - 1];
    if (last == '.' || last == ',' || last == ';' || last == ':' || last == '!' || last == '?')
        end--;
    if (end > start && scan->at[end - 1] == ')' && !has_open_parenthesis(scan, start, end))
        end--;
    return end;
}

static void add_link(struct text_scan *scan, size_t start, size_t end)
{
    size_t scheme = scheme_end(scan, start);
    if (scheme == start) {
        size_t domain = bare_domain_end(scan, start);
        if (!domain || !is_domain(scan, start, domain))
            return;
    }
    end = without_punctuation(scan, start, end);
    if (scheme >= end || (scheme > start && scan->at[scheme] == '/'))
        return;
    text_found(scan, ENTITY_LINK, start, end, 0)->lacks_scheme = scheme == start;
}

/* Whether a link of either form begins here; both go on to the next space. */
static bool reads_as_link(const struct text_scan *scan, size_t i)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t s = 0; s < 2; s++) {
        size_t k = 0;
        while (schemes[s][k] && (scan->at[i + k] | (ascii_is_letter(scan->at[i + k]) ? 0x20 : 0)) ==
                                    (unsigned char)schemes[s][k])
            k++;
        if (!schemes[s][k] && i + k < scan->count && !is_space(scan->at[i + k]))
            return true;
    }
    return bare_domain_end(scan, i) > 0;
}

void links_bluesky(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count;) {
        if (!begins_token(scan, i) || !reads_as_link(scan, i)) {
            i++;
            continue;
        }
        size_t end = skip_to_space(scan, i);
        add_link(scan, i, end);
        i = end;
    }
}

/* End of the handle at start: letters, digits, '.' and '-', back to where a word begins or ends. */
static size_t handle_end(const struct text_scan *scan, size_t start)
{
    size_t end = start;
    while (ascii_is_alnum(scan->at[end]) || scan->at[end] == '.' || scan->at[end] == '-')
        end++;
    while (end > start && is_word(scan->at[end - 1]) == is_word(scan->at[end]))
        end--;
    return end;
}

/* ".test" is reserved (RFC 6761), and the client takes it for the sake of test servers. */
static bool is_handle(struct text_scan *scan, size_t start, size_t end)
{
    return ascii_is_alnum(scan->at[start]) &&
           ((end - start > 5 && at_text(scan, end - 5, ".test")) || is_domain(scan, start, end));
}

void mentions_bluesky(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (scan->at[i] != '@' || !begins_token(scan, i))
            continue;
        size_t end = handle_end(scan, i + 1);
        if (end > i + 1 && is_handle(scan, i + 1, end))
            text_found(scan, ENTITY_MENTION, i, end, 1);
    }
}

static bool is_invisible(uint32_t c)
{
    return c == 0xAD || c == 0x2060 || (c >= 0x200A && c <= 0x200D) || c == 0x20E2;
}

static size_t tag_bytes(const struct text_scan *scan, size_t start, size_t end)
{
    char ignored[4];
    size_t bytes = 0;
    for (size_t i = start; i < end; i++)
        bytes += utf8_encode(scan->at[i], ignored);
    return bytes;
}

/* Reads the tag after the sign at i and returns where to go on. It needs one character that is neither
 * a digit nor punctuation; U+FE0F first makes the sign an emoji. */
static size_t read_tag(struct text_scan *scan, size_t i)
{
    size_t start = i + 1, end = start;
    bool proper = false;
    for (; end < scan->count && !is_space(scan->at[end]) && !is_invisible(scan->at[end]); end++)
        proper = proper || !(ascii_is_digit(scan->at[end]) || unicode_is_punctuation(scan->at[end]));
    if (!proper || scan->at[start] == 0xFE0F)
        return start;
    size_t next = end;
    while (end > start && unicode_is_punctuation(scan->at[end - 1]))
        end--;
    if (tag_bytes(scan, start, end) <= MOST_TAG_BYTES &&
        grapheme_count(scan->at + start, end - start, true) <= MOST_TAG)
        text_found(scan, ENTITY_HASHTAG, i, end, 1);
    return next;
}

/* "$BSKY" becomes a tag with its '$'. */
static size_t read_ticker(struct text_scan *scan, size_t i)
{
    size_t end = i + 1;
    if (!ascii_is_letter(scan->at[end]))
        return i + 1;
    while (end - i <= MOST_TICKER && ascii_is_alnum(scan->at[end]))
        end++;
    uint32_t next = scan->at[end];
    bool ends = end == scan->count || is_space(next) || next == 0x2019 ||
                (next < 0x80 && next &&
                 (next == '.' || next == ',' || next == ';' || next == ':' || next == '!' || next == '?' ||
                  next == ')' || next == '"' || next == '\''));
    if (ends)
        text_found(scan, ENTITY_HASHTAG, i, end, 0)->upper = true;
    return end;
}

void hashtags_bluesky(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count;) {
        uint32_t c = scan->at[i];
        bool spaced = i == 0 || is_space(scan->at[i - 1]);
        if ((c == '#' || c == 0xFF03) && spaced)
            i = read_tag(scan, i);
        else if (c == '$' && begins_token(scan, i))
            i = read_ticker(scan, i);
        else
            i++;
    }
}
