#include "design/design_internal.h"
#include "design/file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Uptake of scars is not published [assumption]. */
static const double scar_uptake = 0.8;
/* How a region drawn by hand fades: dots stand inside and slightly beyond a scar's edges, against
 * the "barcode" edge (field/practice 1.7), and beyond a patch's, against a bare rim [assumption].
 */
static const double drawn_blend_mm = 3.0;

/* Ramp 5..15 mm from 20 % (field/practice 1.6); single hairs waver by 1..3 mm with 3..8 mm
 * correlation, mounds stand 4 cm apart (field/perception 5). How far a style departs from that is
 * drawn by eye [assumption]. */
void design_front_style(DesignFront front, DesignHairline *line)
{
    static const struct {
        double transition, share, macro, micro, correlation, asymmetry, single;
    } style[] = {[DESIGN_NATURAL] = {10.0, 0.2, 0.75, 1.3, 5.5, 0.6, 3.0},
                 [DESIGN_SOFT] = {15.0, 0.15, 1.2, 1.8, 6.5, 0.8, 5.0},
                 [DESIGN_DEFINED] = {6.0, 0.4, 0.5, 0.7, 4.0, 0.4, 2.0},
                 [DESIGN_STRAIGHT] = {2.0, 0.7, 0.0, 0.2, 3.0, 0.0, 0.0}};
    line->front = front;
    line->transition_mm = style[front].transition;
    line->front_share = style[front].share;
    line->macro_mm = style[front].macro;
    line->macro_pitch_mm = 40.0;
    line->micro_mm = style[front].micro;
    line->micro_correlation_mm = style[front].correlation;
    line->asymmetry_mm = style[front].asymmetry;
    line->single_mm = style[front].single;
}

/* 150/cm2, 80 mm (the construction's own): field/practice 1.3, 1.6. */
void design_request_default(DesignRequest *request)
{
    memset(request, 0, sizeof *request);
    request->pattern = DESIGN_NORWOOD;
    request->stage = 3;
    request->draw_hairline = true;
    request->construction = DESIGN_EIGHT_CM;
    request->hairline_height_mm = 80.0;
    request->density = (DesignDensity){.full_per_cm2 = 150.0,
                                       .fringe_blend_mm = 10.0,
                                       .crown_softer = 0.12,
                                       .highlight_softer = 0.08};
    request->marks = (DesignMarks){.kind = DESIGN_DOT,
                                   .line_mm = 1.0,
                                   .line_share = 1.0,
                                   .diameter_mm = 0.30,
                                   .spread = 0.08,
                                   .hairline_finer = 0.15};
    request->seed = 1;
    design_front_style(DESIGN_NATURAL, &request->hairline);
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        request->marks.zone_size[zone] = 1.0;
}

static bool check_range(const char *what, const char *unit, double value, double low, double high,
                        Err *err)
{
    if (value >= low && value <= high)
        return true;
    return err_set(err, ERR_INPUT, "%s of %g%s is not within %g..%g%s", what, value, unit, low,
                   high, unit);
}

static bool check_stage(const DesignRequest *request, Err *err)
{
    switch (request->pattern) {
    case DESIGN_PATTERN_NONE:
        if (request->drawn_count == 0 && !request->whole_scalp && !request->seen_bare)
            return err_set(err, ERR_INPUT,
                           "nothing to design: give a Norwood or Ludwig stage, a patch or a scar");
        return true;
    case DESIGN_NORWOOD:
        if (request->stage < 1 || request->stage > 7)
            return err_set(err, ERR_INPUT, "Norwood stage %d is not within 1..7", request->stage);
        return true;
    case DESIGN_LUDWIG:
        if (request->stage < 1 || request->stage > 3)
            return err_set(err, ERR_INPUT, "Ludwig stage %d is not within 1..3", request->stage);
        return true;
    }
    return err_set(err, ERR_INPUT, "pattern %d is not known", (int)request->pattern);
}

static bool check_request(const DesignRequest *r, Err *err)
{
    if (r->drawn_count < 0 || r->drawn_count > DESIGN_OUTLINE_LIMIT)
        return err_set(err, ERR_INPUT, "%d outlines are not within 0..%d", r->drawn_count,
                       DESIGN_OUTLINE_LIMIT);
    if (r->hairline_height_mm != 0.0 && r->hairline_height_mm < 50.0)
        return err_set(err, ERR_INPUT,
                       "a hairline %g mm above the glabella lies on the moving forehead or the "
                       "brow: at least 50 mm",
                       r->hairline_height_mm);
    return check_stage(r, err) &&
           (r->hairline_height_mm == 0.0 ||
            check_range("a hairline height", " mm", r->hairline_height_mm, 50.0, 110.0, err)) &&
           check_range("a density", " dots/cm2", r->density.full_per_cm2, 20.0, 300.0, err) &&
           check_range("a transition zone", " mm", r->hairline.transition_mm, 0.0, 30.0, err) &&
           check_range("an irregularity", " mm", r->hairline.micro_mm, 0.0, 4.0, err) &&
           check_range("a blend into the fringe", " mm", r->density.fringe_blend_mm, 0.0, 40.0,
                       err);
}

