/* cald.yaml, read without a disk; secrets and whole documents, from one. */
#include "calendar_house.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "documents.h"
#include "settings.h"

#define HEAD "calendar: c.yaml\nstate: s\naccounts:\n"
#define MASTODON "  m: {network: mastodon, url: 'https://m.example', token: {file: t}"

static const struct {
    const char *yaml, *findings, *reason;
} complaints[] = {
    {HEAD "  site: {network: feed}\n", "", "the least"},
    {"accounts: {}\n",
     "x/cald.yaml:1:1: cald.yaml has no 'calendar'\nx/cald.yaml:1:1: cald.yaml has no 'state'\n"
     "x/cald.yaml:1:11: 'accounts' must have 1 to 1000 entries",
     "all that is missing"},
    {HEAD "  site: {title: x}\n",
     "x/cald.yaml:4:9: account 'site' has no 'network'\n"
     "x/cald.yaml:4:10: unknown key in account 'site': 'title', expected one of network, late, retry, "
     "unsure, parallel, warn_before, spacing, keep_metadata",
     "without a network there are no options"},
    {HEAD "  m: {network: mastodon, url: 'https://m.example'}\n",
     "x/cald.yaml:4:6: account 'm' has no 'token'", "required options"},
    {HEAD "  a: {network: mastodon, url: 'https://m.example', token: {file: t}}\n"
          "  b: {network: mastodon, url: 'https://m.example', token: {file: t}}\n"
          "  c: {network: mastodon, url: 'https://m.example', token: {file: u}}\n",
     "x/cald.yaml:5:3: warning: accounts 'a' and 'b' are the same one: what is for both is published twice",
     "one identity under two names"},
    {HEAD MASTODON ", entries: 3}\n",
     "x/cald.yaml:4:70: unknown key in account 'm': 'entries', expected one of network, late, retry, "
     "unsure, parallel, warn_before, spacing, keep_metadata, url, token, visibility, max_characters, language",
     "options are the network's"},
    {HEAD "  m: {network: mastodon, url: 'https://m.example', token: s3cr3tw0rd}\n",
     "x/cald.yaml:4:59: 'token' is a secret and may not stand here: put it into a file that only its owner "
     "can read (chmod "
     "600) and write token: {file: PATH}, or {credential: NAME} under systemd",
     "never a plain secret, nor its echo"},
    {HEAD "  m: {network: mastodon, url: 'https://m.example', token: {}}\n",
     "x/cald.yaml:4:59: 'token' needs either 'file' or 'credential'", "a secret is somewhere"},
    {HEAD "  m: {network: mastodon, url: 'http://m.example', token: {file: t}}\n",
     "x/cald.yaml:4:31: 'url' must begin with https:// (http:// is for this machine only, unless 'outgoing' "
     "has insecure: "
     "true)",
     "https"},
    {HEAD "  m: {network: mastodon, url: 'http://127.0.0.1:3000', token: {file: t}}\n", "",
     "but on this machine"},
    {"outgoing: {insecure: true}\n" HEAD
     "  m: {network: mastodon, url: 'http://m.example', token: {file: t}}\n",
     "", "unless the operator says so"},
    {"control: {listen: '8080'}\n" HEAD "  site: {network: feed}\n",
     "x/cald.yaml:1:19: 'listen' must be an address and port such as 127.0.0.1:8080 or [::1]:8080, not "
     "'8080'",
     "addresses"},
    {"control: {roles: [{role: admin}]}\n" HEAD "  site: {network: feed}\n",
     "x/cald.yaml:1:19: an entry of 'roles' needs either 'user' or 'group'", "grants"},
    {"horizon: 1h\n" HEAD "  site: {network: feed}\n", "x/cald.yaml:1:10: 'horizon' must be from 1d to 3660d",
     "ranges"},
    {HEAD "  a b: {network: feed}\n",
     "x/cald.yaml:4:3: an account's name must be letters without accents, digits, '.', '_' or '-', at most 64, "
     "the first a letter or digit, not 'a b'",
     "names"},
};

