/* The charter's rules, held against contents, times and plans. */
#include "calendar_house.h"

#include "editorial/check.h"
#include "editorial/link_add.h"

static const struct charter *charter_of(struct house *house, const char *text)
{
    struct calendar_world world = house_world();
    const struct yaml *root = yaml_parse("charter.yaml", text, strlen(text), house->arena, &house->diags);
    const struct charter *charter = charter_load("charter.yaml", root, &world, house->arena, &house->diags);
    house_expect(&house->diags, "", "the charter itself");
    return charter;
}

#define POST(fields) "timezone: Europe/Paris\nposts:\n- {id: a, at: 2026-12-01 09:00, to: [mastodon], " fields "}\n"

static const struct {
    const char *charter, *calendar, *findings, *reason;
} words[] = {
    {"vocabulary: {forbidden: [pas cher]}", POST("text: Un gîte pas  CHER du tout"),
     "x.yaml:1:1: the charter forbids 'pas cher'; say it otherwise", "case and white space do not matter"},
    {"vocabulary: {forbidden: [cher]}", POST("text: chercher un rocher"), "", "whole words only"},
    {"vocabulary: {forbidden: [cher]}", POST("text: \"c’est l’ami cher.\""), "x.yaml:1:1: the charter forbids 'cher'; say it otherwise",
     "signs end a word"},
    {"vocabulary: {forbidden: [\"l'offre\"]}", POST("text: voici l’offre"), "x.yaml:1:1: the charter forbids 'l'offre'; say it otherwise",
     "both apostrophes are one"},
    {"vocabulary: {forbidden: [été]}", POST("text: \"en E\\u0301TE\\u0301 !\""), "x.yaml:1:1: the charter forbids 'été'; say it otherwise",
     "composed and decomposed are the same"},
    {"vocabulary: {forbidden: [été]}", POST("text: ete"), "x.yaml:1:1: the charter forbids 'été'; say it otherwise",
     "accents are folded, in the word"},
    {"vocabulary: {forbidden: [coeur]}", POST("text: CŒUR"), "x.yaml:1:1: the charter forbids 'coeur'; say it otherwise",
     "and in the text, and ligatures"},
    {"vocabulary: {forbidden: [promo*]}", POST("text: 'Nos Promotions, nos promos'"),
     "x.yaml:1:1: the charter forbids 'Promotions'; say it otherwise", "inflections, once"},
    {"vocabulary: {forbidden: [promo*]}", POST("text: une autopromotion"), "", "from the word's beginning"},
    {"vocabulary: {forbidden: ['*promo*']}", POST("text: une autopromotion"),
     "x.yaml:1:1: the charter forbids 'autopromotion'; say it otherwise", "unless a star stands there"},
    {"vocabulary: {forbidden: ['cher|chère|chers']}", POST("text: Ma chère amie"),
     "x.yaml:1:1: the charter forbids 'chère'; say it otherwise", "alternatives"},
    {"vocabulary: {forbidden: ['cher|chère|chers']}", POST("text: chères"), "", "and no others"},
    {"vocabulary: {forbidden: ['pas* cher*']}", POST("text: pas chers"),
     "x.yaml:1:1: the charter forbids 'pas chers'; say it otherwise", "stars within expressions"},
    {"vocabulary: {forbidden: [{pattern: '\\d+ ?€', instead: un tarif}]}", POST("text: À 30 € la nuit"),
     "x.yaml:1:1: the charter says 'un tarif' instead of '30 €'", "patterns"},
    {"vocabulary: {forbidden: [{pattern: '\\bnul+e?\\b'}]}", POST("text: NULLE part"),
     "x.yaml:1:1: the charter forbids 'NULLE'; say it otherwise", "patterns ignore case"},
    {"vocabulary: {forbidden: [{pattern: '\\d+ ?€'}]}", POST("text: 30 nuits"), "", "that do not match"},
    {"vocabulary: {forbidden: [{pattern: '(a+)+$'}]}", POST("text: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
     "x.yaml:1:1: warning: the pattern '(a+)+$' takes too long on this text: it was not searched whole; write the pattern "
     "more simply", "a search is bounded, and says so"},
    {"vocabulary: {forbidden: [cher]}\nchecks: {forbidden_word: {level: warning, message: On parle de valeur.}}",
     POST("text: cher"), "x.yaml:1:1: warning: the charter forbids 'cher'; On parle de valeur.", "level and message"},
    {"vocabulary: {forbidden: [cher]}\nchecks: {forbidden_word: {level: off, to: [feed, blog]}}", POST("text: cher"),
     "x.yaml:1:1: the charter forbids 'cher'; say it otherwise", "for other accounts"},
    {"vocabulary: {forbidden: [cher]}\nchecks: {forbidden_word: {level: off, to: [mastodon]}}", POST("text: cher"), "",
     "off for this one"},
    {"vocabulary: {forbidden: [cher]}\nchecks: {forbidden_word: {level: off, buckets: [humour]}}",
     POST("text: cher, bucket: humour"), "", "off for this bucket"},
    {"vocabulary: {forbidden: [cher]}\nchecks: {forbidden_word: {level: off, buckets: [humour]}}", POST("text: cher"),
     "x.yaml:1:1: the charter forbids 'cher'; say it otherwise", "a post without a bucket is in none"},
    {"checks: {hashtags: [{max: 0, buckets: [news]}, {max: 2, level: error}]}", POST("text: '#a', bucket: news"),
     "x.yaml:1:1: 1 hashtags, the charter allows 0; keep the most telling ones", "the first that fits, the next below it"},
    {"checks: {hashtags: [{max: 0, buckets: [news]}, {max: 2, level: error}]}", POST("text: '#a #b', bucket: tips"), "",
     "the next alone"},
    {"vocabulary: {forbidden: [strasse]}", POST("text: Straße"), "x.yaml:1:1: the charter forbids 'strasse'; say it otherwise",
     "Unicode's folding"},
    {"vocabulary: {forbidden: [100 %]}", POST("text: 100 % bio"), "x.yaml:1:1: the charter forbids '100 %'; say it otherwise", "signs"},
    {"vocabulary: {forbidden: [promo]}", POST("text: x, media: [{file: a.png, alt: une promo}]"),
     "x.yaml:1:1: the charter forbids 'promo' (media[0].alt); say it otherwise", "alt texts are words too"},
    {"vocabulary: {forbidden: [un deux]}", POST("text: finit par un, warning: deux"), "", "texts are not glued together"},
    {"vocabulary: {prefer: {e-mail: courriel}}", POST("text: un E-mail"),
     "x.yaml:1:1: warning: the charter says 'courriel' instead of 'e-mail'", "preferences warn"},
    {"vocabulary: {forbidden: [{word: client, instead: hôte, level: error}]}", POST("text: client"),
     "x.yaml:1:1: the charter says 'hôte' instead of 'client'", "unless they say otherwise"},
    {"checks: {alt_text: error}", POST("text: x, media: [{file: a.png}, {file: b.png, alt: B}]"),
     "x.yaml:1:1: 'a.png' has no alternative text ('alt'); say what is to be seen on it", "alternative texts"},
    {"checks: {alt_text: warning}", POST("text: x, media: [{file: a.png}]"),
     "x.yaml:1:1: warning: 'a.png' has no alternative text ('alt'); say what is to be seen on it", "at the level asked for"},
    {"checks: {alt_text: error}", POST("text: x, media: [{file: a.pdf}]"),
     "x.yaml:1:1: mastodon takes no documents, or cald cannot bring them there", "it is read, not described"},
    {"checks: {alt_text: ignore}", POST("text: x, media: [{file: a.png}]"), "", "or not at all"},
    {"checks: {hashtags: {max: 1, level: error}}", POST("text: '#a #b'"), "x.yaml:1:1: 2 hashtags, the charter allows 1; keep the most telling ones",
     "hashtags"},
    {"checks: {hashtags: {max: 0, level: error}}", POST("text: 'https://e.org/#a n#b #1'"), "", "what is none"},
    {"checks: {length: {max: 3}}", POST("text: abcd"), "x.yaml:1:1: 4 characters, the charter allows 3; shorten it", "lengths"},
    {"checks: {length: {max: 3}}", POST("thread: [abc, abc]"), "", "each part of a thread for itself"},
    {"checks: {length: {max: 3}}", POST("thread: [abcd, abc, abcd]"),
     "x.yaml:1:1: 4 characters, the charter allows 3 (thread[0]); shorten it\n"
     "x.yaml:1:1: 4 characters, the charter allows 3 (thread[2]); shorten it", "each of them is told"},
    {"voice: {emoji: {max: 1}}", POST("text: \"👩‍👩‍👧 🇫🇷\""), "x.yaml:1:1: warning: 2 emoji, the charter allows 1; take some away",
     "a sequence is one emoji"},
    {"voice: {exclamations: {max: 1}}", POST("text: Oui!!"),
     "x.yaml:1:1: warning: 2 exclamation marks, the charter allows 1; end sentences with a full stop", "exclamation marks"},
    {"checks: {hashtags: {max: 1, level: error}}\nnetworks: {mastodon: {hashtags: {max: 2}}}", POST("text: '#a #b'"), "",
     "a network's own limit"},
    {"brand: {name: B, site: 'https://www.example.org/x'}\nchecks: {link_to_site: warning}", POST("text: example.com"),
     "x.yaml:1:1: warning: no link to the site https://www.example.org/x; add one, in the text or as 'link'", "links to the site"},
    {"brand: {name: B, site: 'https://www.example.org/x'}\nchecks: {link_to_site: warning}",
     POST("text: voir Example.org/y"), "", "any address of it will do"},
    {"vocabulary: {keywords: {lieu: [chalet, gîte*], vie: [neige]}}\nchecks: {keywords: {min: 2, subjects: [lieu]}}",
     POST("text: Un chalet sous la neige"),
     "x.yaml:1:1: warning: 1 of the keywords, the charter asks for 2; use more of: chalet, gîte*", "keywords"},
    {"vocabulary: {keywords: {lieu: [chalet, gîte*], vie: [neige]}}\nchecks: {keywords: {min: 2, subjects: [lieu]}}",
     POST("text: Un chalet, warning: Gites"), "", "enough of them, anywhere"},
    {"vocabulary: {keywords: {lieu: [chalet]}}\nchecks: {keywords: error}", POST("text: chalets"),
     "x.yaml:1:1: 0 of the keywords, the charter asks for 1; use one of: chalet", "one, unless said"},
    {"checks: {disclosure: {words: ['#partenariat', collaboration commerciale], buckets: [paid]}}",
     POST("text: Avec nos amis de Skiplus, bucket: paid"),
     "x.yaml:1:1: nothing says that this is a paid partnership; say one of: #partenariat, collaboration commerciale",
     "paid partnerships"},
    {"checks: {disclosure: {words: ['#partenariat', collaboration commerciale], buckets: [paid]}}",
     POST("text: 'Avec nos amis de Skiplus #Partenariat', bucket: paid"), "", "that say so"},
    {"checks: {disclosure: {words: ['#partenariat', collaboration commerciale], buckets: [paid]}}",
     POST("text: Avec nos amis de Skiplus, bucket: news"), "", "what nobody pays for"},
    {"voice: {address: vous}", POST("text: \"Prends ton sac, l'air t’attend\", language: fr"),
     "x.yaml:1:1: warning: 'ton', where the charter says vous; speak to people in one way only", "tu for vous"},
    {"voice: {address: vous}", POST("text: \"Qu'y a-t-il ? Donne le ton, bon ton\", language: fr"), "", "what is no address"},
    {"voice: {address: le vouvoiement}", POST("text: Prends ton sac, language: fr"),
     "x.yaml:1:1: warning: 'ton', where the charter says vous; speak to people in one way only", "as it is called"},
    {"voice: {address: Tutoiement}", POST("text: Prends ton sac, language: fr"), "", "as it is called"},
    {"voice: {address: tu}", POST("text: Votre chalet, language: fr-CH"),
     "x.yaml:1:1: warning: 'Votre', where the charter says tu; speak to people in one way only", "vous for tu"},
    {"voice: {address: tu}", POST("text: Un rendez-vous avec toi, language: fr"), "", "a noun"},
    {"voice: {address: vous}", POST("text: Tu was du willst, language: de"), "", "another language"},
    {"voice: {address: Sie}", POST("text: Pack deinen Rucksack, language: de"),
     "x.yaml:1:1: warning: 'deinen', where the charter says sie; speak to people in one way only", "German"},
    {"checks: {address: error}", POST("thread: [Prends ton sac, Votre chalet], language: fr"),
     "x.yaml:1:1: 'Votre' in a post that says 'tu' too (thread[1]); speak to people in one way only", "both in one post"},
    {"checks: {address: error}", POST("thread: [Prenez vos sacs, Votre chalet], language: fr"), "", "one in one post"},
    {"checks: {address: error}", POST("text: 'I think our chalet is warm', language: en"),
     "x.yaml:1:1: 'I' in a post that says 'we' too; speak to people in one way only", "who speaks, in English"},
    {"checks: {address: error}", POST("text: 'We think our chalet is warm', language: en"), "", "one voice"},
    {"checks: {language: error}", POST("text: x"), "x.yaml:1:1: no language is stated; say 'language', such as fr", "stated"},
    {"checks: {language: error}",
     POST("text: La neige est tombée sur le chalet et nous vous attendons avec une soupe, language: en"),
     "x.yaml:1:1: the text reads like French, but its language is stated as 'en'; say 'language: fr', or translate it",
     "plausible"},
    {"checks: {language: error}",
     POST("text: La neige est tombée sur le chalet et nous vous attendons avec une soupe, language: fr-CA"), "", "right"},
    {"checks: {language: error}", POST("text: La neige est tombée, language: en"), "", "too short to be sure"},
    {"checks: {language: error}",
     POST("text: La neige est tombée sur le chalet et nous vous attendons avec une soupe, language: br"), "",
     "a language of which we know nothing"},
    {"checks: {capitals: {max: 1, allowed: [UNESCO]}}", POST("text: 'GRANDE VENTE à l’UNESCO, SNCF #NEIGE'"),
     "x.yaml:1:1: warning: 3 words in capitals, the charter allows 1; capitals shout, and are read letter by letter: write "
     "small ones", "capitals"},
    {"checks: {capitals: {max: 1, allowed: [UNESCO, SNCF]}}", POST("text: 'GRANDE Vente à l’UNESCO, en TGV, SNCF #NEIGE'"),
     "", "names, short ones and hashtags"},
    {"checks: {reading_time: {within: 2s}}", POST("thread: [un deux trois quatre, cinq six sept huit neuf dix]"),
     "x.yaml:1:1: warning: 10 words take about 3s to read, the charter allows 2s; shorten it, or make two posts of it",
     "reading time, of the whole thread"},
    {"checks: {reading_time: {within: 3s}}", POST("thread: [un deux trois quatre, cinq six sept huit neuf dix]"), "",
     "just short enough"},
    {"checks: {hashtag_list: {allowed: [RandonnéeFacile, neige*]}}",
     POST("text: '#randonneefacile #Neiges #ski #neige_rare', tags: [Neige, montagne, deux mots]"),
     "x.yaml:1:1: warning: '#ski' is not among the charter's hashtags; take one of the charter's list\n"
     "x.yaml:1:1: warning: '#neige_rare' is not among the charter's hashtags; take one of the charter's list\n"
     "x.yaml:1:1: warning: '#montagne' is not among the charter's hashtags (tags[1]); take one of the charter's list",
     "hashtags of a list"},
    {"checks: {hashtag_list: {allowed: [RandonnéeFacile]}, hashtag_form: error}", POST("text: '#randonnéefacile'"),
     "x.yaml:1:1: the charter writes '#RandonnéeFacile', not '#randonnéefacile'; screen readers tell words apart by their "
     "capitals", "as the list writes it"},
    {"checks: {hashtag_form: error}", POST("text: '#vacancesenmontagne #VACANCESENMONTAGNE'"),
     "x.yaml:1:1: '#vacancesenmontagne' runs words together; begin each word with a capital, as in #BonneAnnée: screen "
     "readers read it word by word then\n"
     "x.yaml:1:1: '#VACANCESENMONTAGNE' runs words together; begin each word with a capital, as in #BonneAnnée: screen "
     "readers read it word by word then", "long and without capitals within"},
    {"checks: {hashtag_form: error}", POST("text: '#VacancesEnMontagne #anniversaires #vacances_en_montagne'"), "",
     "readable ones"},
    {"checks: {alt_text_form: error}", POST("text: x, media: [{file: m/a.png, alt: a}, {file: m/b.png, alt: IMG_1234}]"),
     "x.yaml:1:1: the alternative text of 'm/a.png' is a file's name, 'a' (media[0].alt); say what is to be seen on it\n"
     "x.yaml:1:1: the alternative text of 'm/b.png' is a file's name, 'IMG_1234' (media[1].alt); say what is to be seen on it",
     "file names"},
    {"checks: {alt_text_form: error}", POST("text: x, media: [{file: m/a.png, alt: Vue-du-lac.JPG}]"),
     "x.yaml:1:1: the alternative text of 'm/a.png' is a file's name, 'Vue-du-lac.JPG' (media[0].alt); say what is to be seen on it",
     "of another file"},
    {"checks: {alt_text_form: {min: 5, max: 9}}",
     POST("text: x, media: [{file: a.png, alt: Lacs}, {file: b.png, alt: Le lac été}, {file: c.png, alt: Le lac !}]"),
     "x.yaml:1:1: warning: the alternative text of 'a.png' has 4 characters, the charter asks for 5 (media[0].alt); say more of what "
     "is to be seen\nx.yaml:1:1: warning: the alternative text of 'b.png' has 10 characters, the charter allows 9 (media[1].alt); keep to "
     "what matters, the rest belongs into the text", "lengths"},
    {"checks: {link_https: error}", POST("text: 'Voir http://example.org/a.', link: 'https://example.org'"),
     "x.yaml:1:1: 'http://example.org/a' is not encrypted; write https://, if the site has it", "https"},
    {"checks: {link_https: error}", POST("text: https://example.org/?u=http, link: 'https://example.org'"), "", "all well"},
    {"brand: {name: B, site: 'https://www.example.org'}\nchecks: {link_tracking: {parameters: [src]}}",
     POST("text: 'https://e.com/?a=b&fbclid=x#y', link: 'https://e.com/?utm_source=z', warning: 'https://example.org/?SRC=1'"),
     "x.yaml:1:1: warning: 'https://e.com/?a=b&fbclid=x#y' carries the tracking parameter 'fbclid'; take the parameter away\n"
     "x.yaml:1:1: warning: 'https://example.org/?SRC=1' carries the tracking parameter 'src' (warning); take the parameter away\n"
     "x.yaml:1:1: warning: 'https://e.com/?utm_source=z' carries the tracking parameter 'utm_…' (link); take the parameter away",
     "tracking"},
    {"brand: {name: B, site: 'https://www.example.org'}\nchecks: {link_tracking: error}",
     POST("text: 'https://example.org/?utm_source=z fbclid=1 https://e.com/?notfbclid=1#fbclid=1'"), "", "what is none"},
    {"brand: {name: B, site: 'https://example.org'}\nchecks: {link_campaign: {parameters: [utm_source, utm_id]}}",
     POST("text: 'https://blog.example.org/?utm_source=a', link: 'https://badexample.org/'"),
     "x.yaml:1:1: warning: 'https://blog.example.org/?utm_source=a' has no 'utm_id'; add it, so that visits can be told apart",
     "campaign parameters"},
    {"brand: {name: B, site: 'https://example.org'}\nchecks: {link_campaign: error}",
     POST("text: 'https://example.org/?utm_source=a&utm_medium=b&utm_campaign=c', link: 'https://e.com/'"), "", "all there"},
};

static void a_content_is_held_against_the_charter(void **state)
{
    (void)state;
    bool all = true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct house house = house_load(words[i].calendar);
        const struct charter *charter = charter_of(&house, words[i].charter);
        const struct target *target = &house.calendar->posts[0].targets[0];
        struct diag where = {.file = "x.yaml", .line = 1, .column = 1, .post = "a"};
        check_content(charter, target->account, target->contents[0], house.calendar->posts[0].bucket, NULL, &where,
                      &house.diags);
        all = house_agrees(&house.diags, words[i].findings, words[i].reason) && all;
        house_end(&house);
    }
    assert_true(all);
}

