/* Commands that show posts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/post.h"
#include "cli/query.h"
#include "cli/render.h"

enum { USUAL_LIMIT = 100 };

static const char *list_path(struct cli *cli, const char *limit, const char *cursor)
{
    struct buf path = {0};
    buf_add_text(&path, query_deliveries(cli));
    query_add(&path, "waiting_for", cli_option(cli, "waiting-for"));
    query_add(&path, "limit", limit);
    query_add(&path, "cursor", cursor);
    return query_take(cli, &path);
}

/* A page may be short although there is more: the rest is asked for. The items are all in the first answer.
 */
static int read_list(struct cli *cli, struct answer *ret_answer)
{
    const char *limit = cli_option(cli, "limit");
    size_t most = limit ? strtoul(limit, NULL, 10) : USUAL_LIMIT;
    int code = client_send(cli, "GET", list_path(cli, limit, NULL), NULL, ret_answer);
    if (code)
        return code;
    json_t *items = json_object_get(ret_answer->json, "items");
    for (const char *next; json_array_size(items) < most && (next = json_text(ret_answer->json, "next"));) {
        struct answer more;
        const char *left = arena_printf(cli->arena, "%zu", most - json_array_size(items));
        code = client_send(cli, "GET", list_path(cli, left, next), NULL, &more);
        if (code)
            return code;
        json_array_extend(items, json_member(more.json, "items"));
        json_object_set(ret_answer->json, "next", json_object_get(more.json, "next"));
    }
    return EXIT_DONE;
}

/* ---- list ---- */

static void print_list(struct cli *cli, const json_t *items)
{
    static const char *const titles[] = {"WHEN", "STATE", "ID", "TEXT"};
    struct table *table = table_new(cli, titles, 4);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *d = json_array_get(items, i);
        const char *cells[] = {render_local(cli, json_text(d, "local")), render_standing(cli, d),
                               render_line(cli, json_text(d, "id")), render_content(cli, json_member(d, "content"))};
        table_row(table, cells);
    }
    if (json_array_size(items))
        table_print(table);
    else
        puts("nothing");
}

int command_list(struct cli *cli)
{
    struct answer answer;
    int code = read_list(cli, &answer);
    if (code)
        return code;
    if (cli->json) {
        render_json(answer.json);
        return EXIT_DONE;
    }
    print_list(cli, json_member(answer.json, "items"));
    if (json_text(answer.json, "next"))
        puts("… and more: narrow it with --during or --account, or raise --limit");
    return EXIT_DONE;
}

/* ---- show ---- */

static void print_field(struct cli *cli, const char *name, const char *value)
{
    if (value && *value)
        printf("  %-12s %s\n", name, render_line(cli, value));
}

static void print_text(struct cli *cli, const char *text)
{
    for (const char *line = text; line && *line;) {
        const char *end = strchr(line, '\n');
        size_t length = end ? (size_t)(end - line) : strlen(line);
        printf("    │ %s\n", render_line(cli, arena_strndup(cli->arena, line, length)));
        line = end ? end + 1 : NULL;
    }
}

static void print_parts(struct cli *cli, const json_t *parts)
{
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const json_t *part = json_array_get(parts, i), *media = json_member(part, "media");
        if (json_array_size(parts) > 1)
            printf("    %zu/%zu\n", i + 1, json_array_size(parts));
        print_text(cli, json_text(part, "text"));
        for (size_t m = 0; m < json_array_size(media); m++) {
            const json_t *item = json_array_get(media, m);
            printf("    ▣ %s — %s\n", render_line(cli, json_text(item, "file")), render_line(cli, json_text(item, "alt")));
        }
    }
}

/* "deleted  2d ago" */
static void print_time(struct cli *cli, const char *name, const char *utc)
{
    if (utc)
        print_field(cli, name, render_relative(cli, utc));
}

/* "alt-text, gap by token redaction 2d ago: a quotation". */
static void print_overrides(struct cli *cli, const json_t *overrides)
{
    for (size_t i = 0; i < json_array_size(overrides); i++) {
        const json_t *o = json_array_get(overrides, i), *findings = json_member(o, "findings");
        struct buf rules = {0};
        for (size_t f = 0; f < json_array_size(findings); f++) {
            const char *rule = json_text(json_array_get(findings, f), "rule");
            if (rule && !strstr(buf_text(&rules), rule))
                buf_printf(&rules, "%s%s", rules.length ? ", " : "", rule);
        }
        print_field(cli, "overrode",
                    arena_printf(cli->arena, "%s by %s %s: %s", query_take(cli, &rules), json_text(o, "who"),
                                 render_relative(cli, json_text(o, "at")), json_text(o, "why")));
    }
}

