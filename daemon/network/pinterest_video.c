/*
 * See pinterest.h: the video of a pin. It is registered, which gives its id and a form for the store of
 * Pinterest's host; sent there with what the form has, without the token; and then processed, which is asked
 * about. Nobody sees it before a pin shows it, so all of it may be repeated. How long Pinterest keeps one
 * that no pin uses is not said: after some hours it is sent anew.
 */
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/pinterest.h"
#include "network/stage.h"
#include "network/uploads.h"

#define LIFETIME HOURS(20)
#define AGAIN SECONDS(5)

enum { FIELDS_MOST = 40, FIELD_BYTES_MOST = 16384 };

/* ---- what is there ---- */

static const struct media *video_of(const struct job *job)
{
    return part_video(&job->content->parts[0]);
}

/* While an answer is missing nothing is sent anew. A post that was edited may have another video than before.
 */
static const json_t *entry_of(const struct job *job)
{
    const json_t *entry = json_member(job->memo, "video");
    const char *of = json_text(entry, "of");
    bool fresh = job->lost || job->now < json_number(entry, "at", 0) + LIFETIME;
    return fresh && of && !strcmp(of, video_of(job)->sha256) ? entry : NULL;
}

const char *pinterest_video(const struct job *job)
{
    return json_text(entry_of(job), "id");
}

static struct outcome remember(json_t *entry, struct arena *arena)
{
    return stage_next_with(arena, json_pack("{s:o}", "video", entry ? entry : json_null()));
}

/* As it stands, with this flag and without the form, which is of no more use. */
static json_t *with_flag(const struct job *job, const char *flag)
{
    json_t *entry = stage_copy(job, "video");
    json_object_del(entry, "upload");
    json_object_del(entry, "form");
    json_set_flag(entry, flag, true);
    return entry;
}

static bool is_unregistered(const struct job *job)
{
    return video_of(job) && !entry_of(job);
}

static bool is_unsent(const struct job *job)
{
    return video_of(job) && !json_flag(entry_of(job), "sent", false);
}

static bool is_unready(const struct job *job)
{
    return video_of(job) && !json_flag(entry_of(job), "ready", false);
}

/* ---- registered ---- */

static void ask_register(const struct job *job, struct arena *arena, struct request *ret_request)
{
    pinterest_request(job, arena, ret_request, "POST", "media");
    driver_json_body(ret_request, arena, json_pack("{s:s}", "media_type", "video"));
}

/* What the form must have besides the file, or NULL: it is none. */
static json_t *fields_of(const json_t *parameters)
{
    const char *name;
    json_t *value, *fields = json_array();
    size_t bytes = 0;
    json_object_foreach((json_t *)(uintptr_t)parameters, name, value)
    {
        const char *text = json_string_value(value);
        bytes += strlen(name) + (text ? strlen(text) : 0);
        if (!text || strpbrk(name, "\"\r\n") || bytes > FIELD_BYTES_MOST ||
            json_array_size(fields) == (size_t)2 * FIELDS_MOST) {
            json_decref(fields);
            return NULL;
        }
        json_array_append_new(fields, json_string(name));
        json_array_append_new(fields, json_string(text));
    }
    return fields;
}

/* Encrypted, unless the API itself is not. */
static bool is_safe(const struct job *job, const char *url)
{
    return !strncasecmp(url, "https://", 8) || !strncasecmp(pinterest_base(job->account), "http://", 7);
}

static void read_register(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena);
    const char *id = pinterest_id(json_text(body, "media_id"), arena);
    const char *url = outcome_clean_url(json_text(body, "upload_url"), arena);
    if (!pinterest_is_fine(job, step, response, arena, ret_outcome))
        return;
    json_t *fields = fields_of(json_member(body, "upload_parameters"));
    if (!id || !url || !fields || !is_safe(job, url)) {
        json_decref(fields);
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: the answer does not say where the video goes", step->name);
        return;
    }
    *ret_outcome = remember(json_pack("{s:s, s:s, s:s, s:o, s:I}", "id", id, "of", video_of(job)->sha256,
                                      "upload", url, "form", fields, "at", (json_int_t)job->now),
                            arena);
}

/* ---- sent: the fields first, then the file; what it is of is no business of the token's ---- */

static void ask_send(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const json_t *entry = entry_of(job), *fields = json_member(entry, "form");
    size_t count = json_array_size(fields);
    const char **texts = arena_alloc_array(arena, count + 1, sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = json_string_value(json_array_get(fields, i));
    texts[count] = NULL;
    *ret_request = (struct request){.method = "POST"};
    ret_request->url = json_text(entry, "upload");
    ret_request->secret_url = true;
    upload_form(ret_request, video_of(job), "file", texts, arena);
}

/* What the form does not bring there is registered anew. */
static void read_send(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_NEXT) {
        json_t *entry = with_flag(job, "sent");
        json_set_number(entry, "since", job->now);
        *ret_outcome = remember(entry, arena);
    } else if (ret_outcome->kind == OUTCOME_REFUSED) {
        json_set(outcome_memo(ret_outcome, arena), "video", json_null());
        ret_outcome->kind = OUTCOME_RETRY;
        ret_outcome->scope = SCOPE_POST;
        ret_outcome->reconnect = false; /* it was not the account's token */
    }
}

/* ---- processed ---- */

static void ask_look(const struct job *job, struct arena *arena, struct request *ret_request)
{
    pinterest_request(job, arena, ret_request, "GET", "media/%s", pinterest_video(job));
}

/* The next try is from the start: at once never, or it would be sent without end. */
static void start_anew(enum outcome_kind kind, const char *why, const struct job *job,
                       const struct step *step, struct arena *arena, struct outcome *ret_outcome)
{
    outcome_set(ret_outcome, arena, kind, SCOPE_POST, "%s: Pinterest %s '%s'", step->name, why,
                video_of(job)->file);
    json_set(outcome_memo(ret_outcome, arena), "video", json_null());
}

static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const char *status = json_text(response_json(response, arena), "status");
    if (response->status == 404) {
        start_anew(OUTCOME_RETRY, "has forgotten", job, step, arena, ret_outcome);
        return;
    }
    if (!pinterest_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (status && !strcmp(status, "succeeded"))
        *ret_outcome = remember(with_flag(job, "ready"), arena);
    else if (status && !strcmp(status, "failed"))
        start_anew(OUTCOME_REFUSED, "cannot make anything of", job, step, arena, ret_outcome);
    else
        upload_processing(job, video_of(job), json_number(entry_of(job), "since", job->now), AGAIN, arena,
                          ret_outcome);
}

/* ---- the table ---- */

static const struct stage stages[] = {
    {"register video", STEP_PREPARE, 0, is_unregistered, ask_register, read_register},
    {"send video", STEP_PREPARE, 0, is_unsent, ask_send, read_send},
    {"processing", STEP_PREPARE, 0, is_unready, ask_look, read_look},
};
static const struct stage_group groups[] = {STAGE_GROUP(stages)};
static const struct stage_table table = STAGE_TABLE(groups);

bool pinterest_video_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *stage = stage_pending(&table, job);
    if (stage)
        stage_take(stage, job, arena, ret_step);
    return stage;
}

void pinterest_video_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}
