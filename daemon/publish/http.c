/*
 * libcurl on the loop: a multi handle, an easy handle for each exchange; and exchanges of HTTP. Those of mail
 * are smtp.c's: no other file knows libcurl. What may be in a request is judged in http_check.c, answers are
 * collected in answer.c; nothing here knows posts or accounts.
 */
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/host.h"
#include "publish/address.h"
#include "publish/exchange.h"
#include "publish/http_check.h"
#include "publish/smtp.h"

enum {
    MOST_A_HOST = 100, /* connections: as many as 'parallel' may ask for; what waits in libcurl is late */
    FRESH_SECONDS =
        4, /* a kept connection idle for longer is not trusted with a request that must leave once */
    KEPT_SECONDS = 60,
    UPLOAD_BUFFER = 16384, /* libcurl's least; for each exchange it would take 64 KiB … */
    DOWNLOAD_BUFFER = 4096, /* … and 16 KiB; most answers are shorter, and there may be 1,000 at a time */
    SILENCE_SECONDS = 30, /* less than 1 byte/s for so long ends an exchange */
};

struct socket {
    struct http *http;
    struct watch *watch;
    int fd;
};

/* ---- what libcurl asks of us during an exchange ---- */

/* Called when the connection stands and the request is about to leave: also before libcurl's own repeats. */
static int about_to_leave(void *context, char *ip, char *local_ip, int port, int local_port)
{
    struct exchange *exchange = context;

    (void)ip, (void)local_ip, (void)port, (void)local_port;
#ifndef CALD_MUTANT_HIDDEN_REPEAT
    if (exchange->once && exchange->starts > 0)
        return CURL_PREREQFUNC_ABORT;
#endif
    exchange->starts++;
    return CURL_PREREQFUNC_OK;
}

static bool may_connect(const struct exchange *exchange, const struct sockaddr *address)
{
    if (exchange->private_addresses || !address_is_private(address))
        return true;
    return !exchange->foreign && host_is_loopback(exchange->origin.host) && address_is_loopback(address);
}

/*
 * After a usual close the kernel goes on for minutes to send what the peer has not acknowledged: a request
 * that was given up, looked for, not found and sent again would then arrive twice. With a linger time of 0 a
 * close is TCP's ABORT (RFC 9293 3.10.5), which drops it: also the close by which a killed process ends.
 */
static int take_back_on_close(int fd, bool on)
{
    const struct linger linger = {.l_onoff = on};

#ifdef CALD_MUTANT_KEEP_SENDING
    return fd;
#endif
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    return fd;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct exchange *exchange = context;
    const struct sockaddr_in *v4 = (const void *)&address->addr;
    const struct sockaddr_in6 *v6 = (const void *)&address->addr;

    (void)purpose;
    if (!may_connect(exchange, &address->addr)) {
        inet_ntop(address->family, address->family == AF_INET ? (const void *)&v4->sin_addr : &v6->sin6_addr,
                  exchange->barred, sizeof exchange->barred);
        return CURL_SOCKET_BAD;
    }
    return take_back_on_close(socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol),
                              true);
}

/* With everything acknowledged there is nothing to take back: an orderly end. */
static int close_socket(void *context, curl_socket_t fd)
{
    int unacknowledged = 0;

    (void)context;
    if (ioctl(fd, SIOCOUTQ, &unacknowledged) == 0 && unacknowledged == 0)
        take_back_on_close(fd, false);
    return close(fd);
}

static size_t got_header(char *line, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;

    return answer_header(&exchange->answer, line, size * count) ? size * count : 0;
}

static size_t got_body(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;

    return answer_body(&exchange->answer, bytes, size * count) ? size * count : 0;
}

static size_t read_file(char *bytes, size_t size, size_t count, void *context)
{
    size_t got = body_read(context, bytes, size * count);

    return got == SIZE_MAX ? CURL_READFUNC_ABORT : got;
}

static int seek_file(void *context, curl_off_t offset, int origin)
{
    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    body_seek(context, offset);
    return CURL_SEEKFUNC_OK;
}

/* ---- making an exchange ---- */

static CURL *easy_begin(struct http *http)
{
    CURL *easy = http->spare_count > 0 ? http->spares[--http->spare_count] : curl_easy_init();

    if (easy == NULL)
        bug("out of memory");
    return easy;
}

