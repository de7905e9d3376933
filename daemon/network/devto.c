/*
 * devto: articles on dev.to, or on another Forem, with an API key (developers.forem.com, v1).
 *
 * An article is first made as a draft whose title is made from the delivery's key: by it a lost one is found
 * again. It is filled before the slot, and publishing it is a change of that one article, which may be
 * repeated. There is no upload of images and no deletion: pictures are public URLs in the Markdown, and a
 * draft that is not published after all stays, which is told with its address.
 */
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/login.h"
#include "network/outcome.h"
#include "network/removal.h"
#include "network/revision.h"
#include "network/stage.h"
#include "network/text.h"

enum { TITLE_MOST = 128, TAGS_MOST = 4, LOOKS_MOST = 3 };

static const struct network_option options[] = {
    {.name = "url", .kind = OPTION_URL, .help = "address of the Forem (https://dev.to unless given)"},
    {.name = "api_key",
     .kind = OPTION_SECRET,
     .required = true,
     .help = "from Settings, Extensions, DEV API Keys"},
    {.name = "tags", .kind = OPTION_TEXTS, .max = 20, .help = "tags that every article gets"},
    {.name = "series",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 200,
     .help = "name of the series of all articles"},
    {.name = "organization",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = INT64_C(1000000000),
     .help = "its number, to publish for it"},
    {.name = "canonical_link",
     .kind = OPTION_FLAG,
     .help = "a post's link is the original's address: sent as canonical URL, not shown in the text"},
    {.name = "max_title",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 1000,
     .help = "characters (128 unless given)"},
    {.name = "max_tags",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 50,
     .help = "of an article (4 unless given)"},
};

static int64_t id_of(const struct job *job)
{
    return json_number(job->memo, "post", 0);
}

/* ---- requests and errors ---- */

static const char *site_of(const struct job *job)
{
    const char *url = account_option(job->account, "url");
    return url ? url : "https://dev.to";
}

static struct request request_to(const struct job *job, struct arena *arena, const char *method,
                                 const char *path, json_t *article)
{
    const char *key = account_secret(job->account, "api_key");
    struct request request = {.method = method, .url = driver_url(arena, site_of(job), "/api/%s", path)};
    request_header(&request, arena, "api-key", "%s", key ? key : "");
    request_header(&request, arena, "Accept", "application/vnd.forem.api-v1+json");
    if (article)
        driver_json_body(&request, arena, json_pack("{s:o}", "article", article));
    return request;
}

static const struct fault faults[] = {
    {NULL, 401, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the API key does not work: make a new one in the settings"},
    {NULL, 404, OUTCOME_REFUSED, SCOPE_POST, false, "the draft was deleted there; a retry makes a new one"},
    {NULL, 422, OUTCOME_REFUSED, SCOPE_POST, false,
     "it was refused; of a title or canonical URL that is taken there may be an article already: look there"},
};

/* The JSON of a good answer; else NULL, and the outcome says what is wrong. */
static json_t *answer_of(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    json_t *answer = response_json(response, arena);
    bool good = response->status >= 200 && response->status <= 299;
    const struct fault *fault = fault_find(faults, sizeof faults / sizeof *faults, "", response->status);
    if (good && (json_is_object(answer) || json_is_array(answer)))
        return answer;
    *ret_outcome = (struct outcome){0};
    if (good)
        outcome_set(ret_outcome, arena, step->kind == STEP_CREATE ? OUTCOME_UNSURE : OUTCOME_RETRY,
                    SCOPE_POST, "%s: answered %d without JSON", step->name, response->status);
    else if (fault)
        fault_tell(fault, step, response, job->now, json_text(answer, "error"), arena, ret_outcome);
    else if (!outcome_from_front(step, response, job->now, arena, ret_outcome))
        outcome_from_status(step, response, RESET_RETRY_AFTER, job->now, json_text(answer, "error"), arena,
                            ret_outcome);
    if (response->status == 429 && !ret_outcome->at) /* "try again in 30 seconds" */
        ret_outcome->at = job->now + SECONDS(30);
    if (response->status == 404)
        ret_outcome->memo = json_in_arena(arena, json_pack("{s:n, s:n, s:n}", "post", "looked", "filled"));
    else if (step->kind == STEP_PREPARE)
        ret_outcome->memo = json_in_arena(arena, json_pack("{s:b}", "doubt", true));
    return NULL;
}

/* ---- the draft ---- */

static const char *draft_title(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "cald-%.16s", job->key);
}

