/*
 * bluesky_answer: what the answers to the driver's requests mean. Nothing of them is kept or sent on before
 * its syntax was checked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/bluesky.h"
#include "network/driver.h"

enum { COMPARE_MOST = 3, LOST_BLOBS_MOST = 3, BLOB_TEXT_MOST = 2048 };

const char *bluesky_error(const struct response *response, struct arena *arena)
{
    return json_text(response_json(response, arena), "error");
}

const char *bluesky_said(const struct response *response, struct arena *arena)
{
    json_t *body = response_json(response, arena);
    const char *error = json_text(body, "error"), *message = json_text(body, "message");
    return error && message ? arena_printf(arena, "%s: %s", error, message) : error ? error : message;
}

static bool is_error(const struct response *response, const char *name, struct arena *arena)
{
    const char *error = bluesky_error(response, arena);
    return response->status == 400 && error && !strcmp(error, name);
}

/* The DID of a handle, or that there is none: then the mention stays plain text. */
static void remember_did(const struct job *job, const char *handle, const char *did, struct arena *arena,
                         struct outcome *ret_outcome)
{
    json_t *known = json_member(job->memo, "dids");
    json_t *dids = known ? json_copy(known) : json_object();
    if (did)
        json_set_text(dids, handle, did);
    else
        json_set_flag(dids, handle, false);
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    json_set(outcome_memo(ret_outcome, arena), "dids", dids);
}

/* A failure to resolve may hold up the post until its slot, but not longer. */
static void read_resolve(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const char *handle = bluesky_mention_due(job, arena);
    bool ok = bluesky_read_status(job, step, response, arena, ret_outcome);
    const char *did = ok ? json_text(response_json(response, arena), "did") : NULL;
    if (!handle)
        return;
    if (ok || ret_outcome->kind == OUTCOME_REFUSED ||
        (ret_outcome->kind == OUTCOME_RETRY && job->now >= job->slot))
        remember_did(job, handle, did_is_valid(did) ? did : NULL, arena, ret_outcome);
}

bool bluesky_blob_is_valid(const json_t *blob)
{
    const char *type = json_text(blob, "$type"), *mime = json_text(blob, "mimeType");
    if (!type || strcmp(type, "blob") || !mime || json_number(blob, "size", 0) <= 0 ||
        !cid_is_valid(json_text(json_member(blob, "ref"), "$link")))
        return false;
    char *text = json_print(blob);
    bool is_short = strlen(text) <= BLOB_TEXT_MOST;
    free(text);
    return is_short;
}

void bluesky_keep_blob(const struct job *job, const struct bluesky_image *place, json_t *blob,
                       struct arena *arena, struct outcome *ret_outcome)
{
    json_t *kept = json_object();
    json_set(kept, "blob", json_incref(blob));
    json_set_number(kept, "at", job->now);
    json_set(outcome_memo(ret_outcome, arena), arena_printf(arena, "blob-%zu-%zu", place->part, place->index),
             kept);
}

static void read_upload(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    struct bluesky_image place;
    if (!bluesky_read_status(job, step, response, arena, ret_outcome) || !bluesky_image_due(job, &place))
        return;
    json_t *blob = json_member(response_json(response, arena), "blob");
    if (!bluesky_blob_is_valid(blob)) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no blob",
                    step->name);
        return;
    }
    bluesky_keep_blob(job, &place, blob, arena, ret_outcome);
}

static const char *part_uri(const struct job *job, size_t part, struct arena *arena)
{
    return arena_printf(arena, "at://%s/" BLUESKY_POSTS "/%s", json_text(job->session, "did"),
                        bluesky_rkey(job, part, arena));
}

static const char *permalink(const struct job *job, struct arena *arena)
{
    const char *handle = json_text(job->session, "handle");
    return arena_printf(arena, "https://bsky.app/profile/%s/post/%s",
                        handle ? handle : json_text(job->session, "did"), bluesky_rkey(job, 0, arena));
}

static void part_done(const struct job *job, size_t part, const char *cid, struct arena *arena,
                      struct outcome *ret_outcome)
{
    static const char *const obsolete[] = {"taken", "compare", "lost_blobs", "video_failed"};
    json_t *memo = outcome_memo(ret_outcome, arena), *post = json_object();
    json_set_text(post, "uri", part_uri(job, part, arena));
    json_set_text(post, "cid", cid);
    json_set(memo, arena_printf(arena, "post-%zu", part), post);
    for (size_t i = 0; i < sizeof obsolete / sizeof *obsolete; i++)
        if (json_member(job->memo, obsolete[i]))
            json_set(memo, obsolete[i], json_null());
    ret_outcome->kind = OUTCOME_NEXT;
    if (part + 1 < job->content->part_count)
        return;
    ret_outcome->kind = OUTCOME_DONE;
    ret_outcome->id = part_uri(job, 0, arena);
    ret_outcome->url = permalink(job, arena);
    json_set_text(memo, "id", ret_outcome->id);
    json_set_text(memo, "url", ret_outcome->url);
}

