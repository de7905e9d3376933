/* YouTube's driver: what it asks for, and what it makes of the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "driver_job.h"
#include "network/youtube.h"

#define API "https://www.googleapis.com"
#define ADDRESS API "/upload/youtube/v3/videos?upload_id=u1"
#define LOGIN                                                                                                \
    "'login': {'access_token': 'a1', 'refresh_token': 'r1', 'made_at': 1796108400000,"                       \
    "'expires_at': 1796119200000}"
#define CHANNEL                                                                                              \
    "{'items': [{'id': 'UC1', 'snippet': {'title': 'Chalet'},"                                               \
    "'contentDetails': {'relatedPlaylists': {'uploads': 'UU1'}}}]}"
#define MIB (INT64_C(1) << 20)
#define STATUS(upload, privacy) "{'items': [{'id': 'v1', 'status': {'uploadStatus': '" upload "', 'privacyStatus': '" privacy "'}}]}"
#define ERROR(reason) "{'error': {'code': 0, 'message': 'no', 'errors': [{'reason': '" reason "'}]}}"

static struct bench *with_options(const char *options)
{
    struct bench *b = bench_new(&network_youtube, options, "client_secret");
    b->job.session = json_of(b->arena, "{" LOGIN "}");
    b->media[0] = (struct media){.file = "col.mp4", .alt = "", .mime = "video/mp4", .sha256 = "aa", .size = 40 * MIB,
                                 .width = 1280, .height = 720, .length = 61000, .codec = "avc1"};
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    b->content.title = "Le col";
    next(b);
    if (b->step.kind == STEP_SESSION)
        go_on(b, 200, CHANNEL);
    return b;
}

static struct bench *ready(void)
{
    return with_options("{'client_id': 'app'}");
}

static void open_upload(struct bench *b)
{
    answer(b, 200, "location: " ADDRESS, "!");
    next(b);
}

static struct bench *opened(void)
{
    struct bench *b = ready();
    open_upload(b);
    return b;
}

/* The last piece is about to leave. */
static struct bench *nearly(void)
{
    struct bench *b = opened();
    answer(b, 308, "range: bytes=0-33554431", "!");
    next(b);
    return b;
}

static struct bench *uploaded(void)
{
    struct bench *b = nearly();
    go_on(b, 200, "{'id': 'v1', 'status': {'uploadStatus': 'uploaded', 'privacyStatus': 'private'}}");
    return b;
}

static struct bench *processed(void)
{
    struct bench *b = uploaded();
    go_on(b, 200, STATUS("processed", "private"));
    return b;
}

static const char *range_of(const struct bench *b)
{
    const char *range = header_of(b, "Content-Range");
    return range ? range : "";
}

