#include "solid_testing.h"

#include "base/test.h"
#include "casefile/states.h"

#include <stdlib.h>

static Solid solid;

static double linear(uint8_t code)
{
    return (double)color_srgb_decode((float)code / 255.0F);
}

/* ---- textures ---- */

/* mm2 of the surface that wears the texel, and where it is; 0 beyond the canvas. */
static double texel_mm2(const Head *head, int side, int x, int y, Vec3 *position_mm)
{
    const double half = 1.45;
    double uv[2] = {2.0 * half * (x + 0.5) / side - half, half - 2.0 * half * (y + 0.5) / side};
    HeadPoint at = head_locate(head, head_chart_direction(uv));
    if (at.triangle < 0)
        return 0.0;
    const int *corner = head->topology->triangle[at.triangle];
    Vec3 p[3];
    double c[3][2];
    for (int k = 0; k < 3; k++) {
        p[k] = head->position_mm[corner[k]];
        head_chart(head->topology->direction[corner[k]], c[k]);
    }
    double flat =
        fabs((c[1][0] - c[0][0]) * (c[2][1] - c[0][1]) - (c[1][1] - c[0][1]) * (c[2][0] - c[0][0]));
    double skin = vec_length(vec_cross(vec_sub(p[1], p[0]), vec_sub(p[2], p[0])));
    *position_mm = head_position_mm(head, at);
    return skin / flat * (2.0 * half / side) * (2.0 * half / side);
}

typedef struct Darkness { /* per channel */
    double taken_mm2[3];  /* integral of 1 - light / skin over the surface */
    double through;       /* mean of light / skin, green, within 30 mm of the vertex */
    Vec3 middle_mm;       /* of what green takes */
} Darkness;

static bool measure(int side, double years, Darkness *dark)
{
    size_t mark = arena_mark(&solid.arena);
    ExportTexture texture = {.side_px = side, .years = years, .threads = 2};
    Image picture;
    if (!export_texture(&solid.arena, &solid.scratch, &solid.plan, &texture, &picture, &solid.err))
        return false;
    double skin[3], near_mm2 = 0.0, green = 0.0;
    Vec3 top = head_position_mm(&solid.head, head_locate(&solid.head, vec3(0.0, 1.0, 0.0)));
    for (int k = 0; k < 3; k++)
        skin[k] = linear(picture.rgb[k]); /* the corner is beyond the canvas */
    *dark = (Darkness){0};
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            const uint8_t *rgb = &picture.rgb[3 * ((ptrdiff_t)y * side + x)];
            Vec3 at;
            double area = texel_mm2(&solid.head, side, x, y, &at);
            for (int k = 0; k < 3 && area > 0.0; k++)
                dark->taken_mm2[k] += area * (1.0 - linear(rgb[k]) / skin[k]);
            double taken = area > 0.0 ? area * (1.0 - linear(rgb[1]) / skin[1]) : 0.0;
            dark->middle_mm = vec_madd(dark->middle_mm, taken, at);
            green += taken;
            if (area > 0.0 && vec_distance(at, top) < 30.0) {
                near_mm2 += area;
                dark->through += area * linear(rgb[1]) / skin[1];
            }
        }
    dark->through /= near_mm2;
    dark->middle_mm = vec_scale(dark->middle_mm, 1.0 / fmax(green, 1e-9));
    arena_rewind(&solid.arena, mark);
    return true;
}

/* What the marks of the case take, were each alone. */
static bool wanted_mm2(double years, double area_mm2[3])
{
    SkinTable table;
    SkinMarks *skin;
    LookState state;
    if (!skin_table_load(&table, &solid.err) ||
        !skin_marks_new(&solid.arena, &table, &solid.survey.tone, &skin, &solid.err))
        return false;
    CaseMarks marks = case_marks_after(&solid.plan, skin, years);
    if (!case_look_state(&solid.arena, &marks, &state, &solid.err))
        return false;
    for (int k = 0; k < 3; k++) {
        area_mm2[k] = 0.0;
        for (int i = 0; i < state.mark_count; i++)
            area_mm2[k] += (double)state.mark[i].look.area_mm2[k];
    }
    return true;
}

/* Dots on a spiral over all of the canvas, 10 mm or more apart. */
static void spread_dots(void)
{
    for (int i = 0; i < solid.dots.count; i++) {
        double r = 1.2 * sqrt((i + 0.5) / solid.dots.count), turn = 2.399963 * i;
        solid_put_dot(&solid, i, i % 3,
                      head_chart_direction((double[]){r * cos(turn), r * sin(turn)}));
    }
}

TEST(dots_apart_take_their_area_from_the_textured_surface_at_any_resolution)
{
    REQUIRE(solid_open(&solid, 4, 300, 0.5));
    spread_dots();
    for (int i = 0; i < 300; i++) /* large: what one code is off is less of them */
        solid.plan.dot_diameter_mm[i] = 0.8;
    for (int age = 0; age < 2; age++) {
        double want[3];
        REQUIRE(wanted_mm2(5.0 * age, want));
        for (int side = 400; side <= (age == 0 ? 1600 : 400); side *= 2) {
            Darkness dark;
            REQUIRE(measure(side, 5.0 * age, &dark));
            for (int k = 0; k < 3; k++)
                if (!CHECK_NEAR(dark.taken_mm2[k] / want[k], 1.0, 0.01))
                    printf("# %d px, channel %d: %g of %g mm2\n", side, k, dark.taken_mm2[k],
                           want[k]);
        }
    }
    solid_close(&solid);
}

