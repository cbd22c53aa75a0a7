#include "rules/rules_internal.h"

#include "base/embed.h"
#include "base/test.h"
#include "head/vault.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Relative distance from a limit at which a rule has to have changed its mind. */
#define HAIR 1e-5

static Arena arena, scratch;
static HeadTopology topology;
static Head head;
static RuleSet rules;
static Findings found;
static double *target, *existing;
static uint8_t *zone;
static float *size;

static bool setup(void)
{
    Err err;
    if (arena.base != NULL)
        return true;
    if (!CHECK(arena_open(&arena, (size_t)1 << 28, &err) &&
               arena_open(&scratch, (size_t)1 << 26, &err) &&
               head_topology_new(&arena, HEAD_LEVEL, &topology, &err) &&
               rules_builtin(&rules, &err)))
        return false;
    VaultShape mean = vault_mean();
    size_t count = (size_t)topology.vertex_count;
    double *radius_mm = ARENA_NEW(&arena, double, count);
    target = ARENA_NEW(&arena, double, count);
    existing = ARENA_NEW(&arena, double, count);
    zone = ARENA_NEW(&arena, uint8_t, count);
    size = ARENA_NEW(&arena, float, count);
    vault_radii_mm(&mean, &topology, radius_mm);
    vault_landmarks_mm(&mean, head.landmark_mm);
    Vec3 landmark_mm[HEAD_LANDMARKS];
    memcpy(landmark_mm, head.landmark_mm, sizeof landmark_mm);
    bool ok = head_new(&arena, &topology, radius_mm, &head, &err);
    memcpy(head.landmark_mm, landmark_mm, sizeof landmark_mm);
    return CHECK(ok && size != NULL);
}

/* ---- a world in which every rule is kept ---- */

typedef struct World {
    DesignLayout layout;
    RulesInput input;
    HairlineMeasures line;
    DesignLoss loss[2];
    bool has_line;
} World;

enum { SCAR, MOLE };

static Vec3 on_head(Vec3 direction)
{
    return head_position_mm(&head, head_locate(&head, vec_normalize(direction)));
}

static DesignPlace place_of(Vec3 direction)
{
    double uv[2];
    head_chart(vec_normalize(direction), uv);
    return (DesignPlace){uv[0], uv[1]};
}

static bool is_bald(int v)
{
    return topology.direction[v].y > 0.45 && topology.direction[v].z > -0.3;
}

/* Dots on the bald top, hair elsewhere. */
static void set_fields(double dots_per_mm2, double hair_per_mm2)
{
    for (int v = 0; v < topology.vertex_count; v++) {
        bool bald = is_bald(v);
        target[v] = bald ? dots_per_mm2 : 0.0;
        existing[v] = bald ? 0.0 : hair_per_mm2;
        zone[v] = (uint8_t)(bald ? DESIGN_FRONTAL : DESIGN_NONE);
        size[v] = 1.0f;
    }
}

static void add_region(Design *design, const char *name, DesignZone kind, DesignShapeKind shape,
                       int count, const Vec3 direction[])
{
    DesignRegion *region = &design->region[design->region_count++];
    *region = (DesignRegion){.zone = kind,
                             .first_shape = design->shape_count,
                             .shape_count = 1,
                             .blend_mm = 5.0,
                             .uptake = 1.0,
                             .healed_months = 24.0};
    snprintf(region->name, sizeof region->name, "%s", name);
    design->shape[design->shape_count++] = (DesignShape){
        .kind = shape, .width_mm = 4.0, .first_point = design->point_count, .point_count = count};
    for (int i = 0; i < count; i++)
        design->point[design->point_count++] = place_of(direction[i]);
}

static void make_line(HairlineMeasures *line)
{
    *line = (HairlineMeasures){.length_mm = 260.0,
                               .height_mm = 85.0,
                               .middle_mm = on_head(vec3(0.0, 0.7, 0.7)),
                               .uneven_mm = 1.0,
                               .mirror_mm = 1.6,
                               .waver_mm = 1.4};
    for (int side = 0; side < 2; side++) {
        double sign = side == 0 ? 1.0 : -1.0;
        line->temple_mm[side] = on_head(vec3(0.55 * sign, 0.6, 0.55));
        line->canthus_mm[side] = on_head(vec3(0.55 * sign, 0.0, 0.8));
        line->temple_tape_mm[side] = 75.0;
        line->temple_off_mm[side] = side == 0 ? 1.0 : -1.0;
        line->temple_angle_rad[side] = 1.9;
        line->recess_mm[side] = 22.0;
    }
}

static void make_client(DesignClient *client)
{
    *client = (DesignClient){.sex = DESIGN_MALE,
                             .age_years = 35.0,
                             .brow_crease_mm = 42.0,
                             .active_loss = DESIGN_NO,
                             .patch_test_passed = DESIGN_YES,
                             .keloid = DESIGN_NO,
                             .skin_disease = DESIGN_NO};
}

/* The world is large, so there is one of it. */
static World *calm(void)
{
    static World world;
    world = (World){.has_line = true};
    DesignLayout *layout = &world.layout;
    set_fields(1.0, 2.0);
    *layout = (DesignLayout){.head = &head,
                             .target_per_mm2 = target,
                             .existing_per_mm2 = existing,
                             .zone = zone,
                             .size = size,
                             .has_hairline = true};
    layout->design.hairline = (DesignHairline){
        .drawn = true, .front = DESIGN_NATURAL, .transition_mm = 10.0, .front_share = 0.3};
    make_client(&layout->design.client);
    add_region(&layout->design, "scar of the donor strip", DESIGN_SCAR, DESIGN_BAND, 3,
               (Vec3[]){{0.4, 0.2, -0.8}, {0.0, 0.15, -0.9}, {-0.4, 0.2, -0.8}});
    add_region(&layout->design, "", DESIGN_KEEP_OUT, DESIGN_DISCS, 1, (Vec3[]){{-0.8, 0.2, -0.4}});
    layout->design.shape[MOLE].width_mm = 8.0;
    make_line(&world.line);
    for (int i = 0; i < 2; i++)
        world.loss[i] = (DesignLoss){.pattern_stage = 4 + i,
                                     .lost_mm2 = 3000.0,
                                     .bare_mm2 = 100.0,
                                     .edge_mm = 5.0,
                                     .widest_mm = 12.0,
                                     .widest_at_mm = on_head(vec3(0.1, 0.8, -0.5)),
                                     .extra_dots = 900.0};
    world.input = (RulesInput){.layout = layout,
                               .loss_count = 2,
                               .loss = world.loss,
                               .healed_diameter_mm = 0.3,
                               .treated_darkening = 0.1,
                               .visible_darkening = 0.02,
                               .step_distance_m = 0.5,
                               .touch_up_share = 0.2};
    return &world;
}

