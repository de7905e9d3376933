/* See utf8.h; well-formed sequences as in the Unicode Standard, table 3-7. */
#include <string.h>

#include "base/utf8.h"

static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

static size_t decode_strict(const char *text, size_t length, uint32_t *ret_code_point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)text[0];
    size_t size = sequence_length(lead);
    if (!size || size > length)
        return 0;
    uint32_t value = size == 1 ? lead : lead & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | ((unsigned char)text[i] & 0x3Fu);
    }
    if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *ret_code_point = value;
    return size;
}

size_t utf8_decode(const char *text, size_t length, uint32_t *ret_code_point)
{
    size_t size = decode_strict(text, length, ret_code_point);
    if (size)
        return size;
    *ret_code_point = 0xFFFD;
    return 1;
}

size_t utf8_encode(uint32_t c, char ret_text[4])
{
    if (c < 0x80) {
        ret_text[0] = (char)c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, c >>= 6)
        ret_text[i] = (char)(0x80 | (c & 0x3F));
    ret_text[0] = (char)((0xF00u >> size & 0xF0u) | c);
    return size;
}

/* Eight at a time: most of most texts. */
static size_t ascii_length(const char *text, size_t length)
{
    size_t i = 0;
    for (uint64_t eight; i + sizeof eight <= length; i += sizeof eight) {
        memcpy(&eight, text + i, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    return i;
}

bool utf8_is_valid(const char *text, size_t length)
{
    uint32_t ignored;
    for (size_t i = 0, size; i < length; i += size) {
        size = ascii_length(text + i, length - i);
        if (!size && !(size = decode_strict(text + i, length - i, &ignored)))
            return false;
    }
    return true;
}

size_t utf8_mark_length(const char *text, size_t length)
{
    size_t mark = strlen(UTF8_MARK);
    return length >= mark && !memcmp(text, UTF8_MARK, mark) ? mark : 0;
}

size_t utf8_count(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}
