/*
 * Entries that are as they were when they were applied are not read again. Here each load is made twice, so and whole,
 * and must come to the same: what is found, what is wanted of the queue, what is gone. Calendars are edited at random,
 * or broken, people change the queue, posts come out, media, rules and time zones change, time goes on. Each
 * circumstance has a scene of its own as well, so that its mutant is caught.
 *
 * CALD_SEED and CALD_LIVES (how many from there on) repeat one; CALD_SCENES is which are played, such as 'slots_*'.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "schedule_load.h"
#include "virtual.h" /* splitmix */
#define HOUSE_ROOT "/dev/shm"
#include "queue_house.h" /* last: cmocka has a macro 'fail' */

#define START ((instant)1793606400000) /* 2026-11-02 08:00 UTC */

enum { ENTRIES = 24, LIVES = 15, STEPS = 14, STYLES = 5, SPARE = 1 << 20 };

struct entry {
    char id[8];
    instant at;
    int text, style, to;
    bool draft, bucket, media, gone, first; /* first: it is in the first file */
    const char *more;
};

static struct play {
    struct house *house;
    uint64_t random;
    instant now;
    struct entry entries[ENTRIES];
    size_t order[ENTRIES], count;
    const char *frame, *behind, *last, *damage, *first_damage, *charter, *settings;
    bool first_has_posts;
    int series;
    size_t loads, recalled, left; /* of all that was compared, and how many of them left something out */
} play;

static const char *const receivers[] = {"one", "two", "one, two"};

static const char
    settings_text[] = "version: 1\ncalendar: [frame.yaml, calendar.yaml]\ncharter: charter.yaml\nstate: .\n"
                      "media: media\nlate: {grace: 2h}\naccounts:\n  one: {network: feed}\n"
                      "  two: {network: feed, title: Two}\n",
    other_settings[] = "version: 1\ncalendar: [frame.yaml, calendar.yaml]\ncharter: charter.yaml\nstate: .\n"
                       "media: media\nlate: {grace: 2h}\naccounts:\n  one: {network: feed}\n"
                       "  two: {network: webhook, url: 'http://127.0.0.1/'}\n",
    charter_text[] = "version: 1\nbrand: {name: T}\n",
    strict_charter[] = "version: 1\nbrand: {name: T}\nvocabulary: {forbidden: [mot3]}\n",
    pace_charter[] = "version: 1\nbrand: {name: T}\npace: {per_day: {max: 9}, gap: {min: 5m}, "
                     "quiet: [\"03:00-03:10\"]}\nchecks: {collision: {level: warning}, "
                     "account_silence: {within: 5d, level: warning}}\n",
    alike_charter[] = "version: 1\nbrand: {name: T}\nchecks: {near_duplicate: {level: warning}}\n",
    frame_text[] = "version: 1\ntimezone: Here/Town\nslots:\n  noon: {days: [mon, wed, fri], at: \"12:00\", "
                   "to: [one]}\nbuckets: [a, b]\n",
    other_frame[] = "version: 1\ntimezone: Here/Town\nslots:\n  noon: {days: [mon, tue, wed, fri], at: "
                    "\"12:00\", to: [one]}\nbuckets: [a, b]\n",
    french_frame[] = "version: 1\ntimezone: Here/Town\nlanguage: fr\nslots:\n  noon: {days: [mon], at: "
                     "\"12:00\", to: [one]}\nbuckets: [a, b]\n",
    german_frame[] = "version: 1\ntimezone: Here/Town\nlanguage: de\nslots:\n  noon: {days: [mon], at: "
                     "\"12:00\", to: [one]}\nbuckets: [a, b]\n",
    embargo_frame[] = "version: 1\ntimezone: Here/Town\nslots:\n  noon: {days: [mon], at: \"12:00\", to: "
                      "[one]}\nbuckets: [a, b]\ncampaigns: {c: {embargo: 2027-01-01, words: [mot4]}}\n";

static uint64_t chance(uint64_t below)
{
    return splitmix(&play.random) % below;
}

/* ---- documents ---- */

static const char *house_path(const char *name)
{
    return arena_printf(play.house->arena, "%s/%s", play.house->directory, name);
}

static void write_bytes(const char *name, const char *bytes, size_t length)
{
    int fd = open(house_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && file_write(fd, bytes, length) && !close(fd));
}

