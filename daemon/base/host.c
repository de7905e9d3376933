/* See host.h. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/host.h"

bool host_is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (!strcasecmp(host, "localhost"))
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool url_is_loopback(const char *url)
{
    const char *start = strstr(url, "://");
    char host[64];
    if (!start)
        return false;
    start += 3;
    size_t length = strcspn(start, "/?#"), name;
    if (memchr(start, '@', length))
        return false;
    bool bracketed = *start == '[';
    name = bracketed ? strcspn(++start, "]/?#") : strcspn(start, ":/?#");
    return snprintf(host, sizeof host, "%.*s", (int)name, start) < (int)sizeof host && host_is_loopback(host);
}
