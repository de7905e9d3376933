/* See client.h. The only file of calctl that includes curl. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "cli/client.h"
#include "cli/render.h"
#include "cli/uploads.h"
#include "documents.h"

enum { ANSWER_MAX = 64 * 1024 * 1024, UPLOAD_MAX = 64 * 1024 * 1024, PATIENCE_S = 120 };

struct client {
    CURL *curl;
    const char *base; /* "http://localhost" over a socket */
    const char *socket;
    const char *token;
};

/* By the person, or NULL. */
static const char *named_config(struct cli *cli)
{
    const char *option = cli->config ? cli->config : cli_option(cli, "config");
    const char *named = option ? option : getenv("CALD_CONFIG");
    return named && *named ? named : NULL;
}

const char *client_config(struct cli *cli)
{
    const char *named = named_config(cli);
    if (named)
        return named;
    return !access("cald.yaml", F_OK) ? "cald.yaml" : "/etc/cald/cald.yaml";
}

/* Where the units have the socket of /etc/cald/cald.yaml and of /etc/cald/BRAND/cald.yaml, which may be unreadable for who
 * only talks to the daemon; NULL for any other file: another daemon's socket would be another brand's. */
static const char *service_socket(struct cli *cli, const char *config)
{
    char brand[256];
    int end = 0;
    if (!strcmp(config, "/etc/cald/cald.yaml"))
        return "/run/cald/cald.sock";
    if (sscanf(config, "/etc/cald/%255[^/]/cald.yaml%n", brand, &end) == 1 && end && !config[end])
        return arena_printf(cli->arena, "/run/cald@%s/cald.sock", brand);
    return NULL;
}

static const char *find_socket(struct cli *cli, struct error *err)
{
    const char *given = cli_option(cli, "socket"), *config = client_config(cli);
    struct stat st;
    if (given)
        return given;
    if (cli->config && !stat(config, &st) && S_ISSOCK(st.st_mode))
        return config;
    bool readable = !access(config, R_OK);
    int why = readable ? 0 : errno;
    const char *socket = readable ? documents_socket(config, cli->arena) : NULL;
    if (!socket && !(why == ENOENT && named_config(cli)))
        socket = service_socket(cli, config);
    if (!socket && !readable)
        fail(err, "cannot open '%s': %s", config, strerror(why));
    else if (!socket)
        fail(err, "'%s' does not say where its socket is ('calctl check' tells what is wrong with it); name it with --socket",
             config);
    return socket;
}

static void release_client(void *object)
{
    struct client *client = object;
    curl_easy_cleanup(client->curl);
    curl_global_cleanup();
}

static const char *read_token(struct cli *cli, struct error *err)
{
    const char *file = cli_option(cli, "token-file");
    if (!file)
        return "";
    struct buf token = {0};
    bool ok = file_read_secret(file, &token, err);
    const char *text = ok ? arena_strdup(cli->arena, buf_text(&token)) : NULL;
    buf_release(&token);
    return text;
}

static struct client *client_of(struct cli *cli, struct error *err)
{
    if (cli->client)
        return cli->client;
    struct client *client = arena_new_of(cli->arena, struct client);
    const char *url = cli_option(cli, "url");
    client->token = read_token(cli, err);
    if (!client->token)
        return NULL;
    client->base = url ? url : "http://localhost";
    client->socket = url ? NULL : find_socket(cli, err);
    if (!url && !client->socket)
        return NULL;
    curl_global_init(client->socket ? CURL_GLOBAL_NOTHING : CURL_GLOBAL_DEFAULT); /* TLS takes a while to begin */
    client->curl = curl_easy_init();
    arena_defer(cli->arena, release_client, client);
    return cli->client = client;
}

void client_turn_to(struct cli *cli, const char *file)
{
    cli->config = file;
    cli->client = NULL;
}

const char *client_path(struct cli *cli, const char *format, ...)
{
    struct buf path = {0};
    va_list args;
    va_start(args, format);
    for (const char *c = format; *c; c++) {
        if (c[0] == '%' && c[1] == 's') {
            buf_add_url(&path, va_arg(args, const char *));
            c++;
        } else {
            buf_add_char(&path, *c);
        }
    }
    va_end(args);
    const char *text = arena_strdup(cli->arena, buf_text(&path));
    buf_release(&path);
    return text;
}

