/*
 * See settings.h: the accounts of cald.yaml. What an account's keys are comes from its network's option
 * table, so that a new network is described in one place; a secret is only located here, never read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/host.h"
#include "base/json.h"
#include "settings_internal.h"

enum { OPTIONS_MOST = 40, TEXT_MOST = 10000, LIST_MOST = 1000 };

struct account_reader { /* bind.context while one account's options are read */
    struct settings_reader *outer;
    const struct network_option *option;
    struct settings_account *account;
    struct secret_source *sources;
    size_t source_count;
    json_t *options;
};

/* ---- one option ---- */

bool settings_check_url(struct bind *bind, const struct settings *settings, const char *name, const char *url,
                        const struct yaml *value)
{
    if (strncmp(url, "http://", 7) != 0 || url_is_loopback(url) || settings->insecure)
        return true;
    return bind_fail(bind, value, "insecure-url",
                     "'%s' must begin with https:// (http:// is for this machine only, unless 'outgoing' has "
                     "insecure: true)", name);
}

static bool read_text(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct account_reader *reader = bind->context;
    const char *text;
    if (!bind_value(bind, field, value, &text))
        return false;
    if (reader->option->kind == OPTION_URL &&
        !settings_check_url(bind, reader->outer->settings, field->name, text, value))
        return false;
    json_set_text(reader->options, field->name, text);
    return true;
}

static bool read_path(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct account_reader *reader = bind->context;
    const char *path = NULL;
    bind->context = reader->outer; /* paths are joined there */
    bool ok = settings_read_path(bind, field, value, &path);
    bind->context = reader;
    if (ok)
        json_set_text(reader->options, field->name, path);
    return ok;
}

static bool read_integer(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct account_reader *reader = bind->context;
    int64_t number;
    if (!bind_value(bind, field, value, &number))
        return false;
    json_set_number(reader->options, field->name, number);
    return true;
}

static bool read_flag(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct account_reader *reader = bind->context;
    bool flag;
    if (!bind_value(bind, field, value, &flag))
        return false;
    json_set_flag(reader->options, field->name, flag);
    return true;
}

static bool read_word(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct account_reader *reader = bind->context;
    int index;
    if (!bind_value(bind, field, value, &index))
        return false;
    json_set_text(reader->options, field->name, field->words[index]);
    return true;
}

static bool read_texts(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct account_reader *reader = bind->context;
    struct texts texts;
    if (!bind_value(bind, field, value, &texts))
        return false;
    json_t *list = json_array();
    for (size_t i = 0; i < texts.count; i++)
        json_array_append_new(list, json_string(texts.items[i]));
    json_set(reader->options, field->name, list);
    return true;
}

static bool has_size(struct bind *bind, const struct field *field, const struct yaml *value)
{
    int64_t count = (int64_t)value->count;
    if (count >= field->min && count <= field->max)
        return true;
    return bind_fail(bind, value, NULL, "'%s' has %zu entries, expected %lld to %lld", field->name, value->count,
                     (long long)field->min, (long long)field->max);
}

static bool read_map(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct account_reader *reader = bind->context;
    if (!bind_is(bind, field->name, value, YAML_MAP) || !has_size(bind, field, value))
        return false;
    json_t *map = json_object();
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        struct field item = {.name = value->keys[i]->text, .kind = FIELD_TEXT, .max = TEXT_MOST};
        const char *text;
        if (bind_value(bind, &item, value->items[i], &text))
            json_set_text(map, item.name, text);
        else
            ok = false;
    }
    json_set(reader->options, field->name, map);
    return ok;
}

static bool read_integers(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct account_reader *reader = bind->context;
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    if (!value->count || value->count > LIST_MOST)
        return bind_fail(bind, value, NULL, "'%s' must have 1 to %d entries", field->name, LIST_MOST);
    json_t *list = json_array();
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        int64_t number;
        if (bind_value(bind, field, value->items[i], &number))
            json_array_append_new(list, json_integer(number));
        else
            ok = false;
    }
    json_set(reader->options, field->name, list);
    return ok;
}

static const struct field secret_fields[] = {
    {"file", FIELD_READ, offsetof(struct secret_source, file), .read = settings_read_path},
    {"credential", FIELD_TEXT, offsetof(struct secret_source, credential), .max = 64, .valid = is_name,
     .expected = EXPECTED_NAME},
};

bool settings_read_secret(struct bind *bind, const char *name, const struct yaml *value,
                          struct secret_source *ret_source)
{
    struct secret_source source = {.line = value->line, .column = value->column};
    if (value->kind == YAML_SCALAR) {
        /* Said without the text: a secret must not get into a message. */
        struct yaml place = {.kind = YAML_MAP, .line = value->line, .column = value->column};
        return bind_fail(bind, &place, NULL,
                         "'%s' is a secret and may not stand here: put it into a file that only its owner can read "
                         "(chmod 600) and write %s: {file: PATH}, or {credential: NAME} under systemd",
                         name, name);
    }
    bool ok = bind_map(bind, value, name, secret_fields, sizeof secret_fields / sizeof *secret_fields, &source);
    if (ok && !source.file == !source.credential)
        ok = bind_fail(bind, value, NULL, "'%s' needs either 'file' or 'credential'", name);
    source.option = arena_strdup(bind->arena, name);
    *ret_source = source;
    return ok;
}

