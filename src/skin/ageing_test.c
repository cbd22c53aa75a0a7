#include "skin/ageing.h"

#include "base/test.h"

#include <stdlib.h>
#include <string.h>

static const SkinMark healed = {0.3, 0.3, 4.0, SKIN_CARBON_SLOPE};
static const double year = SKIN_DAYS_PER_YEAR;

static double mass_of(SkinMark mark)
{
    double height = SKIN_PLUG_MM / 2.0 + fmin(mark.depth_mm, SKIN_PLUG_MM / 2.0);
    return mark.absorption_per_mm * mark.diameter_mm * mark.diameter_mm * height;
}

static double years_later(double years)
{
    return SKIN_HEALED_DAY + years * year;
}

TEST(at_day_30_the_expected_mark_is_the_healed_one)
{
    SkinAgeing ageing = skin_ageing_default();
    SkinMoment moment = skin_mark_at(healed, &ageing, SKIN_HEALED_DAY, 0);
    CHECK_NEAR(moment.dermal.diameter_mm, 0.3, 1e-15);
    CHECK_NEAR(moment.dermal.depth_mm, 0.3, 1e-15);
    CHECK_NEAR(moment.dermal.absorption_per_mm, 4.0, 1e-14);
    CHECK_NEAR(moment.dermal.slope, SKIN_CARBON_SLOPE, 0.0);
    CHECK_NEAR(moment.epidermal.absorption_per_mm, 0.0, 0.0);
    CHECK_NEAR(moment.blood_factor, 1.0, 0.0);
    CHECK_NEAR(moment.veil, 1.0, 0.0);
}

/* Every number of a moment, relative to a usual size of it. */
static double distance(SkinMoment a, SkinMoment b)
{
    const double change[] = {(a.dermal.diameter_mm - b.dermal.diameter_mm) / 0.3,
                             (a.dermal.depth_mm - b.dermal.depth_mm) / 0.3,
                             (a.dermal.absorption_per_mm - b.dermal.absorption_per_mm) / 4.0,
                             (a.epidermal.depth_mm - b.epidermal.depth_mm) / 0.1,
                             (a.epidermal.absorption_per_mm - b.epidermal.absorption_per_mm) / 4.0,
                             a.blood_factor - b.blood_factor,
                             a.veil - b.veil};
    double most = 0.0;
    for (size_t i = 0; i < sizeof change / sizeof change[0]; i++)
        most = fmax(most, fabs(change[i]));
    return most;
}

TEST(nothing_jumps_in_the_first_hundred_days)
{
    SkinAgeing ageing = skin_ageing_default();
    const double step = 0.01;
    for (int which = -1; which <= 1; which++) {
        for (int i = 0; i < 10000; i++) {
            double day = i * step;
            SkinMoment now = skin_mark_at(healed, &ageing, day, which);
            SkinMoment next = skin_mark_at(healed, &ageing, day + step, which);
            /* The fastest thing is redness: 2 more at first, a tenth left after 2 days or more. */
            CHECK(distance(now, next) < step * 2.5);
        }
        SkinMoment before = skin_mark_at(healed, &ageing, SKIN_HEALED_DAY - 1e-9, which);
        SkinMoment after = skin_mark_at(healed, &ageing, SKIN_HEALED_DAY, which);
        CHECK(distance(before, after) < 1e-8);
    }
}

TEST(the_same_fresh_pigment_is_behind_all_ends_of_the_band)
{
    SkinAgeing ageing = skin_ageing_default();
    for (int which = -1; which <= 1; which++) {
        SkinMoment fresh = skin_mark_at(healed, &ageing, 0.0, which);
        CHECK_NEAR(mass_of(fresh.dermal) + mass_of(fresh.epidermal), mass_of(healed) / 0.65, 1e-12);
        double share = which < 0 ? 0.60 : which > 0 ? 0.80 : 0.65;
        SkinMoment done = skin_mark_at(healed, &ageing, SKIN_HEALED_DAY, which);
        CHECK_NEAR(mass_of(done.dermal), mass_of(healed) * share / 0.65, 1e-12);
    }
}

