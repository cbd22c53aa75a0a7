#include "hair/hair_internal.h"

#include <stdlib.h>
#include <string.h>

/* Published density of full scalp hair, hairs/cm2 (field/practice 4.2): means of 24 groups, n =
 * 2,249, lie within 159..233 (Loussouarn et al., Eur. J. Dermatol. 26 (2016) 144); group means of
 * Birnbaum 2017 and Guo 2017 within 143..230. A prior: nobody counted this client's. */
static const HairInterval full_density_per_cm2 = {150.0, 185.0, 230.0};
/* Shaft diameter: women 57..61 um by site (PMC3157785), trade figures 65..77 um; 0.06..0.08 mm
 * are used here (field/practice 4.3). */
static const double prior_diameter_mm = 0.07;
/* Shaved stubble looks dark grey whatever the hair (ISHRS Forum, field/practice 1.5). */
static const double prior_darkness = 0.9;
/* Skin without a picture: between "light" and "intermediate", ITA 37 degrees. Stated, not seen. */
static const Lab default_skin = {63.0, 12.0, 17.0};

static const double lowest_hairline_mm = 50.0; /* tape above the glabella; guard-rails say 60 */
static const double sideburn_mm = 15.0;        /* in front of the tragion */
enum { SMOOTH_ROUNDS = 5, COVER_ROUNDS = 3 };  /* about 2.7 and 2 mm standard deviation */

typedef enum Member { MEMBER_NONE, MEMBER_SCALP, MEMBER_FOREHEAD, MEMBER_UNSEEN } Member;

/* The midline point `tape_mm` above the glabella along the skin. */
static Vec3 midline_above_glabella(const Head *head, double tape_mm)
{
    Vec3 at = head->landmark_mm[HEAD_GLABELLA];
    Vec3 arm = vec_sub(at, head->centre_mm);
    double pitch = atan2(arm.y, hypot(arm.x, arm.z)), walked = 0.0;
    while (walked < tape_mm && pitch < 1.5) {
        pitch += 0.005;
        HeadPoint point = head_locate(head, vec3(0.0, sin(pitch), cos(pitch)));
        if (point.triangle < 0)
            continue;
        Vec3 next = head_position_mm(head, point);
        walked += vec_distance(next, at);
        at = next;
    }
    return at;
}

void hair_scalp_margin(const Head *head, double margin_mm[])
{
    Vec3 tragion =
        vec_lerp(head->landmark_mm[HEAD_TRAGION_LEFT], head->landmark_mm[HEAD_TRAGION_RIGHT], 0.5);
    Vec3 low = vec3(0.0, tragion.y, tragion.z + sideburn_mm);
    Vec3 high = midline_above_glabella(head, lowest_hairline_mm);
    Vec3 back = vec_normalize(vec3(0.0, high.z - low.z, low.y - high.y));
    for (int v = 0; v < head->topology->vertex_count; v++) {
        Vec3 p = head->position_mm[v];
        double plane_mm = vec_dot(vec_sub(p, low), back);
        /* An ear is about 63 mm high and 38 mm deep with its root 20 mm behind the tragion; the
         * ellipse (mm, in the side view) is that root with a margin for the fold behind it. */
        double ear = hypot((p.y - tragion.y - 6.0) / 34.0, (p.z - tragion.z + 12.0) / 24.0);
        bool beside = fabs(p.x) > 40.0;
        margin_mm[v] = beside ? fmin(plane_mm, (ear - 1.0) * 28.0) : plane_mm;
    }
}

static bool on_forehead(const Head *head, int v, const double margin_mm[])
{
    Vec3 p = head->position_mm[v], glabella = head->landmark_mm[HEAD_GLABELLA];
    return p.z > 0.4 * glabella.z && p.y > glabella.y + 12.0 && fabs(p.x) < 48.0 &&
           margin_mm[v] < -4.0;
}

