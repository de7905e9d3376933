/* The table of commands. What each does is in the file named in commands.h. */
#include <string.h>

#include "cli/commands.h"

#define OPTIONS(list) .options = (list), .option_count = sizeof(list) / sizeof *(list)

#define STATE_WORDS "draft held ready waiting sending unsure published refused missed cancelled"
#define STATES "=" STATE_WORDS
#define EVENTS "=refused unsure held missed gave-up reconnect expires failing documents crisis"
#define KINDS "=delivery approval override account documents trust crisis deletion edit"
#define IMPORT_FIELDS "text, date, time, account, link, media, alt, title, labels, …"
#define SEPARATORS "=comma semicolon tab"
#define SPANS                                                                                                \
    "=today yesterday tomorrow last-week this-week next-week last-month this-month next-month this-year"
#define VISIBILITIES "=public unlisted followers direct"

static const struct option_spec global[] = {
    {"config", 'c', "FILE", false, COMPLETE_FILES, "cald.yaml (default: $CALD_CONFIG, ./cald.yaml, /etc/cald/cald.yaml)"},
    {"socket", 0, "PATH", false, COMPLETE_FILES, "the daemon's Unix socket (default: as cald.yaml says)"},
    {"url", 0, "URL", false, NULL, "talk to the daemon over TCP"},
    {"token-file", 0, "FILE", false, COMPLETE_FILES, "the bearer token for --url, mode 0600"},
    {"json", 'j', NULL, false, NULL, "JSON instead of text"},
    {"color", 0, "WHEN", false, "=auto always never", "auto (default), always or never"},
    {"no-color", 0, NULL, false, NULL, "no colours"},
    {"help", 'h', NULL, false, NULL, "this text"},
    {"version", 'V', NULL, false, NULL, "the version"},
};

#define CONTENT_OPTIONS                                                                                      \
    {"file", 'f', "FILE", false, COMPLETE_FILES, "read the text from a file, '-' is standard input"},        \
        {"thread", 0, "TEXT", true, NULL, "a further post of a thread"},                                     \
        {"media", 'm', "FILE", true, COMPLETE_FILES, "an image, video or PDF to go with it"},                \
        {"alt", 0, "TEXT", true, NULL, "what the image or video before it shows, for who cannot see it"},    \
        {"link", 'l', "URL", false, NULL, "a link that belongs to it"},                                      \
        {"title", 0, "TEXT", false, NULL, "a title, for blogs and feeds"},                                   \
        {"body-file", 0, "FILE", false, COMPLETE_FILES,                                                      \
         "the long form, Markdown; it shows images of --media by their paths"},                              \
        {"summary", 0, "TEXT", false, NULL, "a short form of the body"},                                     \
        {"language", 0, "CODE", false, NULL, "its language, such as fr"},                                    \
        {"warning", 0, "TEXT", false, NULL, "a content warning"},                                            \
        {"visibility", 0, "WHO", false, VISIBILITIES, "public, unlisted, followers or direct"},              \
        {"tag", 0, "TAG", true, "=", "a tag, for blogs and feeds"},                                          \
    {                                                                                                        \
        "category", 0, "NAME", true, "=", "a category, for blogs"                                            \
    }

/* Kept in the audit trail, and shown beside the post for ever. */
#define OVERRIDE_OPTIONS                                                                                     \
    {"override", 0, "RULE", true, "=all", "although this rule of the charter objects, such as alt-text; or all"}, \
    {"why", 'w', "REASON", false, NULL, "why that is right, with --override; shown beside the post for ever"}

static const struct option_spec add_options[] = {
    {"to", 't', "ACCOUNT", true, COMPLETE_ACCOUNTS, "where it is published"},
    {"at", 'a', "TIME", false, NULL, "\"now\" (default), \"in 2h\", \"tomorrow 9:00\", \"next slot\", 2026-12-01T09:00"},
    CONTENT_OPTIONS,
    {"bucket", 'b', "NAME", false, NULL, "its content category"},
    {"id", 0, "ID", false, NULL, "a name for it (default: made up)"},
    {"draft", 'd', NULL, false, NULL, "keep it as a draft until 'calctl approve'"},
    {"publish-late", 0, NULL, false, NULL, "missed, it is published however late it is"},
    {"dry-run", 'n', NULL, false, NULL, "check it and say when it would appear; nothing is queued"},
    {"from", 0, "FILE", false, COMPLETE_FILES, "many posts at once, JSON lines or a list; '-' is standard input"},
    {"key", 0, "KEY", false, NULL, "with --from: a name for the call; the same again adds what is missing, nothing twice"},
    OVERRIDE_OPTIONS,
};

