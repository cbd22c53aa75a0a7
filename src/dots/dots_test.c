#include "dots/dots_internal.h"

#include "base/rng.h"
#include "base/test.h"

#include <string.h>

/* An ellipsoid of the size of a head, level 6; the scalp of these tests is a cap of 100 cm2. */
#define HIGHEST 1.5
#define CAP_Y   0.75
#define PI      3.141592653589793

static Arena arena, scratch;
static HeadTopology topology;
static Head head;
static uint8_t *cap; /* [vertex_count] */
static double *field;

static bool new_head(int level, HeadTopology *top, Head *out, Err *err)
{
    if (!head_topology_new(&arena, level, top, err))
        return false;
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)top->vertex_count);
    for (int v = 0; v < top->vertex_count; v++) {
        Vec3 d = top->direction[v];
        Vec3 scaled = vec3(d.x / 78.0, d.y / 85.0, d.z / 98.0);
        radius_mm[v] = 1.0 / vec_length(scaled);
    }
    return head_new(&arena, top, radius_mm, out, err);
}

static bool setup(void)
{
    Err err;
    if (arena.base == NULL) {
        if (!arena_open(&arena, (size_t)1 << 30, &err) ||
            !arena_open(&scratch, (size_t)1 << 30, &err) ||
            !new_head(HEAD_LEVEL, &topology, &head, &err)) {
            printf("# %s\n", err.text);
            return false;
        }
        cap = ARENA_NEW(&arena, uint8_t, (size_t)topology.vertex_count);
        field = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
        for (int v = 0; v < topology.vertex_count; v++)
            cap[v] = topology.direction[v].y > CAP_Y;
    }
    return true;
}

static DotsSequenceParams cap_params(void)
{
    return (DotsSequenceParams){.highest_per_mm2 = HIGHEST, .where = cap, .seed = 7, .threads = 2};
}

/* The sequence that most tests share. */
static bool cap_sequence(DotsSequence *sequence)
{
    static DotsSequence shared;
    Err err;
    DotsSequenceParams params = cap_params();
    if (shared.count == 0 &&
        !dots_sequence(&arena, &scratch, &head, &params, NULL, &shared, &err)) {
        printf("# %s\n", err.text);
        shared.count = 0;
    }
    *sequence = shared;
    return sequence->count > 0;
}

static DotsParams three_sessions(double spacing_mm)
{
    return (DotsParams){.target_per_mm2 = field,
                        .session_count = 3,
                        .share = {0.45, 0.35, 0.20},
                        .spacing_mm = spacing_mm,
                        .seed = 7};
}

/* Inside the cap, so that what lies around is covered too. */
static bool is_inner(Vec3 p)
{
    return vec_normalize(vec_sub(p, head.centre_mm)).y > CAP_Y + 0.04;
}

static void set_target(double per_mm2)
{
    for (int v = 0; v < topology.vertex_count; v++)
        field[v] = cap[v] ? per_mm2 : 0.0;
}

typedef struct Spread {
    double alpha, least; /* mean and smallest nearest distance, hexagonal spacings */
} Spread;

static Spread spread_of(int count, const Vec3 p[], double per_mm2)
{
    size_t mark = arena_mark(&scratch);
    double unit = DOTS_HEX / sqrt(per_mm2), sum = 0.0, least = 1e9;
    DotsGrid grid;
    Err err;
    int inner = 0;
    if (!dots_grid_new(&scratch, count, p, unit, &grid, &err))
        return (Spread){0};
    for (int i = 0; i < count; i++) {
        double best = 3.0 * unit;
        int j;
        for (DotsWalk walk = dots_walk(&grid, p[i], best); dots_walk_next(&walk, &j);)
            if (j != i)
                best = fmin(best, vec_distance(p[i], p[j]));
        if (!is_inner(p[i]))
            continue;
        inner++;
        sum += best / unit;
        least = fmin(least, best / unit);
    }
    arena_rewind(&scratch, mark);
    return (Spread){sum / inner, least};
}

static double open_area_mm2(void)
{
    double area = 0.0;
    for (int t = 0; t < topology.triangle_count; t++) {
        const int *c = topology.triangle[t];
        Vec3 a = head.position_mm[c[0]];
        if (cap[c[0]] || cap[c[1]] || cap[c[2]])
            area += 0.5 * vec_length(vec_cross(vec_sub(head.position_mm[c[1]], a),
                                               vec_sub(head.position_mm[c[2]], a)));
    }
    return area;
}

