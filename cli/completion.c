/*
 * Completion scripts for bash, zsh and fish, from the tables of parsing and help; what depends on the daemon
 * or the system (posts, accounts, zones) is asked from 'calctl complete KIND' while completing.
 */
#include <stdio.h>
#include <string.h>

#include "base/zoneinfo.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "network/text.h"

/* ---- words, one a line ---- */

static int print_members(struct cli *cli, const char *path, const char *member)
{
    struct answer answer = {0};
    if (client_try(cli, "GET", path, NULL, &answer))
        return EXIT_DONE; /* no daemon, no words: completion must not complain */
    const json_t *items = json_member(answer.json, "items");
    const char *before = "";
    for (size_t i = 0; i < json_array_size(items); i++) {
        const char *word = json_text(json_array_get(items, i), member);
        if (word && strcmp(word, before))
            puts(before = word);
    }
    return EXIT_DONE;
}

static int print_zones(struct cli *cli)
{
    const char *const *names;
    size_t count = zoneinfo_names(cli->arena, &names);
    for (size_t i = 0; i < count; i++)
        puts(names[i]);
    return EXIT_DONE;
}

static int print_networks(void)
{
    size_t count;
    const char *const *names = text_rule_names(&count);
    for (size_t i = 0; i < count; i++)
        puts(names[i]);
    return EXIT_DONE;
}

int command_complete(struct cli *cli)
{
    const char *kind = cli->arguments[0];
    if (!freopen("/dev/null", "w", stderr))
        return EXIT_DONE;
    if (!strcmp(kind, COMPLETE_POSTS))
        return print_members(cli, "/v1/deliveries?limit=1000", "post");
    if (!strcmp(kind, COMPLETE_ACCOUNTS))
        return print_members(cli, "/v1/accounts", "name");
    if (!strcmp(kind, COMPLETE_SLOTS))
        return print_members(cli, "/v1/slots?limit=100", "slot");
    if (!strcmp(kind, COMPLETE_ZONES))
        return print_zones(cli);
    return !strcmp(kind, COMPLETE_NETWORKS) ? print_networks() : EXIT_USAGE;
}

/* ---- bash ---- */

/* A shell word that gives the candidates of a value. */
static void print_words(const char *complete)
{
    if (complete && *complete == '=')
        printf("-W '%s'", complete + 1);
    else if (complete && strcmp(complete, COMPLETE_FILES))
        printf("-W \"$(calctl complete %s 2>/dev/null)\"", complete);
    else
        printf("-f");
}

static void print_bash_options(const struct option_spec *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("--%s ", options[i].name);
}

static void print_bash_values(const struct option_spec *options, size_t count, const char *command)
{
    for (size_t i = 0; i < count; i++) {
        if (!options[i].value)
            continue;
        printf("    %s:--%s", command, options[i].name);
        if (options[i].letter)
            printf("|%s:-%c", command, options[i].letter);
        fputs(") COMPREPLY=($(compgen ", stdout);
        print_words(options[i].complete);
        puts(" -- \"$cur\")); return ;;");
    }
}

/* Finds the word and the one before it, cuts from the candidates what bash takes for other words. */
static const char bash_entry[] =
    "_calctl() {\n"
    "  local line=\"${COMP_WORDS[*]:0:COMP_CWORD+1}\" word=${COMP_WORDS[COMP_CWORD]} cur prev\n"
    "  [[ -n ${COMP_LINE-} ]] && line=${COMP_LINE:0:COMP_POINT}\n"
    "  cur=${line##*[[:space:]]} prev=${line%\"$cur\"}\n"
    "  prev=${prev%\"${prev##*[![:space:]]}\"} prev=${prev##*[[:space:]]}\n"
    "  [[ $cur == --*=* ]] && prev=${cur%%=*} cur=${cur#*=}\n"
    "  _calctl_words\n"
    "  [[ $word == [@:=] ]] && word=\n"
    "  [[ $cur == *\"$word\" ]] && COMPREPLY=(\"${COMPREPLY[@]#\"${cur%\"$word\"}\"}\")\n"
    "}\n"
    "complete -F _calctl calctl";

