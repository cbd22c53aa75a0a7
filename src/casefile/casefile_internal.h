/* casefile_internal.h - how a document is put together, and who makes which. */
#ifndef CASEFILE_CASEFILE_INTERNAL_H
#define CASEFILE_CASEFILE_INTERNAL_H

#include "casefile/casefile.h"

#include <jansson.h>

/* A document while it is built. The first thing that goes wrong is kept; what follows is harmless,
 * so that builders need no error handling. */
typedef struct Doc {
    json_t *root;
    const char *failed_key; /* of a number that is not finite, or of want of memory */
} Doc;

typedef struct CaseFile { /* a file that has been written */
    const char *name;
    size_t size;
    char sha256[65];
} CaseFile;

enum { CASE_FILES = 7, CASE_FORMAT = 1 };

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
bool doc_start(Doc *doc, const char *name, Err *err);
/* Writes the document and releases it; lists of numbers stand on one line. */
bool doc_finish(Arena *scratch, Doc *doc, const char *folder, CaseFile *file, Err *err);

void case_assessment(Doc *doc, const Case *plan);
void case_design(Doc *doc, const Case *plan);
void case_course(Doc *doc, const Case *plan);
void case_visibility(Doc *doc, const Case *plan);
void case_case(Doc *doc, const Case *plan, int file_count, const CaseFile file[]);
json_t *case_request(Doc *doc, const DesignRequest *request);

bool case_dots_csv(Arena *arena, const Case *plan, size_t *size, char **bytes, Err *err);
bool case_head_glb(Arena *arena, Arena *scratch, const Head *head, const Image *chart, size_t *size,
                   uint8_t **bytes, Err *err);
const char *case_landmark_name(HeadLandmark landmark);

#endif
