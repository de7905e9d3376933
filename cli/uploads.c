/* See uploads.h. */
#include "cli/uploads.h"

#include <string.h>

#include "base/json.h"

struct upload {
    const char *file; /* "upload:HASH.png" */
    const char *name;
};

void uploads_note(struct cli *cli, const char *file, const char *name)
{
    *arena_push(cli->arena, cli->uploads, cli->upload_count) = (struct upload){file, name};
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
