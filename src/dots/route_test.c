#include "dots/route_truth.h"

#include "base/test.h"

#include <stdlib.h>

enum { ROOM = 20000 };
static Arena arena, scratch;
static RouteDot dot[ROOM];
static int count;
static Route route;
static RouteParams params;

static bool made(int dots, const RouteDot from[], const RouteParams *with, Route *to)
{
    Err err;
    if (route_make(&arena, &scratch, dots, from, with, to, &err))
        return true;
    printf("# %s\n", err.text);
    return false;
}

/* About 7,000 dots in three sessions. */
static bool setup(void)
{
    if (!testing_arenas(&arena, &scratch))
        return false;
    if (count > 0)
        return true;
    count = truth_dots(1.7, 3, 1, ROOM, dot);
    params = route_default();
    printf("# %d dots\n", count);
    return made(count, dot, &params, &route);
}

static double far_mm(const RouteDot from[], int a, int b)
{
    return vec_distance(from[a].position_mm, from[b].position_mm);
}

/* ---- what a route is */

TEST(a_route_visits_every_dot_once)
{
    static uint8_t seen[ROOM];
    REQUIRE(setup());
    for (int k = 0; k < route.count; k++) {
        CHECK(route.order[k] >= 0 && route.order[k] < count && !seen[route.order[k]]);
        seen[route.order[k]] = 1;
    }
    CHECK(route.count == count && count > 6000);
}

TEST(sessions_and_stops_follow_each_other_without_gap)
{
    REQUIRE(setup());
    int at = 0, stop = 0;
    for (int s = 0; s < route.session_count; s++) {
        const RouteSession *session = &route.session[s];
        CHECK(session->first == at && session->first_stop == stop);
        for (int k = 0; k < session->stop_count; k++) {
            CHECK(route.stop[stop].first == at && route.stop[stop].count > 0);
            at += route.stop[stop++].count;
        }
        CHECK(at == session->first + session->count);
        for (int k = session->first; k < at; k++)
            CHECK(dot[route.order[k]].session == s);
    }
    CHECK(at == count && stop == route.stop_count && route.session_count == 3);
}

TEST(zones_come_once_each_in_working_order)
{
    REQUIRE(setup());
    for (int s = 0; s < 3; s++)
        for (int k = 0; k < route.session[s].stop_count; k++) {
            const RouteStop *stop = &route.stop[route.session[s].first_stop + k];
            CHECK(k == 0 || route_turn(stop[-1].zone) <= route_turn(stop->zone));
            for (int i = 0; i < stop->count; i++)
                CHECK(dot[route.order[stop->first + i]].zone == stop->zone);
        }
    CHECK(route.stop[0].zone == DESIGN_HAIRLINE);
    CHECK(route.stop[route.stop_count - 1].zone == DESIGN_SCAR);
}

TEST(every_zone_has_a_turn_of_its_own)
{
    bool taken[DOTS_ZONES] = {false};
    for (int zone = 0; zone < DOTS_ZONES; zone++) {
        int turn = route_turn(zone);
        CHECK(turn >= 0 && turn < DOTS_ZONES && !taken[turn]);
        taken[turn] = true;
    }
    CHECK(route_turn(DESIGN_HAIRLINE) < route_turn(DESIGN_FRONTAL));
    CHECK(route_turn(DESIGN_FRONTAL) < route_turn(DESIGN_CROWN));
    CHECK(route_turn(DESIGN_CROWN) < route_turn(DESIGN_TEMPLE));
    CHECK(route_turn(DESIGN_TEMPLE) < route_turn(DESIGN_SCAR));
}

/* The diagonal of a square field, and what the head's bulge adds. */
TEST(a_stop_is_no_wider_than_the_field)
{
    static const double field[] = {12.0, 30.0, 55.0};
    REQUIRE(setup());
    for (int n = 0; n < 3; n++) {
        Route other;
        RouteParams with = params;
        with.field_mm = field[n];
        size_t mark = arena_mark(&arena);
        REQUIRE(made(count, dot, &with, &other));
        double widest = 0.0;
        for (int k = 0; k < other.stop_count; k++)
            for (int i = 0; i < other.stop[k].count; i++)
                for (int j = 0; j < i; j++)
                    widest = fmax(widest, far_mm(dot, other.order[other.stop[k].first + i],
                                                 other.order[other.stop[k].first + j]));
        printf("# field %g mm: %d stops, widest %.1f mm\n", field[n], other.stop_count, widest);
        CHECK(widest <= field[n] * sqrt(2.0) * 1.05 && widest > 0.9 * field[n]);
        arena_rewind(&arena, mark);
    }
}

