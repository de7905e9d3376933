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
    answer_edited(b, 200, "{'id': '8', 'sensitive': false, 'spoiler_text': ''}");
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
    static struct account_secret key = {.name = "key", .value = "65a1:abababab"};
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

static struct bench *video(void)
{
    struct bench *b = out(&network_youtube, "{'client_id': 'app', 'category': 24}", "client_secret",
                          "{'id': 'v1', 'url': 'https://youtu.be/v1', 'video': 'v1'}");
    b->job.session = json_of(b->arena, "{'login': {'access_token': 'a1', 'refresh_token': 'r1', 'made_at': 1796108400000,"
                                       "'expires_at': 1796119200000}}");
    b->content.title = before.title = "Title";
    b->parts[0].text = "hallo";
    edit(b);
    if (b->step.kind == STEP_SESSION)
        give(b, 200,
             "{'items': [{'id': 'UC1', 'snippet': {'title': 'C'}, 'contentDetails': {'relatedPlaylists': {'uploads': 'U'}}}]}",
             NULL);
    return b;
}

#define YOUTUBE "https://www.googleapis.com/youtube/v3/videos"
#define SNIPPET                                                                                              \
    "{'items': [{'id': 'v1', 'snippet': {'title': 'x', 'categoryId': '22', 'tags': ['theirs'], 'description': 'x',"    \
    "'defaultLanguage': 'fr', 'defaultAudioLanguage': 'de', 'channelId': 'UC1'}}]}"

