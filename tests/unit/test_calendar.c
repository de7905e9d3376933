/* The calendar's loader: what each account gets and when, and every complaint at its place. */
#include <time.h>

#include "calendar_house.h"

#define HEAD "timezone: Europe/Paris\n"
#define POST HEAD "posts:\n  - id: a\n    to: [site]\n    text: x\n    "
#define SERIES HEAD "series:\n  - id: a\n    to: [site]\n    text: x\n    "

static const struct {
    const char *yaml, *findings, *reason;
} complaints[] = {
    {HEAD, "", "a calendar may be empty"},
    {"posts: []\n", "a.yaml:1:1: calendar has no 'timezone', such as Europe/Paris", "times need a zone"},
    {"timezone: Europe/Pari\n", "a.yaml:1:11: unknown time zone 'Europe/Pari', did you mean 'Europe/Paris'?",
     "unknown zones are refused"},
    {HEAD "post: []\n", "a.yaml:2:1: unknown key in calendar: 'post', expected one of version, timezone, language, late, slots, "
     "key_dates, buckets, campaigns, posts, series; did you mean 'posts'?", "unknown keys"},
    {HEAD "posts: {a: b}\n", "a.yaml:2:8: 'posts' must be a list, not a map (write it as [first, second])", "kinds"},
    {HEAD "posts:\n", "a.yaml:2:7: 'posts' has no value, expected a list", "nothing"},
    {HEAD "posts: [x]\n", "a.yaml:2:9: 'post' must be a map, not a text (write it as {key: value})", "entries"},
    {POST "at: 2026-12-01 09:00\n", "", "the plain case"},
    {POST "at: 2026-12-01T09:00:30\n", "", "with T and seconds"},
    {POST "at: tomorow\n", "a.yaml:6:9: 'at' must be a date and time such as 2026-12-01 09:00, not 'tomorow'", "times"},
    {POST "at: 2026-12-01\n", "a.yaml:6:9: 'at' must be a date and time such as 2026-12-01 09:00, not '2026-12-01'",
     "a date is not enough"},
    {POST "at: 01/12/2026 09:00\n",
     "a.yaml:6:9: 'at' must be a date and time such as 2026-12-01 09:00, not '01/12/2026 09:00'",
     "nobody knows which number is the month"},
    {POST "at: 2026-02-30 09:00\n", "a.yaml:6:9: 'at': there is no such date or time as 2026-02-30 09:00", "dates exist"},
    {POST "at: 2026-03-29 02:30\n",
     "a.yaml:6:9: warning: 2026-03-29 02:30 does not exist in Europe/Paris (the clock is put forward): moves to "
     "2026-03-29T03:30:00+02:00", "a gap moves forward by its length, and says so"},
    {POST "at: 2026-10-25 02:30\n",
     "a.yaml:6:9: warning: 2026-10-25 02:30 comes twice in Europe/Paris (the clock is put back): the first is taken, "
     "2026-10-25T02:30:00+02:00", "the first of two, and says so"},
    {POST "draft: yes\n    at: 2026-12-01 09:00\n",
     "a.yaml:6:12: 'draft' must be true or false, not 'yes': write true or false", "no YAML 1.1 flags"},
    {POST "draft: \"true\"\n    at: 2026-12-01 09:00\n",
     "a.yaml:6:12: 'draft' must be true or false: write true without quotes", "a quoted true is a text"},
    {POST "slot: morning\n", "a.yaml:6:11: unknown slot 'morning', none is defined", "slots exist"},
    {POST "bucket: b\n", "a.yaml:3:5: post has neither 'at' nor 'slot'", "when?"},
    {POST "at: 2026-12-01 09:00\n    slot: x\n", "a.yaml:7:11: 'at' and 'slot' exclude each other", "one of them"},
    {POST "at: 2026-12-01 09:00\n    thread: [x]\n", "a.yaml:7:13: 'text' and 'thread' exclude each other", "likewise"},
    {POST "at: 2026-12-01 09:00\n    body: x\n    body_file: y\n",
     "a.yaml:8:16: 'body' and 'body_file' exclude each other", "likewise"},
    {POST "at: 2026-12-01 09:00\n    media: [{file: bad.png}]\n", "a.yaml:7:20: cannot open 'bad.png'", "media exist"},
    {POST "at: 2026-12-01 09:00\n    body_file: bad.md\n", "a.yaml:7:16: cannot open 'bad.md'", "bodies exist"},
    {POST "at: 2026-12-01 09:00\n    link: example.org\n",
     "a.yaml:7:11: 'link' must be an address that begins with https:// or http://, not 'example.org'", "links"},
    {POST "at: 2026-12-01 09:00\n    visibility: pubic\n",
     "a.yaml:7:17: unknown 'visibility' 'pubic', expected one of public, unlisted, followers, direct; did you mean "
     "'public'?", "words"},
    {POST "at: 2026-12-01 09:00\n    variants: {blog: {text: y}}\n",
     "a.yaml:7:16: warning: variant 'blog' is for none of the accounts in 'to'", "and used"},
    {POST "at: 2026-12-01 09:00\n    tags: ['#neige']\n",
     "a.yaml:7:12: 'tags' must be a word without '#' in front, on one line, not '#neige'", "tags"},
    {HEAD "posts: [{id: a, at: 2026-12-01 09:00, to: [sit], text: x}]\n",
     "a.yaml:2:44: unknown account 'sit', expected one of site, mastodon, masto2, blog; did you mean 'site'?", "accounts"},
    {HEAD "posts: [{id: a, at: 2026-12-01 09:00, to: [site, site], text: x}]\n",
     "a.yaml:2:50: 'to' names 'site' twice", "each once"},
    {HEAD "posts: [{id: a, at: 2026-12-01 09:00, to: site, text: x}]\n",
     "a.yaml:2:43: 'to' must be a list, not a text (write it as [first, second])", "a list even of one"},
    {HEAD "posts: [{id: a, at: 2026-12-01 09:00, text: x}]\n", "a.yaml:2:9: no 'to': which accounts? one or more of site, mastodon, masto2, blog", "to whom?"},
    {HEAD "posts: [{id: a, at: 2026-12-01 09:00, to: [site]}]\n",
     "a.yaml:2:9: nothing to publish for 'site': no text, thread, body, link or media", "what?"},
    {HEAD "posts: [{at: 2026-12-01 09:00, to: [site], text: x}]\n", "a.yaml:2:9: post has no 'id'", "ids are required"},
    {HEAD "posts: [{id: a b, at: 2026-12-01 09:00, to: [site], text: x}]\n",
     "a.yaml:2:14: 'id' must be letters without accents, digits, '.', '_' or '-', at most 64, the first a letter or digit, not 'a b'",
     "ids are names"},
    {HEAD "posts: [{id: a, at: 24/12/2026 18:00, to: [site], text: x}]\n",
     "a.yaml:2:21: 'at' must be a date and time such as 2026-12-01 09:00, not '24/12/2026 18:00'; did you mean '2026-12-24 "
     "18:00'?", "as people write"},
    {HEAD "posts: [{id: a, at: 2026-12-01 9h30, to: [site], text: x}]\n",
     "a.yaml:2:21: 'at' must be a date and time such as 2026-12-01 09:00, not '2026-12-01 9h30'; did you mean '2026-12-01 "
     "09:30'?", "as the French write"},
    {HEAD "posts: [{id: a, at: 3/12/2026 9h, to: [site], text: x}]\n",
     "a.yaml:2:21: 'at' must be a date and time such as 2026-12-01 09:00, not '3/12/2026 9h'", "March or December?"},
    {HEAD "posts: [{id: a, at: 30/02/2026 9h, to: [site], text: x}]\n",
     "a.yaml:2:21: 'at' must be a date and time such as 2026-12-01 09:00, not '30/02/2026 9h'", "there is no such day"},
    {HEAD "posts:\n  - {id: a, at: 2026-12-01 09:00, to: [site], text: x}\n"
     "  - {id: a, at: 2026-12-02 09:00, to: [site], text: x}\n",
     "a.yaml:4:10: id 'a' is used already, at a.yaml:3:5", "ids are unique"},
    {HEAD "posts: [{id: a, at: x, to: [b], text: [], languge: fr}]\n",
     "a.yaml:2:21: 'at' must be a date and time such as 2026-12-01 09:00, not 'x'\n"
     "a.yaml:2:29: unknown account 'b', expected one of site, mastodon, masto2, blog\n"
     "a.yaml:2:39: 'text' must be a text, not a list\n"
     "a.yaml:2:43: unknown key in post: 'languge', expected one of id, at, slot, bucket, to, variants, draft, publish_late, "
     "text, title, link, language, warning, body, summary, slug, body_file, visibility, media, thread, tags, categories, "
     "campaign, covers, cost, closing; did you mean 'language'?", "every error at once"},
    {HEAD "buckets: [news]\nposts: [{id: a, at: 2026-12-01 09:00, to: [site], text: x, bucket: new}]\n",
     "a.yaml:3:68: unknown bucket 'new', expected one of news; did you mean 'news'?", "declared buckets"},
    {SERIES "rrule: FREQ=DAILY\n    at: \"09:00\"\n", "", "a series"},
    {SERIES "rrule: FREQ=DAILY\n    start: 2026-01-01 09:00\n", "", "with its beginning"},
    {SERIES "rrule: every friday\n    at: 17h\n",
     "a.yaml:6:12: 'rrule': 'every friday' is not NAME=VALUE\n"
     "a.yaml:7:9: 'at' must be a time of day such as 09:00, not '17h'; did you mean '17:00'?", "both at once"},
    {SERIES "rrule: FREQ=DAILY\n", "a.yaml:3:5: series has neither 'start' nor 'at'", "when?"},
    {SERIES "rrule: FREQ=DAILY\n    start: 2026-01-01 09:00\n    from: 2026-01-01\n",
     "a.yaml:7:12: 'start' already says date and time: leave out 'from' and 'at'", "one of the two"},
    {SERIES "rrule: FREQ=DAILY;COUNT=3\n    at: \"09:00\"\n",
     "a.yaml:6:12: this rule counts from its beginning: say from which date ('from')",
     "what is counted has a beginning"},
    {SERIES "at: \"9:00\"\n    rrule: FREQ=DAILY\n", "a.yaml:6:9: 'at' must be a time of day such as 09:00, not '9:00'; did you mean '09:00'?",
     "times of day"},
    {HEAD "slots: {a: {days: [mon, mo], at: 09:00}}\n",
     "a.yaml:2:25: unknown 'days' 'mo', expected one of mon, tue, wed, thu, fri, sat, sun; did you mean 'mon'?", "days"},
    {HEAD "slots: {a: {rrule: FREQ=HOURLY, at: 09:00}}\n",
     "a.yaml:2:20: this rule counts from its beginning: say from which date ('from')", "slots too"},
    {HEAD "slots: {a: {at: 09:00}}\n", "a.yaml:2:12: slot has neither 'days' nor 'rrule'", "which days?"},
    {HEAD "slots: {a: {days: [mon], at: 09:00}}\nposts: [{id: a, slot: a, text: x}]\n",
     "a.yaml:3:9: neither the post nor its slot has 'to': which accounts? one or more of site, mastodon, masto2, blog", "somebody must"},
    {HEAD "late: {grace: soon}\n", "a.yaml:2:15: 'grace' must be a duration such as 90s, 15m, 2h or 3d, not 'soon'",
     "what is late"},
    {HEAD "late: {then: held}\n", "a.yaml:2:14: unknown 'then' 'held', expected one of hold, missed; did you mean 'hold'?",
     "and what becomes of it"},
    {HEAD "campaigns: {refuge: {embargo: 2026-12-10, words: ['*']}, 'a b': {}}\nkey_dates: [{date: 2026-12-24, name: N, "
     "lead: 1}]\nposts: [{id: a, at: 2026-12-01 09:00, to: [site], text: x, campaign: refuse, covers: M, cost: -1}]\n",
     "a.yaml:2:31: 'embargo' must be a date and time such as 2026-12-01 09:00, not '2026-12-10'\n"
     "a.yaml:2:51: expected a word or expression such as 'pas cher', 'cher|chère' or 'promo*', not '*'\n"
     "a.yaml:2:58: a campaign's name must be letters without accents, digits, '.', '_' or '-', at most 64, the first a letter or digit, not "
     "'a b'\na.yaml:3:47: 'lead' must be a duration such as 90s, 15m, 2h or 3d, not '1'\n"
     "a.yaml:4:70: unknown campaign 'refuse', expected one of refuge, a b; did you mean 'refuge'?\n"
     "a.yaml:4:86: unknown key date 'M', none is defined\n"
     "a.yaml:4:95: 'cost' must be from 0 to 1000000000, not -1", "campaigns, key dates and costs"},
    {HEAD "key_dates: [{date: 2026-12-24}]\n", "a.yaml:2:13: key_dates has no 'name'", "key dates have names"},
};

