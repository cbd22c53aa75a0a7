/* casefile_internal.h - who makes which document, and how tables are read and written. */
#ifndef CASEFILE_CASEFILE_INTERNAL_H
#define CASEFILE_CASEFILE_INTERNAL_H

#include "base/doc.h"
#include "casefile/casefile.h"
#include "casefile/read.h"

typedef struct CaseFile { /* a file that has been written */
    const char *name;
    size_t size;
    char sha256[65];
} CaseFile;

enum { CASE_FILES = 15, CASE_COURSE_FILES = 4 };

/* The version of the documents that this program writes; 0 for a name it does not know. */
int casefile_version(const char *name);

void case_assessment(Doc *doc, const Case *plan);
void case_layout(Doc *doc, const Case *plan);
void case_course(Doc *doc, const Case *plan);
void case_visibility(Doc *doc, const Case *plan);
void case_case(Doc *doc, const Case *plan, int file_count, const CaseFile file[]);
const char *case_state_word(CourseState state); /* of sessions, in course.json */
json_t *case_lab(Lab lab);
json_t *case_points(Doc *doc, int count, const Vec3 point_mm[]);
void case_put_edges(Doc *doc, const DotsWanted *wanted); /* layout.json */
void case_put_dots(Doc *doc, const Case *plan);          /* case.json */
/* What of case.json's parameters comes with a course and its papers. */
void case_put_course_parameters(Doc *doc, json_t *parameters, const Case *plan);

/* course.json, protocol.json, and where there are such, prices.json and clinic.json. */
bool case_write_course(Arena *scratch, const Case *plan, const char *folder,
                       CaseFile file[CASE_COURSE_FILES], int *count, Err *err);

/* The rows of dots.csv; ERR_INPUT names a dot whose numbers are not finite. */
bool case_dots(Arena *arena, const Case *plan, CaseDots *dots, Err *err);
bool case_fixed_csv(Arena *arena, const DotsSequence *sequence, size_t *size, char **bytes,
                    Err *err);
bool case_field_csv(Arena *arena, const Case *plan, size_t *size, char **bytes, Err *err);
bool case_head_glb(Arena *arena, Arena *scratch, const Head *head, const Image *chart, size_t *size,
                   uint8_t **bytes, Err *err);
const char *case_landmark_name(HeadLandmark landmark);
const char *case_fixed_name(DotsFixedKind kind);
void case_budget(const Case *plan, BudgetZone zone[DOTS_ZONES]);

/* ---- tables (casefile_csv.c) */

/* Into a row, without the library's formatting, which takes several times as long. */
char *csv_put_text(char *to, const char *text);
char *csv_put_digits(char *to, uint64_t value, int least);
/* value * 10^decimals rounded to the nearest whole number, half away from zero, written as a
 * decimal; |value| < 1e9. */
char *csv_put_fixed(char *to, double value, int decimals);

typedef enum CsvKind { CSV_NUMBER, CSV_WHOLE, CSV_WORD, CSV_TEXT } CsvKind;
typedef const char *CsvWordFn(int index); /* NULL beyond the last */
typedef struct CsvColumn {
    const char *name;
    CsvKind kind;
    double low, high; /* of numbers */
    CsvWordFn *word;
} CsvColumn;

typedef struct Csv {
    const char *file;
    const char *at, *end;
    int line, column_count; /* line: of the row that was read last, 1 for the header */
    const CsvColumn *column;
    char cell[256];       /* a quoted cell without its quotes */
    char text[CASE_NAME]; /* of the one CSV_TEXT column */
    Err *err;
} Csv;
/* Checks the header line. file: for the messages. */
bool csv_open(Csv *csv, const char *file, size_t size, const char *bytes, int column_count,
              const CsvColumn column[], Err *err);
bool csv_at_end(const Csv *csv);
int csv_rows_at_most(const Csv *csv); /* for allocation: lines that are left */
/* value [column_count]: the number, or which word. */
bool csv_row(Csv *csv, double value[]);
bool csv_refuse(const Csv *csv, int column, const char *fmt, ...) PRINTF_LIKE(3, 4);

const char *case_zone_word(int index);

#endif
