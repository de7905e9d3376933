/*
 * See bluesky.h: a video. It goes to the video service of the network, with a token by which that may put what it
 * makes of it on the account's own server (a secret, so it is the session's); then the service is asked until it names the blob. All of it may be
 * repeated: what the service knows already it names at once. Nobody sees the video before a record has it.
 *
 * Source: lexicons app.bsky.video.*, com.atproto.server.getServiceAuth; docs.bsky.app, "Uploading Video". The service
 * answers with or without "jobStatus" around what it says, whatever the lexicon says.
 */
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/bluesky.h"
#include "network/driver.h"
#include "network/uploads.h"

#define SERVICE "https://video.bsky.app"
#define TOKEN_LIFE MINUTES(30) /* as they advise: it must last until the service is done */
#define TOKEN_USE MINUTES(15)  /* so long nothing new is sent with it */
#define AGAIN SECONDS(3)
#define DAY_LIMIT_AGAIN HOURS(3)

enum { FAILED_MOST = 2, JOB_ID_MOST = 256 };

/* ---- the memo ---- */

static const char *name_of(const struct bluesky_image *place, struct arena *arena)
{
    return arena_printf(arena, "video-%zu-%zu", place->part, place->index);
}

static const struct media *media_of(const struct job *job, const struct bluesky_image *place)
{
    return &job->content->parts[place->part].media[place->index];
}

/* The job that the service has it in. A post that was edited may have another video than before. */
static const json_t *entry_of(const struct job *job, const struct bluesky_image *place, struct arena *arena)
{
    const json_t *entry = json_member(job->memo, name_of(place, arena));
    const char *of = json_text(entry, "of");
    return of && !strcmp(of, media_of(job, place)->sha256) ? entry : NULL;
}

/* entry (taken over) NULL: it is forgotten. */
static void remember(const struct bluesky_image *place, json_t *entry, struct arena *arena,
                     struct outcome *outcome)
{
    json_set(outcome_memo(outcome, arena), name_of(place, arena), entry ? entry : json_null());
}

/* ---- steps ---- */

static const char *service_of(const struct account *account)
{
    const char *url = account_option(account, "video_url");
    return url ? url : SERVICE;
}

/* Good for all videos of the account; NULL: a new one is needed. */
static const char *token_of(const struct job *job)
{
    bool fresh = job->now < json_number(job->session, "video_token_made", 0) + TOKEN_USE;
    return fresh ? json_text(job->session, "video_token") : NULL;
}

static void token_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *pds = json_text(job->session, "pds");
    bluesky_request(ret_step, arena, STEP_SESSION, "GET", pds,
                    "com.atproto.server.getServiceAuth?aud=%s&lxm=com.atproto.repo.uploadBlob&exp=%lld",
                    driver_escape(arena, arena_printf(arena, "did:web:%s", driver_host(pds, arena))),
                    (long long)((job->now + TOKEN_LIFE) / SECONDS(1)));
    bluesky_authorize(ret_step, arena, json_text(job->session, "access_token"));
    ret_step->name = "video token";
}

static void send_step(const struct job *job, const struct bluesky_image *place, struct arena *arena,
                      struct step *ret_step)
{
    const struct media *media = media_of(job, place);
    bluesky_request(ret_step, arena, STEP_PREPARE, "POST", service_of(job->account),
                    "app.bsky.video.uploadVideo?did=%s&name=%.16s.mp4",
                    driver_escape(arena, json_text(job->session, "did")), media->sha256);
    bluesky_authorize(ret_step, arena, token_of(job));
    request_header(&ret_step->request, arena, "Content-Type", "%s", media->mime);
    ret_step->name = arena_printf(arena, "send video %zu/%zu", place->number, place->total);
    ret_step->request.media = media;
    ret_step->request.timeout = upload_time(media->size);
}

