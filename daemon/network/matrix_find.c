/*
 * Whether an event is in the room after all: the room's messages are read backwards, ours alone. An event of
 * the device that sent it carries its transaction id; where it does not (another device, another server's
 * ways), its content and its time tell.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/matrix.h"
#include "network/outcome.h"
#include "network/stage.h"

#define SETTLED SECONDS(60) /* a request whose answer was lost may still be at work for so long */
#define CLOCKS_APART MINUTES(10)
enum { PAGE = 100, PAGES_MOST = 20 };

static instant sent_at(const struct job *job)
{
    return json_number(job->memo, "sent", job->first_sent ? job->first_sent : job->now);
}

static const char *filter_of(const struct job *job, struct arena *arena)
{
    json_t *filter =
        json_pack("{s:[s], s:[s]}", "types", "m.room.message", "senders", json_text(job->session, "user_id"));
    struct request print = {0};
    driver_json_body(&print, arena, filter);
    return print.body;
}

void matrix_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    struct step first;
    matrix_next(job, arena, &first);
    if (first.kind != STEP_CREATE) {
        *ret_step = first;
        return;
    }
    struct driver_pair pairs[] = {{"dir", "b"},
                                  {"limit", arena_printf(arena, "%d", PAGE)},
                                  {"filter", filter_of(job, arena)},
                                  {"from", json_text(job->memo, "cursor")}};
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    matrix_request(job, "GET",
                   arena_printf(arena, "/client/v3/rooms/%s/messages?%s",
                                driver_escape(arena, json_text(job->session, "room_id")),
                                driver_pairs(arena, pairs, sizeof pairs / sizeof *pairs)),
                   arena, &ret_step->request);
}

static bool is_known(const struct job *job, const char *id)
{
    const json_t *known, *events = json_member(job->memo, "events");
    size_t i;
    json_array_foreach((json_t *)events, i, known) if (!strcmp(id, json_string_value(known))) return true;
    return false;
}

static bool is_same(const json_t *ours, const json_t *theirs, const char *member)
{
    json_t *a = json_member(ours, member), *b = json_member(theirs, member);
    return a == b || (a && b && json_equal(a, b));
}

static bool is_ours(const struct job *job, const json_t *event, const json_t *ours, const char *transaction)
{
    const char *sender = json_text(event, "sender"), *me = json_text(job->session, "user_id");
    const char *id = json_text(event, "event_id");
    const char *named = json_text(json_member(event, "unsigned"), "transaction_id");
    const json_t *theirs = json_member(event, "content");
    if (!sender || !me || strcmp(sender, me) || !id || is_known(job, id))
        return false;
    if (named)
        return !strcmp(named, transaction);
    return json_number(event, "origin_server_ts", 0) > sent_at(job) - CLOCKS_APART &&
           is_same(ours, theirs, "msgtype") && is_same(ours, theirs, "body") &&
           is_same(ours, theirs, "formatted_body") && is_same(ours, theirs, "m.relates_to");
}

static void not_there(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    outcome_not_there(ret_outcome, job, SETTLED, "it is not among the room's messages");
    json_set(outcome_memo(ret_outcome, arena), "cursor", json_null());
    json_set(outcome_memo(ret_outcome, arena), "pages", json_null());
}

static void read_page(const struct job *job, const json_t *body, struct arena *arena,
                      struct outcome *ret_outcome)
{
    const char *transaction, *end = outcome_clean_id(json_text(body, "end"), arena);
    const json_t *chunk = json_member(body, "chunk"), *ours = matrix_due(job, arena, &transaction, NULL);
    int64_t pages = json_number(job->memo, "pages", 0) + 1, oldest = INT64_MAX;
    for (size_t i = 0; i < json_array_size(chunk); i++) {
        const json_t *event = json_array_get(chunk, i);
        const char *id = outcome_clean_id(json_text(event, "event_id"), arena);
        if (id && is_ours(job, event, ours, transaction)) {
            matrix_event_done(job, id, arena, ret_outcome);
            return;
        }
        oldest = json_number(event, "origin_server_ts", oldest);
    }
    if (!end || oldest < sent_at(job) - CLOCKS_APART) {
        not_there(job, arena, ret_outcome);
    } else if (pages >= PAGES_MOST) {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the room has too many messages to look through");
    } else {
        json_set_text(outcome_memo(ret_outcome, arena), "cursor", end);
        json_set_number(outcome_memo(ret_outcome, arena), "pages", pages);
    }
}

void matrix_found(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena);
    if (step->kind == STEP_SESSION || strcmp(step->name, "look") != 0)
        matrix_read(job, step, response, arena, ret_outcome);
    else if (matrix_is_fine(job, step, response, arena, ret_outcome) &&
             json_is_array(json_member(body, "chunk")))
        read_page(job, body, arena, ret_outcome);
    else if (ret_outcome->kind == OUTCOME_NEXT && !ret_outcome->session)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is not as expected",
                    step->name);
    outcome_unsure_if_refused(ret_outcome);
}
