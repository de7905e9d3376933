/* Bluesky's driver: what it asks for, and what it makes of the answers; the syntaxes of atproto. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "driver_job.h"
#include "network/bluesky.h"

#define OPTIONS "{'handle': 'cal.test', 'url': 'https://bsky.example'}"
#define DID "did:plc:adlw22dcybmgz7ghwcw32wzl"
#define PDS "https://pds.example"
#define CID "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5jj5hmgrxikbs5e"
#define CID2 "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5jj5hmgrxikbs6e"

/* {"iat":1000,"exp":8200}: two hours. Header and signature are never looked at. */
#define ACCESS "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjEwMDAsImV4cCI6ODIwMH0.c2ln"
#define REFRESH "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"
#define SESSION                                                                                              \
    "{'did': '" DID "', 'handle': 'cal.test', 'accessJwt': '" ACCESS "', 'refreshJwt': '" REFRESH "',"       \
    "'active': true, 'didDoc': {'id': '" DID "', 'service': [{'id': '#atproto_pds',"                         \
    "'type': 'AtprotoPersonalDataServer', 'serviceEndpoint': '" PDS "'}]}}"
#define BLOB                                                                                                 \
    "{'$type': 'blob', 'ref': {'$link': 'bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy'},"     \
    "'mimeType': 'image/png', 'size': 73}"

static struct bench *bench(void)
{
    return bench_new(&network_bluesky, OPTIONS, "app_password");
}

static struct bench *signed_in(void)
{
    struct bench *b = bench();
    next(b);
    go_on(b, 200, SESSION);
    return b;
}

/* The answer to a step that publishes: the record that was asked for. */
static const char *made(struct bench *b, size_t part, const char *cid)
{
    return arena_printf(b->arena, "{'uri': 'at://" DID "/app.bsky.feed.post/%s', 'cid': '%s'}",
                        bluesky_rkey(&b->job, part, b->arena), cid);
}

static json_t *record(struct bench *b)
{
    json_t *body = json_in_arena(b->arena, json_parse(b->step.request.body, b->step.request.body_length, NULL));
    return json_member(body, "record");
}

#define expect_member(b, object, name, expected)                                                             \
    assert_string_equal(print_in((b)->arena, json_member(object, name)),                                     \
                        print_in((b)->arena, json_of((b)->arena, expected)))

static void a_post_is_published(void **state)
{
    (void)state;
    struct bench *b = bench();
    next(b);
    expect_step(b, STEP_SESSION, "POST", "https://bsky.example/xrpc/com.atproto.server.createSession");
    expect_body(b, "{'identifier': 'cal.test', 'password': 's3cret-token'}");
    answer(b, 200, NULL, SESSION);
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_CREATE, "POST", PDS "/xrpc/com.atproto.repo.putRecord");
    assert_string_equal(header_of(b, "Authorization"), "Bearer " ACCESS);
    const char *rkey = bluesky_rkey(&b->job, 0, b->arena);
    assert_true(tid_is_valid(rkey));
    expect_body(b, arena_printf(b->arena,
        "{'repo': '" DID "', 'collection': 'app.bsky.feed.post', 'rkey': '%s', 'swapRecord': null, 'record':"
        "{'$type': 'app.bsky.feed.post', 'text': 'hello', 'createdAt': '2026-12-01T08:00:00Z'}}", rkey));
    assert_string_equal(print_in(b->arena, b->step.memo),
                        arena_printf(b->arena, "{\"created_at\":\"2026-12-01T08:00:00Z\",\"rkeys\":[\"%s\"]}", rkey));
    answer(b, 200, "ratelimit-remaining: 2999\nratelimit-reset: 1796112060", made(b, 0, CID));
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, arena_printf(b->arena, "at://" DID "/app.bsky.feed.post/%s", rkey));
    assert_string_equal(b->outcome.url, arena_printf(b->arena, "https://bsky.app/profile/cal.test/post/%s", rkey));
    assert_int_equal(b->outcome.limit_reset, SLOT + 60000);
    assert_string_equal(json_text(b->job.memo, "id"), b->outcome.id);
    assert_string_equal(json_text(b->job.memo, "url"), b->outcome.url);
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void a_repeat_later_is_the_same_bytes(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    const char *first = b->step.request.body;
    answer(b, 500, NULL, "{'error': 'InternalServerError', 'message': 'x'}");
    expect_outcome(b, OUTCOME_UNSURE);
    b->job.now += MINUTES(10);
    b->job.slot += MINUTES(1);
    b->job.first_sent = SLOT;
    b->job.lost = true;
    next(b);
    assert_string_equal(first, b->step.request.body);
    bench_free(b);
}

