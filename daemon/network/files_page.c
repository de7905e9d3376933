/*
 * A post as a page: front matter, YAML or TOML, then Markdown. Values are written as JSON has them, which
 * both take for texts and lists; so no text becomes a number, a date or another field.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/driver.h"
#include "network/files.h"

enum { DESCRIPTION_MOST = 280 };

struct page {
    const struct job *job;
    struct buf out;
    const char *is; /* between a name and its value */
};

/* ---- the front matter ---- */

/* Readers of YAML 1.1 take these for line ends, also within quotes. */
static size_t odd_line_end(const char *at, const char **ret_escape)
{
    static const struct {
        const char *bytes, *escape;
    } ends[] = {{"\xC2\x85", "\\u0085"}, {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        *ret_escape = ends[i].escape;
        if (!strncmp(at, ends[i].bytes, strlen(ends[i].bytes)))
            return strlen(ends[i].bytes);
    }
    return 0;
}

static void add_json(struct buf *out, const json_t *value)
{
    char *text = json_print(value);
    for (const char *at = text, *escape; *at;) {
        size_t length = odd_line_end(at, &escape);
        if (length)
            buf_add_text(out, escape);
        else
            buf_add_char(out, *at);
        at += length ? length : 1;
    }
    free(text);
}

static void add_raw(struct page *page, const char *name, const char *value)
{
    buf_printf(&page->out, "%s%s%s\n", name, page->is, value);
}

/* Takes the value over. Empty ones are left out. */
static void add_field(struct page *page, const char *name, json_t *value)
{
    bool is_empty = !value || (json_is_array(value) && !json_array_size(value));
    if (!is_empty) {
        buf_printf(&page->out, "%s%s", name, page->is);
        add_json(&page->out, value);
        buf_add_char(&page->out, '\n');
    }
    json_decref(value);
}

static void add_text(struct page *page, const char *name, const char *text)
{
    add_field(page, name, text && *text ? json_string(text) : NULL);
}

/* RFC 3339, as the calendar's clock shows it. */
static const char *date_of(const struct job *job, struct arena *arena)
{
    int offset = job->utc_offset / 60, minutes = offset < 0 ? -offset : offset;
    time_t seconds = (time_t)(job->slot / 1000) + offset * 60;
    struct tm tm;
    char text[32];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!offset)
        return arena_printf(arena, "%sZ", text);
    return arena_printf(arena, "%s%c%02d:%02d", text, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

static json_t *urls_of(const struct article_image *images, size_t count)
{
    json_t *urls = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(urls, json_string(images[i].url));
    return urls;
}

static void add_own(struct page *page)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_member(page->job->account->options, "front_matter"), name, value)
    {
        add_field(page, name, json_incref(value));
    }
}

static void add_front_matter(struct page *page, const struct article_image *images, size_t count,
                             struct arena *arena)
{
    const struct content *content = page->job->content;
    const json_t *tags = json_member(page->job->account->options, "tags");
    const char *fence = files_is_toml(page->job->account) ? "+++\n" : "---\n";
    buf_add_text(&page->out, fence);
    add_text(page, "title", article_title(content, arena));
    add_raw(page, "date", date_of(page->job, arena));
    add_text(page, "slug", content->slug);
    if (content->summary)
        add_text(page, "description", article_excerpt(content, DESCRIPTION_MOST, arena));
    add_field(page, "tags", article_names(tags, content->tags, content->tag_count));
    add_field(page, "categories", article_names(NULL, content->categories, content->category_count));
    add_text(page, "lang", content->language);
    add_text(page, "link", content->link);
    add_field(page, "images", urls_of(images, count));
    add_own(page);
    buf_printf(&page->out, "%s\n%s\n", files_mark(page->job, arena), fence);
}

const char *files_mark(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "cald%s\"%s\"", files_is_toml(job->account) ? " = " : ": ", job->key);
}

/* ---- the text ---- */

const char *files_markdown(const struct content *content, const struct article_image *images, size_t count,
                           struct arena *arena)
{
    struct content one = *content;
    struct part whole = {.text = article_text(content, arena)};
    struct media *media = arena_alloc_array(arena, count + 1, sizeof *media);
    struct article_image *own = arena_alloc_array(arena, count + 1, sizeof *own);
    for (size_t i = 0; i < count; i++) {
        media[i] = *images[i].media;
        own[i] = images[i];
        own[i].media = &media[i];
    }
    whole.media = media;
    whole.media_count = count;
    one.parts = &whole;
    one.part_count = 1;
    return article_markdown(&one, 0, own, count, false, arena);
}

const char *files_page(const struct job *job, const struct article_image *images, size_t count,
                       struct arena *arena)
{
    struct page page = {.job = job, .is = files_is_toml(job->account) ? " = " : ": "};
    add_front_matter(&page, images, count, arena);
    buf_add_text(&page.out, files_markdown(job->content, images, count, arena));
    if (page.out.data[page.out.length - 1] != '\n')
        buf_add_char(&page.out, '\n');
    const char *text = arena_strdup(arena, page.out.data);
    buf_release(&page.out);
    return text;
}
