#include "report/work_internal.h"

#include <math.h>

static const double trace_mm = 0.12, arrow_mm = 1.3, ring_mm = 0.9, leave_mm = 5.0;
/* Distances shorter than this are not asked for their relative error: it is that of longer ones. */
static const double told_from_mm = 10.0;
enum { ARROW_MOVES = 45 }; /* from one arrow of the trace to the next */

const Dot *work_dot(const Work *work, int place)
{
    return &work->plan->dots->dot[work->route->order[place]];
}

static void place(const WorkStop *laid, const Dot *dot, double xy_mm[2])
{
    report_flat_place(&laid->flat, dot->position_mm, xy_mm);
}

/* All pairs: what the page may be off by is looked at, not believed. dot: of the stop, side by side
 * in memory. */
static void measure_errors(int count, const RouteDot dot[], WorkStop *laid)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++) {
            double x = laid->at_mm[i][0] - laid->at_mm[j][0];
            double y = laid->at_mm[i][1] - laid->at_mm[j][1];
            double skin = report_skin_length_mm(dot[i].position_mm, dot[i].normal,
                                                dot[j].position_mm, dot[j].normal);
            double error = fabs(sqrt(x * x + y * y) - skin);
            if (error > laid->longest_error_mm)
                laid->longest_error_mm = error;
            if (skin >= told_from_mm && error > laid->largest_error * skin)
                laid->largest_error = error / skin;
        }
}

bool work_stop_measure(const Work *work, int number, WorkStop *laid)
{
    const RouteStop *stop = &work->route->stop[number];
    *laid = (WorkStop){
        .flat = report_flat_at(work->plan->head, stop->centre_mm),
        .at_mm = arena_alloc(work->sheet->arena, (size_t)stop->count, sizeof *laid->at_mm),
        .low_mm = {1e9, 1e9},
        .high_mm = {-1e9, -1e9}};
    RouteDot *dots = ARENA_NEW(work->sheet->arena, RouteDot, (size_t)stop->count);
    if (laid->at_mm == NULL || dots == NULL)
        return false;
    for (int i = 0; i < stop->count; i++) {
        const Dot *dot = work_dot(work, stop->first + i);
        dots[i] = (RouteDot){.position_mm = dot->position_mm, .normal = dot->normal};
        place(laid, dot, laid->at_mm[i]);
        for (int k = 0; k < 2; k++) {
            laid->low_mm[k] = fmin(laid->low_mm[k], laid->at_mm[i][k]);
            laid->high_mm[k] = fmax(laid->high_mm[k], laid->at_mm[i][k]);
        }
    }
    measure_errors(stop->count, dots, laid);
    return true;
}

/* ---- drawing: the origin is the stop's middle */

/* A dot, or a line along the hair: the heading is an angle in the chart, whose axes the page has.
 */
static void mark(const Work *work, const WorkStop *laid, int at)
{
    const Case *plan = work->plan;
    int index = work->route->order[at];
    double xy[2], half = 0.0, heading = 0.0;
    place(laid, &plan->dots->dot[index], xy);
    if (plan->dot_length_mm != NULL && plan->dot_heading_rad != NULL) {
        half = 0.5 * (double)plan->dot_length_mm[index];
        heading = (double)plan->dot_heading_rad[index];
    }
    cairo_move_to(work->sheet->cr, xy[0] - half * cos(heading), xy[1] - half * sin(heading));
    cairo_line_to(work->sheet->cr, xy[0] + half * cos(heading), xy[1] + half * sin(heading));
}

static void draw_marks(const Work *work, const WorkStop *laid, int first, int count, SheetInk ink)
{
    cairo_t *cr = work->sheet->cr;
    for (int i = 0; i < count; i++)
        mark(work, laid, first + i);
    sheet_ink(work->sheet, ink);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cr, work->dot_mm);
    cairo_stroke(cr);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
}

static bool is_in_frame(const WorkStop *laid, const double at[2])
{
    for (int k = 0; k < 2; k++)
        if (at[k] < laid->low_mm[k] - WORK_SEAM_MM || at[k] > laid->high_mm[k] + WORK_SEAM_MM)
            return false;
    return true;
}

static void words_at(Sheet *sheet, const double at[2], double points, bool bold, const char *text)
{
    double width = sheet_width(sheet, points, bold, text);
    double height = sheet_height(sheet, width + 1.0, points, bold, text);
    sheet_put(sheet, at[0] - 0.5 * width, at[1] - 0.5 * height, width + 1.0, points, bold, text);
}

/* Where the dots of another stop come into the frame, in pale, with its number in their midst. */
static void draw_neighbour(const Work *work, const WorkStop *laid, int number)
{
    const RouteStop *stop = &work->route->stop[number];
    double at[2], sum[2] = {0.0, 0.0};
    double reach = hypot(laid->high_mm[0] - laid->low_mm[0], laid->high_mm[1] - laid->low_mm[1]);
    int shown = 0;
    for (int i = 0; i < stop->count; i++) {
        const Dot *dot = work_dot(work, stop->first + i);
        if (vec_distance(dot->position_mm, laid->flat.middle_mm) > reach + WORK_SEAM_MM)
            continue;
        place(laid, dot, at);
        if (!is_in_frame(laid, at))
            continue;
        mark(work, laid, stop->first + i);
        sum[0] += at[0];
        sum[1] += at[1];
        shown++;
    }
    if (shown == 0)
        return;
    cairo_t *cr = work->sheet->cr;
    cairo_set_source_rgb(cr, 0.72, 0.74, 0.76);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cr, work->dot_mm);
    cairo_stroke(cr);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
    if (shown < 3)
        return;
    at[0] = sum[0] / shown;
    at[1] = sum[1] / shown;
    cairo_set_source_rgb(cr, 1.0, 1.0, 1.0);
    cairo_arc(cr, at[0], at[1], 1.9, 0.0, 6.2831853);
    cairo_fill(cr);
    sheet_ink(work->sheet, SHEET_GREY);
    words_at(work->sheet, at, 6.5, false,
             sheet_format(work->sheet, "%d", work_number(work, number)));
}

