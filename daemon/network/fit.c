/*
 * See fit.h. Knows limits and arithmetic, neither networks nor the program that writes images. PNG becomes
 * JPEG only where it would be too many bytes, for it is mostly a drawing or a screenshot; GIF stays GIF, for
 * it mostly moves.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "network/fit.h"

enum { SIDE_LEAST = 320, QUALITY_FIRST = 90, QUALITY_LAST = 80 };

/* ---- limits ---- */

struct image_limits image_limits_of(const struct account *account, const json_t *session, struct arena *arena)
{
    const struct network *network = account->network;
    struct image_limits limits = {
        .bytes = network->max_image_bytes,
        .gif_bytes = network->max_gif_bytes,
        .pixels = network->max_image_pixels,
        .sides = network->max_image_sides,
        .types = network->image_types,
    };
    if (network->image_limits)
        network->image_limits(account, session, arena, &limits);
    int64_t megabytes = json_number(account->options, "max_image_megabytes", 0);
    if (megabytes)
        limits.bytes = megabytes * 1000 * 1000;
    return limits;
}

int64_t video_bytes_of(const struct account *account)
{
    int64_t megabytes = json_number(account->options, "max_video_megabytes", 0);
    const struct video_limits *limits = account->network->video;
    return megabytes ? megabytes * 1000 * 1000 : limits ? limits->max_bytes : 0;
}

/* A video is taken by anybody here: what is wrong with one is not ours. */
static bool takes(const struct image_limits *limits, const char *mime)
{
    if (!mime || strncmp(mime, "image/", 6) != 0)
        return true;
    for (const char *const *type = limits->types; type && *type; type++)
        if (!strcmp(*type, mime))
            return true;
    return !limits->types;
}

static unsigned longer(const struct media *media)
{
    return media->width > media->height ? media->width : media->height;
}

static unsigned shorter(const struct media *media)
{
    return media->width > media->height ? media->height : media->width;
}

/* Of the shorter side, when the longer one becomes 'side'. */
static unsigned shrunk(const struct media *media, unsigned side)
{
    double other = longer(media) ? (double)shorter(media) * side / longer(media) : 0;
    return other < 1 ? 1 : (unsigned)lround(other);
}

static bool breaks_pixels(const struct media *media, const struct image_limits *limits)
{
    return media_is_image(media) && limits->pixels && (uint64_t)media->width * media->height > limits->pixels;
}

static bool breaks_sides(const struct media *media, const struct image_limits *limits)
{
    return media_is_image(media) && limits->sides && (uint64_t)media->width + media->height > limits->sides;
}

static int64_t most_bytes(const struct media *media, const struct image_limits *limits)
{
    bool gif = media->mime && !strcmp(media->mime, "image/gif");
    return gif && limits->gif_bytes ? limits->gif_bytes : limits->bytes;
}

static bool breaks_bytes(const struct media *media, const struct image_limits *limits)
{
    return media_is_image(media) && most_bytes(media, limits) && media->size > most_bytes(media, limits);
}

/* The longer side that keeps the limits of pixels. */
static unsigned fitting_side(const struct media *media, const struct image_limits *limits)
{
    uint64_t pixels = (uint64_t)media->width * media->height, sum = (uint64_t)media->width + media->height;
    double scale = 1;
    if (breaks_pixels(media, limits))
        scale = sqrt((double)limits->pixels / (double)pixels);
    if (breaks_sides(media, limits) && (double)limits->sides / (double)sum < scale)
        scale = (double)limits->sides / (double)sum;
    unsigned side = (unsigned)(longer(media) * scale);
    while (scale < 1 && side > 1 &&
           ((limits->pixels && (uint64_t)side * shrunk(media, side) > limits->pixels) ||
            (limits->sides && side + shrunk(media, side) > limits->sides)))
        side--;
    return side;
}

/* ---- what is to be done ---- */

