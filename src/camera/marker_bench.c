/* Processor time of a marker's surface at a place: what renderers pay for each pixel, by the width
 * of the box, best of some repeats over all of the paper. */
#include "camera/marker.h"

#include <stdio.h>
#include <time.h>

enum { ACROSS = 700, REPEATS = 7 };

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* Mean luminance of the paper, so that nothing is left out; ns by place. */
static double once(const Marker *marker, double side_mm, double *ns)
{
    double wide = marker->right_mm - marker->left_mm, tall = marker->bottom_mm - marker->top_mm;
    double sum = 0.0, start = now_ns();
    for (int y = 0; y < ACROSS; y++)
        for (int x = 0; x < ACROSS; x++) {
            Rgb color;
            if (marker_color_at(marker, marker->left_mm + (x + 0.5) / ACROSS * wide,
                                marker->top_mm + (y + 0.5) / ACROSS * tall, side_mm, &color))
                sum += color_luminance(color);
        }
    *ns = (now_ns() - start) / (ACROSS * ACROSS);
    return sum / (ACROSS * ACROSS);
}

int main(void)
{
    static const double side_mm[] = {0.0, 0.025, 0.06, 0.125, 0.5, 1.0};
    static Marker marker;
    Err err;
    for (int kind = 0; kind < MARKER_KINDS; kind++) {
        if (!marker_make((MarkerKind)kind, 42, &marker, &err))
            return 1;
        for (size_t i = 0; i < sizeof side_mm / sizeof *side_mm; i++) {
            double best = 1e9, mean = 0.0, ns;
            for (int k = 0; k < REPEATS; k++) {
                mean = once(&marker, side_mm[i], &ns);
                best = ns < best ? ns : best;
            }
            printf("%-6s box %5.3f mm: %6.1f ns a place (mean light %.4f)\n",
                   marker_kind_name((MarkerKind)kind), side_mm[i], best, mean);
        }
    }
    return 0;
}
