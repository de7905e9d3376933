/*
 * See check.h: holds one content against the rules, in the order of their table, and against the network's
 * own limits. What each rule looks for is in check_*.c, times are in check_time.c and check_plan.c.
 */
#include "editorial/check_rules.h"

static void add_piece(struct checking *c, enum piece_kind kind, const char *in, const char *text)
{
    if (text && *text)
        *arena_push(c->arena, c->pieces, c->piece_count) =
            (struct piece_of_text){.kind = kind, .in = in, .text = text};
}

static void add_part(struct checking *c, const struct part *part, const char *thread)
{
    add_piece(c, PIECE_PART, *thread ? thread : "text", part->text);
    for (size_t i = 0; i < part->media_count; i++)
        add_piece(c, PIECE_ALT, arena_printf(c->arena, "%s%smedia[%zu].alt", thread, *thread ? "." : "", i),
                  part->media[i].alt);
}

static void gather(struct checking *c)
{
    const struct content *content = c->content;
    bool threaded = content->part_count > 1;
    for (size_t i = 0; i < content->part_count; i++)
        add_part(c, &content->parts[i], threaded ? arena_printf(c->arena, "thread[%zu]", i) : "");
    add_piece(c, PIECE_WORDS, "title", content->title);
    add_piece(c, PIECE_WORDS, "warning", content->warning);
    add_piece(c, PIECE_BODY, "body", content->body);
    add_piece(c, PIECE_WORDS, "summary", content->summary);
    add_piece(c, PIECE_LINK, "link", content->link);
    for (size_t i = 0; i < content->tag_count; i++)
        add_piece(c, PIECE_TAG, arena_printf(c->arena, "tags[%zu]", i), content->tags[i]);
}

static void look(struct checking *c)
{
    c->arena = arena_new();
    gather(c);
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (rules[i].check && rules[i].online == (c->online != NULL) && check_begin(c, (enum rule_id)i))
            rules[i].check(c);
    arena_free(c->arena);
}

void check_words(const struct charter *charter, const struct account *account, const struct content *content,
                 const char *bucket, const struct diag *where, struct diags *diags)
{
    struct checking c = {.charter = charter,
                         .account = account,
                         .bucket = bucket,
                         .content = content,
                         .where = where,
                         .diags = diags};
    look(&c);
}

bool check_asks(const struct charter *charter)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (rules[i].online && charter->rules[i].count)
            return true;
    return false;
}

bool check_compares_words(const struct charter *charter, const struct calendar *calendar)
{
    for (size_t i = 0; i < calendar->campaign_count; i++)
        if (calendar->campaigns[i]->has_embargo && calendar->campaigns[i]->words)
            return true;
    return charter->rules[RULE_NEAR_DUPLICATE].count > 0;
}

void check_online(const struct charter *charter, const struct account *account, const struct content *content,
                  const char *bucket, struct online *online, const struct diag *where, struct diags *diags)
{
    struct checking c = {.charter = charter,
                         .account = account,
                         .bucket = bucket,
                         .content = content,
                         .online = online,
                         .where = where,
                         .diags = diags};
    look(&c);
}

void check_content(const struct charter *charter, const struct account *account,
                   const struct content *content, const char *bucket, const json_t *session,
                   const struct diag *where, struct diags *diags)
{
    check_words(charter, account, content, bucket, where, diags);
    if (account->network) /* unknown where a calendar is checked without cald.yaml */
        network_check(account, content, session, where, diags);
}
