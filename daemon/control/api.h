/*
 * api: the handlers, by concept. Each answers its call; what they take stands in the table of routes.c.
 */
#ifndef CALD_API_H
#define CALD_API_H

#include "control/call.h"

struct control;

/* api_changes.c */
void api_post_changes(struct call *call);

/* api_status.c */
void api_health(struct call *call);
void api_metrics(struct call *call);
void api_status(struct call *call);
void api_description(struct call *call);

/* api_accounts.c */
void api_accounts(struct call *call);
void api_account_check(struct call *call);
void api_login(struct call *call);
void api_login_finish(struct call *call);
void api_logout(struct call *call);
void api_account_pause(struct call *call);
void api_account_resume(struct call *call);
void api_pause(struct call *call);
void api_resume(struct call *call);

/* api_slots.c */
void api_slots(struct call *call);

/* api_deliveries.c */
void api_deliveries(struct call *call);
void api_delivery(struct call *call);
void api_delivery_history(struct call *call);
void api_history(struct call *call);

/* api_crisis.c, crisis_end.c */
void api_crisis(struct call *call);
void api_crisis_start(struct call *call);
void api_crisis_release(struct call *call);
void api_crisis_statement(struct call *call);
void api_crisis_end(struct call *call);
/* api_backup.c: one that is being made is waited for at the end, and nobody gets it */
void api_backup(struct call *call);
void api_backup_stop(struct control *control);

/* api_audit.c */
void api_audit(struct call *call);

/* api_plan.c */
void api_plan(struct call *call);
void api_apply(struct call *call);

/* api_explain.c */
void api_explain(struct call *call);

/* api_alerts.c */
void api_alerts(struct call *call);

/* api_posts.c, api_edit.c */
void api_post(struct call *call);
void api_post_add(struct call *call);
void api_post_edit(struct call *call);

/* api_batch.c: one that is being stored when all ends is stored to its end */
void api_batch_add(struct call *call);
void api_batch_stop(struct control *control);

/* api_actions.c, api_resolve.c */
void api_post_move(struct call *call);
void api_post_cancel(struct call *call);
void api_post_now(struct call *call);
void api_post_retry(struct call *call);
void api_post_submit(struct call *call);
void api_post_approve(struct call *call);
void api_post_reject(struct call *call);
void api_post_unapprove(struct call *call);
void api_post_hold(struct call *call);
void api_post_release(struct call *call);
void api_post_resolve(struct call *call);

/* api_delete.c */
void api_post_delete(struct call *call);

/* api_campaigns.c */
void api_campaigns(struct call *call);

/* api_preview.c */
void api_preview(struct call *call);
void api_post_preview(struct call *call);

/* api_media.c */
void api_media_add(struct call *call);

/* api_reload.c */
void api_reload(struct call *call);

/* api_events.c: tells open streams what changed in the queue */
void api_events(struct call *call);
void api_events_start(struct control *control);
void api_events_stop(struct control *control);

/* ics.c */
void api_calendar(struct call *call);

/* daemon/web */
void web_front(struct call *call);
void web_feed_redirect(struct call *call);
void web_feed_page(struct call *call);
void web_feed_atom(struct call *call);
void web_feed_json(struct call *call);
void web_feed_post(struct call *call);
void web_feed_media(struct call *call);

#endif