/* Marks scalp and forehead with a usable colour, and takes log Y and log R/B there. */
static void take_features(const Head *head, const Rgb color[], const double margin_mm[],
                          uint8_t member[], double luminance[], double chroma[])
{
    const float black = 0.002F; /* darker is no skin but a hole in the texture */
    for (int v = 0; v < head->topology->vertex_count; v++) {
        member[v] = MEMBER_NONE;
        luminance[v] = chroma[v] = 0.0;
        Rgb c = color[v];
        double y = color_luminance(c);
        if (!(y > (double)black))
            continue;
        if (margin_mm[v] > 0.0)
            member[v] = MEMBER_SCALP;
        else if (on_forehead(head, v, margin_mm))
            member[v] = MEMBER_FOREHEAD;
        luminance[v] = log(y);
        chroma[v] = log((double)fmaxf(c.r, black) / (double)fmaxf(c.b, black));
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(int count, double sorted[], double q)
{
    return sorted[(int)(q * (count - 1) + 0.5)];
}

static bool is_seen(uint8_t member)
{
    return member == MEMBER_SCALP || member == MEMBER_FOREHEAD;
}

/* Median colour of the bare members between the shadows (darkest quarter) and the shine
 * (brightest 15 %). work [vertex_count]; false if there are too few. */
static bool bare_tone(const Head *head, const Rgb color[], const uint8_t member[],
                      const double cover[], double work[], Rgb *tone)
{
    int n = head->topology->vertex_count, count = 0;
    for (int v = 0; v < n; v++) {
        if (is_seen(member[v]) && cover[v] < 0.05 && color[v].g > 0.0F)
            work[count++] = color_luminance(color[v]);
    }
    if (count < 20)
        return false;
    qsort(work, (size_t)count, sizeof *work, compare_doubles);
    double low = quantile(count, work, 0.25), high = quantile(count, work, 0.85);
    float channel[3] = {0};
    for (int k = 0; k < 3; k++) {
        count = 0;
        for (int v = 0; v < n; v++) {
            double y = color_luminance(color[v]);
            if (!is_seen(member[v]) || cover[v] >= 0.05 || !(color[v].g > 0.0F) || y < low ||
                y > high)
                continue;
            work[count++] = (double)(k == 0 ? color[v].r : k == 1 ? color[v].g : color[v].b);
        }
        qsort(work, (size_t)count, sizeof *work, compare_doubles);
        channel[k] = (float)quantile(count, work, 0.5);
    }
    *tone = (Rgb){channel[0], channel[1], channel[2]};
    return true;
}

static Lab mean_lab_of_stubble(const Head *head, const Rgb color[], const uint8_t member[],
                               const double cover[])
{
    double r = 0.0, g = 0.0, b = 0.0, weight = 0.0;
    for (int v = 0; v < head->topology->vertex_count; v++) {
        if (cover[v] <= 0.8 || !is_seen(member[v]))
            continue;
        double w = head->area_mm2[v];
        r += w * (double)color[v].r;
        g += w * (double)color[v].g;
        b += w * (double)color[v].b;
        weight += w;
    }
    if (weight <= 0.0)
        return (Lab){0.0, 0.0, 0.0};
    return color_to_lab((Rgb){(float)(r / weight), (float)(g / weight), (float)(b / weight)});
}

static double contrast_of(const SkinMarks *marks, double hairs_per_mm2, double diameter_mm,
                          double darkness)
{
    SkinHair hair = skin_hair_of_darkness(darkness, diameter_mm);
    hair.stub_mm = HAIR_STUB_MM;
    Spectrum area = skin_hair_area(marks, hair);
    float rgb_mm2[3];
    skin_area_rgb(marks, &area, rgb_mm2);
    return 1.0 - exp(-hairs_per_mm2 * (double)rgb_mm2[1]);
}

/* How dark hairs of the prior's density and diameter must be to darken this skin by the contrast
 * seen; 1 where even black hair would not do (longer stubble darkens more than flush stubble). */
static double darkness_for(const SkinMarks *marks, double hairs_per_mm2, double diameter_mm,
                           double contrast)
{
    double low = 0.0, high = 1.0;
    for (int step = 0; step < 30; step++) {
        double middle = 0.5 * (low + high);
        double made = contrast_of(marks, hairs_per_mm2, diameter_mm, middle);
        *(made < contrast ? &low : &high) = middle;
    }
    return 0.5 * (low + high);
}

static bool check_colors(int count, const Rgb color[], Err *err)
{
    for (int v = 0; v < count; v++) {
        if (!isfinite(color[v].r) || !isfinite(color[v].g) || !isfinite(color[v].b))
            return err_set(err, ERR_INPUT, "the colour of place %d of the canvas is not a number",
                           v);
    }
    return true;
}

typedef struct Working {
    uint8_t *member;
    double *margin_mm, *luminance, *chroma, *work;
    double (*feature)[2];
    int *queue;
} Working;

/* What no picture shows of the scalp (a band that was worn, a side nobody photographed) grows as
 * what is seen around it does: outwards from there, then smoothed. */
static void fill_unseen(const Head *head, const Working *w, double cover[])
{
    /* Farther than 8 rings, some 14 mm, from all that was seen: full, for the fringe goes last. */
    enum { CALMING = 12, RINGS = 8 };
    const HeadTopology *topology = head->topology;
    int count = 0, n = topology->vertex_count;
    uint8_t *member = w->member;
    for (int v = 0; v < n; v++)
        if (member[v] == MEMBER_SCALP)
            w->queue[count++] = v;
    int seen = count, ring = 0, ring_end = count;
    for (int i = 0; i < count; i++) { /* the queue grows while it is walked: ring by ring */
        if (i == ring_end) {
            ring++;
            ring_end = count;
        }
        for (int k = topology->neighbor_start[w->queue[i]];
             k < topology->neighbor_start[w->queue[i] + 1]; k++) {
            int v = topology->neighbor[k];
            if (member[v] != MEMBER_NONE || w->margin_mm[v] <= 0.0)
                continue;
            cover[v] = ring < RINGS ? cover[w->queue[i]] : 1.0;
            member[v] = MEMBER_UNSEEN;
            w->queue[count++] = v;
        }
    }
    for (int round = 0; round < CALMING; round++)
        for (int i = seen; i < count; i++) {
            double sum = 0.0, around = 0.0;
            int v = w->queue[i];
            for (int k = topology->neighbor_start[v]; k < topology->neighbor_start[v + 1]; k++)
                if (member[topology->neighbor[k]] == MEMBER_SCALP ||
                    member[topology->neighbor[k]] == MEMBER_UNSEEN) {
                    sum += cover[topology->neighbor[k]];
                    around += 1.0;
                }
            cover[v] = around > 0.0 ? sum / around : cover[v];
        }
}

static void finish_cover(const Head *head, const Working *w, HairSurvey *survey)
{
    for (int v = 0; v < head->topology->vertex_count; v++) {
        if (w->member[v] != MEMBER_SCALP)
            survey->cover[v] = 0.0;
    }
    hair_smooth(head, w->member, COVER_ROUNDS, survey->cover, w->work);
    if (survey->has_stubble)
        fill_unseen(head, w, survey->cover);
    const double rim_mm = 4.0;
    for (int v = 0; v < head->topology->vertex_count; v++)
        survey->cover[v] *= fmin(fmax(w->margin_mm[v] / rim_mm, 0.0), 1.0);
    survey->stubble_mm2 = head_area_mm2(head, survey->cover);
}

/* The light in a photograph is not known: without a card only how brown the skin is can be told
 * from it, as the skin of that typology angle. */
static void find_tone(const Head *head, const Rgb color[], const HairPhotos *photos,
                      const Working *w, HairSurvey *survey)
{
    const double darkest_ita = -30.0, lightest_ita = 60.0; /* what was measured (docs/models) */
    Rgb tone;
    if (photos != NULL && photos->true_color != NULL &&
        bare_tone(head, photos->true_color, w->member, survey->cover, w->work, &tone)) {
        survey->has_color = true;
        survey->tone = skin_tone(tone);
        return;
    }
    survey->has_color = bare_tone(head, color, w->member, survey->cover, w->work, &tone);
    if (!survey->has_color)
        return;
    if (photos != NULL) {
        double ita = color_ita_deg(color_to_lab(tone));
        ita = fmin(fmax(ita, darkest_ita), lightest_ita);
        tone = color_from_lab(skin_lab_of_ita(ita));
    }
    survey->tone = skin_tone(tone);
}

static bool read_colors(Arena *scratch, const Head *head, const Rgb color[],
                        const HairPhotos *photos, Working *w, HairSurvey *survey, Err *err)
{
    int n = head->topology->vertex_count;
    hair_scalp_margin(head, w->margin_mm);
    take_features(head, color, w->margin_mm, w->member, w->luminance, w->chroma);
    for (int v = 0; v < n && photos != NULL; v++) /* as a hue: lower where hair is */
        if (w->member[v] != MEMBER_NONE)
            w->chroma[v] = -photos->roughness[v];
    hair_smooth(head, w->member, SMOOTH_ROUNDS, w->luminance, w->work);
    hair_smooth(head, w->member, SMOOTH_ROUNDS, w->chroma, w->work);
    for (int v = 0; v < n; v++) {
        w->feature[v][0] = w->luminance[v];
        w->feature[v][1] = w->chroma[v];
    }
    HairSplit split;
    if (!hair_split(scratch, head, w->member, w->feature, photos != NULL, w->margin_mm, &split,
                    survey->cover, err))
        return false;
    survey->separation = split.separation;
    survey->has_stubble = split.accepted;
    finish_cover(head, w, survey);
    find_tone(head, color, photos, w, survey);
    if (!survey->has_stubble)
        return true;
    SkinTable table;
    SkinMarks *marks;
    if (!skin_table_load(&table, err) ||
        !skin_marks_new(scratch, &table, &survey->tone, &marks, err))
        return false;
    survey->stubble_lab = mean_lab_of_stubble(head, color, w->member, survey->cover);
    double per_mm2 = survey->hair_per_cm2.expected / 100.0;
    if (photos != NULL) { /* beside the light's own falling off, no step of log Y can be told */
        survey->contrast = contrast_of(marks, per_mm2, survey->hair_diameter_mm, survey->darkness);
        return true;
    }
    survey->contrast = 1.0 - exp(-split.step[0]);
    survey->darkness = darkness_for(marks, per_mm2, survey->hair_diameter_mm, survey->contrast);
    return true;
}

bool hair_survey(Arena *arena, Arena *scratch, const Head *head, const Rgb vertex_color[],
                 const HairPhotos *photos, HairSurvey *survey, Err *err)
{
    size_t n = (size_t)head->topology->vertex_count;
    *survey = (HairSurvey){.tone = skin_tone(color_from_lab(default_skin)),
                           .hair_per_cm2 = full_density_per_cm2,
                           .darkness = prior_darkness,
                           .hair_diameter_mm = prior_diameter_mm};
    survey->cover = ARENA_NEW(arena, double, n);
    if (survey->cover == NULL)
        return err_set(err, ERR_LIMIT, "no room for the hair map");
    if (vertex_color == NULL)
        return true;
    if (!check_colors((int)n, vertex_color, err))
        return false;
    size_t mark = arena_mark(scratch);
    Working w = {.member = ARENA_NEW(scratch, uint8_t, n),
                 .margin_mm = ARENA_NEW(scratch, double, n),
                 .luminance = ARENA_NEW(scratch, double, n),
                 .chroma = ARENA_NEW(scratch, double, n),
                 .work = ARENA_NEW(scratch, double, n),
                 .feature = arena_alloc(scratch, n, sizeof *w.feature),
                 .queue = ARENA_NEW(scratch, int, n)};
    if (w.member == NULL || w.margin_mm == NULL || w.luminance == NULL || w.chroma == NULL ||
        w.work == NULL || w.feature == NULL || w.queue == NULL)
        return err_set(err, ERR_LIMIT, "no room to survey the hair");
    if (!read_colors(scratch, head, vertex_color, photos, &w, survey, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
