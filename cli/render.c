/* See render.h. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "cli/objection.h"
#include "cli/render.h"
#include "editorial/zone.h"

enum { COLUMNS_MAX = 8, GAP = 2, NARROWEST_LAST = 20 };

void render_json(const json_t *value)
{
    char *text = json_print_pretty(value);
    fputs(text, stdout);
    free(text);
}

/* ---- text on a terminal ---- */

static void add_safe(struct buf *out, const char *text, bool one_line)
{
    size_t length = strlen(text);
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t c;
        size = utf8_decode(text + i, length - i, &c);
        if (c == '\n' && one_line)
            buf_add_text(out, "⏎ ");
        else if (c == '\n' || c == '\t')
            buf_add_char(out, c == '\n' ? '\n' : ' ');
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
            buf_add_text(out, "\xEF\xBF\xBD"); /* controls and direction overrides would lie about the rest */
        else
            buf_add(out, text + i, size);
    }
}

static const char *safe(struct arena *arena, const char *text, bool one_line)
{
    struct buf out = {0};
    add_safe(&out, text ? text : "", one_line);
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

const char *render_line(const struct cli *cli, const char *text)
{
    return safe(cli->arena, text, true);
}

/* Caller frees; NULL: it is not UTF-8. */
static utf8proc_uint8_t *seen(const char *text)
{
    utf8proc_uint8_t *form = NULL;
    utf8proc_map((const utf8proc_uint8_t *)text, 0, &form,
                 UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE);
    return form;
}

bool render_looks_alike(const char *a, const char *b)
{
    utf8proc_uint8_t *x = seen(a), *y = seen(b);
    bool alike = x && y && !strcmp((const char *)x, (const char *)y);
    free(x);
    free(y);
    return alike;
}

const char *render_content(const struct cli *cli, const json_t *content)
{
    const char *title = json_text(content, "title");
    const json_t *first = json_array_get(json_member(content, "parts"), 0);
    const char *text = json_text(first, "text");
    if (title && *title)
        text = title;
    return render_line(cli, text && *text ? text : json_text(content, "body"));
}

/* Columns that a text takes; colour sequences take none. */
static int width_of(const char *text, size_t length)
{
    int width = 0;
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t c;
        size = utf8_decode(text + i, length - i, &c);
        if (c == 0x1b) {
            while (i + size < length && text[i + size - 1] != 'm')
                size++;
            continue;
        }
        int columns = utf8proc_charwidth((utf8proc_int32_t)c);
        width += columns > 0 ? columns : 0;
    }
    return width;
}

static size_t bytes_in_width(const char *text, int most)
{
    size_t length = strlen(text), end = 0;
    while (end < length) {
        uint32_t c;
        size_t size = utf8_decode(text + end, length - end, &c);
        if (width_of(text, end + size) > most)
            break;
        end += size;
    }
    return end;
}

const char *render_padded(const struct cli *cli, const char *text, int width)
{
    const char *line = render_line(cli, text);
    int missing = width - width_of(line, strlen(line));
    return arena_printf(cli->arena, "%s%*s", line, missing > 0 ? missing : 0, "");
}

/* ---- colours ---- */

static const struct {
    const char *state, *colour;
} state_colours[] = {
    {"published", "\x1b[32m"}, {"ready", "\x1b[36m"},     {"sending", "\x1b[36m"},  {"waiting", "\x1b[33m"},
    {"held", "\x1b[33m"},      {"unsure", "\x1b[35m"},    {"refused", "\x1b[31m"},  {"missed", "\x1b[31m"},
    {"draft", "\x1b[2m"},      {"cancelled", "\x1b[2m"},  {"ok", "\x1b[32m"},       {"paused", "\x1b[33m"},
    {"braked", "\x1b[33m"},    {"reconnect", "\x1b[31m"}, {"deleting", "\x1b[33m"}, {"deleted", "\x1b[2m"},
    {"editing", "\x1b[33m"},   {"edited", "\x1b[32m"},
};

const char *render_state(const struct cli *cli, const char *state)
{
    const char *name = safe(cli->arena, state, true);
    if (cli->colour)
        for (size_t i = 0; i < sizeof state_colours / sizeof *state_colours; i++)
            if (!strcmp(state_colours[i].state, name))
                return arena_printf(cli->arena, "%s%s\x1b[0m", state_colours[i].colour, name);
    return name;
}

