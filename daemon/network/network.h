/*
 * network: what a driver is.
 *
 * A network is a kind of platform. Its driver is one file with one 'const struct network': facts, and
 * pure functions that make the next request and read its response. A driver does no I/O, knows no SQL,
 * reads no clock and no configuration but the account it is given. Publishing a delivery is a loop run
 * by publish/:
 *
 *     next(job)  → a step with a request       (or STEP_DONE: everything was made)
 *     … the publisher sends it, when the kind of step allows it …
 *     read(job, step, response) → an outcome   (its memo is saved; then next is asked again)
 *
 * What a step returned that later steps need is the memo, a JSON object saved with the delivery, so that
 * a restart goes on where it was. 'next' depends on the job alone: asked twice, it says the same.
 * network/null.c is the smallest driver and documents by example.
 */
#ifndef CALD_NETWORK_H
#define CALD_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/error.h"
#include "network/content.h"
#include "network/text.h"

/* ---- accounts ---- */

enum option_kind {
    OPTION_TEXT,
    OPTION_URL,    /* absolute http(s) URL; http only for loopback hosts or with 'insecure: true' */
    OPTION_SECRET, /* in YAML  {file: PATH}  or  {credential: NAME};  never a plain text */
    OPTION_INTEGER,
    OPTION_FLAG,
    OPTION_WORD,     /* one of 'words' */
    OPTION_TEXTS,    /* list of texts */
    OPTION_MAP,      /* map of text to text */
    OPTION_INTEGERS, /* list of integers */
    OPTION_PATH,     /* of this machine; relative to cald.yaml */
};

struct network_option {
    const char *name;
    enum option_kind kind;
    bool required;
    int64_t min, max;          /* of integers; of a text's or list's length */
    const char *const *words;  /* OPTION_WORD, ends in NULL */
    const char *help;          /* one line, for messages, man page and completion */
};

struct account_secret {
    const char *name; /* of the option */
    const char *value;
    const char *trouble; /* why it cannot be used, and what to do, for a person; NULL: nothing is known against it */
};

struct account {
    const char *name;
    const struct network *network;
    const json_t *options;  /* checked against network->options; secrets are not in it */
    const struct account_secret *secrets;
    size_t secret_count;    /* a value is NULL where nobody may know it yet: check_account, calctl check */
    bool hosted;            /* cald.yaml says how others get at our media (media_urls) */
    bool insecure; /* connections without TLS are allowed, also to other machines (outgoing.insecure) */
    bool fits_images;       /* the program that scales and re-encodes images is there */
    bool keep_metadata;     /* images are sent with what they say of place and camera */
};

const char *account_option(const struct account *account, const char *name);  /* text, or NULL */
const char *account_secret(const struct account *account, const char *name);  /* or NULL */
const char *account_trouble(const struct account *account); /* of the first secret that has one: nothing is to be sent; or NULL */
bool account_has_secret(const struct account *account, const char *name);     /* cald.yaml says where it is */

bool account_has_address(const struct account *account); /* see struct network: has_address */

/* ---- requests and responses ---- */

struct header {
    const char *name, *value; /* no control characters: the publisher refuses them */
};

struct form_part { /* of multipart/form-data */
    const char *name;
    const char *value;         /* a text field, or NULL: then media is the file */
    const struct media *media;
    int64_t from, length;      /* of media: so many bytes from there on; length 0: all that follow */
    const char *type;          /* of a text field that is not plain text: "application/json"; or NULL */
};

/*
 * An exchange of mail (RFC 5321), instead of an HTTP one. The request's url is smtps://HOST:PORT/NAME (TLS
 * from the beginning) or smtp://HOST:PORT/NAME (STARTTLS, or the exchange fails), NAME what is said in EHLO;
 * its body is the message: 7-bit, CRLF, lines of at most 998.
 *
 * The response has one header for each command that was answered, in their order: 'name' is the command
 * ("connect", "ehlo", "starttls", "auth": only where it failed there; "mail", "rcpt" for each recipient,
 * "data", "message" for its end, "noop"), 'value' the reply, "250 2.1.5 Ok", its lines joined by blanks.
 * status is the code of the last. The message is sent when at least one recipient was accepted.
 *
 * An exchange fails, as one of HTTP does, where no reply decided it; only once the end of the message may
 * have left it may have been taken (section 4.1.1.4).
 */
