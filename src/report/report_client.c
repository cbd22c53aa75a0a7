/* What the client takes home: what will be done, how it may look, what to do and when. */
#include "report/report_internal.h"
#include "report/terms_internal.h"

#include "casefile/whole.h"

#include <math.h>
#include <string.h>

/* ---- the first page ---- */

static void pictures_of(Sheet *sheet, const ReportPictures *pictures, bool from_photos)
{
    const Voice *voice = &sheet->voice;
    const Image *before[] = {pictures->before, pictures->turned_before, pictures->top_before};
    const Image *healed[] = {pictures->healed, pictures->turned_healed, pictures->top_healed};
    const char *before_text = words_say(voice, "Before");
    const char *healed_text = words_say(voice, "Healed (illustration)");
    const char *before_caption[] = {before_text, before_text, before_text};
    const char *healed_caption[] = {healed_text, healed_text, healed_text};
    const double highest_mm = 46.0;
    if (pictures->before == NULL && pictures->healed == NULL)
        return;
    sheet_pictures(sheet, 3, before, before_caption, highest_mm, 0);
    sheet_pictures(sheet, 3, healed, healed_caption, highest_mm, 7);
    sheet_say_small(
        sheet,
        from_photos
            ? words_say(voice, "The lower row is an illustration, calculated on your own "
                               "photographs; \u201chealed\u201d is about six weeks after the last "
                               "session. It shows what is likely, not what is promised.")
            : words_say(voice, "The lower row is an illustration, calculated from a scan of your "
                               "head; \u201chealed\u201d is about six weeks after the last "
                               "session. It shows what is likely, not what is promised."));
}

static const char *rounded(Sheet *sheet, int dots)
{
    return sheet_count(sheet, dots < 1000 ? lround(dots / 10.0) * 10 : lround(dots / 100.0) * 100);
}

static int what_it_is(Sheet *sheet, const Case *plan, const char *item[])
{
    Voice *voice = &sheet->voice;
    const Course *course = plan->course;
    int count = 0;
    item[count++] =
        words_plural(voice, course->session_count,
                     "About {dots} tiny dots of pigment in the upper skin, set in one session, "
                     "that look like closely shaved hair.",
                     "About {dots} tiny dots of pigment in the upper skin, set in {n} sessions, "
                     "that look like closely shaved hair.",
                     "dots", rounded(sheet, plan->dots->count));
    item[count++] = words_say(voice, "Cosmetic: it changes what people see, and nothing else.");
    item[count++] = words_say(voice, "Made step by step: each session looks dark at first, grows "
                                     "lighter while the skin heals, and the next one builds on "
                                     "what is left.");
    return count;
}

static int what_it_is_not(Sheet *sheet, const Case *plan, const char *item[])
{
    Voice *voice = &sheet->voice;
    const CaseState *healed = report_state(plan, "healed");
    int count = 0;
    item[count++] = words_say(voice, "It does not make hair grow and does not change the hair you "
                                     "have.");
    item[count++] =
        plan->course->protocol.absorbable
            ? words_say(voice, "It does not stay: the pigment is one that the skin takes away.")
            : words_say(voice, "It does not go by itself for years: the dots fade slowly, and "
                               "taking them out early needs a laser.");
    if (healed != NULL && healed->fusing_distance_m > 0.0)
        item[count++] = words_fill(
            voice,
            "Not invisible from close by: in good light at a mirror single dots can be made out "
            "from up to about {distance} m. From farther away they blend into a shade. This is a "
            "calculation, not a measurement.",
            "distance", report_metres(sheet, healed->fusing_distance_m));
    item[count++] = words_say(voice, "Not a promise: skin heals in its own way, and what you do in "
                                     "the days after each session counts.");
    return count;
}

static void is_and_is_not(Sheet *sheet, const Case *plan)
{
    const Voice *voice = &sheet->voice;
    const char *item[4];
    sheet_need(sheet, 45.0);
    double top = sheet->y_mm;
    sheet_column(sheet, 0, 2);
    sheet_heading(sheet, 0.0, words_say(voice, "What it is"));
    sheet_list(sheet, "\u2022", what_it_is(sheet, plan, item), item);
    double bottom = sheet->y_mm;
    sheet->y_mm = top;
    sheet_column(sheet, 1, 2);
    sheet_heading(sheet, 0.0, words_say(voice, "What it is not"));
    sheet_list(sheet, "\u2022", what_it_is_not(sheet, plan, item), item);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(bottom, sheet->y_mm);
}

/* ---- sessions and price ---- */

