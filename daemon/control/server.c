/*
 * server: libmicrohttpd's epoll descriptor in our loop. The only file that knows the library; it knows no
 * route. Who is connected, and for how long, is connection.c's. We accept, too: without descriptors the
 * library would try again and again.
 */
#include "control/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "control/connection.h"
#include "control/guard.h"
#include "control/pending.h"

enum {
    HEADER_MEMORY = 32 * 1024,
    MOST_UNREAD = 256 * 1024, /* of a stream */
    NEWCOMERS = 32,           /* accepted in a turn */
    REST = 15,                /* times what requests took: they wait so long while something presses, … */
    LONGEST_REST = 50,        /* ms; … and never longer */
};

struct exchange { /* one request on a connection */
    LIST_ENTRY(exchange) link;
    struct server *server;
    struct MHD_Connection *http;
    struct connection *connection;
    struct call *call;
    const char *target;
    struct buf body;
    bool begun, refused, handled, queued;
};

struct stream {
    LIST_ENTRY(stream) link;
    struct server *server;
    struct MHD_Connection *http;
    struct watch
        *watch; /* tells when the reader goes away: the library does not look while it is suspended */
    struct buf waiting;
    bool suspended, closed;
};

struct server {
    struct loop *loop;
    struct control *control;
    const struct server_callbacks *callbacks;
    struct MHD_Daemon *http;
    struct watch *watch;
    int fd; /* that listens */
    struct watch *newcomers;
    int spare; /* given up for a moment to turn a newcomer away when there are no descriptors */
    bool exhausted;
    struct timer *again; /* the library has more to do at a time */
    duration rest_until; /* monotonic; see rests */
    bool resting;        /* nobody is heard */
    bool running, stopping;
    size_t stream_count;
    struct connections *connections;
    LIST_HEAD(, exchange) exchanges;
    LIST_HEAD(, stream) streams;
};

/* ---- connections ---- */

static int http_descriptor(struct MHD_Connection *http)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(http, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static void on_connection(void *context, struct MHD_Connection *http, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = connection_begin(server->connections, http_descriptor(http));
    } else {
        connection_end(*socket_context);
        *socket_context = NULL;
    }
}

/* ---- streams ---- */

static void stream_resume(struct stream *stream)
{
    if (stream->suspended) {
        stream->suspended = false;
        MHD_resume_connection(stream->http);
        timer_after(stream->server->again, 0);
    }
}

static void stream_close(struct stream *stream)
{
    stream->closed = true;
    stream_resume(stream);
}

static void on_stream_hangup(void *context, uint32_t events)
{
    (void)events;
    struct stream *stream = context;
    watch_free(stream->watch);
    stream->watch = NULL;
    stream_close(stream);
}

static ssize_t stream_read(void *context, uint64_t position, char *bytes, size_t most)
{
    (void)position;
    struct stream *stream = context;
    size_t length = stream->waiting.length < most ? stream->waiting.length : most;
    if (stream->closed)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (length == 0) {
        stream->suspended = true;
        MHD_suspend_connection(stream->http);
        return 0;
    }
    memcpy(bytes, stream->waiting.data, length);
    memmove(stream->waiting.data, stream->waiting.data + length, stream->waiting.length - length);
    stream->waiting.length -= length;
    return (ssize_t)length;
}

static void stream_free(void *context)
{
    struct stream *stream = context;
    LIST_REMOVE(stream, link);
    stream->server->stream_count--;
    watch_free(stream->watch);
    buf_release(&stream->waiting);
    free(stream);
}

static struct MHD_Response *stream_response(struct exchange *exchange)
{
    struct server *server = exchange->server;
    struct stream *stream = xmalloc(sizeof *stream);
    *stream = (struct stream){.server = server, .http = exchange->http};
    buf_add(&stream->waiting, exchange->call->answer.body, exchange->call->answer.length);
    stream->watch =
        loop_watch(server->loop, connection_fd(exchange->connection), EPOLLRDHUP, on_stream_hangup, stream);
    LIST_INSERT_HEAD(&server->streams, stream, link);
    server->stream_count++;
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, stream_read, stream, stream_free);
}

