/*
 * prices: what networks take for posts that a plan brings, by the prices that cald.yaml states.
 */
#ifndef CALD_PRICES_H
#define CALD_PRICES_H

#include "control/call.h"
#include "queue/queue.h"
#include "settings.h"

/*
 * For each account that states prices and has such posts: {"account", "currency", "posts", "sum": "0.43"}, in
 * the order of cald.yaml, over the changes that add a post or change what it says. Of an account that comes
 * with this very plan nothing is told.
 */
json_t *prices_to_json(const struct settings *settings, const struct apply_report *difference,
                       struct arena *arena);

#endif