TEST(dots_that_crowd_multiply_whatever_the_resolution)
{
    REQUIRE(solid_open(&solid, 4, 12000, 0.3));
    for (int i = 0; i < solid.dots.count; i++)
        solid.plan.dot_diameter_mm[i] = 0.6;
    double want[3], reference = 0.0;
    REQUIRE(wanted_mm2(0.0, want));
    for (int side = 400; side <= 1600; side *= 2) {
        Darkness dark;
        REQUIRE(measure(side, 0.0, &dark));
        if (side == 400)
            reference = dark.through;
        CHECK_NEAR(dark.through / reference, 1.0, 0.003);
        CHECK(dark.taken_mm2[1] < 0.95 * want[1]); /* no longer a sum */
    }
    solid_close(&solid);
}

/* The share of the dots within the disc of 30 mm is read from the dots themselves. */
TEST(a_random_field_of_dots_darkens_by_the_exponential_of_its_area)
{
    REQUIRE(solid_open(&solid, 4, 12000, 0.3));
    for (int i = 0; i < solid.dots.count; i++)
        solid.plan.dot_diameter_mm[i] = 0.6;
    double want[3], near = 0.0, near_mm2 = 0.0;
    Darkness dark;
    REQUIRE(wanted_mm2(0.0, want) && measure(1024, 0.0, &dark));
    Vec3 top = head_position_mm(&solid.head, head_locate(&solid.head, vec3(0.0, 1.0, 0.0))), at;
    for (int i = 0; i < solid.dots.count; i++)
        near += vec_distance(solid.dots.dot[i].position_mm, top) < 30.0;
    for (int y = 0; y < 1024; y++)
        for (int x = 0; x < 1024; x++) {
            double area = texel_mm2(&solid.head, 1024, x, y, &at);
            near_mm2 += area > 0.0 && vec_distance(at, top) < 30.0 ? area : 0.0;
        }
    double each_mm2 = want[1] / solid.dots.count;
    CHECK_NEAR(dark.through / exp(-near * each_mm2 / near_mm2), 1.0, 0.02);
    solid_close(&solid);
}

TEST(a_dot_stands_in_the_texture_where_it_stands_on_the_head)
{
    REQUIRE(solid_open(&solid, 5, 1, 0.5));
    const double uv[][2] = {{0.0, 0.0}, {0.41, 0.63}, {-1.1, -0.4}, {0.3, -1.25}};
    for (int i = 0; i < 4; i++) {
        Darkness dark = {0};
        solid_put_dot(&solid, 0, 0, head_chart_direction(uv[i]));
        solid.plan.dot_diameter_mm[0] = 0.6;
        REQUIRE(measure(1024, 0.0, &dark));
        CHECK(vec_distance(dark.middle_mm, solid.dots.dot[0].position_mm) < 0.1);
    }
    solid_close(&solid);
}

TEST(years_and_water_make_dots_paler_and_lines_take_more)
{
    REQUIRE(solid_open(&solid, 5, 300, 0.5));
    double now[3], later[3], thin[3], lines[3];
    spread_dots();
    REQUIRE(wanted_mm2(0.0, now) && wanted_mm2(10.0, later));
    for (int s = 0; s < 3; s++)
        solid.plan.dilution[s] += 10.0;
    REQUIRE(wanted_mm2(0.0, thin));
    for (int s = 0; s < 3; s++)
        solid.plan.dilution[s] -= 10.0;
    CHECK(later[1] < 0.95 * now[1] && thin[1] < 0.9 * now[1]);
    static float length_mm[300], heading_rad[300];
    for (int i = 0; i < 300; i++)
        length_mm[i] = 1.0F;
    solid.layout.design.marks.kind = DESIGN_LINE;
    solid.plan.dot_length_mm = length_mm;
    solid.plan.dot_heading_rad = heading_rad;
    Darkness dark;
    REQUIRE(wanted_mm2(0.0, lines) && measure(1024, 0.0, &dark));
    CHECK(lines[1] > 2.0 * now[1]);
    CHECK_NEAR(dark.taken_mm2[1] / lines[1], 1.0, 0.015);
    solid_close(&solid);
}

TEST(the_picture_of_the_skin_stays_where_no_dot_is)
{
    REQUIRE(solid_open(&solid, 4, 1, 0.1));
    Image chart, picture;
    REQUIRE(image_new(&solid.arena, 256, 256, &chart, &solid.err));
    for (int i = 0; i < 3 * 256 * 256; i++)
        chart.rgb[i] = (uint8_t)(i * 37 % 251);
    ExportTexture texture = {.chart = &chart, .side_px = 256, .threads = 1};
    REQUIRE(
        export_texture(&solid.arena, &solid.scratch, &solid.plan, &texture, &picture, &solid.err));
    int changed = 0;
    for (int i = 0; i < 3 * 256 * 256; i++)
        changed += chart.rgb[i] != picture.rgb[i];
    CHECK(changed > 0 && changed < 3 * 256 * 256 / 20);
    solid_close(&solid);
}

TEST(textures_are_the_same_for_any_number_of_threads)
{
    REQUIRE(solid_open(&solid, 4, 2000, 0.5));
    Image first, again;
    ExportTexture texture = {.side_px = 700, .threads = 1};
    REQUIRE(
        export_texture(&solid.arena, &solid.scratch, &solid.plan, &texture, &first, &solid.err));
    for (texture.threads = 2; texture.threads <= 5; texture.threads++) {
        REQUIRE(export_texture(&solid.arena, &solid.scratch, &solid.plan, &texture, &again,
                               &solid.err));
        CHECK(memcmp(first.rgb, again.rgb, (size_t)3 * 700 * 700) == 0);
    }
    solid_close(&solid);
}

/* ---- models ---- */

