/*
 * calendar_house: calendars from texts, for the tests of calendar, charter, plan and check. Accounts: site (feed),
 * mastodon (mastodon), masto2 (mastodon), blog (wordpress). Media whose name begins with "bad" fail, as do such bodies.
 */
#ifndef CALENDAR_HOUSE_H
#define CALENDAR_HOUSE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#undef fail

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/yaml.h"
#include "base/zoneinfo.h"
#include "editorial/calendar.h"
#include "network/drivers.h"

static const struct account house_accounts[] = {
    {.name = "site", .network = &network_feed},
    {.name = "mastodon", .network = &network_mastodon},
    {.name = "masto2", .network = &network_mastodon},
    {.name = "blog", .network = &network_wordpress},
};

static const struct zone *house_zone(void *context, const char *name, struct arena *arena, struct error *err)
{
    struct buf bytes = {0};
    const struct zone *zone = NULL;
    (void)context;
    if (zoneinfo_read(name, &bytes, err))
        zone = zone_from_tzif(arena, name, bytes.data, bytes.length, err);
    buf_release(&bytes);
    return zone;
}

static bool house_inspect(void *context, const char *file, struct arena *arena, struct media *ret_media,
                          struct error *err)
{
    (void)context;
    if (!strncmp(file, "bad", 3))
        return fail(err, "cannot open '%s'", file);
    *ret_media = (struct media){.file = arena_strdup(arena, file), .alt = "", .mime = strstr(file, ".pdf") ? "application/pdf" : "image/png", .sha256 = "00",
                                .size = 100, .width = 10, .height = 10};
    return true;
}

static const char *house_body(void *context, const char *file, struct arena *arena, struct error *err)
{
    (void)context;
    if (!strncmp(file, "bad", 3)) {
        fail(err, "cannot open '%s'", file);
        return NULL;
    }
    return arena_printf(arena, "body of %s%s", file, strchr(file, '/') ? " ![](../d.png)" : "");
}

static instant house_past; /* of the world */
static struct arena *house_bulk; /* likewise */

static bool house_is_over(void *context, const char *post_id)
{
    (void)context;
    return !strncmp(post_id, "old", 3);
}

static inline struct calendar_world house_world(void)
{
    enum { COUNT = sizeof house_accounts / sizeof *house_accounts };
    static const struct account *accounts[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        accounts[i] = &house_accounts[i];
    return (struct calendar_world){.accounts = accounts,
                                   .account_count = COUNT,
                                   .find_zone = house_zone,
                                   .inspect = house_inspect,
                                   .read_body = house_body,
                                   .past = house_past,
                                   .is_over = house_is_over,
                                   .bulk = house_bulk};
}

struct house {
    struct arena *arena;
    struct diags diags;
    const struct calendar *calendar;
};

static inline struct house house_load_files(const char *const *texts, size_t count)
{
    static const char *const names[] = {"a.yaml", "b.yaml", "c.yaml"};
    struct house house = {.arena = arena_new()};
    struct calendar_file files[3];
    struct calendar_world world = house_world();
    struct arena *trees = arena_new();
    house.diags = diags_in(house.arena);
    for (size_t i = 0; i < count; i++) {
        char *copy = xstrdup(texts[i]);
        files[i] = (struct calendar_file){.name = names[i], .root = yaml_parse(names[i], copy, strlen(copy), trees, &house.diags)};
        free(copy); /* what is loaded must not point into the bytes, nor into the tree */
        assert_non_null(files[i].root);
    }
    house.calendar = calendar_load(files, count, &world, house.arena, &house.diags);
    arena_free(trees);
    diags_sort(&house.diags);
    return house;
}

static inline struct house house_load(const char *text)
{
    return house_load_files(&text, 1);
}

static inline void house_end(struct house *house)
{
    arena_free(house->arena);
}

/* All findings, one a line. The caller frees it. */
static inline char *house_findings(const struct diags *diags)
{
    struct buf text = {0};
    for (size_t i = 0; i < diags->count; i++) {
        if (i)
            buf_add_char(&text, '\n');
        diag_print(&diags->items[i], &text);
    }
    return buf_detach(&text);
}

/* Says what differs, so that a table shows all that fails at once. */
static inline bool house_agrees(const struct diags *diags, const char *expected, const char *reason)
{
    char *found = house_findings(diags);
    bool same = !strcmp(found, expected);
    if (!same)
        print_error("%s:\n  found    %s\n  expected %s\n", reason, found, expected);
    free(found);
    return same;
}

static inline void house_expect(const struct diags *diags, const char *expected, const char *reason)
{
    assert_true(house_agrees(diags, expected, reason));
}

static inline instant house_time(const char *text)
{
    instant t = 0;
    assert_true(instant_parse(text, &t));
    return t;
}

#endif
