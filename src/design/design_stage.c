#include "design/design_internal.h"

#include <math.h>
#include <string.h>

/* Mean tape from the glabella to the crown whorl, mean of three heads of 574 mm (field/canvas 1.4).
 * It spreads widely between people (15..110 mm behind the ears, Park 2014). */
static const double whorl_along_mm = 243.0;
/* Mean radius of the canvas above direction.y = 0.2 of the mean cranium (circumference 574 mm). */
static const double mean_radius_mm = 105.279;

enum { PITCH_STEPS = 720 };
static const double pitch_step_rad = 0.00436332312998582; /* a quarter of a degree */

static Vec3 midline_direction(double pitch_rad)
{
    return vec3(0.0, sin(pitch_rad), cos(pitch_rad));
}

static double glabella_pitch(const Head *head)
{
    Vec3 arm = vec_sub(head->landmark_mm[HEAD_GLABELLA], head->centre_mm);
    return atan2(arm.y, arm.z);
}

bool design_midline(const Head *head, double tape_mm, Vec3 *point, Err *err)
{
    double pitch = glabella_pitch(head), walked = 0.0;
    HeadPoint at = head_locate(head, midline_direction(pitch));
    if (at.triangle < 0)
        return err_set(err, ERR_INPUT, "the glabella lies below the canvas: check the landmarks");
    Vec3 last = head_position_mm(head, at);
    for (int i = 0; i < PITCH_STEPS; i++) {
        pitch += pitch_step_rad;
        at = head_locate(head, midline_direction(pitch));
        if (at.triangle < 0)
            break;
        Vec3 next = head_position_mm(head, at);
        double step = vec_distance(last, next);
        if (walked + step >= tape_mm)
            return design_on_surface(head, vec_lerp(last, next, (tape_mm - walked) / step), point,
                                     err);
        walked += step;
        last = next;
    }
    return err_set(err, ERR_INPUT, "the midline is only %.0f mm long, %.0f mm were wanted", walked,
                   tape_mm);
}

/* Tape along the midline at each quarter degree of pitch from the glabella backwards. */
static int midline_table(const Head *head, double along_mm[], Vec3 point[])
{
    double pitch = glabella_pitch(head);
    int count = 0;
    for (int i = 0; i < PITCH_STEPS; i++) {
        HeadPoint at = head_locate(head, midline_direction(pitch + i * pitch_step_rad));
        if (at.triangle < 0)
            break;
        point[count] = head_position_mm(head, at);
        along_mm[count] =
            count == 0 ? 0.0 : along_mm[count - 1] + vec_distance(point[count - 1], point[count]);
        count++;
    }
    return count;
}

static double along_at(int count, const double along_mm[], double steps)
{
    if (steps <= 0.0)
        return steps * (along_mm[1] - along_mm[0]); /* below the glabella */
    int i = (int)steps;
    if (i >= count - 1)
        return along_mm[count - 1];
    return along_mm[i] + (steps - i) * (along_mm[i + 1] - along_mm[i]);
}

static double head_scale(const Head *head)
{
    double sum = 0.0;
    int count = 0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        if (head->topology->direction[v].y > 0.2) {
            sum += head->radius_mm[v];
            count++;
        }
    }
    return sum / count / mean_radius_mm;
}

static void fill_along(const Head *head, int count, const double table_mm[], double along_mm[])
{
    const double pi = 3.14159265358979323846;
    double first = glabella_pitch(head);
    for (int v = 0; v < head->topology->vertex_count; v++) {
        Vec3 d = head->topology->direction[v];
        double pitch = atan2(d.y, d.z);
        if (pitch < -0.5 * pi)
            pitch += 2.0 * pi;
        along_mm[v] = along_at(count, table_mm, (pitch - first) / pitch_step_rad);
    }
}

