/*
 * See yaml.h. This file knows libyaml and nothing of what the documents mean.
 *
 * libyaml's own document loader has no limits and is quadratic in depth and anchors; the events are not,
 * as long as one stops early. It does scan a scalar whole before it says so: hence the reader counts the
 * bytes handed over since the last event.
 */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include <yaml.h>

#include "base/index.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "base/yaml_hint.h"

/* Mutants: each is without one of the limits. */
#ifdef CALD_MUTANT_ANY_DEPTH
#define YAML_MAX_DEPTH INT_MAX
#elif defined CALD_MUTANT_ANY_ANCHORS
#define YAML_MAX_ANCHORS INT_MAX
#elif defined CALD_MUTANT_ANY_ALIASES
#define YAML_MAX_EXPANDED SIZE_MAX
#elif defined CALD_MUTANT_ANY_LENGTH
#define YAML_MAX_SCALAR INT_MAX
#endif

struct anchor {
    const char *name;
    const struct yaml *node; /* NULL while the node is still open */
};

struct place {            /* how far has_hashtag_behind() looked */
    size_t line, column;  /* from 0 */
    const char *at, *end; /* the column's byte; the line's end, NULL at the beginning */
    bool has_sign;        /* a '#' is in the line */
};

struct reader {
    yaml_parser_t parser;
    const char *bytes;
    size_t length, given, given_at_event;
    bool too_long; /* one value went on for ever */
    struct place place;
    struct arena *arena;
    struct diags *diags;
    const char *file;
    size_t nodes, aliases, expanded;
    struct anchor *anchors;
    size_t anchor_count;
};

static const struct yaml *read_node(struct reader *reader, yaml_event_t *event, unsigned depth);

__attribute__((format(printf, 5, 6)))
static const struct yaml *refuse(struct reader *reader, unsigned line, unsigned column, const char *rule,
                                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(reader->arena, format, args);
    va_end(args);
    diags_add(reader->diags, &(struct diag){.level = DIAG_ERROR, .file = reader->file, .line = line,
                                            .column = column, .rule = rule, .message = message});
    return NULL;
}

#define MARK(mark) (unsigned)((mark).line + 1), (unsigned)((mark).column + 1)

static int hand_over(void *context, unsigned char *buffer, size_t size, size_t *ret_size)
{
    struct reader *reader = context;
    size_t left = reader->length - reader->given;
    size_t n = size < left ? size : left;
    if (n && reader->given - reader->given_at_event > YAML_MAX_SCALAR) {
        reader->too_long = true;
        return 0;
    }
    memcpy(buffer, reader->bytes + reader->given, n);
    reader->given += n;
    *ret_size = n;
    return 1;
}

/* libyaml reads ahead, so its mark is not where the bytes are. */
static const struct yaml *refuse_encoding(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    unsigned line = (unsigned)yaml_line_of(reader->bytes, reader->length, parser->problem_offset);
    const char *value = parser->problem_value == -1
                            ? ""
                            : arena_printf(reader->arena, " (0x%02x)", (unsigned)parser->problem_value);
    return refuse(reader, line, 1, "syntax", "not UTF-8 text at byte %zu: %s%s; save the file as UTF-8",
                  parser->problem_offset, parser->problem, value);
}

static const struct yaml *refuse_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (reader->too_long)
        return refuse(reader, MARK(parser->mark), "limit", "one value (or comment) is longer than %d KiB",
                      YAML_MAX_SCALAR >> 10);
    if (parser->error == YAML_READER_ERROR)
        return refuse_encoding(reader);
    const char *problem = parser->problem ? parser->problem : "cannot be read",
               *context = parser->context ? parser->context : "";
    struct yaml_slip slip = {.bytes = reader->bytes,
                             .length = reader->length,
                             .problem = parser->problem,
                             .context = parser->context,
                             .line = parser->problem_mark.line,
                             .column = parser->problem_mark.column,
                             .begin_line = parser->context_mark.line,
                             .begin_column = parser->context_mark.column};
    struct yaml_hint hint;
    if (yaml_hint(&slip, reader->arena, &hint))
        return refuse(reader, MARK(hint), "syntax", "not YAML: %s (%s%s%s)", hint.text, problem,
                      *context ? " " : "", context);
    return refuse(reader, MARK(parser->problem_mark), "syntax", "not YAML: %s%s%s", problem,
                  *context ? " " : "", context);
}

static bool next_event(struct reader *reader, yaml_event_t *event)
{
    if (!yaml_parser_parse(&reader->parser, event)) {
        refuse_syntax(reader);
        return false;
    }
    reader->given_at_event = reader->given;
    return true;
}

