/* See documents.h: whether the state, which is made for cald alone, still is. */
#include "base/file.h"
#include "documents_internal.h"

static void check_writers(struct documents *documents, const char *path)
{
    struct error err = {0};
    if (!file_is_owners_to_write(path, &err))
        diags_add(&documents->diags, &(struct diag){.level = DIAG_WARNING,
                                                    .rule = "state",
                                                    .file = documents->settings->path,
                                                    .message = err.message});
}

void documents_check_state(struct documents *documents)
{
    if (!documents->settings)
        return;
    check_writers(documents, documents->settings->state);
    check_writers(documents, arena_printf(documents->arena, "%s/cald.db", documents->settings->state));
}
