/* Version 1 of design.json: a recipe and what became of it. The recipe (request), the drawn line
 * (hairline.controls) and the keep-outs (edges) are read; the sums are made again by a layout.
 */
#include "design/design_internal.h"
#include "design/file_table.h"

#include <math.h>
#include <stdio.h>

/* What version 1 did and had no number for (field/practice 1.6, 1.7, field/perception 5): the front
 * started at 20 %, the crown was 12 % softer, a quarter of the line's variance stood in mounds of
 * 38..44 mm, single hairs wavered over 3..8 mm, patches and scars faded over 3 mm. */
static const double v1_front_share = 0.2, v1_crown_softer = 0.12, v1_outline_blend_mm = 3.0;
static const double v1_macro = 0.5, v1_micro = 0.866, v1_pitch_mm = 41.0, v1_correlation_mm = 5.5;
/* Half of left minus right was a sine of amplitude 0.3 N(0, 1) of the mounds. */
static const double v1_asymmetry = 0.3 * 0.5 * 0.707;
/* A front below either was called hard and straight. */
static const double v1_hard_transition_mm = 5.0, v1_hard_irregularity_mm = 0.5;

enum {
    V1_CONTROLS = 9,
    V1_OUTLINES = 16,
    V1_OUTLINE_POINTS = 64,
    V1_EDGES = 64,
    V1_EDGE_POINTS = 4096
};

typedef struct V1Request {
    int pattern, stage;
    double density_per_cm2, height_mm, transition_mm, irregularity_mm, blend_mm, uptake;
    uint64_t seed;
} V1Request;

void design_average_whorl(Growth *growth)
{
    /* 62.5 mm behind the vertical through the ears (growth.h) on the midline of the mean cranium
     * of head/vault.h, clockwise. Turn and reach as growth_default has them. */
    *growth = (Growth){.singularity_count = 1,
                       .singularity = {{.uv = {0.0, -0.250631},
                                        .index = 1,
                                        .turn_rad = 0.9,
                                        .clockwise = true,
                                        .reach_mm = 45.0}}};
}

static const char *pattern_word(int index)
{
    static const char *const word[] = {"none", "norwood", "ludwig"};
    return word[index];
}

static bool read_point(const Node *node, DesignPlace *place)
{
    Node item;
    double mm[3], uv[2];
    if (json_array_size(node->value) != 3)
        return node_refuse(node, "is no point of three numbers");
    for (int i = 0; i < 3; i++)
        if (!node_item(node, i, &item) || !node_is_number(&item, -1000.0, 1000.0, &mm[i]))
            return false;
    Vec3 from_centre = vec_sub(vec3(mm[0], mm[1], mm[2]), HEAD_CENTRE_MM);
    if (vec_length(from_centre) < 1.0)
        return node_refuse(node, "lies inside the head");
    Vec3 direction = vec_normalize(from_centre);
    if (direction.y < HEAD_CUT)
        return node_refuse(node, "lies below the scalp");
    head_chart(direction, uv);
    *place = (DesignPlace){uv[0], uv[1]};
    return true;
}

/* Every `step`th of the points, behind those that are there. */
static bool read_points(const Node *list, int count, int step, Design *design, DesignShape *shape)
{
    Node item;
    shape->first_point = design->point_count;
    for (int i = 0; i < count; i += step) {
        if (design->point_count >= DESIGN_POINTS)
            return node_refuse(list, "has more points than the %d of a design", DESIGN_POINTS);
        if (!node_item(list, i, &item) || !read_point(&item, &design->point[design->point_count]))
            return false;
        design->point_count++;
        shape->point_count++;
    }
    return true;
}

static DesignRegion *add_region(Design *design, DesignZone zone, const char *name, int number)
{
    DesignRegion *region = &design->region[design->region_count++];
    *region = (DesignRegion){
        .zone = zone, .first_shape = design->shape_count, .share = 1.0, .uptake = 1.0};
    snprintf(region->name, sizeof region->name, "%s %d", name, number);
    return region;
}

static DesignShape *add_shape(Design *design, DesignRegion *region, DesignShapeKind kind)
{
    DesignShape *shape = &design->shape[design->shape_count++];
    *shape = (DesignShape){.kind = kind};
    region->shape_count++;
    return shape;
}

static const char *outline_word(int index)
{
    return index == 0 ? "patch" : "scar";
}

