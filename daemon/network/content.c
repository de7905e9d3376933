/*
 * See content.h. Knows the JSON form, in which a content waits in the queue: what it writes it reads,
 * and nothing else, for a content that was damaged or made by another program must not go out.
 */
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"
#include "network/content.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The optional texts. */
static const struct text_member {
    const char *key;
    size_t offset; /* of a const char * in struct content */
} text_members[] = {
    {"title", offsetof(struct content, title)},       {"link", offsetof(struct content, link)},
    {"language", offsetof(struct content, language)}, {"warning", offsetof(struct content, warning)},
    {"body", offsetof(struct content, body)},         {"summary", offsetof(struct content, summary)},
    {"slug", offsetof(struct content, slug)},
};

static const char *const visibility_names[] = {
    [VISIBILITY_PUBLIC] = "public",
    [VISIBILITY_UNLISTED] = "unlisted",
    [VISIBILITY_FOLLOWERS] = "followers",
    [VISIBILITY_DIRECT] = "direct",
};

static const char *const mime_types[] = {"image/png", "image/jpeg",      "image/gif",      "image/webp",
                                         "video/mp4", "video/quicktime", "application/pdf"};

const char *visibility_name(enum visibility visibility)
{
    return visibility_names[visibility];
}

bool visibility_parse(const char *name, enum visibility *ret_visibility)
{
    for (size_t i = 0; i < COUNT(visibility_names); i++) {
        if (strcmp(visibility_names[i], name) != 0)
            continue;
        *ret_visibility = (enum visibility)i;
        return true;
    }
    return false;
}

bool media_is_video(const struct media *media)
{
    return media->mime && !strncmp(media->mime, "video/", 6);
}

bool media_is_document(const struct media *media)
{
    return media->mime && !strcmp(media->mime, "application/pdf");
}

bool media_is_image(const struct media *media)
{
    return !media_is_video(media) && !media_is_document(media);
}

static const struct media *first_of(const struct part *part, bool (*is)(const struct media *))
{
    for (size_t i = 0; i < part->media_count; i++)
        if (is(&part->media[i]))
            return &part->media[i];
    return NULL;
}

const struct media *part_image(const struct part *part)
{
    return first_of(part, media_is_image);
}

const struct media *part_video(const struct part *part)
{
    return first_of(part, media_is_video);
}

const struct media *part_document(const struct part *part)
{
    return first_of(part, media_is_document);
}

/* Copying. */

static const char *const *copy_names(const char *const *names, size_t count, struct arena *arena)
{
    const char **copies = count ? arena_alloc_array(arena, count, sizeof *copies) : NULL;
    for (size_t i = 0; i < count; i++)
        copies[i] = arena_strdup(arena, names[i]);
    return copies;
}

static struct media copy_media(const struct media *media, struct arena *arena)
{
    struct media copy = *media;
    const char **const texts[] = {&copy.file, &copy.alt, &copy.mime, &copy.sha256, &copy.codec, &copy.sound};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = arena_strdup(arena, *texts[i]);
    return copy;
}

static struct part copy_part(const struct part *part, struct arena *arena)
{
    struct media *media = part->media_count ? arena_alloc_array(arena, part->media_count, sizeof *media) : NULL;
    for (size_t i = 0; i < part->media_count; i++)
        media[i] = copy_media(&part->media[i], arena);
    return (struct part){arena_strdup(arena, part->text), media, part->media_count};
}

const struct content *content_copy(const struct content *content, struct arena *arena)
{
    struct content *copy = arena_new_of(arena, struct content);
    struct part *parts = arena_alloc_array(arena, content->part_count, sizeof *parts);
    *copy = *content;
    for (size_t i = 0; i < content->part_count; i++)
        parts[i] = copy_part(&content->parts[i], arena);
    copy->parts = parts;
    for (size_t i = 0; i < COUNT(text_members); i++) {
        const char **place = (const char **)(void *)((char *)copy + text_members[i].offset);
        *place = arena_strdup(arena, *place);
    }
    copy->tags = copy_names(content->tags, content->tag_count, arena);
    copy->categories = copy_names(content->categories, content->category_count, arena);
    return copy;
}

/* Writing. */

json_t *media_to_json(const struct media *media)
{
    json_t *json = json_object();
    json_set_text(json, "file", media->file);
    json_set_text(json, "alt", media->alt ? media->alt : "");
    json_set_text(json, "mime", media->mime);
    json_set_text(json, "sha256", media->sha256);
    json_set_number(json, "size", media->size);
    json_set_number(json, "width", media->width);
    json_set_number(json, "height", media->height);
    if (media_is_video(media)) { /* an image's form is older, and its hash stays what it was */
        json_set_number(json, "length", media->length);
        json_set_text(json, "codec", media->codec);
        json_set_text(json, "sound", media->sound);
        if (media->index_last)
            json_set_flag(json, "index_last", true);
    }
    if (media->moves)
        json_set_flag(json, "moves", true);
    return json;
}

