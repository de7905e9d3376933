/*
 * See check_rules.h: what only the network can say: whether links answer, and whether there is whom a text
 * mentions. Nothing is asked here (online.h). What cannot be told is a warning, whatever the charter makes of
 * the rule: that our own connection is down is no fault of a post.
 */
#include <string.h>

#include "editorial/check_rules.h"
#include "editorial/online.h"
#include "network/text.h"

static void found(struct checking *c, const struct question *question, const struct found *place,
                  const char *wrong, const char *untold)
{
    struct found where = *place;
    if (question->answered == ANSWERED_NO)
        check_found(c, &where, "%s: %s", wrong, question->why);
    if (question->answered != ANSWERED_UNKNOWN)
        return;
    where.level = CHECK_WARNING;
    where.remedy = "look yourself";
    check_found(c, &where, "%s: %s", untold, question->why);
}

void check_link_reachable(struct checking *c)
{
    struct link_found *links;
    size_t count = checking_links(c, &links);
    for (size_t i = 0; i < count; i++)
        found(c, online_link(c->online, links[i].text),
              FOUND(.in = links[i].in, .start = links[i].start, .end = links[i].end,
                    .remedy = "correct it, or publish the page first"),
              arena_printf(c->arena, "'%s' leads nowhere", links[i].text),
              arena_printf(c->arena, "whether '%s' answers cannot be told", links[i].text));
}

/* Said once a content: it is the network that has no way. */
static void cannot_look(struct checking *c, const struct found *place, const char *name)
{
    struct found where = *place;
    where.level = CHECK_WARNING;
    where.remedy = "look yourself";
    check_found(c, &where, "whether '@%s' exists cannot be looked up on %s", name,
                c->account->network->title);
}

static void check_mentions_in(struct checking *c, const struct piece_of_text *piece,
                              const struct text_rule *rule, bool *said)
{
    struct measure seen = text_measure(rule, piece->text, strlen(piece->text), 0, c->arena);
    for (size_t i = 0; i < seen.entity_count; i++) {
        const struct entity *e = &seen.entities[i];
        if (e->kind != ENTITY_MENTION)
            continue;
        struct found place = {.in = piece, .start = e->start, .end = e->end, .remedy = "correct the name"};
        const struct question *question = online_mention(c->online, c->account, e->value);
        if (question)
            found(c, question, &place, arena_printf(c->arena, "there is no '@%s'", e->value),
                  arena_printf(c->arena, "whether '@%s' exists cannot be told", e->value));
        else if (!*said)
            cannot_look(c, &place, e->value);
        *said = *said || !question;
    }
}

void check_mention_exists(struct checking *c)
{
    const struct text_rule *rule =
        c->account && c->account->network ? text_rule_find(c->account->network->name) : NULL;
    bool said = false;
    for (size_t i = 0; rule && i < c->piece_count; i++)
        if (c->pieces[i].kind == PIECE_PART)
            check_mentions_in(c, &c->pieces[i], rule, &said);
}
