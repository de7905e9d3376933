/* See error.h. Knows nothing but stdio. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* A message that did not fit must not end in half a UTF-8 character. */
static void cut_at_character(char *text, size_t size)
{
    size_t end = size - 1;
    while (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0x80)
        end--;
    if (end > 0 && (unsigned char)text[end - 1] >= 0xC0)
        end--;
    text[end] = '\0';
}

static void format_message(struct error *err, const char *format, va_list args)
{
    int length = vsnprintf(err->message, sizeof err->message, format, args);
    if (length >= (int)sizeof err->message)
        cut_at_character(err->message, sizeof err->message);
}

bool fail(struct error *err, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        format_message(err, format, args);
        va_end(args);
    }
    return false;
}

bool fail_errno(struct error *err, const char *format, ...)
{
    int number = errno;
    if (err) {
        struct error what;
        va_list args;
        va_start(args, format);
        format_message(&what, format, args);
        va_end(args);
        fail(err, "%s: %s", what.message, strerror(number));
    }
    return false;
}

bool fail_while(struct error *err, const char *format, ...)
{
    if (err) {
        struct error what, cause = *err;
        va_list args;
        va_start(args, format);
        format_message(&what, format, args);
        va_end(args);
        fail(err, "%s: %s", what.message, cause.message);
    }
    return false;
}

/* ---- the end ---- */

static void (*last_words)(void);

void error_last_words(void (*say)(void))
{
    last_words = say;
}

static void say_last_words(void)
{
    void (*say)(void) = last_words;
    last_words = NULL; /* they may fail, too */
    if (say)
        say();
}

void end_badly(void)
{
    say_last_words();
    abort();
}

void bug_at(const char *file, int line, const char *format, ...)
{
    va_list args;
    say_last_words();
    va_start(args, format);
    fprintf(stderr, "cald: bug at %s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}
