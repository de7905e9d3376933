/*
 * YAML as nodes: what is read, what is refused, and that hostile input is refused at once. How soon is counted, in what
 * libyaml was asked for; how long that takes is measured in integration/test_yaml_limits.py.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/yaml.h"

/* ---- what libyaml is asked for (the linker puts us between: see tests/CMakeLists.txt) ---- */

struct work {
    size_t events, bytes;
};

static const struct work any_work = {SIZE_MAX, SIZE_MAX};
static struct work done, most = {SIZE_MAX, SIZE_MAX}; /* beyond it nothing more is given: a reader without limits ends */
static yaml_read_handler_t *hand_over;

int __real_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
void __real_yaml_parser_set_input(yaml_parser_t *parser, yaml_read_handler_t *handler, void *data);
void __wrap_yaml_parser_set_input(yaml_parser_t *parser, yaml_read_handler_t *handler, void *data);

int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event)
{
    return done.events++ < most.events && __real_yaml_parser_parse(parser, event);
}

static int count_bytes(void *data, unsigned char *buffer, size_t size, size_t *ret_size)
{
    int result = done.bytes < most.bytes && hand_over(data, buffer, size, ret_size);
    if (result)
        done.bytes += *ret_size;
    return result;
}

void __wrap_yaml_parser_set_input(yaml_parser_t *parser, yaml_read_handler_t *handler, void *data)
{
    hand_over = handler;
    __real_yaml_parser_set_input(parser, count_bytes, data);
}


/* ---- reading ---- */

struct run {
    struct arena *arena;
    struct diags diags;
    const struct yaml *root;
};

static struct run parse(const char *bytes, size_t length)
{
    struct run run = {.arena = arena_new()};
    run.diags = diags_in(run.arena);
    run.root = yaml_parse("f.yaml", bytes, length, run.arena, &run.diags);
    return run;
}

static char *shown(const struct run *run)
{
    struct buf text = {0};
    for (size_t i = 0; i < run->diags.count; i++) {
        if (i)
            buf_add_char(&text, '\n');
        diag_print(&run->diags.items[i], &text);
    }
    if (run->root) {
        json_t *json = yaml_to_json(run->root);
        char *printed = json_print(json);
        buf_add_text(&text, printed);
        free(printed);
        json_decref(json);
    }
    return buf_detach(&text);
}

static const struct {
    const char *yaml, *expected, *reason;
} readings[] = {
    {"a: 1\nb: [x, true]\n", "{\"a\":1,\"b\":[\"x\",true]}", "maps, lists, plain numbers and flags"},
    {"", "{}", "an empty file is an empty map"},
    {"# nothing\n---\n...\n", "{}", "so is an empty document"},
    {"a: no\nb: 1e3\nc: 09:00\nd: 2026-12-01\ne: 0x10\nf: 012\n",
     "{\"a\":\"no\",\"b\":\"1e3\",\"c\":\"09:00\",\"d\":\"2026-12-01\",\"e\":\"0x10\",\"f\":\"012\"}",
     "values are what they look like"},
    {"a: '1'\nb: \"true\"\n", "{\"a\":\"1\",\"b\":\"true\"}", "what is quoted is a text"},
    {"a: |\n  x\n  y\nb: >\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\\n\"}", "blocks"},
    {"a: &x [1]\nb: *x\n", "{\"a\":[1],\"b\":[1]}", "aliases are allowed within bounds"},
    {"a: ~\nb:\nc: null\n", "{\"a\":null,\"b\":null,\"c\":null}", "nothing"},
    {"\xEF\xBB\xBF" "a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}", "as an editor of Windows saves it"},
    {"\xEF\xBB\xBF" "a: 1\na: 2\n", "f.yaml:2:1: duplicate key 'a', first at line 1, column 1",
     "a byte order mark is no column"},
    {"a: 1\na: 2\n", "f.yaml:2:1: duplicate key 'a', first at line 1, column 1", "duplicate keys name the first"},
    {"é: 1\nb: {é: 1, é: 2}\n", "f.yaml:2:11: duplicate key 'é', first at line 2, column 5",
     "columns count characters"},
    {"a: 1\na: 2\nb: 1\nb: 2\n",
     "f.yaml:2:1: duplicate key 'a', first at line 1, column 1\n"
     "f.yaml:4:1: duplicate key 'b', first at line 3, column 1", "all duplicates at once"},
    {"a: !!int 1\n", "f.yaml:1:4: tag 'tag:yaml.org,2002:int' is not allowed: a text that begins with '!' must stand in quotes", "tags"},
    {"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document ('---') in one file", "one document a file"},
    {"[a]: 1\n", "f.yaml:1:1: a key must be a plain word", "keys are scalars"},
    {"a: *x\n", "f.yaml:1:4: alias '*x' has no anchor before it: a text that begins with '*' must stand in quotes", "unknown anchors"},
    {"a: &x [*x]\n", "f.yaml:1:8: alias '*x' stands inside its own anchor", "cycles"},
    {"a: &x 1\nb: &x 2\n", "f.yaml:2:4: anchor '&x' is there twice", "anchors are not redefined"},
    {"a: \"x\\x07\"\n", "f.yaml:1:4: control character U+0007 in a text", "no controls through escapes"},
    {"a: \"x\\0y\"\n", "f.yaml:1:4: control character U+0000 in a text", "no NUL"},
    {"a: \"\\u0085\"\n", "f.yaml:1:4: control character U+0085 in a text", "no C1 controls"},
};

