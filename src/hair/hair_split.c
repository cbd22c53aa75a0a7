#include "hair/hair_internal.h"

#include <stdlib.h>
#include <string.h>

/* Shading is baked into a scan's colour and is smooth; stubble has a border. So log colour is
 * modelled as a trend of low order over the head plus a step where hair grows, and trend and step
 * are fitted together (expectation-maximisation): a trend fitted alone would swallow the fringe. */
enum { TREND = 9, COLUMNS = TREND + 1, STARTS = 3, BY_SECOND = 1, ROUNDS = 40, PLAIN_ROUNDS = 15 };

/* What a split must show before anybody believes it. Two halves of one Gaussian class lie 2.65
 * standard deviations apart, its EM fit closer; unstructured noise smoothed over 3 mm breaks
 * 15..20 % of the edges, a bald top with a fringe about 1..2 %. */
static const double least_separation = 2.7;
static const double most_ragged = 0.06;
static const double least_step = 0.05; /* of log Y: 5 % darker */
static const double least_edge = 0.35;
/* Standard deviation of log Y by which shaved hair is rougher than the skin beside it: pores and
 * the grain of photographs make 0.02 to 0.04, black stubble on light skin 0.1 [assumption]. */
static const double least_rougher = 0.01;
static const double least_share = 0.01;
static const double most_forehead = 0.4;
/* Stubble over (almost) the whole scalp has no fringe as its witness, and a lit forehead looks like
 * it: then the scalp must be greyer than the forehead too, which light alone does not do. */
static const double whole_share = 0.85, least_grey = 0.02;
/* Pull of the trend's coefficients to 0, per member: hardly any on the slopes of log Y, some on its
 * curvature, which looks like a fringe; a strong one on the hue, because shading leaves hue alone
 * and only the colour of the light drifts. */
static const double slope_ridge = 1e-4, curvature_ridge = 1e-2, hue_ridge = 0.3;
/* Coupling of neighbours in the class field (mean-field Ising), logits per agreeing neighbour. */
static const double coupling = 0.5;

typedef struct Fit {
    double coefficient[COLUMNS][2]; /* trend, then step (of the darker class, negative) */
    double inverse[2][2];           /* of the pooled covariance */
    double log_determinant;
    double share;
    double log_likelihood;
} Fit;

typedef struct Model {
    const Head *head;
    int count;
    const int *vertex;      /* [count] */
    const int *slot;        /* [vertex_count] into the members, or -1 */
    double (*basis)[TREND]; /* [count] */
    double (*x)[2];         /* [count] */
} Model;

void hair_smooth(const Head *head, const uint8_t member[], int rounds, double value[],
                 double work[])
{
    const HeadTopology *t = head->topology;
    for (int round = 0; round < rounds; round++) {
        for (int v = 0; v < t->vertex_count; v++) {
            work[v] = value[v];
            if (member[v] == 0)
                continue;
            double sum = head->area_mm2[v] * value[v], weight = head->area_mm2[v];
            for (int k = t->neighbor_start[v]; k < t->neighbor_start[v + 1]; k++) {
                int n = t->neighbor[k];
                if (member[n] == 0)
                    continue;
                sum += head->area_mm2[n] * value[n];
                weight += head->area_mm2[n];
            }
            if (weight > 0.0)
                work[v] = sum / weight;
        }
        memcpy(value, work, (size_t)t->vertex_count * sizeof *value);
    }
}

/* Real spherical harmonics to degree 2, up to constants. */
static void trend_basis(Vec3 d, double basis[TREND])
{
    const double value[TREND] = {1.0,
                                 d.x,
                                 d.y,
                                 d.z,
                                 d.x * d.y,
                                 d.y * d.z,
                                 d.z * d.x,
                                 d.x * d.x - d.z * d.z,
                                 3.0 * d.y * d.y - 1.0};
    memcpy(basis, value, sizeof value);
}

/* Solves the symmetric positive definite a x = b in place (Cholesky); only the lower triangle of a
 * is read. */
static void solve(double a[COLUMNS][COLUMNS], double b[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = a[i][j];
            for (int k = 0; k < j; k++)
                sum -= a[i][k] * a[j][k];
            a[i][j] = i == j ? sqrt(fmax(sum, 1e-12)) : sum / a[j][j];
        }
    }
    for (int i = 0; i < COLUMNS; i++) {
        for (int k = 0; k < i; k++)
            b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
    for (int i = COLUMNS - 1; i >= 0; i--) {
        for (int k = i + 1; k < COLUMNS; k++)
            b[i] -= a[k][i] * b[k];
        b[i] /= a[i][i];
    }
}