bool design_tape_new(Arena *arena, Arena *scratch, const Head *head, DesignTape *tape, Err *err)
{
    size_t n = (size_t)head->topology->vertex_count;
    *tape = (DesignTape){.scale = head_scale(head)};
    double **field[] = {&tape->along_mm, &tape->lateral_mm, &tape->whorl_mm, &tape->margin_mm,
                        &tape->front_mm};
    for (int k = 0; k < 5; k++) {
        *field[k] = ARENA_NEW(arena, double, n);
        if (*field[k] == NULL)
            return err_set(err, ERR_LIMIT, "no room for tape coordinates");
    }
    size_t mark = arena_mark(scratch); /* the fields may live in scratch themselves */
    double *table_mm = ARENA_NEW(scratch, double, PITCH_STEPS);
    Vec3 *midline = ARENA_NEW(scratch, Vec3, PITCH_STEPS);
    if (table_mm == NULL || midline == NULL)
        return err_set(err, ERR_LIMIT, "no room for the midline");
    int count = midline_table(head, table_mm, midline);
    if (count < 2)
        return err_set(err, ERR_INPUT, "the glabella lies below the canvas: check the landmarks");
    fill_along(head, count, table_mm, tape->along_mm);
    Vec3 whorl;
    if (!design_midline(head, whorl_along_mm * tape->scale, &whorl, err) ||
        !head_distance_to_curve(scratch, head, count, midline, false, tape->lateral_mm, err))
        return false;
    HeadPoint source = head_nearest(head, whorl);
    if (!head_distance(scratch, head, 1, &source, tape->whorl_mm, err))
        return false;
    for (size_t v = 0; v < n; v++) {
        if (head->topology->direction[v].x < 0.0)
            tape->lateral_mm[v] = -tape->lateral_mm[v];
    }
    hair_scalp_margin(head, tape->margin_mm);
    arena_rewind(scratch, mark);
    return true;
}

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

static double front_depth_mm(const DesignTape *tape, const Stage *stage, double lateral_mm)
{
    double k = tape->scale, at = fabs(lateral_mm), temple = tape->temple_mm;
    double middle = k * stage->middle_mm, corner = k * stage->temple_mm;
    if (at <= temple)
        return middle + (corner - middle) * design_smoothstep((at / temple - 0.25) / 0.65);
    return corner + (k * stage->flank_mm - corner) * design_smoothstep((at - temple) / (38.0 * k));
}

/* Superellipse (exponent 3) over the top, from the hairline to behind the whorl. */
static double top_mm(const DesignTape *tape, const Stage *stage, int v)
{
    double k = tape->scale;
    double front = tape->hairline_mm - 20.0, rear = k * (whorl_along_mm + stage->behind_mm);
    double half_length = 0.5 * (rear - front), half_width = k * stage->half_mm;
    double x = fabs(tape->along_mm[v] - 0.5 * (front + rear)) / half_length;
    double y = fabs(tape->lateral_mm[v]) / half_width;
    return (1.0 - cbrt(x * x * x + y * y * y)) * half_width;
}

double design_norwood_mm(const DesignTape *tape, int stage_number, int v)
{
    const Stage *stage = &stage_table[stage_number];
    double k = tape->scale;
    double inside = front_depth_mm(tape, stage, tape->lateral_mm[v]) - tape->front_mm[v];
    /* behind the ears the tape to the midline is short again and the sideburn near */
    inside = fmin(inside, k * front_end_mm - tape->along_mm[v]);
    if (stage->crown_mm > 0.0)
        inside = join(inside, k * stage->crown_mm - tape->whorl_mm[v], 12.0 * k);
    if (stage->half_mm > 0.0)
        inside = join(inside, top_mm(tape, stage, v), 25.0 * k);
    return inside;
}

/* Thinning of the top behind a frontal line that stays (Ludwig, Br. J. Dermatol. 97 (1977) 247);
 * it widens with the grade. Widths: drawn, no measured areas are published. */
