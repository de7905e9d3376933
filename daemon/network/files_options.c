/*
 * The options of a files account: the directory, what files are called in it, where their addresses are.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/files.h"
#include "network/template.h"

static const char *const formats[] = {"yaml", "toml", NULL};

const struct network_option files_options[] = {
    {.name = "directory",
     .kind = OPTION_PATH,
     .required = true,
     .help = "the site's directory; it must exist, and cald must be allowed to write in it"},
    {.name = "path",
     .kind = OPTION_TEXT,
     .max = 500,
     .help = "where in it a post's page is, with {{year}} {{month}} {{day}} {{hour}} {{minute}} {{slug}} "
             "{{post}} "
             "{{account}} {{language}} (default: {{year}}-{{month}}-{{day}}-{{slug}}.md)"},
    {.name = "permalink",
     .kind = OPTION_TEXT,
     .max = 1000,
     .help = "the page's address, with the same placeholders; without it cald tells none"},
    {.name = "images",
     .kind = OPTION_TEXT,
     .max = 500,
     .help = "where in the directory images are, with the same placeholders (default: beside the page)"},
    {.name = "image_url",
     .kind = OPTION_TEXT,
     .max = 1000,
     .help = "how pages name that place: /img, or https://cdn.example.org/img; needed with 'images'"},
    {.name = "format",
     .kind = OPTION_WORD,
     .words = formats,
     .help = "of the front matter: yaml (default) or toml"},
    {.name = "front_matter",
     .kind = OPTION_MAP,
     .max = 50,
     .help = "texts that stand in every page's front matter, such as layout: post"},
    {.name = "tags", .kind = OPTION_TEXTS, .max = 20, .help = "tags that every post gets"},
};

bool files_is_toml(const struct account *account)
{
    const char *format = account_option(account, "format");
    return format && !strcmp(format, "toml");
}

/* ---- whether they can work ---- */

static bool check_path(const struct account *account, const char *name, struct error *err)
{
    const char *path = account_option(account, name);
    if (!path)
        return true;
    if (!driver_is_path(path))
        return fail(err,
                    "'%s' must be a path within 'directory', such as content/posts/{{slug}}.md: it begins "
                    "with no '/' "
                    "and has no '.', '..' or empty part",
                    name);
    return files_check_template(account, name, err);
}

/* Else the second post would find the first in its place. */
static bool check_own(const struct account *account, struct error *err)
{
    const char *path = account_option(account, "path");
    return !path || template_uses(path, "slug") || template_uses(path, "post") ||
           fail(err, "'path' needs {{slug}} or {{post}}: each post is a file of its own");
}

static bool check_permalink(const struct account *account, struct error *err)
{
    const char *url = account_option(account, "permalink");
    if (!url)
        return true;
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
        return fail(err, "'permalink' must begin with https:// or http://");
    return files_check_template(account, "permalink", err);
}

static bool check_images(const struct account *account, struct error *err)
{
    const char *images = account_option(account, "images"), *url = account_option(account, "image_url");
    if (!images != !url)
        return fail(err, images ? "'images' needs 'image_url': how do pages name that place?"
                                : "'image_url' is of 'images': without it they are beside the page");
    return check_path(account, "images", err) && (!url || files_check_template(account, "image_url", err));
}

static bool is_field_name(const char *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return strspn(name, first) && !name[strspn(name, others)];
}

static bool check_front_matter(const struct account *account, struct error *err)
{
    static const char *const ours[] = {"title", "date", "slug",   "description", "tags",
                                       "lang",  "link", "images", "categories",  "cald"};
    const char *name;
    json_t *value;
    json_object_foreach(json_member(account->options, "front_matter"), name, value)
    {
        if (!is_field_name(name))
            return fail(err, "'%s' in 'front_matter' must be a letter, then letters, digits, '_' or '-'",
                        name);
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            if (!strcmp(name, ours[i]))
                return fail(err, "'%s' in 'front_matter' is cald's to write", name);
    }
    return true;
}

bool files_check_account(const struct account *account, struct error *err)
{
    return check_path(account, "path", err) && check_own(account, err) && check_permalink(account, err) &&
           check_images(account, err) && check_front_matter(account, err);
}
