/*
 * check_rules: what the rules about contents share. Nobody else includes it.
 *
 *   check.c             the order in which all is looked at
 *   check_report.c      how a finding is said
 *   check_vocabulary.c  words: forbidden, preferred, keywords, disclosure
 *   check_voice.c       form of address, language
 *   check_form.c        what is counted: signs, capitals, emoji, length, reading time
 *   check_hashtag.c     hashtags
 *   check_media.c       alternative texts
 *   check_link.c        links
 *   check_online.c      what takes a network: links that answer, mentions that exist
 *   check_time.c        one time among others
 *   check_plan.c        what is looked at in a plan, and key dates
 *   check_presence.c    collisions, accounts left alone, empty slots
 *   check_alike.c       near-duplicates
 *   check_mix.c         shares of buckets
 *   check_campaign.c    embargoes, closing posts, budgets
 */
#ifndef CALD_CHECK_RULES_H
#define CALD_CHECK_RULES_H

#include "editorial/check.h"
#include "editorial/online.h"

enum piece_kind {
    PIECE_PART,    /* of a thread, or the text */
    PIECE_ALT,
    PIECE_WORDS,   /* title, warning, summary */
    PIECE_BODY,    /* Markdown */
    PIECE_TAG,
    PIECE_LINK,    /* 'link' */
};

/* Kinds that are words to be read. */
#define PIECES_OF_WORDS (1u << PIECE_PART | 1u << PIECE_ALT | 1u << PIECE_WORDS | 1u << PIECE_BODY | 1u << PIECE_TAG)

struct piece_of_text {
    enum piece_kind kind;
    const char *in;     /* "text", "thread[1]", "title", "media[0].alt": as findings name it */
    const char *text;
    const char *folded; /* made when first asked for: checking_folded */
};

struct checking {
    const struct charter *charter;
    const struct account *account; /* or NULL */
    const char *bucket;            /* or NULL */
    const struct content *content; /* NULL in questions of time */
    const struct diag *where;      /* or NULL */
    struct diags *diags;           /* NULL: nothing is found, questions are only put into 'online' */
    struct online *online;         /* for the rules that look there; or NULL */
    struct arena *arena;           /* for what is forgotten after this content */
    struct piece_of_text *pieces;
    size_t piece_count;
    const struct rule *rule;       /* that looks, and what the charter says of it here */
    struct setting setting;
};

const char *checking_folded(struct checking *checking, struct piece_of_text *piece);

struct found {
    const struct piece_of_text *in; /* NULL: nowhere in particular */
    size_t start, end;              /* bytes of its text; end 0: all of it */
    const char *word;               /* what is at fault; NULL: the text from start to end, if there is */
    const char *remedy;             /* what to do; the charter's message goes before it */
    enum check_level level;         /* CHECK_OFF: the rule's */
};
#define FOUND(...) (&(struct found){__VA_ARGS__})

/* Adds a finding of the rule that looks; nothing if its level is off. */
void check_found(struct checking *checking, const struct found *found, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct link_found {
    const struct piece_of_text *in;
    const char *text; /* a copy of it */
    size_t start, end;
};

/* The http(s) addresses of all pieces but alternative texts and tags. */
size_t checking_links(struct checking *checking, struct link_found **ret_links);

struct word { /* a run of letters, marks and digits of a folded text */
    const char *text;
    size_t length;
};

/* The next word from *at, which is moved behind it; false: none. */
bool word_next(const char **at, struct word *ret_word);
bool word_is(const struct word *word, const char *text);

/* Makes this the rule that looks; false: it is off here. */
bool check_begin(struct checking *checking, enum rule_id rule);

void check_forbidden(struct checking *checking);
void check_preferred(struct checking *checking);
void check_keywords(struct checking *checking);
void check_disclosure(struct checking *checking);
void check_address(struct checking *checking);
void check_language(struct checking *checking);
void check_exclamations(struct checking *checking);
void check_capitals(struct checking *checking);
void check_emoji(struct checking *checking);
void check_length(struct checking *checking);
void check_reading_time(struct checking *checking);
void check_hashtags(struct checking *checking);
void check_hashtag_list(struct checking *checking);
void check_hashtag_form(struct checking *checking);
void check_alt_text(struct checking *checking);
void check_alt_text_form(struct checking *checking);
void check_link_to_site(struct checking *checking);
void check_link_https(struct checking *checking);
void check_link_tracking(struct checking *checking);
void check_link_campaign(struct checking *checking);
void check_link_reachable(struct checking *checking);
void check_mention_exists(struct checking *checking);

/* ---- times and plans ---- */

struct timing_check {
    struct checking c; /* first */
    const struct calendar *calendar;
    const struct campaign *campaign;
    instant at;
    struct civil civil;
    const char *self;
    const struct planned *planned;
    size_t planned_count;
    /* the one of planned that is judged among those that go before it; NULL: among all */
    const struct planned *subject;
};

/* The first that is not before t. */
size_t planned_from(const struct planned *planned, size_t count, instant t);

void check_planned(const struct charter *charter, const struct calendar *calendar, const struct planned *planned,
                   size_t planned_count, size_t index, const struct diag *where, struct diags *diags);
void check_slot_time(struct timing_check *t); /* what can be said of a slot's time alone */
void check_embargo(struct timing_check *t);
void check_collision_at(struct timing_check *t);
void check_alike_at(struct timing_check *t);
duration collision_within(const struct setting *setting); /* what is said, or what holds unless said */
duration alike_within(const struct setting *setting);

struct plan_check { /* what a rule about a plan as a whole is given */
    struct checking c; /* first */
    const struct plan_view *view;
    enum recurring recurring;
    struct diag place;
    struct arena *arena;
};

/* The place of the next finding. settled: nothing but what a person wrote down plays a part in it. */
struct checking *plan_at(struct plan_check *p, const struct position *position, const char *post, bool settled);

/* How far the plan is written: the last time of it that is not a series', at most until its end. What
 * comes after is not missing yet. */
instant plan_written(const struct plan_view *view);

/* Whether planned[i] is another delivery of the post before it: each post is counted once. */
bool planned_again(const struct planned *planned, size_t i);

void check_no_cover(struct plan_check *p);
void check_cover_lead(struct plan_check *p);
void check_mix(struct plan_check *p);
void check_alike(struct plan_check *p);
void check_collision(struct plan_check *p);
void check_account_silence(struct plan_check *p);
void check_empty_slot(struct plan_check *p);
void check_campaign_closing(struct plan_check *p);
void check_budget(struct plan_check *p);

/* "2026-12-01 09:00" in the calendar's time; in arena. */
const char *checking_date(const struct calendar *calendar, instant at, struct arena *arena);

#endif
