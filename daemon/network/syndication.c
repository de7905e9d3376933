/*
 * The two feed formats of syndication.h. The pages are in syndication_page.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/syndication.h"

/* ---- Atom ---- */

static void element(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "<%s>", name);
    buf_add_xml(out, text);
    buf_printf(out, "</%s>\n", name);
}

static void element_instant(struct buf *out, const char *name, instant t)
{
    char text[INSTANT_TEXT];
    element(out, name, instant_format(t, text, sizeof text));
}

static void atom_link(struct buf *out, const char *rel, const char *type, const char *href)
{
    if (!href)
        return;
    buf_add_text(out, "<link");
    buf_add_xml_attribute(out, "rel", rel);
    buf_add_xml_attribute(out, "type", type);
    buf_add_xml_attribute(out, "href", href);
    buf_add_text(out, "/>\n");
}

static void atom_enclosure(struct buf *out, const struct syndication_media *media)
{
    buf_add_text(out, "<link rel=\"enclosure\"");
    buf_add_xml_attribute(out, "type", media->mime);
    buf_printf(out, " length=\"%lld\"", (long long)media->size);
    buf_add_xml_attribute(out, "title", media->alt && *media->alt ? media->alt : NULL);
    buf_add_xml_attribute(out, "href", media->url);
    buf_add_text(out, "/>\n");
}

static void atom_content(struct buf *out, const char *html)
{
    buf_add_text(out, "<content type=\"html\">");
    buf_add_xml(out, html);
    buf_add_text(out, "</content>\n");
}

static void atom_entry(struct buf *out, const struct syndication_entry *entry)
{
    buf_add_text(out, "<entry");
    buf_add_xml_attribute(out, "xml:lang", entry->language);
    buf_add_text(out, ">\n");
    element(out, "id", entry->id);
    element(out, "title", entry->title);
    element_instant(out, "published", entry->published);
    element_instant(out, "updated", entry->updated);
    atom_link(out, "alternate", "text/html", entry->url);
    atom_link(out, "related", NULL, entry->link);
    for (size_t i = 0; i < entry->tag_count; i++) {
        buf_add_text(out, "<category");
        buf_add_xml_attribute(out, "term", entry->tags[i]);
        buf_add_text(out, "/>\n");
    }
    for (size_t i = 0; i < entry->media_count; i++)
        atom_enclosure(out, &entry->media[i]);
    if (entry->summary)
        element(out, "summary", entry->summary);
    atom_content(out, entry->html);
    buf_add_text(out, "</entry>\n");
}

void syndication_atom(const struct syndication_feed *feed, struct buf *out)
{
    buf_add_text(out,
                 "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"");
    buf_add_xml_attribute(out, "xml:lang", feed->language);
    buf_add_text(out, ">\n");
    element(out, "id", feed->id);
    element(out, "title", feed->title);
    element_instant(out, "updated", feed->updated);
    buf_add_text(out, "<author>");
    element(out, "name", feed->author);
    buf_add_text(out, "</author>\n");
    atom_link(out, "self", "application/atom+xml", feed->atom_url);
    for (size_t i = 0; i < feed->hub_count; i++)
        atom_link(out, "hub", NULL, feed->hubs[i]);
    atom_link(out, "alternate", "text/html", feed->home_url);
    buf_add_text(out, "<generator version=\"" CALD_VERSION "\">cald</generator>\n");
    for (size_t i = 0; i < feed->entry_count; i++)
        atom_entry(out, &feed->entries[i]);
    buf_add_text(out, "</feed>\n");
}

/* ---- JSON Feed ---- */

static json_t *json_attachments(const struct syndication_entry *entry)
{
    json_t *list = json_array();
    for (size_t i = 0; i < entry->media_count; i++) {
        const struct syndication_media *media = &entry->media[i];
        json_t *item = json_object();
        json_set_text(item, "url", media->url);
        json_set_text(item, "mime_type", media->mime);
        json_set_text(item, "title", media->alt && *media->alt ? media->alt : NULL);
        json_set_number(item, "size_in_bytes", media->size);
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *json_tags(const struct syndication_entry *entry)
{
    json_t *list = json_array();
    for (size_t i = 0; i < entry->tag_count; i++)
        json_array_append_new(list, json_string(entry->tags[i]));
    return list;
}

static json_t *json_entry(const struct syndication_entry *entry)
{
    char published[INSTANT_TEXT], updated[INSTANT_TEXT];
    json_t *item = json_object();
    json_set_text(item, "id", entry->id);
    json_set_text(item, "url", entry->url);
    json_set_text(item, "external_url", entry->link);
    json_set_text(item, "title", entry->has_title ? entry->title : NULL);
    json_set_text(item, "content_html", entry->html);
    json_set_text(item, "content_text", entry->text);
    json_set_text(item, "summary", entry->summary);
    json_set_text(item, "language", entry->language);
    json_set_text(item, "date_published", instant_format(entry->published, published, sizeof published));
    json_set_text(item, "date_modified", instant_format(entry->updated, updated, sizeof updated));
    if (entry->media_count) {
        json_set_text(item, "image", strncmp(entry->media[0].mime, "image/", 6) ? NULL : entry->media[0].url);
        json_set(item, "attachments", json_attachments(entry));
    }
    if (entry->tag_count)
        json_set(item, "tags", json_tags(entry));
    return item;
}

static json_t *json_hubs(const struct syndication_feed *feed)
{
    json_t *list = json_array();
    for (size_t i = 0; i < feed->hub_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "type", "WebSub", "url", feed->hubs[i]));
    return list;
}

void syndication_json(const struct syndication_feed *feed, struct buf *out)
{
    json_t *items = json_array();
    for (size_t i = 0; i < feed->entry_count; i++)
        json_array_append_new(items, json_entry(&feed->entries[i]));
    json_t *top = json_object();
    json_set_text(top, "version", "https://jsonfeed.org/version/1.1");
    json_set_text(top, "title", feed->title);
    json_set_text(top, "home_page_url", feed->home_url);
    json_set_text(top, "feed_url", feed->json_url);
    json_set_text(top, "language", feed->language);
    json_set(top, "authors", json_pack("[{s:s}]", "name", feed->author));
    if (feed->hub_count)
        json_set(top, "hubs", json_hubs(feed));
    json_set(top, "items", items);
    char *text = json_print_pretty(top);
    buf_add_text(out, text);
    free(text);
    json_decref(top);
}