static void record_keys_follow_slot_part_and_delivery(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    struct arena *a = b->arena;
    const char *one = bluesky_rkey(&b->job, 0, a), *two = bluesky_rkey(&b->job, 1, a);
    assert_true(strcmp(one, two) < 0);
    b->job.key = "10112233445566778899aabbccddeeff";
    assert_string_not_equal(one, bluesky_rkey(&b->job, 0, a));
    b->job.key = "00112233445566778899aabbccddeeff";
    assert_string_equal(one, bluesky_rkey(&b->job, 0, a));
    b->job.slot += 10;
    assert_true(strcmp(two, bluesky_rkey(&b->job, 0, a)) < 0);
    b->job.memo = json_of(a, "{'rkeys': ['3jzfcijpj2z2a', 'no tid']}");
    assert_string_equal(bluesky_rkey(&b->job, 0, a), "3jzfcijpj2z2a");
    assert_true(tid_is_valid(bluesky_rkey(&b->job, 1, a)));
    b->job.slot = -5;
    b->job.key = "not hexadecimal";
    assert_true(tid_is_valid(bluesky_rkey(&b->job, 1, a)));
    bench_free(b);
}

static void links_mentions_and_hashtags_are_facets_in_bytes(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->parts[0].text = "é @Alice.test @bob.test #Hiver https://example.org/x";
    next(b);
    expect_step(b, STEP_PREPARE, "GET", PDS "/xrpc/com.atproto.identity.resolveHandle?handle=alice.test");
    assert_null(header_of(b, "Authorization"));
    answer(b, 200, NULL, "{'did': 'did:plc:alice'}");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_PREPARE, "GET", PDS "/xrpc/com.atproto.identity.resolveHandle?handle=bob.test");
    answer(b, 400, NULL, "{'error': 'InvalidRequest', 'message': 'Unable to resolve handle'}");
    expect_outcome(b, OUTCOME_NEXT);
    expect_memo(b, "{'dids': {'Alice.test': 'did:plc:alice', 'bob.test': false}}");
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    expect_member(b, record(b), "facets",
        "[{'index': {'byteStart': 3, 'byteEnd': 14}, 'features': [{'$type': 'app.bsky.richtext.facet#mention',"
        "  'did': 'did:plc:alice'}]},"
        " {'index': {'byteStart': 25, 'byteEnd': 31}, 'features': [{'$type': 'app.bsky.richtext.facet#tag',"
        "  'tag': 'Hiver'}]},"
        " {'index': {'byteStart': 32, 'byteEnd': 53}, 'features': [{'$type': 'app.bsky.richtext.facet#link',"
        "  'uri': 'https://example.org/x'}]}]");
    bench_free(b);
}

static void an_unresolved_mention_holds_up_nothing_at_the_slot(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->parts[0].text = "hi @alice.test";
    b->job.now = SLOT - MINUTES(5);
    next(b);
    answer(b, 502, NULL, NULL);
    expect_outcome(b, OUTCOME_RETRY);
    b->job.now = SLOT;
    answer(b, 502, NULL, NULL);
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    assert_null(json_member(record(b), "facets"));
    b->job.memo = json_of(b->arena, "{}");
    next(b);
    answer(b, 200, NULL, "{'did': 'did:plc:alice\\\"'}"); /* no DID: as if there were none */
    expect_memo(b, "{'dids': {'alice.test': false}}");
    bench_free(b);
}

static void a_link_becomes_a_card(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->content.link = "https://example.org/hiver";
    next(b);
    expect_member(b, record(b), "text", "'hello'");
    expect_member(b, record(b), "embed",
        "{'$type': 'app.bsky.embed.external', 'external': {'uri': 'https://example.org/hiver',"
        "'title': 'example.org', 'description': ''}}");
    b->content.title = "Hiver";
    b->content.summary = "La saison";
    b->content.language = "fr";
    b->parts[0].text = "voir https://example.org/hiver";
    next(b);
    expect_member(b, record(b), "embed",
        "{'$type': 'app.bsky.embed.external', 'external': {'uri': 'https://example.org/hiver',"
        "'title': 'Hiver', 'description': 'La saison'}}");
    expect_member(b, record(b), "langs", "['fr']");
    bench_free(b);
}

static void images_go_with_alt_text_and_the_link_into_the_text(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->content.link = "https://example.org/";
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    b->media[1].width = 0;
    b->media[1].alt = "";
    next(b);
    expect_step(b, STEP_PREPARE, "POST", PDS "/xrpc/com.atproto.repo.uploadBlob");
    assert_string_equal(b->step.name, "upload 1/2");
    assert_string_equal(header_of(b, "Content-Type"), "image/png");
    assert_ptr_equal(b->step.request.media, &b->media[0]);
    answer(b, 200, NULL, "{'blob': " BLOB "}");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    assert_string_equal(b->step.name, "upload 2/2");
    go_on(b, 200, "{'blob': " BLOB "}");
    assert_int_equal(b->step.kind, STEP_CREATE);
    expect_member(b, record(b), "text", "'hello\\n\\nhttps://example.org/'");
    expect_member(b, record(b), "embed",
        "{'$type': 'app.bsky.embed.images', 'images': [{'image': " BLOB ", 'alt': 'alt',"
        "'aspectRatio': {'width': 4, 'height': 3}}, {'image': " BLOB ", 'alt': ''}]}");
    b->job.now += MINUTES(30);
    next(b);
    assert_string_equal(b->step.name, "upload 1/2"); /* the server may have dropped it */
    b->job.lost = true;
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    bench_free(b);
}

