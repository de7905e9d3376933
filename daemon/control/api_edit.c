/*
 * api_edit: changing what a post says. The delivery's content is written back as an entry of the calendar,
 * the members of the request are laid over it, and the result is read and judged as if it came from the file.
 * What is published already is changed on its network, if that is asked for expressly; the publisher does it.
 */
#include <string.h>

#include "base/json.h"
#include "control/api.h"
#include "control/approve.h"
#include "control/change.h"
#include "control/problem.h"
#include "control/room.h"
#include "network/revision.h"

static json_t *media_to_entry(const struct part *part)
{
    json_t *list = json_array();
    for (size_t i = 0; i < part->media_count; i++) {
        json_t *media = json_object();
        json_set_text(media, "file", part->media[i].file);
        json_set_text(media, "alt", part->media[i].alt);
        json_array_append_new(list, media);
    }
    return list;
}

static json_t *texts_to_entry(const char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

static void add_list(json_t *entry, const char *name, json_t *list)
{
    if (json_array_size(list) > 0)
        json_set(entry, name, list);
    else
        json_decref(list);
}

/* Whether it says anything without its media. */
static bool has_words(const struct content *content)
{
    return *content->parts[0].text || content->title || content->body;
}

/* Media of what is published stay, and their files may be gone by now: they are not read again. */
static void drop_media(json_t *entry)
{
    json_t *part;
    size_t i;
    json_object_del(entry, "media");
    json_array_foreach(json_member(entry, "thread"), i, part)
    {
        json_object_del(part, "media");
    }
}

static void add_words(json_t *entry, const struct content *content)
{
    if (content->part_count == 1) {
        if (*content->parts[0].text)
            json_set_text(entry, "text", content->parts[0].text);
        add_list(entry, "media", media_to_entry(&content->parts[0]));
        return;
    }
    json_t *thread = json_array();
    for (size_t i = 0; i < content->part_count; i++) {
        json_t *part = json_object();
        json_set_text(part, "text", content->parts[i].text);
        add_list(part, "media", media_to_entry(&content->parts[i]));
        json_array_append_new(thread, part);
    }
    json_set(entry, "thread", thread);
}

static json_t *content_to_entry(const struct delivery *delivery, const struct content *content)
{
    json_t *entry = json_object(), *to = json_array();
    json_array_append_new(to, json_string(delivery->account));
    json_set(entry, "to", to);
    add_words(entry, content);
    json_set_text(entry, "title", content->title);
    json_set_text(entry, "link", content->link);
    json_set_text(entry, "language", content->language);
    json_set_text(entry, "warning", content->warning);
    json_set_text(entry, "body", content->body);
    json_set_text(entry, "summary", content->summary);
    json_set_text(entry, "slug", content->slug);
    json_set_text(entry, "visibility", visibility_name(content->visibility));
    add_list(entry, "tags", texts_to_entry(content->tags, content->tag_count));
    add_list(entry, "categories", texts_to_entry(content->categories, content->category_count));
    return entry;
}

static bool is_of_content(const char *member)
{
    static const char *const others[] = {"at", "publish_late", "override"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(member, others[i]) == 0)
            return false;
    return true;
}

/* null takes a member away; text and thread replace each other. */
static void lay_over(json_t *entry, const json_t *edit)
{
    const char *name;
    json_t *value;
    if (json_member(edit, "text"))
        json_object_del(entry, "thread");
    if (json_member(edit, "thread"))
        json_object_del(entry, "text");
    json_object_foreach((json_t *)(uintptr_t)edit, name, value)
    {
        if (!is_of_content(name))
            continue;
        if (json_is_null(value))
            json_object_del(entry, name);
        else
            json_object_set(entry, name, value);
    }
}

static const struct content *edited(struct change *change, const struct delivery *delivery,
                                    const struct content *content)
{
    struct call *call = change->call;
    json_t *entry = json_in_arena(call->arena, content_to_entry(delivery, content));
    const struct post *post;
    if (delivery->state == STATE_PUBLISHED && has_words(content))
        drop_media(entry);
    lay_over(entry, call->json);
    if (documents_read_post(change->judge.documents, entry, call->arena, &post, &change->judge.diags))
        return post->targets[0].contents[0];
    change->judge.malformed = true;
    return NULL;
}

static bool edits_content(const struct call *call)
{
    const char *name;
    json_t *value;
    json_object_foreach(call->json, name, value)
    {
        if (is_of_content(name))
            return true;
    }
    return false;
}

/* null: its entry in the calendar decides again. NULL: nothing was said. */
static const enum publish_late *publish_late_of(const struct call *call)
{
    static const enum publish_late unsaid = PUBLISH_LATE_UNSAID, no = PUBLISH_LATE_NO, yes = PUBLISH_LATE_YES;
    const json_t *value = json_member(call->json, "publish_late");
    if (!value)
        return NULL;
    return json_is_null(value) ? &unsaid : json_is_true(value) ? &yes : &no;
}

/* Where the request says nothing of the media of a part, they are those that are there. */
static const struct content *with_media(const struct content *content, const struct content *before,
                                        struct arena *arena)
{
    struct content *whole = arena_new_of(arena, struct content);
    struct part *parts = arena_alloc_array(arena, content->part_count, sizeof *parts);
    for (size_t i = 0; i < content->part_count; i++) {
        parts[i] = content->parts[i];
        if (parts[i].media_count || i >= before->part_count)
            continue;
        parts[i].media = before->parts[i].media;
        parts[i].media_count = before->parts[i].media_count;
    }
    *whole = *content;
    whole->parts = parts;
    return whole;
}

static const char *not_now(const struct call *call, const struct delivery *delivery)
{
    if (delivery->deleted || delivery->deleting)
        return delivery->deleted ? "it is deleted there" : "it is being deleted there";
    if (json_member(call->json, "at") || json_member(call->json, "publish_late"))
        return "it is published: its time is over";
    if (!call_query_flag(call, "published"))
        return "it is published; to change it there: 'calctl edit --yes' (in the API 'published=true')";
    return edits_content(call) ? NULL : "it is published";
}

/* What it is to say on its network. Judged as new words would be. */
static const char *prepare_published(struct change *change, const struct delivery *delivery,
                                     const struct account *account, struct move *move)
{
    struct call *call = change->call;
    const struct content *before = delivery->edit ? delivery->edit : delivery->content, *after;
    const char *why = not_now(call, delivery);
    if (why || !(after = edited(change, delivery, before)))
        return why;
    after = with_media(after, before, call->arena);
    bool settled = !delivery->editing && !json_member(delivery->memo, "edit");
    if (settled && revision_is_same(before, after))
        return "it says that already";
    why = publisher_cannot_edit(call->control->publisher, delivery, after, call->arena);
    if (!why)
        why = approve_edit(call, delivery, after, &move->word);
    if (why)
        return why;
    move->content = after;
    move->why = "to be edited";
    judge_content(&change->judge, account, after, delivery->bucket, delivery->post_id);
    judge_time(&change->judge, &(struct proposal){.account = account,
                                                  .content = after,
                                                  .bucket = delivery->bucket,
                                                  .self = delivery->post_id,
                                                  .at = delivery->slot,
                                                  .words_only = true});
    return NULL;
}

static const char *prepare_edit(struct change *change, const struct delivery *delivery, struct move *move)
{
    const struct account *account = change_account(change, delivery);
    const char *at = json_text(change->call->json, "at"), *slot_name;
    move->publish_late = publish_late_of(change->call);
    if (!account)
        return "its account is not in cald.yaml any more";
    if (delivery->state == STATE_PUBLISHED)
        return prepare_published(change, delivery, account, move);
    if (at && !posts_time(change->call, at, &account, 1, &move->slot, &slot_name))
        return NULL;
    if (delivery->state == STATE_SENDING || delivery->state == STATE_UNSURE ||
        delivery->state == STATE_CANCELLED)
        return arena_printf(change->call->arena, "it is %s", state_name(delivery->state));
    if (at && delivery->state == STATE_HELD && approve_is_missing(change->call, delivery))
        move->to = STATE_DRAFT; /* it can still be approved in time */
    if (edits_content(change->call))
        move->content = edited(change, delivery, delivery->content);
    if (move->content)
        judge_content(&change->judge, account, move->content, delivery->bucket, delivery->post_id);
    if (at || move->content)
        judge_time(&change->judge, &(struct proposal){.account = account,
                                                      .content = move->content ? move->content : delivery->content,
                                                      .bucket = delivery->bucket, .self = delivery->post_id,
                                                      .at = at ? move->slot : delivery->slot, .words_only = !at});
    return NULL;
}

void api_post_edit(struct call *call)
{
    call->dry_run = call_query_flag(call, "dry_run");
    struct change change = {.call = call, .deed = "edited", .why = "edited", .prepare = prepare_edit};
    if (json_object_size(call->json) == (json_member(call->json, "override") != NULL))
        problem(call, 400, "nothing to change was given");
    else
        change_run(&change);
}
