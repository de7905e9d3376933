/*
 * Who has to approve what: the rules as a table, a line a case. And lives by chance: edits, files, approvals,
 * rejections, moves, holds and releases in whatever order; what goes out was approved, word for word, by those
 * who had to, as an oracle of its own says. CALD_SEED repeats a run.
 */
#include "editorial/approval.h"
#include "queue/approval.h"
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

static const char *const just_editor[] = {"editor"}, *const just_boss[] = {"boss"}, *const just_admin[] = {"admin"}, *const just_anna_ben[] = {"anna", "ben"}, *const just_site[] = {"site"}, *const just_routine[] = {"routine"}, *const just_promo[] = {"promo"}, *const just_linkedin[] = {"linkedin"}, *const just_blog[] = {"blog"}, *const just_wall[] = {"wall"};
#define STAGE(who, many, least) {.by = {who, many}, .count = least}
static const struct approval_stage one_editor[] = {STAGE(just_editor, 1, 1)}, two_editors[] = {STAGE(just_editor, 1, 2)},
                                   editor_then_boss[] = {STAGE(just_editor, 1, 1), STAGE(just_boss, 1, 1)},
                                   editor_then_admin[] = {STAGE(just_editor, 1, 1), STAGE(just_admin, 1, 1)},
                                   anna_or_ben[] = {STAGE(just_anna_ben, 2, 1)};

#define RULE(which, ...) {.stages = which, .stage_count = sizeof(which) / sizeof *(which), __VA_ARGS__}

static const struct approval_rule table[] = {
    RULE(one_editor, .to = {just_site, 1}, .except = {just_routine, 1}),
    RULE(editor_then_boss, .buckets = {just_promo, 1}),
    RULE(two_editors, .to = {just_linkedin, 1}),
    RULE(anna_or_ben, .to = {just_blog, 1}),
    RULE(editor_then_admin, .to = {just_wall, 1}),
};

/* "A:editor:x" approved x with that role, "R" rejected, "W" withdrew; '@' after the text: at another time. */
static size_t parse_said(const char *text, struct approval *ret_said, struct arena *arena)
{
    size_t count = 0;
    char *rest = arena_strdup(arena, text), *word;
    while ((word = strsep(&rest, " "))) {
        if (!*word)
            continue;
        struct approval *said = &ret_said[count++];
        *said = (struct approval){.kind = APPROVAL_APPROVED, .who = word, .role = "editor", .content_hash = "x", .slot = 7};
        if (!strcmp(word, "R") || !strcmp(word, "W")) {
            said->kind = *word == 'R' ? APPROVAL_REJECTED : APPROVAL_WITHDRAWN;
            continue;
        }
        char *role = strchr(word, ':'), *hash = role ? strchr(role + 1, ':') : NULL;
        if (role)
            *role = '\0', said->role = role + 1;
        if (hash)
            *hash = '\0', said->content_hash = hash + 1;
        if (hash && strchr(hash + 1, '@'))
            said->slot = 8, *strchr(hash + 1, '@') = '\0';
    }
    return count;
}

