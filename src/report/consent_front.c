/* The head from the front, seen straight on, with the planned hairline. */
#include "report/consent_internal.h"

#include <math.h>

static const double px_per_mm = 2.5; /* of the head: no finer than it prints */
static const double below_mm = 32.0; /* shown under the glabella */
static const double facing = 0.12;   /* cosine: what is seen flatter is left out */

typedef struct Front {               /* from the head to pixels, and to the page */
    double half_mm, top_mm, high_mm; /* of the head's own millimetres */
} Front;

static Front front_of(const Case *plan)
{
    const Head *head = plan->head;
    Front front = {.top_mm = head->landmark_mm[HEAD_GLABELLA].y};
    double bottom_mm = head->landmark_mm[HEAD_GLABELLA].y - below_mm;
    for (int i = 0; i < head->topology->vertex_count; i++) {
        front.half_mm = fmax(front.half_mm, fabs(head->position_mm[i].x));
        front.top_mm = fmax(front.top_mm, head->position_mm[i].y);
    }
    front.half_mm += 3.0;
    front.top_mm += 3.0;
    front.high_mm = front.top_mm - bottom_mm;
    return front;
}

/* ---- pixels ---- */

typedef struct Canvas {
    Image image;
    float *depth_mm; /* z of what is nearest so far */
} Canvas;

static double edge(const double a[2], const double b[2], double x, double y)
{
    return (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
}

static void put_pixel(Canvas *canvas, int x, int y, double z, double light)
{
    size_t at = (size_t)y * (size_t)canvas->image.width_px + (size_t)x;
    if ((float)z <= canvas->depth_mm[at])
        return;
    canvas->depth_mm[at] = (float)z;
    for (int c = 0; c < 3; c++)
        canvas->image.rgb[3 * at + (size_t)c] = (uint8_t)lround(255.0 * light);
}

static void put_triangle(Canvas *canvas, const Head *head, const Front *front, const int corner[3])
{
    double at[3][2], low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};
    for (int k = 0; k < 3; k++) {
        Vec3 p = head->position_mm[corner[k]];
        at[k][0] = (p.x + front->half_mm) * px_per_mm;
        at[k][1] = (front->top_mm - p.y) * px_per_mm;
        for (int i = 0; i < 2; i++) {
            low[i] = fmin(low[i], at[k][i]);
            high[i] = fmax(high[i], at[k][i]);
        }
    }
    double all = edge(at[0], at[1], at[2][0], at[2][1]);
    if (fabs(all) < 1e-12)
        return;
    int x1 = (int)fmin(ceil(high[0]), canvas->image.width_px - 1.0);
    int y1 = (int)fmin(ceil(high[1]), canvas->image.height_px - 1.0);
    for (int y = (int)fmax(floor(low[1]), 0.0); y <= y1; y++)
        for (int x = (int)fmax(floor(low[0]), 0.0); x <= x1; x++) {
            double w[3], z = 0.0, lean = 0.0;
            for (int k = 0; k < 3; k++) {
                w[k] = edge(at[(k + 1) % 3], at[(k + 2) % 3], x + 0.5, y + 0.5) / all;
                z += w[k] * head->position_mm[corner[k]].z;
                lean += w[k] * head->normal[corner[k]].z;
            }
            if (w[0] >= 0.0 && w[1] >= 0.0 && w[2] >= 0.0 && lean > 0.0)
                put_pixel(canvas, x, y, z, 0.70 + 0.27 * fmin(lean, 1.0));
        }
}

static bool shade(Sheet *sheet, const Case *plan, const Front *front, Image *image)
{
    Err err = {0};
    Canvas canvas;
    int width_px = (int)lround(2.0 * front->half_mm * px_per_mm);
    int height_px = (int)lround(front->high_mm * px_per_mm);
    size_t pixels = (size_t)width_px * (size_t)height_px;
    canvas.depth_mm = ARENA_NEW(sheet->arena, float, pixels);
    if (canvas.depth_mm == NULL ||
        !image_new(sheet->arena, width_px, height_px, &canvas.image, &err)) {
        sheet->full = true;
        return false;
    }
    for (size_t i = 0; i < pixels; i++)
        canvas.depth_mm[i] = -1e9f;
    for (size_t i = 0; i < 3 * pixels; i++)
        canvas.image.rgb[i] = 255;
    const HeadTopology *topology = plan->head->topology;
    for (int t = 0; t < topology->triangle_count; t++)
        put_triangle(&canvas, plan->head, front, topology->triangle[t]);
    *image = canvas.image;
    return true;
}

