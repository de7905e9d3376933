/*
 * See markdown.h. The document is parsed by cmark, its tree is put right (tables, links, headings, images, no HTML, no
 * dangerous addresses), then rendered.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmark.h>

#include "base/buf.h"
#include "network/markdown.h"
#include "network/markdown_link.h"
#include "network/markdown_table.h"

enum { ALT_MOST = 4096 }; /* bytes of an alt text that is looked at */

/* At most MARKDOWN_MOST bytes, not ending within a character. */
static size_t bounded(const char *markdown)
{
    size_t length = strnlen(markdown, MARKDOWN_MOST + 1);
    if (length <= MARKDOWN_MOST)
        return length;
    length = MARKDOWN_MOST;
    while (length && ((unsigned char)markdown[length] & 0xC0) == 0x80)
        length--;
    return length;
}

static cmark_node *parse(const char *markdown)
{
    return cmark_parse_document(markdown, bounded(markdown), CMARK_OPT_VALIDATE_UTF8);
}

static bool is_html(cmark_node *node)
{
    cmark_node_type type = cmark_node_get_type(node);
    return type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE;
}

/* Calls visit(node, entering, context) for the whole tree; visit may unlink a leaf. */
static void walk(cmark_node *root, void (*visit)(cmark_node *, bool, void *), void *context)
{
    cmark_iter *iter = cmark_iter_new(root);
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;)
        visit(cmark_iter_get_node(iter), event == CMARK_EVENT_ENTER, context);
    cmark_iter_free(iter);
}

static void note_heading(cmark_node *node, bool entering, void *context)
{
    int *highest = context;
    if (entering && cmark_node_get_type(node) == CMARK_NODE_HEADING &&
        cmark_node_get_heading_level(node) < *highest)
        *highest = cmark_node_get_heading_level(node);
}

struct repair {
    int shift; /* of heading levels */
    struct markdown_image *images;
    size_t image_count;
};

static const char *without_dot(const char *file)
{
    return strncmp(file, "./", 2) ? file : file + 2;
}

/* How much of an address spells the file; 0: it is another. Editors write a space and an accent as "%20" and "%C3%A9". */
static size_t spells(const char *address, const char *file)
{
    const char *at = without_dot(address);
    for (file = without_dot(file); *file; file++) {
        unsigned escaped = 0;
        bool is_escape = *at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2]);
        if (is_escape)
            sscanf(at + 1, "%2x", &escaped);
        if (*at == *file)
            at++;
        else if (is_escape && escaped == (unsigned char)*file)
            at += 3;
        else
            return 0;
    }
    return (size_t)(at - address);
}

static bool is_address_of(const char *address, const char *file)
{
    size_t length = spells(address, file);
    return length && !address[length];
}

static void place_image(cmark_node *node, struct repair *repair)
{
    const char *url = cmark_node_get_url(node);
    for (size_t i = 0; url && i < repair->image_count; i++) {
        struct markdown_image *image = &repair->images[i];
        if (image->url && is_address_of(url, image->file)) {
            cmark_node_set_url(node, image->url);
            image->used = true;
            return;
        }
    }
}

/* An address without a scheme, or with one that runs nothing (cid: is a part of the same e-mail, RFC 2392).
 * cmark itself only empties some of the others. */
static bool is_harmless(const char *url)
{
    static const char *const schemes[] = {"http:", "https:", "mailto:", "tel:", "cid:"};
    size_t length = url ? strcspn(url, ":/?#") : 0;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (url && !strncasecmp(url, schemes[i], strlen(schemes[i])))
            return true;
    return url && *url && url[length] != ':';
}

/* The node goes, what is in it stays. */
static void unwrap(cmark_node *node)
{
    for (cmark_node *child; (child = cmark_node_first_child(node));)
        cmark_node_insert_before(node, child);
    cmark_node_unlink(node);
    cmark_node_free(node);
}

static void repair_node(cmark_node *node, bool entering, void *context)
{
    struct repair *repair = context;
    cmark_node_type type = cmark_node_get_type(node);
    if (!entering) {
        if ((type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) && !is_harmless(cmark_node_get_url(node)))
            unwrap(node);
        return;
    }
    if (is_html(node)) {
        cmark_node_unlink(node);
        cmark_node_free(node);
    } else if (type == CMARK_NODE_HEADING) {
        int level = cmark_node_get_heading_level(node) + repair->shift;
        cmark_node_set_heading_level(node, level > 6 ? 6 : level);
    } else if (type == CMARK_NODE_IMAGE) {
        place_image(node, repair);
    }
}

