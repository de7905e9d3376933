/*
 * command: runs a program of the operator's on the loop: text in, what it said and how it ended out.
 *
 * No shell. It gets nothing of ours: an environment of its own, no descriptor but the three standard ones, no
 * blocked or ignored signals, a process group of its own, "/" as its directory. Input is a file, in memory or on disk, so
 * that a program that does not read it blocks nobody. What it writes on stdout and stderr is read to the end
 * and the first 1 KiB of it kept. When its time is over, its whole group is killed.
 */
#ifndef CALD_COMMAND_H
#define CALD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "loop.h"

struct command;

struct command_end {
    bool ok;             /* it ended with 0 */
    /* when not: how it ended, and the first line of what it said. Valid during the call */
    const char *message;
    const char *said;    /* the first 1 KiB of what it wrote; likewise */
};

/* The search path that a command gets: not ours. */
#define COMMAND_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

typedef void command_done(void *context, const struct command_end *end);

/*
 * Starts argv[0], a path; argv and environment end in NULL and are copied. Calls done once, in a later turn;
 * the command is gone then. NULL (done is not called) when it cannot be started.
 */
struct command *command_run(struct loop *loop, const char *const *argv, const char *const *environment,
                            const char *input, size_t length, duration timeout, command_done *done,
                            void *context, struct error *err);

/* The same with an open file as its input, read from where the descriptor stands; it stays the caller's. */
struct command *command_run_file(struct loop *loop, const char *const *argv, const char *const *environment,
                                 int input, duration timeout, command_done *done, void *context,
                                 struct error *err);

struct command_limits { /* of a program that is given what others made; 0: none */
    uint64_t memory;    /* bytes of address space */
    uint64_t file;      /* bytes of what it writes into a file */
    unsigned processor; /* seconds */
};

/*
 * The same for a program that works on files: input is its standard input, output its standard output, both the
 * caller's and read and written from their beginnings; what it says is what it writes on stderr. Limited from
 * its first moments on, and leaves no core.
 */
struct command *command_run_on(struct loop *loop, const char *const *argv, const char *const *environment, int input,
                               int output, const struct command_limits *limits, duration timeout,
                               command_done *done, void *context, struct error *err);

/* Ends the waiting, without a call: the program goes on by itself. NULL is fine. */
void command_abandon(struct command *command);

/* The same, and ends the program. */
void command_kill(struct command *command);

#endif