static bool read_outline(const Node *node, int number, double uptake, Design *design)
{
    static const char *const keys[] = {"kind", "width_mm", "points_mm", NULL};
    Node list;
    int kind, count;
    if (!json_is_object(node->value))
        return node_refuse(node, "is no object");
    if (!node_only(node, keys) || !file_read_word(node, "kind", 2, outline_word, &kind) ||
        !node_list(node, "points_mm", V1_OUTLINE_POINTS, &list, &count))
        return false;
    bool scar = kind == 1;
    DesignRegion *region =
        add_region(design, scar ? DESIGN_SCAR : DESIGN_PATCH, outline_word(kind), number);
    DesignShape *shape = add_shape(design, region, scar ? DESIGN_BAND : DESIGN_OUTLINE);
    region->blend_mm = v1_outline_blend_mm;
    region->uptake = scar ? uptake : 1.0;
    shape->grow_mm = scar ? 0.0 : -0.5 * v1_outline_blend_mm;
    return (!scar || node_number(node, "width_mm", 0.5, 60.0, &shape->width_mm)) &&
           read_points(&list, count, 1, design, shape);
}

static void put_stage(const V1Request *request, Design *design)
{
    bool norwood = request->pattern == DESIGN_NORWOOD;
    DesignRegion *region = add_region(design, norwood ? DESIGN_NONE : DESIGN_DIFFUSE,
                                      norwood ? "Norwood" : "Ludwig", request->stage);
    DesignShape *shape =
        add_shape(design, region, norwood ? DESIGN_NORWOOD_STAGE : DESIGN_LUDWIG_STAGE);
    shape->stage = request->stage;
    shape->height_mm = request->height_mm;
    region->blend_mm = fmax(request->blend_mm, 1.0);
    if (norwood)
        return;
    region->share = design_ludwig_missing(request->stage);
    region->blend_mm = fmin(3.0 * region->blend_mm, 40.0);
    shape->grow_mm = fmax(-0.5 * region->blend_mm, -20.0);
}

static void put_front(const V1Request *request, Design *design)
{
    bool hard = request->transition_mm < v1_hard_transition_mm ||
                request->irregularity_mm < v1_hard_irregularity_mm;
    design->hairline = (DesignHairline){
        .drawn = request->pattern == DESIGN_NORWOOD,
        .form = DESIGN_M,
        .front = hard ? DESIGN_DEFINED : DESIGN_NATURAL,
        .transition_mm = request->transition_mm,
        .front_share = v1_front_share,
        .macro_mm = v1_macro * request->irregularity_mm,
        .macro_pitch_mm = v1_pitch_mm,
        .micro_mm = v1_micro * request->irregularity_mm,
        .micro_correlation_mm = v1_correlation_mm,
        .asymmetry_mm = v1_asymmetry * request->irregularity_mm,
        .seed = request->seed,
    };
}

