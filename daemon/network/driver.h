/*
 * driver: small things that drivers share when they make steps and texts. All of it is pure.
 */
#ifndef CALD_DRIVER_H
#define CALD_DRIVER_H

#include "network/network.h"

/* base without its trailing slashes, then the formatted rest:
 * driver_url(arena, "https://a/", "/api/%s", x). */
const char *driver_url(struct arena *arena, const char *base, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* text percent-encoded, for a path segment or a query value. */
const char *driver_escape(struct arena *arena, const char *text);

/* value (released with the arena) printed: always the same text for the same value. In arena. */
const char *driver_json_text(struct arena *arena, json_t *value);

/* Makes body (released with the arena) the request's JSON body, always the same bytes for the same value. */
void driver_json_body(struct request *request, struct arena *arena, json_t *body);

/* The same with files in it: the first member whose name ends in "data" is, in the printed body, the place of
 * the first of them, in base64, and so on; each is an empty text, and there are no more. 'files' must live as
 * long as the request. */
void driver_json_files(struct request *request, struct arena *arena, json_t *body,
                       const struct media *const *files, size_t count);

/* A field of a form or of a query; one without a value (NULL) is left out. */
struct driver_pair {
    const char *name, *value;
};

/* "name=value&…", each percent-encoded (RFC 3986: a space is %20). In arena. */
const char *driver_pairs(struct arena *arena, const struct driver_pair *pairs, size_t count);

/* A name or value of a query or form, decoded; a broken escape stands for itself. In arena. */
const char *driver_decode(struct arena *arena, const char *text, size_t length);

/* Makes the pairs the request's body: application/x-www-form-urlencoded. */
void driver_form_body(struct request *request, struct arena *arena, const struct driver_pair *pairs,
                      size_t count);

/* The header of HTTP Basic authentication (RFC 7617). */
void driver_basic(struct request *request, struct arena *arena, const char *user, const char *password);

/* Whether text holds this very link, not only the beginning of a longer one. */
bool driver_has_link(const char *text, const char *link);

/* text, and after a blank line the link: unless there is none, or the text has it. */
const char *driver_with_link(const char *text, const char *link, struct arena *arena);

/* The text of a part, and the link after the first one: unless a part has it. As 'compose' of a driver. */
const char *driver_first_with_link(const struct content *content, size_t part, struct arena *arena);

/* The same but for white space. */
bool driver_same_text(const char *a, const char *b);

/* Whether url ends in path: which of a driver's requests a response belongs to. */
bool driver_url_ends(const char *url, const char *path);

/* 16 hex digits that change with the address or the secret: a session made for another one is not used. */
const char *driver_fingerprint(const char *url, const char *secret, struct arena *arena);

/*
 * What a reference (a URL, or a part of one: "/path", "?query") means on the page at 'base', an absolute URL
 * (RFC 3986 section 5.2). In arena.
 */
const char *driver_resolve(const char *base, const char *reference, struct arena *arena);

/*
 * Whether the session was read for these credentials ("for", a fingerprint) within the day ("read_at");
 * renewed well before the slot where that can be, not in its minute.
 */
bool driver_session_is_fresh(const struct job *job, const char *fingerprint);

/* A new session with these two members. In arena. */
json_t *driver_session_new(const struct job *job, const char *fingerprint, struct arena *arena);

/*
 * The server does not take the token that a log-in gave: NEXT with an empty session, so that we log in again.
 * But one that was made within the minute ("made_at") does not get better by that: RETRY of the account in a
 * minute.
 */
void driver_log_in_again(const struct job *job, const struct step *step, struct arena *arena,
                         struct outcome *ret_outcome);

/* Whether path is one beneath a directory: no '/' at either end, no empty part, no '.' and '..', nothing that
 * cannot be printed. */
bool driver_is_path(const char *path);

/* The host of an http(s) URL without port: "example.org". */
const char *driver_host(const char *url, struct arena *arena);

/* Adds a finding about an account's content: what a driver's 'check' says. */
void driver_finding(struct diags *diags, enum diag_level level, const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