struct mail {
    const char *from;      /* the envelope's sender, local@domain */
    const char *const *to; /* recipients; none: no message, a NOOP after the login */
    size_t to_count;
    const char *user, *password; /* AUTH PLAIN or LOGIN; user NULL: none */
    bool plain;                  /* smtp:// without TLS: to this machine, or where the operator allows it */
};

/*
 * A page and its images put into a directory of this machine, instead of an exchange: see
 * publish/directory.h, which says what statuses the response has. The request has no url; its body is the
 * page, its parts are the images: 'name' their paths beneath root, 'media' the files.
 */
struct directory {
    const char *root; /* is there already, and is never left */
    const char *page; /* the page's path beneath it; NULL: only look whether one could write there */
    const char *mark; /* a line of the page that no other file has */
    const char *key;  /* the job's: of the temporary file */
    const char *was;  /* NULL: nothing is replaced; else the bytes of the page that is there, which the body
                         replaces */
};

struct request {
    const char *method; /* "GET", "POST", …; of mail "MAIL", of a directory "PUT" */
    const char *url;    /* absolute */
    const struct header *headers;
    size_t header_count;
    const char *body;   /* bytes, or NULL */
    size_t body_length;
    const struct media *media;     /* or: the bytes of this file are the body … */
    int64_t media_from, media_length; /* … so many from there on; length 0: all that follow */
    const struct form_part *parts; /* or: multipart/form-data */
    size_t part_count;
    const struct mail *mail; /* or: an exchange of mail */
    const struct directory *directory; /* or: files */
    /* Each NUL byte in the body is the place of the next of these files, which stands there in base64: of a mail
       in lines of 76 (RFC 2045 section 6.8), without a line end after the last; of HTTP in one. */
    const struct media *const *inserts;
    size_t insert_count;
    bool secret_url;    /* who has the address may use it: only its host is kept of it */
    duration timeout; /* for the whole exchange; 0: the default of 30 s, of at most 10 min */
};

