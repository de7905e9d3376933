/*
 * Files put into a directory: never over another's, never outside, and exactly once whatever ends the life
 * that does it: a child is killed at each of its system calls, then the same is asked for again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#undef fail /* base/error.h has one of its own */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "publish/directory.h"

#define PAGE "---\ntitle: \"A\"\ncald: \"k\"\n---\n\ntext\n"
#define OTHER "---\ncald: \"other\"\n---\nby a person\n"
#define PICTURE "these are the bytes of a picture"

struct house {
    char root[64], media[64];
    struct arena *arena;
    struct media picture;
    struct form_part part;
    struct directory directory;
    struct request request;
    struct media_roots roots;
    struct response response;
};

static void put_text(const char *directory, const char *name, const char *text)
{
    char *path = file_join(directory, name), *parent = file_directory(path);
    assert_true(file_make_directories(parent, 0755, NULL));
    assert_true(file_replace(path, text, strlen(text), 0644, NULL));
    free(parent);
    free(path);
}

static struct house *house_new(void)
{
    struct arena *arena = arena_new();
    struct house *h = arena_new_of(arena, struct house);
    char *hash = arena_alloc(arena, SHA256_HEX);
    h->arena = arena;
    strcpy(h->root, "/dev/shm/cald-directory-XXXXXX");
    strcpy(h->media, "/dev/shm/cald-directory-XXXXXX");
    assert_non_null(mkdtemp(h->root));
    assert_non_null(mkdtemp(h->media));
    chmod(h->root, 0755);
    put_text(h->media, "a.png", PICTURE);
    h->picture = (struct media){.file = "a.png",
                                .mime = "image/png",
                                .size = sizeof PICTURE - 1,
                                .sha256 = sha256_hex(PICTURE, sizeof PICTURE - 1, hash)};
    h->part = (struct form_part){.name = "static/img/a-1.png", .media = &h->picture};
    h->directory =
        (struct directory){.root = h->root, .page = "posts/a.md", .mark = "cald: \"k\"", .key = "k"};
    h->request = (struct request){.method = "PUT",
                                  .body = PAGE,
                                  .body_length = sizeof PAGE - 1,
                                  .parts = &h->part,
                                  .part_count = 1,
                                  .directory = &h->directory};
    h->roots = (struct media_roots){.media = h->media};
    return h;
}

static void house_free(struct house *h)
{
    char *command = arena_printf(h->arena, "rm -rf %s %s", h->root, h->media);
    assert_int_equal(system(command), 0);
    arena_free(h->arena);
}

static int put(struct house *h)
{
    directory_put(&h->request, &h->roots, h->arena, &h->response);
    return h->response.status;
}

static const char *text_of(struct house *h, const char *name)
{
    struct buf text = {0};
    char *path = file_join(h->root, name);
    const char *copy = file_read(path, 1 << 20, &text, NULL) ? arena_strdup(h->arena, buf_text(&text)) : NULL;
    buf_release(&text);
    free(path);
    return copy;
}

static int count_in(const char *directory)
{
    DIR *open = opendir(directory);
    int count = 0;
    for (struct dirent *entry; open && (entry = readdir(open));)
        count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    if (open)
        closedir(open);
    return count;
}

static void expect_whole(struct house *h)
{
    assert_string_equal(text_of(h, "posts/a.md"), PAGE);
    assert_string_equal(text_of(h, "static/img/a-1.png"), PICTURE);
    assert_int_equal(count_in(h->root), 2);
    assert_int_equal(count_in(arena_printf(h->arena, "%s/posts", h->root)), 1);
    assert_int_equal(count_in(arena_printf(h->arena, "%s/static/img", h->root)), 1);
}

