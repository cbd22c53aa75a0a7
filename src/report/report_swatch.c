#include "report/report_internal.h"
#include "report/report_patch.h"
#include "report/swatch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Lengths are multiples of a quarter of a millimetre, so that patches meet on whole pixels. */
static const double label_mm = 28.0, gap_mm = 1.0, picture_edge_mm = 8.0;
static const double bare_mm = 46.0, beside_mm = 66.0;
static const double small_pt = 7.0, value_pt = 7.5;
static const char promise[] =
    "A prediction, not a promise: skin heals in its own way. Bands follow published or assumed "
    "ranges of uptake, depth, fading and spreading. Colours are true on a calibrated screen or "
    "print; the bar measures 10 mm in print at 100 %.";

typedef struct Swatch {
    const ShadeRequest *request;
    const ShadeChoice *choice;
    Arena *scratch;
    Sheet *sheet;
    double px_per_mm, zoom;
    Err *err; /* of the first patch that could not be drawn */
    bool failed;
} Swatch;

typedef struct Box {
    double x, y, width, height; /* mm */
} Box;

/* ---- patches ---- */

/* Even tones are pictures like the others, of which readers round the borders in their own way:
 * so they round alike and no seam shows. */
static void put_light(Swatch *swatch, const ImageF *light, Box box)
{
    Image picture;
    if (swatch->failed)
        return;
    if (!image_new(swatch->sheet->arena, light->width_px, light->height_px, &picture,
                   swatch->err)) {
        swatch->failed = true;
        return;
    }
    image_from_linear(light, &picture);
    sheet_picture_whole(swatch->sheet, &picture, box.x, box.y, box.width, NULL);
}

/* Draws the patch into the box; its size and pixels follow from the box. */
static void put_patch(Swatch *swatch, ReportPatch *patch, Box box)
{
    Arena *scratch = swatch->scratch;
    size_t mark = arena_mark(scratch);
    ImageF light;
    patch->px_per_mm = swatch->px_per_mm * swatch->zoom;
    patch->width_px = (int)lround(box.width * swatch->px_per_mm);
    patch->height_px = (int)lround(box.height * swatch->px_per_mm);
    if (swatch->failed)
        return;
    if (report_patch_draw(scratch, scratch, patch, &light, swatch->err))
        put_light(swatch, &light, box);
    else
        swatch->failed = true;
    arena_rewind(scratch, mark);
}

static void fill_lab(Swatch *swatch, Box box, Lab lab)
{
    Rgb tone = color_from_lab(lab);
    ReportPatch even = {.skin = tone, .far_view = tone};
    put_patch(swatch, &even, box);
}

static Rgb skin_light(const ShadeRequest *request, double blood_factor)
{
    const SkinTone *tone = skin_marks_tone(request->marks);
    float flush[3];
    Rgb skin = spectrum_rgb(&tone->spectrum);
    skin_flush_depth(tone, blood_factor, flush);
    return (Rgb){skin.r * expf(-flush[0]), skin.g * expf(-flush[1]), skin.b * expf(-flush[2])};
}

static void put_stubble(Swatch *swatch, Box box)
{
    const ShadeRequest *request = swatch->request;
    ReportPatch patch = {.skin = skin_light(request, 1.0),
                         .far_view = color_from_lab(swatch->choice->stubble),
                         .kind_count = request->hair_count,
                         .seed = 2};
    for (int i = 0; i < request->hair_count; i++) {
        patch.look[i] = skin_hair_look(request->marks, request->hair[i]);
        patch.per_mm2[i] = request->hair_share[i] * request->hair_per_cm2 / 100.0;
    }
    put_patch(swatch, &patch, box);
}

/* The skin some days after the last session, expected. */
static void put_moment(Swatch *swatch, double days, Lab treated, Box box)
{
    const ShadeRequest *request = swatch->request;
    ReportPatch patch = {
        .far_view = color_from_lab(treated), .kind_count = request->session_count, .seed = 1};
    SkinMoment moment = {.blood_factor = 1.0};
    for (int s = 0; s < request->session_count; s++) {
        moment = shade_moment(request, swatch->choice, s, days, 0);
        patch.look[s] = skin_moment_look(request->marks, moment);
        patch.per_mm2[s] = request->dots_per_cm2 * request->session_share[s] / 100.0;
    }
    patch.skin = skin_light(request, moment.blood_factor);
    put_patch(swatch, &patch, box);
}