TEST(the_glb_is_the_head_in_metres_and_wears_the_texture)
{
    REQUIRE(solid_open(&solid, 4, 500, 0.5));
    ExportTexture texture = {.side_px = 512, .threads = 1};
    ExportBytes file;
    Mesh mesh;
    Image picture;
    MeshFiles none = {0};
    REQUIRE(export_glb(&solid.arena, &solid.scratch, &solid.plan, &texture, &file, &solid.err));
    REQUIRE(mesh_from_bytes(&solid.arena, &solid.scratch, MESH_GLB, file.size, file.bytes, none,
                            &mesh, &solid.err));
    REQUIRE(mesh.vertex_count == solid.topology.vertex_count && mesh.image_count == 1);
    CHECK_NEAR(mesh.unit_mm, 1000.0, 1e-9);
    double off = 0.0;
    for (int i = 0; i < mesh.vertex_count; i++)
        off =
            fmax(off, vec_distance(vec_scale(mesh.position[i], 1000.0), solid.head.position_mm[i]));
    CHECK(off < 1e-4);
    REQUIRE(
        export_texture(&solid.arena, &solid.scratch, &solid.plan, &texture, &picture, &solid.err));
    REQUIRE(mesh.image[0].width_px == 512);
    CHECK(memcmp(mesh.image[0].rgb, picture.rgb, (size_t)3 * 512 * 512) == 0);
    solid_close(&solid);
}

static uint32_t get(const uint8_t *at, int bytes)
{
    uint32_t value = 0;
    for (int k = bytes - 1; k >= 0; k--)
        value = value << 8 | at[k];
    return value;
}

TEST(crc_32_of_the_nine_digits_is_the_published_one)
{
    CHECK(export_crc32(9, (const uint8_t *)"123456789") == 0xCBF43926U);
    CHECK(export_crc32(0, (const uint8_t *)"") == 0);
}

TEST(every_file_of_a_package_begins_at_a_multiple_of_64_bytes)
{
    REQUIRE(solid_open(&solid, 3, 1, 0.1));
    static const uint8_t data[200] = {1, 2, 3};
    for (size_t size = 0; size < 130; size++) {
        ExportEntry entry[3] = {
            {"a.usda", size, data}, {"textures/skin.png", 200 - size, data}, {"b", 7, data}};
        ExportBytes file;
        size_t at = 0;
        REQUIRE(export_package(&solid.arena, 3, entry, &file, &solid.err));
        for (int i = 0; i < 3; i++) {
            const uint8_t *local = file.bytes + at;
            size_t begin = at + 30 + get(local + 26, 2) + get(local + 28, 2);
            CHECK(get(local, 4) == 0x04034b50 && get(local + 8, 2) == 0 && begin % 64 == 0);
            CHECK(get(local + 22, 4) == entry[i].size);
            CHECK(memcmp(file.bytes + begin, entry[i].bytes, entry[i].size) == 0);
            at = begin + entry[i].size;
        }
        CHECK(get(file.bytes + at, 4) == 0x02014b50);
    }
    solid_close(&solid);
}

TEST(textures_out_of_range_and_dots_off_the_canvas_are_refused)
{
    REQUIRE(solid_open(&solid, 3, 3, 0.2));
    const ExportTexture wrong[] = {{.side_px = 255, .threads = 1},
                                   {.side_px = 8193, .threads = 1},
                                   {.side_px = 256, .years = -1.0, .threads = 1},
                                   {.side_px = 256, .years = 101.0, .threads = 1},
                                   {.side_px = 256, .years = (double)NAN, .threads = 1}};
    ExportBytes file;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK(!export_glb(&solid.arena, &solid.scratch, &solid.plan, &wrong[i], &file, &solid.err));
        CHECK(solid.err.code == ERR_INPUT);
    }
    ExportTexture texture = {.side_px = 256, .threads = 1};
    solid.dots.dot[1].position_mm = vec3(0.0, -200.0, 0.0);
    CHECK(!export_usdz(&solid.arena, &solid.scratch, &solid.plan, &texture, &file, &solid.err));
    CHECK(solid.err.code == ERR_INPUT && strstr(solid.err.text, "dot 1 ") != NULL);
    solid_close(&solid);
}

/* ---- the guide ---- */

typedef struct Guide { /* an STL read back: vertices that are the same bytes are one */
    Mesh mesh;
    int boundary, crowded, turned; /* edges of one triangle, of more than two, of two that agree */
    int pieces, euler;
    double volume_mm3;
} Guide;

static int compare_points(const void *a, const void *b)
{
    return memcmp(a, b, 12);
}

static int compare_edges(const void *a, const void *b)
{
    const int *p = a, *q = b;
    return p[0] != q[0] ? (p[0] > q[0]) - (p[0] < q[0]) : (p[1] > q[1]) - (p[1] < q[1]);
}

static int find_point(const uint8_t (*point)[12], int count, const uint8_t *key)
{
    const uint8_t(*found)[12] = bsearch(key, point, (size_t)count, 12, compare_points);
    return (int)(found - point);
}

/* Every triangle's three edges, low vertex first, with the way it is walked. */
static void count_edges(Guide *guide, int (*edge)[3], size_t edges)
{
    for (int t = 0; t < guide->mesh.triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            int a = guide->mesh.triangle[t][k], b = guide->mesh.triangle[t][(k + 1) % 3];
            int *e = edge[3 * (size_t)t + (size_t)k];
            e[0] = a < b ? a : b, e[1] = a < b ? b : a, e[2] = a < b;
        }
    qsort(edge, edges, sizeof *edge, compare_edges);
    int different = 0;
    for (size_t i = 0, end; i < edges; i = end, different++) {
        for (end = i; end < edges && compare_edges(edge[i], edge[end]) == 0;)
            end++;
        guide->boundary += end == i + 1;
        guide->crowded += end > i + 2;
        guide->turned += end == i + 2 && edge[i][2] == edge[i + 1][2];
    }
    guide->euler = guide->mesh.vertex_count - different + guide->mesh.triangle_count;
}

