/*
 * post: what several commands need of posts.
 */
#ifndef CALCTL_POST_H
#define CALCTL_POST_H

#include "cli/client.h"

struct delivery_id {
    const char *post, *account; /* account NULL: all of them */
};

/* "POST" or "POST/ACCOUNT", or POST with --account. In the arena. */
struct delivery_id delivery_id(struct cli *cli, const char *text);

/* Members of a post from the options; images are uploaded. An exit code. */
int post_from_options(struct cli *cli, json_t *post);

/* Puts --override and --why into the body. An exit code: there must be a reason. */
int override_from_options(struct cli *cli, json_t *body);

/* What the file says ("-": standard input), without the white space at its end. An exit code. */
int post_read_text(struct cli *cli, const char *file, const char **ret_text);

/* The same of a file with this text after $EDITOR was there. */
int post_edit_text(struct cli *cli, const char *before, const char **ret_text);

/* The text, and with --thread the posts that follow it. */
void post_set_text(struct cli *cli, json_t *post, const char *text);

/*
 * Shows what of the post is out on networks, of one account or all, and asks ("change %s there? [y/N] ": the
 * question has the post's name in it); with --yes, and where nothing is out (*ret_count 0), without. An exit
 * code: of a no, with 'nothing' ("nothing was deleted"). partly: also what is out of a thread that failed.
 */
int post_agree(struct cli *cli, const struct delivery_id *id, bool partly, const char *question, const char *nothing,
               size_t *ret_count);

/* On standard error what stays as it was, and why. */
void post_print_kept(struct cli *cli, const struct answer *answer);

/* Previews as 'calctl preview' shows them (previews.c). */
void previews_print(struct cli *cli, const json_t *items);

/* Prints an answer that is a post: what was done, then a line for each account. */
int post_print(struct cli *cli, const struct answer *answer, const char *done);

#endif
