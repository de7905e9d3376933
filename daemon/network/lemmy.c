/*
 * lemmy: a community of a Lemmy instance, as one of its users (API v3 of Lemmy 0.19; join-lemmy.org/api).
 *
 * A post has a title, one address (the link; without one the first image) and a text in Markdown; the other
 * parts of a thread are comments, each below the one before. There is no key that a repeat could be known by:
 * before the slot our newest post is noted, and what is found under our title after it is ours (posts are
 * numbered upwards).
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/lemmy.h"
#include "network/login.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/stage.h"
#include "network/thread.h"
#include "network/uploads.h"

enum { TITLE_LEAST = 3, TITLE_MOST = 200, COMMENT_MOST = 10000, ALT_MOST = 1500 };

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

static const struct network_option options[] = {
    {.name = "url",
     .kind = OPTION_URL,
     .required = true,
     .help = "address of the instance: https://lemmy.example"},
    {.name = "community",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 1,
     .max = 255,
     .help = "name of the community: news, or news@other.example"},
    {.name = "user", .kind = OPTION_TEXT, .min = 1, .max = 255, .help = "name of the user who writes"},
    {.name = "password", .kind = OPTION_SECRET, .help = "the user's password"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .help = "instead of user and password: a token (JWT) of the user"},
    {.name = "max_characters",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000000,
     .help = "the instance's limit of a post's text (50000 unless given)"},
};

/* ---- images ---- */

static void ask_upload(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = lemmy_request(job, arena, "POST", "/pictrs/image", NULL);
    upload_form(ret_request, upload_due(job), "images[]", NULL, arena);
}

static void read_upload(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_due(job);
    const json_t *answer = lemmy_answer(job, step, response, arena, ret_outcome);
    const char *file = outcome_clean_id(json_text(json_pointer(answer, "/files/0"), "file"), arena);
    if (file && media && !strpbrk(file, "/?#()<>")) {
        const char *url = driver_url(arena, account_option(job->account, "url"), "/pictrs/image/%s", file);
        *ret_outcome = upload_done(job, media, json_pack("{s:s}", "url", url), arena);
    } else if (answer) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no file",
                    step->name);
    }
}

/* ---- our newest post ---- */

struct request lemmy_own_posts(const struct job *job, struct arena *arena, int64_t limit, int64_t page)
{
    return lemmy_request(job, arena, "GET",
                         arena_printf(arena, "/api/v3/user?person_id=%lld&sort=New&limit=%lld&page=%lld",
                                      (long long)json_number(job->session, "user_id", 0), (long long)limit,
                                      (long long)page),
                         NULL);
}

static bool is_newest_unknown(const struct job *job)
{
    return !json_member(job->memo, "after");
}

static void ask_newest(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = lemmy_own_posts(job, arena, 10, 1);
}

static void read_newest(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = lemmy_answer(job, step, response, arena, ret_outcome);
    const json_t *posts = json_member(answer, "posts");
    json_int_t newest = 0;
    for (size_t i = 0; i < json_array_size(posts); i++) {
        int64_t id = json_number(json_member(json_array_get(posts, i), "post"), "id", 0);
        newest = id > newest ? id : newest;
    }
    if (json_is_array(posts))
        *ret_outcome = stage_next_with(arena, json_pack("{s:I}", "after", newest));
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer lists no posts",
                    step->name);
}

/* ---- the post and its comments ---- */

/* The image that the post's address is: the first, unless there is a link, or the body shows it. */
static const struct media *shown_image(const struct content *content)
{
    const struct media *first = content->parts[0].media_count ? &content->parts[0].media[0] : NULL;
    return content->link || !first || article_body_shows(content, first) ? NULL : first;
}

const char *lemmy_title(const struct content *content, struct arena *arena)
{
    char *title = article_title(content, arena);
    for (char *c = title; *c; c++)
        *c = *c == '\n' || *c == '\t' ? ' ' : *c;
    return title;
}

/* The link is the post's address and does not stand in the text; a text that is all title does not stand
   there again. */
