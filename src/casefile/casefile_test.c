#include "casefile/casefile.h"

#include "base/embed.h"
#include "base/io.h"
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
    Design design;
    Dots dots;
    SkinPigment pigment;
    Course course;
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

static void make_design(void)
{
    int count = small.topology.vertex_count;
    Design *design = &small.design;
    *design = (Design){.request = design_request_default(),
                       .has_hairline = true,
                       .hairline_count = 40,
                       .hairline_length_mm = 212.3456,
                       .area_mm2 = 12345.678,
                       .dots = DOTS};
    design->request.pattern = DESIGN_NORWOOD;
    design->request.stage = 5;
    design->request.outline_count = 1;
    design->request.outline[0] = (DesignOutline){
        .scar = true, .width_mm = 4, .point_count = 2, .point_mm = {{0, 60, -90}, {9, 60, -90}}};
    design->target_per_mm2 = ARENA_NEW(&small.arena, double, count);
    design->existing_per_mm2 = ARENA_NEW(&small.arena, double, count);
    design->zone = ARENA_NEW(&small.arena, uint8_t, count);
    for (int i = 0; i < count; i++) {
        Vec3 d = small.topology.direction[i];
        design->zone[i] = d.z > 0.5 ? DESIGN_FRONTAL : d.z > -0.5 ? DESIGN_CROWN : DESIGN_SCAR;
        design->existing_per_mm2[i] = d.x > 0.3 ? 0.9 : 0.0;
        design->sum[design->zone[i]].area_mm2 += small.head.area_mm2[i];
        design->sum[design->zone[i]].dots += 1.25;
    }
    for (int i = 0; i < DESIGN_HAIRLINE_CONTROLS; i++)
        design->hairline_control_mm[i] = vec3(40.0 - 10.0 * i, 80.0 + 1.0 / 3.0, 50.0);
    for (int i = 0; i < design->hairline_count; i++)
        design->hairline_mm[i] = vec3(40.0 - 2.0 * i, 80.0, 50.0 + i / 7.0);
    snprintf(design->warning[design->warning_count++], 240, "a warning with \"quotes\" [1, 2]");
}

static void make_dots(void)
{
    Dots *dots = &small.dots;
    *dots = (Dots){.count = DOTS, .session_count = 3, .dropped = 2, .nearest_mm = 1.2345};
    dots->dot = ARENA_NEW(&small.arena, Dot, DOTS);
    small.plan.dot_diameter_mm = ARENA_NEW(&small.arena, double, DOTS);
    for (int i = 0; i < DOTS; i++) {
        double angle = 0.4 * i, reach = 0.2 + 0.012 * i;
        Vec3 direction = vec_normalize(vec3(reach * sin(angle), 1.0, reach * cos(angle)));
        HeadPoint point = head_locate(&small.head, direction);
        int session = i / 20;
        dots->dot[i] = (Dot){.site = 1000 + 7 * i,
                             .session = session,
                             .point = point,
                             .position_mm = head_position_mm(&small.head, point),
                             .normal = head_normal(&small.head, point),
                             .rank = (i + 0.5) / DOTS,
                             .target_per_mm2 = 1.5 - 0.001 * i};
        dots->in_session[session]++;
        small.plan.dot_diameter_mm[i] = 0.3 + 0.0004 * i;
    }
}

