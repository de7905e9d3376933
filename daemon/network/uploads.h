/*
 * uploads: which images of a content are on the network already. The memo holds "images" {sha256: entry}; an
 * entry has "url", where the image is now, and what else its driver needs ("id" …). The same bytes twice in a
 * post are one image, with its first alt text.
 */
#ifndef CALD_UPLOADS_H
#define CALD_UPLOADS_H

#include "network/article.h"
#include "network/network.h"

/* What is known of an image (borrowed), or NULL: it is not there yet. */
json_t *upload_entry(const struct job *job, const struct media *media);

/* The first image of the content, in order, of which this is so; or NULL. */
const struct media *upload_first(const struct job *job,
                                 bool (*test)(const struct job *, const struct media *));

/* The first that is not on the network yet, or NULL: all are. */
const struct media *upload_due(const struct job *job);
bool upload_is_pending(const struct job *job);

/* OUTCOME_NEXT: the image has this entry (taken over); 'doubt' is over. */
struct outcome upload_done(const struct job *job, const struct media *media, json_t *entry,
                           struct arena *arena);

/* How long a request with so many bytes may take: three minutes, for more than some MB longer, at most ten. */
duration upload_time(int64_t bytes);

/*
 * The network is still at work on a file, since then: WAIT, and it is asked again after 'again'; after an
 * hour REFUSED.
 */
void upload_processing(const struct job *job, const struct media *media, instant since, duration again,
                       struct arena *arena, struct outcome *ret_outcome);

/*
 * A form (multipart/form-data) with the image under the name 'field' and before it 'texts': names and values
 * in turn, ends in NULL.
 */
void upload_form(struct request *request, const struct media *media, const char *field,
                 const char *const *texts, struct arena *arena);

/* All files of the content with their addresses, as an article wants them. In arena. */
struct article_image *upload_images(const struct job *job, struct arena *arena, size_t *ret_count);

/* The first of them that is an image, which blogs show above the article; NULL: none is. */
struct article_image *upload_featured(struct article_image *files, size_t count);

#endif
