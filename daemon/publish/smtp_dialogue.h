/*
 * smtp_dialogue: what is said to a mail server once it knows who we are, and what it replies (RFC 5321).
 * Pure: bytes that came in, the next command out.
 *
 *     MAIL ─▶ RCPT … RCPT ─▶ DATA ─▶ (the message) ─▶ over        NOOP ─▶ over
 *
 * It is over at the first reply that leaves nothing to go on with: MAIL or DATA refused, no recipient taken,
 * 421.
 */
#ifndef CALD_SMTP_DIALOGUE_H
#define CALD_SMTP_DIALOGUE_H

#include "base/buf.h"
#include "network/network.h"

enum dialogue_at {
    DIALOGUE_MAIL,
    DIALOGUE_RCPT,
    DIALOGUE_DATA,
    DIALOGUE_MESSAGE,
    DIALOGUE_NOOP,
    DIALOGUE_OVER
};

struct dialogue {
    const struct mail *mail;
    int64_t size;        /* of the message, said with MAIL (RFC 1870); 0: the server does not want to know */
    enum dialogue_at at; /* what is to be said, or was said and waits for its reply */
    size_t recipient, accepted;
    bool waits; /* it was said: set by the caller; in the message: its end is on the way */
    struct arena *arena;
    struct header *replies; /* as struct response has them: see network.h */
    size_t reply_count;
    struct buf line, reply;
    size_t lines; /* of the reply so far */
};

void dialogue_begin(struct dialogue *dialogue, const struct mail *mail, int64_t size, struct arena *arena);
void dialogue_release(struct dialogue *dialogue);

/* The command that is to be said now, with its CRLF; in the message and over: NULL. In arena. */
const char *dialogue_command(const struct dialogue *dialogue);

/* What the server sent. False: this is not SMTP. */
bool dialogue_hear(struct dialogue *dialogue, const char *bytes, size_t length, struct error *err);

/* Adds a reply that somebody else heard; text without its line end: "535 5.7.8 no". Returns its code, 0 if
 * none. */
int dialogue_note(struct dialogue *dialogue, const char *command, const char *text);

#endif
