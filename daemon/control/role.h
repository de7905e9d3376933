/*
 * role: what the one who asks may do. viewer < author < editor < admin.
 *
 * Over the Unix socket: the daemon's own user and root are admin; else the highest grant of cald.yaml that
 * names the user or one of its groups; else a member of 'socket_group' is editor (who was given the socket is
 * meant to work with it); else nobody. Over TCP: the bearer token's line in the tokens file,
 *
 *     NAME ROLE SHA256-OF-THE-TOKEN-IN-HEX [EXPIRES]
 *
 * with EXPIRES in RFC 3339. Empty lines and lines that begin with '#' are skipped. The file is read at each
 * use, so a withdrawn token ends at once; all lines are compared, in constant time.
 */
#ifndef CALD_ROLE_H
#define CALD_ROLE_H

#include "base/arena.h"
#include "base/clock.h"
#include "control/peer.h"
#include "settings.h"

struct identity {
    enum role role;
    const char *who; /* for the history: "uid 1000 (anna)", "token redaction"; in the arena */
};

struct identity role_of_peer(const struct settings *settings, const struct peer *peer, uid_t own_uid,
                             struct arena *arena);

/* Pure: the identity of a token by the text of a tokens file; ROLE_NONE when no line fits or it has expired.
 */
struct identity role_of_token(const char *tokens, const char *token, instant now, struct arena *arena);

/* The same, reading the file; a file that cannot be read is told to the log and grants nothing. */
struct identity role_of_token_file(const char *path, const char *token, instant now, struct arena *arena);

/* The number of the first line that is neither a token's nor empty nor a comment; 0: there is none. */
unsigned role_wrong_line(const char *tokens, struct arena *arena);

/* Tells the log what is wrong with the file before anybody asks: that it cannot be read, or a line of it. */
void role_check_token_file(const char *path);

#endif
