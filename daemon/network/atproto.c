/* See atproto.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/atproto.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static const char sortable[] = "234567" LOWER;

enum { LONGEST_DID = 512, LONGEST_HANDLE = 253, LONGEST_LABEL = 63, LONGEST_CID = 128, LONGEST_JWT = 8192 };

/* text is nothing but these characters, and between least and most of them. */
static bool consists_of(const char *text, const char *characters, size_t least, size_t most)
{
    size_t length = text ? strlen(text) : 0;
    return length >= least && length <= most && strspn(text, characters) == length;
}

bool did_is_valid(const char *text)
{
    if (!text || strlen(text) > LONGEST_DID || strncmp(text, "did:", 4))
        return false;
    size_t method = strspn(text + 4, LOWER);
    const char *rest = text + 4 + method;
    if (!method || *rest != ':' || !consists_of(rest + 1, LOWER UPPER DIGITS "._:%-", 1, LONGEST_DID))
        return false;
    return !strchr(":%", rest[strlen(rest) - 1]);
}

static bool label_is_valid(const char *label, size_t length)
{
    return length && length <= LONGEST_LABEL && label[0] != '-' && label[length - 1] != '-';
}

bool handle_is_valid(const char *text)
{
    if (!consists_of(text, LOWER UPPER DIGITS ".-", 3, LONGEST_HANDLE))
        return false;
    const char *label = text;
    for (const char *dot; (dot = strchr(label, '.')); label = dot + 1)
        if (!label_is_valid(label, (size_t)(dot - label)))
            return false;
    return label != text && label_is_valid(label, strlen(label)) && !isdigit((unsigned char)*label);
}

bool cid_is_valid(const char *text)
{
    return consists_of(text, LOWER "234567", 20, LONGEST_CID) && text[0] == 'b';
}

bool tid_is_valid(const char *text)
{
    return consists_of(text, sortable, 13, 13) && text[0] <= 'j';
}

char *tid_make(uint64_t microseconds, unsigned clock_id, char ret_text[TID_TEXT])
{
    uint64_t value = (microseconds & ((UINT64_C(1) << 53) - 1)) << 10 | (clock_id & 1023);
    for (int i = TID_TEXT - 2; i >= 0; i--, value >>= 5)
        ret_text[i] = sortable[value & 31];
    ret_text[TID_TEXT - 1] = '\0';
    return ret_text;
}

/* ---- tokens ---- */

bool jwt_is_valid(const char *text)
{
    return consists_of(text, LOWER UPPER DIGITS "._~+/=-", 1, LONGEST_JWT);
}

static int base64url_value(char c)
{
    static const char alphabet[] = UPPER LOWER DIGITS "-_";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/* Decodes up to the first character that is none of base64url; returns the number of bytes. */
static size_t base64url_decode(const char *text, char *ret_bytes, size_t size)
{
    size_t length = 0;
    unsigned bits = 0, count = 0;
    for (int value; (value = base64url_value(*text)) >= 0 && length < size; text++) {
        bits = (bits << 6 | (unsigned)value) & 0xFFFF;
        count += 6;
        if (count >= 8) {
            count -= 8;
            ret_bytes[length++] = (char)(bits >> count);
        }
    }
    return length;
}

bool jwt_lifetime(const char *jwt, duration *ret_lifetime)
{
    char payload[LONGEST_JWT];
    const char *start = strchr(jwt, '.');
    if (!start || strlen(start) > LONGEST_JWT)
        return false;
    size_t length = base64url_decode(start + 1, payload, sizeof payload);
    json_t *claims = json_parse(payload, length, NULL);
    int64_t made = json_number(claims, "iat", 0), ends = json_number(claims, "exp", 0);
    json_decref(claims);
    if (made <= 0 || ends <= made || ends - made > INT64_C(1) << 32)
        return false;
    *ret_lifetime = SECONDS(ends - made);
    return true;
}
