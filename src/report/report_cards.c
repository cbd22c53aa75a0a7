/* The practitioner's card for each session: where, with what, and what not to forget. */
#include "report/report_internal.h"

#include <math.h>

static const double map_mm = 84.0, picture_mm = 36.0, gap_mm = 4.0;

/* "Hairline 1,139, frontal 2,196": where this session's dots go. */
static const char *dots_by_zone(Sheet *sheet, const Case *plan, const ReportMap *map, int s)
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
    return sheet_format(sheet, "%s dots: %s.", sheet_count(sheet, plan->dots->in_session[s]), list);
}

static const char *mixture(Sheet *sheet, const Case *plan, int s)
{
    /* The shade decides how much lighter an early session is, not the protocol alone. */
    int last = plan->course->session_count - 1;
    double strength = (1.0 + plan->dilution[last]) / (1.0 + plan->dilution[s]);
    return sheet_format(
        sheet, "Mix %.1f water : 1 %s, %s.", plan->dilution[s], plan->pigment->name,
        strength < 0.995 || strength > 1.005
            ? sheet_format(sheet, "%.0f %% of the last session's pigment", 100.0 * strength)
            : "the full shade");
}

static void the_work(Sheet *sheet, const Case *plan, const ReportMap *map, int s)
{
    const CourseSession *session = &plan->course->session[s];
    const Protocol *protocol = &plan->course->protocol;
    const char *item[6];
    int count = 0;
    item[count++] = mixture(sheet, plan, s);
    item[count++] = dots_by_zone(sheet, plan, map, s);
    item[count++] = sheet_format(sheet, "%s with set-up and a break of %.0f min every %.0f min.",
                                 report_hours(sheet, session->hours), protocol->break_minutes,
                                 protocol->break_every_minutes);
    if (session->sittings > 1)
        item[count++] =
            sheet_format(sheet, "Longer than a day allows: %d sittings.", session->sittings);
    item[count++] = sheet_format(sheet, "Healed dots %.2f mm across, %.2f mm deep, %.2f mm apart.",
                                 plan->healed.diameter_mm, plan->healed.depth_mm, plan->spacing_mm);
    item[count++] = "The order of work, stop by stop: work.pdf.";
    sheet_list(sheet, "\u2022", count, item);
}

/* ---- what not to forget ---- */

enum { CHECKS = 7 };

static const char *views_text(Sheet *sheet, const Protocol *protocol)
{
    static const char *const plain[][2] = {
        {"left45", "45\u00b0 left"}, {"right45", "45\u00b0 right"}, {"close_up", "close-up"}};
    const char *list = "";
    for (int i = 0; i < protocol->view_count; i++) {
        const char *view = protocol->view[i];
        for (int k = 0; k < 3; k++)
            if (strcmp(view, plain[k][0]) == 0)
                view = plain[k][1];
        list = sheet_format(sheet, "%s%s%s", list, i == 0 ? "" : ", ", view);
    }
    return protocol->view_count == 0 ? "of the head" : list;
}

static int before_first(Sheet *sheet, const Protocol *protocol, const char *item[])
{
    const ProtocolPractice *practice = &protocol->practice;
    int count = 0;
    item[count++] = sheet_format(sheet, "Consent signed, %.0f h or more after it was explained",
                                 practice->reflection_hours);
    item[count++] = "Questionnaire gone through; letters seen where the clinic asks for them";
    if (practice->patch_test_required)
        item[count++] =
            sheet_format(sheet, "Patch test %.0f h or more ago, not over %d days: place looked at",
                         practice->patch_test_hours_before, practice->patch_test_valid_days);
    item[count++] = "Hairline drawn with the 1:1 template, agreed in a mirror";
    return count;
}

static int before_next(Sheet *sheet, int s, const char *item[])
{
    int count = 0;
    item[count++] = "No scab left anywhere";
    item[count++] =
        sheet_format(sheet, "Healed colour of session %d looked at in daylight before mixing", s);
    item[count++] = "Asked what is new: health, medicines, sun";
    return count;
}

static int before(Sheet *sheet, const Protocol *protocol, int s, const char *item[])
{
    const ProtocolPractice *practice = &protocol->practice;
    int count = s == 0 ? before_first(sheet, protocol, item) : before_next(sheet, s, item);
    item[count++] = sheet_format(sheet, "Photographs: %s", views_text(sheet, protocol));
    item[count++] = "Pigment, batch and best before written down below";
    if (practice->numbing_required || practice->numbing_offered)
        item[count++] = sheet_format(sheet,
                                     practice->numbing_required ? "Numbing on, %.0f min"
                                                                : "Numbing, if wanted: %.0f min",
                                     practice->numbing_minutes);
    return count;
}

