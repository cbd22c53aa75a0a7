#include "skin/pigment.h"

#include "base/rng.h"
#include "base/test.h"

#include <string.h>

/* ---- files ---- */

static const char good[] =
    "{\"schema\": \"follicle/pigment\", \"version\": 2, \"name\": \"own grey\", "
    "\"kind\": \"permanent\", \"carrier\": \"water\", \"absorber\": \"carbon black\", "
    "\"absorber_mg_per_ml\": 80, \"mass_absorption_m2_per_g\": 7.5, \"slope\": 1.03, "
    "\"uptake\": {\"low\": 0.01, \"expected\": 0.03, \"high\": 0.09}, \"lot\": \"B-17\", "
    "\"expires\": \"2028-02-29\", \"calibration\": {\"date\": \"2027-01-31\", \"swatches\": 12}, "
    "\"sources\": {\"absorber_mg_per_ml\": \"label\", \"mass_absorption_m2_per_g\": \"assumed\", "
    "\"slope\": \"assumed\", \"uptake\": \"own swatches\"}}";

TEST(a_file_says_all_there_is_to_a_line)
{
    SkinPigment line;
    Err err = {0};
    bool ok = skin_pigment_parse(sizeof good - 1, good, &line, &err);
    if (!ok)
        printf("# %s\n", err.text);
    REQUIRE(ok);
    CHECK(strcmp(line.name, "own grey") == 0 && strcmp(line.carrier, "water") == 0);
    CHECK(strcmp(line.absorber, "carbon black") == 0 && line.kind == SKIN_PERMANENT);
    CHECK_NEAR(line.absorber_mg_per_ml, 80.0, 0.0);
    CHECK_NEAR(line.mass_absorption_m2_per_g, 7.5, 0.0);
    CHECK_NEAR(line.slope, 1.03, 0.0);
    CHECK_NEAR(line.uptake, 0.03, 0.0);
    CHECK_NEAR(line.uptake_band.high, 0.09, 0.0);
    CHECK(strcmp(line.lot, "B-17") == 0 && strcmp(line.expires, "2028-02-29") == 0);
    CHECK(strcmp(line.calibrated, "2027-01-31") == 0 && line.calibration_swatches == 12);
    CHECK(strcmp(line.source[SKIN_UPTAKE], "own swatches") == 0);
}

TEST(two_lines_are_built_in_and_every_figure_has_a_source)
{
    SkinPigment line;
    Err err = {0};
    REQUIRE(skin_pigment_count() == 2);
    for (int i = 0; i < 2; i++) {
        REQUIRE(skin_pigment_builtin(i, &line, &err));
        CHECK(line.kind == (i == 0 ? SKIN_PERMANENT : SKIN_ABSORBABLE));
        CHECK(line.calibrated[0] == '\0' && line.lot[0] == '\0');
        CHECK(strstr(line.source[SKIN_UPTAKE], "prior") != NULL);
        for (int k = 0; k < SKIN_FIGURES; k++)
            CHECK(strlen(line.source[k]) > 10);
        CHECK(line.uptake_band.high >= 1.2 * line.uptake);
    }
    CHECK(!skin_pigment_builtin(2, &line, &err) && err.code == ERR_INPUT);
    CHECK(!skin_pigment_builtin(-1, &line, &err));
    REQUIRE(skin_pigment_default(&line, &err));
    CHECK(strcmp(line.absorber, "carbon black") == 0);
}

static bool same(const SkinPigment *a, const SkinPigment *b)
{
    bool texts = strcmp(a->name, b->name) == 0 && strcmp(a->carrier, b->carrier) == 0 &&
                 strcmp(a->absorber, b->absorber) == 0 && strcmp(a->lot, b->lot) == 0 &&
                 strcmp(a->expires, b->expires) == 0 && strcmp(a->calibrated, b->calibrated) == 0;
    for (int i = 0; i < SKIN_FIGURES; i++)
        texts = texts && strcmp(a->source[i], b->source[i]) == 0;
    return texts && a->kind == b->kind && a->absorber_mg_per_ml == b->absorber_mg_per_ml &&
           a->mass_absorption_m2_per_g == b->mass_absorption_m2_per_g && a->slope == b->slope &&
           a->uptake == b->uptake && a->uptake_band.low == b->uptake_band.low &&
           a->uptake_band.expected == b->uptake_band.expected &&
           a->uptake_band.high == b->uptake_band.high &&
           a->calibration_swatches == b->calibration_swatches;
}

