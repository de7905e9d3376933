/* See override.h. Knows the names of the rules and the audit trail; what they find is judge.c's. */
#include "control/override.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "control/problem.h"
#include "control/room.h"
#include "control/view.h"
#include "editorial/rule.h"
#include "queue/audit.h"

enum { REASON_MOST = 500 };

/* ---- reading ---- */

static const char *known_rule(const char *name)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (!strcmp(rule_names[i], name))
            return rule_names[i];
    return NULL;
}

static void refuse_rule(struct call *call, const char *name)
{
    const char *names[RULE_COUNT];
    for (size_t i = 0; i < RULE_COUNT; i++)
        names[i] = rule_names[i];
    problem_unknown(call, 400, "rule", name, names, RULE_COUNT);
}

static bool check_rules(struct call *call, const json_t *list)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)(uintptr_t)list, i, item)
    {
        const char *name = json_string_value(item);
        if (name && !known_rule(name))
            refuse_rule(call, name);
        else if (!name)
            problem(call, 400, "'override.rules' must be a list of names of rules");
        if (call->answer.status)
            return false;
    }
    return true;
}

static bool is_well_formed(const json_t *value, const char *reason, const json_t *list)
{
    size_t members = (reason != NULL) + (list != NULL);
    return reason && strlen(reason) <= REASON_MOST && reason[strspn(reason, " \t\n")] &&
           json_object_size(value) == members && (!list || json_array_size(list) > 0);
}

static const char *needs_editor(const struct call *call)
{
    return arena_printf(call->arena, "overriding the charter needs the role editor, %s has %s", call->who,
                        role_name(call->role));
}

bool override_read(struct call *call, struct override *ret_override)
{
    const json_t *value = json_member(call->json, "override"), *list = json_member(value, "rules");
    const char *reason = json_text(value, "reason");
    *ret_override = (struct override){0};
    if (!value)
        return true;
    if (call->role < ROLE_EDITOR)
        problem(call, 403, "%s", needs_editor(call));
    else if (!is_well_formed(value, reason, list))
        problem(
            call, 400,
            "'override' must be {\"reason\": …} with a text of at most %d bytes, and, if it is not for every "
            "rule, \"rules\": […]",
            REASON_MOST);
    if (call->answer.status || !check_rules(call, list))
        return false;
    *ret_override = (struct override){reason, list};
    return true;
}

static bool is_for(const struct override *override, const char *rule)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)(uintptr_t) override->rules, i, item)
    {
        if (rule && !strcmp(json_string_value(item), rule))
            return true;
    }
    return !override->rules;
}

bool override_covers(const struct override *override, const struct diags *diags)
{
    size_t covered = 0;
    for (size_t i = 0; i < diags->count; i++)
        covered += diags->items[i].level == DIAG_ERROR && is_for(override, diags->items[i].rule);
    return override->reason && (!override->rules || covered == diags->errors);
}

/* ---- the offer ---- */

static bool objects(const struct diags *diags, const char *rule)
{
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i].level == DIAG_ERROR && diags->items[i].rule && !strcmp(diags->items[i].rule, rule))
            return true;
    return false;
}

static json_t *rules_among(const struct diags *diags)
{
    json_t *names = json_array();
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (objects(diags, rule_names[i]))
            json_array_append_new(names, json_string(rule_names[i]));
    return names;
}

static json_t *offer(json_t *names, const char *why_not)
{
    json_t *object = json_object();
    json_set_flag(object, "allowed", !why_not);
    json_set(object, "rules", names);
    json_set(object, "why_not", why_not ? json_string(why_not) : json_null());
    return object;
}

json_t *override_offer(const struct call *call, const struct diags *diags, bool limits)
{
    json_t *names = limits ? json_array() : rules_among(diags);
    if (limits)
        return offer(names, "what a network does not take cannot be overridden");
    if (json_array_size(names))
        return offer(names, call->role < ROLE_EDITOR ? needs_editor(call) : NULL);
    json_decref(names);
    return NULL;
}

json_t *override_none(const struct diags *diags)
{
    json_t *names = rules_among(diags);
    if (json_array_size(names))
        return offer(names, rules_of_files);
    json_decref(names);
    return NULL;
}

/* ---- the trail ---- */

static bool concerns(const struct diag *diag, const char *account)
{
    return diag->level == DIAG_ERROR && (!diag->account || !strcmp(diag->account, account));
}

static json_t *findings_of(const struct diags *diags, const char *account)
{
    json_t *list = json_array();
    for (size_t i = 0; i < diags->count; i++)
        if (concerns(&diags->items[i], account))
            json_array_append_new(list, json_pack("{s:s, s:s}", "rule",
                                                  diags->items[i].rule ? diags->items[i].rule : "", "message",
                                                  diags->items[i].message));
    return list;
}

static bool record(struct call *call, const struct override *override, json_t *findings, const char *post_id,
                   const char *account, enum state state, struct error *err)
{
    json_t *after = json_object();
    json_set(after, "findings", findings);
    char *text = json_print(after);
    struct audit_entry entry = {
        .kind = AUDIT_OVERRIDE,
        .who = call->who,
        .post_id = post_id,
        .account = account,
        .from = state_name(state),
        .to = state_name(state),
        .why = override->reason,
        .after = text,
    };
    bool ok = queue_audit(call->control->queue, &entry, call->now, err);
    free(text);
    json_decref(after);
    return ok;
}

bool override_record(struct call *call, const struct override *override, const struct diags *diags,
                     const char *post_id, const char *account, enum state state, struct error *err)
{
    json_t *findings = override->reason ? findings_of(diags, account) : NULL;
    if (json_array_size(findings))
        return record(call, override, findings, post_id, account, state, err);
    json_decref(findings);
    return true;
}

static json_t *findings_in(const char *after)
{
    json_t *value = after ? json_parse(after, strlen(after), NULL) : NULL,
           *list = json_member(value, "findings");
    list = list ? json_incref(list) : json_array();
    json_decref(value);
    return list;
}

json_t *overrides_to_json(struct call *call, const struct delivery *delivery)
{
    json_t *list = json_array();
    struct audit_entry *entries;
    size_t count = 0;
    if (!queue_overrides(call->control->queue, delivery, call->arena, &entries, &count, NULL))
        return list;
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        view_instant(object, "at", entries[i].at);
        json_set_text(object, "who", entries[i].who);
        json_set_text(object, "why", entries[i].why);
        json_set(object, "findings", findings_in(entries[i].after));
        json_array_append_new(list, object);
    }
    return list;
}
