#include "camera/camera_internal.h"
#include "camera/sight_internal.h"

#include <string.h>

/* The picture of a straight edge between black and white is, in linear light,
 *     black + (white + slope t - black) Phi((d - offset - turn t) / blur),
 * d the distance of a pixel's middle from a line near the edge (outwards), t its place along it
 * (-1 .. 1). In code values the same profile is lopsided, and the edge seems to lie further out the
 * more it is blurred: 0.1 px at a blur of 1 px. */
typedef struct Edge {
    double x, y;    /* middle of the line, straightened px */
    double ux, uy;  /* along; unit */
    double nx, ny;  /* outwards; unit */
    double half;    /* length from the middle to where the neighbour's influence begins */
    double cell_px; /* the edge's eighth: width of the black border, and of the white around it */
    double band_px; /* how far from the line pixels are taken */
} Edge;

enum { OFFSET, TURN, BLUR, BLACK, WHITE, SLOPE, PARAMS };
enum { EDGE_PIXELS = 1600, ROUNDS = 14 };
/* Noise of light grows with it, in the sensor and in code values: weights are 1 / (light + this
 * share of white). Corners of noisy pictures come out 10 to 25 % better than with equal weights. */
static const double FLOOR_SHARE = 0.02;

typedef struct Pixels {
    int count;
    float d[EDGE_PIXELS], t[EDGE_PIXELS], light[EDGE_PIXELS];
} Pixels;

static Edge edge_between(const double a[2], const double b[2])
{
    double length = hypot(b[0] - a[0], b[1] - a[1]);
    Edge edge = {.x = 0.5 * (a[0] + b[0]), .y = 0.5 * (a[1] + b[1])};
    edge.ux = (b[0] - a[0]) / length, edge.uy = (b[1] - a[1]) / length;
    /* corners go with the clock as seen with y down: outwards is to the left of the way */
    edge.nx = edge.uy, edge.ny = -edge.ux;
    edge.cell_px = length / 8;
    edge.half = 0.5 * length;
    return edge;
}

static void add_pixel(const Lens *lens, const SightGrey *picture, const Edge *edge, int x, int y,
                      Pixels *pixels)
{
    if (x < 0 || y < 0 || x >= picture->width_px || y >= picture->height_px ||
        pixels->count >= EDGE_PIXELS)
        return;
    double at[2] = {x + 0.5, y + 0.5}, q[2];
    camera_straighten(lens, at, q);
    double d = (q[0] - edge->x) * edge->nx + (q[1] - edge->y) * edge->ny;
    double t = ((q[0] - edge->x) * edge->ux + (q[1] - edge->y) * edge->uy) / edge->half;
    if (fabs(d) > edge->band_px || fabs(t) > 1)
        return;
    int i = pixels->count++;
    pixels->d[i] = (float)d;
    pixels->t[i] = (float)t;
    pixels->light[i] =
        color_srgb_decode((float)picture->grey[(ptrdiff_t)y * picture->stride_px + x] / 255.0F);
}

/* Rows of pixels across the edge, as many as there is room for, evenly along it. */
static void take_pixels(const Lens *lens, const SightGrey *picture, const Edge *edge,
                        Pixels *pixels)
{
    bool level = fabs(edge->ux) >= fabs(edge->uy);
    double slant = level ? fabs(edge->ux) : fabs(edge->uy);
    int reach = (int)ceil(edge->band_px / slant);
    double rows = 2 * edge->half * slant;
    double step = fmax(1.0, rows * (2 * reach + 2) / EDGE_PIXELS) / slant;
    pixels->count = 0;
    for (double s = -edge->half; s <= edge->half; s += step) {
        double on[2] = {edge->x + s * edge->ux, edge->y + s * edge->uy}, px[2];
        camera_bend(lens, on, px);
        int x = (int)floor(px[0]), y = (int)floor(px[1]);
        for (int k = -reach; k <= reach; k++)
            add_pixel(lens, picture, edge, level ? x : x + k, level ? y + k : y, pixels);
    }
}

/* Means of the darker and the lighter end of the band. */
static void first_guess(const Edge *edge, const Pixels *pixels, double p[PARAMS])
{
    double sum[2] = {0, 0}, n[2] = {1e-9, 1e-9};
    for (int i = 0; i < pixels->count; i++)
        if (fabs((double)pixels->d[i]) > 0.6 * edge->band_px) {
            sum[pixels->d[i] > 0] += (double)pixels->light[i];
            n[pixels->d[i] > 0] += 1;
        }
    memcpy(p,
           (double[PARAMS]){0, 0, fmax(fmin(1.0, 0.4 * edge->cell_px), 0.1 * edge->cell_px),
                            sum[0] / n[0], sum[1] / n[1], 0},
           PARAMS * sizeof *p);
}

/* Normal equations with weights; cut: where a residual over its expected size begins to count less.
 * Returns the rms of such residuals. */