TEST(lengths_are_those_of_the_moves)
{
    REQUIRE(setup());
    for (int s = 0; s < 3; s++) {
        const RouteSession *session = &route.session[s];
        double sum = 0.0, most = 0.0, within = 0.0;
        int above = 0;
        for (int k = 1; k < session->count; k++) {
            const int *at = route.order + session->first + k;
            double move = far_mm(dot, at[-1], at[0]);
            sum += move;
            most = fmax(most, move);
            above += move > params.long_mm;
        }
        for (int k = 0; k < session->stop_count; k++) {
            const RouteStop *stop = &route.stop[session->first_stop + k];
            within += stop->length_mm;
        }
        CHECK_NEAR(session->length_mm, sum, 1e-3 * session->count);
        CHECK_NEAR(session->longest_mm, most, 2e-3);
        CHECK(abs(session->long_moves - above) <= 1);
        CHECK(within < session->length_mm && within > 0.9 * session->length_mm);
    }
}

/* ---- what it depends on */

static bool same_ways(const Route *a, const RouteDot of_a[], const Route *b, const RouteDot of_b[],
                      double tolerance_mm)
{
    bool same = a->count == b->count && a->stop_count == b->stop_count;
    for (int k = 0; same && k < a->count; k++)
        same = vec_distance(of_a[a->order[k]].position_mm, of_b[b->order[k]].position_mm) <=
               tolerance_mm;
    for (int k = 0; same && k < a->stop_count; k++)
        same = a->stop[k].count == b->stop[k].count && a->stop[k].rest == b->stop[k].rest;
    return same;
}

TEST(the_way_does_not_depend_on_how_the_dots_are_listed)
{
    static RouteDot other[ROOM];
    REQUIRE(setup());
    for (uint64_t seed = 0; seed < 3; seed++) {
        Rng rng = rng_make(seed, 7);
        Route again;
        memcpy(other, dot, sizeof other);
        for (int i = count - 1; i > 0; i--) {
            int j = rng_below(&rng, i + 1);
            RouteDot swap = other[i];
            other[i] = other[j];
            other[j] = swap;
        }
        size_t mark = arena_mark(&arena);
        REQUIRE(made(count, other, &params, &again));
        CHECK(same_ways(&route, dot, &again, other, 0.0));
        arena_rewind(&arena, mark);
    }
}

/* A lattice has no two dots that differ by more than their places: every choice is a tie. */
TEST(ties_do_not_depend_on_how_the_dots_are_listed)
{
    enum { SIDE = 45 };
    REQUIRE(setup());
    static RouteDot some[2][SIDE * SIDE];
    Route way[2];
    for (int i = 0; i < SIDE * SIDE; i++) {
        int at = i * 1123 % (SIDE * SIDE); /* all of them: 1123 is a prime */
        some[0][i] = (RouteDot){vec3(i % SIDE * 1.5, 0.0, (double)(i / SIDE) * 1.5),
                                vec3(0.0, 1.0, 0.0), DESIGN_CROWN, 0};
        some[1][i] = (RouteDot){vec3(at % SIDE * 1.5, 0.0, (double)(at / SIDE) * 1.5),
                                vec3(0.0, 1.0, 0.0), DESIGN_CROWN, 0};
    }
    REQUIRE(made(SIDE * SIDE, some[0], &params, &way[0]) &&
            made(SIDE * SIDE, some[1], &params, &way[1]));
    CHECK(same_ways(&way[0], some[0], &way[1], some[1], 0.0));
}

