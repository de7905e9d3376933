/*
 * template: text with {{placeholders}}. No conditions, no loops, no code.
 *
 *   {"content": {{text}}, "note": "by {{account}}"}
 *
 * A placeholder is {{name}}, spaces inside allowed; everything else stands for itself. A value is put in
 * so that it cannot break out of its place: the style says what that takes.
 */
#ifndef CALD_TEMPLATE_H
#define CALD_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "base/error.h"

struct buf;

enum template_style {
    TEMPLATE_PLAIN,  /* as it is */
    TEMPLATE_JSON,   /* as a JSON value; within a quoted string as the inside of one */
    TEMPLATE_FORM,   /* percent-encoded */
    TEMPLATE_XML,    /* & < > " ' escaped */
    TEMPLATE_URL,    /* percent-encoded but for / : @, so that a path or host:port may be put in */
    TEMPLATE_HEADER, /* control characters become spaces */
};

/*
 * Whether every placeholder is one of the names and none is left open: "unknown placeholder 'txt',
 * did you mean 'text'?".
 */
bool template_check(const char *template, const char *const *names, size_t count, struct error *err);

/* Whether the template has this placeholder. */
bool template_uses(const char *template, const char *name);

/* What is put in for a name: a new reference, or NULL: nothing. Asked at each placeholder, in their order. */
typedef json_t *template_value(const void *context, const char *name);

/* The member of a json_t object, for who has them all. */
json_t *template_member(const void *object, const char *name);

/*
 * Adds the template with the values put in. In a text a list is its items, separated by ", " and what is
 * absent is nothing; in JSON a list is a list and what is absent is null.
 */
void template_render(const char *template, enum template_style style, template_value *value,
                     const void *context, struct buf *out);

#endif