static void who_has_to_approve(void **state)
{
    (void)state;
    static const struct {
        const char *account, *bucket, *said;
        bool asked, not_own, time;
        const char *wants; /* "": done; NULL: nothing is needed */
    } cases[] = {
        {"feed", NULL, "", false, false, false, NULL},
        {"feed", NULL, "", true, false, false, "an editor"},              /* a draft */
        {"feed", NULL, "eve:author", true, false, false, "an editor"},    /* her role is not enough */
        {"feed", NULL, "eve:admin", true, false, false, ""},              /* a higher role is */
        {"site", NULL, "", false, false, false, "an editor"},
        {"site", "routine", "", false, false, false, NULL},               /* the exception */
        {"site", "routine", "", true, false, false, "an editor"},         /* but a draft is a draft */
        {"site", NULL, "eve", false, false, false, ""},
        {"site", NULL, "eve:editor:y", false, false, false, "an editor"}, /* of other words */
        {"site", NULL, "eve:editor:x@", false, false, false, ""},         /* of another time: does not matter … */
        {"site", NULL, "eve:editor:x@", false, false, true, "an editor"}, /* … unless the charter says so */
        {"site", NULL, "eve R", false, false, false, "an editor"},
        {"site", NULL, "eve W eve", false, false, false, ""},
        {"site", NULL, "writer", false, false, false, ""},
        {"site", NULL, "writer", false, true, false, "an editor"},        /* nobody their own */
        {"site", NULL, "changer", false, true, false, "an editor"},       /* nor what they changed last */
        {"feed", "promo", "", false, false, false, "an editor"},
        {"feed", "promo", "eve", false, false, false, "boss"},
        {"feed", "promo", "eve boss:author", false, false, false, ""},
        {"feed", "promo", "boss:author", false, false, false, "an editor"},
        {"feed", "promo", "boss:author eve", false, false, false, ""},    /* the order does not matter */
        {"feed", "promo", "boss", false, false, false, "boss"},           /* a person counts once */
        {"site", "promo", "boss", false, false, false, "boss"},           /* all rules that fit apply */
        {"linkedin", NULL, "eve", false, false, false, "an editor"},
        {"linkedin", NULL, "eve eve", false, false, false, "an editor"},
        {"linkedin", NULL, "", false, false, false, "2 editors"},
        {"linkedin", NULL, "eve ida", false, false, false, ""},
        {"blog", NULL, "", false, false, false, "anna or ben"},
        {"blog", NULL, "eve:admin", false, false, false, "anna or ben"},  /* by name: no role replaces it */
        {"blog", NULL, "ben:viewer", false, false, false, ""},
        {"wall", NULL, "ida:admin eve", false, false, false, ""},         /* the admin's word moves on */
        {"feed", NULL, "charter:charter", true, false, false, ""},        /* what the charter itself says */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *arena = arena_new();
        struct approval said[8];
        struct approval_rules rules = {table, COUNT_OF(table), cases[i].not_own, cases[i].time};
        struct approval_case what = {.account = cases[i].account, .network = "null", .bucket = cases[i].bucket,
                                     .author = "uid 7 (writer)", .changed_by = "token changer", .content_hash = "x",
                                     .slot = 7, .asked = cases[i].asked, .said = said};
        what.said_count = parse_said(cases[i].said, said, arena);
        struct approval_standing standing = approval_look(&rules, &what, arena);
        assert_int_equal(approval_concerns(&rules, &what), cases[i].wants != NULL);
        assert_int_equal(standing.needed, cases[i].wants != NULL);
        if (strcmp(approval_wants(&standing, arena), cases[i].wants ? cases[i].wants : "") != 0)
            fail_msg("case %zu: '%s'", i, approval_wants(&standing, arena));
        assert_int_equal(approval_suffices(&rules, &what), !cases[i].wants || !*cases[i].wants);
        arena_free(arena);
    }
}

