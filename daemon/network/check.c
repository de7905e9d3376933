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
#include "network/fit.h"
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
    const char *remedy;  /* of what is found now; or NULL */
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
    found.remedy = c->remedy;
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

/* Among the names that a network takes: NULL: it takes all. */
static bool is_among(const char *const *names, const char *name)
{
    if (!names || !name)
        return true;
    for (; *names; names++)
        if (!strcmp(*names, name))
            return true;
    return false;
}

static void check_alt(struct checking *c, size_t part, const struct media *media)
{
    size_t alt = media->alt ? text_graphemes(media->alt, strlen(media->alt)) : 0;
    if (c->network->max_alt && alt > c->network->max_alt)
        report(c, DIAG_ERROR, "alt-text-length", "%salt text of '%s' is %zu graphemes long, %s allows %zu",
               part_name(c, part), media->file, alt, c->network->name, c->network->max_alt);
}

/* What breaks a limit is an error where nobody can mend it. What is mended is worth a word where something is lost
 * that shows; a preview tells all that is done. */
static void check_limits(struct checking *c, const char *in, const struct media *media, const json_t *session)
{
    struct image_limits limits = image_limits_of(c->account, session, c->arena);
    struct fit_fault faults[FIT_FAULTS];
    size_t count = fit_faults(c->account, media, &limits, c->arena, faults);
    struct fit fit;
    enum fit_need need = fit_plan(media, &limits, &fit);
    if (need == FIT_NEEDED && c->account->fits_images) {
        const char *loss = fit_loss(media, &fit);
        if (loss)
            report(c, DIAG_WARNING, "image-fitted", "%s%s%s: it will be %s; %s", in, faults[0].why,
                   count > 1 ? ", among others" : "", fit_describe(media, &fit, c->arena), loss);
        return;
    }
    c->remedy = need == FIT_NEEDED ? "install libvips-tools, and it is scaled or re-encoded" : NULL;
    for (size_t i = 0; i < count; i++)
        report(c, DIAG_ERROR, faults[i].rule, "%s%s", in, faults[i].why);
    c->remedy = NULL;
}

static void check_image(struct checking *c, size_t part, const struct media *media, const json_t *session)
{
    check_alt(c, part, media);
    check_limits(c, part_name(c, part), media, session);
}

static const char *seconds(struct arena *arena, duration length)
{
    return arena_printf(arena, "%lld.%01lld s", (long long)(length / 1000), (long long)(length % 1000 / 100));
}

static void check_coding(struct checking *c, const char *in, const struct media *media)
{
    const struct video_limits *limits = c->network->video;
    if (!is_among(limits->types, media->mime))
        report(c, DIAG_ERROR, "video-type", "%s'%s' is %s, which %s does not take", in, media->file,
               media->mime, c->network->name);
    if (!is_among(limits->codecs, media->codec))
        report(c, DIAG_ERROR, "video-codec", "%sthe picture of '%s' is coded as '%s', which %s does not take",
               in, media->file, media->codec, c->network->name);
    if (!is_among(limits->sounds, media->sound))
        report(c, DIAG_ERROR, "video-codec", "%sthe sound of '%s' is coded as '%s', which %s does not take",
               in, media->file, media->sound, c->network->name);
}

static void check_index(struct checking *c, const char *in, const struct media *media)
{
    if (c->network->video->index_first && media->index_last)
        report(
            c, DIAG_ERROR, "video-index",
            "%s'%s' has its index (moov) at its end, %s wants it in front: 'ffmpeg -i %s -c copy -movflags "
            "+faststart NEW.mp4'",
            in, media->file, c->network->name, media->file);
}

static void check_length_of_video(struct checking *c, const char *in, const struct media *media)
{
    const struct video_limits *limits = c->network->video;
    if (limits->max_length && media->length > limits->max_length)
        report(c, DIAG_ERROR, "video-length", "%s'%s' lasts %s, %s allows %s", in, media->file,
               seconds(c->arena, media->length), c->network->name, seconds(c->arena, limits->max_length));
    if (media->length < limits->min_length)
        report(c, DIAG_ERROR, "video-length", "%s'%s' lasts %s, %s wants at least %s", in, media->file,
               seconds(c->arena, media->length), c->network->name, seconds(c->arena, limits->min_length));
}

static void check_frame(struct checking *c, const char *in, const struct media *media)
{
    const struct video_limits *limits = c->network->video;
    unsigned width = media->width, height = media->height;
    uint64_t shape = height ? (uint64_t)width * 100 / height : 0;
    if ((limits->max_width && width > limits->max_width) ||
        (limits->max_height && height > limits->max_height))
        report(c, DIAG_ERROR, "video-frame", "%s'%s' is %u × %u pixels, %s allows %u × %u", in, media->file,
               width, height, c->network->name, limits->max_width, limits->max_height);
    if (limits->max_pixels && (int64_t)width * height > limits->max_pixels)
        report(c, DIAG_ERROR, "video-frame", "%s'%s' is %u × %u pixels, %s allows %lld in all", in,
               media->file, width, height, c->network->name, (long long)limits->max_pixels);
    if ((limits->min_shape && shape < limits->min_shape) || (limits->max_shape && shape > limits->max_shape))
        report(c, DIAG_ERROR, "video-frame",
               "%s'%s' is %u × %u pixels, %s takes shapes from %u.%02u:1 to %u.%02u:1", in, media->file,
               width, height, c->network->name, limits->min_shape / 100, limits->min_shape % 100,
               limits->max_shape / 100, limits->max_shape % 100);
}

