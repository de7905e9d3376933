/*
 * x: X (api.x.com, API v2). Images are uploaded and described before the slot; each part of a thread is one
 * POST /2/tweets, a reply to the part before. X knows no idempotency key: what is in doubt is looked for in
 * the user's list of posts, and a refusal as a duplicate, of what may have left before, counts as a hint that
 * it is there.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/price.h"
#include "network/removal.h"
#include "network/x.h"

enum { IMAGE_MOST = 5 << 20, GIF_MOST = 15 << 20 };

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};
static const char *const video_types[] = {"video/mp4", "video/quicktime", NULL};
static const char *const video_codecs[] = {"avc1", "avc3", NULL}, *const video_sounds[] = {"mp4a", NULL};

/* Who may have a longer one than 140 s X alone knows: that is warned of. */
static const struct video_limits video_limits = {.types = video_types,
                                                 .codecs = video_codecs,
                                                 .sounds = video_sounds,
                                                 .most = 1,
                                                 .alone = true,
                                                 .max_bytes = 512 * 1000 * 1000,
                                                 .min_length = 500,
                                                 .min_shape = 33,
                                                 .max_shape = 300};
static const char *const reply_settings[] = {"everyone",    "following", "mentionedUsers",
                                             "subscribers", "verified",  NULL};

static const struct network_option options[] = {
    {.name = "client_id",
     .kind = OPTION_TEXT,
     .max = 200,
     .help = "OAuth 2 client id of your app in the developer console; then 'calctl login'"},
    {.name = "client_secret",
     .kind = OPTION_SECRET,
     .help = "its client secret, where the app is a confidential client"},
    {.name = "redirect_url",
     .kind = OPTION_URL,
     .help = "callback URL as registered with the app (http://127.0.0.1:8414/ unless given)"},
    {.name = "consumer_key",
     .kind = OPTION_TEXT,
     .max = 200,
     .help = "OAuth 1.0a instead: the app's API key; then the three secrets, and no login"},
    {.name = "consumer_secret", .kind = OPTION_SECRET, .help = "the app's API key secret"},
    {.name = "access_token", .kind = OPTION_SECRET, .help = "the account's access token, read and write"},
    {.name = "access_token_secret", .kind = OPTION_SECRET, .help = "and its secret"},
    {.name = "max_characters",
     .kind = OPTION_INTEGER,
     .min = 280,
     .max = 25000,
     .help = "weighted units of a text (280 unless given; more for Premium accounts)"},
    {.name = "reply_settings",
     .kind = OPTION_WORD,
     .words = reply_settings,
     .help = "who may reply (everyone unless given)"},
    {.name = "threads",
     .kind = OPTION_FLAG,
     .help = "true: you know that X lets your app reply to its own posts; else threads are warned of"},
    {.name = "prices",
     .kind = OPTION_MAP,
     .min = 1,
     .max = 4,
     .help = "what X takes, for 'calctl plan': {currency: USD, post: \"0.015\", link: \"0.2\", image: "
             "\"0.005\"}; link "
             "is the whole price of a post that holds one, image that of an alt text"},
    {.name = "url", .kind = OPTION_URL, .help = "address of the API (https://api.x.com unless given)"},
    {.name = "authorize_url",
     .kind = OPTION_URL,
     .help = "where a person logs in (https://x.com/i/oauth2/authorize unless given)"},
};

/* ---- texts ---- */

const char *x_id(const json_t *object, const char *name, struct arena *arena)
{
    const char *id = json_text(object, name);
    size_t length = id ? strlen(id) : 0;
    return length && length <= 19 && strspn(id, "0123456789") == length ? arena_strdup(arena, id) : NULL;
}

const char *x_permalink(const struct job *job, const char *id, struct arena *arena)
{
    const char *user = json_text(x_user(job), "username");
    return arena_printf(arena, "https://x.com/%s/status/%s", user ? user : "i", id);
}

/* ---- publishing ---- */

static json_t *post_body(const struct job *job, size_t part, struct arena *arena)
{
    const char *who = account_option(job->account, "reply_settings");
    json_t *body = json_object();
    json_set_text(body, "text", driver_first_with_link(job->content, part, arena));
    if (job->content->parts[part].media_count)
        json_set(body, "media", json_pack("{s:o}", "media_ids", x_media_ids(job, part)));
    if (part)
        json_set(body, "reply",
                 json_pack("{s:s*}", "in_reply_to_tweet_id", json_text(thread_post(job, part - 1), "id")));
    if (who && strcmp(who, "everyone") != 0 && part == 0)
        json_set_text(body, "reply_settings", who);
    return body;
}

