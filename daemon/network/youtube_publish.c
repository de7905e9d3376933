/*
 * youtube_publish: see youtube.h. What becomes of a video that is there: its thumbnail, its processing, the
 * moment it is shown, whether it is, and taking it back.
 *
 * Showing it sets a state and makes nothing, so that a doubtful request is settled by looking at the video. A
 * project that Google has not audited has all its uploads kept private, with every answer a success: what the
 * answer says of the privacy is read, and told.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/youtube.h"

#define SCHEDULE_PATIENCE MINUTES(3) /* then we do it */

static const char *video_of(const struct job *job)
{
    return json_text(job->memo, "video");
}

static void ask_status(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *video = video_of(job); /* is there whenever this is asked */
    youtube_request(job, arena, ret_request, "GET", "/youtube/v3/videos?part=status,processingDetails&id=%s",
                    driver_escape(arena, video ? video : ""));
}

/* The video of an answer; NULL: outcome says why there is none. */
static const json_t *read_video(const struct job *job, const struct step *step,
                                const struct response *response, struct arena *arena,
                                struct outcome *ret_outcome)
{
    const json_t *answer = youtube_answer(job, step, response, arena, ret_outcome);
    const json_t *video = json_array_get(json_member(answer, "items"), 0);
    if (answer && !video)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "%s: the video is not there any more: somebody deleted it on YouTube", step->name);
    return video;
}

static const char *privacy_in(const json_t *video)
{
    const char *privacy = json_text(json_member(video, "status"), "privacyStatus");
    return privacy ? privacy : "";
}

static bool is_as_private(const struct job *job, const json_t *video)
{
    return !strcmp(privacy_in(video), youtube_privacy(job));
}

/* ---- its thumbnail ---- */

static bool lacks_thumbnail(const struct job *job)
{
    return youtube_thumbnail(job->content) && !json_flag(job->memo, "thumbnail", false);
}

static void ask_thumbnail(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *image = youtube_thumbnail(job->content);
    youtube_request(job, arena, ret_request, "POST",
                    "/upload/youtube/v3/thumbnails/set?uploadType=media&videoId=%s",
                    driver_escape(arena, video_of(job)));
    request_header(ret_request, arena, "Content-Type", "%s", image->mime);
    ret_request->media = image;
    ret_request->timeout = MINUTES(2);
}

static void read_thumbnail(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    if (youtube_answer(job, step, response, arena, ret_outcome)) {
        json_set_flag(outcome_memo(ret_outcome, arena), "thumbnail", true);
    } else if (response->status == 403 && ret_outcome->kind == OUTCOME_REFUSED) {
        ret_outcome->scope = SCOPE_POST;
        ret_outcome->reconnect = false;
        ret_outcome->message = arena_printf(
            arena,
            "%s; thumbnails are for channels that are verified: youtube.com/verify, or take the image out",
            ret_outcome->message);
    }
}

/* ---- its processing ---- */

static const struct reason {
    const char *word, *meaning;
} reasons[] = {
    {"conversion", "YouTube could not convert it"},
    {"invalidFile", "the file is no video that YouTube can read"},
    {"emptyFile", "the file is empty"},
    {"tooSmall", "the file is too small"},
    {"codec", "YouTube does not know how it is coded"},
    {"uploadAborted", "the upload was broken off"},
    {"copyright", "somebody else has the rights"},
    {"inappropriate", "YouTube finds it inappropriate"},
    {"duplicate", "the same video is on the channel already"},
    {"termsOfUse", "it is against YouTube's terms"},
    {"uploaderAccountSuspended", "the channel is suspended"},
    {"uploaderAccountClosed", "the channel was closed"},
    {"length", "it is longer than the channel may have: more than 15 minutes need youtube.com/verify"},
    {"claim", "somebody claims the rights"},
    {"trademark", "it is against a trademark"},
    {"legal", "a court or a law is against it"},
};

static const char *meaning_of(const char *word, struct arena *arena)
{
    for (size_t i = 0; word && i < sizeof reasons / sizeof *reasons; i++)
        if (!strcmp(reasons[i].word, word))
            return reasons[i].meaning;
    return word ? outcome_said(word, arena) : "YouTube does not say why";
}

