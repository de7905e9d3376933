/* See check_rules.h: what stands in for an image. */
#include <string.h>

#include "editorial/check_rules.h"
#include "editorial/fold.h"
#include "network/text.h"

static bool is_blank(const char *text)
{
    return !text || !text[strspn(text, " \t\n")];
}

void check_alt_text(struct checking *c)
{
    for (size_t i = 0; i < c->content->part_count; i++) {
        const struct part *part = &c->content->parts[i];
        for (size_t k = 0; k < part->media_count; k++)
            if (is_blank(part->media[k].alt) && !media_is_document(&part->media[k]))
                check_found(c, FOUND(.word = part->media[k].file, .remedy = "say what is to be seen on it"),
                            "'%s' has no alternative text ('alt')", part->media[k].file);
    }
}

/* ---- whether it says something ---- */

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length > size && !strcmp(text + length - size, end);
}

/* "img_1234", "dsc00012", "photo 3": a name that a device gave. */
static bool is_device_name(const char *folded)
{
    static const char *const names[] = {"img",
                                        "dsc",
                                        "dscn",
                                        "dcim",
                                        "pxl",
                                        "image",
                                        "photo",
                                        "picture",
                                        "screenshot",
                                        "capture",
                                        "capture d'ecran",
                                        "untitled",
                                        "sans titre"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if (!strncmp(folded, names[i], length) &&
            !folded[length + strspn(folded + length, " _-.()0123456789")])
            return true;
    }
    return false;
}

static bool is_file_name(const char *folded, const char *file, struct arena *arena)
{
    static const char *const ends[] = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".svg"};
    const char *slash = strrchr(file, '/'), *base = fold_text(slash ? slash + 1 : file, arena);
    const char *dot = strrchr(base, '.');
    if (!strcmp(folded, base) || (dot && !strcmp(folded, arena_strndup(arena, base, (size_t)(dot - base)))))
        return true;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_in(folded, ends[i]))
            return true;
    return is_device_name(folded);
}

static void check_alt(struct checking *c, struct piece_of_text *piece, const char *file)
{
    size_t least = c->setting.min == NOT_SAID ? 10 : (size_t)c->setting.min,
           length = text_graphemes(piece->text, strlen(piece->text));
    size_t most = c->setting.max == NOT_SAID ? 1000 : (size_t)c->setting.max;
    if (is_file_name(checking_folded(c, piece), file, c->arena))
        check_found(c,
                    FOUND(.in = piece, .end = strlen(piece->text), .remedy = "say what is to be seen on it"),
                    "the alternative text of '%s' is a file's name, '%s'", file, piece->text);
    else if (length < least)
        check_found(
            c, FOUND(.in = piece, .end = strlen(piece->text), .remedy = "say more of what is to be seen"),
            "the alternative text of '%s' has %zu characters, the charter asks for %zu", file, length, least);
    else if (length > most)
        check_found(c,
                    FOUND(.in = piece, .end = strlen(piece->text),
                          .remedy = "keep to what matters, the rest belongs into the text"),
                    "the alternative text of '%s' has %zu characters, the charter allows %zu", file, length,
                    most);
}

/* Pieces of images come in the order of the images, without those that have none. */
void check_alt_text_form(struct checking *c)
{
    size_t at = 0;
    for (size_t i = 0; i < c->content->part_count; i++)
        for (size_t k = 0; k < c->content->parts[i].media_count; k++) {
            const struct media *media = &c->content->parts[i].media[k];
            if (is_blank(media->alt))
                continue;
            while (at < c->piece_count && c->pieces[at].text != media->alt)
                at++;
            if (at < c->piece_count)
                check_alt(c, &c->pieces[at], media->file);
        }
}
