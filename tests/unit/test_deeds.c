/*
 * What drivers change and delete of what is published, and how they look for what may be: each request against
 * the state in which somebody left the post there meanwhile, and each answer that means that it is done already.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

/* ---- a post that is out ---- */

static struct content before;
static struct part parts_before[4];

/* It says what the content does now; what the test changes after this is the edit. */
static struct bench *out(const struct network *network, const char *options, const char *secret, const char *memo)
{
    struct bench *b = bench_new(network, options, secret);
    b->job.memo = json_of(b->arena, memo);
    b->parts[1].text = "second";
    b->parts[2].text = "third";
    memcpy(parts_before, b->parts, sizeof parts_before);
    before = b->content;
    before.parts = parts_before;
    b->job.published = &before;
    return b;
}

static struct bench *out_in_parts(const struct network *network, const char *options, const char *secret, const char *memo,
                                  size_t parts)
{
    struct bench *b = out(network, options, secret, memo);
    b->content.part_count = before.part_count = parts;
    return b;
}

static void edit(struct bench *b)
{
    memset(&b->step, 0x5A, sizeof b->step);
    b->account.network->edit(&b->job, b->arena, &b->step);
}

static void erase(struct bench *b)
{
    memset(&b->step, 0x5A, sizeof b->step);
    b->account.network->remove(&b->job, b->arena, &b->step);
}

static void give(struct bench *b, int status, const char *body,
                 void (*reads)(const struct job *, const struct step *, const struct response *, struct arena *,
                               struct outcome *))
{
    struct response response = response_of(b->arena, status, NULL, body);
    memset(&b->outcome, 0, sizeof b->outcome);
    (b->step.kind == STEP_SESSION ? b->account.network->read : reads)(&b->job, &b->step, &response, b->arena, &b->outcome);
    settle(b);
}

static void answer_edited(struct bench *b, int status, const char *body)
{
    give(b, status, body, b->account.network->edited);
}

static void answer_removed(struct bench *b, int status, const char *body)
{
    give(b, status, body, b->account.network->removed);
}

static void expect_over(const struct bench *b, const char *why)
{
    assert_string_equal(step_kind_name(b->step.kind), "done");
    if (!why)
        assert_null(b->step.name);
    else if (!b->step.name || !strstr(b->step.name, why))
        fail_msg("over: %s", b->step.name ? b->step.name : "and done");
}

/* ---- a part that a person found ---- */

#define TWO_KNOWN                                                                                            \
    "{'post-0': {'id': '7', 'url': 'https://social.example/@a/7'},"                                          \
    "'post-1': {'id': '8', 'url': 'https://social.example/@a/8'}}"

static struct bench *toot(void)
{
    return out_in_parts(&network_mastodon, "{'url': 'https://social.example'}", "token", TWO_KNOWN, 3);
}

static void an_edit_of_a_part_that_only_a_person_knows_is_refused_and_not_taken_for_done(void **state)
{
    (void)state;
    struct bench *b = toot();
    b->parts[2].text = "the third";
    edit(b);
    expect_over(b, "found by a person");
    bench_free(b);
    b = toot();
    b->parts[1].text = "the second";
    edit(b);
    expect_step(b, STEP_PREPARE, "PUT", "https://social.example/api/v1/statuses/8");
    answer_edited(b, 200, "{'id': '8'}");
    edit(b);
    expect_over(b, NULL);
    bench_free(b);
}

static void what_is_left_of_a_thread_after_its_known_parts_are_deleted_is_told(void **state)
{
    (void)state;
    struct bench *b = toot();
    for (int left = 2; left > 0; left--) {
        erase(b);
        assert_string_equal(b->step.request.method, "DELETE");
        answer_removed(b, 200, "{'id': '8'}");
    }
    erase(b);
    expect_over(b, "found by a person");
    b->content.part_count = 2;
    erase(b);
    expect_over(b, NULL);
    bench_free(b);
}

static void a_body_does_not_take_the_place_of_parts_that_are_posts_of_their_own(void **state)
{
    (void)state;
    struct bench *b = out_in_parts(&network_lemmy, "{'url': 'https://lemmy.example', 'community': 'news'}", "token",
                                   "{'post-0': {'id': '13', 'url': 'https://lemmy.example/post/13'}, 'id': '13',"
                                   "'post-1': {'id': '21', 'url': 'https://lemmy.example/comment/21'}}",
                                   2);
    b->content.body = "a *body*";
    edit(b);
    expect_over(b, "with a body");
    b->content.body = NULL;
    before.body = "a *body*";
    edit(b);
    expect_over(b, "with a body");
    bench_free(b);
}

/* ---- what an edit is not about stays as somebody made it there ---- */

#define SEEN "'edit': {'seen': '2026-11-20T08:00:00.000Z'}"

static struct bench *ghost(void)
{
    static struct account_secret key = {"key", "65a1:abababab"};
    struct bench *b = out(&network_ghost,
                          "{'url': 'https://ghost.example', 'access': 'public', 'author': 'cal', 'tags': ['own']}", "key",
                          "{'id': '65b2', 'post': '65b2', " SEEN ", 'images': {'00': {'url': 'https://g.example/a.png'}}}");
    b->account.secrets = &key;
    b->content.title = before.title = "Title";
    b->parts[0].media = parts_before[0].media = b->media;
    b->parts[0].media_count = parts_before[0].media_count = 1;
    return b;
}

