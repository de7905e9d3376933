/*
 * A post as a message: its headers, and its body as plain text and as HTML, with the images in the message
 * itself (RFC 2046 section 5.1.4, RFC 2387, RFC 2392). What the forms are is mime.h's. The same job gives the
 * same bytes: boundaries and ids come from the delivery's key.
 *
 *     multipart/alternative        or, without images:   multipart/alternative
 *       text/plain                                         text/plain
 *       multipart/related                                  text/html
 *         text/html
 *         image/png …
 *
 * With documents both stand in a multipart/mixed, whose other parts they are: attachments.
 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "network/article.h"
#include "network/driver.h"
#include "network/email.h"
#include "network/markdown.h"
#include "network/mime.h"

enum { NAME_MOST = 100 };

struct writer {
    const struct job *job;
    struct arena *arena;
    struct buf *out;
    const char *domain;
    const struct media **files; /* images, then documents */
    size_t image_count, count;
};

const char *email_message_id(const struct job *job, struct arena *arena)
{
    return arena_printf(arena, "<%s@%s>", job->key, mime_domain(account_option(job->account, "from")));
}

static const char *content_id(const struct writer *w, size_t image)
{
    return arena_printf(w->arena, "%zu.%s@%s", image + 1, w->job->key, w->domain);
}

/* ---- headers ---- */

/* Who gets one of several copies does not see who gets the others. */
static void add_to(struct writer *w)
{
    const json_t *to = json_member(w->job->account->options, "to");
    if (json_array_size(to) == 1)
        mime_add_mailbox(w->out, "To", NULL, json_string_value(json_array_get(to, 0)));
    else
        mime_add_raw(w->out, "To", "undisclosed-recipients:;");
}

