/*
 * linkedin: posts of a member or of a page through LinkedIn's versioned API (see linkedin.h).
 *
 * Images, a video or a document are uploaded before the slot; then one POST publishes text and images, or
 * text and the card of a link. The API does not read a link's page: the card shows the post's title and
 * summary; a link without a title stands in the text. The post's URN comes in a header. What was refused as a
 * duplicate after a request whose answer was lost is that request's post, and LinkedIn names it.
 */
#include <string.h>

#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/linkedin.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/text.h"
#include "network/thread.h"
#include "network/token.h"

enum { IMAGES_MOST = 20, ALT_MOST = 4086, PIXELS_MOST = 36152320, MEGABYTES = 8, VIDEO_LEAST = 75 * 1000 };
enum { DOCUMENT_TITLE = 100 }; /* not documented */

static const char *const image_types[] = {"image/jpeg", "image/png", "image/gif", NULL};
static const char *const video_types[] = {"video/mp4", NULL};
static const char *const ways[] = {"look", "repeat", "ask", NULL};

static const struct network_option options[] = {
    {.name = "author",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 100,
     .help = "who writes: urn:li:organization:NUMBER of a page, or urn:li:person:ID (the member whose token "
             "it is "
             "unless given)"},
    {.name = "client_id",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 200,
     .help = "client id of your app at LinkedIn; then 'calctl login'"},
    {.name = "client_secret", .kind = OPTION_SECRET, .help = "its client secret"},
    {.name = "redirect_url",
     .kind = OPTION_URL,
     .help = "redirect URL as registered with the app (http://127.0.0.1:8414/ unless given)"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .help = "instead of a client: an access token from the developer portal; it ends after 60 days"},
    {.name = "version",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 10,
     .help = "version of the API, YYYYMM (202609 unless given); LinkedIn keeps each for a year"},
    {.name = "after_doubt",
     .kind = OPTION_WORD,
     .words = ways,
     .help =
         "what is done about a post whose answer was lost: look among the author's posts (unless given, for "
         "pages), repeat it and trust LinkedIn to refuse a duplicate, or ask a person (unless given, for "
         "members)"},
    {.name = "absent_after",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1440,
     .help = "minutes after which a doubtful post that is not listed is not there (15 unless given)"},
    {.name = "bare_links",
     .kind = OPTION_FLAG,
     .help = "true: reserved characters in links are not escaped; which LinkedIn wants is not documented"},
    {.name = "max_characters",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 100000,
     .help = "of a text (3000 unless given: not documented)"},
    {.name = "max_image_megabytes",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000,
     .help = "of one image (8 unless given: not documented)"},
    {.name = "url", .kind = OPTION_URL, .help = "address of the API (https://api.linkedin.com unless given)"},
    {.name = "login_url",
     .kind = OPTION_URL,
     .help = "where a login is made and renewed (https://www.linkedin.com/oauth/v2 unless given)"},
};

/* ---- the post ---- */

bool linkedin_has_card(const struct content *content)
{
    return content->link && content->title && *content->title && !content->parts[0].media_count;
}

static const char *linkedin_compose(const struct content *content, size_t part, struct arena *arena)
{
    const char *text = content->parts[part].text;
    return linkedin_has_card(content) ? text : driver_with_link(text, content->link, arena);
}

static json_t *card_of(const struct content *content)
{
    json_t *article = json_pack("{s:s, s:s}", "source", content->link, "title", content->title);
    json_set_text(article, "description", content->summary);
    return json_pack("{s:o}", "article", article);
}

static json_t *image_of(const struct job *job, const struct media *media)
{
    json_t *image = json_pack("{s:s*}", "id", linkedin_image(job, media));
    json_set_text(image, "altText", *media->alt ? media->alt : NULL);
    return image;
}

/* Of a video no alt text is known there. */
static json_t *video_of(const struct job *job, const struct media *video)
{
    json_t *media = json_pack("{s:s*}", "id", linkedin_image(job, video));
    json_set_text(media, "title", job->content->title);
    return json_pack("{s:o}", "media", media);
}