TEST(sites_have_the_highest_density_and_ascending_ranks)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    CHECK_NEAR(sequence.count / (HIGHEST * open_area_mm2()), 1.0, 0.01);
    bool ascending = true, on_surface = true, allowed = true;
    for (int i = 0; i < sequence.count; i++) {
        HeadPoint p = sequence.point[i];
        const int *c = topology.triangle[p.triangle];
        ascending &= sequence.rank[i] >= 0.0 && sequence.rank[i] < 1.0 &&
                     (i == 0 || sequence.rank[i] >= sequence.rank[i - 1]);
        on_surface &= vec_distance(head_position_mm(&head, p), sequence.position_mm[i]) < 1e-9;
        allowed &= cap[c[0]] || cap[c[1]] || cap[c[2]];
    }
    CHECK(ascending && on_surface && allowed);
}

/* A random set has alpha 0.465 and least 0.0; elimination at any threshold 0.74 and above. */
TEST(every_prefix_is_well_spread)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    double part[] = {0.05, 0.1, 0.2, 1.0 / 3.0, 0.45, 0.5, 0.6, 2.0 / 3.0, 0.8, 0.9, 0.99};
    for (int k = 0; k < 11; k++) {
        int count = 0;
        while (count < sequence.count && sequence.rank[count] < part[k])
            count++;
        Spread spread = spread_of(count, sequence.position_mm, part[k] * HIGHEST);
        printf("# prefix %.2f: %d sites, alpha %.3f, least %.3f\n", part[k], count, spread.alpha,
               spread.least);
        CHECK(spread.alpha > 0.725);
        CHECK(spread.least > 0.42);
    }
}

/* Expected dots by decile of the target, from 64 points per triangle. */
static void expect_by_decile(const double limit[11], double expected[10])
{
    for (int t = 0; t < topology.triangle_count; t++) {
        const int *c = topology.triangle[t];
        Vec3 a = head.position_mm[c[0]];
        double area = 0.5 * vec_length(vec_cross(vec_sub(head.position_mm[c[1]], a),
                                                 vec_sub(head.position_mm[c[2]], a)));
        for (int i = 0; i < 8; i++)
            for (int j = 0; j < 8; j++) {
                bool low = i + j < 8; /* the others are the triangles between them */
                double u = (low ? i + 1.0 / 3.0 : 8 - i - 1.0 / 3.0) / 8.0;
                double v = (low ? j + 1.0 / 3.0 : 8 - j - 1.0 / 3.0) / 8.0;
                double target = head_interpolate(
                    &head, (HeadPoint){.triangle = t, .weight = {1.0 - u - v, u, v}}, field);
                for (int k = 0; k < 10; k++)
                    if (target > limit[k] && target <= limit[k + 1])
                        expected[k] += target * area / 64.0;
            }
    }
}

TEST(density_follows_a_gradient_within_three_per_cent_by_decile)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    for (int v = 0; v < topology.vertex_count; v++) /* 10 : 1 from front to back */
        field[v] = cap[v] ? 1.4 * pow(10.0, (topology.direction[v].z - 0.7) / 1.4) : 0.0;
    double limit[11], expected[10] = {0}, got[10] = {0};
    for (int k = 0; k <= 10; k++)
        limit[k] = 1.5 * pow(10.0, (k - 10) / 10.0);
    expect_by_decile(limit, expected);
    DotsParams params = three_sessions(0.0);
    Dots dots;
    Err err;
    REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &dots, &err));
    for (int i = 0; i < dots.count; i++)
        for (int k = 0; k < 10; k++)
            got[k] +=
                dots.dot[i].target_per_mm2 > limit[k] && dots.dot[i].target_per_mm2 <= limit[k + 1];
    for (int k = 0; k < 10; k++) {
        printf("# up to %.0f per cm2: %.0f dots for %.1f\n", limit[k + 1] * 100.0, got[k],
               expected[k]);
        CHECK(fabs(got[k] - expected[k]) <= 0.03 * expected[k] + 8.0);
    }
    set_target(0.0);
}

