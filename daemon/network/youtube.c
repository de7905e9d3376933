/*
 * youtube: videos on a channel, each uploaded before its slot as a private one and shown at the slot. There
 * is nothing else that the API lets be posted: no texts, no images. Here are the facts and the order of the
 * steps.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/login.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/text.h"
#include "network/youtube.h"

static const char *const privacies[] = {"public", "unlisted", "private", NULL};
static const char *const image_types[] = {"image/jpeg", "image/png", NULL};
static const char *const video_types[] = {"video/mp4", "video/quicktime", NULL};

enum { TAGS_MOST = 500 };

static const struct network_option options[] = {
    {.name = "client_id",
     .kind = OPTION_TEXT,
     .required = true,
     .min = 1,
     .max = 200,
     .help =
         "of an OAuth client of type 'desktop app' in a Google Cloud project with the YouTube Data API v3"},
    {.name = "client_secret", .kind = OPTION_SECRET, .required = true, .help = "the client's secret"},
    {.name = "privacy",
     .kind = OPTION_WORD,
     .words = privacies,
     .help = "who sees the videos (public unless given); a post may narrow it to unlisted"},
    {.name = "category",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 9999,
     .help = "number of the category of all videos (22, people and blogs, unless given)"},
    {.name = "made_for_kids",
     .kind = OPTION_FLAG,
     .help = "whether the videos are made for kids (false unless given)"},
    {.name = "synthetic",
     .kind = OPTION_FLAG,
     .help = "whether they show what was made or changed to look real; nothing is said unless given"},
    {.name = "notify", .kind = OPTION_FLAG, .help = "whether subscribers are told (true unless given)"},
    {.name = "schedule",
     .kind = OPTION_FLAG,
     .help = "YouTube publishes public videos by itself at the slot, also when cald does not run; nor can a "
             "crisis or a pause "
             "stop what it was told (false unless given)"},
    {.name = "max_units",
     .kind = OPTION_INTEGER,
     .min = 100,
     .max = 1000000000,
     .help = "units that the project may use a day (10000 unless given)"},
    {.name = "max_uploads",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000000,
     .help = "videos that the project may upload a day (100 unless given)"},
    {.name = "url",
     .kind = OPTION_URL,
     .help = "another address of the API, with the login's /auth, /token and /revoke beneath it"},
};

static const struct stage_group groups[] = {{youtube_upload_stages, YOUTUBE_UPLOAD_STAGES},
                                            {youtube_publish_stages, YOUTUBE_PUBLISH_STAGES}};
static const struct stage_table table = STAGE_TABLE(groups);

/* ---- steps ---- */

/* Whatever is left of the quota, a video that is due is published as soon as it can be. */
static bool is_barred(const struct job *job, const struct step *step)
{
    struct arena *arena = arena_new();
    instant until;
    bool barred = youtube_used_up(job, step->name, &until, arena) != NULL;
    arena_free(arena);
    return barred;
}

static void youtube_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!json_text(job->memo, "id") && youtube_session_step(job, arena, ret_step))
        return;
    if (!youtube_video(job->content)) { /* queued for another network, before cald.yaml was changed */
        *ret_step = (struct step){.kind = STEP_LOCAL, .name = "no video"};
        return;
    }
    stage_next(&table, job, arena, ret_step);
    if (is_barred(job, ret_step)) {
        *ret_step = (struct step){.kind = STEP_LOCAL, .name = ret_step->name};
    } else if (!strcmp(ret_step->name, "upload")) {
        ret_step->memo = youtube_upload_memo(job, arena);
    } else if (ret_step->kind == STEP_CREATE) {
        ret_step->memo = json_in_arena(arena, json_object());
        json_set_number(ret_step->memo, "sent", job->now);
    }
}

