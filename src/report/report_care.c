/* A page for the days around each session: what it looks like, what is normal, what to do, and when
 * to call. Made to be hung up at home. */
#include "report/report_internal.h"

#include "course/care.h"

#include <math.h>

static const double text_pt = 8.0, small_pt = 7.0;
static const double pad_mm = 1.4, box_mm = 2.4;
/* The columns, from the start: the days, the picture, what is normal, what to do. */
static const double days_mm = 25.0, normal_share = 0.36;
/* Of a picture: smaller where the page would not hold all otherwise. */
static const double widest_mm = 18.0, narrowest_mm = 13.0;

typedef struct Row { /* spans of days in which nothing new begins */
    int from_day, to_day;
    bool has_date, for_good;
    CourseDate from, to;
    const CareSpan *before, *span; /* the one before, if any; the first of the row */
} Row;

typedef struct Page {
    Sheet *sheet;
    const Course *course;
    const ReportDays *days;
    int session;
    int call_count;
    const char *call[PROTOCOL_MAX_RULES]; /* when to call */
    double picture_mm, normal_x_mm, normal_mm, todo_x_mm, todo_mm;
} Page;

/* ---- rows ---- */

static bool expects(const CareSpan *span, int rule)
{
    if (span == NULL)
        return false;
    for (int i = 0; i < span->expect_count; i++)
        if (span->expect[i] == rule)
            return true;
    return false;
}

static bool says_something_new(const CareSpan *before, const CareSpan *span)
{
    for (int i = 0; i < span->rule_count; i++)
        if (span->begins[i])
            return true;
    for (int i = 0; i < span->expect_count; i++)
        if (!expects(before, span->expect[i]))
            return true;
    return false;
}

/* What begins later is of the years after, not of the days. */
enum { LAST_DAY = 90 };

/* At most span_count rows. */
static int make_rows(int span_count, const CareSpan span[], Row row[])
{
    int count = 0;
    for (int i = 0; i < span_count && span[i].from_day <= LAST_DAY; i++) {
        if (says_something_new(i == 0 ? NULL : &span[i - 1], &span[i]))
            row[count++] = (Row){.from_day = span[i].from_day,
                                 .has_date = span[i].has_date,
                                 .from = span[i].from,
                                 .before = i == 0 ? NULL : &span[i - 1],
                                 .span = &span[i]};
        if (count > 0) {
            row[count - 1].to_day = span[i].to_day;
            row[count - 1].to = span[i].to;
            row[count - 1].for_good = span[i].for_good || span[i].to_day > LAST_DAY;
        }
    }
    return count;
}

static const Image *picture_of(const Page *page, const Row *row, int *day)
{
    const ReportDays *days = page->days;
    for (int i = 0; days != NULL && i < days->count[page->session]; i++) {
        *day = days->day[page->session][i];
        if (*day >= row->from_day && *day <= row->to_day)
            return &days->look[page->session][i];
    }
    return NULL;
}

/* ---- cells: with put false they only say how high they are ---- */

static const char *days_text(Sheet *sheet, const Row *row)
{
    ProtocolRule rule = {.from_day = row->from_day,
                         .to_day = row->for_good ? PROTOCOL_FOR_GOOD : row->to_day};
    if (row->from_day < 0 && row->to_day >= 0)
        rule.to_day = -1;
    return report_rule_days(sheet, &rule);
}

static const char *dates_text(Sheet *sheet, const Row *row)
{
    Voice *voice = &sheet->voice;
    if (!row->has_date)
        return "";
    const char *from =
        words_date(voice, row->from.year, row->from.month, row->from.day, WORDS_DATE_DAY);
    if (row->for_good)
        return words_fill(voice, "from {date} on", "date", from);
    return row->from_day == row->to_day ? from
                                        : words_range(voice, from,
                                                      words_date(voice, row->to.year, row->to.month,
                                                                 row->to.day, WORDS_DATE_DAY));
}