TEST(what_is_written_reads_back)
{
    Arena arena;
    Err err = {0};
    REQUIRE(arena_open(&arena, 1 << 16, &err));
    for (int i = -1; i < skin_pigment_count(); i++) {
        SkinPigment line, again;
        const char *text;
        REQUIRE(i < 0 ? skin_pigment_parse(sizeof good - 1, good, &line, &err)
                      : skin_pigment_builtin(i, &line, &err));
        REQUIRE(skin_pigment_write(&arena, &line, &text, &err));
        REQUIRE(skin_pigment_parse(strlen(text), text, &again, &err));
        CHECK(same(&line, &again));
    }
    arena_close(&arena);
}

TEST(writing_needs_room_and_a_sound_line)
{
    Arena arena;
    Err err = {0};
    SkinPigment line;
    const char *text;
    REQUIRE(arena_open(&arena, 64, &err));
    REQUIRE(skin_pigment_default(&line, &err));
    CHECK(!skin_pigment_write(&arena, &line, &text, &err) && err.code == ERR_LIMIT);
    line.calibration_swatches = 5;
    CHECK(!skin_pigment_write(&arena, &line, &text, &err) && err.code == ERR_INPUT);
    CHECK(strstr(err.text, "date") != NULL);
    line.calibration_swatches = 0;
    line.uptake = (double)NAN;
    CHECK(!skin_pigment_write(&arena, &line, &text, &err) && err.code == ERR_INPUT);
    REQUIRE(skin_pigment_default(&line, &err));
    memcpy(line.name, "gr\xfcn", 5); /* Latin-1 */
    CHECK(!skin_pigment_write(&arena, &line, &text, &err) && err.code == ERR_INPUT);
    arena_close(&arena);
}

TEST(a_file_of_version_1_still_means_what_it_meant)
{
    static const char old[] = "{\"schema\": \"follicle/pigment\", \"version\": 1, \"name\": \"x\", "
                              "\"carbon_mg_per_ml\": 150, \"uptake\": 0.5, \"sources\": [\"y\"]}";
    SkinPigment line;
    Err err = {0};
    REQUIRE(skin_pigment_parse(sizeof old - 1, old, &line, &err));
    CHECK_NEAR(skin_absorption_per_mm(&line, 9.0), 7.5 * 150.0 * 0.5 / 10.0, 1e-12);
    CHECK_NEAR(line.slope, SKIN_CARBON_SLOPE, 0.0);
    CHECK_NEAR(line.uptake_band.low, 0.5 / 3.0, 1e-15);
    CHECK_NEAR(line.uptake_band.high, 1.0, 0.0);
    CHECK(line.kind == SKIN_PERMANENT && strstr(line.source[SKIN_UPTAKE], "assumed") != NULL);
}