/* Accounts first, then whatever networks there are. */
static void a_variant_of_nobody_is_told_with_the_nearest_name(void **state)
{
    static const char says[] = "variant for unknown account or network 'mastodn', expected one of site, mastodon, masto2, blog, ";
    struct house house = house_load(POST "at: 2026-12-01 09:00\n    variants: {mastodn: {text: y}}\n");
    (void)state;
    assert_int_equal(house.diags.errors, 1);
    const struct diag *found = &house.diags.items[0];
    assert_memory_equal(found->message, says, sizeof says - 1);
    assert_string_equal(found->nearest, "mastodon");
    assert_int_equal(found->line * 100 + found->column, 716);
    house_end(&house);
}

static void every_fault_is_told_at_its_place(void **state)
{
    (void)state;
    bool all = true;
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        struct house house = house_load(complaints[i].yaml);
        all = house_agrees(&house.diags, complaints[i].findings, complaints[i].reason) && all;
        assert_true((house.diags.errors == 0) == (house.calendar != NULL));
        house_end(&house);
    }
    assert_true(all);
}

static void a_bad_recurrence_is_told_at_the_rule(void **state)
{
    (void)state;
    struct house house = house_load(SERIES "rrule: FREQ=DALY\n    at: \"09:00\"\n");
    assert_int_equal(house.diags.errors, 1);
    assert_int_equal(house.diags.items[0].line, 6);
    assert_int_equal(house.diags.items[0].column, 12);
    assert_string_equal(house.diags.items[0].rule, "recurrence");
    house_end(&house);
}

