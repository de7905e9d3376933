/*
 * facebook: a Facebook Page through the Graph API (see graph.h), with a page's token.
 *
 * Photos are uploaded unpublished before the slot, where nobody sees them; then one POST to the page's feed
 * publishes text, link and photos. There is no key that Facebook would honour: after an answer that was lost
 * the page's posts are listed and compared. A list that lacks a post proves nothing for a while, so NOT_FOUND
 * is only said after 'absent_after' minutes.
 *
 * A video is uploaded in pieces before the slot, and finished at it (facebook_video.c).
 *
 * Memo: "images" (uploads.h), "post-0", "sent": when the creating request left, "doubt" once one was in
 * doubt.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/facebook.h"
#include "network/graph.h"
#include "network/login.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/text.h"
#include "network/thread.h"
#include "network/uploads.h"

enum { ABSENT_AFTER = 15, LISTED = 25 };
/* Not said how long an unpublished photo is kept: made again when it is older. */
#define PHOTO_LIFETIME HOURS(20)

static const char *const image_types[] = {"image/jpeg", "image/png", NULL};

static const struct network_option options[] = {
    {.name = "page", .kind = OPTION_TEXT, .required = true, .min = 1, .max = 64, .help = "the page's id"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .required = true,
     .help = "a page token with pages_manage_posts, pages_read_engagement, pages_show_list"},
    {.name = "app_id",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 64,
     .help = "the app's id: 'calctl login' then gets the token with your consent in a browser"},
    {.name = "app_secret",
     .kind = OPTION_SECRET,
     .help = "the app's secret: for that, or if the app demands signed requests"},
    {.name = "redirect_url",
     .kind = OPTION_URL,
     .help = "for that: where the browser ends, as the app names it "
             "(https://www.facebook.com/connect/login_success.html unless given)"},
    {.name = "url",
     .kind = OPTION_URL,
     .help = "address of the API (https://graph.facebook.com unless given)"},
    {.name = "version",
     .kind = OPTION_TEXT,
     .min = 2,
     .max = 10,
     .help = "version of the API (v26.0 unless given)"},
    {.name = "absent_after",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1440,
     .help =
         "minutes after which a doubtful post that the page does not list is not there (15 unless given)"},
};

const char *facebook_compose(const struct content *content, size_t part, struct arena *arena)
{
    const struct part *p = &content->parts[part];
    return p->media_count ? driver_with_link(p->text, content->link, arena) : p->text;
}

/* ---- photos ---- */

static bool is_photo_due(const struct job *job, const struct media *media)
{
    const json_t *entry = upload_entry(job, media);
    return !media_is_video(media) &&
           (!entry || (!job->lost && job->now >= json_number(entry, "at", 0) + PHOTO_LIFETIME));
}

static bool has_photo_due(const struct job *job)
{
    return upload_first(job, is_photo_due) != NULL;
}

static void ask_photo(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct media *media = upload_first(job, is_photo_due);
    const char *texts[] = {"published", "false", *media->alt ? "alt_text_custom" : NULL, media->alt, NULL};
    graph_request(job, arena, ret_request, "POST", "%s/photos", driver_escape(arena, graph_user(job)));
    upload_form(ret_request, media, "source", texts, arena);
}

static void read_photo(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const struct media *media = upload_first(job, is_photo_due);
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const char *id = graph_id(answer, "id", arena);
    if (!answer)
        return;
    if (!id || !media) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer names no photo",
                    step->name);
        return;
    }
    instant reset = ret_outcome->limit_reset;
    *ret_outcome =
        upload_done(job, media, json_pack("{s:s, s:I}", "id", id, "at", (json_int_t)job->now), arena);
    ret_outcome->limit_reset = reset;
}

/* ---- the post ---- */

static bool is_due(const struct job *job)
{
    return thread_part_due(job) == 0 && !facebook_is_finished(job);
}

static void ask_feed_post(const struct job *job, struct arena *arena, struct request *ret_request)
{
    const struct part *part = &job->content->parts[0];
    struct driver_pair *pairs = arena_alloc_array(arena, part->media_count + 4, sizeof *pairs);
    size_t count = 0;
    const char *message = facebook_compose(job->content, 0, arena);
    if (*message)
        pairs[count++] = (struct driver_pair){"message", message};
    if (!part->media_count && job->content->link)
        pairs[count++] = (struct driver_pair){"link", job->content->link};
    for (size_t i = 0; i < part->media_count; i++)
        pairs[count++] =
            (struct driver_pair){arena_printf(arena, "attached_media[%zu]", i),
                                 arena_printf(arena, "{\"media_fbid\":\"%s\"}",
                                              json_text(upload_entry(job, &part->media[i]), "id"))};
    pairs[count++] = (struct driver_pair){"published", "true"};
    pairs[count++] = (struct driver_pair){"fields", "permalink_url,created_time"};
    graph_request(job, arena, ret_request, "POST", "%s/feed", driver_escape(arena, graph_user(job)));
    driver_form_body(ret_request, arena, pairs, count);
}

