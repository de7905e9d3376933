/*
 * linkedin: what the files of this driver share. linkedin.c publishes, linkedin_api.c makes requests and says
 * what an error means, linkedin_text.c writes little text, linkedin_images.c and linkedin_video.c upload,
 * linkedin_session.c knows who we are, linkedin_find.c looks for what may have been published. Source:
 * learn.microsoft.com, Posts API, Images API, Documents API, Videos API, little text format, rate limits,
 * versioning (2026).
 *
 * Session: "login" (oauth2.h; absent with a token of cald.yaml); "who" {"for", "id", "name"} of a member.
 * Memo: "images" {sha256: {"urn", "upload": address until it is used, "until", "sent", "ready"}},
 * of a video {"urn", "token", "pieces", "marks", "until", then "finished", "since", "ready"}, "video_anew":
 * it was announced anew; "post-0" (thread.h); "sent": when the last creating request left that may have come
 * to something; "again": that there was one before it; "look" {"pages": of the list that were read};
 * "forbidden": 403 was said once.
 */
#ifndef CALD_LINKEDIN_H
#define CALD_LINKEDIN_H

#include "network/drivers.h"
#include "network/network.h"
#include "network/outcome.h"
#include "network/stage.h"

struct oauth2;

/* ---- requests and answers ---- */

/* A request to "/rest/path" in the account's version of the API; body (taken over) may be NULL. */
void linkedin_request(const struct job *job, struct arena *arena, struct request *ret_request,
                      const char *method, json_t *body, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* The address of the API, without a path. */
const char *linkedin_base(const struct account *account);

/* Reads an answer by its status and words; true: a success, and NEXT. */
bool linkedin_is_fine(const struct job *job, const struct step *step, const struct response *response,
                      struct arena *arena, struct outcome *ret_outcome);

/* A refusal of what is there already. ret_urn: the post that it names, or NULL. */
bool linkedin_is_duplicate(const struct response *response, struct arena *arena, const char **ret_urn);

/* "urn:li:KIND:…" without anything that could not stand in one, of one of the kinds (which end in NULL); else
 * NULL. In arena. */
const char *linkedin_urn(const char *text, const char *const *kinds, struct arena *arena);
const char *linkedin_post_urn(const char *text, struct arena *arena);

/* YYYYMM, a month that may be one of LinkedIn's. */
bool linkedin_version_parse(const char *text, instant *ret_begins);

/* When the account's version of the API ends, as 'ends' of a driver: it is kept for a year. */
instant linkedin_ends(const struct account *account, struct arena *arena, const char **ret_what);

/* That it ends soon (ENDING_TOLD), or has: a sentence in arena; NULL: it does not. */
const char *linkedin_version_ends(const struct account *account, instant now, struct arena *arena);

/* ---- who we are ---- */

/* The URN that posts are written by; with a member "" until the session says who it is. In arena. */
const char *linkedin_author(const struct job *job, struct arena *arena);
bool linkedin_is_page(const struct account *account);

/* The OAuth 2 client of an account. */
void linkedin_client(const struct job *job, struct arena *arena, struct oauth2 *ret_client);

/* Renews the login, or asks who we are; false: nothing is to be done first. */
bool linkedin_session_step(const struct job *job, struct arena *arena, struct step *ret_step);
void linkedin_session_read(const struct job *job, const struct step *step, const struct response *response,
                           struct arena *arena, struct outcome *ret_outcome);
void linkedin_verify(const struct job *job, struct arena *arena, struct step *ret_step);
void linkedin_verified(const struct job *job, const struct step *step, const struct response *response,
                       struct arena *arena, struct outcome *ret_outcome);

/* ---- text ---- */

/* The text as commentary: reserved characters escaped, hashtags and mentions as templates. bare_links: what
 * stands in a link is not escaped. In arena. */
const char *linkedin_little(const char *text, bool bare_links, struct arena *arena);

/* What a commentary shows, with a mention as it is written. In arena. */
const char *linkedin_plain(const char *commentary, struct arena *arena);

/* Whether the link is sent as a card (and not in the text): there is a title for it, and no image. */
bool linkedin_has_card(const struct content *content);

/* ---- images, documents and videos ---- */

enum { LINKEDIN_IMAGE_STAGES = 3, LINKEDIN_VIDEO_STAGES = 4 };
extern const struct stage linkedin_image_stages[LINKEDIN_IMAGE_STAGES];
extern const struct stage linkedin_video_stages[LINKEDIN_VIDEO_STAGES];

const char *linkedin_image(const struct job *job,
                           const struct media *media); /* its URN; or of a video or document */

/* The token goes with the bytes: to LinkedIn and nobody else. */
bool linkedin_is_theirs(const struct job *job, const char *url, struct arena *arena);

/* ---- after an unanswered request ---- */

bool linkedin_can_find(const struct job *job);
enum repeat linkedin_repeat(const struct job *job);
void linkedin_find(const struct job *job, struct arena *arena, struct step *ret_step);
void linkedin_found(const struct job *job, const struct step *step, const struct response *response,
                    struct arena *arena, struct outcome *ret_outcome);

/* The post is out under this URN. */
void linkedin_done(const struct job *job, const char *urn, struct arena *arena, struct outcome *ret_outcome);

#endif