/* The skin healed after the first `sessions` of them. */
static void put_sessions(Swatch *swatch, int sessions, Box box)
{
    const ShadeRequest *request = swatch->request;
    ReportPatch patch = {.skin = skin_light(request, 1.0),
                         .far_view = color_from_lab(swatch->choice->session[sessions - 1].healed),
                         .kind_count = sessions,
                         .seed = 1};
    for (int s = 0; s < sessions; s++) {
        SkinMark mark = swatch->choice->healed;
        mark.absorption_per_mm = swatch->choice->session[s].absorption_per_mm;
        patch.look[s] = skin_mark_look(request->marks, mark);
        patch.per_mm2[s] = swatch->choice->session[s].dots_per_cm2 / 100.0;
    }
    put_patch(swatch, &patch, box);
}

/* ---- words ---- */

static void put_line(const Swatch *swatch, SheetInk ink, Box box, double points, bool bold,
                     const char *text)
{
    sheet_ink(swatch->sheet, ink);
    sheet_put(swatch->sheet, box.x, box.y, box.width, points, bold, text);
}

static const char *ratio_text(Sheet *sheet, double dilution)
{
    if (dilution < 0.05)
        return "undiluted";
    return dilution < 9.95 ? sheet_format(sheet, "%.1f : 1", dilution)
                           : sheet_format(sheet, "%.0f : 1", dilution);
}

static const char *mixture_text(Sheet *sheet, double dilution)
{
    if (dilution < 0.05)
        return "undiluted pigment";
    return dilution < 9.95 ? sheet_format(sheet, "%.1f ml water : 1 ml pigment", dilution)
                           : sheet_format(sheet, "%.0f ml water : 1 ml pigment", dilution);
}

static const char *band_text(Sheet *sheet, SkinBand band, double factor, int decimals)
{
    return sheet_format(sheet, "%.*f (%.*f\u2013%.*f)", decimals, factor * band.expected, decimals,
                        factor * band.low, decimals, factor * band.high);
}

/* ---- parts of the page ---- */

/* Ten millimetres, at the right end of the line at y. */
static void put_bar(const Swatch *swatch, double y)
{
    Sheet *sheet = swatch->sheet;
    double right = sheet->left_mm + sheet->width_mm, left = right - 10.0;
    sheet_ink(sheet, SHEET_BLACK);
    cairo_set_line_width(sheet->cr, 0.25);
    cairo_move_to(sheet->cr, left, y - 1.2);
    cairo_line_to(sheet->cr, left, y);
    cairo_line_to(sheet->cr, right, y);
    cairo_line_to(sheet->cr, right, y - 1.2);
    cairo_move_to(sheet->cr, left + 5.0, y - 0.8);
    cairo_line_to(sheet->cr, left + 5.0, y);
    cairo_stroke(sheet->cr);
    put_line(swatch, SHEET_GREY, (Box){left - 8.6, y - 2.7, 12.0, 3.0}, small_pt, false, "10 mm");
}

static double on_grid(double mm)
{
    return ceil(4.0 * mm) / 4.0;
}

/* Treated skin and stubble meet edge to edge, as on the head, with bare skin beside them. */
static void put_beside(Swatch *swatch, double y, double high_mm, double zoom)
{
    const ShadeChoice *choice = swatch->choice;
    double x = swatch->sheet->left_mm;
    swatch->zoom = zoom;
    fill_lab(swatch, (Box){x, y, bare_mm, high_mm}, choice->bare);
    put_moment(swatch, shade_moment_days[1], choice->forecast[1].treated,
               (Box){x + bare_mm, y, beside_mm, high_mm});
    put_stubble(swatch, (Box){x + bare_mm + beside_mm, y, beside_mm, high_mm});
    swatch->zoom = 1.0;
}

