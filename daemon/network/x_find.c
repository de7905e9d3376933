/*
 * x_find: whether a post whose answer was lost is there after all: the user's own posts are read, back to
 * five minutes before the first request left. One that has the same place in the thread, as many images and
 * the same text is ours. X shows links as https://t.co/…, which its entities expand, and escapes & < >;
 * images are such a link at the end. Case, white space, slashes and the schemes of links say nothing.
 *
 * The list is nearly immediate, and that is not promised: NOT_FOUND is said only after two looks, the second
 * at least X_WAIT after the request; and never when X has refused the same text as a duplicate since: then a
 * person looks. Members were renamed in 2026 (tweet.fields, note_tweet → post.fields, note_post): both are
 * read, and when the server refuses one name of the query the other is asked.
 *
 * Memo "look": {"next": token of the next page, "pages", "looks", "swapped"}.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "network/driver.h"
#include "network/unicode.h"
#include "network/x.h"

enum { PAGES_MOST = 5, POSTS_MOST = 100, URLS_MOST = 50 };
#define BEFORE MINUTES(5) /* clocks differ */

/* ---- the question ---- */

static const struct spelling {
    const char *fields, *long_text;
} spellings[] = {{"post.fields", "note_post"}, {"tweet.fields", "note_tweet"}};

static const struct spelling *spelling_of(const json_t *session)
{
    const char *fields = json_text(session, "fields");
    return &spellings[fields && !strcmp(fields, spellings[1].fields)];
}

static json_t *look_of(const struct job *job)
{
    return json_member(job->memo, "look");
}

void x_find(const struct job *job, struct arena *arena, struct step *ret_step)
{
    if (thread_part_due(job) == job->content->part_count) {
        *ret_step = (struct step){.kind = STEP_DONE, .name = "done"};
        return;
    }
    if (x_session_step(job, arena, ret_step))
        return;
    const struct spelling *spelling = spelling_of(job->session);
    char since[INSTANT_TEXT];
    instant sent = job->first_sent ? job->first_sent : job->now;
    const struct driver_pair pairs[] = {
        {"max_results", "100"},
        {"start_time", instant_format((sent - BEFORE) / 1000 * 1000, since, sizeof since)},
        {"exclude", "retweets"},
        {spelling->fields,
         arena_printf(arena, "attachments,conversation_id,created_at,entities,text,%s", spelling->long_text)},
        {"pagination_token", json_text(look_of(job), "next")},
    };
    const char *user = json_text(x_user(job), "id");
    x_request(job, arena, ret_step, STEP_PREPARE, "GET",
              arena_printf(arena, "/2/users/%s/tweets?%s", user ? user : "",
                           driver_pairs(arena, pairs, sizeof pairs / sizeof *pairs)));
    ret_step->name = "look";
    x_sign(job, arena, ret_step);
}

/* ---- what is the same however it is shown ---- */

