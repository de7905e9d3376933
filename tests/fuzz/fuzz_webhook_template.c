/*
 * A webhook's template and a value, both any bytes: whatever the value is, a JSON body that was good with a
 * harmless value stays JSON, and a header stays one line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "network/template.h"

static bool is_json(const char *template, const char *value)
{
    struct buf out = {0};
    json_t *values = json_pack("{s:s}", "text", value);
    template_render(template, TEMPLATE_JSON, template_member, values, &out);
    /* Not json_parse: the same key twice is the template's fault, and depends on the value. */
    json_t *parsed = json_loadb(buf_text(&out), out.length, JSON_DECODE_ANY, NULL);
    bool good = parsed != NULL;
    json_decref(parsed);
    json_decref(values);
    buf_release(&out);
    return good;
}

static void render_all(const char *template, const char *value)
{
    static const char *const names[] = {"text", "tags"};
    struct error err;
    json_t *values = json_pack("{s:s, s:[s,s]}", "text", value, "tags", value, "b");
    (void)template_check(template, names, 2, &err);
    (void)template_uses(template, "text");
    for (int style = TEMPLATE_PLAIN; style <= TEMPLATE_HEADER; style++) {
        struct buf out = {0};
        template_render(template, (enum template_style)style, template_member, values, &out);
        if (style == TEMPLATE_HEADER && !strpbrk(template, "\r\n") && strpbrk(buf_text(&out), "\r\n"))
            bug("a value broke a header");
        buf_release(&out);
    }
    json_decref(values);
}

/* The value is what follows the first newline. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *template = xmalloc(size + 1);
    memcpy(template, data, size);
    template[size] = '\0';
    char *newline = strchr(template, '\n'), *value = newline ? newline + 1 : template + strlen(template);
    if (newline)
        *newline = '\0';
    if (utf8_is_valid(template, strlen(template)) && utf8_is_valid(value, strlen(value))) {
        render_all(template, value);
        if (is_json(template, "é \"quoted\" \\ {\n}") && !is_json(template, value))
            bug("a value broke a JSON body");
    }
    free(template);
    return 0;
}
