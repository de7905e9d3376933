/* See callback.h. It knows as much of HTTP as one redirect takes. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/hash.h"
#include "cli/callback.h"
#include "network/driver.h"

enum { REQUEST_MOST = 16 << 10, PATIENCE_S = 5 };

int callback_listen(int port, int *ret_port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&address, length) || listen(fd, 4) ||
        getsockname(fd, (struct sockaddr *)&address, &length)) {
        close(fd);
        return -1;
    }
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* ---- a query ---- */

static const char *value_of(const char *query, size_t length, const char *name, struct arena *arena)
{
    size_t size = strlen(name);
    for (const char *at = query, *end = query + length; at < end;) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        size_t pair = stop ? (size_t)(stop - at) : (size_t)(end - at);
        if (pair > size && !strncmp(at, name, size) && at[size] == '=')
            return driver_decode(arena, at + size + 1, pair - size - 1);
        at += pair + 1;
    }
    return NULL;
}

static struct callback read_query(const char *query, size_t length, struct arena *arena)
{
    return (struct callback){.code = value_of(query, length, "code", arena),
                             .state = value_of(query, length, "state", arena),
                             .error = value_of(query, length, "error", arena)};
}

struct callback callback_read(const char *pasted, struct arena *arena)
{
    const char *query = strchr(pasted, '?');
    bool is_address = query && strstr(pasted, "://");
    if (!is_address)
        return (struct callback){.code = *pasted ? pasted : NULL};
    return read_query(query + 1, strcspn(query + 1, "# \t"), arena);
}

/* ---- a connection ---- */

static bool has_head(const char *text)
{
    return strstr(text, "\r\n\r\n") || strstr(text, "\n\n");
}

static void read_head(int fd, char *text, size_t size)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    size_t length = 0;
    ssize_t got = 1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    text[0] = '\0';
    while (got > 0 && length + 1 < size && !has_head(text)) {
        got = recv(fd, text + length, size - 1 - length, 0);
        length += got > 0 ? (size_t)got : 0;
        text[length] = '\0';
    }
}

static void answer(int fd, bool is_ours)
{
    const char *say =
        is_ours ? "Done: go back to the terminal." : "This is not the login that calctl waits for.";
    char page[512];
    int length = snprintf(
        page, sizeof page,
        "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n<p>%s</p>\n",
        is_ours ? "200 OK" : "400 Bad Request", strlen(say) + 8, say);
    send(fd, page, (size_t)length, MSG_NOSIGNAL);
}

static bool is_of_us(const struct callback *callback, const char *state)
{
    return (callback->code || callback->error) && callback->state && same_secret(callback->state, state);
}

bool callback_take(int listener, const char *state, struct arena *arena, struct callback *ret_callback)
{
    char *text = arena_alloc(arena, REQUEST_MOST);
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return false;
    read_head(fd, text, REQUEST_MOST);
    const char *query = !strncmp(text, "GET /?", 6) ? text + 6 : "";
    struct callback callback = read_query(query, strcspn(query, " \r\n"), arena);
    bool ours = is_of_us(&callback, state);
    answer(fd, ours);
    close(fd);
    if (ours)
        *ret_callback = callback;
    return ours;
}
