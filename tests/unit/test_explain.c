/* Every state and cause of a delivery is explained: which causes are named, which words are said, what can be
 * done. */
#include "base/buf.h"
#include "base/zoneinfo.h"
#include "publish/explain.h"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define NOW ((instant)1796115600000)  /* 2026-12-01 09:00 UTC */
#define SLOT ((instant)1796119200000) /* 11:00 in Paris */
#define PAST (NOW - MINUTES(30))
#define SLOT_TEXT "2026-12-01 11:00"

static const struct network asks = {.name = "asks", .title = "Asks", .repeat = REPEAT_KEY};
static const struct network here = {.name = "here", .title = "Here", .one_step = true};

struct case_of {
    const char *name;
    struct delivery delivery;          /* what is not said is filled in */
    struct explain_facts facts;        /* likewise; delivery, zone and now are set */
    const char *why, *obstacle, *next; /* the cause that must be there; NULL: not looked for */
    const char *says;                  /* words of one of the sentences */
    const char *command;               /* the beginning of one of the commands; NULL: not looked for */
    const char *not_command;           /* of none; likewise */
    bool gone;                         /* its account is not in cald.yaml */
    const struct network *network;
    const struct event *event; /* its last one */
};

#define EVENT(by, before, after, because)                                                                    \
    (&(struct event){.at = NOW - HOURS(1),                                                                   \
                     .post_id = "p",                                                                         \
                     .account = "a",                                                                         \
                     .who = by,                                                                              \
                     .from = before,                                                                         \
                     .to = after,                                                                            \
                     .why = because})
#define ATTEMPTS(number_of, said)                                                                            \
    .attempt_count = 1, .attempts = &(struct attempt)                                                        \
    {                                                                                                        \
        .number = number_of, .started = NOW - MINUTES(5), .ended = NOW - MINUTES(4), .step = "publish",      \
        .kind = "create", .outcome = "retry", .message = said                                                \
    }
#define IN(state_of, slot_of) .delivery = {.state = STATE_##state_of, .slot = slot_of, .due = slot_of}

#define EDITOR                                                                                               \
    {                                                                                                        \
        .awaits = "an editor", .approvals = "an editor"                                                      \
    }

