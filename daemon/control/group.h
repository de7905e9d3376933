/*
 * group: one commit for what several requests change that were there at the same time.
 *
 * What is committed takes its time, whatever is in it: requests that come in meanwhile are handled together
 * after it, in one transaction, each in a part of its own that can be taken back alone. Their answers leave
 * when the commit is on disk. Only routes with ROUTE_TELLS take part, which change nothing but deliveries;
 * any other request is handled when the group is committed, so that nobody is told of what is not on disk.
 * One client alone waits for nobody.
 */
#ifndef CALD_GROUP_H
#define CALD_GROUP_H

#include "control/call.h"

enum { GROUP_MOST = 128 };

struct group { /* those whose answers wait for the commit; the transaction is open as long as there are any */
    struct call *calls[GROUP_MOST];
    size_t count;
};

/* Before a request is handled that reads or changes anything: commits what it must not see unfinished. */
void group_admit(struct call *call);

/* Opens a transaction for the call, or a part in that of the group. */
bool group_begin(struct call *call, struct error *err);

/* Ends it. Kept: on disk, or the call waits for the commit; false: it was taken back. */
bool group_keep(struct call *call, struct error *err);
void group_undo(struct call *call);

/* The call has been answered by what others did that is not committed yet: it waits for that, too. */
void group_wait(struct call *call);

/* Commits, and resumes all that waited; whether there were any. A commit that failed answers all of them with
 * 503. */
bool group_settle(struct control *control);

#endif
