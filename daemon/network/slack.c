/*
 * slack: a channel of Slack, by an incoming webhook or as an app with a bot token (docs.slack.dev).
 *
 * A webhook takes a text and says "ok": no id, no address, no way to look. With a token a message carries our
 * key in its metadata, by which a doubtful one is found in the channel's history. Images are uploaded before
 * the slot (files.getUploadURLExternal, the bytes, files.completeUploadExternal), are private until then, and
 * shown by a block of the one message that publishes. Of a part with a video or a document Slack makes the
 * message itself (slack_share.c). The text is mrkdwn, as if typed: & < > are escaped, so that no text can
 * mention anybody or hide a link, unless 'markup' says that the author wrote Slack's own.
 *
 * Session: "for", "read_at", "team_url", "team", "user". Memo: thread.h's; "images" (uploads.h) {"ticket",
 * "id", "sent", "url" when it is usable}; "sent" when the last creating request left; "cursor" where looking
 * goes on; slack_share.c's.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/login.h"
#include "network/outcome.h"
#include "network/slack.h"
#include "network/stage.h"
#include "network/thread.h"
#include "network/uploads.h"

#define EVENT "cald_post"
enum {
    PAGE = 100,
    SECTION_MOST = 3000,
    SHARED_MOST = 4000,
    TEXT_MOST = 40000,
    ALT_MOST = 2000,
    FILES_MOST = 10,
};
#define FILE_MOST (INT64_C(1) << 30)

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", NULL};

static const struct network_option options[] = {
    {.name = "webhook", .kind = OPTION_SECRET, .help = "address of an incoming webhook: texts only"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .help = "bot token (xoxb-) with chat:write, channels:history to look, files:write and files:read for "
             "images, videos and documents"},
    {.name = "channel", .kind = OPTION_TEXT, .min = 1, .max = 80, .help = "id of the channel: C0123456789"},
    {.name = "markup",
     .kind = OPTION_FLAG,
     .help = "texts are Slack's mrkdwn with <links|text> and <@mentions>"},
    {.name = "mention_all",
     .kind = OPTION_FLAG,
     .help = "with markup: <!channel>, <!here> and <!everyone> may ping"},
    {.name = "previews", .kind = OPTION_FLAG, .help = "show previews of links (true)"},
    {.name = "url", .kind = OPTION_URL, .help = "address of the API (" SLACK_API ")"},
};

/* ---- texts ---- */

static const char *escaped(const struct account *account, const char *text, struct arena *arena)
{
    bool markup = json_flag(account->options, "markup", false);
    bool all = json_flag(account->options, "mention_all", false);
    struct buf out = {0};
    for (; *text; text++) {
        if (!markup && (*text == '&' || *text == '<' || *text == '>'))
            buf_add_text(&out, *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : "&gt;");
        else if (markup && !all && text[0] == '<' && text[1] == '!')
            buf_add_text(&out, "&lt;");
        else
            buf_add_char(&out, *text);
    }
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

const char *slack_text(const struct account *account, const struct content *content, size_t part,
                       struct arena *arena)
{
    return escaped(account, driver_first_with_link(content, part, arena), arena);
}

/* ---- session ---- */

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    const char *channel = account_option(job->account, "channel");
    return driver_fingerprint(channel ? channel : "", account_secret(job->account, "token"), arena);
}

static bool has_no_session(const struct job *job)
{
    struct arena *arena = arena_new();
    bool fresh = slack_by_webhook(job) || driver_session_is_fresh(job, fingerprint(job, arena));
    arena_free(arena);
    return !fresh;
}

static void ask_who(const struct job *job, struct arena *arena, struct request *ret_request)
{
    slack_request(job, "GET", "auth.test", arena, ret_request);
}

static void read_who(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    static const char *const names[] = {"team", "user"};
    json_t *who = response_json(response, arena);
    if (!slack_is_fine(job, step, response, arena, ret_outcome))
        return;
    ret_outcome->session = driver_session_new(job, fingerprint(job, arena), arena);
    json_set_text(ret_outcome->session, "team_url", outcome_clean_url(json_text(who, "url"), arena));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        json_set_text(ret_outcome->session, names[i], outcome_said(json_text(who, names[i]), arena));
}