static void put_healed(Swatch *swatch)
{
    static const char *const word[] = {"Bare skin", "Treated, healed", "Own stubble"};
    const double width[] = {bare_mm, beside_mm, beside_mm};
    const double even_mm = 7.0, true_mm = 18.0, close_mm = 14.0, zoom = 4.0;
    const ShadeChoice *choice = swatch->choice;
    const Lab lab[] = {choice->bare, choice->forecast[1].treated, choice->stubble};
    Sheet *sheet = swatch->sheet;
    sheet_heading(sheet, even_mm + true_mm + close_mm + 12.0, "Healed, beside the own stubble");
    put_bar(swatch, sheet->y_mm - 1.2);
    double x = sheet->left_mm, y = on_grid(sheet->y_mm);
    sheet_drawing(sheet, "Bare skin, treated skin and stubble beside each other");
    put_beside(swatch, y + even_mm, true_mm, 1.0);
    put_beside(swatch, y + even_mm + true_mm + gap_mm, close_mm, zoom);
    double under = y + even_mm + true_mm + gap_mm + close_mm + 0.8;
    for (int i = 0; i < 3; i++) {
        fill_lab(swatch, (Box){x, y, width[i], even_mm}, lab[i]);
        put_line(swatch, SHEET_BLACK, (Box){x, under, width[i] - 2.0, 3.0}, value_pt, true,
                 word[i]);
        put_line(swatch, SHEET_GREY, (Box){x, under + 3.4, width[i] - 2.0, 3.0}, small_pt, false,
                 sheet_format(sheet, "L* %.1f, a* %.1f, b* %.1f", lab[i].L, lab[i].a, lab[i].b));
        x += width[i];
    }
    sheet_drawing_end(sheet);
    sheet->y_mm = under + 7.2;
    sheet_small(sheet,
                "Top: the even tone that is left from a few metres. Middle: true size. Bottom: "
                "enlarged %.0f times. Where treated skin and stubble meet, no edge should show.",
                zoom);
}

static Box column(const Swatch *swatch, int index, int count, double y, double height)
{
    double left = swatch->sheet->left_mm + label_mm + gap_mm;
    double room = swatch->sheet->width_mm - label_mm - gap_mm;
    double width = floor(4.0 * (room - gap_mm * (count - 1)) / count) / 4.0;
    return (Box){left + index * (width + gap_mm), y, width, height};
}

static void put_label(const Swatch *swatch, double y, const char *text)
{
    put_line(swatch, SHEET_GREY, (Box){swatch->sheet->left_mm, y, label_mm, 3.0}, small_pt, false,
             text);
}

/* Fast fading, expected, slow: three tones that touch. */
static void put_band(Swatch *swatch, const ShadeForecast *forecast, Box box)
{
    const Lab lab[] = {forecast->weak, forecast->treated, forecast->strong};
    const double width[] = {0.25 * floor(4.0 * box.width / 3.0),
                            box.width - 0.5 * floor(4.0 * box.width / 3.0),
                            0.25 * floor(4.0 * box.width / 3.0)};
    double x = box.x;
    for (int i = 0; i < 3; i++) {
        fill_lab(swatch, (Box){x, box.y, width[i], box.height}, lab[i]);
        x += width[i];
    }
}

typedef struct Row {
    const char *label;
    const char *cell[SHADE_MOMENTS];
} Row;

static void put_rows(Swatch *swatch, int count, const Row row[], double y)
{
    const double high_mm = 4.4;
    Sheet *sheet = swatch->sheet;
    for (int r = 0; r < count; r++, y += high_mm) {
        sheet_ink(sheet, SHEET_PALE);
        cairo_set_line_width(sheet->cr, 0.15);
        cairo_move_to(sheet->cr, sheet->left_mm, y);
        cairo_line_to(sheet->cr, sheet->left_mm + sheet->width_mm, y);
        cairo_stroke(sheet->cr);
        put_label(swatch, y + 0.8, row[r].label);
        for (int i = 0; i < SHADE_MOMENTS; i++)
            put_line(swatch, SHEET_BLACK, column(swatch, i, SHADE_MOMENTS, y + 0.7, high_mm),
                     value_pt, false, row[r].cell[i]);
    }
    sheet->y_mm = y;
}

