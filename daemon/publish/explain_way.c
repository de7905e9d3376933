/*
 * See explain.h: what stands in the way of a delivery.
 */
#include <string.h>

#include "publish/explain_internal.h"

static const char *say_clock(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return e->facts->clock;
}

static const char *say_database(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return e->facts->database;
}

static const char *say_disk(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return e->facts->disk;
}

static const char *say_gone(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (e->facts->account != NULL)
        return NULL;
    return arena_printf(e->arena, "Its account '%s' is not in cald.yaml.", e->delivery->account);
}

static const char *paused(const struct explaining *e, const char *what, const struct account_status *status)
{
    if (!status->paused)
        return NULL;
    return arena_printf(e->arena, "%s paused%s%s.", what, status->paused_why ? ": " : "",
                        status->paused_why ? status->paused_why : "");
}

static const char *say_crisis(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (!e->facts->crisis)
        return NULL;
    return arena_printf(e->arena, "There is a crisis, and it was not released in it: %s.", e->facts->crisis);
}

static const char *say_all_paused(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return paused(e, "Everything is", &e->facts->all);
}

static const char *say_paused(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return paused(e, "Its account is", &e->facts->own);
}

static const char *say_reconnect(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (!e->facts->own.reconnect)
        return NULL;
    return arena_printf(e->arena, "The credentials of its account do not work any more: %s.",
                        e->facts->own.brake_why ? e->facts->own.brake_why : "renew them");
}

static const char *brake(const struct explaining *e, const char *what, const struct account_status *status,
                         instant *ret_at)
{
    if (status->reconnect || status->braked_until <= e->facts->now)
        return NULL;
    *ret_at = status->braked_until;
    return arena_printf(e->arena, "%s braked until %s after %d failure%s in a row: %s.", what,
                        explain_time(e, status->braked_until), status->failures,
                        status->failures == 1 ? "" : "s",
                        status->brake_why ? status->brake_why : "nothing was said");
}

static const char *say_braked(const struct explaining *e, instant *ret_at)
{
    return brake(e, "Its account is", &e->facts->own, ret_at);
}

static const char *say_all_braked(const struct explaining *e, instant *ret_at)
{
    return brake(e, "Everything is", &e->facts->all, ret_at);
}

static const char *say_awaited(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (e->facts->awaited == NULL)
        return NULL;
    return arena_printf(e->arena, "Its account waits until the unsure '%s' is settled.", e->facts->awaited);
}

static const char *say_order(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    if (e->facts->before == NULL)
        return NULL;
    return arena_printf(e->arena, "'%s' stands before it in the line of its account.", e->facts->before);
}

static const char *say_pace(const struct explaining *e, instant *ret_at)
{
    if (e->facts->paced_from <= e->facts->now || e->delivery->slot > e->facts->paced_from)
        return NULL;
    *ret_at = e->facts->paced_from;
    return arena_printf(e->arena, "Its account keeps a distance between two posts: not before %s.",
                        explain_time(e, *ret_at));
}

static const char *say_working(const struct explaining *e, instant *ret_at)
{
    (void)ret_at;
    return e->facts->working ? "A step of it is under way now." : NULL;
}

const struct explain_row explain_way_rows[] = {
    {COMING | BIT(UNSURE), "clock", say_clock},
    {COMING | BIT(UNSURE), "database", say_database},
    {COMING | BIT(UNSURE) | DEED, "disk", say_disk},
    {COMING | BIT(UNSURE) | DEED, "account-gone", say_gone},
    {COMING | BIT(UNSURE), "crisis", say_crisis},
    {COMING | BIT(UNSURE) | EDITING, "all-paused", say_all_paused},
    {COMING | BIT(UNSURE) | EDITING, "paused", say_paused},
    {COMING | BIT(UNSURE) | DEED, "reconnect", say_reconnect},
    {COMING | BIT(UNSURE) | DEED, "all-braked", say_all_braked},
    {COMING | BIT(UNSURE) | DEED, "braked", say_braked},
    {BIT(READY) | BIT(WAITING), "awaits-unsure", say_awaited},
    {BIT(READY) | BIT(WAITING), "order", say_order},
    {BIT(READY) | BIT(WAITING), "pace", say_pace},
    {BIT(READY) | BIT(WAITING) | BIT(UNSURE), "working", say_working},
};
const size_t explain_way_row_count = sizeof explain_way_rows / sizeof *explain_way_rows;
