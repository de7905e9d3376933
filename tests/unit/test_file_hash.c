/* What a large file's hash was is remembered only as long as nothing can have changed it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_hash.h"

static duration ahead;

static instant real_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (instant)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ahead;
}

static duration no_time(void)
{
    return 0;
}

static int make_file(char *path, size_t size)
{
    strcpy(path, "/tmp/cald-hash-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
    return fd;
}

/* One that cannot be read: who knows its hash remembers it. */
static bool is_remembered(const char *path, char ret_hash[SHA256_HEX])
{
    int64_t size;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool known = file_hash(fd, ret_hash, &size);
    close(fd);
    return known;
}

static void a_large_file_is_read_once_while_it_is_what_it_was(void **state)
{
    (void)state;
    char path[32], hash[SHA256_HEX], again[SHA256_HEX];
    int64_t size;
    int fd = make_file(path, FILE_HASH_LARGE + 1);
    ahead = SECONDS(10);
    assert_true(file_hash(fd, hash, &size));
    assert_int_equal(size, FILE_HASH_LARGE + 1);
    assert_true(is_remembered(path, again));
    assert_string_equal(again, hash);
    assert_int_equal(pwrite(fd, "x", 1, 7), 1);
    assert_false(is_remembered(path, again));
    assert_true(file_hash(fd, again, &size));
    assert_string_not_equal(again, hash);
    close(fd);
    unlink(path);
}

static void what_changed_a_moment_ago_may_change_without_a_trace(void **state)
{
    (void)state;
    char path[32], hash[SHA256_HEX];
    int64_t size;
    int fd = make_file(path, FILE_HASH_LARGE + 2);
    ahead = 0;
    assert_true(file_hash(fd, hash, &size));
    assert_false(is_remembered(path, hash));
    close(fd);
    unlink(path);
}

static void a_small_file_is_read_each_time(void **state)
{
    (void)state;
    char path[32], hash[SHA256_HEX];
    int64_t size;
    int fd = make_file(path, 3);
    ahead = SECONDS(10);
    assert_true(file_hash(fd, hash, &size));
    assert_false(is_remembered(path, hash));
    close(fd);
    unlink(path);
}

int main(void)
{
    static const struct clock_source source = {real_now, no_time};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_file_is_read_once_while_it_is_what_it_was),
        cmocka_unit_test(what_changed_a_moment_ago_may_change_without_a_trace),
        cmocka_unit_test(a_small_file_is_read_each_time),
    };
    clock_use(&source);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
