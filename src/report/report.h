/* report.h - the plan on paper: for the practitioner, for the client, 1:1 templates, the calendar.
 *
 * PDF bytes appear in the arena; the same case in the same style gives the same bytes. style NULL:
 * A4, English. What the client reads is in the style's language, what the practitioner reads in
 * English.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "casefile/casefile.h"
#include "course/screening.h"
#include "image/image.h"
#include "report/style.h"

enum { REPORT_DAYS = 8 };
/* The skin on some days after each session, close up and true to size, as the optical model expects
 * it: illustrations. Made once for all documents. */
typedef struct ReportDays {
    int session_count;
    int count[DOTS_MAX_SESSIONS]; /* days shown: those before the next session */
    int day[DOTS_MAX_SESSIONS][REPORT_DAYS];
    Image look[DOTS_MAX_SESSIONS][REPORT_DAYS];
    double width_mm; /* of the skin in each */
} ReportDays;
/* Images in arena. ERR_LIMIT: no room. */
MUST_CHECK bool report_days_make(Arena *arena, Arena *scratch, const Case *plan, ReportDays *days,
                                 Err *err);

typedef struct ReportPictures { /* what documents show beside the case; NULL where there is none */
    const Image *before, *healed, *aged;        /* front view */
    const Image *turned_before, *turned_healed; /* 45 degrees */
    const Image *top_before, *top_healed;
    const Image *sessions[DOTS_MAX_SESSIONS]; /* 45 degrees, the day of the session */
    const Image *loss[2];                     /* 45 degrees, Case.loss: with the dots in place */
    const ReportDays *days;
} ReportPictures;

MUST_CHECK bool report_plan_pdf(Arena *arena, const Case *plan, const ReportStyle *style,
                                const ReportPictures *pictures, size_t *size, uint8_t **bytes,
                                Err *err);
MUST_CHECK bool report_client_pdf(Arena *arena, const Case *plan, const ReportStyle *style,
                                  const ReportPictures *pictures, size_t *size, uint8_t **bytes,
                                  Err *err);
/* What doing less would take, for comparison. */
typedef struct ReportLess {
    const char *title; /* a msgid: "The crown only" */
    double area_cm2, hours;
    int dots, sessions;
    Quote quote; /* without lines where there is no price list */
} ReportLess;
/* report_quote.c: without obligation; ERR_INPUT where the course has no quotation. */
MUST_CHECK bool report_quote_pdf(Arena *arena, const Case *plan, const ReportStyle *style,
                                 int less_count, const ReportLess less[], size_t *size,
                                 uint8_t **bytes, Err *err);
/* report_consent.c: to be signed, with the hairline and the shade inside. screening NULL: asks
 * nothing; answers NULL: boxes to fill in. arena and scratch are two arenas. */
MUST_CHECK bool report_consent_pdf(Arena *arena, Arena *scratch, const Case *plan,
                                   const ReportStyle *style, const ReportPictures *pictures,
                                   const Screening *screening, const ScreeningAnswers *answers,
                                   size_t *size, uint8_t **bytes, Err *err);
/* To cut out and lay on the head, 1:1: the hairline as strips, the worked area as pieces laid flat
 * (export/flat.h), 100 mm bars both ways. ERR_INPUT with neither a hairline nor anything worked. */
MUST_CHECK bool report_template_pdf(Arena *arena, Arena *scratch, const Case *plan,
                                    const ReportStyle *style, size_t *size, uint8_t **bytes,
                                    Err *err);
/* RFC 5545; needs a course with dates (has_date). */
MUST_CHECK bool report_calendar(Arena *arena, const Case *plan, const ReportStyle *style,
                                size_t *size, uint8_t **bytes, Err *err);

#endif
