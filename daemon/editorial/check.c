/*
 * See check.h: the charter's rules about words and counted things, and the call of the network's own. Times are in
 * check_time.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "editorial/check.h"
#include "editorial/fold.h"
#include "editorial/check_report.h"
#include "network/text.h"
#include "network/unicode.h"

void check_report(struct checking *c, enum check_level level, const char *rule, const char *word,
                  const char *nearest, const char *format, ...)
{
    va_list args;
    if (level == CHECK_OFF)
        return;
    struct diag found = c->where ? *c->where : (struct diag){0};
    va_start(args, format);
    found.message = arena_vprintf(c->diags->arena, format, args);
    va_end(args);
    found.level = level == CHECK_ERROR ? DIAG_ERROR : DIAG_WARNING;
    found.rule = rule;
    found.account = c->account ? c->account->name : NULL;
    found.word = word;
    found.nearest = nearest;
    diags_add(c->diags, &found);
}

/* ---- forbidden words ---- */

static void add_line(struct buf *all, const char *text)
{
    if (text) {
        buf_add_text(all, text);
        buf_add_text(all, "\n\x01\n"); /* a word never reaches from one text into the next */
    }
}

static void gather(const struct content *content, struct buf *all)
{
    for (size_t i = 0; i < content->part_count; i++) {
        add_line(all, content->parts[i].text);
        for (size_t k = 0; k < content->parts[i].media_count; k++)
            add_line(all, content->parts[i].media[k].alt);
    }
    const char *const texts[] = {content->title, content->warning, content->body, content->summary};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_line(all, texts[i]);
    for (size_t i = 0; i < content->tag_count; i++)
        add_line(all, content->tags[i]);
}

static void check_forbidden(struct checking *c, const struct charter *charter, const char *all, struct arena *arena)
{
    if (!charter->forbidden_count)
        return;
    const char *folded = fold_text(all, arena);
    for (size_t i = 0; i < charter->forbidden_count; i++) {
        const struct forbidden *f = &charter->forbidden[i];
        if (f->level == CHECK_OFF || !fold_has_word(folded, f->folded))
            continue;
        if (f->instead)
            check_report(c, f->level, "forbidden-word", f->word, NULL, "the charter says '%s' instead of '%s'",
                         f->instead, f->word);
        else
            check_report(c, f->level, "forbidden-word", f->word, NULL, "the charter forbids '%s'", f->word);
    }
}

/* ---- alt texts, the site's link ---- */

static void check_alts(struct checking *c, const struct charter *charter)
{
    for (size_t i = 0; i < c->content->part_count; i++) {
        const struct part *part = &c->content->parts[i];
        for (size_t k = 0; k < part->media_count; k++)
            if (!part->media[k].alt || !part->media[k].alt[strspn(part->media[k].alt, " \t\n")])
                check_report(c, charter->alt_text, "alt-text", part->media[k].file, NULL,
                             "'%s' has no alternative text ('alt')", part->media[k].file);
    }
}

/* The host of the site, without "www.", somewhere in the post is enough. */
static void check_link(struct checking *c, const struct charter *charter, const char *all)
{
    if (!charter->site || charter->link_to_site == CHECK_OFF)
        return;
    const char *host = strstr(charter->site, "://") + 3;
    if (!strncmp(host, "www.", 4))
        host += 4;
    char *name = arena_strndup(c->diags->arena, host, strcspn(host, "/?#:"));
    if (!strcasestr(all, name) && !(c->content->link && strcasestr(c->content->link, name)))
        check_report(c, charter->link_to_site, "link-to-site", NULL, NULL, "no link to the site %s", charter->site);
}

/* ---- counted things ---- */

struct tally {
    size_t hashtags, emoji, exclamations, graphemes;
};

/* A hashtag is '#' and a letter, not in the middle of a word or address. */
static bool begins_hashtag(const uint32_t *at, size_t i, size_t count)
{
    uint32_t before = i ? at[i - 1] : ' ';
    return at[i] == '#' && i + 1 < count && unicode_is_letter(at[i + 1]) && !unicode_is_letter(before) &&
           !unicode_is_digit(before) && before != '/' && before != '&';
}

static struct tally count_part(const char *text, struct arena *arena)
{
    size_t length = strlen(text), count = 0;
    uint32_t *points = arena_alloc_array(arena, length, sizeof *points);
    struct tally tally = {0};
    for (size_t i = 0; i < length;)
        i += utf8_decode(text + i, length - i, &points[count++]);
    for (size_t i = 0; i < count;) {
        size_t emoji = points[i] < 0x80 && !(i + 1 < count && points[i + 1] >= 0x80) ? 0
                                                                                   : emoji_sequence(points + i, count - i);
        tally.emoji += emoji > 0;
        tally.exclamations += points[i] == '!' || points[i] == 0xFF01 || points[i] == 0x203C;
        tally.hashtags += begins_hashtag(points, i, count);
        i += emoji ? emoji : 1;
    }
    tally.graphemes = grapheme_count(points, count, false);
    return tally;
}

static void check_count(struct checking *c, const struct counted *rule, const char *name, const char *what, size_t has)
{
    if (rule->level != CHECK_OFF && has > rule->max)
        check_report(c, rule->level, name, NULL, NULL, "%zu %s, the charter allows %u", has, what, rule->max);
}

static void check_counts(struct checking *c, const struct charter *charter, struct arena *arena)
{
    struct charter_limits limits = charter_limits_of(charter, c->account);
    if (!limits.hashtags.level && !limits.emoji.level && !limits.exclamations.level && !limits.length.level)
        return;
    for (size_t i = 0; i < c->content->part_count; i++) {
        struct tally tally = count_part(c->content->parts[i].text, arena);
        check_count(c, &limits.hashtags, "hashtags", "hashtags", tally.hashtags);
        check_count(c, &limits.emoji, "emoji", "emoji", tally.emoji);
        check_count(c, &limits.exclamations, "exclamations", "exclamation marks", tally.exclamations);
        check_count(c, &limits.length, "length", "characters", tally.graphemes);
    }
}

/* ---- the whole ---- */

void check_words(const struct charter *charter, const struct account *account, const struct content *content,
                 const struct diag *where, struct diags *diags)
{
    struct checking c = {.account = account, .content = content, .where = where, .diags = diags};
    struct arena *arena = arena_new();
    struct buf all = {0};
    if (charter->forbidden_count || charter->link_to_site)
        gather(content, &all);
    check_alts(&c, charter);
    check_forbidden(&c, charter, buf_text(&all), arena);
    check_link(&c, charter, buf_text(&all));
    check_counts(&c, charter, arena);
    buf_release(&all);
    arena_free(arena);
}

void check_content(const struct charter *charter, const struct account *account, const struct content *content,
                   const json_t *session, const struct diag *where, struct diags *diags)
{
    check_words(charter, account, content, where, diags);
    if (account->network) /* unknown where a calendar is checked without cald.yaml */
        network_check(account, content, session, where, diags);
}