const char *render_standing(const struct cli *cli, const json_t *delivery)
{
    const char *state = json_text(delivery, "state");
    if (json_text(delivery, "deleted"))
        state = "deleted";
    else if (json_text(delivery, "deleting"))
        state = "deleting";
    else if (json_text(delivery, "editing"))
        state = "editing";
    else if (json_text(delivery, "edited"))
        state = "edited";
    return render_state(cli, state);
}

const char *render_painted(const struct cli *cli, enum paint paint, const char *text)
{
    static const char *const colours[] = {"\x1b[31m", "\x1b[32m", "\x1b[33m"};
    return cli->colour ? arena_printf(cli->arena, "%s%s\x1b[0m", colours[paint], text) : text;
}

const char *render_bold(const struct cli *cli, const char *text)
{
    return cli->colour ? arena_printf(cli->arena, "\x1b[1m%s\x1b[0m", text) : text;
}

/* ---- times ---- */

const char *render_local(const struct cli *cli, const char *local)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil c;
    bool has_time;
    if (!local || strlen(local) < 19)
        return "-";
    if (!civil_parse(arena_strndup(cli->arena, local, 19), &c, &has_time))
        return safe(cli->arena, local, true);
    int64_t this_year;
    unsigned month, day;
    days_to_civil(clock_now() / DAYS(1), &this_year, &month, &day);
    const char *year = c.year == this_year ? "" : arena_printf(cli->arena, " %d", c.year);
    const char *second = c.second ? arena_printf(cli->arena, ":%02d", c.second) : "";
    return arena_printf(cli->arena, "%s %2d %s%s %02d:%02d%s", days[civil_weekday(&c)], c.day, months[c.month - 1], year,
                        c.hour, c.minute, second);
}

const char *render_relative(const struct cli *cli, const char *utc)
{
    instant at;
    char text[32];
    if (!utc || !instant_parse(utc, &at))
        return "-";
    duration d = at - clock_now();
    if (d > -SECONDS(1) && d < SECONDS(1))
        return "now";
    if (d > 0)
        return arena_printf(cli->arena, "in %s", duration_format(d + 999, text, sizeof text));
    return arena_printf(cli->arena, "%s ago", duration_format(-d, text, sizeof text));
}

/* ---- tables ---- */

struct table {
    struct cli *cli;
    size_t columns;
    const char *const *titles;
    const char **cells; /* row by row */
    size_t cell_count;
    int widths[COLUMNS_MAX];
};

struct table *table_new(struct cli *cli, const char *const *titles, size_t columns)
{
    struct table *table = arena_new_of(cli->arena, struct table);
    *table = (struct table){.cli = cli, .columns = columns, .titles = titles};
    for (size_t i = 0; i < columns; i++)
        table->widths[i] = width_of(titles[i], strlen(titles[i]));
    return table;
}

void table_row(struct table *table, const char *const *cells)
{
    for (size_t i = 0; i < table->columns; i++) {
        const char *cell = cells[i] ? arena_strdup(table->cli->arena, cells[i]) : "";
        *arena_push(table->cli->arena, table->cells, table->cell_count) = cell;
        int width = width_of(cell, strlen(cell));
        if (width > table->widths[i])
            table->widths[i] = width;
    }
}

/* Wide enough for everything when the output is no terminal: nothing is cut for a program. */
static int terminal_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return 0;
    return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : 80;
}

static void print_row(const struct table *table, const char *const *cells, int last_width, bool bold)
{
    struct buf line = {0};
    for (size_t i = 0; i < table->columns; i++) {
        const char *cell = cells[i];
        bool last = i + 1 == table->columns;
        size_t length = strlen(cell);
        if (last && last_width && width_of(cell, length) > last_width) {
            buf_add(&line, cell, bytes_in_width(cell, last_width - 1));
            buf_add_text(&line, "…");
        } else {
            buf_add(&line, cell, length);
        }
        for (int pad = table->widths[i] + GAP - width_of(cell, length); !last && pad > 0; pad--)
            buf_add_char(&line, ' ');
    }
    while (line.length && line.data[line.length - 1] == ' ')
        line.data[--line.length] = '\0';
    puts(bold ? render_bold(table->cli, buf_text(&line)) : buf_text(&line));
    buf_release(&line);
}