static const char *text_of(const struct content *content, size_t part, struct article_image *images,
                           size_t count, struct arena *arena)
{
    struct content one = *content;
    const char *text = content->parts[part].text, *title = lemmy_title(content, arena);
    struct part *parts = arena_alloc_array(arena, content->part_count, sizeof *parts);
    bool repeats = part == 0 && !content->title && !content->body && !strcmp(text, title);
    memcpy(parts, content->parts, content->part_count * sizeof *parts);
    parts[part].text = repeats ? "" : text;
    one.parts = parts;
    one.link = NULL;
    for (size_t i = 0; i < count; i++)
        images[i].elsewhere = images[i].media == shown_image(content);
    return article_markdown(&one, part, images, count, false, arena);
}

const char *lemmy_text(const struct job *job, size_t part, struct arena *arena)
{
    size_t count;
    struct article_image *images = upload_images(job, arena, &count);
    return text_of(job->content, part, images, count, arena);
}

/* What a post says, whether it is new or changed; emptied: with what it says no more, too. */
static json_t *words_of(const struct job *job, bool emptied, struct arena *arena)
{
    const struct content *content = job->content;
    const struct media *image = shown_image(content);
    const char *text = lemmy_text(job, 0, arena), *none = emptied ? "" : NULL;
    json_t *body = json_pack("{s:s}", "name", lemmy_title(content, arena));
    json_set_text(body, "url",
                  image           ? json_text(upload_entry(job, image), "url")
                  : content->link ? content->link
                                  : none);
    json_set_text(body, "alt_text", image && image->alt && *image->alt ? image->alt : none);
    json_set_text(body, "body", *text ? text : none);
    if (emptied || (content->warning && *content->warning))
        json_set_flag(body, "nsfw", content->warning && *content->warning);
    return body;
}

static json_t *post_of(const struct job *job, struct arena *arena)
{
    json_t *body = words_of(job, false, arena);
    json_set_number(body, "community_id", json_number(job->session, "community_id", 0));
    return body;
}

int64_t lemmy_number(const struct job *job, size_t part)
{
    const char *id = json_text(thread_post(job, part), "id");
    return id ? strtoll(id, NULL, 10) : 0;
}

static json_t *comment_of(const struct job *job, size_t part, struct arena *arena)
{
    json_t *body = json_pack("{s:s, s:I}", "content", lemmy_text(job, part, arena), "post_id",
                             (json_int_t)lemmy_number(job, 0));
    if (part > 1)
        json_set_number(body, "parent_id", lemmy_number(job, part - 1));
    return body;
}

static void ask_publish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    size_t part = thread_part_due(job);
    *ret_request = lemmy_request(job, arena, "POST", part ? "/api/v3/comment" : "/api/v3/post",
                                 part ? comment_of(job, part, arena) : post_of(job, arena));
}

void lemmy_part_done(const struct job *job, int64_t id, struct arena *arena, struct outcome *ret_outcome)
{
    const char *kind = thread_part_due(job) ? "comment" : "post";
    const char *url = driver_url(arena, account_option(job->account, "url"), "/%s/%lld", kind, (long long)id);
    if (json_member(job->memo, "page"))
        json_set(outcome_memo(ret_outcome, arena), "page", json_null());
    thread_part_done(job, arena_printf(arena, "%lld", (long long)id), outcome_clean_url(url, arena), arena,
                     ret_outcome);
}

static void read_publish(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    bool comment = thread_part_due(job) > 0;
    const json_t *answer = lemmy_answer(job, step, response, arena, ret_outcome);
    int64_t id =
        json_number(json_pointer(answer, comment ? "/comment_view/comment" : "/post_view/post"), "id", 0);
    if (id > 0)
        lemmy_part_done(job, id, arena, ret_outcome);
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s: the answer names no %s", step->name,
                    comment ? "comment" : "post");
}