static void the_networks_own_limits_are_part_of_the_check(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_text(&text, "timezone: Europe/Paris\nposts:\n- {id: a, at: 2026-12-01 09:00, to: [mastodon], text: ");
    for (int i = 0; i < 501; i++)
        buf_add_char(&text, 'x');
    buf_add_text(&text, "}\n");
    struct house house = house_load(buf_text(&text));
    const struct charter *charter = charter_of(&house, "{}");
    const struct target *target = &house.calendar->posts[0].targets[0];
    check_content(charter, target->account, target->contents[0], NULL, NULL, NULL, &house.diags);
    assert_int_equal(house.diags.errors, 1);
    assert_non_null(strstr(house.diags.items[0].message, "501"));
    buf_release(&text);
    house_end(&house);
}

static const struct {
    const char *charter, *calendar, *in, *word, *reason;
    size_t start, end;
} places[] = {
    {"vocabulary: {forbidden: [pas cher]}", POST("text: Été pas  CHÈR !"), "text", "pas  CHÈR", "bytes, not characters",
     6, 16},
    {"vocabulary: {forbidden: [coeur]}", POST("text: \"ﬁn: 👩‍👩‍👧 e\\u0301 cœur\""), "text", "cœur",
     "what folding lengthens, shortens and takes away", 29, 34},
    {"vocabulary: {forbidden: [deux]}", POST("thread: [un, {text: x, media: [{file: a.png, alt: nos deux}]}]"),
     "thread[1].media[0].alt", "deux", "in a thread's image", 4, 8},
    {"vocabulary: {forbidden: [{pattern: '\\d+'}]}", POST("text: x, title: il y a 12 ans"), "title", "12", "patterns", 7, 9},
    {"voice: {exclamations: {max: 1}}", POST("text: Oui ! Ah !"), "text", "!", "the first too many", 9, 10},
    {"voice: {emoji: {max: 1}}", POST("text: \"☀️ 👩‍👩‍👧\""), "text", "👩‍👩‍👧", "a whole sequence", 7, 25},
    {"checks: {hashtags: {max: 1}}", POST("text: '#a #béb_1!'"), "text", "#béb_1", "a whole hashtag", 3, 10},
    {"voice: {address: vous}", POST("text: \"Été : c’est à toi\", language: fr"), "text", "toi", "after what folding shortens",
     19, 22},
    {"checks: {link_https: error}", POST("text: 'Là (http://e.org/a_b).'"), "text", "http://e.org/a_b", "without the bracket", 5,
     21},
    {"checks: {capitals: {max: 0}}", POST("text: 'Là, VENTE'"), "text", "VENTE", "a word", 5, 10},
    {"checks: {alt_text_form: error}", POST("text: x, media: [{file: b.png}, {file: a.png, alt: b}, {file: c.png, alt: Un chalet rouge}]"),
     "media[1].alt", "b", "the second image's", 0, 1},
    {"checks: {alt_text: error}", POST("text: x, media: [{file: a.png}]"), NULL, "a.png", "what is not there", 0, 0},
};

