/* The sequence and the choice from it; surfaces, fields and plans have test files of their own. */
#include "dots/dots_testing.h"

#include "base/test.h"

/* An ellipsoid of the size of a head, level 6; the scalp of these tests is a cap of 100 cm2. */
#define HIGHEST 1.5
#define CAP_Y   0.75

static Arena arena, scratch;
static HeadTopology topology;
static Head head;
static DotsSurface surface;
static double *cap; /* [vertex_count] the ceiling */
static double *field;

static bool setup(void)
{
    Err err = {0};
    if (surface.vertex_count > 0)
        return true;
    if (!testing_arenas(&arena, &scratch) ||
        !testing_head(&arena, HEAD_LEVEL, &topology, &head, &err)) {
        printf("# %s\n", err.text);
        return false;
    }
    surface = dots_surface(&head);
    cap = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    field = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    for (int v = 0; cap != NULL && v < surface.vertex_count; v++)
        cap[v] = topology.direction[v].y > CAP_Y ? HIGHEST : 0.0;
    return cap != NULL && field != NULL;
}

static DotsSequenceParams cap_params(void)
{
    return (DotsSequenceParams){
        .highest_per_mm2 = HIGHEST, .ceiling_per_mm2 = cap, .seed = 7, .threads = 2};
}

/* The sequence that most tests share. */
static bool cap_sequence(DotsSequence *sequence)
{
    static DotsSequence shared;
    Err err;
    DotsSequenceParams params = cap_params();
    if (shared.count == 0 &&
        !dots_sequence(&arena, &scratch, &surface, &params, NULL, &shared, &err)) {
        printf("# %s\n", err.text);
        shared.count = 0;
    }
    *sequence = shared;
    return sequence->count > 0;
}

static DotsParams three_sessions(void)
{
    return (DotsParams){.session_count = 3, .share = {0.45, 0.35, 0.20}, .seed = 7};
}

/* Inside the cap, so that what lies around is covered too. */
static bool is_inner(Vec3 p)
{
    return vec_normalize(vec_sub(p, head.centre_mm)).y > CAP_Y + 0.04;
}

static bool is_open(const double ceiling[], int triangle)
{
    const int *c = surface.triangle[triangle];
    return ceiling[c[0]] > 0.0 || ceiling[c[1]] > 0.0 || ceiling[c[2]] > 0.0;
}

static void set_target(double per_mm2)
{
    for (int v = 0; v < surface.vertex_count; v++)
        field[v] = cap[v] > 0.0 ? per_mm2 : 0.0;
}

