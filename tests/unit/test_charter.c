/* The charter's loader. The rules themselves are in test_check.c, all keys and kinds in integration/test_schema.py. */
#include "calendar_house.h"

#include "base/json.h"
#include "editorial/charter.h"

struct loaded {
    struct arena *arena;
    struct diags diags;
    const struct charter *charter;
};

static struct loaded load(const char *text)
{
    struct loaded l = {.arena = arena_new()};
    struct arena *trees = arena_new();
    struct calendar_world world = house_world();
    l.diags = diags_in(l.arena);
    const struct yaml *root = yaml_parse("c.yaml", text, strlen(text), trees, &l.diags);
    l.charter = charter_load("c.yaml", root, &world, l.arena, &l.diags);
    arena_free(trees);
    diags_sort(&l.diags);
    return l;
}

static const struct {
    const char *yaml, *findings, *reason;
} complaints[] = {
    {"{}", "", "a charter may be empty"},
    {"brnd: {}", "c.yaml:1:1: unknown key in charter: 'brnd', expected one of version, brand, vocabulary, voice, checks, mix, "
     "budget, pace, approval, networks, objectives, faq, responses, moderation, crisis; did you mean 'brand'?", "unknown keys"},
    {"brand: {site: example.org}",
     "c.yaml:1:8: brand has no 'name'\n"
     "c.yaml:1:15: 'site' must be an address that begins with https:// or http://, not 'example.org'", "both at once"},
    {"checks: {alt_text: eror}",
     "c.yaml:1:20: unknown 'alt_text' 'eror', expected one of off, warning, error, ignore; did you mean 'error'?", "levels"},
    {"checks: {hashtags: 3}", "c.yaml:1:20: 'hashtags' must be a map, not a text (write it as {key: value})", "kinds"},
    {"checks: {hashtags: {max: '3'}}", "c.yaml:1:26: 'max' must be a number: write 3 without quotes", "numbers are plain"},
    {"checks: {hashtags: {max: 1e3}}", "c.yaml:1:26: 'max' must be a whole number, not '1e3'", "1e3 is no number"},
    {"pace: {gap: {min: 2}}", "c.yaml:1:19: 'min' must be a duration such as 90s, 15m, 2h or 3d, not '2'", "units"},
    {"pace: {quiet: ['21:00-7:30']}", "c.yaml:1:16: 'quiet' must be two times such as 21:00-07:30, not '21:00-7:30'", "times"},
    {"pace: {silent_days: [sunday]}",
     "c.yaml:1:22: unknown 'silent_days' 'sunday', expected one of mon, tue, wed, thu, fri, sat, sun", "days"},
    {"mix: {tips: {max: 120%}}", "c.yaml:1:19: 'max' must be a percentage such as 20%, not '120%'", "shares"},
    {"networks: {mastodn: {}}", "c.yaml:1:12: unknown account or network 'mastodn', expected one of site, mastodon, masto2, "
     "blog; did you mean 'mastodon'?", "accounts exist"},
    {"objectives: [{account: q, by: 2027-02-29}]",
     "c.yaml:1:24: unknown account or network 'q', expected one of site, mastodon, masto2, blog\n"
     "c.yaml:1:31: 'by': there is no such date or time as 2027-02-29", "objectives"},
    {"responses: [{priority: urgent}]", "c.yaml:1:13: responses has no 'kind'", "required keys"},
    {"vocabulary: {forbidden: [{wrd: x}]}", "c.yaml:1:27: unknown key in forbidden: 'wrd', expected one of word, pattern, instead, level; did you mean 'word'?", "words"},
    {"vocabulary: {forbidden: [{level: error}]}", "c.yaml:1:26: forbidden has no 'word'", "needed"},
    {"vocabulary: {forbidden: [{word: a, pattern: b}]}", "c.yaml:1:45: 'word' and 'pattern' exclude each other", "both"},
    {"vocabulary: {forbidden: [{pattern: 'été (x'}]}",
     "c.yaml:1:36: 'pattern': missing closing parenthesis, at character 7 of 'été (x'", "patterns are compiled"},
    {"vocabulary: {forbidden: ['a|*'], prefer: {'*': x}}",
     "c.yaml:1:26: expected a word or expression such as 'pas cher', 'cher|chère' or 'promo*', not 'a|*'\n"
     "c.yaml:1:43: expected a word or expression such as 'pas cher', 'cher|chère' or 'promo*', not '*'", "phrases"},
    {"checks: {altext: error}", "c.yaml:1:10: unknown rule in checks: 'altext', expected one of forbidden_word, "
     "preferred_word, keywords, disclosure, address, language, exclamations, capitals, emoji, length, reading_time, "
     "hashtags, hashtag_list, hashtag_form, alt_text, alt_text_form, link_to_site, link_https, link_tracking, "
     "link_campaign, link_reachable, mention_exists, quiet_hours, silent_day, silent_date, gap, per_day, "
     "embargo, collision, near_duplicate, no_cover, cover_lead, mix, account_silence, empty_slot, campaign_closing, budget; "
     "did you mean 'alt_text'?", "rules"},
    {"checks: {emoji: [{level: error, to: [mastodn]}, {mx: 1}]}",
     "c.yaml:1:38: unknown account or network 'mastodn', expected one of site, mastodon, masto2, blog; did you mean "
     "'mastodon'?\nc.yaml:1:50: unknown key in emoji: 'mx', expected one of level, message, to, buckets, max; did you mean "
     "'max'?", "entries of a list"},
    {"vocabulary: {keywords: {a: [x]}}\nchecks: {keywords: [{subjects: [a]}, {subjects: [b]}]}",
     "c.yaml:2:50: unknown subject of keywords 'b', expected one of a", "subjects exist"},
    {"checks: {disclosure: error}", "c.yaml:1:22: 'disclosure' must be a map, not a text (write it as {key: value})",
     "what needs words"},
    {"checks: {link_campaign: {add: {x: 'a{y}', 'a b': c}}}",
     "c.yaml:1:35: 'x': what may stand in braces is account, network, campaign, bucket, post\n"
     "c.yaml:1:43: a parameter's name must be letters without accents, digits, '.', '_' or '-', at most 64, the first a letter or digit, not "
     "'a b'", "parameters"},
    {"checks: {emoji: []}", "c.yaml:1:17: 'emoji' has 0 entries, expected 1 to 100", "empty lists"},
};

