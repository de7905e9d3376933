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

/* Prints an answer that is a post: what was done, then a line for each account. */
int post_print(struct cli *cli, const struct answer *answer, const char *done);

#endif