static void an_upload_is_believed_only_if_it_is_a_blob(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{}", "{'blob': null}", "{'blob': {'$type': 'blob'}}", "!<html>", "[]",
        "{'blob': {'$type': 'blob', 'ref': {'$link': 'BAFK\\\"'}, 'mimeType': 'image/png', 'size': 73}}",
        "{'blob': {'$type': 'blob', 'ref': {'$link': '" CID "'}, 'mimeType': 'image/png', 'size': '73'}}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct bench *b = signed_in();
        b->parts[0].media = b->media;
        b->parts[0].media_count = 1;
        next(b);
        answer(b, 200, NULL, bodies[i]);
        expect_outcome(b, OUTCOME_RETRY);
        expect_memo(b, "{}");
        bench_free(b);
    }
}

/* ---- a video ---- */

#define SERVICE "https://video.bsky.app/xrpc/"
#define VIDEO_BLOB                                                                                           \
    "{'$type': 'blob', 'ref': {'$link': 'bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy'},"     \
    "'mimeType': 'video/mp4', 'size': 1000}"
#define JOB(state, more) "{'jobStatus': {'jobId': 'j1', 'did': '" DID "', 'state': 'JOB_STATE_" state "'" more "}}"

static struct bench *with_film(void)
{
    struct bench *b = signed_in();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->media[0].mime = "video/mp4";
    b->media[0].sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    b->media[0].size = 1000;
    b->media[0].length = SECONDS(10);
    next(b);
    return b;
}

static struct bench *with_token(void)
{
    struct bench *b = with_film();
    go_on(b, 200, "{'token': 'eyJ.e30.video'}");
    return b;
}

static struct bench *with_job(void)
{
    struct bench *b = with_token();
    go_on(b, 200, JOB("CREATED", ""));
    return b;
}

static void a_video_is_processed_before_the_post_that_shows_it(void **state)
{
    (void)state;
    struct bench *b = with_film();
    expect_step(b, STEP_SESSION, "GET",
                PDS "/xrpc/com.atproto.server.getServiceAuth?aud=did%3Aweb%3Apds.example&lxm=com.atproto.repo."
                    "uploadBlob&exp=1796113800");
    go_on(b, 200, "{'token': 'eyJ.e30.video'}");
    expect_step(b, STEP_PREPARE, "POST", SERVICE "app.bsky.video.uploadVideo?did=did%3Aplc%3Aadlw22dcybmgz7ghwcw32wzl&"
                                                 "name=0011223344556677.mp4");
    assert_string_equal(header_of(b, "Authorization"), "Bearer eyJ.e30.video");
    assert_string_equal(header_of(b, "Content-Type"), "video/mp4");
    assert_ptr_equal(b->step.request.media, &b->media[0]);
    go_on(b, 200, "{'jobId': 'j1', 'did': '" DID "', 'state': 'JOB_STATE_CREATED'}"); /* as it is, not as it is described */
    expect_step(b, STEP_PREPARE, "GET", SERVICE "app.bsky.video.getJobStatus?jobId=j1");
    assert_null(header_of(b, "Authorization"));
    go_on(b, 200, JOB("ENCODING", ", 'progress': 5"));
    expect_outcome(b, OUTCOME_WAIT);
    go_on(b, 200, JOB("COMPLETED", ", 'blob': " VIDEO_BLOB));
    assert_int_equal(b->step.kind, STEP_CREATE);
    expect_member(b, record(b), "embed",
                  "{'$type': 'app.bsky.embed.video', 'video': " VIDEO_BLOB ", 'alt': 'alt',"
                  "'aspectRatio': {'width': 4, 'height': 3}}");
    assert_null(json_member(b->job.memo, "video-0-0"));
    bench_free(b);
}