enum { SESSION_COLUMNS = 4, SESSION_ROWS = COURSE_MAX_SESSIONS * COURSE_MAX_SITTINGS };

static bool has_times(const Course *course)
{
    return course->session[0].has_date && course->session[0].sitting[0].from_minute >= 0;
}

static const char *day_and_time(Sheet *sheet, const CourseSession *session, int sitting)
{
    const CourseSitting *at = &session->sitting[sitting];
    if (!session->has_date)
        return report_when(sheet, session);
    const char *date = sheet_date(sheet, at->date), *times = report_times(sheet, at);
    return times[0] == '\0'
               ? date
               : words_fill(&sheet->voice, "{date}, {times}", "date", date, "times", times);
}

/* A row for each sitting: the session's number, hours and window on its first. */
static int session_cells(Sheet *sheet, const Course *course, const char *cell[])
{
    Voice *voice = &sheet->voice;
    int rows = 0;
    for (int s = 0; s < course->session_count; s++) {
        const CourseSession *session = &course->session[s];
        int sittings = session->has_date && session->sittings > 1 ? session->sittings : 1;
        for (int k = 0; k < sittings; k++, rows++) {
            const char **row = cell + SESSION_COLUMNS * rows;
            row[0] = k == 0 ? words_count(voice, s + 1) : "";
            row[1] = day_and_time(sheet, session, k);
            row[2] = k == 0 ? report_hours(sheet, session->hours) : "";
            row[3] = k > 0    ? ""
                     : s == 0 ? words_say(voice, "as agreed")
                              : report_window(sheet, course, s);
        }
    }
    return rows;
}

static void before_the_first(Sheet *sheet, const Protocol *protocol)
{
    Voice *voice = &sheet->voice;
    const ProtocolPractice *practice = &protocol->practice;
    if (practice->patch_test_required)
        sheet_say(sheet,
                  words_fill(voice,
                             "At least {hours} hours before the first session a small test of the "
                             "pigment is made behind the ear. Tell us if the place itches or "
                             "swells; if it stays calm, that is a good sign but no guarantee.",
                             "hours", sheet_number(sheet, practice->patch_test_hours_before, 0)));
    if (practice->numbing_required)
        sheet_say(sheet, words_fill(voice,
                                    "A numbing cream is put on first; it needs about {minutes} "
                                    "minutes, which are counted in.",
                                    "minutes", sheet_number(sheet, practice->numbing_minutes, 0)));
    else if (practice->numbing_offered)
        sheet_say(sheet,
                  words_say(voice, "If you would like a numbing cream, say so when you book."));
}

static void sessions(Sheet *sheet, const Course *course)
{
    static const double share[] = {0.1, 0.4, 0.25, 0.25};
    Voice *voice = &sheet->voice;
    const char *head[] = {words_say(voice, "Session"),
                          has_times(course) ? words_say(voice, "Day and time")
                                            : words_say(voice, "Day"),
                          words_say(voice, "In the chair"), words_say(voice, "Possible between")};
    const char *cell[SESSION_ROWS * SESSION_COLUMNS];
    int rows = session_cells(sheet, course, cell);
    sheet_heading(sheet, 20.0, words_say(voice, "Your sessions"));
    sheet_table(
        sheet,
        &(SheetTable){.columns = SESSION_COLUMNS, .share = share, .align = "llll", .head = head},
        rows, cell);
    sheet_say(sheet,
              words_fill(voice,
                         "In all about {hours} hours with breaks. We look at the settled result "
                         "together {days} days after the last session. If a day does not suit "
                         "you, call early: the skin needs the time between the sessions, so the "
                         "later ones move along.",
                         "hours", sheet_number(sheet, course->hours[1], 1), "days",
                         words_count(voice, course->protocol.review_days)));
    before_the_first(sheet, &course->protocol);
}

static void price(Sheet *sheet, const Quote *quote)
{
    Voice *voice = &sheet->voice;
    const char *item[4];
    int count = 0;
    if (quote->line_count == 0)
        return;
    item[count++] = terms_total(sheet, quote);
    if (quote->deposit > 0)
        item[count++] = terms_deposit(sheet, quote);
    item[count++] = terms_touch_up(sheet, quote);
    if (quote->has_date && !quote->accepted)
        item[count++] = words_fill(voice, "The offer stands until {date}.", "date",
                                   sheet_date(sheet, quote->valid_until));
    sheet_heading(sheet, 16.0, words_say(voice, "Price"));
    sheet_list(sheet, "\u2022", count, item);
    sheet_say_small(sheet, words_say(voice, "The quotation, with every line, is a paper of its "
                                            "own. This page binds nobody."));
}

