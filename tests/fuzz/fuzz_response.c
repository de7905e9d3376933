/*
 * fuzz_response: arbitrary bytes as the responses of a network, to every driver.
 *
 * Input: a byte that chooses the driver and what is asked of it, then responses, each "status headers", a
 * newline, the body, and a byte 0x1E. They are fed to the driver as the publisher would: memo and session
 * are merged, next, find or verify is asked again; an 'E' in front of the first one where a deletion would be
 * asked for: an edit. What must hold: nothing crashes, an outcome is whole, and what is given for keeping is
 * clean.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/network.h"
#include "network/outcome.h"

enum { ROUNDS = 12 };
#define NOW INT64_C(1796112000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const drivers[] = {"mastodon", "bluesky",   "wordpress", "webhook",   "instagram",
                                      "threads",  "facebook",  "ghost",     "discourse", "devto",
                                      "nodebb",   "micropub",  "matrix",    "lemmy",     "youtube",
                                      "linkedin", "pinterest", "tumblr",    "x"};

/* Options that every driver finds its own in. */
static const char options_text[] =
    "{\"url\":\"https://"
    "n.example\",\"handle\":\"cal.test\",\"user\":\"u\",\"username\":\"u\",\"method\":\"POST\","
    "\"body\":\"{}\",\"id\":\"/id\",\"page\":\"77\",\"room\":\"!r:n.example\",\"community\":\"n\",\"author\":"
    "\"urn:li:organization:5\",\"board\":\"Hiver\",\"blog\":\"chalet\",\"consumer_key\":\"k\",\"url_at\":\"/"
    "url\"}";

static json_t *merged(struct arena *arena, const json_t *old, const json_t *members)
{
    const char *key;
    json_t *value, *memo = json_in_arena(arena, json_deep_copy(old));
    json_object_foreach((json_t *)members, key, value)
    {
        if (json_is_null(value))
            json_object_del(memo, key);
        else
            json_object_set(memo, key, value);
    }
    return memo;
}

static struct response response_from(struct arena *arena, const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    size_t head = line ? (size_t)(line - data) : 0;
    struct response response = {.status = 200};
    static const char *const names[] = {
        "retry-after",           "x-ratelimit-reset",       "location", "range", "x-restli-id",
        "x-ratelimit-remaining", "x-ratelimit-perday-reset"};
    enum { HEADERS = sizeof names / sizeof *names };
    struct header *headers = arena_alloc_array(arena, HEADERS, sizeof *headers);
    char *text = arena_strndup(arena, (const char *)data, head), *rest = strchr(text, ' ');
    int status = atoi(text);
    response.status = status >= 100 && status <= 599 ? status : 200;
    for (size_t i = 0; rest && i < HEADERS; i++)
        headers[response.header_count++] = (struct header){names[i], rest + 1};
    response.headers = headers;
    size_t start = line ? head + 1 : 0;
    response.body = arena_strndup(arena, size ? (const char *)data + start : "", size - start);
    response.body_length = size - start; /* NUL bytes within: as they come */
    char *body = arena_alloc(arena, size - start + 1);
    if (size > start)
        memcpy(body, data + start, size - start);
    response.body = body;
    return response;
}

static void check(const struct outcome *outcome, struct arena *arena)
{
    if (outcome->kind != OUTCOME_DONE && outcome->kind != OUTCOME_NEXT && !outcome->message)
        abort();
    if (outcome->kind == OUTCOME_DONE && outcome->url && !outcome_clean_url(outcome->url, arena))
        abort();
    if (outcome->at < 0 || outcome->at > NOW + DAYS(2) || outcome->limit_remaining < 0)
        abort();
    if ((outcome->memo && !json_is_object(outcome->memo)) ||
        (outcome->session && !json_is_object(outcome->session)))
        abort();
}

enum asked { ASK_NEXT, ASK_FIND, ASK_VERIFY, ASK_DISCARD, ASKED, ASK_EDIT = ASKED };

/* Who discards nothing is asked to delete what is published instead. */
static bool removes(const struct network *network, enum asked what)
{
    return what == ASK_DISCARD && !network->discard && network->remove;
}

static json_t *published(void)
{
    static const char *const url = "https://n.example/10/20";
    return json_pack("{s:{s:s, s:s, s:s}, s:{s:s, s:s}, s:s, s:s, s:[s, s], s:i}", "post-0", "id", "7", "url", url, "uri",
                     "at://did:plc:a/app.bsky.feed.post/3k", "post-1", "id", "8", "url", url, "id", "7", "url", url,
                     "events", "$a", "$b", "topic", 7);
}

static void ask(const struct network *network, enum asked what, const struct job *job, struct arena *arena,
                struct step *ret_step)
{
    void (*const functions[])(const struct job *, struct arena *, struct step *) = {
        network->next, network->find, network->verify, network->discard};
    if (what == ASK_EDIT)
        network->edit(job, arena, ret_step);
    else if (removes(network, what))
        network->remove(job, arena, ret_step);
    else
        (functions[what] ? functions[what] : network->next)(job, arena, ret_step);
}

