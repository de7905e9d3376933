/* See late.h. Knows what can be said, not what it does: that is publish/policy.c's. */
#include <stddef.h>

#include "editorial/late_load.h"

static const char *const then_words[] = {"hold", "missed", NULL}; /* enum missed_then, from MISSED_HOLD on */

const struct field late_fields[] = {
    {"grace", FIELD_DURATION, offsetof(struct late_policy, grace), .max = DAYS(366)},
    {"then", FIELD_WORD, offsetof(struct late_policy, then), .words = then_words},
};
_Static_assert(sizeof late_fields / sizeof *late_fields == LATE_FIELDS, "late_fields");
_Static_assert(sizeof(enum missed_then) == sizeof(int), "FIELD_WORD writes an int");

#define CATCH_UP_FROM MINUTES(1)
#define CATCH_UP_SPACING SECONDS(5)

enum lateness late_judge(instant since, const struct late_policy *late, bool always, instant now)
{
    if (always || now - since <= late->grace)
        return LATENESS_FINE;
    return late->then == MISSED_HOLD ? LATENESS_HOLD : LATENESS_MISSED;
}

duration late_spacing(duration spacing, duration late_by)
{
    return spacing > 0 && spacing < CATCH_UP_SPACING && late_by > CATCH_UP_FROM ? CATCH_UP_SPACING : spacing;
}

struct late_policy late_over(const struct late_policy *over, const struct late_policy *under)
{
    struct late_policy late = *under;

    if (over && over->grace != LATE_UNSAID)
        late.grace = over->grace;
    if (over && over->then != MISSED_UNSAID)
        late.then = over->then;
    return late;
}
