/*
 * See command.h. Its end is seen through a pidfd: no SIGCHLD, and nobody else's children are touched. Knows
 * nothing of what is told to whom.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "publish/command.h"

enum { KEPT = 1024, LINE_MOST = 200 };

struct command {
    pid_t pid;
    int process; /* pidfd */
    int output;
    struct watch *process_watch, *output_watch;
    struct timer *timeout;
    duration allowed;
    bool timed_out;
    struct buf said;
    command_done *done;
    void *context;
};

/* ---- ending ---- */

static void close_output(struct command *command)
{
    if (command->output < 0)
        return;
    watch_free(command->output_watch);
    close(command->output);
    command->output = -1;
}

void command_abandon(struct command *command)
{
    if (command == NULL)
        return;
    close_output(command);
    watch_free(command->process_watch);
    close(command->process);
    timer_free(command->timeout);
    buf_release(&command->said);
    free(command);
}

void command_kill(struct command *command)
{
    if (command == NULL)
        return;
    kill(-command->pid, SIGKILL);
    kill(command->pid, SIGKILL);
    waitid(P_PIDFD, (id_t)command->process, &(siginfo_t){0}, WEXITED);
    command_abandon(command);
}

/* Whatever more is there is thrown away. False: nobody can write any more. */
static bool read_output(struct command *command)
{
    char bytes[4096];
    ssize_t got;

    while ((got = read(command->output, bytes, sizeof bytes)) > 0) {
        size_t room = KEPT - command->said.length;

        buf_add(&command->said, bytes, (size_t)got < room ? (size_t)got : room);
    }
    return got < 0 && errno == EAGAIN;
}

static void output_ready(void *context, uint32_t events)
{
    struct command *command = context;

    (void)events;
    if (!read_output(command))
        close_output(command);
}

static void describe(const struct command *command, const siginfo_t *info, struct buf *out)
{
    const char *text = buf_text(&command->said), *said = text + strspn(text, "\r\n");
    size_t line = strcspn(said, "\r\n");

    if (command->timed_out)
        buf_printf(out, "it was killed after %lld s", (long long)(command->allowed / 1000));
    else if (info->si_code == CLD_EXITED)
        buf_printf(out, "it ended with %d", info->si_status);
    else
        buf_printf(out, "it was ended by signal %d", info->si_status);
    if (line > 0)
        buf_printf(out, " and said: %.*s", (int)(line < LINE_MOST ? line : LINE_MOST), said);
}

