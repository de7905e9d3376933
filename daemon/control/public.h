/*
 * public: the listener that the operator shows to the world ('listen' of media_urls in cald.yaml): networks
 * fetch media from it.
 *
 * It serves nothing but the addresses that publish/hosting.h told and that are still good, by GET and HEAD,
 * and of those only files of deliveries that are in the queue: ready, waiting, being sent, or unsure; not
 * drafts, nor what is held, cancelled or over. All else is 404 with one text, whatever the cause. The path
 * before the last segment does not matter, so that a proxy may cut it or not. At most 64 MiB a file, 50 files
 * a second (429 beyond).
 */
#ifndef CALD_PUBLIC_H
#define CALD_PUBLIC_H

#include "control/control.h"
#include "control/server.h"

/* Opens it; where the settings name none *ret_server is left. */
bool public_open(struct control *control, const struct settings *settings, struct server **ret_server,
                 struct error *err);

#endif
