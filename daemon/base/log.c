/* See log.h. Knows the secrets that must not be shown; thread-safe by one lock. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/utf8.h"

enum { SHORTEST_SECRET = 6, SHORTEST_PART = 12, MOST_GATHERED = 64 << 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum log_level least_level = LOG_INFO_;
static char **secrets;
static size_t secret_count;
static bool begins_secret[256]; /* by its first byte: almost no byte of a text has to be looked at further */
static bool gathers;
static struct buf gathered;

static const struct {
    const char *name, *priority;
} levels[] = {
    [LOG_DEBUG_] = {"debug", "<7>"},
    [LOG_INFO_] = {"info", "<6>"},
    [LOG_WARN_] = {"warn", "<4>"},
    [LOG_ERROR_] = {"error", "<3>"},
};

void log_set_level(enum log_level least)
{
    least_level = least;
}

bool log_level_parse(const char *name, enum log_level *ret_level)
{
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (!strcmp(name, levels[i].name)) {
            *ret_level = (enum log_level)i;
            return true;
        }
    return false;
}

static bool is_known(const char *text)
{
    for (size_t i = 0; i < secret_count; i++)
        if (!strcmp(secrets[i], text))
            return true;
    return false;
}

static void remember(char *text)
{
    if (strlen(text) < SHORTEST_SECRET || is_known(text)) {
        free(text);
        return;
    }
    secrets = xrealloc(secrets, (secret_count + 1) * sizeof *secrets);
    secrets[secret_count++] = text;
    begins_secret[(unsigned char)*text] = true;
}

/* The part of the base64 text that does not depend on what follows. */
static char *base64_of(const char *text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buf out = {0};
    for (size_t length = strlen(text), i = 0; i + 3 <= length; i += 3) {
        const unsigned char *b = (const unsigned char *)text + i;
        buf_add_char(&out, alphabet[b[0] >> 2]);
        buf_add_char(&out, alphabet[(b[0] & 3) << 4 | b[1] >> 4]);
        buf_add_char(&out, alphabet[(b[1] & 15) << 2 | b[2] >> 6]);
        buf_add_char(&out, alphabet[b[2] & 63]);
    }
    return buf_detach(&out);
}

void log_secret(const char *text)
{
    if (!text || strlen(text) < SHORTEST_SECRET)
        return;
    struct buf encoded = {0};
    buf_add_url(&encoded, text);
    pthread_mutex_lock(&lock);
    remember(xstrdup(text));
    remember(buf_detach(&encoded));
    for (int skipped = 0; skipped < 3; skipped++) /* nor on what is before: "user:" of any length */
        remember(base64_of(text + skipped));
    pthread_mutex_unlock(&lock);
}

/* A text that was cut may end within a secret: its beginning gives it away, too. */
static size_t secret_at(const char *text, size_t length)
{
    size_t longest = 0;
    for (size_t i = 0; i < secret_count; i++) {
        size_t size = 0;
        while (size < length && secrets[i][size] && text[size] == secrets[i][size])
            size++;
        if (size > longest && (!secrets[i][size] || size >= SHORTEST_PART))
            longest = size;
    }
    return longest;
}

bool log_has_secret(const char *text, size_t length)
{
    size_t i = 0;
    pthread_mutex_lock(&lock);
    while (i < length && !(begins_secret[(unsigned char)text[i]] && secret_at(text + i, length - i)))
        i++;
    pthread_mutex_unlock(&lock);
    return i < length;
}

void log_redact(struct buf *out, const char *text, size_t length)
{
#ifdef CALD_MUTANT_NO_REDACTION
    buf_add(out, text, length);
    return;
#endif
    size_t shown = 0; /* so far */
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < length;) {
        size_t hidden = begins_secret[(unsigned char)text[i]] ? secret_at(text + i, length - i) : 0;
        if (!hidden) {
            i++;
            continue;
        }
        buf_add(out, text + shown, i - shown);
        buf_add_text(out, "***");
        i += hidden;
        shown = i;
    }
    buf_add(out, text + shown, length - shown);
    pthread_mutex_unlock(&lock);
}

