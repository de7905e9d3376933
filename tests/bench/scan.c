/*
 * scan: how fast libyaml alone goes through a calendar: its events, and nothing done with them. What cald needs to load,
 * check and plan the same file is measured against it.
 *
 *   scan FILE      one line of JSON: CPU seconds and events
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <yaml.h>

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    yaml_parser_t parser;
    long events = 0;
    if (!file || !yaml_parser_initialize(&parser)) {
        fprintf(stderr, "usage: scan FILE\n");
        return 2;
    }
    yaml_parser_set_input_file(&parser, file);
    double start = cpu();
    for (int over = 0; !over; events++) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            fprintf(stderr, "line %zu: %s\n", parser.problem_mark.line + 1, parser.problem);
            return 1;
        }
        over = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    printf("{\"cpu\": %.4f, \"events\": %ld}\n", cpu() - start, events);
    yaml_parser_delete(&parser);
    fclose(file);
    return 0;
}
