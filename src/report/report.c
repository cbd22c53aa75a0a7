#include "report/report_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char promise[] = "Calculated from a model: an illustration, not a promise. "
                              "Healed results vary with skin, hand and aftercare.";
/* A rule that holds longer is for good, not for so many days. */
enum { FOR_GOOD_DAYS = 365 };

static const CaseState *state_named(const Case *plan, const char *name)
{
    for (int i = 0; i < plan->state_count; i++)
        if (strcmp(plan->state[i].name, name) == 0)
            return &plan->state[i];
    return NULL;
}

static const char *hours_text(Sheet *sheet, const double hours[3])
{
    return sheet_format(sheet, "%.1f h (%.1f to %.1f)", hours[1], hours[0], hours[2]);
}

static const char *when_text(Sheet *sheet, const CourseSession *session)
{
    if (session->has_date)
        return sheet_date(sheet, session->date);
    return session->day == 0 ? "First day" : sheet_format(sheet, "Day %d", session->day);
}

static const char *window_text(Sheet *sheet, const Course *course, int s)
{
    const CourseSession *session = &course->session[s];
    const CourseGap *gap = &course->protocol.gap[s];
    if (s == 0)
        return "\u2013";
    if (session->has_date)
        return sheet_format(sheet, "%s to %s", sheet_day(sheet, session->earliest),
                            sheet_day(sheet, session->latest));
    return sheet_format(sheet, "%d to %d days after session %d", gap->min_days, gap->max_days, s);
}

static const char *metres(Sheet *sheet, double distance_m)
{
    return distance_m < 0.05 ? "under 0.1" : sheet_format(sheet, "%.1f", distance_m);
}

static const char *days_text(Sheet *sheet, const CourseRule *rule)
{
    if (rule->from_day < 0 && rule->from_day == rule->to_day)
        return sheet_format(sheet, "%d day%s before", -rule->from_day,
                            rule->from_day < -1 ? "s" : "");
    if (rule->to_day < 0)
        return sheet_format(sheet, "%d to %d days before", -rule->to_day, -rule->from_day);
    if (rule->to_day - rule->from_day >= FOR_GOOD_DAYS)
        return sheet_format(sheet, "From day %d", rule->from_day);
    if (rule->from_day == rule->to_day)
        return sheet_format(sheet, "Day %d", rule->from_day);
    return sheet_format(sheet, "Days %d to %d", rule->from_day, rule->to_day);
}

/* --- tables that both documents have --- */

static void sessions_for_client(Sheet *sheet, const Course *course)
{
    static const double share[] = {0.12, 0.3, 0.3, 0.28};
    const char *head[] = {"Session", "Day", "Possible between", "Time in the chair"};
    const char *cell[COURSE_MAX_SESSIONS * 4];
    for (int s = 0; s < course->session_count; s++) {
        cell[4 * s] = sheet_format(sheet, "%d", s + 1);
        cell[4 * s + 1] = when_text(sheet, &course->session[s]);
        cell[4 * s + 2] = s == 0 ? "as agreed" : window_text(sheet, course, s);
        cell[4 * s + 3] = hours_text(sheet, course->session[s].hours);
    }
    sheet_heading(sheet, 20.0, "Your sessions");
    sheet_table(sheet, &(SheetTable){.columns = 4, .share = share, .align = "llll", .head = head},
                course->session_count, cell);
    sheet_text(sheet,
               "In all about %.1f hours, with breaks. We look at the settled result together %d "
               "days after the last session.",
               course->hours[1], course->protocol.review_days);
    for (int s = 0; s < course->session_count; s++)
        if (course->session[s].sittings > 1)
            sheet_small(sheet,
                        "Session %d is longer than a day allows: %d sittings on days in a "
                        "row.",
                        s + 1, course->session[s].sittings);
}

