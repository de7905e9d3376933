/*
 * See settings.h: 'media_urls' of cald.yaml. Whether the listener can be opened and the command be run is
 * found out by those who do it.
 */
#include "settings_internal.h"

static const struct field media_fields[] = {
    {"url", FIELD_READ, offsetof(struct media_urls, url), .read = settings_read_http_url},
    {"listen", FIELD_TEXT, offsetof(struct media_urls, listen), .max = 64,
     .valid = settings_is_listen_address, .expected = EXPECTED_LISTEN},
    {"lifetime", FIELD_DURATION, offsetof(struct media_urls, lifetime), .min = MINUTES(10), .max = DAYS(30)},
    {"command", FIELD_READ, offsetof(struct media_urls, command), .read = settings_read_command},
};

bool settings_read_media_urls(struct bind *bind, const struct field *field, const struct yaml *value,
                              void *member)
{
    struct media_urls *urls = member;
    urls->lifetime = DAYS(1);
    if (!bind_map(bind, value, field->name, media_fields, sizeof media_fields / sizeof *media_fields, urls))
        return false;
    if (urls->command && !urls->url && !urls->listen && !yaml_get(value, "lifetime"))
        return true;
    if (!urls->command && urls->url && urls->listen)
        return true;
    return bind_fail(bind, value, NULL, "'%s' needs either 'url' and 'listen', or 'command' alone",
                     field->name);
}