static const char variants[] = HEAD
    "language: fr\n"
    "posts:\n"
    "  - id: a\n"
    "    at: 2026-12-01 09:00\n"
    "    to: [site, mastodon, masto2, blog]\n"
    "    text: pour tous\n"
    "    title: Titre\n"
    "    media: [{file: a.png, alt: A}]\n"
    "    variants:\n"
    "      mastodon: {text: un compte, warning: neige}\n"
    "      feed: {language: en}\n"
    "      wordpress: {text: réseau, tags: [r]}\n"
    "      blog: {title: Blog, body_file: b.md, thread: [un, {text: deux, media: [{file: d.png}]}], media: []}\n";

static void an_account_gets_its_own_over_its_networks_over_the_posts(void **state)
{
    (void)state;
    struct house house = house_load(variants);
    house_expect(&house.diags, "", "variants");
    const struct target *targets = house.calendar->posts[0].targets;
    const struct content *site = targets[0].contents[0], *mastodon = targets[1].contents[0],
                         *masto2 = targets[2].contents[0], *blog = targets[3].contents[0];
    assert_string_equal(site->parts[0].text, "pour tous");
    assert_string_equal(site->language, "en");
    assert_string_equal(site->parts[0].media[0].alt, "A");
    assert_string_equal(mastodon->parts[0].text, "un compte");
    assert_string_equal(mastodon->language, "fr");
    assert_string_equal(mastodon->warning, "neige");
    /* The variant 'mastodon' names an account and a network: as a network it is masto2's too. */
    assert_string_equal(masto2->parts[0].text, "un compte");
    assert_int_equal(blog->part_count, 2);
    assert_string_equal(blog->parts[1].text, "deux");
    assert_string_equal(blog->parts[1].media[0].file, "d.png");
    assert_int_equal(blog->parts[0].media_count, 0);
    assert_string_equal(blog->title, "Blog");
    assert_string_equal(blog->body, "body of b.md");
    assert_string_equal(blog->tags[0], "r");
    assert_string_equal(site->title, "Titre");
    house_end(&house);
}

