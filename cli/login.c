/*
 * calctl login and logout. cald gets, verifies and stores the credentials, for it must be able to read them;
 * here a person is told what to do, and what they bring is passed on: never by arguments, never shown again.
 * What is said to a person goes to standard error, the result to standard output.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/callback.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/render.h"

enum { PATIENCE_MS = 15 * 60 * 1000, LINE_MOST = 8192, STRANGERS_MOST = 20 };

struct visit { /* a login, seen from the terminal */
    struct cli *cli;
    const char *account;
    const json_t *asked; /* the daemon's answer to begin */
    int listener;        /* -1: nobody listens for a browser */
    bool from_stdin;
    int patience; /* ms */
};

/* ---- a line from the person ---- */

static struct termios as_it_was;

static void restore_echo(int signal_number)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void set_echo(bool on)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct termios silent;
    if (!on && tcgetattr(STDIN_FILENO, &as_it_was))
        return;
    silent = as_it_was;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], on ? SIG_DFL : restore_echo);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, on ? &as_it_was : &silent);
}

/* NULL: there is none. In the arena, without what is white around it. */
static const char *read_line(struct cli *cli)
{
    char line[LINE_MOST];
    if (!fgets(line, sizeof line, stdin))
        return NULL;
    size_t start = strspn(line, " \t\r\n"), length = strlen(line + start);
    while (length && strchr(" \t\r\n", line[start + length - 1]))
        length--;
    const char *copy = arena_strndup(cli->arena, line + start, length);
    explicit_bzero(line, sizeof line);
    return copy;
}

/* The prompt comes when nothing that is typed is shown any more, and nothing is thrown away any more. */
static const char *ask_hidden(struct visit *visit, const char *prompt)
{
    bool terminal = !visit->from_stdin;
    const char *line;
    if (terminal) {
        set_echo(false);
        fputs(prompt, stderr);
    }
    line = read_line(visit->cli);
    if (terminal) {
        set_echo(true);
        fputs("\n", stderr);
    }
    return line;
}

/* ---- a code ---- */

static int refuse(const char *why)
{
    return cli_fail(EXIT_REFUSED, "nobody is logged in: %s", why);
}

/* The first of both: a browser that comes back, or a line. */
static int wait_for_code(struct visit *visit, bool types, struct callback *ret_callback)
{
    const char *state = json_text(visit->asked, "state");
    for (int strangers = 0; strangers < STRANGERS_MOST; strangers++) {
        struct pollfd fds[] = {{.fd = visit->listener, .events = POLLIN},
                               {.fd = types ? STDIN_FILENO : -1, .events = POLLIN}};
        int ready = poll(fds, 2, visit->patience);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return refuse("nobody came back in time");
        if (fds[0].revents &&
            callback_take(visit->listener, state ? state : "", visit->cli->arena, ret_callback))
            return EXIT_DONE;
        if (fds[1].revents) {
            const char *line = read_line(visit->cli);
            if (!line)
                return refuse("standard input ended");
            *ret_callback = callback_read(line, visit->cli->arena);
            return EXIT_DONE;
        }
    }
    return refuse("too many requests came that were not ours");
}

static void say_where(const struct visit *visit)
{
    const char *where = json_text(visit->asked, "where"), *redirect = json_text(visit->asked, "redirect");
    if (where)
        fprintf(stderr, "(%s)\n", render_line(visit->cli, where));
    fprintf(stderr, "open this address in a browser, and agree:\n\n  %s\n\n", json_text(visit->asked, "url"));
    if (!redirect)
        fputs("then paste the code that is shown: ", stderr);
    else if (visit->listener >= 0)
        fputs("calctl waits for the browser to come back; or paste the address it ends at: ", stderr);
    else
        fprintf(stderr,
                "the browser ends at an address that begins with %s; it need not answer.\n"
                "Paste that whole address, or its code: ",
                render_line(visit->cli, redirect));
}

static int bring_code(struct visit *visit, const char **ret_answer, const char **ret_state)
{
    bool types = visit->from_stdin || isatty(STDIN_FILENO);
    struct callback callback = {0};
    if (!types && visit->listener < 0)
        return cli_fail(EXIT_USAGE,
                        "nobody is here to type: --stdin reads the code, --browser waits for one");
    say_where(visit);
    int code = wait_for_code(visit, types, &callback);
    fputs("\n", stderr);
    if (code)
        return code;
    if (!callback.code)
        return refuse(callback.error ? render_line(visit->cli, callback.error) : "there is no code in that");
    *ret_answer = callback.code;
    *ret_state = callback.state;
    return EXIT_DONE;
}

static int bring_secret(struct visit *visit, const char **ret_answer)
{
    const char *where = json_text(visit->asked, "where"), *what = json_text(visit->asked, "what");
    if (!visit->from_stdin && !isatty(STDIN_FILENO))
        return cli_fail(EXIT_USAGE, "nobody is here to type: --stdin reads the %s", what ? what : "secret");
    const char *prompt =
        arena_printf(visit->cli->arena, "%s%s%s%s: ", what ? what : "secret", where ? " (" : "",
                     where ? render_line(visit->cli, where) : "", where ? ")" : "");
    const char *line = ask_hidden(visit, prompt);
    if (!line || !*line)
        return refuse("nothing was typed");
    *ret_answer = line;
    return EXIT_DONE;
}

