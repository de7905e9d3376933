/*
 * export: what list shows, as a file. What a row of CSV looks like is export_csv.c's, what an event looks
 * like queue/ics.h's; here they are asked for, page by page, and written as they come.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/utf8.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/export.h"
#include "cli/pages.h"
#include "cli/query.h"
#include "queue/ics.h"

enum { MOST = 1 << 30 };

struct format;

struct exporting {
    FILE *out;
    char separator;
    bool bom;
    const struct format *format;
    const char *name, *installation; /* of an iCalendar */
    bool begun, failed;
};

static void put(const struct exporting *e, struct buf *text)
{
    fwrite(buf_text(text), 1, text->length, e->out);
    buf_release(text);
}

/* ---- CSV ---- */

static void csv_begin(struct exporting *e)
{
    struct buf text = {0};
    if (e->bom)
        buf_add_text(&text, UTF8_MARK);
    export_csv_head(&text, e->separator);
    put(e, &text);
}

static void csv_item(struct cli *cli, const json_t *delivery, void *context)
{
    struct exporting *e = context;
    struct buf text = {0};
    export_csv_row(&text, delivery, e->separator);
    put(e, &text);
    (void)cli;
}

/* ---- JSON: one array, an object a line ---- */

static void json_begin(struct exporting *e)
{
    fputs("[", e->out);
}

static void json_item(struct cli *cli, const json_t *delivery, void *context)
{
    struct exporting *e = context;
    char *text = json_print(delivery);
    fprintf(e->out, "%s\n%s", e->begun ? "," : "", text);
    free(text);
    (void)cli;
}

static void json_end(struct exporting *e)
{
    fputs("\n]\n", e->out);
}

/* ---- iCalendar ---- */

static instant instant_of(const json_t *delivery, const char *member)
{
    const char *text = json_text(delivery, member);
    instant at;
    return text && instant_parse(text, &at) ? at : 0;
}

static bool delivery_of(struct cli *cli, const json_t *json, struct delivery *ret_delivery, struct error *err)
{
    const struct content *content = content_from_json(cli->arena, json_member(json, "content"), err);
    const char *state = json_text(json, "state");
    *ret_delivery = (struct delivery){
        .post_id = json_text(json, "post"),
        .account = json_text(json, "account"),
        .slot = instant_of(json, "slot"),
        .published = instant_of(json, "published"),
        .deleted = instant_of(json, "deleted"),
        .updated = instant_of(json, "updated"),
        .version = json_number(json, "version", 0),
        .bucket = json_text(json, "bucket"),
        .message = json_text(json, "message"),
        .content = content,
    };
    return content && state && state_parse(state, &ret_delivery->state) && ret_delivery->post_id &&
           ret_delivery->account;
}

static void ics_start(struct exporting *e)
{
    struct buf text = {0};
    ics_begin(&text, e->name);
    put(e, &text);
}

static void ics_item(struct cli *cli, const json_t *json, void *context)
{
    struct exporting *e = context;
    struct delivery delivery;
    struct error err = {""};
    struct buf text = {0};
    if (delivery_of(cli, json, &delivery, &err)) {
        ics_add(&text, &delivery, e->installation, json_text(json, "url"));
    } else { /* a daemon of another version */
        cli_fail(EXIT_INTERNAL, "'%s' cannot be exported: %s", json_text(json, "id"), err.message);
        e->failed = true;
    }
    put(e, &text);
}

static void ics_finish(struct exporting *e)
{
    struct buf text = {0};
    ics_end(&text);
    put(e, &text);
}

/* ---- which ---- */

static const struct format {
    const char *name;
    void (*begin)(struct exporting *e);
    page_item *item;
    void (*end)(struct exporting *e); /* or NULL */
} formats[] = {
    {"csv", csv_begin, csv_item, NULL},
    {"json", json_begin, json_item, json_end},
    {"ics", ics_start, ics_item, ics_finish},
};

/* Nothing is written before there is an answer. */
static void begin(struct exporting *e)
{
    if (!e->begun)
        e->format->begin(e);
}

static void take_item(struct cli *cli, const json_t *delivery, void *context)
{
    struct exporting *e = context;
    begin(e);
    e->format->item(cli, delivery, e);
    e->begun = true;
}

