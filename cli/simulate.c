/* simulate: what would be published when, in virtual time, without a daemon: by the planner and rules of the
 * daemon. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/objection.h"
#include "cli/render.h"
#include "documents.h"
#include "editorial/simulate.h"
#include "editorial/when.h"

struct play {
    struct cli *cli;
    struct documents *documents;
    struct simulation wish;
    struct simulated *items;
    size_t count;
    size_t fates[SIMULATED_FATES];
    struct diags notes; /* of the whole span, which is another than the horizon */
};

/* ---- times ---- */

static bool read_time(const struct play *play, const char *what, const char *text, instant *ret_at)
{
    const struct zone *zone = play->documents->calendar->zone;
    struct error err = {""};
    if (when_parse_bound(text, clock_now(), zone, ret_at, &err))
        return true;
    cli_fail(EXIT_USAGE, "%s takes a time such as 2027-03-28 or 'in 90d': %s", what, err.message);
    return false;
}

/* "FROM/UNTIL", or "ACCOUNT=FROM/UNTIL". */
static bool read_absence(struct play *play, const char *text, struct absence *ret_absence)
{
    struct arena *arena = play->cli->arena;
    const char *slash = strchr(text, '/'), *equals = strchr(text, '=');
    const char *from = equals && (!slash || equals < slash) ? equals + 1 : text;
    if (!slash) {
        cli_fail(EXIT_USAGE, "--away takes FROM/UNTIL or ACCOUNT=FROM/UNTIL, not '%s'", text);
        return false;
    }
    *ret_absence = (struct absence){
        .account = from == text ? NULL : arena_strndup(arena, text, (size_t)(equals - text))};
    if (ret_absence->account && !settings_account(play->documents->settings, ret_absence->account)) {
        cli_fail(EXIT_NOT_FOUND, "no account '%s' in cald.yaml", ret_absence->account);
        return false;
    }
    return read_time(play, "--away", arena_strndup(arena, from, (size_t)(slash - from)),
                     &ret_absence->from) &&
           read_time(play, "--away", slash + 1, &ret_absence->until);
}

static bool read_absences(struct play *play)
{
    size_t count;
    const char *const *texts = cli_options(play->cli, "away", &count);
    struct absence *absences = arena_alloc_array(play->cli->arena, count + 1, sizeof *absences);
    for (size_t i = 0; i < count; i++)
        if (!read_absence(play, texts[i], &absences[i]))
            return false;
    play->wish.absences = absences;
    play->wish.absence_count = count;
    return true;
}

static bool read_wish(struct play *play)
{
    struct simulation *wish = &play->wish;
    const char *takes = cli_option(play->cli, "takes"), *from = cli_option(play->cli, "from");
    if (takes && (!duration_parse(takes, &wish->takes) || wish->takes > HOURS(1)))
        return cli_fail(EXIT_USAGE, "--takes takes a duration up to 1h such as 2s, not '%s'", takes) == 0;
    if ((from && !read_time(play, "--from", from, &wish->from)) ||
        !read_time(play, "--until", cli_option(play->cli, "until"), &wish->until) || !read_absences(play))
        return false;
    return wish->until > wish->from || cli_fail(EXIT_USAGE, "--until is not after --from, or is past") == 0;
}

/* ---- running ---- */

static void take_accounts(struct play *play)
{
    const struct settings *settings = play->documents->settings;
    struct simulated_account *accounts =
        arena_alloc_array(play->cli->arena, settings->account_count + 1, sizeof *accounts);
    for (size_t i = 0; i < settings->account_count; i++) {
        const struct settings_account *a = &settings->accounts[i];
        accounts[i] = (struct simulated_account){&a->account, a->late, a->spacing, a->parallel};
    }
    play->wish.accounts = accounts;
    play->wish.account_count = settings->account_count;
}

static void run(struct play *play)
{
    play->wish.calendar = play->documents->calendar;
    play->wish.charter = play->documents->charter;
    take_accounts(play);
    play->items = simulate(&play->wish, play->cli->arena, &play->count);
    for (size_t i = 0; i < play->count; i++)
        play->fates[play->items[i].fate]++;
    play->notes = diags_in(play->cli->arena);
    plan_note_left_out(play->wish.calendar, play->wish.from, play->wish.until, &play->notes);
}

/* ---- telling ---- */

static const char *local_of(const struct play *play, instant at)
{
    const struct zone *zone = play->documents->calendar->zone;
    char civil_text[32], offset[16];
    struct civil civil = zone_civil(zone, at);
    return arena_printf(play->cli->arena, "%s%s", civil_format(&civil, civil_text, sizeof civil_text),
                        offset_format(zone_offset(zone, at), offset));
}

static bool goes_to(const struct simulated *item, const char *account)
{
    if (item->planned)
        return !strcmp(account, item->planned->account->name);
    for (size_t i = 0; i < item->post->target_count; i++)
        if (!strcmp(account, item->post->targets[i].account->name))
            return true;
    return false;
}

static bool is_wanted(const struct play *play, const struct simulated *item)
{
    size_t accounts, fates;
    const char *const *account = cli_options(play->cli, "account", &accounts);
    const char *const *fate = cli_options(play->cli, "fate", &fates);
    bool here = accounts == 0, so = fates == 0;
    for (size_t i = 0; i < accounts; i++)
        here = here || goes_to(item, account[i]);
    for (size_t i = 0; i < fates; i++)
        so = so || !strcmp(fate[i], simulated_fate_name(item->fate));
    return here && so;
}

