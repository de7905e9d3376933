/*
 * mastodon_session: what the server is (GET /api/v2/instance, before Mastodon 4 only v1) and who we are
 * there (verify_credentials). Read before the slot and once a day, so that a dead token or an unreachable
 * server is told early, and so that the account's id is known when a post must be looked for.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/mastodon.h"

/* ---- the kind of server ---- */

static const char *const kind_names[] = {
    [MASTODON_REAL] = "mastodon",
    [MASTODON_PIXELFED] = "pixelfed",
    [MASTODON_GOTOSOCIAL] = "gotosocial",
    [MASTODON_OTHER] = "other",
};

enum mastodon_kind mastodon_kind_of(const json_t *session)
{
    const char *name = json_text(session, "kind");
    for (size_t i = 0; name && i < sizeof kind_names / sizeof *kind_names; i++)
        if (!strcmp(name, kind_names[i]))
            return (enum mastodon_kind)i;
    return MASTODON_OTHER;
}

/* "4.3.1", "2.7.2 (compatible; Pixelfed 0.12.3)", "0.20.0 6d7fa2b": only GoToSocial calls itself 0.x. */
static enum mastodon_kind kind_from(const char *version, const char *source)
{
    static const struct {
        const char *word;
        enum mastodon_kind kind;
    } words[] = {
        {"pixelfed", MASTODON_PIXELFED}, {"gotosocial", MASTODON_GOTOSOCIAL}, {"compatible", MASTODON_OTHER}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(version, words[i].word) || strcasestr(source, words[i].word))
            return words[i].kind;
    char *end;
    long major = strtol(version, &end, 10);
    if (end == version || *end != '.')
        return MASTODON_OTHER;
    return major ? MASTODON_REAL : MASTODON_GOTOSOCIAL;
}

/* ---- steps ---- */

static const char *fingerprint(const struct job *job, struct arena *arena)
{
    return driver_fingerprint(account_option(job->account, "url"), account_secret(job->account, "token"),
                              arena);
}

static bool is_ours(const struct job *job, struct arena *arena)
{
    const char *whose = json_text(job->session, "for");
    return whose && !strcmp(whose, fingerprint(job, arena));
}

/* Daily; but not in the minute of the slot, if it can be avoided. */
static bool is_fresh(const struct job *job)
{
    bool at_slot = job->now >= job->slot - MINUTES(1);
    int64_t read_at = json_number(job->session, "read_at", 0);
    return read_at && job->now >= read_at - MINUTES(5) && job->now < read_at + HOURS(at_slot ? 25 : 23);
}

bool mastodon_session_step(const struct job *job, struct arena *arena, struct step *ret_step)
{
    bool ours = is_ours(job, arena);
    if (!ours || !is_fresh(job)) {
        bool old = ours && json_flag(job->session, "v1", false);
        mastodon_request(job, arena, ret_step, STEP_SESSION, "GET",
                         old ? "/api/v1/instance" : "/api/v2/instance");
        ret_step->name = "session";
        return true;
    }
    if (!json_text(job->session, "account_id")) {
        mastodon_request(job, arena, ret_step, STEP_SESSION, "GET", "/api/v1/accounts/verify_credentials");
        ret_step->name = "who we are";
        return true;
    }
    return false;
}

/* ---- what the server said of itself ---- */

static void copy_limit(json_t *session, const char *name, const json_t *from, int64_t most)
{
    int64_t value = json_number(from, name, 0);
    if (value > 0 && value <= most)
        json_set_number(session, name, value);
}

static void copy_types(json_t *session, const json_t *media)
{
    size_t i;
    json_t *type, *types = json_array(), *from = json_member(media, "supported_mime_types");
    json_array_foreach(from, i, type)
    {
        const char *name = json_string_value(type);
        if (i < 64 && name && strlen(name) < 64)
            json_array_append(types, type);
    }
    json_set(session, "supported_mime_types", types);
}

/* "mastodon.example"; some servers give a whole URL. */
static const char *domain_of(const json_t *instance, struct arena *arena)
{
    const char *domain = json_text(instance, "domain"), *uri = json_text(instance, "uri");
    const char *said = domain ? domain : uri;
    return said ? outcome_clean_id(driver_host(said, arena), arena) : NULL;
}

static json_t *session_from(const struct job *job, json_t *instance, struct arena *arena)
{
    json_t *session = json_in_arena(arena, json_object());
    json_t *configuration = json_member(instance, "configuration");
    json_t *statuses = json_member(configuration, "statuses");
    json_t *media = json_member(configuration, "media_attachments");
    const char *version = outcome_said(json_text(instance, "version"), arena);
    const char *source = json_text(instance, "source_url");
    json_set_text(session, "for", fingerprint(job, arena));
    json_set_text(session, "version", version);
    json_set_text(session, "kind", kind_names[kind_from(version, source ? source : "")]);
    json_set_text(session, "domain", domain_of(instance, arena));
    json_set_number(session, "read_at", job->now);
    copy_limit(session, "max_characters", statuses, 1000000);
    copy_limit(session, "max_media_attachments", statuses, 100);
    copy_limit(session, "characters_reserved_per_url", statuses, 10000);
    copy_limit(session, "description_limit", media, 1000000);
    copy_limit(session, "image_size_limit", media, INT64_C(1) << 40);
    copy_limit(session, "image_matrix_limit", media, INT64_C(1) << 40);
    copy_types(session, media);
    return session;
}