static bool is_draft_missing(const struct job *job)
{
    return !id_of(job);
}

static bool is_look_pending(const struct job *job)
{
    return is_draft_missing(job) && (!json_flag(job->memo, "looked", false) || stage_in_doubt(job));
}

static void ask_look(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = request_to(job, arena, "GET", "articles/me/unpublished?per_page=100", NULL);
}

static void read_look(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *list = answer_of(job, step, response, arena, ret_outcome);
    json_int_t id = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *title = json_text(json_array_get(list, i), "title");
        if (!id && title && !strcmp(title, draft_title(job, arena)))
            id = json_number(json_array_get(list, i), "id", 0);
    }
    if (id > 0)
        *ret_outcome = stage_next_with(arena, json_pack("{s:I, s:n}", "post", id, "doubt"));
    else if (list)
        *ret_outcome = stage_next_with(arena, json_pack("{s:b, s:n}", "looked", true, "doubt"));
}

static void ask_draft(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = request_to(job, arena, "POST", "articles",
                              json_pack("{s:s, s:s, s:b}", "title", draft_title(job, arena), "body_markdown",
                                        "…", "published", false));
}

static void read_draft(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *article = answer_of(job, step, response, arena, ret_outcome);
    json_int_t id = json_number(article, "id", 0);
    if (id > 0)
        *ret_outcome = stage_next_with(arena, json_pack("{s:I, s:n}", "post", id, "doubt"));
    else if (article)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_POST, "%s: the answer has no id", step->name);
}

static bool is_fill_pending(const struct job *job)
{
    char hash[SHA256_HEX];
    const char *filled = json_text(job->memo, "filled");
    return !filled || strcmp(filled, content_hash(job->content, hash)) != 0;
}

/* "a, b" */
static const char *tags_of(const struct account *account, const struct content *content, size_t *ret_count,
                           struct arena *arena)
{
    json_t *names = json_in_arena(
        arena, article_names(json_member(account->options, "tags"), content->tags, content->tag_count));
    const char *text = "";
    *ret_count = json_array_size(names);
    for (size_t i = 0; i < *ret_count; i++)
        text =
            arena_printf(arena, "%s%s%s", text, i ? ", " : "", json_string_value(json_array_get(names, i)));
    return text;
}

/* All parts are one article. */
static const char *markdown_of(const struct content *content, bool link_too, struct arena *arena)
{
    struct content own = *content;
    struct part whole = {.text = article_text(content, arena)};
    own.parts = &whole;
    own.part_count = 1;
    if (!link_too)
        own.link = NULL;
    return article_markdown(&own, 0, NULL, 0, false, arena);
}

/* What the article says, in a draft or out. */
static json_t *words_of(const struct job *job, struct arena *arena)
{
    size_t count;
    const struct content *content = job->content;
    int64_t organization = json_number(job->account->options, "organization", 0);
    bool canonical = json_flag(job->account->options, "canonical_link", false) && content->link;
    json_t *article = json_pack("{s:s, s:s, s:s, s:s?}", "title", article_title(content, arena),
                                "body_markdown", markdown_of(content, !canonical, arena), "tags",
                                tags_of(job->account, content, &count, arena), "canonical_url",
                                canonical ? content->link : NULL);
    json_set_text(article, "description", content->summary);
    json_set_text(article, "series", account_option(job->account, "series"));
    if (organization)
        json_set_number(article, "organization_id", organization);
    return article;
}

static void ask_fill(const struct job *job, struct arena *arena, struct request *ret_request)
{
    json_t *article = words_of(job, arena);
    json_set_flag(article, "published", false);
    *ret_request =
        request_to(job, arena, "PUT", arena_printf(arena, "articles/%lld", (long long)id_of(job)), article);
    ret_request->timeout = MINUTES(1);
}

static void read_fill(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome)
{
    char hash[SHA256_HEX];
    if (answer_of(job, step, response, arena, ret_outcome))
        *ret_outcome = stage_next_with(
            arena, json_pack("{s:s, s:n}", "filled", content_hash(job->content, hash), "doubt"));
}

/* ---- publish it ---- */

static void ask_publish(const struct job *job, struct arena *arena, struct request *ret_request)
{
    *ret_request = request_to(job, arena, "PUT", arena_printf(arena, "articles/%lld", (long long)id_of(job)),
                              json_pack("{s:b}", "published", true));
}

