/* papers.h - the documents of a case: made from its folder and nothing else, whenever.
 *
 * `follicle plan` makes them at its end, `follicle report` makes them again in another language, on
 * another paper, or with a course that has changed: by the same way, so the same case gives the
 * same bytes.
 */
#ifndef PLAN_PAPERS_H
#define PLAN_PAPERS_H

#include "casefile/whole.h"
#include "course/screening.h"
#include "dots/route.h"
#include "report/work.h"

typedef enum Paper {
    PAPER_PLAN,     /* for the practitioner */
    PAPER_WORK,     /* session maps at true scale, in the order of work */
    PAPER_CLIENT,   /* for the client */
    PAPER_CONSENT,  /* to be signed; with the hairline and the shade */
    PAPER_QUOTE,    /* where there is a quotation */
    PAPER_TEMPLATE, /* 1:1 */
    PAPER_CALENDAR, /* where there are dates */
    PAPERS
} Paper;
const char *paper_name(Paper paper); /* "plan" */
const char *paper_file(Paper paper); /* "plan.pdf" */

typedef struct PapersRequest {
    ReportStyle style;
    const char *language;       /* as it was asked for; kept in the case */
    unsigned wanted;            /* bits 1 << Paper; 0: all that the case has matter for */
    const Screening *screening; /* NULL: the consent asks nothing */
    const ScreeningAnswers *answers;
} PapersRequest;

/* Bits of the papers that the case has matter for. */
unsigned papers_possible(const CaseWhole *whole);

/* The route of all sessions, with the breaks of the protocol. */
MUST_CHECK bool papers_route(Arena *arena, Arena *scratch, const Case *plan, Route *route,
                             Err *err);

/* What doing less would take: the same dots in fewer zones. count 0..PAPERS_LESS. ERR as
 * course_make. */
enum { PAPERS_LESS = 2 };
MUST_CHECK bool papers_less(Arena *scratch, const Case *plan, int *count,
                            ReportLess less[PAPERS_LESS], Err *err);

/* Writes the papers into out_folder; pictures come from case_folder/preview. ERR_INPUT for a paper
 * that is asked for by name and has no matter; about 3 s for all. */
MUST_CHECK bool papers_write(Arena *arena, Arena *scratch, const CaseWhole *whole,
                             const char *case_folder, const char *out_folder,
                             const PapersRequest *request, Err *err);

#endif
