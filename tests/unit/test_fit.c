/* What must be done to which image for which limits. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/fit.h"

static const char *const all_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp", NULL};
static const char *const old_types[] = {"image/jpeg", "image/png", NULL};
static const char *const jpeg_only[] = {"image/jpeg", NULL};
static const char *const png_only[] = {"image/png", NULL};

#define IMAGE(type, wide, high, bytes)                                                                       \
    {                                                                                                        \
        .file = "a", .mime = "image/" type, .width = wide, .height = high, .size = bytes                     \
    }
#define CLEAR(type, wide, high, bytes)                                                                       \
    {                                                                                                        \
        .file = "a", .mime = "image/" type, .width = wide, .height = high, .size = bytes, .transparent = true \
    }
#define MOVING(type, wide, high, bytes)                                                                      \
    {                                                                                                        \
        .file = "a", .mime = "image/" type, .width = wide, .height = high, .size = bytes, .moves = true      \
    }

static void only_a_loss_that_shows_is_one(void **state)
{
    (void)state;
    static const struct {
        struct media media;
        struct image_limits limits;
        const char *loss; /* NULL: none */
    } losses[] = {
        {IMAGE("jpeg", 4000, 3000, 5000), {.pixels = 3000000}, NULL},
        {IMAGE("jpeg", 4000, 3000, 5000), {.bytes = 4000}, NULL},
        {IMAGE("webp", 800, 600, 5000), {.types = jpeg_only}, NULL},
        {CLEAR("webp", 800, 600, 5000), {.types = jpeg_only}, "white"},
        {CLEAR("webp", 800, 600, 5000), {.types = png_only}, NULL},
        {CLEAR("png", 800, 600, 5000), {.types = jpeg_only}, "white"},
        {CLEAR("png", 800, 600, 5000), {.bytes = 4000, .types = old_types}, "white"}, /* if it stays too large */
        {CLEAR("png", 800, 600, 5000), {.bytes = 4000, .types = png_only}, NULL},
        {CLEAR("png", 8000, 6000, 5000), {.pixels = 3000000, .types = old_types}, NULL},
        {IMAGE("gif", 800, 600, 5000), {.bytes = 4000}, "moves"},
        {IMAGE("gif", 800, 600, 5000), {.pixels = 90000}, NULL},
        {MOVING("webp", 800, 600, 5000), {.bytes = 4000}, "moves"},
    };
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        struct fit fit;
        assert_int_equal(fit_plan(&losses[i].media, &losses[i].limits, &fit), FIT_NEEDED);
        const char *loss = fit_loss(&losses[i].media, &fit);
        bool right = loss && losses[i].loss ? strstr(loss, losses[i].loss) != NULL : loss == losses[i].loss;
        if (!right)
            print_error("%zu: %s\n", i, loss ? loss : "nothing");
        assert_true(right);
    }
}

