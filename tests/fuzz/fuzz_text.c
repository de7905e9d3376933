/* Any bytes, measured for every network: what is found is in order, within the text and UTF-8. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "network/text.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_entities(const struct measure *measure, size_t length)
{
    size_t end = 0;
    for (size_t i = 0; i < measure->entity_count; i++) {
        const struct entity *entity = &measure->entities[i];
        require(entity->start >= end && entity->start < entity->end && entity->end <= length);
        require(*entity->value && utf8_is_valid(entity->value, strlen(entity->value)));
        require(entity_kind_name(entity->kind) != NULL);
        end = entity->end;
    }
}

static void check_shortened(const char *bytes, size_t length, struct arena *arena)
{
    const char *text = arena_strndup(arena, bytes, length);
    for (size_t most = 1; most < 20; most += 6) {
        const char *shortened = text_shorten(text, most, arena);
        require(text_graphemes(shortened, strlen(shortened)) <= most);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct arena *arena = arena_new();
    size_t count;
    const char *const *names = text_rule_names(&count);
    for (size_t i = 0; i < count; i++) {
        struct measure measure = text_measure(text_rule_find(names[i]), bytes, size, 0, arena);
        require(measure.bytes == size);
        check_entities(&measure, size);
    }
    require(text_graphemes(bytes, size) <= size);
    check_shortened(bytes, size, arena);
    arena_free(arena);
    return 0;
}
