/*
 * See regexp.h. No just-in-time compiler: the service may not make memory executable. The limits are PCRE2's
 * own: steps, depth and memory of one search; they bound a pattern such as (a+)+$ to about a millisecond a
 * text.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "editorial/regexp.h"

enum { STEPS_MOST = 20000, DEPTH_MOST = 1000, MEMORY_MOST_KIB = 1024, LENGTH_MOST = 100000 };

struct regexp {
    pcre2_code *code;
    pcre2_match_data *found;
    pcre2_match_context *limits;
};

static void release(void *object)
{
    struct regexp *regexp = object;
    pcre2_match_data_free(regexp->found);
    pcre2_match_context_free(regexp->limits);
    pcre2_code_free(regexp->code);
}

static size_t characters_before(const char *text, size_t bytes)
{
    size_t characters = 0;
    for (size_t i = 0; i < bytes && text[i]; i++)
        characters += ((unsigned char)text[i] & 0xC0) != 0x80;
    return characters;
}

static const char *message_of(int code, char *message, size_t size)
{
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)message, size) < 0)
        return "not a regular expression";
    return message;
}

const struct regexp *regexp_new(const char *pattern, struct arena *arena, struct error *err)
{
    const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C;
    struct regexp *regexp = arena_new_of(arena, struct regexp);
    int code;
    PCRE2_SIZE at;
    char message[256];
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_parens_nest_limit(context, 50);
    regexp->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &code, &at, context);
    pcre2_compile_context_free(context);
    if (!regexp->code) {
        fail(err, "%s, at character %zu", message_of(code, message, sizeof message),
             characters_before(pattern, at) + 1);
        return NULL;
    }
    regexp->found = pcre2_match_data_create_from_pattern(regexp->code, NULL);
    regexp->limits = pcre2_match_context_create(NULL);
    arena_defer(arena, release, regexp);
    pcre2_set_match_limit(regexp->limits, STEPS_MOST);
    pcre2_set_depth_limit(regexp->limits, DEPTH_MOST);
    pcre2_set_heap_limit(regexp->limits, MEMORY_MOST_KIB);
    return regexp;
}

enum regexp_result regexp_find(const struct regexp *regexp, const char *text, size_t *ret_start,
                               size_t *ret_end)
{
    size_t length = strlen(text);
    if (length > LENGTH_MOST)
        return REGEXP_TOO_COSTLY;
    int count =
        pcre2_match(regexp->code, (PCRE2_SPTR)text, length, 0, PCRE2_NOTEMPTY, regexp->found, regexp->limits);
    if (count == PCRE2_ERROR_NOMATCH || (count <= PCRE2_ERROR_UTF8_ERR1 && count >= PCRE2_ERROR_UTF8_ERR21))
        return REGEXP_NONE;
    if (count < 0)
        return REGEXP_TOO_COSTLY;
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(regexp->found);
    if (ends[0] >= ends[1]) /* \K may end before it begins */
        return REGEXP_NONE;
    *ret_start = ends[0];
    *ret_end = ends[1];
    return REGEXP_FOUND;
}
