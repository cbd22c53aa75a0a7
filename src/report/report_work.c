#include "report/work_internal.h"

#include <math.h>
#include <stdio.h>

static const double bar_mm = 50.0, bar_room_mm = 12.0, most_columns = 4.0, row_gap_mm = 1.5;
static const double map_mm = 122.0;
/* As dots are drawn where no healed width is known. */
static const double some_dot_mm = 0.3;

/* ---- words */

int work_number(const Work *work, int stop)
{
    return stop - work->route->session[work->session].first_stop + 1;
}

const char *work_minutes(const Work *work, double dots)
{
    double minutes = dots / work->per_minute;
    long whole = lround(minutes);
    if (minutes < 0.95)
        return sheet_format(work->sheet, "under 1 min");
    if (minutes < 9.95)
        return sheet_format(work->sheet, "%.1f min", minutes);
    if (whole < 60)
        return sheet_format(work->sheet, "%ld min", whole);
    return sheet_format(work->sheet, "%ld h %02ld", whole / 60, whole % 60);
}

const char *work_clock(const Work *work, int stop)
{
    double sum = 0.0;
    for (int k = work->route->session[work->session].first_stop; k < stop; k++)
        sum += work->route->stop[k].work;
    long minutes = lround(sum / work->per_minute);
    return sheet_format(work->sheet, "%ld:%02ld", minutes / 60, minutes % 60);
}

void work_arrow(const Work *work, const double tip[2], double angle_rad, double size_mm)
{
    cairo_t *cr = work->sheet->cr;
    cairo_move_to(cr, tip[0], tip[1]);
    for (int side = -1; side <= 1; side += 2)
        cairo_line_to(cr, tip[0] - size_mm * cos(angle_rad + side * 0.42),
                      tip[1] - size_mm * sin(angle_rad + side * 0.42));
    cairo_close_path(cr);
    cairo_fill(cr);
}

/* ---- the way over the head */

static void number_on_map(const Work *work, const double at[2], int stop)
{
    Sheet *sheet = work->sheet;
    const char *text = sheet_format(sheet, "%d", work_number(work, stop));
    double width = sheet_width(sheet, 7.0, true, text);
    double height = sheet_height(sheet, width + 1.0, 7.0, true, text);
    RouteRest rest = work->route->stop[stop].rest;
    cairo_set_source_rgba(sheet->cr, 1.0, 1.0, 1.0, 0.88);
    cairo_arc(sheet->cr, at[0], at[1], 2.1, 0.0, 6.2831853);
    cairo_fill_preserve(sheet->cr);
    if (rest == ROUTE_GO_ON)
        sheet_ink(sheet, SHEET_GREY);
    else
        cairo_set_source_rgb(sheet->cr, 0.72, 0.24, 0.0);
    cairo_set_line_width(sheet->cr, rest == ROUTE_GO_ON ? 0.15 : 0.6);
    cairo_stroke(sheet->cr);
    sheet_ink(sheet, SHEET_BLACK);
    sheet_put(sheet, at[0] - 0.5 * width, at[1] - 0.5 * height, width + 1.0, 7.0, true, text);
}

static void draw_way(const Work *work, const ReportMap *map, double x_mm, double y_mm)
{
    const RouteSession *session = &work->route->session[work->session];
    const RouteStop *stop = work->route->stop + session->first_stop;
    cairo_t *cr = work->sheet->cr;
    double a[2], b[2];
    sheet_drawing(work->sheet, "The stops of the session in their order");
    for (int k = 0; k + 1 < session->stop_count; k++) {
        report_map_place(work->plan, map, stop[k].centre_mm, x_mm, y_mm, map_mm, a);
        report_map_place(work->plan, map, stop[k + 1].centre_mm, x_mm, y_mm, map_mm, b);
        double angle = atan2(b[1] - a[1], b[0] - a[0]), length = hypot(b[0] - a[0], b[1] - a[1]);
        double tip[2] = {b[0] - 2.2 * cos(angle), b[1] - 2.2 * sin(angle)};
        sheet_ink(work->sheet, SHEET_BLACK);
        cairo_set_line_width(cr, 0.3);
        cairo_move_to(cr, a[0], a[1]);
        cairo_line_to(cr, tip[0], tip[1]);
        cairo_stroke(cr);
        if (length > 5.0)
            work_arrow(work, tip, angle, 1.5);
    }
    for (int k = 0; k < session->stop_count; k++) {
        report_map_place(work->plan, map, stop[k].centre_mm, x_mm, y_mm, map_mm, a);
        number_on_map(work, a, session->first_stop + k);
    }
    sheet_drawing_end(work->sheet);
}

