/* report_pdf.h - what is added to a document that cairo has written.
 */
#ifndef REPORT_REPORT_PDF_H
#define REPORT_REPORT_PDF_H

#include "base/arena.h"

#include <stddef.h>

typedef struct PdfExtras {
    const char *language; /* "de" */
    bool right_to_left;
    int alt_count;
    const char *const *alt; /* [alt_count] of the figures in their order, UTF-8 */
} PdfExtras;

/* Bytes that the update needs at most. */
size_t pdf_extras_room(const PdfExtras *extras);
/* Appends to the bytes of cairo 1.16 (text[size] is 0, room for pdf_extras_room more) an
 * incremental update: the language, the reading direction, the wish to show the title, the
 * alternative texts. Returns the new size; the old one where the document is not what cairo 1.16
 * writes. Alternative texts are left out where they and the figures are not equally many. */
size_t pdf_add_extras(size_t size, char text[], const PdfExtras *extras);

#endif
