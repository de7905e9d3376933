/*
 * The e-mail driver: a newsletter's message is handed to a mail server (SMTP, RFC 5321). See email.h; the
 * message is email_message.c's, what replies mean email_reply.c's.
 *
 * One step hands it over. Where the server takes it for some recipients and asks to try others later, another
 * step follows with those alone: nobody gets it twice.
 */
#include <string.h>

#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/email.h"
#include "network/login.h"
#include "network/outcome.h"

#define EXCHANGE_MOST MINUTES(10) /* a server may take so long to answer the end of a message (4.5.3.2.6) */
#define MEGABYTES(n) (INT64_C(1048576) * (n))
#define FILES_MOST MEGABYTES(18) /* in base64 25 MB, the most that large providers take */

/* ---- the request ---- */

static void set_mail(const struct account *account, struct arena *arena, struct request *request)
{
    struct mail *mail = arena_new_of(arena, struct mail);
    const char *bounces = account_option(account, "bounces");
    *mail = (struct mail){
        .from = bounces ? bounces : account_option(account, "from"),
        .user = account_option(account, "user"),
        .password = account_secret(account, "password"),
        .plain = email_is_plain(account),
    };
    *request = (struct request){.method = "MAIL", .url = email_url(account, arena), .mail = mail};
}

static void set_recipients(const struct job *job, struct arena *arena, struct request *request)
{
    struct mail *mail = arena_new_of(arena, struct mail);
    bool has_rest = json_member(job->memo, "rest") != NULL;
    *mail = *request->mail;
    mail->to = email_texts(has_rest ? job->memo : job->account->options, has_rest ? "rest" : "to", arena,
                           &mail->to_count);
    request->mail = mail;
}

static instant date_of(const struct job *job)
{
    instant now = job->now > job->slot ? job->now : job->slot; /* the intent comes shortly before the slot */
    return json_number(job->memo, "date", now);
}

static void email_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    instant date = date_of(job);
    if (json_text(job->memo, "id")) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
        return;
    }
    *ret_step = (struct step){
        .kind = STEP_CREATE,
        .name = json_member(job->memo, "rest") ? "send the rest" : "send",
        .memo = json_in_arena(arena, json_pack("{s:I}", "date", (json_int_t)date)),
    };
    set_mail(job->account, arena, &ret_step->request);
    set_recipients(job, arena, &ret_step->request);
    email_message(job, date, arena, &ret_step->request);
    ret_step->request.timeout = EXCHANGE_MOST;
}

/* ---- what came of it ---- */

static json_t *list_of(const char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

static json_t *refused_so_far(const struct job *job, const struct email_result *result)
{
    json_t *refused = list_of(result->refused, result->refused_count),
           *before = json_member(job->memo, "refused");
    if (before)
        json_array_extend(refused, before);
    return refused;
}

static const char *tell_refused(const json_t *refused, struct arena *arena)
{
    const char *text = NULL;
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)refused, i, item)
    {
        text = arena_printf(arena, "%s%s%s", text ? text : "it was sent, but not to ", text ? ", " : "",
                            json_string_value(item));
    }
    return text;
}

static void tried(const struct job *job, const struct email_result *result, struct arena *arena,
                  struct outcome *ret_outcome)
{
    const char *id = email_message_id(job, arena);
    json_t *memo = json_in_arena(arena, json_object());
    json_set(memo, "refused", refused_so_far(job, result));
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .memo = memo};
    if (result->later_count) {
        json_set(memo, "rest", list_of(result->later, result->later_count));
        return;
    }
    json_set_text(memo, "id", id);
    ret_outcome->kind = OUTCOME_DONE;
    ret_outcome->id = id;
    ret_outcome->message = tell_refused(json_member(memo, "refused"), arena);
}

/* In a further try, that all of the rest are refused for good ends it well: others have the message. */
static bool rest_is_refused(const struct job *job, const struct email_result *result, const struct mail *mail)
{
    return json_member(job->memo, "rest") && result->refused_count == mail->to_count;
}

static void email_read(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    struct email_result result;
    email_read_replies(step, response, arena, &result);
    if (result.taken || rest_is_refused(job, &result, step->request.mail))
        tried(job, &result, arena, ret_outcome);
    else
        email_judge(step, response, arena, ret_outcome);
}

/* ---- the account ---- */

static void email_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "log in"};
    set_mail(job->account, arena, &ret_step->request);
}

static void email_verified(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    const char *user = account_option(job->account, "user"), *server = account_option(job->account, "server");
    if (response->status < 200 || response->status > 299) {
        email_judge(step, response, arena, ret_outcome);
        return;
    }
    *ret_outcome = (struct outcome){.kind = OUTCOME_DONE};
    ret_outcome->message =
        user ? arena_printf(arena, "%s at %s, as %s", account_option(job->account, "from"), server, user)
             : arena_printf(arena, "%s at %s, without a login", account_option(job->account, "from"), server);
}

/* ---- facts ---- */

static enum repeat email_repeat(const struct job *job)
{
    return json_flag(job->account->options, "deduplicates", false) ? REPEAT_KEY : REPEAT_NEVER;
}

static const char *email_compose(const struct content *content, size_t part, struct arena *arena)
{
    bool last = part + 1 == content->part_count;
    return driver_with_link(content->parts[part].text, last ? content->link : NULL, arena);
}

static void email_check(const struct account *account, const struct content *content, struct diags *diags)
{
    struct arena *arena = diags->arena;
    size_t count;
    const struct media **all = article_media(content, arena, &count);
    int64_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += all[i]->size;
    if (size <= FILES_MOST)
        return;
    diags_add(diags, &(struct diag){
                         .level = DIAG_ERROR,
                         .rule = "images",
                         .account = account->name,
                         .message = arena_printf(
                             arena, "the files have %lld MB together, a message takes %lld",
                             (long long)(size / MEGABYTES(1)), (long long)(FILES_MOST / MEGABYTES(1))),
                     });
}

static const char *email_where(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "in the list's archive, at a recipient or in the log of %s, for Message-ID %s",
                        account_option(job->account, "server"), email_message_id(job, arena));
}

static bool email_has_address(const struct account *account)
{
    (void)account;
    return false;
}

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif",
                                          NULL}; /* what programs show */

static const struct login logins[] = {
    {.kind = LOGIN_SECRET,
     .secret = "password",
     .what = "password",
     .where = "of the mail server's user; best one for this use alone"},
    {0},
};

static const struct document_limits document = {.most = 10, .max_bytes = FILES_MOST};

const struct network network_email = {
    .name = "email",
    .title = "E-mail",
    .features =
        FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING | FEATURE_LANGUAGE,
    .max_images = 20,
    .max_image_bytes = MEGABYTES(10),
    .image_types = image_types,
    .no_videos = "most mailboxes refuse so large a message",
    .document = &document,
    .repeat = REPEAT_NEVER,
    .key_lifetime = DAYS(1), /* how long those who drop doubles remember them is nowhere written */
    .key_wait = MINUTES(1),
    .logins = logins,
    .options = email_options,
    .option_count = EMAIL_OPTIONS,
    .one_step = true,
    .compose = email_compose,
    .check_account = email_check_account,
    .check = email_check,
    .repeat_for = email_repeat,
    .next = email_next,
    .read = email_read,
    .verify = email_verify,
    .verified = email_verified,
    .where = email_where,
    .has_address = email_has_address,
    .no_edits = "an e-mail that was sent cannot be changed",
};
