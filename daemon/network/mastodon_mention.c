/*
 * mastodon_mention: whether there is whom a text mentions. Names of our own server are looked up there
 * (docs.joinmastodon.org, "accounts/lookup"), others by WebFinger (RFC 7033) at the server they name: ours
 * knows only those that somebody there has seen before.
 */
#include <string.h>

#include "base/json.h"
#include "network/driver.h"
#include "network/mastodon.h"

bool mastodon_mention(const struct account *account, const char *name, struct arena *arena,
                      struct request *ret_request)
{
    const char *server = account_option(account, "url"), *at = strchr(name, '@');
    const char *resource = driver_escape(arena, arena_printf(arena, "acct:%s", name));
    if (!at && !server)
        return false;
    *ret_request = (struct request){.method = "GET"};
    ret_request->url =
        at ? arena_printf(arena, "https://%s/.well-known/webfinger?resource=%s", at + 1, resource)
           : driver_url(arena, server, "/api/v1/accounts/lookup?acct=%s", driver_escape(arena, name));
    request_header(ret_request, arena, "Accept", at ? "application/jrd+json" : "application/json");
    return true;
}

/* A web site that answers every path with a page is no server of ours: that says nothing. */
enum existence mastodon_mentioned(const struct response *response)
{
    struct arena *arena = arena_new();
    const json_t *answer = response->status == 200 ? response_json(response, arena) : NULL;
    bool is_one = json_text(answer, "subject") || json_text(answer, "acct");
    arena_free(arena);
    if (is_one)
        return EXISTENCE_YES;
    return response->status == 404 || response->status == 410 ? EXISTENCE_NO : EXISTENCE_UNKNOWN;
}
