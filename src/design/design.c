#include "design/design_internal.h"

#include <math.h>

const char *design_zone_name(DesignZone zone)
{
    switch (zone) {
    case DESIGN_NONE:
        return "none";
    case DESIGN_HAIRLINE:
        return "hairline";
    case DESIGN_FRONTAL:
        return "frontal";
    case DESIGN_MIDSCALP:
        return "midscalp";
    case DESIGN_CROWN:
        return "crown";
    case DESIGN_TEMPLE:
        return "temple";
    case DESIGN_PATCH:
        return "patch";
    case DESIGN_SCAR:
        return "scar";
    case DESIGN_DIFFUSE:
        return "diffuse";
    case DESIGN_ZONES:
        break;
    }
    return "unknown";
}

/* 150/cm2, 80 mm (the construction's own), 10 mm of transition (5..15), 1.5 mm of waver (1..3):
 * field/practice 1.3, 1.6 and field/perception 5. Uptake of scars is not published: 0.8 assumed. */
DesignRequest design_request_default(void)
{
    return (DesignRequest){.pattern = DESIGN_NORWOOD,
                           .stage = 3,
                           .density_per_cm2 = 150.0,
                           .hairline_height_mm = 80.0,
                           .transition_mm = 10.0,
                           .irregularity_mm = 1.5,
                           .fringe_blend_mm = 10.0,
                           .scar_uptake = 0.8,
                           .seed = 1};
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
        if (request->outline_count == 0)
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
    if (r->outline_count < 0 || r->outline_count > DESIGN_OUTLINE_LIMIT)
        return err_set(err, ERR_INPUT, "%d outlines are not within 0..%d", r->outline_count,
                       DESIGN_OUTLINE_LIMIT);
    if (r->hairline_height_mm < 50.0)
        return err_set(err, ERR_INPUT,
                       "a hairline %g mm above the glabella lies on the moving forehead or the "
                       "brow: at least 50 mm",
                       r->hairline_height_mm);
    return check_stage(r, err) &&
           check_range("a density", " dots/cm2", r->density_per_cm2, 20.0, 300.0, err) &&
           check_range("a hairline height", " mm", r->hairline_height_mm, 50.0, 110.0, err) &&
           check_range("a transition zone", " mm", r->transition_mm, 0.0, 30.0, err) &&
           check_range("an irregularity", " mm", r->irregularity_mm, 0.0, 4.0, err) &&
           check_range("a blend into the fringe", " mm", r->fringe_blend_mm, 0.0, 40.0, err) &&
           check_range("an uptake of scar tissue", "", r->scar_uptake, 0.2, 1.0, err);
}

/* Guard-rails at the end of field/practice 1.6. */
static void warn_hairline(const DesignFrame *frame, Design *design)
{
    const DesignRequest *r = &design->request;
    if (r->hairline_height_mm < 60.0)
        design_warn(design,
                    "the hairline is %.0f mm above the glabella: below 60 mm it looks unnatural "
                    "and cannot be raised again",
                    r->hairline_height_mm);
    if (r->transition_mm < 5.0 || r->irregularity_mm < 0.5)
        design_warn(design,
                    "a hard, straight front (transition %.0f mm, waver %.1f mm) is read as drawn: "
                    "the client should confirm it",
                    r->transition_mm, r->irregularity_mm);
    Vec3 left = frame->temple[DESIGN_LEFT], right = frame->temple[DESIGN_RIGHT];
    right.x = -right.x;
    double uneven_mm = vec_distance(left, right);
    if (uneven_mm > 4.0)
        design_warn(design,
                    "the fronto-temporal points lie %.1f mm from mirrored: the head is uneven, "
                    "compare them from above",
                    uneven_mm);
}