/* ---- the message ---- */

static const char *key_of(const struct job *job, size_t part, struct arena *arena)
{
    return arena_printf(arena, "%s-%zu", job->key, part);
}

json_t *slack_blocks(const struct job *job, const struct part *part, const char *text)
{
    json_t *blocks = json_array();
    if (*text)
        json_array_append_new(blocks, json_pack("{s:s, s:{s:s, s:s}}", "type", "section", "text", "type",
                                                "mrkdwn", "text", text));
    for (size_t i = 0; i < part->media_count; i++)
        json_array_append_new(blocks, json_pack("{s:s, s:s, s:{s:s}}", "type", "image", "alt_text",
                                                part->media[i].alt, "slack_file", "id",
                                                json_text(upload_entry(job, &part->media[i]), "id")));
    return blocks;
}

static void ask_create(const struct job *job, struct arena *arena, struct request *ret_request)
{
    size_t index = thread_part_due(job);
    const struct part *part = &job->content->parts[index];
    const char *text = slack_text(job->account, job->content, index, arena);
    json_t *body = json_object();
    bool previews = json_flag(job->account->options, "previews", true);
    const char *webhook = account_secret(job->account, "webhook");
    json_set_text(body, "text", text);
    json_set_flag(body, "unfurl_links", previews);
    json_set_flag(body, "unfurl_media", previews);
    if (slack_by_webhook(job)) {
        *ret_request = (struct request){.method = "POST", .url = webhook ? webhook : ""};
        driver_json_body(ret_request, arena, body);
        return;
    }
    slack_request(job, "POST", "chat.postMessage", arena, ret_request);
    json_set_text(body, "channel", account_option(job->account, "channel"));
    json_set(
        body, "metadata",
        json_pack("{s:s, s:{s:s}}", "event_type", EVENT, "event_payload", "id", key_of(job, index, arena)));
    if (index)
        json_set_text(body, "thread_ts", json_text(thread_post(job, 0), "id"));
    if (part->media_count)
        json_set(body, "blocks", slack_blocks(job, part, text));
    driver_json_body(ret_request, arena, body);
}

/* https://TEAM.slack.com/archives/CHANNEL/pTSWITHOUTDOT, as chat.getPermalink gives it. */
static const char *permalink(const struct job *job, const char *ts, struct arena *arena)
{
    const char *team = json_text(job->session, "team_url"), *dot = strchr(ts, '.');
    if (!team || !dot)
        return NULL;
    return outcome_clean_url(driver_url(arena, team, "/archives/%s/p%.*s%s",
                                        account_option(job->account, "channel"), (int)(dot - ts), ts,
                                        dot + 1),
                             arena);
}

void slack_message_done(const struct job *job, const char *ts, struct arena *arena,
                        struct outcome *ret_outcome)
{
    static const char *const notes[] = {"cursor", "shown", "doubted", "anew"};
    const struct part *part = &job->content->parts[thread_part_due(job)];
    const char *id = ts ? ts : json_text(upload_entry(job, &part->media[0]), "id");
    thread_part_done(job, id, ts ? permalink(job, ts, arena) : NULL, arena, ret_outcome);
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (json_member(job->memo, notes[i]))
            json_set(outcome_memo(ret_outcome, arena), notes[i], json_null());
}

static void read_create(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const char *word = response->body_length < 100 ? response->body : NULL;
    if (slack_by_webhook(job)) {
        bool ok = word && !strcmp(word, "ok"), refused = response->status >= 300;
        if (slack_judge(job, step, response, refused ? word : NULL, NULL, ok, arena, ret_outcome))
            thread_part_done(job, arena_strdup(arena, job->request_key), NULL, arena, ret_outcome);
        return;
    }
    if (!slack_is_fine(job, step, response, arena, ret_outcome))
        return;
    const char *ts = outcome_clean_id(json_text(response_json(response, arena), "ts"), arena);
    if (ts)
        slack_message_done(job, ts, arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s: the answer names no message",
                    step->name);
}