TEST(sessions_take_their_shares_and_each_is_well_spread)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    set_target(1.2);
    DotsParams params = three_sessions(0.0);
    Dots dots;
    Err err;
    REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &dots, &err));
    CHECK(dots.session_count == 3 && dots.dropped == 0);
    Vec3 *p = ARENA_NEW(&arena, Vec3, (size_t)dots.count);
    double until = 0.0;
    int count = 0;
    for (int s = 0; s < 3; s++) {
        int from = count;
        until += params.share[s];
        for (int i = 0; i < dots.count; i++)
            if (dots.dot[i].session == s)
                p[count++] = dots.dot[i].position_mm;
        CHECK(count - from == dots.in_session[s]);
        CHECK_NEAR((double)count / dots.count, until, 0.01 * until);
        CHECK_NEAR((double)dots.in_session[s] / dots.count, params.share[s], 0.01);
        Spread spread = spread_of(count, p, until * 1.2);
        CHECK(spread.alpha > 0.725 && spread.least > 0.42);
    }
    CHECK(count == dots.count);
}

static double brute_nearest_mm(const Dots *dots)
{
    double best = 1e9;
    for (int i = 0; i < dots->count; i++)
        for (int j = 0; j < i; j++) {
            Vec3 d = vec_sub(dots->dot[i].position_mm, dots->dot[j].position_mm);
            if (vec_dot(d, d) < best * best)
                best = vec_length(d);
        }
    return best;
}

TEST(no_two_dots_are_closer_than_the_spacing)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    set_target(0.8); /* 80 per cm2: hexagonal spacing 1.2 mm */
    double spacing_mm[] = {0.0, 0.6, 0.8, 0.95, 1.6};
    double dropped[] = {0.0, 0.0, 0.0, 0.01, 0.7};
    for (int k = 0; k < 5; k++) {
        DotsParams params = three_sessions(spacing_mm[k]);
        Dots dots, wanted;
        Err err;
        params.spacing_mm = 0.0;
        REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &wanted, &err));
        params.spacing_mm = spacing_mm[k];
        REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &dots, &err));
        printf("# spacing %.2f mm: %d of %d dropped, nearest %.4f mm\n", spacing_mm[k],
               dots.dropped, wanted.count, dots.nearest_mm);
        CHECK(dots.count + dots.dropped == wanted.count);
        CHECK(dots.dropped <= dropped[k] * wanted.count);
        CHECK(dots.nearest_mm >= spacing_mm[k]);
        CHECK_NEAR(dots.nearest_mm, brute_nearest_mm(&dots), 1e-12);
        double far = 0.0;
        for (int i = 0; i < dots.count; i++) {
            const Dot *dot = &dots.dot[i];
            far = fmax(far, vec_distance(dot->position_mm, sequence.position_mm[dot->site]));
            CHECK(dot->target_per_mm2 > 0.0 &&
                  vec_distance(head_position_mm(&head, dot->point), dot->position_mm) < 1e-9);
        }
        CHECK(far <= (spacing_mm[k] > 0.0 ? 0.31 * fmax(spacing_mm[k], 1.2) : 0.0));
    }
}

/* 60 hairs per cm2 in units of 1 to 3 on the left half of the cap. */
static int plant(int limit, Vec3 fixed_mm[])
{
    int count = 0;
    Rng rng = rng_make(99, 0);
    for (int v = 0; v < topology.vertex_count; v++) {
        if (!cap[v] || topology.direction[v].x < 0.0 || rng_f64(&rng) > 0.8)
            continue;
        for (int hairs = 1 + rng_below(&rng, 3); hairs > 0 && count < limit; hairs--) {
            Vec3 off = vec3(rng_normal(&rng), rng_normal(&rng), rng_normal(&rng));
            HeadPoint p = head_nearest(&head, vec_madd(head.position_mm[v], 0.12, off));
            fixed_mm[count++] = head_position_mm(&head, p);
        }
    }
    return count;
}

