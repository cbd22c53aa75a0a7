#include "design/design_internal.h"

#include <math.h>
#include <string.h>

/* Mean tape from the glabella to the crown whorl, mean of three heads of 574 mm (field/canvas 1.4).
 * It spreads widely between people (15..110 mm behind the ears, Park 2014); the stages' tops reach
 * as far as their plates show whatever the whorl. */
static const double whorl_along_mm = 243.0;

/* Polynomial union of two "inside" distances, rounded within `round_mm`. Inigo Quilez's smooth
 * maximum: at least the larger one, at most a quarter of round_mm more. */
static double join(double a, double b, double round_mm)
{
    double h = fmax(round_mm - fabs(a - b), 0.0) / round_mm;
    return fmax(a, b) + 0.25 * h * h * round_mm;
}

/* How far each Norwood stage has left the line behind, in mm on a head of 574 mm. The shapes are
 * the plates' (Norwood, South. Med. J. 68 (1975) 1359), the sizes are chosen so that the areas of
 * the mean head fall into the bands of field/practice 1.3. */
typedef struct Stage {
    double middle_mm; /* depth of the frontal loss behind the midpoint of the line */
    double temple_mm; /* behind the fronto-temporal points */
    double flank_mm;  /* behind the temporal peaks; negative: they stay */
    double crown_mm;  /* radius of the bald crown, 0 none */
    double half_mm;   /* half-width of the bald top, 0 while a bridge of hair is left */
    double behind_mm; /* how far it reaches behind the whorl */
} Stage;

static const Stage stage_table[8] = {
    [1] = {2.0, 3.0, -10.0, 0.0, 0.0, 0.0},     [2] = {2.0, 12.0, -10.0, 0.0, 0.0, 0.0},
    [3] = {11.0, 24.0, -9.0, 0.0, 0.0, 0.0},    [4] = {20.0, 32.0, -8.0, 27.0, 0.0, 0.0},
    [5] = {34.0, 38.0, -6.0, 37.0, 0.0, 0.0},   [6] = {30.0, 20.0, -13.0, 34.0, 47.0, 27.0},
    [7] = {36.0, 26.0, -9.0, 40.0, 61.0, 44.0},
};

static const double front_end_mm = 195.0; /* no frontal loss reaches behind this */

static double front_depth_mm(const DesignTape *tape, const DesignStageFrame *frame,
                             const Stage *stage, double lateral_mm)
{
    double k = tape->scale, at = fabs(lateral_mm), temple = frame->temple_mm;
    double middle = k * stage->middle_mm, corner = k * stage->temple_mm;
    if (at <= temple)
        return middle + (corner - middle) * design_smoothstep((at / temple - 0.25) / 0.65);
    return corner + (k * stage->flank_mm - corner) * design_smoothstep((at - temple) / (38.0 * k));
}

/* Superellipse (exponent 3) over the top, from the hairline to behind the whorl. */
static double top_mm(const DesignTape *tape, const DesignStageFrame *frame, const Stage *stage,
                     int v)
{
    double k = tape->scale;
    double front = frame->height_mm - 20.0, rear = k * (whorl_along_mm + stage->behind_mm);
    double half_length = 0.5 * (rear - front), half_width = k * stage->half_mm;
    double x = fabs(tape->along_mm[v] - 0.5 * (front + rear)) / half_length;
    double y = fabs(tape->lateral_mm[v]) / half_width;
    return (1.0 - cbrt(x * x * x + y * y * y)) * half_width;
}

double design_norwood_mm(const DesignTape *tape, const DesignStageFrame *frame, int stage_number,
                         int v)
{
    const Stage *stage = &stage_table[stage_number];
    double k = tape->scale;
    double inside = front_depth_mm(tape, frame, stage, tape->lateral_mm[v]) - frame->front_mm[v];
    /* behind the ears the tape to the midline is short again and the sideburn near */
    inside = fmin(inside, k * front_end_mm - tape->along_mm[v]);
    if (stage->crown_mm > 0.0)
        inside = join(inside, k * stage->crown_mm - tape->whorl_mm[v], 12.0 * k);
    if (stage->half_mm > 0.0)
        inside = join(inside, top_mm(tape, frame, stage, v), 25.0 * k);
    return inside;
}

