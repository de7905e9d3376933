/*
 * mastodon_find: whether a status whose answer was lost is there after all.
 *
 * The account's own statuses are read, newest first, back to a minute before the first request left. One
 * that has the same text, the same number of media and the same parent is ours. The server gives the text
 * as HTML, in which mentions lose their domain and some servers shorten links: one that only resembles ours
 * is compared by its source. NOT_FOUND is said only when the list was read back far enough.
 *
 * Memo "look": {"max_id", "pages"} where the list goes on, "covered" when it need not, "ask" [{"id", "url"}]
 * the statuses whose source is to be compared first.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "network/driver.h"
#include "network/mastodon.h"

enum { PAGES_MOST = 10, ASK_MOST = 10, STATUSES_MOST = 80 };

/* ---- the text of a status ---- */

static uint32_t entity_value(const char *name, size_t length)
{
    static const struct {
        const char *name;
        uint32_t value;
    } named[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xA0}};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strlen(named[i].name) == length && !strncmp(named[i].name, name, length))
            return named[i].value;
    if (length < 2 || name[0] != '#')
        return 0;
    bool hex = name[1] == 'x' || name[1] == 'X';
    unsigned long value = strtoul(name + (hex ? 2 : 1), NULL, hex ? 16 : 10);
    return value > 0 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF) ? (uint32_t)value : 0;
}

/* Adds the character of "&name;" and returns how much of html that was; a lone '&' stands for itself. */
static size_t add_entity(struct buf *out, const char *html)
{
    char encoded[4];
    size_t length = strspn(html + 1, "#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    uint32_t c = length && length <= 10 && html[1 + length] == ';' ? entity_value(html + 1, length) : 0;
    if (!c) {
        buf_add_char(out, '&');
        return 1;
    }
    buf_add(out, encoded, utf8_encode(c, encoded));
    return length + 2;
}

static bool breaks_line(const char *tag)
{
    tag += *tag == '/';
    size_t length = strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    static const char *const names[] = {"br", "p", "div", "li", "ul", "ol", "blockquote", "pre"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && !strncasecmp(names[i], tag, length))
            return true;
    return false;
}

/* The text of their HTML. What they hide by style ("https://" of a link) belongs to it. */
static void html_text(const char *html, struct buf *out)
{
    while (*html) {
        if (*html == '<') {
            if (breaks_line(html + 1))
                buf_add_char(out, '\n');
            html += strcspn(html, ">");
            html += *html == '>';
        } else if (*html == '&') {
            html += add_entity(out, html);
        } else {
            buf_add_char(out, *html++);
        }
    }
}

/* Length of "@domain" if text, which follows "@user", has one. */
static size_t mention_domain(const char *text)
{
    return *text == '@'
               ? 1 + strspn(text + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
               : 0;
}

static size_t white_space(const char *text, size_t left)
{
    uint32_t c;
    size_t size = utf8_decode(text, left, &c);
    bool is_white = c <= 0x20 || c == 0xA0 || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 ||
                    c == 0x202F || c == 0x3000 || c == 0xFEFF;
    return is_white ? size : 0;
}

/* What is the same however a server shows it: no white space, mentions without their domain. */
static const char *canonical(const char *text, struct arena *arena)
{
    size_t length = strlen(text), skip;
    struct buf out = {0};
    for (size_t i = 0; i < length;) {
        if ((skip = white_space(text + i, length - i))) {
            i += skip;
        } else if (text[i] == '@') {
            size_t user =
                1 + strspn(text + i + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
            buf_add(&out, text + i, user);
            i += user;
            i += user > 1 ? mention_domain(text + i) : 0;
        } else {
            buf_add_char(&out, text[i++]);
        }
    }
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

/* Whether at least half of the words of text stand in other. */
static bool resembles(const char *text, const char *other, struct arena *arena)
{
    size_t words = 0, there = 0;
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, " \n\t");
        if (length >= 4) {
            words++;
            there += strstr(other, arena_strndup(arena, at, length)) != NULL;
        }
        at += length;
        at += strspn(at, " \n\t");
    }
    return there * 2 >= words;
}

/* ---- where to look ---- */

void mastodon_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (thread_part_due(job) == job->content->part_count) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
        return;
    }
    if (mastodon_session_step(job, arena, ret_step))
        return;
    const char *account = json_text(job->session, "account_id");
    json_t *look = json_member(job->memo, "look");
    const char *ask = json_text(json_array_get(json_member(look, "ask"), 0), "id");
    const char *older = json_text(look, "max_id");
    const char *path;
    if (!*account)
        path = "/api/v1/accounts/verify_credentials";
    else if (ask)
        path = arena_printf(arena, "/api/v1/statuses/%s/source", driver_escape(arena, ask));
    else
        path = arena_printf(arena, "/api/v1/accounts/%s/statuses?limit=40&exclude_reblogs=true%s%s",
                            driver_escape(arena, account), older ? "&max_id=" : "",
                            older ? driver_escape(arena, older) : "");
    mastodon_request(job, arena, ret_step, STEP_PREPARE, "GET", path);
    ret_step->name = !*account ? "who we are" : ask ? "compare" : "look";
}