static void write_text(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

/* As the signature, header and end of a PNG of so many pixels are. */
static void write_image(unsigned char width)
{
    unsigned char bytes[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0,     0, 0,
                             13,   'I', 'H', 'D', 'R',  0,    0,    0,    width, 0, 0,
                             0,    8,   8,   2,   0,    0,    0,    0,    0,     0, 0,
                             0,    0,   0,   0,   'I',  'E',  'N',  'D',  0,     0, 0,
                             0};
    write_bytes("media/a.png", (const char *)bytes, sizeof bytes);
}

static void use_zone(const char *name)
{
    struct buf bytes = {0};
    char *path = file_join("/usr/share/zoneinfo", name);
    assert_true(file_read(path, SPARE, &bytes, &play.house->err));
    write_bytes("zones/Here/Town", buf_text(&bytes), bytes.length);
    buf_release(&bytes);
    free(path);
}

static void write_entry(struct buf *out, const struct entry *e)
{
    static const char *const texts[STYLES] = {
        "    text: |+\n      mot%d\n\n      - id: faux\n\n\n", "    text: \"mot%d\n      # deux\"\n",
        "    text: mot%d\n      et encore\n", "    text: >-\n      mot%d\n\n  # ---\n#\n",
        "    text: 'mot%d'\n"};
    char at[INSTANT_TEXT];
    instant_format(e->at, at, sizeof at);
    at[10] = ' ';
    at[16] = '\0';
    if (e->style == STYLES) {
        buf_printf(out, "  - {id: %s, at: %s, to: [%s], text: \"mot%d\", draft: %s}\n", e->id, at,
                   receivers[e->to], e->text, e->draft ? "true" : "false");
        return;
    }
    buf_printf(out, "  - id: %s\n    at: %s\n    to: [%s]\n", e->id, at, receivers[e->to]);
    if (e->draft)
        buf_add_text(out, "    draft: true\n");
    if (e->bucket)
        buf_add_text(out, "    bucket: a\n");
    if (e->media)
        buf_add_text(out, "    media: [{file: a.png, alt: \"An image\"}]\n");
    if (e->more)
        buf_add_text(out, e->more);
    buf_printf(out, texts[e->style], e->text);
}

static void write_entries(struct buf *out, bool first)
{
    buf_add_text(out, "posts:\n");
    for (size_t i = 0; i < play.count; i++) {
        const struct entry *e = &play.entries[play.order[i]];
        if (!e->gone && (e->first && play.first_has_posts) == first)
            write_entry(out, e);
    }
}

static void write_frame(void)
{
    struct buf frame = {0};
    buf_add_text(&frame, play.frame);
    if (play.first_has_posts) {
        write_entries(&frame, true);
        buf_printf(&frame, "%s  - {id: first, at: 2027-03-02 09:00, to: [one], text: D'abord.}\n",
                   play.first_damage ?: "");
    }
    write_bytes("frame.yaml", buf_text(&frame), frame.length);
    buf_release(&frame);
}

static void write_documents(void)
{
    struct buf calendar = {0};
    write_entries(&calendar, false);
    if (play.damage)
        buf_add_text(&calendar, play.damage);
    buf_add_text(&calendar, play.last ?: "  - {id: last, at: 2027-03-01 09:00, to: [one], text: Fin.}\n");
    if (play.series)
        buf_printf(&calendar,
                   "series:\n  - {id: week, rrule: FREQ=WEEKLY, at: \"0%d:00\", to: [two], text: Semaine.}\n",
                   play.series);
    if (play.behind)
        buf_add_text(&calendar, play.behind);
    write_text("calendar.yaml", buf_text(&calendar));
    write_frame();
    write_text("charter.yaml", play.charter);
    write_text("cald.yaml", play.settings);
    buf_release(&calendar);
}

/* ---- a load, in words ---- */

static int compare_gone(const void *a, const void *b)
{
    const struct taken *x = *(const struct taken *const *)a, *y = *(const struct taken *const *)b;
    return (x->row > y->row) - (x->row < y->row);
}

static void describe_sift(const struct sift *sift, struct buf *out)
{
    if (sift->from == play.now - PLAN_PAST)
        buf_printf(out, "%zu are as they were\n", sift->unchanged + sift->kept);
    for (size_t i = 0; i < sift->count; i++) {
        const struct wanted *w = &sift->wanted[i];
        buf_printf(out, "wanted %s/%s %s %s %s %s %s %s %lld %s %s %s %d\n", w->post_id, w->account,
                   w->origin, w->series ?: "-", w->slot_name ?: "-", w->bucket ?: "-", w->source, w->hash,
                   (long long)w->slot, state_name(w->state), w->message ?: "-", w->against ?: "-",
                   w->as_applied);
    }
    if (sift->gone_count)
        qsort(sift->gone, sift->gone_count, sizeof *sift->gone, compare_gone);
    for (size_t i = 0; i < sift->gone_count; i++)
        buf_printf(out, "gone %s/%s\n", sift->gone[i]->post_id, sift->gone[i]->account);
}

/* What is further back and over is not read of the queue: whether it is there is not known, and changes nothing. */
static void describe_plan(const struct load *load, struct buf *out)
{
    buf_printf(out, "from %lld until %lld\n", (long long)load->from, (long long)load->until);
    for (size_t i = 0; i < load->planned_count; i++) {
        const struct planned *p = &load->planned[i];
        buf_printf(out, "%s/%s %lld %s %s %d %d %s:%u:%u %s\n", p->post_id, p->account->name,
                   (long long)p->slot, p->slot_name ?: "-", p->bucket ?: "-", p->fold, p->draft,
                   p->post->position.file, p->post->position.line, p->post->position.column,
                   p->slot >= play.now - PLAN_PAST && load_wants(load, i) ? "wanted" : "history");
    }
    for (size_t i = 0; i < load->unplaced_count; i++)
        buf_printf(out, "no time for %s\n", load->unplaced[i]->id);
    describe_sift(&load->sift, out);
}

static char *describe(const struct load *load)
{
    const struct documents *documents = load->documents;
    struct buf out = {0};
    buf_printf(&out, "%s\n%s\n%s\n", documents->hash, documents->rules_hash ?: "-", documents->zones_hash);
    for (size_t i = 0; i < documents->diags.count; i++) {
        diag_print(&documents->diags.items[i], &out);
        buf_add_char(&out, '\n');
    }
    for (size_t i = 0; i < documents->file_count; i++)
        buf_printf(&out, "%s\n", documents->files[i]);
    if (!documents->diags.errors)
        describe_plan(load, &out);
    return buf_detach(&out);
}

/* ---- both loads, and applying ---- */

static struct load *load_now(void)
{
    struct load *load = load_begin(queue_path(play.house->queue), house_path("cald.yaml"), NULL, play.now, true);
    load_work(load);
    if (load->failure.message[0])
        fail_msg("%s", load->failure.message);
    return load;
}

static void end_load(struct load *load)
{
    documents_free(load->documents);
    load_free(load);
}

static void set_note(const char *name, const char *value)
{
    assert_done(play.house, queue_set_note(play.house->queue, name, value, &play.house->err));
}

static void tell_difference(const char *what, const char *found, const char *expected)
{
    size_t line = 0;
    for (size_t i = 0; found[i] == expected[i]; i++)
        line = found[i] == '\n' ? i + 1 : line;
    fail_msg("%s: recalled '%.*s', read '%.*s'", what, (int)strcspn(found + line, "\n"), found + line,
             (int)strcspn(expected + line, "\n"), expected + line);
}

/* The load that may leave something out; what the other one says is the measure. */
static struct load *load_both(const char *what)
{
    struct house *house = play.house;
    const char *note = queue_note(house->queue, IMPRINT_NOTE, house->arena);
    struct load *load = load_now();
    set_note(IMPRINT_NOTE, NULL);
    rename(house_path("imprint.new"), house_path("imprint.kept")); /* the other load makes one, too */
    struct load *whole = load_now();
    rename(house_path("imprint.kept"), house_path("imprint.new"));
    set_note(IMPRINT_NOTE, note);
    assert_false(whole->recalls);
    char *found = describe(load), *expected = describe(whole);
    if (strcmp(found, expected) != 0)
        tell_difference(what, found, expected);
    free(found);
    free(expected);
    end_load(whole);
    play.loads++;
    play.recalled += load->recalls;
    for (size_t i = 0; load->recalls && i < load->documents->calendar->post_count; i++)
        play.left += load->documents->calendar->posts[i].recalled != NULL;
    return load;
}

static bool apply_steps(struct load *load, struct apply_report *ret_report)
{
    struct house *house = play.house;
    struct application *application =
        application_new(house->queue, &load->sift, play.now, "uid 0", load->arena);
    const struct wanted *entry;
    bool more = true, ok = true;
    while (ok && more)
        ok = application_step(application, &entry, &more, &house->err);
    *ret_report = application_report(application);
    application_free(application);
    return ok;
}

/* As schedule_slice.c does it. */
static void apply_load(struct load *load)
{
    struct house *house = play.house;
    char until[INSTANT_TEXT];
    struct apply_report report;
    const struct approver approver = load_approver(load), *before = queue_approve_by(house->queue, &approver);
    assert_done(house, queue_begin(house->queue, &house->err));
    assert_done(house, memory_forget(house->queue, &house->err));
    assert_done(house, apply_steps(load, &report));
    set_note("documents_hash", load->documents->hash);
    set_note("zones_hash", load->documents->zones_hash);
    set_note("accounts", "one\ntwo\n");
    set_note(LOAD_RULES_NOTE, load_rules(load));
    set_note(LOAD_UNTIL_NOTE, instant_format(load->until, until, sizeof until));
    assert_done(house, memory_keep(load, house->queue, report.left, report.left_count, &house->err));
    assert_done(house, queue_commit(house->queue, &house->err));
    queue_approve_by(house->queue, before);
}

/* Loads, compares, and applies what has no errors. */
static bool turn(const char *what)
{
    write_documents();
    struct load *load = load_both(what);
    bool good = !load->documents->diags.errors;
    if (good)
        apply_load(load);
    end_load(load);
    return good;
}

static void good_turn(const char *what)
{
    if (!turn(what))
        fail_msg("%s: it is refused", what);
}

/* … of which something was left out. */
static void recalled_turn(const char *what)
{
    size_t before = play.recalled, left = play.left;
    good_turn(what);
    if (play.recalled == before || play.left == left)
        fail_msg("%s: nothing was recalled", what);
}

/* ---- entries ---- */

static size_t add_entry(size_t place)
{
    size_t i = play.count++;
    struct entry *e = &play.entries[i];
    *e = (struct entry){
        .at = START + MINUTES(30) * (instant)(1 + i * 7), .text = (int)i, .style = (int)(i % (STYLES + 1))};
    snprintf(e->id, sizeof e->id, "p%zu", i);
    e->to = (int)(i % 3);
    memmove(play.order + place + 1, play.order + place, (i - place) * sizeof *play.order);
    play.order[place] = i;
    return i;
}

static void begin(size_t entries)
{
    play.now = START;
    play.frame = frame_text;
    play.charter = charter_text;
    play.settings = settings_text;
    for (size_t i = 0; i < entries; i++)
        add_entry(i);
    good_turn("the first");
    recalled_turn("the same again");
}

static struct delivery *row(const char *id, const char *account)
{
    return house_get(play.house, id, account);
}

static void put(const char *id, const char *account, enum state to)
{
    struct move move = {.to = to, .who = "uid 1000 (anna)", .why = "test"};
    assert_done(play.house,
                queue_move(play.house->queue, row(id, account), &move, play.now, &play.house->err));
}

static void publish(const char *id, const char *account, enum state to)
{
    static const struct outcome done = {.kind = OUTCOME_DONE},
                                unsure = {.kind = OUTCOME_UNSURE, .message = "cut"};
    house_try(play.house, row(id, account), STEP_CREATE, to == STATE_PUBLISHED ? &done : &unsure, to, 0);
}

/* ---- scenes: a circumstance each ---- */

static void what_is_the_same_is_recalled_and_an_edit_is_not(void **state)
{
    (void)state;
    begin(12);
    play.entries[5].text = 90;
    recalled_turn("one text");
    play.entries[6].at += HOURS(3);
    play.entries[11].gone = true;
    recalled_turn("another time, and one gone");
    add_entry(4);
    recalled_turn("a new one");
    play.entries[2].to = 2;
    play.entries[3].draft = true;
    recalled_turn("other receivers, and a draft");
    play.order[0] = 1;
    play.order[1] = 0;
    recalled_turn("two changed places");
}

static void an_imprint_that_is_not_what_was_noted_counts_as_none(void **state)
{
    (void)state;
    struct buf bytes = {0};
    begin(12);
    size_t recalled = play.recalled;
    assert_true(file_read(house_path("imprint"), SPARE, &bytes, &play.house->err));
    char *name = memmem(bytes.data, bytes.length, "p7", 3);
    assert_non_null(name);
    name[0] = 'x'; /* as if p7 had never been there */
    write_bytes("imprint", bytes.data, bytes.length);
    buf_release(&bytes);
    play.entries[7].gone = true;
    good_turn("a damaged imprint");
    assert_int_equal(play.recalled, recalled);
}

static void the_rules_are_part_of_it(void **state)
{
    (void)state;
    begin(12);
    play.settings = other_settings;
    good_turn("another network");
    recalled_turn("the same again");
    play.charter = strict_charter;
    assert_false(turn("a word of an old entry is forbidden"));
    play.charter = charter_text;
    recalled_turn("and allowed again");
}

static void the_frame_is_part_of_it(void **state)
{
    (void)state;
    begin(12);
    play.frame = other_frame;
    good_turn("slots on Tuesdays, too");
    recalled_turn("the same again");
    play.frame = french_frame;
    good_turn("another language");
    play.frame = german_frame;
    good_turn("another one of as many letters");
    recalled_turn("the same again");
    play.series = 8;
    good_turn("a series behind the posts");
    recalled_turn("the same again");
    play.series = 9;
    good_turn("another hour of the series");
    play.behind = "language: it\n";
    good_turn("a language behind it");
    play.behind = "language: nl\n";
    good_turn("another one of as many letters");
    play.behind = "key_dates:\n  - {date: 2026-11-03, name: Silence, silent: true}\n";
    turn("a date behind it");
}

static void the_time_zone_is_part_of_it(void **state)
{
    (void)state;
    begin(12);
    use_zone("Europe/Athens");
    good_turn("the zone's data are others");
    recalled_turn("the same again");
}

static void an_image_is_looked_at_each_time(void **state)
{
    (void)state;
    begin(12);
    for (size_t i = 0; i < 3; i++)
        play.entries[i].media = true;
    recalled_turn("with images");
    size_t left = play.left;
    recalled_turn("the same");
    assert_int_equal(play.left - left, 12);
    write_image(9);
    recalled_turn("another image of the same name");
    remove(house_path("media/a.png"));
    assert_false(turn("no image"));
    write_image(9);
    recalled_turn("it is back");
}

static void what_was_found_is_found_again(void **state)
{
    (void)state;
    begin(12);
    play.entries[3].more = "    variants: {two: {text: Rien}}\n"; /* it goes to one */
    play.entries[3].style = 0;
    recalled_turn("a warning");
    recalled_turn("the same warning");
}

static void what_the_policy_asks_of_a_post_is_kept(void **state)
{
    (void)state;
    begin(12);
    play.entries[0].style = play.entries[1].style = 0;
    play.entries[0].more = "    publish_late: true\n";
    play.entries[1].more = "    cost: 7\n";
    recalled_turn("two that say more");
    struct load *load = load_both("the same");
    assert_true(load->recalls);
    assert_true(calendar_post(load->documents->calendar, "p0")->publish_late);
    assert_int_equal(calendar_post(load->documents->calendar, "p1")->cost, 7);
    end_load(load);
}

static void words_are_compared_with_all_others(void **state)
{
    (void)state;
    begin(12);
    play.charter = alike_charter;
    play.entries[2].style = play.entries[9].style = 0;
    good_turn("near-duplicates are looked for");
    play.entries[9].text = play.entries[2].text;
    good_turn("two are the same");
    play.charter = charter_text;
    play.frame = embargo_frame;
    turn("words under embargo");
    turn("the same");
}

static void times_are_compared_with_all_others(void **state)
{
    (void)state;
    begin(12);
    play.charter = pace_charter;
    turn("a charter of times");
    play.entries[7].at = play.entries[4].at + MINUTES(1);
    play.entries[7].to = play.entries[4].to = 2;
    turn("two collide");
    play.entries[7].at = play.entries[11].at + HOURS(1);
    good_turn("they do not");
    recalled_turn("the same");
    play.now += HOURS(20);
    good_turn("time went on");
}

static void what_could_not_be_applied_is_tried_again(void **state)
{
    (void)state;
    begin(12);
    publish("p1", "two", STATE_UNSURE);
    publish("p4", "two", STATE_UNSURE);
    play.entries[1].text = 91;
    play.entries[4].gone = true;
    recalled_turn("two that are in doubt");
    recalled_turn("still");
    put("p1", "two", STATE_READY);
    put("p4", "two", STATE_READY);
    recalled_turn("in doubt no longer");
    assert_int_equal(row("p4", "two")->state, STATE_CANCELLED);
}

static void what_ended_and_goes_on_is_held_against_the_file(void **state)
{
    (void)state;
    begin(12);
    put("p4", "two", STATE_MISSED);
    play.entries[4].gone = true;
    recalled_turn("its entry is gone, and it is over");
    recalled_turn("the same");
    put("p4", "two", STATE_READY);
    good_turn("somebody tries it again");
    assert_int_equal(row("p4", "two")->state, STATE_CANCELLED);
}

static void what_comes_late_is_looked_for_under_other_names(void **state)
{
    (void)state;
    begin(12);
    publish("p3", "one", STATE_PUBLISHED);
    recalled_turn("one is out");
    play.now = play.entries[3].at + HOURS(1);
    strcpy(play.entries[3].id, "q3");
    good_turn("it has another id");
    assert_int_equal(row("q3", "one")->state, STATE_HELD);
    play.entries[add_entry(5)] = play.entries[3];
    strcpy(play.entries[12].id, "r3");
    good_turn("another one says the same");
    assert_int_equal(row("r3", "one")->state, STATE_HELD);
}

static void what_lies_further_back_is_not_recalled(void **state)
{
    (void)state;
    begin(12);
    put("p0", "one", STATE_MISSED);
    play.now += DAYS(4); /* all is in the past */
    for (size_t i = 0; i < play.count; i++)
        if (i != 11)
            for (int to = 0; to < 2; to++)
                if (queue_get(play.house->queue, play.entries[i].id, receivers[to], play.house->arena,
                              &play.house->err) &&
                    !state_is_final(row(play.entries[i].id, receivers[to])->state))
                    put(play.entries[i].id, receivers[to], STATE_MISSED);
    good_turn("all is over");
    play.entries[6].text = 92;
    recalled_turn("an entry of long ago changes");
    recalled_turn("the same");
    play.now -= DAYS(3);
    good_turn("the clock is put back");
    put("p0", "one", STATE_HELD);
    good_turn("somebody holds one of long ago");
}

static void slots_know_what_is_taken(void **state)
{
    (void)state;
    begin(12);
    play.behind = "";
    play.damage = "  - {id: s1, slot: noon, text: Un.}\n  - {id: s2, slot: noon, text: Deux.}\n";
    recalled_turn("two in a slot");
    struct wanted wanted =
        wanted_of(play.house->arena, "mine", "one", "À moi", row("s2", "one")->slot + DAYS(2));
    wanted.origin = "spontaneous";
    wanted.slot_name = "noon";
    assert_done(play.house, queue_add(play.house->queue, &wanted, 1, play.now, &play.house->err));
    play.damage = "  - {id: s1, slot: noon, text: Un.}\n  - {id: s2, slot: noon, text: Deux.}\n"
                  "  - {id: s3, slot: noon, text: Trois.}\n";
    recalled_turn("a third one");
    play.damage = "  - {id: s1, slot: noon, text: Un.}\n  - {id: s3, slot: noon, text: Trois.}\n";
    recalled_turn("the second is gone");
}

static void an_alias_is_what_its_anchor_says(void **state)
{
    (void)state;
    begin(12);
    play.damage = "  - {id: x1, at: 2027-01-01 09:00, to: &to [one], text: A.}\n"
                  "  - {id: x2, at: 2027-01-01 10:00, to: *to, text: B.}\n";
    good_turn("an anchor");
    good_turn("the same");
    play.damage = "  - {id: x1, at: 2027-01-01 09:00, to: &to [two], text: A.}\n"
                  "  - {id: x2, at: 2027-01-01 10:00, to: *to, text: B.}\n";
    good_turn("another anchor");
}

static void an_id_is_one_in_all_files(void **state)
{
    (void)state;
    play.first_has_posts = true;
    begin(12);
    play.first_damage = "  - {id: p3, at: 2027-01-01 09:00, to: [one], text: Encore.}\n";
    assert_false(turn("one of the second file is in the first, too"));
    play.first_damage = NULL;
    recalled_turn("it is not");
    play.entries[3].first = play.entries[8].first = true;
    recalled_turn("two go to the first file");
    play.damage = "  - {id: p8, at: 2027-01-01 09:00, to: [one], text: Encore.}\n";
    assert_false(turn("one of the first file is in the second, too"));
    play.damage = NULL;
    play.entries[3].first = false;
    recalled_turn("it is not, and another one goes back");
}

/* A line separator ends a line for YAML, and not for us. */
static void lines_are_counted_as_yaml_counts_them(void **state)
{
    (void)state;
    begin(12);
    play.entries[3].style = 0;
    play.entries[3].more = "    # a\xE2\x80\xA8    # b\n";
    good_turn("a line separator");
    good_turn("the same");
    play.entries[3].more = NULL;
    good_turn("none");
    recalled_turn("the same");
}

/* Behind the last entry nothing shows where it ends; behind the next one it does. */
static void lines_that_the_last_entry_has_are_counted_too(void **state)
{
    static const char *const breaks[] = {"\xE2\x80\xA8", "\xE2\x80\xA9", "\xC2\x85", "\r", "\r\n"};
    (void)state;
    begin(12);
    for (size_t i = 0; i < COUNT_OF(breaks); i++) {
        const char *odd = arena_printf(play.house->arena,
                                       "  - id: last\n    # a%s    # b\n    at: 2027-03-01 09:00\n"
                                       "    to: [one]\n    text: Fin.\n",
                                       breaks[i]);
        play.last = odd;
        good_turn("in the last entry");
        play.entries[3].text++;
        good_turn("beside it");
        play.last =
            arena_printf(play.house->arena,
                         "%s  - id: x2\n    at: 2027-01-01 09:00\n    to: [one]\n    text: A #b\n", odd);
        good_turn("an entry with a warning follows");
        good_turn("again");
        play.last = NULL;
        good_turn("none");
        play.last = arena_printf(play.house->arena, "%s    title: A #b\n", odd);
        good_turn("it comes with a warning");
        good_turn("again");
    }
}

/* A text that is cut where it looks as if an entry began is no entry. */
static void what_is_not_where_it_seems_is_read_whole(void **state)
{
    static const char *const damages[] = {
        "  - {id: x1, at: 2027-01-01 09:00, to: [one], text: \"a\n  - id: x2\n    b\"}\n",
        "  - id: x3\n    at: 2027-01-01 09:00\n    to: [one]\n    text: \"open\n",
        "  - {id: p2, at: 2027-01-01 09:00, to: [one], text: Encore.}\n",
        "  - &a {id: x4, at: 2027-01-01 09:00, to: &b [one], text: A.}\n",
        "  - {id: x5, at: 2027-01-01 09:00, to: [one], text: L.}\xE2\x80\xA8\n",
        "  - {id: x6, at: 2027-01-01 09:00, to: [one], text: \"L.\xE2\x80\xA8 M.\"}\n",
        "  -\n    {id: x7, at: 2027-01-01 09:00, to: [one], text: A.}\n",
        "slots:\n  late: {days: [mon], at: \"13:00\", to: [one]}\nposts:\n",
        "series:\n",
        "buckets: [c]\nseries:\n",
        "---\n",
        "...\n",
    };
    (void)state;
    begin(12);
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        play.damage = damages[i];
        turn(damages[i]);
        play.entries[3].text++;
        turn("beside it");
        play.damage = NULL;
        good_turn("without it");
        recalled_turn("again");
    }
}