static DesignClient *client_of(World *world)
{
    return &world->layout.design.client;
}

static bool check_with(const RuleSet *set, World *world)
{
    Err err = {0};
    bool ok = rules_check_line(&scratch, set, &world->input, world->has_line ? &world->line : NULL,
                               &found, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return CHECK(ok);
}

static bool check(World *world)
{
    return check_with(&rules, world);
}

static const Finding *finding_of(const char *id)
{
    for (int i = 0; i < found.count; i++)
        if (strcmp(found.finding[i].rule->id, id) == 0)
            return &found.finding[i];
    return NULL;
}

static void show_findings(void)
{
    for (int i = 0; i < found.count; i++)
        printf("# %s: %s\n", found.finding[i].rule->id, found.finding[i].text);
}

TEST(a_careful_design_breaks_no_rule)
{
    REQUIRE(setup());
    REQUIRE(check(calm()));
    show_findings();
    CHECK(found.count == 0 && found.refused == 0 && found.open == 0);
}

/* ---- one design that just keeps a rule and one that just breaks it ---- */

static SkinAgeing ageing(void)
{
    return skin_ageing_default();
}

/* Density whose dots crowd after so many years. */
static double crowds_after(double years)
{
    SkinAgeing average = ageing();
    return dots_most_per_mm2(BUDGET_CROWDED * skin_grown_diameter_mm(0.3, &average, years));
}

/* Sets what rule measures to `at`: the limit, a little beyond it (side 1) or short of it (-1). */
typedef void SetWorld(World *world, double at, int side);

static void set_height(World *world, double at, int side)
{
    (void)side;
    world->line.height_mm = at;
    client_of(world)->brow_crease_mm = 0.0;
}
static void set_crease(World *world, double at, int side)
{
    (void)side;
    client_of(world)->brow_crease_mm = world->line.height_mm - at;
}
static void set_woman(World *world, double at, int side)
{
    client_of(world)->sex = DESIGN_FEMALE;
    set_height(world, at, side);
}
static void set_age_known(World *world, double at, int side)
{
    (void)at;
    client_of(world)->age_years = side > 0 ? 0.0 : 35.0;
}
static void set_recess(World *world, double at, int side)
{
    (void)side;
    world->line.recess_mm[1] = at;
}
static void set_angle(World *world, double at, int side)
{
    (void)side;
    world->line.temple_angle_rad[0] = at / 57.295779513082321;
}
static void set_off(World *world, double at, int side)
{
    (void)side;
    world->line.temple_off_mm[1] = -at;
}
static void set_mirror(World *world, double at, int side)
{
    (void)side;
    world->line.mirror_mm = at;
}
static void set_uneven(World *world, double at, int side)
{
    (void)side;
    world->line.uneven_mm = at;
}
static void set_not_wanted(World *world, double at, int side)
{
    (void)at;
    world->layout.design.hairline.front = side > 0 ? DESIGN_STRAIGHT : DESIGN_DEFINED;
    client_of(world)->straight_wanted = DESIGN_NO;
}
static void set_waver(World *world, double at, int side)
{
    (void)side;
    world->line.waver_mm = at;
}
static void set_transition(World *world, double at, int side)
{
    (void)side;
    world->layout.design.hairline.transition_mm = at;
}
static void set_front_share(World *world, double at, int side)
{
    (void)side;
    world->layout.design.hairline.front_share = at;
}
static void set_crowded(World *world, double at, int side)
{
    (void)world;
    /* nothing crowds before it is healed: short of 0 years is more than can be placed */
    double density = crowds_after(fmax(at, 0.0));
    set_fields(at > 0.0 ? density : density * (1.0 + side * HAIR), 2.0);
}
static void set_step_up(World *world, double at, int side)
{
    (void)world;
    (void)side;
    set_fields(0.5 * at, 0.5);
}
static void set_room(World *world, double at, int side)
{
    (void)at;
    world->input.touch_up_share = 1.0;
    double limit = rules_named(&rules, "space_budget")->limit;
    set_fields(crowds_after(rules_named(&rules, "too_dense")->limit) / (1.0 + limit) *
                   (1.0 + side * HAIR),
               2.0);
}
static void set_size(World *world, double at, int side)
{
    (void)side;
    set_fields(0.5, 2.0);
    for (int v = 0; v < topology.vertex_count; v++)
        size[v] = (float)(at / world->input.healed_diameter_mm);
}
static void set_long_hair(World *world, double at, int side)
{
    (void)side;
    client_of(world)->long_hair = true;
    set_fields(at / 100.0, 2.0);
}
static void set_darkening(World *world, double at, int side)
{
    (void)side;
    world->input.treated_darkening = at * world->input.visible_darkening;
}
static void set_ludwig(World *world, double at, int side)
{
    (void)at;
    world->input.treated_darkening = -1.0;
    add_region(&world->layout.design, "thin top", DESIGN_DIFFUSE, DESIGN_LUDWIG_STAGE, 0, NULL);
    world->layout.design.shape[world->layout.design.shape_count - 1].stage = side > 0 ? 1 : 2;
}
static void set_step(World *world, double at, int side)
{
    (void)side;
    world->input.step_distance_m = at;
}
static void set_mole(World *world, double at, int side)
{
    (void)side;
    world->layout.design.shape[MOLE].width_mm = at - 1.0;
    world->layout.design.shape[MOLE].grow_mm = 0.5;
}
static void set_months(World *world, double at, int side)
{
    (void)side;
    world->layout.design.region[SCAR].healed_months = at;
}
static void set_months_known(World *world, double at, int side)
{
    set_months(world, side > 0 ? 0.0 : 24.0 + at, side);
}
static void set_blend(World *world, double at, int side)
{
    (void)side;
    world->layout.design.region[SCAR].blend_mm = at;
}
static void set_edge(World *world, double at, int side)
{
    (void)side;
    client_of(world)->active_loss = DESIGN_YES;
    world->loss[1].edge_mm = at;
}
static void set_active(World *world, double at, int side)
{
    (void)at;
    client_of(world)->active_loss = side > 0 ? DESIGN_YES : DESIGN_NO;
}
static void set_bare(World *world, double at, int side)
{
    (void)side;
    world->loss[1].bare_mm2 = 100.0 * at;
}
static void set_years(World *world, double at, int side)
{
    (void)side;
    client_of(world)->age_years = at;
}
static void set_reacted(World *world, double at, int side)
{
    (void)at;
    client_of(world)->patch_test_passed = side > 0 ? DESIGN_NO : DESIGN_YES;
}
static void set_untested(World *world, double at, int side)
{
    (void)at;
    client_of(world)->patch_test_passed = side > 0 ? DESIGN_UNKNOWN : DESIGN_YES;
}
static void set_keloid(World *world, double at, int side)
{
    (void)at;
    client_of(world)->keloid = side > 0 ? DESIGN_YES : DESIGN_NO;
}
static void set_keloid_unknown(World *world, double at, int side)
{
    (void)at;
    client_of(world)->keloid = side > 0 ? DESIGN_UNKNOWN : DESIGN_NO;
}
static void set_skin(World *world, double at, int side)
{
    (void)at;
    client_of(world)->skin_disease = side > 0 ? DESIGN_YES : DESIGN_NO;
}
static void set_skin_unknown(World *world, double at, int side)
{
    (void)at;
    client_of(world)->skin_disease = side > 0 ? DESIGN_UNKNOWN : DESIGN_NO;
}

/* beyond: -1 where small values break the rule. */
static const struct {
    const char *id, *place;
    int beyond;
    SetWorld *set;
} cases[] = {
    {"hairline_far_too_low", "middle of the hairline", -1, set_height},
    {"hairline_too_low", "middle of the hairline", -1, set_height},
    {"above_moving_forehead", "middle of the hairline", -1, set_crease},
    {"hairline_low_for_age", "middle of the hairline", -1, set_height},
    {"hairline_low_for_women", "middle of the hairline", -1, set_woman},
    {"age_unknown", "", 1, set_age_known},
    {"temple_filled", "right temple", -1, set_recess},
    {"temple_flattened", "left temple", 1, set_angle},
    {"temple_off_canthus", "right temple", 1, set_off},
    {"too_symmetric", "middle of the hairline", -1, set_mirror},
    {"uneven", "left temple", 1, set_uneven},
    {"straight_not_wanted", "middle of the hairline", 1, set_not_wanted},
    {"straight_edge", "middle of the hairline", -1, set_waver},
    {"thin_transition", "middle of the hairline", -1, set_transition},
    {"dark_front", "middle of the hairline", 1, set_front_share},
    {"too_dense_now", "front", -1, set_crowded},
    {"too_dense", "front", -1, set_crowded},
    {"helmet", "front", -1, set_crowded},
    {"too_dense_next_to_hair", "front", 1, set_step_up},
    {"space_budget", "front", -1, set_room},
    {"dots_too_large", "front", 1, set_size},
    {"long_hair_with_full_density", "front", 1, set_long_hair},
    {"too_little_to_see", "front", -1, set_darkening},
    {"mild_thinning", "thin top", 1, set_ludwig},
    {"stands_out", "", 1, set_step},
    {"keep_out_narrow", "keep-out area", -1, set_mole},
    {"scar_too_young", "scar of the donor strip", -1, set_months},
    {"scar_young", "scar of the donor strip", -1, set_months},
    {"scar_age_unknown", "scar of the donor strip", 1, set_months_known},
    {"hard_border", "scar of the donor strip", -1, set_blend},
    {"active_loss_exposes_edge", "widest gap between dots and hair", 1, set_edge},
    {"active_loss", "", 1, set_active},
    {"loss_next_stage", "widest gap between dots and hair", 1, set_bare},
    {"minor", "", -1, set_years},
    {"patch_test_reacted", "", 1, set_reacted},
    {"patch_test_missing", "", 1, set_untested},
    {"keloid", "", 1, set_keloid},
    {"keloid_unknown", "", 1, set_keloid_unknown},
    {"skin_disease", "", 1, set_skin},
    {"skin_unknown", "", 1, set_skin_unknown},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* The world of case i, the measured value a little beyond its limit or (side < 0) short of it. */
static World *world_of(int i, int side)
{
    World *world = calm();
    const Rule *rule = rules_named(&rules, cases[i].id);
    double limit = rules_limit(rule, client_of(world)->age_years);
    bool in_years = strcmp(rule->unit, "years") == 0; /* a day is no difference there */
    double step = (in_years ? 100.0 : 1.0) * HAIR * fmax(fabs(limit), 1.0);
    cases[i].set(world, limit + step * side * cases[i].beyond, side);
    return world;
}

/* Radially, and independent of how the place was found. */
static bool is_on_head(Vec3 at_mm)
{
    Vec3 out = vec_sub(at_mm, head.centre_mm);
    HeadPoint point = head_locate(&head, vec_normalize(out));
    return point.triangle >= 0 && vec_length(vec_sub(head_position_mm(&head, point), at_mm)) < 1.0;
}

TEST(the_cases_name_every_rule_of_the_program_in_its_order)
{
    REQUIRE(setup());
    REQUIRE(CASES == rules_code_count() && rules.count == rules_code_count());
    for (int i = 0; i < CASES; i++)
        CHECK(strcmp(cases[i].id, rules_code[i].id) == 0 &&
              strcmp(cases[i].id, rules.rule[i].id) == 0);
}

TEST(every_rule_is_broken_just_beyond_its_limit_and_names_number_place_and_limit)
{
    REQUIRE(setup());
    for (int i = 0; i < CASES; i++) {
        REQUIRE(check(world_of(i, 1)));
        const Finding *finding = finding_of(cases[i].id);
        const Rule *rule = &rules.rule[i];
        bool alone = found.count == 1;
        if (!CHECK(finding != NULL && alone)) {
            printf("# %s:\n", cases[i].id);
            show_findings();
            continue;
        }
        CHECK(finding->severity == rule->severity && finding->rule == rule);
        CHECK(found.refused == (rule->severity == RULE_REFUSE));
        CHECK(found.open == (rule->severity == RULE_CONFIRM));
        /* with the side behind it, where it has one */
        CHECK(strncmp(finding->place, cases[i].place, strlen(cases[i].place)) == 0);
        CHECK(finding->has_where == (cases[i].place[0] != '\0') || rules_code[i].unit[0] == '\0');
        CHECK(!finding->has_where || is_on_head(finding->where_mm));
        CHECK(finding->has_value == (rules_code[i].unit[0] != '\0'));
        if (finding->has_value && strcmp(rule->unit, "touch-ups") != 0)
            CHECK_NEAR(finding->value, finding->limit, 2e-3 * fmax(1.0, fabs(finding->limit)));
    }
}

TEST(every_rule_is_kept_just_short_of_its_limit)
{
    REQUIRE(setup());
    for (int i = 0; i < CASES; i++) {
        REQUIRE(check(world_of(i, -1)));
        if (!CHECK(finding_of(cases[i].id) == NULL))
            printf("# %s\n", cases[i].id);
    }
}

TEST(at_the_limit_itself_a_rule_is_kept)
{
    REQUIRE(setup());
    static const char *const exact[] = {"hairline_far_too_low",
                                        "hairline_too_low",
                                        "hairline_low_for_women",
                                        "above_moving_forehead",
                                        "temple_filled",
                                        "temple_off_canthus",
                                        "too_symmetric",
                                        "uneven",
                                        "straight_edge",
                                        "thin_transition",
                                        "dark_front",
                                        "stands_out",
                                        "scar_too_young",
                                        "scar_young",
                                        "hard_border",
                                        "active_loss_exposes_edge",
                                        "minor"};
    for (size_t k = 0; k < sizeof exact / sizeof exact[0]; k++) {
        int i = rules_code_find(exact[k]);
        World *world = calm();
        cases[i].set(world, rules.rule[i].limit, 0);
        REQUIRE(check(world));
        if (!CHECK(finding_of(exact[k]) == NULL))
            printf("# %s\n", exact[k]);
    }
}

/* ---- places and sides ---- */

TEST(both_temples_are_named_left_before_right)
{
    REQUIRE(setup());
    World *world = calm();
    world->line.recess_mm[0] = -4.0;
    world->line.recess_mm[1] = -3.0;
    REQUIRE(check(world) && CHECK(found.count == 2));
    for (int side = 0; side < 2; side++) {
        const Finding *finding = &found.finding[side];
        CHECK(strcmp(finding->rule->id, "temple_filled") == 0);
        CHECK(strcmp(finding->place, side == 0 ? "left temple" : "right temple") == 0);
        CHECK(vec_length(vec_sub(finding->where_mm, world->line.temple_mm[side])) < 1.0);
        CHECK((finding->where_mm.x > 0.0) == (side == 0)); /* +x is the client's left */
    }
    CHECK(strstr(found.finding[0].text, "left") != NULL &&
          strstr(found.finding[0].text, "4.0 mm in front of") != NULL);
}

TEST(a_density_finding_points_at_the_fullest_vertex_and_says_its_side)
{
    REQUIRE(setup());
    World *world = calm();
    int v = head_locate(&head, vec_normalize(vec3(-0.5, 0.8, 0.3))).triangle;
    v = topology.triangle[v][1];
    target[v] = 3.5; /* nothing else is as dense */
    REQUIRE(check(world));
    const Finding *finding = finding_of("too_dense_now");
    REQUIRE(CHECK(finding != NULL && found.refused == 1));
    CHECK(vec_length(vec_sub(finding->where_mm, head.position_mm[v])) < 1e-9);
    CHECK(strcmp(finding->place, "front, right") == 0);
}

/* Larger marks are as bad as more of them: the fullest place need not be the densest. */
TEST(dots_of_a_larger_zone_crowd_first)
{
    REQUIRE(setup());
    World *world = calm();
    set_fields(0.8, 2.0);
    world->input.healed_diameter_mm = 0.4;
    int v = topology.triangle[head_locate(&head, vec_normalize(vec3(0.5, 0.8, 0.3))).triangle][0];
    size[v] = 1.4F;
    target[v] = 0.5;
    REQUIRE(check(world));
    const Finding *finding = finding_of("helmet");
    REQUIRE(CHECK(finding != NULL));
    SkinAgeing average = ageing();
    CHECK_NEAR(finding->value,
               budget_years_until(0.5, BUDGET_CROWDED, 0.4 * (double)1.4F, &average), 1e-9);
    CHECK(strcmp(finding->place, "front, left") == 0);
}

TEST(the_densest_place_of_the_plan_counts_where_there_are_dots)
{
    REQUIRE(setup());
    World *world = calm();
    world->input.has_dots = true;
    world->input.densest_per_mm2 = crowds_after(3.0);
    REQUIRE(check(world));
    const Finding *finding = finding_of("too_dense");
    REQUIRE(CHECK(finding != NULL));
    CHECK_NEAR(finding->value, 3.0, 1e-6);
}

/* Plans are cut down to just that density. */
TEST(dots_that_keep_exactly_the_spacing_of_five_years_are_not_too_dense)
{
    REQUIRE(setup());
    for (double diameter_mm = 0.15; diameter_mm < 0.5; diameter_mm += 0.01) {
        World *world = calm();
        SkinAgeing average = ageing();
        double grown_mm = skin_grown_diameter_mm(diameter_mm, &average, 5.0);
        world->input.healed_diameter_mm = diameter_mm;
        world->input.has_dots = true;
        world->input.densest_per_mm2 = dots_most_per_mm2(BUDGET_CROWDED * grown_mm);
        REQUIRE(check(world));
        CHECK(finding_of("too_dense") == NULL && finding_of("helmet") != NULL);
    }
}

TEST(the_years_follow_the_ageing_that_is_given)
{
    REQUIRE(setup());
    World *world = calm();
    SkinAgeing fast = ageing();
    fast.growth_per_year = (SkinBand){0.1, 0.15, 0.2};
    world->input.ageing = &fast;
    REQUIRE(check(world));
    const Finding *finding = finding_of("too_dense");
    REQUIRE(CHECK(finding != NULL));
    CHECK_NEAR(finding->value, budget_years_until(1.0, BUDGET_CROWDED, 0.3, &fast), 1e-9);
}

TEST(dots_among_the_hair_beside_make_the_step_smaller)
{
    REQUIRE(setup());
    World *world = calm();
    for (int mixed = 0; mixed < 2; mixed++) {
        set_fields(1.5, 0.5);
        for (int v = 0; v < topology.vertex_count; v++)
            target[v] += mixed && !is_bald(v) ? 0.3 : 0.0;
        REQUIRE(check(world));
        CHECK((finding_of("too_dense_next_to_hair") == NULL) == mixed);
    }
}

TEST(of_several_hard_borders_the_hardest_is_named)
{
    REQUIRE(setup());
    World *world = calm();
    static const double blend_mm[] = {1.5, 0.5, 1.0};
    for (int i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "patch %d", i);
        add_region(&world->layout.design, name, DESIGN_PATCH, DESIGN_OUTLINE, 3,
                   (Vec3[]){{0.1, 0.9, 0.2}, {0.2, 0.9, 0.2}, {0.2, 0.9, 0.3}});
        world->layout.design.region[2 + i].blend_mm = blend_mm[i];
    }
    REQUIRE(check(world) && CHECK(found.count == 1));
    CHECK_NEAR(found.finding[0].value, 0.5, 1e-12);
    CHECK(strncmp(found.finding[0].place, "patch 1", 7) == 0);
    CHECK(strstr(found.finding[0].text, "3 regions") != NULL);
}

TEST(a_prediction_speaks_for_mild_thinning)
{
    REQUIRE(setup());
    World *world = calm();
    set_ludwig(world, 0.0, 1);
    world->input.treated_darkening = 0.1;
    REQUIRE(check(world));
    CHECK(found.count == 0);
}

TEST(a_step_in_density_is_looked_for_within_five_millimetres)
{
    REQUIRE(setup());
    World *world = calm();
    set_fields(1.5, 0.4);
    REQUIRE(check(world) && CHECK(finding_of("too_dense_next_to_hair") != NULL));
    /* the same dots, ending 8 mm before the hair begins */
    for (int v = 0; v < topology.vertex_count; v++)
        for (int k = 0; is_bald(v) && k < 400; k++) {
            Vec3 other = vec_madd(topology.direction[v], 0.08,
                                  vec3(cos(k * 0.1), sin(k * 0.17), cos(k * 0.31)));
            HeadPoint near_by = head_locate(&head, vec_normalize(other));
            if (near_by.triangle >= 0 && !is_bald(topology.triangle[near_by.triangle][0]))
                target[v] = 0.0;
        }
    REQUIRE(check(world));
    CHECK(finding_of("too_dense_next_to_hair") == NULL);
}

TEST(the_middle_of_a_band_and_of_an_outline_stands_for_a_scar)
{
    REQUIRE(setup());
    World *world = calm();
    world->layout.design.region[SCAR].healed_months = 0.0;
    add_region(&world->layout.design, "", DESIGN_BURN, DESIGN_OUTLINE, 4,
               (Vec3[]){{0.5, 0.6, -0.4}, {0.7, 0.6, -0.4}, {0.7, 0.8, -0.4}, {0.5, 0.8, -0.4}});
    world->layout.design.region[2].healed_months = 10.0;
    REQUIRE(check(world));
    const Finding *scar = finding_of("scar_age_unknown"), *burn = finding_of("scar_young");
    REQUIRE(CHECK(scar != NULL && burn != NULL && found.count == 2));
    CHECK(vec_length(vec_sub(scar->where_mm, on_head(vec3(0.0, 0.15, -0.9)))) < 1e-6);
    CHECK(vec_length(vec_sub(burn->where_mm, on_head(vec3(0.6, 0.7, -0.4)))) < 3.0);
    CHECK(strcmp(burn->place, "burn, left") == 0);
}

TEST(every_scar_is_named_and_only_by_the_rule_of_its_age)
{
    REQUIRE(setup());
    World *world = calm();
    Design *design = &world->layout.design;
    for (int i = 0; design->region_count < DESIGN_REGIONS; i++) {
        add_region(design, "", i % 2 ? DESIGN_PUNCH : DESIGN_SCAR, DESIGN_DISCS, 1,
                   (Vec3[]){{0.2, 0.4, -0.7}});
        design->region[design->region_count - 1].healed_months = i % 3 == 0   ? 0.0
                                                                 : i % 3 == 1 ? 3.0
                                                                              : 11.0;
    }
    REQUIRE(check(world));
    CHECK(found.count == DESIGN_REGIONS - 2);
    CHECK(found.refused == 7 && found.open == 15);
}

/* ---- what replaces what ---- */

TEST(a_strict_rule_replaces_the_mild_one)
{
    REQUIRE(setup());
    World *world = calm();
    set_height(world, 48.0, 1);
    REQUIRE(check(world));
    CHECK(found.count == 1 && finding_of("hairline_far_too_low") != NULL);
    world = calm();
    set_fields(crowds_after(0.0) * 1.1, 2.0);
    REQUIRE(check(world));
    CHECK(found.count == 1 && finding_of("too_dense_now") != NULL);
    world = calm();
    world->layout.design.hairline.front = DESIGN_STRAIGHT;
    world->layout.design.hairline.transition_mm = 1.0;
    world->line.mirror_mm = 0.1;
    REQUIRE(check(world));
    CHECK(found.count == 1 && finding_of("straight_edge") != NULL);
    CHECK(strstr(found.finding[0].text, "1.0 mm") != NULL);
}

TEST(an_assumed_canthus_only_warns_and_says_so)
{
    REQUIRE(setup());
    World *world = calm();
    world->line.temple_off_mm[0] = 9.0;
    world->line.canthus_assumed = true;
    REQUIRE(check(world) && CHECK(found.count == 1));
    CHECK(found.finding[0].severity == RULE_WARN && found.open == 0);
    CHECK(strstr(found.finding[0].text, "assumed") != NULL);
    CHECK(strstr(found.finding[0].text, "9.0 mm outside") != NULL);
}

TEST(a_woman_may_have_a_round_line)
{
    REQUIRE(setup());
    World *world = calm();
    client_of(world)->sex = DESIGN_FEMALE;
    world->line.recess_mm[0] = world->line.recess_mm[1] = -5.0;
    world->line.temple_angle_rad[0] = 3.0;
    REQUIRE(check(world));
    CHECK(found.count == 0);
    client_of(world)->sex = DESIGN_SEX_UNKNOWN;
    REQUIRE(check(world));
    CHECK(found.count == 2 && found.open == 0 && finding_of("temple_filled") != NULL);
}

TEST(what_the_next_stages_would_bare_mostly_warns_the_young)
{
    REQUIRE(setup());
    for (double age = 20.0; age <= 70.0; age += 5.0) {
        World *world = calm();
        client_of(world)->age_years = age;
        world->loss[0].bare_mm2 = 4000.0;
        set_height(world, 110.0, 1);
        REQUIRE(check(world));
        CHECK((finding_of("loss_next_stage") != NULL) == (age < 44.0));
    }
}

TEST(the_limit_rises_with_the_age_of_a_man_and_not_before_thirty)
{
    REQUIRE(setup());
    static const struct {
        double age, limit;
    } ages[] = {{19, 70}, {30, 70}, {40, 75}, {60, 85}};
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++)
        for (int low = 0; low < 2; low++) {
            World *world = calm();
            client_of(world)->age_years = ages[i].age;
            world->line.height_mm = ages[i].limit + (low ? -1e-6 : 1e-6);
            REQUIRE(check(world));
            CHECK((finding_of("hairline_low_for_age") != NULL) == low);
        }
}

