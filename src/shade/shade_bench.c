/* Choosing a shade, against trying every dilution of a fine list. */
#include "shade/shade.h"

#include <stdio.h>
#include <time.h>

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double seconds_to_choose(const ShadeRequest *request, int times)
{
    ShadeChoice choice;
    double start = now_s();
    for (int i = 0; i < times; i++)
        shade_choose(request, &choice);
    return (now_s() - start) / times;
}

static double seconds_to_try(ShadeRequest request, int steps)
{
    ShadeChoice choice;
    double start = now_s();
    for (int i = 0; i < steps; i++) {
        request.fixed_dilution = 40.0 * i / steps;
        shade_choose(&request, &choice);
    }
    return now_s() - start;
}

int main(void)
{
    Arena arena = {0};
    Err err = {0};
    SkinTable table;
    SkinMarks *marks = NULL;
    SkinPigment pigment[2];
    SkinTone tone = skin_tone_of_lab((Lab){62.0, 9.0, 15.0});
    if (!arena_open(&arena, 64 << 20, &err) || !skin_table_load(&table, &err) ||
        !skin_marks_new(&arena, &table, &tone, &marks, &err) ||
        !skin_pigment_builtin(0, &pigment[0], &err) ||
        !skin_pigment_builtin(1, &pigment[1], &err)) {
        fprintf(stderr, "shade_bench: %s\n", err.text);
        return 1;
    }
    ShadeRequest request = shade_default();
    request.marks = marks;
    request.pigment = pigment;
    request.pigment_count = 1;
    double one_s = seconds_to_choose(&request, 20);
    double tried_s = seconds_to_try(request, 100);
    printf("shade, 1 pigment, 3 sessions   %7.1f ms a choice  %5.1f choices/s\n", 1e3 * one_s,
           1.0 / one_s);
    printf("  trying 100 dilutions         %7.1f ms           %5.1f times as long\n", 1e3 * tried_s,
           tried_s / one_s);
    request.pigment_count = 2;
    double two_s = seconds_to_choose(&request, 20);
    printf("shade, 2 pigments              %7.1f ms a choice  %5.1f choices/s\n", 1e3 * two_s,
           1.0 / two_s);
    arena_close(&arena);
    return 0;
}
