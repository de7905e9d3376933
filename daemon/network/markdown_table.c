/*
 * See markdown_table.h. To cmark a table is a paragraph. Its lines are divided in the tree: there what stands in code, in a
 * link or in emphasis is no text any more, and a '|' in it divides nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "network/markdown_table.h"

enum { COLUMNS_MOST = 100, CELLS_MOST = 20000 };

enum side { SIDE_UNSAID, SIDE_LEFT, SIDE_RIGHT, SIDE_CENTRE };

static const char *const openings[2][4] = {
    {"<td>", "<td style=\"text-align:left\">", "<td style=\"text-align:right\">", "<td style=\"text-align:center\">"},
    {"<th>", "<th style=\"text-align:left\">", "<th style=\"text-align:right\">", "<th style=\"text-align:center\">"},
};

struct columns {
    enum side sides[COLUMNS_MOST];
    size_t count;
};

/* ---- what is a table ---- */

static bool ends_line(cmark_node *node)
{
    cmark_node_type type = cmark_node_get_type(node);
    return type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK;
}

/* The first node of the next line, or NULL. */
static cmark_node *line_after(cmark_node *node)
{
    while (node && !ends_line(node))
        node = cmark_node_next(node);
    return node ? cmark_node_next(node) : NULL;
}

/* One cell of "|:---|---:|"; at its end is a '|' or the end. */
static bool read_side(const char **at, enum side *ret_side)
{
    const char *c = *at + strspn(*at, " \t");
    bool left = *c == ':';
    size_t dashes = strspn(c += left, "-");
    bool right = c[dashes] == ':';
    c += dashes + right;
    c += strspn(c, " \t");
    *at = c;
    *ret_side = left && right ? SIDE_CENTRE : left ? SIDE_LEFT : right ? SIDE_RIGHT : SIDE_UNSAID;
    return dashes && (*c == '|' || !*c);
}

static bool read_sides(const char *line, struct columns *ret_columns)
{
    struct columns columns = {.count = 0};
    const char *at = line + strspn(line, " \t");
    for (at += *at == '|'; *at; at += *at == '|') {
        if (columns.count == COLUMNS_MOST || !read_side(&at, &columns.sides[columns.count]))
            return false;
        columns.count++;
    }
    *ret_columns = columns;
    return columns.count > 0 && strchr(line, '|');
}

/* A line of nothing but "|---|---|". */
static bool is_delimiter(cmark_node *line, struct columns *ret_columns)
{
    struct buf text = {0};
    bool plain = true;
    for (; line && !ends_line(line) && plain; line = cmark_node_next(line)) {
        plain = cmark_node_get_type(line) == CMARK_NODE_TEXT;
        if (plain)
            buf_add_text(&text, cmark_node_get_literal(line));
    }
    bool is = plain && read_sides(buf_text(&text), ret_columns);
    buf_release(&text);
    return is;
}

/* ---- cells ---- */

struct table {
    struct columns columns;
    bool head;
    cmark_node *part, *row, *cell; /* what is being filled */
    size_t cells;                  /* begun in the row */
    bool between;                  /* the next cell begins with what comes next */
    bool opened;                   /* the row's first '|' was there */
};

static cmark_node *add_custom(cmark_node *parent, cmark_node_type type, const char *opening, const char *closing)
{
    cmark_node *node = cmark_node_new(type);
    cmark_node_set_on_enter(node, opening);
    cmark_node_set_on_exit(node, closing);
    cmark_node_append_child(parent, node);
    return node;
}

static void append_words(cmark_node *parent, const char *words)
{
    cmark_node *node = cmark_node_new(CMARK_NODE_TEXT);
    cmark_node_set_literal(node, words);
    cmark_node_append_child(parent, node);
}

/* No words are lost: what is more than the head has stays in the last one, as it stood. */
static void begin_cell(struct table *table)
{
    size_t column = table->cells++;
    if (column >= table->columns.count)
        append_words(table->cell, " | ");
    else
        table->cell = add_custom(table->row, CMARK_NODE_CUSTOM_INLINE,
                                 openings[table->head][table->columns.sides[column]], table->head ? "</th>" : "</td>");
}

static void divide(struct table *table)
{
    bool opens = !table->cells && !table->opened;
    if (table->between && !opens)
        begin_cell(table); /* an empty one */
    table->between = table->opened = true;
}

/* What comes next belongs to the cell, which begins with it if need be. */
static cmark_node *cell_of(struct table *table)
{
    if (table->between)
        begin_cell(table);
    table->between = false;
    return table->cell;
}

