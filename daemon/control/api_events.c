/*
 * api_events: server-sent events (WHATWG HTML, section 9.2): each change of the queue, and each crisis, to
 * everyone who listens. Nothing is sent while nothing changes.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "control/api.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/view.h"

enum { MOST_STREAMS = 32 };

void api_events(struct call *call)
{
    struct control *control = call->control;
    size_t open = server_streams(control->local) + (control->tcp ? server_streams(control->tcp) : 0);
    if (open >= MOST_STREAMS) {
        problem(call, 503, "there are %d listeners already", MOST_STREAMS);
        return;
    }
    answer_text(call, 200, "text/event-stream", ": cald\n\n");
    call->answer.stream = true;
}

static char *change_to_text(const struct queue_change *change)
{
    json_t *data = json_object();
    json_set(data, "id", json_sprintf("%s/%s", change->post_id, change->account));
    json_set_text(data, "from", state_name(change->from));
    json_set_text(data, "to", state_name(change->to));
    view_instant(data, "at", change->at);
    char *text = json_print(data);
    json_decref(data);
    return text;
}

static char *crisis_to_text(const struct queue_change *change)
{
    json_t *data = json_object();
    json_set_text(data, "account", change->account);
    json_set_flag(data, "active", change->starts);
    view_instant(data, "at", change->at);
    char *text = json_print(data);
    json_decref(data);
    return text;
}

static void changed(void *context, const struct queue_change *change)
{
    struct control *control = context;
    publisher_wake_for(control->publisher, change);
    if (!server_streams(control->local) && !(control->tcp && server_streams(control->tcp)))
        return;
    struct buf event = {0};
    char *data = change->crisis ? crisis_to_text(change) : change_to_text(change);
    buf_printf(&event, "event: %s\ndata: %s\n\n", change->crisis ? "crisis" : "delivery", data);
    server_broadcast(control->local, buf_text(&event), event.length);
    if (control->tcp)
        server_broadcast(control->tcp, buf_text(&event), event.length);
    free(data);
    buf_release(&event);
}

void api_events_start(struct control *control)
{
    queue_on_change(control->queue, changed, control);
}

void api_events_stop(struct control *control)
{
    queue_on_change(control->queue, NULL, NULL);
}