static void a_finding_names_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct house house = house_load(places[i].calendar);
        const struct charter *charter = charter_of(&house, places[i].charter);
        const struct target *target = &house.calendar->posts[0].targets[0];
        check_words(charter, target->account, target->contents[0], NULL, NULL, &house.diags);
        const struct diag *d = house.diags.items;
        assert_int_equal(house.diags.count, 1);
        if (!places[i].in)
            assert_null(d->in);
        else
            assert_string_equal(d->in, places[i].in);
        assert_string_equal(d->word, places[i].word);
        assert_int_equal(d->start, places[i].start);
        assert_int_equal(d->end, places[i].end);
        assert_string_equal(d->account, "mastodon");
        house_end(&house);
    }
}

/* ---- links that the charter finishes ---- */

#define SITE "brand: {name: B, site: 'https://www.example.org'}\nchecks: {link_campaign: "
#define ADD SITE "{add: {utm_source: '{account}', utm_campaign: '{campaign}'}}}"
#define CAMPAIGN "timezone: Europe/Paris\ncampaigns: {hiver: {}}\nposts:\n- {id: a, at: 2026-12-01 09:00, to: [mastodon], "

static const struct {
    const char *charter, *calendar, *link, *text, *reason;
} finished[] = {
    {ADD, CAMPAIGN "campaign: hiver, text: x, link: 'https://example.org/a'}\n",
     "https://example.org/a?utm_source=mastodon&utm_campaign=hiver", "x", "parameters are added to the link"},
    {ADD, CAMPAIGN "text: 'Voir (https://blog.example.org/b?c=d#e), puis http://e.com/.', link: 'https://e.com/'}\n", "https://e.com/",
     "Voir (https://blog.example.org/b?c=d&utm_source=mastodon#e), puis http://e.com/.", "and in texts, to the site alone"},
    {ADD, CAMPAIGN "text: x, link: 'https://example.org/?UTM_source=mine'}\n", "https://example.org/?UTM_source=mine", "x",
     "not twice, and not without a value"},
    {SITE "{add: {x: 'été {post}/{bucket}{network}'}}}", CAMPAIGN "text: x, bucket: b c, link: 'https://example.org/?'}\n",
     "https://example.org/?x=%C3%A9t%C3%A9%20a%2Fb%20cmastodon", "x", "values are encoded"},
    {SITE "{add: {x: y}, to: [feed]}}", CAMPAIGN "text: x, link: 'https://example.org/'}\n", "https://example.org/", "x",
     "for other accounts"},
    {SITE "[{level: off, to: [mastodon]}, {add: {x: y}}]}", CAMPAIGN "text: x, link: 'https://example.org/'}\n",
     "https://example.org/", "x", "switched off"},
    {"checks: {link_campaign: {add: {x: y}}}", CAMPAIGN "text: x, link: 'https://example.org/'}\n", "https://example.org/", "x",
     "without a site there is none of ours"},
};

