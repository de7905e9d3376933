/*
 * youtube_session: see youtube.h. The login is Google's OAuth 2; its refresh token is told once, at the first
 * consent, and does not change. The channel is asked for daily: a dead login is then told before a slot.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/oauth2.h"
#include "network/youtube.h"

void youtube_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client)
{
    const char *url = account_option(job->account, "url");
    *ret_client = (struct oauth2){
        .authorize_url =
            url ? driver_url(arena, url, "/auth") : "https://accounts.google.com/o/oauth2/v2/auth",
        .token_url = url ? driver_url(arena, url, "/token") : "https://oauth2.googleapis.com/token",
        .revoke_url = url ? driver_url(arena, url, "/revoke") : "https://oauth2.googleapis.com/revoke",
        .client_id = account_option(job->account, "client_id"),
        .client_secret = account_secret(job->account, "client_secret"),
        .scopes = "https://www.googleapis.com/auth/youtube.upload "
                  "https://www.googleapis.com/auth/youtube.force-ssl",
        .extra = "access_type=offline&prompt=consent",
        .redirect_url = "http://127.0.0.1:8414/",
        .any_port = true,
        .pkce = true,
    };
}

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    return driver_fingerprint(youtube_base(job->account), account_option(job->account, "client_id"), arena);
}

const json_t *youtube_channel(const struct job *job)
{
    const json_t *channel = json_member(job->session, "channel");
    const char *whose = json_text(channel, "for");
    int64_t read_at = json_number(channel, "read_at", 0);
    bool at_slot = job->now >= job->slot - MINUTES(1);
    struct arena *arena = arena_new();
    bool fresh = whose && !strcmp(whose, fingerprint(job, arena)) && job->now >= read_at - MINUTES(5) &&
                 job->now < read_at + HOURS(at_slot ? 25 : 23);
    arena_free(arena);
    return fresh ? channel : NULL;
}

static void channel_step(const struct job *job, enum step_kind kind, struct arena *arena,
                         struct step *ret_step)
{
    *ret_step = (struct step){.kind = kind, .name = "channel"};
    youtube_request(job, arena, &ret_step->request, "GET",
                    "/youtube/v3/channels?part=snippet,contentDetails&mine=true");
}

/* Fills outcome's session; NULL: outcome says why not. */
static const char *read_channel(const struct job *job, const struct step *step,
                                const struct response *response, struct arena *arena,
                                struct outcome *ret_outcome)
{
    const json_t *answer = youtube_answer(job, step, response, arena, ret_outcome);
    const json_t *item = json_array_get(json_member(answer, "items"), 0);
    const char *id = outcome_clean_id(json_text(item, "id"), arena);
    const char *name = outcome_said(json_text(json_member(item, "snippet"), "title"), arena);
    if (!answer) {
        ret_outcome->scope = SCOPE_ACCOUNT;
        return NULL;
    }
    if (!id) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "%s: who logged in has no channel: make one on youtube.com", step->name);
        return NULL;
    }
    const json_t *lists = json_member(json_member(item, "contentDetails"), "relatedPlaylists");
    json_t *channel = json_object();
    json_set_text(channel, "for", fingerprint(job, arena));
    json_set_text(channel, "id", id);
    json_set_text(channel, "name", name);
    json_set_text(channel, "uploads", outcome_clean_id(json_text(lists, "uploads"), arena));
    json_set_number(channel, "read_at", job->now);
    json_set(ret_outcome->session, "channel", channel);
    return name;
}

static bool renewal_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct oauth2 client;
    youtube_client(job, arena, &client);
    return oauth2_session_step(job, &client, arena, ret_step);
}

bool youtube_session_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (renewal_step(job, arena, ret_step))
        return true;
    if (youtube_channel(job))
        return false;
    channel_step(job, STEP_SESSION, arena, ret_step);
    return true;
}

void youtube_session_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    if (response && !strcmp(step->name, "channel"))
        read_channel(job, step, response, arena, ret_outcome);
    else
        oauth2_session_read(job, step, response, arena, ret_outcome);
}

void youtube_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!renewal_step(job, arena, ret_step))
        channel_step(job, STEP_PREPARE, arena, ret_step);
}

void youtube_verified(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind != STEP_PREPARE) {
        youtube_session_read(job, step, response, arena, ret_outcome);
        return;
    }
    const char *name = read_channel(job, step, response, arena, ret_outcome);
    if (name)
        outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "%s; %s", name,
                    youtube_used(job, arena));
}
