/*
 * fuzz_smtp: arbitrary bytes as what a mail server sends, and the driver's reading of the replies in them.
 *
 * The bytes come in pieces of changing sizes; commands are said as smtp.c says them. What must hold: it ends,
 * each reply has a command and begins with a code, and where the driver finds the message taken the last
 * reply is one of success to its end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "network/drivers.h"
#include "publish/smtp_dialogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const recipients[] = {"a@x.org", "b@x.org"};
static const struct mail letter = {.from = "n@x.org", .to = recipients, .to_count = 2};

static void hear(struct dialogue *dialogue, const char *bytes, size_t size)
{
    struct error err;

    for (size_t at = 0; at < size && dialogue->at != DIALOGUE_OVER;) {
        size_t piece = 1 + (unsigned char)bytes[at] % 23;

        dialogue_command(dialogue);
        dialogue->waits = true;
        if (!dialogue_hear(dialogue, bytes + at, piece < size - at ? piece : size - at, &err))
            return;
        at += piece;
    }
}

static void judge(const struct dialogue *dialogue, struct arena *arena)
{
    const struct header *last = &dialogue->replies[dialogue->reply_count - 1];
    json_t *options = json_in_arena(arena, json_pack("{s:s,s:s,s:[s,s]}", "server", "x.org", "from",
                                                     "n@x.org", "to", recipients[0], recipients[1]));
    json_t *nothing = json_in_arena(arena, json_object());
    struct account account = {.name = "a", .network = &network_email, .options = options};
    struct content content = {.parts = &(struct part){.text = "x"}, .part_count = 1};
    struct job job = {.account = &account,
                      .content = &content,
                      .post_id = "p",
                      .key = "0",
                      .memo = nothing,
                      .session = nothing};
    struct step step = {.kind = STEP_CREATE, .name = "send", .request = {.mail = &letter}};
    struct response response = {.status = atoi(last->value),
                                .headers = dialogue->replies,
                                .header_count = dialogue->reply_count,
                                .body = ""};
    struct outcome outcome = {0};
    bool success = strcmp(last->name, "message") == 0 && last->value[0] == '2';

    network_email.read(&job, &step, &response, arena, &outcome);
    if ((outcome.kind == OUTCOME_DONE || outcome.kind == OUTCOME_NEXT) != success)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct dialogue dialogue = {0};

    dialogue_begin(&dialogue, &letter, 0, arena);
    hear(&dialogue, (const char *)data, size);
    for (size_t i = 0; i < dialogue.reply_count; i++) {
        if (dialogue.replies[i].value[0] < '2' || dialogue.replies[i].value[0] > '5')
            abort();
    }
    if (dialogue.reply_count > 0)
        judge(&dialogue, arena);
    dialogue_release(&dialogue);
    arena_free(arena);
    return 0;
}