/* A scab darkens without pigment, so it is left out. */
TEST(pigment_is_only_ever_lost)
{
    SkinAgeing ageing = skin_ageing_default();
    ageing.scab = (SkinBand){1.0, 1.0, 1.0};
    for (int which = -1; which <= 1; which++) {
        double before = HUGE_VAL;
        for (double day = 0.0; day < 5000.0; day += day < 60.0 ? 0.1 : 30.0) {
            SkinMoment moment = skin_mark_at(healed, &ageing, day, which);
            double mass = mass_of(moment.dermal) + mass_of(moment.epidermal);
            CHECK(mass <= before * (1.0 + 1e-12) && mass > 0.0);
            before = mass;
        }
    }
}

TEST(the_mass_halves_with_the_half_life_whatever_spreads_or_sinks)
{
    static const double half_life[3] = {2.0, 5.0, 8.0}, growth[3] = {0.05, 0.04, 0.03};
    static const double drift[3] = {0.02, 0.005, 0.0}, share[3] = {0.60, 0.65, 0.80};
    SkinAgeing ageing = skin_ageing_default();
    for (int which = -1; which <= 1; which++)
        for (double years = 0.0; years <= 20.0; years += 0.5) {
            int k = which + 1;
            SkinMark mark = skin_mark_at(healed, &ageing, years_later(years), which).dermal;
            double kept = share[k] / 0.65 * exp2(-years / half_life[k]);
            CHECK_NEAR(mass_of(mark) / mass_of(healed), kept, 1e-12);
            CHECK_NEAR(mark.diameter_mm, 0.3 * (1.0 + growth[k] * years), 1e-12);
            CHECK_NEAR(mark.depth_mm, 0.3 + drift[k] * years, 1e-12);
        }
}

/* A plug that starts at the surface is cut off there; sinking shows more of its height. */
TEST(a_shallow_mark_that_sinks_keeps_its_pigment)
{
    SkinAgeing ageing = skin_ageing_default();
    SkinMark shallow = {0.3, 0.06, 4.0, 1.0};
    SkinMark later = skin_mark_at(shallow, &ageing, years_later(5.0), 0).dermal;
    /* 0.16 mm of height become 0.185 mm; the half-life at 0.1 mm and less is 5 / sqrt(3) years. */
    double expected = 4.0 * 0.16 / 0.185 / (1.2 * 1.2) * exp2(-5.0 / (5.0 * sqrt(0.1 / 0.3)));
    CHECK_NEAR(later.absorption_per_mm, expected, 1e-12);
}

TEST(deeper_marks_hold_longer_and_the_weak_end_is_the_weakest_at_any_depth)
{
    SkinAgeing ageing = skin_ageing_default();
    double before = 0.0;
    for (double depth = 0.1; depth < 1.0; depth += 0.05) {
        SkinMark mark = {0.3, depth, 4.0, 1.0};
        double left[3];
        for (int which = -1; which <= 1; which++)
            left[which + 1] = mass_of(skin_mark_at(mark, &ageing, years_later(4.0), which).dermal);
        CHECK(left[1] > before && left[0] < left[1] && left[1] < left[2]);
        before = left[1];
    }
}

TEST(what_is_not_known_of_depth_widens_the_band_on_both_sides)
{
    SkinAgeing ageing = skin_ageing_default();
    ageing.half_life_years = (SkinBand){5.0, 5.0, 5.0};
    ageing.healed_mass = (SkinBand){0.65, 0.65, 0.65};
    for (double depth = 0.1; depth < 1.0; depth += 0.05) {
        SkinMark mark = {0.3, depth, 4.0, 1.0};
        double left[3];
        for (int which = -1; which <= 1; which++)
            left[which + 1] = mass_of(skin_mark_at(mark, &ageing, years_later(4.0), which).dermal);
        CHECK(left[0] <= left[1] * 1.0000001 && left[1] <= left[2] * 1.0000001);
    }
}

