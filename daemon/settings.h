/*
 * settings: what cald.yaml says: where the documents, the state and the listeners are, and the accounts.
 *
 * Lives in one arena with everything it points to; const afterwards.
 */
#ifndef CALD_SETTINGS_H
#define CALD_SETTINGS_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/yaml.h"
#include "editorial/late.h"
#include "network/network.h"

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_AUTHOR, ROLE_EDITOR, ROLE_ADMIN };

struct role_grant { /* who may do what over the Unix socket */
    bool is_group;
    const char *name;  /* user or group name */
    enum role role;
};

struct secret_source { /* where a secret of an account is: {file: …} or {credential: …} */
    const char *option; /* name of the network's option */
    const char *file;   /* path, absolute or relative to cald.yaml's directory, already joined; or NULL */
    const char *credential; /* name in $CREDENTIALS_DIRECTORY; or NULL */
    unsigned line, column;
};

struct retry_policy {
    duration give_up; /* what is tried in vain so long after it could have gone out is held for a person */
};

enum unsure_then { UNSURE_GO_ON, UNSURE_WAIT };

struct unsure_policy {
    enum unsure_then then; /* what the others of an account do while one of its deliveries is unsure */
};

struct settings_account {
    struct account account;       /* secrets empty until documents_load_secrets */
    const struct secret_source *secret_sources;
    size_t secret_source_count;
    struct late_policy late;
    struct retry_policy retry;
    struct unsure_policy unsure;
    unsigned parallel;            /* creating requests at a time; 1 keeps the order of slots strictly */
    /* least time between two creating requests; of what is over a minute late at least 5 s, unless 0 */
    duration spacing;
    duration warn_before;         /* how long before a login ends it is told; default 14 days */
    unsigned line, column;
};

struct failure_hook { /* what is told when a person is needed: see publish/teller.h */
    const char *const *command; /* its path and arguments, NULL at the end; or NULL: no command */
    const char *webhook;        /* URL, or NULL */
    const struct secret_source *token_source; /* of the webhook; or NULL */
    const char *token;          /* NULL until documents_load_secrets */
};

struct media_urls { /* how networks that fetch media get at them: see publish/hosting.h */
    const char *url;            /* what they see of the listener; or NULL */
    const char *listen;         /* where it is: "127.0.0.1:8471"; or NULL */
    duration lifetime;          /* of one address of it; default a day */
    const char *const *command; /* instead: a program and its arguments, NULL at the end; or NULL */
};

#define IMAGE_TOOL "/usr/bin/vipsthumbnail"

enum apply_mode { APPLIES_AUTO, APPLIES_ON_REQUEST };

struct settings {
    const char *path;             /* cald.yaml */
    const char *directory;        /* its directory: what paths are relative to */
    const char *const *calendar_files; /* joined with directory; one that ends in '/' is a directory of them */
    size_t calendar_file_count;
    const char *charter_file;     /* or NULL: no charter */
    const char *media_root;       /* 'media', default: the directory */
    const char *state;            /* state directory */
    const char *uploads;          /* STATE/media: images that came through the control endpoint, or were made to fit */
    const char *image_tool;       /* vipsthumbnail; default IMAGE_TOOL */
    bool image_tool_found;        /* it can be run, as far as this process can see */
    const char *socket;           /* control socket; default STATE/cald.sock */
    const char *socket_group;     /* group that may connect, or NULL */
    const char *tcp_address;      /* "127.0.0.1:8080" or "[::1]:8080"; NULL: no TCP listener */
    const char *const *hosts;     /* other Host names that are served */
    size_t host_count;
    const char *tokens_file;      /* hashed bearer tokens; or NULL */
    const struct role_grant *grants;
    size_t grant_count;
    enum apply_mode apply;        /* whether a saved file takes effect by itself */
    duration horizon;             /* how far ahead series and slots are queued; default 60 days */
    duration lead;                /* how long before the slot preparation begins; default 5 min */
    unsigned concurrency;         /* transfers at a time over all accounts; default 64 */
    bool insecure;                /* http to hosts that are not loopback allowed */
    bool private_addresses;       /* connections to private and link-local addresses allowed */
    const char *ca_file;          /* authorities trusted besides the system's (PEM); or NULL */
    struct failure_hook on_failure;
    struct media_urls media_urls; /* all NULL: nothing is said */
    const struct settings_account *accounts; /* in the order of the file */
    size_t account_count;
};

/* or NULL */
const struct settings_account *settings_account(const struct settings *settings, const char *name);

/*
 * Checks cald.yaml's tree, read from 'path', whole: NULL when anything is wrong, all of it in diags. Reads no
 * other file: secrets are only located, and it is looked whether there is an image tool. What it returns lives in arena and needs the tree no longer.
 */
const struct settings *settings_load(const char *path, const struct yaml *root, struct arena *arena,
                                     struct diags *diags);

/* The control socket that it names, or that lies in the state directory that it names, whatever else is wrong with it;
 * NULL: it names neither. Of the same lifetime. */
const char *settings_socket(const char *path, const struct yaml *root, struct arena *arena);

/* Warns of what is another than when cald started, and only a start takes up: state directory and listeners. */
void settings_warn_of_restart(const struct settings *started, const struct settings *now, struct diags *diags);

const char *role_name(enum role role); /* none viewer author editor admin */
bool role_parse(const char *name, enum role *ret_role); /* all but none */

#endif