void server_broadcast(struct server *server, const char *bytes, size_t length)
{
    struct stream *stream;
    LIST_FOREACH(stream, &server->streams, link)
    {
        if (stream->waiting.length + length > MOST_UNREAD)
            stream->closed = true;
        else
            buf_add(&stream->waiting, bytes, length);
        stream_resume(stream);
    }
}

size_t server_streams(const struct server *server)
{
    return server->stream_count;
}

/* ---- exchanges ---- */

static struct MHD_Response *make_response(struct exchange *exchange)
{
    struct answer *answer = &exchange->call->answer;
    if (answer->stream)
        return stream_response(exchange);
    if (answer->file >= 0) {
        struct MHD_Response *response =
            MHD_create_response_from_fd((uint64_t)answer->file_size, answer->file);
        answer->file = -1; /* closed with the response */
        return response;
    }
    /* The bytes live in the call's arena, which ends after the response was sent. */
    return MHD_create_response_from_buffer(answer->length, (void *)(uintptr_t)answer->body,
                                           MHD_RESPMEM_PERSISTENT);
}

static void add_headers(struct MHD_Response *response, const struct answer *answer)
{
    if (answer->type)
        MHD_add_response_header(response, "Content-Type", answer->type);
    for (size_t i = 0; i < answer->header_count; i++)
        MHD_add_response_header(response, answer->headers[i].name, answer->headers[i].value);
}

static void count_answer(const struct call *call)
{
    char status[16];
    snprintf(status, sizeof status, "%d", call->answer.status);
    metric_add(METRIC_HTTP_REQUESTS, status, 1);
    log_debug("%s %s answered with %d", call->method, call->target, call->answer.status);
}

static enum MHD_Result queue_answer(struct exchange *exchange)
{
    struct call *call = exchange->call;
    if (exchange->queued)
        return MHD_YES;
    exchange->queued = true;
    count_answer(call);
    struct MHD_Response *response = make_response(exchange);
    add_headers(response, &call->answer);
    connection_enter(exchange->connection, call->answer.stream ? CONNECTION_STREAM : CONNECTION_ANSWER);
    enum MHD_Result result = MHD_queue_response(exchange->http, (unsigned)call->answer.status, response);
    MHD_destroy_response(response);
    return result;
}

static void *on_target(void *context, const char *target, struct MHD_Connection *http)
{
    struct server *server = context;
    struct exchange *exchange = xmalloc(sizeof *exchange);
    *exchange = (struct exchange){.server = server, .http = http, .target = xstrdup(target)};
    LIST_INSERT_HEAD(&server->exchanges, exchange, link);
    return exchange;
}

static void on_completed(void *context, struct MHD_Connection *http, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
    (void)context, (void)http, (void)code;
    struct exchange *exchange = *request_context;
    if (!exchange)
        return;
    *request_context = NULL;
    if (exchange->call)
        pending_forget(exchange->call);
    if (exchange->connection)
        connection_enter(exchange->connection, CONNECTION_REQUEST);
    if (exchange->call && exchange->call->answer.file >= 0)
        close(exchange->call->answer.file);
    LIST_REMOVE(exchange, link);
    buf_release(&exchange->body);
    call_free(exchange->call);
    free((char *)(uintptr_t)exchange->target);
    free(exchange);
}

struct collector {
    struct call *call;
    bool bad;
};

static enum MHD_Result collect_header(void *context, enum MHD_ValueKind kind, const char *name,
                                      size_t name_length, const char *value, size_t value_length)
{
    (void)kind;
    struct collector *collector = context;
    struct call *call = collector->call;
    /* A NUL inside would hide the rest of the value from everything that follows. */
    if (call->header_count == CALL_HEADERS || !name || strlen(name) != name_length ||
        (value && strlen(value) != value_length)) {
        collector->bad = true;
        return MHD_NO;
    }
    call->headers[call->header_count++] =
        (struct field){arena_strndup(call->arena, name, name_length),
                       arena_strndup(call->arena, value ? value : "", value_length)};
    return MHD_YES;
}

