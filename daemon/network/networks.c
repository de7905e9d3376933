/*
 * The table of drivers; see network.h. It knows their names and nothing of what they do.
 */
#include <string.h>

#include "network/drivers.h"

/* The first OFFERED are listed for users; null, after them, answers to its name only (tests, trials). */
static const struct network *const drivers[] = {
    &network_bluesky,  &network_devto,     &network_discord, &network_discourse, &network_email,
    &network_facebook, &network_feed,      &network_ghost,   &network_instagram, &network_mastodon,
    &network_micropub, &network_nodebb,    &network_slack,   &network_telegram,  &network_threads,
    &network_webhook,  &network_wordpress, &network_null,
};
enum { KNOWN = sizeof drivers / sizeof *drivers, OFFERED = KNOWN - 1 };

const struct network *network_find(const char *name)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (!strcmp(drivers[i]->name, name))
            return drivers[i];
    return NULL;
}

const struct network *const *network_all(size_t *ret_count)
{
    *ret_count = OFFERED;
    return drivers;
}
