/*
 * yaml_write: texts as YAML scalars that a person would write, and that read back as they are.
 */
#ifndef CALD_YAML_WRITE_H
#define CALD_YAML_WRITE_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Adds a text (UTF-8) as a value in block style: plain where no reader could take it for anything else, in
 * double quotes, or, if it has several lines, as a literal block ("|-") whose lines are indented by 'indent'
 * blanks. No line end follows. Not for values within [] or {}.
 */
void yaml_write_text(struct buf *out, const char *text, size_t indent);

#endif