static bool read_secret(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct account_reader *reader = bind->context;
    struct secret_source source;
    bind->context = reader->outer; /* paths are joined there */
    bool ok = settings_read_secret(bind, field->name, value, &source);
    bind->context = reader;
    if (ok)
        *arena_push(bind->arena, reader->sources, reader->source_count) = source;
    return ok;
}

static bool read_option(struct bind *bind, const struct network_option *option, const struct yaml *value)
{
    static const struct {
        bool (*read)(struct bind *bind, const struct field *field, const struct yaml *value);
        enum field_kind kind;
        int64_t most; /* of what has no limit of its own */
    } kinds[] = {
        [OPTION_TEXT] = {read_text, FIELD_TEXT, TEXT_MOST},
        [OPTION_URL] = {read_text, FIELD_TEXT, 2048},
        [OPTION_SECRET] = {read_secret, FIELD_READ, 0},
        [OPTION_INTEGER] = {read_integer, FIELD_INTEGER, 0},
        [OPTION_FLAG] = {read_flag, FIELD_FLAG, 0},
        [OPTION_WORD] = {read_word, FIELD_WORD, 0},
        [OPTION_TEXTS] = {read_texts, FIELD_TEXTS, LIST_MOST},
        [OPTION_MAP] = {read_map, FIELD_MAP, LIST_MOST},
        [OPTION_PATH] = {read_path, FIELD_READ, 0},
        [OPTION_INTEGERS] = {read_integers, FIELD_INTEGER, 0},
    };
    struct field field = {.name = option->name, .kind = kinds[option->kind].kind, .min = option->min,
                          .max = option->max ? option->max : kinds[option->kind].most, .words = option->words,
                          .item_max = TEXT_MOST};
    if (option->kind == OPTION_URL) {
        field.valid = is_http_url;
        field.expected = EXPECTED_URL;
    }
    ((struct account_reader *)bind->context)->option = option;
    return kinds[option->kind].read(bind, &field, value);
}

/* ---- one account ---- */

struct raw_account {
    const struct network *network;
    struct late_policy late;
    struct retry_policy retry;
    struct unsure_policy unsure;
    int64_t parallel;
    duration spacing, warn_before;
    bool keep_metadata;
    const struct yaml *options[OPTIONS_MOST];
};

static bool read_network(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_SCALAR))
        return false;
    const struct network *network = network_find(value->text);
    *(const struct network **)member = network;
    if (network)
        return true;
    size_t count;
    const struct network *const *all = network_all(&count);
    const char **names = arena_alloc_array(bind->arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = all[i]->name;
    return bind_unknown(bind, value, NULL, "unknown network", names, count);
}

static bool keep_node(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    (void)bind, (void)field;
    *(const struct yaml **)member = value;
    return true;
}

static const struct field common_fields[] = {
    {"network", FIELD_READ, offsetof(struct raw_account, network), .required = true, .read = read_network},
    {"late", FIELD_MAP, offsetof(struct raw_account, late), .fields = late_fields, .field_count = LATE_FIELDS},
    {"retry", FIELD_MAP, offsetof(struct raw_account, retry), .fields = retry_fields, .field_count = RETRY_FIELDS},
    {"unsure", FIELD_MAP, offsetof(struct raw_account, unsure), .fields = unsure_fields, .field_count = UNSURE_FIELDS},
    {"parallel", FIELD_INTEGER, offsetof(struct raw_account, parallel), .min = 1, .max = 100},
    {"warn_before", FIELD_DURATION, offsetof(struct raw_account, warn_before), .max = DAYS(90)},
    {"spacing", FIELD_DURATION, offsetof(struct raw_account, spacing), .max = DAYS(1)},
    {"keep_metadata", FIELD_FLAG, offsetof(struct raw_account, keep_metadata), .required = false},
};
enum { COMMON = sizeof common_fields / sizeof *common_fields };

/* The keys that are common to all accounts, and the network's own; the latter
 * are only kept, to be read by kind. */
static size_t make_fields(const struct network *network, struct field *fields)
{
    memcpy(fields, common_fields, sizeof common_fields);
    size_t count = COMMON;
    for (size_t i = 0; network && i < network->option_count; i++)
        fields[count++] = (struct field){
            .name = network->options[i].name, .kind = FIELD_READ, .required = network->options[i].required,
            .offset = offsetof(struct raw_account, options) + i * sizeof(struct yaml *), .read = keep_node};
    return count;
}

static const struct network *network_of(const struct yaml *map)
{
    const struct yaml *name = yaml_get(map, "network");
    const struct network *network = name && name->kind == YAML_SCALAR ? network_find(name->text) : NULL;
    if (network && network->option_count > OPTIONS_MOST)
        bug("network %s has too many options", network->name);
    return network;
}

