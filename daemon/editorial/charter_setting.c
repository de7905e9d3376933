/* See charter.h: which settings of a rule hold for a post. */
#include <string.h>

#include "editorial/charter.h"

static const char *network_of(const struct account *account)
{
    return account && account->network ? account->network->name : NULL;
}

static bool fits(const struct setting *setting, const struct account *account, const char *bucket)
{
    bool to = !setting->to.count || names_have(&setting->to, account ? account->name : NULL) ||
              names_have(&setting->to, network_of(account));
    return to && (!setting->buckets.count || names_have(&setting->buckets, bucket));
}

#define SAY(member)                                                                                          \
    if (said->member == NOT_SAID)                                                                            \
    said->member = more->member

static void lay_under(struct setting *said, const struct setting *more)
{
    if (!said->position.line)
        said->position = more->position;
    SAY(level);
    SAY(max);
    SAY(min);
    SAY(alike);
    SAY(within);
    if (!said->message)
        said->message = more->message;
    if (!said->add) {
        said->add = more->add;
        said->add_count = more->add_count;
    }
    if (!said->words.items) {
        said->words = more->words;
        said->phrases = more->phrases;
    }
}

/* Those of 'networks' under this name; NULL: the others. */
static size_t lay_all(struct setting *said, const struct setting_list *settings, const char *override,
                      const struct account *account, const char *bucket)
{
    size_t fitting = 0;
    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *one = &settings->items[i];
        bool mine = override ? one->override && !strcmp(one->override, override) : !one->override;
        if (!mine || !fits(one, account, bucket))
            continue;
        lay_under(said, one);
        fitting++;
    }
    return fitting;
}

struct setting charter_setting(const struct charter *charter, enum rule_id rule,
                               const struct account *account, const char *bucket)
{
    const struct setting_list *settings = &charter->rules[rule];
    struct setting said = {
        .level = NOT_SAID, .max = NOT_SAID, .min = NOT_SAID, .alike = NOT_SAID, .within = NOT_SAID};
    const char *network = network_of(account);
    size_t fitting = 0;
    if (account && settings->count)
        fitting += lay_all(&said, settings, account->name, account, bucket);
    if (network && settings->count && strcmp(network, account->name) != 0)
        fitting += lay_all(&said, settings, network, account, bucket);
    fitting += lay_all(&said, settings, NULL, account, bucket);
    if (said.level == NOT_SAID)
        said.level = fitting || rules[rule].always ? (int)rules[rule].level : CHECK_OFF;
    return said;
}

bool charter_tells_apart(const struct charter *charter)
{
    for (size_t rule = 0; rule < RULE_COUNT; rule++)
        for (size_t i = 0; i < charter->rules[rule].count; i++)
            if (charter->rules[rule].items[i].override || charter->rules[rule].items[i].to.count)
                return true;
    return false;
}