TEST(nothing_sinks_out_of_the_dermis)
{
    SkinAgeing ageing = skin_ageing_default();
    SkinMark deep = {0.3, 2.0, 4.0, 1.0};
    SkinMark later = skin_mark_at(deep, &ageing, SKIN_LAST_DAY, -1).dermal;
    CHECK_NEAR(later.depth_mm, SKIN_EPIDERMIS_MM + SKIN_DERMIS_MM, 1e-12);
    CHECK(isfinite(later.absorption_per_mm) && later.absorption_per_mm >= 0.0);
}

TEST(redness_falls_to_a_tenth_in_its_days_and_ends_at_day_30)
{
    SkinAgeing ageing = skin_ageing_default();
    CHECK_NEAR(skin_mark_at(healed, &ageing, 0.0, 0).blood_factor, 2.0, 1e-12);
    CHECK_NEAR(skin_mark_at(healed, &ageing, 3.0, 0).blood_factor, 1.1, 1e-6);
    CHECK_NEAR(skin_mark_at(healed, &ageing, 6.0, 1).blood_factor, 1.2, 1e-4);
    CHECK_NEAR(skin_mark_at(healed, &ageing, 29.999, 1).blood_factor, 1.0, 1e-6);
    CHECK_NEAR(skin_mark_at(healed, &ageing, 0.0, 0).dermal.diameter_mm, 0.3 * 1.05, 1e-12);
    CHECK_NEAR(skin_mark_at(healed, &ageing, 3.0, 0).dermal.diameter_mm, 0.3 * 1.005, 1e-6);
}

/* The trade's timeline: scabs darken on days 1-4 and are gone by day 10; the surface hides most
 * around days 7-12 and shows all by day 30. */
TEST(scabs_come_and_go_and_the_surface_veils)
{
    SkinAgeing ageing = skin_ageing_default();
    double fresh = skin_mark_at(healed, &ageing, 0.0, 0).epidermal.absorption_per_mm;
    double scabbed = skin_mark_at(healed, &ageing, 3.0, 0).epidermal.absorption_per_mm;
    double bare = skin_mark_at(healed, &ageing, 10.0, 0).epidermal.absorption_per_mm;
    CHECK_NEAR(scabbed / fresh, 1.5, 1e-12);
    CHECK(bare > 0.0 && bare < 0.3 * fresh);
    double least = 1.0, worst_day = 0.0;
    for (double day = 0.0; day <= 30.0; day += 0.25) {
        double veil = skin_mark_at(healed, &ageing, day, 0).veil;
        worst_day = veil < least ? day : worst_day;
        least = fmin(veil, least);
        CHECK(veil > 0.0 && veil <= 1.0);
    }
    CHECK_NEAR(least, 0.6, 1e-12);
    CHECK(worst_day >= 7.0 && worst_day <= 12.0);
    CHECK_NEAR(skin_mark_at(healed, &ageing, 4.0, 0).veil, 1.0, 1e-12);
}

TEST(a_fresh_mark_is_wider_and_shallower_on_top)
{
    SkinAgeing ageing = skin_ageing_default();
    SkinMoment fresh = skin_mark_at(healed, &ageing, 0.0, 0);
    CHECK_NEAR(fresh.epidermal.diameter_mm, 0.3 / 0.7, 1e-12);
    CHECK(fresh.epidermal.depth_mm <= 0.1 && fresh.epidermal.depth_mm < fresh.dermal.depth_mm);
    SkinMark surface = {0.3, 0.05, 4.0, 1.0};
    CHECK_NEAR(skin_mark_at(surface, &ageing, 0.0, 0).epidermal.depth_mm, 0.05, 0.0);
}

