/*
 * The live check of an account's credentials: the driver's verify steps, without a delivery and without
 * history. It is made also for accounts that are paused or braked: it is how a person ends a brake. And the
 * renewal of credentials for which no delivery asks: one step of the same kind. When, is expiry.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "network/login.h"
#include "publish/alert.h"
#include "publish/publisher.h"

enum { MOST_STEPS = 8 };

static void tell_renewed(struct publisher *publisher, const char *account, const struct outcome *outcome)
{
    struct line *line = publisher_line(publisher, account);

    if (line != NULL)
        expiry_renewed(line, outcome);
}

void verify_end(struct publisher *publisher, struct verify *verify, const struct outcome *outcome)
{
    struct verify **link = &publisher->verifies;

    verify->busy = false;
    if (outcome->kind == OUTCOME_NEXT && !verify->renews) { /* a session came first: go on in the next turn */
        publisher_pend(publisher);
        return;
    }
    while (*link != verify)
        link = &(*link)->next;
    *link = verify->next;
    if (verify->renews)
        tell_renewed(publisher, verify->account, outcome);
    else
        verify->done(verify->context, outcome);
    free(verify->account);
    free(verify);
}

static void end_with(struct publisher *publisher, struct verify *verify, enum outcome_kind kind,
                     const char *message)
{
    verify_end(publisher, verify,
               &(struct outcome){.kind = kind, .scope = SCOPE_ACCOUNT, .message = message});
}

/* Without credentials there is nothing to ask. */
static bool tell_logged_out(struct publisher *publisher, struct verify *verify, struct line *line)
{
    struct arena *arena = arena_new();
    const char *why = login_needed(&line->account->account, line->session, loop_now(publisher->loop), arena);

    if (why != NULL)
        end_with(publisher, verify, OUTCOME_REFUSED, why);
    arena_free(arena);
    return why != NULL;
}

/* Nothing at all if a delivery was quicker. */
static void renew(struct publisher *publisher, struct verify *verify, struct line *line)
{
    instant now = loop_now(publisher->loop);
    struct job job = line_job(line, NULL, NULL);
    struct arena *arena;
    struct step step = {0};

    if (run_count(line, 1u << STEP_SESSION) > 0)
        return;
    if (login_renewal(&line->account->account, line->session, now) > now) {
        end_with(publisher, verify, OUTCOME_NEXT, NULL);
        return;
    }
    if (!line_may_renew(line)) {
        end_with(publisher, verify, OUTCOME_RETRY, "the session cannot be stored: is the disk full?");
        return;
    }
    arena = arena_new();
    login_renew(&job, arena, &step);
    run_verify(line, verify, arena, &step);
}

static void advance(struct publisher *publisher, struct verify *verify)
{
    struct line *line = publisher_line(publisher, verify->account);
    const struct network *network;
    struct arena *arena;
    struct step step = {0};
    struct job job;

    if (line == NULL || line->account == NULL) {
        end_with(publisher, verify, OUTCOME_REFUSED, "there is no such account in cald.yaml");
        return;
    }
    if (verify->renews) {
        renew(publisher, verify, line);
        return;
    }
    network = line->account->account.network;
    if (tell_logged_out(publisher, verify, line))
        return;
    if (network->verify == NULL) {
        end_with(publisher, verify, OUTCOME_DONE,
                 "there is nothing to check: this network needs no credentials");
        return;
    }
    if (verify->steps++ >= MOST_STEPS) {
        end_with(publisher, verify, OUTCOME_RETRY, "the check did not come to an end");
        return;
    }
    arena = arena_new();
    job = line_job(line, NULL, NULL);
    network->verify(&job, arena, &step);
    if (step.kind == STEP_SESSION && run_count(line, 1u << STEP_SESSION) > 0) {
        verify->steps--;
        arena_free(arena); /* a delivery is getting the session right now */
        return;
    }
    if (step.kind == STEP_SESSION && !line_may_renew(line)) {
        arena_free(arena);
        end_with(publisher, verify, OUTCOME_RETRY, "the session cannot be stored: is the disk full?");
        return;
    }
    run_verify(line, verify, arena, &step);
}

void verify_advance(struct publisher *publisher)
{
    struct verify *next;

    for (struct verify *verify = publisher->verifies; verify != NULL; verify = next) {
        next = verify->next;
        if (!verify->busy)
            advance(publisher, verify);
    }
}

static void judge(const struct run *run, struct account_status *status)
{
    const struct outcome *outcome = &run->outcome;

    if (outcome->kind == OUTCOME_DONE) {
        status->reconnect = false;
        status->braked_until = 0;
        status->brake_why = NULL;
        status->failures = 0;
    } else if (outcome->kind == OUTCOME_REFUSED && outcome->reconnect) {
        status->reconnect = true;
        status->braked_until = INSTANT_NEVER;
        status->brake_why = outcome->message;
    }
}

bool verify_settle(struct run *run, struct error *err)
{
    struct queue *queue = run->publisher->queue;
    instant now = loop_now(run->publisher->loop);
    struct account_status before, after;

    if (!queue_account(queue, run->line->name, run->arena, &before, err))
        return false;
    after = before;
    after.name = run->line->name;
    judge(run, &after);
    if (after.reconnect == before.reconnect && after.braked_until == before.braked_until &&
        after.failures == before.failures)
        return true;
    run->line->dirty = true;
    return queue_set_account(queue, &after, "cald", now, err) && alert_account(queue, &before, &after, now, err);
}

void verify_renew(struct publisher *publisher, const char *account)
{
    struct verify *verify = xmalloc(sizeof *verify);

    *verify = (struct verify){.next = publisher->verifies, .account = xstrdup(account), .renews = true};
    publisher->verifies = verify;
    publisher_pend(publisher);
}

void publisher_verify(struct publisher *publisher, const char *account,
                      void (*done)(void *context, const struct outcome *outcome), void *context)
{
    struct verify *verify = xmalloc(sizeof *verify);

    *verify = (struct verify){
        .next = publisher->verifies,
        .account = xstrdup(account),
        .done = done,
        .context = context,
    };
    publisher->verifies = verify;
    publisher_pend(publisher);
}
