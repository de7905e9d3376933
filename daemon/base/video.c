/*
 * See video.h. ISO/IEC 14496-12: 4.2 boxes; 4.3 ftyp; 8.2 moov, mvhd; 8.3 trak, tkhd; 8.4 mdia, hdlr; 8.5
 * stbl, stsd; 8.8 mvex, mehd (a file in fragments says its length there). It knows which box it wants in
 * which, and nothing of what the others are for.
 */
#include <limits.h>
#include <string.h>

#include "base/video.h"

#define LONGEST DAYS(30)

struct box {
    char type[5];
    int64_t at, end; /* of what is in it */
};

struct track {
    unsigned width, height; /* of its header */
    unsigned stored_width, stored_height;
    bool turned;
    char kind[5], codec[5];
};

struct reading {
    const struct video_source *source;
    unsigned boxes;
    bool has_movie, has_samples, quicktime;
    uint32_t scale; /* units a second */
    uint64_t units, fragment_units;
    struct track track; /* the one that is being read */
    struct video video;
};

static uint32_t be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint64_t be64(const uint8_t *b)
{
    return (uint64_t)be32(b) << 32 | be32(b + 4);
}

/* Four letters as text; what is no letter is told as '?'. */
static void take_type(char ret_type[5], const uint8_t *b)
{
    for (int i = 0; i < 4; i++)
        ret_type[i] = b[i] >= 0x20 && b[i] < 0x7F ? (char)b[i] : '?';
    ret_type[4] = '\0';
}

/* ---- boxes ---- */

static bool read_at(const struct reading *r, int64_t at, void *ret_bytes, size_t length, struct error *err)
{
    return r->source->read(r->source->context, at, ret_bytes, length) ||
           fail(err, "cannot be read at byte %lld", (long long)at);
}

/* The first bytes of what is in a box: 'least' of them, more up to 'most' where they are there. */
static bool read_in(const struct reading *r, const struct box *box, size_t least, size_t most,
                    uint8_t *ret_bytes, struct error *err)
{
    int64_t there = box->end - box->at;

    memset(ret_bytes, 0, most);
    if (there < (int64_t)least)
        return fail(err, "is damaged: its '%s' at byte %lld is too short", box->type, (long long)box->at - 8);
    return read_at(r, box->at, ret_bytes, there < (int64_t)most ? (size_t)there : most, err);
}

/* The box at 'at'; those around it end at 'end'. */
static bool read_box(struct reading *r, int64_t at, int64_t end, struct box *ret_box, struct error *err)
{
    uint8_t head[16] = {0};
    size_t length = end - at < 16 ? (size_t)(end - at) : 16;
    int64_t header = 8;
    uint64_t size;

    if (++r->boxes > VIDEO_BOXES)
        return fail(err, "has more than %d boxes before its film is described", VIDEO_BOXES);
    if (length < 8)
        return fail(err, "is damaged: %zu stray bytes at byte %lld", length, (long long)at);
    if (!read_at(r, at, head, length, err))
        return false;
    take_type(ret_box->type, head + 4);
    size = be32(head);
    if (size == 1 && length == 16) { /* the size did not fit into 32 bits */
        header = 16;
        size = be64(head + 8);
    } else if (size == 0) { /* all that is left */
        size = (uint64_t)(end - at);
    }
    if (size < (uint64_t)header)
        return fail(err, "is damaged: its '%s' at byte %lld cannot be %llu bytes long", ret_box->type,
                    (long long)at, (unsigned long long)size);
#ifndef CALD_MUTANT_ANY_SIZE
    if (size > (uint64_t)(end - at))
        return fail(err, "is cut off or damaged: its '%s' at byte %lld is %llu bytes long, %lld are there",
                    ret_box->type, (long long)at, (unsigned long long)size, (long long)(end - at));
#endif
    ret_box->at = at + header;
    ret_box->end = at + (int64_t)size;
    return true;
}

static bool walk(struct reading *r, const struct box *parent, struct error *err);