static void news_step(const struct job *job, const struct bluesky_image *place, const json_t *entry,
                      struct arena *arena, struct step *ret_step)
{
    bluesky_request(ret_step, arena, STEP_PREPARE, "GET", service_of(job->account),
                    "app.bsky.video.getJobStatus?jobId=%s", driver_escape(arena, json_text(entry, "job")));
    ret_step->name = arena_printf(arena, "processing %zu/%zu", place->number, place->total);
}

void bluesky_video_step(const struct job *job, const struct bluesky_image *place, struct arena *arena,
                        struct step *ret_step)
{
    const json_t *entry = entry_of(job, place, arena);
    if (entry)
        news_step(job, place, entry, arena, ret_step);
    else if (token_of(job))
        send_step(job, place, arena, ret_step);
    else
        token_step(job, arena, ret_step);
}

bool bluesky_is_video_step(const struct step *step)
{
    return strstr(step->request.url, "/xrpc/app.bsky.video.") ||
           strstr(step->request.url, "/xrpc/com.atproto.server.getServiceAuth?");
}

/* ---- answers ---- */

/* A copy of the session without the token; in arena. */
static json_t *session_without(const struct job *job, struct arena *arena)
{
    json_t *session = json_in_arena(arena, json_copy((json_t *)(uintptr_t)job->session));
    json_object_del(session, "video_token");
    return session;
}

static void read_token(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const char *token = json_text(response_json(response, arena), "token");
    if (!bluesky_read_status(job, step, response, arena, ret_outcome))
        return;
    if (!jwt_is_valid(token)) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is no token", step->name);
        return;
    }
    ret_outcome->session = session_without(job, arena);
    json_set_text(ret_outcome->session, "video_token", token);
    json_set_number(ret_outcome->session, "video_token_made", job->now);
}

/* The service does not take its token: a new one is asked for, unless this one is from just now. */
static void renew_token(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    outcome->reconnect = false;
    outcome->kind = OUTCOME_RETRY;
    outcome->at = job->now + MINUTES(1);
    if (job->now < json_number(job->session, "video_token_made", 0) + MINUTES(1))
        return;
    outcome->kind = OUTCOME_NEXT;
    outcome->at = 0;
    outcome->session = session_without(job, arena);
}

static const json_t *job_of(const struct response *response, struct arena *arena)
{
    const json_t *body = response_json(response, arena), *inner = json_member(body, "jobStatus");
    return json_is_object(inner) ? inner : body;
}

