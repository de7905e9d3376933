/*
 * See check_rules.h: how a post speaks to people, and in which language. Both by short lists of words that
 * hardly mean anything else; verbs are not looked at ("viens" may be anybody's), so that what is found is
 * nearly always right and something may be missed.
 */
#include <string.h>

#include "editorial/check_rules.h"
#include "editorial/fold.h"

/* ---- form of address ---- */

static const struct form {
    const char *language, *name, *words[14]; /* folded */
} forms[] = {
    {"fr", "tu", {"tu", "te", "t'", "toi", "ton", "ta", "tes", "tien", "tienne", "tiennes"}},
    {"fr", "vous", {"vous", "votre", "vos", "votres"}},
    {"de", "du", {"du", "dich", "dir", "dein", "deine", "deinen", "deinem", "deiner", "deines"}},
    {"de", "sie", {NULL}}, /* 'Sie', 'sie', 'Ihr': too much else */
    {"en", "we", {"we", "our", "ours", "ourselves"}},
    {"en", "i", {"i", "my", "mine", "myself"}},
};

enum { FORMS = sizeof forms / sizeof *forms };

/* "le ton est donné", "un rendez-vous", "que dit-t-il": not an address. */
static bool is_something_else(const struct word *before, const struct word *word)
{
    static const char *const nouns_of_ton[] = {"le",   "un",  "du",   "ce",  "au",   "de",
                                               "quel", "bon", "meme", "son", "notre"};
    if (word_is(word, "vous"))
        return before->text && word_is(before, "rendez");
    for (size_t i = 0; word_is(word, "ton") && before->text && i < sizeof nouns_of_ton / sizeof *nouns_of_ton;
         i++)
        if (word_is(before, nouns_of_ton[i]))
            return true;
    return false;
}

static bool is_of(const struct form *form, const struct word *before, const struct word *word)
{
    for (size_t i = 0; form->words[i]; i++) {
        size_t length = strlen(form->words[i]);
        if (form->words[i][length - 1] == '\''
                ? word->length == length - 1 && !strncmp(word->text, form->words[i], length)
                : word_is(word, form->words[i]))
            return !is_something_else(before, word);
    }
    return false;
}

struct address { /* the first word of a form in a post */
    struct piece_of_text *in;
    size_t start, end; /* of the folded text */
};

static bool find_form(struct checking *c, const struct form *form, struct address *ret)
{
    for (size_t i = 0; i < c->piece_count; i++) {
        struct piece_of_text *piece = &c->pieces[i];
        struct word word, before = {0};
        if (piece->kind == PIECE_LINK || piece->kind == PIECE_TAG)
            continue;
        const char *folded = checking_folded(c, piece), *at = folded;
        for (; word_next(&at, &word); before = word) {
            if (!is_of(form, &before, &word))
                continue;
            *ret = (struct address){piece, (size_t)(word.text - folded),
                                    (size_t)(word.text - folded) + word.length};
            return true;
        }
    }
    return false;
}

static void found_address(struct checking *c, const struct address *found, const char *format,
                          const char *name)
{
    struct piece_of_text *in = found->in;
    size_t start = fold_origin(in->text, found->start), end = fold_origin(in->text, found->end);
    const char *word = arena_strndup(c->diags->arena, in->text + start, end - start);
    check_found(c,
                FOUND(.in = in, .start = start, .end = end, .word = word,
                      .remedy = "speak to people in one way only"),
                format, word, name);
}

/* Teams also write what the form is called: "vouvoiement", "on se tutoie". */
static const char *form_called(const char *name)
{
    static const char *const stems[][2] = {{"vouvoi", "vous"}, {"vouvoy", "vous"}, {"tutoi", "tu"},
                                           {"tutoy", "tu"},    {"duzen", "du"},    {"siezen", "Sie"}};
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
        if (strcasestr(name, stems[i][0]))
            return stems[i][1];
    return name;
}

static const struct form *form_named(const char *name)
{
    const char *form = name ? form_called(name) : NULL;
    for (size_t i = 0; form && i < FORMS; i++)
        if (!strcasecmp(forms[i].name, form))
            return &forms[i];
    return NULL;
}

static bool is_language(const struct form *form, const char *language)
{
    return !strncasecmp(language, form->language, 2) && (!language[2] || language[2] == '-');
}

/* With a form in the charter: the others of that language. */
static void check_against(struct checking *c, const struct form *wanted)
{
    struct address found;
    for (size_t i = 0; i < FORMS; i++)
        if (&forms[i] != wanted && !strcmp(forms[i].language, wanted->language) &&
            find_form(c, &forms[i], &found))
            found_address(c, &found, "'%s', where the charter says %s", wanted->name);
}

/* Without: two of one language in one post. */
static void check_together(struct checking *c, const char *language)
{
    const struct form *first = NULL;
    for (size_t i = 0; i < FORMS; i++) {
        struct address found;
        if (!is_language(&forms[i], language) || !find_form(c, &forms[i], &found))
            continue;
        if (first)
            found_address(c, &found, "'%s' in a post that says '%s' too", first->name);
        first = first ? first : &forms[i];
    }
}

