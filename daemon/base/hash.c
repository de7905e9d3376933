/* See hash.h. The only file that includes OpenSSL. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/error.h"
#include "base/hash.h"

static char *to_hex(const unsigned char *bytes, size_t digits, char *ret_text)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < digits; i++)
        ret_text[i] = hex[i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4];
    ret_text[digits] = '\0';
    return ret_text;
}

static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256_method; /* for ever */

static void fetch_sha256(void)
{
    sha256_method = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!sha256_method)
        bug("SHA-256 is not available");
}

/* EVP_sha256() alone has each digest look for its method anew, which takes longer than hashing a short text. */
static const EVP_MD *sha256(void)
{
    pthread_once(&sha256_once, fetch_sha256);
    return sha256_method;
}

void sha256_bytes(const void *bytes, size_t length, uint8_t ret_digest[SHA256_BYTES])
{
    if (!EVP_Digest(bytes, length, ret_digest, NULL, sha256(), NULL))
        bug("SHA-256 is not available");
}

char *sha256_hex(const void *bytes, size_t length, char ret_hex[SHA256_HEX])
{
    uint8_t digest[SHA256_BYTES];
    sha256_bytes(bytes, length, digest);
    return to_hex(digest, 64, ret_hex);
}

static void hmac(const EVP_MD *digest, const void *key, size_t key_length, const void *bytes, size_t length,
                 uint8_t *ret_digest)
{
    if (key_length > INT_MAX || !HMAC(digest, key, (int)key_length, bytes, length, ret_digest, NULL))
        bug("HMAC is not available");
}

void hmac_sha1(const void *key, size_t key_length, const void *bytes, size_t length,
               uint8_t ret_digest[HMAC_SHA1_BYTES])
{
    hmac(EVP_sha1(), key, key_length, bytes, length, ret_digest);
}

void hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                 uint8_t ret_digest[HMAC_SHA256_BYTES])
{
    hmac(sha256(), key, key_length, bytes, length, ret_digest);
}

bool sha256_fd(int fd, char ret_hex[SHA256_HEX], int64_t *ret_size)
{
    unsigned char chunk[65536], digest[32];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || !EVP_DigestInit_ex(context, sha256(), NULL))
        bug("SHA-256 is not available");
    int64_t size = 0;
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0) {
            EVP_DigestUpdate(context, chunk, (size_t)n);
            size += n;
        }
    EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    if (n < 0)
        return false;
    to_hex(digest, 64, ret_hex);
    *ret_size = size;
    return true;
}

/* The kernel's, which OpenSSL's come from as well: to begin those takes a fifth of a whole 'calctl add'. */
static void system_random(void *ret_bytes, size_t length)
{
    for (size_t got = 0; got < length;) {
        ssize_t more = getrandom((char *)ret_bytes + got, length - got, 0);
        if (more < 0 && errno != EINTR)
            bug("no random numbers");
        got += more > 0 ? (size_t)more : 0;
    }
}

static random_source *chance = system_random;

void random_use(random_source *source)
{
    chance = source ? source : system_random;
}

void random_bytes(void *ret_bytes, size_t length)
{
    chance(ret_bytes, length);
}

char *random_hex(char *ret_text, size_t length)
{
    unsigned char bytes[128];
    if (length > 2 * sizeof bytes)
        bug("%zu random digits", length);
    random_bytes(bytes, (length + 1) / 2);
    return to_hex(bytes, length, ret_text);
}

bool same_secret(const char *a, const char *b)
{
    size_t length = strlen(a);
    return length == strlen(b) && !CRYPTO_memcmp(a, b, length);
}

uint64_t fnv_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t fnv_text(uint64_t hash, const char *text)
{
    return text ? fnv_bytes(hash, text, strlen(text) + 1) : fnv_bytes(hash, "\xff", 1);
}
