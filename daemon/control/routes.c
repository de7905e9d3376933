/*
 * routes: the table. schema/openapi.yaml describes the same, and a test holds the two against each other.
 */
#include "control/api.h"
#include "control/route.h"
#include "publish/alert.h"
#include "queue/audit.h"

static const char *const orders[] = {"slot", "-slot", "published", "-published", NULL};
static const char *const replan_rules[] = {"keep", "move", "drop", NULL};
static const char *const audit_orders[] = {"number", "-number", NULL};
static const char *const visibilities[] = {"public", "unlisted", "followers", "direct", NULL};
static const char *const origins[] = {"calendar", "series", "spontaneous", NULL};

#define END {.name = NULL}

static const struct param list_query[] = {
    {.name = "account", .kind = PARAM_TEXT, .repeats = true},
    {.name = "network", .kind = PARAM_TEXT, .repeats = true},
    {.name = "state", .kind = PARAM_TEXT, .repeats = true},
    {.name = "bucket", .kind = PARAM_TEXT},
    {.name = "series", .kind = PARAM_TEXT},
    {.name = "campaign", .kind = PARAM_TEXT},
    {.name = "post", .kind = PARAM_TEXT},
    {.name = "origin", .kind = PARAM_WORD, .words = origins},
    {.name = "text", .kind = PARAM_TEXT},
    {.name = "waiting_for", .kind = PARAM_TEXT},
    {.name = "from", .kind = PARAM_TEXT},
    {.name = "until", .kind = PARAM_TEXT},
    {.name = "during", .kind = PARAM_TEXT},
    {.name = "order", .kind = PARAM_WORD, .words = orders},
    {.name = "limit", .kind = PARAM_NUMBER, .min = 1, .max = 1000},
    {.name = "cursor", .kind = PARAM_TEXT},
    END,
};

static const struct param slots_query[] = {
    {.name = "from", .kind = PARAM_TEXT},
    {.name = "until", .kind = PARAM_TEXT},
    {.name = "during", .kind = PARAM_TEXT},
    {.name = "slot", .kind = PARAM_TEXT},
    {.name = "limit", .kind = PARAM_NUMBER, .min = 1, .max = 1000},
    END,
};

static const struct param alerts_query[] = {
    {.name = "account", .kind = PARAM_TEXT},
    {.name = "event", .kind = PARAM_WORD, .words = alert_kept_kinds},
    {.name = "from", .kind = PARAM_TEXT},
    {.name = "until", .kind = PARAM_TEXT},
    {.name = "during", .kind = PARAM_TEXT},
    {.name = "untold", .kind = PARAM_FLAG},
    {.name = "limit", .kind = PARAM_NUMBER, .min = 1, .max = 1000},
    {.name = "cursor", .kind = PARAM_TEXT},
    END,
};

static const struct param audit_query[] = {
    {.name = "post", .kind = PARAM_TEXT},
    {.name = "account", .kind = PARAM_TEXT},
    {.name = "who", .kind = PARAM_TEXT},
    {.name = "kind", .kind = PARAM_WORD, .words = audit_kinds},
    {.name = "since", .kind = PARAM_TEXT},
    {.name = "until", .kind = PARAM_TEXT},
    {.name = "during", .kind = PARAM_TEXT},
    {.name = "order", .kind = PARAM_WORD, .words = audit_orders},
    {.name = "limit", .kind = PARAM_NUMBER, .min = 1, .max = 1000},
    {.name = "cursor", .kind = PARAM_TEXT},
    END,
};

static const struct param limit_query[] = {{.name = "limit", .kind = PARAM_NUMBER, .min = 1, .max = 1000}, END};
static const struct param plan_query[] = {{.name = "limit", .kind = PARAM_NUMBER, .min = 1, .max = 10000}, END};
static const struct param apply_body[] = {{.name = "plan", .kind = PARAM_TEXT, .required = true}, END};
static const struct param account_query[] = {{.name = "account", .kind = PARAM_TEXT}, END};
static const struct param changes_query[] = {
    {.name = "account", .kind = PARAM_TEXT},
    {.name = "limit", .kind = PARAM_NUMBER, .min = 1, .max = 200},
    END,
};
static const struct param edit_query[] = {
    {.name = "account", .kind = PARAM_TEXT},
    {.name = "published", .kind = PARAM_FLAG},
    {.name = "dry_run", .kind = PARAM_FLAG},
    END,
};
static const struct param add_query[] = {{.name = "dry_run", .kind = PARAM_FLAG}, END};

