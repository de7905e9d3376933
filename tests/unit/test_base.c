/* The floor that knows nothing of ours: errors, buffers, clock, JSON, files, hashes, nearest words, findings. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/host.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/suggest.h"
#include "base/utf8.h"

static void an_error_says_what_was_done_and_what_failed(void **state)
{
    struct error err = {0};
    (void)state;
    assert_false(fail(&err, "unknown key '%s'", "txt"));
    assert_false(fail_while(&err, "reading '%s'", "a.yaml"));
    assert_string_equal(err.message, "reading 'a.yaml': unknown key 'txt'");
    errno = ENOENT;
    fail_errno(&err, "cannot open 'x'");
    assert_string_equal(err.message, "cannot open 'x': No such file or directory");
    assert_false(fail(NULL, "nobody asks"));
}

static void a_long_error_is_cut_at_a_character(void **state)
{
    struct error err = {0};
    char text[3000];
    (void)state;
    memset(text, 'x', sizeof text);
    for (size_t i = 1; i + 1 < sizeof text - 2; i += 2)
        memcpy(text + i, "é", 2);
    text[sizeof text - 1] = '\0';
    fail(&err, "%s", text);
    assert_true(strlen(err.message) >= sizeof err.message - 5);
    assert_true(utf8_is_valid(err.message, strlen(err.message)));
}

static void an_array_in_an_arena_grows(void **state)
{
    struct arena *arena = arena_new();
    int *numbers = NULL;
    size_t count = 0;
    (void)state;
    for (int i = 0; i < 1000; i++)
        *arena_push(arena, numbers, count) = i;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    assert_string_equal(arena_printf(arena, "%s-%d", "a", 1), "a-1");
    assert_null(arena_strdup(arena, NULL));
    assert_false(arena_holds(arena, "a-1"));
    assert_true(arena_holds(arena, arena_strdup(arena, "a-1")));
    assert_true(arena_holds(arena, numbers + 1));
    arena_free(arena);
    arena_free(NULL);
}

static void xml_and_urls_are_escaped(void **state)
{
    struct buf buf = {0};
    (void)state;
    assert_string_equal(buf_text(&buf), "");
    buf_add_xml(&buf, "<a href=\"x\">l'\x01&</a>");
    assert_string_equal(buf_text(&buf), "&lt;a href=&quot;x&quot;&gt;l&#39;&amp;&lt;/a&gt;");
    buf_reset(&buf);
    buf_add_url(&buf, "a b/é~");
    assert_string_equal(buf_text(&buf), "a%20b%2F%C3%A9~");
    buf_release(&buf);
}

static const struct {
    const char *text;
    bool ok;
    instant t;
} instants[] = {
    {"1970-01-01T00:00:00Z", true, 0},
    {"2026-03-27T02:30:00+01:00", true, 1774575000000},
    {"2026-03-27T01:30:00.123456Z", true, 1774575000123},
    {"2026-03-27 01:30Z", true, 1774575000000},
    {"2024-02-29T00:00:00Z", true, 1709164800000},
    {"2023-02-29T00:00:00Z", false, 0}, /* no leap year */
    {"2026-03-27T01:30:00", false, 0},  /* no offset: which instant? */
    {"2026-03-27T24:00:00Z", false, 0},
    {"2026-03-27T01:30:00Zx", false, 0},
    {"", false, 0},
};

static void instants_are_read_and_written(void **state)
{
    char text[INSTANT_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof instants / sizeof *instants; i++) {
        instant t = -1;
        assert_int_equal(instant_parse(instants[i].text, &t), instants[i].ok);
        if (instants[i].ok)
            assert_int_equal(t, instants[i].t);
    }
    assert_string_equal(instant_format(1774575000123, text, sizeof text), "2026-03-27T01:30:00.123Z");
    assert_string_equal(instant_format(-1000, text, sizeof text), "1969-12-31T23:59:59Z");
}