static const struct option_spec login_options[] = {
    {"stdin", 0, NULL, false, NULL, "read the secret, the code or the address from standard input, for scripts"},
    {"browser", 0, NULL, false, NULL, "a browser on this machine comes back to calctl (default: where there is a display)"},
    {"no-browser", 0, NULL, false, NULL, "it does not: paste"},
    {"timeout", 0, "TIME", false, NULL, "how long to wait (15m)"},
};

static const struct option_spec edit_options[] = {
    {"account", 0, "ACCOUNT", false, COMPLETE_ACCOUNTS, "only what goes to this account"},
    {"text", 0, "TEXT", false, NULL, "the new text (default: $EDITOR)"},
    {"part", 0, "N", false, NULL, "of a thread: only this part's text"},
    CONTENT_OPTIONS,
    {"at", 'a', "TIME", false, NULL, "a new time"},
    {"dry-run", 'n', NULL, false, NULL, "check and show it as the networks would; nothing is changed"},
    {"yes", 'y', NULL, false, NULL, "also on the networks where it is published; do not ask"},
    {"publish-late", 0, NULL, false, NULL, "missed, it is published however late it is"},
    {"no-publish-late", 0, NULL, false, NULL, "missed, it follows the policy of its account or calendar"},
    {"if-match", 0, "ETAG", false, NULL, "only if it is still this version"},
    OVERRIDE_OPTIONS,
};

#define DURING                                                                                               \
    {                                                                                                        \
        "during", 0, "SPAN", false, SPANS, "a whole day, week, month or year: today, \"last week\", 2026-W48, december, 2026-12" \
    }

#define FILTER_OPTIONS                                                                                       \
    {"account", 't', "ACCOUNT", true, COMPLETE_ACCOUNTS, "only these accounts"},                             \
    {"network", 0, "NAME", true, COMPLETE_NETWORKS, "only these networks"},                                  \
    {"state", 's', "STATE", true, STATES, "only these of " STATE_WORDS " (default: what is still to come)"}, \
    {"all", 0, NULL, false, NULL, "every state and time"},                                                   \
    {"bucket", 'b', "NAME", false, NULL, "only this bucket"},                                                \
    {"series", 0, "ID", false, NULL, "only this series"},                                                    \
    {"campaign", 0, "NAME", false, NULL, "only this campaign of the calendar"},                              \
    {"from", 0, "TIME", false, NULL, "not before, such as 2026-12-01, monday or \"today 8:00\""},            \
    {"until", 0, "TIME", false, NULL, "before"},                                                             \
    DURING,                                                                                                  \
    {"text", 0, "WORD", false, NULL, "only with this in the text"},                                          \
    {"reverse", 'r', NULL, false, NULL, "the latest first"}

static const struct option_spec list_options[] = {
    FILTER_OPTIONS,
    {"waiting-for", 0, "WHO", false, "=me author editor admin", "only what waits for approval by me, a role, or a person by name; me: also what came back"},
    {"limit", 0, "N", false, NULL, "at most so many (default 100)"},
};

static const struct option_spec import_options[] = {
    {"write", 'w', NULL, false, NULL, "write it, as import-….yaml in the directory that 'calendar' names, or beside cald.yaml"},
    {"output", 'o', "FILE", false, COMPLETE_FILES, "write it to this file; '-': only show the YAML"},
    {"replace", 0, "FILE", false, COMPLETE_FILES, "in the place of what an earlier import wrote to this file, if it is there"},
    {"to", 't', "ACCOUNT", true, COMPLETE_ACCOUNTS, "where rows go that name no account"},
    {"map", 'm', "NAME=ACCOUNT", true, NULL, "what an account or network is called in the file; 'NAME=' leaves it out"},
    {"column", 0, "NAME=FIELD", true, NULL, "what a column is: " IMPORT_FIELDS "; '-' leaves it out"},
    {"columns", 0, "FIELDS", true, "=", "the file has no header: what its columns are, in their order"},
    {"date-format", 0, "ORDER", false, "=dmy mdy ymd", "which number comes first in dates such as 3/4/2026"},
    {"time", 0, "TIME", false, NULL, "for dates without a time, such as 09:00"},
    {"slot", 0, "NAME", false, COMPLETE_SLOTS, "for rows without a date (default: the first of their accounts' that is free)"},
    {"media-folder", 0, "FOLDER", false, COMPLETE_FILES, "images are in this folder of the media root, by the last part of their names"},
    {"skip-past", 0, NULL, false, NULL, "leave out rows whose time is past"},
    {"separator", 0, "NAME", false, SEPARATORS, "comma, semicolon or tab (default: as in the first row)"},
};