static const struct param login_body[] = {{.name = "redirect", .kind = PARAM_TEXT}, END};
static const struct param login_finish_body[] = {
    {.name = "login", .kind = PARAM_TEXT, .required = true},
    {.name = "answer", .kind = PARAM_TEXT, .required = true},
    {.name = "state", .kind = PARAM_TEXT},
    END,
};
static const struct param why_body[] = {{.name = "why", .kind = PARAM_TEXT}, END};
static const struct param resume_body[] = {
    {.name = "clock", .kind = PARAM_FLAG},
    {.name = "restored", .kind = PARAM_FLAG},
    END,
};
static const struct param crisis_body[] = {
    {.name = "why", .kind = PARAM_TEXT, .required = true},
    {.name = "account", .kind = PARAM_TEXT},
    END,
};
static const struct param statement_body[] = {{.name = "to", .kind = PARAM_LIST}, END};
static const struct param crisis_end_body[] = {
    {.name = "why", .kind = PARAM_TEXT},
    {.name = "account", .kind = PARAM_TEXT},
    {.name = "rule", .kind = PARAM_WORD, .words = replan_rules},
    {.name = "keep", .kind = PARAM_LIST},
    {.name = "move", .kind = PARAM_LIST},
    {.name = "drop", .kind = PARAM_LIST},
    END,
};
static const struct param override_body[] = {{.name = "override", .kind = PARAM_OBJECT}, END};
static const struct param submit_body[] = {
    {.name = "at", .kind = PARAM_TEXT},
    {.name = "now", .kind = PARAM_FLAG},
    {.name = "why", .kind = PARAM_TEXT},
    END,
};
static const struct param approve_body[] = {
    {.name = "at", .kind = PARAM_TEXT},
    {.name = "now", .kind = PARAM_FLAG},
    {.name = "why", .kind = PARAM_TEXT},
    {.name = "override", .kind = PARAM_OBJECT},
    END,
};
static const struct param reject_body[] = {{.name = "why", .kind = PARAM_TEXT, .required = true}, END};
static const struct param move_body[] = {
    {.name = "at", .kind = PARAM_TEXT, .required = true},
    {.name = "why", .kind = PARAM_TEXT},
    {.name = "override", .kind = PARAM_OBJECT},
    END,
};
static const struct param resolve_body[] = {
    {.name = "account", .kind = PARAM_TEXT},
    {.name = "published", .kind = PARAM_ANY},
    {.name = "not_published", .kind = PARAM_FLAG},
    END,
};

/* What is inside of lists and objects is checked by what reads the calendar. */
#define TEXT(member, can_be_null) {.name = member, .kind = PARAM_TEXT, .nullable = can_be_null}
#define LIST(member, can_be_null) {.name = member, .kind = PARAM_LIST, .nullable = can_be_null}
#define CONTENT_OF(can_be_null)                                                                              \
    TEXT("text", can_be_null), LIST("thread", can_be_null), LIST("media", can_be_null),                      \
        TEXT("link", can_be_null), TEXT("title", can_be_null), TEXT("body", can_be_null),                    \
        TEXT("language", can_be_null), TEXT("warning", can_be_null), TEXT("summary", can_be_null),           \
        TEXT("slug", can_be_null), LIST("tags", can_be_null), LIST("categories", can_be_null),               \
        {.name = "visibility", .kind = PARAM_WORD, .nullable = can_be_null, .words = visibilities}

#define CONTENT_MEMBERS(can_be_null)                                                                         \
    TEXT("at", false), CONTENT_OF(can_be_null), {.name = "override", .kind = PARAM_OBJECT}

