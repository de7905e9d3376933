/*
 * The options of a webhook account: their table, and what they must hold.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/webhook.h"

static const char *const methods[] = {"POST", "PUT", "PATCH", NULL};
static const char *const delete_methods[] = {"POST", "DELETE", "PUT", "PATCH", NULL};

const struct network_option webhook_options[WEBHOOK_OPTIONS] = {
    {.name = "url",
     .kind = OPTION_URL,
     .required = true,
     .help = "where posts are sent; may hold {{token}}, {{key}}…"},
    {.name = "method", .kind = OPTION_WORD, .words = methods, .help = "POST (default), PUT or PATCH"},
    {.name = "headers",
     .kind = OPTION_MAP,
     .max = 30,
     .help = "more headers; values may hold {{token}}, {{key}}…"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .help = "sent as 'Authorization: Bearer …' unless url or headers have {{token}}"},
    {.name = "content_type",
     .kind = OPTION_TEXT,
     .max = 200,
     .help = "of the body (default: application/json)"},
    {.name = "body",
     .kind = OPTION_TEXT,
     .max = 65536,
     .help = "template of the body (default: everything, as JSON)"},
    {.name = "fields",
     .kind = OPTION_MAP,
     .max = 50,
     .help = "of a form, instead of body: name and template"},
    {.name = "file_field",
     .kind = OPTION_TEXT,
     .max = 100,
     .help = "of a multipart form: field name of the media; {{index}} counts from 0"},
    {.name = "success",
     .kind = OPTION_TEXTS,
     .max = 20,
     .help = "statuses that mean published (default: 200-299)"},
    {.name = "duplicate", .kind = OPTION_TEXTS, .max = 20, .help = "statuses that mean it is there already"},
    {.name = "duplicate_text",
     .kind = OPTION_TEXT,
     .max = 200,
     .help = "words in an error's body that mean it is there already"},
    {.name = "id",
     .kind = OPTION_TEXT,
     .max = 200,
     .help = "JSON Pointer to the post's id in the answer: /data/id"},
    {.name = "link", .kind = OPTION_TEXT, .max = 200, .help = "JSON Pointer to its permalink in the answer"},
    {.name = "key_header",
     .kind = OPTION_TEXT,
     .max = 100,
     .help = "header of the idempotency key, if the endpoint honours one: Idempotency-Key"},
    {.name = "key_lifetime",
     .kind = OPTION_TEXT,
     .max = 20,
     .help = "how long it remembers a key: 24h (default: for ever)"},
    {.name = "edit_url",
     .kind = OPTION_URL,
     .help = "where 'calctl edit' of what is out is sent; may hold {{id}}: what the endpoint calls the post"},
    {.name = "edit_method", .kind = OPTION_WORD, .words = methods, .help = "POST (default), PUT or PATCH"},
    {.name = "edit_body",
     .kind = OPTION_TEXT,
     .max = 65536,
     .help = "template of its body (default: everything, and event and id)"},
    {.name = "delete_url", .kind = OPTION_URL, .help = "where 'calctl delete' is sent; may hold {{id}}"},
    {.name = "delete_method",
     .kind = OPTION_WORD,
     .words = delete_methods,
     .help = "POST (default), DELETE, PUT or PATCH"},
    {.name = "delete_body",
     .kind = OPTION_TEXT,
     .max = 65536,
     .help = "template of its body (default: event, id, post_id, account, key and slot; of DELETE none)"},
    {.name = "limit", .kind = OPTION_INTEGER, .min = 1, .max = 1000000, .help = "most graphemes of a text"},
};

/* ---- content type ---- */

const char *webhook_content_type(const struct account *account)
{
    const char *type = account_option(account, "content_type");
    return type ? type : "application/json";
}

bool webhook_is_multipart(const struct account *account)
{
    return !strncasecmp(webhook_content_type(account), "multipart/form-data", 19);
}

/* "application/ld+json; charset=utf-8" ends, before its parameters, in one of the words. */
static bool type_ends(const char *type, const char *word)
{
    size_t length = strcspn(type, "; "), end = strlen(word);
    return length >= end && !strncasecmp(type + length - end, word, end);
}

enum template_style webhook_style(const struct account *account)
{
    static const struct {
        const char *end;
        enum template_style style;
    } styles[] = {
        {"json", TEMPLATE_JSON},
        {"x-www-form-urlencoded", TEMPLATE_FORM},
        {"xml", TEMPLATE_XML},
        {"html", TEMPLATE_XML},
    };
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
        if (type_ends(webhook_content_type(account), styles[i].end))
            return styles[i].style;
    return TEMPLATE_PLAIN;
}

/* ---- lists of statuses ---- */

struct range {
    int first, last;
};

static bool is_status(long n)
{
    return n >= 100 && n <= 599;
}

