/* The webhook driver: templates, the request, what answers mean, what an account may not say. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "base/buf.h"
#include "network/drivers.h"
#include "network/template.h"
#include "network/webhook.h"

#define URL "'url': 'https://hook.example/in'"

/* ---- templates ---- */

static void a_value_cannot_break_out_of_its_place(void **state)
{
    (void)state;
    static const struct {
        enum template_style style;
        const char *template, *text, *why;
    } cases[] = {
        {TEMPLATE_JSON, "{\"a\": {{nasty}}}", "{\"a\": \"\\\"é\\\\<&\\n\"}", "JSON: quoted and escaped"},
        {TEMPLATE_JSON, "{\"a\": \"x {{nasty}}\"}", "{\"a\": \"x \\\"é\\\\<&\\n\"}", "within a string: escaped"},
        {TEMPLATE_JSON, "[{{list}}, {{none}}, {{number}}]", "[[\"a\",\"b\"], null, 7]", "JSON: values of their kind"},
        {TEMPLATE_JSON, "\"\\\"{{list}}\"", "\"\\\"a, b\"", "an escaped quote does not end the string"},
        {TEMPLATE_FORM, "t={{nasty}}&l={{list}}", "t=%22%C3%A9%5C%3C%26%0A&l=a%2C%20b", "form: percent-encoded"},
        {TEMPLATE_XML, "<a>{{nasty}}</a>", "<a>&quot;é\\&lt;&amp;\n</a>", "XML: escaped"},
        {TEMPLATE_URL, "https://e/bot{{token}}/x", "https://e/bot12:ab/c%3F/x", "URL: a path may be put in"},
        {TEMPLATE_HEADER, "k={{nasty}}", "k=\"é\\<& ", "header: no line break"},
        {TEMPLATE_PLAIN, "{{ nasty }}{{none}}|{x}} {", "\"é\\<&\n|{x}} {", "plain: as it is; single braces too"},
    };
    json_t *values = json_pack("{s:s, s:[s,s], s:i, s:s}", "nasty", "\"é\\<&\n", "list", "a", "b", "number", 7,
                               "token", "12:ab/c?");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        template_render(cases[i].template, cases[i].style, template_member, values, &out);
        if (strcmp(buf_text(&out), cases[i].text) != 0)
            fail_msg("%s: %s gave %s", cases[i].why, cases[i].template, buf_text(&out));
        buf_release(&out);
    }
    json_decref(values);
}

