#include "report/report_internal.h"

#include <math.h>
#include <string.h>

/* The hairline, unrolled along its own axis so that lengths along it and the turning of the curve
 * within the skin are kept (field/canvas 2.5); a strip 15 mm to each side stretches by at most
 * (15 / R)^2 / 2, 1.4 % on a head. */
static const double strip_mm = 15.0, piece_mm = 170.0, smooth_mm = 12.0;

typedef struct Flat {
    int count;
    double *s_mm;         /* [count] along the axis */
    double (*axis_mm)[2]; /* [count] in the plane */
    double *offset_mm;    /* [count] of the hairline from its axis, forward positive */
    double (*across)[2];  /* [count] unit, forward in the plane */
} Flat;

/* Mean of the points within smooth_mm along the curve. */
static void smooth_axis(const Design *design, Vec3 axis[])
{
    for (int i = 0; i < design->hairline_count; i++) {
        Vec3 sum = {0};
        int count = 0, reach = 0;
        double length = 0.0;
        while (reach + 1 < design->hairline_count && length < smooth_mm) {
            int next =
                i + reach + 1 < design->hairline_count ? i + reach : design->hairline_count - 2;
            length += vec_distance(design->hairline_mm[next], design->hairline_mm[next + 1]);
            reach++;
        }
        for (int k = -reach; k <= reach; k++) {
            if (i - abs(k) < 0 || i + abs(k) >= design->hairline_count)
                continue; /* symmetric windows only: the ends stay where they are */
            sum = vec_add(sum, design->hairline_mm[i + k]);
            count++;
        }
        axis[i] = vec_scale(sum, 1.0 / count);
    }
}

static bool flatten(Arena *arena, const Case *plan, Flat *flat, Err *err)
{
    const Design *design = plan->design;
    size_t count = (size_t)design->hairline_count;
    Vec3 *axis = ARENA_NEW(arena, Vec3, count);
    *flat = (Flat){.count = design->hairline_count,
                   .s_mm = ARENA_NEW(arena, double, count),
                   .axis_mm = arena_alloc(arena, count, sizeof *flat->axis_mm),
                   .offset_mm = ARENA_NEW(arena, double, count),
                   .across = arena_alloc(arena, count, sizeof *flat->across)};
    if (axis == NULL || flat->s_mm == NULL || flat->axis_mm == NULL || flat->offset_mm == NULL ||
        flat->across == NULL)
        return err_set(err, ERR_LIMIT, "no room for the %d points of the hairline", flat->count);
    smooth_axis(design, axis);
    double turned = 0.0;
    for (int i = 0; i < flat->count; i++) {
        int before = i > 0 ? i - 1 : 0, after = i + 1 < flat->count ? i + 1 : i;
        Vec3 normal = vec_normalize(vec_sub(axis[i], plan->head->centre_mm));
        Vec3 in = vec_sub(axis[i], axis[before]), out = vec_sub(axis[after], axis[i]);
        Vec3 tangent = vec_normalize(vec_sub(axis[after], axis[before]));
        /* the turning of the curve about the skin's normal: its geodesic curvature times length */
        if (i > 0 && i + 1 < flat->count)
            turned += atan2(vec_dot(normal, vec_cross(in, out)), vec_dot(in, out));
        if (i > 0) {
            double step = vec_length(in), heading = turned;
            if (i + 1 < flat->count) /* the step that led here has the heading before the turn */
                heading -= atan2(vec_dot(normal, vec_cross(in, out)), vec_dot(in, out));
            flat->s_mm[i] = flat->s_mm[i - 1] + step;
            flat->axis_mm[i][0] = flat->axis_mm[i - 1][0] + step * cos(heading);
            flat->axis_mm[i][1] = flat->axis_mm[i - 1][1] + step * sin(heading);
        }
        Vec3 across = vec_cross(normal, tangent);
        flat->across[i][0] = -sin(turned);
        flat->across[i][1] = cos(turned);
        flat->offset_mm[i] = vec_dot(vec_sub(design->hairline_mm[i], axis[i]), across);
    }
    return true;
}