static bool skips(const char *at, size_t *ret_length)
{
    static const char *const nothing[] = {"https://", "http://", "/"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (!strncasecmp(at, nothing[i], strlen(nothing[i]))) {
            *ret_length = strlen(nothing[i]);
            return true;
        }
    return false;
}

static void add_canonical(struct buf *out, const char *text, struct arena *arena)
{
    size_t length = strlen(text), count = 0, step;
    uint32_t *points = arena_alloc_array(arena, length + 1, sizeof *points);
    for (size_t i = 0; i < length; i += step)
        if (!skips(text + i, &step))
            step = utf8_decode(text + i, length - i, &points[count++]);
    const uint32_t *composed = unicode_nfc(points, count, &count, arena);
    for (size_t i = 0; i < count; i++) {
        char encoded[4];
        if (!unicode_is_space(composed[i]))
            buf_add(out, encoded, utf8_encode(unicode_lower(composed[i]), encoded));
    }
}

static const char *canonical(const char *text, struct arena *arena)
{
    struct buf out = {0};
    add_canonical(&out, text, arena);
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

static const char *unescaped(const char *text, struct arena *arena)
{
    static const struct {
        const char *name;
        char character;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
    char *copy = arena_alloc(arena, strlen(text) + 1), *to = copy;
    while (*text) {
        char c = *text;
        size_t length = 1;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (!strncmp(text, names[i].name, strlen(names[i].name))) {
                c = names[i].character;
                length = strlen(names[i].name);
            }
        *to++ = c;
        text += length;
    }
    return copy;
}

/* The address behind a t.co link; "" for one of the post's own images; NULL: it is not said. */
static const char *target_of(const json_t *urls, const char *link, size_t length)
{
    for (size_t i = 0; i < json_array_size(urls) && i < URLS_MOST; i++) {
        const json_t *one = json_array_get(urls, i);
        const char *url = json_text(one, "url"), *target;
        if (!url || strlen(url) != length || strncmp(url, link, length) != 0)
            continue;
        target = json_text(one, "expanded_url");
        bool own = target && strstr(target, "/status/") &&
                   (strstr(target, "/photo/") || strstr(target, "/video/") || json_text(one, "media_key"));
        return own ? "" : target;
    }
    return NULL;
}

/* Their text with its links expanded; ret_whole: all of them could be. */
static const char *expanded(const char *text, const json_t *urls, struct arena *arena, bool *ret_whole)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char start[] = "https://t.co/";
    struct buf out = {0};
    *ret_whole = true;
    for (const char *at = text; *at;) {
        const char *link = strstr(at, start);
        buf_add(&out, at, link ? (size_t)(link - at) : strlen(at));
        if (!link)
            break;
        size_t length = strlen(start) + strspn(link + strlen(start), alphabet);
        const char *target = target_of(urls, link, length);
        *ret_whole = *ret_whole && target;
        buf_add_text(&out, target ? target : "");
        at = link + length;
    }
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

/* ---- one post ---- */

enum likeness { UNLIKE, ALIKE, SAME };

static const json_t *either(const json_t *object, const char *name, const char *old)
{
    const json_t *value = json_member(object, name);
    return value ? value : json_member(object, old);
}

/* Our text without its links, for a post whose links are not told. */
static const char *without_links(const char *text, struct arena *arena)
{
    struct measure m = text_measure(text_rule_find("x"), text, strlen(text), 0, arena);
    struct buf out = {0};
    size_t at = 0;
    for (size_t i = 0; i < m.entity_count; i++) {
        if (m.entities[i].kind != ENTITY_LINK)
            continue;
        buf_add(&out, text + at, m.entities[i].start - at);
        at = m.entities[i].end;
    }
    buf_add_text(&out, text + at);
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

static enum likeness compare(const struct job *job, const json_t *post, struct arena *arena)
{
    const char *ours = driver_first_with_link(job->content, thread_part_due(job), arena);
    const json_t *note = either(post, "note_post", "note_tweet");
    const json_t *from = json_text(note, "text") ? note : post;
    const char *text = json_text(from, "text");
    bool whole;
    if (!text)
        return UNLIKE;
    const json_t *urls = json_member(json_member(from, "entities"), "urls");
    if (!urls)
        urls = json_member(json_member(post, "entities"), "urls");
    const char *theirs = unescaped(expanded(text, urls, arena, &whole), arena);
    if (!strcmp(canonical(ours, arena), canonical(theirs, arena)))
        return SAME;
    if (whole)
        return UNLIKE;
    bool same =
        !strcmp(canonical(without_links(ours, arena), arena), canonical(without_links(theirs, arena), arena));
    return same ? ALIKE : UNLIKE;
}

/* The first part begins a conversation of its own; the others are in the first one's. */
static bool has_place(const struct job *job, const json_t *post, const char *id)
{
    const char *conversation = json_text(post, "conversation_id");
    const char *first = json_text(thread_post(job, 0), "id");
    return !conversation || !strcmp(conversation, first ? first : id);
}

static bool could_be_ours(const struct job *job, const json_t *post, const char *id)
{
    const json_t *keys = json_member(json_member(post, "attachments"), "media_keys");
    return !thread_has(job, id) && has_place(job, post, id) &&
           json_array_size(keys) == job->content->parts[thread_part_due(job)].media_count;
}

/* ---- what was found ---- */

static void look_over(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    if (look_of(job))
        json_set(outcome_memo(outcome, arena), "look", json_null());
}

static void say_unsure(const struct job *job, struct arena *arena, struct outcome *outcome, const char *why)
{
    look_over(job, arena, outcome);
    outcome_set(outcome, arena, OUTCOME_UNSURE, SCOPE_POST, "%s", why);
}

static void say_not_there(const struct job *job, struct arena *arena, struct outcome *outcome)
{
    int64_t looks = json_number(look_of(job), "looks", 0) + 1;
    instant sure_at = json_number(job->memo, "sent", 0) + X_WAIT;
    if (looks < 2 || job->now < sure_at) {
        outcome_set(outcome, arena, OUTCOME_RETRY, SCOPE_POST, "it is not there yet, and may still come");
        outcome->at = sure_at > job->now + SECONDS(30) ? sure_at : job->now + SECONDS(30);
        json_set(outcome_memo(outcome, arena), "look", json_pack("{s:I}", "looks", (json_int_t)looks));
    } else if (json_flag(job->memo, "duplicate", false)) {
        say_unsure(job, arena, outcome,
                   "X refused this text as a duplicate, and does not list it among the account's posts");
    } else {
        look_over(job, arena, outcome);
        outcome_set(outcome, arena, OUTCOME_NOT_FOUND, SCOPE_POST,
                    "it is not among the posts of the account");
    }
}

static void look_on(const struct job *job, const char *next, struct arena *arena, struct outcome *outcome)
{
    json_t *look = stage_copy(job, "look");
    json_set_text(look, "next", next);
    json_set_number(look, "pages", json_number(look, "pages", 0) + 1);
    outcome->kind = OUTCOME_NEXT;
    json_set(outcome_memo(outcome, arena), "look", look);
}

static void read_list(const struct job *job, const json_t *body, struct arena *arena, struct outcome *outcome)
{
    const json_t *list = json_member(body, "data");
    const char *next = outcome_clean_id(json_text(json_member(body, "meta"), "next_token"), arena);
    const char *alike = NULL;
    for (size_t i = 0; i < json_array_size(list) && i < POSTS_MOST; i++) {
        const json_t *post = json_array_get(list, i);
        const char *id = x_id(post, "id", arena);
        enum likeness likeness = id && could_be_ours(job, post, id) ? compare(job, post, arena) : UNLIKE;
        if (likeness == SAME) {
            x_part_done(job, id, arena, outcome);
            return;
        }
        alike = likeness == ALIKE ? id : alike;
    }
    if (alike)
        say_unsure(job, arena, outcome,
                   arena_printf(arena, "%s looks like it, but X does not tell where its links lead",
                                x_permalink(job, alike, arena)));
    else if (next && json_number(look_of(job), "pages", 0) + 1 >= PAGES_MOST)
        say_unsure(job, arena, outcome, "the account has too many newer posts to look through");
    else if (next)
        look_on(job, next, arena, outcome);
    else
        say_not_there(job, arena, outcome);
}

/* 400 to the one name of the query: the other is tried, once a look, and kept in the session. */
static bool swap(const struct job *job, const struct response *response, struct arena *arena,
                 struct outcome *outcome)
{
    if (response->status != 400 || json_flag(look_of(job), "swapped", false))
        return false;
    json_t *session = json_in_arena(arena, json_copy((json_t *)(uintptr_t)job->session));
    json_t *look = stage_copy(job, "look");
    json_set_text(session, "fields", spellings[spelling_of(job->session) == &spellings[0]].fields);
    json_set_flag(look, "swapped", true);
    *outcome = stage_next_with(arena, json_pack("{s:o}", "look", look));
    outcome->session = session;
    return true;
}

void x_found(const struct job *job, const struct step *step, const struct response *response,
             struct arena *arena, struct outcome *ret_outcome)
{
    if (step->kind != STEP_PREPARE) {
        x_session_read(job, step, response, arena, ret_outcome);
    } else if (swap(job, response, arena, ret_outcome)) {
        return;
    } else if (x_read_status(job, step, response, arena, ret_outcome)) {
        json_t *body = response_json(response, arena);
        if (json_is_object(body))
            read_list(job, body, arena, ret_outcome);
        else
            outcome_set(ret_outcome, arena, OUTCOME_RETRY, SCOPE_ACCOUNT, "%s: the answer is no list",
                        step->name);
    }
    outcome_unsure_if_refused(ret_outcome);
}
