#include "casefile/casefile.h"
#include "casefile/whole.h"

#include "casefile/read.h"

#include "base/embed.h"
#include "base/io.h"
#include "base/sha256.h"
#include "base/test.h"
#include "mesh/mesh.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- a small case: a ball for a head, a few dots --- */

enum { DOTS = 60 };

typedef struct Small {
    Arena arena, scratch;
    HeadTopology topology;
    Head head;
    HairSurvey survey;
    DesignLayout layout;
    Dots dots;
    DotsSequence sequence;
    DotsParams params;
    DotsWanted wanted;
    DotsEdge edge[3];
    DotsFixed fixed[3];
    SkinPigment pigment;
    Course course;
    Protocol protocol;
    PriceList prices;
    Case plan;
    Image chart;
    char folder[64];
} Small;

static Small small;

static void put_landmarks(Head *head)
{
    head->landmark_mm[HEAD_GLABELLA] = vec3(0, 30, 85);
    head->landmark_mm[HEAD_TRAGION_LEFT] = vec3(72, 0, 0);
    head->landmark_mm[HEAD_TRAGION_RIGHT] = vec3(-72, 0, 0);
    head->landmark_mm[HEAD_VERTEX] = vec3(0, 100, -5);
    head->landmark_mm[HEAD_INION] = vec3(0, 30, -95);
}

static bool make_head(Err *err)
{
    if (!head_topology_new(&small.arena, 3, &small.topology, err))
        return false;
    double *radius_mm = ARENA_NEW(&small.arena, double, small.topology.vertex_count);
    for (int i = 0; radius_mm != NULL && i < small.topology.vertex_count; i++)
        radius_mm[i] = 95.0;
    if (!head_new(&small.arena, &small.topology, radius_mm, &small.head, err))
        return false;
    put_landmarks(&small.head);
    return true;
}

/* A document by hand: a line of five controls, Norwood 5, a scar. */
static void make_document(Design *design)
{
    static DesignRequest request;
    design_request_default(&request);
    *design = (Design){.seed = UINT64_MAX,
                       .hairline = request.hairline,
                       .density = request.density,
                       .marks = request.marks,
                       .region_count = 2,
                       .shape_count = 2,
                       .point_count = 2};
    design->hairline.drawn = true;
    design->hairline.control_count = 5;
    design->hairline.temple[0] = 1;
    design->hairline.temple[1] = 3;
    for (int i = 0; i < 5; i++)
        design->hairline.control[i] = (DesignPlace){0.6 - 0.3 * i, 0.5};
    for (int i = 0; i < 2; i++)
        design->region[i] = (DesignRegion){.zone = i == 0 ? DESIGN_NONE : DESIGN_SCAR,
                                           .first_shape = i,
                                           .shape_count = 1,
                                           .share = 1.0,
                                           .blend_mm = 10.0,
                                           .uptake = 0.8};
    design->shape[0] = (DesignShape){.kind = DESIGN_NORWOOD_STAGE, .stage = 5, .height_mm = 80.0};
    design->shape[1] = (DesignShape){.kind = DESIGN_BAND, .width_mm = 4.0, .point_count = 2};
    design->point[0] = (DesignPlace){0.0, -0.5};
    design->point[1] = (DesignPlace){0.1, -0.5};
    design_settle(design);
}

static void make_design(void)
{
    int count = small.topology.vertex_count;
    DesignLayout *layout = &small.layout;
    memset(layout, 0, sizeof *layout);
    layout->has_hairline = true;
    layout->control_count = 5;
    layout->hairline_count = 40;
    layout->hairline_length_mm = 212.3456;
    layout->area_mm2 = 12345.678;
    layout->dots = DOTS;
    make_document(&layout->design);
    layout->target_per_mm2 = ARENA_NEW(&small.arena, double, count);
    layout->existing_per_mm2 = ARENA_NEW(&small.arena, double, count);
    layout->zone = ARENA_NEW(&small.arena, uint8_t, count);
    for (int i = 0; i < count; i++) {
        Vec3 d = small.topology.direction[i];
        layout->zone[i] = d.z > 0.5 ? DESIGN_FRONTAL : d.z > -0.5 ? DESIGN_CROWN : DESIGN_SCAR;
        layout->existing_per_mm2[i] = d.x > 0.3 ? 0.9 : 0.0;
        layout->target_per_mm2[i] = d.y > 0.0 ? 1.25 + 0.25 * d.x + 0.1 * d.y * d.y : 0.0;
        layout->sum[layout->zone[i]].area_mm2 += small.head.area_mm2[i];
        layout->sum[layout->zone[i]].dots += 1.25;
    }
    for (int i = 0; i < layout->control_count; i++)
        layout->control_mm[i] = vec3(40.0 - 20.0 * i, 80.0 + 1.0 / 3.0, 50.0);
    for (int i = 0; i < layout->hairline_count; i++)
        layout->hairline_mm[i] = vec3(40.0 - 2.0 * i, 80.0, 50.0 + i / 7.0);
    snprintf(layout->warning[layout->warning_count++], 240, "a warning with \"quotes\" [1, 2]");
}

static float heading_rad[DOTS], length_mm[DOTS];

/* Every third mark is a line; the first of them so short that it is none. */
static void make_marks(void)
{
    for (int i = 0; i < DOTS; i++) {
        heading_rad[i] = 0.1F * (float)(i % 60) - 3.0F;
        length_mm[i] = i == 0 ? 0.0003F : i % 3 == 0 ? 0.3F + 0.0123F * (float)i : 0.0F;
    }
    small.plan.dot_heading_rad = heading_rad;
    small.plan.dot_length_mm = length_mm;
}

static void make_dots(void)
{
    make_marks();
    Dots *dots = &small.dots;
    *dots = (Dots){.count = DOTS, .session_count = 3, .dropped = 2, .nearest_mm = 1.2345};
    dots->dot = ARENA_NEW(&small.arena, Dot, DOTS);
    small.plan.dot_diameter_mm = ARENA_NEW(&small.arena, double, DOTS);
    for (int i = 0; i < DOTS; i++) {
        double angle = 0.4 * i, reach = 0.2 + 0.012 * i;
        Vec3 direction = vec_normalize(vec3(reach * sin(angle), 1.0, reach * cos(angle)));
        HeadPoint point = head_locate(&small.head, direction);
        int session = i / 20;
        double z = direction.z;
        int zone = z > 0.5 ? DESIGN_FRONTAL : z > -0.5 ? DESIGN_CROWN : DESIGN_SCAR;
        dots->dot[i] = (Dot){.site = 1000 + 7 * i,
                             .session = session,
                             .zone = zone,
                             .unit = 500 + i / 2,
                             .point = point,
                             .position_mm = head_position_mm(&small.head, point),
                             .normal = head_normal(&small.head, point),
                             .rank = (i + 0.5) / DOTS,
                             .target_per_mm2 = 1.5 - 0.001 * i,
                             .beside_per_mm2 = 0.003 * i};
        dots->in_session[session]++;
        dots->in_zone[zone][session]++;
        small.plan.dot_diameter_mm[i] = 0.3 + 0.0004 * i;
    }
}

