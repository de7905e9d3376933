/*
 * See loop.h. One epoll, two timerfds (wall clock and monotonic), one eventfd for other
 * threads. Timers are in two binary heaps, so that a turn costs what is ready, not what is
 * waiting. Knows nothing of what it calls.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/metrics.h"
#include "loop.h"

enum { EVENTS_A_TURN = 512, HOOKS = 8 }; /* what comes in one turn shares one commit */

struct watch {
    struct loop *loop;
    struct watch *next_freed;
    int fd;
    bool freed; /* memory is kept to the end of the turn: epoll may still report it */
    void (*ready)(void *context, uint32_t events);
    void *context;
};

struct heap {
    struct timer **timers;
    size_t count, capacity;
};

struct timer {
    struct loop *loop;
    struct heap *heap; /* the one it is in, NULL when not set */
    size_t index;
    int64_t at;
    void (*fire)(void *context);
    void *context;
};

struct posted {
    struct posted *next;
    void (*run)(void *context);
    void *context;
};

struct loop {
    int epoll, wall_fd, monotonic_fd, post_fd;
    struct watch *wall_watch, *monotonic_watch, *post_watch, *freed;
    struct heap wall, monotonic;
    int64_t wall_armed, monotonic_armed;
    instant now;
    duration drift; /* wall minus monotonic clock, to tell how far a step jumped */
    bool was_set; /* the clock, as arming its timer told */
    bool stopping;
    pthread_mutex_t lock; /* of posted */
    struct posted *posted, **posted_end;
    struct {
        void (*call)(void *context, duration by);
        void *context;
    } step_hooks[HOOKS];
    struct {
        void (*call)(void *context);
        void *context;
    } turn_hooks[HOOKS];
    size_t step_hook_count, turn_hook_count;
};

/* ---- heaps of timers, the earliest first ---- */

static void heap_place(struct heap *heap, size_t index, struct timer *timer)
{
    heap->timers[index] = timer;
    timer->index = index;
}

static void heap_up(struct heap *heap, size_t index)
{
    struct timer *timer = heap->timers[index];
    for (; index && heap->timers[(index - 1) / 2]->at > timer->at; index = (index - 1) / 2)
        heap_place(heap, index, heap->timers[(index - 1) / 2]);
    heap_place(heap, index, timer);
}

static void heap_down(struct heap *heap, size_t index)
{
    struct timer *timer = heap->timers[index];
    for (;;) {
        size_t child = 2 * index + 1;
        if (child + 1 < heap->count && heap->timers[child + 1]->at < heap->timers[child]->at)
            child++;
        if (child >= heap->count || heap->timers[child]->at >= timer->at)
            break;
        heap_place(heap, index, heap->timers[child]);
        index = child;
    }
    heap_place(heap, index, timer);
}

static void heap_add(struct heap *heap, struct timer *timer)
{
    if (heap->count == heap->capacity) {
        heap->capacity = heap->capacity ? heap->capacity * 2 : 16;
        heap->timers = xrealloc(heap->timers, heap->capacity * sizeof(struct timer *));
    }
    timer->heap = heap;
    heap_place(heap, heap->count, timer);
    heap_up(heap, heap->count++);
}

static void heap_remove(struct timer *timer)
{
    struct heap *heap = timer->heap;
    if (!heap)
        return;
    size_t index = timer->index;
    struct timer *last = heap->timers[--heap->count];
    timer->heap = NULL;
    if (last == timer)
        return;
    heap_place(heap, index, last);
    heap_up(heap, index);
    heap_down(heap, last->index);
}

/* ---- timers ---- */

struct timer *loop_timer(struct loop *loop, void (*fire)(void *context), void *context)
{
    struct timer *timer = xmalloc(sizeof *timer);
    *timer = (struct timer){.loop = loop, .fire = fire, .context = context};
    return timer;
}

void timer_at(struct timer *timer, instant at)
{
    heap_remove(timer);
    timer->at = at;
    if (at != INSTANT_NEVER)
        heap_add(&timer->loop->wall, timer);
}

void timer_after(struct timer *timer, duration after)
{
    heap_remove(timer);
    timer->at = clock_monotonic() + after;
    if (after >= 0)
        heap_add(&timer->loop->monotonic, timer);
}

void timer_free(struct timer *timer)
{
    if (timer)
        heap_remove(timer);
    free(timer);
}

