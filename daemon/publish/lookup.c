/*
 * See lookup.h. An inquiry has a list of questions and a few exchanges under way; what a mention's answer
 * means is its driver's business.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "network/outcome.h"
#include "publish/lookup.h"

enum {
    ASKED_MOST = 200, /* of one inquiry */
    FLYING_MOST = 8,
    HOPS_MOST = 5,
    REMEMBERED = 1024, /* more than inquiries that go on together are likely to need */
};
#define EXCHANGE SECONDS(8)
#define KNOWN_FOR HOURS(1)
#define DOUBTED_FOR MINUTES(2)

struct remembered {
    char *key, *why;
    enum answered answered;
    instant until;
};

struct lookup {
    struct loop *loop;
    struct http *http;
    struct remembered memory[REMEMBERED]; /* a ring: the oldest gives way */
    size_t next;
    LIST_HEAD(, inquiry) inquiries;
    LIST_HEAD(, ask) asks; /* also those that nobody waits for any more */
};

struct ask { /* one question under way */
    LIST_ENTRY(ask) link;
    struct inquiry *inquiry; /* NULL: it is over, what comes is for nobody */
    struct question *question;
    struct arena *arena; /* it lives there itself */
    const char *url;
    const char *method;
    int hops;
};

struct inquiry {
    LIST_ENTRY(inquiry) link;
    struct lookup *lookup;
    struct arena *arena;
    struct online online;
    struct http_options options;
    struct timer *patience, *pump; /* what ends it; what goes on with it in a turn of its own */
    size_t next;                   /* of online's items */
    size_t flying;
    void (*done)(void *context);
    void *context;
};

/* ---- what is remembered ---- */

static struct remembered *recall(struct lookup *lookup, const char *key)
{
    instant now = loop_now(lookup->loop);
    for (size_t i = 0; i < REMEMBERED; i++) {
        struct remembered *r = &lookup->memory[i];
        if (r->key && r->until > now && r->until <= now + KNOWN_FOR && !strcmp(r->key, key))
            return r;
    }
    return NULL;
}

static void remember(struct lookup *lookup, const struct question *question)
{
    struct remembered *r = recall(lookup, question->key);
    if (!r) {
        r = &lookup->memory[lookup->next];
        lookup->next = (lookup->next + 1) % REMEMBERED;
        free(r->key);
        r->key = xstrdup(question->key);
    }
    free(r->why);
    r->why = xstrdup(question->why);
    r->answered = question->answered;
    r->until = loop_now(lookup->loop) + (question->answered == ANSWERED_YES ? KNOWN_FOR : DOUBTED_FOR);
}

void lookup_recall(struct lookup *lookup, struct online *online)
{
    for (size_t i = 0; i < online->count; i++) {
        struct question *question = online->items[i];
        const struct remembered *r =
            question->answered == ANSWERED_NOT ? recall(lookup, question->key) : NULL;
        if (!r)
            continue;
        question->answered = r->answered;
        question->why = arena_strdup(online->arena, r->why);
    }
}

static void answer(struct inquiry *inquiry, struct question *question, enum answered answered,
                   const char *why)
{
    question->answered = answered;
    question->why = outcome_said(why, inquiry->arena);
    remember(inquiry->lookup, question);
}

/* ---- one question ---- */

static void ask_free(struct ask *ask)
{
    LIST_REMOVE(ask, link);
    arena_free(ask->arena);
}

static void ask_end(struct ask *ask, enum answered answered, const char *why)
{
    struct inquiry *inquiry = ask->inquiry;
    answer(inquiry, ask->question, answered, why);
    inquiry->flying--;
    timer_after(inquiry->pump, 0);
    ask_free(ask);
}

static void got(void *context, const struct http_result *result);

