/* See driver.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "network/driver.h"
#include "network/outcome.h"

const char *driver_url(struct arena *arena, const char *base, const char *format, ...)
{
    size_t length = strlen(base);
    while (length && base[length - 1] == '/')
        length--;
    va_list args;
    va_start(args, format);
    const char *rest = arena_vprintf(arena, format, args);
    va_end(args);
    return arena_printf(arena, "%.*s%s", (int)length, base, rest);
}

const char *driver_escape(struct arena *arena, const char *text)
{
    struct buf out = {0};
    buf_add_url(&out, text);
    const char *escaped = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return escaped;
}

bool driver_url_ends(const char *url, const char *path)
{
    size_t length = strlen(url), end = strlen(path);
    return length >= end && !strcmp(url + length - end, path);
}

const char *driver_json_text(struct arena *arena, json_t *value)
{
    json_in_arena(arena, value);
    char *text = json_print(value);
    arena_defer(arena, free, text);
    return text;
}

void driver_json_body(struct request *request, struct arena *arena, json_t *body)
{
    request->body = driver_json_text(arena, body);
    request->body_length = strlen(request->body);
    request_header(request, arena, "Content-Type", "application/json");
}

static int hex_value(char c)
{
    const char *at = c ? strchr("0123456789ABCDEF0123456789abcdef", c) : NULL;
    return at ? (int)((at - "0123456789ABCDEF0123456789abcdef") % 16) : -1;
}

const char *driver_decode(struct arena *arena, const char *text, size_t length)
{
    struct buf out = {0};
    for (size_t i = 0; i < length; i++) {
        int high = text[i] == '%' && i + 2 < length ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low >= 0) {
            buf_add_char(&out, (char)(high << 4 | low));
            i += 2;
        } else {
            buf_add_char(&out, text[i] == '+' ? ' ' : text[i]);
        }
    }
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

/* In a text of somebody's a quote is escaped: what is looked for is only ever the member itself. */
void driver_json_files(struct request *request, struct arena *arena, json_t *body, const struct media *const *files,
                       size_t count)
{
    static const char empty[] = "data\":\"\"", before[] = "data\":\"";
    struct buf out = {0};
    driver_json_body(request, arena, body);
    const char *text = request->body;
    for (size_t i = 0; i < count; i++) {
        const char *place = strstr(text, empty);
        if (!place)
            bug("a body without a place for '%s'", files[i]->file);
        place += strlen(before);
        buf_add(&out, text, (size_t)(place - text));
        buf_add_char(&out, '\0');
        text = place;
    }
    buf_add_text(&out, text);
    request->body_length = out.length;
    request->body = arena_strndup(arena, out.data, out.length);
    request->inserts = files;
    request->insert_count = count;
    buf_release(&out);
}

const char *driver_pairs(struct arena *arena, const struct driver_pair *pairs, size_t count)
{
    struct buf out = {0};
    for (size_t i = 0; i < count; i++) {
        if (!pairs[i].value)
            continue;
        if (out.length)
            buf_add_char(&out, '&');
        buf_add_url(&out, pairs[i].name);
        buf_add_char(&out, '=');
        buf_add_url(&out, pairs[i].value);
    }
    const char *text = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return text;
}

void driver_form_body(struct request *request, struct arena *arena, const struct driver_pair *pairs,
                      size_t count)
{
    request->body = driver_pairs(arena, pairs, count);
    request->body_length = strlen(request->body);
    request_header(request, arena, "Content-Type", "application/x-www-form-urlencoded");
}

void driver_basic(struct request *request, struct arena *arena, const char *user, const char *password)
{
    const char *both = arena_printf(arena, "%s:%s", user, password);
    struct buf encoded = {0};
    buf_add_base64(&encoded, both, strlen(both));
    request_header(request, arena, "Authorization", "Basic %s", buf_text(&encoded));
    buf_release(&encoded);
}