static bool is_unprocessed(const struct job *job)
{
    return !json_flag(job->memo, "processed", false);
}

/* A short video is ready in seconds, a long one in hours. */
static void wait_for_it(const struct job *job, const struct step *step, struct arena *arena,
                        struct outcome *ret_outcome)
{
    instant since = json_number(job->memo, "since", job->now);
    duration wait = (job->now - since) / 4;
    outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST, "%s: YouTube still works on the video",
                step->name);
    ret_outcome->at = job->now + (wait < SECONDS(15) ? SECONDS(15) : wait > MINUTES(5) ? MINUTES(5) : wait);
    json_set_number(outcome_memo(ret_outcome, arena), "since", since);
}

static void read_processing(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *video = read_video(job, step, response, arena, ret_outcome);
    const json_t *status = json_member(video, "status");
    const char *upload = json_text(status, "uploadStatus"), *failed = json_text(status, "failureReason");
    if (!video)
        return;
    if (!upload || !strcmp(upload, "uploaded"))
        wait_for_it(job, step, arena, ret_outcome);
    else if (!strcmp(upload, "processed"))
        json_set_flag(outcome_memo(ret_outcome, arena), "processed", true);
    else
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, "%s: the video is '%s': %s", step->name,
                    outcome_said(upload, arena),
                    meaning_of(failed ? failed : json_text(status, "rejectionReason"), arena));
}

/* ---- YouTube does it ---- */

/* The post was moved after YouTube was told its time. */
static bool is_told_another_time(const struct job *job)
{
    instant told = json_number(job->memo, "publish_at", 0), wanted = youtube_publish_at(job);
    return wanted ? told != wanted : told > job->now && told != job->slot;
}

static void ask_update(const struct job *job, const char *privacy, instant publish_at, struct arena *arena,
                       struct request *ret_request)
{
    youtube_request(job, arena, ret_request, "PUT", "/youtube/v3/videos?part=status");
    driver_json_body(
        ret_request, arena,
        json_pack("{s:s, s:o}", "id", video_of(job), "status", youtube_status(job, privacy, publish_at)));
}

static void ask_schedule(const struct job *job, struct arena *arena, struct request *ret_request)
{
    ask_update(job, "private", youtube_publish_at(job), arena, ret_request);
}

static void read_schedule(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    if (youtube_answer(job, step, response, arena, ret_outcome))
        json_set_number(outcome_memo(ret_outcome, arena), "publish_at", youtube_publish_at(job));
}

static bool is_scheduled(const struct job *job)
{
    instant told = json_number(job->memo, "publish_at", 0);
    return told && told == job->slot && job->now < job->slot + SCHEDULE_PATIENCE;
}

/* ---- out ---- */

static void set_done(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    json_t *session = ret_outcome->session;
    *ret_outcome = (struct outcome){.kind = OUTCOME_DONE, .session = session};
    ret_outcome->id = arena_strdup(arena, video_of(job));
    ret_outcome->url =
        arena_printf(arena, "https://www.youtube.com/watch?v=%s", driver_escape(arena, video_of(job)));
    outcome_remember(ret_outcome, arena);
}

static void read_scheduled(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *video = read_video(job, step, response, arena, ret_outcome);
    if (!video)
        return;
    if (is_as_private(job, video)) {
        set_done(job, arena, ret_outcome);
        return;
    }
    outcome_set(ret_outcome, arena, OUTCOME_WAIT, SCOPE_POST, "%s: YouTube publishes it at its time",
                step->name);
    ret_outcome->at = job->now < job->slot ? job->slot + SECONDS(5) : job->now + SECONDS(20);
}

static void ask_publish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    ask_update(job, youtube_privacy(job), 0, arena, ret_request);
}