TEST(absorbable_pigment_is_gone_in_6_to_12_months)
{
    SkinAgeing ageing = skin_ageing(SKIN_ABSORBABLE, NULL, NULL);
    SkinBand gone = skin_years_until(&ageing, SKIN_GONE_SHARE);
    CHECK_NEAR(gone.low, 0.5, 0.01);
    CHECK_NEAR(gone.expected, 0.75, 0.01);
    CHECK_NEAR(gone.high, 1.0, 0.01);
    SkinMark later = skin_mark_at(healed, &ageing, years_later(0.75), 0).dermal;
    CHECK_NEAR(mass_of(later) / mass_of(healed), 0.1, 0.001);
}

TEST(years_until_a_share_is_left_inverts_the_fading)
{
    SkinAgeing ageing = skin_ageing_default();
    CHECK_NEAR(skin_years_until(&ageing, 1.0).high, 0.0, 0.0);
    CHECK_NEAR(skin_years_until(&ageing, 0.25).expected, 10.0, 1e-12);
    for (double share = 0.05; share < 1.0; share += 0.05) {
        double years = skin_years_until(&ageing, share).expected;
        SkinMark mark = skin_mark_at(healed, &ageing, years_later(years), 0).dermal;
        CHECK_NEAR(mass_of(mark) / mass_of(healed), share, 1e-12);
    }
}

TEST(grown_diameter_takes_the_wide_end)
{
    SkinAgeing ageing = skin_ageing_default();
    CHECK_NEAR(skin_grown_diameter_mm(0.3, &ageing, 5.0), 0.375, 1e-15);
    CHECK_NEAR(skin_grown_diameter_mm(0.3, &ageing, 5.0),
               skin_mark_at(healed, &ageing, years_later(5.0), -1).dermal.diameter_mm, 1e-12);
}

/* ---- habits ---- */

static double half_life(const SkinTone *tone, SkinHabits habits)
{
    return skin_ageing(SKIN_PERMANENT, tone, &habits).half_life_years.expected;
}

TEST(an_average_client_changes_nothing)
{
    SkinAgeing plain = skin_ageing_default();
    SkinTone dark = {.ita_deg = -50.0};
    SkinHabits none = {0};
    SkinAgeing average = skin_ageing(SKIN_PERMANENT, &dark, &none);
    for (int i = 0; i < SKIN_RATES; i++) {
        SkinBand a = skin_ageing_rate(&plain, i).band, b = skin_ageing_rate(&average, i).band;
        CHECK_NEAR(a.low, b.low, 1e-12);
        CHECK_NEAR(a.expected, b.expected, 1e-12);
        CHECK_NEAR(a.high, b.high, 1e-12);
    }
}

TEST(habits_shorten_or_lengthen_the_half_life)
{
    CHECK_NEAR(half_life(NULL, (SkinHabits){.sun = 1.0}), 5.0 / 1.25, 1e-12);
    CHECK_NEAR(half_life(NULL, (SkinHabits){.oiliness = 1.0}), 5.0 / 1.2, 1e-12);
    CHECK_NEAR(half_life(NULL, (SkinHabits){.oiliness = -1.0}), 5.0 * 1.2, 1e-12);
    CHECK_NEAR(half_life(NULL, (SkinHabits){.immunity = 1.0}), 5.0 / 1.2, 1e-12);
    CHECK_NEAR(half_life(NULL, (SkinHabits){.scar = true}), 5.0 / 1.5, 1e-12);
    /* The trade's factor 0.6 for oily, sunny, immune-active. */
    CHECK_NEAR(half_life(NULL, (SkinHabits){.sun = 1.0, .oiliness = 1.0, .immunity = 1.0}),
               0.6 * 5.0, 0.3);
}

/* Distances from the expected value, as logarithms: the half-life's own and the sun's, turned round
 * because it divides. */
TEST(bands_of_independent_factors_add_in_quadrature)
{
    SkinHabits sunny = {.sun = 1.0};
    SkinBand band = skin_ageing(SKIN_PERMANENT, NULL, &sunny).half_life_years;
    CHECK_NEAR(log(band.expected / band.low), hypot(log(5.0 / 2.0), log(1.5 / 1.25)), 1e-12);
    CHECK_NEAR(log(band.high / band.expected), hypot(log(8.0 / 5.0), log(1.25 / 1.0)), 1e-12);
}

