/*
 * See calendar_loader.h: from what a post and its variants say to what an account is to publish. Whether a
 * network can take it is not known here.
 */
#include <ctype.h>
#include <string.h>

#include "editorial/calendar_loader.h"
#include "network/article.h"

enum { PATH_MOST = 1024, ALT_MOST = 5000 };

/* enum visibility */
const char *const visibility_words[] = {"public", "unlisted", "followers", "direct", NULL};

/* BCP 47 in outline: subtags of letters and digits; the first has 2 to 8 letters. */
bool is_language(const char *text)
{
    size_t first = strcspn(text, "-"), run = 0;
    if (first < 2 || first > 8)
        return false;
    for (size_t i = 0; text[i]; i++) {
        if (text[i] == '-' ? !run : !isalnum((unsigned char)text[i]) || (i < first && isdigit((unsigned char)text[i])))
            return false;
        run = text[i] == '-' ? 0 : run + 1;
        if (run > 8)
            return false;
    }
    return run;
}

bool is_slug(const char *text)
{
    char before = '-';
    for (; *text; before = *text++)
        if (*text == '-' ? before == '-' : !islower((unsigned char)*text) && !isdigit((unsigned char)*text))
            return false;
    return before != '-';
}

bool is_tag(const char *text)
{
    return *text != '#' && is_one_line(text);
}

/* ---- media ---- */

struct raw_media {
    const char *file, *alt;
};

static const struct field media_fields[] = {
    {"file", FIELD_TEXT, offsetof(struct raw_media, file), .required = true, .max = PATH_MOST, .valid = is_one_line,
     .expected = EXPECTED_LINE},
    {"alt", FIELD_TEXT, offsetof(struct raw_media, alt), .max = ALT_MOST},
};

struct inspected {
    struct media media;
    const char *fault; /* or NULL */
    bool told;
};

/* Whether it is an error depends on when the entry is published, which is not known yet. */
static void keep_fault(struct loader *loader, const struct yaml *at, const char *rule, const char *message, bool *told)
{
    *arena_push(loader->arena, loader->faults, loader->fault_count) = (struct fault){at, rule, message, told};
}

static struct inspected *inspect_anew(struct loader *loader, const char *file)
{
    struct inspected *found = arena_new_of(loader->arena, struct inspected);
    const struct calendar_world *world = loader->world;
    struct error err;
    found->media = (struct media){.file = arena_strdup(loader->arena, file), .alt = ""};
    index_put(&loader->media, found->media.file, found);
    if (world->inspect && !world->inspect(world->context, file, loader->arena, &found->media, &err))
        found->fault = arena_strdup(loader->arena, err.message);
    return found;
}

/* What the file is, found out once however many posts show it. */
static const struct media *inspect(struct bind *bind, const char *file, const struct yaml *at)
{
    struct loader *loader = bind->context;
    struct inspected *found = index_get(&loader->media, file);
    if (!found)
        found = inspect_anew(loader, file);
    *arena_push(loader->arena, loader->named, loader->named_count) = &found->media;
    if (found->fault)
        keep_fault(loader, at, "media", found->fault, &found->told);
    return &found->media;
}

bool layer_read_media(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field form = {.kind = FIELD_MAPS, .item_size = sizeof(struct raw_media),
                                      FIELDS(media_fields)};
    struct field maps = form;
    struct list raw;
    maps.name = field->name;
    maps.max = field->max;
    if (!bind_value(bind, &maps, value, &raw))
        return false;
    struct media *media = arena_alloc_array(bind->arena, raw.count, sizeof *media);
    for (size_t i = 0; i < raw.count; i++) {
        const struct raw_media *r = (struct raw_media *)raw.items + i;
        const struct yaml *at = yaml_get(value->items[i], "file");
        media[i] = *inspect(bind, r->file, at);
        if (r->alt)
            media[i].alt = r->alt;
    }
    *(struct media_list *)member = (struct media_list){media, raw.count};
    return true;
}

/* ---- threads and choices ---- */

static const struct field piece_fields[] = {
    {"text", FIELD_TEXT, offsetof(struct piece, text), .required = true, .max = 100000},
    {"media", FIELD_READ, offsetof(struct piece, media), .max = 40, .read = layer_read_media},
};

bool layer_read_pieces(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field text = {.name = "text", .kind = FIELD_TEXT, .max = 100000};
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    if ((int64_t)value->count < field->min || (int64_t)value->count > field->max)
        return bind_fail(bind, value, NULL, "'%s' has %zu entries, expected %d to %d", field->name, value->count,
                         (int)field->min, (int)field->max);
    struct pieces pieces = {arena_alloc_array(bind->arena, value->count, sizeof *pieces.items), value->count};
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        const struct yaml *item = value->items[i];
        struct piece *piece = &pieces.items[i];
        ok = (item->kind == YAML_SCALAR
                  ? bind_value(bind, &text, item, &piece->text)
                  : bind_map(bind, item, field->name, piece_fields, sizeof piece_fields / sizeof *piece_fields,
                             piece)) && ok;
    }
    *(struct pieces *)member = pieces;
    return ok;
}

/* ---- body files ---- */

