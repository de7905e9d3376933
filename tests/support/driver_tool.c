/*
 * driver_tool: asks a driver, so that a suite can carry its requests to a real server without the daemon.
 *
 * One JSON object a line in, one out:
 *   {"op": "next|find|verify|discard|remove|edit", "network", "options", "secrets", "content", "published",
 * "post_id", "key", "slot", "now", "first_sent", "memo", "session", "lost", "response": {"status", "headers",
 * "body"}}
 *   {"step": {"kind", "name", "method", "url", "headers", "body", "media", "parts", "memo"},
 *    "outcome": {"kind", "scope", "message", "memo", "session", "id", "url", "at", "reconnect"}}
 * Without "response" only the step is told; with one, what the driver makes of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/network.h"

static json_t *object_of(const json_t *asked, const char *key)
{
    json_t *value = json_member(asked, key);
    return json_is_object(value) ? value : json_object_get(asked, "empty");
}

static struct account account_of(const json_t *asked, struct arena *arena)
{
    const char *name;
    json_t *value;
    struct account account = {.name = "account",
                              .network = network_find(json_text(asked, "network")),
                              .options = object_of(asked, "options")};
    struct account_secret *secrets = NULL;
    json_object_foreach(object_of(asked, "secrets"), name, value)
    {
        *arena_push(arena, secrets, account.secret_count) =
            (struct account_secret){.name = arena_strdup(arena, name), .value = json_string_value(value)};
    }
    account.secrets = secrets;
    return account;
}

static struct response response_of(const json_t *said, struct arena *arena)
{
    const char *name;
    json_t *value;
    struct response response = {.status = (int)json_number(said, "status", 0),
                                .body = json_text(said, "body")};
    struct header *headers = NULL;
    json_object_foreach(json_object_get(said, "headers"), name, value)
    {
        *arena_push(arena, headers, response.header_count) =
            (struct header){arena_strdup(arena, name), json_string_value(value)};
    }
    response.headers = headers;
    response.body_length = strlen(response.body);
    return response;
}

static json_t *parts_to_json(const struct request *request)
{
    json_t *parts = json_array();
    for (size_t i = 0; i < request->part_count; i++) {
        const struct form_part *part = &request->parts[i];
        json_array_append_new(parts, json_pack("[s,s,s?]", part->name,
                                               part->value ? part->value : part->media->file, part->type));
    }
    return parts;
}

static json_t *step_to_json(const struct step *step)
{
    const struct request *request = &step->request;
    json_t *json = json_object(), *headers = json_array();
    for (size_t i = 0; i < request->header_count; i++)
        json_array_append_new(headers,
                              json_pack("[s,s]", request->headers[i].name, request->headers[i].value));
    json_set_text(json, "kind", step_kind_name(step->kind));
    json_set_text(json, "name", step->name);
    json_set_text(json, "method", request->method);
    json_set_text(json, "url", request->url);
    json_set(json, "headers", headers);
    json_set_text(json, "body", request->body);
    json_set_text(json, "media", request->media ? request->media->file : NULL);
    if (request->media && (request->media_from || request->media_length))
        json_set(json, "range", json_pack("[I,I]", (json_int_t)request->media_from, (json_int_t)request->media_length));
    json_set_text(json, "host", step->host ? step->host->file : NULL);
    if (step->memo)
        json_object_set(json, "memo", step->memo);
    if (request->part_count)
        json_set(json, "parts", parts_to_json(request));
    return json;
}

static json_t *outcome_to_json(const struct outcome *outcome)
{
    json_t *json = json_object();
    json_set_text(json, "kind", outcome_kind_name(outcome->kind));
    json_set_text(json, "scope", scope_name(outcome->scope));
    json_set_text(json, "message", outcome->message);
    json_set_text(json, "id", outcome->id);
    json_set_text(json, "url", outcome->url);
    json_set_number(json, "at", outcome->at);
    json_set_flag(json, "reconnect", outcome->reconnect);
    if (outcome->memo)
        json_object_set(json, "memo", outcome->memo);
    if (outcome->session)
        json_object_set(json, "session", outcome->session);
    return json;
}

static json_t *ask(const struct job *job, const char *op, const json_t *said, struct arena *arena)
{
    const struct network *network = job->account->network;
    struct step step;
    struct outcome outcome = {0};
    bool find = !strcmp(op, "find"), verify = !strcmp(op, "verify"), discard = !strcmp(op, "discard"),
         remove = !strcmp(op, "remove"), edit = !strcmp(op, "edit");
    (find      ? network->find
     : verify  ? network->verify
     : discard ? network->discard
     : remove  ? network->remove
     : edit    ? network->edit
               : network->next)(job, arena, &step);
    json_t *answer = json_object();
    json_set(answer, "step", step_to_json(&step));
    if (said) {
        struct response response = response_of(said, arena);
        (find                                   ? network->found
         : verify                               ? network->verified
         : discard && step.kind != STEP_SESSION ? network->discarded
         : remove && step.kind != STEP_SESSION  ? network->removed
         : edit && step.kind != STEP_SESSION    ? network->edited
                                                : network->read)(job, &step, &response, arena, &outcome);
        json_set(answer, "outcome", outcome_to_json(&outcome));
    }
    return answer;
}

/* False: it is there and is no content. */
static bool content_of(const json_t *asked, const char *key, struct arena *arena,
                       const struct content **ret_content, struct error *err)
{
    json_t *written = json_member(asked, key);
    *ret_content = json_is_object(written) ? content_from_json(arena, written, err) : NULL;
    return *ret_content || !json_is_object(written);
}

static json_t *handle(json_t *asked, struct arena *arena)
{
    struct error err;
    const struct content *content, *published;
    json_set(asked, "empty", json_object());
    struct account account = account_of(asked, arena);
    if (!content_of(asked, "content", arena, &content, &err) ||
        !content_of(asked, "published", arena, &published, &err))
        return json_pack("{s:s}", "error", err.message);
    struct job job = {
        .account = &account,
        .content = content,
        .published = published,
        .post_id = json_text(asked, "post_id"),
        .key = json_text(asked, "key"),
        .request_key = json_text(asked, "key"),
        .slot = json_number(asked, "slot", 0),
        .now = json_number(asked, "now", 0),
        .memo = object_of(asked, "memo"),
        .session = object_of(asked, "session"),
        .first_sent = json_number(asked, "first_sent", 0),
        .lost = json_flag(asked, "lost", false),
    };
    return ask(&job, json_text(asked, "op"), json_member(asked, "response"), arena);
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    for (ssize_t length; (length = getline(&line, &size, stdin)) > 0;) {
        struct error err;
        struct arena *arena = arena_new();
        json_t *asked = json_parse(line, (size_t)length, &err);
        json_t *answer =
            asked ? handle(json_in_arena(arena, asked), arena) : json_pack("{s:s}", "error", err.message);
        char *text = json_print(answer);
        puts(text);
        fflush(stdout);
        free(text);
        json_decref(answer);
        arena_free(arena);
    }
    free(line);
    return 0;
}