TEST(the_sun_does_less_in_darker_skin)
{
    double before = 0.0;
    for (double ita = 60.0; ita > -61.0; ita -= 10.0) {
        SkinTone tone = {.ita_deg = ita};
        double years = half_life(&tone, (SkinHabits){.sun = 1.0});
        CHECK(years >= before && years < 5.0);
        before = years;
    }
    SkinTone dark = {.ita_deg = -40.0};
    CHECK_NEAR(half_life(&dark, (SkinHabits){.sun = 1.0}), 5.0 / pow(1.25, 0.2), 1e-12);
}

TEST(scars_hold_less_and_soften_faster)
{
    SkinHabits scar = {.scar = true};
    SkinAgeing plain = skin_ageing_default(), scarred = skin_ageing(SKIN_PERMANENT, NULL, &scar);
    CHECK_NEAR(scarred.healed_mass.expected, 0.7 * 0.65, 1e-12);
    CHECK_NEAR(scarred.growth_per_year.expected, 1.3 * 0.04, 1e-12);
    CHECK(scarred.growth_per_year.high > 1.3 * plain.growth_per_year.expected);
    CHECK(scarred.growth_per_year.high / scarred.growth_per_year.expected >
          plain.growth_per_year.high / plain.growth_per_year.expected);
}

TEST(old_skin_stays_red_longer)
{
    SkinHabits habits = {.age_years = 47.5};
    CHECK_NEAR(skin_ageing(SKIN_PERMANENT, NULL, &habits).redness_days.expected, 3.0 * sqrt(1.4),
               1e-12);
    habits.age_years = 30.0;
    CHECK_NEAR(skin_ageing(SKIN_PERMANENT, NULL, &habits).redness_days.expected, 3.0, 1e-12);
}

TEST(any_client_gets_bands_that_a_file_may_hold)
{
    Err err = {0};
    for (int i = 0; i < 2 * 3 * 3 * 3 * 2 * 2; i++) {
        SkinHabits habits = {.sun = i % 3 / 2.0,
                             .oiliness = i / 3 % 3 - 1.0,
                             .immunity = i / 9 % 3 - 1.0,
                             .scar = i / 27 % 2 != 0,
                             .age_years = i / 54 % 2 * 80.0};
        SkinTone tone = {.ita_deg = 20.0};
        SkinAgeing ageing = skin_ageing((SkinKind)(i / 108), &tone, &habits);
        CHECK(skin_habits_check(&habits, &err));
        if (!CHECK(skin_ageing_check(&ageing, &err)))
            printf("# %s\n", err.text);
    }
}

TEST(absurd_habits_are_refused)
{
    static const SkinHabits bad[] = {{.sun = 1.1},
                                     {.sun = (double)NAN},
                                     {.oiliness = -1.5},
                                     {.immunity = 2.0},
                                     {.age_years = -1.0}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Err err = {0};
        CHECK(!skin_habits_check(&bad[i], &err) && err.code == ERR_INPUT);
    }
}

/* ---- what is said about the parameters ---- */

static void check_line(SkinRate rate)
{
    CHECK(strlen(rate.name) > 3 && strlen(rate.unit) > 0 && strlen(rate.source) > 20);
    CHECK(rate.band.low <= rate.band.expected && rate.band.expected <= rate.band.high);
    CHECK(rate.band.low < rate.band.high);
    CHECK(rate.least <= rate.band.low && rate.band.high <= rate.most);
}

TEST(every_rate_has_a_band_a_unit_and_a_source)
{
    SkinAgeing ageing = skin_ageing_default();
    for (int i = 0; i < SKIN_RATES; i++) {
        check_line(skin_ageing_rate(&ageing, i));
        for (int k = 0; k < i; k++)
            CHECK(strcmp(skin_ageing_rate(&ageing, i).name, skin_ageing_rate(&ageing, k).name) !=
                  0);
    }
    for (int i = 0; i < SKIN_MODIFIERS; i++)
        check_line(skin_ageing_modifier(i));
    ageing.kind = SKIN_ABSORBABLE;
    CHECK(strstr(skin_ageing_rate(&ageing, 1).source, "6-12 months") != NULL);
}

