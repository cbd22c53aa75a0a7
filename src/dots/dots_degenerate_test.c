/* Designs at the end of what makes sense: the right result or a clear refusal, never a hang. And
 * what happens without memory, or when somebody says stop. */
#include "dots/dots_testing.h"

#include "base/test.h"

#include <stdlib.h>

static Arena arena, scratch;

typedef struct Skin {
    DotsSurface surface;
    double *per_mm2, *ceiling; /* [vertex_count] */
    uint8_t *zone;
} Skin;

static bool make_skin(double side_x, double side_y, int cells, double wanted, Skin *skin)
{
    Err err = {0};
    *skin = (Skin){0};
    if (!testing_arenas(&arena, &scratch) ||
        !dots_surface_plane(&arena, side_x, side_y, cells, cells, &skin->surface, &err)) {
        printf("# %s\n", err.text);
        return false;
    }
    size_t vertices = (size_t)skin->surface.vertex_count;
    skin->per_mm2 = ARENA_NEW(&arena, double, vertices);
    skin->ceiling = ARENA_NEW(&arena, double, vertices);
    skin->zone = ARENA_NEW(&arena, uint8_t, vertices);
    for (size_t v = 0; skin->per_mm2 != NULL && v < vertices; v++)
        skin->per_mm2[v] = wanted;
    return skin->per_mm2 != NULL && skin->ceiling != NULL && skin->zone != NULL;
}

static bool spread(const Skin *skin, double highest, int fixed_count, const DotsFixed fixed[],
                   DotsSequence *sequence)
{
    DotsSequenceParams making = {.highest_per_mm2 = highest,
                                 .fixed_count = fixed_count,
                                 .fixed = fixed,
                                 .seed = 3,
                                 .threads = 1};
    Err err = {0};
    bool ok = dots_sequence(&arena, &scratch, &skin->surface, &making, NULL, sequence, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static bool plan(const Skin *skin, const DotsSequence *sequence, const DotsParams *params,
                 int edge_count, const DotsEdge edge[], Dots *dots)
{
    DotsWanted wanted = {
        .per_mm2 = skin->per_mm2, .zone = skin->zone, .edge_count = edge_count, .edge = edge};
    Err err = {0};
    bool ok =
        dots_plan(&arena, &scratch, &skin->surface, sequence, &wanted, params, NULL, dots, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static DotsParams three(void)
{
    return (DotsParams){.session_count = 3, .share = {0.45, 0.35, 0.20}, .seed = 4};
}

/* Sums agree, everything is finite and on the surface. */
static bool is_sound(const Skin *skin, const Dots *dots)
{
    int sessions = 0, zones = 0;
    bool sound = dots->dropped >= 0 && dots->short_of >= 0;
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++) {
        sessions += dots->in_session[s];
        for (int z = 0; z < DOTS_ZONES; z++)
            zones += dots->in_zone[z][s];
    }
    for (int i = 0; i < dots->count; i++) {
        const Dot *dot = &dots->dot[i];
        sound &=
            vec_is_finite(dot->position_mm) && isfinite(dot->size) && isfinite(dot->shade) &&
            dot->target_per_mm2 > 0.0 && dot->session >= 0 && dot->session < dots->session_count &&
            dot->point.triangle < skin->surface.triangle_count &&
            vec_distance(dots_position_mm(&skin->surface, dot->point), dot->position_mm) < 1e-9;
    }
    return sound && sessions == dots->count && zones == dots->count;
}

TEST(nothing_wanted_gives_no_dots)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    REQUIRE(make_skin(20.0, 20.0, 16, 0.0, &skin) && spread(&skin, 1.0, 0, NULL, &sequence));
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    CHECK(dots.count == 0 && dots.dropped == 0 && dots.short_of == 0 && is_sound(&skin, &dots));
    CHECK(fabs(dots.nearest_mm) < 1e-300);
}

TEST(no_site_anywhere_is_a_sequence_too)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    Err err;
    REQUIRE(make_skin(20.0, 20.0, 16, 0.0, &skin));
    DotsSequenceParams making = {
        .highest_per_mm2 = 1.0, .ceiling_per_mm2 = skin.ceiling, .seed = 3, .threads = 1};
    REQUIRE(dots_sequence(&arena, &scratch, &skin.surface, &making, NULL, &sequence, &err));
    CHECK(sequence.count == 0);
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    CHECK(dots.count == 0 && is_sound(&skin, &dots));
    int8_t none = 0;
    int count = -1;
    DotsWanted wanted = {.per_mm2 = skin.per_mm2};
    REQUIRE(dots_choose(&scratch, &skin.surface, &sequence, &wanted, &params, NULL, &none, &count,
                        &err));
    CHECK(count == 0);
}

/* 1, 2, 3 ... dots in three sessions, with and without spacing and irregularity. */
TEST(a_handful_of_dots_is_placed_exactly)
{
    for (int number = 1; number <= 12; number++)
        for (int pass = 0; pass < 2; pass++) {
            Skin skin;
            DotsSequence sequence;
            Dots dots;
            DotsParams params = three();
            params.spacing_mm[0] = pass == 0 ? 0.0 : 0.7;
            params.irregularity = pass == 0 ? 0.0 : 0.3;
            REQUIRE(make_skin(10.0, 10.0, 8, number / 100.0, &skin));
            REQUIRE(spread(&skin, 1.0, 0, NULL, &sequence));
            REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
            CHECK(dots.count == number && dots.dropped == 0 && is_sound(&skin, &dots));
        }
}

TEST(an_empty_zone_takes_nothing_from_the_others)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    REQUIRE(make_skin(30.0, 20.0, 24, 1.0, &skin));
    for (int v = 0; v < skin.surface.vertex_count; v++) {
        double x = skin.surface.position_mm[v].x;
        skin.zone[v] = x < 10.0 ? 1 : x < 20.1 ? 2 : 3;
        if (skin.zone[v] == 2)
            skin.per_mm2[v] = 0.0;
    }
    REQUIRE(spread(&skin, 1.1, 0, NULL, &sequence));
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    CHECK(is_sound(&skin, &dots) && dots.short_of == 0 && dots.dropped == 0);
    CHECK(dots.count == (int)lround(testing_integral(&skin.surface, skin.per_mm2)));
    for (int s = 0; s < 3; s++)
        CHECK(dots.in_zone[1][s] > 0 && dots.in_zone[2][s] == 0 && dots.in_zone[3][s] > 0);
}