/* ---- lives at random ---- */

static void somebody_adds(void)
{
    struct house *house = play.house;
    const char *id = arena_printf(house->arena, "p%d", (int)chance(ENTRIES));
    struct wanted wanted =
        wanted_of(house->arena, id, "one", "À moi", play.now + HOURS(1) * (instant)chance(100));
    wanted.origin = "spontaneous";
    wanted.slot_name = chance(2) ? "noon" : NULL;
    queue_add(house->queue, &wanted, 1, play.now, &house->err); /* there may be one */
}

static void people_act(void)
{
    struct delivery_filter filter = {.limit = 200};
    struct delivery **rows;
    size_t count;
    const char *next;
    assert_done(play.house, queue_list(play.house->queue, &filter, play.house->arena, &rows, &count, &next,
                                       &play.house->err));
    if (!count)
        return;
    const struct delivery *d = rows[chance(count)];
    struct move move = {
        .to = (enum state)chance(STATE_COUNT), .who = chance(3) ? "uid 1000 (anna)" : "cald", .why = "test"};
    if (chance(3) == 0) /* later: what is out before the time that the file gives is looked at without need */
        move.slot = d->slot + HOURS(1) * (instant)chance(200);
    if (chance(4) == 0)
        move.content = content_of(play.house->arena, "édité");
    if ((d->state == STATE_READY || d->state == STATE_WAITING) && chance(2))
        publish(d->post_id, d->account, chance(2) ? STATE_PUBLISHED : STATE_UNSURE);
    else
        queue_move(play.house->queue, d, &move, play.now, &play.house->err); /* it may be refused */
}

