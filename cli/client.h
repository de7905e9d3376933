/*
 * client: one request to the daemon, one answer.
 *
 * Over the Unix socket (found in cald.yaml, or --socket) or a URL with a token (--url, --token-file).
 */
#ifndef CALCTL_CLIENT_H
#define CALCTL_CLIENT_H

#include <stdio.h>

#include "base/buf.h"
#include "cli/command.h"

struct answer {
    int status;
    json_t *json;     /* in the arena; NULL if it was no JSON */
    const char *body; /* as it came */
    size_t length;
    const char *etag; /* or NULL */
};

/*
 * Sends; body is JSON (borrowed) or NULL. On failure to reach the daemon prints why and what to do, and
 * returns EXIT_UNREACHABLE. An answer of 4xx or 5xx is printed as a person can read it (with --json: as it
 * is) and turned into its exit code. EXIT_DONE otherwise.
 */
int client_send(struct cli *cli, const char *method, const char *path, json_t *body, struct answer *ret_answer);

/* The same without printing anything about refusals: for completion and for
 * who looks at the status itself. */
int client_try(struct cli *cli, const char *method, const char *path, json_t *body, struct answer *ret_answer);

/* POST of bytes as they are, without printing anything about refusals; ret_answer->status 0: there was no answer. */
int client_post(struct cli *cli, const char *path, const char *type, const struct buf *bytes,
                struct answer *ret_answer);

/* Uploads a file's bytes (POST path). */
int client_upload(struct cli *cli, const char *path, const char *file, struct answer *ret_answer);

/* As client_send with GET; the body of an answer of 200 goes to the file, however long it is. */
int client_download(struct cli *cli, const char *path, FILE *file, struct answer *ret_answer);

/* "/v1/posts/%s/move" with each argument percent-encoded; in the arena. */
const char *client_path(struct cli *cli, const char *format, ...);

/* What follows is sent to another daemon: the one of this cald.yaml, or that listens on this socket. */
void client_turn_to(struct cli *cli, const char *file);

/* The path of cald.yaml that is used (may not exist). In the arena. */
const char *client_config(struct cli *cli);

#endif
