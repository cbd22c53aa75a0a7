#include "report/report_internal.h"

#include <stdio.h>
#include <string.h>

static const char promise[] =
    "Prediction of a model, not a promise. Healed results vary with skin, "
    "hand and aftercare.";

static const CaseState *state_named(const Case *plan, const char *name)
{
    for (int i = 0; i < plan->state_count; i++)
        if (strcmp(plan->state[i].name, name) == 0)
            return &plan->state[i];
    return NULL;
}

static const char *hours_text(Arena *arena, const double hours[3])
{
    return report_format(arena, "%.1f h (%.1f to %.1f)", hours[1], hours[0], hours[2]);
}

static const char *when_text(Arena *arena, const CourseSession *session)
{
    if (session->has_date)
        return report_date(arena, session->date);
    return session->day == 0 ? "first day" : report_format(arena, "day %d", session->day);
}

static const char *window_text(Arena *arena, const Course *course, int s)
{
    const CourseGap *gap = &course->protocol.gap[s];
    if (s == 0)
        return "";
    return report_format(arena, "%d to %d days after session %d", gap->min_days, gap->max_days, s);
}

static void sessions(Sheet *sheet, const Case *plan, bool practitioner)
{
    const Course *course = plan->course;
    Arena *arena = sheet->arena;
    static const double width[] = {20.0, 42.0, 50.0, 38.0, 28.0};
    const char *head[] = {"*Session", "*When", "*Window", "*Hours", practitioner ? ">*Dots" : ""};
    sheet_heading(sheet, "Sessions");
    sheet_row(sheet, 5, width, head, true);
    for (int s = 0; s < course->session_count; s++) {
        const CourseSession *session = &course->session[s];
        const char *cell[] = {report_format(arena, "%d", s + 1), when_text(arena, session),
                              window_text(arena, course, s), hours_text(arena, session->hours),
                              practitioner ? report_format(arena, ">%d", session->dots) : ""};
        sheet_row(sheet, 5, width, cell, true);
        if (session->sittings > 1)
            sheet_small(sheet, "Session %d is longer than a day allows: %d sittings.", s + 1,
                        session->sittings);
    }
    sheet_space(sheet, 2.0);
    sheet_text(sheet, "In all %s. Review %d days after the last session.",
               hours_text(arena, course->hours), course->protocol.review_days);
}

static void price(Sheet *sheet, const Case *plan)
{
    const Course *course = plan->course;
    const Protocol *protocol = &course->protocol;
    Arena *arena = sheet->arena;
    static const double width[] = {100.0, 38.0, 40.0};
    sheet_heading(sheet, "Price");
    for (int i = 0; i < course->line_count; i++) {
        const CourseLine *line = &course->line[i];
        const char *cell[] = {
            line->text, report_format(arena, ">%g %s", line->quantity, line->unit),
            report_format(arena, ">%s", report_money(arena, line->amount, protocol))};
        sheet_row(sheet, 3, width, cell, true);
    }
    const char *tax[] = {"Tax", report_format(arena, ">%g %%", protocol->tax_permille / 10.0),
                         report_format(arena, ">%s", report_money(arena, course->tax, protocol))};
    const char *total[] = {
        "*Total", "", report_format(arena, ">*%s", report_money(arena, course->total, protocol))};
    if (course->tax != 0)
        sheet_row(sheet, 3, width, tax, true);
    sheet_row(sheet, 3, width, total, true);
    if (course->deposit != 0)
        sheet_small(sheet, "Deposit on booking: %s.",
                    report_money(arena, course->deposit, protocol));
}

static void rules(Sheet *sheet, const char *heading, int count, const CourseRule rule[])
{
    static const double width[] = {34.0, SHEET_TEXT_MM - 34.0};
    if (count == 0)
        return;
    sheet_heading(sheet, heading);
    for (int i = 0; i < count; i++) {
        const char *days =
            rule[i].to_day < 0 ? report_format(sheet->arena, "%d to %d days before",
                                               -rule[i].to_day, -rule[i].from_day)
            : rule[i].from_day == rule[i].to_day
                ? report_format(sheet->arena, "Day %d", rule[i].from_day)
                : report_format(sheet->arena, "Days %d to %d", rule[i].from_day, rule[i].to_day);
        if (rule[i].from_day < 0 && rule[i].from_day == rule[i].to_day)
            days = report_format(sheet->arena, "%d day%s before", -rule[i].from_day,
                                 rule[i].from_day < -1 ? "s" : "");
        const char *cell[] = {days, rule[i].text};
        sheet_row(sheet, 2, width, cell, true);
    }
}

