/* References against a base: the examples of RFC 3986 section 5.4, and what pages and headers have in them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/driver.h"

struct reference {
    const char *reference, *target;
};

static void check(const char *base, const struct reference *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = arena_new();
        const char *target = driver_resolve(base, cases[i].reference, arena);
        if (strcmp(target, cases[i].target) != 0)
            fail_msg("'%s' at '%s' gave '%s' instead of '%s'", cases[i].reference, base, target, cases[i].target);
        arena_free(arena);
    }
}

static void the_examples_of_the_rfc_come_out(void **state)
{
    (void)state;
    static const struct reference cases[] = {
        {"g:h", "g:h"}, {"g", "http://a/b/c/g"}, {"./g", "http://a/b/c/g"}, {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"}, {"//g", "http://g"}, {"?y", "http://a/b/c/d;p?y"}, {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"}, {"g#s", "http://a/b/c/g#s"}, {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"}, {"g;x", "http://a/b/c/g;x"}, {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {"", "http://a/b/c/d;p?q"}, {".", "http://a/b/c/"}, {"./", "http://a/b/c/"}, {"..", "http://a/b/"},
        {"../", "http://a/b/"}, {"../g", "http://a/b/g"}, {"../..", "http://a/"}, {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        /* section 5.4.2: abnormal ones */
        {"../../../g", "http://a/g"}, {"../../../../g", "http://a/g"}, {"/./g", "http://a/g"},
        {"/../g", "http://a/g"}, {"g.", "http://a/b/c/g."}, {".g", "http://a/b/c/.g"}, {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"}, {"./../g", "http://a/b/g"}, {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"}, {"g/../h", "http://a/b/c/h"}, {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"}, {"g?y/./x", "http://a/b/c/g?y/./x"}, {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/./x", "http://a/b/c/g#s/./x"}, {"g#s/../x", "http://a/b/c/g#s/../x"}, {"http:g", "http:g"},
    };
    check("http://a/b/c/d;p?q", cases, sizeof cases / sizeof *cases);
}

static void a_site_without_a_path_is_a_base_too(void **state)
{
    (void)state;
    static const struct reference cases[] = {
        {"micropub", "https://e.org/micropub"},
        {"/micropub?x=1", "https://e.org/micropub?x=1"},
        {"https://other.example/m", "https://other.example/m"},
        {"", "https://e.org"},
    };
    check("https://e.org", cases, sizeof cases / sizeof *cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc_come_out),
        cmocka_unit_test(a_site_without_a_path_is_a_base_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
