/*
 * What the replies of a mail server mean: codes of RFC 5321 section 4.2, sharpened by the enhanced ones of
 * RFC 3463 (and the registry that RFC 5248 began), which stand at the beginning of the text. The first row
 * that fits decides.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "network/email.h"
#include "network/outcome.h"

struct meaning {
    const char *command; /* NULL: any */
    int from, to;        /* codes */
    const char *detail;  /* of the enhanced code, behind its first number: "7.8"; NULL: any */
    enum outcome_kind kind;
    enum scope scope;
    bool reconnect;
    const char *text;
};

#define LOGIN "the login does not work: correct 'user' and 'password'"
#define LATER "the server cannot take it now"

static const struct meaning meanings[] = {
    {NULL, 421, 421, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the server is closing down or overloaded"},
    {NULL, 500, 599, "4.5", OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the server's quota for now is used up"},
    {"connect", 400, 499, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the server takes no mail now"},
    {"connect", 500, 599, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the server takes no mail from here"},
    {"ehlo", 400, 499, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, false, LATER},
    {"ehlo", 500, 599, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the server does not talk to us"},
    {"starttls", 400, 499, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the server has no TLS at the moment"},
    {"starttls", 500, 599, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, false, "the server has no TLS"},
    {"auth", 400, 499, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the server cannot check the login now"},
    {"auth", 500, 599, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, LOGIN},
    {NULL, 530, 530, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, true,
     "the server wants a login: set 'user' and 'password'"},
    {NULL, 534, 538, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, true, LOGIN},
    {NULL, 400, 599, "3.4", OUTCOME_REFUSED, SCOPE_POST, false,
     "it is too large for the server: fewer or smaller images"},
    {"mail", 552, 552, NULL, OUTCOME_REFUSED, SCOPE_POST, false,
     "it is too large for the server: fewer or smaller images"},
    {"mail", 400, 499, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, false, LATER},
    {"mail", 500, 599, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the server does not take mail from this sender"},
    {"rcpt", 552, 552, NULL, OUTCOME_RETRY, SCOPE_POST, false, LATER}, /* section 4.5.3.1.10: as 452 */
    {"rcpt", 400, 499, NULL, OUTCOME_RETRY, SCOPE_POST, false, "the server asks to try the recipient later"},
    {"rcpt", 500, 599, NULL, OUTCOME_REFUSED, SCOPE_ACCOUNT, false,
     "the server does not take mail for the recipient in 'to'"},
    {NULL, 452, 452, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, false, "the server has no room now"},
    {NULL, 400, 499, NULL, OUTCOME_RETRY, SCOPE_POST, false, LATER},
    {"message", 552, 552, NULL, OUTCOME_REFUSED, SCOPE_POST, false,
     "it is too large for the server: fewer or smaller images"},
    {NULL, 500, 599, "7.1", OUTCOME_REFUSED, SCOPE_POST, false, "the server forbids the message"},
    {NULL, 500, 599, NULL, OUTCOME_REFUSED, SCOPE_POST, false, "the server refuses the message"},
    {NULL, 0, 999, NULL, OUTCOME_RETRY, SCOPE_ACCOUNT, false,
     "the server gives an answer that SMTP does not know there"},
};

/* "550 5.7.1 no" → "7.1", compared to the end of its number; NULL: there is none of the code's class. */
static bool has_detail(const char *reply, const char *detail)
{
    const char *text = strlen(reply) > 4 ? reply + 4 : "";
    size_t length = strlen(detail);
    return text[0] == reply[0] && text[1] == '.' && !strncmp(text + 2, detail, length) &&
           !isdigit((unsigned char)text[2 + length]);
}

static const struct meaning *meaning_of(const struct header *reply)
{
    int code = atoi(reply->value);
    for (const struct meaning *m = meanings;; m++) {
        if (code < m->from || code > m->to || (m->command && strcmp(m->command, reply->name) != 0))
            continue;
        if (!m->detail || has_detail(reply->value, m->detail))
            return m;
    }
}

static bool is_positive(const struct header *reply)
{
    return *reply->value == '2' || *reply->value == '3';
}

static const struct header *last_reply(const struct response *response)
{
    static const struct header none = {"connect", ""};
    return response->header_count ? &response->headers[response->header_count - 1] : &none;
}

/* Of several that were not taken it is the one to be tried again that decides: it may be taken yet. */
static const struct header *deciding_reply(const struct response *response)
{
    const struct header *decides = last_reply(response);
    for (size_t i = 0; i < response->header_count; i++) {
        const struct header *reply = &response->headers[i];
        if (!strcmp(reply->name, "mail") && !is_positive(reply))
            return reply;
        if (!strcmp(reply->name, "rcpt") && is_positive(reply))
            return last_reply(response); /* somebody would have got it: what came after decides */
        if (!strcmp(reply->name, "rcpt") && meaning_of(reply)->kind == OUTCOME_RETRY)
            decides = reply;
    }
    return decides;
}

void email_judge(const struct step *step, const struct response *response, struct arena *arena,
                 struct outcome *ret_outcome)
{
    const struct header *reply = deciding_reply(response);
    const struct meaning *m = meaning_of(reply);
    *ret_outcome = (struct outcome){.reconnect = m->reconnect};
    if (!strcmp(reply->name, "message") && *reply->value != '4' && *reply->value != '5') {
        outcome_set(ret_outcome, arena, OUTCOME_UNSURE, SCOPE_POST,
                    "%s: the server gave an answer that SMTP does not know to the whole message: '%s'",
                    step->name, outcome_said(reply->value, arena));
        return;
    }
    outcome_set(ret_outcome, arena, m->kind, m->scope, "%s: %s: '%s'", step->name, m->text,
                outcome_said(reply->value, arena));
}

void email_read_replies(const struct step *step, const struct response *response, struct arena *arena,
                        struct email_result *ret_result)
{
    const struct mail *mail = step->request.mail;
    const struct header *last = last_reply(response);
    struct email_result result = {.taken = !strcmp(last->name, "message") && *last->value == '2'};
    const char **later = NULL, **refused = NULL;
    size_t recipient = 0;
    for (size_t i = 0; i < response->header_count; i++) {
        const struct header *reply = &response->headers[i];
        if (strcmp(reply->name, "rcpt") != 0 || recipient == mail->to_count)
            continue;
        const char *to = mail->to[recipient++];
        if (is_positive(reply))
            continue;
        if (meaning_of(reply)->kind == OUTCOME_RETRY)
            *arena_push(arena, later, result.later_count) = to;
        else
            *arena_push(arena, refused, result.refused_count) =
                arena_printf(arena, "%s (%s)", to, outcome_said(reply->value, arena));
    }
    result.later = later;
    result.refused = refused;
    *ret_result = result;
}