static struct yaml *new_node(struct reader *reader, enum yaml_kind kind, const yaml_event_t *event)
{
    if (++reader->nodes > YAML_MAX_NODES) {
        refuse(reader, MARK(event->start_mark), "limit", "more than %d values in one file", YAML_MAX_NODES);
        return NULL;
    }
    struct yaml *node = arena_new_of(reader->arena, struct yaml);
    node->kind = kind;
    node->weight = 1;
    node->line = (unsigned)event->start_mark.line + 1;
    node->column = (unsigned)event->start_mark.column + 1;
    return node;
}

/* Newline and tab are text; other C0, DEL and C1 controls (U+0080..U+009F) only do harm. 0: none found. */
static bool has_control(const char *text, size_t length, uint32_t *ret_code_point)
{
    const unsigned char *t = (const unsigned char *)text;
    for (size_t i = 0; i < length; i++) {
        bool c1 = t[i] == 0xC2 && i + 1 < length && t[i + 1] < 0xA0;
        if ((t[i] < 0x20 && t[i] != '\n' && t[i] != '\t') || t[i] == 0x7F || c1) {
            *ret_code_point = c1 ? t[i + 1] : t[i];
            return true;
        }
    }
    return false;
}

/* Goes on to a line that is not before this one; lines end with newlines here. */
static void go_to_line(struct reader *reader, size_t line)
{
    struct place *place = &reader->place;
    while (place->end == NULL || (place->line < line && place->end < reader->bytes + reader->length)) {
        const char *start = place->end ? place->end + 1 : reader->bytes;
        size_t left = (size_t)(reader->bytes + reader->length - start);
        const char *newline = memchr(start, '\n', left);
        *place = (struct place){
            .line = place->end ? place->line + 1 : 0, .at = start, .end = newline ? newline : start + left};
        place->has_sign = memchr(start, '#', (size_t)(place->end - start)) != NULL;
    }
}

/* Whether a plain value is followed by blanks and a '#' with a word: nobody begins a comment so, but hashtags do. Values
 * end one after the other, so that each byte is looked at once however long a line is. */
static bool has_hashtag_behind(struct reader *reader, const yaml_event_t *event)
{
    struct place *place = &reader->place;
    go_to_line(reader, event->end_mark.line);
    if (!place->has_sign || place->line != event->end_mark.line)
        return false;
    for (; place->column < event->end_mark.column && place->at < place->end; place->column++)
        for (place->at++; place->at < place->end && ((unsigned char)*place->at & 0xC0) == 0x80;)
            place->at++;
    const char *sign = place->at;
    while (sign < place->end && *sign == ' ')
        sign++;
    return sign > place->at && place->end - sign > 1 && *sign == '#' && !strchr(" \t\r#", sign[1]);
}

/* The lines of a block begin below it, those that are empty without being indented; its first other one shows by how
 * much the rest is. */
static enum yaml_lies lies_below(struct reader *reader, const yaml_event_t *event, const struct yaml *node)
{
    const char *text = node->text + strspn(node->text, "\n"), *at;
    size_t line = event->start_mark.line + 1 + (size_t)(text - node->text), length = strcspn(text, "\n"),
           blanks = strspn(text, " ");
    go_to_line(reader, line);
    for (at = reader->place.at; at < reader->place.end && *at == ' ';)
        at++;
    size_t indent = (size_t)(at - reader->place.at) - blanks;
    bool there = reader->place.line == line && at >= reader->place.at + blanks && indent < UCHAR_MAX - YAML_BELOW &&
                 (size_t)(reader->place.end - at) >= length - blanks && !memcmp(at, text + blanks, length - blanks);
    return there ? (enum yaml_lies)(YAML_BELOW + indent) : YAML_ELSEWHERE;
}

/* On one line that is as wide as the text, with its quotes, nothing is escaped. */
static enum yaml_lies lies(struct reader *reader, const yaml_event_t *event, const struct yaml *node)
{
    yaml_scalar_style_t style = event->data.scalar.style;
    if (style == YAML_LITERAL_SCALAR_STYLE)
        return lies_below(reader, event, node);
    if (style == YAML_FOLDED_SCALAR_STYLE || event->start_mark.line != event->end_mark.line)
        return YAML_ELSEWHERE;
    size_t width = event->end_mark.column - event->start_mark.column, count = utf8_count(node->text, node->length);
    bool quoted = style != YAML_PLAIN_SCALAR_STYLE;
    return width != count + (quoted ? 2 : 0) ? YAML_ELSEWHERE : quoted ? YAML_IN_QUOTES : YAML_HERE;
}