static int8_t *choose(const DotsSequence *sequence, const DotsParams *params, const DotsCut *cut,
                      int *count)
{
    DotsWanted wanted = {.per_mm2 = field};
    int8_t *session = ARENA_NEW(&arena, int8_t, (size_t)sequence->count);
    Err err = {0};
    if (session != NULL &&
        dots_choose(&scratch, &surface, sequence, &wanted, params, cut, session, count, &err))
        return session;
    printf("# %s\n", err.text);
    return NULL;
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

/* ---- the sequence */

TEST(sites_lie_where_the_ceiling_allows_in_ascending_ranks)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    bool ascending = true, on_surface = true, allowed = true, kept_ceiling = true;
    for (int i = 0; i < sequence.count; i++) {
        HeadPoint p = sequence.point[i];
        ascending &= sequence.rank[i] >= 0.0 && sequence.rank[i] < 1.0 &&
                     (i == 0 || sequence.rank[i] >= sequence.rank[i - 1]);
        on_surface &= vec_distance(dots_position_mm(&surface, p), sequence.position_mm[i]) < 1e-9;
        allowed &= is_open(cap, p.triangle);
    }
    for (int v = 0; v < surface.vertex_count; v++)
        kept_ceiling &= !(cap[v] > 0.0) || fabs(sequence.ceiling_per_mm2[v] - cap[v]) < 1e-15;
    CHECK(ascending && on_surface && allowed && kept_ceiling);
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

/* By patches for about 200 sites: their number over what the ceiling asks for. Random: 0.07. */
TEST(every_prefix_has_the_same_density_everywhere)
{
    enum { PATCHES = 200 };
    static double asked[PATCHES], got[PATCHES];
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    double part[] = {0.2, 0.5, 0.95};
    for (int k = 0; k < 3; k++) {
        double side_mm = sqrt(200.0 / (part[k] * HIGHEST)), worst = 0.0;
        int across = (int)ceil(120.0 / side_mm);
        across = across < 14 ? across : 14;
        memset(asked, 0, sizeof asked);
        memset(got, 0, sizeof got);
        for (int t = 0; t < surface.triangle_count; t++)
            for (int n = 0; n < 36; n++) { /* 6 x 6 points of each triangle */
                double u = (n % 6 + 0.5) / 6.0, v = (n / 6 + 0.5) / 6.0;
                HeadPoint at = {.triangle = t,
                                .weight = {1.0 - sqrt(u), sqrt(u) * (1.0 - v), sqrt(u) * v}};
                Vec3 p = dots_position_mm(&surface, at);
                int x = (int)floor((p.x + 60.0) / side_mm), z = (int)floor((p.z + 65.0) / side_mm);
                if (is_inner(p) && x >= 0 && z >= 0 && x < across && z < across)
                    asked[z * across + x] +=
                        testing_triangle_mm2(&surface, t) / 36.0 * part[k] * HIGHEST;
            }
        for (int i = 0; i < sequence.count && sequence.rank[i] < part[k]; i++) {
            Vec3 p = sequence.position_mm[i];
            int x = (int)floor((p.x + 60.0) / side_mm), z = (int)floor((p.z + 65.0) / side_mm);
            if (is_inner(p) && x >= 0 && z >= 0 && x < across && z < across)
                got[z * across + x] += 1.0;
        }
        for (int n = 0; n < across * across; n++)
            if (asked[n] > 150.0) /* whole patches */
                worst = fmax(worst, fabs(got[n] / asked[n] - 1.0));
        printf("# prefix %.1f: worst patch %.3f\n", part[k], worst);
        CHECK(worst < 0.08);
        CHECK(worst > 0.0);
    }
}

/* Sites by ceiling, ten equal shares of what is asked for, of the whole and of a prefix. */
static void check_deciles(const DotsSequence *sequence, const double allowed[], double part)
{
    enum { CLASSES = 1000, PARTS = 64 };
    static double asked[CLASSES];
    static int got[CLASSES];
    const double *ceiling = sequence->ceiling_per_mm2; /* holds on where the allowed region ends */
    double total = 0.0, sum = 0.0, found = 0.0;
    memset(asked, 0, sizeof asked);
    memset(got, 0, sizeof got);
    for (int t = 0; t < surface.triangle_count; t++)
        for (int n = 0; is_open(allowed, t) && n < PARTS; n++) {
            int i = n / 8, j = n % 8;
            bool low = i + j < 8; /* the others are the triangles between them */
            double u = (low ? i + 1.0 / 3.0 : 8 - i - 1.0 / 3.0) / 8.0;
            double v = (low ? j + 1.0 / 3.0 : 8 - j - 1.0 / 3.0) / 8.0;
            double here = dots_interpolate(
                &surface, (HeadPoint){.triangle = t, .weight = {1.0 - u - v, u, v}}, ceiling);
            double dots = part * here * testing_triangle_mm2(&surface, t) / PARTS;
            asked[(int)(here / HIGHEST * (CLASSES - 1))] += dots;
            total += dots;
        }
    for (int i = 0; i < sequence->count && sequence->rank[i] < part; i++)
        got[(int)(dots_interpolate(&surface, sequence->point[i], ceiling) / HIGHEST *
                  (CLASSES - 1))]++;
    for (int k = 0; k < CLASSES; k++) {
        sum += asked[k];
        found += got[k];
        if (sum < 0.0999 * total && k + 1 < CLASSES)
            continue;
        printf("# part %.1f, up to %.0f per cm2: %.0f sites for %.1f\n", part,
               100.0 * HIGHEST * k / (CLASSES - 1.0), found, sum);
        CHECK(fabs(found - sum) <= 0.03 * sum + 6.0);
        sum = found = 0.0;
    }
}

TEST(a_ceiling_is_followed_within_three_per_cent_by_decile)
{
    DotsSequence sequence;
    Err err;
    REQUIRE(setup());
    double *ceiling = ARENA_NEW(&arena, double, (size_t)surface.vertex_count), low = 1.0;
    REQUIRE(ceiling != NULL);
    for (int v = 0; v < surface.vertex_count; v++) { /* 10 : 1 from front to back */
        double z = topology.direction[v].z;
        ceiling[v] = cap[v] > 0.0 ? HIGHEST * pow(10.0, (z - 0.7) / 1.4) : 0.0;
        low = ceiling[v] > 0.0 ? fmin(low, ceiling[v]) : low;
    }
    REQUIRE(low < 0.16 * HIGHEST);
    DotsSequenceParams params = cap_params();
    params.ceiling_per_mm2 = ceiling;
    REQUIRE(dots_sequence(&arena, &scratch, &surface, &params, NULL, &sequence, &err));
    check_deciles(&sequence, ceiling, 1.0);
    check_deciles(&sequence, ceiling, 0.4);
}

/* 60 hairs per cm2 in units of 1 to 3 on the left half of the cap. */
static int plant(int limit, DotsFixed fixed[])
{
    int count = 0;
    Rng rng = rng_make(99, 0);
    for (int v = 0; v < surface.vertex_count; v++) {
        if (!(cap[v] > 0.0) || topology.direction[v].x < 0.0 || rng_f64(&rng) > 0.8)
            continue;
        for (int hairs = 1 + rng_below(&rng, 3); hairs > 0 && count < limit; hairs--) {
            Vec3 off = vec3(rng_normal(&rng), rng_normal(&rng), rng_normal(&rng));
            HeadPoint p = head_nearest(&head, vec_madd(surface.position_mm[v], 0.12, off));
            fixed[count++] = (DotsFixed){.position_mm = head_position_mm(&head, p)};
        }
    }
    return count;
}

/* Share of the sites that have a follicle within a third of the spacing of both together. */
static double share_close(const DotsSequence *sequence, double part)
{
    int close = 0, among = 0;
    for (int i = 0; i < sequence->count && sequence->rank[i] < part; i++) {
        Vec3 p = sequence->position_mm[i];
        double least = 1e18;
        if (!is_inner(p) || p.x < 3.0)
            continue;
        for (int f = 0; f < sequence->fixed_count; f++) {
            Vec3 off = vec_sub(p, sequence->fixed[f].position_mm);
            least = fmin(least, vec_dot(off, off));
        }
        among++;
        close += sqrt(least) < DOTS_HEX / sqrt(part * HIGHEST + 0.6) / 3.0;
    }
    return (double)close / among;
}

TEST(follicles_are_members_of_every_prefix_and_keep_their_density)
{
    enum { LIMIT = 20000 };
    static DotsFixed fixed[LIMIT];
    REQUIRE(setup());
    DotsSequenceParams params = cap_params();
    params.fixed = fixed;
    params.fixed_count = plant(LIMIT, fixed);
    DotsSequence sequence;
    Err err;
    REQUIRE(dots_sequence(&arena, &scratch, &surface, &params, NULL, &sequence, &err));
    CHECK(sequence.fixed_count == params.fixed_count && sequence.fixed_count > 2000);
    double part[] = {0.27, 0.53, 0.8};
    for (int k = 0; k < 3; k++) {
        int left = 0, right = 0;
        double left_area = 0.0, right_area = 0.0, close = share_close(&sequence, part[k]);
        for (int i = 0; i < sequence.count && sequence.rank[i] < part[k]; i++) {
            Vec3 p = sequence.position_mm[i];
            if (is_inner(p) && fabs(p.x) > 3.0)
                *(p.x > 0.0 ? &left : &right) += 1;
        }
        for (int v = 0; v < surface.vertex_count; v++)
            if (is_inner(surface.position_mm[v]) && fabs(surface.position_mm[v].x) > 3.0)
                *(surface.position_mm[v].x > 0.0 ? &left_area : &right_area) += head.area_mm2[v];
        double wanted = part[k] * HIGHEST;
        printf("# part %g: %g among hair, %g beside; %.4f of the sites close to a hair\n", part[k],
               left / left_area / wanted, right / right_area / wanted, close);
        CHECK_NEAR(left / left_area / wanted, 1.0, 0.03);
        CHECK_NEAR(right / right_area / wanted, 1.0, 0.02);
        CHECK(close < 0.02); /* at random: 0.1 and more */
    }
}

TEST(the_density_of_fixed_points_is_told_within_a_tenth)
{
    enum { LIMIT = 20000 };
    static DotsFixed fixed[LIMIT];
    REQUIRE(setup());
    Err err;
    int count = 0;
    Rng rng = rng_make(3, 0);
    double *density = ARENA_NEW(&arena, double, (size_t)surface.vertex_count), worst = 0.0;
    double most = testing_largest_mm2(&surface), left = 0.0;
    REQUIRE(density != NULL);
    while (count < LIMIT) { /* random over the left half: 20,000 on 300 cm2 */
        HeadPoint at = testing_random_point(&surface, most, &rng);
        Vec3 p = dots_position_mm(&surface, at);
        if (p.x > 0.0)
            fixed[count++] = (DotsFixed){.position_mm = p};
    }
    for (int v = 0; v < surface.vertex_count; v++)
        left += surface.position_mm[v].x > 0.0 ? head.area_mm2[v] : 0.0;
    REQUIRE(dots_beside(&scratch, &surface, count, fixed, density, &err));
    double sum = 0.0, sides[2] = {0.0, 0.0}, area[2] = {0.0, 0.0};
    for (int v = 0; v < surface.vertex_count; v++) {
        double x = surface.position_mm[v].x;
        sum += density[v] * head.area_mm2[v];
        if (fabs(x) > 12.0) {
            sides[x > 0.0] += density[v] * head.area_mm2[v];
            area[x > 0.0] += head.area_mm2[v];
            worst = fmax(worst, x < 0.0 ? density[v] : 0.0);
        }
    }
    CHECK_NEAR(sum / LIMIT, 1.0, 0.01);
    CHECK_NEAR(sides[1] / area[1] / (LIMIT / left), 1.0, 0.1);
    CHECK(worst < 1e-6 && sides[0] < 1e-6);
    REQUIRE(dots_beside(&scratch, &surface, 0, NULL, density, &err));
    for (int v = 0; v < surface.vertex_count; v++)
        CHECK(fabs(density[v]) < 1e-300);
}

TEST(any_thread_count_gives_the_same_bytes_and_another_seed_others)
{
    static DotsFixed fixed[500];
    REQUIRE(setup());
    DotsSequenceParams params = cap_params();
    double *low = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    REQUIRE(low != NULL);
    for (int v = 0; v < surface.vertex_count; v++)
        low[v] = 0.39 * cap[v];
    params.highest_per_mm2 = 0.6;
    params.ceiling_per_mm2 = low;
    params.fixed_count = plant(500, fixed);
    params.fixed = fixed;
    params.threads = 1;
    DotsSequence one, other;
    Err err;
    REQUIRE(dots_sequence(&arena, &scratch, &surface, &params, NULL, &one, &err));
    int threads[] = {1, 2, 3, 8};
    for (int k = 0; k < 4; k++) {
        size_t mark = arena_mark(&arena);
        params.threads = threads[k];
        REQUIRE(dots_sequence(&arena, &scratch, &surface, &params, NULL, &other, &err));
        CHECK(testing_same_sequence(&one, &other));
        arena_rewind(&arena, mark);
    }
    params.seed++;
    REQUIRE(dots_sequence(&arena, &scratch, &surface, &params, NULL, &other, &err));
    int common = 0;
    for (int i = 0; i < one.count && i < other.count; i++)
        common += vec_distance(one.position_mm[i], other.position_mm[i]) < 1e-3;
    CHECK(common < 3);
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
    params.threads = 1;
    DotsSequence sequence;
    Err err;
    for (int pass = 0; pass < 2; pass++) {
        Watch w = {.stop_at = pass == 0 ? -1 : 4};
        Progress progress = {.report = watch, .ctx = &w, .cancel = &w.cancel, .from = 0, .to = 1};
        size_t mark = arena_mark(&scratch);
        bool done = dots_sequence(&arena, &scratch, &surface, &params, &progress, &sequence, &err);
        arena_rewind(&scratch, mark);
        CHECK(done == (pass == 0) && !w.falls);
        CHECK(pass == 0 ? fabs(w.last - 1.0) < 1e-12 && w.calls > 8 : err.code == ERR_CANCELLED);
    }
}

static bool refuses_sequence(DotsSequenceParams params, ErrCode code)
{
    DotsSequence sequence;
    Err err = {0};
    size_t mark = arena_mark(&scratch), kept = arena_mark(&arena);
    bool done = dots_sequence(&arena, &scratch, &surface, &params, NULL, &sequence, &err);
    arena_rewind(&scratch, mark);
    arena_rewind(&arena, kept);
    return !done && err.code == code && err.text[0] != 0;
}

TEST(absurd_sequences_are_refused)
{
    REQUIRE(setup());
    DotsSequenceParams good = cap_params(), bad;
    double highest[] = {0.0, -1.0, (double)NAN, (double)INFINITY, 10.1};
    for (int k = 0; k < 5; k++) {
        bad = good;
        bad.ceiling_per_mm2 = NULL;
        bad.highest_per_mm2 = highest[k];
        CHECK(refuses_sequence(bad, ERR_INPUT));
    }
    double ceiling[] = {-1e-9, (double)NAN, (double)INFINITY, HIGHEST * 1.01};
    for (int k = 0; k < 4; k++) {
        bad = good;
        bad.ceiling_per_mm2 = field;
        set_target(HIGHEST);
        field[9] = ceiling[k];
        CHECK(refuses_sequence(bad, ERR_INPUT));
    }
    int threads[] = {0, -1, 257};
    for (int k = 0; k < 3; k++) {
        bad = good;
        bad.threads = threads[k];
        CHECK(refuses_sequence(bad, ERR_INPUT));
    }
    bad = good;
    bad.fixed_count = -1;
    CHECK(refuses_sequence(bad, ERR_INPUT));
    bad.fixed_count = 1;
    bad.fixed = &(DotsFixed){.position_mm = {0.0, (double)NAN, 0.0}};
    CHECK(refuses_sequence(bad, ERR_INPUT));
    bad = good;
    bad.ceiling_per_mm2 = NULL;
    bad.highest_per_mm2 = 10.0; /* 640,000 sites */
    CHECK(refuses_sequence(bad, ERR_LIMIT));
}

/* ---- the choice */

/* What the header says, written out: rank * ceiling / wanted against the cumulative shares. */
TEST(a_site_is_chosen_by_one_comparison)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    for (int v = 0; v < surface.vertex_count; v++)
        field[v] = cap[v] * (0.5 + 0.45 * sin(0.1 * surface.position_mm[v].x));
    DotsParams params = three_sessions();
    DotsCut cut;
    for (int z = 0; z < DOTS_ZONES; z++)
        for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
            cut.limit[z][s] = 0.2 + 0.3 * s;
    for (int pass = 0; pass < 2; pass++) {
        const double plain[3] = {0.45, 0.8, 1.0}, own[3] = {0.2, 0.5, 0.8};
        const double *until = pass == 0 ? plain : own;
        int count = -1, right = 0, taken = 0;
        int8_t *session = choose(&sequence, &params, pass == 0 ? NULL : &cut, &count);
        REQUIRE(session != NULL);
        for (int i = 0; i < sequence.count; i++) {
            double wanted = dots_interpolate(&surface, sequence.point[i], field);
            double ceiling =
                dots_interpolate(&surface, sequence.point[i], sequence.ceiling_per_mm2);
            double claim = sequence.rank[i] * ceiling / wanted;
            int s = 0;
            while (s < 3 && !(claim < until[s]))
                s++;
            bool close = fabs(claim - until[s < 3 ? s : 2]) < 1e-12;
            right += close || session[i] == (s < 3 ? s : -1);
            taken += session[i] >= 0;
        }
        CHECK(right == sequence.count);
        CHECK(count == taken && count > 1000);
    }
}