static void price(Sheet *sheet, const Case *plan, const char *heading)
{
    static const double share[] = {0.56, 0.24, 0.2};
    const Course *course = plan->course;
    const Protocol *protocol = &course->protocol;
    const char *cell[(COURSE_MAX_LINES + 2) * 3];
    int rows = 0;
    for (int i = 0; i < course->line_count; i++, rows++) {
        const CourseLine *line = &course->line[i];
        bool fixed = strcmp(line->unit, "fixed") == 0;
        cell[3 * rows] = sheet_sentence(sheet, line->text);
        cell[3 * rows + 1] =
            fixed ? ""
                  : sheet_format(sheet, "%g %s %s", line->quantity,
                                 line->unit[0] >= '0' && line->unit[0] <= '9' ? "\u00d7" : "",
                                 line->unit);
        cell[3 * rows + 2] = sheet_money(sheet, line->amount, protocol);
    }
    if (course->tax != 0) {
        cell[3 * rows] = "Tax";
        cell[3 * rows + 1] = sheet_format(sheet, "%g %%", protocol->tax_permille / 10.0);
        cell[3 * rows++ + 2] = sheet_money(sheet, course->tax, protocol);
    }
    cell[3 * rows] = "Total";
    cell[3 * rows + 1] = "";
    cell[3 * rows++ + 2] = sheet_money(sheet, course->total, protocol);
    sheet_heading(sheet, 20.0, heading);
    sheet_table(sheet, &(SheetTable){.columns = 3, .share = share, .align = "lrr", .total = true},
                rows, cell);
    if (course->deposit != 0)
        sheet_small(sheet, "Deposit on booking: %s, part of the total.",
                    sheet_money(sheet, course->deposit, protocol));
}

static void rules(Sheet *sheet, const char *heading, int count, const CourseRule rule[])
{
    static const double share[] = {0.2, 0.8};
    const char *cell[COURSE_MAX_RULES * 2];
    if (count == 0)
        return;
    for (int i = 0; i < count; i++) {
        cell[2 * i] = days_text(sheet, &rule[i]);
        cell[2 * i + 1] = rule[i].text;
    }
    sheet_heading(sheet, 18.0, heading);
    sheet_table(sheet, &(SheetTable){.columns = 2, .share = share, .align = "ll"}, count, cell);
}

/* --- the practitioner's --- */

static void key_figures(Sheet *sheet, const Case *plan)
{
    const Course *course = plan->course;
    const char *figure[SHEET_FIGURES] = {
        sheet_count(sheet, plan->dots->count),
        sheet_format(sheet, "%.0f cm\u00b2", plan->layout->area_mm2 / 100.0),
        sheet_format(sheet, "%d", course->session_count),
        sheet_format(sheet, "%.1f h", course->hours[1]),
        plan->layout->has_hairline
            ? sheet_format(sheet, "%.0f mm", plan->layout->hairline_height_mm)
            : "\u2013",
        sheet_money(sheet, course->total, &course->protocol)};
    const char *word[SHEET_FIGURES] = {
        "dots",
        "covered",
        "sessions",
        sheet_format(sheet, "%.1f to %.1f", course->hours[0], course->hours[2]),
        "hairline over glabella",
        "total"};
    sheet_figures(sheet, SHEET_FIGURES, figure, word);
}

static void warnings(Sheet *sheet, const Case *plan)
{
    double top = sheet->y_mm;
    int page = sheet->page;
    if (plan->warning_count == 0)
        return;
    sheet_heading(sheet, 8.0, "Please check before you start");
    for (int i = 0; i < plan->warning_count; i++)
        sheet_text(sheet, "\u2022 %s", sheet_sentence(sheet, plan->warning[i]));
    cairo_set_source_rgb(sheet->cr, 0.84, 0.37, 0.0);
    top = page == sheet->page ? top + 4.2 : SHEET_MARGIN_MM;
    cairo_rectangle(sheet->cr, sheet->left_mm - 3.0, top, 1.0, sheet->y_mm - top - 0.8);
    cairo_fill(sheet->cr);
}

