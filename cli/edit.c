/* edit: what a post says, before and after it was published. The daemon checks; nothing is decided here but
 * that a person agreed to change what others read already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/post.h"
#include "cli/render.h"

/* ---- what it says now ---- */

/* The parts of the first delivery that is meant, as they are, or are to be; NULL: there is none. */
static const json_t *parts_of_post(const struct delivery_id *id, const json_t *post)
{
    const json_t *deliveries = json_member(post, "deliveries");
    for (size_t i = 0; i < json_array_size(deliveries); i++) {
        const json_t *d = json_array_get(deliveries, i), *edit = json_member(d, "edit");
        if (!id->account || !strcmp(id->account, json_text(d, "account")))
            return json_member(json_is_object(edit) ? edit : json_member(d, "content"), "parts");
    }
    return NULL;
}

static bool is_all_published(const json_t *post)
{
    const char *state = json_text(post, "state");
    return state && !strcmp(state, "published");
}

/* All parts as the API takes them; media of what is published stay there without being named. */
static json_t *thread_of(const json_t *parts, bool published)
{
    json_t *thread = json_array();
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const json_t *part = json_array_get(parts, i), *media = json_member(part, "media");
        json_t *item = json_object(), *list = json_array();
        json_set_text(item, "text", json_text(part, "text"));
        for (size_t k = 0; k < json_array_size(media) && !published; k++) {
            const json_t *m = json_array_get(media, k);
            json_array_append_new(
                list, json_pack("{s:s*, s:s*}", "file", json_text(m, "file"), "alt", json_text(m, "alt")));
        }
        if (json_array_size(list))
            json_set(item, "media", json_incref(list));
        json_decref(list);
        json_array_append_new(thread, item);
    }
    return thread;
}

static int part_number(struct cli *cli, size_t count, size_t *ret_number)
{
    const char *text = cli_option(cli, "part");
    char *rest;
    long number = text ? strtol(text, &rest, 10) : 1;
    if (text && (!*text || *rest || number < 1 || (size_t)number > count))
        return cli_fail(EXIT_USAGE, "--part: '%s' is none of its %zu parts: say 1 to %zu", text, count,
                        count);
    *ret_number = (size_t)number - 1;
    return EXIT_DONE;
}

/* ---- what it is to say ---- */

/* The text as it is in $EDITOR, unless one is given; no change means nothing to do: NULL. */
static int new_text(struct cli *cli, const json_t *part, const char **text)
{
    const char *before = json_text(part, "text");
    if (*text)
        return EXIT_DONE;
    if (!cli->interactive)
        return cli_fail(EXIT_USAGE, "nothing to change: give --text, --at or another option");
    int code = post_edit_text(cli, before, text);
    if (!code && !strcmp(*text, before)) {
        *text = NULL;
        return cli_fail(EXIT_DONE, "nothing changed");
    }
    return code;
}

/* What must be laid over what it says now. text: that was given, or NULL. */
static int edit_text(struct cli *cli, const struct delivery_id *id, const char *text, json_t *change)
{
    struct answer answer;
    size_t number = 0;
    int code = client_send(cli, "GET", client_path(cli, "/v1/posts/%s", id->post), NULL, &answer);
    if (code)
        return code;
    const json_t *parts = parts_of_post(id, answer.json);
    size_t count = json_array_size(parts);
    if (!count)
        return cli_fail(EXIT_NOT_FOUND, "'%s' does not go to '%s'", id->post, id->account ? id->account : "");
    if (count > 1 && !cli_switch(cli, "part"))
        return cli_fail(
            EXIT_USAGE,
            "'%s' is a thread: say which with --part, or give the new texts with --text and --thread",
            id->post);
    if ((code = part_number(cli, count, &number)) ||
        (code = new_text(cli, json_array_get(parts, number), &text)) || !text)
        return code;
    if (count == 1) {
        json_set_text(change, "text", text);
        return EXIT_DONE;
    }
    json_t *thread = thread_of(parts, is_all_published(answer.json));
    json_set_text(json_array_get(thread, number), "text", text);
    json_set(change, "thread", thread);
    return EXIT_DONE;
}

static int change_from_options(struct cli *cli, const struct delivery_id *id, json_t *change)
{
    const char *file = cli_option(cli, "file"), *text = cli_option(cli, "text");
    int code = post_from_options(cli, change);
    if (!code && file)
        code = post_read_text(cli, file, &text);
    if (code)
        return code;
    if (cli_switch(cli, "part") && cli_switch(cli, "thread"))
        return cli_fail(EXIT_USAGE,
                        "--part changes one text of a thread, --thread gives all: use one of them");
    if (cli_switch(cli, "part"))
        return edit_text(cli, id, text, change);
    post_set_text(cli, change, text);
    return json_object_size(change) ? EXIT_DONE : edit_text(cli, id, NULL, change);
}

/* ---- the command ---- */

static const char *path_of(struct cli *cli, const struct delivery_id *id, bool published)
{
    const char *path = client_path(cli, "/v1/posts/%s?", id->post);
    if (id->account)
        path = arena_printf(cli->arena, "%s%s&", path, client_path(cli, "account=%s", id->account));
    return arena_printf(cli->arena, "%s%s%s", path, published ? "published=true&" : "",
                        cli_switch(cli, "dry-run") ? "dry_run=true" : "dry_run=false");
}

/* Where nobody is there to ask, only --yes changes what is published. */
static int may_change_published(struct cli *cli, const struct delivery_id *id, bool *ret_may)
{
    size_t count = 0;
    *ret_may = cli_switch(cli, "yes") || cli_switch(cli, "dry-run");
    if (*ret_may || !cli->interactive)
        return EXIT_DONE;
    int code = post_agree(cli, id, false, "change %s there, for everybody? [y/N] ", "nothing was changed", &count);
    *ret_may = count > 0;
    return code;
}

/* There is no undo; the audit trail has the words that were replaced. */
static void tell_where_it_was(struct cli *cli, const struct delivery_id *id, const json_t *change)
{
    static const char *const others[] = {"at", "publish_late", "override"};
    size_t count = json_object_size(change);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        count -= json_object_get(change, others[i]) != NULL;
    if (count)
        printf("what it said before: 'calctl history %s --diff'\n", render_line(cli, id->post));
}

int command_edit(struct cli *cli)
{
    json_t *change = json_in_arena(cli->arena, json_object());
    struct delivery_id id = delivery_id(cli, cli->arguments[0]);
    struct answer answer;
    bool published, dry = cli_switch(cli, "dry-run");
    int code = change_from_options(cli, &id, change);
    if (code || !json_object_size(change) || (code = may_change_published(cli, &id, &published)))
        return code;
    code = client_send(cli, "PATCH", path_of(cli, &id, published), change, &answer);
    if (code || (code = post_print(cli, &answer, dry ? "would change" : "changed")) || cli->json)
        return code;
    if (dry)
        previews_print(cli, json_member(answer.json, "previews"));
    else
        tell_where_it_was(cli, &id, change);
    post_print_kept(cli, &answer);
    return EXIT_DONE;
}
