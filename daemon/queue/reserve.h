/*
 * reserve: space on the state's disk that is kept for the day it is full.
 *
 * A file of RESERVE_SIZE bytes, allocated, that means nothing. When the disk is full it is given up, so that
 * the outcome of what is being sent can still be recorded; while it is missing nothing new is taken. It is
 * made again as soon as the disk has room for it and RESERVE_MARGIN more.
 */
#ifndef CALD_QUEUE_RESERVE_H
#define CALD_QUEUE_RESERVE_H

#include <stdbool.h>

enum { RESERVE_SIZE = 8 << 20, RESERVE_MARGIN = 1 << 20 };

struct reserve {
    char *path;
    bool there;
};

/* Takes over what the last life left, or makes it; a disk without room is no failure: 'there' says. */
void reserve_open(struct reserve *reserve, const char *directory);
void reserve_release(struct reserve *reserve); /* the file stays */

/* Whether it is there; if not it is tried to be made. Cheap when it is there. */
bool reserve_ensure(struct reserve *reserve);

/* Whether hardly anything can be written on its disk, with it there. */
bool reserve_is_needed(const struct reserve *reserve);

/* The disk is full: gives it up. False if it was given up already. */
bool reserve_give_up(struct reserve *reserve);

#endif
