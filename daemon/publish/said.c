/*
 * See said.h. Knows neither hook nor database.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "publish/said.h"

void said_init(struct said_list *list)
{
    *list = (struct said_list){
        {{.kind = ALERT_DATABASE}, {.kind = ALERT_CLOCK}, {.kind = ALERT_RESTORED}, {.kind = ALERT_DISK}}};
}

void said_release(struct said_list *list)
{
    for (int i = 0; i < SAID_KINDS; i++)
        free(list->items[i].message);
}

static struct said *said_of(struct said_list *list, enum alert_kind kind)
{
    for (int i = 0; i < SAID_KINDS; i++) {
        if (list->items[i].kind == kind)
            return &list->items[i];
    }
    bug("'%s' is not told from memory", alert_kind_name(kind));
}

bool said_say(struct said_list *list, enum alert_kind kind, const char *message, instant now)
{
    struct said *said = said_of(list, kind);

    if (said->message != NULL)
        return false;
    said->message = xstrdup(message);
    said->episode++;
    random_hex(said->key, SAID_KEY_DIGITS);
    said->alert = (struct alert){.key = said->key, .kind = alert_kind_name(kind), .at = now, .due = now};
    return true;
}

void said_well(struct said_list *list, enum alert_kind kind)
{
    struct said *said = said_of(list, kind);

    free(said->message);
    said->message = NULL;
}

static bool is_untold(const struct said *said)
{
    return said->message != NULL && !said->flying && said->alert.told == 0;
}

struct said *said_due(struct said_list *list, instant now)
{
    for (int i = 0; i < SAID_KINDS; i++) {
        if (is_untold(&list->items[i]) && list->items[i].alert.due <= now)
            return &list->items[i];
    }
    return NULL;
}

instant said_next(const struct said_list *list, instant now)
{
    instant next = INSTANT_NEVER;

    for (int i = 0; i < SAID_KINDS; i++) {
        const struct said *said = &list->items[i];

        if (is_untold(said) && said->alert.due > now && said->alert.due < next)
            next = said->alert.due;
    }
    return next;
}

void said_settle(struct said *said, int episode, const struct alert *after)
{
    said->flying = false;
    if (said->episode != episode)
        return;
    said->alert.told = after->told;
    said->alert.tries = after->tries;
    said->alert.due = after->due;
    memcpy(said->alert.took, after->took, sizeof said->alert.took);
}

void said_count(const struct said_list *list, struct alert_backlog *backlog)
{
    for (int i = 0; i < SAID_KINDS; i++) {
        const struct said *said = &list->items[i];

        if (said->message == NULL || said->alert.told != 0)
            continue;
        if (backlog->count++ == 0 || said->alert.at < backlog->since)
            backlog->since = said->alert.at;
        if (said->alert.tries > backlog->tries)
            backlog->tries = said->alert.tries;
    }
}
