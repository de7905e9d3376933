/* See difference.h. */
#include <stdio.h>
#include <string.h>

#include "cli/content_difference.h"
#include "cli/difference.h"
#include "cli/objection.h"
#include "cli/render.h"

enum { MOST_SENTENCES = 50 };
enum { EXIT_SOMETHING = 2 }; /* as infrastructure tools have it; see calctl(1) */

/* ---- one change ---- */

static const struct sign {
    const char *kind, *sign;
    enum paint paint;
} signs[] = {
    {"add", "+", PAINT_GREEN},  {"change", "~", PAINT_YELLOW}, {"move", "~", PAINT_YELLOW},
    {"cancel", "-", PAINT_RED}, {"hold", "!", PAINT_RED},      {"release", "~", PAINT_GREEN},
};

static const struct sign *sign_of(const char *kind)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (!strcmp(signs[i].kind, kind))
            return &signs[i];
    return &signs[1];
}

static const char *when_of(struct cli *cli, const json_t *before, const json_t *after)
{
    const char *was = json_text(before, "local"), *is = json_text(after, "local");
    if (!was || !strcmp(was, is))
        return render_local(cli, is);
    return arena_printf(cli->arena, "%s → %s", render_local(cli, was), render_local(cli, is));
}

static const char *state_of(struct cli *cli, const json_t *before, const json_t *after)
{
    const char *was = json_text(before, "state"), *is = json_text(after, "state");
    if (!was || !strcmp(was, is))
        return render_state(cli, is);
    return arena_printf(cli->arena, "%s → %s", render_state(cli, was), render_state(cli, is));
}

static void print_change(struct cli *cli, const json_t *change)
{
    const json_t *before = json_member(change, "before"), *after = json_member(change, "after");
    const char *kind = json_text(change, "kind"), *source = json_text(change, "source"),
               *why = json_text(change, "why");
    const struct sign *sign = sign_of(kind);
    before = json_is_object(before) ? before : NULL;
    printf("%s  %s  %s",
           render_painted(cli, sign->paint,
                          arena_printf(cli->arena, "%s %s %s", sign->sign, kind,
                                       render_line(cli, json_text(change, "id")))),
           when_of(cli, before, after), state_of(cli, before, after));
    if (!before || !strcmp(kind, "cancel"))
        printf("  %s", render_content(cli, json_member(after, "content")));
    printf("%s%s%s\n", source ? "  (" : "", source ? render_line(cli, source) : "", source ? ")" : "");
    if (why && (!strcmp(kind, "hold") || !strcmp(kind, "add")))
        printf("    %s\n", render_line(cli, why));
    if (before)
        content_difference_print(cli, json_member(before, "content"), json_member(after, "content"));
}

/* ---- all ---- */

static void print_sentences(struct cli *cli, const char *before, const json_t *list, const char *after)
{
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count && i < MOST_SENTENCES; i++)
        printf("%s\n",
               render_painted(cli, PAINT_YELLOW,
                              arena_printf(cli->arena, "%s%s%s", before,
                                           render_line(cli, json_string_value(json_array_get(list, i))),
                                           after)));
    if (count > MOST_SENTENCES)
        printf("… and %zu more like this (--json lists them)\n", count - MOST_SENTENCES);
}

/* "x takes 0.43 USD for 3 posts" */
static void print_prices(struct cli *cli, const json_t *prices)
{
    for (size_t i = 0; i < json_array_size(prices); i++) {
        const json_t *one = json_array_get(prices, i);
        long long posts = json_number(one, "posts", 0);
        printf("%s takes %s %s for %lld post%s added or changed\n", render_line(cli, json_text(one, "account")),
               json_text(one, "sum"), render_line(cli, json_text(one, "currency")), posts, posts == 1 ? "" : "s");
    }
}

static void print_counts(struct cli *cli, const json_t *plan)
{
    const json_t *counts = json_member(plan, "counts");
    const char *id = json_text(plan, "plan");
    if (json_flag(plan, "empty", false)) {
        puts("nothing to apply");
        return;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        printf("%s%lld to %s", i ? ", " : "", (long long)json_number(counts, signs[i].kind, 0),
               signs[i].kind);
    printf("%s\n", json_flag(plan, "documents_changed", false) ? "; the documents are others" : "");
    if (id)
        printf("plan %s: 'calctl apply %s' does exactly this\n", render_bold(cli, id), id);
}

void difference_print(struct cli *cli, const json_t *plan)
{
    const json_t *changes = json_member(plan, "changes"), *errors = json_member(plan, "errors");
    long long more = json_number(plan, "more", 0);
    fflush(stdout);
    render_diags(json_member(plan, "warnings"));
    objection_print_files(cli, errors);
    if (json_array_size(errors)) {
        printf("%zu error%s: nothing can be applied\n", json_array_size(errors),
               json_array_size(errors) == 1 ? "" : "s");
        return;
    }
    for (size_t i = 0; i < json_array_size(changes); i++)
        print_change(cli, json_array_get(changes, i));
    if (more)
        printf("… and %lld more: raise --limit\n", more);
    print_sentences(cli, "! ", json_member(plan, "conflicts"), "");
    print_sentences(cli, "! post '", json_member(plan, "unplaced"),
                    "' finds no free time in its slot before the horizon");
    render_notes(json_member(plan, "notes"));
    print_prices(cli, json_member(plan, "prices"));
    print_counts(cli, plan);
}

int difference_exit(const struct cli *cli, const json_t *plan)
{
    if (json_array_size(json_member(plan, "errors")))
        return EXIT_REFUSED;
    return json_flag(plan, "empty", false) || cli_switch(cli, "exit-zero") ? EXIT_DONE : EXIT_SOMETHING;
}