/* As /calendar.ics is called, and whose its events are. */
static int read_names(struct cli *cli, struct exporting *e)
{
    struct answer answer;
    int code = client_send(cli, "GET", "/v1/status", NULL, &answer);
    if (code)
        return code;
    const char *brand = json_text(answer.json, "brand");
    e->name = brand ? brand : "cald";
    e->installation = json_text(answer.json, "installation");
    return e->installation ? EXIT_DONE
                           : cli_fail(EXIT_INTERNAL, "the daemon does not say what makes its events unique: it is of "
                                                     "another version than calctl, or its disk is full");
}

static int write_all(struct cli *cli, struct exporting *e, long long most)
{
    int code = e->format->begin == ics_start ? read_names(cli, e) : EXIT_DONE;
    code = code ? code : pages_each(cli, query_deliveries(cli), most, take_item, e);
    if (code)
        return code;
    begin(e);
    if (e->format->end)
        e->format->end(e);
    return e->failed ? EXIT_INTERNAL : EXIT_DONE;
}

static int read_format(const struct cli *cli, const struct format **ret_format)
{
    const char *name = cli_option(cli, "format");
    if (cli->json && name && strcmp(name, "json") != 0)
        return cli_fail(EXIT_USAGE, "--json is --format json, not %s: give one of the two", name);
    if (!name)
        name = cli->json ? "json" : "csv";
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].name, name)) {
            *ret_format = &formats[i];
            return EXIT_DONE;
        }
    return cli_fail(EXIT_USAGE, "--format takes csv, json or ics, not '%s'", name);
}

static int read_csv_options(const struct cli *cli, struct exporting *e)
{
    static const struct {
        const char *name;
        char separator;
    } separators[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}};
    const char *name = cli_option(cli, "separator");
    e->bom = cli_switch(cli, "bom");
    e->separator = name ? 0 : ',';
    if (e->format != &formats[0] && (name || e->bom))
        return cli_fail(EXIT_USAGE, "--%s goes with --format csv", name ? "separator" : "bom");
    for (size_t i = 0; name && i < sizeof separators / sizeof *separators; i++)
        if (!strcmp(separators[i].name, name))
            e->separator = separators[i].separator;
    return e->separator ? EXIT_DONE
                        : cli_fail(EXIT_USAGE, "--separator takes comma, semicolon or tab, not '%s'", name);
}

static int read_limit(const struct cli *cli, long long *ret_most)
{
    const char *text = cli_option(cli, "limit");
    char *end = NULL;
    *ret_most = text ? strtoll(text, &end, 10) : MOST;
    if (text && (end == text || *end || *ret_most < 1))
        return cli_fail(EXIT_USAGE, "--limit takes a number from 1 on, not '%s'", text);
    return EXIT_DONE;
}

/* ---- where to ---- */

/* Half an export must not be taken for a whole one: it gets its name when it is written. */
static int finish(const struct exporting *e, int code, const char *part, const char *path)
{
    bool ok = !fflush(e->out) && !ferror(e->out);
    if (!path)
        return ok || code ? code : cli_fail(EXIT_INTERNAL, "cannot write: %s", strerror(errno));
    ok = !fclose(e->out) && ok;
    if (!code && (!ok || rename(part, path)))
        code = cli_fail(EXIT_INTERNAL, "cannot write '%s': %s", path, strerror(errno));
    if (code)
        unlink(part);
    return code;
}

int command_export(struct cli *cli)
{
    const char *path = cli_option(cli, "output"), *part = NULL;
    struct exporting e = {.out = stdout};
    long long most;
    int code = read_format(cli, &e.format);
    if (code || (code = read_csv_options(cli, &e)) || (code = read_limit(cli, &most)))
        return code;
    if (path && !strcmp(path, "-"))
        path = NULL;
    if (path) {
        part = arena_printf(cli->arena, "%s.part", path);
        e.out = fopen(part, "we");
    }
    if (!e.out)
        return cli_fail(EXIT_INTERNAL, "cannot write '%s': %s", part, strerror(errno));
    return finish(&e, write_all(cli, &e, most), part, path);
}
