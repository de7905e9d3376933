/* See check_rules.h: how what a rule found is said. */
#include <string.h>

#include "editorial/check_rules.h"
#include "editorial/fold.h"

const char *checking_folded(struct checking *checking, struct piece_of_text *piece)
{
    if (!piece->folded)
        piece->folded = fold_text(piece->text, checking->arena);
    return piece->folded;
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
    if (level == CHECK_OFF)
        return;
    struct diag diag = checking->where ? *checking->where : (struct diag){0};
    va_start(args, format);
    diag.message = arena_vprintf(checking->diags->arena, format, args);
    va_end(args);
    diag.level = level == CHECK_ERROR ? DIAG_ERROR : DIAG_WARNING;
    diag.rule = checking->rule->name;
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
