/*
 * oracle: a network for tests whose word counts: every request that it received whole is in its log, synced
 * to disk, before it answers; then it answers, or fails in the ways it was told to.
 *
 *   oracle --log FILE [--port N] [--seed N] [--NAME PROBABILITY]… [--delay-ms N]     prints its port
 *
 * With --anywhere it listens on all addresses instead of 127.0.0.1: in a network namespace of its own.
 *
 * A POST creates a post, answered as {"id": …}. A post that was created under an Idempotency-Key is not
 * created again under it: the first answer is repeated. Without the header every POST creates. SIGUSR1: no
 * more faults.
 *
 * What it does to a request is drawn from the seed, what is posted and how often it came: the same in each
 * run, however the connections are interleaved. Chances are independent; the first that comes true counts:
 *
 *   unread    the connection is closed before the request is read (not logged: it was not received)
 *   limited   429 with Retry-After: 1, nothing created         failing   503, created or not (even chances)
 *   cut       created, then closed without an answer           reused    the same, on a used connection only
 *   half      created, half an answer, closed                  garbage   created, 200 and no JSON
 *   slow      created, answered with one byte a second         delay     created, answered after --delay-ms
 *
 * A line of the log is a JSON object: ms, connection, request (its number on the connection), method, path,
 * key, body (SHA-256), post, effect (created, same, none), id, fate.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/index.h"
#include "request.h"

enum { STACK = 256 << 10 };

enum fate { UNREAD, LIMITED, FAILING, CUT, REUSED, HALF, GARBAGE, SLOW, DELAY, FATES, ANSWER = FATES };

static const char *const fate_names[FATES + 1] = {"unread", "limited", "failing", "cut",   "reused",
                                                  "half",   "garbage", "slow",    "delay", "answer"};
static double chances[FATES];
static uint64_t seed = 1;
static long delay_ms = 200;
static in_addr_t listens_on = INADDR_LOOPBACK;
static volatile sig_atomic_t calm;

struct effect {
    const char *what, *id;
    enum fate fate;
};

/* ---- chance ---- */

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9;
    x ^= x >> 27;
    x *= 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static uint64_t bits_of(const char *text, uint64_t bits)
{
    for (; *text; text++)
        bits = (bits ^ (unsigned char)*text) * 0x100000001b3;
    return mix(bits ^ seed * 0x9e3779b97f4a7c15);
}

static bool comes_true(enum fate fate, uint64_t bits)
{
    return !calm && (double)(mix(bits + (uint64_t)fate * 0x632be59bd9b4e019) >> 11) * 0x1p-53 < chances[fate];
}

static enum fate draw(const struct request *request, uint64_t bits)
{
    for (enum fate fate = LIMITED; fate < FATES; fate++)
        if ((fate != REUSED || request->number > 1) && comes_true(fate, bits))
            return fate;
    return ANSWER;
}

/* ---- the log: one writer for all who wait ---- */

static struct {
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t synced;
    struct buf lines;
    uint64_t written, durable; /* counted in lines */
    bool busy;
} journal = {.lock = PTHREAD_MUTEX_INITIALIZER, .synced = PTHREAD_COND_INITIALIZER};

static void die(const char *what)
{
    fprintf(stderr, "oracle: %s: %s\n", what, strerror(errno));
    _exit(1);
}

static void sync_lines(void)
{
    struct buf lines = journal.lines;
    uint64_t upto = journal.written;

    journal.lines = (struct buf){0};
    journal.busy = true;
    pthread_mutex_unlock(&journal.lock);
    if (write(journal.fd, lines.data, lines.length) != (ssize_t)lines.length || fdatasync(journal.fd))
        die("the log");
    buf_release(&lines);
    pthread_mutex_lock(&journal.lock);
    journal.busy = false;
    journal.durable = upto;
    pthread_cond_broadcast(&journal.synced);
}

/* Returns when the line is on disk. The caller holds the lock: the order of the log is that of the effects.
 */
