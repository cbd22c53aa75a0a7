/* The rules on designs as the program makes them. */
#include "rules/rules.h"

#include "base/test.h"
#include "head/vault.h"

#include <string.h>

static Arena arena, scratch;
static HeadTopology topology;
static Head heads[2]; /* the mean, and a broad and uneven one */
static HairSurvey bare[2];
static RuleSet rules;
static Findings found;

static bool make_head(const VaultShape *shape, Head *head, HairSurvey *survey)
{
    Err err = {0};
    double *radius_mm = ARENA_NEW(&arena, double, (size_t)topology.vertex_count);
    if (radius_mm == NULL)
        return false;
    vault_radii_mm(shape, &topology, radius_mm);
    if (!head_new(&arena, &topology, radius_mm, head, &err))
        return false;
    vault_landmarks_mm(shape, head->landmark_mm);
    return hair_survey(&arena, &scratch, head, NULL, NULL, survey, &err);
}

static bool setup(void)
{
    Err err = {0};
    if (arena.base != NULL)
        return true;
    VaultShape mean = vault_mean(), broad = vault_mean();
    broad.breadth_scale = 1.06;
    broad.mode_sd[2] = 1.5;
    broad.mode_sd[4] = -1.5;
    return CHECK(arena_open(&arena, (size_t)1 << 30, &err) &&
                 arena_open(&scratch, (size_t)256 << 20, &err) &&
                 head_topology_new(&arena, HEAD_LEVEL, &topology, &err) &&
                 make_head(&mean, &heads[0], &bare[0]) && make_head(&broad, &heads[1], &bare[1]) &&
                 rules_builtin(&rules, &err));
}

/* A man of 30 whose questions are all answered, 75 mm, natural front; and what he wishes. */
static DesignRequest *request_of(DesignForm form, DesignFront front)
{
    static DesignRequest request;
    design_request_default(&request);
    request.construction = DESIGN_HEIGHT;
    request.hairline_height_mm = 75.0;
    request.hairline.form = form;
    design_front_style(front, &request.hairline);
    request.client = (DesignClient){.sex = DESIGN_MALE,
                                    .age_years = 30.0,
                                    .active_loss = DESIGN_NO,
                                    .patch_test_passed = DESIGN_YES,
                                    .keloid = DESIGN_NO,
                                    .skin_disease = DESIGN_NO};
    return &request;
}

static DesignLayout *lay_out(int head, const DesignRequest *request)
{
    Err err = {0};
    Design *design = ARENA_NEW(&arena, Design, 1);
    DesignLayout *layout = ARENA_NEW(&arena, DesignLayout, 1);
    if (!CHECK(layout != NULL && design_propose(&scratch, &heads[head], request, design, &err) &&
               design_layout(&arena, &scratch, &heads[head], &bare[head], design, layout, &err)))
        printf("# %s\n", err.text);
    return layout;
}

static RulesInput input_of(const DesignLayout *layout)
{
    return (RulesInput){.layout = layout,
                        .healed_diameter_mm = 0.3,
                        .treated_darkening = -1.0,
                        .touch_up_share = 0.2};
}