char *markdown_to_html(const char *markdown, int top_heading, struct markdown_image *images,
                       size_t image_count, struct arena *arena)
{
    int highest = 6;
    cmark_node *root = parse(markdown);
    markdown_make_tables(root);
    markdown_make_links(root);
    walk(root, note_heading, &highest);
    struct repair repair = {.shift = top_heading - highest, .images = images, .image_count = image_count};
    walk(root, repair_node, &repair);
    char *html = cmark_render_html(root, CMARK_OPT_NOBREAKS);
    cmark_node_free(root);
    struct buf clean = {0};
    buf_add_clean(&clean, html);
    char *kept = arena_strndup(arena, buf_text(&clean), clean.length);
    buf_release(&clean);
    free(html);
    return kept;
}

/* ---- images placed in the Markdown itself ---- */

struct block { /* lines of code or HTML, from 1, both inclusive */
    int first, last;
};

struct blocks {
    struct arena *arena;
    struct block *items;
    size_t count;
};

static void note_block(cmark_node *node, bool entering, void *context)
{
    struct blocks *blocks = context;
    cmark_node_type type = cmark_node_get_type(node);
    if (entering && (type == CMARK_NODE_CODE_BLOCK || type == CMARK_NODE_HTML_BLOCK))
        *arena_push(blocks->arena, blocks->items, blocks->count) =
            (struct block){cmark_node_get_start_line(node), cmark_node_get_end_line(node)};
}

static bool is_within(const struct blocks *blocks, int line)
{
    for (size_t i = 0; i < blocks->count; i++)
        if (line >= blocks->items[i].first && line <= blocks->items[i].last)
            return true;
    return false;
}

/* The image whose file stands at 'at' as a whole destination ("./a.png)", "<a b.png>"), and the length of it.
 */
static struct markdown_image *image_at(const char *at, struct markdown_image *images, size_t count,
                                       size_t *ret_length)
{
    bool pointed = *at == '<';
    const char *start = at + pointed;
    for (size_t i = 0; i < count; i++) {
        size_t length = images[i].url ? spells(start, images[i].file) : 0;
        if (length && (start[length] == '\0' || strchr(pointed ? ">" : ") \t\n", start[length]))) {
            *ret_length = pointed + length + (pointed && start[length]);
            return &images[i];
        }
    }
    return NULL;
}

/* Where in the text, which ends in "![alt](", the alt text begins; 0: it ends in a link, in nothing like it, or
   in more than ALT_MOST bytes. */
static size_t alt_begins(const struct buf *out)
{
    size_t end = out->length - 2;
    int depth = 0;
    for (size_t at = end; at > 0 && end - at <= ALT_MOST; at--) {
        depth += (out->data[at] == ']') - (out->data[at] == '[');
        if (!depth)
            return out->data[at - 1] == '!' ? at + 1 : 0;
    }
    return 0;
}

/* The text ends in "![alt](" of a file that is shown otherwise than an image. */
static void shape_opening(struct buf *out, const struct markdown_image *image, struct arena *arena)
{
    size_t alt = image->mark || image->as_link ? alt_begins(out) : 0;
    if (!alt)
        return;
    const char *words = arena_strndup(arena, out->data + alt, out->length - alt - 2);
    out->length = alt - (image->as_link ? 2 : 1);
    if (image->mark)
        words = arena_strndup(arena, words, strcspn(words, "|"));
    buf_printf(out, "[%s%s](", words, image->mark ? image->mark : "");
}

/* One line: what follows "](" or "]:" may be a destination. */
static void place_in_line(struct buf *out, const char *line, size_t length, struct markdown_image *images,
                          size_t count, struct arena *arena)
{
    const char *end = line + length;
    for (const char *at = line; at < end;) {
        size_t found = 0;
        struct markdown_image *image = NULL;
        bool opens = at - line >= 2 && at[-2] == ']' && (at[-1] == '(' || at[-1] == ':');
        bool after_space = at - line >= 3 && at[-1] == ' ' && at[-2] == ':' && at[-3] == ']';
        if (opens || after_space)
            image = image_at(at, images, count, &found);
        if (image) {
            if (opens && at[-1] == '(')
                shape_opening(out, image, arena);
            buf_add_text(out, image->url);
            image->used = true;
            at += found;
        } else {
            buf_add_char(out, *at++);
        }
    }
}

