/* See import.h: names of accounts, as other tools or people write them. */
#include <string.h>

#include "base/suggest.h"
#include "cli/import.h"
#include "network/network.h"

/* ---- what was asked for ---- */

static const char *folded(struct importing *im, const char *name)
{
    return column_name(name, im->arena).key;
}

static const struct account *account_named(const struct importing *im, const char *name)
{
    const struct settings_account *found = settings_account(im->documents->settings, name);
    return found ? &found->account : NULL;
}

static const char *nearest_account(const struct importing *im, const char *name)
{
    const struct settings *settings = im->documents->settings;
    const char **names = arena_alloc_array(im->arena, settings->account_count + 1, sizeof *names);
    for (size_t i = 0; i < settings->account_count; i++)
        names[i] = settings->accounts[i].account.name;
    return suggest(name, names, settings->account_count);
}

static int unknown_account(const struct importing *im, const char *option, const char *name)
{
    const char *nearest = nearest_account(im, name);
    if (nearest)
        return cli_fail(EXIT_NOT_FOUND, "--%s: no account '%s' in cald.yaml, did you mean '%s'?", option,
                        name, nearest);
    return cli_fail(EXIT_NOT_FOUND, "--%s: no account '%s' in cald.yaml", option, name);
}

static int read_mappings(struct importing *im)
{
    size_t count;
    const char *const *given = cli_options(im->cli, "map", &count);
    struct import_mapping *mappings = arena_alloc_array(im->arena, count + 1, sizeof *mappings);
    for (size_t i = 0; i < count; i++) {
        const char *equals = strrchr(given[i], '=');
        if (!equals || equals == given[i])
            return cli_fail(EXIT_USAGE, "--map takes NAME=ACCOUNT, or 'NAME=' to leave it out, not '%s'",
                            given[i]);
        const char *name = arena_strndup(im->arena, given[i], (size_t)(equals - given[i]));
        const struct account *account = equals[1] ? account_named(im, equals + 1) : NULL;
        if (equals[1] && !account)
            return unknown_account(im, "map", equals + 1);
        mappings[i] = (struct import_mapping){folded(im, name), account ? account->name : NULL};
    }
    im->mappings = mappings;
    im->mapping_count = count;
    return EXIT_DONE;
}

int import_read_accounts(struct importing *im)
{
    size_t count;
    const char *const *names = cli_options(im->cli, "to", &count);
    const struct account **to = arena_alloc_array(im->arena, count + 1, sizeof *to);
    for (size_t i = 0; i < count; i++)
        if (!(to[i] = account_named(im, names[i])))
            return unknown_account(im, "to", names[i]);
    im->to = to;
    im->to_count = count;
    return read_mappings(im);
}

/* ---- names in the file ---- */

/* The only account of a network; how many there are. */
static size_t accounts_on(struct importing *im, const char *network, const struct account **ret_account)
{
    const struct settings *settings = im->documents->settings;
    size_t count = 0;
    for (size_t i = 0; i < settings->account_count; i++) {
        const struct account *account = &settings->accounts[i].account;
        if (account->network && !strcmp(folded(im, account->network->name), network)) {
            *ret_account = account;
            count++;
        }
    }
    return count;
}

bool import_find_account(struct importing *im, const char *name, const struct account **ret_account)
{
    const struct settings *settings = im->documents->settings;
    const struct account *only = NULL;
    const char *key = folded(im, name);
    *ret_account = NULL;
    for (size_t i = 0; i < im->mapping_count; i++)
        if (!strcmp(im->mappings[i].name, key)) {
            *ret_account = im->mappings[i].account ? account_named(im, im->mappings[i].account) : NULL;
            return true;
        }
    for (size_t i = 0; i < settings->account_count && !*ret_account; i++)
        if (!strcmp(folded(im, settings->accounts[i].account.name), key))
            *ret_account = &settings->accounts[i].account;
    if (!*ret_account && accounts_on(im, key, &only) == 1)
        *ret_account = only;
    return *ret_account != NULL;
}

void import_add_account(json_t *to, const char *name)
{
    for (size_t i = 0; i < json_array_size(to); i++)
        if (!strcmp(json_string_value(json_array_get(to, i)), name))
            return;
    json_array_append_new(to, json_string(name));
}

static bool refuse_name(struct importing *im, const struct csv_cell *cell, const struct import_column *column,
                        const char *name)
{
    const struct account *some;
    const char *remedy =
        arena_printf(im->arena, "say which one it is, --map '%s=ACCOUNT', or none, --map '%s='", name, name);
    if (accounts_on(im, folded(im, name), &some) > 1)
        return import_fail(im, cell, column->header, remedy, "there are several accounts on '%s'", name);
    const char *nearest = nearest_account(im, name);
    return import_fail(im, cell, column->header, remedy, "unknown account '%s'%s%s%s", name,
                       nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

/* A network that others have and we have not is told with its column; anything else may be a slip of the pen.
 */
static bool add_name(struct importing *im, const struct csv_cell *cell, struct import_column *column,
                     const char *name, json_t *to)
{
    const struct account *account;
    if (import_find_account(im, name, &account)) {
        if (account)
            import_add_account(to, account->name);
        return true;
    }
    if (!column_is_network(folded(im, name)) || accounts_on(im, folded(im, name), &account))
        return refuse_name(im, cell, column, name);
    import_warn(im, cell, column->header,
                arena_printf(im->arena, "say which account it is, --map '%s=ACCOUNT', or none, --map '%s='",
                             name, name),
                "there is no account for '%s' here: it does not go there", name);
    return true;
}

bool import_add_accounts(struct importing *im, const struct csv_cell *cell, struct import_column *column,
                         json_t *to)
{
    bool ok = true;
    char *names = arena_strdup(im->arena, csv_unguard(cell->text)), *name;
    while ((name = strsep(&names, ",;|\n"))) {
        name += strspn(name, " ");
        for (size_t length = strlen(name); length && name[length - 1] == ' ';)
            name[--length] = '\0';
        if (*name)
            ok = add_name(im, cell, column, name, to) && ok;
    }
    return ok;
}