static void zones(Sheet *sheet, const Case *plan)
{
    Arena *arena = sheet->arena;
    static const double width[] = {50.0, 34.0, 34.0, 50.0};
    const char *head[] = {"*Zone", ">*cm\u00b2", ">*Dots", ">*Mean dots per cm\u00b2"};
    sheet_heading(sheet, "What is covered");
    sheet_row(sheet, 4, width, head, true);
    for (int zone = 0; zone < DESIGN_ZONES; zone++) {
        const DesignZoneSum *sum = &plan->design->sum[zone];
        if (sum->area_mm2 <= 0.0)
            continue;
        const char *cell[] = {design_zone_name((DesignZone)zone),
                              report_format(arena, ">%.1f", sum->area_mm2 / 100.0),
                              report_format(arena, ">%.0f", sum->dots),
                              report_format(arena, ">%.0f", 100.0 * sum->dots / sum->area_mm2)};
        sheet_row(sheet, 4, width, cell, true);
    }
    const char *cell[] = {
        "*Together", report_format(arena, ">*%.1f", plan->design->area_mm2 / 100.0),
        report_format(arena, ">*%d", plan->dots->count),
        report_format(arena, ">*%.0f", 100.0 * plan->dots->count / plan->design->area_mm2)};
    sheet_row(sheet, 4, width, cell, true);
    sheet_space(sheet, 1.5);
    sheet_small(sheet,
                "Areas are measured on the head's surface. The front ramps up over %.0f mm; where "
                "hair grows, "
                "only what is missing is placed.",
                plan->design->request.transition_mm);
}

static void settings(Sheet *sheet, const Case *plan)
{
    Arena *arena = sheet->arena;
    static const double width[] = {24.0, 40.0, 40.0, 74.0};
    const char *head[] = {"*Session", ">*Dots", ">*Water : pigment", ""};
    sheet_heading(sheet, "Pigment and needle");
    sheet_row(sheet, 4, width, head, true);
    for (int s = 0; s < plan->course->session_count; s++) {
        const char *cell[] = {report_format(arena, "%d", s + 1),
                              report_format(arena, ">%d", plan->dots->in_session[s]),
                              report_format(arena, ">%.1f : 1", plan->dilution[s]), ""};
        sheet_row(sheet, 4, width, cell, true);
    }
    sheet_space(sheet, 2.0);
    sheet_text(sheet,
               "Healed dot: %.2f mm across, %.2f mm deep, %s. Dots keep %.2f mm from each other: "
               "1.5 times the "
               "%.2f mm that a dot may have grown to in %.0f years.",
               plan->healed.diameter_mm, plan->healed.depth_mm, plan->pigment->name,
               plan->spacing_mm, plan->grown_diameter_mm, plan->growth_years);
    sheet_small(sheet, "Depth is the depth of healed pigment, not a machine setting. The dilution "
                       "is calculated from the optics of "
                       "this skin and has a wide band (docs/models.md): test it on a small field "
                       "first and correct after healing.");
}

static void prediction(Sheet *sheet, const Case *plan)
{
    Arena *arena = sheet->arena;
    static const double width[] = {70.0, 36.0, 72.0};
    const char *head[] = {"*State", ">*Darkening", ">*Single dots can be told up to"};
    sheet_heading(sheet, "How it is predicted to look");
    sheet_row(sheet, 3, width, head, true);
    for (int i = 1; i < plan->state_count; i++) {
        const CaseState *state = &plan->state[i];
        const char *cell[] = {
            state->caption, report_format(arena, ">%.0f %%", 100.0 * state->mean_darkening),
            report_format(arena, ">%.1f m (%.1f to %.1f)", state->fusing_distance_m,
                          state->fusing_band_m[0], state->fusing_band_m[1])};
        sheet_row(sheet, 3, width, cell, true);
    }
    sheet_space(sheet, 1.5);
    sheet_small(sheet,
                "At %.0f cd/m\u00b2 on the skin (a lit bathroom mirror). Model prediction, not "
                "validated on people; "
                "bands follow published ranges of fading and spreading.",
                plan->luminance_cd_m2);
}

static void warnings(Sheet *sheet, const Case *plan)
{
    if (plan->warning_count == 0)
        return;
    sheet_heading(sheet, "Please check");
    for (int i = 0; i < plan->warning_count; i++)
        sheet_text(sheet, "\u2022 %s", plan->warning[i]);
}

static void assessment(Sheet *sheet, const Case *plan)
{
    const HairSurvey *survey = plan->survey;
    const HeadMeasures *size = &plan->measures;
    sheet_heading(sheet, "What was measured");
    sheet_text(sheet,
               "Head: circumference %.0f mm, length %.0f mm, breadth %.0f mm; scalp %.0f cm\u00b2.",
               size->circumference_mm, size->length_mm, size->breadth_mm, size->scalp_mm2 / 100.0);
    if (survey->has_color)
        sheet_text(sheet, "Skin: L* %.0f, a* %.0f, b* %.0f, ITA %.0f\u00b0 (%s).",
                   survey->tone.lab.L, survey->tone.lab.a, survey->tone.lab.b, survey->tone.ita_deg,
                   color_ita_class(survey->tone.ita_deg));
    else
        sheet_text(sheet, "Skin: not seen, the scan has no colour; an assumed tone was used.");
    if (survey->has_stubble)
        sheet_text(sheet,
                   "Shaved hair: %.0f cm\u00b2 of the scalp, %.0f %% darker than the bare skin.",
                   survey->stubble_mm2 / 100.0, 100.0 * survey->contrast);
    else
        sheet_text(sheet, "Shaved hair: none could be told from the skin in this scan.");
}