static const struct yaml *read_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct yaml *node = new_node(reader, YAML_SCALAR, event);
    uint32_t control;
    if (!node)
        return NULL;
    if (has_control((const char *)event->data.scalar.value, event->data.scalar.length, &control))
        return refuse(reader, node->line, node->column, "syntax", "control character U+%04" PRIX32 " in a text",
                      control);
    if (event->data.scalar.length > YAML_MAX_SCALAR)
        return refuse(reader, node->line, node->column, "limit", "a value is longer than %d KiB",
                      YAML_MAX_SCALAR >> 10);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->hashtag_behind = node->plain && has_hashtag_behind(reader, event);
    node->length = event->data.scalar.length;
    node->text = arena_strndup(reader->arena, (const char *)event->data.scalar.value, node->length);
    node->lies = (unsigned char)lies(reader, event, node);
    return node;
}

static void adopt(struct yaml *parent, const struct yaml *child)
{
    parent->weight += child->weight;
    parent->anchored |= child->anchored;
    if (child->height + 1 > parent->height)
        parent->height = child->height + 1;
}

static const struct yaml *read_list(struct reader *reader, const yaml_event_t *start, unsigned depth)
{
    struct yaml *list = new_node(reader, YAML_LIST, start);
    const struct yaml **items = NULL;
    for (yaml_event_t event; list;) {
        if (!next_event(reader, &event))
            return NULL;
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        const struct yaml *item = end ? NULL : read_node(reader, &event, depth + 1);
        yaml_event_delete(&event);
        if (end)
            break;
        if (!item)
            return NULL;
        *arena_push(reader->arena, items, list->count) = item;
        adopt(list, item);
    }
    if (list)
        list->items = items;
    return list;
}

enum { FEW_KEYS = 16 };

struct pairs {
    const struct yaml **keys, **items;
    size_t key_count, item_count;
    struct index seen; /* of the keys, from FEW_KEYS on */
};

/* The key of the same text that was there before, or NULL: then this one is remembered. */
static const struct yaml *seen_before(struct pairs *pairs, const struct yaml *key)
{
    if (pairs->key_count >= FEW_KEYS) {
        for (size_t i = pairs->seen.count; i < pairs->key_count; i++)
            index_put(&pairs->seen, pairs->keys[i]->text, (void *)pairs->keys[i]);
        return index_get(&pairs->seen, key->text);
    }
    for (size_t i = 0; i < pairs->key_count; i++)
        if (!strcmp(pairs->keys[i]->text, key->text))
            return pairs->keys[i];
    return NULL;
}

static const struct yaml *read_key(struct reader *reader, const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT || event->data.scalar.anchor)
        return refuse(reader, MARK(event->start_mark), "syntax", "a key must be a plain word");
    return read_scalar(reader, event);
}

static void add_pair(struct reader *reader, struct yaml *map, struct pairs *pairs, const struct yaml *key,
                     const struct yaml *item)
{
    const struct yaml *before = seen_before(pairs, key);
#ifdef CALD_MUTANT_ANY_KEY
    before = NULL;
#endif
    if (before) {
        refuse(reader, key->line, key->column, "duplicate-key", "duplicate key '%.100s', first at line %u, column %u",
               key->text, before->line, before->column);
        return;
    }
    *arena_push(reader->arena, pairs->keys, pairs->key_count) = key;
    *arena_push(reader->arena, pairs->items, pairs->item_count) = item;
    adopt(map, key);
    adopt(map, item);
}

static const struct yaml *read_value(struct reader *reader, unsigned depth)
{
    yaml_event_t event;
    if (!next_event(reader, &event))
        return NULL;
    const struct yaml *node = read_node(reader, &event, depth);
    yaml_event_delete(&event);
    return node;
}

static bool read_pairs(struct reader *reader, struct yaml *map, struct pairs *pairs, unsigned depth)
{
    for (yaml_event_t event; next_event(reader, &event);) {
        bool end = event.type == YAML_MAPPING_END_EVENT;
        const struct yaml *key = end ? NULL : read_key(reader, &event);
        yaml_event_delete(&event);
        if (end)
            return true;
        const struct yaml *item = key ? read_value(reader, depth + 1) : NULL;
        if (!item)
            return false;
        add_pair(reader, map, pairs, key, item);
    }
    return false;
}

static const struct yaml *read_map(struct reader *reader, const yaml_event_t *start, unsigned depth)
{
    struct yaml *map = new_node(reader, YAML_MAP, start);
    struct pairs pairs = {.seen = {.arena = reader->arena}};
    if (!map)
        return NULL;
    bool ok = read_pairs(reader, map, &pairs, depth);
    map->keys = pairs.keys;
    map->items = pairs.items;
    map->count = pairs.key_count;
    return ok ? map : NULL;
}

static struct anchor *find_anchor(struct reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->anchor_count; i++)
        if (!strcmp(reader->anchors[i].name, name))
            return &reader->anchors[i];
    return NULL;
}

