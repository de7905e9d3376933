/* facebook_video: see facebook.h. It knows the phases of an upload and the words of a status. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/facebook.h"
#include "network/thread.h"
#include "network/uploads.h"

#define SESSION_LIFETIME HOURS(20)
#define LOOK_AGAIN SECONDS(30)

static const char *const video_types[] = {"video/mp4", "video/quicktime", NULL};

const struct video_limits facebook_video_limits = {.types = video_types,
                                                   .most = 1,
                                                   .alone = true,
                                                   .max_bytes = INT64_C(10) * 1000 * 1000 * 1000,
                                                   .max_length = HOURS(4)};

const struct media *facebook_video(const struct content *content)
{
    const struct part *part = &content->parts[0];
    return part->media_count && media_is_video(&part->media[0]) ? &part->media[0] : NULL;
}

/* ---- the upload ---- */

static const json_t *upload(const struct job *job)
{
    const json_t *video = json_member(job->memo, "video");
    bool fresh = job->lost || job->now < json_number(video, "at", 0) + SESSION_LIFETIME;
    return fresh ? video : NULL;
}

static bool is_closed(const struct job *job)
{
    return facebook_video(job->content) && !facebook_is_finished(job) && !upload(job);
}

static void post_to(const struct job *job, struct arena *arena, struct request *ret_request)
{
    graph_request(job, arena, ret_request, "POST", "%s/videos", driver_escape(arena, graph_user(job)));
}

static void ask_start(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *size = arena_printf(arena, "%lld", (long long)facebook_video(job->content)->size);
    const struct driver_pair pairs[] = {{"upload_phase", "start"}, {"file_size", size}};
    post_to(job, arena, ret_request);
    driver_form_body(ret_request, arena, pairs, 2);
}

/* They write numbers as texts. */
static int64_t offset_in(const json_t *answer, const char *name)
{
    const char *text = json_text(answer, name);
    return text ? strtoll(text, NULL, 10) : json_number(answer, name, -1);
}

/* The piece that is wanted next, within the file; false: it is none. */
static bool take_piece(const struct job *job, const json_t *answer, json_t *video)
{
    int64_t from = offset_in(answer, "start_offset"), to = offset_in(answer, "end_offset");
    if (from < 0 || to < from || to > facebook_video(job->content)->size)
        return false;
    json_set_number(video, "from", from);
    json_set_number(video, "to", to);
    return true;
}

static void read_start(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const char *id = graph_id(answer, "video_id", arena),
               *session = graph_id(answer, "upload_session_id", arena);
    if (!answer)
        return;
    json_t *video = json_in_arena(arena, json_object());
    json_set_text(video, "id", id);
    json_set_text(video, "session", session);
    json_set_number(video, "at", job->now);
    if (!id || !session || !take_piece(job, answer, video))
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer is not as expected",
                    step->name);
    else
        json_set(outcome_memo(ret_outcome, arena), "video", json_incref(video));
}

static bool is_unsent(const struct job *job)
{
    const json_t *video = upload(job);
    return video && !facebook_is_finished(job) && json_number(video, "from", 0) < json_number(video, "to", 0);
}

static void ask_send(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const json_t *video = upload(job);
    int64_t from = json_number(video, "from", 0), to = json_number(video, "to", 0);
    struct form_part *parts = arena_alloc_array(arena, 4, sizeof *parts);
    parts[0] = (struct form_part){.name = "upload_phase", .value = "transfer"};
    parts[1] = (struct form_part){.name = "upload_session_id", .value = json_text(video, "session")};
    parts[2] =
        (struct form_part){.name = "start_offset", .value = arena_printf(arena, "%lld", (long long)from)};
    parts[3] = (struct form_part){
        .name = "video_file_chunk", .media = facebook_video(job->content), .from = from, .length = to - from};
    post_to(job, arena, ret_request);
    ret_request->parts = parts;
    ret_request->part_count = 4;
    ret_request->timeout = upload_time(to - from);
}

