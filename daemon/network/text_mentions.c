/*
 * Mentions: as X finds them (twitter-text, validMentionOrList.js), as Mastodon does (MENTION_RE in
 * app/models/account.rb), and the forms of the other networks as their fact sheets have them.
 */
#include "network/text_scan.h"
#include "network/unicode.h"

static bool is_word(uint32_t c) /* [[:word:]] of Ruby */
{
    return unicode_is_letter(c) || unicode_is_mark(c) || unicode_is_digit(c) || unicode_is_connector(c);
}

static bool is_name(uint32_t c)
{
    return ascii_is_alnum(c) || c == '_';
}

static bool is_at(uint32_t c)
{
    return c == '@' || c == 0xFF20;
}

static size_t run_end(const struct text_scan *scan, size_t i, bool (*in_run)(uint32_t c), size_t most)
{
    size_t end = i;
    while (end < scan->count && end - i < most && in_run(scan->at[end]))
        end++;
    return end;
}

static bool begins_with(const struct text_scan *scan, size_t i, const char *text)
{
    for (; *text; i++, text++)
        if (scan->at[i] != (unsigned char)*text)
            return false;
    return true;
}

/* Runs joined by '.' and '-': "first.last-name". End of the last run, or start. */
static size_t joined_end(const struct text_scan *scan, size_t start, bool (*in_run)(uint32_t c))
{
    size_t end = start;
    for (size_t i = start;;) {
        size_t run = run_end(scan, i, in_run, scan->count);
        if (run == i)
            return end;
        end = i = run;
        while (scan->at[i] == '.' || scan->at[i] == '-')
            i++;
        if (i == end)
            return end;
    }
}

/* X. */

enum { MOST_NAME_X = 20, MOST_LIST_X = 24 };

static bool in_list(uint32_t c)
{
    return is_name(c) || c == '-';
}

static bool may_precede_x(uint32_t c)
{
    return !is_name(c) && c != '!' && c != '#' && c != '$' && c != '%' && c != '&' && c != '*' && !is_at(c);
}

/* "RT" in any case before the '@' at i, itself no end of a word; nothing before 'used' counts. */
static bool follows_retweet(const struct text_scan *scan, size_t i, size_t used)
{
    if (i < used + 2 || (scan->at[i - 2] | 0x20) != 'r' || (scan->at[i - 1] | 0x20) != 't')
        return false;
    uint32_t before = i > 2 ? scan->at[i - 3] : 0;
    return i == 2 || (i - 2 > used && !is_name(before) && before != '+' && before != '~' && before != '.' &&
                      before != '-');
}

static bool spoilt_x(const struct text_scan *scan, size_t end)
{
    return is_at(scan->at[end]) || is_latin_accent(scan->at[end]) || begins_with(scan, end, "://");
}

/* Whether an '@' at i may begin a mention; what the last one has taken, up to 'used', is gone. */
static bool may_begin_x(const struct text_scan *scan, size_t i, size_t used)
{
    return i == 0 || (i > used && may_precede_x(scan->at[i - 1])) || follows_retweet(scan, i, used);
}

/* A list, "@name/list", is read as one and is no mention. */
void mentions_x(struct text_scan *scan)
{
    size_t used = 0;
    for (size_t i = 0; i < scan->count; i++) {
        if (!is_at(scan->at[i]) || !may_begin_x(scan, i, used))
            continue;
        size_t name = run_end(scan, i + 1, is_name, MOST_NAME_X), end = name;
        if (name == i + 1)
            continue;
        if (scan->at[name] == '/' && ascii_is_letter(scan->at[name + 1]))
            end = run_end(scan, name + 2, in_list, MOST_LIST_X);
        if (end == name && !spoilt_x(scan, end))
            text_found(scan, ENTITY_MENTION, i, end, 1);
        used = end;
        i = end - 1;
    }
}

/* Mastodon. */

void mentions_mastodon(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        uint32_t before = i ? scan->at[i - 1] : ' ';
        if (scan->at[i] != '@' || before == '=' || before == '/' || is_word(before))
            continue;
        size_t end = joined_end(scan, i + 1, is_name);
        if (end == i + 1)
            continue;
        if (scan->at[end] == '@')
            end = joined_end(scan, end + 1, is_word) > end + 1 ? joined_end(scan, end + 1, is_word) : end;
        if (!spoilt_x(scan, end))
            text_found(scan, ENTITY_MENTION, i, end, 1);
        i = end - 1;
    }
}

/* The others. */