static const struct case_of cases[] = {
    {"a draft waits for approval", IN(DRAFT, SLOT), .why = "draft", .next = "nothing",
     .says = "Approved before " SLOT_TEXT, .command = "calctl approve p/a"},
    {"a draft that is too old", IN(DRAFT, PAST), .why = "draft", .next = "nothing",
     .says = "never published late", .command = "calctl move p/a", .not_command = "calctl approve"},
    {"a draft that was handed in",
     .delivery = {.state = STATE_DRAFT, .slot = SLOT, .due = SLOT, .review = REVIEW_SUBMITTED},
     .facts = EDITOR, .why = "approval", .says = "It waits for approval by an editor.",
     .not_command = "calctl submit"},
    {"a draft that its author keeps", IN(DRAFT, SLOT), .facts = EDITOR, .why = "approval",
     .says = "not handed in; then it waits for approval by an editor", .command = "calctl submit p/a"},
    {"a draft that was given back",
     .delivery = {.state = STATE_DRAFT, .slot = SLOT, .due = SLOT, .review = REVIEW_REJECTED},
     .facts = {.awaits = "an editor", .approvals = "an editor and boss"}, .why = "approval",
     .says = "given back to its author; handed in again it waits for approval by an editor; in all it takes "
             "an editor and boss",
     .command = "calctl submit p/a"},
    {"a draft that is too old to be handed in as it is", IN(DRAFT, PAST), .facts = EDITOR,
     .command = "calctl submit p/a --at"},
    {"who made it a draft", IN(DRAFT, SLOT), .why = "draft",
     .event = EVENT("uid 7 (anna)", "ready", "draft", "approval withdrawn"),
     .says = "by uid 7 (anna): approval withdrawn"},
    {"ready, later", IN(READY, SLOT), .why = "planned", .next = "publish",
     .says = "It goes out on " SLOT_TEXT " (Europe/Paris).", .command = "calctl now p/a",
     .not_command = "calctl retry"},
    {"ready, prepared ahead", IN(READY, SLOT), .facts = {.lead = MINUTES(5)}, .next = "prepare",
     .says = "From 2026-12-01 10:55"},
    {"ready, with a grace", IN(READY, SLOT), .facts = {.late = {HOURS(1), MISSED_HOLD}}, .next = "late",
     .says = "If it is not out by 2026-12-01 12:00 (1h of grace), it is held for a person."},
    {"ready, dropped when late", IN(READY, SLOT), .facts = {.late = {HOURS(1), MISSED_DROP}}, .next = "late",
     .says = "dropped as missed"},
    {"ready, never too late", IN(READY, SLOT), .facts = {.never_late = true}, .next = "late",
     .says = "However late"},
    {"ready and due", IN(READY, PAST), .why = "overdue", .next = "publish", .says = "It goes out now"},
    {"ready, put off", .delivery = {.state = STATE_READY, .slot = SLOT, .due = SLOT + HOURS(1)},
     .why = "put-off", .says = "looked at again on 2026-12-01 12:00"},
    {"ready, in a crisis", IN(READY, PAST), .facts = {.crisis = "an accident"}, .obstacle = "crisis",
     .says = "was not released in it: an accident", .command = "calctl crisis release p/a", .not_command = "calctl now"},
    {"ready, everything paused", IN(READY, SLOT), .facts = {.all = {.paused = true, .paused_why = "strike"}},
     .obstacle = "all-paused", .says = "Everything is paused: strike", .command = "calctl resume"},
    {"ready, its account paused", IN(READY, PAST), .facts = {.own = {.paused = true}}, .obstacle = "paused",
     .says = "when what stands in its way is over", .command = "calctl resume a"},
    {"ready, braked", IN(READY, SLOT),
     .facts = {.own = {.braked_until = SLOT, .failures = 3, .brake_why = "503"}}, .obstacle = "braked",
     .says = "until " SLOT_TEXT " after 3 failures in a row: 503", .command = "calctl resume a"},
    {"ready, all braked", IN(READY, SLOT), .facts = {.all = {.braked_until = SLOT, .failures = 1}},
     .obstacle = "all-braked", .says = "after 1 failure in a row"},
    {"ready, credentials gone", IN(READY, SLOT),
     .facts = {.own = {.reconnect = true, .braked_until = INSTANT_NEVER, .brake_why = "401"}},
     .obstacle = "reconnect", .says = "do not work any more: 401", .command = "calctl accounts a --check"},
    {"ready, a wrong clock", IN(READY, SLOT), .facts = {.clock = "The clock is wrong."}, .obstacle = "clock",
     .says = "The clock is wrong.", .command = "calctl resume --clock"},
    {"ready, a doubtful database", IN(READY, SLOT), .facts = {.database = "It was put back."},
     .obstacle = "database", .command = "calctl resume --restored"},
    {"ready, a full disk", IN(READY, SLOT), .facts = {.disk = "The disk is full."}, .obstacle = "disk"},
    {"ready, behind something unsure", IN(READY, PAST), .facts = {.awaited = "q/a"},
     .obstacle = "awaits-unsure", .says = "the unsure 'q/a'"},
    {"ready, behind another", IN(READY, PAST), .facts = {.before = "q/a"}, .obstacle = "order",
     .says = "'q/a' stands before it"},
    {"ready, kept at a distance", IN(READY, PAST), .facts = {.paced_from = SLOT}, .obstacle = "pace",
     .says = "not before " SLOT_TEXT},
    {"ready, being prepared", IN(READY, SLOT), .facts = {.working = true}, .obstacle = "working"},
    {"ready, no account", IN(READY, SLOT), .gone = true, .obstacle = "account-gone",
     .says = "'a' is not in cald.yaml"},
    {"held by a person",
     .delivery = {.state = STATE_HELD, .slot = SLOT, .due = INSTANT_NEVER, .message = "held: wait for Tom"},
     .event = EVENT("uid 7 (anna)", "ready", "held", "held: wait for Tom"), .why = "held", .next = "nothing",
     .says = "by uid 7 (anna): wait for Tom.", .command = "calctl release p/a"},
    {"held by a person who cites the charter",
     .delivery = {.state = STATE_HELD, .slot = SLOT, .message = "held: the charter is against this time"},
     .why = "held"},
    {"held for the charter",
     .delivery = {.state = STATE_HELD,
                  .slot = SLOT,
                  .message = "the charter is against this time: quiet hours"},
     .why = "held-for-charter", .next = "nothing", .says = "released by itself when the charter"},
    {"held, account gone", .gone = true,
     .delivery = {.state = STATE_HELD, .slot = SLOT, .message = "its account is not in cald.yaml"},
     .why = "held-account-gone", .next = "nothing", .says = "when its account is back"},
    {"held, too late",
     .delivery = {.state = STATE_HELD, .slot = PAST, .message = "2h late, more than the 1h after which …"},
     .why = "held-late", .command = "calctl release p/a"},
    {"held, written down too late",
     .delivery = {.state = STATE_HELD,
                  .slot = PAST,
                  .message = "its time had already passed when it was first read"},
     .why = "held-late"},
    {"held, given up",
     .delivery = {.state = STATE_HELD,
                  .slot = PAST,
                  .message = "given up 1d after its time, tried 9 times in vain; 503"},
     .why = "held-given-up", .says = "9 times in vain"},
    {"held, restored",
     .delivery = {.state = STATE_HELD,
                  .slot = PAST,
                  .message = "its time passed before the database was put back or copied"},
     .why = "held-restored"},
    {"held, out already",
     .delivery = {.state = STATE_HELD,
                  .slot = PAST,
                  .message = "it seems to be out already, as 'q/a': release it"},
     .why = "held-seems-out"},
    {"waiting for another try",
     .delivery =
         {.state = STATE_WAITING, .slot = PAST, .due = NOW + MINUTES(10), .failures = 1, .message = "503"},
     .facts = {ATTEMPTS(1, "503")}, .why = "tried", .next = "retry",
     .says = "tried again on 2026-12-01 10:10, 10m from now", .command = "calctl retry p/a"},
    {"waiting, and until when",
     .delivery = {.state = STATE_WAITING, .slot = PAST, .due = NOW + MINUTES(10), .failures = 1},
     .facts = {ATTEMPTS(1, "503")}, .next = "give-up", .says = "Trying in vain ends on 2026-12-02 09:30"},
    {"waiting behind a brake",
     .delivery = {.state = STATE_WAITING, .slot = PAST, .due = NOW + MINUTES(1), .failures = 1},
     .facts = {.own = {.braked_until = SLOT, .failures = 1}}, .next = "retry",
     .says = "tried again on " SLOT_TEXT},
    {"waiting for the rest of a thread",
     .delivery = {.state = STATE_WAITING, .slot = PAST, .due = PAST, .first_sent = PAST}, .next = "retry",
     .says = "It is tried again now."},
    {"sending", IN(SENDING, PAST), .why = "sending", .next = "answer", .says = "never sent again blindly",
     .not_command = "calctl cancel"},
    {"unsure, repeated under its key",
     .delivery = {.state = STATE_UNSURE, .slot = PAST, .due = NOW, .first_sent = PAST, .message = "cut"},
     .network = &asks,
     .facts = {.doubt = {.repeat = REPEAT_KEY,
                         .key_lifetime = HOURS(10),
                         .key_wait = MINUTES(60),
                         .first_sent = PAST,
                         .last_tried = PAST,
                         .repeats = 1,
                         .now = NOW}},
     .why = "unsure", .next = "settle",
     .says = "sent again under the same key, which the network remembers, next on 2026-12-01 10:30",
     .command = "calctl resolve p/a --published", .not_command = "calctl resolve p/a --not"},
    {"unsure, how long its key lives",
     .delivery = {.state = STATE_UNSURE, .slot = PAST, .due = NOW, .first_sent = PAST}, .network = &asks,
     .facts = {.doubt = {.repeat = REPEAT_KEY,
                         .key_lifetime = HOURS(10),
                         .first_sent = PAST,
                         .last_tried = PAST,
                         .repeats = 1,
                         .now = NOW}},
     .next = "key-until", .says = "Its key is used until 2026-12-01 18:30; then a person"},
    {"unsure, looked for", .delivery = {.state = STATE_UNSURE, .slot = PAST, .due = NOW, .first_sent = PAST},
     .facts = {.doubt = {.can_find = true, .first_sent = PAST, .last_tried = PAST, .repeats = 1, .now = NOW}},
     .next = "settle", .says = "It is looked for on the network, now."},
    {"unsure, left to a person",
     .delivery = {.state = STATE_UNSURE, .slot = PAST, .due = INSTANT_NEVER, .first_sent = PAST},
     .facts = {.where = "https://example.org/@a"}, .next = "settle",
     .says = "a person looks there: https://example.org/@a", .command = "calctl resolve p/a --not-published"},
    {"published in time",
     .delivery =
         {.state = STATE_PUBLISHED, .slot = PAST, .published = PAST + 20, .remote_url = "https://e/1"},
     .why = "published", .next = "nothing", .says = "at its time: https://e/1", .not_command = "calctl now"},
    {"being deleted, its account gone",
     .delivery = {.state = STATE_PUBLISHED, .slot = PAST, .published = PAST, .deleting = NOW}, .gone = true,
     .obstacle = "account-gone", .says = "is not in cald.yaml"},
    {"being deleted, credentials gone",
     .delivery = {.state = STATE_PUBLISHED, .slot = PAST, .published = PAST, .deleting = NOW},
     .facts = {.own = {.reconnect = true, .braked_until = INSTANT_NEVER, .brake_why = "401"}},
     .obstacle = "reconnect", .command = "calctl accounts a --check"},
    {"being changed, its account paused",
     .delivery = {.state = STATE_PUBLISHED, .slot = PAST, .published = PAST, .editing = NOW},
     .facts = {.own = {.paused = true}}, .obstacle = "paused", .command = "calctl resume a"},
    {"published, its account paused", .delivery = {.state = STATE_PUBLISHED, .slot = PAST, .published = PAST},
     .facts = {.own = {.paused = true}}, .why = "published", .not_command = "calctl resume"},
    {"published late", .delivery = {.state = STATE_PUBLISHED, .slot = PAST, .published = PAST + MINUTES(3)},
     .why = "published", .says = "3m after its time"},
    {"refused", .delivery = {.state = STATE_REFUSED, .slot = PAST, .message = "422"},
     .event = EVENT("cald", "sending", "refused", "422"), .why = "refused", .next = "nothing",
     .says = "by cald: 422", .command = "calctl retry p/a"},
    {"missed", .delivery = {.state = STATE_MISSED, .slot = PAST, .message = "2h late"}, .why = "missed",
     .next = "nothing", .command = "calctl move p/a"},
    {"cancelled", .delivery = {.state = STATE_CANCELLED, .slot = SLOT, .message = "cancelled: enough"},
     .event = EVENT("uid 7 (anna)", "ready", "cancelled", "cancelled: enough"), .why = "cancelled",
     .next = "nothing", .says = "by uid 7 (anna): enough.", .command = "calctl retry p/a"},
    {"cancelled, past", .delivery = {.state = STATE_CANCELLED, .slot = PAST}, .why = "cancelled",
     .command = "calctl move p/a", .not_command = "calctl retry"},
    {"removed from the file",
     .delivery = {.state = STATE_CANCELLED, .slot = SLOT, .message = "removed from the calendar"},
     .why = "removed", .next = "nothing", .says = "it is back when its entry is back"},
    {"changed by a person", .delivery = {.state = STATE_READY, .slot = SLOT, .due = SLOT, .overridden = true},
     .why = "changed-by-person", .says = "until its entry in the file changes"},
    {"where it comes from",
     .delivery =
         {.state = STATE_READY, .slot = SLOT, .due = SLOT, .source = "calendar.yaml:41", .series = "s"},
     .why = "origin", .says = "calendar.yaml:41, series 's'"},
    {"spontaneous",
     .delivery =
         {.state = STATE_READY, .slot = SLOT, .due = SLOT, .origin = "spontaneous", .author = "uid 7 (anna)"},
     .why = "origin", .says = "It was added by uid 7 (anna)"},
    {"against the charter of today", IN(READY, SLOT),
     .facts = {.findings = &(struct diags){.items = &(struct diag){.level = DIAG_ERROR,
                                                                   .message = "'cheap' is forbidden"},
                                           .count = 1,
                                           .errors = 1}},
     .why = "charter", .says = "(1 finding): 'cheap' is forbidden"},
    {"past the charter", IN(READY, SLOT),
     .event =
         EVENT("uid 7 (anna)", "draft", "ready", "approved; charter overridden: the mayor asked (cheap)"),
     .why = "charter-overridden", .says = "uid 7 (anna) passed over the charter"},
};

