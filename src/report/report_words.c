/* Text on a sheet: how it is set, in whatever script, and how values are written. */
#include "report/report_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double point_mm = 25.4 / 72.0;

/* --- setting --- */

/* The blocks of scripts that run to the left (Unicode, DerivedBidiClass: defaults R and AL). */
static bool runs_left(gunichar letter)
{
    return (letter >= 0x590 && letter <= 0x8FF) || (letter >= 0xFB1D && letter <= 0xFDFF) ||
           (letter >= 0xFE70 && letter <= 0xFEFF) || (letter >= 0x10800 && letter <= 0x10FFF) ||
           (letter >= 0x1E800 && letter <= 0x1EFFF);
}

/* glib's macro casts the const away. */
static const char *next_letter(const char *at)
{
    return at + g_utf8_skip[(unsigned char)*at];
}

static bool begins_isolate(gunichar letter)
{
    return letter >= 0x2066 && letter <= 0x2068;
}

/* Text runs as the document does unless most of its letters run the other way. What is isolated (a
 * value that was filled in) does not count. */
static bool is_leftward(bool mirrored, const char *text)
{
    int left = 0, right = 0, depth = 0;
    for (const char *at = text; *at != '\0'; at = next_letter(at)) {
        gunichar letter = g_utf8_get_char(at);
        depth += begins_isolate(letter) - (letter == 0x2069 && depth > 0);
        if (depth > 0 || !g_unichar_isalpha(letter))
            continue;
        if (runs_left(letter))
            left++;
        else
            right++;
    }
    return left == right ? mirrored : left > right;
}

static SheetSetting *find_setting(Sheet *sheet, double width_mm, double points, bool bold,
                                  const char *text)
{
    for (int i = 0; i < SHEET_SETTINGS; i++) {
        SheetSetting *setting = &sheet->setting[i];
        /* the very same numbers, not near ones */
        if (setting->layout != NULL && setting->points == points && setting->width_mm == width_mm &&
            setting->bold == bold && strcmp(pango_layout_get_text(setting->layout), text) == 0)
            return setting;
    }
    return NULL;
}

static PangoLayout *new_layout(PangoContext *context)
{
    PangoLayout *layout = pango_layout_new(context);
    pango_layout_set_auto_dir(layout, FALSE);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout, 1.12f);
    return layout;
}

/* The oldest setting's place, with an empty layout of that direction. */
static SheetSetting *clear_setting(Sheet *sheet, bool leftward)
{
    SheetSetting *setting = &sheet->setting[sheet->next_setting];
    sheet->next_setting = (sheet->next_setting + 1) % SHEET_SETTINGS;
    if (setting->layout != NULL && setting->leftward != leftward)
        g_clear_object(&setting->layout);
    if (setting->layout == NULL)
        setting->layout = new_layout(sheet->context[leftward]);
    setting->leftward = leftward;
    return setting;
}

/* Bytes that are no UTF-8 (a code cut off in the middle of a letter) become a mark for it. Pango
 * measures in its own units of a 1024th of user space, which is a millimetre here. */