static int root(int *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static void count_pieces(Guide *guide, int *parent)
{
    for (int i = 0; i < guide->mesh.vertex_count; i++)
        parent[i] = i;
    for (int t = 0; t < guide->mesh.triangle_count; t++)
        for (int k = 1; k < 3; k++)
            parent[root(parent, guide->mesh.triangle[t][k])] =
                root(parent, guide->mesh.triangle[t][0]);
    for (int i = 0; i < guide->mesh.vertex_count; i++)
        guide->pieces += parent[i] == i;
}

static bool read_guide(const ExportBytes *file, Guide *guide)
{
    static MeshMaterial material = {.image = -1};
    Arena *arena = &solid.arena;
    int count = (int)get(file->bytes + 80, 4), points = 0;
    if (file->size != 84 + 50 * (size_t)count)
        return false;
    uint8_t(*point)[12] = arena_alloc(arena, 3 * (size_t)count, 12);
    int(*edge)[3] = arena_alloc(arena, 3 * (size_t)count, sizeof *edge);
    *guide = (Guide){.mesh = {.triangle_count = count, .material_count = 1}};
    guide->mesh.material_list = &material;
    guide->mesh.triangle = arena_alloc(arena, (size_t)count, sizeof *guide->mesh.triangle);
    guide->mesh.position = ARENA_NEW(arena, Vec3, 3 * (size_t)count);
    int *parent = ARENA_NEW(arena, int, 3 * (size_t)count);
    if (point == NULL || edge == NULL || guide->mesh.triangle == NULL ||
        guide->mesh.position == NULL || parent == NULL)
        return false;
    for (int i = 0; i < 3 * count; i++)
        memcpy(point[i], file->bytes + 84 + 50 * (i / 3) + 12 + 12 * (i % 3), 12);
    qsort(point, 3 * (size_t)count, 12, compare_points);
    for (int i = 0; i < 3 * count; i++)
        if (i == 0 || compare_points(point[points - 1], point[i]) != 0)
            memmove(point[points++], point[i], 12);
    guide->mesh.vertex_count = points;
    for (int i = 0; i < points; i++) {
        float xyz[3];
        memcpy(xyz, point[i], sizeof xyz);
        guide->mesh.position[i] = vec3((double)xyz[0], (double)xyz[1], (double)xyz[2]);
    }
    for (int i = 0; i < 3 * count; i++)
        guide->mesh.triangle[i / 3][i % 3] =
            find_point((const uint8_t(*)[12])point, points,
                       file->bytes + 84 + 50 * (i / 3) + 12 + 12 * (i % 3));
    for (int t = 0; t < count; t++) {
        const int *v = guide->mesh.triangle[t];
        guide->volume_mm3 +=
            vec_dot(guide->mesh.position[v[0]],
                    vec_cross(guide->mesh.position[v[1]], guide->mesh.position[v[2]])) /
            6.0;
    }
    count_edges(guide, edge, 3 * (size_t)count);
    count_pieces(guide, parent);
    return true;
}

static bool make_guide(const ExportGuide *params, Guide *guide)
{
    ExportBytes file;
    return export_guide_stl(&solid.arena, &solid.scratch, &solid.plan, params, &file, &solid.err) &&
           read_guide(&file, guide);
}

static double hairline_mm(void)
{
    double length = 0.0;
    for (int i = 1; i < solid.layout.hairline_count; i++)
        length += vec_distance(solid.layout.hairline_mm[i - 1], solid.layout.hairline_mm[i]);
    return length;
}

static void check_closed(const Guide *guide)
{
    CHECK(guide->boundary == 0 && guide->crowded == 0 && guide->turned == 0);
    CHECK(guide->pieces == 1 && guide->volume_mm3 > 0.0);
}

TEST(a_guide_is_one_closed_outward_piece_with_a_window_between_all_bridges)
{
    REQUIRE(solid_open(&solid, 4, 1, 0.1));
    ExportGuide params = export_guide_default();
    for (params.bridge_every_mm = 20.0; params.bridge_every_mm < 70.0;
         params.bridge_every_mm += 24.0) {
        Guide guide;
        size_t mark = arena_mark(&solid.arena);
        REQUIRE(make_guide(&params, &guide));
        check_closed(&guide);
        /* A closed surface with g holes through it has V - E + F = 2 - 2 g. */
        int bridges = 2 * (int)floor(0.5 * hairline_mm() / params.bridge_every_mm - 0.5) + 1;
        CHECK(guide.euler == 2 - 2 * (bridges + 1));
        arena_rewind(&solid.arena, mark);
    }
    solid_close(&solid);
}

TEST(guides_along_lines_that_wobble_and_turn_corners_are_closed_as_well)
{
    REQUIRE(solid_open(&solid, 4, 1, 0.1));
    for (uint64_t seed = 1; seed <= 4; seed++) {
        Rng rng = rng_make(seed, 7);
        ExportGuide params = export_guide_default();
        params.slot_mm = 1.2 + 3.6 * rng_f64(&rng);
        params.band_mm = 8.0 + 12.0 * rng_f64(&rng);
        params.clearance_mm = 2.0 * rng_f64(&rng);
        solid_hairline(&solid, 1.5, seed);
        Guide guide;
        size_t mark = arena_mark(&solid.arena);
        REQUIRE(make_guide(&params, &guide));
        check_closed(&guide);
        arena_rewind(&solid.arena, mark);
    }
    solid_close(&solid);
}

static double to_segment(Vec3 p, Vec3 a, Vec3 b)
{
    Vec3 ab = vec_sub(b, a);
    double t = fmin(fmax(vec_dot(vec_sub(p, a), ab) / vec_dot(ab, ab), 0.0), 1.0);
    return vec_distance(p, vec_madd(a, t, ab));
}

/* From every triangle of the head: slow and plain. */
static double to_skin_mm(const Head *head, Vec3 p)
{
    double best = HUGE_VAL;
    for (int t = 0; t < head->topology->triangle_count; t++) {
        const int *corner = head->topology->triangle[t];
        Vec3 a = head->position_mm[corner[0]], b = head->position_mm[corner[1]],
             c = head->position_mm[corner[2]];
        Vec3 n = vec_normalize(vec_cross(vec_sub(b, a), vec_sub(c, a)));
        double height = vec_dot(vec_sub(p, a), n);
        Vec3 foot = vec_madd(p, -height, n);
        bool in = vec_dot(vec_cross(vec_sub(b, a), vec_sub(foot, a)), n) >= 0.0 &&
                  vec_dot(vec_cross(vec_sub(c, b), vec_sub(foot, b)), n) >= 0.0 &&
                  vec_dot(vec_cross(vec_sub(a, c), vec_sub(foot, c)), n) >= 0.0;
        best = in ? fmin(best, fabs(height))
                  : fmin(best,
                         fmin(to_segment(p, a, b), fmin(to_segment(p, b, c), to_segment(p, c, a))));
    }
    return best;
}

TEST(a_guide_keeps_its_clearance_and_its_thickness)
{
    REQUIRE(solid_open(&solid, 5, 1, 0.1));
    ExportGuide params = export_guide_default();
    params.clearance_mm = 0.5;
    Guide guide;
    REQUIRE(make_guide(&params, &guide));
    double nearest = HUGE_VAL, farthest = 0.0, between = 0.0;
    int step = guide.mesh.vertex_count / 301;
    for (int i = 0; i < guide.mesh.vertex_count; i += step) {
        double off = to_skin_mm(&solid.head, guide.mesh.position[i]);
        nearest = fmin(nearest, off);
        farthest = fmax(farthest, off);
        between = fmax(between, fmin(fabs(off - 0.5), fabs(off - 2.5)));
    }
    CHECK(between < 0.01); /* every vertex is on one of the two walls */
    CHECK_NEAR(nearest, 0.5, 0.01);
    CHECK_NEAR(farthest, 2.5, 0.01);
    solid_close(&solid);
}

/* Whether the guide lies over a place of the skin. */
static bool covered(const MeshRays *rays, Vec3 skin_mm)
{
    HeadPoint at = head_nearest(&solid.head, skin_mm);
    return mesh_rays_blocked(rays, head_position_mm(&solid.head, at), head_normal(&solid.head, at),
                             10.0);
}

/* How far from a place within the slot, or within the shell, the other begins. */
static double reach_mm(const MeshRays *rays, Vec3 from, Vec3 way, double most)
{
    bool start = covered(rays, from);
    double low = 0.0, high = 0.0;
    while (high < most && covered(rays, vec_madd(from, high, way)) == start)
        low = high, high += 0.2;
    for (int i = 0; i < 20; i++) {
        double middle = 0.5 * (low + high);
        *(covered(rays, vec_madd(from, middle, way)) == start ? &low : &high) = middle;
    }
    return low;
}

TEST(the_slot_has_its_width_on_the_hairline_and_the_band_its_own_beside_it)
{
    REQUIRE(solid_open(&solid, 5, 1, 0.1));
    for (double slot_mm = 0.9; slot_mm < 5.0; slot_mm += 1.7) {
        ExportGuide params = export_guide_default();
        size_t mark = arena_mark(&solid.arena);
        params.slot_mm = slot_mm;
        Guide guide;
        MeshRays rays;
        REQUIRE(make_guide(&params, &guide) && mesh_rays_open(&guide.mesh, &rays, &solid.err));
        int open = 0, shut = 0;
        double worst = 0.0, worst_band = 0.0;
        for (int i = 130; i < 470; i += 7) { /* over the forehead, away from the corners */
            Vec3 here = solid.layout.hairline_mm[i];
            Vec3 along = vec_sub(solid.layout.hairline_mm[i + 1], solid.layout.hairline_mm[i - 1]);
            Vec3 normal = head_normal(&solid.head, head_nearest(&solid.head, here));
            Vec3 across = vec_normalize(vec_cross(normal, along));
            if (covered(&rays, here)) {
                shut++;
                continue;
            }
            if (covered(&rays, vec_madd(here, 3.0, vec_normalize(along))) ||
                covered(&rays, vec_madd(here, -3.0, vec_normalize(along))))
                continue; /* the corner at the end of a window */
            open++;
            double up = reach_mm(&rays, here, across, 20.0);
            double down = reach_mm(&rays, here, vec_scale(across, -1.0), 20.0);
            worst = fmax(worst, fabs(up + down - slot_mm));
            double band = reach_mm(&rays, vec_madd(here, up + 0.3, across), across, 40.0);
            worst_band = fmax(worst_band, fabs(up + 0.3 + band - params.band_mm));
        }
        CHECK(open > 20 && shut > 2);
        CHECK(worst < 0.08);
        CHECK(worst_band < 0.25); /* straight against along the skin, and the grid's sides */
        mesh_rays_close(&rays);
        arena_rewind(&solid.arena, mark);
    }
    solid_close(&solid);
}

TEST(the_middle_of_the_hairline_is_under_a_bridge_of_the_asked_width)
{
    REQUIRE(solid_open(&solid, 5, 1, 0.1));
    ExportGuide params = export_guide_default();
    Guide guide;
    MeshRays rays;
    REQUIRE(make_guide(&params, &guide) && mesh_rays_open(&guide.mesh, &rays, &solid.err));
    Vec3 here = solid.layout.hairline_mm[300], to_left = vec3(1.0, 0.0, 0.0);
    CHECK(covered(&rays, here));
    CHECK_NEAR(reach_mm(&rays, here, to_left, 20.0) +
                   reach_mm(&rays, here, vec_scale(to_left, -1.0), 20.0),
               params.bridge_mm, 0.1);
    mesh_rays_close(&rays);
    solid_close(&solid);
}

TEST(guides_that_cannot_be_printed_or_have_no_line_are_refused)
{
    REQUIRE(solid_open(&solid, 3, 1, 0.1));
    ExportGuide good = export_guide_default(), wrong[8];
    for (int i = 0; i < 8; i++)
        wrong[i] = good;
    wrong[0].thickness_mm = 1.19;
    wrong[1].clearance_mm = -0.1;
    wrong[2].slot_mm = 0.5;
    wrong[3].band_mm = 50.0;
    wrong[4].bridge_mm = 0.4;
    wrong[5].bridge_every_mm = 5.0;
    wrong[6].bridge_mm = 12.0, wrong[6].bridge_every_mm = 15.0;
    wrong[7].thickness_mm = (double)NAN;
    ExportBytes file;
    for (int i = 0; i < 8; i++) {
        solid.err = (Err){0};
        CHECK(!export_guide_stl(&solid.arena, &solid.scratch, &solid.plan, &wrong[i], &file,
                                &solid.err));
        CHECK(solid.err.code == ERR_INPUT);
    }
    solid.layout.has_hairline = false;
    CHECK(!export_guide_stl(&solid.arena, &solid.scratch, &solid.plan, &good, &file, &solid.err));
    CHECK(solid.err.code == ERR_INPUT && strstr(solid.err.text, "hairline") != NULL);
    solid_close(&solid);
}

/* ---- the projector ---- */

static ExportProjection from(Vec3 eye_mm, int width_px, int height_px, double focal_px)
{
    ExportProjection projection = export_projection_default();
    Lens lens = {width_px, height_px, focal_px, 0.5 * width_px, 0.5 * height_px, 0.0};
    projection.projector = camera_look_at(lens, eye_mm, vec3(0.0, 70.0, 20.0), vec3(0.0, 1.0, 0.1));
    return projection;
}

static bool throw_picture(const ExportProjection *projection, Image *picture, ExportShown *shown)
{
    ExportBytes png;
    return export_projection(&solid.arena, &solid.scratch, &solid.plan, projection, &png, shown,
                             &solid.err) &&
           image_decode(&solid.arena, &solid.scratch, png.size, png.bytes, picture, &solid.err);
}

typedef struct Blob {
    double x, y, light;
} Blob;

/* The blob that holds a pixel, which is blackened. */
static Blob take_blob(Image *picture, int x, int y, int (*stack)[2])
{
    Blob blob = {0};
    int depth = 0;
    stack[depth][0] = x, stack[depth++][1] = y;
    while (depth > 0) {
        x = stack[--depth][0], y = stack[depth][1];
        if (x < 0 || y < 0 || x >= picture->width_px || y >= picture->height_px)
            continue;
        uint8_t *rgb = &picture->rgb[3 * ((ptrdiff_t)y * picture->width_px + x)];
        if (rgb[0] == 0)
            continue;
        double light = linear(rgb[0]);
        rgb[0] = 0;
        blob.x += light * (x + 0.5), blob.y += light * (y + 0.5), blob.light += light;
        for (int k = 0; k < 9; k++)
            stack[depth][0] = x + k % 3 - 1, stack[depth++][1] = y + k / 3 - 1;
    }
    blob.x /= blob.light, blob.y /= blob.light;
    return blob;
}

static double light_of(const Image *picture)
{
    double sum = 0.0;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)picture->width_px * picture->height_px; i++)
        sum += linear(picture->rgb[3 * i]);
    return sum;
}