/* No exchange over the gap: each island has its own number, to a dot or two. */
TEST(two_islands_have_their_own_numbers)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    REQUIRE(make_skin(60.0, 30.0, 48, 0.0, &skin));
    for (int v = 0; v < skin.surface.vertex_count; v++) {
        double x = skin.surface.position_mm[v].x;
        skin.per_mm2[v] = x < 20.0 ? 1.2 : x > 35.0 ? 0.5 : 0.0;
    }
    REQUIRE(spread(&skin, 1.3, 0, NULL, &sequence));
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    double total = testing_integral(&skin.surface, skin.per_mm2), left = 0.0;
    for (int v = 0; v < skin.surface.vertex_count; v++)
        skin.per_mm2[v] = skin.surface.position_mm[v].x < 30.0 ? skin.per_mm2[v] : 0.0;
    left = testing_integral(&skin.surface, skin.per_mm2);
    int got = 0;
    for (int i = 0; i < dots.count; i++)
        got += dots.dot[i].position_mm.x < 30.0;
    printf("# left %d for %.1f, right %d for %.1f\n", got, left, dots.count - got, total - left);
    CHECK(dots.count == (int)lround(total));
    CHECK(fabs(got - left) <= 0.01 * left + 2.0);
}

TEST(more_than_the_sequence_has_is_refused)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    Err err = {0};
    DotsParams params = three();
    REQUIRE(make_skin(20.0, 20.0, 16, 1.01, &skin) && spread(&skin, 1.0, 0, NULL, &sequence));
    DotsWanted wanted = {.per_mm2 = skin.per_mm2};
    size_t mark = arena_mark(&scratch);
    CHECK(!dots_plan(&arena, &scratch, &skin.surface, &sequence, &wanted, &params, NULL, &dots,
                     &err));
    CHECK(err.code == ERR_INPUT && strstr(err.text, "above") != NULL);
    arena_rewind(&scratch, mark);
    params.share[0] = 0.5;
    CHECK(!dots_plan(&arena, &scratch, &skin.surface, &sequence, &wanted, &params, NULL, &dots,
                     &err));
    CHECK(err.code == ERR_INPUT);
    arena_rewind(&scratch, mark);
}

