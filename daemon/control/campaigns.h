/*
 * campaigns: which posts belong together.
 */
#ifndef CALD_CAMPAIGNS_H
#define CALD_CAMPAIGNS_H

#include "control/call.h"

/* The ids of the campaign's posts and series, with commas between them. False: there is no such campaign, and
 * the call has been answered with 404 and the nearest name. */
bool campaign_posts(struct call *call, const char *name, const char **ret_posts);

#endif