static bool check(const RulesInput *input)
{
    Err err = {0};
    bool ok = CHECK(rules_check(&scratch, &rules, input, &found, &err));
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

static bool check_layout(const DesignLayout *layout)
{
    RulesInput input = input_of(layout);
    return check(&input);
}

static void show_findings(void)
{
    for (int i = 0; i < found.count; i++)
        printf("# %s: %s\n", found.finding[i].rule->id, found.finding[i].text);
}

static const Finding *finding_of(const char *id)
{
    for (int i = 0; i < found.count; i++)
        if (strcmp(found.finding[i].rule->id, id) == 0)
            return &found.finding[i];
    return NULL;
}

TEST(natural_soft_and_defined_fronts_of_every_male_form_break_no_rule)
{
    static const DesignForm forms[] = {DESIGN_LINEAR, DESIGN_M, DESIGN_WIDOWS_PEAK};
    REQUIRE(setup());
    for (int head = 0; head < 2; head++)
        for (int f = 0; f < 3; f++)
            for (int front = DESIGN_NATURAL; front <= DESIGN_DEFINED; front++)
                for (uint64_t seed = 1; seed <= (head == 0 ? 3 : 1); seed++) {
                    size_t mark = arena_mark(&arena);
                    DesignRequest *request = request_of(forms[f], (DesignFront)front);
                    request->seed = request->hairline.seed = seed;
                    REQUIRE(check_layout(lay_out(head, request)));
                    if (!CHECK(found.count == 0))
                        show_findings();
                    arena_rewind(&arena, mark);
                }
}

TEST(a_straight_front_of_any_form_is_to_be_confirmed_by_name)
{
    REQUIRE(setup());
    for (int head = 0; head < 2; head++)
        for (int form = DESIGN_LINEAR; form < DESIGN_FORMS; form++) {
            size_t mark = arena_mark(&arena);
            DesignLayout *layout = lay_out(head, request_of((DesignForm)form, DESIGN_STRAIGHT));
            REQUIRE(check_layout(layout));
            const Finding *finding = finding_of("straight_edge");
            CHECK(finding != NULL && finding->severity == RULE_CONFIRM && !finding->confirmed);
            CHECK(finding_of("too_symmetric") == NULL);
            /* drawn with the numbers of a straight front, whatever it is called */
            layout->design.hairline.front = DESIGN_NATURAL;
            REQUIRE(check_layout(layout));
            CHECK(finding_of("straight_edge") != NULL);
            int open = found.open;
            strcpy(layout->design.confirmed[0], "straight_edge");
            layout->design.confirmed_count = 1;
            REQUIRE(check_layout(layout));
            CHECK(found.open == open - 1);
            arena_rewind(&arena, mark);
        }
}

TEST(a_round_line_fills_the_temples_of_a_man_and_not_of_a_woman)
{
    REQUIRE(setup());
    for (int sex = DESIGN_MALE; sex <= DESIGN_FEMALE; sex++) {
        size_t mark = arena_mark(&arena);
        DesignRequest *request = request_of(DESIGN_ROUND, DESIGN_SOFT);
        request->client.sex = (DesignSex)sex;
        DesignLayout *layout = lay_out(0, request);
        REQUIRE(check_layout(layout));
        CHECK((finding_of("temple_filled") != NULL) == (sex == DESIGN_MALE));
        CHECK(found.count == (sex == DESIGN_MALE ? 2 : 0));
        for (int i = 0; i < found.count; i++) {
            Vec3 temple = layout->control_mm[layout->design.hairline.temple[i]];
            CHECK(vec_distance(found.finding[i].where_mm, temple) < 1.0);
        }
        arena_rewind(&arena, mark);
    }
}

TEST(a_line_that_is_pulled_down_is_warned_of_confirmed_and_refused_in_turn)
{
    static const struct {
        double height_mm;
        const char *id;
    } steps[] = {{75.0, NULL},
                 {69.0, "hairline_low_for_age"},
                 {61.0, "hairline_low_for_age"},
                 {59.0, "hairline_too_low"},
                 {51.0, "hairline_too_low"},
                 {48.0, "hairline_far_too_low"}};
    REQUIRE(setup());
    DesignLayout *layout = lay_out(1, request_of(DESIGN_WIDOWS_PEAK, DESIGN_NATURAL));
    double height_mm = 75.0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        Err err = {0};
        REQUIRE(CHECK(
            hairline_raise(&heads[1], &layout->design, steps[i].height_mm - height_mm, &err)));
        height_mm = steps[i].height_mm;
        REQUIRE(check_layout(layout));
        REQUIRE(CHECK(found.count == (steps[i].id != NULL)));
        if (steps[i].id == NULL)
            continue;
        const Finding *finding = &found.finding[0];
        CHECK(strcmp(finding->rule->id, steps[i].id) == 0);
        CHECK_NEAR(finding->value, height_mm, 0.5);
        /* the point that is shown is as far from the glabella as the number says */
        double length_mm;
        REQUIRE(CHECK(head_section(&heads[1], heads[1].landmark_mm[HEAD_GLABELLA],
                                   finding->where_mm, heads[1].landmark_mm[HEAD_GLABELLA], 0, NULL,
                                   NULL, &length_mm, &err)));
        CHECK_NEAR(length_mm, finding->value, 1.0);
    }
}

