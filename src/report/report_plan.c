/* The plan for the practitioner. */
#include "report/report_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char promise[] = "Calculated from a model: an illustration, not a promise. "
                              "Healed results vary with skin, hand and aftercare.";

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
        course->quote.line_count == 0 ? "\u2013"
                                      : sheet_money(sheet, &course->quote, course->quote.total)};
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
    const char *item[CASE_WARNING_LIMIT];
    if (plan->warning_count == 0)
        return;
    sheet_heading(sheet, 8.0, "Please check before you start");
    for (int i = 0; i < plan->warning_count; i++)
        item[i] = sheet_sentence(sheet, plan->warning[i]);
    sheet_list(sheet, "\u2022", plan->warning_count, item);
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
        cell[6 * s + 1] = report_when(sheet, session);
        cell[6 * s + 2] = report_window(sheet, course, s);
        cell[6 * s + 3] = report_hours(sheet, session->hours);
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
    sheet->width_mm = sheet->text_mm - map_mm - SHEET_GAP_MM;
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
    sheet_pictures(sheet, 4, picture, caption, 48.0, 10);
    warnings(sheet, plan);
    session_table(sheet, plan);
    zones(sheet, plan, map);
}

/* ---- checks ---- */

static void put_visit(Sheet *sheet, const char *cell[], const char *what,
                      const CourseSession *after, int day, const char *look)
{
    cell[0] = what;
    cell[1] = day % 365 == 0 && day > 0
                  ? sheet_format(sheet, "%d year%s", day / 365, day > 365 ? "s" : "")
                  : sheet_format(sheet, "day %d", day);
    cell[2] = after->has_date ? sheet_date(sheet, course_date_add(after->date, day)) : "";
    cell[3] = look;
}

/* What is looked at, and photographed, when. */
static void visits(Sheet *sheet, const Course *course)
{
    static const double share[] = {0.3, 0.12, 0.24, 0.34};
    const char *head[] = {"What", "After", "Date", "To see, and to photograph"};
    const char *cell[(COURSE_MAX_SESSIONS + 1) * PROTOCOL_MAX_DAYS * 4 + 4];
    const Protocol *protocol = &course->protocol;
    const CourseSession *last = &course->session[course->session_count - 1];
    int rows = 0;
    for (int s = 0; s < course->session_count; s++)
        for (int i = 0; i < protocol->check_count; i++)
            put_visit(sheet, cell + 4 * rows++, sheet_format(sheet, "Healing, session %d", s + 1),
                      &course->session[s], protocol->check_day[i],
                      "redness, scabs, anything to call about");
    put_visit(sheet, cell + 4 * rows++, "Review of the settled result", last, protocol->review_days,
              "all views; what held, what is missing");
    for (int i = 0; i < protocol->follow_up_count; i++)
        put_visit(sheet, cell + 4 * rows++, "Follow-up", last, protocol->follow_up_day[i],
                  "all views: how it fades");
    sheet_heading(sheet, 24.0, "Checks and photographs");
    sheet_table(sheet, &(SheetTable){.columns = 4, .share = share, .align = "llll", .head = head},
                rows, cell);
}

/* ---- the protocol beside others ---- */

enum { PRACTICES = 12, TOPICS = 40 };

/* What the others say about a topic, each thing once: "3 days; 4 days". */
static const char *others(Sheet *sheet, const ProtocolTopic *topic, int count)
{
    const char *list = "";
    for (int i = 1; i < count; i++) {
        bool said = topic->says[i] == NULL ||
                    (topic->says[0] != NULL && strcmp(topic->says[i], topic->says[0]) == 0);
        for (int k = 1; k < i && !said; k++)
            said = topic->says[k] != NULL && strcmp(topic->says[k], topic->says[i]) == 0;
        if (!said)
            list = sheet_format(sheet, "%s%s%s", list, list[0] == '\0' ? "" : "; ", topic->says[i]);
    }
    return list;
}

