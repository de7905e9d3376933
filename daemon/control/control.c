/*
 * control: opens the listeners and ties them to the routes. Knows what is started, not what is asked.
 */
#include "control/control.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "control/api.h"
#include "control/dispatch.h"
#include "control/group.h"
#include "control/listen.h"
#include "control/problem.h"
#include "control/public.h"
#include "control/role.h"
#include "control/room.h"

static bool posts_leave(const struct control *control)
{
    return publisher_is_pressed(control->publisher);
}

static const struct server_callbacks callbacks = {dispatch_begin, dispatch_handle, group_settle, posts_leave};

static int open_local(struct control *control, const struct settings *settings, struct error *err)
{
    int fd = listen_inherited(AF_UNIX);
    if (fd >= 0) {
        log_info("listening on the socket passed by systemd");
        return fd;
    }
    char *path = settings->socket ? xstrdup(settings->socket) : file_join(settings->state, "cald.sock");
    fd = listen_unix(path, settings->socket_group, err);
    if (fd < 0) {
        free(path);
        return -1;
    }
    control->socket = path;
    log_info("listening on %s", path);
    return fd;
}

/* TLS is a web server's work, and must not be forgotten. */
static void tell_listening(const char *address)
{
    if (!strncmp(address, "127.", 4) || !strncmp(address, "[::1]", 5))
        log_info("listening on http://%s/", address);
    else
        log_warn("listening on http://%s/ for other machines, without encryption: tokens can be read on the way; a web "
                 "server with TLS belongs in front",
                 address);
}

/* -2: none is wanted. */
static int open_tcp(struct control *control, const struct settings *settings, struct error *err)
{
    int fd = listen_inherited(AF_INET);
    if (fd < 0 && !settings->tcp_address)
        return -2;
    if (fd < 0)
        fd = listen_tcp(settings->tcp_address, err);
    if (fd >= 0) {
        listen_address(fd, control->address, sizeof control->address);
        tell_listening(control->address);
    }
    if (settings->tokens_file)
        role_check_token_file(settings->tokens_file);
    return fd;
}

static bool start(struct control *control, const struct settings *settings, struct error *err)
{
    int fd = open_local(control, settings, err);
    if (fd < 0 || !(control->local = server_new(control->loop, fd, control, &callbacks, err)))
        return false;
    fd = open_tcp(control, settings, err);
    if (fd != -2 && (fd < 0 || !(control->tcp = server_new(control->loop, fd, control, &callbacks, err))))
        return false;
    return public_open(control, settings, &control->public, err);
}

struct control *control_new(struct loop *loop, struct queue *queue, struct publisher *publisher,
                            struct schedule *schedule, const struct settings *settings, struct error *err)
{
    struct control *control = xmalloc(sizeof *control);
    *control = (struct control){
        .loop = loop,
        .queue = queue,
        .publisher = publisher,
        .schedule = schedule,
        .started = clock_monotonic(),
    };
    if (!start(control, settings, err)) {
        control_free(control);
        return NULL;
    }
    api_events_start(control);
    return control;
}

void control_free(struct control *control)
{
    if (!control)
        return;
    api_events_stop(control);
    api_backup_stop(control);
    api_batch_stop(control);
    server_free(control->public);
    server_free(control->tcp);
    server_free(control->local);
    if (control->socket)
        unlink(control->socket);
    free(control->socket);
    free(control);
}

const struct documents *call_documents(struct call *call)
{
    const struct documents *documents = schedule_documents(call->control->schedule);
    if (!documents)
        problem(call, 503, "the documents are not loaded yet");
    return documents;
}

const struct settings_account *call_account(struct call *call, const char *name)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    const struct settings_account *account = settings_account(settings, name);
    if (account)
        return account;
    const char **names = arena_alloc_array(call->arena, settings->account_count + 1, sizeof *names);
    for (size_t i = 0; i < settings->account_count; i++)
        names[i] = settings->accounts[i].account.name;
    problem_unknown(call, 404, "account", name, names, settings->account_count);
    return NULL;
}

const char *call_base_url(const struct call *call)
{
    if (call->peer->local)
        return call->control->address[0] ? arena_printf(call->arena, "http://%s", call->control->address)
                                         : "http://localhost";
    return arena_printf(call->arena, "http://%s", call_header(call, "Host"));
}