/* ---- lines on the page ---- */

typedef struct Place {
    double left_mm, top_mm, scale; /* page mm per mm of the head */
    const Front *front;
} Place;

static void place_on(const Place *place, Vec3 position_mm, double at_mm[2])
{
    at_mm[0] = place->left_mm + (position_mm.x + place->front->half_mm) * place->scale;
    at_mm[1] = place->top_mm + (place->front->top_mm - position_mm.y) * place->scale;
}

static void draw_hairline(Sheet *sheet, const Case *plan, const Place *place)
{
    const DesignLayout *layout = plan->layout;
    bool pen_down = false;
    for (int i = 0; i < layout->hairline_count; i++) {
        Vec3 at = layout->hairline_mm[i];
        double to[2];
        bool seen = vec_normalize(vec_sub(at, plan->head->centre_mm)).z > facing;
        place_on(place, at, to);
        if (seen && pen_down)
            cairo_line_to(sheet->cr, to[0], to[1]);
        else if (seen)
            cairo_move_to(sheet->cr, to[0], to[1]);
        pen_down = seen;
    }
    sheet_ink(sheet, SHEET_BLACK);
    cairo_set_line_width(sheet->cr, 0.5);
    cairo_set_line_join(sheet->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(sheet->cr);
    cairo_set_line_join(sheet->cr, CAIRO_LINE_JOIN_MITER);
}

/* Where the line crosses the middle, as its height is measured. */
static Vec3 middle_of(const DesignLayout *layout)
{
    int best = 0;
    for (int i = 1; i < layout->hairline_count; i++)
        if (fabs(layout->hairline_mm[i].x) < fabs(layout->hairline_mm[best].x))
            best = i;
    return layout->hairline_mm[best];
}

static void draw_height(Sheet *sheet, const Case *plan, const Place *place)
{
    const double tick_mm = 1.6;
    double from[2], to[2];
    place_on(place, plan->head->landmark_mm[HEAD_GLABELLA], from);
    place_on(place, middle_of(plan->layout), to);
    to[0] = from[0];
    sheet_ink(sheet, SHEET_ACCENT);
    cairo_set_line_width(sheet->cr, 0.3);
    cairo_move_to(sheet->cr, from[0], from[1]);
    cairo_line_to(sheet->cr, to[0], to[1]);
    for (int i = 0; i < 2; i++) {
        const double *end = i == 0 ? from : to;
        cairo_move_to(sheet->cr, end[0] - tick_mm, end[1]);
        cairo_line_to(sheet->cr, end[0] + tick_mm, end[1]);
    }
    cairo_stroke(sheet->cr);
    sheet_put(sheet, from[0] + 1.5, 0.5 * (from[1] + to[1]) - 1.8, 30.0, 8.0, true,
              words_fill(&sheet->voice, "{length} mm", "length",
                         sheet_number(sheet, plan->layout->hairline_height_mm, 0)));
}

double consent_front(Sheet *sheet, const Case *plan, double x_mm, double y_mm, double width_mm)
{
    Front front = front_of(plan);
    Place place = {sheet_x(sheet, x_mm, width_mm), y_mm, 0.5 * width_mm / front.half_mm, &front};
    Image image;
    if (!shade(sheet, plan, &front, &image))
        return 0.0;
    sheet_drawing(sheet, words_say(&sheet->voice, "The head from the front with the planned "
                                                  "hairline"));
    sheet_picture_whole(sheet, &image, place.left_mm, y_mm, width_mm, NULL);
    if (plan->layout->has_hairline) {
        draw_hairline(sheet, plan, &place);
        draw_height(sheet, plan, &place);
    }
    sheet_drawing_end(sheet);
    return front.high_mm * place.scale;
}
