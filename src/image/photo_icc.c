#include "image/photo_internal.h"

#include <assert.h>
#include <lcms2.h>
#include <math.h>
#include <string.h>

/* lcms is called with its global context throughout: others take a lock, which another thread could
 * hold while we fork. */

static void name_profile(cmsHPROFILE profile, char name[64])
{
    char text[64] = "";
    cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", text, sizeof text);
    size_t length = 0;
    for (const char *c = text; *c != '\0' && length + 1 < 64; c++)
        if (*c >= ' ' && *c <= '~')
            name[length++] = *c;
    name[length] = '\0';
    if (length == 0)
        memcpy(name, "unnamed", sizeof "unnamed");
}

/* Open, and of a kind that a photograph can have. */
static cmsHPROFILE open_profile(size_t size, const uint8_t icc[], char name[64], Err *err)
{
    cmsHPROFILE profile = cmsOpenProfileFromMem(icc, (cmsUInt32Number)size);
    if (profile == NULL) {
        err_set(err, ERR_INPUT,
                "the colour profile of %zu bytes is damaged: save the photograph "
                "as sRGB",
                size);
        return NULL;
    }
    name_profile(profile, name);
    cmsColorSpaceSignature space = cmsGetColorSpace(profile);
    if (space == cmsSigRgbData || space == cmsSigGrayData)
        return profile;
    char kind[5] = {(char)(space >> 24), (char)(space >> 16), (char)(space >> 8), (char)space, 0};
    for (int i = 0; i < 4; i++)
        if (kind[i] < ' ' || kind[i] > '~')
            kind[i] = '?';
    err_set(err, ERR_INPUT,
            "the colour profile '%s' is not RGB but '%s': save the photograph as "
            "sRGB",
            name, kind);
    cmsCloseProfile(profile);
    return NULL;
}

static bool has_tables(cmsHPROFILE profile)
{
    return cmsIsTag(profile, cmsSigAToB0Tag) || cmsIsTag(profile, cmsSigAToB1Tag);
}

static const cmsTagSignature curve_tag[3] = {cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag};
static const cmsTagSignature column_tag[3] = {cmsSigRedColorantTag, cmsSigGreenColorantTag,
                                              cmsSigBlueColorantTag};

static cmsToneCurve *tone_curve(cmsHPROFILE profile, int channel)
{
    bool grey = cmsGetColorSpace(profile) == cmsSigGrayData;
    return cmsReadTag(profile, grey ? cmsSigGrayTRCTag : curve_tag[channel]);
}

/* Curves and matrix; false when the profile has none. shift 0.5: between the codes. */
static bool read_shaper(cmsHPROFILE profile, int codes, double shift, PhotoColor *color)
{
    bool grey = cmsGetColorSpace(profile) == cmsSigGrayData;
    if (!grey && !cmsIsMatrixShaper(profile))
        return false;
    if (grey)
        photo_color_space(PHOTO_SRGB, 2, color); /* for the matrix: one */
    for (int channel = 0; channel < 3; channel++) {
        const cmsToneCurve *curve = tone_curve(profile, channel);
        const cmsCIEXYZ *xyz = grey ? NULL : cmsReadTag(profile, column_tag[channel]);
        if (curve == NULL || (!grey && xyz == NULL))
            return false;
        for (int i = 0; i < codes; i++)
            color->curve[channel][i] =
                cmsEvalToneCurveFloat(curve, (cmsFloat32Number)(((double)i + shift) / (codes - 1)));
        if (xyz != NULL)
            photo_color_column(color, channel, (double[3]){xyz->X, xyz->Y, xyz->Z}, photo_d50);
    }
    return true;
}

/* Linear light in the sRGB primaries, for transforms through tables. */
static cmsHPROFILE light_profile(void)
{
    static const cmsCIExyY white = {0.3127, 0.3290, 1.0};
    static const cmsCIExyYTRIPLE primaries = {
        {0.64, 0.33, 1.0}, {0.30, 0.60, 1.0}, {0.15, 0.06, 1.0}};
    cmsToneCurve *straight = cmsBuildGamma(NULL, 1.0);
    if (straight == NULL)
        return NULL;
    cmsHPROFILE light =
        cmsCreateRGBProfile(&white, &primaries, (cmsToneCurve *[3]){straight, straight, straight});
    cmsFreeToneCurve(straight);
    return light;
}

/* Row by row from the last to the first: light takes more room than codes, in the same place. The
 * curves, of which there are none, lend their room for a row. */
