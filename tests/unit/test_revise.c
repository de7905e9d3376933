/*
 * What is published is changed on its network because a person asked for it, in virtual time: the parts that
 * differ, the first one first; again where no answer came, also by another life of the process; up to a
 * bound, and then told. Another edit takes the place of one that is not done, and a deletion ends it. And
 * nothing else.
 */
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

/* ---- a network whose posts can be changed ---- */

static struct {
    char text[64];
    bool deleted;
} shown[8]; /* what its readers see, by part */

static void posts_next(const struct job *job, struct arena *arena, struct step *step)
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

static void posts_read(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *outcome)
{
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, outcome);
    if (outcome->kind == OUTCOME_NEXT)
        thread_part_done(job, arena_printf(arena, "%s-%zu", job->post_id, thread_part_due(job)), NULL, arena,
                         outcome);
}

static void posts_edit(const struct job *job, struct arena *arena, struct step *step)
{
    if (!revision_is_due(job, NULL, arena, step))
        return;
    struct request *request = revision_step(job, arena, step);
    request->method = "PUT";
    request->url =
        arena_printf(arena, "http://127.0.0.1/%s/edit-%zu-%s/" PLACE "/%s", job->account->name,
                     revision_number(job), job->content->parts[revision_number(job)].text, job->key);
}

static void posts_edited(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *outcome)
{
    revision_read(job, step, response, RESET_RETRY_AFTER, NULL, arena, outcome);
}

static void posts_remove(const struct job *job, struct arena *arena, struct step *step)
{
    if (!removal_is_due(job, NULL, arena, step))
        return;
    struct request *request = removal_step(step);
    request->method = "DELETE";
    request->url = arena_printf(arena, "http://127.0.0.1/%s/delete-%zu/" PLACE "/%s", job->account->name,
                                removal_number(job), job->key);
}

static void posts_removed(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *outcome)
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

static void open_publisher(struct bench *bench)
{
    bench->loop = loop_new(NULL);
    bench->publisher = publisher_new(bench->loop, bench->house->queue, &bench->house->err);
    assert_non_null(bench->publisher);
    publisher_use(bench->publisher, &bench->documents);
}

static void close_publisher(struct bench *bench)
{
    publisher_free(bench->publisher);
    loop_free(bench->loop);
}

/* A death and a new life. */
static void restart(struct bench *bench)
{
    close_publisher(bench);
    house_reopen(bench->house);
    open_publisher(bench);
}

static enum fate (*fate_of_edits)(void);
static char asked[4096]; /* what was to be changed, one after the other */

/* What the server does with it, whether or not it answers. */
static void take(const char *post)
{
    size_t part = (size_t)(strchr(post, '-')[1] - '0');
    if (!strncmp(post, "delete-", 7))
        shown[part].deleted = true;
    else
        snprintf(shown[part].text, sizeof shown[part].text, "%s", post + strlen("edit-0-"));
}

