/*
 * Exchanges of HTTP: an easy handle of libcurl for each, from its request to its result. What a request is
 * for libcurl is in http_request.c, over which connections it goes in http_connections.c; exchanges of mail
 * are smtp.c's. What may be in a request is judged in http_check.c, answers are collected in answer.c;
 * nothing here knows posts or accounts.
 */
#include <stdlib.h>

#include "publish/exchange.h"
#include "publish/http_check.h"
#include "publish/smtp.h"

enum {
    UPLOAD_BUFFER = 16384,  /* libcurl's least; for each exchange it would take 64 KiB … */
    DOWNLOAD_BUFFER = 4096, /* … and 16 KiB; most answers are shorter, and there may be 1,000 at a time */
    SILENCE_SECONDS = 30,   /* less than 1 byte/s for so long ends an exchange */
};

/* ---- what libcurl asks of us during an exchange ---- */

/* Called when the connection stands and the request is about to leave: also before libcurl's own repeats. */
static int about_to_leave(void *context, char *ip, char *local_ip, int port, int local_port)
{
    struct exchange *exchange = context;

    (void)ip, (void)local_ip, (void)port, (void)local_port;
#ifndef CALD_MUTANT_HIDDEN_REPEAT
    if (exchange->once && exchange->starts > 0)
        return CURL_PREREQFUNC_ABORT;
#endif
    exchange->starts++;
    return CURL_PREREQFUNC_OK;
}

static size_t got_header(char *line, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;

    return answer_header(&exchange->answer, line, size * count) ? size * count : 0;
}

static size_t got_body(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;

    return answer_body(&exchange->answer, bytes, size * count) ? size * count : 0;
}

/* ---- making an exchange ---- */

static CURL *easy_begin(struct http *http)
{
    CURL *easy = http->spare_count > 0 ? http->spares[--http->spare_count] : curl_easy_init();

    if (easy == NULL)
        bug("out of memory");
    return easy;
}

/*
 * A handle whose host has no address keeps its buffer through a reset: libcurl 7.88 then forgets how large
 * it is, refuses to be told another size, and would read the next answer past its end.
 */
static bool may_be_used_again(CURL *easy)
{
    return curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)DOWNLOAD_BUFFER) == CURLE_OK;
}

/* Nothing of the exchange, and no secret of it, stays in the handle. */
static void easy_end(struct http *http, CURL *easy)
{
    curl_easy_reset(easy);
    if (!may_be_used_again(easy)) {
        curl_easy_cleanup(easy);
        return;
    }
    if (http->spare_count == http->spare_capacity) {
        http->spare_capacity = http->spare_capacity > 0 ? 2 * http->spare_capacity : SPARES_AT_REST;
        http->spares = xrealloc(http->spares, http->spare_capacity * sizeof *http->spares);
    }
    http->spares[http->spare_count++] = easy;
}

void http_free_spares(struct http *http, size_t most)
{
    while (http->spare_count > most)
        curl_easy_cleanup(http->spares[--http->spare_count]);
}

void exchange_free(struct exchange *exchange)
{
    smtp_free(exchange->smtp);
    easy_end(exchange->http, exchange->easy);
    curl_mime_free(exchange->mime);
    curl_url_cleanup(exchange->own_parts);
    for (size_t i = 0; i < exchange->file_count; i++)
        body_close(&exchange->files[i]);
    answer_release(&exchange->answer);
    arena_free(exchange->warm);
    free(exchange->files);
    free(exchange);
}

static void set_rules(struct exchange *exchange)
{
    CURL *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, exchange->origin.scheme);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"); /* also not from the environment, which is not even asked */
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)DOWNLOAD_BUFFER);
}

static void set_bounds(struct exchange *exchange, duration timeout)
{
    CURL *easy = exchange->easy;

    if (timeout <= 0)
        timeout = HTTP_DEFAULT_TIMEOUT;
    if (timeout > HTTP_LONGEST_TIMEOUT)
        timeout = HTTP_LONGEST_TIMEOUT;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_TIMEOUT);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_SECONDS);
}

static void set_callbacks(struct exchange *exchange)
{
    CURL *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, about_to_leave);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, got_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, got_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
}

static struct exchange *exchange_new(struct http *http, const struct http_options *options,
                                     const struct origin *origin, size_t files)
{
    struct exchange *exchange = xmalloc(sizeof *exchange);

    *exchange = (struct exchange){
        .http = http,
        .easy = easy_begin(http),
        .origin = *origin,
        .once = options->once,
        .private_addresses = options->private_addresses,
        .foreign = options->foreign,
        .files = files > 0 ? xmalloc(files * sizeof(struct body_file)) : NULL,
    };
    set_rules(exchange);
    if (options->ca_file != NULL)
        curl_easy_setopt(exchange->easy, CURLOPT_CAINFO, options->ca_file); /* CAPATH stays the system's */
    set_callbacks(exchange);
    exchange_set_connection(exchange);
    return exchange;
}

/* Those that somebody waits for. */
static bool exchange_counts(const struct exchange *exchange)
{
    return exchange->done != NULL;
}

static void start(struct exchange *exchange)
{
    struct http *http = exchange->http;

    exchange->next = http->exchanges;
    if (http->exchanges != NULL)
        http->exchanges->previous = exchange;
    http->exchanges = exchange;
    http->in_flight += exchange_counts(exchange);
    if (curl_multi_add_handle(http->multi, exchange->easy) != CURLM_OK)
        bug("libcurl does not take an exchange");
}

bool http_send(struct http *http, const struct request *request, const struct http_options *options,
               struct arena *arena, http_done *done, void *context, struct error *err)
{
    struct exchange *exchange;
    struct origin origin;

