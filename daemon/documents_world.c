/*
 * See documents_internal.h: what a calendar refers to on disk. Everything is opened beneath the media root,
 * without links, read within bounds, and is what its bytes say, not its name.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "base/zoneinfo.h"
#include "documents_internal.h"
#include "editorial/link_add.h"

enum { BODY_MOST = 1 << 20 };

static const struct zone *find_zone(void *context, const char *name, struct arena *arena, struct error *err)
{
    struct buf bytes = {0};
    const struct zone *zone = NULL;
    if (zoneinfo_read(name, &bytes, err))
        zone = zone_from_tzif(arena, name, bytes.data, bytes.length, err);
#ifdef CALD_MUTANT_OLD_ZONES
    (void)context;
#else
    if (zone)
        reading_note_zone(context, name, bytes.data, bytes.length);
#endif
    buf_release(&bytes);
    return zone;
}

static bool inspect(void *context, const char *file, struct arena *arena, struct media *ret_media, struct error *err)
{
    struct reading *reading = context;
    return media_inspect(&reading->media, file, arena, ret_media, err);
}

static bool is_text(const struct buf *bytes)
{
    if (!utf8_is_valid(buf_text(bytes), bytes->length))
        return false;
    for (size_t i = 0; i < bytes->length; i++) {
        unsigned char c = (unsigned char)bytes->data[i];
        /* valid UTF-8: there is a next byte */
        bool c1 = c == 0xC2 && (unsigned char)bytes->data[i + 1] < 0xA0;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F || c1)
            return false;
    }
    return true;
}

/* Lines end in LF afterwards, and a byte order mark at the beginning is gone. */
static void normalise(struct buf *bytes)
{
    size_t kept = 0;
    for (size_t i = utf8_mark_length(bytes->data, bytes->length); i < bytes->length; i++)
        if (bytes->data[i] != '\r' || i + 1 >= bytes->length || bytes->data[i + 1] != '\n')
            bytes->data[kept++] = bytes->data[i];
    bytes->length = kept;
    if (bytes->data)
        bytes->data[kept] = '\0';
}

static bool read_body_bytes(struct reading *reading, const char *path, const char *file, struct buf *bytes,
                            struct error *err)
{
    const struct documents_source *source = reading->source;
    if (source)
        return source->read(source->context, path, BODY_MOST, bytes, err);
    int fd = file_open_beneath(reading->media.media, file, err);
    bool ok = fd >= 0 && file_read_fd(fd, file, BODY_MOST, bytes, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

static const char *read_body(void *context, const char *file, struct arena *arena, struct error *err)
{
    struct reading *reading = context;
    struct buf bytes = {0};
    const char *body = NULL;
    char *path = file_join(reading->media.media, file);
    if (read_body_bytes(reading, path, file, &bytes, err)) {
        reading_note(reading, path, buf_text(&bytes), bytes.length);
        normalise(&bytes);
        if (is_text(&bytes))
            body = arena_strndup(arena, buf_text(&bytes), bytes.length);
        else
            fail(err, "'%s' is not UTF-8 text, or has control characters", file);
    }
    free(path);
    buf_release(&bytes);
    return body;
}

static const struct content *finish(void *context, const struct post *post, const struct account *account,
                                    const struct content *content, struct arena *arena)
{
    const struct reading *reading = context;
    const struct charter *charter = reading->documents->charter;
    return charter ? link_add(charter, post, account, content, arena) : content;
}

static bool is_over(void *context, const char *post_id)
{
    const struct reading *reading = context;
    const struct documents_memory *memory = reading->memory;
    return memory ? memory->is_over(memory->context, post_id, reading->past) : reading->for_daemon;
}

void reading_know_accounts(struct reading *reading, const struct settings *settings, struct arena *arena)
{
    size_t count = settings ? settings->account_count : 0;
    reading->accounts = arena_alloc_array(arena, count, sizeof *reading->accounts);
    for (size_t i = 0; i < count; i++)
        reading->accounts[i] = &settings->accounts[i].account;
    reading->account_count = count;
}

struct calendar_world reading_world(struct reading *reading, bool any_account)
{
    return (struct calendar_world){.context = reading,
                                   .accounts = reading->accounts,
                                   .account_count = reading->account_count,
                                   .any_account = any_account,
                                   .bulk = reading->documents->bulk,
                                   .find_zone = find_zone,
                                   .inspect = inspect,
                                   .read_body = read_body,
                                   .finish = finish,
                                   .past = reading->past,
                                   .is_over = is_over};
}
