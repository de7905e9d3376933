/*
 * See connection.h. The library's own time-out is an idle one, which a client that sends a byte a second never
 * meets: so every connection has a deadline. They are in a list in the order in which the present phase of each
 * began, so that the first that waits has waited longest.
 */
#include "control/connection.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/arena.h"

enum { MOST_OF_PEER = 64 };
#define REQUEST_TIME SECONDS(10)
#define ANSWER_TIME SECONDS(60)

struct connection {
    TAILQ_ENTRY(connection) link;
    struct connections *all;
    int fd;
    struct peer peer;
    enum connection_phase phase;
    duration deadline; /* monotonic; of CONNECTION_REQUEST and CONNECTION_ANSWER */
    bool closing;
};

struct connections {
    struct timer *sweep; /* the next deadline */
    duration sweep_at;   /* monotonic; 0: not set */
    TAILQ_HEAD(, connection) list;
};

/* ---- deadlines ---- */

static void close_connection(struct connection *connection)
{
    connection->closing = true;
    shutdown(connection->fd, SHUT_RDWR);
}

static void sweep_by(struct connections *all, duration at)
{
    if (all->sweep_at && all->sweep_at <= at)
        return;
    all->sweep_at = at;
    duration after = at - clock_monotonic();
    timer_after(all->sweep, after > 0 ? after : 0);
}

static bool has_deadline(const struct connection *connection)
{
    return !connection->closing &&
           (connection->phase == CONNECTION_REQUEST || connection->phase == CONNECTION_ANSWER);
}

static void sweep(void *context)
{
    struct connections *all = context;
    struct connection *connection;
    duration now = clock_monotonic(), next = 0;
    all->sweep_at = 0;
    TAILQ_FOREACH(connection, &all->list, link)
    {
        if (!has_deadline(connection))
            continue;
        if (connection->deadline <= now)
            close_connection(connection);
        else if (!next || connection->deadline < next)
            next = connection->deadline;
    }
    if (next)
        sweep_by(all, next);
}

void connection_enter(struct connection *connection, enum connection_phase phase)
{
    struct connections *all = connection->all;
    connection->phase = phase;
    TAILQ_REMOVE(&all->list, connection, link);
    TAILQ_INSERT_TAIL(&all->list, connection, link);
    connection->deadline = clock_monotonic() + (phase == CONNECTION_REQUEST ? REQUEST_TIME : ANSWER_TIME);
    if (has_deadline(connection))
        sweep_by(all, connection->deadline);
}

void connection_allow(struct connection *connection, duration more)
{
    connection->deadline += more;
}

/* ---- too many ---- */

static bool same_peer(const struct peer *a, const struct peer *b)
{
    return a->local ? a->uid == b->uid : strcmp(a->address, b->address) == 0;
}

/* Closes the one that has waited longest for a whole request; of 'of' only, unless NULL. */
static void evict(struct connections *all, const struct peer *of)
{
#ifdef CALD_MUTANT_CROWDED
    return;
#endif
    struct connection *connection;
    TAILQ_FOREACH(connection, &all->list, link)
    {
        bool waits = connection->phase == CONNECTION_REQUEST && !connection->closing;
        if (waits && (!of || same_peer(of, &connection->peer))) {
            close_connection(connection);
            return;
        }
    }
}

static void make_room(struct connections *all, const struct peer *peer)
{
    struct connection *connection;
    size_t count = 0, theirs = 0;
    TAILQ_FOREACH(connection, &all->list, link)
    if (!connection->closing) {
        count++;
        theirs += same_peer(peer, &connection->peer);
    }
    if (theirs >= MOST_OF_PEER)
        evict(all, peer);
    else if (count >= CONNECTIONS_MOST)
        evict(all, NULL);
}

/* ---- coming and going ---- */

struct connections *connections_new(struct loop *loop)
{
    struct connections *all = xmalloc(sizeof *all);
    *all = (struct connections){.sweep_at = 0};
    TAILQ_INIT(&all->list);
    all->sweep = loop_timer(loop, sweep, all);
    return all;
}

void connections_free(struct connections *connections)
{
    timer_free(connections->sweep);
    free(connections);
}

struct connection *connection_begin(struct connections *connections, int fd)
{
    struct connection *connection = xmalloc(sizeof *connection);
    *connection = (struct connection){.all = connections, .fd = fd};
    bool known = peer_read(fd, &connection->peer);
    if (known)
        make_room(connections, &connection->peer);
    TAILQ_INSERT_TAIL(&connections->list, connection, link);
    connection_enter(connection, CONNECTION_REQUEST);
    if (!known)
        close_connection(connection);
    return connection;
}

void connection_end(struct connection *connection)
{
    if (!connection)
        return;
    TAILQ_REMOVE(&connection->all->list, connection, link);
    free(connection);
}

/* ---- looking ---- */

const struct peer *connection_peer(const struct connection *connection)
{
    return &connection->peer;
}

int connection_fd(const struct connection *connection)
{
    return connection->fd;
}

bool connection_has_others(const struct connection *connection)
{
    const struct connection *other;
    TAILQ_FOREACH(other, &connection->all->list, link)
    if (other != connection && other->phase != CONNECTION_STREAM && !other->closing)
        return true;
    return false;
}
