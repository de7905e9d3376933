/*
 * See settings.h: cald.yaml but its accounts (settings_account.c). Reads nothing from disk; which users,
 * groups or files exist is found out by those who use them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "settings_internal.h"

/* from ROLE_VIEWER on */
static const char *const role_words[] = {"viewer", "author", "editor", "admin", NULL};
static const char *const unsure_words[] = {"go_on", "wait", NULL};                     /* enum unsure_then */
static const char *const apply_words[] = {"auto", "on_request", NULL}; /* enum apply_mode */

const char *role_name(enum role role)
{
    return role == ROLE_NONE ? "none" : role_words[role - ROLE_VIEWER];
}

bool role_parse(const char *name, enum role *ret_role)
{
    for (int i = 0; role_words[i]; i++) {
        if (!strcmp(role_words[i], name)) {
            *ret_role = (enum role)(ROLE_VIEWER + i);
            return true;
        }
    }
    return false;
}

const char *settings_path(struct bind *bind, const char *path)
{
    const struct settings_reader *reader = bind->context;
    char *joined = file_join(reader->settings->directory, path);
    const char *copy = arena_strdup(bind->arena, joined);
    free(joined);
    return copy;
}

bool settings_read_path(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field form = {.kind = FIELD_TEXT, .max = 1024, .valid = is_one_line,
                                      .expected = EXPECTED_LINE};
    struct field text = form;
    const char *path;
    text.name = field->name;
    if (!bind_value(bind, &text, value, &path))
        return false;
    *(const char **)member = settings_path(bind, path);
    return true;
}

struct calendar_paths {
    const char *const *items;
    size_t count;
};

/* 'calendar': a path, or a list of them. */
static bool read_calendars(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    bool is_list = value->kind == YAML_LIST;
    size_t count = is_list ? value->count : 1;
    const char **paths = arena_alloc_array(bind->arena, count, sizeof *paths);
    bool ok = count || bind_fail(bind, value, NULL, "'calendar' is empty");
    if (count > 100)
        ok = bind_fail(bind, value, NULL, "'calendar' has more than 100 files");
    for (size_t i = 0; i < count; i++)
        ok = settings_read_path(bind, field, is_list ? value->items[i] : value, &paths[i]) && ok;
    *(struct calendar_paths *)member = (struct calendar_paths){paths, count};
    return ok;
}

/* Nothing is resolved to listen. */
bool settings_is_listen_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
    if (!colon || colon == text || !digits || digits > 5 || colon[1 + digits] || atoi(colon + 1) > 65535)
        return false;
    size_t length = (size_t)(colon - text);
    if (*text == '[')
        return length > 2 && text[length - 1] == ']' &&
               strspn(text + 1, "0123456789abcdefABCDEF:.") == length - 2;
    return strspn(text, "0123456789.") == length;
}

static bool is_host_name(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr(".-:[]", *c))
            return false;
    return true;
}

struct raw_grant {
    const char *user, *group;
    int role;
};

static const struct field grant_fields[] = {
    {"user", FIELD_TEXT, offsetof(struct raw_grant, user), .max = 64, .valid = is_one_line, .expected = EXPECTED_LINE},
    {"group", FIELD_TEXT, offsetof(struct raw_grant, group), .max = 64, .valid = is_one_line,
     .expected = EXPECTED_LINE},
    {"role", FIELD_WORD, offsetof(struct raw_grant, role), .required = true, .words = role_words},
};

static bool read_grants(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    static const struct field form = {.kind = FIELD_MAPS, .item_size = sizeof(struct raw_grant), .max = 100,
                                      FIELDS(grant_fields)};
    struct settings *settings = ((struct settings_reader *)bind->context)->settings;
    struct field maps = form;
    struct list raw;
    (void)member;
    maps.name = field->name;
    if (!bind_value(bind, &maps, value, &raw))
        return false;
    struct role_grant *grants = arena_alloc_array(bind->arena, raw.count, sizeof *grants);
    for (size_t i = 0; i < raw.count; i++) {
        const struct raw_grant *r = (struct raw_grant *)raw.items + i;
        if (!r->user == !r->group)
            return bind_fail(bind, value->items[i], NULL, "an entry of 'roles' needs either 'user' or 'group'");
        grants[i] = (struct role_grant){.is_group = r->group != NULL, .name = r->group ? r->group : r->user,
                                        .role = (enum role)(ROLE_VIEWER + r->role)};
    }
    settings->grants = grants;
    settings->grant_count = raw.count;
    return true;
}