static void a_document_reads_as_it_looks_or_is_refused_at_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        struct run run = parse(readings[i].yaml, strlen(readings[i].yaml));
        char *text = shown(&run);
        if (strcmp(text, readings[i].expected) != 0)
            print_error("%s:\n", readings[i].reason);
        assert_string_equal(text, readings[i].expected);
        free(text);
        arena_free(run.arena);
    }
}

/* What people write by mistake, where they are told of it, and with which words. */
static const struct {
    const char *yaml, *place, *words;
} slips[] = {
    {"a: [1, 2\n", "f.yaml:2:1: ", "the '[' of line 1, column 4 is not closed, or a comma is missing (did not find expected"},
    {"- {a: 1\n- {b: 2}\n", "f.yaml:2:3: ", "the '{' of line 1, column 3 is not closed"},
    {"a: b: c\n", "f.yaml:1:5: ", "a text with ': ' in it must stand in quotes, or on lines of its own below 'text: |'"},
    {"a:\n\t- x\n", "f.yaml:2:1: ", "a tab: lines are indented with blanks only"},
    {"a:\n  \tb: x\n  c: y\n", "f.yaml:2:3: ", "a tab: lines are indented with blanks only"},
    {"text: @alice merci\n", "f.yaml:1:7: ", "a text that begins with '@' must stand in quotes"},
    {"- text: `x`\n", "f.yaml:1:9: ", "a text that begins with '`' must stand in quotes"},
    {"text: *gras* x\n", "f.yaml:1:12: ", "a text that begins with '*' must stand in quotes"},
    {"text: > x\n", "f.yaml:1:9: ", "a text that begins with '>' must stand in quotes"},
    {"text: [Promo] x\nb: c\n", "f.yaml:1:15: ", "a text that begins with '[' must stand in quotes"},
    {"text: - x\n", "f.yaml:1:7: ", "a text that begins with '-' must stand in quotes"},
    {"text: \"Un\" deux\nb: c\n", "f.yaml:1:12: ", "a text that begins with \" ends at the next \""},
    {"a: 1\nb: \"x\nc: 2\n", "f.yaml:2:4: ", "the quote that opens here is not closed"},
    {"- a: 1\n - b: 2\n", "f.yaml:2:2: ", "this line begins in column 2; what it belongs to begins in line 1, column 1"},
    {"a:\n  - b: 1\n   c: 2\n", "f.yaml:3:4: ", "this line begins in column 4; what it belongs to begins in line 2, column 3"},
    {"a: 1\nbonjour\nb: 2\n", "f.yaml:2:1: ", "neither 'key: value' nor part of the text above it"},
    {"- a: 1\nb: 2\n", "f.yaml:2:1: ", "each entry of this list begins with '- '"},
    {"a: 1\ntext:b\nc: 2\n", "f.yaml:2:1: ", "a blank must follow the ':' behind a key"},
    {"a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", "f.yaml:2:1: ", "a merge conflict was left here ('<<<<<<<')"},
    {"a: 1\rb: 2\xC2\x85" "c: 3\xE2\x80\xA8" "d: @x\n", "f.yaml:4:4: ", "a text that begins with '@'"},
    {"a: 1\nb: caf\xE9\n", "f.yaml:2:1: not UTF-8 text at byte 11: ", "save the file as UTF-8"},
};

