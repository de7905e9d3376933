/*
 * See content_difference.h. Objects are flattened to named texts; of two texts the lines that both have, in their order,
 * are left out, and of two long lines the words that both begin and end with.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/content_difference.h"
#include "cli/render.h"

/* ---- named texts ---- */

struct named {
    const char *name, *text;
};

struct named_list {
    struct named *items;
    size_t count;
};

/* As a calendar calls it, and findings do: "text" for parts[0].text, "thread[1]" for parts[1].text. */
static const char *name_of(struct cli *cli, const char *path)
{
    unsigned part;
    int length = 0;
    if (!strncmp(path, "content.", 8))
        path += 8;
    if (sscanf(path, "parts[%u].%n", &part, &length) != 1 || !length)
        return path;
    if (!part)
        return path + length;
    return strcmp(path + length, "text") != 0 ? arena_printf(cli->arena, "thread[%u].%s", part, path + length)
                                              : arena_printf(cli->arena, "thread[%u]", part);
}

static void add_text(struct cli *cli, const char *path, const json_t *value, struct named_list *list)
{
    char *printed = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
    *arena_push(cli->arena, list->items, list->count) =
        (struct named){name_of(cli, path), arena_strdup(cli->arena, printed ? printed : json_string_value(value))};
    free(printed);
}

static void flatten(struct cli *cli, const char *path, const json_t *value, struct named_list *list)
{
    const char *key;
    json_t *member;
    size_t i;
    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, key, member)
            flatten(cli, *path ? arena_printf(cli->arena, "%s.%s", path, key) : key, member, list);
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, member)
            flatten(cli, arena_printf(cli->arena, "%s[%zu]", path, i), member, list);
    } else if (value) {
        add_text(cli, path, value, list);
    }
}

static const char *find_text(const struct named_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->items[i].name, name))
            return list->items[i].text;
    return NULL;
}

/* ---- two lines ---- */

enum { KEPT_WORDS = 3, LEFT_OUT_LEAST = 16 }; /* beside what differs; bytes that are worth a "…" */

/* So many words back from a place, which is moved to the beginning of its own. Blanks are ASCII: no character is cut. */
static size_t words_back(const char *line, size_t at, int words)
{
    for (; at && words >= 0; words--) {
        at--;
        while (at && line[at - 1] != ' ')
            at--;
    }
    return at;
}

static size_t words_on(const char *line, size_t at, size_t length, int words)
{
    for (; at < length && words >= 0; words--) {
        at++;
        while (at < length && line[at] != ' ')
            at++;
    }
    return at;
}

static size_t same_head(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] && a[i] == b[i])
        i++;
    return i;
}

static size_t same_tail(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t i = 0;
    while (i < a_length && i < b_length && a[a_length - 1 - i] == b[b_length - 1 - i])
        i++;
    return i;
}

static void print_line(struct cli *cli, char sign, const char *line, size_t from, size_t until)
{
    size_t length = strlen(line);
    const char *text = arena_strndup(cli->arena, line + from, until - from);
    puts(render_painted(cli, sign == '-' ? PAINT_RED : PAINT_GREEN,
                        arena_printf(cli->arena, "      %c %s%s%s", sign, from ? "… " : "", render_line(cli, text),
                                     until < length ? " …" : "")));
}

static void print_pair(struct cli *cli, const char *old, const char *new)
{
    if (!strcmp(old, new))
        return;
    size_t old_length = strlen(old), new_length = strlen(new), head = same_head(old, new),
           tail = same_tail(old + head, old_length - head, new + head, new_length - head);
    size_t from = words_back(old, head, KEPT_WORDS);
    size_t until = words_on(old, old_length - tail, old_length, KEPT_WORDS), cut = old_length - until;
    from = from < LEFT_OUT_LEAST ? 0 : from;
    cut = cut < LEFT_OUT_LEAST ? 0 : cut;
    print_line(cli, '-', old, from, old_length - cut);
    print_line(cli, '+', new, from, new_length - cut);
    if (render_looks_alike(render_line(cli, old), render_line(cli, new)))
        puts("        (they look alike: other blanks, or characters written otherwise)");
}

/* ---- two texts ---- */