/* What the dots rest on: three fixed points, a keep-out, an outline and a line. */
static void make_dots_plan(void)
{
    /* seen from above, x to the right and z down, these run clockwise */
    static const Vec3 keep_out[] = {{10, 95, 0}, {0, 95, 10}, {-10, 95, 0}, {0, 95, -10}};
    static const Vec3 outline[] = {{10, 95, 0}, {0, 95, -10}, {-10, 95, 0}, {0, 95, 10}};
    static const Vec3 line[] = {{-40, 80, 50}, {40, 80, 50}};
    CaseDotsPlan *plan = &small.plan.dots_plan;
    small.edge[0] = (DotsEdge){.point_count = 4, .point_mm = keep_out, .closed = true};
    small.edge[1] = (DotsEdge){4, outline, true, 1.5};
    small.edge[2] = (DotsEdge){.point_count = 2, .point_mm = line, .ramp_mm = 12.125};
    small.fixed[0] = (DotsFixed){{1.5, 99, 3}, DOTS_FOLLICLE};
    small.fixed[1] = (DotsFixed){{-0.0004, 99, -3}, DOTS_EARLIER};
    small.fixed[2] = (DotsFixed){{2, 99, 1.0 / 3.0}, DOTS_GRAFT};
    small.sequence = (DotsSequence){.fixed_count = 3, .fixed = small.fixed};
    small.params = (DotsParams){.session_count = 3,
                                .share = {0.45, 0.35, 0.2},
                                .irregularity = 0.123,
                                .unit_share = {0.5, 0.3, 0.2}};
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        small.params.spacing_mm[zone] = 0.5 + 0.0625 * zone;
    small.wanted = (DotsWanted){.per_mm2 = small.layout.target_per_mm2,
                                .zone = small.layout.zone,
                                .edge_count = 3,
                                .edge = small.edge};
    *plan = (CaseDotsPlan){.sequence = &small.sequence,
                           .params = &small.params,
                           .wanted = &small.wanted,
                           .irregularity_source = "prior",
                           .nn_cv = 0.15};
    memcpy(small.dots.wanted, small.dots.in_zone, sizeof small.dots.wanted);
    small.dots.wanted[DESIGN_CROWN][1] += small.dots.dropped;
}

static bool make_course(Err *err)
{
    CourseInput input = {.has_start = true,
                         .start = {2028, 2, 20},
                         .discount_permille = 50,
                         .has_quote_date = true,
                         .quote_date = {2028, 2, 1},
                         .zone_count = 1};
    static CourseEvent event[] = {{COURSE_DONE, 0, {2028, 2, 21}, -1},
                                  {COURSE_MOVED, 1, {2028, 3, 6}, 570}};
    if (!protocol_builtin(&small.arena, "standard", &small.protocol, err) ||
        !prices_builtin(&small.arena, "by_dots", &small.prices, err))
        return false;
    input.zone[0].name = "crown";
    input.zone[0].area_cm2 = 12.3;
    memcpy(input.zone[0].dots, small.dots.in_session, sizeof input.zone[0].dots);
    input.prices = &small.prices;
    input.event_count = 2;
    input.event = event;
    return course_make(&small.protocol, &input, &small.course, err);
}

static void make_states(void)
{
    static const char *const name[] = {"before", "session1", "session2", "session3", "healed"};
    for (int i = 0; i < 5; i++) {
        CaseState *state = &small.plan.state[small.plan.state_count++];
        *state = (CaseState){.years = i == 4 ? 0.0 : -1.0,
                             .mean_darkening = 0.05 * i,
                             .fusing_distance_m = 0.7 * i,
                             .step_distance_m = 2.0,
                             .fusing_band_m = {0.6 * i, 0.9 * i}};
        snprintf(state->name, sizeof state->name, "%s", name[i]);
        snprintf(state->caption, sizeof state->caption, "State %d", i);
    }
}

/* The red and green of the chart tell the place: x from 0 to 1, y (down) from 0 to 1. */
static bool make_chart(Err *err)
{
    enum { SIDE = 128 };
    if (!image_new(&small.arena, SIDE, SIDE, &small.chart, err))
        return false;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            Rgb color = {(float)(x + 0.5) / SIDE, (float)(y + 0.5) / SIDE, 0.25F};
            color_to_srgb8(color, &small.chart.rgb[3 * (y * SIDE + x)]);
        }
    return true;
}

static void fill_plan(void)
{
    Case *plan = &small.plan;
    plan->seed = UINT64_MAX;
    plan->input_count = 1;
    plan->input[0] = (CaseInputFile){.name = "scan.glb", .size = 12345};
    sha256_hex(3, (const uint8_t *)"abc", plan->input[0].sha256);
    plan->mm_per_unit = 1000.0;
    plan->landmark_proposed[HEAD_INION] = true;
    plan->arguments = "plan scan.glb -o case";
    plan->head = &small.head;
    plan->measures = (HeadMeasures){.length_mm = 197.3, .scalp_mm2 = 56789.0};
    plan->survey = &small.survey;
    plan->layout = &small.layout;
    plan->dots = &small.dots;
    plan->pigment = &small.pigment;
    plan->ageing = skin_ageing(SKIN_ABSORBABLE, NULL, NULL);
    plan->ageing.veil = (SkinBand){0.5, 0.7, 0.9};
    plan->healed = (SkinMark){0.3, 0.6, 12.0, SKIN_CARBON_SLOPE};
    memcpy(plan->dilution, (double[DOTS_MAX_SESSIONS]){20.0, 18.0, 16.4, 0.0},
           sizeof plan->dilution);
    plan->growth_years = 5.0;
    plan->grown_diameter_mm = 0.375;
    plan->spacing_mm = 0.5625;
    plan->course = &small.course;
    plan->prices = &small.prices;
    plan->luminance_cd_m2 = 120.0;
    plan->warning_count = 1;
    snprintf(plan->code, sizeof plan->code, "C-0001");
    snprintf(plan->warning[0], sizeof plan->warning[0], "the inion is proposed");
}

static const SkinPigment carbon = {.name = "carbon",
                                   .absorber = "carbon black",
                                   .absorber_mg_per_ml = 200.0,
                                   .mass_absorption_m2_per_g = 7.5,
                                   .uptake = 0.1,
                                   .lot = "B-17",
                                   .expires = "2028-02-29"};

/* Builds everything anew, so that a test may spoil what it likes. */
static bool begin(void)
{
    Err err = {0};
    const char *keep = getenv("CASEFILE_TEST_FOLDER"); /* to look at what is written */
    memset(&small, 0, sizeof small);
    if (!arena_open(&small.arena, 64 << 20, &err) || !arena_open(&small.scratch, 64 << 20, &err))
        return false;
    small.survey = (HairSurvey){.has_color = true,
                                .has_stubble = true,
                                .stubble_mm2 = 20000.0,
                                .hair_per_cm2 = {140, 180, 220},
                                .stubble_lab = {50, 5, 10},
                                .tone = {.lab = {65, 10, 18}, .ita_deg = 39.8},
                                .darkness = 0.2,
                                .hair_diameter_mm = 0.07,
                                .contrast = 0.3,
                                .separation = 4.5};
    small.pigment = carbon;
    bool ok = make_head(&err) && make_chart(&err);
    if (ok) {
        make_design();
        make_dots();
        make_dots_plan();
        make_states();
        ok = make_course(&err);
        fill_plan();
    }
    snprintf(small.folder, sizeof small.folder, "/tmp/casefile-XXXXXX");
    if (keep != NULL)
        snprintf(small.folder, sizeof small.folder, "%.60s", keep);
    ok = ok && (keep != NULL || mkdtemp(small.folder) != NULL);
    if (!ok)
        printf("# cannot build the case: %s\n", err.text);
    return ok;
}

enum { FILES = 13 };
static const char *const file_name[FILES] = {
    "case.json", "head.glb",      "assessment.json", "design.json", "layout.json",
    "dots.csv",  "course.json",   "field.csv",       "fixed.csv",   "visibility.json",
    "dots.ply",  "protocol.json", "prices.json"};

