/*
 * See matrix.h: what is done to events that are there. Deleting is a redaction of each; an edit is an event that
 * says what is to be read instead of another one. Both are put under a transaction id: the same again is one.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/matrix.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/stage.h"

/* They are in their room, whatever became of the account's. */
static const struct stage_group login_groups[] = {{matrix_session_stages, MATRIX_LOGIN_STAGES}};
static const struct stage_table login_table = STAGE_TABLE(login_groups);

/* ---- remove: each event is redacted, the last first; before them what edits put in their place ---- */

static size_t made_count(const struct job *job)
{
    return json_array_size(json_member(job->memo, "events")) +
           json_array_size(json_member(job->memo, "edits"));
}

/* The events, then those of edits. */
static const char *made(const struct job *job, size_t number)
{
    size_t events = json_array_size(json_member(job->memo, "events"));
    return number < events
               ? matrix_event_id(job, number)
               : json_string_value(json_array_get(json_member(job->memo, "edits"), number - events));
}

/* https://matrix.to/#/ROOM/EVENT, both escaped: the account may be in another room by now. */
static const char *room_of_post(const struct job *job, struct arena *arena)
{
    static const char mark[] = "/#/";
    const char *url = json_text(job->memo, "url"), *at = url ? strstr(url, mark) : NULL;
    at = at ? at + sizeof mark - 1 : NULL;
    if (!url && json_text(job->memo, "room")) /* of what ended without an address */
        return driver_escape(arena, json_text(job->memo, "room"));
    return at && at[strcspn(at, "/")] ? arena_strndup(arena, at, strcspn(at, "/")) : NULL;
}

void matrix_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *room = room_of_post(job, arena);
    size_t left = removal_left(job, made_count(job));
    const char *event = left ? made(job, left - 1) : NULL;
    if (!event || !room) {
        removal_over(ret_step, room && json_member(job->memo, "remove") ? NULL : REMOVAL_UNKNOWN);
        return;
    }
    if (removal_session(&login_table, job, arena, ret_step))
        return;
    matrix_request(job, "PUT",
                   arena_printf(arena, "/client/v3/rooms/%s/redact/%s/%s-remove-%zu", room,
                                driver_escape(arena, event), job->key, left),
                   arena, removal_step(ret_step));
    driver_json_body(&ret_step->request, arena, json_object());
}

void matrix_removed(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    size_t left = removal_left(job, made_count(job));
    const char *code = json_text(response_json(response, arena), "errcode");
    bool missing = response->status == 404 && code && !strcmp(code, "M_NOT_FOUND");
    if (!missing && !matrix_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (ret_outcome->session && !missing) /* we log in again, and nothing was done */
        return;
    *ret_outcome = removal_leaves(arena, left ? left - 1 : 0);
}

/* ---- edit: an event that says what is to be read instead (client-server API, m.replace); images stay ----
 */

/* Whether a part has a text event, and which of the content's it is. */
static bool has_text(const struct content *content, size_t part, struct arena *arena, size_t *ret_number)
{
    size_t count;
    const struct matrix_event *events = matrix_events(content, arena, &count);
    for (size_t i = 0; i < count; i++) {
        *ret_number = i;
        if (events[i].part == part && !events[i].media)
            return true;
    }
    return false;
}

/* The next part that says something else; one without words, then and now, is none. */
static size_t part_due(const struct job *job, struct arena *arena)
{
    size_t count = job->content->part_count, part = revision_due(job, count), number;
    while (part < count && !has_text(job->published, part, arena, &number) &&
           !has_text(job->content, part, arena, &number))
        part++;
    return part;
}

/* Who is named anew: the others were told when it was published. */
static json_t *new_mentions(const json_t *now, const json_t *then)
{
    json_t *added = json_array(), *id, *known;
    size_t i, k;
    json_array_foreach(json_member(now, "user_ids"), i, id)
    {
        bool old = false;
        json_array_foreach(json_member(then, "user_ids"), k, known) old = old || json_equal(id, known);
        if (!old)
            json_array_append(added, id);
    }
    if (json_array_size(added))
        return json_pack("{s:o}", "user_ids", added);
    json_decref(added);
    return json_object();
}

/* What does not know of edits shows it as a new text, with a star. */
static json_t *replacement_of(const struct job *job, size_t part, const char *event, struct arena *arena)
{
    static const char *const shown[] = {"body", "formatted_body"};
    const struct matrix_event text = {.part = part};
    json_t *new = matrix_event_content(job->account, job->content, &text, NULL, arena),
           *whole = json_copy(new);
    const json_t *then =
        json_in_arena(arena, matrix_event_content(job->account, job->published, &text, NULL, arena));
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (json_text(new, shown[i]))
            json_set_text(whole, shown[i], arena_printf(arena, "* %s", json_text(new, shown[i])));
    json_set(whole, "m.mentions",
             new_mentions(json_member(new, "m.mentions"), json_member(then, "m.mentions")));
    json_set(whole, "m.new_content", new);
    json_set(whole, "m.relates_to", json_pack("{s:s, s:s}", "rel_type", "m.replace", "event_id", event));
    return whole;
}

void matrix_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *room = room_of_post(job, arena);
    size_t part = part_due(job, arena), number;
    if (!room || !json_member(job->memo, "events")) {
        revision_over(ret_step, REVISION_UNKNOWN);
        return;
    }
    if (part >= job->content->part_count) {
        revision_over(ret_step, NULL);
        return;
    }
    const char *event = has_text(job->published, part, arena, &number) ? matrix_event_id(job, number) : NULL;
    if (!event) {
        revision_over(ret_step, "it is an image alone there, which stays: 'calctl delete' it");
        return;
    }
    if (removal_session(&login_table, job, arena, ret_step))
        return;
    struct request *request = revision_step(job, arena, ret_step);
    matrix_request(job, "PUT",
                   arena_printf(arena, "/client/v3/rooms/%s/send/m.room.message/%s-edit-%zu", room,
                                job->request_key, part),
                   arena, request);
    driver_json_body(request, arena, replacement_of(job, part, event, arena));
}

/* It goes when the post is deleted. */
static void note_edit(const struct job *job, const char *id, struct arena *arena, struct outcome *outcome)
{
    json_t *edits = json_deep_copy(json_member(job->memo, "edits")), *known;
    bool noted = false;
    size_t i;
    edits = edits ? edits : json_array();
    json_array_foreach(edits, i, known) noted = noted || !strcmp(json_string_value(known), id);
    if (!noted)
        json_array_append_new(edits, json_string(id));
    json_set(outcome_memo(outcome, arena), "edits", edits);
    json_set(outcome_memo(outcome, arena), "remove", json_null()); /* there is more to delete again */
}

void matrix_edited(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    const char *id = outcome_clean_id(json_text(response_json(response, arena), "event_id"), arena);
    size_t part = part_due(job, arena);
    if (!matrix_is_fine(job, step, response, arena, ret_outcome) || ret_outcome->session)
        return;
    *ret_outcome = revision_done_to(job, part + 1, arena);
    if (id)
        note_edit(job, id, arena, ret_outcome);
}