static void refuse_plainly(struct call *call, const char *why)
{
    answer_json(call, 400,
                json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title", "Bad Request", "status",
                          400, "detail", why));
    call->answer.type = "application/problem+json";
}

static bool begin(struct exchange *exchange, const char *method)
{
    struct server *server = exchange->server;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->http, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    exchange->connection = info->socket_context;
    struct call *call =
        call_new(server->control, connection_peer(exchange->connection), loop_now(server->loop));
    exchange->call = call;
    call->exchange = exchange;
    struct error err = {""};
    struct collector collector = {call, false};
    MHD_get_connection_values_n(exchange->http, MHD_HEADER_KIND, collect_header, &collector);
    if (!call_parse(call, method, exchange->target, &err))
        refuse_plainly(call, err.message);
    else if (collector.bad)
        refuse_plainly(call, "a header is not well-formed, or there are too many");
    else if (server->stopping)
        refuse_plainly(call, "the daemon is ending");
    else
        return server->callbacks->begin(call);
    return false;
}

/*
 * A refused request's body is read and forgotten where that is possible: closing while the client still
 * writes would take the answer from it (RFC 9112 section 9.6). Where it is not known how long it is, the
 * connection ends with the answer: whatever follows is not a request.
 */
static enum MHD_Result refuse(struct exchange *exchange)
{
    exchange->refused = true;
    if (exchange->call->drains)
        return MHD_YES;
    answer_with(exchange->call, "Connection", "close");
    return queue_answer(exchange);
}

static enum MHD_Result handle(struct exchange *exchange)
{
    struct call *call = exchange->call;
    if (!exchange->handled) {
        exchange->handled = true;
        call->body = buf_text(&exchange->body);
        call->length = exchange->body.length;
        connection_enter(exchange->connection, CONNECTION_WORK);
        exchange->server->callbacks->handle(call);
    }
    if (call->pending) {
        call->suspended = true;
        MHD_suspend_connection(exchange->http);
        return MHD_YES;
    }
    return queue_answer(exchange);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *http, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request_context)
{
    (void)context, (void)http, (void)url, (void)version;
    struct exchange *exchange = *request_context;
    if (!exchange->begun) {
        exchange->begun = true;
        if (!begin(exchange, method))
            return refuse(exchange);
        /* A body that was found worth reading may take its time, at 64 KiB a second. */
        connection_allow(exchange->connection, guard_length(exchange->call) / 64);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        if (!exchange->refused) /* bounded by the Content-Length that guard.c saw */
            buf_add(&exchange->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    return exchange->refused ? queue_answer(exchange) : handle(exchange);
}

void server_resume(struct call *call)
{
    call->pending = false;
    if (!call->suspended)
        return;
    call->suspended = false;
    struct exchange *exchange = call->exchange;
    MHD_resume_connection(exchange->http);
    if (!exchange->server->running) /* else the library tells that it has more to do */
        timer_after(exchange->server->again, 0);
}

bool server_has_others(const struct call *call)
{
    const struct exchange *exchange = call->exchange;
    return connection_has_others(exchange->connection);
}

/* ---- the daemon and the loop ---- */

static bool settle(struct server *server)
{
    return server->callbacks->settle && server->callbacks->settle(server->control);
}

/* Who asks again and again would take the time of what is due: a page of a list takes as long as ten posts. */
static bool rests(struct server *server, duration now)
{
    const struct server_callbacks *callbacks = server->callbacks;
    bool rests = now < server->rest_until && !server->stopping && callbacks->presses &&
                 callbacks->presses(server->control);
    if (rests != server->resting)
        watch_change(server->watch, rests ? 0 : EPOLLIN);
    server->resting = rests;
    if (rests)
        timer_after(server->again, server->rest_until - now);
    return rests;
}

static duration rest_after(duration spent)
{
    return spent < LONGEST_REST / REST ? spent * REST : LONGEST_REST;
}

static void serve(struct server *server)
{
    MHD_run(server->http);
    if (settle(server)) { /* what was resumed is answered in the same turn */
        MHD_run(server->http);
        settle(server);
    }
}

static void run(struct server *server)
{
    duration begun = clock_monotonic();
    if (server->running || rests(server, begun))
        return;
    server->running = true;
    serve(server);
    server->running = false;
    duration ended = clock_monotonic();
    server->rest_until = ended + rest_after(ended - begun);
    MHD_UNSIGNED_LONG_LONG after;
    if (MHD_get_timeout(server->http, &after) == MHD_YES)
        timer_after(server->again, (duration)after);
}

static void on_ready(void *context, uint32_t events)
{
    (void)events;
    run(context);
}

static void on_again(void *context)
{
    run(context);
}

static void on_log(void *context, const char *format, va_list args)
{
    (void)context;
    struct buf line = {0};
    buf_vprintf(&line, format, args);
    while (line.length && line.data[line.length - 1] == '\n')
        line.data[--line.length] = '\0';
    log_debug("microhttpd: %s", buf_text(&line));
    buf_release(&line);
}

/* Left in the queue of the socket, it would wake us for ever. */
static void turn_away(struct server *server)
{
#ifdef CALD_MUTANT_LEFT_WAITING
    return;
#endif
    if (!server->exhausted)
        log_warn("no descriptors are left: clients of the control endpoint are turned away");
    server->exhausted = true;
    close(server->spare);
    int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool accept_one(struct server *server)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    int fd = accept4(server->fd, (struct sockaddr *)&address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
        turn_away(server);
    if (fd < 0)
        return false;
    server->exhausted = false;
    MHD_add_connection(server->http, fd, (struct sockaddr *)&address, length); /* closes it if it fails */
    return true;
}

static void on_newcomer(void *context, uint32_t events)
{
    (void)events;
    struct server *server = context;
    for (int i = 0; i < NEWCOMERS && accept_one(server); i++)
        continue;
    run(server);
}

static struct MHD_Daemon *start(struct server *server)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_log, server},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, server},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, server},
        {MHD_OPTION_CONNECTION_LIMIT, 2 * CONNECTIONS_MOST, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADER_MEMORY, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_ARRAY, options,
                            MHD_OPTION_END);
}