static const struct {
    struct media media;
    struct image_limits limits;
    enum fit_need need;
    const char *mime, *otherwise;
    unsigned side;
    const char *becomes; /* of what is needed */
    const char *reason;
} cases[] = {
    {IMAGE("jpeg", 4000, 3000, 5000), {0}, FIT_FITS, "image/jpeg", NULL, 4000, NULL, "no limits"},
    {IMAGE("jpeg", 4000, 3000, 5000),
     {.bytes = 5000, .pixels = 12000000, .sides = 7000, .types = all_types},
     FIT_FITS,
     "image/jpeg",
     NULL,
     4000,
     NULL,
     "exactly at each limit"},
    {IMAGE("jpeg", 4000, 3000, 5001),
     {.bytes = 5000},
     FIT_NEEDED,
     "image/jpeg",
     NULL,
     4000,
     "scaled to fit into 5000 bytes",
     "one byte too many"},
    {IMAGE("jpeg", 4000, 3000, 5000),
     {.pixels = 11999999},
     FIT_NEEDED,
     "image/jpeg",
     NULL,
     3999,
     "scaled to 3999 x 2999",
     "one pixel too many"},
    {IMAGE("jpeg", 3000, 4000, 5000),
     {.pixels = 3000000},
     FIT_NEEDED,
     "image/jpeg",
     NULL,
     2000,
     "scaled to 1500 x 2000",
     "upright"},
    {IMAGE("jpeg", 9000, 6000, 5000),
     {.sides = 10000},
     FIT_NEEDED,
     "image/jpeg",
     NULL,
     6000,
     "scaled to 6000 x 4000",
     "both sides together"},
    {IMAGE("jpeg", 9000, 6000, 5000),
     {.sides = 10000, .pixels = 6000000},
     FIT_NEEDED,
     "image/jpeg",
     NULL,
     3000,
     "scaled to 3000 x 2000",
     "the stricter of two"},
    {IMAGE("jpeg", 100000, 1, 5000),
     {.sides = 10000},
     FIT_NEEDED,
     "image/jpeg",
     NULL,
     9999,
     "scaled to 9999 x 1",
     "no side becomes nothing"},
    {IMAGE("webp", 800, 600, 5000),
     {.types = old_types},
     FIT_NEEDED,
     "image/jpeg",
     NULL,
     800,
     "re-encoded as image/jpeg",
     "a type that is not taken"},
    {IMAGE("webp", 800, 600, 5000),
     {.types = png_only},
     FIT_NEEDED,
     "image/png",
     NULL,
     800,
     "re-encoded as image/png",
     "PNG where there is nothing better"},
    {IMAGE("webp", 4000, 3000, 5000),
     {.types = jpeg_only, .pixels = 3000000},
     FIT_NEEDED,
     "image/jpeg",
     NULL,
     2000,
     "scaled to 2000 x 1500 and re-encoded as image/jpeg",
     "both"},
    {IMAGE("png", 800, 600, 5000),
     {.types = jpeg_only},
     FIT_NEEDED,
     "image/jpeg",
     NULL,
     800,
     "re-encoded as image/jpeg",
     "Instagram takes JPEG only"},
    {IMAGE("png", 800, 600, 5001),
     {.types = all_types, .bytes = 5000},
     FIT_NEEDED,
     "image/png",
     "image/jpeg",
     800,
     "scaled to fit into 5000 bytes",
     "a drawing becomes JPEG only if it must"},
    {IMAGE("png", 800, 600, 5000),
     {.types = png_only},
     FIT_FITS,
     "image/png",
     NULL,
     800,
     NULL,
     "PNG stays PNG"},
    {IMAGE("gif", 800, 600, 5000),
     {.types = old_types},
     FIT_CANNOT,
     NULL,
     NULL,
     0,
     NULL,
     "a GIF mostly moves"},
    {IMAGE("gif", 800, 600, 5001),
     {.types = all_types, .bytes = 5000},
     FIT_NEEDED,
     "image/gif",
     NULL,
     800,
     "scaled to fit into 5000 bytes",
     "a GIF stays one"},
    {IMAGE("gif", 800, 600, 9000),
     {.types = all_types, .bytes = 5000, .gif_bytes = 9000},
     FIT_FITS,
     "image/gif",
     NULL,
     800,
     NULL,
     "a GIF may have more bytes"},
    {IMAGE("png", 800, 600, 9000),
     {.types = all_types, .bytes = 5000, .gif_bytes = 9000},
     FIT_NEEDED,
     "image/png",
     "image/jpeg",
     800,
     "scaled to fit into 5000 bytes",
     "but no other"},
    {MOVING("webp", 800, 600, 5000),
     {.types = old_types},
     FIT_CANNOT,
     NULL,
     NULL,
     0,
     NULL,
     "it would stand still"},
    {MOVING("webp", 800, 600, 5001),
     {.types = all_types, .bytes = 5000},
     FIT_NEEDED,
     "image/webp",
     NULL,
     800,
     "scaled to fit into 5000 bytes",
     "it goes on moving"},
    {MOVING("png", 800, 600, 5001),
     {.types = all_types, .bytes = 5000},
     FIT_CANNOT,
     NULL,
     NULL,
     0,
     NULL,
     "no program here writes animated PNG"},
    {MOVING("png", 800, 600, 5000),
     {.types = all_types},
     FIT_FITS,
     NULL,
     NULL,
     800,
     NULL,
     "it goes as it is"},
};

static const char *or_none(const char *text)
{
    return text ? text : "-";
}

static void what_must_be_done_follows_from_the_image_and_the_limits(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fit fit = {0};
        enum fit_need need = fit_plan(&cases[i].media, &cases[i].limits, &fit);
        const char *becomes = need == FIT_NEEDED ? fit_describe(&cases[i].media, &fit, arena) : NULL;
        if (need != cases[i].need || strcmp(or_none(fit.mime), or_none(cases[i].mime)) != 0 ||
            strcmp(or_none(fit.otherwise), or_none(cases[i].otherwise)) != 0 || fit.side != cases[i].side ||
            strcmp(or_none(becomes), or_none(cases[i].becomes)) != 0)
            fail_msg("%s: need %d, %s, %s, side %u, '%s'", cases[i].reason, (int)need, or_none(fit.mime),
                     or_none(fit.otherwise), fit.side, or_none(becomes));
    }
    arena_free(arena);
}

