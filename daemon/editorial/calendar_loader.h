/*
 * calendar_loader: what the files of the calendar's loader share. Nobody else includes it.
 *
 *   calendar_load.c     files → zone, slots, key dates, buckets; in which order all is read
 *   calendar_post.c     posts and series: times, accounts, ids
 *   calendar_content.c  what is published: layers (post, variant for a network, variant for an account) → contents
 *   calendar_campaign.c what a post says of campaigns and key dates
 *   calendar_time.c     dates and times as they are written
 *   calendar_account.c  names of accounts
 */
#ifndef CALD_CALENDAR_LOADER_H
#define CALD_CALENDAR_LOADER_H

#include "base/bind.h"
#include "base/index.h"
#include "editorial/calendar.h"

struct fault { /* a file of the entry being read that cannot be used */
    const struct yaml *at;
    const char *rule, *message;
    bool *told; /* as an error, by this entry or another one */
};

struct loader {
    const struct calendar_world *world;
    struct arena *arena; /* of what is read now: that of the calendar, or its bulk */
    struct arena *bulk;
    struct diags *diags;
    struct calendar *calendar;
    const char *language;      /* of posts that say nothing else */
    const struct late_policy *late; /* of the posts of the file that is read; NULL: it says nothing */
    struct index accounts;     /* name → struct account */
    const char **account_names, **variant_names; /* for "expected one of": accounts; accounts and networks */
    size_t account_count, variant_count;
    struct index slots;        /* name → struct slot */
    struct index ids;          /* id → struct post */
    struct index media;        /* file → struct inspected, once */
    struct fault *faults;      /* of the present entry */
    size_t fault_count;
    const struct media **named; /* by the present entry */
    size_t named_count;
    bool names_body_file;      /* the present entry does */
    struct post *posts;        /* has room for all: the index of ids points there */
    size_t post_count;
};

/* ---- calendar_time.c ---- */

struct moment { /* a date, with or without a time, and where it stands */
    struct civil civil;
    bool has_time;
    const struct yaml *node; /* NULL: not given */
};

struct moments {
    struct moment *items;
    size_t count;
};

/* 'read' functions of fields; member is a struct moment, or struct moments. */
bool read_date(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool read_date_time(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
/* either */
bool read_moments(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
/* A time of day; only hour, minute and second are set. */
bool read_time(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* ---- calendar_content.c ---- */

struct media_list {
    const struct media *items; /* NULL: not given */
    size_t count;
};

struct piece { /* of a thread, or of one_of */
    const char *text;
    struct media_list media;
};

struct pieces {
    struct piece *items;
    size_t count;
};

struct layer { /* what a post, or a variant of it, says; NULL and -1: nothing */
    const char *text, *title, *link, *language, *warning, *body, *body_file, *summary, *slug;
    int visibility;
    struct media_list media;
    struct pieces thread, one_of;
    struct texts tags, categories;
    const struct yaml *body_node;
};

bool layer_read_media(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool layer_read_pieces(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool layer_read_body_file(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool is_language(const char *text);
bool is_slug(const char *text);
bool is_tag(const char *text);
extern const char *const visibility_words[];

/* The keys of a layer, for tables of structs that begin with a struct layer. */
#define LAYER_TEXT(key, most, ...)                                                                           \
    {#key, FIELD_TEXT, .offset = offsetof(struct layer, key), .max = (most), __VA_ARGS__}
#define LAYER_FIELDS                                                                                         \
    LAYER_TEXT(text, 100000),                                                                                \
    LAYER_TEXT(title, 300, .valid = is_one_line, .expected = EXPECTED_LINE),                                 \
    LAYER_TEXT(link, 2048, .valid = is_http_url, .expected = EXPECTED_URL),                                  \
    LAYER_TEXT(language, 35, .valid = is_language, .expected = "a language tag such as fr or pt-BR"),        \
    LAYER_TEXT(warning, 500, .valid = is_one_line, .expected = EXPECTED_LINE),                               \
    LAYER_TEXT(body, 100000),                                                                                \
    LAYER_TEXT(summary, 5000),                                                                               \
    LAYER_TEXT(slug, 200, .valid = is_slug, .expected = "lower-case letters, digits and single '-'"),        \
    {"body_file", FIELD_READ, .offset = offsetof(struct layer, body_file), .read = layer_read_body_file},    \
    {"visibility", FIELD_WORD, .offset = offsetof(struct layer, visibility), .words = visibility_words},     \
    {"media", FIELD_READ, .offset = offsetof(struct layer, media), .max = 40, .read = layer_read_media},     \
    {"thread", FIELD_READ, .offset = offsetof(struct layer, thread), .min = 1, .max = 50,                    \
     .read = layer_read_pieces},                                                                             \
    {"tags", FIELD_TEXTS, .offset = offsetof(struct layer, tags), .max = 30, .item_max = 100,                \
     .valid = is_tag, .expected = "a word without '#' in front, on one line"},                               \
    {"categories", FIELD_TEXTS, .offset = offsetof(struct layer, categories), .max = 30, .item_max = 100,    \
     .valid = is_one_line, .expected = EXPECTED_LINE}

/* What excludes each other within one layer, and its body file's text. node is the layer's map. */
bool layer_finish(struct bind *bind, struct layer *layer, const struct yaml *node);

/* over lies on base. */
struct layer layer_merge(const struct layer *base, const struct layer *over);

/* The contents a layer makes: one, or as many as one_of has. */
void layer_contents(struct loader *loader, const struct layer *layer, struct target *target);

/* Whether there is anything to publish in it. */
bool layer_has_content(const struct layer *layer);

/* ---- calendar_post.c ---- */

void recall_posts(struct bind *bind, const struct calendar_file *file);
void load_posts(struct bind *bind, const struct yaml *list);
void load_series(struct bind *bind, const struct yaml *list);
bool load_one_post(struct bind *bind, const struct yaml *map, struct post *post); /* calendar_read_post */

/* What is counted, or finer than a day, would be counted from 1970 if no beginning were given. */
bool check_beginning(struct bind *bind, const struct yaml *rrule, bool given);

/* ---- calendar_campaign.c ---- */

/* 'campaigns' of one file, added to the calendar's. */
void load_campaigns(struct bind *bind, const struct yaml *map);

/* 'campaign' of a post, a const struct campaign *; 'covers', a const char *. */
bool read_campaign(struct bind *bind, const struct field *field, const struct yaml *value, void *member);
bool read_covers(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* ---- calendar_account.c ---- */

/* 'to': names → accounts; also of slots. */
struct account_list {
    const struct account *const *items; /* NULL: not given */
    size_t count;
};
bool read_accounts(struct bind *bind, const struct field *field, const struct yaml *value, void *member);

/* Fills the loader's indexes of accounts. */
void loader_know_accounts(struct loader *loader);

#endif