static void a_video_is_uploaded_in_pieces_and_shown_at_the_slot(void **state)
{
    (void)state;
    struct bench *b = ready();
    expect_step(b, STEP_PREPARE, "POST",
                API "/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status&notifySubscribers=true");
    expect_body(b, "{'snippet': {'categoryId': '22', 'description': 'hello', 'title': 'Le col'},"
                   "'status': {'privacyStatus': 'private', 'selfDeclaredMadeForKids': false}}");
    assert_string_equal(header_of(b, "X-Upload-Content-Length"), "41943040");
    open_upload(b);
    assert_string_equal(json_text(json_member(b->job.memo, "upload"), "url"), ADDRESS); /* before a byte leaves */
    expect_step(b, STEP_PREPARE, "PUT", ADDRESS);
    assert_string_equal(range_of(b), "bytes 0-33554431/41943040");
    assert_int_equal(b->step.request.media_length, 32 * MIB);
    assert_string_equal(print_in(b->arena, b->step.memo), "{\"kept\":null}");
    answer(b, 308, "range: bytes=0-20971519", "!"); /* they may keep less */
    next(b);
    assert_string_equal(range_of(b), "bytes 20971520-41943039/41943040");
    assert_int_equal(b->step.request.media_from, 20 * MIB);
    assert_string_equal(print_in(b->arena, b->step.memo), "{\"kept\":null,\"last\":true}");
    go_on(b, 201, "{'id': 'v1'}");
    expect_step(b, STEP_PREPARE, "GET", API "/youtube/v3/videos?part=status,processingDetails&id=v1");
    go_on(b, 200, STATUS("uploaded", "private"));
    expect_outcome(b, OUTCOME_WAIT);
    assert_int_equal(b->outcome.at, SLOT + SECONDS(15));
    go_on(b, 200, STATUS("processed", "private"));
    expect_step(b, STEP_CREATE, "PUT", API "/youtube/v3/videos?part=status");
    expect_body(b, "{'id': 'v1', 'status': {'privacyStatus': 'public', 'selfDeclaredMadeForKids': false}}");
    answer(b, 200, NULL, "{'id': 'v1', 'status': {'privacyStatus': 'public'}}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, "https://www.youtube.com/watch?v=v1");
    next(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void after_a_break_youtube_is_asked_how_much_it_has(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *headers, *body, *range; /* range: of the next piece; NULL: there is none */
        const char *reason;
    } cases[] = {
        {308, "range: bytes=0-1048575", "!", "bytes 1048576-34603007/41943040", "some arrived"},
        {308, NULL, "!", "bytes 0-33554431/41943040", "nothing arrived"},
        {308, "range: bytes=0-99999999999", "!", "bytes 0-33554431/41943040", "more than there is"},
        {308, "range: items=3", "!", "bytes 0-33554431/41943040", "nonsense"},
        {200, NULL, "{'id': 'v1'}", NULL, "it had arrived whole"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = opened();
        merge(b, b->step.memo); /* the piece left; no answer came */
        next(b);
        expect_step(b, STEP_PREPARE, "PUT", ADDRESS);
        assert_string_equal(range_of(b), "bytes */41943040");
        assert_null(b->step.request.media);
        answer(b, cases[i].status, cases[i].headers, cases[i].body);
        expect_outcome(b, OUTCOME_NEXT);
        next(b);
        if (cases[i].range && strcmp(range_of(b), cases[i].range) != 0)
            fail_msg("%s: %s", cases[i].reason, range_of(b));
        if (!cases[i].range)
            assert_string_equal(b->step.name, "processing");
        bench_free(b);
    }
}

static void an_upload_that_was_forgotten_begins_anew(void **state)
{
    (void)state;
    struct bench *b = opened();
    answer(b, 404, NULL, "!");
    next(b);
    assert_string_equal(b->step.name, "open upload");
    open_upload(b);
    b->job.now = SLOT + DAYS(7); /* an address lives for about a week */
    b->job.slot = b->job.now;
    b->job.session = json_of(b->arena, "{" LOGIN "}");
    json_set_number(json_member(b->job.session, "login"), "expires_at", b->job.now + HOURS(2));
    next(b);
    go_on(b, 200, CHANNEL);
    assert_string_equal(b->step.name, "open upload");
    bench_free(b);
}

/* The last piece left, its answer was lost, and the upload's address is gone: as a crash of theirs leaves it. */
static struct bench *in_doubt(void)
{
    struct bench *b = nearly();
    merge(b, b->step.memo);
    next(b);
    go_on(b, 410, "!");
    return b;
}

static void a_video_that_may_be_there_is_looked_for_before_it_is_uploaded_again(void **state)
{
    (void)state;
#define LISTED(title, at) "{'items': [{'snippet': {'title': '" title "', 'publishedAt': '" at "', 'resourceId': {'videoId': 'v9'}}}]}"
    struct bench *b = in_doubt();
    expect_step(b, STEP_PREPARE, "GET", API "/youtube/v3/playlistItems?part=snippet&maxResults=20&playlistId=UU1");
    go_on(b, 200, LISTED("Le col", "2026-12-01T08:00:03Z"));
    expect_step(b, STEP_PREPARE, "GET", API "/youtube/v3/videos?part=status,processingDetails&id=v9");
    bench_free(b);

    b = in_doubt();
    go_on(b, 200, LISTED("Le col", "2026-11-01T08:00:00Z")); /* an older one of the same title */
    expect_outcome(b, OUTCOME_WAIT);
    go_on(b, 200, LISTED("Le lac", "2026-12-01T08:00:03Z"));
    expect_outcome(b, OUTCOME_WAIT);
    b->job.now += MINUTES(11);
    next(b);
    go_on(b, 200, "{'items': []}");
    assert_string_equal(b->step.name, "open upload");
    bench_free(b);
}

static void bytes_go_to_google_and_to_nobody_else(void **state)
{
    (void)state;
    static const struct {
        const char *location;
        bool good;
    } cases[] = {
        {"location: https://www.googleapis.com/upload/x", true},
        {"location: https://youtube.googleapis.com/upload/x", true},
        {"location: http://www.googleapis.com/upload/x", false},
        {"location: https://www.googleapis.com.evil.example/upload/x", false},
        {"location: https://evilgoogleapis.com/upload/x", false},
        {"location: /upload/x", false},
        {NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = ready();
        answer(b, 200, cases[i].location, "!");
        assert_int_equal(b->outcome.kind, cases[i].good ? OUTCOME_NEXT : OUTCOME_RETRY);
        assert_true(cases[i].good == (json_member(b->job.memo, "upload") != NULL));
        bench_free(b);
    }
}

static void every_documented_error_has_its_outcome(void **state)
{
    (void)state;
    static const struct answer_case opening[] = {
        {403, ERROR("quotaExceeded"), OUTCOME_RETRY, SCOPE_ACCOUNT, NULL, NULL, "midnight in California"},
        {403, ERROR("dailyLimitExceeded"), OUTCOME_RETRY, SCOPE_ACCOUNT},
        {403, ERROR("rateLimitExceeded"), OUTCOME_RETRY, SCOPE_ACCOUNT, NULL, NULL, "short time"},
        {403, ERROR("userRateLimitExceeded"), OUTCOME_RETRY, SCOPE_ACCOUNT},
        {429, ERROR("rateLimitExceeded"), OUTCOME_RETRY, SCOPE_ACCOUNT},
        {400, ERROR("uploadLimitExceeded"), OUTCOME_RETRY, SCOPE_POST, NULL, NULL, "24 hours"},
        {403, ERROR("forbidden"), OUTCOME_REFUSED, SCOPE_ACCOUNT, NULL, NULL, "Studio"},
        {403, ERROR("insufficientPermissions"), OUTCOME_REFUSED, SCOPE_ACCOUNT, NULL, NULL, "log in again", true},
        {403, ERROR("accessNotConfigured"), OUTCOME_REFUSED, SCOPE_ACCOUNT, NULL, NULL, "enable"},
        {401, ERROR("youtubeSignupRequired"), OUTCOME_REFUSED, SCOPE_ACCOUNT, NULL, NULL, "no channel", true},
        {401, ERROR("authError"), OUTCOME_NEXT, SCOPE_ACCOUNT, "the token is renewed once"},
        {400, ERROR("invalidTitle"), OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "title"},
        {400, ERROR("invalidDescription"), OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "description"},
        {400, ERROR("invalidTags"), OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "tags"},
        {400, ERROR("invalidCategoryId"), OUTCOME_REFUSED, SCOPE_ACCOUNT, NULL, NULL, "category"},
        {400, ERROR("invalidPublishAt"), OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "time"},
        {400, ERROR("invalidVideoMetadata"), OUTCOME_REFUSED, SCOPE_POST},
        {400, ERROR("invalidFilename"), OUTCOME_REFUSED, SCOPE_POST},
        {400, ERROR("mediaBodyRequired"), OUTCOME_REFUSED, SCOPE_POST},
        {400, ERROR("defaultLanguageNotSet"), OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "language"},
        {403, ERROR("forbiddenPrivacySetting"), OUTCOME_REFUSED, SCOPE_POST},
        {403, "!<html>", OUTCOME_RETRY, SCOPE_ACCOUNT, "a firewall before the API"},
        {500, ERROR("backendError"), OUTCOME_RETRY, SCOPE_POST, "nobody sees an upload"},
        {503, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    static const struct answer_case sending[] = {
        {308, "!", OUTCOME_RETRY, SCOPE_POST, "nothing was kept", NULL, "kept nothing"},
        {404, "!", OUTCOME_NEXT, SCOPE_POST, "the address is gone"},
        {410, "!", OUTCOME_NEXT, SCOPE_POST, "likewise"},
        {200, "{'kind': 'youtube#video'}", OUTCOME_RETRY, SCOPE_POST, "it is asked again", NULL, "names no video"},
        {503, ERROR("backendError"), OUTCOME_RETRY, SCOPE_POST, "the rest later"},
    };
    static const struct answer_case publishing[] = {
        {200, "{'id': 'v1', 'status': {'privacyStatus': 'private'}}", OUTCOME_REFUSED, SCOPE_POST, "not audited", NULL,
         "has not audited: it is at https://studio.youtube.com/video/v1/edit"},
        {200, "{'id': 'v1'}", OUTCOME_UNSURE, SCOPE_POST, "says nothing"},
        {200, "!ok", OUTCOME_UNSURE, SCOPE_POST, "no JSON"},
        {500, ERROR("backendError"), OUTCOME_UNSURE, SCOPE_POST, "it may be shown"},
        {503, "!", OUTCOME_UNSURE, SCOPE_POST},
        {403, ERROR("quotaExceeded"), OUTCOME_RETRY, SCOPE_ACCOUNT},
        {404, ERROR("videoNotFound"), OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "deleted"},
    };
    static const struct answer_case looking[] = {
        {200, "{'items': []}", OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "not there any more"},
        {200, "{'items': [{'status': {'uploadStatus': 'failed', 'failureReason': 'codec'}}]}", OUTCOME_REFUSED,
         SCOPE_POST, NULL, NULL, "how it is coded"},
        {200, "{'items': [{'status': {'uploadStatus': 'rejected', 'rejectionReason': 'duplicate'}}]}", OUTCOME_REFUSED,
         SCOPE_POST, NULL, NULL, "on the channel already"},
        {200, "{'items': [{'status': {'uploadStatus': 'rejected', 'rejectionReason': 'length'}}]}", OUTCOME_REFUSED,
         SCOPE_POST, NULL, NULL, "youtube.com/verify"},
        {200, "{'items': [{'status': {'uploadStatus': 'deleted'}}]}", OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "'deleted'"},
    };
    each_answer(opening, ready, answer, NULL);
    each_answer(sending, opened, answer, NULL);
    each_answer(publishing, processed, answer, NULL);
    each_answer(looking, uploaded, answer, NULL);
}

static void a_doubtful_request_is_settled_by_looking_at_the_video(void **state)
{
    (void)state;
    struct bench *b = processed();
    merge(b, b->step.memo);
    b->job.lost = true;
    find(b);
    expect_step(b, STEP_PREPARE, "GET", API "/youtube/v3/videos?part=status,processingDetails&id=v1");
    answer_found(b, 200, NULL, STATUS("processed", "public"));
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "v1");
    bench_free(b);
    b = processed();
    merge(b, b->step.memo);
    find(b);
    answer_found(b, 200, NULL, STATUS("processed", "private"));
    expect_outcome(b, OUTCOME_RETRY); /* it may still take effect */
    b->job.now += MINUTES(1);
    answer_found(b, 200, NULL, STATUS("processed", "private"));
    expect_outcome(b, OUTCOME_NOT_FOUND);
    bench_free(b);
}

/* ---- YouTube does it ---- */

static struct bench *scheduled(void)
{
    struct bench *b = with_options("{'client_id': 'app', 'schedule': true}");
    b->job.now = SLOT - HOURS(1);
    next(b);
    go_on(b, 200, CHANNEL); /* it was asked for an hour later */
    assert_non_null(strstr(b->step.request.body, "\"publishAt\":\"2026-12-01T08:00:00Z\""));
    open_upload(b);
    go_on(b, 200, "{'id': 'v1'}");
    go_on(b, 200, STATUS("processed", "private"));
    return b;
}

static void with_schedule_youtube_is_told_the_slot_and_watched(void **state)
{
    (void)state;
    struct bench *b = scheduled();
    assert_string_equal(b->step.name, "scheduled");
    go_on(b, 200, STATUS("processed", "private"));
    expect_outcome(b, OUTCOME_WAIT);
    assert_int_equal(b->outcome.at, SLOT + SECONDS(5));
    b->job.now = SLOT + SECONDS(5);
    next(b);
    answer(b, 200, NULL, STATUS("processed", "public"));
    expect_outcome(b, OUTCOME_DONE);
    bench_free(b);

    b = scheduled();
    b->job.now = SLOT + MINUTES(4); /* it did not: then we do */
    next(b);
    expect_step(b, STEP_CREATE, "PUT", API "/youtube/v3/videos?part=status");
    bench_free(b);
}

static void a_post_that_moves_is_told_to_youtube(void **state)
{
    (void)state;
    struct bench *b = scheduled();
    b->job.slot = SLOT + DAYS(1);
    next(b);
    expect_step(b, STEP_PREPARE, "PUT", API "/youtube/v3/videos?part=status");
    expect_body(b, "{'id': 'v1', 'status': {'privacyStatus': 'private', 'publishAt': '2026-12-02T08:00:00Z',"
                   "'selfDeclaredMadeForKids': false}}");
    go_on(b, 200, "{'id': 'v1', 'status': {'privacyStatus': 'private'}}");
    assert_string_equal(b->step.name, "scheduled");
    bench_free(b);
}

/* ---- what goes with it ---- */

static void an_image_is_the_thumbnail(void **state)
{
    (void)state;
    struct bench *b = nearly();
    b->media[1].mime = "image/jpeg";
    b->parts[0].media_count = 2;
    go_on(b, 200, "{'id': 'v1'}");
    expect_step(b, STEP_PREPARE, "POST", API "/upload/youtube/v3/thumbnails/set?uploadType=media&videoId=v1");
    assert_ptr_equal(b->step.request.media, &b->media[1]);
    answer(b, 403, NULL, ERROR("forbidden"));
    expect_outcome(b, OUTCOME_REFUSED);
    assert_int_equal(b->outcome.scope, SCOPE_POST);
    assert_non_null(strstr(b->outcome.message, "youtube.com/verify"));
    go_on(b, 200, "{'kind': 'x'}");
    assert_string_equal(b->step.name, "processing");
    bench_free(b);
}

static void everything_that_is_said_of_a_video_goes_with_it(void **state)
{
    (void)state;
    static const char *const tags[] = {"hiver", "le col"};
    struct bench *b = with_options("{'client_id': 'app', 'category': 19, 'made_for_kids': true, 'notify': false,"
                                   "'synthetic': true, 'privacy': 'unlisted'}");
    b->content.tags = tags;
    b->content.tag_count = 2;
    b->content.language = "fr";
    b->content.link = "https://e.org/";
    next(b);
    assert_non_null(strstr(b->step.request.url, "notifySubscribers=false"));
    expect_body(b, "{'snippet': {'categoryId': '19', 'defaultLanguage': 'fr', 'description': 'hello\\n\\nhttps://e.org/',"
                   "'tags': ['hiver', 'le col'], 'title': 'Le col'},"
                   "'status': {'containsSyntheticMedia': true, 'privacyStatus': 'private', 'selfDeclaredMadeForKids': true}}");
    assert_string_equal(youtube_privacy(&b->job), "unlisted");
    bench_free(b);
}

static void what_youtube_does_not_take_is_found_when_it_is_planned(void **state)
{
    (void)state;
    static const char *const tags[] = {"a b"};
    static char long_tag[600];
    struct bench *b = ready();
    struct diags diags = diags_in(b->arena);
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    assert_int_equal(diags.errors + diags.warnings, 0);
    b->content.title = "a <b>";
    b->parts[0].text = "1 < 2";
    b->parts[0].media_count = 0;
    b->content.visibility = VISIBILITY_FOLLOWERS;
    memset(long_tag, 'x', 497);
    const char *many[] = {long_tag, tags[0]};
    b->content.tags = many;
    b->content.tag_count = 2;
    network_check(&b->account, &b->content, NULL, NULL, &diags);
    static const char *const rules[] = {"no-video", "visibility", "title", "text", "tags"};
    assert_int_equal(diags.errors, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(diags.items[i].rule, rules[i]);
    bench_free(b);
}

/* ---- the quota ---- */

static void californias_midnight_is_known_through_both_changes(void **state)
{
    (void)state;
    static const struct {
        const char *now, *midnight, *reason;
    } cases[] = {
        {"2026-12-01T08:00:00Z", "2026-12-02T08:00:00Z", "midnight itself begins a day"},
        {"2026-12-01T07:59:59Z", "2026-12-01T08:00:00Z", "winter"},
        {"2026-07-01T12:00:00Z", "2026-07-02T07:00:00Z", "summer"},
        {"2026-03-08T07:30:00Z", "2026-03-08T08:00:00Z", "before the day of the change"},
        {"2026-03-08T08:30:00Z", "2026-03-09T07:00:00Z", "a day of 23 hours"},
        {"2026-03-08T10:00:00Z", "2026-03-09T07:00:00Z", "after it changed"},
        {"2026-11-01T06:59:00Z", "2026-11-01T07:00:00Z", "before the day of the other change"},
        {"2026-11-01T07:30:00Z", "2026-11-02T08:00:00Z", "a day of 25 hours"},
        {"2026-11-02T07:59:00Z", "2026-11-02T08:00:00Z", "its end"},
        {"2027-03-14T08:30:00Z", "2027-03-15T07:00:00Z", "another year"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instant now = 0, midnight = 0;
        assert_true(instant_parse(cases[i].now, &now) && instant_parse(cases[i].midnight, &midnight));
        if (pacific_midnight(now) != midnight)
            fail_msg("%s (%s): %lld h off", cases[i].now, cases[i].reason,
                     (long long)((pacific_midnight(now) - midnight) / HOURS(1)));
    }
}

static void what_is_used_is_counted_and_what_is_used_up_waits(void **state)
{
    (void)state;
    struct bench *b = with_options("{'client_id': 'app', 'max_uploads': 1, 'max_units': 100}");
    assert_string_equal(youtube_used(&b->job, b->arena), "1 of 100 units and 0 of 1 uploads of today");
    open_upload(b);
    assert_string_equal(youtube_used(&b->job, b->arena), "1 of 100 units and 1 of 1 uploads of today");
    const json_t *memo = b->job.memo;
    b->job.memo = json_of(b->arena, "{}"); /* another post */
    next(b);
    assert_int_equal(b->step.kind, STEP_LOCAL);
    network_youtube.read(&b->job, &b->step, NULL, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_RETRY);
    assert_int_equal(b->outcome.scope, SCOPE_POST);
    assert_int_equal(b->outcome.at, SLOT + DAYS(1)); /* the slot is midnight there */
    b->job.memo = memo; /* the first goes on */
    next(b);
    assert_string_equal(b->step.name, "upload");
    b->job.now = b->job.slot = SLOT + DAYS(1); /* and so does another, a day later */
    b->job.memo = json_of(b->arena, "{}");
    json_set_number(json_member((json_t *)(uintptr_t)b->job.session, "login"), "expires_at", SLOT + DAYS(2));
    next(b);
    assert_string_equal(b->step.name, "open upload");
    assert_int_equal(b->step.kind, STEP_PREPARE);
    bench_free(b);
}

static void what_google_says_of_the_quota_counts_more(void **state)
{
    (void)state;
    struct bench *b = processed();
    answer(b, 403, NULL, ERROR("quotaExceeded"));
    assert_int_equal(b->outcome.at, SLOT + DAYS(1));
    next(b);
    assert_int_equal(b->step.kind, STEP_LOCAL);
    network_youtube.read(&b->job, &b->step, NULL, b->arena, &b->outcome);
    assert_int_equal(b->outcome.scope, SCOPE_ACCOUNT);
    assert_non_null(strstr(b->outcome.message, "10000 of 10000 units"));
    bench_free(b);
}

/* ---- taking it back ---- */

static void a_private_video_of_a_post_that_is_cancelled_is_deleted(void **state)
{
    (void)state;
    struct bench *b = processed();
    discard(b);
    answer_discarded(b, 200, NULL, STATUS("processed", "private"));
    discard(b);
    expect_step(b, STEP_PREPARE, "DELETE", API "/youtube/v3/videos?id=v1");
    assert_null(json_member(b->job.memo, "video"));
    answer_discarded(b, 204, NULL, "!");
    assert_string_equal(b->outcome.message, "its private video on YouTube was deleted");
    discard(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);

    b = processed();
    discard(b);
    answer_discarded(b, 200, NULL, STATUS("processed", "public"));
    assert_non_null(strstr(b->outcome.message, "left alone"));
    discard(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);

    b = opened(); /* what was not ended has made nothing */
    discard(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    bench_free(b);
}

static void the_check_says_which_channel_and_what_is_left(void **state)
{
    (void)state;
    struct bench *b = ready();
    memset(&b->step, 0, sizeof b->step);
    network_youtube.verify(&b->job, b->arena, &b->step);
    expect_step(b, STEP_PREPARE, "GET", API "/youtube/v3/channels?part=snippet,contentDetails&mine=true");
    struct response response = response_of(b->arena, 200, NULL, CHANNEL);
    network_youtube.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
    assert_string_equal(b->outcome.message, "Chalet; 1 of 10000 units and 0 of 100 uploads of today");
    response = response_of(b->arena, 200, NULL, "{'items': []}");
    network_youtube.verified(&b->job, &b->step, &response, b->arena, &b->outcome);
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_video_is_uploaded_in_pieces_and_shown_at_the_slot),
        cmocka_unit_test(after_a_break_youtube_is_asked_how_much_it_has),
        cmocka_unit_test(an_upload_that_was_forgotten_begins_anew),
        cmocka_unit_test(a_video_that_may_be_there_is_looked_for_before_it_is_uploaded_again),
        cmocka_unit_test(bytes_go_to_google_and_to_nobody_else),
        cmocka_unit_test(every_documented_error_has_its_outcome),
        cmocka_unit_test(a_doubtful_request_is_settled_by_looking_at_the_video),
        cmocka_unit_test(with_schedule_youtube_is_told_the_slot_and_watched),
        cmocka_unit_test(a_post_that_moves_is_told_to_youtube),
        cmocka_unit_test(an_image_is_the_thumbnail),
        cmocka_unit_test(everything_that_is_said_of_a_video_goes_with_it),
        cmocka_unit_test(what_youtube_does_not_take_is_found_when_it_is_planned),
        cmocka_unit_test(californias_midnight_is_known_through_both_changes),
        cmocka_unit_test(what_is_used_is_counted_and_what_is_used_up_waits),
        cmocka_unit_test(what_google_says_of_the_quota_counts_more),
        cmocka_unit_test(a_private_video_of_a_post_that_is_cancelled_is_deleted),
        cmocka_unit_test(the_check_says_which_channel_and_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
