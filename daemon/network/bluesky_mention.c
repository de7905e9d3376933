/*
 * bluesky_mention: whether there is whom a text mentions: com.atproto.identity.resolveHandle, which anybody
 * may ask. Its lexicon knows the error HandleNotFound; servers say InvalidRequest ("Unable to resolve
 * handle") as well.
 */
#include <string.h>

#include "base/json.h"
#include "network/bluesky.h"
#include "network/driver.h"

bool bluesky_mention(const struct account *account, const char *name, struct arena *arena,
                     struct request *ret_request)
{
    const char *server = account_option(account, "url");
    if (!handle_is_valid(name))
        return false;
    *ret_request = (struct request){.method = "GET"};
    ret_request->url = driver_url(arena, server ? server : BLUESKY_DOOR,
                                  "/xrpc/com.atproto.identity.resolveHandle?handle=%s",
                                  driver_escape(arena, bluesky_lower_case(name, arena)));
    request_header(ret_request, arena, "Accept", "application/json");
    return true;
}

enum existence bluesky_mentioned(const struct response *response)
{
    struct arena *arena = arena_new();
    const json_t *answer = response_json(response, arena);
    const char *error = json_text(answer, "error");
    bool is_one = response->status == 200 && did_is_valid(json_text(answer, "did"));
    bool is_none = response->status == 400 && error &&
                   (!strcmp(error, "HandleNotFound") || !strcmp(error, "InvalidRequest"));
    arena_free(arena);
    return is_one ? EXISTENCE_YES : is_none ? EXISTENCE_NO : EXISTENCE_UNKNOWN;
}
