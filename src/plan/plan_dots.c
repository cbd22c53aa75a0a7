#include "plan/plan_internal.h"

#include "casefile/read.h"
#include "course/budget.h"
#include "dots/pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIXED_FILE_LIMIT_BYTES = 1 << 27 };
/* Sites beyond the highest density that is wanted, so that every zone gets its exact count. */
static const double headroom = 1.04;
/* A table of donor hairs: closer than this they are one follicular unit (field/sampling 3: a few
 * tenths of a millimetre). */
static const double unit_reach_mm = 0.35;

static bool read_bytes(PlanJob *job, const char *path, size_t *size, char **text, Err *err)
{
    uint8_t *bytes;
    if (!io_read_file(&job->arena, path, FIXED_FILE_LIMIT_BYTES, size, &bytes, err))
        return false;
    *text = (char *)bytes;
    return true;
}

/* fixed.csv, or the dots.csv of an earlier case, whose dots become earlier dots. */
static bool read_fixed(PlanJob *job, Err *err)
{
    const char *path = job->request->fixed_path;
    size_t size;
    char *text;
    if (path == NULL)
        return true;
    if (!read_bytes(job, path, &size, &text, err))
        return false;
    if (size < 3 || memcmp(text, "id,", 3) != 0)
        return casefile_fixed_from_csv(&job->arena, size, text, &job->fixed_count, &job->fixed,
                                       err);
    CaseDots dots;
    if (!casefile_dots_from_csv(&job->arena, size, text, &dots, err))
        return false;
    job->fixed = ARENA_NEW(&job->arena, DotsFixed, (size_t)dots.count);
    if (job->fixed == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d earlier dots within the memory limit",
                       dots.count);
    job->fixed_count = dots.count;
    for (int i = 0; i < dots.count; i++)
        job->fixed[i] = (DotsFixed){.position_mm = dots.dot[i].position_mm, .kind = DOTS_EARLIER};
    return true;
}

/* Fixed points are in the head frame: one that is nowhere near the skin is of another head. */
static bool check_fixed(PlanJob *job, Err *err)
{
    const double off_skin_mm = 10.0;
    int off = 0, follicles = 0;
    for (int i = 0; i < job->fixed_count; i++) {
        Vec3 p = job->fixed[i].position_mm;
        HeadPoint point = head_nearest(&job->head, p);
        off += point.triangle < 0 ||
               vec_distance(head_position_mm(&job->head, point), p) > off_skin_mm;
        follicles += job->fixed[i].kind == DOTS_FOLLICLE;
    }
    if (off > job->fixed_count / 10)
        return err_set(err, ERR_INPUT,
                       "%d of %d fixed points are more than %.0f mm off this head; they must be in "
                       "its head frame, as dots.csv and fixed.csv of a case of the same head are",
                       off, job->fixed_count, off_skin_mm);
    if (follicles > 0 && job->survey.has_stubble && !job->request->ignore_stubble)
        plan_warn(job,
                  "%d follicles are given and stubble was seen, too: hair counts twice; "
                  "--ignore-stubble counts the given ones alone",
                  follicles);
    return true;
}

