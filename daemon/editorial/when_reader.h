/*
 * when_reader: what moments (when.c) and spans (when_span.c) are read with: a text made plain, and its days.
 */
#ifndef CALD_WHEN_READER_H
#define CALD_WHEN_READER_H

#include "editorial/when.h"

enum { WHEN_LONGEST = 200 };

struct question {
    instant now;
    const struct zone *zone;
    struct civil today;
    const char *original;
};

/* Makes the text plain (small letters, no accents, single blanks): ret_plain has room for WHEN_LONGEST bytes and
 * their end. */
bool when_ask(const char *text, instant now, const struct zone *zone, struct question *ret_question,
              char *ret_plain, struct error *err);

/* What follows a word or words and a blank; "" if nothing does, NULL if the text starts otherwise. */
const char *when_after(const char *text, const char *words);

/* One digit or two; the text is moved behind them. */
bool when_two_digits(const char **text, int least_digits, int *ret_number);

/* A day that was read: its midnight, and after how many days the next of its name comes; 0 when there is only one. */
struct day {
    struct civil civil;
    int step;
};

/* What follows a day, "" when nothing does; NULL when the text does not begin with one. Of a weekday the next one,
 * or today. */
const char *when_read_day(const struct question *q, const char *text, struct day *ret_day);

/* What follows a month: its name or three letters of it or more, unless two begin so, as "jui" of "juin" and
 * "juillet". NULL: the text does not begin with one. */
const char *when_month_name(const char *text, int *ret_month);

/* A date as civil_parse() reads it, without a time. False: there is none. */
bool when_date_of(int year, int month, int number, struct day *ret_day);

#endif
