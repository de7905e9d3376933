/*
 * api_resolve: a person has looked whether an unsure delivery was published, and says so.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "control/api.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"

struct verdict {
    bool published;
    const char *url; /* NULL: it has none */
};

static bool is_url(const char *text)
{
    size_t length = strlen(text);
    if (length > 2048 || (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] <= 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

/* The one unsure delivery that is meant; NULL: answered. */
static struct delivery *find_unsure(struct call *call, const struct selection *selection)
{
    const char *account = json_text(call->json, "account");
    struct delivery *found = NULL;
    for (size_t i = 0; i < selection->count; i++) {
        struct delivery *delivery = selection->items[i];
        if (delivery->state != STATE_UNSURE || (account && strcmp(account, delivery->account) != 0))
            continue;
        if (found) {
            problem(call, 409, "more than one delivery of '%s' is unsure: say which by \"account\"",
                    delivery->post_id);
            return NULL;
        }
        found = delivery;
    }
    if (!found)
        problem(call, 409, "nothing was changed: no delivery of '%s'%s%s is unsure", selection->post_id,
                account ? " to " : "", account ? account : "");
    return found;
}

/* What the body says: "published": URL or true, or "not_published": true. False: answered with 400. */
static bool read_verdict(struct call *call, struct verdict *ret_verdict)
{
    const json_t *published = json_member(call->json, "published");
    struct verdict verdict = {.published = published != NULL, .url = json_string_value(published)};
    if (verdict.published == json_flag(call->json, "not_published", false)) {
        problem(call, 400, "say either \"published\": URL or \"not_published\": true");
        return false;
    }
    if (verdict.url ? !is_url(verdict.url) : verdict.published && !json_is_true(published)) {
        problem(call, 400, "'published' must be the address of the post: http:// or https://");
        return false;
    }
    *ret_verdict = verdict;
    return true;
}

/* Without the address where there is one, the post could never be found from here. False: answered. */
static bool check_address(struct call *call, const struct delivery *delivery, const struct verdict *verdict)
{
    const struct documents *documents = call_documents(call);
    if (!documents)
        return false;
    const struct settings_account *account = settings_account(documents->settings, delivery->account);
    if (!verdict->published || verdict->url || !account || !account_has_address(&account->account))
        return true;
    problem(call, 409,
            "nothing was changed: posts to '%s' have an address, say which: \"published\": \"https://…\"",
            delivery->account);
    return false;
}

/* The step of the newest creating request: "publish 2/3" says which part of a thread was in doubt. NULL:
 * none. */
static const char *doubtful_step(struct call *call, const struct delivery *delivery)
{
    struct attempt *attempts;
    struct error err = {""};
    size_t count;
    if (!queue_attempts(call->control->queue, delivery->post_id, delivery->account, call->arena, &attempts,
                        &count, &err))
        return NULL;
    while (count && strcmp(attempts[count - 1].kind, step_kind_name(STEP_CREATE)) != 0)
        count--;
    return count ? attempts[count - 1].step : NULL;
}

/* What comes after the part that a person found never left, and is not sent any more: that is said. */
static const char *found_message(struct call *call, const struct delivery *delivery)
{
    const char *step = doubtful_step(call, delivery), *space = step ? strrchr(step, ' ') : NULL;
    unsigned part, count;
    if (!space || sscanf(space, " %u/%u", &part, &count) != 2 || part >= count)
        return "a person found it published";
    return arena_printf(
        call->arena,
        "a person found part %u of %u published; what comes after it was not sent, and is not: "
        "write it there",
        part, count);
}

static bool settle(struct call *call, const struct delivery *delivery, const struct verdict *verdict,
                   struct error *err)
{
    struct queue *queue = call->control->queue;
    const char *url = verdict->url;
    if (verdict->published) {
        struct outcome outcome = {
            .kind = OUTCOME_DONE, .id = url, .url = url, .message = found_message(call, delivery)};
        struct settlement settlement = {
            .outcome = &outcome, .who = call->who, .to = STATE_PUBLISHED, .prepared = true};
        return queue_settle(queue, delivery, 0, &settlement, call->now, err);
    }
    struct move move = {
        .to = STATE_READY,
        .who = call->who,
        .why = "a person looked: it was not published",
        .due = call->now > delivery->slot ? call->now : delivery->slot,
    };
    return queue_move(queue, delivery, &move, call->now, err);
}

void api_post_resolve(struct call *call)
{
    struct selection selection;
    struct error err = {""};
    struct verdict verdict;
    if (!read_verdict(call, &verdict))
        return;
    if (!posts_select(call, &selection) || !posts_match(call, &selection))
        return;
    struct delivery *delivery = find_unsure(call, &selection);
    if (!delivery || !check_address(call, delivery, &verdict))
        return;
    if (!settle(call, delivery, &verdict, &err)) {
        problem(call, 409, "nothing was changed: %s", err.message);
        return;
    }
    log_info("resolved post=%s account=%s published=%s by=\"%s\"", delivery->post_id, delivery->account,
             verdict.published ? "yes" : "no", call->who);
    posts_answer(call, 200, selection.post_id, NULL, NULL);
}