/* ---- what was found ---- */

static void say_unsure(const struct job *job, struct arena *arena, struct outcome *outcome, const char *why)
{
    outcome->memo = json_in_arena(arena, json_object());
    if (json_member(job->memo, "look"))
        json_set(outcome->memo, "look", json_null());
    outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s", why);
}

static void look_on(json_t *look, struct arena *arena, struct outcome *outcome)
{
    outcome->kind = OUTCOME_NEXT;
    outcome->memo = json_in_arena(arena, json_object());
    json_set(outcome->memo, "look", look);
}

/* What is not there yet may still come: the request that we gave up may be at work on the server. */
static void say_not_found(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    instant sure_at = json_number(job->memo, "sent", 0) + MASTODON_WAIT;
    if (job->now < sure_at) {
        outcome_set(outcome, arena, OUTCOME_RETRY, SCOPE_POST, "it is not there yet, and may still come");
        outcome->at = sure_at;
    } else {
        outcome_set(outcome, arena, OUTCOME_NOT_FOUND, SCOPE_POST,
                    "it is not among the posts of the account");
    }
    if (!json_member(job->memo, "look"))
        return;
    outcome->memo = json_in_arena(arena, json_object());
    json_set(outcome->memo, "look", json_null());
}

/* After a page or a comparison: ask on, page on, or say that it is not there. */
static void settle(const struct job *job, json_t *look, struct arena *arena, struct outcome *outcome)
{
    bool asks = json_array_size(json_member(look, "ask")) > 0;
    bool covered = json_flag(look, "covered", false);
    if (!asks && covered) {
        json_decref(look);
        say_not_found(job, arena, outcome);
    } else if (!asks && json_number(look, "pages", 0) >= PAGES_MOST) {
        json_decref(look);
        say_unsure(job, arena, outcome, "the account has too many newer posts to look through");
    } else {
        look_on(look, arena, outcome);
    }
}

/*
 * No status older than this is ours. If their clock differs from ours (the Date of the answer tells), the
 * earlier of both is taken: looking too far back does no harm.
 */
static instant window_start(const struct job *job, const struct response *response)
{
    instant there, sent = job->first_sent ? job->first_sent : job->now;
    const char *date = response_header(response, "date");
    if (date && instant_parse_http(date, &there) && there < job->now && job->now - there < DAYS(1))
        sent += there - job->now;
    return sent - MINUTES(1);
}

static bool same_or_both_null(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : !a && !b;
}

/* All but the text: not a boost, the same parent, the same number of media. */
static bool could_be_ours(const struct job *job, const json_t *status, const char *id)
{
    size_t part = thread_part_due(job);
    const char *parent = part ? json_text(thread_post(job, part - 1), "id") : NULL;
    return !thread_has(job, id) && !json_is_object(json_member(status, "reblog")) &&
           same_or_both_null(parent, json_text(status, "in_reply_to_id")) &&
           json_array_size(json_member(status, "media_attachments")) == job->content->parts[part].media_count;
}

enum likeness { UNLIKE, ALIKE, SAME };

static enum likeness compare(const struct job *job, const json_t *status, struct arena *arena)
{
    const char *ours = mastodon_compose(job->content, thread_part_due(job), arena);
    const char *html = json_text(status, "content");
    struct buf plain = {0};
    html_text(html ? html : "", &plain);
    bool same = !strcmp(canonical(ours, arena), canonical(buf_text(&plain), arena));
    bool alike = !same && resembles(ours, buf_text(&plain), arena);
    buf_release(&plain);
    return same ? SAME : alike ? ALIKE : UNLIKE;
}

