/*
 * What is published is changed on its network because a person asked for it, in virtual time: the parts that
 * differ, the first one first; again where no answer came, also by another life of the process; up to a
 * bound, and then told. Another edit takes the place of one that is not done, and a deletion ends it. And
 * nothing else.
 */
#include "deeds_house.h"

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
    assert_int_equal(lines_that_say(bench, "p", "edit", "editing", "to be edited"), 1);
    assert_int_equal(lines_that_say(bench, "p", "edit", "edited", "edited on the network"), 1);
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
    fate_of_deeds = some_are_lost;
    edit(bench, "p", "uno due");
    run(bench, SECONDS(1));
    restart(bench);
    run(bench, HOURS(1));
    assert_string_equal(asked, "edit-0-uno edit-0-uno edit-0-uno edit-0-uno edit-1-due ");
    assert_over(bench, "p", "uno due");
    assert_int_equal(lines_that_say(bench, "p", "edit", "edited", "edited on the network"), 1);
    restart(bench);
    run(bench, DAYS(1));
    assert_string_equal(asked, "edit-0-uno edit-0-uno edit-0-uno edit-0-uno edit-1-due ");
}

static void what_cannot_be_changed_is_tried_up_to_a_bound_and_told_once(void **state)
{
    struct bench *bench = *state;
    publish(bench, "p", "one two");
    countdown = 1; /* the first part is taken, the second never */
    fate_of_deeds = all_are_refused_later;
    edit(bench, "p", "uno due");
    run(bench, DAYS(2));
    size_t tries = 0;
    for (const char *at = asked; (at = strstr(at, "edit-1-")); at++)
        tries++;
    assert_int_equal(tries, 20);
    assert_over(bench, "p", "uno two"); /* which is what it says there */
    assert_int_equal(get(bench, "p")->edited, 0);
    assert_non_null(strstr(get(bench, "p")->message, "not edited: "));
    assert_int_equal(lines_that_say(bench, "p", "edit", "published", "not edited: "), 1);
    assert_int_equal(alerts_that_say(bench, "not edited: "), 1);
    *asked = '\0'; /* and a person may ask again: then nothing is taken to be there already */
    fate_of_deeds = NULL;
    edit(bench, "p", "uno due");
    run(bench, MINUTES(1));
    assert_string_equal(asked, "edit-0-uno edit-1-due ");
    assert_over(bench, "p", "uno due");
}

/* As on networks where a post is looked at before it is changed, and again after each failure. */
static void look_and_edit(const struct job *job, struct arena *arena, struct step *step)
{
    posts_edit(job, arena, step);
    if (step->kind == STEP_DONE || json_text(json_member(job->memo, "edit"), "seen"))
        return;
    step->request.url = arena_printf(arena, "http://127.0.0.1/a/look-0-seen/" PLACE "/%s", job->key);
}

static void looked_or_edited(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *outcome)
{
    bool looked = strstr(step->request.url, "/look-") != NULL;
    posts_edited(job, step, response, arena, outcome);
    if (looked || outcome->kind != OUTCOME_NEXT)
        outcome->memo = revision_note(job, "seen", looked ? "yes" : NULL, arena);
}

static enum fate only_looks_are_answered(void)
{
    return !strcmp(asked + strlen(asked) - strlen("look-0-seen "), "look-0-seen ") ? FATE_FINE : FATE_DOWN;
}

static void a_look_that_works_does_not_begin_the_tries_of_an_edit_anew(void **state)
{
    struct bench *bench = *state;
    struct network looking = posts;
    looking.edit = look_and_edit;
    looking.edited = looked_or_edited;
    bench->account.account.network = &looking;
    publish(bench, "p", "one");
    fate_of_deeds = only_looks_are_answered;
    edit(bench, "p", "uno");
    run(bench, DAYS(2));
    size_t tries = 0;
    for (const char *at = asked; (at = strstr(at, "edit-0-")); at++)
        tries++;
    assert_int_equal(tries, 20);
    assert_over(bench, "p", "one");
    assert_int_equal(alerts_that_say(bench, "not edited: "), 1);
    bench->account.account.network = &posts;
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
    assert_int_equal(lines_that_say(bench, "p", "edit", "editing", ""), 2);
    assert_int_equal(lines_that_say(bench, "p", "edit", "edited", ""), 1);
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
    assert_string_equal(asked, "edit-0-uno delete-p-0 ");
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

static struct bench *crisis_bench;

static void a_crisis_begins(void)
{
    const struct crisis crisis = {.account = "*", .who = "uid 0", .why = "an accident"};
    struct house *house = crisis_bench->house;
    assert_done(house, queue_crisis_start(house->queue, &crisis, virtual_now() + 1, &house->err));
    while_made = NULL;
}

/* Nothing was tried: so often the edit of a thread that meets crises would have been given up for nothing. */
static void what_a_crisis_keeps_from_leaving_is_none_of_its_tries(void **state)
{
    struct bench *bench = crisis_bench = *state;
    publish(bench, "p", "one");
    edit(bench, "p", "uno");
    for (int times = 0; times < 25; times++) {
        while_made = a_crisis_begins;
        publisher_wake(bench->publisher);
        run(bench, MINUTES(1));
        assert_null(while_made);
        assert_done(bench->house, queue_crisis_end(bench->house->queue, "*", "uid 0", NULL, virtual_now(),
                                                   &bench->house->err));
        run(bench, SECONDS(1));
    }
    assert_string_equal(asked, "");
    publisher_wake(bench->publisher);
    run(bench, HOURS(2));
    assert_string_equal(asked, "edit-0-uno ");
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

/* Its account is on another network by now: an id of the one means nothing on the other. */
static void an_account_of_another_network_asks_for_nothing(void **state)
{
    struct bench *bench = *state;
    struct network others = posts;
    others.name = "others";
    publish(bench, "p", "one");
    edit(bench, "p", "uno");
    bench->account.account.network = &others;
    const char *why =
        publisher_cannot_edit(bench->publisher, get(bench, "p"), saying(bench, "due"), bench->house->arena);
    assert_true(why && strstr(why, "'posts'"));
    assert_non_null(publisher_cannot_delete(bench->publisher, get(bench, "p"), bench->house->arena));
    run(bench, MINUTES(1));
    assert_string_equal(asked, "");
    assert_over(bench, "p", "one");
    bench->account.account.network = &posts;
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
        {&one, &seen, EDIT_ALL, "the visibility"},
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
        on_bench(a_look_that_works_does_not_begin_the_tries_of_an_edit_anew),
        on_bench(another_edit_takes_the_place_of_one_that_is_not_done),
        on_bench(a_deletion_ends_an_edit),
        on_bench(what_a_crisis_keeps_from_leaving_is_none_of_its_tries),
        on_bench(it_waits_for_the_end_of_a_crisis_and_of_a_pause_unless_it_was_asked_for_in_the_crisis),
        on_bench(only_what_is_published_and_still_there_can_be_changed_and_only_if_asked),
        on_bench(an_account_of_another_network_asks_for_nothing),
        on_bench(what_a_network_cannot_change_is_named_with_what_to_do_instead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