/* Which there are is known already; what they are is not. */
static void name_secrets(struct bind *bind, struct settings_account *account)
{
    size_t count = account->secret_source_count;
    struct account_secret *secrets = arena_alloc_array(bind->arena, count, sizeof *secrets);
    for (size_t i = 0; i < count; i++)
        secrets[i] = (struct account_secret){.name = account->secret_sources[i].option};
    account->account.secrets = secrets;
    account->account.secret_count = count;
}

static bool read_options(struct bind *bind, const struct network *network, const struct raw_account *raw,
                         struct settings_account *account)
{
    struct account_reader reader = {.outer = bind->context, .account = account, .options = json_object()};
    bool ok = true;
    bind->context = &reader;
    for (size_t i = 0; i < network->option_count; i++)
        if (raw->options[i])
            ok = read_option(bind, &network->options[i], raw->options[i]) && ok;
    bind->context = reader.outer;
    account->account.options = json_in_arena(bind->arena, reader.options);
    account->secret_sources = reader.sources;
    account->secret_source_count = reader.source_count;
    name_secrets(bind, account);
    return ok;
}

static bool read_account(struct bind *bind, const struct yaml *key, const struct yaml *value,
                         struct settings_account *account)
{
    const struct settings_reader *reader = bind->context;
    struct raw_account raw = {.late = reader->late, .retry = reader->retry, .unsure = reader->unsure,
                              .parallel = 1, .spacing = SECONDS(1), .warn_before = DAYS(14)};
    const struct network *network = network_of(value);
    struct field fields[COMMON + OPTIONS_MOST];
    if (!bind_is(bind, key->text, value, YAML_MAP))
        return false;
    /* Of an unknown network no key can be judged: one message is enough. */
    if (!network && yaml_get(value, "network"))
        return read_network(bind, &common_fields[0], yaml_get(value, "network"), &raw.network);
    const char *what = arena_printf(bind->arena, "account '%s'", key->text);
    bool ok = bind_map(bind, value, what, fields, make_fields(network, fields), &raw);
    account->account.name = arena_strdup(bind->arena, key->text);
    account->account.network = network;
    account->account.hosted = reader->settings->media_urls.listen || reader->settings->media_urls.command;
    account->account.insecure = reader->settings->insecure;
    account->account.fits_images = reader->settings->image_tool_found;
    account->account.keep_metadata = raw.keep_metadata;
    account->late = raw.late;
    account->retry = raw.retry;
    account->unsure = raw.unsure;
    account->parallel = (unsigned)raw.parallel;
    account->spacing = raw.spacing;
    account->warn_before = raw.warn_before;
    account->line = key->line;
    account->column = key->column;
    struct error err;
    ok = network && read_options(bind, network, &raw, account) && ok;
    if (ok && network->check_account && !network->check_account(&account->account, &err))
        return bind_fail(bind, key, "account", "account '%s': %s", key->text, err.message);
    return ok;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* As far as the file tells: what a server calls one account may still be named in two ways. */
static bool is_same_identity(const struct settings_account *a, const struct settings_account *b)
{
    if (!a->account.network || a->account.network != b->account.network ||
        a->secret_source_count != b->secret_source_count || !a->secret_source_count ||
        !json_equal(a->account.options, b->account.options))
        return false;
    for (size_t i = 0; i < a->secret_source_count; i++) {
        const struct secret_source *x = &a->secret_sources[i], *y = &b->secret_sources[i];
        if (!is_same_text(x->option, y->option) || !is_same_text(x->file, y->file) ||
            !is_same_text(x->credential, y->credential))
            return false;
    }
    return true;
}

static void warn_of_twins(struct bind *bind, const struct settings_account *accounts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (is_same_identity(&accounts[k], &accounts[i]))
                diags_add(bind->diags,
                          &(struct diag){.level = DIAG_WARNING, .file = bind->file, .line = accounts[i].line,
                                         .column = accounts[i].column, .rule = "account",
                                         .account = accounts[i].account.name,
                                         .message = arena_printf(bind->arena,
                                                                 "accounts '%s' and '%s' are the same one: what is for "
                                                                 "both is published twice",
                                                                 accounts[k].account.name, accounts[i].account.name)});
}

bool settings_read_accounts(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    struct settings *settings = member;
    if (!bind_is(bind, field->name, value, YAML_MAP))
        return false;
    if (!value->count || value->count > 1000)
        return bind_fail(bind, value, NULL, "'accounts' must have 1 to 1000 entries");
    struct settings_account *accounts = arena_alloc_array(bind->arena, value->count, sizeof *accounts);
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        const struct yaml *key = value->keys[i];
        if (!is_name(key->text))
            ok = bind_fail(bind, key, NULL, "an account's name must be " EXPECTED_NAME ", not '%s'", key->text);
        ok = read_account(bind, key, value->items[i], &accounts[i]) && ok;
    }
    warn_of_twins(bind, accounts, value->count);
    settings->accounts = accounts;
    settings->account_count = value->count;
    return ok;
}