size_t fit_faults(const struct account *account, const struct media *media, const struct image_limits *limits,
                  struct arena *arena, struct fit_fault ret_faults[FIT_FAULTS])
{
    const char *network = account->network->name, *file = media->file;
    size_t count = 0;
    if (!takes(limits, media->mime))
        ret_faults[count++] =
            (struct fit_fault){"image-type", arena_printf(arena, "'%s' is %s, which %s does not take", file,
                                                          media->mime, network)};
    if (breaks_pixels(media, limits))
        ret_faults[count++] = (struct fit_fault){
            "image-pixels",
            arena_printf(arena, "'%s' has %u x %u pixels, %s allows %llu in all", file, media->width,
                         media->height, network, (unsigned long long)limits->pixels)};
    if (breaks_sides(media, limits))
        ret_faults[count++] = (struct fit_fault){
            "image-pixels",
            arena_printf(arena, "'%s' is %u by %u pixels: %s allows %u for both sides together", file,
                         media->width, media->height, network, limits->sides)};
    if (breaks_bytes(media, limits))
        ret_faults[count++] =
            (struct fit_fault){"image-size", arena_printf(arena, "'%s' has %lld bytes, %s allows %lld", file,
                                                          (long long)media->size, network,
                                                          (long long)most_bytes(media, limits))};
    return count;
}

static bool moves(const struct media *media)
{
    return media->moves || !strcmp(media->mime, "image/gif");
}

/* The first type of these that the network takes. */
static const char *first_of(const struct image_limits *limits, const char *const *types)
{
    for (; *types; types++)
        if (takes(limits, *types))
            return *types;
    return NULL;
}

/* What it stays or becomes; NULL: nothing that we write, or it would stand still. */
static const char *type_for(const struct media *media, const struct image_limits *limits)
{
    static const char *const stills[] = {"image/jpeg", "image/webp", "image/png", NULL};
    if (moves(media) && !strcmp(media->mime, "image/png"))
        return NULL;
    if (takes(limits, media->mime))
        return media->mime;
    return moves(media) ? NULL : first_of(limits, stills);
}

static const char *type_otherwise(const struct media *media, const char *mime,
                                  const struct image_limits *limits)
{
    static const char *const smaller[] = {"image/jpeg", "image/webp", NULL};
    return strcmp(mime, "image/png") != 0 || moves(media) ? NULL : first_of(limits, smaller);
}

enum fit_need fit_plan(const struct media *media, const struct image_limits *limits, struct fit *ret_fit)
{
    bool wrong = !takes(limits, media->mime) || breaks_pixels(media, limits) || breaks_sides(media, limits) ||
                 breaks_bytes(media, limits);
    struct fit fit = {.bytes = most_bytes(media, limits)};
    if (media->mime && media_is_image(media)) {
        fit.mime = type_for(media, limits);
        fit.side = fitting_side(media, limits);
        fit.moves = moves(media);
    }
    if (fit.mime)
        fit.otherwise = type_otherwise(media, fit.mime, limits);
    if (wrong && (!fit.mime || !fit.side))
        return FIT_CANNOT;
    *ret_fit = fit;
    return wrong ? FIT_NEEDED : FIT_FITS;
}

const char *fit_describe(const struct media *media, const struct fit *fit, struct arena *arena)
{
    bool too_large = fit->bytes && media->size > fit->bytes, other_type = strcmp(fit->mime, media->mime) != 0;
    const char *scaled = "", *type = "";
    if (fit->side < longer(media)) {
        unsigned other = shrunk(media, fit->side);
        bool wide = media->width >= media->height;
        scaled = arena_printf(arena, "scaled to %u x %u", wide ? fit->side : other, wide ? other : fit->side);
    } else if (too_large) {
        scaled = arena_printf(arena, "scaled to fit into %lld bytes", (long long)fit->bytes);
    }
    if (other_type)
        type = arena_printf(arena, "re-encoded as %s", fit->mime);
    return arena_printf(arena, "%s%s%s", scaled, *scaled && *type ? " and " : "", type);
}