/* Nothing of the exchange, and no secret of it, stays in the handle. */
static void easy_end(struct http *http, CURL *easy)
{
    if (http->spare_count == SPARES_MOST) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy);
    http->spares[http->spare_count++] = easy;
}

void exchange_free(struct exchange *exchange)
{
    smtp_free(exchange->smtp);
    easy_end(exchange->http, exchange->easy);
    curl_slist_free_all(exchange->headers);
    curl_mime_free(exchange->mime);
    for (size_t i = 0; i < exchange->file_count; i++)
        body_close(&exchange->files[i]);
    answer_release(&exchange->answer);
    arena_free(exchange->warm);
    free(exchange->files);
    free(exchange);
}

static void set_rules(struct exchange *exchange)
{
    CURL *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, exchange->origin.scheme);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* also not from the environment */
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "cald/" CALD_VERSION);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)DOWNLOAD_BUFFER);
    /* a kept connection was judged for another request */
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)exchange->foreign);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)exchange->foreign);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, exchange->once ? (long)FRESH_SECONDS : (long)KEPT_SECONDS);
}

static void set_bounds(struct exchange *exchange, duration timeout)
{
    CURL *easy = exchange->easy;

    if (timeout <= 0)
        timeout = HTTP_DEFAULT_TIMEOUT;
    if (timeout > HTTP_LONGEST_TIMEOUT)
        timeout = HTTP_LONGEST_TIMEOUT;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_TIMEOUT);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_SECONDS);
}

static void set_callbacks(struct exchange *exchange)
{
    CURL *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, about_to_leave);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, got_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, got_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
}

static bool names_type(const struct request *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, "content-type") == 0)
            return true;
    }
    return false;
}

static void add_header_line(struct exchange *exchange, const char *line)
{
    exchange->headers = curl_slist_append(exchange->headers, line);
}

static void set_headers(struct exchange *exchange, const struct request *request)
{
    struct buf line = {0};

    for (size_t i = 0; i < request->header_count; i++) {
        const struct header *header = &request->headers[i];

        buf_reset(&line); /* libcurl's way to send an empty value is a semicolon */
        buf_printf(&line, *header->value ? "%s: %s" : "%s;", header->name, header->value);
        add_header_line(exchange, buf_text(&line));
    }
    buf_release(&line);
    add_header_line(exchange, "Expect:"); /* no waiting for 100-continue */
    if (request->part_count == 0 && !names_type(request))
        add_header_line(exchange, "Content-Type:"); /* none is told by us that was not told by the driver */
    curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->headers);
}

bool exchange_add_file(struct exchange *exchange, const struct http_options *options,
                       const struct media *media, int64_t from, int64_t length, struct body_file **ret_file,
                       struct error *err)
{
    struct body_file *file = &exchange->files[exchange->file_count];

    if (options->media == NULL)
        return fail(err, "there is no media root to read '%s' from", media->file);
    if (!body_open_range(file, options->media, media, from, length, err))
        return false;
    exchange->file_count++;
    *ret_file = file;
    return true;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool add_part(struct exchange *exchange, const struct form_part *part,
                     const struct http_options *options, struct error *err)
{
    curl_mimepart *mime = curl_mime_addpart(exchange->mime);
    struct body_file *file;

    curl_mime_name(mime, part->name);
    if (part->media == NULL) {
        curl_mime_data(mime, part->value ? part->value : "", CURL_ZERO_TERMINATED);
        if (part->type != NULL)
            curl_mime_type(mime, part->type);
        return true;
    }
    if (!exchange_add_file(exchange, options, part->media, part->from, part->length, &file, err))
        return false;
    curl_mime_data_cb(mime, file->size, read_file, seek_file, NULL, file);
    curl_mime_filename(mime, last_name(part->media->file));
    curl_mime_type(mime, part->media->mime);
    return true;
}

static bool set_form(struct exchange *exchange, const struct request *request,
                     const struct http_options *options, struct error *err)
{
    exchange->mime = curl_mime_init(exchange->easy);
    for (size_t i = 0; i < request->part_count; i++) {
        if (!add_part(exchange, &request->parts[i], options, err))
            return false;
    }
    curl_easy_setopt(exchange->easy, CURLOPT_MIMEPOST, exchange->mime);
    return true;
}

static bool set_file(struct exchange *exchange, const struct request *request,
                     const struct http_options *options, struct error *err)
{
    struct body_file *file;

    if (!exchange_add_file(exchange, options, request->media, request->media_from, request->media_length,
                           &file, err))
        return false;
    curl_easy_setopt(exchange->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)file->size);
    curl_easy_setopt(exchange->easy, CURLOPT_READFUNCTION, read_file);
    curl_easy_setopt(exchange->easy, CURLOPT_READDATA, file);
    curl_easy_setopt(exchange->easy, CURLOPT_SEEKFUNCTION, seek_file);
    curl_easy_setopt(exchange->easy, CURLOPT_SEEKDATA, file);
    return true;
}

