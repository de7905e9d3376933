/*
 * control: HTTP in. What calctl and any HTTP client may ask of the daemon, described in schema/openapi.yaml.
 *
 * Listens on a Unix socket, whose peers' credentials decide their role, and where cald.yaml says so on TCP,
 * with bearer tokens. Sockets passed by systemd (LISTEN_FDS) are used in place of ones of the same kind.
 * Everything happens on the loop's thread; nothing blocks but the queue's own commits.
 */
#ifndef CALD_CONTROL_H
#define CALD_CONTROL_H

#include "base/error.h"
#include "loop.h"
#include "publish/publish.h"
#include "queue/queue.h"
#include "schedule.h"
#include "settings.h"

struct control;

/*
 * Binds and listens. The settings are used during the call only: later ones come with schedule_documents, but
 * the listeners stay as they were started. Loop, queue, publisher and schedule must outlive it.
 */
struct control *control_new(struct loop *loop, struct queue *queue, struct publisher *publisher,
                            struct schedule *schedule, const struct settings *settings, struct error *err);

/* Answers what is pending with 503, closes every connection and removes the socket. control_free(NULL) is
 * fine. */
void control_free(struct control *control);

#endif
