#include "export/flat_fixture.h"

#include "base/test.h"

#include <stdlib.h>

static const double pi = 3.14159265358979323846;

static bool told(bool ok, const Err *err)
{
    if (!ok)
        printf("# %s\n", err->text);
    return CHECK(ok);
}

/* A head of middle fineness with a usual design: 3.4 mm edges. */
static bool begin(int dots)
{
    Err err = {0};
    bool ok = fixture_open(5, &err) && fixture_head(0.0, &err);
    fixture.request.pattern = DESIGN_NORWOOD;
    fixture.request.stage = 6;
    return told(ok && fixture_design(dots, &err), &err);
}

static bool flatten(const FlatParams *params, Flat *flat)
{
    Err err = {0};
    return told(flat_make(&fixture.arena, &fixture.scratch, &fixture.plan, params, flat, &err),
                &err);
}

/* ---- one piece, on surfaces with a closed form ---- */

enum { GRID_MOST = 61 };
typedef Vec3 Surface(double s, double t, const double shape[2]);

/* The surface over [0, width] x [0, height] of its own lengths, rows and columns of points. */
static bool grid(int columns, int rows, double width, double height, Surface *at,
                 const double shape[2], FlatPiece *piece)
{
    Arena *arena = &fixture.arena;
    size_t vertices = (size_t)(columns * rows),
           triangles = 2 * (size_t)((columns - 1) * (rows - 1));
    *piece = (FlatPiece){.vertex_count = (int)vertices,
                         .triangle_count = (int)triangles,
                         .head_mm = ARENA_NEW(arena, Vec3, vertices),
                         .at_mm = arena_alloc(arena, vertices, sizeof *piece->at_mm),
                         .triangle = arena_alloc(arena, triangles, sizeof *piece->triangle)};
    if (piece->head_mm == NULL || piece->at_mm == NULL || piece->triangle == NULL)
        return CHECK(false);
    int t = 0;
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++) {
            int v = j * columns + i;
            piece->head_mm[v] = at(width * i / (columns - 1.0), height * j / (rows - 1.0), shape);
            if (i + 1 < columns && j + 1 < rows) {
                int corner[2][3] = {{v, v + 1, v + columns + 1}, {v, v + columns + 1, v + columns}};
                for (int k = 0; k < 6; k++)
                    piece->triangle[t + k / 3][k % 3] = corner[k / 3][k % 3];
                t += 2;
            }
        }
    return true;
}

static Vec3 cylinder(double s, double t, const double shape[2])
{
    return vec3(shape[0] * sin(s / shape[0]), t, shape[0] * cos(s / shape[0]));
}

/* shape: half the angle at the tip, distance of the lower edge from the tip; s along that edge. */
static Vec3 cone(double s, double t, const double shape[2])
{
    double slant = shape[1] - t, radius = slant * sin(shape[0]);
    double angle = s / (shape[1] * sin(shape[0]));
    return vec3(radius * sin(angle), -slant * cos(shape[0]), radius * cos(angle));
}

/* A band about the equator. */
static Vec3 ball_band(double s, double t, const double shape[2])
{
    double angle = s / shape[0], up = (t - 0.5 * shape[1]) / shape[0];
    return vec3(shape[0] * cos(up) * sin(angle), shape[0] * sin(up),
                shape[0] * cos(up) * cos(angle));
}

static double on_sheet(const FlatPiece *piece, int a, int b)
{
    return hypot(piece->at_mm[a][0] - piece->at_mm[b][0], piece->at_mm[a][1] - piece->at_mm[b][1]);
}

TEST(a_cylinder_unrolls_exactly)
{
    Err err = {0};
    FlatPiece piece;
    enum { COLUMNS = 41, ROWS = 21 };
    REQUIRE(told(fixture_open(1, &err), &err));
    REQUIRE(grid(COLUMNS, ROWS, 120.0, 60.0, cylinder, (double[]){50.0, 0.0}, &piece));
    REQUIRE(told(flat_unfold(&fixture.scratch, &piece, &err), &err));
    CHECK(piece.worst_error < 1e-4); /* where the rounds end */
    CHECK_NEAR(on_sheet(&piece, 0, ROWS * COLUMNS - 1), hypot(120.0, 60.0), 0.02);
    CHECK_NEAR(on_sheet(&piece, 0, COLUMNS - 1), 120.0, 0.02); /* chords of 3 degrees */
    CHECK_NEAR(piece.area_mm2, 7200.0, 2.0);
    fixture_close();
}

