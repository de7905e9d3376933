/*
 * Any bytes as a control request: method, target, headers, body. Whatever the guards and the table of routes
 * make of it, it is either refused with an answer or known whole, and nothing reads beyond its end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "control/guard.h"
#include "control/problem.h"
#include "control/role.h"
#include "control/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One line a field; what is left is the body. */
static char *next_line(char **rest)
{
    char *line = strsep(rest, "\n");
    static char empty[] = "";
    return line ? line : empty;
}

static void add_headers(struct call *call, char **rest)
{
    char *line;
    while (*(line = next_line(rest)) && call->header_count < CALL_HEADERS) {
        char *value = strchr(line, ':');
        if (value)
            *value++ = '\0';
        call->headers[call->header_count++] =
            (struct field){arena_strdup(call->arena, line), arena_strdup(call->arena, value ? value : "")};
    }
}

static void must_be_answered(const struct call *call, bool refused)
{
    if (refused != (call->answer.status >= 400))
        bug("refused is %d, but the status is %d", refused, call->answer.status);
}

static bool judge(struct call *call)
{
    static const char *const served[] = {"news.example.org"};
    const struct settings settings = {.hosts = served, .host_count = 1};
    if (!guard_framing(call) || !guard_host(call, &settings) || !(call->route = route_find(call)) ||
        !guard_origin(call))
        return false;
    return guard_body(call, route_body(call->route)) && route_check_query(call, call->route->query);
}

static void read_body(struct call *call)
{
    call->json = json_parse(call->body, call->length, NULL);
    if (!call->json)
        return;
    json_in_arena(call->arena, call->json);
    if (json_is_object(call->json))
        must_be_answered(call, !route_check_body(call, call->route->body));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct peer peer = {.address = "127.0.0.1", .host = "127.0.0.1", .port = 8080};
    struct call *call = call_new(NULL, &peer, 1800000000000);
    char *rest = arena_strndup(call->arena, (const char *)data, size);
    char *method = next_line(&rest), *target = next_line(&rest);
    if (call_parse(call, method, target, NULL)) {
        add_headers(call, &rest);
        call->body = rest ? rest : "";
        call->length = strlen(call->body);
        bool known = judge(call);
        must_be_answered(call, !known);
        if (known)
            read_body(call);
        role_of_token(call->body, target, call->now, call->arena);
    }
    call_free(call);
    return 0;
}