/* The good file with one piece replaced, and the key that the message must name. */
static const struct {
    const char *from, *to, *named;
} spoilt[] = {
    {"follicle/pigment", "follicle/protocol", "schema"},
    {"\"version\": 2", "\"version\": 3", "version"},
    {"\"version\": 2", "\"version\": \"2\"", "version"},
    {"\"version\": 2", "\"version\": 0", "version"},
    {"\"version\": 2", "\"version\": 1", "kind"}, /* a key that version 1 did not have */
    {"\"name\": \"own grey\"", "\"name\": \"\"", "name"},
    {"\"name\": \"own grey\"", "\"nome\": \"x\"", "nome"},
    {"own grey", "own\\ngrey", "name"},
    {"\"carrier\": \"water\"", "\"carrier\": 5", "carrier"},
    {"\"permanent\"", "\"temporary\"", "kind"},
    {"\"permanent\"", "null", "kind"},
    {"\"absorber_mg_per_ml\": 80", "\"absorber_mg_per_ml\": 0", "absorber_mg_per_ml"},
    {"\"absorber_mg_per_ml\": 80", "\"absorber_mg_per_ml\": \"80\"", "absorber_mg_per_ml"},
    {"\"absorber_mg_per_ml\": 80", "\"absorber_mg_per_ml\": 1e9", "absorber_mg_per_ml"},
    {"_per_g\": 7.5", "_per_g\": -7.5", "mass_absorption_m2_per_g"},
    {"\"slope\": 1.03", "\"slope\": 30", "slope"},
    {"\"slope\": 1.03, ", "", "slope"},
    {"\"low\": 0.01", "\"low\": 0.04", "uptake"},
    {"\"low\": 0.01", "\"low\": 0", "uptake"},
    {"\"low\": 0.01", "\"lo\": 0.01", "uptake.lo"},
    {"\"high\": 0.09", "\"high\": 1.09", "uptake"},
    {"\"expected\": 0.03", "\"expected\": true", "expected"},
    {"{\"low\": 0.01, \"expected\": 0.03, \"high\": 0.09}", "0.03", "uptake"},
    {"B-17", "B-17 and thirty more characters of it", "lot"},
    {"2028-02-29", "2027-02-29", "expires"},
    {"2028-02-29", "29.02.2028", "expires"},
    {"2028-02-29", "2028-13-01", "expires"},
    {"2027-01-31", "2027-1-31", "calibration.date"},
    {"\"swatches\": 12", "\"swatches\": 0", "calibration.swatches"},
    {"\"swatches\": 12", "\"swatches\": 1.5", "calibration.swatches"},
    {"\"swatches\": 12", "\"swotches\": 12", "calibration.swotches"},
    {"\"slope\": \"assumed\", ", "", "sources.slope"},
    {"\"slope\": \"assumed\", ", "\"slope\": \"\", ", "slope"},
    {"\"own swatches\"}", "\"own swatches\", \"more\": \"x\"}", "sources.more"},
    {"\"slope\": 1.03", "\"slope\": 1.03, \"slope\": 1.03", "duplicate"},
    {"\"lot\"", "\"dilutoin\"", "dilutoin"},
};

TEST(a_wrong_file_is_refused_by_the_key_that_is_wrong)
{
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        char text[2048];
        SkinPigment line;
        Err err = {0};
        const char *at = strstr(good, spoilt[i].from);
        REQUIRE(at != NULL);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, spoilt[i].to,
                 at + strlen(spoilt[i].from));
        bool refused = !skin_pigment_parse(strlen(text), text, &line, &err) &&
                       err.code == ERR_INPUT && strstr(err.text, spoilt[i].named) != NULL;
        if (!CHECK(refused))
            printf("# %s -> %s: %s\n", spoilt[i].from, spoilt[i].to, err.text);
    }
}

TEST(pieces_of_a_file_and_other_bytes_are_refused)
{
    SkinPigment line;
    Err err = {0};
    for (size_t size = 0; size < sizeof good - 1; size++)
        CHECK(!skin_pigment_parse(size, good, &line, &err) && err.code == ERR_INPUT);
    CHECK(!skin_pigment_parse(2, "[]", &line, &err));
    static char much[70000];
    CHECK(!skin_pigment_parse(sizeof much, much, &line, &err) && err.code == ERR_LIMIT);
}

/* ---- dilution ---- */

TEST(dilution_and_absorption_are_inverse)
{
    SkinPigment line;
    Err err;
    REQUIRE(skin_pigment_default(&line, &err));
    for (double dilution = 0.0; dilution < 100.0; dilution += 3.3)
        CHECK_NEAR(skin_dilution(&line, skin_absorption_per_mm(&line, dilution)), dilution, 1e-9);
    CHECK_NEAR(skin_dilution(&line, 1e4), 0.0, 0.0);
    CHECK_NEAR(skin_dilution(&line, 0.0), 1000.0, 0.0);
}

/* Bond and Bergstrom 2006: 7.5 m2/g, that is 7.5 /mm for 1 mg/ml. */
TEST(a_milligram_of_carbon_in_a_millilitre_takes_7_5_per_mm)
{
    SkinPigment line = {.absorber_mg_per_ml = 2.0, .mass_absorption_m2_per_g = 7.5, .uptake = 1.0};
    CHECK_NEAR(skin_absorption_per_mm(&line, 1.0), 7.5, 1e-12);
}

/* ---- through skin ---- */

typedef struct Fixture {
    Arena arena;
    Err err;
    SkinTable table;
    SkinMarks *marks;
    SkinPigment line;
} Fixture;

