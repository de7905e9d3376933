/*
 * problem: errors as application/problem+json (RFC 9457).
 */
#ifndef CALD_PROBLEM_H
#define CALD_PROBLEM_H

#include "base/diag.h"
#include "control/call.h"

/* Answers with status; title is the status' own phrase, detail one sentence for a person. */
void problem(struct call *call, int status, const char *detail, ...) __attribute__((format(printf, 3, 4)));

/* The same with further members; takes over 'more' (an object). */
void problem_with(struct call *call, int status, json_t *more, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));

/* Of a name that is none of the candidates: "unknown account 'sit', did you mean 'site'?", with 'nearest'. */
void problem_unknown(struct call *call, int status, const char *thing, const char *name,
                     const char *const *candidates, size_t count);

/* 422 with the findings under "errors" and "findings" (warnings), and with "override" (override.h), which is
 * taken over, unless it is NULL. */
void problem_findings(struct call *call, const struct diags *diags, json_t *override, const char *detail);

/* 503 for what the disk did not take: nothing was changed. */
void problem_storage(struct call *call, const struct error *err);

const char *problem_title(int status); /* "Not Found"; "Error" for what is not ours */

#endif