/* What is still wanted beside the fixed points, below what grown dots leave room for. */
static bool take_wanted(PlanJob *job, Err *err)
{
    int vertices = job->topology.vertex_count;
    job->wanted_per_mm2 = ARENA_NEW(&job->arena, double, (size_t)vertices);
    double *beside = ARENA_NEW(&job->scratch, double, (size_t)vertices);
    if (job->wanted_per_mm2 == NULL || beside == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices within the memory limit", vertices);
    if (!dots_beside(&job->scratch, &job->surface, job->fixed_count, job->fixed, beside, err))
        return false;
    double most = dots_most_per_mm2(job->plan.spacing_mm), wanted = 0.0, cut = 0.0;
    for (int v = 0; v < vertices; v++) {
        double open = fmax(job->layout.target_per_mm2[v] - beside[v], 0.0);
        job->wanted_per_mm2[v] = fmin(open, fmax(most - beside[v], 0.0));
        wanted += open * job->head.area_mm2[v];
        cut += (open - job->wanted_per_mm2[v]) * job->head.area_mm2[v];
    }
    if (cut > 0.5 && job->layout.design.marks.kind == DESIGN_LINE) {
        plan_warn(
            job,
            "%.0f of %.0f wanted marks do not fit: lines of %.1f mm need more room than dots; "
            "planned are at most %.0f per cm2. Shorter lines or more dots among them allow "
            "more",
            cut, wanted, job->layout.design.marks.line_mm, 100.0 * most);
    } else if (cut > 0.5) {
        double years =
            budget_years_until(job->layout.design.density.full_per_cm2 / 100.0, BUDGET_CROWDED,
                               job->layout.design.marks.diameter_mm, &job->plan.ageing);
        plan_warn(job,
                  "%.0f of %.0f wanted dots do not fit: at %.0f per cm2 dots of %.2f mm would be "
                  "closer than 1.5 of their diameter after %.1f years; planned are at most %.0f "
                  "per cm2. Smaller dots or fewer years (--growth-years) allow more",
                  cut, wanted, job->layout.design.density.full_per_cm2,
                  job->layout.design.marks.diameter_mm, years, 100.0 * most);
    }
    return true;
}

/* ---- keep-outs: lines that dots do not cross ---- */

enum { EDGE_LIMIT = 64, ROUND_POINTS = 12 };

/* Inside a keep-out nothing stands: an outline that runs clockwise, seen from outside. */
static void turn_clockwise(const Head *head, int count, Vec3 point[])
{
    Vec3 middle = {0.0, 0.0, 0.0}, turn = {0.0, 0.0, 0.0};
    for (int k = 0; k < count; k++)
        middle = vec_madd(middle, 1.0 / count, point[k]);
    for (int k = 0; k < count; k++)
        turn = vec_add(
            turn, vec_cross(vec_sub(point[k], middle), vec_sub(point[(k + 1) % count], middle)));
    if (vec_dot(turn, vec_sub(middle, head->centre_mm)) <= 0.0)
        return;
    for (int k = 0; k < count / 2; k++) {
        Vec3 swap = point[k];
        point[k] = point[count - 1 - k];
        point[count - 1 - k] = swap;
    }
}

static bool add_edge(PlanJob *job, int count, Vec3 point[], Err *err)
{
    if (job->edge_count == EDGE_LIMIT)
        return err_set(err, ERR_LIMIT, "the keep-outs have more than %d pieces", EDGE_LIMIT);
    turn_clockwise(&job->head, count, point);
    job->edge[job->edge_count++] =
        (DotsEdge){.point_count = count, .point_mm = point, .closed = true};
    return true;
}

/* Around a piece of a band, or around one point: a rounded outline on the surface. */
static bool add_stadium(PlanJob *job, Vec3 a, Vec3 b, double radius_mm, Err *err)
{
    Vec3 *point = ARENA_NEW(&job->arena, Vec3, 2 * ROUND_POINTS);
    Vec3 up = vec_normalize(vec_sub(vec_lerp(a, b, 0.5), job->head.centre_mm));
    Vec3 along = vec_sub(b, a),
         aside = fabs(up.x) < 0.6 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 0.0, 1.0);
    along = vec_length(along) > 1e-6 ? vec_normalize(along) : vec_normalize(vec_cross(aside, up));
    Vec3 across = vec_normalize(vec_cross(up, along));
    if (point == NULL)
        return err_set(err, ERR_LIMIT, "no room for a keep-out within the memory limit");
    for (int k = 0; k < 2 * ROUND_POINTS; k++) {
        double angle = 3.14159265358979323846 * (k % ROUND_POINTS + 0.5) / ROUND_POINTS;
        double sign = k < ROUND_POINTS ? 1.0 : -1.0;
        Vec3 p = vec_madd(k < ROUND_POINTS ? b : a, sign * radius_mm * sin(angle), along);
        p = vec_madd(p, sign * radius_mm * cos(angle), across);
        HeadPoint on = head_nearest(&job->head, p);
        point[k] = on.triangle < 0 ? p : head_position_mm(&job->head, on);
    }
    return add_edge(job, 2 * ROUND_POINTS, point, err);
}

static bool add_keep_out(PlanJob *job, int index, Err *err)
{
    const DesignShape *shape = &job->layout.design.shape[index];
    int count;
    Vec3 *point = ARENA_NEW(&job->arena, Vec3, (size_t)shape->point_count);
    if (point == NULL)
        return err_set(err, ERR_LIMIT, "no room for a keep-out within the memory limit");
    if (!design_shape_points(&job->layout, index, shape->point_count, point, &count, err))
        return false;
    double radius_mm = 0.5 * shape->width_mm + shape->grow_mm;
    if (shape->kind == DESIGN_OUTLINE)
        return add_edge(job, count, point, err);
    bool discs = shape->kind == DESIGN_DISCS;
    for (int i = 0; i + (discs ? 0 : 1) < count; i++)
        if (!add_stadium(job, point[i], point[discs ? i : i + 1], radius_mm, err))
            return false;
    return true;
}

