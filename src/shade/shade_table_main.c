/* Prints the table of docs/models/skin.md: what is chosen for every class of skin and colour of
 * hair, how well it matches, and what is warned of. The worst class counts. */
#include "shade/shade.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    double ita_deg;
} classes[] = {{"very light", 62.0}, {"light", 48.0},  {"intermediate", 34.0},
               {"tan", 19.0},        {"brown", -10.0}, {"dark", -45.0}};
static const SkinHairColor hairs[] = {SKIN_HAIR_BLACK, SKIN_HAIR_DARK_BROWN, SKIN_HAIR_BROWN,
                                      SKIN_HAIR_RED,   SKIN_HAIR_BLOND,      SKIN_HAIR_WHITE};
enum { CLASSES = 6, HAIRS = 6, MATCHED_HAIRS = 3 };

static void print_row(int class, SkinHairColor hair, const ShadeRequest *request,
                      const ShadeChoice *choice)
{
    const ShadeForecast *healed = &choice->forecast[1];
    printf("| %s (%.0f) | %s | ", classes[class].name, classes[class].ita_deg,
           skin_hair_name(hair));
    for (int s = 0; s < request->session_count; s++)
        printf("%.1f%s", choice->session[s].dilution,
               s + 1 < request->session_count ? ", " : " | ");
    printf("%.2f (%.1f-%.1f) | %.2f | %.2f | %.1f | %.1f | ", healed->delta_e2000.expected,
           healed->delta_e2000.low, healed->delta_e2000.high, healed->blue_match.expected,
           healed->contrast.expected, -healed->lightness_change.expected,
           choice->bare.L - choice->stubble.L);
    for (int i = 0; i < choice->warning_count; i++)
        printf("%s%s%s", i > 0 ? ", " : "", shade_rule_name(choice->warning[i].rule),
               choice->warning[i].severity == SHADE_REFUSE ? "!" : "");
    printf(" |\n");
}

static bool print_class(Arena *arena, const SkinTable *table, const SkinPigment *pigment, int class,
                        double *mean, Err *err)
{
    size_t mark = arena_mark(arena);
    SkinMarks *marks;
    SkinTone tone = skin_tone_of_lab(skin_lab_of_ita(classes[class].ita_deg));
    if (!skin_marks_new(arena, table, &tone, &marks, err))
        return false;
    ShadeRequest request = shade_default();
    request.marks = marks;
    request.pigment = pigment;
    request.pigment_count = 1;
    *mean = 0.0;
    for (int h = 0; h < HAIRS; h++) {
        ShadeChoice choice;
        request.hair[0] = skin_hair_make(hairs[h], 0.07);
        shade_choose(&request, &choice);
        print_row(class, hairs[h], &request, &choice);
        if (h < MATCHED_HAIRS)
            *mean += choice.forecast[1].delta_e2000.expected / MATCHED_HAIRS;
    }
    arena_rewind(arena, mark);
    return true;
}

static bool print_table(Arena *arena, Err *err)
{
    SkinTable table;
    SkinPigment pigment;
    double mean[CLASSES], worst = 0.0;
    int worst_class = 0;
    if (!skin_table_load(&table, err) || !skin_pigment_default(&pigment, err))
        return false;
    printf("| skin (ITA) | hair 0.07 mm | water : 1, sessions | deltaE00 to stubble, healed | "
           "blueness | dot contrast | darker, L* | stubble, L* | said |\n"
           "|---|---|---|---|---|---|---|---|---|\n");
    for (int c = 0; c < CLASSES; c++) {
        if (!print_class(arena, &table, &pigment, c, &mean[c], err))
            return false;
        if (mean[c] > worst) {
            worst = mean[c];
            worst_class = c;
        }
    }
    printf("\nMean of black, dark-brown and brown by class:");
    for (int c = 0; c < CLASSES; c++)
        printf(" %s %.2f%s", classes[c].name, mean[c], c + 1 < CLASSES ? "," : ".");
    printf(" Worst: %s.\n", classes[worst_class].name);
    return true;
}

int main(void)
{
    Arena arena = {0};
    Err err = {0};
    bool ok = arena_open(&arena, 64 << 20, &err) && print_table(&arena, &err);
    if (!ok)
        fprintf(stderr, "shade_table: %s\n", err.text);
    arena_close(&arena);
    return ok ? 0 : 1;
}
