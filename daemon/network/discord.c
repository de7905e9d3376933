/*
 * See discord.h: publishing, and the facts. The text is Discord's Markdown, as if somebody had typed it; nobody is
 * pinged unless the account's 'mentions' says so.
 */
#include <string.h>

#include "base/json.h"
#include "network/article.h"
#include "network/discord.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/login.h"
#include "network/outcome.h"
#include "network/thread.h"

#define API "https://discord.com/api/v10"
enum {
    FILES_MOST = 10,
    FILE_MOST = 10 << 20,
    FORM_MOST = 25 << 20,
    NAME_MOST = 100,
    ALT_MOST = 1024
};

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

static const struct network_option options[] = {
    {.name = "webhook",
     .kind = OPTION_SECRET,
     .help = "address of a webhook: Edit channel, Integrations, Webhooks"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .help = "bot token; beside a webhook it only looks for doubtful posts"},
    {.name = "channel",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 20,
     .help = "id of the channel that the bot posts to"},
    {.name = "thread",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 20,
     .help = "webhook: id of the thread to post to"},
    {.name = "forum", .kind = OPTION_FLAG, .help = "webhook of a forum channel: each post opens a thread"},
    {.name = "username",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 80,
     .help = "webhook: name shown instead of its own"},
    {.name = "mentions",
     .kind = OPTION_TEXTS,
     .max = 3,
     .help = "what a text may ping: everyone, roles, users (none)"},
    {.name = "previews", .kind = OPTION_FLAG, .help = "show previews of links (true)"},
    {.name = "url", .kind = OPTION_URL, .help = "address of the API (" API ")"},
};

/* ---- requests ---- */

bool discord_by_webhook(const struct job *job)
{
    return account_has_secret(job->account, "webhook");
}

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    const char *webhook = account_secret(job->account, "webhook"),
               *token = account_secret(job->account, "token");
    const char *channel = account_option(job->account, "channel");
    return driver_fingerprint(channel ? channel : "",
                              arena_printf(arena, "%s %s", webhook ? webhook : "", token ? token : ""),
                              arena);
}

/* As it is copied, the address names no version, which would mean an old one. */
const char *discord_webhook_url(const struct job *job, struct arena *arena)
{
    const char *secret = account_secret(job->account, "webhook");
    const char *hook = secret ? strstr(secret, "/webhooks/") : NULL,
               *api = secret ? strstr(secret, "/api/") : NULL;
    if (!hook || !api || api > hook)
        return secret ? secret : "";
    return arena_printf(arena, "%.*s/api/v10%.*s", (int)(api - secret), secret, (int)strcspn(hook, "?# \n"),
                        hook);
}

void discord_request(const struct job *job, const char *method, const char *url, bool as_bot,
                       struct arena *arena, struct request *ret_request)
{
    const char *token = account_secret(job->account, "token");
    *ret_request = (struct request){.method = method, .url = url};
    request_header(ret_request, arena, "User-Agent", "DiscordBot (cald, %s)", CALD_VERSION);
    if (as_bot)
        request_header(ret_request, arena, "Authorization", "Bot %s", token ? token : "");
}

const char *discord_url(const struct job *job, const char *path, struct arena *arena)
{
    const char *base = account_option(job->account, "url");
    return driver_url(arena, base ? base : API, "%s", path);
}

void discord_ask_bot(const struct job *job, const char *path, struct arena *arena,
                        struct request *ret_request)
{
    discord_request(job, "GET", discord_url(job, path, arena), true, arena, ret_request);
}

/* ---- answers ---- */