struct lines {
    const char **items;
    size_t count;
};

struct span { /* of lines that went, and of those that came in their place */
    size_t old, old_end, new, new_end;
};

static struct lines split(struct cli *cli, const char *text)
{
    struct lines lines = {0};
    while (text && *text) {
        size_t length = strcspn(text, "\n");
        *arena_push(cli->arena, lines.items, lines.count) = arena_strndup(cli->arena, text, length);
        text += length + (text[length] == '\n');
    }
    return lines;
}

static void print_span(struct cli *cli, const struct lines *old, const struct lines *new, const struct span *span)
{
    size_t count = span->old_end - span->old;
    if (count == span->new_end - span->new) {
        for (size_t i = 0; i < count; i++)
            print_pair(cli, old->items[span->old + i], new->items[span->new + i]);
        return;
    }
    for (size_t i = span->old; i < span->old_end; i++)
        print_line(cli, '-', old->items[i], 0, strlen(old->items[i]));
    for (size_t i = span->new; i < span->new_end; i++)
        print_line(cli, '+', new->items[i], 0, strlen(new->items[i]));
}

/* How long the longest common subsequence from each pair of lines on is: a table of (old + 1) × (new + 1). */
static const uint32_t *common_lengths(struct cli *cli, const struct lines *old, const struct lines *new)
{
    size_t width = new->count + 1;
    uint32_t *lengths = arena_alloc_array(cli->arena, (old->count + 1) * width, sizeof *lengths);
    for (size_t i = old->count; i-- > 0;)
        for (size_t k = new->count; k-- > 0;) {
            uint32_t down = lengths[(i + 1) * width + k], right = lengths[i * width + k + 1];
            lengths[i * width + k] = !strcmp(old->items[i], new->items[k]) ? lengths[(i + 1) * width + k + 1] + 1
                                     : down > right                       ? down
                                                                          : right;
        }
    return lengths;
}

static void print_spans(struct cli *cli, const struct lines *old, const struct lines *new)
{
    const uint32_t *lengths = common_lengths(cli, old, new);
    size_t width = new->count + 1, printed = 0;
    struct span span = {0};
    while (span.old < old->count || span.new < new->count) {
        while (lengths[span.old_end * width + span.new_end] &&
               strcmp(old->items[span.old_end], new->items[span.new_end]) != 0)
            if (lengths[(span.old_end + 1) * width + span.new_end] ==
                lengths[span.old_end * width + span.new_end])
                span.old_end++;
            else
                span.new_end++;
        if (!lengths[span.old_end * width + span.new_end]) {
            span.old_end = old->count;
            span.new_end = new->count;
        }
        if (span.old < span.old_end || span.new < span.new_end) {
            if (printed++)
                puts("        …");
            print_span(cli, old, new, &span);
        }
        span.old = ++span.old_end;
        span.new = ++span.new_end;
    }
    if (!printed)
        puts("        (a line break at its end)");
}

/* Texts of so many lines that the table would be large are compared line by line, or shown whole. */
static bool is_too_long(const struct lines *old, const struct lines *new)
{
    enum { CELLS_MOST = 4000000 };
    return (old->count + 1) > CELLS_MOST / (new->count + 1);
}

static void print_text(struct cli *cli, const char *name, const char *before, const char *after)
{
    struct lines old = split(cli, before), new = split(cli, after);
    printf("    %s\n", render_line(cli, name));
    if (is_too_long(&old, &new))
        print_span(cli, &old, &new, &(struct span){0, old.count, 0, new.count});
    else
        print_spans(cli, &old, &new);
}

void content_difference_print(struct cli *cli, const json_t *before, const json_t *after)
{
    struct named_list old = {0}, new = {0};
    flatten(cli, "", before, &old);
    flatten(cli, "", after, &new);
    for (size_t i = 0; i < new.count; i++) {
        const char *was = find_text(&old, new.items[i].name);
        if (!was || strcmp(was, new.items[i].text) != 0)
            print_text(cli, new.items[i].name, was, new.items[i].text);
    }
    for (size_t i = 0; i < old.count; i++)
        if (!find_text(&new, old.items[i].name))
            print_text(cli, old.items[i].name, old.items[i].text, NULL);
}
