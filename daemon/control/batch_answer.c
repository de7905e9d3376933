/* See batch_answer.h. Decides nothing. */
#include "control/batch_answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/route.h"
#include "control/view.h"

/* ---- of single posts ---- */

static bool is_member(const struct route *route, const char *word)
{
    for (const struct param *param = route->body; param->name; param++)
        if (!strcmp(param->name, word))
            return true;
    return false;
}

/* Which member of the post it is about, as far as that is known. */
static const char *field_of(const struct batch *batch, const json_t *finding)
{
    const char *in = json_text(finding, "in"), *word = json_text(finding, "word");
    return in ? in : word && is_member(batch->call->route, word) ? word : NULL;
}

static void add_finding(const struct batch *batch, json_t *finding, size_t index, json_t *list)
{
    json_set_number(finding, "index", (int64_t)index);
    json_set_text(finding, "field", field_of(batch, finding));
    if (json_array_size(list) < BATCH_ERRORS)
        json_array_append_new(list, finding);
    else
        json_decref(finding);
}

void batch_add_findings(struct batch *batch, const struct diags *diags, enum diag_level level, json_t *list)
{
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i].level == level)
            add_finding(batch, diag_to_json(&diags->items[i]), batch->items.count - 1, list);
}

void batch_add_warnings(struct batch *batch, const json_t *warnings, size_t index)
{
    for (size_t i = 0; i < json_array_size(warnings); i++)
        add_finding(batch, json_incref(json_array_get(warnings, i)), index, batch->findings);
}

/* What is no finding of the charter or the calendar's reader is a problem of its own. */
static json_t *finding_of_problem(const struct call *item)
{
    json_t *said = json_parse(item->answer.body, item->answer.length, NULL), *finding = json_object();
    json_set_text(finding, "level", "error");
    json_set_text(finding, "message", json_text(said, "detail"));
    json_set_text(finding, "word", json_text(said, "word"));
    json_set_text(finding, "nearest", json_text(said, "nearest"));
    json_decref(said);
    return finding;
}

static void add_names(json_t *names, const json_t *more)
{
    size_t i, known;
    json_t *name, *one;
    json_array_foreach((json_t *)(uintptr_t)more, i, name)
    {
        bool found = false;
        json_array_foreach(names, known, one)
        {
            found = found || json_equal(one, name);
        }
        if (!found)
            json_array_append(names, name);
    }
}

/* One for all of them: to name a rule that has nothing against a post does no harm. Takes over 'offer'. */
static void add_offer(struct batch *batch, json_t *offer)
{
    bool allowed = json_flag(offer, "allowed", false);
    if (allowed && batch->offered)
        add_names(json_member(batch->offer, "rules"), json_member(offer, "rules"));
    else if (allowed || !batch->offer) {
        json_decref(batch->offer);
        batch->offer = json_incref(offer);
    }
    batch->offered += allowed;
    json_decref(offer);
}

void batch_refuse(struct batch *batch, const struct call *item, const struct judge *judge)
{
    const struct diags *diags = judge ? &judge->diags : NULL;
    int status = item->answer.status;
    if (diags && diags->errors)
        add_offer(batch, judge_offer(judge));
    batch->status = batch->refused++ && batch->status != status ? 422 : status;
    if (diags && diags->errors)
        batch_add_findings(batch, diags, DIAG_ERROR, batch->errors);
    else
        add_finding(batch, finding_of_problem(item), batch->items.count - 1, batch->errors);
}

void batch_say(struct batch *batch, const char *id, instant slot)
{
    const struct zone *zone = schedule_documents(batch->call->control->schedule)->calendar->zone;
    char utc[INSTANT_TEXT], local[48];
    buf_printf(&batch->said, "%s{\"id\":\"%s\",\"local\":\"%s\",\"slot\":\"%s\"}",
               batch->said.length ? "," : "", id, local_format(zone, slot, local, sizeof local),
               instant_format(slot, utc, sizeof utc));
}

/* ---- of all ---- */

static void answer(struct batch *batch, int status)
{
    struct call *call = batch->call;
    char *findings = json_print(batch->findings);
    const char *text = arena_printf(call->arena, "{\"count\":%zu,\"findings\":%s,\"posts\":[%s]}",
                                    batch->post_count, findings, buf_text(&batch->said));
    free(findings);
    call->answer.status = status;
    call->answer.type = "application/json";
    call->answer.body = text;
    call->answer.length = strlen(text);
}

void batch_answer_added(struct batch *batch)
{
    answer(batch, 201);
    log_info("added posts=%zu by=\"%s\"", batch->post_count, batch->call->who);
}

void batch_answer_dry_run(struct batch *batch)
{
    for (size_t i = 0; i < batch->wanted_count; i++) {
        const struct wanted *wanted = &batch->wanted[i];
        if (i == 0 || strcmp(wanted->post_id, wanted[-1].post_id) != 0)
            batch_say(batch, wanted->post_id, wanted->slot);
    }
    answer(batch, 200);
}

static const char *what_stays(const struct batch *batch, size_t stored)
{
    return stored
               ? arena_printf(batch->call->arena, "the first %zu of them are added, by steps before", stored)
               : "nothing was added";
}

void batch_answer_refused(struct batch *batch)
{
    struct call *call = batch->call;
    const json_t *first = json_array_get(batch->errors, 0);
    json_t *more = json_object();
    json_set(more, "errors", json_incref(batch->errors));
    json_set_number(more, "refused", (int64_t)batch->refused);
    if (batch->offered && batch->offered < batch->refused)
        json_set(batch->offer, "why_not", json_sprintf("%zu of the %zu cannot be overridden",
                                                       batch->refused - batch->offered, batch->refused));
    if (batch->offer)
        json_set(more, "override", json_incref(batch->offer));
    problem_with(call, batch->status, more, "%zu of %zu posts refused, %s; posts[%lld]: %s", batch->refused,
                 batch->items.count, what_stays(batch, call->stored),
                 (long long)json_number(first, "index", 0), json_text(first, "message"));
}

void batch_answer_unstored(struct batch *batch, size_t stored, const struct error *err)
{
    struct call *call = batch->call;
    log_error("posts=%zu of %zu were added: %s", stored, batch->items.count, err->message);
    call->answer.header_count = 0;
    problem(call, 503, "%s: %s%s", what_stays(batch, stored), err->message,
            stored && call->key ? "; the same request under the same Idempotency-Key adds the rest" : "");
    answer_with(call, "Retry-After", "10");
}
