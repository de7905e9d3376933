/* See buf.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

void buf_reserve(struct buf *buf, size_t more)
{
    size_t need = buf->length + more + 1;
    if (need <= buf->capacity)
        return;
    size_t capacity = buf->capacity ? buf->capacity * 2 : 64;
    while (capacity < need)
        capacity *= 2;
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
    buf_add(buf, &c, 1);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    buf_reserve(buf, (size_t)length);
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, args);
    buf->length += (size_t)length;
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

/* U+FFFE and U+FFFF are the only characters beyond ASCII that XML 1.0 refuses. */
static bool is_noncharacter(const char *c)
{
    return !strncmp(c, "\xEF\xBF\xBE", 3) || !strncmp(c, "\xEF\xBF\xBF", 3);
}

void buf_add_xml(struct buf *buf, const char *text)
{
    for (const char *c = text; *c; c++) {
        switch (*c) {
        case '&': buf_add_text(buf, "&amp;"); break;
        case '<': buf_add_text(buf, "&lt;"); break;
        case '>': buf_add_text(buf, "&gt;"); break;
        case '"': buf_add_text(buf, "&quot;"); break;
        case '\'': buf_add_text(buf, "&#39;"); break;
        default:
            if (is_noncharacter(c))
                c += 2;
            else if ((unsigned char)*c >= 0x20 || *c == '\t' || *c == '\n' || *c == '\r')
                buf_add_char(buf, *c);
        }
    }
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
