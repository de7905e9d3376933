/*
 * markdown_table: tables as GitHub has them (GFM 4.10) in a document of cmark, which does not know them. Debian's
 * cmark-gfm does, and takes 20 seconds for 256 KiB of some.
 */
#ifndef CALD_MARKDOWN_TABLE_H
#define CALD_MARKDOWN_TABLE_H

#include <cmark.h>

/*
 * Each paragraph that is a table from its first line on becomes one: custom nodes, which are written as <table>, <thead>,
 * <tbody>, <tr>, <th> and <td>, with what was in the cells in them. One of more than 100 columns or 20,000 cells stays a
 * paragraph. Only in code does a '|' not end a cell: cmark tells no "\|" from others.
 */
void markdown_make_tables(cmark_node *document);

/* Where there are no tables: such a paragraph keeps its lines, but for the one of dashes. */
void markdown_line_tables(cmark_node *document);

#endif
