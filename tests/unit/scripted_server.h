/*
 * scripted_server: an HTTP server on a thread, on a port of the kernel's choice. It writes down each request
 * that it has read whole before it answers; what it answers a function of the test decides: bytes, or NULL to
 * close the connection.
 */
#ifndef SCRIPTED_SERVER_H
#define SCRIPTED_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

enum { SERVER_REQUESTS = 4096, SERVER_CONNECTIONS = 4096 };

struct received {
    int connection; /* from 1 */
    int on_it;      /* the how manieth request of its connection, from 1 */
    instant at;
    char method[16], path[256];
    char *head; /* all header lines */
    char *body;
    size_t length;
};

struct server;
typedef const char *server_answer(struct server *server, const struct received *received);

struct server {
    int listener;
    unsigned port;
    pthread_t thread;
    pthread_mutex_t lock;
    server_answer *answer;
    void *context;
    struct received received[SERVER_REQUESTS];
    size_t received_count;
    struct {
        pthread_t thread;
        int fd;
    } connections[SERVER_CONNECTIONS];
    size_t connection_count;
};

struct server_connection {
    struct server *server;
    int fd, number;
};

#define SERVER_OK "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"id\":\"42\"}"

static inline size_t server_length_of(const char *head)
{
    const char *line = strcasestr(head, "\r\ncontent-length:");

    return line ? strtoul(line + 17, NULL, 10) : 0;
}

/* Reads one whole request; false at the end of the connection. */
static inline bool server_read(int fd, struct received *request)
{
    size_t size = 1 << 16, got = 0, head = 0;
    char *bytes = xmalloc(size + 1);

    for (;;) {
        ssize_t n = recv(fd, bytes + got, size - got, 0);
        char *end;

        if (n <= 0) {
            free(bytes);
            return false;
        }
        bytes[got += (size_t)n] = '\0';
        end = head ? NULL : strstr(bytes, "\r\n\r\n");
        if (end) {
            head = (size_t)(end - bytes) + 4;
            request->head = strndup(bytes, head);
            request->length =
                strcasecmp(strndupa(bytes, 4), "HEAD") == 0 ? 0 : server_length_of(request->head);
        }
        if (head && got >= head + request->length)
            break;
        if (got + 1 >= size)
            bytes = xrealloc(bytes, (size *= 2) + 1);
    }
    request->body = strndup(bytes + head, request->length);
    sscanf(bytes, "%15s %255s", request->method, request->path);
    free(bytes);
    return true;
}

static inline const char *server_take(struct server_connection *connection, struct received *request)
{
    struct server *server = connection->server;
    const char *answer;

    pthread_mutex_lock(&server->lock);
    request->at = clock_now();
    if (server->received_count < SERVER_REQUESTS)
        server->received[server->received_count++] = *request;
    answer = server->answer(server, request);
    pthread_mutex_unlock(&server->lock);
    return answer;
}

static inline void *server_serve(void *context)
{
    struct server_connection *connection = context;

    for (int i = 1;; i++) {
        struct received request = {.connection = connection->number, .on_it = i};
        const char *answer;
        size_t length;

        if (!server_read(connection->fd, &request))
            break;
        answer = server_take(connection, &request);
        if (answer == NULL)
            break;
        length = strlen(answer);
        if (strcmp(request.method, "HEAD") == 0)
            length = (size_t)(strstr(answer, "\r\n\r\n") - answer) + 4;
        if (send(connection->fd, answer, length, MSG_NOSIGNAL) < 0)
            break;
    }
    shutdown(connection->fd, SHUT_RDWR);
    free(connection);
    return NULL;
}

static inline void *server_accept(void *context)
{
    struct server *server = context;

    for (;;) {
        struct server_connection *connection;
        int fd = accept(server->listener, NULL, NULL);
        size_t number;

        if (fd < 0 || server->connection_count == SERVER_CONNECTIONS)
            return NULL;
        connection = xmalloc(sizeof *connection);
        pthread_mutex_lock(&server->lock);
        number = server->connection_count++;
        *connection = (struct server_connection){server, fd, (int)number + 1};
        server->connections[number].fd = fd;
        pthread_create(&server->connections[number].thread, NULL, server_serve, connection);
        pthread_mutex_unlock(&server->lock);
    }
}

static inline struct server *server_start(server_answer *answer, void *context)
{
    struct server *server = calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    server->answer = answer;
    server->context = context;
    pthread_mutex_init(&server->lock, NULL);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->listener, (struct sockaddr *)&address, size) != 0 || listen(server->listener, 512) != 0)
        abort();
    getsockname(server->listener, (struct sockaddr *)&address, &size);
    server->port = ntohs(address.sin_port);
    pthread_create(&server->thread, NULL, server_accept, server);
    return server;
}

static inline void server_stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    for (size_t i = 0; i < server->connection_count; i++) {
        shutdown(server->connections[i].fd, SHUT_RDWR);
        pthread_join(server->connections[i].thread, NULL);
        close(server->connections[i].fd);
    }
    for (size_t i = 0; i < server->received_count; i++) {
        free(server->received[i].head);
        free(server->received[i].body);
    }
    pthread_mutex_destroy(&server->lock);
    free(server);
}

/* How many requests with this method came for paths that begin so. */
static inline size_t server_count(struct server *server, const char *method, const char *path)
{
    size_t count = 0;

    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->received_count; i++)
        count += strcmp(server->received[i].method, method) == 0 &&
                 strncmp(server->received[i].path, path, strlen(path)) == 0;
    pthread_mutex_unlock(&server->lock);
    return count;
}

/* How many requests came, and one of them, seen after the server wrote it. */
static inline size_t server_total(struct server *server)
{
    size_t count;

    pthread_mutex_lock(&server->lock);
    count = server->received_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

static inline const struct received *server_at(struct server *server, size_t index)
{
    return index < server_total(server) ? &server->received[index] : NULL;
}

/* A port nobody listens on. */
static inline unsigned closed_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&address, size) != 0)
        abort();
    getsockname(fd, (struct sockaddr *)&address, &size);
    close(fd);
    return ntohs(address.sin_port);
}

#endif
