/*
 * Any bytes as the cursor of a page and, behind a line break, as the text that is searched for, in a queue with a few
 * deliveries and alerts. Whoever asks gets a page or is refused.
 */
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/alerts.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct queue *queue;

static int forget(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    return remove(path);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    static const struct part part = {.text = "Words."};
    static const struct content content = {.parts = &part, .part_count = 1};
    char folder[] = "/tmp/cald-fuzz-XXXXXX", id[] = "post-0";
    struct error err = {0};
    if (!mkdtemp(folder) || !(queue = queue_open(folder, &err)))
        bug("%s", err.message);
    nftw(folder, forget, 8, FTW_DEPTH | FTW_PHYS); /* it is open: nothing of it needs a name */
    for (; id[5] < '9'; id[5]++) {
        struct wanted wanted = {.post_id = id, .account = "site", .network = "feed", .origin = "spontaneous",
                                .content = &content, .slot = DAYS(20000) + id[5], .state = STATE_READY};
        struct alert alert = {.kind = "missed", .body = json_object()};
        if (!queue_add(queue, &wanted, 1, DAYS(20000), &err) ||
            !queue_alert_raise(queue, &alert, DAYS(20000), &err))
            bug("%s", err.message);
        json_decref((json_t *)(uintptr_t)alert.body);
    }
    return 0;
}

static void ask(struct delivery_filter filter, struct arena *arena)
{
    struct delivery **found;
    size_t count;
    const char *next;
    struct error err = {0};
    if (!queue_list(queue, &filter, arena, &found, &count, &next, &err) && !*err.message)
        bug("refused without a reason");
}

static void ask_for_alerts(struct alert_filter filter, struct arena *arena)
{
    struct alert *found;
    size_t count;
    const char *next;
    struct error err = {0};
    if (!queue_alerts(queue, &filter, arena, &found, &count, &next, &err) && !*err.message)
        bug("refused without a reason");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    char *rest = arena_strndup(arena, (const char *)data, size), *cursor = strsep(&rest, "\n");
    ask((struct delivery_filter){.cursor = cursor, .text = rest, .limit = 3}, arena);
    ask((struct delivery_filter){.cursor = cursor, .by_published = true, .newest_first = true, .limit = 3}, arena);
    ask_for_alerts((struct alert_filter){.cursor = cursor, .account = rest, .limit = 3}, arena);
    arena_free(arena);
    return 0;
}