static bool take_keep_outs(PlanJob *job, Err *err)
{
    const Design *design = &job->layout.design;
    job->edge = ARENA_NEW(&job->arena, DotsEdge, EDGE_LIMIT);
    if (job->edge == NULL)
        return err_set(err, ERR_LIMIT, "no room for keep-outs within the memory limit");
    for (int r = 0; r < design->region_count; r++) {
        const DesignRegion *region = &design->region[r];
        for (int i = 0; i < region->shape_count; i++) {
            int shape = region->first_shape + i;
            if (region->zone == DESIGN_KEEP_OUT && design->shape[shape].kind <= DESIGN_DISCS &&
                !add_keep_out(job, shape, err))
                return false;
        }
    }
    return true;
}

/* Rows x_mm,y_mm of hair centres in a plane patch of the donor area. */
static bool read_donor(PlanJob *job, Err *err)
{
    size_t size;
    char *text;
    if (!read_bytes(job, job->request->donor_path, &size, &text, err))
        return false;
    int count;
    double(*xy_mm)[2], density;
    Pattern pattern;
    if (!casefile_points_from_csv(&job->arena, size, text, &count, &xy_mm, err) ||
        !pattern_of_units(&job->scratch, count, (const double(*)[2])xy_mm, unit_reach_mm, &pattern,
                          &density, err))
        return false;
    job->plan.dots_plan.nn_cv = pattern.nn_cv;
    job->plan.dots_plan.irregularity_source = "measured";
    return true;
}

/* How uneven the spacing shall be: measured, given, or the stated prior. */
static bool take_naturalness(PlanJob *job, Err *err)
{
    CaseDotsPlan *plan = &job->plan.dots_plan;
    plan->nn_cv = PATTERN_PRIOR_NN_CV;
    plan->irregularity_source = "prior";
    if (job->request->has_naturalness) {
        plan->nn_cv = job->request->naturalness;
        plan->irregularity_source = plan->nn_cv > 0.0 ? "given" : "even";
    }
    if (job->request->donor_path != NULL && !read_donor(job, err))
        return false;
    if (!(plan->nn_cv > 0.0))
        return true;
    return pattern_irregularity(&job->arena, &job->scratch, plan->nn_cv,
                                job->dots_params.session_count, job->dots_params.share,
                                &job->dots_params.irregularity, err);
}

static double greatest(int count, const double value[])
{
    double most = 0.0;
    for (int i = 0; i < count; i++)
        most = fmax(most, value[i]);
    return most;
}

