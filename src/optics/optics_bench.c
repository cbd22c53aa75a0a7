/* Time and error of a skin by the number of directions; a peer (iad 4.0.0, adding-doubling) took
 * 6.5 ms for 31 bands at 0.11 %. */
#include "optics/optics.h"

#include "optics/optics_reference.h"

#include <stdio.h>
#include <time.h>

enum { ROUNDS = 20, BANDS = 31 };
static const double peer_ms = 6.5;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

int main(void)
{
    printf("directions  ms per 31 bands  times the peer  worst error %%  gloss left out %%\n");
    for (int n = OPTICS_MIN_DIRECTIONS; n <= OPTICS_MAX_DIRECTIONS; n += 2) {
        double worst = 0.0, inner = 0.0, from = now_ms();
        for (int i = 0; i < ROUNDS * REFERENCE_SKINS; i++) {
            OpticsStack stack = reference_skin_stack(i % REFERENCE_SKINS);
            OpticsResult got = optics_reflect(&stack, n);
            double want = reference_skin[i % REFERENCE_SKINS].beam_reflected;
            worst = fmax(worst, fabs(got.beam_reflected / want - 1.0));
            inner = fmax(inner, fabs((got.beam_reflected - want) / (want - got.specular)));
        }
        double ms = (now_ms() - from) * BANDS / (ROUNDS * REFERENCE_SKINS);
        printf("%10d  %15.2f  %14.1f  %13.3f  %16.3f\n", n, ms, peer_ms / ms, 100.0 * worst,
               100.0 * inner);
    }
    return 0;
}
