/*
 * Has it been published? A topic is found by its external_id: 301 to where it is, or 404. A reply has none:
 * what our user wrote in the topic after the last part that we know of is looked at, and its raw text tells.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/article.h"
#include "network/discourse.h"
#include "network/outcome.h"
#include "network/stage.h"
#include "network/thread.h"
#include "network/uploads.h"

#define SETTLED SECONDS(60) /* a request whose answer was lost may still be at work for so long */

void discourse_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    long long topic = json_number(job->memo, "topic", 0), reply = json_number(job->memo, "candidate", 0);
    const char *path = arena_printf(arena, "/t/external_id/%s.json", discourse_external_id(job, arena));
    if (thread_part_due(job))
        path = reply ? arena_printf(arena, "/posts/%lld.json", reply)
                     : arena_printf(arena, "/t/%lld.json", topic);
    *ret_step = (struct step){.kind = STEP_PREPARE,
                              .name = reply ? "look at the reply" : "look up the topic",
                              .request = discourse_request(job, arena, "GET", path, NULL)};
}

static void not_there(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    json_int_t looks = json_number(job->memo, "looks", 0) + 1;
    *ret_outcome = stage_next_with(arena, json_pack("{s:I, s:n}", "looks", looks, "candidate"));
    outcome_set(ret_outcome, arena, OUTCOME_NOT_FOUND, SCOPE_POST, "the forum does not have it");
}

/* A second topic under our id is refused; of a second reply only who is no staff is kept. So none is sent while the
   first may be at work. */
static void reply_not_there(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    not_there(job, arena, ret_outcome);
    outcome_not_there(ret_outcome, job, SETTLED, "the forum does not have it");
    if (ret_outcome->kind == OUTCOME_RETRY)
        json_object_del(ret_outcome->memo, "looks");
}

/* https://forum.example/t/slug/12 or /t/12, with .json or not. */
static bool read_topic_address(const char *url, struct arena *arena, const char **ret_slug,
                               int64_t *ret_topic)
{
    const char *at = url ? strstr(url, "/t/") : NULL;
    if (!at)
        return false;
    at += 3;
    *ret_slug = NULL;
    if (!isdigit((unsigned char)*at) || at[strspn(at, "0123456789")] == '-' || strchr(at, '/')) {
        *ret_slug = arena_strndup(arena, at, strcspn(at, "/"));
        at += strcspn(at, "/");
        at += *at == '/';
    }
    *ret_topic = isdigit((unsigned char)*at) ? strtoll(at, NULL, 10) : 0;
    return *ret_topic > 0;
}

static void found_topic(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const char *slug = NULL;
    int64_t topic = 0;
    *ret_outcome = (struct outcome){0};
    if (response->status == 404) {
        not_there(job, arena, ret_outcome);
        return;
    }
    if (response->status == 301 || response->status == 302) {
        if (read_topic_address(response_header(response, "location"), arena, &slug, &topic))
            discourse_part_done(job, topic, 1, slug, arena, ret_outcome);
        else
            outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                        "the forum has it, and does not say where");
        return;
    }
    const json_t *answer = discourse_answer(job, step, response, arena, ret_outcome);
    topic = json_number(answer, "id", 0);
    if (answer && topic > 0)
        discourse_part_done(job, topic, 1, json_text(answer, "slug"), arena, ret_outcome);
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "the look-up's answer names no topic");
}

/* A post of ours after the last that we know of may be the reply; its raw text tells. */
static void found_in_topic(const struct job *job, const json_t *topic, struct arena *arena,
                           struct outcome *ret_outcome)
{
    const json_t *stream = json_member(topic, "post_stream"), *posts = json_member(stream, "posts");
    const char *user = account_option(job->account, "user");
    int64_t last = json_number(job->memo, "number", 0);
    for (size_t i = 0; i < json_array_size(posts); i++) {
        const json_t *post = json_array_get(posts, i);
        const char *who = json_text(post, "username");
        if (json_number(post, "post_number", 0) <= last || !who || strcasecmp(who, user) != 0)
            continue;
        *ret_outcome =
            stage_next_with(arena, json_pack("{s:I}", "candidate", (json_int_t)json_number(post, "id", 0)));
        return;
    }
    if (json_array_size(json_member(stream, "stream")) > json_array_size(posts))
        outcome_set(
            ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
            "the topic has more posts than one answer shows: it cannot be told whether the reply is there");
    else
        reply_not_there(job, arena, ret_outcome);
}

static const char *without_end(const char *text, struct arena *arena)
{
    size_t length = strlen(text);
    while (length && isspace((unsigned char)text[length - 1]))
        length--;
    return arena_strndup(arena, text, length);
}

static void found_reply(const struct job *job, const json_t *post, struct arena *arena,
                        struct outcome *ret_outcome)
{
    size_t count;
    struct article_image *images = upload_images(job, arena, &count);
    const char *ours = article_markdown(job->content, thread_part_due(job), images, count, true, arena);
    const char *raw = json_text(post, "raw");
    *ret_outcome = stage_next_with(arena, json_pack("{s:n}", "candidate"));
    if (raw && !strcmp(without_end(raw, arena), without_end(ours, arena)))
        discourse_part_done(job, json_number(job->memo, "topic", 0), json_number(post, "post_number", 0),
                            json_text(post, "topic_slug"), arena, ret_outcome);
    else
        outcome_set(
            ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
            "the user wrote something else in the topic since: it cannot be told whether the reply is there");
}

void discourse_found(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    bool reply = json_number(job->memo, "candidate", 0) != 0;
    if (!thread_part_due(job)) {
        found_topic(job, step, response, arena, ret_outcome);
        return;
    }
    const json_t *answer = discourse_answer(job, step, response, arena, ret_outcome);
    if (!answer)
        return;
    *ret_outcome = (struct outcome){0};
    if (reply)
        found_reply(job, answer, arena, ret_outcome);
    else
        found_in_topic(job, answer, arena, ret_outcome);
}
