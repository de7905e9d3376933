/*
 * deeds_house: a publisher over a queue in virtual time, with an account of a network whose posts can be deleted and
 * changed. What is asked of it, but for publishing, is noted ("edit-0-uno ", "delete-p-0 "), and what its readers see by
 * then. For the suites of what a person wants done with what is published.
 */
#ifndef CALD_DEEDS_HOUSE_H
#define CALD_DEEDS_HOUSE_H

#include "base/log.h"
#include "base/metrics.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/thread.h"
#include "publish/publish.h"
#include "queue/alerts.h"
#include "queue/crisis.h"
#include "virtual.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define START ((instant)1793606400000) /* 2026-11-02 08:00 UTC */
#define PLACE "2026-11-02T08:00:00Z"

/* ---- the network ---- */

static struct {
    char text[64];
    bool deleted;
} shown[8]; /* what its readers see, by part */

static inline void posts_next(const struct job *job, struct arena *arena, struct step *step)
{
    size_t part = thread_part_due(job);
    *step =
        (struct step){.kind = part == thread_part_count(job) ? STEP_DONE : STEP_CREATE, .name = "publish"};
    step->request.method = "POST";
    step->request.url = arena_printf(arena, "http://127.0.0.1/%s/create-%s-%zu/" PLACE "/%s",
                                     job->account->name, job->post_id, part, job->key);
    if (step->kind == STEP_CREATE)
        snprintf(shown[part].text, sizeof shown[part].text, "%s", job->content->parts[part].text);
}

static inline void posts_read(const struct job *job, const struct step *step, const struct response *response,
                              struct arena *arena, struct outcome *outcome)
{
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, outcome);
    if (outcome->kind == OUTCOME_NEXT)
        thread_part_done(job, arena_printf(arena, "%s-%zu", job->post_id, thread_part_due(job)), NULL, arena,
                         outcome);
}

static void (*while_made)(void); /* called when the request of an edit is made, before its intent is on disk */

static inline void posts_edit(const struct job *job, struct arena *arena, struct step *step)
{
    if (!revision_is_due(job, NULL, arena, step))
        return;
    if (while_made)
        while_made();
    struct request *request = revision_step(job, arena, step);
    request->method = "PUT";
    request->url =
        arena_printf(arena, "http://127.0.0.1/%s/edit-%zu-%s/" PLACE "/%s", job->account->name,
                     revision_number(job), job->content->parts[revision_number(job)].text, job->key);
}

static inline void posts_edited(const struct job *job, const struct step *step,
                                const struct response *response, struct arena *arena, struct outcome *outcome)
{
    revision_read(job, step, response, RESET_RETRY_AFTER, NULL, arena, outcome);
}

static inline void posts_remove(const struct job *job, struct arena *arena, struct step *step)
{
    if (!removal_is_due(job, NULL, arena, step))
        return;
    struct request *request = removal_step(step);
    request->method = "DELETE";
    request->url = arena_printf(arena, "http://127.0.0.1/%s/delete-%s/" PLACE "/%s", job->account->name,
                                removal_id(job), job->key);
}

static inline void posts_removed(const struct job *job, const struct step *step,
                                 const struct response *response, struct arena *arena,
                                 struct outcome *outcome)
{
    removal_read(job, step, response, RESET_RETRY_AFTER, NULL, arena, outcome);
}

static const struct network posts = {.name = "posts",
                                     .title = "Posts",
                                     .features = FEATURE_THREAD,
                                     .one_step = true,
                                     .next = posts_next,
                                     .read = posts_read,
                                     .remove = posts_remove,
                                     .removed = posts_removed,
                                     .edits = EDIT_TEXT | EDIT_WARNING,
                                     .edit = posts_edit,
                                     .edited = posts_edited};

/* ---- the bench ---- */

struct bench {
    struct house *house;
    struct loop *loop;
    struct publisher *publisher;
    struct documents documents;
    struct settings settings;
    struct settings_account account;
};

static inline void open_publisher(struct bench *bench)
{
    bench->loop = loop_new(NULL);
    bench->publisher = publisher_new(bench->loop, bench->house->queue, &bench->house->err);
    assert_non_null(bench->publisher);
    publisher_use(bench->publisher, &bench->documents);
}

static inline void close_publisher(struct bench *bench)
{
    publisher_free(bench->publisher);
    loop_free(bench->loop);
}

/* A death and a new life. */
static inline void restart(struct bench *bench)
{
    close_publisher(bench);
    house_reopen(bench->house);
    open_publisher(bench);
}

static enum fate (*fate_of_deeds)(void);
static char asked[4096]; /* one after the other */