/* ---- the browser ---- */

static bool has_browser(struct cli *cli)
{
    const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    if (cli_switch(cli, "browser") || cli_switch(cli, "no-browser"))
        return cli_switch(cli, "browser");
    return ((x && *x) || (wayland && *wayland)) && !getenv("SSH_CONNECTION");
}

static int port_of(const char *redirect)
{
    static const char *const starts[] = {"http://127.0.0.1:", "http://localhost:"};
    for (size_t i = 0; redirect && i < sizeof starts / sizeof *starts; i++)
        if (!strncmp(redirect, starts[i], strlen(starts[i])))
            return atoi(redirect + strlen(starts[i]));
    return 0;
}

/* The network may want its own redirect: then that is where the browser comes. */
static void listen_elsewhere(struct visit *visit, int port)
{
    int wanted = port_of(json_text(visit->asked, "redirect"));
    if (visit->listener < 0 || wanted == port)
        return;
    close(visit->listener);
    visit->listener = wanted ? callback_listen(wanted, &port) : -1;
    if (wanted && visit->listener < 0)
        fprintf(stderr, "calctl: cannot wait for the browser on port %d: %s\n", wanted, strerror(errno));
}

/* ---- the two requests ---- */

static int begin(struct visit *visit)
{
    struct answer answer;
    int port = 0;
    json_t *body = json_in_arena(visit->cli->arena, json_object());
    visit->listener = has_browser(visit->cli) ? callback_listen(0, &port) : -1;
    if (visit->listener >= 0)
        json_set(body, "redirect", json_sprintf("http://127.0.0.1:%d/", port));
    int code = client_send(visit->cli, "POST",
                           client_path(visit->cli, "/v1/accounts/%s/login", visit->account), body, &answer);
    visit->asked = answer.json;
    if (!code)
        listen_elsewhere(visit, port);
    return code;
}

static int tell(struct cli *cli, const char *account, const json_t *ended)
{
    const char *identity = json_text(ended, "identity"), *missing = json_text(ended, "missing");
    const char *ends = json_text(ended, "ends");
    if (cli->json)
        render_json(ended);
    if (!json_flag(ended, "ok", false))
        return cli->json ? EXIT_REFUSED : refuse(render_line(cli, json_text(ended, "message")));
    if (!cli->json)
        printf("%s is logged in as %s, kept in %s%s%s\n", account, render_line(cli, identity),
               render_line(cli, json_text(ended, "stored")), ends ? "; ends " : "",
               ends ? render_relative(cli, ends) : "");
    if (!missing)
        return EXIT_DONE;
    fprintf(stderr, "calctl: the network did not give these permissions: %s\n", render_line(cli, missing));
    return EXIT_ATTENTION;
}

static int end(struct visit *visit, const char *brought, const char *state)
{
    struct answer answer;
    json_t *body = json_in_arena(visit->cli->arena, json_object());
    json_set_text(body, "login", json_text(visit->asked, "login"));
    json_set_text(body, "answer", brought);
    json_set_text(body, "state", state);
    int code =
        client_send(visit->cli, "POST",
                    client_path(visit->cli, "/v1/accounts/%s/login/finish", visit->account), body, &answer);
    return code ? code : tell(visit->cli, visit->account, answer.json);
}

static int patience_of(struct cli *cli, int *ret_ms)
{
    const char *text = cli_option(cli, "timeout");
    duration patience = PATIENCE_MS;
    if (text && (!duration_parse(text, &patience) || patience < 1000 || patience > PATIENCE_MS))
        return cli_fail(EXIT_USAGE, "--timeout is from 1s to 15m, not '%s'", text);
    *ret_ms = (int)patience;
    return EXIT_DONE;
}

int command_login(struct cli *cli)
{
    struct visit visit = {
        .cli = cli, .account = cli->arguments[0], .listener = -1, .from_stdin = cli_switch(cli, "stdin")};
    const char *brought = NULL, *state = NULL;
    int code = patience_of(cli, &visit.patience);
    if (!code)
        code = begin(&visit);
    const char *ask = json_text(visit.asked, "ask");
    if (!code)
        code = ask && !strcmp(ask, "secret") ? bring_secret(&visit, &brought)
                                             : bring_code(&visit, &brought, &state);
    if (visit.listener >= 0)
        close(visit.listener);
    return code ? code : end(&visit, brought, state);
}

int command_logout(struct cli *cli)
{
    struct answer answer;
    int code = client_send(cli, "POST", client_path(cli, "/v1/accounts/%s/logout", cli->arguments[0]), NULL,
                           &answer);
    if (code)
        return code;
    if (cli->json)
        render_json(answer.json);
    else
        printf("%s is logged out: %s; its posts wait\n", cli->arguments[0],
               render_line(cli, json_text(answer.json, "message")));
    return EXIT_DONE;
}