static const struct settings *load(const char *text, struct arena *arena, struct diags *diags)
{
    struct arena *trees = arena_new();
    *diags = diags_in(arena);
    const struct yaml *root = yaml_parse("x/cald.yaml", text, strlen(text), trees, diags);
    const struct settings *settings = settings_load("x/cald.yaml", root, arena, diags);
    arena_free(trees);
    diags_sort(diags);
    return settings;
}

static void every_fault_is_told_at_its_place(void **state)
{
    (void)state;
    bool all = true;
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        struct arena *arena = arena_new();
        struct diags diags;
        const struct settings *settings = load(complaints[i].yaml, arena, &diags);
        all = house_agrees(&diags, complaints[i].findings, complaints[i].reason) && all;
        assert_true((diags.errors == 0) == (settings != NULL));
        for (size_t k = 0; k < diags.count; k++)
            assert_false(diags.items[k].word && strstr(diags.items[k].word, "s3cr3t"));
        arena_free(arena);
    }
    assert_true(all);
}

static void an_unknown_network_is_told_with_those_that_there_are(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct diags diags;
    size_t count;
    const struct network *const *networks = network_all(&count);
    const char *names = networks[0]->name;
    for (size_t i = 1; i < count; i++) {
        assert_true(strcmp(networks[i - 1]->name, networks[i]->name) < 0);
        names = arena_printf(arena, "%s, %s", names, networks[i]->name);
    }
    load(HEAD "  site: {network: fed}\n", arena, &diags);
    const char *told = "x/cald.yaml:4:19: unknown network 'fed', expected one of %s; did you mean 'feed'?";
    assert_true(house_agrees(&diags, arena_printf(arena, told, names), "networks"));
    arena_free(arena);
}

