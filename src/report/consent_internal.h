/* consent_internal.h - a paper whose every sentence is counted, so that a signature belongs to just
 * that text.
 *
 * The parts of the paper go through twice: first dry, when nothing is drawn and what would be said
 * is only noted, with a blank for every day of the calendar; then onto pages whose foot has the
 * fingerprint of what was noted. Whatever is said goes through the functions here.
 */
#ifndef REPORT_CONSENT_INTERNAL_H
#define REPORT_CONSENT_INTERNAL_H

#include "report/report_internal.h"

enum { CONSENT_SAID = 1500 }; /* texts of a paper: 60 questions are 300 of them */

typedef struct Consent {
    Sheet *sheet; /* dry: only its voice is used */
    Arena *scratch;
    const Case *plan;
    const ReportPictures *pictures;
    const Screening *screening;      /* NULL: asks nothing */
    const ScreeningAnswers *answers; /* NULL: boxes to fill in */
    int finding_count;               /* of the answers */
    const ScreeningFinding *finding;
    bool stale; /* the answers are too old on the day of the first session */
    char design[65];
    bool dry;
    int said_count;
    const char *said[CONSENT_SAID];
} Consent;

/* The SHA-256 of the paper's texts in their order, each followed by a line feed. Reads answers and
 * design as well. */
MUST_CHECK bool consent_fingerprint(Consent *consent, const ReportStyle *style, char hex[65],
                                    Err *err);
/* "Mon 11 January 2027"; dry: the same mark for every day. */
const char *consent_date(Consent *consent, CourseDate date);
void consent_note(Consent *consent, const char *text);
void consent_need(Consent *consent, double height_mm);
void consent_space(Consent *consent, double height_mm);
void consent_heading(Consent *consent, double keep_mm, const char *text);
void consent_subheading(Consent *consent, double keep_mm, const char *text);
void consent_say(Consent *consent, const char *text);
void consent_small(Consent *consent, const char *text);
void consent_list(Consent *consent, const char *mark, int count, const char *const text[]);
void consent_table(Consent *consent, const SheetTable *table, int rows, const char *const cell[]);
/* Blanks side by side, each as wide as its share (sum 1), with room to write above the line. */
void consent_blanks(Consent *consent, int count, const double share[], const char *const name[]);

/* consent_front.c: the head from the front with the hairline on it, as a drawing; its height. What
 * stands on it are the numbers that the text beside it says. */
double consent_front(Sheet *sheet, const Case *plan, double x_mm, double y_mm, double width_mm);

/* ---- the parts, in their order */
void consent_part_identity(Consent *consent);         /* consent_health.c */
void consent_part_plain_words(Consent *consent);      /* consent_words.c: what, limits, risks */
bool consent_part_design(Consent *consent, Err *err); /* consent_design.c: hairline, shade, ticks */
void consent_part_health(Consent *consent);           /* consent_health.c: questions, patch test */
void consent_part_terms(Consent *consent); /* consent_terms.c: duties, money, consents, log */
void consent_part_signatures(Consent *consent);

#endif