static void links_to_the_site_get_the_charters_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof finished / sizeof *finished; i++) {
        struct house house = house_load(finished[i].calendar);
        const struct charter *charter = charter_of(&house, finished[i].charter);
        const struct post *post = &house.calendar->posts[0];
        const struct content *before = post->targets[0].contents[0];
        const struct content *after = link_add(charter, post, post->targets[0].account, before, house.arena);
        assert_string_equal(after->link, finished[i].link);
        assert_string_equal(after->parts[0].text, finished[i].text);
        bool same = !strcmp(before->link, after->link) && !strcmp(before->parts[0].text, after->parts[0].text);
        assert_true(same == (before == after));
        assert_ptr_equal(link_add(charter, post, post->targets[0].account, after, house.arena), after);
        house_end(&house);
    }
}

/* ---- times ---- */

static const char plan_of[] = "timezone: Europe/Paris\n"
                              "key_dates: [{date: 2026-12-24, name: Réveillon, silent: true}]\n"
                              "posts:\n"
                              "- {id: p1, at: 2026-12-01 09:00, to: [site], text: x}\n"
                              "- {id: p2, at: 2026-12-01 12:00, to: [site], text: x}\n"
                              "- {id: p3, at: 2026-12-02 12:00, to: [mastodon], text: x}\n";