/* An upload waits by itself; without units nothing of the account goes on. */
static void read_local(const struct job *job, const struct step *step, struct arena *arena,
                       struct outcome *ret_outcome)
{
    instant until = job->now + MINUTES(1);
    const char *why = youtube_used_up(job, step->name, &until, arena);
    bool upload = !strcmp(step->name, "open upload");
    if (!youtube_video(job->content)) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST,
                    "youtube has only videos: the post has none");
        return;
    }
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, upload ? SCOPE_POST : SCOPE_ACCOUNT, "%s: %s", step->name,
                why ? why : "the quota began anew");
    ret_outcome->at = until;
}

static void youtube_read(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION || !strcmp(step->name, "login"))
        youtube_session_read(job, step, response, arena, ret_outcome);
    else if (step->kind == STEP_LOCAL)
        read_local(job, step, arena, ret_outcome);
    else
        stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- facts ---- */

/* A comma between two, quotes around one with a space: that is how they count. */
static size_t tags_length(const struct content *content)
{
    size_t length = content->tag_count ? content->tag_count - 1 : 0;
    for (size_t i = 0; i < content->tag_count; i++)
        length += text_code_points(content->tags[i]) + (strchr(content->tags[i], ' ') ? 2 : 0);
    return length;
}

static void check_words(const struct content *content, struct diags *diags)
{
    const char *title = youtube_title(content, diags->arena),
               *description = youtube_compose(content, 0, diags->arena);
    size_t tags = tags_length(content);
    if (strpbrk(title, "<>"))
        driver_finding(diags, DIAG_ERROR, "title", "youtube takes no '<' or '>' in a title: '%s'", title);
    if (strpbrk(description, "<>"))
        driver_finding(diags, DIAG_ERROR, "text", "youtube takes no '<' or '>' in a description");
    if (tags > TAGS_MOST)
        driver_finding(diags, DIAG_ERROR, "tags",
                       "the tags are %zu characters long together, youtube allows %d", tags, TAGS_MOST);
}

static void youtube_check(const struct account *account, const struct content *content, struct diags *diags)
{
    enum visibility visibility = content->visibility;
    (void)account;
    if (!youtube_video(content))
        driver_finding(diags, DIAG_ERROR, "no-video", "youtube has only videos: the post needs one");
    if (visibility != VISIBILITY_PUBLIC && visibility != VISIBILITY_UNLISTED)
        driver_finding(diags, DIAG_ERROR, "visibility", "youtube cannot show a video to '%s' only",
                       visibility_name(visibility));
    check_words(content, diags);
}

/* Files of 256 GB, 12 hours. Its own shapes are a matter of how a player shows them. */
static const struct video_limits video_limits = {
    .types = video_types, .most = 1, .max_bytes = INT64_C(274877906944), .max_length = HOURS(12)};

static const struct login logins[] = {
    {
        .kind = LOGIN_CODE,
        .where = "a project in the Google Cloud console needs the YouTube Data API v3, a consent screen that "
                 "is in "
                 "production (else a login ends after 7 days), and an OAuth client of type 'desktop app'",
        .client = youtube_client,
    },
    {0},
};

/* ---- remove ---- */

/* In YouTube's words: another page may be anybody's. */
static bool is_no_video(const struct response *response, struct arena *arena)
{
    return youtube_is_missing(response) && json_is_object(response_json(response, arena));
}

static void youtube_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (removal_is_due(job, NULL, arena, ret_step) && !youtube_session_step(job, arena, ret_step))
        youtube_request(job, arena, removal_step(ret_step), "DELETE", "/youtube/v3/videos?id=%s",
                        driver_escape(arena, removal_id(job)));
}

static void youtube_removed(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    if (response->status != 204 && !is_no_video(response, arena)) {
        youtube_refused(job, step, response, arena, ret_outcome);
        return;
    }
    *ret_outcome = removal_gone(job, arena);
    youtube_count(job, step, false, arena, ret_outcome);
}

/* ---- edit: what of the snippet is not given is taken away, so that what is there is looked at first ---- */

