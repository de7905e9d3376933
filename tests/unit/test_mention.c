/* How networks are asked whether there is whom a text mentions, and what their answers mean. */
#include "base/json.h"
#include "network/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#undef fail
#include <cmocka.h>

static void each_name_is_asked_where_it_lives(void **state)
{
    static const struct {
        const char *network, *server, *name, *url;
    } cases[] = {
        {"mastodon", "https://m.example/", "anna", "https://m.example/api/v1/accounts/lookup?acct=anna"},
        {"mastodon", "https://m.example", "anna@far.example",
         "https://far.example/.well-known/webfinger?resource=acct%3Aanna%40far.example"},
        {"mastodon", NULL, "anna@far.example",
         "https://far.example/.well-known/webfinger?resource=acct%3Aanna%40far.example"},
        {"mastodon", NULL, "anna", NULL}, /* a calendar without its cald.yaml */
        {"bluesky", NULL, "Anna.example.org",
         "https://bsky.social/xrpc/com.atproto.identity.resolveHandle?handle=anna.example.org"},
        {"bluesky", "https://pds.example", "anna.example.org",
         "https://pds.example/xrpc/com.atproto.identity.resolveHandle?handle=anna.example.org"},
        {"bluesky", NULL, "anna", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        json_t *options = json_in_arena(arena, json_object());
        struct account account = {.name = "a", .network = network_find(cases[i].network), .options = options};
        struct request request = {0};
        if (cases[i].server)
            json_set_text(options, "url", cases[i].server);
        bool can = account.network->mention(&account, cases[i].name, arena, &request);
        assert_int_equal(can, cases[i].url != NULL);
        if (can)
            assert_string_equal(request.url, cases[i].url);
        for (size_t h = 0; h < request.header_count; h++)
            assert_string_equal(request.headers[h].name, "Accept"); /* and no credentials */
        arena_free(arena);
    }
}

static void only_a_sure_answer_is_one(void **state)
{
    static const struct {
        const char *network;
        int status;
        const char *body;
        enum existence means;
    } cases[] = {
        {"mastodon", 200, "{\"subject\":\"acct:a@b.example\"}", EXISTENCE_YES},
        {"mastodon", 200, "{\"acct\":\"a\"}", EXISTENCE_YES},
        {"mastodon", 200, "<!doctype html>", EXISTENCE_UNKNOWN}, /* a site that answers everything */
        {"mastodon", 404, "", EXISTENCE_NO},
        {"mastodon", 410, "", EXISTENCE_NO}, /* suspended, or deleted */
        {"mastodon", 401, "", EXISTENCE_UNKNOWN},
        {"mastodon", 500, "", EXISTENCE_UNKNOWN},
        {"bluesky", 200, "{\"did\":\"did:plc:abcdefghijklmnopqrstuvwx\"}", EXISTENCE_YES},
        {"bluesky", 200, "{}", EXISTENCE_UNKNOWN},
        {"bluesky", 400, "{\"error\":\"InvalidRequest\",\"message\":\"Unable to resolve handle\"}",
         EXISTENCE_NO},
        {"bluesky", 400, "{\"error\":\"HandleNotFound\"}", EXISTENCE_NO},
        {"bluesky", 400, "{\"error\":\"SomethingElse\"}", EXISTENCE_UNKNOWN},
        {"bluesky", 404, "", EXISTENCE_UNKNOWN},
        {"bluesky", 429, "", EXISTENCE_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct response response = {
            .status = cases[i].status, .body = cases[i].body, .body_length = strlen(cases[i].body)};
        if (network_find(cases[i].network)->mentioned(&response) != cases[i].means)
            fail_msg("case %zu: %s %d %s", i, cases[i].network, cases[i].status, cases[i].body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_is_asked_where_it_lives),
        cmocka_unit_test(only_a_sure_answer_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