static void read_publish(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *video = youtube_answer(job, step, response, arena, ret_outcome);
    if (!video)
        return;
    if (is_as_private(job, video))
        set_done(job, arena, ret_outcome);
    else if (!strcmp(privacy_in(video), "private"))
        outcome_set(
            ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
            "%s: YouTube keeps the video private, as it does with uploads of every API project that Google "
            "has not audited: it is at %s; ask for the audit (support.google.com/youtube/contact/"
            "yt_api_form), or upload it by hand",
            step->name, youtube_where(job, arena));
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: the answer says that the video is '%s'", step->name,
                    outcome_said(privacy_in(video), arena));
}

const struct stage youtube_publish_stages[YOUTUBE_PUBLISH_STAGES] = {
    {"thumbnail", STEP_PREPARE, 0, lacks_thumbnail, ask_thumbnail, read_thumbnail},
    {"processing", STEP_PREPARE, 0, is_unprocessed, ask_status, read_processing},
    {"reschedule", STEP_PREPARE, 0, is_told_another_time, ask_schedule, read_schedule},
    {"scheduled", STEP_PREPARE, 0, is_scheduled, ask_status, read_scheduled},
    {"publish", STEP_CREATE, 0, stage_always, ask_publish, read_publish},
};

/* ---- was it? ---- */

void youtube_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (youtube_session_step(job, arena, ret_step))
        return;
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    ask_status(job, arena, &ret_step->request);
}

void youtube_found(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind != STEP_PREPARE) {
        youtube_session_read(job, step, response, arena, ret_outcome);
        return;
    }
    const json_t *video = read_video(job, step, response, arena, ret_outcome);
    if (video && video_of(job) && is_as_private(job, video))
        set_done(job, arena, ret_outcome);
    else if (video)
        outcome_not_there(ret_outcome, job, SECONDS(30), "the video is there, and not shown yet");
}

/* ---- taking it back ---- */

/* Memo "discard": {"id"} of a video that was just looked at and is private; {}: nothing is left to do. */
void youtube_discard(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const json_t *plan = json_member(job->memo, "discard");
    const char *id = json_text(plan, "id");
    *ret_step = (struct step){.kind = STEP_DONE, .name = "discard"};
    if (!video_of(job) || (plan && !id))
        return;
    if (youtube_session_step(job, arena, ret_step))
        return;
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = id ? "discard" : "look before discarding"};
    if (!id) {
        ask_status(job, arena, &ret_step->request);
        return;
    }
    youtube_request(job, arena, &ret_step->request, "DELETE", "/youtube/v3/videos?id=%s",
                    driver_escape(arena, id));
    ret_step->memo = json_in_arena(arena, json_pack("{s:n, s:n, s:n, s:n, s:n, s:n}", "video", "processed",
                                                    "thumbnail", "publish_at", "since", "discard"));
}

static void read_before_discarding(const struct job *job, const struct step *step,
                                   const struct response *response, struct arena *arena,
                                   struct outcome *ret_outcome)
{
    const json_t *video = read_video(job, step, response, arena, ret_outcome);
    bool is_private = !strcmp(privacy_in(video), "private"), answered = response->status == 200;
    if (!video && !answered)
        return;
    json_t *session = ret_outcome->session;
    *ret_outcome =
        stage_next_with(arena, json_pack("{s:{s:s*}}", "discard", "id", is_private ? video_of(job) : NULL));
    ret_outcome->session = session;
    if (video && !is_private)
        ret_outcome->message = "its video on YouTube is left alone: it is shown already";
}

void youtube_discarded(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    if (!strcmp(step->name, "look before discarding")) {
        read_before_discarding(job, step, response, arena, ret_outcome);
        return;
    }
    if (response->status != 204 && !youtube_is_missing(response)) {
        youtube_refused(job, step, response, arena, ret_outcome);
        return;
    }
    *ret_outcome = stage_next_with(arena, json_pack("{s:{}}", "discard"));
    ret_outcome->message = "its private video on YouTube was deleted";
    youtube_count(job, step, false, arena, ret_outcome);
}

const char *youtube_where(const struct job *job, struct arena *arena)
{
    const char *id = video_of(job);
    return id ? arena_printf(arena, "https://studio.youtube.com/video/%s/edit", driver_escape(arena, id))
              : "https://studio.youtube.com/";
}