/* Fewer pixels than a network shows, or another quality of a photograph, nobody sees. */
const char *fit_loss(const struct media *media, const struct fit *fit)
{
    static const char jpeg[] = "image/jpeg";
    bool too_large = fit->bytes && media->size > fit->bytes,
         may_be_jpeg = !strcmp(fit->mime, jpeg) || (too_large && fit->otherwise && !strcmp(fit->otherwise, jpeg));
    if (media->transparent && may_be_jpeg)
        return "in a JPEG what is transparent becomes white";
    return moves(media) && too_large ? "what moves is made small for that" : NULL;
}

/* ---- trying ---- */

static bool has_quality(const char *mime)
{
    return !strcmp(mime, "image/jpeg") || !strcmp(mime, "image/webp");
}

struct fit_try fit_first(const struct fit *fit)
{
    return (struct fit_try){.mime = fit->mime, .side = fit->side, .quality = QUALITY_FIRST};
}

bool fit_next(const struct fit *fit, const struct fit_try *last, int64_t size, struct fit_try *ret_next)
{
    struct fit_try next = *last;
    double scale = sqrt((double)fit->bytes / (double)size) * 0.95; /* bytes go with the area */
    if (fit->otherwise && !strcmp(last->mime, fit->mime)) {
        next.mime = fit->otherwise;
        *ret_next = next;
        return true;
    }
    if (has_quality(last->mime) && last->quality > QUALITY_LAST) {
        next.quality = QUALITY_LAST;
        *ret_next = next;
        return true;
    }
    next.side = (unsigned)(last->side * (scale < 0.9 ? scale : 0.9));
    if (next.side < SIDE_LEAST)
        return false;
    *ret_next = next;
    return true;
}

/* ---- what was made ---- */

static const json_t *made_for(const struct media *media, const json_t *memo)
{
    const json_t *all = json_member(memo, "fitted");
    return media->sha256 ? json_member(all, media->sha256) : NULL;
}

static struct media made_media(const struct media *media, const json_t *memo, struct arena *arena)
{
    const json_t *json = made_for(media, memo);
    struct media made;
    if (!json || !media_from_json(arena, json, &made, NULL))
        return *media;
    made.alt = media->alt;
    return made;
}

static struct part made_part(const struct part *part, const json_t *memo, struct arena *arena)
{
    struct media *media = arena_alloc_array(arena, part->media_count, sizeof *media);
    struct part made = *part;
    for (size_t i = 0; i < part->media_count; i++)
        media[i] = made_media(&part->media[i], memo, arena);
    made.media = media;
    return made;
}

const struct content *fit_content(const struct content *content, const json_t *memo, struct arena *arena)
{
    if (!content || !json_object_size(json_member(memo, "fitted")))
        return content;
    struct part *parts = arena_alloc_array(arena, content->part_count, sizeof *parts);
    struct content *made = arena_new_of(arena, struct content);
    *made = *content;
    for (size_t i = 0; i < content->part_count; i++)
        parts[i] = made_part(&content->parts[i], memo, arena);
    made->parts = parts;
    return made;
}

bool fit_is_made(const struct media *media, const json_t *memo)
{
    const char *source;
    json_t *made;
    json_object_foreach(json_member(memo, "fitted"), source, made)
    {
        const char *hash = json_text(made, "sha256");
        if (hash && media->sha256 && !strcmp(hash, media->sha256))
            return true;
    }
    return false;
}

json_t *fit_memo(const json_t *memo, const struct media *media, const struct media *made, struct arena *arena)
{
    json_t *before = json_member(memo, "fitted"), *news = json_object();
    json_t *all = before ? json_copy(before) : json_object();
    json_set(all, media->sha256, media_to_json(made));
    json_set(news, "fitted", all);
    return json_in_arena(arena, news);
}