static bool set_up(Fixture *f, double ita_deg)
{
    memset(f, 0, sizeof *f);
    SkinTone tone = skin_tone_of_lab(skin_lab_of_ita(ita_deg));
    bool ok = arena_open(&f->arena, 1u << 26, &f->err) && skin_table_load(&f->table, &f->err) &&
              skin_marks_new(&f->arena, &f->table, &tone, &f->marks, &f->err) &&
              skin_pigment_default(&f->line, &f->err);
    if (!ok)
        printf("# %s\n", f->err.text);
    return ok;
}

static const double class_ita_deg[] = {60.0, 48.0, 35.0, 19.0, -15.0, -45.0};
enum { CLASSES = 6 };

/* The dilution of a healed dot, 0.30 mm wide and 0.25 mm deep, that takes as much green light as a
 * hair. */
static double dilution_like(const Fixture *f, const SkinPigment *line, SkinHair hair)
{
    const int green = 15; /* 550 nm */
    double wanted = skin_hair_area(f->marks, hair).band[green], low = 1e-3, high = 1e3;
    for (int i = 0; i < 60; i++) {
        double middle = sqrt(low * high);
        SkinMark mark = {0.3, 0.25, middle, line->slope};
        bool is_weak = skin_mark_area(f->marks, mark).band[green] < wanted;
        low = is_weak ? middle : low;
        high = is_weak ? high : middle;
    }
    return skin_dilution(line, high);
}

/* The trade: about 20 parts water on fair skin with fair hair, little or none for black hair. The
 * prior uptake of carbon.json is chosen by the brown hair on light skin; that of absorbable.json
 * by 3 parts. When the optics change, this test says what the priors give. */
TEST(the_priors_give_the_trades_dilutions)
{
    for (int i = 0; i < CLASSES; i++) {
        Fixture f;
        SkinPigment absorbable;
        REQUIRE(set_up(&f, class_ita_deg[i]));
        REQUIRE(skin_pigment_builtin(1, &absorbable, &f.err));
        SkinHair brown = skin_hair_of_darkness(0.5, 0.07), black = skin_hair_of_darkness(1.0, 0.09);
        double thin = dilution_like(&f, &f.line, brown);
        double thick = dilution_like(&f, &f.line, black);
        double mild = dilution_like(&f, &absorbable, brown);
        printf("# %s, ITA %.0f: carbon: brown hair %.1f:1, black hair %.1f:1; absorbable: brown "
               "hair %.1f:1\n",
               color_ita_class(class_ita_deg[i]), class_ita_deg[i], thin, thick, mild);
        if (i == 1)
            printf("# priors for 20:1 and 3:1: uptake %.4f (carbon), %.3f (absorbable)\n",
                   f.line.uptake * 21.0 / (1.0 + thin), absorbable.uptake * 4.0 / (1.0 + mild));
        CHECK(thin > 12.0 && thin < 35.0);
        CHECK(thick >= 0.0 && thick < 10.0);
        CHECK(i != 1 || (fabs(thin - 20.0) < 1.0 && fabs(mild - 3.0) < 0.3));
        arena_close(&f.arena);
    }
}

/* ---- calibration ---- */

static float noisy(float ratio, double noise, Rng *rng)
{
    return (float)((double)ratio * (1.0 + noise * rng_normal(rng)));
}

/* A sheet of swatches as the model would show it: six dilutions by five densities, twice. */
enum { SHEET = 60 };
static int make_sheet(const Fixture *f, double uptake, double depth_mm, double noise, uint64_t seed,
                      SkinSwatch swatch[SKIN_MAX_SWATCHES])
{
    static const double dilution[] = {0, 5, 10, 15, 20, 25}, density[] = {150, 175, 200, 225, 250};
    Rng rng = rng_make(seed, 0);
    SkinPigment line = f->line;
    const SkinTone *tone = skin_marks_tone(f->marks);
    Rgb bare = spectrum_rgb(&tone->spectrum);
    line.uptake = uptake;
    int count = 0;
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < SHEET / 6; k++) {
            SkinMark mark = {0.3, depth_mm, skin_absorption_per_mm(&line, dilution[i]), line.slope};
            Spectrum area = skin_mark_area(f->marks, mark);
            Spectrum seen = skin_far_view(tone, &area, density[k % 5] / 100.0);
            Rgb color = spectrum_rgb(&seen);
            swatch[count++] = (SkinSwatch){dilution[i],
                                           density[k % 5],
                                           0.3,
                                           {noisy(color.r / bare.r, noise, &rng),
                                            noisy(color.g / bare.g, noise, &rng),
                                            noisy(color.b / bare.b, noise, &rng)},
                                           noise};
        }
    return count;
}

