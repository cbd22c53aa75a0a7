#include "export/solid_internal.h"

#include <math.h>
#include <string.h>

/* Two printed walls of 0.4 mm each way [assumption: a hobby printer's nozzle] are the least that
 * stands; less bends on the head. A slot takes the tip of a skin marker, about 1 mm [assumption].
 */
ExportGuide export_guide_default(void)
{
    return (ExportGuide){.thickness_mm = 2.0,
                         .clearance_mm = 0.3,
                         .slot_mm = 1.6,
                         .band_mm = 14.0,
                         .bridge_mm = 5.0,
                         .bridge_every_mm = 35.0};
}

static bool check_guide(const ExportGuide *guide, Err *err)
{
    const struct {
        const char *name;
        double value, low, high;
    } number[] = {{"thickness", guide->thickness_mm, 1.2, 5.0},
                  {"clearance", guide->clearance_mm, 0.0, 5.0},
                  {"slot", guide->slot_mm, 0.8, 6.0},
                  {"band", guide->band_mm, 8.0, 35.0},
                  {"bridge", guide->bridge_mm, 1.5, 20.0},
                  {"distance of bridges", guide->bridge_every_mm, 15.0, 120.0}};
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++)
        if (!(number[i].value >= number[i].low && number[i].value <= number[i].high))
            return err_set(err, ERR_INPUT, "a guide with a %s of %g mm: not within %g..%g",
                           number[i].name, number[i].value, number[i].low, number[i].high);
    if (guide->bridge_mm > 0.6 * guide->bridge_every_mm)
        return err_set(err, ERR_INPUT, "bridges of %g mm every %g mm leave no slot",
                       guide->bridge_mm, guide->bridge_every_mm);
    return true;
}

/* ---- the line that the slot follows ---- */

enum { GROUP = 16 };
static const double STEP_MM = 0.5, LEAST_LINE_MM = 30.0;
/* Single hairs stand off the line by less than a marker can follow: they are smoothed away.
 * [assumption: half of the correlation of a hand-drawn line] */
static const double SMOOTH_MM = 3.0;
/* Of the width of the slot: no side of the grid, diagonals included, jumps over it. */
static const double GRID_SHARE = 0.4, MOST_GRID_MM = 0.8;

typedef struct Line {
    int count, group_count;
    Vec3 *point; /* STEP_MM apart along the line, about */
    double *along_mm;
    Vec3 *middle; /* of GROUP steps, and how far they reach from it */
    double *reach_mm;
    double length_mm;
} Line;

typedef struct Guide {
    const ExportGuide *params;
    Line line;
} Guide;

/* The drawn line at equal steps; what lies beyond the canvas is left out. */
static bool resample(Arena *scratch, const Case *plan, Line *line, Vec3 **even, Err *err)
{
    const DesignLayout *layout = plan->layout;
    int on_canvas = 0;
    double length_mm = 0.0;
    Vec3 *drawn = ARENA_NEW(scratch, Vec3, DESIGN_CURVE_POINTS);
    if (drawn == NULL)
        return err_set(err, ERR_LIMIT, "no room for a hairline");
    for (int i = 0; i < layout->hairline_count; i++)
        if (head_nearest(plan->head, layout->hairline_mm[i]).triangle >= 0)
            drawn[on_canvas++] = layout->hairline_mm[i];
    for (int i = 1; i < on_canvas; i++)
        length_mm += vec_distance(drawn[i - 1], drawn[i]);
    if (!(length_mm >= LEAST_LINE_MM && length_mm < 2000.0))
        return err_set(err, ERR_INPUT, "a hairline of %.0f mm on the canvas: no guide is made",
                       length_mm);
    line->count = (int)ceil(length_mm / STEP_MM) + 1;
    *even = ARENA_NEW(scratch, Vec3, (size_t)line->count);
    if (*even == NULL)
        return err_set(err, ERR_LIMIT, "no room for a hairline of %d points", line->count);
    double step = length_mm / (line->count - 1), passed = 0.0;
    for (int i = 0, at = 1; i < line->count; i++) {
        double here, want = step * i;
        while (passed + (here = vec_distance(drawn[at - 1], drawn[at])) < want &&
               at < on_canvas - 1) {
            passed += here;
            at++;
        }
        double share = here > 0.0 ? fmin((want - passed) / here, 1.0) : 0.0;
        (*even)[i] = vec_lerp(drawn[at - 1], drawn[at], share);
    }
    return true;
}

