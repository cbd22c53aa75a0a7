#include "skin/skin_report.h"

#include "base/io.h"
#include "base/text.h"
#include "optics/direct_testing.h"
#include "skin/mark_skin.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The skin of the simulations is that of optics/direct_testing.h, not that of skin.h: the table is
 * asked at the same coefficients. */

static const char columns[] =
    "kind,ita_deg,class,melanin,wavelength_nm,diameter_mm,depth_mm,absorption_per_mm,tilt_rad,"
    "pitch_mm,from_mm,to_mm,skin,want,sd,got";

typedef struct Row { /* one comparison */
    const char *kind;
    TestingSkin skin;
    int wavelength_nm;
    double diameter_mm, depth_mm, absorption_per_mm, tilt_rad, pitch_mm, from_mm, to_mm;
    double bare, want, sd, got; /* bare: reflectance of the skin alone */
} Row;

typedef struct View { /* the table seen through the skin of the last rows */
    const SkinTable *table;
    TestingSkin skin;
    double ita_deg;
    Spectrum bare;
    SkinOptics optics[SPECTRUM_BANDS];
    SkinMarks *marks;
} View;

static int band_of(int wavelength_nm)
{
    return (wavelength_nm - 400) / 10;
}

static SkinOptics optics_of_stack(const OpticsStack *stack)
{
    const OpticsLayer *layer = stack->layer;
    return (SkinOptics){layer[0].absorption_per_mm, layer[1].absorption_per_mm,
                        layer[0].scattering_per_mm * (1.0 - layer[0].anisotropy),
                        layer[0].anisotropy};
}

static void look_through(View *view, TestingSkin skin)
{
    if (memcmp(&view->skin, &skin, sizeof skin) == 0)
        return;
    view->skin = skin;
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        OpticsStack stack = testing_stack(skin, 400 + 10 * b);
        OpticsResult light = optics_reflect(&stack, OPTICS_DIRECTIONS);
        view->bare.band[b] = light.beam_reflected - light.specular;
        view->optics[b] = optics_of_stack(&stack);
    }
    view->ita_deg = color_ita_deg(spectrum_lab(&view->bare, SPECTRUM_D65));
    SkinTone tone = {.spectrum = view->bare};
    mark_fill(view->table, &tone, view->optics, view->marks);
}

static bool view_open(Arena *arena, const SkinTable *table, View *view, Err *err)
{
    *view = (View){.table = table, .marks = ARENA_NEW(arena, SkinMarks, 1)};
    view->skin.melanin = -1.0; /* none yet */
    return view->marks != NULL || err_set(err, ERR_LIMIT, "no room for the looks of dots");
}

/* Mean over a ring, by area. */
static double ring_mean(const SkinProfile *profile, int band, double from_mm, double to_mm)
{
    enum { PLACES = 64 };
    double inner2 = from_mm * from_mm, step2 = (to_mm * to_mm - inner2) / PLACES, sum = 0.0;
    for (int i = 0; i < PLACES; i++)
        sum += skin_profile_at(profile, band, sqrt(inner2 + (i + 0.5) * step2));
    return sum / PLACES;
}

static void print_row(const View *view, const Row *row)
{
    printf("%s,%.1f,%s,%g,%d,%g,%g,%g,%g,%g,%g,%g,%.6f,%.5f,%.5f,%.5f\n", row->kind, view->ita_deg,
           color_ita_class(view->ita_deg), row->skin.melanin, row->wavelength_nm, row->diameter_mm,
           row->depth_mm, row->absorption_per_mm, row->tilt_rad, row->pitch_mm, row->from_mm,
           row->to_mm, view->bare.band[band_of(row->wavelength_nm)], row->want, row->sd, row->got);
}

/* ---- rows of numbers ---- */

enum { MAX_FIELDS = 32 };

/* Numbers between commas; an empty field is 0. -1 when a field is no finite
 * number. */
static int split(TextSpan line, double field[MAX_FIELDS])
{
    const char *at = line.start, *end = line.start + line.length;
    int count = 0;
    while (count < MAX_FIELDS) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        TextSpan text = {at, (size_t)((comma != NULL ? comma : end) - at)};
        field[count] = 0.0;
        if (text.length > 0 && !(text_to_double(text, &field[count]) && isfinite(field[count])))
            return -1;
        count++;
        if (comma == NULL)
            break;
        at = comma + 1;
    }
    return count;
}

typedef void RowFn(View *view, const double field[]);

/* Every line after comments and the header line goes to `each`. */
static bool read_rows(Arena *arena, const char *path, int fields, View *view, RowFn *each, Err *err)
{
    size_t size;
    uint8_t *bytes;
    if (!io_read_file(arena, path, (size_t)16 << 20, &size, &bytes, err))
        return false;
    TextCursor cursor = text_cursor(size, bytes);
    bool headed = false;
    puts(columns);
    while (!text_at_end(&cursor)) {
        int number = cursor.line;
        double field[MAX_FIELDS];
        TextSpan line = text_rest_of_line(&cursor);
        if (line.length == 0 || line.start[0] == '#')
            continue;
        if (!headed) {
            headed = true;
            continue;
        }
        int count = split(line, field);
        if (count != fields)
            return err_set(err, ERR_INPUT, "'%s' line %d: %d numbers are wanted between commas",
                           path, number, fields);
        each(view, field);
    }
    return true;
}