/* What the server does with it, whether or not it answers. */
static inline void take(const char *deed)
{
    size_t part = (size_t)(strchr(deed, '-')[1] - '0');
    if (!strncmp(deed, "delete-", 7))
        shown[strrchr(deed, '-')[1] - '0'].deleted = true;
    else
        snprintf(shown[part].text, sizeof shown[part].text, "%s", deed + strlen("edit-0-"));
}

static const char *refused; /* what is not published: "create-p-2"; or NULL */

static inline enum fate fate(const char *account, const char *post)
{
    (void)account;
    if (!strncmp(post, "create-", 7))
        return refused && !strcmp(post, refused) ? FATE_REFUSED : FATE_FINE;
    strncat(asked, post, sizeof asked - strlen(asked) - 2);
    strcat(asked, " ");
    enum fate it = fate_of_deeds ? fate_of_deeds() : FATE_FINE;
    if (it == FATE_FINE || it == FATE_CUT)
        take(post);
    return it;
}

static inline int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    virtual_begin(START, 1);
    model_begin(100);
    model.fate = fate;
    fate_of_deeds = NULL;
    while_made = NULL;
    refused = NULL;
    *asked = '\0';
    memset(shown, 0, sizeof shown);
    log_set_level(LOG_ERROR_);
    if (house_setup((void **)&bench->house) != 0)
        return -1;
    bench->account = (struct settings_account){
        .account = {.name = "a",
                    .network = &posts,
                    .options = json_in_arena(bench->house->arena, json_object())},
        .late = {.grace = HOURS(1), .then = MISSED_DROP},
        .parallel = 1,
    };
    bench->settings = (struct settings){.state = bench->house->directory,
                                        .lead = HOURS(1),
                                        .concurrency = 64,
                                        .accounts = &bench->account,
                                        .account_count = 1};
    bench->documents.settings = &bench->settings;
    open_publisher(bench);
    *state = bench;
    return 0;
}

static inline int teardown(void **state)
{
    struct bench *bench = *state;
    close_publisher(bench);
    house_teardown((void **)&bench->house);
    model_end();
    metrics_reset();
    virtual_end();
    free(bench);
    return 0;
}

static inline void run(struct bench *bench, duration length)
{
    virtual_run(bench->loop, length, NULL, NULL);
}

static inline struct delivery *get(struct bench *bench, const char *post)
{
    return house_get(bench->house, post, "a");
}

/* "one two": a thread of as many words; in arena. */
static inline struct content *saying(struct bench *bench, const char *words)
{
    struct content *content = arena_new_of(bench->house->arena, struct content);
    struct part *parts = NULL;
    for (size_t length; *(words += strspn(words, " ")); words += length) {
        length = strcspn(words, " ");
        *arena_push(bench->house->arena, parts, content->part_count) =
            (struct part){.text = arena_strndup(bench->house->arena, words, length)};
    }
    content->parts = parts;
    return content;
}

static inline void add(struct bench *bench, const char *post, const char *words)
{
    struct wanted wanted = wanted_of(bench->house->arena, post, "a", "Bonjour", virtual_now());
    wanted.network = "posts";
    wanted.origin = "spontaneous";
    wanted.content = saying(bench, words);
    assert_done(bench->house, queue_add(bench->house->queue, &wanted, 1, virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
    run(bench, SECONDS(10));
}

static inline void publish(struct bench *bench, const char *post, const char *words)
{
    add(bench, post, words);
    assert_int_equal(get(bench, post)->state, STATE_PUBLISHED);
}

static inline size_t lines_that_say(struct bench *bench, const char *post, const char *kind, const char *to,
                                    const char *words)
{
    struct event *events;
    size_t count, found = 0;
    assert_done(bench->house, queue_history(bench->house->queue, post, "a", 0, bench->house->arena, &events,
                                            &count, &bench->house->err));
    for (size_t i = 0; i < count; i++)
        found += !strcmp(events[i].to, to) && !strcmp(events[i].kind, kind) && events[i].why &&
                 strstr(events[i].why, words);
    return found;
}

static inline size_t alerts_that_say(struct bench *bench, const char *words)
{
    struct alert_filter filter = {0};
    struct alert *alerts;
    const char *next;
    size_t count, found = 0;
    assert_done(bench->house, queue_alerts(bench->house->queue, &filter, bench->house->arena, &alerts, &count,
                                           &next, &bench->house->err));
    for (size_t i = 0; i < count; i++)
        found += strstr(json_text(alerts[i].body, "message"), words) != NULL;
    return found;
}

static inline duration slowly(void)
{
    return SECONDS(20);
}

#endif
