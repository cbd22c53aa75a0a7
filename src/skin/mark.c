#include "skin/mark_skin.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

bool skin_mark_check(const SkinMark *mark, Err *err)
{
    if (!(mark->diameter_mm > 0.0 && mark->diameter_mm <= 5.0))
        return err_set(err, ERR_INPUT, "dot diameter %g mm is not within 0..5", mark->diameter_mm);
    if (!(mark->depth_mm >= 0.0 && mark->depth_mm <= 5.0))
        return err_set(err, ERR_INPUT, "dot depth %g mm is not within 0..5", mark->depth_mm);
    if (!(mark->absorption_per_mm >= 0.0 && mark->absorption_per_mm <= 1e5))
        return err_set(err, ERR_INPUT, "pigment absorption %g /mm is not within 0..100000",
                       mark->absorption_per_mm);
    if (!(mark->slope >= -5.0 && mark->slope <= 10.0))
        return err_set(err, ERR_INPUT, "spectral slope %g of the pigment is not within -5..10",
                       mark->slope);
    return true;
}

double ring_area_mm2(const double ring_mm[2])
{
    return pi * (ring_mm[1] * ring_mm[1] - ring_mm[0] * ring_mm[0]);
}

/* ---- the table through one skin ---- */

/* Eight neighbours would do for each of the three axes of the skin, but contrasts bend: 4 x 4 x 4.
 */
typedef struct SkinPlace {
    int corner[64]; /* scatter * TABLE_SKINS + epidermis * TABLE_DERMES + dermis */
    float weight[64];
} SkinPlace;

static void ln_nodes(int count, const double node[], double ln_node[])
{
    for (int i = 0; i < count; i++)
        ln_node[i] = log(node[i]);
}

/* The epidermis is a filter: contrasts are nearly linear in its absorption where that is weak, and
 * fall with its logarithm where little light passes. */
static double filter_scale(double absorption_per_mm)
{
    const double knee_per_mm = 12.0;
    return log(absorption_per_mm + knee_per_mm);
}

static SkinPlace place_skin(SkinOptics optics)
{
    double scatter[TABLE_SCATTERS], epidermis[TABLE_EPIDERMES], dermis[TABLE_DERMES];
    ln_nodes(TABLE_SCATTERS, table_scatter, scatter);
    for (int i = 0; i < TABLE_DERMES; i++) /* light that diffuses falls as exp(-sqrt(absorption)) */
        dermis[i] = sqrt(table_dermis[i]);
    for (int i = 0; i < TABLE_EPIDERMES; i++)
        epidermis[i] = filter_scale(table_epidermis[i]);
    AxisPlace s = axis_place(TABLE_SCATTERS, scatter, log(optics.reduced_scattering));
    AxisPlace e = axis_place(TABLE_EPIDERMES, epidermis, filter_scale(optics.epidermis_absorption));
    AxisPlace d = axis_place(TABLE_DERMES, dermis, sqrt(optics.dermis_absorption));
    SkinPlace place;
    for (int i = 0; i < 64; i++) {
        int is = i / 16, ie = i / 4 % 4, id = i % 4;
        place.corner[i] =
            (s.first + is) * TABLE_SKINS + (e.first + ie) * TABLE_DERMES + (d.first + id);
        place.weight[i] = (float)(s.weight[is] * e.weight[ie] * d.weight[id]);
    }
    return place;
}

/* sum = logarithms of the contrasts, interpolated between the skins of the table. */
static void blend(const SkinPlace *place, int cells, const uint16_t *table, float *sum)
{
    for (int c = 0; c < cells; c++)
        sum[c] = (float)CODE_LOWEST;
    for (int i = 0; i < 64; i++) {
        const uint16_t *code = table + (size_t)place->corner[i] * (size_t)cells;
        float weight = place->weight[i] * (float)CODE_STEP;
        for (int c = 0; c < cells; c++)
            sum[c] += weight * (float)code[c];
    }
}

/* area = ln of the sum of contrast times area of the rings. */
static void sum_rings(int count, int rings, const double ring_mm[], const float *ln_contrast,
                      float area[])
{
    for (int m = 0; m < count; m++) {
        double sum = 0.0;
        for (int r = 0; r < rings; r++)
            sum += exp((double)ln_contrast[m * rings + r]) * ring_area_mm2(&ring_mm[r]);
        area[m] = (float)log(sum);
    }
}

static void fill_band(SkinMarks *marks, const SkinTable *table, SkinOptics optics, int band)
{
    SkinPlace place = place_skin(optics);
    marks->ln_wavelength[band] = log(spectrum_wavelength_nm(band) / 550.0);
    blend(&place, PLUG_CELLS, table->plug, marks->contrast[band][0]);
    blend(&place, ROD_CELLS, table->rod, marks->rod_contrast[band][0]);
    for (int p = 0; p < PLUGS; p++) {
        double ring_mm[SKIN_RINGS + 1];
        plug_rings(plug_diameter_mm[p % PLUG_DIAMETERS], ring_mm);
        sum_rings(PLUG_STRENGTHS, SKIN_RINGS, ring_mm, marks->contrast[band][p * PLUG_STRENGTHS],
                  &marks->area[band][p * PLUG_STRENGTHS]);
    }
    sum_rings(ROD_MARKS, ROD_RINGS, rod_ring_mm, marks->rod_contrast[band][0],
              marks->rod_area[band]);
}

/* Linear channels are sums over the bands of a spectrum; each band's part in this skin's. */
static void fill_channels(SkinMarks *marks)
{
    Rgb all = spectrum_rgb(&marks->tone.spectrum);
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        Spectrum one = {0};
        one.band[b] = marks->tone.spectrum.band[b];
        Rgb part = spectrum_rgb(&one);
        marks->channel[0][b] = (double)part.r / (double)all.r;
        marks->channel[1][b] = (double)part.g / (double)all.g;
        marks->channel[2][b] = (double)part.b / (double)all.b;
    }
}