static json_t *part_to_json(const struct part *part)
{
    json_t *json = json_object();
    json_set_text(json, "text", part->text);
    if (part->media_count == 0)
        return json;
    json_t *media = json_array();
    for (size_t i = 0; i < part->media_count; i++)
        json_array_append_new(media, media_to_json(&part->media[i]));
    json_set(json, "media", media);
    return json;
}

static void set_names(json_t *json, const char *key, const char *const *names, size_t count)
{
    if (count == 0)
        return;
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(names[i]));
    json_set(json, key, array);
}

static const char *const *text_place(const struct content *content, const struct text_member *member)
{
    return (const char *const *)(const void *)((const char *)content + member->offset);
}

json_t *content_to_json(const struct content *content)
{
    json_t *json = json_object(), *parts = json_array();
    for (size_t i = 0; i < content->part_count; i++)
        json_array_append_new(parts, part_to_json(&content->parts[i]));
    json_set(json, "parts", parts);
    for (size_t i = 0; i < COUNT(text_members); i++)
        json_set_text(json, text_members[i].key, *text_place(content, &text_members[i]));
    json_set_text(json, "visibility", visibility_name(content->visibility));
    set_names(json, "tags", content->tags, content->tag_count);
    set_names(json, "categories", content->categories, content->category_count);
    return json;
}

char *content_hash(const struct content *content, char ret_hex[SHA256_HEX])
{
    json_t *json = content_to_json(content);
    char *text = json_print(json);
    sha256_hex(text, strlen(text), ret_hex);
    free(text);
    json_decref(json);
    return ret_hex;
}

/* Reading. 'where' names the object in messages: "content", "part 2", "media 1 of part 2". */

static bool only_known(const json_t *json, const char *const *known, size_t count, const char *where,
                       struct error *err)
{
    const char *key;
    json_t *value;
    if (!json_is_object(json))
        return fail(err, "%s is no object", where);
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        bool found = false;
        for (size_t i = 0; i < count; i++)
            found = found || strcmp(known[i], key) == 0;
        if (!found)
            return fail(err, "%s has an unknown member '%s'", where, key);
    }
    return true;
}

static bool is_clean(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
            return false;
    }
    return utf8_is_valid(text, length);
}

/* A copy of a JSON string that is there and has no control characters. */
static bool read_text(struct arena *arena, const json_t *value, const char *key, const char *where,
                      const char **ret_text, struct error *err)
{
    if (!json_is_string(value))
        return fail(err, "%s: '%s' is %s", where, key, value ? "no text" : "missing");
    const char *text = json_string_value(value);
    if (!is_clean(text, json_string_length(value)))
        return fail(err, "%s: '%s' has control characters", where, key);
    *ret_text = arena_strdup(arena, text);
    return true;
}

static bool read_number(const json_t *json, const char *key, int64_t most, const char *where,
                        int64_t *ret_number, struct error *err)
{
    json_t *value = json_member(json, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > most)
        return fail(err, "%s: '%s' is no number from 0 to %lld", where, key, (long long)most);
    *ret_number = json_integer_value(value);
    return true;
}

static bool is_sha256(const char *text)
{
    return strlen(text) == SHA256_HEX - 1 && strspn(text, "0123456789abcdef") == SHA256_HEX - 1;
}

static bool is_mime(const char *text)
{
    for (size_t i = 0; i < COUNT(mime_types); i++)
        if (strcmp(mime_types[i], text) == 0)
            return true;
    return false;
}

static bool check_media(const struct media *media, const char *where, struct error *err)
{
    if (!*media->file)
        return fail(err, "%s: 'file' is empty", where);
    if (!is_mime(media->mime))
        return fail(err, "%s: 'mime' is none of ours: '%s'", where, media->mime);
    return is_sha256(media->sha256) || fail(err, "%s: 'sha256' is not 64 hex digits", where);
}

/* What only a video has. */
static bool read_video(struct arena *arena, const json_t *json, const char *where, struct media *media,
                       struct error *err)
{
    const json_t *sound = json_member(json, "sound");
    media->index_last = json_flag(json, "index_last", false);
    if (!media_is_video(media))
        return !sound && !json_member(json, "length") && !json_member(json, "codec")
                   ? true
                   : fail(err, "%s: only a video has 'length', 'codec' or 'sound'", where);
    return read_number(json, "length", DAYS(36500), where, &media->length, err) &&
           read_text(arena, json_member(json, "codec"), "codec", where, &media->codec, err) &&
           (!sound || read_text(arena, sound, "sound", where, &media->sound, err));
}