/* It must have a title: that of the post, or what the text begins with. */
static json_t *document_of(const struct job *job, const struct media *document, struct arena *arena)
{
    json_t *media = json_pack("{s:s*}", "id", linkedin_image(job, document));
    json_set_text(media, "title", text_shorten(article_title(job->content, arena), DOCUMENT_TITLE, arena));
    return json_pack("{s:o}", "media", media);
}

/* NULL: text alone. */
static json_t *content_of(const struct job *job, struct arena *arena)
{
    const struct part *part = &job->content->parts[0];
    if (linkedin_has_card(job->content))
        return card_of(job->content);
    if (!part->media_count)
        return NULL;
    if (part_video(part))
        return video_of(job, part_video(part));
    if (part_document(part))
        return document_of(job, part_document(part), arena);
    if (part->media_count == 1)
        return json_pack("{s:o}", "media", image_of(job, &part->media[0]));
    json_t *images = json_array();
    for (size_t i = 0; i < part->media_count; i++)
        json_array_append_new(images, image_of(job, &part->media[i]));
    return json_pack("{s:{s:o}}", "multiImage", "images", images);
}

static const char *commentary_of(const struct job *job, struct arena *arena)
{
    bool bare = json_flag(job->account->options, "bare_links", false);
    return linkedin_little(linkedin_compose(job->content, 0, arena), bare, arena);
}

static void ask_post(const struct job *job, struct arena *arena, struct request *ret_request)
{
    bool connections = job->content->visibility == VISIBILITY_FOLLOWERS;
    const char *text = commentary_of(job, arena);
    json_t *content = content_of(job, arena);
    json_t *body =
        json_pack("{s:s, s:s, s:s, s:s, s:b, s:{s:s, s:[], s:[]}}", "author", linkedin_author(job, arena),
                  "commentary", text, "visibility", connections ? "CONNECTIONS" : "PUBLIC", "lifecycleState",
                  "PUBLISHED", "isReshareDisabledByAuthor", 0, "distribution", "feedDistribution",
                  "MAIN_FEED", "targetEntities", "thirdPartyDistributionChannels");
    if (content)
        json_set(body, "content", content);
    linkedin_request(job, arena, ret_request, "POST", body, "posts");
}

/* ---- its answer ---- */

void linkedin_done(const struct job *job, const char *urn, struct arena *arena, struct outcome *ret_outcome)
{
    json_t *memo = outcome_memo(ret_outcome, arena);
    json_set(memo, "sent", json_null());
    json_set(memo, "again", json_null());
    json_set(memo, "look", json_null());
    thread_part_done(job, urn, arena_printf(arena, "https://www.linkedin.com/feed/update/%s/", urn), arena,
                     ret_outcome);
    ret_outcome->message = linkedin_version_ends(job->account, job->now, arena);
}

/* Whether a request before this one may have been carried out. */
static bool is_repeat(const struct job *job)
{
    return json_flag(job->memo, "again", false);
}

static void read_duplicate(const struct job *job, const struct step *step, const char *urn,
                           struct arena *arena, struct outcome *ret_outcome)
{
    if (!is_repeat(job))
        return;
    if (urn) {
        linkedin_done(job, urn, arena, ret_outcome);
        ret_outcome->message = "LinkedIn has it already, from the request whose answer was lost";
    } else {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: LinkedIn has the same already, most likely from the request whose answer was lost",
                    step->name);
    }
}

/* What says that nothing came of the only request there was. */
static void forget(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    if (!is_repeat(job) && outcome->kind != OUTCOME_UNSURE)
        json_set(outcome_memo(outcome, arena), "sent", json_null());
}

static void read_post(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const char *named = response_header(response, "x-restli-id"), *urn;
    if (!named)
        named = response_header(response, "x-linkedin-id");
    if (!linkedin_is_fine(job, step, response, arena, ret_outcome)) {
        if (linkedin_is_duplicate(response, arena, &urn))
            read_duplicate(job, step, urn, arena, ret_outcome);
        forget(job, arena, ret_outcome);
    } else if ((urn = linkedin_post_urn(named, arena))) {
        linkedin_done(job, urn, arena, ret_outcome);
    } else {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: LinkedIn answered %d without naming a post", step->name, response->status);
    }
}