static bool other_practices(Sheet *sheet, const Protocol *own, int *count,
                            const Protocol *practice[PRACTICES], Err *err)
{
    practice[0] = own;
    *count = 1;
    for (int i = 0; i < protocol_builtin_count() && *count < PRACTICES; i++) {
        Protocol *other = ARENA_NEW(sheet->arena, Protocol, 1);
        if (other == NULL)
            return err_set(err, ERR_LIMIT, "no room for the protocols to compare with");
        if (strcmp(protocol_builtin_id(i), own->id) == 0)
            continue;
        if (!protocol_builtin(sheet->arena, protocol_builtin_id(i), other, err))
            return false;
        practice[(*count)++] = other;
    }
    return true;
}

/* Where published practices do not agree with this one: so that nobody takes one for the rule. */
static bool protocol_table(Sheet *sheet, const Protocol *own, Err *err)
{
    static const double share[] = {0.2, 0.24, 0.56};
    const char *head[] = {"", "This protocol", "Other published practices"};
    const Protocol *practice[PRACTICES];
    const char *cell[TOPICS * 3];
    ProtocolTopic *topic;
    int count, topic_count, rows = 0;
    if (!other_practices(sheet, own, &count, practice, err) ||
        !protocol_compare(sheet->arena, count, practice, &topic_count, &topic, err))
        return false;
    for (int t = 0; t < topic_count && rows < TOPICS; t++) {
        const char *says = topic[t].uses[0], *rest = others(sheet, &topic[t], count);
        if (!topic[t].differs || says == NULL || rest[0] == '\0')
            continue;
        cell[3 * rows] = sheet_sentence(sheet, topic[t].topic);
        cell[3 * rows + 1] = says;
        cell[3 * rows++ + 2] = rest;
    }
    sheet_heading(sheet, 24.0,
                  sheet_format(sheet, "Protocol: %s, version %d", own->title, own->version));
    sheet_table(sheet, &(SheetTable){.columns = 3, .share = share, .align = "lll", .head = head},
                rows, cell);
    sheet_small(sheet, "%s.", own->source);
    return true;
}

/* ---- price ---- */

static void price(Sheet *sheet, const Quote *quote)
{
    const char *item[3];
    int count = 0;
    if (quote->line_count == 0)
        return;
    item[count++] =
        sheet_format(sheet, "In all %s by the list %s, version %d%s.",
                     sheet_money(sheet, quote, quote->total), quote->list_id, quote->list_version,
                     quote->accepted ? sheet_format(sheet, ", accepted on %s: it does not change",
                                                    sheet_date(sheet, quote->accepted_on))
                                     : "");
    if (quote->deposit > 0)
        item[count++] = sheet_format(sheet, "Deposit on booking: %s.",
                                     sheet_money(sheet, quote, quote->deposit));
    item[count++] = "Every line is in quote.pdf.";
    sheet_heading(sheet, 14.0, "Price");
    sheet_list(sheet, "\u2022", count, item);
}

/* ---- the paper ---- */

static bool fill(Sheet *sheet, const Case *plan, const ReportPictures *pictures, Err *err)
{
    ReportMap map;
    if (!report_map_make(sheet, plan, &map))
        return true; /* the sheet says that it is full */
    first_page(sheet, plan, pictures, &map);
    for (int s = 0; s < plan->course->session_count; s++)
        report_card(sheet, plan, pictures, &map, s);
    sheet_new_page(sheet);
    visits(sheet, plan->course);
    report_findings(sheet, plan);
    report_loss(sheet, plan, pictures);
    report_measured(sheet, plan);
    price(sheet, &plan->course->quote);
    return protocol_table(sheet, &plan->course->protocol, err);
}

bool report_plan_pdf(Arena *arena, const Case *plan, const ReportStyle *style,
                     const ReportPictures *pictures, size_t *size, uint8_t **bytes, Err *err)
{
    Sheet sheet;
    Err ignored = {0};
    ReportStyle english = style == NULL ? (ReportStyle){0} : *style;
    char foot[256];
    english.words = NULL;
    snprintf(foot, sizeof foot, "Follicle %s \u00b7 %s \u00b7 seed %llu \u00b7 %s",
             FOLLICLE_VERSION, plan->code, (unsigned long long)plan->seed, promise);
    if (!sheet_open(&sheet, arena, &english, "Session plan", foot, err))
        return false;
    bool ok = fill(&sheet, plan, pictures, err);
    return sheet_close(&sheet, size, bytes, ok ? err : &ignored) && ok;
}