static void warn_density(const HairSurvey *survey, Design *design)
{
    const DesignRequest *r = &design->request;
    /* spacing 0.6 mm still allows about 190..220 per cm2 (field/practice 1.3) */
    if (r->density_per_cm2 > 220.0)
        design_warn(design,
                    "%.0f dots/cm2 stand closer than grown dots allow: they merge within years",
                    r->density_per_cm2);
    if (r->pattern == DESIGN_NORWOOD && !survey->has_stubble)
        design_warn(design,
                    "no shaved hair was seen in the scan's colour: the area is the average of "
                    "Norwood stage %d, to be checked on the head",
                    r->stage);
    if (r->pattern == DESIGN_LUDWIG)
        design_warn(design,
                    "the missing share of hair (%d %%) is assumed from Ludwig stage %d: count a "
                    "field to replace it%s",
                    25 * r->stage, r->stage,
                    r->stage == 1 ? "; in mild thinning the effect is weakest" : "");
}

static void warn_scars(Design *design)
{
    for (int i = 0; i < design->request.outline_count; i++) {
        if (design->request.outline[i].scar && design->request.scar_uptake < 1.0 / 1.5) {
            design_warn(design,
                        "scar tissue that keeps %.0f %% of the pigment would need more dots than "
                        "the skin takes: raised by half, plan another session",
                        100.0 * design->request.scar_uptake);
            return;
        }
    }
}

static bool construct(Arena *scratch, const Head *head, DesignTape *tape, Design *design, Err *err)
{
    const DesignRequest *r = &design->request;
    DesignFrame frame;
    /* a hairline that is kept is not drawn: only where it runs matters */
    double waver_mm = r->pattern == DESIGN_NORWOOD ? r->irregularity_mm : 0.0;
    if (!design_frame(scratch, head, r->hairline_height_mm, &frame, err) ||
        !design_hairline_draw(scratch, head, &frame, waver_mm, r->seed, design, err) ||
        !design_hairline_distance(scratch, head, design->hairline_count, design->hairline_mm,
                                  tape->front_mm, err))
        return false;
    tape->hairline_mm = r->hairline_height_mm;
    for (int side = 0; side < DESIGN_SIDES; side++) {
        HeadPoint temple = head_nearest(head, frame.temple[side]);
        tape->temple_mm += 0.5 * fabs(head_interpolate(head, temple, tape->lateral_mm));
    }
    design->has_hairline = r->pattern == DESIGN_NORWOOD;
    if (design->has_hairline)
        warn_hairline(&frame, design);
    else
        design->hairline_count = 0;
    return true;
}

static bool new_fields(Arena *arena, size_t n, Design *design, Err *err)
{
    design->target_per_mm2 = ARENA_NEW(arena, double, n);
    design->existing_per_mm2 = ARENA_NEW(arena, double, n);
    design->zone = ARENA_NEW(arena, uint8_t, n);
    if (design->target_per_mm2 == NULL || design->existing_per_mm2 == NULL || design->zone == NULL)
        return err_set(err, ERR_LIMIT, "no room for the density field");
    return true;
}

bool design_propose(Arena *arena, Arena *scratch, const Head *head, const HairSurvey *survey,
                    const DesignRequest *request, Design *design, Err *err)
{
    *design = (Design){.request = *request};
    if (!check_request(request, err))
        return false;
    size_t mark = arena_mark(scratch);
    DesignTape tape;
    if (!design_tape_new(scratch, scratch, head, &tape, err))
        return false;
    for (int i = 0; i < request->outline_count; i++) {
        if (!design_outline_check(head, tape.margin_mm, i + 1, &request->outline[i], err))
            return false;
    }
    if (request->pattern != DESIGN_PATTERN_NONE && !construct(scratch, head, &tape, design, err))
        return false;
    warn_density(survey, design);
    warn_scars(design);
    if (!new_fields(arena, (size_t)head->topology->vertex_count, design, err) ||
        !design_fill_field(scratch, head, survey, &tape, design, err))
        return false;
    if (!(design->area_mm2 > 0.0))
        design_warn(design, "nothing is left to do: hair grows wherever the design wants dots");
    arena_rewind(scratch, mark);
    return true;
}