static void bar(Sheet *sheet, double x, double y, bool upright)
{
    cairo_t *cr = sheet->cr;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    if (upright)
        cairo_rotate(cr, -3.14159265358979 / 2.0);
    cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
    cairo_set_line_width(cr, 0.25);
    for (int mm = 0; mm <= 100; mm++) {
        cairo_move_to(cr, mm, 0.0);
        cairo_line_to(cr, mm, mm % 10 == 0 ? -4.0 : mm % 5 == 0 ? -3.0 : -1.8);
    }
    cairo_move_to(cr, 0.0, 0.0);
    cairo_line_to(cr, 100.0, 0.0);
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* The piece from s0 to s1, turned so that its chord is horizontal, at (left, middle). */
static void draw_piece(Sheet *sheet, const Flat *flat, double s0, double s1, double left,
                       double middle)
{
    int first = 0, last = flat->count - 1;
    while (first < last && flat->s_mm[first] < s0)
        first++;
    while (last > first && flat->s_mm[last] > s1)
        last--;
    double dx = flat->axis_mm[last][0] - flat->axis_mm[first][0];
    double dy = flat->axis_mm[last][1] - flat->axis_mm[first][1];
    double angle = atan2(dy, dx), lowest = 0.0, highest = 0.0;
    for (int i = first; i <= last; i++) {
        double x = flat->axis_mm[i][0] - flat->axis_mm[first][0];
        double y = flat->axis_mm[i][1] - flat->axis_mm[first][1];
        double up = -x * sin(angle) + y * cos(angle);
        lowest = fmin(lowest, up);
        highest = fmax(highest, up);
    }
    cairo_t *cr = sheet->cr;
    cairo_save(cr);
    cairo_translate(cr, left, middle + 0.5 * (highest + lowest));
    cairo_scale(cr, 1.0, -1.0);
    cairo_rotate(cr, -angle);
    cairo_translate(cr, -flat->axis_mm[first][0], -flat->axis_mm[first][1]);
    for (int side = -1; side <= 1; side++) {
        for (int i = first; i <= last; i++) {
            double d = side == 0 ? flat->offset_mm[i] : side * strip_mm;
            cairo_line_to(cr, flat->axis_mm[i][0] + d * flat->across[i][0],
                          flat->axis_mm[i][1] + d * flat->across[i][1]);
        }
        cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
        cairo_set_line_width(cr, side == 0 ? 0.5 : 0.15);
        cairo_stroke(cr);
    }
    for (int i = first; i <= last; i++) { /* a tick each 10 mm, for laying the strip on the skin */
        if (i == 0 || floor(flat->s_mm[i] / 10.0) <= floor(flat->s_mm[i - 1] / 10.0))
            continue;
        for (int side = -1; side <= 1; side += 2) {
            double a = side * strip_mm, b = side * (strip_mm - 3.0);
            cairo_move_to(cr, flat->axis_mm[i][0] + a * flat->across[i][0],
                          flat->axis_mm[i][1] + a * flat->across[i][1]);
            cairo_line_to(cr, flat->axis_mm[i][0] + b * flat->across[i][0],
                          flat->axis_mm[i][1] + b * flat->across[i][1]);
        }
        cairo_set_line_width(cr, 0.15);
        cairo_stroke(cr);
    }
    double centre = 0.5 * flat->s_mm[flat->count - 1];
    for (int i = first; i < last; i++)
        if (flat->s_mm[i] <= centre && flat->s_mm[i + 1] > centre) {
            cairo_move_to(cr, flat->axis_mm[i][0] - strip_mm * flat->across[i][0],
                          flat->axis_mm[i][1] - strip_mm * flat->across[i][1]);
            cairo_line_to(cr, flat->axis_mm[i][0] + strip_mm * flat->across[i][0],
                          flat->axis_mm[i][1] + strip_mm * flat->across[i][1]);
            cairo_set_dash(cr, (double[]){2.0, 1.5}, 2, 0.0);
            cairo_set_line_width(cr, 0.2);
            cairo_stroke(cr);
        }
    cairo_restore(cr);
}

bool report_template_pdf(Arena *arena, const Case *plan, size_t *size, uint8_t **bytes, Err *err)
{
    Sheet sheet;
    Flat flat;
    if (plan->design->hairline_count < 3)
        return err_set(err, ERR_INPUT, "the design has no hairline to print");
    if (!flatten(arena, plan, &flat, err) ||
        !sheet_open(&sheet, arena, "Hairline 1:1",
                    report_format(
                        arena,
                        "Follicle %s \u00b7 %s \u00b7 print at 100 %%, without fitting to the page",
                        FOLLICLE_VERSION, plan->code),
                    err))
        return false;
    double length = flat.s_mm[flat.count - 1];
    sheet_title(&sheet, "Hairline, 1 : 1",
                report_format(arena, "%s \u00b7 %.0f mm along the skin", plan->code, length));
    sheet_text(&sheet, "Measure both bars: each must be 100 mm. If not, print again at 100 %%. Cut "
                       "along the thin lines, lay the dashed "
                       "line on the middle of the forehead, the lettered ends meet. The heavy line "
                       "is the hairline; above it is hair.");
    double top = sheet.y_mm + 6.0;
    bar(&sheet, SHEET_MARGIN_MM, top, false);
    bar(&sheet, SHEET_WIDTH_MM - SHEET_MARGIN_MM, top + 100.0, true);
    int pieces = (int)ceil(length / piece_mm);
    double middle = top + 45.0;
    for (int i = 0; i < pieces; i++) {
        double s0 = length * i / pieces, s1 = length * (i + 1) / pieces;
        if (middle + 25.0 > SHEET_BOTTOM_MM) {
            sheet_new_page(&sheet);
            middle = SHEET_MARGIN_MM + 40.0;
        }
        draw_piece(&sheet, &flat, s0, s1, SHEET_MARGIN_MM, middle);
        sheet_put(&sheet, SHEET_MARGIN_MM, middle + 24.0, 120.0, 8.0, false,
                  i == 0 ? report_format(arena, "1 of %d: from the client's left to A", pieces)
                  : i == pieces - 1
                      ? report_format(arena, "%d of %d: from %c to the client's right", i + 1,
                                      pieces, 'A' + i - 1)
                      : report_format(arena, "%d of %d: from %c to %c", i + 1, pieces, 'A' + i - 1,
                                      'A' + i));
        middle += 72.0;
    }
    return sheet_close(&sheet, size, bytes, err);
}