static const struct fault faults[] = {
    {"20016", 429, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the channel is in slow mode"},
    {NULL, 429, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too many requests"},
    {"20016", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the channel is in slow mode"},
    {"20028", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too much is written to the channel"},
    {"20029", 0, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "too much is written to the server"},
    {"10015", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the webhook was deleted: make a new one"},
    {"50027", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the webhook's address is not valid: make a new one"},
    {"10003", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the channel is not there: correct 'channel' or 'thread'"},
    {"50001", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the bot may not see the channel: invite it there"},
    {"50013", 0, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the bot lacks a permission in the channel: let it send messages"},
    {"40005", 0, OUTCOME_REFUSED, SCOPE_POST, false, "a file is too large"},
    {"50006", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the message is empty"},
    {"50035", 0, OUTCOME_REFUSED, SCOPE_POST, false, "the server does not take what it was sent"},
    {NULL, 401, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, "the token does not work: renew it"},
};

static const char *code_in(const json_t *body, struct arena *arena)
{
    int64_t code = json_number(body, "code", 0);
    return code ? arena_printf(arena, "%lld", (long long)code) : NULL;
}

bool discord_is_fine(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena), *wait = json_member(body, "retry_after");
    outcome_from_faults(faults, sizeof faults / sizeof *faults, step, response, RESET_EPOCH, job->now,
                        code_in(body, arena), json_text(body, "message"), arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_RETRY && json_is_number(wait)) /* seconds, with a fraction */
        ret_outcome->at = outcome_after(job->now, json_number_value(wait) * 1000);
    return ret_outcome->kind == OUTCOME_NEXT;
}

/* ---- session: where we post, and as whom ---- */

static bool has_no_session(const struct job *job)
{
    struct arena *arena = arena_new();
    bool fresh = driver_session_is_fresh(job, fingerprint(job, arena));
    arena_free(arena);
    return !fresh;
}

static void ask_who(const struct job *job, struct arena *arena, struct request *ret_request)
{
    if (discord_by_webhook(job))
        discord_request(job, "GET", discord_webhook_url(job, arena), false, arena, ret_request);
    else
        discord_ask_bot(job, "/users/@me", arena, ret_request);
}

static void read_who(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    static const char *const names[] = {"guild_id", "channel_id", "name"};
    json_t *who = response_json(response, arena), *session;
    if (!discord_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (!outcome_clean_id(json_text(who, "id"), arena)) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer names nobody",
                    step->name);
        return;
    }
    session = driver_session_new(job, fingerprint(job, arena), arena);
    json_set_text(session, "user_id", outcome_clean_id(json_text(who, "id"), arena));
    json_set_text(session, "name", outcome_said(json_text(who, "username"), arena));
    for (size_t i = 0; discord_by_webhook(job) && i < sizeof names / sizeof *names; i++)
        json_set_text(session, names[i], outcome_said(json_text(who, names[i]), arena));
    ret_outcome->session = session;
}

static bool is_channel_unknown(const struct job *job)
{
    return !json_text(job->session, "channel_id");
}

static void ask_channel(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const char *channel = account_option(job->account, "channel");
    discord_ask_bot(job, arena_printf(arena, "/channels/%s", driver_escape(arena, channel ? channel : "")), arena,
                ret_request);
}

static void read_channel(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    json_t *channel = response_json(response, arena);
    if (!discord_is_fine(job, step, response, arena, ret_outcome))
        return;
    ret_outcome->session = json_in_arena(arena, json_copy((json_t *)job->session));
    json_set_text(ret_outcome->session, "channel_id", account_option(job->account, "channel"));
    json_set_text(ret_outcome->session, "guild_id", outcome_clean_id(json_text(channel, "guild_id"), arena));
}

/* ---- the message ---- */

json_t *discord_mentions(const struct job *job)
{
    json_t *list = json_member(job->account->options, "mentions");
    return json_pack("{s:o}", "parse", list ? json_deep_copy(list) : json_array());
}

static json_t *attachments_of(const struct part *part, struct arena *arena)
{
    json_t *list = json_array();
    for (size_t i = 0; i < part->media_count; i++) {
        json_t *one = json_object();
        json_set_text(one, "id", arena_printf(arena, "%zu", i));
        if (*part->media[i].alt)
            json_set_text(one, "description", part->media[i].alt);
        json_array_append_new(list, one);
    }
    return list;
}

/* What only a bot, and what only a webhook can say. */
static void add_own(const struct job *job, size_t part, json_t *body, struct arena *arena)
{
    enum { SUPPRESS_EMBEDS = 4 };
    if (!json_flag(job->account->options, "previews", true))
        json_set_number(body, "flags", SUPPRESS_EMBEDS);
    if (discord_by_webhook(job)) {
        json_set_text(body, "username", account_option(job->account, "username"));
        if (!part && json_flag(job->account->options, "forum", false))
            json_set_text(body, "thread_name",
                          text_shorten(article_title(job->content, arena), NAME_MOST, arena));
        return;
    }
    json_set_text(body, "nonce", arena_printf(arena, "%.20s-%zu", job->request_key, part));
    json_set_flag(body, "enforce_nonce", true);
    if (part)
        json_set(body, "message_reference",
                 json_pack("{s:s, s:b}", "message_id", json_text(thread_post(job, part - 1), "id"),
                           "fail_if_not_exists", true));
}

const char *discord_thread(const struct job *job)
{
    const char *opened = json_text(job->memo, "thread");
    return opened ? opened : account_option(job->account, "thread");
}

static const char *create_url(const struct job *job, struct arena *arena)
{
    const char *thread = discord_thread(job), *channel = json_text(job->session, "channel_id");
    if (discord_by_webhook(job))
        return arena_printf(arena, "%s?wait=true%s%s", discord_webhook_url(job, arena),
                            thread ? "&thread_id=" : "", thread ? driver_escape(arena, thread) : "");
    return discord_url(job, arena_printf(arena, "/channels/%s/messages", driver_escape(arena, channel)),
                       arena);
}

static void add_files(struct request *request, const struct part *part, struct arena *arena)
{
    struct form_part *parts = arena_alloc_array(arena, part->media_count + 1, sizeof *parts);
    parts[0] = (struct form_part){.name = "payload_json", .value = request->body, .type = "application/json"};
    for (size_t i = 0; i < part->media_count; i++)
        parts[i + 1] =
            (struct form_part){.name = arena_printf(arena, "files[%zu]", i), .media = &part->media[i]};
    request->parts = parts;
    request->part_count = part->media_count + 1;
    request->body = NULL;
    request->body_length = 0;
    request->timeout = MINUTES(3);
}

static void ask_create(const struct job *job, struct arena *arena, struct request *ret_request)
{
    size_t index = thread_part_due(job);
    const struct part *part = &job->content->parts[index];
    json_t *body = json_object();
    json_set_text(body, "content", driver_first_with_link(job->content, index, arena));
    json_set(body, "allowed_mentions", discord_mentions(job));
    if (part->media_count)
        json_set(body, "attachments", attachments_of(part, arena));
    add_own(job, index, body, arena);
    discord_request(job, "POST", create_url(job, arena), !discord_by_webhook(job), arena, ret_request);
    if (!part->media_count) {
        driver_json_body(ret_request, arena, body);
        return;
    }
    struct request form = {0};
    driver_json_body(&form, arena, body);
    ret_request->body = form.body;
    add_files(ret_request, part, arena);
}

void discord_message_done(const struct job *job, const json_t *message, struct arena *arena,
                         struct outcome *ret_outcome)
{
    const char *id = outcome_clean_id(json_text(message, "id"), arena),
               *guild = json_text(job->session, "guild_id");
    const char *channel = outcome_clean_id(json_text(message, "channel_id"), arena);
    if (!channel)
        channel = json_text(job->session, "channel_id");
    const char *url = channel ? arena_printf(arena, "https://discord.com/channels/%s/%s/%s",
                                             guild ? guild : "@me", channel, id)
                              : NULL;
    thread_part_done(job, id, outcome_clean_url(url, arena), arena, ret_outcome);
    json_t *memo = outcome_memo(ret_outcome, arena);
    json_set_text(json_member(memo, arena_printf(arena, "post-%zu", thread_part_due(job))), "by",
                  json_text(job->session, "user_id"));
    if (discord_by_webhook(job) && json_flag(job->account->options, "forum", false))
        json_set_text(memo, "thread", channel);
    if (json_member(job->memo, "after"))
        json_set(memo, "after", json_null());
}

static void read_create(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    json_t *message = response_json(response, arena);
    if (!discord_is_fine(job, step, response, arena, ret_outcome))
        return;
    if (outcome_clean_id(json_text(message, "id"), arena))
        discord_message_done(job, message, arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: the server answered %d without naming a message", step->name, response->status);
}

static const struct stage stages[] = {
    {"who we are", STEP_SESSION, 0, has_no_session, ask_who, read_who},
    {"channel", STEP_SESSION, 0, is_channel_unknown, ask_channel, read_channel},
    {"publish", STEP_CREATE, STAGE_EACH_PART, stage_always, ask_create, read_create},
};
static const struct stage_group groups[] = {STAGE_GROUP(stages)};
const struct stage_table discord_table = STAGE_TABLE(groups);

static void discord_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&discord_table, job, arena, ret_step);
    if (ret_step->kind != STEP_CREATE)
        return;
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
}

void discord_read(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&discord_table, job, step, response, arena, ret_outcome);
}

/* ---- facts that depend on the account ---- */

static enum repeat discord_repeat(const struct job *job)
{
    return discord_by_webhook(job) ? REPEAT_NEVER : REPEAT_KEY;
}

static bool discord_check_account(const struct account *account, struct error *err)
{
    static const char *const words[] = {"everyone", "roles", "users"};
    bool webhook = account_has_secret(account, "webhook"), token = account_has_secret(account, "token");
    json_t *mention, *list = json_member(account->options, "mentions");
    size_t i;
    if (!webhook && !token)
        return fail(err, "needs 'webhook', or 'token' and 'channel'");
    if (!webhook && !account_option(account, "channel"))
        return fail(err, "needs 'channel': the id of the channel that the bot posts to");
    if (!webhook && (account_option(account, "thread") || json_flag(account->options, "forum", false)))
        return fail(err,
                    "'thread' and 'forum' are for a webhook; a bot's 'channel' may be the id of a thread");
    json_array_foreach(list, i, mention)
    {
        const char *word = json_string_value(mention);
        if (strcmp(word, words[0]) && strcmp(word, words[1]) && strcmp(word, words[2]))
            return fail(err, "unknown word '%s' in 'mentions', expected everyone, roles or users", word);
    }
    return true;
}

static void discord_check(const struct account *account, const struct content *content, struct diags *diags)
{
    for (size_t i = 0; i < content->part_count; i++) {
        int64_t bytes = 0;
        for (size_t k = 0; k < content->parts[i].media_count; k++)
            bytes += content->parts[i].media[k].size;
        if (content->parts[i].media_count > FILES_MOST)
            driver_finding(diags, DIAG_ERROR, "image-count", "%zu files, discord allows %d",
                           content->parts[i].media_count, FILES_MOST);
        if (bytes > FORM_MOST)
            diags_add(diags,
                      &(struct diag){.level = DIAG_ERROR,
                                     .rule = "image-size",
                                     .account = account->name,
                                     .message = "the files of a message have more than 25 MiB together"});
    }
}

static void discord_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *pending = stage_pending(&discord_table, job);
    if (pending->kind == STEP_SESSION) {
        stage_take(pending, job, arena, ret_step);
        return;
    }
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "channel"};
    (discord_by_webhook(job) ? ask_who : ask_channel)(job, arena, &ret_step->request);
}

static void discord_verified(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    if (step->kind == STEP_SESSION) {
        discord_read(job, step, response, arena, ret_outcome);
    } else if (discord_is_fine(job, step, response, arena, ret_outcome)) {
        const char *name = outcome_said(json_text(body, "name"), arena),
                   *me = json_text(job->session, "name");
        if (discord_by_webhook(job))
            outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "webhook %s", name);
        else
            outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "%s in #%s", me ? me : "bot", name);
    } else if (ret_outcome->kind == OUTCOME_REFUSED) {
        ret_outcome->scope = SCOPE_ACCOUNT;
    }
}

static const char *discord_where(const struct job *job, struct arena *arena)
{
    const char *guild = json_text(job->session, "guild_id"), *channel = json_text(job->session, "channel_id");
    return channel ? arena_printf(arena, "https://discord.com/channels/%s/%s", guild ? guild : "@me", channel)
                   : "in the channel on Discord";
}

static const struct login logins[] = {
    {.kind = LOGIN_SECRET,
     .secret = "webhook",
     .what = "webhook address",
     .where = "Edit channel, Integrations, Webhooks, New Webhook, Copy Webhook URL"},
    {.kind = LOGIN_SECRET,
     .secret = "token",
     .what = "bot token",
     .where = "discord.com/developers, your application, Bot, Reset Token; the bot must be on the server"},
    {0},
};

/* It shows what a browser plays; any other file is one to be loaded. */
static const struct video_limits video = {.most = FILES_MOST, .max_bytes = FILE_MOST};
static const struct document_limits document = {.most = FILES_MOST, .max_bytes = FILE_MOST};

const struct network network_discord = {
    .name = "discord",
    .title = "Discord",
    .features = FEATURE_IMAGES | FEATURE_THREAD,
    .max_images = FILES_MOST,
    .max_alt = ALT_MOST,
    .max_image_bytes = FILE_MOST,
    .image_types = image_types,
    .video = &video,
    .document = &document,
    .repeat = REPEAT_KEY,
    .key_lifetime = MINUTES(2),
    .key_wait = SECONDS(3),
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = driver_first_with_link,
    .check_account = discord_check_account,
    .check = discord_check,
    .repeat_for = discord_repeat,
    .next = discord_next,
    .read = discord_read,
    .find = discord_find,
    .found = discord_found,
    .can_find = discord_can_find,
    .verify = discord_verify,
    .verified = discord_verified,
    .where = discord_where,
    .remove = discord_remove,
    .removed = discord_removed,
    .edits = EDIT_TEXT | EDIT_LINK,
    .edit = discord_edit,
    .edited = discord_edited,
};
