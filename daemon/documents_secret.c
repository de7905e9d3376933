/* See documents.h: the secrets of accounts and of the hook, from files or from systemd's
 * credentials, and whom to trust. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/utf8.h"
#include "documents_internal.h"
#include "network/login.h"

enum { AUTHORITIES_MOST = 4 << 20 };

static bool credential_path(const char *name, struct buf *path, struct error *err)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    if (!directory || !*directory)
        return fail(err, "no credential '%s': $CREDENTIALS_DIRECTORY is not set (systemd: LoadCredential=%s:PATH)", name,
                    name);
    buf_printf(path, "%s/%s", directory, name);
    return true;
}

/* A second line, or what an editor left, would be noticed when the first post is due: no header takes it. */
static bool is_usable(const char *path, const struct buf *value, struct error *err)
{
    if (!value->length || strlen(buf_text(value)) != value->length)
        return fail(err, "'%s' is empty or no text", path);
    for (const char *c = buf_text(value); *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return fail(err, "'%s' has a line break or another control character in it: a secret is one line", path);
    return true;
}

/* An editor's byte order mark is no part of it. */
static void drop_mark(struct buf *value)
{
    size_t mark = utf8_mark_length(buf_text(value), value->length);
    if (!mark)
        return;
    memmove(value->data, value->data + mark, value->length - mark + 1);
    value->length -= mark;
}

static bool read_secret(const struct secret_source *source, struct buf *value, struct error *err)
{
    struct buf path = {0};
    bool ok = true;
    if (source->file)
        buf_add_text(&path, source->file);
    else
        ok = credential_path(source->credential, &path, err);
    ok = ok && file_read_secret(buf_text(&path), value, err);
    if (ok)
        drop_mark(value);
    ok = ok && is_usable(buf_text(&path), value, err);
    buf_release(&path);
    return ok;
}

/* Of a URL only what is long enough to be a secret is one: its beginning is in every address of its host. */
void documents_hide_secret(const char *value)
{
    enum { LEAST = 16 };
    const char *rest = strstr(value, "://");
    bool any = false;
    for (rest = rest ? rest + 3 + strcspn(rest + 3, "/?#") : NULL; rest && *rest;) {
        size_t length = strcspn(rest, "/?#&=");
        struct buf part = {0};
        buf_add(&part, rest, length);
        if (length >= LEAST) {
            log_secret(buf_text(&part));
            any = true;
        }
        if (part.data)
            explicit_bzero(part.data, part.length);
        buf_release(&part);
        rest += length + (rest[length] != '\0');
    }
    if (!any)
        log_secret(value);
}

/* The value in arena, known to the log. */
static const char *load_secret(const struct secret_source *source, struct arena *arena, struct error *err)
{
    struct buf value = {0};
    const char *text = NULL;
    if (read_secret(source, &value, err)) {
        documents_hide_secret(buf_text(&value));
        text = arena_strdup(arena, buf_text(&value));
        explicit_bzero(value.data, value.length);
    }
    buf_release(&value);
    return text;
}

/* What 'calctl login' has yet to get: the account waits for it, all others do not. */
static bool is_still_to_come(const struct settings_account *account, const struct secret_source *source)
{
    const struct login *login = login_of(&account->account);
    return login && login->secret && !strcmp(login->secret, source->option) && source->file &&
           access(source->file, F_OK) && errno == ENOENT;
}

static void add_finding(struct documents *documents, const struct secret_source *source, enum diag_level level,
                        const char *rule, const char *account, const char *message)
{
    diags_add(&documents->diags, &(struct diag){.level = level,
                                                .rule = rule,
                                                .file = documents->settings->path,
                                                .line = source->line,
                                                .column = source->column,
                                                .account = account,
                                                .message = message});
}

/* account NULL: it is the hook's. */
static void add_error(struct documents *documents, const struct secret_source *source,
                      const struct settings_account *account, const char *message)
{
    const char *name = account ? account->account.name : NULL;
    const char *whose = name ? arena_printf(documents->arena, "account '%s'", name) : "on_failure";
    add_finding(documents, source, DIAG_ERROR, "secret", name,
                arena_printf(documents->arena, "%s, %s: %s", whose, source->option, message));
}

/* A mistyped path looks the same, so it is said. */
static void tell_still_to_come(const struct settings_account *account, const struct secret_source *source,
                               struct documents *documents)
{
    const char *name = account->account.name;
    add_finding(documents, source, DIAG_WARNING, "login", name,
                arena_printf(documents->arena, "'%s' of account '%s' is not there ('%s'): calctl login %s",
                             source->option, name, source->file, name));
}

/* NULL, and an error with its place. */
static const char *load_or_tell(struct documents *documents, const struct secret_source *source,
                                const struct settings_account *account)
{
    struct error err = {0};
    const char *value = load_secret(source, documents->arena, &err);
    if (!value)
        add_error(documents, source, account, err.message);
    return value;
}

/* ---- an account that is held back ---- */

static void watch(struct documents *documents, const char *file)
{
    const char **files = arena_alloc_array(documents->arena, documents->file_count + 1, sizeof *files);
    memcpy(files, documents->files, documents->file_count * sizeof *files);
    files[documents->file_count++] = file;
    documents->files = files;
}

static const char *remedy_of(const struct documents *documents, const struct settings_account *account,
                             const struct secret_source *source)
{
    const struct login *login = login_of(&account->account);
    if (!source->file)
        return "mend it, then restart cald";
    if (login && login->secret && !strcmp(login->secret, source->option))
        return arena_printf(documents->arena, "mend it, then calctl reload; or calctl login %s", account->account.name);
    return "mend it, then calctl reload";
}

/* One that systemd hands over is another only after a restart. */
static void hold_back(struct documents *documents, const struct settings_account *account,
                      const struct secret_source *source, struct account_secret *secret, const char *why)
{
    const char *name = account->account.name;
    secret->trouble = arena_printf(documents->arena, "its '%s' cannot be used: %s; %s", source->option, why,
                                   remedy_of(documents, account, source));
    add_finding(documents, source, DIAG_WARNING, "secret", name,
                arena_printf(documents->arena, "account '%s', %s: %s; the account is held back", name, source->option,
                             why));
    if (source->file)
        watch(documents, source->file);
}

static bool is_among(const char *names, const char *name)
{
    struct buf line = {0};
    buf_printf(&line, "\n%s\n", name);
    bool found = strstr(names, buf_text(&line)) != NULL;
    buf_release(&line);
    return found;
}

const char *documents_held_back(const struct documents *documents, struct arena *arena)
{
    const char *names = "\n";
    for (size_t i = 0; i < documents->settings->account_count; i++)
        if (account_trouble(&documents->settings->accounts[i].account))
            names = arena_printf(arena, "%s%s\n", names, documents->settings->accounts[i].account.name);
    return names;
}

static void load_account(struct settings_account *account, bool may_wait, struct documents *documents)
{
    size_t count = account->secret_source_count;
    struct account_secret *secrets = arena_alloc_array(documents->arena, count, sizeof *secrets);
    for (size_t i = 0; i < count; i++) {
        const struct secret_source *source = &account->secret_sources[i];
        struct error err = {0};
        secrets[i].name = source->option;
        if (is_still_to_come(account, source))
            tell_still_to_come(account, source, documents);
        else if (!may_wait)
            secrets[i].value = load_or_tell(documents, source, account);
        else if (!(secrets[i].value = load_secret(source, documents->arena, &err)))
            hold_back(documents, account, source, &secrets[i], err.message);
    }
    account->account.secrets = secrets;
    account->account.secret_count = count;
}

/* Read by the TLS library at each connection, which then trusts nobody: told before the first post is due. */
static bool has_authorities(const char *path, struct error *err)
{
    struct buf text = {0};
    bool ok = file_read(path, AUTHORITIES_MOST, &text, err);
    if (ok && !strstr(buf_text(&text), "-----BEGIN CERTIFICATE-----") &&
        !strstr(buf_text(&text), "-----BEGIN TRUSTED CERTIFICATE-----"))
        ok = fail(err, "there is no certificate in '%s' (PEM: -----BEGIN CERTIFICATE-----)", path);
    buf_release(&text);
    return ok;
}

static void check_authorities(struct documents *documents)
{
    const struct settings *settings = documents->settings;
    struct error err = {0};
    if (!settings->ca_file || has_authorities(settings->ca_file, &err))
        return;
    const char *message = arena_printf(documents->arena, "ca_file: %s", err.message);
    diags_add(&documents->diags,
              &(struct diag){.level = DIAG_ERROR, .rule = "secret", .file = settings->path, .message = message});
}

/* ---- all of them ---- */

static void check_secret(struct documents *documents, const struct secret_source *source,
                         const struct settings_account *account, bool here)
{
    struct error err;
    if (!source || !source->file)
        return;
    if (here)
        load_or_tell(documents, source, account);
    else if (!file_secret_is_private(source->file, &err))
        add_error(documents, source, account, err.message);
}

static void check_account(struct documents *documents, const struct settings_account *account, bool here)
{
    for (size_t i = 0; i < account->secret_source_count; i++) {
        const struct secret_source *source = &account->secret_sources[i];
        if (here && is_still_to_come(account, source))
            tell_still_to_come(account, source, documents);
        else
            check_secret(documents, source, account, here);
    }
}

size_t documents_check_secrets(struct documents *documents, bool here)
{
    const struct settings *settings = documents->settings;
    size_t before = documents->diags.errors, of_accounts;
    if (!settings)
        return 0;
    for (size_t i = 0; i < settings->account_count; i++)
        check_account(documents, &settings->accounts[i], here);
    of_accounts = documents->diags.errors - before;
    check_secret(documents, settings->on_failure.token_source, NULL, here);
    if (here)
        check_authorities(documents);
    diags_sort(&documents->diags);
    return of_accounts;
}

/* The one late change to settings: they are const for all others. */
bool documents_load_secrets(struct documents *documents, const char *held_back)
{
    struct settings *settings = (struct settings *)documents->settings;
    size_t before = documents->diags.errors;
    if (!settings)
        return true;
    for (size_t i = 0; i < settings->account_count; i++) {
        struct settings_account *account = (struct settings_account *)&settings->accounts[i];
        load_account(account, !held_back || is_among(held_back, account->account.name), documents);
    }
    if (settings->on_failure.token_source)
        settings->on_failure.token = load_or_tell(documents, settings->on_failure.token_source, NULL);
    check_authorities(documents);
    return documents->diags.errors == before;
}

/* ---- what 'calctl login' gets ---- */

static const struct secret_source *source_of(const struct settings_account *account, const char *option)
{
    for (size_t i = 0; i < account->secret_source_count; i++)
        if (!strcmp(account->secret_sources[i].option, option))
            return &account->secret_sources[i];
    return NULL;
}

const char *documents_secret_place(const struct settings_account *account, const char *option)
{
    const struct secret_source *source = source_of(account, option);
    return source ? source->file : NULL;
}

/* The nearest directory above the file that is there takes new files. */
static bool has_room_for(const char *file)
{
    char *directory = file_directory(file);
    while (access(directory, F_OK) && strcmp(directory, ".") != 0 && strcmp(directory, "/") != 0) {
        char *above = file_directory(directory);
        free(directory);
        directory = above;
    }
    bool ok = !access(directory, W_OK | X_OK);
    free(directory);
    return ok;
}

bool documents_may_store(const struct settings_account *account, const char *option, struct error *err)
{
    const struct secret_source *source = source_of(account, option);
    const char *name = account->account.name;
    if (!source)
        return fail(err, "cald.yaml does not say where '%s' of account '%s' is kept: write %s: {file: PATH}",
                    option, name, option);
    if (source->credential)
        return fail(err,
                    "'%s' of account '%s' is the credential '%s', which systemd gives to cald and cald cannot "
                    "write: put it there yourself ('systemd-creds encrypt --name=%s - "
                    "/etc/credstore.encrypted/%s', or into the file that LoadCredential= names) and restart cald; "
                    "or write %s: {file: PATH} with a path that cald may write, such as one in its state "
                    "directory",
                    option, name, source->credential, source->credential, source->credential, option);
    if (!has_room_for(source->file))
        return fail_errno(err,
                          "cald may not write '%s', where '%s' of account '%s' is kept: name a path that it may write, "
                          "such as one in its state directory",
                          source->file, option, name);
    return true;
}

static void set_value(const struct settings_account *account, const char *option, const char *value)
{
    struct account_secret *secrets = (struct account_secret *)account->account.secrets;
    for (size_t i = 0; i < account->account.secret_count; i++)
        if (!strcmp(secrets[i].name, option))
            secrets[i] = (struct account_secret){.name = secrets[i].name, .value = value};
}

bool documents_store_secret(struct documents *documents, const struct settings_account *account, const char *option,
                            const char *value, struct error *err)
{
    const struct secret_source *source = source_of(account, option);
    if (!documents_may_store(account, option, err))
        return false;
    char *directory = file_directory(source->file);
    size_t length = strlen(value);
    bool ok = file_make_directories(directory, 0700, err) && file_replace(source->file, value, length, 0600, err);
    free(directory);
    if (ok)
        set_value(account, option, arena_strdup(documents->arena, value));
    return ok;
}

bool documents_forget_secret(const struct settings_account *account, const char *option, struct error *err)
{
    const struct secret_source *source = source_of(account, option);
    if (source && source->credential)
        return fail(err, "'%s' of account '%s' is the credential '%s', which systemd gives to cald: remove it there and "
                         "restart cald",
                    option, account->account.name, source->credential);
    if (!documents_may_store(account, option, err))
        return false;
    if (unlink(source->file) && errno != ENOENT)
        return fail_errno(err, "cannot remove '%s'", source->file);
    set_value(account, option, NULL);
    return true;
}

static void follow_login(struct documents *documents, const struct settings_account *account, const char *option)
{
    const struct secret_source *source = source_of(account, option);
    const char *value;
    if (!source || !source->file)
        return;
    if (is_still_to_come(account, source))
        set_value(account, option, NULL);
    else if ((value = load_secret(source, documents->arena, NULL)))
        set_value(account, option, value);
}

void documents_follow_logins(struct documents *documents)
{
    const struct settings *settings = documents->settings;
    for (size_t i = 0; settings && i < settings->account_count; i++) {
        const struct login *login = login_of(&settings->accounts[i].account);
        if (login && login->secret)
            follow_login(documents, &settings->accounts[i], login->secret);
    }
}
