/* See online.h. Knows no charter, and asks nobody. */
#include "editorial/online.h"

struct online online_in(struct arena *arena)
{
    return (struct online){.arena = arena, .index = {.arena = arena}};
}

static struct question *find_or_add(struct online *online, const struct question *question)
{
    struct question *known = index_get(&online->index, question->key);
    if (known)
        return known;
    struct question *new = arena_new_of(online->arena, struct question);
    *new = *question;
    index_put(&online->index, new->key, new);
    *arena_push(online->arena, online->items, online->count) = new;
    return new;
}

const struct question *online_link(struct online *online, const char *url)
{
    struct question question = {.kind = QUESTION_LINK, .subject = arena_strdup(online->arena, url)};
    question.key = arena_printf(online->arena, "link %s", url);
    return find_or_add(online, &question);
}

const struct question *online_mention(struct online *online, const struct account *account, const char *name)
{
    struct question question = {
        .kind = QUESTION_MENTION, .subject = arena_strdup(online->arena, name), .network = account->network};
    if (!account->network->mention ||
        !account->network->mention(account, question.subject, online->arena, &question.request))
        return NULL;
    question.key = arena_printf(online->arena, "%s %s", account->network->name, question.request.url);
    return find_or_add(online, &question);
}

size_t online_open(const struct online *online)
{
    size_t open = 0;
    for (size_t i = 0; i < online->count; i++)
        open += online->items[i]->answered == ANSWERED_NOT;
    return open;
}

static struct request copy_request(const struct request *request, struct arena *arena)
{
    struct request copy = {.method = request->method, .url = arena_strdup(arena, request->url)};
    for (size_t i = 0; i < request->header_count; i++)
        request_header(&copy, arena, request->headers[i].name, "%s", request->headers[i].value);
    return copy;
}

struct online online_copy_open(const struct online *online, struct arena *arena)
{
    struct online copy = online_in(arena);
    for (size_t i = 0; i < online->count; i++) {
        struct question question = *online->items[i];
        if (question.answered != ANSWERED_NOT)
            continue;
        question.subject = arena_strdup(arena, question.subject);
        question.key = arena_strdup(arena, question.key);
        question.request = copy_request(&question.request, arena);
        find_or_add(&copy, &question);
    }
    return copy;
}

void online_give_up(struct online *online)
{
    for (size_t i = 0; i < online->count; i++)
        if (online->items[i]->answered == ANSWERED_NOT) {
            online->items[i]->answered = ANSWERED_UNKNOWN;
            online->items[i]->why = "there was too much to ask at once";
        }
}