static void session_table(Sheet *sheet, const Case *plan)
{
    static const double share[] = {0.1, 0.25, 0.19, 0.2, 0.11, 0.15};
    const char *head[] = {"Session", "When", "Window", "Hours", "Dots", "Water : pigment"};
    const char *cell[COURSE_MAX_SESSIONS * 6];
    const Course *course = plan->course;
    for (int s = 0; s < course->session_count; s++) {
        const CourseSession *session = &course->session[s];
        cell[6 * s] = sheet_format(sheet, "%d", s + 1);
        cell[6 * s + 1] = when_text(sheet, session);
        cell[6 * s + 2] = window_text(sheet, course, s);
        cell[6 * s + 3] = hours_text(sheet, session->hours);
        cell[6 * s + 4] = sheet_count(sheet, session->dots);
        cell[6 * s + 5] = sheet_format(sheet, "%.1f : 1", plan->dilution[s]);
    }
    sheet_heading(sheet, 20.0, "Sessions and shade");
    sheet_table(sheet, &(SheetTable){.columns = 6, .share = share, .align = "llllrr", .head = head},
                course->session_count, cell);
    sheet_text(
        sheet,
        "Pigment: %s. Healed dot %.2f mm across, %.2f mm deep (where the pigment lies, not a "
        "machine setting). Dots keep %.2f mm from each other, centre to centre: 1.5 times "
        "the %.2f mm a dot may have grown to in %.0f years.",
        plan->pigment->name, plan->healed.diameter_mm, plan->healed.depth_mm, plan->spacing_mm,
        plan->grown_diameter_mm, plan->growth_years);
    sheet_small(sheet, "The dilution is calculated from the optics of this skin and has a wide "
                       "band (docs/models.md): set a small test field first and correct after "
                       "healing.");
}

static void zone_table(Sheet *sheet, const Case *plan)
{
    static const double share[] = {0.4, 0.18, 0.19, 0.23};
    const char *head[] = {"Zone", "cm\u00b2", "Dots", "per cm\u00b2"};
    const char *cell[(DESIGN_ZONES + 1) * 4];
    DesignZone shown[DESIGN_ZONES];
    int rows = 0, placed[DESIGN_ZONES] = {0};
    for (int i = 0; i < plan->dots->count; i++)
        placed[plan->dots->dot[i].zone]++;
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        const DesignZoneSum *sum = &plan->layout->sum[zone];
        if (sum->area_mm2 <= 0.0)
            continue;
        shown[rows] = (DesignZone)zone;
        cell[4 * rows] = sheet_format(sheet, "     %s",
                                      sheet_sentence(sheet, design_zone_name((DesignZone)zone)));
        cell[4 * rows + 1] = sheet_format(sheet, "%.1f", sum->area_mm2 / 100.0);
        cell[4 * rows + 2] = sheet_count(sheet, placed[zone]);
        cell[4 * rows++ + 3] = sheet_format(sheet, "%.0f", 100.0 * placed[zone] / sum->area_mm2);
    }
    double area = plan->layout->area_mm2;
    cell[4 * rows] = "Together";
    cell[4 * rows + 1] = sheet_format(sheet, "%.1f", area / 100.0);
    cell[4 * rows + 2] = sheet_count(sheet, plan->dots->count);
    cell[4 * rows + 3] =
        area > 0.0 ? sheet_format(sheet, "%.0f", 100.0 * plan->dots->count / area) : "\u2013";
    sheet_heading(sheet, 60.0, "Zones");
    double top = sheet->y_mm;
    sheet_table(
        sheet,
        &(SheetTable){.columns = 4, .share = share, .align = "lrrr", .head = head, .total = true},
        rows + 1, cell);
    double each = (sheet->y_mm - 1.2 - top) / (rows + 2);
    for (int i = 0; i < rows; i++)
        report_map_key(sheet, shown[i], sheet->left_mm + 1.0, top + (i + 1.5) * each - 1.2);
    sheet_small(sheet,
                "Areas are measured on the head's surface. The front thins out over %.0f mm; where "
                "hair grows only what is missing "
                "is placed.",
                plan->layout->design.hairline.transition_mm);
}

static void zones(Sheet *sheet, const Case *plan, const ReportMap *map)
{
    const double map_mm = 74.0;
    double top, bottom;
    sheet_need(sheet, map_mm + 4.0);
    top = sheet->y_mm;
    report_map_draw(sheet, plan, map, -1, SHEET_MARGIN_MM, top + 3.0, map_mm);
    sheet->left_mm = SHEET_MARGIN_MM + map_mm + SHEET_GAP_MM;
    sheet->width_mm = SHEET_TEXT_MM - map_mm - SHEET_GAP_MM;
    zone_table(sheet, plan);
    bottom = sheet->y_mm;
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(bottom, top + map_mm + 4.0);
}

