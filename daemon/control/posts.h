/*
 * posts: what the handlers of posts share: finding the deliveries a request means, and answering with a post.
 */
#ifndef CALD_POSTS_H
#define CALD_POSTS_H

#include "control/call.h"
#include "control/judge.h"
#include "queue/queue.h"

struct selection { /* the deliveries of one post, of all accounts or one */
    const char *post_id;
    struct delivery **items; /* by account */
    size_t count;
};

/* By the path's {id} and the parameter 'account'. False: answered with 404. */
bool posts_select(struct call *call, struct selection *ret_selection);

/* If-Match against the tag of the selection or of its only delivery. False: answered with 412. */
bool posts_match(struct call *call, const struct selection *selection);

/* Reads the post again and answers with it; findings (warnings, also that a crisis keeps it back) and what
 * stayed as it was go along. 'kept' is taken over. */
void posts_answer(struct call *call, int status, const char *post_id, const struct judge *judge,
                  json_t *kept);

/* The same of a post that was added just now as 'wanted' (queue_post_added). */
void posts_answer_added(struct call *call, int status, const struct wanted *wanted, size_t count,
                        const struct judge *judge);

/* Appends what who adds or changes a post must be told of it: that it waits for approval, that a crisis keeps it back. */
void posts_warn(struct call *call, const struct selection *post, json_t *ret_list);

json_t *posts_delivery(struct call *call,
                       const struct delivery *delivery); /* as JSON, with an absolute url */

/* The time that 'at' says for these accounts; slot_name is set where a slot gave it. False: answered. */
bool posts_time(struct call *call, const char *at, const struct account *const *accounts, size_t count,
                instant *ret_at, const char **ret_slot_name);

#endif
