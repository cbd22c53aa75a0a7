/* A plan while its design is being changed: what stays, what moves, and that it is still a plan. */
#include "dots/dots_testing.h"
#include "dots/pattern.h"

#include "base/test.h"

#include <stdlib.h>

/* A patch of 70 x 70 mm with a hairline across it, dots below. */
enum { CELLS = 56 };
#define SIDE    70.0
#define WANTED  1.3 /* per mm2 */
#define HIGHEST 1.6
#define BAND    5.0 /* spacings: dots.h */

typedef struct Design {
    double *per_mm2;
    Vec3 line[21];
    DotsEdge edge;
    DotsWanted wanted;
} Design;

static Arena arena, scratch;
static DotsSurface plane;
static DotsSequence sequence;
static DotsParams params = {.session_count = 3, .share = {0.45, 0.35, 0.20}, .seed = 1};

static bool setup(void)
{
    Err err = {0};
    if (sequence.count > 0)
        return true;
    DotsSequenceParams making = {.highest_per_mm2 = HIGHEST, .seed = 1, .threads = 2};
    bool ok = testing_arenas(&arena, &scratch) &&
              dots_surface_plane(&arena, SIDE, SIDE, CELLS, CELLS, &plane, &err) &&
              dots_sequence(&arena, &scratch, &plane, &making, NULL, &sequence, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

/* The hairline at y, raised by `bulge` around x = 35; `spot` more dots within 6 mm of (20, 20). */
static Design *design(double y, double bulge, double spot)
{
    Design *made = ARENA_NEW(&arena, Design, 1);
    made->per_mm2 = ARENA_NEW(&arena, double, (size_t)plane.vertex_count);
    for (int v = 0; v < plane.vertex_count; v++) {
        Vec3 p = plane.position_mm[v];
        made->per_mm2[v] = WANTED + (hypot(p.x - 20.0, p.y - 20.0) < 6.0 ? spot : 0.0);
    }
    for (int i = 0; i < 21; i++) {
        double x = SIDE + 5.0 - 4.0 * i;
        made->line[i] = vec3(x, y + bulge * exp(-(x - 35.0) * (x - 35.0) / 72.0), 0.0);
    }
    made->edge = (DotsEdge){.point_count = 21, .point_mm = made->line};
    made->wanted = (DotsWanted){.per_mm2 = made->per_mm2, .edge_count = 1, .edge = &made->edge};
    return made;
}

static bool plan(const Design *wished, Dots *dots)
{
    Err err = {0};
    bool ok =
        dots_plan(&arena, &scratch, &plane, &sequence, &wished->wanted, &params, NULL, dots, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static bool edit(const Dots *before, const Design *wished, Dots *dots)
{
    Err err = {0};
    bool ok = dots_edit(&arena, &scratch, &plane, &sequence, before, &wished->wanted, &params, dots,
                        &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static const Dot **by_site(const Dots *dots)
{
    const Dot **dot = arena_alloc(&arena, (size_t)sequence.count, sizeof(Dot *));
    for (int i = 0; dot != NULL && i < dots->count; i++)
        dot[dots->dot[i].site] = &dots->dot[i];
    return dot;
}

TEST(an_edit_of_nothing_changes_nothing)
{
    REQUIRE(setup());
    Dots before, after;
    Design *same = design(50.0, 0.0, 0.0);
    REQUIRE(plan(same, &before) && edit(&before, same, &after));
    CHECK(testing_same_dots(&before, &after));
    CHECK(memcmp(&before.cut, &after.cut, sizeof before.cut) == 0);
}

typedef struct Reach {
    int sites, moved; /* sites that come, go or change sessions; dots that stay but not in place */
    int far_changes;  /* dots beyond the band that are not byte for byte what they were */
    double farthest;  /* of a moved dot from the nearest changed site, spacings */
} Reach;

static Reach reach_of(const Dots *before, const Dots *after)
{
    Reach reach = {0};
    const Dot **was = by_site(before), **is = by_site(after);
    Vec3 *changed = ARENA_NEW(&arena, Vec3, 2 * (size_t)sequence.count);
    for (int i = 0; i < sequence.count; i++) {
        if (was[i] != NULL && is[i] != NULL && was[i]->session == is[i]->session)
            continue;
        if (was[i] != NULL)
            changed[reach.sites++] = was[i]->position_mm;
        if (was[i] != NULL || is[i] != NULL)
            changed[reach.sites++] = sequence.position_mm[i];
    }
    for (int i = 0; i < sequence.count; i++) {
        if (was[i] == NULL || is[i] == NULL || was[i]->session != is[i]->session ||
            testing_same_dot(was[i], is[i]))
            continue;
        double least = 1e9;
        for (int c = 0; c < reach.sites; c++) /* where it was, or where its site is */
            least = fmin(least, fmin(vec_distance(changed[c], was[i]->position_mm),
                                     vec_distance(changed[c], sequence.position_mm[i])));
        double spacings = least * sqrt(was[i]->target_per_mm2);
        reach.moved++;
        reach.farthest = fmax(reach.farthest, spacings);
        reach.far_changes += spacings > BAND + 0.5; /* sites and dots are a little apart */
    }
    return reach;
}

TEST(dots_beyond_the_band_stay_byte_for_byte)
{
    REQUIRE(setup());
    Dots before;
    REQUIRE(plan(design(50.0, 0.0, 0.0), &before));
    const Design *wished[] = {design(50.0, 3.0, 0.0), design(50.0, -4.0, 0.0),
                              design(50.0, 0.0, 0.25), design(50.0, 0.0, -1.3)};
    for (int k = 0; k < 4; k++) {
        Dots after;
        REQUIRE(edit(&before, wished[k], &after));
        Reach reach = reach_of(&before, &after);
        printf("# edit %d: %d sites, %d dots moved, up to %.1f spacings away\n", k, reach.sites,
               reach.moved, reach.farthest);
        CHECK(reach.sites > 30 && reach.moved > 50);
        CHECK(reach.far_changes == 0);
        CHECK(reach.moved < 0.5 * before.count);
    }
}

/* What an edit leaves: the same sites as the choice by the cut of the plan. */
TEST(an_edited_plan_has_the_sites_of_the_preview)
{
    REQUIRE(setup());
    Dots before, after;
    Design *wished = design(53.0, 2.0, 0.2);
    REQUIRE(plan(design(50.0, 0.0, 0.0), &before) && edit(&before, wished, &after));
    int8_t *session = ARENA_NEW(&arena, int8_t, (size_t)sequence.count);
    int count, wrong = 0;
    Err err;
    REQUIRE(session != NULL && dots_choose(&scratch, &plane, &sequence, &wished->wanted, &params,
                                           &before.cut, session, &count, &err));
    CHECK(after.count + after.dropped == count);
    for (int i = 0; i < after.count; i++)
        wrong += session[after.dot[i].site] != after.dot[i].session;
    CHECK(wrong == 0);
    int in_session[DOTS_MAX_SESSIONS] = {0}, in_zone = 0;
    for (int i = 0; i < after.count; i++)
        in_session[after.dot[i].session]++;
    for (int s = 0; s < 3; s++)
        in_zone += after.in_zone[0][s];
    CHECK(memcmp(in_session, after.in_session, sizeof in_session) == 0 && in_zone == after.count);
}

/* Around the edit as even as a preview shall be, and where it was as even as before. */
TEST(an_edited_plan_is_still_even)
{
    REQUIRE(setup());
    Dots before, after;
    Design *wished = design(50.0, 4.0, 0.2);
    REQUIRE(plan(design(50.0, 0.0, 0.0), &before) && edit(&before, wished, &after));
    double share[3] = {0.45, 0.8, 1.0};
    for (int level = 0; level < 3; level++) {
        size_t mark = arena_mark(&arena), most = (size_t)after.count;
        Vec3 *p = ARENA_NEW(&arena, Vec3, most), *normal = ARENA_NEW(&arena, Vec3, most);
        double *per_mm2 = ARENA_NEW(&arena, double, most);
        uint8_t *inner = ARENA_NEW(&arena, uint8_t, most);
        int count = 0;
        REQUIRE(p != NULL && normal != NULL && per_mm2 != NULL && inner != NULL);
        for (int i = 0; i < after.count; i++) {
            if (after.dot[i].session > level)
                continue;
            Vec3 q = after.dot[i].position_mm;
            p[count] = q;
            normal[count] = after.dot[i].normal;
            per_mm2[count] = share[level] * after.dot[i].target_per_mm2;
            inner[count++] = (hypot(q.x - 20.0, q.y - 20.0) < 10.0) ||
                             (fabs(q.x - 35.0) < 20.0 && q.y > 43.0 && q.y < 48.0);
        }
        PatternInput input = {
            .count = count, .position_mm = p, .normal = normal, .per_mm2 = per_mm2, .inner = inner};
        Pattern pattern;
        Err err;
        REQUIRE(pattern_measure(&scratch, &input, &pattern, &err));
        printf("# until session %d: alpha %.3f, p1 %.3f, least %.3f around the edits\n", level + 1,
               pattern.alpha, pattern.p1, pattern.least);
        CHECK(pattern.alpha > 0.78 && pattern.p1 > 0.64 && pattern.least > 0.5);
        arena_rewind(&arena, mark);
    }
}

TEST(edited_dots_keep_their_spacing_and_nearest_tells_it)
{
    REQUIRE(setup());
    Dots before, after;
    params.spacing_mm[0] = 0.62;
    bool ok =
        plan(design(50.0, 0.0, 0.0), &before) && edit(&before, design(50.0, 4.0, 0.3), &after);
    params.spacing_mm[0] = 0.0;
    REQUIRE(ok);
    Vec3 *p = ARENA_NEW(&arena, Vec3, (size_t)after.count);
    double least = 1e9;
    REQUIRE(p != NULL);
    for (int i = 0; i < after.count; i++)
        p[i] = after.dot[i].position_mm;
    for (int i = 0; i < after.count; i++)
        least = fmin(least, testing_nearest_mm(after.count, p, i));
    printf("# nearest %.4f mm, told %.4f mm, %d dropped\n", least, after.nearest_mm, after.dropped);
    CHECK(least >= 0.62 - 1e-6);
    CHECK_NEAR(after.nearest_mm, least, 1e-9);
}

TEST(edited_dots_are_in_the_order_of_work)
{
    REQUIRE(setup());
    Dots before, after;
    REQUIRE(plan(design(50.0, 0.0, 0.0), &before) && edit(&before, design(52.0, 3.0, 0.2), &after));
    Dot *again = ARENA_NEW(&arena, Dot, (size_t)after.count);
    Err err;
    REQUIRE(again != NULL);
    for (int i = 0; i < after.count; i++) /* the order of work does not look at how they lie now */
        again[i] = after.dot[after.count - 1 - i];
    REQUIRE(dots_order(&arena, &scratch, after.count, again, &err));
    for (int i = 0; i < after.count; i++)
        CHECK(testing_same_dot(&again[i], &after.dot[i]) &&
              (i == 0 || after.dot[i].session >= after.dot[i - 1].session));
}

TEST(marks_of_dots_that_stay_are_kept)
{
    REQUIRE(setup());
    Dots before, after;
    REQUIRE(plan(design(50.0, 0.0, 0.0), &before) && edit(&before, design(50.0, 3.0, 0.0), &after));
    const Dot **was = by_site(&before);
    int same = 0, other = 0;
    for (int i = 0; i < after.count; i++) {
        const Dot *dot = &after.dot[i], *old = was[dot->site];
        if (old == NULL || old->session != dot->session || dot->position_mm.y > 35.0)
            continue;
        same += fabs(old->size - dot->size) < 1e-300 && fabs(old->shade - dot->shade) < 1e-300;
        other += fabs(old->size - dot->size) > 0.0;
    }
    CHECK(same > 2000 && other == 0);
}

/* The line is dragged to and fro in ten steps; what was never passed by is what it was. */
TEST(dragging_to_and_fro_moves_only_what_was_passed)
{
    REQUIRE(setup());
    Dots before, at;
    REQUIRE(plan(design(50.0, 0.0, 0.0), &before));
    at = before;
    for (int step = 1; step <= 10; step++) {
        Dots next;
        double bulge = step <= 5 ? 0.6 * step : 0.6 * (10 - step);
        REQUIRE(edit(&at, design(50.0, bulge, 0.0), &next));
        at = next;
    }
    CHECK(at.count + at.dropped == before.count + before.dropped);
    const Dot **was = by_site(&before);
    int changed = 0;
    for (int i = 0; i < at.count; i++) {
        const Dot *old = was[at.dot[i].site];
        bool passed = at.dot[i].position_mm.y > 50.0 - (BAND + 3.0) / sqrt(WANTED);
        changed += !passed && (old == NULL || !testing_same_dot(old, &at.dot[i]));
    }
    CHECK(changed == 0);
}

/* dots_plan looks at no edit; the edit has the same sites but for the exact counts. Where they
 * stand differs by up to a spacing: the plan moves them all together. */
TEST(the_plan_has_the_same_bytes_whatever_edits_came_before)
{
    REQUIRE(setup());
    Dots fresh, first, edited, again;
    Design *start = design(50.0, 0.0, 0.0), *end = design(51.5, 2.0, 0.1);
    REQUIRE(plan(end, &fresh));
    REQUIRE(plan(start, &first) && edit(&first, design(56.0, -5.0, 0.3), &edited));
    REQUIRE(edit(&edited, end, &again) && plan(end, &edited));
    CHECK(testing_same_dots(&fresh, &edited));
    const Dot **planned = by_site(&fresh);
    int common = 0, near = 0;
    for (int i = 0; i < again.count; i++) {
        const Dot *dot = &again.dot[i], *other = planned[dot->site];
        if (other == NULL || other->session != dot->session)
            continue;
        common++;
        near += vec_distance(dot->position_mm, other->position_mm) < 0.5 / sqrt(WANTED);
    }
    printf("# edited %d, planned %d, %d sites in common, %d within half a spacing\n", again.count,
           fresh.count, common, near);
    CHECK(abs(again.count - fresh.count) <= 0.01 * fresh.count);
    CHECK(common > 0.98 * fresh.count && near > 0.5 * common);
}

TEST(everything_may_go_and_come_back)
{
    REQUIRE(setup());
    Dots before, none, back;
    Design *some = design(50.0, 0.0, 0.0), *empty = design(50.0, 0.0, 0.0);
    for (int v = 0; v < plane.vertex_count; v++)
        empty->per_mm2[v] = 0.0;
    REQUIRE(plan(some, &before) && edit(&before, empty, &none));
    CHECK(none.count == 0 && none.in_session[0] == 0);
    REQUIRE(edit(&none, some, &back));
    CHECK(back.count + back.dropped == before.count + before.dropped);
}

TEST(dots_of_another_sequence_are_refused)
{
    REQUIRE(setup());
    Dots before, after;
    Err err = {0};
    Design *some = design(50.0, 0.0, 0.0);
    REQUIRE(plan(some, &before));
    int was = before.dot[7].site, bad[] = {-1, sequence.count, 1 << 30};
    for (int k = 0; k < 3; k++) {
        size_t mark = arena_mark(&scratch);
        before.dot[7].site = bad[k];
        err.code = ERR_NONE;
        CHECK(!dots_edit(&arena, &scratch, &plane, &sequence, &before, &some->wanted, &params,
                         &after, &err));
        CHECK(err.code == ERR_INPUT);
        arena_rewind(&scratch, mark);
    }
    before.dot[7].site = was;
}
