/*
 * The command line: global options, a command, its options and arguments, all by tables.
 * Knows no command by name but help.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "cli/command.h"
#include "cli/help.h"

int cli_fail(enum exit_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fputs("calctl: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return code;
}

/* ---- what was given ---- */

const char *cli_option(const struct cli *cli, const char *name)
{
    for (size_t i = cli->given_count; i-- > 0;)
        if (!strcmp(cli->given[i].spec->name, name))
            return cli->given[i].value ? cli->given[i].value : "";
    return NULL;
}

bool cli_switch(const struct cli *cli, const char *name)
{
    return cli_option(cli, name) != NULL;
}

const char *const *cli_options(const struct cli *cli, const char *name, size_t *ret_count)
{
    const char **values = NULL;
    size_t count = 0;
    for (size_t i = 0; i < cli->given_count; i++) {
        if (strcmp(cli->given[i].spec->name, name))
            continue;
        bool split =
            cli->given[i].spec->complete != NULL && strcmp(cli->given[i].spec->complete, COMPLETE_FILES) != 0;
        for (const char *at = cli->given[i].value; at;) {
            const char *comma = split ? strchr(at, ',') : NULL;
            size_t length = comma ? (size_t)(comma - at) : strlen(at);
            *arena_push(cli->arena, values, count) = arena_strndup(cli->arena, at, length);
            at = comma ? comma + 1 : NULL;
        }
    }
    *ret_count = count;
    return values;
}

/* ---- parsing ---- */

struct known { /* the options that may be given here: the command's, then the global ones */
    const struct option_spec *lists[2];
    size_t counts[2];
};

static const struct option_spec *find_long(const struct known *known, const char *name, size_t length)
{
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < known->counts[l]; i++) {
            const char *candidate = known->lists[l][i].name;
            if (strlen(candidate) == length && !memcmp(candidate, name, length))
                return &known->lists[l][i];
        }
    return NULL;
}

static const struct option_spec *find_letter(const struct known *known, char letter)
{
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < known->counts[l]; i++)
            if (known->lists[l][i].letter == letter)
                return &known->lists[l][i];
    return NULL;
}

static int unknown_option(const struct cli *cli, const struct known *known, const char *name)
{
    const char *names[64];
    size_t count = 0;
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < known->counts[l] && count < 64; i++)
            names[count++] = known->lists[l][i].name;
    const char *nearest = suggest(name, names, count);
    if (nearest)
        return cli_fail(EXIT_USAGE, "unknown option '--%s', did you mean '--%s'?", name, nearest);
    return cli_fail(EXIT_USAGE, "unknown option '--%s', see 'calctl %s--help'", name,
                    cli->command ? arena_printf(cli->arena, "%s ", cli->command->name) : "");
}

static void add_given(struct cli *cli, const struct option_spec *spec, const char *value)
{
    *arena_push(cli->arena, cli->given, cli->given_count) = (struct given){.spec = spec, .value = value};
}

/* Takes argv[*at] (and its value) if it is an option. Returns an exit code; 0 goes on. */
static int take_option(struct cli *cli, const struct known *known, int argc, char **argv, int *at)
{
    const char *word = argv[*at], *value = NULL;
    const struct option_spec *spec;
    if (word[1] == '-') {
        const char *equals = strchr(word, '=');
        size_t length = equals ? (size_t)(equals - word - 2) : strlen(word + 2);
        spec = find_long(known, word + 2, length);
        if (!spec)
            return unknown_option(cli, known, arena_strndup(cli->arena, word + 2, length));
        value = equals ? equals + 1 : NULL;
    } else {
        spec = find_letter(known, word[1]);
        if (!spec)
            return cli_fail(EXIT_USAGE, "unknown option '-%c', see 'calctl --help'", word[1]);
        value = word[2] ? word + 2 : NULL;
    }
    if (!spec->value && value)
        return cli_fail(EXIT_USAGE, "option '--%s' takes no value", spec->name);
    if (spec->value && !value && *spec->value == '[') {
        if (*at + 1 < argc && strstr(argv[*at + 1], "://"))
            value = argv[++*at];
    } else if (spec->value && !value) {
        if (*at + 1 >= argc)
            return cli_fail(EXIT_USAGE, "option '--%s' needs a value: %s", spec->name, spec->value);
        value = argv[++*at];
    }
    add_given(cli, spec, value);
    return EXIT_DONE;
}