static void put_figures_of_time(Swatch *swatch, double y)
{
    enum { ROWS = 5 };
    Row row[ROWS] = {{.label = "Off the stubble, \u0394E00"},
                     {.label = "Darker than bare, L*"},
                     {.label = "Blueness, stubble is 1"},
                     {.label = "Dot seen as, mm"},
                     {.label = "Pigment left, %"}};
    for (int i = 0; i < SHADE_MOMENTS; i++) {
        const ShadeForecast *forecast = &swatch->choice->forecast[i];
        SkinBand change = forecast->lightness_change;
        SkinBand darker = {-change.high, -change.expected, -change.low};
        row[0].cell[i] = band_text(swatch->sheet, forecast->delta_e2000, 1.0, 1);
        row[1].cell[i] = band_text(swatch->sheet, darker, 1.0, 1);
        row[2].cell[i] = band_text(swatch->sheet, forecast->blue_match, 1.0, 2);
        row[3].cell[i] = band_text(swatch->sheet, forecast->width_mm, 1.0, 2);
        row[4].cell[i] = band_text(swatch->sheet, forecast->pigment_left, 100.0, 0);
    }
    put_rows(swatch, ROWS, row, y);
}

static void put_time(Swatch *swatch)
{
    static const char *const name[SHADE_MOMENTS] = {"Day 1",   "Day 30",  "1 year",
                                                    "3 years", "5 years", "10 years"};
    const double high_mm = 15.0, band_mm = 7.0, own_mm = 4.0;
    Sheet *sheet = swatch->sheet;
    sheet_heading(sheet, high_mm + band_mm + own_mm + 34.0, "Through time");
    double y = on_grid(sheet->y_mm + 4.0);
    sheet_drawing(sheet, "The treated skin through time");
    for (int i = 0; i < SHADE_MOMENTS; i++) {
        const ShadeForecast *forecast = &swatch->choice->forecast[i];
        Box dots = column(swatch, i, SHADE_MOMENTS, y, high_mm);
        Box band = column(swatch, i, SHADE_MOMENTS, y + high_mm, band_mm);
        Box own = column(swatch, i, SHADE_MOMENTS, y + high_mm + band_mm, own_mm);
        put_line(swatch, SHEET_BLACK, (Box){dots.x, y - 4.0, dots.width, 3.0}, value_pt, true,
                 name[i]);
        put_moment(swatch, shade_moment_days[i], forecast->treated, dots);
        put_band(swatch, forecast, band);
        fill_lab(swatch, own, swatch->choice->stubble);
    }
    put_label(swatch, y + 0.3, "True size, expected");
    put_label(swatch, y + high_mm + 0.2, "Even tone: fades fast, expected, holds");
    put_label(swatch, y + high_mm + band_mm + 0.4, "Own stubble");
    sheet_drawing_end(sheet);
    put_figures_of_time(swatch, y + high_mm + band_mm + own_mm + 1.2);
}

static void put_session_words(const Swatch *swatch, int s, Box line)
{
    const ShadeSession *session = &swatch->choice->session[s];
    Sheet *sheet = swatch->sheet;
    bool narrow = swatch->request->session_count > 3;
    put_line(swatch, SHEET_BLACK, line, value_pt, true,
             sheet_format(sheet, "%d: %s", s + 1,
                          narrow ? ratio_text(sheet, session->dilution)
                                 : mixture_text(sheet, session->dilution)));
    line.y += 3.6;
    put_line(swatch, SHEET_GREY, line, small_pt, false,
             sheet_format(sheet, "%.0f dots per cm\u00b2%s", session->dots_per_cm2,
                          s > 0 ? " more" : ""));
    line.y += 3.2;
    put_line(swatch, SHEET_GREY, line, small_pt, false,
             sheet_format(sheet, "%.1f L* darker in all", fmax(-session->lightness_change, 0.0)));
}

