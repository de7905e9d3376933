/* Film files: what their boxes say, and that damaged ones say one clear thing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/video.h"

/*
 * A file is written as text: "[name …]" is a box whose size is put in, "'abcd'" four letters, "z12" twelve
 * zero bytes, anything else hexadecimal digits; blanks mean nothing.
 */
static void make(struct buf *file, const char *text)
{
    size_t open[16], depth = 0;

    while (*text) {
        if (*text == '[') {
            open[depth++] = file->length;
            buf_add(file, "\0\0\0\0", 4);
            buf_add(file, text + 1, 4);
            text += 5;
        } else if (*text == ']') {
            size_t at = open[--depth], size = file->length - at;
            for (int i = 0; i < 4; i++)
                file->data[at + (size_t)i] = (char)(size >> (24 - 8 * i));
            text++;
        } else if (*text == '\'') {
            buf_add(file, text + 1, 4);
            text += 6;
        } else if (*text == 'z') {
            for (long n = strtol(text + 1, (char **)(uintptr_t)&text, 10); n > 0; n--)
                buf_add_char(file, '\0');
        } else if (isxdigit((unsigned char)*text)) {
            char pair[3] = {text[0], text[1], '\0'};
            buf_add_char(file, (char)strtol(pair, NULL, 16));
            text += 2;
        } else {
            text++;
        }
    }
}

#define MP4 "[ftyp 'isom' z4]"
#define MOV "[ftyp 'qt  ' z4]"
#define MVHD(scale, units) "[mvhd z12 " scale units " z80]"
#define TEN_SECONDS MVHD("000003E8", "00002710")
#define UPRIGHT "00010000 z12 00010000 z16"
#define TURNED "z4 00010000 z4 FFFF0000 z20"
#define TKHD(matrix, size) "[tkhd z40 " matrix " " size "]"
#define HD "05000000 02D00000"
#define HDLR(kind) "[mdia [hdlr z8 '" kind "' z13]"
#define STSD(codec) "[minf [stbl [stsd z4 00000001 00000056 '" codec "' z24 0780 0438 z50]]]]"
#define PICTURE(matrix, size, codec) "[trak" TKHD(matrix, size) HDLR("vide") STSD(codec) "]"
#define FILM PICTURE(UPRIGHT, HD, "avc1")
#define SOUND "[trak" TKHD(UPRIGHT, "z8") HDLR("soun") STSD("mp4a") "]"
#define MDAT "[mdat 00112233]"

