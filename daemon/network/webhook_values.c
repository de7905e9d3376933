/*
 * What placeholders mean for a job, and the body of who has no template: all of them, as JSON. A value is made where
 * it is put in and nowhere else: most accounts use few of them, and this is on the way of every post.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/article.h"
#include "network/webhook.h"

/* ---- texts ---- */

typedef const char *text_of(const struct job *job, struct arena *arena);

static const char *post_id_of(const struct job *job, struct arena *arena)
{
    (void)arena;
    return job->post_id;
}

static const char *account_of(const struct job *job, struct arena *arena)
{
    (void)arena;
    return job->account->name;
}

static const char *key_of(const struct job *job, struct arena *arena)
{
    (void)arena;
    return job->request_key;
}

static const char *slot_of(const struct job *job, struct arena *arena)
{
    return instant_format(job->slot, arena_alloc(arena, INSTANT_TEXT), INSTANT_TEXT);
}

static const char *all_text_of(const struct job *job, struct arena *arena)
{
    return article_text(job->content, arena);
}

static const char *visibility_of(const struct job *job, struct arena *arena)
{
    (void)arena;
    return visibility_name(job->content->visibility);
}

static const char *html_of(const struct job *job, struct arena *arena)
{
    return article_html(job->content, 2, NULL, 0, arena);
}

/* ---- lists: NULL when there is nothing in them ---- */

typedef json_t *list_of(const struct job *job, struct arena *arena);

static json_t *texts(const char *const *items, size_t count)
{
    json_t *list = count ? json_array() : NULL;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string_of(items[i]));
    return list;
}

static json_t *tags_of(const struct job *job, struct arena *arena)
{
    (void)arena;
    return texts(job->content->tags, job->content->tag_count);
}

static json_t *categories_of(const struct job *job, struct arena *arena)
{
    (void)arena;
    return texts(job->content->categories, job->content->category_count);
}

static json_t *parts_of(const struct job *job, struct arena *arena)
{
    json_t *list = json_array();
    (void)arena;
    for (size_t i = 0; i < job->content->part_count; i++)
        json_array_append_new(list, json_string_of(job->content->parts[i].text));
    return list;
}

static json_t *media_of(const struct job *job, struct arena *arena)
{
    size_t count;
    const struct media **all = article_media(job->content, arena, &count);
    json_t *list = count ? json_array() : NULL;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:s?, s:I, s:i, s:i}", "file", all[i]->file,
                                              "alt", all[i]->alt, "type", all[i]->mime, "sha256",
                                              all[i]->sha256, "size", (json_int_t)all[i]->size, "width",
                                              (int)all[i]->width, "height", (int)all[i]->height));
    return list;
}

/* ---- all of them ---- */

enum value {
    POST_ID,
    ACCOUNT,
    KEY,
    SLOT,
    TEXT,
    PARTS,
    TITLE,
    LINK,
    LANGUAGE,
    WARNING,
    SUMMARY,
    SLUG,
    VISIBILITY,
    TAGS,
    CATEGORIES,
    MEDIA,
    BODY_MARKDOWN,
    BODY_HTML,
    VALUES,
};

/* One of three: what says the text or the list, or where in the content the text stands. */
static const struct {
    text_of *text;
    list_of *list;
    size_t place;
} values[VALUES] = {
#define PLACE(member) offsetof(struct content, member)
    [POST_ID] = {.text = post_id_of},
    [ACCOUNT] = {.text = account_of},
    [KEY] = {.text = key_of},
    [SLOT] = {.text = slot_of},
    [TEXT] = {.text = all_text_of},
    [PARTS] = {.list = parts_of},
    [TITLE] = {.place = PLACE(title)},
    [LINK] = {.place = PLACE(link)},
    [LANGUAGE] = {.place = PLACE(language)},
    [WARNING] = {.place = PLACE(warning)},
    [SUMMARY] = {.place = PLACE(summary)},
    [SLUG] = {.place = PLACE(slug)},
    [VISIBILITY] = {.text = visibility_of},
    [TAGS] = {.list = tags_of},
    [CATEGORIES] = {.list = categories_of},
    [MEDIA] = {.list = media_of},
    [BODY_MARKDOWN] = {.place = PLACE(body)},
    [BODY_HTML] = {.text = html_of},
#undef PLACE
};

const char *const webhook_names[WEBHOOK_NAMES_ALL] = {
    [POST_ID] = "post_id",
    [ACCOUNT] = "account",
    [KEY] = "key",
    [SLOT] = "slot",
    [TEXT] = "text",
    [PARTS] = "parts",
    [TITLE] = "title",
    [LINK] = "link",
    [LANGUAGE] = "language",
    [WARNING] = "warning",
    [SUMMARY] = "summary",
    [SLUG] = "slug",
    [VISIBILITY] = "visibility",
    [TAGS] = "tags",
    [CATEGORIES] = "categories",
    [MEDIA] = "media",
    [BODY_MARKDOWN] = "body_markdown",
    [BODY_HTML] = "body_html",
    [VALUES] = "token",
    [VALUES + 1] = "event",
    [VALUES + 2] = "id",
};

static const char *text_value(const struct webhook_values *v, enum value value)
{
    if (values[value].text)
        return values[value].text(v->job, v->arena);
    return *(const char *const *)(const void *)((const char *)v->job->content + values[value].place);
}

json_t *webhook_value(const void *context, const char *name)
{
    const struct webhook_values *v = context;
    const char *text = NULL;
    for (enum value i = 0; i < VALUES; i++) {
        if (strcmp(webhook_names[i], name) != 0)
            continue;
        if (values[i].list) {
            json_t *list = values[i].list(v->job, v->arena);
            return list ? list : json_array();
        }
        text = text_value(v, i);
    }
    if (v->token_too && strcmp(name, "token") == 0)
        text = account_secret(v->job->account, "token");
    else if (strcmp(name, "event") == 0)
        text = v->event ? v->event : "publish";
    else if (strcmp(name, "id") == 0 && v->event)
        text = json_text(v->job->memo, "id");
    return text ? json_string_of(text) : NULL;
}

/* Its keys sorted, as json_print has them. */
static const enum value sorted[VALUES] = {ACCOUNT, BODY_HTML, BODY_MARKDOWN, CATEGORIES, KEY,        LANGUAGE,
                                          LINK,    MEDIA,     PARTS,         POST_ID,    SLOT,       SLUG,
                                          SUMMARY, TAGS,      TEXT,          TITLE,      VISIBILITY, WARNING};

static void add_list(struct buf *out, const struct webhook_values *v, enum value value)
{
    json_t *list = values[value].list(v->job, v->arena);
    if (list)
        json_add(out, list);
    else
        buf_add_text(out, "[]");
    json_decref(list);
}

static void add_key(struct buf *out, enum value value)
{
    if (out->length > 1)
        buf_add_char(out, ',');
    buf_add_char(out, '"');
    buf_add_text(out, webhook_names[value]);
    buf_add_char(out, '"');
    buf_add_char(out, ':');
}

void webhook_add_all(struct buf *out, const struct webhook_values *v)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < VALUES; i++) {
        const char *text = values[sorted[i]].list ? NULL : text_value(v, sorted[i]);
        if (!text && !values[sorted[i]].list)
            continue;
        add_key(out, sorted[i]);
        if (text)
            json_add_text(out, text);
        else
            add_list(out, v, sorted[i]);
    }
    buf_add_char(out, '}');
}
