/*
 * content_difference: what of a content, or of any JSON object, is another, as a person reads it: each text that differs
 * by its name, and beneath it the lines that went and those that came.
 *
 *     text
 *       - Vin chaud à 18 h, à la grange.
 *       + Vin chaud à 19 h, à la grange.
 */
#ifndef CALCTL_CONTENT_DIFFERENCE_H
#define CALCTL_CONTENT_DIFFERENCE_H

#include "cli/command.h"

void content_difference_print(struct cli *cli, const json_t *before, const json_t *after);

#endif
