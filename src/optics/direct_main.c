/* skin_direct: contrasts of dots, lattices and hairs, photon by photon, as CSV on the standard
 * output: something to hold the tables of skin/mark.h against. */
#include "optics/direct_testing.h"

#include "base/rng.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: skin_direct WHAT [--photons=N] [--sd=X] [--seed=S] [--threads=T]\n"
    "  --cases=N    N dots chosen at random in the whole reach of skins, dots and rings\n"
    "  --hairs=N    N hairs likewise, in lattices of 1.4 mm\n"
    "  --lattice    dots at 50 to 280 per cm2\n"
    "  --reference  dots of the published simulations, centre and rings\n"
    "  --photons=N  at most so many per row (400000)\n"
    "  --sd=X       stop a row when its contrast is as good as that (0.002)\n";

typedef struct Request {
    long cases, hairs, photons, seed, threads;
    bool lattice, reference;
    double sd;
} Request;

typedef struct Row {
    TestingSkin skin;
    int wavelength_nm;
    DirectScene scene;
    double from_mm, to_mm;
} Row;

static const double plug_mm = 0.2, hair_bottom_mm = 3.0, hair_pitch_mm = 1.4;

static const char columns[] =
    "melanin,blood,saturation,scatter_500_per_mm,slope,wavelength_nm,epidermis_absorption_per_mm,"
    "dermis_absorption_per_mm,subcutis_absorption_per_mm,scattering_per_mm,"
    "subcutis_scattering_per_mm,anisotropy,plug_diameter_mm,plug_top_mm,plug_bottom_mm,"
    "plug_absorption_per_mm,rod_diameter_mm,rod_tilt_rad,rod_bottom_mm,rod_absorption_per_mm,"
    "pitch_mm,from_mm,to_mm,photons,skin,skin_sd,contrast,contrast_sd,area_mm2,area_sd_mm2";

static void print_row(const Row *row, int photons, const DirectContrast *got)
{
    const TestingSkin *skin = &row->skin;
    const OpticsLayer *layer = row->scene.stack.layer;
    const DirectPlug *plug = &row->scene.plug;
    const DirectRod *rod = &row->scene.rod;
    printf("%.4g,%.4g,%.4g,%.4g,%.4g,%d,", skin->melanin, skin->blood, skin->saturation,
           skin->scatter_per_mm, skin->slope, row->wavelength_nm);
    printf("%.6g,%.6g,%.6g,%.6g,%.6g,%.4g,", layer[0].absorption_per_mm, layer[1].absorption_per_mm,
           layer[2].absorption_per_mm, layer[0].scattering_per_mm, layer[2].scattering_per_mm,
           layer[0].anisotropy);
    printf("%.4g,%.4g,%.4g,%.6g,", plug->diameter_mm, plug->top_mm, plug->bottom_mm,
           plug->absorption_per_mm);
    printf("%.4g,%.4g,%.4g,%.6g,", rod->diameter_mm, rod->tilt_rad, rod->bottom_mm,
           rod->absorption_per_mm);
    printf("%.5g,%.4g,%.4g,%d,%.6f,%.6f,%.5f,%.5f,", row->scene.pitch_mm, row->from_mm, row->to_mm,
           photons, got->skin.value, got->skin.sd, got->contrast.value, got->contrast.sd);
    double cell_mm2 = row->scene.pitch_mm * row->scene.pitch_mm, left = 1.0 - got->contrast.value;
    if (cell_mm2 > 0.0) /* R = R_skin exp(-a / cell) */
        printf("%.5f,%.5f\n", -log(left) * cell_mm2, got->contrast.sd / left * cell_mm2);
    else
        puts(",");
    fflush(stdout);
}

/* Four times the photons until they are enough: dark skin needs many more than light skin. */
static void run_row(const Request *request, const Row *row, int number)
{
    uint64_t seed = (uint64_t)request->seed + (uint64_t)number;
    for (int shift = 4; shift >= 0; shift -= 2) {
        int photons = (int)(request->photons >> shift);
        DirectContrast got = direct_contrast(&row->scene, row->from_mm, row->to_mm, photons, seed,
                                             (int)request->threads);
        bool enough = got.contrast.sd > 0.0 && got.contrast.sd <= request->sd;
        if (shift == 0 || enough) {
            print_row(row, photons, &got);
            return;
        }
    }
}

static double between(Rng *rng, double low, double high)
{
    return low + (high - low) * rng_f64(rng);
}

static double log_between(Rng *rng, double low, double high)
{
    return low * pow(high / low, rng_f64(rng));
}

static Row random_skin(Rng *rng)
{
    static const double melanin[6] = {0.002, 0.013, 0.03, 0.1, 0.2, 0.35};
    static const int wavelength_nm[8] = {420, 460, 500, 540, 580, 620, 640, 680};
    Row row = {.skin = {.melanin = melanin[rng_below(rng, 6)],
                        .blood = log_between(rng, 0.003, 0.05),
                        .saturation = between(rng, 0.4, 0.9),
                        .scatter_per_mm = between(rng, 3.7, 9.0),
                        .slope = between(rng, 0.2, 1.5)},
               .wavelength_nm = wavelength_nm[rng_below(rng, 8)]};
    row.scene.stack = testing_stack(row.skin, row.wavelength_nm);
    return row;
}

static DirectPlug plug_at(double diameter_mm, double depth_mm, double per_mm, int wavelength_nm)
{
    double top_mm = depth_mm - 0.5 * plug_mm;
    return (DirectPlug){diameter_mm, top_mm > 0.0 ? top_mm : 0.0, depth_mm + 0.5 * plug_mm,
                        per_mm * 550.0 / wavelength_nm};
}

