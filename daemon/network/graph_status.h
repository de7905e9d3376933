/*
 * graph_status: what a container's status means (graph_container.h), before it is published and after an
 * answer was lost; and looking for what was published.
 */
#ifndef CALD_GRAPH_STATUS_H
#define CALD_GRAPH_STATUS_H

#include "network/graph_container.h"

/* Asking for a container's status, and reading it: 'member' of the memo is 'container', and becomes ready,
 * waits … */
void container_ask_status(const struct job *job, const json_t *container, struct arena *arena,
                          struct request *ret_request);
void container_read_status(const struct job *job, const struct step *step, const struct response *response,
                           const char *member, const json_t *container, struct arena *arena,
                           struct outcome *ret_outcome);

/* The containers of the part are made anew after a while; after three times it is refused. */
void container_remake(const struct job *job, struct arena *arena, struct outcome *outcome);

/* They could not fetch an image: once more under another address, then it is the operator's. */
void container_unfetched(const struct job *job, struct arena *arena, struct outcome *outcome);

/* thread_part_done, and the memo of what is over is forgotten. */
void container_part_done(const struct job *job, const char *id, const char *url, struct arena *arena,
                         struct outcome *outcome);

/* The status said PUBLISHED while nobody knew the post's id: the account's posts are listed. */
bool container_is_published(const struct job *job);
void container_ask_list(const struct job *job, struct arena *arena, struct request *ret_request);
void container_read_list(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome);

#endif