static double put_days(const Page *page, const Row *row, bool put)
{
    Sheet *sheet = page->sheet;
    const char *days = days_text(sheet, row), *dates = dates_text(sheet, row);
    double width = days_mm - 2.0, y = sheet->y_mm + pad_mm;
    double high = sheet_height(sheet, width, text_pt, true, days);
    if (put) {
        sheet_ink(sheet, SHEET_ACCENT);
        sheet_put(sheet, sheet->left_mm, y, width, text_pt, true, days);
        sheet_ink(sheet, SHEET_BLACK);
        sheet_put(sheet, sheet->left_mm, y + high, width, small_pt, false, dates);
    }
    return high + (dates[0] == '\0' ? 0.0 : sheet_height(sheet, width, small_pt, false, dates));
}

static double put_normal(const Page *page, const Row *row, bool put)
{
    Sheet *sheet = page->sheet;
    const CareSpan *span = row->span;
    double used = 0.0;
    for (int i = 0; i < span->expect_count; i++) {
        if (expects(row->before, span->expect[i]))
            continue; /* said above */
        const char *text =
            words_say(&sheet->voice, page->course->protocol.expect[span->expect[i]].text);
        if (put) {
            sheet_ink(sheet, SHEET_BLACK);
            sheet_put(sheet, page->normal_x_mm, sheet->y_mm + pad_mm + used, page->normal_mm,
                      text_pt, false, text);
        }
        used += sheet_height(sheet, page->normal_mm, text_pt, false, text) + 0.7;
    }
    return used;
}

/* Days from a session to the next one. */
static int days_left(const Course *course, int s)
{
    return s + 1 < course->session_count ? course->session[s + 1].day - course->session[s].day
                                         : PROTOCOL_FOR_GOOD;
}

/* "Keep the scalp dry. (until Fri 15 Jan)" */
static const char *rule_text(const Page *page, const Row *row, const ProtocolRule *rule)
{
    Voice *voice = &page->sheet->voice;
    const char *text = words_say(voice, rule->text);
    const CourseSession *session = &page->course->session[page->session];
    if (rule->from_day < 0 || rule->to_day <= row->from_day || rule->to_day >= PROTOCOL_FOR_GOOD)
        return text;
    if (rule->to_day >= days_left(page->course, page->session))
        return words_fill(voice, "{rule} (until the next session)", "rule", text);
    if (!session->has_date)
        return words_fill(voice, "{rule} (until day {number})", "rule", text, "number",
                          words_count(voice, rule->to_day));
    CourseDate last = session->sitting[session->sittings > 1 ? session->sittings - 1 : 0].date;
    CourseDate until = course_date_add(last, rule->to_day);
    return words_fill(voice, "{rule} (until {date})", "rule", text, "date",
                      words_date(voice, until.year, until.month, until.day, WORDS_DATE_DAY));
}

static double put_todo(const Page *page, const Row *row, bool put)
{
    Sheet *sheet = page->sheet;
    const CareSpan *span = row->span;
    double used = 0.0, indent = box_mm + 1.8;
    for (int i = 0; i < span->rule_count; i++) {
        if (!span->begins[i])
            continue;
        const char *text = rule_text(page, row, &page->course->protocol.aftercare[span->rule[i]]);
        double y = sheet->y_mm + pad_mm + used;
        if (put) {
            sheet_box(sheet, page->todo_x_mm, y + 0.4, box_mm);
            sheet_ink(sheet, SHEET_BLACK);
            sheet_put(sheet, page->todo_x_mm + indent, y, page->todo_mm - indent, text_pt, false,
                      text);
        }
        used += sheet_height(sheet, page->todo_mm - indent, text_pt, false, text) + 0.9;
    }
    return used;
}

static double picture_height(const Page *page, const Image *picture)
{
    return picture == NULL ? 0.0 : page->picture_mm * picture->height_px / picture->width_px;
}

static void put_picture(const Page *page, const Image *picture, int day)
{
    Sheet *sheet = page->sheet;
    double x = sheet->left_mm + days_mm, y = sheet->y_mm + 1.0;
    if (picture == NULL)
        return;
    sheet_picture(sheet, picture, x, y, page->picture_mm,
                  words_fill(&sheet->voice,
                             "Illustration: the skin close up on day {number} after the session",
                             "number", words_count(&sheet->voice, day)));
    sheet_stamp(sheet, x, y + picture_height(page, picture), page->picture_mm);
}