    if (!origin_read(request->url, arena, &origin, err) || !http_check(request, &origin, options, err))
        return false;
    exchange = exchange_new(http, options, &origin,
                            request->part_count + request->insert_count + (request->media != NULL));
    exchange->arena = exchange->answer.arena = arena;
    exchange->done = done;
    exchange->context = context;
    exchange_set_url(exchange, request->url, request->secret_url);
    set_bounds(exchange, request->timeout);
    if (request->mail == NULL)
        exchange_set_headers(exchange, request);
    if (request->mail ? !smtp_set(exchange, request, options, err)
                      : !exchange_set_body(exchange, request, options, err)) {
        exchange_free(exchange);
        return false;
    }
    start(exchange);
    return true;
}

void http_warm(struct http *http, const char *url, const struct http_options *options)
{
    static const struct request nothing = {.method = "HEAD"};
    struct arena *arena = arena_new();
    struct exchange *exchange;
    struct origin origin;

    if (!origin_read(url, arena, &origin, NULL) || !http_check(&nothing, &origin, options, NULL)) {
        arena_free(arena);
        return;
    }
    exchange = exchange_new(http, options, &origin, 0);
    exchange->warm = exchange->arena = exchange->answer.arena = arena;
    curl_easy_setopt(exchange->easy, CURLOPT_URL, arena_printf(arena, "%.*s/", (int)origin.length, url));
    set_bounds(exchange, HTTP_DEFAULT_TIMEOUT);
    exchange_set_headers(exchange, &nothing);
    exchange_set_body(exchange, &nothing, options, NULL);
    start(exchange);
}

/* ---- ending an exchange ---- */

static duration milliseconds(CURL *easy, CURLINFO info)
{
    curl_off_t microseconds = 0;

    curl_easy_getinfo(easy, info, &microseconds);
    return (microseconds + 500) / 1000;
}

struct http_timings exchange_timings(const struct exchange *exchange, bool ok)
{
    CURL *easy = exchange->easy;
    duration total = milliseconds(easy, CURLINFO_TOTAL_TIME_T);
    duration first = milliseconds(easy, CURLINFO_STARTTRANSFER_TIME_T);

    return (struct http_timings){
        .dns = milliseconds(easy, CURLINFO_NAMELOOKUP_TIME_T),
        .connect = milliseconds(easy, CURLINFO_CONNECT_TIME_T),
        .tls = milliseconds(easy, CURLINFO_APPCONNECT_TIME_T),
        .first = ok ? first : -1,
        .total = total,
    };
}

const char *exchange_unreached(const struct exchange *exchange, CURLcode code)
{
    const char *host = exchange->origin.host;
    const char *said = *exchange->error ? exchange->error : curl_easy_strerror(code);

    if (*exchange->barred)
        return arena_printf(
            exchange->arena,
            "'%s' has the private address %s: refused, unless 'private_addresses: true' in cald.yaml", host,
            exchange->barred);
    return arena_printf(exchange->arena, "cannot reach '%s': %s; nothing was sent", host, said);
}

static const char *explain(const struct exchange *exchange, CURLcode code)
{
    const char *host = exchange->origin.host;
    const char *said = *exchange->error ? exchange->error : curl_easy_strerror(code);

    if (*exchange->barred || exchange->starts == 0)
        return exchange_unreached(exchange, code);
    if (exchange->answer.fault != NULL)
        return arena_printf(exchange->arena, "the answer of '%s' was cut off: %s", host,
                            exchange->answer.fault);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return arena_printf(exchange->arena, "'%s' closed the connection before it answered", host);
    return arena_printf(exchange->arena, "no whole answer from '%s': %s", host, said);
}

static struct http_result result_of(struct exchange *exchange, CURLcode code)
{
    struct http_result result = {.ok = code == CURLE_OK, .sent = exchange->starts > 0};
    long status = 0;

    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    result.timings = exchange_timings(exchange, result.ok);
    if (result.ok && (status < 100 || status > 599)) {
        result.ok = false;
        result.error =
            arena_printf(exchange->arena, "'%s' answered with the status %ld", exchange->origin.host, status);
        return result;
    }
    if (result.ok)
        result.response = answer_response(&exchange->answer, (int)status);
    else
        result.error = explain(exchange, code);
    result.barred = !result.ok && !result.sent && *exchange->barred != '\0';
    return result;
}

void exchange_unlink(struct exchange *exchange)
{
    struct http *http = exchange->http;

    if (exchange->smtp != NULL)
        smtp_unwatch(exchange->smtp);
    curl_multi_remove_handle(http->multi, exchange->easy);
    if (exchange->previous != NULL)
        exchange->previous->next = exchange->next;
    else
        http->exchanges = exchange->next;
    if (exchange->next != NULL)
        exchange->next->previous = exchange->previous;
    http->in_flight -= exchange_counts(exchange);
    if (http->exchanges == NULL)
        http_is_at_rest(http);
}

static void finish(struct exchange *exchange, CURLcode code)
{
    struct http_result result = {0};
    http_done *done = exchange->done;
    void *context = exchange->context;

    if (done != NULL)
        result = result_of(exchange, code);
    exchange_unlink(exchange);
    exchange_free(exchange);
    if (done != NULL)
        done(context, &result);
}

void exchange_complete(struct exchange *exchange, CURLcode code)
{
    if (exchange->smtp != NULL)
        smtp_connected(exchange, code);
    else
        finish(exchange, code);
}

size_t http_in_flight(const struct http *http)
{
    return http->in_flight;
}