/* Thinning of the top behind a frontal line that stays (Ludwig, Br. J. Dermatol. 97 (1977) 247);
 * it widens with the grade. Widths: drawn, no measured areas are published. */
double design_ludwig_mm(const DesignTape *tape, const DesignStageFrame *frame, int stage, int v)
{
    static const double half_width_mm[4] = {0.0, 42.0, 52.0, 62.0};
    const double kept_mm = 12.0; /* of the frontal line */
    double k = tape->scale;
    double front = frame->height_mm - 6.0, rear = k * (whorl_along_mm + 20.0);
    double x = fabs(tape->along_mm[v] - 0.5 * (front + rear)) / (0.5 * (rear - front));
    double y = fabs(tape->lateral_mm[v]) / (k * half_width_mm[stage]);
    double oval = (1.0 - cbrt(x * x * x + y * y * y)) * k * half_width_mm[stage];
    return fmin(oval, frame->front_mm[v] - kept_mm);
}

/* Share of the hair that is missing by Ludwig's grade; no counts are published, the steps follow
 * the visual scales [assumption]. */
double design_ludwig_missing(int stage)
{
    static const double missing[4] = {0.0, 0.25, 0.5, 0.75};
    return missing[stage];
}

static bool reference_curve(Arena *scratch, const Head *head, double height_mm,
                            DesignStageFrame *frame, Vec3 temple_mm[DESIGN_SIDES], int *count,
                            Vec3 line[DESIGN_LONG_CURVE], Err *err)
{
    DesignRequest *request = ARENA_NEW(scratch, DesignRequest, 1);
    DesignHairline *hairline = ARENA_NEW(scratch, DesignHairline, 1);
    Vec3 *curve = ARENA_NEW(scratch, Vec3, DESIGN_CURVE_POINTS);
    if (request == NULL || hairline == NULL || curve == NULL)
        return err_set(err, ERR_LIMIT, "no room for the line of a stage");
    design_request_default(request);
    request->construction = DESIGN_EIGHT_CM;
    request->hairline_height_mm = height_mm;
    frame->height_mm = height_mm;
    int points;
    if (!hairline_construct(scratch, head, request, hairline, err) ||
        !hairline_curve(head, hairline, true, &points, curve, err) ||
        !hairline_with_sideburns(head, hairline, points, curve, count, line, err))
        return false;
    for (int side = 0; side < DESIGN_SIDES; side++)
        temple_mm[side] = curve[hairline->temple[side] * DESIGN_SPAN_POINTS];
    return true;
}

bool design_stage_frame(Arena *arena, Arena *scratch, const Head *head, const DesignTape *tape,
                        double height_mm, DesignStageFrame *frame, Err *err)
{
    *frame = (DesignStageFrame){0};
    frame->front_mm = ARENA_NEW(arena, double, (size_t)head->topology->vertex_count);
    size_t mark = arena_mark(scratch);
    Vec3 *line = ARENA_NEW(scratch, Vec3, DESIGN_LONG_CURVE), temple_mm[DESIGN_SIDES];
    DesignPolygon behind;
    int count;
    if (frame->front_mm == NULL || line == NULL)
        return err_set(err, ERR_LIMIT, "no room for the line of a stage");
    if (!reference_curve(scratch, head, height_mm, frame, temple_mm, &count, line, err) ||
        !head_distance_to_curve(scratch, head, count, line, false, frame->front_mm, err) ||
        !design_polygon_behind(scratch, head, count, line, &behind, err))
        return false;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        double uv[2];
        head_chart(head->topology->direction[v], uv);
        if (!design_polygon_inside(&behind, uv))
            frame->front_mm[v] = -frame->front_mm[v];
    }
    for (int side = 0; side < DESIGN_SIDES; side++)
        frame->temple_mm += 0.5 * fabs(head_interpolate(head, head_nearest(head, temple_mm[side]),
                                                        tape->lateral_mm));
    arena_rewind(scratch, mark);
    return true;
}
