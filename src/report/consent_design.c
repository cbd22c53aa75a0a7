/* What is approved: the hairline on the head, the shade on the skin, and what is ticked by name. */
#include "report/consent_internal.h"

#include <math.h>
#include <string.h>

enum { DESIGN_SHOWN = 16 }; /* digits of the design's fingerprint */

/* ---- the hairline ---- */

static int hairline_items(Consent *consent, const char *item[])
{
    Sheet *sheet = consent->sheet;
    Voice *voice = &sheet->voice;
    const DesignLayout *layout = consent->plan->layout;
    int count = 0;
    if (layout->has_hairline) {
        item[count++] =
            words_fill(voice,
                       "The middle of the line lies {height} mm above the point between the "
                       "eyebrows, measured along the skin.",
                       "height", sheet_number(sheet, layout->hairline_height_mm, 0));
        item[count++] = words_fill(voice, "The line is {length} mm long from end to end.", "length",
                                   sheet_number(sheet, layout->hairline_length_mm, 0));
    } else
        item[count++] = words_say(voice, "No hairline is drawn: the front stays as it grows.");
    item[count++] = words_fill(voice, "Where dots go: {area} cm\u00b2 in all, as coloured.", "area",
                               sheet_number(sheet, layout->area_mm2 / 100.0, 0));
    item[count++] = words_fill(voice,
                               "Design {code}: a number made from the design. Another design has "
                               "another number.",
                               "code", sheet_format(sheet, "%.*s", DESIGN_SHOWN, consent->design));
    return count;
}

static const char *key_text(Sheet *sheet, const Case *plan, int zone)
{
    const DesignZoneSum *sum = &plan->layout->sum[zone];
    return words_fill(&sheet->voice, "{zone}, {area} cm\u00b2", "zone",
                      words_say(&sheet->voice, report_zone_word((DesignZone)zone)), "area",
                      sheet_number(sheet, sum->area_mm2 / 100.0, 0));
}

/* Which colour is what; dry: only noted. */
static void zone_keys(Consent *consent)
{
    Sheet *sheet = consent->sheet;
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++) {
        if (consent->plan->layout->sum[zone].area_mm2 <= 0.0 || zone == DESIGN_KEEP_OUT)
            continue;
        const char *text = key_text(sheet, consent->plan, zone);
        consent_note(consent, text);
        if (consent->dry)
            continue;
        report_map_key(sheet, (DesignZone)zone, sheet->left_mm, sheet->y_mm + 0.8);
        cairo_tag_begin(sheet->cr, "P", NULL);
        sheet_ink(sheet, SHEET_BLACK);
        sheet->y_mm += 0.6 + sheet_put(sheet, sheet->left_mm + 4.0, sheet->y_mm,
                                       sheet->width_mm - 4.0, 8.0, false, text);
        cairo_tag_end(sheet->cr, "P");
    }
}

/* The drawing and the map side by side, what they are in words under them. */
static void drawings(Consent *consent, const char *const caption[2])
{
    Sheet *sheet = consent->sheet;
    const Case *plan = consent->plan;
    const double front_mm = 82.0, map_mm = 60.0, key_mm = 28.0;
    ReportMap map;
    sheet_need(sheet, 82.0);
    double top = sheet->y_mm, x = sheet->left_mm + front_mm + 4.0;
    double high = consent_front(sheet, plan, sheet->left_mm, top, front_mm);
    if (!report_map_make(sheet, plan, &map))
        return;
    report_map_draw(sheet, plan, &map, -1, x, top, map_mm);
    high = fmax(high, map_mm);
    sheet_caption(sheet, sheet->left_mm, top + high + 0.8, front_mm, caption[0]);
    sheet_caption(sheet, x, top + high + 0.8, map_mm, caption[1]);
    sheet->left_mm = x + map_mm + 2.0;
    sheet->width_mm = key_mm;
    sheet->y_mm = top + 1.0;
    zone_keys(consent);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(sheet->y_mm, top + high + 6.0);
}

static void hairline(Consent *consent)
{
    Sheet *sheet = consent->sheet;
    Voice *voice = &sheet->voice;
    const ReportPictures *pictures = consent->pictures;
    const char *drawn[] = {words_say(voice, "The head from the front with the planned hairline"),
                           words_say(voice, "From above, the face towards the bottom")};
    const char *before = words_say(voice, "Before");
    const char *healed = words_say(voice, "Healed (illustration)");
    const char *caption[] = {before, healed, healed, healed};
    const Image *picture[] = {pictures->before, pictures->healed, pictures->turned_healed,
                              pictures->top_healed};
    const char *item[5];
    for (int i = 0; i < 2; i++)
        consent_note(consent, drawn[i]);
    if (consent->dry)
        zone_keys(consent);
    else
        drawings(consent, drawn);
    consent_list(consent, "\u2022", hairline_items(consent, item), item);
    for (int i = 0; i < 4; i++)
        if (picture[i] != NULL)
            consent_note(consent, caption[i]);
    if (!consent->dry)
        sheet_pictures(sheet, 4, picture, caption, 42.0, 14);
}

/* ---- the shade ---- */

enum { MIX_COLUMNS = 3 };

static void mixtures(Consent *consent)
{
    static const double share[] = {0.15, 0.45, 0.4};
    Sheet *sheet = consent->sheet;
    Voice *voice = &sheet->voice;
    const Case *plan = consent->plan;
    int sessions = plan->course->session_count;
    const char *head[] = {words_say(voice, "Session"), words_say(voice, "Pigment"),
                          words_say(voice, "Water to 1 part of pigment")};
    const char *cell[COURSE_MAX_SESSIONS * MIX_COLUMNS];
    for (int s = 0; s < sessions; s++) {
        cell[MIX_COLUMNS * s] = words_count(voice, s + 1);
        cell[MIX_COLUMNS * s + 1] = words_say(voice, plan->pigment->name);
        cell[MIX_COLUMNS * s + 2] = sheet_number(sheet, plan->dilution[s], 1);
    }
    consent_table(
        consent,
        &(SheetTable){.columns = MIX_COLUMNS, .share = share, .align = "llr", .head = head},
        sessions, cell);
}