static bool range_of(const json_t *item, struct range *ret_range)
{
    if (json_is_integer(item)) {
        int n = (int)json_integer_value(item);
        *ret_range = (struct range){n, n};
        return is_status((long)json_integer_value(item));
    }
    const char *text = json_string_value(item);
    if (text && strlen(text) == 3 && text[0] >= '1' && text[0] <= '5' && !strcasecmp(text + 1, "xx")) {
        *ret_range = (struct range){(text[0] - '0') * 100, (text[0] - '0') * 100 + 99};
        return true;
    }
    char *end;
    long first = text ? strtol(text, &end, 10) : 0, last = first;
    if (text && *end == '-')
        last = strtol(end + 1, &end, 10);
    if (!text || *end || !is_status(first) || !is_status(last) || last < first)
        return false;
    *ret_range = (struct range){(int)first, (int)last};
    return true;
}

bool webhook_lists(const struct account *account, const char *option, int status, bool fallback)
{
    json_t *list = json_member(account->options, option);
    if (!json_is_array(list))
        return fallback;
    struct range range;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (range_of(json_array_get(list, i), &range) && status >= range.first && status <= range.last)
            return true;
    return false;
}

static bool check_statuses(const struct account *account, const char *option, struct error *err)
{
    struct range range;
    json_t *list = json_member(account->options, option);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!range_of(json_array_get(list, i), &range))
            return fail(err, "'%s': '%s' is no status; expected 200, 200-299 or 2xx", option,
                        text ? text : "");
    }
    return true;
}

duration webhook_key_lifetime(const struct account *account)
{
    duration lifetime = 0;
    const char *text = account_option(account, "key_lifetime");
    if (text)
        duration_parse(text, &lifetime);
    return lifetime;
}

static const char *const file_names[] = {"index"};
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- check of an account ---- */

enum template_kind {
    OF_BODY = WEBHOOK_NAMES,       /* which is stored */
    OF_HEAD = WEBHOOK_NAMES + 1,   /* the address */
    OF_CHANGE = WEBHOOK_NAMES_ALL, /* of what is out; and headers, which go with each request */
};

static bool check_template(const char *option, const char *template, enum template_kind kind,
                           struct error *err)
{
    return !template || template_check(template, webhook_names, kind, err) || fail_while(err, "'%s'", option);
}

static bool check_body_template(const char *option, const char *template, enum template_kind kind,
                                struct error *err)
{
    if (template && template_uses(template, "token"))
        return fail(err, "'%s': {{token}} may stand in url and headers only, for bodies are stored", option);
    return check_template(option, template, kind, err);
}

/* Rendered with values that would break out of a wrong place, the body must be JSON. */
static bool check_json_body(const struct account *account, const char *option, const char *body,
                            struct error *err)
{
    struct buf out = {0};
    json_t *values = json_object();
    for (size_t i = 0; i < WEBHOOK_NAMES_ALL; i++)
        json_set_text(values, webhook_names[i], "é \"quoted\" \\ {\n}");
    template_render(body, webhook_style(account), template_member, values, &out);
    json_t *parsed = json_parse(buf_text(&out), out.length, err);
    bool good = parsed || fail_while(err, "'%s' is not JSON once its placeholders are filled in", option);
    json_decref(parsed);
    json_decref(values);
    buf_release(&out);
    return good;
}

/* Letters, digits, '-' and '_', and none that the publisher or another option sets. */
static bool check_header_name(const char *option, const char *name, struct error *err)
{
    static const char *const ours[] = {"content-type", "content-length", "host", "transfer-encoding",
                                       "connection",   "expect",         "te",   "upgrade"};
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    if (!*name || name[strspn(name, allowed)])
        return fail(err, "'%s': '%s' is no name of a header", option, name);
    for (size_t i = 0; i < COUNT(ours); i++)
        if (!strcasecmp(name, ours[i]))
            return fail(err, "'%s': '%s' is set by cald%s", option, name, i ? "" : ": use 'content_type'");
    return true;
}

static bool check_headers(const struct account *account, struct error *err)
{
    const char *name, *key_header = account_option(account, "key_header");
    json_t *value;
    json_object_foreach(json_member(account->options, "headers"), name, value)
    {
        if (!check_header_name("headers", name, err))
            return false;
        if (!check_template(name, json_string_value(value), OF_CHANGE, err))
            return fail_while(err, "'headers'");
    }
    return !key_header || check_header_name("key_header", key_header, err);
}

static bool check_fields(const struct account *account, struct error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_member(account->options, "fields"), name, value)
    {
        if (!check_body_template(name, json_string_value(value), OF_BODY, err))
            return fail_while(err, "'fields'");
    }
    return true;
}

static bool check_pointer(const struct account *account, const char *option, struct error *err)
{
    const char *pointer = account_option(account, option);
    return !pointer || *pointer == '/' ||
           fail(err, "'%s': '%s' is no JSON Pointer; it begins with '/', like /data/id", option, pointer);
}