static void http_dates_are_read_in_all_three_forms(void **state)
{
    static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};
    char text[INSTANT_TEXT];
    instant t;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(instant_parse_http(forms[i], &t));
        assert_int_equal(t, 784111777000);
    }
    assert_string_equal(instant_format_http(784111777000, text, sizeof text), forms[0]);
    assert_false(instant_parse_http("tomorrow", &t));
}

static void civil_days_and_back_for_four_hundred_years(void **state)
{
    (void)state;
    for (int64_t day = civil_to_days(1900, 1, 1); day < civil_to_days(2300, 1, 1); day++) {
        int64_t year;
        unsigned month, mday;
        days_to_civil(day, &year, &month, &mday);
        assert_int_equal(civil_to_days(year, month, mday), day);
    }
}

static const struct {
    const char *text;
    duration d;
} durations[] = {{"90s", 90000}, {"15m", 900000}, {"2h", 7200000}, {"1h30m", 5400000}, {"1w", 604800000}, {"0s", 0}};

static void durations_are_read_and_written(void **state)
{
    char text[32];
    duration d;
    (void)state;
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        assert_true(duration_parse(durations[i].text, &d));
        assert_int_equal(d, durations[i].d);
    }
    assert_false(duration_parse("", &d));
    assert_false(duration_parse("5", &d));
    assert_false(duration_parse("2x", &d));
    assert_false(duration_parse("-2h", &d));
    assert_true(duration_parse("36525d", &d)); /* a hundred years, and not a second more */
    assert_false(duration_parse("36525d1s", &d));
    assert_false(duration_parse("999999999w", &d));
    assert_false(duration_parse("999999999w999999999w999999999w999999999w999999999w999999999w999999999w999999999w"
                                "999999999w999999999w999999999w999999999w999999999w999999999w999999999w999999999w",
                                &d)); /* more than 64 bits hold */
    assert_string_equal(duration_format(5400000, text, sizeof text), "1h30m");
    assert_string_equal(duration_format(DAYS(3) + HOURS(4) + 5, text, sizeof text), "3d4h");
    assert_string_equal(duration_format(250, text, sizeof text), "250ms");
}

static void numbers_are_written_as_printf_writes_them(void **state)
{
    static const int64_t numbers[] = {0, 1, -1, 9, 10, -10, 123456789, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    struct buf ours = {0}, theirs = {0};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        buf_add_number(&ours, numbers[i]);
        buf_printf(&theirs, "%lld", (long long)numbers[i]);
        log_add_number(&ours, "n", numbers[i]);
        buf_printf(&theirs, " n=%lld", (long long)numbers[i]);
    }
    assert_string_equal(buf_text(&ours), buf_text(&theirs));
    buf_release(&ours);
    buf_release(&theirs);
}

static void json_from_strangers_is_bounded(void **state)
{
    struct error err = {0};
    char deep[200];
    (void)state;
    memset(deep, '[', sizeof deep);
    assert_null(json_parse(deep, sizeof deep, &err));
    assert_non_null(strstr(err.message, "deeper"));
    memset(deep + 65, ']', 65);
    assert_null(json_parse(deep, 130, &err));
    assert_non_null(strstr(err.message, "deeper"));
    json_t *allowed = json_parse(deep + 1, 128, &err);
    assert_non_null(allowed);
    json_decref(allowed);
    memset(deep, '[', sizeof deep);
    deep[0] = deep[sizeof deep - 1] = '"';
    allowed = json_parse(deep, sizeof deep, &err);
    assert_int_equal(json_string_length(allowed), sizeof deep - 2);
    json_decref(allowed);
    assert_null(json_parse("{\"a\":1,\"a\":2}", 13, &err));
    assert_non_null(strstr(err.message, "duplicate"));
    json_t *value = json_parse("{\"b\":[1],\"a\":\"x\"}", 17, &err);
    char *text = json_print(value);
    assert_string_equal(text, "{\"a\":\"x\",\"b\":[1]}");
    free(text);
    assert_string_equal(json_text(value, "a"), "x");
    assert_null(json_text(value, "b"));
    assert_int_equal(json_number(NULL, "a", 7), 7);
    json_set_text(value, "bad", "caf\xe9");
    assert_string_equal(json_text(value, "bad"), "caf\xEF\xBF\xBD");
    json_decref(value);
}