static void what_the_others_do_while_one_is_unsure_is_each_accounts_or_the_common_choice(void **state)
{
    (void)state;
    static const struct {
        const char *common, *own, *reason;
        enum unsure_then then;
    } cases[] = {
        {"", "", "they go on, unless it is said", UNSURE_GO_ON},
        {"unsure: {then: wait}\n", "", "the common choice", UNSURE_WAIT},
        {"unsure: {then: wait}\n", ", unsure: {then: go_on}", "the account's own", UNSURE_GO_ON},
        {"", ", unsure: {then: wait}", "the account's own alone", UNSURE_WAIT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct diags diags;
        const char *text = arena_printf(arena, "%s" HEAD MASTODON "%s}\n", cases[i].common, cases[i].own);
        const struct settings *settings = load(text, arena, &diags);
        bool right = settings && settings_account(settings, "m")->unsure.then == cases[i].then;
        if (!right)
            print_error("%s\n", cases[i].reason);
        assert_true(right);
        arena_free(arena);
    }
}

static void what_is_not_said_has_its_default(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct diags diags;
    const struct settings *s = load("late: {grace: 2h}\n" HEAD MASTODON ", late: {then: missed}, max_characters: 400}\n", arena,
                                    &diags);
    const struct settings_account *m = settings_account(s, "m");
    assert_non_null(m);
    assert_null(settings_account(s, "n"));
    assert_string_equal(s->directory, "x");
    assert_string_equal(s->calendar_files[0], "x/c.yaml");
    assert_string_equal(s->state, "x/s");
    assert_string_equal(s->media_root, "x");
    assert_true(s->horizon == DAYS(60) && s->lead == MINUTES(5));
    assert_int_equal(s->concurrency, 64);
    assert_true(m->late.grace == HOURS(2)); /* the account's own 'late' lies over the common one, key by key */
    assert_int_equal(m->late.then, MISSED_DROP);
    assert_int_equal(m->parallel, 1);
    assert_int_equal(json_number(m->account.options, "max_characters", 0), 400);
    assert_null(json_member(m->account.options, "token"));
    assert_string_equal(m->secret_sources[0].file, "x/t");
    assert_true(account_has_secret(&m->account, "token") && !account_secret(&m->account, "token"));
    arena_free(arena);
}

/* ---- on a disk ---- */

static void put(const char *directory, const char *name, const char *text, mode_t mode)
{
    char *path = file_join(directory, name);
    struct error err;
    assert_true(file_replace(path, text, strlen(text), mode, &err));
    free(path);
}

struct disk {
    char directory[64];
    char *path;
    struct documents *documents;
};

static struct disk make_disk(void)
{
    struct disk disk = {.directory = "/tmp/cald-settings-XXXXXX"};
    assert_non_null(mkdtemp(disk.directory));
    put(disk.directory, "cald.yaml", "calendar: [c.yaml, d.yaml]\nstate: s\naccounts:\n" MASTODON "}\n", 0644);
    put(disk.directory, "c.yaml", "timezone: Europe/Paris\nposts: [{id: a, at: 2027-01-01 09:00, to: [m], text: x, "
                                  "body_file: b.md}]\n", 0644);
    put(disk.directory, "d.yaml", "posts: [{id: b, at: 2027-01-02 09:00, to: [m], text: y}]\n", 0644);
    put(disk.directory, "b.md", "\xEF\xBB\xBF" "# B\r\n", 0644);
    put(disk.directory, "t", "geheimnis-123\n", 0600);
    disk.path = file_join(disk.directory, "cald.yaml");
    return disk;
}

static void end_disk(struct disk *disk)
{
    static const char *const names[] = {"cald.yaml", "c.yaml", "d.yaml", "b.md", "t", "ca"};
    documents_free(disk->documents);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = file_join(disk->directory, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(disk->directory);
    free(disk->path);
}

static void the_socket_is_found_whatever_else_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *settings, *socket;
    } cases[] = {
        {"state: s\naccounts:\n" MASTODON "}\n", "s/cald.sock"},
        {"state: s\naccounts:\n" MASTODON ", no: 1}\nhorizont: 3d\n", "s/cald.sock"},
        {"state: s\ncontrol: {socket: c.sock, hots: [a]}\n", "c.sock"},
        {"control: {socket: c.sock}\n", "c.sock"},
        {"accounts: {}\n", NULL},
        {"state: s\naccounts: {\n", NULL},
        {"- a\n", NULL},
    };
    struct disk disk = make_disk();
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(disk.directory, "cald.yaml", cases[i].settings, 0644);
        const char *socket = documents_socket(disk.path, arena);
        assert_int_equal(socket == NULL, cases[i].socket == NULL);
        if (socket)
            assert_string_equal(socket, arena_printf(arena, "%s/%s", disk.directory, cases[i].socket));
    }
    arena_free(arena);
    end_disk(&disk);
}

static void documents_are_loaded_from_disk_with_their_secrets(void **state)
{
    (void)state;
    struct disk disk = make_disk();
    disk.documents = documents_load(disk.path, house_time("2026-12-01T00:00:00Z"));
    char *found = house_findings(&disk.documents->diags);
    assert_int_equal(disk.documents->diags.errors, 0);
    free(found);
    assert_int_equal(disk.documents->calendar->post_count, 2);
    assert_int_equal(disk.documents->file_count, 5); /* the zone is read from disk too */
    assert_string_equal(disk.documents->calendar->posts[0].targets[0].contents[0]->body, "# B\n");
    assert_true(documents_load_secrets(disk.documents, ""));
    assert_string_equal(account_secret(&disk.documents->settings->accounts[0].account, "token"), "geheimnis-123");
    end_disk(&disk);
}

static void a_login_that_was_made_while_documents_were_read_is_followed(void **state)
{
    (void)state;
    struct disk disk = make_disk();
    char *secret = file_join(disk.directory, "t");
    unlink(secret);
    disk.documents = documents_load(disk.path, house_time("2026-12-01T00:00:00Z"));
    const struct account *account = &disk.documents->settings->accounts[0].account;
    assert_true(documents_load_secrets(disk.documents, "")); /* its account waits, the others do not */
    assert_null(account_secret(account, "token"));
    char *found = house_findings(&disk.documents->diags);
    assert_non_null(strstr(found, "is not there ('"));
    assert_non_null(strstr(found, "calctl login m"));
    free(found);
    put(disk.directory, "t", "neues-geheimnis", 0600);
    documents_follow_logins(disk.documents);
    assert_string_equal(account_secret(account, "token"), "neues-geheimnis");
    put(disk.directory, "t", "anderes-geheimnis", 0600);
    documents_follow_logins(disk.documents);
    assert_string_equal(account_secret(account, "token"), "anderes-geheimnis");
    unlink(secret);
    documents_follow_logins(disk.documents);
    assert_null(account_secret(account, "token"));
    free(secret);
    end_disk(&disk);
}