/* Beyond an end the line goes on as its mirror image in the end, which so stays where it is. */
static Vec3 beyond(const Line *line, const Vec3 even[], int i)
{
    int last = line->count - 1;
    if (i >= 0 && i <= last)
        return even[i];
    int end = i < 0 ? 0 : last, mirror = 2 * end - i;
    mirror = mirror < 0 ? 0 : mirror > last ? last : mirror;
    return vec_sub(vec_scale(even[end], 2.0), even[mirror]);
}

static bool smooth(const Head *head, const Vec3 even[], Line *line, Err *err)
{
    int reach = (int)(3.0 * SMOOTH_MM / STEP_MM);
    for (int i = 0; i < line->count; i++) {
        Vec3 sum = {0};
        double weights = 0.0;
        for (int d = -reach; d <= reach; d++) {
            double off = d * STEP_MM / SMOOTH_MM, weight = exp(-0.5 * off * off);
            sum = vec_madd(sum, weight, beyond(line, even, i + d));
            weights += weight;
        }
        HeadPoint point = head_nearest(head, vec_scale(sum, 1.0 / weights));
        if (point.triangle < 0)
            return err_set(err, ERR_INPUT, "the hairline leaves the canvas: no guide is made");
        line->point[i] = head_position_mm(head, point);
        line->along_mm[i] =
            i > 0 ? line->along_mm[i - 1] + vec_distance(line->point[i - 1], line->point[i]) : 0.0;
    }
    line->length_mm = line->along_mm[line->count - 1];
    return true;
}

static void group(Line *line)
{
    for (int g = 0; g < line->group_count; g++) {
        int first = g * GROUP, last = first + GROUP < line->count ? first + GROUP : line->count - 1;
        line->middle[g] = vec_lerp(line->point[first], line->point[last], 0.5);
        for (int i = first; i <= last; i++)
            line->reach_mm[g] =
                fmax(line->reach_mm[g], vec_distance(line->middle[g], line->point[i]));
    }
}

