/*
 * See documents.h: what of a calendar only the network can say. One content shown to several accounts has its
 * links looked at once an account; the same finding at the same place is kept once.
 */
#include "documents.h"
#include "editorial/check.h"
#include "editorial/online.h"

static bool is_to_come(const struct post *post, instant now)
{
    return !post->incomplete && (post->timing != TIMING_AT || post->instant >= now);
}

static void look_at(struct documents *documents, const struct post *post, struct online *online,
                    struct diags *diags)
{
    struct diag where = {.file = post->position.file,
                         .line = post->position.line,
                         .column = post->position.column,
                         .post = post->id};
    for (size_t i = 0; i < post->target_count; i++)
        for (size_t k = 0; k < post->targets[i].content_count; k++)
            check_online(documents->charter, post->targets[i].account, post->targets[i].contents[k],
                         post->bucket, online, &where, diags);
}

static void look_at_all(struct documents *documents, instant now, struct online *online, struct diags *diags)
{
    for (size_t i = 0; i < documents->calendar->post_count; i++)
        if (is_to_come(&documents->calendar->posts[i], now))
            look_at(documents, &documents->calendar->posts[i], online, diags);
}

void documents_ask_online(struct documents *documents, instant now, struct online *online)
{
    if (documents->calendar && documents->charter && check_asks(documents->charter))
        look_at_all(documents, now, online, NULL);
}

void documents_judge_online(struct documents *documents, instant now, struct online *online)
{
    if (!documents->calendar || !documents->charter)
        return;
    look_at_all(documents, now, online, &documents->diags);
    diags_sort(&documents->diags);
}
