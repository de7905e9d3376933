/*
 * An e-mail account's options: the server, who writes to whom, how one leaves the list.
 */
#include <string.h>

#include "base/host.h"
#include "base/json.h"
#include "network/email.h"
#include "network/mime.h"

enum { RECIPIENTS_MOST = 100 }; /* what every server must take (RFC 5321 section 4.5.3.1.8) */

static const char *const securities[] = {"starttls", "tls", "none", NULL};

const struct network_option email_options[] = {
    {.name = "server",
     .kind = OPTION_TEXT,
     .required = true,
     .max = 255,
     .help = "host name of the mail server that takes the messages"},
    {.name = "port",
     .kind = OPTION_INTEGER,
     .min = 1,
     .max = 65535,
     .help = "its port (default: 587; with security tls 465, with none 25)"},
    {.name = "security",
     .kind = OPTION_WORD,
     .words = securities,
     .help =
         "starttls (default), tls from the first byte, or none: to this machine only, unless 'outgoing' has "
         "insecure: true"},
    {.name = "user",
     .kind = OPTION_TEXT,
     .min = 1,
     .max = 320,
     .help = "name for the login; without: no login"},
    {.name = "password",
     .kind = OPTION_SECRET,
     .help = "password for the login, an app password where there are some"},
    {.name = "from", .kind = OPTION_TEXT, .required = true, .max = 320, .help = "address of the sender"},
    {.name = "name", .kind = OPTION_TEXT, .max = 200, .help = "name of the sender, shown beside the address"},
    {.name = "to",
     .kind = OPTION_TEXTS,
     .required = true,
     .min = 1,
     .max = RECIPIENTS_MOST,
     .help = "the list's address, or several: these do not see each other"},
    {.name = "reply_to",
     .kind = OPTION_TEXT,
     .max = 320,
     .help = "address that answers go to (default: the sender's)"},
    {.name = "bounces",
     .kind = OPTION_TEXT,
     .max = 320,
     .help = "address that gets what could not be delivered (default: the sender's)"},
    {.name = "unsubscribe",
     .kind = OPTION_TEXTS,
     .min = 1,
     .max = 2,
     .help = "how one leaves the list: an https:// address, a mailto: address, or both (header "
             "List-Unsubscribe)"},
    {.name = "one_click",
     .kind = OPTION_FLAG,
     .help = "the https:// address of 'unsubscribe' takes the POST of RFC 8058: programs offer a button"},
    {.name = "footer", .kind = OPTION_TEXT, .max = 2000, .help = "what ends each message, Markdown"},
    {.name = "deduplicates",
     .kind = OPTION_FLAG,
     .help = "the server drops a second message with the same Message-ID: a doubtful one is sent again "
             "instead of "
             "being left to a person"},
};

bool email_is_plain(const struct account *account)
{
    const char *security = account_option(account, "security");
    return security && !strcmp(security, "none");
}

/* We introduce ourselves as the sender's domain: a machine's own name says nothing outside, or too much. */
const char *email_url(const struct account *account, struct arena *arena)
{
    const char *security = account_option(account, "security"), *server = account_option(account, "server");
    bool tls = security && !strcmp(security, "tls");
    int64_t port = json_number(account->options, "port", tls ? 465 : email_is_plain(account) ? 25 : 587);
    bool is_v6 = strchr(server, ':') != NULL;
    return arena_printf(arena, "smtp%s://%s%s%s:%lld/%s", tls ? "s" : "", is_v6 ? "[" : "", server,
                        is_v6 ? "]" : "", (long long)port, mime_domain(account_option(account, "from")));
}

const char *const *email_texts(const json_t *object, const char *name, struct arena *arena, size_t *ret_count)
{
    const json_t *list = json_member(object, name);
    const char **texts = arena_alloc_array(arena, json_array_size(list) + 1, sizeof *texts);
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)list, i, item)
    {
        texts[i] = json_string_value(item);
    }
    *ret_count = json_array_size(list);
    return texts;
}

/* ---- what the table cannot say ---- */

static bool check_address(const char *name, const char *text, struct error *err)
{
    return !text || mime_is_address(text) ||
           fail(err,
                "'%s': '%s' is no address of the form name@example.org (ASCII; other letters of a domain as "
                "xn--)",
                name, text);
}

static bool check_addresses(const struct account *account, struct error *err)
{
    static const char *const names[] = {"from", "reply_to", "bounces"};
    size_t i;
    json_t *item;
    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (!check_address(names[i], account_option(account, names[i]), err))
            return false;
    json_array_foreach(json_member(account->options, "to"), i, item)
    {
        if (!check_address("to", json_string_value(item), err))
            return false;
    }
    return true;
}

static bool check_server(const struct account *account, struct error *err)
{
    const char *server = account_option(account, "server");
    if (!server || !*server ||
        server[strspn(server, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:")])
        return fail(err,
                    "'server': '%s' is no host name; expected one like smtp.example.org, its port in 'port'",
                    server ? server : "");
    if (strchr(server, ':') && strchr(server, ':') == strrchr(server, ':'))
        return fail(err, "'server': '%s' has a port: write it into 'port'", server);
    return !email_is_plain(account) || host_is_loopback(server) || account->insecure ||
           fail(
               err,
               "'security: none' is for a server on this machine only, unless 'outgoing' has insecure: true; "
               "'%s' is none",
               server);
}

static bool is_uri(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("<>\",", *c))
            return false;
    return !strncmp(text, "mailto:", 7) || !strncmp(text, "https://", 8);
}

static bool check_unsubscribe(const struct account *account, struct error *err)
{
    bool has_https = false;
    size_t i;
    json_t *item;
    json_array_foreach(json_member(account->options, "unsubscribe"), i, item)
    {
        const char *uri = json_string_value(item);
        if (!is_uri(uri))
            return fail(err, "'unsubscribe': '%s' is neither an https:// nor a mailto: address", uri);
        has_https |= *uri == 'h';
    }
    return has_https || !json_flag(account->options, "one_click", false) ||
           fail(err, "'one_click' needs an https:// address in 'unsubscribe' (RFC 8058)");
}

static bool check_login(const struct account *account, struct error *err)
{
    bool user = account_option(account, "user") != NULL, password = account_has_secret(account, "password");
    return user == password || fail(err, "a login needs both 'user' and 'password'");
}

bool email_check_account(const struct account *account, struct error *err)
{
    return check_login(account, err) && check_server(account, err) && check_addresses(account, err) &&
           check_unsubscribe(account, err);
}