char *markdown_place_images(const char *markdown, struct markdown_image *images, size_t image_count,
                            struct arena *arena)
{
    struct blocks blocks = {.arena = arena};
    struct buf out = {0};
    cmark_node *root = parse(markdown);
    walk(root, note_block, &blocks);
    cmark_node_free(root);
    int number = 1;
    for (const char *line = markdown; *line; number++) {
        size_t length = strcspn(line, "\n");
        length += line[length] == '\n';
        if (is_within(&blocks, number))
            buf_add(&out, line, length);
        else
            place_in_line(&out, line, length, images, image_count, arena);
        line += length;
    }
    char *text = arena_strndup(arena, buf_text(&out), out.length);
    buf_release(&out);
    return text;
}

/* ---- words ---- */

struct words {
    struct buf text;
    int images; /* how many we are in: their alt text is not the author's prose */
};

static void end_line(struct buf *text)
{
    if (text->length && text->data[text->length - 1] != '\n')
        buf_add_char(text, '\n');
}

static void add_words(cmark_node *node, bool entering, void *context)
{
    struct words *words = context;
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_IMAGE:
        words->images += entering ? 1 : -1;
        break;
    case CMARK_NODE_TEXT:
    case CMARK_NODE_CODE:
        if (!words->images)
            buf_add_text(&words->text, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_SOFTBREAK:
    case CMARK_NODE_LINEBREAK:
        buf_add_char(&words->text, ' ');
        break;
    case CMARK_NODE_PARAGRAPH:
    case CMARK_NODE_HEADING:
        if (!entering)
            end_line(&words->text);
        break;
    default:
        break;
    }
}

char *markdown_to_text(const char *markdown, struct arena *arena)
{
    struct words words = {0};
    cmark_node *root = parse(markdown);
    markdown_line_tables(root);
    walk(root, add_words, &words);
    cmark_node_free(root);
    if (words.text.length && words.text.data[words.text.length - 1] == '\n')
        words.text.length--;
    char *text = arena_strndup(arena, buf_text(&words.text), words.text.length);
    buf_release(&words.text);
    return text;
}

/* ---- plain text that keeps the form ---- */

struct plain {
    struct buf text;
    int lists, quotes;  /* how many we are in */
    size_t link, image; /* where the words of those began that we are in */
};

static bool is_tight_item(cmark_node *node)
{
    cmark_node *list = cmark_node_parent(node);
    return cmark_node_get_type(node) == CMARK_NODE_ITEM && cmark_node_get_list_tight(list);
}

static void begin_line(struct plain *plain, bool after_gap)
{
    end_line(&plain->text);
    if (after_gap && plain->text.length)
        buf_add_char(&plain->text, '\n');
    for (int i = 0; i < plain->quotes; i++)
        buf_add_text(&plain->text, "> ");
}

static void indent(struct plain *plain, int lists)
{
    for (int i = 0; i < lists; i++)
        buf_add_text(&plain->text, "  ");
}

/* A paragraph, or what stands like one. The first of a list's item stands behind its mark. */
static void begin_block(cmark_node *node, struct plain *plain)
{
    cmark_node *parent = cmark_node_parent(node);
    if (cmark_node_get_type(parent) == CMARK_NODE_ITEM && !cmark_node_previous(node))
        return;
    begin_line(plain, !is_tight_item(parent));
    indent(plain, plain->lists);
}

static void begin_item(cmark_node *node, struct plain *plain)
{
    cmark_node *list = cmark_node_parent(node);
    bool first = !cmark_node_previous(node), nested = is_tight_item(cmark_node_parent(list));
    int number = cmark_node_get_list_start(list);
    begin_line(plain, first ? !nested : !cmark_node_get_list_tight(list));
    indent(plain, plain->lists - 1);
    for (cmark_node *item = node; (item = cmark_node_previous(item));)
        number++;
    if (cmark_node_get_list_type(list) == CMARK_ORDERED_LIST)
        buf_printf(&plain->text, "%d. ", number);
    else
        buf_add_text(&plain->text, "- ");
}