void check_address(struct checking *c)
{
    const struct form *wanted = form_named(c->charter->address);
    const char *language = c->content->language ? c->content->language : wanted ? wanted->language : "";
    if (wanted && is_language(wanted, language))
        check_against(c, wanted);
    else if (c->charter->rules[RULE_ADDRESS].count)
        check_together(c, language);
}

/* ---- language ---- */

static const struct tongue {
    const char *code, *name, *words[40]; /* the most usual words that mean little, folded */
} tongues[] = {
    {"fr", "French", {"le",    "la",   "les",  "des",  "du",  "un",   "une",  "et",    "est",   "sont",
                      "en",    "dans", "pour", "pas",  "que", "qui",  "nous", "vous",  "votre", "vos",
                      "notre", "nos",  "avec", "sur",  "au",  "aux",  "ce",   "cette", "plus",  "par",
                      "il",    "elle", "je",   "mais", "ou",  "tout", "chez"}},
    {"en", "English", {"the",  "and",   "of",    "to",    "in",   "is",   "are", "you",  "your",
                       "our",  "we",    "for",   "with",  "that", "this", "it",  "from", "have",
                       "has",  "was",   "were",  "will",  "be",   "at",   "by",  "not",  "they",
                       "what", "which", "their", "there", "or",   "as",   "its"}},
    {"de", "German", {"der",   "die",   "das",  "und", "ist",   "sind", "nicht", "ein",   "eine",
                      "einen", "einem", "mit",  "fur", "auf",   "den",  "dem",   "des",   "von",
                      "zu",    "im",    "wir",  "sie", "ich",   "es",   "auch",  "sich",  "bei",
                      "oder",  "aus",   "nach", "wie", "unser", "uns",  "ihr",   "haben", "wird"}},
    {"es", "Spanish", {"el",  "la",  "los", "las",  "y",     "es",   "son",  "en",      "que",
                       "de",  "del", "un",  "una",  "para",  "con",  "por",  "no",      "su",
                       "sus", "al",  "lo",  "como", "mas",   "este", "esta", "nuestro", "nuestra",
                       "muy", "hay", "se",  "pero", "todos", "desde"}},
    {"it", "Italian", {"il",     "lo",     "la",     "gli",   "le",   "e",   "di",    "che", "un",
                       "una",    "uno",    "per",    "con",   "non",  "del", "della", "dei", "delle",
                       "nel",    "nella",  "al",     "alla",  "sono", "si",  "da",    "piu", "questo",
                       "questa", "nostro", "nostra", "anche", "come", "vi",  "ci"}},
    {"nl", "Dutch", {"de",  "het",  "een", "en",  "van", "is",   "zijn", "niet",   "met",  "voor", "op",
                     "aan", "dat",  "die", "te",  "wij", "we",   "je",   "jullie", "ons",  "onze", "ook",
                     "bij", "naar", "om",  "uit", "er",  "maar", "of",   "wordt",  "deze", "dit",  "nog"}},
};

enum { TONGUES = sizeof tongues / sizeof *tongues, ENOUGH_WORDS = 10, ENOUGH_HITS = 5 };

static void tally_words(struct checking *c, size_t hits[TONGUES], size_t *words)
{
    for (size_t i = 0; i < c->piece_count; i++) {
        struct word word;
        if (c->pieces[i].kind != PIECE_PART && c->pieces[i].kind != PIECE_BODY)
            continue;
        for (const char *at = checking_folded(c, &c->pieces[i]); word_next(&at, &word); (*words)++)
            for (size_t t = 0; t < TONGUES; t++)
                for (size_t k = 0; k < 40 && tongues[t].words[k]; k++)
                    hits[t] += *tongues[t].words[k] == *word.text && word_is(&word, tongues[t].words[k]);
    }
}

static size_t tongue_of(const char *language)
{
    size_t t = 0;
    while (t < TONGUES && (strncasecmp(language, tongues[t].code, 2) || (language[2] && language[2] != '-')))
        t++;
    return t;
}

/* Of a language that is not in the table nothing can be said; nor of a text in which few of these words are.
 */
void check_language(struct checking *c)
{
    size_t hits[TONGUES] = {0}, words = 0, best = 0;
    const char *language = c->content->language;
    if (!language) {
        check_found(c, FOUND(.remedy = "say 'language', such as fr"), "no language is stated");
        return;
    }
    size_t stated = tongue_of(language);
    if (stated == TONGUES)
        return;
    tally_words(c, hits, &words);
    for (size_t t = 1; t < TONGUES; t++)
        best = hits[t] > hits[best] ? t : best;
    if (words >= ENOUGH_WORDS && hits[best] >= ENOUGH_HITS && hits[best] >= 2 * hits[stated] + 2)
        check_found(c,
                    FOUND(.word = language,
                          .remedy = arena_printf(c->diags->arena, "say 'language: %s', or translate it",
                                                 tongues[best].code)),
                    "the text reads like %s, but its language is stated as '%s'", tongues[best].name,
                    language);
}
