/*
 * description: the bytes of schema/openapi.yaml, put here by the assembler.
 */
#include "control/description.h"

__asm__(".section .rodata\n"
        ".global cald_openapi_begin\n"
        ".global cald_openapi_end\n"
        "cald_openapi_begin:\n"
        ".incbin \"" CALD_OPENAPI "\"\n"
        "cald_openapi_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char cald_openapi_begin[], cald_openapi_end[];

const char *description_bytes(size_t *ret_length)
{
    *ret_length = (size_t)(cald_openapi_end - cald_openapi_begin);
    return cald_openapi_begin;
}
