/*
 * See smtp_dialogue.h. It does no I/O and knows nothing of what replies mean for a delivery.
 */
#include <ctype.h>
#include <string.h>

#include "publish/smtp_dialogue.h"

enum { LINE_MOST = 2048, REPLY_MOST = 8192, LINES_MOST = 100, REPLIES_MOST = 1100 };

static const char *const names[] = {
    [DIALOGUE_MAIL] = "mail",       [DIALOGUE_RCPT] = "rcpt", [DIALOGUE_DATA] = "data",
    [DIALOGUE_MESSAGE] = "message", [DIALOGUE_NOOP] = "noop", [DIALOGUE_OVER] = "quit",
};

void dialogue_begin(struct dialogue *dialogue, const struct mail *mail, int64_t size, struct arena *arena)
{
    dialogue->mail = mail;
    dialogue->size = size;
    dialogue->arena = arena;
    dialogue->at = mail->to_count > 0 ? DIALOGUE_MAIL : DIALOGUE_NOOP;
}

void dialogue_release(struct dialogue *dialogue)
{
    buf_release(&dialogue->line);
    buf_release(&dialogue->reply);
}

const char *dialogue_command(const struct dialogue *dialogue)
{
    const struct mail *mail = dialogue->mail;

    switch (dialogue->at) {
    case DIALOGUE_MAIL:
        if (dialogue->size > 0)
            return arena_printf(dialogue->arena, "MAIL FROM:<%s> SIZE=%lld\r\n", mail->from,
                                (long long)dialogue->size);
        return arena_printf(dialogue->arena, "MAIL FROM:<%s>\r\n", mail->from);
    case DIALOGUE_RCPT:
        return arena_printf(dialogue->arena, "RCPT TO:<%s>\r\n", mail->to[dialogue->recipient]);
    case DIALOGUE_DATA:
        return "DATA\r\n";
    case DIALOGUE_NOOP:
        return "NOOP\r\n";
    default:
        return NULL;
    }
}

static enum dialogue_at after_recipient(struct dialogue *dialogue, bool taken)
{
    dialogue->accepted += taken;
    if (++dialogue->recipient < dialogue->mail->to_count)
        return DIALOGUE_RCPT;
    return dialogue->accepted > 0 ? DIALOGUE_DATA : DIALOGUE_OVER;
}

static enum dialogue_at after(struct dialogue *dialogue, int code)
{
    bool taken = code / 100 == 2;

    if (code == 421)
        return DIALOGUE_OVER;
    switch (dialogue->at) {
    case DIALOGUE_MAIL:
        return taken ? DIALOGUE_RCPT : DIALOGUE_OVER;
    case DIALOGUE_RCPT:
        return after_recipient(dialogue, taken);
    case DIALOGUE_DATA:
        return code == 354 ? DIALOGUE_MESSAGE : DIALOGUE_OVER;
    default:
        return DIALOGUE_OVER;
    }
}

static int code_of(const char *text)
{
    if (text[0] < '2' || text[0] > '5' || !isdigit((unsigned char)text[1]) ||
        !isdigit((unsigned char)text[2]))
        return 0;
    return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

int dialogue_note(struct dialogue *dialogue, const char *command, const char *text)
{
    struct header *reply = arena_push(dialogue->arena, dialogue->replies, dialogue->reply_count);

    *reply = (struct header){arena_strdup(dialogue->arena, command), arena_strdup(dialogue->arena, text)};
    return code_of(text);
}

/* What comes unasked, also while the message is still on its way, can only be that the server gives up. */
static bool take_reply(struct dialogue *dialogue, struct error *err)
{
    const char *text = buf_text(&dialogue->reply);
    int code = code_of(text);

    if (dialogue->at == DIALOGUE_OVER || (!dialogue->waits && code < 400))
        return fail(err, "a reply to nothing: '%.100s'", text);
    dialogue->waits = false;
    dialogue_note(dialogue, names[dialogue->at], text);
    dialogue->at = after(dialogue, code);
    buf_reset(&dialogue->reply);
    dialogue->lines = 0;
    return true;
}

/* "250-text" goes on, "250 text" and "250" end the reply. Further lines are added without their code. */
static bool take_line(struct dialogue *dialogue, struct error *err)
{
    const char *line = buf_text(&dialogue->line);
    size_t length = dialogue->line.length;
    bool first = dialogue->lines++ == 0;
    char mark;

    if (length < 3 || code_of(line) == 0 || memchr(line, '\0', length) != NULL)
        return fail(err, "a line that is no reply: '%.100s'", line);
    mark = length > 3 ? line[3] : ' ';
    if (mark != ' ' && mark != '-')
        return fail(err, "a line that is no reply: '%.100s'", line);
    if (dialogue->lines > LINES_MOST || dialogue->reply.length + length > REPLY_MOST ||
        dialogue->reply_count > REPLIES_MOST)
        return fail(err, "a reply that does not end");
    if (!first && strncmp(line, buf_text(&dialogue->reply), 3) != 0)
        return fail(err, "a reply of several codes: '%.100s'", line);
    if (first)
        buf_add(&dialogue->reply, line, 3);
    if (length > 4)
        buf_add_char(&dialogue->reply, ' ');
    if (length > 4)
        buf_add_text(&dialogue->reply, line + 4);
    return mark == '-' || take_reply(dialogue, err);
}

bool dialogue_hear(struct dialogue *dialogue, const char *bytes, size_t length, struct error *err)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n') {
            if (dialogue->line.length == LINE_MOST)
                return fail(err, "a line that does not end");
            buf_add_char(&dialogue->line, bytes[i]);
            continue;
        }
        if (dialogue->line.length > 0 && dialogue->line.data[dialogue->line.length - 1] == '\r')
            dialogue->line.data[--dialogue->line.length] = '\0';
        if (!take_line(dialogue, err))
            return false;
        buf_reset(&dialogue->line);
    }
    return true;
}