/* Bytes go with the area and the type; each further try is smaller, and there are few. */
static void tries_become_smaller_and_end(void **state)
{
    (void)state;
    static const struct {
        struct fit fit;
        double bytes_a_pixel; /* of JPEG at quality 90; PNG has eight times as many */
        bool possible;
        unsigned most;
        const char *reason;
    } runs[] = {
        {{"image/jpeg", NULL, 4000, 1000000, false}, 0.05, true, 1, "the first try does"},
        {{"image/jpeg", NULL, 4000, 1000000, false}, 1, true, 4, "a photo"},
        {{"image/png", "image/jpeg", 4000, 1000000, false}, 0.05, true, 2, "a screenshot becomes JPEG"},
        {{"image/png", NULL, 4000, 1000000, false}, 1, true, 3, "a drawing stays PNG"},
        {{"image/gif", NULL, 800, 1000, true}, 1, false, 12, "what cannot be"},
        {{"image/jpeg", NULL, 4000, 1, false}, 1, false, 12, "what cannot be at all"},
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct fit_try try = fit_first(&runs[i].fit);
        unsigned count = 1;
        bool more = true;
        int64_t size;
        for (;; count++) {
            double bytes = (double)try.side * try.side * runs[i].bytes_a_pixel * (try.quality < 90 ? 0.6 : 1);
            size = (int64_t)(strcmp(try.mime, "image/png") ? bytes : bytes * 8);
            if (size <= runs[i].fit.bytes)
                break;
            struct fit_try before = try;
            more = fit_next(&runs[i].fit, &before, size, &try);
            if (!more)
                break;
            assert_true(try.side < before.side || try.quality < before.quality ||
                        strcmp(try.mime, before.mime));
        }
        if (more != runs[i].possible || count > runs[i].most)
            fail_msg("%s: %s after %u", runs[i].reason, more ? "done" : "given up", count);
    }
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MADE "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static void what_was_made_takes_the_place_of_its_source_with_its_alt_text(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct media source = {.file = "a.webp",
                                 .alt = "Le col",
                                 .mime = "image/webp",
                                 .sha256 = HASH,
                                 .size = 9,
                                 .width = 40,
                                 .height = 30};
    const struct media other = {
        .file = "b.png", .alt = "", .mime = "image/png", .sha256 = MADE, .size = 1, .width = 1, .height = 1};
    const struct media made = {.file = "upload:x.jpg",
                               .alt = "",
                               .mime = "image/jpeg",
                               .sha256 = MADE,
                               .size = 5,
                               .width = 20,
                               .height = 15};
    const struct media both[] = {source, other};
    const struct part part = {.text = "x", .media = both, .media_count = 2};
    const struct content content = {.parts = &part, .part_count = 1, .title = "t"};
    json_t *nothing = json_of(arena, "{}"), *memo = fit_memo(nothing, &source, &made, arena);

    assert_ptr_equal(fit_content(&content, nothing, arena), &content);
    const struct content *sent = fit_content(&content, memo, arena);
    assert_string_equal(sent->parts[0].media[0].file, "upload:x.jpg");
    assert_string_equal(sent->parts[0].media[0].mime, "image/jpeg");
    assert_string_equal(sent->parts[0].media[0].alt, "Le col");
    assert_int_equal(sent->parts[0].media[0].width, 20);
    assert_string_equal(sent->parts[0].media[1].file, "b.png");
    assert_string_equal(sent->title, "t");
    assert_string_equal(content.parts[0].media[0].file, "a.webp");
    assert_true(fit_is_made(&sent->parts[0].media[0], memo));
    assert_false(fit_is_made(&source, memo));
    arena_free(arena);
}

static const struct network plain = {
    .name = "plain", .max_image_bytes = 100, .max_image_pixels = 100, .image_types = jpeg_only};

static void every_limit_that_is_broken_is_named(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct account account = {.name = "a", .network = &plain};
    const struct media media = {.file = "a.png", .mime = "image/png", .width = 20, .height = 10, .size = 101};
    struct image_limits limits = image_limits_of(&account, NULL, arena);
    struct fit_fault faults[FIT_FAULTS];
    assert_int_equal(fit_faults(&account, &media, &limits, arena, faults), 3);
    assert_string_equal(faults[0].why, "'a.png' is image/png, which plain does not take");
    assert_string_equal(faults[1].why, "'a.png' has 20 x 10 pixels, plain allows 100 in all");
    assert_string_equal(faults[2].why, "'a.png' has 101 bytes, plain allows 100");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_loss_that_shows_is_one),
        cmocka_unit_test(what_must_be_done_follows_from_the_image_and_the_limits),
        cmocka_unit_test(tries_become_smaller_and_end),
        cmocka_unit_test(what_was_made_takes_the_place_of_its_source_with_its_alt_text),
        cmocka_unit_test(every_limit_that_is_broken_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
