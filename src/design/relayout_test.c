/* An edit laid out again gives the bits of a layout from nothing, whatever the edits before it. */
#include "design/design_fixture.h"

/* ---- documents ---- */

/* Shapes one behind the other by region, points by shape: nothing left over from what was. */
static void pack(Design *design)
{
    static Design from;
    from = *design;
    design->shape_count = design->point_count = 0;
    memset(design->shape, 0, sizeof design->shape);
    memset(design->point, 0, sizeof design->point);
    for (int r = 0; r < from.region_count; r++) {
        DesignRegion *region = &design->region[r];
        int first = region->first_shape;
        region->first_shape = design->shape_count;
        for (int i = 0; i < region->shape_count; i++) {
            DesignShape *shape = &design->shape[design->shape_count++];
            *shape = from.shape[first + i];
            memcpy(&design->point[design->point_count], &from.point[shape->first_point],
                   (size_t)shape->point_count * sizeof(DesignPlace));
            shape->first_point = design->point_count;
            design->point_count += shape->point_count;
        }
    }
    for (int i = 0; i < from.stroke_count; i++) {
        DesignStroke *stroke = &design->stroke[i];
        memcpy(&design->point[design->point_count], &from.point[stroke->first_point],
               (size_t)stroke->point_count * sizeof(DesignPlace));
        stroke->first_point = design->point_count;
        design->point_count += stroke->point_count;
    }
}

static double between(Rng *rng, double low, double high)
{
    return low + (high - low) * rng_f64(rng);
}

/* Somewhere on top: the vertex is the middle of the chart. */
static DesignPlace top_place(Rng *rng)
{
    return (DesignPlace){between(rng, -0.45, 0.45), between(rng, -0.7, 0.4)};
}

static int add_run(Rng *rng, Design *design, int count, double step)
{
    int first = design->point_count;
    DesignPlace at = top_place(rng);
    double way = between(rng, 0.0, 2.0 * pi);
    for (int i = 0; i < count; i++) {
        design->point[design->point_count++] = at;
        at.u += step * cos(way), at.v += step * sin(way);
        way += between(rng, -0.4, 0.4);
    }
    return first;
}

static int add_loop(Rng *rng, Design *design, int count, double radius)
{
    int first = design->point_count;
    DesignPlace at = top_place(rng);
    for (int i = 0; i < count; i++) {
        double turn = 2.0 * pi * i / count, r = radius * between(rng, 0.8, 1.2);
        design->point[design->point_count++] =
            (DesignPlace){at.u + r * cos(turn), at.v + r * sin(turn)};
    }
    return first;
}

static DesignShape random_shape(Rng *rng, Design *design)
{
    DesignShape shape = {.kind = (DesignShapeKind)rng_below(rng, DESIGN_SHAPE_KINDS),
                         .join = (DesignJoin)rng_below(rng, 3),
                         .grow_mm = between(rng, -3.0, 6.0)};
    switch (shape.kind) {
    case DESIGN_OUTLINE:
        shape.point_count = 5 + rng_below(rng, 8);
        shape.first_point = add_loop(rng, design, shape.point_count, 0.12);
        break;
    case DESIGN_BAND:
    case DESIGN_DISCS:
        shape.width_mm = between(rng, 4.0, 30.0);
        shape.point_count = 2 + rng_below(rng, 6);
        shape.first_point = add_run(rng, design, shape.point_count, 0.06);
        break;
    case DESIGN_NORWOOD_STAGE:
    case DESIGN_LUDWIG_STAGE:
        shape.stage = 1 + rng_below(rng, shape.kind == DESIGN_NORWOOD_STAGE ? 7 : 3);
        shape.height_mm = 75.0 + 5.0 * rng_below(rng, 2);
        break;
    case DESIGN_BARE:
    case DESIGN_SCALP:
    case DESIGN_SHAPE_KINDS:
        shape.height_mm = 75.0 + 5.0 * rng_below(rng, 2);
        break;
    }
    return shape;
}

