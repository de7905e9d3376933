/*
 * pinterest: pins on boards of an account (see pinterest.h).
 *
 * A pin is an image, a carousel of two to five, or a video, with title, description, link and one alt text.
 * One request makes it: its images are in that request, or Pinterest fetches them from an address of ours
 * while it answers; a video is brought there before. An image beside a video is its cover; without one it is
 * a frame. Pinterest knows no key, and takes the same twice: what is in doubt is looked for on the board.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/pinterest.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/stage.h"
#include "network/text.h"
#include "network/thread.h"
#include "network/token.h"
#include "network/uploads.h"

enum { IMAGES_MOST = 5, TITLE_MOST = 100, ALT_MOST = 500, LINK_MOST = 2048, UNFETCHED_MOST = 2 };
enum { MEGABYTES_IN_BODY = 10, MEGABYTES_FETCHED = 20 };
enum { COVER_AT = 1 }; /* second of a video: films like to begin black */

static const char *const image_types[] = {"image/jpeg", "image/png", NULL};
static const char *const video_types[] = {"video/mp4", "video/quicktime", NULL};
static const char *const video_codecs[] = {"avc1", "avc3", "hvc1", "hev1", NULL};
static const char *const ways[] = {"bytes", "url", NULL};

static const struct network_option options[] = {
    {.name = "board",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 1,
     .max = 180,
     .help = "the board's name, or its id, for posts without a category of 'boards'"},
    {.name = "boards",
     .kind = OPTION_MAP,
     .max = 100,
     .help = "boards, by name or id, for the categories that posts give: {hiver: Winter}"},
    {.name = "section", .kind = OPTION_TEXT, .min = 1, .max = 32, .help = "id of a section of 'board'"},
    {.name = "client_id",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 200,
     .help = "id of your app at Pinterest; then 'calctl login'"},
    {.name = "client_secret", .kind = OPTION_SECRET, .help = "its secret key"},
    {.name = "redirect_url",
     .kind = OPTION_URL,
     .help = "redirect URL as registered with the app (http://127.0.0.1:8414/ unless given)"},
    {.name = "continuous_refresh",
     .kind = OPTION_FLAG,
     .help =
         "true for an app made before 25 September 2025: asks for tokens that can be renewed without end"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .help = "instead of an app: an access token from the app's page; it ends after 30 days"},
    {.name = "images",
     .kind = OPTION_WORD,
     .words = ways,
     .help = "how Pinterest gets images: their bytes in the request (unless given), or a url from which it "
             "fetches "
             "them ('media_urls')"},
    {.name = "max_image_megabytes",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000,
     .help = "of one image (10 as bytes, 20 from a url, unless given: not documented)"},
    {.name = "absent_after",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1440,
     .help =
         "minutes after which a doubtful pin that the board does not list is not there (15 unless given)"},
    {.name = "trial",
     .kind = OPTION_FLAG,
     .help =
         "true: the app has Trial access: its limits last until the next day, and nobody else sees its pins"},
    {.name = "sandbox",
     .kind = OPTION_FLAG,
     .help = "true: Pinterest's sandbox, which has tokens of its own"},
    {.name = "url",
     .kind = OPTION_URL,
     .help = "address of the API (https://api.pinterest.com/v5 unless given)"},
    {.name = "login_url",
     .kind = OPTION_URL,
     .help = "where a person logs in (https://www.pinterest.com/oauth/ unless given)"},
};

/* ---- addresses of images ---- */

static bool are_fetched(const struct account *account)
{
    const char *way = account_option(account, "images");
    return way && !strcmp(way, "url");
}

/* It must be good while the pin is made. */
static bool lacks_address(const struct job *job, const struct media *media)
{
    const json_t *entry = upload_entry(job, media);
    instant until = json_number(entry, "until", 0), needed = job->slot > job->now ? job->slot : job->now;
    if (media_is_video(media))
        return false;
    return !json_text(entry, "url") || (until && !job->lost && needed > until - MINUTES(5));
}

static const struct media *unaddressed(const struct job *job)
{
    return are_fetched(job->account) ? upload_first(job, lacks_address) : NULL;
}