static void edit(void)
{
    struct entry *e = &play.entries[chance(play.count)];
    switch (chance(15)) {
    case 0:
    case 1:
        e->text = (int)chance(50);
        break;
    case 2:
        e->at = play.now + HOURS(1) * ((instant)chance(300) - 60);
        break;
    case 3:
        e->gone = !e->gone;
        break;
    case 4:
        e->draft = !e->draft;
        break;
    case 5:
        e->to = (int)chance(3);
        break;
    case 6:
        e->bucket = !e->bucket;
        break;
    case 7:
        e->media = !e->media;
        break;
    case 8:
        e->style = (int)chance(STYLES + 1);
        break;
    case 9:
        e->more = chance(2) ? NULL : "    publish_late: true\n";
        break;
    case 10:
        play.damage = chance(2) ? NULL : "  - {id: s1, slot: noon, text: Un.}\n";
        break;
    case 11:
        if (play.count < ENTRIES)
            add_entry(chance(play.count));
        break;
    case 12:
        play.damage = chance(3) ? NULL : "  - {id: p1, at: 2027-01-01 09:00, to: [one], text: Encore.}\n";
        break;
    case 13:
        e->first = !e->first;
        break;
    case 14:
        play.first_damage = chance(3) ? NULL : "  - {id: p2, at: 2027-01-01 09:00, to: [one], text: Encore.}\n";
        break;
    }
}