static void put_by_session(Swatch *swatch)
{
    const double high_mm = 11.0;
    Sheet *sheet = swatch->sheet;
    int count = swatch->request->session_count;
    sheet_heading(sheet, high_mm + 14.0, "Session by session, healed");
    double y = on_grid(sheet->y_mm);
    sheet_drawing(sheet, "The treated skin after each session");
    for (int s = 0; s < count; s++) {
        Box dots = column(swatch, s, count < 2 ? 2 : count, y, high_mm);
        put_sessions(swatch, s + 1, dots);
        dots.y += high_mm + 0.8;
        put_session_words(swatch, s, dots);
    }
    put_label(swatch, y + 0.3, "All dots so far");
    sheet_drawing_end(sheet);
    sheet->y_mm = y + high_mm + 11.0;
}

/* Units as they are printed, and no line that begins with a per cent sign. */
static const char *printed(Sheet *sheet, const char *text)
{
    static const struct {
        const char *plain, *print;
    } word[] = {{" %", "\u00a0%"}, {"cm2", "cm\u00b2"}, {"deltaE00", "\u0394E00"}};
    char out[512];
    size_t used = 0;
    while (*text != '\0' && used < sizeof out - 8) {
        int k = 0;
        while (k < 3 && strncmp(text, word[k].plain, strlen(word[k].plain)) != 0)
            k++;
        if (k == 3) {
            out[used++] = *text++;
            continue;
        }
        used += (size_t)snprintf(out + used, 8, "%s", word[k].print);
        text += strlen(word[k].plain);
    }
    out[used] = '\0';
    return sheet_format(sheet, "%s", out);
}

static void put_warnings(Swatch *swatch)
{
    static const char *const word[] = {
        [SHADE_NOTE] = "Note", [SHADE_WARN] = "Take care", [SHADE_REFUSE] = "Do not use"};
    static const double ink[][3] = {[SHADE_NOTE] = {0.38, 0.40, 0.42},
                                    [SHADE_WARN] = {0.62, 0.36, 0.02},
                                    [SHADE_REFUSE] = {0.68, 0.10, 0.10}};
    const ShadeChoice *choice = swatch->choice;
    Sheet *sheet = swatch->sheet;
    if (choice->warning_count == 0)
        return;
    sheet_heading(sheet, 8.0, "To know before starting");
    for (int i = 0; i < choice->warning_count; i++) {
        const ShadeWarning *warning = &choice->warning[i];
        const double *rgb = ink[warning->severity], x = sheet->left_mm + label_mm + gap_mm;
        const char *text = printed(sheet, warning->text);
        double width = sheet->width_mm - label_mm - gap_mm;
        double high = sheet_height(sheet, width, 8.0, false, text);
        sheet_need(sheet, high + 1.4);
        cairo_tag_begin(sheet->cr, "P", NULL);
        cairo_set_source_rgb(sheet->cr, rgb[0], rgb[1], rgb[2]);
        sheet_put(sheet, sheet->left_mm, sheet->y_mm, label_mm, 8.0, true, word[warning->severity]);
        sheet_ink(sheet, SHEET_BLACK);
        sheet_put(sheet, x, sheet->y_mm, width, 8.0, false, text);
        cairo_tag_end(sheet->cr, "P");
        sheet->y_mm += high + 1.4;
    }
}

static const char *skin_text(Swatch *swatch)
{
    const ShadeRequest *request = swatch->request;
    const SkinTone *tone = skin_marks_tone(request->marks);
    return sheet_format(swatch->sheet,
                        "Skin: ITA %.0f\u00b0, %s \u00b7 stubble: %.0f hairs per cm\u00b2, %.2f mm "
                        "\u00b7 dots: %.0f per cm\u00b2, %.2f mm, at %.2f \u00b1 %.2f mm \u00b7 %s",
                        tone->ita_deg, color_ita_class(tone->ita_deg), request->hair_per_cm2,
                        request->hair[0].diameter_mm, request->dots_per_cm2, request->diameter_mm,
                        request->depth_mm, request->depth_sd_mm,
                        request->pigment[swatch->choice->pigment].name);
}

