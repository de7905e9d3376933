/*
 * settings_internal: what settings.c and settings_account.c share.
 */
#ifndef CALD_SETTINGS_INTERNAL_H
#define CALD_SETTINGS_INTERNAL_H

#include "base/bind.h"
#include "editorial/late_load.h"
#include "settings.h"

/* bind.context while cald.yaml is read. */
struct settings_reader {
    struct settings *settings;
    struct late_policy late; /* of accounts that say nothing else */
    struct retry_policy retry;
    struct unsure_policy unsure;
};

extern const struct field retry_fields[];  /* into struct retry_policy */
extern const struct field unsure_fields[]; /* into struct unsure_policy */
enum { RETRY_FIELDS = 1, UNSURE_FIELDS = 1 };

/* A path of cald.yaml, joined with its directory; in the binding's arena. */
const char *settings_path(struct bind *bind, const char *path);

/* FIELD_READ of 'accounts'. */
bool settings_read_accounts(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* Where a secret is: {file: …} or {credential: …}. bind->context is the settings' reader. */
bool settings_read_secret(struct bind *bind, const char *name, const struct yaml *value,
                          struct secret_source *ret_source);

/* Refuses http:// to other machines unless 'outgoing' allows it. */
bool settings_check_url(struct bind *bind, const struct settings *settings, const char *name, const char *url,
                        const struct yaml *value);

/* FIELD_READ of 'on_failure' (settings_hook.c). */
bool settings_read_hook(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* FIELD_READ of 'media_urls' (settings_media.c). */
bool settings_read_media_urls(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* FIELD_READ of a program and its arguments, and of an http(s) URL (settings_hook.c). */
bool settings_read_command(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool settings_read_http_url(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* For 'valid': host:port, the host a numeric address. */
bool settings_is_listen_address(const char *text);
#define EXPECTED_LISTEN "an address and port such as 127.0.0.1:8080 or [::1]:8080"

/* FIELD_READ of a path: 1..1024 characters. */
bool settings_read_path(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

#endif