static bool has_cause(const struct explain_lines *lines, const char *cause)
{
    for (size_t i = 0; i < lines->count; i++)
        if (!strcmp(lines->items[i].cause, cause))
            return true;
    return false;
}

static void add_words(const struct explain_lines *lines, struct buf *all)
{
    for (size_t i = 0; i < lines->count; i++)
        buf_printf(all, "%s: %s\n", lines->items[i].cause, lines->items[i].text);
}

static bool has_command(const struct explanation *explanation, const char *command)
{
    for (size_t i = 0; i < explanation->command_count; i++)
        if (!strncmp(explanation->commands[i].command, command, strlen(command)))
            return true;
    return false;
}

static void judge(const struct case_of *c, const struct explanation *explanation)
{
    struct buf all = {0};
    add_words(&explanation->why, &all);
    add_words(&explanation->obstacles, &all);
    add_words(&explanation->next, &all);
    if (c->why && !has_cause(&explanation->why, c->why))
        fail_msg("%s: no cause '%s' in\n%s", c->name, c->why, buf_text(&all));
    if (c->obstacle ? !has_cause(&explanation->obstacles, c->obstacle)
                    : explanation->obstacles.count && !c->gone && !c->next)
        fail_msg("%s: obstacles are not '%s' but\n%s", c->name, c->obstacle ? c->obstacle : "",
                 buf_text(&all));
    if (c->next && !has_cause(&explanation->next, c->next))
        fail_msg("%s: no next '%s' in\n%s", c->name, c->next, buf_text(&all));
    if (c->says && !strstr(buf_text(&all), c->says))
        fail_msg("%s: '%s' is not said in\n%s", c->name, c->says, buf_text(&all));
    if (c->command && !has_command(explanation, c->command))
        fail_msg("%s: nobody is told '%s'", c->name, c->command);
    if (c->not_command && has_command(explanation, c->not_command))
        fail_msg("%s: '%s' is told and does not work", c->name, c->not_command);
    if (!explanation->why.count || !explanation->next.count)
        fail_msg("%s: nothing is said", c->name);
    buf_release(&all);
}

