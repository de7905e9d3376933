/*
 * See settings.h: 'on_failure' of cald.yaml. Whether the command can be run is found out by who runs it: it
 * may be put there later, and a hook that fails is tried again.
 */
#include <string.h>

#include "settings_internal.h"

enum { WORDS_MOST = 64, WORD_MOST = 1024 };

/* The command's path is joined with cald.yaml's directory like all paths; its arguments are its own. */
bool settings_read_command(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field form = {.kind = FIELD_TEXTS, .min = 1, .max = WORDS_MOST, .item_max = WORD_MOST};
    struct field list = form;
    struct texts words;
    list.name = field->name;
    if (!bind_value(bind, &list, value, &words))
        return false;
    const char **argv = arena_alloc_array(bind->arena, words.count + 1, sizeof *argv);
    memcpy(argv, words.items, words.count * sizeof *argv);
    argv[0] = settings_path(bind, argv[0]);
    *(const char *const **)member = argv;
    return true;
}

bool settings_read_http_url(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field form = {.kind = FIELD_TEXT, .max = 2048, .valid = is_http_url,
                                      .expected = EXPECTED_URL};
    const struct settings_reader *reader = bind->context;
    struct field text = form;
    const char *url;
    text.name = field->name;
    if (!bind_value(bind, &text, value, &url) ||
        !settings_check_url(bind, reader->settings, field->name, url, value))
        return false;
    *(const char **)member = url;
    return true;
}

static bool read_token(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct secret_source *source = arena_new_of(bind->arena, struct secret_source);
    if (!settings_read_secret(bind, field->name, value, source))
        return false;
    *(const struct secret_source **)member = source;
    return true;
}

static const struct field webhook_fields[] = {
    {"url", FIELD_READ, offsetof(struct failure_hook, webhook), .required = true, .read = settings_read_http_url},
    {"token", FIELD_READ, offsetof(struct failure_hook, token_source), .read = read_token},
};

static const struct field hook_fields[] = {
    {"command", FIELD_READ, offsetof(struct failure_hook, command), .read = settings_read_command},
    {"webhook", FIELD_MAP, 0, FIELDS(webhook_fields)},
};

bool settings_read_hook(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_map(bind, value, field->name, hook_fields, sizeof hook_fields / sizeof *hook_fields, member))
        return false;
    return value->count || bind_fail(bind, value, NULL, "'%s' needs 'command', 'webhook' or both", field->name);
}
