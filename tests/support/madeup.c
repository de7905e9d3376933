/*
 * madeup: a network that nobody has, as tests/integration/test_new_network.py adds it: this file and a row in
 * drivers.h, nothing else. A post is one request under a key.
 */
#include "base/json.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/outcome.h"

static const struct network_option options[] = {
    {.name = "url", .kind = OPTION_URL, .required = true, .help = "where it is made up"},
    {.name = "token", .kind = OPTION_SECRET, .required = true, .help = "who makes it up"},
};

static void madeup_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *token = account_secret(job->account, "token");
    bool done = json_text(job->memo, "id") != NULL;
    *ret_step = (struct step){.kind = done ? STEP_DONE : STEP_CREATE, .name = "publish"};
    if (done)
        return;
    ret_step->request.method = "POST";
    ret_step->request.url = driver_url(arena, account_option(job->account, "url"), "/says");
    request_header(&ret_step->request, arena, "Authorization", "Bearer %s", token ? token : "");
    request_header(&ret_step->request, arena, "Idempotency-Key", "%s", job->request_key);
    driver_json_body(&ret_step->request, arena, json_pack("{s:s}", "text", job->content->parts[0].text));
}

static void madeup_read(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const char *id = outcome_clean_id(json_text(response_json(response, arena), "id"), arena);
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, NULL, arena, ret_outcome);
    if (ret_outcome->kind != OUTCOME_NEXT)
        return;
    outcome_set(ret_outcome, arena, id ? OUTCOME_DONE : OUTCOME_UNSURE, SCOPE_POST, "the answer has no id");
    ret_outcome->id = id;
    json_set_text(outcome_memo(ret_outcome, arena), "id", id);
}

const struct network network_madeup = {
    .name = "madeup",
    .title = "Made up",
    .repeat = REPEAT_KEY,
    .key_wait = SECONDS(1),
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .one_step = true,
    .next = madeup_next,
    .read = madeup_read,
};