/* What people type who know other programs, and what it is called here. */
static const struct {
    const char *word, *instead;
} elsewhere[] = {
    {"undo",
     "'calctl retry ID' takes a cancellation back; what an edit replaced: 'calctl audit --post ID --json'"},
    {"rm", "'calctl cancel' gives up what has not been sent, 'calctl delete' removes what is published"},
    {"remove", "'calctl cancel' gives up what has not been sent, 'calctl delete' removes what is published"},
    {"doctor", "'calctl status' says what is wrong, 'calctl accounts --check' whether the credentials work"},
    {"health", "'calctl status'"},
    {"schedule", "'calctl add --at TIME', or an entry in the calendar"},
    {"post", "'calctl add'"},
    {"publish", "'calctl add', or 'calctl now ID' for what is queued"},
    {"why", "'calctl explain ID'"},
    {"log", "'calctl history'"},
    {"logs", "'calctl history'; cald's own log is in the journal"},
    {"validate", "'calctl check'"},
    {"lint", "'calctl check'"},
    {"stats", "'calctl campaigns' says what posts cost, 'calctl export --all' has all that was published"},
    {"report", "'calctl campaigns' says what posts cost, 'calctl export --all' has all that was published"},
    {"diff", "'calctl plan'"},
    {"restore",
     "put the copy into an empty state directory as cald.db, start cald, 'calctl resume --restored'"},
    {"start", "run 'cald', or 'systemctl start cald'"},
    {"stop", "'calctl pause' publishes nothing any more; 'systemctl stop cald' ends the service"},
};

static int find_command(struct cli *cli, const char *word)
{
    cli->command = command_find(word);
    if (cli->command)
        return EXIT_DONE;
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (!strcmp(word, elsewhere[i].word))
            return cli_fail(EXIT_USAGE, "there is no command '%s': %s", word, elsewhere[i].instead);
    size_t count;
    const struct command *table = command_table(&count);
    const char **names = arena_alloc_array(cli->arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = table[i].name;
    const char *nearest = suggest(word, names, count);
    if (nearest)
        return cli_fail(EXIT_USAGE, "unknown command '%s', did you mean '%s'?", word, nearest);
    return cli_fail(EXIT_USAGE, "unknown command '%s', see 'calctl --help'", word);
}

static int parse(struct cli *cli, int argc, char **argv)
{
    struct known known = {0};
    const char **arguments = NULL;
    size_t count = 0;
    bool only_arguments = false;
    known.lists[1] = global_options(&known.counts[1]);
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        int code = EXIT_DONE;
        if (!only_arguments && !strcmp(word, "--"))
            only_arguments = true;
        else if (!only_arguments && word[0] == '-' && word[1])
            code = take_option(cli, &known, argc, argv, &at);
        else if (cli->command)
            *arena_push(cli->arena, arguments, count) = word;
        else if (!strcmp(word, "help")) /* "help add" is "add --help" */
            add_given(cli, find_letter(&known, 'h'), NULL);
        else if (!(code = find_command(cli, word))) {
            known.lists[0] = cli->command->options;
            known.counts[0] = cli->command->option_count;
        }
        if (code)
            return code;
    }
    cli->arguments = arguments;
    cli->argument_count = count;
    return EXIT_DONE;
}

static int check_arguments(const struct cli *cli)
{
    const struct command *command = cli->command;
    if ((int)cli->argument_count < command->least)
        return cli_fail(EXIT_USAGE, "'%s' needs %s, see 'calctl %s --help'", command->name,
                        command->arguments, command->name);
    if (command->most >= 0 && (int)cli->argument_count > command->most)
        return cli_fail(EXIT_USAGE, "unexpected argument '%s', see 'calctl %s --help'",
                        cli->arguments[command->most], command->name);
    return EXIT_DONE;
}

/* NO_COLOR: https://no-color.org, any non-empty value. */
static int choose_colour(struct cli *cli)
{
    const char *wish = cli_option(cli, "color"), *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (!wish || !strcmp(wish, "auto"))
        cli->colour = isatty(STDOUT_FILENO) && !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
    else if (!strcmp(wish, "always"))
        cli->colour = true;
    else if (strcmp(wish, "never"))
        return cli_fail(EXIT_USAGE, "--color takes auto, always or never, not '%s'", wish);
    if (cli_switch(cli, "no-color"))
        cli->colour = false;
    return EXIT_DONE;
}

static int run(struct cli *cli, int argc, char **argv)
{
    int code = parse(cli, argc, argv);
    if (code)
        return code;
    if (cli_switch(cli, "version")) {
        puts("calctl " CALD_VERSION);
        return EXIT_DONE;
    }
    if (cli_switch(cli, "help") && cli->command)
        return help_command(cli->command);
    if (!cli->command) {
        help_all(cli_switch(cli, "help") ? stdout : stderr);
        return cli_switch(cli, "help") ? EXIT_DONE : EXIT_USAGE;
    }
    cli->json = cli_switch(cli, "json");
    cli->interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if ((code = choose_colour(cli)) || (code = check_arguments(cli)))
        return code;
    return cli->command->run(cli);
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {.arena = arena_new(), .argv = argv};
    int code = run(&cli, argc, argv);
    arena_free(cli.arena);
    if (fflush(stdout) || ferror(stdout))
        return cli_fail(EXIT_INTERNAL, "cannot write the answer");
    return code;
}