static void process_ended(void *context, uint32_t events)
{
    struct command *command = context;
    command_done *done = command->done;
    void *whose = command->context;
    struct buf message = {0}, said = {0};
    siginfo_t info = {0};
    bool ok;

    (void)events;
    if (waitid(P_PIDFD, (id_t)command->process, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0)
        return;
    if (command->output >= 0)
        read_output(command);
    ok = !command->timed_out && info.si_code == CLD_EXITED && info.si_status == 0;
    describe(command, &info, &message);
    said = command->said;
    command->said = (struct buf){0};
    command_abandon(command);
    done(whose, &(struct command_end){.ok = ok, .message = ok ? NULL : buf_text(&message), .said = buf_text(&said)});
    buf_release(&message);
    buf_release(&said);
}

/* Its children may hold on to what it had: all of them go. */
static void time_is_over(void *context)
{
    struct command *command = context;

    command->timed_out = true;
    kill(-command->pid, SIGKILL);
    kill(command->pid, SIGKILL);
}

/* ---- starting ---- */

static int input_of(const char *bytes, size_t length, struct error *err)
{
    int fd = memfd_create("cald-event", MFD_CLOEXEC);

    if (fd >= 0 && write(fd, bytes, length) == (ssize_t)length && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    fail_errno(err, "cannot keep its input in memory");
    if (fd >= 0)
        close(fd);
    return -1;
}

static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setflags(attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
}

struct wiring { /* descriptors that become its 0, 1 and 2 */
    int input, output, errors;
};

static bool spawn(const char *const *argv, const char *const *environment, const struct wiring *wiring, pid_t *ret_pid,
                  struct error *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    set_attributes(&attributes);
    posix_spawn_file_actions_adddup2(&actions, wiring->input, 0);
    posix_spawn_file_actions_adddup2(&actions, wiring->output, 1);
    posix_spawn_file_actions_adddup2(&actions, wiring->errors, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawn_file_actions_addchdir_np(&actions, "/");
    /* exec(3) takes them as they are and changes nothing */
    errno = posix_spawn(ret_pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv,
                        (char *const *)(uintptr_t)environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return errno == 0 || fail_errno(err, "cannot run '%s'", argv[0]);
}

/* output -1: what it writes goes into the pipe as well. */
static bool spawn_with_pipe(const char *const *argv, const char *const *environment, int input, int output,
                            int *ret_output, pid_t *ret_pid, struct error *err)
{
    int ends[2];
    bool ok;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail_errno(err, "cannot make a pipe");
    ok = spawn(argv, environment, &(struct wiring){input, output >= 0 ? output : ends[1], ends[1]}, ret_pid, err);
    close(ends[1]);
    if (ok && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        *ret_output = ends[0];
    else
        close(ends[0]);
    return ok;
}

static void give_up(pid_t pid, int output)
{
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (output >= 0)
        close(output);
}

/* What it has used already counts as well, so that it does not matter that it runs when it is limited. */
static void limit(pid_t pid, const struct command_limits *limits)
{
    const struct {
        __rlimit_resource_t resource;
        uint64_t most;
    } all[] = {{RLIMIT_AS, limits->memory}, {RLIMIT_FSIZE, limits->file}, {RLIMIT_CPU, limits->processor}};
    const struct rlimit none = {0, 0};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct rlimit most = {all[i].most, all[i].most};

        if (all[i].most > 0)
            prlimit(pid, all[i].resource, &most, NULL);
    }
    prlimit(pid, RLIMIT_CORE, &none, NULL);
}

static struct command *watch(struct loop *loop, pid_t pid, int output, duration timeout, command_done *done,
                             void *context, struct error *err)
{
    struct command *command;
    int process = pidfd_open(pid, 0);

    if (process < 0) {
        fail_errno(err, "cannot watch a program that was started");
        give_up(pid, output);
        return NULL;
    }
    command = xmalloc(sizeof *command);
    *command = (struct command){.pid = pid,
                                .process = process,
                                .output = output,
                                .allowed = timeout,
                                .done = done,
                                .context = context};
    command->process_watch = loop_watch(loop, process, EPOLLIN, process_ended, command);
    command->output_watch = output >= 0 ? loop_watch(loop, output, EPOLLIN, output_ready, command) : NULL;
    command->timeout = loop_timer(loop, time_is_over, command);
    timer_after(command->timeout, timeout);
    return command;
}

struct command *command_run(struct loop *loop, const char *const *argv, const char *const *environment,
                            const char *input, size_t length, duration timeout, command_done *done,
                            void *context, struct error *err)
{
    int in = input_of(input, length, err);
    struct command *command = NULL;

    if (in >= 0)
        command = command_run_file(loop, argv, environment, in, timeout, done, context, err);
    if (in >= 0)
        close(in);
    return command;
}

struct command *command_run_file(struct loop *loop, const char *const *argv, const char *const *environment,
                                 int input, duration timeout, command_done *done, void *context,
                                 struct error *err)
{
    int output = -1;
    pid_t pid = 0;

    if (!spawn_with_pipe(argv, environment, input, -1, &output, &pid, err))
        return NULL;
    return watch(loop, pid, output, timeout, done, context, err);
}

struct command *command_run_on(struct loop *loop, const char *const *argv, const char *const *environment, int input,
                               int output, const struct command_limits *limits, duration timeout,
                               command_done *done, void *context, struct error *err)
{
    int said = -1;
    pid_t pid = 0;

    if (lseek(input, 0, SEEK_SET) != 0) {
        fail_errno(err, "cannot read from its beginning what it is given");
        return NULL;
    }
    if (!spawn_with_pipe(argv, environment, input, output, &said, &pid, err))
        return NULL;
    limit(pid, limits);
    return watch(loop, pid, said, timeout, done, context, err);
}