static bool make_sequence(PlanJob *job, const Progress *progress, Err *err)
{
    int vertices = job->topology.vertex_count;
    double highest = headroom * greatest(vertices, job->wanted_per_mm2);
    double *ceiling = ARENA_NEW(&job->scratch, double, (size_t)vertices);
    if (ceiling == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices within the memory limit", vertices);
    if (!(highest > 0.0))
        return err_set(err, ERR_INPUT,
                       "nothing to treat: the wanted area is already covered by hair, or empty");
    for (int v = 0; v < vertices; v++)
        ceiling[v] = job->wanted_per_mm2[v] > 0.0 ? highest : 0.0;
    DotsSequenceParams params = {.highest_per_mm2 = highest,
                                 .ceiling_per_mm2 = ceiling,
                                 .fixed_count = job->fixed_count,
                                 .fixed = job->fixed,
                                 .seed = job->request->seed,
                                 .threads = job->request->threads};
    return dots_sequence(&job->arena, &job->scratch, &job->surface, &params, progress,
                         &job->sequence, err);
}

/* What of the result a practitioner should hear of. */
static void warn_of_dots(PlanJob *job)
{
    const Dots *dots = &job->dots;
    if (dots->dropped > 0)
        plan_warn(job,
                  "%d of %d wanted dots were left out: grown to %.2f mm in %.0f years they would "
                  "come closer than 1.5 of their diameter to another%s",
                  dots->dropped, dots->count + dots->dropped, job->plan.grown_diameter_mm,
                  job->request->growth_years,
                  job->fixed_count > 0 ? ", or would make a pair with what is fixed" : "");
    if (dots->short_of > 0)
        plan_warn(job, "%d of %d wanted dots are missing: no more sites there", dots->short_of,
                  dots->count + dots->dropped + dots->short_of);
}

/* ---- growth: rows, pairs across it, single dots in the first rows ---- */

/* Headings at the vertices: shorter towards a whorl, where there is none. */
static bool take_growth(PlanJob *job, Err *err)
{
    const double calm_mm = 4.0; /* two edges of the canvas */
    const DesignLayout *layout = &job->layout;
    const HeadTopology *topology = &job->topology;
    size_t n = (size_t)topology->vertex_count;
    Vec3 *heading = ARENA_NEW(&job->arena, Vec3, n);
    uint8_t *single = ARENA_NEW(&job->arena, uint8_t, n);
    if (heading == NULL || single == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu headings within the memory limit", n);
    const Growth *growth = &layout->growth.growth;
    for (size_t v = 0; v < n; v++) {
        HeadPoint point = head_locate(&job->head, topology->direction[v]);
        double length = 1.0;
        for (int i = 0; i < growth->singularity_count; i++) {
            Vec3 middle = head_chart_direction(growth->singularity[i].uv);
            double away_mm = vec_distance(middle, topology->direction[v]) * job->head.radius_mm[v];
            length = fmin(length, away_mm / calm_mm);
        }
        heading[v] = length > 1e-6
                         ? vec_scale(growth_tangent(&job->head, &layout->growth, point), length)
                         : vec3(0.0, 0.0, 0.0);
        double behind_mm = (double)layout->behind_mm[v];
        single[v] = layout->has_hairline && behind_mm <= layout->design.hairline.single_mm;
    }
    job->wanted.heading = heading;
    job->wanted.single = single;
    return true;
}

/* A line needs its length besides, along the growth: the side of a square of the same area. */
static double spacing_of(const DesignMarks *marks, double dot_spacing_mm)
{
    double lines = marks->kind == DESIGN_LINE ? marks->line_share : 0.0;
    return dot_spacing_mm * sqrt(1.0 + lines * marks->line_mm / dot_spacing_mm);
}

bool plan_place_dots(PlanJob *job, const Progress *progress, Err *err)
{
    const PlanRequest *request = job->request;
    DotsParams *params = &job->dots_params;
    job->surface = dots_surface(&job->head);
    job->plan.grown_diameter_mm = skin_grown_diameter_mm(job->layout.design.marks.diameter_mm,
                                                         &job->plan.ageing, request->growth_years);
    job->plan.spacing_mm =
        spacing_of(&job->layout.design.marks, BUDGET_CROWDED * job->plan.grown_diameter_mm);
    *params = (DotsParams){.session_count = job->protocol.session_count, .seed = request->seed};
    memcpy(params->share, job->protocol.share, sizeof params->share);
    params->rows = job->layout.design.marks.rows;
    memcpy(params->unit_share, request->unit_share, sizeof params->unit_share);
    for (int z = 0; z < DOTS_ZONES; z++)
        params->spacing_mm[z] = job->plan.spacing_mm;
    Progress first = progress_part(progress, 0.0, 0.6), second = progress_part(progress, 0.6, 1.0);
    if (!read_fixed(job, err) || !check_fixed(job, err) || !take_wanted(job, err) ||
        !take_keep_outs(job, err) || !take_naturalness(job, err) ||
        !make_sequence(job, &first, err))
        return false;
    job->wanted = (DotsWanted){.per_mm2 = job->wanted_per_mm2,
                               .zone = job->layout.zone,
                               .edge_count = job->edge_count,
                               .edge = job->edge};
    if (!take_growth(job, err) ||
        !dots_plan(&job->arena, &job->scratch, &job->surface, &job->sequence, &job->wanted, params,
                   &second, &job->dots, err))
        return false;
    if (job->dots.count == 0)
        return err_set(err, ERR_INPUT,
                       "nothing to treat: less than half a dot is wanted on the whole head");
    warn_of_dots(job);
    job->plan.dots = &job->dots;
    job->plan.dots_plan.sequence = &job->sequence;
    job->plan.dots_plan.params = params;
    job->plan.dots_plan.wanted = &job->wanted;
    return true;
}