static const struct {
    const char *file;
    const char *mime; /* NULL: refused, and 'codec' is in the message */
    unsigned width, height;
    duration length;
    const char *codec, *sound;
    const char *reason;
} films[] = {
    {MP4 "[moov" TEN_SECONDS FILM SOUND "]" MDAT, "video/mp4", 1280, 720, 10000, "avc1", "mp4a",
     "as for the web"},
    {MP4 MDAT "[moov" TEN_SECONDS SOUND FILM "]", "video/mp4", 1280, 720, 10000, "avc1", "mp4a",
     "as recorded"},
    {MOV MDAT "[moov" TEN_SECONDS FILM "]", "video/quicktime", 1280, 720, 10000, "avc1", "",
     "QuickTime, silent"},
    {MDAT "[moov" TEN_SECONDS FILM "]", "video/quicktime", 1280, 720, 10000, "avc1", "",
     "the oldest have no brand"},
    {MP4 "[moov" TEN_SECONDS PICTURE(TURNED, HD, "hvc1") "]", "video/mp4", 720, 1280, 10000, "hvc1", "",
     "a telephone held upright"},
    {MP4 "[moov" TEN_SECONDS PICTURE(UPRIGHT, "z8", "av01") "]", "video/mp4", 1920, 1080, 10000, "av01", "",
     "a size that stands only with the samples"},
    {MP4 "[moov" MVHD("00000258", "00000385") FILM "]", "video/mp4", 1280, 720, 1501, "avc1", "",
     "rounded down"},
    {MP4 "[moov" MVHD("7FFFFFFF", "00000001") FILM "]", "video/mp4", 1280, 720, 1, "avc1", "",
     "next to nothing"},
    {MP4 "[moov [mvhd 01000000 z16 000003E8 00000000 00002710 z80]" FILM "]", "video/mp4", 1280, 720, 10000,
     "avc1", "", "times of 64 bits"},
    {MP4 "[moov" MVHD("000003E8", "00000000") FILM "[mvex [mehd z4 00000BB8]]]"
                                                   "[moof z8]" MDAT,
     "video/mp4", 1280, 720, 3000, "avc1", "", "in fragments"},
    {MP4 "00000001 'mdat' 00000000 00000014 01020304"
         "[moov" TEN_SECONDS FILM "]",
     "video/mp4", 1280, 720, 10000, "avc1", "", "a size of 64 bits"},
    {MP4 "[moov" TEN_SECONDS FILM "]"
         "00000000 'mdat' 0102",
     "video/mp4", 1280, 720, 10000, "avc1", "", "samples to the end of the file"},
    {MP4 "[moov" TEN_SECONDS FILM "]" MDAT "FFFFFFFF 'junk' 01", "video/mp4", 1280, 720, 10000, "avc1", "",
     "what a camera adds at the end"},
    {MP4 "[moov" TEN_SECONDS "[udta z4]" FILM "z4]", "video/mp4", 1280, 720, 10000, "avc1", "",
     "QuickTime's zeros"},
    {MP4 "[moov" TEN_SECONDS FILM PICTURE(UPRIGHT, "00100000 00100000", "jpeg") "]", "video/mp4", 1280, 720,
     10000, "avc1", "", "the first picture counts"},

    {MP4, NULL, .codec = "holds no film ('moov' is missing)", .reason = "nothing but a brand"},
    {MP4 MDAT, NULL, .codec = "its recording was not ended", .reason = "samples nobody describes"},
    {"", NULL, .codec = "holds no film", .reason = "nothing"},
    {MP4 "[moov" TEN_SECONDS SOUND "]", NULL, .codec = "sound without a picture", .reason = "a song"},
    {MP4 "[moov" TEN_SECONDS "]", NULL, .codec = "holds no picture", .reason = "no tracks"},
    {MP4 "[moov" FILM "]", NULL, .codec = "does not say how long", .reason = "no header"},
    {MP4 "[moov" MVHD("00000000", "00000001") FILM "]", NULL, .codec = "does not say how long",
     .reason = "no scale"},
    {MP4 "[moov" MVHD("000003E8", "FFFFFFFF") FILM "]", NULL, .codec = "write it anew",
     .reason = "not known"},
    {MP4 "[moov" MVHD("00000001", "7FFFFFFF") FILM "]", NULL, .codec = "cannot last", .reason = "70 years"},
    {MP4 "[moov" TEN_SECONDS "[trak" TKHD(UPRIGHT, "z8")
         HDLR("vide") "[minf [stbl [stsd z4 00000001 00000010 'avc1' z8]]]]]]",
     NULL, .codec = "how large its picture is", .reason = "no size anywhere"},
    {MP4 "[moov" TEN_SECONDS FILM "]"
         "00000100 'mdat' 0102",
     NULL, .codec = "cut off or damaged: its 'mdat'", .reason = "half of an upload"},
    {MP4 "[moov" TEN_SECONDS "000FFFFF 'trak']", NULL, .codec = "its 'trak' at byte",
     .reason = "beyond its parent"},
    {MP4 "[moov 00000007 'free']", NULL, .codec = "cannot be 7 bytes long",
     .reason = "smaller than its header"},
    {MP4 "[moov 00000001 'free' FFFFFFFF FFFFFFFF]", NULL, .codec = "cut off or damaged",
     .reason = "2^64 bytes"},
    {MP4 "0000", NULL, .codec = "2 stray bytes", .reason = "no header"},
    {MP4 "[moov [mvhd z4]" FILM "]", NULL, .codec = "its 'mvhd' at byte 24 is too short",
     .reason = "a short box"},
    {"[ftyp 01]", NULL, .codec = "its 'ftyp' at byte 0 is too short", .reason = "half a brand"},
    {MP4 "00000008 07080910", NULL, .codec = "holds no film", .reason = "a type of no letters"},
};