/* All that the sequence has, without headroom: the count is kept as far as there are sites. */
TEST(what_is_missing_is_told)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    REQUIRE(make_skin(40.0, 40.0, 32, 1.0, &skin) && spread(&skin, 1.0, 0, NULL, &sequence));
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    int wanted = (int)lround(testing_integral(&skin.surface, skin.per_mm2));
    printf("# %d of %d, %d short, %d dropped\n", dots.count, wanted, dots.short_of, dots.dropped);
    CHECK(dots.count + dots.dropped + dots.short_of == wanted && is_sound(&skin, &dots));
    CHECK(dots.count > 0.97 * wanted);
}

/* 300 hairs per cm2 and 20 dots among them; and the other way round. */
TEST(hair_may_be_denser_than_dots)
{
    enum { HAIRS = 1200 };
    static DotsFixed hair[HAIRS];
    for (int pass = 0; pass < 2; pass++) {
        Skin skin;
        DotsSequence sequence;
        Dots dots;
        DotsParams params = three();
        Rng rng = rng_make(8, 0);
        int hairs = pass == 0 ? HAIRS : 20;
        for (int i = 0; i < hairs; i++)
            hair[i].position_mm = vec3(20.0 * rng_f64(&rng), 20.0 * rng_f64(&rng), 0.0);
        REQUIRE(make_skin(20.0, 20.0, 16, pass == 0 ? 0.2 : 2.0, &skin));
        REQUIRE(spread(&skin, 2.2, hairs, hair, &sequence));
        REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
        double least = 1e9;
        for (int i = 0; i < dots.count; i++)
            for (int h = 0; h < hairs; h++)
                least = fmin(least, vec_distance(dots.dot[i].position_mm, hair[h].position_mm));
        printf("# %d dots, %d hairs, nearest hair %.3f mm\n", dots.count, hairs, least);
        CHECK(is_sound(&skin, &dots));
        CHECK(dots.count == (pass == 0 ? 80 : 800));
        CHECK(least > (pass == 0 ? 0.15 : 0.3));
    }
}

/* Slow is allowed, wrong is not. */
TEST(fixed_points_on_one_spot_do_no_harm)
{
    enum { COUNT = 4000 };
    static DotsFixed fixed[COUNT];
    for (int kind = 0; kind < 2; kind++) {
        Skin skin;
        DotsSequence sequence;
        Dots dots;
        DotsParams params = three();
        for (int i = 0; i < COUNT; i++)
            fixed[i] = (DotsFixed){.position_mm = {10.0, 10.0, 0.0},
                                   .kind = kind == 0 ? DOTS_FOLLICLE : DOTS_EARLIER};
        params.spacing_mm[0] = 0.6;
        REQUIRE(make_skin(20.0, 20.0, 16, 0.8, &skin));
        REQUIRE(spread(&skin, 1.0, COUNT, fixed, &sequence));
        REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
        double least = 1e9;
        for (int i = 0; i < dots.count; i++)
            least = fmin(least, vec_distance(dots.dot[i].position_mm, fixed[0].position_mm));
        printf("# %d dots, %d dropped, nearest %.3f mm\n", dots.count, dots.dropped, least);
        CHECK(is_sound(&skin, &dots));
        CHECK(dots.count + dots.dropped + dots.short_of == 320 &&
              dots.count > 200); /* the others have no room around so many */
        CHECK(kind == 0 ? least > 0.01 : least >= 0.6 - 1e-6);
    }
}

TEST(fixed_points_off_the_surface_do_no_harm)
{
    DotsFixed fixed[] = {{.position_mm = {1e6, -1e6, 1e6}},
                         {.position_mm = {10.0, 10.0, 40.0}},
                         {.position_mm = {-1e3, 0.0, 0.0}, .kind = DOTS_EARLIER}};
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    params.spacing_mm[0] = 0.6;
    REQUIRE(make_skin(20.0, 20.0, 16, 0.8, &skin) && spread(&skin, 1.0, 3, fixed, &sequence));
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    CHECK(is_sound(&skin, &dots) && dots.count == 320);
}