/* The clinic's own uptake is 1.7 times the prior, and its dots lie at 0.25 or 0.36 mm. With 1 % of
 * noise in every channel the uptake comes out within 5 %: three standard deviations in light skin,
 * one and a half in dark skin, whose contrasts are half as large. */
TEST(swatches_give_back_uptake_and_depth_in_every_skin)
{
    for (int i = 0; i < CLASSES; i++) {
        Fixture f;
        REQUIRE(set_up(&f, class_ita_deg[i]));
        double uptake = 1.7 * f.line.uptake, worst = 0.0, worst_mm = 0.0, squares = 0.0;
        int covered = 0, within = 0;
        enum { TRIALS = 20 };
        for (int t = 0; t < TRIALS; t++) {
            SkinSwatch swatch[SKIN_MAX_SWATCHES];
            SkinCalibration got;
            double depth_mm = t % 2 == 0 ? 0.25 : 0.36;
            int count = make_sheet(&f, uptake, depth_mm, 0.01, 100 + (uint64_t)t, swatch);
            bool ok = skin_calibrate(f.marks, &f.line, count, swatch, &got, &f.err);
            if (!CHECK(ok)) {
                printf("# %s\n", f.err.text);
                continue;
            }
            double error = got.pigment.uptake / uptake - 1.0;
            worst = fmax(worst, fabs(error));
            squares += error * error / TRIALS;
            within += fabs(error) < 0.05;
            worst_mm = fmax(worst_mm, fabs(got.depth_mm - depth_mm));
            covered +=
                got.pigment.uptake_band.low < uptake && got.pigment.uptake_band.high > uptake;
            CHECK(fabs(got.depth_mm - depth_mm) < 4.0 * got.depth_sd_mm);
            CHECK(got.residual < 0.02 && got.left_out == 0);
            CHECK(got.pigment.calibration_swatches == count);
        }
        printf(
            "# ITA %.0f: uptake off by %.1f %% rms, %.1f %% at worst, depth by %.3f mm at worst, "
            "band holds the truth %d of %d times\n",
            class_ita_deg[i], 100.0 * sqrt(squares), 100.0 * worst, worst_mm, covered, (int)TRIALS);
        CHECK(sqrt(squares) < 0.045 && worst_mm < 0.05);
        CHECK(within >= (class_ita_deg[i] > 10.0 ? TRIALS - 1 : TRIALS - 6));
        CHECK(covered >= 13); /* an 80 % band: fewer in 20 happen once in 30 */
        arena_close(&f.arena);
    }
}

TEST(swatches_without_noise_give_the_exact_pigment)
{
    Fixture f;
    REQUIRE(set_up(&f, 45.0));
    SkinSwatch swatch[SKIN_MAX_SWATCHES];
    SkinCalibration got;
    for (double depth_mm = 0.15; depth_mm < 0.7; depth_mm += 0.1) {
        int count = make_sheet(&f, 0.05, depth_mm, 0.0, 1, swatch);
        REQUIRE(skin_calibrate(f.marks, &f.line, count, swatch, &got, &f.err));
        CHECK_NEAR(got.pigment.uptake / 0.05, 1.0, 2e-3);
        CHECK_NEAR(got.depth_mm, depth_mm, 1e-3);
    }
    arena_close(&f.arena);
}

TEST(a_calibrated_line_needs_its_date_and_is_then_a_file)
{
    Fixture f;
    REQUIRE(set_up(&f, 45.0));
    SkinSwatch swatch[SKIN_MAX_SWATCHES];
    SkinCalibration got;
    const char *text;
    int count = make_sheet(&f, 0.05, 0.3, 0.01, 1, swatch);
    REQUIRE(skin_calibrate(f.marks, &f.line, count, swatch, &got, &f.err));
    CHECK(!skin_pigment_write(&f.arena, &got.pigment, &text, &f.err));
    memcpy(got.pigment.calibrated, "2027-03-01", 11);
    CHECK(skin_pigment_write(&f.arena, &got.pigment, &text, &f.err));
    CHECK(strstr(got.pigment.source[SKIN_UPTAKE], "60 healed swatches") != NULL);
    arena_close(&f.arena);
}

