/*
 * email: what the files of the driver share. Nobody else includes it.
 *
 * A post is one message (RFC 5322), handed to the operator's mail server for a list's address or for several
 * recipients. Its Message-ID comes from the delivery's key, so it was fixed when the post was queued, and
 * each try carries the same; its Date is kept with the first intent. So all tries are the same bytes.
 *
 * SMTP has no key and nothing to look in. Until the end of the message has left nothing was taken, and a try
 * may be repeated; after it, without a reply, the server may have taken it. Many receivers drop a second
 * message with the same Message-ID, and none has to: a person decides, unless the account says 'deduplicates:
 * true'.
 *
 * In the memo: date (of the first try), rest (recipients that are still to be tried, once others have it),
 * refused (what the server said of those that it does not take), id (when it is done).
 */
#ifndef CALD_EMAIL_H
#define CALD_EMAIL_H

#include "network/network.h"

/* email_options.c */
extern const struct network_option email_options[];
enum { EMAIL_OPTIONS = 14 };
bool email_check_account(const struct account *account, struct error *err);
bool email_is_plain(const struct account *account);                        /* no TLS */
const char *email_url(const struct account *account, struct arena *arena); /* of the server */
/* The list of texts under this name. In arena. */
const char *const *email_texts(const json_t *object, const char *name, struct arena *arena,
                               size_t *ret_count);

/* email_message.c: the message, and where the images go in it (see network.h: inserts). */
const char *email_message_id(const struct job *job, struct arena *arena); /* "<key@domain>" */
void email_message(const struct job *job, instant date, struct arena *arena, struct request *request);

/* email_reply.c: what the replies of the server mean. */
struct email_result {
    bool taken;               /* the message, for at least one recipient */
    const char *const *later; /* recipients to be tried again */
    size_t later_count;
    const char *const *refused; /* "address (550 5.1.1 no such user)" */
    size_t refused_count;
};
void email_read_replies(const struct step *step, const struct response *response, struct arena *arena,
                        struct email_result *ret_result);
/* The outcome where nobody has it. */
void email_judge(const struct step *step, const struct response *response, struct arena *arena,
                 struct outcome *ret_outcome);

#endif