static void residual(const Model *m, const Fit *fit, int i, double r[2])
{
    for (int f = 0; f < 2; f++) {
        r[f] = m->x[i][f];
        for (int k = 0; k < TREND; k++)
            r[f] -= m->basis[i][k] * fit->coefficient[k][f];
    }
}

/* Hops from the border between the classes, up to `reach`; -1 farther away. */
static void border_hops(const Model *m, const double p[], int reach, int hops[])
{
    const HeadTopology *t = m->head->topology;
    for (int i = 0; i < m->count; i++) {
        hops[i] = -1;
        int v = m->vertex[i];
        for (int k = t->neighbor_start[v]; k < t->neighbor_start[v + 1]; k++) {
            int n = m->slot[t->neighbor[k]];
            if (n >= 0 && (p[i] > 0.5) != (p[n] > 0.5))
                hops[i] = 0;
        }
    }
    for (int level = 0; level < reach; level++) {
        for (int i = 0; i < m->count; i++) {
            if (hops[i] != level)
                continue;
            int v = m->vertex[i];
            for (int k = t->neighbor_start[v]; k < t->neighbor_start[v + 1]; k++) {
                int n = m->slot[t->neighbor[k]];
                if (n >= 0 && hops[n] < 0)
                    hops[n] = level + 1;
            }
        }
    }
}

/* hops: members that near the border are left out; NULL takes all. */
static void fit_means(const Model *m, const double p[], const int hops[], Fit *fit)
{
    double a[COLUMNS][COLUMNS] = {{0}}, b[2][COLUMNS] = {{0}};
    for (int i = 0; i < m->count; i++) {
        if (hops != NULL && hops[i] >= 0)
            continue;
        for (int k = 0; k < TREND; k++) {
            for (int j = 0; j <= k; j++)
                a[k][j] += m->basis[i][k] * m->basis[i][j];
            a[TREND][k] += p[i] * m->basis[i][k];
            b[0][k] += m->basis[i][k] * m->x[i][0];
            b[1][k] += m->basis[i][k] * m->x[i][1];
        }
        a[TREND][TREND] += p[i];
        b[0][TREND] += p[i] * m->x[i][0];
        b[1][TREND] += p[i] * m->x[i][1];
    }
    a[TREND][TREND] += 1e-6 * m->count;
    for (int f = 0; f < 2; f++) {
        double ridged[COLUMNS][COLUMNS];
        memcpy(ridged, a, sizeof a);
        for (int k = 1; k < TREND; k++)
            ridged[k][k] += m->count * (f == 1 ? hue_ridge : k < 4 ? slope_ridge : curvature_ridge);
        solve(ridged, b[f]);
        for (int k = 0; k < COLUMNS; k++)
            fit->coefficient[k][f] = b[f][k];
    }
}

static void fit_spread(const Model *m, const double p[], Fit *fit)
{
    double s00 = 0.0, s01 = 0.0, s11 = 0.0, share = 0.0;
    const double *step = fit->coefficient[TREND];
    for (int i = 0; i < m->count; i++) {
        double r[2];
        residual(m, fit, i, r);
        for (int class = 0; class < 2; class ++) {
            double w = class == 1 ? p[i] : 1.0 - p[i];
            double e0 = r[0] - class * step[0], e1 = r[1] - class * step[1];
            s00 += w * e0 * e0;
            s01 += w * e0 * e1;
            s11 += w * e1 * e1;
        }
        share += p[i];
    }
    /* 0.5 % of light is below the step of an 8-bit texture: no class is tighter */
    const double floor_variance = 0.005 * 0.005;
    s00 = s00 / m->count + floor_variance;
    s01 /= m->count;
    s11 = s11 / m->count + floor_variance;
    double determinant = s00 * s11 - s01 * s01;
    fit->inverse[0][0] = s11 / determinant;
    fit->inverse[1][1] = s00 / determinant;
    fit->inverse[0][1] = fit->inverse[1][0] = -s01 / determinant;
    fit->log_determinant = log(determinant);
    fit->share = fmin(fmax(share / m->count, 1e-3), 1.0 - 1e-3);
}

static double distance2(const Fit *fit, double e0, double e1)
{
    return fit->inverse[0][0] * e0 * e0 + 2.0 * fit->inverse[0][1] * e0 * e1 +
           fit->inverse[1][1] * e1 * e1;
}

