/* See request.h. Knows as much of HTTP/1.1 as libcurl says to a test: a length, no chunks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "request.h"

enum { LONGEST_HEAD = 64 << 10, LONGEST_BODY = 8 << 20 };

static bool receive(int fd, struct buf *in)
{
    char some[16384];
    ssize_t got = recv(fd, some, sizeof some, 0);
    if (got <= 0)
        return false;
    buf_add(in, some, (size_t)got);
    return true;
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text == '"' || *text == '\\' || *text & 0x80)
            return false;
    return true;
}

/* Copies what follows 'name' up to one of 'ends'; "" if it is not there or would not go into the log as it
 * is. */
static void copy_after(const char *text, const char *name, const char *ends, char *ret_value, size_t size)
{
    const char *at = strcasestr(text, name);
    *ret_value = '\0';
    if (!at)
        return;
    at += strlen(name);
    size_t length = strcspn(at, ends);
    snprintf(ret_value, size, "%.*s", (int)(length < size ? length : size - 1), at);
    if (!is_plain(ret_value))
        *ret_value = '\0';
}

static size_t length_of(const char *head)
{
    char text[32];
    copy_after(head, "\r\ncontent-length: ", "\r", text, sizeof text);
    return strtoul(text, NULL, 10);
}

static bool parse_head(char *head, struct request *request)
{
    if (sscanf(head, "%15s %199s", request->method, request->path) != 2 || !is_plain(request->path))
        return false;
    copy_after(head, "\r\nidempotency-key: ", "\r", request->key, sizeof request->key);
    return true;
}

bool request_read(int fd, struct buf *in, struct request *request, size_t *ret_size)
{
    char *end;
    while (!(end = in->length ? strstr(in->data, "\r\n\r\n") : NULL))
        if (in->length > LONGEST_HEAD || !receive(fd, in))
            return false;
    size_t head = (size_t)(end + 4 - in->data);
    char kept = in->data[head];
    in->data[head] = '\0';
    size_t length = length_of(in->data);
    bool good = parse_head(in->data, request) && length <= LONGEST_BODY;
    in->data[head] = kept;
    while (good && in->length < head + length)
        good = receive(fd, in);
    if (!good)
        return false;
    request->body = in->data + head;
    request->length = length;
    copy_after(request->body, "\"post_id\":\"", "\"", request->post, sizeof request->post);
    *ret_size = head + length;
    return true;
}
