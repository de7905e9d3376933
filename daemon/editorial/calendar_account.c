/* See calendar_loader.h: the names of accounts, in posts, series and slots. */
#include <string.h>

#include "editorial/calendar_loader.h"

void loader_know_accounts(struct loader *loader)
{
    const struct calendar_world *world = loader->world;
    size_t network_count;
    const struct network *const *networks = network_all(&network_count);
    size_t most = world->account_count + network_count;
    loader->account_names = arena_alloc_array(loader->arena, most, sizeof *loader->account_names);
    loader->variant_names = arena_alloc_array(loader->arena, most, sizeof *loader->variant_names);
    for (size_t i = 0; i < world->account_count; i++) {
        const struct account *account = world->accounts[i];
        index_put(&loader->accounts, account->name, (void *)account);
        loader->account_names[loader->account_count++] = account->name;
        loader->variant_names[loader->variant_count++] = account->name;
    }
    for (size_t i = 0; i < network_count; i++)
        if (!index_get(&loader->accounts, networks[i]->name))
            loader->variant_names[loader->variant_count++] = networks[i]->name;
}

static const struct account *find_account(struct loader *loader, const char *name)
{
    struct account *account = index_get(&loader->accounts, name);
    if (account || !loader->world->any_account)
        return account;
    account = arena_new_of(loader->arena, struct account);
    *account = (struct account){.name = arena_strdup(loader->arena, name), .network = network_find(name)};
    index_put(&loader->accounts, account->name, account);
    return account;
}

static const struct account *read_account(struct bind *bind, const struct field *field, const struct yaml *value)
{
    struct loader *loader = bind->context;
    struct field text = {.name = field->name, .kind = FIELD_TEXT, .max = 64, .valid = is_name,
                         .expected = "names of accounts"};
    const char *name;
    if (!bind_value(bind, &text, value, &name))
        return NULL;
    const struct account *account = find_account(loader, name);
    if (!account)
        bind_unknown(bind, value, "unknown-account", "unknown account", loader->account_names,
                     loader->account_count);
    return account;
}

static bool is_repeated(const struct yaml *list, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (list->items[k]->kind == YAML_SCALAR && list->items[i]->kind == YAML_SCALAR &&
            !strcmp(list->items[k]->text, list->items[i]->text))
            return true;
    return false;
}

bool read_accounts(struct bind *bind, const struct field *field, const struct yaml *value, void *member)
{
    if (!bind_is(bind, field->name, value, YAML_LIST))
        return false;
    if (!value->count || value->count > 1000)
        return bind_fail(bind, value, NULL, "'%s' must name 1 to 1000 accounts", field->name);
    const struct account **accounts = arena_alloc_array(bind->arena, value->count, sizeof *accounts);
    size_t count = 0;
    bool ok = true;
    for (size_t i = 0; i < value->count; i++) {
        const struct account *account = NULL;
        if (is_repeated(value, i))
            bind_fail(bind, value->items[i], NULL, "'%s' names '%s' twice", field->name, value->items[i]->text);
        else
            account = read_account(bind, field, value->items[i]);
        if (account)
            accounts[count++] = account;
        ok = account && ok;
    }
    *(struct account_list *)member = (struct account_list){accounts, count};
    return ok;
}
