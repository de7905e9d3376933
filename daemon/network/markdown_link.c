/* See markdown_link.h. What is an address, and where it ends, is text.h's to say. */
#include <string.h>

#include "base/arena.h"
#include "network/markdown_link.h"
#include "network/text.h"

static void insert_text(cmark_node *before, const char *words, size_t length, struct arena *arena)
{
    if (!length)
        return;
    cmark_node *node = cmark_node_new(CMARK_NODE_TEXT);
    cmark_node_set_literal(node, arena_strndup(arena, words, length));
    cmark_node_insert_before(before, node);
}

static void insert_link(cmark_node *before, const char *url, const char *words, size_t length, struct arena *arena)
{
    cmark_node *link = cmark_node_new(CMARK_NODE_LINK), *text = cmark_node_new(CMARK_NODE_TEXT);
    cmark_node_set_url(link, url);
    cmark_node_set_literal(text, arena_strndup(arena, words, length));
    cmark_node_append_child(link, text);
    cmark_node_insert_before(before, link);
}

/* The node gives way to its pieces. */
static void divide(cmark_node *node, const struct text_rule *rule, struct arena *arena)
{
    const char *text = cmark_node_get_literal(node);
    size_t count = 0, at = 0;
    const struct entity *entities = text_entities(rule, text, strlen(text), arena, &count);
    for (size_t i = 0; i < count; i++) {
        const struct entity *entity = &entities[i];
        if (entity->kind != ENTITY_LINK)
            continue;
        insert_text(node, text + at, entity->start - at, arena);
        insert_link(node, entity->value, text + entity->start, entity->end - entity->start, arena);
        at = entity->end;
    }
    if (!at)
        return;
    insert_text(node, text + at, strlen(text + at), arena);
    cmark_node_unlink(node);
    cmark_node_free(node);
}

void markdown_make_links(cmark_node *document)
{
    const struct text_rule *rule = text_rule_find("feed"); /* its links have a scheme */
    struct arena *arena = arena_new();
    cmark_iter *iter = cmark_iter_new(document);
    int links = 0; /* how many links and images we are in */
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(node);
        if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE)
            links += event == CMARK_EVENT_ENTER ? 1 : -1;
        else if (type == CMARK_NODE_TEXT && !links && strstr(cmark_node_get_literal(node), "://"))
            divide(node, rule, arena);
    }
    cmark_iter_free(iter);
    arena_free(arena);
}
