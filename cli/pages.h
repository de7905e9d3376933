/*
 * pages: all items of a list of the API, page after page. The memory of a page goes with it, so that a list
 * may be of any length.
 */
#ifndef CALCTL_PAGES_H
#define CALCTL_PAGES_H

#include "cli/command.h"

/* What is done with an item; cli's arena lives as long as its page. */
typedef void page_item(struct cli *cli, const json_t *item, void *context);

/*
 * GETs path, which may have a query but neither 'limit' nor 'cursor', until there is nothing more, or 'most'
 * items were seen. An exit code: what failed has been told, and items before it were given all the same.
 */
int pages_each(struct cli *cli, const char *path, long long most, page_item *item, void *context);

#endif