/* Three decimals of millimetres, four of normals, in the order of the rows. */
TEST(the_rows_of_a_case_give_the_route_of_its_plan)
{
    static RouteDot row[ROOM];
    REQUIRE(setup());
    for (int k = 0; k < count; k++) {
        char text[6][32];
        row[k] = dot[route.order[k]];
        double *value[6] = {&row[k].position_mm.x, &row[k].position_mm.y, &row[k].position_mm.z,
                            &row[k].normal.x,      &row[k].normal.y,      &row[k].normal.z};
        for (int n = 0; n < 6; n++) {
            snprintf(text[n], sizeof text[n], n < 3 ? "%.3f" : "%.4f", *value[n]);
            *value[n] = strtod(text[n], NULL);
        }
    }
    Route again;
    REQUIRE(made(count, row, &params, &again));
    bool same = true;
    for (int k = 0; k < count; k++)
        same = same && again.order[k] == k;
    CHECK(same);
}

TEST(breaks_and_sittings_do_not_change_the_way)
{
    REQUIRE(setup());
    RouteParams with = params;
    with.dots_between_breaks = 500.0;
    with.sittings[0] = 2;
    with.effort[DESIGN_CROWN] = 2.0;
    Route other;
    REQUIRE(made(count, dot, &with, &other));
    CHECK(memcmp(other.order, route.order, (size_t)count * sizeof route.order[0]) == 0);
    CHECK(other.stop_count == route.stop_count);
}

TEST(a_plan_comes_in_the_order_of_its_route)
{
    Err err;
    HeadTopology topology;
    Head head;
    Dots dots;
    DotsSequence sequence;
    REQUIRE(setup() && testing_head(&arena, 5, &topology, &head, &err));
    DotsSurface surface = dots_surface(&head);
    double *per_mm2 = ARENA_NEW(&arena, double, (size_t)surface.vertex_count);
    uint8_t *zone = ARENA_NEW(&arena, uint8_t, (size_t)surface.vertex_count);
    REQUIRE(per_mm2 != NULL && zone != NULL);
    for (int v = 0; v < surface.vertex_count; v++) {
        Vec3 p = vec_sub(surface.position_mm[v], head.centre_mm);
        per_mm2[v] = truth_bald(p) ? 0.25 : 0.0;
        zone[v] = (uint8_t)truth_zone(p);
    }
    DotsSequenceParams spread = {.highest_per_mm2 = 0.26, .seed = 1, .threads = 2};
    DotsWanted wanted = {.per_mm2 = per_mm2, .zone = zone};
    DotsParams how = {.session_count = 3, .share = {0.45, 0.35, 0.2}, .seed = 1};
    REQUIRE(dots_sequence(&arena, &scratch, &surface, &spread, NULL, &sequence, &err) &&
            dots_plan(&arena, &scratch, &surface, &sequence, &wanted, &how, NULL, &dots, &err));
    for (int i = 0; i < dots.count; i++)
        dot[i] = (RouteDot){dots.dot[i].position_mm, dots.dot[i].normal, dots.dot[i].zone,
                            dots.dot[i].session};
    Route again;
    bool same = made(dots.count, dot, &params, &again);
    for (int i = 0; same && i < dots.count; i++)
        same = again.order[i] == i;
    CHECK(same && dots.count > 4000);
    count = 0; /* the dots of the other tests are made again */
}

/* ---- short */

TEST(it_is_shorter_than_always_going_to_the_nearest)
{
    REQUIRE(setup());
    for (int s = 0; s < 3; s++) {
        RouteMeasure measure;
        Err err;
        REQUIRE(route_measure(&scratch, dot, &route, s, 30, &measure, &err));
        printf("# session %d: %.0f mm, greedy %.0f, tree %.0f, bound %.0f\n", s + 1,
               measure.length_mm, measure.greedy_mm, measure.tree_mm, measure.bound_mm);
        CHECK(measure.length_mm < measure.greedy_mm);
        CHECK(measure.bound_mm > 1.01 * measure.tree_mm && measure.length_mm > measure.bound_mm);
        CHECK(measure.length_mm < 1.25 * measure.bound_mm);
    }
}