/* Posterior of the stubble class; with the neighbours' opinion when coupled. */
static double fit_classes(const Model *m, const Fit *fit, bool coupled, const double before[],
                          double p[])
{
    const HeadTopology *t = m->head->topology;
    const double *step = fit->coefficient[TREND];
    double log_likelihood = 0.0;
    for (int i = 0; i < m->count; i++) {
        double r[2];
        residual(m, fit, i, r);
        /* one in a hundred is anything at all: freckles, shine, ink */
        double d0 = fmin(distance2(fit, r[0], r[1]), 16.0);
        double d1 = fmin(distance2(fit, r[0] - step[0], r[1] - step[1]), 16.0);
        double logit = log(fit->share / (1.0 - fit->share)) + 0.5 * (d0 - d1);
        double best = fmin(d0, d1);
        log_likelihood -=
            0.5 * (best + fit->log_determinant) -
            log((1.0 - fit->share) * exp(0.5 * (best - d0)) + fit->share * exp(0.5 * (best - d1)));
        if (coupled) {
            int v = m->vertex[i];
            for (int k = t->neighbor_start[v]; k < t->neighbor_start[v + 1]; k++) {
                int n = m->slot[t->neighbor[k]];
                if (n >= 0)
                    logit += coupling * (2.0 * before[n] - 1.0);
            }
        }
        p[i] = 1.0 / (1.0 + exp(-logit));
    }
    return log_likelihood;
}

/* The classes are symmetric until here: the forehead is bare; without one, stubble is darker. */
static void orient(const Model *m, const double margin_mm[], Fit *fit, double p[])
{
    double lean = 0.0;
    for (int i = 0; i < m->count; i++)
        lean += margin_mm[m->vertex[i]] < 0.0 ? p[i] - 0.5 : 0.0;
    bool turned = lean > 0.0 || (!(lean < 0.0) && fit->coefficient[TREND][0] > 0.0);
    if (!turned)
        return;
    for (int f = 0; f < 2; f++) {
        fit->coefficient[0][f] += fit->coefficient[TREND][f];
        fit->coefficient[TREND][f] = -fit->coefficient[TREND][f];
    }
    fit->share = 1.0 - fit->share;
    for (int i = 0; i < m->count; i++)
        p[i] = 1.0 - p[i];
}

