/*
 * teller: tells the operator's hook (on_failure in cald.yaml) what publish/alert.h wrote down.
 *
 * Each alert is told at least once to each of the hook's ways: a command that gets the JSON on its standard
 * input (environment: PATH, CALD_EVENT, CALD_DELIVERY "POST/ACCOUNT" where there is one; 30 s), and a webhook
 * that gets the same by POST. Taken is what ended with 0, or was answered 200 to 299; what was not is told
 * again to that way only, later and later, up to an hour apart. What has been taken is marked on disk; who
 * dies in between tells once more, under the same "id".
 *
 *     {"id": "32 hex digits", "at": "2026-03-27T09:00:00Z", "event": "refused", "message": "…", …,
 *      "others": [{…}, …]}
 *
 * Four tellings fly at a time. What happened meanwhile of the same kind to the same account is told in one, as
 * "others", so that five thousand missed posts are not five thousand letters. Where no hook is named nothing is
 * told, and what happened then is not told later either.
 */
#ifndef CALD_TELLER_H
#define CALD_TELLER_H

#include "loop.h"
#include "publish/alert.h"
#include "publish/http.h"
#include "settings.h"

struct teller;

/* ended (NULL is fine) is called after each telling. Loop and queue must
 * outlive it; http must end before it. */
struct teller *teller_new(struct loop *loop, struct queue *queue, struct http *http,
                          void (*ended)(void *context), void *context);
void teller_free(struct teller *teller); /* commands that run go on by themselves; NULL is fine */

/* The hook from now on; must live until the next call has returned. What was
 * not taken is told again at once. */
void teller_use(struct teller *teller, const struct settings *settings);

/* Nothing more is told; what flies may end. */
void teller_stop(struct teller *teller);
size_t teller_in_flight(const struct teller *teller);

/* What the hook does not take, tried again and again, and why, as a sentence for a person; NULL: all is well.
   In arena. */
const char *teller_trouble(const struct teller *teller, struct arena *arena);

/* Told from memory, because the database cannot be written, or its times not be trusted: ALERT_DATABASE,
   ALERT_DISK, ALERT_CLOCK and ALERT_RESTORED only. Once until teller_well. */
void teller_say(struct teller *teller, enum alert_kind kind, const char *message);
void teller_well(struct teller *teller, enum alert_kind kind);

#endif