static void through_tables(cmsHTRANSFORM transform, PhotoRaw *raw)
{
    static_assert((int)IMAGE_MAX_SIDE_PX <= (int)PHOTO_CODES,
                  "a row of three channels fits into the curves");
    float *row = raw->color.curve[0];
    size_t width = (size_t)raw->width_px, code_bytes = raw->kind == PHOTO_KIND_8 ? 3 : 8;
    uint8_t *pixels = photo_pixels(raw);
    for (size_t y = (size_t)raw->height_px; y-- > 0;) {
        cmsDoTransform(transform, pixels + y * width * code_bytes, row, (cmsUInt32Number)width);
        memcpy(pixels + y * width * 3 * sizeof(float), row, width * 3 * sizeof(float));
    }
}

/* A profile of tables, as scanners and some raw converters write: through lcms, pixel by pixel. */
static bool convert_tables(cmsHPROFILE profile, PhotoRaw *raw, Err *err)
{
    bool ok = false;
    cmsUInt32Number from = raw->kind == PHOTO_KIND_8 ? TYPE_RGB_8 : TYPE_RGBA_16;
    cmsHPROFILE light = light_profile();
    cmsHTRANSFORM transform = NULL;
    if (light != NULL)
        transform = cmsCreateTransform(profile, from, light, TYPE_RGB_FLT,
                                       INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE);
    if (transform == NULL) {
        err_set(err, ERR_INPUT,
                "the colour profile '%s' cannot be used: save the photograph as "
                "sRGB",
                raw->facts.profile);
        goto out;
    }
    through_tables(transform, raw);
    raw->kind = PHOTO_KIND_LIGHT;
    ok = true;
out:
    if (transform != NULL)
        cmsDeleteTransform(transform);
    if (light != NULL)
        cmsCloseProfile(light);
    return ok;
}

static bool read_profile(bool pixels, PhotoRaw *raw, Err *err)
{
    cmsHPROFILE profile = open_profile(raw->icc_size, raw->icc, raw->facts.profile, err);
    if (profile == NULL)
        return false;
    int codes = raw->kind == PHOTO_KIND_8 ? 256 : PHOTO_CODES;
    bool grey = cmsGetColorSpace(profile) == cmsSigGrayData, ok = true;
    raw->origin = grey ? PHOTO_ORIGIN_OTHER : PHOTO_ORIGIN_ICC;
    if (has_tables(profile) || !read_shaper(profile, codes, 0.0, &raw->color))
        ok = !grey && pixels ? convert_tables(profile, raw, err)
                             : !grey || err_set(err, ERR_INPUT,
                                                "the grey profile '%s' has no curve: save the "
                                                "photograph as sRGB",
                                                raw->facts.profile);
    cmsCloseProfile(profile);
    return ok;
}

bool photo_color_read(const PhotoExif *exif, bool pixels, PhotoRaw *raw, Err *err)
{
    int codes = raw->kind == PHOTO_KIND_8 ? 256 : PHOTO_CODES;
    if (raw->icc_size > 0)
        return read_profile(pixels, raw, err);
    if (raw->origin == PHOTO_ORIGIN_OTHER)
        return true; /* the codec has filled raw->color */
    if (raw->origin == PHOTO_ORIGIN_NONE && exif->adobe_rgb)
        raw->origin = PHOTO_ORIGIN_ADOBE;
    PhotoSpace space = raw->origin == PHOTO_ORIGIN_P3      ? PHOTO_DISPLAY_P3
                       : raw->origin == PHOTO_ORIGIN_ADOBE ? PHOTO_ADOBE_RGB
                                                           : PHOTO_SRGB;
    static const char *const name[] = {[PHOTO_SRGB] = "sRGB (assumed)",
                                       [PHOTO_DISPLAY_P3] = "Display P3",
                                       [PHOTO_ADOBE_RGB] = "Adobe RGB (EXIF)"};
    memcpy(raw->facts.profile, name[space], strlen(name[space]) + 1);
    photo_color_space(space, codes, &raw->color);
    return true;
}

/* ---- for writing ---- */

static bool invert(const float m[3][3], float inverse[3][3])
{
    double a[3][3], det;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int r = (j + 1) % 3, s = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
            a[i][j] = (double)m[r][c] * (double)m[s][d] - (double)m[r][d] * (double)m[s][c];
        }
    det = (double)m[0][0] * a[0][0] + (double)m[0][1] * a[1][0] + (double)m[0][2] * a[2][0];
    if (!(fabs(det) > 1e-6))
        return false;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            inverse[i][j] = (float)(a[i][j] / det);
    return true;
}