static const struct param add_body[] = {
    LIST("to", false),
    CONTENT_MEMBERS(false),
    TEXT("bucket", false),
    TEXT("id", false),
    {.name = "draft", .kind = PARAM_FLAG},
    {.name = "publish_late", .kind = PARAM_FLAG},
    {.name = "variants", .kind = PARAM_OBJECT},
    END,
};
static const struct param preview_body[] = {
    LIST("to", true),
    CONTENT_OF(false),
    TEXT("bucket", false),
    {.name = "variants", .kind = PARAM_OBJECT},
    END,
};
static const struct param edit_body[] = {
    CONTENT_MEMBERS(true),
    {.name = "publish_late", .kind = PARAM_FLAG, .nullable = true},
    END,
};

#define POST_ACTION(name, least, handler, body) \
    {"POST", "/v1/posts/{id}/" name, least, handler, account_query, body, ROUTE_WRITES}

const struct route routes[] = {
    {"GET", "/", ROLE_NONE, web_front, NULL, NULL, ROUTE_PUBLIC},
    {"GET", "/healthz", ROLE_NONE, api_health, NULL, NULL, ROUTE_PUBLIC},
    {"GET", "/metrics", ROLE_VIEWER, api_metrics, NULL, NULL, 0},
    {"GET", "/calendar.ics", ROLE_VIEWER, api_calendar, NULL, NULL, 0},
    {"GET", "/v1/openapi.yaml", ROLE_NONE, api_description, NULL, NULL, ROUTE_PUBLIC},
    {"GET", "/v1/status", ROLE_VIEWER, api_status, NULL, NULL, 0},
    {"GET", "/v1/accounts", ROLE_VIEWER, api_accounts, NULL, NULL, 0},
    {"POST", "/v1/accounts/{name}/check", ROLE_EDITOR, api_account_check, NULL, NULL, 0},
    {"POST", "/v1/accounts/{name}/login", ROLE_ADMIN, api_login, NULL, login_body, 0},
    {"POST", "/v1/accounts/{name}/login/finish", ROLE_ADMIN, api_login_finish, NULL, login_finish_body, 0},
    {"POST", "/v1/accounts/{name}/logout", ROLE_ADMIN, api_logout, NULL, NULL, 0},
    {"POST", "/v1/accounts/{name}/pause", ROLE_EDITOR, api_account_pause, NULL, why_body, ROUTE_WRITES},
    {"POST", "/v1/accounts/{name}/resume", ROLE_EDITOR, api_account_resume, NULL, NULL, ROUTE_WRITES},
    {"POST", "/v1/pause", ROLE_EDITOR, api_pause, NULL, why_body, ROUTE_WRITES},
    {"POST", "/v1/resume", ROLE_EDITOR, api_resume, NULL, resume_body, ROUTE_WRITES},
    {"GET", "/v1/crisis", ROLE_VIEWER, api_crisis, NULL, NULL, 0},
    {"POST", "/v1/crisis/start", ROLE_EDITOR, api_crisis_start, NULL, crisis_body, ROUTE_WRITES},
    {"POST", "/v1/crisis/statement", ROLE_EDITOR, api_crisis_statement, add_query, statement_body, ROUTE_WRITES},
    {"POST", "/v1/crisis/posts/{id}/release", ROLE_EDITOR, api_crisis_release, account_query, override_body, ROUTE_WRITES},
    {"POST", "/v1/crisis/end", ROLE_EDITOR, api_crisis_end, add_query, crisis_end_body, ROUTE_WRITES},
    {"GET", "/v1/slots", ROLE_VIEWER, api_slots, slots_query, NULL, 0},
    {"GET", "/v1/campaigns", ROLE_VIEWER, api_campaigns, NULL, NULL, 0},
    {"GET", "/v1/deliveries", ROLE_VIEWER, api_deliveries, list_query, NULL, 0},
    {"GET", "/v1/deliveries/{post}/{account}", ROLE_VIEWER, api_delivery, NULL, NULL, 0},
    {"GET", "/v1/deliveries/{post}/{account}/history", ROLE_VIEWER, api_delivery_history, NULL, NULL, 0},
    {"GET", "/v1/deliveries/{post}/{account}/explain", ROLE_VIEWER, api_explain, NULL, NULL, 0},
    {"GET", "/v1/history", ROLE_VIEWER, api_history, limit_query, NULL, 0},
    {"GET", "/v1/audit", ROLE_VIEWER, api_audit, audit_query, NULL, 0},
    {"GET", "/v1/backup", ROLE_ADMIN, api_backup, NULL, NULL, 0},
    {"GET", "/v1/alerts", ROLE_VIEWER, api_alerts, alerts_query, NULL, 0},
    {"POST", "/v1/media", ROLE_AUTHOR, api_media_add, NULL, NULL, ROUTE_UPLOAD},
    {"POST", "/v1/posts", ROLE_AUTHOR, api_post_add, add_query, add_body, ROUTE_WRITES | ROUTE_TELLS},
    {"POST", "/v1/posts/batch", ROLE_AUTHOR, api_batch_add, add_query, add_body, ROUTE_BATCH},
    {"POST", "/v1/preview", ROLE_AUTHOR, api_preview, NULL, preview_body, 0},
    {"GET", "/v1/posts/{id}/changes", ROLE_VIEWER, api_post_changes, changes_query, NULL, 0},
    {"GET", "/v1/posts/{id}/preview", ROLE_VIEWER, api_post_preview, account_query, NULL, 0},
    {"GET", "/v1/posts/{id}", ROLE_VIEWER, api_post, NULL, NULL, 0},
    {"PATCH", "/v1/posts/{id}", ROLE_AUTHOR, api_post_edit, edit_query, edit_body, ROUTE_WRITES},
    POST_ACTION("move", ROLE_AUTHOR, api_post_move, move_body),
    POST_ACTION("cancel", ROLE_AUTHOR, api_post_cancel, why_body),
    POST_ACTION("delete", ROLE_EDITOR, api_post_delete, why_body),
    POST_ACTION("now", ROLE_EDITOR, api_post_now, override_body),
    POST_ACTION("retry", ROLE_EDITOR, api_post_retry, override_body),
    POST_ACTION("submit", ROLE_AUTHOR, api_post_submit, submit_body),
    POST_ACTION("approve", ROLE_AUTHOR, api_post_approve, approve_body),
    POST_ACTION("reject", ROLE_AUTHOR, api_post_reject, reject_body),
    POST_ACTION("unapprove", ROLE_AUTHOR, api_post_unapprove, why_body),
    POST_ACTION("hold", ROLE_EDITOR, api_post_hold, why_body),
    POST_ACTION("release", ROLE_EDITOR, api_post_release, override_body),
    POST_ACTION("resolve", ROLE_EDITOR, api_post_resolve, resolve_body),
    {"GET", "/v1/plan", ROLE_VIEWER, api_plan, plan_query, NULL, 0},
    {"POST", "/v1/apply", ROLE_EDITOR, api_apply, NULL, apply_body, 0},
    {"POST", "/v1/reload", ROLE_EDITOR, api_reload, NULL, NULL, 0},
    {"GET", "/v1/events", ROLE_VIEWER, api_events, NULL, NULL, 0},
    {"GET", "/feed/{account}", ROLE_NONE, web_feed_redirect, NULL, NULL, ROUTE_PUBLIC},
    {"GET", "/feed/{account}/", ROLE_NONE, web_feed_page, NULL, NULL, ROUTE_PUBLIC},
    {"GET", "/feed/{account}/atom.xml", ROLE_NONE, web_feed_atom, NULL, NULL, ROUTE_PUBLIC},
    {"GET", "/feed/{account}/feed.json", ROLE_NONE, web_feed_json, NULL, NULL, ROUTE_PUBLIC},
    {"GET", "/feed/{account}/posts/{post}", ROLE_NONE, web_feed_post, NULL, NULL, ROUTE_PUBLIC},
    {"GET", "/feed/{account}/media/{file}", ROLE_NONE, web_feed_media, NULL, NULL, ROUTE_PUBLIC},
};
const size_t route_count = sizeof routes / sizeof routes[0];