static void a_body_file_names_the_posts_own_images_by_their_path_from_it(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "posts: [{id: a, at: 2026-12-01 09:00, to: [blog, site], title: T, body_file: l/b.md, "
                                         "media: [{file: d.png, alt: D}], variants: {site: {media: [{file: e.png, alt: E}]}}}]\n");
    house_expect(&house.diags, "", "body_file");
    const struct target *targets = house.calendar->posts[0].targets;
    assert_string_equal(targets[0].contents[0]->body, "body of l/b.md ![](<d.png>)");
    assert_string_equal(targets[1].contents[0]->body, "body of l/b.md ![](../d.png)"); /* not its image */
    house_end(&house);
}

static void the_newline_at_the_end_of_a_block_is_not_published(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "posts:\n- id: a\n  at: 2026-12-01 09:00\n  to: [site]\n  text: |\n"
                                         "    one\n\n    two \n\n");
    assert_string_equal(house.calendar->posts[0].targets[0].contents[0]->parts[0].text, "one\n\ntwo");
    house_end(&house);
}

static void accounts_without_variants_share_one_content(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "posts: [{id: a, at: 2026-12-01 09:00, to: [site, mastodon, blog], text: x, "
                                         "variants: {blog: {text: y}}}]\n");
    const struct target *targets = house.calendar->posts[0].targets;
    assert_ptr_equal(targets[0].contents, targets[1].contents);
    assert_ptr_not_equal(targets[0].contents, targets[2].contents);
    house_end(&house);
}

