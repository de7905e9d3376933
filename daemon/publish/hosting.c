/*
 * See hosting.h. Knows how an address is made; not who asks for it, nor who fetches what it leads to.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "documents.h"
#include "publish/hosting.h"
#include "publish/uploader.h"

enum { KEY_DIGITS = 64, EXTENSION_MOST = 8 };

struct hosting {
    struct loop *loop;
    const struct settings *settings;
    char key[KEY_DIGITS + 1]; /* "" : there is none */
    struct error key_trouble;
    struct uploader *uploader;
    char *served; /* 'listen' of the listener that is open; or NULL */
};

/* ---- the key ---- */

static bool make_key(struct hosting *hosting, const char *path, struct error *err)
{
    char key[KEY_DIGITS + 1];

    random_hex(key, KEY_DIGITS);
    if (!file_replace(path, key, KEY_DIGITS, 0600, err))
        return false;
    memcpy(hosting->key, key, sizeof key);
    return true;
}

static bool read_key(struct hosting *hosting, const char *path, struct error *err)
{
    struct buf bytes = {0};
    bool ok = file_read_secret(path, &bytes, err);

    if (ok && strlen(buf_text(&bytes)) != KEY_DIGITS)
        ok = fail(err, "'%s' is damaged: remove it, and addresses told before are good no longer", path);
    if (ok)
        memcpy(hosting->key, buf_text(&bytes), KEY_DIGITS + 1);
    buf_release(&bytes);
    return ok;
}

static void get_key(struct hosting *hosting)
{
    char *path = file_join(hosting->settings->state, "media-urls.key");
    bool there = access(path, F_OK) == 0;

    if (!(there ? read_key : make_key)(hosting, path, &hosting->key_trouble))
        log_warn("networks cannot fetch media: %s", hosting->key_trouble.message);
    free(path);
}

/* ---- addresses of the listener ---- */

/* "ROW-END-SHA256" and its HMAC. */
static const char *sign(const struct hosting *hosting, const char *facts, struct arena *arena)
{
    uint8_t digest[HMAC_SHA256_BYTES];
    const char *text = arena_printf(arena, "cald media 1\n%s", facts), *hex = "";

    hmac_sha256(hosting->key, KEY_DIGITS, text, strlen(text), digest);
    for (size_t i = 0; i < sizeof digest; i++)
        hex = arena_printf(arena, "%s%02x", hex, digest[i]);
    return arena_printf(arena, "%s-%s", facts, hex);
}

static void tell_signed(struct hosting *hosting, int64_t row, const struct media *media, hosting_done *done,
                        void *context)
{
    const struct media_urls *urls = &hosting->settings->media_urls;
    instant until = (loop_now(hosting->loop) + urls->lifetime) / 1000 * 1000;
    struct arena *arena = arena_new();
    struct hosted hosted = {.until = until};
    size_t length = strlen(urls->url);

    while (length > 0 && urls->url[length - 1] == '/')
        length--;
    if (hosting->served == NULL || strcmp(hosting->served, urls->listen) != 0) {
        hosted.message = "the listener of 'media_urls' is opened when cald starts: restart it";
    } else if (!*hosting->key) {
        hosted.message = hosting->key_trouble.message;
    } else {
        const char *facts =
            arena_printf(arena, "%lld-%lld-%s", (long long)row, (long long)(until / 1000), media->sha256);

        hosted.url = arena_printf(arena, "%.*s/%s.%s", (int)length, urls->url, sign(hosting, facts, arena),
                                  media_extension(media->mime));
    }
    done(context, &hosted);
    arena_free(arena);
}

/* A number of at most 15 digits before a '-'; NULL: it is none. */
static const char *take_number(const char *text, int64_t *ret_number)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 15 || text[digits] != '-')
        return NULL;
    *ret_number = strtoll(text, NULL, 10);
    return text + digits + 1;
}

bool hosting_knows(const struct hosting *hosting, const char *name, instant now, int64_t *ret_row,
                   char ret_hash[SHA256_HEX])
{
    int64_t row, until;
    const char *rest = take_number(name, &row), *hash = rest ? take_number(rest, &until) : NULL;
    const char *dot = strchr(name, '.');
    struct arena *arena;
    bool ok;

    if (!*hosting->key || hash == NULL || dot == NULL || strlen(dot) > EXTENSION_MOST ||
        dot - hash != 2 * (SHA256_HEX - 1) + 1 || hash[SHA256_HEX - 1] != '-')
        return false;
    arena = arena_new();
    ok = same_secret(sign(hosting, arena_strndup(arena, name, (size_t)(hash - name) + SHA256_HEX - 1), arena),
                     arena_strndup(arena, name, (size_t)(dot - name)));
    arena_free(arena);
    if (!ok || until * 1000 <= now)
        return false;
    *ret_row = row;
    memcpy(ret_hash, hash, SHA256_HEX - 1);
    ret_hash[SHA256_HEX - 1] = '\0';
    return true;
}

/* ---- from outside ---- */

void hosting_ask(struct hosting *hosting, int64_t row, const struct media *media, bool again,
                 hosting_done *done, void *context)
{
    const struct media_urls *urls = &hosting->settings->media_urls;

    if (urls->command != NULL)
        uploader_ask(hosting->uploader, media, again, done, context);
    else if (urls->listen != NULL)
        tell_signed(hosting, row, media, done, context);
    else
        done(context,
             &(struct hosted){.message = "the network fetches media from a public address: say in cald.yaml "
                                         "how it gets one ('media_urls')"});
}

void hosting_serve(struct hosting *hosting, const char *listen)
{
    free(hosting->served);
    hosting->served = xstrdup(listen);
}

void hosting_use(struct hosting *hosting, const struct settings *settings)
{
    hosting->settings = settings;
    uploader_use(hosting->uploader, settings);
    if (settings->media_urls.listen != NULL && !*hosting->key)
        get_key(hosting);
}

struct hosting *hosting_new(struct loop *loop, struct queue *queue)
{
    struct hosting *hosting = xmalloc(sizeof *hosting);

    *hosting = (struct hosting){.loop = loop, .uploader = uploader_new(loop, queue)};
    return hosting;
}

void hosting_free(struct hosting *hosting)
{
    if (hosting == NULL)
        return;
    uploader_free(hosting->uploader);
    free(hosting->served);
    explicit_bzero(hosting->key, sizeof hosting->key);
    free(hosting);
}