/* Two triangles; a speck; a thread; triangles without area. */
TEST(tiny_and_flat_surfaces_are_surfaces)
{
    static const struct {
        double x, y, highest;
        int cells, count;
    } row[] = {{1.0, 1.0, 4.0, 1, 4},
               {0.01, 0.01, 10.0, 1, 0},
               {200.0, 0.05, 2.0, 9, 20},
               {300.0, 300.0, 0.01, 2, 900}};
    for (size_t k = 0; k < sizeof row / sizeof row[0]; k++) {
        Skin skin;
        DotsSequence sequence;
        Dots dots;
        DotsParams params = three();
        REQUIRE(make_skin(row[k].x, row[k].y, row[k].cells, 0.97 * row[k].highest, &skin));
        REQUIRE(spread(&skin, row[k].highest, 0, NULL, &sequence));
        CHECK(sequence.count == row[k].count);
        REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
        printf("# %g x %g mm: %d sites, %d dots, %d short\n", row[k].x, row[k].y, sequence.count,
               dots.count, dots.short_of);
        CHECK(is_sound(&skin, &dots));
        CHECK(dots.count + dots.short_of + dots.dropped ==
              (int)lround(0.97 * row[k].highest * row[k].x * row[k].y));
    }
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    DotsFixed hair = {.position_mm = {1.0, 2.0, 3.0}};
    REQUIRE(make_skin(0.0, 0.0, 3, 1.0, &skin) && spread(&skin, 1.0, 1, &hair, &sequence));
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    CHECK(sequence.count == 0 && dots.count == 0);
}

TEST(a_session_may_have_no_share)
{
    static const double share[][DOTS_MAX_SESSIONS] = {
        {0.0, 1.0, 0.0}, {1.0, 0.0, 0.0}, {0.5, 0.0, 0.5}, {0.0, 0.0, 1.0}, {0.001, 0.998, 0.001}};
    Skin skin;
    DotsSequence sequence;
    REQUIRE(make_skin(20.0, 20.0, 16, 1.0, &skin) && spread(&skin, 1.1, 0, NULL, &sequence));
    for (int k = 0; k < 5; k++) {
        Dots dots;
        DotsParams params = three();
        memcpy(params.share, share[k], sizeof params.share);
        REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
        CHECK(is_sound(&skin, &dots) && dots.count == 400);
        for (int s = 0; s < 3; s++)
            CHECK(abs(dots.in_session[s] - (int)lround(400.0 * share[k][s])) <= 1);
    }
}

/* Half a millimetre wide on cells of 1.25 mm, filled; and one so thin that no dot fits in. */
TEST(a_needle_thin_scar_gets_its_dots)
{
    double width[] = {0.5, 0.5, 0.001};
    for (int k = 0; k < 3; k++) {
        Skin skin;
        DotsSequence sequence;
        Dots dots;
        DotsParams params = three();
        Vec3 p[4] = {{2.0, 9.0, 0.0},
                     {38.0, 14.0, 0.0},
                     {38.0, 14.0 + width[k], 0.0},
                     {2.0, 9.0 + width[k], 0.0}};
        DotsEdge edge = {.point_count = 4, .point_mm = p, .closed = true};
        params.spacing_mm[0] = k == 1 ? 0.7 : 0.0;
        REQUIRE(make_skin(40.0, 40.0, 32, 1.2, &skin) && spread(&skin, 1.6, 0, NULL, &sequence));
        REQUIRE(plan(&skin, &sequence, &params, 1, &edge, &dots));
        int wanted = (int)lround(36.0 * width[k] * 1.2);
        printf("# %.3f mm wide: %d dots of %d, %d dropped, %d short\n", width[k], dots.count,
               wanted, dots.dropped, dots.short_of);
        CHECK(is_sound(&skin, &dots));
        CHECK(dots.count + dots.dropped + dots.short_of == wanted);
        CHECK(k == 2 || dots.count >= wanted - 3);
        for (int i = 0; i < dots.count; i++) {
            Vec3 q = dots.dot[i].position_mm;
            double up = q.y - 9.0 - (q.x - 2.0) * 5.0 / 36.0;
            CHECK(up >= -1e-9 && up <= width[k] + 1e-9);
        }
    }
}

