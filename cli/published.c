/* published: shows what is out on networks, and asks, before that is deleted or changed. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/post.h"
#include "cli/render.h"

/* partly: also what is out of a thread that failed. */
static bool concerns(const struct delivery_id *id, const json_t *delivery, bool partly)
{
    const char *account = json_text(delivery, "account");
    bool out = !strcmp(json_text(delivery, "state"), "published") ||
               (partly && json_number(delivery, "parts_out", 0) > 0);
    return (!id->account || !strcmp(id->account, account)) && out && !json_text(delivery, "deleted");
}

static const char *standing(struct cli *cli, const json_t *delivery)
{
    int64_t parts = json_number(delivery, "parts_out", 0);
    if (json_text(delivery, "published"))
        return arena_printf(cli->arena, "published %s", render_relative(cli, json_text(delivery, "published")));
    return arena_printf(cli->arena, "%s, %lld of its parts out", json_text(delivery, "state"), (long long)parts);
}

/* How many there are. */
static size_t show(struct cli *cli, const struct delivery_id *id, const json_t *post, bool partly)
{
    const json_t *deliveries = json_member(post, "deliveries");
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(deliveries); i++) {
        const json_t *d = json_array_get(deliveries, i);
        const char *url = json_text(d, "url");
        if (!concerns(id, d, partly))
            continue;
        printf("  %-16s %s  %s\n", render_line(cli, json_text(d, "account")), standing(cli, d),
               render_line(cli, url ? url : ""));
        if (!count++)
            printf("  %-16s %s\n", "", render_content(cli, json_member(d, "content")));
    }
    return count;
}

int post_agree(struct cli *cli, const struct delivery_id *id, bool partly, const char *question,
               const char *nothing, size_t *ret_count)
{
    struct answer answer;
    char line[16];
    *ret_count = 1;
    if (cli_switch(cli, "yes"))
        return EXIT_DONE;
    int code = client_send(cli, "GET", client_path(cli, "/v1/posts/%s", id->post), NULL, &answer);
    if (code)
        return code;
    *ret_count = show(cli, id, answer.json, partly);
    if (!*ret_count)
        return EXIT_DONE;
    printf(question, render_line(cli, id->post));
    fflush(stdout);
    bool agreed = fgets(line, sizeof line, stdin) && (*line == 'y' || *line == 'Y');
    return agreed ? EXIT_DONE : cli_fail(EXIT_REFUSED, "%s", nothing);
}

void post_print_kept(struct cli *cli, const struct answer *answer)
{
    const json_t *kept = json_member(answer->json, "kept");
    for (size_t i = 0; i < json_array_size(kept); i++)
        fprintf(stderr, "calctl: %s stays: %s\n",
                render_line(cli, json_text(json_array_get(kept, i), "delivery")),
                render_line(cli, json_text(json_array_get(kept, i), "why")));
}
