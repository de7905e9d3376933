/*
 * Links as twitter-text finds them (X), and Mastodon, which has its own idea of paths and queries.
 *
 * Both are regular expressions there: a character that may stand before a link, an optional scheme, a
 * domain with a top-level domain that exists, port, path, query. Here they are read in one pass that
 * never goes back more than a bounded number of times. twitter-text: js/src/regexp/extractUrl.js and
 * extractUrlsWithIndices.js; Mastodon: config/initializers/twitter_regex.rb.
 */
#include <string.h>

#include "network/text_scan.h"
#include "network/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { MOST_URL = 4096, MOST_TCO_SLUG = 40 };

struct link_style {
    bool bare;                 /* links without a scheme count too */
    const char *not_in_domain; /* ASCII that no label has; '.', '_' and '-' are apart */
    bool (*in_path)(uint32_t c);
    bool (*ends_path)(uint32_t c);
    bool (*in_query)(uint32_t c);
    bool (*ends_query)(uint32_t c);
    bool query_after_tco;       /* t.co/slug may have a query */
    bool parentheses_after_any; /* "(…)" may end a path whatever stands before it, not only where the
                                   path could end anyway */
};

/* A link that was read: the parts that decide what becomes of it. */
struct link {
    size_t start, domain, domain_end, path_end, end;
    bool scheme, path;
};

struct reader {
    struct text_scan *scan;
    const struct link_style *style;
    bool ascii_label[0x80]; /* what a label has besides '-' and '_' */
    /* What was last asked for, for the next start is usually in the same label: the run of label
     * characters, one after the last '_' in it (0: none), the top-level domain. */
    size_t run_start, run_end, run_underscore;
    size_t top_start, top_end;
    /* From these dots no further label leads to a top-level domain: [from, to). */
    size_t barren_from, barren_to;
};

static bool is_one_of(uint32_t c, const char *set)
{
    return c < 0x80 && c && strchr(set, (int)c);
}