/* ---- regions ---- */

static DesignRegion *add_region(Design *design, const char *name, DesignZone zone)
{
    DesignRegion *region = &design->region[design->region_count++];
    *region = (DesignRegion){.zone = zone,
                             .first_shape = design->shape_count,
                             .shape_count = 1,
                             .share = 1.0,
                             .uptake = 1.0};
    snprintf(region->name, sizeof region->name, "%s", name);
    return region;
}

static void add_stage(const DesignRequest *request, double height_mm, Design *design)
{
    char name[DESIGN_NAME];
    bool norwood = request->pattern == DESIGN_NORWOOD;
    snprintf(name, sizeof name, "%s %d", norwood ? "Norwood" : "Ludwig", request->stage);
    DesignRegion *region = add_region(design, name, norwood ? DESIGN_NONE : DESIGN_DIFFUSE);
    DesignShape *shape = &design->shape[design->shape_count++];
    *shape = (DesignShape){.kind = norwood ? DESIGN_NORWOOD_STAGE : DESIGN_LUDWIG_STAGE,
                           .stage = request->stage,
                           .height_mm = height_mm};
    region->blend_mm = fmax(request->density.fringe_blend_mm, 1.0);
    if (norwood)
        return;
    /* thinning has no border: it fades over three times the fringe's width, all of it inside */
    region->share = design_ludwig_missing(request->stage);
    region->blend_mm = fmin(3.0 * region->blend_mm, 40.0);
    shape->grow_mm = fmax(-0.5 * region->blend_mm, -20.0);
}

static void add_scalp(double height_mm, Design *design)
{
    DesignRegion *region = add_region(design, "whole scalp", DESIGN_NONE);
    design->shape[design->shape_count++] =
        (DesignShape){.kind = DESIGN_SCALP, .height_mm = height_mm};
    region->blend_mm = 8.0; /* towards ears and nape, where no hair is left to blend into */
}

static void add_bare(const DesignRequest *request, double height_mm, Design *design)
{
    DesignRegion *region = add_region(design, "bare scalp", DESIGN_NONE);
    design->shape[design->shape_count++] =
        (DesignShape){.kind = DESIGN_BARE, .height_mm = height_mm};
    region->blend_mm = fmax(request->density.fringe_blend_mm, 1.0);
}

static bool check_drawn(int number, const DesignDrawn *drawn, Err *err)
{
    int least = drawn->kind == DESIGN_OUTLINE ? 3 : drawn->kind == DESIGN_BAND ? 2 : 1;
    const char *what = design_zone_name(drawn->zone);
    if (drawn->kind > DESIGN_DISCS)
        return err_set(err, ERR_INPUT, "outline %d is no outline, band or discs", number);
    if (drawn->point_count < least || drawn->point_count > DESIGN_OUTLINE_POINTS)
        return err_set(err, ERR_INPUT, "outline %d has %d points: a %s needs %d to %d", number,
                       drawn->point_count, what, least, DESIGN_OUTLINE_POINTS);
    if (drawn->kind != DESIGN_OUTLINE && !(drawn->width_mm >= 0.5 && drawn->width_mm <= 60.0))
        return err_set(err, ERR_INPUT, "%s %d is %g mm wide, not within 0.5..60 mm", what, number,
                       drawn->width_mm);
    return true;
}

static bool drawn_point(const Head *head, const DesignDrawn *drawn, int number, int i, Vec3 *point,
                        Err *err)
{
    const double farthest_mm = 25.0;
    Vec3 p = drawn->point_mm[i];
    if (!vec_is_finite(p))
        return err_set(err, ERR_INPUT, "point %d of outline %d is not a number", i + 1, number);
    if (drawn->tape)
        return design_tape_point(head, p.x, p.y, point, err);
    HeadPoint at = head_nearest(head, p);
    if (at.triangle < 0)
        return err_set(err, ERR_INPUT,
                       "point %d of outline %d (%.0f, %.0f, %.0f mm) lies below the scalp", i + 1,
                       number, p.x, p.y, p.z);
    *point = head_position_mm(head, at);
    double off_mm = vec_distance(p, *point);
    if (off_mm > farthest_mm)
        return err_set(err, ERR_INPUT,
                       "point %d of outline %d is %.0f mm off the surface: are the points in "
                       "millimetres of the head frame?",
                       i + 1, number, off_mm);
    return true;
}