static bool bare_skin(Sheet *sheet, const Case *plan, const Image *like, Image *bare, Err *err)
{
    ImageF light;
    Rgb skin = spectrum_rgb(&plan->survey->tone.spectrum);
    if (!image_new_f(sheet->arena, like->width_px, like->height_px, &light, err) ||
        !image_new(sheet->arena, like->width_px, like->height_px, bare, err))
        return false;
    for (int i = 0; i < like->width_px * like->height_px; i++) {
        light.rgb[3 * i] = skin.r;
        light.rgb[3 * i + 1] = skin.g;
        light.rgb[3 * i + 2] = skin.b;
    }
    image_from_linear(&light, bare);
    return true;
}

enum { PATCHES = DOTS_MAX_SESSIONS + 2 };

static int patch_captions(Consent *consent, int sessions, const char *caption[])
{
    Voice *voice = &consent->sheet->voice;
    int count = 0;
    caption[count++] = words_say(voice, "Bare skin");
    for (int s = 0; s < sessions; s++)
        caption[count++] =
            words_fill(voice, "The day of session {number}", "number", words_count(voice, s + 1));
    caption[count++] = words_say(voice, "Healed");
    return count;
}

/* The skin bare, after each session, and healed: as the optical model expects it. */
static bool patches(Consent *consent, Err *err)
{
    const ReportDays *days = consent->pictures->days;
    const char *caption[PATCHES];
    const Image *picture[PATCHES];
    Image bare;
    if (days == NULL || days->session_count == 0 || days->count[days->session_count - 1] < 2)
        return true;
    int last = days->session_count - 1, count = patch_captions(consent, last + 1, caption);
    for (int i = 0; i < count; i++)
        consent_note(consent, caption[i]);
    consent_small(
        consent, words_fill(&consent->sheet->voice,
                            "Illustrations of {width} mm of skin, enlarged, calculated from the "
                            "skin's colour, the pigment and the dots. Screens and printers differ.",
                            "width", sheet_number(consent->sheet, days->width_mm, 0)));
    if (consent->dry)
        return true;
    picture[0] = &bare;
    for (int s = 0; s <= last; s++)
        picture[1 + s] = &days->look[s][0];
    picture[last + 2] = &days->look[last][days->count[last] - 1];
    if (!bare_skin(consent->sheet, consent->plan, picture[1], &bare, err))
        return false;
    sheet_pictures(consent->sheet, count, picture, caption, 26.0, (1U << count) - 1);
    return true;
}

static bool shade(Consent *consent, Err *err)
{
    Voice *voice = &consent->sheet->voice;
    consent_heading(consent, 60.0, words_say(voice, "The shade"));
    if (!patches(consent, err))
        return false;
    mixtures(consent);
    consent_say(consent, words_say(voice, "The practitioner may mix lighter when the skin shows "
                                          "that it is enough; darker only after asking you."));
    return true;
}

/* ---- what is ticked by name ---- */

/* Lengths and angles are said with their numbers; other units need no words then. */
static const char *unit_of(const char *unit)
{
    static const char *const known[][2] = {
        {"mm", N_("mm")}, {"m", N_("m")}, {"cm2", N_("cm\u00b2")}, {"deg", "\u00b0"}};
    for (int i = 0; i < 4; i++)
        if (strcmp(unit, known[i][0]) == 0)
            return known[i][1];
    return NULL;
}

static const char *point_text(Consent *consent, const Finding *finding)
{
    Sheet *sheet = consent->sheet;
    const char *title = words_say(&sheet->voice, finding->rule->title);
    const char *unit = unit_of(finding->rule->unit);
    if (!finding->has_value || unit == NULL)
        return title;
    return words_fill(&sheet->voice,
                      "{title}: {value} {unit}, where the clinic's limit is {limit} "
                      "{unit}",
                      "title", title, "value", sheet_number(sheet, finding->value, 1), "unit",
                      words_say(&sheet->voice, unit), "limit",
                      sheet_number(sheet, finding->limit, 1));
}

static void points(Consent *consent)
{
    Voice *voice = &consent->sheet->voice;
    const Findings *findings = consent->plan->findings;
    const char *item[RULE_FINDINGS];
    int count = 0;
    for (int i = 0; findings != NULL && i < findings->count; i++)
        if (findings->finding[i].severity == RULE_CONFIRM)
            item[count++] = point_text(consent, &findings->finding[i]);
    if (count == 0)
        return;
    consent_heading(consent, 14.0, words_say(voice, "What you confirm by name"));
    consent_say(consent, words_say(voice, "Each point is ticked by hand after it has been talked "
                                          "about. Without that the work does not begin."));
    consent_list(consent, NULL, count, item);
}

bool consent_part_design(Consent *consent, Err *err)
{
    static const double share[] = {0.55, 0.25, 0.2};
    Voice *voice = &consent->sheet->voice;
    const char *blank[] = {words_say(voice, "Hairline and shade approved, initials"),
                           words_say(voice, "Date"), words_say(voice, "Time")};
    consent_heading(consent, 90.0, words_say(voice, "The approved hairline"));
    hairline(consent);
    if (!shade(consent, err))
        return false;
    points(consent);
    consent_blanks(consent, 3, share, blank);
    return true;
}