double design_ludwig_mm(const DesignTape *tape, int stage, int v)
{
    static const double half_width_mm[4] = {0.0, 42.0, 52.0, 62.0};
    const double kept_mm = 12.0; /* of the frontal line */
    double k = tape->scale;
    double front = tape->hairline_mm - 6.0, rear = k * (whorl_along_mm + 20.0);
    double x = fabs(tape->along_mm[v] - 0.5 * (front + rear)) / (0.5 * (rear - front));
    double y = fabs(tape->lateral_mm[v]) / (k * half_width_mm[stage]);
    double oval = (1.0 - cbrt(x * x * x + y * y * y)) * k * half_width_mm[stage];
    return fmin(oval, tape->front_mm[v] - kept_mm);
}

DesignZone design_zone_at(const DesignTape *tape, double transition_mm, int v)
{
    /* Bands of field/canvas 1.4: 60 mm of front, midscalp to 185 mm, then the crown. */
    const double front_band_mm = 60.0, temple_band_mm = 85.0, crown_from_mm = 185.0,
                 thinnest_line_mm = 5.0;
    if (tape->front_mm[v] <= fmax(transition_mm, thinnest_line_mm))
        return DESIGN_HAIRLINE;
    double along = tape->along_mm[v], side = fabs(tape->lateral_mm[v]);
    if (side > 0.72 * tape->temple_mm && along < tape->hairline_mm + temple_band_mm)
        return DESIGN_TEMPLE;
    if (along < tape->hairline_mm + front_band_mm)
        return DESIGN_FRONTAL;
    return along < crown_from_mm * tape->scale ? DESIGN_MIDSCALP : DESIGN_CROWN;
}

bool design_chart_inside(int count, double polygon[][2], const double uv[2])
{
    bool inside = false;
    for (int i = 0, j = count - 1; i < count; j = i++) {
        const double *a = polygon[i], *b = polygon[j];
        if ((a[1] > uv[1]) != (b[1] > uv[1]) &&
            uv[0] < a[0] + (uv[1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1]))
            inside = !inside;
    }
    return inside;
}

static Vec3 outline_direction(const Head *head, const DesignOutline *outline, int i)
{
    return vec_normalize(vec_sub(outline->point_mm[i % outline->point_count], head->centre_mm));
}

/* Two great-circle arcs shorter than half a turn cross in their insides. */
static bool arcs_cross(Vec3 a, Vec3 b, Vec3 c, Vec3 d)
{
    Vec3 ab = vec_cross(a, b), cd = vec_cross(c, d);
    double c_side = vec_dot(ab, c), d_side = vec_dot(ab, d);
    double a_side = vec_dot(cd, a), b_side = vec_dot(cd, b);
    return c_side * d_side < 0.0 && a_side * b_side < 0.0 && c_side * b_side > 0.0;
}

static bool check_crossing(const Head *head, int number, const DesignOutline *outline, Err *err)
{
    int n = outline->point_count;
    for (int i = 0; i < n; i++) {
        for (int j = i + 2; j < n; j++) {
            if (i == 0 && j == n - 1)
                continue;
            if (arcs_cross(
                    outline_direction(head, outline, i), outline_direction(head, outline, i + 1),
                    outline_direction(head, outline, j), outline_direction(head, outline, j + 1)))
                return err_set(err, ERR_INPUT,
                               "outline %d crosses itself between points %d and %d: give the "
                               "points in order around the patch",
                               number, i + 1, j + 1);
        }
    }
    return true;
}