/* `build/ageing_test` prints the tables of docs/models/skin.md. */
TEST(the_tables_can_be_printed)
{
    SkinAgeing ageing = skin_ageing_default();
    for (int i = 0; i < SKIN_RATES + SKIN_MODIFIERS; i++) {
        SkinRate rate =
            i < SKIN_RATES ? skin_ageing_rate(&ageing, i) : skin_ageing_modifier(i - SKIN_RATES);
        printf("# | %s | %s | %g | %g | %g | %s%s |\n", rate.name, rate.unit, rate.band.low,
               rate.band.expected, rate.band.high, rate.assumed ? "assumed; " : "", rate.source);
    }
    CHECK(strcmp(skin_ageing_rate(&ageing, 0).name, "healed_mass_ratio") == 0);
}

TEST(bands_out_of_order_or_out_of_range_are_refused_by_name)
{
    Err err = {0};
    SkinAgeing ageing = skin_ageing_default();
    CHECK(skin_ageing_check(&ageing, &err));
    for (int i = 0; i < SKIN_RATES; i++) {
        const char *name = skin_ageing_rate(&ageing, i).name;
        SkinBand *band = skin_ageing_band(&ageing, i), good = *band;
        band->expected = band->high + 0.01;
        CHECK(!skin_ageing_check(&ageing, &err) && strstr(err.text, name) != NULL);
        *band = good;
        band->low = (double)NAN;
        CHECK(!skin_ageing_check(&ageing, &err) && strstr(err.text, name) != NULL);
        *band = good;
        band->high = 1e6;
        CHECK(!skin_ageing_check(&ageing, &err) && strstr(err.text, name) != NULL);
        *band = good;
    }
}

/* ---- seen through skin ---- */

typedef struct Fixture {
    Arena arena;
    Err err;
    SkinTable table;
    SkinMarks *marks;
} Fixture;

static bool set_up(Fixture *f, double ita_deg)
{
    memset(f, 0, sizeof *f);
    SkinTone tone = skin_tone_of_lab(skin_lab_of_ita(ita_deg));
    bool ok = arena_open(&f->arena, 1u << 26, &f->err) && skin_table_load(&f->table, &f->err) &&
              skin_marks_new(&f->arena, &f->table, &tone, &f->marks, &f->err);
    if (!ok)
        printf("# %s\n", f->err.text);
    return ok;
}

static const double class_ita_deg[] = {60.0, 48.0, 35.0, 19.0, -15.0, -45.0};

static double green_area(const SkinMarks *marks, SkinMoment moment)
{
    return skin_moment_area(marks, moment).band[15]; /* 550 nm */
}

/* Fresh dots are darkest, the look falls below the healed one around days 7-14, and comes back. */
TEST(a_dot_goes_dark_then_pale_then_healed_in_every_skin)
{
    for (size_t s = 0; s < sizeof class_ita_deg / sizeof class_ita_deg[0]; s++) {
        Fixture f;
        REQUIRE(set_up(&f, class_ita_deg[s]));
        SkinAgeing ageing = skin_ageing_default();
        double area[31], least = HUGE_VAL;
        int palest = 0;
        for (int day = 0; day <= 30; day++) {
            area[day] = green_area(f.marks, skin_mark_at(healed, &ageing, day, 0));
            palest = area[day] < least ? day : palest;
            least = fmin(area[day], least);
        }
        printf("# ITA %.0f: day 0 %.2f, 3 %.2f, palest on day %d %.2f, day 20 %.2f of healed\n",
               class_ita_deg[s], area[0] / area[30], area[3] / area[30], palest, least / area[30],
               area[20] / area[30]);
        CHECK(area[0] > 1.3 * area[30] && area[3] > area[0]);
        CHECK(palest >= 7 && palest <= 16 && least < 0.95 * area[30]);
        arena_close(&f.arena);
    }
}