static void end(void)
{
    char path[IO_PATH_LIMIT];
    Err err;
    for (int i = 0; i < FILES; i++)
        if (getenv("CASEFILE_TEST_FOLDER") == NULL &&
            io_join(path, small.folder, file_name[i], &err))
            unlink(path);
    if (getenv("CASEFILE_TEST_FOLDER") == NULL)
        rmdir(small.folder);
    arena_close(&small.scratch);
    arena_close(&small.arena);
}

static bool written(Err *err)
{
    bool ok =
        casefile_write(&small.arena, &small.scratch, &small.plan, &small.chart, small.folder, err);
    if (!ok)
        printf("# %s\n", err->text);
    return ok;
}

static char *content(const char *name, size_t *size)
{
    char path[IO_PATH_LIMIT];
    uint8_t *bytes;
    Err err;
    if (!io_join(path, small.folder, name, &err) ||
        !io_read_file(&small.arena, path, 32 << 20, size, &bytes, &err))
        return NULL;
    return (char *)bytes;
}

static json_t *document(const char *name)
{
    size_t size;
    char *text = content(name, &size);
    return text != NULL ? json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

/* --- sha256 --- */

TEST(sha256_gives_the_published_digests)
{
    static const struct {
        const char *text, *hex;
    } table[] = {
        /* NIST CSRC, "SHA-256 examples"; the empty text from the CAVS short-message file */
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
         "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char hex[65];
        sha256_hex(strlen(table[i].text), (const uint8_t *)table[i].text, hex);
        CHECK(strcmp(hex, table[i].hex) == 0);
    }
}

TEST(sha256_pads_right_around_the_block_bounds)
{
    static uint8_t many[1000000];
    static const struct {
        size_t size;
        const char *hex;
    } table[] = {
        /* that many letters a; the last is a NIST example, the others by sha256sum(1) */
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
        {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
        {1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    };
    memset(many, 'a', sizeof many);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char hex[65];
        sha256_hex(table[i].size, many, hex);
        CHECK(strcmp(hex, table[i].hex) == 0);
    }
}

/* --- the folder --- */

TEST(every_document_is_written_and_passes_only_its_own_check)
{
    static const char *const name[] = {"case", "assessment", "design", "course", "visibility"};
    Err err = {0};
    REQUIRE(begin() && written(&err));
    for (int i = 0; i < 5; i++) {
        char file[32];
        size_t size = 0;
        snprintf(file, sizeof file, "%s.json", name[i]);
        char *text = content(file, &size);
        REQUIRE(text != NULL);
        for (int k = 0; k < 5; k++)
            CHECK(casefile_check(name[k], size, text, &err) == (k == i));
    }
    end();
}

TEST(the_same_case_gives_the_same_bytes)
{
    char *first[FILES], *second;
    size_t size[FILES], again = 0;
    Err err = {0};
    REQUIRE(begin() && written(&err));
    for (int i = 0; i < FILES; i++)
        REQUIRE((first[i] = content(file_name[i], &size[i])) != NULL);
    REQUIRE(written(&err));
    for (int i = 0; i < FILES; i++) {
        REQUIRE((second = content(file_name[i], &again)) != NULL);
        CHECK(again == size[i] && memcmp(first[i], second, again) == 0);
    }
    end();
}

TEST(case_json_holds_the_digest_of_every_other_file)
{
    Err err = {0};
    size_t index, size = 0;
    json_t *entry;
    REQUIRE(begin() && written(&err));
    json_t *root = document("case.json");
    json_t *list = json_object_get(root, "documents");
    CHECK(json_array_size(list) == FILES - 1);
    json_array_foreach(list, index, entry)
    {
        char hex[65];
        char *text = content(json_string_value(json_object_get(entry, "name")), &size);
        REQUIRE(text != NULL);
        sha256_hex(size, (const uint8_t *)text, hex);
        CHECK(strcmp(hex, json_string_value(json_object_get(entry, "sha256"))) == 0);
        CHECK((size_t)json_integer_value(json_object_get(entry, "size_bytes")) == size);
    }
    CHECK(strcmp(json_string_value(json_object_get(root, "seed")), "18446744073709551615") == 0);
    json_decref(root);
    end();
}

TEST(what_nobody_measured_is_absent)
{
    Err err = {0};
    REQUIRE(begin());
    small.survey.has_color = small.survey.has_stubble = false;
    small.course.quote.line_count = 0;
    small.layout.design.shape[0].kind = DESIGN_SCALP;
    small.layout.design.shape[0].stage = 0;
    small.layout.has_hairline = false;
    small.plan.measures = (HeadMeasures){0};
    REQUIRE(written(&err));
    json_t *assessment = document("assessment.json"), *course = document("course.json");
    json_t *visibility = document("visibility.json"), *design = document("layout.json");
    json_t *plan = document("case.json");
    CHECK(assessment && course && visibility && design && plan);
    CHECK(json_object_get(assessment, "skin") == NULL);
    CHECK(json_object_get(assessment, "stage") == NULL);
    CHECK(json_object_get(json_object_get(assessment, "hair"), "stubble_lab") == NULL);
    CHECK(json_object_size(json_object_get(assessment, "head")) == 0);
    CHECK(json_object_get(course, "quote") == NULL);
    CHECK(json_object_get(design, "hairline") == NULL);
    CHECK(json_object_get(json_object_get(plan, "parameters"), "assumed_skin") != NULL);
    json_t *states = json_object_get(visibility, "states");
    CHECK(json_object_get(json_array_get(states, 0), "years_after_healing") == NULL);
    CHECK(json_object_get(json_array_get(states, 4), "years_after_healing") != NULL);
    json_decref(assessment);
    json_decref(course);
    json_decref(visibility);
    json_decref(design);
    json_decref(plan);
    end();
}

TEST(numbers_are_written_with_the_digits_that_were_meant)
{
    Err err = {0};
    REQUIRE(begin() && written(&err));
    for (int i = 0; i < FILES; i++) {
        size_t size = 0;
        if (strstr(file_name[i], "json") == NULL)
            continue;
        char *text = content(file_name[i], &size);
        REQUIRE(text != NULL);
        CHECK(strstr(text, "9999999") == NULL && strstr(text, "0000001") == NULL);
        CHECK(strstr(text, "-0.0,") == NULL);
    }
    size_t size = 0;
    char *design = content("layout.json", &size);
    CHECK(strstr(design, "[40.0, 80.333, 50.0]") != NULL); /* a point stands on one line */
    CHECK(strstr(design, "a warning with \\\"quotes\\\" [1, 2]") != NULL);
    end();
}

TEST(a_number_that_is_not_finite_is_refused_by_name)
{
    Err err = {0};
    REQUIRE(begin());
    small.plan.state[2].fusing_distance_m = (double)NAN;
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, small.folder, &err));
    CHECK(err.code == ERR_INPUT && strstr(err.text, "fusing_distance_m") != NULL);
    small.plan.state[2].fusing_distance_m = 1.0;
    small.layout.hairline_mm[3].y = (double)INFINITY;
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, small.folder, &err));
    CHECK(strstr(err.text, "layout.json") != NULL && strstr(err.text, "points_mm") != NULL);
    small.dots.dot[5].position_mm.x = (double)NAN;
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, small.folder, &err));
    CHECK(strstr(err.text, "dot 1035") != NULL);
    small.dots.dot[5].position_mm.x = 0.0;
    small.dots.dot[5].zone = DESIGN_ZONES;
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, small.folder, &err));
    CHECK(strstr(err.text, "dot 1035 is in zone") != NULL);
    small.dots.dot[5].zone = DESIGN_CROWN;
    small.fixed[1].position_mm.z = (double)NAN;
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, small.folder, &err));
    CHECK(strstr(err.text, "fixed point 2") != NULL);
    small.fixed[1].position_mm.z = 0.0;
    small.layout.target_per_mm2[7] = (double)INFINITY;
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, small.folder, &err));
    CHECK(strstr(err.text, "vertex 7") != NULL);
    small.layout.target_per_mm2[7] = 1.0;
    small.dots.dot[6].point.triangle = -1;
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, small.folder, &err));
    CHECK(strstr(err.text, "dot 1042") != NULL);
    end();
}

