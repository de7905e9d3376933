/*
 * markdown_link: addresses that stand in a text as they are ("see https://example.org/"), in a document of cmark, which makes
 * links of "<https://example.org/>" only.
 */
#ifndef CALD_MARKDOWN_LINK_H
#define CALD_MARKDOWN_LINK_H

#include <cmark.h>

/* Each http(s) address in the texts that are in no link becomes one, where it begins and ends as in a post. */
void markdown_make_links(cmark_node *document);

#endif
