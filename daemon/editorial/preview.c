/* See preview.h. Knows no network by name, and says nothing that the checks do not. */
#include <string.h>

#include "base/json.h"
#include "editorial/check.h"
#include "editorial/preview.h"
#include "network/fit.h"
#include "network/text.h"

struct previewing {
    const struct account *account;
    const struct content *content;
    const json_t *session;
    const struct text_rule *rule; /* NULL: the network counts nothing */
    size_t limit;
    struct arena *arena;
};

static void set_maybe(json_t *object, const char *name, size_t value)
{
    json_set(object, name, value ? json_integer((json_int_t)value) : json_null());
}

static bool has_body(const struct previewing *p)
{
    const char *body = p->content->body;
    return p->account->network->features & FEATURE_BODY && body && body[strspn(body, " \t\n")];
}

/* ---- the text ---- */

static struct measure measure(const struct previewing *p, const char *text, size_t length)
{
    return text_measure(p->rule, text, length, p->limit, p->arena);
}

/* How much of it fits: whole characters as people see them. */
static size_t fitting(const struct previewing *p, const char *text)
{
    size_t least = 0, most = strlen(text);
    while (least < most) {
        size_t middle = least + (most - least + 1) / 2, at = middle;
        while (at < most && ((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
        if (measure(p, text, at).fits)
            least = at;
        else
            most = middle - 1;
    }
    return least;
}

static json_t *entities_to_json(const struct previewing *p, const char *text, const struct measure *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = &m->entities[i];
        json_t *object = json_object();
        json_set_text(object, "kind", entity_kind_name(e->kind));
        json_set_number(object, "start", (int64_t)e->start);
        json_set_number(object, "end", (int64_t)e->end);
        json_set_text(object, "text", arena_strndup(p->arena, text + e->start, e->end - e->start));
        json_set_text(object, "value", e->value);
        json_set_number(object, "counts", (int64_t)measure(p, text + e->start, e->end - e->start).length);
        json_array_append_new(list, object);
    }
    return list;
}

static void count_text(const struct previewing *p, json_t *part, const char *text)
{
    struct measure m = {.bytes = strlen(text), .fits = true};
    if (p->rule)
        m = measure(p, text, strlen(text));
    json_set(part, "length", p->rule ? json_integer((json_int_t)m.length) : json_null());
    set_maybe(part, "limit", m.limit);
    json_set_number(part, "bytes", (int64_t)m.bytes);
    set_maybe(part, "byte_limit", m.byte_limit);
    json_set_flag(part, "fits", m.fits);
    json_set(part, "cut", m.fits ? json_null() : json_integer((json_int_t)fitting(p, text)));
    json_set(part, "entities", entities_to_json(p, text, &m));
}

/* ---- what goes with it ---- */

/* What will be done to it before it is sent, or NULL. */
static const char *becomes(const struct previewing *p, const struct media *media)
{
    struct image_limits limits = image_limits_of(p->account, p->session, p->arena);
    struct fit fit;
    if (!p->account->fits_images || fit_plan(media, &limits, &fit) != FIT_NEEDED)
        return NULL;
    return fit_describe(media, &fit, p->arena);
}

static json_t *image_to_json(const struct previewing *p, const struct media *media)
{
    const char *made = becomes(p, media);
    json_t *object = json_object();
    json_set_text(object, "file", media->file);
    json_set(object, "type", media->mime ? json_string(media->mime) : json_null());
    json_set_number(object, "bytes", media->size);
    json_set_number(object, "width", media->width);
    json_set_number(object, "height", media->height);
    if (media_is_video(media)) {
        json_set_number(object, "length_ms", media->length);
        json_set_text(object, "codec", media->codec);
        json_set(object, "sound", media->sound ? json_string(media->sound) : json_null());
    }
    json_set_text(object, "alt", media->alt ? media->alt : "");
    json_set_number(object, "alt_length",
                    media->alt ? (int64_t)text_graphemes(media->alt, strlen(media->alt)) : 0);
    json_set(object, "becomes", made ? json_string(made) : json_null());
    return object;
}

static json_t *part_to_json(const struct previewing *p, size_t index)
{
    const struct network *network = p->account->network;
    const struct part *part = &p->content->parts[index];
    const char *text = network->compose ? network->compose(p->content, index, p->arena) : part->text;
    json_t *object = json_object(), *media = json_array();
    json_set_number(object, "number", (int64_t)index + 1);
    json_set_number(object, "of", (int64_t)p->content->part_count);
    json_set_text(object, "text", text ? text : "");
    count_text(p, object, text ? text : "");
    for (size_t i = 0; i < part->media_count; i++)
        json_array_append_new(media, image_to_json(p, &part->media[i]));
    json_set(object, "media", media);
    return object;
}

static void add_list(json_t *fields, const char *name, const char *const *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(items[i]));
    if (count)
        json_object_set(fields, name, list);
    json_decref(list);
}

/* What the network has a place for. */
static json_t *fields_to_json(const struct previewing *p)
{
    const struct content *c = p->content;
    unsigned features = p->account->network->features;
    json_t *fields = json_object();
    if (features & FEATURE_TITLE)
        json_set_text(fields, "title", c->title);
    if (features & FEATURE_WARNING)
        json_set_text(fields, "warning", c->warning);
    if (features & FEATURE_VISIBILITY && c->visibility != VISIBILITY_PUBLIC)
        json_set_text(fields, "visibility", visibility_name(c->visibility));
    if (features & FEATURE_LANGUAGE)
        json_set_text(fields, "language", c->language);
    json_set_text(fields, "link", c->link);
    if (features & FEATURE_BODY) {
        json_set_text(fields, "summary", c->summary);
        add_list(fields, "tags", c->tags, c->tag_count);
    }
    if (features & FEATURE_CATEGORIES)
        add_list(fields, "categories", c->categories, c->category_count);
    return fields;
}

static json_t *names_to_json(const char *const *names)
{
    json_t *list = json_array();
    for (; names && *names; names++)
        json_array_append_new(list, json_string(*names));
    return list;
}

static json_t *video_limits_to_json(const struct account *account)
{
    const struct video_limits *video = account->network->video;
    json_t *limits = json_object();
    set_maybe(limits, "videos", video->most);
    set_maybe(limits, "bytes", (size_t)video_bytes_of(account));
    set_maybe(limits, "shortest_ms", (size_t)video->min_length);
    set_maybe(limits, "longest_ms", (size_t)video->max_length);
    json_set(limits, "types", names_to_json(video->types));
    json_set(limits, "codecs", names_to_json(video->codecs));
    return limits;
}

static json_t *document_limits_to_json(const struct document_limits *document)
{
    json_t *limits = json_object();
    set_maybe(limits, "documents", document->most);
    set_maybe(limits, "bytes", (size_t)document->max_bytes);
    set_maybe(limits, "pages", document->max_pages);
    return limits;
}

static json_t *limits_to_json(const struct account *account)
{
    const struct network *network = account->network;
    json_t *limits = json_object();
    set_maybe(limits, "images", network->max_images);
    set_maybe(limits, "alt", network->max_alt);
    set_maybe(limits, "image_bytes", (size_t)network->max_image_bytes);
    set_maybe(limits, "image_pixels", (size_t)network->max_image_pixels);
    set_maybe(limits, "title", network->max_title);
    json_set(limits, "image_types", names_to_json(network->image_types));
    json_set(limits, "video", network->video ? video_limits_to_json(account) : json_null());
    json_set(limits, "document",
             network->document ? document_limits_to_json(network->document) : json_null());
    return limits;
}

static json_t *findings_to_json(const struct charter *charter, const struct previewing *p, const char *bucket,
                                const json_t *session, const char *post_id)
{
    struct diag where = {.post = post_id, .account = p->account->name};
    struct diags diags = diags_in(p->arena);
    json_t *all = json_array(), *some;
    check_content(charter, p->account, p->content, bucket, session, &where, &diags);
    for (int level = DIAG_ERROR; level <= DIAG_WARNING; level++) {
        some = diags_to_json(&diags, (enum diag_level)level);
        json_array_extend(all, some);
        json_decref(some);
    }
    return all;
}

json_t *preview_to_json(const struct charter *charter, const struct account *account,
                        const struct content *content, const char *bucket, const json_t *session,
                        const char *post_id)
{
    const struct network *network = account->network;
    struct previewing p = {account, content, session, text_rule_find(network->name), 0, arena_new()};
    json_t *object = json_object(), *parts = json_array();
    if (network->text_limit)
        p.limit = network->text_limit(account, session);
    for (size_t i = 0; i < content->part_count && (i == 0 || !has_body(&p)); i++)
        json_array_append_new(parts, part_to_json(&p, i));
    json_set_text(object, "account", account->name);
    json_set_text(object, "network", network->name);
    json_set_text(object, "title", network->title);
    json_set(object, "unit", p.rule ? json_string(text_rule_unit(p.rule)) : json_null());
    json_set(object, "parts", parts);
    json_set(object, "fields", fields_to_json(&p));
    json_set(object, "article", has_body(&p) ? json_string(content->body) : json_null());
    json_set(object, "limits", limits_to_json(account));
    json_set(object, "findings", findings_to_json(charter, &p, bucket, session, post_id));
    arena_free(p.arena);
    return object;
}
