#include "report/report_internal.h"

#include <math.h>
#include <string.h>

/* Half the side of the map in units of the chart, for the crown and the midscalp; more where
 * something is planned below it. The rim of the canvas lies at 1.44. */
static const double least_reach = 0.62, most_reach = 1.44, beyond = 1.12;
static const double dot_mm = 0.16;
enum { MAP_CELLS = 140 };

/* Okabe and Ito's colours, which the colour-blind can tell apart, one for each zone. */
static const double zone_rgb[DESIGN_ZONES][3] = {
    [DESIGN_NONE] = {0.95, 0.95, 0.95},     [DESIGN_HAIRLINE] = {0.84, 0.37, 0.00},
    [DESIGN_FRONTAL] = {0.90, 0.62, 0.00},  [DESIGN_MIDSCALP] = {0.34, 0.71, 0.91},
    [DESIGN_CROWN] = {0.00, 0.45, 0.70},    [DESIGN_TEMPLE] = {0.00, 0.62, 0.45},
    [DESIGN_PATCH] = {0.80, 0.47, 0.65},    [DESIGN_SCAR] = {0.45, 0.30, 0.20},
    [DESIGN_DIFFUSE] = {0.80, 0.75, 0.20},  [DESIGN_PUNCH] = {0.60, 0.42, 0.30},
    [DESIGN_BURN] = {0.66, 0.26, 0.24},     [DESIGN_FRINGE] = {0.55, 0.58, 0.62},
    [DESIGN_KEEP_OUT] = {0.20, 0.20, 0.20},
};

const char *report_zone_word(DesignZone zone)
{
    static const char *const word[DESIGN_ZONES] = {
        [DESIGN_NONE] = N_("Elsewhere"),    [DESIGN_HAIRLINE] = N_("Hairline"),
        [DESIGN_FRONTAL] = N_("Front"),     [DESIGN_MIDSCALP] = N_("Middle"),
        [DESIGN_CROWN] = N_("Crown"),       [DESIGN_TEMPLE] = N_("Temples"),
        [DESIGN_PATCH] = N_("Patch"),       [DESIGN_SCAR] = N_("Scar"),
        [DESIGN_DIFFUSE] = N_("Thin hair"), [DESIGN_PUNCH] = N_("Dotted scars"),
        [DESIGN_BURN] = N_("Burn"),         [DESIGN_FRINGE] = N_("Into the fringe"),
        [DESIGN_KEEP_OUT] = N_("Kept free")};
    return word[zone];
}

static void zone_color(Sheet *sheet, DesignZone zone, double strength)
{
    const double *rgb = zone_rgb[zone];
    cairo_set_source_rgb(sheet->cr, 1.0 - strength * (1.0 - rgb[0]),
                         1.0 - strength * (1.0 - rgb[1]), 1.0 - strength * (1.0 - rgb[2]));
}

static DesignZone zone_at(const Case *plan, const double uv[2])
{
    HeadPoint point = head_locate(plan->head, head_chart_direction(uv));
    if (point.triangle < 0)
        return DESIGN_NONE;
    const int *corner = plan->head->topology->triangle[point.triangle];
    int nearest = 0;
    for (int k = 1; k < 3; k++)
        if (point.weight[k] > point.weight[nearest])
            nearest = k;
    return (DesignZone)plan->layout->zone[corner[nearest]];
}

static void chart_of(const Case *plan, Vec3 position_mm, double uv[2])
{
    head_chart(vec_normalize(vec_sub(position_mm, plan->head->centre_mm)), uv);
}

static double reach_of(const Case *plan)
{
    const Head *head = plan->head;
    double reach = least_reach, uv[2];
    for (int i = 0; i < head->topology->vertex_count; i++) {
        if (plan->layout->zone[i] == DESIGN_NONE)
            continue;
        head_chart(head->topology->direction[i], uv);
        reach = fmax(reach, beyond * hypot(uv[0], uv[1]));
    }
    for (int i = 0; i < plan->layout->hairline_count; i++) {
        chart_of(plan, plan->layout->hairline_mm[i], uv);
        reach = fmax(reach, beyond * hypot(uv[0], uv[1]));
    }
    return fmin(reach, most_reach);
}

