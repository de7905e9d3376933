/*
 * api_backup: a copy of the database for who asks. Made by a thread of its own, that is given a path and
 * gives back a descriptor, because copying takes seconds and publishing cannot wait; one at a time.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "control/api.h"
#include "control/pending.h"
#include "control/problem.h"
#include "control/room.h"
#include "queue/backup.h"

struct backup {
    struct control *control;
    void *pending; /* the call that waits for it */
    char *state;
    pthread_t thread;
    int fd; /* -1: it failed */
    int64_t size;
    struct error err;
};

static void answer_backup(struct call *call, struct backup *backup)
{
    if (backup->fd < 0) {
        problem(call, 503, "nothing was copied: %s", backup->err.message);
        return;
    }
    call->answer.status = 200;
    call->answer.type = "application/vnd.sqlite3";
    call->answer.file = backup->fd;
    call->answer.file_size = backup->size;
    backup->fd = -1; /* the server's now */
    answer_with(call, "Cache-Control", "no-store");
    log_info("backup of %lld bytes given to %s", (long long)backup->size, call->who);
}

static void backup_free(struct backup *backup)
{
    if (backup->fd >= 0)
        close(backup->fd);
    free(backup->state);
    free(backup);
}

static void copied(void *context)
{
    struct backup *backup = context;
    struct call *call = pending_take(backup->pending);
    pthread_join(backup->thread, NULL);
    backup->control->backup = NULL;
    if (call) {
        answer_backup(call, backup);
        pending_end(call);
    }
    backup_free(backup);
}

static void *make_copy(void *context)
{
    struct backup *backup = context;
    if (!backup_make(backup->state, &backup->fd, &backup->size, &backup->err))
        backup->fd = -1;
    loop_post(backup->control->loop, copied, backup);
    return NULL;
}

void api_backup(struct call *call)
{
    struct control *control = call->control;
    const struct documents *documents = call_documents(call);
    if (!documents)
        return;
    if (control->backup) {
        problem(call, 409, "another backup is being made: ask again when it is done");
        return;
    }
    struct backup *backup = xmalloc(sizeof *backup);
    *backup = (struct backup){.control = control, .state = xstrdup(documents->settings->state), .fd = -1};
    backup->pending = pending_begin(call);
    control->backup = backup;
    errno = pthread_create(&backup->thread, NULL, make_copy, backup);
    if (errno)
        bug("pthread_create: %s", strerror(errno));
}

void api_backup_stop(struct control *control)
{
    if (!control->backup)
        return;
    pthread_join(control->backup->thread, NULL);
    backup_free(control->backup);
    control->backup = NULL;
}