static void an_answer_about_a_video_means(void **state)
{
    (void)state;
    static const struct answer_case token[] = {
        {200, "{'token': 'no token'}", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {500, "{'error': 'InternalServerError'}", OUTCOME_RETRY, SCOPE_POST},
    };
    static const struct answer_case sending[] = {
        {409, "{'error': 'already_exists', 'jobId': 'j0', 'state': 'JOB_STATE_COMPLETED', 'message': 'Video already processed'}",
         OUTCOME_NEXT, SCOPE_POST, "asked about as any other"},
        {200, "{'jobStatus': {'did': '', 'error': 'unconfirmed_email', 'jobId': '', 'state': ''}}", OUTCOME_REFUSED, SCOPE_POST,
         .says = "e-mail"},
        {200, "{}", OUTCOME_RETRY, SCOPE_POST},
        {401, "{'error': 'AuthMissing'}", OUTCOME_RETRY, SCOPE_POST, "the service's token, not the account's, and made just now"},
        {400, "{'error': 'DailyLimitExceeded'}", OUTCOME_RETRY, SCOPE_POST, .says = "in a day"},
        {400, "{'error': 'VideoTooLong'}", OUTCOME_REFUSED, SCOPE_POST, .says = "too long"},
        {413, NULL, OUTCOME_REFUSED, SCOPE_POST},
        {503, "{'error': 'ServiceOverloaded'}", OUTCOME_RETRY, SCOPE_POST, "texts go on"},
    };
    static const struct answer_case processing[] = {
        {200, JOB("COMPLETED", ", 'error': 'already_exists', 'blob': " VIDEO_BLOB), OUTCOME_NEXT, SCOPE_POST},
        {200, JOB("COMPLETED", ""), OUTCOME_RETRY, SCOPE_POST, "without a blob"},
        {200, JOB("FAILED", ", 'error': 'video processing error'"), OUTCOME_RETRY, SCOPE_POST, "such failures pass"},
        {200, JOB("FAILED", ", 'failureCode': 'validation_failure'"), OUTCOME_REFUSED, SCOPE_POST},
        {200, JOB("FAILED", ", 'failureCode': 'pds_upload_unsupported_blob_size'"), OUTCOME_REFUSED, SCOPE_POST, .says = "own server"},
        {404, "{'error': 'NotFound'}", OUTCOME_RETRY, SCOPE_POST, "sent once more"},
        {500, NULL, OUTCOME_RETRY, SCOPE_POST},
    };
    each_answer(token, with_film, answer, NULL);
    each_answer(sending, with_token, answer, NULL);
    each_answer(processing, with_job, answer, NULL);
}

static void a_video_that_cannot_be_processed_is_sent_anew_twice(void **state)
{
    (void)state;
    struct bench *b = with_job();
    for (int i = 0; i < 2; i++) {
        answer(b, 200, NULL, JOB("FAILED", ""));
        expect_outcome(b, OUTCOME_RETRY);
        next(b);
        assert_string_equal(b->step.name, "send video 1/1");
        go_on(b, 200, JOB("CREATED", ""));
    }
    answer(b, 200, NULL, JOB("FAILED", ""));
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

static void what_is_old_is_asked_for_anew(void **state)
{
    (void)state;
    struct bench *b = with_token();
    b->job.now += MINUTES(16); /* half of the token's life is for the service */
    next(b);
    assert_string_equal(b->step.name, "video token");
    bench_free(b);
    b = with_token();
    b->job.now += MINUTES(2);
    go_on(b, 400, "{'error': 'ExpiredToken'}");
    expect_outcome(b, OUTCOME_NEXT);
    assert_string_equal(b->step.name, "video token");
    assert_string_equal(json_text(b->job.session, "access_token"), ACCESS); /* that is another one */
    bench_free(b);
    b = with_job();
    b->media[0].sha256 = "ff00000000000000ff";
    next(b);
    assert_string_equal(b->step.name, "send video 1/1"); /* it is another video */
    bench_free(b);
}

static void a_video_whose_blob_is_lost_goes_to_the_server_itself(void **state)
{
    (void)state;
    struct bench *b = with_job();
    go_on(b, 200, JOB("COMPLETED", ", 'blob': " VIDEO_BLOB));
    answer(b, 400, NULL, "{'error': 'BlobNotFound', 'message': 'Could not find blob: bafk'}");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_PREPARE, "POST", PDS "/xrpc/com.atproto.repo.uploadBlob");
    assert_string_equal(header_of(b, "Content-Type"), "video/mp4");
    bench_free(b);
}

static void a_lost_blob_is_uploaded_again(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    for (int i = 0; i < 3; i++) {
        next(b);
        assert_string_equal(b->step.name, "upload 1/1");
        go_on(b, 200, "{'blob': " BLOB "}");
        answer(b, 400, NULL, "{'error': 'BlobNotFound', 'message': 'Could not find blob: bafk'}");
        expect_outcome(b, OUTCOME_NEXT);
    }
    next(b);
    go_on(b, 200, "{'blob': " BLOB "}");
    answer(b, 400, NULL, "{'error': 'BlobNotFound', 'message': 'Could not find blob: bafk'}");
    expect_outcome(b, OUTCOME_REFUSED); /* not for ever */
    bench_free(b);
}

static void a_thread_answers_its_own_parts(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->content.part_count = 3;
    b->content.warning = "snow";
    b->parts[1].text = "two";
    b->parts[2].text = "three";
    next(b);
    assert_string_equal(b->step.name, "publish 1/3");
    expect_member(b, record(b), "text", "'snow\\n\\nhello'");
    assert_int_equal(json_array_size(json_member(b->step.memo, "rkeys")), 3);
    answer(b, 200, NULL, made(b, 0, CID));
    expect_outcome(b, OUTCOME_NEXT);
    b->job.now += SECONDS(5);
    next(b);
    expect_member(b, record(b), "text", "'two'");
    expect_member(b, record(b), "createdAt", "'2026-12-01T08:00:00.001Z'"); /* of the first intent */
    go_on(b, 200, made(b, 1, CID2));
    const char *uri = "at://" DID "/app.bsky.feed.post/";
    expect_member(b, record(b), "reply",
        arena_printf(b->arena, "{'root': {'uri': '%s%s', 'cid': '" CID "'}, 'parent': {'uri': '%s%s', 'cid': '" CID2 "'}}",
                     uri, bluesky_rkey(&b->job, 0, b->arena), uri, bluesky_rkey(&b->job, 1, b->arena)));
    answer(b, 200, NULL, made(b, 2, CID));
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, arena_printf(b->arena, "%s%s", uri, bluesky_rkey(&b->job, 0, b->arena)));
    bench_free(b);
}