/* The steps one by one on a zone of one session. */
TEST(rows_are_a_good_start_and_get_shorter)
{
    REQUIRE(setup());
    static Vec3 place[ROOM], normal[ROOM];
    static int zone[ROOM], way[ROOM];
    RouteJob job = {.scratch = &scratch,
                    .position_mm = place,
                    .normal = normal,
                    .zone = zone,
                    .field_mm = 30.0,
                    .way = way};
    for (int i = 0; i < count; i++)
        if (dot[i].zone == DESIGN_MIDSCALP) {
            place[job.count] = dot[i].position_mm;
            normal[job.count] = dot[i].normal;
            zone[job.count++] = DESIGN_MIDSCALP;
        }
    job.field = ARENA_NEW(&arena, RouteField, (size_t)job.count);
    Err err;
    double length_mm[2] = {0.0, 0.0};
    REQUIRE(job.field != NULL && route_split(&job, &err) && route_order_stops(&job, &err));
    for (int step = 0; step < 2; step++) {
        REQUIRE(step == 0 ? route_lay_rows(&job, &err) : route_improve(&job, &err));
        for (int k = 1; k < job.count; k++)
            length_mm[step] += route_move_mm(&job, way[k - 1], way[k]);
        length_mm[step] /= job.count * 1.7; /* mean moves in spacings */
    }
    printf("# %d dots, %d stops: a move is %.3f spacings by rows, then %.3f\n", job.count,
           job.field_count, length_mm[0], length_mm[1]);
    CHECK(length_mm[0] < 1.15 && length_mm[1] < 0.95 * length_mm[0]);
}

TEST(no_part_of_the_way_between_stops_is_shorter_turned_around)
{
    REQUIRE(setup());
    RouteParams with = params;
    with.field_mm = 12.0; /* many stops */
    Route way;
    REQUIRE(made(count, dot, &with, &way));
    int tried = 0;
    for (int s = 0; s < 3; s++) {
        const RouteStop *stop = way.stop + way.session[s].first_stop;
        int stops = way.session[s].stop_count;
        for (int i = 1; i < stops; i++)
            for (int j = i + 1; j + 1 < stops && stop[j].zone == stop[i].zone; j++) {
                Vec3 a = stop[i - 1].centre_mm, b = stop[i].centre_mm;
                Vec3 c = stop[j].centre_mm, d = stop[j + 1].centre_mm;
                CHECK(vec_distance(a, b) + vec_distance(c, d) <=
                      vec_distance(a, c) + vec_distance(b, d) + 1e-3);
                tried++;
            }
    }
    CHECK(tried > 1000);
}

/* A lattice in one field: the shortest way has no other moves than those to neighbours. */
TEST(a_lattice_is_walked_with_hardly_a_long_move)
{
    enum { SIDE = 20 };
    REQUIRE(setup());
    static RouteDot square[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++)
        square[i] = (RouteDot){vec3(i % SIDE * 1.5, 0.0, (double)(i / SIDE) * 1.5),
                               vec3(0.0, 1.0, 0.0), DESIGN_CROWN, 0};
    Route way;
    REQUIRE(made(SIDE * SIDE, square, &params, &way));
    printf("# %.1f mm, shortest %.1f\n", way.session[0].length_mm, 1.5 * (SIDE * SIDE - 1));
    CHECK(way.stop_count == 1 && way.session[0].length_mm < 1.02 * 1.5 * (SIDE * SIDE - 1));
}

TEST(a_row_is_walked_from_end_to_end)
{
    enum { DOTS = 60 };
    REQUIRE(setup());
    static RouteDot row[DOTS];
    for (int i = 0; i < DOTS; i++)
        row[i] = (RouteDot){vec3((i * 37 % DOTS) * 1.7, 90.0, 20.0), vec3(0.0, 1.0, 0.0),
                            DESIGN_HAIRLINE, 1};
    Route way;
    REQUIRE(made(DOTS, row, &params, &way));
    CHECK(way.stop_count == 4 && way.session_count == 2 && way.session[0].count == 0);
    CHECK_NEAR(way.session[1].length_mm, 1.7 * (DOTS - 1), 1e-9);
}

/* Held and Karp's other one: the shortest way over all orders, by subsets. */
static double shortest_mm(int dots, const RouteDot from[])
{
    enum { MOST = 11 };
    static double best[1 << MOST][MOST];
    double least = 1e300;
    for (int set = 1; set < 1 << dots; set++)
        for (int last = 0; last < dots; last++) {
            best[set][last] = set == 1 << last ? 0.0 : 1e300;
            for (int k = 0; k < dots && (set >> last & 1); k++)
                if (k != last && (set >> k & 1))
                    best[set][last] =
                        fmin(best[set][last], best[set ^ (1 << last)][k] + far_mm(from, k, last));
        }
    for (int last = 0; last < dots; last++)
        least = fmin(least, best[(1 << dots) - 1][last]);
    return least;
}