TEST(dots_keep_clear_of_follicles_and_keep_their_density_among_them)
{
    enum { LIMIT = 20000 };
    static Vec3 fixed_mm[LIMIT];
    REQUIRE(setup());
    DotsSequenceParams sequence_params = cap_params();
    sequence_params.fixed_mm = fixed_mm;
    sequence_params.fixed_count = plant(LIMIT, fixed_mm);
    DotsSequence sequence;
    Err err;
    REQUIRE(dots_sequence(&arena, &scratch, &head, &sequence_params, NULL, &sequence, &err));
    CHECK(sequence.fixed_count == sequence_params.fixed_count && sequence.fixed_count > 2000);
    for (int pass = 0; pass < 3; pass++) {
        double density = pass == 0 ? 0.4 : pass == 1 ? 0.8 : 1.2, left_area = 0.0, right_area = 0.0;
        double spacing_mm = pass == 0 ? 0.0 : 0.6;
        set_target(density);
        DotsParams params = three_sessions(spacing_mm);
        Dots dots;
        REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &dots, &err));
        int left = 0, right = 0, close = 0;
        double least = 1e9;
        for (int i = 0; i < dots.count; i++) {
            Vec3 p = dots.dot[i].position_mm;
            double best = 1e9;
            for (int f = 0; f < sequence.fixed_count; f++) {
                Vec3 d = vec_sub(p, fixed_mm[f]);
                best = fmin(best, vec_dot(d, d));
            }
            best = sqrt(best);
            least = fmin(least, best);
            close += best < 0.45;
            if (is_inner(p) && fabs(p.x) > 3.0)
                *(p.x > 0.0 ? &left : &right) += 1;
        }
        for (int v = 0; v < topology.vertex_count; v++)
            if (is_inner(head.position_mm[v]) && fabs(head.position_mm[v].x) > 3.0)
                *(head.position_mm[v].x > 0.0 ? &left_area : &right_area) += head.area_mm2[v];
        printf("# %g per mm2, spacing %g mm: %g among hair, %g beside, hair at %.3f mm, %d within "
               "0.45 mm, %d dropped\n",
               density, spacing_mm, left / left_area, right / right_area, least, close,
               dots.dropped);
        CHECK(least >= spacing_mm);
        CHECK_NEAR(right / right_area / density, 1.0, 0.02);
        CHECK_NEAR((left + (pass == 0 ? 0 : dots.dropped)) / left_area / density, 1.0, 0.03);
        CHECK(pass > 0 || close < dots.count / 100);
    }
}

static bool same_sequence(const DotsSequence *a, const DotsSequence *b)
{
    bool same = a->count == b->count;
    for (int i = 0; same && i < a->count; i++)
        same = a->point[i].triangle == b->point[i].triangle &&
               memcmp(a->point[i].weight, b->point[i].weight, sizeof a->point[i].weight) == 0;
    size_t count = (size_t)a->count;
    return same && memcmp(a->rank, b->rank, count * sizeof(double)) == 0 &&
           memcmp(a->position_mm, b->position_mm, count * sizeof(Vec3)) == 0;
}

TEST(any_thread_count_gives_the_same_bytes_and_another_seed_others)
{
    static Vec3 fixed_mm[500];
    REQUIRE(setup());
    DotsSequenceParams params = cap_params();
    params.highest_per_mm2 = 0.6;
    params.fixed_count = plant(500, fixed_mm);
    params.fixed_mm = fixed_mm;
    params.threads = 1;
    DotsSequence one, other;
    Err err;
    REQUIRE(dots_sequence(&arena, &scratch, &head, &params, NULL, &one, &err));
    for (int threads = 2; threads <= 8; threads++) {
        size_t mark = arena_mark(&arena);
        params.threads = threads;
        REQUIRE(dots_sequence(&arena, &scratch, &head, &params, NULL, &other, &err));
        CHECK(same_sequence(&one, &other));
        arena_rewind(&arena, mark);
    }
    params.seed++;
    REQUIRE(dots_sequence(&arena, &scratch, &head, &params, NULL, &other, &err));
    int common = 0;
    for (int i = 0; i < one.count && i < other.count; i++)
        common += vec_distance(one.position_mm[i], other.position_mm[i]) < 1e-3;
    CHECK(common < 3);
}

static bool same_dot(const Dot *a, const Dot *b)
{
    return a->session == b->session && a->point.triangle == b->point.triangle &&
           memcmp(&a->point.weight, &b->point.weight, sizeof a->point.weight) == 0 &&
           memcmp(&a->position_mm, &b->position_mm, sizeof(Vec3)) == 0 &&
           memcmp(&a->normal, &b->normal, sizeof(Vec3)) == 0 &&
           memcmp(&a->jitter, &b->jitter, sizeof(double)) == 0;
}

