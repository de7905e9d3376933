/*
 * The HTML pages of syndication.h: landmarks, one h1, headings in order, a skip link, alt texts, light and
 * dark, readable without the style. No script.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "network/syndication.h"

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{margin:0 auto;padding:1rem;max-width:42rem;font:1.05rem/1.6 system-ui,sans-serif;"
    "color:#1a1a1a;background:#fff;overflow-wrap:break-word}"
    "a{color:#0645ad}a:focus-visible{outline:3px solid currentColor;outline-offset:2px}"
    ".skip{position:absolute;left:-99rem}.skip:focus{position:static}"
    "article{border-top:1px solid #888;padding:1rem 0}h2{line-height:1.25;margin:.25rem 0}"
    "time,footer{color:#555;font-size:.9rem}img{max-width:100%;height:auto}figure{margin:1rem 0}"
    "pre{overflow-x:auto}ul.tags{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.75rem;color:#555}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#16181c}a{color:#9ecbff}"
    "time,footer,ul.tags{color:#b5b5b5}}";

const char *syndication_policy(struct arena *arena)
{
    char hex[SHA256_HEX];
    unsigned char bytes[32];
    sha256_hex(style, strlen(style), hex);
    for (size_t i = 0; i < sizeof bytes; i++)
        sscanf(hex + 2 * i, "%2hhx", &bytes[i]);
    struct buf hash = {0};
    buf_add_base64(&hash, bytes, sizeof bytes);
    char *policy = arena_printf(arena,
                                "default-src 'none'; img-src 'self' https:; media-src 'self' https:; style-src 'sha256-%s'; "
                                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                                buf_text(&hash));
    buf_release(&hash);
    return policy;
}

/* <tag name="value" …>text</tag> in pieces: texts are always escaped here. */
static void anchor(struct buf *out, const char *href, const char *rel, const char *text)
{
    buf_add_text(out, "<a");
    buf_add_xml_attribute(out, "href", href);
    buf_add_xml_attribute(out, "rel", rel);
    buf_add_char(out, '>');
    buf_add_xml(out, text);
    buf_add_text(out, "</a>");
}

static void alternate(struct buf *out, const char *type, const char *title, const char *href)
{
    buf_add_text(out, "<link rel=\"alternate\"");
    buf_add_xml_attribute(out, "type", type);
    buf_add_xml_attribute(out, "title", title);
    buf_add_xml_attribute(out, "href", href);
    buf_add_text(out, ">\n");
}

static void head(struct buf *out, const struct syndication_feed *feed, const char *language,
                 const char *title, const char *canonical)
{
    buf_add_text(out, "<!DOCTYPE html>\n<html");
    buf_add_xml_attribute(out, "lang", language);
    buf_add_text(out, ">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    buf_add_xml(out, title);
    buf_add_text(out, "</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"generator\" content=\"cald\">\n<link rel=\"canonical\"");
    buf_add_xml_attribute(out, "href", canonical);
    buf_add_text(out, ">\n");
    alternate(out, "application/atom+xml", "Atom", feed->atom_url);
    alternate(out, "application/feed+json", "JSON Feed", feed->json_url);
    buf_printf(
        out, "<style>%s</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to content</a>\n",
        style);
}

static void foot(struct buf *out, const struct syndication_feed *feed)
{
    buf_add_text(out, "</main>\n<footer>\n<p>");
    buf_add_xml(out, feed->author);
    buf_add_text(out, " · ");
    anchor(out, feed->atom_url, "alternate", "Atom");
    buf_add_text(out, " · ");
    anchor(out, feed->json_url, "alternate", "JSON Feed");
    buf_add_text(out, "</p>\n</footer>\n</body>\n</html>\n");
}

/* <time> with the day and minute in UTC, as people read it. */
static void time_element(struct buf *out, instant t)
{
    char text[INSTANT_TEXT];
    instant_format(t, text, sizeof text);
    buf_add_text(out, "<time");
    buf_add_xml_attribute(out, "datetime", text);
    buf_printf(out, ">%.10s %.5s UTC</time>", text, text + 11);
}

static void tags(struct buf *out, const struct syndication_entry *entry)
{
    if (!entry->tag_count)
        return;
    buf_add_text(out, "<ul class=\"tags\">\n");
    for (size_t i = 0; i < entry->tag_count; i++) {
        buf_add_text(out, "<li>#");
        buf_add_xml(out, entry->tags[i]);
        buf_add_text(out, "</li>\n");
    }
    buf_add_text(out, "</ul>\n");
}

static void article_start(struct buf *out, const struct syndication_feed *feed,
                          const struct syndication_entry *entry)
{
    bool other = entry->language && strcmp(entry->language, feed->language ? feed->language : "");
    buf_add_text(out, "<article dir=\"auto\"");
    buf_add_xml_attribute(out, "lang", other ? entry->language : NULL);
    buf_add_text(out, ">\n");
}

/* The heading of an entry that has no title is its date: its text would only stand there twice. */
static void list_heading(struct buf *out, const struct syndication_entry *entry)
{
    if (entry->has_title) {
        buf_add_text(out, "<h2>");
        anchor(out, entry->url, "bookmark", entry->title);
        buf_add_text(out, "</h2>\n<p>");
        time_element(out, entry->published);
        buf_add_text(out, "</p>\n");
        return;
    }
    buf_add_text(out, "<h2><a rel=\"bookmark\"");
    buf_add_xml_attribute(out, "href", entry->url);
    buf_add_char(out, '>');
    time_element(out, entry->published);
    buf_add_text(out, "</a></h2>\n");
}

/* In the list an entry with a title shows its summary, where it has one; the others show themselves. */
static void list_item(struct buf *out, const struct syndication_feed *feed,
                      const struct syndication_entry *entry)
{
    article_start(out, feed, entry);
    list_heading(out, entry);
    if (entry->has_title && entry->summary) {
        buf_add_text(out, "<p>");
        buf_add_xml(out, entry->summary);
        buf_add_text(out, "</p>\n");
    } else {
        buf_add_text(out, entry->html);
    }
    tags(out, entry);
    buf_add_text(out, "</article>\n");
}

void syndication_page(const struct syndication_feed *feed, struct buf *out)
{
    head(out, feed, feed->language, feed->title, feed->home_url);
    buf_add_text(out, "<header>\n<h1 dir=\"auto\">");
    buf_add_xml(out, feed->title);
    buf_add_text(out, "</h1>\n</header>\n<main id=\"content\">\n");
    for (size_t i = 0; i < feed->entry_count; i++)
        list_item(out, feed, &feed->entries[i]);
    if (!feed->entry_count)
        buf_add_text(out, "<p>Nothing has been published yet.</p>\n");
    foot(out, feed);
}

void syndication_entry_page(const struct syndication_feed *feed, const struct syndication_entry *entry,
                            struct buf *out)
{
    head(out, feed, entry->language ? entry->language : feed->language, entry->title, entry->url);
    buf_add_text(out, "<header>\n<nav aria-label=\"Site\"><p>");
    anchor(out, feed->home_url, "home", feed->title);
    buf_add_text(out, "</p></nav>\n</header>\n<main id=\"content\">\n<article dir=\"auto\">\n<h1>");
    buf_add_xml(out, entry->title);
    buf_add_text(out, "</h1>\n<p>");
    time_element(out, entry->published);
    buf_add_text(out, "</p>\n");
    buf_add_text(out, entry->html);
    tags(out, entry);
    buf_add_text(out, "</article>\n");
    foot(out, feed);
}