/* A link ends at the text's end or at white space; punctuation between belongs to the sentence. */
static bool ends_here(const char *rest)
{
    rest += strspn(rest, ".,;:!?)]}'\"");
    return !*rest || isspace((unsigned char)*rest);
}

bool driver_has_link(const char *text, const char *link)
{
    for (const char *at = *link ? strstr(text, link) : NULL; at; at = strstr(at + 1, link)) {
        bool starts_here = at == text || !isalnum((unsigned char)at[-1]);
        if (starts_here && ends_here(at + strlen(link)))
            return true;
    }
    return false;
}

const char *driver_with_link(const char *text, const char *link, struct arena *arena)
{
    if (!link || driver_has_link(text, link))
        return text;
    return arena_printf(arena, "%s%s%s", text, *text ? "\n\n" : "", link);
}

const char *driver_first_with_link(const struct content *content, size_t part, struct arena *arena)
{
    const char *text = content->parts[part].text;
    for (size_t i = 0; content->link && i < content->part_count; i++)
        if (driver_has_link(content->parts[i].text, content->link))
            return text;
    return part == 0 ? driver_with_link(text, content->link, arena) : text;
}

bool driver_same_text(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (isspace((unsigned char)*a))
            a++;
        while (isspace((unsigned char)*b))
            b++;
        if (*a != *b)
            return false;
        if (!*a)
            return true;
    }
}

static bool is_path_part(const char *part, size_t length)
{
    bool only_dots = length == strspn(part, ".") && length <= 2;
    if (!length || length > 255 || only_dots)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)part[i] < 0x20 || part[i] == 0x7F)
            return false;
    return true;
}

bool driver_is_path(const char *path)
{
    for (;;) {
        size_t length = strcspn(path, "/");
        if (!is_path_part(path, length))
            return false;
        if (!path[length])
            return true;
        path += length + 1;
    }
}

const char *driver_fingerprint(const char *url, const char *secret, struct arena *arena)
{
    char hex[SHA256_HEX];
    const char *both = arena_printf(arena, "%s\n%s", url, secret ? secret : "");
    return arena_strndup(arena, sha256_hex(both, strlen(both), hex), 16);
}

bool driver_session_is_fresh(const struct job *job, const char *fingerprint)
{
    const char *whose = json_text(job->session, "for");
    bool at_slot = job->now >= job->slot - MINUTES(1);
    int64_t read_at = json_number(job->session, "read_at", 0);
    return whose && !strcmp(whose, fingerprint) && read_at && job->now >= read_at - MINUTES(5) &&
           job->now < read_at + HOURS(at_slot ? 25 : 23);
}

json_t *driver_session_new(const struct job *job, const char *fingerprint, struct arena *arena)
{
    json_t *session = json_in_arena(arena, json_object());
    json_set_text(session, "for", fingerprint);
    json_set_number(session, "read_at", job->now);
    return session;
}

void driver_log_in_again(const struct job *job, const struct step *step, struct arena *arena,
                         struct outcome *ret_outcome)
{
    *ret_outcome = (struct outcome){.kind = OUTCOME_NEXT, .session = json_in_arena(arena, json_object())};
    if (job->now >= json_number(job->session, "made_at", 0) + MINUTES(1))
        return;
    outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT,
                "%s: the server does not accept the token that it made just now", step->name);
    ret_outcome->session = NULL;
    ret_outcome->at = job->now + MINUTES(1);
}

const char *driver_host(const char *url, struct arena *arena)
{
    const char *start = strstr(url, "://");
    start = start ? start + 3 : url;
    size_t length = *start == '[' ? strcspn(start, "/?#") : strcspn(start, ":/?#");
    const char *bracket = memchr(start, ']', length);
    return arena_strndup(arena, start, bracket ? (size_t)(bracket - start) + 1 : length);
}

void driver_finding(struct diags *diags, enum diag_level level, const char *rule, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(diags->arena, format, args);
    va_end(args);
    diags_add(diags, &(struct diag){.level = level, .rule = rule, .message = message});
}