/* Fires what is due; a timer that sets itself again for the past waits for the next turn. */
static void fire_due(struct heap *heap, int64_t now)
{
    for (size_t most = heap->count; most && heap->count && heap->timers[0]->at <= now; most--) {
        struct timer *timer = heap->timers[0];
        heap_remove(timer);
        timer->fire(timer->context);
    }
}

/* Whether the clock was set since it was armed last: that is told here, and then not by reading any more. */
static bool arm(int fd, const struct heap *heap, int64_t *armed, int flags)
{
    int64_t at = heap->count ? heap->timers[0]->at : INSTANT_NEVER;
    if (at == *armed)
        return false;
    *armed = at;
    struct itimerspec when = {0};
    if (at != INSTANT_NEVER) {
        int64_t t = at > 0 ? at : 1; /* zero would disarm */
        when.it_value.tv_sec = t / 1000;
        when.it_value.tv_nsec = t % 1000 * 1000000;
    } else if (flags & TFD_TIMER_CANCEL_ON_SET) {
        when.it_value.tv_sec = INT64_MAX / 1000000000; /* steps are told only while it is armed */
    }
    if (!timerfd_settime(fd, flags, &when, NULL))
        return false;
    if (errno != ECANCELED)
        bug("timerfd_settime: %s", strerror(errno));
    return true;
}

static void arm_timers(struct loop *loop)
{
    loop->was_set |= arm(loop->wall_fd, &loop->wall, &loop->wall_armed, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
    arm(loop->monotonic_fd, &loop->monotonic, &loop->monotonic_armed, TFD_TIMER_ABSTIME);
}

void loop_clock_was_set(struct loop *loop)
{
    loop->now = clock_now();
    duration drift = loop->now - clock_monotonic(), by = drift - loop->drift;
    loop->drift = drift;
    if (by != 0) /* to what it was: some do so each minute */
        log_info("the clock was set by_ms=%lld", (long long)by);
    for (size_t i = 0; i < loop->step_hook_count; i++)
        loop->step_hooks[i].call(loop->step_hooks[i].context, by);
}

static void wall_ready(void *context, uint32_t events)
{
    struct loop *loop = context;
    uint64_t expired;
    (void)events;
    loop->wall_armed = INT64_MIN; /* to be armed anew at the end of the turn */
    if (read(loop->wall_fd, &expired, sizeof expired) < 0 && errno == ECANCELED)
        loop_clock_was_set(loop);
}

static void monotonic_ready(void *context, uint32_t events)
{
    struct loop *loop = context;
    uint64_t expired;
    (void)events;
    loop->monotonic_armed = INT64_MIN;
    ssize_t ignored = read(loop->monotonic_fd, &expired, sizeof expired);
    (void)ignored; /* the heap says what is due */
}

/* ---- descriptors ---- */

struct watch *loop_watch(struct loop *loop, int fd, uint32_t events,
                         void (*ready)(void *context, uint32_t events), void *context)
{
    struct watch *watch = xmalloc(sizeof *watch);
    *watch = (struct watch){.loop = loop, .fd = fd, .ready = ready, .context = context};
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event))
        bug("epoll_ctl add %d: %s", fd, strerror(errno));
    return watch;
}

void watch_change(struct watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(watch->loop->epoll, EPOLL_CTL_MOD, watch->fd, &event))
        bug("epoll_ctl mod %d: %s", watch->fd, strerror(errno));
}

void watch_free(struct watch *watch)
{
    if (!watch)
        return;
    epoll_ctl(watch->loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL); /* fails only if already closed */
    watch->freed = true;
    watch->next_freed = watch->loop->freed;
    watch->loop->freed = watch;
}

static void bury_freed(struct loop *loop)
{
    for (struct watch *watch = loop->freed, *next; watch; watch = next) {
        next = watch->next_freed;
        free(watch);
    }
    loop->freed = NULL;
}

/* ---- calls from other threads ---- */

void loop_post(struct loop *loop, void (*run)(void *context), void *context)
{
    struct posted *posted = xmalloc(sizeof *posted);
    *posted = (struct posted){.run = run, .context = context};
    pthread_mutex_lock(&loop->lock);
    *loop->posted_end = posted;
    loop->posted_end = &posted->next;
    pthread_mutex_unlock(&loop->lock);
    uint64_t one = 1;
    ssize_t ignored = write(loop->post_fd, &one, sizeof one);
    (void)ignored; /* full means: it will wake anyway */
}

static struct posted *take_posted(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    struct posted *first = loop->posted;
    loop->posted = NULL;
    loop->posted_end = &loop->posted;
    pthread_mutex_unlock(&loop->lock);
    return first;
}

