/*
 * matrix: a room, as one of its users (spec.matrix.org, client-server API).
 *
 * A part becomes a text event and an event for each file; the parts after the first are a thread (m.thread).
 * Each event is put under a transaction id of ours: the same again from the same device is the same event,
 * and so a doubtful one is simply put again. Synapse remembers that for a day, others say nothing: after half
 * an hour, or from another device, the room is read instead. Images are uploaded before the slot.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/login.h"
#include "network/matrix.h"
#include "network/outcome.h"
#include "network/stage.h"
#include "network/uploads.h"

enum {
    CONTENT_MOST = 60000
}; /* an event has 65536 bytes as a whole; what the server adds is not ours to know */

enum { FILE_MOST = 50 << 20 }; /* what Synapse takes unless it is told otherwise */

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

static const struct network_option options[] = {
    {.name = "url",
     .kind = OPTION_URL,
     .required = true,
     .help = "address of the homeserver: https://matrix.example.org"},
    {.name = "room",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 2,
     .max = 255,
     .help = "alias or id of the room: '#news:example.org', '!abc:example.org'"},
    {.name = "token", .kind = OPTION_SECRET, .help = "access token of the user who writes"},
    {.name = "user",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 255,
     .help = "instead of a token, with 'password': name of the user"},
    {.name = "password", .kind = OPTION_SECRET, .help = "the user's password"},
    {.name = "markdown", .kind = OPTION_FLAG, .help = "texts are Markdown and shown with its formatting"},
    {.name = "notice",
     .kind = OPTION_FLAG,
     .help = "send texts as notices, as bots do: other bots do not answer"},
};

/* ---- files ---- */

static void ask_upload(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *media = upload_due(job);
    const char *slash = strrchr(media->file, '/');
    const char *name = driver_escape(arena, slash ? slash + 1 : media->file);
    matrix_request(job, "POST", arena_printf(arena, "/media/v3/upload?filename=%s", name), arena,
                   ret_request);
    request_header(ret_request, arena, "Content-Type", "%s", media->mime);
    ret_request->media = media;
    ret_request->timeout = upload_time(media->size);
}

static void read_upload(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const char *url = outcome_clean_id(json_text(response_json(response, arena), "content_uri"), arena);
    const struct media *media = upload_due(job);
    if (!matrix_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (url && media && !strncmp(url, "mxc://", 6))
        *ret_outcome = upload_done(job, media, json_pack("{s:s}", "url", url), arena);
    else
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "%s: the answer has no address of the file", step->name);
}

/* ---- events ---- */

const char *matrix_event_id(const struct job *job, size_t number)
{
    return json_string_value(json_array_get(json_member(job->memo, "events"), number));
}

/* The first event of each part but the first hangs on the very first one; to clients without threads it looks
   like an answer to the one before. */
static json_t *thread_after(const struct job *job, size_t number)
{
    return json_pack("{s:s, s:s, s:b, s:{s:s}}", "rel_type", "m.thread", "event_id", matrix_event_id(job, 0),
                     "is_falling_back", true, "m.in_reply_to", "event_id", matrix_event_id(job, number - 1));
}

json_t *matrix_due(const struct job *job, struct arena *arena, const char **ret_transaction,
                   size_t *ret_number)
{
    size_t count, number = json_array_size(json_member(job->memo, "events"));
    const struct matrix_event *events = matrix_events(job->content, arena, &count), *event = &events[number];
    const char *url = json_text(upload_entry(job, event->media), "url");
    json_t *content =
        json_in_arena(arena, matrix_event_content(job->account, job->content, event, url, arena));
    if (event->part)
        json_set(content, "m.relates_to", thread_after(job, number));
    *ret_transaction = arena_printf(arena, "%s-%zu", job->request_key, number);
    if (ret_number)
        *ret_number = number;
    return content;
}

static void ask_send(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *transaction;
    json_t *content = matrix_due(job, arena, &transaction, NULL);
    matrix_request(job, "PUT",
                   arena_printf(arena, "/client/v3/rooms/%s/send/m.room.message/%s",
                                driver_escape(arena, json_text(job->session, "room_id")), transaction),
                   arena, ret_request);
    driver_json_body(ret_request, arena, json_incref(content));
}

/* https://matrix.to/#/ROOM/EVENT?via=SERVER (appendices, "matrix.to navigation"): by our server it can be
 * found. */
static const char *permalink(const struct job *job, const char *id, struct arena *arena)
{
    const char *user = json_text(job->session, "user_id"), *server = user ? strchr(user, ':') : NULL;
    const char *url = arena_printf(
        arena, "https://matrix.to/#/%s/%s%s%s", driver_escape(arena, json_text(job->session, "room_id")),
        driver_escape(arena, id), server ? "?via=" : "", server ? driver_escape(arena, server + 1) : "");
    return outcome_clean_url(url, arena);
}