/* Its answer ends it, or leads further. */
static void send(struct ask *ask)
{
    struct question *question = ask->question;
    struct request request = question->request;
    struct error err = {0};
    if (question->kind == QUESTION_LINK) {
        request = (struct request){.method = ask->method};
        request_header(&request, ask->arena, "Accept", "*/*");
        if (!strcmp(ask->method, "GET"))
            request_header(&request, ask->arena, "Range", "bytes=0-1023");
    }
    request.url = ask->url;
    request.timeout = EXCHANGE;
    if (!http_send(ask->inquiry->lookup->http, &request, &ask->inquiry->options, ask->arena, got, ask, &err))
        ask_end(ask, ANSWERED_UNKNOWN, arena_strdup(ask->arena, err.message));
}

/* Where a redirect leads, absolute (RFC 3986 5.2, as far as servers use it: no dot segments); NULL: nowhere.
 */
static const char *target_of(const struct ask *ask, const char *location)
{
    const char *authority = strstr(ask->url, "://");
    const char *clean = NULL;
    if (!location || !authority)
        return NULL;
    size_t root = (size_t)(authority - ask->url) + 3, host = root + strcspn(ask->url + root, "/?#");
    size_t path = strcspn(ask->url, "?#"), folder = path;
    while (folder > host && ask->url[folder - 1] != '/')
        folder--;
    if (strstr(location, "://"))
        clean = location;
    else if (!strncmp(location, "//", 2))
        clean = arena_printf(ask->arena, "%.*s%s", (int)(root - 2), ask->url, location);
    else if (*location == '/')
        clean = arena_printf(ask->arena, "%.*s%s", (int)host, ask->url, location);
    else
        clean =
            arena_printf(ask->arena, "%.*s%s%s", (int)folder, ask->url, folder == host ? "/" : "", location);
    return outcome_clean_url(clean, ask->arena);
}

static void redirected(struct ask *ask, const struct response *response)
{
    const char *target = target_of(ask, response_header(response, "location"));
    if (!target)
        ask_end(ask, ANSWERED_UNKNOWN,
                arena_printf(ask->arena, "it answers HTTP %d and leads to no address", response->status));
    else if (ask->hops++ == HOPS_MOST)
        ask_end(ask, ANSWERED_UNKNOWN, arena_printf(ask->arena, "it leads on more than %d times", HOPS_MOST));
    else {
        ask->url = target;
        send(ask);
    }
}

static void read_link(struct ask *ask, int status)
{
    const char *why = arena_printf(ask->arena, "it answers HTTP %d", status);
    bool whole = (status >= 200 && status <= 299) || status == 416; /* an empty page has no such range */
    if (whole) {
        ask_end(ask, ANSWERED_YES, NULL);
    } else if (!strcmp(ask->method, "HEAD")) { /* some servers know only GET */
        ask->method = "GET";
        send(ask);
    } else {
        ask_end(ask, status == 404 || status == 410 ? ANSWERED_NO : ANSWERED_UNKNOWN, why);
    }
}

static void read_mention(struct ask *ask, const struct response *response)
{
    static const enum answered means[] = {
        [EXISTENCE_UNKNOWN] = ANSWERED_UNKNOWN, [EXISTENCE_YES] = ANSWERED_YES, [EXISTENCE_NO] = ANSWERED_NO};
    enum existence existence = ask->question->network->mentioned(response);
    size_t host_at = strcspn(ask->url, ":") + 3;
    ask_end(ask, means[existence],
            arena_printf(ask->arena, "%.*s answers HTTP %d", (int)strcspn(ask->url + host_at, "/"),
                         ask->url + host_at, response->status));
}

static void got(void *context, const struct http_result *result)
{
    struct ask *ask = context;
    int status = result->ok ? result->response.status : 0;
    if (!ask->inquiry)
        ask_free(ask);
    else if (!result->ok)
        ask_end(ask, ANSWERED_UNKNOWN, result->error);
    else if (status >= 300 && status <= 399 && status != 304)
        redirected(ask, &result->response);
    else if (ask->question->kind == QUESTION_LINK)
        read_link(ask, status);
    else
        read_mention(ask, &result->response);
}