static void choices_of_a_series_are_contents_of_their_own(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "series: [{id: s, rrule: FREQ=DAILY, at: 09:00, to: [site, mastodon], media: [{file: "
                                         "m.png}], one_of: [un, {text: deux, media: [{file: d.png}]}], "
                                         "variants: {mastodon: {text: seul}}}]\n");
    house_expect(&house.diags, "", "one_of");
    const struct target *targets = house.calendar->posts[0].targets;
    assert_int_equal(targets[0].content_count, 2);
    assert_string_equal(targets[0].contents[0]->parts[0].media[0].file, "m.png");
    assert_string_equal(targets[0].contents[1]->parts[0].media[0].file, "d.png");
    assert_int_equal(targets[1].content_count, 1);
    assert_string_equal(targets[1].contents[0]->parts[0].text, "seul");
    house_end(&house);
}

static void a_calendar_in_several_files_is_one(void **state)
{
    (void)state;
    const char *files[] = {
        HEAD "language: fr\nposts: [{id: a, slot: later, text: x}]\n",
        "language: en\nslots: {later: {days: [mon], at: 09:00, to: [site]}}\nposts: [{id: b, slot: later, text: y}]\n",
        "timezone: Europe/Paris\nposts: [{id: c, at: 2026-12-01 09:00, to: [site], text: z}]\n"};
    struct house house = house_load_files(files, 3);
    house_expect(&house.diags, "", "three files");
    assert_int_equal(house.calendar->post_count, 3);
    assert_ptr_equal(house.calendar->posts[0].slot, calendar_slot(house.calendar, "later"));
    assert_string_equal(house.calendar->posts[0].targets[0].contents[0]->language, "fr");
    assert_string_equal(house.calendar->posts[1].targets[0].contents[0]->language, "en");
    assert_string_equal(house.calendar->posts[2].targets[0].contents[0]->language, "fr");
    assert_string_equal(house.calendar->posts[2].position.file, "c.yaml");
    house_end(&house);
}

static void files_of_one_calendar_must_not_contradict_each_other(void **state)
{
    (void)state;
    const char *files[] = {HEAD "slots: {s: {days: [mon], at: 09:00, to: [site]}}\nposts: [{id: a, slot: s, text: x}]\n",
                           "timezone: Europe/Berlin\nslots: {s: {days: [tue], at: 09:00}}\n"
                           "posts: [{id: a, slot: s, text: x}]\n"};
    struct house house = house_load_files(files, 2);
    house_expect(&house.diags,
                 "b.yaml:1:11: time zone 'Europe/Berlin' differs from the calendar's, 'Europe/Paris'\n"
                 "b.yaml:2:9: slot 's' is defined already, at a.yaml:2:9\n"
                 "b.yaml:3:14: id 'a' is used already, at a.yaml:3:9", "contradictions");
    house_end(&house);
}

