/*
 * names: what network.h offers to every driver: the names of its enumerations, the options of an
 * account, headers and bodies. It knows no network.
 */
#include <string.h>

#include "base/json.h"
#include "network/network.h"

const char *outcome_kind_name(enum outcome_kind kind)
{
    static const char *const names[] = {
        [OUTCOME_DONE] = "done",           [OUTCOME_NEXT] = "next",       [OUTCOME_WAIT] = "wait",
        [OUTCOME_RETRY] = "retry",         [OUTCOME_REFUSED] = "refused", [OUTCOME_UNSURE] = "unsure",
        [OUTCOME_NOT_FOUND] = "not-found",
    };
    return names[kind];
}

const char *scope_name(enum scope scope)
{
    static const char *const names[] = {
        [SCOPE_POST] = "post", [SCOPE_ACCOUNT] = "account", [SCOPE_NETWORK] = "network"};
    return names[scope];
}

const char *step_kind_name(enum step_kind kind)
{
    static const char *const names[] = {
        [STEP_SESSION] = "session", [STEP_PREPARE] = "prepare", [STEP_CREATE] = "create",
        [STEP_LOCAL] = "local",     [STEP_DONE] = "done",
    };
    return names[kind];
}

bool account_has_address(const struct account *account)
{
    return !account->network->has_address || account->network->has_address(account);
}

const char *account_option(const struct account *account, const char *name)
{
    return json_text(account->options, name);
}

const char *account_secret(const struct account *account, const char *name)
{
    for (size_t i = 0; i < account->secret_count; i++)
        if (!strcmp(account->secrets[i].name, name))
            return account->secrets[i].value;
    return NULL;
}

const char *account_trouble(const struct account *account)
{
    for (size_t i = 0; i < account->secret_count; i++)
        if (account->secrets[i].trouble)
            return account->secrets[i].trouble;
    return NULL;
}

bool account_has_secret(const struct account *account, const char *name)
{
    for (size_t i = 0; i < account->secret_count; i++)
        if (!strcmp(account->secrets[i].name, name))
            return true;
    return false;
}

void request_header(struct request *request, struct arena *arena, const char *name, const char *format, ...)
{
    /* Grown by copying: a request has few headers, and its array may be a driver's constant. */
    struct header *headers = arena_alloc_array(arena, request->header_count + 1, sizeof *headers);
    if (request->header_count)
        memcpy(headers, request->headers, request->header_count * sizeof *headers);
    va_list args;
    bool is_text = !strcmp(format, "%s"); /* as most are */
    va_start(args, format);
    headers[request->header_count] = (struct header){
        arena_strdup(arena, name),
        is_text ? arena_strdup(arena, va_arg(args, const char *)) : arena_vprintf(arena, format, args)};
    va_end(args);
    request->headers = headers;
    request->header_count++;
}

const char *request_value(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (!strcmp(request->headers[i].name, name))
            return request->headers[i].value;
    return NULL;
}

const char *response_header(const struct response *response, const char *lower_case_name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (!strcmp(response->headers[i].name, lower_case_name))
            return response->headers[i].value;
    return NULL;
}

json_t *response_json(const struct response *response, struct arena *arena)
{
    if (!response->body || !response->body_length)
        return NULL;
    return json_in_arena(arena, json_parse(response->body, response->body_length, NULL));
}