struct incoming {
    CURL *curl;
    FILE *file; /* for the body of 200; NULL: kept */
    struct buf body;
    char etag[128];
};

static bool goes_to_file(const struct incoming *in)
{
    long status = 0;
    return in->file && !curl_easy_getinfo(in->curl, CURLINFO_RESPONSE_CODE, &status) && status == 200;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct incoming *in = context;
    if (goes_to_file(in))
        return fwrite(bytes, size, count, in->file) * size;
    if (in->body.length + size * count > ANSWER_MAX)
        return 0;
    buf_add(&in->body, bytes, size * count);
    return size * count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct incoming *in = context;
    size_t length = size * count;
    if (length > 6 && !strncasecmp(bytes, "etag:", 5)) {
        const char *value = bytes + 5 + strspn(bytes + 5, " ");
        snprintf(in->etag, sizeof in->etag, "%.*s", (int)strcspn(value, "\r\n"), value);
    }
    return length;
}

static int unreachable(const struct client *client, CURLcode code)
{
    if (code == CURLE_WRITE_ERROR)
        return cli_fail(EXIT_INTERNAL, "what cald answered cannot be kept: %s", strerror(errno));
    if (!client->socket)
        return cli_fail(EXIT_UNREACHABLE, "cannot reach cald at '%s': %s", client->base, curl_easy_strerror(code));
    struct stat st;
    if (stat(client->socket, &st) && errno == ENOENT)
        return cli_fail(EXIT_UNREACHABLE, "cald is not running: there is no socket '%s' (start it with 'cald' or "
                        "'systemctl start cald', or name another with --socket or --config)", client->socket);
    if (access(client->socket, R_OK | W_OK))
        return cli_fail(EXIT_UNREACHABLE, "no permission to use '%s': your user must be in the socket's group "
                        "(cald.yaml, 'control: group'), or run this as the user that runs cald", client->socket);
    if (code == CURLE_COULDNT_CONNECT)
        return cli_fail(EXIT_UNREACHABLE, "cald is not running: nobody listens on '%s' (start it with 'cald' or "
                        "'systemctl start cald')", client->socket);
    return cli_fail(EXIT_UNREACHABLE, "cald does not answer on '%s': %s", client->socket, curl_easy_strerror(code));
}

static struct curl_slist *request_headers(struct cli *cli, const struct client *client, const char *method,
                                          const char *type)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    if (type)
        headers = curl_slist_append(headers, arena_printf(cli->arena, "Content-Type: %s", type));
    if (*client->token)
        headers = curl_slist_append(headers, arena_printf(cli->arena, "Authorization: Bearer %s", client->token));
    if (!strcmp(method, "POST")) {
        char made[33];
        const char *key = cli_option(cli, "key");
        headers = curl_slist_append(headers, arena_printf(cli->arena, "Idempotency-Key: %s", key ? key : random_hex(made, 32)));
    }
    const char *if_match = cli_option(cli, "if-match");
    if (if_match && strcmp(method, "GET"))
        headers = curl_slist_append(headers, arena_printf(cli->arena, "If-Match: %s", if_match));
    return headers;
}

struct outgoing {
    const char *method, *path;
    const void *body; /* NULL: none */
    size_t length;
    const char *type;
    FILE *into; /* where a long answer goes, or NULL */
};

static CURLcode perform(struct cli *cli, struct client *client, const struct outgoing *out, struct incoming *in,
                        long *ret_status)
{
    CURL *curl = client->curl;
    struct curl_slist *headers = request_headers(cli, client, out->method, out->type);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, arena_printf(cli->arena, "%s%s", client->base, out->path));
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, out->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (!in->file)
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)PATIENCE_S);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, in);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, in);
    if (out->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)out->length);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, out->body);
    }
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
    curl_slist_free_all(headers);
    return code;
}

