/* Commands that move posts: one request for each ID, the answer as it is. */
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/post.h"
#include "cli/render.h"

struct delivery_id delivery_id(struct cli *cli, const char *text)
{
    const char *slash = strchr(text, '/'), *account = cli_option(cli, "account");
    if (!slash)
        return (struct delivery_id){.post = text, .account = account};
    return (struct delivery_id){.post = arena_strndup(cli->arena, text, (size_t)(slash - text)),
                                .account = slash + 1};
}

int override_from_options(struct cli *cli, json_t *body)
{
    size_t count;
    const char *const *names = cli_options(cli, "override", &count), *why = cli_option(cli, "why");
    if (!count)
        return EXIT_DONE;
    if (!why || !*why)
        return cli_fail(EXIT_USAGE, "--override needs a reason: --why");
    json_t *override = json_object(), *rules = json_array();
    bool all = false;
    for (size_t i = 0; i < count; i++) {
        all = all || !strcmp(names[i], "all");
        json_array_append_new(rules, json_string(names[i]));
    }
    json_set_text(override, "reason", why);
    if (!all)
        json_object_set(override, "rules", rules);
    json_decref(rules);
    json_set(body, "override", override);
    return EXIT_DONE;
}

static int act_on(struct cli *cli, const char *name, const char *action, json_t *body, const char *done)
{
    struct delivery_id id = delivery_id(cli, name);
    struct answer answer;
    const char *path = id.account
                           ? client_path(cli, "/v1/posts/%s/%s?account=%s", id.post, action, id.account)
                           : client_path(cli, "/v1/posts/%s/%s", id.post, action);
    int code = client_send(cli, "POST", path, body, &answer);
    return code ? code : post_print(cli, &answer, done);
}

/* Goes on after a failure, so that one wrong ID does not keep the others
 * waiting; the first failure is told. */
static int act_on_all_with(struct cli *cli, const char *action, json_t *body, const char *done)
{
    int first = EXIT_DONE;
    int wrong = override_from_options(cli, body);
    if (wrong)
        return wrong;
    if (!json_member(body, "override"))
        json_set_text(body, "why", cli_option(cli, "why"));
    for (size_t i = 0; i < cli->argument_count; i++) {
        int code = act_on(cli, cli->arguments[i], action, body, done);
        if (!first)
            first = code;
    }
    return first;
}

static int act_on_all(struct cli *cli, const char *action, const char *done)
{
    return act_on_all_with(cli, action, json_in_arena(cli->arena, json_object()), done);
}

int command_move(struct cli *cli)
{
    json_t *body = json_in_arena(cli->arena, json_object());
    json_set_text(body, "at", cli->arguments[1]);
    json_set_text(body, "why", cli_option(cli, "why"));
    int wrong = override_from_options(cli, body);
    return wrong ? wrong : act_on(cli, cli->arguments[0], "move", body, "moved");
}

int command_cancel(struct cli *cli)
{
    return act_on_all(cli, "cancel", "cancelled");
}

int command_now(struct cli *cli)
{
    return act_on_all(cli, "now", "publishing");
}

int command_retry(struct cli *cli)
{
    return act_on_all(cli, "retry", "trying again");
}

/* A word that may bring another time with it. */
static int review_all(struct cli *cli, const char *action, const char *done)
{
    json_t *body = json_in_arena(cli->arena, json_object());
    json_set_text(body, "at", cli_option(cli, "at"));
    if (cli_switch(cli, "now"))
        json_set_flag(body, "now", true);
    return act_on_all_with(cli, action, body, done);
}

int command_submit(struct cli *cli)
{
    return review_all(cli, "submit", "submitted");
}

int command_approve(struct cli *cli)
{
    return review_all(cli, "approve", "approved");
}

int command_reject(struct cli *cli)
{
    if (!cli_option(cli, "why"))
        return cli_fail(EXIT_USAGE, "say what is to be changed: --why");
    return act_on_all(cli, "reject", "rejected");
}

int command_unapprove(struct cli *cli)
{
    return act_on_all(cli, "unapprove", "a draft again:");
}

int command_hold(struct cli *cli)
{
    return act_on_all(cli, "hold", "holding");
}

int command_release(struct cli *cli)
{
    return act_on_all(cli, "release", "released");
}

int command_resolve(struct cli *cli)
{
    const char *url = cli_option(cli, "published"); /* "": given without one */
    bool not_there = cli_switch(cli, "not-published");
    if (!url == !not_there)
        return cli_fail(EXIT_USAGE, "say one of --published [URL] and --not-published");
    json_t *body = json_in_arena(cli->arena, json_object());
    if (url && *url)
        json_set_text(body, "published", url);
    else if (url)
        json_set_flag(body, "published", true);
    if (not_there)
        json_set_flag(body, "not_published", true);
    return act_on(cli, cli->arguments[0], "resolve", body, "resolved");
}