static int completion_bash(void)
{
    size_t count, global_count;
    const struct command *table = command_table(&count);
    const struct option_spec *global = global_options(&global_count);
    puts("# bash completion for calctl\n"
         "# bash breaks words at '@', ':' and '=', which ids and times hold; it is taken from the line\n"
         "_calctl_words() {\n  local cmd= i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n    case ${COMP_WORDS[i]} in");
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i ? "|" : "      ", table[i].name);
    puts(") cmd=${COMP_WORDS[i]}; break ;;\n    esac\n  done\n  case $cmd:$prev in");
    for (size_t i = 0; i < count; i++)
        print_bash_values(table[i].options, table[i].option_count, table[i].name);
    print_bash_values(global, global_count, "*");
    puts("  esac\n  case $cmd in");
    for (size_t i = 0; i < count; i++) {
        printf("    %s) if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '", table[i].name);
        print_bash_options(table[i].options, table[i].option_count);
        print_bash_options(global, global_count);
        fputs("' -- \"$cur\")); else COMPREPLY=($(compgen ", stdout);
        if (table[i].complete)
            print_words(table[i].complete);
        else
            fputs("-W ''", stdout);
        puts(" -- \"$cur\")); fi ;;");
    }
    fputs("    *) COMPREPLY=($(compgen -W '", stdout);
    for (size_t i = 0; i < count; i++)
        printf("%s ", strcmp(table[i].name, "complete") ? table[i].name : "");
    print_bash_options(global, global_count);
    puts("' -- \"$cur\")) ;;\n  esac\n}");
    puts(bash_entry);
    return EXIT_DONE;
}

/* ---- zsh ---- */

/* Text within single quotes, inside a zsh specification. */
static void print_zsh_text(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr("[]:\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void print_zsh_action(const char *complete)
{
    if (complete && *complete == '=')
        printf("(%s)", complete + 1);
    else if (complete && strcmp(complete, COMPLETE_FILES))
        printf("{compadd -- $(calctl complete %s 2>/dev/null)}", complete);
    else
        fputs("_files", stdout);
}

static void print_zsh_options(const struct option_spec *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("        '%s--%s%s[", options[i].repeats ? "*" : "", options[i].name, options[i].value ? "=" : "");
        print_zsh_text(options[i].help);
        putchar(']');
        if (options[i].value) {
            putchar(':');
            print_zsh_text(options[i].value);
            putchar(':');
            print_zsh_action(options[i].complete);
        }
        puts("' \\");
    }
}

static int completion_zsh(void)
{
    size_t count, global_count;
    const struct command *table = command_table(&count);
    const struct option_spec *global = global_options(&global_count);
    puts("#compdef calctl\n_calctl() {\n  local -a commands\n  commands=(");
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(table[i].name, "complete"))
            continue;
        printf("    '%s:", table[i].name);
        print_zsh_text(table[i].summary);
        puts("'");
    }
    puts("  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n  case $words[2] in");
    for (size_t i = 0; i < count; i++) {
        printf("    %s)\n      _arguments \\\n", table[i].name);
        print_zsh_options(table[i].options, table[i].option_count);
        print_zsh_options(global, global_count);
        fputs("        '*:argument:", stdout);
        if (table[i].complete)
            print_zsh_action(table[i].complete);
        puts("' ;;");
    }
    puts("  esac\n}\n_calctl \"$@\"");
    return EXIT_DONE;
}

/* ---- fish ---- */

static void print_fish_text(const char *text)
{
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('\'');
}

static void print_fish_values(const char *complete)
{
    if (complete && *complete == '=')
        printf(" -f -a '%s'", complete + 1);
    else if (complete && strcmp(complete, COMPLETE_FILES))
        printf(" -f -a '(calctl complete %s 2>/dev/null)'", complete);
    else
        fputs(" -F", stdout);
}

static void print_fish_options(const struct option_spec *options, size_t count, const char *command)
{
    for (size_t i = 0; i < count; i++) {
        printf("complete -c calctl");
        if (command)
            printf(" -n '__fish_seen_subcommand_from %s'", command);
        printf(" -l %s", options[i].name);
        if (options[i].letter)
            printf(" -s %c", options[i].letter);
        if (options[i].value) {
            fputs(" -r", stdout);
            print_fish_values(options[i].complete);
        }
        fputs(" -d ", stdout);
        print_fish_text(options[i].help);
        putchar('\n');
    }
}

static int completion_fish(void)
{
    size_t count, global_count;
    const struct command *table = command_table(&count);
    const struct option_spec *global = global_options(&global_count);
    puts("# fish completion for calctl\ncomplete -c calctl -f");
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(table[i].name, "complete"))
            continue;
        printf("complete -c calctl -n __fish_use_subcommand -a %s -d ", table[i].name);
        print_fish_text(table[i].summary);
        putchar('\n');
        print_fish_options(table[i].options, table[i].option_count, table[i].name);
        if (table[i].complete) {
            printf("complete -c calctl -n '__fish_seen_subcommand_from %s'", table[i].name);
            print_fish_values(table[i].complete);
            putchar('\n');
        }
    }
    print_fish_options(global, global_count, NULL);
    return EXIT_DONE;
}

int command_completion(struct cli *cli)
{
    const char *shell = cli->arguments[0];
    if (!strcmp(shell, "bash"))
        return completion_bash();
    if (!strcmp(shell, "zsh"))
        return completion_zsh();
    if (!strcmp(shell, "fish"))
        return completion_fish();
    return cli_fail(EXIT_USAGE, "no completion for '%s', there is one for bash, zsh and fish", shell);
}
