/*
 * commands: the functions behind the table in commands.c, by the file they are in.
 */
#ifndef CALCTL_COMMANDS_H
#define CALCTL_COMMANDS_H

#include "cli/command.h"

/* add.c */
int command_add(struct cli *cli);
/* list.c */
int command_list(struct cli *cli);
int command_show(struct cli *cli);
int command_history(struct cli *cli);
int command_slots(struct cli *cli);
int command_ics(struct cli *cli);
/* import.c */
int command_import(struct cli *cli);
/* export.c */
int command_export(struct cli *cli);
/* crisis.c */
int command_crisis(struct cli *cli);
/* audit.c */
int command_audit(struct cli *cli);
/* backup.c */
int command_backup(struct cli *cli);
/* plan.c */
int command_plan(struct cli *cli);
int command_apply(struct cli *cli);
/* explain.c */
int command_explain(struct cli *cli);
/* alerts.c */
int command_alerts(struct cli *cli);
/* act.c */
int command_move(struct cli *cli);
int command_cancel(struct cli *cli);

/* edit.c */
int command_edit(struct cli *cli);

/* delete.c */
int command_delete(struct cli *cli);
int command_now(struct cli *cli);
int command_retry(struct cli *cli);
int command_submit(struct cli *cli);
int command_approve(struct cli *cli);
int command_reject(struct cli *cli);
int command_unapprove(struct cli *cli);
int command_hold(struct cli *cli);
int command_release(struct cli *cli);
int command_resolve(struct cli *cli);
/* status.c */
int command_status(struct cli *cli);
int command_accounts(struct cli *cli);
int command_pause(struct cli *cli);
int command_resume(struct cli *cli);
int command_reload(struct cli *cli);
/* simulate.c */
int command_simulate(struct cli *cli);
/* offline.c */
int command_campaigns(struct cli *cli); /* campaigns.c */
int command_preview(struct cli *cli); /* preview.c */
int command_check(struct cli *cli);
int command_when(struct cli *cli);
int command_measure(struct cli *cli);
int command_token(struct cli *cli);
/* login.c */
int command_login(struct cli *cli);
int command_logout(struct cli *cli);
/* completion.c */
int command_completion(struct cli *cli);
int command_complete(struct cli *cli);

#endif