/* ---- what is not known, and what is not there ---- */

TEST(what_nobody_said_is_asked_for_and_nothing_else)
{
    REQUIRE(setup());
    World *world = calm();
    *client_of(world) = (DesignClient){0};
    world->input.treated_darkening = -1.0;
    world->input.visible_darkening = world->input.step_distance_m = 0.0;
    world->input.loss_count = 0;
    REQUIRE(check(world));
    static const char *const asked[] = {"patch_test_missing", "age_unknown", "keloid_unknown",
                                        "skin_unknown"};
    REQUIRE(CHECK(found.count == 4));
    for (int i = 0; i < 4; i++)
        CHECK(strcmp(found.finding[i].rule->id, asked[i]) == 0);
    CHECK(found.refused == 0 && found.open == 1);
}

TEST(without_a_drawn_line_no_rule_speaks_of_it)
{
    REQUIRE(setup());
    World *world = calm();
    world->has_line = false;
    world->layout.design.hairline = (DesignHairline){.front = DESIGN_STRAIGHT, .front_share = 1.0};
    client_of(world)->age_years = 0.0;
    client_of(world)->brow_crease_mm = 90.0;
    client_of(world)->straight_wanted = DESIGN_NO;
    REQUIRE(check(world));
    show_findings();
    CHECK(found.count == 0);
}