static void set_time(const struct play *play, json_t *object, const char *name, const char *local, instant at)
{
    char text[INSTANT_TEXT];
    json_set(object, name, at ? json_string(instant_format(at, text, sizeof text)) : json_null());
    json_set(object, local, at ? json_string(local_of(play, at)) : json_null());
}

static json_t *item_to_json(const struct play *play, const struct simulated *item)
{
    const struct planned *p = item->planned;
    json_t *object = json_object();
    json_set_text(object, "post", p ? p->post_id : item->post->id);
    json_set(object, "account", p ? json_string(p->account->name) : json_null());
    json_set_text(object, "fate", simulated_fate_name(item->fate));
    set_time(play, object, "slot", "slot_local", p ? p->slot : 0);
    set_time(play, object, "at", "local", item->at);
    json_set(object, "why", item->why ? json_string(item->why) : json_null());
    json_set(object, "source", json_sprintf("%s:%u", item->post->position.file, item->post->position.line));
    return object;
}

static json_t *counts_to_json(const struct play *play)
{
    json_t *counts = json_object();
    for (int fate = 0; fate < SIMULATED_FATES; fate++)
        json_set_number(counts, simulated_fate_name((enum simulated_fate)fate), (int64_t)play->fates[fate]);
    return counts;
}

static void print_json(const struct play *play)
{
    const struct diags *diags = &play->documents->diags;
    json_t *all = json_in_arena(play->cli->arena, json_object()), *items = json_array();
    for (size_t i = 0; i < play->count; i++)
        if (is_wanted(play, &play->items[i]))
            json_array_append_new(items, item_to_json(play, &play->items[i]));
    set_time(play, all, "from", "from_local", play->wish.from);
    set_time(play, all, "until", "until_local", play->wish.until);
    json_set(all, "counts", counts_to_json(play));
    json_set(all, "items", items);
    json_set(all, "errors", diags_to_json(diags, DIAG_ERROR));
    json_set(all, "warnings", diags_to_json(diags, DIAG_WARNING));
    json_set(all, "notes", diags_to_json(&play->notes, DIAG_NOTE));
    render_json(all);
}

static void print_table(const struct play *play)
{
    static const char *const titles[] = {"WHEN", "FATE", "ID", "WHY"};
    struct cli *cli = play->cli;
    struct table *table = table_new(cli, titles, 4);
    size_t rows = 0;
    for (size_t i = 0; i < play->count; i++) {
        const struct simulated *s = &play->items[i];
        if (!is_wanted(play, s))
            continue;
        const char *id =
            s->planned ? arena_printf(cli->arena, "%s/%s", s->planned->post_id, s->planned->account->name)
                       : s->post->id;
        const char *cells[] = {s->at ? render_local(cli, local_of(play, s->at)) : "-",
                               render_state(cli, simulated_fate_name(s->fate)), render_line(cli, id),
                               s->why ? render_line(cli, s->why) : ""};
        table_row(table, cells);
        rows++;
    }
    if (rows)
        table_print(table);
    for (int fate = 0; fate < SIMULATED_FATES; fate++)
        printf("%s%zu %s", fate ? ", " : "", play->fates[fate],
               simulated_fate_name((enum simulated_fate)fate));
    printf(" until %s\n", render_local(cli, local_of(play, play->wish.until)));
}

static int refuse(struct play *play)
{
    const struct diags *diags = &play->documents->diags;
    json_t *errors = json_in_arena(play->cli->arena, diags_to_json(diags, DIAG_ERROR));
    if (play->cli->json)
        render_json(json_in_arena(play->cli->arena, json_pack("{s:O}", "errors", errors)));
    else
        objection_print_files(play->cli, errors);
    return EXIT_REFUSED;
}

static int tell(struct play *play)
{
    if (play->cli->json) {
        print_json(play);
    } else {
        fflush(stdout);
        render_diags(json_in_arena(play->cli->arena, diags_to_json(&play->documents->diags, DIAG_WARNING)));
        render_notes(json_in_arena(play->cli->arena, diags_to_json(&play->notes, DIAG_NOTE)));
        print_table(play);
    }
    bool well = !play->fates[SIMULATED_HELD] && !play->fates[SIMULATED_MISSED];
    return well ? EXIT_DONE : EXIT_ATTENTION;
}

/* Whether documents are right depends on when they are read: another beginning reads them again. */
static void load(struct play *play, instant now)
{
    documents_free(play->documents);
    play->documents = documents_load_to_run(client_config(play->cli), now, NULL);
}

static int simulate_all(struct play *play)
{
    instant now = play->wish.from;
    load(play, now);
    if (!play->documents->calendar || !play->documents->settings)
        return refuse(play);
    if (!read_wish(play))
        return EXIT_USAGE;
    if (play->wish.from != now)
        load(play, play->wish.from);
    if (play->documents->diags.errors)
        return refuse(play);
    run(play);
    return tell(play);
}

int command_simulate(struct cli *cli)
{
    struct play play = {.cli = cli, .wish = {.from = clock_now()}};
    if (!cli_option(cli, "until"))
        return cli_fail(EXIT_USAGE, "'simulate' needs --until, such as 2027-03-28 or 'in 90d'");
    int code = simulate_all(&play);
    documents_free(play.documents);
    return code;
}
