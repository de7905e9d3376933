/* The audit trail: its hash, its chain, its pages. Files, exports and the daemon's own: integration/test_audit.py. */
#include "queue_house.h"

#include "queue/audit.h"

/* ---- the hash ---- */

/* Made with Python's json and hashlib: what the header says is enough to verify without us. */
static void the_hash_is_that_of_the_json_that_the_header_describes(void **state)
{
    (void)state;
    static const struct audit_entry entry = {
        .number = 7, .at = T0, .kind = AUDIT_DELIVERY, .who = "uid 1000 (zoé)", .via = "socket", .post_id = "a\"b\\c",
        .account = "x", .from = "ready", .to = "held", .why = "tab\t line\n bell\x07 unit\x1f", .before = NULL,
        .after = "{\"slot\":\"2026-01-01T00:00:00Z\"}",
        .previous = "0000000000000000000000000000000000000000000000000000000000000000"};
    struct buf text = {0};
    char hash[SHA256_HEX];
    audit_print(&text, &entry);
    assert_string_equal(
        buf_text(&text),
        "{\"account\":\"x\",\"after\":{\"slot\":\"2026-01-01T00:00:00Z\"},\"at\":\"2023-11-14T22:13:20Z\",\"before\":null,"
        "\"from\":\"ready\",\"kind\":\"delivery\",\"number\":7,\"post\":\"a\\\"b\\\\c\",\"previous\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\",\"to\":\"held\",\"via\":\"socket\","
        "\"who\":\"uid 1000 (zo\xC3\xA9)\",\"why\":\"tab\\t line\\n bell\\u0007 unit\\u001f\"}");
    buf_release(&text);
    assert_string_equal(audit_hash(&entry, hash), "d5266c1735bd588b6a48cb13850999a7b1e9d20d598dc747a4854b993bdbac45");
}

/* ---- a trail ---- */

enum { ENTRIES = 6 };

static void write_entries(struct house *house, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct audit_entry entry = {.kind = i % 2 ? AUDIT_ACCOUNT : AUDIT_TRUST,
                                    .who = i % 3 ? "token redaction" : "uid 1000 (anna)",
                                    .account = i % 2 ? "x" : "*",
                                    .from = "running",
                                    .to = "paused",
                                    .why = i == 3 ? NULL : "because",
                                    .after = "{\"a\":1}"};
        assert_done(house, queue_audit(house->queue, &entry, T0 + (instant)i, &house->err));
    }
}

static struct audit_entry *read_entries(struct house *house, size_t *ret_count)
{
    struct audit_filter filter = {.oldest_first = true, .limit = 1000};
    struct audit_entry *entries;
    const char *next;
    assert_done(house, queue_audit_list(house->queue, &filter, house->arena, &entries, ret_count, &next, &house->err));
    return entries;
}

static struct audit_check checked(const struct audit_entry *entries, size_t count)
{
    struct audit_check check = {0};
    for (size_t i = 0; i < count; i++)
        audit_check_next(&check, &entries[i]);
    return check;
}

static void a_trail_is_whole_also_after_a_restart_and_a_rollback(void **state)
{
    struct house *house = house_of(state);
    size_t count;
    write_entries(house, 2);
    house_reopen(house);
    write_entries(house, 1);
    assert_done(house, queue_begin(house->queue, &house->err));
    write_entries(house, 3);
    queue_rollback(house->queue);
    write_entries(house, 3);
    struct audit_entry *entries = read_entries(house, &count);
    struct audit_check check = checked(entries, count);
    assert_int_equal(count, ENTRIES);
    assert_int_equal(check.fault_count, 0);
    assert_int_equal(check.entries, ENTRIES);
    assert_string_equal(check.head, entries[ENTRIES - 1].hash);
    assert_null(entries[0].previous);
    for (size_t i = 1; i < count; i++)
        assert_string_equal(entries[i].previous, entries[i - 1].hash);
}

/* ---- what somebody did to it ---- */

struct forgery {
    struct audit_entry *entries;
    size_t *count;
    struct arena *arena;
};

static void take_out(struct forgery *f, size_t at)
{
    memmove(&f->entries[at], &f->entries[at + 1], (--*f->count - at) * sizeof *f->entries);
}

static void sign(struct forgery *f, size_t at)
{
    char hash[SHA256_HEX];
    f->entries[at].hash = arena_strdup(f->arena, audit_hash(&f->entries[at], hash));
}

