/*
 * Files of sessions; knows nothing of what the members mean to the drivers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "publish/session.h"

enum { SESSION_MOST = 60 << 10 };

static char *path_of(const char *state_directory, const char *account)
{
    struct buf path = {0};

    buf_printf(&path, "%s/sessions/", state_directory);
    buf_add_url(&path, account); /* a name is only ever one component */
    buf_add_text(&path, ".json");
    return buf_detach(&path);
}

static bool is_secret_name(const char *name)
{
    static const char *const words[] = {"token",  "jwt",   "secret",        "password",
                                        "cookie", "nonce", "authorization", "signature"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasestr(name, words[i]) != NULL)
            return true;
    }
    return false;
}

void session_tell_secrets(const json_t *session)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)session, name, value)
    {
        if (json_is_object(value))
            session_tell_secrets(value);
        else if (json_is_string(value) && is_secret_name(name))
            log_secret(json_string_value(value));
    }
}

static json_t *read_session(const char *path, struct error *err)
{
    struct buf text = {0};
    json_t *session = NULL;

    if (file_read_secret(path, &text, err))
        session = json_parse(buf_text(&text), text.length, err);
    buf_release(&text);
    if (session != NULL && !json_is_object(session)) {
        json_decref(session);
        session = NULL;
        fail(err, "'%s' holds no object", path);
    }
    return session;
}

json_t *session_load(const char *state_directory, const char *account)
{
    char *path = path_of(state_directory, account);
    struct error err = {0};
    json_t *session = NULL;

    if (access(path, F_OK) == 0) {
        session = read_session(path, &err);
        if (session == NULL)
            log_warn("the stored session of account '%s' is not used, a new one will be made: %s", account,
                     err.message);
    }
    free(path);
    if (session == NULL)
        return json_object();
    session_tell_secrets(session);
    return session;
}

bool session_save(const char *state_directory, const char *account, const json_t *session, struct error *err)
{
    char *path = path_of(state_directory, account);
    char *directory = file_directory(path);
    char *text = json_print(session);
    size_t length = strlen(text);
    bool ok;

    session_tell_secrets(session);
    if (length > SESSION_MOST)
        ok = fail(err, "the session of account '%s' is larger than %d bytes", account, SESSION_MOST);
    else
        ok = file_make_directories(directory, 0700, err) && file_replace(path, text, length, 0600, err);
    explicit_bzero(text, length);
    free(text);
    free(directory);
    free(path);
    return ok;
}

void session_remove(const char *state_directory, const char *account)
{
    char *path = path_of(state_directory, account);

    if (unlink(path) != 0 && errno != ENOENT)
        log_warn("cannot remove '%s': %s", path, strerror(errno));
    free(path);
}

char *account_fingerprint(const struct account *account, char ret_text[FINGERPRINT])
{
    struct buf all = {0};
    char hash[SHA256_HEX];
    char *options = json_print(account->options);

    buf_printf(&all, "%s\n%s\n", account->network->name, options);
    for (size_t i = 0; i < account->secret_count; i++)
        buf_printf(&all, "%s=%s\n", account->secrets[i].name,
                   account->secrets[i].value ? account->secrets[i].value : "");
    sha256_hex(buf_text(&all), all.length, hash);
    memcpy(ret_text, hash, FINGERPRINT - 1);
    ret_text[FINGERPRINT - 1] = '\0';
    if (all.data != NULL)
        explicit_bzero(all.data, all.length);
    buf_release(&all);
    free(options);
    return ret_text;
}