/* "sent" stays until an answer says what became of it. */
static void create_step(const struct job *job, size_t part, struct arena *arena, struct step *ret_step)
{
    x_request(job, arena, ret_step, STEP_CREATE, "POST", "/2/tweets");
    ret_step->name = arena_printf(arena, "publish %zu/%zu", part + 1, job->content->part_count);
    driver_json_body(&ret_step->request, arena, post_body(job, part, arena));
    x_sign(job, arena, ret_step);
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
    if (json_member(job->memo, "sent"))
        json_set_flag(ret_step->memo, "again", true);
}

static void x_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    size_t part = thread_part_due(job);
    if (part == job->content->part_count)
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
    else if (!x_session_step(job, arena, ret_step) && !x_media_step(job, arena, ret_step))
        create_step(job, part, arena, ret_step);
}

/* ---- answers ---- */

static void forget(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    static const char *const obsolete[] = {"look", "sent", "again", "duplicate"};
    for (size_t i = 0; i < sizeof obsolete / sizeof *obsolete; i++)
        if (json_member(job->memo, obsolete[i]))
            json_set(outcome_memo(outcome, arena), obsolete[i], json_null());
}

void x_part_done(const struct job *job, const char *id, struct arena *arena, struct outcome *ret_outcome)
{
    thread_part_done(job, id, x_permalink(job, id, arena), arena, ret_outcome);
    forget(job, arena, ret_outcome);
}

static void read_create(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    bool success = x_read_status(job, step, response, arena, ret_outcome);
    const char *id = x_id(json_member(response_json(response, arena), "data"), "id", arena);
    if (success && id) {
        x_part_done(job, id, arena, ret_outcome);
    } else if (success) {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s: X answered %d without naming a post",
                    step->name, response->status);
    } else if (json_flag(job->memo, "again", false) && x_is_duplicate(response, arena)) {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: X has this text already, most likely from the request whose answer was lost",
                    step->name);
        json_set_flag(outcome_memo(ret_outcome, arena), "duplicate", true);
    } else if (ret_outcome->kind != OUTCOME_UNSURE) { /* it says that nothing came of it */
        forget(job, arena, ret_outcome);
    }
}

static void x_read(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION || step->kind == STEP_LOCAL)
        x_session_read(job, step, response, arena, ret_outcome);
    else if (step->kind == STEP_CREATE)
        read_create(job, step, response, arena, ret_outcome);
    else
        x_media_read(job, step, response, arena, ret_outcome);
}

/* ---- remove ---- */

static void x_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!removal_is_due(job, NULL, arena, ret_step) || x_session_step(job, arena, ret_step))
        return;
    x_request(job, arena, ret_step, STEP_PREPARE, "DELETE",
              arena_printf(arena, "/2/tweets/%s", driver_escape(arena, removal_id(job))));
    ret_step->name = "delete";
    x_sign(job, arena, ret_step);
}

/* 200 with {"data": {"deleted": true}}, or with a problem instead: also of what is not there. */
static void x_removed(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *body = response_json(response, arena), *first = json_array_get(json_member(body, "errors"), 0);
    const char *type = json_text(first ? first : body, "type");
    bool missing = type && strstr(type, "resource-not-found");
    if (missing || (x_read_status(job, step, response, arena, ret_outcome) &&
                    json_flag(json_member(body, "data"), "deleted", false)))
        *ret_outcome = removal_gone(job, arena);
    else if (response->status >= 200 && response->status <= 299)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, "X does not say that it deleted it: %s",
                    outcome_said(json_text(first, "detail"), arena));
}

/* ---- checks ---- */

static size_t x_text_limit(const struct account *account, const json_t *session)
{
    (void)session;
    return (size_t)json_number(account->options, "max_characters", 0);
}

static bool has_all_secrets(const struct account *account, struct error *err)
{
    static const char *const names[] = {"consumer_secret", "access_token", "access_token_secret"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!account_has_secret(account, names[i]))
            return fail(err, "'consumer_key' needs '%s' as well", names[i]);
    return true;
}

