/* work_internal.h - what the files of `work` share: report_work.c the pages, report_work_stop.c one
 * stop at true size.
 */
#ifndef REPORT_WORK_INTERNAL_H
#define REPORT_WORK_INTERNAL_H

#include "report/report_internal.h"
#include "report/work.h"

/* Dots of other stops that are nearer than this are drawn pale around a stop: its seams. */
#define WORK_SEAM_MM 4.0

typedef struct Work {
    Sheet *sheet;
    const Case *plan;
    const Route *route;
    int session;
    double per_minute; /* dots on plain skin */
    double dot_mm;     /* as drawn: the mean healed width */
} Work;

/* A stop laid flat. */
typedef struct WorkStop {
    ReportFlat flat;
    double (*at_mm)[2];                     /* [count] its dots, on the way */
    double low_mm[2], high_mm[2];           /* of its dots */
    double longest_error_mm, largest_error; /* of distances between its dots; relative: of those
                                             * above 10 mm */
} WorkStop;
/* False: no room. */
bool work_stop_measure(const Work *work, int stop, WorkStop *laid);
/* Its title and its drawing, the dots' box with its seams at (x, y) of the page. */
void work_stop_draw(const Work *work, int stop, const WorkStop *laid, double x_mm, double y_mm,
                    double width_mm);
#define WORK_STOP_HEAD_MM 8.5 /* of the title */

const Dot *work_dot(const Work *work, int place);        /* in the route */
const char *work_minutes(const Work *work, double dots); /* "4 min", "1 h 05" */
const char *work_clock(const Work *work,
                       int stop);            /* needle time of the session before it, "0:58" */
int work_number(const Work *work, int stop); /* of the session, from 1 */
void work_arrow(const Work *work, const double tip[2], double angle_rad, double size_mm);

#endif
