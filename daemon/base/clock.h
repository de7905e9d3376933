/*
 * clock: instants and durations, and the one place that reads the clock.
 *
 * An instant is milliseconds since 1970-01-01T00:00:00Z, without leap seconds; a duration is
 * milliseconds. Everything but the loop and main is given 'now'.
 */
#ifndef CALD_CLOCK_H
#define CALD_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t instant;
typedef int64_t duration;

#define INSTANT_NEVER INT64_MAX
#define SECONDS(n) ((duration)(n) * 1000)
#define MINUTES(n) ((duration)(n) * 60000)
#define HOURS(n) ((duration)(n) * 3600000)
#define DAYS(n) ((duration)(n) * 86400000)

instant clock_now(void);          /* CLOCK_REALTIME */
duration clock_monotonic(void);   /* CLOCK_MONOTONIC, for measuring */

/* For tests: another source of both, whose time is virtual; NULL: the system's
 * again. Before other threads start. */
struct clock_source {
    instant (*now)(void);
    duration (*monotonic)(void);
};
void clock_use(const struct clock_source *source);

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar, and back. month 1..12, day 1..31. */
int64_t civil_to_days(int64_t year, unsigned month, unsigned day);
void days_to_civil(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day);

/* The last 'digits' digits of a number, with zeros before it, and what stands after them. Returns what is behind that. */
char *digits_put(char *at, unsigned number, unsigned digits, char after);

/* RFC 3339 in UTC: "2026-03-27T01:30:00Z", with ".123" only when there are milliseconds. size >= 32. */
#define INSTANT_TEXT 32
char *instant_format(instant t, char *ret_text, size_t size);

/* RFC 3339 with 'Z' or an offset; seconds and their fraction (cut to milliseconds) may be missing. */
bool instant_parse(const char *text, instant *ret_instant);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7, the preferred form). size >= 32. */
char *instant_format_http(instant t, char *ret_text, size_t size);
bool instant_parse_http(const char *text, instant *ret_instant); /* all three forms of that section */

/* "90s", "15m", "2h", "3d", "1w", also "1h30m"; and the other way, in the largest fitting units. At most a
   hundred years. */
bool duration_parse(const char *text, duration *ret_duration);
char *duration_format(duration d, char *ret_text, size_t size);

#endif
