/*
 * See documents_internal.h: which files the calendar is made of. An entry of 'calendar' that ends in '/' is a
 * directory: all its .yaml files are the calendar's, by name; one that comes or goes is noticed. What they
 * say is not known here.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "documents_internal.h"

enum { FILES_MOST = 1000 };

void reading_calendar(struct reading *reading, const struct calendar_file *files, size_t count,
                      bool any_account)
{
    struct documents *documents = reading->documents;
    struct calendar_world world = reading_world(reading, any_account);
    reading->calendar_files = files;
    reading->calendar_file_count = count;
    documents->calendar = calendar_load(files, count, &world, documents->arena, &documents->diags);
}

struct paths {
    const char **items;
    size_t count;
    bool has_draft;
};

static void add_path(struct reading *reading, struct paths *paths, const char *path)
{
    const struct documents_draft *draft = reading->draft;
    paths->has_draft = paths->has_draft || (draft && !strcmp(draft->path, path));
    *arena_push(reading->trees, paths->items, paths->count) = path;
}

/* Whether the draft would be in this directory, and has its place before this path (NULL: at the end). */
static bool is_drafts_turn(const struct reading *reading, const struct paths *paths, const char *directory,
                           const char *before)
{
    const struct documents_draft *draft = reading->draft;
    size_t length = strlen(directory);
    return draft && !paths->has_draft && !strncmp(draft->path, directory, length) &&
           !strchr(draft->path + length, '/') && file_is_listed(draft->path + length, ".yaml") &&
           (!before || strcmp(draft->path, before) < 0);
}

static bool add_directory(struct reading *reading, struct paths *paths, const char *directory)
{
    const struct documents_source *source = reading->source;
    const char **found = NULL;
    size_t count = 0;
    struct error err;
    reading_watch(reading, directory);
    if (!(source ? source->list(source->context, directory, FILES_MOST, reading->trees, &found, &count, &err)
                 : file_list(directory, ".yaml", FILES_MOST, reading->trees, &found, &count, &err))) {
        diags_add(&reading->documents->diags, &(struct diag){.level = DIAG_ERROR,
                                                             .file = directory,
                                                             .rule = "no-such-file",
                                                             .message = err.message});
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_drafts_turn(reading, paths, directory, found[i]))
            add_path(reading, paths, reading->draft->path);
        add_path(reading, paths, found[i]);
    }
    if (is_drafts_turn(reading, paths, directory, NULL))
        add_path(reading, paths, reading->draft->path);
    return true;
}

/* Said by itself: "is a directory, not a file" would not tell what to write. */
static bool add_file(struct reading *reading, struct paths *paths, const char *path)
{
    struct stat st;
    if (reading->source || stat(path, &st) || !S_ISDIR(st.st_mode)) {
        add_path(reading, paths, path);
        return true;
    }
    diags_add(&reading->documents->diags, &(struct diag){.level = DIAG_ERROR,
                                                         .file = path,
                                                         .rule = "no-such-file",
                                                         .message = "this is a directory",
                                                         .remedy = "write it with '/' at its end in cald.yaml, "
                                                                   "and all its .yaml files are read"});
    return false;
}

static bool find_paths(struct reading *reading, const struct settings *settings, struct paths *paths)
{
    bool ok = true;
    for (size_t i = 0; i < settings->calendar_file_count; i++) {
        const char *path = settings->calendar_files[i];
        bool is_directory = path[strlen(path) - 1] == '/';
        ok = (is_directory ? add_directory : add_file)(reading, paths, path) && ok;
    }
    if (reading->draft && !paths->has_draft)
        add_path(reading, paths, reading->draft->path);
    if (ok && !paths->count)
        diags_add(&reading->documents->diags, &(struct diag){.level = DIAG_ERROR,
                                                             .file = settings->path,
                                                             .rule = "no-such-file",
                                                             .message = "there is no file of the calendar"});
    return ok && paths->count;
}

void reading_own_calendar(struct reading *reading, const struct settings *settings)
{
    struct paths paths = {0};
    size_t read = 0;
    if (!find_paths(reading, settings, &paths))
        return;
    struct calendar_file *files = arena_alloc_array(reading->trees, paths.count, sizeof *files);
    for (size_t i = 0; i < paths.count; i++) {
        files[i] = reading_calendar_file(reading, paths.items[i]);
        read += files[i].root != NULL;
    }
    if (read == paths.count) /* of half a calendar every other reference would be wrong */
        reading_calendar(reading, files, paths.count, false);
}
