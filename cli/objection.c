/* See objection.h. Decides nothing: the daemon says what may be overridden; of files nothing may. */
#include "cli/objection.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/render.h"
#include "editorial/rule.h"

/* "gap,alt-text" */
static const char *joined(const struct cli *cli, const json_t *names, const char *between)
{
    const char *text = "";
    for (size_t i = 0; i < json_array_size(names); i++)
        text = arena_printf(cli->arena, "%s%s%s", text, i ? between : "",
                            render_line(cli, json_string_value(json_array_get(names, i))));
    return text;
}

static const char *objection(const struct cli *cli, const json_t *names, const char *why_not)
{
    const char *by = json_array_size(names)
                         ? arena_printf(cli->arena, "refused by %s: ", joined(cli, names, ", "))
                         : "";
    return arena_printf(cli->arena, "%s%s", by, render_line(cli, why_not));
}

/* What each of many posts has to say itself. */
static void print_member(const struct cli *cli, const json_t *names, const char *others)
{
    fprintf(stderr, "to let them pass all the same, write into each: \"override\": {\"rules\": [\"%s\"], \"reason\": \"…\"}%s%s\n",
            joined(cli, names, "\", \""), others ? "; " : "", others ? render_line(cli, others) : "");
}

void objection_print(const struct cli *cli, const json_t *problem)
{
    const json_t *offer = json_member(problem, "override"), *names = json_member(offer, "rules");
    const char *why_not = json_text(offer, "why_not");
    if (!offer)
        return;
    if (!json_flag(offer, "allowed", false))
        fprintf(stderr, "%s\n", objection(cli, names, why_not));
    else if (json_member(problem, "refused"))
        print_member(cli, names, why_not);
    else
        fprintf(stderr, "to let it pass all the same: --override %s --why REASON\n", joined(cli, names, ","));
}

static bool is_among(const char *rule, const json_t *errors)
{
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const char *name = json_text(json_array_get(errors, i), "rule");
        if (name && !strcmp(name, rule))
            return true;
    }
    return false;
}

const char *objection_to_files(const struct cli *cli, const json_t *errors)
{
    json_t *names = json_in_arena(cli->arena, json_array());
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (is_among(rule_names[i], errors))
            json_array_append_new(names, json_string(rule_names[i]));
    return json_array_size(names) ? objection(cli, names, rules_of_files) : NULL;
}

void objection_print_files(const struct cli *cli, const json_t *errors)
{
    const char *line = objection_to_files(cli, errors);
    render_diags(errors);
    if (line)
        fprintf(stderr, "%s\n", line);
}
