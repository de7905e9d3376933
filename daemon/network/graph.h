/*
 * graph: Meta's Graph API as Facebook Pages, Instagram and Threads speak it: addresses, tokens, errors,
 * usage.
 *
 * graph.c makes requests and reads answers, graph_errors.c knows what their codes mean, graph_session.c keeps
 * the token alive, graph_container.c publishes by containers (Instagram, Threads), graph_find.c looks for
 * what may have been published, graph_login.c gets tokens.
 *
 * Session: {"for", "id", "name", "read_at", "seen_at"; "token", "expires_at", "refreshed_at" once the token
 * was renewed; "refresh_tried"}.
 */
#ifndef CALD_GRAPH_H
#define CALD_GRAPH_H

#include "network/driver.h"
#include "network/drivers.h"
#include "network/outcome.h"
#include "network/stage.h"

struct graph {                   /* one row of graph.c */
    const char *network, *login; /* login: the account's option, or NULL: any */
    const char *url, *version;   /* unless the account says otherwise */
    const char *me, *id, *name;  /* fields to ask for who we are, and the two that are read */
    const char *refresh;         /* grant of a renewal; NULL: tokens are not renewed */
    const char *containers, *publish, *status, *detail, *text, *quota,
        *list; /* of graph_container.h; or NULL */
};

const struct graph *graph_of(const struct account *account);

/* The user or page that requests are about: the account's option, else what the session learned, else "me".
 */
const char *graph_user(const struct job *job);

/* A request to "BASE/VERSION/path", with the token, and the proof of the app's secret where the account has
 * one. */
void graph_request(const struct job *job, struct arena *arena, struct request *ret_request,
                   const char *method, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The address of such a path alone. */
const char *graph_address(const struct job *job, struct arena *arena, const char *path);

/* ---- answers ---- */

enum graph_trouble {
    GRAPH_FINE,
    GRAPH_UNKNOWN,       /* no code that we know: as its HTTP status says */
    GRAPH_TRANSIENT,     /* their fault, for a moment; a creating request may have been carried out */
    GRAPH_THROTTLED,     /* too many calls for the user or page … */
    GRAPH_APP_THROTTLED, /* … or for the app */
    GRAPH_QUOTA,         /* as many posts as a day may have */
    GRAPH_TOO_FAST,
    GRAPH_BLOCKED,  /* for hours or days, for what was posted */
    GRAPH_OPERATOR, /* somebody must do something in Meta's own pages */
    GRAPH_LOGIN,    /* the token is no good any more */
    GRAPH_REFUSED,  /* this post, for good */
    GRAPH_DUPLICATE,
    GRAPH_NOT_READY,   /* the container is being processed */
    GRAPH_MISSING,     /* the container is gone, or not there yet */
    GRAPH_REMAKE,      /* another container may do */
    GRAPH_UNREACHABLE, /* they could not fetch the image */
};

struct graph_error {
    enum graph_trouble trouble;
    const char *advice; /* for a person; never NULL */
};

/* What an error object means; GRAPH_UNKNOWN where nothing is known of it. */
struct graph_error graph_error_of(const json_t *error);

/* The same of a subcode alone, as the status of an Instagram container names it ("… error code 2207053"). */
struct graph_error graph_error_in(const char *text);

/* Of an answer: GRAPH_FINE for 2xx. */
enum graph_trouble graph_trouble(const struct response *response, struct arena *arena);

/*
 * The answer's object when it is 2xx: outcome is NEXT then. NULL: outcome is complete. Usage headers
 * (X-App-Usage, X-Page-Usage, X-Business-Use-Case-Usage, in percent of what a rolling hour or day allows)
 * become limits in any case: from 80 % on we go slower, at 100 % we stop for as long as they say, or an hour.
 */
json_t *graph_answer(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);

/* As 'remove' and 'removed' of a driver: DELETE of the id. Threads takes 100 a day, of a token with threads_delete. Of
 * Instagram Meta's machine-readable description has it, and its documentation nothing: it may be refused. */
void graph_remove(const struct job *job, struct arena *arena, struct step *ret_step);
void graph_removed(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);

/* An id of theirs: a text, or a number. In arena; NULL when it is none. */
const char *graph_id(const json_t *object, const char *member, struct arena *arena);

/* ---- the session ---- */

extern const struct stage graph_session_stages[];
enum { GRAPH_SESSION_STAGES = 2 };
const json_t *graph_session(const struct job *job); /* NULL: there is none for this token */

/* As a login's 'ends', 'renewal' and 'renew' (login.h). */
instant graph_ends(const struct job *job);
instant graph_renewal(const struct job *job);
void graph_renew(const struct job *job, struct arena *arena, struct step *ret_step);

/* A session for the token of a login that is under way: it may be renewed in a week if it was made just now. */
json_t *graph_session_begin(const struct job *job, json_t *login, struct arena *arena);

void graph_verify(const struct job *job, struct arena *arena, struct step *ret_step);
void graph_verified(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome);

/* ---- logging in ---- */

struct oauth2;

/* Whether cald.yaml names an app for 'calctl login' (app_id, app_secret, redirect_url), and whether it is whole. */
bool graph_has_app(const struct account *account);
bool graph_check_app(const struct account *account, struct error *err);

/* As a login's members of these names (login.h). */
void graph_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client);
void graph_exchange(const struct job *job, struct arena *arena, struct step *ret_step);
void graph_exchanged(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);
const char *graph_missing(const struct job *job, const struct response *response, struct arena *arena);

/* The logins of each of the three: through the account's app, or with a token that is typed in. in_app: what the
 * app must name; what_: the token; typed: where one comes from. */
#define GRAPH_TOKEN                                                                                          \
    .secret = "token", .exchange = graph_exchange, .exchanged = graph_exchanged, .ends = graph_ends,         \
    .renewal = graph_renewal, .renew = graph_renew
#define GRAPH_LOGINS(in_app, what_, typed)                                                                   \
    {                                                                                                        \
        {.kind = LOGIN_CODE, .where = in_app, .used = graph_has_app, .client = graph_client, GRAPH_TOKEN},   \
            {.kind = LOGIN_SECRET, .what = what_, .where = typed, .missing = graph_missing, GRAPH_TOKEN},    \
        {                                                                                                    \
            0                                                                                                \
        }                                                                                                    \
    }

/* ---- times ---- */

/* "2026-12-01T08:00:00+0000" as they write it. */
bool graph_time(const char *text, instant *ret_at);

#endif
