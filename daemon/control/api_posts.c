/*
 * api_posts: showing a post, and adding a spontaneous one.
 */

#include "base/hash.h"
#include "base/log.h"
#include "control/adding.h"
#include "control/api.h"
#include "control/posts.h"
#include "control/problem.h"
#include "control/room.h"

void api_post(struct call *call)
{
    struct selection post;
    if (posts_select(call, &post))
        posts_answer(call, 200, post.post_id, NULL, NULL);
}

/* "s-20261123-x7kq": the day in UTC and four random characters. */
static const char *new_id(struct call *call)
{
    char day[INSTANT_TEXT], chance[9];
    instant_format(call->now, day, sizeof day);
    return arena_printf(call->arena, "s-%.4s%.2s%.2s-%s", day, day + 5, day + 8, random_hex(chance, 6));
}

static bool store(struct adding *adding, const struct wanted *wanted, size_t count)
{
    struct error err = {""};
    bool ok = adding_store(adding->call, wanted, count, &adding->judge.override, &adding->judge.diags, &err);
    if (!ok)
        problem_storage(adding->call, &err);
    return ok;
}

void api_post_add(struct call *call)
{
    struct adding adding;
    call->dry_run = call_query_flag(call, "dry_run");
    if (!adding_judge(&adding, call, new_id(call)))
        return;
    const struct wanted *wanted = adding_wanted(&adding);
    size_t count = adding.post->target_count;
    if (!store(&adding, wanted, count))
        return;
    posts_answer_added(call, call->dry_run ? 200 : 201, wanted, count, &adding.judge);
    if (!call->dry_run) {
        answer_with(call, "Location", "/v1/posts/%s", adding.id);
        log_info("added post=%s by=\"%s\"", adding.id, call->who);
    }
}