static const struct option_spec export_options[] = {
    {"format", 'f', "FORMAT", false, "=csv json ics", "csv (default), json or ics (iCalendar)"},
    {"output", 'o', "FILE", false, COMPLETE_FILES, "into a file, which is whole or not there (default: standard output)"},
    FILTER_OPTIONS,
    {"limit", 0, "N", false, NULL, "at most so many (default: all)"},
    {"separator", 0, "NAME", false, SEPARATORS, "of csv: comma (default), semicolon or tab"},
    {"bom", 0, NULL, false, NULL, "of csv: begin with a byte order mark, by which Excel knows UTF-8"},
};

static const struct option_spec account_only[] = {
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only the delivery to this account"},
};

static const struct option_spec judged_options[] = { /* what is held against the charter again */
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only the delivery to this account"},
    {"if-match", 0, "ETAG", false, NULL, "only if it is still this version"},
    OVERRIDE_OPTIONS,
};

#define TIME_OPTIONS                                                                                         \
    {"at", 'a', "TIME", false, NULL, "at another time, such as \"tomorrow 9:00\" or \"next slot\""},          \
    {"now", 0, NULL, false, NULL, "at once"}

static const struct option_spec submit_options[] = {
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only the delivery to this account"},
    TIME_OPTIONS,
    {"why", 'w', "REASON", false, NULL, "for the history"},
    {"if-match", 0, "ETAG", false, NULL, "only if it is still this version"},
};

static const struct option_spec approve_options[] = {
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only the delivery to this account"},
    TIME_OPTIONS,
    {"if-match", 0, "ETAG", false, NULL, "only if it is still this version"},
    OVERRIDE_OPTIONS,
};

static const struct option_spec why_options[] = {
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only the delivery to this account"},
    {"why", 'w', "REASON", false, NULL, "for the history"},
    {"if-match", 0, "ETAG", false, NULL, "only if it is still this version"},
};

static const struct option_spec delete_options[] = {
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only on this account's network"},
    {"why", 'w', "REASON", false, NULL, "for the history"},
    {"yes", 'y', NULL, false, NULL, "do not ask"},
    {"if-match", 0, "ETAG", false, NULL, "only if it is still this version"},
};

static const struct option_spec pause_options[] = {
    {"why", 'w', "REASON", false, NULL, "for the history, and for who looks"},
};

static const struct option_spec resume_options[] = {
    {"clock", 0, NULL, false, NULL, "the clock is right, whatever was stored while it was wrong"},
    {"restored", 0, NULL, false, NULL, "the database that was put back or copied is the one to go on with"},
};

static const struct option_spec crisis_options[] = {
    {"why", 'w', "REASON", false, NULL, "of start (needed) and end: for the audit trail, and for who looks"},
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only this account"},
    {"to", 0, "ACCOUNT", true, COMPLETE_ACCOUNTS, "of statement: only to these (default: all that can take it)"},
    {"rule", 'r', "RULE", false, "=keep move drop", "of end: what becomes of what fell due (default: keep, which holds it)"},
    {"keep", 0, "ID", true, COMPLETE_POSTS, "of end: these keep their time; held if it has passed"},
    {"move", 0, "ID", true, COMPLETE_POSTS, "of end: these take the next free time"},
    {"drop", 0, "ID", true, COMPLETE_POSTS, "of end: these are cancelled"},
    {"dry-run", 'n', NULL, false, NULL, "of end and statement: say what would become of everything; nothing is changed"},
    {"override", 0, "RULE", true, "=all", "of release: although this rule of the charter objects; or all"},
};

static const struct option_spec resolve_options[] = {
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only the delivery to this account"},
    {"published", 0, "[URL]", false, NULL, "it is there, at this address; an e-mail has none"},
    {"not-published", 0, NULL, false, NULL, "it is not there: publish it"},
};

static const struct option_spec history_options[] = {
    {"diff", 0, NULL, false, NULL, "what was changed of a post, before and after"},
    {"limit", 0, "N", false, NULL, "at most so many lines (default 50)"},
};

static const struct option_spec alerts_options[] = {
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only of this account"},
    {"event", 'e', "EVENT", false, EVENTS, "only this kind, such as refused or reconnect"},
    {"from", 0, "TIME", false, NULL, "not before, such as 2026-12-01, monday or \"today 8:00\""},
    {"until", 0, "TIME", false, NULL, "before"},
    DURING,
    {"untold", 'u', NULL, false, NULL, "only what nobody has been told yet"},
    {"limit", 0, "N", false, NULL, "at most so many (default 100)"},
    {"cursor", 0, "CURSOR", false, NULL, "the page after the one that ended with it"},
};