TEST(chosen_sites_follow_the_shares_within_one_per_cent)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    DotsParams params[] = {three_sessions(),
                           {.session_count = 1, .share = {1.0}},
                           {.session_count = 2, .share = {0.5, 0.5}},
                           {.session_count = 3, .share = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0}},
                           {.session_count = 4, .share = {0.25, 0.25, 0.25, 0.25}}};
    set_target(1.2);
    double wanted = testing_integral(&surface, field);
    for (int k = 0; k < 5; k++) {
        int count, got[DOTS_MAX_SESSIONS] = {0};
        int8_t *session = choose(&sequence, &params[k], NULL, &count);
        REQUIRE(session != NULL);
        for (int i = 0; i < sequence.count; i++)
            if (session[i] >= 0)
                got[session[i]]++;
        CHECK_NEAR(count / wanted, 1.0, 0.01);
        for (int s = 0; s < params[k].session_count; s++)
            CHECK_NEAR(got[s] / wanted, params[k].share[s], 0.01);
    }
}

/* Every threshold on the same sites: what is denser contains what is thinner. */
TEST(a_denser_wish_keeps_the_sites_of_a_thinner_one)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    DotsParams one = {.session_count = 1, .share = {1.0}};
    int8_t *before = NULL;
    int less = 0;
    for (int step = 1; step <= 5; step++) {
        int count;
        set_target(0.3 * step);
        int8_t *now = choose(&sequence, &one, NULL, &count);
        REQUIRE(now != NULL && count > less);
        for (int i = 0; before != NULL && i < sequence.count; i++)
            CHECK(before[i] < 0 || now[i] >= 0);
        before = now;
        less = count;
    }
}

