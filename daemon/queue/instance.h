/*
 * instance: tells the database that was used here last from an old one or a copy.
 *
 * Beside the database stands the file STATE/instance. Both hold the same random id and a count that grows
 * with each transaction that lets requests leave. A backup of the database that is put back has a smaller
 * count than the file; a database from elsewhere has another id or no file; a copied or restored directory
 * has a file that was born at another moment, or on another machine. What cannot be noticed: both files
 * overwritten in place on the same machine.
 *
 * The file is made and synced at a start, before a request leaves. Later it is written
 * after the commit, without a sync: a file that is behind raises no doubt, and after a
 * crash or a power cut it can only be behind.
 */
#ifndef CALD_INSTANCE_H
#define CALD_INSTANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { INSTANCE_ID = 32 }; /* hex digits */

struct instance {
    int fd;
    char id[INSTANCE_ID + 1];
    uint64_t count;   /* as committed */
    bool counting;    /* the open transaction has count + 1 */
    char birth[24], machine[INSTANCE_ID + 1];
};

/* "ID COUNT": what the database keeps. size >= INSTANCE_NOTE. */
enum { INSTANCE_NOTE = INSTANCE_ID + 24 };
char *instance_note(const struct instance *instance, uint64_t count, char *ret_note);

/*
 * Opens or makes the file. note: what the database keeps, or NULL; used: it holds deliveries.
 * ret_doubt: why the database is not the one that was used here last, or NULL. If there is no note or
 * a doubt, instance_note is to be stored; then instance_begin.
 */
bool instance_open(struct instance *instance, const char *state_directory, const char *note, bool used,
                   const char **ret_doubt, struct error *err);
void instance_close(struct instance *instance); /* a zeroed one is fine */

/* At a start: puts id and count into the file, synced, with the file's name: a power cut
 * must leave an id to compare with. */
void instance_begin(const struct instance *instance, const char *state_directory);

/* Puts id and count into the file. Nothing to be done if that fails: it is behind then. */
void instance_write(const struct instance *instance);

#endif
