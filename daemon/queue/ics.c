/*
 * ics: content lines are at most 75 bytes, ended by CR LF (RFC 5545 section 3.1); TEXT is escaped
 * (section 3.3.11).
 */
#include "queue/ics.h"

#include <stdio.h>
#include <string.h>

#include "network/text.h"

enum { LINE_MOST = 75, SUMMARY_MOST = 80 };

/* What would be longer goes on in the next line after a blank; a character is never cut in two. */
static void add_folded(struct buf *out, const char *line)
{
    size_t used = 0;
    for (const unsigned char *at = (const unsigned char *)line; *at;) {
        size_t size = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
        if (used + size > LINE_MOST) {
            buf_add_text(out, "\r\n ");
            used = 1;
        }
        buf_add(out, at, size);
        used += size;
        at += size;
    }
    buf_add_text(out, "\r\n");
}

static void add_escaped(struct buf *line, const char *value)
{
    for (; *value; value++) {
        if (*value == '\n')
            buf_add_text(line, "\\n");
        else if (strchr("\\;,", *value))
            buf_printf(line, "\\%c", *value);
        else if ((unsigned char)*value >= 0x20)
            buf_add_char(line, *value);
    }
}

void ics_text(struct buf *out, const char *name, const char *value)
{
    struct buf line = {0};
    buf_printf(&line, "%s:", name);
    add_escaped(&line, value);
    add_folded(out, buf_text(&line));
    buf_release(&line);
}

/* Values that are no TEXT: nothing is escaped. */
static void add_value(struct buf *out, const char *name, const char *value)
{
    struct buf line = {0};
    buf_printf(&line, "%s:%s", name, value);
    add_folded(out, buf_text(&line));
    buf_release(&line);
}

/* "20261201T080000Z" */
static void add_instant(struct buf *out, const char *name, instant at)
{
    char text[INSTANT_TEXT], basic[32];
    instant_format(at, text, sizeof text);
    snprintf(basic, sizeof basic, "%.4s%.2s%.2sT%.2s%.2s%.2sZ", text, text + 5, text + 8, text + 11,
             text + 14, text + 17);
    add_value(out, name, basic);
}

void ics_begin(struct buf *out, const char *name)
{
    add_value(out, "BEGIN", "VCALENDAR");
    add_value(out, "VERSION", "2.0");
    ics_text(out, "PRODID", "-//cald//editorial calendar//EN");
    ics_text(out, "X-WR-CALNAME", name);
    ics_text(out, "NAME", name);
    add_value(out, "CALSCALE", "GREGORIAN");
}

void ics_end(struct buf *out)
{
    add_value(out, "END", "VCALENDAR");
}

static const char *headline(const struct delivery *delivery, struct arena *arena)
{
    const struct content *content = delivery->content;
    const char *text = content->title ? content->title : content->parts[0].text;
    const char *line = arena_strndup(arena, text, strcspn(text, "\n"));
    return arena_printf(arena, "%s: %s", delivery->account, text_shorten(line, SUMMARY_MOST, arena));
}

static const char *explanation(const struct delivery *delivery, struct arena *arena)
{
    const char *all = delivery->deleted && delivery->published ? "published, then deleted" : state_name(delivery->state);
    if (delivery->message)
        all = arena_printf(arena, "%s: %s", all, delivery->message);
    for (size_t i = 0; i < delivery->content->part_count; i++)
        all = arena_printf(arena, "%s\n\n%s", all, delivery->content->parts[i].text);
    return all;
}

void ics_add(struct buf *out, const struct delivery *delivery, const char *installation, const char *url)
{
    char sequence[24];
    struct arena *arena = arena_new();
    bool sure = delivery->state == STATE_READY || delivery->state == STATE_PUBLISHED ||
                delivery->state == STATE_WAITING;
    snprintf(sequence, sizeof sequence, "%lld", (long long)delivery->version);
    add_value(out, "BEGIN", "VEVENT");
    ics_text(out, "UID", arena_printf(arena, "%s/%s@%s", delivery->post_id, delivery->account, installation));
    add_instant(out, "DTSTAMP", delivery->updated);
    add_instant(out, "DTSTART", delivery->published ? delivery->published : delivery->slot);
    add_value(out, "SEQUENCE", sequence);
    add_value(out, "STATUS", delivery->deleted ? "CANCELLED" : sure ? "CONFIRMED" : "TENTATIVE");
    add_value(out, "TRANSP", "TRANSPARENT");
    ics_text(out, "SUMMARY", headline(delivery, arena));
    ics_text(out, "DESCRIPTION", explanation(delivery, arena));
    if (delivery->bucket)
        ics_text(out, "CATEGORIES", delivery->bucket);
    if (url)
        add_value(out, "URL", url);
    add_value(out, "END", "VEVENT");
    arena_free(arena);
}