static void read_address(const struct job *job, const struct response *response, struct arena *arena,
                         struct outcome *ret_outcome)
{
    const json_t *answer = response_json(response, arena);
    json_t *entry = json_pack("{s:s*, s:I}", "url", json_text(answer, "url"), "until",
                              (json_int_t)json_number(answer, "until", 0));
    *ret_outcome = upload_done(job, unaddressed(job), entry, arena);
}

/* ---- the pin ---- */

/* One for the whole pin; a video's own, for its cover is not what is shown. */
static const char *alt_of(const struct part *part, struct arena *arena)
{
    const char *all = "";
    if (part_video(part))
        return part_video(part)->alt;
    for (size_t i = 0; i < part->media_count; i++)
        if (*part->media[i].alt)
            all = arena_printf(arena, "%s%s%s", all, *all ? "\n" : "", part->media[i].alt);
    return all;
}

static json_t *image_of(const struct job *job, const struct media *media)
{
    if (are_fetched(job->account))
        return json_pack("{s:s*}", "url", json_text(upload_entry(job, media), "url"));
    return json_pack("{s:s, s:s}", "content_type", media->mime, "data", "");
}

static json_t *video_source(const struct job *job)
{
    const struct media *cover = part_image(&job->content->parts[0]);
    json_t *source = json_pack("{s:s, s:s*}", "source_type", "video_id", "media_id", pinterest_video(job));
    if (!cover) {
        json_set_number(source, "cover_image_key_frame_time", COVER_AT);
    } else if (are_fetched(job->account)) {
        json_set_text(source, "cover_image_url", json_text(upload_entry(job, cover), "url"));
    } else {
        json_set_text(source, "cover_image_content_type", cover->mime);
        json_set_text(source, "cover_image_data", "");
    }
    return source;
}

static json_t *source_of(const struct job *job)
{
    const struct part *part = &job->content->parts[0];
    if (part_video(part))
        return video_source(job);
    bool fetched = are_fetched(job->account), carousel = part->media_count > 1;
    json_t *source = carousel ? json_pack("{s:[]}", "items") : image_of(job, &part->media[0]);
    for (size_t i = 0; carousel && i < part->media_count; i++)
        json_array_append_new(json_member(source, "items"), image_of(job, &part->media[i]));
    json_set_text(source, "source_type",
                  fetched    ? (carousel ? "multiple_image_urls" : "image_url")
                  : carousel ? "multiple_image_base64"
                             : "image_base64");
    return source;
}

static json_t *pin_of(const struct job *job, struct arena *arena)
{
    const struct content *content = job->content;
    const char *alt = alt_of(&content->parts[0], arena), *text = content->parts[0].text;
    const char *board = pinterest_board_name(job->account, content);
    json_t *pin =
        json_pack("{s:s*, s:o}", "board_id", pinterest_board(job, arena), "media_source", source_of(job));
    if (board == account_option(job->account, "board"))
        json_set_text(pin, "board_section_id", account_option(job->account, "section"));
    json_set_text(pin, "title", content->title);
    json_set_text(pin, "description", *text ? text : NULL);
    json_set_text(pin, "link", content->link);
    json_set_text(pin, "alt_text", *alt ? alt : NULL);
    return pin;
}

static void create_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct part *part = &job->content->parts[0];
    const struct media **files = arena_alloc_array(arena, part->media_count + 1, sizeof *files);
    size_t count = 0;
    for (size_t i = 0; i < part->media_count; i++)
        if (!media_is_video(&part->media[i]) && !are_fetched(job->account))
            files[count++] = &part->media[i];
    *ret_step = (struct step){.kind = STEP_CREATE, .name = "publish"};
    pinterest_request(job, arena, &ret_step->request, "POST", "pins");
    ret_step->request.timeout = MINUTES(3);
    driver_json_files(&ret_step->request, arena, pin_of(job, arena), files, count);
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
}

