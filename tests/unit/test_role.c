/* Who may do what: peers of the Unix socket, and bearer tokens. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail /* cmocka's macro; ours is a function */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "control/role.h"

enum { OWN = 4242, STRANGER = 4243 };

static gid_t group_of(const char *name)
{
    const struct group *group = getgrnam(name);
    assert_non_null(group);
    return group->gr_gid;
}

static uid_t user_of(const char *name)
{
    const struct passwd *user = getpwnam(name);
    assert_non_null(user);
    return user->pw_uid;
}

static const struct role_grant grants[] = {
    {.name = "games", .role = ROLE_VIEWER},
    {.is_group = true, .name = "mail", .role = ROLE_AUTHOR},
    {.is_group = true, .name = "news", .role = ROLE_EDITOR},
    {.is_group = true, .name = "no-such-group", .role = ROLE_ADMIN},
    {.name = "no-such-user", .role = ROLE_ADMIN},
};

static const struct settings settings = {
    .grants = grants,
    .grant_count = sizeof grants / sizeof *grants,
    .socket_group = "uucp",
};

static enum role role_of(uid_t uid, gid_t primary, gid_t other)
{
    struct arena *arena = arena_new();
    struct peer peer = {.local = true, .uid = uid, .groups = {primary, other}, .group_count = 2};
    enum role role = role_of_peer(&settings, &peer, OWN, arena).role;
    arena_free(arena);
    return role;
}

