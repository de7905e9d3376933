/* Videos on networks that take them among other things: what the drivers ask for, and what they make of the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/drivers.h"

#define PAGE "https://graph.facebook.com/v26.0/77"

static struct bench *with_film(const struct network *network, const char *options, const char *secret)
{
    struct bench *b = bench_new(network, options, secret);
    b->account.hosted = true;
    b->media[0] = (struct media){.file = "col.mp4", .alt = "alt", .mime = "video/mp4", .sha256 = "aa", .size = 1000,
                                 .width = 1080, .height = 1920, .length = 12345, .codec = "avc1", .sound = "mp4a"};
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    next(b);
    return b;
}

/* ---- Facebook: a session of its own, finished at the slot ---- */

#define PIECE(from, to) "'start_offset': '" #from "', 'end_offset': '" #to "'"

static struct bench *page_opened(void)
{
    struct bench *b = with_film(&network_facebook, "{'page':'77'}", "token");
    go_on(b, 200, "{'id':'77','name':'Chalet'}");
    go_on(b, 200, "{'video_id': '9', 'upload_session_id': '8', " PIECE(0, 600) "}");
    return b;
}

static struct bench *page_sent(void)
{
    struct bench *b = page_opened();
    go_on(b, 200, "{" PIECE(600, 1000) "}");
    go_on(b, 200, "{" PIECE(1000, 1000) "}");
    return b;
}

static struct bench *page_finished(void)
{
    struct bench *b = page_sent();
    go_on(b, 200, "{'success': true}");
    return b;
}