static const struct stage post_stages[] = {
    {"upload image", STEP_PREPARE, 0, upload_is_pending, ask_upload, read_upload},
    {"note the newest post", STEP_PREPARE, 0, is_newest_unknown, ask_newest, read_newest},
    {"publish", STEP_CREATE, STAGE_EACH_PART, stage_always, ask_publish, read_publish},
};
static const struct stage_group groups[] = {STAGE_GROUP(lemmy_session_stages), STAGE_GROUP(post_stages)};
static const struct stage_table table = STAGE_TABLE(groups);
static const struct stage_table session_table = {groups, 1};

/* For what is done to a post that is there, whatever became of its community. */
static const struct stage_group login_groups[] = {{lemmy_session_stages, LEMMY_SESSION_STAGES - 1}};
static const struct stage_table login_table = STAGE_TABLE(login_groups);

void lemmy_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
    if (ret_step->kind != STEP_CREATE)
        return;
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
}

void lemmy_read(const struct job *job, const struct step *step, const struct response *response,
                struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- facts ---- */

static const char *lemmy_compose(const struct content *content, size_t part, struct arena *arena)
{
    return text_of(content, part, NULL, 0, arena);
}

static size_t lemmy_text_limit(const struct account *account, const json_t *session)
{
    (void)session;
    return (size_t)json_number(account->options, "max_characters", 0);
}

static bool lemmy_check_account(const struct account *account, struct error *err)
{
    const char *community = account_option(account, "community");
    if (!login_check_password(account, err))
        return false;
    if (community && *community == '!')
        return fail(err, "'community' is the name without '!': '%s'", community + 1);
    return true;
}

static void lemmy_check(const struct account *account, const struct content *content, struct diags *diags)
{
    (void)account;
    const char *title = lemmy_title(content, diags->arena);
    size_t length = text_code_points(title);
    if (length < TITLE_LEAST || length > TITLE_MOST)
        driver_finding(diags, DIAG_ERROR, "title-length",
                       "the title '%s' is %zu characters long, lemmy takes %d to %d", title, length,
                       TITLE_LEAST, TITLE_MOST);
    for (size_t i = 1; i < content->part_count && !(content->body && *content->body); i++) {
        size_t characters = text_code_points(lemmy_compose(content, i, diags->arena));
        if (characters > COMMENT_MOST)
            driver_finding(diags, DIAG_ERROR, "text-length",
                           "part %zu is a comment and %zu characters long, lemmy takes %d", i + 1, characters,
                           COMMENT_MOST);
    }
}

static void lemmy_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct stage *pending = stage_pending(&session_table, job);
    if (pending) {
        stage_take(pending, job, arena, ret_step);
        return;
    }
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "check the token"};
    lemmy_ask_who(job, arena, &ret_step->request);
}

static void lemmy_verified(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION) {
        lemmy_read(job, step, response, arena, ret_outcome);
    } else {
        const json_t *answer = lemmy_answer(job, step, response, arena, ret_outcome);
        bool known = json_text(json_pointer(answer, "/my_user/local_user_view/person"), "name");
        if (answer)
            outcome_set(ret_outcome, arena, known ? OUTCOME_DONE : OUTCOME_REFUSED, SCOPE_ACCOUNT,
                        known ? "%s in !%s" : "the instance does not know the token of %s",
                        json_text(job->session, "user"), account_option(job->account, "community"));
        ret_outcome->reconnect |= answer && !known;
    }
    if (ret_outcome->kind == OUTCOME_REFUSED)
        ret_outcome->scope = SCOPE_ACCOUNT;
}

static const char *lemmy_where(const struct job *job, struct arena *arena)
{
    const char *user = json_text(job->session, "user");
    return user ? driver_url(arena, account_option(job->account, "url"), "/u/%s", driver_escape(arena, user))
                : driver_url(arena, account_option(job->account, "url"), "/c/%s",
                             driver_escape(arena, account_option(job->account, "community")));
}

static const struct login logins[] = {
    LOGIN_WITH_PASSWORD,
    {
        .kind = LOGIN_SECRET,
        .secret = "token",
        .what = "token",
        .where = "log in to the instance with a browser; the token is its cookie 'jwt'",
    },
    {0},
};

/* ---- remove: the first part is a post, the others are comments; their author can bring them back there ---- */

