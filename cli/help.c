/* See help.h. */
#include <string.h>

#include "cli/help.h"

static void print_option(FILE *out, const struct option_spec *option)
{
    char left[64];
    int n = option->letter ? snprintf(left, sizeof left, "-%c, ", option->letter) : snprintf(left, sizeof left, "    ");
    snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "");
    fprintf(out, "  %-26s %s%s\n", left, option->help, option->repeats ? " (repeats)" : "");
}

static void print_options(FILE *out, const char *title, const struct option_spec *options, size_t count)
{
    if (count)
        fprintf(out, "\n%s\n", title);
    for (size_t i = 0; i < count; i++)
        print_option(out, &options[i]);
}

void help_all(FILE *out)
{
    size_t count;
    const struct command *table = command_table(&count);
    fputs("usage: calctl COMMAND [OPTIONS] [ARGUMENTS]\n\n"
          "Steers cald: adds spontaneous posts, shows and changes what is queued, checks the documents.\n\nCommands:\n",
          out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  %-11s %s\n", table[i].name, table[i].summary);
    const struct option_spec *options = global_options(&count);
    print_options(out, "Everywhere:", options, count);
    fputs("\nExit status: 0 done, 1 refused, 2 usage (plan: something to apply), 3 cald cannot be reached, 4 not found,\n"
          "5 conflict, 6 something needs attention (status), 7 anything else. 'calctl help COMMAND' tells more.\n",
          out);
}

int help_command(const struct command *command)
{
    size_t count;
    printf("usage: calctl %s%s%s%s%s\n\n%s.\n", command->name, command->option_count ? " [OPTIONS]" : "",
           *command->arguments ? " " : "", command->arguments, "", command->summary);
    if (command->details)
        printf("\n%s", command->details);
    print_options(stdout, "Options:", command->options, command->option_count);
    const struct option_spec *options = global_options(&count);
    print_options(stdout, "Everywhere:", options, count);
    return EXIT_DONE;
}
