/*
 * preview: a content as one account's network will show and count it, as JSON (the API's 'Preview').
 *
 * Made from a network's facts alone (compose, its rule of counting, its limits), so that a new driver has it
 * by being there. Pure, without a network: what a server's session tells of its limits is used where it is
 * known.
 */
#ifndef CALD_PREVIEW_H
#define CALD_PREVIEW_H

#include "editorial/charter.h"

/*
 * {account, network, title of the network, unit, parts: [{number, of, text, length, limit, bytes, byte_limit,
 * fits, cut, entities, media}], fields, article, limits, findings}. 'cut' is how many bytes of the text fit,
 * where not all do; 'article': the body takes the text's place. session may be NULL. A new reference.
 */
json_t *preview_to_json(const struct charter *charter, const struct account *account,
                        const struct content *content, const char *bucket, const json_t *session,
                        const char *post_id);

#endif
