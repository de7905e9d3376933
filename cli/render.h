/*
 * render: what a person sees: tables, times, states, problems.
 *
 * Everything from outside (texts of posts, messages of networks) is shown
 * with its control characters replaced.
 */
#ifndef CALCTL_RENDER_H
#define CALCTL_RENDER_H

#include "cli/command.h"

/* Standard output as JSON, indented. */
void render_json(const json_t *value);

/* RFC 9457 on standard error: the detail, then each error on a line of its own. With --json: as it came. */
void render_problem(const struct cli *cli, const json_t *problem, int status, const char *body);

/* "calendar.yaml:41:7: …" for each, on standard error. */
void render_diags(const json_t *diags);

/* The same on standard output: nothing is wrong. */
void render_notes(const json_t *notes);

/* A table: rows are arrays of texts; the last column takes what is left of the terminal's width. */
struct table;
struct table *table_new(struct cli *cli, const char *const *titles, size_t columns);
void table_row(struct table *table, const char *const *cells); /* copies; NULL is empty */
void table_print(struct table *table);

/* "Tue 1 Dec 2026 09:00" from "2026-12-01T09:00:00+01:00"; the year only when
 * it is not this one. In the arena. */
const char *render_local(const struct cli *cli, const char *local);

/* "in 3h", "2d ago", "now". In the arena. */
const char *render_relative(const struct cli *cli, const char *utc);

/* One line of a text: newlines as "⏎", controls gone. In the arena. */
const char *render_line(const struct cli *cli, const char *text);

/* The same, with blanks after it up to so many columns of a terminal. In the arena. */
const char *render_padded(const struct cli *cli, const char *text, int width);

/* A text on standard output, each of its lines after 'indent', broken between words where it is wider than the terminal.
 */
void render_wrapped(const struct cli *cli, const char *indent, const char *text);

/* Whether two texts that differ look the same: other blanks, composed otherwise, or with characters that are not seen. */
bool render_looks_alike(const char *a, const char *b);

/* The text of a delivery's content: title, or its first part. */
const char *render_content(const struct cli *cli, const json_t *content);

/* The state's name, coloured where colours are shown. */
const char *render_state(const struct cli *cli, const char *state);
/* The state of a delivery as the API shows it, or how far deleting or changing it on its network is:
   "deleting", "deleted", "editing", "edited". */
const char *render_standing(const struct cli *cli, const json_t *delivery);
enum paint { PAINT_RED, PAINT_GREEN, PAINT_YELLOW };
const char *render_painted(const struct cli *cli, enum paint paint, const char *text);
const char *render_bold(const struct cli *cli, const char *text);

#endif
