/*
 * api_preview: posts as each network will show and count them: of the queue, and such as nobody has added
 * yet. Changes nothing, and asks no network.
 */
#include "base/json.h"
#include "control/api.h"
#include "control/judge.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"
#include "editorial/preview.h"

static void add(struct call *call, json_t *items, const struct account *account,
                const struct content *content, const char *bucket, const char *post_id)
{
    const struct charter *charter = schedule_documents(call->control->schedule)->charter;
    const json_t *session = publisher_session(call->control->publisher, account->name);
    json_array_append_new(items, preview_to_json(charter, account, content, bucket, session, post_id));
}

static void answer_items(struct call *call, json_t *items)
{
    json_t *page = json_object();
    json_set(page, "items", items);
    json_set(page, "next", json_null());
    answer_json(call, 200, page);
}

/* What goes to an account that is gone is not shown any more. */
void api_post_preview(struct call *call)
{
    const struct settings *settings = schedule_documents(call->control->schedule)->settings;
    struct selection post;
    if (!posts_select(call, &post))
        return;
    json_t *items = json_array();
    for (size_t i = 0; i < post.count; i++) {
        const struct delivery *delivery = post.items[i];
        const struct settings_account *account = settings_account(settings, delivery->account);
        if (account)
            add(call, items, &account->account, delivery->content, delivery->bucket, delivery->post_id);
    }
    answer_items(call, items);
}

void api_preview(struct call *call)
{
    struct judge judge;
    const struct post *post;
    if (!judge_init(&judge, call))
        return;
    if (!documents_read_post(judge.documents, call->json, call->arena, &post, &judge.diags)) {
        judge.malformed = true;
        judge_passes(&judge);
        return;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < post->target_count; i++)
        add(call, items, post->targets[i].account, post->targets[i].contents[0], post->bucket, post->id);
    answer_items(call, items);
}
