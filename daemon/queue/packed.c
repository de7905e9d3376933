/*
 * A content as the queue stores it: JSON, its hash, and its words folded for searching. Also when it may
 * still be replaced. Knows struct content, not the networks.
 */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/json.h"
#include "base/utf8.h"
#include "queue/inside.h"

/* As many bytes of ASCII as come next, run by run: most texts are that. */
static size_t fold_ascii(struct buf *out, const char *text)
{
    size_t length = 0;
    while (text[length] && (unsigned char)text[length] < 0x80)
        length++;
    buf_reserve(out, length);
    for (size_t i = 0; i < length; i++)
        out->data[out->length++] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
    out->data[out->length] = '\0';
    return length;
}

void search_fold(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length;) {
        uint32_t c;
        char folded[4];
        i += fold_ascii(out, text + i);
        if (i == length)
            break;
        i += utf8_decode(text + i, length - i, &c);
        buf_add(out, folded, utf8_encode((uint32_t)utf8proc_tolower((utf8proc_int32_t)c), folded));
    }
}

static void fold_line(struct buf *out, const char *text)
{
    if (!text)
        return;
    search_fold(out, text);
    buf_add_char(out, '\n');
}

char *content_fold(const char *post_id, const struct content *content)
{
    struct buf out = {0};
    fold_line(&out, post_id);
    fold_line(&out, content->title);
    fold_line(&out, content->warning);
    for (size_t i = 0; i < content->part_count; i++)
        fold_line(&out, content->parts[i].text);
    fold_line(&out, content->summary);
    fold_line(&out, content->body);
    fold_line(&out, content->link);
    return buf_detach(&out);
}

void packed_init(struct packed *packed, const struct content *content)
{
    json_t *json = content_to_json(content);
    packed->content = content;
    packed->json = json_print(json);
    json_decref(json);
    sha256_hex(packed->json, strlen(packed->json), packed->hash);
}

void packed_begin(struct packed *packed, const struct content *content, const char *hash)
{
    if (!hash) {
        packed_init(packed, content);
        return;
    }
    *packed = (struct packed){.content = content};
    memcpy(packed->hash, hash, sizeof packed->hash);
}

void packed_complete(struct packed *packed)
{
    if (!packed->json)
        packed_init(packed, packed->content);
}

const char *queue_content_hash(const struct content *content, struct arena *arena)
{
    struct packed packed;
    packed_init(&packed, content);
    const char *hash = arena_strdup(arena, packed.hash);
    packed_release(&packed);
    return hash;
}

void packed_release(struct packed *packed)
{
    free(packed->json);
    *packed = (struct packed){0};
}

bool content_is_fixed(struct queue *queue, const struct spot *spot, const char **ret_why, struct error *err)
{
    *ret_why = spot->lost && spot->first_sent ? "it may have been published already" : NULL;
    if (*ret_why || !spot->first_sent)
        return true;
    struct query *query = db_query(queue->db,
                                   "SELECT 1 FROM attempt a JOIN settlement s ON s.attempt = a.id"
                                   " WHERE delivery = ? AND kind = 'create'"
                                   " AND outcome IN ('done', 'next', 'wait') LIMIT 1",
                                   "i", spot->row);
    if (query_next(query))
        *ret_why = "a part of it is already published";
    return query_end(query, err);
}

bool content_replace(struct queue *queue, const struct spot *spot, const struct packed *packed,
                     const char *who, struct error *err)
{
    char *folded = content_fold(spot->post_id, packed->content);
    bool ok =
        db_run(queue->db, err, "UPDATE content SET content = ?, folded = ? WHERE delivery = ?", "tti",
               packed->json, folded, spot->row) &&
        db_run(queue->db, err,
               "UPDATE delivery SET content_hash = ?, memo = '{}', prepared = 0, failures = 0, changed_by = ?"
               " WHERE id = ?",
               "tti", packed->hash, who, spot->row);
    free(folded);
    return ok;
}
