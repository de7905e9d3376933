/*
 * known: whether the names that a list was asked to keep to are of anything at all. An empty list says that
 * nothing is there: not to who mistyped a name.
 */
#ifndef CALD_KNOWN_H
#define CALD_KNOWN_H

#include "control/call.h"

/*
 * Of a call whose whole list came out empty, by its parameters account, network, bucket and series: false when
 * one of them names what neither the documents in force nor any delivery knows (of buckets, which are in no
 * index, the latest 5,000); the call has been answered with 404 and the nearest name. Whom something waits for
 * may be anybody, and a post may be still to come.
 */
bool known_names(struct call *call);

#endif
