/* See uploads.h. */
#include "cli/uploads.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "network/markdown.h"

struct upload {
    const char *file; /* "upload:HASH.png" */
    const char *name;
};

void uploads_note(struct cli *cli, const char *file, const char *name)
{
    *arena_push(cli->arena, cli->uploads, cli->upload_count) = (struct upload){file, name};
}

/* Of one file seen from the other; NULL: one of them has no path. */
static const char *link_between(struct cli *cli, const char *from, const char *to)
{
    char *whole_from = from ? realpath(from, NULL) : NULL, *whole_to = realpath(to, NULL);
    char *link = whole_from && whole_to ? file_link(whole_from, whole_to) : NULL;
    const char *copy = link ? arena_strdup(cli->arena, link) : NULL;
    free(whole_from);
    free(whole_to);
    free(link);
    return copy;
}

const char *uploads_place(struct cli *cli, const char *markdown, const char *from)
{
    struct markdown_image *images = arena_alloc_array(cli->arena, 2 * cli->upload_count + 1, sizeof *images);
    size_t count = 0;
    for (size_t i = 0; i < cli->upload_count; i++) {
        const struct upload *upload = &cli->uploads[i];
        const char *link = link_between(cli, from, upload->name);
        if (link)
            images[count++] = (struct markdown_image){.file = link, .url = upload->file};
        images[count++] = (struct markdown_image){.file = upload->name, .url = upload->file};
    }
    return count ? markdown_place_images(markdown, images, count, cli->arena) : markdown;
}

static const char *renamed(const struct cli *cli, const char *text, const struct upload *upload)
{
    const char *at = strstr(text, upload->file);
    if (!at)
        return text;
    const char *rest = renamed(cli, at + strlen(upload->file), upload);
    return arena_printf(cli->arena, "%.*s%s%s", (int)(at - text), text, upload->name, rest);
}

static void rename_text(const struct cli *cli, json_t *text)
{
    const char *before = json_string_value(text), *after = before;
    for (size_t i = 0; i < cli->upload_count; i++)
        after = renamed(cli, after, &cli->uploads[i]);
    if (after != before)
        json_string_set(text, after);
}

void uploads_rename(const struct cli *cli, json_t *answer)
{
    const char *key;
    size_t i;
    json_t *value;
    if (cli->json || !cli->upload_count)
        return;
    if (json_is_string(answer))
        rename_text(cli, answer);
    json_object_foreach(answer, key, value)
    {
        uploads_rename(cli, value);
    }
    json_array_foreach(answer, i, value)
    {
        uploads_rename(cli, value);
    }
}