static void lemmy_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    bool comment = removal_number(job) > 0;
    if (!removal_is_due(job, account_option(job->account, "url"), arena, ret_step) ||
        removal_session(&login_table, job, arena, ret_step))
        return;
    json_t *body = json_object();
    json_set_number(body, comment ? "comment_id" : "post_id", strtoll(removal_id(job), NULL, 10));
    json_set_flag(body, "deleted", true);
    *removal_step(ret_step) =
        lemmy_request(job, arena, "POST", comment ? "/api/v3/comment/delete" : "/api/v3/post/delete", body);
}

/* What is deleted already cannot be "updated" to be so (lemmy 0.19, crates/api_crud, post/delete.rs). */
static bool is_gone_there(const struct response *response, struct arena *arena)
{
    static const char *const words[] = {"couldnt_find_post", "couldnt_find_comment", "couldnt_update_post",
                                        "couldnt_update_comment", "not_found"};
    const char *error = json_text(response_json(response, arena), "error");
    for (size_t i = 0; error && i < sizeof words / sizeof *words; i++)
        if (!strcmp(error, words[i]))
            return true;
    return false;
}

static void lemmy_removed(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    bool gone = response->status < 500 && is_gone_there(response, arena);
    const json_t *answer = gone ? NULL : lemmy_answer(job, step, response, arena, ret_outcome);
    if (gone || answer)
        *ret_outcome = removal_gone(job, arena);
}

/* ---- edit: what is emptied is sent as "" ---- */

/* A moderator may have marked it. The body may show the image that was the address. */
static const struct revision_member not_words[] = {{"nsfw", EDIT_WARNING},
                                                   {"url", EDIT_LINK | EDIT_BODY},
                                                   {"alt_text", EDIT_ALT | EDIT_LINK | EDIT_BODY},
                                                   {0}};

/* Its author or a moderator deleted it: it is changed all the same, and nobody sees it. */
static bool is_out_of_sight(const json_t *answer)
{
    const json_t *view = json_member(answer, "post_view"), *made = json_member(view, "post");
    if (!view)
        made = json_pointer(answer, "/comment_view/comment");
    return json_flag(made, "deleted", false) || json_flag(made, "removed", false);
}

static void lemmy_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    size_t part = revision_number(job);
    if (!revision_is_due(job, account_option(job->account, "url"), arena, ret_step) ||
        removal_session(&login_table, job, arena, ret_step))
        return;
    json_t *body =
        part ? json_pack("{s:s}", "content", lemmy_text(job, part, arena)) : words_of(job, true, arena);
    revision_leave(job, not_words, body);
    json_set_number(body, part ? "comment_id" : "post_id", strtoll(revision_id(job), NULL, 10));
    *revision_step(job, arena, ret_step) =
        lemmy_request(job, arena, "PUT", part ? "/api/v3/comment" : "/api/v3/post", body);
}

static void lemmy_edited(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = NULL;
    if (response->status == 404)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if ((answer = lemmy_answer(job, step, response, arena, ret_outcome)) && is_out_of_sight(answer))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (answer)
        *ret_outcome = revision_done(job, arena);
}

const struct network network_lemmy = {
    .name = "lemmy",
    .title = "Lemmy",
    .features =
        FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING | FEATURE_MARKDOWN,
    .max_images = 20,
    .max_alt = ALT_MOST,
    .no_videos = "its instances differ in what they take and do not tell",
    .image_types = image_types,
    .repeat = REPEAT_NEVER,
    .key_wait = SECONDS(5),
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = lemmy_compose,
    .text_limit = lemmy_text_limit,
    .check_account = lemmy_check_account,
    .check = lemmy_check,
    .next = lemmy_next,
    .read = lemmy_read,
    .find = lemmy_find,
    .found = lemmy_found,
    .verify = lemmy_verify,
    .verified = lemmy_verified,
    .where = lemmy_where,
    .remove = lemmy_remove,
    .removed = lemmy_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_BODY | EDIT_LINK | EDIT_WARNING | EDIT_ALT,
    .edit = lemmy_edit,
    .edited = lemmy_edited,
};