const struct field retry_fields[] = {
    {"give_up", FIELD_DURATION, offsetof(struct retry_policy, give_up), .max = DAYS(366)},
};
_Static_assert(sizeof retry_fields / sizeof *retry_fields == RETRY_FIELDS, "retry_fields");

const struct field unsure_fields[] = {
    {"then", FIELD_WORD, offsetof(struct unsure_policy, then), .words = unsure_words},
};
_Static_assert(sizeof unsure_fields / sizeof *unsure_fields == UNSURE_FIELDS, "unsure_fields");
_Static_assert(sizeof(enum unsure_then) == sizeof(int), "FIELD_WORD writes an int");

struct control {
    const char *socket, *group, *listen, *tokens;
    struct texts hosts;
};

static const struct field control_fields[] = {
    {"socket", FIELD_READ, offsetof(struct control, socket), .read = settings_read_path},
    {"group", FIELD_TEXT, offsetof(struct control, group), .max = 64, .valid = is_one_line,
     .expected = EXPECTED_LINE},
    {"listen", FIELD_TEXT, offsetof(struct control, listen), .max = 64, .valid = settings_is_listen_address,
     .expected = EXPECTED_LISTEN},
    {"hosts", FIELD_TEXTS, offsetof(struct control, hosts), .max = 32, .item_max = 255, .valid = is_host_name,
     .expected = "a host name such as example.org"},
    {"tokens", FIELD_READ, offsetof(struct control, tokens), .read = settings_read_path},
    {"roles", FIELD_READ, 0, .read = read_grants},
};

struct raw_settings {
    int64_t version, concurrency;
    struct calendar_paths calendar;
    const char *charter, *media, *state, *image_tool;
    duration horizon, lead;
    struct control control;
    struct late_policy late;
    struct retry_policy retry;
    struct unsure_policy unsure;
    enum apply_mode apply;
    bool insecure, private_addresses;
    const char *ca_file;
};
_Static_assert(sizeof(enum apply_mode) == sizeof(int), "FIELD_WORD writes an int");

#define AT(member) .offset = offsetof(struct raw_settings, member)

static const struct field outgoing_fields[] = {
    {"insecure", FIELD_FLAG, AT(insecure)},
    {"private_addresses", FIELD_FLAG, AT(private_addresses)},
    {"concurrency", FIELD_INTEGER, AT(concurrency), .min = 1, .max = 1000},
    {"ca_file", FIELD_READ, AT(ca_file), .read = settings_read_path},
};

/* Without the accounts, the hook and the media's URLs: they are read after all else, whose values they need. */
static const struct field settings_fields[] = {
    {"version", FIELD_INTEGER, AT(version), .min = 1, .max = 1},
    {"calendar", FIELD_READ, AT(calendar), .required = true, .read = read_calendars},
    {"charter", FIELD_READ, AT(charter), .read = settings_read_path},
    {"media", FIELD_READ, AT(media), .read = settings_read_path},
    {"state", FIELD_READ, AT(state), .required = true, .read = settings_read_path},
    {"image_tool", FIELD_READ, AT(image_tool), .read = settings_read_path},
    {"apply", FIELD_WORD, AT(apply), .words = apply_words},
    {"horizon", FIELD_DURATION, AT(horizon), .min = DAYS(1), .max = DAYS(3660)},
    {"lead", FIELD_DURATION, AT(lead), .max = DAYS(1)},
    {"control", FIELD_MAP, AT(control), FIELDS(control_fields)},
    {"late", FIELD_MAP, AT(late), .fields = late_fields, .field_count = LATE_FIELDS},
    {"retry", FIELD_MAP, AT(retry), .fields = retry_fields, .field_count = RETRY_FIELDS},
    {"unsure", FIELD_MAP, AT(unsure), .fields = unsure_fields, .field_count = UNSURE_FIELDS},
    {"on_failure", FIELD_SKIP, 0, .required = false},
    {"media_urls", FIELD_SKIP, 0, .required = false},
    {"outgoing", FIELD_MAP, 0, FIELDS(outgoing_fields)},
    {"accounts", FIELD_SKIP, 0, .required = true},
};