TEST(a_folder_that_is_not_there_and_a_small_budget_are_errors)
{
    Err err = {0};
    REQUIRE(begin());
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, "/nonexistent/folder",
                          &err));
    CHECK(err.code == ERR_IO);
    for (size_t limit = 1 << 12; limit <= 1 << 20; limit *= 2) {
        Arena tight;
        REQUIRE(arena_open(&tight, limit, &err));
        err = (Err){0};
        bool ok =
            casefile_write(&small.arena, &tight, &small.plan, &small.chart, small.folder, &err);
        CHECK(ok || err.code == ERR_LIMIT);
        CHECK(!ok || limit > 1 << 14);
        bool same =
            casefile_write(&tight, &small.scratch, &small.plan, &small.chart, small.folder, &err);
        CHECK(same || err.code == ERR_LIMIT);
        arena_close(&tight);
    }
    end();
}

TEST(text_that_is_no_utf8_is_written_with_question_marks)
{
    Err err = {0};
    REQUIRE(begin());
    snprintf(small.plan.input[0].name, sizeof small.plan.input[0].name, "caf\xe9.glb");
    REQUIRE(written(&err));
    size_t size = 0;
    CHECK(strstr(content("case.json", &size), "\"caf?.glb\"") != NULL);
    end();
}

/* --- dots.csv --- */

/* The cells of one line, cut in place. */
static int cells(char *line, char *cell[32])
{
    int count = 0;
    for (char *at = line; at != NULL && count < 32; count++) {
        cell[count] = at;
        at = strchr(at, ',');
        if (at != NULL)
            *at++ = '\0';
    }
    return count;
}

TEST(dots_csv_has_the_agreed_columns_and_gives_the_dots_back)
{
    Err err = {0};
    size_t size = 0;
    REQUIRE(begin() && written(&err));
    char *text = content("dots.csv", &size);
    const char *header = "id,rank,session,zone,kind,x_mm,y_mm,z_mm,nx,ny,nz,heading_rad,"
                         "diameter_mm,depth_mm,pigment,dilution,target_per_cm2,beside_per_cm2,"
                         "unit,mark,length_mm\n";
    REQUIRE(text != NULL && strncmp(text, header, strlen(header)) == 0);
    char *line = text + strlen(header), *cell[32];
    for (int i = 0; i < DOTS; i++) {
        const Dot *dot = &small.dots.dot[i];
        char *next = strchr(line, '\n');
        REQUIRE(next != NULL);
        *next = '\0';
        REQUIRE(cells(line, cell) == 21);
        CHECK(atol(cell[0]) == dot->site && atol(cell[2]) == dot->session + 1);
        CHECK_NEAR(strtod(cell[1], NULL), dot->rank, 0.51e-6);
        CHECK_NEAR(strtod(cell[5], NULL), dot->position_mm.x, 0.51e-3);
        CHECK_NEAR(strtod(cell[6], NULL), dot->position_mm.y, 0.51e-3);
        CHECK_NEAR(strtod(cell[7], NULL), dot->position_mm.z, 0.51e-3);
        CHECK_NEAR(strtod(cell[8], NULL), dot->normal.x, 0.51e-4);
        CHECK_NEAR(strtod(cell[12], NULL), small.plan.dot_diameter_mm[i], 0.51e-3);
        CHECK_NEAR(strtod(cell[13], NULL), 0.6, 1e-9);
        CHECK(strcmp(cell[14], "carbon") == 0);
        CHECK_NEAR(strtod(cell[15], NULL), small.plan.dilution[dot->session], 0.51e-2);
        CHECK_NEAR(strtod(cell[16], NULL), 100.0 * dot->target_per_mm2, 0.51e-2);
        CHECK_NEAR(strtod(cell[17], NULL), 100.0 * dot->beside_per_mm2, 0.51e-2);
        CHECK(atol(cell[18]) == dot->unit);
        CHECK_NEAR(strtod(cell[11], NULL), (double)heading_rad[i], 0.51e-3);
        CHECK(strcmp(cell[19], i % 3 == 0 && i > 0 ? "line" : "dot") == 0);
        CHECK_NEAR(strtod(cell[20], NULL), (double)length_mm[i], 0.51e-3);
        CHECK(strcmp(cell[3], design_zone_name((DesignZone)dot->zone)) == 0);
        const char *kind = dot->zone == DESIGN_SCAR ? "scar" : NULL;
        if (kind == NULL && fabs(dot->position_mm.x - 0.3 * 95.0) > 15.0)
            kind = dot->position_mm.x > 0.3 * 95.0 ? "between_hairs" : "bare";
        CHECK(kind == NULL || strcmp(cell[4], kind) == 0);
        line = next + 1;
    }
    CHECK((size_t)(line - text) == size);
    end();
}

TEST(a_heading_is_written_within_half_a_turn)
{
    Err err = {0};
    size_t size = 0;
    static const float turn[] = {3.5F, -3.5F, 6.2F, 0.0F, -6.2F};
    REQUIRE(begin());
    for (int i = 0; i < DOTS; i++)
        heading_rad[i] = turn[i % 5];
    REQUIRE(written(&err));
    char *line = strchr(content("dots.csv", &size), '\n') + 1, *cell[32];
    for (int i = 0; i < DOTS; i++) {
        char *next = strchr(line, '\n');
        REQUIRE(next != NULL);
        *next = '\0';
        REQUIRE(cells(line, cell) == 21);
        double got = strtod(cell[11], NULL);
        CHECK(fabs(got) < 3.142);
        CHECK_NEAR(remainder(got - (double)turn[i % 5], 6.283185307179586), 0.0, 1e-3);
        line = next + 1;
    }
    end();
}

/* The table as it was before there were lines: the last two columns cut off. */
TEST(a_table_without_lines_is_read_as_dots)
{
    Err err = {0};
    CaseDots now, before;
    size_t size = 0, cut = 0;
    REQUIRE(begin() && written(&err));
    char *text = content("dots.csv", &size);
    REQUIRE(text != NULL && casefile_dots_from_csv(&small.arena, size, text, &now, &err));
    char *old = ARENA_NEW(&small.arena, char, size + 1);
    REQUIRE(old != NULL);
    for (char *line = text, *next; (next = strchr(line, '\n')) != NULL; line = next + 1) {
        char *at = next;
        for (int commas = 0; commas < 2;)
            commas += *--at == ',';
        memcpy(old + cut, line, (size_t)(at - line));
        cut += (size_t)(at - line);
        old[cut++] = '\n';
    }
    REQUIRE(casefile_dots_from_csv(&small.arena, cut, old, &before, &err));
    REQUIRE(before.count == DOTS && now.count == DOTS);
    int lines = 0;
    for (int i = 0; i < DOTS; i++) {
        CHECK(!(before.dot[i].length_mm > 0.0));
        CHECK_NEAR(now.dot[i].length_mm, (double)length_mm[i], 0.51e-3);
        lines += now.dot[i].length_mm > 0.0;
        now.dot[i].length_mm = 0.0;
        CHECK(memcmp(&now.dot[i].position_mm, &before.dot[i].position_mm, sizeof(Vec3)) == 0 &&
              now.dot[i].site == before.dot[i].site && now.dot[i].unit == before.dot[i].unit);
    }
    CHECK(lines == DOTS / 3 - 1); /* the first third of a micrometre is a dot */
    /* one column alone is neither the one nor the other */
    CHECK(!casefile_dots_from_csv(&small.arena, size, strcpy(old, "id,rank\n"), &before, &err));
    end();
}