static bool is_ascii(unsigned char c)
{
    return c >= 0x20 && c < 0x7f;
}

/* A control of either kind would steer the terminal, and the journal hides a line that has one, or is no UTF-8; a direction
 * override shows it as it is not. */
static bool is_misleading(uint32_t c)
{
    return (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The bytes of the character there that can be shown; 0: they cannot. */
static size_t shown_size(const char *text)
{
    uint32_t c;
    size_t size = utf8_decode(text, strnlen(text, 4), &c);
    return size == 1 || is_misleading(c) ? 0 : size;
}

/* Of what can be shown as it is: run by run, for a line an attempt is on the way of every post. */
static size_t plain_length(const char *text)
{
    size_t length = 0, size = 1;
    for (; size && text[length]; length += size)
        size = is_ascii((unsigned char)text[length]) ? 1 : shown_size(text + length);
    return length;
}

static void add_escaped(struct buf *out, const char *text)
{
    for (;;) {
        size_t plain = plain_length(text);
        buf_add(out, text, plain);
        text += plain;
        if (!*text)
            return;
        if (*text == '\n')
            buf_add_text(out, "\\n");
        else
            buf_printf(out, "\\x%02x", (unsigned char)*text);
        text++;
    }
}

static void add_key(struct buf *line, const char *key)
{
    if (line->length)
        buf_add_char(line, ' ');
    buf_add_text(line, key);
    buf_add_char(line, '=');
}

void log_add_number(struct buf *line, const char *key, int64_t value)
{
    add_key(line, key);
    buf_add_number(line, value);
}

void log_add(struct buf *line, const char *key, const char *value)
{
    add_key(line, key);
    if (*value && !strpbrk(value, " \t\"=\\")) {
        add_escaped(line, value);
        return;
    }
    buf_add_char(line, '"');
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\')
            buf_add_char(line, '\\');
        buf_add_char(line, *c);
    }
    buf_add_char(line, '"');
}

static void write_gathered(void)
{
    size_t at = 0;
    while (at < gathered.length) {
        ssize_t written = write(STDERR_FILENO, gathered.data + at, gathered.length - at);
        if (written < 0 && errno != EINTR)
            break; /* nowhere left to say it */
        at += written > 0 ? (size_t)written : 0;
    }
    buf_reset(&gathered);
    if (!gathers)
        buf_release(&gathered);
}

/* The lock may be held by who ends the process. */
static void say_what_is_left(void)
{
    if (pthread_mutex_trylock(&lock) != 0)
        return;
    write_gathered();
    pthread_mutex_unlock(&lock);
}

void log_gather(void)
{
    pthread_mutex_lock(&lock);
    gathers = true;
    error_last_words(say_what_is_left);
    pthread_mutex_unlock(&lock);
}

void log_give_out(void)
{
    pthread_mutex_lock(&lock);
    gathers = false;
    if (gathered.length)
        write_gathered();
    pthread_mutex_unlock(&lock);
}

static void add_head(struct buf *line, enum log_level level)
{
    char time[INSTANT_TEXT];
    if (getenv("JOURNAL_STREAM")) {
        buf_add_text(line, levels[level].priority);
        return;
    }
    buf_add_text(line, instant_format(clock_now(), time, sizeof time));
    buf_add_char(line, ' ');
    buf_add_text(line, levels[level].name);
    buf_add_char(line, ' ');
}

void log_text(enum log_level level, const char *text)
{
    if (level < least_level)
        return;
    struct buf safe = {0};
    if (log_has_secret(text, strlen(text))) {
        log_redact(&safe, text, strlen(text));
        text = buf_text(&safe);
    }
    pthread_mutex_lock(&lock);
    add_head(&gathered, level);
    add_escaped(&gathered, text);
    buf_add_char(&gathered, '\n');
    if (!gathers || gathered.length > MOST_GATHERED)
        write_gathered();
    pthread_mutex_unlock(&lock);
    buf_release(&safe);
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level < least_level)
        return;
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    log_text(level, buf_text(&text));
    buf_release(&text);
}