void matrix_event_done(const struct job *job, const char *id, struct arena *arena,
                       struct outcome *ret_outcome)
{
    json_t *memo = outcome_memo(ret_outcome, arena), *events = json_member(job->memo, "events");
    size_t count, number = json_array_size(events);
    const char *first = number ? matrix_event_id(job, 0) : id;
    events = events ? json_deep_copy(events) : json_array();
    json_array_append_new(events, json_string(id));
    json_set(memo, "events", events);
    json_set(memo, "cursor", json_null());
    json_set(memo, "pages", json_null());
    matrix_events(job->content, arena, &count);
    ret_outcome->kind = OUTCOME_NEXT;
    if (number + 1 < count) {
        json_set_text(memo, "room", json_text(job->session, "room_id")); /* should the rest fail */
        return;
    }
    ret_outcome->kind = OUTCOME_DONE;
    ret_outcome->id = arena_strdup(arena, first);
    ret_outcome->url = permalink(job, first, arena);
    json_set_text(memo, "id", ret_outcome->id);
    json_set_text(memo, "url", ret_outcome->url);
}

static void read_send(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const char *id = outcome_clean_id(json_text(response_json(response, arena), "event_id"), arena);
    if (!matrix_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (id)
        matrix_event_done(job, id, arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s: the answer names no event",
                    step->name);
}

static const struct stage event_stages[] = {
    {"upload", STEP_PREPARE, 0, upload_is_pending, ask_upload, read_upload},
    {"publish", STEP_CREATE, STAGE_EACH_PART, stage_always, ask_send, read_send},
};
static const struct stage_group groups[] = {STAGE_GROUP(matrix_session_stages), STAGE_GROUP(event_stages)};
static const struct stage_table table = STAGE_TABLE(groups);
static const struct stage_table session_table = {groups, 1};

void matrix_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    size_t count;
    stage_next(&table, job, arena, ret_step);
    if (ret_step->kind != STEP_CREATE)
        return;
    matrix_events(job->content, arena, &count);
    ret_step->name =
        arena_printf(arena, "publish %zu/%zu", json_array_size(json_member(job->memo, "events")) + 1, count);
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
    json_set_text(ret_step->memo, "device", json_text(job->session, "device_id"));
}

void matrix_read(const struct job *job, const struct step *step, const struct response *response,
                 struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* A transaction id is of one device: from another one it would be another event. */
static enum repeat matrix_repeat(const struct job *job)
{
    const char *then = json_text(job->memo, "device"), *now = json_text(job->session, "device_id");
    return then && now && !strcmp(then, now) ? REPEAT_KEY : REPEAT_NEVER;
}

/* ---- facts ---- */

static bool matrix_check_account(const struct account *account, struct error *err)
{
    const char *room = account_option(account, "room");
    if (!login_check_password(account, err))
        return false;
    if (room && *room != '#' && *room != '!')
        return fail(err, "'room' is '%s': an alias begins with '#', an id with '!' (and is quoted in YAML)",
                    room);
    return true;
}

static void matrix_check(const struct account *account, const struct content *content, struct diags *diags)
{
    size_t count;
    const struct matrix_event *events = matrix_events(content, diags->arena, &count);
    for (size_t i = 0; i < count; i++) {
        struct request print = {0};
        driver_json_body(&print, diags->arena,
                         matrix_event_content(account, content, &events[i], NULL, diags->arena));
        if (print.body_length > CONTENT_MOST)
            driver_finding(diags, DIAG_ERROR, "text-length",
                           "with its formatting a message is %zu bytes long, matrix takes %d",
                           print.body_length, CONTENT_MOST);
    }
}

static void matrix_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *pending = stage_pending(&session_table, job);
    if (pending) {
        stage_take(pending, job, arena, ret_step);
        return;
    }
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "check the token"};
    matrix_ask_who(job, arena, &ret_step->request);
}

static void matrix_verified(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION)
        matrix_read(job, step, response, arena, ret_outcome);
    else if (matrix_is_fine(job, step, response, arena, ret_outcome))
        outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "%s in %s",
                    json_text(job->session, "user_id"), account_option(job->account, "room"));
    if (ret_outcome->kind == OUTCOME_REFUSED)
        ret_outcome->scope = SCOPE_ACCOUNT;
}

static const char *matrix_where(const struct job *job, struct arena *arena)
{
    const char *room = json_text(job->session, "room_id");
    return arena_printf(arena, "https://matrix.to/#/%s",
                        driver_escape(arena, room ? room : account_option(job->account, "room")));
}

static const struct login logins[] = {
    LOGIN_WITH_PASSWORD,
    {
        .kind = LOGIN_SECRET,
        .secret = "token",
        .what = "access token",
        .where = "Element, Settings, Help & About, Advanced; do not log out there afterwards",
    },
    {0},
};

static const struct video_limits video = {.most = 20, .max_bytes = FILE_MOST};
static const struct document_limits document = {.most = 20, .max_bytes = FILE_MOST};

const struct network network_matrix = {
    .name = "matrix",
    .title = "Matrix",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING,
    .max_images = 20,
    .max_image_bytes = FILE_MOST,
    .image_types = image_types,
    .video = &video,
    .document = &document,
    .repeat = REPEAT_KEY,
    .key_lifetime = MINUTES(30),
    .key_wait = SECONDS(3),
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = matrix_compose,
    .check_account = matrix_check_account,
    .check = matrix_check,
    .repeat_for = matrix_repeat,
    .next = matrix_next,
    .read = matrix_read,
    .find = matrix_find,
    .found = matrix_found,
    .verify = matrix_verify,
    .verified = matrix_verified,
    .where = matrix_where,
    .remove = matrix_remove,
    .removed = matrix_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_BODY | EDIT_LINK | EDIT_WARNING,
    .edit = matrix_edit,
    .edited = matrix_edited,
};