static const struct stage session_stages[] = {
    {"who we are", STEP_SESSION, 0, has_no_session, ask_who, read_who},
};
static const struct stage message_stages[] = {
    {"publish", STEP_CREATE, STAGE_EACH_PART, stage_always, ask_create, read_create},
};
static const struct stage_group groups[] = {STAGE_GROUP(session_stages), STAGE_GROUP(slack_upload_stages),
                                            STAGE_GROUP(slack_share_stages), STAGE_GROUP(message_stages)};
static const struct stage_table table = STAGE_TABLE(groups);

static void slack_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
    if (ret_step->kind != STEP_CREATE)
        return;
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
}

static void slack_read(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- whether a message is there after all ---- */

static bool slack_can_find(const struct job *job)
{
    return !slack_by_webhook(job);
}

static void slack_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    bool finished = json_text(job->memo, "id");
    if (finished || has_no_session(job)) {
        stage_next(&table, job, arena, ret_step);
        return;
    }
    size_t part = thread_part_due(job);
    if (slack_is_shared(&job->content->parts[part])) {
        slack_share_find(job, arena, ret_step);
        return;
    }
    int64_t since = json_number(job->memo, "sent", job->first_sent ? job->first_sent : job->now) - MINUTES(2);
    const char *root = part ? json_text(thread_post(job, 0), "id") : NULL;
    struct driver_pair pairs[] = {{"channel", account_option(job->account, "channel")},
                                  {"ts", root},
                                  {"oldest", arena_printf(arena, "%lld", (long long)(since / 1000))},
                                  {"limit", arena_printf(arena, "%d", PAGE)},
                                  {"include_all_metadata", "true"},
                                  {"cursor", json_text(job->memo, "cursor")}};
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    slack_request(job, "GET",
                  arena_printf(arena, "conversations.%s?%s", root ? "replies" : "history",
                               driver_pairs(arena, pairs, sizeof pairs / sizeof *pairs)),
                  arena, &ret_step->request);
}

static void not_there(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    if (json_member(job->memo, "cursor"))
        json_set(outcome_memo(ret_outcome, arena), "cursor", json_null());
    outcome_not_there(ret_outcome, job, SLACK_SETTLED, "it is not among the channel's messages");
}

static void read_page(const struct job *job, const json_t *body, struct arena *arena,
                      struct outcome *ret_outcome)
{
    const char *key = key_of(job, thread_part_due(job), arena);
    const json_t *list = json_member(body, "messages");
    const char *cursor = json_text(json_member(body, "response_metadata"), "next_cursor");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *message = json_array_get(list, i), *marker = json_member(message, "metadata");
        const char *id = json_text(json_member(marker, "event_payload"), "id");
        const char *ts = outcome_clean_id(json_text(message, "ts"), arena);
        if (id && ts && !strcmp(id, key)) {
            slack_message_done(job, ts, arena, ret_outcome);
            return;
        }
    }
    if (!cursor || !*cursor)
        not_there(job, arena, ret_outcome);
    else
        json_set_text(outcome_memo(ret_outcome, arena), "cursor", outcome_clean_id(cursor, arena));
}

static void slack_found(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    if (step->kind == STEP_SESSION)
        slack_read(job, step, response, arena, ret_outcome);
    else if (slack_is_shared(&job->content->parts[thread_part_due(job)]))
        slack_share_found(job, step, response, arena, ret_outcome);
    else if (slack_is_fine(job, step, response, arena, ret_outcome) &&
             json_is_array(json_member(body, "messages")))
        read_page(job, body, arena, ret_outcome);
    else if (ret_outcome->kind == OUTCOME_NEXT)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is not as expected",
                    step->name);
    outcome_unsure_if_refused(ret_outcome);
}

/* ---- facts that depend on the account ---- */

static bool slack_check_account(const struct account *account, struct error *err)
{
    bool webhook = account_has_secret(account, "webhook"), token = account_has_secret(account, "token");
    if (webhook == token)
        return fail(err, "needs either 'webhook', or 'token' and 'channel'");
    if (token && !account_option(account, "channel"))
        return fail(err, "needs 'channel': the id of the channel");
    return true;
}

