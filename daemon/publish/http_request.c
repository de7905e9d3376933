/*
 * What a request is in libcurl's words: its URL, its headers, and its body, whether bytes, a form, a file or a text
 * with files in it. Whether it may be sent was judged before.
 */
#include <string.h>
#include <strings.h>

#include "publish/exchange.h"
#include "publish/keep.h"

/* ---- where it goes ---- */

/* NULL: libcurl says what is wrong with it when it comes to connect. */
static CURLU *url_parts(const char *url)
{
    CURLU *parts = curl_url();

    if (curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER | CURLU_PATH_AS_IS) == CURLUE_OK)
        return parts;
    curl_url_cleanup(parts);
    return NULL;
}

static void release_parts(void *parts)
{
    curl_url_cleanup(parts);
}

void http_forget_urls(struct http *http)
{
    arena_free(http->urls.arena);
    http->urls = (struct index){.arena = arena_new()};
}

/* Most go where others of the same account went. What is known stays for as long as an exchange may use it. */
static CURLU *known_parts(struct http *http, const char *url)
{
    CURLU *parts = index_get(&http->urls, url);

    if (parts != NULL)
        return parts;
    if (http->urls.count == URLS_KNOWN && http->exchanges == NULL)
        http_forget_urls(http);
    if (http->urls.count == URLS_KNOWN || (parts = url_parts(url)) == NULL)
        return NULL;
    arena_defer(http->urls.arena, release_parts, parts);
    index_put(&http->urls, arena_strdup(http->urls.arena, url), parts);
    return parts;
}

/*
 * In parts, because libcurl would take a tenth of its time for a short request to take the URL apart and to print
 * it again. And as a text, because of parts alone it prints it, too.
 */
void exchange_set_url(struct exchange *exchange, const char *url, bool secret)
{
    CURLU *parts = secret ? NULL : known_parts(exchange->http, url);

    if (parts == NULL)
        parts = exchange->own_parts = url_parts(url);
    curl_easy_setopt(exchange->easy, CURLOPT_URL, url);
    curl_easy_setopt(exchange->easy, CURLOPT_CURLU, parts);
}

/* ---- its headers ---- */

static bool names(const struct request *request, const char *header)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, header) == 0)
            return true;
    }
    return false;
}

/* A list of libcurl's own would copy each line once more. */
struct header_lines {
    struct arena *arena;
    struct curl_slist *first, **end;
};

static void add_header_line(struct header_lines *lines, const char *text)
{
    struct curl_slist *line = arena_new_of(lines->arena, struct curl_slist);

    line->data = arena_strdup(lines->arena, text);
    *lines->end = line;
    lines->end = &line->next;
}

void exchange_set_headers(struct exchange *exchange, const struct request *request)
{
    struct header_lines lines = {.arena = exchange->arena, .end = &lines.first};
    struct buf line = {0};

    for (size_t i = 0; i < request->header_count; i++) {
        const struct header *header = &request->headers[i];

        buf_reset(&line);
        buf_add_text(&line, header->name);
        /* libcurl's way to send an empty value is a semicolon */
        buf_add_text(&line, *header->value ? ": " : ";");
        buf_add_text(&line, header->value);
        add_header_line(&lines, buf_text(&line));
    }
    buf_release(&line);
    if (!names(request, "user-agent")) /* as CURLOPT_USERAGENT libcurl would print it twice */
        add_header_line(&lines, "User-Agent: cald/" CALD_VERSION);
    add_header_line(&lines, "Expect:"); /* no waiting for 100-continue */
    if (request->part_count == 0 && !names(request, "content-type"))
        add_header_line(&lines, "Content-Type:"); /* none is told by us that was not told by the driver */
    curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, lines.first);
}

/* ---- its body ---- */

static size_t read_file(char *bytes, size_t size, size_t count, void *context)
{
    size_t got = body_read(context, bytes, size * count);

    return got == SIZE_MAX ? CURL_READFUNC_ABORT : got;
}

static int seek_file(void *context, curl_off_t offset, int origin)
{
    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    body_seek(context, offset);
    return CURL_SEEKFUNC_OK;
}

bool exchange_add_file(struct exchange *exchange, const struct http_options *options,
                       const struct media *media, int64_t from, int64_t length, struct body_file **ret_file,
                       struct error *err)
{
    struct body_file *file = &exchange->files[exchange->file_count];