static void of_a_secret_address_only_what_is_secret_is_hidden(void **state)
{
    (void)state;
    struct disk disk = make_disk();
    struct buf shown = {0};
    static const char said[] = "https://chat.example/api/v9/hooks/7/aVeryLongTokenThatNobodyKnows?wait=true, "
                               "https://chat.example/channels/7/8";
    put(disk.directory, "t", "https://chat.example/api/hooks/7/aVeryLongTokenThatNobodyKnows", 0600);
    disk.documents = documents_load(disk.path, 0);
    assert_true(documents_load_secrets(disk.documents, ""));
    log_redact(&shown, said, strlen(said));
    assert_string_equal(buf_text(&shown), "https://chat.example/api/v9/hooks/7/***?wait=true, "
                                          "https://chat.example/channels/7/8");
    buf_release(&shown);
    end_disk(&disk);
}

static void what_is_wrong_with_secrets_is_told_at_once_each_with_its_place(void **state)
{
    (void)state;
    struct disk disk = make_disk();
    put(disk.directory, "t", "x", 0644);
    put(disk.directory, "cald.yaml", "calendar: [c.yaml, d.yaml]\nstate: s\naccounts:\n" MASTODON "}\n"
                                     "  n: {network: webhook, url: https://m.example/x, token: {file: gone}}\n", 0644);
    disk.documents = documents_load(disk.path, 0);
    assert_false(documents_load_secrets(disk.documents, ""));
    char *found = house_findings(&disk.documents->diags);
    assert_non_null(strstr(found, "cald.yaml:4:59: account 'm', token: "));
    assert_non_null(strstr(found, "chmod 600"));
    assert_non_null(strstr(found, "cald.yaml:5:58: account 'n', token: cannot open "));
    free(found);
    end_disk(&disk);
}

static bool has_file(const struct documents *documents, const char *name)
{
    for (size_t i = 0; i < documents->file_count; i++)
        if (!strcmp(documents->files[i], name))
            return true;
    return false;
}

static void an_account_that_may_be_is_held_back_for_its_secret(void **state)
{
    (void)state;
    static const struct {
        const char *held_back; /* NULL: a start */
        bool accepted;
    } cases[] = {{NULL, true}, {"\nm\nn\n", true}, {"\nn\n", false}, {"\nmm\nn\n", false}, {"\n", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct disk disk = make_disk();
        char *secret = file_join(disk.directory, "t");
        put(disk.directory, "t", "x", 0644);
        disk.documents = documents_load(disk.path, 0);
        const struct account *account = &disk.documents->settings->accounts[0].account;
        assert_int_equal(documents_load_secrets(disk.documents, cases[i].held_back), cases[i].accepted);
        assert_null(account_secret(account, "token"));
        assert_int_equal(account_trouble(account) != NULL, cases[i].accepted);
        assert_int_equal(has_file(disk.documents, secret), cases[i].accepted); /* which is watched then */
        if (cases[i].accepted) {
            assert_non_null(strstr(account_trouble(account), "its 'token' cannot be used: "));
            assert_non_null(strstr(account_trouble(account), "; mend it, then calctl reload; or calctl login m"));
            assert_string_equal(documents_held_back(disk.documents, disk.documents->arena), "\nm\n");
            assert_true(documents_store_secret(disk.documents, &disk.documents->settings->accounts[0], "token", "y", NULL));
            assert_null(account_trouble(account));
        }
        free(secret);
        end_disk(&disk);
    }
}

static const struct {
    const char *file, *read; /* NULL: refused */
} secret_files[] = {
    {"geheimnis", "geheimnis"},
    {"geheimnis\n", "geheimnis"},
    {"geheimnis\r\n", "geheimnis"},
    {"\xEF\xBB\xBF" "geheimnis\r\n", "geheimnis"}, /* Windows' Notepad */
    {"abcd efgh ijkl \n", "abcd efgh ijkl "},       /* a password may hold spaces, and end in one */
    {"geheimnis\nein anderes\n", NULL},             /* no header takes a line break: every post would be refused */
    {"geheim\tnis\n", NULL},
    {"\xEF\xBB\xBF\n", NULL},
    {"\n", NULL},
};

static void a_secret_is_one_line_whatever_an_editor_left_around_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof secret_files / sizeof *secret_files; i++) {
        struct disk disk = make_disk();
        put(disk.directory, "t", secret_files[i].file, 0600);
        disk.documents = documents_load(disk.path, 0);
        assert_int_equal(documents_load_secrets(disk.documents, ""), secret_files[i].read != NULL);
        if (secret_files[i].read)
            assert_string_equal(account_secret(&disk.documents->settings->accounts[0].account, "token"),
                                secret_files[i].read);
        end_disk(&disk);
    }
}