/* What of it the edit is not about is sent as it is there. */
static const struct revision_member not_words[] = {{"categoryId", 0},
                                                   {"defaultAudioLanguage", 0},
                                                   {"defaultLanguage", EDIT_LANGUAGE},
                                                   {"tags", EDIT_TAGS},
                                                   {0}};

static json_t *edited_snippet(const struct job *job, const char *seen, struct arena *arena)
{
    json_t *snippet = youtube_snippet(job, arena), *there = json_parse(seen, strlen(seen), NULL);
    revision_leave(job, not_words, snippet);
    for (const struct revision_member *member = not_words; member->name; member++) {
        bool ours = member->what && revision_touches(job, member->what);
        if (!ours && json_member(there, member->name))
            json_set(snippet, member->name, json_incref(json_member(there, member->name)));
    }
    json_decref(there);
    return snippet;
}

static void youtube_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *seen = json_text(json_member(job->memo, "edit"), "seen");
    if (!revision_is_due(job, NULL, arena, ret_step) || youtube_session_step(job, arena, ret_step))
        return;
    struct request *request = revision_step(job, arena, ret_step);
    if (!seen) {
        ret_step->name = "look";
        youtube_request(job, arena, request, "GET", "/youtube/v3/videos?part=snippet&id=%s",
                        driver_escape(arena, revision_id(job)));
        return;
    }
    youtube_request(job, arena, request, "PUT", "/youtube/v3/videos?part=snippet");
    driver_json_body(
        request, arena,
        json_pack("{s:s, s:o}", "id", revision_id(job), "snippet", edited_snippet(job, seen, arena)));
}

/* What an edit would take away, as text. */
static const char *seen_of(const json_t *snippet, struct arena *arena)
{
    json_t *there = json_object();
    for (const struct revision_member *member = not_words; member->name; member++)
        if (json_member(snippet, member->name))
            json_set(there, member->name, json_incref(json_member(snippet, member->name)));
    return driver_json_text(arena, there);
}

static void read_look(const struct job *job, const json_t *answer, struct arena *arena,
                      struct outcome *ret_outcome)
{
    const json_t *snippet = json_pointer(answer, "/items/0/snippet");
    if (snippet)
        ret_outcome->memo = revision_note(job, "seen", seen_of(snippet, arena), arena);
    else
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
}

static void youtube_edited(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = youtube_answer(job, step, response, arena, ret_outcome);
    if (!answer) {
        if (is_no_video(response, arena))
            outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
        ret_outcome->memo = revision_note(job, "seen", NULL, arena);
    } else if (!strcmp(step->name, "look")) {
        read_look(job, answer, arena, ret_outcome);
    } else {
        *ret_outcome = revision_done(job, arena);
        youtube_count(job, step, false, arena, ret_outcome);
    }
}

const struct network network_youtube = {
    .name = "youtube",
    .title = "YouTube",
    .features = FEATURE_IMAGES | FEATURE_TITLE | FEATURE_VISIBILITY | FEATURE_LANGUAGE,
    .max_images = 1, /* the thumbnail */
    .max_image_bytes = 2097152,
    .max_title = 100,
    .image_types = image_types,
    .video = &video_limits,
    .repeat = REPEAT_NEVER,
    .key_wait = SECONDS(5),
    .lead = HOURS(1),
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .keeps_session = true,
    .compose = youtube_compose,
    .check = youtube_check,
    .next = youtube_next,
    .read = youtube_read,
    .find = youtube_find,
    .found = youtube_found,
    .verify = youtube_verify,
    .verified = youtube_verified,
    .discard = youtube_discard,
    .discarded = youtube_discarded,
    .where = youtube_where,
    .remove = youtube_remove,
    .removed = youtube_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_BODY | EDIT_LINK | EDIT_TAGS | EDIT_LANGUAGE,
    .edit = youtube_edit,
    .edited = youtube_edited,
};