static void an_edit_on_ghost_shows_no_paid_post_to_everybody_and_takes_no_author_or_tag_away(void **state)
{
    (void)state;
    struct bench *b = ghost();
    b->parts[0].text = "hallo";
    edit(b);
    expect_step(b, STEP_PREPARE, "PUT", "https://ghost.example/ghost/api/admin/posts/65b2/?source=html");
    expect_body(b, "{'posts': [{'title': 'Title', 'html': '<p>hallo</p>\\n', 'updated_at': '2026-11-20T08:00:00.000Z'}]}");
    bench_free(b);
    b = ghost();
    const char *tag = "new";
    b->content.tags = &tag;
    b->content.tag_count = 1;
    b->content.summary = "short";
    edit(b);
    expect_body(b, "{'posts': [{'title': 'Title', 'html': '<p>hello</p>\\n', 'custom_excerpt': 'short',"
                   "'tags': ['own', 'new'], 'updated_at': '2026-11-20T08:00:00.000Z'}]}");
    bench_free(b);
    b = ghost(); /* an edit before was given up: nobody knows what it changed */
    b->job.memo = json_of(b->arena, "{'id': '65b2', 'edit': {'all': true, 'seen': 'x'}, 'images': {'00': {'url': 'https://g.example/a.png'}}}");
    edit(b);
    expect_body(b, "{'posts': [{'title': 'Title', 'html': '<p>hello</p>\\n', 'custom_excerpt': null,"
                   "'canonical_url': null, 'feature_image_alt': 'alt', 'tags': ['own'], 'updated_at': 'x'}]}");
    bench_free(b);
}

static struct bench *devto(void)
{
    return out(&network_devto, "{'organization': 7, 'series': 'Rust'}", "api_key",
               "{'id': '55', 'url': 'https://dev.to/c/a-55', 'post': 55}");
}

static void an_edit_on_devto_moves_no_article_and_takes_a_summary_away_that_is_no_more(void **state)
{
    (void)state;
    struct bench *b = devto();
    b->content.title = "Title";
    edit(b);
    expect_body(b, "{'article': {'title': 'Title', 'body_markdown': 'hello'}}");
    before.summary = "short";
    edit(b);
    expect_body(b, "{'article': {'title': 'Title', 'body_markdown': 'hello', 'description': ''}}");
    bench_free(b);
}

static struct bench *lemmy(void)
{
    return out(&network_lemmy, "{'url': 'https://lemmy.example', 'community': 'news'}", "token",
               "{'id': '13', 'post-0': {'id': '13', 'url': 'https://lemmy.example/post/13'},"
               "'images': {'00': {'url': 'https://lemmy.example/pictrs/image/a.png'}}}");
}

/* The session's answers: who we are. Not where to: a post is in its community. */
static void log_in_to_lemmy(struct bench *b, void (*ask)(struct bench *b))
{
    ask(b);
    expect_step(b, STEP_SESSION, "GET", "https://lemmy.example/api/v3/site");
    give(b, 200, "{'my_user': {'local_user_view': {'person': {'id': 5, 'name': 'cal'}}}}", NULL);
    ask(b);
}

static void an_edit_on_lemmy_leaves_a_moderator_s_mark_and_empties_what_is_emptied(void **state)
{
    (void)state;
    struct bench *b = lemmy();
    b->content.title = "A new title";
    log_in_to_lemmy(b, edit);
    expect_step(b, STEP_PREPARE, "PUT", "https://lemmy.example/api/v3/post");
    expect_body(b, "{'post_id': 13, 'name': 'A new title', 'body': 'hello'}");
    answer_edited(b, 200, "{'post_view': {'post': {'id': 13, 'deleted': true}}}");
    expect_outcome(b, OUTCOME_REFUSED);
    answer_edited(b, 200, "{'post_view': {'post': {'id': 13, 'deleted': false, 'removed': false}}}");
    expect_outcome(b, OUTCOME_NEXT);
    bench_free(b);
    b = lemmy();
    struct media described = b->media[0];
    b->media[0].alt = "";
    b->parts[0].media = &b->media[0];
    parts_before[0].media = &described;
    b->parts[0].media_count = parts_before[0].media_count = 1;
    log_in_to_lemmy(b, edit);
    expect_body(b, "{'post_id': 13, 'name': 'hello', 'alt_text': '', 'body': ''}");
    bench_free(b);
}

static void a_community_or_board_that_is_no_more_does_not_keep_a_post_from_being_changed_or_deleted(void **state)
{
    (void)state;
    struct bench *b = lemmy();
    log_in_to_lemmy(b, erase);
    expect_step(b, STEP_PREPARE, "POST", "https://lemmy.example/api/v3/post/delete");
    bench_free(b);
    b = out(&network_pinterest, "{'board': 'Winter'}", "token", "{'id': '81', 'post-0': {'id': '81'}}");
    erase(b);
    expect_step(b, STEP_PREPARE, "DELETE", "https://api.pinterest.com/v5/pins/81");
    before.title = "Title";
    before.link = "https://example.org/";
    edit(b);
    expect_step(b, STEP_PREPARE, "PATCH", "https://api.pinterest.com/v5/pins/81");
    expect_body(b, "{'title': null, 'link': null}");
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edit_of_a_part_that_only_a_person_knows_is_refused_and_not_taken_for_done),
        cmocka_unit_test(what_is_left_of_a_thread_after_its_known_parts_are_deleted_is_told),
        cmocka_unit_test(an_edit_on_ghost_shows_no_paid_post_to_everybody_and_takes_no_author_or_tag_away),
        cmocka_unit_test(an_edit_on_devto_moves_no_article_and_takes_a_summary_away_that_is_no_more),
        cmocka_unit_test(an_edit_on_lemmy_leaves_a_moderator_s_mark_and_empties_what_is_emptied),
        cmocka_unit_test(a_community_or_board_that_is_no_more_does_not_keep_a_post_from_being_changed_or_deleted),
        cmocka_unit_test(a_body_does_not_take_the_place_of_parts_that_are_posts_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