static size_t read_body(char *bytes, size_t size, size_t count, void *context)
{
    size_t got = size * count < MAIL_BODY_LEAST ? SIZE_MAX : mail_body_read(context, bytes, size * count);

    return got == SIZE_MAX ? CURL_READFUNC_ABORT : got;
}

static int rewind_body(void *context, curl_off_t offset, int origin)
{
    if (origin != SEEK_SET || offset != 0)
        return CURL_SEEKFUNC_CANTSEEK;
    mail_body_rewind(context);
    return CURL_SEEKFUNC_OK;
}

/* The text and its files, encoded while they leave. */
static bool set_filled(struct exchange *exchange, const struct request *request,
                       const struct http_options *options, struct error *err)
{
    struct mail_body *body = &exchange->body;
    struct body_file **files = arena_alloc_array(exchange->arena, request->insert_count, sizeof(struct body_file *));

    for (size_t i = 0; i < request->insert_count; i++) {
        if (!exchange_add_file(exchange, options, request->inserts[i], 0, 0, &files[i], err))
            return false;
    }
    *body = (struct mail_body){.text = arena_strndup(exchange->arena, request->body, request->body_length),
                               .length = request->body_length,
                               .files = files,
                               .file_count = request->insert_count,
                               .http = true};
    curl_easy_setopt(exchange->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)mail_body_size(body));
    curl_easy_setopt(exchange->easy, CURLOPT_READFUNCTION, read_body);
    curl_easy_setopt(exchange->easy, CURLOPT_READDATA, body);
    curl_easy_setopt(exchange->easy, CURLOPT_SEEKFUNCTION, rewind_body);
    curl_easy_setopt(exchange->easy, CURLOPT_SEEKDATA, body);
    return true;
}

static void set_bytes(struct exchange *exchange, const struct request *request)
{
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    curl_easy_setopt(exchange->easy, CURLOPT_COPYPOSTFIELDS, request->body ? request->body : "");
}

static bool has_no_body(const struct request *request)
{
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "DELETE") == 0;
}

static bool set_body(struct exchange *exchange, const struct request *request,
                     const struct http_options *options, struct error *err)
{
    bool ok = true;

    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(exchange->easy, CURLOPT_NOBODY, 1L);
        return true;
    }
    if (request->part_count > 0)
        ok = set_form(exchange, request, options, err);
    else if (request->media != NULL)
        ok = set_file(exchange, request, options, err);
    else if (request->insert_count > 0)
        ok = set_filled(exchange, request, options, err);
    else if (request->body != NULL || !has_no_body(request))
        set_bytes(exchange, request);
    curl_easy_setopt(exchange->easy, CURLOPT_CUSTOMREQUEST, request->method);
    return ok;
}

static struct exchange *exchange_new(struct http *http, const struct http_options *options,
                                     const struct origin *origin, size_t files)
{
    struct exchange *exchange = xmalloc(sizeof *exchange);

    *exchange = (struct exchange){
        .http = http,
        .easy = easy_begin(http),
        .origin = *origin,
        .once = options->once,
        .private_addresses = options->private_addresses,
        .foreign = options->foreign,
        .files = xmalloc((files + 1) * sizeof(struct body_file)),
    };
    set_rules(exchange);
    if (options->ca_file != NULL)
        curl_easy_setopt(exchange->easy, CURLOPT_CAINFO, options->ca_file); /* CAPATH stays the system's */
    set_callbacks(exchange);
    return exchange;
}

/* Those that somebody waits for. */
static bool exchange_counts(const struct exchange *exchange)
{
    return exchange->done != NULL;
}