static void a_slip_is_told_where_it_was_made_and_how_it_is_mended(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        struct run run = parse(slips[i].yaml, strlen(slips[i].yaml));
        char *text = shown(&run);
        if (strncmp(text, slips[i].place, strlen(slips[i].place)) != 0 || !strstr(text, slips[i].words)) {
            print_error("%s\nis told as %s\nnot at %s as %s\n", slips[i].yaml, text, slips[i].place, slips[i].words);
            wrong++;
        }
        free(text);
        arena_free(run.arena);
    }
    assert_int_equal(wrong, 0);
}

static void a_word_behind_a_value_that_yaml_takes_for_a_comment_is_noticed(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        bool noticed;
    } cases[] = {
        {"a: bonjour #neige\n", true},
        {"a: été à la montagne  #été", true},
        {"a: #neige\n", true},
        {"a: bonjour\n  à tous #neige\n", true},
        {"x: é\na: bonjour #neige\n", true},
        {"x: y #z\na: bonjour # une remarque\n", false},
        {"a: bonjour #\n", false},
        {"a: bonjour ## fin\n", false},
        {"a: bonjour#neige\n", false},
        {"a: 'bonjour' #neige\n", false}, /* who writes quotes knows where they end */
        {"a: |\n  bonjour #neige\n", false},
        {"a: bonjour\n#neige\n", false},
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run = parse(cases[i].yaml, strlen(cases[i].yaml));
        const struct yaml *a = run.root ? yaml_get(run.root, "a") : NULL;
        if (!a || a->hashtag_behind != cases[i].noticed) {
            print_error("%s\n", cases[i].yaml);
            wrong++;
        }
        arena_free(run.arena);
    }
    assert_int_equal(wrong, 0);
}

static void nodes_know_where_they_stand(void **state)
{
    (void)state;
    static const char text[] = "posts:\n  - id: \"été\"\n    to: [a, b]\n";
    struct run run = parse(text, strlen(text));
    const struct yaml *post = yaml_get(run.root, "posts")->items[0];
    assert_int_equal(post->line, 2);
    assert_int_equal(post->column, 5);
    assert_false(yaml_get(post, "id")->plain);
    assert_int_equal(yaml_get(post, "to")->items[1]->column, 13);
    assert_null(yaml_get(post, "other"));
    arena_free(run.arena);
}