TEST(no_bound_is_above_the_shortest_way_of_few_dots)
{
    enum { DOTS = 11, SETS = 60 };
    REQUIRE(setup());
    double mean_way = 0.0, mean_bound = 0.0;
    for (uint64_t seed = 0; seed < SETS; seed++) {
        RouteDot few[DOTS];
        Rng rng = rng_make(seed, 3);
        for (int i = 0; i < DOTS; i++) { /* in half of the sets far apart in two heaps */
            double aside = seed % 2 == 0 && i % 2 == 0 ? 40.0 : 0.0;
            few[i] = (RouteDot){vec3(aside + 8.0 * rng_f64(&rng), 0.0, 8.0 * rng_f64(&rng)),
                                vec3(0.0, 1.0, 0.0), DESIGN_CROWN, 0};
            few[i].position_mm = route_place_mm(few[i].position_mm);
        }
        Route way;
        RouteMeasure measure;
        Err err;
        size_t mark = arena_mark(&arena);
        RouteParams with = params;
        with.field_mm = 100.0;
        REQUIRE(made(DOTS, few, &with, &way) &&
                route_measure(&scratch, few, &way, 0, 60, &measure, &err));
        double shortest = shortest_mm(DOTS, few);
        CHECK(measure.tree_mm <= measure.bound_mm && measure.bound_mm <= shortest + 1e-9);
        CHECK(measure.length_mm >= shortest - 1e-9 && measure.greedy_mm >= shortest - 1e-9);
        mean_way += measure.length_mm / shortest / SETS;
        mean_bound += measure.bound_mm / shortest / SETS;
        arena_rewind(&arena, mark);
    }
    printf("# of the shortest way: ours %.3f, the bound %.3f\n", mean_way, mean_bound);
    CHECK(mean_way < 1.05 && mean_bound > 0.7);
}

/* Prim over all pairs. */
static double naive_tree_mm(int dots, const RouteDot from[])
{
    static double away[ROOM];
    double sum = 0.0;
    for (int i = 0; i < dots; i++)
        away[i] = far_mm(from, 0, i);
    away[0] = -1.0;
    for (int left = dots - 1; left > 0; left--) {
        int next = -1;
        for (int i = 0; i < dots; i++)
            if (away[i] >= 0.0 && (next < 0 || away[i] < away[next]))
                next = i;
        sum += away[next];
        away[next] = -1.0;
        for (int i = 0; i < dots; i++)
            if (away[i] >= 0.0)
                away[i] = fmin(away[i], far_mm(from, next, i));
    }
    return sum;
}

static double naive_greedy_mm(int dots, const RouteDot from[], int at)
{
    static uint8_t done[ROOM];
    double sum = 0.0;
    memset(done, 0, sizeof done);
    for (int left = dots - 1; left > 0; left--) {
        int next = -1;
        done[at] = 1;
        for (int i = 0; i < dots; i++)
            if (!done[i] && (next < 0 || far_mm(from, at, i) < far_mm(from, at, next)))
                next = i;
        sum += far_mm(from, at, next);
        at = next;
    }
    return sum;
}

TEST(tree_and_greedy_tour_are_those_of_all_pairs)
{
    REQUIRE(setup());
    static RouteDot some[ROOM];
    int dots = 0;
    for (int i = 0; i < count; i++)
        if (dot[i].zone == DESIGN_CROWN && dot[i].session == 1) {
            some[dots] = dot[i];
            some[dots++].position_mm = route_place_mm(dot[i].position_mm);
        }
    Route way;
    RouteMeasure measure;
    Err err;
    REQUIRE(made(dots, some, &params, &way) &&
            route_measure(&scratch, some, &way, 1, 0, &measure, &err));
    double tree = naive_tree_mm(dots, some);
    printf("# %d dots: tree %.6f, all pairs %.6f\n", dots, measure.tree_mm, tree);
    CHECK_NEAR(measure.tree_mm, tree, 1e-6 * tree);
    CHECK_NEAR(measure.greedy_mm, naive_greedy_mm(dots, some, way.order[0]), 1e-6 * tree);
    CHECK_NEAR(measure.bound_mm, measure.tree_mm, 0.0);
}