static bool begins_word(const struct text_scan *scan, size_t i)
{
    return i == 0 || !(is_word(scan->at[i - 1]) || is_at(scan->at[i - 1]) || scan->at[i - 1] == '/');
}

void mentions_at(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        size_t end = scan->at[i] == '@' && begins_word(scan, i) ? joined_end(scan, i + 1, is_name) : i;
        if (end <= i + 1)
            continue;
        if (scan->at[end] != '@')
            text_found(scan, ENTITY_MENTION, i, end, 1);
        i = end - 1;
    }
}

/* A name without '.' and '-' in it. */
void mentions_plain(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        size_t end =
            scan->at[i] == '@' && begins_word(scan, i) ? run_end(scan, i + 1, is_name, scan->count) : i;
        if (end <= i + 1)
            continue;
        if (scan->at[end] != '@')
            text_found(scan, ENTITY_MENTION, i, end, 1);
        i = end - 1;
    }
}

/* "@person@host", "!community@host": Lemmy has no short form. */
void mentions_at_host(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        bool sign = scan->at[i] == '@' || scan->at[i] == '!';
        size_t name = sign && begins_word(scan, i) ? joined_end(scan, i + 1, is_name) : i;
        if (name <= i + 1)
            continue;
        size_t end = scan->at[name] == '@' ? joined_end(scan, name + 1, is_name) : name;
        if (end > name + 1)
            text_found(scan, ENTITY_MENTION, i, end, 1);
        i = name - 1;
    }
}

static bool in_localpart(uint32_t c)
{
    return is_name(c) || c == '.' || c == '=' || c == '-' || c == '/' || c == '+';
}

/* "@localpart:server"; the value keeps its '@', without which it is no user id. */
void mentions_matrix(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        size_t name =
            scan->at[i] == '@' && begins_word(scan, i) ? run_end(scan, i + 1, in_localpart, scan->count) : i;
        if (name <= i + 1)
            continue;
        size_t end = scan->at[name] == ':' ? joined_end(scan, name + 1, is_name) : name;
        if (end > name + 1)
            text_found(scan, ENTITY_MENTION, i, end, 0);
        i = name - 1;
    }
}

/* "u/name" and "/u/name". */
void mentions_reddit(struct text_scan *scan)
{
    enum { LEAST = 3, MOST = 20 };
    for (size_t i = 0; i < scan->count; i++) {
        size_t name = scan->at[i] == '/' ? i + 3 : i + 2;
        if (!begins_word(scan, i) || !(begins_with(scan, i, "u/") || begins_with(scan, i, "/u/")))
            continue;
        size_t end = run_end(scan, name, in_list, scan->count);
        if (end - name >= LEAST && end - name <= MOST)
            text_found(scan, ENTITY_MENTION, i, end, name - i);
        i = end - 1;
    }
}

/* "<@U123>", "<@!123>". */
void mentions_angle(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (!begins_with(scan, i, "<@"))
            continue;
        size_t name = i + (scan->at[i + 2] == '!' ? 3 : 2), end = run_end(scan, name, is_name, scan->count);
        if (end > name && scan->at[end] == '>')
            text_found(scan, ENTITY_MENTION, i, end + 1, name - i)->tail = 1;
        i = end - 1;
    }
}

static bool in_urn(uint32_t c)
{
    return in_list(c) || c == ':';
}

static bool in_shown_name(uint32_t c)
{
    return c != ']' && c != '[' && c != '\n';
}

/* "@[Shown Name](urn:li:organization:123)". */
void mentions_linkedin(struct text_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (!begins_with(scan, i, "@["))
            continue;
        size_t name = run_end(scan, i + 2, in_shown_name, scan->count);
        size_t urn = begins_with(scan, name, "](urn:li:") ? name + 2 : 0;
        size_t end = urn ? run_end(scan, urn, in_urn, scan->count) : name;
        if (urn && scan->at[end] == ')')
            text_found(scan, ENTITY_MENTION, i, end + 1, urn - i)->tail = 1;
        i = end - 1;
    }
}

/* "nostr:npub1…" (NIP-21). */
void mentions_nostr(struct text_scan *scan)
{
    static const char sign[] = "nostr:";
    for (size_t i = 0; i < scan->count; i++) {
        if (!begins_with(scan, i, sign) || !begins_word(scan, i))
            continue;
        size_t name = i + sizeof sign - 1;
        size_t end = run_end(scan, name, ascii_is_alnum, scan->count);
        if (begins_with(scan, name, "npub1") || begins_with(scan, name, "nprofile1"))
            text_found(scan, ENTITY_MENTION, i, end, name - i);
        i = end - 1;
    }
}
