/*
 * files: what the files of the driver share. Nobody else includes it.
 *
 * A post is one page of a static site (Hugo, Jekyll, Eleventy …): front matter, then Markdown, in a file
 * beneath the account's directory; its images are files, too. Who makes a site of it is told by a hook, or
 * watches.
 *
 * The delivery's key stands in the front matter ("cald"), and the page's path is in the memo from its first
 * intent on. So whatever died when: the same bytes under the same path are put there again, and are found if
 * they are there already. A file that has not this key is never replaced: the post is refused, and keeps its
 * text.
 */
#ifndef CALD_FILES_H
#define CALD_FILES_H

#include "network/article.h"
#include "network/network.h"

/* files_options.c */
extern const struct network_option files_options[];
enum { FILES_OPTIONS = 8 };
bool files_check_account(const struct account *account, struct error *err);
bool files_is_toml(const struct account *account);

/* files_path.c: names of files, and addresses. In arena. */
const char *files_path(const struct job *job, struct arena *arena); /* of the page, beneath the directory */
struct files_image {
    const char *path; /* beneath the directory */
    const char *url;  /* as the page names it */
};
struct files_image files_image(const struct job *job, const char *page, const struct media *media,
                               size_t number, struct arena *arena);
const char *files_permalink(const struct job *job, struct arena *arena); /* or NULL */
/* Whether an option is a template of the placeholders there are. */
bool files_check_template(const struct account *account, const char *name, struct error *err);

/* files_page.c */
const char *files_mark(const struct job *job,
                       struct arena *arena); /* the line of the front matter that is ours alone */
const char *files_page(const struct job *job, const struct article_image *images, size_t count,
                       struct arena *arena);
/* The Markdown of all parts, as it stands behind the front matter. */
const char *files_markdown(const struct content *content, const struct article_image *images, size_t count,
                           struct arena *arena);

#endif