/* The largest distance between where a blob falls on the head and the nearest dot, where the light
 * falls at a cosine of least or more. */
static double worst_mm(const Camera *camera, double least, Image *picture, int *blobs)
{
    Mesh mesh;
    MeshRays rays;
    int(*stack)[2] = arena_alloc(&solid.arena, (size_t)1 << 20, sizeof *stack);
    double worst = 0.0;
    *blobs = 0;
    if (stack == NULL || !export_canvas_mesh(&solid.arena, &solid.head, NULL, &mesh, &solid.err) ||
        !mesh_rays_open(&mesh, &rays, &solid.err))
        return HUGE_VAL;
    for (int y = 0; y < picture->height_px; y++)
        for (int x = 0; x < picture->width_px; x++) {
            if (picture->rgb[3 * ((ptrdiff_t)y * picture->width_px + x)] == 0)
                continue;
            Blob blob = take_blob(picture, x, y, stack);
            Vec3 eye = camera->pose.eye_mm, ray = camera_ray(camera, blob.x, blob.y);
            MeshHit hit = mesh_rays_hit(&rays, eye, ray, 1e4);
            double best = HUGE_VAL;
            int dot = 0;
            for (int i = 0; i < solid.dots.count && hit.triangle >= 0; i++) {
                double off =
                    vec_distance(solid.dots.dot[i].position_mm, vec_madd(eye, hit.distance, ray));
                if (off < best)
                    best = off, dot = i;
            }
            if (-vec_dot(ray, solid.dots.dot[dot].normal) > least)
                worst = fmax(worst, best);
            ++*blobs;
        }
    mesh_rays_close(&rays);
    return worst;
}

