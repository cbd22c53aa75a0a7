#include "skin/skin_report.h"

#include "skin/ageing.h"

#include <math.h>
#include <stdio.h>

/* One ITA for each class, as in shade_table. */
enum { CLASSES = 6 };
static const double class_ita_deg[CLASSES] = {62.0, 48.0, 34.0, 19.0, -10.0, -45.0};
static const int blue = 6, green = 14, red = 24; /* 460, 540, 640 nm */

/* The dot and the density of the field study, and its hair. */
static const SkinMark standard = {0.30, 0.30, 10.0, SKIN_CARBON_SLOPE};
static const double standard_per_mm2 = 1.5, hair_mm = 0.07;

typedef void ClassFn(const SkinMarks *marks, const char *class);

static bool each_class(Arena *arena, const SkinTable *table, ClassFn *print, Err *err)
{
    for (int c = 0; c < CLASSES; c++) {
        size_t mark = arena_mark(arena);
        SkinTone tone = skin_tone_of_lab(skin_lab_of_ita(class_ita_deg[c]));
        SkinMarks *marks;
        if (!skin_marks_new(arena, table, &tone, &marks, err))
            return false;
        print(marks, color_ita_class(tone.ita_deg));
        arena_rewind(arena, mark);
    }
    return true;
}

static double center_contrast(const SkinMarks *marks, SkinMark mark, int band)
{
    return 1.0 -
           skin_mark_center(marks, mark).band[band] / skin_marks_tone(marks)->spectrum.band[band];
}

static Lab far_lab(const SkinMarks *marks, const Spectrum *area_mm2, double per_mm2)
{
    Spectrum seen = skin_far_view(skin_marks_tone(marks), area_mm2, per_mm2);
    return spectrum_lab(&seen, SPECTRUM_D65);
}

/* ---- a dot, and hairs ---- */

static void print_area(const SkinMarks *marks, const Spectrum *area_mm2)
{
    Lab bare = spectrum_lab(&skin_marks_tone(marks)->spectrum, SPECTRUM_D65);
    Lab far = far_lab(marks, area_mm2, standard_per_mm2);
    printf("%.5f,%.5f,%.5f,%.3f,%.3f,%.3f,%.3f,%.3f\n", area_mm2->band[blue], area_mm2->band[green],
           area_mm2->band[red], skin_blue_ratio(area_mm2), far.L - bare.L, far.a - bare.a,
           far.b - bare.b, color_delta_e2000(far, bare));
}

static void print_class(const SkinMarks *marks, const char *class)
{
    const SkinTone *tone = skin_marks_tone(marks);
    char skin[128];
    snprintf(skin, sizeof skin, "%s,%.0f,%.1f,%.4f,%.4f,%.2f,%.2f", class, tone->ita_deg,
             tone->lab.L, tone->value[SKIN_MELANIN], tone->value[SKIN_BLOOD],
             tone->value[SKIN_SCATTER], tone->residual_de2000);
    Spectrum area = skin_mark_area(marks, standard);
    printf("%s,dot,%.4f,%.4f,%.4f,%.3f,", skin, center_contrast(marks, standard, blue),
           center_contrast(marks, standard, green), center_contrast(marks, standard, red),
           skin_mark_width_mm(marks, standard));
    print_area(marks, &area);
    for (int h = 0; h < SKIN_HAIR_COLORS; h++) {
        area = skin_hair_area(marks, skin_hair_make((SkinHairColor)h, hair_mm));
        printf("%s,%s,,,,,", skin, skin_hair_name((SkinHairColor)h));
        print_area(marks, &area);
    }
}

bool report_classes(Arena *arena, const SkinTable *table, Err *err)
{
    puts("class,ita_deg,L,melanin,blood,scatter_per_mm,residual_de2000,mark,contrast_460,"
         "contrast_540,contrast_640,width_mm,area_460_mm2,area_540_mm2,area_640_mm2,blue_ratio,"
         "delta_L,delta_a,delta_b,delta_e2000");
    return each_class(arena, table, print_class, err);
}

/* ---- by depth ---- */