static bool check_point(const Head *head, const double margin_mm[], int number, int i, Vec3 p,
                        Err *err)
{
    const double farthest_mm = 25.0;
    if (!vec_is_finite(p))
        return err_set(err, ERR_INPUT, "point %d of outline %d is not a number", i + 1, number);
    HeadPoint at = head_nearest(head, p);
    if (at.triangle < 0)
        return err_set(err, ERR_INPUT,
                       "point %d of outline %d (%.0f, %.0f, %.0f mm) lies below the scalp", i + 1,
                       number, p.x, p.y, p.z);
    double off_mm = vec_distance(p, head_position_mm(head, at));
    if (off_mm > farthest_mm)
        return err_set(err, ERR_INPUT,
                       "point %d of outline %d is %.0f mm off the surface: are the points in "
                       "millimetres of the head frame?",
                       i + 1, number, off_mm);
    if (head_interpolate(head, at, margin_mm) < 0.0)
        return err_set(err, ERR_INPUT,
                       "point %d of outline %d (%.0f, %.0f, %.0f mm) lies on the face or an ear, "
                       "outside the scalp",
                       i + 1, number, p.x, p.y, p.z);
    return true;
}

bool design_outline_check(const Head *head, const double margin_mm[], int number,
                          const DesignOutline *outline, Err *err)
{
    int least = outline->scar ? 2 : 3;
    if (outline->point_count < least || outline->point_count > DESIGN_OUTLINE_POINTS)
        return err_set(err, ERR_INPUT, "outline %d has %d points: a %s needs %d to %d", number,
                       outline->point_count, outline->scar ? "scar" : "patch", least,
                       DESIGN_OUTLINE_POINTS);
    if (outline->scar && !(outline->width_mm >= 0.5 && outline->width_mm <= 40.0))
        return err_set(err, ERR_INPUT, "scar %d is %g mm wide, not within 0.5..40 mm", number,
                       outline->width_mm);
    for (int i = 0; i < outline->point_count; i++) {
        if (!check_point(head, margin_mm, number, i, outline->point_mm[i], err))
            return false;
    }
    return outline->scar || check_crossing(head, number, outline, err);
}

/* Great-circle arcs between the points, at most half a millimetre apart on the surface. */
static bool sample_outline(const Head *head, const DesignOutline *outline, int capacity,
                           Vec3 point[], int *count, Err *err)
{
    int edges = outline->scar ? outline->point_count - 1 : outline->point_count;
    *count = 0;
    for (int i = 0; i < edges; i++) {
        Vec3 a = outline_direction(head, outline, i), b = outline_direction(head, outline, i + 1);
        int steps = (int)(vec_distance(a, b) * 2.0 * 100.0) + 1;
        for (int k = 0; k < steps + (outline->scar && i == edges - 1); k++) {
            Vec3 d = vec_lerp(a, b, (double)k / steps);
            if (*count == capacity)
                return err_set(err, ERR_LIMIT, "an outline is longer than %d mm", capacity / 2);
            if (!design_on_surface(head, vec_madd(head->centre_mm, 50.0, d), &point[*count], err))
                return false;
            ++*count;
        }
    }
    return true;
}

bool design_outline_distance(Arena *scratch, const Head *head, const DesignOutline *outline,
                             double inside_mm[], Err *err)
{
    enum { CAPACITY = 1 << 14 };
    size_t mark = arena_mark(scratch);
    Vec3 *point = ARENA_NEW(scratch, Vec3, CAPACITY);
    double(*polygon)[2] = arena_alloc(scratch, CAPACITY, sizeof *polygon);
    if (point == NULL || polygon == NULL)
        return err_set(err, ERR_LIMIT, "no room for an outline");
    int count;
    if (!sample_outline(head, outline, CAPACITY, point, &count, err) ||
        !head_distance_to_curve(scratch, head, count, point, !outline->scar, inside_mm, err))
        return false;
    for (int i = 0; i < count; i++)
        head_chart(vec_normalize(vec_sub(point[i], head->centre_mm)), polygon[i]);
    for (int v = 0; v < head->topology->vertex_count; v++) {
        double uv[2];
        head_chart(head->topology->direction[v], uv);
        if (outline->scar)
            inside_mm[v] = 0.5 * outline->width_mm - inside_mm[v];
        else if (!design_chart_inside(count, polygon, uv))
            inside_mm[v] = -inside_mm[v];
    }
    arena_rewind(scratch, mark);
    return true;
}
