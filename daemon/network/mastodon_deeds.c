/*
 * See mastodon.h: what is done to a status that is there. What a status is to say when it is changed is what a new
 * one says; what is left out of an edit is taken away there, so that it is looked at first.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/mastodon.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/stage.h"

/* ---- remove ---- */

/* Of another user's post the server says what it says of none: so it is looked at ("absent"). */
static bool is_said_absent(const struct job *job)
{
    return json_flag(json_member(job->memo, "remove"), "absent", false);
}

void mastodon_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!removal_is_due(job, account_option(job->account, "url"), arena, ret_step))
        return;
    const char *path = arena_printf(arena, "/api/v1/statuses/%s", driver_escape(arena, removal_id(job)));
    bool look = is_said_absent(job);
    mastodon_request(job, arena, ret_step, STEP_PREPARE, look ? "GET" : "DELETE", path);
    ret_step->name = look ? "look at the post" : "delete";
}

static json_t *with_absent(const struct job *job, bool absent, struct arena *arena)
{
    json_t *remove = stage_copy(job, "remove");
    json_set_flag(remove, "absent", absent);
    return json_in_arena(arena, json_pack("{s:o}", "remove", remove));
}

/* Who logs in as its user by then may ask again. */
static void read_absent(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    bool hidden = response->status == 403 || response->status == 404 || response->status == 410;
    if (hidden && json_is_object(response_json(response, arena))) {
        *ret_outcome = removal_gone(job, arena);
    } else if (mastodon_read_status(job, step, response, arena, ret_outcome)) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "it is there, and not the account's to delete: was it another user's? delete it there");
        ret_outcome->memo = with_absent(job, false, arena);
    }
}

/* The server limits deletions alone (30 in 30 minutes), as its headers say: that is no limit of the account. */
void mastodon_removed(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    if (is_said_absent(job)) {
        read_absent(job, step, response, arena, ret_outcome);
        return;
    }
    removal_read(job, step, response, RESET_ISO, mastodon_said(response, arena), arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_NEXT && response->status >= 400)
        ret_outcome->memo = with_absent(job, true, arena);
}

/* ---- edit ---- */

static json_t *alt_texts(const struct job *job, size_t part)
{
    const struct part *p = &job->content->parts[part];
    json_t *list = json_array();
    for (size_t i = 0; i < p->media_count; i++)
        json_array_append_new(list, json_pack("{s:s*, s:s}", "id",
                                              json_text(mastodon_memo_media(job, "media", part, i), "id"),
                                              "description", p->media[i].alt));
    return list;
}

/* The edit says what is to be covered; where it does not, that stays as it is there ("seen"). A cover that was our
   warning's goes with it. */
static void set_cover(const struct job *job, const char *seen, json_t *body, struct arena *arena)
{
    const json_t *there = json_in_arena(arena, json_parse(seen, strlen(seen), NULL));
    const char *warning = json_text(there, "spoiler_text");
    bool ours = revision_touches(job, EDIT_WARNING), gone = ours && job->published->warning;
    if (job->content->warning && ours)
        return;
    if (ours || warning)
        json_set_text(body, "spoiler_text", ours ? "" : warning);
    if (gone || json_member(there, "sensitive"))
        json_set_flag(body, "sensitive", !gone && json_flag(there, "sensitive", false));
}

/* What is left out of it is taken away: the images, a content warning, the cover over images. */
void mastodon_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!revision_is_due(job, account_option(job->account, "url"), arena, ret_step))
        return;
    size_t part = revision_number(job);
    const char *path = arena_printf(arena, "/api/v1/statuses/%s", driver_escape(arena, revision_id(job)));
    const char *seen = json_text(json_member(job->memo, "edit"), "seen");
    struct request *request = revision_step(job, arena, ret_step);
    const char *name = seen ? ret_step->name : "look at the post";
    mastodon_request(job, arena, ret_step, STEP_PREPARE, seen ? "PUT" : "GET", path);
    ret_step->name = name;
    if (!seen)
        return;
    json_t *body = mastodon_words(job, part, arena);
    if (job->content->parts[part].media_count)
        json_set(body, "media_attributes", alt_texts(job, part));
    set_cover(job, seen, body, arena);
    driver_json_body(request, arena, body);
}

/* Who may not read it may change it all the same. */
static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *status = response_json(response, arena);
    revision_read(job, step, response, RESET_ISO, mastodon_said(response, arena), arena, ret_outcome);
    if (ret_outcome->kind != OUTCOME_NEXT && response->status != 403)
        return;
    json_t *there = json_object();
    if (ret_outcome->kind == OUTCOME_NEXT && json_is_boolean(json_member(status, "sensitive"))) {
        json_set_flag(there, "sensitive", json_flag(status, "sensitive", false));
        json_set_text(there, "spoiler_text", json_text(status, "spoiler_text"));
    }
    *ret_outcome = (struct outcome){
        .kind = OUTCOME_NEXT, .memo = revision_note(job, "seen", driver_json_text(arena, there), arena)};
}

void mastodon_edited(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    if (!strcmp(step->request.method, "GET")) {
        read_look(job, step, response, arena, ret_outcome);
        return;
    }
    revision_read(job, step, response, RESET_ISO, mastodon_said(response, arena), arena, ret_outcome);
    if (response->status == 404 || response->status == 405)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    REVISION_GONE "; or the server has no edits, which came with Mastodon 3.5");
}