static void who_is_another(struct forgery *f) { f->entries[2].who = "token other"; }
static void when_is_another(struct forgery *f) { f->entries[2].at++; }
static void what_was_after_is_another(struct forgery *f) { f->entries[2].after = "{\"a\":2}"; }
static void a_reason_is_given_where_there_was_none(struct forgery *f) { f->entries[3].why = ""; }
static void an_account_goes(struct forgery *f) { f->entries[2].account = NULL; }
static void one_is_taken_out(struct forgery *f) { take_out(f, 3); }
static void two_are_taken_out(struct forgery *f) { take_out(f, 3), take_out(f, 2); }
static void the_first_is_taken_out(struct forgery *f) { take_out(f, 0); }
static void a_hash_goes(struct forgery *f) { f->entries[4].hash = NULL; }

static void one_is_taken_out_and_the_rest_renumbered(struct forgery *f)
{
    take_out(f, 2);
    for (size_t i = 2; i < *f->count; i++)
        f->entries[i].number--;
}

static void two_are_exchanged(struct forgery *f)
{
    struct audit_entry other = f->entries[2];
    f->entries[2] = f->entries[3];
    f->entries[3] = other;
}

static void one_is_written_anew_with_its_own_hash(struct forgery *f)
{
    f->entries[2].who = "token other";
    sign(f, 2);
}

static void all_after_it_are_signed_again_but_one(struct forgery *f)
{
    f->entries[2].who = "token other";
    for (size_t i = 2; i + 1 < *f->count; i++) {
        sign(f, i);
        f->entries[i + 1].previous = f->entries[i].hash;
    }
}

static void one_is_there_twice(struct forgery *f)
{
    f->entries[3] = f->entries[2];
}

static const struct {
    const char *what;
    void (*forge)(struct forgery *forgery);
    const char *first; /* fault */
} forgeries[] = {
#define FORGERY(name, first) {#name, name, first}
    FORGERY(who_is_another, "entry 3 is not as it was written, or does not follow the one before it"),
    FORGERY(when_is_another, "entry 3 is not as"),
    FORGERY(what_was_after_is_another, "entry 3 is not as"),
    FORGERY(a_reason_is_given_where_there_was_none, "entry 4 is not as"),
    FORGERY(an_account_goes, "entry 3 is not as"),
    FORGERY(one_is_taken_out, "entry 4 is missing"),
    FORGERY(two_are_taken_out, "entries 3 to 4 are missing"),
    FORGERY(the_first_is_taken_out, "entry 1 is missing"),
    FORGERY(a_hash_goes, "entry 5 has no hash"),
    FORGERY(one_is_taken_out_and_the_rest_renumbered, "entry 3 is not as"),
    FORGERY(two_are_exchanged, "entry 3 is missing"),
    FORGERY(one_is_written_anew_with_its_own_hash, "entry 4 is not as"),
    FORGERY(all_after_it_are_signed_again_but_one, "entry 6 is not as"),
    FORGERY(one_is_there_twice, "entry 3 comes after entry 3"),
};

static void whatever_is_done_to_it_shows_with_the_entry(void **state)
{
    struct house *house = house_of(state);
    write_entries(house, ENTRIES);
    for (size_t i = 0; i < COUNT_OF(forgeries); i++) {
        size_t count;
        struct forgery forgery = {.entries = read_entries(house, &count), .count = &count, .arena = house->arena};
        forgeries[i].forge(&forgery);
        struct audit_check check = checked(forgery.entries, count);
        if (!check.fault_count || strncmp(check.faults[0].message, forgeries[i].first, strlen(forgeries[i].first)))
            fail_msg("%s: %s", forgeries[i].what, check.fault_count ? check.faults[0].message : "nothing was seen");
    }
}

static void what_is_cut_off_shows_to_who_kept_a_hash(void **state)
{
    struct house *house = house_of(state);
    size_t count;
    write_entries(house, ENTRIES);
    struct audit_entry *entries = read_entries(house, &count);
    for (size_t kept = ENTRIES - 1; kept <= ENTRIES; kept++) {
        struct audit_check check = {.wanted = entries[ENTRIES - 1].hash};
        for (size_t i = 0; i < kept; i++)
            audit_check_next(&check, &entries[i]);
        assert_int_equal(check.fault_count, 0);
        assert_int_equal(check.found, kept == ENTRIES);
    }
}

/* ---- pages ---- */

static size_t count_pages(struct house *house, struct audit_filter filter, size_t *ret_entries)
{
    size_t pages = 0;
    *ret_entries = 0;
    do {
        struct audit_entry *entries;
        size_t count;
        assert_done(house, queue_audit_list(house->queue, &filter, house->arena, &entries, &count, &filter.cursor,
                                            &house->err));
        for (size_t i = 1; i < count; i++)
            assert_true((entries[i].number > entries[i - 1].number) == filter.oldest_first);
        *ret_entries += count;
        pages++;
    } while (filter.cursor);
    return pages;
}