/* Contents are hashed as they are printed: not a byte may differ from what was stored before. */
static void members_are_merged_and_null_removes(void **state)
{
    (void)state;
    json_t *object = json_pack("{s:i, s:i}", "a", 1, "b", 2), *news = json_pack("{s:n, s:n, s:s}", "a", "c", "b", "x");
    json_merge(object, news);
    json_merge(object, NULL);
    char *text = json_print(object);
    assert_string_equal(text, "{\"b\":\"x\"}"); /* no member that is null, which is not the same as none */
    free(text);
    json_decref(object);
    json_decref(news);
}

static void json_is_printed_as_jansson_prints_it(void **state)
{
    static const char *const texts[] = {
        "null", "true", "-9223372036854775807", "0.1", "1e300", "\"\"", "[]", "{}", "[[],{}]",
        "\"\\u0001\\b\\f\\n\\r\\t\\u001f\\u007f/\\\\\\\"\"",
        "{\"b\":1,\"a\":[1,2.5,null,false],\"ab\":{\"é\":\"Où ? 🎉\"},\"\":0,\"A\":\"\\u00e9\"}",
        ("{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0,\"k\":0,\"l\":0,\"m\":0,"
        "\"z\":0,\"y\":0,\"x\":0,\"w\":0,\"v\":0,\"u\":0,\"t\":0,\"s\":0,\"r\":0,\"q\":0,\"p\":0,\"o\":0,\"n\":0}"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *value = json_parse(texts[i], strlen(texts[i]), NULL);
        char *ours = json_print(value), *theirs = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
        assert_string_equal(ours, theirs);
        free(ours);
        free(theirs);
        json_decref(value);
    }
}

/* It is looked at in eights. */
static void each_character_is_printed_right_wherever_it_stands(void **state)
{
    (void)state;
    for (uint32_t c = 1; c < 0x100; c++) {
        for (size_t at = 0; at < 20; at++) {
            char text[24] = "01234567890123456789", wanted[40], character[4], *printed;
            size_t size = utf8_encode(c, character);
            memcpy(text + at, character, size);
            json_t *value = json_string(text);
            char *theirs = json_dumps(value, JSON_ENCODE_ANY);
            snprintf(wanted, sizeof wanted, "%s", theirs);
            printed = json_print(value);
            assert_string_equal(printed, wanted);
            free(printed);
            free(theirs);
            json_decref(value);
        }
    }
}

static char directory[] = "/tmp/cald-base-XXXXXX";

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static void a_file_is_replaced_whole_and_read_bounded(void **state)
{
    struct error err = {0};
    struct buf content = {0};
    char *path = file_join(directory, "file");
    (void)state;
    assert_true(file_replace(path, "hello", 5, 0644, &err));
    assert_true(file_replace(path, "hello world", 11, 0644, &err));
    assert_true(file_read(path, 100, &content, &err));
    assert_string_equal(buf_text(&content), "hello world");
    assert_false(file_read(path, 10, &content, &err));
    assert_non_null(strstr(err.message, "larger than 10 bytes"));
    assert_false(file_read(directory, 10, &content, &err));
    assert_non_null(strstr(err.message, "is a directory"));
    buf_release(&content);
    free(path);
}

static void a_secret_that_others_can_read_is_refused(void **state)
{
    struct error err = {0};
    struct buf content = {0};
    char *path = file_join(directory, "secret");
    (void)state;
    assert_true(file_replace(path, "s3cret\n", 7, 0600, &err));
    assert_true(file_read_secret(path, &content, &err));
    assert_string_equal(buf_text(&content), "s3cret");
    assert_int_equal(chmod(path, 0640), 0);
    assert_false(file_read_secret(path, &content, &err));
    assert_non_null(strstr(err.message, "chmod 600"));
    buf_release(&content);
    free(path);
}

static const struct {
    const char *path, *says;
} escapes[] = {
    {"../etc/passwd", "leaves the directory"},
    {"/etc/passwd", "leaves the directory"},
    {"link", "symbolic link"},
    {"folder/passwd", "symbolic link"},
    {"a/../../etc/passwd", "leaves the directory"},
    {"a/..", "leaves the directory"},
    {"secret/x", "Not a directory"},
    {"missing", "No such file"},
    {".", "is a directory"},
};

static void nothing_beneath_a_root_leads_out_of_it(void **state)
{
    struct error err = {0};
    char *link = file_join(directory, "link"), *folder = file_join(directory, "folder");
    (void)state;
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(symlink("/etc", folder), 0);
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        assert_int_equal(file_open_beneath(directory, escapes[i].path, &err), -1);
        assert_non_null(strstr(err.message, escapes[i].says));
    }
    free(link);
    free(folder);
}