static struct bench *tried_for_minutes(void)
{
    struct bench *b = signed_in();
    b->job.now += MINUTES(2);
    return b;
}

static void an_answer_to_publishing_means(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "!<html>", OUTCOME_UNSURE, SCOPE_POST, "a portal answered"},
        {200, "{'uri': 'at://did:plc:x/app.bsky.feed.post/3jzfcijpj2z2a', 'cid': '" CID "'}", OUTCOME_UNSURE,
         SCOPE_POST, "another record than ours"},
        {200, NULL, OUTCOME_UNSURE, SCOPE_POST, "nothing"},
        {302, NULL, OUTCOME_UNSURE, SCOPE_POST, "perhaps taken", .headers = "location: https://x.example/"},
        {307, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, "moved", .headers = "location: https://x.example/"},
        {400, "{'error': 'InvalidRequest', 'message': 'Record/text must not be longer'}", OUTCOME_REFUSED,
         SCOPE_POST, "lexicon"},
        {400, "!", OUTCOME_REFUSED, SCOPE_POST, "no name"},
        {401, "{'error': 'AccountTakedown', 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "closed"},
        {401, "{'error': 'AccountDeactivated', 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "closed"},
        {403, "{'error': 'Forbidden', 'message': 'x'}", OUTCOME_REFUSED, SCOPE_POST, "forbidden"},
        {413, "{'error': 'PayloadTooLarge', 'message': 'x'}", OUTCOME_REFUSED, SCOPE_POST, "too large"},
        {429, "{'error': 'RateLimitExceeded'}", OUTCOME_RETRY, SCOPE_ACCOUNT, "limit",
         .headers = "ratelimit-reset: 1796112060\nratelimit-remaining: 0"},
        {500, "{'error': 'InternalServerError'}", OUTCOME_UNSURE, SCOPE_POST, "may be there"},
        {502, "{'error': 'UpstreamFailure'}", OUTCOME_UNSURE, SCOPE_POST, "may be there"},
        {503, "!", OUTCOME_UNSURE, SCOPE_POST, "may be there"},
    };
    each_answer(cases, tried_for_minutes, answer, NULL);
}

static struct bench *looked_at_what_has_the_key(void)
{
    struct bench *b = signed_in();
    const char *rkey = bluesky_rkey(&b->job, 0, b->arena);
    answer(b, 400, NULL, "{'error': 'InvalidSwap', 'message': 'Record was at bafy'}");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_PREPARE, "GET", arena_printf(b->arena, PDS "/xrpc/com.atproto.repo.getRecord?repo="
        "did%%3Aplc%%3Aadlw22dcybmgz7ghwcw32wzl&collection=app.bsky.feed.post&rkey=%s", rkey));
    return b;
}

static void a_key_that_is_taken_is_compared(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'uri': 'at://x', 'cid': '" CID "', 'value': {'text': 'hello'}}", OUTCOME_DONE, SCOPE_POST,
         "it is ours"},
        {200, "{'uri': 'at://x', 'cid': '" CID "', 'value': {'text': 'other'}}", OUTCOME_REFUSED, SCOPE_POST,
         "another post"},
        {200, "{'uri': 'at://x', 'value': {'text': 'hello'}}", OUTCOME_REFUSED, SCOPE_POST,
         "without cid nothing can refer to it"},
        {400, "{'error': 'RecordNotFound', 'message': 'Could not locate record'}", OUTCOME_NEXT, SCOPE_POST,
         "gone meanwhile"},
        {502, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, "ask again"},
    };
    each_answer(cases, looked_at_what_has_the_key, answer, NULL);
    struct bench *b = signed_in();
    for (int i = 0; i < 3; i++) {
        go_on(b, 400, "{'error': 'InvalidSwap'}");
        go_on(b, 400, "{'error': 'RecordNotFound'}");
        assert_int_equal(b->step.kind, STEP_CREATE);
    }
    answer(b, 400, NULL, "{'error': 'InvalidSwap'}");
    expect_outcome(b, OUTCOME_REFUSED); /* not for ever */
    bench_free(b);
}

/* ---- sessions ---- */