static bool make_line(Arena *scratch, const Case *plan, Line *line, Err *err)
{
    Vec3 *even;
    *line = (Line){0};
    if (!resample(scratch, plan, line, &even, err))
        return false;
    size_t count = (size_t)line->count;
    line->group_count = (line->count - 2) / GROUP + 1;
    line->point = ARENA_NEW(scratch, Vec3, count);
    line->along_mm = ARENA_NEW(scratch, double, count);
    line->middle = ARENA_NEW(scratch, Vec3, (size_t)line->group_count);
    line->reach_mm = ARENA_NEW(scratch, double, (size_t)line->group_count);
    if (line->point == NULL || line->along_mm == NULL || line->middle == NULL ||
        line->reach_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for a hairline of %zu points", count);
    if (!smooth(plan->head, even, line, err))
        return false;
    group(line);
    return true;
}

/* The straight distance: within 30 mm it is shorter than that along the skin by 0.1 mm at most. */
static double distance_mm(const Line *line, Vec3 p, double *along_mm)
{
    double best = HUGE_VAL;
    for (int g = 0; g < line->group_count; g++) {
        if (vec_distance(p, line->middle[g]) - line->reach_mm[g] > best)
            continue;
        int last = (g + 1) * GROUP < line->count - 1 ? (g + 1) * GROUP : line->count - 1;
        for (int i = g * GROUP; i < last; i++) {
            Vec3 step = vec_sub(line->point[i + 1], line->point[i]);
            double square = vec_dot(step, step);
            double t = square > 0.0 ? vec_dot(vec_sub(p, line->point[i]), step) / square : 0.0;
            t = fmin(fmax(t, 0.0), 1.0);
            double d = vec_distance(p, vec_madd(line->point[i], t, step));
            if (d < best) {
                best = d;
                *along_mm = line->along_mm[i] + t * (line->along_mm[i + 1] - line->along_mm[i]);
            }
        }
    }
    return best;
}

/* ---- the part of the canvas ---- */

/* How far within a bridge; one is on the middle of the line, none nearer to its ends than half of
 * their distance. */
static double within_bridge(const Guide *guide, double along_mm)
{
    const ExportGuide *params = guide->params;
    double half = 0.5 * guide->line.length_mm, every = params->bridge_every_mm;
    double most = fmax(floor(half / every - 0.5), 0.0), off = along_mm - half;
    double nearest = fmin(fmax(nearbyint(off / every), -most), most);
    return 0.5 * params->bridge_mm - fabs(off - every * nearest);
}

static double inside_guide(const void *ctx, Vec3 direction, Vec3 position_mm)
{
    (void)direction;
    const Guide *guide = ctx;
    double along_mm = 0.0, off = distance_mm(&guide->line, position_mm, &along_mm);
    double beside_slot = off - 0.5 * guide->params->slot_mm;
    return fmin(guide->params->band_mm - off, fmax(beside_slot, within_bridge(guide, along_mm)));
}

/* The box of the line on the chart and the band around it. */
static ExportPart part_of(const Head *head, const Guide *guide)
{
    const ExportGuide *params = guide->params;
    ExportPart part = {.inside = inside_guide,
                       .ctx = guide,
                       .low = {2.0, 2.0},
                       .high = {-2.0, -2.0},
                       .inner_mm = params->clearance_mm,
                       .outer_mm = params->clearance_mm + params->thickness_mm};
    double least = HUGE_VAL, most = 0.0; /* mm per unit of the chart */
    for (int i = 0; i < guide->line.count; i++) {
        Vec3 arm = vec_sub(guide->line.point[i], head->centre_mm);
        double uv[2], radius = vec_length(arm);
        head_chart(vec_normalize(arm), uv);
        double scale = 2.0 * radius / (1.0 + uv[0] * uv[0] + uv[1] * uv[1]);
        least = fmin(least, scale);
        most = fmax(most, scale);
        for (int k = 0; k < 2; k++) {
            part.low[k] = fmin(part.low[k], uv[k]);
            part.high[k] = fmax(part.high[k], uv[k]);
        }
    }
    for (int k = 0; k < 2; k++) { /* the chart's scale falls outwards, by less than that */
        part.low[k] -= 1.5 * params->band_mm / least;
        part.high[k] += 1.5 * params->band_mm / least;
    }
    part.step = fmin(GRID_SHARE * params->slot_mm, MOST_GRID_MM) / most;
    return part;
}

/* ---- STL ---- */

static uint8_t *put_u32(uint8_t *to, uint32_t value)
{
    for (int k = 0; k < 4; k++)
        *to++ = (uint8_t)(value >> (8 * k));
    return to;
}

static Vec3 as_written(Vec3 v) /* the normal of a facet is that of its rounded corners */
{
    return vec3((double)(float)v.x, (double)(float)v.y, (double)(float)v.z);
}

static uint8_t *put_vector(uint8_t *to, Vec3 v)
{
    const double value[3] = {v.x, v.y, v.z};
    for (int k = 0; k < 3; k++) {
        float narrow = (float)value[k];
        uint32_t bits;
        memcpy(&bits, &narrow, sizeof bits);
        to = put_u32(to, bits);
    }
    return to;
}

static bool write_stl(Arena *arena, const Mesh *mesh, ExportBytes *file, Err *err)
{
    enum { HEADER = 80, FACET = 50 };
    /* A file that begins with "solid" would be taken for text. */
    static const char title[] = "Follicle: guide to the hairline, in mm";
    file->size = HEADER + 4 + FACET * (size_t)mesh->triangle_count;
    file->bytes = ARENA_NEW(arena, uint8_t, file->size);
    if (file->bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d facets", mesh->triangle_count);
    memcpy(file->bytes, title, sizeof title);
    uint8_t *to = put_u32(file->bytes + HEADER, (uint32_t)mesh->triangle_count);
    for (int t = 0; t < mesh->triangle_count; t++) {
        Vec3 p[3];
        for (int k = 0; k < 3; k++)
            p[k] = as_written(mesh->position[mesh->triangle[t][k]]);
        to = put_vector(to, vec_normalize(vec_cross(vec_sub(p[1], p[0]), vec_sub(p[2], p[0]))));
        for (int k = 0; k < 3; k++)
            to = put_vector(to, p[k]);
        to += 2; /* attributes: none */
    }
    return true;
}

bool export_guide_stl(Arena *arena, Arena *scratch, const Case *plan, const ExportGuide *params,
                      ExportBytes *file, Err *err)
{
    size_t mark = arena_mark(scratch);
    Guide guide = {.params = params};
    Mesh mesh;
    if (!check_guide(params, err))
        return false;
    if (!plan->layout->has_hairline || plan->layout->hairline_count < 2)
        return err_set(err, ERR_INPUT,
                       "the design draws no hairline: there is nothing to guide along");
    if (!make_line(scratch, plan, &guide.line, err))
        return false;
    ExportPart part = part_of(plan->head, &guide);
    if (!export_shell(arena, scratch, plan->head, &part, &mesh, err) ||
        !write_stl(arena, &mesh, file, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