static void an_account_that_would_fail_at_its_slot_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *options, *message;
    } cases[] = {
        {"{" URL "}", NULL},
        {"{" URL ", 'body': '{{text}}'}", NULL},
        {"{" URL ", 'body': '{{txt}}'}", "'body': unknown placeholder 'txt', did you mean 'text'?"},
        {"{" URL ", 'body': '{{text'}", "'body': '{{' without '}}'"},
        {"{" URL ", 'body': '{{token}}'}", "'body': {{token}} may stand in url and headers only, for bodies are stored"},
        {"{" URL ", 'body': '[{{text}}'}", "'body' is not JSON once its placeholders are filled in: "},
        {"{" URL ", 'body': '[{{text}}', 'content_type': 'text/plain'}", NULL},
        {"{" URL ", 'content_type': 'application/xml'}", "content_type 'application/xml' needs a 'body'"},
        {"{" URL ", 'success': ['200-299', '4xx', '302']}", NULL},
        {"{" URL ", 'success': ['200-']}", "'success': '200-' is no status; expected 200, 200-299 or 2xx"},
        {"{" URL ", 'duplicate': ['9xx']}", "'duplicate': '9xx' is no status; expected 200, 200-299 or 2xx"},
        {"{" URL ", 'success': ['299-200']}", "'success': '299-200' is no status; expected 200, 200-299 or 2xx"},
        {"{" URL ", 'id': 'data.id'}", "'id': 'data.id' is no JSON Pointer; it begins with '/', like /data/id"},
        {"{" URL ", 'key_lifetime': 'long'}", "'key_lifetime': 'long' is no duration; expected 90s, 15m, 24h or 7d"},
        {"{" URL ", 'headers': {'X Y': 'a'}}", "'headers': 'X Y' is no name of a header"},
        {"{" URL ", 'headers': {'content-Type': 'a/b'}}", "'content-Type' is set by cald: use 'content_type'"},
        {"{" URL ", 'headers': {'Host': 'other'}}", "'headers': 'Host' is set by cald"},
        {"{" URL ", 'key_header': 'Idempotency: Key'}", "'key_header': 'Idempotency: Key' is no name of a header"},
        {"{" URL ", 'headers': {'X': '{{tok}}'}}", "'headers': 'X': unknown placeholder 'tok'"},
        {"{" URL ", 'fields': {'a': '{{text}}'}}", "'fields' needs content_type "},
        {"{" URL ", 'file_field': 'f'}", "'file_field' needs content_type multipart/form-data"},
        {"{'url': 'https://e/{{token}}/{{key}}'}", NULL},
        {"{'url': 'https://{{title}}.e/'}", "'url': no placeholder may stand in the host"},
        {"{" URL ", 'edit_url': 'https://hook.example/in', 'delete_url': 'https://hook.example/in'}", NULL},
        {"{" URL ", 'edit_url': 'https://e/{{id}}', 'edit_method': 'PUT', 'edit_body': '[{{text}}]'}", NULL},
        {"{" URL ", 'edit_url': 'https://e/{{key}}'}", "'edit_url': {{key}} is another one for each request; {{id}} says"},
        {"{" URL ", 'edit_url': 'https://{{id}}.e/'}", "'edit_url': no placeholder may stand in the host"},
        {"{" URL ", 'delete_url': 'https://e/{{ids}}'}", "'delete_url': unknown placeholder 'ids'"},
        {"{" URL ", 'edit_body': '{{text}}'}", "'edit_method' and 'edit_body' need 'edit_url'"},
        {"{" URL ", 'delete_method': 'DELETE'}", "'delete_method' and 'delete_body' need 'delete_url'"},
        {"{" URL ", 'edit_url': 'https://hook.example/in', 'edit_body': '{{text}}'}",
         "'edit_body' goes where posts go: it needs {{event}}, or is taken for another post"},
        {"{" URL ", 'edit_url': 'https://hook.example/in', 'edit_method': 'PATCH', 'edit_body': '{{text}}'}", NULL},
        {"{" URL ", 'content_type': 'text/plain', 'edit_url': 'https://hook.example/in'}", "'edit_body' goes where posts go"},
        {"{" URL ", 'content_type': 'text/plain', 'edit_url': 'https://hook.example/edits'}", NULL},
        {"{" URL ", 'content_type': 'text/plain', 'delete_url': 'https://e/{{id}}'}", "content_type 'text/plain' needs a 'delete_body'"},
        {"{" URL ", 'content_type': 'text/plain', 'delete_url': 'https://e/{{id}}', 'delete_method': 'DELETE'}", NULL},
        {"{" URL ", 'edit_url': 'https://e/', 'edit_body': '[{{text}}'}", "'edit_body' is not JSON once its placeholders"},
        {"{" URL ", 'edit_url': 'https://e/', 'edit_body': '{{token}}'}", "'edit_body': {{token}} may stand in url and headers only"},
        {"{" URL ", 'body': '{{id}}'}", "'body': unknown placeholder 'id'"},
        {"{" URL ", 'headers': {'X-Event': '{{event}}'}}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        struct bench *b = bench_new(&network_webhook, cases[i].options, "token");
        bool good = network_webhook.check_account(&b->account, &err);
        if (good != !cases[i].message || (!good && !strstr(err.message, cases[i].message)))
            fail_msg("%s: said '%s'", cases[i].options, err.message);
        bench_free(b);
    }
}

/* ---- the request ---- */

static void without_a_template_everything_is_sent(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_webhook, "{" URL "}", "token");
    next(b);
    expect_step(b, STEP_CREATE, "POST", "https://hook.example/in");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    assert_string_equal(header_of(b, "Content-Type"), "application/json");
    json_t *body = json_parse(b->step.request.body, b->step.request.body_length, NULL);
    assert_string_equal(json_text(body, "text"), "hello");
    assert_string_equal(json_text(body, "key"), b->job.request_key);
    assert_string_equal(json_text(body, "slot"), "2026-12-01T08:00:00Z");
    assert_string_equal(json_text(body, "body_html"), "<p>hello</p>\n");
    assert_null(json_text(body, "token"));
    json_decref(body);
    bench_free(b);
}