static void start(struct exchange *exchange)
{
    struct http *http = exchange->http;

    exchange->next = http->exchanges;
    if (http->exchanges != NULL)
        http->exchanges->previous = exchange;
    http->exchanges = exchange;
    http->in_flight += exchange_counts(exchange);
    if (curl_multi_add_handle(http->multi, exchange->easy) != CURLM_OK)
        bug("libcurl does not take an exchange");
}

bool http_send(struct http *http, const struct request *request, const struct http_options *options,
               struct arena *arena, http_done *done, void *context, struct error *err)
{
    struct exchange *exchange;
    struct origin origin;

    if (!origin_read(request->url, arena, &origin, err) || !http_check(request, &origin, options, err))
        return false;
    exchange = exchange_new(http, options, &origin, request->part_count + request->insert_count);
    exchange->arena = exchange->answer.arena = arena;
    exchange->done = done;
    exchange->context = context;
    curl_easy_setopt(exchange->easy, CURLOPT_URL, request->url);
    set_bounds(exchange, request->timeout);
    if (request->mail == NULL)
        set_headers(exchange, request);
    if (request->mail ? !smtp_set(exchange, request, options, err)
                      : !set_body(exchange, request, options, err)) {
        exchange_free(exchange);
        return false;
    }
    start(exchange);
    return true;
}

void http_warm(struct http *http, const char *url, const struct http_options *options)
{
    static const struct request nothing = {.method = "HEAD"};
    struct arena *arena = arena_new();
    struct exchange *exchange;
    struct origin origin;

    if (!origin_read(url, arena, &origin, NULL) || !http_check(&nothing, &origin, options, NULL)) {
        arena_free(arena);
        return;
    }
    exchange = exchange_new(http, options, &origin, 0);
    exchange->warm = exchange->answer.arena = arena;
    curl_easy_setopt(exchange->easy, CURLOPT_URL, origin.root);
    set_bounds(exchange, HTTP_DEFAULT_TIMEOUT);
    set_headers(exchange, &nothing);
    set_body(exchange, &nothing, options, NULL);
    start(exchange);
}

/* ---- ending an exchange ---- */

static duration milliseconds(CURL *easy, CURLINFO info)
{
    curl_off_t microseconds = 0;

    curl_easy_getinfo(easy, info, &microseconds);
    return (microseconds + 500) / 1000;
}

struct http_timings exchange_timings(const struct exchange *exchange, bool ok)
{
    CURL *easy = exchange->easy;
    duration total = milliseconds(easy, CURLINFO_TOTAL_TIME_T);
    duration first = milliseconds(easy, CURLINFO_STARTTRANSFER_TIME_T);

    return (struct http_timings){
        .dns = milliseconds(easy, CURLINFO_NAMELOOKUP_TIME_T),
        .connect = milliseconds(easy, CURLINFO_CONNECT_TIME_T),
        .tls = milliseconds(easy, CURLINFO_APPCONNECT_TIME_T),
        .first = ok ? first : -1,
        .total = total,
    };
}

const char *exchange_unreached(const struct exchange *exchange, CURLcode code)
{
    const char *host = exchange->origin.host;
    const char *said = *exchange->error ? exchange->error : curl_easy_strerror(code);

    if (*exchange->barred)
        return arena_printf(
            exchange->arena,
            "'%s' has the private address %s: refused, unless 'private_addresses: true' in cald.yaml", host,
            exchange->barred);
    return arena_printf(exchange->arena, "cannot reach '%s': %s; nothing was sent", host, said);
}

static const char *explain(const struct exchange *exchange, CURLcode code)
{
    const char *host = exchange->origin.host;
    const char *said = *exchange->error ? exchange->error : curl_easy_strerror(code);

    if (*exchange->barred || exchange->starts == 0)
        return exchange_unreached(exchange, code);
    if (exchange->answer.fault != NULL)
        return arena_printf(exchange->arena, "the answer of '%s' was cut off: %s", host,
                            exchange->answer.fault);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return arena_printf(exchange->arena, "'%s' closed the connection before it answered", host);
    return arena_printf(exchange->arena, "no whole answer from '%s': %s", host, said);
}

