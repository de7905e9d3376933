/*
 * Knows the special-purpose address blocks (IANA registries, RFC 6890) and nothing of who connects.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "publish/address.h"

struct block4 {
    uint32_t base;
    unsigned bits;
};

static const struct block4 private4[] = {
    {0x00000000, 8},  /* 0.0.0.0/8        this network */
    {0x0a000000, 8},  /* 10.0.0.0/8       private */
    {0x64400000, 10}, /* 100.64.0.0/10    shared (carrier NAT) */
    {0x7f000000, 8},  /* 127.0.0.0/8      loopback */
    {0xa9fe0000, 16}, /* 169.254.0.0/16   link-local, cloud metadata */
    {0xac100000, 12}, /* 172.16.0.0/12    private */
    {0xc0000000, 24}, /* 192.0.0.0/24     protocol assignments */
    {0xc0000200, 24}, /* 192.0.2.0/24     documentation */
    {0xc0a80000, 16}, /* 192.168.0.0/16   private */
    {0xc6120000, 15}, /* 198.18.0.0/15    benchmarking */
    {0xc6336400, 24}, /* 198.51.100.0/24  documentation */
    {0xcb007100, 24}, /* 203.0.113.0/24   documentation */
    {0xe0000000, 4},  /* 224.0.0.0/4      multicast */
    {0xf0000000, 4},  /* 240.0.0.0/4      reserved, broadcast */
};

static bool in_block4(uint32_t address, const struct block4 *block)
{
    return (address >> (32 - block->bits)) == (block->base >> (32 - block->bits));
}

static bool private_v4(uint32_t address)
{
    for (size_t i = 0; i < sizeof private4 / sizeof *private4; i++) {
        if (in_block4(address, &private4[i]))
            return true;
    }
    return false;
}

static uint32_t v4_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Whether the IPv6 address only wraps an IPv4 one: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056). */
static bool embedded_v4(const uint8_t *bytes, uint32_t *ret_address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t compatible[12] = {0};
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};

    if (bytes[0] == 0x20 && bytes[1] == 0x02) {
        *ret_address = v4_at(bytes + 2);
        return true;
    }
    if (memcmp(bytes, mapped, 12) != 0 && memcmp(bytes, compatible, 12) != 0 && memcmp(bytes, nat64, 12) != 0)
        return false;
    *ret_address = v4_at(bytes + 12);
    return true;
}

/* Only 2000::/3 is global unicast today; of it 2001::/23 (Teredo and others) and 2001:db8::/32 are not. */
static bool private_v6(const uint8_t *bytes)
{
    uint32_t v4;

    if (embedded_v4(bytes, &v4))
        return private_v4(v4);
    if (bytes[0] >> 5 != 1)
        return true;
    if (bytes[0] != 0x20 || bytes[1] != 0x01)
        return false;
    return bytes[2] < 2 || (bytes[2] == 0x0d && bytes[3] == 0xb8);
}

bool address_is_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return private_v4(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return private_v6(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
    return true;
}

bool address_is_loopback(const struct sockaddr *address)
{
    const struct in6_addr *v6;

    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == 127;
    if (address->sa_family != AF_INET6)
        return false;
    v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
}