static const struct yaml *read_alias(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct anchor *anchor = find_anchor(reader, name);
    if (!anchor)
        return refuse(reader, MARK(event->start_mark), "syntax",
                      "alias '*%.100s' has no anchor before it: a text that begins "
                      "with '*' must stand in quotes",
                      name);
    if (!anchor->node)
        return refuse(reader, MARK(event->start_mark), "limit", "alias '*%.100s' stands inside its own anchor", name);
    reader->expanded += anchor->node->weight;
    if (++reader->aliases > YAML_MAX_ALIASES || reader->expanded > YAML_MAX_EXPANDED ||
        depth + anchor->node->height > YAML_MAX_DEPTH)
        return refuse(reader, MARK(event->start_mark), "limit", "too many or too large aliases");
    return anchor->node;
}

static const unsigned char *anchor_of(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.anchor;
    return event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                                                    : event->data.mapping_start.anchor;
}

static const unsigned char *tag_of(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.tag;
    return event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
                                                    : event->data.mapping_start.tag;
}

static bool open_anchor(struct reader *reader, const yaml_event_t *event, size_t *ret_index)
{
    const char *name = (const char *)anchor_of(event);
    if (reader->anchor_count >= YAML_MAX_ANCHORS)
        return refuse(reader, MARK(event->start_mark), "limit", "more than %d anchors", YAML_MAX_ANCHORS) != NULL;
    if (find_anchor(reader, name))
        return refuse(reader, MARK(event->start_mark), "syntax", "anchor '&%.100s' is there twice", name) != NULL;
    *ret_index = reader->anchor_count;
    arena_push(reader->arena, reader->anchors, reader->anchor_count)->name = arena_strdup(reader->arena, name);
    return true;
}

static const struct yaml *read_node(struct reader *reader, yaml_event_t *event, unsigned depth)
{
    if (depth > YAML_MAX_DEPTH)
        return refuse(reader, MARK(event->start_mark), "limit", "nested deeper than %d levels", YAML_MAX_DEPTH);
    if (event->type == YAML_ALIAS_EVENT)
        return read_alias(reader, event, depth);
    if (tag_of(event))
        return refuse(reader, MARK(event->start_mark), "syntax",
                      "tag '%.100s' is not allowed: a text that begins with "
                      "'!' must stand in quotes",
                      tag_of(event));
    size_t index = 0;
    bool anchored = anchor_of(event) != NULL;
    if (anchored && !open_anchor(reader, event, &index))
        return NULL;
    const struct yaml *node = event->type == YAML_SCALAR_EVENT           ? read_scalar(reader, event)
                              : event->type == YAML_SEQUENCE_START_EVENT ? read_list(reader, event, depth)
                                                                         : read_map(reader, event, depth);
    if (anchored && node) {
        ((struct yaml *)node)->anchored = true;
        reader->anchors[index].node = node;
    }
    return node;
}

static const struct yaml nothing = {.kind = YAML_SCALAR, .plain = true, .text = ""};

/* Skips what precedes the first node; an empty stream or document gives an empty map. */
static const struct yaml *read_document(struct reader *reader)
{
    const struct yaml *root = NULL;
    unsigned documents = 0;
    for (yaml_event_t event; next_event(reader, &event); yaml_event_delete(&event)) {
        yaml_event_type_t type = event.type;
        if (type == YAML_STREAM_END_EVENT) {
            yaml_event_delete(&event);
            return root ? root : &nothing;
        }
        if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_END_EVENT)
            continue;
        if (type == YAML_DOCUMENT_START_EVENT && ++documents == 1)
            continue;
        bool second = type == YAML_DOCUMENT_START_EVENT;
        if (second)
            refuse(reader, MARK(event.start_mark), "syntax", "a second document ('---') in one file");
        else
            root = read_node(reader, &event, 1);
        if (second || !root) {
            yaml_event_delete(&event);
            return NULL;
        }
    }
    return NULL;
}

const struct yaml *yaml_parse(const char *file, const char *bytes, size_t length, struct arena *arena,
                              struct diags *diags)
{
    /* libyaml takes it for a column, and then the second line for one further out. */
    size_t mark = utf8_mark_length(bytes, length);
    if (mark) {
        bytes += mark;
        length -= mark;
    }
    struct reader reader = {.bytes = bytes, .length = length, .arena = arena, .diags = diags, .file = file};
    if (length > YAML_MAX_BYTES)
        return refuse(&reader, 0, 0, "limit", "larger than %d MiB", YAML_MAX_BYTES >> 20);
    if (!yaml_parser_initialize(&reader.parser))
        bug("libyaml cannot start");
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input(&reader.parser, hand_over, &reader);
    size_t errors = diags->errors;
    const struct yaml *root = read_document(&reader);
    yaml_parser_delete(&reader.parser);
    if (!root || diags->errors > errors)
        return NULL;
    if (yaml_is_null(root)) {
        struct yaml *empty = arena_new_of(arena, struct yaml);
        *empty = (struct yaml){.kind = YAML_MAP, .line = 1, .column = 1, .weight = 1};
        return empty;
    }
    return root;
}