TEST(an_outline_that_touches_itself_is_filled)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    Vec3 p[6] = {{5, 5, 0}, {20, 15, 0}, {35, 5, 0}, {35, 25, 0}, {20, 15, 0}, {5, 25, 0}};
    DotsEdge edge = {.point_count = 6, .point_mm = p, .closed = true};
    REQUIRE(make_skin(40.0, 30.0, 32, 1.2, &skin) && spread(&skin, 1.4, 0, NULL, &sequence));
    REQUIRE(plan(&skin, &sequence, &params, 1, &edge, &dots));
    CHECK(is_sound(&skin, &dots));
    CHECK(abs(dots.count - 360) <= 2 && dots.short_of == 0); /* 2 x 150 mm2 */
    int left = 0;
    for (int i = 0; i < dots.count; i++) {
        Vec3 q = dots.dot[i].position_mm;
        left += q.x < 20.0;
        CHECK(fabs(q.y - 15.0) <= fabs(q.x - 20.0) * 10.0 / 15.0 + 1e-9);
    }
    CHECK(abs(left - 180) <= 4);
}

/* Everything at its end at once: 1000 per cm2, a spacing that cannot be, irregular, in units. */
TEST(what_cannot_be_is_cut_down_in_bounded_time)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    REQUIRE(make_skin(20.0, 20.0, 16, 9.5, &skin) && spread(&skin, 10.0, 0, NULL, &sequence));
    for (int pass = 0; pass < 2; pass++) {
        params.spacing_mm[0] = pass == 0 ? 3.0 : 0.2;
        params.irregularity = 0.6;
        params.unit_share[2] = pass == 0 ? 1.0 : 0.0;
        REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
        printf("# %d dots, %d dropped, nearest %.3f mm\n", dots.count, dots.dropped,
               dots.nearest_mm);
        CHECK(is_sound(&skin, &dots) && dots.nearest_mm >= params.spacing_mm[0] - 1e-6);
        CHECK(dots.count + dots.dropped + dots.short_of == 3800);
        CHECK(dots.count > (pass == 0 ? 30 : 3700));
    }
}

/* The density jumps from nothing to all, and by a factor of a thousand, from vertex to vertex. */
TEST(densities_may_jump)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots;
    DotsParams params = three();
    REQUIRE(make_skin(30.0, 30.0, 24, 0.0, &skin));
    for (int v = 0; v < skin.surface.vertex_count; v++)
        skin.per_mm2[v] = v % 3 == 0 ? 0.0 : v % 3 == 1 ? 2.0 : 0.002;
    REQUIRE(spread(&skin, 2.1, 0, NULL, &sequence));
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    CHECK(is_sound(&skin, &dots));
    CHECK(dots.count + dots.short_of == (int)lround(testing_integral(&skin.surface, skin.per_mm2)));
}

/* ---- without memory */

typedef struct Job {
    Skin skin;
    DotsSequence sequence;
    Dots before, dots;
    DotsFixed hair[2];
    Vec3 line[2];
    DotsEdge edge;
    int step; /* 0 sequence, 1 choose, 2 plan, 3 plan of units, 4 edit */
} Job;

static bool run(Job *job, Arena *out, Arena *work, Err *err)
{
    DotsSequenceParams making = {
        .highest_per_mm2 = 0.6, .fixed_count = 2, .fixed = job->hair, .seed = 3, .threads = 1};
    DotsParams params = three();
    DotsWanted wanted = {.per_mm2 = job->skin.per_mm2, .edge_count = 1, .edge = &job->edge};
    DotsSequence sequence;
    int8_t session[512];
    int count;
    params.spacing_mm[0] = 0.5;
    switch (job->step) {
    case 0:
        return dots_sequence(out, work, &job->skin.surface, &making, NULL, &sequence, err);
    case 1:
        return dots_choose(work, &job->skin.surface, &job->sequence, &wanted, &params, NULL,
                           session, &count, err);
    case 2:
    case 3:
        params.unit_share[1] = job->step == 3 ? 1.0 : 0.0;
        return dots_plan(out, work, &job->skin.surface, &job->sequence, &wanted, &params, NULL,
                         &job->dots, err);
    default:
        return dots_edit(out, work, &job->skin.surface, &job->sequence, &job->before, &wanted,
                         &params, &job->dots, err);
    }
}

