/*
 * graph_errors: what the codes and subcodes of errors mean (Graph API, "Error handling"; Instagram, "Error
 * codes"; see graph.h). Knows no request.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/graph.h"

struct row {
    int from, to, subcode; /* code; subcode 0: any; from 0: any code with this subcode */
    enum graph_trouble trouble;
    const char *advice;
};

static const struct row rows[] = {
    /* the first that fits: subcodes before codes */
    {0, 0, 2207003, GRAPH_REMAKE, "the image took too long to be fetched"},
    {0, 0, 2207020, GRAPH_REMAKE, "the container has expired"},
    {0, 0, 2207001, GRAPH_REMAKE, "their server failed"},
    {0, 0, 2207032, GRAPH_REMAKE, "their server could not make the container"},
    {0, 0, 2207053, GRAPH_REMAKE, "their server could not take the image"},
    {0, 0, 2207008, GRAPH_MISSING, "the container is not there, or not yet"},
    {0, 0, 4279009, GRAPH_MISSING, "the container is not there, or not yet"},
    {0, 0, 2207006, GRAPH_REMAKE, "the container is not found"},
    {0, 0, 2207027, GRAPH_NOT_READY, "the container is still being processed"},
    {0, 0, 2207042, GRAPH_QUOTA, "the account has published as much as a day may have"},
    {0, 0, 2207051, GRAPH_BLOCKED, "they suspect spam: look into the app, and post less"},
    {0, 0, 2207050, GRAPH_OPERATOR, "the account is restricted: log in to the app and do what it asks"},
    {0, 0, 2207052, GRAPH_UNREACHABLE, "they could not fetch the image"},
    {0, 0, 2207004, GRAPH_REFUSED, "the image is too large"},
    {0, 0, 2207005, GRAPH_REFUSED, "the image's format is not taken"},
    {0, 0, 2207009, GRAPH_REFUSED, "the image is too high or too wide"},
    {0, 0, 2207010, GRAPH_REFUSED, "the caption is too long, or has too many hashtags or mentions"},
    {0, 0, 2207026, GRAPH_REFUSED, "the format is not taken"},
    {0, 0, 2207023, GRAPH_REFUSED, "the kind of medium is not known"},
    {0, 0, 2207028, GRAPH_REFUSED, "a carousel has 2 to 10 images"},
    {0, 0, 2207040, GRAPH_REFUSED, "too many mentions"},
    {0, 0, 2207057, GRAPH_REFUSED, "the thumbnail is not taken"},
    {0, 0, 1390008, GRAPH_TOO_FAST, "posted too fast"},
    {0, 0, 4854002, GRAPH_OPERATOR, "they want to check who you are: log in to Facebook and do what it asks"},
    {0, 0, 1404078, GRAPH_OPERATOR, "the page needs a publishing authorisation: see to it on Facebook"},
    {0, 0, 1366051, GRAPH_DUPLICATE, "these photos were posted already"},
    {0, 0, 1609005, GRAPH_REFUSED, "they cannot reach the link"},
    {0, 0, 1609008, GRAPH_REFUSED, "they do not take the link"},
    {0, 0, 2061006, GRAPH_REFUSED, "they do not take the link"},
    {0, 0, 1404102, GRAPH_REFUSED, "it is against their rules"},
    {0, 0, 1346003, GRAPH_REFUSED, "it is against their rules"},
    {0, 0, 1366046, GRAPH_REFUSED, "the photo is too large or not taken: at most 4 MB, JPEG or PNG"},
    {1, 2, 0, GRAPH_TRANSIENT, "their server failed"},
    {4, 4, 0, GRAPH_APP_THROTTLED, "the app has made too many calls"},
    {17, 17, 0, GRAPH_THROTTLED, "too many calls"},
    {32, 32, 0, GRAPH_THROTTLED, "too many calls for the page"},
    {341, 341, 0, GRAPH_THROTTLED, "too many calls"},
    {613, 613, 0, GRAPH_THROTTLED, "too many calls"},
    {80001, 80002, 0, GRAPH_THROTTLED, "too many calls"},
    {368, 368, 0, GRAPH_BLOCKED, "they block posting for a while: look into the account, and post less"},
    {190, 190, 0, GRAPH_LOGIN, "the token is not good any more: get a new one"},
    {102, 102, 0, GRAPH_LOGIN, "the token is not good any more: get a new one"},
    {3, 3, 0, GRAPH_OPERATOR, "the app may not do this"},
    {10, 10, 0, GRAPH_OPERATOR,
     "a permission is missing: give it to the app, or the account's authorisation"},
    {210, 210, 0, GRAPH_REFUSED, "the request is not understood"},
    {200, 299, 0, GRAPH_OPERATOR, "a permission is missing: give it to the app, or the role to the user"},
    {506, 506, 0, GRAPH_DUPLICATE, "the same was posted just before"},
    {9007, 9007, 0, GRAPH_NOT_READY, "the container is still being processed"},
    {9004, 9004, 0, GRAPH_UNREACHABLE, "they could not fetch the image"},
    {24, 24, 0, GRAPH_MISSING, "the container is not there, or not yet"},
    {25, 25, 0, GRAPH_OPERATOR, "the account is restricted: log in to the app and do what it asks"},
    {9, 9, 0, GRAPH_QUOTA, "the account has published as much as a day may have"},
    {36000, 36004, 0, GRAPH_REFUSED, "the image or the caption is not taken"},
    {352, 352, 0, GRAPH_REFUSED, "the format is not taken"},
    {382, 382, 0, GRAPH_REFUSED, "the file is not taken"},
    {389, 389, 0, GRAPH_REFUSED, "the file is not taken"},
    {100, 100, 0, GRAPH_REFUSED, "they do not take the request"},
    {104, 104, 0, GRAPH_REFUSED, "the request is not signed as the app demands: 'app_secret'"},
    {2500, 2500, 0, GRAPH_REFUSED, "the request is not understood"},
};

static struct graph_error look_up(int64_t code, int64_t subcode)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        if (row->subcode ? row->subcode == subcode : code >= row->from && code <= row->to)
            return (struct graph_error){row->trouble, row->advice};
    }
    return (struct graph_error){GRAPH_UNKNOWN, "they do not take it"};
}

struct graph_error graph_error_of(const json_t *error)
{
    struct graph_error known = look_up(json_number(error, "code", 0), json_number(error, "error_subcode", 0));
    bool unclear = known.trouble == GRAPH_UNKNOWN || known.trouble == GRAPH_REFUSED;
    if (unclear && json_flag(error, "is_transient", false))
        return (struct graph_error){GRAPH_TRANSIENT, "their server failed"};
    return known;
}

struct graph_error graph_error_in(const char *text)
{
    const char *at = text ? strstr(text, "2207") : NULL;
    return at ? look_up(0, strtol(at, NULL, 10)) : (struct graph_error){GRAPH_UNKNOWN, "they do not take it"};
}

enum graph_trouble graph_trouble(const struct response *response, struct arena *arena)
{
    const json_t *error = json_member(response_json(response, arena), "error");
    if (response->status >= 200 && response->status <= 299)
        return GRAPH_FINE;
    return json_is_object(error) ? graph_error_of(error).trouble : GRAPH_UNKNOWN;
}
