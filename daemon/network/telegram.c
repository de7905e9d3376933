/*
 * telegram: a channel or group of Telegram, as a bot (core.telegram.org/bots/api).
 *
 * A part is one message: text, one photo, video or document with a caption, or an album. Telegram knows no
 * key and lets no bot read what was written: a message whose answer was lost is a person's to look for. The
 * token is part of each address.
 *
 * Session: "for", "read_at", "bot", "bot_id", "chat" (its id), "title"; "moved" when a group became another
 * one. Memo: thread.h's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/login.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/stage.h"
#include "network/thread.h"
#include "network/uploads.h"

#define API "https://api.telegram.org"
enum { CAPTION_MOST = 1024, SIDES_MOST = 10000, RATIO_MOST = 20 };

static const char *const image_types[] = {"image/png", "image/jpeg", "image/webp", NULL};
static const char *const formats[] = {"plain", "html", "markdown", NULL};

static const struct network_option options[] = {
    {.name = "token", .kind = OPTION_SECRET, .required = true, .help = "the bot's token from @BotFather"},
    {.name = "chat",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 1,
     .max = 64,
     .help = "'@channel', or the id of a chat (\"-1001234567890\"); the bot must be an administrator there"},
    {.name = "topic",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = INT64_C(1) << 52,
     .help = "id of a forum's topic"},
    {.name = "format",
     .kind = OPTION_WORD,
     .words = formats,
     .help = "plain, or how texts are marked up: html or markdown (MarkdownV2); markup counts as text"},
    {.name = "alt_in_caption",
     .kind = OPTION_FLAG,
     .help = "alt texts after the text: Telegram has no place for them"},
    {.name = "previews", .kind = OPTION_FLAG, .help = "show previews of links (true)"},
    {.name = "silent", .kind = OPTION_FLAG, .help = "notify nobody with a sound"},
    {.name = "url", .kind = OPTION_URL, .help = "address of the API (" API "), for a server of one's own"},
};

/* ---- requests ---- */

static void request_to(const struct job *job, const char *method, struct arena *arena,
                       struct request *ret_request)
{
    const char *base = account_option(job->account, "url"), *token = account_secret(job->account, "token");
    *ret_request = (struct request){.method = "POST"};
    ret_request->url = driver_url(arena, base ? base : API, "/bot%s/%s", token ? token : "", method);
}

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    return driver_fingerprint(account_option(job->account, "chat"), account_secret(job->account, "token"),
                              arena);
}

/* ---- answers ---- */

