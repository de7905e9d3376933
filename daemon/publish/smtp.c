/*
 * See smtp.h. What is said is smtp_dialogue.c's, the bytes of the message are mail_body.c's; here is the
 * wire, and what became of the exchange.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>

#include "publish/mail_body.h"
#include "publish/smtp.h"
#include "publish/smtp_dialogue.h"

#define LOGIN_MOST                                                                                           \
    SECONDS(120) /* connecting, TLS, logging in; some servers let strangers wait before they greet */
#define PARTING_MOST SECONDS(5) /* for the reply to QUIT: nothing depends on it */

enum { ROOM = 16384, BYTES_A_TURN = 1 << 20 };

struct smtp {
    struct exchange *exchange;
    const struct request *request; /* as far as it is needed: mail and the message */
    struct dialogue dialogue;
    struct mail_body body;
    struct watch *watch;
    struct timer *timer; /* of the whole exchange, then of the parting */
    char out[ROOM];
    size_t length, at; /* of what is being sent */
    bool sent;         /* the end of the message may have left */
    bool logged_in;    /* the server said so */
    bool offers_size;
    char last[512]; /* the reply heard last while libcurl spoke */
};

void smtp_unwatch(struct smtp *smtp)
{
    if (smtp->watch != NULL)
        watch_free(smtp->watch);
    smtp->watch = NULL;
}

void smtp_free(struct smtp *smtp)
{
    if (smtp == NULL)
        return;
    smtp_unwatch(smtp);
    timer_free(smtp->timer);
    dialogue_release(&smtp->dialogue);
    free((void *)(uintptr_t)smtp->body.files);
    free(smtp);
}

/* ---- its end ---- */

static void drop(struct exchange *exchange)
{
    exchange_unlink(exchange);
    exchange_free(exchange);
}

/* Tells it; what was lent is given back, only the connection may stay for a moment. */
static void tell(struct smtp *smtp, struct http_result *result)
{
    struct exchange *exchange = smtp->exchange;
    http_done *done = exchange->done;

    result->sent = smtp->sent;
    result->timings = exchange_timings(exchange, result->ok);
    exchange->http->in_flight--;
    exchange->done = NULL;
    done(exchange->context, result);
}

static void fail_exchange(struct smtp *smtp, const char *error, bool barred)
{
    struct exchange *exchange = smtp->exchange;

    tell(smtp, &(struct http_result){.error = error, .barred = barred});
    drop(exchange);
}

static struct http_result result_of(struct smtp *smtp)
{
    const struct dialogue *dialogue = &smtp->dialogue;
    const struct header *last = &dialogue->replies[dialogue->reply_count - 1];

    return (struct http_result){
        .ok = true,
        .response = {.status = atoi(last->value),
                     .headers = dialogue->replies,
                     .header_count = dialogue->reply_count,
                     .body = ""},
    };
}

static const char *broken(const struct smtp *smtp, const char *how)
{
    return arena_printf(smtp->exchange->arena, "'%s' %s%s", smtp->exchange->origin.host, how,
                        smtp->sent ? " after the whole message was sent, without saying whether it took it"
                                   : "; the message was not sent");
}

/* ---- the parting ---- */

static void parting_ready(void *context, uint32_t events)
{
    (void)events;
    drop(((struct smtp *)context)->exchange);
}

static void parting_over(void *context)
{
    drop(((struct smtp *)context)->exchange);
}

static void part(struct smtp *smtp)
{
    static const char quit[] = "QUIT\r\n";
    struct exchange *exchange = smtp->exchange;
    curl_socket_t fd = CURL_SOCKET_BAD;
    size_t sent;

    smtp_unwatch(smtp);
    curl_easy_getinfo(exchange->easy, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD || curl_easy_send(exchange->easy, quit, sizeof quit - 1, &sent) != CURLE_OK) {
        drop(exchange);
        return;
    }
    smtp->watch = loop_watch(exchange->http->loop, fd, EPOLLIN, parting_ready, smtp);
    timer_free(smtp->timer);
    smtp->timer = loop_timer(exchange->http->loop, parting_over, smtp);
    timer_after(smtp->timer, PARTING_MOST);
}

static void finish(struct smtp *smtp)
{
    struct http_result result = result_of(smtp);

    tell(smtp, &result);
    part(smtp);
}

/* ---- speaking and hearing ---- */

