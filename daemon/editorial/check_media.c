/* See check_rules.h: what stands in for an image. */
#include <string.h>

#include "editorial/check_rules.h"

static bool is_blank(const char *text)
{
    return !text || !text[strspn(text, " \t\n")];
}

void check_alt_text(struct checking *c)
{
    for (size_t i = 0; i < c->content->part_count; i++) {
        const struct part *part = &c->content->parts[i];
        for (size_t k = 0; k < part->media_count; k++)
            if (is_blank(part->media[k].alt))
                check_found(c, FOUND(.word = part->media[k].file, .remedy = "say what is to be seen on it"),
                            "'%s' has no alternative text ('alt')", part->media[k].file);
    }
}