/* At 2.7 px to the mm, which 1920 px give on a head, spots on skin that is seen at up to 60
 * degrees; at twice that all that are thrown. */
TEST(thrown_back_along_the_light_every_spot_falls_on_its_dot)
{
    REQUIRE(solid_open(&solid, 5, 300, 0.5));
    spread_dots();
    const Vec3 eye[] = {{0.0, 500.0, 500.0}, {400.0, 500.0, 200.0}, {0.0, 700.0, -50.0}};
    for (int i = 0; i < 6; i++) {
        int fine = 1 + i / 3;
        size_t mark = arena_mark(&solid.arena);
        ExportProjection projection = from(eye[i % 3], 1920 * fine, 1080 * fine, 1800.0 * fine);
        ExportShown shown;
        Image picture;
        int blobs;
        REQUIRE(throw_picture(&projection, &picture, &shown));
        CHECK(shown.shown + shown.away + shown.hidden + shown.outside == 300 && shown.shown > 80);
        double worst = worst_mm(&projection.projector, fine == 1 ? 0.5 : 0.0, &picture, &blobs);
        CHECK(blobs == shown.shown);
        CHECK(worst < 0.2);
        printf("# %d spots at %d px: worst %.3f mm\n", blobs, 1920 * fine, worst);
        arena_rewind(&solid.arena, mark);
    }
    solid_close(&solid);
}