static void first_page(Sheet *sheet, const Case *plan, const ReportPictures *pictures,
                       const ReportMap *map)
{
    const Image *picture[] = {pictures->before, pictures->healed, pictures->top_before,
                              pictures->top_healed};
    const char *caption[] = {"Front, before", "Front, healed (illustration)", "Top, before",
                             "Top, healed (illustration)"};
    sheet_title(sheet, "Session plan",
                sheet_format(sheet, "%s \u00b7 %s, version %d", plan->code,
                             plan->course->protocol.title, plan->course->protocol.version));
    key_figures(sheet, plan);
    sheet_pictures(sheet, 4, picture, caption, 48.0);
    warnings(sheet, plan);
    session_table(sheet, plan);
    zones(sheet, plan, map);
}

/* "Hairline 1,139, frontal 2,196": where this session's dots go. */
static void dots_by_zone(Sheet *sheet, const Case *plan, const ReportMap *map, int s)
{
    int count[DESIGN_ZONES] = {0};
    const char *list = "";
    for (int i = 0; i < plan->dots->count; i++)
        if (plan->dots->dot[i].session == s)
            count[map->zone_of_dot[i]]++;
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        if (count[zone] > 0)
            list =
                sheet_format(sheet, "%s%s%s %s", list, list[0] == '\0' ? "" : ", ",
                             design_zone_name((DesignZone)zone), sheet_count(sheet, count[zone]));
    sheet_text(sheet, "\u2022 %s dots: %s; dots.csv lists them in the order of work.",
               sheet_count(sheet, plan->dots->in_session[s]), list);
}

static void what_to_do(Sheet *sheet, const Case *plan, int s)
{
    const Course *course = plan->course;
    const CourseSession *session = &course->session[s];
    const Protocol *protocol = &course->protocol;
    /* The shade decides how much lighter an early session is, not the protocol alone. */
    int last = course->session_count - 1;
    double strength = (1.0 + plan->dilution[last]) / (1.0 + plan->dilution[s]);
    if (s == 0)
        sheet_text(sheet,
                   "\u2022 Draw the hairline with the 1:1 template; agree on it in a mirror.");
    else
        sheet_text(sheet,
                   "\u2022 No scab left? Look at the healed colour of session %d before you "
                   "mix.",
                   s);
    sheet_text(sheet, "\u2022 Mix %.1f water : 1 %s, %s.", plan->dilution[s], plan->pigment->name,
               strength < 0.995 || strength > 1.005
                   ? sheet_format(sheet, "%.0f %% of the last session's pigment", 100.0 * strength)
                   : "the full shade");
    if (s == 0)
        sheet_text(sheet, "\u2022 Set a small test field and look at it after some minutes.");
    sheet_text(sheet, "\u2022 %s with set-up and a break of %.0f min every %.0f min.",
               hours_text(sheet, session->hours), protocol->break_minutes,
               protocol->break_every_minutes);
    if (session->sittings > 1)
        sheet_text(sheet, "\u2022 Longer than a day allows: %d sittings.", session->sittings);
}

static void record_lines(Sheet *sheet)
{
    sheet_blank(sheet, 0.0, 0.4, "Pigment, batch, best before");
    sheet_blank(sheet, 0.4, 0.62, "Needle");
    sheet_blank(sheet, 0.62, 0.81, "Start");
    sheet_blank(sheet, 0.81, 1.0, "End");
    sheet_space(sheet, 6.0);
    sheet_blank(sheet, 0.0, 0.3, "Mixed");
    sheet_blank(sheet, 0.3, 0.62, "Done by");
    sheet_blank(sheet, 0.62, 1.0, "Notes");
    sheet_space(sheet, 6.0);
}

