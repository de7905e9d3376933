/*
 * calctl import: what is asked for, what is answered, and the file that is written. How rows become posts is
 * told in import.h; the calendar as it would be is judged by the daemon's own loader.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/compare.h"
#include "cli/difference.h"
#include "cli/import.h"
#include "cli/objection.h"
#include "cli/render.h"
#include "editorial/zone.h"

enum { SHOWN_LEFT_OUT = 20, SHOWN_CHANGES = 1000 };

/* ---- findings ---- */

static void add_finding(struct importing *im, enum diag_level level, const struct csv_cell *cell,
                        const char *header, const char *remedy, const char *message)
{
    diags_add(&im->diags,
              &(struct diag){.level = level,
                             .file = im->file,
                             .line = cell ? cell->line : 0,
                             .column = cell ? cell->column : 0,
                             .rule = "import",
                             .message = header ? arena_printf(im->arena, "column '%s': %s", header, message)
                                               : message,
                             .remedy = remedy});
}

bool import_fail(struct importing *im, const struct csv_cell *cell, const char *header, const char *remedy,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_finding(im, DIAG_ERROR, cell, header, remedy, arena_vprintf(im->arena, format, args));
    va_end(args);
    return false;
}

void import_warn(struct importing *im, const struct csv_cell *cell, const char *header, const char *remedy,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_finding(im, DIAG_WARNING, cell, header, remedy, arena_vprintf(im->arena, format, args));
    va_end(args);
}

void import_leave_out(struct importing *im, const struct csv_row *row, const char *format, ...)
{
    va_list args;
    json_t *item = json_object();
    va_start(args, format);
    json_set_number(item, "line", row->line);
    json_set_text(item, "why", arena_vprintf(im->arena, format, args));
    va_end(args);
    json_array_append_new(im->left_out, item);
}

/* ---- what is asked for ---- */

static int read_order(struct importing *im)
{
    static const char *const words[] = {"ymd", "dmy", "mdy"}; /* enum date_order */
    const char *word = cli_option(im->cli, "date-format");
    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], word)) {
            im->order = (enum date_order)i;
            return EXIT_DONE;
        }
    return word ? cli_fail(EXIT_USAGE,
                           "--date-format takes dmy (3/4/2026 is in April), mdy (in March) or ymd, not '%s'",
                           word)
                : EXIT_DONE;
}

static int read_time(struct importing *im)
{
    const char *text = cli_option(im->cli, "time");
    struct import_time time;
    if (!text)
        return EXIT_DONE;
    if (!import_time_parse(text, DATE_YEAR_FIRST, &time, NULL) || time.has_date || !time.has_time ||
        time.has_offset)
        return cli_fail(EXIT_USAGE, "--time takes a time of day such as 09:00, not '%s'", text);
    struct civil *civil = arena_new_of(im->arena, struct civil);
    *civil = time.civil;
    im->time = civil;
    return EXIT_DONE;
}

static int read_slot(struct importing *im)
{
    im->slot = cli_option(im->cli, "slot");
    return !im->slot || calendar_slot(im->documents->calendar, im->slot)
               ? EXIT_DONE
               : cli_fail(EXIT_NOT_FOUND, "--slot: the calendar has no slot '%s'", im->slot);
}

static int read_folder(struct importing *im)
{
    const char *folder = cli_option(im->cli, "media-folder");
    size_t length = folder ? strlen(folder) : 0;
    while (length && folder[length - 1] == '/')
        length--;
    im->media_folder = folder ? arena_strndup(im->arena, folder, length) : NULL;
    im->skip_past = cli_switch(im->cli, "skip-past");
    return EXIT_DONE;
}

static int read_separator(const struct importing *im, char *ret_separator)
{
    static const char names[][10] = {"comma", "semicolon", "tab"}, signs[] = ",;\t";
    const char *name = cli_option(im->cli, "separator");
    *ret_separator = 0;
    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            *ret_separator = signs[i];
    return !name || *ret_separator
               ? EXIT_DONE
               : cli_fail(EXIT_USAGE, "--separator takes comma, semicolon or tab, not '%s'", name);
}

/* ---- reading ---- */

static int read_documents(struct importing *im, struct documents *documents)
{
    im->documents = documents;
    if (!documents->diags.errors && documents->calendar && documents->settings)
        return EXIT_DONE;
    json_t *errors = json_in_arena(im->arena, diags_to_json(&documents->diags, DIAG_ERROR));
    if (im->cli->json)
        render_json(json_in_arena(im->arena, json_pack("{s:O}", "errors", errors)));
    else
        objection_print_files(im->cli, errors);
    return cli_fail(EXIT_REFUSED, "nothing was read from '%s': mend your documents first, 'calctl check'",
                    im->file);
}