TEST(a_line_without_length_and_a_dot_with_one_are_refused)
{
    static const char *const wrong[][2] = {{",line,", ",dot,"},
                                           {",dot,", ",line,"},
                                           {",dot,", ",dash,"},
                                           {",dot,0.000", ",dot,-1.000"}};
    Err err = {0};
    CaseDots dots;
    size_t size = 0;
    REQUIRE(begin() && written(&err));
    char *text = content("dots.csv", &size);
    REQUIRE(text != NULL);
    for (int k = 0; k < 4; k++) {
        char *spoiled = ARENA_NEW(&small.arena, char, size + 64);
        char *at = strstr(text, wrong[k][0]);
        REQUIRE(spoiled != NULL && at != NULL);
        int made = snprintf(spoiled, size + 64, "%.*s%s%s", (int)(at - text), text, wrong[k][1],
                            at + strlen(wrong[k][0]));
        CHECK(!casefile_dots_from_csv(&small.arena, (size_t)made, spoiled, &dots, &err));
        CHECK(err.code == ERR_INPUT && strstr(err.text, k < 2    ? "length_mm"
                                                        : k == 2 ? "mark"
                                                                 : "length_mm") != NULL);
    }
    end();
}

TEST(a_pigment_name_with_a_comma_is_quoted)
{
    Err err = {0};
    size_t size = 0;
    REQUIRE(begin());
    snprintf(small.pigment.name, sizeof small.pigment.name, "carbon \"9\", grey");
    REQUIRE(written(&err));
    CHECK(strstr(content("dots.csv", &size), ",\"carbon \"\"9\"\", grey\",20.00,") != NULL);
    end();
}

/* --- head.glb --- */

TEST(the_head_carries_its_chart_the_right_way_round)
{
    Err err = {0};
    size_t size = 0;
    Mesh mesh;
    REQUIRE(begin() && written(&err));
    char *bytes = content("head.glb", &size);
    REQUIRE(bytes != NULL);
    REQUIRE(mesh_from_bytes(&small.arena, &small.scratch, MESH_GLB, size, (uint8_t *)bytes,
                            (MeshFiles){0}, &mesh, &err));
    CHECK(mesh.vertex_count == small.topology.vertex_count);
    CHECK(mesh.triangle_count == small.topology.triangle_count);
    REQUIRE(mesh.image_count == 1 && mesh.uv != NULL);
    double worst_mm = 0.0, worst_color = 0.0;
    for (int t = 0; t < mesh.triangle_count; t++) {
        Vec3 got = mesh_point(&mesh, t, (double[3]){1.0, 0.0, 0.0});
        int vertex = small.topology.triangle[t][0];
        worst_mm =
            fmax(worst_mm, vec_distance(vec_scale(got, 1000.0), small.head.position_mm[vertex]));
        Rgb color = mesh_color(&mesh, t, (double[3]){1.0, 0.0, 0.0}, 0.0);
        double chart[2];
        head_chart(small.topology.direction[vertex], chart);
        worst_color = fmax(worst_color, fabs((double)color.r - (chart[0] + 1.45) / 2.9));
        worst_color = fmax(worst_color, fabs((double)color.g - (1.45 - chart[1]) / 2.9));
    }
    CHECK(worst_mm < 1e-3);
    CHECK(worst_color < 0.01); /* 8-bit steps and half a pixel of 128 */
    bool named = false;
    for (size_t i = 0; i + 12 <= size; i++)
        named = named || memcmp(bytes + i, "tragion_left", 12) == 0;
    CHECK(named);
    end();
}

/* --- reading back --- */

/* --- the tables read back --- */

TEST(dots_csv_written_read_and_written_again_is_the_same)
{
    static const char *const name[] = {"carbon", "a \"b\", c", "  x", "caf\xc3\xa9"};
    Err err = {0};
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        size_t size = 0, again = 0;
        char *second;
        CaseDots dots;
        REQUIRE(begin());
        snprintf(small.pigment.name, sizeof small.pigment.name, "%s", name[i]);
        REQUIRE(written(&err));
        char *first = content("dots.csv", &size);
        REQUIRE(first != NULL && casefile_dots_from_csv(&small.arena, size, first, &dots, &err));
        CHECK(dots.count == DOTS && dots.pigment_count == 1);
        CHECK(strcmp(dots.pigment[0], name[i]) == 0);
        REQUIRE(casefile_dots_to_csv(&small.arena, &dots, &again, &second, &err));
        CHECK(again == size && memcmp(first, second, size) == 0);
        end();
    }
}

TEST(dots_csv_gives_back_what_a_spreadsheet_made_of_it)
{
    Err err = {0};
    size_t size = 0;
    CaseDots dots;
    REQUIRE(begin() && written(&err));
    char *text = content("dots.csv", &size), *other = ARENA_NEW(&small.arena, char, 2 * size), *to;
    to = other;
    for (size_t i = 0; i + 1 < size; i++) { /* CRLF, none at the end */
        if (text[i] == '\n')
            *to++ = '\r';
        *to++ = text[i];
    }
    REQUIRE(casefile_dots_from_csv(&small.arena, (size_t)(to - other), other, &dots, &err));
    CHECK(dots.count == DOTS && dots.dot[DOTS - 1].site == small.dots.dot[DOTS - 1].site);
    end();
}

/* dots.csv with `from` replaced by `to` in its line. */
static bool spoiled(int line, const char *from, const char *to, Err *err)
{
    size_t size = 0;
    CaseDots dots;
    char *text = content("dots.csv", &size);
    char *other = ARENA_NEW(&small.arena, char, size + 300), *at = text;
    for (int i = 1; i < line; i++)
        at = strchr(at, '\n') + 1;
    char *place = strstr(at, from);
    if (place == NULL)
        return true;
    int used = snprintf(other, size + 300, "%.*s%s%s", (int)(place - text), text, to,
                        place + strlen(from));
    return casefile_dots_from_csv(&small.arena, (size_t)used, other, &dots, err);
}

