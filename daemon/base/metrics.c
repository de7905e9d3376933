/* See metrics.h. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/index.h"
#include "base/metrics.h"

static const struct {
    const char *name, *type, *label, *help;
} table[METRIC_COUNT] = {
    [METRIC_DELIVERIES] = {"cald_deliveries_total", "counter", "outcome",
                           "Deliveries that reached a final state."},
    [METRIC_ATTEMPTS] = {"cald_attempts_total", "counter", "account", "Attempts made."},
    [METRIC_RETRIES] = {"cald_retries_total", "counter", "account", "Attempts that will be made again."},
    [METRIC_UNSURE] = {"cald_unsure_total", "counter", "account", "Attempts with an uncertain outcome."},
    [METRIC_LATENESS_MS] = {"cald_lateness_milliseconds", "gauge", "account",
                            "Start of the last creating request after its slot."},
    [METRIC_WAITING] = {"cald_deliveries", "gauge", "state", "Deliveries by state."},
    [METRIC_APPROVAL] = {"cald_waiting_for_approval", "gauge", NULL, "Deliveries that wait for an approval."},
    [METRIC_CRISIS] = {"cald_crisis", "gauge", "account", "1 while nothing is published because of a crisis; '*': all."},
    [METRIC_ATTENTION] = {"cald_attention", "gauge", "kind",
                          "What needs somebody, as /v1/status lists it, but for deliveries."},
    [METRIC_HTTP_REQUESTS] = {"cald_control_requests_total", "counter", "status",
                              "Control requests answered."},
    [METRIC_RELOADS] = {"cald_reloads_total", "counter", "result", "Loads of the documents."},
    [METRIC_LOOP_TURNS] = {"cald_loop_turns_total", "counter", NULL, "Turns of the main loop."},
    [METRIC_DATABASE_COMMITS] = {"cald_database_commits_total", "counter", NULL, "Committed transactions."},
    [METRIC_DATABASE_ERRORS] = {"cald_database_errors_total", "counter", NULL, "Failed transactions."},
    [METRIC_LAST_WRITE] = {"cald_database_last_write_seconds", "gauge", NULL, "Unix time of the last commit."},
};

struct sample {
    struct sample *next;
    const char *label;
    double value;
};

static struct arena *arena; /* of all of them */
static struct {
    struct sample *first, *last; /* in the order in which they came */
    struct index by_label;
} samples[METRIC_COUNT];

static struct sample *add_sample(enum metric metric, const char *label)
{
    if (!arena)
        arena = arena_new();
    struct sample *sample = arena_new_of(arena, struct sample), *last = samples[metric].last;
    sample->label = arena_strdup(arena, label);
    *(last ? &last->next : &samples[metric].first) = sample;
    samples[metric].last = sample;
    samples[metric].by_label.arena = arena;
    index_put(&samples[metric].by_label, sample->label, sample);
    return sample;
}

static struct sample *sample_of(enum metric metric, const char *label)
{
    struct sample *sample = index_get(&samples[metric].by_label, label ? label : "");
    return sample ? sample : add_sample(metric, label ? label : "");
}

void metric_add(enum metric metric, const char *label, double amount)
{
    sample_of(metric, label)->value += amount;
}

void metric_set(enum metric metric, const char *label, double value)
{
    sample_of(metric, label)->value = value;
}

double metric_get(enum metric metric, const char *label)
{
    return sample_of(metric, label)->value;
}

static void print_label(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "{%s=\"", name);
    for (const char *c = value; *c; c++) {
        if (*c == '\n')
            buf_add_text(out, "\\n");
        else if (*c == '"' || *c == '\\')
            buf_printf(out, "\\%c", *c);
        else
            buf_add_char(out, *c);
    }
    buf_add_text(out, "\"}");
}

void metrics_print(struct buf *out)
{
    for (int m = 0; m < METRIC_COUNT; m++) {
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", table[m].name, table[m].help, table[m].name,
                   table[m].type);
        for (struct sample *s = samples[m].first; s; s = s->next) {
            buf_add_text(out, table[m].name);
            if (table[m].label)
                print_label(out, table[m].label, s->label);
            buf_printf(out, " %.17g\n", s->value);
        }
    }
}

void metrics_reset(void)
{
    arena_free(arena);
    arena = NULL;
    memset(samples, 0, sizeof samples);
}