static const struct {
    const char *file, *said; /* said: NULL when it is taken */
} authority_files[] = {
    {"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", NULL},
    {"# ours\n-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n-----END TRUSTED CERTIFICATE-----\n", NULL},
    {"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "there is no certificate in '"},
    {"", "there is no certificate in '"},
};

static void a_file_of_authorities_without_a_certificate_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof authority_files / sizeof *authority_files; i++) {
        struct disk disk = make_disk();
        put(disk.directory, "cald.yaml", "calendar: [c.yaml, d.yaml]\nstate: s\noutgoing: {ca_file: ca}\n"
                                         "accounts:\n" MASTODON "}\n", 0644);
        put(disk.directory, "ca", authority_files[i].file, 0644);
        disk.documents = documents_load(disk.path, 0);
        assert_int_equal(documents_load_secrets(disk.documents, ""), !authority_files[i].said);
        char *found = house_findings(&disk.documents->diags);
        assert_true(!authority_files[i].said || strstr(found, authority_files[i].said));
        free(found);
        end_disk(&disk);
    }
}

static void the_hash_changes_with_any_file(void **state)
{
    (void)state;
    struct disk disk = make_disk();
    disk.documents = documents_load(disk.path, 0);
    char *before = xstrdup(disk.documents->hash);
    documents_free(disk.documents);
    disk.documents = documents_load(disk.path, 0);
    assert_string_equal(before, disk.documents->hash);
    documents_free(disk.documents);
    put(disk.directory, "b.md", "# C\n", 0644);
    disk.documents = documents_load(disk.path, 0);
    assert_string_not_equal(before, disk.documents->hash);
    free(before);
    end_disk(&disk);
}

static void a_missing_file_is_one_error_and_half_a_calendar_is_none(void **state)
{
    (void)state;
    struct disk disk = make_disk();
    char *missing = file_join(disk.directory, "d.yaml");
    unlink(missing);
    disk.documents = documents_load(disk.path, 0);
    assert_int_equal(disk.documents->diags.errors, 1);
    assert_string_equal(disk.documents->diags.items[0].rule, "no-such-file");
    assert_string_equal(disk.documents->diags.items[0].file, missing);
    assert_null(disk.documents->calendar);
    free(missing);
    end_disk(&disk);
}

static void a_time_is_refused_on_the_first_day_however_far_ahead_it_is(void **state)
{
    (void)state;
    struct disk disk = make_disk();
    put(disk.directory, "d.yaml", "key_dates: [{date: 2029-01-02, name: Deuil, silent: true}]\n"
                                  "posts: [{id: b, at: 2029-01-02 09:00, to: [m], text: y}]\n", 0644);
    disk.documents = documents_load(disk.path, house_time("2026-12-01T00:00:00Z"));
    assert_int_equal(disk.documents->diags.errors, 1);
    assert_string_equal(disk.documents->diags.items[0].rule, "silent-date");
    end_disk(&disk);
}

