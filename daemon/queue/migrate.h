/*
 * migrate: brings the database to the newest schema.
 *
 * The numbered files of schema/ are compiled in, in order. Each missing one is applied in its own
 * transaction, which also writes its number (user_version) and who we are (application_id), so that a kill at
 * any step leaves the schema before or after it. References between tables are not looked after meanwhile, so
 * that a table can be made anew; they are checked before the commit.
 */
#ifndef CALD_MIGRATE_H
#define CALD_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct db;

struct migration {
    int number;       /* 1, 2, … */
    const char *name; /* of the file */
    const char *sql;
};

extern const struct migration migrations[]; /* made by schema/embed.cmake */
extern const size_t migration_count;

/* Fails on a database of another program, and on a schema newer than ours: nothing is written then.
 * Not to be called in a transaction. */
bool migrate(struct db *db, const char *path, struct error *err);

#endif