static void every_fault_is_told_at_its_place(void **state)
{
    (void)state;
    bool all = true;
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        struct loaded l = load(complaints[i].yaml);
        all = house_agrees(&l.diags, complaints[i].findings, complaints[i].reason) && all;
        assert_true((l.diags.errors == 0) == (l.charter != NULL));
        arena_free(l.arena);
    }
    assert_true(all);
}

static void what_is_enforced_is_taken_over(void **state)
{
    (void)state;
    struct loaded l = load("vocabulary: {forbidden: [Été, {word: b, level: warning}], prefer: {c: d}}\n"
                           "checks: {alt_text: error}\n"
                           "pace: {per_day: {max: 3}, gap: {min: 2h, level: warning}, quiet: ['21:00-07:30'], "
                           "silent_days: [mon, sun]}\n"
                           "networks: {mastodon: {emoji: {max: 5, level: error}, gap: {min: 1h}}}\n");
    const struct charter *c = l.charter;
    house_expect(&l.diags, "", "the charter");
    assert_int_equal(c->forbidden.count, 2);
    assert_string_equal(c->forbidden.items[0].word, "Été");
    assert_int_equal(c->forbidden.items[0].level, NOT_SAID);
    assert_int_equal(c->forbidden.items[1].level, CHECK_WARNING);
    assert_string_equal(c->preferred.items[0].instead, "d");
    assert_int_equal(charter_setting(c, RULE_ALT_TEXT, NULL, NULL).level, CHECK_ERROR);
    assert_int_equal(charter_setting(c, RULE_LINK_TO_SITE, NULL, NULL).level, CHECK_OFF);
    assert_int_equal(charter_setting(c, RULE_PER_DAY, NULL, NULL).max, 3);
    assert_int_equal(charter_setting(c, RULE_PER_DAY, NULL, NULL).level, CHECK_ERROR);
    assert_true(charter_setting(c, RULE_GAP, NULL, NULL).within == HOURS(2));
    assert_int_equal(charter_setting(c, RULE_GAP, NULL, NULL).level, CHECK_WARNING);
    assert_int_equal(c->quiet[0].from, 21 * 60);
    assert_int_equal(c->quiet[0].until, 7 * 60 + 30);
    assert_true(c->silent_days[0] && c->silent_days[6] && !c->silent_days[1]);
    const struct account *masto2 = &house_accounts[2];
    assert_int_equal(charter_setting(c, RULE_EMOJI, masto2, NULL).max, 5);
    assert_true(charter_setting(c, RULE_GAP, masto2, NULL).within == HOURS(1));
    assert_int_equal(charter_setting(c, RULE_PER_DAY, masto2, NULL).max, 3);
    assert_string_equal(json_string_value(json_array_get(json_object_get(json_object_get(c->document, "pace"), "quiet"), 0)),
                        "21:00-07:30");
    arena_free(l.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_told_at_its_place),
        cmocka_unit_test(what_is_enforced_is_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
