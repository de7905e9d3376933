/*
 * See notify.h. Each message is a datagram to the socket that NOTIFY_SOCKET names; the protocol is stable, and
 * sd_notify(3) tells it for programs that speak it themselves. libsystemd would do the same, and bring with it
 * four libraries for encryption and compression: a MiB of memory, and all that may be wrong in them.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "notify.h"

/* '@' stands for the zero byte that an abstract address begins with (unix(7)). */
static bool find_address(struct sockaddr_un *ret_address, socklen_t *ret_size)
{
    const char *name = getenv("NOTIFY_SOCKET");
    size_t length = name ? strlen(name) : 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!length || !strchr("/@", *name) || length >= sizeof address.sun_path)
        return false;
    memcpy(address.sun_path, name, length);
    if (*name == '@')
        address.sun_path[0] = '\0';
    *ret_address = address;
    *ret_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return true;
}

static void tell(const char *message)
{
    struct sockaddr_un address;
    socklen_t size;
    if (!find_address(&address, &size))
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0)
        log_warn("systemd could not be told: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
}

void notify_ready(const char *status)
{
    struct buf message = {0};
    buf_printf(&message, "READY=1\nSTATUS=%s", status);
    tell(buf_text(&message));
    buf_release(&message);
}

/* systemd pairs a reload with the moment it began (sd_notify(3), MONOTONIC_USEC). */
void notify_reloading(void)
{
    struct timespec t;
    struct buf message = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    buf_printf(&message, "RELOADING=1\nMONOTONIC_USEC=%lld",
               (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
    tell(buf_text(&message));
    buf_release(&message);
}

void notify_stopping(void)
{
    tell("STOPPING=1");
}

void notify_watchdog(void)
{
    tell("WATCHDOG=1");
}

/* What was meant for a parent is not ours (sd_watchdog_enabled(3)). */
duration notify_watchdog_interval(void)
{
    const char *microseconds = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!microseconds || (pid && atol(pid) != (long)getpid()))
        return 0;
    return strtoll(microseconds, NULL, 10) / 1000;
}
