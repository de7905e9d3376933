/* youtube_api: see youtube.h. Requests of the Data API, and what its errors mean. */
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/oauth2.h"
#include "network/youtube.h"

const char *youtube_base(const struct account *account)
{
    const char *url = account_option(account, "url");
    return url ? url : "https://www.googleapis.com";
}

void youtube_request(const struct job *job, struct arena *arena, struct request *ret_request,
                     const char *method, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *path = arena_vprintf(arena, format, args);
    va_end(args);
    *ret_request = (struct request){.method = method};
    ret_request->url = driver_url(arena, youtube_base(job->account), "%s", path);
    request_header(ret_request, arena, "Accept", "application/json");
    oauth2_authorize(job, ret_request, arena);
}

/* ---- errors ---- */

#define TOMORROW "the project's quota of today is used up: it begins anew at midnight in California"

static const struct fault faults[] = {
    {"quotaExceeded", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, TOMORROW},
    {"dailyLimitExceeded*", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, TOMORROW},
    {"rateLimitExceeded", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too many requests in a short time"},
    {"userRateLimitExceeded", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too many requests in a short time"},
    {"uploadLimitExceeded", 0, OUTCOME_RETRY, SCOPE_POST, false,
     "the channel has uploaded as much as YouTube lets it in a day: tried again in 24 hours"},
    {"youtubeSignupRequired", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "who logged in has no channel: make one on youtube.com, then log in again"},
    {"accessNotConfigured", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the project may not use the API: enable 'YouTube Data API v3' in the Google Cloud console"},
    {"insufficientPermissions", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the login was not given what is needed: log in again and agree to everything that is asked"},
    {"forbiddenPrivacySetting", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "YouTube does not let this video be shown so"},
    {"forbidden", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "YouTube forbids it: look for a notice in YouTube Studio"},
    {"channelClosed", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the channel was closed"},
    {"channelSuspended", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the channel is suspended"},
    {"invalidTitle", 0, OUTCOME_REFUSED, SCOPE_POST, false, "YouTube does not take the title"},
    {"invalidDescription", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "YouTube does not take the text as description"},
    {"invalidTags", 0, OUTCOME_REFUSED, SCOPE_POST, false, "YouTube does not take the tags"},
    {"invalidCategoryId", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "there is no such category: correct 'category' of the account"},
    {"invalidPublishAt", 0, OUTCOME_REFUSED, SCOPE_POST, false, "YouTube does not take the time"},
    {"invalidImage", 0, OUTCOME_REFUSED, SCOPE_POST, false, "YouTube does not take the image as thumbnail"},
    {"invalid*", 0, OUTCOME_REFUSED, SCOPE_POST, false, "YouTube does not take what is said of the video"},
    {"defaultLanguageNotSet", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the post needs a language"},
    {"mediaBodyRequired", 0, OUTCOME_REFUSED, SCOPE_POST, false, "YouTube found no file in the request"},
    {"mediaTypeNotSupported", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "YouTube does not take this type of file"},
    {"videoNotFound", 0, OUTCOME_REFUSED, SCOPE_POST, false,
     "the video is not there any more: somebody deleted it on YouTube"},
    {"backendError", 0, OUTCOME_UNSURE, SCOPE_POST, false, "YouTube failed"},
};

static const char *reason_in(const struct response *response, struct arena *arena, const char **ret_said)
{
    const json_t *error = json_member(response_json(response, arena), "error");
    *ret_said = json_text(error, "message");
    return json_text(json_array_get(json_member(error, "errors"), 0), "reason");
}

static bool begins(const char *reason, const char *with)
{
    return reason && !strncasecmp(reason, with, strlen(with));
}

void youtube_refused(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    const char *said, *reason = reason_in(response, arena, &said);
    if (response->status == 401 && !begins(reason, "youtubeSignupRequired")) {
        oauth2_unauthorized(job, step, said, arena, ret_outcome);
        return;
    }
    if (outcome_from_front(step, response, job->now, arena, ret_outcome))
        return;
    outcome_from_faults(faults, sizeof faults / sizeof *faults, step, response, RESET_RETRY_AFTER, job->now,
                        reason, said, arena, ret_outcome);
    bool quota = begins(reason, "quotaExceeded") || begins(reason, "dailyLimitExceeded");
    if (quota)
        ret_outcome->at = pacific_midnight(job->now);
    else if (begins(reason, "uploadLimitExceeded"))
        ret_outcome->at = job->now + HOURS(24);
    youtube_count(job, step, quota, arena, ret_outcome);
}

json_t *youtube_answer(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    json_t *answer = response_json(response, arena);
    if (response->status < 200 || response->status > 299) {
        youtube_refused(job, step, response, arena, ret_outcome);
        return NULL;
    }
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (json_is_object(answer)) {
        youtube_count(job, step, false, arena, ret_outcome);
        return answer;
    }
    outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY, SCOPE_POST,
                "%s: the answer is no JSON object", step->name);
    youtube_count(job, step, false, arena, ret_outcome);
    return NULL;
}

bool youtube_is_missing(const struct response *response)
{
    return response->status == 404 || response->status == 410;
}
