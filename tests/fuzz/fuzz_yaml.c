/* Any bytes as YAML: a tree within the limits, or findings. What was read goes to JSON and back unchanged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(const struct yaml *node, unsigned depth)
{
    if (depth > YAML_MAX_DEPTH)
        bug("too deep");
    if (node->kind == YAML_SCALAR && strlen(node->text) != node->length)
        bug("NUL in a text");
    for (size_t i = 0; i < node->count; i++)
        check_tree(node->items[i], depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct diags diags = diags_in(arena);
    const struct yaml *root = yaml_parse("f", (const char *)data, size, arena, &diags);
    if (!root == !diags.errors)
        bug("a tree with errors, or none without");
    if (root && root->weight < 1000) {
        struct error err;
        check_tree(root, 1);
        json_t *json = yaml_to_json(root);
        const struct yaml *again = yaml_from_json(json, arena, &err);
        json_t *second = again ? yaml_to_json(again) : NULL;
        if (again && !json_equal(json, second))
            bug("not the same after JSON");
        json_decref(second);
        json_decref(json);
    }
    arena_free(arena);
    return 0;
}