static struct http_result result_of(struct exchange *exchange, CURLcode code)
{
    struct http_result result = {.ok = code == CURLE_OK, .sent = exchange->starts > 0};
    long status = 0;

    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    result.timings = exchange_timings(exchange, result.ok);
    if (result.ok && (status < 100 || status > 599)) {
        result.ok = false;
        result.error =
            arena_printf(exchange->arena, "'%s' answered with the status %ld", exchange->origin.host, status);
        return result;
    }
    if (result.ok)
        result.response = answer_response(&exchange->answer, (int)status);
    else
        result.error = explain(exchange, code);
    result.barred = !result.ok && !result.sent && *exchange->barred != '\0';
    return result;
}

void exchange_unlink(struct exchange *exchange)
{
    struct http *http = exchange->http;

    if (exchange->smtp != NULL)
        smtp_unwatch(exchange->smtp);
    curl_multi_remove_handle(http->multi, exchange->easy);
    if (exchange->previous != NULL)
        exchange->previous->next = exchange->next;
    else
        http->exchanges = exchange->next;
    if (exchange->next != NULL)
        exchange->next->previous = exchange->previous;
    http->in_flight -= exchange_counts(exchange);
}

static void finish(struct exchange *exchange, CURLcode code)
{
    struct http_result result = {0};
    http_done *done = exchange->done;
    void *context = exchange->context;

    if (done != NULL)
        result = result_of(exchange, code);
    exchange_unlink(exchange);
    exchange_free(exchange);
    if (done != NULL)
        done(context, &result);
}

static void finish_ended(struct http *http)
{
    struct exchange *exchange;
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
        if (exchange->smtp != NULL)
            smtp_connected(exchange, message->data.result);
        else
            finish(exchange, message->data.result);
    }
}

/* ---- the multi handle on the loop ---- */

static void drive(struct http *http, curl_socket_t fd, int what)
{
    int running;

    curl_multi_socket_action(http->multi, fd, what, &running);
    finish_ended(http);
}

static void socket_ready(void *context, uint32_t events)
{
    struct socket *socket = context; /* may be gone when drive returns */
    int what = 0;

    if (events & (EPOLLIN | EPOLLHUP))
        what |= CURL_CSELECT_IN;
    if (events & EPOLLOUT)
        what |= CURL_CSELECT_OUT;
    if (events & EPOLLERR)
        what |= CURL_CSELECT_ERR;
    drive(socket->http, socket->fd, what);
}

void http_flush(struct http *http)
{
    drive(http, CURL_SOCKET_TIMEOUT, 0);
}

static void timer_fired(void *context)
{
    http_flush(context);
}

static int set_timer(CURLM *multi, long timeout, void *context)
{
    struct http *http = context;

    (void)multi;
    timer_after(http->timer, timeout);
    return 0;
}

static uint32_t events_of(int what)
{
    return (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
    struct http *http = context;
    struct socket *socket = known;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (socket != NULL)
            watch_free(socket->watch);
        free(socket);
        return 0;
    }
    if (socket != NULL) {
        watch_change(socket->watch, events_of(what));
        return 0;
    }
    socket = xmalloc(sizeof *socket);
    *socket = (struct socket){.http = http, .fd = fd};
    socket->watch = loop_watch(http->loop, fd, events_of(what), socket_ready, socket);
    curl_multi_assign(http->multi, fd, socket);
    return 0;
}

void http_allow(struct http *http, unsigned most)
{
    curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)most);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)most);
}

struct http *http_new(struct loop *loop, unsigned most, struct error *err)
{
    struct http *http;

    setenv("RES_OPTIONS", "timeout:3 attempts:2", 0);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        fail(err, "cannot start libcurl");
        return NULL;
    }
    http = xmalloc(sizeof *http);
    *http = (struct http){.loop = loop, .multi = curl_multi_init()};
    http->timer = loop_timer(loop, timer_fired, http);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)MOST_A_HOST);
    http_allow(http, most);
    return http;
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    while (http->exchanges != NULL) {
        struct exchange *exchange = http->exchanges;

        exchange_unlink(exchange);
        exchange_free(exchange);
    }
    while (http->spare_count > 0)
        curl_easy_cleanup(http->spares[--http->spare_count]);
    curl_multi_cleanup(http->multi);
    timer_free(http->timer);
    free(http);
    curl_global_cleanup();
}

size_t http_in_flight(const struct http *http)
{
    return http->in_flight;
}