/* A piece may have arrived whose answer was lost: what is refused is begun anew, once. */
static void read_send(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    bool anew = json_flag(job->memo, "anew", false);
    if (!answer && ret_outcome->kind == OUTCOME_REFUSED && ret_outcome->scope == SCOPE_POST && !anew) {
        *ret_outcome = stage_next_with(arena, json_pack("{s:n, s:b}", "video", "anew", true));
        return;
    }
    if (!answer)
        return;
    json_t *video = json_in_arena(arena, json_deep_copy(upload(job)));
    if (take_piece(job, answer, video))
        json_set(outcome_memo(ret_outcome, arena), "video", json_incref(video));
    else
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer is not as expected",
                    step->name);
}

const struct stage facebook_video_stages[FACEBOOK_VIDEO_STAGES] = {
    {"start video", STEP_PREPARE, 0, is_closed, ask_start, read_start},
    {"send video", STEP_PREPARE, 0, is_unsent, ask_send, read_send},
};

/* ---- its end ---- */

bool facebook_is_finished(const struct job *job)
{
    return json_flag(job->memo, "finished", false);
}

void facebook_ask_finish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *text = facebook_compose(job->content, 0, arena);
    const struct driver_pair pairs[] = {{"upload_phase", "finish"},
                                        {"upload_session_id", json_text(upload(job), "session")},
                                        {"description", *text ? text : NULL}};
    post_to(job, arena, ret_request);
    driver_form_body(ret_request, arena, pairs, 3);
}

void facebook_read_finish(const struct step *step, const json_t *answer, struct arena *arena,
                          struct outcome *ret_outcome)
{
    if (json_flag(answer, "success", false))
        json_set_flag(outcome_memo(ret_outcome, arena), "finished", true);
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: the answer does not say that it is done", step->name);
}

/* ---- whether it can be seen ---- */

void facebook_ask_status(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *id = json_text(json_member(job->memo, "video"), "id");
    graph_request(job, arena, ret_request, "GET", "%s?fields=status,permalink_url",
                  driver_escape(arena, id ? id : ""));
}

static const char *word_in(const json_t *answer, const char *phase, const char *name)
{
    const json_t *status = json_member(answer, "status");
    const char *word = json_text(phase ? json_member(status, phase) : status, name);
    return word ? word : "";
}

static bool is_published(const json_t *answer)
{
    return !strcmp(word_in(answer, NULL, "video_status"), "ready") ||
           !strcmp(word_in(answer, "publishing_phase", "status"), "complete");
}

static bool has_failed(const json_t *answer)
{
    static const char *const words[] = {"error", "expired", "upload_failed"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(word_in(answer, NULL, "video_status"), words[i]))
            return true;
    return !strcmp(word_in(answer, "processing_phase", "status"), "error");
}

/* Theirs begins at the path. */
static void set_done(const struct job *job, const json_t *answer, struct arena *arena,
                     struct outcome *ret_outcome)
{
    const char *id = json_text(json_member(job->memo, "video"), "id"),
               *path = json_text(answer, "permalink_url");
    const char *url = path && *path == '/' ? arena_printf(arena, "https://www.facebook.com%s", path) : path;
    url = outcome_clean_url(url, arena);
    if (!url)
        url = arena_printf(arena, "https://www.facebook.com/%s", driver_escape(arena, id));
    thread_part_done(job, id, url, arena, ret_outcome);
}

void facebook_read_status(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    if (!answer)
        return;
    if (has_failed(answer)) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, "%s: Facebook cannot process the video",
                    step->name);
    } else if (is_published(answer)) {
        set_done(job, answer, arena, ret_outcome);
    } else {
        outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST, "%s: Facebook still works on the video",
                    step->name);
        ret_outcome->at = job->now + LOOK_AGAIN;
    }
}

void facebook_found_status(const struct job *job, const json_t *answer, duration settled, struct arena *arena,
                           struct outcome *ret_outcome)
{
    const char *processing = word_in(answer, "processing_phase", "status");
    bool begun = *processing && strcmp(processing, "not_started") != 0;
    if (is_published(answer)) {
        set_done(job, answer, arena, ret_outcome);
    } else if (has_failed(answer)) {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "Facebook cannot process the video");
    } else if (begun) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "Facebook still works on the video");
        ret_outcome->at = job->now + LOOK_AGAIN;
    } else {
        outcome_not_there(ret_outcome, job, settled, "the upload was not finished");
    }
}