static void a_pages_video_is_sent_in_the_pieces_it_asks_for(void **state)
{
    (void)state;
    struct bench *b = page_opened();
    expect_step(b, STEP_PREPARE, "POST", PAGE "/videos");
    assert_string_equal(b->step.request.parts[3].name, "video_file_chunk");
    assert_int_equal(b->step.request.parts[3].from, 0);
    assert_int_equal(b->step.request.parts[3].length, 600);
    go_on(b, 200, "{" PIECE(600, 1000) "}");
    assert_string_equal(b->step.request.parts[2].value, "600");
    assert_int_equal(b->step.request.parts[3].length, 400);
    go_on(b, 200, "{" PIECE(1000, 1000) "}");
    expect_step(b, STEP_CREATE, "POST", PAGE "/videos");
    assert_string_equal(b->step.request.body, "upload_phase=finish&upload_session_id=8&description=hello");
    go_on(b, 200, "{'success': true}");
    expect_step(b, STEP_PREPARE, "GET", "https://graph.facebook.com/v26.0/9?fields=status,permalink_url");
    go_on(b, 200, "{'status': {'video_status': 'processing'}}");
    expect_outcome(b, OUTCOME_WAIT);
    answer(b, 200, NULL, "{'status': {'video_status': 'ready'}, 'permalink_url': '/77/videos/9/'}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.url, "https://www.facebook.com/77/videos/9/");
    bench_free(b);
}

static void each_answer_about_a_pages_video_has_its_outcome(void **state)
{
    (void)state;
    static const struct answer_case sending[] = {
        {200, "{" PIECE(0, 2000) "}", OUTCOME_RETRY, SCOPE_POST, "more than there is"},
        {200, "{" PIECE(900, 600) "}", OUTCOME_RETRY, SCOPE_POST, "backwards"},
        {200, "{}", OUTCOME_RETRY, SCOPE_POST, "nothing"},
        {400, "{'error': {'code': 100, 'message': 'no'}}", OUTCOME_NEXT, SCOPE_POST, "begun anew, once"},
        {400, "{'error': {'code': 190, 'message': 'no'}}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "the token", NULL, NULL, true},
        {503, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    static const struct answer_case finishing[] = {
        {200, "{'success': false}", OUTCOME_UNSURE, SCOPE_POST},
        {200, "{}", OUTCOME_UNSURE, SCOPE_POST},
        {503, "!", OUTCOME_UNSURE, SCOPE_POST},
    };
    static const struct answer_case looking[] = {
        {200, "{'status': {'video_status': 'error'}}", OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "cannot process"},
        {200, "{'status': {'processing_phase': {'status': 'error'}}}", OUTCOME_REFUSED, SCOPE_POST},
        {200, "{'status': {'publishing_phase': {'status': 'complete'}}}", OUTCOME_DONE, SCOPE_POST},
        {200, "{'id': '9'}", OUTCOME_WAIT, SCOPE_POST, "says nothing"},
    };
    each_answer(sending, page_opened, answer, NULL);
    each_answer(finishing, page_sent, answer, NULL);
    each_answer(looking, page_finished, answer, NULL);
}

static struct bench *page_in_doubt(void)
{
    struct bench *b = page_sent();
    merge(b, b->step.memo);
    b->job.lost = true;
    find(b);
    return b;
}

static struct bench *page_in_doubt_for_long(void)
{
    struct bench *b = page_in_doubt();
    b->job.now += MINUTES(16);
    return b;
}

static void a_pages_video_in_doubt_says_itself_what_became_of_it(void **state)
{
    (void)state;
#define UNFINISHED "{'status': {'video_status': 'uploading', 'processing_phase': {'status': 'not_started'}}}"
    static const struct answer_case soon[] = {
        {200, "{'status': {'video_status': 'ready'}}", OUTCOME_DONE, SCOPE_POST},
        {200, "{'status': {'video_status': 'processing', 'processing_phase': {'status': 'in_progress'}}}", OUTCOME_RETRY,
         SCOPE_POST},
        {200, "{'status': {'video_status': 'error'}}", OUTCOME_UNSURE, SCOPE_POST},
        {200, UNFINISHED, OUTCOME_RETRY, SCOPE_POST, "it may still come"},
    };
    static const struct answer_case late[] = {{200, UNFINISHED, OUTCOME_NOT_FOUND, SCOPE_POST, "it did not"}};
    each_answer(soon, page_in_doubt, answer_found, NULL);
    each_answer(late, page_in_doubt_for_long, answer_found, NULL);
}

static void an_upload_that_is_refused_is_begun_anew_once(void **state)
{
    (void)state;
    struct bench *b = page_opened();
    go_on(b, 400, "{'error': {'code': 100, 'message': 'wrong offset'}}");
    assert_string_equal(b->step.name, "start video");
    go_on(b, 200, "{'video_id': '10', 'upload_session_id': '11', " PIECE(0, 1000) "}");
    answer(b, 400, NULL, "{'error': {'code': 100, 'message': 'wrong offset'}}");
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

/* ---- containers ---- */

static struct bench *container_of(const struct network *network)
{
    struct bench *b = with_film(network, "{}", "token");
    go_on(b, 200, "{'user_id':'42','id':'42','username':'chalet'}");
    go_on(b, 200, "{'data':[{'quota_usage':1,'config':{'quota_total':50}}]}");
    assert_ptr_equal(b->step.host, &b->media[0]);
    go_on(b, 200, "{'url':'https://media.example.org/a.mp4','until':0}");
    return b;
}

static void a_video_on_instagram_is_a_reel_and_may_take_long(void **state)
{
    (void)state;
    struct bench *b = container_of(&network_instagram);
    assert_string_equal(b->step.request.body,
                        "media_type=REELS&video_url=https%3A%2F%2Fmedia.example.org%2Fa.mp4&caption=hello");
    go_on(b, 200, "{'id':'500'}");
    for (int i = 0; i < 60; i++) { /* an hour: more than three containers of images would get */
        answer(b, 200, NULL, "{'status_code':'IN_PROGRESS','id':'500'}");
        expect_outcome(b, OUTCOME_WAIT);
        b->job.now = b->outcome.at;
        merge(b, json_of(b->arena, "{'quota': 1896112000000}"));
        next(b);
        assert_string_equal(b->step.name, "status");
    }
    bench_free(b);
}

static void a_video_on_threads_has_its_alt_text(void **state)
{
    (void)state;
    struct bench *b = container_of(&network_threads);
    assert_string_equal(b->step.request.body, "media_type=VIDEO&video_url=https%3A%2F%2Fmedia.example.org%2Fa.mp4&"
                                              "alt_text=alt&text=hello");
    bench_free(b);
}

/* ---- Slack: the upload's end is what publishes ---- */

static struct bench *slack_sent(void)
{
    struct bench *b = with_film(&network_slack, "{'channel': 'C1'}", "token");
    go_on(b, 200, "{'ok': true, 'url': 'https://chalet.slack.com/', 'team': 'Chalet', 'user': 'cald'}");
    expect_step(b, STEP_PREPARE, "POST", "https://slack.com/api/files.getUploadURLExternal");
    assert_string_equal(b->step.request.body, "filename=col.mp4&length=1000&alt_txt=alt");
    go_on(b, 200, "{'ok': true, 'upload_url': 'https://files.slack.com/upload/v1/abc', 'file_id': 'F1'}");
    expect_step(b, STEP_PREPARE, "POST", "https://files.slack.com/upload/v1/abc");
    assert_ptr_equal(b->step.request.media, &b->media[0]);
    go_on(b, 200, "!OK - 1000");
    return b;
}

static struct bench *slack_shared(void)
{
    struct bench *b = slack_sent();
    go_on(b, 200, "{'ok': true, 'files': [{'id': 'F1', 'title': 'col.mp4'}]}");
    return b;
}

#define SHOWN(kind, channel) "'shares': {'" kind "': {'" channel "': [{'ts': '15.25'}]}}"

static void a_video_on_slack_is_shared_by_the_request_that_ends_its_upload(void **state)
{
    (void)state;
    struct bench *b = slack_sent();
    expect_step(b, STEP_CREATE, "POST", "https://slack.com/api/files.completeUploadExternal");
    expect_body(b, "{'channel_id': 'C1', 'files': [{'id': 'F1'}], 'initial_comment': 'hello'}");
    go_on(b, 200, "{'ok': true, 'files': [{'id': 'F1', 'title': 'col.mp4'}]}");
    expect_outcome(b, OUTCOME_NEXT);
    expect_step(b, STEP_PREPARE, "GET", "https://slack.com/api/files.info?file=F1");
    go_on(b, 200, "{'ok': true, 'file': {'id': 'F1', " SHOWN("public", "C2") "}}");
    expect_outcome(b, OUTCOME_WAIT); /* somebody showed it elsewhere */
    answer(b, 200, NULL, "{'ok': true, 'file': {'id': 'F1', " SHOWN("private", "C1") "}}");
    expect_outcome(b, OUTCOME_DONE);
    assert_string_equal(b->outcome.id, "15.25");
    assert_string_equal(b->outcome.url, "https://chalet.slack.com/archives/C1/p1525");
    assert_null(json_member(b->job.memo, "shown"));
    bench_free(b);
}

static void each_answer_about_a_video_on_slack_has_its_outcome(void **state)
{
    (void)state;
#define NO(word) "{'ok': false, 'error': '" word "'}"
    static const struct answer_case sharing[] = {
        {200, "{'ok': true, 'files': [{'id': 'F1', " SHOWN("public", "C1") "}]}", OUTCOME_DONE, SCOPE_POST, "told at once"},
        {200, "{'ok': true}", OUTCOME_NEXT, SCOPE_POST, "not told"},
        {200, NO("file_not_found"), OUTCOME_RETRY, SCOPE_POST, "uploaded anew", NULL, "anew"},
        {200, NO("channel_not_found"), OUTCOME_REFUSED, SCOPE_ACCOUNT, "channel"},
        {200, NO("file_type_not_allowed"), OUTCOME_REFUSED, SCOPE_POST, "type", NULL, "type"},
        {200, NO("storage_limit_reached"), OUTCOME_REFUSED, SCOPE_POST, "full", NULL, "no room"},
        {200, NO("file_update_failed"), OUTCOME_UNSURE, SCOPE_POST, "they failed"},
        {200, "!<html>", OUTCOME_UNSURE, SCOPE_POST, "no JSON"},
        {503, "!", OUTCOME_UNSURE, SCOPE_POST, "gateway"},
    };
    static const struct answer_case looking[] = {
        {200, "{'ok': true, 'file': {'id': 'F1', 'shares': {}}}", OUTCOME_WAIT, SCOPE_POST, "not yet"},
        {200, "{'ok': true, 'file': {'id': 'F1', 'shares': {'public': {'C1': [{'ts': 7}]}}}}", OUTCOME_WAIT, SCOPE_POST, "no ts"},
        {200, "{'ok': true, 'file': {'id': 'F1', 'shares': {'public': {'C1': [{'ts': 'F9'}]}}}}", OUTCOME_WAIT, SCOPE_POST, "no ts"},
        {200, NO("missing_scope"), OUTCOME_DONE, SCOPE_POST, "it is out all the same", NULL, "does not tell"},
        {200, NO("file_deleted"), OUTCOME_DONE, SCOPE_POST, "somebody was quick", NULL, "does not tell"},
        {429, "!", OUTCOME_RETRY, SCOPE_ACCOUNT, "later", "retry-after: 30"},
        {503, "!", OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    each_answer(sharing, slack_sent, answer, NULL);
    each_answer(looking, slack_shared, answer, NULL);
}

static struct bench *slack_in_doubt(void)
{
    struct bench *b = slack_sent();
    merge(b, b->step.memo);
    b->job.lost = true;
    find(b);
    return b;
}

static struct bench *slack_in_doubt_for_long(void)
{
    struct bench *b = slack_in_doubt();
    b->job.now += MINUTES(16);
    return b;
}

static void a_video_on_slack_in_doubt_is_looked_for_by_its_file(void **state)
{
    (void)state;
    static const struct answer_case soon[] = {
        {200, "{'ok': true, 'file': {'id': 'F1', " SHOWN("public", "C1") "}}", OUTCOME_DONE, SCOPE_POST},
        {200, "{'ok': true, 'file': {'id': 'F1'}}", OUTCOME_RETRY, SCOPE_POST, "it is looked through"},
        {200, NO("file_not_found"), OUTCOME_RETRY, SCOPE_POST, "it may still come"},
        {200, NO("missing_scope"), OUTCOME_UNSURE, SCOPE_ACCOUNT, "it cannot look", NULL, NULL, true},
        {200, NO("file_deleted"), OUTCOME_UNSURE, SCOPE_POST, "it was there"},
    };
    static const struct answer_case late[] = {
        {200, "{'ok': true, 'file': {'id': 'F1'}}", OUTCOME_UNSURE, SCOPE_POST, "a person looks"},
        {200, NO("file_not_found"), OUTCOME_NOT_FOUND, SCOPE_POST, "it did not"},
    };
    each_answer(soon, slack_in_doubt, answer_found, NULL);
    each_answer(late, slack_in_doubt_for_long, answer_found, NULL);
}

static void what_slack_cannot_show_is_told_when_it_is_planned(void **state)
{
    (void)state;
    struct bench *b = slack_sent();
    assert_string_equal(rules_found(b), "");
    b->account.options = json_of(b->arena, "{'channel': '#annonces'}");
    assert_string_equal(rules_found(b), "!videos ");
    b->account.options = json_of(b->arena, "{'channel': 'C1'}");
    b->parts[1] = b->parts[0];
    b->content.part_count = 2;
    assert_string_equal(rules_found(b), "!video-count !video-count ");
    b->content.part_count = 1;
    b->media[0].size = (INT64_C(1) << 30) + 1;
    assert_string_equal(rules_found(b), "!video-size ");
    b->media[0].size = 1000;
    b->secret.name = "webhook";
    assert_string_equal(rules_found(b), "!videos ");
    bench_free(b);
}

/* ---- where no video can go ---- */

static void who_cannot_publish_a_video_there_is_told_what_to_do_instead(void **state)
{
    (void)state;
    static const struct {
        const struct network *network;
        const char *why;
    } cases[] = {
        {&network_lemmy, "lemmy takes no videos, or cald cannot bring them there: its instances differ in what they take"},
        {&network_email, "email takes no videos, or cald cannot bring them there: most mailboxes refuse so large a message"},
        {&network_devto, "devto takes no videos, or cald cannot bring them there; publish it elsewhere"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = slack_sent();
        struct diags diags = diags_in(b->arena);
        b->account.network = cases[i].network;
        network_check(&b->account, &b->content, NULL, NULL, &diags);
        const char *said = "";
        for (size_t k = 0; k < diags.count; k++)
            if (!strcmp(diags.items[k].rule, "videos"))
                said = diags.items[k].message;
        if (!strstr(said, cases[i].why) || !strstr(said, "give its address as 'link'"))
            fail_msg("%s", said);
        bench_free(b);
    }
}

/* ---- Telegram ---- */

static void a_video_and_a_photo_are_an_album_on_telegram(void **state)
{
    (void)state;
    struct bench *b = with_film(&network_telegram, "{'chat': '-1001234'}", "token");
    go_on(b, 200, "{'ok': true, 'result': {'id': 99, 'username': 'chalet_bot'}}");
    go_on(b, 200, "{'ok': true, 'result': {'id': -1001234, 'title': 'Chalet'}}");
    expect_step(b, STEP_CREATE, "POST", "https://api.telegram.org/bots3cret-token/sendVideo");
    assert_string_equal(b->step.request.parts[b->step.request.part_count - 1].name, "video");
    b->parts[0].media_count = 2;
    next(b);
    expect_step(b, STEP_CREATE, "POST", "https://api.telegram.org/bots3cret-token/sendMediaGroup");
    assert_string_equal(b->step.request.parts[1].value,
                        print_in(b->arena, json_of(b->arena,
                                                   "[{'caption':'hello','duration':12,'height':1920,'media':"
                                                   "'attach://video0','supports_streaming':true,'type':'video',"
                                                   "'width':1080},{'media':'attach://photo1','type':'photo'}]")));
    assert_string_equal(b->step.request.parts[2].name, "video0");
    assert_string_equal(b->step.request.parts[3].name, "photo1");
    bench_free(b);
}

/* ---- Pinterest: registered, sent to a store with a form, processed, then the pin ---- */

#define PINS "https://api.pinterest.com/v5"
#define REGISTERED                                                                                               \
    "{'media_id':'12','media_type':'video','upload_url':'https://store.example/','upload_parameters':{'key':'k','policy':'p'}}"

static struct bench *pin_of_film(void)
{
    return with_film(&network_pinterest, "{'board':'111'}", "token");
}

static struct bench *pin_registered(void)
{
    struct bench *b = pin_of_film();
    go_on(b, 201, REGISTERED);
    return b;
}

static struct bench *pin_sent(void)
{
    struct bench *b = pin_registered();
    go_on(b, 204, NULL);
    return b;
}

static void a_pins_video_is_sent_with_the_form_it_is_given_and_without_the_token(void **state)
{
    (void)state;
    struct bench *b = pin_of_film();
    expect_step(b, STEP_PREPARE, "POST", PINS "/media");
    expect_body(b, "{'media_type':'video'}");
    go_on(b, 201, REGISTERED);
    expect_step(b, STEP_PREPARE, "POST", "https://store.example/");
    assert_null(header_of(b, "Authorization"));
    const struct form_part *parts = b->step.request.parts;
    assert_int_equal(b->step.request.part_count, 3);
    assert_string_equal(parts[0].name, "key");
    assert_string_equal(parts[1].value, "p");
    assert_string_equal(parts[2].name, "file");
    assert_ptr_equal(parts[2].media, &b->media[0]);
    go_on(b, 204, NULL);
    expect_step(b, STEP_PREPARE, "GET", PINS "/media/12");
    assert_null(json_member(json_member(b->job.memo, "video"), "form"));
    go_on(b, 200, "{'media_id':'12','status':'processing'}");
    expect_outcome(b, OUTCOME_WAIT);
    go_on(b, 200, "{'media_id':'12','status':'succeeded'}");
    expect_step(b, STEP_CREATE, "POST", PINS "/pins");
    assert_string_equal(b->step.request.body,
                        print_in(b->arena, json_of(b->arena, "{'board_id':'111','description':'hello','alt_text':'alt','media_source':"
                                 "{'source_type':'video_id','media_id':'12','cover_image_key_frame_time':1}}")));
    answer(b, 201, NULL, "{'id':'9'}");
    expect_outcome(b, OUTCOME_DONE);
    bench_free(b);
}

static void an_image_beside_a_pins_video_is_its_cover(void **state)
{
    (void)state;
    struct bench *b = pin_sent();
    b->parts[0].media_count = 2;
    go_on(b, 200, "{'status':'succeeded'}");
    assert_non_null(strstr(b->step.request.body, "\"cover_image_content_type\":\"image/png\",\"cover_image_data\":\""));
    assert_non_null(strstr(b->step.request.body, "\"alt_text\":\"alt\""));
    assert_int_equal(b->step.request.insert_count, 1);
    assert_ptr_equal(b->step.request.inserts[0], &b->media[1]);
    bench_free(b);
}

static void each_answer_about_a_pins_video_has_its_outcome(void **state)
{
    (void)state;
    static const struct answer_case registering[] = {
        {201, "{'media_id':'x'}", OUTCOME_RETRY, SCOPE_POST, "no id"},
        {201, "{'media_id':'1','upload_url':'http://a.example/','upload_parameters':{}}", OUTCOME_RETRY, SCOPE_POST, "not encrypted"},
        {201, "{'media_id':'1','upload_url':'https://a.example/','upload_parameters':{'a':1}}", OUTCOME_RETRY, SCOPE_POST, "no text"},
        {500, NULL, OUTCOME_RETRY, SCOPE_POST},
        {401, "{'code':2}", OUTCOME_REFUSED, SCOPE_ACCOUNT, "the token", NULL, NULL, true},
    };
    static const struct answer_case sending[] = {
        {403, "!<Error/>", OUTCOME_RETRY, SCOPE_POST, "the form has ended: it is registered anew"},
        {400, "!<Error/>", OUTCOME_RETRY, SCOPE_POST},
        {401, "!<Error/>", OUTCOME_RETRY, SCOPE_POST, "not the account's token"},
        {503, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    static const struct answer_case looking[] = {
        {200, "{'status':'failed'}", OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "cannot make anything"},
        {200, "{'status':'registered'}", OUTCOME_WAIT, SCOPE_POST},
        {404, "{'code':1}", OUTCOME_RETRY, SCOPE_POST, "registered anew, but not at once"},
        {500, NULL, OUTCOME_RETRY, SCOPE_POST},
    };
    struct bench *b = pin_sent();
    go_on(b, 200, "{'status':'failed'}");
    assert_string_equal(b->step.name, "register video"); /* when a person tries it again */
    bench_free(b);
    each_answer(registering, pin_of_film, answer, NULL);
    each_answer(sending, pin_registered, answer, NULL);
    each_answer(looking, pin_sent, answer, NULL);
}

static void a_pins_video_is_sent_anew_when_it_is_old_or_another(void **state)
{
    (void)state;
    struct bench *b = pin_sent();
    b->media[0].sha256 = "bb";
    next(b);
    assert_string_equal(b->step.name, "register video");
    b->media[0].sha256 = "aa";
    b->job.now += DAYS(1);
    next(b);
    assert_string_equal(b->step.name, "register video");
    b->job.lost = true;
    next(b);
    assert_string_equal(b->step.name, "processing");
    b->job.lost = false;
    b->job.now = SLOT + HOURS(2);
    answer(b, 200, NULL, "{'status':'processing'}");
    expect_outcome(b, OUTCOME_REFUSED);
    bench_free(b);
}

/* ---- LinkedIn: announced, sent in pieces with their marks, finished, processed, then the post ---- */

#define REST "https://api.linkedin.com/rest/"
#define DMS(n) "https://www.linkedin.com/dms-uploads/" #n
#define ANNOUNCED                                                                                                \
    "{'value':{'video':'urn:li:video:V1','uploadToken':'','uploadUrlsExpireAt':1796115600000,'uploadInstructions':["   \
    "{'uploadUrl':'" DMS(1) "','firstByte':0,'lastByte':599},{'uploadUrl':'" DMS(2) "','firstByte':600,'lastByte':999}]}}"

static struct bench *linked_film(void)
{
    return with_film(&network_linkedin, "{'author':'urn:li:organization:5'}", "token");
}

static struct bench *linked_announced(void)
{
    struct bench *b = linked_film();
    go_on(b, 200, ANNOUNCED);
    return b;
}

static struct bench *linked_sent(void)
{
    struct bench *b = linked_announced();
    answer(b, 200, "etag: /ambry/one", NULL);
    next(b);
    answer(b, 200, "etag: /ambry/two", NULL);
    next(b);
    return b;
}

static struct bench *linked_finished(void)
{
    struct bench *b = linked_sent();
    go_on(b, 200, NULL);
    return b;
}

static void a_video_on_linkedin_is_sent_in_its_pieces_and_finished_with_their_marks(void **state)
{
    (void)state;
    struct bench *b = linked_film();
    expect_step(b, STEP_PREPARE, "POST", REST "videos?action=initializeUpload");
    expect_body(b, "{'initializeUploadRequest':{'owner':'urn:li:organization:5','fileSizeBytes':1000,'uploadCaptions':false,"
                   "'uploadThumbnail':false}}");
    go_on(b, 200, ANNOUNCED);
    expect_step(b, STEP_PREPARE, "PUT", DMS(1));
    assert_int_equal(b->step.request.media_from, 0);
    assert_int_equal(b->step.request.media_length, 600);
    answer(b, 200, "etag: /ambry/one", NULL);
    next(b);
    expect_step(b, STEP_PREPARE, "PUT", DMS(2));
    assert_int_equal(b->step.request.media_from, 600);
    assert_int_equal(b->step.request.media_length, 400);
    answer(b, 200, "etag: /ambry/two", NULL);
    next(b);
    expect_step(b, STEP_PREPARE, "POST", REST "videos?action=finalizeUpload");
    expect_body(b, "{'finalizeUploadRequest':{'video':'urn:li:video:V1','uploadToken':'','uploadedPartIds':['/ambry/one',"
                   "'/ambry/two']}}");
    go_on(b, 200, NULL);
    expect_step(b, STEP_PREPARE, "GET", REST "videos/urn%3Ali%3Avideo%3AV1");
    go_on(b, 200, "{'status':'PROCESSING'}");
    expect_outcome(b, OUTCOME_WAIT);
    b->content.title = "Le col";
    go_on(b, 200, "{'status':'AVAILABLE'}");
    expect_step(b, STEP_CREATE, "POST", REST "posts");
    assert_non_null(strstr(b->step.request.body, "\"content\":{\"media\":{\"id\":\"urn:li:video:V1\",\"title\":\"Le col\"}}"));
    bench_free(b);
}

static void each_answer_about_a_video_on_linkedin_has_its_outcome(void **state)
{
    (void)state;
#define INSTRUCTED(url, from, to)                                                                                    \
    "{'value':{'video':'urn:li:video:V1','uploadInstructions':[{'uploadUrl':'" url "','firstByte':" #from ",'lastByte':" #to "}]}}"
    static const struct answer_case announcing[] = {
        {200, INSTRUCTED(DMS(1), 0, 999), OUTCOME_NEXT, SCOPE_POST},
        {200, INSTRUCTED(DMS(1), 0, 998), OUTCOME_RETRY, SCOPE_POST, "not all of it"},
        {200, INSTRUCTED(DMS(1), 0, 1000), OUTCOME_RETRY, SCOPE_POST, "more than there is"},
        {200, INSTRUCTED(DMS(1), 1, 999), OUTCOME_RETRY, SCOPE_POST, "not from its beginning"},
        {200, INSTRUCTED("https://linkedin.evil.org/x", 0, 999), OUTCOME_RETRY, SCOPE_POST, "the token would go elsewhere"},
        {200, "{'value':{'video':'urn:li:image:V1'}}", OUTCOME_RETRY, SCOPE_POST},
        {500, NULL, OUTCOME_RETRY, SCOPE_POST},
    };
    static const struct answer_case sending[] = {
        {200, NULL, OUTCOME_RETRY, SCOPE_POST, "no mark"},
        {200, NULL, OUTCOME_NEXT, SCOPE_POST, NULL, "etag: x"},
        {403, "!gone", OUTCOME_RETRY, SCOPE_POST, "the address has ended: announced anew"},
        {401, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, NULL, NULL, NULL, true},
        {503, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    static const struct answer_case ending[] = {
        {400, "{'message':'no'}", OUTCOME_RETRY, SCOPE_POST, "announced anew, once"},
        {503, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT},
    };
    static const struct answer_case looking[] = {
        {200, "{'status':'PROCESSING_FAILED','processingFailureReason':'codec'}", OUTCOME_REFUSED, SCOPE_POST, NULL, NULL, "codec"},
        {200, "{'status':'WAITING_UPLOAD'}", OUTCOME_WAIT, SCOPE_POST},
        {403, "{'code':'ACCESS_DENIED'}", OUTCOME_NEXT, SCOPE_POST, "a member's token: the post will say"},
    };
    struct bench *b = linked_finished();
    go_on(b, 200, "{'status':'PROCESSING_FAILED'}");
    assert_string_equal(b->step.name, "announce video"); /* when a person tries it again */
    bench_free(b);
    each_answer(announcing, linked_film, answer, NULL);
    each_answer(sending, linked_announced, answer, NULL);
    each_answer(ending, linked_sent, answer, NULL);
    each_answer(looking, linked_finished, answer, NULL);
}

static void a_video_on_linkedin_is_announced_anew_when_it_must_be(void **state)
{
    (void)state;
    struct bench *b = linked_announced();
    b->job.now = SLOT + MINUTES(59); /* its addresses are good for an hour */
    next(b);
    assert_string_equal(b->step.name, "announce video");
    b->job.now = SLOT;
    next(b);
    go_on(b, 403, "!gone");
    assert_string_equal(b->step.name, "announce video");
    bench_free(b);
    b = linked_sent();
    go_on(b, 400, "{'message':'no'}");
    assert_string_equal(b->step.name, "announce video");
    go_on(b, 200, INSTRUCTED(DMS(1), 0, 999));
    answer(b, 200, "etag: x", NULL);
    next(b);
    answer(b, 400, NULL, "{'message':'no'}");
    expect_outcome(b, OUTCOME_REFUSED); /* not for ever */
    bench_free(b);
}

/* ---- documents, and the networks where a video is a file as any ---- */

static void as_document(struct bench *b, size_t index)
{
    b->media[index] = (struct media){.file = "docs/plan.pdf", .alt = "", .mime = "application/pdf", .sha256 = "dd", .size = 2000};
}

static void documents_are_an_album_of_their_own_on_telegram(void **state)
{
    (void)state;
    struct bench *b = with_film(&network_telegram, "{'chat': '-1001234'}", "token");
    go_on(b, 200, "{'ok': true, 'result': {'id': 99, 'username': 'chalet_bot'}}");
    go_on(b, 200, "{'ok': true, 'result': {'id': -1001234, 'title': 'Chalet'}}");
    as_document(b, 0);
    next(b);
    expect_step(b, STEP_CREATE, "POST", "https://api.telegram.org/bots3cret-token/sendDocument");
    assert_string_equal(b->step.request.parts[b->step.request.part_count - 1].name, "document");
    as_document(b, 1);
    b->parts[0].media_count = 2;
    next(b);
    assert_string_equal(b->step.request.parts[1].value,
                        print_in(b->arena, json_of(b->arena, "[{'caption':'hello','media':'attach://document0','type':'document'},"
                                                             "{'media':'attach://document1','type':'document'}]")));
    assert_string_equal(rules_found(b), "");
    b->media[1].mime = "image/png";
    assert_string_equal(rules_found(b), "!document-count ");
    bench_free(b);
}

static void what_telegram_was_not_noted_of_is_not_deleted(void **state)
{
    (void)state;
    struct bench *b = with_film(&network_telegram, "{'chat': '-1001234'}", "token");
    b->job.memo = json_of(b->arena, "{'id': '7', 'url': 'https://t.me/chalet/7', 'post-0': {'id': '7'}}");
    network_telegram.remove(&b->job, b->arena, &b->step);
    assert_int_equal(b->step.kind, STEP_DONE);
    assert_non_null(strstr(b->step.name, "did not note Telegram's numbers"));
    bench_free(b);
}

static void a_video_and_a_document_are_events_of_their_own_on_matrix(void **state)
{
    (void)state;
    static const char *const answers[] = {"{'user_id': '@cal:m.example', 'device_id': 'D'}", "{'room_id': '!r:m.example'}"};
    struct bench *b = with_film(&network_matrix, "{'url': 'https://m.example', 'room': '#r:m.example'}", "token");
    as_document(b, 1);
    b->parts[0].media_count = 2;
    for (size_t i = 0; i < 2; i++)
        go_on(b, 200, answers[i]);
    go_on(b, 404, "{'errcode': 'M_NOT_FOUND', 'error': 'no'}");
    assert_ptr_equal(b->step.request.media, &b->media[0]);
    go_on(b, 200, "{'content_uri': 'mxc://m.example/film'}");
    assert_string_equal(header_of(b, "Content-Type"), "application/pdf");
    go_on(b, 200, "{'content_uri': 'mxc://m.example/plan'}");
    go_on(b, 200, "{'event_id': '$one'}");
    expect_body(b, "{'msgtype': 'm.video', 'body': 'alt', 'url': 'mxc://m.example/film', 'm.mentions': {}, 'info': {"
                   "'mimetype': 'video/mp4', 'size': 1000, 'w': 1080, 'h': 1920, 'duration': 12345}}");
    go_on(b, 200, "{'event_id': '$two'}");
    expect_body(b, "{'msgtype': 'm.file', 'body': 'plan.pdf', 'url': 'mxc://m.example/plan', 'm.mentions': {}, 'info': {"
                   "'mimetype': 'application/pdf', 'size': 2000}}");
    bench_free(b);
}

static void any_file_is_an_attachment_on_discord(void **state)
{
    (void)state;
    struct bench *b = with_film(&network_discord, "{'channel': '20'}", "token");
    as_document(b, 1);
    b->parts[0].media_count = 2;
    go_on(b, 200, "{'id': '9', 'username': 'cal'}");
    go_on(b, 200, "{'id': '20', 'guild_id': '10', 'name': 'annonces'}");
    assert_string_equal(b->step.request.parts[1].name, "files[0]");
    assert_ptr_equal(b->step.request.parts[2].media, &b->media[1]);
    assert_string_equal(rules_found(b), "");
    b->media[0].size = b->media[1].size = 11 << 20;
    assert_string_equal(rules_found(b), "!video-size !document-size ");
    bench_free(b);
}

/* ---- limits ---- */

static void longer(struct bench *b)
{
    b->media[0].length = MINUTES(16);
}

static void larger(struct bench *b)
{
    b->media[0].size = INT64_C(11) * 1000 * 1000 * 1000;
}

static void with_image(struct bench *b)
{
    b->parts[0].media_count = 2;
    b->media[1].mime = "image/jpeg";
    b->media[1].width = b->media[1].height = 800;
}

static void large_enough(struct bench *b)
{
    b->media[0].size = 80000;
}

static void short_one(struct bench *b)
{
    large_enough(b);
    b->media[0].length = SECONDS(2);
}

static void raw(struct bench *b)
{
    b->media[0].codec = "apcn";
}

static void index_last(struct bench *b)
{
    b->media[0].index_last = true;
}

static void in_second_part(struct bench *b)
{
    b->parts[1] = b->parts[0];
    b->parts[0].media_count = 0;
    b->content.part_count = 2;
}

static void as_it_is(struct bench *b)
{
    (void)b;
}

static void each_networks_limits_hold(void **state)
{
    (void)state;
    static const struct {
        const struct network *network;
        const char *options;
        void (*change)(struct bench *b);
        const char *rule; /* NULL: nothing is found */
    } cases[] = {
        {&network_mastodon, "{'url': 'https://m.example'}", as_it_is, NULL},
        {&network_mastodon, "{'url': 'https://m.example'}", larger, "video-size"},
        {&network_mastodon, "{'url': 'https://m.example'}", with_image, "video-count"},
        {&network_facebook, "{'page': '77'}", as_it_is, NULL},
        {&network_facebook, "{'page': '77'}", larger, "video-size"},
        {&network_facebook, "{'page': '77'}", with_image, "video-count"},
        {&network_instagram, "{}", as_it_is, NULL},
        {&network_instagram, "{}", with_image, NULL},
        {&network_instagram, "{}", longer, "video-length"},
        {&network_instagram, "{}", larger, "video-size"},
        {&network_instagram, "{}", raw, "video-codec"},
        {&network_instagram, "{}", index_last, "video-index"},
        {&network_threads, "{}", index_last, NULL},
        {&network_threads, "{}", as_it_is, NULL},
        {&network_threads, "{}", longer, "video-length"},
        {&network_threads, "{}", raw, "video-codec"},
        {&network_telegram, "{'chat': '@c'}", as_it_is, NULL},
        {&network_telegram, "{'chat': '@c'}", with_image, NULL},
        {&network_telegram, "{'chat': '@c'}", larger, "video-size"},
        {&network_x, "{'client_id': 'app'}", as_it_is, NULL},
        {&network_x, "{'client_id': 'app'}", longer, "video-length"}, /* a warning: some may */
        {&network_x, "{'client_id': 'app'}", larger, "video-size"},
        {&network_x, "{'client_id': 'app'}", with_image, "video-count"},
        {&network_linkedin, "{}", large_enough, NULL},
        {&network_linkedin, "{}", as_it_is, "video-size"},
        {&network_linkedin, "{}", larger, "video-size"},
        {&network_linkedin, "{}", short_one, "video-length"},
        {&network_pinterest, "{'board': '1'}", as_it_is, NULL},
        {&network_pinterest, "{'board': '1'}", with_image, NULL},
        {&network_pinterest, "{'board': '1'}", larger, "video-size"},
        {&network_pinterest, "{'board': '1'}", longer, "video-length"},
        {&network_pinterest, "{'board': '1'}", raw, "video-codec"},
        {&network_tumblr, "{'blog': 'b'}", as_it_is, NULL},
        {&network_tumblr, "{'blog': 'b'}", larger, "video-size"},
        {&network_tumblr, "{'blog': 'b'}", longer, "video-length"},
        {&network_tumblr, "{'blog': 'b'}", with_image, NULL},
        {&network_tumblr, "{'blog': 'b'}", in_second_part, "video-count"},
        {&network_bluesky, "{'handle': 'a.b'}", as_it_is, NULL},
        {&network_bluesky, "{'handle': 'a.b'}", larger, "video-size"},
        {&network_bluesky, "{'handle': 'a.b'}", with_image, "video-count"},
        {&network_bluesky, "{'handle': 'a.b'}", longer, "video-length"}, /* a warning */
        {&network_slack, "{'channel': 'c'}", as_it_is, "videos"},
        {&network_wordpress, "{'url': 'https://blog.example', 'user': 'cal'}", with_image, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = with_film(cases[i].network, cases[i].options, "token");
        struct diags diags = diags_in(b->arena);
        cases[i].change(b);
        network_check(&b->account, &b->content, NULL, NULL, &diags);
        const char *found = diags.count ? diags.items[0].rule : NULL;
        if (diags.count > 1 || !found != !cases[i].rule || (found && strcmp(found, cases[i].rule) != 0))
            fail_msg("case %zu, %s: %zu findings, %s", i, cases[i].network->name, diags.count,
                     diags.count ? diags.items[0].message : "");
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pages_video_is_sent_in_the_pieces_it_asks_for),
        cmocka_unit_test(each_answer_about_a_pages_video_has_its_outcome),
        cmocka_unit_test(a_pages_video_in_doubt_says_itself_what_became_of_it),
        cmocka_unit_test(an_upload_that_is_refused_is_begun_anew_once),
        cmocka_unit_test(a_video_on_instagram_is_a_reel_and_may_take_long),
        cmocka_unit_test(a_video_on_threads_has_its_alt_text),
        cmocka_unit_test(a_video_on_slack_is_shared_by_the_request_that_ends_its_upload),
        cmocka_unit_test(each_answer_about_a_video_on_slack_has_its_outcome),
        cmocka_unit_test(a_video_on_slack_in_doubt_is_looked_for_by_its_file),
        cmocka_unit_test(what_slack_cannot_show_is_told_when_it_is_planned),
        cmocka_unit_test(who_cannot_publish_a_video_there_is_told_what_to_do_instead),
        cmocka_unit_test(a_video_and_a_photo_are_an_album_on_telegram),
        cmocka_unit_test(a_pins_video_is_sent_with_the_form_it_is_given_and_without_the_token),
        cmocka_unit_test(an_image_beside_a_pins_video_is_its_cover),
        cmocka_unit_test(each_answer_about_a_pins_video_has_its_outcome),
        cmocka_unit_test(a_pins_video_is_sent_anew_when_it_is_old_or_another),
        cmocka_unit_test(a_video_on_linkedin_is_sent_in_its_pieces_and_finished_with_their_marks),
        cmocka_unit_test(each_answer_about_a_video_on_linkedin_has_its_outcome),
        cmocka_unit_test(a_video_on_linkedin_is_announced_anew_when_it_must_be),
        cmocka_unit_test(documents_are_an_album_of_their_own_on_telegram),
        cmocka_unit_test(what_telegram_was_not_noted_of_is_not_deleted),
        cmocka_unit_test(a_video_and_a_document_are_events_of_their_own_on_matrix),
        cmocka_unit_test(any_file_is_an_attachment_on_discord),
        cmocka_unit_test(each_networks_limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
