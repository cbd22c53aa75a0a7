#include "design/hairline_internal.h"

#include <math.h>
#include <string.h>

/* ---- the points of a face ---- */

/* Eight-centimetre construction, Garg, J. Cutan. Aesthet. Surg. (431 men): all on the skin. */
static const double reach_mm = 80.0;
static const double peak_mm = 50.0; /* D from C towards E */
/* Lateral canthi of the mean man: 91.2 mm apart (Farkas, 91.2 +- 3.0 in men, 87.8 +- 3.2 in women,
 * whose heads are as much smaller), and about 20 mm below the glabella [assumption]. */
static const double canthus_half_mm = 45.6, canthus_below_mm = 20.0;
/* Mean radius of the canvas above direction.y = 0.2 of the mean cranium. */
static const double mean_radius_mm = 105.279;

static double head_size(const Head *head)
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

/* The surface point at x and y in front: y falls with the pitch. */
static Vec3 average_canthus(const Head *head, double x_mm, double y_mm)
{
    double low = -0.8, high = 1.2;
    Vec3 point = {0};
    for (int i = 0; i < 60; i++) {
        double pitch = 0.5 * (low + high);
        if (!hairline_at_x(head, pitch, x_mm, &point) || point.y < y_mm)
            low = pitch;
        else
            high = pitch;
    }
    return point;
}

bool hairline_canthi(const Head *head, Vec3 canthus_mm[DESIGN_SIDES])
{
    Vec3 left = head->landmark_mm[HEAD_CANTHUS_LEFT], right = head->landmark_mm[HEAD_CANTHUS_RIGHT];
    canthus_mm[DESIGN_LEFT] = left;
    canthus_mm[DESIGN_RIGHT] = right;
    bool left_known = head_knows(head, HEAD_CANTHUS_LEFT),
         right_known = head_knows(head, HEAD_CANTHUS_RIGHT);
    if (left_known && right_known)
        return false;
    /* of one, the other is taken to be its mirror image */
    Vec3 half = left_known ? left : vec3(-right.x, right.y, right.z);
    double size = head_size(head);
    if (!left_known && !right_known)
        half = average_canthus(head, canthus_half_mm * size,
                               head->landmark_mm[HEAD_GLABELLA].y - canthus_below_mm * size);
    if (!left_known)
        canthus_mm[DESIGN_LEFT] = half;
    if (!right_known)
        canthus_mm[DESIGN_RIGHT] = vec3(-half.x, half.y, half.z);
    return true;
}

/* A point where two fields take given values at once, within one triangle of linear fields. */
static bool meet_in_triangle(const int corner[3], const double f[], double f0, const double g[],
                             double g0, double weight[3])
{
    double fa = f[corner[0]], ga = g[corner[0]];
    double fb = f[corner[1]] - fa, fc = f[corner[2]] - fa;
    double gb = g[corner[1]] - ga, gc = g[corner[2]] - ga;
    double determinant = fb * gc - fc * gb;
    if (fabs(determinant) < 1e-12)
        return false;
    weight[1] = ((f0 - fa) * gc - fc * (g0 - ga)) / determinant;
    weight[2] = (fb * (g0 - ga) - (f0 - fa) * gb) / determinant;
    weight[0] = 1.0 - weight[1] - weight[2];
    const double slack = -1e-9;
    return weight[0] >= slack && weight[1] >= slack && weight[2] >= slack;
}

/* Of all places on one side (sign of x) where f = f0 and g = g0, the one farthest from `away`. */
static bool meet(const Head *head, double side, const double f[], double f0, const double g[],
                 double g0, Vec3 away, Vec3 *found)
{
    double best = -1.0;
    for (int t = 0; t < head->topology->triangle_count; t++) {
        double weight[3];
        if (!meet_in_triangle(head->topology->triangle[t], f, f0, g, g0, weight))
            continue;
        Vec3 at = head_position_mm(head, (HeadPoint){t, {weight[0], weight[1], weight[2]}});
        if (at.x * side <= 0.0 || vec_distance(at, away) <= best)
            continue;
        best = vec_distance(at, away);
        *found = at;
    }
    return best >= 0.0;
}

