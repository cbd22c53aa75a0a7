/* doc.h - how a JSON document is put together.
 *
 * The first thing that goes wrong is kept and what follows is harmless, so that builders need no
 * error handling; doc_render says what it was. Numbers are rounded to the decimals that are meant,
 * lists of numbers stand on one line: the same values give the same bytes.
 */
#ifndef BASE_DOC_H
#define BASE_DOC_H

#include "base/arena.h"
#include "base/vec.h"

#include <jansson.h>

typedef struct Doc {
    json_t *root;
    const char *failed_key; /* of a number that is not finite, or of want of memory */
} Doc;

/* A document with "schema": "follicle/NAME" and "version". */
MUST_CHECK bool doc_start(Doc *doc, const char *name, int version, Err *err);
/* value becomes the object's (or the list's); NULL marks the document as failed. */
bool doc_put(Doc *doc, json_t *object, const char *key, json_t *value);
bool doc_add(Doc *doc, json_t *list, const char *key, json_t *value);
/* A new object or list under a key; a new object at the end of a list. NULL after a failure. */
json_t *doc_object(Doc *doc, json_t *parent, const char *key);
json_t *doc_list(Doc *doc, json_t *parent, const char *key);
json_t *doc_entry(Doc *doc, json_t *list, const char *key);
/* A number rounded to `decimals`; NULL when it is not finite. */
json_t *doc_number(double value, int decimals);
json_t *doc_text(const char *text); /* bytes that are no UTF-8 become '?' */
json_t *doc_point(Vec3 point, int decimals);
json_t *doc_band(double low, double expected, double high, int decimals);
/* The document as text, ending in a newline; releases the document, also after a failure. `file`
 * names it in the error. */
MUST_CHECK bool doc_render(Arena *arena, Doc *doc, const char *file, size_t *size, char **text,
                           Err *err);

#endif