static void a_page_and_its_image_are_put_there_once(void **state)
{
    (void)state;
    struct house *h = house_new();
    struct stat st;
    mode_t before = umask(0077);
    assert_int_equal(put(h), 201);
    expect_whole(h);
    assert_int_equal(stat(arena_printf(h->arena, "%s/static/img/a-1.png", h->root), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644); /* who reads the directory reads the file */
    assert_int_equal(stat(arena_printf(h->arena, "%s/static/img", h->root), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    umask(before);
    assert_int_equal(put(h), 200);
    expect_whole(h);
    put_text(h->root, "posts/a.md", PAGE "and a person's words\n"); /* theirs now as well, and stays */
    assert_int_equal(put(h), 200);
    assert_string_equal(text_of(h, "posts/a.md"), PAGE "and a person's words\n");
    house_free(h);
}

static void what_somebody_else_made_is_left_as_it_is(void **state)
{
    (void)state;
    struct house *h = house_new();
    put_text(h->root, "posts/a.md", OTHER);
    assert_int_equal(put(h), 409);
    assert_string_equal(text_of(h, "posts/a.md"), OTHER);
    assert_null(text_of(h, "static/img/a-1.png")); /* was put there, and is gone again */
    unlink(arena_printf(h->arena, "%s/posts/a.md", h->root));
    put_text(h->root, "static/img/a-1.png", "another picture");
    assert_int_equal(put(h), 409);
    assert_string_equal(text_of(h, "static/img/a-1.png"), "another picture");
    assert_null(text_of(h, "posts/a.md"));
    house_free(h);
}

static void nothing_leads_out(void **state)
{
    (void)state;
    static const struct {
        const char *link, *target; /* beneath root, or NULL: none */
        const char *page;
        int status;
    } cases[] = {
        {NULL, NULL, "../a.md", 400},           {NULL, NULL, "/tmp/a.md", 400},
        {NULL, NULL, "posts/../../a.md", 400},  {NULL, NULL, "posts//a.md", 400},
        {"posts", "/tmp", "posts/a.md", 400},   {"posts", ".", "posts/a.md", 400},
        {"a.md", "/nowhere/a.md", "a.md", 409}, {"posts", "/nowhere", "posts/a.md", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct house *h = house_new();
        h->request.part_count = 0;
        h->directory.page = cases[i].page;
        if (cases[i].link)
            assert_int_equal(
                symlink(cases[i].target, arena_printf(h->arena, "%s/%s", h->root, cases[i].link)), 0);
        if (put(h) != cases[i].status || count_in(h->root) != (cases[i].link != NULL))
            fail_msg("%zu: %d %s", i, h->response.status, h->response.body);
        house_free(h);
    }
}

static void what_cannot_be_written_says_why(void **state)
{
    (void)state;
    struct house *h = house_new();
    put_text(h->media, "a.png", "these are the bytes of A picture");
    assert_int_equal(put(h), 410);
    assert_non_null(strstr(h->response.body, "was changed"));
    put_text(h->root, "posts", "a file");
    h->request.part_count = 0;
    assert_int_equal(put(h), 400);
    h->directory.page = NULL;
    assert_int_equal(put(h), 200);
    h->directory.root = "/nonexistent/site";
    assert_int_equal(put(h), 404);
    assert_non_null(strstr(h->response.body, "'/nonexistent/site' is not there"));
    h->directory.root = "/proc/self";
    h->directory.page = "a.md";
    assert_int_not_equal(put(h), 201);
    house_free(h);
}

/* A child that puts it there, killed where the n-th stop at a system call is (each has two: before and
   after). False: it came to its end. */
static bool killed_at(struct house *h, int n)
{
    int status;
    pid_t child = fork();
    if (!child) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        put(h);
        raise(SIGSTOP);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    for (int i = 0; i <= n; i++) {
        assert_int_equal(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSTOPPED(status));
        if (WSTOPSIG(status) == SIGSTOP)
            break;
    }
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return WSTOPSIG(status) != SIGSTOP;
}

static void a_life_that_ends_at_any_system_call_leaves_it_to_the_next(void **state)
{
    (void)state;
    int lives = 0, found = 0, status;
    for (bool killed = true; killed; lives++) {
        struct house *h = house_new();
        killed = killed_at(h, lives);
        status = put(h);
        if (status != 200 && status != 201)
            fail_msg("killed at stop %d: %d %s", lives, status, h->response.body);
        found += status == 200;
        expect_whole(h);
        house_free(h);
    }
    assert_true(lives > 40 && found > 2 && found < lives / 2);
}

/* ---- a page that is changed ---- */

#define CHANGED PAGE "one word more\n"

static struct house *house_to_change(void)
{
    struct house *h = house_new();
    assert_int_equal(put(h), 201);
    h->request.part_count = 0;
    h->request.body = CHANGED;
    h->request.body_length = sizeof CHANGED - 1;
    h->directory.was = PAGE;
    return h;
}

static void a_page_is_changed_as_long_as_it_is_as_it_was_written(void **state)
{
    (void)state;
    struct house *h = house_to_change();
    assert_int_equal(put(h), 201);
    assert_string_equal(text_of(h, "posts/a.md"), CHANGED);
    assert_int_equal(put(h), 200); /* the answer was lost */
    assert_string_equal(text_of(h, "posts/a.md"), CHANGED);
    static const char *const others[] = {PAGE "x", "", OTHER};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        put_text(h->root, "posts/a.md", others[i]);
        assert_int_equal(put(h), 409);
        assert_string_equal(text_of(h, "posts/a.md"), others[i]);
    }
    const char *page = arena_printf(h->arena, "%s/posts/a.md", h->root);
    unlink(page);
    assert_int_equal(put(h), 409); /* who took it away does not get it back */
    assert_null(text_of(h, "posts/a.md"));
    put_text(h->root, "elsewhere.md", PAGE);
    assert_int_equal(symlink("../elsewhere.md", page), 0);
    assert_int_equal(put(h), 409);
    assert_string_equal(text_of(h, "elsewhere.md"), PAGE);
    house_free(h);
}

static void a_page_is_the_old_or_the_new_one_wherever_a_life_ends(void **state)
{
    (void)state;
    int lives = 0, old = 0;
    for (bool killed = true; killed; lives++) {
        struct house *h = house_to_change();
        killed = killed_at(h, lives);
        const char *text = text_of(h, "posts/a.md");
        if (!text || (strcmp(text, PAGE) != 0 && strcmp(text, CHANGED) != 0))
            fail_msg("killed at stop %d: %s", lives, text ? text : "nothing");
        old += !strcmp(text, PAGE);
        assert_true(put(h) == 200 || h->response.status == 201);
        assert_string_equal(text_of(h, "posts/a.md"), CHANGED);
        assert_int_equal(count_in(arena_printf(h->arena, "%s/posts", h->root)), 1);
        house_free(h);
    }
    assert_true(lives > 20 && old > 10 && old < lives - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_and_its_image_are_put_there_once),
        cmocka_unit_test(what_somebody_else_made_is_left_as_it_is),
        cmocka_unit_test(nothing_leads_out),
        cmocka_unit_test(what_cannot_be_written_says_why),
        cmocka_unit_test(a_life_that_ends_at_any_system_call_leaves_it_to_the_next),
        cmocka_unit_test(a_page_is_changed_as_long_as_it_is_as_it_was_written),
        cmocka_unit_test(a_page_is_the_old_or_the_new_one_wherever_a_life_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
