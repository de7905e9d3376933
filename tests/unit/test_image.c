/* Image headers: what they say, and that damaged ones say nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/foreign.h"
#include "base/image.h"

#define BYTES(text) (text), sizeof(text) - 1
#define fail_saying(...) (print_error(__VA_ARGS__), _fail(__FILE__, __LINE__))

static const struct {
    const char *bytes;
    size_t length;
    const char *mime; /* NULL: refused */
    unsigned width, height;
    const char *reason;
} images[] = {
    {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\x68\x08\x02\0\0\0"), "image/png", 640, 360, "PNG"},
    {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\0\0\0\x01\x68\x08\x02\0\0\0"), NULL, 0, 0, "PNG without pixels"},
    {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\xFF\0\0\0\0\0\x01\x68\x08\x02\0\0\0"), NULL, 0, 0, "PNG too wide to be true"},
    {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIDAT\0\0\x02\x80\0\0\x01\x68"), NULL, 0, 0, "PNG without its header first"},
    {BYTES("GIF89a\x40\x01\xF0\0\0\0\0"), "image/gif", 320, 240, "GIF"},
    {BYTES("GIF87a\x01\0\x01\0"), "image/gif", 1, 1, "the older GIF"},
    {BYTES("GIF88a\x01\0\x01\0"), NULL, 0, 0, "no such GIF"},
    {BYTES("\xFF\xD8\xFF\xE0\0\x04JF\xFF\xC0\0\x0B\x08\x01\x68\x02\x80\x01\x01\x11\0"), "image/jpeg", 640, 360,
     "JPEG, baseline"},
    {BYTES("\xFF\xD8\xFF\xE1\0\x06" "Exif\xFF\xC4\0\x04\0\0\xFF\xFF\xFF\xC2\0\x0B\x08\0\x10\0\x20\x01\x01\x11\0"),
     "image/jpeg", 32, 16, "JPEG, progressive, after tables and fill bytes"},
    {BYTES("\xFF\xD8\xFF\xDA\0\x04\0\0\xFF\xC0\0\x0B\x08\x01\x68\x02\x80\x01"), NULL, 0, 0, "JPEG that begins with a scan"},
    {BYTES("\xFF\xD8\xFF\xE0\0\0\xFF\xC0\0\x0B\x08\x01\x68\x02\x80\x01"), NULL, 0, 0, "JPEG with a segment of no length"},
    {BYTES("\xFF\xD8\xFF\xE0\xFF\xFFJF"), NULL, 0, 0, "JPEG with a segment beyond the end"},
    {BYTES("RIFF\x1A\0\0\0WEBPVP8 \x0E\0\0\0\x30\x01\0\x9D\x01\x2A\x80\x02\x68\x01"), "image/webp", 640, 360, "WebP, lossy"},
    {BYTES("RIFF\x1A\0\0\0WEBPVP8L\x0E\0\0\0\x2F\x7F\xC2\x59\0\0\0\0\0\0"), "image/webp", 640, 360, "WebP, lossless"},
    {BYTES("RIFF\x1A\0\0\0WEBPVP8X\x0A\0\0\0\x10\0\0\0\x7F\x02\0\x67\x01\0"), "image/webp", 640, 360, "WebP, extended"},
    {BYTES("RIFF\x1A\0\0\0WAVEfmt \x0A\0\0\0\x10\0\0\0\x7F\x02\0\x67\x01\0"), NULL, 0, 0, "a sound"},
    {BYTES("<svg xmlns='http://www.w3.org/2000/svg'/>"), NULL, 0, 0, "SVG is a program, not an image"},
    {BYTES(""), NULL, 0, 0, "nothing"},
};

static void an_image_is_what_its_first_bytes_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        struct image image = {0};
        bool found = image_sniff(images[i].bytes, images[i].length, &image);
        if (found != (images[i].mime != NULL))
            print_error("%s\n", images[i].reason);
        assert_true(found == (images[i].mime != NULL));
        if (!found)
            continue;
        assert_string_equal(image.mime, images[i].mime);
        assert_int_equal(image.width, images[i].width);
        assert_int_equal(image.height, images[i].height);
    }
}

static void what_may_be_transparent_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        bool transparent;
    } all[] = {
        {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x02\0\0\0crc.\0\0\0\0IDAT"), false}, /* red, green, blue */
        {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0crc.\0\0\0\0IDAT"), true},  /* and alpha */
        {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x04\0\0\0crc.\0\0\0\0IDAT"), true},  /* grey and alpha */
        {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x03\0\0\0crc.\0\0\0\1tRNS.crc."), true},
        {BYTES("RIFF\x1A\0\0\0WEBPVP8 \x0E\0\0\0\x30\x01\0\x9D\x01\x2A\x80\x02\x68\x01"), false},
        {BYTES("RIFF\x1A\0\0\0WEBPVP8L\x0E\0\0\0\x2F\x7F\xC2\x59\0\0\0\0\0\0"), false},
        {BYTES("RIFF\x1A\0\0\0WEBPVP8L\x0E\0\0\0\x2F\x7F\xC2\x59\x10\0\0\0\0\0"), true},
        {BYTES("RIFF\x1A\0\0\0WEBPVP8X\x0A\0\0\0\x10\0\0\0\x7F\x02\0\x67\x01\0"), true},
        {BYTES("RIFF\x1A\0\0\0WEBPVP8X\x0A\0\0\0\x02\0\0\0\x7F\x02\0\x67\x01\0"), false},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct image image;
        assert_true(image_sniff(all[i].bytes, all[i].length, &image));
        if (image.transparent != all[i].transparent)
            fail_saying("%zu", i);
    }
}

/* Every prefix in memory of its own size, so that the sanitizer sees a read beyond it. */
static void a_cut_file_is_never_read_beyond_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        for (size_t length = 0; length < images[i].length; length++) {
            struct image image;
            char *cut = xmalloc(length);
            memcpy(cut, images[i].bytes, length);
            image_sniff(cut, length, &image);
            free(cut);
        }
    }
}

#define PNG_HEAD "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x02\0\0\0crc4"
#define PNG_DATA "\0\0\0\2IDATxxcrc4"
#define PNG_END "\0\0\0\0IENDcrc4"
#define JPEG_HEAD "\xFF\xD8\xFF\xE0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
#define JPEG_FRAME "\xFF\xDB\0\3q\xFF\xC0\0\x0B\x08\0\1\0\1\1\1\x11\0"
#define JPEG_SCAN "\xFF\xDA\0\x08\1\1\0\0\x3F\0" "data\xFF\0more\xFF\xD0rest"
#define GIF_HEAD "GIF89a\1\0\1\0\x80\0\0rgbrgb"
#define GIF_PICTURE "\x21\xF9\4time\0\x2C\0\0\0\0\1\0\1\0\0\2\3abc\0"
#define WEBP(chunks) "RIFFsizeWEBPVP8X\x0A\0\0\0\x10\0\0\0\0\0\0\0\0\0" chunks

static const struct {
    const char *bytes;
    size_t length;
    bool bare;
    const char *reason;
} files[] = {
    {BYTES(PNG_HEAD PNG_DATA PNG_END), true, "PNG"},
    {BYTES(PNG_HEAD "\0\0\0\4gAMAxxxxcrc4" PNG_DATA PNG_END), true, "PNG: brightness"},
    {BYTES(PNG_HEAD "\0\0\0\2tEXtxxcrc4" PNG_DATA PNG_END), false, "PNG: a text"},
    {BYTES(PNG_HEAD PNG_DATA "\0\0\0\2eXIfxxcrc4" PNG_END), false, "PNG: EXIF behind the picture"},
    {BYTES(PNG_HEAD PNG_DATA PNG_END "x"), false, "PNG: something behind its end"},
    {BYTES(PNG_HEAD PNG_DATA), false, "PNG without an end"},
    {BYTES(PNG_HEAD "\xFF\xFF\xFF\xFFIDATxxcrc4" PNG_END), false, "PNG: a chunk beyond the end"},
    {BYTES(JPEG_HEAD JPEG_FRAME JPEG_SCAN "\xFF\xD9"), true, "JPEG"},
    {BYTES("\xFF\xD8" JPEG_FRAME JPEG_SCAN JPEG_SCAN "\xFF\xD9"), true, "JPEG, progressive"},
    {BYTES("\xFF\xD8\xFF\xE2\0\x10ICC_PROFILE\0\1\1" JPEG_FRAME JPEG_SCAN "\xFF\xD9"), true, "JPEG: colours"},
    {BYTES(JPEG_HEAD "\xFF\xE1\0\x08" "Exif\0\0" JPEG_FRAME JPEG_SCAN "\xFF\xD9"), false, "JPEG: EXIF"},
    {BYTES(JPEG_HEAD "\xFF\xED\0\5IPT" JPEG_FRAME JPEG_SCAN "\xFF\xD9"), false, "JPEG: IPTC"},
    {BYTES(JPEG_HEAD "\xFF\xFE\0\5abc" JPEG_FRAME JPEG_SCAN "\xFF\xD9"), false, "JPEG: a comment"},
    {BYTES("\xFF\xD8\xFF\xE2\0\6MPF\0" JPEG_FRAME JPEG_SCAN "\xFF\xD9"), false, "JPEG: several pictures"},
    {BYTES("\xFF\xD8\xFF\xE0\0\x13JFIF\0\1\1\0\0\1\0\1\1\1rgb" JPEG_FRAME JPEG_SCAN "\xFF\xD9"), false,
     "JPEG: a small picture, perhaps from before it was cut"},
    {BYTES(JPEG_HEAD JPEG_FRAME JPEG_SCAN "\xFF\xFE\0\5abc\xFF\xD9"), false, "JPEG: a comment behind a scan"},
    {BYTES(JPEG_HEAD JPEG_FRAME JPEG_SCAN "\xFF\xD9video"), false, "JPEG: something behind its end"},
    {BYTES(JPEG_HEAD JPEG_FRAME JPEG_SCAN), false, "JPEG without an end"},
    {BYTES(GIF_HEAD GIF_PICTURE ";"), true, "GIF"},
    {BYTES(GIF_HEAD "\x21\xFF\x0BNETSCAPE2.0\3\1\0\0\0" GIF_PICTURE GIF_PICTURE ";"), true, "GIF that moves"},
    {BYTES(GIF_HEAD "\x21\xFF\x0BXMP DataXMP\3abc\0" GIF_PICTURE ";"), false, "GIF: XMP"},
    {BYTES(GIF_HEAD "\x21\xFE\3abc\0" GIF_PICTURE ";"), false, "GIF: a comment"},
    {BYTES(GIF_HEAD GIF_PICTURE ";x"), false, "GIF: something behind its end"},
    {BYTES(GIF_HEAD GIF_PICTURE), false, "GIF without an end"},
    {BYTES(WEBP("VP8L\4\0\0\0data")), true, "WebP"},
    {BYTES(WEBP("VP8L\3\0\0\0dat\0")), true, "WebP, padded"},
    {BYTES(WEBP("VP8L\4\0\0\0dataEXIF\4\0\0\0here")), false, "WebP: EXIF"},
    {BYTES(WEBP("VP8L\4\0\0\0dataXMP \4\0\0\0here")), false, "WebP: XMP"},
    {BYTES(WEBP("VP8L\xFF\0\0\0data")), false, "WebP: a chunk beyond the end"},
};

static void what_may_say_more_than_the_picture_is_not_bare(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (image_is_bare(files[i].bytes, files[i].length) != files[i].bare)
            print_error("%s\n", files[i].reason);
        assert_true(image_is_bare(files[i].bytes, files[i].length) == files[i].bare);
        for (size_t length = 0; length < files[i].length; length++) {
            char *cut = xmalloc(length);
            memcpy(cut, files[i].bytes, length);
            image_is_bare(cut, length);
            free(cut);
        }
    }
}

#define WHOLE_WEBP "RIFF\x1A\0\0\0WEBPVP8X\x0A\0\0\0\0\0\0\0\0\0\0\0\0\0data"
#define THUMBNAIL "\xFF\xE1\0\x0E" "Exif\0\0\xFF\xD8" "th\xFF\xD9"

/* Cut anywhere it is not whole, and nothing is read beyond its end; with more behind it it is. */
static void a_picture_without_its_end_is_not_whole(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length, header; /* with which it is an image at all */
    } all[] = {
        {BYTES(PNG_HEAD PNG_DATA PNG_END), 33},
        {BYTES(JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_SCAN "\xFF\xD9"), 40},
        {BYTES("\xFF\xD8" THUMBNAIL JPEG_FRAME JPEG_SCAN "\xFF\xD9"), 38},
        {BYTES(WHOLE_WEBP), 30},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf more = {0};
        struct image image;
        buf_add(&more, all[i].bytes, all[i].length);
        for (size_t n = 0; n < 100000; n++)
            buf_add_char(&more, 'x');
        struct video_source source = video_source_of(more.data, more.length);
        assert_true(image_sniff(more.data, more.length, &image));
        assert_true(image_is_whole(&image, &source));
        for (size_t length = all[i].header; length <= all[i].length; length++) {
            char *cut = xmalloc(length);
            memcpy(cut, all[i].bytes, length);
            source = video_source_of(cut, length);
            bool ends = length == all[i].length || (i == 0 && length >= all[i].length - 4); /* its last four are a sum */
            if (image_is_whole(&image, &source) != ends)
                fail_saying("%zu, cut at %zu", i, length);
            free(cut);
        }
        buf_release(&more);
    }
}

