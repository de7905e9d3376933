/*
 * listen: sockets as the control endpoint wants them. Knows no HTTP.
 */
#include "control/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"

enum { BACKLOG = 4096, /* cut to net.core.somaxconn */ FIRST_INHERITED = 3, MOST_INHERITED = 8 };

static int close_and_fail(int fd)
{
    close(fd);
    return -1;
}

static bool make_directory(const char *path, gid_t group, bool has_group, struct error *err)
{
    char *directory = file_directory(path);
    struct stat known;
    bool made = true;
    if (stat(directory, &known) != 0) {
        made = file_make_directories(directory, has_group ? 0750 : 0700, err);
        if (made && has_group && chown(directory, (uid_t)-1, group) != 0)
            made = fail_errno(err, "cannot give '%s' to the socket's group", directory);
    }
    free(directory);
    return made;
}

/* Whether somebody accepts connections on it. */
static bool is_alive(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool alive = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno != ECONNREFUSED;
    close(fd);
    return alive;
}

static bool bind_unix(int fd, const struct sockaddr_un *address, struct error *err)
{
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return true;
    struct stat known;
    if (errno != EADDRINUSE || lstat(address->sun_path, &known) != 0)
        return fail_errno(err, "cannot bind '%s'", address->sun_path);
    if (!S_ISSOCK(known.st_mode))
        return fail(err, "cannot bind '%s': there is something that is no socket", address->sun_path);
    if (is_alive(address))
        return fail(err, "cannot bind '%s': another process listens there", address->sun_path);
    if (unlink(address->sun_path) != 0 || bind(fd, (const struct sockaddr *)address, sizeof *address) != 0)
        return fail_errno(err, "cannot replace the old socket '%s'", address->sun_path);
    return true;
}

static bool find_group(const char *name, gid_t *ret_group, struct error *err)
{
    const struct group *group = getgrnam(name);
    if (!group)
        return fail(err, "unknown group '%s' in 'control: group'", name);
    *ret_group = group->gr_gid;
    return true;
}

int listen_unix(const char *path, const char *group, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    gid_t gid = 0;
    if (strlen(path) >= sizeof address.sun_path) {
        fail(err, "the socket's path '%s' is too long, at most %zu bytes", path, sizeof address.sun_path - 1);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if ((group && !find_group(group, &gid, err)) || !make_directory(path, gid, group, err))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The mode of the descriptor becomes the file's: it is never more open than it will be. */
    if (fd < 0 || fchmod(fd, 0600) != 0) {
        fail_errno(err, "cannot make a socket");
        return fd < 0 ? -1 : close_and_fail(fd);
    }
    if (!bind_unix(fd, &address, err))
        return close_and_fail(fd);
    if (group && chown(path, (uid_t)-1, gid) != 0) {
        int number = errno;
        fail(err, "cannot give '%s' to the group '%s' (control: group): %s%s", path, group, strerror(number),
             number == EPERM ? "; the user that runs cald must be in it (usermod -aG)" : "");
        return close_and_fail(fd);
    }
    if (chmod(path, 0660) != 0 || listen(fd, BACKLOG) != 0) {
        fail_errno(err, "cannot listen on '%s'", path);
        return close_and_fail(fd);
    }
    return fd;
}

static struct addrinfo *resolve(const char *address, struct error *err)
{
    char host[64], port[8];
    if (sscanf(address, "[%63[0-9a-fA-F:.]]:%7[0-9]", host, port) != 2 &&
        sscanf(address, "%63[0-9.]:%7[0-9]", host, port) != 2) {
        fail(err, "'%s' is not an address with a port, such as 127.0.0.1:8080 or [::1]:8080", address);
        return NULL;
    }
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0) {
        fail(err, "cannot listen on '%s': %s", address, gai_strerror(code));
        return NULL;
    }
    return found;
}

int listen_tcp(const char *address, struct error *err)
{
    struct addrinfo *where = resolve(address, err);
    if (!where)
        return -1;
    int yes = 1;
    int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool listens =
        fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        (where->ai_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) == 0) &&
        bind(fd, where->ai_addr, where->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
    if (!listens)
        fail_errno(err, "cannot listen on '%s'", address);
    freeaddrinfo(where);
    return listens || fd < 0 ? fd : close_and_fail(fd);
}

static bool is_family(int fd, int family)
{
    int domain = 0, listening = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
        return false;
    size = sizeof listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening)
        return false;
    return domain == family || (family == AF_INET && domain == AF_INET6);
}

int listen_inherited(int family)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    if (!pid || !count || atol(pid) != (long)getpid())
        return -1;
    int end = FIRST_INHERITED + atoi(count);
    for (int fd = FIRST_INHERITED; fd < end && fd < FIRST_INHERITED + MOST_INHERITED; fd++)
        if (is_family(fd, family)) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
            fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
            return fd;
        }
    return -1;
}

char *listen_address(int fd, char *ret_text, unsigned size)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN] = "?";
    unsigned port = 0;
    bool six = false;
    if (getsockname(fd, (struct sockaddr *)&address, &length) == 0) {
        six = address.ss_family == AF_INET6;
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address;
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address;
        port = ntohs(six ? v6->sin6_port : v4->sin_port);
        inet_ntop(address.ss_family, six ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr, host,
                  sizeof host);
    }
    snprintf(ret_text, size, six ? "[%s]:%u" : "%s:%u", host, port);
    return ret_text;
}