static void fit_model(const Model *m, const double margin_mm[], double p[], double work[],
                      int hops[], Fit *fit)
{
    for (int round = 0; round < ROUNDS; round++) {
        fit_means(m, p, NULL, fit);
        fit_spread(m, p, fit);
        memcpy(work, p, (size_t)m->count * sizeof *p);
        double value = fit_classes(m, fit, round >= PLAIN_ROUNDS, work, p);
        if (round < PLAIN_ROUNDS)
            fit->log_likelihood = value;
    }
    /* a fringe thins out over centimetres: the step is measured beyond that */
    enum { EDGE_HOPS = 5 };
    border_hops(m, p, EDGE_HOPS, hops);
    fit_means(m, p, hops, fit);
    fit_spread(m, p, fit);
    orient(m, margin_mm, fit, p);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The trend from differences along the edges alone: only the few that cross a border carry the
 * step, and Cauchy weights (scale 2 median absolute residuals) drop them. size [count * 4]. */
static void fit_slope(const Model *m, double size[], double slope[TREND])
{
    const HeadTopology *t = m->head->topology;
    enum { PASSES = 6 };
    double scale = HUGE_VAL;
    memset(slope, 0, TREND * sizeof *slope);
    for (int pass = 0; pass < PASSES; pass++) {
        double a[COLUMNS][COLUMNS] = {{0}}, b[COLUMNS] = {0};
        size_t edges = 0;
        for (int i = 0; i < m->count; i++) {
            int v = m->vertex[i];
            for (int k = t->neighbor_start[v]; k < t->neighbor_start[v + 1]; k++) {
                int n = m->slot[t->neighbor[k]];
                if (n <= i)
                    continue;
                double row[TREND], left = m->x[n][0] - m->x[i][0], want = left;
                for (int j = 0; j < TREND; j++) {
                    row[j] = m->basis[n][j] - m->basis[i][j];
                    left -= slope[j] * row[j];
                }
                size[edges++] = fabs(left);
                double w = 1.0 / (1.0 + left * left / (scale * scale));
                for (int j = 0; j < TREND; j++) {
                    for (int q = 0; q <= j; q++)
                        a[j][q] += w * row[j] * row[q];
                    b[j] += w * row[j] * want;
                }
            }
        }
        if (edges == 0)
            return;
        solve(a, b);
        for (int j = 0; j < TREND; j++)
            slope[j] = b[j];
        qsort(size, edges, sizeof *size, compare_doubles);
        scale = 2.0 * size[edges / 2] + 1e-9;
    }
}

/* Otsu's threshold of value: where the variance between classes is greatest. IEEE Trans. Syst. Man
 * Cybern. 9 (1979) 62. */
static double otsu(int count, const double value[])
{
    enum { BINS = 128 };
    double low = value[0], high = value[0];
    for (int i = 0; i < count; i++) {
        low = fmin(low, value[i]);
        high = fmax(high, value[i]);
    }
    int histogram[BINS] = {0};
    double scale = BINS / (high - low + 1e-9), sum = 0.0;
    for (int i = 0; i < count; i++) {
        int bin = (int)fmin((value[i] - low) * scale, BINS - 1);
        histogram[bin]++;
        sum += bin;
    }
    double below = 0.0, sum_below = 0.0, best = -1.0;
    int at = 0;
    for (int bin = 0; bin < BINS - 1; bin++) {
        below += histogram[bin];
        sum_below += (double)bin * histogram[bin];
        double above = count - below;
        if (below < 1.0 || above < 1.0)
            continue;
        double gap = sum_below / below - (sum - sum_below) / above;
        double between = below * above * gap * gap;
        if (between > best) {
            best = between;
            at = bin;
        }
    }
    return low + (at + 1) / scale;
}

/* First guesses: what is darker than the light's slope explains; what is greyer; all the scalp. */
static void start(const Model *m, int which, const double margin_mm[], double work[], double p[])
{
    if (which == 2) {
        for (int i = 0; i < m->count; i++)
            p[i] = margin_mm[m->vertex[i]] > 0.0 ? 1.0 : 0.0;
        return;
    }
    double slope[TREND] = {0};
    if (which == 0)
        fit_slope(m, work, slope);
    for (int i = 0; i < m->count; i++) {
        work[i] = m->x[i][which];
        for (int k = 0; k < TREND; k++)
            work[i] -= slope[k] * m->basis[i][k];
    }
    double threshold = otsu(m->count, work);
    for (int i = 0; i < m->count; i++)
        p[i] = work[i] < threshold ? 1.0 : 0.0;
}

static bool believable(const HairSplit *split, bool rough)
{
    if (rough)
        return split->separation >= least_separation && split->ragged <= most_ragged &&
               split->step[1] >= least_rougher && split->step[0] > 0.0 &&
               split->edge >= least_edge && split->share >= least_share &&
               split->share <= 1.0 - least_share && split->forehead <= most_forehead;
    return split->separation >= least_separation && split->ragged <= most_ragged &&
           split->step[0] >= least_step && split->edge >= least_edge &&
           split->share >= least_share && split->share <= 1.0 - least_share &&
           split->forehead <= most_forehead &&
           (split->share < whole_share || split->step[1] >= least_grey);
}

/* How far a difference of features goes from bare (0) to stubble (1), in the classes' own metric.
 */
static double along_step(const Fit *fit, const double difference[2])
{
    const double *step = fit->coefficient[TREND];
    double w0 = fit->inverse[0][0] * step[0] + fit->inverse[0][1] * step[1];
    double w1 = fit->inverse[1][0] * step[0] + fit->inverse[1][1] * step[1];
    double length2 = w0 * step[0] + w1 * step[1];
    return length2 > 0.0 ? (w0 * difference[0] + w1 * difference[1]) / length2 : 0.0;
}

/* How much darker stubble is right at the border, in log Y: lines through what lies 5 to 25 mm from
 * it on either side, met there. Light that changes evenly over the border is left out. */
static double step_at_border(const Model *m, const double p[], int hops[])
{
    enum { NEAR = 3, FAR = 14 };
    double n[2] = {0}, h[2] = {0}, hh[2] = {0}, x[2] = {0}, hx[2] = {0}, at[2];
    border_hops(m, p, FAR, hops);
    for (int i = 0; i < m->count; i++) {
        int class = p[i] > 0.5;
        if (hops[i] < NEAR)
            continue;
        n[class] += 1.0;
        h[class] += hops[i];
        hh[class] += hops[i] * hops[i];
        x[class] += m->x[i][0];
        hx[class] += hops[i] * m->x[i][0];
    }
    for (int class = 0; class < 2; class ++) {
        double spread = n[class] * hh[class] - h[class] * h[class];
        if (!(spread > 0.0))
            return 0.0;
        double slope = (n[class] * hx[class] - h[class] * x[class]) / spread;
        at[class] = (x[class] - slope * h[class]) / n[class];
    }
    return at[0] - at[1];
}

static void judge(const Model *m, const Fit *fit, const double p[], const double margin_mm[],
                  bool rough, int hops[], HairSplit *split)
{
    const HeadTopology *t = m->head->topology;
    const double *step = fit->coefficient[TREND];
    long edges = 0, broken = 0;
    double share = 0.0, jump[2] = {0.0, 0.0}, side[2][2] = {{0}}, count[2] = {0}, faces = 0.0,
           hairy = 0.0;
    enum { NEAR_HOPS = 3, FAR_HOPS = 6 }; /* about 5 to 10 mm beside the border */
    border_hops(m, p, FAR_HOPS, hops);
    for (int i = 0; i < m->count; i++) {
        int class = p[i] > 0.5, v = m->vertex[i];
        share += class;
        if (margin_mm[v] < 0.0) {
            faces += 1.0;
            hairy += class;
        }
        for (int k = t->neighbor_start[v]; k < t->neighbor_start[v + 1]; k++) {
            int n = m->slot[t->neighbor[k]];
            if (n > i) {
                edges++;
                broken += (p[n] > 0.5) != class;
            }
        }
        if (hops[i] >= NEAR_HOPS) {
            side[class][0] += m->x[i][0];
            side[class][1] += m->x[i][1];
            count[class] += 1.0;
        }
    }
    split->step[0] = -step[0];
    split->step[1] = -step[1];
    split->separation = sqrt(distance2(fit, step[0], step[1]));
    split->share = share / m->count;
    split->ragged = edges > 0 ? (double)broken / (double)edges : 1.0;
    if (count[0] > 0.0 && count[1] > 0.0) {
        for (int k = 0; k < 2; k++)
            jump[k] = side[1][k] / count[1] - side[0][k] / count[0];
        split->edge = along_step(fit, jump);
    }
    split->forehead = faces > 0.0 ? hairy / faces : 0.0;
    if (rough)
        split->step[0] = step_at_border(m, p, hops);
    split->accepted = believable(split, rough);
}

/* Log colour falls in proportion to hairs per area, so the place between the two classes is the
 * share of full density; the class field keeps noise in bare skin from counting as hair. */
static void fill_cover(const Model *m, const Fit *fit, const double p[], double cover[])
{
    for (int i = 0; i < m->count; i++) {
        double r[2];
        residual(m, fit, i, r);
        /* the ends of the scale lie inside the classes' spread */
        double place = (along_step(fit, r) - 0.15) / 0.7;
        cover[m->vertex[i]] = p[i] * fmin(fmax(place, 0.0), 1.0);
    }
}

bool hair_split(Arena *scratch, const Head *head, const uint8_t member[], double feature[][2],
                bool rough, const double margin_mm[], HairSplit *split, double cover[], Err *err)
{
    int n = head->topology->vertex_count;
    memset(cover, 0, (size_t)n * sizeof *cover);
    *split = (HairSplit){0};
    size_t mark = arena_mark(scratch);
    int *vertex = ARENA_NEW(scratch, int, (size_t)n);
    int *slot = ARENA_NEW(scratch, int, (size_t)n);
    int *hops = ARENA_NEW(scratch, int, (size_t)n);
    double(*basis)[TREND] = arena_alloc(scratch, (size_t)n, sizeof *basis);
    double(*x)[2] = arena_alloc(scratch, (size_t)n, sizeof *x);
    double *p = ARENA_NEW(scratch, double, (size_t)n);
    double *work = ARENA_NEW(scratch, double, (size_t)n * 4); /* at most three edges a vertex */
    if (vertex == NULL || slot == NULL || hops == NULL || basis == NULL || x == NULL || p == NULL ||
        work == NULL)
        return err_set(err, ERR_LIMIT, "no room to survey %d places of the scalp", n);
    Model model = {head, 0, vertex, slot, basis, x};
    for (int v = 0; v < n; v++) {
        slot[v] = -1;
        if (member[v] == 0)
            continue;
        int i = model.count++;
        vertex[i] = v;
        slot[v] = i;
        trend_basis(head->topology->direction[v], basis[i]);
        x[i][0] = feature[v][0];
        x[i][1] = feature[v][1];
    }
    double best = -HUGE_VAL;
    for (int which = 0; model.count > 2 * COLUMNS && which < STARTS; which++) {
        if (rough && which != BY_SECOND)
            continue; /* the light would win */
        Fit fit = {0};
        HairSplit trial = {0};
        start(&model, which, margin_mm, work, p);
        fit_model(&model, margin_mm, p, work, hops, &fit);
        judge(&model, &fit, p, margin_mm, rough, hops, &trial);
        if (fit.log_likelihood <= best)
            continue;
        best = fit.log_likelihood;
        *split = trial;
        memset(cover, 0, (size_t)n * sizeof *cover);
        if (trial.accepted)
            fill_cover(&model, &fit, p, cover);
    }
    arena_rewind(scratch, mark);
    return true;
}