static void what_a_file_says_of_the_late_is_for_its_own_posts_and_key_by_key(void **state)
{
    (void)state;
    const char *files[] = {HEAD "late: {grace: 2h}\nposts: [{id: a, at: 2026-12-01 09:00, to: [site], text: x}]\n",
                           "posts: [{id: b, at: 2026-12-01 09:00, to: [site], text: x}]\n",
                           "late: {grace: 0s, then: missed}\nseries: [{id: c, rrule: FREQ=DAILY, at: 09:00, to: [site], text: x}]\n"};
    static const struct late_policy account = {HOURS(1), MISSED_HOLD};
    static const struct {
        const char *post;
        struct late_policy late;
    } cases[] = {{"a", {HOURS(2), MISSED_HOLD}}, {"b", {HOURS(1), MISSED_HOLD}}, {"c", {0, MISSED_DROP}}};
    struct house house = house_load_files(files, 3);
    house_expect(&house.diags, "", "nothing to say");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct post *post = calendar_post(house.calendar, cases[i].post);
        assert_string_equal(post->id, cases[i].post);
        struct late_policy late = late_over(post->late, &account);
        assert_int_equal(late.grace, cases[i].late.grace);
        assert_int_equal(late.then, cases[i].late.then);
    }
    assert_null(calendar_post(house.calendar, "d"));
    house_end(&house);
}

static void a_post_alone_is_read_by_the_same_rules(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "language: fr\nslots: {s: {days: [mon], at: 09:00, to: [site]}}\n");
    struct calendar_world world = house_world();
    static const char good[] = "{text: x, to: [blog], media: [{file: a.png, alt: A}]}";
    static const char bad[] = "{text: x, to: [blg], at: soon, colour: red}";
    struct diags diags = diags_in(house.arena);
    const struct yaml *root = yaml_parse(NULL, good, strlen(good), house.arena, &diags);
    const struct post *post = calendar_read_post(house.calendar, &world, root, house.arena, &diags);
    assert_non_null(post);
    assert_null(post->id);
    assert_int_equal(post->timing, TIMING_AT);
    assert_string_equal(post->targets[0].contents[0]->language, "fr");
    root = yaml_parse(NULL, bad, strlen(bad), house.arena, &diags);
    assert_null(calendar_read_post(house.calendar, &world, root, house.arena, &diags));
    assert_int_equal(diags.errors, 3);
    assert_string_equal(diags.items[0].word, "to");
    assert_string_equal(diags.items[1].word, "at");
    assert_string_equal(diags.items[2].word, "colour");
    house_end(&house);
}

static void twenty_thousand_ids_are_no_trouble(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_text(&text, HEAD "posts:\n");
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "- {id: p%d, at: 2026-12-01 09:00, to: [site], text: x}\n", i);
    buf_add_text(&text, "- {id: p7, at: 2026-12-01 09:00, to: [site], text: x}\n");
    clock_t start = clock();
    struct house house = house_load(buf_text(&text));
    house_expect(&house.diags, "a.yaml:20003:8: id 'p7' is used already, at a.yaml:10:3", "hash look-up");
    assert_true(clock() - start < 10 * CLOCKS_PER_SEC);
    house_end(&house);
    buf_release(&text);
}

#define OVER "; the post is over: what the calendar says of it is not looked at"

static void what_is_over_needs_its_files_no_more(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected, *reason;
    } cases[] = {
        {"posts:\n  - {id: a, at: 2026-11-01 09:00, to: [site], media: [{file: bad.png}]}\n",
         "a.yaml:3:62: warning: cannot open 'bad.png'" OVER, "long published"},
        {"posts:\n  - {id: a, at: 2026-11-01 09:00, to: [blog], title: T, body_file: bad.md}\n",
         "a.yaml:3:68: warning: cannot open 'bad.md'" OVER, "bodies likewise"},
        {"posts:\n  - {id: a, at: 2026-11-01 09:00, to: [site], media: [{file: bad.png}]}\n"
         "  - {id: b, at: 2026-11-02 09:00, to: [site], text: x, media: [{file: bad.png}]}\n",
         "a.yaml:3:62: warning: cannot open 'bad.png'" OVER "\na.yaml:4:71: cannot open 'bad.png'",
         "who comes still needs what is over does not"},
        {"series:\n  - {id: s, rrule: FREQ=DAILY;COUNT=2, start: 2026-10-30 09:00, to: [site], media: [{file: bad.png}]}\n",
         "a.yaml:3:92: warning: cannot open 'bad.png'" OVER, "a series that has ended"},
        {"series:\n  - {id: s, rrule: FREQ=DAILY;COUNT=9, start: 2026-10-30 09:00, to: [site], media: [{file: bad.png}]}\n",
         "a.yaml:3:92: cannot open 'bad.png'", "one that goes on"},
        {"slots: {m: {days: [mon], at: 09:00, to: [site]}}\n"
         "posts:\n  - {id: old, slot: m, media: [{file: bad.png}]}\n  - {id: new, slot: m, media: [{file: bad2.png}]}\n",
         "a.yaml:4:39: warning: cannot open 'bad.png'" OVER "\na.yaml:5:39: cannot open 'bad2.png'",
         "in a slot: who knows is asked"},
    };
    bool all = true;
    house_past = house_time("2026-11-01T12:00:00Z");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf text = {0};
        buf_printf(&text, HEAD "%s", cases[i].text);
        struct house house = house_load(buf_text(&text));
        all = house_agrees(&house.diags, cases[i].expected, cases[i].reason) && all;
        assert_true(!house.calendar == !!house.diags.errors);
        assert_true(!house.calendar || house.calendar->posts[0].incomplete);
        buf_release(&text);
        house_end(&house);
    }
    house_past = 0;
    assert_true(all);
}