static void print_depths(const SkinMarks *marks, const char *class)
{
    for (int i = 0; i <= 36; i++) {
        SkinMark mark = standard;
        mark.depth_mm = 0.1 + 0.025 * i;
        Spectrum area = skin_mark_area(marks, mark);
        printf("%s,%.3f,%.5f,%.5f,%.5f,%.4f,%.4f\n", class, mark.depth_mm,
               center_contrast(marks, mark, blue), center_contrast(marks, mark, green),
               center_contrast(marks, mark, red), skin_mark_width_mm(marks, mark),
               skin_blue_ratio(&area));
    }
}

bool report_depths(Arena *arena, const SkinTable *table, Err *err)
{
    puts("class,depth_mm,contrast_460,contrast_540,contrast_640,width_mm,blue_ratio");
    return each_class(arena, table, print_depths, err);
}

/* ---- by density ---- */

static void print_densities(const SkinMarks *marks, const char *class)
{
    Spectrum dot = skin_mark_area(marks, standard);
    Spectrum hair = skin_hair_area(marks, skin_hair_make(SKIN_HAIR_BLACK, hair_mm));
    double bare = far_lab(marks, &dot, 0.0).L;
    for (int per_cm2 = 0; per_cm2 <= 300; per_cm2 += 25)
        printf("%s,%d,%.4f,%.4f\n", class, per_cm2, far_lab(marks, &dot, per_cm2 / 100.0).L - bare,
               far_lab(marks, &hair, per_cm2 / 100.0).L - bare);
}

bool report_densities(Arena *arena, const SkinTable *table, Err *err)
{
    puts("class,per_cm2,dot_delta_L,black_hair_delta_L");
    return each_class(arena, table, print_densities, err);
}

/* ---- through time ---- */

/* As skin_mark_center, of a moment. */
static double moment_contrast(const SkinMarks *marks, SkinMoment moment)
{
    enum { PLACES = 32 };
    SkinProfile profile = skin_moment_profile(marks, moment);
    double sum = 0.0;
    for (int i = 0; i < PLACES; i++)
        sum += skin_profile_at(&profile, green, 0.1 * sqrt((i + 0.5) / PLACES));
    return sum / PLACES;
}

static void print_moment(const SkinMarks *marks, const SkinAgeing *ageing, double days, int which)
{
    SkinMoment moment = skin_mark_at(standard, ageing, days, which);
    Spectrum area = skin_moment_area(marks, moment);
    double bare = far_lab(marks, &area, 0.0).L;
    printf("%s,%.3f,%d,%.4f,%.4f,%.4f,%.4f,%.5f,%.5f,%.3f,%.3f\n", skin_kind_name(ageing->kind),
           days, which, moment.dermal.absorption_per_mm, moment.dermal.diameter_mm,
           moment.blood_factor, moment.veil, area.band[green], moment_contrast(marks, moment),
           skin_blue_ratio(&area), far_lab(marks, &area, standard_per_mm2).L - bare);
}

bool report_times(Arena *arena, const SkinTable *table, Err *err)
{
    /* Quarters of a day to day 30, then quarters of a year to year 10. */
    enum { EARLY = 121, LATE = 41 };
    SkinTone tone = skin_tone_of_lab(skin_lab_of_ita(class_ita_deg[1]));
    SkinMarks *marks;
    if (!skin_marks_new(arena, table, &tone, &marks, err))
        return false;
    puts("kind,days,which,absorption_per_mm,diameter_mm,blood_factor,veil,area_540_mm2,"
         "contrast_540,blue_ratio,delta_L");
    for (int kind = SKIN_PERMANENT; kind <= SKIN_ABSORBABLE; kind++) {
        SkinAgeing ageing = skin_ageing((SkinKind)kind, &tone, NULL);
        for (int which = -1; which <= 1; which++) {
            for (int i = 0; i < EARLY; i++)
                print_moment(marks, &ageing, 0.25 * i, which);
            for (int i = 0; i < LATE; i++)
                print_moment(marks, &ageing, SKIN_HEALED_DAY + i * 0.25 * SKIN_DAYS_PER_YEAR,
                             which);
        }
    }
    return true;
}
