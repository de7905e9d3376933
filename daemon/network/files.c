/*
 * The files driver: a post becomes a page and images in a directory. See files.h; what happens on disk is
 * publish/directory.c's. One step puts everything there, the page last.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/drivers.h"
#include "network/files.h"
#include "network/outcome.h"
#include "network/revision.h"

#define MEGABYTES(n) (INT64_C(1048576) * (n))

static const char *root_of(const struct account *account)
{
    return account_option(account, "directory");
}

static void set_directory(const struct job *job, const char *page, struct arena *arena,
                          struct request *request)
{
    struct directory *directory = arena_new_of(arena, struct directory);
    *directory = (struct directory){.root = root_of(job->account), .key = job->key};
    if (page) {
        directory->page = page;
        directory->mark = files_mark(job, arena);
    }
    *request = (struct request){.method = "PUT", .directory = directory};
}

/* The images, as parts of the request and as the page names them. */
static struct article_image *add_images(const struct job *job, const char *page, struct arena *arena,
                                        struct request *request)
{
    const struct media **all = article_media(job->content, arena, &request->part_count);
    struct form_part *parts = arena_alloc_array(arena, request->part_count + 1, sizeof *parts);
    struct article_image *images = arena_alloc_array(arena, request->part_count + 1, sizeof *images);
    for (size_t i = 0; i < request->part_count; i++) {
        struct files_image image = files_image(job, page, all[i], i + 1, arena);
        parts[i] = (struct form_part){.name = image.path, .media = all[i]};
        images[i] = (struct article_image){.media = all[i], .url = image.url};
    }
    request->parts = parts;
    return images;
}

static void files_next(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *page = files_path(job, arena);
    if (json_text(job->memo, "id")) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
        return;
    }
    *ret_step = (struct step){
        .kind = STEP_CREATE, .name = "write", .memo = json_in_arena(arena, json_pack("{s:s}", "path", page))};
    set_directory(job, page, arena, &ret_step->request);
    struct article_image *images = add_images(job, page, arena, &ret_step->request);
    ret_step->request.body = files_page(job, images, ret_step->request.part_count, arena);
    ret_step->request.body_length = strlen(ret_step->request.body);
}

/* ---- edit: the page alone, and only as long as it is as it was written ---- */

/* What the page of this content is; its images are where they are. */
static const char *page_of(struct job job, const struct content *content, const char *page,
                           struct arena *arena)
{
    struct request ignored = {0};
    job.content = content;
    struct article_image *images = add_images(&job, page, arena, &ignored);
    return files_page(&job, images, ignored.part_count, arena);
}

static void files_edit(const struct job *job, struct arena *arena, struct step *ret_step)
{
    const char *page = revision_id(job);
    if (!revision_is_due(job, NULL, arena, ret_step))
        return;
    struct request *request = revision_step(job, arena, ret_step);
    struct directory *directory = arena_new_of(arena, struct directory);
    *directory = (struct directory){.root = root_of(job->account),
                                    .page = page,
                                    .mark = files_mark(job, arena),
                                    .key = job->key,
                                    .was = page_of(*job, job->published, page, arena)};
    *request = (struct request){.method = "PUT", .directory = directory};
    request->body = page_of(*job, job->content, page, arena);
    request->body_length = strlen(request->body);
}

/* ---- what came of it ---- */

/* A directory that is not there, or shut, is looked at again: that costs nothing, and it may be mounted late. */
static const struct {
    int status;
    enum outcome_kind kind;
    enum scope scope;
} meanings[] = {
    {400, OUTCOME_REFUSED, SCOPE_ACCOUNT}, {403, OUTCOME_RETRY, SCOPE_ACCOUNT},
    {404, OUTCOME_RETRY, SCOPE_ACCOUNT},   {409, OUTCOME_REFUSED, SCOPE_POST},
    {410, OUTCOME_REFUSED, SCOPE_POST},    {500, OUTCOME_UNSURE, SCOPE_POST},
    {503, OUTCOME_RETRY, SCOPE_ACCOUNT},   {507, OUTCOME_RETRY, SCOPE_ACCOUNT},
};

static void judge(const struct response *response, struct arena *arena, struct outcome *ret_outcome)
{
    size_t i = 0;
    while (meanings[i].status != response->status)
        if (++i == sizeof meanings / sizeof *meanings)
            bug("no such status of a directory: %d", response->status);
    *ret_outcome = (struct outcome){0};
    outcome_set(ret_outcome, arena, meanings[i].kind, meanings[i].scope, "%s", response->body);
}

/* Where nothing was done its place is free to change: with a new time, or another slug. */
static void files_read(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    if (response->status != 200 && response->status != 201) {
        judge(response, arena, ret_outcome);
        if (!job->lost && ret_outcome->kind != OUTCOME_UNSURE)
            ret_outcome->memo = json_in_arena(arena, json_pack("{s:n}", "path"));
        return;
    }
    const char *url = files_permalink(job, arena), *page = step->request.directory->page;
    *ret_outcome = (struct outcome){
        .kind = OUTCOME_DONE,
        .id = page,
        .url = url ? outcome_clean_url(url, arena) : NULL,
    };
    outcome_remember(ret_outcome, arena);
}

/* A page that may not survive a power cut is written again. */
static void files_edited(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    (void)step;
    if (response->status == 200 || response->status == 201) {
        *ret_outcome = revision_done(job, arena);
        return;
    }
    judge(response, arena, ret_outcome);
    if (ret_outcome->kind == OUTCOME_UNSURE)
        ret_outcome->kind = OUTCOME_RETRY;
}

/* ---- the account ---- */

static void files_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    *ret_step = (struct step){.kind = STEP_PREPARE, .name = "look"};
    set_directory(job, NULL, arena, &ret_step->request);
}

static void files_verified(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    (void)step;
    if (response->status == 200)
        outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "can write in %s",
                    root_of(job->account));
    else
        judge(response, arena, ret_outcome);
}

/* ---- facts ---- */

static const char *files_compose(const struct content *content, size_t part, struct arena *arena)
{
    bool body = content->body && *content->body;
    return body ? files_markdown(content, NULL, 0, arena) : driver_first_with_link(content, part, arena);
}

static const char *files_where(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "%s/%s", root_of(job->account), files_path(job, arena));
}

static bool files_has_address(const struct account *account)
{
    return account_option(account, "permalink") != NULL;
}

static const char *const image_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};

const struct network network_files = {
    .name = "files",
    .title = "Files",
    .features = FEATURE_IMAGES | FEATURE_THREAD | FEATURE_BODY | FEATURE_TITLE | FEATURE_WARNING |
                FEATURE_LANGUAGE | FEATURE_CATEGORIES | FEATURE_MARKDOWN,
    .max_images = 50,
    .max_image_bytes = MEGABYTES(100),
    .image_types = image_types,
    .repeat = REPEAT_KEY,
    .options = files_options,
    .option_count = FILES_OPTIONS,
    .one_step = true,
    .compose = files_compose,
    .check_account = files_check_account,
    .next = files_next,
    .read = files_read,
    .verify = files_verify,
    .verified = files_verified,
    .where = files_where,
    .edits = EDIT_ALL,
    .edit = files_edit,
    .edited = files_edited,
    .has_address = files_has_address,
};