/* 'word' is found in the text of 'a', and its place in the file is told: "3:5", or where the value begins. */
static void a_word_of_a_text_knows_where_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *file, *place;
    } cases[] = {
        {"a: word\n", "1:4"},
        {"a: un été, word\n", "1:12"},
        {"a: 'un été, word'\n", "1:13"},
        {"a: \"un word\"\n", "1:8"},
        {"a: 'l''été word'\n", "1:4"},       /* what is escaped is not byte for byte */
        {"a: \"\\u00e9t\\u00e9 word\"\n", "1:4"},
        {"a: un\n  word\n", "1:4"},          /* nor what is folded */
        {"a: >\n  un\n  word\n", "1:4"},
        {"a: |\n  word\n", "2:3"},
        {"a: |\n  un\n\n    été word\n", "4:9"},
        {"a: |\n\n\n    un word\n", "4:8"},
        {"a: | # so\n  un word\nb: c\n", "2:6"},
        {"a: |2\n    un\n  word\n", "3:3"},
        {"a: |-\r\n  un\r\n  word\r\n", "3:3"},
        {"b: c #d\na: |\n un\n word", "4:2"},
        {"\xEF\xBB\xBF" "a: word\n", "1:4"},
        {"a: &x\n  |\n  word\n", "1:4"}, /* its lines are not where they mostly are */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run = parse(cases[i].file, strlen(cases[i].file));
        const struct yaml *text = yaml_get(run.root, "a");
        char place[32];
        unsigned line, column;
        yaml_place(text, (size_t)(strstr(text->text, "word") - text->text), &line, &column);
        snprintf(place, sizeof place, "%u:%u", line, column);
        if (strcmp(place, cases[i].place) != 0)
            print_error("%s\n", cases[i].file);
        assert_string_equal(place, cases[i].place);
        yaml_place(text, text->length + 9, &line, &column); /* it ends there */
        arena_free(run.arena);
    }
}

/* ---- hostile input ---- */

static void add_times(struct buf *buf, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_add_text(buf, text);
}

static void make_brackets(struct buf *buf)
{
    add_times(buf, "[", 100 * 1024);
}

static void make_maps(struct buf *buf)
{
    add_times(buf, "{a: ", 100 * 1024);
}

static void make_dashes(struct buf *buf)
{
    add_times(buf, "- ", 100 * 1024);
}

static void make_questions(struct buf *buf)
{
    add_times(buf, "? ", 100 * 1024);
}

static void make_anchors(struct buf *buf)
{
    for (int i = 0; i < 60000; i++)
        buf_printf(buf, "- &a%d x\n", i);
}

static void make_laughs(struct buf *buf)
{
    buf_add_text(buf, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
        buf_printf(buf, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            buf_printf(buf, "%s*a%d", k ? ", " : "", i - 1);
        buf_add_text(buf, "]\n");
    }
}

static void make_deep_aliases(struct buf *buf)
{
    buf_add_text(buf, "a0: &a0 [x]\n");
    for (int i = 1; i < 500; i++)
        buf_printf(buf, "a%d: &a%d [*a%d]\n", i, i, i - 1);
}

static void make_scalar(struct buf *buf)
{
    buf_add_text(buf, "a: ");
    buf_reserve(buf, 50 << 20);
    memset(buf->data + buf->length, 'x', 50 << 20);
    buf->length += 50 << 20;
    buf->data[buf->length] = '\0';
}

static void make_quoted(struct buf *buf)
{
    make_scalar(buf);
    buf->data[3] = '"';
}

static void make_comment(struct buf *buf)
{
    make_scalar(buf);
    buf->data[0] = '#';
}

static void make_latin1(struct buf *buf)
{
    buf_add_text(buf, "a: \xE9t\xE9\n");
}

static void make_utf16(struct buf *buf)
{
    buf_add(buf, "\xFF\xFE" "a\0:\0 \0b\0", 10);
}

static void make_controls(struct buf *buf)
{
    buf_add(buf, "a: \0\n", 5);
}

static const struct {
    void (*make)(struct buf *buf);
    const char *message; /* a part of it */
    struct work most;
} hostile[] = {
    {make_brackets, "nested deeper than 32 levels", {40, 64 << 10}},
    {make_maps, "nested deeper than 32 levels", {72, 64 << 10}},
    {make_dashes, "nested deeper than 32 levels", {40, 64 << 10}},
    {make_questions, "a key must be a plain word", {40, 64 << 10}},
    {make_anchors, "more than 1000 anchors", {1010, 64 << 10}},
    {make_laughs, "too many or too large aliases", {200, 64 << 10}},
    {make_deep_aliases, "too many or too large aliases", {200, 64 << 10}},
    {make_scalar, "longer than 512 KiB", {10, 600 << 10}},
    {make_quoted, "longer than 512 KiB", {10, 600 << 10}},
    {make_comment, "longer than 512 KiB", {10, 600 << 10}},
    {make_latin1, "not UTF-8", {10, 64 << 10}},
    {make_utf16, "not UTF-8", {10, 64 << 10}},
    {make_controls, "control characters", {10, 64 << 10}},
};

static void hostile_input_is_refused_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct buf bytes = {0};
        hostile[i].make(&bytes);
        most = hostile[i].most;
        done = (struct work){0};
        struct run run = parse(bytes.data, bytes.length);
        most = any_work;
        if (run.root || !strstr(run.diags.items[0].message, hostile[i].message))
            print_error("case %zu, after %zu events of %zu bytes: %s\n", i, done.events, done.bytes,
                        run.root ? "it was read" : run.diags.items[0].message);
        assert_null(run.root);
        assert_non_null(strstr(run.diags.items[0].message, hostile[i].message));
        assert_int_equal(run.diags.errors, 1);
        assert_true(done.events > 0 && done.bytes > 0);
        arena_free(run.arena);
        buf_release(&bytes);
    }
}