bool report_map_make(Sheet *sheet, const Case *plan, ReportMap *map)
{
    uint8_t *cells = ARENA_NEW(sheet->arena, uint8_t, (size_t)MAP_CELLS * MAP_CELLS);
    uint8_t *dots = ARENA_NEW(sheet->arena, uint8_t, (size_t)plan->dots->count + 1);
    double reach = reach_of(plan);
    if (cells == NULL || dots == NULL) {
        sheet->full = true;
        return false;
    }
    for (int y = 0; y < MAP_CELLS; y++)
        for (int x = 0; x < MAP_CELLS; x++) {
            double uv[2] = {reach * (2.0 * (x + 0.5) / MAP_CELLS - 1.0),
                            reach * (2.0 * (y + 0.5) / MAP_CELLS - 1.0)};
            cells[y * MAP_CELLS + x] = (uint8_t)zone_at(plan, uv);
        }
    for (int i = 0; i < plan->dots->count; i++)
        dots[i] = (uint8_t)plan->dots->dot[i].zone;
    *map = (ReportMap){reach, cells, dots};
    return true;
}

/* Where the square lies on the page. */
typedef struct Place {
    double centre_x_mm, centre_y_mm, scale; /* mm per unit of the chart */
} Place;

static void fill_cells(Sheet *sheet, const ReportMap *map, Place place, double strength)
{
    double cell = 2.0 * map->reach * place.scale / MAP_CELLS;
    double left = place.centre_x_mm - map->reach * place.scale;
    double top = place.centre_y_mm - map->reach * place.scale;
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        bool any = false;
        for (int y = 0; y < MAP_CELLS; y++)
            for (int x = 0, end; x < MAP_CELLS; x = end) {
                const uint8_t *row = map->zone_of_cell + y * MAP_CELLS;
                end = x + 1;
                if (row[x] != zone)
                    continue;
                while (end < MAP_CELLS && row[end] == zone)
                    end++;
                /* a little over the next row, or a hair of white shows between them */
                cairo_rectangle(sheet->cr, left + x * cell, top + y * cell, (end - x) * cell,
                                1.08 * cell);
                any = true;
            }
        if (!any)
            continue;
        zone_color(sheet, (DesignZone)zone, strength);
        cairo_fill(sheet->cr);
    }
}

/* A round head with nose and ears, so that nobody turns the map. */
static void draw_head(Sheet *sheet, const Case *plan, Place place, double radius)
{
    static const HeadLandmark ear[] = {HEAD_TRAGION_LEFT, HEAD_TRAGION_RIGHT};
    double uv[2];
    cairo_t *cr = sheet->cr;
    cairo_set_source_rgb(cr, 0.965, 0.965, 0.96);
    cairo_arc(cr, place.centre_x_mm, place.centre_y_mm, radius, 0.0, 2.0 * 3.14159265358979);
    cairo_fill_preserve(cr);
    sheet_ink(sheet, SHEET_PALE);
    cairo_set_line_width(cr, 0.25);
    cairo_stroke(cr);
    cairo_set_source_rgb(cr, 0.75, 0.76, 0.77);
    for (int side = 0; side < 2; side++) {
        chart_of(plan, plan->head->landmark_mm[ear[side]], uv);
        double length = fmax(hypot(uv[0], uv[1]), 0.1);
        cairo_arc(cr, place.centre_x_mm + uv[0] / length * radius,
                  place.centre_y_mm + uv[1] / length * radius, 0.06 * radius, 0.0, 6.2831853);
        cairo_fill(cr);
    }
    cairo_move_to(cr, place.centre_x_mm - 0.07 * radius, place.centre_y_mm + 0.99 * radius);
    cairo_line_to(cr, place.centre_x_mm + 0.07 * radius, place.centre_y_mm + 0.99 * radius);
    cairo_line_to(cr, place.centre_x_mm, place.centre_y_mm + 1.09 * radius);
    cairo_close_path(cr);
    cairo_fill(cr);
}

static void draw_hairline(Sheet *sheet, const Case *plan, Place place)
{
    const DesignLayout *layout = plan->layout;
    for (int i = 0; i < layout->hairline_count; i++) {
        double uv[2];
        chart_of(plan, layout->hairline_mm[i], uv);
        cairo_line_to(sheet->cr, place.centre_x_mm + uv[0] * place.scale,
                      place.centre_y_mm + uv[1] * place.scale);
    }
    sheet_ink(sheet, SHEET_BLACK);
    cairo_set_line_width(sheet->cr, 0.3);
    cairo_stroke(sheet->cr);
}

/* Dots are drawn on a grid of fiftieths of a millimetre, in whole numbers: no eye nor printer sees
 * the difference, and they take 4 bytes in the document instead of 6.5. */
