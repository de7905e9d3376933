/*
 * pdf: whether a file is a PDF, and whole (ISO 32000-1 section 7.5). Its pages are not counted: where they are said
 * may be compressed. Nothing of it is opened, and it is not known whether it needs a password.
 */
#ifndef CALD_PDF_H
#define CALD_PDF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/video.h"

/* Whether these first bytes begin one. */
bool pdf_is(const void *head, size_t length);

/* It begins and ends as one does, its end within the last 1024 bytes as readers take it (Annex H.3). Fails with what
 * is wrong with it. */
bool pdf_check(const struct video_source *source, struct error *err);

#endif
