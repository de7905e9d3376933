/*
 * hasty: a cald whose wall clock runs many times as fast, so that minutes of waiting are seconds of a test.
 * Linked with
 * --wrap in place of three functions; everything else is as it is. CALD_HASTY is "BASE SPEED": the wall clock
 * says BASE + SPEED x (what it really is - BASE), in ms, as the test's servers do. Time that is measured
 * (time-outs) runs as ever, but no request waits longer for its answer than PATIENCE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>

#include "base/error.h"
#include "publish/http.h"

#define PATIENCE SECONDS(3)
#define FAR_AWAY INT64_C(4102444800) /* seconds: the year 2100 stands for never */

instant __real_clock_now(void);
instant __wrap_clock_now(void);
int __real_timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *ret_before);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *ret_before);
bool __real_http_send(struct http *http, const struct request *request, const struct http_options *options,
                      struct arena *arena, http_done *done, void *context, struct error *err);
bool __wrap_http_send(struct http *http, const struct request *request, const struct http_options *options,
                      struct arena *arena, http_done *done, void *context, struct error *err);

static struct {
    instant base;
    int64_t speed;
} haste;

static void read_haste(void)
{
    const char *text = getenv("CALD_HASTY");
    long long base, speed;
    if (!text || sscanf(text, "%lld %lld", &base, &speed) != 2 || speed < 1)
        bug("CALD_HASTY is not 'BASE SPEED'");
    haste.base = base;
    haste.speed = speed;
}

instant __wrap_clock_now(void)
{
    if (!haste.speed)
        read_haste();
    return haste.base + (__real_clock_now() - haste.base) * haste.speed;
}

/* Only the wall clock's timer is told of steps; that instant is real time for the kernel. */
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *ret_before)
{
    struct itimerspec real = *when;
    if ((flags & TFD_TIMER_CANCEL_ON_SET) && when->it_value.tv_sec < FAR_AWAY) {
        instant wall = (instant)when->it_value.tv_sec * 1000 + when->it_value.tv_nsec / 1000000;
        instant at = haste.base + (wall - haste.base + haste.speed - 1) / haste.speed;
        real.it_value.tv_sec = at / 1000;
        real.it_value.tv_nsec = at % 1000 * 1000000;
    }
    return __real_timerfd_settime(fd, flags, &real, ret_before);
}

bool __wrap_http_send(struct http *http, const struct request *request, const struct http_options *options,
                      struct arena *arena, http_done *done, void *context, struct error *err)
{
    struct request patient = *request;
    patient.timeout = PATIENCE;
    return __real_http_send(http, &patient, options, arena, done, context, err);
}