static const struct fault faults[] = {
    {NULL, 429, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too many messages"},
    {NULL, 401, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the bot's token does not work: get it from @BotFather"},
    {NULL, 404, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the bot's token is malformed: get it from @BotFather"},
    {NULL, 403, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the bot may not write there: make it an administrator"},
    {NULL, 409, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "something else uses the bot in another way"},
    {"*chat not found", 400, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "no such chat: correct 'chat', or add the bot to it"},
    {"*not enough rights", 400, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the bot may not write there: let it post messages"},
    {"*need administrator rights", 400, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "make the bot an administrator of the channel"},
    {"*message thread not found", 400, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "no such topic: correct 'topic'"},
    {"*can't parse entities", 400, OUTCOME_REFUSED, SCOPE_POST, false,
     "the markup of the text is not as 'format' says"},
    {"*message text is empty", 400, OUTCOME_REFUSED, SCOPE_POST, false, "the text is empty"},
    {"*too long", 400, OUTCOME_REFUSED, SCOPE_POST, false, "the text is too long"},
    {NULL, 413, OUTCOME_REFUSED, SCOPE_POST, false, "a file is too large"},
    {NULL, 400, OUTCOME_REFUSED, SCOPE_POST, false, "the server does not take what it was sent"},
};

static bool is_fine(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    json_t *wait = json_member(json_member(body, "parameters"), "retry_after");
    const char *said = json_text(body, "description");
    outcome_from_faults(faults, sizeof faults / sizeof *faults, step, response, RESET_RETRY_AFTER, job->now,
                        said, said, arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_RETRY && json_is_number(wait))
        ret_outcome->at = outcome_after(job->now, json_number_value(wait) * 1000);
    if (ret_outcome->kind != OUTCOME_NEXT || json_flag(body, "ok", false))
        return ret_outcome->kind == OUTCOME_NEXT;
    outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY, SCOPE_POST,
                "%s: the answer is not as expected", step->name);
    return false;
}

/* ---- session: who we are, and what the chat is ---- */

static bool has_no_session(const struct job *job)
{
    struct arena *arena = arena_new();
    bool fresh = driver_session_is_fresh(job, fingerprint(job, arena));
    arena_free(arena);
    return !fresh;
}

static void ask_me(const struct job *job, struct arena *arena, struct request *ret_request)
{
    request_to(job, "getMe", arena, ret_request);
}

static void read_me(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    json_t *me = json_member(response_json(response, arena), "result");
    if (!is_fine(job, step, response, arena, ret_outcome))
        return;
    ret_outcome->session = driver_session_new(job, fingerprint(job, arena), arena);
    json_set_number(ret_outcome->session, "bot_id", json_number(me, "id", 0));
    json_set_text(ret_outcome->session, "bot", outcome_said(json_text(me, "username"), arena));
}

/* An id is a number there, a name a text. */
static json_t *chat_of(const struct job *job)
{
    const char *chat = account_option(job->account, "chat");
    int64_t moved = json_number(job->session, "moved", 0);
    if (moved)
        return json_integer(moved);
    return *chat == '@' ? json_string(chat) : json_integer(strtoll(chat, NULL, 10));
}

static bool is_chat_unknown(const struct job *job)
{
    return !json_member(job->session, "chat");
}

static void ask_chat(const struct job *job, struct arena *arena, struct request *ret_request)
{
    request_to(job, "getChat", arena, ret_request);
    driver_json_body(ret_request, arena, json_pack("{s:o}", "chat_id", chat_of(job)));
}

static void read_chat(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    json_t *chat = json_member(response_json(response, arena), "result");
    if (!is_fine(job, step, response, arena, ret_outcome))
        return;
    ret_outcome->session = json_in_arena(arena, json_copy((json_t *)job->session));
    json_set_number(ret_outcome->session, "chat", json_number(chat, "id", 0));
    json_set_text(ret_outcome->session, "title", outcome_said(json_text(chat, "title"), arena));
}

/* ---- the message ---- */

static bool marks_up(const struct account *account, const char *format)
{
    const char *chosen = account_option(account, "format");
    return chosen && !strcmp(chosen, format);
}

/* What we add ourselves to a text that is markup, so that it means itself. */
static const char *escaped(const struct account *account, const char *text, struct arena *arena)
{
    bool html = marks_up(account, "html"), markdown = marks_up(account, "markdown");
    struct buf out = {0};
    for (; *text; text++) {
        if (html && (*text == '&' || *text == '<' || *text == '>'))
            buf_add_text(&out, *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : "&gt;");
        else if (markdown && strchr("_*[]()~`>#+-=|{}.!\\", *text))
            buf_printf(&out, "\\%c", *text);
        else
            buf_add_char(&out, *text);
    }
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

static const char *with_alts(const struct account *account, const struct part *part, const char *text,
                             struct arena *arena)
{
    for (size_t i = 0; i < part->media_count && json_flag(account->options, "alt_in_caption", false); i++)
        if (*part->media[i].alt)
            text = arena_printf(arena, "%s%s%s", text, *text ? "\n\n" : "",
                                escaped(account, part->media[i].alt, arena));
    return text;
}

static const char *text_of(const struct account *account, const struct content *content, size_t part,
                           struct arena *arena)
{
    const char *own = content->parts[part].text, *plain = driver_first_with_link(content, part, arena);
    const char *text =
        plain == own || strlen(plain) == strlen(own)
            ? own
            : arena_printf(arena, "%s%s%s", own, *own ? "\n\n" : "", escaped(account, content->link, arena));
    return with_alts(account, &content->parts[part], text, arena);
}

static void add_markup(const struct job *job, json_t *body)
{
    if (marks_up(job->account, "html"))
        json_set_text(body, "parse_mode", "HTML");
    else if (marks_up(job->account, "markdown"))
        json_set_text(body, "parse_mode", "MarkdownV2");
}

/* What every kind of message may have. */
static json_t *body_of(const struct job *job, size_t part)
{
    json_t *body = json_object();
    int64_t topic = json_number(job->account->options, "topic", 0);
    const char *before = part ? json_text(thread_post(job, part - 1), "id") : NULL;
    json_set(body, "chat_id", chat_of(job));
    if (topic)
        json_set_number(body, "message_thread_id", topic);
    if (json_flag(job->account->options, "silent", false))
        json_set_flag(body, "disable_notification", true);
    if (before)
        json_set(body, "reply_parameters",
                 json_pack("{s:I}", "message_id", (json_int_t)strtoll(before, NULL, 10)));
    return body;
}

static void ask_text(const struct job *job, size_t part, struct arena *arena, struct request *ret_request)
{
    json_t *body = body_of(job, part);
    request_to(job, "sendMessage", arena, ret_request);
    json_set_text(body, "text", text_of(job->account, job->content, part, arena));
    add_markup(job, body);
    if (!json_flag(job->account->options, "previews", true))
        json_set(body, "link_preview_options", json_pack("{s:b}", "is_disabled", true));
    driver_json_body(ret_request, arena, body);
}

/* A form's fields: texts as they are, all else as JSON. */
static void add_fields(json_t *body, struct arena *arena, struct form_part *parts, size_t *count)
{
    const char *name;
    json_t *value;
    json_object_foreach(body, name, value)
    {
        char *text =
            json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
        parts[(*count)++] =
            (struct form_part){.name = arena_strdup(arena, name),
                               .value = arena_strdup(arena, text ? text : json_string_value(value))};
        free(text);
    }
}

/* What it is there; a file's field in a form begins so. */
static const char *kind_of(const struct media *media)
{
    return media_is_video(media) ? "video" : media_is_document(media) ? "document" : "photo";
}

static const char *field_of(const struct part *part, size_t index, struct arena *arena)
{
    return arena_printf(arena, "%s%zu", kind_of(&part->media[index]), index);
}

static const char *method_for(const struct part *part)
{
    const struct media *first = &part->media[0];
    if (part->media_count > 1)
        return "sendMediaGroup";
    return media_is_video(first) ? "sendVideo" : media_is_document(first) ? "sendDocument" : "sendPhoto";
}

/* So that it plays before it is there as a whole. */
static void add_video(const struct media *media, json_t *body)
{
    if (!media_is_video(media))
        return;
    json_set_number(body, "width", media->width);
    json_set_number(body, "height", media->height);
    json_set_number(body, "duration", media->length / 1000);
    json_set_flag(body, "supports_streaming", true);
}

/* The caption of an album is that of its first. */
static json_t *album_of(const struct job *job, const struct part *part, const char *caption,
                        struct arena *arena)
{
    json_t *album = json_array();
    for (size_t i = 0; i < part->media_count; i++) {
        json_t *photo = json_object();
        json_set_text(photo, "type", kind_of(&part->media[i]));
        json_set_text(photo, "media", arena_printf(arena, "attach://%s", field_of(part, i, arena)));
        add_video(&part->media[i], photo);
        if (i == 0 && *caption) {
            json_set_text(photo, "caption", caption);
            add_markup(job, photo);
        }
        json_array_append_new(album, photo);
    }
    return album;
}

static void ask_photos(const struct job *job, size_t index, struct arena *arena, struct request *ret_request)
{
    enum { FIELDS_MOST = 12 };
    const struct part *part = &job->content->parts[index];
    const char *caption = text_of(job->account, job->content, index, arena);
    struct form_part *parts = arena_alloc_array(arena, FIELDS_MOST + part->media_count, sizeof *parts);
    json_t *body = json_in_arena(arena, body_of(job, index));
    bool album = part->media_count > 1;
    int64_t bytes = 0;
    size_t count = 0;
    request_to(job, method_for(part), arena, ret_request);
    if (album) {
        json_set(body, "media", album_of(job, part, caption, arena));
    } else {
        add_video(&part->media[0], body);
    }
    if (!album && *caption) {
        json_set_text(body, "caption", caption);
        add_markup(job, body);
    }
    add_fields(body, arena, parts, &count);
    for (size_t i = 0; i < part->media_count; i++) {
        const char *field = album ? field_of(part, i, arena) : kind_of(&part->media[i]);
        parts[count++] = (struct form_part){.name = field, .media = &part->media[i]};
        bytes += part->media[i].size;
    }
    ret_request->parts = parts;
    ret_request->part_count = count;
    ret_request->timeout = upload_time(bytes);
}

static void ask_create(const struct job *job, struct arena *arena, struct request *ret_request)
{
    size_t part = thread_part_due(job);
    (job->content->parts[part].media_count ? ask_photos : ask_text)(job, part, arena, ret_request);
}

/* Of a chat without a name there are links for its members only; that of a supergroup or channel has the id
 * without its -100. */
static const char *permalink(const json_t *message, const char *id, struct arena *arena)
{
    const json_t *chat = json_member(message, "chat");
    const char *name = json_text(chat, "username");
    const char *number = arena_printf(arena, "%lld", (long long)json_number(chat, "id", 0));
    if (name)
        return outcome_clean_url(arena_printf(arena, "https://t.me/%s/%s", name, id), arena);
    return strncmp(number, "-100", 4) ? NULL : arena_printf(arena, "https://t.me/c/%s/%s", number + 4, id);
}

/* A group that became a supergroup has another id: the message was not sent, and is under the new one. */
static bool has_moved(const struct job *job, const struct response *response, struct arena *arena,
                      struct outcome *ret_outcome)
{
    json_t *parameters = json_member(response_json(response, arena), "parameters");
    int64_t moved = json_number(parameters, "migrate_to_chat_id", 0);
    if (response->status != 400 || !moved)
        return false;
    *ret_outcome = (struct outcome){.session = json_in_arena(arena, json_copy((json_t *)job->session))};
    json_set_number(ret_outcome->session, "moved", moved);
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                "the group has a new id: set 'chat' to \"%lld\"", (long long)moved);
    ret_outcome->at = job->now + SECONDS(1);
    return true;
}

/* What deleting it takes: its chat, and all messages of an album. */
static void note_messages(const struct job *job, json_t *result, struct arena *arena, struct outcome *outcome)
{
    json_t *memo = outcome_memo(outcome, arena), *ids = json_array(), *message;
    const json_t *first = json_is_array(result) ? json_array_get(result, 0) : result;
    json_t *post = json_member(memo, arena_printf(arena, "post-%zu", thread_part_due(job)));
    size_t i;
    if (!json_is_array(result))
        json_array_append_new(ids, json_integer(json_number(first, "message_id", 0)));
    json_array_foreach(result, i, message)
    {
        json_array_append_new(ids, json_integer(json_number(message, "message_id", 0)));
    }
    json_set(post, "ids", ids);
    json_set_number(post, "chat", json_number(json_member(first, "chat"), "id", 0));
}

static void read_create(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    json_t *result = json_member(response_json(response, arena), "result");
    const json_t *message = json_is_array(result) ? json_array_get(result, 0) : result;
    int64_t number = json_number(message, "message_id", 0);
    if (has_moved(job, response, arena, ret_outcome) || !is_fine(job, step, response, arena, ret_outcome))
        return;
    if (number <= 0) {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s: the answer names no message",
                    step->name);
        return;
    }
    const char *id = arena_printf(arena, "%lld", (long long)number);
    thread_part_done(job, id, permalink(message, id, arena), arena, ret_outcome);
    note_messages(job, result, arena, ret_outcome);
}

static const struct stage stages[] = {
    {"who we are", STEP_SESSION, 0, has_no_session, ask_me, read_me},
    {"chat", STEP_SESSION, 0, is_chat_unknown, ask_chat, read_chat},
    {"publish", STEP_CREATE, STAGE_EACH_PART, stage_always, ask_create, read_create},
};
static const struct stage_group groups[] = {STAGE_GROUP(stages)};
static const struct stage_table table = STAGE_TABLE(groups);

static void telegram_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
}

static void telegram_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- remove: a bot may do so within 48 hours, or as an administrator who may delete messages ---- */

/* {"chat", "ids": [all messages of the part, an album has several]}, as noted when it was sent; else NULL. */
static const json_t *messages_of(const struct job *job)
{
    const json_t *part = removal_part(job);
    return json_number(part, "chat", 0) && json_array_size(json_member(part, "ids")) ? part : NULL;
}

static void telegram_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const json_t *part = messages_of(job);
    if (!removal_is_due(job, NULL, arena, ret_step))
        return;
    if (!part) { /* a bot cannot ask which messages an album has */
        removal_over(ret_step,
                     "it was published by a version of cald that did not note Telegram's numbers of its "
                     "messages: delete it in the chat itself");
        return;
    }
    request_to(job, "deleteMessages", arena, removal_step(ret_step));
    driver_json_body(&ret_step->request, arena,
                     json_pack("{s:I, s:O}", "chat_id", (json_int_t)json_number(part, "chat", 0), "message_ids",
                               json_member(part, "ids")));
}

static void telegram_removed(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *ret_outcome)
{
    const char *said = json_text(response_json(response, arena), "description");
    bool gone = response->status == 400 && said && strstr(said, "message to delete not found");
    if (response->status == 400 && said && strstr(said, "can't be deleted"))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "Telegram lets a bot delete it within 48 hours only, unless it is an administrator who may delete "
                    "messages: %s",
                    outcome_said(said, arena));
    else if (gone || is_fine(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
}

/* ---- edit: the text, or the caption under the first image ---- */

static void telegram_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const json_t *post = revision_part(job), *first = json_array_get(json_member(post, "ids"), 0);
    if (!revision_is_due(job, NULL, arena, ret_step))
        return;
    if (!first || !json_number(post, "chat", 0)) {
        revision_over(ret_step, REVISION_UNKNOWN);
        return;
    }
    size_t number = revision_number(job);
    bool caption = job->content->parts[number].media_count > 0;
    json_t *body =
        json_pack("{s:I, s:O}", "chat_id", (json_int_t)json_number(post, "chat", 0), "message_id", first);
    json_set_text(body, caption ? "caption" : "text", text_of(job->account, job->content, number, arena));
    add_markup(job, body);
    if (!caption && !json_flag(job->account->options, "previews", true))
        json_set(body, "link_preview_options", json_pack("{s:b}", "is_disabled", true));
    struct request *request = revision_step(job, arena, ret_step);
    request_to(job, caption ? "editMessageCaption" : "editMessageText", arena, request);
    driver_json_body(request, arena, body);
}

/* "message is not modified": an edit whose answer was lost. */
static void telegram_edited(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    const char *said = json_text(response_json(response, arena), "description");
    bool bad = response->status == 400 && said;
    if (bad && strstr(said, "message to edit not found"))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if ((bad && strstr(said, "message is not modified")) ||
             is_fine(job, step, response, arena, ret_outcome))
        *ret_outcome = revision_done(job, arena);
}

/* ---- facts that depend on the account ---- */

static bool telegram_check_account(const struct account *account, struct error *err)
{
    const char *chat = account_option(account, "chat"), *digits = chat + (*chat == '-');
    bool is_id = *digits && !digits[strspn(digits, "0123456789")] && strlen(digits) < 17;
    return is_id || (*chat == '@' && chat[1]) ||
           fail(err, "'chat' must be '@name' or the number of a chat, not '%s'", chat);
}

static void report(const struct account *account, struct diags *diags, const char *rule, const char *message)
{
    diags_add(diags, &(struct diag){
                         .level = DIAG_ERROR, .rule = rule, .account = account->name, .message = message});
}

static void check_photo(const struct account *account, const struct media *photo, struct diags *diags)
{
    unsigned wide = photo->width > photo->height ? photo->width : photo->height;
    unsigned narrow = photo->width > photo->height ? photo->height : photo->width;
    if (narrow && wide / narrow > RATIO_MOST)
        report(account, diags, "image-size",
               arena_printf(diags->arena, "'%s' is too long: telegram takes sides of 1 to %d", photo->file,
                            RATIO_MOST));
}

static void telegram_check(const struct account *account, const struct content *content, struct diags *diags)
{
    for (size_t i = 0; i < content->part_count; i++) {
        const struct part *part = &content->parts[i];
        const char *text = text_of(account, content, i, diags->arena);
        struct measure m =
            text_measure(text_rule_find("telegram"), text, strlen(text), CAPTION_MOST, diags->arena);
        if (part->media_count && m.length > CAPTION_MOST)
            report(account, diags, "text-length",
                   arena_printf(diags->arena,
                                "the text beside files is %zu UTF-16 units long, telegram allows %d",
                                m.length, CAPTION_MOST));
        for (size_t k = 0; k < part->media_count; k++)
            if (media_is_image(&part->media[k]))
                check_photo(account, &part->media[k], diags);
    }
}

/* Whether the bot may post there. */
static void telegram_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *pending = stage_pending(&table, job);
    if (pending->kind == STEP_SESSION) {
        stage_take(pending, job, arena, ret_step);
        return;
    }
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "rights"};
    request_to(job, "getChatMember", arena, &ret_step->request);
    driver_json_body(&ret_step->request, arena,
                     json_pack("{s:o, s:I}", "chat_id", chat_of(job), "user_id",
                               (json_int_t)json_number(job->session, "bot_id", 0)));
}