static const struct stage publish_stages[] = {
    {"publish", STEP_CREATE, 0, stage_always, ask_post, read_post},
};
static const struct stage_group groups[] = {{linkedin_image_stages, LINKEDIN_IMAGE_STAGES},
                                            {linkedin_video_stages, LINKEDIN_VIDEO_STAGES},
                                            STAGE_GROUP(publish_stages)};
static const struct stage_table table = STAGE_TABLE(groups);

/* "sent" stays until an answer says what became of it. */
static void linkedin_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!json_text(job->memo, "id") && linkedin_session_step(job, arena, ret_step))
        return;
    stage_next(&table, job, arena, ret_step);
    if (ret_step->kind != STEP_CREATE)
        return;
    ret_step->memo = json_in_arena(arena, json_object());
    json_set_number(ret_step->memo, "sent", job->now);
    if (json_member(job->memo, "sent"))
        json_set_flag(ret_step->memo, "again", true);
}

static void linkedin_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION || step->kind == STEP_LOCAL)
        linkedin_session_read(job, step, response, arena, ret_outcome);
    else
        stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- remove: 204, also when it is repeated ---- */

static void linkedin_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!removal_is_due(job, NULL, arena, ret_step) || linkedin_session_step(job, arena, ret_step))
        return;
    linkedin_request(job, arena, removal_step(ret_step), "DELETE", NULL, "posts/%s",
                     driver_escape(arena, removal_id(job)));
    request_header(&ret_step->request, arena, "X-RestLi-Method", "DELETE");
}

static void linkedin_removed(const struct job *job, const struct step *step, const struct response *response,
                             struct arena *arena, struct outcome *ret_outcome)
{
    bool missing = response->status == 404 && json_is_object(response_json(response, arena));
    if (missing || linkedin_is_fine(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
}

/* ---- edit: the commentary alone can be changed ---- */

static void linkedin_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!revision_is_due(job, NULL, arena, ret_step) || linkedin_session_step(job, arena, ret_step))
        return;
    json_t *patch = json_pack("{s:{s:{s:s}}}", "patch", "$set", "commentary", commentary_of(job, arena));
    struct request *request = revision_step(job, arena, ret_step);
    linkedin_request(job, arena, request, "POST", patch, "posts/%s", driver_escape(arena, revision_id(job)));
    request_header(request, arena, "X-RestLi-Method", "PARTIAL_UPDATE");
}

static void linkedin_edited(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    if (response->status == 404 && json_is_object(response_json(response, arena)))
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    else if (linkedin_is_fine(job, step, response, arena, ret_outcome))
        *ret_outcome = revision_done(job, arena);
}

/* ---- facts ---- */

static size_t linkedin_text_limit(const struct account *account, const json_t *session)
{
    (void)session;
    return (size_t)json_number(account->options, "max_characters", 0);
}

static bool linkedin_check_account(const struct account *account, struct error *err)
{
    static const char *const kinds[] = {"organization", "person", NULL};
    const char *author = account_option(account, "author"), *version = account_option(account, "version");
    struct arena *arena = arena_new();
    const char *urn = linkedin_urn(author, kinds, arena);
    bool known = !author || (urn && !strcmp(urn, author));
    instant begins;
    arena_free(arena);
    if (!known)
        return fail(err, "'author' is urn:li:organization:NUMBER or urn:li:person:ID, not '%s'", author);
    if (version && !linkedin_version_parse(version, &begins))
        return fail(err, "'version' is a year and a month as LinkedIn writes them, 202609, not '%s'",
                    version);
    return token_check_account(account, err);
}