static void ask_post(const struct job *job, struct arena *arena, struct request *ret_request)
{
    (facebook_video(job->content) ? facebook_ask_finish : ask_feed_post)(job, arena, ret_request);
}

static const char *permalink(const json_t *post, const char *id, struct arena *arena)
{
    const char *url = outcome_clean_url(json_text(post, "permalink_url"), arena);
    return url ? url : arena_printf(arena, "https://www.facebook.com/%s", driver_escape(arena, id));
}

/* After a doubt a refusal says nothing of the try before it; least of all "the same was posted just before".
 */
static void read_post(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const char *id = graph_id(answer, "id", arena);
    if (answer && facebook_video(job->content)) {
        facebook_read_finish(step, answer, arena, ret_outcome);
        return;
    }
    if (!answer) {
        if (ret_outcome->kind == OUTCOME_REFUSED && ret_outcome->scope == SCOPE_POST &&
            json_flag(job->memo, "doubted", false))
            ret_outcome->kind = OUTCOME_UNSURE;
        return;
    }
    if (id)
        thread_part_done(job, id, permalink(answer, id, arena), arena, ret_outcome);
    else
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s: the answer names no post",
                    step->name);
}

static const struct stage publish_stages[] = {
    {"upload", STEP_PREPARE, 0, has_photo_due, ask_photo, read_photo},
    {"publish", STEP_CREATE, 0, is_due, ask_post, read_post},
    {"video status", STEP_PREPARE, 0, facebook_is_finished, facebook_ask_status, facebook_read_status},
};
static const struct stage_group groups[] = {{graph_session_stages, GRAPH_SESSION_STAGES},
                                            {facebook_video_stages, FACEBOOK_VIDEO_STAGES},
                                            STAGE_GROUP(publish_stages)};
static const struct stage_table table = STAGE_TABLE(groups);

static void facebook_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
    if (ret_step->kind != STEP_CREATE)
        return;
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
}

static void facebook_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- what may have been published ---- */

static void facebook_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    if (facebook_video(job->content)) {
        facebook_ask_status(job, arena, &ret_step->request);
        return;
    }
    graph_request(job, arena, &ret_step->request, "GET",
                  "%s/published_posts?fields=id,message,created_time,permalink_url,attachments&limit=%d",
                  driver_escape(arena, graph_user(job)), LISTED);
}

/* Whether somewhere in the attachments a target is this photo. */
static bool has_id(const json_t *value, const char *id, int depth)
{
    const char *name;
    json_t *member;
    size_t i;
    if (depth > 10)
        return false;
    if (json_text(value, "id") && !strcmp(json_text(value, "id"), id))
        return true;
    json_array_foreach(value, i, member) if (has_id(member, id, depth + 1)) return true;
    json_object_foreach((json_t *)(uintptr_t)value, name,
                        member) if (has_id(member, id, depth + 1)) return true;
    return false;
}

enum likeness { UNLIKE, PERHAPS, SAME };

/* By a photo of ours, else by the text. Without either (a link alone) nobody can tell. */
static enum likeness compare(const struct job *job, const json_t *post, struct arena *arena)
{
    const struct part *part = &job->content->parts[0];
    const char *ours = facebook_compose(job->content, 0, arena), *theirs = json_text(post, "message");
    for (size_t i = 0; i < part->media_count; i++) {
        const char *id = json_text(upload_entry(job, &part->media[i]), "id");
        if (id && has_id(json_member(post, "attachments"), id, 0))
            return SAME;
    }
    if (!driver_same_text(ours, theirs ? theirs : ""))
        return UNLIKE;
    return *ours ? SAME : PERHAPS;
}

static duration absent_after(const struct job *job)
{
    return MINUTES(json_number(job->account->options, "absent_after", ABSENT_AFTER));
}

static instant sure_at(const struct job *job)
{
    return json_number(job->memo, "sent", job->first_sent) + absent_after(job);
}

