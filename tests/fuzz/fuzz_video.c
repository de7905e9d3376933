/* Any bytes as a video: never read beyond their end, and what is found has a type, pixels and a length. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/video.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct video_source source = video_source_of(data, size);
    struct video video;
    struct error err = {0};
    bool ok = video_read(&source, &video, &err);
    video_is(data, size);
    if (ok && (!video.mime || !video.width || !video.height || video.length <= 0 || strlen(video.codec) != 4))
        bug("a video without type, pixels or length");
    if (!ok && !*err.message)
        bug("no video, and nobody says why");
    return 0;
}
