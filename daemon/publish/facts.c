/*
 * What the publisher knows of one delivery, for who explains it. Starts nothing, changes nothing.
 */
#include "publish/explain.h"
#include "publish/publisher.h"

void publisher_facts(const struct publisher *publisher, struct explain_facts *facts, struct arena *arena)
{
    const struct delivery *delivery = facts->delivery;
    struct line *line = publisher_line(publisher, delivery->account);

    facts->lead = publisher_settings(publisher)->lead;
    facts->clock = publisher_clock_trouble(publisher, arena);
    facts->database = publisher_database_doubt(publisher, arena);
    facts->working = line != NULL && run_find(line, delivery->row) != NULL;
    if (line == NULL || line->account == NULL)
        return;
    facts->account = line->account;
    facts->lead = line_lead(line);
    facts->late = line_late_policy(line, delivery);
    facts->never_late = line_publishes_late(line, delivery) || line_is_partly_out(line, delivery, arena);
    if (line->last_create != 0 && line->account->spacing > 0)
        facts->paced_from = line->last_create + line->account->spacing;
    if (delivery->state != STATE_UNSURE)
        return;
    facts->doubt = line_doubt(line, delivery, facts->attempts, facts->attempt_count, arena);
    facts->where = line_where(line, delivery, arena);
}
