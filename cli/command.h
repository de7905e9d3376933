/*
 * command: what a calctl command is, and what it is given when it runs.
 *
 * Commands are a table (commands.c); each names its options, so that parsing, --help, "did you mean" and
 * completion come from the same rows. A command returns an exit code.
 */
#ifndef CALCTL_COMMAND_H
#define CALCTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"

enum exit_code { /* documented in calctl(1) */
    EXIT_DONE = 0,
    EXIT_REFUSED = 1,     /* findings; the daemon refused what was asked */
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3, /* no daemon, no permission */
    EXIT_NOT_FOUND = 4,
    EXIT_CONFLICT = 5,    /* the state forbids it, or it was changed meanwhile */
    EXIT_ATTENTION = 6,   /* status: something waits for a person */
    EXIT_INTERNAL = 7,
};

/* What completes a value: a fixed word list after "=", or one of these names,
 * asked from the daemon or the system. */
#define COMPLETE_FILES "files"
#define COMPLETE_POSTS "posts"
#define COMPLETE_ACCOUNTS "accounts"
#define COMPLETE_NETWORKS "networks"
#define COMPLETE_ZONES "zones"
#define COMPLETE_SLOTS "slots"

struct option_spec {
    const char *name;       /* without "--" */
    char letter;            /* 0: none */
    /* Name of the value for --help; NULL: a switch. "[URL]": it may be left out, and is only taken from the
       next word if that is a URL. */
    const char *value;
    bool repeats;           /* may be given several times; commas separate too */
    const char *complete;   /* or NULL */
    const char *help;
};

struct cli;

struct command {
    const char *name;
    const char *arguments;  /* "ID…", for --help */
    const char *summary;    /* one line */
    const char *details;    /* paragraphs for --help, or NULL */
    int least, most;        /* number of arguments; most -1: any */
    const char *complete;   /* of the arguments, or NULL */
    const struct option_spec *options;
    size_t option_count;
    int (*run)(struct cli *cli);
};

const struct command *command_find(const char *name);
const struct command *command_table(size_t *ret_count);
const struct option_spec *global_options(size_t *ret_count);

struct given { /* one option as given */
    const struct option_spec *spec;
    const char *value; /* NULL for a switch */
};

struct cli {
    struct arena *arena;
    char **argv;            /* as it was started */
    const struct command *command;
    const char *const *arguments;
    size_t argument_count;
    struct given *given;
    size_t given_count;
    bool json;              /* --json */
    bool colour;            /* standard output takes colours */
    bool interactive;       /* a person sits at a terminal: standard input and output are one */
    const char *config;     /* in the place of --config, see client_turn_to; or NULL */
    struct client *client;  /* made at first use */
    struct upload *uploads; /* uploads.h */
    size_t upload_count;
};

/* The value of an option (the last one given), or NULL. */
const char *cli_option(const struct cli *cli, const char *name);
bool cli_switch(const struct cli *cli, const char *name);
/* All values of a repeating option, commas split; in the arena. */
const char *const *cli_options(const struct cli *cli, const char *name, size_t *ret_count);

/* Prints "calctl: message" on standard error and returns code. */
int cli_fail(enum exit_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Parses argv and runs a command. */
int cli_main(int argc, char **argv);

#endif