/* Raises the target around one place and compares dot by dot; returns how far off a dot changed. */
static double reach_of_edit_mm(const DotsSequence *sequence, double spacing_mm, int *changed)
{
    Vec3 middle = vec3(10.0, 80.0, 20.0);
    HeadPoint place = head_nearest(&head, middle);
    middle = head_position_mm(&head, place);
    Dots dots[2];
    Err err;
    double edge = 0.0, far = 0.0;
    for (int pass = 0; pass < 2; pass++) {
        set_target(0.8);
        for (int v = 0; pass == 1 && v < topology.vertex_count; v++)
            if (vec_distance(head.position_mm[v], middle) < 10.0) {
                field[v] = v % 2 == 0 ? 1.3 : 0.0;
                for (int k = topology.neighbor_start[v]; k < topology.neighbor_start[v + 1]; k++)
                    edge = fmax(edge, vec_distance(head.position_mm[topology.neighbor[k]], middle));
            }
        DotsParams params = three_sessions(spacing_mm);
        if (!dots_choose(&arena, &scratch, &head, sequence, &params, &dots[pass], &err))
            return 1e9;
    }
    const Dot **by_site = arena_alloc(&arena, (size_t)sequence->count, 2 * sizeof(Dot *));
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < dots[pass].count; i++)
            by_site[2 * dots[pass].dot[i].site + pass] = &dots[pass].dot[i];
    for (int i = 0; i < sequence->count; i++) {
        const Dot *a = by_site[2 * i], *b = by_site[2 * i + 1];
        if (a == b || (a != NULL && b != NULL && same_dot(a, b)))
            continue;
        ++*changed;
        far = fmax(far, vec_distance(sequence->position_mm[i], middle) - edge);
    }
    return far;
}

TEST(an_edit_changes_no_dot_beyond_a_few_millimetres)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    double spacing_mm[] = {0.0, 0.6, 0.8, 1.0};
    for (int k = 0; k < 4; k++) {
        int changed = 0;
        double far = reach_of_edit_mm(&sequence, spacing_mm[k], &changed);
        printf("# spacing %.1f mm: %d dots changed, up to %.2f mm beyond the edit\n", spacing_mm[k],
               changed, far);
        CHECK(changed > 100);
        CHECK(far <= (spacing_mm[k] > 0.0 ? 8.0 : 0.0));
    }
}

/* Session by session, at the closest distances that sample elimination reaches (field/sampling 6).
 */
TEST(dots_move_apart_in_every_session_together)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    set_target(1.4);
    DotsParams params = three_sessions(0.5);
    Dots dots;
    Err err;
    REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &dots, &err));
    Vec3 *p = ARENA_NEW(&arena, Vec3, (size_t)dots.count);
    double until = 0.0;
    for (int s = 0, count = 0; s < 3; s++) {
        until += params.share[s];
        for (int i = 0; i < dots.count; i++)
            if (dots.dot[i].session == s)
                p[count++] = dots.dot[i].position_mm;
        Spread spread = spread_of(count, p, until * 1.4);
        printf("# until session %d: alpha %.3f, least %.3f\n", s + 1, spread.alpha, spread.least);
        CHECK(spread.alpha > 0.765);
        CHECK(spread.least > 0.58);
    }
}

TEST(work_goes_by_session_and_along_short_ways)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    set_target(1.0);
    DotsParams params = three_sessions(0.6);
    Dots dots;
    Err err;
    REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &dots, &err));
    double way_mm = 0.0, jumps = 0.0;
    for (int i = 1; i < dots.count; i++) {
        CHECK(dots.dot[i].session >= dots.dot[i - 1].session);
        double step = vec_distance(dots.dot[i].position_mm, dots.dot[i - 1].position_mm);
        way_mm += step;
        jumps += step > 25.0;
    }
    printf("# %.2f mm from dot to dot, %g jumps over 25 mm\n", way_mm / dots.count, jumps);
    CHECK(way_mm / dots.count < 2.5);
    CHECK(jumps < 12.0);
}

TEST(jitter_is_standard_normal_and_belongs_to_the_site)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    set_target(1.3);
    DotsParams params = three_sessions(0.0);
    Dots dots, sparse;
    Err err;
    REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &dots, &err));
    double sum = 0.0, square = 0.0;
    double *of_site = ARENA_NEW(&arena, double, (size_t)sequence.count);
    for (int i = 0; i < dots.count; i++) {
        sum += dots.dot[i].jitter;
        square += dots.dot[i].jitter * dots.dot[i].jitter;
        of_site[dots.dot[i].site] = dots.dot[i].jitter;
    }
    CHECK_NEAR(sum / dots.count, 0.0, 4.0 / sqrt(dots.count));
    CHECK_NEAR(square / dots.count, 1.0, 4.0 * sqrt(2.0 / dots.count));
    set_target(0.3);
    REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &sparse, &err));
    bool same = sparse.count > 0;
    for (int i = 0; i < sparse.count; i++)
        same &= memcmp(&of_site[sparse.dot[i].site], &sparse.dot[i].jitter, sizeof(double)) == 0;
    CHECK(same);
}

