/*
 * Entries of the audit trail as text, their hash, and whether a row of them is whole. Knows no SQL: what is
 * here works on entries wherever they come from.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "queue/audit.h"

const char *const audit_kinds[] = {
    AUDIT_DELIVERY, AUDIT_APPROVAL, AUDIT_OVERRIDE, AUDIT_ACCOUNT, AUDIT_DOCUMENTS,
    AUDIT_TRUST,    AUDIT_CRISIS,   AUDIT_DELETION, AUDIT_EDIT,    NULL};

/* ---- as text ---- */

static void add_escaped(struct buf *out, unsigned char c)
{
    static const char letters[] = "\bb\ff\nn\rr\tt";
    const char *found = c ? strchr(letters, c) : NULL;
    if (c == '"' || c == '\\')
        buf_printf(out, "\\%c", c);
    else if (found && c < 0x20)
        buf_printf(out, "\\%c", found[1]);
    else
        buf_printf(out, "\\u%04x", c);
}

/* Run by run: this is on the way of every move. */
static void add_string(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    for (;;) {
        size_t plain = 0;
        while ((unsigned char)text[plain] >= 0x20 && text[plain] != '"' && text[plain] != '\\')
            plain++;
        buf_add(out, text, plain);
        if (!text[plain])
            break;
        add_escaped(out, (unsigned char)text[plain]);
        text += plain + 1;
    }
    buf_add_char(out, '"');
}

static void add_member(struct buf *out, const char *name, const char *text)
{
    buf_add_text(out, name);
    if (text)
        add_string(out, text);
    else
        buf_add_text(out, "null");
}

void audit_print(struct buf *out, const struct audit_entry *entry)
{
    char at[INSTANT_TEXT];
    add_member(out, "{\"account\":", entry->account);
    buf_add_text(out, ",\"after\":");
    buf_add_text(out, entry->after ? entry->after : "null");
    add_member(out, ",\"at\":", instant_format(entry->at, at, sizeof at));
    buf_add_text(out, ",\"before\":");
    buf_add_text(out, entry->before ? entry->before : "null");
    add_member(out, ",\"from\":", entry->from);
    add_member(out, ",\"kind\":", entry->kind);
    buf_add_text(out, ",\"number\":");
    buf_add_number(out, entry->number);
    add_member(out, ",\"post\":", entry->post_id);
    add_member(out, ",\"previous\":", entry->previous);
    add_member(out, ",\"to\":", entry->to);
    add_member(out, ",\"via\":", entry->via);
    add_member(out, ",\"who\":", entry->who);
    add_member(out, ",\"why\":", entry->why);
    buf_add_char(out, '}');
}

char *audit_hash(const struct audit_entry *entry, char ret_hash[SHA256_HEX])
{
    struct buf text = {0};
    buf_reserve(&text, 512);
    audit_print(&text, entry);
    sha256_hex(text.data, text.length, ret_hash);
    buf_release(&text);
    return ret_hash;
}

/* ---- as JSON ---- */

static const struct {
    const char *name;
    size_t offset;
} texts[] = {
#define TEXT(name, member)                                                                                   \
    {                                                                                                        \
        name, offsetof(struct audit_entry, member)                                                           \
    }
    TEXT("account", account), TEXT("from", from), TEXT("hash", hash), TEXT("kind", kind),
    TEXT("post", post_id),    TEXT("to", to),     TEXT("via", via),   TEXT("previous", previous),
    TEXT("who", who),         TEXT("why", why),
#undef TEXT
};

static json_t *parsed(const char *text)
{
    json_t *value = text ? json_parse(text, strlen(text), NULL) : NULL;
    return value ? value : json_null();
}

json_t *audit_to_json(const struct audit_entry *entry)
{
    json_t *object = json_object();
    char at[INSTANT_TEXT];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = *(const char *const *)((const char *)entry + texts[i].offset);
        json_set(object, texts[i].name, text ? json_string(text) : json_null());
    }
    json_set_number(object, "number", entry->number);
    json_set_text(object, "at", instant_format(entry->at, at, sizeof at));
    json_set(object, "before", parsed(entry->before));
    json_set(object, "after", parsed(entry->after));
    return object;
}

static const char *printed(const json_t *object, const char *name, struct arena *arena)
{
    json_t *value = json_member(object, name);
    if (!json_is_object(value))
        return NULL;
    char *text = json_print(value);
    const char *copy = arena_strdup(arena, text);
    free(text);
    return copy;
}

bool audit_from_json(const json_t *object, struct arena *arena, struct audit_entry *ret_entry)
{
    struct audit_entry entry = {.number = json_number(object, "number", 0)};
    const char *at = json_text(object, "at");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *(const char **)((char *)&entry + texts[i].offset) = json_text(object, texts[i].name);
    entry.before = printed(object, "before", arena);
    entry.after = printed(object, "after", arena);
    if (entry.number <= 0 || !at || !instant_parse(at, &entry.at) || !entry.kind || !entry.who || !entry.to)
        return false;
    *ret_entry = entry;
    return true;
}

/* ---- verifying ---- */

static void add_fault(struct audit_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_fault(struct audit_check *check, const char *format, ...)
{
    size_t place = check->fault_count++;
    if (place >= AUDIT_FAULTS)
        return;
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    fail(&check->faults[place], "%s", buf_text(&text));
    buf_release(&text);
}

static void check_number(struct audit_check *check, int64_t number)
{
    if (number == check->last + 2)
        add_fault(check, "entry %lld is missing", (long long)check->last + 1);
    else if (number > check->last + 1)
        add_fault(check, "entries %lld to %lld are missing", (long long)check->last + 1,
                  (long long)number - 1);
    else if (number <= check->last)
        add_fault(check, "entry %lld comes after entry %lld", (long long)number, (long long)check->last);
}

static void check_hash(struct audit_check *check, const struct audit_entry *entry)
{
    struct audit_entry chained = *entry;
    char hash[SHA256_HEX];
    chained.previous = check->head[0] ? check->head : NULL;
#ifdef CALD_MUTANT_LOOSE_CHAIN
    chained.previous = entry->previous;
#endif
    bool follows = !chained.previous == !entry->previous &&
                   (!chained.previous || !strcmp(chained.previous, entry->previous));
    if (!follows || strcmp(audit_hash(&chained, hash), entry->hash) != 0)
        add_fault(check, "entry %lld is not as it was written, or does not follow the one before it",
                  (long long)entry->number);
    snprintf(check->head, sizeof check->head, "%s", entry->hash);
    if (check->wanted && !strcmp(check->wanted, entry->hash))
        check->found = true;
}

void audit_check_next(struct audit_check *check, const struct audit_entry *entry)
{
    check_number(check, entry->number);
    check->last = entry->number;
    if (entry->hash) {
        check->entries++;
        check_hash(check, entry);
    } else if (check->entries) {
        add_fault(check, "entry %lld has no hash", (long long)entry->number);
    } else {
        check->older++;
    }
}