static void circumstances_change(void)
{
    static const char *const charters[] = {charter_text, charter_text, strict_charter, pace_charter,
                                           alike_charter};
    static const char *const zones[] = {"Europe/Paris", "Europe/Athens"};
    switch (chance(8)) {
    case 0:
        play.charter = charters[chance(COUNT_OF(charters))];
        break;
    case 1:
        play.settings = chance(2) ? settings_text : other_settings;
        break;
    case 2:
        play.frame = chance(2) ? frame_text : other_frame;
        break;
    case 3:
        play.series = (int)chance(10);
        break;
    case 4:
        use_zone(zones[chance(2)]);
        break;
    case 5:
        write_image((unsigned char)(1 + chance(200)));
        break;
    default:
        play.now += HOURS(1) * (instant)(1 + chance(40));
        break;
    }
}

static void live(uint64_t seed)
{
    char what[64];
    play.random = seed;
    for (int step = 0; step < STEPS; step++) {
        for (uint64_t i = chance(3); i > 0; i--)
            edit();
        for (uint64_t i = chance(3); i > 0; i--)
            people_act();
        if (chance(6) == 0)
            somebody_adds();
        if (chance(4) == 0)
            circumstances_change();
        snprintf(what, sizeof what, "seed %llu, step %d", (unsigned long long)seed, step);
        turn(what);
    }
}

