/*
 * Posts as networks will show and count them: those of the calendar and texts by the daemon's own code,
 * without it; what only the queue has, from the daemon.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/suggest.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/post.h"
#include "cli/render.h"
#include "documents.h"
#include "editorial/preview.h"

enum { TEXT_MOST = 1 << 20 };

/* ---- making it ---- */

static bool is_wanted(struct cli *cli, const char *account)
{
    size_t count;
    const char *const *wanted = cli_options(cli, "account", &count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(wanted[i], account))
            return true;
    return count == 0;
}

static void add_post(struct cli *cli, const struct documents *documents, const struct post *post,
                     json_t *items)
{
    for (size_t i = 0; i < post->target_count; i++)
        for (size_t k = 0;
             k < post->targets[i].content_count && is_wanted(cli, post->targets[i].account->name); k++)
            json_array_append_new(items, preview_to_json(documents->charter, post->targets[i].account,
                                                         post->targets[i].contents[k], post->bucket, NULL,
                                                         post->id));
}

/* A text is a post to all the accounts that are wanted; a JSON object is one as POST /v1/posts takes it. */
static json_t *entry_of(struct cli *cli, const struct documents *documents, const struct buf *text)
{
    json_t *to = json_array(),
           *entry = *buf_text(text) == '{' ? json_parse(buf_text(text), text->length, NULL) : NULL;
    size_t length = text->length;
    while (length && strchr("\r\n", text->data[length - 1]))
        length--;
    if (!json_is_object(entry)) {
        entry = json_object();
        json_set_text(entry, "text", arena_strndup(cli->arena, buf_text(text), length));
    }
    for (size_t i = 0; i < documents->settings->account_count; i++)
        if (is_wanted(cli, documents->settings->accounts[i].account.name))
            json_array_append_new(to, json_string(documents->settings->accounts[i].account.name));
    if (!json_member(entry, "to"))
        json_object_set(entry, "to", to);
    json_decref(to);
    return json_in_arena(cli->arena, entry);
}

static int preview_text(struct cli *cli, const struct documents *documents, const char *path, json_t *items)
{
    struct buf text = {0};
    struct error err = {0};
    struct diags diags = diags_in(cli->arena);
    const struct post *post;
    bool read = !strcmp(path, "-") ? file_read_fd(STDIN_FILENO, "standard input", TEXT_MOST, &text, &err)
                                   : file_read(path, TEXT_MOST, &text, &err);
    int code = read ? EXIT_DONE : cli_fail(EXIT_USAGE, "%s", err.message);
    if (read && documents_read_post(documents, entry_of(cli, documents, &text), cli->arena, &post, &diags)) {
        add_post(cli, documents, post, items);
    } else if (read) {
        render_diags(json_in_arena(cli->arena, diags_to_json(&diags, DIAG_ERROR)));
        code = EXIT_REFUSED;
    }
    buf_release(&text);
    return code;
}

static int preview_queued(struct cli *cli, const char *post, json_t *items)
{
    struct answer answer;
    int code = client_send(cli, "GET", client_path(cli, "/v1/posts/%s/preview", post), NULL, &answer);
    json_t *item, *all = code ? NULL : json_member(answer.json, "items");
    size_t i;
    json_array_foreach(all, i, item)
    {
        if (is_wanted(cli, json_text(item, "account")))
            json_array_append(items, item);
    }
    return code;
}

static bool knows_accounts(struct cli *cli, const struct settings *settings)
{
    size_t count, known = settings ? settings->account_count : 0;
    const char *const *wanted = cli_options(cli, "account", &count);
    const char **names = arena_alloc_array(cli->arena, known + 1, sizeof *names);
    for (size_t i = 0; i < known; i++)
        names[i] = settings->accounts[i].account.name;
    for (size_t i = 0; settings && i < count; i++) {
        const char *nearest = suggest(wanted[i], names, known);
        if (settings_account(settings, wanted[i]))
            continue;
        cli_fail(EXIT_NOT_FOUND, "unknown account '%s'%s%s%s", wanted[i], nearest ? ", did you mean '" : "",
                 nearest ? nearest : "", nearest ? "'?" : "");
        return false;
    }
    return true;
}

static int preview(struct cli *cli, const char *name, json_t *items)
{
    struct documents *documents = documents_load(client_config(cli), clock_now());
    if (!knows_accounts(cli, documents->settings)) {
        documents_free(documents);
        return EXIT_NOT_FOUND;
    }
    bool readable = documents->settings && documents->calendar && documents->charter;
    const struct post *post = readable ? calendar_post(documents->calendar, name) : NULL;
    bool is_text = !strcmp(name, "-") || (!post && !access(name, F_OK));
    int code = EXIT_DONE;
    if (post)
        add_post(cli, documents, post, items);
    else if (is_text && !readable)
        code = cli_fail(EXIT_REFUSED, "the documents have errors: 'calctl check' says which");
    else
        code = is_text ? preview_text(cli, documents, name, items) : preview_queued(cli, name, items);
    documents_free(documents);
    return code;
}

static bool has_error(const json_t *items)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *findings = json_member(json_array_get(items, i), "findings");
        for (size_t k = 0; k < json_array_size(findings); k++)
            if (!strcmp(json_text(json_array_get(findings, k), "level"), "error"))
                return true;
    }
    return false;
}

int command_preview(struct cli *cli)
{
    json_t *items = json_in_arena(cli->arena, json_array());
    int code = preview(cli, cli->arguments[0], items);
    if (code)
        return code;
    if (!json_array_size(items))
        return cli_fail(EXIT_NOT_FOUND, "'%s' does not go to such an account", cli->arguments[0]);
    if (cli->json)
        render_json(json_in_arena(cli->arena, json_pack("{s:O, s:n}", "items", items, "next")));
    else
        previews_print(cli, items);
    return has_error(items) ? EXIT_REFUSED : EXIT_DONE;
}
