/*
 * null: the network that is nowhere. It shows how a driver is made, and carries the tests of the queue.
 *
 * A driver is facts and pure functions. 'next' says what is to be done from the job alone: asked twice it
 * says the same, because what was done already stands in the memo. 'read' makes an outcome of what came
 * back. This one publishes by being settled (STEP_LOCAL), so there is no request and no response; its
 * option 'answer' chooses the outcome. A driver with requests: webhook.c has one, wordpress.c many.
 */
#include <string.h>

#include "base/json.h"
#include "network/drivers.h"

static const char *const answers[] = {"done", "retry", "refused", "unsure", NULL};

static const struct network_option options[] = {
    {.name = "answer",
     .kind = OPTION_WORD,
     .words = answers,
     .help = "what becomes of every post (default: done)"},
};

static void null_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    (void)arena;
    bool done = json_text(job->memo, "id") != NULL;
    *ret_step = (struct step){.kind = done ? STEP_DONE : STEP_LOCAL, .name = "publish"};
}

static void null_read(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    static const enum outcome_kind kinds[] = {OUTCOME_DONE, OUTCOME_RETRY, OUTCOME_REFUSED, OUTCOME_UNSURE};
    (void)step;
    (void)response;
    const char *answer = account_option(job->account, "answer");
    size_t i = 0;
    while (answer && answers[i] && strcmp(answers[i], answer))
        i++;
    *ret_outcome = (struct outcome){.kind = answer && answers[i] ? kinds[i] : OUTCOME_DONE};
    if (ret_outcome->kind == OUTCOME_DONE) {
        ret_outcome->id = arena_strdup(arena, job->key);
        ret_outcome->memo = json_in_arena(arena, json_pack("{s:s}", "id", job->key));
    } else {
        ret_outcome->message = "the account's option 'answer' says so";
    }
}

static void null_follow(const struct job *job, struct arena *arena, struct step *ret_step)
{
    (void)job, (void)arena;
    *ret_step = (struct step){.kind = STEP_DONE};
}

const struct network network_null = {
    .name = "null",
    .title = "Null",
    .features = FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING | FEATURE_VISIBILITY |
                FEATURE_LANGUAGE | FEATURE_CATEGORIES,
    .repeat = REPEAT_NEVER,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .local = true,
    .one_step = true,
    .next = null_next,
    .read = null_read,
    .remove = null_follow,
    .edits = EDIT_ALL,
    .edit = null_follow,
};