void table_print(struct table *table)
{
    int total = terminal_width(), used = 0;
    for (size_t i = 0; i + 1 < table->columns; i++)
        used += table->widths[i] + GAP;
    int last = total ? total - used : 0;
    if (total && last < NARROWEST_LAST)
        last = NARROWEST_LAST;
    print_row(table, table->titles, last, true);
    for (size_t i = 0; i < table->cell_count; i += table->columns)
        print_row(table, table->cells + i, last, false);
}

/* ---- problems ---- */

static void print_diag(FILE *out, const json_t *diag)
{
    struct buf line = {0};
    const char *file = json_text(diag, "file"), *message = json_text(diag, "message");
    const char *nearest = json_text(diag, "nearest"), *level = json_text(diag, "level");
    const char *remedy = json_text(diag, "remedy"), *in = json_text(diag, "in");
    if (file) {
        add_safe(&line, file, true);
        if (json_number(diag, "line", 0))
            buf_printf(&line, ":%lld", (long long)json_number(diag, "line", 0));
        if (json_member(diag, "column"))
            buf_printf(&line, ":%lld", (long long)json_number(diag, "column", 0));
        buf_add_text(&line, ": ");
    }
    if (level && strcmp(level, "error") != 0)
        buf_printf(&line, "%s: ", level);
    if (json_text(diag, "account") && !file)
        buf_printf(&line, "%s: ", json_text(diag, "account"));
    add_safe(&line, message ? message : "", true);
    if (in && strcmp(in, "text") != 0)
        buf_printf(&line, " (%s)", in);
    if (remedy) {
        buf_add_text(&line, "; ");
        add_safe(&line, remedy, true);
    }
    if (nearest && *nearest)
        buf_printf(&line, "; did you mean '%s'?", nearest);
    fprintf(out, "%s\n", buf_text(&line));
    buf_release(&line);
}

void render_diags(const json_t *diags)
{
    for (size_t i = 0; i < json_array_size(diags); i++)
        print_diag(stderr, json_array_get(diags, i));
}

void render_notes(const json_t *notes)
{
    for (size_t i = 0; i < json_array_size(notes); i++)
        print_diag(stdout, json_array_get(notes, i));
}

/* One error alone is the detail itself, with its place: it is said once. */
static bool says_the_same(const char *detail, const json_t *errors)
{
    const char *only = json_array_size(errors) == 1 ? json_text(json_array_get(errors, 0), "message") : NULL;
    return only && !strcmp(only, detail);
}

void render_problem(const struct cli *cli, const json_t *problem, int status, const char *body)
{
    if (cli->json && problem) {
        render_json(problem);
        return;
    }
    const json_t *errors = json_member(problem, "errors");
    const char *detail = json_text(problem, "detail"), *nearest = json_text(problem, "nearest");
    if (!detail)
        detail = json_text(problem, "title");
    if (!detail)
        detail = *body ? body : "no answer";
    fflush(stdout);
    fputs("calctl: ", stderr);
    if (!says_the_same(detail, errors)) {
        fputs(safe(cli->arena, detail, true), stderr);
        if (nearest && !strstr(detail, "did you mean"))
            fprintf(stderr, ", did you mean '%s'?", safe(cli->arena, nearest, true));
        fputs(status == 500 ? " (a fault of cald's, see its log)\n" : "\n", stderr);
    }
    render_diags(errors);
    render_diags(json_member(problem, "findings"));
    objection_print(cli, problem);
}

/* ---- texts of several lines ---- */

/* As many bytes of a line as fit, up to a blank if there is one among them. */
static size_t line_length(const char *line, int width)
{
    size_t length = bytes_in_width(line, width), blank = length;
    if (!line[length])
        return length;
    while (blank && line[blank] != ' ')
        blank--;
    return blank ? blank : length ? length : strlen(line);
}

void render_wrapped(const struct cli *cli, const char *indent, const char *text)
{
    int whole = terminal_width(), width = whole ? whole - width_of(indent, strlen(indent)) : INT_MAX;
    for (const char *line = text, *end; line; line = *end ? end + 1 : NULL) {
        end = line + strcspn(line, "\n");
        const char *rest = safe(cli->arena, arena_strndup(cli->arena, line, (size_t)(end - line)), true);
        do {
            size_t length = line_length(rest, width < 20 ? 20 : width);
            printf("%s%.*s\n", indent, (int)length, rest);
            rest += length;
            rest += *rest == ' ';
        } while (*rest);
    }
}
