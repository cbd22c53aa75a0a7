#include "shade/shade.h"

#include "base/test.h"

#include <string.h>

/* A typical ITA of each class, from very light to dark. */
static const double class_ita_deg[] = {62.0, 48.0, 34.0, 19.0, -10.0, -45.0};
enum { CLASSES = 6, GREEN = 14 };

typedef struct Client {
    Arena arena;
    SkinMarks *marks;
    SkinPigment pigment[2];
    ShadeRequest request;
    ShadeChoice choice;
} Client;

static bool client_of_tone(Client *client, SkinTone tone)
{
    SkinTable table;
    Err err = {0};
    *client = (Client){0};
    bool ok = arena_open(&client->arena, 64 << 20, &err) && skin_table_load(&table, &err) &&
              skin_marks_new(&client->arena, &table, &tone, &client->marks, &err) &&
              skin_pigment_builtin(0, &client->pigment[0], &err) &&
              skin_pigment_builtin(1, &client->pigment[1], &err);
    if (!ok)
        printf("# %s\n", err.text);
    client->request = shade_default();
    client->request.marks = client->marks;
    client->request.pigment = client->pigment;
    client->request.pigment_count = 1;
    return ok;
}

static bool client_open(Client *client, double ita_deg)
{
    return client_of_tone(client, skin_tone_of_lab(skin_lab_of_ita(ita_deg)));
}

static void client_close(Client *client)
{
    arena_close(&client->arena);
}

static void set_hair(Client *client, SkinHairColor color)
{
    client->request.hair[0] = skin_hair_make(color, 0.07);
}

static const ShadeWarning *warned(const ShadeChoice *choice, ShadeRule rule)
{
    for (int i = 0; i < choice->warning_count; i++)
        if (choice->warning[i].rule == rule)
            return &choice->warning[i];
    return NULL;
}

static bool all_finite(const ShadeChoice *choice)
{
    for (int i = 0; i < SHADE_MOMENTS; i++) {
        const ShadeForecast *f = &choice->forecast[i];
        const SkinBand *band[] = {&f->delta_e2000, &f->blue_match,       &f->contrast,
                                  &f->width_mm,    &f->lightness_change, &f->pigment_left};
        for (int k = 0; k < 6; k++)
            if (!isfinite(band[k]->low) || !isfinite(band[k]->high) ||
                !(band[k]->low <= band[k]->expected && band[k]->expected <= band[k]->high))
                return false;
        if (!isfinite(f->treated.L + f->weak.L + f->strong.L))
            return false;
    }
    return true;
}

static double dot_area_mm2(const Client *client, double absorption_per_mm)
{
    SkinMark mark = client->choice.healed;
    mark.absorption_per_mm = absorption_per_mm;
    return skin_mark_area(client->marks, mark).band[GREEN];
}

/* ---- the choice ---- */

/* The working limits of field notes on skin colour: 2 for the mean of a dotted area; at the depth
 * at which dots have the hue of black stubble, half of it. */
TEST(every_skin_class_and_dark_hair_is_matched_when_healed)
{
    static const SkinHairColor hair[] = {SKIN_HAIR_BLACK, SKIN_HAIR_DARK_BROWN, SKIN_HAIR_BROWN};
    for (int c = 0; c < CLASSES; c++) {
        Client client;
        REQUIRE(client_open(&client, class_ita_deg[c]));
        double usual_mm = client.request.depth_mm;
        for (int h = 0; h < 3; h++) {
            set_hair(&client, hair[h]);
            client.request.depth_mm = usual_mm;
            shade_choose(&client.request, &client.choice);
            CHECK(all_finite(&client.choice));
            CHECK(client.choice.forecast[1].delta_e2000.expected < 2.0);
            client.request.depth_mm = 0.30;
            shade_choose(&client.request, &client.choice);
            CHECK(client.choice.forecast[1].delta_e2000.expected < 1.0);
        }
        client_close(&client);
    }
}

TEST(all_dots_together_never_darken_more_than_the_stubble)
{
    for (int c = 0; c < CLASSES; c++) {
        Client client;
        REQUIRE(client_open(&client, class_ita_deg[c]));
        shade_choose(&client.request, &client.choice);
        double green = 0.0;
        for (int s = 0; s < client.request.session_count; s++)
            green += client.choice.session[s].dots_per_cm2 / 100.0 *
                     dot_area_mm2(&client, client.choice.session[s].absorption_per_mm);
        CHECK(green <= 1.0005 * client.choice.stubble_area_per_mm2);
        CHECK(green >= 0.49 * client.choice.stubble_area_per_mm2);
        client_close(&client);
    }
}