bool photo_color_inverse(size_t icc_size, const uint8_t icc[], PhotoColor *color,
                         PhotoInverse *inverse, Err *err)
{
    char name[64];
    bool ok = false;
    cmsHPROFILE profile = open_profile(icc_size, icc, name, err);
    if (profile == NULL)
        return false;
    if (cmsGetColorSpace(profile) != cmsSigRgbData || has_tables(profile) ||
        !read_shaper(profile, 256, 0.5, color) ||
        !invert((const float(*)[3])color->matrix, inverse->matrix)) {
        err_set(err, ERR_INPUT, "the colour profile '%s' can be read but not written: write sRGB",
                name);
        goto out;
    }
    for (int channel = 0; channel < 3; channel++)
        for (int i = 0; i < 255; i++) { /* ascending, whatever the curve does */
            float here = color->curve[channel][i];
            float last = i > 0 ? inverse->half[channel][i - 1] : 0.0f;
            inverse->half[channel][i] = here > last ? here : last;
        }
    ok = true;
out:
    cmsCloseProfile(profile);
    return ok;
}

/* ---- profiles of our own ---- */

static const char *const space_name[] = {[PHOTO_SRGB] = "sRGB",
                                         [PHOTO_DISPLAY_P3] = "Display P3",
                                         [PHOTO_ADOBE_RGB] = "Adobe RGB compatible"};

static cmsToneCurve *curve_of_space(PhotoSpace space)
{
    /* IEC 61966-2-1 as lcms' parametric curve 4: ((X + 0.055) / 1.055)^2.4, X / 12.92 below. */
    static const double srgb[5] = {2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045};
    if (space == PHOTO_ADOBE_RGB)
        return cmsBuildGamma(NULL, 563.0 / 256.0);
    return cmsBuildParametricToneCurve(NULL, 4, srgb);
}

static cmsHPROFILE make_profile(PhotoSpace space)
{
    static const cmsCIExyY white = {0.3127, 0.3290, 1.0};
    static const cmsCIExyYTRIPLE primaries[] = {
        [PHOTO_SRGB] = {{0.64, 0.33, 1.0}, {0.30, 0.60, 1.0}, {0.15, 0.06, 1.0}},
        [PHOTO_DISPLAY_P3] = {{0.680, 0.320, 1.0}, {0.265, 0.690, 1.0}, {0.150, 0.060, 1.0}},
        [PHOTO_ADOBE_RGB] = {{0.64, 0.33, 1.0}, {0.21, 0.71, 1.0}, {0.15, 0.06, 1.0}}};
    cmsToneCurve *curve = curve_of_space(space);
    if (curve == NULL)
        return NULL;
    cmsHPROFILE profile =
        cmsCreateRGBProfile(&white, &primaries[space], (cmsToneCurve *[3]){curve, curve, curve});
    cmsFreeToneCurve(curve);
    if (profile == NULL)
        return NULL;
    cmsMLU *name = cmsMLUalloc(NULL, 1), *terms = cmsMLUalloc(NULL, 1);
    bool ok = name != NULL && terms != NULL &&
              cmsMLUsetASCII(name, "en", "US", space_name[space]) &&
              cmsMLUsetASCII(terms, "en", "US", "No copyright, use freely") &&
              cmsWriteTag(profile, cmsSigProfileDescriptionTag, name) &&
              cmsWriteTag(profile, cmsSigCopyrightTag, terms);
    cmsSetProfileVersion(profile, space == PHOTO_ADOBE_RGB ? 2.1 : 4.3);
    cmsMLUfree(name);
    cmsMLUfree(terms);
    if (!ok) {
        cmsCloseProfile(profile);
        return NULL;
    }
    return profile;
}

bool photo_profile(Arena *arena, PhotoSpace space, size_t *size, uint8_t **icc, Err *err)
{
    enum { DATE_AT = 24 }; /* ICC.1:2022, table 17: the library writes the clock there */
    static const uint8_t date[12] = {0x07, 0xea, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0}; /* 2026-01-01 */
    cmsUInt32Number room = 0;
    bool ok = false;
    cmsHPROFILE profile = make_profile(space);
    if (profile == NULL || !cmsSaveProfileToMem(profile, NULL, &room) || room < 128) {
        err_set(err, ERR_LIMIT, "no room for a colour profile");
        goto out;
    }
    *size = room;
    *icc = ARENA_NEW(arena, uint8_t, room);
    if (*icc == NULL || !cmsSaveProfileToMem(profile, *icc, &room)) {
        err_set(err, ERR_LIMIT, "no room for a colour profile of %zu bytes", *size);
        goto out;
    }
    memcpy(*icc + DATE_AT, date, sizeof date);
    ok = true;
out:
    if (profile != NULL)
        cmsCloseProfile(profile);
    return ok;
}