/* ---- where ---- */

static void where(Sheet *sheet, const Case *plan, const ReportMap *map)
{
    const double side_mm = 44.0, gap_mm = 4.0;
    Voice *voice = &sheet->voice;
    sheet_heading(sheet, side_mm, words_say(voice, "Where the dots go"));
    double top = sheet->y_mm, x = sheet->left_mm + side_mm + gap_mm, y = top + 1.0;
    double text_mm = fmin(sheet->width_mm - side_mm - gap_mm, 90.0);
    report_map_draw(sheet, plan, map, -1, sheet->left_mm, top, side_mm);
    cairo_tag_begin(sheet->cr, "P", NULL);
    sheet_ink(sheet, SHEET_BLACK);
    y += 3.0 + sheet_put(sheet, x, y, text_mm, 8.5, false,
                         words_say(voice, "Your head from above, the face towards the bottom. The "
                                          "line is the planned hairline."));
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        const DesignZoneSum *sum = &plan->layout->sum[zone];
        if (sum->area_mm2 <= 0.0 || zone == DESIGN_KEEP_OUT)
            continue;
        report_map_key(sheet, (DesignZone)zone, x, y + 0.8);
        sheet_ink(sheet, SHEET_BLACK);
        y += 0.8 + sheet_put(sheet, x + 4.5, y, text_mm - 4.5, 8.5, false,
                             words_fill(voice, "{zone}, {area} cm\u00b2", "zone",
                                        words_say(voice, report_zone_word((DesignZone)zone)),
                                        "area", sheet_number(sheet, sum->area_mm2 / 100.0, 0)));
    }
    cairo_tag_end(sheet->cr, "P");
    sheet->y_mm = fmax(top + side_mm, y) + 1.0;
}

/* Side by side: both are short. */
static void price_and_where(Sheet *sheet, const Case *plan, const ReportMap *map)
{
    const Quote *quote = &plan->course->quote;
    int columns = quote->line_count == 0 ? 1 : 2;
    sheet_need(sheet, 56.0);
    double top = sheet->y_mm, bottom = top;
    sheet_column(sheet, 0, columns);
    if (columns == 2) {
        price(sheet, quote);
        bottom = sheet->y_mm;
        sheet->y_mm = top;
        sheet_column(sheet, 1, columns);
    }
    where(sheet, plan, map);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(bottom, sheet->y_mm);
}

/* ---- later ---- */

static const char *forecast_text(Sheet *sheet, const CareTouchUp *forecast)
{
    Voice *voice = &sheet->voice;
    const CourseDate *at = &forecast->expected;
    const char *expected = sheet_number(sheet, forecast->years[1], 0);
    const char *low = sheet_number(sheet, forecast->years[0], 0);
    const char *high = sheet_number(sheet, forecast->years[2], 0);
    if (forecast->years[0] < 2.0) { /* whole years would hide the band */
        expected = sheet_number(sheet, forecast->years[1], 1);
        low = sheet_number(sheet, forecast->years[0], 1);
        high = sheet_number(sheet, forecast->years[2], 1);
    }
    if (!forecast->has_dates)
        return words_fill(voice,
                          "The dots grow paler and a little wider with time. Most people like a "
                          "touch-up after about {expected} years; for some it is {low}, for some "
                          "{high}.",
                          "expected", expected, "low", low, "high", high);
    return words_fill(voice,
                      "The dots grow paler and a little wider with time. Most people like a "
                      "touch-up after about {expected} years, which is around {date} for you; for "
                      "some it is {low} years, for some {high}.",
                      "expected", expected, "low", low, "high", high, "date",
                      words_date(voice, at->year, at->month, at->day, WORDS_DATE_MONTH));
}

static void reasons(Sheet *sheet, const CareTouchUp *forecast)
{
    const char *item[CARE_REASONS];
    int count = 0;
    for (int i = 0; i < forecast->reason_count; i++)
        item[count++] = words_say(&sheet->voice, forecast->reason[i].text);
    if (count == 0)
        return;
    sheet_say(sheet, words_say(&sheet->voice, "What counts for you:"));
    sheet_list(sheet, "\u2022", count, item);
}

