/*
 * buf: a growing run of bytes, always followed by a NUL that is not counted.
 *
 * 'struct buf b = {0}' is an empty buffer; buf_release frees it and makes it empty again.
 */
#ifndef CALD_BUF_H
#define CALD_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data; /* NULL while nothing was ever added: use buf_text for a C string */
    size_t length, capacity;
};

void buf_add(struct buf *buf, const void *bytes, size_t length);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_add_number(struct buf *buf,
                    int64_t number); /* in decimal: what printf's %lld writes, at a tenth of the price */
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args);
void buf_reserve(struct buf *buf, size_t more); /* room for 'more' bytes without another allocation */
void buf_reset(struct buf *buf);                /* empty, memory kept */
void buf_release(struct buf *buf);

/* The content as a C string, "" when empty; valid until the next change. */
const char *buf_text(const struct buf *buf);

/* The content, malloc'ed, now the caller's to free; the buffer is empty again. Never NULL. */
char *buf_detach(struct buf *buf);

/*
 * Text for HTML or XML: escapes & < > " ' and drops what they do not allow, controls but tab and newlines
 * and the noncharacters of Unicode. buf_add_clean only drops: for what is HTML already.
 */
void buf_add_xml(struct buf *buf, const char *text);
void buf_add_clean(struct buf *buf, const char *text);

/* A space and name="value", the value escaped as by buf_add_xml; nothing if it is NULL. */
void buf_add_xml_attribute(struct buf *buf, const char *name, const char *value);

/* The bytes in base64 (RFC 4648 section 4), with padding. */
void buf_add_base64(struct buf *buf, const void *bytes, size_t length);
/* … in the alphabet for URLs and file names (section 5), without padding: JWT, PKCE. */
void buf_add_base64url(struct buf *buf, const void *bytes, size_t length);

/* Percent-encodes all but RFC 3986 unreserved characters. */
void buf_add_url(struct buf *buf, const char *text);

#endif
