/* report_fixture.h - a small case for tests and benchmarks of documents: a ball for a head.
 */
#ifndef REPORT_REPORT_FIXTURE_H
#define REPORT_REPORT_FIXTURE_H

#include "report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FIXTURE_BALL_MM 92.0
enum { FIXTURE_SIDE_PX = 24 };

typedef struct Fixture {
    Arena arena, scratch;
    HeadTopology topology;
    Head head;
    HairSurvey survey;
    DesignLayout design;
    Dots dots;
    SkinPigment pigment;
    Protocol protocol;
    PriceList prices;
    CourseInput input;
    Course course;
    Clinic clinic;
    Case plan;
    Image picture;
    ReportDays days;
    ReportPictures pictures;
} Fixture;

static Fixture fixture;

static bool fixture_head(Err *err)
{
    if (!head_topology_new(&fixture.arena, 4, &fixture.topology, err))
        return false;
    double *radius_mm = ARENA_NEW(&fixture.arena, double, fixture.topology.vertex_count);
    for (int i = 0; radius_mm != NULL && i < fixture.topology.vertex_count; i++)
        radius_mm[i] = FIXTURE_BALL_MM;
    if (!head_new(&fixture.arena, &fixture.topology, radius_mm, &fixture.head, err))
        return false;
    fixture.head.landmark_mm[HEAD_GLABELLA] = vec3(0, 20, 84);
    fixture.head.landmark_mm[HEAD_TRAGION_LEFT] = vec3(86, 0, 0);
    fixture.head.landmark_mm[HEAD_TRAGION_RIGHT] = vec3(-86, 0, 0);
    return true;
}

/* A point of the ball: colatitude from the top, azimuth from the front to the client's left. */
static Vec3 fixture_ball(double colatitude, double azimuth)
{
    return vec_madd(
        fixture.head.centre_mm, FIXTURE_BALL_MM,
        vec3(sin(colatitude) * sin(azimuth), cos(colatitude), sin(colatitude) * cos(azimuth)));
}

/* Like a hairline: from the client's left to the right, with a waver and two corners. */
static void fixture_hairline(DesignLayout *design)
{
    design->has_hairline = true;
    design->hairline_count = 400;
    for (int i = 0; i < design->hairline_count; i++) {
        double t = 1.0 - 2.0 * i / (design->hairline_count - 1.0);
        double corner = fabs(t) > 0.6 ? 2.2 * (fabs(t) - 0.6) : 0.0;
        design->hairline_mm[i] =
            fixture_ball(0.75 + corner + 0.012 * sin(31.0 * t),
                         1.1 * (fabs(t) > 0.6 ? 0.6 : fabs(t)) * (t < 0.0 ? -1.0 : 1.0));
    }
}

static bool fixture_design(int dots)
{
    DesignLayout *design = &fixture.design;
    int count = fixture.topology.vertex_count;
    memset(design, 0, sizeof *design);
    design->hairline_height_mm = 80;
    design->design.hairline.transition_mm = 10;
    design->area_mm2 = 12345.6;
    design->dots = dots;
    design->zone = ARENA_NEW(&fixture.arena, uint8_t, count);
    if (design->zone == NULL)
        return false;
    for (int i = 0; i < count; i++) {
        Vec3 d = fixture.topology.direction[i];
        design->zone[i] = d.y < 0.6 ? DESIGN_NONE : d.z > 0.2 ? DESIGN_FRONTAL : DESIGN_CROWN;
    }
    design->sum[DESIGN_FRONTAL] = (DesignZoneSum){6000.0, 50.0};
    design->sum[DESIGN_CROWN] = (DesignZoneSum){6345.6, 40.0};
    fixture_hairline(design);
    return true;
}

/* A spiral of dots of even density over the cap. */
static bool fixture_dots(int count)
{
    Dots *dots = &fixture.dots;
    *dots = (Dots){.count = count,
                   .dot = ARENA_NEW(&fixture.arena, Dot, count),
                   .session_count = 3,
                   .dropped = 2,
                   .nearest_mm = 1.2};
    for (int i = 0; dots->dot != NULL && i < count; i++) {
        Vec3 at = fixture_ball(acos(1.0 - 0.35 * (i + 0.5) / count), 2.399963 * i);
        HeadPoint point = head_locate(&fixture.head, vec_sub(at, fixture.head.centre_mm));
        int zone = fixture.design.zone[fixture.topology.triangle[point.triangle][0]];
        int session = i % 3;
        dots->dot[i] = (Dot){.session = session, .zone = zone, .point = point, .position_mm = at};
        dots->in_session[session]++;
    }
    return dots->dot != NULL;
}