TEST(the_first_session_is_lighter_and_the_later_ones_darken)
{
    for (int c = 0; c < CLASSES; c++) {
        Client client;
        REQUIRE(client_open(&client, class_ita_deg[c]));
        shade_choose(&client.request, &client.choice);
        const ShadeSession *session = client.choice.session;
        double asked = client.choice.stubble_area_per_mm2 / (client.request.dots_per_cm2 / 100.0);
        CHECK(dot_area_mm2(&client, session[0].absorption_per_mm) <= 0.86 * asked);
        CHECK(session[0].absorption_per_mm < session[1].absorption_per_mm);
        CHECK(session[1].absorption_per_mm < session[2].absorption_per_mm);
        CHECK(session[0].dilution > session[1].dilution);
        CHECK(session[0].lightness_change > session[1].lightness_change &&
              session[1].lightness_change > session[2].lightness_change);
        CHECK(warned(&client.choice, SHADE_DARK_START) == NULL);
        client_close(&client);
    }
}

TEST(a_very_weak_first_session_is_raised)
{
    Client client;
    REQUIRE(client_open(&client, 20.0));
    client.request.session_strength[0] = 0.2;
    shade_choose(&client.request, &client.choice);
    const ShadeSession *session = client.choice.session;
    double asked = client.choice.stubble_area_per_mm2 / (client.request.dots_per_cm2 / 100.0);
    double whole = fmin(asked, dot_area_mm2(&client, session[1].absorption_per_mm));
    CHECK_NEAR(dot_area_mm2(&client, session[0].absorption_per_mm) / whole, 0.70, 0.01);
    client_close(&client);
}

TEST(no_other_dilution_within_the_limits_matches_better)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    client.request.session_count = 1;
    client.request.session_share[0] = client.request.session_strength[0] = 1.0;
    shade_choose(&client.request, &client.choice);
    double chosen = client.choice.session[0].dilution;
    double best = client.choice.forecast[1].delta_e2000.expected;
    for (double factor = 1.0; factor < 2.0; factor += 0.05) { /* darker breaks the limit */
        ShadeChoice other;
        client.request.fixed_dilution = (1.0 + chosen) * factor - 1.0;
        shade_choose(&client.request, &other);
        CHECK(other.forecast[1].delta_e2000.expected > best - 0.1);
    }
    client_close(&client);
}

TEST(lighter_hair_and_more_dots_ask_for_more_water)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    double before = -1.0;
    for (int color = SKIN_HAIR_BLACK; color <= SKIN_HAIR_BROWN; color++) {
        set_hair(&client, (SkinHairColor)color);
        shade_choose(&client.request, &client.choice);
        CHECK(client.choice.session[2].dilution > before);
        before = client.choice.session[2].dilution;
    }
    client.request.dots_per_cm2 = 200.0;
    shade_choose(&client.request, &client.choice);
    CHECK(client.choice.session[2].dilution > before);
    client_close(&client);
}

TEST(a_given_dilution_is_predicted_as_it_is)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    double before = -100.0;
    for (double dilution = 0.0; dilution <= 40.0; dilution += 5.0) {
        client.request.fixed_dilution = dilution;
        shade_choose(&client.request, &client.choice);
        CHECK_NEAR(client.choice.session[2].dilution, dilution, 1e-9);
        CHECK(client.choice.forecast[1].lightness_change.expected > before);
        before = client.choice.forecast[1].lightness_change.expected;
    }
    client_close(&client);
}

/* Two lines that differ in the slope of their absorption only. */
TEST(of_two_pigments_the_one_with_the_hue_of_the_stubble_is_chosen)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    client.request.pigment_count = 2;
    client.pigment[1] = client.pigment[0];
    client.pigment[0].slope = 4.0; /* brown: takes blue */
    shade_choose(&client.request, &client.choice);
    CHECK(client.choice.pigment == 1);
    client.request.fixed_pigment = 0;
    shade_choose(&client.request, &client.choice);
    CHECK(client.choice.pigment == 0);
    CHECK(client.choice.forecast[1].blue_match.expected < 0.8);
    client_close(&client);
}

/* The hue counts beside the mean colour: on dark skin, where all differences are small, it decides.
 */