static void post_ready(void *context, uint32_t events)
{
    struct loop *loop = context;
    uint64_t count;
    (void)events;
    ssize_t ignored = read(loop->post_fd, &count, sizeof count);
    (void)ignored;
    for (struct posted *posted = take_posted(loop), *next; posted; posted = next) {
        next = posted->next;
        posted->run(posted->context);
        free(posted);
    }
}

/* ---- the loop ---- */

struct loop *loop_new(struct error *err)
{
    struct loop *loop = xmalloc(sizeof *loop);
    *loop = (struct loop){
        .epoll = epoll_create1(EPOLL_CLOEXEC),
        .wall_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK),
        .monotonic_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
        .post_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .wall_armed = INT64_MIN,
        .monotonic_armed = INT64_MIN,
        .now = clock_now(),
        .lock = PTHREAD_MUTEX_INITIALIZER,
    };
    loop->posted_end = &loop->posted;
    loop->drift = loop->now - clock_monotonic();
    if (loop->epoll < 0 || loop->wall_fd < 0 || loop->monotonic_fd < 0 || loop->post_fd < 0) {
        fail_errno(err, "cannot make the main loop");
        loop_free(loop);
        return NULL;
    }
    loop->wall_watch = loop_watch(loop, loop->wall_fd, EPOLLIN, wall_ready, loop);
    loop->monotonic_watch = loop_watch(loop, loop->monotonic_fd, EPOLLIN, monotonic_ready, loop);
    loop->post_watch = loop_watch(loop, loop->post_fd, EPOLLIN, post_ready, loop);
    arm_timers(loop); /* from now on a step is told */
    return loop;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    for (struct posted *posted = take_posted(loop), *next; posted; posted = next) {
        next = posted->next;
        free(posted);
    }
    watch_free(loop->wall_watch);
    watch_free(loop->monotonic_watch);
    watch_free(loop->post_watch);
    bury_freed(loop);
    close_if_open(loop->epoll);
    close_if_open(loop->wall_fd);
    close_if_open(loop->monotonic_fd);
    close_if_open(loop->post_fd);
    free(loop->wall.timers);
    free(loop->monotonic.timers);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

static void turn(struct loop *loop, int wait)
{
    struct epoll_event events[EVENTS_A_TURN];
    arm_timers(loop);
    int count = epoll_wait(loop->epoll, events, EVENTS_A_TURN, loop->was_set ? 0 : wait);
    if (count < 0 && errno != EINTR)
        bug("epoll_wait: %s", strerror(errno));
    loop->now = clock_now();
    metric_add(METRIC_LOOP_TURNS, NULL, 1);
    if (loop->was_set) {
        loop->was_set = false;
        loop_clock_was_set(loop);
    }
    for (int i = 0; i < count; i++) {
        struct watch *watch = events[i].data.ptr;
        if (!watch->freed)
            watch->ready(watch->context, events[i].events);
    }
    fire_due(&loop->wall, loop->now);
    fire_due(&loop->monotonic, clock_monotonic());
    for (size_t i = 0; i < loop->turn_hook_count; i++)
        loop->turn_hooks[i].call(loop->turn_hooks[i].context);
    bury_freed(loop);
}

void loop_run(struct loop *loop)
{
    while (!loop->stopping)
        turn(loop, -1);
    loop->stopping = false;
}

void loop_turn(struct loop *loop)
{
    turn(loop, 0);
}

static duration until_first(const struct heap *heap, int64_t now)
{
    if (!heap->count)
        return INSTANT_NEVER;
    return heap->timers[0]->at > now ? heap->timers[0]->at - now : 0;
}

duration loop_idle(const struct loop *loop)
{
    duration wall = until_first(&loop->wall, clock_now()), monotonic = until_first(&loop->monotonic, clock_monotonic());
    return wall < monotonic ? wall : monotonic;
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
}

instant loop_now(const struct loop *loop)
{
    return loop->now;
}

void loop_on_clock_step(struct loop *loop, void (*stepped)(void *context, duration by), void *context)
{
    if (loop->step_hook_count == HOOKS)
        bug("too many clock hooks");
    loop->step_hooks[loop->step_hook_count].call = stepped;
    loop->step_hooks[loop->step_hook_count++].context = context;
}

void loop_on_turn_end(struct loop *loop, void (*ended)(void *context), void *context)
{
    if (loop->turn_hook_count == HOOKS)
        bug("too many turn hooks");
    loop->turn_hooks[loop->turn_hook_count].call = ended;
    loop->turn_hooks[loop->turn_hook_count++].context = context;
}