/* What is not given of a snippet is taken away, and what is given of it replaces. */
static void an_edit_on_youtube_keeps_what_the_channel_s_owner_chose_there(void **state)
{
    (void)state;
    struct bench *b = video();
    const char *tag = "ours";
    edit(b);
    expect_step(b, STEP_PREPARE, "GET", YOUTUBE "?part=snippet&id=v1");
    answer_edited(b, 200, SNIPPET);
    expect_outcome(b, OUTCOME_NEXT);
    edit(b);
    expect_step(b, STEP_PREPARE, "PUT", YOUTUBE "?part=snippet");
    expect_body(b, "{'id': 'v1', 'snippet': {'title': 'Title', 'description': 'hallo', 'categoryId': '22', 'tags': ['theirs'],"
                   "'defaultLanguage': 'fr', 'defaultAudioLanguage': 'de'}}");
    b->content.tags = &tag;
    b->content.tag_count = 1;
    before.language = "en";
    edit(b);
    expect_body(b, "{'id': 'v1', 'snippet': {'title': 'Title', 'description': 'hallo', 'categoryId': '22', 'tags': ['ours'],"
                   "'defaultAudioLanguage': 'de'}}");
    answer_edited(b, 503, "{}"); /* it may be otherwise there when it is tried again */
    expect_outcome(b, OUTCOME_RETRY);
    edit(b);
    expect_step(b, STEP_PREPARE, "GET", YOUTUBE "?part=snippet&id=v1");
    answer_edited(b, 200, "{'items': []}");
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

static struct bench *status_marked(const char *answer)
{
    struct bench *b = out(&network_mastodon, "{'url': 'https://social.example'}", "token",
                          "{'id': '7', 'post-0': {'id': '7', 'url': 'https://social.example/@a/7'}}");
    b->parts[0].text = "hallo";
    edit(b);
    expect_step(b, STEP_PREPARE, "GET", "https://social.example/api/v1/statuses/7");
    answer_edited(b, answer ? 200 : 403, answer ? answer : "{'error': 'This action is outside the authorized scopes'}");
    expect_outcome(b, OUTCOME_NEXT);
    return b;
}

#define MARKED "{'id': '7', 'sensitive': true, 'spoiler_text': 'by a moderator'}"

/* Mastodon takes what is left out of an edit as taken away: an account whose images are all marked would have shown them. */
static void an_edit_on_mastodon_uncovers_nothing(void **state)
{
    (void)state;
    struct bench *b = status_marked(MARKED);
    edit(b);
    expect_step(b, STEP_PREPARE, "PUT", "https://social.example/api/v1/statuses/7");
    expect_body(b, "{'status': 'hallo', 'sensitive': true, 'spoiler_text': 'by a moderator'}");
    b->content.warning = "ours";
    edit(b);
    expect_body(b, "{'status': 'hallo', 'sensitive': true, 'spoiler_text': 'ours'}");
    b->content.warning = NULL;
    before.warning = "ours";
    edit(b);
    expect_body(b, "{'status': 'hallo', 'sensitive': false, 'spoiler_text': ''}");
    bench_free(b);
    b = status_marked("{'id': '7', 'sensitive': true, 'spoiler_text': ''}");
    edit(b);
    expect_body(b, "{'status': 'hallo', 'sensitive': true, 'spoiler_text': ''}");
    bench_free(b);
    b = status_marked(NULL); /* a token that may not read writes all the same */
    edit(b);
    expect_body(b, "{'status': 'hallo'}");
    bench_free(b);
}

static void an_edit_by_micropub_replaces_what_it_is_about(void **state)
{
    (void)state;
    struct bench *b = out(&network_micropub, "{'url': 'https://e.org/', 'endpoint': 'https://e.org/mp', 'tags': ['all']}",
                          "token", "{'id': 'https://e.org/a', 'post-0': {'id': 'https://e.org/a', 'url': 'https://e.org/a'}}");
    b->content.title = before.title = "Title";
    b->parts[0].text = "hallo";
    edit(b);
    while (b->step.kind == STEP_SESSION) {
        give(b, 200, "{}", NULL);
        edit(b);
    }
    expect_step(b, STEP_PREPARE, "POST", "https://e.org/mp");
    expect_body(b, "{'action': 'update', 'url': 'https://e.org/a', 'replace': {'content': ['hallo']}}");
    b->content.title = NULL;
    before.summary = "short";
    edit(b);
    expect_body(b, "{'action': 'update', 'url': 'https://e.org/a', 'replace': {'content': ['hallo']},"
                   "'delete': ['name', 'summary']}");
    const char *tag = "new";
    b->content.tags = &tag;
    b->content.tag_count = 1;
    b->content.title = "Title";
    before.summary = NULL;
    edit(b);
    expect_body(b, "{'action': 'update', 'url': 'https://e.org/a', 'replace': {'content': ['hallo'], 'category': ['all', 'new']}}");
    bench_free(b);
}

/* ---- what is gone already, and what only looks so ---- */

static struct bench *forum(const struct network *network, const char *memo)
{
    struct bench *b = out(network, "{'url': 'https://forum.example', 'category': 2, 'user': 'cal'}",
                          network == &network_nodebb ? "token" : "api_key", memo);
    b->job.session = json_of(b->arena, "{}");
    if (network == &network_nodebb) {
        erase(b);
        give(b, 200, "{'uid': 5, 'username': 'Cal', 'userslug': 'cal'}", NULL);
    }
    return b;
}

static void what_nodebb_says_is_deleted_already_is_gone(void **state)
{
    (void)state;
    static const char *const said[] = {"This topic has already been deleted", "This post has already been deleted",
                                       "[[error:topic-already-deleted]]", "[[error:post-already-deleted]]"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct bench *b =
            forum(&network_nodebb, "{'id': '9', 'post-0': {'id': '9', 'url': 'https://forum.example/topic/9'}}");
        erase(b);
        expect_step(b, STEP_PREPARE, "DELETE", "https://forum.example/api/v3/topics/9/state");
        answer_removed(b, 400, arena_printf(b->arena, "{'status': {'code': 'bad-request', 'message': '%s'}}", said[i]));
        expect_outcome(b, OUTCOME_NEXT);
        erase(b);
        expect_over(b, NULL);
        bench_free(b);
    }
}

#define TOPIC "{'id': '12', 'topic': 12, 'post-0': {'id': '12', 'url': 'https://forum.example/t/a/12'}%s}"

/* A topic that is deleted may not be deleted: so it is looked at first when an answer was lost. */
static void a_topic_on_discourse_whose_deletion_was_not_answered_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        bool gone;
    } cases[] = {{404, "{'error_type': 'not_found', 'errors': ['x']}", true},
                 {200, "{'id': 12, 'deleted_at': '2026-11-20T08:00:00.000Z'}", true},
                 {200, "{'id': 12, 'deleted_at': null}", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct bench *b = forum(&network_discourse, arena_printf(arena, TOPIC, ", 'remove_lost': true"));
        arena_free(arena);
        erase(b);
        expect_step(b, STEP_PREPARE, "GET", "https://forum.example/t/12.json");
        answer_removed(b, cases[i].status, cases[i].body);
        expect_outcome(b, OUTCOME_NEXT);
        merge(b, json_of(b->arena, "{'remove_lost': null}")); /* as the publisher does */
        erase(b);
        if (cases[i].gone)
            expect_over(b, NULL);
        else
            expect_step(b, STEP_PREPARE, "DELETE", "https://forum.example/t/12.json");
        bench_free(b);
    }
}

