/* Cairo 1.16 cannot say in which language a document is written, nor what its figures show, which
 * readers for the blind need (PDF 32000-1, 14.9). Both are added as an incremental update (7.5.6):
 * the catalog and the figures' structure elements once more, with what they lack. */
#include "report/report_pdf.h"

#include "base/err.h"

#include <pango/pango.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An element or a catalog as cairo writes it, with its line of the cross-reference. */
enum { OBJECT_BYTES = 500, FIXED_BYTES = 2048 };

size_t pdf_extras_room(const PdfExtras *extras)
{
    size_t room = FIXED_BYTES;
    for (int i = 0; i < extras->alt_count; i++)
        room += OBJECT_BYTES + 4 * strlen(extras->alt[i]);
    return room;
}

typedef struct Update {
    char *text;
    size_t used, most;
    bool failed;
} Update;

static void put(Update *update, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void put(Update *update, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    int length = vsnprintf(update->text + update->used, update->most - update->used, fmt, list);
    va_end(list);
    update->failed |= length < 0 || (size_t)length >= update->most - update->used;
    if (!update->failed)
        update->used += (size_t)length;
}

/* ---- finding ---- */

static const char *find(const char *from, const char *until, const char *word)
{
    size_t length = strlen(word);
    while (from + length <= until) {
        const char *at = memchr(from, word[0], (size_t)(until - from) - length + 1);
        if (at == NULL || memcmp(at, word, length) == 0)
            return at;
        from = at + 1;
    }
    return NULL;
}

static const char *find_last(const char *from, const char *until, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = until - length; at >= from; at--)
        if (memcmp(at, word, length) == 0)
            return at;
    return NULL;
}

typedef struct Trailer {
    unsigned long objects, root, info, xref;
} Trailer;

static bool read_trailer(size_t size, const char *text, Trailer *trailer)
{
    char tail[256];
    const char *at = find_last(text, text + size, "trailer");
    if (at == NULL)
        return false;
    snprintf(tail, sizeof tail, "%.*s", (int)(size - (size_t)(at - text)), at);
    return sscanf(tail, "trailer << /Size %lu /Root %lu 0 R /Info %lu 0 R >> startxref %lu",
                  &trailer->objects, &trailer->root, &trailer->info, &trailer->xref) == 4;
}

/* The next figure's element from `from` on: where its number, its entries and its end are. */
typedef struct Element {
    unsigned long number;
    const char *entries, *end;
} Element;

static bool next_figure(const char *from, const char *until, Element *figure)
{
    static const char head[] = " 0 obj\n<< /Type /StructElem\n   /S /Figure\n";
    const char *at = find(from, until, head);
    if (at == NULL)
        return false;
    const char *line = at;
    while (line > from && line[-1] >= '0' && line[-1] <= '9')
        line--;
    figure->number = strtoul(line, NULL, 10);
    figure->entries = at + sizeof head - 1;
    figure->end = find(figure->entries, until, ">>\nendobj\n");
    return figure->end != NULL && figure->end - figure->entries < OBJECT_BYTES / 2;
}

static int count_figures(const char *from, const char *until)
{
    Element figure;
    int count = 0;
    while (next_figure(from, until, &figure)) {
        from = figure.end;
        count++;
    }
    return count;
}

/* ---- writing ---- */

/* A text string (7.9.2.2): UTF-16, the higher byte first, after a byte order mark. */
static void put_string(Update *update, const char *utf8)
{
    put(update, "<FEFF");
    for (const char *at = utf8; *at != '\0'; at += g_utf8_skip[(unsigned char)*at]) {
        uint32_t code = g_utf8_get_char(at);
        if (code < 0x10000)
            put(update, "%04X", code);
        else
            put(update, "%04X%04X", 0xD800 + ((code - 0x10000) >> 10),
                0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    put(update, ">");
}

static void put_figures(Update *update, const char *from, const char *until,
                        const PdfExtras *extras)
{
    Element figure;
    for (int i = 0; i < extras->alt_count && next_figure(from, until, &figure); i++) {
        char *valid = g_utf8_make_valid(extras->alt[i], -1);
        put(update, "%lu 0 obj\n<< /Type /StructElem\n   /S /Figure\n   /Alt ", figure.number);
        put_string(update, valid);
        put(update, "\n%.*s>>\nendobj\n", (int)(figure.end - figure.entries), figure.entries);
        g_free(valid);
        from = figure.end;
    }
}

static bool put_catalog(Update *update, const char *from, const char *until,
                        const PdfExtras *extras, unsigned long root)
{
    static const char type[] = "<< /Type /Catalog";
    char head[64];
    snprintf(head, sizeof head, "\n%lu 0 obj\n%s", root, type);
    const char *at = find_last(from, until, head);
    if (at == NULL)
        return false;
    at += strlen(head);
    const char *end = find(at, until, "endobj\n");
    if (end == NULL || end - at > OBJECT_BYTES)
        return false;
    put(update,
        "%lu 0 obj\n%s\n   /Lang (%s)\n   /ViewerPreferences << /DisplayDocTitle true%s "
        ">>%.*sendobj\n",
        root, type, extras->language, extras->right_to_left ? " /Direction /R2L" : "",
        (int)(end - at), at);
    return true;
}

/* One subsection for each object that was written, in whatever order. */
static void put_table(Update *update, size_t size, const Trailer *trailer)
{
    const char *end = update->text + update->used, *at = update->text + size;
    size_t table = update->used;
    put(update, "xref\n");
    while (at < end) {
        put(update, "%lu 1\n%010zu 00000 n \n", strtoul(at, NULL, 10), (size_t)(at - update->text));
        at = find(at, end, "\nendobj\n") + 8;
    }
    put(update,
        "trailer\n<< /Size %lu\n   /Root %lu 0 R\n   /Info %lu 0 R\n   /Prev %lu\n>>\n"
        "startxref\n%zu\n%%%%EOF\n",
        trailer->objects, trailer->root, trailer->info, trailer->xref, table);
}

size_t pdf_add_extras(size_t size, char text[], const PdfExtras *extras)
{
    Trailer trailer;
    Update update = {text, size, size + pdf_extras_room(extras), false};
    const char *end = text + size;
    if (!read_trailer(size, text, &trailer) || trailer.xref >= size)
        return size;
    if (!put_catalog(&update, text, end, extras, trailer.root))
        return size;
    if (count_figures(text, end) == extras->alt_count)
        put_figures(&update, text, end, extras);
    put_table(&update, size, &trailer);
    return update.failed ? size : update.used;
}