static void draw_trace(const Work *work, const WorkStop *laid, int count)
{
    cairo_t *cr = work->sheet->cr;
    for (int i = 0; i < count; i++)
        cairo_line_to(cr, laid->at_mm[i][0], laid->at_mm[i][1]);
    cairo_set_source_rgb(cr, 0.62, 0.65, 0.68);
    cairo_set_line_width(cr, trace_mm);
    cairo_stroke(cr);
    sheet_ink(work->sheet, SHEET_ACCENT);
    for (int i = ARROW_MOVES / 2; i + 1 < count; i += ARROW_MOVES) {
        const double *a = laid->at_mm[i], *b = laid->at_mm[i + 1];
        double middle[2] = {0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])};
        work_arrow(work, middle, atan2(b[1] - a[1], b[0] - a[0]), arrow_mm);
    }
}

/* A ring around the first dot; from the last an arrow towards the next stop. */
static void draw_ends(const Work *work, const WorkStop *laid, const RouteStop *stop)
{
    cairo_t *cr = work->sheet->cr;
    const double *first = laid->at_mm[0], *last = laid->at_mm[stop->count - 1];
    double next[2];
    int behind = stop->first + stop->count;
    const RouteSession *session = &work->route->session[work->session];
    sheet_ink(work->sheet, SHEET_ACCENT);
    cairo_set_line_width(cr, 0.35);
    cairo_arc(cr, first[0], first[1], ring_mm, 0.0, 6.2831853);
    cairo_stroke(cr);
    if (behind >= session->first + session->count)
        return;
    place(laid, work_dot(work, behind), next);
    double angle = atan2(next[1] - last[1], next[0] - last[0]);
    double length = fmin(leave_mm, hypot(next[0] - last[0], next[1] - last[1]) + arrow_mm);
    double tip[2] = {last[0] + length * cos(angle), last[1] + length * sin(angle)};
    cairo_move_to(cr, last[0], last[1]);
    cairo_line_to(cr, tip[0], tip[1]);
    cairo_set_line_width(cr, 0.45);
    cairo_stroke(cr);
    work_arrow(work, tip, angle, 1.6 * arrow_mm);
}

static void draw_title(const Work *work, int number, double x_mm, double y_mm, double width_mm)
{
    Sheet *sheet = work->sheet;
    const RouteStop *stop = &work->route->stop[number];
    const char *name = sheet_format(sheet, "%d", work_number(work, number));
    double wide = sheet_width(sheet, 13.0, true, name) + 1.5;
    cairo_tag_begin(sheet->cr, "P", NULL);
    sheet_ink(sheet, SHEET_ACCENT);
    sheet_put(sheet, x_mm, y_mm, wide + 1.0, 13.0, true, name);
    const char *zone = report_zone_word((DesignZone)stop->zone);
    sheet_ink(sheet, SHEET_BLACK);
    sheet_put(sheet, x_mm + wide, y_mm + 0.3, width_mm - wide, 7.5, true, zone);
    if (stop->rest != ROUTE_GO_ON) {
        double from = wide + sheet_width(sheet, 7.5, true, zone) + 1.2;
        cairo_set_source_rgb(sheet->cr, 0.72, 0.24, 0.0);
        sheet_put(sheet, x_mm + from, y_mm + 0.3, width_mm - from, 7.5, true,
                  stop->rest == ROUTE_BREAK ? "then a break" : "then the end");
    }
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, x_mm + wide, y_mm + 3.4, width_mm - wide, 6.5, false,
              sheet_format(sheet, "%s dots \u00b7 %s \u00b7 from %s",
                           sheet_count(sheet, stop->count), work_minutes(work, stop->work),
                           work_clock(work, number)));
    cairo_tag_end(sheet->cr, "P");
}

void work_stop_draw(const Work *work, int number, const WorkStop *laid, double x_mm, double y_mm,
                    double width_mm)
{
    Sheet *sheet = work->sheet;
    const RouteStop *stop = &work->route->stop[number];
    const RouteSession *session = &work->route->session[work->session];
    draw_title(work, number, x_mm, y_mm, width_mm);
    sheet_drawing(sheet, sheet_format(sheet, "Stop %d at true size: %d dots and the way through",
                                      work_number(work, number), stop->count));
    cairo_save(sheet->cr);
    cairo_translate(sheet->cr, x_mm + WORK_SEAM_MM - laid->low_mm[0],
                    y_mm + WORK_STOP_HEAD_MM + WORK_SEAM_MM - laid->low_mm[1]);
    draw_trace(work, laid, stop->count);
    for (int k = 0; k < session->stop_count; k++)
        if (session->first_stop + k != number)
            draw_neighbour(work, laid, session->first_stop + k);
    draw_marks(work, laid, stop->first, stop->count, SHEET_BLACK);
    draw_ends(work, laid, stop);
    cairo_restore(sheet->cr);
    sheet_drawing_end(sheet);
}