static void set_text(Sheet *sheet, double width_mm, double points, bool bold, const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    SheetSetting *setting = find_setting(sheet, width_mm, points, bold, valid);
    if (setting == NULL) {
        setting = clear_setting(sheet, is_leftward(sheet->mirrored, valid));
        setting->points = points;
        setting->width_mm = width_mm;
        setting->bold = bold;
        pango_font_description_set_absolute_size(sheet->font, points * point_mm * PANGO_SCALE);
        pango_font_description_set_weight(sheet->font,
                                          bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
        pango_layout_set_font_description(setting->layout, sheet->font);
        pango_layout_set_width(setting->layout, (int)(width_mm * PANGO_SCALE));
        pango_layout_set_text(setting->layout, valid, -1);
    }
    sheet->layout = setting->layout;
    g_free(valid);
}

static double text_height(Sheet *sheet)
{
    PangoRectangle box;
    pango_layout_get_extents(sheet->layout, NULL, &box);
    return box.height / (double)PANGO_SCALE;
}

double sheet_height(Sheet *sheet, double width_mm, double points, bool bold, const char *text)
{
    set_text(sheet, width_mm, points, bold, text);
    return text_height(sheet);
}

double sheet_width(Sheet *sheet, double points, bool bold, const char *text)
{
    PangoRectangle box;
    set_text(sheet, 1000.0, points, bold, text);
    pango_layout_get_extents(sheet->layout, NULL, &box);
    return box.width / (double)PANGO_SCALE;
}

/* --- letters that no font has --- */

static void note_letter(PangoGlyph glyph, int most, uint32_t letter[], int *count)
{
    uint32_t code = glyph & ~PANGO_GLYPH_UNKNOWN_FLAG;
    if ((glyph & PANGO_GLYPH_UNKNOWN_FLAG) == 0 || glyph == PANGO_GLYPH_INVALID_INPUT)
        return;
    for (int i = 0; i < *count; i++)
        if (letter[i] == code)
            return;
    if (*count < most)
        letter[(*count)++] = code;
}

static void note_missing(PangoLayout *layout, int most, uint32_t letter[], int *count)
{
    if (pango_layout_get_unknown_glyphs_count(layout) == 0)
        return;
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    do {
        const PangoLayoutRun *run = pango_layout_iter_get_run_readonly(iter);
        for (int i = 0; run != NULL && i < run->glyphs->num_glyphs; i++)
            note_letter(run->glyphs->glyphs[i].glyph, most, letter, count);
    } while (pango_layout_iter_next_run(iter));
    pango_layout_iter_free(iter);
}

bool report_has_letters(const char *text, char missing[REPORT_MISSING])
{
    uint32_t letter[SHEET_MISSING];
    int count = 0;
    size_t used = 0;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    Sheet sheet = {.cr = cairo_create(surface)};
    sheet_begin(&sheet);
    set_text(&sheet, 1000.0, 8.0, false, text);
    note_missing(sheet.layout, SHEET_MISSING, letter, &count);
    sheet_end(&sheet);
    cairo_surface_destroy(surface);
    missing[0] = '\0';
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(missing + used, REPORT_MISSING - used, "%sU+%04X",
                                 i == 0 ? "" : " ", (unsigned)letter[i]);
    return count == 0;
}

/* --- on the page --- */

static double show(Sheet *sheet, double x_mm, double y_mm, double width_mm, bool at_end)
{
    bool right = at_end != (sheet->mirrored && !sheet->in_drawing);
    pango_layout_set_alignment(sheet->layout, right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    cairo_move_to(sheet->cr, sheet_x(sheet, x_mm, width_mm), y_mm);
    pango_cairo_show_layout(sheet->cr, sheet->layout);
    cairo_new_path(sheet->cr); /* or the next curve starts here */
    note_missing(sheet->layout, SHEET_MISSING, sheet->missing, &sheet->missing_count);
    return text_height(sheet);
}

double sheet_put(Sheet *sheet, double x_mm, double y_mm, double width_mm, double points, bool bold,
                 const char *text)
{
    set_text(sheet, width_mm, points, bold, text);
    return show(sheet, x_mm, y_mm, width_mm, false);
}

double sheet_put_end(Sheet *sheet, double x_mm, double y_mm, double width_mm, double points,
                     bool bold, const char *text)
{
    set_text(sheet, width_mm, points, bold, text);
    return show(sheet, x_mm, y_mm, width_mm, true);
}

/* --- texts --- */

const char *sheet_format_list(Sheet *sheet, const char *fmt, va_list list)
{
    va_list again;
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, fmt, list);
    char *text = length < 0 ? NULL : ARENA_NEW(sheet->arena, char, (size_t)length + 1);
    if (text == NULL)
        sheet->full = true;
    else
        vsnprintf(text, (size_t)length + 1, fmt, again);
    va_end(again);
    return text == NULL ? "" : text;
}

const char *sheet_format(Sheet *sheet, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    const char *text = sheet_format_list(sheet, fmt, list);
    va_end(list);
    return text;
}

const char *sheet_money(Sheet *sheet, const Quote *quote, int64_t minor)
{
    return words_money(&sheet->voice, minor, quote->minor_digits, quote->currency);
}

const char *sheet_count(Sheet *sheet, long count)
{
    return words_count(&sheet->voice, count);
}

const char *sheet_number(Sheet *sheet, double value, int decimals)
{
    return words_number(&sheet->voice, value, decimals);
}

const char *sheet_date(Sheet *sheet, CourseDate date)
{
    return words_date(&sheet->voice, date.year, date.month, date.day, WORDS_DATE_LONG);
}

const char *sheet_day(Sheet *sheet, CourseDate date)
{
    return words_date(&sheet->voice, date.year, date.month, date.day, WORDS_DATE_SHORT);
}

const char *sheet_sentence(Sheet *sheet, const char *text)
{
    size_t length = strlen(text), used = 0;
    char *out = ARENA_NEW(sheet->arena, char, 2 * length + 1);
    if (out == NULL) {
        sheet->full = true;
        return "";
    }
    for (size_t i = 0; i < length; i++) {
        bool square = text[i] == '2' && i >= 2 && memcmp(text + i - 2, "cm", 2) == 0;
        if (square) {
            out[used++] = '\xC2'; /* U+00B2 */
            out[used++] = '\xB2';
        } else
            out[used++] = text[i];
    }
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
    return out;
}