    if (options->media == NULL)
        return fail(err, "there is no media root to read '%s' from", media->file);
    if (!body_open_range(file, options->media, media, from, length, err))
        return false;
    exchange->file_count++;
    *ret_file = file;
    return true;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool add_part(struct exchange *exchange, const struct form_part *part,
                     const struct http_options *options, struct error *err)
{
    curl_mimepart *mime = curl_mime_addpart(exchange->mime);
    struct body_file *file;

    curl_mime_name(mime, part->name);
    if (part->media == NULL) {
        curl_mime_data(mime, part->value ? part->value : "", CURL_ZERO_TERMINATED);
        if (part->type != NULL)
            curl_mime_type(mime, part->type);
        return true;
    }
    if (!exchange_add_file(exchange, options, part->media, part->from, part->length, &file, err))
        return false;
    curl_mime_data_cb(mime, file->size, read_file, seek_file, NULL, file);
    curl_mime_filename(mime, last_name(part->media->file));
    curl_mime_type(mime, part->media->mime);
    return true;
}

static bool set_form(struct exchange *exchange, const struct request *request,
                     const struct http_options *options, struct error *err)
{
    exchange->mime = curl_mime_init(exchange->easy);
    for (size_t i = 0; i < request->part_count; i++) {
        if (!add_part(exchange, &request->parts[i], options, err))
            return false;
    }
    curl_easy_setopt(exchange->easy, CURLOPT_MIMEPOST, exchange->mime);
    return true;
}

static bool set_file(struct exchange *exchange, const struct request *request,
                     const struct http_options *options, struct error *err)
{
    struct body_file *file;

    if (!exchange_add_file(exchange, options, request->media, request->media_from, request->media_length,
                           &file, err))
        return false;
    curl_easy_setopt(exchange->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)file->size);
    curl_easy_setopt(exchange->easy, CURLOPT_READFUNCTION, read_file);
    curl_easy_setopt(exchange->easy, CURLOPT_READDATA, file);
    curl_easy_setopt(exchange->easy, CURLOPT_SEEKFUNCTION, seek_file);
    curl_easy_setopt(exchange->easy, CURLOPT_SEEKDATA, file);
    return true;
}

static size_t read_body(char *bytes, size_t size, size_t count, void *context)
{
    size_t got = size * count < MAIL_BODY_LEAST ? SIZE_MAX : mail_body_read(context, bytes, size * count);

    return got == SIZE_MAX ? CURL_READFUNC_ABORT : got;
}

static int rewind_body(void *context, curl_off_t offset, int origin)
{
    if (origin != SEEK_SET || offset != 0)
        return CURL_SEEKFUNC_CANTSEEK;
    mail_body_rewind(context);
    return CURL_SEEKFUNC_OK;
}

/* The text and its files, encoded while they leave. */
static bool set_filled(struct exchange *exchange, const struct request *request,
                       const struct http_options *options, struct error *err)
{
    struct mail_body *body = &exchange->body;
    struct body_file **files =
        arena_alloc_array(exchange->arena, request->insert_count, sizeof(struct body_file *));

    for (size_t i = 0; i < request->insert_count; i++) {
        if (!exchange_add_file(exchange, options, request->inserts[i], 0, 0, &files[i], err))
            return false;
    }
    *body = (struct mail_body){.text = request_keep_body(request, exchange->arena),
                               .length = request->body_length,
                               .files = files,
                               .file_count = request->insert_count,
                               .http = true};
    curl_easy_setopt(exchange->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)mail_body_size(body));
    curl_easy_setopt(exchange->easy, CURLOPT_READFUNCTION, read_body);
    curl_easy_setopt(exchange->easy, CURLOPT_READDATA, body);
    curl_easy_setopt(exchange->easy, CURLOPT_SEEKFUNCTION, rewind_body);
    curl_easy_setopt(exchange->easy, CURLOPT_SEEKDATA, body);
    return true;
}

static void set_bytes(struct exchange *exchange, const struct request *request)
{
    const char *body = request_keep_body(request, exchange->arena);

    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDS, body ? body : "");
}

static bool has_no_body(const struct request *request)
{
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "DELETE") == 0;
}

bool exchange_set_body(struct exchange *exchange, const struct request *request,
                       const struct http_options *options, struct error *err)
{
    bool ok = true;

    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(exchange->easy, CURLOPT_NOBODY, 1L);
        return true;
    }
    if (request->part_count > 0)
        ok = set_form(exchange, request, options, err);
    else if (request->media != NULL)
        ok = set_file(exchange, request, options, err);
    else if (request->insert_count > 0)
        ok = set_filled(exchange, request, options, err);
    else if (request->body != NULL || !has_no_body(request))
        set_bytes(exchange, request);
    curl_easy_setopt(exchange->easy, CURLOPT_CUSTOMREQUEST, request->method);
    return ok;
}
