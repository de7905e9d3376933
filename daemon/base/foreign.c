/* See foreign.h. HEIC and AVIF: ISO/IEC 23008-12 and AV1 image file format, their brands; the others by their usual marks. */
#include <string.h>

#include "base/foreign.h"

#define HEIC "is an HEIC photo, which no network takes: export it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"
#define AVIF "is an AVIF image: export it as JPEG or PNG"
#define TIFF "is a TIFF image: export it as JPEG or PNG"
#define SOUND "is a sound: make a video of it with a picture, as MP4"

static const struct {
    size_t at;
    const char *mark;
    size_t length;
    const char *what;
} kinds[] = {
    {4, "ftyphei", 7, HEIC},
    {4, "ftyphev", 7, HEIC},
    {4, "ftypmif1", 8, HEIC},
    {4, "ftypmsf1", 8, HEIC},
    {4, "ftypavi", 7, AVIF},
    {4, "ftypcrx ", 8, "is a raw photo: export it as JPEG"},
    {4, "ftypM4", 6, SOUND},
    {0, "II*\0", 4, TIFF},
    {0, "MM\0*", 4, TIFF},
    {0, "BM", 2, "is a BMP image: export it as PNG"},
    {0, "8BPS", 4, "is a Photoshop file: export it as JPEG or PNG"},
    {0, "\xFF\x0A", 2, "is a JPEG XL image: export it as JPEG"},
    {0, "\0\0\0\x0CJXL ", 8, "is a JPEG XL image: export it as JPEG"},
    {0, "<svg", 4, "is an SVG drawing: export it as PNG"},
    {0, "<?xml", 5, "is an XML file; if it is an SVG drawing, export it as PNG"},
    {0, "\x1A\x45\xDF\xA3", 4, "is a WebM or Matroska video: export it as MP4"},
    {8, "AVI ", 4, "is an AVI video: export it as MP4"},
    {0, "ID3", 3, SOUND},
    {0, "\xFF\xFB", 2, SOUND},
    {8, "WAVE", 4, SOUND},
    {0, "OggS", 4, SOUND},
    {0, "PK\3\4", 4, "is an Office document or a ZIP archive: export it as PDF"},
    {0, "\xD0\xCF\x11\xE0", 4, "is an Office document: export it as PDF"},
};

const char *foreign_kind(const void *head, size_t length)
{
    if (!length)
        return "is empty";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (length >= kinds[i].at + kinds[i].length &&
            !memcmp((const char *)head + kinds[i].at, kinds[i].mark, kinds[i].length))
            return kinds[i].what;
    return NULL;
}