bool layer_read_body_file(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = PATH_MOST, .valid = is_one_line,
                         .expected = EXPECTED_LINE};
    struct layer *layer = (struct layer *)((char *)member - offsetof(struct layer, body_file));
    layer->body_node = value;
    return bind_value(bind, &text, value, member);
}

static void read_body(struct bind *bind, struct layer *layer)
{
    struct loader *loader = bind->context;
    const struct calendar_world *world = loader->world;
    struct error err;
    loader->names_body_file = true;
    if (world->read_body)
        layer->body = world->read_body(world->context, layer->body_file, loader->arena, &err);
    if (world->read_body && !layer->body)
        keep_fault(loader, layer->body_node, "body-file", arena_strdup(loader->arena, err.message),
                   arena_new_of(loader->arena, bool));
    layer->body = layer->body ? layer->body : "";
}

/* ---- layers ---- */

static bool exclude(struct bind *bind, const struct yaml *node, const char *a, const char *b)
{
    if (!yaml_get(node, a) || !yaml_get(node, b))
        return true;
    return bind_fail(bind, yaml_get(node, b), NULL, "'%s' and '%s' exclude each other", a, b);
}

bool layer_finish(struct bind *bind, struct layer *layer, const struct yaml *node)
{
    bool ok = exclude(bind, node, "text", "thread");
    ok = exclude(bind, node, "text", "one_of") && ok;
    ok = exclude(bind, node, "thread", "one_of") && ok;
    ok = exclude(bind, node, "body", "body_file") && ok;
    if (layer->body_file)
        read_body(bind, layer);
    return ok;
}

#define OVER(member) if (over->member) merged.member = over->member

struct layer layer_merge(const struct layer *base, const struct layer *over)
{
    struct layer merged = *base;
    if (over->text || over->thread.items) { /* the words are replaced as a whole, in whatever form */
        merged.text = over->text;
        merged.thread = over->thread;
        merged.one_of = (struct pieces){0};
    }
    OVER(title);
    OVER(link);
    OVER(language);
    OVER(warning);
    if (over->body) {
        merged.body = over->body;
        merged.body_file = over->body_file;
    }
    OVER(summary);
    OVER(slug);
    if (over->visibility >= 0)
        merged.visibility = over->visibility;
    if (over->media.items)
        merged.media = over->media;
    if (over->tags.items)
        merged.tags = over->tags;
    if (over->categories.items)
        merged.categories = over->categories;
    return merged;
}

bool layer_has_content(const struct layer *layer)
{
    return layer->text || layer->thread.count || layer->one_of.count || layer->body || layer->link ||
           layer->media.count || layer->title;
}

/* ---- contents ---- */

/* A YAML block ends in a newline that nobody means to publish, and every network would count. */
static const char *trimmed(struct arena *arena, const char *text)
{
    size_t start = strspn(text, "\n"), length = strlen(text);
    while (length > start && (text[length - 1] == '\n' || text[length - 1] == ' '))
        length--;
    return arena_strndup(arena, text + start, length - start);
}

static struct part part_of(struct loader *loader, const struct piece *piece, const struct media_list *otherwise)
{
    const struct media_list *media = piece->media.items || !otherwise ? &piece->media : otherwise;
    return (struct part){.text = piece->text ? trimmed(loader->arena, piece->text) : "", .media = media->items,
                         .media_count = media->count};
}

/* The post's own media go with the first part, unless that brings some. */
static const struct content *make_content(struct loader *loader, const struct layer *layer,
                                          const struct piece *pieces, size_t count)
{
    struct content *content = arena_new_of(loader->arena, struct content);
    struct part *parts = arena_alloc_array(loader->arena, count, sizeof *parts);
    for (size_t i = 0; i < count; i++)
        parts[i] = part_of(loader, &pieces[i], i ? NULL : &layer->media);
    *content = (struct content){
        .parts = parts, .part_count = count, .title = layer->title, .link = layer->link,
        .language = layer->language ? layer->language : loader->language, .warning = layer->warning,
        .body = layer->body, .summary = layer->summary, .slug = layer->slug,
        .visibility = layer->visibility < 0 ? VISIBILITY_PUBLIC : (enum visibility)layer->visibility,
        .tags = layer->tags.items, .tag_count = layer->tags.count, .categories = layer->categories.items,
        .category_count = layer->categories.count,
    };
    if (layer->body_file)
        content->body = article_body_of_file(content, layer->body_file, loader->arena);
    return content;
}

void layer_contents(struct loader *loader, const struct layer *layer, struct target *target)
{
    struct piece single = {.text = layer->text};
    size_t count = layer->one_of.count ? layer->one_of.count : 1;
    const struct content **contents = arena_alloc_array(loader->arena, count, sizeof *contents);
    for (size_t i = 0; i < count; i++) {
        if (layer->one_of.count)
            contents[i] = make_content(loader, layer, &layer->one_of.items[i], 1);
        else if (layer->thread.count)
            contents[i] = make_content(loader, layer, layer->thread.items, layer->thread.count);
        else
            contents[i] = make_content(loader, layer, &single, 1);
    }
    target->contents = contents;
    target->content_count = count;
}
