/*
 * peer: SO_PEERCRED and SO_PEERGROUPS on a Unix socket (unix(7), socket(7)), addresses on TCP. The groups are
 * those the process had when it connected. The user's name is looked up once: that takes longer than all else of a
 * small request.
 */
#include "control/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static bool read_credentials(int fd, struct peer *peer)
{
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 || credentials.uid == (uid_t)-1)
        return false;
    peer->uid = credentials.uid;
    const struct passwd *user = getpwuid(peer->uid);
    if (user)
        snprintf(peer->user, sizeof peer->user, "%s", user->pw_name);
    peer->groups[0] = credentials.gid;
    peer->group_count = 1;
    /* A peer in more groups than fit (ERANGE) is known by its primary group alone: less rights, never more.
     */
    size = (socklen_t)((PEER_GROUPS - 1) * sizeof(gid_t));
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups + 1, &size) == 0)
        peer->group_count += size / sizeof(gid_t);
    return true;
}

static bool address_text(const struct sockaddr_storage *address, char text[PEER_ADDRESS], unsigned *ret_port)
{
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)address;
        *ret_port = ntohs(four->sin_port);
        return inet_ntop(AF_INET, &four->sin_addr, text, PEER_ADDRESS);
    }
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
        *ret_port = ntohs(six->sin6_port);
        return inet_ntop(AF_INET6, &six->sin6_addr, text, PEER_ADDRESS);
    }
    return false;
}

static bool read_addresses(int fd, struct peer *peer)
{
    struct sockaddr_storage theirs, own;
    socklen_t theirs_size = sizeof theirs, own_size = sizeof own;
    unsigned their_port;
    return getpeername(fd, (struct sockaddr *)&theirs, &theirs_size) == 0 &&
           getsockname(fd, (struct sockaddr *)&own, &own_size) == 0 &&
           address_text(&theirs, peer->address, &their_port) && address_text(&own, peer->host, &peer->port);
}

bool peer_read(int fd, struct peer *ret_peer)
{
    int domain = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
        return false;
    struct peer peer = {.local = domain == AF_UNIX};
    if (!(peer.local ? read_credentials(fd, &peer) : read_addresses(fd, &peer)))
        return false;
    *ret_peer = peer;
    return true;
}
