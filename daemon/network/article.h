/*
 * article: a content as a page: its title, its HTML, a plain text of it. For networks of long form.
 */
#ifndef CALD_ARTICLE_H
#define CALD_ARTICLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/arena.h"
#include "network/content.h"

enum { ARTICLE_TITLE_MOST = 80 }; /* graphemes of a title made from the text */

struct article_image { /* where an image of the content is now */
    const struct media *media;
    const char *url;
    int64_t id;     /* of WordPress's media library, 0 elsewhere */
    bool elsewhere; /* shown outside of the article (a featured image): not appended to it */
};

/* The title; without one the first line of the text, or of the body. Never empty. In arena. */
char *article_title(const struct content *content, struct arena *arena);

/* The paragraphs of all parts, separated by empty lines. In arena. */
char *article_text(const struct content *content, struct arena *arena);

/* The summary, else the text, else the words of the body, at most 'most' graphemes. In arena. */
char *article_excerpt(const struct content *content, size_t most, struct arena *arena);

/*
 * The content warning, then the body, or else the parts as paragraphs with their links made to click;
 * then the link if it does not stand there already, then the images that the body does not show.
 * Headings of the body start at top_heading. Well-formed, safe HTML. In arena.
 */
char *article_html(const struct content *content, int top_heading, const struct article_image *images,
                   size_t image_count, struct arena *arena);

/*
 * The same as Markdown, for networks that take it: of part 0 the body with its images where it names their
 * files, else the text of that part, whose line breaks stay line breaks. The content warning stands before
 * part 0, the link after it if no part has it, then the images of the part (with a body: all) that are not
 * shown yet and have a url. A video is a link to it. width_too: "![alt|4x3](url)" and "![alt|video](url)", as
 * Discourse has it. In arena.
 */
char *article_markdown(const struct content *content, size_t part, const struct article_image *images,
                       size_t image_count, bool width_too, struct arena *arena);

/* Whether the body shows this image, so that a network with images of its own need not show it again. */
bool article_body_shows(const struct content *content, const struct media *media);

/*
 * Names for a list of tags or categories: the account's option 'own' (a list of texts, or NULL), then the
 * content's; each once, whatever its case. A new reference.
 */
json_t *article_names(const json_t *own, const char *const *names, size_t count);

/*
 * The body of a content that stands in body_file, a path from the media root as those of media are. In such a file
 * images are named by their paths from it, for that is what editors of Markdown show: here they become those from the
 * root. In arena, or the body itself.
 */
const char *article_body_of_file(const struct content *content, const char *body_file, struct arena *arena);

/* All images of all parts, in order. In arena; NULL when there are none. */
const struct media **article_media(const struct content *content, struct arena *arena, size_t *ret_count);

#endif