static bool read_outlines(const Node *node, const V1Request *request, Design *design)
{
    Node list, item;
    int count;
    if (!node_list(node, "outlines", V1_OUTLINES, &list, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (!node_item(&list, i, &item) || !read_outline(&item, i + 1, request->uptake, design))
            return false;
    return true;
}

static bool read_stage(const Node *node, V1Request *request)
{
    int most = request->pattern == DESIGN_NORWOOD ? 7 : 3;
    if (request->pattern == DESIGN_PATTERN_NONE)
        return true;
    if (!node_whole(node, "stage", &request->stage))
        return false;
    return (request->stage >= 1 && request->stage <= most) ||
           node_refuse(node, "has stage %d, not within 1..%d", request->stage, most);
}

static bool read_request(const Node *root, V1Request *r, Design *design)
{
    static const char *const keys[] = {"pattern",
                                       "stage",
                                       "density_per_cm2",
                                       "hairline_height_mm",
                                       "transition_mm",
                                       "irregularity_mm",
                                       "fringe_blend_mm",
                                       "scar_uptake",
                                       "seed",
                                       "outlines",
                                       NULL};
    Node node;
    if (!node_child(root, "request", &node))
        return false;
    if (!json_is_object(node.value))
        return node_refuse(&node, "is no object");
    if (!node_only(&node, keys) ||
        !file_read_word(&node, "pattern", 3, pattern_word, &r->pattern) || !read_stage(&node, r) ||
        !node_number(&node, "density_per_cm2", FILE_DENSITY_LOW, FILE_DENSITY_HIGH,
                     &r->density_per_cm2) ||
        !node_number(&node, "hairline_height_mm", 50.0, 110.0, &r->height_mm) ||
        !node_number(&node, "transition_mm", 0.0, 30.0, &r->transition_mm) ||
        !node_number(&node, "irregularity_mm", 0.0, 4.0, &r->irregularity_mm) ||
        !node_number(&node, "fringe_blend_mm", 0.0, 40.0, &r->blend_mm) ||
        !node_number(&node, "scar_uptake", 0.2, 1.0, &r->uptake) ||
        !file_read_seed(&node, "seed", &r->seed))
        return false;
    put_front(r, design);
    if (r->pattern != DESIGN_PATTERN_NONE)
        put_stage(r, design);
    return read_outlines(&node, r, design);
}

/* Left peak, bow, temple, bow, middle and back. */
static bool read_hairline(const Node *root, DesignHairline *line)
{
    static const char *const keys[] = {"controls", "length_mm", "curve_mm", NULL};
    Node node, list, item, chart, number;
    if (!node_child(root, "hairline", &node) || !node_only(&node, keys) ||
        !node_list(&node, "controls", V1_CONTROLS, &list, &line->control_count))
        return false;
    if (line->control_count != V1_CONTROLS)
        return node_refuse(&list, "has %d points, not %d", line->control_count, V1_CONTROLS);
    for (int i = 0; i < V1_CONTROLS; i++) {
        double uv[2];
        if (!node_item(&list, i, &item) || !node_child(&item, "chart", &chart))
            return false;
        for (int k = 0; k < 2; k++)
            if (!node_item(&chart, k, &number) ||
                !node_is_number(&number, -FILE_CHART_REACH, FILE_CHART_REACH, &uv[k]))
                return false;
        line->control[i] = (DesignPlace){uv[0], uv[1]};
    }
    line->temple[0] = 2;
    line->temple[1] = 6;
    return true;
}

static const char *edge_word(int index)
{
    static const char *const word[] = {"keep_out", "outline", "line"};
    return word[index];
}

static bool read_keep_out(const Node *node, int edges, Design *design)
{
    Node list;
    int kind, count;
    if (!file_read_word(node, "kind", 3, edge_word, &kind))
        return false;
    if (kind != 0) /* of the density, which is made again */
        return true;
    if (!node_list(node, "points_mm", V1_EDGE_POINTS, &list, &count))
        return false;
    if (design->shape_count >= DESIGN_SHAPES)
        return node_refuse(node, "is one more than the %d shapes of a design", DESIGN_SHAPES);
    DesignRegion *region = &design->region[design->region_count - 1];
    DesignShape *shape = add_shape(design, region, DESIGN_OUTLINE);
    /* finely drawn lines are thinned until all of them fit */
    int most = (DESIGN_POINTS - V1_OUTLINES * V1_OUTLINE_POINTS) / edges;
    return read_points(&list, count, (count + most - 1) / most, design, shape);
}

static bool read_edges(const Node *root, Design *design)
{
    Node list, item;
    int count;
    if (!node_list(root, "edges", V1_EDGES, &list, &count))
        return false;
    DesignRegion *region = add_region(design, DESIGN_KEEP_OUT, "keep out", 1);
    for (int i = 0; i < count; i++)
        if (!node_item(&list, i, &item) || !read_keep_out(&item, count, design))
            return false;
    if (region->shape_count == 0)
        *region = (DesignRegion){.zone = DESIGN_NONE};
    design->region_count -= region->shape_count == 0;
    return true;
}

bool design_read_v1(const Node *root, Design *design)
{
    static const char *const keys[] = {"schema", "version", "request", "hairline", "area_cm2",
                                       "zones",  "edges",   "shade",   "warnings", NULL};
    V1Request request = {0};
    if (!node_only(root, keys) || !read_request(root, &request, design))
        return false;
    DesignRequest today;
    design_request_default(&today);
    design->marks = today.marks;
    design->seed = request.seed;
    design->density = (DesignDensity){.full_per_cm2 = request.density_per_cm2,
                                      .fringe_blend_mm = request.blend_mm,
                                      .crown_softer = v1_crown_softer};
    design_average_whorl(&design->growth);
    if (node_has(root, "hairline") && !read_hairline(root, &design->hairline))
        return false;
    return !node_has(root, "edges") || read_edges(root, design);
}
