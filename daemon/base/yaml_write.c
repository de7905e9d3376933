/*
 * See yaml_write.h. YAML 1.2, chapters 5 (characters), 7.3 (flow scalars) and 8.1 (block scalars); what
 * readers of YAML 1.1 take for a number, a truth value or a line end is in quotes too.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "base/yaml_write.h"

/* Whether it stands for itself in quotes and blocks: no control, no line end of Unicode, no byte order mark.
 */
static bool is_printable(uint32_t c)
{
    return (c >= 0x20 && c < 0x7f) ||
           (c >= 0xa0 && c < 0xfffe && c != 0x2028 && c != 0x2029 && c != 0xfeff) || c >= 0x10000;
}

static bool all_printable(const char *text, const char *also)
{
    for (size_t i = 0, length = strlen(text), size; i < length; i += size) {
        uint32_t c;
        size = utf8_decode(text + i, length - i, &c);
        if (!is_printable(c) && (c >= 0x80 || !c || !strchr(also, (int)c)))
            return false;
    }
    return true;
}

/* ---- plain ---- */

static bool is_word(const char *text)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(words[i], text))
            return true;
    return false;
}

static bool is_plain(const char *text)
{
    size_t length = strlen(text);
    bool begins = isalpha((unsigned char)*text) || *text == '/' || (unsigned char)*text >= 0x80;
    if (!begins || text[length - 1] == ' ' || text[length - 1] == ':' || is_word(text))
        return false;
    return !strstr(text, ": ") && !strstr(text, " #") && all_printable(text, "");
}

/* ---- several lines ---- */

/* A block tells its indentation by its first line, and cannot hold what must be escaped. */
static bool is_block(const char *text)
{
    return strchr(text, '\n') && !strchr(" \t\n", *text) && all_printable(text, "\n\t");
}

static void add_block(struct buf *out, const char *text, size_t indent)
{
    size_t length = strlen(text), ends = 0;
    while (text[length - 1 - ends] == '\n')
        ends++;
    buf_add_text(out, ends == 0 ? "|-" : ends == 1 ? "|" : "|+");
    for (size_t left = length - (ends > 0); left;) {
        size_t line = strcspn(text, "\n");
        buf_add_char(out, '\n');
        if (line)
            buf_printf(out, "%*s%.*s", (int)indent, "", (int)line, text);
        text += line + (line < left);
        left -= line + (line < left);
        if (!left && ends > 1)
            buf_add_char(out, '\n');
    }
}

/* ---- quoted ---- */

static void add_escaped(struct buf *out, uint32_t c, const char *bytes, size_t size)
{
    if (c == '"' || c == '\\')
        buf_printf(out, "\\%c", (char)c);
    else if (c == '\n' || c == '\t')
        buf_add_text(out, c == '\n' ? "\\n" : "\\t");
    else if (is_printable(c))
        buf_add(out, bytes, size);
    else
        buf_printf(out, c < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)c);
}

static void add_quoted(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    for (size_t i = 0, length = strlen(text), size; i < length; i += size) {
        uint32_t c;
        size = utf8_decode(text + i, length - i, &c);
        add_escaped(out, c, text + i, size);
    }
    buf_add_char(out, '"');
}

void yaml_write_text(struct buf *out, const char *text, size_t indent)
{
    if (*text && is_plain(text))
        buf_add_text(out, text);
    else if (is_block(text))
        add_block(out, text, indent);
    else
        add_quoted(out, text);
}