void mark_fill(const SkinTable *table, const SkinTone *tone,
               const SkinOptics optics[SPECTRUM_BANDS], SkinMarks *marks)
{
    marks->tone = *tone;
    ln_nodes(PLUG_STRENGTHS, plug_strength, marks->ln_strength);
    ln_nodes(PLUG_DIAMETERS, plug_diameter_mm, marks->ln_diameter);
    ln_nodes(ROD_STRENGTHS, rod_strength, marks->ln_rod_strength);
    ln_nodes(ROD_DIAMETERS, rod_diameter_mm, marks->ln_rod_diameter);
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        fill_band(marks, table, optics[b], b);
    fill_channels(marks);
}

bool skin_marks_new(Arena *arena, const SkinTable *table, const SkinTone *tone, SkinMarks **marks,
                    Err *err)
{
    SkinOptics optics[SPECTRUM_BANDS];
    *marks = ARENA_NEW(arena, SkinMarks, 1);
    if (*marks == NULL)
        return err_set(err, ERR_LIMIT, "no room for the looks of dots in a skin (%zu bytes)",
                       sizeof **marks);
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        optics[b] = skin_optics(tone->value, spectrum_wavelength_nm(b));
    mark_fill(table, tone, optics, *marks);
    return true;
}

const SkinTone *skin_marks_tone(const SkinMarks *marks)
{
    return &marks->tone;
}

double mark_channel(const SkinMarks *marks, int channel, const double band[SPECTRUM_BANDS])
{
    double sum = 0.0;
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        sum += marks->channel[channel][b] * band[b];
    return sum;
}

/* ---- one mark ---- */

/* Beyond the ends: a thin plug's area goes with its cross-section, a weak one's with its strength
 * (both exact in the limit); a wide one's with the slope of the table's last steps. */
MarkPlace mark_place(const SkinMarks *marks, SkinMark mark)
{
    const double wide_slope = 1.6;
    double thin = fmin(mark.diameter_mm / plug_diameter_mm[0], 1.0);
    double wide = fmax(mark.diameter_mm / plug_diameter_mm[PLUG_DIAMETERS - 1], 1.0);
    return (MarkPlace){
        axis_place(PLUG_DEPTHS, plug_depth_mm, mark.depth_mm),
        axis_place(PLUG_DIAMETERS, marks->ln_diameter, log(mark.diameter_mm)),
        thin * thin * pow(wide, wide_slope),
    };
}

AxisPlace mark_strength(const SkinMarks *marks, const SkinMark *mark, int band, double *scale)
{
    double ln_strength =
        log(fmax(mark->absorption_per_mm, 1e-12)) - mark->slope * marks->ln_wavelength[band];
    if (ln_strength < marks->ln_strength[0])
        *scale *= exp(ln_strength - marks->ln_strength[0]);
    return axis_place(PLUG_STRENGTHS, marks->ln_strength, ln_strength);
}

static double area_in_band(const SkinMarks *marks, const MarkPlace *place, const SkinMark *mark,
                           int band)
{
    double scale = place->scale, sum = 0.0;
    AxisPlace strength = mark_strength(marks, mark, band, &scale);
    for (int i = 0; i < 16; i++) {
        int depth = place->depth.first + i / 4, diameter = place->diameter.first + i % 4;
        const float *row = &marks->area[band][(depth * PLUG_DIAMETERS + diameter) * PLUG_STRENGTHS +
                                              strength.first];
        double along = 0.0;
        for (int k = 0; k < 4; k++)
            along += strength.weight[k] * (double)row[k];
        sum += place->depth.weight[i / 4] * place->diameter.weight[i % 4] * along;
    }
    return scale * exp(sum);
}

Spectrum skin_mark_area(const SkinMarks *marks, SkinMark mark)
{
    Spectrum area = {0};
    if (mark.absorption_per_mm <= 0.0)
        return area;
    MarkPlace place = mark_place(marks, mark);
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        area.band[b] = area_in_band(marks, &place, &mark, b);
    return area;
}

Spectrum skin_far_view(const SkinTone *tone, const Spectrum *area_mm2, double marks_per_mm2)
{
    Spectrum seen;
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        seen.band[b] = tone->spectrum.band[b] * exp(-marks_per_mm2 * area_mm2->band[b]);
    return seen;
}

double skin_blue_ratio(const Spectrum *area_mm2)
{
    const int blue = 6, red = 24; /* 460, 640 nm */
    return area_mm2->band[red] / area_mm2->band[blue];
}

void skin_area_rgb(const SkinMarks *marks, const Spectrum *area_mm2, float rgb_mm2[3])
{
    double left[SPECTRUM_BANDS];
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        left[b] = exp(-area_mm2->band[b]);
    for (int c = 0; c < 3; c++)
        rgb_mm2[c] = (float)-log(fmin(fmax(mark_channel(marks, c, left), 1e-6), 1.0));
}

void skin_flush_depth(const SkinTone *tone, double blood_factor, float depth[3])
{
    double value[SKIN_PARAMS];
    memcpy(value, tone->value, sizeof value);
    value[SKIN_BLOOD] = fmin(value[SKIN_BLOOD] * blood_factor, 0.3);
    Spectrum red = skin_spectrum(value);
    Rgb bare = spectrum_rgb(&tone->spectrum), flushed = spectrum_rgb(&red);
    depth[0] = logf(bare.r / flushed.r);
    depth[1] = logf(bare.g / flushed.g);
    depth[2] = logf(bare.b / flushed.b);
}