static void try_v1(const struct job *job, struct arena *arena, struct outcome *ret_outcome)
{
    json_t *session = json_in_arena(arena, json_object());
    json_set_text(session, "for", fingerprint(job, arena));
    json_set_flag(session, "v1", true);
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .session = session};
}

static void read_instance(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome)
{
    if (response->status == 404 && driver_url_ends(step->request.url, "/api/v2/instance")) {
        try_v1(job, arena, ret_outcome);
        return;
    }
    if (!mastodon_read_status(job, step, response, arena, ret_outcome))
        return;
    json_t *instance = response_json(response, arena);
    if (!json_text(instance, "version")) {
        outcome_set(ret_outcome, arena, OUTCOME_REFUSED, SCOPE_ACCOUNT,
                    "'%s' does not answer as a Mastodon server: check 'url' of account '%s'",
                    account_option(job->account, "url"), job->account->name);
        return;
    }
    ret_outcome->session = session_from(job, instance, arena);
}

/* ---- who we are ---- */

/* A token may publish and yet not read: then a doubtful post cannot be looked for, but all else works. */
static void add_account(const struct job *job, const json_t *who, struct arena *arena,
                        struct outcome *ret_outcome)
{
    const char *id = outcome_clean_id(json_text(who, "id"), arena);
    json_t *session = json_in_arena(arena, json_copy((json_t *)job->session));
    json_set_text(session, "account_id", id ? id : "");
    json_set_text(session, "acct", outcome_clean_id(json_text(who, "acct"), arena));
    ret_outcome->session = session;
}

static void read_account(const struct job *job, const struct step *step, const struct response *response,
                         struct arena *arena, struct outcome *ret_outcome)
{
    if (response->status == 403) {
        *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT};
        add_account(job, NULL, arena, ret_outcome);
        return;
    }
    if (!mastodon_read_status(job, step, response, arena, ret_outcome))
        return;
    json_t *who = response_json(response, arena);
    if (!outcome_clean_id(json_text(who, "id"), arena)) {
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer names no account",
                    step->name);
        return;
    }
    add_account(job, who, arena, ret_outcome);
}

void mastodon_session_read(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome)
{
    bool is_instance = driver_url_ends(step->request.url, "/instance");
    (is_instance ? read_instance : read_account)(job, step, response, arena, ret_outcome);
}

/* ---- the live check of the credentials ---- */

void mastodon_verify(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if ((!is_ours(job, arena) || !is_fresh(job)) && mastodon_session_step(job, arena, ret_step))
        return;
    mastodon_request(job, arena, ret_step, STEP_PREPARE, "GET", "/api/v1/accounts/verify_credentials");
    ret_step->name = "who we are";
}

void mastodon_verified(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind == STEP_SESSION) {
        mastodon_session_read(job, step, response, arena, ret_outcome);
        return;
    }
    if (!mastodon_read_status(job, step, response, arena, ret_outcome)) {
        if (ret_outcome->kind == OUTCOME_REFUSED)
            ret_outcome->scope = SCOPE_ACCOUNT;
        return;
    }
    const char *domain = json_text(job->session, "domain");
    const char *acct = outcome_clean_id(json_text(response_json(response, arena), "acct"), arena);
    if (!acct)
        outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer names no account",
                    step->name);
    else
        outcome_set(ret_outcome, arena, OUTCOME_DONE, SCOPE_ACCOUNT, "@%s@%s", acct,
                    domain ? domain : driver_host(account_option(job->account, "url"), arena));
}

static const char *const *types_of(const json_t *session, struct arena *arena)
{
    const json_t *said = json_member(session, "supported_mime_types");
    size_t count = json_array_size(said), kept = 0;
    const char **types = arena_alloc_array(arena, count + 1, sizeof *types);
    for (size_t i = 0; i < count; i++) {
        const char *type = json_string_value(json_array_get(said, i));
        if (type && !strncmp(type, "image/", 6))
            types[kept++] = type;
    }
    return kept ? types : NULL;
}

void mastodon_image_limits(const struct account *account, const json_t *session, struct arena *arena,
                           struct image_limits *limits)
{
    const char *const *types = types_of(session, arena);
    (void)account;
    limits->bytes = json_number(session, "image_size_limit", limits->bytes);
    limits->pixels = (uint64_t)json_number(session, "image_matrix_limit", (int64_t)limits->pixels);
    if (types)
        limits->types = types;
}
