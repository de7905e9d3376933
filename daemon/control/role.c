/*
 * role: peer credentials and tokens → role. Looks users and groups up by name (NSS); knows no HTTP.
 */
#include "control/role.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"

static bool in_group(const struct peer *peer, const char *name)
{
    const struct group *group = name ? getgrnam(name) : NULL;
    if (!group)
        return false;
    for (size_t i = 0; i < peer->group_count; i++)
        if (peer->groups[i] == group->gr_gid)
            return true;
    return false;
}

static bool is_user(const struct peer *peer, const char *name)
{
    const struct passwd *user = getpwnam(name);
    return user && user->pw_uid == peer->uid;
}

static enum role granted(const struct settings *settings, const struct peer *peer)
{
    enum role role = ROLE_NONE;
    for (size_t i = 0; i < settings->grant_count; i++) {
        const struct role_grant *grant = &settings->grants[i];
        bool fits = grant->is_group ? in_group(peer, grant->name) : is_user(peer, grant->name);
        if (fits && grant->role > role)
            role = grant->role;
    }
    if (role == ROLE_NONE && in_group(peer, settings->socket_group))
        role = ROLE_EDITOR;
    return role;
}

static const char *peer_who(const struct peer *peer, struct arena *arena)
{
    if (!peer->user[0])
        return arena_printf(arena, "uid %u", (unsigned)peer->uid);
    return arena_printf(arena, "uid %u (%s)", (unsigned)peer->uid, peer->user);
}

struct identity role_of_peer(const struct settings *settings, const struct peer *peer, uid_t own_uid,
                             struct arena *arena)
{
    struct identity identity = {.who = peer_who(peer, arena)};
    if (peer->uid == 0 || peer->uid == own_uid)
        identity.role = ROLE_ADMIN;
    else
        identity.role = granted(settings, peer);
#ifdef CALD_MUTANT_ANY_PEER
    identity.role = ROLE_ADMIN;
#endif
    return identity;
}

/* One line of the file, cut into words; false for what is no line of a token. */
static bool token_line(const char *line, struct arena *arena, const char *ret_words[4], enum role *ret_role,
                       instant *ret_expires)
{
    size_t count = 0;
    char *rest = arena_strdup(arena, line), *word;
    while ((word = strsep(&rest, " \t\r")))
        if (*word && count < 4)
            ret_words[count++] = word;
        else if (*word)
            return false;
    for (size_t i = count; i < 4; i++)
        ret_words[i] = NULL;
    *ret_expires = INSTANT_NEVER;
    return count >= 3 && ret_words[0][0] != '#' && role_parse(ret_words[1], ret_role) &&
           strlen(ret_words[2]) == SHA256_HEX - 1 && (!ret_words[3] || instant_parse(ret_words[3], ret_expires));
}

unsigned role_wrong_line(const char *tokens, struct arena *arena)
{
    char *rest = arena_strdup(arena, tokens), *line;
    for (unsigned number = 1; (line = strsep(&rest, "\n")); number++) {
        const char *words[4], *first = line + strspn(line, " \t\r");
        enum role role;
        instant expires;
        if (*first && *first != '#' && !token_line(line, arena, words, &role, &expires))
            return number;
    }
    return 0;
}

struct identity role_of_token(const char *tokens, const char *token, instant now, struct arena *arena)
{
    char hash[SHA256_HEX];
    sha256_hex(token, strlen(token), hash);
    struct identity identity = {ROLE_NONE, NULL};
    char *rest = arena_strdup(arena, tokens), *line;
    while ((line = strsep(&rest, "\n"))) {
        const char *words[4];
        enum role role;
        instant expires;
        if (!token_line(line, arena, words, &role, &expires))
            continue;
        /* No early end: how long this takes says nothing about which line fits. */
        bool fits = same_secret(hash, words[2]);
#ifdef CALD_MUTANT_ANY_TOKEN
        fits = true;
#endif
        if (fits && expires > now)
            identity = (struct identity){role, arena_printf(arena, "token %s", words[0])};
    }
    return identity;
}

struct identity role_of_token_file(const char *path, const char *token, instant now, struct arena *arena)
{
    struct buf text = {0};
    struct error err = {""};
    struct identity identity = {ROLE_NONE, NULL};
    if (!path)
        return identity;
    if (file_read_secret(path, &text, &err))
        identity = role_of_token(buf_text(&text), token, now, arena);
    else
        log_warn("no token is accepted: %s", err.message);
    buf_release(&text);
    return identity;
}

void role_check_token_file(const char *path)
{
    struct arena *arena = arena_new();
    struct buf text = {0};
    struct error err = {""};
    unsigned wrong = 0;
    if (!file_read_secret(path, &text, &err))
        log_warn("no token is accepted: %s", err.message);
    else if ((wrong = role_wrong_line(buf_text(&text), arena)))
        log_warn("%s:%u: this line gives nobody a role: a name, a role, the token's SHA-256, and perhaps when it ends; "
                 "'calctl token' writes it",
                 path, wrong);
    buf_release(&text);
    arena_free(arena);
}
