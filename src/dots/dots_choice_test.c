/* The choice that follows a changing density is always the choice made afresh. */
#include "dots/choice.h"
#include "dots/dots_testing.h"

#include "base/test.h"

#include <stdlib.h>

enum { ZONES = 5, LEVEL = 5 };
#define HIGHEST 0.3 /* per mm2: about 33,000 sites */

static Arena arena, scratch;
static HeadTopology topology;
static Head head;
static DotsSurface surface;
static DotsSequence sequence;
static const DotsParams params = {.session_count = 3, .share = {0.45, 0.35, 0.20}, .seed = 1};

static bool setup(void)
{
    Err err = {0};
    if (sequence.count > 0)
        return true;
    bool ok =
        testing_arenas(&arena, &scratch) && testing_head(&arena, LEVEL, &topology, &head, &err);
    if (ok) {
        surface = dots_surface(&head);
        double *ceiling = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
        for (int v = 0; v < surface.vertex_count; v++) /* none below, less behind */
            ceiling[v] = head.position_mm[v].y < 0.0   ? 0.0
                         : head.position_mm[v].z < 0.0 ? 0.7 * HIGHEST
                                                       : HIGHEST;
        DotsSequenceParams making = {
            .highest_per_mm2 = HIGHEST, .ceiling_per_mm2 = ceiling, .seed = 7, .threads = 2};
        ok = dots_sequence(&arena, &scratch, &surface, &making, NULL, &sequence, &err);
    }
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

typedef struct Field {
    double *per_mm2;
    uint8_t *zone;
    int changed_count, *changed;
} Field;

static Field field_new(void)
{
    size_t n = (size_t)surface.vertex_count;
    return (Field){.per_mm2 = ARENA_NEW(&arena, double, n),
                   .zone = ARENA_NEW(&arena, uint8_t, n),
                   .changed = ARENA_NEW(&arena, int, n)};
}

static void put(Field *field, int v, double per_mm2, int zone)
{
    double value = fmin(fmax(per_mm2, 0.0), sequence.ceiling_per_mm2[v]);
    if (value == field->per_mm2[v] && zone == field->zone[v])
        return;
    field->per_mm2[v] = value;
    field->zone[v] = (uint8_t)zone;
    field->changed[field->changed_count++] = v;
}

/* A brush, a hole, a slider, another zone, all to one value. */
static void edit(Field *field, Rng *rng)
{
    int kind = rng_below(rng, 6), zone = rng_below(rng, ZONES);
    Vec3 middle = surface.position_mm[rng_below(rng, surface.vertex_count)];
    double radius_mm = 2.0 + 40.0 * rng_f64(rng), amount = HIGHEST * rng_f64(rng);
    field->changed_count = 0;
    for (int v = 0; v < surface.vertex_count; v++) {
        double off = vec_distance(surface.position_mm[v], middle) / radius_mm;
        double was = field->per_mm2[v];
        if (kind == 4)
            put(field, v, was * (0.6 + 2.0 * amount), field->zone[v]);
        else if (kind == 5)
            put(field, v, amount, field->zone[v]);
        else if (off < 1.0)
            put(field, v,
                kind == 0   ? was + amount * (1.0 - off * off)
                : kind == 1 ? was * off
                : kind == 2 ? 0.0
                            : was,
                kind == 3 ? zone : field->zone[v]);
    }
}

static bool is_near(int site, const uint8_t mark[])
{
    const int *corner = surface.triangle[sequence.point[site].triangle];
    return mark[corner[0]] != 0 || mark[corner[1]] != 0 || mark[corner[2]] != 0;
}

/* Sessions afresh, counts by going through all sites. */
static bool is_fresh(const DotsChoice *choice, const Field *field, const DotsParams *with)
{
    Err err = {0};
    DotsWanted wanted = {.per_mm2 = field->per_mm2, .zone = field->zone};
    DotsField asked = {.surface = choice->surface, .per_mm2 = field->per_mm2, .zone = field->zone};
    size_t mark = arena_mark(&arena);
    int8_t *session = ARENA_NEW(&arena, int8_t, (size_t)choice->sequence->count);
    int count, in_session[DOTS_MAX_SESSIONS] = {0}, in_zone[DOTS_ZONES] = {0};
    bool ok = dots_choose(&scratch, choice->surface, choice->sequence, &wanted, with, NULL, session,
                          &count, &err);
    for (int i = 0; ok && i < choice->sequence->count; i++) {
        ok = session[i] == choice->session[i];
        if (session[i] < 0)
            continue;
        in_session[session[i]]++;
        in_zone[dots_zone_at(&asked, choice->sequence->point[i])]++;
    }
    ok = ok && count == choice->dots &&
         memcmp(in_session, choice->in_session, sizeof in_session) == 0 &&
         memcmp(in_zone, choice->in_zone, sizeof in_zone) == 0;
    arena_rewind(&arena, mark);
    return ok;
}

TEST(any_sequence_of_edits_gives_the_choice_made_afresh)
{
    enum { EDITS = 150 };
    REQUIRE(setup());
    Err err = {0};
    size_t mark = arena_mark(&arena);
    Field field = field_new();
    DotsChoice choice;
    Rng rng = rng_make(11, 0);
    int fresh = 0, changing = 0;
    REQUIRE(dots_choice_new(&arena, &surface, &sequence, &params, &choice, &err));
    CHECK(choice.dots == 0 && choice.session[0] == -1);
    for (int v = 0; v < surface.vertex_count; v++)
        put(&field, v, 0.5 * HIGHEST, v % ZONES);
    REQUIRE(dots_choice_all(&choice, field.per_mm2, field.zone, &err));
    CHECK(is_fresh(&choice, &field, &params) && choice.dots > 5000);
    for (int e = 0; e < EDITS; e++) {
        int before = choice.dots;
        edit(&field, &rng);
        REQUIRE(dots_choice_again(&choice, field.per_mm2, field.zone, field.changed_count,
                                  field.changed, &err));
        fresh += is_fresh(&choice, &field, &params);
        changing += choice.dots != before;
    }
    CHECK(fresh == EDITS);
    CHECK(changing > EDITS / 3);
    arena_rewind(&arena, mark);
}

TEST(only_sites_around_changed_vertices_are_looked_at)
{
    REQUIRE(setup());
    Err err = {0};
    size_t mark = arena_mark(&arena), count = (size_t)sequence.count;
    Field field = field_new();
    DotsChoice choice;
    Rng rng = rng_make(12, 0);
    int8_t *was = ARENA_NEW(&arena, int8_t, count);
    uint8_t *listed = ARENA_NEW(&arena, uint8_t, (size_t)surface.vertex_count);
    REQUIRE(dots_choice_new(&arena, &surface, &sequence, &params, &choice, &err));
    for (int v = 0; v < surface.vertex_count; v++)
        put(&field, v, 0.6 * HIGHEST, 1);
    REQUIRE(dots_choice_all(&choice, field.per_mm2, field.zone, &err));
    CHECK(choice.last_sites == sequence.count);
    for (int e = 0; e < 30; e++) {
        edit(&field, &rng);
        memcpy(was, choice.session, count);
        memset(listed, 0, (size_t)surface.vertex_count);
        for (int k = 0; k < field.changed_count; k++)
            listed[field.changed[k]] = 1;
        REQUIRE(dots_choice_again(&choice, field.per_mm2, field.zone, field.changed_count,
                                  field.changed, &err));
        int near = 0, moved = 0;
        for (int i = 0; i < sequence.count; i++) {
            near += is_near(i, listed);
            moved += choice.session[i] != was[i] && !is_near(i, listed);
        }
        CHECK(choice.last_sites == near);
        CHECK(moved == 0);
    }
    arena_rewind(&arena, mark);
}

/* Densities at which a site's claim is its limit, and the two doubles beside it: floats cannot tell
 * these apart. */
TEST(a_claim_on_its_limit_is_decided_as_in_doubles)
{
    REQUIRE(setup());
    Err err = {0};
    size_t mark = arena_mark(&arena);
    Field field = field_new();
    DotsChoice choice;
    int fresh = 0, tried = 0, moved = 0;
    REQUIRE(dots_choice_new(&arena, &surface, &sequence, &params, &choice, &err));
    for (int n = 0; n < 40; n++) {
        int site = 50 + 311 * n, before = -2;
        double ceiling = dots_interpolate(&surface, sequence.point[site], sequence.ceiling_per_mm2);
        double limit = choice.until[n % 3];
        double wanted = sequence.rank[site] * ceiling / limit;
        for (int step = 0; step < 6; step++, tried++) {
            double value = wanted;
            for (int ulp = 0; ulp < abs(step - 3); ulp++)
                value = nextafter(value, step < 3 ? 0.0 : 1.0);
            for (int v = 0; v < surface.vertex_count; v++)
                put(&field, v, value, 0);
            REQUIRE(dots_choice_all(&choice, field.per_mm2, field.zone, &err));
            fresh += is_fresh(&choice, &field, &params);
            moved += before != -2 && choice.session[site] != before;
            before = choice.session[site];
            field.changed_count = 0;
        }
    }
    CHECK(fresh == tried);
    CHECK(moved > 10); /* the doubles do tell them apart */
    arena_rewind(&arena, mark);
}

/* As dots_choose takes it: the shares before the last may sum to a little more than all. */
TEST(shares_that_sum_to_a_hair_more_than_one_make_no_difference)
{
    REQUIRE(setup());
    Err err = {0};
    size_t mark = arena_mark(&arena);
    Field field = field_new();
    DotsChoice choice;
    DotsParams odd = {.session_count = 4, .share = {0.3, 0.0, 0.7000009, 0.0}};
    REQUIRE(dots_choice_new(&arena, &surface, &sequence, &odd, &choice, &err));
    int fresh = 0;
    for (int n = 0; n < 40; n++) {
        int site = 100 + 300 * n;
        double ceiling = dots_interpolate(&surface, sequence.point[site], sequence.ceiling_per_mm2);
        field.changed_count = 0;
        for (int v = 0; v < surface.vertex_count; v++)
            put(&field, v, sequence.rank[site] * ceiling / (1.0 + 2e-8 * n), 0);
        REQUIRE(dots_choice_all(&choice, field.per_mm2, field.zone, &err));
        fresh += is_fresh(&choice, &field, &odd);
    }
    CHECK(fresh == 40);
    CHECK(choice.in_session[1] == 0);
    arena_rewind(&arena, mark);
}

TEST(a_site_between_equal_corners_counts_in_the_zone_that_the_plan_gives_it)
{
    Err err = {0};
    REQUIRE(testing_arenas(&arena, &scratch));
    size_t mark = arena_mark(&arena);
    static const double weight[8][3] = {
        {1.0 / 3, 1.0 / 3, 1.0 / 3}, {0.5, 0.5, 0.0},   {0.5, 0.0, 0.5},   {0.0, 0.5, 0.5},
        {0.25, 0.25, 0.5},           {0.5, 0.25, 0.25}, {0.25, 0.5, 0.25}, {1.0, 0.0, 0.0}};
    HeadPoint point[8];
    Vec3 position[8];
    double rank[8], ceiling[4] = {1.0, 1.0, 1.0, 1.0};
    DotsSurface plane;
    REQUIRE(dots_surface_plane(&arena, 1.0, 1.0, 1, 1, &plane, &err) && plane.vertex_count == 4);
    for (int i = 0; i < 8; i++) {
        point[i] = (HeadPoint){.triangle = i % 2};
        memcpy(point[i].weight, weight[i], sizeof weight[i]);
        position[i] = dots_position_mm(&plane, point[i]);
        rank[i] = 0.01 * i;
    }
    DotsSequence few = {.count = 8,
                        .point = point,
                        .position_mm = position,
                        .rank = rank,
                        .highest_per_mm2 = 1.0,
                        .ceiling_per_mm2 = ceiling};
    DotsChoice choice;
    int fresh = 0;
    REQUIRE(dots_choice_new(&arena, &plane, &few, &params, &choice, &err));
    for (int n = 0; n < 256; n++) { /* open or not, by corner; zones that differ or not */
        double per_mm2[4];
        uint8_t zone[4];
        for (int v = 0; v < 4; v++) {
            per_mm2[v] = (n >> v & 1) != 0 ? 0.8 : 0.0;
            zone[v] = (uint8_t)((n >> (4 + v) & 1) != 0 ? v : 9);
        }
        Field field = {.per_mm2 = per_mm2, .zone = zone};
        REQUIRE(dots_choice_all(&choice, per_mm2, zone, &err));
        fresh += is_fresh(&choice, &field, &params);
    }
    CHECK(fresh == 256);
    arena_rewind(&arena, mark);
}

TEST(a_density_that_cannot_be_chosen_leaves_the_choice_as_it_was)
{
    REQUIRE(setup());
    size_t mark = arena_mark(&arena), count = (size_t)sequence.count;
    Field field = field_new();
    DotsChoice choice, before;
    Err err = {0};
    int8_t *was = ARENA_NEW(&arena, int8_t, count);
    REQUIRE(dots_choice_new(&arena, &surface, &sequence, &params, &choice, &err));
    for (int v = 0; v < surface.vertex_count; v++)
        put(&field, v, 0.6 * HIGHEST, 1);
    REQUIRE(dots_choice_all(&choice, field.per_mm2, field.zone, &err));
    memcpy(was, choice.session, count);
    before = choice;
    const double bad[] = {-1e-9, (double)NAN, (double)INFINITY, HIGHEST * (1.0 + 1e-6)};
    for (int n = 0; n < 5; n++) {
        int changed[2] = {100, 101};
        double old = field.per_mm2[101];
        field.per_mm2[100] = 0.0;
        field.per_mm2[101] = n < 4 ? bad[n] : old;
        field.zone[101] = n < 4 ? 1 : DOTS_ZONES;
        CHECK(!dots_choice_again(&choice, field.per_mm2, field.zone, 2, changed, &err) &&
              err.code == ERR_INPUT);
        CHECK(!dots_choice_all(&choice, field.per_mm2, field.zone, &err) && err.code == ERR_INPUT);
        field.per_mm2[100] = old, field.per_mm2[101] = old, field.zone[101] = 1;
        CHECK(memcmp(was, choice.session, count) == 0 && choice.dots == before.dots &&
              memcmp(before.in_zone, choice.in_zone, sizeof before.in_zone) == 0);
        int changed_back[2] = {100, 101};
        CHECK(dots_choice_again(&choice, field.per_mm2, field.zone, 2, changed_back, &err));
        CHECK(is_fresh(&choice, &field, &params));
    }
    arena_rewind(&arena, mark);
}

TEST(a_choice_without_room_or_with_bad_shares_is_refused)
{
    REQUIRE(setup());
    Err err = {0};
    DotsChoice choice;
    size_t mark = arena_mark(&arena), limit = arena.limit;
    REQUIRE(dots_choice_new(&arena, &surface, &sequence, &params, &choice, &err));
    size_t need = arena_mark(&arena) - mark;
    arena_rewind(&arena, mark);
    for (size_t room = 0; room < need; room += need / 37) {
        arena.limit = mark + room;
        CHECK(!dots_choice_new(&arena, &surface, &sequence, &params, &choice, &err) &&
              err.code == ERR_LIMIT);
        arena_rewind(&arena, mark);
    }
    arena.limit = limit;
    DotsParams bad = {.session_count = 2, .share = {0.5, 0.4}};
    CHECK(!dots_choice_new(&arena, &surface, &sequence, &bad, &choice, &err) &&
          err.code == ERR_INPUT);
    arena_rewind(&arena, mark);
}