/* Makes the course anew of fixture.protocol and fixture.input. */
static bool fixture_course(bool dated, Err *err)
{
    CourseInput *input = &fixture.input;
    *input = (CourseInput){.has_start = dated,
                           .start = {2028, 2, 20},
                           .prices = &fixture.prices,
                           .zone_count = 1,
                           .discount_permille = -1,
                           .has_quote_date = dated,
                           .quote_date = {2028, 1, 28}};
    input->zone[0].name = "crown";
    input->zone[0].area_cm2 = 123.5;
    memcpy(input->zone[0].dots, fixture.dots.in_session, sizeof input->zone[0].dots);
    return course_make(&fixture.protocol, input, &fixture.course, err);
}

static bool fixture_pictures(Err *err)
{
    if (!image_new(&fixture.arena, FIXTURE_SIDE_PX, FIXTURE_SIDE_PX, &fixture.picture, err))
        return false;
    for (int i = 0; i < FIXTURE_SIDE_PX * FIXTURE_SIDE_PX * 3; i++)
        fixture.picture.rgb[i] = (uint8_t)(i * 7);
    const Image *p = &fixture.picture;
    fixture.pictures = (ReportPictures){.before = p,
                                        .healed = p,
                                        .aged = p,
                                        .turned_before = p,
                                        .turned_healed = p,
                                        .top_before = p,
                                        .top_healed = p,
                                        .sessions = {p, p, p, p}};
    return true;
}

static void fixture_plan(void)
{
    Case *plan = &fixture.plan;
    *plan = (Case){.code = "C-0001",
                   .seed = 7,
                   .input_count = 1,
                   .input = {{.name = "scan.glb"}},
                   .head = &fixture.head,
                   .measures = {.circumference_mm = 578.0, .length_mm = 197.3},
                   .survey = &fixture.survey,
                   .layout = &fixture.design,
                   .dots = &fixture.dots,
                   .pigment = &fixture.pigment,
                   .ageing = skin_ageing(SKIN_PERMANENT, &fixture.survey.tone, NULL),
                   .healed = {0.3, 0.25, 9.0, SKIN_CARBON_SLOPE},
                   .dilution = {9.6, 8.6, 7.7},
                   .growth_years = 5.0,
                   .grown_diameter_mm = 0.375,
                   .spacing_mm = 0.5625,
                   .course = &fixture.course,
                   .state_count = 2,
                   .state = {{.name = "before", .caption = "Before"},
                             {.name = "healed",
                              .caption = "Healed",
                              .mean_darkening = 0.06,
                              .fusing_distance_m = 0.8,
                              .fusing_band_m = {0.7, 0.9}}},
                   .luminance_cd_m2 = 108.0,
                   .warning_count = 1,
                   .warning = {"the inion is proposed, 3 cm2"}};
    memcpy(plan->input[0].sha256, "0123456789abcdef", 17);
}

/* A case of so many dots; its days are drawn only where they are wanted (report_days_make). */
static bool fixture_begin(int dots, bool dated)
{
    Err err = {0};
    memset(&fixture, 0, sizeof fixture);
    if (!arena_open(&fixture.arena, 256 << 20, &err) ||
        !arena_open(&fixture.scratch, 256 << 20, &err))
        return false;
    Lab lab = {65, 10, 18};
    fixture.survey = (HairSurvey){.has_color = true, .tone = skin_tone_of_lab(lab)};
    clinic_default(&fixture.clinic);
    bool ok = skin_pigment_default(&fixture.pigment, &err) &&
              protocol_builtin(&fixture.arena, "standard", &fixture.protocol, &err) &&
              prices_builtin(&fixture.arena, prices_builtin_id(0), &fixture.prices, &err) &&
              fixture_head(&err) && fixture_design(dots) && fixture_dots(dots) &&
              fixture_course(dated, &err) && fixture_pictures(&err);
    if (!ok)
        printf("# %s\n", err.text);
    fixture_plan();
    return ok;
}

static void fixture_end(void)
{
    arena_close(&fixture.arena);
    arena_close(&fixture.scratch);
}

#endif
