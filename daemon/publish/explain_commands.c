/*
 * See explain.h: what a person can do about it, as it is typed.
 */
#include <string.h>

#include "base/json.h"
#include "network/login.h"
#include "network/removal.h"
#include "publish/explain_internal.h"

struct command_row {
    unsigned states;
    const char *command, *text; /* %s: POST/ACCOUNT; "ACCOUNT" at the end: of the account */
    enum role role;
    bool (*fits)(const struct explain_facts *facts); /* NULL: always */
    bool of_account;
};

static bool is_past(const struct explain_facts *f)
{
    return f->delivery->slot < f->now;
}

static bool is_coming(const struct explain_facts *f)
{
    return !is_past(f);
}

static bool all_paused(const struct explain_facts *f)
{
    return f->all.paused;
}

static bool account_paused(const struct explain_facts *f)
{
    return f->own.paused;
}

/* What to do is in its reason, and no command ends it. */
static bool is_unusable(const struct explain_facts *f)
{
    return f->account != NULL && account_trouble(&f->account->account) != NULL;
}

static bool account_braked(const struct explain_facts *f)
{
    return !f->own.paused && (f->own.reconnect || f->own.braked_until > f->now) && !is_unusable(f);
}

static bool wants_login(const struct explain_facts *f)
{
    return f->own.reconnect && f->account != NULL && login_of(&f->account->account) != NULL && !is_unusable(f);
}

static bool for_person(const struct explain_facts *f)
{
    return f->delivery->due == INSTANT_NEVER;
}

static bool clock_wrong(const struct explain_facts *f)
{
    return f->clock != NULL;
}

static bool restored(const struct explain_facts *f)
{
    return f->database != NULL;
}

static bool in_crisis(const struct explain_facts *f)
{
    return f->crisis != NULL;
}

static bool is_unapproved(const struct explain_facts *f)
{
    return f->awaits != NULL;
}

static bool can_be_submitted(const struct explain_facts *f)
{
    return f->awaits != NULL && f->delivery->review != REVIEW_SUBMITTED && is_coming(f);
}

static bool can_be_submitted_anew(const struct explain_facts *f)
{
    return f->awaits != NULL && f->delivery->review != REVIEW_SUBMITTED && is_past(f);
}

static bool is_approved(const struct explain_facts *f)
{
    return f->awaits == NULL;
}

static bool can_go_now(const struct explain_facts *f)
{
    return is_approved(f) && !explain_stands_still(f);
}

static bool has_address(const struct explain_facts *f)
{
    return f->account == NULL || account_has_address(&f->account->account);
}

static bool has_no_address(const struct explain_facts *f)
{
    return !has_address(f);
}

/* Nobody goes on with a thread once what was out of it is deleted, or is to be. */
static bool is_whole(const struct explain_facts *f)
{
    return !f->delivery->deleting && !f->delivery->deleted && !json_member(f->delivery->memo, "remove");
}

static bool is_past_and_whole(const struct explain_facts *f)
{
    return is_past(f) && is_whole(f);
}

static bool is_coming_and_whole(const struct explain_facts *f)
{
    return is_coming(f) && is_whole(f);
}

static bool can_change(const struct explain_facts *f, bool deletes)
{
    const struct network *network = f->account->account.network;

    return (deletes ? network->remove != NULL : network->edit != NULL) &&
           (network->can_change == NULL || network->can_change(&f->account->account, deletes));
}

static bool can_be_deleted(const struct explain_facts *f)
{
    return f->account != NULL && can_change(f, true) && !f->delivery->deleting && !f->delivery->deleted;
}

static bool parts_can_be_deleted(const struct explain_facts *f)
{
    return can_be_deleted(f) && removal_parts_out(f->delivery->memo);
}

static bool can_be_edited(const struct explain_facts *f)
{
    return f->account != NULL && can_change(f, false) && !f->delivery->deleting && !f->delivery->deleted;
}