static const struct {
    const char *charter, *at, *self, *findings, *reason;
} times[] = {
    {"{}", "2026-12-01T08:00:00Z", NULL, "", "no rule, no finding"},
    {"pace: {quiet: ['21:00-07:30']}", "2026-12-02T20:00:00Z", NULL,
     "21:00 is within the charter's quiet hours 21:00-07:30", "quiet from its first minute"},
    {"pace: {quiet: ['21:00-07:30']}", "2026-12-02T06:29:00Z", NULL,
     "07:29 is within the charter's quiet hours 21:00-07:30", "past midnight"},
    {"pace: {quiet: ['21:00-07:30']}", "2026-12-02T06:30:00Z", NULL, "", "until its last, exclusively"},
    {"pace: {quiet: ['12:00-14:00'], quiet_level: warning}", "2026-07-02T10:30:00Z", NULL,
     "warning: 12:30 is within the charter's quiet hours 12:00-14:00", "in summer time, and as a warning"},
    {"pace: {silent_days: [sun]}", "2026-12-05T23:30:00Z", NULL, "the charter keeps silent on Sundays (2026-12-06)",
     "days are civil days"},
    {"{}", "2026-12-24T11:00:00Z", NULL, "nothing is published on 2026-12-24: Réveillon", "silent key dates"},
    {"pace: {gap: {min: 2h}}", "2026-12-01T09:59:00Z", NULL, "less than 2h from 'p1' on the same account", "too soon after"},
    {"pace: {gap: {min: 1h}}", "2026-12-01T10:01:00Z", NULL, "less than 1h from 'p2' on the same account", "too soon before"},
    {"pace: {gap: {min: 1h}}", "2026-12-01T10:00:00Z", NULL, "", "just far enough from both"},
    {"pace: {gap: {min: 2h}}", "2026-12-01T08:30:00Z", "p1", "", "not from itself"},
    {"pace: {gap: {min: 2h}}", "2026-12-02T11:30:00Z", NULL, "", "another account's post is no neighbour"},
    {"pace: {per_day: {max: 2}}", "2026-12-01T20:00:00Z", NULL,
     "post number 3 of 2026-12-01 on 'site', the charter allows 2", "posts a day"},
    {"pace: {per_day: {max: 2}}", "2026-12-01T20:00:00Z", "p2", "", "itself does not count twice"},
    {"pace: {per_day: {max: 2}}", "2026-12-01T23:00:00Z", NULL, "", "the next civil day"},
    {"pace: {per_day: {max: 2}}\nnetworks: {feed: {per_day: {max: 3}}}", "2026-12-01T20:00:00Z", NULL, "",
     "a network's own"},
    {"pace: {gap: {min: 2h}}\nnetworks: {site: {gap: {min: 3h, level: warning}}, feed: {gap: {min: 1m}}}",
     "2026-12-01T09:59:00Z", NULL, "warning: less than 3h from 'p1' on the same account",
     "the account's own over its network's, with its level"},
};

static void a_time_is_held_against_the_pace(void **state)
{
    (void)state;
    bool all = true;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct house house = house_load(plan_of);
        const struct charter *charter = charter_of(&house, times[i].charter);
        const struct post **unplaced;
        size_t count, unplaced_count;
        struct planned *planned = plan(house.calendar, 0, 0, INSTANT_NEVER, NULL, 0, house.arena, &count, &unplaced,
                                       &unplaced_count);
        struct proposal proposal = {.account = &house_accounts[0], .self = times[i].self, .at = house_time(times[i].at)};
        check_time(charter, house.calendar, &proposal, planned, count, NULL, &house.diags);
        all = house_agrees(&house.diags, times[i].findings, times[i].reason) && all;
        house_end(&house);
    }
    assert_true(all);
}

static void of_a_crowd_only_what_is_too_many_is_told(void **state)
{
    (void)state;
    struct house house = house_load("timezone: Europe/Paris\n"
                                    "slots: {night: {days: [mon], at: '23:00', to: [site]}}\n"
                                    "key_dates: [{date: 2026-12-02, name: Foire, cover: true}]\nposts:\n"
                                    "- {id: p1, at: 2026-12-01 09:00, to: [site], text: x}\n"
                                    "- {id: p2, at: 2026-12-01 12:00, to: [site], text: x}\n"
                                    "- {id: p3, at: 2026-12-01 12:30, to: [site], text: x}\n");
    const struct charter *charter =
        charter_of(&house, "pace: {per_day: {max: 2}, gap: {min: 1h, level: warning}, quiet: ['22:00-06:00']}");
    instant from = house_time("2026-11-30T00:00:00Z"), until = house_time("2026-12-30T00:00:00Z");
    const struct post **unplaced;
    size_t count, unplaced_count;
    struct planned *planned = plan(house.calendar, from, from, until, NULL, 0, house.arena, &count, &unplaced,
                                   &unplaced_count);
    struct plan_view view = {charter, house.calendar, planned, count, from, until, NULL, 0};
    check_plan(&view, RECURRING_REFUSED, &house.diags);
    diags_sort(&house.diags);
    house_expect(&house.diags,
                 "a.yaml:2:9: 23:00 is within the charter's quiet hours 22:00-06:00\n"
                 "a.yaml:3:13: warning: no post on 2026-12-02: Foire\n"
                 "a.yaml:7:3: warning: less than 1h from 'p2' on the same account\n"
                 "a.yaml:7:3: post number 3 of 2026-12-01 on 'site', the charter allows 2", "a plan");
    house_end(&house);
}

static const char recurring[] = "timezone: Europe/Paris\n"
                                "slots: {night: {days: [mon], at: '23:00', to: [site]}}\n"
                                "series: [{id: s, rrule: FREQ=DAILY, at: '08:30', to: [site], text: x}]\n"
                                "posts:\n- {id: p, at: 2026-12-02 09:00, to: [site], text: x}\n"
                                "- {id: q, slot: night, text: x}\n";