TEST(a_pigment_of_the_right_hue_wins_over_one_that_is_a_little_nearer_in_colour)
{
    Client client;
    double delta[2];
    REQUIRE(client_open(&client, -45.0));
    client.pigment[1] = client.pigment[0];
    client.request.depth_mm = 0.22; /* where carbon has the stubble's hue */
    client.pigment[0].uptake *= 0.4;
    client.pigment[1].slope = 4.5;
    client.request.pigment_count = 2;
    client.request.fixed_dilution = 10.0;
    for (int p = 0; p < 2; p++) {
        client.request.fixed_pigment = p;
        shade_choose(&client.request, &client.choice);
        delta[p] = client.choice.forecast[1].delta_e2000.expected;
    }
    client.request.fixed_pigment = -1;
    shade_choose(&client.request, &client.choice);
    if (!CHECK(delta[1] < delta[0] && client.choice.pigment == 0))
        printf("# %g %g\n", delta[0], delta[1]);
    client_close(&client);
}

TEST(a_match_makes_the_shade_lighter_or_darker_than_the_stubble)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    client.request.match = 0.7;
    shade_choose(&client.request, &client.choice);
    double change = client.choice.forecast[1].lightness_change.expected;
    double own = client.choice.stubble.L - client.choice.bare.L;
    CHECK(change > own && change < 0.5 * own);
    client.request.match = 1.4;
    shade_choose(&client.request, &client.choice);
    CHECK(client.choice.forecast[1].lightness_change.expected < 1.2 * own);
    client_close(&client);
}

TEST(the_same_request_gives_the_same_choice)
{
    Client client;
    static ShadeChoice again; /* like the other, zero where nothing is written */
    REQUIRE(client_open(&client, 20.0));
    shade_choose(&client.request, &client.choice);
    shade_choose(&client.request, &again);
    for (int s = 0; s < 3; s++)
        CHECK(memcmp(&again.session[s], &client.choice.session[s], sizeof again.session[s]) == 0);
    CHECK(memcmp(again.forecast, client.choice.forecast, sizeof again.forecast) == 0);
    client_close(&client);
}

/* ---- through time ---- */

TEST(the_forecast_reddens_on_day_1_and_fades_with_the_years)
{
    for (int c = 0; c < CLASSES; c++) {
        Client client;
        REQUIRE(client_open(&client, class_ita_deg[c]));
        shade_choose(&client.request, &client.choice);
        const ShadeForecast *forecast = client.choice.forecast;
        CHECK(forecast[0].treated.a > forecast[1].treated.a);
        CHECK(forecast[0].treated.L < forecast[1].treated.L);
        for (int i = 2; i < SHADE_MOMENTS; i++) {
            CHECK(forecast[i].treated.L > forecast[i - 1].treated.L);
            CHECK(forecast[i].pigment_left.expected < forecast[i - 1].pigment_left.expected);
            CHECK(forecast[i].width_mm.expected > forecast[i - 1].width_mm.expected);
        }
        for (int i = 1; i < SHADE_MOMENTS; i++)
            CHECK(forecast[i].weak.L > forecast[i].treated.L &&
                  forecast[i].treated.L > forecast[i].strong.L);
        for (int i = 1; i < SHADE_MOMENTS; i++) { /* the ends are corners */
            CHECK_NEAR(forecast[i].lightness_change.high, forecast[i].weak.L - client.choice.bare.L,
                       1e-9);
            CHECK_NEAR(forecast[i].lightness_change.low,
                       forecast[i].strong.L - client.choice.bare.L, 1e-9);
            CHECK(forecast[i].width_mm.low < forecast[i].width_mm.expected &&
                  forecast[i].width_mm.expected < forecast[i].width_mm.high);
        }
        client_close(&client);
    }
}

TEST(healed_marks_are_those_of_the_choice)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    shade_choose(&client.request, &client.choice);
    SkinMoment moment = shade_moment(&client.request, &client.choice, 2, 30.0, 0);
    CHECK_NEAR(moment.dermal.diameter_mm, client.request.diameter_mm, 1e-9);
    CHECK_NEAR(moment.dermal.depth_mm, client.request.depth_mm, 1e-9);
    CHECK_NEAR(moment.dermal.absorption_per_mm, client.choice.session[2].absorption_per_mm, 1e-9);
    SkinMoment weak = shade_moment(&client.request, &client.choice, 2, 30.0, -1);
    SkinMoment strong = shade_moment(&client.request, &client.choice, 2, 30.0, 1);
    CHECK_NEAR(weak.dermal.depth_mm - strong.dermal.depth_mm, 2.0 * client.request.depth_sd_mm,
               1e-9);
    CHECK(weak.dermal.absorption_per_mm < strong.dermal.absorption_per_mm);
    moment = shade_moment(&client.request, &client.choice, 0, 1.0, 0);
    CHECK_NEAR(moment.dermal.absorption_per_mm, client.choice.session[0].absorption_per_mm, 1e-9);
    client_close(&client);
}