static void add_unsubscribe(struct writer *w)
{
    struct buf list = {0};
    size_t i;
    json_t *item;
    json_array_foreach(json_member(w->job->account->options, "unsubscribe"), i, item)
    {
        buf_printf(&list, "%s<%s>", i ? ", " : "", json_string_value(item));
    }
    if (list.length)
        mime_add_raw(w->out, "List-Unsubscribe", list.data);
    if (list.length && json_flag(w->job->account->options, "one_click", false))
        mime_add_raw(w->out, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    buf_release(&list);
}

/* Language tags are ASCII; what is none is not told. */
static void add_language(struct writer *w)
{
    const char *language = w->job->content->language;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    if (language && *language && !language[strspn(language, letters)])
        mime_add_raw(w->out, "Content-Language", language);
}

static void add_headers(struct writer *w, instant date)
{
    const struct account *account = w->job->account;
    const char *reply_to = account_option(account, "reply_to");
    mime_add_date(w->out, date);
    mime_add_mailbox(w->out, "From", account_option(account, "name"), account_option(account, "from"));
    add_to(w);
    if (reply_to)
        mime_add_mailbox(w->out, "Reply-To", NULL, reply_to);
    mime_add_text(w->out, "Subject", article_title(w->job->content, w->arena));
    mime_add_raw(w->out, "Message-ID", email_message_id(w->job, w->arena));
    add_unsubscribe(w);
    add_language(w);
    mime_add_raw(w->out, "MIME-Version", "1.0");
}

/* ---- parts ---- */

/* "=_" never stands in quoted-printable, nor in base64 before its end: no text holds a boundary. */
static void begin_multipart(struct writer *w, const char *type, int boundary)
{
    buf_printf(w->out, "Content-Type: multipart/%s;\r\n boundary=\"=_%s_%d\"\r\n\r\n", type, w->job->key,
               boundary);
}

static void add_boundary(struct writer *w, int boundary, bool last)
{
    buf_printf(w->out, "--=_%s_%d%s\r\n", w->job->key, boundary, last ? "--" : "");
}

static void add_text_part(struct writer *w, const char *type, const char *text)
{
    buf_printf(w->out,
               "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
               type);
    mime_add_quoted_printable(w->out, text);
}

static void add_image(struct writer *w, size_t i)
{
    const char *mime = w->files[i]->mime, *slash = strchr(mime, '/');
    buf_printf(w->out, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", mime);
    buf_printf(w->out, "Content-ID: <%s>\r\n", content_id(w, i));
    buf_printf(w->out, "Content-Disposition: inline; filename=\"image-%zu.%s\"\r\n\r\n", i + 1,
               slash ? slash + 1 : "bin");
    buf_add(w->out, "", 1); /* the place of the image: see network.h */
    buf_add_text(w->out, "\r\n");
}

/* Its name; an upload's is a hash. */
static const char *document_name(const struct writer *w, size_t i)
{
    const char *slash = strrchr(w->files[i]->file, '/'), *name = slash ? slash + 1 : w->files[i]->file;
    bool plain = !strchr(name, ':') && strlen(name) <= NAME_MOST;
    return plain ? name : arena_printf(w->arena, "document-%zu.pdf", i - w->image_count + 1);
}

/* Beyond ASCII as RFC 2231 section 4 has it. */
static void add_file_name(struct writer *w, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    bool plain = !name[strspn(name, letters)];
    buf_add_text(w->out, "Content-Disposition: attachment;\r\n ");
    if (plain) {
        buf_printf(w->out, "filename=\"%s\"\r\n\r\n", name);
        return;
    }
    buf_add_text(w->out, "filename*=UTF-8''");
    buf_add_url(w->out, name);
    buf_add_text(w->out, "\r\n\r\n");
}

static void add_document(struct writer *w, size_t i)
{
    buf_printf(w->out, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", w->files[i]->mime);
    add_file_name(w, document_name(w, i));
    buf_add(w->out, "", 1);
    buf_add_text(w->out, "\r\n");
}

/* ---- the text, twice ---- */

static const char *footer_of(const struct writer *w)
{
    return account_option(w->job->account, "footer");
}

static void add_paragraph(struct buf *text, const char *paragraph)
{
    while (text->length && text->data[text->length - 1] == '\n')
        text->length--;
    buf_add_text(text, text->length ? "\n\n" : "");
    buf_add_text(text, paragraph);
}

static void add_alts(struct writer *w, struct buf *text)
{
    for (size_t i = 0; i < w->image_count; i++) {
        const char *alt = w->files[i]->alt;
        const char *bracketed = alt && *alt ? arena_printf(w->arena, "[%s]", alt) : NULL;
        if (bracketed && !strstr(buf_text(text), bracketed)) /* the body may have shown it */
            add_paragraph(text, bracketed);
    }
}

static const char *plain_text(struct writer *w)
{
    const struct content *content = w->job->content;
    bool has_body = content->body && *content->body;
    const char *words =
        has_body ? markdown_to_plain(content->body, w->arena) : article_text(content, w->arena);
    struct buf text = {0};
    if (content->warning && *content->warning)
        add_paragraph(&text, content->warning);
    add_paragraph(&text, words);
    if (content->link && !driver_has_link(words, content->link))
        add_paragraph(&text, content->link);
    add_alts(w, &text);
    if (footer_of(w)) /* "-- " and what follows is a signature to programs (RFC 3676 section 4.3) */
        add_paragraph(&text, arena_printf(w->arena, "-- \n%s", markdown_to_plain(footer_of(w), w->arena)));
    const char *copy = arena_strdup(w->arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

static const char *html_body(struct writer *w)
{
    struct article_image *images = arena_alloc_array(w->arena, w->image_count + 1, sizeof *images);
    for (size_t i = 0; i < w->image_count; i++)
        images[i] = (struct article_image){.media = w->files[i],
                                           .url = arena_printf(w->arena, "cid:%s", content_id(w, i))};
    return article_html(w->job->content, 1, images, w->image_count, w->arena);
}

static const char *html_page(struct writer *w)
{
    const char *language = w->job->content->language;
    struct buf html = {0};
    buf_add_text(&html, "<!DOCTYPE html>\n<html");
    if (language && *language) {
        buf_add_text(&html, " lang=\"");
        buf_add_xml(&html, language);
        buf_add_char(&html, '"');
    }
    buf_add_text(&html, ">\n<head><meta charset=\"utf-8\" /><title>");
    buf_add_xml(&html, article_title(w->job->content, w->arena));
    buf_add_text(&html, "</title></head>\n<body>\n");
    buf_add_text(&html, html_body(w));
    if (footer_of(w)) {
        buf_add_text(&html, "<hr />\n");
        buf_add_text(&html, markdown_to_html(footer_of(w), 3, NULL, 0, w->arena));
    }
    buf_add_text(&html, "</body>\n</html>\n");
    const char *copy = arena_strdup(w->arena, buf_text(&html));
    buf_release(&html);
    return copy;
}

/* ---- the whole ---- */

static void add_html(struct writer *w)
{
    if (!w->image_count) {
        add_text_part(w, "text/html", html_page(w));
        return;
    }
    begin_multipart(w, "related; type=\"text/html\"", 2);
    add_boundary(w, 2, false);
    add_text_part(w, "text/html", html_page(w));
    for (size_t i = 0; i < w->image_count; i++) {
        add_boundary(w, 2, false);
        add_image(w, i);
    }
    add_boundary(w, 2, true);
}

static void add_words(struct writer *w)
{
    begin_multipart(w, "alternative", 1);
    add_boundary(w, 1, false);
    add_text_part(w, "text/plain", plain_text(w));
    add_boundary(w, 1, false);
    add_html(w);
    add_boundary(w, 1, true);
}

static void add_words_and_documents(struct writer *w)
{
    begin_multipart(w, "mixed", 3);
    add_boundary(w, 3, false);
    add_words(w);
    for (size_t i = w->image_count; i < w->count; i++) {
        add_boundary(w, 3, false);
        add_document(w, i);
    }
    add_boundary(w, 3, true);
}

/* In the order in which they have their places. */
static void find_files(struct writer *w)
{
    const struct media **all = article_media(w->job->content, w->arena, &w->count);
    size_t at = 0;
    w->files = arena_alloc_array(w->arena, w->count + 1, sizeof *w->files);
    for (size_t i = 0; i < w->count; i++)
        if (!media_is_document(all[i]))
            w->files[at++] = all[i];
    w->image_count = at;
    for (size_t i = 0; i < w->count; i++)
        if (media_is_document(all[i]))
            w->files[at++] = all[i];
}

void email_message(const struct job *job, instant date, struct arena *arena, struct request *request)
{
    struct buf out = {0};
    struct writer w = {
        .job = job, .arena = arena, .out = &out, .domain = mime_domain(account_option(job->account, "from"))};
    find_files(&w);
    add_headers(&w, date);
    if (w.count > w.image_count)
        add_words_and_documents(&w);
    else
        add_words(&w);
    request->body = arena_strndup(arena, out.data, out.length);
    request->body_length = out.length;
    request->inserts = w.files;
    request->insert_count = w.count;
    buf_release(&out);
}
