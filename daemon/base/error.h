/*
 * error: one complete message about what failed, made once, near the cause.
 *
 * Every function that can fail takes a 'struct error *' last and returns false (or NULL) on failure.
 * On success the error is untouched. Messages are lower case, without a full stop, with the thing in
 * single quotes: "cannot open 'calendar.yaml': no such file". A NULL error is allowed: nobody asks.
 */
#ifndef CALD_ERROR_H
#define CALD_ERROR_H

#include <stdbool.h>

struct error {
    char message[1024]; /* "" until something failed; cut at a character boundary if longer */
};

/* Fills err and returns false, so that 'return fail(err, …)' reads as a sentence. */
bool fail(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, with ": " and the text of errno at the end. */
bool fail_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts what was being done in front of a message that is there: "what: message". Returns false. */
bool fail_while(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A bug of ours: prints the place and what cannot be, and aborts. Never for input. */
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Ends the process as a bug does, and as a lack of memory does. Before that it has said what only it still holds. */
_Noreturn void end_badly(void);
void error_last_words(void (*say)(void)); /* must get by without memory */

#endif