static void known_hashes(void **state)
{
    char hex[SHA256_HEX], a[33], b[33];
    (void)state;
    assert_string_equal(sha256_hex("abc", 3, hex),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    random_hex(a, 32);
    random_hex(b, 32);
    assert_int_equal(strlen(a), 32);
    assert_string_not_equal(a, b);
    assert_true(same_secret("abc", "abc"));
    assert_false(same_secret("abc", "abd"));
    assert_false(same_secret("abc", "abcd"));
}

static void the_nearest_word_is_suggested_only_when_near(void **state)
{
    static const char *const words[] = {"mastodon", "bluesky", "webhook"};
    (void)state;
    assert_string_equal(suggest("mastodn", words, 3), "mastodon");
    assert_string_equal(suggest("Bluesyk", words, 3), "bluesky");
    assert_null(suggest("linkedin", words, 3));
    assert_null(suggest("", words, 3));
}

static void secrets_are_hidden_in_every_form(void **state)
{
    struct buf out = {0};
    (void)state;
    log_secret("hunter2/secret");
    const char *line = "plain hunter2/secret url hunter2%2Fsecret base64 aHVudGVyMi9zZWNyZXQ= end";
    log_redact(&out, line, strlen(line));
    assert_null(strstr(buf_text(&out), "hunter2"));
    assert_null(strstr(buf_text(&out), "aHVudGVyMi9zZW"));
    assert_non_null(strstr(buf_text(&out), "end"));
    buf_release(&out);
}

static void a_secret_is_hidden_behind_any_user_name_and_when_it_was_cut(void **state)
{
    static const char *const lines[] = {
        "Basic OmNvcnJlY3QtaG9yc2UtYmF0dGVyeQ==",     /* ":correct-horse-battery" */
        "Basic YW46Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5",     /* "an:…" */
        "Basic YW5uYTpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=", /* "anna:…" */
        "you sent correct-horse-ba",
    };
    (void)state;
    log_secret("correct-horse-battery");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct buf out = {0};
        log_redact(&out, lines[i], strlen(lines[i]));
        assert_non_null(strstr(buf_text(&out), "***"));
        assert_true(out.length < strlen(lines[i]) - 9);
        assert_true(log_has_secret(lines[i], strlen(lines[i])));
        buf_release(&out);
    }
    assert_false(log_has_secret("a correct horse", strlen("a correct horse")));
    assert_true(log_has_secret("a correct-horse-battery b", strlen("a correct-horse-battery"))); /* up to the end */
    assert_false(log_has_secret("", 0));
}

/* What one write to stderr brought; "": none. */
static const char *written(int fd, char *buffer, size_t size)
{
    ssize_t length = recv(fd, buffer, size - 1, MSG_DONTWAIT);
    buffer[length > 0 ? length : 0] = '\0';
    return buffer;
}

