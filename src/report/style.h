/* style.h - how documents look: on which paper, in which language, and whose name they bear.
 */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include "base/words.h"
#include "course/diary.h"

typedef enum ReportPaper { REPORT_A4, REPORT_LETTER } ReportPaper;
enum { REPORT_PAPERS = 2 };
const char *report_paper_name(ReportPaper paper); /* "a4", "letter" as in files and options */
/* ERR_INPUT lists the papers. */
MUST_CHECK bool report_paper_named(const char *name, ReportPaper *paper, Err *err);

/* {0}: A4, English, without a letterhead, with the case's code for a name. */
typedef struct ReportStyle {
    ReportPaper paper;
    const Words *words;   /* of what the client reads; NULL: English */
    const Clinic *clinic; /* its name and contact stand at the top; NULL: none */
    const char *client;   /* a name to print instead of the case's code; NULL: the code */
    bool detailed;        /* entries of a calendar say what they are about */
} ReportStyle;

/* Whether the fonts of this machine have every letter of a text; if not, missing names them:
 * "U+0915 U+0924". A document that needs such a letter is made, shows its number in a box and says
 * so at its end. */
enum { REPORT_MISSING = 96 };
bool report_has_letters(const char *text, char missing[REPORT_MISSING]);

#endif