static bool distance_from(Arena *scratch, const Head *head, Vec3 from, double distance_mm[],
                          Err *err)
{
    HeadPoint source = head_nearest(head, from);
    if (source.triangle < 0)
        return err_set(err, ERR_INPUT, "a point of the hairline lies below the canvas");
    return head_distance(scratch, head, 1, &source, distance_mm, err);
}

/* The place `length_mm` from `from` on the way to `to`, both on the surface. */
static bool walk(const Head *head, Vec3 from, Vec3 to, double length_mm, Vec3 *reached, Err *err)
{
    enum { STEPS = 400 };
    Vec3 last = from;
    double walked = 0.0;
    for (int i = 1; i <= STEPS; i++) {
        Vec3 next;
        if (!design_on_surface(head, vec_lerp(from, to, (double)i / STEPS), &next, err))
            return false;
        double step = vec_distance(last, next);
        if (walked + step >= length_mm)
            return design_on_surface(head, vec_lerp(last, next, (length_mm - walked) / step),
                                     reached, err);
        walked += step;
        last = next;
    }
    *reached = to;
    return true;
}

static double sign_of(int side)
{
    return side == DESIGN_LEFT ? 1.0 : -1.0;
}

/* Room for a field over the head. */
static bool field_new(Arena *scratch, const Head *head, double **field, Err *err)
{
    *field = ARENA_NEW(scratch, double, (size_t)head->topology->vertex_count);
    return *field != NULL || err_set(err, ERR_LIMIT, "no room to construct the hairline");
}

bool hairline_frame_brow(Arena *scratch, const Head *head, DesignFrame *frame, Err *err)
{
    Vec3 canthus[DESIGN_SIDES];
    double *from_a, *height;
    hairline_canthi(head, canthus);
    if (!design_on_surface(head, head->landmark_mm[HEAD_GLABELLA], &frame->glabella, err) ||
        !field_new(scratch, head, &from_a, err) || !field_new(scratch, head, &height, err) ||
        !distance_from(scratch, head, frame->glabella, from_a, err))
        return false;
    for (int v = 0; v < head->topology->vertex_count; v++)
        height[v] = head->position_mm[v].y;
    for (int side = 0; side < DESIGN_SIDES; side++) {
        if (!meet(head, sign_of(side), from_a, reach_mm, height, canthus[side].y, frame->glabella,
                  &frame->canthus[side]))
            return err_set(err, ERR_INPUT,
                           "no point 80 mm beside the glabella at the level of the eyes: check the "
                           "glabella, the canthi and the scale");
    }
    return true;
}

/* C: 80 mm from B and from E. */
static bool frame_temple(Arena *scratch, const Head *head, DesignFrame *frame, Err *err)
{
    double *from_b, *from_e;
    if (!field_new(scratch, head, &from_b, err) || !field_new(scratch, head, &from_e, err) ||
        !distance_from(scratch, head, frame->middle, from_b, err))
        return false;
    for (int side = 0; side < DESIGN_SIDES; side++) {
        if (!distance_from(scratch, head, frame->canthus[side], from_e, err))
            return false;
        /* A is 80 mm from both as well when B is: the other crossing is the temple */
        if (!meet(head, sign_of(side), from_b, reach_mm, from_e, reach_mm, frame->glabella,
                  &frame->temple[side]))
            return err_set(err, ERR_INPUT,
                           "no fronto-temporal point 80 mm from the middle and from the temple: "
                           "check the landmarks and the hairline height");
    }
    return true;
}

bool hairline_peak(const Head *head, Vec3 temple_mm, Vec3 brow_mm, double advance_mm, Vec3 *peak,
                   Err *err)
{
    return walk(head, temple_mm, brow_mm, peak_mm - advance_mm, peak, err);
}