/* It is out when it has a date; an article may stay a draft at the first try, then a look-up tells. */
static void read_published(const json_t *article, struct arena *arena, struct outcome *ret_outcome)
{
    const char *date = json_text(article, "published_at");
    json_int_t id = json_number(article, "id", 0);
    *ret_outcome = (struct outcome){.kind = OUTCOME_DONE};
    if (id <= 0 || !((date && *date) || json_text(article, "published_timestamp"))) {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "publish: the answer does not say that it is out");
        return;
    }
    ret_outcome->id = arena_printf(arena, "%lld", (long long)id);
    ret_outcome->url = outcome_clean_url(json_text(article, "url"), arena);
    outcome_remember(ret_outcome, arena);
}

static void read_publish(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *article = answer_of(job, step, response, arena, ret_outcome);
    if (article)
        read_published(article, arena, ret_outcome);
}

static const struct stage stages[] = {
    {"find draft", STEP_PREPARE, 0, is_look_pending, ask_look, read_look},
    {"make draft", STEP_PREPARE, STAGE_MAKES, is_draft_missing, ask_draft, read_draft},
    {"fill draft", STEP_PREPARE, 0, is_fill_pending, ask_fill, read_fill},
    {"publish", STEP_CREATE, 0, stage_always, ask_publish, read_publish},
};
static const struct stage_group groups[] = {STAGE_GROUP(stages)};
static const struct stage_table table = STAGE_TABLE(groups);

static void devto_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    stage_next(&table, job, arena, ret_step);
}

static void devto_read(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    stage_read(&table, job, step, response, arena, ret_outcome);
}

/* ---- find: only what is published is shown under its number ---- */

static void devto_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look up the article"};
    ret_step->request =
        request_to(job, arena, "GET", arena_printf(arena, "articles/%lld", (long long)id_of(job)), NULL);
}

/* Publishing it once more publishes it once; but not for ever. */
static void devto_found(const struct job *job, const struct step *step, const struct response *response,
                        struct arena *arena, struct outcome *ret_outcome)
{
    json_int_t looks = json_number(job->memo, "looks", 0) + 1;
    if (response->status == 404) {
        *ret_outcome = stage_next_with(arena, json_pack("{s:I}", "looks", looks));
        outcome_set(ret_outcome, arena, looks < LOOKS_MOST ? OUTCOME_NOT_FOUND : OUTCOME_UNSURE, SCOPE_POST,
                    "the article is still a draft, or was deleted");
        return;
    }
    const json_t *article = answer_of(job, step, response, arena, ret_outcome);
    ret_outcome->memo = NULL;
    if (article)
        read_published(article, arena, ret_outcome);
}

/* ---- verify ---- */

static void devto_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "check the key"};
    ret_step->request = request_to(job, arena, "GET", "users/me", NULL);
}

static void devto_verified(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *answer = answer_of(job, step, response, arena, ret_outcome);
    const char *name = json_text(answer, "username");
    ret_outcome->memo = NULL;
    if (!answer)
        return;
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, name ? OUTCOME_DONE : OUTCOME_REFUSED, SCOPE_ACCOUNT,
                name ? "%s on %s" : "%sno Forem at '%s'", name ? outcome_said(name, arena) : "",
                site_of(job));
}

/* ---- discard: it can only be told where the draft is ---- */

static void devto_discard(const struct job *job, struct arena *arena, struct step *ret_step)
{
    bool over = json_flag(json_member(job->memo, "discard"), "told", false) || !id_of(job);
    *ret_step = (struct step){.kind = over ? STEP_DONE : STEP_PREPARE, .name = "look at the draft"};
    if (!over)
        ret_step->request = request_to(job, arena, "GET", "articles/me/unpublished?per_page=100", NULL);
}

static void devto_discarded(const struct job *job, const struct step *step, const struct response *response,
                            struct arena *arena, struct outcome *ret_outcome)
{
    const json_t *list = answer_of(job, step, response, arena, ret_outcome);
    ret_outcome->memo = NULL;
    if (!list)
        return;
    *ret_outcome = stage_next_with(arena, json_pack("{s:{s:b}}", "discard", "told", true));
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_number(json_array_get(list, i), "id", 0) == id_of(job))
            ret_outcome->message =
                arena_printf(arena, "its draft stays: the API deletes nothing; delete it at %s",
                             driver_url(arena, site_of(job), "/dashboard"));
}