/* Every smaller budget of one arena, in steps no larger than the smallest block. */
static void starve(Job *job, bool work_starves)
{
    Err err = {0};
    size_t mark_out = arena_mark(&arena), mark_work = arena_mark(&scratch);
    Arena *starved = work_starves ? &scratch : &arena;
    size_t limit = starved->limit, base = starved->used;
    bool done = false, told = true;
    int tries = 0;
    for (size_t budget = 0; !done && budget < (size_t)16 << 20; budget += budget / 48 + 448) {
        arena_rewind(&arena, mark_out);
        arena_rewind(&scratch, mark_work);
        starved->limit = base + budget;
        err = (Err){0};
        done = run(job, &arena, &scratch, &err);
        starved->limit = limit;
        told &= done || (err.code == ERR_LIMIT && err.text[0] != 0);
        tries++;
    }
    arena_rewind(&arena, mark_out);
    arena_rewind(&scratch, mark_work);
    CHECK(done && told);
    CHECK(tries > 3 || (!work_starves && job->step == 1)); /* dots_choose makes nothing */
}

TEST(every_smaller_budget_gives_limit_or_works)
{
    static Job job;
    Err err = {0};
    REQUIRE(make_skin(20.0, 20.0, 10, 0.5, &job.skin));
    job.hair[0].position_mm = vec3(7.0, 8.0, 0.0);
    job.hair[1] = (DotsFixed){.position_mm = {12.0, 8.0, 0.0}, .kind = DOTS_EARLIER};
    job.line[0] = vec3(30.0, 15.0, 0.0);
    job.line[1] = vec3(-10.0, 16.0, 0.0);
    job.edge = (DotsEdge){.point_count = 2, .point_mm = job.line};
    REQUIRE(spread(&job.skin, 0.6, 2, job.hair, &job.sequence));
    REQUIRE(job.sequence.count < 512);
    job.step = 2;
    REQUIRE(run(&job, &arena, &scratch, &err));
    job.before = job.dots;
    job.line[1].y = 13.0; /* what the edit changes */
    for (job.step = 0; job.step < 5; job.step++)
        for (int work_starves = 0; work_starves < 2; work_starves++)
            starve(&job, work_starves != 0);
}

/* What a failure leaves in the scratch is the caller's to rewind; what success leaves is nothing.
 */
TEST(scratch_is_given_back)
{
    Skin skin;
    DotsSequence sequence;
    Dots dots, after;
    DotsParams params = three();
    Err err;
    REQUIRE(make_skin(20.0, 20.0, 16, 0.9, &skin));
    size_t mark = arena_mark(&scratch);
    REQUIRE(spread(&skin, 1.0, 0, NULL, &sequence));
    CHECK(arena_mark(&scratch) == mark);
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    CHECK(arena_mark(&scratch) == mark);
    DotsWanted wanted = {.per_mm2 = skin.per_mm2};
    REQUIRE(dots_edit(&arena, &scratch, &skin.surface, &sequence, &dots, &wanted, &params, &after,
                      &err));
    CHECK(arena_mark(&scratch) == mark);
    params.unit_share[2] = 1.0;
    REQUIRE(plan(&skin, &sequence, &params, 0, NULL, &dots));
    CHECK(arena_mark(&scratch) == mark);
}

/* ---- stopped */

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

TEST(a_plan_tells_its_progress_and_can_be_stopped)
{
    Skin skin;
    DotsSequence sequence;
    DotsParams params = three();
    REQUIRE(make_skin(20.0, 20.0, 16, 0.9, &skin) && spread(&skin, 1.0, 0, NULL, &sequence));
    DotsWanted wanted = {.per_mm2 = skin.per_mm2};
    int calls = 0;
    for (int stop = 0; stop <= calls; stop++) {
        Watch w = {.stop_at = stop == 0 ? -1 : stop};
        Progress progress = {.report = watch, .ctx = &w, .cancel = &w.cancel, .from = 0, .to = 1};
        Dots dots;
        Err err = {0};
        size_t mark = arena_mark(&scratch);
        bool done = dots_plan(&arena, &scratch, &skin.surface, &sequence, &wanted, &params,
                              &progress, &dots, &err);
        arena_rewind(&scratch, mark);
        if (stop == 0) {
            calls = w.calls;
            CHECK(done && fabs(w.last - 1.0) < 1e-12 && calls >= 4);
        } else
            CHECK((!done && err.code == ERR_CANCELLED) || stop == calls);
        CHECK(!w.falls);
    }
}
