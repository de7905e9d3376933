/*
 * See webhook.h: what is published is changed or deleted because the endpoint is told so, at 'edit_url' and
 * 'delete_url'. It is told which post by {{id}}: what it called it itself, or else the key under which it was
 * published. Without a template an edit has everything, with "event" and "id"; a deletion those two and what names
 * the post. Each has a key of its own, the same for all its repeats: who honours keys takes it once, and who does
 * not is told the same twice.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/webhook.h"

static const struct change {
    const char *event, *url, *method, *body; /* the last three: options */
    size_t names;                            /* so many of webhook_names are told without a template */
} edit = {"edit", "edit_url", "edit_method", "edit_body", WEBHOOK_NAMES},
  removal = {"delete", "delete_url", "delete_method", "delete_body", 4};

bool webhook_can_change(const struct account *account, bool deletes)
{
    return account_option(account, deletes ? removal.url : edit.url);
}

/* ---- the request ---- */

/* Files do not go with it, so a form need not be one of many parts. */
static enum template_style style_of(const struct account *account)
{
    return webhook_is_multipart(account) ? TEMPLATE_FORM : webhook_style(account);
}

static const char *content_type_of(const struct account *account)
{
    return webhook_is_multipart(account) ? "application/x-www-form-urlencoded"
                                         : webhook_content_type(account);
}

static const char *name_of(size_t number)
{
    static const char *const own[] = {"event", "id"};
    return number < 2 ? own[number] : webhook_names[number - 2];
}

static const char *form_of(const struct change *change, const struct webhook_values *values,
                           struct arena *arena)
{
    const char *form = "";
    for (size_t i = 0; i < change->names + 2; i++) {
        const char *pair = arena_printf(arena, "%s={{%s}}", name_of(i), name_of(i));
        form = arena_printf(arena, "%s%s%s", form, i ? "&" : "",
                            webhook_render(pair, TEMPLATE_FORM, values, arena));
    }
    return form;
}

static const char *json_of(const struct change *change, const struct webhook_values *values,
                           struct arena *arena)
{
    json_t *all = json_object();
    for (size_t i = 0; i < change->names + 2; i++) {
        json_t *value = webhook_value(values, name_of(i));
        if (value)
            json_set(all, name_of(i), value);
    }
    return driver_json_text(arena, all);
}

/* NULL: it has none. */
static const char *body_of(const struct change *change, const char *method,
                           const struct webhook_values *values, struct arena *arena)
{
    const char *template = account_option(values->job->account, change->body);
    enum template_style style = style_of(values->job->account);
    if (template)
        return webhook_render(template, style, values, arena);
    if (!strcmp(method, "DELETE"))
        return NULL;
    if (style == TEMPLATE_JSON)
        return json_of(change, values, arena);
    return style == TEMPLATE_FORM ? form_of(change, values, arena)
                                  : webhook_render("{{text}}", style, values, arena);
}

static void ask(const struct job *job, const struct change *change, struct arena *arena,
                struct request *ret_request)
{
    struct webhook_values values = {.job = job, .arena = arena, .event = change->event};
    const char *method = account_option(job->account, change->method);
    const char *url = account_option(job->account, change->url);
    *ret_request = (struct request){.method = method ? method : "POST"};
    ret_request->body = body_of(change, ret_request->method, &values, arena);
    if (ret_request->body) {
        ret_request->body_length = strlen(ret_request->body);
        request_header(ret_request, arena, "Content-Type", "%s", content_type_of(job->account));
    }
    values.token_too = true; /* only now: as when it is published */
    ret_request->url = webhook_render(url, TEMPLATE_URL, &values, arena);
    webhook_add_headers(&values, url, ret_request, arena);
}

/* ---- the answer ---- */

/* Whether the endpoint did it, or had done it: who honours keys knows a repeat. */
static bool is_done(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    bool is_2xx = response->status >= 200 && response->status < 300;
    bool repeated = account_option(job->account, "key_header") && webhook_is_duplicate(job, response);
    if (repeated || webhook_lists(job->account, "success", response->status, is_2xx))
        return true;
    if (is_2xx) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "the endpoint answered %d, which 'success' does not list", response->status);
        return false;
    }
    outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, webhook_said(response, arena), arena,
                        ret_outcome);
    return false;
}

/* Where the address names the post, it is the post that is not there; else the endpoint may be. */
static bool is_not_there(const struct job *job, const struct change *change, const struct response *response)
{
    return (response->status == 404 || response->status == 410) &&
           template_uses(account_option(job->account, change->url), "id");
}

/* ---- the driver's functions ---- */

void webhook_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!webhook_can_change(job->account, true)) {
        removal_over(ret_step, "its account has no 'delete_url' in cald.yaml: delete it there");
        return;
    }
    if (!removal_is_due(job, NULL, arena, ret_step))
        return;
    struct job own = *job;
    own.request_key = arena_printf(arena, "%s-delete", job->request_key);
    ask(&own, &removal, arena, removal_step(ret_step));
}

void webhook_removed(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    if (is_not_there(job, &removal, response) || is_done(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_all_gone(arena);
}

void webhook_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!webhook_can_change(job->account, false))
        revision_over(ret_step, "its account has no 'edit_url' in cald.yaml: change it there");
    else if (revision_is_due(job, NULL, arena, ret_step))
        ask(job, &edit, arena, revision_step(job, arena, ret_step));
}

void webhook_edited(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    if (is_not_there(job, &edit, response))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (is_done(job, step, response, arena, ret_outcome))
        *ret_outcome = revision_done(job, arena);
}