/* ---- facts ---- */

static const char *devto_compose(const struct content *content, size_t part, struct arena *arena)
{
    bool body = content->body && *content->body;
    return body ? markdown_of(content, true, arena) : arena_strdup(arena, content->parts[part].text);
}

static void devto_check(const struct account *account, const struct content *content, struct diags *diags)
{
    size_t tags, title = text_code_points(article_title(content, diags->arena));
    size_t most_title = (size_t)json_number(account->options, "max_title", TITLE_MOST);
    size_t most_tags = (size_t)json_number(account->options, "max_tags", TAGS_MOST);
    tags_of(account, content, &tags, diags->arena);
    if (title > most_title)
        driver_finding(diags, DIAG_ERROR, "title-length", "title is %zu characters long, devto allows %zu",
                       title, most_title);
    if (tags > most_tags)
        driver_finding(diags, DIAG_ERROR, "tags", "%zu tags, devto allows %zu", tags, most_tags);
    if (!strncmp(markdown_of(content, true, diags->arena), "---", 3))
        driver_finding(
            diags, DIAG_ERROR, "body",
            "the text begins with '---': dev.to reads that as front matter, which overrides title and tags");
}

static const char *devto_where(const struct job *job, struct arena *arena)
{
    return driver_url(arena, site_of(job), "/dashboard");
}

static const struct login logins[] = {
    {.kind = LOGIN_SECRET,
     .secret = "api_key",
     .what = "API key",
     .where = "Settings, Extensions, DEV Community API Keys"},
    {0},
};

/* ---- remove: there is no deletion; it is made a draft again, which nobody else sees ---- */

static void devto_remove(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!removal_is_due(job, site_of(job), arena, ret_step))
        return;
    const char *path = arena_printf(arena, "articles/%s", driver_escape(arena, removal_id(job)));
    *removal_step(ret_step) = request_to(job, arena, "PUT", path, json_pack("{s:b}", "published", false));
}

static void devto_removed(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    bool missing = response->status == 404 && json_is_object(response_json(response, arena));
    if (missing || answer_of(job, step, response, arena, ret_outcome))
        *ret_outcome = removal_gone(job, arena);
    else
        ret_outcome->memo = NULL; /* which is about drafts */
}

/* ---- edit ---- */

/* Where it belongs to may be otherwise there by now; so may what the edit is not about. */
static const struct revision_member not_words[] = {{"series", 0},
                                                   {"organization_id", 0},
                                                   {"tags", EDIT_TAGS},
                                                   {"description", EDIT_SUMMARY},
                                                   {"canonical_url", EDIT_LINK},
                                                   {0}};

static void devto_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (!revision_is_due(job, site_of(job), arena, ret_step))
        return;
    const char *path = arena_printf(arena, "articles/%s", driver_escape(arena, revision_id(job)));
    struct request *request = revision_step(job, arena, ret_step);
    json_t *article = words_of(job, arena);
    if (!job->content->summary)
        json_set_text(article, "description", "");
    revision_leave(job, not_words, article);
    *request = request_to(job, arena, "PUT", path, article);
    request->timeout = MINUTES(1);
}

static void devto_edited(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    if (answer_of(job, step, response, arena, ret_outcome))
        *ret_outcome = revision_done(job, arena);
    else if (response->status == 404)
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_POST, REVISION_GONE);
    if (ret_outcome->kind != OUTCOME_NEXT)
        ret_outcome->memo = NULL; /* which is about drafts */
}

const struct network network_devto = {
    .name = "devto",
    .title = "dev.to",
    .features = FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING | FEATURE_MARKDOWN,
    .repeat = REPEAT_NEVER,
    .key_wait = SECONDS(5),
    .logins = logins,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .compose = devto_compose,
    .check = devto_check,
    .next = devto_next,
    .read = devto_read,
    .find = devto_find,
    .found = devto_found,
    .verify = devto_verify,
    .verified = devto_verified,
    .discard = devto_discard,
    .discarded = devto_discarded,
    .where = devto_where,
    .remove = devto_remove,
    .removed = devto_removed,
    .edits = EDIT_TEXT | EDIT_TITLE | EDIT_BODY | EDIT_SUMMARY | EDIT_LINK | EDIT_TAGS | EDIT_WARNING,
    .edit = devto_edit,
    .edited = devto_edited,
};