static void check_audience(const struct account *account, const struct content *content, struct diags *diags)
{
    enum visibility visibility = content->visibility;
    if (visibility == VISIBILITY_PUBLIC || (visibility == VISIBILITY_FOLLOWERS && !linkedin_is_page(account)))
        return;
    driver_finding(diags, DIAG_ERROR, "visibility", "linkedin cannot show a post to '%s' only%s",
                   visibility_name(visibility),
                   visibility == VISIBILITY_FOLLOWERS ? ": a page's posts are public" : "");
}

static void check_link(const struct content *content, struct diags *diags)
{
    bool title = content->title && *content->title;
    bool titled = part_video(&content->parts[0]) || part_document(&content->parts[0]);
    if (title && !linkedin_has_card(content) && !titled)
        driver_finding(diags, DIAG_WARNING, "title",
                       "linkedin shows a title of a video, of a document, and on the card of a link without "
                       "images: this "
                       "one is not shown");
    else if (content->link && !title && !content->parts[0].media_count)
        driver_finding(
            diags, DIAG_WARNING, "link-card",
            "linkedin does not read a link's page: without a title it stands in the text, without a card");
}

static void linkedin_check(const struct account *account, const struct content *content, struct diags *diags)
{
    const struct media *video = part_video(&content->parts[0]);
    if (video && video->size < VIDEO_LEAST)
        driver_finding(diags, DIAG_ERROR, "video-size", "'%s' has %lld bytes, linkedin wants at least %d",
                       video->file, (long long)video->size, VIDEO_LEAST);
    check_audience(account, content, diags);
    check_link(content, diags);
}

static const char *linkedin_where(const struct job *job, struct arena *arena)
{
    if (linkedin_is_page(job->account))
        return arena_printf(arena, "https://www.linkedin.com/company/%s/posts/",
                            strrchr(account_option(job->account, "author"), ':') + 1);
    return "https://www.linkedin.com/in/me/recent-activity/all/";
}

static const struct login logins[] = {
    {.kind = LOGIN_CODE,
     .where = "the app's page at LinkedIn must name the redirect URL and have the product Share on LinkedIn, "
              "or for a page the "
              "Community Management API",
     .used = token_is_from_login,
     .client = linkedin_client},
    {.kind = LOGIN_SECRET,
     .secret = "token",
     .what = "access token",
     .where = "linkedin.com/developers/tools/oauth/token-generator, for your app"},
    {0},
};

static const struct video_limits video = {.types = video_types,
                                          .most = 1,
                                          .alone = true,
                                          .max_bytes = INT64_C(500) * 1000 * 1000,
                                          .min_length = SECONDS(3),
                                          .max_length = MINUTES(30)};

static const struct document_limits document = {
    .most = 1, .alone = true, .max_bytes = INT64_C(100) * 1000 * 1000, .max_pages = 300};

const struct network network_linkedin = {
    .name = "linkedin",
    .title = "LinkedIn",
    .features = FEATURE_IMAGES | FEATURE_TITLE | FEATURE_VISIBILITY,
    .max_images = IMAGES_MOST,
    .max_alt = ALT_MOST,
    .max_image_bytes = MEGABYTES * 1000 * 1000, /* not documented */
    .max_image_pixels = PIXELS_MOST - 1,        /* less than these */
    .image_types = image_types,
    .video = &video,
    .document = &document,
    .repeat = REPEAT_NEVER,
    .key_lifetime = MINUTES(10),
    .key_wait = SECONDS(2),
    .keeps_session = true,
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = linkedin_compose,
    .check_account = linkedin_check_account,
    .ends = linkedin_ends,
    .check = linkedin_check,
    .text_limit = linkedin_text_limit,
    .repeat_for = linkedin_repeat,
    .next = linkedin_next,
    .read = linkedin_read,
    .find = linkedin_find,
    .found = linkedin_found,
    .can_find = linkedin_can_find,
    .verify = linkedin_verify,
    .verified = linkedin_verified,
    .where = linkedin_where,
    .remove = linkedin_remove,
    .removed = linkedin_removed,
    .edits = EDIT_TEXT,
    .edit = linkedin_edit,
    .edited = linkedin_edited,
};