static void what_is_deleted_there_is_not_edited_unseen(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct bench *b = forum(&network_discourse, arena_printf(arena, TOPIC, ""));
    arena_free(arena);
    b->parts[0].text = "hallo";
    edit(b);
    answer_edited(b, 200, "{'id': 50, 'deleted_at': '2026-11-20T08:00:00.000Z'}");
    expect_outcome(b, OUTCOME_REFUSED);
    answer_edited(b, 200, "{'id': 50, 'deleted_at': null}");
    expect_outcome(b, OUTCOME_NEXT);
    bench_free(b);
    b = forum(&network_nodebb, "{'id': '9', 'post-0': {'id': '9', 'url': 'https://forum.example/topic/9'}}");
    b->parts[0].text = "hallo";
    edit(b);
    answer_edited(b, 200, "{'response': {'tid': 9, 'mainPid': 30, 'deleted': 1}}");
    expect_outcome(b, OUTCOME_REFUSED);
    answer_edited(b, 200, "{'response': {'tid': 9, 'mainPid': 30, 'deleted': 0}}");
    expect_outcome(b, OUTCOME_NEXT);
    edit(b);
    expect_step(b, STEP_PREPARE, "PUT", "https://forum.example/api/v3/posts/30");
    answer_edited(b, 200, "{'response': {'pid': 30, 'deleted': true}}");
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
    b = out(&network_wordpress, "{'url': 'https://blog.example', 'user': 'cal'}", "application_password",
            "{'id': '5', 'url': 'https://blog.example/a/', 'post': 5}");
    b->parts[0].text = "hallo";
    edit(b);
    give(b, 200, "{'name': 'Blog', 'namespaces': ['wp/v2']}", NULL);
    edit(b);
    give(b, 200,
         "{'id': 1, 'name': 'Cal', 'capabilities': {'edit_posts': true, 'publish_posts': true, 'upload_files': true}}", NULL);
    edit(b);
    expect_step(b, STEP_PREPARE, "POST", "https://blog.example/wp-json/wp/v2/posts/5?_fields=id,link,status");
    answer_edited(b, 200, "{'id': 5, 'status': 'trash'}");
    expect_outcome(b, OUTCOME_REFUSED);
    answer_edited(b, 404, "{'code': 'rest_post_invalid_id', 'message': 'Invalid post ID.'}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_null(strstr(b->outcome.message, "draft"));
    answer_edited(b, 200, "{'id': 5, 'status': 'publish'}");
    expect_outcome(b, OUTCOME_NEXT);
    bench_free(b);
}

#define MESSAGE                                                                                              \
    "{'id': '8', 'post-0': {'id': '8', 'url': 'https://discord.com/channels/10/20/8', 'by': '7'}%s}"

static struct bench *hook(const char *id, const char *more)
{
    static struct account_secret secret = {.name = "webhook", .value = "https://discord.com/api/webhooks/7/aToken"};
    struct arena *arena = arena_new();
    struct bench *b = out(&network_discord, "{}", "webhook", arena_printf(arena, MESSAGE, more));
    arena_free(arena);
    b->account.secrets = &secret;
    erase(b);
    give(b, 200, arena_printf(b->arena, "{'id': '%s', 'name': 'n', 'guild_id': '10', 'channel_id': '20'}", id), NULL);
    erase(b);
    return b;
}

/* A webhook knows its own messages alone: to another one they are as unknown as what is gone. */
static void a_message_that_another_webhook_made_is_not_taken_for_deleted(void **state)
{
    (void)state;
    static const struct {
        const char *id, *more;
        enum outcome_kind kind;
    } cases[] = {{"7", "", OUTCOME_NEXT}, {"6", "", OUTCOME_REFUSED}, {"6", ", 'remove_lost': true", OUTCOME_REFUSED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = hook(cases[i].id, cases[i].more);
        expect_step(b, STEP_PREPARE, "DELETE", "https://discord.com/api/v10/webhooks/7/aToken/messages/8");
        answer_removed(b, 404, "{'code': 10008, 'message': 'Unknown Message'}");
        expect_outcome(b, cases[i].kind);
        bench_free(b);
    }
}

static void a_message_in_a_thread_is_deleted_there_whatever_the_account_s_thread_is_by_now(void **state)
{
    (void)state;
    struct bench *b = hook("7", "");
    b->account.options = json_of(b->arena, "{'thread': '99'}");
    erase(b);
    expect_step(b, STEP_PREPARE, "DELETE", "https://discord.com/api/v10/webhooks/7/aToken/messages/8");
    b->job.memo = json_of(
        b->arena, "{'id': '8', 'post-0': {'id': '8', 'url': 'https://discord.com/channels/10/55/8', 'by': '7'}}");
    erase(b);
    expect_step(b, STEP_PREPARE, "DELETE", "https://discord.com/api/v10/webhooks/7/aToken/messages/8?thread_id=55");
    bench_free(b);
}

/* Mastodon says of another user's post what it says of none. */
static void a_post_on_mastodon_that_is_shown_is_not_taken_for_deleted(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum outcome_kind kind;
    } cases[] = {{404, OUTCOME_NEXT}, {403, OUTCOME_NEXT}, {200, OUTCOME_REFUSED}, {503, OUTCOME_RETRY}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = out(&network_mastodon, "{'url': 'https://social.example'}", "token",
                              "{'id': '7', 'post-0': {'id': '7', 'url': 'https://social.example/@a/7'}}");
        erase(b);
        expect_step(b, STEP_PREPARE, "DELETE", "https://social.example/api/v1/statuses/7");
        answer_removed(b, 404, "{'error': 'Record not found'}");
        erase(b);
        expect_step(b, STEP_PREPARE, "GET", "https://social.example/api/v1/statuses/7");
        answer_removed(b, cases[i].status, "{'id': '7', 'error': 'x'}");
        expect_outcome(b, cases[i].kind);
        erase(b);
        if (cases[i].kind == OUTCOME_NEXT)
            expect_over(b, NULL);
        else /* who asks again may be the right one */
            assert_string_equal(b->step.request.method, cases[i].kind == OUTCOME_REFUSED ? "DELETE" : "GET");
        bench_free(b);
    }
}

/* What leaves Tumblr's queue or drafts gets another number: it is out, and unknown under the one that it had there. */
static void a_post_that_left_tumblr_s_queue_is_not_taken_for_deleted(void **state)
{
    (void)state;
    static const struct {
        const char *post;
        enum outcome_kind kind;
    } cases[] = {{"{'id': '123'}", OUTCOME_REFUSED},
                 {"{'id': '123', 'url': 'https://chalet.tumblr.com/post/123'}", OUTCOME_NEXT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct bench *b = out(&network_tumblr, "{'blog': 'chalet', 'consumer_key': 'k', 'state': 'queue'}", "consumer_secret",
                              arena_printf(arena, "{'id': '123', 'post-0': %s}", cases[i].post));
        arena_free(arena);
        b->job.session = json_of(b->arena, "{'login': {'access_token': 'a1', 'refresh_token': 'r1', 'made_at': 1796108400000,"
                                           "'expires_at': 1796119200000}}");
        erase(b);
        expect_step(b, STEP_PREPARE, "POST", "https://api.tumblr.com/v2/blog/chalet/post/delete");
        answer_removed(b, 404, "{'meta': {'status': 404, 'msg': 'Not Found'}}");
        expect_outcome(b, cases[i].kind);
        bench_free(b);
    }
}

#define ROOM "https://matrix.to/#/%%21r%%3Am.example/%%24a?via=m.example"
#define SEND "https://m.example/_matrix/client/v3/rooms/%21r%3Am.example/send/m.room.message/0f1e2d3c4b5a69788796a5b4c3d2e1f0-edit-"

static struct bench *room(const char *events)
{
    struct arena *arena = arena_new();
    struct bench *b = out(&network_matrix, "{'url': 'https://m.example', 'room': '#gone:m.example'}", "token",
                          arena_printf(arena, "{'events': %s, 'id': '$a', 'url': '" ROOM "'}", events));
    arena_free(arena);
    return b;
}

/* Who we are is asked, and no more: the post is in its room, whatever became of the account's. */
static void log_in_to_matrix(struct bench *b, void (*ask)(struct bench *b))
{
    ask(b);
    expect_step(b, STEP_SESSION, "GET", "https://m.example/_matrix/client/v3/account/whoami");
    give(b, 200, "{'user_id': '@cal:m.example', 'device_id': 'D1'}", NULL);
    ask(b);
}

static void an_edit_on_matrix_mentions_nobody_anew(void **state)
{
    (void)state;
    struct bench *b = room("['$a']");
    parts_before[0].text = "thx @eve:m.example";
    b->parts[0].text = "thanks @eve:m.example and @bob:m.example";
    log_in_to_matrix(b, edit);
    const json_t *body = json_in_arena(b->arena, json_parse(b->step.request.body, b->step.request.body_length, NULL));
    assert_string_equal(print_in(b->arena, json_member(body, "m.mentions")), "{\"user_ids\":[\"@bob:m.example\"]}");
    assert_string_equal(print_in(b->arena, json_pointer(body, "/m.new_content/m.mentions/user_ids")),
                        "[\"@eve:m.example\",\"@bob:m.example\"]");
    bench_free(b);
}

/* A title is the first part's; a part that is an image alone says nothing of it. */
static void a_part_without_words_on_matrix_does_not_stand_in_the_way_of_a_title(void **state)
{
    (void)state;
    struct bench *b = room("['$a', '$i']");
    b->content.part_count = before.part_count = 2;
    b->parts[1] = parts_before[1] = (struct part){.text = "", .media = b->media, .media_count = 1};
    b->content.title = "Title";
    log_in_to_matrix(b, edit);
    expect_step(b, STEP_PREPARE, "PUT", SEND "0");
    answer_edited(b, 200, "{'event_id': '$e'}");
    edit(b);
    expect_over(b, NULL);
    b->content.title = NULL;
    b->parts[1].text = "words";
    b->job.memo = json_of(b->arena, "{'events': ['$a', '$i'], 'id': '$a', 'url': 'https://matrix.to/#/%21r%3Am.example/%24a'}");
    edit(b);
    expect_over(b, "image alone");
    bench_free(b);
}

/* The words of an edit are an event of their own, which a redaction of the first leaves there. */
static void what_was_edited_on_matrix_is_deleted_with_its_edits(void **state)
{
    (void)state;
    struct bench *b = room("['$a']");
    b->parts[0].text = "hallo";
    log_in_to_matrix(b, edit);
    answer_edited(b, 200, "{'event_id': '$e'}");
    edit(b);
    expect_over(b, NULL);
    static const char *const events[] = {"%24e", "%24a"};
    for (size_t i = 0; i < 2; i++) {
        erase(b);
        expect_step(b, STEP_PREPARE, "PUT",
                    arena_printf(b->arena, "https://m.example/_matrix/client/v3/rooms/%%21r%%3Am.example/redact/%s/%s-remove-%zu",
                                 events[i], b->job.key, 2 - i));
        answer_removed(b, 200, "{'event_id': '$r'}");
    }
    erase(b);
    expect_over(b, NULL);
    b->parts[0].text = "holla"; /* it was given up, and then edited once more */
    b->job.memo = json_of(b->arena, "{'events': ['$a'], 'id': '$a', 'url': 'https://matrix.to/#/%21r%3Am.example/%24a',"
                                    "'edits': ['$e'], 'remove': {'left': 1}}");
    edit(b);
    answer_edited(b, 200, "{'event_id': '$f'}");
    erase(b);
    assert_non_null(strstr(b->step.request.url, "/redact/%24f/"));
    bench_free(b);
}

static void a_token_of_x_that_ended_early_is_renewed_and_the_post_deleted_with_the_new_one(void **state)
{
    (void)state;
    struct bench *b = out(&network_x, "{'client_id': 'app'}", "client_secret", "{'id': '7', 'post-0': {'id': '7'}}");
    b->job.session = json_of(b->arena, "{'login': {'access_token': 'a1', 'refresh_token': 'r1', 'made_at': 1796108400000,"
                                       "'expires_at': 1796119200000}}");
    erase(b);
    while (b->step.kind == STEP_SESSION) {
        give(b, 200, "{'data': {'id': '5', 'username': 'cal', 'name': 'Cal'}}", NULL);
        erase(b);
    }
    expect_step(b, STEP_PREPARE, "DELETE", "https://api.x.com/2/tweets/7");
    answer_removed(b, 401, "{'title': 'Unauthorized', 'status': 401}");
    expect_outcome(b, OUTCOME_NEXT);
    erase(b);
    assert_int_equal(b->step.kind, STEP_SESSION);
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
        cmocka_unit_test(an_edit_on_mastodon_uncovers_nothing),
        cmocka_unit_test(an_edit_by_micropub_replaces_what_it_is_about),
        cmocka_unit_test(an_edit_on_youtube_keeps_what_the_channel_s_owner_chose_there),
        cmocka_unit_test(what_nodebb_says_is_deleted_already_is_gone),
        cmocka_unit_test(a_topic_on_discourse_whose_deletion_was_not_answered_is_looked_at),
        cmocka_unit_test(what_is_deleted_there_is_not_edited_unseen),
        cmocka_unit_test(a_message_that_another_webhook_made_is_not_taken_for_deleted),
        cmocka_unit_test(a_message_in_a_thread_is_deleted_there_whatever_the_account_s_thread_is_by_now),
        cmocka_unit_test(a_post_on_mastodon_that_is_shown_is_not_taken_for_deleted),
        cmocka_unit_test(a_post_that_left_tumblr_s_queue_is_not_taken_for_deleted),
        cmocka_unit_test(an_edit_on_matrix_mentions_nobody_anew),
        cmocka_unit_test(a_part_without_words_on_matrix_does_not_stand_in_the_way_of_a_title),
        cmocka_unit_test(what_was_edited_on_matrix_is_deleted_with_its_edits),
        cmocka_unit_test(a_token_of_x_that_ended_early_is_renewed_and_the_post_deleted_with_the_new_one),
        cmocka_unit_test(a_body_does_not_take_the_place_of_parts_that_are_posts_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