static void a_session_is_renewed_from_half_of_its_life_on(void **state)
{
    (void)state;
    static const struct {
        duration age, before_slot;
        enum step_kind kind;
        const char *reason;
    } cases[] = {
        {MINUTES(59), MINUTES(10), STEP_CREATE, "young"},
        {MINUTES(60), MINUTES(10), STEP_SESSION, "half of two hours, and time enough"},
        {MINUTES(100), 0, STEP_CREATE, "good enough at the slot"},
        {MINUTES(119), 0, STEP_SESSION, "about to end"},
        {-MINUTES(6), 0, STEP_SESSION, "the clock was set back"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = signed_in();
        b->job.now += cases[i].age;
        b->job.slot = b->job.now + cases[i].before_slot;
        next(b);
        if (b->step.kind != cases[i].kind)
            fail_msg("%s", cases[i].reason);
        if (b->step.kind == STEP_SESSION) {
            expect_step(b, STEP_SESSION, "POST", PDS "/xrpc/com.atproto.server.refreshSession");
            assert_string_equal(header_of(b, "Authorization"), "Bearer " REFRESH);
            assert_int_equal(b->step.request.body_length, 0);
        }
        bench_free(b);
    }
}

static void an_expired_token_is_renewed_and_the_step_repeated(void **state)
{
    (void)state;
    struct bench *b = signed_in();
    b->job.now += MINUTES(2);
    answer(b, 400, NULL, "{'error': 'ExpiredToken', 'message': 'Token has expired'}");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_SESSION, "POST", PDS "/xrpc/com.atproto.server.refreshSession");
    answer(b, 200, NULL, SESSION);
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    assert_int_equal(b->step.kind, STEP_CREATE);
    answer(b, 400, NULL, "{'error': 'ExpiredToken'}"); /* just made: no circle */
    expect_outcome(b, OUTCOME_RETRY);
    assert_int_equal(b->outcome.scope, SCOPE_ACCOUNT);
    assert_int_equal(b->outcome.at, b->job.now + MINUTES(1));
    bench_free(b);
}

static void when_renewing_fails_we_sign_in_again(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
    } failures[] = {{400, "{'error': 'ExpiredToken'}"}, {400, "{'error': 'InvalidToken'}"}, {401, NULL}};
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        struct bench *b = signed_in();
        b->job.now += HOURS(3);
        next(b);
        answer(b, failures[i].status, NULL, failures[i].body);
        expect_outcome(b, OUTCOME_NEXT);
        next(b);
        expect_step(b, STEP_SESSION, "POST", "https://bsky.example/xrpc/com.atproto.server.createSession");
        bench_free(b);
    }
    struct bench *b = signed_in();
    b->job.now += MINUTES(2);
    answer(b, 401, NULL, "{'error': 'AuthMissing'}");
    expect_outcome(b, OUTCOME_NEXT);
    next(b);
    expect_step(b, STEP_SESSION, "POST", "https://bsky.example/xrpc/com.atproto.server.createSession");
    b->job.session = json_of(b->arena, "{}");
    next(b);
    answer(b, 200, NULL, SESSION);
    b->secret.value = "another-password";
    next(b);
    expect_step(b, STEP_SESSION, "POST", "https://bsky.example/xrpc/com.atproto.server.createSession");
    bench_free(b);
}

static struct bench *signing_in(void)
{
    struct bench *b = bench();
    next(b);
    return b;
}

static void no_session(struct bench *b)
{
    assert_null(b->outcome.session);
}

