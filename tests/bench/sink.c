/*
 * sink: stands in for the networks in tests/bench/run. Takes every POST, remembers when it arrived and which post it
 * was (header X-Post-Id), and answers 200 after a delay.
 *
 *   sink HOSTS DELAY_MS      listens on 127.0.0.1 … 127.0.0.HOSTS, at a port of the kernel's choice, and prints it
 *   GET /records             one line a request: arrival in ns since 1970, post; and forgets them
 *   GET /count               how many
 *
 * One thread, level-triggered epoll. The delay is the same for all, so that the answers owed are a queue.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_REQUEST = 65536, EVENTS = 256, MOST_OWED = 65536, LONGEST_ID = 40 };

struct client {
    int fd;
    bool is_listener, closing; /* closing: freed once no answer is owed to it */
    unsigned owed;
    size_t length;
    char bytes[LONGEST_REQUEST + 1];
};

struct record {
    int64_t arrived;
    char post[LONGEST_ID];
};

static struct record *records;
static size_t record_count, record_capacity;
static struct {
    struct client *client;
    int64_t due;
} owed[MOST_OWED]; /* a ring */
static size_t owed_first, owed_end;
static int64_t delay;
static int epoll_fd;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- clients ---- */

static struct client *client_new(int fd, bool is_listener)
{
    struct client *client = malloc(sizeof *client);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (!client || fd < 0)
        die("client");
    client->fd = fd;
    client->is_listener = is_listener;
    client->closing = false;
    client->owed = 0;
    client->length = 0;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
    return client;
}

static void client_close(struct client *client)
{
    if (!client->closing)
        close(client->fd);
    client->closing = true;
    if (!client->owed)
        free(client);
}

static void send_all(const struct client *client, const char *bytes, size_t length)
{
    while (length) {
        ssize_t sent = send(client->fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* it left: its closing is read next */
        bytes += sent;
        length -= (size_t)sent;
    }
}

/* ---- answers ---- */

static void answer(const struct client *client, const char *body, size_t length)
{
    char head[128];
    int size = snprintf(head, sizeof head,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", length);
    char *all = malloc((size_t)size + length);
    if (!all)
        die("malloc");
    memcpy(all, head, (size_t)size);
    memcpy(all + size, body, length);
    send_all(client, all, (size_t)size + length);
    free(all);
}

static void answer_post(const struct client *client)
{
    static unsigned made;
    char body[64];
    answer(client, body, (size_t)snprintf(body, sizeof body, "{\"id\":\"%u\"}", ++made));
}

static void answer_records(const struct client *client)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    for (size_t i = 0; i < record_count; i++)
        fprintf(file, "%lld %s\n", (long long)records[i].arrived, records[i].post);
    fclose(file);
    answer(client, text, length);
    free(text);
    record_count = 0;
}

static void answer_count(const struct client *client)
{
    char body[24];
    answer(client, body, (size_t)snprintf(body, sizeof body, "%zu", record_count));
}

/* How long until the next is due, in ms; all that is due is sent. */
static int answer_due(void)
{
    while (owed_first != owed_end) {
        struct client *client = owed[owed_first % MOST_OWED].client;
        int64_t left = owed[owed_first % MOST_OWED].due - now(CLOCK_MONOTONIC);
        if (left > 0)
            return (int)(left / 1000000) + (left % 1000000 > 0);
        owed_first++;
        client->owed--;
        if (client->closing)
            client_close(client);
        else
            answer_post(client);
    }
    return -1;
}

/* ---- requests ---- */

static void record(const char *head)
{
    if (record_count == record_capacity) {
        record_capacity = record_capacity ? 2 * record_capacity : 16384;
        records = realloc(records, record_capacity * sizeof *records);
        if (!records)
            die("realloc");
    }
    struct record *r = &records[record_count++];
    const char *id = strcasestr(head, "\r\nx-post-id:");
    r->arrived = now(CLOCK_REALTIME);
    r->post[0] = '\0';
    if (id)
        sscanf(id + 12, " %39[^\r\n]", r->post);
}

static void take_post(struct client *client, const char *head)
{
    record(head);
    if (!delay) {
        answer_post(client);
        return;
    }
    if (owed_end - owed_first == MOST_OWED)
        die("too many requests at a time");
    owed[owed_end % MOST_OWED].client = client;
    owed[owed_end++ % MOST_OWED].due = now(CLOCK_MONOTONIC) + delay;
    client->owed++;
}

static void take(struct client *client, const char *head)
{
    if (!strncmp(head, "POST ", 5))
        take_post(client, head);
    else if (!strncmp(head, "GET /records ", 13))
        answer_records(client);
    else if (!strncmp(head, "GET /count ", 11))
        answer_count(client);
    else if (!strncmp(head, "HEAD ", 5)) /* a connection is opened ahead of time */
        send_all(client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    else
        answer(client, "", 0);
}

/* The length of the first whole request, head and body; 0: there is none yet. */
static size_t whole_request(struct client *client)
{
    const char *end = memmem(client->bytes, client->length, "\r\n\r\n", 4);
    if (!end)
        return 0;
    const char *length = strcasestr(client->bytes, "\r\ncontent-length:");
    size_t size = (size_t)(end - client->bytes) + 4 + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
    return size <= client->length ? size : 0;
}

static void readable(struct client *client)
{
    ssize_t got = recv(client->fd, client->bytes + client->length, LONGEST_REQUEST - client->length, MSG_DONTWAIT);
    if (got <= 0) {
        client_close(client);
        return;
    }
    client->length += (size_t)got;
    client->bytes[client->length] = '\0';
    for (size_t size; (size = whole_request(client));) {
        take(client, client->bytes);
        client->length -= size;
        memmove(client->bytes, client->bytes + size, client->length + 1);
    }
}

/* ---- listeners ---- */

static void accept_one(const struct client *listener)
{
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC), on = 1;
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    client_new(fd, false);
}

static in_port_t listen_on(uint32_t address, in_port_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(address)};
    socklen_t size = sizeof name;
    if (bind(fd, (void *)&name, size) || listen(fd, 4096) || getsockname(fd, (void *)&name, &size))
        die("listen");
    client_new(fd, true);
    return name.sin_port;
}

int main(int argc, char **argv)
{
    int hosts = argc == 3 ? atoi(argv[1]) : 0;
    if (hosts < 1 || hosts > 250) {
        fputs("usage: sink HOSTS DELAY_MS\n", stderr);
        return 64;
    }
    delay = strtoll(argv[2], NULL, 10) * 1000000;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    in_port_t port = 0;
    for (int i = 0; i < hosts; i++)
        port = listen_on(INADDR_LOOPBACK + (uint32_t)i, port);
    printf("%d\n", ntohs(port));
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll_fd, events, EVENTS, answer_due());
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            if (client->is_listener)
                accept_one(client);
            else
                readable(client);
        }
    }
}
