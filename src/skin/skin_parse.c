#include "base/text.h"
#include "skin/skin.h"

#include <math.h>
#include <string.h>

/* Where the reader is: the last row, and the bands that it has filled. */
typedef struct Rows {
    int count, filled;
    double wavelength_nm, reflectance, highest;
    bool percent; /* as the header says */
} Rows;

static const double widest_step_nm = 20.0, narrowest_step_nm = 0.5;

/* Cuts the line at its first comma, semicolon or tab. */
static bool cut(TextSpan line, TextSpan *left, TextSpan *right)
{
    for (size_t i = 0; i < line.length; i++) {
        if (line.start[i] != ',' && line.start[i] != ';' && line.start[i] != '\t')
            continue;
        TextCursor before = text_cursor(i, line.start);
        TextCursor after = text_cursor(line.length - i - 1, line.start + i + 1);
        *left = text_rest_of_line(&before);
        *right = text_rest_of_line(&after);
        return true;
    }
    return false;
}

static bool mentions_percent(TextSpan line)
{
    for (size_t i = 0; i < line.length; i++) {
        if (line.start[i] == '%')
            return true;
        if (line.length - i >= 7 && memcmp(line.start + i, "percent", 7) == 0)
            return true;
    }
    return false;
}

static bool check_row(const Rows *rows, double wavelength_nm, double reflectance, int line,
                      Err *err)
{
    if (!(wavelength_nm >= 100.0 && wavelength_nm <= 5000.0))
        return err_set(err, ERR_INPUT, "line %d: wavelength %g nm is not within 100..5000", line,
                       wavelength_nm);
    if (!(reflectance >= 0.0 && reflectance <= 100.0))
        return err_set(err, ERR_INPUT,
                       "line %d: reflectance %g is neither a share nor a percentage", line,
                       reflectance);
    if (rows->count == 0)
        return true;
    double step_nm = wavelength_nm - rows->wavelength_nm;
    if (!(step_nm >= narrowest_step_nm && step_nm <= widest_step_nm))
        return err_set(err, ERR_INPUT,
                       "line %d: wavelength %g nm does not follow %g nm by %g to %g nm", line,
                       wavelength_nm, rows->wavelength_nm, narrowest_step_nm, widest_step_nm);
    return true;
}

/* Takes a row and fills the bands between it and the last one. */
static void add_row(double wavelength_nm, double reflectance, Rows *rows, Spectrum *to)
{
    while (rows->filled < SPECTRUM_BANDS) {
        double band_nm = spectrum_wavelength_nm(rows->filled);
        if (band_nm > wavelength_nm || (rows->count == 0 && band_nm < wavelength_nm))
            break;
        double t = rows->count == 0
                       ? 1.0
                       : (band_nm - rows->wavelength_nm) / (wavelength_nm - rows->wavelength_nm);
        to->band[rows->filled++] = (1.0 - t) * rows->reflectance + t * reflectance;
    }
    rows->count++;
    rows->wavelength_nm = wavelength_nm;
    rows->reflectance = reflectance;
    if (wavelength_nm >= 400.0 - widest_step_nm && wavelength_nm <= 700.0 + widest_step_nm)
        rows->highest = fmax(rows->highest, reflectance);
}

static bool read_line(TextSpan line, int number, Rows *rows, Spectrum *to, Err *err)
{
    TextSpan left = {0}, right = {0};
    double wavelength_nm = 0.0, reflectance = 0.0;
    if (line.length == 0 || line.start[0] == '#')
        return true;
    bool numbers = cut(line, &left, &right) && text_to_double(left, &wavelength_nm) &&
                   text_to_double(right, &reflectance);
    if (!numbers && rows->count == 0) {
        rows->percent = rows->percent || mentions_percent(line);
        return true;
    }
    if (!numbers)
        return err_set(err, ERR_INPUT, "line %d: not a wavelength and a reflectance", number);
    if (!check_row(rows, wavelength_nm, reflectance, number, err))
        return false;
    if (rows->count == 0 && wavelength_nm > 400.0)
        return err_set(err, ERR_INPUT, "line %d: starts at %g nm, 400..700 nm are needed", number,
                       wavelength_nm);
    add_row(wavelength_nm, reflectance, rows, to);
    return true;
}

bool skin_spectrum_parse(size_t size, const void *bytes, Spectrum *reflectance, Err *err)
{
    const double most_as_share = 1.5;
    TextCursor cursor = text_cursor(size, bytes);
    Rows rows = {0};
    while (!text_at_end(&cursor)) {
        int number = cursor.line;
        if (!read_line(text_rest_of_line(&cursor), number, &rows, reflectance, err))
            return false;
    }
    if (rows.count == 0)
        return err_set(err, ERR_INPUT, "no row of a wavelength and a reflectance");
    if (rows.filled < SPECTRUM_BANDS)
        return err_set(err, ERR_INPUT, "ends at %g nm, 400..700 nm are needed", rows.wavelength_nm);
    bool percent = rows.percent || rows.highest > most_as_share;
    for (int i = 0; i < SPECTRUM_BANDS; i++) {
        reflectance->band[i] /= percent ? 100.0 : 1.0;
        if (reflectance->band[i] > 1.0)
            return err_set(err, ERR_INPUT, "reflectance %g at %g nm is above 1",
                           reflectance->band[i], spectrum_wavelength_nm(i));
    }
    return true;
}
