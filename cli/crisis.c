/* The crisis: its state, its start, what is let go in it, and the way back. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/post.h"
#include "cli/query.h"
#include "cli/render.h"

static void print_list(struct cli *cli, const char *label, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        printf("%-10s%s\n", i ? "" : label, render_line(cli, json_string_value(json_array_get(list, i))));
}

/* ---- the state ---- */

static void print_crises(struct cli *cli, const json_t *crises)
{
    for (size_t i = 0; i < json_array_size(crises); i++) {
        const json_t *c = json_array_get(crises, i);
        const char *account = json_text(c, "account");
        printf("%-10s%s since %s (%s), by %s: %s\n", i ? "" : "crisis",
               strcmp(account, "*") ? render_line(cli, account) : "everything",
               render_local(cli, json_text(c, "local")), render_relative(cli, json_text(c, "since")),
               render_line(cli, json_text(c, "who")), render_line(cli, json_text(c, "why")));
    }
}

static int print_state(struct cli *cli, const json_t *state)
{
    const json_t *crises = json_member(state, "crises");
    bool on = json_array_size(crises) > 0;
    if (cli->json) {
        render_json(state);
        return on ? EXIT_ATTENTION : EXIT_DONE;
    }
    if (!on)
        puts("no crisis");
    print_crises(cli, crises);
    print_list(cli, "still out", json_member(state, "in_flight"));
    print_list(cli, "let go", json_member(state, "released"));
    if (on)
        printf("%-10s%lld fell due and wait for 'calctl crisis end'\n", "overdue",
               (long long)json_number(state, "overdue", 0));
    const char *statement = json_text(state, "statement");
    printf("%-10s%s\n", "statement", statement ? render_line(cli, statement) : "none in charter.yaml");
    print_list(cli, "call", json_member(state, "contacts"));
    return on ? EXIT_ATTENTION : EXIT_DONE;
}

static int show(struct cli *cli)
{
    struct answer answer;
    int code = client_send(cli, "GET", "/v1/crisis", NULL, &answer);
    return code ? code : print_state(cli, answer.json);
}

/* ---- start ---- */

static int start(struct cli *cli)
{
    struct answer answer;
    json_t *body = json_in_arena(cli->arena, json_object());
    const char *why = cli_option(cli, "why");
    if (!why || !*why)
        return cli_fail(EXIT_USAGE, "'calctl crisis start' needs a reason: --why");
    json_set_text(body, "why", why);
    json_set_text(body, "account", cli_option(cli, "account"));
    int code = client_send(cli, "POST", "/v1/crisis/start", body, &answer);
    if (code)
        return code;
    if (cli->json) {
        render_json(answer.json);
        return EXIT_DONE;
    }
    const json_t *out = json_member(answer.json, "in_flight");
    printf("nothing is published any more%s%s\n", cli_option(cli, "account") ? " on " : "",
           cli_option(cli, "account") ? cli_option(cli, "account") : "");
    if (json_array_size(out))
        puts("what was being sent at this moment, and may still appear:");
    for (size_t i = 0; i < json_array_size(out); i++)
        printf("  %s\n", render_line(cli, json_string_value(json_array_get(out, i))));
    if (json_text(answer.json, "statement"))
        puts("'calctl crisis statement' publishes the holding statement");
    return EXIT_DONE;
}

/* ---- release, statement ---- */

static int release(struct cli *cli)
{
    json_t *body = json_in_arena(cli->arena, json_object());
    int first = override_from_options(cli, body);
    if (first)
        return first;
    if (cli_switch(cli, "why") && !cli_switch(cli, "override"))
        return cli_fail(EXIT_USAGE, "with 'calctl crisis release' --why is the reason of an --override");
    if (cli->argument_count < 2)
        return cli_fail(EXIT_USAGE, "'calctl crisis release' needs ID…");
    for (size_t i = 1; i < cli->argument_count; i++) {
        struct delivery_id id = delivery_id(cli, cli->arguments[i]);
        struct answer answer;
        const char *path =
            id.account ? client_path(cli, "/v1/crisis/posts/%s/release?account=%s", id.post, id.account)
                       : client_path(cli, "/v1/crisis/posts/%s/release", id.post);
        int code = client_send(cli, "POST", path, body, &answer);
        code = code ? code : post_print(cli, &answer, "released in the crisis");
        if (!first)
            first = code;
    }
    return first;
}