static void pinterest_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (json_text(job->memo, "id"))
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
    else if (pinterest_session_step(job, arena, ret_step))
        return;
    else if (unaddressed(job))
        *ret_step = (struct step){.kind = STEP_PREPARE,
                                  .name = "address",
                                  .host = unaddressed(job),
                                  .rehost = json_number(job->memo, "unfetched", 0) > 0};
    else if (pinterest_video_step(job, arena, ret_step))
        return;
    else
        create_step(job, arena, ret_step);
}

void pinterest_done(const struct job *job, const char *id, struct arena *arena, struct outcome *ret_outcome)
{
    json_set(outcome_memo(ret_outcome, arena), "look", json_null());
    thread_part_done(job, id, arena_printf(arena, "https://www.pinterest.com/pin/%s/", id), arena,
                     ret_outcome);
}

/* Another address is tried, twice. */
static void read_unfetched(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    int64_t unfetched = json_number(job->memo, "unfetched", 0) + 1;
    if (outcome->kind != OUTCOME_RETRY || outcome->scope != SCOPE_POST)
        return;
    json_set_number(outcome_memo(outcome, arena), "unfetched", unfetched);
    json_set(outcome->memo, "images", json_null());
    if (unfetched > UNFETCHED_MOST || !are_fetched(job->account))
        outcome->kind = OUTCOME_REFUSED;
}

static void read_pin(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome)
{
    const char *id = pinterest_id(json_text(response_json(response, arena), "id"), arena);
    if (!pinterest_is_fine(job, step, response, arena, ret_outcome)) {
        if (response->status == 400)
            read_unfetched(job, arena, ret_outcome);
    } else if (id) {
        pinterest_done(job, id, arena, ret_outcome);
    } else {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: Pinterest answered %d without naming a pin", step->name, response->status);
    }
}

static void pinterest_read(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION || step->kind == STEP_LOCAL)
        pinterest_session_read(job, step, response, arena, ret_outcome);
    else if (step->kind == STEP_CREATE)
        read_pin(job, step, response, arena, ret_outcome);
    else if (step->host)
        read_address(job, response, arena, ret_outcome);
    else
        pinterest_video_read(job, step, response, arena, ret_outcome);
}

/* ---- remove: a pin is the same whatever became of its board ---- */

static void pinterest_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (removal_is_due(job, NULL, arena, ret_step) && !pinterest_login_step(job, arena, ret_step))
        pinterest_request(job, arena, removal_step(ret_step), "DELETE", "pins/%s",
                          driver_escape(arena, removal_id(job)));
}

