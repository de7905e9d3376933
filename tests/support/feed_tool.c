/*
 * feed_tool: what a feed account would serve, without the daemon, for the validators of test_feed_valid.py.
 *
 * feed_tool atom|json|page|entry|policy < JSON
 *   {"base": URL, "options": {…}, "posts": [{"id", "at", "content"}]}     newest first; entry: the first post
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "network/drivers.h"
#include "network/feed.h"

static void entry_of(const struct account *account, const char *base, const json_t *post, struct arena *arena,
                     struct syndication_entry *ret_entry)
{
    struct error err;
    instant at = 0;
    instant_parse(json_text(post, "at"), &at);
    const struct content *content = content_from_json(arena, json_member(post, "content"), &err);
    if (!content) {
        fprintf(stderr, "feed_tool: %s\n", err.message);
        _exit(2);
    }
    struct job job = {.account = account,
                      .content = content,
                      .post_id = json_text(post, "id"),
                      .key = "00112233445566778899aabbccddeeff",
                      .slot = at};
    struct step step = {.kind = STEP_LOCAL};
    struct outcome outcome;
    network_feed.read(&job, &step, NULL, arena, &outcome);
    feed_entry(account, base, content, job.post_id, outcome.id, at, arena, ret_entry);
}

static void render(const char *what, const struct syndication_feed *feed, struct arena *arena,
                   struct buf *out)
{
    if (!strcmp(what, "atom"))
        syndication_atom(feed, out);
    else if (!strcmp(what, "json"))
        syndication_json(feed, out);
    else if (!strcmp(what, "entry") && feed->entry_count)
        syndication_entry_page(feed, &feed->entries[0], out);
    else if (!strcmp(what, "policy"))
        buf_add_text(out, syndication_policy(arena));
    else
        syndication_page(feed, out);
}

int main(int argc, char **argv)
{
    struct error err;
    struct buf in = {0}, out = {0};
    struct arena *arena = arena_new();
    if (argc != 2 || !file_read_fd(0, "stdin", 1 << 22, &in, &err))
        return 1;
    json_t *asked = json_in_arena(arena, json_parse(buf_text(&in), in.length, &err));
    struct account account = {
        .name = "news", .network = &network_feed, .options = json_member(asked, "options")};
    const char *base = json_text(asked, "base");
    const json_t *posts = json_member(asked, "posts");
    struct syndication_feed feed;
    feed_describe(&account, base, arena, &feed);
    feed.entry_count = json_array_size(posts);
    struct syndication_entry *entries = arena_alloc_array(arena, feed.entry_count + 1, sizeof *entries);
    for (size_t i = 0; i < feed.entry_count; i++)
        entry_of(&account, base, json_array_get(posts, i), arena, &entries[i]);
    feed.entries = entries;
    feed.updated = feed.entry_count ? entries[0].updated : INT64_C(1796112000000);
    render(argv[1], &feed, arena, &out);
    fwrite(out.data, 1, out.length, stdout);
    buf_release(&in);
    buf_release(&out);
    arena_free(arena);
    return 0;
}