static const char *with_dry_run(const struct cli *cli, const char *path, const char *dry)
{
    return cli_switch(cli, "dry-run") ? dry : path;
}

static int statement(struct cli *cli)
{
    struct answer answer;
    size_t count;
    const char *const *to = cli_options(cli, "to", &count);
    json_t *body = json_in_arena(cli->arena, json_object()), *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(to[i]));
    if (count)
        json_object_set(body, "to", list);
    json_decref(list);
    int code = client_send(cli, "POST",
                           with_dry_run(cli, "/v1/crisis/statement", "/v1/crisis/statement?dry_run=true"),
                           body, &answer);
    if (code)
        return code;
    if (cli->json) {
        render_json(answer.json);
        return EXIT_DONE;
    }
    printf("%s: %s\n", cli_switch(cli, "dry-run") ? "would publish" : "publishing",
           render_line(cli, json_text(answer.json, "text")));
    print_list(cli, "as", json_member(answer.json, "deliveries"));
    const json_t *kept = json_member(answer.json, "kept");
    for (size_t i = 0; i < json_array_size(kept); i++) {
        const json_t *k = json_array_get(kept, i);
        printf("%-10s%s: %s\n", i ? "" : "not on", render_line(cli, json_text(k, "account")),
               render_line(cli, json_text(k, "why")));
    }
    return EXIT_DONE;
}

/* ---- end ---- */

static void print_moved(struct cli *cli, const json_t *moved)
{
    for (size_t i = 0; i < json_array_size(moved); i++) {
        const json_t *m = json_array_get(moved, i);
        printf("%-10s%s to %s (%s)\n", i ? "" : "moved", render_line(cli, json_text(m, "delivery")),
               render_line(cli, json_text(m, "to")), render_relative(cli, json_text(m, "to")));
    }
}

static void print_held(struct cli *cli, const json_t *held)
{
    for (size_t i = 0; i < json_array_size(held); i++) {
        const json_t *h = json_array_get(held, i);
        printf("%-10s%s: %s\n", i ? "" : "held", render_line(cli, json_text(h, "delivery")),
               render_line(cli, json_text(h, "why")));
    }
}

static bool is_listed(const json_t *list, const char *id)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *name = json_is_string(item) ? json_string_value(item) : json_text(item, "delivery");
        if (!strcmp(name, id))
            return true;
    }
    return false;
}

/* What keeps its time goes out after the crisis as if nothing had been: whoever ends it sees the first of it. */
static int print_next(struct cli *cli, const json_t *answer)
{
    enum { SHOWN = 3, ASKED = 50 };
    struct answer ahead;
    struct buf path = {0};
    char now[INSTANT_TEXT];
    size_t shown = 0;
    buf_printf(&path, "/v1/deliveries?state=ready,waiting&limit=%d", ASKED);
    query_add(&path, "from", instant_format(clock_now(), now, sizeof now));
    query_add(&path, "account", cli_option(cli, "account"));
    int code = client_send(cli, "GET", query_take(cli, &path), NULL, &ahead);
    if (code)
        return code;
    const json_t *items = json_member(ahead.json, "items");
    for (size_t i = 0; i < json_array_size(items) && shown < SHOWN; i++) {
        const json_t *d = json_array_get(items, i);
        const char *id = json_text(d, "id");
        if (is_listed(json_member(answer, "moved"), id) || is_listed(json_member(answer, "dropped"), id))
            continue;
        printf("%-10s%s  %s (%s)  %s\n", shown++ ? "" : "next", render_line(cli, id),
               render_local(cli, json_text(d, "local")), render_relative(cli, json_text(d, "slot")),
               render_content(cli, json_member(d, "content")));
    }
    if (shown)
        puts("what was still ahead keeps its time; 'calctl hold ID' keeps one back");
    return EXIT_DONE;
}