/* Requests are repeated by their stored bytes, and compared by endpoints: they are what they always were. */
static void the_default_body_has_every_value_and_its_keys_sorted(void **state)
{
    (void)state;
    static const char *const tags[] = {"a", "b\"c"};
    struct bench *b = bench_new(&network_webhook, "{" URL "}", "token");
    b->content.title = "T\n\\";
    b->content.link = "https://e.org/?a=1&b=2";
    b->content.language = "fr";
    b->content.warning = "w";
    b->content.summary = "é";
    b->content.slug = "s";
    b->content.body = "*b*";
    b->content.tags = tags;
    b->content.tag_count = 2;
    b->parts[0].media = b->media;
    b->parts[0].media_count = 1;
    next(b);
    json_t *body = json_parse(b->step.request.body, b->step.request.body_length, NULL);
    char *printed = json_print(body);
    assert_string_equal(b->step.request.body, printed);
    assert_int_equal(json_object_size(body), WEBHOOK_NAMES);
    assert_string_equal(json_text(body, "body_markdown"), "*b*");
    assert_string_equal(json_text(body, "title"), "T\n\\");
    assert_int_equal(json_array_size(json_member(body, "tags")), 2);
    assert_int_equal(json_array_size(json_member(body, "categories")), 0);
    assert_int_equal(json_array_size(json_member(body, "media")), 1);
    free(printed);
    json_decref(body);
    bench_free(b);
}

static void a_form_without_fields_has_every_value_there_is(void **state)
{
    (void)state;
    struct bench *b =
        bench_new(&network_webhook, "{" URL ", 'content_type': 'application/x-www-form-urlencoded'}", "token");
    next(b);
    assert_string_equal(b->step.request.body, "post_id=p&account=acct&key=0f1e2d3c4b5a69788796a5b4c3d2e1f0&"
                                              "slot=2026-12-01T08%3A00%3A00Z&text=hello&parts=hello&visibility=public&"
                                              "tags=&categories=&media=&body_html=%3Cp%3Ehello%3C%2Fp%3E%0A");
    bench_free(b);
}

static void the_request_is_what_the_options_say(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_webhook,
                                "{'url': 'https://e.example/bot{{token}}/{{key}}', 'method': 'PUT', 'key_header': "
                                "'Idempotency-Key', 'headers': {'X-Post': '{{post_id}}'}, 'body': "
                                "'{{text}} {{link}}', 'content_type': 'text/plain', 'key_lifetime': '24h'}",
                                "token");
    b->content.link = "https://e.org/a";
    next(b);
    expect_step(b, STEP_CREATE, "PUT", "https://e.example/bots3cret-token/0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    assert_string_equal(b->step.request.body, "hello https://e.org/a");
    assert_string_equal(header_of(b, "X-Post"), "p");
    assert_string_equal(header_of(b, "Idempotency-Key"), b->job.request_key);
    assert_null(header_of(b, "Authorization"));
    assert_int_equal(network_webhook.repeat_for(&b->job), REPEAT_KEY);
    assert_int_equal(network_webhook.key_lifetime_for(&b->job), HOURS(24));
    bench_free(b);
}

static void a_multipart_form_carries_the_images(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_webhook,
                                "{" URL ", 'content_type': 'multipart/form-data', 'fields': {'caption': '{{text}}'}, "
                                "'file_field': 'files[{{index}}]'}",
                                "token");
    b->parts[0].media = b->media;
    b->parts[0].media_count = 2;
    next(b);
    assert_int_equal(b->step.request.part_count, 3);
    assert_string_equal(b->step.request.parts[0].name, "caption");
    assert_string_equal(b->step.request.parts[0].value, "hello");
    assert_string_equal(b->step.request.parts[2].name, "files[1]");
    assert_ptr_equal(b->step.request.parts[2].media, &b->media[1]);
    assert_null(header_of(b, "Content-Type")); /* the publisher's, with its boundary */
    bench_free(b);
}