static void note(const struct request *request, const struct effect *effect)
{
    char hash[SHA256_HEX];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    buf_printf(
        &journal.lines,
        "{\"ms\":%lld,\"connection\":%llu,\"request\":%llu,\"method\":\"%s\",\"path\":\"%s\",\"key\":\"%s\","
        "\"body\":\"%s\",\"post\":\"%s\",\"effect\":\"%s\",\"id\":\"%s\",\"fate\":\"%s\"}\n",
        (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000, (unsigned long long)request->connection,
        (unsigned long long)request->number, request->method, request->path, request->key,
        sha256_hex(request->body, request->length, hash), request->post, effect->what, effect->id,
        fate_names[effect->fate]);
    uint64_t mine = ++journal.written;
    while (journal.durable < mine) {
        if (journal.busy)
            pthread_cond_wait(&journal.synced, &journal.lock);
        else
            sync_lines();
    }
}

/* ---- what is remembered ---- */

static struct arena *memory;
static struct index under_keys, receipts;
static unsigned long created;

static uint64_t count_receipt(const struct request *request)
{
    char *name = arena_printf(memory, "%s %s", request->path, request->post);
    uint64_t *count = index_get(&receipts, name);
    if (!count) {
        count = arena_alloc(memory, sizeof *count);
        *count = 0;
        index_put(&receipts, name, count);
    }
    return ++*count;
}

static const char *create(const struct request *request)
{
    const char *id = arena_printf(memory, "o-%lu", ++created);
    if (*request->key)
        index_put(&under_keys, arena_printf(memory, "%s %s", request->path, request->key),
                  (void *)(uintptr_t)id);
    return id;
}

static const char *known_id(const struct request *request)
{
    char name[2 * LONGEST_NAME + 2];
    snprintf(name, sizeof name, "%s %s", request->path, request->key);
    return *request->key ? index_get(&under_keys, name) : NULL;
}

/* What the request does, decided and logged as one. */
static struct effect take(const struct request *request)
{
    struct effect effect = {"none", "", ANSWER};
    pthread_mutex_lock(&journal.lock);
    if (!strcmp(request->method, "POST")) {
        uint64_t bits = bits_of(request->post, bits_of(request->path, count_receipt(request)));
        const char *known = known_id(request);
        effect.fate = draw(request, bits);
        if (effect.fate != LIMITED && (effect.fate != FAILING || bits & 1)) {
            effect.what = known ? "same" : "created";
            effect.id = known ? known : create(request);
        }
    }
    note(request, &effect);
    pthread_mutex_unlock(&journal.lock);
    return effect;
}

/* ---- answers ---- */

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static bool send_all(int fd, const char *bytes, size_t length)
{
    while (length) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool send_slowly(int fd, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++, sleep_ms(calm ? 0 : 1000))
        if (!send_all(fd, bytes + i, 1))
            return false;
    return true;
}

static void compose(const struct effect *effect, struct buf *answer)
{
    struct buf body = {0};
    const char *status = effect->fate == LIMITED   ? "429 Too Many Requests\r\nRetry-After: 1"
                         : effect->fate == FAILING ? "503 Service Unavailable"
                                                   : "200 OK";
    if (effect->fate == GARBAGE)
        buf_add_text(&body, "<html>\xff{{{");
    else
        buf_printf(&body, "{\"id\":\"%s\"}", effect->id);
    buf_printf(answer, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status,
               body.length);
    buf_add(answer, body.data, body.length);
    buf_release(&body);
}

/* False: the connection is closed. */
static bool answer(int fd, const struct request *request, const struct effect *effect)
{
    struct buf bytes = {0};
    bool open;
    compose(effect, &bytes);
    if (!strcmp(request->method, "HEAD"))
        bytes.length = (size_t)(strstr(bytes.data, "\r\n\r\n") + 4 - bytes.data);
    if (effect->fate == DELAY)
        sleep_ms(delay_ms);
    if (effect->fate == CUT || effect->fate == REUSED)
        open = false;
    else if (effect->fate == HALF)
        open = send_all(fd, bytes.data, bytes.length / 2) && false;
    else if (effect->fate == SLOW)
        open = send_slowly(fd, bytes.data, bytes.length);
    else
        open = send_all(fd, bytes.data, bytes.length);
    buf_release(&bytes);
    return open;
}

/* ---- serving ---- */

static bool serve_one(int fd, struct buf *in, uint64_t connection, uint64_t number)
{
    struct request request = {.connection = connection, .number = number};
    size_t size;
    if (!request_read(fd, in, &request, &size))
        return false;
    struct effect effect = take(&request);
    if (!answer(fd, &request, &effect))
        return false;
    memmove(in->data, in->data + size, in->length - size + 1);
    in->length -= size;
    return true;
}

struct caller {
    int fd;
    uint64_t number;
};

static void *serve(void *context)
{
    struct caller caller = *(struct caller *)context;
    struct buf in = {0};
    free(context);
    if (!comes_true(UNREAD, bits_of("connection", caller.number)))
        for (uint64_t number = 1; serve_one(caller.fd, &in, caller.number, number);)
            number++;
    buf_release(&in);
    close(caller.fd);
    return NULL;
}

/* ---- starting ---- */

static int listen_on(unsigned port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(listens_on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 512) ||
        getsockname(fd, (struct sockaddr *)&address, &length))
        die("listening");
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void accept_one(int listener, uint64_t number, const pthread_attr_t *detached)
{
    struct caller *caller = malloc(sizeof *caller);
    pthread_t thread;
    *caller = (struct caller){accept4(listener, NULL, NULL, SOCK_CLOEXEC), number};
    if (caller->fd < 0) {
        free(caller);
        return;
    }
    setsockopt(caller->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    errno = pthread_create(&thread, detached, serve, caller);
    if (errno)
        die("a thread");
}

static void become_calm(int signal_number)
{
    (void)signal_number;
    calm = 1;
}

enum { OPTION_LOG = FATES, OPTION_PORT, OPTION_SEED, OPTION_DELAY, OPTION_ANYWHERE };

static unsigned read_options(int argc, char **argv)
{
    struct option options[FATES + 6] = {[OPTION_LOG] = {"log", required_argument, NULL, OPTION_LOG},
                                        [OPTION_PORT] = {"port", required_argument, NULL, OPTION_PORT},
                                        [OPTION_SEED] = {"seed", required_argument, NULL, OPTION_SEED},
                                        [OPTION_DELAY] = {"delay-ms", required_argument, NULL, OPTION_DELAY},
                                        [OPTION_ANYWHERE] = {"anywhere", no_argument, NULL, OPTION_ANYWHERE}};
    unsigned port = 0;
    int option;
    for (int i = 0; i < FATES; i++)
        options[i] = (struct option){fate_names[i], required_argument, NULL, i};
    journal.fd = -1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?')
            _exit(2);
        if (option < FATES)
            chances[option] = strtod(optarg, NULL);
        else if (option == OPTION_LOG)
            journal.fd = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        else if (option == OPTION_PORT)
            port = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == OPTION_SEED)
            seed = strtoull(optarg, NULL, 10);
        else if (option == OPTION_DELAY)
            delay_ms = strtol(optarg, NULL, 10);
        else
            listens_on = INADDR_ANY;
    }
    return port;
}

int main(int argc, char **argv)
{
    pthread_attr_t detached;
    unsigned port = read_options(argc, argv);
    if (journal.fd < 0)
        die("--log");
    memory = arena_new();
    under_keys.arena = receipts.arena = memory;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&detached, STACK);
    signal(SIGUSR1, become_calm);
    int listener = listen_on(port);
    for (uint64_t number = 1;; number++)
        accept_one(listener, number, &detached);
}
