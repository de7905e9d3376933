/*
 * problem: makes the bodies of errors. Knows no route.
 */
#include "control/problem.h"

#include "base/json.h"
#include "base/log.h"
#include "base/suggest.h"

static const struct {
    int status;
    const char *title;
} titles[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

const char *problem_title(int status)
{
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Error";
}

static void answer_problem(struct call *call, int status, json_t *more, const char *detail)
{
    json_t *body = more ? more : json_object();
    json_set_text(body, "type", "about:blank");
    json_set_text(body, "title", problem_title(status));
    json_set_number(body, "status", status);
    json_set_text(body, "detail", detail);
    answer_json(call, status, body);
    call->answer.type = "application/problem+json";
}

void problem(struct call *call, int status, const char *detail, ...)
{
    va_list args;
    va_start(args, detail);
    answer_problem(call, status, NULL, arena_vprintf(call->arena, detail, args));
    va_end(args);
}

void problem_with(struct call *call, int status, json_t *more, const char *detail, ...)
{
    va_list args;
    va_start(args, detail);
    answer_problem(call, status, more, arena_vprintf(call->arena, detail, args));
    va_end(args);
}

void problem_unknown(struct call *call, int status, const char *thing, const char *name,
                     const char *const *candidates, size_t count)
{
    const char *nearest = suggest(name, candidates, count);
    json_t *more = json_object();
    json_set_text(more, "nearest", nearest);
    if (nearest)
        problem_with(call, status, more, "unknown %s '%s', did you mean '%s'?", thing, name, nearest);
    else
        problem_with(call, status, more, "unknown %s '%s'", thing, name);
}

void problem_findings(struct call *call, const struct diags *diags, json_t *override, const char *detail)
{
    json_t *more = json_object();
    json_set(more, "errors", diags_to_json(diags, DIAG_ERROR));
    json_set(more, "findings", diags_to_json(diags, DIAG_WARNING));
    if (override)
        json_set(more, "override", override);
    problem_with(call, 422, more, "%s", detail);
}

void problem_storage(struct call *call, const struct error *err)
{
    log_error("a change was refused because it could not be stored: %s", err->message);
    problem(call, 503, "nothing was changed: %s", err->message);
    answer_with(call, "Retry-After", "10");
}