static int read_file(struct importing *im)
{
    struct buf bytes = {0};
    struct error err = {""};
    char separator;
    int code = read_separator(im, &separator);
    if (code)
        return code;
    bool is_input = !strcmp(im->file, "-");
    if (is_input)
        im->file = "standard input";
    bool ok = is_input ? file_read_fd(STDIN_FILENO, im->file, CSV_MAX_BYTES, &bytes, &err)
                       : file_read(im->file, CSV_MAX_BYTES, &bytes, &err);
    if (ok)
        im->csv = csv_parse(im->file, buf_text(&bytes), bytes.length, separator, im->arena, &im->diags);
    buf_release(&bytes);
    return ok ? EXIT_DONE : cli_fail(EXIT_USAGE, "%s", err.message);
}

static int read_all(struct importing *im)
{
    int (*const steps[])(struct importing * im) = {read_order,           read_time, read_slot, read_folder,
                                                   import_read_accounts, read_file};
    int code = EXIT_DONE;
    for (size_t i = 0; !code && i < sizeof steps / sizeof *steps; i++)
        code = steps[i](im);
    if (code || !im->csv || !import_read_header(im))
        return code;
    import_read_rows(im);
    import_tell_lost(im);
    import_make_posts(im);
    return EXIT_DONE;
}

/* ---- where it would be ---- */

struct destination {
    const char *path;
    bool is_read; /* cald reads it by itself: it is in a directory of 'calendar' */
};

static const char *directory_of(struct importing *im, const char *path)
{
    char *directory = file_directory(path), real[PATH_MAX];
    const char *found =
        realpath(directory, real) ? arena_strdup(im->arena, real) : arena_strdup(im->arena, directory);
    free(directory);
    return found;
}

/* The same file as the documents would name it. */
static struct destination destination_of(struct importing *im, const char *path)
{
    const struct settings *settings = im->documents->settings;
    const char *name = import_base_name(path), *directory = directory_of(im, path);
    for (size_t i = 0; i < settings->calendar_file_count; i++) {
        const char *entry = settings->calendar_files[i];
        bool is_directory = entry[strlen(entry) - 1] == '/';
        if (is_directory && !strcmp(directory_of(im, arena_printf(im->arena, "%sx", entry)), directory) &&
            file_is_listed(name, ".yaml"))
            return (struct destination){arena_printf(im->arena, "%s%s", entry, name), true};
        if (!is_directory && !strcmp(directory_of(im, entry), directory) && !strcmp(import_base_name(entry), name))
            return (struct destination){entry, true};
    }
    return (struct destination){path, false};
}

