/* Any bytes as CSV: bounded, or refused with a reason; what was read and is written again reads the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct csv *one, const struct csv *other)
{
    if (!other || one->row_count != other->row_count)
        bug("written and read, there are other rows");
    for (size_t i = 0; i < one->row_count; i++) {
        if (one->rows[i].count != other->rows[i].count)
            bug("written and read, row %zu has other cells", i);
        for (size_t k = 0; k < one->rows[i].count; k++)
            if (strcmp(one->rows[i].cells[k].text, csv_unguard(other->rows[i].cells[k].text)) != 0)
                bug("written and read, a cell says something else");
    }
}

static void write_again(const struct csv *csv, struct buf *out)
{
    for (size_t i = 0; i < csv->row_count; i++) {
        for (size_t k = 0; k < csv->rows[i].count; k++) {
            const char *text = csv->rows[i].cells[k].text;
            if (!utf8_is_valid(text, strlen(text)))
                bug("a cell is not UTF-8");
            if (k)
                buf_add_char(out, csv->separator);
            csv_add_cell(out, text);
        }
        buf_add_text(out, "\r\n");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct diags diags = diags_in(arena);
    const struct csv *csv = csv_parse("fuzz.csv", (const char *)data, size, 0, arena, &diags);
    if (!csv != (diags.errors == 1))
        bug("neither read nor refused");
    struct buf out = {0};
    if (csv) {
        write_again(csv, &out);
        if (out.length <= CSV_MAX_BYTES)
            check_same(csv,
                       csv_parse("again.csv", buf_text(&out), out.length, csv->separator, arena, &diags));
    }
    buf_release(&out);
    arena_free(arena);
    return 0;
}
