/*
 * idempotency: answers by key, kept by the queue. An answer is stored with the headers that belong to it.
 */
#include "control/idempotency.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "control/problem.h"
#include "control/room.h"

enum { KEY_MOST = 255, STORED_IN_PART = 102 /* instead of the status of an answer */ };

static bool key_is_plain(const char *key)
{
    size_t length = strlen(key);
    for (size_t i = 0; i < length; i++)
        if (key[i] <= 0x20 || key[i] > 0x7e)
            return false;
    return length > 0 && length <= KEY_MOST;
}

static const char *request_hash(struct call *call)
{
    char body[SHA256_HEX], *whole_hash = arena_alloc(call->arena, SHA256_HEX);
    sha256_hex(call->body, call->length, body);
    const char *whole = arena_printf(call->arena, "%s %s\n%s", call->method, call->target, body);
    return sha256_hex(whole, strlen(whole), whole_hash);
}

static void answer_stored(struct call *call, int status, const char *text)
{
    struct error err = {""};
    json_t *stored = json_parse(text, strlen(text), &err);
    const char *name;
    json_t *value;
    answer_text(call, status, json_text(stored, "type"),
                json_text(stored, "body") ? json_text(stored, "body") : "");
    call->answer.type = arena_strdup(call->arena, call->answer.type);
    json_object_foreach(json_member(stored, "headers"), name, value)
    {
        answer_with(call, arena_strdup(call->arena, name), "%s", json_string_value(value));
    }
    answer_with(call, "Idempotency-Replayed", "true");
    json_decref(stored);
}

bool idempotency_check(struct call *call)
{
    const char *key = call_header(call, "Idempotency-Key");
    struct error err = {""};
    struct replay replay;
    if (!key || strcmp(call->method, "POST") != 0)
        return true;
    if (!key_is_plain(key)) {
        problem(call, 400, "Idempotency-Key must be 1 to %d printable characters without blanks", KEY_MOST);
        return false;
    }
    call->key = key;
    if (!call->request_hash)
        call->request_hash = request_hash(call);
    if (!queue_replay(call->control->queue, key, call->who, call->request_hash, call->arena, &replay, &err)) {
        problem_storage(call, &err);
        return false;
    }
    if (!replay.status)
        return true;
    if (replay.same_request && replay.status == STORED_IN_PART) {
        call->stored = strtoul(replay.body, NULL, 10);
        return true;
    }
    if (replay.same_request)
        answer_stored(call, replay.status, replay.body);
    else
        problem(call, 422, "this Idempotency-Key was used for another request");
    return false;
}

bool idempotency_note_stored(struct call *call, size_t stored, struct error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", stored);
    return !call->key || queue_remember(call->control->queue, call->key, call->who, call->request_hash,
                                        STORED_IN_PART, text, call->now, err);
}

bool idempotency_remember(struct call *call, struct error *err)
{
    const struct answer *answer = &call->answer;
    if (!call->key)
        return true;
    json_t *headers = json_object();
    for (size_t i = 0; i < answer->header_count; i++)
        if (strcmp(answer->headers[i].name, "Location") == 0 || strcmp(answer->headers[i].name, "ETag") == 0)
            json_set_text(headers, answer->headers[i].name, answer->headers[i].value);
    json_t *stored = json_object();
    json_set_text(stored, "type", answer->type);
    json_set_text(stored, "body", answer->body);
    json_set(stored, "headers", headers);
    char *text = json_print(stored);
    arena_defer(call->arena, free, text);
    json_decref(stored);
    return queue_remember(call->control->queue, call->key, call->who, call->request_hash, answer->status,
                          text, call->now, err);
}