static void take(struct settings *settings, const struct raw_settings *raw, struct arena *arena)
{
    settings->calendar_files = raw->calendar.items;
    settings->calendar_file_count = raw->calendar.count;
    settings->charter_file = raw->charter;
    settings->media_root = raw->media ? raw->media : settings->directory;
    const char *state = raw->state ? raw->state : "";
    settings->state = raw->state;
    settings->uploads = arena_printf(arena, "%s/media", state);
    settings->image_tool = raw->image_tool ? raw->image_tool : IMAGE_TOOL;
    settings->image_tool_found = access(settings->image_tool, X_OK) == 0;
    settings->socket = raw->control.socket ? raw->control.socket : arena_printf(arena, "%s/cald.sock", state);
    settings->socket_group = raw->control.group;
    settings->tcp_address = raw->control.listen;
    settings->hosts = raw->control.hosts.items;
    settings->host_count = raw->control.hosts.count;
    settings->tokens_file = raw->control.tokens;
    settings->apply = raw->apply;
    settings->horizon = raw->horizon;
    settings->lead = raw->lead;
    settings->concurrency = (unsigned)raw->concurrency;
    settings->insecure = raw->insecure;
    settings->private_addresses = raw->private_addresses;
    settings->ca_file = raw->ca_file;
}

static void set_path(struct settings *settings, const char *path, struct arena *arena)
{
    char *directory = file_directory(path);
    settings->path = arena_strdup(arena, path);
    settings->directory = arena_strdup(arena, directory);
    free(directory);
}

/* All but the accounts and what needs them; what is right of it is taken although something else is not. */
static bool read_fields(struct bind *bind, const struct yaml *root, struct raw_settings *ret_raw, struct settings *settings)
{
    struct raw_settings raw = {.horizon = DAYS(60), .lead = MINUTES(5), .concurrency = 64,
                               .late = {.grace = HOURS(1), .then = MISSED_HOLD}, .retry = {.give_up = DAYS(1)}};
    set_path(settings, bind->file, bind->arena);
    bool ok = bind_map(bind, root, "cald.yaml", settings_fields, sizeof settings_fields / sizeof *settings_fields, &raw);
    take(settings, &raw, bind->arena);
    *ret_raw = raw;
    return ok;
}

const char *settings_socket(const char *path, const struct yaml *root, struct arena *arena)
{
    struct diags ignored = diags_in(arena);
    struct settings settings = {0};
    struct settings_reader reader = {.settings = &settings};
    struct bind bind = {.file = path, .arena = arena, .diags = &ignored, .context = &reader};
    struct raw_settings raw;
    read_fields(&bind, root, &raw, &settings);
    return raw.state || raw.control.socket ? settings.socket : NULL;
}

const struct settings *settings_load(const char *path, const struct yaml *root, struct arena *arena,
                                     struct diags *diags)
{
    static const struct field last[] = {
        {"on_failure", FIELD_READ, offsetof(struct settings, on_failure), .read = settings_read_hook},
        {"media_urls", FIELD_READ, offsetof(struct settings, media_urls), .read = settings_read_media_urls},
        {"accounts", FIELD_READ, 0, .read = settings_read_accounts},
    };
    struct settings *settings = arena_new_of(arena, struct settings);
    struct settings_reader reader = {.settings = settings};
    struct bind bind = {.file = path, .arena = arena, .diags = diags, .context = &reader};
    struct raw_settings raw;
    bool ok = read_fields(&bind, root, &raw, settings);
    reader.late = raw.late;
    reader.retry = raw.retry;
    reader.unsure = raw.unsure;
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        const struct yaml *node = yaml_get(root, last[i].name);
        if (node)
            ok = bind_value(&bind, &last[i], node, (char *)settings + last[i].offset) && ok;
    }
    return ok ? settings : NULL;
}

const struct settings_account *settings_account(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->account_count; i++)
        if (!strcmp(settings->accounts[i].account.name, name))
            return &settings->accounts[i];
    return NULL;
}

/* ---- what only a start takes up ---- */

void settings_warn_of_restart(const struct settings *started, const struct settings *now, struct diags *diags)
{
    const struct {
        const char *name, *was, *is;
    } fixed[] = {
        {"state", started->state, now->state},
        {"control: socket", started->socket, now->socket},
        {"control: group", started->socket_group, now->socket_group},
        {"control: listen", started->tcp_address, now->tcp_address},
        {"media_urls: listen", started->media_urls.listen, now->media_urls.listen},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        const char *was = fixed[i].was ? fixed[i].was : "", *is = fixed[i].is ? fixed[i].is : "";
        if (!strcmp(was, is))
            continue;
        const char *message =
            arena_printf(diags->arena, "'%s' is another than when cald started", fixed[i].name);
        diags_add(diags, &(struct diag){.level = DIAG_WARNING, .file = now->path, .rule = "restart",
                                        .message = message,
                                        .remedy = "it holds from the next start: restart cald"});
    }
}