static void add_region(Rng *rng, Design *design)
{
    static const DesignZone zones[] = {DESIGN_NONE,  DESIGN_PATCH, DESIGN_SCAR,   DESIGN_DIFFUSE,
                                       DESIGN_PUNCH, DESIGN_BURN,  DESIGN_FRINGE, DESIGN_KEEP_OUT};
    if (design->region_count >= 6)
        return;
    DesignRegion *region = &design->region[design->region_count++];
    *region = (DesignRegion){.zone = zones[rng_below(rng, 8)],
                             .first_shape = design->shape_count,
                             .shape_count = 1,
                             .share = between(rng, 0.3, 1.0),
                             .blend_mm = between(rng, 0.0, 20.0),
                             .uptake = between(rng, 0.4, 1.0)};
    DesignShape shape = random_shape(rng, design);
    shape.join = DESIGN_ADD;
    design->shape[design->shape_count++] = shape;
}

static void add_shape(Rng *rng, Design *design)
{
    if (design->region_count == 0 || design->shape_count > 16)
        return;
    DesignRegion *region = &design->region[rng_below(rng, design->region_count)];
    DesignShape added = random_shape(rng, design);
    memcpy(&design->shape[design->shape_count], &design->shape[region->first_shape],
           (size_t)region->shape_count * sizeof added);
    region->first_shape = design->shape_count;
    design->shape[design->shape_count + region->shape_count++] = added;
}

static void add_stroke(Rng *rng, Design *design)
{
    if (design->stroke_count >= 8)
        return;
    DesignStroke *stroke = &design->stroke[design->stroke_count++];
    *stroke = (DesignStroke){.width_mm = between(rng, 4.0, 40.0),
                             .amount = between(rng, -1.0, 1.0),
                             .point_count = 1 + rng_below(rng, 9)};
    stroke->first_point = add_run(rng, design, stroke->point_count, 0.03);
}

static void remove_at(void *array, size_t size, int *count, int index)
{
    char *at = (char *)array + (size_t)index * size;
    --*count;
    memmove(at, at + size, (size_t)(*count - index) * size);
}

static void swap_regions(Rng *rng, Design *design)
{
    int a = rng_below(rng, design->region_count), b = rng_below(rng, design->region_count);
    DesignRegion swap = design->region[a];
    design->region[a] = design->region[b];
    design->region[b] = swap;
}

static void move_shape(Rng *rng, Design *design)
{
    const DesignShape *shape = &design->shape[rng_below(rng, design->shape_count)];
    double u = between(rng, -0.03, 0.03), v = between(rng, -0.03, 0.03);
    for (int i = 0; i < shape->point_count; i++) {
        design->point[shape->first_point + i].u += u;
        design->point[shape->first_point + i].v += v;
    }
}

static void change_shape(Rng *rng, Design *design)
{
    DesignShape *shape = &design->shape[rng_below(rng, design->shape_count)];
    switch (rng_below(rng, 3)) {
    case 0:
        shape->grow_mm = between(rng, -4.0, 8.0);
        break;
    case 1:
        shape->join = (DesignJoin)rng_below(rng, 3);
        break;
    default:
        if (shape->stage > 0)
            shape->stage = 1 + rng_below(rng, 3);
        shape->height_mm = shape->height_mm > 0.0 ? 70.0 + 5.0 * rng_below(rng, 3) : 0.0;
        shape->width_mm = shape->width_mm > 0.0 ? between(rng, 4.0, 30.0) : 0.0;
    }
}

static void change_region(Rng *rng, Design *design)
{
    DesignRegion *region = &design->region[rng_below(rng, design->region_count)];
    switch (rng_below(rng, 4)) {
    case 0:
        region->share = between(rng, 0.2, 1.0);
        break;
    case 1:
        region->blend_mm = between(rng, 0.0, 30.0);
        break;
    case 2:
        region->uptake = between(rng, 0.3, 1.0);
        break;
    default:
        region->density_per_cm2 = between(rng, 40.0, 250.0);
    }
}

static void drop_controls(Design *design)
{
    DesignHairline *line = &design->hairline;
    if (line->control_count < 9 || line->temple[0] < 2)
        return;
    memmove(&line->control[1], &line->control[2],
            (size_t)(line->control_count - 4) * sizeof line->control[0]);
    line->control[line->control_count - 3] = line->control[line->control_count - 1];
    line->control_count -= 2;
    line->temple[0]--, line->temple[1]--;
}

