/* See check_rules.h: how what a rule found is said. */
#include <string.h>

#include "base/utf8.h"
#include "editorial/check_rules.h"
#include "editorial/fold.h"

const char *checking_folded(struct checking *checking, struct piece_of_text *piece)
{
    if (!piece->folded)
        piece->folded = fold_text(piece->text, checking->arena);
    return piece->folded;
}

bool word_next(const char **at, struct word *ret_word)
{
    const char *begin = *at, *end;
    uint32_t c;
    size_t size, length = strlen(begin);
    for (; length; begin += size, length -= size) {
        size = utf8_decode(begin, length, &c);
        if (fold_is_word(c))
            break;
    }
    for (end = begin; length; end += size, length -= size) {
        size = utf8_decode(end, length, &c);
        if (!fold_is_word(c))
            break;
    }
    *at = end;
    *ret_word = (struct word){begin, (size_t)(end - begin)};
    return end > begin;
}

bool word_is(const struct word *word, const char *text)
{
    return strlen(text) == word->length && !memcmp(word->text, text, word->length);
}

bool check_begin(struct checking *checking, enum rule_id rule)
{
    checking->rule = &rules[rule];
    checking->setting = charter_setting(checking->charter, rule, checking->account, checking->bucket);
    return checking->setting.level != CHECK_OFF;
}

static const char *word_of(const struct checking *checking, const struct found *found)
{
    if (found->word || !found->in || !found->end)
        return found->word;
    return arena_strndup(checking->diags->arena, found->in->text + found->start, found->end - found->start);
}

void check_found(struct checking *checking, const struct found *found, const char *format, ...)
{
    int level = found->level ? (int)found->level : checking->setting.level;
    va_list args;
    if (level == CHECK_OFF || !checking->diags)
        return;
    struct diag diag = checking->where ? *checking->where : (struct diag){0};
    va_start(args, format);
    diag.message = arena_vprintf(checking->diags->arena, format, args);
    va_end(args);
    diag.level = level == CHECK_ERROR ? DIAG_ERROR : DIAG_WARNING;
    diag.rule = rule_names[checking->rule - rules];
    diag.account = checking->account ? checking->account->name : NULL;
    diag.word = word_of(checking, found);
    diag.remedy = checking->setting.message ? checking->setting.message : found->remedy;
    if (found->in) {
        diag.in = found->in->in;
        diag.start = found->start;
        diag.end = found->end ? found->end : strlen(found->in->text);
    }
    diags_add(checking->diags, &diag);
}