/* A cell is a cell for readers for the blind, too. */
static void put_cell(const Page *page, const Row *row,
                     double put_one(const Page *page, const Row *row, bool put))
{
    cairo_tag_begin(page->sheet->cr, "TD", NULL);
    put_one(page, row, true);
    cairo_tag_end(page->sheet->cr, "TD");
}

static double row_height(const Page *page, const Row *row)
{
    int day;
    const Image *picture = picture_of(page, row, &day);
    double high = fmax(put_days(page, row, false), put_normal(page, row, false));
    high = fmax(high, put_todo(page, row, false)) + 2.0 * pad_mm - 0.4;
    return fmax(high, picture == NULL ? 0.0 : picture_height(page, picture) + 2.0);
}

static void put_row(const Page *page, const Row *row)
{
    Sheet *sheet = page->sheet;
    int day;
    const Image *picture = picture_of(page, row, &day);
    double high = row_height(page, row);
    sheet_need(sheet, high);
    cairo_tag_begin(sheet->cr, "TR", NULL);
    put_cell(page, row, put_days);
    if (picture != NULL) {
        cairo_tag_begin(sheet->cr, "TD", NULL);
        put_picture(page, picture, day);
        cairo_tag_end(sheet->cr, "TD");
    }
    put_cell(page, row, put_normal);
    put_cell(page, row, put_todo);
    cairo_tag_end(sheet->cr, "TR");
    sheet->y_mm += high;
    sheet_rule(sheet, sheet->left_mm, sheet->width_mm, sheet->y_mm, SHEET_PALE);
}

static void put_heads(const Page *page)
{
    Sheet *sheet = page->sheet;
    const Voice *voice = &sheet->voice;
    const double x[] = {sheet->left_mm, sheet->left_mm + days_mm, page->normal_x_mm,
                        page->todo_x_mm};
    const double width[] = {days_mm, widest_mm, page->normal_mm, page->todo_mm};
    const char *text[] = {words_say(voice, "When"), words_say(voice, "Like this"),
                          words_say(voice, "What is normal"), words_say(voice, "What you do")};
    cairo_tag_begin(sheet->cr, "TR", NULL);
    for (int i = 0; i < 4; i++) {
        if (i == 1 && page->days == NULL)
            continue;
        cairo_tag_begin(sheet->cr, "TH", NULL);
        sheet_ink(sheet, SHEET_GREY);
        sheet_put(sheet, x[i], sheet->y_mm, width[i], small_pt, true, text[i]);
        cairo_tag_end(sheet->cr, "TH");
    }
    cairo_tag_end(sheet->cr, "TR");
    sheet->y_mm += 4.0;
    sheet_rule(sheet, sheet->left_mm, sheet->width_mm, sheet->y_mm, SHEET_GREY);
}

/* ---- when to call ---- */

static void find_calls(Page *page)
{
    Voice *voice = &page->sheet->voice;
    const Protocol *protocol = &page->course->protocol;
    for (int i = 0; i < protocol->call_count; i++)
        if (protocol->call[i].from_day < days_left(page->course, page->session))
            page->call[page->call_count++] = words_fill(
                voice, "{sign} ({days})", "sign", words_say(voice, protocol->call[i].text), "days",
                report_rule_days(page->sheet, &protocol->call[i]));
}

/* Every line of the clinic's contact: which of them is the telephone nobody says. */
static const char *contact_of(Sheet *sheet, const Clinic *clinic)
{
    const char *all = "";
    for (int i = 0; i < CLINIC_LINES; i++)
        if (clinic->contact[i] != NULL && clinic->contact[i][0] != '\0')
            all = sheet_format(sheet, "%s%s%s", all, all[0] != '\0' ? " \u00b7 " : "",
                               clinic->contact[i]);
    return all;
}

static const char *whom_to_call(Sheet *sheet)
{
    Voice *voice = &sheet->voice;
    const Clinic *clinic = sheet->style.clinic;
    const char *contact = clinic != NULL ? contact_of(sheet, clinic) : "";
    if (contact[0] == '\0')
        return words_say(voice, "And whenever something feels wrong to you.");
    return words_fill(voice, "And whenever something feels wrong to you: {clinic}, {contact}.",
                      "clinic", clinic->name, "contact", contact);
}