static int print_end(struct cli *cli, const json_t *answer)
{
    const json_t *held = json_member(answer, "held"), *unsure = json_member(answer, "unsure");
    if (cli->json) {
        render_json(answer);
        return EXIT_DONE;
    }
    puts(cli_switch(cli, "dry-run") ? "so it would end; nothing is changed" : "the crisis is over");
    print_moved(cli, json_member(answer, "moved"));
    print_list(cli, "dropped", json_member(answer, "dropped"));
    print_held(cli, held);
    print_list(cli, "unsure", unsure);
    if (json_array_size(held))
        puts("each of those held waits for 'calctl move', 'calctl release' or 'calctl cancel'");
    if (json_array_size(unsure))
        puts("each unsure one may be out: look there, then 'calctl resolve'");
    return print_next(cli, answer);
}

static int end(struct cli *cli)
{
    static const char *const lists[] = {"keep", "move", "drop"}, *const texts[] = {"why", "account", "rule"};
    struct answer answer;
    json_t *body = json_in_arena(cli->arena, json_object());
    for (size_t i = 0; i < 3; i++) {
        size_t count;
        const char *const *values = cli_options(cli, lists[i], &count);
        json_t *list = json_array();
        for (size_t v = 0; v < count; v++)
            json_array_append_new(list, json_string(values[v]));
        if (count)
            json_object_set(body, lists[i], list);
        json_decref(list);
        json_set_text(body, texts[i], cli_option(cli, texts[i]));
    }
    int code = client_send(cli, "POST", with_dry_run(cli, "/v1/crisis/end", "/v1/crisis/end?dry_run=true"),
                           body, &answer);
    return code ? code : print_end(cli, answer.json);
}

/* ---- the command ---- */

static const struct {
    const char *name;
    int (*run)(struct cli *cli);
    const char *options; /* that go with it, each between spaces */
    bool ids;
} deeds[] = {
    {"start", start, " why account ", false},
    {"release", release, " account override why ", true},
    {"statement", statement, " to dry-run ", false},
    {"end", end, " why account rule keep move drop dry-run ", false},
};

/* What does not go with the word must not be passed over in silence. */
static int check_options(const struct cli *cli, const char *word, const char *fitting)
{
    for (size_t i = 0; i < cli->given_count; i++) {
        const struct option_spec *spec = cli->given[i].spec;
        bool own = spec >= cli->command->options && spec < cli->command->options + cli->command->option_count;
        if (own && !strstr(fitting, arena_printf(cli->arena, " %s ", spec->name)))
            return cli_fail(EXIT_USAGE, "--%s does not go with 'calctl crisis%s%s'", spec->name,
                            *word ? " " : "", word);
    }
    return EXIT_DONE;
}

int command_crisis(struct cli *cli)
{
    const char *word = cli->argument_count ? cli->arguments[0] : "";
    int code;
    if (!*word)
        return (code = check_options(cli, word, "")) ? code : show(cli);
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        if (strcmp(deeds[i].name, word) != 0)
            continue;
        if (!deeds[i].ids && cli->argument_count > 1)
            return cli_fail(EXIT_USAGE, "unexpected argument '%s', see 'calctl crisis --help'",
                            cli->arguments[1]);
        return (code = check_options(cli, word, deeds[i].options)) ? code : deeds[i].run(cli);
    }
    return cli_fail(EXIT_USAGE, "expected start, release, statement or end, not '%s'", word);
}
