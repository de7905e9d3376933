/* See rule.h. */
#include "editorial/check_rules.h"
#include "editorial/rule.h"

const struct rule rules[RULE_COUNT] = {
    [RULE_FORBIDDEN_WORD] = {"forbidden-word", "forbidden_word", CHECK_ERROR, .always = true, .check = check_forbidden},
    [RULE_PREFERRED_WORD] = {"preferred-word", "preferred_word", CHECK_WARNING, .always = true,
                             .check = check_preferred},
    [RULE_EXCLAMATIONS] = {"exclamations", "exclamations", CHECK_WARNING, .takes = TAKES_MAX,
                           .check = check_exclamations},
    [RULE_EMOJI] = {"emoji", "emoji", CHECK_WARNING, .takes = TAKES_MAX, .check = check_emoji},
    [RULE_LENGTH] = {"length", "length", CHECK_ERROR, .takes = TAKES_MAX, .needs = TAKES_MAX, .check = check_length},
    [RULE_HASHTAGS] = {"hashtags", "hashtags", CHECK_WARNING, .takes = TAKES_MAX, .needs = TAKES_MAX,
                       .check = check_hashtags},
    [RULE_ALT_TEXT] = {"alt-text", "alt_text", CHECK_ERROR, .check = check_alt_text},
    [RULE_LINK_TO_SITE] = {"link-to-site", "link_to_site", CHECK_WARNING, .check = check_link_to_site},
    [RULE_QUIET_HOURS] = {"quiet-hours", "quiet_hours", CHECK_ERROR, .always = true},
    [RULE_SILENT_DAY] = {"silent-day", "silent_day", CHECK_ERROR, .always = true},
    [RULE_SILENT_DATE] = {"silent-date", "silent_date", CHECK_ERROR, .always = true},
    [RULE_GAP] = {"gap", "gap", CHECK_ERROR, .takes = TAKES_WITHIN},
    [RULE_PER_DAY] = {"per-day", "per_day", CHECK_ERROR, .takes = TAKES_MAX},
    [RULE_NO_COVER] = {"no-cover", "no_cover", CHECK_WARNING, .always = true},
};
