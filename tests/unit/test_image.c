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
#include "base/image.h"

#define BYTES(text) (text), sizeof(text) - 1

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_what_its_first_bytes_say),
        cmocka_unit_test(a_cut_file_is_never_read_beyond_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
