/*
 * Any bytes as Markdown: the HTML has nothing that runs, its tags are balanced, its text fits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/error.h"
#include "network/markdown.h"

/* cmark writes only these; what the author wrote is escaped, so that '<' begins a tag of ours. */
static const char *const tags[] = {"p",   "h2", "h3", "h4", "h5", "h6", "em",         "strong", "a",
                                   "img", "br", "hr", "ul", "ol", "li", "blockquote", "pre",    "code",
                                   "table", "thead", "tbody", "tr", "th", "td"};

static void check_tag(const char *tag)
{
    const char *name = tag + (*tag == '/');
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (strlen(tags[i]) == length && !strncmp(tags[i], name, length))
            return;
    bug("a tag that is not ours: %.40s", tag);
}

static void check_html(const char *html)
{
    long depth = 0;
    for (const char *at = html; (at = strchr(at, '<')); at++) {
        const char *end = strchr(at, '>');
        if (!end)
            bug("a tag is left open");
        check_tag(at + 1);
        depth += at[1] == '/' ? -1 : end[-1] == '/' ? 0 : 1;
        if (depth < 0)
            bug("more ends than starts");
    }
    if (depth)
        bug("a start without an end");
    if (strcasestr(html, "href=\"javascript:") || strcasestr(html, "src=\"data:"))
        bug("a dangerous address");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *markdown = arena_strndup(arena, (const char *)data, size);
    const char *const files[] = {"a.png"};
    struct markdown_image images[] = {{.file = "a.png", .url = "https://example.org/a.png"}};
    check_html(markdown_to_html(markdown, 2, images, 1, arena));
    if (strlen(markdown_to_text(markdown, arena)) > 3 * size + 16)
        bug("the text is longer than what it was made from");
    (void)markdown_to_plain(markdown, arena);
    (void)markdown_has_html(markdown);
    (void)markdown_missing_image(markdown, files, 1, arena);
    arena_free(arena);
    return 0;
}