static void a_key_is_told_from_a_hundred_thousand_others(void **state)
{
    (void)state;
    struct buf bytes = {0};
    for (int i = 0; i < 100000; i++)
        buf_printf(&bytes, "k%d: x\n", i);
    buf_add_text(&bytes, "k77777: y\n");
    struct run run = parse(bytes.data, bytes.length);
    assert_null(run.root);
    assert_int_equal(run.diags.errors, 1);
    assert_int_equal(run.diags.items[0].line, 100001);
    assert_non_null(strstr(run.diags.items[0].message, "first at line 77778"));
    arena_free(run.arena);
    buf_release(&bytes);
}

static void a_message_is_one_line_whatever_it_quotes(void **state)
{
    (void)state;
    struct buf bytes = {0};
    for (int i = 0; i < 2; i++) {
        buf_add_text(&bytes, "\"x\\n");
        for (int k = 0; k < 600; k++)
            buf_add_text(&bytes, "é");
        buf_add_text(&bytes, "\": 1\n");
    }
    struct run run = parse(bytes.data, bytes.length);
    assert_int_equal(run.diags.errors, 1);
    const char *message = run.diags.items[0].message;
    assert_null(strchr(message, '\n'));
    assert_true(utf8_is_valid(message, strlen(message)));
    assert_non_null(strstr(message, "'x é"));
    arena_free(run.arena);
    buf_release(&bytes);
}

static void json_becomes_the_same_tree(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,true,\"x\",null],\"b\":{\"c\":\"1\"}}";
    struct arena *arena = arena_new();
    struct error err;
    json_t *json = json_parse(text, strlen(text), &err);
    const struct yaml *tree = yaml_from_json(json, arena, &err);
    json_t *again = yaml_to_json(tree);
    assert_true(json_equal(json, again));
    assert_true(yaml_is_null(yaml_get(tree, "a")->items[3]));
    assert_false(yaml_get(yaml_get(tree, "b"), "c")->plain);
    json_decref(again);
    json_decref(json);
    json = json_pack("{s:s}", "a", "bell\a");
    assert_null(yaml_from_json(json, arena, &err));
    assert_string_equal(err.message, "control character in a text");
    json_decref(json);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_reads_as_it_looks_or_is_refused_at_its_place),
        cmocka_unit_test(a_slip_is_told_where_it_was_made_and_how_it_is_mended),
        cmocka_unit_test(a_word_behind_a_value_that_yaml_takes_for_a_comment_is_noticed),
        cmocka_unit_test(nodes_know_where_they_stand),
        cmocka_unit_test(a_word_of_a_text_knows_where_it_stands),
        cmocka_unit_test(hostile_input_is_refused_at_once),
        cmocka_unit_test(a_key_is_told_from_a_hundred_thousand_others),
        cmocka_unit_test(a_message_is_one_line_whatever_it_quotes),
        cmocka_unit_test(json_becomes_the_same_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