/* ---- what is taken ---- */

static bool take_brand(struct reading *r, const struct box *box, struct error *err)
{
    uint8_t b[4];

    if (!read_in(r, box, 4, sizeof b, b, err))
        return false;
    r->quicktime = memcmp(b, "qt  ", 4) == 0;
    return true;
}

static bool take_movie(struct reading *r, const struct box *box, struct error *err)
{
    r->has_movie = true;
    r->video.index_last = r->has_samples;
    return walk(r, box, err);
}

static bool take_media_data(struct reading *r, const struct box *box, struct error *err)
{
    (void)box, (void)err;
    r->has_samples = true;
    return true;
}

static bool take_movie_header(struct reading *r, const struct box *box, struct error *err)
{
    uint8_t b[32];

    if (!read_in(r, box, 20, sizeof b, b, err))
        return false;
    r->scale = be32(b + (b[0] ? 20 : 12));
    r->units = b[0] ? be64(b + 24) : be32(b + 16);
    if (r->units == (b[0] ? UINT64_MAX : UINT32_MAX))
        r->units = 0; /* not known when it was written */
    return true;
}

static bool take_fragments(struct reading *r, const struct box *box, struct error *err)
{
    uint8_t b[12];

    if (!read_in(r, box, 8, sizeof b, b, err))
        return false;
    r->fragment_units = b[0] ? be64(b + 4) : be32(b + 4);
    return true;
}

/* A matrix without its first and fifth member turns by a quarter, or by three. */
static bool take_track_header(struct reading *r, const struct box *box, struct error *err)
{
    uint8_t b[96];
    const uint8_t *matrix;

    if (!read_in(r, box, 84, sizeof b, b, err))
        return false;
    matrix = b + (b[0] ? 52 : 40);
    r->track.turned = !be32(matrix) && !be32(matrix + 16) && be32(matrix + 4) && be32(matrix + 12);
    r->track.width = be32(matrix + 36) >> 16;
    r->track.height = be32(matrix + 40) >> 16;
    return true;
}

static bool take_handler(struct reading *r, const struct box *box, struct error *err)
{
    uint8_t b[12];

    if (!read_in(r, box, 12, sizeof b, b, err))
        return false;
    take_type(r->track.kind, b + 8);
    return true;
}

/* Of the first entry its type; of a picture also its size as it is stored. */
static bool take_samples(struct reading *r, const struct box *box, struct error *err)
{
    uint8_t b[8 + 36];

    if (!read_in(r, box, 16, sizeof b, b, err))
        return false;
    take_type(r->track.codec, b + 12);
    r->track.stored_width = be32(b + 8 + 32) >> 16;
    r->track.stored_height = be32(b + 8 + 32) & 0xFFFF;
    return true;
}

/* Some files of cameras leave the size in the track's header empty. */
static void keep_picture(struct reading *r)
{
    const struct track *t = &r->track;
    bool told = t->width && t->height;
    unsigned width = told ? t->width : t->stored_width, height = told ? t->height : t->stored_height;

    r->video.width = t->turned ? height : width;
    r->video.height = t->turned ? width : height;
    memcpy(r->video.codec, t->codec, sizeof t->codec);
}

static bool take_track(struct reading *r, const struct box *box, struct error *err)
{
    r->track = (struct track){0};
    if (!walk(r, box, err))
        return false;
    if (!strcmp(r->track.kind, "vide") && !*r->video.codec)
        keep_picture(r);
    else if (!strcmp(r->track.kind, "soun") && !*r->video.sound)
        memcpy(r->video.sound, r->track.codec, sizeof r->track.codec);
    return true;
}

