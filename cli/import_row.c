/*
 * See import.h: from the cells of a row to an entry of 'posts', as JSON. What the calendar's loader refuses
 * (lengths, unknown buckets, languages) is left to it, so that it is refused in the same words everywhere.
 */
#include <string.h>

#include "base/json.h"
#include "cli/import_row.h"
#include "editorial/fold.h"

/* ---- where and when ---- */

static bool take_accounts(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    r->names_accounts = true;
    row_note(r, "to", cell, column->header);
    return import_add_accounts(r->im, cell, column, r->to);
}

static void lose(struct import_column *column, const struct csv_cell *cell)
{
    if (!column->lost++)
        column->first_lost = cell;
}

static bool take_switch(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    bool on;
    if (!row_switch(row_said(r, cell), &on))
        return import_fail(r->im, cell, column->header, "write TRUE or FALSE",
                           "'%s' does not say whether it goes there", row_said(r, cell));
    r->names_accounts = r->names_accounts || on;
    if (on && column->account)
        import_add_account(r->to, column->account);
    else if (on)
        lose(column, cell);
    return true;
}

static bool take_draft(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    bool on;
    if (!row_switch(row_said(r, cell), &on))
        return import_fail(r->im, cell, column->header, "write TRUE or FALSE",
                           "'%s' does not say whether it is a draft", row_said(r, cell));
    if (on)
        row_set(r, "draft", json_true(), cell, column->header);
    return true;
}

static bool take_time(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    *(column->kind == COLUMN_DATE ? &r->date : &r->time) = row_said(r, cell);
    if (column->kind == COLUMN_DATE || !r->time_cell) {
        r->time_cell = cell;
        r->time_header = column->header;
    }
    return true;
}

/* ---- a row as a whole ---- */

static const struct {
    enum column_kind kind;
    bool (*take)(struct row_reading *r, struct import_column *column, const struct csv_cell *cell);
} takers[] = {
    {COLUMN_ID, take_id},
    {COLUMN_TEXT, take_text},
    {COLUMN_THREAD, take_thread},
    {COLUMN_DATE, take_time},
    {COLUMN_TIME, take_time},
    {COLUMN_SLOT, take_text},
    {COLUMN_ACCOUNTS, take_accounts},
    {COLUMN_SWITCH, take_switch},
    {COLUMN_LINK, take_link},
    {COLUMN_MEDIA, take_media},
    {COLUMN_ALT, take_alt},
    {COLUMN_TITLE, take_text},
    {COLUMN_BUCKET, take_text},
    {COLUMN_LABELS, take_labels},
    {COLUMN_CAMPAIGN, take_text},
    {COLUMN_COST, take_cost},
    {COLUMN_LANGUAGE, take_text},
    {COLUMN_WARNING, take_text},
    {COLUMN_VISIBILITY, take_visibility},
    {COLUMN_SUMMARY, take_text},
    {COLUMN_SLUG, take_text},
    {COLUMN_BODY, take_text},
    {COLUMN_TAGS, take_names},
    {COLUMN_CATEGORIES, take_names},
    {COLUMN_DRAFT, take_draft},
};

static bool take_cell(struct row_reading *r, struct import_column *column, const struct csv_cell *cell)
{
    static const enum column_kind lost[] = {COLUMN_UNKNOWN, COLUMN_COMMENT, COLUMN_VIDEO, COLUMN_FOREIGN};
    bool on = true;
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
        if (takers[i].kind == column->kind)
            return takers[i].take(r, column, cell);
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++)
        if (lost[i] == column->kind && !(row_switch(row_said(r, cell), &on) && !on)) /* FALSE says nothing */
            lose(column, cell);
    return true;
}