/* Where the limit is a setting of the server, the account can say what it is there. */
static const char *remedy_of_size(const struct network *network)
{
    for (size_t i = 0; i < network->option_count; i++)
        if (!strcmp(network->options[i].name, "max_video_megabytes"))
            return "if the server takes more, say so in cald.yaml: max_video_megabytes";
    return NULL;
}

static void check_size_of_video(struct checking *c, const char *in, const struct media *media)
{
    int64_t most = video_bytes_of(c->account);
    if (!most || media->size <= most)
        return;
    c->remedy = remedy_of_size(c->network);
    report(c, DIAG_ERROR, "video-size", "%s'%s' has %lld bytes, %s allows %lld", in, media->file,
           (long long)media->size, c->network->name, (long long)most);
    c->remedy = NULL;
}

static void check_video(struct checking *c, size_t part, const struct media *media)
{
    const char *in = part_name(c, part);
    check_alt(c, part, media);
    check_coding(c, in, media);
    check_size_of_video(c, in, media);
    check_index(c, in, media);
    check_length_of_video(c, in, media);
    check_frame(c, in, media);
}

static void check_document(struct checking *c, size_t part, const struct media *media)
{
    const struct document_limits *limits = c->network->document;
    if (limits->max_bytes && media->size > limits->max_bytes)
        report(c, DIAG_ERROR, "document-size", "%s'%s' has %lld bytes, %s allows %lld", part_name(c, part),
               media->file, (long long)media->size, c->network->name, (long long)limits->max_bytes);
}

static void check_documents(struct checking *c, size_t part, size_t documents, size_t others)
{
    const struct document_limits *limits = c->network->document;
    if (!limits || !documents)
        return;
    if (documents > limits->most)
        report(c, DIAG_ERROR, "document-count", "%s%zu documents, %s allows %zu", part_name(c, part),
               documents, c->network->name, limits->most);
    if (limits->alone && others)
        report(c, DIAG_ERROR, "document-count", "%s%s takes no images or videos beside a document",
               part_name(c, part), c->network->name);
}

static void check_counts(struct checking *c, size_t part, size_t images, size_t videos)
{
    const struct network *network = c->network;
    const struct video_limits *limits = network->video;
    const char *in = part_name(c, part);
    if (images > network->max_images)
        report(c, DIAG_ERROR, "image-count", "%s%zu images, %s allows %zu", in, images, network->name,
               network->max_images);
    if (!limits || !videos)
        return;
    if (videos > limits->most)
        report(c, DIAG_ERROR, "video-count", "%s%zu videos, %s allows %zu", in, videos, network->name,
               limits->most);
    if (limits->alone && images)
        report(c, DIAG_ERROR, "video-count", "%s%s takes no images beside a video", in, network->name);
    else if (limits->most_together && images + videos > limits->most_together)
        report(c, DIAG_ERROR, "video-count", "%s%zu images and videos, %s allows %zu", in, images + videos,
               network->name, limits->most_together);
}

static void check_each(struct checking *c, size_t part, const json_t *session)
{
    const struct part *p = &c->content->parts[part];
    for (size_t i = 0; i < p->media_count; i++) {
        const struct media *media = &p->media[i];
        if (media_is_video(media) && c->network->video)
            check_video(c, part, media);
        else if (media_is_document(media) && c->network->document)
            check_document(c, part, media);
        else if (media_is_image(media) && has(c, FEATURE_IMAGES))
            check_image(c, part, media, session);
    }
}

static void report_no_videos(struct checking *c, size_t part)
{
    const char *why = c->network->no_videos;
    report(c, DIAG_ERROR, "videos",
           "%s%s takes no videos, or cald cannot bring them there%s%s; publish it elsewhere, and give its "
           "address as 'link'",
           part_name(c, part), c->network->name, why ? ": " : "", why ? why : "");
}

static void check_media(struct checking *c, size_t part, const json_t *session)
{
    const struct part *p = &c->content->parts[part];
    size_t images = 0, videos = 0, documents = 0;
    for (size_t i = 0; i < p->media_count; i++) {
        images += media_is_image(&p->media[i]);
        videos += media_is_video(&p->media[i]);
        documents += media_is_document(&p->media[i]);
    }
    bool no_images = images && !has(c, FEATURE_IMAGES), no_videos = videos && !c->network->video,
         no_documents = documents && !c->network->document;
    if (!p->media_count)
        return;
    if (no_images)
        report(c, DIAG_ERROR, "images", "%s%s takes no images", part_name(c, part), c->network->name);
    if (no_videos)
        report_no_videos(c, part);
    if (no_documents)
        report(c, DIAG_ERROR, "documents", "%s%s takes no documents, or cald cannot bring them there",
               part_name(c, part), c->network->name);
    if (no_images || no_videos || no_documents)
        return;
    if (c->network->fetches_images && !c->account->hosted)
        report(c, DIAG_ERROR, "media-urls",
               "%s%s fetches media from a public address: say in cald.yaml how they get one ('media_urls')",
               part_name(c, part), c->network->name);
    check_counts(c, part, images, videos);
    check_documents(c, part, documents, images + videos);
    check_each(c, part, session);
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
               "the body shows '%s', which is not among the post's media: add it there, or it will be missing", missing);
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
    struct checking c = {account, account->network, content, where, diags, diags->arena, NULL};
    check_thread(&c);
    check_empty_parts(&c);
    for (size_t i = 0; i < content->part_count; i++) {
        check_length(&c, i, session);
        check_media(&c, i, session);
    }
    check_body(&c);
    check_title(&c);
    check_audience(&c);
    check_by_driver(&c);
}