static double default_blend_mm(DesignZone zone)
{
    if (zone == DESIGN_KEEP_OUT)
        return 0.0;
    return zone == DESIGN_DIFFUSE || design_zone_is_part(zone) ? 20.0 : drawn_blend_mm;
}

bool design_add_drawn(const Head *head, const DesignDrawn *drawn, Design *design, Err *err)
{
    char name[DESIGN_NAME];
    int number = design->region_count + 1;
    if (!check_drawn(number, drawn, err))
        return false;
    if (design->region_count == DESIGN_REGIONS || design->shape_count == DESIGN_SHAPES)
        return err_set(err, ERR_LIMIT, "the design has no room for more than %d regions",
                       DESIGN_REGIONS);
    if (design->point_count + drawn->point_count > DESIGN_POINTS)
        return err_set(err, ERR_LIMIT, "the outlines have more than %d points", DESIGN_POINTS);
    snprintf(name, sizeof name, "%s %d", design_zone_name(drawn->zone), number);
    DesignRegion *region = add_region(design, name, drawn->zone);
    bool hurt = !design_zone_counts_hair(drawn->zone) && drawn->zone != DESIGN_DIFFUSE;
    region->share = drawn->share > 0.0 ? drawn->share : 1.0;
    region->uptake = drawn->uptake > 0.0 ? drawn->uptake : hurt ? scar_uptake : 1.0;
    region->blend_mm = drawn->blend_mm > 0.0 ? drawn->blend_mm : default_blend_mm(drawn->zone);
    region->healed_months = drawn->healed_months;
    region->density_per_cm2 = drawn->density_per_cm2;
    DesignShape *shape = &design->shape[design->shape_count++];
    *shape = (DesignShape){.kind = drawn->kind,
                           .width_mm = drawn->kind == DESIGN_OUTLINE ? 0.0 : drawn->width_mm,
                           .first_point = design->point_count,
                           .point_count = drawn->point_count};
    for (int i = 0; i < drawn->point_count; i++) {
        Vec3 point;
        if (!drawn_point(head, drawn, number, i, &point, err))
            return false;
        design->point[design->point_count++] = design_place_of(head, point);
    }
    return true;
}

/* Tape of the hairline's middle: the line that the loss is measured behind. */
static bool line_height(Arena *scratch, const Head *head, const DesignHairline *line,
                        double *height_mm, Err *err)
{
    size_t mark = arena_mark(scratch);
    DesignTape tape;
    Vec3 middle;
    if (!design_tape_new(scratch, scratch, head, &tape, err) ||
        !design_place_point(head, line->control[line->control_count / 2], &middle, err))
        return false;
    double along = head_interpolate(head, head_nearest(head, middle), tape.along_mm);
    *height_mm = fmin(fmax(along, 50.0), 110.0);
    arena_rewind(scratch, mark);
    return true;
}

static void turn_whorls(Growth *growth)
{
    for (int i = 0; i < growth->singularity_count; i++)
        growth->singularity[i].clockwise = !growth->singularity[i].clockwise;
}

bool design_propose(Arena *scratch, const Head *head, const DesignRequest *request, Design *design,
                    Err *err)
{
    double height_mm = request->hairline_height_mm;
    memset(design, 0, sizeof *design); /* too large for a value on the stack */
    design->seed = request->seed;
    design->density = request->density;
    design->marks = request->marks;
    design->client = request->client;
    design->growth = growth_default(head);
    snprintf(design->preset, sizeof design->preset, "%s", request->preset);
    design->confirmed_count = request->confirmed_count;
    memcpy(design->confirmed, request->confirmed, sizeof design->confirmed);
    if (!check_request(request, err))
        return false;
    if (request->counter_clockwise)
        turn_whorls(&design->growth);
    if (!hairline_construct(scratch, head, request, &design->hairline, err))
        return false;
    design->hairline.drawn = request->draw_hairline;
    design->hairline.seed = request->seed;
    if (height_mm == 0.0 && !line_height(scratch, head, &design->hairline, &height_mm, err))
        return false;
    if (request->pattern != DESIGN_PATTERN_NONE)
        add_stage(request, height_mm, design);
    if (request->whole_scalp)
        add_scalp(height_mm, design);
    if (request->seen_bare)
        add_bare(request, height_mm, design);
    for (int i = 0; i < request->drawn_count; i++)
        if (!design_add_drawn(head, &request->drawn[i], design, err))
            return false;
    design_settle(design);
    return true;
}

bool hairline_propose(Arena *scratch, const Head *head, const DesignRequest *request,
                      Design *design, Err *err)
{
    uint64_t seed = design->hairline.seed;
    bool drawn = design->hairline.drawn;
    if (!check_request(request, err) ||
        !hairline_construct(scratch, head, request, &design->hairline, err))
        return false;
    design->hairline.seed = seed;
    design->hairline.drawn = drawn;
    design_settle(design);
    return true;
}
