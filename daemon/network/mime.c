/*
 * See mime.h. It knows forms and their lengths, and no message.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"
#include "network/mime.h"

enum {
    LINE_MOST = 76,
    WORD_BYTES = 42, /* of UTF-8 in an encoded word: 56 characters of base64, 68 with its marks */
    ATOM_MOST = 900, /* a longer run without spaces could not stay within the 998 of a line */
    LOCAL_MOST = 64,
    DOMAIN_MOST = 255,
    LABEL_MOST = 63,
};

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* ---- header fields ---- */

/* Whether the text can stand in a header as it is: printable ASCII that nobody takes for encoded words, with
 * places to fold. */
static bool is_plain(const char *text)
{
    size_t run = 0;

    if (*text == ' ' || strstr(text, "=?") != NULL)
        return false;
    for (; *text; text++) {
        run = *text == ' ' ? 0 : run + 1;
        if ((unsigned char)*text >= 0x7f || is_control(*text) || run > ATOM_MOST)
            return false;
    }
    return text[-1] != ' ';
}

static size_t line_length(const struct buf *message)
{
    size_t at = message->length;

    while (at > 0 && message->data[at - 1] != '\n')
        at--;
    return message->length - at;
}

/* A word of a header's value; the line is folded before it when it would become too long. */
static void add_word(struct buf *message, const char *word, size_t length)
{
    if (line_length(message) + 1 + length > LINE_MOST && message->data[message->length - 1] != ':')
        buf_add_text(message, "\r\n");
    buf_add_char(message, ' ');
    buf_add(message, word, length);
}

static void add_words(struct buf *message, const char *text)
{
    while (*text) {
        /* further spaces stay with their word: none is lost, and no line is of spaces alone */
        size_t length = strspn(text, " ") + strcspn(text + strspn(text, " "), " ");

        add_word(message, text, length);
        text += length;
        text += *text == ' ';
    }
}

/* As much of the text as fits into one encoded word, not ending within a character. */
static size_t piece(const char *text, size_t left)
{
    size_t length = 0, step;
    uint32_t c;

    for (; length < left; length += step) {
        step = utf8_decode(text + length, left - length, &c);
        if (length + step > WORD_BYTES)
            break;
    }
    return length;
}

static void add_encoded_word(struct buf *message, const char *text, size_t length)
{
    struct buf word = {0}, clean = {0};

    for (size_t i = 0; i < length; i++)
        buf_add_char(&clean, is_control(text[i]) ? ' ' : text[i]);
    buf_add_text(&word, "=?UTF-8?B?");
    buf_add_base64(&word, clean.data, clean.length);
    buf_add_text(&word, "?=");
    add_word(message, word.data, word.length);
    buf_release(&clean);
    buf_release(&word);
}

static void add_encoded(struct buf *message, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        size_t length = piece(text, left);

        add_encoded_word(message, text, length);
        text += length;
        left -= length;
    }
}

static void begin_field(struct buf *message, const char *name)
{
    buf_add_text(message, name);
    buf_add_char(message, ':');
}

void mime_add_text(struct buf *message, const char *name, const char *text)
{
    begin_field(message, name);
    if (*text == '\0')
        buf_add_char(message, ' ');
    else if (is_plain(text))
        add_words(message, text);
    else
        add_encoded(message, text);
    buf_add_text(message, "\r\n");
}

void mime_add_raw(struct buf *message, const char *name, const char *token)
{
    begin_field(message, name);
    add_words(message, token);
    buf_add_text(message, "\r\n");
}

/* A display name: atoms as they are, other ASCII as a quoted string, the rest encoded (RFC 2047 section 5).
 */
static void add_phrase(struct buf *message, const char *text)
{
    static const char specials[] = "()<>[]:;@\\,.\"";
    struct buf quoted = {0};

    if (!is_plain(text)) {
        add_encoded(message, text);
        return;
    }
    if (strpbrk(text, specials) == NULL) {
        add_words(message, text);
        return;
    }
    buf_add_char(&quoted, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_add_char(&quoted, '\\');
        buf_add_char(&quoted, *text);
    }
    buf_add_char(&quoted, '"');
    add_words(message, quoted.data);
    buf_release(&quoted);
}

void mime_add_mailbox(struct buf *message, const char *name, const char *display, const char *address)
{
    struct buf angle = {0};

    begin_field(message, name);
    if (display != NULL && *display)
        add_phrase(message, display);
    buf_printf(&angle, display != NULL && *display ? "<%s>" : "%s", address);
    add_word(message, angle.data, angle.length);
    buf_release(&angle);
    buf_add_text(message, "\r\n");
}

void mime_add_date(struct buf *message, instant at)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(at / 1000);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    buf_printf(message, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
               months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* ---- quoted-printable ---- */

static bool is_literal(const char *text, size_t column)
{
    char c = *text;
    bool ends_line = text[1] == '\n' || text[1] == '\0';

    if (c == ' ' || c == '\t')
        return !ends_line; /* section 6.7 rule 3 */
    /* programs that keep mail in one file take a line that begins so for a new message */
    if (column == 0 && strncmp(text, "From ", 5) == 0)
        return false;
    return c > 0x20 && c < 0x7f && c != '=';
}

void mime_add_quoted_printable(struct buf *message, const char *text)
{
    size_t column = 0;

    for (; *text; text++) {
        bool literal = is_literal(text, column);

        if (*text == '\n') {
            buf_add_text(message, "\r\n");
            column = 0;
            continue;
        }
        if (column + (literal ? 1 : 3) > LINE_MOST - 1) {
            buf_add_text(message, "=\r\n");
            column = 0;
            literal = is_literal(text, column);
        }
        if (literal)
            buf_add_char(message, *text);
        else
            buf_printf(message, "=%02X", (unsigned char)*text);
        column += literal ? 1 : 3;
    }
    if (column > 0)
        buf_add_text(message, "\r\n");
}

/* ---- addresses ---- */

static bool is_atom_text(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool is_dot_atom(const char *text, size_t length)
{
    if (length == 0 || length > LOCAL_MOST || text[0] == '.' || text[length - 1] == '.')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_atom_text(text[i]) && (text[i] != '.' || text[i - 1] == '.'))
            return false;
    }
    return true;
}

static bool is_label(const char *text, size_t length)
{
    if (length == 0 || length > LABEL_MOST || text[0] == '-' || text[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '-')
            return false;
    }
    return true;
}

static bool is_host(const char *text)
{
    bool dotted = strchr(text, '.') != NULL || strcmp(text, "localhost") == 0;

    if (strlen(text) > DOMAIN_MOST || !dotted)
        return false;
    for (;;) {
        size_t length = strcspn(text, ".");

        if (!is_label(text, length))
            return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

bool mime_is_address(const char *text)
{
    const char *at = strrchr(text, '@');

    return at != NULL && is_dot_atom(text, (size_t)(at - text)) && is_host(at + 1);
}

const char *mime_domain(const char *address)
{
    return strrchr(address, '@') + 1;
}
