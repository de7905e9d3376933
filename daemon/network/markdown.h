/*
 * markdown: CommonMark, with tables and bare addresses as links, to safe HTML and to plain text (cmark).
 *
 * Safe means: raw HTML in the Markdown is left out; of links and images with a scheme but http, https,
 * mailto, tel and cid only the words stay. The HTML is also well-formed XML.
 */
#ifndef CALD_MARKDOWN_H
#define CALD_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { MARKDOWN_MOST = 1 << 18 }; /* bytes; what comes after is not read */

struct markdown_image { /* an image that the Markdown may name by its file */
    const char *file;   /* as in ![alt](file); a leading "./" is ignored, "%20" is a space */
    const char *url;    /* where it is now */
    bool used;          /* set when the Markdown shows it */
    const char *mark;   /* what markdown_place_images lets its alt text end in ("|video"); NULL: nothing */
    bool as_link;       /* it makes a link of "![alt](file)": the network shows nothing of such a file */
};

/*
 * The highest heading of the text becomes <h'top_heading'> (1..6), the others follow it, so that the
 * outline of the page around it stays right. Line breaks within a paragraph become spaces, for
 * WordPress would make <br> of them. In arena.
 */
char *markdown_to_html(const char *markdown, int top_heading, struct markdown_image *images,
                       size_t image_count, struct arena *arena);

/*
 * The Markdown as it is, for networks that take Markdown: only where it names an image's file stands its url
 * now. Code blocks stay as they are; in other lines what looks like a link to the file is one. In arena.
 */
char *markdown_place_images(const char *markdown, struct markdown_image *images, size_t image_count,
                            struct arena *arena);

/* The words alone: no marks, images, code blocks or HTML; one line for each paragraph. In arena. */
char *markdown_to_text(const char *markdown, struct arena *arena);

/* For people who read plain text: paragraphs with empty lines between them, lists with their marks,
 * quotations with "> ", links as "words <address>", the alt text of images in brackets. Ends in a newline,
 * unless empty. In arena. */
char *markdown_to_plain(const char *markdown, struct arena *arena);

/* Whether there is raw HTML in it, which would be left out. */
bool markdown_has_html(const char *markdown);

/* The first image with a relative address that is none of the files, so that nobody uploads it; or NULL. In
 * arena. */
const char *markdown_missing_image(const char *markdown, const char *const *files, size_t count,
                                   struct arena *arena);

#endif