static void tell(const struct network *network, enum asked what, const struct job *job,
                 const struct step *step, const struct response *response, struct arena *arena,
                 struct outcome *ret_outcome)
{
    if (what == ASK_FIND && network->found)
        network->found(job, step, response, arena, ret_outcome);
    else if (what == ASK_EDIT && step->kind != STEP_SESSION)
        network->edited(job, step, response, arena, ret_outcome);
    else if (removes(network, what) && step->kind != STEP_SESSION)
        network->removed(job, step, response, arena, ret_outcome);
    else if (what == ASK_DISCARD && network->discarded && step->kind != STEP_SESSION)
        network->discarded(job, step, response, arena, ret_outcome);
    else if (what == ASK_VERIFY && network->verified)
        network->verified(job, step, response, arena, ret_outcome);
    else
        network->read(job, step, response, arena, ret_outcome);
}

static void walk(struct job *job, enum asked what, const uint8_t *data, size_t size, struct arena *arena)
{
    for (int round = 0; round < ROUNDS; round++) {
        const uint8_t *end = size ? memchr(data, 0x1E, size) : NULL;
        size_t length = end ? (size_t)(end - data) : size;
        struct response response = response_from(arena, data, length);
        struct step step = {0};
        struct outcome outcome = {0};
        ask(job->account->network, what, job, arena, &step);
        if (step.kind == STEP_DONE)
            return;
        job->memo = merged(arena, job->memo, step.memo);
        tell(job->account->network, what, job, &step, &response, arena, &outcome);
        check(&outcome, arena);
        job->memo = merged(arena, job->memo, outcome.memo);
        if (outcome.session)
            job->session = outcome.session;
        if (!end)
            return;
        data = end + 1;
        size -= length + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    /* The first four as the kept corpus has them, the others by the upper bits; what is asked is in bits 2 and 3. */
    bool newer = (data[0] & 0xD0) == 0x90;
    const struct network *network = network_find(drivers[newer            ? 15 + (data[0] & 3)
                                                         : data[0] < 0x80 ? data[0] % 4
                                                         : data[0] < 0xC0 ? 7 + ((data[0] & 3) | (data[0] >> 3 & 4))
                                                                          : 4 + data[0] % 3]);
    struct arena *arena = arena_new();
    struct account_secret secrets[] = {{.name = "token", .value = "secret"},
                                       {.name = "app_password", .value = "secret"},
                                       {.name = "password", .value = "secret"},
                                       {.name = "key", .value = "a0:b1"},
                                       {.name = "api_key", .value = "secret"}};
    struct account account = {.name = "a",
                              .network = network,
                              .secrets = secrets,
                              .secret_count = 5,
                              .options =
                                  json_in_arena(arena, json_parse(options_text, strlen(options_text), NULL))};
    struct media media = {.file = "a.png",
                          .alt = "alt",
                          .mime = "image/png",
                          .sha256 = "00",
                          .size = 73,
                          .width = 4,
                          .height = 3};
    bool tube = !strcmp(network->name, "youtube"), logs_in = tube || newer;
    bool films = tube || (data[0] >= 0xE0 && network->video);
    if (films) {
        media.mime = "video/mp4";
        media.codec = "avc1";
        media.length = 1000;
    }
    struct part parts[] = {{"hello @cal.test https://e.example/", &media, 1}, {"two", NULL, 0}};
    size_t part_count = network->features & FEATURE_THREAD ? 2 : 1;
    struct content content = {.parts = parts,
                              .part_count = part_count,
                              .title = "T",
                              .link = "https://e.example/",
                              .body = "*text*"};
    struct job job = {.account = &account,
                      .content = &content,
                      .post_id = "p",
                      .key = "00112233445566778899aabbccddeeff",
                      .request_key = "00112233445566778899aabbccddeeff",
                      .slot = NOW,
                      .now = NOW,
                      .first_sent = NOW,
                      .memo = json_in_arena(arena, json_object()),
                      .session = json_in_arena(arena, logs_in ? json_pack("{s:{s:s}}", "login", "access_token", "a")
                                                            : json_object())};
    struct part others[] = {{"hallo", &media, 1}, {"zwei", NULL, 0}};
    struct content before = {.parts = others, .part_count = part_count, .title = "Old"};
    enum asked what = (data[0] >> 2) % ASKED;
    if (removes(network, what))
        job.memo = json_in_arena(arena, published());
    bool edits = removes(network, what) && network->edit && size > 1 && data[1] == 'E';
    job.published = &before;
    walk(&job, edits ? ASK_EDIT : what, data + 1 + edits, size - 1 - edits, arena);
    arena_free(arena);
    return 0;
}