/* Whom it waits for, and what was said: "approved by uid 1000 (anna) 2h ago", "rejected by …: too long". */
static void print_approval(struct cli *cli, const json_t *approval)
{
    const json_t *said = json_member(approval, "said");
    if (json_text(approval, "waits_for"))
        print_field(cli, "approval", arena_printf(cli->arena, "waits for %s (it takes: %s)", json_text(approval, "waits_for"),
                                                  json_text(approval, "wants")));
    for (size_t i = 0; i < json_array_size(said); i++) {
        const json_t *word = json_array_get(said, i);
        const char *why = json_text(word, "why"), *hash = json_text(word, "content_hash");
        bool other = hash && strcmp(hash, json_text(approval, "content_hash")) != 0;
        print_field(cli, json_text(word, "kind"),
                    arena_printf(cli->arena, "by %s %s%s%s%s", json_text(word, "who"),
                                 render_relative(cli, json_text(word, "at")), why ? ": " : "", why ? why : "",
                                 other ? " (of other words than now)" : ""));
    }
}

static void print_delivery(struct cli *cli, const json_t *d)
{
    static const char *const fields[] = {"message", "url", "remote_id", "series", "slot_name", "bucket", "campaign", "source", "author"};
    static const char *const contents[] = {"title", "link", "language", "warning", "visibility", "summary", "slug"};
    const json_t *content = json_member(d, "content");
    printf("%s  %s  %s (%s)\n", render_bold(cli, render_line(cli, json_text(d, "id"))),
           render_standing(cli, d), render_local(cli, json_text(d, "local")),
           render_relative(cli, json_text(d, "slot")));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        print_field(cli, fields[i], json_text(d, fields[i]));
    if (json_flag(d, "overridden", false))
        print_field(cli, "changed", "by a person, until its entry in the file changes");
    print_time(cli, "published", json_text(d, "published"));
    if (json_number(d, "parts_out", 0) > 0)
        print_field(cli, "parts out", arena_printf(cli->arena, "%lld of %zu", (long long)json_number(d, "parts_out", 0),
                                                   json_array_size(json_member(content, "parts"))));
    print_time(cli, "edited", json_text(d, "edited"));
    print_time(cli, "deleted", json_text(d, "deleted"));
    print_overrides(cli, json_member(d, "overrides"));
    print_approval(cli, json_member(d, "approval"));
    if (json_flag(d, "publish_late", false))
        print_field(cli, "if missed", "published however late it is");
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++)
        print_field(cli, contents[i], json_text(content, contents[i]));
    print_parts(cli, json_member(content, "parts"));
    if (json_text(content, "body"))
        print_text(cli, json_text(content, "body"));
    if (json_is_object(json_member(d, "edit"))) {
        print_field(cli, "is to say", "what follows, as soon as it is changed on its network");
        print_parts(cli, json_member(json_member(d, "edit"), "parts"));
    }
}

int command_show(struct cli *cli)
{
    int first = EXIT_DONE;
    for (size_t i = 0; i < cli->argument_count; i++) {
        struct delivery_id id = delivery_id(cli, cli->arguments[i]);
        struct answer answer;
        const char *path = id.account ? client_path(cli, "/v1/deliveries/%s/%s", id.post, id.account)
                                      : client_path(cli, "/v1/posts/%s", id.post);
        int code = client_send(cli, "GET", path, NULL, &answer);
        if (code && !first)
            first = code;
        if (code)
            continue;
        const json_t *deliveries = json_member(answer.json, "deliveries");
        if (cli->json)
            render_json(answer.json);
        else if (deliveries)
            for (size_t d = 0; d < json_array_size(deliveries); d++)
                print_delivery(cli, json_array_get(deliveries, d));
        else
            print_delivery(cli, answer.json);
    }
    return first;
}

/* ---- slots, ics ---- */

int command_slots(struct cli *cli)
{
    static const char *const titles[] = {"WHEN", "SLOT", "ACCOUNTS", "POST"};
    struct buf path = {0};
    struct answer answer;
    buf_add_text(&path, "/v1/slots");
    static const char *const same[] = {"slot", "from", "until", "during"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        query_add(&path, same[i], cli_option(cli, same[i]));
    query_add(&path, "limit", cli_option(cli, "limit") ? cli_option(cli, "limit") : "20");
    int code = client_send(cli, "GET", query_take(cli, &path), NULL, &answer);
    if (code)
        return code;
    if (cli->json) {
        render_json(answer.json);
        return EXIT_DONE;
    }
    const json_t *items = json_member(answer.json, "items");
    struct table *table = table_new(cli, titles, 4);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *s = json_array_get(items, i), *accounts = json_member(s, "accounts");
        struct buf names = {0};
        for (size_t a = 0; a < json_array_size(accounts); a++)
            buf_printf(&names, "%s%s", a ? ", " : "", json_string_value(json_array_get(accounts, a)));
        const char *post = json_text(s, "post");
        const char *cells[] = {render_local(cli, json_text(s, "local")), render_line(cli, json_text(s, "slot")),
                               query_take(cli, &names), post ? render_line(cli, post) : "free"};
        table_row(table, cells);
    }
    if (json_array_size(items))
        table_print(table);
    else
        puts("no slots: see 'slots' in calendar.yaml(5)");
    return EXIT_DONE;
}

int command_ics(struct cli *cli)
{
    struct answer answer;
    int code = client_send(cli, "GET", "/calendar.ics", NULL, &answer);
    if (!code)
        fwrite(answer.body, 1, answer.length, stdout);
    return code;
}