static void change_line(Rng *rng, Design *design)
{
    DesignHairline *line = &design->hairline;
    DesignPlace *control = &line->control[rng_below(rng, line->control_count)];
    switch (rng_below(rng, 8)) {
    case 0:
        line->transition_mm = between(rng, 0.0, 20.0);
        break;
    case 1:
        line->front_share = between(rng, 0.1, 0.6);
        break;
    case 2:
        line->micro_mm = between(rng, 0.0, 2.0);
        line->seed++;
        break;
    case 3:
        line->sideburn = (DesignSideburn)rng_below(rng, 3);
        break;
    case 4:
        drop_controls(design);
        break;
    default:
        control->u += between(rng, -0.02, 0.02);
        control->v += between(rng, -0.02, 0.02);
    }
}

static void change_growth(Rng *rng, Design *design)
{
    Growth *growth = &design->growth;
    DesignPlace at = top_place(rng);
    switch (rng_below(rng, 4)) {
    case 0:
        growth->singularity[0].uv[0] += between(rng, -0.04, 0.04);
        growth->singularity[0].uv[1] += between(rng, -0.04, 0.04);
        break;
    case 1:
        if (growth->singularity_count < 4)
            growth_add_whorl(growth, (const double[2]){at.u, at.v}, rng_below(rng, 2) == 0);
        break;
    case 2:
        growth->singularity[0].clockwise = !growth->singularity[0].clockwise;
        break;
    default:
        if (growth->stroke_count < 4) {
            GrowthStroke *stroke = &growth->stroke[growth->stroke_count++];
            *stroke = (GrowthStroke){.point_count = 3, .width_mm = 15.0, .strength = 0.7};
            for (int i = 0; i < 3; i++)
                stroke->uv[i][0] = at.u + 0.05 * i, stroke->uv[i][1] = at.v;
        }
    }
}

static void change_density(Rng *rng, Design *design)
{
    switch (rng_below(rng, 5)) {
    case 0:
        design->density.full_per_cm2 = between(rng, 60.0, 250.0);
        break;
    case 1:
        design->density.crown_softer = between(rng, 0.0, 0.4);
        break;
    case 2:
        design->density.highlight_softer = between(rng, 0.0, 0.4);
        break;
    case 3:
        design->marks.zone_size[rng_below(rng, DESIGN_ZONES)] = between(rng, 0.7, 1.3);
        break;
    default:
        design->marks.hairline_finer = between(rng, 0.0, 0.4);
    }
}

static const char *edit_once(Rng *rng, Design *design)
{
    int kind = rng_below(rng, 16);
    switch (kind) {
    case 0:
        add_region(rng, design);
        return "a region added";
    case 1:
        if (design->region_count > 1)
            remove_at(design->region, sizeof design->region[0], &design->region_count,
                      rng_below(rng, design->region_count));
        return "a region removed";
    case 2:
        swap_regions(rng, design);
        return "regions in another order";
    case 3:
        add_shape(rng, design);
        return "a shape added";
    case 4:
        move_shape(rng, design);
        return "a shape moved";
    case 5:
        change_shape(rng, design);
        return "a shape changed";
    case 6:
        change_region(rng, design);
        return "a region changed";
    case 7:
    case 8:
        add_stroke(rng, design);
        return "a stroke added";
    case 9:
        if (design->stroke_count > 0)
            remove_at(design->stroke, sizeof design->stroke[0], &design->stroke_count,
                      rng_below(rng, design->stroke_count));
        return "a stroke removed";
    case 10:
        if (design->stroke_count > 0)
            design->stroke[rng_below(rng, design->stroke_count)].amount = between(rng, -1.0, 1.0);
        return "a stroke changed";
    case 11:
        change_growth(rng, design);
        return "the growth changed";
    case 12:
        change_density(rng, design);
        return "density or marks changed";
    case 13:
        if (rng_below(rng, 3) == 0)
            design->hairline.drawn = !design->hairline.drawn;
        return "the line drawn or not";
    default:
        change_line(rng, design);
        return "the line changed";
    }
}

/* ---- comparing ---- */