/* A post that was accepted must not be refused when the horizon brings a series' occurrence near it. */
static void a_series_gives_way_and_what_recurs_is_held_where_it_is_run(void **state)
{
    (void)state;
    struct house house = house_load(recurring);
    const struct charter *charter = charter_of(&house, "pace: {gap: {min: 1h}, quiet: ['22:00-06:00']}");
    instant from = house_time("2026-11-30T00:00:00Z"), until = house_time("2026-12-04T00:00:00Z");
    const struct post **unplaced;
    size_t count, unplaced_count, against = 0;
    struct planned *planned = plan(house.calendar, from, from, until, NULL, 0, house.arena, &count, &unplaced,
                                   &unplaced_count);
    for (size_t i = 0; i < count; i++) {
        const char *why = check_recurring(charter, house.calendar, planned, count, i, house.arena);
        if (!strcmp(planned[i].post_id, "s@2026-12-02"))
            assert_string_equal(why, "less than 1h from 'p' on the same account");
        if (!strcmp(planned[i].post_id, "q"))
            assert_string_equal(why, "23:00 is within the charter's quiet hours 22:00-06:00");
        against += why != NULL;
    }
    assert_int_equal(against, 2);
    struct plan_view view = {charter, house.calendar, planned, count, from, until, NULL, 0};
    check_plan(&view, RECURRING_HELD, &house.diags);
    diags_sort(&house.diags);
    house_expect(&house.diags,
                 "a.yaml:2:9: warning: 23:00 is within the charter's quiet hours 22:00-06:00; what falls there is held\n"
                 "a.yaml:3:10: warning: less than 1h from 'p' on the same account; it is held", "what is run");
    house.diags = diags_in(house.arena);
    check_plan(&view, RECURRING_REFUSED, &house.diags);
    assert_int_equal(house.diags.errors, 2);
    house_end(&house);
}

/* ---- a plan as a whole: from 2026-12-01 to 2026-12-31, in winter time ---- */

#define AT_(id, day, fields) "- {id: " id ", at: 2026-12-" day ", to: [site], " fields "}\n"
#define HEAD "timezone: Europe/Paris\n"
#define PROMO(id, day) AT_(id, day, "bucket: promo, text: " id)
#define OTHER(id, day) AT_(id, day, "text: " id)
#define FIVE OTHER("a", "02 09:00") OTHER("b", "03 09:00") OTHER("c", "04 09:00") OTHER("d", "05 09:00")
#define LONG_TEXT "La neige est tombée toute la nuit sur le chalet et la trace est à refaire"