TEST(a_wrong_row_is_refused_by_line_and_column)
{
    static const struct {
        int line;
        const char *from, *to, *reason;
    } table[] = {
        {1, "id,rank", "id,rang", "line 1, column 2 (rank): the header says 'rang'"},
        {1, ",mark,length_mm\n", ",mark\n", "line 1 has fewer than 21 columns"},
        {1, ",length_mm\n", ",length_mm,more\n", "line 1 has more than 21 columns"},
        {1, ",mark,length_mm\n", "\n", "line 2 has more than 19 columns"},
        {2, "1000,", "nan,", "line 2, column 1 (id): 'nan' is not a whole number"},
        {2, "1000,", "-1,", "line 2, column 1 (id): -1 is not within 0..2147483647"},
        {3, "1007,0.025000", "1007,nan", "line 3, column 2 (rank): 'nan' is not a finite number"},
        {3, "1007,0.025000", "1007,1e999", "line 3, column 2 (rank): '1e999' is not a finite"},
        {3, "1007,0.025000", "1007,0.0x", "line 3, column 2 (rank): '0.0x' is not"},
        {3, "1007,0.025000,1", "1007,0.025000,5", "line 3, column 3 (session): 5 is not within"},
        {3, "crown", "crwn", "line 3, column 4 (zone): 'crwn' is not known"},
        {61, ",carbon,", ",,", "line 61, column 15 (pigment): 0 bytes"},
        {61, ",carbon,", ",ca\"rbon,", "line 61, column 15 (pigment): a quote"},
        {61, ",carbon,", ",\"carbon,", "line 61, column 15 (pigment)"},
        {61, ",carbon,", ",\"carbon\"x,", "text behind the closing quote"},
        {61, ",dot,0.000", ",dot", "line 61 has fewer than 21 columns"},
        {40, "\n", "\n\n", "line 41 has fewer than 21 columns"},
    };
    Err err = {0};
    REQUIRE(begin() && written(&err));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        err = (Err){0};
        CHECK(!spoiled(table[i].line, table[i].from, table[i].to, &err));
        bool said = strstr(err.text, table[i].reason) != NULL;
        CHECK(said && err.code == ERR_INPUT);
        if (!said)
            printf("# row %zu of the table: %s\n", i, err.text);
    }
    CaseDots dots;
    CHECK(!casefile_dots_from_csv(&small.arena, 0, "", &dots, &err));
    end();
}

TEST(dots_ply_holds_the_dots_in_the_right_colours)
{
    static const uint8_t color[3][3] = {{0, 114, 178}, {230, 159, 0}, {0, 158, 115}};
    Err err = {0};
    size_t size = 0;
    Mesh mesh;
    REQUIRE(begin() && written(&err));
    char *ply = content("dots.ply", &size);
    REQUIRE(ply != NULL);
    /* our reader wants a surface: one triangle over the points makes it one */
    char *text = ARENA_NEW(&small.arena, char, size + 100);
    char *head_end = strstr(ply, "end_header\n");
    REQUIRE(head_end != NULL);
    int used = snprintf(text, size + 100,
                        "%.*selement face 1\nproperty list uchar int vertex_index\n"
                        "end_header\n",
                        (int)(head_end - ply), ply);
    size_t body = size - (size_t)(head_end + 11 - ply);
    CHECK(body == DOTS * 39);
    memcpy(text + used, head_end + 11, body);
    memcpy(text + used + body, "\3\0\0\0\0\1\0\0\0\2\0\0\0", 13);
    REQUIRE(mesh_from_bytes(&small.arena, &small.scratch, MESH_PLY, (size_t)used + body + 13,
                            (uint8_t *)text, (MeshFiles){0}, &mesh, &err));
    REQUIRE(mesh.vertex_count == DOTS && mesh.color != NULL);
    for (int i = 0; i < DOTS; i++) {
        const Dot *dot = &small.dots.dot[i];
        uint8_t got[3];
        float radius, diameter;
        int32_t session;
        const char *row = head_end + 11 + 39 * i;
        color_to_srgb8(mesh.color[i], got);
        memcpy(&radius, row + 27, 4); /* as every machine this builds on orders them */
        memcpy(&diameter, row + 31, 4);
        memcpy(&session, row + 35, 4);
        CHECK(vec_distance(mesh.position[i], dot->position_mm) < 1e-5);
        CHECK(memcmp(got, color[dot->session], 3) == 0);
        CHECK_NEAR(diameter, small.plan.dot_diameter_mm[i], 1e-6);
        CHECK_NEAR(radius, 0.5 * small.plan.dot_diameter_mm[i], 1e-6);
        CHECK(session == dot->session + 1);
    }
    end();
}

TEST(a_table_of_hairs_is_read_and_refused_by_line)
{
    static const char good[] = "x_mm,y_mm\n1.5,-2\n0.25,1e1\n", bad[] = "x_mm,y_mm\n1,2\n3\n";
    double(*xy_mm)[2];
    int count;
    Err err = {0};
    REQUIRE(begin());
    REQUIRE(casefile_points_from_csv(&small.arena, sizeof good - 1, good, &count, &xy_mm, &err));
    CHECK(count == 2);
    CHECK_NEAR(xy_mm[0][1], -2.0, 1e-12);
    CHECK_NEAR(xy_mm[1][1], 10.0, 1e-12);
    CHECK(!casefile_points_from_csv(&small.arena, sizeof bad - 1, bad, &count, &xy_mm, &err));
    CHECK(strstr(err.text, "line 3") != NULL);
    end();
}

/* --- the whole case read back --- */

static bool read_back(CaseRead *read, Err *err)
{
    return casefile_read(&small.arena, &small.scratch, small.folder, read, err);
}

TEST(a_case_gives_back_what_its_dots_rest_on)
{
    static CaseRead read;
    Err err = {0};
    REQUIRE(begin() && written(&err));
    bool ok = read_back(&read, &err);
    CHECK(ok);
    if (!ok)
        printf("# %s\n", err.text);
    REQUIRE(ok);
    const CaseRecord *record = &read.record;
    CHECK(strcmp(record->code, "C-0001") == 0 && record->document_count == FILES - 1);
    CHECK(record->count == DOTS && record->dropped == 2 && record->session_count == 3);
    CHECK_NEAR(record->share[1], 0.35, 1e-9);
    CHECK_NEAR(record->irregularity, 0.123, 1e-9);
    CHECK_NEAR(record->nn_cv, 0.15, 1e-9);
    CHECK_NEAR(record->unit_share[2], 0.2, 1e-9);
    CHECK_NEAR(record->healed_diameter_mm, 0.3, 1e-9);
    CHECK_NEAR(record->growth_years, 5.0, 1e-9);
    CHECK_NEAR(record->ageing.growth_per_year.high, 0.05, 1e-9);
    CHECK_NEAR(record->ageing.half_life_years.low, 0.15, 1e-9);
    CHECK_NEAR(record->ageing.veil.expected, 0.7, 1e-9);
    CHECK(record->ageing.kind == SKIN_ABSORBABLE);
    CHECK(memcmp(record->placed, small.dots.in_zone, sizeof record->placed) == 0);
    CHECK(memcmp(record->wanted, small.dots.wanted, sizeof record->wanted) == 0);
    CHECK_NEAR(record->spacing_mm[DESIGN_CROWN], small.params.spacing_mm[DESIGN_CROWN], 1e-9);
    REQUIRE(record->edge_count == 3);
    CHECK(record->edge[0].closed && record->edge[1].closed && !record->edge[2].closed);
    CHECK_NEAR(record->edge[2].ramp_mm, 12.125, 1e-9);
    CHECK(vec_distance(record->edge[0].point_mm[1], vec3(0, 95, 10)) < 1e-9);
    REQUIRE(read.fixed_count == 3);
    for (int i = 0; i < 3; i++) {
        CHECK(read.fixed[i].kind == small.fixed[i].kind);
        CHECK(vec_distance(read.fixed[i].position_mm, small.fixed[i].position_mm) < 1e-3);
    }
    CHECK(read.edited_count == 0);
    end();
}

