/*
 * See check_online.h: a loop of our own, and on it the daemon's one way to ask a network (publish/http.h).
 */
#include "cli/check_online.h"
#include "editorial/online.h"
#include "publish/lookup.h"

enum { CONNECTIONS = 8 };
#define PATIENCE SECONDS(60)

static void answered(void *context)
{
    loop_stop(context);
}

static bool ask(struct documents *documents, struct online *online, struct error *err)
{
    struct loop *loop = loop_new(err);
    struct http *http = loop ? http_new(loop, CONNECTIONS, err) : NULL;
    bool ok = http != NULL;
    if (ok) {
        struct lookup *lookup = lookup_new(loop, http);
        lookup_ask(lookup, online, documents->settings, PATIENCE, answered, loop);
        loop_run(loop);
        lookup_recall(lookup, online);
        http_free(http);
        lookup_free(lookup);
    }
    if (loop)
        loop_free(loop);
    return ok;
}

bool check_documents_online(struct documents *documents, instant now, struct error *err)
{
    struct online online = online_in(documents->arena);
    documents_ask_online(documents, now, &online);
    if (online_open(&online) && !ask(documents, &online, err))
        return false;
    online_give_up(&online);
    documents_judge_online(documents, now, &online);
    return true;
}