/* Images are shown by a block beside the text's, whose limit is documented; of a text beside other files none
 * is: Slack advises 4000. */
static size_t text_most(const struct part *part, const char **ret_beside)
{
    bool shared = slack_is_shared(part);
    *ret_beside = shared ? " beside videos and documents" : part->media_count ? " beside images" : "";
    return shared ? SHARED_MOST : part->media_count ? SECTION_MOST : TEXT_MOST;
}

static void check_text(const struct account *account, const struct content *content, size_t i,
                       struct diags *diags)
{
    const char *text = slack_text(account, content, i, diags->arena), *beside;
    size_t most = text_most(&content->parts[i], &beside);
    struct measure m = text_measure(text_rule_find("slack"), text, strlen(text), most, diags->arena);
    if (m.length > most)
        driver_finding(diags, DIAG_ERROR, "text-length",
                       "text is %zu UTF-16 units long as it is sent, slack allows %zu%s", m.length, most,
                       beside);
}

static size_t times_used(const struct content *content, const char *sha256)
{
    size_t times = 0;
    for (size_t i = 0; i < content->part_count; i++)
        for (size_t k = 0; k < content->parts[i].media_count; k++)
            times += !strcmp(content->parts[i].media[k].sha256, sha256);
    return times;
}

/* files.completeUploadExternal takes no other than an id (of a channel, group or conversation). */
static bool is_id(const char *channel)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    return strchr("CGDZ", *channel) && channel[strspn(channel, digits)] == '\0';
}

/* What Slack shows itself is shown once. */
static void check_shared(const struct account *account, const struct content *content, size_t i,
                         struct diags *diags)
{
    const struct part *part = &content->parts[i];
    const char *channel = account_option(account, "channel");
    if (!slack_is_shared(part))
        return;
    if (channel && !is_id(channel))
        driver_finding(
            diags, DIAG_ERROR, "videos",
            "slack shows videos and documents in a channel named by its id only: correct 'channel' of "
            "the account, '%s' is none",
            channel);
    if (part->media_count > FILES_MOST)
        driver_finding(diags, DIAG_ERROR, "image-count", "%zu files, slack allows %d", part->media_count,
                       FILES_MOST);
    for (size_t k = 0; k < part->media_count; k++)
        if (times_used(content, part->media[k].sha256) > 1)
            driver_finding(diags, DIAG_ERROR, "video-count",
                           "'%s' is there more than once: slack shows a file once where there is a video or "
                           "document beside it",
                           part->media[k].file);
}

static void slack_check(const struct account *account, const struct content *content, struct diags *diags)
{
    bool webhook = account_has_secret(account, "webhook");
    if (webhook && content->part_count > 1)
        driver_finding(diags, DIAG_ERROR, "thread", "a Slack webhook makes no threads: use a bot token");
    for (size_t i = 0; i < content->part_count; i++) {
        bool shared = slack_is_shared(&content->parts[i]);
        if (webhook && content->parts[i].media_count)
            driver_finding(diags, DIAG_ERROR, shared ? "videos" : "images",
                           "a Slack webhook takes no images, videos or documents: use a bot token");
        else
            check_shared(account, content, i, diags);
        check_text(account, content, i, diags);
    }
}

/* A webhook can only be written to: without a text it says so, and shows nothing. */
static void slack_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *channel = account_option(job->account, "channel");
    if (slack_by_webhook(job)) {
        const char *webhook = account_secret(job->account, "webhook");
        *ret_step = (struct step){.kind = STEP_PREPARE, .name = "webhook"};
        ret_step->request = (struct request){.method = "POST", .url = webhook ? webhook : ""};
        driver_json_body(&ret_step->request, arena, json_object());
        return;
    }
    if (has_no_session(job)) {
        stage_take(&session_stages[0], job, arena, ret_step);
        return;
    }
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "channel"};
    slack_request(job, "GET",
                  arena_printf(arena, "conversations.info?channel=%s", driver_escape(arena, channel)), arena,
                  &ret_step->request);
}