static bool make_course(Err *err)
{
    static Protocol protocol;
    CourseInput input = {.has_start = true, .start = {2028, 2, 20}, .zone_count = 1};
    if (!course_protocol_builtin("standard", &protocol, err))
        return false;
    memcpy(input.dots_in_session, small.dots.in_session, sizeof input.dots_in_session);
    input.zone[0].name = "crown";
    input.zone[0].area_cm2 = 12.3;
    input.zone[0].dots = DOTS;
    return course_make(&protocol, &input, &small.course, err);
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
    casefile_sha256(3, (const uint8_t *)"abc", plan->input[0].sha256);
    plan->mm_per_unit = 1000.0;
    plan->landmark_proposed[HEAD_INION] = true;
    plan->arguments = "plan scan.glb -o case";
    plan->head = &small.head;
    plan->measures = (HeadMeasures){.length_mm = 197.3, .scalp_mm2 = 56789.0};
    plan->survey = &small.survey;
    plan->design = &small.design;
    plan->dots = &small.dots;
    plan->pigment = &small.pigment;
    plan->ageing = (SkinAgeing){{0.5, 0.65, 0.8}, {3, 6.5, 8}, {0.6, 0.7, 0.8}, {0.03, 0.04, 0.05}};
    plan->healed = (SkinMark){0.3, 0.6, 12.0};
    memcpy(plan->dilution, (double[DOTS_MAX_SESSIONS]){20.0, 18.0, 16.4, 0.0},
           sizeof plan->dilution);
    plan->growth_years = 5.0;
    plan->grown_diameter_mm = 0.375;
    plan->spacing_mm = 0.5625;
    plan->course = &small.course;
    plan->luminance_cd_m2 = 120.0;
    plan->warning_count = 1;
    snprintf(plan->code, sizeof plan->code, "C-0001");
    snprintf(plan->warning[0], sizeof plan->warning[0], "the inion is proposed");
}

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
    small.pigment = (SkinPigment){.name = "carbon", .carbon_mg_per_ml = 200.0, .uptake = 0.1};
    bool ok = make_head(&err) && make_chart(&err);
    if (ok) {
        make_design();
        make_dots();
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

static const char *const file_name[] = {"case.json",      "head.glb", "assessment.json",
                                        "design.json",    "dots.csv", "course.json",
                                        "visibility.json"};

static void end(void)
{
    char path[IO_PATH_LIMIT];
    Err err;
    for (size_t i = 0; i < sizeof file_name / sizeof file_name[0]; i++)
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
        casefile_sha256(strlen(table[i].text), (const uint8_t *)table[i].text, hex);
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
        casefile_sha256(table[i].size, many, hex);
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
    char *first[7], *second;
    size_t size[7], again = 0;
    Err err = {0};
    REQUIRE(begin() && written(&err));
    for (int i = 0; i < 7; i++)
        REQUIRE((first[i] = content(file_name[i], &size[i])) != NULL);
    REQUIRE(written(&err));
    for (int i = 0; i < 7; i++) {
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
    CHECK(json_array_size(list) == 6);
    json_array_foreach(list, index, entry)
    {
        char hex[65];
        char *text = content(json_string_value(json_object_get(entry, "name")), &size);
        REQUIRE(text != NULL);
        casefile_sha256(size, (const uint8_t *)text, hex);
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
    small.course.line_count = 0;
    small.design.request.pattern = DESIGN_PATTERN_NONE;
    small.design.has_hairline = false;
    small.plan.measures = (HeadMeasures){0};
    REQUIRE(written(&err));
    json_t *assessment = document("assessment.json"), *course = document("course.json");
    json_t *visibility = document("visibility.json"), *design = document("design.json");
    json_t *plan = document("case.json");
    CHECK(assessment && course && visibility && design && plan);
    CHECK(json_object_get(assessment, "skin") == NULL);
    CHECK(json_object_get(assessment, "stage") == NULL);
    CHECK(json_object_get(json_object_get(assessment, "hair"), "stubble_lab") == NULL);
    CHECK(json_object_size(json_object_get(assessment, "head")) == 0);
    CHECK(json_object_get(course, "price") == NULL);
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
    for (int i = 0; i < 7; i++) {
        size_t size = 0;
        char *text = content(file_name[i], &size);
        REQUIRE(text != NULL);
        if (strstr(file_name[i], "json") == NULL)
            continue;
        CHECK(strstr(text, "9999999") == NULL && strstr(text, "0000001") == NULL);
        CHECK(strstr(text, "-0.0,") == NULL);
    }
    size_t size = 0;
    char *design = content("design.json", &size);
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
    small.design.hairline_mm[3].y = (double)INFINITY;
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, small.folder, &err));
    CHECK(strstr(err.text, "design.json") != NULL && strstr(err.text, "points_mm") != NULL);
    small.dots.dot[5].position_mm.x = (double)NAN;
    CHECK(!casefile_write(&small.arena, &small.scratch, &small.plan, NULL, small.folder, &err));
    CHECK(strstr(err.text, "dot 1035") != NULL);
    small.dots.dot[5].position_mm.x = 0.0;
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
                         "diameter_mm,depth_mm,pigment,dilution,target_per_cm2\n";
    REQUIRE(text != NULL && strncmp(text, header, strlen(header)) == 0);
    char *line = text + strlen(header), *cell[32];
    for (int i = 0; i < DOTS; i++) {
        const Dot *dot = &small.dots.dot[i];
        char *next = strchr(line, '\n');
        REQUIRE(next != NULL);
        *next = '\0';
        REQUIRE(cells(line, cell) == 17);
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
        DesignZone zone = casefile_dot_zone(&small.head, &small.design, dot);
        CHECK(strcmp(cell[3], design_zone_name(zone)) == 0);
        const char *kind = zone == DESIGN_SCAR ? "scar" : NULL;
        if (kind == NULL && fabs(dot->position_mm.x - 0.3 * 95.0) > 15.0)
            kind = dot->position_mm.x > 0.3 * 95.0 ? "between_hairs" : "bare";
        CHECK(kind == NULL || strcmp(cell[4], kind) == 0);
        line = next + 1;
    }
    CHECK((size_t)(line - text) == size);
    end();
}

TEST(hair_is_taken_to_grow_away_from_the_whorl)
{
    Err err = {0};
    size_t size = 0;
    REQUIRE(begin());
    for (int i = 0; i < DOTS; i++) /* without the rounding to 1 um */
        small.dots.dot[i].position_mm =
            vec_madd(small.head.centre_mm, 95.0,
                     vec_normalize(vec_sub(small.dots.dot[i].position_mm, small.head.centre_mm)));
    REQUIRE(written(&err));
    char *line = strchr(content("dots.csv", &size), '\n') + 1, *cell[32];
    /* the vertex stands straight above the centre: the whorl is 62.5 mm of a 95 mm arc behind */
    Vec3 whorl = vec3(0.0, cos(62.5 / 95.0), -sin(62.5 / 95.0));
    for (int i = 0; i < DOTS; i++) {
        Vec3 d = vec_normalize(vec_sub(small.dots.dot[i].position_mm, small.head.centre_mm));
        Vec3 ahead = vec_normalize(vec_madd(d, -1e-5, vec_madd(whorl, -vec_dot(whorl, d), d)));
        double here[2], there[2];
        head_chart(d, here);
        head_chart(ahead, there);
        double want = atan2(there[1] - here[1], there[0] - here[0]);
        char *next = strchr(line, '\n');
        REQUIRE(next != NULL);
        *next = '\0';
        REQUIRE(cells(line, cell) == 17);
        CHECK_NEAR(remainder(strtod(cell[11], NULL) - want, 6.283185307179586), 0.0, 1e-3);
        line = next + 1;
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
        {"design", "{\"schema\":\"follicle/design\",\"version\":2}", "newer program"},
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
    static char text[64 * 1024];
    static Protocol protocol;
    const char *whole = (const char *)protocols_files[0].bytes;
    const char *at = strstr(whole, "\"scar\"");
    REQUIRE(at != NULL);
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        Err err = {0};
        const char *name = design_zone_name((DesignZone)zone);
        int size = snprintf(text, sizeof text, "%.*s\"%s\"%s", (int)(at - whole), whole, name,
                            at + strlen("\"scar\""));
        CHECK(course_protocol_from_json((size_t)size, text, &protocol, &err));
        CHECK(course_difficulty(&protocol, name) > 1.0);
    }
}