TEST(the_head_and_the_field_of_a_case_are_those_of_the_plan)
{
    static CaseRead read;
    Err err = {0};
    REQUIRE(begin() && written(&err) && read_back(&read, &err));
    double worst_mm = 0.0, area_mm2 = 0.0, wanted = 0.0, got = 0.0;
    REQUIRE(read.topology.vertex_count == small.topology.vertex_count);
    for (int v = 0; v < read.topology.vertex_count; v++) {
        worst_mm =
            fmax(worst_mm, vec_distance(read.head.position_mm[v], small.head.position_mm[v]));
        area_mm2 += read.head.area_mm2[v] - small.head.area_mm2[v];
        wanted += small.layout.target_per_mm2[v] * small.head.area_mm2[v];
        got += read.field.wanted_per_mm2[v] * read.head.area_mm2[v];
        CHECK_NEAR(read.field.hair_per_mm2[v], small.layout.existing_per_mm2[v], 1e-6);
        if (small.layout.target_per_mm2[v] > 0.0) {
            CHECK(read.field.zone[v] == small.layout.zone[v]);
        } else if (!(small.layout.existing_per_mm2[v] > 0.0)) {
            CHECK(read.field.zone[v] == DESIGN_NONE);
        }
    }
    CHECK(worst_mm < 1e-4 && fabs(area_mm2) < 1e-2);
    CHECK_NEAR(got, wanted, 1e-2); /* of some 50,000 dots */
    CHECK(wanted > 10000.0);
    end();
}

TEST(the_kind_of_an_edge_is_told_by_which_way_it_runs)
{
    static const char *const want[] = {"keep_out", "outline", "line"};
    Err err = {0};
    REQUIRE(begin() && written(&err));
    json_t *design = document("layout.json"), *edges = json_object_get(design, "edges");
    CHECK(json_array_size(edges) == 3);
    for (size_t i = 0; i < 3; i++)
        CHECK(strcmp(want[i],
                     json_string_value(json_object_get(json_array_get(edges, i), "kind"))) == 0);
    json_decref(design);
    end();
}

TEST(the_room_of_a_zone_stands_in_the_case)
{
    Err err = {0};
    size_t index;
    json_t *entry;
    bool seen = false;
    REQUIRE(begin() && written(&err));
    json_t *plan = document("case.json");
    json_t *zones = json_object_get(json_object_get(plan, "dots"), "zones");
    json_array_foreach(zones, index, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "zone")), "crown") != 0)
            continue;
        json_t *budget = json_object_get(entry, "budget");
        double most = 100.0 * dots_most_per_mm2(small.params.spacing_mm[DESIGN_CROWN]);
        CHECK_NEAR(json_number_value(json_object_get(budget, "most_per_cm2")), most, 0.051);
        double densest = json_number_value(json_object_get(budget, "densest_per_cm2"));
        CHECK_NEAR(json_number_value(json_object_get(budget, "left_per_cm2")), most - densest,
                   0.11);
        CHECK(json_object_get(budget, "crowded_after_years") != NULL);
        seen = true;
    }
    CHECK(seen);
    json_decref(plan);
    end();
}

TEST(an_edited_file_is_noticed_and_a_missing_one_named)
{
    static CaseRead read;
    char path[IO_PATH_LIMIT];
    Err err = {0};
    size_t size = 0;
    REQUIRE(begin() && written(&err));
    char *text = content("dots.csv", &size);
    strstr(text, ",carbon,")[1] = 'C';
    REQUIRE(io_join(path, small.folder, "dots.csv", &err) && io_write_file(path, size, text, &err));
    REQUIRE(read_back(&read, &err));
    CHECK(read.edited_count == 1 && strcmp(read.edited[0], "dots.csv") == 0);
    static const char *const need[] = {"case.json", "layout.json", "design.json", "head.glb",
                                       "dots.csv",  "field.csv",   "fixed.csv"};
    for (size_t i = 0; i < sizeof need / sizeof need[0]; i++) {
        REQUIRE(written(&err));
        REQUIRE(io_join(path, small.folder, need[i], &err) && unlink(path) == 0);
        CHECK(!read_back(&read, &err));
        CHECK(strstr(err.text, need[i]) != NULL);
    }
    end();
}

TEST(a_record_that_does_not_fit_is_refused_by_its_key)
{
    static const struct {
        const char *from, *to, *reason;
    } table[] = {
        {"\"shares\"", "\"shared\"", "case.json: dots"},
        {"\"shares\": [0.45, ", "\"shares\": [0.46, ", "shares sum to 1.01"},
        {"\"zone\": \"crown\"", "\"zone\": \"crow\"", "'crow'"},
        {"\"growth_years\": 5.0", "\"growth_years\": \"5\"", "parameters.growth_years"},
        {"\"kind\": \"absorbable\"", "\"kind\": \"lasting\"", "ageing.kind is not"},
        {"\"spacing_mm\": 0.625", "\"spacing_mm\": -0.625", "zones[0].spacing_mm"},
    };
    static CaseRead read;
    char path[IO_PATH_LIMIT];
    Err err = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        size_t size = 0;
        REQUIRE(begin() && written(&err));
        char *text = content("case.json", &size), *at = strstr(text, table[i].from);
        char *other = ARENA_NEW(&small.arena, char, size + 100);
        REQUIRE(at != NULL);
        int used = snprintf(other, size + 100, "%.*s%s%.*s", (int)(at - text), text, table[i].to,
                            (int)(text + size - at - (ptrdiff_t)strlen(table[i].from)),
                            at + strlen(table[i].from));
        REQUIRE(io_join(path, small.folder, "case.json", &err) &&
                io_write_file(path, (size_t)used, other, &err));
        CHECK(!read_back(&read, &err));
        bool said = strstr(err.text, table[i].reason) != NULL;
        CHECK(said);
        if (!said)
            printf("# %s\n", err.text);
        end();
    }
}

/* A case as the first program wrote it: four bands, no kind of pigment; %s: what comes after. */
static bool read_first_case(const char *more, CaseRecord *record, Err *err)
{
    static const char design[] = "{\"schema\": \"follicle/design\", \"version\": 1}";
    char text[2048];
    Arena arena;
    int size = snprintf(
        text, sizeof text,
        "{\"schema\": \"follicle/case\", \"version\": 1, \"code\": \"x\", \"documents\": [], "
        "\"parameters\": {\"healed_dot\": {\"diameter_mm\": 0.3}, \"growth_years\": 5.0, "
        "\"ageing\": {\"healed_mass_ratio\": {\"low\": 0.5, \"expected\": 0.6, \"high\": 0.7}, "
        "\"half_life_years\": {\"low\": 3, \"expected\": 6, \"high\": 8}, "
        "\"healed_diameter_ratio\": {\"low\": 0.5, \"expected\": 0.6, \"high\": 0.7}, "
        "\"growth_ratio_per_year\": {\"low\": 0.03, \"expected\": 0.04, \"high\": 0.05}%s}}, "
        "\"dots\": {\"count\": 0, \"dropped\": 0, \"shares\": [1.0], "
        "\"irregularity\": {\"value\": 0}, \"zones\": []}}",
        more);
    if (!arena_open(&arena, 1 << 16, err))
        return false;
    bool ok = casefile_record_from_json(&arena, (size_t)size, text, sizeof design - 1, design,
                                        record, err);
    arena_close(&arena);
    return ok;
}

TEST(the_first_cases_with_four_bands_are_still_read)
{
    CaseRecord record;
    Err err = {0};
    SkinAgeing average = skin_ageing_default();
    REQUIRE(read_first_case("", &record, &err));
    CHECK_NEAR(record.ageing.half_life_years.expected, 6.0, 0.0);
    CHECK_NEAR(record.ageing.healed_mass.low, 0.5, 0.0);
    CHECK(record.ageing.kind == SKIN_PERMANENT && skin_ageing_check(&record.ageing, &err));
    for (int i = 4; i < SKIN_RATES; i++)
        CHECK_NEAR(skin_ageing_rate(&record.ageing, i).band.expected,
                   skin_ageing_rate(&average, i).band.expected, 0.0);
}

