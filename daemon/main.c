/*
 * cald: options; a list of starts; the same list backwards.
 *
 * The order of a start: loop, queue (takes the lock on the state directory), publisher, schedule,
 * the first load of the documents, the control endpoint, and only then READY=1: the database has
 * taken a write, the calendar is loaded. Before all that cald.yaml is read, for what holds until the end.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "control/control.h"
#include "documents.h"
#include "loop.h"
#include "notify.h"
#include "publish/publish.h"
#include "queue/queue.h"
#include "schedule.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_INTERNAL = 7 };
enum { DESCRIPTORS = 4096 };
enum { PATIENCE_S = 20 }; /* what is in flight may end; systemd's own limit is longer */

struct cald {
    const char *path;
    struct documents *settings; /* cald.yaml at the start: paths of state and listeners hold until the end */
    struct loop *loop;
    struct queue *queue;
    struct publisher *publisher;
    struct schedule *schedule;
    struct control *control;
    struct timer *watchdog;
    int signals;
    struct watch *signals_watch;
    bool stopping;
    int status;
};

static const char usage_text[] =
    "usage: cald [--config FILE] [--check] [--log-level LEVEL]\n"
    "\n"
    "Publishes an editorial calendar. Runs in the foreground until SIGTERM or SIGINT; SIGHUP loads the documents again.\n"
    "\n"
    "  -c, --config FILE      cald.yaml (default: $CALD_CONFIG, ./cald.yaml, /etc/cald/cald.yaml)\n"
    "      --check            load and check the documents, say what is wrong, and end\n"
    "      --log-level LEVEL  debug, info (default), warn or error\n"
    "  -h, --help             this text\n"
    "  -V, --version          the version\n"
    "\n"
    "Exit status: 0 ended as asked, 1 documents refused, 2 usage, 7 anything else. See cald(8).\n";

/* ---- stopping ---- */

static void drained(void *context)
{
    struct cald *cald = context;
    loop_stop(cald->loop);
}

static void stop(struct cald *cald, const char *why)
{
    if (cald->stopping) { /* asked twice: at once */
        loop_stop(cald->loop);
        return;
    }
    cald->stopping = true;
    notify_stopping();
    log_info("stopping: %s", why);
    control_free(cald->control);
    cald->control = NULL;
    publisher_drain(cald->publisher, SECONDS(PATIENCE_S), drained, cald);
}

static void reloaded(void *context, const struct schedule_report *report)
{
    (void)context;
    notify_ready(report->message);
}

