/*
 * Any bytes as a charter and, after a line with three dashes, as the words that it judges: a charter without
 * errors or errors without a charter; what it says of words has a rule and a message, and its place is within them; the
 * parameters that it adds to links are added once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/yaml.h"
#include "editorial/check.h"
#include "editorial/link_add.h"
#include "network/drivers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct account accounts[] = {
    {.name = "site", .network = &network_feed},
    {.name = "mastodon", .network = &network_mastodon},
};
enum { ACCOUNTS = sizeof accounts / sizeof *accounts };

static void check_diags(const struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++)
        if (!diags->items[i].rule || !*diags->items[i].message)
            bug("a finding without rule or message");
}

static const char *text_named(const struct content *content, const char *in)
{
    if (!strcmp(in, "thread[1]"))
        return content->parts[1].text;
    return !strcmp(in, "link") ? content->link : content->title;
}

/* Each place is one of characters, in the text that it names. */
static void check_places(const struct diags *diags, const struct content *content)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *d = &diags->items[i];
        const char *text = d->in ? text_named(content, d->in) : "";
        size_t length = strlen(text);
        if (!d->in)
            continue;
        if (d->start > d->end || d->end > length || (text[d->start] & 0xC0) == 0x80 || (text[d->end] & 0xC0) == 0x80)
            bug("%s: %zu to %zu of %zu bytes", d->rule, d->start, d->end, length);
    }
}

static void add_links(const struct charter *charter, const struct account *account, const struct content *content,
                      struct arena *arena)
{
    const struct post post = {.id = "p", .bucket = "news"};
    const struct content *once = link_add(charter, &post, account, content, arena);
    if (link_add(charter, &post, account, once, arena) != once)
        bug("parameters are added twice");
}

static void judge(const struct charter *charter, const char *words, struct arena *arena)
{
    struct media pictures[] = {{.file = "a.png"}, {.file = "b.png", .alt = words}};
    struct part parts[] = {{.text = words, .media = pictures, .media_count = 2},
                           {.text = "TOUT haut : Tu et vous."}};
    struct content content = {.parts = parts,
                              .part_count = 2,
                              .title = words,
                              .link = "https://example.org/?src=a",
                              .language = "fr",
                              .body = words};
    for (size_t i = 0; i < ACCOUNTS; i++) {
        struct diags diags = diags_in(arena);
        struct diag where = {.file = "f", .line = 1, .column = 1};
        check_words(charter, &accounts[i], &content, "news", &where, &diags);
        check_diags(&diags);
        if (utf8_is_valid(words, strlen(words))) /* as contents are */
            check_places(&diags, &content);
        add_links(charter, &accounts[i], &content, arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct account *pointers[ACCOUNTS] = {&accounts[0], &accounts[1]};
    struct calendar_world world = {.accounts = pointers, .account_count = ACCOUNTS};
    struct arena *arena = arena_new();
    struct diags diags = diags_in(arena);
    const char *text = arena_strndup(arena, (const char *)data, size), *end = strstr(text, "\n---\n");
    size_t length = end ? (size_t)(end - text) : size;
    const struct yaml *root = yaml_parse("f", (const char *)data, length, arena, &diags);
    if (root) {
        const struct charter *charter = charter_load("f", root, &world, arena, &diags);
        if (!charter == !diags.errors)
            bug("a charter with errors, or none without");
        if (charter)
            judge(charter, end ? end + 5 : "", arena);
    }
    check_diags(&diags);
    arena_free(arena);
    return 0;
}