static void a_peer_has_the_highest_role_that_is_granted_to_it(void **state)
{
    (void)state;
    gid_t mail = group_of("mail"), news = group_of("news"), uucp = group_of("uucp"), none = 65000;
    const struct {
        uid_t uid;
        gid_t primary, other;
        enum role role;
    } cases[] = {
        {0, none, none, ROLE_ADMIN},                 /* root */
        {OWN, none, none, ROLE_ADMIN},               /* the daemon's own user */
        {STRANGER, none, none, ROLE_NONE},           /* nobody we know, though it got at the socket */
        {user_of("games"), none, none, ROLE_VIEWER}, /* by user */
        {STRANGER, mail, none, ROLE_AUTHOR},         /* by primary group */
        {STRANGER, none, mail, ROLE_AUTHOR},         /* by supplementary group */
        {STRANGER, mail, news, ROLE_EDITOR},         /* the higher of two */
        {user_of("games"), news, none, ROLE_EDITOR}, /* a group over the user */
        {STRANGER, uucp, none, ROLE_EDITOR},         /* the socket's group, without a grant */
        {user_of("games"), uucp, none, ROLE_VIEWER}, /* a grant is more precise than the socket's group */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (role_of(cases[i].uid, cases[i].primary, cases[i].other) != cases[i].role)
            fail_msg("case %zu", i);
}

static void a_peer_is_named_with_its_number_and_its_name(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct peer known = {.local = true, .uid = 0, .user = "root"}, unknown = {.local = true, .uid = 54321};
    assert_string_equal(role_of_peer(&settings, &known, OWN, arena).who, "uid 0 (root)");
    assert_string_equal(role_of_peer(&settings, &unknown, OWN, arena).who, "uid 54321");
    arena_free(arena);
}

static void the_kernel_says_who_is_at_the_other_end(void **state)
{
    (void)state;
    int ends[2];
    struct peer peer;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_true(peer_read(ends[0], &peer));
    assert_true(peer.local && peer.uid == geteuid() && peer.group_count >= 1 && peer.groups[0] == getegid());
    close(ends[0]);
    close(ends[1]);
    assert_false(peer_read(ends[0], &peer));
}

static void a_token_is_known_by_its_hash_until_it_expires(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char hash[SHA256_HEX];
    sha256_hex("s3cret", 6, hash);
    const instant now = 1800000000000; /* 2027-01-15T08:00:00Z */
    const struct {
        const char *format, *token;
        enum role role;
    } cases[] = {
        {"anna editor %s", "s3cret", ROLE_EDITOR},
        {"anna editor %s\n", "s3cret", ROLE_EDITOR},
        {"# comment\n\n  anna\tviewer   %s  \r\n", "s3cret", ROLE_VIEWER},
        {"anna editor %s", "s3cre", ROLE_NONE}, /* another token */
        {"anna editor %s", "", ROLE_NONE},
        {"#anna editor %s", "s3cret", ROLE_NONE}, /* withdrawn */
        {"anna boss %s", "s3cret", ROLE_NONE},    /* no such role */
        {"anna none %s", "s3cret", ROLE_NONE},
        {"anna %s", "s3cret", ROLE_NONE},
        {"anna editor %s extra words here", "s3cret", ROLE_NONE},
        {"anna editor %s 2027-01-15T08:00:01Z", "s3cret", ROLE_EDITOR}, /* still a second */
        {"anna editor %s 2027-01-15T08:00:00Z", "s3cret", ROLE_NONE},   /* over */
        {"anna editor %s tomorrow", "s3cret", ROLE_NONE},               /* not a time: never valid */
        {"x editor 00\nanna admin %s", "s3cret", ROLE_ADMIN},           /* a bad line hides no good one */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *before = strstr(cases[i].format, "%s");
        char *text = arena_printf(arena, "%.*s%s%s", (int)(before - cases[i].format), cases[i].format, hash,
                                  before + 2);
        struct identity identity = role_of_token(text, cases[i].token, now, arena);
        if (identity.role != cases[i].role)
            fail_msg("case %zu: %s", i, cases[i].format);
        if (identity.role != ROLE_NONE)
            assert_string_equal(identity.who, "token anna");
    }
    arena_free(arena);
}

static void a_line_that_gives_nobody_a_role_is_found_by_its_number(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char hash[SHA256_HEX];
    sha256_hex("s3cret", 6, hash);
    static const struct {
        const char *before, *after;
        unsigned wrong;
    } cases[] = {
        {"# name role sha256 [expires]\n\n  anna viewer ", "\r\n", 0},
        {"anna viewer ", " 2027-01-15T08:00:00Z\n# the end", 0},
        {"anna viewer ", " tomorrow\n", 1},
        {"#\nanna boss ", "\n", 2},
        {"anna viewer ", "\nbob editor his-token-as-it-is\n", 2},
        {"anna ", "", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = arena_printf(arena, "%s%s%s", cases[i].before, hash, cases[i].after);
        assert_int_equal(role_wrong_line(text, arena), cases[i].wrong);
    }
    arena_free(arena);
}

static void a_tokens_file_that_others_can_read_grants_nothing(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char hash[SHA256_HEX], path[] = "/tmp/cald-tokens-XXXXXX";
    const char *line = arena_printf(arena, "anna editor %s\n", sha256_hex("s3cret", 6, hash));
    close(mkstemp(path));
    assert_true(file_replace(path, line, strlen(line), 0600, NULL));
    assert_int_equal(role_of_token_file(path, "s3cret", 1, arena).role, ROLE_EDITOR);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(role_of_token_file(path, "s3cret", 1, arena).role, ROLE_NONE);
    unlink(path);
    assert_int_equal(role_of_token_file(path, "s3cret", 1, arena).role, ROLE_NONE);
    assert_int_equal(role_of_token_file(NULL, "s3cret", 1, arena).role, ROLE_NONE);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_has_the_highest_role_that_is_granted_to_it),
        cmocka_unit_test(a_peer_is_named_with_its_number_and_its_name),
        cmocka_unit_test(the_kernel_says_who_is_at_the_other_end),
        cmocka_unit_test(a_token_is_known_by_its_hash_until_it_expires),
        cmocka_unit_test(a_tokens_file_that_others_can_read_grants_nothing),
        cmocka_unit_test(a_line_that_gives_nobody_a_role_is_found_by_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
