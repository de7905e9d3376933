/*
 * check_report: how check.c and check_time.c say what they found. Nobody else includes it.
 */
#ifndef CALD_CHECK_REPORT_H
#define CALD_CHECK_REPORT_H

#include "editorial/check.h"

struct checking {
    const struct account *account;
    const struct content *content; /* NULL in questions of time */
    const struct diag *where;      /* or NULL */
    struct diags *diags;
};

void check_report(struct checking *checking, enum check_level level, const char *rule, const char *word,
                  const char *nearest, const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