static void a_form_is_percent_encoded(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_webhook,
                                "{" URL ", 'content_type': 'application/x-www-form-urlencoded', 'fields': {'a b': "
                                "'{{text}}&'}}",
                                "token");
    next(b);
    assert_string_equal(b->step.request.body, "a%20b=hello%26");
    bench_free(b);
}

/* ---- answers ---- */

static void answers_mean_what_the_options_say(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        int status;
        const char *headers, *body;
        enum outcome_kind kind;
        const char *id, *url;
    } cases[] = {
        {"", 200, NULL, "!ok", OUTCOME_DONE, "0f1e2d3c4b5a69788796a5b4c3d2e1f0", NULL},
        {"", 201, "location: https://e.org/1", "!", OUTCOME_DONE, "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "https://e.org/1"},
        {", 'id': '/data/0/id', 'link': '/url'", 200, NULL, "{'data': [{'id': 17}], 'url': 'https://e.org/17'}",
         OUTCOME_DONE, "17", "https://e.org/17"},
        {", 'id': '/a~1b/~0'", 200, NULL, "{'a/b': {'~': 'x'}}", OUTCOME_DONE, "x", NULL},
        {", 'id': '/id'", 200, NULL, "{'error': 'no'}", OUTCOME_UNSURE, NULL, NULL},
        {", 'id': '/id'", 200, NULL, "!<html>", OUTCOME_UNSURE, NULL, NULL},
        {", 'link': '/url'", 200, NULL, "{'url': 'javascript:alert(1)'}", OUTCOME_DONE,
         "0f1e2d3c4b5a69788796a5b4c3d2e1f0", NULL},
        {", 'success': ['201']", 202, NULL, "!", OUTCOME_UNSURE, NULL, NULL},
        {", 'success': ['201', '302']", 302, NULL, "!", OUTCOME_DONE, "0f1e2d3c4b5a69788796a5b4c3d2e1f0", NULL},
        {", 'duplicate': ['409']", 409, NULL, "!", OUTCOME_DONE, "0f1e2d3c4b5a69788796a5b4c3d2e1f0", NULL},
        {", 'duplicate_text': 'already'", 400, NULL, "{'message': 'Already there'}", OUTCOME_DONE,
         "0f1e2d3c4b5a69788796a5b4c3d2e1f0", NULL},
        {"", 409, NULL, "!", OUTCOME_REFUSED, NULL, NULL},
        {"", 301, "location: https://e.org/", "!", OUTCOME_REFUSED, NULL, NULL},
        {"", 401, NULL, "!", OUTCOME_REFUSED, NULL, NULL},
        {"", 429, "retry-after: 7", "!", OUTCOME_RETRY, NULL, NULL},
        {"", 503, NULL, "!", OUTCOME_UNSURE, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char options[300];
        snprintf(options, sizeof options, "{" URL "%s}", cases[i].options);
        struct bench *b = bench_new(&network_webhook, options, "token");
        next(b);
        answer(b, cases[i].status, cases[i].headers, cases[i].body);
        expect_outcome(b, cases[i].kind);
        if (cases[i].kind != OUTCOME_DONE) {
            assert_non_null(b->outcome.message);
        } else {
            assert_string_equal(b->outcome.id, cases[i].id);
            assert_string_equal(b->outcome.url ? b->outcome.url : "-", cases[i].url ? cases[i].url : "-");
            next(b);
            assert_int_equal(b->step.kind, STEP_DONE);
        }
        bench_free(b);
    }
}

static void the_endpoints_own_words_are_told(void **state)
{
    (void)state;
    struct bench *b = bench_new(&network_webhook, "{" URL "}", "token");
    next(b);
    answer(b, 422, NULL, "{'error': {'message': 'text is too long'}}");
    expect_outcome(b, OUTCOME_REFUSED);
    assert_non_null(strstr(b->outcome.message, "text is too long"));
    assert_non_null(strstr(b->outcome.message, "422"));
    assert_int_equal(network_webhook.repeat_for(&b->job), REPEAT_NEVER);
    bench_free(b);
}

/* ---- edits and deletions ---- */

static struct bench *published_at(const char *options)
{
    struct bench *b = bench_new(&network_webhook, options, "token");
    b->job.memo = json_of(b->arena, "{'id': 'a/7'}");
    b->job.published = b->job.content;
    struct part *part = arena_new_of(b->arena, struct part);
    struct content *after = arena_new_of(b->arena, struct content);
    part->text = "hallo";
    *after = b->content;
    after->parts = part;
    b->job.content = after;
    return b;
}

static void edit(struct bench *b)
{
    memset(&b->step, 0x5A, sizeof b->step);
    network_webhook.edit(&b->job, b->arena, &b->step);
}

static void remove_it(struct bench *b)
{
    memset(&b->step, 0x5A, sizeof b->step);
    network_webhook.remove(&b->job, b->arena, &b->step);
}

#define HOOKS "'edit_url': 'https://hook.example/in', 'delete_url': 'https://hook.example/in'"

static void without_a_template_an_edit_and_a_deletion_say_what_they_are(void **state)
{
    (void)state;
    struct bench *b = published_at("{" URL ", " HOOKS ", 'key_header': 'K', 'headers': {'X-Event': '{{event}}'}}");
    edit(b);
    expect_step(b, STEP_PREPARE, "POST", "https://hook.example/in");
    assert_string_equal(header_of(b, "K"), b->job.request_key);
    assert_string_equal(header_of(b, "X-Event"), "edit");
    assert_string_equal(header_of(b, "Authorization"), "Bearer s3cret-token");
    json_t *body = json_parse(b->step.request.body, b->step.request.body_length, NULL);
    assert_string_equal(json_text(body, "event"), "edit");
    assert_string_equal(json_text(body, "id"), "a/7");
    assert_string_equal(json_text(body, "text"), "hallo");
    assert_string_equal(json_text(body, "body_html"), "<p>hallo</p>\n");
    json_decref(body);
    remove_it(b);
    expect_step(b, STEP_PREPARE, "POST", "https://hook.example/in");
    assert_string_equal(header_of(b, "K"), "0f1e2d3c4b5a69788796a5b4c3d2e1f0-delete"); /* not that of the post */
    expect_body(b, "{'event': 'delete', 'id': 'a/7', 'post_id': 'p', 'account': 'acct', 'key': "
                   "'0f1e2d3c4b5a69788796a5b4c3d2e1f0-delete', 'slot': '2026-12-01T08:00:00Z'}");
    b->job.memo = json_of(b->arena, "{}");
    next(b);
    assert_string_equal(header_of(b, "X-Event"), "publish");
    assert_null(strstr(b->step.request.body, "event"));
    bench_free(b);
}

static void an_address_with_the_id_is_that_of_the_post(void **state)
{
    (void)state;
    struct bench *b = published_at("{" URL ", 'content_type': 'application/x-www-form-urlencoded', 'edit_url': "
                                   "'https://e/{{id}}?t={{token}}', 'edit_method': 'PUT', 'edit_body': 't={{text}}', "
                                   "'delete_url': 'https://e/{{id}}', 'delete_method': 'DELETE'}");
    edit(b);
    expect_step(b, STEP_PREPARE, "PUT", "https://e/a/7?t=s3cret-token");
    assert_string_equal(b->step.request.body, "t=hallo");
    assert_null(header_of(b, "Authorization"));
    remove_it(b);
    expect_step(b, STEP_PREPARE, "DELETE", "https://e/a/7");
    assert_null(b->step.request.body);
    assert_null(header_of(b, "Content-Type"));
    bench_free(b);
}

static void a_form_of_many_parts_is_told_as_a_plain_one(void **state)
{
    (void)state;
    struct bench *b = published_at("{" URL ", " HOOKS ", 'content_type': 'multipart/form-data', 'file_field': 'f'}");
    edit(b);
    assert_string_equal(header_of(b, "Content-Type"), "application/x-www-form-urlencoded");
    assert_memory_equal(b->step.request.body, "event=edit&id=a%2F7&post_id=p&", 30);
    remove_it(b);
    assert_string_equal(b->step.request.body, "event=delete&id=a%2F7&post_id=p&account=acct&key=0f1e2d3c4b5a69788796a5b4c3d2e1f0-"
                                              "delete&slot=2026-12-01T08%3A00%3A00Z");
    bench_free(b);
}

static void an_account_without_their_addresses_says_so(void **state)
{
    (void)state;
    struct bench *b = published_at("{" URL "}");
    edit(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    assert_string_equal(b->step.name, "its account has no 'edit_url' in cald.yaml: change it there");
    remove_it(b);
    assert_int_equal(b->step.kind, STEP_DONE);
    assert_string_equal(b->step.name, "its account has no 'delete_url' in cald.yaml: delete it there");
    assert_false(network_webhook.can_change(&b->account, true) || network_webhook.can_change(&b->account, false));
    bench_free(b);
}

static void each_answer_to_them_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        int status;
        enum outcome_kind removed, edited;
        const char *why;
    } cases[] = {
        {HOOKS, 200, OUTCOME_NEXT, OUTCOME_NEXT, "done"},
        {HOOKS, 404, OUTCOME_REFUSED, OUTCOME_REFUSED, "the endpoint is not there, which says nothing of the post"},
        {HOOKS ", 'success': [201]", 200, OUTCOME_REFUSED, OUTCOME_REFUSED, "not what it says when it did it"},
        {HOOKS ", 'duplicate': [409], 'key_header': 'K'", 409, OUTCOME_NEXT, OUTCOME_NEXT, "it knows the key"},
        {HOOKS ", 'duplicate': [409]", 409, OUTCOME_REFUSED, OUTCOME_REFUSED, "it knows no keys"},
        {HOOKS, 503, OUTCOME_RETRY, OUTCOME_RETRY, "again"},
        {HOOKS, 429, OUTCOME_RETRY, OUTCOME_RETRY, "later"},
        {"'edit_url': 'https://e/{{id}}', 'delete_url': 'https://e/{{id}}'", 404, OUTCOME_NEXT, OUTCOME_REFUSED, "the post is not there"},
        {"'edit_url': 'https://e/{{id}}', 'delete_url': 'https://e/{{id}}'", 410, OUTCOME_NEXT, OUTCOME_REFUSED, "likewise"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = published_at("{}");
        b->account.options = json_of(b->arena, arena_printf(b->arena, "{" URL ", %s}", cases[i].options));
        struct response response = response_of(b->arena, cases[i].status, NULL, "!");
        struct outcome removed = {0}, edited = {0};
        remove_it(b);
        network_webhook.removed(&b->job, &b->step, &response, b->arena, &removed);
        edit(b);
        network_webhook.edited(&b->job, &b->step, &response, b->arena, &edited);
        if (removed.kind != cases[i].removed || edited.kind != cases[i].edited)
            fail_msg("%d %s (%s): %s, %s", cases[i].status, cases[i].options, cases[i].why,
                     outcome_kind_name(removed.kind), outcome_kind_name(edited.kind));
        bench_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_template_an_edit_and_a_deletion_say_what_they_are),
        cmocka_unit_test(an_address_with_the_id_is_that_of_the_post),
        cmocka_unit_test(a_form_of_many_parts_is_told_as_a_plain_one),
        cmocka_unit_test(an_account_without_their_addresses_says_so),
        cmocka_unit_test(each_answer_to_them_has_its_outcome),
        cmocka_unit_test(a_value_cannot_break_out_of_its_place),
        cmocka_unit_test(an_account_that_would_fail_at_its_slot_is_refused_at_once),
        cmocka_unit_test(without_a_template_everything_is_sent),
        cmocka_unit_test(the_default_body_has_every_value_and_its_keys_sorted),
        cmocka_unit_test(a_form_without_fields_has_every_value_there_is),
        cmocka_unit_test(the_request_is_what_the_options_say),
        cmocka_unit_test(a_multipart_form_carries_the_images),
        cmocka_unit_test(a_form_is_percent_encoded),
        cmocka_unit_test(answers_mean_what_the_options_say),
        cmocka_unit_test(the_endpoints_own_words_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