static void read_webhook(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    static const char *const words[] = {"no_text", "invalid_payload",
                                        "missing_text_or_fallback_or_attachments"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(response->body, words[i])) {
            outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "the webhook is there");
            return;
        }
    slack_judge(job, step, response, response->body_length < 100 ? response->body : NULL, NULL, false, arena,
                ret_outcome);
    ret_outcome->scope = SCOPE_ACCOUNT;
}

/* Looking at the channel takes a scope that posting does not. */
static void slack_verified(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    json_t *body = response_json(response, arena);
    const char *error = json_text(body, "error"), *team = json_text(job->session, "team");
    const char *user = json_text(job->session, "user");
    if (step->kind == STEP_SESSION) {
        slack_read(job, step, response, arena, ret_outcome);
        return;
    }
    if (slack_by_webhook(job)) {
        read_webhook(job, step, response, arena, ret_outcome);
        return;
    }
    bool blind = error && !strcmp(error, "missing_scope");
    if (!blind && !slack_is_fine(job, step, response, arena, ret_outcome)) {
        ret_outcome->scope = SCOPE_ACCOUNT;
        return;
    }
    const json_t *channel = json_member(body, "channel");
    const char *name =
        blind ? "a channel it may not look at (channels:read)"
              : arena_printf(arena, "#%s%s", outcome_said(json_text(channel, "name"), arena),
                             json_flag(channel, "is_member", true) ? "" : ", without being a member");
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "@%s of %s in %s", user ? user : "",
                team ? team : "", name);
}

static const char *slack_where(const struct job *job, struct arena *arena)
{
    const char *team = json_text(job->session, "team_url");
    return team && !slack_by_webhook(job)
               ? driver_url(arena, team, "/archives/%s", account_option(job->account, "channel"))
               : "in the channel on Slack";
}

/* A webhook does not tell where the message is. */
static bool slack_has_address(const struct account *account)
{
    return !account_has_secret(account, "webhook");
}

static bool slack_can_change(const struct account *account, bool deletes)
{
    (void)deletes;
    return !account_has_secret(account, "webhook");
}

/* Every answer of the API says what the token may do. */
static const char *missing_scopes(const struct job *job, const struct response *response, struct arena *arena)
{
    (void)job;
    return oauth2_lacks("chat:write channels:history files:write files:read",
                        response_header(response, "x-oauth-scopes"), arena);
}

static const struct login logins[] = {
    {.kind = LOGIN_SECRET,
     .secret = "webhook",
     .what = "address of the incoming webhook",
     .where = "api.slack.com/apps, your app, Incoming Webhooks"},
    {.kind = LOGIN_SECRET,
     .secret = "token",
     .what = "bot token",
     .where = "api.slack.com/apps, your app, OAuth & Permissions, Bot User OAuth Token",
     .missing = missing_scopes},
    {0},
};

/* It shows what a browser plays; any other file is one to be loaded. */
static const struct video_limits video = {.most = FILES_MOST, .max_bytes = FILE_MOST};
static const struct document_limits document = {.most = FILES_MOST, .max_bytes = FILE_MOST};

const struct network network_slack = {
    .name = "slack",
    .title = "Slack",
    .features = FEATURE_IMAGES | FEATURE_THREAD,
    .max_images = FILES_MOST,
    .max_alt = ALT_MOST,
    .image_types = image_types,
    .video = &video,
    .document = &document,
    .repeat = REPEAT_NEVER,
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = driver_first_with_link,
    .check_account = slack_check_account,
    .check = slack_check,
    .next = slack_next,
    .read = slack_read,
    .find = slack_find,
    .found = slack_found,
    .can_find = slack_can_find,
    .verify = slack_verify,
    .verified = slack_verified,
    .where = slack_where,
    .has_address = slack_has_address,
    .can_change = slack_can_change,
    .remove = slack_remove,
    .removed = slack_removed,
    .edits = EDIT_TEXT | EDIT_LINK | EDIT_ALT,
    .edit = slack_edit,
    .edited = slack_edited,
};