static void every_filter_finds_its_entries_on_however_many_pages(void **state)
{
    struct house *house = house_of(state);
    static const struct {
        struct audit_filter filter;
        size_t entries;
    } cases[] = {
        {{.limit = 0}, ENTRIES},
        {{.account = "x"}, 3},
        {{.account = "nobody"}, 0},
        {{.who = "uid 1000 (anna)"}, 2},
        {{.kind = AUDIT_TRUST}, 3},
        {{.kind = AUDIT_TRUST, .who = "uid 1000 (anna)"}, 1},
        {{.post_id = "p"}, 0},
        {{.since = T0 + 2}, 4},
        {{.until = T0 + 2}, 2},
        {{.since = T0 + 1, .until = T0 + 3, .account = "x"}, 1},
    };
    write_entries(house, ENTRIES);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t limit = 0; limit < 4; limit++)
            for (int oldest = 0; oldest < 2; oldest++) {
                struct audit_filter filter = cases[i].filter;
                size_t found;
                filter.limit = limit;
                filter.oldest_first = oldest;
                size_t pages = count_pages(house, filter, &found);
                assert_int_equal(found, cases[i].entries);
                assert_true(pages <= found + 1);
            }
}

static void what_is_no_cursor_is_refused(void **state)
{
    struct house *house = house_of(state);
    static const char *const wrong[] = {"", "x", "-1", "1x", "9999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct audit_filter filter = {.cursor = wrong[i]};
        struct audit_entry *entries;
        size_t count;
        const char *next;
        assert_false(
            queue_audit_list(house->queue, &filter, house->arena, &entries, &count, &next, &house->err));
        assert_non_null(strstr(house->err.message, "is not the cursor of a page"));
    }
}

/* ---- what moves write ---- */

static const struct audit_entry *last_entry(struct house *house)
{
    size_t count;
    struct audit_entry *entries = read_entries(house, &count);
    assert_true(count > 0);
    return &entries[count - 1];
}

static void a_move_says_what_was_before_and_after_and_where_it_came_from(void **state)
{
    struct house *house = house_of(state);
    struct move move = {.to = STATE_READY, .who = "uid 1000 (anna)", .why = "moved", .slot = T0 + HOURS(2)};
    house_add(house, "a", "x", T0 + HOURS(1));
    queue_came_by(house->queue, "tcp 192.0.2.1");
    assert_done(house, queue_move(house->queue, house_get(house, "a", "x"), &move, T0, &house->err));
    queue_came_by(house->queue, NULL);
    const struct audit_entry *entry = last_entry(house);
    assert_string_equal(entry->via, "tcp 192.0.2.1");
    assert_string_equal(entry->kind, AUDIT_DELIVERY);
    assert_string_equal(entry->before, "{\"slot\":\"2023-11-14T23:13:20Z\"}");
    assert_string_equal(entry->after, "{\"slot\":\"2023-11-15T00:13:20Z\"}");
    struct move draft = {.to = STATE_DRAFT, .who = "uid 1000 (anna)", .why = "approval withdrawn"};
    assert_done(house, queue_move(house->queue, house_get(house, "a", "x"), &draft, T0, &house->err));
    entry = last_entry(house);
    assert_string_equal(entry->via, "socket");
    assert_string_equal(entry->kind, AUDIT_APPROVAL);
    assert_null(entry->before);
}

static void what_is_no_text_becomes_one(void **state)
{
    struct house *house = house_of(state);
    struct audit_entry entry = {
        .kind = AUDIT_TRUST, .who = "cald", .account = "*", .to = "running", .why = "caf\xE9 \xC3\xA9"};
    assert_done(house, queue_audit(house->queue, &entry, T0, &house->err));
    assert_string_equal(last_entry(house)->why, "caf? ??");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_that_of_the_json_that_the_header_describes),
        in_house(a_trail_is_whole_also_after_a_restart_and_a_rollback),
        in_house(whatever_is_done_to_it_shows_with_the_entry),
        in_house(what_is_cut_off_shows_to_who_kept_a_hash),
        in_house(every_filter_finds_its_entries_on_however_many_pages),
        in_house(what_is_no_cursor_is_refused),
        in_house(a_move_says_what_was_before_and_after_and_where_it_came_from),
        in_house(what_is_no_text_becomes_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
