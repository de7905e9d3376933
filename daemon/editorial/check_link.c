/* See check_rules.h: where a post leads to. Whether anybody answers there is check_online.c's. */
#include <string.h>

#include "editorial/check_rules.h"
#include "editorial/link.h"

/* ---- finding them ---- */

static size_t find_in(struct checking *c, const struct piece_of_text *in, struct link_found **urls, size_t count)
{
    size_t end;
    for (size_t at = 0; link_next(in->text, &at, &end); at = end)
        *arena_push(c->arena, *urls, count) =
            (struct link_found){in, arena_strndup(c->arena, in->text + at, end - at), at, end};
    return count;
}

size_t checking_links(struct checking *c, struct link_found **ret_urls)
{
    size_t count = 0;
    *ret_urls = NULL;
    for (size_t i = 0; i < c->piece_count; i++)
        if (c->pieces[i].kind != PIECE_ALT && c->pieces[i].kind != PIECE_TAG)
            count = find_in(c, &c->pieces[i], ret_urls, count);
    return count;
}

#define FOUND_URL(url, ...) FOUND(.in = (url)->in, .start = (url)->start, .end = (url)->end, __VA_ARGS__)

/* ---- the site ---- */

static bool is_ours(struct checking *c, const char *url)
{
    return c->charter->site && link_is_of(url, c->charter->site);
}

/* The site's host, without "www.", anywhere in the post is enough: networks make links of bare names. */
void check_link_to_site(struct checking *c)
{
    if (!c->charter->site)
        return;
    size_t length;
    const char *host = link_host(c->charter->site, &length), *name = arena_strndup(c->arena, host, length);
    for (size_t i = 0; i < c->piece_count; i++)
        if (strcasestr(c->pieces[i].text, name))
            return;
    check_found(c, FOUND(.remedy = "add one, in the text or as 'link'"), "no link to the site %s",
                c->charter->site);
}

void check_link_https(struct checking *c)
{
    struct link_found *urls;
    size_t count = checking_links(c, &urls);
    for (size_t i = 0; i < count; i++)
        if (!strncasecmp(urls[i].text, "http:", 5))
            check_found(c, FOUND_URL(&urls[i], .remedy = "write https://, if the site has it"),
                        "'%s' is not encrypted", urls[i].text);
}

/* ---- parameters ---- */

/* What networks and newsletters hang on a link to follow who clicked it: personal, and dead weight for
 * anybody else. */
static const char *const junk[] = {
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "li_fat_id",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "vero_id",
    "oly_enc_id",
    "oly_anon_id",
    "wickedid",
    "ref_src",
    "__twitter_impression",
    "sc_cid",
    "epik",
};

static void found_junk(struct checking *c, const struct link_found *url, const char *name)
{
    check_found(c, FOUND_URL(url, .remedy = "take the parameter away"),
                "'%s' carries the tracking parameter '%s'", url->text, name);
}

/* Campaign parameters on somebody else's site came along when the link was copied. */
void check_link_tracking(struct checking *c)
{
    struct link_found *urls;
    size_t count = checking_links(c, &urls), value;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sizeof junk / sizeof *junk; k++)
            if (link_has_parameter(urls[i].text, junk[k], &value))
                found_junk(c, &urls[i], junk[k]);
        for (size_t k = 0; k < c->setting.words.count; k++)
            if (link_has_parameter(urls[i].text, c->setting.words.items[k], &value))
                found_junk(c, &urls[i], c->setting.words.items[k]);
        if (c->charter->site && !is_ours(c, urls[i].text) &&
            link_has_parameter(urls[i].text, "utm_*", &value))
            found_junk(c, &urls[i], "utm_…");
    }
}

void check_link_campaign(struct checking *c)
{
    static const char *const usual[] = {"utm_source", "utm_medium", "utm_campaign"};
    struct names wanted = c->setting.words;
    if (!wanted.count && !c->setting.add_count)
        wanted = (struct names){usual, sizeof usual / sizeof *usual};
    struct link_found *urls;
    size_t count = checking_links(c, &urls), value = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; is_ours(c, urls[i].text) && k < wanted.count; k++)
            if (!link_has_parameter(urls[i].text, wanted.items[k], &value) || !value)
                check_found(c, FOUND_URL(&urls[i], .remedy = "add it, so that visits can be told apart"),
                            "'%s' has no '%s'", urls[i].text, wanted.items[k]);
}