TEST(nothing_wanted_gives_no_dots)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    set_target(0.0);
    DotsParams params = three_sessions(0.6);
    Dots dots;
    Err err;
    REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &params, &dots, &err));
    CHECK(dots.count == 0 && dots.dropped == 0 && dots.in_session[0] == 0);
    uint8_t *nowhere = ARENA_NEW(&arena, uint8_t, (size_t)topology.vertex_count);
    DotsSequenceParams none = cap_params();
    none.where = nowhere;
    DotsSequence empty;
    REQUIRE(dots_sequence(&arena, &scratch, &head, &none, NULL, &empty, &err));
    CHECK(empty.count == 0);
    REQUIRE(dots_choose(&arena, &scratch, &head, &empty, &params, &dots, &err));
    CHECK(dots.count == 0);
}

static bool refuses_sequence(DotsSequenceParams params, ErrCode code)
{
    DotsSequence sequence;
    Err err = {0};
    size_t mark = arena_mark(&scratch);
    bool done = dots_sequence(&arena, &scratch, &head, &params, NULL, &sequence, &err);
    arena_rewind(&scratch, mark);
    return !done && err.code == code && err.text[0] != 0;
}

TEST(absurd_sequences_are_refused)
{
    REQUIRE(setup());
    DotsSequenceParams good = cap_params(), bad;
    double highest[] = {0.0, -1.0, (double)NAN, (double)INFINITY, 11.0};
    for (int k = 0; k < 5; k++) {
        bad = good;
        bad.highest_per_mm2 = highest[k];
        CHECK(refuses_sequence(bad, ERR_INPUT));
    }
    bad = good;
    bad.threads = 0;
    CHECK(refuses_sequence(bad, ERR_INPUT));
    bad = good;
    bad.fixed_count = -1;
    CHECK(refuses_sequence(bad, ERR_INPUT));
    bad.fixed_count = 1;
    bad.fixed_mm = &(Vec3){0.0, (double)NAN, 0.0};
    CHECK(refuses_sequence(bad, ERR_INPUT));
    bad = good;
    bad.where = NULL;
    bad.highest_per_mm2 = 10.0;
    CHECK(refuses_sequence(bad, ERR_LIMIT));
}

static bool refuses_choice(const DotsSequence *sequence, DotsParams params)
{
    Dots dots;
    Err err = {0};
    size_t mark = arena_mark(&scratch);
    bool done = dots_choose(&arena, &scratch, &head, sequence, &params, &dots, &err);
    arena_rewind(&scratch, mark);
    return !done && err.code == ERR_INPUT && err.text[0] != 0;
}

TEST(absurd_choices_are_refused)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    set_target(0.5);
    DotsParams bad;
    double target[] = {(double)NAN, -0.1, (double)INFINITY, 2.0 * HIGHEST};
    for (int k = 0; k < 4; k++) {
        field[5] = target[k];
        CHECK(refuses_choice(&sequence, three_sessions(0.6)));
    }
    set_target(0.5);
    double share[] = {0.5, (double)NAN, -0.2, 1.5};
    for (int k = 0; k < 4; k++) {
        bad = three_sessions(0.6);
        bad.share[1] = share[k];
        CHECK(refuses_choice(&sequence, bad));
    }
    double spacing_mm[] = {3.1, -1.0, (double)NAN};
    for (int k = 0; k < 3; k++)
        CHECK(refuses_choice(&sequence, three_sessions(spacing_mm[k])));
    bad = three_sessions(0.6);
    bad.session_count = 0;
    CHECK(refuses_choice(&sequence, bad));
    bad.session_count = 5;
    CHECK(refuses_choice(&sequence, bad));
}