static void session_card(Sheet *sheet, const Case *plan, const ReportPictures *pictures,
                         const ReportMap *map, int s)
{
    const CourseSession *session = &plan->course->session[s];
    const double map_mm = 54.0, picture_mm = 42.0;
    const Image *picture = pictures->sessions[s];
    sheet_heading(
        sheet, 76.0,
        session->has_date && s > 0
            ? sheet_format(sheet, "Session %d \u00b7 %s \u00b7 window %s", s + 1,
                           when_text(sheet, session), window_text(sheet, plan->course, s))
            : sheet_format(sheet, "Session %d \u00b7 %s", s + 1, when_text(sheet, session)));
    double top = sheet->y_mm, right = SHEET_MARGIN_MM + SHEET_TEXT_MM, bottom = top + map_mm;
    report_map_draw(sheet, plan, map, s, SHEET_MARGIN_MM, top, map_mm);
    if (picture != NULL && picture->width_px > 0) {
        double high = picture_mm * picture->height_px / picture->width_px;
        cairo_tag_begin(sheet->cr, "Figure", NULL);
        sheet_picture(sheet, picture, right - picture_mm, top + 1.0, picture_mm);
        sheet_ink(sheet, SHEET_GREY);
        sheet_put(sheet, right - picture_mm, top + high + 1.6, picture_mm, 6.5, false,
                  "Same day (illustration)");
        cairo_tag_end(sheet->cr, "Figure");
    }
    sheet->left_mm = SHEET_MARGIN_MM + map_mm + 4.0;
    sheet->width_mm = SHEET_TEXT_MM - map_mm - picture_mm - 8.0;
    what_to_do(sheet, plan, s);
    dots_by_zone(sheet, plan, map, s);
    bottom = fmax(bottom, sheet->y_mm);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = bottom + 2.0;
    record_lines(sheet);
}

/* How far the surface can be trusted. */
static const char *known_to(Sheet *sheet, const CaseFit *fit)
{
    if (fit == NULL)
        return "from a scan";
    if (fit->is_patch)
        return sheet_format(sheet, "lengths %.1f %%, areas %.1f %%, within %.0f mm",
                            100.0 * fit->length_error, 100.0 * fit->area_error, fit->reach_mm);
    return sheet_format(sheet, "%.1f mm, at worst %.1f mm (standard deviation)", fit->sd_median_mm,
                        fit->sd_worst_mm);
}

static void assessment(Sheet *sheet, const Case *plan)
{
    static const double share[] = {0.5, 0.5};
    const HairSurvey *survey = plan->survey;
    const HeadMeasures *size = &plan->measures;
    bool is_patch = plan->fit != NULL && plan->fit->is_patch;
    const char *unknown = "not measured: one photograph";
    const char *cell[] = {
        "Circumference",
        is_patch ? unknown : sheet_format(sheet, "%.0f mm", size->circumference_mm),
        "Length, breadth",
        is_patch ? unknown
                 : sheet_format(sheet, "%.0f mm, %.0f mm", size->length_mm, size->breadth_mm),
        "Scalp",
        is_patch ? unknown : sheet_format(sheet, "%.0f cm\u00b2", size->scalp_mm2 / 100.0),
        "Known to",
        known_to(sheet, plan->fit),
        "Skin (CIE Lab, D65)",
        survey->has_color ? sheet_format(sheet, "L* %.0f, a* %.0f, b* %.0f", survey->tone.lab.L,
                                         survey->tone.lab.a, survey->tone.lab.b)
                          : "not seen: there is no colour",
        "Skin tone",
        survey->has_color ? sheet_format(sheet, "ITA %.0f\u00b0, %s", survey->tone.ita_deg,
                                         color_ita_class(survey->tone.ita_deg))
                          : "assumed",
        "Shaved hair",
        survey->has_stubble ? sheet_format(sheet, "%.0f cm\u00b2, %.0f %% darker than the skin",
                                           survey->stubble_mm2 / 100.0, 100.0 * survey->contrast)
                            : "none could be told from the skin",
        "Nearest two dots",
        sheet_format(sheet, "%.2f mm", plan->dots->nearest_mm),
        "Left out as too close",
        sheet_format(sheet, "%d dots", plan->dots->dropped)};
    sheet_heading(sheet, 20.0, "What was measured");
    sheet_table(sheet, &(SheetTable){.columns = 2, .share = share, .align = "ll"},
                (int)(sizeof cell / sizeof cell[0]) / 2, cell);
}