/* ---- the house ---- */

static int setup(void **state)
{
    struct house *house;
    size_t loads = play.loads, recalled = play.recalled, left = play.left;
    log_set_level(LOG_ERROR_ + 1);
    if (house_setup(state) != 0)
        return -1;
    house = *state;
    play = (struct play){.house = house, .loads = loads, .recalled = recalled, .left = left};
    mkdir(house_path("media"), 0700);
    mkdir(house_path("zones"), 0700);
    mkdir(house_path("zones/Here"), 0700);
    setenv("TZDIR", house_path("zones"), 1);
    use_zone("Europe/Paris");
    write_image(8);
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"cald.yaml",       "calendar.yaml", "frame.yaml",
                                        "charter.yaml",    "media/a.png",   "media",
                                        "zones/Here/Town", "zones/Here",    "zones"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        remove(house_path(names[i]));
    unsetenv("TZDIR");
    return house_teardown(state);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void a_life_at_random_is_the_same_recalled_and_read(void **state)
{
    uint64_t first = number_of("CALD_SEED", 1), lives = number_of("CALD_LIVES", LIVES);
    size_t loads = play.loads, recalled = play.recalled;
    for (uint64_t seed = first; seed < first + lives; seed++) {
        play.first_has_posts = seed % 2;
        begin(12);
        live(seed);
        if (seed + 1 < first + lives && (teardown(state) || setup(state)))
            fail_msg("there is no house");
    }
    loads = play.loads - loads;
    recalled = play.recalled - recalled;
    print_message("of %zu loads %zu recalled something\n", loads, recalled);
    assert_true(recalled * 4 >= loads);
}

int main(void)
{
#define scene(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        scene(what_is_the_same_is_recalled_and_an_edit_is_not),
        scene(an_imprint_that_is_not_what_was_noted_counts_as_none),
        scene(the_rules_are_part_of_it),
        scene(the_frame_is_part_of_it),
        scene(the_time_zone_is_part_of_it),
        scene(an_image_is_looked_at_each_time),
        scene(what_was_found_is_found_again),
        scene(what_the_policy_asks_of_a_post_is_kept),
        scene(words_are_compared_with_all_others),
        scene(times_are_compared_with_all_others),
        scene(what_could_not_be_applied_is_tried_again),
        scene(what_ended_and_goes_on_is_held_against_the_file),
        scene(what_comes_late_is_looked_for_under_other_names),
        scene(what_lies_further_back_is_not_recalled),
        scene(slots_know_what_is_taken),
        scene(an_alias_is_what_its_anchor_says),
        scene(an_id_is_one_in_all_files),
        scene(lines_are_counted_as_yaml_counts_them),
        scene(lines_that_the_last_entry_has_are_counted_too),
        scene(what_is_not_where_it_seems_is_read_whole),
        scene(a_life_at_random_is_the_same_recalled_and_read),
    };
    if (getenv("CALD_SCENES"))
        cmocka_set_test_filter(getenv("CALD_SCENES"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