static int exchange(struct cli *cli, const struct outgoing *out, struct answer *ret_answer)
{
    struct error err = {0};
    struct client *client = client_of(cli, &err);
    long status = 0;
    if (!client)
        return cli_fail(EXIT_UNREACHABLE, "%s", err.message);
    struct incoming in = {.curl = client->curl, .file = out->into};
    CURLcode code = perform(cli, client, out, &in, &status);
    if (code == CURLE_OK) {
        json_t *json = in.body.length ? json_parse(in.body.data, in.body.length, NULL) : NULL;
        *ret_answer = (struct answer){
            .status = (int)status,
            .json = json_in_arena(cli->arena, json),
            .body = arena_strndup(cli->arena, buf_text(&in.body), in.body.length),
            .length = in.body.length,
            .etag = arena_strdup(cli->arena, in.etag),
        };
    }
    buf_release(&in.body);
    return code == CURLE_OK ? EXIT_DONE : unreachable(client, code);
}

static enum exit_code code_of_status(int status)
{
    static const struct {
        int status;
        enum exit_code code;
    } table[] = {
        {401, EXIT_UNREACHABLE}, {404, EXIT_NOT_FOUND}, {409, EXIT_CONFLICT}, {412, EXIT_CONFLICT},
        {400, EXIT_USAGE},       {403, EXIT_REFUSED},   {422, EXIT_REFUSED},
    };
    if (status < 400)
        return EXIT_DONE;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].status == status)
            return table[i].code;
    return status >= 500 ? EXIT_INTERNAL : EXIT_REFUSED;
}

int client_try(struct cli *cli, const char *method, const char *path, json_t *body, struct answer *ret_answer)
{
    char *text = body ? json_print(body) : NULL;
    bool empty_post = !body && !strcmp(method, "POST");
    const char *bytes = text ? text : empty_post ? "{}" : NULL;
    struct outgoing out = {.method = method, .path = path, .body = bytes, .length = bytes ? strlen(bytes) : 0,
                           .type = bytes ? "application/json" : NULL};
    int code = exchange(cli, &out, ret_answer);
    free(text);
    return code ? code : (int)code_of_status(ret_answer->status);
}

/* A refusal as a person can read it, and its exit code. */
static int told(struct cli *cli, const struct answer *answer)
{
    if (answer->status >= 400) {
        uploads_rename(cli, answer->json);
        render_problem(cli, answer->json, answer->status, answer->body);
    }
    return (int)code_of_status(answer->status);
}

int client_send(struct cli *cli, const char *method, const char *path, json_t *body, struct answer *ret_answer)
{
    *ret_answer = (struct answer){0};
    int code = client_try(cli, method, path, body, ret_answer);
    return ret_answer->status >= 400 ? told(cli, ret_answer) : code;
}

int client_post(struct cli *cli, const char *path, const char *type, const struct buf *bytes, struct answer *ret_answer)
{
    struct outgoing out = {
        .method = "POST", .path = path, .body = buf_text(bytes), .length = bytes->length, .type = type};
    *ret_answer = (struct answer){0};
    int code = exchange(cli, &out, ret_answer);
    return code ? code : (int)code_of_status(ret_answer->status);
}

/* The daemon does not know its name. */
static void name_file(json_t *problem, const char *file)
{
    static const char unnamed[] = "this file ";
    const char *detail = json_text(problem, "detail");
    if (!detail || strncmp(detail, unnamed, sizeof unnamed - 1) != 0)
        return;
    struct buf named = {0};
    buf_printf(&named, "'%s' %s", file, detail + sizeof unnamed - 1);
    json_set_text(problem, "detail", buf_text(&named));
    buf_release(&named);
}

int client_upload(struct cli *cli, const char *path, const char *file, struct answer *ret_answer)
{
    struct buf bytes = {0};
    struct error err = {0};
    *ret_answer = (struct answer){0};
    if (!file_read(file, UPLOAD_MAX, &bytes, &err)) {
        buf_release(&bytes);
        return cli_fail(EXIT_USAGE, "%s", err.message);
    }
    int code = client_post(cli, path, "application/octet-stream", &bytes, ret_answer);
    buf_release(&bytes);
    name_file(ret_answer->json, file);
    return ret_answer->status ? told(cli, ret_answer) : code;
}

int client_download(struct cli *cli, const char *path, FILE *file, struct answer *ret_answer)
{
    struct outgoing out = {.method = "GET", .path = path, .into = file};
    *ret_answer = (struct answer){0};
    int code = exchange(cli, &out, ret_answer);
    return code ? code : told(cli, ret_answer);
}