/* Their codes, from the lexicon and from reports. */
static const struct fault faults[] = {
    {"*unconfirmed_email", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "Bluesky takes videos only once the account's e-mail address is confirmed: do that in its settings"},
    {"*DailyLimit", 0, OUTCOME_RETRY, SCOPE_POST, false,
     "the account has uploaded as many videos as it may in a day; cald tries again every three hours"},
    {"*daily limit", 0, OUTCOME_RETRY, SCOPE_POST, false,
     "the account has uploaded as many videos as it may in a day; cald tries again every three hours"},
    {"*TooLarge", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the video is too large for Bluesky"},
    {"*unsupported_blob_size", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "the video is too large for the account's own server"},
    {"*TooLong", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the video is too long for Bluesky"},
    {"*validation_failure", 0, OUTCOME_REFUSED, SCOPE_POST, false, "Bluesky does not take the video"},
    {"*Unsupported", 0, OUTCOME_REFUSED, SCOPE_POST, false, "Bluesky does not take the video's format"},
    {"*Forbidden", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the account may not upload videos"},
};

/* What is wrong by status or words. */
static bool is_fine(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *status = job_of(response, arena);
    const char *error = json_text(status, "error"), *code = json_text(status, "failureCode");
    const char *message = json_text(status, "message");
    const char *words = arena_printf(arena, "%s%s%s%s%s", code ? code : "", code && error ? " " : "",
                                     error ? error : "", message && (code || error) ? ": " : "",
                                     message ? message : "");
    outcome_from_faults(faults, sizeof faults / sizeof *faults, step, response, RESET_EPOCH, job->now, words,
                        words, arena, ret_outcome);
    ret_outcome->scope = SCOPE_POST; /* texts and images go elsewhere */
    if (response->status == 401 || (response->status == 400 && strcasestr(words, "Token"))) {
        renew_token(job, arena, ret_outcome);
        return false;
    }
    if (ret_outcome->kind == OUTCOME_RETRY && !ret_outcome->at && strcasestr(words, "daily"))
        ret_outcome->at = job->now + DAY_LIMIT_AGAIN;
    return ret_outcome->kind == OUTCOME_NEXT;
}

/* A job, new or that of the same bytes before. */
static const char *job_id(const json_t *status, struct arena *arena)
{
    const char *id = outcome_clean_id(json_text(status, "jobId"), arena);
    return id && strlen(id) <= JOB_ID_MOST ? id : NULL;
}

static void read_sent(const struct job *job, const struct bluesky_image *place, const struct step *step,
                      const struct response *response, struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *status = job_of(response, arena);
    const char *id = job_id(status, arena);
    bool there = response->status == 409 && id;
    if (!there && !is_fine(job, step, response, arena, ret_outcome))
        return;
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (id)
        remember(place,
                 json_pack("{s:s, s:s, s:I}", "of", media_of(job, place)->sha256, "job", id, "since",
                           (json_int_t)job->now),
                 arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no job", step->name);
}

/* Reports say that failures pass: the video is sent once more, so often. */
static void read_failed(const struct job *job, const struct bluesky_image *place, const struct step *step,
                        struct arena *arena, struct outcome *ret_outcome)
{
    int64_t failed = json_number(job->memo, "video_failed", 0) + 1;
    bool last = failed > FAILED_MOST;
    outcome_set(ret_outcome, arena, last ? OUTCOME_REFUSED : OUTCOME_RETRY, SCOPE_POST,
                "%s: Bluesky could not process '%s'", step->name, media_of(job, place)->file);
    remember(place, NULL, arena, ret_outcome);
    json_set(ret_outcome->memo, "video_failed", last ? json_null() : json_integer(failed));
}

/* The blob counts, whatever else is said: it is also there when the job is an error because the video was known. */
static void read_news(const struct job *job, const struct bluesky_image *place, const struct step *step,
                      const struct response *response, struct arena *arena, struct outcome *ret_outcome)
{
    json_t *status = (json_t *)(uintptr_t)job_of(response, arena), *blob = json_member(status, "blob");
    const char *state = json_text(status, "state");
    if (bluesky_blob_is_valid(blob)) {
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
        remember(place, NULL, arena, ret_outcome);
        bluesky_keep_blob(job, place, blob, arena, ret_outcome);
        return;
    }
    if (response->status == 400 || response->status == 404) { /* they have forgotten it: once more from the start */
        read_failed(job, place, step, arena, ret_outcome);
        return;
    }
    if (!is_fine(job, step, response, arena, ret_outcome)) {
        if (ret_outcome->kind == OUTCOME_REFUSED)
            remember(place, NULL, arena, ret_outcome);
    } else if (state && (!strcmp(state, "JOB_STATE_FAILED") || !strcmp(state, "JOB_STATE_COMPLETED"))) {
        read_failed(job, place, step, arena, ret_outcome); /* completed, and no blob */
    } else {
        upload_processing(job, media_of(job, place), json_number(entry_of(job, place, arena), "since", job->now),
                          AGAIN, arena, ret_outcome);
    }
}

void bluesky_video_read(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    struct bluesky_image place;
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (step->kind == STEP_SESSION)
        read_token(job, step, response, arena, ret_outcome);
    else if (!bluesky_image_due(job, &place))
        return;
    else if (step->request.media)
        read_sent(job, &place, step, response, arena, ret_outcome);
    else
        read_news(job, &place, step, response, arena, ret_outcome);
}