static void add_ask(json_t *look, const char *id, const char *url)
{
    json_t *one = json_object(), *ask = json_member(look, "ask");
    json_set_text(one, "id", id);
    json_set_text(one, "url", url);
    if (!ask)
        json_set(look, "ask", ask = json_array());
    json_array_append_new(ask, one);
}

struct page {
    json_t *look;         /* what is still to be done after this page */
    const char *last;     /* id of its oldest status */
    const char *id, *url; /* of the one that is ours */
    bool covered;         /* it reaches back far enough */
};

static void read_status_of_page(const struct job *job, json_t *status, instant start, struct page *page,
                                struct arena *arena)
{
    instant created;
    const char *id = outcome_clean_id(json_text(status, "id"), arena);
    const char *created_at = json_text(status, "created_at");
    if (!id)
        return;
    page->last = id;
    if (created_at && instant_parse(created_at, &created) && created < start) {
        page->covered = true;
        return;
    }
    if (page->id || !could_be_ours(job, status, id))
        return;
    const char *url = outcome_clean_url(json_text(status, "url"), arena);
    enum likeness likeness = compare(job, status, arena);
    if (likeness == ALIKE)
        add_ask(page->look, id, url);
    if (likeness != SAME)
        return;
    page->id = id;
    page->url = url;
}

static void read_list(const struct job *job, const json_t *list, instant start, struct arena *arena,
                      struct outcome *ret_outcome)
{
    struct page page = {.look = json_object(), .covered = json_array_size(list) == 0};
    for (size_t i = 0; i < json_array_size(list) && i < STATUSES_MOST; i++)
        read_status_of_page(job, json_array_get(list, i), start, &page, arena);
    if (page.id || json_array_size(json_member(page.look, "ask")) > ASK_MOST ||
        (!page.last && !page.covered)) {
        json_decref(page.look);
        if (page.id)
            mastodon_part_done(job, page.id, page.url, arena, ret_outcome);
        else
            say_unsure(job, arena, ret_outcome, "the account's posts cannot be told apart from this one");
        return;
    }
    json_set_text(page.look, "max_id", page.last);
    json_set_flag(page.look, "covered", page.covered);
    json_set_number(page.look, "pages", json_number(json_member(job->memo, "look"), "pages", 0) + 1);
    settle(job, page.look, arena, ret_outcome);
}

static void read_source(const struct job *job, const json_t *source, struct arena *arena,
                        struct outcome *ret_outcome)
{
    size_t part = thread_part_due(job);
    json_t *look = json_deep_copy(json_member(job->memo, "look"));
    json_t *ask = json_member(look, "ask"), *asked = json_array_get(ask, 0);
    const char *text = json_text(source, "text");
    const char *ours = canonical(mastodon_compose(job->content, part, arena), arena);
    if (text && !strcmp(ours, canonical(text, arena))) {
        mastodon_part_done(job, arena_strdup(arena, json_text(asked, "id")),
                           arena_strdup(arena, json_text(asked, "url")), arena, ret_outcome);
        json_decref(look);
        return;
    }
    json_array_remove(ask, 0);
    settle(job, look, arena, ret_outcome);
}

/* While we look, a refusal leaves the post as doubtful as it was. */
static void unsure_if_refused(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    if (outcome->kind != OUTCOME_REFUSED)
        return;
    bool reconnect = outcome->reconnect;
    enum scope scope = outcome->scope;
    say_unsure(job, arena, outcome, outcome->message);
    outcome->scope = scope;
    outcome->reconnect = reconnect;
}

void mastodon_found(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome)
{
    bool is_account = driver_url_ends(step->request.url, "/verify_credentials");
    bool is_source = driver_url_ends(step->request.url, "/source");
    if (step->kind == STEP_SESSION) {
        mastodon_session_read(job, step, response, arena, ret_outcome);
    } else if (mastodon_read_status(job, step, response, arena, ret_outcome)) {
        json_t *body = response_json(response, arena);
        if (is_account)
            mastodon_session_read(job, step, response, arena, ret_outcome);
        else if (is_source && json_is_object(body))
            read_source(job, body, arena, ret_outcome);
        else if (!is_source && json_is_array(body))
            read_list(job, body, window_start(job, response), arena, ret_outcome);
        else
            outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is not as expected",
                        step->name);
    }
    unsure_if_refused(job, arena, ret_outcome);
}