/* Rings to 2 mm beyond the edge of the dot, every third the centre. */
static void random_dots(const Request *request)
{
    for (int i = 0; i < request->cases; i++) {
        Rng rng = rng_make((uint64_t)request->seed, (uint64_t)i);
        Row row = random_skin(&rng);
        double diameter_mm = between(&rng, 0.1, 0.8), depth_mm = between(&rng, 0.1, 1.0);
        double per_mm = log_between(&rng, 0.2, 30.0), out = log_between(&rng, 0.05, 2.0);
        row.scene.plug = plug_at(diameter_mm, depth_mm, per_mm, row.wavelength_nm);
        row.from_mm = i % 3 == 0 ? 0.0 : out;
        row.to_mm = i % 3 == 0 ? 0.1 : out * 1.2;
        run_row(request, &row, i);
    }
}

static void random_hairs(const Request *request)
{
    for (int i = 0; i < request->hairs; i++) {
        Rng rng = rng_make((uint64_t)request->seed, (uint64_t)i);
        Row row = random_skin(&rng);
        double per_mm = log_between(&rng, 1.0, 200.0) * 550.0 / row.wavelength_nm;
        double tilt_rad = i % 2 == 0 ? 0.0 : between(&rng, 0.0, 1.1);
        double diameter_mm = between(&rng, 0.03, 0.12);
        row.scene.rod = (DirectRod){diameter_mm, tilt_rad, hair_bottom_mm, per_mm};
        row.scene.pitch_mm = hair_pitch_mm;
        run_row(request, &row, i);
    }
}

static void lattices(const Request *request)
{
    static const double per_cm2[4] = {50.0, 100.0, 156.0, 280.0}, melanin[3] = {0.013, 0.1, 0.35};
    static const double dot[3][3] = {{0.2, 0.3, 10.0}, {0.3, 0.3, 10.0}, {0.3, 0.5, 5.0}};
    static const int wavelength_nm[3] = {460, 540, 640};
    for (int i = 0; i < 4 * 3 * 3 * 3; i++) {
        const double *d = dot[i / 4 % 3];
        Row row = {.skin = testing_skin(melanin[i / 36]),
                   .wavelength_nm = wavelength_nm[i / 12 % 3]};
        row.scene = (DirectScene){.stack = testing_stack(row.skin, row.wavelength_nm),
                                  .plug = plug_at(d[0], d[1], d[2], row.wavelength_nm),
                                  .pitch_mm = 10.0 / sqrt(per_cm2[i % 4])};
        run_row(request, &row, i);
    }
}

/* Rings as wide as the published ones seem to be; at 0.20 mm that matters. */
static void reference(const Request *request)
{
    static const double melanin[4] = {0.013, 0.030, 0.100, 0.200}, diameter_mm[2] = {0.2, 0.3};
    static const double depth_mm[3] = {0.15, 0.30, 0.50}, per_mm[2] = {1.0, 10.0};
    static const double ring_mm[4][2] = {{0.0, 0.1}, {0.15, 0.25}, {0.35, 0.45}, {0.95, 1.05}};
    static const int wavelength_nm[3] = {460, 540, 640};
    for (int i = 0; i < 4 * 2 * 3 * 2 * 3 * 4; i++) {
        Row row = {.skin = testing_skin(melanin[i / 144]),
                   .wavelength_nm = wavelength_nm[i / 4 % 3],
                   .from_mm = ring_mm[i % 4][0],
                   .to_mm = ring_mm[i % 4][1]};
        row.scene = (DirectScene){.stack = testing_stack(row.skin, row.wavelength_nm),
                                  .plug = plug_at(diameter_mm[i / 72 % 2], depth_mm[i / 24 % 3],
                                                  per_mm[i / 12 % 2], row.wavelength_nm)};
        run_row(request, &row, i);
    }
}

/* "--name=", then a whole number within low..high. */
static bool whole(const char *word, const char *name, long low, long high, long *value)
{
    size_t length = strlen(name);
    long read;
    if (strncmp(word, name, length) != 0 || !text_to_long(text_span(word + length), &read) ||
        read < low || read > high)
        return false;
    *value = read;
    return true;
}

static bool parse(int count, char *word[], Request *request)
{
    *request = (Request){.photons = 400000, .seed = 1, .threads = 1, .sd = 0.002};
    for (int i = 1; i < count; i++) {
        const char *w = word[i];
        if (strcmp(w, "--lattice") == 0)
            request->lattice = true;
        else if (strcmp(w, "--reference") == 0)
            request->reference = true;
        else if (strncmp(w, "--sd=", 5) == 0) {
            if (!text_to_double(text_span(w + 5), &request->sd) || !(request->sd > 0.0))
                return false;
        } else if (!whole(w, "--cases=", 1, 1000000, &request->cases) &&
                   !whole(w, "--hairs=", 1, 1000000, &request->hairs) &&
                   !whole(w, "--photons=", 128, 1000000000, &request->photons) &&
                   !whole(w, "--seed=", 0, 1L << 40, &request->seed) &&
                   !whole(w, "--threads=", 1, 64, &request->threads))
            return false;
    }
    return request->cases > 0 || request->hairs > 0 || request->lattice || request->reference;
}

int main(int count, char *word[])
{
    Request request;
    if (!parse(count, word, &request)) {
        fputs(usage, stderr);
        return 2;
    }
    puts(columns);
    if (request.reference)
        reference(&request);
    if (request.cases > 0)
        random_dots(&request);
    if (request.hairs > 0)
        random_hairs(&request);
    if (request.lattice)
        lattices(&request);
    return 0;
}