static bool x_check_account(const struct account *account, struct error *err)
{
    static const char *const items[] = {"post", "link", "image", NULL};
    bool oauth2 = account_option(account, "client_id") != NULL;
    if (oauth2 == x_uses_oauth1(account))
        return fail(err,
                    "it needs 'client_id' (OAuth 2, then 'calctl login %s') or 'consumer_key' (OAuth 1.0a)%s",
                    account->name, oauth2 ? ", not both" : "");
    return (oauth2 || has_all_secrets(account, err)) &&
           price_check(json_member(account->options, "prices"), items, err);
}

/* One GIF, or up to four others. */
static void check_images(const struct part *part, struct diags *diags)
{
    size_t gifs = 0;
    for (size_t i = 0; i < part->media_count; i++) {
        const struct media *media = &part->media[i];
        gifs += !strcmp(media->mime, "image/gif");
        if (media_is_video(media) && media->length > SECONDS(140))
            driver_finding(diags, DIAG_WARNING, "video-length",
                           "'%s' lasts %lld s: x takes 140 s of most accounts, it may be refused", media->file,
                           (long long)(media->length / 1000));
    }
    if (gifs && part->media_count > 1)
        driver_finding(diags, DIAG_ERROR, "media-count", "x takes one GIF, or up to four other images");
}

static size_t cashtags(const char *text)
{
    size_t count = 0;
    for (const char *at = strchr(text, '$'); at; at = strchr(at + 1, '$')) {
        bool begins = at == text || strchr(" \t\n(", at[-1]);
        size_t letters = strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        count += begins && letters && letters <= 6;
    }
    return count;
}

static void x_check(const struct account *account, const struct content *content, struct diags *diags)
{
    for (size_t i = 0; i < content->part_count; i++) {
        check_images(&content->parts[i], diags);
        if (cashtags(content->parts[i].text) > 1)
            driver_finding(diags, DIAG_WARNING, "cashtags",
                           "x takes one cashtag ('$ABC') in a post from most apps: the post may be refused");
    }
    if (content->part_count > 1 && !json_flag(account->options, "threads", false))
        driver_finding(diags, DIAG_WARNING, "thread",
                       "since February 2026 x restricts replies by apps, and whether a post's own author may "
                       "go on with a thread "
                       "is not confirmed: try one, then write 'threads: true' at the account");
}

/* ---- prices ---- */

static bool holds_link(const char *text, struct arena *arena)
{
    struct measure m = text_measure(text_rule_find("x"), text, strlen(text), 0, arena);
    for (size_t i = 0; i < m.entity_count; i++)
        if (m.entities[i].kind == ENTITY_LINK)
            return true;
    return false;
}

static const char *x_price(const struct account *account, const struct content *content, struct arena *arena,
                           int64_t *ret_millionths)
{
    const json_t *prices = json_member(account->options, "prices");
    int64_t sum = 0;
    if (!prices)
        return NULL;
    for (size_t i = 0; i < content->part_count; i++) {
        bool link = holds_link(driver_first_with_link(content, i, arena), arena);
        sum += price_of(prices, link && json_text(prices, "link") ? "link" : "post");
        for (size_t k = 0; k < content->parts[i].media_count; k++)
            sum += *content->parts[i].media[k].alt ? price_of(prices, "image") : 0;
    }
    *ret_millionths = sum;
    return json_text(prices, "currency");
}

static const char *x_where(const struct job *job, struct arena *arena)
{
    const char *user = json_text(x_user(job), "username");
    return arena_printf(arena, "https://x.com/%s", user ? user : "home");
}

static bool logs_in(const struct account *account)
{
    return !x_uses_oauth1(account);
}

static const struct login logins[] = {
    {
        .kind = LOGIN_CODE,
        .where = "the app's settings in the developer console must name the callback URL, and give it read and write",
        .used = logs_in,
        .client = x_client,
    },
    {0},
};

const struct network network_x = {
    .name = "x",
    .title = "X",
    .features = FEATURE_IMAGES | FEATURE_THREAD,
    .max_images = 4,
    .max_alt = 1000,
    .max_image_bytes = IMAGE_MOST,
    .max_gif_bytes = GIF_MOST,
    .image_types = image_types,
    .video = &video_limits,
    .repeat = REPEAT_NEVER,
    .keeps_session = true,
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = driver_first_with_link,
    .check_account = x_check_account,
    .check = x_check,
    .text_limit = x_text_limit,
    .price = x_price,
    .next = x_next,
    .read = x_read,
    .find = x_find,
    .found = x_found,
    .verify = x_verify,
    .verified = x_verified,
    .where = x_where,
    .remove = x_remove,
    .removed = x_removed,
    .no_edits = "X has no edits through its API",
};