/* Sites of triangles of which no corner changed stay what they were, also across an edge. */
TEST(unedited_places_keep_exactly_their_sites_and_sessions)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    DotsParams params = three_sessions();
    int count;
    set_target(0.8);
    int8_t *before = choose(&sequence, &params, NULL, &count);
    double *old = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    REQUIRE(before != NULL && old != NULL);
    memcpy(old, field, (size_t)surface.vertex_count * sizeof(double));
    Vec3 middle = head_position_mm(&head, head_nearest(&head, vec3(10.0, 80.0, 20.0)));
    for (int v = 0; v < surface.vertex_count; v++)
        if (vec_distance(surface.position_mm[v], middle) < 10.0)
            field[v] = v % 2 == 0 ? 1.3 : 0.0;
    int8_t *after = choose(&sequence, &params, NULL, &count);
    REQUIRE(after != NULL);
    int changed = 0, stray = 0;
    for (int i = 0; i < sequence.count; i++) {
        const int *c = surface.triangle[sequence.point[i].triangle];
        bool edited = false;
        for (int k = 0; k < 3; k++)
            edited |= fabs(field[c[k]] - old[c[k]]) > 0.0;
        changed += before[i] != after[i];
        stray += before[i] != after[i] && !edited;
    }
    CHECK(changed > 100);
    CHECK(stray == 0);
}

