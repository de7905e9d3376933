/* Any bytes as a tokens file, and its first line as the token that a client sends. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/role.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    char *text = arena_strndup(arena, (const char *)data, size);
    char *rest = text, *token = strsep(&rest, "\n");
    struct identity known = role_of_token(rest ? rest : "", token, DAYS(20000), arena);
    struct identity own = role_of_token(text, "a-token-nobody-has", DAYS(20000), arena);
    if ((known.role != ROLE_NONE) != (known.who != NULL) || (own.role != ROLE_NONE && size < 64))
        bug("an identity without a name, or one from nothing");
    arena_free(arena);
    return 0;
}
