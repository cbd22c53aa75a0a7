/* writer.h - text that grows: files of some megabytes, number by number. */
#ifndef EXPORT_WRITER_H
#define EXPORT_WRITER_H

#include "export/export.h"

typedef struct WriterChunk WriterChunk;
typedef struct Writer {
    Arena *scratch;
    WriterChunk *first, *last;
    size_t size;
    bool full; /* the rest is lost; writer_end says so */
} Writer;

Writer writer_make(Arena *scratch);
void writer_put(Writer *writer, const char *text);
/* Rounded to `decimals` <= 6, without zeros at its end: 1.5, -0.25, 3. Finite, below 1e9. */
void writer_number(Writer *writer, double value, int decimals);
void writer_int(Writer *writer, int value);
/* With the marks of XML's own replaced, and what is no UTF-8 or not allowed there by '?'. */
void writer_xml(Writer *writer, const char *text);
/* All of it into the arena, which must not be the scratch. */
MUST_CHECK bool writer_end(Writer *writer, Arena *arena, const char *name, ExportBytes *file,
                           Err *err);

#endif
