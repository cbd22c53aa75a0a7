/* report.h - the plan on paper: for the practitioner, for the client, 1:1 templates, the calendar.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "casefile/casefile.h"
#include "image/image.h"

typedef struct ReportPictures {                 /* of states x views; NULL where there is none */
    const Image *before, *healed, *aged;        /* front view */
    const Image *turned_before, *turned_healed; /* 45 degrees */
    const Image *top_before, *top_healed;
    const Image *sessions[DOTS_MAX_SESSIONS]; /* 45 degrees, the day of the session */
    const Image *loss[2];                     /* 45 degrees, Case.loss: with the dots in place */
} ReportPictures;

/* PDF bytes appear in the arena; the same case gives the same bytes. */
MUST_CHECK bool report_plan_pdf(Arena *arena, const Case *plan, const ReportPictures *pictures,
                                size_t *size, uint8_t **bytes, Err *err);
MUST_CHECK bool report_client_pdf(Arena *arena, const Case *plan, const ReportPictures *pictures,
                                  size_t *size, uint8_t **bytes, Err *err);
/* The hairline as a strip unrolled 1:1 along its own curve, with a 100 mm bar both ways. */
MUST_CHECK bool report_template_pdf(Arena *arena, const Case *plan, size_t *size, uint8_t **bytes,
                                    Err *err);
/* RFC 5545; needs a course with dates (has_date). */
MUST_CHECK bool report_calendar(Arena *arena, const Case *plan, size_t *size, uint8_t **bytes,
                                Err *err);

#endif
