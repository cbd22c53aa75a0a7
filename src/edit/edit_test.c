#include "edit/edit_testing.h"

#include "base/io.h"
#include "base/sha256.h"
#include "base/test.h"

#include <stdlib.h>

/* Few sites: what is tested does not depend on how many. */
#define HIGHEST 0.3  /* per mm2 */
#define FULL    25.0 /* per cm2 */

static Arena arena, scratch;
static Testing testing;
static Design wished, other;
static EditHistory history;

static bool setup(void)
{
    Err err = {0};
    if (arena.base != NULL)
        return true;
    bool ok = arena_open(&arena, (size_t)3 << 30, &err) &&
              arena_open(&scratch, (size_t)512 << 20, &err) &&
              testing_open(&arena, &scratch, &testing, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static EditParams make_params(void)
{
    return (EditParams){.session_count = 3,
                        .share = {0.45, 0.35, 0.20},
                        .highest_per_mm2 = HIGHEST,
                        .most_per_mm2 = 10.0,
                        .seed = 3,
                        .threads = 2};
}

static bool propose(bool whole, Design *design)
{
    Err err = {0};
    size_t mark = arena_mark(&scratch);
    bool ok = testing_design(&scratch, &testing, whole, FULL, design, &err);
    arena_rewind(&scratch, mark);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static bool open_edit(const HairSurvey *survey, const Design *design, const EditParams *params,
                      Edit *edit)
{
    Err err = {0};
    bool ok = edit_open(&arena, &scratch, &testing.head, survey, design, params, edit, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static bool apply(const Design *design, Edit *edit)
{
    Err err = {0};
    bool ok = edit_apply(&scratch, design, edit, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static size_t vertices(void)
{
    return (size_t)testing.topology.vertex_count;
}

/* ---- what an edit should be, without one */

/* The target, less what is beside, clipped: written out once more. */
static void naive_wanted(const DesignLayout *layout, const EditParams *params,
                         const DotsSequence *sequence, double wanted[])
{
    for (size_t v = 0; v < vertices(); v++) {
        double beside = params->beside_per_mm2 == NULL ? 0.0 : params->beside_per_mm2[v];
        wanted[v] = layout->target_per_mm2[v] - beside;
        if (wanted[v] > params->most_per_mm2 - beside)
            wanted[v] = params->most_per_mm2 - beside;
        if (wanted[v] < 0.0)
            wanted[v] = 0.0;
        if (wanted[v] > sequence->ceiling_per_mm2[v])
            wanted[v] = sequence->ceiling_per_mm2[v];
    }
}

/* Counts by walking over the sites; a site lies in the zone of its heaviest open corner. */
static bool has_naive_counts(const Edit *edit)
{
    EditCounts naive = {.area_mm2 = edit->layout.area_mm2, .wanted = edit->layout.dots};
    for (int i = 0; i < edit->sequence.count; i++) {
        HeadPoint point = edit->sequence.point[i];
        const int *corner = edit->surface.triangle[point.triangle];
        int best = -1;
        if (edit->session[i] < 0)
            continue;
        for (int k = 0; k < 3; k++)
            if (edit->wanted_per_mm2[corner[k]] > 0.0 &&
                (best < 0 || point.weight[k] > point.weight[best]))
                best = k;
        naive.dots++;
        naive.in_session[edit->session[i]]++;
        naive.in_zone[edit->layout.zone[corner[best]]]++;
    }
    const EditCounts *counts = &edit->counts;
    return naive.dots == counts->dots &&
           memcmp(naive.in_session, counts->in_session, sizeof naive.in_session) == 0 &&
           memcmp(naive.in_zone, counts->in_zone, sizeof naive.in_zone) == 0 &&
           memcmp(&naive.area_mm2, &counts->area_mm2, sizeof naive.area_mm2) == 0 &&
           memcmp(&naive.wanted, &counts->wanted, sizeof naive.wanted) == 0;
}

/* Laid out and chosen from nothing, on the same sequence. */
static bool is_fresh(const HairSurvey *survey, const EditParams *params, const Edit *edit)
{
    Err err = {0};
    size_t mark = arena_mark(&arena);
    static DesignLayout layout;
    double *wanted = ARENA_NEW(&arena, double, vertices());
    int8_t *session = ARENA_NEW(&arena, int8_t, (size_t)edit->sequence.count);
    DotsParams dots = {.session_count = params->session_count};
    memcpy(dots.share, params->share, sizeof dots.share);
    int count;
    bool ok =
        design_layout(&arena, &scratch, &testing.head, survey, &edit->layout.design, &layout, &err);
    if (ok) {
        naive_wanted(&layout, params, &edit->sequence, wanted);
        DotsWanted asked = {.per_mm2 = wanted, .zone = layout.zone};
        ok = dots_choose(&scratch, &edit->surface, &edit->sequence, &asked, &dots, NULL, session,
                         &count, &err) &&
             memcmp(wanted, edit->wanted_per_mm2, vertices() * sizeof *wanted) == 0 &&
             memcmp(layout.zone, edit->layout.zone, vertices()) == 0 &&
             memcmp(session, edit->session, (size_t)edit->sequence.count) == 0 &&
             memcmp(&layout.dots, &edit->layout.dots, sizeof layout.dots) == 0;
    } else {
        printf("# %s\n", err.text);
    }
    arena_rewind(&arena, mark);
    return ok && has_naive_counts(edit);
}

static bool is_same_edit(const Edit *a, const Edit *b)
{
    size_t sites = (size_t)a->sequence.count;
    return a->sequence.count == b->sequence.count &&
           memcmp(a->sequence.rank, b->sequence.rank, sites * sizeof(double)) == 0 &&
           memcmp(a->sequence.position_mm, b->sequence.position_mm, sites * sizeof(Vec3)) == 0 &&
           memcmp(a->session, b->session, sites) == 0 &&
           memcmp(a->wanted_per_mm2, b->wanted_per_mm2, vertices() * sizeof(double)) == 0 &&
           a->counts.dots == b->counts.dots &&
           memcmp(a->counts.in_zone, b->counts.in_zone, sizeof a->counts.in_zone) == 0;
}

static double between(Rng *rng, double low, double high)
{
    return low + (high - low) * rng_f64(rng);
}

static void edit_line(Design *design, Rng *rng)
{
    DesignHairline *line = &design->hairline;
    switch (rng_below(rng, 4)) {
    case 0:
        line->transition_mm = between(rng, 0.0, 20.0);
        break;
    case 1:
        line->drawn = !line->drawn;
        break;
    default:
        testing_move_control(design, rng_below(rng, line->control_count), between(rng, -0.02, 0.02),
                             between(rng, -0.02, 0.02));
    }
}

static void edit_region(Design *design, Rng *rng)
{
    DesignRegion *region = &design->region[rng_below(rng, design->region_count)];
    switch (rng_below(rng, 3)) {
    case 0:
        if (design->region_count < 8)
            testing_add_discs(design, rng_below(rng, 2) == 0 ? DESIGN_KEEP_OUT : DESIGN_SCAR,
                              between(rng, -0.3, 0.3), between(rng, -0.3, 0.2),
                              between(rng, 8.0, 25.0));
        break;
    case 1:
        region->blend_mm = region->zone == DESIGN_KEEP_OUT ? 0.0 : between(rng, 2.0, 20.0);
        break;
    default:
        region->density_per_cm2 = between(rng, 20.0, 40.0); /* more than the sequence has */
    }
}

/* Something that a practitioner does: the line, a stroke, a region, a slider. */
static void random_edit(Design *design, Rng *rng)
{
    switch (rng_below(rng, 5)) {
    case 0:
        edit_line(design, rng);
        break;
    case 1:
        if (rng_below(rng, 3) == 0 && design->stroke_count > 0)
            design->stroke_count--; /* its points stay, nobody points at them */
        else
            testing_add_stroke(design, between(rng, -0.3, 0.3), between(rng, -0.3, 0.2),
                               between(rng, 5.0, 40.0), between(rng, -1.0, 1.0));
        break;
    case 2:
        edit_region(design, rng);
        break;
    case 3:
        design->density.full_per_cm2 = between(rng, 20.0, 32.0);
        break;
    default:
        design->density.crown_softer = between(rng, 0.0, 0.5);
    }
    design_settle(design);
}

/* ---- edits */

static void check_random_edits(const HairSurvey *survey, bool whole, const EditParams *params,
                               uint64_t seed, int edits)
{
    static Edit edit, anew;
    size_t mark = arena_mark(&arena);
    Rng rng = rng_make(seed, 0);
    int applied = 0, fresh = 0, moved = 0, some = 0;
    REQUIRE(propose(whole, &wished));
    REQUIRE(open_edit(survey, &wished, params, &edit));
    CHECK(edit.counts.dots > 1000 && is_fresh(survey, params, &edit));
    for (int e = 0; e < edits; e++) {
        Err err = {0};
        int before = edit.counts.dots;
        other = edit.layout.design;
        random_edit(&other, &rng);
        if (edit_apply(&scratch, &other, &edit, &err)) {
            applied++;
            some += edit.last_changed_sites < edit.sequence.count / 3;
        } else { /* refused: a region where there is no scalp */
            CHECK(err.code == ERR_INPUT);
        }
        fresh += is_fresh(survey, params, &edit);
        moved += edit.counts.dots != before;
    }
    CHECK(fresh == edits);
    CHECK(applied > edits / 2 && moved > edits / 3 && some > 0);
    wished = edit.layout.design;
    REQUIRE(open_edit(survey, &wished, params, &anew));
    CHECK(is_same_edit(&edit, &anew));
    arena_rewind(&arena, mark);
}

TEST(any_sequence_of_edits_ends_where_the_last_design_is_opened)
{
    REQUIRE(setup());
    EditParams params = make_params();
    check_random_edits(&testing.bare, true, &params, 1, 25);
    check_random_edits(&testing.bare, false, &params, 2, 25);
    check_random_edits(&testing.shaved, false, &params, 3, 25);
}

TEST(what_is_beside_makes_room_and_the_most_holds_with_it)
{
    REQUIRE(setup());
    static Edit edit, plain;
    EditParams params = make_params();
    size_t mark = arena_mark(&arena);
    double *beside = ARENA_NEW(&arena, double, vertices());
    REQUIRE(propose(true, &wished) && open_edit(&testing.bare, &wished, &params, &plain));
    for (size_t v = 0; v < vertices(); v++)
        beside[v] =
            testing.head.position_mm[v].x > 0.0 ? 0.002 * testing.head.position_mm[v].x : 0.0;
    params.beside_per_mm2 = beside;
    params.most_per_mm2 = 0.22;
    REQUIRE(open_edit(&testing.bare, &wished, &params, &edit));
    int less = 0, full = 0;
    for (size_t v = 0; v < vertices(); v++) {
        double sum = edit.wanted_per_mm2[v] + beside[v];
        less += edit.wanted_per_mm2[v] < plain.wanted_per_mm2[v];
        full += edit.wanted_per_mm2[v] > 0.0 && fabs(sum - 0.22) < 1e-12;
        CHECK(edit.wanted_per_mm2[v] <= plain.wanted_per_mm2[v]);
        if (edit.wanted_per_mm2[v] > 0.0)
            CHECK(sum <= 0.22 + 1e-12 && sum <= edit.layout.target_per_mm2[v] + 1e-12);
    }
    CHECK(less > 1000 && full > 100);
    check_random_edits(&testing.bare, true, &params, 4, 15);
    arena_rewind(&arena, mark);
}

TEST(fixed_points_are_members_of_the_sequence)
{
    enum { FIXED = 400 };
    REQUIRE(setup());
    static Edit edit;
    EditParams params = make_params();
    size_t mark = arena_mark(&arena);
    static DotsFixed fixed[FIXED];
    for (int i = 0; i < FIXED; i++) {
        HeadPoint at = head_nearest(&testing.head, vec3(i % 20 - 10.0, 150.0, i / 20 - 10.0));
        fixed[i] = (DotsFixed){.position_mm = head_position_mm(&testing.head, at)};
    }
    params.fixed_count = FIXED;
    params.fixed = fixed;
    REQUIRE(propose(true, &wished) && open_edit(&testing.bare, &wished, &params, &edit));
    CHECK(edit.sequence.fixed_count == FIXED);
    int nearer = 0; /* the hexagonal spacing at the highest density is 1.96 mm; fixed ones 1 mm */
    for (int i = 0; i < edit.sequence.count; i++)
        for (int f = 0; f < FIXED; f++)
            nearer += vec_distance(edit.sequence.position_mm[i], fixed[f].position_mm) < 0.4;
    CHECK(nearer == 0);
    CHECK(is_fresh(&testing.bare, &params, &edit));
    arena_rewind(&arena, mark);
}

TEST(the_sites_do_not_depend_on_the_design_nor_on_threads)
{
    REQUIRE(setup());
    static Edit a, b;
    EditParams params = make_params();
    size_t mark = arena_mark(&arena);
    REQUIRE(propose(true, &wished) && open_edit(&testing.bare, &wished, &params, &a));
    params.threads = 1;
    REQUIRE(open_edit(&testing.bare, &wished, &params, &b));
    CHECK(is_same_edit(&a, &b));
    REQUIRE(propose(false, &other) && open_edit(&testing.bare, &other, &params, &b));
    CHECK(a.sequence.count == b.sequence.count &&
          memcmp(a.sequence.rank, b.sequence.rank, (size_t)a.sequence.count * sizeof(double)) == 0);
    CHECK(a.counts.dots > b.counts.dots);
    arena_rewind(&arena, mark);
}

/* Where a design wants something there are sites: nothing is cut off at the rim of the sequence. */
TEST(a_design_wants_nothing_where_there_are_no_sites)
{
    REQUIRE(setup());
    static Edit edit;
    EditParams params = make_params();
    size_t mark = arena_mark(&arena);
    REQUIRE(propose(true, &wished));
    wished.hairline.drawn = false; /* nothing holds it back from the face */
    REQUIRE(testing_add_discs(&wished, DESIGN_SCAR, 0.0, 0.42, 60.0)); /* down the forehead */
    testing_add_stroke(&wished, 0.7, 0.0, 60.0, 1.0);                  /* an ear */
    REQUIRE(open_edit(&testing.bare, &wished, &params, &edit));
    int cut = 0;
    for (size_t v = 0; v < vertices(); v++) {
        double target = fmin(edit.layout.target_per_mm2[v], HIGHEST);
        cut += edit.wanted_per_mm2[v] != target;
    }
    CHECK(cut == 0);
    arena_rewind(&arena, mark);
}

TEST(unedited_places_keep_exactly_their_dots)
{
    REQUIRE(setup());
    static Edit edit;
    EditParams params = make_params();
    size_t mark = arena_mark(&arena);
    REQUIRE(propose(true, &wished) && open_edit(&testing.bare, &wished, &params, &edit));
    size_t sites = (size_t)edit.sequence.count;
    int8_t *was = ARENA_NEW(&arena, int8_t, sites);
    double *target = ARENA_NEW(&arena, double, vertices());
    uint8_t *zone = ARENA_NEW(&arena, uint8_t, vertices());
    for (int e = 0; e < 6; e++) {
        DesignLayout *layout = &edit.layout;
        int control = wished.hairline.control_count / 2 - 2 + e, touched = 0, moved = 0, stray = 0;
        memcpy(was, edit.session, sites);
        memcpy(target, layout->target_per_mm2, vertices() * sizeof *target);
        memcpy(zone, layout->zone, vertices());
        Vec3 place_mm = layout->control_mm[e < 3 ? control : 0];
        other = layout->design;
        if (e < 3)
            testing_move_control(&other, control, 0.0, e == 1 ? -0.02 : 0.02);
        else
            testing_add_stroke(&other, 0.0, -0.1 * e + 0.3, 15.0, -0.7);
        REQUIRE(apply(&other, &edit));
        for (size_t i = 0; i < sites; i++) {
            const int *corner = edit.surface.triangle[edit.sequence.point[i].triangle];
            bool near = false, changed = edit.session[i] != was[i];
            for (int k = 0; k < 3; k++)
                near = near || target[corner[k]] != layout->target_per_mm2[corner[k]] ||
                       zone[corner[k]] != layout->zone[corner[k]];
            touched += near;
            moved += changed;
            CHECK(near || !changed);
            stray +=
                e < 3 && changed && vec_distance(edit.sequence.position_mm[i], place_mm) > 90.0;
        }
        CHECK(edit.last_changed_sites == touched);
        CHECK(moved > 0 && stray == 0 && touched < edit.sequence.count / 4);
    }
    arena_rewind(&arena, mark);
}

TEST(a_design_of_the_same_dots_looks_at_no_site)
{
    REQUIRE(setup());
    static Edit edit;
    EditParams params = make_params();
    size_t mark = arena_mark(&arena);
    REQUIRE(propose(false, &wished) && open_edit(&testing.bare, &wished, &params, &edit));
    CHECK(edit.last_changed_sites == edit.sequence.count);
    REQUIRE(apply(&wished, &edit));
    CHECK(edit.last_changed_sites == 0);
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        wished.marks.zone_size[zone] = 0.9; /* sizes are not counts */
    REQUIRE(apply(&wished, &edit));
    CHECK(edit.last_changed_sites == 0 && is_fresh(&testing.bare, &params, &edit));
    arena_rewind(&arena, mark);
}

/* ---- refusals */

typedef struct Snapshot {
    Edit edit;
    int8_t *session;
    double *wanted, *target;
    float *behind, *size;
} Snapshot;

static Snapshot *snapshot(const Edit *edit)
{
    static Snapshot s;
    size_t n = vertices(), sites = (size_t)edit->sequence.count;
    s.edit = *edit;
    s.session = ARENA_NEW(&arena, int8_t, sites);
    s.wanted = ARENA_NEW(&arena, double, n), s.target = ARENA_NEW(&arena, double, n);
    s.behind = ARENA_NEW(&arena, float, n), s.size = ARENA_NEW(&arena, float, n);
    memcpy(s.session, edit->session, sites);
    memcpy(s.wanted, edit->wanted_per_mm2, n * sizeof(double));
    memcpy(s.target, edit->layout.target_per_mm2, n * sizeof(double));
    memcpy(s.behind, edit->layout.behind_mm, n * sizeof(float));
    memcpy(s.size, edit->layout.size, n * sizeof(float));
    return &s;
}

static bool is_as_it_was(const Snapshot *s, const Edit *edit)
{
    size_t n = vertices();
    return memcmp(s->session, edit->session, (size_t)edit->sequence.count) == 0 &&
           memcmp(s->wanted, edit->wanted_per_mm2, n * sizeof(double)) == 0 &&
           memcmp(s->target, edit->layout.target_per_mm2, n * sizeof(double)) == 0 &&
           memcmp(s->behind, edit->layout.behind_mm, n * sizeof(float)) == 0 &&
           memcmp(s->size, edit->layout.size, n * sizeof(float)) == 0 &&
           memcmp(&s->edit.counts, &edit->counts, sizeof edit->counts) == 0 &&
           design_same(&s->edit.layout.design, &edit->layout.design);
}

TEST(a_refused_edit_leaves_everything_as_it_was)
{
    REQUIRE(setup());
    static Edit edit;
    EditParams params = make_params();
    Err err = {0};
    size_t mark = arena_mark(&arena);
    REQUIRE(propose(true, &wished) && open_edit(&testing.bare, &wished, &params, &edit));
    for (int i = 0; i < 6; i++) { /* a larger design than the one that was opened */
        testing_add_discs(&wished, DESIGN_SCAR, 0.05 * i - 0.2, -0.1, 12.0);
        testing_add_stroke(&wished, 0.05 * i - 0.2, 0.1, 12.0, 0.5);
    }
    design_settle(&wished);
    REQUIRE(apply(&wished, &edit));
    const Snapshot *before = snapshot(&edit);
    size_t used = arena_mark(&scratch), kept = arena_mark(&arena);
    for (int n = 0; n < 3; n++) {
        other = wished;
        testing_move_control(&other, 3, 0.0, 0.03);
        other.density.full_per_cm2 = n == 0 ? 1000.0 : 28.0; /* found at once */
        if (n == 1) /* found when half is done: a scar below the brows */
            testing_add_discs(&other, DESIGN_SCAR, 0.0, 1.3, 1.0);
        if (n == 2) /* below the canvas */
            testing_add_stroke(&other, 1.44, 0.0, 10.0, 0.5);
        CHECK(!edit_apply(&scratch, &other, &edit, &err) && err.code == ERR_INPUT);
        CHECK(is_as_it_was(before, &edit));
    }
    CHECK(arena_mark(&scratch) == used && arena_mark(&arena) == kept);
    REQUIRE(propose(false, &wished) && apply(&wished, &edit));
    CHECK(is_fresh(&testing.bare, &params, &edit));
    arena_rewind(&arena, mark);
}

TEST(an_edit_without_scratch_leaves_the_choice_and_the_next_one_succeeds)
{
    REQUIRE(setup());
    static Edit edit;
    EditParams params = make_params();
    Err err = {0};
    size_t mark = arena_mark(&arena), limit = scratch.limit;
    REQUIRE(propose(true, &wished) && open_edit(&testing.bare, &wished, &params, &edit));
    const Snapshot *before = snapshot(&edit);
    other = wished;
    testing_move_control(&other, 3, 0.0, 0.03);
    testing_add_stroke(&other, 0.0, 0.0, 10.0, 0.5);
    int refused = 0, torn = 0;
    for (size_t room = 0; room < (size_t)4 << 20; room += 150000) {
        scratch.limit = scratch.used + room;
        bool ok = edit_apply(&scratch, &other, &edit, &err);
        scratch.limit = limit;
        if (!ok) {
            refused++;
            torn += !is_as_it_was(before, &edit);
            CHECK(err.code == ERR_LIMIT && before->edit.counts.dots == edit.counts.dots);
            CHECK(memcmp(before->session, edit.session, (size_t)edit.sequence.count) == 0);
            REQUIRE(apply(&other, &edit));
        }
        CHECK(design_same(&edit.layout.design, &other) && is_fresh(&testing.bare, &params, &edit));
        REQUIRE(apply(&wished, &edit));
        CHECK(memcmp(before->session, edit.session, (size_t)edit.sequence.count) == 0);
    }
    CHECK(refused > torn && torn > 0); /* before anything was made, and half way */
    arena_rewind(&arena, mark);
}

TEST(an_edit_that_cannot_be_opened_says_why)
{
    REQUIRE(setup());
    static Edit edit;
    size_t mark = arena_mark(&arena), limit = arena.limit;
    Err err = {0};
    REQUIRE(propose(true, &wished));
    double *beside = ARENA_NEW(&arena, double, vertices());
    for (int n = 0; n < 6; n++) {
        EditParams params = make_params();
        params.highest_per_mm2 = n == 0 ? 11.0 : HIGHEST;
        params.share[0] = n == 1 ? 0.5 : 0.45;
        params.most_per_mm2 = n == 2 ? 0.0 : n == 3 ? (double)NAN : 1.0;
        beside[7] = n == 4 ? -1.0 : 0.0;
        params.beside_per_mm2 = beside;
        other = wished;
        other.density.full_per_cm2 = n == 5 ? 0.0 : FULL;
        CHECK(!edit_open(&arena, &scratch, &testing.head, &testing.bare, &other, &params, &edit,
                         &err) &&
              err.code == ERR_INPUT);
    }
    EditParams params = make_params();
    for (size_t room = 0; room < (size_t)9 << 20; room += (size_t)1 << 20) {
        arena.limit = arena.used + room;
        CHECK(!edit_open(&arena, &scratch, &testing.head, &testing.bare, &wished, &params, &edit,
                         &err) &&
              err.code == ERR_LIMIT);
    }
    arena.limit = limit;
    arena_rewind(&arena, mark);
}

/* ---- history */

static bool push(const char *what, const Design *design)
{
    Err err = {0};
    bool ok = edit_history_push(&arena, &history, what, design, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

/* A design that can be told from others by its title. */
static const Design *numbered(int n)
{
    snprintf(wished.title, sizeof wished.title, "design %d", n);
    return &wished;
}

static int today(void)
{
    static Design design;
    Err err = {0};
    int n = -1;
    if (!CHECK(edit_history_design(&history, &design, &err)))
        printf("# %s\n", err.text);
    return sscanf(design.title, "design %d", &n) == 1 ? n : -1;
}

static bool start_history(int steps)
{
    history = (EditHistory){0};
    if (!setup() || !propose(true, &wished))
        return false;
    for (int n = 0; n < steps; n++) {
        char what[32];
        snprintf(what, sizeof what, "step %d", n);
        if (!push(what, numbered(n)))
            return false;
    }
    return true;
}

TEST(undo_and_redo_walk_between_the_first_and_the_last_design)
{
    size_t mark = arena_mark(&arena);
    CHECK(!edit_history_move(&(EditHistory){0}, -1) && !edit_history_move(&(EditHistory){0}, 1));
    REQUIRE(start_history(5));
    CHECK(today() == 4 && !edit_history_move(&history, 1) && today() == 4);
    for (int n = 3; n >= 0; n--)
        CHECK(edit_history_move(&history, -1) && today() == n);
    CHECK(!edit_history_move(&history, -1) && today() == 0);
    CHECK(edit_history_move(&history, 1) && today() == 1 && history.count == 5);
    CHECK(edit_history_move(&history, 3) && today() == 4);
    CHECK(!edit_history_move(&history, -2147483647 - 1) && today() == 4);
    arena_rewind(&arena, mark);
}

TEST(a_step_after_an_undo_drops_what_was_undone)
{
    size_t mark = arena_mark(&arena);
    REQUIRE(start_history(6));
    CHECK(edit_history_move(&history, -3) && today() == 2);
    REQUIRE(push("another way", numbered(77)));
    CHECK(history.count == 4 && history.at == 3 && today() == 77);
    CHECK(!edit_history_move(&history, 1));
    CHECK(edit_history_move(&history, -1) && today() == 2);
    CHECK(strcmp(history.step[3].what, "another way") == 0);
    arena_rewind(&arena, mark);
}

TEST(the_oldest_step_falls_out_of_a_full_history)
{
    size_t mark = arena_mark(&arena);
    REQUIRE(start_history(EDIT_HISTORY + 7));
    CHECK(history.count == EDIT_HISTORY && history.at == EDIT_HISTORY - 1);
    CHECK(today() == EDIT_HISTORY + 6);
    CHECK(edit_history_move(&history, 1 - EDIT_HISTORY) && today() == 7);
    CHECK(strcmp(history.step[0].what, "step 7") == 0);
    for (int i = 0; i < EDIT_HISTORY; i++) {
        char sha256[65];
        sha256_hex(history.step[i].size, (const uint8_t *)history.step[i].json, sha256);
        CHECK(strcmp(sha256, history.step[i].sha256) == 0);
        CHECK(strlen(history.step[i].json) == history.step[i].size);
        CHECK(today() == 7 + i && edit_history_move(&history, 1) == (i < EDIT_HISTORY - 1));
    }
    arena_rewind(&arena, mark);
}

TEST(an_afternoon_of_steps_does_not_fill_the_arena)
{
    size_t mark = arena_mark(&arena);
    REQUIRE(start_history(2 * EDIT_HISTORY));
    size_t used = arena_mark(&arena);
    for (int n = 0; n < 500; n++) {
        if (n % 5 == 4)
            CHECK(edit_history_move(&history, -(n % 4)));
        REQUIRE(push("a slider", numbered(1000 + n)));
        CHECK(today() == 1000 + n);
    }
    CHECK(arena_mark(&arena) == used);
    arena_rewind(&arena, mark);
}

TEST(what_a_step_does_is_cut_behind_a_whole_character)
{
    size_t mark = arena_mark(&arena);
    REQUIRE(start_history(1));
    char what[160];
    for (int lead = 0; lead < 4; lead++) {
        memset(what, 'x', (size_t)lead);
        for (int i = 0; i < 40; i++)
            memcpy(what + lead + 3 * i, "\xe2\x82\xac", 3);
        what[lead + 120] = '\0';
        REQUIRE(push(what, numbered(1)));
        const char *got = history.step[history.at].what;
        size_t length = strlen(got);
        CHECK(length > EDIT_WHAT - 4 && length < EDIT_WHAT && (length - (size_t)lead) % 3 == 0 &&
              memcmp(got, what, length) == 0);
    }
    arena_rewind(&arena, mark);
}

TEST(a_step_without_room_leaves_the_history_as_it_was)
{
    Err err = {0};
    size_t mark = arena_mark(&arena);
    REQUIRE(start_history(EDIT_HISTORY));
    static EditHistory before;
    before = history;
    other = wished;
    for (int i = 0; i < 40; i++) /* larger than any room there is */
        testing_add_stroke(&other, 0.0, 0.0, 10.0, 0.123);
    for (int i = 0; i < 200 && other.point_count < DESIGN_POINTS; i++)
        other.point[other.point_count++] = (DesignPlace){0.123456, 0.123456};
    size_t limit = arena.limit;
    int refused = 0;
    for (size_t room = 0; room < (size_t)1 << 22; room += 4096) {
        arena.limit = arena.used + room;
        bool ok = edit_history_push(&arena, &history, "more", &other, &err);
        arena.limit = limit;
        if (ok)
            break;
        refused++;
        CHECK(err.code == ERR_LIMIT && memcmp(&before, &history, sizeof history) == 0);
    }
    CHECK(refused > 1 && strcmp(history.step[history.at].what, "more") == 0);
    arena_rewind(&arena, mark);
}

TEST(undo_brings_back_the_dots)
{
    REQUIRE(setup());
    static Edit edit;
    static Design design;
    EditParams params = make_params();
    Err err = {0};
    size_t mark = arena_mark(&arena);
    REQUIRE(start_history(1) && open_edit(&testing.bare, &wished, &params, &edit));
    size_t sites = (size_t)edit.sequence.count;
    int8_t *was[4];
    Rng rng = rng_make(9, 0);
    for (int n = 0; n < 4; n++) {
        was[n] = ARENA_NEW(&arena, int8_t, sites);
        memcpy(was[n], edit.session, sites);
        testing_add_stroke(&wished, between(&rng, -0.2, 0.2), 0.0, 30.0, -0.5);
        testing_move_control(&wished, 2 * n, 0.0, 0.01);
        design_settle(&wished);
        REQUIRE(apply(&wished, &edit) && push("a stroke", &wished));
    }
    for (int n = 3; n >= 0; n--) {
        CHECK(memcmp(was[n], edit.session, sites) != 0);
        REQUIRE(edit_history_move(&history, -1) && edit_history_design(&history, &design, &err) &&
                apply(&design, &edit));
        CHECK(memcmp(was[n], edit.session, sites) == 0);
    }
    arena_rewind(&arena, mark);
}

static bool to_json(const EditHistory *from, size_t *size, char **text)
{
    Err err = {0};
    bool ok = edit_history_to_json(&arena, from, size, text, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

TEST(a_history_comes_back_as_it_was_written)
{
    Err err = {0};
    size_t mark = arena_mark(&arena), size, again_size;
    char *text, *again;
    static EditHistory back;
    for (int steps = 0; steps < 8; steps += 7) {
        REQUIRE(start_history(steps));
        if (steps > 0) {
            testing_add_stroke(&wished, 0.1, 0.1, 10.0, 0.5);
            testing_add_discs(&wished, DESIGN_SCAR, 0.1, 0.1, 10.0);
            design_settle(&wished);
            REQUIRE(push("\"quoted\" \xc3\xa4 [1, 2]", numbered(7)));
            CHECK(edit_history_move(&history, -2));
        }
        REQUIRE(to_json(&history, &size, &text));
        bool ok = edit_history_from_json(&arena, size, text, &back, &err);
        if (!ok)
            printf("# %s\n", err.text);
        REQUIRE(CHECK(ok));
        CHECK(back.count == history.count && back.at == history.at);
        for (int i = 0; i < back.count; i++)
            CHECK(strcmp(back.step[i].what, history.step[i].what) == 0 &&
                  strcmp(back.step[i].sha256, history.step[i].sha256) == 0 &&
                  back.step[i].size == history.step[i].size &&
                  memcmp(back.step[i].json, history.step[i].json, back.step[i].size) == 0);
        REQUIRE(to_json(&back, &again_size, &again));
        CHECK(size == again_size && memcmp(text, again, size) == 0);
    }
    REQUIRE(edit_history_push(&arena, &back, "goes on", &wished, &err));
    CHECK(back.count == 7 && back.at == 6);
    CHECK(!edit_history_design(&(EditHistory){0}, &other, &err) && err.code == ERR_INPUT);
    arena_rewind(&arena, mark);
}

/* A document that this program once wrote stays readable: two steps, the second undone. Written by
 * edit_bench --sample; checked against its schema by tests/test_schemas.py. */
TEST(a_history_of_version_1_is_read_and_written_with_the_same_bytes)
{
    REQUIRE(setup());
    Err err = {0};
    size_t mark = arena_mark(&arena), size, again_size;
    uint8_t *bytes;
    char *again;
    bool ok = io_read_file(&arena, "tests/data/history.json", 1 << 20, &size, &bytes, &err) &&
              edit_history_from_json(&arena, size, (const char *)bytes, &history, &err);
    if (!ok)
        printf("# %s\n", err.text);
    REQUIRE(CHECK(ok) && CHECK(history.count == 2 && history.at == 0));
    REQUIRE(to_json(&history, &again_size, &again));
    CHECK(size == again_size && memcmp(bytes, again, size) == 0);
    CHECK(edit_history_move(&history, 1) && edit_history_design(&history, &wished, &err));
    CHECK(wished.stroke_count == 1 && strcmp(wished.title, "by hand") == 0);
    arena_rewind(&arena, mark);
}

/* The text with the n-th `from` replaced by `to`, of the same length or not. */
static char *replaced(const char *text, size_t size, int n, const char *from, const char *to,
                      size_t *new_size)
{
    char *copy = ARENA_NEW(&arena, char, size + strlen(to) + 1);
    const char *at = text;
    for (int i = 0; i <= n; i++) {
        at = strstr(i == 0 ? text : at + 1, from);
        if (at == NULL)
            return NULL;
    }
    size_t before = (size_t)(at - text), rest = size - before - strlen(from);
    memcpy(copy, text, before);
    memcpy(copy + before, to, strlen(to));
    memcpy(copy + before + strlen(to), at + strlen(from), rest);
    *new_size = before + strlen(to) + rest;
    return copy;
}

TEST(a_tampered_or_broken_history_is_refused)
{
    static const struct {
        int n;
        const char *from, *to, *says;
    } bad[] = {
        {0, "design 1", "design 9", "sha256"},
        {0, "\"full_per_cm2\": 25.0", "\"full_per_cm2\": 26.0", "sha256"},
        {1, "\"full_per_cm2\": 25.0", "\"full_per_cm2\": 25", "sha256"},
        {1, "\"sha256\": \"", "\"sha256\": \"0", "sha256"},
        {0, "\"at\": 2", "\"at\": 3", "not one of"},
        {0, "\"at\": 2", "\"at\": -1", "at"},
        {0, "\"at\": 2", "\"at\": 2.0", "at"},
        {0, "\"at\": 2", "\"from\": 2", "from"},
        {0, "\"what\"", "\"why\"", "why"},
        {0, "\"step 1\"", "5", "what"},
        {0, "\"step 1\"",
         "\"012345678901234567890123456789012345678901234567890123456789012345678901234567890123456"
         "7"
         "890123456\"",
         "what"},
        {0, "follicle/history", "follicle/design", "schema"},
        {0, "\"version\": 1", "\"version\": 2", "newer program"},
        {0, "follicle/design", "follicle/course", "sha256"},
        {0, "\"steps\"", "\"at\": 1, \"steps\"", "duplicate"},
        {0, "\"design\": {", "\"design\": [{", ""},
    };
    Err err = {0};
    size_t mark = arena_mark(&arena), size, changed_size = 0;
    char *text;
    static EditHistory back;
    REQUIRE(start_history(3) && to_json(&history, &size, &text));
    char *ended = ARENA_NEW(&arena, char, size + 1);
    memcpy(ended, text, size);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t before = arena_mark(&arena);
        char *changed = replaced(ended, size, bad[i].n, bad[i].from, bad[i].to, &changed_size);
        err = (Err){0};
        if (!CHECK(changed != NULL) ||
            !CHECK(!edit_history_from_json(&arena, changed_size, changed, &back, &err)) ||
            !CHECK(err.code == ERR_INPUT && strstr(err.text, bad[i].says) != NULL))
            printf("# %s -> %s: %s\n", bad[i].from, bad[i].to, err.text);
        arena_rewind(&arena, before);
    }
    for (size_t cut = 0; cut < size; cut += 97)
        CHECK(!edit_history_from_json(&arena, cut, text, &back, &err) && err.code == ERR_INPUT);
    arena_rewind(&arena, mark);
}

/* A digest can be made for anything; what is under it must still be a design. */
TEST(a_design_that_is_none_is_refused_whatever_its_digest)
{
    static const char nothing[] = "{\n  \"schema\": \"follicle/design\",\n  \"version\": 2\n}\n";
    Err err = {0};
    REQUIRE(setup());
    size_t mark = arena_mark(&arena);
    char sha256[65], text[512];
    static EditHistory back;
    sha256_hex(sizeof nothing - 1, (const uint8_t *)nothing, sha256);
    int size = snprintf(text, sizeof text,
                        "{\"schema\": \"follicle/history\", \"version\": 1, \"at\": 0, \"steps\": "
                        "[{\"what\": \"\", \"sha256\": \"%s\", \"design\": %s}]}",
                        sha256, nothing);
    CHECK(!edit_history_from_json(&arena, (size_t)size, text, &back, &err));
    CHECK(err.code == ERR_INPUT && strstr(err.text, "cannot be read") != NULL);
    arena_rewind(&arena, mark);
}

TEST(a_history_longer_than_it_can_be_is_refused)
{
    Err err = {0};
    REQUIRE(setup());
    size_t mark = arena_mark(&arena);
    char *text = ARENA_NEW(&arena, char, 4096);
    static EditHistory back;
    int at =
        snprintf(text, 4096, "{\"schema\":\"follicle/history\",\"version\":1,\"at\":0,\"steps\":[");
    for (int i = 0; i <= EDIT_HISTORY; i++)
        at += snprintf(text + at, 4096 - (size_t)at, "%s{}", i > 0 ? "," : "");
    at += snprintf(text + at, 4096 - (size_t)at, "]}");
    CHECK(!edit_history_from_json(&arena, (size_t)at, text, &back, &err));
    CHECK(err.code == ERR_INPUT && strstr(err.text, "at most 64") != NULL);
    arena_rewind(&arena, mark);
}
