/* JSON Web Tokens: the examples of the RFCs. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "driver_job.h"
#include "network/jwt.h"

/* RFC 7515 appendix A.1, the same as RFC 7519 section 3.1; the key is the octets of A.1.1's "k". */
static void the_example_of_rfc_7515_is_signed(void **state)
{
    (void)state;
    static const unsigned char key[] = {
        3,   35,  53, 75,  43,  15,  165, 188, 131, 126, 6,   101, 119, 123, 166, 143, 90,  179, 40,  230, 240, 84,
        201, 40,  169, 15, 132, 178, 210, 80,  46,  191, 211, 251, 90,  146, 210, 6,   71,  239, 150, 138, 180, 195,
        119, 98,  61, 34,  61,  46,  33,  114, 5,   46,  79,  8,   192, 205, 154, 245, 103, 208, 128, 163};
    struct arena *arena = arena_new();
    assert_string_equal(
        jwt_hs256("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}",
                  "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}", key,
                  sizeof key, arena),
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_example_of_rfc_7515_is_signed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