/* What has to be prepared, and how well it will match. */
static void put_answer(Swatch *swatch)
{
    const ShadeChoice *choice = swatch->choice;
    const ShadeForecast *healed = &choice->forecast[1];
    Sheet *sheet = swatch->sheet;
    const char *figure[SHEET_FIGURES], *word[SHEET_FIGURES];
    int sessions = swatch->request->session_count, count = 0;
    int shown = sessions < 4 ? sessions : 4;
    for (int i = 0; i < shown; i++) {
        int s = i < shown - 1 ? i : sessions - 1; /* of many the first three and the last */
        figure[count] = ratio_text(sheet, choice->session[s].dilution);
        word[count++] =
            sheet_format(sheet, "session %d%s", s + 1, shown < 4 ? ", water : pigment" : "");
    }
    figure[count] = sheet_format(sheet, "\u0394E00 %.1f", healed->delta_e2000.expected);
    word[count++] = "to the stubble, healed";
    figure[count] = sheet_format(sheet, "%.2f", healed->blue_match.expected);
    word[count++] = "blueness, stubble is 1";
    sheet_figures(sheet, count, figure, word);
}

static const char *pigment_text(Swatch *swatch)
{
    const SkinPigment *pigment = &swatch->request->pigment[swatch->choice->pigment];
    const char *lot =
        pigment->lot[0] == '\0' ? "" : sheet_format(swatch->sheet, ", lot %s", pigment->lot);
    if (pigment->calibrated[0] == '\0')
        return sheet_format(swatch->sheet,
                            "Pigment: %s (%s)%s. What healed skin keeps of it is assumed: "
                            "calibrate the line with a photograph of healed swatches.",
                            pigment->name, pigment->carrier, lot);
    return sheet_format(swatch->sheet, "Pigment: %s (%s)%s, calibrated on %s with %d swatches.",
                        pigment->name, pigment->carrier, lot, pigment->calibrated,
                        pigment->calibration_swatches);
}

static void put_page(Swatch *swatch)
{
    Sheet *sheet = swatch->sheet;
    sheet_title(sheet,
                swatch->choice->refused ? "Shade swatches: not to be used" : "Shade swatches",
                skin_text(swatch));
    put_answer(swatch);
    put_healed(swatch);
    put_time(swatch);
    put_by_session(swatch);
    put_warnings(swatch);
    sheet_space(sheet, 1.0);
    sheet_small(sheet, "%s", pigment_text(swatch));
    sheet_small(sheet, "%s", promise);
}

bool report_swatch_sheet(Arena *arena, Arena *scratch, const ShadeRequest *request,
                         const ShadeChoice *choice, Image *picture, Err *err)
{
    const double px_per_mm = 16.0, most_mm = 330.0;
    size_t mark = arena_mark(scratch);
    Sheet sheet;
    Err late = {0};
    Swatch swatch = {request, choice, arena, &sheet, px_per_mm, 1.0, err, false};
    if (!sheet_open_picture(&sheet, scratch, NULL, most_mm, picture_edge_mm, px_per_mm, err))
        return false;
    put_page(&swatch);
    sheet.y_mm += picture_edge_mm - 2.0;
    sheet.arena = arena;
    bool closed = sheet_close_picture(&sheet, px_per_mm, picture, swatch.failed ? &late : err);
    arena_rewind(scratch, mark);
    return closed && !swatch.failed;
}

bool report_swatch_pdf(Arena *arena, Arena *scratch, const ShadeRequest *request,
                       const ShadeChoice *choice, size_t *size, uint8_t **bytes, Err *err)
{
    Sheet sheet;
    Err late = {0};
    Swatch swatch = {request, choice, scratch, &sheet, 16.0, 1.0, err, false};
    char foot[256];
    snprintf(foot, sizeof foot, "Follicle %s \u00b7 shade swatches \u00b7 %s", FOLLICLE_VERSION,
             "a prediction, not a promise");
    if (!sheet_open(&sheet, arena, NULL, "Shade swatches", foot, err))
        return false;
    put_page(&swatch);
    bool closed = sheet_close(&sheet, size, bytes, swatch.failed ? &late : err);
    return closed && !swatch.failed;
}
