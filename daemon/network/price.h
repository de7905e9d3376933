/*
 * price: what a network takes for a post, as the account's options say. Prices are decimals in texts
 * ("0.015"), and millionths in arithmetic, so that sums are exact. No price is known here: networks change
 * them.
 */
#ifndef CALD_PRICE_H
#define CALD_PRICE_H

#include "network/network.h"

#define PRICE_UNIT 1000000

/* "0.015" → 15000. False for what is no decimal from 0 to 1,000,000 with at most six digits behind the point.
 */
bool price_parse(const char *text, int64_t *ret_millionths);

/* Of a member of the option; 0 when it is not there (or no price: the loader has refused it). */
int64_t price_of(const json_t *prices, const char *name);

/* "0.015": at least two digits behind the point. In arena. */
const char *price_text(int64_t millionths, struct arena *arena);

/* Whether the option (NULL: it is not given) has "currency", and besides only these members, each a price. */
bool price_check(const json_t *prices, const char *const *names, struct error *err);

#endif
