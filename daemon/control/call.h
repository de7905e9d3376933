/*
 * call: one request and its answer, as the handlers see them. Knows nothing of the library that speaks HTTP.
 *
 * Everything lives in the call's arena, which ends when the answer has been sent.
 */
#ifndef CALD_CALL_H
#define CALD_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "control/peer.h"
#include "control/role.h"

struct company;
struct control;
struct online;
struct route;

enum { CALL_SEGMENTS = 8, CALL_ARGUMENTS = 3, CALL_QUERY = 32, CALL_HEADERS = 100, ANSWER_HEADERS = 16 };

struct field {
    const char *name, *value;
};

struct answer {
    int status;       /* 0: not answered yet */
    const char *type; /* Content-Type */
    struct field headers[ANSWER_HEADERS];
    size_t header_count;
    const char *body; /* in the arena or static */
    size_t length;
    int file; /* instead of a body: a descriptor that the server closes; -1: none */
    int64_t file_size;
    bool stream; /* server-sent events: the body first, then what server_broadcast is given */
};

struct call {
    struct control *control;
    struct arena *arena;
    instant now;

    /* what was asked */
    const struct peer *peer;
    const char *method;                  /* HEAD is GET here */
    const char *target;                  /* as it came */
    const char *segments[CALL_SEGMENTS]; /* of the path, decoded; "/a/" has two: "a" and "" */
    size_t segment_count;
    struct field query[CALL_QUERY]; /* decoded, in order */
    size_t query_count;
    struct field headers[CALL_HEADERS]; /* in order, doubled ones too */
    size_t header_count;
    const char *body;
    size_t length;

    /* what was found out on the way */
    const struct route *route;
    const char *arguments[CALL_ARGUMENTS]; /* what stands for the {names} of the route's path */
    json_t *json;                          /* the body: an object, empty if there was none */
    enum role role;
    const char *who;                /* for the history; NULL when nobody is known */
    const char *key, *request_hash; /* of an Idempotency-Key; NULL: none */
    size_t stored;                  /* of many posts: what an earlier call under the same key stored */
    bool drains;                    /* refused or not, its body can be read to the end */
    struct online *looks;           /* what is to be asked before it is done again; the answer so far is none */
    bool looked;                    /* that was done */
    const struct company *company;  /* of one of many posts in one request, see judge.h; else NULL */
    bool dry_run;                   /* the handler wants nothing of what it did to be kept */

    struct answer answer;
    bool pending;   /* the answer comes later: see pending.h */
    bool suspended; /* the server's own, and likewise below */
    void *exchange;
};

struct call *call_new(struct control *control, const struct peer *peer, instant now);
void call_free(struct call *call);

/* Cuts and decodes method and target. Refuses what is no plain path and query: bad escapes, control
 * characters, too many. */
bool call_parse(struct call *call, const char *method, const char *target, struct error *err);

const char *call_header(const struct call *call, const char *name); /* the first, or NULL */
size_t call_header_count(const struct call *call, const char *name);
const char *call_query(const struct call *call, const char *name); /* the first, or NULL */
int64_t call_query_number(const struct call *call, const char *name, int64_t fallback);
bool call_query_flag(const struct call *call, const char *name);

/* ---- answering; the last answer counts ---- */

void answer_text(struct call *call, int status, const char *type, const char *body); /* body is copied */
void answer_bytes(struct call *call, int status, const char *type, const void *body,
                  size_t length);                               /* copied */
void answer_json(struct call *call, int status, json_t *value); /* takes over value */
void answer_with(struct call *call, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets ETag (quoted) and turns the answer to a GET into 304 when If-None-Match has it. Call it last. */
void answer_etag(struct call *call, const char *tag);

#endif
