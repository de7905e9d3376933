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

struct late_policy late_over(const struct late_policy *over, const struct late_policy *under)
{
    struct late_policy late = *under;

    if (over && over->grace != LATE_UNSAID)
        late.grace = over->grace;
    if (over && over->then != MISSED_UNSAID)
        late.then = over->then;
    return late;
}