static double add_all(const Pixels *pixels, const double p[PARAMS], double cut,
                      double a[PARAMS * PARAMS], double b[PARAMS])
{
    double square = 0;
    memset(a, 0, PARAMS * PARAMS * sizeof *a);
    memset(b, 0, PARAMS * sizeof *b);
    double floor_light = FLOOR_SHARE * fabs(p[WHITE]) + 1e-4;
    for (int i = 0; i < pixels->count; i++) {
        double d = (double)pixels->d[i], t = (double)pixels->t[i];
        double z = (d - p[OFFSET] - p[TURN] * t) / p[BLUR];
        double share = 0.5 * erfc(-z * 0.70710678118654752440);
        double rise = p[WHITE] + p[SLOPE] * t - p[BLACK];
        double bell = rise / p[BLUR] * 0.39894228040143267794 * exp(-0.5 * z * z);
        double model = p[BLACK] + rise * share;
        double r = (double)pixels->light[i] - model;
        double even = 1 / (fmax(model, 0) + floor_light), size = fabs(r) * sqrt(even);
        double weight = size <= cut ? even : even * cut / size;
        double row[PARAMS] = {-bell, -bell * t, -bell * z, 1 - share, share, share * t};
        square += weight * r * r;
        for (int j = 0; j < PARAMS; j++) {
            for (int k = 0; k <= j; k++)
                a[j * PARAMS + k] += weight * row[j] * row[k];
            b[j] += weight * row[j] * r;
        }
    }
    return sqrt(square / pixels->count);
}

static double within(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

/* Gauss-Newton; from the third round on, what lies beyond 2.5 rms (hair, dirt, a finger) pulls with
 * a constant force only (Huber). False when there is no edge of that kind. */
static bool fit_edge(const Edge *edge, const Pixels *pixels, double p[PARAMS])
{
    double a[PARAMS * PARAMS], b[PARAMS], rms = 0, widest = 0.6 * edge->cell_px;
    if (pixels->count < 8 * PARAMS)
        return false;
    first_guess(edge, pixels, p);
    for (int round = 0; round < ROUNDS; round++) {
        rms = add_all(pixels, p, round < 2 ? (double)INFINITY : 2.5 * rms + 1e-6, a, b);
        for (int j = 0; j < PARAMS; j++)
            a[j * (PARAMS + 1)] *= 1 + 1e-9;
        if (!camera_solve(PARAMS, a, b))
            return false;
        double step = fmax(0.5, 0.5 * p[BLUR]);
        p[OFFSET] += within(b[OFFSET], -step, step);
        p[TURN] += within(b[TURN], -step, step);
        p[BLUR] = within(p[BLUR] + within(b[BLUR], -0.5 * p[BLUR], 0.5 * p[BLUR]), 0.2, widest);
        p[BLACK] += b[BLACK], p[WHITE] += b[WHITE], p[SLOPE] += b[SLOPE];
        if (round > 3 && fabs(b[OFFSET]) + fabs(b[TURN]) < 1e-5)
            break;
    }
    double rise = p[WHITE] - p[BLACK];
    return isfinite(p[OFFSET] + p[TURN]) && rise > 0.01 && rms < 0.25 * rise / sqrt(p[WHITE]) &&
           fabs(p[OFFSET]) + fabs(p[TURN]) < 0.75 * edge->band_px;
}

static void move_edge(const double p[PARAMS], Edge *edge)
{
    double turn = p[TURN] / edge->half, length = hypot(1, turn);
    edge->x += p[OFFSET] * edge->nx, edge->y += p[OFFSET] * edge->ny;
    edge->ux += turn * edge->nx, edge->uy += turn * edge->ny;
    edge->ux /= length, edge->uy /= length;
    edge->nx = edge->uy, edge->ny = -edge->ux;
}

/* First with a wide band, which finds the blur; then with as much as the blur needs, away from the
 * cells on either side and from the corners. */
static bool settle_edge(const Lens *lens, const SightGrey *picture, Edge *edge, Pixels *pixels)
{
    double p[PARAMS], length = edge->half, blur = 1;
    for (int pass = 0; pass < 2; pass++) {
        double most = fmax(edge->cell_px - 2 * blur, 0.45 * edge->cell_px);
        double wanted = pass == 0 ? fmax(6.0, 0.5 * edge->cell_px) : 3.0 * blur + 1.5;
        edge->band_px = within(wanted, 1.3, fmax(1.3, most));
        edge->half = length - fmax(0.5 * edge->cell_px, fmin(2.5 * blur, 1.5 * edge->cell_px));
        take_pixels(lens, picture, edge, pixels);
        if (!fit_edge(edge, pixels, p))
            return false;
        move_edge(p, edge);
        blur = p[BLUR];
    }
    return true;
}

void sight_refine(const Lens *lens, SightGrey picture, double corner_px[4][2])
{
    /* The library is wrong by a share of the blur; a third of a cell is another edge. */
    double farthest_px = fmax(3.0, 0.35 / 8 * sight_side_px((const double(*)[2])corner_px));
    double start[4][2];
    Edge edge[4];
    Pixels pixels;
    for (int k = 0; k < 4; k++)
        camera_straighten(lens, corner_px[k], start[k]);
    for (int k = 0; k < 4; k++) {
        edge[k] = edge_between(start[k], start[(k + 1) % 4]);
        Edge settled = edge[k];
        if (settle_edge(lens, &picture, &settled, &pixels))
            edge[k] = settled;
    }
    for (int k = 0; k < 4; k++) {
        const Edge *a = &edge[(k + 3) % 4], *b = &edge[k];
        double det = a->nx * b->ny - a->ny * b->nx;
        double ca = a->nx * a->x + a->ny * a->y, cb = b->nx * b->x + b->ny * b->y;
        double at[2] = {(ca * b->ny - cb * a->ny) / det, (a->nx * cb - b->nx * ca) / det};
        if (hypot(at[0] - start[k][0], at[1] - start[k][1]) < farthest_px)
            camera_bend(lens, at, corner_px[k]);
    }
}