static void an_answer_to_signing_in_means(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {401, "{'error': 'AuthenticationRequired', 'message': 'Invalid identifier or password'}",
         OUTCOME_REFUSED, SCOPE_ACCOUNT, .reconnect = true},
        {401, "{'error': 'AuthFactorTokenRequired', 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT,
         .reconnect = true},
        {401, "{'error': 'AccountTakedown', 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {200, "{'active': false, 'status': 'deactivated'}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {400, "{'error': 'InvalidRequest', 'message': 'x'}", OUTCOME_REFUSED, SCOPE_ACCOUNT},
        {429, "{'error': 'RateLimitExceeded'}", OUTCOME_RETRY, SCOPE_ACCOUNT,
         .headers = "ratelimit-reset: 1796112060"},
        {500, NULL, OUTCOME_RETRY, SCOPE_POST},
        {200, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {200, "{'did': 'did:plc:x', 'accessJwt': 'a b', 'refreshJwt': 'c'}", OUTCOME_RETRY, SCOPE_ACCOUNT},
        {200, "{'did': 'plc:x', 'accessJwt': 'a', 'refreshJwt': 'c'}", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(cases, signing_in, answer, no_session);
}

static void the_own_server_is_taken_from_the_did_document_if_it_is_safe(void **state)
{
    (void)state;
    static const struct {
        const char *door, *endpoint, *expected;
    } cases[] = {
        {"https://bsky.example", "https://pds.example", "https://pds.example"},
        {"https://bsky.example", "http://pds.example", "https://bsky.example"}, /* never in clear */
        {"https://bsky.example", "ftp://pds.example", "https://bsky.example"},
        {"https://bsky.example", "https://u:p@pds.example", "https://bsky.example"},
        {"http://localhost:3000", "http://127.0.0.1:3000", "http://127.0.0.1:3000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = bench();
        b->account.options = json_of(b->arena, arena_printf(b->arena, "{'handle': 'cal.test', 'url': '%s'}", cases[i].door));
        next(b);
        answer(b, 200, NULL, arena_printf(b->arena, "{'did': '" DID "', 'handle': 'handle', 'accessJwt': '" ACCESS "',"
            "'refreshJwt': '" REFRESH "', 'didDoc': {'service': [{'id': '#other', 'serviceEndpoint': 'https://x.example'},"
            "{'id': '" DID "#atproto_pds', 'serviceEndpoint': '%s'}]}}", cases[i].endpoint));
        assert_string_equal(json_text(b->job.session, "pds"), cases[i].expected);
        assert_string_equal(json_text(b->job.session, "handle"), DID); /* no handle: the DID stands for it */
        bench_free(b);
    }
}

static struct bench *looked_for(void)
{
    struct bench *b = signed_in();
    merge(b, b->step.memo);
    b->job.first_sent = SLOT;
    find(b);
    assert_int_equal(b->step.kind, STEP_PREPARE);
    return b;
}

static void a_doubtful_record_is_looked_up(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {200, "{'uri': 'at://x', 'cid': '" CID "', 'value': {'text': 'hello'}}", OUTCOME_DONE, SCOPE_POST,
         "there"},
        {200, "{'uri': 'at://x', 'cid': '" CID "', 'value': {'text': 'other'}}", OUTCOME_UNSURE, SCOPE_POST,
         "another post"},
        {400, "{'error': 'RecordNotFound', 'message': 'Could not locate record'}", OUTCOME_NOT_FOUND,
         SCOPE_POST, "not there"},
        {400, "{'error': 'InvalidRequest', 'message': 'Could not locate record: at://x'}", OUTCOME_NOT_FOUND,
         SCOPE_POST, "older"},
        {400, "{'error': 'InvalidRequest', 'message': 'Could not find repo'}", OUTCOME_UNSURE, SCOPE_POST,
         "the account is gone"},
        {404, "!<html>", OUTCOME_UNSURE, SCOPE_POST, "no server of theirs"},
        {200, "!<html>", OUTCOME_UNSURE, SCOPE_POST, "a portal"},
        {500, NULL, OUTCOME_RETRY, SCOPE_POST, "ask again"},
        {429, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, "ask again"},
    };
    each_answer(cases, looked_for, answer_found, NULL);
}

static void the_live_check_says_who_we_are(void **state)
{
    (void)state;
    struct bench *b = bench();
    b->job.content = NULL;
    b->job.slot = 0;
    network_bluesky.verify(&b->job, b->arena, &b->step);
    assert_int_equal(b->step.kind, STEP_SESSION);
    struct response r = response_of(b->arena, 200, NULL, SESSION);
    network_bluesky.verified(&b->job, &b->step, &r, b->arena, &b->outcome);
    settle(b);
    network_bluesky.verify(&b->job, b->arena, &b->step);
    expect_step(b, STEP_PREPARE, "GET", PDS "/xrpc/com.atproto.server.getSession");
    r = response_of(b->arena, 200, NULL, "{'did': '" DID "', 'handle': 'cal.test', 'active': true}");
    network_bluesky.verified(&b->job, &b->step, &r, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.message, "@cal.test (" DID ")");
    assert_string_equal(network_bluesky.where(&b->job, b->arena), "https://bsky.app/profile/cal.test");
    bench_free(b);
}

static void a_title_without_a_card_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *title, *link;
        size_t images, warnings;
    } cases[] = {{"T", "https://e.example/", 0, 0}, {"T", NULL, 0, 1}, {"T", "https://e.example/", 1, 1}, {NULL, NULL, 1, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = bench();
        struct diags diags = diags_in(b->arena);
        b->content.title = cases[i].title;
        b->content.link = cases[i].link;
        b->parts[0].media = b->media;
        b->parts[0].media_count = cases[i].images;
        network_bluesky.check(&b->account, &b->content, &diags);
        assert_int_equal(diags.warnings, cases[i].warnings);
        bench_free(b);
    }
}

/* ---- atproto ---- */

static void syntaxes_are_checked(void **state)
{
    (void)state;
    assert_true(did_is_valid(DID) && did_is_valid("did:web:example.org"));
    assert_false(did_is_valid(NULL) || did_is_valid("did:plc:") || did_is_valid("did:plc:a b") ||
                 did_is_valid("did:plc:a\"") || did_is_valid("DID:plc:a") || did_is_valid("did:plc:a:"));
    assert_true(handle_is_valid("cal.test") && handle_is_valid("A-b.example.org"));
    assert_false(handle_is_valid(NULL) || handle_is_valid("cal") || handle_is_valid("cal.") || handle_is_valid(".cal") ||
                 handle_is_valid("a..b") || handle_is_valid("-a.b") || handle_is_valid("127.0.0.1") ||
                 handle_is_valid("a_b.test") || handle_is_valid("a.b/c"));
    assert_true(cid_is_valid(CID));
    assert_false(cid_is_valid(NULL) || cid_is_valid("bafy") || cid_is_valid("Qm" CID) || cid_is_valid(CID "/"));
    assert_true(jwt_is_valid(ACCESS));
    assert_false(jwt_is_valid("") || jwt_is_valid("a\r\nb") || jwt_is_valid(NULL));
    assert_true(tid_is_valid("3jzfcijpj2z2a") && tid_is_valid("j222222222222"));
    assert_false(tid_is_valid(NULL) || tid_is_valid("k222222222222") || tid_is_valid("3jzfcijpj2z21") ||
                 tid_is_valid("3jzfcijpj2z2") || tid_is_valid("3jzfcijpj2z2aa"));
    char tid[TID_TEXT];
    assert_string_equal(tid_make(0, 0, tid), "2222222222222");
    assert_string_equal(tid_make(UINT64_MAX, ~0u, tid), "bzzzzzzzzzzzz"); /* the high bit stays 0 */
}

static void a_token_says_how_long_it_lives(void **state)
{
    (void)state;
    static const struct {
        const char *jwt;
        duration life; /* 0: it does not say */
    } cases[] = {
        {ACCESS, HOURS(2)},
        {REFRESH, 0},
        {"", 0},
        {"no dots", 0},
        {"a.!!!.b", 0},
        {".e30", 0},
        {"a.eyJpYXQiOjEwMDAsImV4cCI6OTk5fQ.b", 0},                 /* ends before it begins */
        {"a.eyJpYXQiOjEwMDAsImV4cCI6OTIyMzM3MjAzNjg1NDc3NTgwN30.b", 0}, /* for ever */
        {"a.eyJpYXQiOjEwMDAsImV4cCI6Ijk5OTkifQ.b", 0},             /* a text */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        duration life = 0;
        assert_int_equal(jwt_lifetime(cases[i].jwt, &life), cases[i].life > 0);
        assert_int_equal(life, cases[i].life);
    }
}

/* The protocol's own test files, where they are at hand. */
static size_t check_lines(const char *name, bool (*is_valid)(const char *), bool expected)
{
    char path[512], line[4096];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/../shared/specs/atproto/interop-test-files/syntax/%s", CALD_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (!*line || *line == '#')
            continue;
        if (is_valid(line) != expected && strlen(line) < 500)
            fail_msg("%s: '%s'", name, line);
        count++;
    }
    if (file)
        fclose(file);
    return count;
}

static void the_protocols_own_examples_hold(void **state)
{
    (void)state;
    size_t lines = check_lines("tid_syntax_valid.txt", tid_is_valid, true) +
                   check_lines("tid_syntax_invalid.txt", tid_is_valid, false) +
                   check_lines("did_syntax_valid.txt", did_is_valid, true) +
                   check_lines("did_syntax_invalid.txt", did_is_valid, false) +
                   check_lines("handle_syntax_valid.txt", handle_is_valid, true) +
                   check_lines("handle_syntax_invalid.txt", handle_is_valid, false);
    if (!lines) {
        print_message("skipped: ../shared/specs/atproto is not here\n");
        skip();
    }
    assert_true(lines > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_is_published),
        cmocka_unit_test(a_repeat_later_is_the_same_bytes),
        cmocka_unit_test(record_keys_follow_slot_part_and_delivery),
        cmocka_unit_test(links_mentions_and_hashtags_are_facets_in_bytes),
        cmocka_unit_test(an_unresolved_mention_holds_up_nothing_at_the_slot),
        cmocka_unit_test(a_link_becomes_a_card),
        cmocka_unit_test(images_go_with_alt_text_and_the_link_into_the_text),
        cmocka_unit_test(an_upload_is_believed_only_if_it_is_a_blob),
        cmocka_unit_test(a_video_is_processed_before_the_post_that_shows_it),
        cmocka_unit_test(an_answer_about_a_video_means),
        cmocka_unit_test(a_video_that_cannot_be_processed_is_sent_anew_twice),
        cmocka_unit_test(what_is_old_is_asked_for_anew),
        cmocka_unit_test(a_video_whose_blob_is_lost_goes_to_the_server_itself),
        cmocka_unit_test(a_lost_blob_is_uploaded_again),
        cmocka_unit_test(a_thread_answers_its_own_parts),
        cmocka_unit_test(an_answer_to_publishing_means),
        cmocka_unit_test(a_key_that_is_taken_is_compared),
        cmocka_unit_test(a_session_is_renewed_from_half_of_its_life_on),
        cmocka_unit_test(an_expired_token_is_renewed_and_the_step_repeated),
        cmocka_unit_test(when_renewing_fails_we_sign_in_again),
        cmocka_unit_test(an_answer_to_signing_in_means),
        cmocka_unit_test(the_own_server_is_taken_from_the_did_document_if_it_is_safe),
        cmocka_unit_test(a_doubtful_record_is_looked_up),
        cmocka_unit_test(the_live_check_says_who_we_are),
        cmocka_unit_test(a_title_without_a_card_is_told),
        cmocka_unit_test(syntaxes_are_checked),
        cmocka_unit_test(a_token_says_how_long_it_lives),
        cmocka_unit_test(the_protocols_own_examples_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