static bool read_media(struct arena *arena, const json_t *json, const char *where, struct media *ret_media,
                       struct error *err)
{
    static const char *const keys[] = {"file",   "alt",    "mime",  "sha256", "size",       "width",
                                       "height", "length", "codec", "sound",  "index_last", "moves"};
    struct media media = {0};
    const char **texts[] = {&media.file, &media.alt, &media.mime, &media.sha256};
    int64_t width = 0, height = 0;
    if (!only_known(json, keys, COUNT(keys), where, err))
        return false;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (!read_text(arena, json_member(json, keys[i]), keys[i], where, texts[i], err))
            return false;
    if (!read_number(json, "size", INT64_MAX, where, &media.size, err) ||
        !read_number(json, "width", UINT_MAX, where, &width, err) ||
        !read_number(json, "height", UINT_MAX, where, &height, err) || !check_media(&media, where, err) ||
        !read_video(arena, json, where, &media, err))
        return false;
    if (json_member(json, "moves") && !json_is_true(json_member(json, "moves")))
        return fail(err, "%s: 'moves' is not true", where);
    media.width = (unsigned)width;
    media.height = (unsigned)height;
    media.moves = json_member(json, "moves") != NULL;
    *ret_media = media;
    return true;
}

bool media_from_json(struct arena *arena, const json_t *json, struct media *ret_media, struct error *err)
{
    return read_media(arena, json, "media", ret_media, err);
}

/* An array that is not empty: what is empty is left out. */
static bool check_array(const json_t *value, const char *key, const char *where, struct error *err)
{
    return json_array_size(value) > 0 || fail(err, "%s: '%s' is no array with something in it", where, key);
}

static bool read_part(struct arena *arena, const json_t *json, size_t number, struct part *ret_part,
                      struct error *err)
{
    static const char *const keys[] = {"text", "media"};
    const char *where = arena_printf(arena, "part %zu", number);
    json_t *array = json_member(json, "media");
    struct part part = {.media_count = json_array_size(array)};
    if (!only_known(json, keys, COUNT(keys), where, err) ||
        !read_text(arena, json_member(json, "text"), "text", where, &part.text, err) ||
        (array && !check_array(array, "media", where, err)))
        return false;
    struct media *media = arena_alloc_array(arena, part.media_count, sizeof *media);
    for (size_t i = 0; i < part.media_count; i++)
        if (!read_media(arena, json_array_get(array, i), arena_printf(arena, "media %zu of %s", i + 1, where),
                        &media[i], err))
            return false;
    part.media = media;
    *ret_part = part;
    return true;
}

static bool read_parts(struct arena *arena, const json_t *json, struct content *content, struct error *err)
{
    json_t *array = json_member(json, "parts");
    if (!check_array(array, "parts", "content", err))
        return false;
    content->part_count = json_array_size(array);
    struct part *parts = arena_alloc_array(arena, content->part_count, sizeof *parts);
    for (size_t i = 0; i < content->part_count; i++)
        if (!read_part(arena, json_array_get(array, i), i + 1, &parts[i], err))
            return false;
    content->parts = parts;
    return true;
}

static bool read_names(struct arena *arena, const json_t *json, const char *key,
                       const char *const **ret_names, size_t *ret_count, struct error *err)
{
    json_t *array = json_member(json, key);
    if (!array)
        return true;
    if (!check_array(array, key, "content", err))
        return false;
    size_t count = json_array_size(array);
    const char **names = arena_alloc_array(arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        if (!read_text(arena, json_array_get(array, i), key, "content", &names[i], err))
            return false;
    *ret_names = names;
    *ret_count = count;
    return true;
}

static bool read_texts(struct arena *arena, const json_t *json, struct content *content, struct error *err)
{
    for (size_t i = 0; i < COUNT(text_members); i++) {
        const struct text_member *member = &text_members[i];
        const char **place = (const char **)(void *)((char *)content + member->offset);
        json_t *value = json_member(json, member->key);
        if (value && !read_text(arena, value, member->key, "content", place, err))
            return false;
    }
    return true;
}

static bool check_content(const struct content *content, struct error *err)
{
    const char *link = content->link;
    if (link && strncmp(link, "https://", 8) != 0 && strncmp(link, "http://", 7) != 0)
        return fail(err, "content: 'link' is no http(s) URL: '%s'", link);
    return true;
}

const struct content *content_from_json(struct arena *arena, const json_t *json, struct error *err)
{
    static const char *const keys[] = {"parts",   "title", "link",       "language", "warning",   "body",
                                       "summary", "slug",  "visibility", "tags",     "categories"};
    struct content *content = arena_new_of(arena, struct content);
    const char *visibility = NULL;
    if (!only_known(json, keys, COUNT(keys), "content", err) || !read_parts(arena, json, content, err) ||
        !read_texts(arena, json, content, err) ||
        !read_text(arena, json_member(json, "visibility"), "visibility", "content", &visibility, err) ||
        !read_names(arena, json, "tags", &content->tags, &content->tag_count, err) ||
        !read_names(arena, json, "categories", &content->categories, &content->category_count, err) ||
        !check_content(content, err))
        return NULL;
    if (!visibility_parse(visibility, &content->visibility)) {
        fail(err, "content: unknown visibility '%s'", visibility);
        return NULL;
    }
    return content;
}