static void begin(struct inquiry *inquiry, struct question *question)
{
    struct arena *arena = arena_new();
    struct ask *ask = arena_new_of(arena, struct ask);
    bool link = question->kind == QUESTION_LINK;
    *ask = (struct ask){.inquiry = inquiry, .question = question, .arena = arena, .method = "HEAD"};
    ask->url = link ? arena_strndup(arena, question->subject, strcspn(question->subject, "#"))
                    : arena_strdup(arena, question->request.url);
    LIST_INSERT_HEAD(&inquiry->lookup->asks, ask, link);
    inquiry->flying++;
    send(ask);
}

/* ---- all of them ---- */

static void inquiry_free(struct inquiry *inquiry)
{
    struct ask *ask;
    LIST_FOREACH(ask, &inquiry->lookup->asks, link)
    if (ask->inquiry == inquiry)
        ask->inquiry = NULL;
    LIST_REMOVE(inquiry, link);
    timer_free(inquiry->patience);
    timer_free(inquiry->pump);
    arena_free(inquiry->arena);
    free(inquiry);
}

/* NULL: there is none any more. */
static struct question *next_question(struct inquiry *inquiry)
{
    size_t most = inquiry->online.count < ASKED_MOST ? inquiry->online.count : ASKED_MOST;
    return inquiry->next < most ? inquiry->online.items[inquiry->next++] : NULL;
}

static void end(void *context)
{
    struct inquiry *inquiry = context;
    void (*done)(void *context) = inquiry->done;
    void *of_done = inquiry->context;
    for (size_t i = 0; i < inquiry->online.count && i < ASKED_MOST; i++)
        if (inquiry->online.items[i]->answered == ANSWERED_NOT)
            answer(inquiry, inquiry->online.items[i], ANSWERED_UNKNOWN, "no answer came in time");
    inquiry_free(inquiry);
    done(of_done);
}

/* As many as may fly; it is over when none does. */
static void go_on(void *context)
{
    struct inquiry *inquiry = context;
    struct question *question;
    while (inquiry->flying < FLYING_MOST && (question = next_question(inquiry)))
        begin(inquiry, question);
    if (!inquiry->flying)
        end(inquiry);
}

struct inquiry *lookup_ask(struct lookup *lookup, const struct online *online,
                           const struct settings *settings, duration patience, void (*done)(void *context),
                           void *context)
{
    struct inquiry *inquiry = xmalloc(sizeof *inquiry);
    *inquiry = (struct inquiry){.lookup = lookup, .arena = arena_new(), .done = done, .context = context};
    inquiry->online = online_copy_open(online, inquiry->arena);
    if (settings)
        inquiry->options = http_options_of(settings);
    inquiry->options.ca_file = arena_strdup(inquiry->arena, inquiry->options.ca_file);
    inquiry->options.insecure = true; /* that a link is not encrypted is another rule's business */
    inquiry->options.foreign = true;
    inquiry->patience = loop_timer(lookup->loop, end, inquiry);
    inquiry->pump = loop_timer(lookup->loop, go_on, inquiry);
    LIST_INSERT_HEAD(&lookup->inquiries, inquiry, link);
    timer_after(inquiry->patience, patience);
    timer_after(inquiry->pump, 0);
    return inquiry;
}

void inquiry_abandon(struct inquiry *inquiry)
{
    inquiry_free(inquiry);
}

/* ---- making and ending ---- */

struct lookup *lookup_new(struct loop *loop, struct http *http)
{
    struct lookup *lookup = xcalloc(1, sizeof *lookup); /* most of its ring is never touched */
    lookup->loop = loop;
    lookup->http = http;
    LIST_INIT(&lookup->inquiries);
    LIST_INIT(&lookup->asks);
    return lookup;
}

void lookup_free(struct lookup *lookup)
{
    if (!lookup)
        return;
    while (!LIST_EMPTY(&lookup->inquiries))
        inquiry_free(LIST_FIRST(&lookup->inquiries));
    while (!LIST_EMPTY(&lookup->asks))
        ask_free(LIST_FIRST(&lookup->asks));
    for (size_t i = 0; i < REMEMBERED; i++) {
        free(lookup->memory[i].key);
        free(lookup->memory[i].why);
    }
    free(lookup);
}