TEST(one_side_alone_is_uneven_and_off_its_canthus)
{
    REQUIRE(setup());
    DesignLayout *layout = lay_out(0, request_of(DESIGN_M, DESIGN_NATURAL));
    DesignHairline *line = &layout->design.hairline;
    line->control[line->temple[1]].u *= 1.25; /* outwards, on the client's right */
    REQUIRE(check_layout(layout));
    const Finding *uneven = finding_of("uneven"), *off = finding_of("temple_off_canthus");
    REQUIRE(CHECK(uneven != NULL && off != NULL));
    CHECK(strcmp(uneven->place, "right temple") == 0 && strcmp(off->place, "right temple") == 0);
    CHECK(off->where_mm.x < 0.0 && strstr(off->text, "outside") != NULL);
    CHECK(off->severity == RULE_WARN && strstr(off->text, "assumed") != NULL);
}

TEST(the_density_at_which_a_design_is_too_dense_follows_from_the_years)
{
    REQUIRE(setup());
    SkinAgeing average = skin_ageing_default();
    DesignRequest *request = request_of(DESIGN_M, DESIGN_NATURAL);
    for (double per_cm2 = 120.0; per_cm2 <= 300.0; per_cm2 += 60.0) {
        size_t mark = arena_mark(&arena);
        request->density.full_per_cm2 = per_cm2;
        DesignLayout *layout = lay_out(0, request);
        REQUIRE(check_layout(layout));
        double most = 0.0;
        for (int v = 0; v < topology.vertex_count; v++)
            most = fmax(most, layout->target_per_mm2[v]);
        double years = budget_years_until(most, BUDGET_CROWDED, 0.3, &average);
        CHECK((finding_of("too_dense_now") != NULL) == (years <= 0.0));
        CHECK((finding_of("too_dense") != NULL) == (years > 0.0 && years < 5.0));
        CHECK((finding_of("helmet") != NULL) == (years >= 5.0 && years < 10.0));
        arena_rewind(&arena, mark);
    }
}

TEST(active_loss_shows_the_edge_and_where_the_gap_would_be)
{
    Err err = {0};
    REQUIRE(setup());
    DesignRequest *request = request_of(DESIGN_M, DESIGN_NATURAL);
    DesignLoss loss[2];
    DesignLayout *layout = lay_out(0, request);
    for (int i = 0; i < 2; i++)
        REQUIRE(CHECK(design_recede(&arena, &scratch, layout, 4 + i, false, &loss[i], &err)));
    RulesInput input = input_of(layout);
    input.loss = loss;
    input.loss_count = 2;
    for (int answer = DESIGN_UNKNOWN; answer <= DESIGN_YES; answer++) {
        layout->design.client.active_loss = (DesignAnswer)answer;
        REQUIRE(check(&input));
        const Finding *finding =
            finding_of(answer == DESIGN_YES ? "active_loss_exposes_edge" : "loss_next_stage");
        REQUIRE(CHECK(finding != NULL && found.count == 1));
        const DesignLoss *worse = &loss[loss[1].edge_mm > loss[0].edge_mm];
        if (answer == DESIGN_YES)
            CHECK_NEAR(finding->value, worse->edge_mm, 1e-9);
        CHECK(finding->has_where && (vec_distance(finding->where_mm, loss[0].widest_at_mm) < 1.0 ||
                                     vec_distance(finding->where_mm, loss[1].widest_at_mm) < 1.0));
    }
}

TEST(a_check_gives_the_same_bytes_again)
{
    static Findings again;
    REQUIRE(setup());
    DesignRequest *request = request_of(DESIGN_ROUND, DESIGN_STRAIGHT);
    request->density.full_per_cm2 = 280.0;
    request->client = (DesignClient){0};
    DesignLayout *layout = lay_out(1, request);
    REQUIRE(check_layout(layout));
    again = found;
    REQUIRE(check_layout(layout));
    CHECK(found.count > 6 && memcmp(&again, &found, sizeof found) == 0);
}