/* A hairline that moves: dots come and go between its two places and nowhere else. */
TEST(a_moved_edge_changes_only_what_it_passes)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    DotsParams params = three_sessions();
    set_target(0.8);
    int8_t *session[2];
    for (int pass = 0; pass < 2; pass++) {
        Vec3 *fine = ARENA_NEW(&arena, Vec3, 65);
        session[pass] = ARENA_NEW(&arena, int8_t, (size_t)sequence.count);
        REQUIRE(fine != NULL && session[pass] != NULL);
        for (int i = 0; i <= 64; i++) /* to the subject's left: dots stand behind it */
            fine[i] = head_position_mm(
                &head, head_nearest(&head, vec3(2.5 * (i - 32), 85.0, 30.0 + 4.0 * pass)));
        DotsEdge edge = {.point_count = 65, .point_mm = fine};
        DotsWanted wanted = {.per_mm2 = field, .edge_count = 1, .edge = &edge};
        int count;
        Err err;
        REQUIRE(dots_choose(&scratch, &surface, &sequence, &wanted, &params, NULL, session[pass],
                            &count, &err));
        CHECK(count > 2000);
    }
    int come = 0, stray = 0;
    for (int i = 0; i < sequence.count; i++) {
        come += session[0][i] < 0 && session[1][i] >= 0;
        stray += session[0][i] >= 0 && session[1][i] != session[0][i];
        stray += session[0][i] != session[1][i] && sequence.position_mm[i].z < 15.0;
    }
    printf("# %d come\n", come);
    CHECK(stray == 0 && come > 150 && come < 600);
}