static void read_list(const struct job *job, const json_t *list, struct arena *arena,
                      struct outcome *ret_outcome)
{
    instant start = json_number(job->memo, "sent", job->first_sent) - MINUTES(5), created;
    bool covered = json_array_size(list) < LISTED, perhaps = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *post = json_array_get(list, i);
        const char *id = graph_id(post, "id", arena);
        if (graph_time(json_text(post, "created_time"), &created) && created < start) {
            covered = true;
            continue;
        }
        enum likeness likeness = compare(job, post, arena);
        if (id && likeness == SAME) {
            thread_part_done(job, id, permalink(post, id, arena), arena, ret_outcome);
            return;
        }
        perhaps |= likeness == PERHAPS;
    }
    if (perhaps || !covered) {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "the page's posts cannot be told apart from this one");
    } else if (job->now < sure_at(job)) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST,
                    "it is not listed yet, and may still come");
        ret_outcome->at = sure_at(job);
    } else {
        outcome_set(ret_outcome, arena, OUTCOME_NOT_FOUND, SCOPE_POST,
                    "it is not among the posts of the page");
        json_set_flag(outcome_memo(ret_outcome, arena), "doubted", true);
    }
}

static void facebook_found(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    const json_t *list = json_member(answer, "data");
    if (answer && facebook_video(job->content))
        facebook_found_status(job, answer, absent_after(job), arena, ret_outcome);
    else if (answer && json_is_array(list))
        read_list(job, list, arena, ret_outcome);
    else if (answer)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer is not as expected",
                    step->name);
    else if (ret_outcome->kind == OUTCOME_REFUSED)
        ret_outcome->kind = OUTCOME_UNSURE;
}

/* ---- facts ---- */

static void facebook_check(const struct account *account, const struct content *content, struct diags *diags)
{
    bool link = content->link && !content->parts[0].media_count;
    if (!content->parts[0].text[strspn(content->parts[0].text, " \t\n")] && link)
        diags_add(diags,
                  &(struct diag){.level = DIAG_WARNING,
                                 .rule = "no-text",
                                 .account = account->name,
                                 .message =
                                     "a link without a text cannot be told from others on the page: if its "
                                     "answer is lost, you will be asked"});
}

static const char *facebook_where(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "https://www.facebook.com/%s", driver_escape(arena, graph_user(job)));
}

static const struct login logins[] = GRAPH_LOGINS(
    "developers.facebook.com, your app: Facebook Login with the redirect URL among its valid ones",
    "page token", "of the page, drawn from a long-lived user token (GET /me/accounts)");

/* ---- edit ---- */

static void facebook_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    static const struct stage_table sessions = {groups, 1};
    if (facebook_video(job->content))
        revision_over(ret_step, "cald does not change what stands under a video: change it there");
    else if (revision_is_due(job, NULL, arena, ret_step) &&
             !removal_session(&sessions, job, arena, ret_step)) {
        struct request *request = revision_step(job, arena, ret_step);
        const struct driver_pair pairs[] = {{"message", facebook_compose(job->content, 0, arena)}};
        graph_request(job, arena, request, "POST", "%s", driver_escape(arena, revision_id(job)));
        driver_form_body(request, arena, pairs, 1);
    }
}

static void facebook_edited(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = graph_answer(job, step, response, arena, ret_outcome);
    instant reset = ret_outcome->limit_reset;
    if (!answer)
        return;
    if (json_flag(answer, "success", true))
        *ret_outcome = revision_done(job, arena);
    else
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "Facebook did not change it, and says nothing of why: look there");
    ret_outcome->limit_reset = reset;
}

const struct network network_facebook = {
    .name = "facebook",
    .title = "Facebook Pages",
    .features = FEATURE_IMAGES,
    .max_images = 10,
    .max_image_bytes = 4 * 1000 * 1000,
    .image_types = image_types,
    .video = &facebook_video_limits,
    .repeat = REPEAT_NEVER,
    .keeps_session = true,
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = facebook_compose,
    .check_account = graph_check_app,
    .check = facebook_check,
    .next = facebook_next,
    .read = facebook_read,
    .find = facebook_find,
    .found = facebook_found,
    .verify = graph_verify,
    .verified = graph_verified,
    .where = facebook_where,
    .remove = graph_remove,
    .removed = graph_removed,
    .edits = EDIT_TEXT,
    .edit = facebook_edit,
    .edited = facebook_edited,
};