static bool same_line(const DesignLayout *a, const DesignLayout *b)
{
    return a->has_hairline == b->has_hairline && a->control_count == b->control_count &&
           a->hairline_count == b->hairline_count &&
           memcmp(a->control_mm, b->control_mm, (size_t)a->control_count * sizeof(Vec3)) == 0 &&
           memcmp(a->hairline_mm, b->hairline_mm, (size_t)a->hairline_count * sizeof(Vec3)) == 0 &&
           memcmp(&a->hairline_length_mm, &b->hairline_length_mm, sizeof(double)) == 0 &&
           memcmp(&a->hairline_height_mm, &b->hairline_height_mm, sizeof(double)) == 0;
}

static bool same_warnings(const DesignLayout *a, const DesignLayout *b)
{
    bool same = a->warning_count == b->warning_count;
    for (int i = 0; i < a->warning_count && same; i++)
        same = strcmp(a->warning[i], b->warning[i]) == 0;
    return same;
}

static bool same_bits(const DesignLayout *a, const DesignLayout *b)
{
    size_t n = (size_t)topology.vertex_count;
    bool same = CHECK(memcmp(a->target_per_mm2, b->target_per_mm2, n * sizeof(double)) == 0);
    same = CHECK(memcmp(a->existing_per_mm2, b->existing_per_mm2, n * sizeof(double)) == 0) && same;
    same = CHECK(memcmp(a->zone, b->zone, n) == 0) && same;
    same = CHECK(memcmp(a->size, b->size, n * sizeof(float)) == 0) && same;
    same = CHECK(memcmp(a->behind_mm, b->behind_mm, n * sizeof(float)) == 0) && same;
    same = CHECK(same_line(a, b)) && same;
    same = CHECK(memcmp(a->sum, b->sum, sizeof a->sum) == 0) && same;
    same = CHECK(memcmp(&a->area_mm2, &b->area_mm2, sizeof a->area_mm2) == 0) && same;
    same = CHECK(memcmp(&a->dots, &b->dots, sizeof a->dots) == 0) && same;
    same = CHECK(same_warnings(a, b)) && same;
    same =
        CHECK(memcmp(a->growth.smooth_rad, b->growth.smooth_rad, n * sizeof(double)) == 0) && same;
    same = CHECK(memcmp(a->growth.lift_rad, b->growth.lift_rad, n * sizeof(double)) == 0) && same;
    return CHECK(memcmp(&a->design, &b->design, sizeof a->design) == 0) && same;
}

typedef struct Before { /* of an edit */
    double *target;
    uint8_t *zone;
    float *size;
} Before;

static bool remember(const DesignLayout *layout, Before *before)
{
    size_t n = (size_t)topology.vertex_count;
    if (before->target == NULL) {
        before->target = ARENA_NEW(&arena, double, n);
        before->zone = ARENA_NEW(&arena, uint8_t, n);
        before->size = ARENA_NEW(&arena, float, n);
    }
    if (!before->target || !before->zone || !before->size)
        return CHECK(false);
    memcpy(before->target, layout->target_per_mm2, n * sizeof(double));
    memcpy(before->zone, layout->zone, n);
    memcpy(before->size, layout->size, n * sizeof(float));
    return true;
}

/* `changed` names each vertex that differs, once, in order, and no other. */
static bool lists_what_differs(const DesignLayout *layout, const Before *before, int count,
                               const int changed[])
{
    int next = 0;
    for (int v = 0; v < topology.vertex_count; v++) {
        bool differs =
            memcmp(&before->target[v], &layout->target_per_mm2[v], sizeof(double)) != 0 ||
            before->zone[v] != layout->zone[v] ||
            memcmp(&before->size[v], &layout->size[v], sizeof(float)) != 0;
        if (differs && (next >= count || changed[next++] != v))
            return false;
    }
    return next == count;
}

/* ---- a design with something of everything ---- */

static bool half_bald(HairSurvey *survey)
{
    if (!covered(160.0, survey))
        return false;
    for (int v = 0; v < topology.vertex_count; v++)
        survey->cover[v] = design_smoothstep((115.0 - mean_head.position_mm[v].y) / 25.0 + 0.5) *
                           design_smoothstep(fabs(mean_head.position_mm[v].x - 15.0) / 12.0);
    return true;
}

static bool rich_design(Rng *rng, bool drawn, Design *design)
{
    static DesignRequest request;
    design_request_default(&request);
    request.stage = 5;
    request.draw_hairline = drawn;
    if (!propose(&mean_head, &request, design))
        return false;
    add_stroke(rng, design);
    add_region(rng, design);
    pack(design);
    return true;
}

