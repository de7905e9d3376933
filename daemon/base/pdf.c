/* See pdf.h. It knows two marks, and no structure. */
#include <string.h>

#include "base/pdf.h"

enum { TAIL = 1024 };

bool pdf_is(const void *head, size_t length)
{
    static const char mark[] = "%PDF-";
    return length >= sizeof mark - 1 && !memcmp(head, mark, sizeof mark - 1);
}

bool pdf_check(const struct video_source *source, struct error *err)
{
    char tail[TAIL];
    int64_t from = source->size > TAIL ? source->size - TAIL : 0;
    size_t length = (size_t)(source->size - from);
    if (!source->read(source->context, from, tail, length))
        return fail(err, "cannot be read");
    if (!memmem(tail, length, "%%EOF", 5))
        return fail(err, "is cut off or damaged: a PDF has '%%%%EOF' at its end");
    return true;
}