TEST(a_band_of_ageing_is_in_order_and_in_range)
{
    static const struct {
        const char *more, *reason;
    } table[] = {
        {", \"veil_ratio\": {\"low\": 0.9, \"expected\": 0.6, \"high\": 0.95}", "not in order"},
        {", \"veil_ratio\": {\"low\": 0.4, \"expected\": 0.6, \"high\": 1.5}", "veil_ratio.high"},
        {", \"redness_days\": {\"low\": 0, \"expected\": 3, \"high\": 6}", "redness_days.low"},
        {", \"scab_ratio\": {\"low\": 1, \"high\": 2}", "scab_ratio.expected"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        CaseRecord record;
        Err err = {0};
        bool said = !read_first_case(table[i].more, &record, &err) &&
                    strstr(err.text, table[i].reason) != NULL;
        if (!CHECK(said))
            printf("# %s\n", err.text);
    }
}

TEST(reading_back_fits_its_budget_or_says_so)
{
    static CaseRead read;
    Err err = {0};
    bool fits = false;
    REQUIRE(begin() && written(&err));
    for (size_t limit = 1 << 12; limit <= 1 << 26; limit *= 4) {
        Arena tight;
        REQUIRE(arena_open(&tight, limit, &err));
        bool ok = casefile_read(&tight, &small.scratch, small.folder, &read, &err);
        CHECK(ok || err.code == ERR_LIMIT);
        fits = fits || ok;
        arena_rewind(&tight, 0);
        ok = casefile_read(&small.arena, &tight, small.folder, &read, &err);
        CHECK(ok || err.code == ERR_LIMIT);
        arena_close(&tight);
    }
    CHECK(fits);
    end();
}

TEST(check_refuses_what_it_cannot_read_with_the_reason)
{
    static const struct {
        const char *name, *text, *reason;
    } table[] = {
        {"design", "", "line"},
        {"design", "[]", "not an object"},
        {"design", "{}", "'schema'"},
        {"design", "{\"schema\":\"follicle/course\",\"version\":1}", "follicle/course"},
        {"design", "{\"schema\":\"follicle/design\"}", "'version'"},
        {"design", "{\"schema\":\"follicle/design\",\"version\":\"1\"}", "'version'"},
        {"design", "{\"schema\":\"follicle/design\",\"version\":0}", "'version'"},
        {"design", "{\"schema\":\"follicle/design\",\"version\":3}", "newer program"},
        {"design", "{\"schema\":\"follicle/design\",\"version\":1,\"version\":1}", "duplicate"},
        {"desing", "{\"schema\":\"follicle/desing\",\"version\":1}", "desing"},
    };
    Err err = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        CHECK(!casefile_check(table[i].name, strlen(table[i].text), table[i].text, &err));
        CHECK(err.code == ERR_INPUT && strstr(err.text, table[i].reason) != NULL);
    }
    const char *good = "{\"schema\":\"follicle/design\",\"version\":1}";
    CHECK(casefile_check("design", strlen(good), good, &err));
    CHECK(casefile_check("protocol", protocols_files[0].size,
                         (const char *)protocols_files[0].bytes, &err));
}

TEST(protocols_know_every_zone_of_a_design)
{
    static char text[256 * 1024];
    static Protocol protocol;
    const char *whole = (const char *)protocols_files[0].bytes;
    const char *at = strstr(whole, "\"difficulty\": {");
    Arena arena = {0};
    Err err = {0};
    REQUIRE(at != NULL && strchr(at, '}') != NULL);
    REQUIRE(arena_open(&arena, 8 << 20, &err));
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_KEEP_OUT; zone++) {
        const char *name = design_zone_name((DesignZone)zone);
        int size = snprintf(text, sizeof text, "%.*s\"difficulty\": {\"%s\": 1.5%s",
                            (int)(at - whole), whole, name, strchr(at, '}'));
        CHECK(protocol_from_json(&arena, (size_t)size, text, &protocol, &err));
        CHECK(protocol_difficulty(&protocol, name) > 1.0);
    }
    arena_close(&arena);
}

/* Through the file and back, a course is the same to the last cent and minute. */
TEST(a_course_reads_back_as_it_was_written)
{
    static Course back;
    char *text = NULL;
    size_t size = 0;
    Err err = {0};
    REQUIRE(begin());
    Doc doc;
    REQUIRE(quote_accept(&small.course.quote, (CourseDate){2028, 2, 3}, &err));
    snprintf(small.course.time_zone, sizeof small.course.time_zone, "Europe/Berlin");
    small.course.session[1].sitting[0].from_minute = 570;
    small.course.session[1].sitting[0].to_minute = 700;
    REQUIRE(casefile_course_doc(&doc, &small.plan, &err));
    REQUIRE(doc_render(&small.arena, &doc, "course", &size, &text, &err));
    REQUIRE(casefile_course_from_json(&small.protocol, size, text, &back, &err));
    const Course *course = &small.course;
    CHECK(back.session_count == 3 && back.event_count == 2 && back.has_start);
    CHECK(memcmp(back.event, course->event, sizeof back.event) == 0);
    CHECK(strcmp(back.time_zone, "Europe/Berlin") == 0);
    CHECK(back.quote.accepted && back.quote.total == course->quote.total);
    CHECK(back.quote.line_count == course->quote.line_count && course->quote.line_count == 2);
    for (int i = 0; i < back.quote.line_count; i++) {
        CHECK(back.quote.line[i].kind == course->quote.line[i].kind);
        CHECK(back.quote.line[i].amount == course->quote.line[i].amount);
        CHECK(back.quote.line[i].quantity_milli == course->quote.line[i].quantity_milli);
        CHECK(strcmp(back.quote.line[i].zone, course->quote.line[i].zone) == 0);
        CHECK(back.quote.line[i].session == course->quote.line[i].session);
    }
    CHECK(memcmp(back.quote.due, course->quote.due, sizeof back.quote.due) == 0);
    for (int s = 0; s < 3; s++) {
        const CourseSession *a = &back.session[s], *b = &course->session[s];
        CHECK(a->dots == b->dots && a->day == b->day && a->state == b->state);
        CHECK(memcmp(&a->date, &b->date, sizeof a->date) == 0);
        CHECK(memcmp(&a->latest, &b->latest, sizeof a->latest) == 0);
        CHECK(a->sitting[0].from_minute == b->sitting[0].from_minute);
        CHECK_NEAR(a->hours[1], b->hours[1], 0.006);
    }
    CHECK(back.session[0].state == COURSE_HELD && back.session[1].state == COURSE_FIXED);
    CHECK(back.session[1].sitting[0].to_minute == 700);
    for (size_t cut = 0; cut + 2 < size; cut += 7) /* no prefix is a course */
        CHECK(!casefile_course_from_json(&small.protocol, cut, text, &back, &err));
    end();
}

TEST(a_course_of_an_older_program_says_how_to_renew_it)
{
    static Course back;
    const char *old = "{\"schema\": \"follicle/course\", \"version\": 1}";
    Err err = {0};
    REQUIRE(begin());
    CHECK(!casefile_course_from_json(&small.protocol, strlen(old), old, &back, &err));
    CHECK(strstr(err.text, "follicle course") != NULL);
    end();
}