static bool known_wavelength(double wavelength_nm)
{
    return wavelength_nm >= 400.0 && wavelength_nm <= 700.0;
}

/* ---- photons followed one by one ---- */

/* Columns of skin_direct. */
enum {
    MELANIN,
    BLOOD,
    SATURATION,
    SCATTER,
    SLOPE,
    WAVELENGTH,
    PLUG_DIAMETER = 12,
    PLUG_BOTTOM = 14,
    PLUG_ABSORPTION,
    ROD_DIAMETER,
    ROD_TILT,
    ROD_ABSORPTION = 19,
    PITCH,
    FROM,
    TO,
    CONTRAST = 26,
    CONTRAST_SD,
    AREA,
    AREA_SD,
    DIRECT_COLUMNS
};

static void compare_hair(const View *view, const double field[], Row *row)
{
    SkinHair hair = {.diameter_mm = field[ROD_DIAMETER],
                     .absorption_per_mm = field[ROD_ABSORPTION],
                     .tilt_rad = field[ROD_TILT]};
    row->kind = "hair";
    row->diameter_mm = hair.diameter_mm;
    row->tilt_rad = hair.tilt_rad;
    row->absorption_per_mm = hair.absorption_per_mm;
    row->want = field[AREA];
    row->sd = field[AREA_SD];
    row->got = skin_hair_area(view->marks, hair).band[band_of(row->wavelength_nm)];
}

static void compare_dot(const View *view, Row *row)
{
    int band = band_of(row->wavelength_nm);
    SkinMark mark = {row->diameter_mm, row->depth_mm, row->absorption_per_mm, 0.0};
    if (row->pitch_mm > 0.0) {
        double area_mm2 = skin_mark_area(view->marks, mark).band[band];
        row->kind = "lattice";
        row->got = 1.0 - exp(-area_mm2 / (row->pitch_mm * row->pitch_mm));
        return;
    }
    SkinProfile profile = skin_mark_profile(view->marks, mark);
    row->kind = "dot";
    row->got = ring_mean(&profile, band, row->from_mm, row->to_mm);
}

static void compare_direct(View *view, const double field[])
{
    if (!known_wavelength(field[WAVELENGTH]))
        return;
    Row row = {
        .skin = {field[MELANIN], field[BLOOD], field[SATURATION], field[SCATTER], field[SLOPE]},
        .wavelength_nm = (int)field[WAVELENGTH],
        .diameter_mm = field[PLUG_DIAMETER],
        .depth_mm = field[PLUG_BOTTOM] - 0.5 * SKIN_PLUG_MM,
        .absorption_per_mm = field[PLUG_ABSORPTION],
        .pitch_mm = field[PITCH],
        .from_mm = field[FROM],
        .to_mm = field[TO],
        .want = field[CONTRAST],
        .sd = field[CONTRAST_SD]};
    look_through(view, row.skin);
    if (field[ROD_DIAMETER] > 0.0)
        compare_hair(view, field, &row);
    else
        compare_dot(view, &row);
    print_row(view, &row);
}

bool report_direct(Arena *arena, const SkinTable *table, const char *path, Err *err)
{
    View view;
    return view_open(arena, table, &view, err) &&
           read_rows(arena, path, DIRECT_COLUMNS, &view, compare_direct, err);
}

/* ---- simulations of others ---- */

enum { RINGS = 7, PUBLISHED_COLUMNS = 5 + RINGS };

/* The middle is a disc; the others are labelled by the middle of bins that seem 0.1 mm wide. The
 * noise is what the study states for the middle. */
static void compare_published(View *view, const double field[])
{
    static const double at_mm[RINGS] = {0.05, 0.20, 0.30, 0.40, 0.60, 0.80, 1.00};
    const double half_mm = 0.05, noise = 0.003;
    if (!known_wavelength(field[4]))
        return;
    Row row = {.kind = "published",
               .skin = testing_skin(field[0]),
               .wavelength_nm = (int)field[4],
               .diameter_mm = field[1],
               .depth_mm = field[2],
               .absorption_per_mm = field[3],
               .sd = noise};
    look_through(view, row.skin);
    SkinProfile profile = skin_mark_profile(
        view->marks, (SkinMark){row.diameter_mm, row.depth_mm, row.absorption_per_mm, 1.0});
    for (int r = 0; r < RINGS; r++) {
        row.from_mm = at_mm[r] - half_mm;
        row.to_mm = at_mm[r] + half_mm;
        row.want = field[5 + r];
        row.got = ring_mean(&profile, band_of(row.wavelength_nm), row.from_mm, row.to_mm);
        print_row(view, &row);
    }
}

bool report_published(Arena *arena, const SkinTable *table, const char *path, Err *err)
{
    View view;
    return view_open(arena, table, &view, err) &&
           read_rows(arena, path, PUBLISHED_COLUMNS, &view, compare_published, err);
}