TEST(a_hand_that_scatters_more_widens_the_bands)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    double before = 0.0;
    for (double sd = 0.0; sd < 0.12; sd += 0.05) {
        client.request.depth_sd_mm = sd;
        shade_choose(&client.request, &client.choice);
        SkinBand change = client.choice.forecast[1].lightness_change;
        CHECK(change.high - change.low > before);
        before = change.high - change.low;
    }
    client_close(&client);
}

/* ---- warnings ---- */

static bool complete(const ShadeWarning *warning)
{
    return warning != NULL && warning->unit != NULL && strlen(warning->text) > 40 &&
           strlen(warning->text) < sizeof warning->text - 1 && warning->text[0] >= 'A' &&
           warning->text[0] <= 'Z';
}

TEST(deep_dots_are_warned_of_as_blue_and_very_deep_ones_refused)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    shade_choose(&client.request, &client.choice);
    CHECK(warned(&client.choice, SHADE_BLUE) == NULL && !client.choice.refused);
    client.request.depth_mm = 0.45;
    shade_choose(&client.request, &client.choice);
    CHECK(complete(warned(&client.choice, SHADE_BLUE)));
    client.request.depth_mm = 0.8;
    shade_choose(&client.request, &client.choice);
    const ShadeWarning *warning = warned(&client.choice, SHADE_BLUE);
    REQUIRE(complete(warning));
    CHECK(warning->severity == SHADE_REFUSE && client.choice.refused);
    CHECK(client.choice.warning[0].severity == SHADE_REFUSE);
    CHECK(strstr(warning->text, "shallower") != NULL);
    client_close(&client);
}

TEST(the_gravest_warning_comes_first)
{
    Client client;
    REQUIRE(client_open(&client, 68.0)); /* lighter than anybody measured: said before the depth */
    client.request.depth_mm = 0.9;
    client.request.habits.age_years = 60.0;
    shade_choose(&client.request, &client.choice);
    REQUIRE(client.choice.warning_count > 2);
    CHECK(client.choice.warning[0].severity == SHADE_REFUSE);
    for (int i = 1; i < client.choice.warning_count; i++)
        CHECK(client.choice.warning[i].severity <= client.choice.warning[i - 1].severity);
    client_close(&client);
}

TEST(shallow_dots_are_warned_of_as_brown)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    client.request.depth_mm = 0.15;
    shade_choose(&client.request, &client.choice);
    CHECK(complete(warned(&client.choice, SHADE_TOO_BROWN)));
    client_close(&client);
}

TEST(a_dark_start_is_warned_of)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    client.request.fixed_dilution = 2.0;
    shade_choose(&client.request, &client.choice);
    CHECK(complete(warned(&client.choice, SHADE_DARK_START)));
    client.request.fixed_dilution = -1.0;
    client.request.session_count = 1;
    client.request.session_share[0] = 1.0;
    shade_choose(&client.request, &client.choice);
    CHECK(complete(warned(&client.choice, SHADE_DARK_START)));
    client_close(&client);
}

TEST(white_hair_is_refused_with_the_reason)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    set_hair(&client, SKIN_HAIR_WHITE);
    shade_choose(&client.request, &client.choice);
    const ShadeWarning *warning = warned(&client.choice, SHADE_LIGHT_HAIR);
    REQUIRE(complete(warning));
    CHECK(warning->severity == SHADE_REFUSE && client.choice.refused);
    CHECK(all_finite(&client.choice));
    client_close(&client);
}

TEST(greying_is_answered_with_the_shade_in_between)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    client.request.grey_share = 0.2;
    shade_choose(&client.request, &client.choice);
    const ShadeWarning *warning = warned(&client.choice, SHADE_GREYING);
    REQUIRE(complete(warning));
    /* half of it white: 0.5 / 0.8 of today's darkening; in between: (1 + 0.625) / 2 */
    CHECK(strstr(warning->text, "--match=0.81") != NULL);
    client.request.grey_share = 0.0;
    client.request.habits.age_years = 55.0;
    shade_choose(&client.request, &client.choice);
    CHECK(complete(warned(&client.choice, SHADE_GREYING)));
    client_close(&client);
}

