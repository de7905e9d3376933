/* See prices.h. */
#include <string.h>

#include "base/json.h"
#include "control/prices.h"
#include "network/price.h"

static bool is_of(const struct apply_change *change, const struct account *account)
{
    return (change->kind == APPLY_ADD || change->kind == APPLY_CHANGE) && change->content &&
           !strcmp(change->account, account->name);
}

/* A new reference, or NULL: there is nothing to tell of this account. */
static json_t *price_to_json(const struct account *account, const struct apply_report *difference,
                             struct arena *arena)
{
    const char *currency = NULL;
    int64_t sum = 0, posts = 0, price;
    for (size_t i = 0; i < difference->change_count; i++) {
        const struct apply_change *change = &difference->changes[i];
        if (!is_of(change, account))
            continue;
        currency = account->network->price(account, change->content, arena, &price);
        if (!currency)
            return NULL;
        sum += price;
        posts++;
    }
    return posts ? json_pack("{s:s, s:s, s:I, s:s}", "account", account->name, "currency", currency, "posts",
                             (json_int_t)posts, "sum", price_text(sum, arena))
                 : NULL;
}

json_t *prices_to_json(const struct settings *settings, const struct apply_report *difference,
                       struct arena *arena)
{
    json_t *list = json_array();
    for (size_t i = 0; i < settings->account_count; i++) {
        const struct account *account = &settings->accounts[i].account;
        json_t *one = account->network->price ? price_to_json(account, difference, arena) : NULL;
        if (one)
            json_array_append_new(list, one);
    }
    return list;
}
