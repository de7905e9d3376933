/*
 * calendar_without_bulk of calendar.h: what is left of a calendar once its posts are in the queue. Knows
 * which parts of a post are in the calendar's arena and which in its bulk (calendar_load.c).
 */
#include "editorial/calendar.h"

/* What it publishes is in the queue. The recurrence of a series is not in the bulk. */
static struct post copy_post(const struct post *post, struct arena *arena)
{
    struct post copy = *post;
    copy.id = arena_strdup(arena, post->id);
    copy.bucket = arena_strdup(arena, post->bucket);
    copy.covers = arena_strdup(arena, post->covers);
    copy.position.file = arena_strdup(arena, post->position.file);
    copy.targets = NULL;
    copy.target_count = 0;
    copy.media = NULL;
    copy.media_count = 0;
    copy.recalled = NULL;
    return copy;
}

const struct calendar *calendar_without_bulk(const struct calendar *calendar,
                                             bool (*keeps)(void *context, const struct post *post),
                                             void *context, struct arena *arena)
{
    struct calendar *left = arena_new_of(arena, struct calendar);
    struct post *posts = NULL;
    *left = *calendar;
    left->post_count = 0;
    for (size_t i = 0; i < calendar->post_count; i++) {
        const struct post *post = &calendar->posts[i];
        if (post->timing == TIMING_SERIES || (keeps && keeps(context, post)))
            *arena_push(arena, posts, left->post_count) = copy_post(post, arena);
    }
    left->posts = posts;
    left->ids = (struct index){.arena = arena};
    for (size_t i = 0; i < left->post_count; i++)
        if (posts[i].id)
            index_put(&left->ids, posts[i].id, &posts[i]);
    return left;
}
