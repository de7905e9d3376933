/*
 * link_add: the parameters that the charter adds to links to the own site ('add' of checks.link_campaign), so
 * that visits can be told apart by account and campaign.
 */
#ifndef CALD_LINK_ADD_H
#define CALD_LINK_ADD_H

#include "editorial/charter.h"

/*
 * What an account gets of a post, with the parameters added to its link and to the addresses in its
 * texts that lack them: the content itself where there is nothing to add. Bodies are left as they are:
 * they are read on the site. In arena.
 */
const struct content *link_add(const struct charter *charter, const struct post *post, const struct account *account,
                               const struct content *content, struct arena *arena);

/* Whether all that stands in braces is known: {account} {network} {campaign} {bucket} {post}. */
bool link_add_is_valid(const char *value);

#endif