static const struct option_spec audit_options[] = {
    {"post", 'p', "ID", false, COMPLETE_POSTS, "only of this post"},
    {"account", 't', "ACCOUNT", false, COMPLETE_ACCOUNTS, "only of this account"},
    {"who", 0, "WHO", false, NULL, "only by this one: a user or a token, such as anna; file, cald; or as it is shown"},
    {"kind", 'k', "KIND", false, KINDS, "only this kind, such as approval or override"},
    {"since", 0, "TIME", false, NULL, "not before, such as 2026-12-01, monday or \"today 8:00\""},
    {"until", 0, "TIME", false, NULL, "before"},
    DURING,
    {"limit", 0, "N", false, NULL, "at most so many (default: 50 shown, all exported)"},
    {"csv", 0, NULL, false, NULL, "as CSV, the oldest first"},
    {"contains", 0, "HASH", false, NULL, "of verify: some entry must have this hash, which you kept elsewhere"},
};

static const struct option_spec accounts_options[] = {
    {"check", 0, NULL, false, NULL, "ask each network whether the credentials work"},
};

static const struct option_spec slots_options[] = {
    {"slot", 0, "NAME", false, COMPLETE_SLOTS, "only this slot"},
    {"from", 0, "TIME", false, NULL, "not before (default: now)"},
    {"until", 0, "TIME", false, NULL, "before"},
    DURING,
    {"limit", 0, "N", false, NULL, "at most so many (default 20)"},
};

static const struct option_spec preview_options[] = {
    {"account", 't', "ACCOUNT", true, COMPLETE_ACCOUNTS, "only on these accounts (default: where it goes; of a text: all)"},
};

static const struct option_spec check_options[] = {
    {"online", 'o', NULL, false, NULL, "ask the network whether links answer and mentions exist, where the charter wants it"},
};

static const struct option_spec when_options[] = {
    {"zone", 'z', "ZONE", false, COMPLETE_ZONES, "IANA zone, such as Europe/Paris (default: the calendar's)"},
    {"start", 0, "TIME", false, NULL, "first local time, such as 2026-03-27T02:30"},
    {"rrule", 0, "RULE", false, NULL, "RFC 5545 rule, such as 'FREQ=WEEKLY;BYDAY=FR'"},
    {"exdate", 0, "TIME", true, NULL, "a local time or date that is left out"},
    {"count", 0, "N", false, NULL, "at most so many (default 10 of an endless rule)"},
};

static const struct option_spec simulate_options[] = {
    {"until", 'u', "TIME", false, NULL, "before, such as 2027-03-28 or \"in 90d\""},
    {"from", 0, "TIME", false, NULL, "as if it began then (default: now)"},
    {"account", 't', "ACCOUNT", true, COMPLETE_ACCOUNTS, "show only these accounts"},
    {"fate", 0, "FATE", true, "=published held missed draft unplaced", "show only what comes to this"},
    {"away", 0, "TIMES", true, "=", "nothing can be published then: FROM/UNTIL, or ACCOUNT=FROM/UNTIL"},
    {"takes", 0, "DURATION", false, NULL, "how long a network takes to answer (default: no time)"},
};

static const struct option_spec measure_options[] = {
    {"network", 0, "NAME", false, COMPLETE_NETWORKS, "whose way of counting"},
    {"limit", 0, "N", false, NULL, "another limit than the network's"},
};

static const struct option_spec plan_options[] = {
    {"git", 0, "REV", false, NULL, "compare with the files of this revision, such as HEAD or main~3"},
    {"limit", 0, "N", false, NULL, "list at most so many changes (default 1000)"},
    {"exit-zero", 0, NULL, false, NULL, "0, not 2, when there is something to apply: for scripts that stop at anything else"},
};

static const struct option_spec apply_options[] = {
    {"yes", 'y', NULL, false, NULL, "without PLAN: do not ask"},
    {"limit", 0, "N", false, NULL, "without PLAN: show at most so many changes (default 1000)"},
};

static const struct option_spec token_options[] = {
    {"role", 0, "ROLE", false, "=viewer author editor admin", "what it may do: viewer (default), author, editor or admin"},
    {"expires", 0, "DATE", false, NULL, "the day after which it does not work any more"},
};