static const struct {
    const char *charter, *calendar, *findings, *reason;
} plans[] = {
    {"mix: {promo: {max: 20%}}", HEAD "posts:\n" FIVE PROMO("p", "06 09:00") PROMO("q", "07 09:00"),
     "a.yaml:8:3: warning: 2 of 6 posts in 30d are 'promo', the charter allows 20%; plan less of it, or more of the rest",
     "the share of a bucket"},
    {"mix: {promo: {max: 20%}}", HEAD "posts:\n" FIVE PROMO("p", "06 09:00") "- {id: q, at: 2027-01-05 09:00, to: [site, "
     "mastodon], bucket: promo, text: q}\n", "", "the window moves, a post counts once"},
    {"mix: {promo: {max: 20%}}", HEAD "posts:\n" PROMO("p", "06 09:00") PROMO("q", "07 09:00"), "",
     "two posts say nothing of shares"},
    {"mix: {promo: {max: 0%}}\nchecks: {mix: error}", HEAD "posts:\n" PROMO("p", "06 09:00"),
     "a.yaml:3:3: 1 of 1 posts in 30d are 'promo', the charter allows 0%; plan less of it, or more of the rest", "none at all"},
    {"mix: {promo: {min: 25%, over: 2 weeks}}", HEAD "posts:\n" FIVE, "", "what is not written yet is not missing"},
    {"mix: {promo: {min: 25%, over: 2 weeks}}", HEAD "posts:\n" FIVE OTHER("z", "15 01:00"),
     "charter.yaml:1:7: warning: 0 of 4 posts in the 14d from 2026-12-01 are 'promo', the charter asks for 25%; plan more of it",
     "at least"},
    {"mix: {promo: {min: 25%, over: 2 weeks}}", HEAD "posts:\n" FIVE PROMO("p", "06 09:00") PROMO("q", "07 09:00") OTHER("z", "15 01:00"),
     "", "enough"},
    {"checks: {near_duplicate: error}", HEAD "posts:\n" AT_("a", "02 09:00", "text: " LONG_TEXT)
     AT_("b", "20 09:00", "text: 'La NEIGE est tombee toute la nuit sur le chalet, et la trace est à refaire !'"),
     "a.yaml:4:3: 100% the same as 'a' of 2026-12-02 09:00, on the same account; say something new, or leave more time "
     "between them", "near-duplicates"},
    {"checks: {near_duplicate: error}", HEAD "posts:\n" AT_("a", "02 09:00", "text: " LONG_TEXT)
     AT_("b", "20 09:00", "text: La neige est tombée toute la nuit sur le village; la route est fermée"), "",
     "not alike enough"},
    {"checks: {near_duplicate: {alike: 30%}}", HEAD "posts:\n" AT_("a", "02 09:00", "text: " LONG_TEXT)
     AT_("b", "20 09:00", "text: La neige est tombée toute la nuit sur le village; la route est fermée"),
     "a.yaml:4:3: warning: 36% the same as 'a' of 2026-12-02 09:00, on the same account; say something new, or leave more "
     "time between them", "as the charter says"},
    {"checks: {near_duplicate: {within: 17d}}", HEAD "posts:\n" AT_("a", "02 09:00", "text: " LONG_TEXT)
     AT_("b", "20 09:00", "text: " LONG_TEXT), "", "long enough ago"},
    {"checks: {near_duplicate: error}", HEAD "posts:\n" AT_("a", "02 09:00", "text: " LONG_TEXT)
     "- {id: b, at: 2026-12-03 09:00, to: [mastodon], text: " LONG_TEXT "}\n", "", "another account"},
    {"checks: {near_duplicate: error}", HEAD "series:\n- {id: s, rrule: FREQ=WEEKLY;BYDAY=FR, at: '17:00', to: [site], text: "
     LONG_TEXT "}\n", "", "a series repeats itself"},
    {"checks: {near_duplicate: error}", HEAD "posts:\n- {id: a, at: 2026-11-28 09:00, to: [site], text: " LONG_TEXT "}\n"
     AT_("b", "02 09:00", "text: " LONG_TEXT),
     "a.yaml:4:3: 100% the same as 'a' of 2026-11-28 09:00, on the same account; say something new, or leave more time "
     "between them", "of what is out already"},
    {"checks: {collision: error}", HEAD "posts:\n" OTHER("a", "02 09:00") OTHER("b", "02 09:00"),
     "a.yaml:4:3: collides with 'a' of 2026-12-02 09:00 on 'site'; move one of them", "two at once"},
    {"checks: {collision: error}", HEAD "posts:\n" OTHER("a", "02 09:00") OTHER("b", "02 09:01"), "", "a minute later"},
    {"checks: {collision: {within: 15m, to: [mastodon]}}", HEAD "posts:\n" OTHER("a", "02 09:00") OTHER("b", "02 09:01")
     "- {id: c, at: 2026-12-02 09:10, to: [mastodon], text: c}\n", "", "on another account"},
    {"checks: {account_silence: {within: 20d, to: [site]}}", HEAD "posts:\n" OTHER("a", "02 09:00") OTHER("b", "29 09:00"),
     "a.yaml:4:3: warning: nothing on 'site' for 27d, until 2026-12-29 09:00; the charter allows 20d; plan something in "
     "between, or give the account up", "an account left alone"},
    {"checks: {account_silence: {within: 28d, to: [site]}}", HEAD "posts:\n" OTHER("a", "02 09:00") OTHER("b", "29 09:00"), "",
     "not for too long"},
    {"checks: {account_silence: {within: 20d, to: [feed]}}", HEAD "posts: []\n",
     "charter.yaml:1:27: warning: nothing on 'site' for 21d, until 2026-12-22 01:00; the charter allows 20d; plan something in "
     "between, or give the account up", "for ever"},
    {"checks: {account_silence: {within: 20d}}", HEAD "posts:\n" OTHER("a", "02 09:00"), "", "there is time to write more"},
    {"checks: {empty_slot: warning}", HEAD "slots: {lundi: {days: [mon], at: '09:00', to: [site]}}\n"
     "posts: [{id: a, slot: lundi, text: a}]\n",
     "a.yaml:2:9: warning: slot 'lundi' has no post for 1 of its next 2 times, the first on 2026-12-14 09:00; write something "
     "for it, or give the slot up", "a slot that stays empty"},
    {"checks: {empty_slot: {within: 10d}}", HEAD "slots: {lundi: {days: [mon], at: '09:00', to: [site]}}\n"
     "posts: [{id: a, slot: lundi, text: a}]\n", "", "not so soon"},
    {"checks: {empty_slot: warning}", HEAD "slots: {lundi: {days: [mon], at: '09:00', to: [site]}}\n"
     "key_dates: [{date: 2026-12-14, name: deuil, silent: true}]\nposts: [{id: a, slot: lundi, text: a}]\n", "",
     "a silent day has no slot"},
    {"{}", HEAD "key_dates: [{date: 2026-12-20, name: Noël des enfants, lead: 7d}]\nposts:\n"
     AT_("a", "14 09:00", "text: a, covers: Noël des enfants"),
     "a.yaml:2:13: warning: no post covers 'Noël des enfants' 7d before 2026-12-20; plan one, and let it say 'covers'",
     "announced too late"},
    {"{}", HEAD "key_dates: [{date: 2026-12-20, name: Noël des enfants, lead: 7d}]\nposts:\n"
     AT_("a", "12 09:00", "text: a, covers: Noël des enfants"), "", "announced in time"},
    {"checks: {no_cover: off}", HEAD "key_dates: [{date: 2026-12-20, name: Foire, cover: true}]\n", "", "nobody wants to know"},
    {"{}", HEAD "campaigns: {refuge: {embargo: 2026-12-10 08:00, words: [refuge du lac]}}\nposts:\n"
     AT_("a", "09 09:00", "text: a, campaign: refuge") AT_("b", "10 07:59", "text: Le REFUGE du lac")
     AT_("c", "10 08:00", "text: Le refuge du lac, campaign: refuge") AT_("d", "09 09:00", "text: Un refuge"),
     "a.yaml:4:3: campaign 'refuge' is under embargo until 2026-12-10 08:00; move it behind, or say nothing of it\n"
     "a.yaml:5:3: campaign 'refuge' is under embargo until 2026-12-10 08:00; move it behind, or say nothing of it",
     "an embargo, by campaign and by words"},
    {"{}", HEAD "campaigns: {refuge: {embargo: 2026-12-10 08:00}}\n"
     "series: [{id: s, rrule: FREQ=WEEKLY;BYDAY=WE, at: '09:00', to: [site], text: s, campaign: refuge}]\n",
     "a.yaml:3:10: campaign 'refuge' is under embargo until 2026-12-10 08:00; move it behind, or say nothing of it",
     "a series too"},
    {"{}", HEAD "campaigns: {refuge: {embargo: 2026-12-10 08:00}}\nslots: {lundi: {days: [mon], at: '09:00', to: [site]}}\n"
     "posts: [{id: s, slot: lundi, text: s, campaign: refuge}, {id: t, slot: lundi, text: t, campaign: refuge}]\n",
     "a.yaml:4:9: campaign 'refuge' is under embargo until 2026-12-10 08:00; move it behind, or say nothing of it",
     "the next free time of a slot too"},
    {"checks: {campaign_closing: error}", HEAD "campaigns: {refuge: {}}\nposts:\n" AT_("a", "09 09:00", "text: a, campaign: refuge"),
     "a.yaml:2:13: campaign 'refuge' has no closing post; plan one that says how it went, with 'closing: true'", "no end"},
    {"checks: {campaign_closing: error}", HEAD "campaigns: {refuge: {}, vide: {}}\nposts:\n"
     AT_("a", "09 09:00", "text: a, campaign: refuge, closing: true") AT_("b", "10 09:00", "text: b, campaign: refuge"),
     "a.yaml:5:3: comes after 'a', which closes campaign 'refuge'; move it before, or let it be the closing one", "after the end"},
    {"checks: {campaign_closing: error}", HEAD "campaigns: {refuge: {}}\nposts:\n"
     AT_("a", "09 09:00", "text: a, campaign: refuge") AT_("b", "10 09:00", "text: b, campaign: refuge, closing: true"), "",
     "an end"},
    {"budget: {per_month: 100}\nchecks: {budget: error}", HEAD "posts:\n"
     "- {id: z, at: 2026-11-30 09:00, to: [site], text: z, cost: 90}\n"
     AT_("a", "02 09:00", "text: a, cost: 60") "- {id: b, at: 2026-12-03 09:00, to: [site, mastodon], text: b, cost: 40}\n"
     AT_("c", "04 09:00", "text: c, cost: 1") AT_("d", "05 09:00", "text: d, cost: 1")
     "- {id: e, at: 2027-01-01 09:00, to: [site], text: e, cost: 100}\n",
     "a.yaml:6:3: with this post 2026-12 costs 101, the budget is 100; spend less, or move it to another month",
     "a month overspent, told once; a post costs once"},
    {"budget: {campaigns: {refuge: 100}}", HEAD "campaigns: {refuge: {}}\nposts:\n"
     "- {id: z, at: 2026-06-30 09:00, to: [site], text: z, cost: 90, campaign: refuge}\n"
     AT_("a", "02 09:00", "text: a, campaign: refuge, cost: 11"),
     "a.yaml:2:13: warning: campaign 'refuge' costs 101, the budget is 100; spend less on it, or raise the budget",
     "a campaign overspent"},
    {"budget: {campaigns: {refuge: 100}}", HEAD "campaigns: {refuge: {}}\nposts:\n"
     AT_("a", "02 09:00", "text: a, campaign: refuge, cost: 100") AT_("b", "03 09:00", "text: b, cost: 50"), "",
     "within its budget"},
    {"budget: {campaigns: {refuges: 100}}", HEAD "campaigns: {refuge: {}}\n",
     "charter.yaml:1:22: warning: a budget for campaign 'refuges', which the calendar does not have; name one of the "
     "calendar's", "a campaign of another name"},
};