static bool refuses_choice(const DotsSequence *sequence, DotsParams params)
{
    DotsWanted wanted = {.per_mm2 = field};
    Err err = {0};
    int count;
    size_t mark = arena_mark(&scratch), kept = arena_mark(&arena);
    int8_t *session = ARENA_NEW(&arena, int8_t, (size_t)sequence->count);
    bool done = session == NULL || dots_choose(&scratch, &surface, sequence, &wanted, &params, NULL,
                                               session, &count, &err);
    arena_rewind(&scratch, mark);
    arena_rewind(&arena, kept);
    return !done && err.code == ERR_INPUT && err.text[0] != 0;
}

TEST(absurd_choices_are_refused)
{
    DotsSequence sequence;
    REQUIRE(setup() && cap_sequence(&sequence));
    DotsParams bad;
    double target[] = {(double)NAN, -0.1, (double)INFINITY, 1.01 * HIGHEST};
    int top = head_nearest(&head, vec3(0.0, 85.0, 0.0)).triangle;
    for (int k = 0; k < 4; k++) {
        set_target(0.5);
        field[surface.triangle[top][0]] = target[k];
        CHECK(refuses_choice(&sequence, three_sessions()));
    }
    set_target(0.5);
    int below = 0; /* far from the cap there are no sites: nothing may be wanted there */
    while (topology.direction[below].y > 0.0)
        below++;
    field[below] = 0.1;
    CHECK(refuses_choice(&sequence, three_sessions()));
    set_target(0.5);
    double share[] = {0.5, (double)NAN, -0.2, 1.5, 0.35001};
    for (int k = 0; k < 5; k++) {
        bad = three_sessions();
        bad.share[1] = share[k];
        CHECK(refuses_choice(&sequence, bad));
    }
    double spacing_mm[] = {3.1, -1.0, (double)NAN};
    for (int k = 0; k < 3; k++) {
        bad = three_sessions();
        bad.spacing_mm[DOTS_ZONES - 1] = spacing_mm[k];
        CHECK(refuses_choice(&sequence, bad));
    }
    double irregularity[] = {-0.01, 0.7, (double)NAN};
    for (int k = 0; k < 3; k++) {
        bad = three_sessions();
        bad.irregularity = irregularity[k];
        CHECK(refuses_choice(&sequence, bad));
    }
    double units[][3] = {{0.5, 0.4, 0.0}, {-0.5, 1.0, 0.5}, {(double)NAN, 0.5, 0.5}};
    for (int k = 0; k < 3; k++) {
        bad = three_sessions();
        memcpy(bad.unit_share, units[k], sizeof units[k]);
        CHECK(refuses_choice(&sequence, bad));
    }
    int sessions[] = {0, -1, DOTS_MAX_SESSIONS + 1};
    for (int k = 0; k < 3; k++) {
        bad = three_sessions();
        bad.session_count = sessions[k];
        CHECK(refuses_choice(&sequence, bad));
    }
}