/* Our key holds another record; whether it is this post is asked before anything is said. */
static void read_taken(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    int64_t count = json_number(job->memo, "compare", 0);
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (count >= COMPARE_MOST) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "the server says that the record key is taken, and that it is not");
        return;
    }
    json_set_flag(outcome_memo(ret_outcome, arena), "taken", true);
    json_set_number(outcome_memo(ret_outcome, arena), "compare", count + 1);
}

static void read_blob_lost(const struct job *job, size_t part, struct arena *arena,
                           struct outcome *ret_outcome)
{
    int64_t count = json_number(job->memo, "lost_blobs", 0);
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
    if (count >= LOST_BLOBS_MOST || !job->content->parts[part].media_count) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "the server keeps losing the images or the video");
        return;
    }
    json_t *memo = outcome_memo(ret_outcome, arena);
    for (size_t i = 0; i < job->content->parts[part].media_count; i++)
        json_set(memo, arena_printf(arena, "blob-%zu-%zu", part, i), json_null());
    json_set_number(memo, "lost_blobs", count + 1);
}

static void read_create(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    size_t part = bluesky_part_due(job);
    if (is_error(response, "InvalidSwap", arena)) {
        read_taken(job, arena, ret_outcome);
        return;
    }
    if (is_error(response, "BlobNotFound", arena)) {
        read_blob_lost(job, part, arena, ret_outcome);
        return;
    }
    if (!bluesky_read_status(job, step, response, arena, ret_outcome))
        return;
    json_t *answer = response_json(response, arena);
    const char *uri = json_text(answer, "uri"), *cid = json_text(answer, "cid");
    if (uri && !strcmp(uri, part_uri(job, part, arena)) && cid_is_valid(cid))
        part_done(job, part, cid, arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: the server answered %d without naming our record", step->name, response->status);
}

/* getRecord: 200, or 400 RecordNotFound, which servers before 2024 said by its message alone. */
static bool is_absent(const struct response *response, struct arena *arena)
{
    const char *message = json_text(response_json(response, arena), "message");
    return is_error(response, "RecordNotFound", arena) ||
           (is_error(response, "InvalidRequest", arena) && message &&
            !strncmp(message, "Could not locate record", 23));
}

static const char *same_record(const struct job *job, const struct response *response, struct arena *arena)
{
    json_t *answer = response_json(response, arena);
    const char *cid = json_text(answer, "cid"), *text = json_text(json_member(answer, "value"), "text");
    const char *ours = bluesky_compose(job->content, bluesky_part_due(job), arena);
    return cid_is_valid(cid) && text && !strcmp(text, ours) ? cid : NULL;
}

/* After InvalidSwap. */
static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    if (is_absent(response, arena)) {
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
        json_set(outcome_memo(ret_outcome, arena), "taken", json_null());
        return;
    }
    if (!bluesky_read_status(job, step, response, arena, ret_outcome))
        return;
    const char *cid = same_record(job, response, arena);
    if (cid)
        part_done(job, bluesky_part_due(job), cid, arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "another post stands where this one was to be: %s", permalink(job, arena));
}

void bluesky_read(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome)
{
    if (bluesky_is_video_step(step))
        bluesky_video_read(job, step, response, arena, ret_outcome);
    else if (step->kind == STEP_SESSION)
        bluesky_session_read(job, step, response, arena, ret_outcome);
    else if (step->kind == STEP_CREATE)
        read_create(job, step, response, arena, ret_outcome);
    else if (step->request.media)
        read_upload(job, step, response, arena, ret_outcome);
    else if (json_flag(job->memo, "taken", false))
        read_look(job, step, response, arena, ret_outcome);
    else
        read_resolve(job, step, response, arena, ret_outcome);
}

void bluesky_found(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    *ret_outcome = (struct outcome){0};
    if (step->kind == STEP_SESSION) {
        bluesky_session_read(job, step, response, arena, ret_outcome);
    } else if (is_absent(response, arena)) {
        outcome_set(ret_outcome, arena, OUTCOME_NOT_FOUND, SCOPE_POST, "the record is not on the server");
    } else if (bluesky_read_status(job, step, response, arena, ret_outcome)) {
        const char *cid = same_record(job, response, arena);
        if (cid)
            part_done(job, bluesky_part_due(job), cid, arena, ret_outcome);
        else
            outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                        "another post stands where this one was to be: %s", permalink(job, arena));
    }
    if (ret_outcome->kind == OUTCOME_REFUSED) /* while we look, the post is as doubtful as it was */
        ret_outcome->kind = OUTCOME_UNSURE;
}