/* Puts what is to be said next into 'out'. False: the message cannot be read. */
static bool prepare(struct smtp *smtp)
{
    struct dialogue *dialogue = &smtp->dialogue;
    const char *command = dialogue_command(dialogue);

    smtp->at = 0;
    if (command != NULL) {
        smtp->length = strlen(command);
        memcpy(smtp->out, command, smtp->length); /* an address has 320 characters at most */
        dialogue->waits = true;
        return true;
    }
    smtp->length = mail_body_read(&smtp->body, smtp->out, ROOM);
    if (smtp->length == SIZE_MAX)
        return false;
    if (smtp->length == 0) {
        memcpy(smtp->out, ".\r\n", smtp->length = 3);
        dialogue->waits = smtp->sent = true;
    }
    return true;
}

/* 1: all of it went; 0: not now; -1: the connection is gone. */
static int send_out(struct smtp *smtp)
{
    while (smtp->at < smtp->length) {
        size_t sent = 0;
        CURLcode code =
            curl_easy_send(smtp->exchange->easy, smtp->out + smtp->at, smtp->length - smtp->at, &sent);

        if (code == CURLE_AGAIN || (code == CURLE_OK && sent == 0))
            return 0;
        if (code != CURLE_OK)
            return -1;
        smtp->at += sent;
    }
    return 1;
}

/* Everything that came: TLS may hold some of it that the socket tells nothing of. NULL, or how it broke. */
static const char *hear(struct smtp *smtp)
{
    struct error err;
    char bytes[4096];
    size_t got;

    while (smtp->dialogue.at != DIALOGUE_OVER) {
        CURLcode code = curl_easy_recv(smtp->exchange->easy, bytes, sizeof bytes, &got);

        if (code == CURLE_AGAIN)
            return NULL;
        if (code != CURLE_OK || got == 0)
            return "closed the connection";
        if (!dialogue_hear(&smtp->dialogue, bytes, got, &err))
            return arena_printf(smtp->exchange->arena, "sent %s", err.message);
    }
    return NULL;
}

/* Says what can be said. NULL, or how it broke; *ret_blocked: the connection takes no more now. */
static const char *speak(struct smtp *smtp, bool *ret_blocked)
{
    size_t spoken = 0;

    *ret_blocked = false;
    while (smtp->dialogue.at != DIALOGUE_OVER) {
        int sent = send_out(smtp);

        if (sent < 0)
            return "closed the connection";
        *ret_blocked = sent == 0 || spoken > BYTES_A_TURN; /* others want a turn, too */
        if (*ret_blocked || smtp->dialogue.waits)
            return NULL;
        if (!prepare(smtp))
            return "was not told all: an image could not be read";
        spoken += smtp->length;
    }
    return NULL;
}

