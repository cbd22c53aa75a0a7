#include "cli/shade_input.h"

#include "base/io.h"
#include "base/text.h"
#include "course/protocol.h"
#include "hair/hair.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DOCUMENT_LIMIT = 64 << 20 };

/* ---- pieces of text ---- */

static const char *without_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static const char *after_prefix(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* least..most numbers separated by commas, all finite; returns how many, 0 on a mistake. */
static int numbers_of(const char *text, int least, int most, double value[])
{
    const char *at = text;
    for (int count = 0; count < most; at++) {
        size_t length = strcspn(at, ",");
        if (!text_to_double((TextSpan){at, length}, &value[count]) || !isfinite(value[count]))
            return 0;
        count++;
        at += length;
        if (*at == '\0')
            return count >= least ? count : 0;
    }
    return 0;
}

/* ---- skin ---- */

typedef enum Gloss { GLOSS_UNSAID, GLOSS_EXCLUDED, GLOSS_INCLUDED } Gloss;

static int read_gloss(const CliArgs *args, Gloss *gloss)
{
    const char *text = cli_text(args, "gloss", NULL);
    *gloss = GLOSS_UNSAID;
    if (text == NULL)
        return CLI_DONE;
    *gloss = strcmp(text, "included") == 0   ? GLOSS_INCLUDED
             : strcmp(text, "excluded") == 0 ? GLOSS_EXCLUDED
                                             : GLOSS_UNSAID;
    return *gloss != GLOSS_UNSAID
               ? CLI_DONE
               : cli_misuse("shade", "--gloss=%s is neither included nor excluded", text);
}

/* Shine adds 2.8 % of white light to whatever comes out of the skin. */
static int tone_of_light(Rgb light, bool gloss_included, ShadeInput *input)
{
    input->origin.gloss_included = gloss_included;
    if (gloss_included) {
        light.r -= (float)SKIN_GLOSS;
        light.g -= (float)SKIN_GLOSS;
        light.b -= (float)SKIN_GLOSS;
    }
    if (light.r <= 0.0f || light.g <= 0.0f)
        return cli_misuse("shade",
                          "--skin=%s is darker than the shine on any skin (2.8 %% of white): give "
                          "--gloss=excluded if it was measured without shine",
                          input->skin_given);
    input->tone = skin_tone(light);
    return CLI_DONE;
}

static int read_lab(const char *text, Gloss gloss, ShadeInput *input)
{
    double value[3];
    if (numbers_of(text, 3, 3, value) != 3 || value[0] <= 0.0 || value[0] > 100.0 ||
        fabs(value[1]) > 128.0 || fabs(value[2]) > 128.0)
        return cli_misuse("shade", "--skin=lab:%s is not L,a,b with L within 0 to 100", text);
    Lab lab = {value[0], value[1], value[2]};
    if (gloss == GLOSS_INCLUDED)
        return tone_of_light(color_from_lab(lab), true, input);
    input->tone = skin_tone_of_lab(lab);
    return CLI_DONE;
}

static int read_ita(const char *text, ShadeInput *input)
{
    double ita_deg;
    if (numbers_of(text, 1, 1, &ita_deg) != 1 || ita_deg < -90.0 || ita_deg > 90.0)
        return cli_misuse("shade", "--skin=ita:%s is not degrees within -90 to 90", text);
    input->tone = skin_tone_of_lab(skin_lab_of_ita(ita_deg));
    snprintf(input->remark, sizeof input->remark,
             "an ITA alone leaves redness open: the median skin of ITA %.0f stands for it",
             ita_deg);
    return CLI_DONE;
}

/* The chips of the scale are no skins: the light half is lighter than any. Only the angle is taken,
 * and no further than people have been measured. */
static int read_monk(const char *text, ShadeInput *input)
{
    const double lightest_deg = 65.0;
    long tone;
    if (!text_to_long(text_span(text), &tone) || tone < 1 || tone > 10)
        return cli_misuse("shade", "--skin=monk:%s is not a tone within 1 to 10", text);
    double ita_deg = fmin(color_ita_deg(color_of_monk((int)tone)), lightest_deg);
    input->tone = skin_tone_of_lab(skin_lab_of_ita(ita_deg));
    snprintf(input->remark, sizeof input->remark,
             "Monk %ld is a name, not a measurement%s: the median skin of ITA %.0f stands for it; "
             "measure the client",
             tone, tone <= 5 ? ", and its chip is lighter than skin" : "", ita_deg);
    return CLI_DONE;
}

static int read_hex(const char *text, Gloss gloss, ShadeInput *input)
{
    unsigned code = 0;
    bool ok = strlen(text) == 7 && strspn(text + 1, "0123456789abcdefABCDEF") == 6 &&
              sscanf(text + 1, "%6x", &code) == 1;
    if (!ok)
        return cli_misuse("shade", "--skin=%s is not a colour #rrggbb", text);
    uint8_t rgb[3] = {(uint8_t)(code >> 16), (uint8_t)(code >> 8), (uint8_t)code};
    return tone_of_light(color_from_srgb8(rgb), gloss != GLOSS_EXCLUDED, input);
}

static double fit_rms(const Spectrum *measured, const Spectrum *model)
{
    double sum = 0.0;
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        sum += (measured->band[b] - model->band[b]) * (measured->band[b] - model->band[b]);
    return sqrt(sum / SPECTRUM_BANDS);
}

static int read_spectrum(Arena *scratch, const char *path, Gloss gloss, ShadeInput *input)
{
    Err err = {0};
    size_t size;
    uint8_t *bytes;
    Spectrum measured;
    if (!io_read_file(scratch, path, DOCUMENT_LIMIT, &size, &bytes, &err) ||
        !skin_spectrum_parse(size, bytes, &measured, &err))
        return cli_fail(&err);
    input->origin.gloss_included = gloss == GLOSS_INCLUDED;
    for (int b = 0; b < SPECTRUM_BANDS && gloss == GLOSS_INCLUDED; b++) {
        measured.band[b] -= SKIN_GLOSS;
        if (measured.band[b] <= 0.0) {
            err_set(&err, ERR_INPUT,
                    "%s: %.0f nm reflects less than shine alone (2.8 %%): it was measured without "
                    "shine, give --gloss=excluded",
                    path, spectrum_wavelength_nm(b));
            return cli_fail(&err);
        }
    }
    input->tone = skin_tone_of_spectrum(&measured);
    input->origin.fitted = true;
    input->origin.fit_rms = fit_rms(&measured, &input->tone.spectrum);
    return CLI_DONE;
}

/* A case folder, or its assessment.json. */
static bool read_assessment(Arena *scratch, const char *path, CaseAssessment *assessment, Err *err)
{
    char file[IO_PATH_LIMIT];
    size_t size, length = strlen(path);
    uint8_t *bytes;
    if (length > 5 && strcmp(path + length - 5, ".json") == 0)
        snprintf(file, sizeof file, "%s", path);
    else if (!io_join(file, path, "assessment.json", err))
        return false;
    return io_read_file(scratch, file, DOCUMENT_LIMIT, &size, &bytes, err) &&
           casefile_assessment_from_json(size, (const char *)bytes, assessment, err);
}

static int read_assessed_skin(Arena *scratch, const char *path, ShadeInput *input)
{
    Err err = {0};
    CaseAssessment assessment;
    if (!read_assessment(scratch, path, &assessment, &err))
        return cli_fail(&err);
    if (!assessment.has_skin) {
        err_set(&err, ERR_INPUT, "%s: the assessment saw no skin colour: give --skin=lab:L,a,b",
                path);
        return cli_fail(&err);
    }
    input->tone = skin_tone_of_lab(assessment.skin);
    return CLI_DONE;
}

static int read_skin(Arena *scratch, const CliArgs *args, ShadeInput *input)
{
    const char *text = cli_text(args, "skin", NULL), *rest;
    Gloss gloss;
    if (text == NULL)
        return cli_misuse("shade", "--skin is missing: lab:L,a,b, ita:DEGREES, monk:1..10, "
                                   "#rrggbb, spectrum:FILE.csv or a case folder");
    if (read_gloss(args, &gloss) != CLI_DONE)
        return CLI_USAGE;
    bool measured = text[0] == '#' || after_prefix(text, "lab:") != NULL ||
                    after_prefix(text, "spectrum:") != NULL;
    if (gloss != GLOSS_UNSAID && !measured)
        return cli_misuse("shade",
                          "--gloss is for measured colours (lab:, # and spectrum:): "
                          "--skin=%s has no shine",
                          text);
    snprintf(input->skin_given, sizeof input->skin_given, "%s", text);
    if ((rest = after_prefix(text, "lab:")) != NULL)
        return read_lab(rest, gloss, input);
    if ((rest = after_prefix(text, "ita:")) != NULL)
        return read_ita(rest, input);
    if ((rest = after_prefix(text, "monk:")) != NULL)
        return read_monk(rest, input);
    if (text[0] == '#')
        return read_hex(text, gloss, input);
    if ((rest = after_prefix(text, "spectrum:")) != NULL) {
        snprintf(input->skin_given, sizeof input->skin_given, "spectrum:%s", without_folder(rest));
        return read_spectrum(scratch, rest, gloss, input);
    }
    if (access(text, F_OK) != 0)
        return cli_misuse("shade",
                          "--skin=%s is none of lab:L,a,b, ita:DEGREES, monk:1..10, #rrggbb, "
                          "spectrum:FILE.csv, and there is no case folder of that name",
                          text);
    snprintf(input->skin_given, sizeof input->skin_given, "%s", without_folder(text));
    return read_assessed_skin(scratch, text, input);
}

/* ---- hair ---- */

static void one_kind(ShadeRequest *request, SkinHair hair, double share)
{
    request->hair[request->hair_count] = hair;
    request->hair_share[request->hair_count++] = share;
}

/* Grey hair is white shafts among dark ones; a grey share adds white ones to any colour. */
static void mix_kinds(ShadeRequest *request, SkinHair hair, bool grey, double grey_share)
{
    double diameter_mm = hair.diameter_mm;
    request->hair_count = 0;
    if (grey) {
        hair = skin_hair_make(SKIN_HAIR_DARK_BROWN, diameter_mm);
        grey_share = 0.5;
    }
    if (grey_share < 1.0)
        one_kind(request, hair, 1.0 - grey_share);
    if (grey_share > 0.0)
        one_kind(request, skin_hair_make(SKIN_HAIR_WHITE, diameter_mm), grey_share);
    request->grey_share = grey_share;
}

static int hair_color_of(const char *text)
{
    int color = 0;
    while (color < SKIN_HAIR_COLORS && strcmp(skin_hair_name((SkinHairColor)color), text) != 0)
        color++;
    return color;
}

static int read_assessed_hair(Arena *scratch, const CliArgs *args, const char *path,
                              ShadeRequest *request, SkinHair *hair)
{
    Err err = {0};
    CaseAssessment assessment;
    if (!read_assessment(scratch, path, &assessment, &err))
        return cli_fail(&err);
    if (!assessment.has_stubble) {
        err_set(&err, ERR_INPUT, "%s: the assessment saw no stubble: name the hair, --hair=black",
                path);
        return cli_fail(&err);
    }
    double diameter_mm = cli_number(args, "hair-diameter-mm", assessment.hair_diameter_mm);
    *hair = skin_hair_of_darkness(assessment.darkness, diameter_mm);
    request->hair_per_cm2 = assessment.hair_per_cm2;
    return CLI_DONE;
}

static int read_hair(Arena *scratch, const CliArgs *args, ShadeInput *input)
{
    ShadeRequest *request = &input->request;
    const char *skin = cli_text(args, "skin", ""), *text = cli_text(args, "hair", NULL);
    bool assessed = strchr(skin, ':') == NULL && skin[0] != '#';
    double diameter_mm = cli_number(args, "hair-diameter-mm", 0.07), grey_share;
    if (text == NULL && !assessed)
        return cli_misuse("shade", "--hair is missing: black, dark-brown, brown, blond, red, grey, "
                                   "white or a case folder");
    if (text == NULL)
        text = skin;
    int color = hair_color_of(text);
    SkinHair hair = {0};
    if (color == SKIN_HAIR_COLORS && access(text, F_OK) != 0)
        return cli_misuse("shade",
                          "--hair=%s is none of black, dark-brown, brown, blond, red, grey, white, "
                          "and there is no case folder of that name",
                          text);
    if (color < SKIN_HAIR_COLORS)
        hair = skin_hair_make((SkinHairColor)color, diameter_mm);
    else if (read_assessed_hair(scratch, args, text, request, &hair) != CLI_DONE)
        return CLI_FAILED;
    grey_share = cli_number(args, "grey-share", 0.0);
    if (color == SKIN_HAIR_GREY && cli_has(args, "grey-share"))
        return cli_misuse("shade", "--grey-share says how much of another colour is grey: "
                                   "--hair=grey is half of dark-brown already");
    mix_kinds(request, hair, color == SKIN_HAIR_GREY, grey_share);
    for (int i = 0; i < request->hair_count; i++)
        request->hair[i].stub_mm = cli_number(args, "stub-mm", HAIR_STUB_MM);
    request->hair_per_cm2 = cli_number(args, "hair-per-cm2", request->hair_per_cm2);
    snprintf(input->hair_given, sizeof input->hair_given, "%s", without_folder(text));
    return CLI_DONE;
}

/* ---- sessions and pigment ---- */

static int read_protocol(Arena *scratch, const char *name, ShadeRequest *request)
{
    Protocol *protocol = ARENA_NEW(scratch, Protocol, 1);
    Err err = {0};
    size_t size;
    uint8_t *bytes;
    bool is_file = strchr(name, '/') != NULL || strchr(name, '.') != NULL;
    if (protocol == NULL)
        return cli_fail((err_set(&err, ERR_LIMIT, "no room for a protocol"), &err));
    bool ok = is_file ? io_read_file(scratch, name, 1 << 20, &size, &bytes, &err) &&
                            protocol_from_json(scratch, size, (const char *)bytes, protocol, &err)
                      : protocol_builtin(scratch, name, protocol, &err);
    if (!ok)
        return cli_fail(&err);
    request->session_count = protocol->session_count;
    for (int s = 0; s < protocol->session_count; s++) {
        request->session_share[s] = protocol->share[s];
        request->session_strength[s] = protocol->strength[s];
    }
    return CLI_DONE;
}

/* Shares of the dots in any unit; strengths as in protocols/standard.json: lighter first, darker
 * detail last. */
static int read_shares(const char *text, ShadeRequest *request)
{
    double share[SHADE_MAX_SESSIONS], sum = 0.0;
    int count = numbers_of(text, 1, SHADE_MAX_SESSIONS, share);
    for (int s = 0; s < count; s++) {
        sum += share[s];
        if (share[s] <= 0.0 || share[s] > 1e6)
            count = 0;
    }
    if (count == 0)
        return cli_misuse("shade", "--sessions=%s is not 1 to %d shares such as 45,35,20", text,
                          SHADE_MAX_SESSIONS);
    request->session_count = count;
    for (int s = 0; s < count; s++) {
        request->session_share[s] = share[s] / sum;
        request->session_strength[s] = count == 1 ? 1.0 : s == 0 ? 0.9 : s > 1 ? 1.1 : 1.0;
    }
    return CLI_DONE;
}

static int read_sessions(Arena *scratch, const CliArgs *args, ShadeRequest *request)
{
    const char *shares = cli_text(args, "sessions", NULL);
    if (shares != NULL && cli_has(args, "protocol"))
        return cli_misuse("shade", "--sessions and --protocol exclude each other");
    return shares != NULL ? read_shares(shares, request)
                          : read_protocol(scratch, cli_text(args, "protocol", "standard"), request);
}

bool shade_input_pigment(Arena *scratch, const char *name, SkinPigment *pigment, Err *err)
{
    static const char *const built_in[] = {"carbon", "absorbable"};
    size_t size;
    uint8_t *bytes;
    for (int i = 0; i < skin_pigment_count() && i < 2; i++)
        if (strcmp(name, built_in[i]) == 0)
            return skin_pigment_builtin(i, pigment, err);
    if (strchr(name, '/') == NULL && strchr(name, '.') == NULL)
        return err_set(err, ERR_INPUT,
                       "there is no pigment '%s': carbon, absorbable, or a file such as ./%s.json",
                       name, name);
    Err cause = {0};
    if (!io_read_file(scratch, name, 1 << 20, &size, &bytes, err))
        return false;
    if (!skin_pigment_parse(size, bytes, pigment, &cause))
        return err_set(err, cause.code, "%.200s: %.280s", name, cause.text);
    return true;
}

static int read_pigments(Arena *scratch, const CliArgs *args, ShadeInput *input)
{
    ShadeRequest *request = &input->request;
    Err err = {0};
    const char *name;
    for (int i = 0; (name = cli_repeated(args, "pigment", i)) != NULL; i++) {
        if (i == SHADE_MAX_PIGMENTS)
            return cli_misuse("shade", "more than %d pigments", SHADE_MAX_PIGMENTS);
        if (!shade_input_pigment(scratch, name, &input->pigment[i], &err))
            return cli_fail(&err);
        request->pigment_count = i + 1;
    }
    if (request->pigment_count == 0) {
        if (!skin_pigment_default(&input->pigment[0], &err))
            return cli_fail(&err);
        request->pigment_count = 1;
    }
    request->fixed_dilution = cli_number(args, "dilution", -1.0);
    return CLI_DONE;
}

int shade_input_read(Arena *scratch, const CliArgs *args, ShadeInput *input)
{
    ShadeRequest *request = &input->request;
    *request = shade_default();
    request->pigment = input->pigment;
    request->dots_per_cm2 = cli_number(args, "dots-per-cm2", request->dots_per_cm2);
    request->diameter_mm = cli_number(args, "dot-diameter-mm", request->diameter_mm);
    request->depth_mm = cli_number(args, "dot-depth-mm", request->depth_mm);
    request->depth_sd_mm = cli_number(args, "depth-sd-mm", request->depth_sd_mm);
    request->match = cli_number(args, "match", request->match);
    request->habits = (SkinHabits){.sun = cli_number(args, "sun", 0.0),
                                   .oiliness = cli_number(args, "oily", 0.0),
                                   .immunity = cli_number(args, "immune", 0.0),
                                   .scar = cli_has(args, "scar"),
                                   .age_years = cli_number(args, "age", 0.0)};
    input->origin = (ShadeOrigin){.skin = input->skin_given, .hair = input->hair_given};
    int status = read_skin(scratch, args, input);
    if (status == CLI_DONE)
        status = read_hair(scratch, args, input);
    if (status == CLI_DONE)
        status = read_sessions(scratch, args, request);
    if (status == CLI_DONE)
        status = read_pigments(scratch, args, input);
    input->origin.remark = input->remark[0] != '\0' ? input->remark : NULL;
    return status;
}