/* From day 1 on: before the crusts all ends show the same fresh pigment. */
TEST(the_ends_of_the_band_lie_on_both_sides_at_any_time_in_every_skin)
{
    for (size_t s = 0; s < sizeof class_ita_deg / sizeof class_ita_deg[0]; s++) {
        Fixture f;
        REQUIRE(set_up(&f, class_ita_deg[s]));
        SkinAgeing ageing = skin_ageing_default();
        for (double day = 1.0; day < 4000.0; day += day < 30.0 ? 1.0 : 180.0) {
            double weak = green_area(f.marks, skin_mark_at(healed, &ageing, day, -1));
            double expected = green_area(f.marks, skin_mark_at(healed, &ageing, day, 0));
            double strong = green_area(f.marks, skin_mark_at(healed, &ageing, day, 1));
            CHECK(weak < expected && expected < strong);
        }
        arena_close(&f.arena);
    }
}

TEST(pigment_below_pigment_is_not_counted_twice)
{
    Fixture f;
    REQUIRE(set_up(&f, 45.0));
    SkinAgeing ageing = skin_ageing_default();
    SkinMoment both = skin_mark_at(healed, &ageing, 0.0, 0), lower = both;
    SkinMoment upper = {.dermal = both.epidermal, .epidermal = both.dermal, .veil = 1.0};
    lower.epidermal.absorption_per_mm = 0.0;
    upper.epidermal.absorption_per_mm = 0.0;
    for (int band = 0; band < SPECTRUM_BANDS; band++) {
        double sum = skin_moment_area(f.marks, both).band[band];
        double low = skin_moment_area(f.marks, lower).band[band];
        double high = skin_moment_area(f.marks, upper).band[band];
        CHECK(sum < low + high && sum > fmax(low, high));
    }
    arena_close(&f.arena);
}

/* The areas of a look are those of the spectrum as a camera sees few dots. */
TEST(look_and_spectrum_of_a_moment_agree)
{
    static const double days[] = {0.0, 3.0, 9.0, 20.0, 30.0, 400.0};
    for (size_t s = 0; s < sizeof class_ita_deg / sizeof class_ita_deg[0]; s++) {
        Fixture f;
        REQUIRE(set_up(&f, class_ita_deg[s]));
        SkinAgeing ageing = skin_ageing_default();
        for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
            SkinMoment moment = skin_mark_at(healed, &ageing, days[i], 0);
            SkinLook look = skin_moment_look(f.marks, moment);
            Spectrum area = skin_moment_area(f.marks, moment);
            const SkinTone *tone = skin_marks_tone(f.marks);
            Spectrum seen = skin_far_view(tone, &area, 1.0);
            double ratio = (double)(spectrum_rgb(&seen).g / spectrum_rgb(&tone->spectrum).g);
            CHECK_NEAR((double)look.area_mm2[1] / -log(ratio), 1.0, 0.06);
            CHECK(look.core_share[1] >= 0.0f && look.core_share[1] <= 1.0f);
            CHECK(look.core_mm >= 0.29f && look.core_mm < 0.5f);
        }
        arena_close(&f.arena);
    }
}

TEST(a_mark_sinking_through_the_years_gets_bluer)
{
    Fixture f;
    REQUIRE(set_up(&f, 45.0));
    SkinAgeing ageing = skin_ageing_default();
    double before = 0.0;
    for (double years = 0.0; years <= 20.0; years += 2.0) {
        SkinMoment moment = skin_mark_at(healed, &ageing, years_later(years), -1);
        moment.dermal.diameter_mm = 0.3;
        moment.dermal.absorption_per_mm = 4.0;
        Spectrum area = skin_moment_area(f.marks, moment);
        CHECK(skin_blue_ratio(&area) > before);
        before = skin_blue_ratio(&area);
    }
    arena_close(&f.arena);
}