static void prediction(Sheet *sheet, const Case *plan)
{
    static const double share[] = {0.47, 0.2, 0.33};
    const char *head[] = {"State", "Darkening", "Dots seen to, m"};
    const char *cell[CASE_STATE_LIMIT * 3];
    int rows = 0;
    for (int i = 1; i < plan->state_count; i++, rows++) {
        const CaseState *state = &plan->state[i];
        cell[3 * rows] = state->caption;
        cell[3 * rows + 1] = sheet_format(sheet, "%.0f %%", 100.0 * state->mean_darkening);
        cell[3 * rows + 2] =
            state->fusing_distance_m < 0.05
                ? "under 0.1"
                : sheet_format(sheet, "%.1f (%.1f to %.1f)", state->fusing_distance_m,
                               state->fusing_band_m[0], state->fusing_band_m[1]);
    }
    sheet_heading(sheet, 20.0, "Expected appearance");
    sheet_table(sheet, &(SheetTable){.columns = 3, .share = share, .align = "lrr", .head = head},
                rows, cell);
    sheet_small(sheet,
                "Single dots can be told apart up to this distance at %.0f cd/m\u00b2 on the skin "
                "(a lit bathroom mirror). A model's figure, not validated on people; bands follow "
                "published ranges of fading and spreading.",
                plan->luminance_cd_m2);
}

static void measured(Sheet *sheet, const Case *plan)
{
    sheet_need(sheet, 75.0);
    double top = sheet->y_mm, bottom;
    int page = sheet->page;
    sheet_column(sheet, 0, 2);
    assessment(sheet, plan);
    bottom = sheet->y_mm;
    if (page == sheet->page)
        sheet->y_mm = top;
    sheet_column(sheet, 1, 2);
    prediction(sheet, plan);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(sheet->y_mm, page == sheet->page ? bottom : 0.0);
}

bool report_plan_pdf(Arena *arena, const Case *plan, const ReportPictures *pictures, size_t *size,
                     uint8_t **bytes, Err *err)
{
    Sheet sheet;
    ReportMap map;
    char foot[256];
    snprintf(foot, sizeof foot, "Follicle %s \u00b7 %s \u00b7 seed %llu \u00b7 %s",
             FOLLICLE_VERSION, plan->code, (unsigned long long)plan->seed, promise);
    if (!sheet_open(&sheet, arena, "Session plan", foot, err))
        return false;
    if (!report_map_make(&sheet, plan, &map))
        return sheet_close(&sheet, size, bytes, err);
    first_page(&sheet, plan, pictures, &map);
    sheet_new_page(&sheet);
    for (int s = 0; s < plan->course->session_count; s++)
        session_card(&sheet, plan, pictures, &map, s);
    report_findings(&sheet, plan);
    report_loss(&sheet, plan, pictures);
    measured(&sheet, plan);
    price(&sheet, plan, "Price");
    rules(&sheet, "Aftercare the client was given", plan->course->protocol.aftercare_count,
          plan->course->protocol.aftercare);
    sheet_small(&sheet, "Protocol: %s.", plan->course->protocol.source);
    return sheet_close(&sheet, size, bytes, err);
}

/* --- the client's --- */

static const char *until_text(Sheet *sheet, const Course *course, const CourseRule *rule, int s)
{
    const CourseSession *session = &course->session[s];
    if (!session->has_date)
        return "\u2610";
    if (rule->to_day - rule->from_day >= FOR_GOOD_DAYS)
        return sheet_format(sheet, "\u2610 from %s",
                            sheet_day(sheet, course_date_add(session->date, rule->from_day)));
    if (rule->to_day < 0)
        return sheet_format(sheet, "\u2610 %s",
                            sheet_day(sheet, course_date_add(session->date, rule->from_day)));
    return sheet_format(sheet, "\u2610 to %s",
                        sheet_day(sheet, course_date_add(session->date, rule->to_day)));
}

static const char *group_name(Sheet *sheet, int from_day)
{
    return from_day < 0    ? "Before each session"
           : from_day == 0 ? "From the day of the session (day 0)"
                           : sheet_format(sheet, "From day %d", from_day);
}

enum { LIST_COLUMNS = 2 + COURSE_MAX_SESSIONS };