/* Beside the map: when to rest. */
static void list_rests(const Work *work)
{
    Sheet *sheet = work->sheet;
    const RouteSession *session = &work->route->session[work->session];
    double sum = 0.0;
    int sitting = 1;
    sheet_heading(sheet, 10.0, "Breaks on the seams");
    for (int k = 0; k < session->stop_count; k++) {
        const RouteStop *stop = &work->route->stop[session->first_stop + k];
        sum += stop->work;
        if (stop->rest == ROUTE_GO_ON)
            continue;
        if (stop->rest == ROUTE_BREAK)
            sheet_text(sheet, "After stop %d: a break (%s of work since the last)", k + 1,
                       work_minutes(work, sum));
        else if (k + 1 < session->stop_count)
            sheet_text(sheet, "After stop %d: end of day %d (%s of work since the last)", k + 1,
                       sitting++, work_minutes(work, sum));
        else
            sheet_text(sheet, "After stop %d: the session is done (%s of work since the last)",
                       k + 1, work_minutes(work, sum));
        sum = 0.0;
    }
}

static void explain(const Work *work)
{
    Sheet *sheet = work->sheet;
    sheet_heading(sheet, 10.0, "How to read the pages");
    sheet_text(sheet, "One stop is what one hand stretches: hold it, work it, move on.");
    sheet_text(sheet, "The pages show each stop at true size, turned as on this map: the face "
                      "is below, the client\u2019s left to the right.");
    sheet_text(sheet, "Ring: the first dot. Thin line with arrows: the way. Thick arrow: on to "
                      "the next stop. Pale dots and small numbers: the stops across the seam. "
                      "Times are needle time since the session began, without breaks.");
    sheet_text(sheet, "The way is an offer: another order changes nothing in the result. "
                      "A line drawn on the skin comes before a dot on the page.");
}

static void zone_table(const Work *work)
{
    static const double share[] = {0.28, 0.24, 0.16, 0.16, 0.16};
    const char *head[] = {"In this order", "Stops", "Dots", "Needle time", "Way"};
    const char *cell[5 * DOTS_ZONES];
    Sheet *sheet = work->sheet;
    const RouteSession *session = &work->route->session[work->session];
    int rows = 0;
    for (int k = 0, end; k < session->stop_count; k = end) {
        const RouteStop *stop = work->route->stop + session->first_stop;
        double dots = 0.0, work_sum = 0.0, way_mm = 0.0;
        for (end = k; end < session->stop_count && stop[end].zone == stop[k].zone; end++) {
            dots += stop[end].count;
            work_sum += stop[end].work;
            way_mm += stop[end].length_mm;
        }
        const char **row = cell + (size_t)rows++ * 5;
        row[0] = report_zone_word((DesignZone)stop[k].zone);
        row[1] = end == k + 1 ? sheet_format(sheet, "%d", k + 1)
                              : sheet_format(sheet, "%d to %d", k + 1, end);
        row[2] = sheet_count(sheet, lround(dots));
        row[3] = work_minutes(work, work_sum);
        row[4] = sheet_format(sheet, "%.1f m", 1e-3 * way_mm);
    }
    sheet_table(sheet, &(SheetTable){.columns = 5, .share = share, .align = "llrrr", .head = head},
                rows, cell);
}