/* ---- breaks */

static double stretch(const Route *way, int s, RouteRest rest, int *parts)
{
    double most = 0.0, sum = 0.0;
    *parts = 0;
    for (int k = 0; k < way->session[s].stop_count; k++) {
        const RouteStop *stop = &way->stop[way->session[s].first_stop + k];
        sum += stop->work;
        most = fmax(most, sum);
        if (stop->rest == ROUTE_END || stop->rest == rest) {
            (*parts)++;
            sum = 0.0;
        }
    }
    CHECK(!(sum > 0.0)); /* the session ends with the end of a sitting */
    return most;
}

TEST(no_work_without_a_break_is_longer_than_allowed_and_breaks_are_few)
{
    static const double between[] = {150.0, 400.0, 700.0, 1500.0, 1e6};
    REQUIRE(setup());
    for (int n = 0; n < 5; n++)
        for (int s = 0; s < 3; s++) {
            RouteParams with = params;
            with.dots_between_breaks = between[n];
            Route way;
            size_t mark = arena_mark(&arena);
            REQUIRE(made(count, dot, &with, &way));
            int parts, longest = 0;
            double most = stretch(&way, s, ROUTE_BREAK, &parts);
            const RouteSession *session = &way.session[s];
            for (int k = 0; k < session->stop_count; k++)
                longest = way.stop[session->first_stop + k].count > longest
                              ? way.stop[session->first_stop + k].count
                              : longest;
            CHECK(most <= fmax(between[n], longest));
            CHECK(parts == session->breaks + 1 && session->sittings == 1);
            /* one less could not do, unless stops are too large to fill the time well */
            CHECK(parts <=
                  ceil(session->work / (between[n] - longest > 0.0 ? between[n] - longest : 1.0)));
            arena_rewind(&arena, mark);
        }
}

/* The smallest longest part by trying all cuts (dynamic programming over cuts). */
static double naive_even(int stops, const RouteStop stop[], int parts)
{
    static double best[400], next[400];
    double sum = 0.0;
    for (int k = 0; k < stops; k++)
        best[k] = sum += stop[k].work;
    for (int p = 1; p < parts; p++) {
        for (int k = 0; k < stops; k++) {
            next[k] = best[k];
            double tail = 0.0;
            for (int c = k; c > 0; c--) {
                tail += stop[c].work;
                next[k] = fmin(next[k], fmax(best[c - 1], tail));
            }
        }
        memcpy(best, next, sizeof best);
    }
    return best[stops - 1];
}

TEST(sittings_share_the_work_as_evenly_as_seams_allow)
{
    REQUIRE(setup());
    for (int sittings = 1; sittings < 6; sittings++) {
        RouteParams with = params;
        for (int s = 0; s < 3; s++)
            with.sittings[s] = sittings;
        with.effort[DESIGN_HAIRLINE] = 1.7;
        with.dots_between_breaks = sittings == 2 ? 300.0 : 0.0;
        Route way;
        size_t mark = arena_mark(&arena);
        REQUIRE(made(count, dot, &with, &way));
        for (int s = 0; s < 3; s++) {
            int parts;
            const RouteSession *session = &way.session[s];
            double most = stretch(&way, s, ROUTE_END, &parts);
            CHECK(parts == sittings && session->sittings == sittings);
            CHECK_NEAR(most,
                       naive_even(session->stop_count, way.stop + session->first_stop, sittings),
                       1e-6);
            CHECK((session->breaks > 0) == (sittings == 2));
        }
        arena_rewind(&arena, mark);
    }
}

TEST(work_counts_the_effort_of_a_zone)
{
    REQUIRE(setup());
    RouteParams with = params;
    with.effort[DESIGN_SCAR] = 2.5;
    Route way;
    REQUIRE(made(count, dot, &with, &way));
    double work = 0.0;
    for (int i = 0; i < count; i++)
        if (dot[i].session == 0)
            work += dot[i].zone == DESIGN_SCAR ? 2.5 : 1.0;
    CHECK_NEAR(way.session[0].work, work, 1e-6);
}

/* ---- the edges */

