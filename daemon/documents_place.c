/*
 * See documents_internal.h. A finding names a text as checks do ("thread[1]", "media[0].alt"); which node of the entry
 * that is follows from how variants lie over a post (calendar_content.c). Decides nothing.
 */
#include <stdio.h>
#include <string.h>

#include "documents_internal.h"

/* ---- the entry, with what lies over it ---- */

static const struct yaml *entry_in(const struct yaml *list, const struct position *position)
{
    for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count; i++)
        if (list->items[i]->line == position->line && list->items[i]->column == position->column)
            return list->items[i];
    return NULL;
}

static const struct yaml *entry_of(const struct reading *reading, const struct position *position)
{
    const struct yaml *entry = NULL;
    for (size_t i = 0; i < reading->calendar_file_count && !entry; i++) {
        const struct calendar_file *file = &reading->calendar_files[i];
        if (strcmp(file->name, position->file) != 0)
            continue;
        entry = entry_in(yaml_get(file->root, "posts"), position);
        entry = entry ? entry : entry_in(yaml_get(file->root, "series"), position);
    }
    return entry;
}

enum { LAYERS = 3 };

struct layers { /* the account's variant, its network's, the entry itself; NULL: there is none */
    const struct yaml *items[LAYERS];
};

static struct layers layers_of(const struct yaml *entry, const struct account *account)
{
    const struct yaml *variants = yaml_get(entry, "variants");
    return (struct layers){{yaml_get(variants, account->name),
                            account->network ? yaml_get(variants, account->network->name) : NULL, entry}};
}

/* What the first of them says that says anything. */
static const struct yaml *said(const struct layers *layers, const char *key)
{
    const struct yaml *value = NULL;
    for (size_t i = 0; i < LAYERS && !value; i++)
        value = yaml_get(layers->items[i], key);
    return value;
}

/* ---- a text in it ---- */

struct wanted_text {
    const struct layers *layers;
    size_t content, part, item; /* of one_of; of the thread; of media or tags */
};

static const struct yaml *item_of(const struct yaml *list, size_t index)
{
    return list && list->kind == YAML_LIST && index < list->count ? list->items[index] : NULL;
}

/* The words are replaced as a whole, in whatever form. */
static const struct yaml *piece_of(const struct wanted_text *wanted)
{
    for (size_t i = 0; i < LAYERS; i++) {
        const struct yaml *layer = wanted->layers->items[i], *text = yaml_get(layer, "text"),
                          *thread = yaml_get(layer, "thread"), *choice = yaml_get(layer, "one_of");
        if (text || thread || choice)
            return text ? text : thread ? item_of(thread, wanted->part) : item_of(choice, wanted->content);
    }
    return NULL;
}

static const struct yaml *words_of(const struct wanted_text *wanted)
{
    const struct yaml *piece = piece_of(wanted), *text = yaml_get(piece, "text");
    return text ? text : piece;
}

/* The post's own media go with the first part, unless that brings some. */
static const struct yaml *alt_of(const struct wanted_text *wanted)
{
    const struct yaml *own = yaml_get(piece_of(wanted), "media");
    const struct yaml *media = own ? own : wanted->part ? NULL : said(wanted->layers, "media");
    return yaml_get(item_of(media, wanted->item), "alt");
}

static const struct yaml *tag_of(const struct wanted_text *wanted)
{
    const struct yaml *tags = said(wanted->layers, "tags");
    return tags && tags->kind == YAML_LIST ? item_of(tags, wanted->item) : tags;
}

static const struct yaml *text_named(const struct layers *layers, size_t content, const char *in)
{
    struct wanted_text wanted = {.layers = layers, .content = content};
    const char *rest = strstr(in, "media[");
    if (sscanf(in, "thread[%zu]", &wanted.part) == 1 && !rest)
        return words_of(&wanted);
    if (rest && sscanf(rest, "media[%zu]", &wanted.item) == 1)
        return alt_of(&wanted);
    if (sscanf(in, "tags[%zu]", &wanted.item) == 1)
        return tag_of(&wanted);
    if (!strcmp(in, "text"))
        return words_of(&wanted);
    const struct yaml *value = said(layers, in);
    return value || strcmp(in, "body") != 0 ? value : said(layers, "body_file");
}

/* ---- a file that it names ---- */

static const struct yaml *file_in(const struct yaml *media, const char *file)
{
    for (size_t i = 0; media && media->kind == YAML_LIST && i < media->count; i++) {
        const struct yaml *name = yaml_get(media->items[i], "file");
        if (name && name->kind == YAML_SCALAR && !strcmp(name->text, file))
            return name;
    }
    return NULL;
}

static const struct yaml *file_of_pieces(const struct yaml *pieces, const char *file)
{
    const struct yaml *found = NULL;
    for (size_t i = 0; pieces && pieces->kind == YAML_LIST && i < pieces->count && !found; i++)
        found = file_in(yaml_get(pieces->items[i], "media"), file);
    return found;
}

static const struct yaml *file_named(const struct layers *layers, const char *file)
{
    const struct yaml *found = NULL;
    for (size_t i = 0; i < LAYERS && !found; i++) {
        const struct yaml *layer = layers->items[i];
        found = file_in(yaml_get(layer, "media"), file);
        found = found ? found : file_of_pieces(yaml_get(layer, "thread"), file);
        found = found ? found : file_of_pieces(yaml_get(layer, "one_of"), file);
    }
    return found;
}

/* ---- a place in that ---- */

/* A text is published without the empty lines before it. What does not stand there as the finding has it (the charter adds
 * to links, a body is in a file of its own) is where its field is. */
static void move(struct diag *diag, const struct yaml *text)
{
    size_t at = diag->in ? strspn(text->text, "\n") + diag->start : 0, length = diag->word ? strlen(diag->word) : 0;
    bool stands = length && at + length <= text->length && !memcmp(text->text + at, diag->word, length);
    if (stands)
        yaml_place(text, at, &diag->line, &diag->column);
    else
        diag->line = text->line, diag->column = text->column;
}

void reading_place(const struct reading *reading, const struct post *post, const struct account *account, size_t content,
                   struct diags *diags, size_t from)
{
    const struct yaml *entry = entry_of(reading, &post->position);
    struct layers layers = layers_of(entry, account);
    for (size_t i = from; i < diags->count; i++) {
        struct diag *diag = &diags->items[i];
        const struct yaml *text = diag->in     ? text_named(&layers, content, diag->in)
                                  : diag->word ? file_named(&layers, diag->word)
                                               : NULL;
        if (text && text->kind == YAML_SCALAR && text->line)
            move(diag, text);
    }
}
