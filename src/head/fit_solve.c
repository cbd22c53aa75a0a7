#include "head/fit_internal.h"

#include <string.h>

bool fit_work_new(Arena *arena, FitWork *work, Err *err)
{
    size_t n = FIT_LIMIT;
    *work = (FitWork){.system = {ARENA_NEW(arena, double, n *n), ARENA_NEW(arena, double, n)},
                      .factor = ARENA_NEW(arena, double, n *n),
                      .step = ARENA_NEW(arena, double, n),
                      .held = ARENA_NEW(arena, FitProblem, 1)};
    if (work->system.a == NULL || work->system.b == NULL || work->factor == NULL ||
        work->step == NULL || work->held == NULL)
        return err_set(err, ERR_LIMIT, "no room for the %d unknowns of a head fit", FIT_LIMIT);
    return true;
}

bool fit_factor(int n, int stride, const double a[], double damp, double l[], double *log_det)
{
    double sum_log = 0.0;
    for (int i = 0; i < n; i++) {
        const double *ai = &a[(size_t)i * (size_t)stride];
        double *li = &l[(size_t)i * (size_t)stride];
        for (int k = 0; k <= i; k++) {
            const double *lk = &l[(size_t)k * (size_t)stride];
            double sum = ai[k] * (i == k ? 1.0 + damp : 1.0);
            for (int j = 0; j < k; j++)
                sum -= li[j] * lk[j];
            if (i == k && !(sum > 0.0))
                return false;
            li[k] = i == k ? sqrt(sum) : sum / lk[k];
        }
        sum_log += 2.0 * log(li[i]);
    }
    if (log_det != NULL)
        *log_det = sum_log;
    return true;
}

void fit_back_substitute(int n, int stride, const double l[], double x[])
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            x[i] -= l[(size_t)i * (size_t)stride + (size_t)k] * x[k];
        x[i] /= l[(size_t)i * (size_t)stride + (size_t)i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            x[i] -= l[(size_t)k * (size_t)stride + (size_t)i] * x[k];
        x[i] /= l[(size_t)i * (size_t)stride + (size_t)i];
    }
}

/* A step with more and more damping until the cost falls; false when it no longer does. */
static bool descend_once(FitProblem *problem, FitWork *work, double *damp, double *cost,
                         FitState *state)
{
    int n = problem->size;
    for (int try = 0; try < 7; try++) {
        if (fit_factor(n, n, work->system.a, *damp, work->factor, NULL)) {
            memcpy(work->step, work->system.b, (size_t)n * sizeof work->step[0]);
            fit_back_substitute(n, n, work->factor, work->step);
            FitState next = *state;
            fit_state_move(problem, &next, work->step);
            double reached = fit_evaluate(problem, &next, NULL, NULL);
            if (reached < *cost) {
                *state = next;
                *cost = reached;
                *damp *= 0.2;
                return true;
            }
        }
        *damp *= 8.0;
    }
    return false;
}

double fit_descend(FitProblem *problem, FitWork *work, int rounds, FitState *state)
{
    const double enough = 1e-4; /* of the cost: half a thousandth of an SD */
    double damp = 1e-4;
    double cost = fit_evaluate(problem, state, &work->system, NULL);
    for (int round = 0; round < rounds; round++) {
        double before = cost;
        work->iterations++;
        if (!descend_once(problem, work, &damp, &cost, state))
            break;
        if (before - cost < enough * (1.0 + cost))
            break;
        if (round + 1 < rounds)
            (void)fit_evaluate(problem, state, &work->system, NULL);
    }
    return cost;
}
