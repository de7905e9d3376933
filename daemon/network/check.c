/*
 * network_check of network.h: a content held against the facts of a network. It knows the table, not the
 * networks; what the table cannot say a driver's own 'check' adds.
 *
 * What a network lacks is an error where something would be lost or seen by more people than meant, a
 * warning where it only looks poorer. Language, categories and tags are silent: they are harmless to drop.
 */
#include <stdarg.h>
#include <string.h>

#include "network/article.h"
#include "network/markdown.h"
#include "network/network.h"
#include "network/text.h"

struct checking {
    const struct account *account;
    const struct network *network;
    const struct content *content;
    const struct diag *where;
    struct diags *diags;
    struct arena *arena; /* the findings' */
};

static void report(struct checking *c, enum diag_level level, const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void report(struct checking *c, enum diag_level level, const char *rule, const char *format, ...)
{
    struct diag found = c->where ? *c->where : (struct diag){0};
    va_list args;
    va_start(args, format);
    found.level = level;
    found.rule = rule;
    found.account = c->account->name;
    found.message = arena_vprintf(c->arena, format, args);
    found.word = found.nearest = NULL;
    va_end(args);
    diags_add(c->diags, &found);
}

static bool is_empty(const char *text)
{
    return !text || !text[strspn(text, " \t\n")];
}

static bool has(const struct checking *c, enum feature feature)
{
    return (c->network->features & (unsigned)feature) != 0;
}

/* "part 2: " in a thread, "" for a single post. */
static const char *part_name(struct checking *c, size_t part)
{
    return c->content->part_count > 1 ? arena_printf(c->arena, "part %zu: ", part + 1) : "";
}

/* A blog whose body replaces the text does not send the text. */
static bool sends_body(const struct checking *c)
{
    return has(c, FEATURE_BODY) && !is_empty(c->content->body);
}

static void check_length(struct checking *c, size_t part, const json_t *session)
{
    const struct text_rule *rule = text_rule_find(c->network->name);
    if (!rule || (sends_body(c) && (part || !has(c, FEATURE_MARKDOWN))))
        return;
    const char *text = c->content->parts[part].text;
    if (c->network->compose)
        text = c->network->compose(c->content, part, c->arena);
    size_t limit = c->network->text_limit ? c->network->text_limit(c->account, session) : 0;
    if (text_surely_fits(rule, text, strlen(text), limit))
        return;
    struct measure m = text_measure(rule, text, strlen(text), limit, c->arena);
    if (m.limit && m.length > m.limit)
        report(c, DIAG_ERROR, "text-length", "%stext is %zu %s long, %s allows %zu", part_name(c, part),
               m.length, text_rule_unit(rule), c->network->name, m.limit);
    else if (m.byte_limit && m.bytes > m.byte_limit)
        report(c, DIAG_ERROR, "text-length", "%stext is %zu bytes long, %s allows %zu", part_name(c, part),
               m.bytes, c->network->name, m.byte_limit);
}

static bool takes_type(const struct network *network, const char *mime)
{
    if (!network->image_types || !mime)
        return true;
    for (const char *const *type = network->image_types; *type; type++)
        if (!strcmp(*type, mime))
            return true;
    return false;
}

static void check_image(struct checking *c, size_t part, const struct media *media)
{
    const char *in = part_name(c, part);
    size_t alt = media->alt ? text_graphemes(media->alt, strlen(media->alt)) : 0;
    if (c->network->max_alt && alt > c->network->max_alt)
        report(c, DIAG_ERROR, "alt-text-length", "%salt text of '%s' is %zu graphemes long, %s allows %zu",
               in, media->file, alt, c->network->name, c->network->max_alt);
    if (!takes_type(c->network, media->mime))
        report(c, DIAG_ERROR, "image-type", "%s'%s' is %s, which %s does not take", in, media->file,
               media->mime, c->network->name);
    if (c->network->max_image_bytes && media->size > c->network->max_image_bytes)
        report(c, DIAG_ERROR, "image-size", "%s'%s' has %lld bytes, %s allows %lld", in, media->file,
               (long long)media->size, c->network->name, (long long)c->network->max_image_bytes);
}

static void check_images(struct checking *c, size_t part)
{
    const struct part *p = &c->content->parts[part];
    if (!p->media_count)
        return;
    if (!has(c, FEATURE_IMAGES)) {
        report(c, DIAG_ERROR, "images", "%s%s takes no images", part_name(c, part), c->network->name);
        return;
    }
    if (c->network->fetches_images && !c->account->hosted)
        report(c, DIAG_ERROR, "media-urls",
               "%s%s fetches images from a public address: say in cald.yaml how they get one ('media_urls')",
               part_name(c, part), c->network->name);
    if (p->media_count > c->network->max_images)
        report(c, DIAG_ERROR, "image-count", "%s%zu images, %s allows %zu", part_name(c, part),
               p->media_count, c->network->name, c->network->max_images);
    for (size_t i = 0; i < p->media_count; i++)
        check_image(c, part, &p->media[i]);
}

static void check_thread(struct checking *c)
{
    if (c->content->part_count > 1 && !has(c, FEATURE_THREAD) && !sends_body(c))
        report(c, DIAG_ERROR, "thread", "%s has no threads: parts 2 to %zu would be lost", c->network->name,
               c->content->part_count);
}

static void check_empty_parts(struct checking *c)
{
    for (size_t i = 0; i < c->content->part_count && !sends_body(c); i++) {
        const struct part *p = &c->content->parts[i];
        bool link_goes_with_it = c->content->link && c->content->part_count == 1;
        if (is_empty(p->text) && !p->media_count && !link_goes_with_it && is_empty(c->content->body))
            report(c, DIAG_ERROR, "empty", "%snothing to publish: no text, no image, no body",
                   part_name(c, i));
    }
}

static void check_body_images(struct checking *c)
{
    size_t count;
    const struct media **all = article_media(c->content, c->arena, &count);
    const char **files = arena_alloc_array(c->arena, count + 1, sizeof *files);
    for (size_t i = 0; i < count; i++)
        files[i] = all[i]->file;
    const char *missing = markdown_missing_image(c->content->body, files, count, c->arena);
    if (missing)
        report(c, DIAG_WARNING, "body",
               "the body shows '%s', which is not among the post's media: it will be missing", missing);
}

static void check_body(struct checking *c)
{
    const struct content *content = c->content;
    bool has_text = content->part_count && !is_empty(content->parts[0].text);
    if (is_empty(content->body))
        return;
    if (!has(c, FEATURE_BODY)) {
        if (!has_text)
            report(c, DIAG_ERROR, "body", "%s has no long form and there is no text: add one, or a variant",
                   c->network->name);
        return;
    }
    check_body_images(c);
    if (strlen(content->body) > MARKDOWN_MOST)
        report(c, DIAG_ERROR, "body", "body is %zu bytes long, at most %d are read", strlen(content->body),
               MARKDOWN_MOST);
    else if (!has(c, FEATURE_MARKDOWN) && markdown_has_html(content->body))
        report(c, DIAG_WARNING, "body", "the body has raw HTML, which is left out: write it in Markdown");
}

static void check_title(struct checking *c)
{
    const char *title = c->content->title;
    size_t length = title ? text_graphemes(title, strlen(title)) : 0;
    if (!length)
        return;
    if (!has(c, FEATURE_TITLE))
        report(c, DIAG_WARNING, "title", "%s has no titles: the title is not shown", c->network->name);
    else if (c->network->max_title && length > c->network->max_title)
        report(c, DIAG_ERROR, "title-length", "title is %zu graphemes long, %s allows %zu", length,
               c->network->name, c->network->max_title);
}

static void check_audience(struct checking *c)
{
    if (c->content->visibility != VISIBILITY_PUBLIC && !has(c, FEATURE_VISIBILITY))
        report(c, DIAG_ERROR, "visibility", "%s knows public posts only: '%s' would be seen by everybody",
               c->network->name, visibility_name(c->content->visibility));
    if (!is_empty(c->content->warning) && !has(c, FEATURE_WARNING))
        report(c, DIAG_WARNING, "warning", "%s has no content warnings: this one is not shown",
               c->network->name);
}

/* The driver knows the account; the place in the document it takes from us. */
static void check_by_driver(struct checking *c)
{
    if (!c->network->check)
        return;
    struct diags own = diags_in(c->arena);
    c->network->check(c->account, c->content, &own);
    for (size_t i = 0; i < own.count; i++)
        report(c, own.items[i].level, own.items[i].rule, "%s", own.items[i].message);
}

void network_check(const struct account *account, const struct content *content, const json_t *session,
                   const struct diag *where, struct diags *diags)
{
    struct checking c = {account, account->network, content, where, diags, diags->arena};
    check_thread(&c);
    check_empty_parts(&c);
    for (size_t i = 0; i < content->part_count; i++) {
        check_length(&c, i, session);
        check_images(&c, i);
    }
    check_body(&c);
    check_title(&c);
    check_audience(&c);
    check_by_driver(&c);
}