static enum fate fate(const char *account, const char *post)
{
    (void)account;
    if (!strncmp(post, "create-", 7))
        return FATE_FINE;
    strncat(asked, post, sizeof asked - strlen(asked) - 2);
    strcat(asked, " ");
    enum fate it = fate_of_edits ? fate_of_edits() : FATE_FINE;
    if (it == FATE_FINE || it == FATE_CUT)
        take(post);
    return it;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    virtual_begin(START, 1);
    model_begin(100);
    model.fate = fate;
    fate_of_edits = NULL;
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

static int teardown(void **state)
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

static void run(struct bench *bench, duration length)
{
    virtual_run(bench->loop, length, NULL, NULL);
}

static struct delivery *get(struct bench *bench, const char *post)
{
    return house_get(bench->house, post, "a");
}

/* "one two": a thread of as many words; in arena. */
static struct content *saying(struct bench *bench, const char *words)
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

static void publish(struct bench *bench, const char *post, const char *words)
{
    struct wanted wanted = wanted_of(bench->house->arena, post, "a", "Bonjour", virtual_now());
    wanted.network = "posts";
    wanted.origin = "spontaneous";
    wanted.content = saying(bench, words);
    assert_done(bench->house, queue_add(bench->house->queue, &wanted, 1, virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
    run(bench, SECONDS(10));
    assert_int_equal(get(bench, post)->state, STATE_PUBLISHED);
}

static void edit(struct bench *bench, const char *post, const char *words)
{
    const struct edit edit = {.content = saying(bench, words), .who = "uid 0", .why = "to be edited"};
    assert_null(publisher_cannot_edit(bench->publisher, get(bench, post), edit.content, bench->house->arena));
    assert_done(bench->house,
                queue_edit(bench->house->queue, get(bench, post), &edit, virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
}

static const char *says(struct bench *bench, const char *post)
{
    const struct content *content = get(bench, post)->content;
    const char *words = "";
    for (size_t i = 0; i < content->part_count; i++)
        words = arena_printf(bench->house->arena, "%s%s%s", words, i ? " " : "", content->parts[i].text);
    return words;
}

static size_t lines_that_say(struct bench *bench, const char *post, const char *to, const char *words)
{
    struct event *events;
    size_t count, found = 0;
    assert_done(bench->house, queue_history(bench->house->queue, post, "a", 0, bench->house->arena, &events,
                                            &count, &bench->house->err));
    for (size_t i = 0; i < count; i++)
        found += !strcmp(events[i].to, to) && !strcmp(events[i].kind, "edit") && events[i].why &&
                 strstr(events[i].why, words);
    return found;
}

static void assert_over(struct bench *bench, const char *post, const char *words)
{
    struct delivery *delivery = get(bench, post);
    char hash[SHA256_HEX];
    assert_string_equal(says(bench, post), words);
    assert_int_equal(delivery->state, STATE_PUBLISHED);
    assert_int_equal(delivery->editing, 0);
    assert_null(delivery->edit);
    assert_string_equal(delivery->content_hash, content_hash(delivery->content, hash));
}

/* ---- sentences ---- */

static void what_a_person_wants_changed_is_changed_once_and_nothing_else_is(void **state)
{
    struct bench *bench = *state;
    publish(bench, "other", "before");
    publish(bench, "p", "teh");
    instant published = get(bench, "p")->published;
    edit(bench, "p", "the");
    assert_string_equal(says(bench, "p"), "teh"); /* until the network has it */
    assert_string_equal(get(bench, "p")->edit->parts[0].text, "the");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "edit-0-the ");
    assert_over(bench, "p", "the");
    struct delivery *delivery = get(bench, "p");
    assert_true(delivery->edited > published && delivery->published == published);
    assert_string_equal(delivery->changed_by, "uid 0");
    assert_string_equal(delivery->remote_id, "p-0");
    assert_int_equal(lines_that_say(bench, "p", "editing", "to be edited"), 1);
    assert_int_equal(lines_that_say(bench, "p", "edited", "edited on the network"), 1);
    edit(bench, "p", "once-more"); /* and it can be again */
    run(bench, DAYS(1));
    assert_string_equal(asked, "edit-0-the edit-0-once-more ");
    assert_over(bench, "p", "once-more");
}

static void only_the_parts_that_differ_are_changed(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one too three");
    edit(bench, "p", "one two three");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "edit-1-two ");
    edit(bench, "p", "uno two tres");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "edit-1-two edit-0-uno edit-2-tres ");
    assert_over(bench, "p", "uno two tres");
}

static int countdown;
static enum fate some_are_lost(void)
{
    return countdown-- > 0 ? FATE_CUT : FATE_FINE;
}

static enum fate all_are_refused_later(void)
{
    return countdown-- > 0 ? FATE_FINE : FATE_DOWN;
}

static void an_unanswered_edit_is_repeated_also_by_another_life(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one two");
    countdown = 3;
    fate_of_edits = some_are_lost;
    edit(bench, "p", "uno due");
    run(bench, SECONDS(1));
    restart(bench);
    run(bench, HOURS(1));
    assert_string_equal(asked, "edit-0-uno edit-0-uno edit-0-uno edit-0-uno edit-1-due ");
    assert_over(bench, "p", "uno due");
    assert_int_equal(lines_that_say(bench, "p", "edited", "edited on the network"), 1);
    restart(bench);
    run(bench, DAYS(1));
    assert_string_equal(asked, "edit-0-uno edit-0-uno edit-0-uno edit-0-uno edit-1-due ");
}

static size_t alerts_that_say(struct bench *bench, const char *words)
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

static void what_cannot_be_changed_is_tried_up_to_a_bound_and_told_once(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one two");
    countdown = 1; /* the first part is taken, the second never */
    fate_of_edits = all_are_refused_later;
    edit(bench, "p", "uno due");
    run(bench, DAYS(2));
    size_t tries = 0;
    for (const char *at = asked; (at = strstr(at, "edit-1-")); at++)
        tries++;
    assert_int_equal(tries, 20);
    assert_over(bench, "p", "uno two"); /* which is what it says there */
    assert_int_equal(get(bench, "p")->edited, 0);
    assert_non_null(strstr(get(bench, "p")->message, "not edited: "));
    assert_int_equal(lines_that_say(bench, "p", "published", "not edited: "), 1);
    assert_int_equal(alerts_that_say(bench, "not edited: "), 1);
    *asked = '\0'; /* and a person may ask again: then nothing is taken to be there already */
    fate_of_edits = NULL;
    edit(bench, "p", "uno due");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "edit-0-uno edit-1-due ");
    assert_over(bench, "p", "uno due");
}

static duration slowly(void)
{
    return SECONDS(20);
}

/* The answer to an edit that is no longer wanted says nothing of the one that is. */
static void another_edit_takes_the_place_of_one_that_is_not_done(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one two");
    model.delay = slowly;
    edit(bench, "p", "uno due");
    run(bench, SECONDS(5)); /* it is on its way */
    assert_string_equal(asked, "edit-0-uno ");
    edit(bench, "p", "one deux"); /* the first part as it was published: readers may see another */
    run(bench, MINUTES(1));
    assert_over(bench, "p", "one deux");
    assert_string_equal(shown[0].text, "one");
    assert_string_equal(shown[1].text, "deux");
    assert_int_equal(lines_that_say(bench, "p", "editing", ""), 2);
    assert_int_equal(lines_that_say(bench, "p", "edited", ""), 1);
}

static void a_deletion_ends_an_edit(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one");
    model.delay = slowly;
    edit(bench, "p", "uno");
    run(bench, SECONDS(5));
    assert_done(bench->house, queue_delete(bench->house->queue, get(bench, "p"), "uid 0", "to be deleted",
                                           virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
    run(bench, HOURS(1));
    assert_string_equal(asked, "edit-0-uno delete-0 ");
    assert_true(get(bench, "p")->deleted && !get(bench, "p")->editing && !get(bench, "p")->edit);
    assert_true(shown[0].deleted);
}

static void
it_waits_for_the_end_of_a_crisis_and_of_a_pause_unless_it_was_asked_for_in_the_crisis(void **state)
{
    struct bench *bench = *state;
    struct queue *queue = bench->house->queue;
    publish(bench, "p", "one");
    publish(bench, "q", "two");
    const struct crisis crisis = {.account = "*", .who = "uid 0", .why = "an accident"};
    struct account_status paused = {.name = "a", .paused = true, .paused_why = "so"};
    assert_done(bench->house, queue_set_account(queue, &paused, "uid 0", virtual_now(), &bench->house->err));
    edit(bench, "p", "uno");
    run(bench, HOURS(1));
    assert_string_equal(asked, "");
    assert_done(bench->house, queue_crisis_start(queue, &crisis, virtual_now(), &bench->house->err));
    paused.paused = false;
    assert_done(bench->house, queue_set_account(queue, &paused, "uid 0", virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
    run(bench, HOURS(1));
    assert_string_equal(asked, "");
    edit(bench, "q", "due"); /* who asks now knows of it */
    run(bench, HOURS(1));
    assert_string_equal(asked, "edit-0-due ");
    assert_done(bench->house, queue_crisis_end(queue, "*", "uid 0", NULL, virtual_now(), &bench->house->err));
    publisher_wake(bench->publisher);
    run(bench, MINUTES(1));
    assert_string_equal(asked, "edit-0-due edit-0-uno ");
    assert_over(bench, "p", "uno");
}

static void only_what_is_published_and_still_there_can_be_changed_and_only_if_asked(void **state)
{
    struct bench *bench = *state;
    struct queue *queue = bench->house->queue;
    struct error *err = &bench->house->err;
    const struct edit other = {.content = saying(bench, "other"), .who = "uid 0", .why = "so"};
    struct wanted wanted = wanted_of(bench->house->arena, "later", "a", "Bonjour", virtual_now() + DAYS(1));
    assert_done(bench->house, queue_add(queue, &wanted, 1, virtual_now(), err));
    assert_false(queue_edit(queue, get(bench, "later"), &other, virtual_now(), err));
    assert_string_equal(err->message, "cannot edit: it is ready");
    publish(bench, "p", "one");
    struct delivery *before = get(bench, "p");
    const struct intent intent = {.step = "edit", .kind = STEP_PREPARE, .edits = true};
    int64_t attempt;
    assert_false(queue_intend(queue, before, &intent, virtual_now(), &attempt, err));
    assert_string_equal(err->message, "cannot edit: nobody asked for it");
    edit(bench, "p", "uno");
    assert_false(queue_edit(queue, before, &other, virtual_now(), err));
    assert_string_equal(err->message, "'p/a' changed meanwhile");
    run(bench, MINUTES(1));
    assert_done(bench->house, queue_delete(queue, get(bench, "p"), "uid 0", "so", virtual_now(), err));
    assert_false(queue_edit(queue, get(bench, "p"), &other, virtual_now(), err));
    assert_string_equal(err->message, "cannot edit: it is being deleted already");
}

/* ---- what differs ---- */

static const struct media image = {.file = "a.png", .alt = "a", .sha256 = "1"},
                          same = {.file = "b.png", .alt = "a", .sha256 = "1"},
                          other_alt = {.file = "a.png", .alt = "b", .sha256 = "1"},
                          other_image = {.file = "a.png", .alt = "a", .sha256 = "2"};
#define ONE(...)                                                                                             \
    {                                                                                                        \
        .parts = (const struct part[]){{__VA_ARGS__}}, .part_count = 1                                       \
    }
#define WITH(m) ONE(.text = "one", .media = &(m), .media_count = 1)

static void what_a_network_cannot_change_is_named_with_what_to_do_instead(void **state)
{
    const char *const tag = "tag";
    struct content two = *saying(*state, "one two"), tagged = ONE(.text = "one"), seen = ONE(.text = "one"),
                   titled = ONE(.text = "one");
    tagged.tags = &tag;
    tagged.tag_count = 1;
    seen.visibility = VISIBILITY_UNLISTED;
    titled.title = "One";
    const struct content one = ONE(.text = "one"), uno = ONE(.text = "uno"), with = WITH(image),
                         as = WITH(same), alt = WITH(other_alt), new = WITH(other_image);
    const struct {
        const struct content *before, *after;
        unsigned edits;
        const char *stays; /* NULL: it can be changed */
    } cases[] = {
        {&one, &one, 0, NULL},
        {&one, &uno, EDIT_TEXT, NULL},
        {&one, &uno, EDIT_TITLE, "the text"},
        {&one, &two, EDIT_ALL, "the number of posts"},
        {&two, &one, EDIT_ALL, "the number of posts"},
        {&with, &as, 0, NULL},
        {&with, &alt, EDIT_ALT, NULL},
        {&with, &alt, EDIT_TEXT, "the alt text"},
        {&with, &new, EDIT_ALL, "the images and videos"},
        {&one, &with, EDIT_ALL, "the images and videos"},
        {&one, &tagged, EDIT_TAGS, NULL},
        {&one, &tagged, EDIT_TEXT, "the tags"},
        {&one, &seen, EDIT_ALL, "who sees it"},
        {&titled, &one, EDIT_TEXT, "the title"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network network = {.title = "N", .edits = cases[i].edits, .remove = posts_remove};
        const char *why = revision_objection(&network, cases[i].before, cases[i].after,
                                             ((struct bench *)*state)->house->arena);
        if (!cases[i].stays)
            assert_null(why);
        else if (!why || strncmp(why, cases[i].stays, strlen(cases[i].stays)) != 0 ||
                 !strstr(why, "calctl delete"))
            fail_msg("case %zu: %s", i, why ? why : "nothing");
    }
}

#define on_bench(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_bench(what_a_person_wants_changed_is_changed_once_and_nothing_else_is),
        on_bench(only_the_parts_that_differ_are_changed),
        on_bench(an_unanswered_edit_is_repeated_also_by_another_life),
        on_bench(what_cannot_be_changed_is_tried_up_to_a_bound_and_told_once),
        on_bench(another_edit_takes_the_place_of_one_that_is_not_done),
        on_bench(a_deletion_ends_an_edit),
        on_bench(it_waits_for_the_end_of_a_crisis_and_of_a_pause_unless_it_was_asked_for_in_the_crisis),
        on_bench(only_what_is_published_and_still_there_can_be_changed_and_only_if_asked),
        on_bench(what_a_network_cannot_change_is_named_with_what_to_do_instead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
