/*
 * fit: what must be done to an image before a network takes it, and the images that were made instead.
 *
 * Pure: who makes them is publish/fitter.h. Limits that scaling or another type keeps are met that way; an
 * image is never cropped, and one that moves never made to stand still: then what was wrong stays wrong.
 *
 * The memo holds "fitted" {sha256 of the image: the media that is sent instead, as media_to_json gives it}.
 */
#ifndef CALD_FIT_H
#define CALD_FIT_H

#include "network/network.h"

/* The limits of the account's network, and what its options and its session (NULL: not known) say of them. */
struct image_limits image_limits_of(const struct account *account, const json_t *session,
                                    struct arena *arena);

/* The bytes that a video may have: as the account's max_video_megabytes says, else its network; 0: not known. */
int64_t video_bytes_of(const struct account *account);

enum fit_need {
    FIT_FITS,   /* it may go as it is, as far as limits are concerned */
    FIT_NEEDED, /* it breaks limits and can be made to keep them */
    FIT_CANNOT, /* it breaks limits, and nothing can be done */
};

struct fit {
    const char *mime;      /* what it becomes */
    const char *otherwise; /* what it becomes if that is too many bytes; NULL: it stays and is made smaller */
    unsigned side;         /* its longer side at most, in pixels */
    int64_t bytes;         /* at most; 0: any */
    bool moves;            /* all frames are wanted */
};

/* ret_fit is set unless it is FIT_CANNOT: of what fits, how to write it anew without its metadata; then its
 * mime is NULL if that cannot be done (an animated PNG, a video, which always fits here). */
enum fit_need fit_plan(const struct media *media, const struct image_limits *limits, struct fit *ret_fit);

/* Which limits are broken, as sentences such as "'a.webp' is image/webp, which facebook does not take"; in
 * arena. */
struct fit_fault {
    const char *rule; /* "image-type", "image-pixels", "image-size" */
    const char *why;
};
enum { FIT_FAULTS = 4 };
size_t fit_faults(const struct account *account, const struct media *media, const struct image_limits *limits,
                  struct arena *arena, struct fit_fault ret_faults[FIT_FAULTS]);

/* "scaled to 2000 x 1500", "re-encoded as image/jpeg", …: what is going to be done to it. In arena. */
const char *fit_describe(const struct media *media, const struct fit *fit, struct arena *arena);

/* What of the picture that does not survive: "what is transparent becomes white"; NULL: nothing that shows. */
const char *fit_loss(const struct media *media, const struct fit *fit);

struct fit_try {
    const char *mime;
    unsigned side;    /* longer side at most */
    unsigned quality; /* of JPEG and WebP: 1 to 100 */
};

/* What to try first; and when that became 'size' bytes, more than allowed, what next: false when there is
 * nothing sensible left. Ends after a few. */
struct fit_try fit_first(const struct fit *fit);
bool fit_next(const struct fit *fit, const struct fit_try *last, int64_t size, struct fit_try *ret_next);

/* The content with the images that were made for it, their alt texts kept; content itself where there are
 * none. In arena; what the queue keeps is never changed. */
const struct content *fit_content(const struct content *content, const json_t *memo, struct arena *arena);

/* Whether this is one that was made for it. */
bool fit_is_made(const struct media *media, const json_t *memo);

/* Members for the memo: 'made' is sent instead of 'media'. In arena. */
json_t *fit_memo(const json_t *memo, const struct media *media, const struct media *made,
                 struct arena *arena);

#endif
