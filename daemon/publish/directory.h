/*
 * directory: puts a page and its images into a directory (struct directory in network.h): each is written
 * under a temporary name, synced, given its name only where nothing has it yet, and the directory synced. The
 * page comes last.
 *
 * May be repeated after a death at any instant: what is there already is recognised, images by their bytes,
 * the page by its mark, and is left as it is; what was half written is removed. Beneath root no link is
 * followed, directories that are missing are made. Who may read what is made is who may read the directory it
 * is in, whatever the umask.
 *
 * With 'was' a page that is there is replaced, in one step for whoever reads it: only one that has exactly
 * those bytes. One that says already what it is to say is left; one that somebody changed or moved is left
 * and told (409).
 *
 * Blocks while the disk works: on a thread of its own (writer.h). Shares nothing.
 */
#ifndef CALD_DIRECTORY_H
#define CALD_DIRECTORY_H

#include "documents.h"
#include "network/network.h"

/*
 * The response's body is a sentence for a person; in arena.
 *
 *   201  all of it was put there        200  it was there already; or one could write there (page NULL)
 *   400  a path leads through what is no directory, or is not beneath root
 *   403  not allowed                    404  no such root
 *   409  something else has the name    410  an image cannot be read, or is not what was planned
 *   500  the page is there, but may not survive a power cut
 *   503  the disk failed                507  the disk is full
 *
 * But for 200, 201 and 500 the page is not there, and images that this call had put there are removed again.
 */
void directory_put(const struct request *request, const struct media_roots *roots, struct arena *arena,
                   struct response *ret_response);

#endif