static void check_edits(const HairSurvey *survey, bool drawn, uint64_t seed, int edits)
{
    static Design first, design, wished;
    static DesignLayout layout, fresh;
    Before before = {0};
    Err err;
    Rng rng = rng_make(seed, 0);
    size_t mark = arena_mark(&arena), scratch_mark = arena_mark(&scratch);
    int *changed = ARENA_NEW(&arena, int, (size_t)topology.vertex_count), count;
    int refused = 0;
    REQUIRE(changed != NULL && rich_design(&rng, drawn, &first));
    REQUIRE(lay_out(&mean_head, survey, &first, &layout) && remember(&layout, &before));
    design = first;
    for (int i = 0; i < edits; i++) {
        Err again = {0};
        wished = design;
        const char *what = edit_once(&rng, &wished);
        pack(&wished);
        design_settle(&wished);
        size_t edit_mark = arena_mark(&arena);
        bool can = design_layout(&arena, &scratch, &mean_head, survey, &wished, &fresh, &err);
        if (!can)
            arena_rewind(&scratch, scratch_mark);
        bool could = design_relayout(&scratch, &wished, &layout, &count, changed, &again);
        if (!CHECK(could == can) || (!can && !CHECK(strcmp(err.text, again.text) == 0)))
            printf("# edit %d of %d: %s: '%s' against '%s'\n", i, (int)seed, what,
                   can ? "" : err.text, could ? "" : again.text);
        if (!can) { /* the old document brings the layout back, even now */
            refused++;
            arena_rewind(&scratch, scratch_mark);
            REQUIRE(lay_out(&mean_head, survey, &design, &layout));
            REQUIRE(remember(&layout, &before));
            continue;
        }
        bool listed = CHECK(lists_what_differs(&layout, &before, count, changed));
        if (!same_bits(&layout, &fresh) || !listed)
            printf("# edit %d of %d: %s\n", i, (int)seed, what);
        REQUIRE(remember(&layout, &before));
        arena_rewind(&arena, edit_mark);
        design = wished;
    }
    CHECK(arena_mark(&scratch) == scratch_mark);
    CHECK(refused < edits / 2);
    REQUIRE(lay_out(&mean_head, survey, &first, &fresh));
    REQUIRE(told(design_relayout(&scratch, &first, &layout, &count, changed, &err), &err));
    CHECK(same_bits(&layout, &fresh)); /* undo */
    arena_rewind(&arena, mark);
}

TEST(edits_give_the_bits_of_a_layout_from_nothing_and_name_what_changed)
{
    REQUIRE(setup());
    size_t mark = arena_mark(&arena);
    HairSurvey hair;
    REQUIRE(half_bald(&hair));
    check_edits(&bare, true, 1, 60);
    check_edits(&hair, true, 2, 60);
    check_edits(&hair, false, 3, 30);
    arena_rewind(&arena, mark);
}

/* ---- how far an edit reaches ---- */

typedef struct Edited {
    Design design;
    DesignLayout layout;
    int count, *changed;
} Edited;

/* Stage 6 over a half bald head, laid out. */
static bool laid_out(Edited *e)
{
    static DesignRequest request;
    design_request_default(&request);
    request.stage = 6;
    e->changed = ARENA_NEW(&arena, int, (size_t)topology.vertex_count);
    return CHECK(e->changed != NULL) && propose(&mean_head, &request, &e->design) &&
           lay_out(&mean_head, &bare, &e->design, &e->layout);
}

static bool edit(Edited *e)
{
    Err err;
    return told(design_relayout(&scratch, &e->design, &e->layout, &e->count, e->changed, &err),
                &err);
}

static double reach_mm(const Edited *e, int count, const Vec3 point[])
{
    Err err;
    double worst = 0.0;
    int hint = -1;
    DesignLine line;
    if (!told(design_line_make(count, point, false, &line, &err), &err))
        return (double)NAN;
    for (int i = 0; i < e->count; i++)
        worst = fmax(worst, design_line_distance_mm(&line, mean_head.position_mm[e->changed[i]],
                                                    500.0, &hint));
    return worst;
}

