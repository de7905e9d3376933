/* See import_columns.h. What a cell of a column may say is import_row.c's. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/import_columns.h"
#include "editorial/fold.h"

/* The first name of a kind is the one to use; the others are as tools write them. */
static const struct {
    const char *names; /* as compared, separated by blanks */
    enum column_kind kind;
} table[] = {
    {"id postid externalid reference", COLUMN_ID},
    {"text message messagetext post posttext postcontent content caption copy tweet texte contenu legende",
     COLUMN_TEXT},
    {"thread", COLUMN_THREAD},
    {"date at postingtime scheduledat scheduleat scheduledtime scheduletime scheduleddate scheduledate "
     "schedule "
     "postatspecifictime publishat publishdate publishtime publicationdate publishingtime publishingdate "
     "postdate "
     "posttime datetime dateandtime dateheure dateethere dateetheure datedepublication sendat jour",
     COLUMN_DATE},
    {"time time24hr hour heure horaire", COLUMN_TIME},
    {"slot", COLUMN_SLOT},
    {"account accounts to profile profiles socialprofile socialprofiles channel channels page pages platform "
     "platforms "
     "network networks socialnetwork socialnetworks socialaccount socialaccounts compte comptes reseau "
     "reseaux reseausocial",
     COLUMN_ACCOUNTS},
    {"link links url urls linkurl posturl ogmetaurl lien liens", COLUMN_LINK},
    {"media image images imageurl imageurls imagelink mediaurl mediaurls mediafile mediapath mediapaths "
     "picture pictures "
     "pictureurl pictureurls "
     "photo photos photourl photourls gif gifurl gifurls attachment attachments visuel visuels",
     COLUMN_MEDIA},
    {"alt alttext alttexts alttextpicture alttextimage imagealttext alternativetext imagedescription "
     "textealternatif",
     COLUMN_ALT},
    {"title titre posttitle headline", COLUMN_TITLE},
    {"bucket", COLUMN_BUCKET},
    {"label labels tag tags category categories contentcategory postcategory queue etiquette etiquettes "
     "categorie rubrique",
     COLUMN_LABELS},
    {"campaign campagne", COLUMN_CAMPAIGN},
    {"cost cout", COLUMN_COST},
    {"language langue lang", COLUMN_LANGUAGE},
    {"warning contentwarning spoilertext cw", COLUMN_WARNING},
    {"visibility visibilite", COLUMN_VISIBILITY},
    {"summary excerpt resume", COLUMN_SUMMARY},
    {"slug", COLUMN_SLUG},
    {"body article", COLUMN_BODY},
    {"blogtags", COLUMN_TAGS},
    {"blogcategories", COLUMN_CATEGORIES},
    {"draft isdraft brouillon", COLUMN_DRAFT},
    {"state status statut etat", COLUMN_STATE},
    {"publishedat publishedurl editedat deletedat statemessage", COLUMN_REPORT},
    {"comment comments firstcomment firstcommenttext followupcomment commentaire premiercommentaire",
     COLUMN_COMMENT},
    {"video videos videourl videourls videofile videothumbnailurl videocoverframe", COLUMN_VIDEO},
    {"boardname board pinboard pinboardfbalbumorgooglecategory pinterestboard pinterestboardid postsubtype "
     "posttype type "
     "cta calltoaction reminder location shortener watermark",
     COLUMN_FOREIGN},
};

static const char networks[] =
    "facebook twitter x linkedin gbp googlebusiness googlebusinessprofile googlemybusiness "
    "instagram pinterest tiktok youtube threads telegram reddit tumblr snapchat vk "
    "mastodon bluesky wordpress medium discord slack";

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(words, word); length && at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

/* "Media URL(s) - Separated by comma" → "mediaurl". */
static char *key_of(const char *header, struct arena *arena)
{
    char *key = arena_strdup(arena, fold_text(header, arena)), *out = key;
    char *explained = strstr(key, " - ");
    if (explained && explained > key)
        *explained = '\0';
    for (const char *in = key; *in; in++) {
        if (*in == '(') { /* "(s)", and what explains */
            size_t length = strcspn(in, ")");
            in += in[length] ? length : length - 1;
        } else if (isalnum((unsigned char)*in) || (unsigned char)*in >= 0x80) {
            *out++ = *in;
        }
    }
    *out = '\0';
    return key;
}

static enum column_kind kind_of(const char *key)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (has_word(table[i].names, key))
            return table[i].kind;
    return COLUMN_UNKNOWN;
}

struct column_name column_name(const char *header, struct arena *arena)
{
    char *key = key_of(header, arena);
    struct column_name name = {.key = key, .kind = kind_of(key)};
    size_t length = strlen(key), digits = 0;
    while (digits < length && isdigit((unsigned char)key[length - 1 - digits]))
        digits++;
    if (name.kind == COLUMN_UNKNOWN && digits && digits < 3 && digits < length) {
        const char *stem = arena_strndup(arena, key, length - digits);
        name.kind = kind_of(stem);
        name.number = name.kind == COLUMN_UNKNOWN ? 0 : (unsigned)atoi(key + length - digits);
    }
    if (name.kind == COLUMN_UNKNOWN && column_is_network(key))
        name.kind = COLUMN_SWITCH;
    return name;
}

bool column_is_network(const char *key)
{
    return has_word(networks, key);
}

/* ---- words ---- */

static const struct {
    const char *word;
    enum column_kind kind;
} words[] = {
    {"id", COLUMN_ID},
    {"text", COLUMN_TEXT},
    {"thread", COLUMN_THREAD},
    {"date", COLUMN_DATE},
    {"time", COLUMN_TIME},
    {"slot", COLUMN_SLOT},
    {"account", COLUMN_ACCOUNTS},
    {"link", COLUMN_LINK},
    {"media", COLUMN_MEDIA},
    {"alt", COLUMN_ALT},
    {"title", COLUMN_TITLE},
    {"bucket", COLUMN_BUCKET},
    {"labels", COLUMN_LABELS},
    {"campaign", COLUMN_CAMPAIGN},
    {"cost", COLUMN_COST},
    {"language", COLUMN_LANGUAGE},
    {"warning", COLUMN_WARNING},
    {"visibility", COLUMN_VISIBILITY},
    {"summary", COLUMN_SUMMARY},
    {"slug", COLUMN_SLUG},
    {"body", COLUMN_BODY},
    {"blog_tags", COLUMN_TAGS},
    {"blog_categories", COLUMN_CATEGORIES},
    {"draft", COLUMN_DRAFT},
    {"state", COLUMN_STATE},
    {"-", COLUMN_SKIPPED},
};

const char *column_word(enum column_kind kind)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].kind == kind)
            return words[i].word;
    return NULL;
}

enum column_kind column_of_word(const char *word, struct arena *arena)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].word, word))
            return words[i].kind;
    enum column_kind kind = column_name(word, arena).kind;
    return column_word(kind) ? kind : COLUMN_UNKNOWN;
}

const char *column_words(struct arena *arena)
{
    const char *all = "";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        all = arena_printf(arena, "%s%s%s", all, i ? ", " : "", words[i].word);
    return all;
}
