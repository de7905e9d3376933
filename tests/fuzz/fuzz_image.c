/* Any bytes as an image: never read beyond their end, and what is found has a type and pixels. */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/foreign.h"
#include "base/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image image;
    if (image_sniff(data, size, &image) && (!image.mime || !image.width || !image.height))
        bug("an image without type or pixels");
    const struct video_source source = video_source_of(data, size);
    if (image_sniff(data, size, &image))
        image_is_whole(&image, &source);
    foreign_kind(data, size);
    if (image_is_bare(data, size) && !image_sniff(data, size, &image))
        bug("nothing but the picture, and no picture");
    return 0;
}
