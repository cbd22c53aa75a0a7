/* work.h - the order of work on paper: for each session the way over the head, and every stop at
 * true size, so that the practitioner can lay the page beside the chair and follow it.
 */
#ifndef REPORT_WORK_H
#define REPORT_WORK_H

#include "dots/route.h"
#include "report/report.h"

/* work.pdf. route: of plan->dots, with breaks and sittings as course_route has them. In English:
 * the practitioner reads it. ERR_INPUT where a stop is wider than the page. */
MUST_CHECK bool report_work_pdf(Arena *arena, const Case *plan, const Route *route,
                                const ReportStyle *style, size_t *size, uint8_t **bytes, Err *err);

/* ---- report_flat.c: a piece of skin laid flat. */

/* Around a place every point keeps its distance along the skin and its direction (on a sphere the
 * azimuthal equidistant projection). x and y are the page's: as on the map from above, the client's
 * left to the right, forward down. */
typedef struct ReportFlat {
    Vec3 middle_mm, normal, right, down;
} ReportFlat;
ReportFlat report_flat_at(const Head *head, Vec3 middle_mm);
void report_flat_place(const ReportFlat *flat, Vec3 position_mm, double xy_mm[2]);

/* The length along the skin between points that are a few centimetres apart, by the angles of the
 * chord with the skin at both ends: exact on a sphere to the fourth power of the angle. */
double report_skin_length_mm(Vec3 a_mm, Vec3 normal_a, Vec3 b_mm, Vec3 normal_b);

#endif