static void run_case(const struct case_of *c, const struct zone *zone, struct arena *arena)
{
    struct delivery delivery = c->delivery;
    struct explain_facts facts = c->facts;
    const struct settings_account account = {
        .account = {.name = "a", .network = c->network ? c->network : &asks}, .retry = {DAYS(1)}};
    const struct settings_account local = {.account = {.name = "a", .network = &here}, .retry = {DAYS(1)}};
    delivery.post_id = "p";
    delivery.account = "a";
    delivery.created = NOW - DAYS(2);
    delivery.origin = delivery.origin ? delivery.origin : "calendar";
    facts.delivery = &delivery;
    facts.zone = zone;
    facts.now = NOW;
    facts.account = c->gone ? NULL : c->facts.lead || c->network ? &account : &local;
    facts.events = c->event;
    facts.event_count = c->event ? 1 : 0;
    struct explanation explanation = explain(&facts, arena);
    judge(c, &explanation);
}

static const struct zone *paris(struct arena *arena)
{
    struct error err = {""};
    struct buf bytes = {0};
    assert_true(zoneinfo_read("Europe/Paris", &bytes, &err));
    const struct zone *zone = zone_from_tzif(arena, "Europe/Paris", bytes.data, bytes.length, &err);
    buf_release(&bytes);
    assert_non_null(zone);
    return zone;
}