/* As a phone leaves it that was unplugged; the end mark lies across the pieces that are read. */
static void a_large_picture_is_looked_through(void **state)
{
    (void)state;
    for (size_t behind = 65530; behind < 65540; behind++) {
        struct buf file = {0};
        struct image image;
        buf_add(&file, JPEG_HEAD JPEG_FRAME JPEG_SCAN, sizeof JPEG_HEAD JPEG_FRAME JPEG_SCAN - 1);
        for (size_t n = 0; n < 200000; n++)
            buf_add_char(&file, 'x');
        struct video_source source = video_source_of(file.data, file.length);
        assert_true(image_sniff(file.data, file.length, &image));
        assert_false(image_is_whole(&image, &source));
        buf_add(&file, "\xFF\xD9", 2);
        for (size_t n = 0; n < behind; n++)
            buf_add_char(&file, 'x');
        source = video_source_of(file.data, file.length);
        assert_true(image_is_whole(&image, &source));
        buf_release(&file);
    }
}

static void what_no_network_takes_has_a_name_and_a_remedy(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *words;
    } all[] = {
        {BYTES("\0\0\0\x18" "ftypheic\0\0\0\0"), "HEIC"}, {BYTES("\0\0\0\x18" "ftypavif"), "AVIF"}, {BYTES("II*\0"), "TIFF"},
        {BYTES("\x1A\x45\xDF\xA3...."), "MP4"}, {BYTES("PK\3\4"), "PDF"}, {BYTES(""), "empty"}, {BYTES("RIFF....WAVE"), "sound"},
        {BYTES("hello"), NULL}, {BYTES("PK"), NULL}, {BYTES("RIFF....WAV"), NULL}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char *bytes = xmalloc(all[i].length); /* of its own size: nothing is read beyond it */
        memcpy(bytes, all[i].bytes, all[i].length);
        const char *kind = foreign_kind(bytes, all[i].length);
        free(bytes);
        if (all[i].words ? !kind || !strstr(kind, all[i].words) : kind != NULL)
            fail_saying("%zu: %s", i, kind ? kind : "unknown");
    }
}

static void an_image_of_several_frames_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        bool moves;
    } all[] = {
        {BYTES(PNG_HEAD PNG_DATA PNG_END), false},
        {BYTES(PNG_HEAD "\0\0\0\x08" "acTL\0\0\0\2\0\0\0\0crc4" PNG_DATA PNG_END), true},
        {BYTES(WEBP("VP8L\4\0\0\0data")), false},
        {BYTES("RIFFsizeWEBPVP8X\x0A\0\0\0\x02\0\0\0\0\0\0\0\0\0"), true},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct image image;
        assert_true(image_sniff(all[i].bytes, all[i].length, &image));
        assert_true(image.moves == all[i].moves);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_what_its_first_bytes_say),
        cmocka_unit_test(what_may_be_transparent_says_so),
        cmocka_unit_test(a_cut_file_is_never_read_beyond_its_end),
        cmocka_unit_test(what_may_say_more_than_the_picture_is_not_bare),
        cmocka_unit_test(a_picture_without_its_end_is_not_whole),
        cmocka_unit_test(a_large_picture_is_looked_through),
        cmocka_unit_test(what_no_network_takes_has_a_name_and_a_remedy),
        cmocka_unit_test(an_image_of_several_frames_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
