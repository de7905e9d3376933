/*
 * The connections of all exchanges: libcurl's multi handle on the loop, where a connection may go, and how it
 * ends. What goes over them is http.c's and smtp.c's.
 *
 * All of it is on the loop that writes the queue. A thread of its own for libcurl was measured, on two cores: with 1,000
 * in flight a post took up to a tenth less time, with 50 more, for fewer shared a commit; not worth a second owner.
 */
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/host.h"
#include "publish/address.h"
#include "publish/exchange.h"

enum {
    MOST_A_HOST = 100, /* connections: as many as 'parallel' may ask for; what waits in libcurl is late */
    FRESH_SECONDS =
        4, /* a kept connection idle for longer is not trusted with a request that must leave once */
    KEPT_SECONDS = 60,
};

struct socket {
    struct http *http;
    struct watch *watch;
    int fd;
};

/* ---- where one may go, and how it ends ---- */

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

void exchange_set_connection(struct exchange *exchange)
{
    CURL *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    /* a kept connection was judged for another request */
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)exchange->foreign);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)exchange->foreign);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, exchange->once ? (long)FRESH_SECONDS : (long)KEPT_SECONDS);
}

/* ---- the multi handle on the loop ---- */

static void finish_ended(struct http *http)
{
    struct exchange *exchange;
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
        exchange_complete(exchange, message->data.result);
    }
}

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

/* Whatever ended in this turn had its successor started: what is still spare is not needed soon. */
void http_flush(struct http *http)
{
    drive(http, CURL_SOCKET_TIMEOUT, 0);
#ifndef CALD_MUTANT_KEEP_ALL
    http_free_spares(http, SPARES_AT_REST + http->in_flight);
#endif
}

static void timer_fired(void *context)
{
    drive(context, CURL_SOCKET_TIMEOUT, 0);
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

/* ---- at rest ---- */

static void make_multi(struct http *http)
{
    http->multi = curl_multi_init();
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)MOST_A_HOST);
    http_allow(http, http->most);
}

/*
 * libcurl looks at kept connections only when another exchange wants one: until then those of a burst stay, with what
 * TLS keeps for each, also when their servers have long ended them. It has no call that closes them but the end of all.
 */
static void close_kept(void *context)
{
    struct http *http = context;

    if (http->exchanges != NULL)
        return; /* the last of them sets the timer anew */
#ifndef CALD_MUTANT_KEEP_ALL
    http_free_spares(http, 0);
    http_forget_urls(http);
    curl_multi_cleanup(http->multi);
    make_multi(http);
#endif
    if (http->rested != NULL)
        http->rested(http->context);
}

void http_is_at_rest(struct http *http)
{
    timer_after(http->rest, SECONDS(KEPT_SECONDS));
}

void http_on_rest(struct http *http, void (*rested)(void *context), void *context)
{
    http->rested = rested;
    http->context = context;
}

void http_allow(struct http *http, unsigned most)
{
    http->most = most;
    curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)most);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)most);
}

struct http *http_new(struct loop *loop, unsigned most, struct error *err)
{
    struct http *http;

    setenv("RES_OPTIONS", "timeout:3 attempts:2", 0);
    /* without memory it would leave out a header, such as the key of a request */
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, xmalloc, free, xrealloc, xstrdup, xcalloc) != CURLE_OK) {
        fail(err, "cannot start libcurl");
        return NULL;
    }
    http = xmalloc(sizeof *http);
    *http = (struct http){.loop = loop, .most = most, .urls = {.arena = arena_new()}};
    http->timer = loop_timer(loop, timer_fired, http);
    http->rest = loop_timer(loop, close_kept, http);
    make_multi(http);
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
    http_free_spares(http, 0);
    arena_free(http->urls.arena);
    free(http->spares);
    curl_multi_cleanup(http->multi);
    timer_free(http->timer);
    timer_free(http->rest);
    free(http);
    curl_global_cleanup();
}