static void overview(const Work *work, const ReportMap *map)
{
    Sheet *sheet = work->sheet;
    const RouteSession *session = &work->route->session[work->session];
    sheet_title(sheet, sheet_format(sheet, "Session %d: the order of work", work->session + 1),
                sheet_format(sheet, "%s \u00b7 %.0f dots a minute on plain skin", work->plan->code,
                             work->per_minute));
    const char *figure[] = {
        sheet_count(sheet, session->count),
        sheet_format(sheet, "%d", session->stop_count),
        work_minutes(work, session->work),
        sheet_format(sheet, "%d", session->breaks),
        sheet_format(sheet, "%.1f m", 1e-3 * session->length_mm),
        sheet_format(sheet, "%.1f mm", session->length_mm / fmax(session->count - 1, 1.0))};
    const char *word[] = {"dots", "stops", "needle time", "breaks", "way in all", "a move, mean"};
    sheet_figures(sheet, 6, figure, word);
    double top = sheet->y_mm, left = SHEET_MARGIN_MM;
    report_map_draw(sheet, work->plan, map, work->session, left, top, map_mm);
    draw_way(work, map, left, top);
    sheet->left_mm = SHEET_MARGIN_MM + map_mm + 4.0;
    sheet->width_mm = sheet->text_mm - map_mm - 4.0;
    list_rests(work);
    explain(work);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(sheet->y_mm, top + map_mm) + 1.0;
    zone_table(work);
}

/* ---- the stops at true size */

static void draw_bar(Sheet *sheet, double x_mm, double y_mm, bool upright)
{
    cairo_t *cr = sheet->cr;
    sheet_drawing(sheet, "A bar of 50 mm to check the printer");
    cairo_save(cr);
    cairo_translate(cr, x_mm, y_mm);
    if (upright)
        cairo_rotate(cr, -1.5707963267948966);
    cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
    cairo_set_line_width(cr, 0.25);
    for (int mm = 0; mm <= 50; mm++) {
        cairo_move_to(cr, mm, 0.0);
        cairo_line_to(cr, mm, mm % 10 == 0 ? -3.0 : mm % 5 == 0 ? -2.2 : -1.4);
    }
    cairo_move_to(cr, 0.0, 0.0);
    cairo_line_to(cr, bar_mm, 0.0);
    cairo_stroke(cr);
    sheet_put(sheet, 0.7, -6.0, 10.0, 6.0, false, "0");
    sheet_put(sheet, bar_mm + 0.7, -3.0, 14.0, 6.0, false, "50 mm");
    cairo_restore(cr);
    sheet_drawing_end(sheet);
}

/* What has come onto the page so far. */
typedef struct PageOf {
    double longest_error_mm, largest_error;
} PageOf;

static void end_page(const Work *work, const PageOf *page)
{
    Sheet *sheet = work->sheet;
    double y = sheet->bottom_mm - 1.5;
    draw_bar(sheet, SHEET_MARGIN_MM, y, false);
    draw_bar(sheet, sheet->page_width_mm - 4.5, sheet->bottom_mm - 10.0, true);
    cairo_tag_begin(sheet->cr, "P", NULL);
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, SHEET_MARGIN_MM + bar_mm + 18.0, y - 6.2, sheet->text_mm - bar_mm - 18.0, 6.5,
              false,
              sheet_format(sheet,
                           "Printed at 100 %%, both bars are 50 mm. Skin is round and paper flat: "
                           "on this page no two dots of a stop are off by more than %.2f mm, nor "
                           "by more than %.1f %% of a distance of 10 mm or more.",
                           page->longest_error_mm, 100.0 * page->largest_error));
    cairo_tag_end(sheet->cr, "P");
}

static void begin_stops(const Work *work, int stop)
{
    Sheet *sheet = work->sheet;
    sheet_new_page(sheet);
    sheet_heading(sheet, 20.0,
                  sheet_format(sheet, "Session %d from stop %d on, true size", work->session + 1,
                               work_number(work, stop)));
    sheet_space(sheet, 1.5);
}

/* As many side by side as the widest of the session leaves room for. */
static int columns_of(const Work *work, const WorkStop laid[], int count, Err *err)
{
    double widest = 1.0;
    for (int k = 0; k < count; k++)
        widest = fmax(widest, laid[k].high_mm[0] - laid[k].low_mm[0] + 2.0 * WORK_SEAM_MM);
    double columns = floor(work->sheet->text_mm / widest);
    if (columns < 1.0) {
        (void)err_set(err, ERR_INPUT,
                      "a stop of session %d is %.0f mm wide, the page %.0f mm: take smaller stops",
                      work->session + 1, widest, work->sheet->text_mm);
        return 0;
    }
    return (int)fmin(columns, most_columns);
}

static double row_height(const WorkStop laid[], int count)
{
    double highest = 0.0;
    for (int k = 0; k < count; k++)
        highest = fmax(highest, laid[k].high_mm[1] - laid[k].low_mm[1]);
    return highest + 2.0 * WORK_SEAM_MM + WORK_STOP_HEAD_MM;
}