/* The rules by the day they begin; they come sorted from no one, so each day is looked for. */
static int list_cells(Sheet *sheet, const Course *course, int columns, const char *cell[])
{
    const Protocol *protocol = &course->protocol;
    int rows = 0, day = -100000;
    for (;;) {
        int next = 1 << 30;
        for (int i = 0; i < protocol->aftercare_count; i++) {
            int from = protocol->aftercare[i].from_day < 0 ? -1 : protocol->aftercare[i].from_day;
            if (from > day && from < next)
                next = from;
        }
        if (next == 1 << 30)
            return rows;
        day = next;
        cell[rows * columns] = group_name(sheet, day);
        cell[rows++ * columns + 1] = NULL;
        for (int i = 0; i < protocol->aftercare_count; i++) {
            const CourseRule *rule = &protocol->aftercare[i];
            if ((rule->from_day < 0 ? -1 : rule->from_day) != day)
                continue;
            cell[rows * columns] = rule->text;
            cell[rows * columns + 1] = days_text(sheet, rule);
            for (int s = 0; s < course->session_count; s++)
                cell[rows * columns + 2 + s] = until_text(sheet, course, rule, s);
            rows++;
        }
    }
}

static void checklist(Sheet *sheet, const Course *course)
{
    const char *head[LIST_COLUMNS] = {"What to do", "Days after the session"};
    const char *cell[2 * COURSE_MAX_RULES * LIST_COLUMNS];
    double share[LIST_COLUMNS];
    int columns = 2 + course->session_count;
    if (course->protocol.aftercare_count == 0)
        return;
    double each = course->session[0].has_date ? 0.125 : 0.09;
    share[0] = 0.82 - each * course->session_count;
    share[1] = 0.18;
    for (int s = 0; s < course->session_count; s++) {
        share[2 + s] = each;
        head[2 + s] = sheet_format(sheet, "Session %d", s + 1);
    }
    int rows = list_cells(sheet, course, columns, cell);
    sheet_heading(sheet, 30.0, "What to do: a list to tick off");
    sheet_table(sheet,
                &(SheetTable){.columns = columns, .share = share, .align = "llllll", .head = head},
                rows, cell);
}

static void client_pictures(Sheet *sheet, const ReportPictures *pictures, bool from_photos)
{
    const Image *before[] = {pictures->before, pictures->turned_before, pictures->top_before};
    const Image *healed[] = {pictures->healed, pictures->turned_healed, pictures->top_healed};
    const char *before_caption[] = {"Before", "Before", "Before"};
    const char *healed_caption[] = {"Healed (illustration)", "Healed (illustration)",
                                    "Healed (illustration)"};
    sheet_pictures(sheet, 3, before, before_caption, 64.0);
    sheet_pictures(sheet, 3, healed, healed_caption, 64.0);
    sheet_small(sheet,
                "The pictures are illustrations, calculated %s; \u201chealed\u201d is about six "
                "weeks after the last session. They show what is likely, not what is promised.",
                from_photos ? "on your own photographs" : "from a scan of your head");
}

static void what_it_is(Sheet *sheet, const Case *plan)
{
    const CaseState *healed = state_named(plan, "healed");
    sheet_heading(sheet, 12.0, "What it is");
    sheet_text(sheet,
               "About %s tiny dots of pigment are set into the upper skin, over %d session%s, so "
               "that they look like closely shaved hair. It is cosmetic: it does not make hair "
               "grow and does not change the hair you have.",
               sheet_count(sheet, lround(plan->dots->count / 100.0) * 100),
               plan->course->session_count, plan->course->session_count == 1 ? "" : "s");
    if (healed != NULL && healed->fusing_distance_m > 0.0)
        sheet_text(sheet,
                   "In good light at a mirror, single dots can be made out from up to about %s m; "
                   "from farther away they blend into a shade. This is a calculation, not a "
                   "measurement.",
                   metres(sheet, healed->fusing_distance_m));
}

