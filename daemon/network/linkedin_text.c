/*
 * See linkedin.h: little text, the format of a commentary. An unescaped reserved character is no error there:
 * the text is silently cut at it. So everything is escaped that is not a template of ours. What is a link, a
 * mention or a hashtag the text rule says.
 */
#include <string.h>

#include "base/buf.h"
#include "network/linkedin.h"
#include "network/text.h"

static void add_escaped(struct buf *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (strchr("\\|{}@[]()<>#*_~", text[i]))
            buf_add_char(out, '\\');
        buf_add_char(out, text[i]);
    }
}

/* "@[Shown Name](urn)": the name alone is text. */
static void add_mention(struct buf *out, const char *text, size_t length)
{
    const char *name = text + 2, *end = memchr(text, ']', length);
    size_t rest = (size_t)(text + length - end);
    buf_add_text(out, "@[");
    add_escaped(out, name, (size_t)(end - name));
    buf_add(out, end, rest);
}

static void add_entity(struct buf *out, const char *text, const struct entity *entity, bool bare_links)
{
    const char *at = text + entity->start;
    size_t length = entity->end - entity->start;
    if (entity->kind == ENTITY_MENTION) {
        add_mention(out, at, length);
    } else if (entity->kind == ENTITY_HASHTAG) {
        buf_add_text(out, "{hashtag|\\#|");
        add_escaped(out, entity->value, strlen(entity->value));
        buf_add_char(out, '}');
    } else if (bare_links) {
        buf_add(out, at, length);
    } else {
        add_escaped(out, at, length);
    }
}

static const char *taken(struct buf *out, struct arena *arena)
{
    const char *copy = arena_strdup(arena, buf_text(out));
    buf_release(out);
    return copy;
}

const char *linkedin_little(const char *text, bool bare_links, struct arena *arena)
{
    struct buf out = {0};
    size_t length = strlen(text), at = 0;
    struct measure m = text_measure(text_rule_find("linkedin"), text, length, 0, arena);
    for (size_t i = 0; i < m.entity_count; i++) {
        add_escaped(&out, text + at, m.entities[i].start - at);
        add_entity(&out, text, &m.entities[i], bare_links);
        at = m.entities[i].end;
    }
    add_escaped(&out, text + at, length - at);
    return taken(&out, arena);
}

/* "{hashtag|\#|" or "{hashtag|#|": its length, or 0. */
static size_t hashtag_start(const char *at)
{
    static const char *const starts[] = {"{hashtag|\\#|", "{hashtag|#|"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (!strncmp(at, starts[i], strlen(starts[i])))
            return strlen(starts[i]);
    return 0;
}

const char *linkedin_plain(const char *commentary, struct arena *arena)
{
    struct buf out = {0};
    bool in_hashtag = false;
    for (const char *at = commentary; *at;) {
        size_t start = hashtag_start(at);
        if (start) {
            buf_add_char(&out, '#');
            in_hashtag = true;
            at += start;
            continue;
        }
        if (*at == '\\' && at[1])
            at++;
        else if (*at == '}' && in_hashtag) {
            in_hashtag = false;
            at++;
            continue;
        }
        buf_add_char(&out, *at++);
    }
    return taken(&out, arena);
}