static void put_words(struct table *table, const char *words, size_t length)
{
    struct buf text = {0};
    while (table->between && length && strchr(" \t", *words))
        words++, length--;
    buf_add(&text, words, length);
    if (length)
        append_words(cell_of(table), buf_text(&text));
    buf_release(&text);
}

static void put_text(struct table *table, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, "|"), kept = length;
        bool divides = words[length] == '|';
        while (divides && kept && strchr(" \t", words[kept - 1]))
            kept--;
        put_words(table, words, kept);
        if (divides)
            divide(table);
        words += length + divides;
    }
}

/* ---- rows ---- */

/* Texts are copied, all else is moved out of its line. Returns the first of the next. */
static cmark_node *put_row(struct table *table, cmark_node *node)
{
    cmark_node *next = line_after(node);
    table->row = add_custom(table->part, CMARK_NODE_CUSTOM_BLOCK, "<tr>", "</tr>");
    table->cells = 0;
    table->between = true;
    table->opened = false;
    for (cmark_node *after; node != next; node = after) {
        after = cmark_node_next(node);
        if (cmark_node_get_type(node) == CMARK_NODE_TEXT)
            put_text(table, cmark_node_get_literal(node));
        else if (!ends_line(node))
            cmark_node_append_child(cell_of(table), node);
    }
    while (table->cells < table->columns.count)
        begin_cell(table);
    return next;
}

static bool has_divider(cmark_node *line)
{
    for (; line && !ends_line(line); line = cmark_node_next(line))
        if (cmark_node_get_type(line) == CMARK_NODE_TEXT && strchr(cmark_node_get_literal(line), '|'))
            return true;
    return false;
}

static size_t count_lines(cmark_node *line)
{
    size_t count = 0;
    for (; line; line = line_after(line))
        count++;
    return count;
}

static bool is_table(cmark_node *paragraph, struct columns *ret_columns)
{
    cmark_node *head = cmark_node_first_child(paragraph), *delimiter = line_after(head);
    return delimiter && has_divider(head) && is_delimiter(delimiter, ret_columns) &&
           count_lines(head) * ret_columns->count <= CELLS_MOST;
}

/* ---- documents ---- */

static void replace_by_table(cmark_node *paragraph, const struct columns *columns)
{
    struct table table = {.columns = *columns, .head = true};
    cmark_node *head = cmark_node_first_child(paragraph), *row = line_after(line_after(head));
    cmark_node *whole = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK);
    cmark_node_set_on_enter(whole, "<table>");
    cmark_node_set_on_exit(whole, "</table>");
    cmark_node_insert_before(paragraph, whole);
    table.part = add_custom(whole, CMARK_NODE_CUSTOM_BLOCK, "<thead>", "</thead>");
    put_row(&table, head);
    table.head = false;
    if (row)
        table.part = add_custom(whole, CMARK_NODE_CUSTOM_BLOCK, "<tbody>", "</tbody>");
    while (row)
        row = put_row(&table, row);
    cmark_node_unlink(paragraph);
    cmark_node_free(paragraph);
}

static void keep_lines(cmark_node *paragraph, const struct columns *columns)
{
    (void)columns;
    cmark_node *node = line_after(cmark_node_first_child(paragraph)), *rows = line_after(node);
    for (cmark_node *after; node != rows; node = after) { /* the delimiter, with its end */
        after = cmark_node_next(node);
        cmark_node_unlink(node);
        cmark_node_free(node);
    }
    for (node = cmark_node_first_child(paragraph); node; node = cmark_node_next(node))
        if (cmark_node_get_type(node) == CMARK_NODE_SOFTBREAK) {
            cmark_node *end = cmark_node_new(CMARK_NODE_LINEBREAK);
            cmark_node_replace(node, end);
            cmark_node_free(node);
            node = end;
        }
}

static void for_tables(cmark_node *document, void (*turn)(cmark_node *paragraph, const struct columns *columns))
{
    struct arena *arena = arena_new();
    struct columns columns;
    cmark_node **paragraphs = NULL;
    size_t count = 0;
    cmark_iter *iter = cmark_iter_new(document);
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;)
        if (event == CMARK_EVENT_ENTER && cmark_node_get_type(cmark_iter_get_node(iter)) == CMARK_NODE_PARAGRAPH)
            *arena_push(arena, paragraphs, count) = cmark_iter_get_node(iter);
    cmark_iter_free(iter);
    for (size_t i = 0; i < count; i++)
        if (is_table(paragraphs[i], &columns))
            turn(paragraphs[i], &columns);
    arena_free(arena);
}

void markdown_make_tables(cmark_node *document)
{
    for_tables(document, replace_by_table);
}

void markdown_line_tables(cmark_node *document)
{
    for_tables(document, keep_lines);
}