static bool stop_pages(const Work *work, Err *err)
{
    Sheet *sheet = work->sheet;
    const RouteSession *session = &work->route->session[work->session];
    int count = session->stop_count;
    WorkStop *laid = ARENA_NEW(sheet->arena, WorkStop, (size_t)count);
    if (laid == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d stops", count);
    for (int k = 0; k < count; k++)
        if (!work_stop_measure(work, session->first_stop + k, &laid[k]))
            return err_set(err, ERR_LIMIT, "no room for stop %d", k + 1);
    int columns = columns_of(work, laid, count, err);
    if (columns == 0)
        return false;
    double wide = sheet->text_mm / columns;
    PageOf page = {0};
    for (int k = 0; k < count; k += columns) {
        int row = count - k < columns ? count - k : columns;
        double high = row_height(laid + k, row);
        if (k == 0 || sheet->y_mm + high > sheet->bottom_mm - bar_room_mm) {
            if (k > 0)
                end_page(work, &page);
            page = (PageOf){0};
            begin_stops(work, session->first_stop + k);
        }
        if (sheet->y_mm + high > sheet->bottom_mm - bar_room_mm)
            return err_set(err, ERR_INPUT,
                           "a stop of session %d is %.0f mm high and does not fit on the page: "
                           "take smaller stops",
                           work->session + 1, high);
        for (int c = 0; c < row; c++) {
            work_stop_draw(work, session->first_stop + k + c, &laid[k + c],
                           SHEET_MARGIN_MM + c * wide, sheet->y_mm, wide - 2.0);
            page.longest_error_mm = fmax(page.longest_error_mm, laid[k + c].longest_error_mm);
            page.largest_error = fmax(page.largest_error, laid[k + c].largest_error);
        }
        sheet_space(sheet, high + row_gap_mm);
    }
    end_page(work, &page);
    return true;
}

/* ---- the document */

static double mean_width_mm(const Case *plan)
{
    double sum = 0.0;
    for (int i = 0; plan->dot_diameter_mm != NULL && i < plan->dots->count; i++)
        sum += plan->dot_diameter_mm[i];
    return sum > 0.0 ? sum / plan->dots->count : some_dot_mm;
}

static bool fill(Sheet *sheet, const Case *plan, const Route *route, Err *err)
{
    ReportMap map;
    if (!report_map_make(sheet, plan, &map))
        return true; /* the sheet says so when it is closed */
    Work work = {.sheet = sheet,
                 .plan = plan,
                 .route = route,
                 .per_minute = plan->course->pace.dots_per_minute[1],
                 .dot_mm = mean_width_mm(plan)};
    bool first = true;
    for (work.session = 0; work.session < route->session_count; work.session++) {
        if (route->session[work.session].count == 0)
            continue;
        if (!first)
            sheet_new_page(sheet);
        first = false;
        overview(&work, &map);
        if (!stop_pages(&work, err))
            return false;
    }
    return true;
}

bool report_work_pdf(Arena *arena, const Case *plan, const Route *route, const ReportStyle *style,
                     size_t *size, uint8_t **bytes, Err *err)
{
    Sheet sheet;
    char title[160], foot[200];
    ReportStyle english = style != NULL ? *style : (ReportStyle){0};
    english.words = NULL;
    if (route->count != plan->dots->count || route->count == 0)
        return err_set(err, ERR_INPUT, "a route of %d dots is not that of a plan of %d",
                       route->count, plan->dots->count);
    if (!(plan->course->pace.dots_per_minute[1] > 0.0))
        return err_set(err, ERR_INPUT, "the course has no pace");
    snprintf(title, sizeof title, "Order of work %s", plan->code);
    snprintf(foot, sizeof foot,
             "Follicle %s \u00b7 %s \u00b7 for the practitioner \u00b7 print at 100 %%, not fitted "
             "to the page",
             FOLLICLE_VERSION, plan->code);
    if (!sheet_open(&sheet, arena, &english, title, foot, err))
        return false;
    bool ok = fill(&sheet, plan, route, err);
    Err other = {0};
    return sheet_close(&sheet, size, bytes, ok ? err : &other) && ok;
}
