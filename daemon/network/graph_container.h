/*
 * graph_container: publishing as Instagram and Threads have it: a container is made before the slot, asked
 * about until it is FINISHED, and published at the slot. A container is published at most once, so that it
 * takes the place of a key: after an answer that was lost its status says what became of it.
 *
 * Memo, parts and images counted from 0: "url-P-I" {"url", "until"} the address of an image; "item-P-I" and
 * "box-P"
 * {"id", "at", "asked", "ready"} containers of a carousel's image and of the part; "out-P" {"id", "tries"}
 * what was published, while its permalink is asked for; "post-P" (thread.h); "quota" when it was asked about;
 * "sent" when the creating request left; "failed" containers made in vain; "unfetched" how often an image
 * could not be fetched; "doubted" once a request was in doubt; "published" the status said so, and it is
 * looked for.
 */
#ifndef CALD_GRAPH_CONTAINER_H
#define CALD_GRAPH_CONTAINER_H

#include "network/graph.h"

struct container { /* what is asked for */
    size_t part;
    const struct media *image; /* NULL: a text, or a carousel */
    const char *url;           /* of the image */
    const char *children;      /* of a carousel: "id,id"; else NULL */
    bool is_item;              /* of a carousel */
};

/* The driver's own fields of a container; pairs has room for 12. */
typedef size_t container_pairs(const struct job *job, const struct container *container, struct arena *arena,
                               struct driver_pair *pairs);
container_pairs instagram_pairs, threads_pairs;

void graph_container_next(const struct job *job, struct arena *arena, struct step *ret_step);
void graph_container_read(const struct job *job, const struct step *step, const struct response *response,
                          struct arena *arena, struct outcome *ret_outcome);
void graph_container_find(const struct job *job, struct arena *arena, struct step *ret_step);
void graph_container_found(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome);

/* The memo's member "NAME-P" or "NAME-P-I"; NULL. */
json_t *container_memo(const struct job *job, const char *name, size_t part);
json_t *container_memo_image(const struct job *job, const char *name, size_t part, size_t image);

#endif
