/* See zoneinfo.h. Finds and reads the files; what is in them is editorial/zone's. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/suggest.h"
#include "base/zoneinfo.h"

enum { LONGEST_NAME = 64, LARGEST_ZONE = 256 * 1024, LARGEST_LIST = 4 * 1024 * 1024 };

bool zoneinfo_name_is_safe(const char *name)
{
    size_t length = strlen(name);
    if (!length || length > LONGEST_NAME || *name == '/' || name[length - 1] == '/' || strstr(name, "//"))
        return false;
    for (; *name; name++)
        if (!isascii((unsigned char)*name) || (!isalnum((unsigned char)*name) && !strchr("+-_/", *name)))
            return false;
    return true;
}

static char *path_of(const char *name)
{
    const char *root = getenv("TZDIR");
    return file_join(root && *root == '/' ? root : "/usr/share/zoneinfo", name);
}

char *zoneinfo_path(const char *name)
{
    char *path = zoneinfo_name_is_safe(name) ? path_of(name) : NULL;
    char *resolved = path ? realpath(path, NULL) : NULL;
    free(path);
    return resolved;
}

/* Lines of tzdata.zi that make names: "Z Europe/Paris …" and "L Europe/Paris France". */
static const char *name_in_line(struct arena *arena, const char *line, size_t length)
{
    size_t word = *line == 'L' ? 2 : 1;
    const char *end = line + length;
    if (length < 3 || (*line != 'Z' && *line != 'L') || line[1] != ' ')
        return NULL;
    for (const char *p = line; p < end && word; p++)
        if (*p == ' ' && --word == 0)
            line = p + 1;
    const char *stop = memchr(line, ' ', (size_t)(end - line));
    return word ? NULL : arena_strndup(arena, line, (size_t)((stop ? stop : end) - line));
}

size_t zoneinfo_names(struct arena *arena, const char *const **ret_names)
{
    struct buf list = {0};
    char *path = path_of("tzdata.zi");
    const char **names = NULL;
    size_t count = 0;
    if (file_read(path, LARGEST_LIST, &list, NULL)) {
        for (const char *line = buf_text(&list), *end; *line; line = *end ? end + 1 : end) {
            end = strchrnul(line, '\n');
            const char *name = name_in_line(arena, line, (size_t)(end - line));
            if (name)
                *arena_push(arena, names, count) = name;
        }
    }
    free(path);
    buf_release(&list);
    *ret_names = names;
    return count;
}

static bool fail_unknown(const char *name, struct error *err)
{
    struct arena *arena = arena_new();
    const char *const *names;
    size_t count = zoneinfo_names(arena, &names);
    const char *nearest = suggest(name, names, count);
    if (nearest)
        fail(err, "unknown time zone '%.64s', did you mean '%s'?", name, nearest);
    else
        fail(err, "unknown time zone '%.64s', expected an IANA name such as 'Europe/Paris'", name);
    arena_free(arena);
    return false;
}

bool zoneinfo_read(const char *name, struct buf *out, struct error *err)
{
    if (!zoneinfo_name_is_safe(name))
        return fail_unknown(name, err);
    char *path = path_of(name);
    size_t before = out->length;
    bool ok = file_read(path, LARGEST_ZONE, out, NULL);
    free(path);
    if (!ok || out->length - before < 4 || memcmp(out->data + before, "TZif", 4))
        return fail_unknown(name, err);
    return true;
}