TEST(an_empty_design_is_asked_about_the_client_only)
{
    REQUIRE(setup());
    World *world = calm();
    world->has_line = false;
    world->layout.design = (Design){0};
    world->input.loss_count = 0;
    set_fields(0.0, 2.0);
    REQUIRE(check(world));
    CHECK(found.count == 3 && finding_of("keloid_unknown") != NULL);
    for (int i = 0; i < found.count; i++)
        CHECK(!found.finding[i].has_where && !found.finding[i].has_value);
}

/* ---- order, confirmation ---- */

/* Every rule that can be broken together with others. */
static World *wild(void)
{
    World *world = calm();
    world->line.height_mm = 55.0;
    world->line.recess_mm[0] = world->line.recess_mm[1] = -2.0;
    world->line.temple_off_mm[0] = world->line.temple_off_mm[1] = 12.0;
    world->line.uneven_mm = 9.0;
    world->line.mirror_mm = 0.1;
    world->line.waver_mm = 0.1;
    world->layout.design.hairline.front_share = 0.95;
    world->layout.design.region[SCAR].healed_months = 2.0;
    world->layout.design.region[SCAR].blend_mm = 0.0;
    client_of(world)->brow_crease_mm = 57.0;
    client_of(world)->active_loss = DESIGN_YES;
    client_of(world)->keloid = DESIGN_YES;
    client_of(world)->long_hair = true;
    client_of(world)->age_years = 17.0;
    client_of(world)->patch_test_passed = DESIGN_NO;
    world->loss[0].edge_mm = 140.0;
    world->input.step_distance_m = 6.0;
    world->input.treated_darkening = 0.001;
    set_fields(2.4, 0.5);
    return world;
}