static void files_are_recognised_by_their_content(void **state)
{
    (void)state;
    struct disk disk = make_disk();
    char *first = file_join(disk.directory, "c.yaml"), *second = file_join(disk.directory, "d.yaml"),
         *other = file_join(disk.directory, "b.md");
    const char *paths[] = {second, first};
    disk.documents = documents_check_files(paths, 2, 0);
    assert_int_equal(disk.documents->diags.errors, 0);
    assert_int_equal(disk.documents->calendar->post_count, 2);
    documents_free(disk.documents);
    put(disk.directory, "b.md", "colour: red\n", 0644);
    disk.documents = documents_check_files((const char *[]){other}, 1, 0);
    assert_string_equal(disk.documents->diags.items[0].rule, "unknown-document");
    free(first);
    free(second);
    free(other);
    end_disk(&disk);
}

static void a_post_as_json_is_read_by_the_calendars_rules(void **state)
{
    (void)state;
    struct disk disk = make_disk();
    struct arena *arena = arena_new();
    struct diags diags = diags_in(arena);
    const struct post *post = NULL;
    disk.documents = documents_load(disk.path, 0);
    json_t *json = json_pack("{s:s, s:[s], s:b}", "text", "Il neige", "to", "m", "draft", 1);
    assert_true(documents_read_post(disk.documents, json, arena, &post, &diags));
    assert_ptr_equal(post->targets[0].account, &disk.documents->settings->accounts[0].account);
    assert_true(post->draft);
    json_decref(json);
    json = json_pack("{s:i, s:[s], s:s}", "text", 5, "to", "nobody", "drft", "x");
    assert_false(documents_read_post(disk.documents, json, arena, &post, &diags));
    assert_int_equal(diags.errors, 2); /* a number is a text like any other */
    json_decref(json);
    arena_free(arena);
    end_disk(&disk);
}

static void the_example_is_without_findings_whenever_it_is_run(void **state)
{
    (void)state;
    instant start = house_time("2026-01-15T00:00:00Z");
    size_t noted = 0;
    for (int day = 0; day < 770; day += 17) { /* each day of the week, each part of the year */
        struct documents *documents =
            documents_load(CALD_SOURCE_DIR "/config/example/cald.yaml", start + day * DAYS(1));
        /* On the 24th of December its demonstration is left out, which is a note and no finding. */
        if (!documents->diags.notes)
            house_expect(&documents->diags, "", "config/example");
        assert_int_equal(documents->diags.errors + documents->diags.warnings, 0);
        noted += documents->diags.notes;
        documents_free(documents);
    }
    assert_in_range(noted, 1, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_told_at_its_place),
        cmocka_unit_test(an_unknown_network_is_told_with_those_that_there_are),
        cmocka_unit_test(what_is_not_said_has_its_default),
        cmocka_unit_test(what_the_others_do_while_one_is_unsure_is_each_accounts_or_the_common_choice),
        cmocka_unit_test(the_socket_is_found_whatever_else_is_wrong),
        cmocka_unit_test(documents_are_loaded_from_disk_with_their_secrets),
        cmocka_unit_test(a_login_that_was_made_while_documents_were_read_is_followed),
        cmocka_unit_test(of_a_secret_address_only_what_is_secret_is_hidden),
        cmocka_unit_test(what_is_wrong_with_secrets_is_told_at_once_each_with_its_place),
        cmocka_unit_test(an_account_that_may_be_is_held_back_for_its_secret),
        cmocka_unit_test(a_secret_is_one_line_whatever_an_editor_left_around_it),
        cmocka_unit_test(a_file_of_authorities_without_a_certificate_is_refused),
        cmocka_unit_test(the_hash_changes_with_any_file),
        cmocka_unit_test(a_missing_file_is_one_error_and_half_a_calendar_is_none),
        cmocka_unit_test(a_time_is_refused_on_the_first_day_however_far_ahead_it_is),
        cmocka_unit_test(files_are_recognised_by_their_content),
        cmocka_unit_test(the_example_is_without_findings_whenever_it_is_run),
        cmocka_unit_test(a_post_as_json_is_read_by_the_calendars_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