TEST(a_cone_unrolls_exactly_to_a_sector)
{
    Err err = {0};
    FlatPiece piece;
    enum { COLUMNS = 61, ROWS = 21 };
    const double half = 0.6, slant = 100.0, width = 150.0, height = 60.0;
    REQUIRE(told(fixture_open(1, &err), &err));
    REQUIRE(grid(COLUMNS, ROWS, width, height, cone, (double[]){half, slant}, &piece));
    REQUIRE(told(flat_unfold(&fixture.scratch, &piece, &err), &err));
    CHECK(piece.worst_error < 1e-4); /* where the rounds end */
    double opening = width / slant;  /* of the sector */
    CHECK_NEAR(on_sheet(&piece, 0, COLUMNS - 1), 2.0 * slant * sin(0.5 * opening), 0.05);
    CHECK_NEAR(on_sheet(&piece, COLUMNS * (ROWS - 1), COLUMNS * ROWS - 1),
               2.0 * (slant - height) * sin(0.5 * opening), 0.05);
    fixture_close();
}

/* The least sum of squared strains on a long band of half width w has the strain along it K (y^2 /
 * 2
 * - w^2 / 6): K w^2 / 3 at its edges. */
TEST(a_band_on_a_ball_is_off_by_its_closed_form)
{
    static const double half_mm[] = {10.0, 15.0, 20.0, 25.0};
    Err err = {0};
    const double radius = 85.0;
    REQUIRE(told(fixture_open(1, &err), &err));
    for (int i = 0; i < 4; i++) {
        FlatPiece piece;
        double want = half_mm[i] * half_mm[i] / (3.0 * radius * radius);
        REQUIRE(grid(GRID_MOST, 21, 180.0, 2.0 * half_mm[i], ball_band,
                     (double[]){radius, 2.0 * half_mm[i]}, &piece));
        REQUIRE(told(flat_unfold(&fixture.scratch, &piece, &err), &err));
        CHECK_NEAR(piece.worst_error, want, 0.15 * want);
        CHECK(piece.error_95 < piece.worst_error && piece.error_95 > 0.6 * want);
    }
    fixture_close();
}

/* No map of a cap of angular radius a has stretches whose ratio is below a / sin a (Milnor, Amer.
 * Math. Monthly 76 (1969) 1101): no unfolding may claim less than half of that. A square that holds
 * the cap of its inscribed circle. */
TEST(no_ball_is_claimed_to_lie_flatter_than_it_can)
{
    Err err = {0};
    REQUIRE(told(fixture_open(1, &err), &err));
    for (double half = 10.0; half <= 40.0; half += 10.0) {
        FlatPiece piece;
        double a = half / 85.0, bound = 0.5 * (a / sin(a) - 1.0);
        REQUIRE(
            grid(41, 41, 2.0 * half, 2.0 * half, ball_band, (double[]){85.0, 2.0 * half}, &piece));
        REQUIRE(told(flat_unfold(&fixture.scratch, &piece, &err), &err));
        CHECK(piece.worst_error > bound);
        CHECK(piece.worst_error < 6.0 * bound);
    }
    fixture_close();
}

TEST(a_piece_in_two_parts_is_refused)
{
    Err err = {0};
    FlatPiece piece;
    REQUIRE(told(fixture_open(1, &err), &err));
    REQUIRE(grid(3, 2, 10.0, 10.0, cylinder, (double[]){50.0, 0.0}, &piece));
    piece.triangle_count = 1; /* the rest of the vertices hang nowhere */
    CHECK(!flat_unfold(&fixture.scratch, &piece, &err) && err.code == ERR_INPUT);
    fixture_close();
}

/* ---- a head ---- */