TEST(refusals_come_first_then_confirmations_then_warnings_by_name)
{
    static Findings again;
    REQUIRE(setup());
    REQUIRE(check(wild()));
    again = found;
    CHECK(found.count >= 18 && found.refused >= 4);
    int refused = 0, open = 0;
    for (int i = 0; i < found.count; i++) {
        const Finding *a = &found.finding[i];
        refused += a->severity == RULE_REFUSE;
        open += a->severity == RULE_CONFIRM;
        if (i == 0)
            continue;
        const Finding *before = &found.finding[i - 1];
        CHECK(before->severity >= a->severity);
        CHECK(before->severity > a->severity || strcmp(before->rule->id, a->rule->id) <= 0);
    }
    CHECK(refused == found.refused && open == found.open);
    REQUIRE(check(wild()));
    CHECK(memcmp(&again, &found, sizeof found) == 0);
}

TEST(a_confirmed_rule_is_no_longer_open_but_a_refusal_stays)
{
    REQUIRE(setup());
    World *world = wild();
    REQUIRE(check(world));
    int refused = found.refused, open = found.open;
    static const char *const ids[] = {"straight_edge", "keloid", "above_moving_forehead"};
    for (size_t i = 0; i < 3; i++)
        snprintf(world->layout.design.confirmed[i], DESIGN_NAME, "%s", ids[i]);
    world->layout.design.confirmed_count = 3;
    REQUIRE(check(world));
    CHECK(found.refused == refused && found.open == open - 2);
    for (int i = 0; i < found.count; i++) {
        bool named = false;
        for (size_t k = 0; k < 3; k++)
            named = named || strcmp(found.finding[i].rule->id, ids[k]) == 0;
        CHECK(found.finding[i].confirmed == named);
    }
}

