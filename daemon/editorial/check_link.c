/* See check_rules.h: where a post leads to. */
#include <string.h>

#include "editorial/check_rules.h"

/* The host of the site, without "www.", somewhere in the post is enough. */
void check_link_to_site(struct checking *c)
{
    if (!c->charter->site)
        return;
    const char *host = strstr(c->charter->site, "://") + 3, *link = c->content->link;
    if (!strncmp(host, "www.", 4))
        host += 4;
    const char *name = arena_strndup(c->arena, host, strcspn(host, "/?#:"));
    if (link && strcasestr(link, name))
        return;
    for (size_t i = 0; i < c->piece_count; i++)
        if (strcasestr(c->pieces[i].text, name))
            return;
    check_found(c, FOUND(.remedy = "add one, in the text or as 'link'"), "no link to the site %s",
                c->charter->site);
}