static int during(Sheet *sheet, const Protocol *protocol, int s, const char *item[])
{
    int count = 0;
    item[count++] = "New sterile needle, opened in front of the client";
    if (s == 0)
        item[count++] = "Small test field set and looked at after some minutes";
    item[count++] = "Zones in the order of work; skin stretched at each stop";
    item[count++] = sheet_format(sheet, "Break of %.0f min every %.0f min: look from 2 m",
                                 protocol->break_minutes, protocol->break_every_minutes);
    item[count++] = "Stopped where the skin swells, weeps or dots widen";
    return count;
}

/* "3 and 10 days after it" or their dates. */
static const char *checks_text(Sheet *sheet, const Course *course, int s)
{
    const Protocol *protocol = &course->protocol;
    const CourseSession *session = &course->session[s];
    const char *item[PROTOCOL_MAX_DAYS];
    int count = 0;
    for (int i = 0; i < protocol->check_count; i++)
        item[count++] =
            session->has_date
                ? sheet_day(sheet, course_date_add(session->date, protocol->check_day[i]))
                : sheet_format(sheet, "day %d", protocol->check_day[i]);
    return words_list(&sheet->voice, count, item);
}

static int after(Sheet *sheet, const Course *course, int s, const char *item[])
{
    int count = 0;
    item[count++] = "Photographs again: same views, same light";
    item[count++] = "Needle, batch, dots and minutes written down (pace log)";
    item[count++] = "Needles into the sharps box; surfaces cleaned";
    item[count++] = "Days ahead talked through with client.pdf";
    if (course->protocol.check_count > 0)
        item[count++] =
            sheet_format(sheet, "Healing checks agreed: %s", checks_text(sheet, course, s));
    if (s + 1 < course->session_count)
        item[count++] = sheet_format(sheet, "Session %d confirmed: %s", s + 2,
                                     report_when(sheet, &course->session[s + 1]));
    return count;
}

static void checklists(Sheet *sheet, const Course *course, int s)
{
    static const char *const heading[] = {"Before", "During", "After"};
    const char *item[3][CHECKS];
    int count[3] = {before(sheet, &course->protocol, s, item[0]),
                    during(sheet, &course->protocol, s, item[1]), after(sheet, course, s, item[2])};
    double top = sheet->y_mm, bottom = top;
    for (int i = 0; i < 3; i++) {
        sheet_column(sheet, i, 3);
        sheet->y_mm = top;
        sheet_subheading(sheet, 0.0, heading[i]);
        sheet_list(sheet, NULL, count[i], item[i]);
        bottom = fmax(bottom, sheet->y_mm);
    }
    sheet_column(sheet, 0, 1);
    sheet->y_mm = bottom + 2.0;
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
    sheet_blank(sheet, 0.62, 1.0, "Client's wish");
    sheet_space(sheet, 6.0);
    sheet_blank(sheet, 0.0, 1.0, "Notes");
    sheet_space(sheet, 7.0);
}

/* ---- the card ---- */

static const char *title_of(Sheet *sheet, const Course *course, int s)
{
    const CourseSession *session = &course->session[s];
    const char *times = session->has_date ? report_times(sheet, &session->sitting[0]) : "";
    const char *when = sheet_format(sheet, "%s%s%s", report_when(sheet, session),
                                    times[0] == '\0' ? "" : ", ", times);
    if (session->has_date && s > 0)
        return sheet_format(sheet, "Session %d \u00b7 %s \u00b7 window %s", s + 1, when,
                            report_window(sheet, course, s));
    return sheet_format(sheet, "Session %d \u00b7 %s", s + 1, when);
}

static void put_picture(Sheet *sheet, const Image *picture, int s, double top_mm)
{
    double x = sheet->left_mm + sheet->width_mm - picture_mm;
    if (picture == NULL || picture->width_px == 0)
        return;
    double high = picture_mm * picture->height_px / picture->width_px;
    sheet_picture(sheet, picture, x, top_mm + 1.0, picture_mm,
                  sheet_format(sheet, "The day of session %d (illustration)", s + 1));
    sheet_stamp(sheet, x, top_mm + 1.0 + high, picture_mm);
    sheet_caption(sheet, x, top_mm + high + 1.6, picture_mm, "Same day (illustration)");
}

void report_card(Sheet *sheet, const Case *plan, const ReportPictures *pictures,
                 const ReportMap *map, int s)
{
    sheet_new_page(sheet); /* a card for each session's file */
    sheet_heading(sheet, map_mm, title_of(sheet, plan->course, s));
    double top = sheet->y_mm;
    report_map_draw(sheet, plan, map, s, sheet->left_mm, top, map_mm);
    put_picture(sheet, pictures->sessions[s], s, top);
    sheet->left_mm += map_mm + gap_mm;
    sheet->width_mm -= map_mm + picture_mm + 2.0 * gap_mm;
    the_work(sheet, plan, map, s);
    double bottom = fmax(top + map_mm, sheet->y_mm);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = bottom + 1.0;
    checklists(sheet, plan->course, s);
    record_lines(sheet);
}