/* ---- words ---- */

static bool says_none_of(const char *text)
{
    static const char *const avoided[] = {"diagnos",
                                          "treat",
                                          "therap",
                                          "patient",
                                          "medic",
                                          "clinical",
                                          "suitable",
                                          "contraindic",
                                          "outcome",
                                          "progress",
                                          "disease progression"};
    for (size_t i = 0; i < sizeof avoided / sizeof avoided[0]; i++)
        if (strstr(text, avoided[i]) != NULL) {
            printf("# '%s' in: %s\n", avoided[i], text);
            return false;
        }
    return true;
}

TEST(nothing_that_is_said_diagnoses_or_is_cut_off)
{
    REQUIRE(setup());
    for (int i = 0; i < rules.count; i++) {
        CHECK(says_none_of(rules.rule[i].title) && says_none_of(rules.rule[i].advice));
        REQUIRE(check(world_of(i, 1)));
        for (int k = 0; k < found.count; k++) {
            CHECK(says_none_of(found.finding[k].text));
            CHECK(strlen(found.finding[k].text) < sizeof found.finding[k].text - 60);
        }
    }
}

TEST(a_sentence_says_the_number_and_its_limit_with_their_unit)
{
    REQUIRE(setup());
    World *world = calm();
    set_height(world, 58.2, 1);
    REQUIRE(check(world) && CHECK(found.count == 1));
    CHECK(strcmp(found.finding[0].text,
                 "the hairline is 58.2 mm above the glabella; below 60 mm is too low") == 0);
}