static void test_each_state_and_cause_is_explained(void **state)
{
    const struct zone *zone = paris(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        run_case(&cases[i], zone, *state);
}

/* ---- each thing once ---- */

static const struct event put_in = {.at = NOW - DAYS(2),
                                    .post_id = "p",
                                    .account = "a",
                                    .who = "uid 7 (anna)",
                                    .to = "ready",
                                    .why = "added"};
static const struct event put_in_as_draft = {.at = NOW - DAYS(2),
                                             .post_id = "p",
                                             .account = "a",
                                             .who = "uid 7 (anna)",
                                             .to = "draft",
                                             .why = "added"};
static const struct event held_then[] = {{.at = NOW - DAYS(2),
                                          .post_id = "p",
                                          .account = "a",
                                          .who = "uid 7 (anna)",
                                          .to = "ready",
                                          .why = "added"},
                                         {.at = NOW - HOURS(1),
                                          .post_id = "p",
                                          .account = "a",
                                          .who = "uid 8 (ben)",
                                          .from = "ready",
                                          .to = "held",
                                          .why = "held: wait for Tom"}};

static const struct {
    struct delivery delivery;
    const struct event *events;
    size_t event_count;
    const char *says;
} whole[] = {
    {{.state = STATE_READY, .slot = SLOT, .due = SLOT},
     &put_in,
     1,
     "It is ready and waits for its time, 1h from now.\n"
     "It was added by uid 7 (anna) on 2026-11-29 10:00.\n"
     "It goes out on 2026-12-01 11:00 (Europe/Paris).\n"
     "If it is not out by 2026-12-01 12:00 (1h of grace), it is held for a person.\n"},
    {{.state = STATE_DRAFT, .slot = SLOT, .due = SLOT},
     &put_in_as_draft,
     1,
     "It is a draft: nothing leaves before it is approved.\n"
     "It was added by uid 7 (anna) on 2026-11-29 10:00.\n"
     "Approved before 2026-12-01 11:00 it goes out then; else it is held then, and told.\n"},
    {{.state = STATE_HELD, .slot = SLOT, .due = INSTANT_NEVER, .message = "held: wait for Tom"},
     held_then,
     2,
     "It was held on 2026-12-01 09:00 by uid 8 (ben): wait for Tom.\n"
     "It was added by uid 7 (anna) on 2026-11-29 10:00.\n"
     "Nothing happens by itself: it stays held until a person releases, moves or cancels it.\n"},
};

static void add_texts(const struct explain_lines *lines, struct buf *all)
{
    for (size_t i = 0; i < lines->count; i++)
        buf_printf(all, "%s\n", lines->items[i].text);
}

static void test_each_thing_is_said_once(void **state)
{
    const struct settings_account account = {.account = {.name = "a", .network = &here}, .retry = {DAYS(1)}};
    const struct zone *zone = paris(*state);
    for (size_t i = 0; i < COUNT_OF(whole); i++) {
        struct delivery delivery = whole[i].delivery;
        struct buf all = {0};
        delivery.post_id = "p";
        delivery.account = "a";
        delivery.origin = "spontaneous";
        delivery.author = "uid 7 (anna)";
        delivery.created = NOW - DAYS(2);
        struct explain_facts facts = {.delivery = &delivery,
                                      .zone = zone,
                                      .now = NOW,
                                      .account = &account,
                                      .late = {HOURS(1), MISSED_HOLD},
                                      .events = whole[i].events,
                                      .event_count = whole[i].event_count};
        struct explanation explanation = explain(&facts, *state);
        add_texts(&explanation.why, &all);
        add_texts(&explanation.next, &all);
        assert_string_equal(buf_text(&all), whole[i].says);
        buf_release(&all);
    }
}

/* 02:30 comes twice on 2026-10-25 in Paris: of the second the UTC instant is said as well. */
static void test_a_time_that_comes_twice_says_which_it_is(void **state)
{
    static const struct {
        instant slot;
        const char *says;
    } times[] = {{1792888200000, "It goes out on 2026-10-25 02:30 (Europe/Paris)"},
                 {1792891800000, "It goes out on 2026-10-25 02:30, 2026-10-25T01:30:00Z (Europe/Paris)"}};
    const struct zone *zone = paris(*state);
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        struct delivery delivery = {.post_id = "p",
                                    .account = "a",
                                    .origin = "calendar",
                                    .state = STATE_READY,
                                    .slot = times[i].slot,
                                    .due = times[i].slot};
        struct explain_facts facts = {.delivery = &delivery, .zone = zone, .now = times[i].slot - DAYS(1)};
        struct explanation explanation = explain(&facts, *state);
        struct buf all = {0};
        add_texts(&explanation.next, &all);
        if (!strstr(buf_text(&all), times[i].says))
            fail_msg("'%s' is not in\n%s", times[i].says, buf_text(&all));
        buf_release(&all);
    }
}

static void test_no_state_is_left_out(void **state)
{
    unsigned seen = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        seen |= 1u << cases[i].delivery.state;
    assert_int_equal(seen, (1u << STATE_COUNT) - 1);
}

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_state_and_cause_is_explained, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_thing_is_said_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_time_that_comes_twice_says_which_it_is, setup, teardown),
        cmocka_unit_test(test_no_state_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
