/*
 * loop: one turn: wait, then what is ready. One 'now' a turn.
 *
 * Watches descriptors (epoll) and timers. Wall-clock timers follow clock steps (a timerfd on CLOCK_REALTIME
 * with TFD_TIMER_CANCEL_ON_SET), so nothing polls: with nothing due and nobody asking the process does not
 * wake. Everything is called on the loop's thread, except loop_post.
 */
#ifndef CALD_LOOP_H
#define CALD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

struct loop;
struct watch;
struct timer;

struct loop *loop_new(struct error *err);
void loop_free(struct loop *loop); /* after everything that watches was released */

/* Runs turns until loop_stop; then returns. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* The wall clock as read at the beginning of this turn. */
instant loop_now(const struct loop *loop);

/* events: EPOLLIN, EPOLLOUT…; ready is given what epoll reported. The descriptor stays the caller's. */
struct watch *loop_watch(struct loop *loop, int fd, uint32_t events, void (*ready)(void *context, uint32_t events),
                         void *context);
void watch_change(struct watch *watch, uint32_t events);
void watch_free(struct watch *watch); /* before the descriptor is closed; fine within its own callback */

/* A timer fires once, then waits to be set again. */
struct timer *loop_timer(struct loop *loop, void (*fire)(void *context), void *context);
/* wall clock; INSTANT_NEVER: not set; in the past: next turn */
void timer_at(struct timer *timer, instant at);
void timer_after(struct timer *timer, duration after); /* monotonic: a time-out; negative: not set */
void timer_free(struct timer *timer);

/* Called when the wall clock was set (NTP, a person, resume from suspend);
 * 'by' is how far it jumped. Up to 8. */
void loop_on_clock_step(struct loop *loop, void (*stepped)(void *context, duration by), void *context);

/* Called at the end of each turn: the place for one commit for all that a turn has done. Up to 8. */
void loop_on_turn_end(struct loop *loop, void (*ended)(void *context), void *context);

/* From any thread: run(context) on the loop's thread in its next turn. */
void loop_post(struct loop *loop, void (*run)(void *context), void *context);

/* ---- for tests in virtual time (clock_use) ---- */

/* One turn that does not wait. */
void loop_turn(struct loop *loop);

/* How long until the next timer of either clock fires: 0 if one is overdue;
 * INSTANT_NEVER when none is set. */
duration loop_idle(const struct loop *loop);

/* What the kernel tells when the wall clock was set. */
void loop_clock_was_set(struct loop *loop);

#endif
