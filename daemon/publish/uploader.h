/*
 * uploader: has a command of the operator's put media where networks can fetch them ('media_urls' of
 * cald.yaml; see hosting.h for what the command gets and prints).
 *
 * Four commands run at a time. What is asked for twice meanwhile is uploaded once; and what an upload gave is
 * kept in the queue's notes, by the command and the file's hash.
 */
#ifndef CALD_UPLOADER_H
#define CALD_UPLOADER_H

#include "publish/hosting.h"

struct uploader;

/* Loop and queue must outlive it. */
struct uploader *uploader_new(struct loop *loop, struct queue *queue);
void uploader_free(struct uploader *uploader); /* commands that run go on by themselves, nobody is told */

/* The settings from now on; must live until the next call has returned. */
void uploader_use(struct uploader *uploader, const struct settings *settings);

/* As hosting_ask. */
void uploader_ask(struct uploader *uploader, const struct media *media, bool again, hosting_done *done,
                  void *context);

#endif