static void signal_ready(void *context, uint32_t events)
{
    struct cald *cald = context;
    struct signalfd_siginfo info;
    (void)events;
    while (read(cald->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGHUP && !cald->stopping) {
            notify_reloading();
            schedule_reload(cald->schedule, "SIGHUP", reloaded, cald);
        } else if (info.ssi_signo != SIGHUP) {
            stop(cald, info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT");
        }
    }
}

/* ---- starting ---- */

#ifdef CALD_MUTANT_FED_WATCHDOG
static void *feed_watchdog(void *nothing)
{
    for (;; usleep((useconds_t)notify_watchdog_interval() * 300))
        notify_watchdog();
    return nothing;
}
#endif

static void stroke_watchdog(void *context)
{
    struct cald *cald = context;
    notify_watchdog();
#ifdef CALD_MUTANT_FED_WATCHDOG
    static pthread_t feeder;
    if (!feeder)
        pthread_create(&feeder, NULL, feed_watchdog, NULL);
#endif
    timer_after(cald->watchdog, notify_watchdog_interval() / 2);
}

static void fail_start(struct cald *cald, const struct error *err)
{
    log_error("%s", err->message);
    cald->status = EXIT_INTERNAL;
    loop_stop(cald->loop);
}

static void first_load_done(void *context, const struct schedule_report *report)
{
    struct cald *cald = context;
    struct error err = {0};
    if (!report->applied) {
        cald->status = report->database_failed ? EXIT_INTERNAL : EXIT_REFUSED;
        loop_stop(cald->loop);
        return;
    }
    cald->control = control_new(cald->loop, cald->queue, cald->publisher, cald->schedule, cald->settings->settings, &err);
    if (!cald->control) {
        fail_start(cald, &err);
        return;
    }
#ifndef CALD_MUTANT_READY_UNWRITTEN
    if (!queue_is_writable(cald->queue, loop_now(cald->loop), &err)) {
        fail_start(cald, &err);
        return;
    }
#endif
    publisher_wake(cald->publisher);
    notify_ready(report->message);
    if (notify_watchdog_interval() > 0) {
        cald->watchdog = loop_timer(cald->loop, stroke_watchdog, cald);
        stroke_watchdog(cald);
    }
}

static sigset_t our_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

/* They wait from the first instant on until the loop reads them: by default each would end us, a reload as well. */
static void block_signals(void)
{
    const sigset_t set = our_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool start_signals(struct cald *cald, struct error *err)
{
    const sigset_t set = our_signals();
    cald->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (cald->signals < 0)
        return fail_errno(err, "cannot receive signals");
    cald->signals_watch = loop_watch(cald->loop, cald->signals, EPOLLIN, signal_ready, cald);
    return true;
}

static bool start(struct cald *cald, struct error *err)
{
    if (!(cald->loop = loop_new(err)) || !start_signals(cald, err))
        return false;
    if (!(cald->queue = queue_open(cald->settings->settings->state, err)))
        return false;
    if (!(cald->publisher = publisher_new(cald->loop, cald->queue, err)))
        return false;
#ifdef CALD_MUTANT_READY_EARLY
    notify_ready("starting");
#endif
    cald->schedule = schedule_new(cald->loop, cald->queue, cald->publisher, cald->path, cald->settings->settings);
    schedule_start(cald->schedule, first_load_done, cald);
    return true;
}

static void end(struct cald *cald)
{
    control_free(cald->control);
    timer_free(cald->watchdog);
    schedule_free(cald->schedule);
    publisher_free(cald->publisher);
    queue_close(cald->queue);
    watch_free(cald->signals_watch);
    if (cald->signals >= 0)
        close(cald->signals);
    loop_free(cald->loop);
    documents_free(cald->settings);
    metrics_reset();
}

/* ---- options ---- */

static void print_diags(const struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        struct buf line = {0};
        diag_print(&diags->items[i], &line);
        fprintf(stderr, "%s\n", buf_text(&line));
        buf_release(&line);
    }
}

/* As the start does, but of posts and slots as well, and with an answer for a person. */
static int check(const char *path)
{
    const sigset_t set = our_signals();
    sigprocmask(SIG_UNBLOCK, &set, NULL); /* nobody reads them here */
    struct documents *documents = documents_load(path, clock_now());
    size_t of_accounts = documents_check_secrets(documents, true), errors = documents->diags.errors;
    documents_check_state(documents);
    documents_check_people(documents, true);
    print_diags(&documents->diags);
    if (errors > of_accounts)
        fprintf(stderr, "cald: %zu error%s in the documents, it would not start\n", errors, errors == 1 ? "" : "s");
    else if (errors)
        fputs("cald: it would start, and hold back the accounts whose secrets cannot be used\n", stderr);
    documents_free(documents);
    return errors ? EXIT_REFUSED : EXIT_SUCCESS;
}

static const char *default_config(void)
{
    const char *named = getenv("CALD_CONFIG");
    if (named && *named)
        return named;
    return !access("cald.yaml", F_OK) ? "cald.yaml" : "/etc/cald/cald.yaml";
}

/* Tokens are in this process's memory: no core dumps, no ptrace by others of the same user. */
static void protect_memory(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

/* A connection for each request that is out: a shell allows 1024 descriptors, and more to who asks. */
static void raise_descriptors(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur >= DESCRIPTORS || files.rlim_cur == files.rlim_max)
        return;
    files.rlim_cur = files.rlim_max < DESCRIPTORS ? files.rlim_max : DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* What is large is taken from the system and given back at once; one arena, because what is free in one is of no
 * use to the others, and that of a thread keeps what its largest work needed. No bins of small pieces that are
 * merged later: whoever asks for a KiB or more, as a post does several times, would merge them all. */
static void bound_memory(void)
{
    mallopt(M_MXFAST, 0);
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 256 << 10);
    mallopt(M_ARENA_MAX, 1);
}

static int run(const char *path)
{
    struct cald cald = {.path = path, .signals = -1, .settings = documents_load_settings(path)};
    struct error err = {0};
    if (cald.settings->diags.errors) {
        log_error("documents refused: nothing was started");
        diags_log(&cald.settings->diags);
        cald.status = EXIT_REFUSED;
    } else if (start(&cald, &err)) {
        loop_run(cald.loop);
    } else {
        log_error("%s", err.message);
        cald.status = EXIT_INTERNAL;
    }
    end(&cald);
    return cald.status;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
        {"log-level", required_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0},
    };
    block_signals();
    const char *path = default_config();
    bool check_only = false;
    enum log_level level = LOG_INFO_;
    for (int c; (c = getopt_long(argc, argv, "c:hV", options, NULL)) != -1;) {
        if (c == 'c') {
            path = optarg;
        } else if (c == 'k') {
            check_only = true;
        } else if (c == 'l' && log_level_parse(optarg, &level)) {
            log_set_level(level);
        } else if (c == 'h') {
            fputs(usage_text, stdout);
            return EXIT_SUCCESS;
        } else if (c == 'V') {
            puts("cald " CALD_VERSION);
            return EXIT_SUCCESS;
        } else {
            if (c == 'l')
                fprintf(stderr, "cald: unknown log level '%s', expected debug, info, warn or error\n", optarg);
            fputs("try 'cald --help'\n", stderr);
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "cald: unexpected argument '%s', try 'cald --help'\n", argv[optind]);
        return EXIT_USAGE;
    }
    protect_memory();
    bound_memory();
    raise_descriptors();
    return check_only ? check(path) : run(path);
}