static void draw_dots(Sheet *sheet, const Case *plan, const ReportMap *map, Place place,
                      int session)
{
    const double per_mm = 50.0, reach_mm = map->reach * place.scale;
    double side = 2.0 * reach_mm * per_mm;
    cairo_surface_t *fine = cairo_recording_surface_create(
        CAIRO_CONTENT_COLOR_ALPHA, &(cairo_rectangle_t){0.0, 0.0, side, side});
    cairo_t *cr = cairo_create(fine);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cr, dot_mm * per_mm);
    for (int zone = 0; zone < DESIGN_ZONES; zone++) {
        bool any = false;
        for (int i = 0; i < plan->dots->count; i++) {
            double uv[2];
            if (plan->dots->dot[i].session != session || map->zone_of_dot[i] != zone)
                continue;
            chart_of(plan, plan->dots->dot[i].position_mm, uv);
            cairo_move_to(cr, round((uv[0] * place.scale + reach_mm) * per_mm),
                          round((uv[1] * place.scale + reach_mm) * per_mm));
            cairo_close_path(cr);
            any = true;
        }
        if (!any)
            continue;
        const double *rgb = zone_rgb[zone];
        cairo_set_source_rgb(cr, rgb[0], rgb[1], rgb[2]);
        cairo_stroke(cr);
    }
    cairo_destroy(cr);
    cairo_save(sheet->cr);
    cairo_translate(sheet->cr, place.centre_x_mm - reach_mm, place.centre_y_mm - reach_mm);
    cairo_scale(sheet->cr, 1.0 / per_mm, 1.0 / per_mm);
    cairo_set_source_surface(sheet->cr, fine, 0.0, 0.0);
    cairo_paint(sheet->cr);
    cairo_restore(sheet->cr);
    cairo_surface_destroy(fine);
}

static void names(Sheet *sheet, double x_mm, double y_mm, double side_mm)
{
    const Voice *voice = &sheet->voice;
    const char *left = words_say(voice, "left ear"), *right = words_say(voice, "right ear");
    const double points = 6.0, wide_mm = 0.5 * side_mm;
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, x_mm, y_mm, wide_mm, points, false, words_say(voice, "back"));
    sheet_put(sheet, x_mm, y_mm + side_mm - 5.2, wide_mm, points, false, right);
    sheet_put_end(sheet, x_mm + side_mm - wide_mm, y_mm + side_mm - 5.2, wide_mm, points, false,
                  left);
}

static const char *what_it_shows(Sheet *sheet, int session)
{
    if (session < 0)
        return words_say(&sheet->voice, "Map of the head from above: where the dots go");
    return words_fill(&sheet->voice, "Map of the head from above: the dots of session {number}",
                      "number", words_count(&sheet->voice, session + 1));
}

static Place place_of(const ReportMap *map, double left_mm, double top_mm, double side_mm)
{
    double radius = 0.5 * side_mm / 1.13; /* room for the ears and the nose */
    return (Place){left_mm + 0.5 * side_mm, top_mm + 0.48 * side_mm, radius / map->reach};
}

void report_map_place(const Case *plan, const ReportMap *map, Vec3 position_mm, double left_mm,
                      double top_mm, double side_mm, double at_mm[2])
{
    Place place = place_of(map, left_mm, top_mm, side_mm);
    chart_of(plan, position_mm, at_mm);
    at_mm[0] = place.centre_x_mm + at_mm[0] * place.scale;
    at_mm[1] = place.centre_y_mm + at_mm[1] * place.scale;
}

void report_map_draw(Sheet *sheet, const Case *plan, const ReportMap *map, int session, double x_mm,
                     double y_mm, double side_mm)
{
    double left_mm = sheet_x(sheet, x_mm, side_mm);
    Place place = place_of(map, left_mm, y_mm, side_mm);
    sheet_drawing(sheet, what_it_shows(sheet, session));
    cairo_save(sheet->cr);
    draw_head(sheet, plan, place, place.scale * map->reach);
    if (session < 0)
        fill_cells(sheet, map, place, 0.62);
    else
        draw_dots(sheet, plan, map, place, session);
    draw_hairline(sheet, plan, place);
    names(sheet, left_mm, y_mm, side_mm);
    cairo_restore(sheet->cr);
    sheet_drawing_end(sheet);
}

void report_map_key(Sheet *sheet, DesignZone zone, double x_mm, double y_mm)
{
    zone_color(sheet, zone, 0.8);
    cairo_rectangle(sheet->cr, sheet_x(sheet, x_mm, 2.4), y_mm, 2.4, 2.4);
    cairo_fill(sheet->cr);
}