/* As the blocks of the sheet take it: the heading, the items, the last line. */
static double calls_height(const Page *page)
{
    const double body_pt = 8.5, heading_mm = 10.0, item_mm = 0.8, indent_mm = 3.2;
    Sheet *sheet = page->sheet;
    double high = heading_mm;
    if (page->call_count == 0)
        return 0.0;
    for (int i = 0; i < page->call_count; i++)
        high += item_mm +
                sheet_height(sheet, sheet->width_mm - indent_mm, body_pt, false, page->call[i]);
    return high + 2.5 + sheet_height(sheet, sheet->width_mm, body_pt, false, whom_to_call(sheet));
}

static void put_calls(const Page *page)
{
    Sheet *sheet = page->sheet;
    if (page->call_count == 0)
        return;
    sheet_need(sheet, calls_height(page));
    sheet_heading(sheet, 0.0, words_say(&sheet->voice, "Call your practitioner when you see this"));
    sheet_list(sheet, "\u2022", page->call_count, page->call);
    sheet_say(sheet, whom_to_call(sheet));
}

/* ---- the page ---- */

static const char *title_of(Sheet *sheet, const Course *course, int s)
{
    Voice *voice = &sheet->voice;
    if (!course->session[s].has_date)
        return words_fill(voice, "Around session {number}", "number", words_count(voice, s + 1));
    return words_fill(voice, "Around session {number}: {date}", "number", words_count(voice, s + 1),
                      "date", sheet_date(sheet, course->session[s].date));
}

/* The widest pictures with which all stands on one page; where it cannot, the widest there are. */
static void fit_pictures(Page *page, int row_count, const Row row[])
{
    const double heads_mm = 18.0; /* with the small line under the table */
    Sheet *sheet = page->sheet;
    double room = sheet->bottom_mm - sheet->y_mm - heads_mm - calls_height(page);
    for (page->picture_mm = widest_mm; page->picture_mm > narrowest_mm; page->picture_mm -= 1.0) {
        double high = 0.0;
        for (int i = 0; i < row_count; i++)
            high += row_height(page, &row[i]);
        if (high <= room)
            return;
    }
    page->picture_mm = widest_mm;
}

static void put_page(Page *page, int row_count, const Row row[])
{
    Sheet *sheet = page->sheet;
    const Voice *voice = &sheet->voice;
    double after_days = days_mm + (page->days == NULL ? 0.0 : widest_mm + 3.0);
    double rest = sheet->width_mm - after_days - 4.0;
    page->normal_x_mm = sheet->left_mm + after_days;
    page->normal_mm = normal_share * rest;
    page->todo_x_mm = page->normal_x_mm + page->normal_mm + 4.0;
    page->todo_mm = (1.0 - normal_share) * rest;
    find_calls(page);
    fit_pictures(page, row_count, row);
    sheet_heading(sheet, 40.0, title_of(sheet, page->course, page->session));
    cairo_tag_begin(sheet->cr, "Table", NULL);
    put_heads(page);
    for (int i = 0; i < row_count; i++)
        put_row(page, &row[i]);
    cairo_tag_end(sheet->cr, "Table");
    sheet_space(sheet, 1.5);
    if (page->days != NULL)
        sheet_say_small(sheet,
                        words_say(voice,
                                  "The pictures are illustrations: a centimetre of skin, enlarged, "
                                  "calculated for your skin and your pigment. Day 0 is the "
                                  "day of the session."));
    put_calls(page);
}

bool report_care_pages(Sheet *sheet, const Course *course, const ReportDays *days, Err *err)
{
    for (int s = 0; s < course->session_count; s++) {
        Page page = {.sheet = sheet, .course = course, .days = days, .session = s};
        CareSpan *span;
        int count;
        if (!care_spans(sheet->arena, course, s, &count, &span, err))
            return false;
        Row *row = ARENA_NEW(sheet->arena, Row, count + 1);
        if (row == NULL)
            return err_set(err, ERR_LIMIT, "no room for the days of session %d", s + 1);
        sheet_new_page(sheet);
        put_page(&page, make_rows(count, span, row), row);
    }
    return true;
}