/* Where the dots go, with the words a client knows. */
static void where(Sheet *sheet, const Case *plan, const ReportMap *map)
{
    const double side_mm = 50.0;
    sheet_heading(sheet, side_mm, "Where the dots go");
    double top = sheet->y_mm, x = SHEET_MARGIN_MM + side_mm + 10.0, y = top + 8.0;
    report_map_draw(sheet, plan, map, -1, SHEET_MARGIN_MM, top, side_mm);
    cairo_tag_begin(sheet->cr, "P", NULL);
    sheet_ink(sheet, SHEET_BLACK);
    sheet_put(sheet, x, y - 7.0, 90.0, 8.5, false,
              "Your head from above, the face towards the bottom. The line is the planned "
              "hairline.");
    y += 3.0;
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        const DesignZoneSum *sum = &plan->layout->sum[zone];
        if (sum->area_mm2 <= 0.0)
            continue;
        report_map_key(sheet, (DesignZone)zone, x, y + 0.8);
        sheet_ink(sheet, SHEET_BLACK);
        sheet_put(sheet, x + 4.5, y, 60.0, 8.5, false,
                  sheet_format(sheet, "%s, %.0f cm\u00b2", report_zone_word((DesignZone)zone),
                               sum->area_mm2 / 100.0));
        y += 4.8;
    }
    cairo_tag_end(sheet->cr, "P");
    sheet->y_mm = fmax(top + side_mm, y) + 1.0;
}

static void years_after(Sheet *sheet, const Case *plan, const ReportPictures *pictures)
{
    const double picture_mm = 34.0;
    const Image *aged = pictures->aged;
    const double *years = plan->course->touch_up_years;
    bool shown = aged != NULL && aged->width_px > 0;
    double high = shown ? picture_mm * aged->height_px / aged->width_px : 0.0;
    sheet_heading(sheet, high + 6.0, "The years after");
    double top = sheet->y_mm;
    if (shown) {
        cairo_tag_begin(sheet->cr, "Figure", NULL);
        sheet_picture(sheet, aged, SHEET_MARGIN_MM, top, picture_mm);
        sheet_ink(sheet, SHEET_GREY);
        sheet_put(sheet, SHEET_MARGIN_MM, top + high + 0.6, picture_mm, 6.5, false,
                  "5 years later, untouched (illustration)");
        cairo_tag_end(sheet->cr, "Figure");
        sheet->left_mm += picture_mm + SHEET_GAP_MM;
        sheet->width_mm -= picture_mm + SHEET_GAP_MM;
    }
    sheet_text(sheet,
               "The pigment grows paler and the dots a little wider with time. Plan for a touch-up "
               "after about %g years; it may be wanted after %g or only after %g. Sun, oily skin "
               "and scars shorten the time.",
               years[1], years[0], years[2]);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(sheet->y_mm, shown ? top + high + 7.0 : 0.0);
}

static void signatures(Sheet *sheet)
{
    sheet_need(sheet, 26.0);
    sheet_small(sheet, "A quotation without obligation: it binds when both have signed. Consent is "
                       "a paper of its own.");
    sheet_space(sheet, 10.0);
    sheet_blank(sheet, 0.0, 0.38, "Client");
    sheet_blank(sheet, 0.38, 0.76, "Practitioner");
    sheet_blank(sheet, 0.76, 1.0, "Date");
    sheet_space(sheet, 6.0);
}

bool report_client_pdf(Arena *arena, const Case *plan, const ReportPictures *pictures, size_t *size,
                       uint8_t **bytes, Err *err)
{
    Sheet sheet;
    ReportMap map;
    const Protocol *protocol = &plan->course->protocol;
    if (!sheet_open(&sheet, arena, "Your scalp micropigmentation", promise, err))
        return false;
    if (!report_map_make(&sheet, plan, &map))
        return sheet_close(&sheet, size, bytes, err);
    sheet_title(&sheet, "Your scalp micropigmentation",
                sheet_format(&sheet,
                             "%s \u00b7 what will be done, how it may look, what you need "
                             "to do",
                             plan->code));
    client_pictures(&sheet, pictures, plan->fit != NULL);
    what_it_is(&sheet, plan);
    sessions_for_client(&sheet, plan->course);
    where(&sheet, plan, &map);
    rules(&sheet, "What to expect after each session", protocol->expect_count, protocol->expect);
    checklist(&sheet, plan->course);
    sheet_small(&sheet, "Call your practitioner if something looks or feels wrong to you.");
    years_after(&sheet, plan, pictures);
    report_loss(&sheet, plan, pictures);
    price(&sheet, plan, "Quotation");
    report_confirmations(&sheet, plan);
    signatures(&sheet);
    return sheet_close(&sheet, size, bytes, err);
}