static const struct command commands[] = {
    {"add", "[TEXT]", "Queue a spontaneous post",
     "The text is the argument, --file, standard input, or what you write in $EDITOR. Prints where it will appear\n"
     "and when. The charter is checked as for the calendar.\n\n"
     "  calctl add --to mastodon,bluesky 'Il neige !'\n"
     "  calctl add --to blog --at 'next slot' --title Ouverture --body-file ouverture.md\n"
     "  calctl add --to mastodon --media chalet.jpg --alt 'Le chalet sous la neige' 'Ouvert !'\n\n"
     "With --from up to 10,000 posts come from a file, a JSON object on each line (or a JSON array of them), with the members\n"
     "that the API knows: to, at, text, id, … Each is judged as if those before it were queued; all of them come in, or none,\n"
     "and everything that is wrong is named with its line. Images are files of the media root.\n\n"
     "  printf '%s\\n' '{\"to\": [\"site\"], \"at\": \"2026-12-01 09:00\", \"text\": \"Ouvert !\"}' | calctl add --from -\n",
     0, 1, NULL, OPTIONS(add_options), command_add},
    {"list", "", "List what is queued, waiting and published",
     "Without filters: everything that is still to come or needs somebody. Filters add up.\n", 0, 0, NULL,
     OPTIONS(list_options), command_list},
    {"show", "ID…", "Show posts with all they hold", "ID is a post (all its accounts) or POST/ACCOUNT.\n", 1, -1,
     COMPLETE_POSTS, NULL, 0, command_show},
    {"explain", "ID…", "Why a post is where it is, what comes next, what you can do",
     "ID is a post (all its accounts) or POST/ACCOUNT. Says who put it there and why, what stands in its way, what\n"
     "the charter of today has against it, what happens by itself and when, and the commands that change it. Of a series it\n"
     "says which silent key dates leave it out.\n",
     1, -1, COMPLETE_POSTS, OPTIONS(account_only), command_explain},
    {"edit", "ID", "Change a post, before or after it was published",
     "Without an option the text is opened in $EDITOR. A change of a post from the calendar holds until its entry\n"
     "in the file changes.\n\n"
     "What is published is changed on its network, where that has edits: shown and asked first, or with --yes. The new\n"
     "words are checked as if they were not out yet. cald then tells the network, and again until it says so or a person\n"
     "is told why not; 'calctl show ID' says how far it is. Who read it before has read it, and some networks show that\n"
     "it was edited. Images and videos stay; networks.md has what can be changed where. It takes the role editor,\n"
     "and where the charter wants new words approved, who may approve them.\n\n"
     "  calctl edit ouverture-hiver --account mastodon --text 'La saison est ouverte !'\n"
     "  calctl edit ouverture-hiver --part 2 --dry-run\n",
     1, 1, COMPLETE_POSTS, OPTIONS(edit_options), command_edit},
    {"move", "ID TIME", "Move a post to another time", "TIME as for 'calctl add --at'.\n", 2, 2, COMPLETE_POSTS,
     OPTIONS(judged_options), command_move},
    {"cancel", "ID…", "Cancel posts that have not been sent",
     "'calctl retry' takes it back, 'calctl move' with another time. What is published: 'calctl delete'.\n", 1, -1,
     COMPLETE_POSTS, OPTIONS(why_options), command_cancel},
    {"delete", "ID…", "Delete published posts on their networks",
     "Of what is out already; 'calctl cancel' is for what has not been sent. Asks first; nobody there to ask: --yes. cald then\n"
     "tells the network, a thread's last part first, and again until it is gone there or a person is told why not; 'calctl\n"
     "show ID' says how far it is. It cannot be undone from here, and what others copied or quoted stays. In cald the post\n"
     "stays as published, with the time at which it was deleted. Also in a crisis, and where the account is paused. What\n"
     "can be deleted on which network has networks.md. It takes the role editor. Likewise what is out of a thread that was\n"
     "refused or cancelled half way; nobody goes on with that thread afterwards.\n\n"
     "  calctl delete ouverture-hiver --account mastodon --why 'wrong price'\n",
     1, -1, COMPLETE_POSTS, OPTIONS(delete_options), command_delete},
    {"now", "ID…", "Publish posts at once", NULL, 1, -1, COMPLETE_POSTS, OPTIONS(judged_options), command_now},
    {"retry", "ID…", "Try again what was refused, missed, cancelled or waits", NULL, 1, -1, COMPLETE_POSTS,
     OPTIONS(judged_options), command_retry},
    {"resolve", "ID", "Say what became of an unsure post",
     "A post is unsure when its request left and no answer came, and the network has no means to find out.\n"
     "Look where 'calctl show ID' says, then:\n\n"
     "  calctl resolve ID --published https://…   it is there\n"
     "  calctl resolve ID --not-published         it is not: publish it\n",
     1, 1, COMPLETE_POSTS, OPTIONS(resolve_options), command_resolve},
    {"submit", "ID…", "Hand drafts in for approval",
     "Whom they wait for then is the charter's to say: 'approval' in charter.yaml(5).\n", 1, -1, COMPLETE_POSTS,
     OPTIONS(submit_options), command_submit},
    {"approve", "ID…", "Approve what waits for it",
     "An approval is of exactly what the post says now; --if-match makes sure that it is what you looked at. When the\n"
     "last one that it needs is there, it goes out at its time. Once that has passed, say another: --at or --now.\n\n"
     "  calctl list --waiting-for me\n", 1, -1, COMPLETE_POSTS, OPTIONS(approve_options), command_approve},
    {"reject", "ID…", "Give posts back to their author, with the reason", NULL, 1, -1, COMPLETE_POSTS,
     OPTIONS(why_options), command_reject},
    {"unapprove", "ID…", "Take an approval back: posts are drafts again", NULL, 1, -1, COMPLETE_POSTS,
     OPTIONS(why_options), command_unapprove},
    {"hold", "ID…", "Hold posts back", NULL, 1, -1, COMPLETE_POSTS, OPTIONS(why_options), command_hold},
    {"release", "ID…", "Let held posts go", NULL, 1, -1, COMPLETE_POSTS, OPTIONS(judged_options), command_release},
    {"pause", "[ACCOUNT…]", "Publish nothing any more, on these accounts or at all",
     "What falls due meanwhile follows the policy for late posts when it is resumed: never a burst.\n", 0, -1,
     COMPLETE_ACCOUNTS, OPTIONS(pause_options), command_pause},
    {"resume", "[ACCOUNT…]", "Publish again",
     "When 'calctl status' says that nothing is published because the clock cannot be right, or because the database\n"
     "was put back or copied, the options say that it may go on. With --restored what is overdue is held: it may be\n"
     "published already; release or cancel it when you have looked.\n",
     0, -1, COMPLETE_ACCOUNTS, OPTIONS(resume_options), command_resume},
    {"crisis", "[start|release ID…|statement|end]", "Publish nothing but what is let go, and the way back",
     "Without a word: whether there is one, what is let go, what waits, whom to call. Exit status 6 while there is one.\n\n"
     "  calctl crisis start --why 'an accident'   nothing leaves any more; what is being sent right now is named\n"
     "  calctl crisis statement                   publishes the charter's crisis statement at once\n"
     "  calctl crisis release ID…                 this goes out all the same, at its time or, if that is past, at once;\n"
     "                                            'calctl hold ID' takes that back\n"
     "  calctl crisis end --rule move             what is ahead keeps its time; what fell due is moved to the next free\n"
     "                                            times (or, by rule: dropped, or held for you); --keep, --move and --drop\n"
     "                                            decide for single posts\n\n"
     "Nothing overdue ever goes out by itself. A restart does not end a crisis, and neither does 'calctl resume'.\n",
     0, -1, "=start release statement end", OPTIONS(crisis_options), command_crisis},
    {"history", "[ID]", "What happened to a post, or to all",
     "ID is a post (all its accounts) or POST/ACCOUNT. With --diff: what was changed of it, by whom and when, the words, the\n"
     "time and whatever else it is that went (-) and came (+), the newest changes last.\n",
     0, 1, COMPLETE_POSTS, OPTIONS(history_options),
     command_history},
    {"status", "[FILE…]", "Is all well, what comes next, what needs somebody",
     "With FILEs (the cald.yaml, or the socket, of each brand's daemon) a line for each, and what needs somebody there:\n\n"
     "  calctl status /etc/cald/*/cald.yaml\n\n"
     "Exit status 0: healthy and nothing waits for a person; 6: something does; 3: cald, or one of several, does not\n"
     "answer.\n", 0, -1, COMPLETE_FILES, NULL, 0, command_status},
    {"alerts", "", "What needed a person, and who was told",
     "The newest first. TOLD says which ways of the hook 'on_failure' (cald.yaml) have taken it and which have not yet.\n"
     "Kept for 90 days. What keeps everything from being published is in 'calctl status'.\n",
     0, 0, NULL, OPTIONS(alerts_options), command_alerts},
    {"audit", "[verify [FILE]]", "Who changed what, when, from where and why",
     "The newest first; with --json (a JSON object a line) or --csv the oldest first, to keep.\n\n"
     "Each entry carries the hash of the one before. 'calctl audit verify' reads them all and says whether one was\n"
     "changed, taken out or put in between: those of the daemon, or of FILE, which is a database (STATE/cald.db, a\n"
     "backup) or what 'calctl audit --json' printed; no daemon is needed for a file. What is cut off at the end shows only\n"
     "if you kept the hash of an entry elsewhere: --contains. Exit status 1 when the trail is not whole.\n",
     0, 2, "=verify", OPTIONS(audit_options), command_audit},
    {"backup", "FILE", "A copy of the queue with its history, while cald runs",
     "FILE ('-': standard output) is a whole SQLite database, as of one moment, for its owner alone; one that is there is not\n"
     "overwritten. It holds what your documents do not: what went out, what waits, who did what. Images that came with\n"
     "'calctl add' are files in STATE/media that never change: copy that folder along. Documents and secrets are yours.\n\n"
     "To go back, or to move: stop cald, put FILE into an empty state directory as cald.db, start cald. It holds\n"
     "everything, because it cannot know what was published since; look at what is due, then 'calctl resume --restored'.\n",
     1, 1, COMPLETE_FILES, NULL, 0, command_backup},
    {"campaigns", "", "What campaigns and months cost, against the charter's budget",
     "COST is what is planned, SPENT what of it is out. A post counts once, to however many accounts it goes; what was\n"
     "cancelled, missed or refused does not. 'calctl list --campaign NAME' shows the posts of one.\n",
     0, 0, NULL, NULL, 0, command_campaigns},
    {"accounts", "[ACCOUNT…]", "Accounts and how they are", NULL, 0, -1, COMPLETE_ACCOUNTS, OPTIONS(accounts_options),
     command_accounts},
    {"login", "ACCOUNT", "Give an account its credentials",
     "Asks for what the network wants: a token, key or password that you made there (typed without being shown), or your\n"
     "consent in a browser. Where a browser is on this machine calctl waits for it to come back; over ssh open the address\n"
     "anywhere, and paste the address where the browser ends, or the code. cald asks the network whose the credentials\n"
     "are, and only then stores them where cald.yaml says, readable by cald alone; the old ones are used until then. Posts\n"
     "that waited go on. Permissions that are missing are named, where the network tells. It takes the role admin.\n\n"
     "  calctl login mastodon\n"
     "  calctl login bluesky --stdin < password\n\n"
     "Exit status: 0 logged in, 1 not, 6 logged in with fewer permissions than asked.\n",
     1, 1, COMPLETE_ACCOUNTS, OPTIONS(login_options), command_login},
    {"logout", "ACCOUNT", "Forget an account's credentials",
     "Removes what 'calctl login' stored, and tells the network where it can be told. Its posts wait for the next login.\n"
     "It takes the role admin.\n",
     1, 1, COMPLETE_ACCOUNTS, NULL, 0, command_logout},
    {"slots", "", "The next publication times, free and taken", NULL, 0, 0, NULL, OPTIONS(slots_options),
     command_slots},
    {"import", "FILE", "Posts of a spreadsheet or another scheduler, as calendar YAML",
     "FILE ('-': standard input) is CSV: UTF-8, with ',' ';' or tabs, and a header whose names are known, as those of Buffer,\n"
     "Publer, Metricool, SocialBee, HighLevel, Sprout Social, Vista Social, Ayrshare, or of 'calctl export'; Hootsuite's has\n"
     "none: --columns date,text,link. Without the daemon. Shows what would be written, what that would change, and every\n"
     "finding of your charter and networks, by line and column of FILE. With one error nothing is written, and without\n"
     "--write or --output nothing either.\n\n"
     "Dates are 2026-12-01, with a time in the calendar's zone or with an offset; 3/4/2026 only with --date-format. A row\n"
     "without a date takes the next free slot of its accounts. Images are files beneath the media root, never addresses.\n"
     "Labels become the bucket. What a calendar cannot hold is a warning. A row that was imported before is left out; so is\n"
     "what another tool says is published.\n\n"
     "Who keeps the plan in the spreadsheet says --replace: what the file does not have any more is cancelled. A row with an\n"
     "id is the same post whatever changes in it; without one, a changed row is another post.\n\n"
     "  calctl import plan.csv --replace calendar.d/plan.yaml --write\n"
     "  calctl import plan.csv --to mastodon --date-format dmy\n"
     "  calctl import metricool.csv --map 'LinkedIn=' --media-folder images --write\n\n"
     "Exit status: 0 fine, 1 findings that block, 2 usage.\n",
     1, 1, COMPLETE_FILES, OPTIONS(import_options), command_import},
    {"export", "", "What list shows, as CSV, JSON or iCalendar",
     "Filters as for 'calctl list'; one row, object or event a delivery, in pages, so that there may be 100,000. CSV is\n"
     "RFC 4180 in UTF-8; columns are called as 'calctl import' knows them, and gives the same texts back. A cell that a\n"
     "spreadsheet would take for a formula (it begins with = + - @ or a tab) has a \"'\" in front, which import takes off.\n"
     "Lists are separated by ', ' (texts of images by ' || ') or, where that is in one of them, JSON; threads are JSON.\n\n"
     "  calctl export --all > posts.csv\n"
     "  calctl export --separator semicolon --bom -o plan.csv --from 2026-12-01   # for a French Excel\n"
     "  calctl export --format ics --account mastodon -o mastodon.ics\n",
     0, 0, NULL, OPTIONS(export_options), command_export},
    {"ics", "", "The calendar as iCalendar, for another calendar program", NULL, 0, 0, NULL, NULL, 0, command_ics},
    {"check", "[FILE…]", "Check calendar, charter and settings, without the daemon",
     "Without FILE: cald.yaml and all it names. Exit status 1 when anything is wrong: fit for a git hook. A note says what is\n"
     "right and perhaps not meant: series leave out silent key dates.\n\n"
     "With --online the charter's rules 'link_reachable' and 'mention_exists' are looked at too, of all that is still to\n"
     "come: each link's server gets a request from here. What cannot be told, the net being down for one, is a warning.\n",
     0, -1, COMPLETE_FILES, OPTIONS(check_options), command_check},
    {"preview", "POST|FILE|-", "A post as each network will show and count it",
     "The text as it is sent, how long it is there, what is taken for a link, a mention or a hashtag and what each counts,\n"
     "where the limit cuts it, the parts of a thread, images and videos with their size and alternative text, and every finding.\n\n"
     "  calctl preview ouverture-printemps             of the calendar: without the daemon\n"
     "  echo 'Il neige !' | calctl preview - -t bluesky      a text; or a post as JSON, as the API takes it\n\n"
     "What only the queue has is asked from the daemon. Exit status 1 when a finding is an error.\n",
     1, 1, COMPLETE_POSTS, OPTIONS(preview_options), command_preview},
    {"when", "", "When a rule or a local time falls",
     "  calctl when --zone Europe/Paris --start 2026-03-27T02:30 --rrule 'FREQ=DAILY;COUNT=4'\n", 0, 0, NULL,
     OPTIONS(when_options), command_when},
    {"simulate", "", "What would be published when, in virtual time",
     "Without the daemon, by its own rules: calendar, charter, slots, pace, quiet hours, late policy, distances between\n"
     "posts, changes of hour. Networks are taken to answer at once; what they limit themselves is not known here.\n\n"
     "  calctl simulate --until 2027-03-31\n"
     "  calctl simulate --until 'in 30d' --away '2026-12-24 18:00/2026-12-26' --fate held,missed\n\n"
     "Exit status: 0 all would go out, 1 the documents have errors, 6 something would be held or missed.\n",
     0, 0, NULL, OPTIONS(simulate_options), command_simulate},
    {"measure", "", "How a network counts texts, and what it sees in them",
     "Texts come from standard input: all of it is one text; with --json each line is a JSON string.\n", 0, 0, NULL,
     OPTIONS(measure_options), command_measure},
    {"plan", "", "What the documents on disk would add, change, move and cancel",
     "Asks the daemon, which knows the queue, and changes nothing. --git compares the files with an earlier revision\n"
     "instead, without the daemon.\n\n"
     "Exit status: 0 nothing to apply, 1 findings that block, 2 something to apply (as infrastructure tools have it; with\n"
     "--exit-zero 0), others as always. A wrong option is 2 as well, and then nothing is written to standard output.\n",
     0, 0, NULL, OPTIONS(plan_options), command_plan},
    {"apply", "[PLAN]", "Do exactly what a plan says",
     "PLAN is the name that 'calctl plan' gave. When the queue or the files moved meanwhile nothing is applied (exit\n"
     "status 5). Without PLAN: shows the plan of now, and asks. 'apply' in cald.yaml(5) says whether saved files wait\n"
     "for this.\n",
     0, 1, "=", OPTIONS(apply_options), command_apply},
    {"reload", "", "Load the documents again, and say what changed", NULL, 0, 0, NULL, NULL, 0, command_reload},
    {"token", "NAME", "Make a bearer token for the TCP listener",
     "Prints the token, once, and the line for the tokens file (cald.yaml, 'control: tokens'), which holds only its hash.\n", 1,
     1, NULL, OPTIONS(token_options), command_token},
    {"completion", "SHELL", "Completion for bash, zsh or fish", "  source <(calctl completion bash)\n", 1, 1,
     "=bash zsh fish", NULL, 0, command_completion},
    {"complete", "KIND", "Words for the completion scripts", NULL, 1, 1, "=posts accounts networks zones slots", NULL, 0,
     command_complete},
};

const struct command *command_table(size_t *ret_count)
{
    *ret_count = sizeof commands / sizeof *commands;
    return commands;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

const struct option_spec *global_options(size_t *ret_count)
{
    *ret_count = sizeof global / sizeof *global;
    return global;
}
