/* previews: as text what the daemon, or its code, says of posts as networks will show and count them. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/post.h"
#include "cli/render.h"

static const char *counted(struct cli *cli, const json_t *part, const char *unit)
{
    const json_t *limit = json_member(part, "limit"), *bytes = json_member(part, "byte_limit");
    const char *text =
        json_is_null(json_member(part, "length"))
            ? arena_printf(cli->arena, "%lld bytes", (long long)json_number(part, "bytes", 0))
            : arena_printf(cli->arena, "%lld%s %s", (long long)json_number(part, "length", 0),
                           json_is_null(limit)
                               ? ""
                               : arena_printf(cli->arena, " of %lld", (long long)json_integer_value(limit)),
                           unit);
    if (!json_is_null(bytes))
        text = arena_printf(cli->arena, "%s, %lld of %lld bytes", text,
                            (long long)json_number(part, "bytes", 0), (long long)json_integer_value(bytes));
    return json_flag(part, "fits", true)
               ? text
               : arena_printf(cli->arena, "%s, %s", text, render_painted(cli, PAINT_RED, "too long"));
}

static void print_text(struct cli *cli, const json_t *part)
{
    const char *text = json_text(part, "text");
    size_t fits = (size_t)json_number(part, "cut", (int64_t)strlen(text));
    render_wrapped(cli, "  | ", arena_strndup(cli->arena, text, fits));
    if (text[fits]) {
        printf("  %s\n",
               render_painted(cli, PAINT_RED, "-- here the limit is reached, this does not fit: --"));
        render_wrapped(cli, "  x ", text + fits);
    }
}

static void print_entities(struct cli *cli, const json_t *part)
{
    const json_t *entities = json_member(part, "entities");
    for (size_t i = 0; i < json_array_size(entities); i++) {
        const json_t *e = json_array_get(entities, i);
        printf("  %-8s %s (counts %lld)\n", json_text(e, "kind"), render_line(cli, json_text(e, "text")),
               (long long)json_number(e, "counts", 0));
    }
}

/* Its pages are not counted. */
static void print_document(struct cli *cli, const json_t *media)
{
    printf("  document %s, %lld bytes\n", render_line(cli, json_text(media, "file")),
           (long long)json_number(media, "bytes", 0));
    render_wrapped(cli, "           ", json_text(media, "alt"));
}

static void print_media(struct cli *cli, const json_t *part)
{
    const json_t *media = json_member(part, "media");
    for (size_t i = 0; i < json_array_size(media); i++) {
        const json_t *m = json_array_get(media, i);
        const char *alt = json_text(m, "alt");
        const char *type = json_text(m, "type");
        int64_t length = json_number(m, "length_ms", 0);
        if (type && !strcmp(type, "application/pdf")) {
            print_document(cli, m);
            continue;
        }
        printf("  %s    %s, %lld × %lld, %lld bytes", length ? "video" : "image",
               render_line(cli, json_text(m, "file")), (long long)json_number(m, "width", 0),
               (long long)json_number(m, "height", 0), (long long)json_number(m, "bytes", 0));
        if (length)
            printf(", %lld.%lld s, %s%s%s", (long long)(length / 1000), (long long)(length % 1000 / 100),
                   json_text(m, "codec"), json_text(m, "sound") ? " and " : ", silent",
                   json_text(m, "sound") ? json_text(m, "sound") : "");
        putchar('\n');
        if (json_text(m, "becomes"))
            printf("           will be %s\n", render_line(cli, json_text(m, "becomes")));
        render_wrapped(cli, "           ", *alt ? alt : "(no alternative text)");
    }
}

static void print_part(struct cli *cli, const json_t *part, const char *unit)
{
    if (json_number(part, "of", 1) > 1)
        printf("  %lld/%lld, ", (long long)json_number(part, "number", 1),
               (long long)json_number(part, "of", 1));
    else
        fputs("  ", stdout);
    puts(counted(cli, part, unit));
    print_text(cli, part);
    print_entities(cli, part);
    print_media(cli, part);
}

static void print_fields(struct cli *cli, const json_t *fields)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)fields, name, value)
    {
        printf("  %-8s ", name);
        for (size_t i = 0; i < json_array_size(value); i++)
            printf("%s%s", i ? ", " : "", render_line(cli, json_string_value(json_array_get(value, i))));
        puts(json_is_string(value) ? render_line(cli, json_string_value(value)) : "");
    }
}

static void print_one(struct cli *cli, const json_t *one)
{
    const json_t *parts = json_member(one, "parts"), *findings = json_member(one, "findings");
    const char *unit = json_text(one, "unit"), *article = json_text(one, "article");
    printf("%s (%s)\n", render_bold(cli, render_line(cli, json_text(one, "account"))),
           json_text(one, "title"));
    print_fields(cli, json_member(one, "fields"));
    for (size_t i = 0; i < json_array_size(parts); i++)
        print_part(cli, json_array_get(parts, i), unit ? unit : "");
    if (article) {
        puts("  article");
        render_wrapped(cli, "  | ", article);
    }
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *f = json_array_get(findings, i);
        bool error = !strcmp(json_text(f, "level"), "error");
        const char *remedy = json_text(f, "remedy");
        printf("  %s: %s%s%s\n", render_painted(cli, error ? PAINT_RED : PAINT_YELLOW, json_text(f, "level")),
               render_line(cli, json_text(f, "message")), remedy ? "; " : "",
               remedy ? render_line(cli, remedy) : "");
    }
}

void previews_print(struct cli *cli, const json_t *items)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        if (i)
            puts("");
        print_one(cli, json_array_get(items, i));
    }
}