/* Adds a header; name and value are copied. */
void request_header(struct request *request, struct arena *arena, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The value of a header that was added, by its name as it was given; or NULL. */
const char *request_value(const struct request *request, const char *name);

struct response {
    int status; /* 100..599 */
    const struct header *headers; /* names in lower case */
    size_t header_count;
    const char *body; /* NUL after body_length bytes; at most 4 MiB, more is a failed exchange */
    size_t body_length;
};

const char *response_header(const struct response *response, const char *lower_case_name); /* or NULL */
json_t *response_json(const struct response *response, struct arena *arena); /* NULL unless JSON; in arena */

/* ---- one delivery, as a driver sees it ---- */

struct job {
    const struct account *account;
    const struct content *content;
    const char *post_id;       /* of the calendar */
    const char *key;           /* 32 hex digits, random, fixed when the delivery was queued: what a slug or
                                  record key is derived from */
    const char *request_key;   /* likewise 32 hex digits: the idempotency key. The same for all repeats of a
                                  request; another one when a person retries what was refused, for a server
                                  may remember the refusal under its key; and of each edit that one asks for */
    instant slot;              /* when it is to appear */
    int utc_offset;            /* seconds, of the calendar's zone then */
    instant first_sent;        /* of the first creating request; 0: none has left */
    const struct content *published; /* of 'edit' alone: what is there; 'content' is what it is to say */
    const json_t *memo;        /* object: what earlier steps returned; never NULL */
    const json_t *session;     /* object: what the account's session steps returned; never NULL */
    bool lost;                 /* an answer to the present step was lost: it may have had its effect */
    bool ended;                /* of 'remove' alone: it ended without being published whole, and nothing of it is in
                                  doubt: the memo knows all that is out */
    instant now;
};

enum step_kind {
    STEP_SESSION, /* gets or renews what all deliveries of the account need; its result is the session */
    /* nobody sees its effect and it may be repeated (upload, look-up, draft): before the slot */
    STEP_PREPARE,
    STEP_CREATE,  /* makes something public: not before the slot, and its intent is on disk first */
    STEP_LOCAL,   /* published by being settled here (feed): no request, read gets a NULL response */
    STEP_DONE,    /* nothing left to do: the memo holds "id" and "url" */
};

struct step {
    enum step_kind kind;
    const char *name;       /* for log and history: "session", "upload 2/3", "publish 1/2" */
    struct request request;
    json_t *memo;           /* NULL, or members that must be on disk before the request leaves (record keys,
                               createdAt): merged into the delivery's memo with the intent. In arena */

    /* Instead of a request, of STEP_PREPARE only: an address at which the network can fetch this file of the
     * content. read gets a response of status 200 with {"url": "https://…", "until": instant or 0, for ever}.
     * rehost: the address that was told before did not do, another one is wanted. */
    const struct media *host;
    bool rehost;

    /* The publisher's own, likewise instead of a request: this image is made to fit before anything else (fit.h). */
    const struct media *fit;
};

enum outcome_kind {
    OUTCOME_DONE,      /* published: id, url */
    OUTCOME_NEXT,      /* this step is done, ask for the next; memo or session carries what it gave */
    OUTCOME_WAIT,      /* not ready on their side (media still processed): ask next again at 'at' */
    OUTCOME_RETRY,     /* provably without effect and worth repeating: at 'at', or by back-off when 0 */
    OUTCOME_REFUSED,   /* permanent: a person must change something */
    OUTCOME_UNSURE,    /* it may or may not have been published */
    OUTCOME_NOT_FOUND, /* only from 'found': it is provably not there */
};

enum scope { SCOPE_POST, SCOPE_ACCOUNT, SCOPE_NETWORK }; /* who is braked by a retry or refusal */

struct outcome {
    enum outcome_kind kind;
    enum scope scope;
    const char *message;  /* for a person: what happened and what to do; NULL only when DONE or NEXT */
    instant at;           /* WAIT, RETRY: not before; 0: the publisher chooses */
    json_t *memo;         /* members to merge into the delivery's memo (null removes); in arena or NULL */
    json_t *session;      /* the account's new session, whole; in arena or NULL */
    bool reconnect;       /* REFUSED with SCOPE_ACCOUNT: the credentials do not work any more */
    const char *id;       /* DONE: the network's id of the (first) post */
    const char *url;      /* DONE: its permalink, or NULL */
    /* told by headers: after 'limit_remaining' more requests wait until then; 0: not told */
    instant limit_reset;
    int64_t limit_remaining;
};

const char *outcome_kind_name(enum outcome_kind kind); /* done next wait retry refused unsure not-found */
const char *scope_name(enum scope scope);              /* post account network */
const char *step_kind_name(enum step_kind kind);       /* session prepare create local done */

/* ---- the driver ---- */

#define ENDING_TOLD DAYS(60)

enum feature {
    FEATURE_IMAGES = 1 << 0,
    FEATURE_THREAD = 1 << 1,
    FEATURE_BODY = 1 << 2,        /* long form from Markdown */
    FEATURE_TITLE = 1 << 3,
    FEATURE_WARNING = 1 << 4,
    FEATURE_VISIBILITY = 1 << 5,  /* others than public */
    FEATURE_LANGUAGE = 1 << 6,
    FEATURE_CATEGORIES = 1 << 7,
    FEATURE_MARKDOWN = 1 << 8,    /* a body goes out as Markdown: 'compose' gives it, and its length counts */
};

enum edit_what { /* what of a content can be changed after it was published */
    EDIT_TEXT = 1 << 0, /* of its parts */
    EDIT_TITLE = 1 << 1,
    EDIT_BODY = 1 << 2,
    EDIT_SUMMARY = 1 << 3,
    EDIT_LINK = 1 << 4,
    EDIT_TAGS = 1 << 5,
    EDIT_WARNING = 1 << 6,
    EDIT_LANGUAGE = 1 << 7,
    EDIT_ALT = 1 << 8, /* the alt texts of its media; the media themselves stay */
    EDIT_ALL = (1 << 9) - 1,
};

/* Of a video. 0, NULL: no limit is known. base/video.h says what a codec is called. */
struct video_limits {
    const char *const *types;  /* MIME, ends in NULL */
    const char *const *codecs; /* of the picture, ends in NULL */
    const char *const *sounds; /* likewise; none at all is always taken */
    size_t most;               /* in one part */
    size_t most_together;      /* with images in one part; 0: as many as each by itself */
    bool alone;                /* no images beside one */
    bool index_first;          /* it must be able to begin before all of it is there */
    int64_t max_bytes;
    duration min_length, max_length;
    unsigned max_width, max_height;
    int64_t max_pixels;            /* width × height */
    unsigned min_shape, max_shape; /* width : height, in hundredths, rounded down: 56 is 9:16 */
};

/* Of a document (a PDF). 0: no limit is known. Its pages are not counted. */
struct document_limits {
    size_t most; /* in one part */
    bool alone;  /* no images or videos beside one */
    int64_t max_bytes;
    unsigned max_pages;
};

enum existence { EXISTENCE_UNKNOWN, EXISTENCE_YES, EXISTENCE_NO };

enum repeat { /* how a creating request that may have been carried out is settled */
    REPEAT_NEVER,  /* by 'find' if there is one, else a person */
    REPEAT_KEY,    /* the same bytes again under the same key, while it is remembered */
};

struct login;
struct image_limits {         /* 0 and NULL: no limit known */
    int64_t bytes, gif_bytes; /* the latter of a GIF; 0: as of others */
    uint64_t pixels;          /* width times height */
    unsigned sides;           /* width and height together */
    const char *const *types; /* MIME, ends in NULL */
};

struct network {
    const char *name;     /* "mastodon" */
    const char *title;    /* "Mastodon" */
    unsigned features;
    size_t max_images;    /* in one part */
    size_t max_alt;       /* graphemes of an alt text, 0: no limit known */
    /* What breaks these is scaled or re-encoded (network/fit.h); what would have to be cropped (a ratio) is for
       'check' to refuse. 0: no limit known. See struct image_limits. */
    int64_t max_image_bytes;
    int64_t max_gif_bytes; /* of a GIF; 0: as of others */
    uint64_t max_image_pixels;
    unsigned max_image_sides;
    size_t max_title;     /* graphemes, 0: no limit known */
    const char *const *image_types; /* MIME, ends in NULL */
    const struct video_limits *video; /* NULL: it takes none … */
    const char *no_videos; /* … and why, for a person: "most mailboxes refuse so large a message"; NULL: nothing to say */
    const struct document_limits *document; /* likewise */
    enum repeat repeat;
    duration key_lifetime; /* from first_sent; 0: for ever */
    duration lead;         /* preparing begins so long before a slot, or as cald.yaml says if that is longer */
    duration key_wait;     /* not sooner than this after the doubtful try */
    const struct network_option *options;
    size_t option_count;
    bool keeps_session; /* the session says whose it is and holds what cannot be had again (a renewed token): another
                           option of the account does not end it */
    bool fetches_images; /* they, and videos, reach it by an address only: 'next' gives steps with 'host' */
    const struct login *logins; /* how 'calctl login' gets credentials (login.h), the last of LOGIN_NONE; NULL: not at all */
    bool tells_images; /* it tells their names and hashes, and sends none: they are not made to fit */
    bool local;    /* 'next' gives STEP_LOCAL and nothing else: no request, and so no pace of requests */
    bool one_step; /* 'next' never gives STEP_SESSION or STEP_PREPARE: nothing can be done ahead of a slot */

    /* The text of part i as it will be sent (link appended where this network
     * puts it into the text). In arena. */
    const char *(*compose)(const struct content *content, size_t part, struct arena *arena);

    /* What the network takes for this content, in millionths of the currency that is returned, by what the account's
       options say of prices; NULL: they say nothing. May be NULL. */
    const char *(*price)(const struct account *account, const struct content *content, struct arena *arena,
                         int64_t *ret_millionths);

    /* What the table of options cannot say about an account: asked when cald.yaml is loaded, after the table.
       May be NULL. */
    bool (*check_account)(const struct account *account, struct error *err);

    /* What of the account's own options ends by itself (a version of an API that the network drops): when, and in
       *ret_what what it is and what to do, a sentence in arena; 0: nothing. Told from ENDING_TOLD ahead. May be NULL. */
    instant (*ends)(const struct account *account, struct arena *arena, const char **ret_what);

    /* What the tables cannot say: adds findings about this content. May be NULL. */
    void (*check)(const struct account *account, const struct content *content, struct diags *diags);

    /* Another limit for the account than the text rule's (from its options or
     * session), 0: none. May be NULL. */
    size_t (*text_limit)(const struct account *account, const json_t *session);

    /* What the account's options and its session (may be NULL) say of the limits of images, over those of the table.
     * An option 'max_image_megabytes' is honoured without it. May be NULL. */
    void (*image_limits)(const struct account *account, const json_t *session, struct arena *arena,
                         struct image_limits *limits);

    /* How a doubtful request of this job is settled, where servers of one network differ (the session says
       which it is). NULL: as 'repeat' says. */
    enum repeat (*repeat_for)(const struct job *job);

    /* Likewise for how long the key is remembered, from first_sent; 0: for ever. NULL: key_lifetime. */
    duration (*key_lifetime_for)(const struct job *job);

    void (*next)(const struct job *job, struct arena *arena, struct step *ret_step);
    void (*read)(const struct job *job, const struct step *step, const struct response *response,
                 struct arena *arena, struct outcome *ret_outcome);

    /* Looks for a post that may have been published. find NULL: cannot be looked for. 'found' gives DONE,
       NOT_FOUND (only if that is sure), RETRY, NEXT (memo or session changed: call find again) or UNSURE (a
       person must). What is looked for is the first part that the memo does not hold yet; found in the middle
       of a thread, it is NEXT, and the part after it, which was never sent, is NOT_FOUND: then 'next' goes on
       with it. find may ask for STEP_SESSION first, whose response goes to 'found' as well. */
    void (*find)(const struct job *job, struct arena *arena, struct step *ret_step);
    void (*found)(const struct job *job, const struct step *step, const struct response *response,
                  struct arena *arena, struct outcome *ret_outcome);

    /* Whether this job can be looked for, where that depends on the account (a Discord webhook cannot read, a bot
       can). NULL: whenever there is a 'find'. */
    bool (*can_find)(const struct job *job);

    /* Live check of the credentials: content is NULL in this job. verified gives DONE (message: who we are:
       "@name@server") or REFUSED/RETRY. NULL where there is nothing to check. A session step may come first:
       verify returns STEP_SESSION until the session is there, then STEP_PREPARE. */
    void (*verify)(const struct job *job, struct arena *arena, struct step *ret_step);
    void (*verified)(const struct job *job, const struct step *step, const struct response *response,
                     struct arena *arena, struct outcome *ret_outcome);

    /*
     * Whether there is whom a text mentions (the mention without its '@': "alice", "alice@example.org"): a request
     * without credentials, for anybody may ask; false: that is no name that can be looked up. 'mentioned' says what
     * its answer means. Both NULL: the network has no way to tell.
     */
    bool (*mention)(const struct account *account, const char *name, struct arena *arena, struct request *ret_request);
    enum existence (*mentioned)(const struct response *response);

    /* Takes back what preparing steps left on the network, of a delivery that is not published after all:
     * asked again after each step until STEP_DONE; STEP_SESSION (read by 'read' as ever) may come first. No
     * step may touch what is public or what somebody made something of, and each may be repeated; before one
     * that deletes, step.memo forgets what it deletes, for the delivery may be prepared anew at any time.
     * 'discarded' gives NEXT (a message with it is for the history), RETRY or REFUSED. Both NULL: the network
     * tidies up by itself, or has nothing. */
    void (*discard)(const struct job *job, struct arena *arena, struct step *ret_step);
    void (*discarded)(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome);

    /* Whether the account's options let it be deleted, or else edited, where that depends on them (a webhook cannot).
       For what a person is told; the steps below say why. NULL: wherever there is 'remove', 'edit'. */
    bool (*can_change)(const struct account *account, bool deletes);

    /*
     * Deletes on the network what is published, or what is out of a thread that failed, because a person asked for
     * it: asked again after each step until STEP_DONE; STEP_SESSION (read by 'read' as ever) may come first. Its
     * steps are STEP_PREPARE: a deletion can be repeated, so one whose answer was lost simply is. What is deleted is
     * what the memo says cald made, by its id, a thread's last part first; nothing is looked for. 'removed' gives
     * NEXT with the memo's "remove" saying what is gone (removal.h), also when the network says that it is not there
     * (any more); RETRY; or REFUSED, with what a person can do. The memo's "remove_lost" is true once an answer was
     * lost: the part may be gone. STEP_DONE without a name: nothing is left of it. With one: it cannot be deleted,
     * and the name says why, for a person. Both NULL: the network has no means, or cald does not use them.
     */
    void (*remove)(const struct job *job, struct arena *arena, struct step *ret_step);
    void (*removed)(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome);

    /*
     * Changes on the network what is published, because a person asked for it: asked again after each step
     * until STEP_DONE; STEP_SESSION (read by 'read' as ever) may come first. The job's content is what it is
     * to say, 'published' what it says; they differ in no more than 'edits' has, have the same parts and the
     * same media. Its steps are STEP_PREPARE: an edit puts one text in the place of another, so one whose
     * answer was lost is simply asked again. What is changed is what the memo says cald made, by its id, a
     * thread's first part first. 'edited' gives NEXT with the memo's "edit" saying how far it is
     * (revision.h); RETRY; or REFUSED, with what a person can do. The memo's "edit_lost" is true once an
     * answer was lost. STEP_DONE without a name: it says it all. With one: it cannot be changed, and the name
     * says why, for a person. Both NULL: the network has no means, or cald does not use them, and 'no_edits'
     * says why.
     */
    unsigned edits; /* enum edit_what */
    /* a sentence for a person, such as "Bluesky has no edits"; NULL: cald has no means there */
    const char *no_edits;
    void (*edit)(const struct job *job, struct arena *arena, struct step *ret_step);
    void (*edited)(const struct job *job, const struct step *step, const struct response *response,
                   struct arena *arena, struct outcome *ret_outcome);

    /* Where a person should look for a doubtful post: a URL or a sentence. In arena. May be NULL. */
    const char *(*where)(const struct job *job, struct arena *arena);

    /* Whether what this account publishes has an address: a person who found a doubtful post is asked for it.
       NULL: it has one. */
    bool (*has_address)(const struct account *account);
};

/* Drivers by name, and all of them; networks.c holds the table. */
const struct network *network_find(const char *name);
const struct network *const *network_all(size_t *ret_count);

/*
 * Everything a network's facts say about a content: parts, images, alt texts, lengths (compose, then the
 * text rule with the account's limit), features that it lacks (an error where content would be lost, else a
 * warning). file/line/post/account of the findings are taken from 'where'.
 */
void network_check(const struct account *account, const struct content *content, const json_t *session,
                   const struct diag *where, struct diags *diags);

#endif
