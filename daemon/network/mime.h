/*
 * mime: how a message of e-mail is written down: header fields (RFC 5322), words that are not ASCII in them
 * (RFC 2047), quoted-printable (RFC 2045). All of it is 7-bit, with CRLF, and lines of at most 78 characters
 * wherever the text has a place to break; so every server takes it, and nothing on the way has a reason to
 * change it. UTF-8 in headers (RFC 6532) needs servers that speak SMTPUTF8 on the whole way: it is not used.
 *
 * A text never makes a header of its own: line breaks and other controls in it become spaces.
 */
#ifndef CALD_MIME_H
#define CALD_MIME_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"

/* "Name: text": as it is where it is ASCII (folded at spaces), else as encoded words of UTF-8 in base64, none
   longer than 75, none ending within a character. */
void mime_add_text(struct buf *message, const char *name, const char *text);

/* "Name: Display Name <local@domain>"; NULL or "" for a display name: the address alone. */
void mime_add_mailbox(struct buf *message, const char *name, const char *display, const char *address);

/* "Name: token", unchanged: of characters that need no encoding. A line break is put before each of its
   spaces that would otherwise end beyond the line. */
void mime_add_raw(struct buf *message, const char *name, const char *token);

/* "Date: Tue, 01 Dec 2026 08:00:00 +0000" (RFC 5322 section 3.3) */
void mime_add_date(struct buf *message, instant at);

/* Text (newlines are line ends) in quoted-printable, lines of at most 76; ends in CRLF. */
void mime_add_quoted_printable(struct buf *message, const char *text);

/* local@domain of ASCII: a dot-atom of at most 64 characters, a host name with a dot or "localhost" of at
   most 255 (RFC 5321 section 4.1.2). Quoted local parts and address literals are not taken; a domain of other
   letters is written in its xn-- form. */
bool mime_is_address(const char *text);

/* The part behind the '@' of an address. */
const char *mime_domain(const char *address);

#endif
