/*
 * limit: as many posts as libcurl can send and no more than that: no queue, no disk, no order. What cald needs for the
 * same posts is measured against it.
 *
 *   limit PORT HOSTS POSTS IN_FLIGHT      one line of JSON: posts a second and CPU seconds
 *
 * A handle for each post in flight, used again and again: the fastest way there is to use libcurl's multi interface.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

enum { EVENTS = 256 };

struct sender {
    CURL *easy;
    struct curl_slist *headers;
};

static int epoll_fd;
static long wait_ms = -1;
static int port, hosts;
static long begun, ended, failed, posts;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t ignore(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes, (void)context;
    return size * count;
}

static int set_timer(CURLM *multi, long ms, void *context)
{
    (void)multi, (void)context;
    wait_ms = ms;
    return 0;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
    struct epoll_event event = {.data.fd = fd};
    (void)easy, (void)context, (void)known;
    if (what == CURL_POLL_REMOVE)
        return epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, &event), 0;
    event.events = (what & CURL_POLL_IN ? (unsigned)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (unsigned)EPOLLOUT : 0);
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event))
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
    return 0;
}

/* About what cald's webhook driver sends by default. */
static void next_post(struct sender *sender)
{
    char url[64], key[64], id[64], body[600];
    long number = begun++;
    memset(body, 'x', sizeof body);
    snprintf(url, sizeof url, "http://127.0.0.%ld:%d/", number % hosts + 1, port);
    snprintf(key, sizeof key, "Idempotency-Key: %032ld", number);
    snprintf(id, sizeof id, "X-Post-Id: p%ld", number);
    curl_slist_free_all(sender->headers);
    sender->headers = curl_slist_append(NULL, "Content-Type: application/json");
    sender->headers = curl_slist_append(sender->headers, key);
    sender->headers = curl_slist_append(sender->headers, id);
    curl_easy_setopt(sender->easy, CURLOPT_URL, url);
    curl_easy_setopt(sender->easy, CURLOPT_HTTPHEADER, sender->headers);
    curl_easy_setopt(sender->easy, CURLOPT_POSTFIELDSIZE, (long)sizeof body);
    curl_easy_setopt(sender->easy, CURLOPT_COPYPOSTFIELDS, body);
}

static void start(CURLM *multi, struct sender *sender)
{
    sender->easy = curl_easy_init();
    curl_easy_setopt(sender->easy, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(sender->easy, CURLOPT_PRIVATE, sender);
    curl_easy_setopt(sender->easy, CURLOPT_NOSIGNAL, 1L);
    next_post(sender);
    curl_multi_add_handle(multi, sender->easy);
}

static void go_on(CURLM *multi)
{
    CURLMsg *message;
    for (int left; (message = curl_multi_info_read(multi, &left));) {
        struct sender *sender;
        long status = 0;
        curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &sender);
        ended++;
        failed += message->data.result != CURLE_OK || status != 200;
        curl_multi_remove_handle(multi, sender->easy);
        if (begun < posts) {
            next_post(sender);
            curl_multi_add_handle(multi, sender->easy);
        }
    }
}

static void turn(CURLM *multi)
{
    struct epoll_event events[EVENTS];
    int running, count = epoll_wait(epoll_fd, events, EVENTS, (int)wait_ms);
    if (count == 0) {
        wait_ms = -1;
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (int i = 0; i < count; i++)
        curl_multi_socket_action(multi, events[i].data.fd,
                                 (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                                     (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                                     (events[i].events & EPOLLERR ? CURL_CSELECT_ERR : 0),
                                 &running);
    go_on(multi);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: limit PORT HOSTS POSTS IN_FLIGHT\n", stderr);
        return 64;
    }
    port = atoi(argv[1]);
    hosts = atoi(argv[2]);
    posts = atol(argv[3]);
    int in_flight = atoi(argv[4]);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)in_flight + hosts);
    struct sender *senders = calloc((size_t)in_flight, sizeof *senders);
    double started = seconds();
    for (int i = 0; i < in_flight && begun < posts; i++)
        start(multi, &senders[i]);
    while (ended < posts)
        turn(multi);
    double took = seconds() - started;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"rate\": %.0f, \"cpu\": %.3f, \"rss\": %.1f, \"failed\": %ld}\n", (double)posts / took,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
           (double)usage.ru_maxrss / 1024, failed);
    return failed != 0;
}