static void add_code_block(cmark_node *node, struct plain *plain)
{
    begin_block(node, plain);
    for (const char *line = cmark_node_get_literal(node); *line; line += line[strcspn(line, "\n")] == '\n') {
        size_t length = strcspn(line, "\n");
        end_line(&plain->text);
        buf_add_text(&plain->text, "    ");
        buf_add(&plain->text, line, length);
        buf_add_char(&plain->text, '\n');
        line += length;
    }
}

/* "words <address>", unless the words are the address. */
static void end_link(cmark_node *node, struct plain *plain)
{
    const char *url = cmark_node_get_url(node), *words = buf_text(&plain->text) + plain->link;
    const char *bare = url && !strncasecmp(url, "mailto:", 7) ? url + 7 : url;
    if (url && is_harmless(url) && strcmp(words, bare) != 0)
        buf_printf(&plain->text, "%s<%s>", *words ? " " : "", bare);
}

static void end_image(struct plain *plain)
{
    if (plain->text.length == plain->image)
        plain->text.data[plain->text.length = plain->image - 1] = '\0'; /* nothing is said of it */
    else
        buf_add_char(&plain->text, ']');
}

static void add_inline(cmark_node *node, bool entering, struct plain *plain)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
    case CMARK_NODE_CODE:
        buf_add_text(&plain->text, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_SOFTBREAK:
        buf_add_char(&plain->text, ' ');
        break;
    case CMARK_NODE_LINEBREAK:
        begin_line(plain, false);
        indent(plain, plain->lists);
        break;
    case CMARK_NODE_LINK:
        if (entering)
            plain->link = plain->text.length;
        else
            end_link(node, plain);
        break;
    case CMARK_NODE_IMAGE:
        if (!entering) {
            end_image(plain);
            break;
        }
        buf_add_char(&plain->text, '[');
        plain->image = plain->text.length;
        break;
    default:
        break;
    }
}

static void add_plain(cmark_node *node, bool entering, void *context)
{
    struct plain *plain = context;
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_PARAGRAPH:
    case CMARK_NODE_HEADING:
        if (entering)
            begin_block(node, plain);
        break;
    case CMARK_NODE_CODE_BLOCK:
        add_code_block(node, plain);
        break;
    case CMARK_NODE_THEMATIC_BREAK:
        begin_block(node, plain);
        buf_add_text(&plain->text, "* * *");
        break;
    case CMARK_NODE_BLOCK_QUOTE:
        plain->quotes += entering ? 1 : -1;
        break;
    case CMARK_NODE_LIST:
        plain->lists += entering ? 1 : -1;
        break;
    case CMARK_NODE_ITEM:
        if (entering)
            begin_item(node, plain);
        break;
    default:
        add_inline(node, entering, plain);
        break;
    }
}

char *markdown_to_plain(const char *markdown, struct arena *arena)
{
    struct plain plain = {0};
    cmark_node *root = parse(markdown);
    markdown_line_tables(root);
    walk(root, add_plain, &plain);
    cmark_node_free(root);
    end_line(&plain.text);
    char *text = arena_strndup(arena, buf_text(&plain.text), plain.text.length);
    buf_release(&plain.text);
    return text;
}

static void note_html(cmark_node *node, bool entering, void *context)
{
    if (entering && is_html(node))
        *(bool *)context = true;
}

bool markdown_has_html(const char *markdown)
{
    bool found = false;
    cmark_node *root = parse(markdown);
    walk(root, note_html, &found);
    cmark_node_free(root);
    return found;
}

struct search {
    const char *const *files;
    size_t count;
    struct arena *arena;
    const char *missing;
};

static bool is_one_of(const char *url, const char *const *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_address_of(url, files[i]))
            return true;
    return false;
}

static void note_missing(cmark_node *node, bool entering, void *context)
{
    struct search *search = context;
    const char *url =
        entering && cmark_node_get_type(node) == CMARK_NODE_IMAGE ? cmark_node_get_url(node) : NULL;
    bool is_relative = url && *url && *url != '/' && !strchr(url, ':');
    if (is_relative && !search->missing && !is_one_of(url, search->files, search->count))
        search->missing = arena_strdup(search->arena, url);
}

const char *markdown_missing_image(const char *markdown, const char *const *files, size_t count,
                                   struct arena *arena)
{
    struct search search = {.files = files, .count = count, .arena = arena};
    cmark_node *root = parse(markdown);
    walk(root, note_missing, &search);
    cmark_node_free(root);
    return search.missing;
}
