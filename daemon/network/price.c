/* See price.h. */
#include <string.h>

#include "base/json.h"
#include "network/price.h"

enum { DECIMALS = 6, WHOLE_MOST = 7 };

bool price_parse(const char *text, int64_t *ret_millionths)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(text, digits), part = text[whole] == '.' ? strspn(text + whole + 1, digits) : 0;
    size_t length = whole + (text[whole] == '.') + part;
    int64_t value = 0;
    if (!whole || whole > WHOLE_MOST || text[length] || part > DECIMALS || (text[whole] == '.' && !part))
        return false;
    for (size_t i = 0; i < whole + 1 + DECIMALS; i++)
        if (i != whole)
            value = value * 10 + (i < length ? text[i] - '0' : 0);
    if (value > (int64_t)PRICE_UNIT * PRICE_UNIT)
        return false;
    *ret_millionths = value;
    return true;
}

int64_t price_of(const json_t *prices, const char *name)
{
    const char *text = json_text(prices, name);
    int64_t value;
    return text && price_parse(text, &value) ? value : 0;
}

const char *price_text(int64_t millionths, struct arena *arena)
{
    char *text = arena_printf(arena, "%lld.%06lld", (long long)(millionths / PRICE_UNIT),
                              (long long)(millionths % PRICE_UNIT));
    size_t length = strlen(text);
    while (text[length - 1] == '0' && text[length - 3] != '.')
        text[--length] = '\0';
    return text;
}

static bool is_one_of(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

bool price_check(const json_t *prices, const char *const *names, struct error *err)
{
    const char *name, *currency = json_text(prices, "currency");
    json_t *value;
    int64_t ignored;
    if (!prices)
        return true;
    if (!currency || !*currency || strlen(currency) > 12)
        return fail(err, "'prices' needs a 'currency' of at most 12 characters: USD");
    json_object_foreach((json_t *)(uintptr_t)prices, name, value)
    {
        if (!strcmp(name, "currency"))
            continue;
        if (!is_one_of(names, name))
            return fail(err, "'prices' knows no '%s'", name);
        if (!json_is_string(value) || !price_parse(json_string_value(value), &ignored))
            return fail(err, "'prices', '%s' is no price such as \"0.015\"", name);
    }
    return true;
}
