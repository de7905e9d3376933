/*
 * See telling.h. Knows the hook's two ways and the form of the text, and neither rows nor times.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "publish/command.h"
#include "publish/telling.h"

#define PATIENCE SECONDS(30)

bool telling_has_way(const struct telling_means *means, enum alert_way way)
{
    const struct failure_hook *hook = means->settings ? &means->settings->on_failure : NULL;

    return hook != NULL && (way == ALERT_COMMAND ? hook->command != NULL : hook->webhook != NULL);
}

bool telling_flies(const struct telling *telling)
{
    return telling->flying[ALERT_COMMAND] || telling->flying[ALERT_WEBHOOK];
}

/* ---- one way's end ---- */

/* Which daemon it is that tells, where there is one a brand: the file that calctl takes. In the arena. */
static const char *config_of(const struct telling *telling)
{
    const char *path = telling->means->settings->path;
    char whole[PATH_MAX];

    return arena_strdup(telling->arena, realpath(path, whole) != NULL ? whole : path);
}

static const char *name_of(const struct telling *telling)
{
    const char *delivery = json_text(telling->alerts[0].body, "delivery");
    const char *account = telling->alerts[0].account;

    return delivery ? delivery : account ? account : "";
}

static void log_end(const struct telling *telling, enum alert_way way, bool ok, const char *message)
{
    struct buf line = {0};

    log_add(&line, "event", telling->alerts[0].kind);
    log_add(&line, "about", name_of(telling));
    log_add(&line, "others", telling->count > 1 ? "yes" : "no");
    if (ok)
        log_info("told on_failure %s %s", alert_way_name(way), buf_text(&line));
    else
        log_warn("on_failure %s did not take it, it is told again later: %s %s", alert_way_name(way), message,
                 buf_text(&line));
    buf_release(&line);
}

static void way_ended(struct telling *telling, enum alert_way way, bool ok, const char *message)
{
    telling->flying[way] = false;
    telling->means->way_ended(telling->means->context, way, ok ? NULL : message);
    for (size_t i = 0; i < telling->count; i++)
        telling->alerts[i].took[way] |= ok;
    log_end(telling, way, ok, message);
    if (!telling_flies(telling))
        telling->means->ended(telling->means->context);
}

/* ---- the command ---- */

static void command_ended(void *context, const struct command_end *end)
{
    struct telling *telling = context;

    telling->command = NULL;
    way_ended(telling, ALERT_COMMAND, end->ok, end->message);
}

static bool start_command(struct telling *telling, struct error *err)
{
    const struct telling_means *means = telling->means;
    const char *delivery = json_text(telling->alerts[0].body, "delivery");
    const char *environment[] = {
        COMMAND_PATH,
        arena_printf(telling->arena, "CALD_CONFIG=%s", config_of(telling)),
        arena_printf(telling->arena, "CALD_EVENT=%s", telling->alerts[0].kind),
        delivery ? arena_printf(telling->arena, "CALD_DELIVERY=%s", delivery) : NULL,
        NULL,
    };

    telling->command =
        command_run(means->loop, means->settings->on_failure.command, environment, telling->text,
                    strlen(telling->text), PATIENCE, command_ended, telling, err);
    return telling->command != NULL;
}

/* ---- the webhook ---- */

static void webhook_ended(void *context, const struct http_result *result)
{
    struct telling *telling = context;
    int status = result->ok ? result->response.status : 0;
    bool ok = status >= 200 && status <= 299;
    const char *message =
        result->ok ? arena_printf(telling->arena, "it answered HTTP %d", status) : result->error;

    way_ended(telling, ALERT_WEBHOOK, ok, message);
}

static bool start_webhook(struct telling *telling, struct error *err)
{
    const struct settings *settings = telling->means->settings;
    const struct failure_hook *hook = &settings->on_failure;
    const struct http_options options = http_options_of(settings);
    struct request request = {.method = "POST",
                              .url = hook->webhook,
                              .body = telling->text,
                              .body_length = strlen(telling->text),
                              .timeout = PATIENCE};

    request_header(&request, telling->arena, "Content-Type", "application/json");
    request_header(&request, telling->arena, "Idempotency-Key", "%s", telling->alerts[0].key);
    if (hook->token != NULL)
        request_header(&request, telling->arena, "Authorization", "Bearer %s", hook->token);
    return http_send(telling->means->http, &request, &options, telling->arena, webhook_ended, telling, err);
}

static bool (*const starts[ALERT_WAYS])(struct telling *telling, struct error *err) = {
    [ALERT_COMMAND] = start_command, [ALERT_WEBHOOK] = start_webhook};

/* ---- a telling ---- */

static json_t *alert_json(const struct alert *alert)
{
    json_t *json = json_deep_copy(alert->body);
    char at[INSTANT_TEXT];

    json_set_text(json, "id", alert->key);
    json_set_text(json, "at", instant_format(alert->at, at, sizeof at));
    return json;
}

static const char *text_of(const struct telling *telling)
{
    json_t *json = alert_json(&telling->alerts[0]), *others = json_array();
    const char *kept;
    char *text;

    for (size_t i = 1; i < telling->count; i++)
        json_array_append_new(others, alert_json(&telling->alerts[i]));
    json_set_text(json, "config", config_of(telling));
    json_set(json, "others", others);
    text = json_print(json);
    kept = arena_printf(telling->arena, "%s\n", text);
    free(text);
    json_decref(json);
    return kept;
}

struct telling *telling_new(const struct telling_means *means, struct telling *next)
{
    struct arena *arena = arena_new();
    struct telling *telling = arena_new_of(arena, struct telling);

    *telling = (struct telling){.next = next, .means = means, .arena = arena};
    return telling;
}

void telling_add(struct telling *telling, const struct alert *alert)
{
    struct alert *own = arena_push(telling->arena, telling->alerts, telling->count);

    *own = *alert;
    own->key = arena_strdup(telling->arena, alert->key);
    own->kind = arena_strdup(telling->arena, alert->kind);
    own->account = arena_strdup(telling->arena, alert->account);
    own->body = json_in_arena(telling->arena, json_deep_copy(alert->body));
}

void telling_start(struct telling *telling)
{
    struct error err = {0};

    telling->text = text_of(telling);
    for (int way = 0; way < ALERT_WAYS; way++)
        telling->flying[way] = telling_has_way(telling->means, way) && !telling->alerts[0].took[way];
    for (int way = 0; way < ALERT_WAYS; way++) {
        if (telling->flying[way] && !starts[way](telling, &err))
            way_ended(telling, way, false, err.message);
    }
    if (!telling_flies(telling))
        telling->means->ended(telling->means->context); /* also what only a way had to take that is no more */
}

void telling_free(struct telling *telling)
{
    command_abandon(telling->command);
    arena_free(telling->arena);
}
