/*
 * Any bytes as cald.yaml: settings without errors, or errors without settings. What comes out is whole:
 * whoever uses it looks at nothing again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        bug("settings that are not whole");
}

static void check_source(const struct secret_source *source)
{
    require(!source->file != !source->credential);
}

static void check_account(const struct settings *settings, const struct settings_account *account)
{
    require(account->account.name && account->account.network &&
            settings_account(settings, account->account.name));
    require(json_is_object(account->account.options) && account->late.grace >= 0 && account->spacing >= 0);
    for (size_t i = 0; i < account->secret_source_count; i++) {
        require(account->secret_sources[i].option != NULL);
        check_source(&account->secret_sources[i]);
    }
}

static void check(const struct settings *settings)
{
    require(settings->calendar_file_count && settings->state && settings->socket && settings->uploads);
    require(settings->account_count && settings->horizon > 0 && settings->concurrency);
    for (size_t i = 0; i < settings->account_count; i++)
        check_account(settings, &settings->accounts[i]);
    for (size_t i = 0; i < settings->grant_count; i++)
        require(settings->grants[i].name && settings->grants[i].role != ROLE_NONE);
    for (size_t i = 0; i < settings->host_count; i++)
        require(*settings->hosts[i]);
    if (settings->on_failure.command)
        require(settings->on_failure.command[0] != NULL);
    if (settings->on_failure.token_source)
        check_source(settings->on_failure.token_source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct diags diags = diags_in(arena);
    const struct yaml *root = yaml_parse("dir/f", (const char *)data, size, arena, &diags);
    if (root) {
        const struct settings *settings = settings_load("dir/f", root, arena, &diags);
        if (!settings == !diags.errors)
            bug("settings with errors, or none without");
        if (settings)
            check(settings);
    }
    arena_free(arena);
    return 0;
}