TEST(weak_pigment_and_weak_effects_are_told)
{
    Client client;
    REQUIRE(client_open(&client, 40.0));
    client.pigment[0].uptake *= 0.05;
    shade_choose(&client.request, &client.choice);
    const ShadeWarning *warning = warned(&client.choice, SHADE_UNDILUTED);
    CHECK(complete(warning) && warning->value < 0.95);
    CHECK_NEAR(client.choice.session[2].dilution, 0.0, 1e-9);
    client.request.dots_per_cm2 = 10.0;
    client.request.hair_per_cm2 = 10.0;
    shade_choose(&client.request, &client.choice);
    CHECK(complete(warned(&client.choice, SHADE_TOO_WEAK)));
    client_close(&client);
}

TEST(dark_skin_that_nobody_measured_is_told)
{
    Client client;
    REQUIRE(client_open(&client, -45.0));
    shade_choose(&client.request, &client.choice);
    CHECK(complete(warned(&client.choice, SHADE_EXTRAPOLATED)));
    client.request.fixed_dilution = 0.5;
    shade_choose(&client.request, &client.choice);
    CHECK(complete(warned(&client.choice, SHADE_STRONG_ON_DARK)));
    client_close(&client);
}

TEST(a_colour_that_is_no_skin_is_refused)
{
    Client client;
    REQUIRE(client_of_tone(&client, skin_tone_of_lab((Lab){55.0, -30.0, 25.0})));
    shade_choose(&client.request, &client.choice);
    const ShadeWarning *warning = warned(&client.choice, SHADE_NOT_SKIN);
    REQUIRE(complete(warning));
    CHECK(warning->severity == SHADE_REFUSE && client.choice.refused);
    client_close(&client);
}

/* ---- checks ---- */

typedef void SpoilFn(ShadeRequest *request);
static void spoil_hair(ShadeRequest *r)
{
    r->hair_count = 0;
}
static void spoil_share(ShadeRequest *r)
{
    r->hair_share[0] = 0.7;
}
static void spoil_density(ShadeRequest *r)
{
    r->hair_per_cm2 = (double)NAN;
}
static void spoil_dots(ShadeRequest *r)
{
    r->dots_per_cm2 = 0.0;
}
static void spoil_diameter(ShadeRequest *r)
{
    r->diameter_mm = -0.1;
}
static void spoil_depth(ShadeRequest *r)
{
    r->depth_mm = (double)INFINITY;
}
static void spoil_sd(ShadeRequest *r)
{
    r->depth_sd_mm = 1.0;
}
static void spoil_sessions(ShadeRequest *r)
{
    r->session_count = 7;
}
static void spoil_session_share(ShadeRequest *r)
{
    r->session_share[1] = 0.5;
}
static void spoil_strength(ShadeRequest *r)
{
    r->session_strength[0] = 0.0;
}
static void spoil_match(ShadeRequest *r)
{
    r->match = 0.0;
}
static void spoil_sun(ShadeRequest *r)
{
    r->habits.sun = 2.0;
}
static void spoil_pigments(ShadeRequest *r)
{
    r->pigment_count = 0;
}
static void spoil_fixed(ShadeRequest *r)
{
    r->fixed_pigment = 3;
}
static void spoil_dilution(ShadeRequest *r)
{
    r->fixed_dilution = 2000.0;
}
static void spoil_marks(ShadeRequest *r)
{
    r->marks = NULL;
}

TEST(a_request_out_of_range_is_refused_in_words)
{
    static SpoilFn *const spoil[] = {
        spoil_hair,     spoil_share,         spoil_density, spoil_dots,
        spoil_diameter, spoil_depth,         spoil_sd,      spoil_sessions,
        spoil_strength, spoil_match,         spoil_sun,     spoil_pigments,
        spoil_dilution, spoil_session_share, spoil_fixed,   spoil_marks};
    Client client;
    Err err = {0};
    REQUIRE(client_open(&client, 40.0));
    CHECK(shade_check(&client.request, &err));
    for (size_t i = 0; i < sizeof spoil / sizeof spoil[0]; i++) {
        ShadeRequest request = client.request;
        err = (Err){0};
        spoil[i](&request);
        CHECK(!shade_check(&request, &err) && err.code == ERR_INPUT && strlen(err.text) > 10);
    }
    client_close(&client);
}