static void gathered_lines_come_together_and_in_order(void **state)
{
    int ends[2], stderr_before = dup(STDERR_FILENO);
    char buffer[1000];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    dup2(ends[1], STDERR_FILENO);
    log_info("one");
    const char *alone = strstr(written(ends[0], buffer, sizeof buffer), "one\n");
    log_gather();
    log_info("two");
    log_info("three");
    bool waited = !*written(ends[0], buffer, sizeof buffer);
    log_give_out();
    const char *together = strstr(written(ends[0], buffer, sizeof buffer), "two\n");
    bool in_order = together && strstr(together, "three\n");
    log_give_out();
    bool once = !*written(ends[0], buffer, sizeof buffer);
    dup2(stderr_before, STDERR_FILENO);
    assert_true(alone && waited && in_order && once);
    close(stderr_before);
    close(ends[0]);
    close(ends[1]);
}

static const struct {
    const char *text, *line;
} log_lines[] = {
    {"caf\xC3\xA9 \xF0\x9F\x98\x80", "caf\xC3\xA9 \xF0\x9F\x98\x80"},
    {"a\nb\x1b[2J\x7f", "a\\nb\\x1b[2J\\x7f"},
    {"a\xC2\x9B" "31m", "a\\xc2\\x9b31m"},          /* CSI of the second set of controls */
    {"x\xE2\x80\xAE" "y", "x\\xe2\\x80\\xaey"},     /* right-to-left override */
    {"caf\xE9 au lait \xC3", "caf\\xe9 au lait \\xc3"}, /* Latin-1, and cut: the journal would hide the line */
};

static void a_line_of_the_log_is_one_line_that_can_be_shown(void **state)
{
    int ends[2], stderr_before = dup(STDERR_FILENO);
    char lines[sizeof log_lines / sizeof *log_lines][200];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    dup2(ends[1], STDERR_FILENO);
    for (size_t i = 0; i < sizeof log_lines / sizeof *log_lines; i++) {
        log_text(LOG_INFO_, log_lines[i].text);
        written(ends[0], lines[i], sizeof lines[i]);
    }
    dup2(stderr_before, STDERR_FILENO);
    for (size_t i = 0; i < sizeof log_lines / sizeof *log_lines; i++) {
        const char *said = strstr(lines[i], " info ");
        char expected[100];
        snprintf(expected, sizeof expected, " info %s\n", log_lines[i].line);
        assert_non_null(said);
        assert_string_equal(said, expected);
    }
    close(stderr_before);
    close(ends[0]);
    close(ends[1]);
}

/* They say what led to it. */
static void gathered_lines_come_before_a_bug_ends_the_process(void **state)
{
    int ends[2];
    char buffer[1000];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        log_gather();
        log_info("what led to it");
        bug("it cannot be");
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    bool led = strstr(written(ends[0], buffer, sizeof buffer), "what led to it\n");
    bool said = strstr(written(ends[0], buffer, sizeof buffer), "bug at ");
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_true(led && said);
    close(ends[0]);
    close(ends[1]);
}

static void findings_are_sorted_and_said_once(void **state)
{
    struct arena *arena = arena_new();
    struct diags diags = diags_in(arena);
    struct buf out = {0};
    (void)state;
    struct diag d = {.level = DIAG_ERROR, .file = "c.yaml", .line = 9, .column = 3, .message = "second"};
    diags_add(&diags, &d);
    diags_add(&diags, &d);
    d = (struct diag){.level = DIAG_WARNING, .file = "c.yaml", .line = 2, .column = 1, .message = "first", .nearest = "fist"};
    diags_add(&diags, &d);
    diags_sort(&diags);
    assert_int_equal(diags.count, 2);
    assert_int_equal(diags.errors, 1);
    diag_print(&diags.items[0], &out);
    assert_string_equal(buf_text(&out), "c.yaml:2:1: warning: first; did you mean 'fist'?");
    buf_release(&out);
    arena_free(arena);
}

static void metrics_are_printed_for_prometheus(void **state)
{
    struct buf out = {0};
    (void)state;
    metric_add(METRIC_ATTEMPTS, "a\"b", 2);
    metrics_print(&out);
    assert_non_null(strstr(buf_text(&out), "# TYPE cald_attempts_total counter\ncald_attempts_total{account=\"a\\\"b\"} 2\n"));
    buf_release(&out);
    metrics_reset();
}

