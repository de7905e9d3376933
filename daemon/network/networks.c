/*
 * The table of drivers; see network.h, and drivers.h for its rows. It knows their names and nothing of what
 * they do.
 */
#include <string.h>

#include "network/drivers.h"

/* The first OFFERED are listed for users; null, after them, answers to its name only. */
#define NETWORK_ADDRESS(name) &network_##name,
static const struct network *const drivers[] = {NETWORKS(NETWORK_ADDRESS) & network_null};
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
