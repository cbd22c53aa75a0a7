/* file_table.h - the numbers and words of a design as tables.
 *
 * One row says key, unit, range and decimals; reading, writing, checking, rounding and comparing
 * all go by it, so that none of them can forget a number.
 */
#ifndef DESIGN_FILE_TABLE_H
#define DESIGN_FILE_TABLE_H

#include "base/doc.h"
#include "base/node.h"
#include "design/propose.h"

typedef struct FileNumber {
    const char *key;
    size_t at; /* of the double in its struct */
    int decimals;
    double low, high;
    bool unknown_is_0; /* then the key is absent */
} FileNumber;

typedef struct FileWord { /* an enum */
    const char *key;
    size_t at;
    int count;
    const char *(*name)(int index);
} FileWord;

typedef struct FileTable {
    const FileNumber *number; /* up to key NULL, as word */
    const FileWord *word;
} FileTable;

/* A density of a region: as the design's own. */
#define FILE_DENSITY_LOW  20.0
#define FILE_DENSITY_HIGH 300.0
/* The rim of the chart lies at 1.441; a little beyond it is still a place that can be named. */
#define FILE_CHART_REACH 1.5
/* Of brushes: a fine liner to a wide sponge. [assumption] */
#define FILE_BRUSH_LOW_MM  0.5
#define FILE_BRUSH_HIGH_MM 100.0

extern const FileTable file_hairline, file_density, file_region, file_shape, file_shape_height,
    file_shape_width, file_stroke, file_marks, file_client, file_drawn, file_request;

bool file_put(Doc *doc, json_t *object, const void *base, const FileTable *table);
/* partial: a missing key keeps what is there. */
MUST_CHECK bool file_read(const Node *node, void *base, const FileTable *table, bool partial);
/* Refuses keys that are neither in the tables (NULL ends both) nor in `more`. */
MUST_CHECK bool file_only(const Node *node, const FileTable *const table[],
                          const char *const more[]);
/* part: what the struct is, for the message ("regions[2]"). */
MUST_CHECK bool file_check(const char *part, const void *base, const FileTable *table, Err *err);
void file_settle(void *base, const FileTable *table);
bool file_same(const void *a, const void *b, const FileTable *table);

double file_round(double value, int decimals); /* as doc_number */
DesignPlace file_round_place(DesignPlace place);
/* Printable UTF-8, terminated, zero behind the end; true: it was already. */
bool file_settle_text(size_t capacity, char text[capacity]);
bool file_is_text(size_t capacity, const char text[capacity]);

/* ---- parts that a design and a preset share */

bool file_put_seed(Doc *doc, json_t *object, uint64_t seed);
MUST_CHECK bool file_read_seed(const Node *node, const char *key, uint64_t *seed);
MUST_CHECK bool file_read_flag(const Node *node, const char *key, bool *flag);
MUST_CHECK bool file_read_word(const Node *node, const char *key, int count,
                               const char *(*name)(int index), int *index);
bool file_put_marks(Doc *doc, json_t *parent, const DesignMarks *marks);
MUST_CHECK bool file_read_marks(const Node *node, DesignMarks *marks, bool partial);
bool file_put_client(Doc *doc, json_t *parent, const DesignClient *client);
MUST_CHECK bool file_read_client(const Node *node, DesignClient *client);
MUST_CHECK bool file_check_marks(const DesignMarks *marks, Err *err);
bool file_same_client(const DesignClient *a, const DesignClient *b);
int file_least_points(DesignShapeKind kind); /* 0: a kind without points */
bool file_has_width(DesignShapeKind kind);
bool file_is_stage(DesignShapeKind kind);
bool file_has_height(DesignShapeKind kind);

/* ---- of the design alone */

/* Every count and index within its array, and no more points than fit when packed. */
MUST_CHECK bool design_check_indices(const Design *design, Err *err);
/* A document of version 1, open: what it says of the hairline and of its request. */
MUST_CHECK bool design_read_v1(const Node *root, Design *design);
/* One clockwise whorl at its average place, for a document that names none and without a head. */
void design_average_whorl(Growth *growth);

#endif
