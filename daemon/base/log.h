/*
 * log: one line per event on stderr, for the journal: "message key=value key=\"value with spaces\"".
 *
 * Under systemd (JOURNAL_STREAM) each line starts with its <priority>; elsewhere with a UTC time and
 * the level. Controls, direction overrides and what is no UTF-8 are escaped, and every secret that was told
 * to log_secret is replaced by *** in whatever form it appears (plain, percent-encoded, base64), also where a
 * text was cut in its middle behind the twelfth character.
 */
#ifndef CALD_LOG_H
#define CALD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum log_level {
    LOG_DEBUG_,  /* for who develops */
    LOG_INFO_,   /* what was done */
    LOG_WARN_,   /* something is wrong, we go on: the line says how */
    LOG_ERROR_,  /* a person should look */
};

void log_set_level(enum log_level least);
bool log_level_parse(const char *name, enum log_level *ret_level); /* debug info warn error */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_text(enum log_level level, const char *text); /* a line that was built */

/*
 * Between the two, lines are kept and then written together, up to 64 KiB at a time; also those of other threads. For
 * where many lines come at once: the write costs more than the line. Nothing that may take long stands between them. A
 * bug's end of the process (error.h) gives out what there is.
 */
void log_gather(void);
void log_give_out(void);

#define log_debug(...) log_line(LOG_DEBUG_, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO_, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN_, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR_, __VA_ARGS__)

/* Never shows this text again. Shorter than 6 bytes is ignored: it would hide ordinary words. */
void log_secret(const char *text);

/* Whether any of it must not be shown. */
bool log_has_secret(const char *text, size_t length);

/* Adds text to out with every known secret replaced: for messages that leave by another way than the log. */
void log_redact(struct buf *out, const char *text, size_t length);

/* Adds  key=value  to a line being built; quotes and escapes the value where needed. */
void log_add(struct buf *line, const char *key, const char *value);
void log_add_number(struct buf *line, const char *key, int64_t value);

#endif