static void telegram_verified(const struct job *job, const struct step *step, const struct response *response,
                              struct arena *arena, struct outcome *ret_outcome)
{
    json_t *member = json_member(response_json(response, arena), "result");
    const char *status = json_text(member, "status"), *bot = json_text(job->session, "bot");
    const char *title = json_text(job->session, "title");
    if (step->kind == STEP_SESSION) {
        telegram_read(job, step, response, arena, ret_outcome);
        return;
    }
    if (!is_fine(job, step, response, arena, ret_outcome)) {
        ret_outcome->scope = SCOPE_ACCOUNT;
        return;
    }
    bool outside = !status || !strcmp(status, "left") || !strcmp(status, "kicked");
    if (outside || !json_flag(member, "can_post_messages", true))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "@%s may not post in %s: make it an administrator who may post messages", bot,
                    account_option(job->account, "chat"));
    else
        outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "@%s in %s", bot,
                    title && *title ? title : account_option(job->account, "chat"));
}

static const char *telegram_where(const struct job *job, struct arena *arena)
{
    const char *chat = account_option(job->account, "chat");
    return *chat == '@' ? arena_printf(arena, "https://t.me/s/%s", chat + 1)
                        : arena_printf(arena, "in the chat %s in Telegram", chat);
}

static const struct login logins[] = {
    {.kind = LOGIN_SECRET,
     .secret = "token",
     .what = "bot token",
     .where = "@BotFather, /newbot; the bot must be an administrator of the channel"},
    {0},
};

static const char *const video_types[] = {"video/mp4", NULL};

/* What a bot may send; another type would be shown as a file. */
static const struct video_limits video_limits = {
    .types = video_types, .most = 10, .most_together = 10, .max_bytes = 50 * 1000 * 1000};

/* An album has documents, or none. */
static const struct document_limits document_limits = {
    .most = 10, .alone = true, .max_bytes = 50 * 1000 * 1000};

const struct network network_telegram = {
    .name = "telegram",
    .title = "Telegram",
    .features = FEATURE_IMAGES | FEATURE_THREAD,
    .max_images = 10,
    .max_image_bytes = 10000000,
    .max_image_sides = SIDES_MOST,
    .image_types = image_types,
    .video = &video_limits,
    .document = &document_limits,
    .repeat = REPEAT_NEVER,
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = driver_first_with_link,
    .check_account = telegram_check_account,
    .check = telegram_check,
    .next = telegram_next,
    .read = telegram_read,
    .verify = telegram_verify,
    .verified = telegram_verified,
    .where = telegram_where,
    .remove = telegram_remove,
    .removed = telegram_removed,
    .edits = EDIT_TEXT | EDIT_LINK,
    .edit = telegram_edit,
    .edited = telegram_edited,
};