static const struct command_row command_rows[] = {
    {BIT(HELD), "calctl approve %s --now", "approves it and publishes it at once; --at TIME: then",
     ROLE_AUTHOR, is_unapproved, false},
    {BIT(DRAFT) | BIT(HELD), "calctl submit %s", "hands it in for approval", ROLE_AUTHOR, can_be_submitted,
     false},
    {BIT(DRAFT) | BIT(HELD), "calctl submit %s --at 'tomorrow 09:00'", "hands it in, for another time",
     ROLE_AUTHOR, can_be_submitted_anew, false},
    {BIT(DRAFT) | BIT(HELD), "calctl reject %s --why '…'", "gives it back to its author", ROLE_AUTHOR,
     is_unapproved, false},
    {BIT(DRAFT), "calctl approve %s", "lets it go out at its time", ROLE_EDITOR, is_coming, false},
    {BIT(DRAFT) | BIT(HELD) | BIT(MISSED) | BIT(REFUSED) | BIT(CANCELLED), "calctl move %s 'tomorrow 09:00'",
     "gives it another time", ROLE_AUTHOR, is_past_and_whole, false},
    {BIT(DRAFT) | BIT(READY) | BIT(WAITING), "calctl edit %s", "changes it", ROLE_AUTHOR, NULL, false},
    {BIT(DRAFT) | BIT(READY) | BIT(HELD) | BIT(WAITING), "calctl move %s 'tomorrow 09:00'",
     "gives it another time", ROLE_AUTHOR, is_coming, false},
    {BIT(HELD), "calctl release %s", "lets it go out: at its time, or at once if that is past", ROLE_EDITOR,
     is_approved, false},
    {BIT(READY) | BIT(HELD) | BIT(WAITING), "calctl now %s", "publishes it at once", ROLE_EDITOR, can_go_now,
     false},
    {BIT(READY) | BIT(WAITING), "calctl hold %s --why '…'", "keeps it until it is released", ROLE_EDITOR,
     NULL, false},
    {BIT(REFUSED) | BIT(MISSED) | BIT(WAITING), "calctl retry %s",
     "tries it again, at once if its time is past", ROLE_EDITOR, is_whole, false},
    {BIT(CANCELLED), "calctl retry %s", "takes it back", ROLE_EDITOR, is_coming_and_whole, false},
    {BIT(DRAFT) | BIT(READY) | BIT(HELD) | BIT(WAITING) | BIT(REFUSED) | BIT(MISSED),
     "calctl cancel %s --why '…'", "gives it up", ROLE_AUTHOR, NULL, false},
    {BIT(PUBLISHED), "calctl edit %s --text '…'", "changes it on its network", ROLE_EDITOR, can_be_edited,
     false},
    {BIT(PUBLISHED), "calctl delete %s --why '…'", "deletes it on its network", ROLE_EDITOR, can_be_deleted,
     false},
    {BIT(REFUSED) | BIT(MISSED) | BIT(CANCELLED), "calctl delete %s --why '…'",
     "deletes on its network what is out of it", ROLE_EDITOR, parts_can_be_deleted, false},
    {BIT(UNSURE), "calctl resolve %s --published https://…", "you looked, and it is there", ROLE_EDITOR,
     has_address, false},
    {BIT(UNSURE), "calctl resolve %s --published", "you looked, and it is there", ROLE_EDITOR, has_no_address,
     false},
    {BIT(UNSURE), "calctl resolve %s --not-published", "you looked, and it is not there: it is published",
     ROLE_EDITOR, for_person, false},
    {COMING | BIT(UNSURE), "calctl resume --clock", "says that the clock is right", ROLE_EDITOR, clock_wrong,
     false},
    {COMING | BIT(UNSURE), "calctl resume --restored", "says that this database is the one to go on with",
     ROLE_EDITOR, restored, false},
    {BIT(READY) | BIT(WAITING) | BIT(HELD), "calctl crisis release %s", "lets it go out in the crisis",
     ROLE_EDITOR, in_crisis, false},
    {COMING | BIT(UNSURE) | EDITING, "calctl resume", "ends the pause of everything", ROLE_EDITOR, all_paused,
     false},
    {COMING | BIT(UNSURE) | EDITING, "calctl resume %s", "ends the pause of its account", ROLE_EDITOR,
     account_paused, true},
    {COMING | BIT(UNSURE) | DEED, "calctl login %s", "gives its account new credentials", ROLE_ADMIN,
     wants_login, true},
    {COMING | BIT(UNSURE) | DEED, "calctl accounts %s --check",
     "asks the network whether the credentials work", ROLE_EDITOR, account_braked, true},
    {COMING | BIT(UNSURE) | DEED, "calctl resume %s", "ends the brake when the cause is mended", ROLE_EDITOR,
     account_braked, true},
    {ALL, "calctl history %s", "shows all that happened to it", ROLE_VIEWER, NULL, false},
};

static const char *fill(const char *format, const char *name, struct arena *arena)
{
    const char *place = strstr(format, "%s");

    if (place == NULL)
        return format;
    return arena_printf(arena, "%.*s%s%s", (int)(place - format), format, name, place + 2);
}

void explain_add_commands(const struct explaining *e, struct explanation *explanation)
{
    const struct delivery *d = e->delivery;
    const char *id = arena_printf(e->arena, "%s/%s", d->post_id, d->account);

    for (size_t i = 0; i < sizeof command_rows / sizeof *command_rows; i++) {
        const struct command_row *row = &command_rows[i];
        if (!explain_is_in(e, row->states) || (row->fits != NULL && !row->fits(e->facts)))
            continue;
        *arena_push(e->arena, explanation->commands, explanation->command_count) = (struct explain_command){
            fill(row->command, row->of_account ? d->account : id, e->arena), row->text, row->role};
    }
}