static const struct {
    const char *bytes;
    size_t length;
    bool valid;
} sequences[] = {
    {"abc", 3, true}, {"\xC3\xA9", 2, true}, {"\xF0\x9F\x98\x80", 4, true},
    {"\xC0\x80", 2, false},         /* overlong */
    {"\xED\xA0\x80", 3, false},     /* surrogate */
    {"\xF4\x90\x80\x80", 4, false}, /* beyond U+10FFFF */
    {"\xC3", 1, false},             /* cut */
    {"\x80", 1, false},
};

static void a_url_of_this_machine_is_told_from_others(void **state)
{
    (void)state;
    static const char *const ours[] = {"http://localhost", "http://LOCALHOST:80/x", "http://127.0.0.1:8080/", "http://[::1]:1/a",
                                       "http://127.9.9.9?x", "https://[::1]"};
    static const char *const others[] = {"http://127.0.0.1.example.org/", "http://localhost.example.org", "http://127.1/",
                                         "http://me@localhost/", "http://localhost@example.org/", "localhost", "http://",
                                         "http://[::2]/", "http://example.org/127.0.0.1"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        assert_true(url_is_loopback(ours[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(url_is_loopback(others[i]));
}

static void utf8_is_checked_and_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        for (size_t at = 0; at <= 20; at++) { /* whatever it stands beside */
            char text[32] = "01234567890123456789";
            memcpy(text + at, sequences[i].bytes, sequences[i].length);
            size_t length = at + sequences[i].length;
            assert_int_equal(utf8_is_valid(text, length), sequences[i].valid);
            assert_int_equal(utf8_is_valid(text, length < 24 ? 24 : length), sequences[i].valid);
        }
    for (uint32_t c = 1; c < 0x110000; c += 37) {
        char bytes[4];
        uint32_t back;
        if (c >= 0xD800 && c < 0xE000)
            continue;
        size_t size = utf8_encode(c, bytes);
        assert_int_equal(utf8_decode(bytes, size, &back), size);
        assert_int_equal(back, c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_says_what_was_done_and_what_failed),
        cmocka_unit_test(a_long_error_is_cut_at_a_character),
        cmocka_unit_test(an_array_in_an_arena_grows),
        cmocka_unit_test(gathered_lines_come_together_and_in_order),
        cmocka_unit_test(a_line_of_the_log_is_one_line_that_can_be_shown),
        cmocka_unit_test(gathered_lines_come_before_a_bug_ends_the_process),
        cmocka_unit_test(numbers_are_written_as_printf_writes_them),
        cmocka_unit_test(xml_and_urls_are_escaped),
        cmocka_unit_test(instants_are_read_and_written),
        cmocka_unit_test(http_dates_are_read_in_all_three_forms),
        cmocka_unit_test(civil_days_and_back_for_four_hundred_years),
        cmocka_unit_test(durations_are_read_and_written),
        cmocka_unit_test(json_from_strangers_is_bounded),
        cmocka_unit_test(members_are_merged_and_null_removes),
        cmocka_unit_test(json_is_printed_as_jansson_prints_it),
        cmocka_unit_test(each_character_is_printed_right_wherever_it_stands),
        cmocka_unit_test(a_file_is_replaced_whole_and_read_bounded),
        cmocka_unit_test(a_secret_that_others_can_read_is_refused),
        cmocka_unit_test(nothing_beneath_a_root_leads_out_of_it),
        cmocka_unit_test(known_hashes),
        cmocka_unit_test(the_nearest_word_is_suggested_only_when_near),
        cmocka_unit_test(secrets_are_hidden_in_every_form),
        cmocka_unit_test(a_secret_is_hidden_behind_any_user_name_and_when_it_was_cut),
        cmocka_unit_test(findings_are_sorted_and_said_once),
        cmocka_unit_test(metrics_are_printed_for_prometheus),
        cmocka_unit_test(a_url_of_this_machine_is_told_from_others),
        cmocka_unit_test(utf8_is_checked_and_round_trips),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