TEST(a_stroke_changes_nothing_beyond_its_width)
{
    REQUIRE(setup());
    static Edited e;
    size_t mark = arena_mark(&arena);
    Vec3 point[5];
    REQUIRE(laid_out(&e));
    DesignStroke *stroke = &e.design.stroke[e.design.stroke_count++];
    *stroke = (DesignStroke){.width_mm = 18.0, .amount = -0.7, .point_count = 5};
    stroke->first_point = e.design.point_count;
    for (int i = 0; i < 5; i++) {
        double s = (i - 2) / 20.0;
        point[i] = head_position_mm(&mean_head, head_locate(&mean_head, vec3(s, 1.0, s)));
        e.design.point[e.design.point_count++] = design_place_of(&mean_head, point[i]);
    }
    REQUIRE(edit(&e));
    CHECK(e.count > 100 && reach_mm(&e, 5, point) <= 9.0 + 0.05); /* the stroke follows the skin */
    e.design.stroke_count = 0;
    REQUIRE(edit(&e));
    CHECK(e.count > 100 && reach_mm(&e, 5, point) <= 9.0 + 0.05);
    arena_rewind(&arena, mark);
}

/* Density and size change in the ramp alone: within its depth of what the line swept. */
TEST(a_moved_control_changes_what_its_spans_passed_over_and_the_ramp_behind)
{
    REQUIRE(setup());
    static Edited e;
    static Vec3 swept[2 * DESIGN_SPAN_POINTS * 4 + 2];
    size_t mark = arena_mark(&arena);
    REQUIRE(laid_out(&e));
    int control = e.design.hairline.control_count / 2, first = (control - 2) * DESIGN_SPAN_POINTS,
        count = 4 * DESIGN_SPAN_POINTS + 1;
    memcpy(swept, e.layout.hairline_mm + first, (size_t)count * sizeof(Vec3));
    e.design.hairline.control[control].v += 0.02;
    REQUIRE(edit(&e));
    CHECK(e.count > 100 && e.count < 2000);
    memcpy(swept + count, e.layout.hairline_mm + first, (size_t)count * sizeof(Vec3));
    CHECK(reach_mm(&e, 2 * count, swept) <= e.design.hairline.transition_mm + 0.1);
    arena_rewind(&arena, mark);
}

TEST(what_is_not_looked_at_changes_nothing)
{
    REQUIRE(setup());
    static Edited e;
    size_t mark = arena_mark(&arena);
    REQUIRE(laid_out(&e));
    snprintf(e.design.title, sizeof e.design.title, "another title");
    e.design.client.age_years = 44.0;
    e.design.hairline.single_mm += 1.0;
    e.design.marks.kind = DESIGN_LINE;
    REQUIRE(edit(&e));
    CHECK(e.count == 0);
    CHECK(memcmp(&e.design, &e.layout.design, sizeof e.design) == 0);
    arena_rewind(&arena, mark);
}

/* The ends of the line, from which all that lies behind it is closed; lines of stages, of which a
 * layout keeps a few. */
TEST(ends_of_the_line_and_lines_of_stages_are_made_again_as_often_as_it_takes)
{
    REQUIRE(setup());
    static Edited e;
    static DesignLayout fresh;
    size_t mark = arena_mark(&arena);
    REQUIRE(laid_out(&e));
    for (int k = 0; k < 2; k++) {
        plain_region(&e.design, DESIGN_NONE, 5.0);
        plain_shape(&e.design, DESIGN_NORWOOD_STAGE, DESIGN_ADD)->stage = 3 + k;
    }
    for (int i = 0; i < 9; i++) {
        DesignHairline *line = &e.design.hairline;
        size_t edit_mark = arena_mark(&arena);
        double turn = 0.12 * (i % 3 - 1);
        line->sideburn = (DesignSideburn)(i % 3);
        line->control[0].v += turn, line->control[line->control_count - 1].v -= turn;
        for (int s = 0; s < 3; s++) /* three heights at once, none of them the last */
            e.design.shape[s].height_mm = 61.0 + 3.0 * i + s;
        REQUIRE(edit(&e) && lay_out(&mean_head, &bare, &e.design, &fresh));
        CHECK(same_bits(&e.layout, &fresh));
        arena_rewind(&arena, edit_mark);
    }
    arena_rewind(&arena, mark);
}
