/* See documents.h: the secrets of accounts and of the hook, from files or from systemd's
 * credentials, and whom to trust. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "documents_internal.h"

static bool credential_path(const char *name, struct buf *path, struct error *err)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    if (!directory || !*directory)
        return fail(err, "no credential '%s': $CREDENTIALS_DIRECTORY is not set (systemd: LoadCredential=%s:PATH)", name,
                    name);
    buf_printf(path, "%s/%s", directory, name);
    return true;
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
    if (ok && (!value->length || strlen(buf_text(value)) != value->length))
        ok = fail(err, "'%s' is empty or no text", buf_text(&path));
    buf_release(&path);
    return ok;
}

/* Of a URL only what is long enough to be a secret is one: its beginning is in every address of its host. */
static void hide(const char *value)
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
        hide(buf_text(&value));
        text = arena_strdup(arena, buf_text(&value));
        explicit_bzero(value.data, value.length);
    }
    buf_release(&value);
    return text;
}

static bool load_account(struct settings_account *account, const char *file, struct arena *arena, struct error *err)
{
    size_t count = account->secret_source_count;
    struct account_secret *secrets = arena_alloc_array(arena, count, sizeof *secrets);
    for (size_t i = 0; i < count; i++) {
        const struct secret_source *source = &account->secret_sources[i];
        const char *value = load_secret(source, arena, err);
        if (!value)
            return fail_while(err, "%s:%u:%u: account '%s', %s", file, source->line, source->column,
                              account->account.name, source->option);
        secrets[i] = (struct account_secret){source->option, value};
    }
    account->account.secrets = secrets;
    account->account.secret_count = count;
    return true;
}

static bool load_hook(struct failure_hook *hook, const char *file, struct arena *arena, struct error *err)
{
    const struct secret_source *source = hook->token_source;
    if (!source)
        return true;
    hook->token = load_secret(source, arena, err);
    return hook->token || fail_while(err, "%s:%u:%u: on_failure, %s", file, source->line, source->column,
                                     source->option);
}

/* Read by the TLS library at each connection; that it is missing is told before the first post is due. */
static bool check_authorities(const struct settings *settings, struct error *err)
{
    return !settings->ca_file || !access(settings->ca_file, R_OK) ||
           fail_errno(err, "%s: cannot read 'ca_file' '%s'", settings->path, settings->ca_file);
}

/* The one late change to settings: they are const for all others. */
bool documents_load_secrets(struct documents *documents, struct error *err)
{
    struct settings *settings = (struct settings *)documents->settings;
    for (size_t i = 0; settings && i < settings->account_count; i++)
        if (!load_account((struct settings_account *)&settings->accounts[i], settings->path, documents->arena, err))
            return false;
    return !settings || (load_hook(&settings->on_failure, settings->path, documents->arena, err) &&
                         check_authorities(settings, err));
}
