/*
 * description: schema/openapi.yaml, built in, so that the daemon can say what it speaks wherever it is
 * installed.
 */
#ifndef CALD_DESCRIPTION_H
#define CALD_DESCRIPTION_H

#include <stddef.h>

const char *description_bytes(size_t *ret_length);

#endif