static struct plan_view view_of(struct house *house, const struct charter *charter)
{
    static const struct account *const accounts[] = {&house_accounts[0]};
    struct plan_view view = {.charter = charter, .calendar = house->calendar, .from = house_time("2026-12-01T00:00:00Z"),
                             .until = house_time("2026-12-31T00:00:00Z"), .accounts = accounts, .account_count = 1};
    const struct post **unplaced;
    size_t unplaced_count;
    view.planned = plan(house->calendar, view.from, view.from - check_looks_back(charter, house->calendar), view.until,
                        NULL, 0, house->arena, &view.planned_count, &unplaced, &unplaced_count);
    return view;
}

static void a_plan_is_held_against_the_charter(void **state)
{
    (void)state;
    bool all = true;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        struct house house = house_load(plans[i].calendar);
        house_expect(&house.diags, "", plans[i].reason);
        const struct charter *charter = charter_of(&house, plans[i].charter);
        struct plan_view view = view_of(&house, charter);
        check_plan(&view, RECURRING_REFUSED, &house.diags);
        diags_sort(&house.diags);
        all = house_agrees(&house.diags, plans[i].findings, plans[i].reason) && all;
        house_end(&house);
    }
    assert_true(all);
}

/* What comes about as time goes on must not stop a daemon that reads its documents again. */
static void of_a_plan_that_runs_only_what_was_written_down_is_an_error(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "posts:\n" AT_("a", "02 09:00", "text: " LONG_TEXT) AT_("b", "03 09:00", "text: "
                                    LONG_TEXT) AT_("c", "18 17:00", "text: c") "series:\n"
                                    "- {id: s, rrule: FREQ=WEEKLY;BYDAY=FR, at: '17:00', to: [site], text: s}\n");
    const struct charter *charter = charter_of(
        &house, "mix: {promo: {min: 10%}}\nchecks: {near_duplicate: error, collision: error, mix: error}");
    struct plan_view view = view_of(&house, charter);
    check_plan(&view, RECURRING_REFUSED, &house.diags);
    assert_int_equal(house.diags.errors, 2);
    house.diags = diags_in(house.arena);
    check_plan(&view, RECURRING_HELD, &house.diags);
    assert_int_equal(house.diags.errors, 1);
    assert_int_equal(house.diags.warnings, 1);
    house_end(&house);
}

static void the_share_of_a_bucket_counts_a_post_that_is_added(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "posts:\n" FIVE PROMO("p", "06 09:00"));
    const struct charter *charter = charter_of(&house, "mix: {promo: {max: 20%}}");
    struct plan_view view = view_of(&house, charter);
    struct proposal proposal = {.account = &house_accounts[0], .bucket = "promo", .self = "q",
                                .at = house_time("2026-12-08T09:00:00Z")};
    check_mix_of(charter, &proposal, view.planned, view.planned_count, NULL, &house.diags);
    house_expect(&house.diags, "warning: 2 of 6 posts in 30d are 'promo', the charter allows 20%; plan less of it, or more of "
                 "the rest", "one more");
    house.diags = diags_in(house.arena);
    proposal.self = "p";
    check_mix_of(charter, &proposal, view.planned, view.planned_count, NULL, &house.diags);
    house_expect(&house.diags, "", "itself, moved");
    assert_true(check_mix_reach(charter, "promo") == DAYS(30));
    assert_true(check_mix_reach(charter, "news") == 0);
    house_end(&house);
}

static void a_post_that_is_added_is_compared_with_those_before_and_after(void **state)
{
    (void)state;
    struct house house = house_load(HEAD "posts:\n" AT_("a", "10 09:00", "text: " LONG_TEXT));
    const struct charter *charter = charter_of(&house, "checks: {near_duplicate: {within: 5d}, collision: warning}");
    struct plan_view view = view_of(&house, charter);
    static const struct {
        const char *at, *self;
        size_t findings;
    } tries[] = {{"2026-12-12T09:00:00Z", "b", 1}, {"2026-12-08T09:00:00Z", "b", 1}, {"2026-12-16T09:00:00Z", "b", 0},
                 {"2026-12-10T08:00:00Z", "b", 2}, {"2026-12-12T09:00:00Z", "a", 0}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct proposal proposal = {.account = &house_accounts[0], .content = view.planned[0].content,
                                    .self = tries[i].self, .at = house_time(tries[i].at)};
        house.diags = diags_in(house.arena);
        check_time(charter, house.calendar, &proposal, view.planned, view.planned_count, NULL, &house.diags);
        assert_int_equal(house.diags.warnings, tries[i].findings);
    }
    house.diags = diags_in(house.arena);
    assert_true(check_reach(charter, &house_accounts[0], NULL) == DAYS(5));
    assert_true(check_reach(charter_of(&house, "checks: {near_duplicate: error}"), &house_accounts[0], NULL) == DAYS(30));
    assert_true(check_reach(charter_of(&house, "checks: {collision: error}"), &house_accounts[0], NULL) == MINUTES(1));
    assert_true(check_reach(charter_of(&house, "{}"), &house_accounts[0], NULL) <= 0);
    house_end(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_content_is_held_against_the_charter),
        cmocka_unit_test(a_finding_names_its_place),
        cmocka_unit_test(links_to_the_site_get_the_charters_parameters),
        cmocka_unit_test(the_networks_own_limits_are_part_of_the_check),
        cmocka_unit_test(a_time_is_held_against_the_pace),
        cmocka_unit_test(of_a_crowd_only_what_is_too_many_is_told),
        cmocka_unit_test(a_plan_is_held_against_the_charter),
        cmocka_unit_test(of_a_plan_that_runs_only_what_was_written_down_is_an_error),
        cmocka_unit_test(the_share_of_a_bucket_counts_a_post_that_is_added),
        cmocka_unit_test(a_post_that_is_added_is_compared_with_those_before_and_after),
        cmocka_unit_test(a_series_gives_way_and_what_recurs_is_held_where_it_is_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
