/*
 * route: which function answers what, who may ask, and with which parameters.
 *
 * A row of the table in routes.c and a function: that is a route. Unknown paths, methods, parameters and
 * members are refused here, once, with the nearest word; a handler sees only what its row declares.
 */
#ifndef CALD_ROUTE_H
#define CALD_ROUTE_H

#include "control/call.h"
#include "control/guard.h"

enum param_kind {
    PARAM_TEXT,
    PARAM_NUMBER, /* an integer in min..max */
    PARAM_FLAG,   /* true or false */
    PARAM_WORD,   /* one of 'words' */
    PARAM_OBJECT, /* the rest in bodies only */
    PARAM_LIST,
    PARAM_ANY, /* the handler, or what it calls, knows the form */
};

struct param {
    const char *name; /* NULL ends a list */
    enum param_kind kind;
    bool required;
    bool repeats;  /* of a query: may be given more than once */
    bool nullable; /* of a body: null takes it away */
    int64_t min, max;
    const char *const *words; /* ends in NULL */
};

enum route_flags {
    ROUTE_PUBLIC = 1 << 0, /* for browsers: no role, and links from other sites are fine */
    ROUTE_WRITES = 1 << 1, /* the handler runs inside a transaction of the queue */
    ROUTE_TELLS = 1 << 3, /* it changes nothing but deliveries, of which the queue tells */
    ROUTE_UPLOAD = 1 << 2, /* the body is an image, not JSON */
    ROUTE_BATCH = 1 << 4, /* it is many objects: a list, or one on each line; the row's members are of each */
};

struct route {
    const char *method, *path; /* "/v1/posts/{id}": a {name} stands for one part that is not empty */
    enum role least;
    void (*handle)(struct call *call);
    const struct param *query, *body; /* NULL: none */
    unsigned flags;
};

extern const struct route routes[];
extern const size_t route_count;

/* The route of method and path; its arguments go into the call. NULL: the call has been answered with 404 or
 * 405. */
const struct route *route_find(struct call *call);

/* Whether the query, or the body's members, are as the list says; else the call has been answered with 400.
 */
enum guard_body route_body(const struct route *route); /* what it carries */
bool route_check_query(struct call *call, const struct param *params);
bool route_check_body(struct call *call, const struct param *params);

#endif
