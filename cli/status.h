/*
 * status: what an answer of /v1/status says, of one daemon or of several.
 */
#ifndef CALCTL_STATUS_H
#define CALCTL_STATUS_H

#include "cli/command.h"

/* Whether nothing needs a person. */
bool status_is_well(const json_t *status);
/* What an item of its 'attention' is about: a delivery, an account, a part of the daemon; or NULL. */
const char *status_about(const json_t *attention);

/* 'calctl status FILE…' (brands.c): each argument is a cald.yaml or a socket. The exit code: EXIT_UNREACHABLE if one
   does not answer, else EXIT_ATTENTION if one needs somebody. */
int status_of_brands(struct cli *cli);

#endif