/* Whom we talk to is fixed: no content may lead a request elsewhere. */
static bool check_url(const char *option, const char *url, enum template_kind kind, struct error *err)
{
    const char *place = url ? strstr(url, "{{") : NULL, *host = url ? strstr(url, "://") : NULL;
    if (place && host && place < host + 3 + strcspn(host + 3, "/?#"))
        return fail(err, "'%s': no placeholder may stand in the host", option);
    return check_template(option, url, kind, err);
}

static bool check_form(const struct account *account, struct error *err)
{
    bool form = webhook_is_multipart(account) || webhook_style(account) == TEMPLATE_FORM;
    const char *file = account_option(account, "file_field");
    if (json_member(account->options, "fields") && !form)
        return fail(err,
                    "'fields' needs content_type multipart/form-data or application/x-www-form-urlencoded");
    if (file && !webhook_is_multipart(account))
        return fail(err, "'file_field' needs content_type multipart/form-data");
    if (account_option(account, "body") &&
        (webhook_is_multipart(account) || json_member(account->options, "fields")))
        return fail(err, "a form has 'fields', not 'body'");
    return !file || template_check(file, file_names, COUNT(file_names), err) ||
           fail_while(err, "'file_field'");
}

static bool check_body(const struct account *account, struct error *err)
{
    const char *body = account_option(account, "body");
    if (!body && webhook_style(account) == TEMPLATE_XML)
        return fail(err, "content_type '%s' needs a 'body'", webhook_content_type(account));
    return check_body_template("body", body, OF_BODY, err) &&
           (!body || webhook_style(account) != TEMPLATE_JSON || check_json_body(account, "body", body, err));
}

/* ---- what is told of edits and deletions ---- */

struct change_options {
    const char *url_name, *method_name, *body_name;
    bool deletes;
};

static bool is_method(const char *method, const char *usual)
{
    return !strcmp(method ? method : "POST", usual);
}

/* What goes the same way as a post and looks like one is a second post. */
static bool check_told_apart(const struct account *account, const struct change_options *o, struct error *err)
{
    const char *url = account_option(account, o->url_name), *body = account_option(account, o->body_name);
    const char *method = account_option(account, "method");
    bool same = !strcmp(url, account_option(account, "url")) &&
                is_method(account_option(account, o->method_name), method ? method : "POST");
    if (template_uses(url, "key"))
        return fail(err, "'%s': {{key}} is another one for each request; {{id}} says which post it is",
                    o->url_name);
    bool usual = webhook_is_multipart(account) || webhook_style(account) == TEMPLATE_FORM ||
                 webhook_style(account) == TEMPLATE_JSON;
    return !same || (body ? template_uses(body, "event") : usual) ||
           fail(err, "'%s' goes where posts go: it needs {{event}}, or is taken for another post",
                o->body_name);
}

static bool check_change_body(const struct account *account, const struct change_options *o,
                              struct error *err)
{
    const char *body = account_option(account, o->body_name);
    enum template_style style = webhook_style(account);
    bool form = style == TEMPLATE_FORM || webhook_is_multipart(account);
    bool has_usual = style == TEMPLATE_JSON || form || (!o->deletes && style == TEMPLATE_PLAIN) ||
                     is_method(account_option(account, o->method_name), "DELETE");
    if (!body && !has_usual)
        return fail(err, "content_type '%s' needs a '%s'", webhook_content_type(account), o->body_name);
    return check_body_template(o->body_name, body, OF_CHANGE, err) &&
           (!body || style != TEMPLATE_JSON || check_json_body(account, o->body_name, body, err));
}

static bool check_change(const struct account *account, const struct change_options *o, struct error *err)
{
    const char *url = account_option(account, o->url_name);
    if (!url && (account_option(account, o->method_name) || account_option(account, o->body_name)))
        return fail(err, "'%s' and '%s' need '%s'", o->method_name, o->body_name, o->url_name);
    return !url || (check_url(o->url_name, url, OF_CHANGE, err) && check_told_apart(account, o, err) &&
                    check_change_body(account, o, err));
}

static bool check_changes(const struct account *account, struct error *err)
{
    static const struct change_options edit = {"edit_url", "edit_method", "edit_body", false};
    static const struct change_options removal = {"delete_url", "delete_method", "delete_body", true};
    return check_change(account, &edit, err) && check_change(account, &removal, err);
}

bool webhook_check_account(const struct account *account, struct error *err)
{
    duration lifetime;
    const char *text = account_option(account, "key_lifetime");
    if (text && (!duration_parse(text, &lifetime) || lifetime <= 0))
        return fail(err, "'key_lifetime': '%s' is no duration; expected 90s, 15m, 24h or 7d", text);
    return check_url("url", account_option(account, "url"), OF_HEAD, err) && check_headers(account, err) &&
           check_fields(account, err) && check_form(account, err) && check_body(account, err) &&
           check_statuses(account, "success", err) && check_statuses(account, "duplicate", err) &&
           check_pointer(account, "id", err) && check_pointer(account, "link", err) &&
           check_changes(account, err);
}