/* Which box is wanted in which; no box is wanted in itself, so that the depth is bounded. */
static const struct wanted {
    const char *parent, *type;
    bool (*take)(struct reading *r, const struct box *box, struct error *err);
} wanted[] = {
    {"", "ftyp", take_brand},       {"", "mdat", take_media_data},
    {"", "moov", take_movie},       {"moov", "mvhd", take_movie_header},
    {"moov", "mvex", walk},         {"mvex", "mehd", take_fragments},
    {"moov", "trak", take_track},   {"trak", "tkhd", take_track_header},
    {"trak", "mdia", walk},         {"mdia", "hdlr", take_handler},
    {"mdia", "minf", walk},         {"minf", "stbl", walk},
    {"stbl", "stsd", take_samples},
};

static const struct wanted *wanted_in(const char *parent, const char *type)
{
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strcmp(wanted[i].parent, parent) && !strcmp(wanted[i].type, type))
            return &wanted[i];
    return NULL;
}

/* After the movie only samples that are cut off matter: cameras end their files with what they like. In a
   box, QuickTime may end the list with four zeros. */
static bool walk(struct reading *r, const struct box *parent, struct error *err)
{
    bool root = !*parent->type;
    int64_t shortest = root ? 1 : 8;

    for (int64_t at = parent->at; parent->end - at >= shortest;) {
        bool is_rest = root && r->has_movie;
        const struct wanted *want;
        struct box box = {0};
        struct error why = {0};

        if (!read_box(r, at, parent->end, &box, &why))
            return (is_rest && strcmp(box.type, "mdat") != 0) || fail(err, "%s", why.message);
        want = is_rest ? NULL : wanted_in(parent->type, box.type);
        if (want && !want->take(r, &box, err))
            return false;
        at = box.end;
    }
    return true;
}

/* ---- the whole ---- */

static bool measure(struct reading *r, struct error *err)
{
    uint64_t units = r->units ? r->units : r->fragment_units;

    if (!r->scale || !units)
        return fail(err,
                    "does not say how long it lasts: write it anew, as in 'ffmpeg -i FILE -c copy NEW.mp4'");
    if (units / r->scale > (uint64_t)(LONGEST / 1000))
        return fail(err, "is damaged: it cannot last %llu hours",
                    (unsigned long long)(units / r->scale / 3600));
    r->video.length = (duration)(units / r->scale * 1000 + units % r->scale * 1000 / r->scale);
    if (!r->video.length)
        r->video.length = 1;
    return true;
}

bool video_read(const struct video_source *source, struct video *ret_video, struct error *err)
{
    struct reading r = {.source = source, .quicktime = true}; /* the oldest name no brand */
    const struct box all = {.end = source->size};

    if (!walk(&r, &all, err))
        return false;
    if (!r.has_movie)
        return fail(err, "holds no film ('moov' is missing): its recording was not ended, or it was cut off");
    if (!*r.video.codec)
        return fail(err, *r.video.sound ? "is sound without a picture" : "holds no picture");
    if (!r.video.width || !r.video.height)
        return fail(err, "does not say how large its picture is");
    if (!measure(&r, err))
        return false;
    r.video.mime = r.quicktime ? "video/quicktime" : "video/mp4";
    *ret_video = r.video;
    return true;
}

/* 'ftyp' also begins pictures (HEIF), sound alone, and films of telephones that few networks take. */
bool video_is(const void *head, size_t length)
{
    static const char *const others[] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1",
                                         "avif", "avis", "crx ", "jpeg", "M4A ", "M4B ", "3g"};
    static const char *const starts[] = {"moov", "mdat", "wide", "free", "skip"};
    const char *type = (const char *)head + 4;

    if (length < VIDEO_HEAD)
        return false;
    if (memcmp(type, "ftyp", 4) == 0) {
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            if (memcmp(type + 4, others[i], strlen(others[i])) == 0)
                return false;
        return true;
    }
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (memcmp(type, starts[i], 4) == 0)
            return true;
    return false;
}

static bool read_memory(void *context, int64_t at, void *ret_bytes, size_t length)
{
    memcpy(ret_bytes, (const char *)context + at, length);
    return true;
}

struct video_source video_source_of(const void *bytes, size_t length)
{
    return (struct video_source){read_memory, (void *)(uintptr_t)bytes, (int64_t)length};
}