struct server *server_new(struct loop *loop, int fd, struct control *control,
                          const struct server_callbacks *callbacks, struct error *err)
{
    struct server *server = xmalloc(sizeof *server);
    *server = (struct server){.loop = loop, .control = control, .callbacks = callbacks};
    server->connections = connections_new(loop);
    LIST_INIT(&server->exchanges);
    LIST_INIT(&server->streams);
    server->fd = fd;
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    server->http = start(server);
    if (!server->http) {
        close(fd);
        close(server->spare);
        connections_free(server->connections);
        free(server);
        fail(err, "cannot start the control endpoint");
        return NULL;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->http, MHD_DAEMON_INFO_EPOLL_FD);
    server->again = loop_timer(loop, on_again, server);
    server->watch = loop_watch(loop, info->epoll_fd, EPOLLIN, on_ready, server);
    server->newcomers = loop_watch(loop, fd, EPOLLIN, on_newcomer, server);
    return server;
}

/* The library must have no suspended connection when it ends. */
static void resume_all(struct server *server)
{
    struct exchange *exchange;
    struct stream *stream;
    LIST_FOREACH(exchange, &server->exchanges, link)
    if (exchange->call && exchange->call->suspended) {
        refuse_plainly(exchange->call, "the daemon is ending");
        exchange->call->answer.status = 503;
        server_resume(exchange->call);
    }
    LIST_FOREACH(stream, &server->streams, link)
    stream_close(stream);
}

void server_free(struct server *server)
{
    if (!server)
        return;
    server->stopping = true;
    watch_free(server->newcomers);
    resume_all(server);
    run(server);
    run(server);
    resume_all(server);
    MHD_stop_daemon(server->http);
    watch_free(server->watch);
    close(server->fd);
    close(server->spare);
    timer_free(server->again);
    connections_free(server->connections);
    free(server);
}