static bool years_after(Sheet *sheet, const Case *plan, const ReportPictures *pictures, Err *err)
{
    const double picture_mm = 30.0;
    Voice *voice = &sheet->voice;
    const Image *aged = pictures->aged;
    CareTouchUp forecast;
    double high = aged != NULL ? picture_mm * aged->height_px / aged->width_px : 0.0;
    if (!casefile_touch_up(plan, &forecast, err))
        return false;
    sheet_heading(sheet, fmax(high + 8.0, 24.0), words_say(voice, "The years after"));
    double top = sheet->y_mm;
    int page = sheet->page;
    if (aged != NULL) {
        const char *caption = words_say(voice, "5 years later, untouched (illustration)");
        sheet_picture(sheet, aged, sheet->left_mm, top, picture_mm, caption);
        sheet_stamp(sheet, sheet->left_mm, top + high, picture_mm);
        sheet_caption(sheet, sheet->left_mm, top + high + 0.8, picture_mm, caption);
        sheet->left_mm += picture_mm + SHEET_GAP_MM;
        sheet->width_mm -= picture_mm + SHEET_GAP_MM;
    }
    sheet_say(sheet, forecast_text(sheet, &forecast));
    reasons(sheet, &forecast);
    sheet_say_small(sheet, words_say(voice, "A forecast from what clinics report: nobody has "
                                            "published how fast such dots fade. A photograph each "
                                            "year shows how it goes with you."));
    sheet_column(sheet, 0, 1);
    if (page == sheet->page && aged != NULL)
        sheet->y_mm = fmax(sheet->y_mm, top + high + 7.0);
    return true;
}

/* The client reads of the look, not of stages: those are a practitioner's shorthand. */
static void if_hair_thins(Sheet *sheet, const Case *plan, const ReportPictures *pictures)
{
    const Voice *voice = &sheet->voice;
    const Image *picture[3] = {pictures->turned_healed, pictures->loss[0], pictures->loss[1]};
    const char *caption[3] = {words_say(voice, "Healed, with your hair of today (illustration)"),
                              words_say(voice, "The same dots with less hair (illustration)"),
                              words_say(voice, "With less still (illustration)")};
    if (plan->loss_count == 0 || pictures->loss[0] == NULL)
        return;
    sheet_heading(sheet, 70.0, words_say(voice, "If your own hair gets thinner"));
    sheet_pictures(sheet, 1 + plan->loss_count, picture, caption, 36.0, 7);
    sheet_say(sheet, words_say(voice, "Nobody can say whether and when. The dots stay where they "
                                      "are; more can be added then. A higher line and a softer "
                                      "edge keep looking right for longer: that is why we talk "
                                      "about them now."));
}

static void notes(Sheet *sheet, const Protocol *protocol)
{
    const char *item[PROTOCOL_MAX_NOTES];
    for (int i = 0; i < protocol->note_count; i++)
        item[i] = words_say(&sheet->voice, protocol->note[i].text);
    if (protocol->note_count == 0)
        return;
    sheet_heading(sheet, 16.0, words_say(&sheet->voice, "Good to know"));
    sheet_list(sheet, "\u2022", protocol->note_count, item);
}

/* ---- the paper ---- */

static bool fill(Sheet *sheet, const Case *plan, const ReportPictures *pictures, Err *err)
{
    Voice *voice = &sheet->voice;
    ReportMap map;
    if (!report_map_make(sheet, plan, &map))
        return true; /* the sheet says that it is full */
    sheet_title(sheet, words_say(voice, "Your scalp micropigmentation"),
                words_fill(voice, "{client} \u00b7 what will be done, how it may look, what you do",
                           "client", report_client_name(sheet, plan)));
    pictures_of(sheet, pictures, plan->fit != NULL);
    is_and_is_not(sheet, plan);
    sessions(sheet, plan->course);
    price_and_where(sheet, plan, &map);
    if (!years_after(sheet, plan, pictures, err))
        return false;
    if_hair_thins(sheet, plan, pictures);
    notes(sheet, &plan->course->protocol);
    return report_care_pages(sheet, plan->course, pictures->days, err);
}

bool report_client_pdf(Arena *arena, const Case *plan, const ReportStyle *style,
                       const ReportPictures *pictures, size_t *size, uint8_t **bytes, Err *err)
{
    Sheet sheet;
    Voice voice = {.words = style == NULL ? NULL : style->words, .arena = arena};
    Err ignored = {0};
    if (!sheet_open(&sheet, arena, style, words_say(&voice, "Your scalp micropigmentation"),
                    words_say(&voice, "Calculated from a model: an illustration, not a promise. "
                                      "Healed results vary with skin, hand and aftercare."),
                    err))
        return false;
    bool ok = fill(&sheet, plan, pictures, err);
    return sheet_close(&sheet, size, bytes, ok ? err : &ignored) && ok;
}
