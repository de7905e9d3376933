/*
 * settings_internal: what settings.c and settings_account.c share.
 */
#ifndef CALD_SETTINGS_INTERNAL_H
#define CALD_SETTINGS_INTERNAL_H

#include "base/bind.h"
#include "settings.h"

/* bind.context while cald.yaml is read. */
struct settings_reader {
    struct settings *settings;
    struct late_policy late; /* of accounts that say nothing else */
};

extern const struct field late_fields[]; /* into struct late_policy */
enum { LATE_FIELDS = 2 };

/* A path of cald.yaml, joined with its directory; in the binding's arena. */
const char *settings_path(struct bind *bind, const char *path);

/* FIELD_READ of 'accounts'. */
bool settings_read_accounts(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* FIELD_READ of a path: 1..1024 characters. */
bool settings_read_path(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

#endif