TEST(no_dots_make_an_empty_route_and_one_dot_a_stop)
{
    REQUIRE(setup());
    Route way;
    RouteMeasure measure;
    Err err;
    REQUIRE(made(0, dot, &params, &way));
    CHECK(way.count == 0 && way.stop_count == 0 && way.session_count == 0);
    RouteDot one = {vec3(1.0, 2.0, 3.0), vec3(0.0, 1.0, 0.0), 3, 2};
    REQUIRE(made(1, &one, &params, &way) &&
            route_measure(&scratch, &one, &way, 2, 5, &measure, &err));
    CHECK(way.stop_count == 1 && way.session_count == 3 && way.stop[0].rest == ROUTE_END);
    CHECK_NEAR(way.session[2].length_mm + measure.greedy_mm + measure.bound_mm, 0.0, 0.0);
}

TEST(dots_in_one_place_are_walked_too)
{
    REQUIRE(setup());
    RouteDot heap[40];
    for (int i = 0; i < 40; i++)
        heap[i] = (RouteDot){vec3(1.0, 2.0, 3.0), vec3(0.0, i % 2 ? 1.0 : -1.0, 0.0), 1, 0};
    Route way;
    RouteMeasure measure;
    Err err;
    REQUIRE(made(40, heap, &params, &way) &&
            route_measure(&scratch, heap, &way, 0, 5, &measure, &err));
    CHECK(way.stop_count == 1 && way.count == 40);
    CHECK_NEAR(way.session[0].length_mm + measure.greedy_mm, 0.0, 0.0);
}

TEST(what_is_out_of_range_is_refused)
{
    REQUIRE(setup());
    RouteDot bad[8];
    RouteParams with[6];
    Route way;
    Err err;
    for (int i = 0; i < 8; i++)
        bad[i] = (RouteDot){vec3(1.0, 2.0, 3.0), vec3(0.0, 1.0, 0.0), 1, 0};
    bad[0].position_mm.y = (double)NAN;
    bad[1].position_mm.x = (double)INFINITY;
    bad[2].position_mm.z = 1e5;
    bad[3].normal.x = (double)NAN;
    bad[4].zone = DOTS_ZONES;
    bad[5].zone = -1;
    bad[6].session = DOTS_MAX_SESSIONS;
    bad[7].session = -1;
    for (int i = 0; i < 8; i++)
        CHECK(!route_make(&arena, &scratch, 1, &bad[i], &params, &way, &err) &&
              err.code == ERR_INPUT);
    for (int i = 0; i < 6; i++)
        with[i] = params;
    with[0].field_mm = 4.0;
    with[1].field_mm = (double)NAN;
    with[2].long_mm = 0.0;
    with[3].dots_between_breaks = -1.0;
    with[4].effort[3] = (double)NAN;
    with[5].sittings[1] = -2;
    for (int i = 0; i < 6; i++)
        CHECK(!route_make(&arena, &scratch, count, dot, &with[i], &way, &err) &&
              err.code == ERR_INPUT);
}

TEST(too_many_stops_and_too_little_room_are_refused)
{
    REQUIRE(setup());
    enum { WIDE = 75 };
    RouteDot *spread = ARENA_NEW(&arena, RouteDot, WIDE * WIDE);
    Route way;
    Err err;
    REQUIRE(spread != NULL);
    for (int i = 0; i < WIDE * WIDE; i++)
        spread[i] = (RouteDot){vec3(i % WIDE * 40.0, 0.0, (double)(i / WIDE) * 40.0),
                               vec3(0.0, 1.0, 0.0), 1, 0};
    CHECK(!route_make(&arena, &scratch, WIDE * WIDE, spread, &params, &way, &err) &&
          err.code == ERR_LIMIT);
    bool was = false;
    for (size_t limit = 1 << 9; limit <= 1 << 17; limit += 1 << 9) {
        Arena small = {0}, tiny = {0};
        RouteMeasure measure;
        REQUIRE(arena_open(&small, limit, &err) && arena_open(&tiny, 1 << 20, &err));
        bool ok = route_make(&tiny, &small, 60, dot, &params, &way, &err) &&
                  route_measure(&small, dot, &way, 0, 3, &measure, &err);
        CHECK(ok ? limit > 1 << 9 : !was && err.code == ERR_LIMIT && limit < 1 << 17);
        was = ok;
        arena_close(&small);
        arena_close(&tiny);
    }
}