bool report_plan_pdf(Arena *arena, const Case *plan, const ReportPictures *pictures, size_t *size,
                     uint8_t **bytes, Err *err)
{
    Sheet sheet;
    const char *foot =
        report_format(arena, "Follicle %s \u00b7 %s \u00b7 seed %llu \u00b7 %s", FOLLICLE_VERSION,
                      plan->code, (unsigned long long)plan->seed, promise);
    if (!sheet_open(&sheet, arena, "Treatment plan", foot, err))
        return false;
    sheet_title(&sheet, "Treatment plan",
                report_format(arena, "%s \u00b7 %s, version %d", plan->code,
                              plan->course->protocol.title, plan->course->protocol.version));
    const Image *first[] = {pictures->before, pictures->healed, pictures->top_before,
                            pictures->top_healed};
    const char *first_caption[] = {"Before", "Healed (prediction)", "Before",
                                   "Healed (prediction)"};
    sheet_pictures(&sheet, 4, first, first_caption, 62.0);
    sheet_text(&sheet, "%d dots on %.0f cm\u00b2 in %d sessions, about %.1f hours, %s.",
               plan->dots->count, plan->design->area_mm2 / 100.0, plan->course->session_count,
               plan->course->hours[1],
               report_money(arena, plan->course->total, &plan->course->protocol));
    warnings(&sheet, plan);
    assessment(&sheet, plan);
    zones(&sheet, plan);
    settings(&sheet, plan);
    sessions(&sheet, plan, true);
    const char *captions[DOTS_MAX_SESSIONS] = {"After session 1", "After session 2",
                                               "After session 3", "After session 4"};
    sheet_pictures(&sheet, plan->course->session_count, pictures->sessions, captions, 60.0);
    prediction(&sheet, plan);
    price(&sheet, plan);
    rules(&sheet, "Aftercare", plan->course->protocol.aftercare_count,
          plan->course->protocol.aftercare);
    sheet_small(&sheet, "Protocol: %s", plan->course->protocol.source);
    return sheet_close(&sheet, size, bytes, err);
}

bool report_client_pdf(Arena *arena, const Case *plan, const ReportPictures *pictures, size_t *size,
                       uint8_t **bytes, Err *err)
{
    Sheet sheet;
    const Protocol *protocol = &plan->course->protocol;
    if (!sheet_open(&sheet, arena, "Your treatment", promise, err))
        return false;
    sheet_title(&sheet, "Your treatment",
                "What will be done, what it will look like, and what you need to do");
    const Image *first[] = {pictures->before, pictures->healed, pictures->aged};
    const char *caption[] = {"Before", "Healed, about 6 weeks after the last session",
                             "5 years later, untouched"};
    sheet_pictures(&sheet, 3, first, caption, 78.0);
    sheet_small(&sheet, "The pictures are calculated from a scan of the head. They show what is "
                        "likely, not what is promised.");
    sheet_text(&sheet, "Tiny dots of pigment are set into the upper skin so that they look like "
                       "closely shaved hair. It is a cosmetic "
                       "treatment: hair does not grow from it, and hair that you may still lose "
                       "goes on being lost.");
    const CaseState *healed = state_named(plan, "healed");
    if (healed != NULL && healed->fusing_distance_m > 0.0)
        sheet_text(&sheet,
                   "In good light at a mirror, single dots can be made out from up to about %.1f "
                   "m; from farther away they "
                   "blend into a shade. This is a calculation; nobody has tested it on people.",
                   healed->fusing_distance_m);
    sessions(&sheet, plan, false);
    rules(&sheet, "What to expect after each session", protocol->expect_count, protocol->expect);
    rules(&sheet, "What to do after each session", protocol->aftercare_count, protocol->aftercare);
    sheet_heading(&sheet, "The years after");
    sheet_text(&sheet,
               "Pigment fades and spreads slowly. A touch-up is usually wanted after %.0f years; "
               "between %.0f and %.0f years are reported. "
               "Sun, oily skin and scars shorten it.",
               plan->course->touch_up_years[1], plan->course->touch_up_years[0],
               plan->course->touch_up_years[2]);
    price(&sheet, plan);
    sheet_small(&sheet, "A quotation without obligation.");
    return sheet_close(&sheet, size, bytes, err);
}