TEST(findings_become_a_document_in_which_nothing_is_invented)
{
    Err err = {0};
    char *text;
    size_t length;
    REQUIRE(setup());
    World *world = wild();
    client_of(world)->keloid = DESIGN_UNKNOWN;
    REQUIRE(check(world));
    size_t mark = arena_mark(&arena);
    REQUIRE(CHECK(rules_to_json(&arena, &rules, &found, &length, &text, &err)));
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    REQUIRE(CHECK(root != NULL));
    json_t *list = json_object_get(root, "findings");
    CHECK(json_array_size(list) == (size_t)found.count);
    CHECK(json_integer_value(json_object_get(root, "refused")) == found.refused);
    CHECK(json_integer_value(json_object_get(root, "open")) == found.open);
    for (int i = 0; i < found.count; i++) {
        const Finding *finding = &found.finding[i];
        json_t *entry = json_array_get(list, (size_t)i);
        const char *id = json_string_value(json_object_get(entry, "rule"));
        CHECK(id != NULL && strcmp(id, finding->rule->id) == 0);
        CHECK((json_object_get(entry, "value") != NULL) == finding->has_value);
        CHECK((json_object_get(entry, "limit") != NULL) == finding->has_value);
        CHECK((json_object_get(entry, "unit") != NULL) == finding->has_value);
        CHECK((json_object_get(entry, "where_mm") != NULL) == finding->has_where);
        CHECK(json_string_length(json_object_get(entry, "advice")) > 0);
        CHECK(json_string_length(json_object_get(entry, "source")) > 0);
    }
    json_decref(root);
    arena_rewind(&arena, mark);
}

TEST(lines_for_people_hold_every_sentence_and_its_advice)
{
    Err err = {0};
    char *text;
    size_t length;
    REQUIRE(setup());
    REQUIRE(check(wild()));
    size_t mark = arena_mark(&arena);
    REQUIRE(CHECK(rules_to_text(&arena, &found, &length, &text, &err)));
    CHECK(strlen(text) == length && text[length - 1] == '\n');
    for (int i = 0; i < found.count; i++)
        CHECK(strstr(text, found.finding[i].text) != NULL &&
              strstr(text, found.finding[i].rule->advice) != NULL);
    REQUIRE(check(calm()));
    REQUIRE(CHECK(rules_to_text(&arena, &found, &length, &text, &err)));
    CHECK(strcmp(text, "no rule is broken\n") == 0);
    arena_rewind(&arena, mark);
}

TEST(input_that_is_no_number_is_refused)
{
    REQUIRE(setup());
    for (int i = 0; i < 6; i++) {
        Err err = {0};
        World *world = calm();
        RulesInput *input = &world->input;
        double bad = i % 2 ? (double)NAN : -1.0;
        if (i < 2)
            input->healed_diameter_mm = bad;
        else if (i < 4)
            input->touch_up_share = bad;
        else if (i == 4)
            input->treated_darkening = (double)NAN;
        else
            input->step_distance_m = (double)INFINITY;
        CHECK(!rules_check_line(&scratch, &rules, input, &world->line, &found, &err) &&
              err.code == ERR_INPUT);
    }
}

TEST(want_of_room_is_said)
{
    Err err = {0};
    REQUIRE(setup());
    World *world = calm();
    Arena small;
    for (size_t limit = 4096; limit < (size_t)1 << 18; limit *= 2) {
        REQUIRE(CHECK(arena_open(&small, limit, &err)));
        bool ok = rules_check_line(&small, &rules, &world->input, &world->line, &found, &err);
        CHECK(!ok && err.code == ERR_LIMIT);
        arena_close(&small);
    }
    size_t mark = arena_mark(&scratch);
    REQUIRE(check(world));
    CHECK(arena_mark(&scratch) == mark);
}

/* ---- the file ---- */

static json_t *builtin_json(void)
{
    return json_loadb((const char *)rules_files[0].bytes, rules_files[0].size, 0, NULL);
}

static json_t *rule_json(json_t *root, const char *id)
{
    size_t index;
    json_t *rule;
    json_array_foreach(json_object_get(root, "rules"), index, rule)
    {
        if (strcmp(json_string_value(json_object_get(rule, "id")), id) == 0)
            return rule;
    }
    return NULL;
}

/* Reads and releases the document. */
static bool reads(json_t *root, RuleSet *set, Err *err)
{
    char *text = json_dumps(root, 0);
    bool ok = rules_from_json(strlen(text), text, set, err);
    free(text);
    json_decref(root);
    return ok;
}