static bool is_of_a_campaign(void *context, const struct post *post)
{
    (void)context;
    return post->campaign != NULL;
}

static void what_is_left_without_the_bulk_needs_it_no_more(void **state)
{
    (void)state;
    house_bulk = arena_new();
    struct house house =
        house_load(HEAD "late: {grace: 3h}\n"
                        "campaigns: {spring: {}}\n"
                        "slots: {m: {days: [mon], at: 09:00, to: [site]}}\n"
                        "posts:\n"
                        "  - {id: plain, at: 2026-11-01 09:00, to: [site], text: x}\n"
                        "  - {id: more, slot: m, text: x, campaign: spring, bucket: news, cost: 7}\n"
                        "series:\n"
                        "  - {id: s, rrule: FREQ=DAILY, start: 2026-10-30 09:00, to: [site], text: x}\n");
    assert_int_equal(house.diags.errors, 0);
    const struct calendar *left = calendar_without_bulk(house.calendar, is_of_a_campaign, NULL, house.arena),
                          *bare = calendar_without_bulk(house.calendar, NULL, NULL, house.arena);
    arena_free(house_bulk); /* AddressSanitizer tells of what looks into it */
    house_bulk = NULL;
    const struct post *more = calendar_post(left, "more"), *series = calendar_post(left, "s");
    assert_int_equal(left->post_count, 2);
    assert_null(calendar_post(left, "plain"));
    assert_string_equal(more->id, "more");
    assert_string_equal(more->bucket, "news");
    assert_string_equal(more->campaign->name, "spring");
    assert_string_equal(more->slot->name, "m");
    assert_string_equal(more->position.file, "a.yaml");
    assert_int_equal(more->late->grace, HOURS(3));
    assert_int_equal(more->cost, 7);
    struct occurrence *next;
    assert_int_equal(recurrence_between(series->recurrence, 0, INSTANT_NEVER, 1, house.arena, &next), 1);
    assert_int_equal(bare->post_count, 1);
    assert_string_equal(zone_name(bare->zone), zone_name(left->zone));
    house_end(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variant_of_nobody_is_told_with_the_nearest_name),
        cmocka_unit_test(every_fault_is_told_at_its_place),
        cmocka_unit_test(a_bad_recurrence_is_told_at_the_rule),
        cmocka_unit_test(an_account_gets_its_own_over_its_networks_over_the_posts),
        cmocka_unit_test(a_body_file_names_the_posts_own_images_by_their_path_from_it),
        cmocka_unit_test(the_newline_at_the_end_of_a_block_is_not_published),
        cmocka_unit_test(accounts_without_variants_share_one_content),
        cmocka_unit_test(choices_of_a_series_are_contents_of_their_own),
        cmocka_unit_test(a_calendar_in_several_files_is_one),
        cmocka_unit_test(files_of_one_calendar_must_not_contradict_each_other),
        cmocka_unit_test(what_a_file_says_of_the_late_is_for_its_own_posts_and_key_by_key),
        cmocka_unit_test(a_post_alone_is_read_by_the_same_rules),
        cmocka_unit_test(twenty_thousand_ids_are_no_trouble),
        cmocka_unit_test(what_is_over_needs_its_files_no_more),
        cmocka_unit_test(what_is_left_without_the_bulk_needs_it_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