TEST(one_mislabelled_swatch_is_left_out)
{
    Fixture f;
    REQUIRE(set_up(&f, 45.0));
    SkinSwatch swatch[SKIN_MAX_SWATCHES];
    SkinCalibration got;
    int count = make_sheet(&f, 0.05, 0.3, 0.01, 1, swatch);
    swatch[7].dilution = 90.0;
    REQUIRE(skin_calibrate(f.marks, &f.line, count, swatch, &got, &f.err));
    CHECK(got.left_out == 1 && got.pigment.calibration_swatches == count - 1);
    CHECK_NEAR(got.pigment.uptake / 0.05, 1.0, 0.05);
    arena_close(&f.arena);
}

static bool refused(const Fixture *f, int count, const SkinSwatch swatch[], const char *why)
{
    SkinCalibration got;
    Err err = {0};
    bool ok = !skin_calibrate(f->marks, &f->line, count, swatch, &got, &err) &&
              err.code == ERR_INPUT && strstr(err.text, why) != NULL;
    if (!ok)
        printf("# '%s' expected: %s\n", why, err.text);
    return ok;
}

TEST(swatches_that_prove_nothing_are_refused)
{
    Fixture f;
    REQUIRE(set_up(&f, 45.0));
    SkinSwatch sheet[SKIN_MAX_SWATCHES], swatch[SKIN_MAX_SWATCHES];
    int count = make_sheet(&f, 0.05, 0.3, 0.01, 1, sheet);
    CHECK(refused(&f, 2, sheet, "2 swatches"));
    CHECK(refused(&f, SKIN_MAX_SWATCHES + 1, sheet, "65 swatches"));
    CHECK(refused(&f, 4, sheet, "two dilutions")); /* the first four share one */
    memcpy(swatch, sheet, sizeof sheet);
    for (int i = 0; i < count; i++)
        swatch[i].ratio = (Rgb){1.001f, 0.999f, 1.0f};
    CHECK(refused(&f, count, swatch, "no swatch is darker"));
    memcpy(swatch, sheet, sizeof sheet);
    for (int i = 0; i < count; i++) /* the order of the dilutions turned round */
        swatch[i].dilution = sheet[count - 1 - i].dilution;
    CHECK(refused(&f, count, swatch, "no single pigment explains"));
    count = make_sheet(&f, 1.0, 0.3, 0.01, 1, sheet);
    f.line.absorber_mg_per_ml /= 3.0; /* less than was in the bottle */
    CHECK(refused(&f, count, sheet, "darker than all of the pigment"));
    arena_close(&f.arena);
}

TEST(the_worst_of_few_swatches_is_named)
{
    Fixture f;
    REQUIRE(set_up(&f, 45.0));
    SkinSwatch sheet[SKIN_MAX_SWATCHES];
    make_sheet(&f, 0.05, 0.3, 0.0, 1, sheet);
    SkinSwatch three[3] = {sheet[0], sheet[29], sheet[44]};
    SkinCalibration got;
    REQUIRE(skin_calibrate(f.marks, &f.line, 3, three, &got, &f.err));
    CHECK_NEAR(got.pigment.uptake / 0.05, 1.0, 0.01);
    three[1].ratio.r *= 0.5f;
    CHECK(refused(&f, 3, three, "number 2"));
    arena_close(&f.arena);
}

TEST(values_out_of_range_are_refused_with_the_number_of_the_swatch)
{
    static const SkinSwatch base = {10.0, 150.0, 0.3, {0.9f, 0.8f, 0.8f}, 0.01};
    SkinSwatch bad[8];
    Fixture f;
    REQUIRE(set_up(&f, 45.0));
    for (int i = 0; i < 8; i++)
        bad[i] = base;
    bad[0].ratio.g = NAN;
    bad[1].ratio.b = 0.0f;
    bad[2].ratio.r = 2.0f;
    bad[3].dilution = -1.0;
    bad[4].dots_per_cm2 = 0.0;
    bad[5].diameter_mm = 3.0;
    bad[6].sd = (double)NAN;
    bad[7].dilution = (double)NAN;
    for (int i = 0; i < 8; i++) {
        SkinSwatch swatch[3] = {base, base, bad[i]};
        swatch[0].dilution = 5.0;
        CHECK(refused(&f, 3, swatch, "swatch 3"));
    }
    arena_close(&f.arena);
}