TEST(a_thrown_dot_has_the_size_that_was_asked_for)
{
    REQUIRE(solid_open(&solid, 5, 1, 0.5));
    solid_put_dot(&solid, 0, 0, vec_normalize(vec3(0.2, 0.9, 0.4)));
    ExportProjection projection = from(vec3(100.0, 600.0, 300.0), 1600, 1200, 2500.0);
    const Camera *camera = &projection.projector;
    Vec3 at = solid.dots.dot[0].position_mm;
    Vec3 way = vec_normalize(vec_sub(camera->pose.eye_mm, at));
    double scale = camera_px_per_mm(camera, at), slant = vec_dot(way, solid.dots.dot[0].normal);
    for (double dot_mm = 1.0; dot_mm < 9.0; dot_mm *= 2.0) {
        ExportShown shown;
        Image picture;
        projection.dot_mm = dot_mm;
        REQUIRE(throw_picture(&projection, &picture, &shown) && shown.shown == 1);
        double want = 0.25 * SOLID_PI * dot_mm * dot_mm * slant * scale * scale;
        CHECK_NEAR(light_of(&picture) / want, 1.0, 0.05 / dot_mm);
    }
    projection.dot_mm = 0.001;
    for (double least = 2.0; least < 20.0; least *= 2.0) {
        ExportShown shown;
        Image picture;
        projection.least_px = least;
        REQUIRE(throw_picture(&projection, &picture, &shown));
        CHECK_NEAR(light_of(&picture) / (0.25 * SOLID_PI * least * least * slant), 1.0, 0.15);
    }
    solid_close(&solid);
}

/* Whether the way to the light passes through the head, step by step: the radius tells. */
static bool stands_behind(const Camera *camera, const Dot *dot)
{
    Vec3 way = vec_sub(camera->pose.eye_mm, dot->position_mm);
    double distance = vec_length(way);
    if (!(vec_dot(way, dot->normal) > cos(75.0 * SOLID_PI / 180.0) * distance))
        return false;
    for (double step = 2.0; step < 150.0; step += 0.1) {
        Vec3 arm = vec_sub(vec_madd(dot->position_mm, step / distance, way), solid.head.centre_mm);
        HeadPoint at = head_locate(&solid.head, vec_normalize(arm));
        if (at.triangle >= 0 &&
            vec_length(arm) < vec_distance(head_position_mm(&solid.head, at), solid.head.centre_mm))
            return true;
    }
    return false;
}

TEST(dots_that_turn_away_or_stand_behind_a_horn_are_left_dark)
{
    REQUIRE(solid_open(&solid, 5, 3000, 0.5));
    spread_dots();
    ExportProjection projection = from(vec3(0.0, 150.0, 700.0), 800, 800, 1500.0);
    ExportShown plain, horned;
    Image picture;
    REQUIRE(throw_picture(&projection, &picture, &plain));
    CHECK(plain.hidden == 0 && plain.away > 1000);
    for (int i = 0; i < 3000; i++) {
        Vec3 way =
            vec_normalize(vec_sub(projection.projector.pose.eye_mm, solid.dots.dot[i].position_mm));
        if (vec_dot(way, solid.dots.dot[i].normal) < cos(75.0 * SOLID_PI / 180.0))
            plain.away--;
    }
    if (!CHECK(plain.away == 0))
        printf("# away %d outside %d\n", plain.away, plain.outside);
    REQUIRE(solid_head(&solid, 5, 60.0));
    spread_dots();
    projection = from(vec3(0.0, 90.0, 700.0), 800, 800, 1500.0);
    REQUIRE(throw_picture(&projection, &picture, &horned));
    int behind = 0;
    for (int i = 0; i < 3000; i++)
        behind += stands_behind(&projection.projector, &solid.dots.dot[i]);
    printf("# %d hidden, %d by steps\n", horned.hidden, behind);
    CHECK(horned.hidden > 10 && abs(horned.hidden - behind) <= 1 + behind / 20);
    CHECK(horned.shown + horned.away + horned.hidden + horned.outside == 3000);
    solid_close(&solid);
}

TEST(sessions_and_the_hairline_are_thrown_when_asked_for)
{
    REQUIRE(solid_open(&solid, 5, 300, 0.5));
    spread_dots();
    ExportProjection projection = from(vec3(0.0, 500.0, 500.0), 800, 600, 900.0);
    ExportShown all, part;
    Image picture;
    int sum = 0;
    REQUIRE(throw_picture(&projection, &picture, &all));
    double dots_light = light_of(&picture);
    for (projection.session = 0; projection.session < 3; projection.session++) {
        REQUIRE(throw_picture(&projection, &picture, &part));
        sum += part.shown;
    }
    CHECK(sum == all.shown);
    projection.session = -1;
    projection.hairline_px = 3.0;
    REQUIRE(throw_picture(&projection, &picture, &all));
    /* the line over the forehead is about 140 mm of it */
    CHECK(light_of(&picture) > dots_light + 3.0 * 140.0 * 0.8);
    projection.session = 3;
    CHECK(!throw_picture(&projection, &picture, &all) && solid.err.code == ERR_INPUT);
    projection = from(vec3(0.0, 10.0, 0.0), 800, 600, 900.0);
    CHECK(!throw_picture(&projection, &picture, &all) && solid.err.code == ERR_INPUT);
    solid_close(&solid);
}

