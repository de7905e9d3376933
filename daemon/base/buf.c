/* See buf.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { USUAL_PRINT = 60 };

void buf_reserve(struct buf *buf, size_t more)
{
    size_t need = buf->length + more + 1;
    if (need <= buf->capacity)
        return;
    size_t capacity = buf->capacity ? buf->capacity * 2 : 64;
    if (capacity < need)
        capacity = need;
    buf->data = xrealloc(buf->data, capacity);
    buf->capacity = capacity;
    buf->data[buf->length] = '\0';
}

void buf_add(struct buf *buf, const void *bytes, size_t length)
{
    if (!length)
        return;
    buf_reserve(buf, length);
    memcpy(buf->data + buf->length, bytes, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
    if (buf->length + 1 >= buf->capacity)
        buf_reserve(buf, 1);
    buf->data[buf->length++] = c;
    buf->data[buf->length] = '\0';
}

void buf_add_number(struct buf *buf, int64_t number)
{
    char digits[20], *end = digits + sizeof digits, *at = end;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--at = '-';
    buf_add(buf, at, (size_t)(end - at));
}

/* Into the room there is; once more if that was too little. */
void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    buf_reserve(buf, USUAL_PRINT);
    size_t room = buf->capacity - buf->length;
    size_t length = (size_t)vsnprintf(buf->data + buf->length, room, format, args);
    if (length >= room) {
        buf_reserve(buf, length);
        vsnprintf(buf->data + buf->length, length + 1, format, again);
    }
    va_end(again);
    buf->length += length;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

void buf_reset(struct buf *buf)
{
    buf->length = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

void buf_release(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

char *buf_detach(struct buf *buf)
{
    char *data = buf->data ? buf->data : xstrdup("");
    *buf = (struct buf){0};
    return data;
}

static bool is_allowed(uint32_t c)
{
    bool is_control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0);
    return !is_control && (c & 0xFFFE) != 0xFFFE && (c < 0xFDD0 || c > 0xFDEF);
}

/* Printable ASCII that no escape concerns: most of most texts. */
static size_t plain_length(const char *text)
{
    size_t i = 0;
    while (text[i] >= 0x20 && text[i] < 0x7F && text[i] != '&' && text[i] != '<' && text[i] != '>' &&
           text[i] != '"' && text[i] != '\'')
        i++;
    return i;
}

static void add_filtered(struct buf *buf, const char *text, const char *(*escape)(uint32_t c))
{
    size_t length = strlen(text), size;
    for (const char *at = text, *end = text + length; at < end; at += size) {
        size = plain_length(at);
        buf_add(buf, at, size);
        if (size > 0)
            continue;
        uint32_t c;
        size = utf8_decode(at, (size_t)(end - at), &c);
        const char *escaped = escape(c);
        if (escaped)
            buf_add_text(buf, escaped);
        else if (is_allowed(c))
            buf_add(buf, at, size);
    }
}

static const char *xml_escape(uint32_t c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

static const char *no_escape(uint32_t c)
{
    (void)c;
    return NULL;
}

void buf_add_xml(struct buf *buf, const char *text)
{
    add_filtered(buf, text, xml_escape);
}

void buf_add_xml_attribute(struct buf *buf, const char *name, const char *value)
{
    if (!value)
        return;
    buf_printf(buf, " %s=\"", name);
    buf_add_xml(buf, value);
    buf_add_char(buf, '"');
}

void buf_add_clean(struct buf *buf, const char *text)
{
    add_filtered(buf, text, no_escape);
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

void buf_add_url(struct buf *buf, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (is_unreserved(*c))
            buf_add_char(buf, (char)*c);
        else
            buf_printf(buf, "%%%02X", *c);
    }
}

void buf_add_base64(struct buf *buf, const void *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = bytes;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned group = (unsigned)in[i] << 16 | (left > 1 ? in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
        buf_add_char(buf, digits[group >> 18]);
        buf_add_char(buf, digits[group >> 12 & 63]);
        buf_add_char(buf, left > 1 ? digits[group >> 6 & 63] : '=');
        buf_add_char(buf, left > 2 ? digits[group & 63] : '=');
    }
}

void buf_add_base64url(struct buf *buf, const void *bytes, size_t length)
{
    size_t start = buf->length;
    buf_add_base64(buf, bytes, length);
    while (buf->length > start && buf->data[buf->length - 1] == '=')
        buf->data[--buf->length] = '\0';
    for (size_t i = start; i < buf->length; i++)
        buf->data[i] = buf->data[i] == '+' ? '-' : buf->data[i] == '/' ? '_' : buf->data[i];
}