static void pinterest_removed(const struct job *job, const struct step *step, const struct response *response,
                              struct arena *arena, struct outcome *ret_outcome)
{
    bool missing = response->status == 404 && json_is_object(response_json(response, arena));
    if (missing || pinterest_is_fine(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
}

/* ---- edit: null takes it away ---- */

static const struct revision_member members[] = {
    {"title", EDIT_TITLE}, {"description", EDIT_TEXT}, {"link", EDIT_LINK}, {"alt_text", EDIT_ALT}, {0}};

static const char *or_null(const char *text)
{
    return text && *text ? text : NULL;
}

static void pinterest_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const struct content *content = job->content;
    if (!revision_is_due(job, NULL, arena, ret_step) || pinterest_login_step(job, arena, ret_step))
        return;
    struct request *request = revision_step(job, arena, ret_step);
    json_t *words = json_pack("{s:s?, s:s?, s:s?, s:s?}", "title", or_null(content->title), "description",
                              or_null(content->parts[0].text), "link", or_null(content->link), "alt_text",
                              or_null(alt_of(&content->parts[0], arena)));
    revision_leave(job, members, words);
    pinterest_request(job, arena, request, "PATCH", "pins/%s", driver_escape(arena, revision_id(job)));
    driver_json_body(request, arena, words);
}

static void pinterest_edited(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *ret_outcome)
{
    if (response->status == 404 && json_is_object(response_json(response, arena)))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (pinterest_is_fine(job, step, response, arena, ret_outcome))
        *ret_outcome = revision_done(job, arena);
}

/* ---- facts ---- */

static const char *pinterest_compose(const struct content *content, size_t part, struct arena *arena)
{
    (void)arena;
    return content->parts[part].text;
}

static bool pinterest_check_account(const struct account *account, struct error *err)
{
    const char *section = account_option(account, "section");
    if (section && section[strspn(section, "0123456789")])
        return fail(err, "'section' is the number of a section, not '%s'", section);
    return token_check_account(account, err);
}

/* Lengths in UTF-16 units: which characters are meant is not documented, and no other count is higher. */
static void check_length(struct diags *diags, const char *what, const char *rule, const char *text,
                         size_t most)
{
    size_t length = text ? text_utf16(text) : 0;
    if (length > most)
        driver_finding(diags, DIAG_ERROR, rule, "%s is %zu UTF-16 units long, pinterest allows %zu", what,
                       length, most);
}

static void check_images(const struct account *account, const struct part *part, struct diags *diags)
{
    if (!part->media_count)
        driver_finding(diags, DIAG_ERROR, "images", "a pin is an image or a video: the post needs one");
    else if (are_fetched(account) && part_image(part) && !account->hosted)
        driver_finding(
            diags, DIAG_ERROR, "media-urls",
            "with 'images: url' pinterest fetches images: say in cald.yaml how they get an address "
            "('media_urls')");
}

static void pinterest_image_limits(const struct account *account, const json_t *session, struct arena *arena,
                                   struct image_limits *limits)
{
    (void)session, (void)arena;
    limits->bytes = (are_fetched(account) ? MEGABYTES_FETCHED : MEGABYTES_IN_BODY) * INT64_C(1000000);
}

static void pinterest_check(const struct account *account, const struct content *content, struct diags *diags)
{
    const struct part *part = &content->parts[0];
    check_images(account, part, diags);
    check_length(diags, "the title", "title-length", content->title, TITLE_MOST);
    check_length(diags, "the link", "link-length", content->link, LINK_MOST);
    check_length(diags, "the alt text of all images together", "alt-text-length", alt_of(part, diags->arena),
                 ALT_MOST);
    if (json_flag(account->options, "trial", false))
        driver_finding(diags, DIAG_WARNING, "trial",
                       "pinterest shows a pin made under Trial access to you alone");
}

static const char *pinterest_where(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "the newest pins of the board '%s' on https://www.pinterest.com/",
                        pinterest_board_name(job->account, job->content));
}

static const struct login logins[] = {
    {.kind = LOGIN_CODE,
     .where = "the app's page at Pinterest must name the redirect URL",
     .used = token_is_from_login,
     .client = pinterest_client},
    {.kind = LOGIN_SECRET,
     .secret = "token",
     .what = "access token",
     .where = "developers.pinterest.com/apps, your app, Generate access token"},
    {0},
};

/* An image beside it is its cover. Size and length are not documented. */
static const struct video_limits video = {.types = video_types,
                                          .codecs = video_codecs,
                                          .most = 1,
                                          .most_together = 2,
                                          .max_bytes = INT64_C(2) * 1000 * 1000 * 1000,
                                          .min_length = SECONDS(4),
                                          .max_length = MINUTES(15)};

const struct network network_pinterest = {
    .name = "pinterest",
    .title = "Pinterest",
    .features = FEATURE_IMAGES | FEATURE_TITLE | FEATURE_CATEGORIES,
    .max_images = IMAGES_MOST,
    .max_image_bytes = MEGABYTES_IN_BODY * INT64_C(1000000),
    .image_types = image_types,
    .video = &video,
    .repeat = REPEAT_NEVER,
    .keeps_session = true,
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = pinterest_compose,
    .check_account = pinterest_check_account,
    .check = pinterest_check,
    .image_limits = pinterest_image_limits,
    .next = pinterest_next,
    .read = pinterest_read,
    .find = pinterest_find,
    .found = pinterest_found,
    .verify = pinterest_verify,
    .verified = pinterest_verified,
    .where = pinterest_where,
    .remove = pinterest_remove,
    .removed = pinterest_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_LINK | EDIT_ALT,
    .edit = pinterest_edit,
    .edited = pinterest_edited,
};
