/* See link_add.h. A parameter whose value would be empty (no campaign) is not added. */
#include <string.h>

#include "base/buf.h"
#include "editorial/link.h"
#include "editorial/link_add.h"

struct adding {
    const struct charter *charter;
    const struct post *post;
    const struct account *account;
    const struct setting *setting;
    struct arena *arena;
};

/* ---- values ---- */

static const char *const names[] = {"account", "network", "campaign", "bucket", "post"};
enum { NAMES = sizeof names / sizeof *names };

static const char *value_of(const struct adding *a, size_t name)
{
    const char *const values[NAMES] = {
        a->account->name,
        a->account->network ? a->account->network->name : NULL,
        a->post->campaign ? a->post->campaign->name : NULL,
        a->post->bucket,
        a->post->id,
    };
    return values[name] ? values[name] : "";
}

/* The name in braces at text, as an index; its length with the braces. NAMES: none. */
static size_t placeholder(const char *text, size_t *ret_length)
{
    size_t length = strcspn(text, "}"), i;
    for (i = 0; i < NAMES; i++)
        if (text[length] && strlen(names[i]) == length - 1 && !strncmp(text + 1, names[i], length - 1))
            break;
    *ret_length = length + 1;
    return i;
}

bool link_add_is_valid(const char *value)
{
    size_t length = 0;
    while ((value = strchr(value + length, '{')))
        if (placeholder(value, &length) == NAMES)
            return false;
    return true;
}

static const char *filled(const struct adding *a, const char *template)
{
    struct buf buf = {0};
    while (*template) {
        size_t length = strcspn(template, "{");
        buf_add(&buf, template, length);
        template += length;
        if (!*template)
            break;
        buf_add_text(&buf, value_of(a, placeholder(template, &length)));
        template += length;
    }
    const char *copy = arena_strdup(a->arena, buf_text(&buf));
    buf_release(&buf);
    return copy;
}

/* ---- links ---- */

static const char *add_to_link(const struct adding *a, const char *url)
{
    size_t value_length;
    if (!link_is_of(url, a->charter->site))
        return url;
    for (size_t i = 0; i < a->setting->add_count; i++) {
        const struct parameter *parameter = &a->setting->add[i];
        const char *value = filled(a, parameter->value);
        if (*value && !link_has_parameter(url, parameter->name, &value_length))
            url = link_with_parameter(url, parameter->name, value, a->arena);
    }
    return url;
}

/* The text itself when nothing was to be added. */
static const char *add_to_text(const struct adding *a, const char *text)
{
    struct buf buf = {0};
    bool changed = false;
    size_t done = 0, end;
    for (size_t at = 0; link_next(text, &at, &end); at = end) {
        const char *url = arena_strndup(a->arena, text + at, end - at), *with = add_to_link(a, url);
        changed = changed || with != url;
        buf_add(&buf, text + done, at - done);
        buf_add_text(&buf, with);
        done = end;
    }
    buf_add_text(&buf, text + done);
    const char *result = changed ? arena_strdup(a->arena, buf_text(&buf)) : text;
    buf_release(&buf);
    return result;
}

static const struct content *add_to_content(const struct adding *a, const struct content *content)
{
    struct content *copy = arena_new_of(a->arena, struct content);
    struct part *parts = arena_alloc_array(a->arena, content->part_count, sizeof *parts);
    *copy = *content;
    copy->parts = parts;
    copy->link = content->link ? add_to_link(a, content->link) : NULL;
    bool changed = copy->link != content->link;
    for (size_t i = 0; i < content->part_count; i++) {
        parts[i] = content->parts[i];
        parts[i].text = add_to_text(a, parts[i].text);
        changed = changed || parts[i].text != content->parts[i].text;
    }
    return changed ? copy : content;
}

const struct content *link_add(const struct charter *charter, const struct post *post,
                               const struct account *account, const struct content *content,
                               struct arena *arena)
{
    if (!charter->site || !charter->rules[RULE_LINK_CAMPAIGN].count)
        return content;
    struct setting setting = charter_setting(charter, RULE_LINK_CAMPAIGN, account, post->bucket);
    struct adding adding = {charter, post, account, &setting, arena};
    if (setting.level == CHECK_OFF || !setting.add_count)
        return content;
    return add_to_content(&adding, content);
}