/* "calendar.d/import-posts-1a2b3c4d.yaml": another name for other posts. */
static const char *default_path(struct importing *im, const struct import_yaml *yaml)
{
    const struct settings *settings = im->documents->settings;
    const char *name = import_base_name(im->file), *directory = NULL;
    char hash[SHA256_HEX], stem[41];
    size_t length = 0;
    for (const char *c = name; *c && *c != '.' && length < sizeof stem - 1; c++)
        stem[length++] =
            strchr("/ \t\n\"'\\", *c) || (unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f ? '-' : *c;
    stem[length] = '\0';
    for (size_t i = 0; i < settings->calendar_file_count && !directory; i++)
        if (settings->calendar_files[i][strlen(settings->calendar_files[i]) - 1] == '/')
            directory = settings->calendar_files[i];
    if (!directory)
        directory = arena_printf(im->arena, "%s/", settings->directory);
    sha256_hex(buf_text(&yaml->text), yaml->text.length, hash);
    return arena_printf(im->arena, "%simport-%s-%.8s.yaml", strcmp(directory, "./") ? directory : "", stem,
                        hash);
}

/* ---- what an earlier import wrote ---- */

static int check_replaced(const char *path)
{
    char head[sizeof IMPORT_HEAD] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return cli_fail(EXIT_REFUSED, "cannot open '%s': %s", path, strerror(errno));
    size_t length = fread(head, 1, sizeof head - 1, file);
    fclose(file);
    return length == sizeof head - 1 && !strcmp(head, IMPORT_HEAD)
               ? EXIT_DONE
               : cli_fail(EXIT_REFUSED, "'%s' was not written by 'calctl import': it is not replaced", path);
}

/* The documents as if there were nothing in that file. */
static int read_rest(struct importing *im, struct documents **ret_rest)
{
    const char *path = cli_option(im->cli, "replace");
    if (!path || access(path, F_OK))
        return EXIT_DONE;
    const char *text = arena_printf(im->arena, "timezone: %s\n", zone_name(im->before->calendar->zone));
    struct documents_draft draft = {destination_of(im, path).path, text, strlen(text)};
    int code = check_replaced(path);
    if (code)
        return code;
    *ret_rest = documents_load_with(client_config(im->cli), im->now, &draft);
    return read_documents(im, *ret_rest);
}

/* ---- the answer ---- */

struct result {
    struct importing *im;
    struct documents *rest; /* without the file that is replaced; or NULL */
    struct import_yaml yaml;
    struct destination target;
    json_t *plan; /* NULL: there is nothing to import, or it cannot be */
    bool written;
};

static struct documents *load(struct result *o)
{
    struct documents_draft draft = {o->target.path, buf_text(&o->yaml.text), o->yaml.text.length};
    struct documents *after = documents_load_with(client_config(o->im->cli), o->im->now, &draft);
    import_take_findings(o->im, &o->yaml, o->target.path, &after->diags);
    return after;
}

/* Of very many errors only the first are kept; the others count. */
static void count_hidden(struct importing *im, const struct diags *found)
{
    size_t listed = 0;
    for (size_t i = 0; i < found->count; i++)
        listed += found->items[i].level == DIAG_ERROR;
    im->diags.errors += found->errors - listed;
}

/* A calendar with a post that cannot be read is not held against the charter: then it is once more, without
 * it, so that everything is said at once. */
static void judge(struct result *o)
{
    struct importing *im = o->im;
    const char *path = cli_option(im->cli, "output"), *replaced = cli_option(im->cli, "replace");
    import_write_yaml(im, &o->yaml);
    path = path && strcmp(path, "-") != 0 ? path : replaced ? replaced : default_path(im, &o->yaml);
    o->target = destination_of(im, path);
    struct documents *after = load(o);
    if (!after->calendar) {
        documents_free(after);
        buf_release(&o->yaml.text);
        import_write_yaml(im, &o->yaml);
        after = load(o);
    }
    count_hidden(im, &after->diags);
    if (!im->diags.errors) {
        o->plan = compare_documents(im->cli, im->before, after, im->now, SHOWN_CHANGES);
        json_set(o->plan, "warnings", json_array()); /* told with their lines of the CSV */
        json_set(o->plan, "notes", json_array());    /* nothing that the CSV says */
    }
    documents_free(after);
}

static void print_left_out(const struct importing *im)
{
    size_t count = json_array_size(im->left_out);
    for (size_t i = 0; i < count && i < SHOWN_LEFT_OUT; i++) {
        const json_t *item = json_array_get(im->left_out, i);
        fprintf(stderr, "%s:%lld: left out: %s\n", render_line(im->cli, im->file),
                (long long)json_number(item, "line", 0), render_line(im->cli, json_text(item, "why")));
    }
    if (count > SHOWN_LEFT_OUT)
        fprintf(stderr, "… and %zu more rows are left out (--json lists them)\n", count - SHOWN_LEFT_OUT);
}

static void print_findings(struct importing *im)
{
    const struct diags *diags = &im->diags;
    render_diags(json_in_arena(im->arena, diags_to_json(diags, DIAG_WARNING)));
    objection_print_files(im->cli, json_in_arena(im->arena, diags_to_json(diags, DIAG_ERROR)));
    if (diags_untold(diags))
        fprintf(stderr, "… and %zu more findings\n", diags_untold(diags));
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void print_end(const struct result *o)
{
    const struct importing *im = o->im;
    const char *path = render_line(im->cli, o->target.path);
    size_t rows = im->csv->row_count - im->first_row;
    printf("%zu post%s of %zu row%s", im->post_count, plural(im->post_count), rows, plural(rows));
    if (!im->post_count)
        puts(cli_option(im->cli, "replace") ? ": there is nothing to import, and nothing is replaced"
                                            : ": there is nothing new to import");
    else if (o->written)
        printf(": written to %s%s\n", path,
               o->target.is_read ? "" : "; cald reads it when 'calendar' in cald.yaml names it");
    else
        printf("; nothing is changed yet, --write makes %s%s\n", path,
               o->target.is_read ? "" : ", which 'calendar' in cald.yaml must then name");
}

static void print_text(struct result *o)
{
    struct importing *im = o->im;
    const char *path = cli_option(im->cli, "output");
    bool only_yaml = path && !strcmp(path, "-");
    print_left_out(im);
    print_findings(im);
    if (im->diags.errors) {
        fprintf(stderr, "%zu error%s: nothing is imported\n", im->diags.errors, plural(im->diags.errors));
        return;
    }
    if (im->post_count && !o->written)
        fputs(buf_text(&o->yaml.text), stdout);
    if (only_yaml)
        return;
    if (im->post_count) {
        puts(o->written ? "" : "---");
        difference_print(im->cli, o->plan);
    }
    print_end(o);
}

static void print_json(const struct result *o)
{
    const struct importing *im = o->im;
    json_t *all = json_in_arena(im->arena, json_object()), *posts = json_array();
    for (size_t i = 0; i < im->post_count; i++)
        json_array_append_new(posts, json_pack("{s:s, s:i}", "id", im->posts[i].id, "line",
                                               (int)im->posts[i].entries[0]->row->line));
    json_set_text(all, "file", im->file);
    json_set_number(all, "rows", im->csv ? (int64_t)(im->csv->row_count - im->first_row) : 0);
    json_set(all, "posts", posts);
    json_set(all, "left_out", json_incref(im->left_out));
    json_set(all, "output", o->plan ? json_string(o->target.path) : json_null());
    json_set_flag(all, "written", o->written);
    json_set_flag(all, "read_by_cald", o->plan && o->target.is_read);
    json_set(all, "yaml", o->plan ? json_string(buf_text(&o->yaml.text)) : json_null());
    json_set(all, "plan", o->plan ? json_incref(o->plan) : json_null());
    json_set(all, "errors", diags_to_json(&im->diags, DIAG_ERROR));
    json_set(all, "warnings", diags_to_json(&im->diags, DIAG_WARNING));
    render_json(all);
}

/* ---- the command ---- */

static bool is_to_be_written(const struct cli *cli)
{
    const char *path = cli_option(cli, "output");
    return cli_switch(cli, "write") || (path && strcmp(path, "-") != 0);
}

static int is_there(const char *path)
{
    return access(path, F_OK)
               ? EXIT_DONE
               : cli_fail(EXIT_REFUSED, "'%s' is there already: take another name (--output), or --replace what an import "
                          "wrote there", path);
}

static int write_file(struct result *o)
{
    struct error err;
    int code = cli_option(o->im->cli, "replace") ? EXIT_DONE : is_there(o->target.path);
    if (code)
        return code;
    o->written = file_replace(o->target.path, buf_text(&o->yaml.text), o->yaml.text.length, 0644, &err);
    return o->written ? EXIT_DONE : cli_fail(EXIT_INTERNAL, "%s", err.message);
}

static int import(struct result *o, struct documents *documents)
{
    struct importing *im = o->im;
    int code = read_documents(im, documents);
    im->before = documents;
    code = code ? code : read_rest(im, &o->rest);
    code = code ? code : read_all(im);
    if (code)
        return code;
    if (im->post_count)
        judge(o);
    diags_sort(&im->diags);
    if (!im->diags.errors && im->post_count && is_to_be_written(im->cli))
        code = write_file(o);
    if (im->cli->json)
        print_json(o);
    else
        print_text(o);
    return code ? code : im->diags.errors ? EXIT_REFUSED : EXIT_DONE;
}

int command_import(struct cli *cli)
{
    struct importing im = {.cli = cli, .arena = cli->arena, .now = clock_now(), .file = cli->arguments[0]};
    struct result outcome = {.im = &im};
    const char *path = cli_option(cli, "output");
    if (path && !strcmp(path, "-") && (cli->json || cli_switch(cli, "write")))
        return cli_fail(EXIT_USAGE, "--output - shows the YAML: neither --json nor --write goes with it");
    if (path && strcmp(path, "-") != 0 && cli_switch(cli, "replace"))
        return cli_fail(EXIT_USAGE, "--replace names the file: --output does not go with it");
    if (path && strcmp(path, "-") != 0 && is_there(path))
        return EXIT_REFUSED;
    im.diags = diags_in(cli->arena);
    im.left_out = json_in_arena(cli->arena, json_array());
    struct documents *documents = documents_load(client_config(cli), im.now);
    int code = import(&outcome, documents);
    buf_release(&outcome.yaml.text);
    documents_free(outcome.rest);
    documents_free(documents);
    return code;
}