/* All follicles on one spot and next to the surface's far side: slow is allowed, wrong is not. */
TEST(follicles_on_one_spot_do_no_harm)
{
    enum { COUNT = 20000 };
    static Vec3 fixed_mm[COUNT];
    REQUIRE(setup());
    HeadPoint spot = head_nearest(&head, vec3(0.0, 85.0, 10.0));
    for (int i = 0; i < COUNT; i++)
        fixed_mm[i] = head_position_mm(&head, spot);
    DotsSequenceParams params = cap_params();
    params.highest_per_mm2 = 0.5;
    params.fixed_count = COUNT;
    params.fixed_mm = fixed_mm;
    DotsSequence sequence;
    Dots dots;
    Err err;
    REQUIRE(dots_sequence(&arena, &scratch, &head, &params, NULL, &sequence, &err));
    set_target(0.4);
    DotsParams choice = three_sessions(0.6);
    REQUIRE(dots_choose(&arena, &scratch, &head, &sequence, &choice, &dots, &err));
    for (int i = 0; i < dots.count; i++)
        CHECK(vec_distance(dots.dot[i].position_mm, fixed_mm[0]) >= 0.6);
}

TEST(every_smaller_budget_gives_limit_or_works)
{
    REQUIRE(setup());
    HeadTopology small_topology;
    Head small;
    Err err;
    REQUIRE(new_head(3, &small_topology, &small, &err));
    double *target = ARENA_NEW(&arena, double, (size_t)small_topology.vertex_count);
    for (int v = 0; v < small_topology.vertex_count; v++)
        target[v] = 0.01;
    Vec3 fixed_mm = small.position_mm[0];
    DotsSequenceParams params = {
        .highest_per_mm2 = 0.02, .fixed_count = 1, .fixed_mm = &fixed_mm, .seed = 1, .threads = 1};
    DotsParams choice = {
        .target_per_mm2 = target, .session_count = 1, .share = {1.0}, .spacing_mm = 3.0};
    Arena out = arena, work = scratch;
    DotsSequence sequence;
    Dots dots;
    for (int which = 0; which < 2; which++) {
        bool done = false;
        for (size_t budget = 0; !done && budget < (size_t)16 << 20; budget += 1792) {
            arena_rewind(&out, arena.used);
            arena_rewind(&work, scratch.used);
            Arena *limited = which == 0 ? &out : &work;
            size_t limit = limited->limit;
            limited->limit = limited->used + budget;
            done = dots_sequence(&out, &work, &small, &params, NULL, &sequence, &err);
            if (done) { /* a sequence that fits, then the choice with ever more */
                limited->limit = limit;
                break;
            }
            limited->limit = limit;
            CHECK(err.code == ERR_LIMIT);
        }
        CHECK(done);
        Arena kept = out;
        done = false;
        for (size_t budget = 0; !done && budget < (size_t)16 << 20; budget += 832) {
            arena_rewind(&out, kept.used);
            arena_rewind(&work, scratch.used);
            Arena *limited = which == 0 ? &out : &work;
            size_t limit = limited->limit;
            limited->limit = limited->used + budget;
            done = dots_choose(&out, &work, &small, &sequence, &choice, &dots, &err);
            limited->limit = limit;
            CHECK(done || err.code == ERR_LIMIT);
        }
        CHECK(done && dots.count > 0);
    }
}

typedef struct Watch {
    double last;
    int calls, stop_at;
    bool falls;
    atomic_bool cancel;
} Watch;

static void watch(void *ctx, const char *what, double fraction)
{
    Watch *w = ctx;
    (void)what;
    w->falls |= fraction < w->last - 1e-12;
    w->last = fraction;
    if (++w->calls == w->stop_at)
        atomic_store(&w->cancel, true);
}

TEST(progress_rises_to_one_and_work_can_be_stopped)
{
    REQUIRE(setup());
    DotsSequenceParams params = cap_params();
    DotsSequence sequence;
    Err err;
    for (int pass = 0; pass < 2; pass++) {
        Watch w = {.stop_at = pass == 0 ? -1 : 4};
        Progress progress = {.report = watch, .ctx = &w, .cancel = &w.cancel, .from = 0, .to = 1};
        size_t mark = arena_mark(&scratch);
        bool done = dots_sequence(&arena, &scratch, &head, &params, &progress, &sequence, &err);
        arena_rewind(&scratch, mark);
        CHECK(done == (pass == 0) && !w.falls);
        CHECK(pass == 0 ? fabs(w.last - 1.0) < 1e-12 && w.calls > 8 : err.code == ERR_CANCELLED);
    }
}