/* What the server said before it closed is heard, even where it takes no more: it may be why. */
static void go_on(struct smtp *smtp)
{
    bool blocked = false;
    const char *how = hear(smtp), *deaf;

    if (how == NULL)
        how = speak(smtp, &blocked);
    if (how != NULL && smtp->dialogue.at != DIALOGUE_OVER && (deaf = hear(smtp)) != NULL)
        how = deaf;
    if (smtp->dialogue.at == DIALOGUE_OVER)
        finish(smtp);
    else if (how != NULL)
        fail_exchange(smtp, broken(smtp, how), false);
    else
        watch_change(smtp->watch, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void ready(void *context, uint32_t events)
{
    (void)events;
    go_on(context);
}

static void time_is_over(void *context)
{
    struct smtp *smtp = context;

    fail_exchange(smtp, broken(smtp, "did not answer in time"), false);
}

/* ---- connecting, by libcurl ---- */

/* Each line that the server sends meanwhile. */
static size_t got_line(char *line, size_t size, size_t count, void *context)
{
    struct smtp *smtp = ((struct exchange *)context)->smtp;
    size_t length = size * count;

    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
        length--;
    snprintf(smtp->last, sizeof smtp->last, "%.*s",
             (int)(length < sizeof smtp->last ? length : sizeof smtp->last - 1), line);
    smtp->logged_in |= strncmp(smtp->last, "235", 3) == 0;
    smtp->offers_size |=
        strncmp(smtp->last, "250", 3) == 0 && length > 4 && strncasecmp(smtp->last + 4, "SIZE", 4) == 0;
    return size * count;
}

/* The command that a failed connection ended with, where a reply of the server is the reason. */
static const char *failed_command(const struct smtp *smtp, CURLcode code)
{
    static const struct {
        CURLcode code;
        const char *command;
    } commands[] = {
        {CURLE_WEIRD_SERVER_REPLY, "connect"},
        {CURLE_REMOTE_ACCESS_DENIED, "ehlo"},
        {CURLE_USE_SSL_FAILED, "starttls"},
        {CURLE_LOGIN_DENIED, "auth"},
    };

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (commands[i].code == code && (*smtp->last == '4' || *smtp->last == '5'))
            return commands[i].command;
    }
    return strncmp(smtp->last, "421", 3) == 0 ? "connect" : NULL;
}

/* What trying again does not help, or NULL. */
static const char *lacks(const struct smtp *smtp, CURLcode code)
{
    const struct mail *mail = smtp->request->mail;

    if (code == CURLE_USE_SSL_FAILED)
        return "offers no TLS (STARTTLS)";
    if (code == CURLE_OK && mail->user != NULL && !smtp->logged_in)
        return "offers no login with a password (AUTH PLAIN or LOGIN)";
    return NULL;
}

static void not_connected(struct smtp *smtp, CURLcode code)
{
    struct exchange *exchange = smtp->exchange;
    const char *command = failed_command(smtp, code), *what = lacks(smtp, code);
    struct http_result result;

    if (command != NULL) {
        dialogue_note(&smtp->dialogue, command, smtp->last);
        result = result_of(smtp);
        tell(smtp, &result);
        drop(exchange);
    } else if (what != NULL) {
        fail_exchange(smtp,
                      arena_printf(exchange->arena, "'%s' %s; nothing was sent", exchange->origin.host, what),
                      true);
    } else {
        fail_exchange(smtp, exchange_unreached(exchange, code), *exchange->barred != '\0');
    }
}

void smtp_connected(struct exchange *exchange, CURLcode code)
{
    struct smtp *smtp = exchange->smtp;
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (code == CURLE_OK)
        curl_easy_getinfo(exchange->easy, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD || lacks(smtp, code) != NULL) {
        not_connected(smtp, code);
        return;
    }
    dialogue_begin(&smtp->dialogue, smtp->request->mail, smtp->offers_size ? mail_body_size(&smtp->body) : 0,
                   exchange->arena);
    smtp->watch = loop_watch(exchange->http->loop, fd, EPOLLIN, ready, smtp);
    go_on(smtp);
}

/* ---- making one ---- */

static void set_options(struct exchange *exchange, const struct mail *mail)
{
    CURL *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)LOGIN_MOST);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)LOGIN_MOST);
    curl_easy_setopt(easy, CURLOPT_USE_SSL, mail->plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, got_line);
    if (mail->user == NULL)
        return;
    /* others that servers offer protect a password that TLS protects already, or need more than a password */
    curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
    curl_easy_setopt(easy, CURLOPT_USERNAME, mail->user);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, mail->password ? mail->password : "");
}

static struct mail *copy_mail(const struct mail *mail, struct arena *arena)
{
    struct mail *copy = arena_new_of(arena, struct mail);
    const char **to = arena_alloc_array(arena, mail->to_count + 1, sizeof *to);

    for (size_t i = 0; i < mail->to_count; i++)
        to[i] = arena_strdup(arena, mail->to[i]);
    *copy = (struct mail){.from = arena_strdup(arena, mail->from), .to = to, .to_count = mail->to_count};
    copy->user = mail->user ? "" : NULL; /* only whether there is one: libcurl has it */
    return copy;
}

static struct request *copy_request(const struct request *request, struct arena *arena)
{
    struct request *copy = arena_new_of(arena, struct request);

    copy->mail = copy_mail(request->mail, arena);
    copy->body = arena_strndup(arena, request->body, request->body_length);
    copy->body_length = request->body_length;
    return copy;
}

static bool open_files(struct smtp *smtp, const struct request *request, const struct http_options *options,
                       struct error *err)
{
    struct body_file **files = xmalloc((request->insert_count + 1) * sizeof *files);

    smtp->body = (struct mail_body){.text = smtp->request->body,
                                    .length = request->body_length,
                                    .files = files,
                                    .file_count = request->insert_count};
    for (size_t i = 0; i < request->insert_count; i++) {
        if (!exchange_add_file(smtp->exchange, options, request->inserts[i], 0, 0, &files[i], err))
            return false;
    }
    return true;
}

bool smtp_set(struct exchange *exchange, const struct request *request, const struct http_options *options,
              struct error *err)
{
    struct smtp *smtp = xmalloc(sizeof *smtp);
    duration most = request->timeout > 0 ? request->timeout : HTTP_DEFAULT_TIMEOUT;

    memset(smtp, 0, sizeof *smtp);
    exchange->smtp = smtp;
    smtp->exchange = exchange;
    smtp->dialogue.arena = exchange->arena;
    smtp->request = copy_request(request, exchange->arena);
    set_options(exchange, request->mail);
    smtp->timer = loop_timer(exchange->http->loop, time_is_over, smtp);
    timer_after(smtp->timer, most < HTTP_LONGEST_TIMEOUT ? most : HTTP_LONGEST_TIMEOUT);
    return open_files(smtp, request, options, err);
}