/* advance_mm: by which the fronto-temporal points lie in front of the level of the middle; the
 * peaks stay where they would be without. */
static bool frame_peaks(const Head *head, double advance_mm, DesignFrame *frame, Err *err)
{
    for (int side = 0; side < DESIGN_SIDES; side++)
        if (!hairline_peak(head, frame->temple[side], frame->canthus[side], advance_mm,
                           &frame->peak[side], err))
            return false;
    return true;
}

bool design_frame(Arena *scratch, const Head *head, double height_mm, DesignFrame *frame, Err *err)
{
    size_t mark = arena_mark(scratch);
    if (!hairline_frame_brow(scratch, head, frame, err) ||
        !design_midline(head, height_mm, &frame->middle, err) ||
        !frame_temple(scratch, head, frame, err) || !frame_peaks(head, 0.0, frame, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}

/* ---- forms ---- */

enum { MALE, FEMALE, SEXES, FRONT_LIMIT = 3 };

/* The front of one side between the middle and the fronto-temporal point, as walks beside the
 * middle: `along` of the way sideways, `behind` of the recess back.
 *
 * Kashiyama (PRS Glob. Open 2021;9:e3751) names the forms by the forehead that they leave: round
 * and triangular foreheads are highest in the middle and have no recess, M has the deepest. Depths
 * in mm are not published [drawn by eye after the plates of Norwood, stages 1 and 2; women less].
 * Lateral mounds lie 42 mm from the middle where the fronto-temporal point lies 78 mm from it
 * (Kurdish men, field/practice 1.6): at that share of the way. */
typedef struct Form {
    double recess_mm[SEXES]; /* of the fronto-temporal point, behind the level of the middle */
    double temple_bow_mm;    /* back into the temple, between it and the peak */
    int count;
    double along[FRONT_LIMIT], behind[FRONT_LIMIT];
} Form;

#define MOUND (42.0 / 78.0)
static const Form form_table[DESIGN_FORMS] = {
    [DESIGN_LINEAR] = {{8.0, 4.0}, 3.0, 1, {0.5}, {0.35}},
    [DESIGN_M] = {{24.0, 15.0}, 4.0, 2, {0.35, MOUND + 0.2}, {0.01, 0.36}},
    [DESIGN_ROUND] = {{-9.0, -11.0}, -2.0, 2, {0.35, 0.70}, {0.10, 0.46}},
    [DESIGN_TRIANGULAR] = {{-13.0, -16.0}, 0.0, 1, {0.5}, {0.46}},
    [DESIGN_WIDOWS_PEAK] = {{23.0, 16.0}, 3.0, 1, {MOUND}, {0.16}},
};

/* A widow's peak and its foot: 225 men of 15..25 years, 103 women (field/perception 5). */
typedef struct Peak {
    double high_mm, wide_mm;
} Peak;
static const Peak peak_table[SEXES] = {{14.9, 27.3}, {10.1, 21.3}};

static int table_sex(const DesignRequest *request)
{
    return request->client.sex == DESIGN_FEMALE ? FEMALE : MALE;
}

static const double male_height_mm = 75.0;   /* field/practice 1.6 */
static const double female_height_mm = 63.0; /* 62.0 in Japan, 63.8 in Korea (the same) */

/* 5 mm per decade after 30, a guard-rail and no growth curve (field/practice 1.6). */
static double age_height_mm(const DesignRequest *request)
{
    const double from_years = 30.0, per_year_mm = 0.5, highest_mm = 110.0;
    double base = table_sex(request) == FEMALE ? female_height_mm : male_height_mm;
    return fmin(base + per_year_mm * fmax(request->client.age_years - from_years, 0.0), highest_mm);
}

/* Glabella to subnasale, 64.8 mm in men and 65.3 in women (field/canvas 1.2: so "equal thirds" are
 * wrong by 8 mm either way), grown with the head; women's heads are 0.963 of the mean man's. */
static double thirds_height_mm(const Head *head, const DesignRequest *request)
{
    double nose_mm = table_sex(request) == FEMALE ? 65.3 / 0.963 : 64.8;
    return fmin(fmax(nose_mm * head_size(head), 50.0), 110.0);
}

static double construction_height_mm(const Head *head, const DesignRequest *request)
{
    if (request->hairline_height_mm > 0.0)
        return request->hairline_height_mm;
    switch (request->construction) {
    case DESIGN_EIGHT_CM:
        return reach_mm;
    case DESIGN_HEIGHT:
        return table_sex(request) == FEMALE ? female_height_mm : male_height_mm;
    case DESIGN_THIRDS:
        return thirds_height_mm(head, request);
    case DESIGN_BY_AGE:
    case DESIGN_OLD_LINE:
    case DESIGN_CONSTRUCTIONS:
        break;
    }
    return age_height_mm(request);
}

/* Fronto-temporal points on the verticals through the lateral canthi, as a front view shows them
 * (Shapiro, Shapiro 2013; Tan, Pathomvanich 2016), the form's recess behind the middle. */
static bool frame_canthal(Arena *scratch, const Head *head, double height_mm, double recess_mm,
                          DesignFrame *frame, Err *err)
{
    size_t mark = arena_mark(scratch);
    Vec3 canthus[DESIGN_SIDES];
    hairline_canthi(head, canthus);
    if (!hairline_frame_brow(scratch, head, frame, err) ||
        !design_midline(head, height_mm, &frame->middle, err))
        return false;
    double level = hairline_pitch_rad(head, frame->middle);
    for (int side = 0; side < DESIGN_SIDES; side++) {
        Vec3 foot;
        if (!hairline_at_x(head, level, canthus[side].x, &foot))
            return err_set(err, ERR_INPUT,
                           "the hairline has no point above the lateral canthus at x = %.0f mm: "
                           "check the canthi",
                           canthus[side].x);
        if (!hairline_walk_back(head, foot, recess_mm, &frame->temple[side], err))
            return false;
    }
    if (!frame_peaks(head, fmax(-recess_mm, 0.0), frame, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}

/* ---- controls ---- */

static void side_add(HairlineSide *side, Vec3 point)
{
    side->point[side->count++] = point;
}

/* The point so far beside the middle and behind it. */
static bool beside(const Head *head, double height_mm, double lateral_mm, double behind_mm,
                   Vec3 *point, Err *err)
{
    Vec3 foot;
    return design_tape_point(head, lateral_mm, height_mm, &foot, err) &&
           hairline_walk_back(head, foot, behind_mm, point, err);
}

bool hairline_bowed_middle(const Head *head, Vec3 a, Vec3 b, Vec3 inside, double bow_mm,
                           Vec3 *middle, Err *err)
{
    Vec3 centre = vec_lerp(a, b, 0.5);
    Vec3 along = vec_normalize(vec_sub(b, a));
    Vec3 up = vec_normalize(vec_sub(centre, head->centre_mm));
    Vec3 across = vec_normalize(vec_cross(along, up));
    double sign = vec_dot(across, vec_sub(centre, inside)) < 0.0 ? -1.0 : 1.0;
    return design_on_surface(head, vec_madd(centre, sign * bow_mm, across), middle, err);
}

/* An edged line turns sharply at its fronto-temporal point: controls this near to it. */
static const double edge_corner_mm = 4.0;

static bool temple_controls(const Head *head, const DesignFrame *frame, const DesignRequest *r,
                            int side, HairlineSide *controls, Err *err)
{
    bool edged = r->hairline.sideburn == DESIGN_SQUARE;
    double bow = edged ? 0.0 : form_table[r->hairline.form].temple_bow_mm;
    Vec3 middle, corner, peak = frame->peak[side], temple = frame->temple[side];
    if (!hairline_bowed_middle(head, peak, temple, frame->glabella, bow, &middle, err) ||
        !walk(head, temple, middle, edge_corner_mm, &corner, err))
        return false;
    side_add(controls, peak);
    side_add(controls, middle);
    if (edged)
        side_add(controls, corner);
    controls->temple = controls->count;
    side_add(controls, temple);
    return true;
}

static bool front_controls(const Head *head, const DesignFrame *frame, double height_mm,
                           const DesignRequest *r, int side, HairlineSide *controls, Err *err)
{
    const Form *form = &form_table[r->hairline.form];
    Peak peak = peak_table[table_sex(r)];
    bool peaked = r->hairline.form == DESIGN_WIDOWS_PEAK;
    double lateral, recess, foot = peaked ? peak.high_mm : 0.0;
    Vec3 point;
    if (!hairline_beside_mm(head, frame->middle, frame->temple[side], &lateral, &recess, err))
        return false;
    for (int i = form->count - 1; i >= 0; i--) {
        double behind = foot + form->behind[i] * (recess - foot);
        if (!beside(head, height_mm, form->along[i] * lateral, behind, &point, err))
            return false;
        if (i == form->count - 1 && r->hairline.sideburn == DESIGN_SQUARE) {
            Vec3 corner;
            if (!walk(head, frame->temple[side], point, edge_corner_mm, &corner, err))
                return false;
            side_add(controls, corner);
        }
        side_add(controls, point);
    }
    if (!peaked)
        return true;
    double foot_lateral = sign_of(side) * 0.5 * peak.wide_mm;
    if (!beside(head, height_mm + peak.high_mm, foot_lateral, 0.0, &point, err))
        return false;
    side_add(controls, point);
    return true;
}

void hairline_put_controls(const Head *head, const HairlineSide side[DESIGN_SIDES], Vec3 middle,
                           DesignHairline *hairline)
{
    int each = side[DESIGN_LEFT].count;
    hairline->control_count = 2 * each + 1;
    for (int i = 0; i < each; i++) {
        hairline->control[i] = design_place_of(head, side[DESIGN_LEFT].point[i]);
        hairline->control[2 * each - i] = design_place_of(head, side[DESIGN_RIGHT].point[i]);
    }
    hairline->control[each] = design_place_of(head, middle);
    hairline->temple[DESIGN_LEFT] = side[DESIGN_LEFT].temple;
    hairline->temple[DESIGN_RIGHT] = 2 * each - side[DESIGN_RIGHT].temple;
}

static bool construct_form(Arena *scratch, const Head *head, const DesignRequest *request,
                           DesignHairline *hairline, Err *err)
{
    double height = construction_height_mm(head, request);
    double recess = form_table[request->hairline.form].recess_mm[table_sex(request)];
    DesignFrame frame;
    HairlineSide side[DESIGN_SIDES] = {0};
    bool ok = request->construction == DESIGN_EIGHT_CM
                  ? design_frame(scratch, head, height, &frame, err)
                  : frame_canthal(scratch, head, height, recess, &frame, err);
    for (int s = 0; s < DESIGN_SIDES && ok; s++)
        ok = temple_controls(head, &frame, request, s, &side[s], err) &&
             front_controls(head, &frame, height, request, s, &side[s], err);
    if (ok)
        hairline_put_controls(head, side, frame.middle, hairline);
    return ok;
}

bool hairline_construct(Arena *scratch, const Head *head, const DesignRequest *request,
                        DesignHairline *hairline, Err *err)
{
    *hairline = request->hairline;
    if (request->hairline.form < 0 || request->hairline.form >= DESIGN_FORMS)
        return err_set(err, ERR_INPUT, "form %d of a hairline is not known",
                       (int)request->hairline.form);
    if (request->construction < 0 || request->construction >= DESIGN_CONSTRUCTIONS)
        return err_set(err, ERR_INPUT, "construction %d of a hairline is not known",
                       (int)request->construction);
    memset(hairline->control, 0, sizeof hairline->control);
    if (request->construction == DESIGN_OLD_LINE)
        return hairline_from_old_line(scratch, head, request, hairline, err);
    return construct_form(scratch, head, request, hairline, err);
}
