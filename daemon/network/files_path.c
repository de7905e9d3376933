/*
 * What the files of a post are called. Only letters, digits, '-', '_' and '.' of a value get into a name, and
 * none begins with '.': what a post says leads nowhere else than the template does.
 */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/driver.h"
#include "network/files.h"
#include "network/template.h"

#define DEFAULT_PATH "{{year}}-{{month}}-{{day}}-{{slug}}.md"

enum { HASH_SHOWN = 8 };

static const char *const names[] = {"year", "month", "day",     "hour",    "minute",
                                    "slug", "post",  "account", "language"};

bool files_check_template(const struct account *account, const char *name, struct error *err)
{
    struct error why;
    return template_check(account_option(account, name), names, sizeof names / sizeof *names, &why) ||
           fail(err, "'%s': %s", name, why.message);
}

/* ---- values ---- */

static const char *word(const char *text, struct arena *arena)
{
    char *copy = arena_strdup(arena, text ? text : "");
    for (char *c = copy; *c; c++)
        if (!isalnum((unsigned char)*c) && (!strchr("-_.", *c) || (c == copy && *c == '.')))
            *c = '-';
    return copy;
}

/* The author's wish, else the post's id, which is as unique. */
static const char *slug_of(const struct job *job, struct arena *arena)
{
    return word(job->content->slug ? job->content->slug : job->post_id, arena);
}

/* Of the slot, as the calendar's clock shows it. */
static struct tm time_of(const struct job *job)
{
    time_t seconds = (time_t)(job->slot / 1000) + job->utc_offset;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    return tm;
}

static json_t *values_of(const struct job *job, struct arena *arena)
{
    struct tm tm = time_of(job);
    const struct {
        const char *name;
        int width, number;
    } numbers[] = {{"year", 4, tm.tm_year + 1900},
                   {"month", 2, tm.tm_mon + 1},
                   {"day", 2, tm.tm_mday},
                   {"hour", 2, tm.tm_hour},
                   {"minute", 2, tm.tm_min}};
    json_t *values = json_in_arena(arena, json_object());
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_set_text(values, numbers[i].name,
                      arena_printf(arena, "%0*d", numbers[i].width, numbers[i].number));
    json_set_text(values, "slug", slug_of(job, arena));
    json_set_text(values, "post", word(job->post_id, arena));
    json_set_text(values, "account", word(job->account->name, arena));
    json_set_text(values, "language", word(job->content->language ? job->content->language : "und", arena));
    return values;
}

static const char *render(const struct job *job, const char *template, struct arena *arena)
{
    struct buf out = {0};
    template_render(template, TEMPLATE_PLAIN, template_member, values_of(job, arena), &out);
    const char *text = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return text;
}

/* ---- names ---- */

const char *files_path(const struct job *job, struct arena *arena)
{
    const char *fixed = json_text(job->memo, "path"), *template = account_option(job->account, "path");
    return fixed ? fixed : render(job, template ? template : DEFAULT_PATH, arena);
}

const char *files_permalink(const struct job *job, struct arena *arena)
{
    const char *template = account_option(job->account, "permalink");
    return template ? render(job, template, arena) : NULL;
}

/* Its hash is part of its name: what has this name already is the same picture. */
static const char *image_name(const struct job *job, const struct media *media, size_t number,
                              struct arena *arena)
{
    const char *slash = strchr(media->mime, '/'), *type = slash ? slash + 1 : "bin";
    return arena_printf(arena, "%s-%zu-%.*s.%s", slug_of(job, arena), number, HASH_SHOWN, media->sha256,
                        strcmp(type, "jpeg") ? type : "jpg");
}

struct files_image files_image(const struct job *job, const char *page, const struct media *media,
                               size_t number, struct arena *arena)
{
    const char *name = image_name(job, media, number, arena), *slash = strrchr(page, '/');
    const char *images = account_option(job->account, "images"),
               *url = account_option(job->account, "image_url");
    if (!images)
        return (struct files_image){
            .path = slash ? arena_printf(arena, "%.*s/%s", (int)(slash - page), page, name) : name,
            .url = name};
    return (struct files_image){.path = arena_printf(arena, "%s/%s", render(job, images, arena), name),
                                .url = driver_url(arena, render(job, url, arena), "/%s", name)};
}