static bool is_directional(uint32_t c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

static bool is_invalid(uint32_t c)
{
    return c == 0xFFFE || c == 0xFEFF || c == 0xFFFF;
}

static bool may_precede(uint32_t c)
{
    return !ascii_is_alnum(c) && c != '@' && c != '$' && c != '#' && c != 0xFF20 && c != 0xFF03 &&
           !is_invalid(c);
}

/* The domain. */

static bool in_label(const struct reader *reader, uint32_t c)
{
    if (c < 0x80)
        return reader->ascii_label[c];
    return !unicode_is_space(c) && c != 0x180E && !is_directional(c) && !is_invalid(c);
}

static bool in_run(const struct reader *reader, uint32_t c)
{
    return c == '-' || c == '_' || in_label(reader, c);
}

static size_t run_end(struct reader *reader, size_t start)
{
    if (start >= reader->run_start && start < reader->run_end)
        return reader->run_end;
    const struct text_scan *scan = reader->scan;
    size_t end = start;
    reader->run_underscore = 0;
    for (; end < scan->count && in_run(reader, scan->at[end]); end++)
        if (scan->at[end] == '_')
            reader->run_underscore = end + 1;
    reader->run_start = start;
    reader->run_end = end;
    return end;
}

static size_t top_end(struct reader *reader, size_t start)
{
    if (reader->top_start != start) {
        reader->top_start = start;
        reader->top_end = domain_top_end(reader->scan, start);
    }
    return reader->top_end;
}

/* The dot after the label that begins at start, or 0: it neither begins nor ends with '-' or '_'. */
static size_t label_dot(struct reader *reader, size_t start)
{
    const struct text_scan *scan = reader->scan;
    if (start >= scan->count || !in_label(reader, scan->at[start]))
        return 0;
    size_t dot = run_end(reader, start);
    return scan->at[dot] == '.' && in_label(reader, scan->at[dot - 1]) ? dot : 0;
}

/* End of the longest domain that begins at start, or 0. The label before the top-level one has no '_'. */
static size_t domain_end(struct reader *reader, size_t start)
{
    size_t end = 0, fertile = 0, last = 0;
    bool barren = false;
    for (size_t label = start, dot; !barren && (dot = label_dot(reader, label)); label = dot + 1) {
        size_t top = reader->run_underscore > label ? 0 : top_end(reader, dot + 1);
        end = top ? top : end;
        fertile = top || !fertile ? dot : fertile; /* the last that led to one, or the first at all */
        last = dot;
        barren = dot >= reader->barren_from && dot < reader->barren_to;
    }
    if (last) {
        reader->barren_to = barren ? reader->barren_to : last + 1;
        reader->barren_from = fertile;
    }
    return end;
}

/* Path and query. */

static size_t path_run(const struct reader *reader, size_t i)
{
    while (i < reader->scan->count && reader->style->in_path(reader->scan->at[i]))
        i++;
    return i;
}

/* "(film)" and "(a_(b)_c)": one level within another, not more. End of it or 0. */
static size_t balanced_end(const struct reader *reader, size_t open)
{
    const uint32_t *at = reader->scan->at;
    size_t i = path_run(reader, open + 1);
    if (at[i] == '(') {
        size_t inner = path_run(reader, i + 1);
        if (inner == i + 1 || at[inner] != ')')
            return 0;
        i = path_run(reader, inner + 1);
    } else if (i == open + 1) {
        return 0;
    }
    return at[i] == ')' ? i + 1 : 0;
}

/* From the '/' at start to the last character a path may end with; at least the '/'. */
static size_t path_end(const struct reader *reader, size_t start)
{
    const struct text_scan *scan = reader->scan;
    size_t end = start + 1;
    for (size_t i = end; i < scan->count;) {
        size_t balanced = scan->at[i] == '(' ? balanced_end(reader, i) : 0;
        if (balanced) {
            end = end == i || reader->style->parentheses_after_any ? balanced : end;
            i = balanced;
        } else if (!reader->style->in_path(scan->at[i])) {
            break;
        } else if (reader->style->ends_path(scan->at[i++])) {
            end = i;
        }
    }
    return end;
}

/* From the '?' at start; start itself if there is no query. */
static size_t query_end(const struct reader *reader, size_t start)
{
    const struct text_scan *scan = reader->scan;
    size_t end = start;
    if (scan->at[start] != '?')
        return start;
    for (size_t i = start + 1; i < scan->count && reader->style->in_query(scan->at[i]); i++)
        if (reader->style->ends_query(scan->at[i]))
            end = i + 1;
    return end;
}

static size_t port_end(const struct text_scan *scan, size_t start)
{
    size_t end = start;
    if (scan->at[start] != ':')
        return start;
    while (ascii_is_digit(scan->at[end + 1]))
        end++;
    return end > start ? end + 1 : start;
}

static bool matches(const struct text_scan *scan, size_t start, const char *lower)
{
    for (size_t i = 0; lower[i]; i++) {
        uint32_t c = scan->at[start + i]; /* ends at the 0 after the text at the latest */
        if ((ascii_is_letter(c) ? c | 0x20 : c) != (unsigned char)lower[i])
            return false;
    }
    return true;
}

static size_t scheme_end(const struct text_scan *scan, size_t start)
{
    return matches(scan, start, "http://") ? start + 7 : matches(scan, start, "https://") ? start + 8 : start;
}

static bool read_link(struct reader *reader, size_t start, struct link *ret_link)
{
    const struct text_scan *scan = reader->scan;
    struct link link = {.start = start, .domain = scheme_end(scan, start)};
    link.scheme = link.domain > start;
    link.domain_end = domain_end(reader, link.domain);
    if (!link.domain_end)
        return false;
    size_t port = port_end(scan, link.domain_end);
    link.path = scan->at[port] == '/';
    link.path_end = link.path ? path_end(reader, port) : port;
    link.end = query_end(reader, link.path_end);
    *ret_link = link;
    return true;
}

/* What becomes of it. */

static size_t utf16_units(const uint32_t *at, size_t start, size_t end)
{
    size_t units = 0;
    for (size_t i = start; i < end; i++)
        units += at[i] >= 0x10000 ? 2 : 1;
    return units;
}

static bool link_is_valid(struct text_scan *scan, const struct link *link)
{
    size_t scheme = link->scheme ? link->domain - link->start : sizeof "https://" - 1;
    return scheme + utf16_units(scan->at, link->start, link->end) <= MOST_URL &&
           domain_fits_dns(scan, link->domain, link->domain_end);
}

/* X's own short links end with their slug. 0: not a link after all. */
static size_t tco_end(const struct reader *reader, const struct link *link)
{
    const struct text_scan *scan = reader->scan;
    size_t slug = link->domain + sizeof "t.co/" - 1, end = slug;
    if (!matches(scan, link->domain, "t.co/"))
        return link->end;
    while (ascii_is_alnum(scan->at[end]))
        end++;
    if (end == slug)
        return link->end;
    if (end - slug > MOST_TCO_SLUG)
        return 0;
    return reader->style->query_after_tco ? query_end(reader, end) : end;
}

static void add_with_scheme(struct reader *reader, const struct link *link)
{
    size_t end = tco_end(reader, link);
    if (end)
        text_found(reader->scan, ENTITY_LINK, link->start, end, 0);
}

/* Of a name without a scheme only the ASCII domains in it are links; the last has the path, if any. */
static void add_bare(struct reader *reader, const struct link *link)
{
    struct text_scan *scan = reader->scan;
    struct found *last = NULL;
    if (!reader->style->bare || (link->start > 0 && is_one_of(scan->at[link->start - 1], "-_./")))
        return;
    for (size_t from = link->start, start = 0, end;
         (end = domain_ascii(scan, from, link->domain_end, &start)); from = end)
        last = text_found(scan, ENTITY_LINK, start, end, 0);
    if (last && link->path)
        last->end = link->end;
}

static void find_links(struct text_scan *scan, const struct link_style *style)
{
    struct reader reader = {.scan = scan, .style = style};
    struct link link;
    memset(reader.ascii_label + 0x21, true, 0x7F - 0x21);
    for (const char *c = style->not_in_domain; *c; c++)
        reader.ascii_label[(unsigned char)*c] = false;
    for (size_t i = 0; i < scan->count;) {
        bool found = may_precede(scan->at[i]) && read_link(&reader, i + 1, &link);
        if (!found && i == 0)
            found = read_link(&reader, 0, &link);
        if (!found) {
            i++;
            continue;
        }
        if (link_is_valid(scan, &link))
            (link.scheme ? add_with_scheme : add_bare)(&reader, &link);
        i = link.end;
    }
}

/* X. */

static bool is_cyrillic(uint32_t c)
{
    return c >= 0x400 && c <= 0x4FF;
}

static bool x_in_path(uint32_t c)
{
    return ascii_is_alnum(c) || is_one_of(c, "!*';:=+,.$/%#[]-_~@|&") || c == 0x2013 || is_cyrillic(c) ||
           is_latin_accent(c);
}

static bool x_ends_path(uint32_t c)
{
    return ascii_is_alnum(c) || is_one_of(c, "+-=_#/") || is_cyrillic(c) || is_latin_accent(c);
}

static bool x_in_query(uint32_t c)
{
    return ascii_is_alnum(c) || is_one_of(c, "!?*'@();:&=+$/%#[]-_.,~|");
}

static bool x_ends_query(uint32_t c)
{
    return ascii_is_alnum(c) || is_one_of(c, "-_&=#/");
}

void links_x(struct text_scan *scan)
{
    static const struct link_style style = {.bare = true,
                                            .not_in_domain = "!'#%&()*+,\\-./:;<=>?@[]^_{|}~$",
                                            .in_path = x_in_path,
                                            .ends_path = x_ends_path,
                                            .in_query = x_in_query,
                                            .ends_query = x_ends_query,
                                            .query_after_tco = true};
    find_links(scan, &style);
}

/* Mastodon. */

static bool mastodon_in_path(uint32_t c)
{
    return !unicode_is_space(c) && !is_one_of(c, "<>()?");
}

static bool mastodon_ends_path(uint32_t c)
{
    return mastodon_in_path(c) && !is_one_of(c, "!*\"';:=,.$%[]~&|@") && c != 0x300C && c != 0x300D;
}

/* ucschar and iprivate of RFC 3987, as Mastodon has them. */
static bool is_iri_char(uint32_t c)
{
    static const struct unicode_range chars[] = {{0xA0, 0xD7FF}, {0xE000, 0xFDCF}, {0xFDF0, 0xFFEF}};
    if (c < 0x10000)
        return c >= 0xA0 && unicode_in(chars, COUNT(chars), c);
    return (c & 0xFFFF) < 0xFFFE && (c < 0xE0000 || c >= 0xE1000);
}

static bool mastodon_in_query(uint32_t c)
{
    return x_in_query(c) || c == '^' || is_iri_char(c);
}

static bool mastodon_ends_query(uint32_t c)
{
    return x_ends_query(c) || is_iri_char(c);
}

void links_mastodon(struct text_scan *scan)
{
    static const struct link_style style = {.not_in_domain = "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~",
                                            .parentheses_after_any = true,
                                            .in_path = mastodon_in_path,
                                            .ends_path = mastodon_ends_path,
                                            .in_query = mastodon_in_query,
                                            .ends_query = mastodon_ends_query};
    find_links(scan, &style);
}