static void refused(json_t *root, const char *message)
{
    static RuleSet set;
    Err err = {0};
    if (!CHECK(!reads(root, &set, &err) && err.code == ERR_INPUT &&
               strstr(err.text, message) != NULL))
        printf("# wanted '%s', got '%s'\n", message, err.text);
}

static json_t *with(const char *id, const char *key, json_t *value)
{
    json_t *root = builtin_json();
    json_object_set_new(id == NULL ? root : rule_json(root, id), key, value);
    return root;
}

static json_t *with_limit(const char *id, const char *key, json_t *value)
{
    json_t *root = builtin_json();
    json_object_set_new(json_object_get(rule_json(root, id), "limit"), key, value);
    return root;
}

TEST(the_order_of_the_file_changes_nothing)
{
    static RuleSet set;
    Err err = {0};
    REQUIRE(setup());
    json_t *root = builtin_json(), *list = json_object_get(root, "rules"), *turned = json_array();
    for (size_t i = json_array_size(list); i-- > 0;)
        json_array_append(turned, json_array_get(list, i));
    json_object_set_new(root, "rules", turned);
    REQUIRE(CHECK(reads(root, &set, &err)));
    CHECK(memcmp(&set, &rules, sizeof set) == 0);
}

TEST(a_rule_that_is_left_out_is_named)
{
    REQUIRE(setup());
    for (int i = 0; i < rules.count; i++) {
        char message[96];
        json_t *root = builtin_json(), *list = json_object_get(root, "rules");
        for (size_t k = 0; k < json_array_size(list); k++)
            if (json_array_get(list, k) == rule_json(root, rules.rule[i].id))
                json_array_remove(list, k);
        snprintf(message, sizeof message, "leaves out the rule '%s'", rules.rule[i].id);
        refused(root, message);
    }
}

TEST(a_key_that_is_missing_or_misspelt_is_named)
{
    REQUIRE(setup());
    static const char *const keys[] = {"id",     "severity", "title", "limit",
                                       "advice", "source",   "trust"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        json_t *root = builtin_json();
        json_object_del(rule_json(root, "helmet"), keys[k]);
        refused(root, keys[k]);
    }
    refused(with("helmet", "adviec", json_string("?")), "'adviec'");
    refused(with(NULL, "ruels", json_true()), "'ruels'");
    refused(with_limit("helmet", "maximum", json_real(1.0)), "'maximum'");
    refused(with_limit("helmet", "per_decade", json_real(1.0)), "'per_decade'");
    refused(with("helmet", "id", json_string("hat")), "'hat'");
    refused(with("helmet", "id", json_string("uneven")), "'uneven' once more");
    refused(with("helmet", "advice", json_string("")), "is empty");
    refused(with("helmet", "title", json_string("a\tb")), "control character");
    refused(with("helmet", "trust", json_string("X")), "'X'");
    refused(with("helmet", "trust", json_string("P/")), "'P/'");
    refused(with("helmet", "severity", json_string("forbid")), "'forbid'");
    refused(with("keloid", "limit", json_object()), "is an answer");
    refused(with(NULL, "version", json_integer(2)), "newer program");
    refused(with(NULL, "schema", json_string("follicle/rule")), "schema");
    refused(with(NULL, "rules_version", json_string("")), "is empty");
}

TEST(a_limit_keeps_to_its_unit_and_its_range)
{
    REQUIRE(setup());
    for (int i = 0; i < rules.count; i++) {
        if (rules.rule[i].unit[0] == '\0')
            continue;
        refused(with_limit(rules.rule[i].id, "unit", json_string("inch")), "'inch'");
        refused(with_limit(rules.rule[i].id, "value", json_real(rules_code[i].least - 0.01)),
                "limit.value");
        refused(with_limit(rules.rule[i].id, "value", json_real(rules_code[i].most + 0.01)),
                "limit.value");
        CHECK(rules.rule[i].limit >= rules_code[i].least &&
              rules.rule[i].limit <= rules_code[i].most);
    }
    refused(with_limit("hairline_far_too_low", "value", json_real(66.0)), "is above that of");
    refused(with_limit("helmet", "value", json_real(4.0)), "is above that of");
}

TEST(a_clinic_may_soften_a_refusal_to_a_confirmation_and_no_further)
{
    static RuleSet set;
    Err err = {0};
    REQUIRE(setup());
    for (int i = 0; i < rules.count; i++) {
        const Rule *rule = &rules.rule[i];
        CHECK(rule->severity >= rules_code[i].mildest);
        if (rule->severity != RULE_REFUSE)
            continue;
        refused(with(rule->id, "severity", json_string("warn")), "may be softened to 'confirm'");
        REQUIRE(CHECK(reads(with(rule->id, "severity", json_string("confirm")), &set, &err)));
        REQUIRE(check_with(&set, world_of(i, 1)));
        CHECK(found.count == 1 && found.refused == 0 && found.open == 1);
    }
    refused(with("straight_edge", "severity", json_string("warn")), "may be softened");
    REQUIRE(CHECK(reads(with("keloid", "severity", json_string("refuse")), &set, &err)));
    REQUIRE(check_with(&set, world_of(rules_code_find("keloid"), 1)));
    CHECK(found.refused == 1);
}

TEST(a_clinic_may_move_a_limit)
{
    static RuleSet set;
    Err err = {0};
    REQUIRE(setup());
    REQUIRE(CHECK(reads(with_limit("hairline_too_low", "value", json_real(70.0)), &set, &err)));
    World *world = calm();
    set_height(world, 69.9, 1);
    REQUIRE(check_with(&set, world));
    const Finding *finding = finding_of("hairline_too_low");
    REQUIRE(CHECK(finding != NULL));
    CHECK_NEAR(finding->limit, 70.0, 1e-12);
    CHECK(strstr(finding->text, "below 70 mm") != NULL);
}

TEST(text_that_is_no_set_of_rules_is_refused)
{
    static RuleSet set;
    static const char *const texts[] = {"",
                                        "[]",
                                        "{}",
                                        "null",
                                        "{\"schema\": \"follicle/rules\"",
                                        "{\"schema\": \"follicle/rules\", \"version\": 1}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        Err err = {0};
        CHECK(!rules_from_json(strlen(texts[i]), texts[i], &set, &err) && err.code == ERR_INPUT);
    }
}