/* In the calendar's zone, as a calendar writes it. */
static void set_time(struct row_reading *r, const char *text, const struct import_time *time)
{
    const struct zone *zone = r->im->documents->calendar->zone;
    struct civil c = time->civil;
    instant at = civil_seconds(&c) * 1000 - SECONDS(time->offset);
    if (time->has_offset)
        c = zone_civil(zone, at);
    r->entry->at = zone_instant(zone, &c, NULL);
    if (time->has_offset && r->entry->at != at)
        import_warn(r->im, r->time_cell, r->time_header, NULL,
                    "'%s' falls into an hour that comes twice: a calendar can only say the first", text);
    const char *written =
        arena_printf(r->im->arena, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
    if (c.second)
        written = arena_printf(r->im->arena, "%s:%02d", written, c.second);
    row_set(r, "at", json_string(written), r->time_cell, r->time_header);
    if (json_member(r->entry->members, "slot"))
        import_warn(r->im, r->time_cell, r->time_header, NULL,
                    "a post with a time takes no slot: '%s' is left out",
                    json_text(r->entry->members, "slot"));
    json_object_del(r->entry->members, "slot");
}

static bool finish_time(struct row_reading *r)
{
    struct importing *im = r->im;
    struct import_time time;
    struct error err;
    const char *text = arena_printf(im->arena, "%s%s%s", r->date ? r->date : "",
                                    r->date && r->time ? " " : "", r->time ? r->time : "");
    if (!*text)
        return true;
    if (!import_time_parse(text, im->order, &time, &err))
        return import_fail(im, r->time_cell, r->time_header, NULL, "%s", err.message);
    if (!time.has_date)
        return import_fail(im, r->time_cell, r->time_header, NULL, "'%s' is a time without a date", text);
    if (!time.has_time && !im->time)
        return import_fail(
            im, r->time_cell, r->time_header,
            "write the time too, or say which one it is for such rows, --time 09:00; without a date a post "
            "takes the next free slot",
            "'%s' is a date without a time", text);
    if (!time.has_time) {
        time.civil.hour = im->time->hour;
        time.civil.minute = im->time->minute;
    }
    set_time(r, text, &time);
    return true;
}

static bool finish_accounts(struct row_reading *r, bool ok_so_far, bool *ret_over)
{
    struct importing *im = r->im;
    json_t *members = r->entry->members;
    for (size_t i = 0; i < im->to_count && !r->names_accounts; i++)
        import_add_account(r->to, im->to[i]->name);
    if (json_array_size(r->to)) {
        json_set(members, "to", json_incref(r->to));
        return true;
    }
    if (r->names_accounts) { /* none of them is ours, which was told */
        *ret_over = ok_so_far;
        if (*ret_over)
            import_leave_out(im, r->entry->row, "none of its accounts is here");
        return *ret_over;
    }
    if (!json_member(members, "at") && (json_member(members, "slot") || im->slot))
        return true; /* the slot's */
    if (import_has_column(im, COLUMN_ACCOUNTS) || import_has_column(im, COLUMN_SWITCH))
        return import_fail(im, &r->entry->row->cells[0], NULL,
                           "name one, or say where such rows go: --to ACCOUNT", "the row names no account");
    if (!im->told_nowhere)
        import_fail(im, NULL, NULL, "--to ACCOUNT", "no column names accounts: say where the posts go");
    im->told_nowhere = true;
    return false;
}

/* ---- rows that are over ---- */

/* What a state means; NULL: it is imported, "draft" as one. */
static const struct {
    const char *word, *why;
} states[] = {
    {"draft", "draft"},    {"brouillon", "draft"}, {"held", "draft"},   {"needs approval", "draft"},
    {"ready", NULL},       {"scheduled", NULL},    {"approved", NULL},  {"queued", NULL},
    {"pending", NULL},     {"waiting", NULL},      {"planifie", NULL},  {"valide", NULL},
    {"programme", NULL},   {"pret", NULL},         {"a valider", "draft"}, {"a relire", "draft"},
    {"annule", "over"},    {"supprime", "over"},
    {"published", "over"}, {"sent", "over"},       {"posted", "over"},  {"publie", "over"},
    {"cancelled", "over"}, {"canceled", "over"},   {"deleted", "over"}, {"missed", "over"},
    {"refused", "over"},   {"failed", "over"},     {"error", "over"},   {"sending", "over"},
    {"unsure", "over"},
};

static bool read_state(struct row_reading *r, const struct import_column *column, const struct csv_cell *cell,
                       bool *ret_over)
{
    const char *word = fold_text(row_said(r, cell), r->im->arena);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(states[i].word, word) != 0)
            continue;
        *ret_over = states[i].why && !strcmp(states[i].why, "over");
        if (states[i].why && !*ret_over)
            row_set(r, "draft", json_true(), cell, column->header);
        if (*ret_over)
            import_leave_out(r->im, r->entry->row, "it is %s", word);
        return true;
    }
    return import_fail(r->im, cell, column->header, "write draft, scheduled or published",
                       "nothing is known of the state '%s'", row_said(r, cell));
}

static const struct csv_cell *cell_at(const struct import_entry *entry, size_t column)
{
    const struct csv_cell *cell = column < entry->row->count ? &entry->row->cells[column] : NULL;
    return cell && cell->text[strspn(cell->text, " \t\n")] ? cell : NULL;
}

/* First of all: of what is over, nothing else matters. */
static bool read_states(struct row_reading *r, bool *ret_over)
{
    bool ok = true;
    *ret_over = false;
    for (size_t i = 0; i < r->im->column_count; i++) {
        const struct csv_cell *cell = cell_at(r->entry, i);
        if (cell && r->im->columns[i].kind == COLUMN_STATE && !*ret_over)
            ok = read_state(r, &r->im->columns[i], cell, ret_over) && ok;
    }
    return ok;
}

static bool check_width(struct row_reading *r)
{
    const struct csv_row *row = r->entry->row;
    for (size_t i = r->im->column_count; i < row->count; i++)
        if (*row->cells[i].text)
            return import_fail(r->im, &row->cells[i], NULL, "a text with a separator in it must be in quotes",
                               "the row has %zu cells, and there are %zu columns", row->count,
                               r->im->column_count);
    return true;
}

static bool read_row(struct row_reading *r, bool *ret_over)
{
    bool ok = read_states(r, ret_over);
    if (*ret_over)
        return true;
    if (!check_width(r))
        return false; /* what is in which column, nobody knows */
    for (size_t i = 0; i < r->im->column_count; i++) {
        const struct csv_cell *cell = cell_at(r->entry, i);
        if (cell)
            ok = take_cell(r, &r->im->columns[i], cell) && ok;
    }
    row_finish_labels(r);
    ok = row_finish_media(r) && ok;
    ok = finish_time(r) && ok;
    return finish_accounts(r, ok, ret_over) && ok;
}

void import_read_rows(struct importing *im)
{
    for (size_t i = im->first_row; i < im->csv->row_count; i++) {
        struct row_reading r = {.im = im, .entry = arena_new_of(im->arena, struct import_entry)};
        bool over;
        r.entry->row = &im->csv->rows[i];
        r.entry->members = json_in_arena(im->arena, json_object());
        r.to = json_in_arena(im->arena, json_array());
        r.entry->faulty = !read_row(&r, &over);
        if (!over && (!r.entry->faulty || json_member(r.entry->members, "to")))
            *arena_push(im->arena, im->entries, im->entry_count) = r.entry;
    }
}