static void check_film(size_t i)
{
    struct buf file = {0};
    struct video video = {0};
    struct error err = {0};

    make(&file, films[i].file);
    const struct video_source source = video_source_of(buf_text(&file), file.length);
    bool found = video_read(&source, &video, &err);
    if (found != (films[i].mime != NULL) || (!found && !strstr(err.message, films[i].codec)))
        print_error("%s: %s\n", films[i].reason, err.message);
    assert_true(found == (films[i].mime != NULL));
    if (found) {
        assert_string_equal(video.mime, films[i].mime);
        assert_int_equal(video.width, films[i].width);
        assert_int_equal(video.height, films[i].height);
        assert_int_equal(video.length, films[i].length);
        assert_string_equal(video.codec, films[i].codec);
        assert_string_equal(video.sound, films[i].sound);
        const char *movie = strstr(films[i].file, "[moov"), *samples = strstr(films[i].file, "mdat");
        assert_true(video.index_last == (samples && samples < movie));
    } else {
        assert_non_null(strstr(err.message, films[i].codec));
    }
    buf_release(&file);
}

static void a_film_is_what_its_boxes_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof films / sizeof *films; i++)
        check_film(i);
}

/* Every prefix in memory of its own size, so that the sanitizer sees a read beyond it. */
static void a_cut_film_is_never_read_beyond_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof films / sizeof *films; i++) {
        struct buf file = {0};
        make(&file, films[i].file);
        for (size_t length = 0; length < file.length; length++) {
            struct video video;
            char *cut = xmalloc(length + 1); /* memory of no bytes at all is nobody's */
            memcpy(cut, file.data, length);
            const struct video_source source = video_source_of(cut, length);
            video_read(&source, &video, NULL);
            video_is(cut, length);
            free(cut);
        }
        buf_release(&file);
    }
}

static void a_hostile_film_costs_a_bounded_number_of_reads(void **state)
{
    (void)state;
    struct buf file = {0};
    struct error err = {0};
    struct video video;

    make(&file, MP4);
    for (int i = 0; i < 3 * VIDEO_BOXES; i++)
        buf_add(&file,
                "\0\0\0\x08"
                "free",
                8);
    const struct video_source source = video_source_of(buf_text(&file), file.length);
    assert_false(video_read(&source, &video, &err));
    assert_non_null(strstr(err.message, "more than 4096 boxes"));
    buf_release(&file);
}

static void films_are_told_from_what_looks_like_them(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool is;
        const char *reason;
    } heads[] = {
        {"00000018 'ftyp' 'isom'", true, "MP4"},
        {"00000018 'ftyp' 'mp42'", true, "MP4"},
        {"00000014 'ftyp' 'qt  '", true, "QuickTime"},
        {"00000008 'wide' z4", true, "QuickTime without a brand"},
        {"0000006C 'moov' z4", true, "likewise"},
        {"00000018 'ftyp' 'heic'", false, "a photo of a telephone"},
        {"00000018 'ftyp' 'avif'", false, "a picture"},
        {"00000018 'ftyp' 'M4A '", false, "a song"},
        {"00000018 'ftyp' '3gp5'", false, "an old telephone's"},
        {"1A45DFA3 z8", false, "WebM"},
        {"00000018 'ftyp'", false, "too short"},
        {"89504E47 0D0A1A0A z4", false, "PNG"},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct buf head = {0};
        make(&head, heads[i].head);
        if (video_is(buf_text(&head), head.length) != heads[i].is)
            print_error("%s\n", heads[i].reason);
        assert_true(video_is(buf_text(&head), head.length) == heads[i].is);
        buf_release(&head);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_film_is_what_its_boxes_say),
        cmocka_unit_test(a_cut_film_is_never_read_beyond_its_end),
        cmocka_unit_test(a_hostile_film_costs_a_bounded_number_of_reads),
        cmocka_unit_test(films_are_told_from_what_looks_like_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