/* ---- the document of a projector ---- */

#define PLACE                                                                                      \
    "{\"schema\": \"follicle/projector\", \"version\": 1, \"position_mm\": [0, 300, 700], "        \
    "\"look_at_mm\": [0, 90, 50], \"width_px\": 1920, \"height_px\": 1080"

static bool parse(const char *text, Camera *camera)
{
    return export_projector_parse(strlen(text), text, camera, &solid.err);
}

TEST(a_projector_is_the_same_by_focal_length_angle_or_throw)
{
    const char *const text[] = {PLACE ", \"focal_px\": 3840}", PLACE ", \"throw_ratio\": 2}",
                                PLACE
                                ", \"field_of_view_deg\": 28.072486935852957, \"up\": [0, 2, 0]}"};
    for (int i = 0; i < 3; i++) {
        Camera camera;
        double x, y, depth_mm;
        REQUIRE(parse(text[i], &camera));
        CHECK_NEAR(camera.lens.focal_px, 3840.0, 1e-6);
        REQUIRE(camera_project(&camera, vec3(0.0, 90.0, 50.0), &x, &y, &depth_mm));
        CHECK_NEAR(x, 960.0, 1e-9);
        CHECK_NEAR(y, 540.0, 1e-9);
        /* the subject's left is on the right of the picture, up is up */
        REQUIRE(camera_project(&camera, vec3(50.0, 120.0, 50.0), &x, &y, &depth_mm));
        CHECK(x > 960.0 && y < 540.0);
    }
    Camera shifted;
    REQUIRE(
        parse(PLACE ", \"throw_ratio\": 2, \"centre_px\": [960, 1080], \"k1\": 0.01}", &shifted));
    CHECK(shifted.lens.centre_y_px > 1079.0 && shifted.lens.k1 > 0.009);
}

TEST(documents_of_projectors_that_make_no_sense_are_refused_with_the_key)
{
    const struct {
        const char *text, *word;
    } wrong[] = {
        {PLACE "}", "focal_px"},
        {PLACE ", \"focal_px\": 3840, \"throw_ratio\": 2}", "one of"},
        {PLACE ", \"focal_px\": 0}", "focal_px"},
        {PLACE ", \"field_of_view_deg\": 180}", "field_of_view_deg"},
        {PLACE ", \"throw_ratio\": 2, \"shift\": 1}", "shift"},
        {PLACE ", \"throw_ratio\": 2, \"up\": [0, 1]}", "up"},
        {PLACE ", \"throw_ratio\": 2, \"up\": [0, 210, 650]}", "line of sight"},
        {PLACE ", \"throw_ratio\": 2, \"up\": [0, 0, 0]}", "line of sight"},
        {PLACE ", \"throw_ratio\": 2, \"centre_px\": [1, 2, 3]}", "centre_px"},
        {"{\"schema\": \"follicle/projector\", \"version\": 2}", "version"},
        {"{\"schema\": \"follicle/prints\", \"version\": 1}", "projector"},
        {"{\"schema\": \"follicle/projector\", \"version\": 1, \"position_mm\": [0, 1, 2], "
         "\"look_at_mm\": [0, 1, 2], \"width_px\": 64, \"height_px\": 64, \"throw_ratio\": 1}",
         "stands"},
        {"{\"schema\": \"follicle/projector\", \"version\": 1, \"position_mm\": [0, 1, 2], "
         "\"look_at_mm\": [9, 9, 9], \"width_px\": 8, \"height_px\": 64, \"throw_ratio\": 1}",
         "width_px"},
        {"[]", "projector"},
        {"", "projector"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        Camera camera;
        solid.err = (Err){0};
        CHECK(!parse(wrong[i].text, &camera));
        if (!CHECK(solid.err.code == ERR_INPUT && strstr(solid.err.text, wrong[i].word) != NULL))
            printf("# %s\n", solid.err.text);
    }
}

/* ---- budgets ---- */

static bool export_all(Arena *arena, Arena *scratch, Err *err)
{
    ExportTexture texture = {.side_px = 256, .threads = 1};
    ExportGuide guide = export_guide_default();
    ExportProjection projection = from(vec3(0.0, 500.0, 500.0), 64, 64, 60.0);
    ExportShown shown;
    ExportBytes file;
    return export_glb(arena, scratch, &solid.plan, &texture, &file, err) &&
           export_usdz(arena, scratch, &solid.plan, &texture, &file, err) &&
           export_guide_stl(arena, scratch, &solid.plan, &guide, &file, err) &&
           export_projection(arena, scratch, &solid.plan, &projection, &file, &shown, err);
}

TEST(with_too_little_memory_every_export_says_so)
{
    REQUIRE(solid_open(&solid, 3, 20, 0.3));
    size_t least[2] = {(size_t)64 << 20, (size_t)64 << 20};
    for (int which = 0; which < 2; which++) {
        int failed = 0;
        for (size_t limit = 1 << 12; limit < least[which]; limit *= 4) {
            size_t size[2] = {(size_t)64 << 20, (size_t)64 << 20};
            size[which] = limit;
            Arena arena, scratch;
            Err err = {0};
            REQUIRE(arena_open(&arena, size[0], &err) && arena_open(&scratch, size[1], &err));
            bool ok = export_all(&arena, &scratch, &err);
            CHECK(ok || err.code == ERR_LIMIT);
            failed += !ok;
            if (ok)
                limit = least[which];
            arena_close(&arena);
            arena_close(&scratch);
        }
        CHECK(failed > 2);
    }
    solid_close(&solid);
}