static bool is_sound(const Flat *flat, const FlatParams *params)
{
    bool ok = true;
    for (int p = 0; p < flat->piece_count; p++) {
        const FlatPiece *piece = &flat->piece[p];
        ok = CHECK(piece->width_mm <= params->page_mm[0] + 1e-9 &&
                   piece->height_mm <= params->page_mm[1] + 1e-9) &&
             CHECK(piece->worst_error <= params->error_most) &&
             CHECK(piece->error_95 <= piece->worst_error) && ok;
        for (int v = 0; v < piece->vertex_count; v++)
            ok = ok && CHECK(piece->at_mm[v][0] >= -1e-9 && piece->at_mm[v][1] >= -1e-9 &&
                             piece->at_mm[v][0] <= piece->width_mm + 1e-9 &&
                             piece->at_mm[v][1] <= piece->height_mm + 1e-9);
        for (int t = 0; t < piece->triangle_count && ok; t++) { /* no fold, no mirror */
            const double *a = piece->at_mm[piece->triangle[t][0]];
            const double *b = piece->at_mm[piece->triangle[t][1]];
            const double *c = piece->at_mm[piece->triangle[t][2]];
            ok = CHECK((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0.0);
        }
    }
    return ok;
}

TEST(pieces_of_every_cut_fit_the_page_and_keep_the_error)
{
    static const double page[][2] = {{178.0, 240.0}, {183.9, 230.0}, {90.0, 120.0}};
    static const double most[] = {0.02, 0.01, 0.04};
    REQUIRE(begin(300));
    for (int cut = 0; cut <= FLAT_GORES; cut++)
        for (int i = 0; i < 3; i++) {
            Flat flat;
            FlatParams params = flat_default();
            params.cut = (FlatCut)cut;
            params.page_mm[0] = page[i][0];
            params.page_mm[1] = page[i][1];
            params.error_most = most[i];
            REQUIRE(flatten(&params, &flat));
            CHECK(flat.piece_count > 0 && is_sound(&flat, &params));
        }
    fixture_close();
}

TEST(the_pieces_are_the_worked_area_and_its_margin_whichever_way_they_are_cut)
{
    double area[3], want = 0.0;
    int worked = 0;
    Err err = {0};
    REQUIRE(begin(300));
    FlatParams params = flat_default();
    double *outside_mm = ARENA_NEW(&fixture.arena, double, (size_t)fixture.topology.vertex_count);
    REQUIRE(outside_mm != NULL &&
            told(flat_outside(&fixture.scratch, &fixture.plan, &params, outside_mm, &worked, &err),
                 &err));
    for (int v = 0; v < fixture.topology.vertex_count; v++)
        want += outside_mm[v] <= params.margin_mm ? fixture.head.area_mm2[v] : 0.0;
    for (int cut = 0; cut <= FLAT_GORES; cut++) {
        Flat flat;
        params.cut = (FlatCut)cut;
        REQUIRE(flatten(&params, &flat));
        area[cut] = flat.area_mm2;
        CHECK_NEAR(area[cut], want, 0.02 * want);
        CHECK_NEAR(area[cut], area[0], 1e-6 * want);
    }
    fixture_close();
}

TEST(every_dot_lies_in_exactly_one_piece_inside_its_outline)
{
    enum { DOTS = 4000 };
    static int seen[DOTS];
    Flat flat;
    REQUIRE(begin(DOTS));
    FlatParams params = flat_default();
    REQUIRE(flatten(&params, &flat));
    memset(seen, 0, sizeof seen);
    for (int p = 0; p < flat.piece_count; p++)
        for (int i = 0; i < flat.piece[p].dot_count; i++) {
            const FlatDot *dot = &flat.piece[p].dot[i];
            double winding = 0.0; /* angle swept by the outlines around the dot */
            REQUIRE(dot->dot >= 0 && dot->dot < fixture.dots.count);
            seen[dot->dot]++;
            for (int l = 0; l < flat.piece[p].loop_count; l++) {
                const FlatLoop *loop = &flat.piece[p].loop[l];
                for (int e = 0; e < loop->count; e++) {
                    const double *a = flat.piece[p].at_mm[loop->vertex[e]];
                    const double *b = flat.piece[p].at_mm[loop->vertex[(e + 1) % loop->count]];
                    winding += remainder(atan2(b[1] - dot->at_mm[1], b[0] - dot->at_mm[0]) -
                                             atan2(a[1] - dot->at_mm[1], a[0] - dot->at_mm[0]),
                                         2.0 * pi);
                }
            }
            if (!CHECK(fabs(winding - 2.0 * pi) < 1e-6))
                break;
        }
    for (int i = 0; i < fixture.dots.count; i++)
        if (!CHECK(seen[i] == 1))
            break;
    fixture_close();
}

/* What the metadata promise, held against straight distances on the head: an arc of length d on a
 * radius of 60 mm is longer than its chord by d^2 / (24 R^2), 0.03 % at 5 mm. */
TEST(distances_of_neighbouring_dots_keep_the_stated_error)
{
    Flat flat;
    REQUIRE(begin(6000));
    FlatParams params = flat_default();
    REQUIRE(flatten(&params, &flat));
    int pairs = 0, wrong = 0;
    double worst = 0.0;
    for (int p = 0; p < flat.piece_count; p++)
        for (int i = 0; i < flat.piece[p].dot_count; i++)
            for (int j = 0; j < i; j++) {
                const FlatDot *a = &flat.piece[p].dot[i], *b = &flat.piece[p].dot[j];
                double head = vec_distance(fixture.dots.dot[a->dot].position_mm,
                                           fixture.dots.dot[b->dot].position_mm);
                if (head > 5.0 || head < 0.5)
                    continue;
                double sheet = hypot(a->at_mm[0] - b->at_mm[0], a->at_mm[1] - b->at_mm[1]);
                double off = fabs(sheet / head - 1.0);
                wrong += off > flat.piece[p].worst_error + 0.004; /* the canvas's facets: 3.4 mm */
                worst = fmax(worst, off);
                pairs++;
            }
    CHECK(pairs > 10000 && wrong == 0);
    CHECK(worst > 0.3 * flat.worst_error); /* nor is the claim an idle one */
    fixture_close();
}

/* The same over longer ways, against geodesics. */
TEST(distances_from_the_middle_of_a_piece_are_those_along_the_skin)
{
    Flat flat;
    Err err = {0};
    REQUIRE(begin(500));
    FlatParams params = flat_default();
    REQUIRE(flatten(&params, &flat));
    double *along_mm = ARENA_NEW(&fixture.arena, double, (size_t)fixture.topology.vertex_count);
    for (int p = 0; along_mm != NULL && p < flat.piece_count; p++) {
        const FlatPiece *piece = &flat.piece[p];
        HeadPoint from = head_nearest(&fixture.head, piece->label_head_mm);
        REQUIRE(
            told(head_distance(&fixture.scratch, &fixture.head, 1, &from, along_mm, &err), &err));
        for (int v = 0; v < piece->vertex_count; v++) {
            HeadPoint at = head_nearest(&fixture.head, piece->head_mm[v]);
            double skin = head_interpolate(&fixture.head, at, along_mm);
            double sheet = hypot(piece->at_mm[v][0] - piece->label_mm[0],
                                 piece->at_mm[v][1] - piece->label_mm[1]);
            if (skin > 8.0 && skin < 16.0 &&
                !CHECK(fabs(sheet / skin - 1.0) < piece->worst_error + 0.01))
                break;
        }
    }
    fixture_close();
}

TEST(neighbours_have_the_same_seam_and_name_each_other)
{
    Flat flat;
    int seams = 0, middles = 0;
    REQUIRE(begin(300));
    FlatParams params = flat_default();
    REQUIRE(flatten(&params, &flat));
    for (int p = 0; p < flat.piece_count; p++)
        for (int s = 0; s < flat.piece[p].seam_count; s++) {
            const FlatSeam *seam = &flat.piece[p].seam[s];
            const FlatLoop *loop = &flat.piece[p].loop[seam->loop];
            Vec3 first = flat.piece[p].head_mm[loop->vertex[seam->first]];
            bool found = false;
            REQUIRE(seam->across >= 0 && seam->across < flat.piece_count && seam->across != p);
            const FlatPiece *other = &flat.piece[seam->across];
            for (int o = 0; o < other->seam_count; o++) { /* runs the other way */
                const FlatSeam *back = &other->seam[o];
                const FlatLoop *edge = &other->loop[back->loop];
                int last = edge->vertex[(back->first + back->edges) % edge->count];
                found |= back->across == p && back->edges == seam->edges &&
                         vec_distance(other->head_mm[last], first) < 1e-12 &&
                         fabs(back->length_mm - seam->length_mm) < 1e-9;
            }
            CHECK(found);
            seams++;
            middles += seam->middle;
        }
    CHECK(seams >= 4);
    CHECK(flat.piece_count % 2 == 1 || middles == 2);
    fixture_close();
}

TEST(a_seam_runs_between_its_ends_by_its_length_with_the_piece_on_its_left)
{
    Flat flat;
    REQUIRE(begin(300));
    FlatParams params = flat_default();
    REQUIRE(flatten(&params, &flat));
    for (int p = 0; p < flat.piece_count; p++)
        for (int s = 0; s < flat.piece[p].seam_count; s++) {
            const FlatPiece *piece = &flat.piece[p];
            const FlatSeam *seam = &piece->seam[s];
            const FlatLoop *loop = &piece->loop[seam->loop];
            double at[2], in[2], passed = 0.0;
            for (int i = 0; i <= seam->edges; i++) { /* at its vertices */
                int v = loop->vertex[(seam->first + i) % loop->count];
                int next = loop->vertex[(seam->first + i + 1) % loop->count];
                flat_seam_at(piece, seam, passed / seam->length_mm, at, in);
                passed += vec_distance(piece->head_mm[v], piece->head_mm[next]);
                if (!CHECK(hypot(at[0] - piece->at_mm[v][0], at[1] - piece->at_mm[v][1]) < 1e-6))
                    break;
            }
            flat_seam_at(piece, seam, 0.5, at, in);
            CHECK_NEAR(hypot(in[0], in[1]), 1.0, 1e-12);
            double winding = 0.0; /* a little inward is inside */
            for (int d = 0; d < 2; d++)
                at[d] += 0.2 * in[d];
            for (int e = 0; e < loop->count; e++) {
                const double *a = piece->at_mm[loop->vertex[e]];
                const double *b = piece->at_mm[loop->vertex[(e + 1) % loop->count]];
                winding +=
                    remainder(atan2(b[1] - at[1], b[0] - at[0]) - atan2(a[1] - at[1], a[0] - at[0]),
                              2.0 * pi);
            }
            CHECK(fabs(fabs(winding) - 2.0 * pi) < 1e-6);
        }
    fixture_close();
}

TEST(the_hairline_on_the_pieces_is_as_long_as_on_the_head)
{
    Flat flat;
    double length = 0.0;
    REQUIRE(begin(300));
    FlatParams params = flat_default();
    REQUIRE(flatten(&params, &flat));
    for (int p = 0; p < flat.piece_count; p++)
        for (int l = 0; l < flat.piece[p].line_count; l++) {
            const FlatLine *line = &flat.piece[p].line[l];
            for (int i = 1; i < line->count && line->kind == FLAT_HAIRLINE; i++)
                length += hypot(line->at_mm[i][0] - line->at_mm[i - 1][0],
                                line->at_mm[i][1] - line->at_mm[i - 1][1]);
        }
    double want = 0.0;
    for (int i = 1; i < fixture.layout.hairline_count; i++)
        want += vec_distance(fixture.layout.hairline_mm[i], fixture.layout.hairline_mm[i - 1]);
    CHECK_NEAR(length, want, flat.worst_error * want + 0.5 * flat.piece_count);
    fixture_close();
}

TEST(both_sides_of_a_head_alike_are_cut_alike)
{
    Flat flat;
    REQUIRE(begin(300));
    FlatParams params = flat_default();
    params.whole_scalp = true;
    REQUIRE(flatten(&params, &flat));
    for (int p = 0; p < flat.piece_count; p++) {
        bool twin = false;
        for (int q = 0; q < flat.piece_count; q++)
            twin |= fabs(flat.piece[q].area_mm2 - flat.piece[p].area_mm2) <
                        0.01 * flat.piece[p].area_mm2 &&
                    (q != p || fabs(flat.piece[p].label_head_mm.x) < 15.0);
        CHECK(twin);
    }
    fixture_close();
}

/* ---- odd cases ---- */

TEST(nothing_worked_gives_no_pieces)
{
    Flat flat;
    REQUIRE(begin(0));
    for (int v = 0; v < fixture.topology.vertex_count; v++)
        fixture.layout.zone[v] = v % 2 == 0 ? DESIGN_NONE : DESIGN_KEEP_OUT;
    fixture.dots.count = 0;
    FlatParams params = flat_default();
    REQUIRE(flatten(&params, &flat));
    CHECK(flat.piece_count == 0 && flat.area_mm2 <= 0.0);
    fixture_close();
}

TEST(a_tiny_zone_and_a_lone_dot_are_pieces_of_their_own)
{
    Flat flat;
    REQUIRE(begin(1));
    int left = -1;
    for (int v = 0; v < fixture.topology.vertex_count; v++) {
        fixture.layout.zone[v] = DESIGN_NONE;
        Vec3 way = fixture.topology.direction[v];
        if (left < 0 && way.x > 0.6 && way.y > 0.6)
            left = v;
    }
    fixture.layout.zone[left] = DESIGN_SCAR;
    HeadPoint at = head_locate(&fixture.head, vec3(-0.5, 1.0, -0.2));
    fixture.dots.dot[0].point = at;
    fixture.dots.dot[0].position_mm = head_position_mm(&fixture.head, at);
    fixture.dots.count = 1;
    fixture.layout.has_hairline = false;
    FlatParams params = flat_default();
    REQUIRE(flatten(&params, &flat));
    REQUIRE(flat.piece_count == 2);
    CHECK(flat.piece[0].dot_count == 1 && flat.piece[1].dot_count == 0); /* right before left */
    for (int p = 0; p < 2; p++)
        CHECK(flat.piece[p].area_mm2 > 20.0 && flat.piece[p].area_mm2 < 400.0 &&
              flat.piece[p].seam_count == 0);
    CHECK(flat.piece[1].line_count >= 1 && flat.piece[1].line[0].closed); /* around the scar */
    fixture_close();
}

TEST(a_keep_out_within_the_work_is_drawn_and_stays_in_the_paper)
{
    Flat flat;
    int lines = 0;
    REQUIRE(begin(300));
    for (int v = 0; v < fixture.topology.vertex_count; v++)
        if (vec_distance(fixture.head.position_mm[v], fixture.head.landmark_mm[HEAD_VERTEX]) < 12.0)
            fixture.layout.zone[v] = DESIGN_KEEP_OUT;
    FlatParams params = flat_default();
    REQUIRE(flatten(&params, &flat));
    for (int p = 0; p < flat.piece_count; p++) {
        CHECK(flat.piece[p].loop_count == 1);
        for (int l = 0; l < flat.piece[p].line_count; l++)
            lines += flat.piece[p].line[l].kind == FLAT_KEEP_OUT;
    }
    CHECK(lines >= 1);
    fixture_close();
}

TEST(a_ring_around_hair_that_stays_is_cut_with_its_hole)
{
    Flat flat;
    int loops = 0;
    REQUIRE(begin(0));
    Vec3 top = vec_normalize(vec3(0.0, 1.0, -0.1));
    for (int v = 0; v < fixture.topology.vertex_count; v++) {
        double angle = acos(fmin(vec_dot(fixture.topology.direction[v], top), 1.0));
        fixture.layout.zone[v] = angle > 0.35 && angle < 0.5 ? DESIGN_FRINGE : DESIGN_NONE;
    }
    fixture.dots.count = 0;
    FlatParams params = flat_default();
    params.error_most = 0.1;
    REQUIRE(flatten(&params, &flat));
    for (int p = 0; p < flat.piece_count; p++)
        loops += flat.piece[p].loop_count;
    CHECK(is_sound(&flat, &params) && loops >= flat.piece_count);
    fixture_close();
}

TEST(parameters_out_of_range_are_refused)
{
    Flat flat;
    Err err = {0};
    REQUIRE(begin(10));
    for (int i = 0; i < 8; i++) {
        FlatParams params = flat_default();
        double *value[] = {&params.page_mm[0], &params.page_mm[1], &params.error_most,
                           &params.margin_mm};
        *value[i / 2] = i % 2 == 0 ? -1.0 : (double)NAN;
        CHECK(!flat_make(&fixture.arena, &fixture.scratch, &fixture.plan, &params, &flat, &err) &&
              err.code == ERR_INPUT);
    }
    fixture_close();
}

TEST(a_surface_too_rough_to_lie_flat_is_said_to_be)
{
    Flat flat;
    Err err = {0};
    Rng rng = rng_make(3, 3);
    REQUIRE(begin(10));
    for (int v = 0; v < fixture.topology.vertex_count; v++)
        fixture.head.position_mm[v] = vec_madd(fixture.head.position_mm[v], 1.5 * rng_normal(&rng),
                                               fixture.topology.direction[v]);
    FlatParams params = flat_default();
    CHECK(!flat_make(&fixture.arena, &fixture.scratch, &fixture.plan, &params, &flat, &err) &&
          err.code == ERR_NUMERIC && strstr(err.text, "rough") != NULL);
    fixture_close();
}

TEST(the_same_case_gives_the_same_pieces_and_smaller_budgets_an_error)
{
    Flat flat[2];
    REQUIRE(begin(300));
    FlatParams params = flat_default();
    for (int i = 0; i < 2; i++)
        REQUIRE(flatten(&params, &flat[i]));
    for (int p = 0; p < flat[0].piece_count; p++)
        CHECK(flat[0].piece[p].vertex_count == flat[1].piece[p].vertex_count &&
              memcmp(flat[0].piece[p].at_mm, flat[1].piece[p].at_mm,
                     (size_t)flat[0].piece[p].vertex_count * sizeof flat[0].piece[p].at_mm[0]) ==
                  0);
    for (int which = 0; which < 2; which++)
        for (size_t room = 1000; room < (size_t)40 << 20; room = room * 5 / 2) {
            Err err = {0};
            Arena small[2];
            Flat again;
            for (int i = 0; i < 2; i++)
                REQUIRE(
                    told(arena_open(&small[i], i == which ? room : (size_t)256 << 20, &err), &err));
            bool ok = flat_make(&small[0], &small[1], &fixture.plan, &params, &again, &err);
            CHECK(ok || err.code == ERR_LIMIT);
            for (int i = 0; i < 2; i++)
                arena_close(&small[i]);
            if (ok)
                break;
        }
    fixture_close();
}

/* ---- pages ---- */

TEST(pieces_on_a_page_do_not_overlap_and_none_hangs_over_the_edge)
{
    Flat flat;
    Err err = {0};
    FlatSpot spot[64];
    static const double height[] = {240.0, 0.0};
    REQUIRE(begin(300));
    FlatParams params = flat_default();
    params.error_most = 0.01;
    REQUIRE(flatten(&params, &flat) && flat.piece_count <= 64);
    for (int i = 0; i < 2; i++) {
        double page[2] = {178.0, height[i]};
        REQUIRE(told(flat_arrange(&fixture.scratch, &flat, page, 5.0, spot, &err), &err));
        for (int p = 0; p < flat.piece_count; p++) {
            CHECK(spot[p].left_mm >= 0.0 && spot[p].top_mm >= 0.0);
            CHECK(spot[p].left_mm + flat.piece[p].width_mm <= page[0] + 1e-6);
            CHECK(i == 1 ? spot[p].page == 0
                         : spot[p].top_mm + flat.piece[p].height_mm <= page[1] + 1e-6);
            for (int q = 0; q < p; q++)
                CHECK(spot[p].page != spot[q].page ||
                      spot[p].left_mm >= spot[q].left_mm + flat.piece[q].width_mm + 4.99 ||
                      spot[q].left_mm >= spot[p].left_mm + flat.piece[p].width_mm + 4.99 ||
                      spot[p].top_mm >= spot[q].top_mm + flat.piece[q].height_mm + 4.99 ||
                      spot[q].top_mm >= spot[p].top_mm + flat.piece[p].height_mm + 4.99);
        }
    }
    fixture_close();
}