static void who_may_approve_now(void **state)
{
    (void)state;
    static const struct {
        const char *account, *bucket, *said, *who, *role, *words; /* words NULL: may */
    } cases[] = {
        {"site", NULL, "", "uid 1 (eve)", "editor", NULL},
        {"site", NULL, "", "uid 1 (eve)", "author", "it waits for an editor"},
        {"site", NULL, "", "token writer", "editor", "nobody approves their own"},
        {"site", NULL, "", "uid 2 (changer)", "admin", "changed last"},
        {"feed", "promo", "", "uid 3 (boss)", "author", "it waits for an editor"}, /* not before their stage */
        {"feed", "promo", "eve", "uid 3 (boss)", "author", NULL},
        {"feed", "promo", "eve", "token eve", "editor", "eve approved it already; it waits for boss"},
        {"wall", NULL, "ida:admin", "token eve", "editor", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *arena = arena_new();
        struct approval said[8];
        struct approval_rules rules = {table, COUNT_OF(table), true, false};
        struct approval_case what = {.account = cases[i].account, .network = "null", .bucket = cases[i].bucket,
                                     .author = "uid 7 (writer)", .changed_by = "token changer", .content_hash = "x",
                                     .slot = 7, .said = said};
        what.said_count = parse_said(cases[i].said, said, arena);
        const char *why = approval_objection(&rules, &what, cases[i].who, cases[i].role, arena);
        if (!why != !cases[i].words || (why && !strstr(why, cases[i].words)))
            fail_msg("case %zu: %s", i, why ? why : "may");
        arena_free(arena);
    }
}

/* ---- lives by chance ---- */

enum { POSTS = 4, STEPS = 6000, MOST_SAID = 400, TEXTS = 4 };

static const struct person {
    const char *who, *name, *role;
} people[] = {{"uid 1 (eve)", "eve", "editor"}, {"token ida", "ida", "editor"},
              {"uid 3 (boss)", "boss", "author"}, {"uid 4 (ada)", "ada", "admin"}};

static struct told { /* the oracle's: what was said of which words */
    struct {
        const char *name, *role;
        int text;
    } said[MOST_SAID];
    size_t count;
    const char *writer, *changer;
    unsigned published;
} told[POSTS];

static uint64_t seed;

static size_t chance(size_t below)
{
    uint64_t x = seed += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return (size_t)((x ^ (x >> 31)) % below);
}

static int text_of(const struct delivery *delivery)
{
    return atoi(delivery->content->parts[0].text);
}

/* promo: an editor and the boss, two people; else: an editor. Nobody their own. */
static bool oracle(const struct told *t, int text, bool promo)
{
    bool boss = false, editor = false;
    for (size_t i = 0; i < t->count; i++) {
        const char *name = t->said[i].name;
        bool own = (t->writer && !strcmp(name, t->writer)) || (t->changer && !strcmp(name, t->changer));
        if (own || t->said[i].text != text)
            continue;
        boss = boss || !strcmp(name, "boss");
        editor = editor || strcmp(t->said[i].role, "author") != 0;
    }
    return editor && (boss || !promo);
}

static bool try_move(struct house *house, const struct delivery *delivery, struct move move, const struct person *by)
{
    move.who = by->who;
    move.why = "by chance";
    return queue_move(house->queue, delivery, &move, T0, &house->err);
}

static void approve(struct house *house, const struct delivery *delivery, struct told *t, const struct approval_rules *rules,
                    const struct person *by)
{
    struct approval_case what;
    struct approval_word word = {.kind = APPROVAL_APPROVED, .role = by->role};
    assert_true(queue_approval_case(house->queue, delivery, house->arena, &what, &house->err));
    if (delivery->state != STATE_DRAFT || approval_objection(rules, &what, by->who, by->role, house->arena))
        return;
    if (try_move(house, delivery, (struct move){.to = STATE_READY, .word = &word}, by) && t->count < MOST_SAID) {
        t->said[t->count].name = by->name;
        t->said[t->count].role = by->role;
        t->said[t->count++].text = text_of(delivery);
    }
}

static void go_back(struct house *house, const struct delivery *delivery, struct told *t, const struct person *by)
{
    struct approval_word word = {.kind = chance(2) ? APPROVAL_REJECTED : APPROVAL_WITHDRAWN, .role = by->role};
    if (try_move(house, delivery, (struct move){.to = STATE_DRAFT, .word = &word}, by))
        t->count = 0;
}

static void edit(struct house *house, const struct delivery *delivery, struct told *t, const struct person *by)
{
    char text[8];
    snprintf(text, sizeof text, "%zu", chance(TEXTS));
    bool other = atoi(text) != text_of(delivery);
    struct move move = {.to = delivery->state, .content = content_of(house->arena, text)};
    if (try_move(house, delivery, move, by) && other)
        t->changer = by->name;
}

static void load(struct house *house)
{
    struct wanted wanted[POSTS / 2];
    struct apply_report report;
    for (size_t i = 0; i < POSTS / 2; i++) {
        char text[8];
        snprintf(text, sizeof text, "%zu", chance(TEXTS));
        wanted[i] = wanted_of(house->arena, arena_printf(house->arena, "p%zu", i), "x", text, T0 + MINUTES(5));
        wanted[i].bucket = i % 2 ? "promo" : NULL;
        wanted[i].state = chance(4) ? STATE_READY : STATE_DRAFT;
    }
    assert_done(house, queue_apply(house->queue, wanted, POSTS / 2, 0, INSTANT_NEVER, T0, "file", house->arena, &report,
                                   &house->err));
    for (size_t i = 0; i < POSTS / 2; i++) {
        struct delivery *after = queue_get(house->queue, wanted[i].post_id, "x", house->arena, NULL);
        if (after && after->changed_by && !strcmp(after->changed_by, "file"))
            told[i].changer = NULL;
    }
}

/* As the publisher does it: what is ready and passes the gate begins. Then a new post takes its place. */
static void publish(struct house *house, size_t index, const struct delivery *delivery, unsigned *generation)
{
    bool approved, promo = delivery->bucket && !strcmp(delivery->bucket, "promo");
    if (delivery->state != STATE_READY)
        return;
    assert_true(queue_is_approved(house->queue, delivery, &approved, &house->err));
    if (!approved)
        return;
    if (!oracle(&told[index], text_of(delivery), promo))
        fail_msg("%s goes out with text %d, which was not approved by those who have to", delivery->post_id,
                 text_of(delivery));
    told[index].published++;
    ++*generation;
}

static void nothing_goes_out_that_was_not_approved_word_for_word(void **state)
{
    struct house *house = house_of(state);
    static const struct approval_rule lives[] = {RULE(editor_then_boss, .buckets = {just_promo, 1}), RULE(one_editor, )};
    static const struct approval_rules rules = {lives, COUNT_OF(lives), true, false};
    static const struct approver approver = {approval_concerns, approval_suffices, &rules};
    unsigned went = 0;
    seed = getenv("CALD_SEED") ? strtoull(getenv("CALD_SEED"), NULL, 10) : 20261123;
    queue_approve_by(house->queue, &approver);
    memset(told, 0, sizeof told);
    for (size_t i = POSTS / 2; i < POSTS; i++) {
        struct wanted wanted = wanted_of(house->arena, arena_printf(house->arena, "p%zu", i), "x", "0", T0 + MINUTES(5));
        wanted.origin = "spontaneous";
        wanted.bucket = i % 2 ? "promo" : NULL;
        wanted.author = "uid 1 (eve)";
        told[i].writer = "eve";
        assert_done(house, queue_add(house->queue, &wanted, 1, T0, &house->err));
    }
    load(house);
    for (int step = 0; step < STEPS; step++) {
        size_t index = chance(POSTS), deed = chance(20);
        const struct person *by = &people[chance(COUNT_OF(people))];
        struct delivery *delivery = house_get(house, arena_printf(house->arena, "p%zu", index), "x");
        if (deed < 10)
            approve(house, delivery, &told[index], &rules, by);
        else if (deed < 13)
            edit(house, delivery, &told[index], by);
        else if (deed < 14)
            go_back(house, delivery, &told[index], by);
        else if (deed < 15)
            try_move(house, delivery, (struct move){.to = chance(2) ? STATE_HELD : STATE_READY}, by);
        else if (deed < 16)
            try_move(house, delivery, (struct move){.to = delivery->state, .slot = T0 + MINUTES(1 + (int)chance(60))}, by);
        else if (deed < 17)
            load(house);
        else
            publish(house, index, delivery, &went);
    }
    print_message("%u times something could go out\n", went);
    assert_true(went > 50);
    queue_approve_by(house->queue, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_to_approve),
        cmocka_unit_test(who_may_approve_now),
        in_house(nothing_goes_out_that_was_not_approved_word_for_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
