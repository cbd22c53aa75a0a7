#include "camera/camera_internal.h"
#include "camera/sight_internal.h"

#include <string.h>

/* The picture of a straight edge between black and white is, in linear light,
 *     black + rise (Phi(z) + inner Phi(-z - depth / blur)),   z = (d - offset - turn t) / blur,
 *     rise = white + slope t - black,
 * d the distance of a pixel's middle from a line near the edge (outwards), t its place along it
 * (-1 .. 1), depth the width of the border and inner the share of white in the cell behind it
 * (known, as the tag has been read). In code values the same profile is lopsided, and the edge
 * seems to lie further out the more it is blurred: 0.1 px at a blur of 1 px. */
typedef struct Edge {
    double x, y;     /* middle of the line, straightened px */
    double ux, uy;   /* along; unit */
    double nx, ny;   /* outwards; unit */
    double half;     /* length from the middle to where the corners' influence begins */
    double cell_px;  /* the edge's eighth */
    double depth_px; /* width of the black border across the edge, and of the white around it */
    double shear;    /* how far along one gets per px outwards in the tag's own direction */
    double inside_px, outside_px; /* how far from the line pixels are taken */
    double blur_px;               /* as known so far */
    bool white[8];                /* the cells behind the border, along the edge */
} Edge;

enum { OFFSET, TURN, BLUR, BLACK, WHITE, SLOPE, PARAMS };
enum { EDGE_PIXELS = 1400, ROUNDS = 14 };
/* Noise of light grows with it, in the sensor and in code values: weights are 1 / (light + this
 * share of white). Corners of noisy pictures come out 10 to 25 % better than with equal weights. */
static const double FLOOR_SHARE = 0.1;

typedef struct Pixels {
    int count;
    float d[EDGE_PIXELS], t[EDGE_PIXELS], light[EDGE_PIXELS], inner[EDGE_PIXELS];
} Pixels;

/* Edge k of a tag (0: the upper, then with the clock). black: as MarkerTag has it. */
static Edge edge_of(const double corner[4][2], int k, uint64_t black)
{
    const double *a = corner[k], *b = corner[(k + 1) % 4];
    const double *c = corner[(k + 2) % 4], *e = corner[(k + 3) % 4];
    double length = hypot(b[0] - a[0], b[1] - a[1]);
    Edge edge = {.x = 0.5 * (a[0] + b[0]), .y = 0.5 * (a[1] + b[1]), .blur_px = 1};
    edge.ux = (b[0] - a[0]) / length, edge.uy = (b[1] - a[1]) / length;
    /* corners go with the clock as seen with y down: outwards is to the left of the way */
    edge.nx = edge.uy, edge.ny = -edge.ux;
    edge.cell_px = length / 8;
    edge.half = 0.5 * length;
    double out_x = edge.x - 0.5 * (c[0] + e[0]), out_y = edge.y - 0.5 * (c[1] + e[1]);
    double out = out_x * edge.nx + out_y * edge.ny;
    edge.depth_px = fmax(out, 1) / 8;
    edge.shear = (out_x * edge.ux + out_y * edge.uy) / fmax(out, 1);
    for (int i = 0; i < 8; i++) {
        int column = k == 0 ? i : k == 1 ? 6 : k == 2 ? 7 - i : 1;
        int row = k == 0 ? 1 : k == 1 ? i : k == 2 ? 6 : 7 - i;
        edge.white[i] = black != 0 && !(black >> (8 * row + column) & 1);
    }
    return edge;
}

static double normal_share(double z)
{
    return 0.5 * erfc(-z * 0.70710678118654752440);
}

/* Share of white behind the border at a place, blurred along the edge. */
static double white_behind(const Edge *edge, double s, double d)
{
    double place = (s - edge->shear * d) / edge->cell_px + 4, blur = edge->blur_px / edge->cell_px;
    int cell = (int)floor(place);
    double sum = 0;
    for (int i = cell - 1; i <= cell + 1; i++)
        if (i >= 0 && i < 8 && edge->white[i])
            sum += normal_share((place - i) / blur) - normal_share((place - i - 1) / blur);
    return sum;
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
    double s = (q[0] - edge->x) * edge->ux + (q[1] - edge->y) * edge->uy;
    if (d < -edge->inside_px || d > edge->outside_px || fabs(s) > edge->half)
        return;
    int i = pixels->count++;
    pixels->d[i] = (float)d;
    pixels->t[i] = (float)(s / edge->half);
    pixels->inner[i] = 0;
    if (d + edge->depth_px < 4 * edge->blur_px)
        pixels->inner[i] = (float)white_behind(edge, s, d);
    pixels->light[i] =
        color_srgb_decode((float)picture->grey[(ptrdiff_t)y * picture->stride_px + x] / 255.0F);
}

/* Rows of pixels across the edge, as many as there is room for, evenly along it. */
static void take_pixels(const Lens *lens, const SightGrey *picture, const Edge *edge,
                        Pixels *pixels)
{
    bool level = fabs(edge->ux) >= fabs(edge->uy);
    double slant = level ? fabs(edge->ux) : fabs(edge->uy);
    int reach = (int)ceil(fmax(edge->inside_px, edge->outside_px) / slant);
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

/* Means of the light at the outer end and of the black border. */
static void first_guess(const Edge *edge, const Pixels *pixels, double p[PARAMS])
{
    double sum[2] = {0, 0}, n[2] = {1e-9, 1e-9};
    for (int i = 0; i < pixels->count; i++) {
        double d = (double)pixels->d[i], reach = d > 0 ? edge->outside_px : edge->inside_px;
        if (fabs(d) > 0.6 * reach && pixels->inner[i] < 0.1F) {
            sum[d > 0] += (double)pixels->light[i];
            n[d > 0] += 1;
        }
    }
    memset(p, 0, PARAMS * sizeof *p);
    p[BLUR] = edge->blur_px;
    p[BLACK] = sum[0] / n[0];
    p[WHITE] = sum[1] / n[1];
}

/* Normal equations with weights; cut: where a residual over its expected size begins to count less.
 * Returns the rms of such residuals. */
static double add_all(const Edge *edge, const Pixels *pixels, const double p[PARAMS], double cut,
                      double a[PARAMS * PARAMS], double b[PARAMS])
{
    double square = 0;
    memset(a, 0, PARAMS * PARAMS * sizeof *a);
    memset(b, 0, PARAMS * sizeof *b);
    double floor_light = FLOOR_SHARE * fabs(p[WHITE]) + 1e-4;
    for (int i = 0; i < pixels->count; i++) {
        double d = (double)pixels->d[i], t = (double)pixels->t[i];
        double z = (d - p[OFFSET] - p[TURN] * t) / p[BLUR];
        double share = normal_share(z), bell = 0.39894228040143267794 * exp(-0.5 * z * z);
        double bell_z = bell * z;
        if (pixels->inner[i] > 0) {
            double inner = (double)pixels->inner[i], far = z + edge->depth_px / p[BLUR];
            double far_bell = inner * 0.39894228040143267794 * exp(-0.5 * far * far);
            share += inner * normal_share(-far);
            bell -= far_bell, bell_z -= far_bell * far;
        }
        double rise = p[WHITE] + p[SLOPE] * t - p[BLACK], steep = rise / p[BLUR];
        double model = p[BLACK] + rise * share;
        double r = (double)pixels->light[i] - model;
        double even = 1 / (fmax(model, 0) + floor_light), size = fabs(r) * sqrt(even);
        double weight = size <= cut ? even : even * cut / size;
        double row[PARAMS] = {-steep * bell, -steep * bell * t, -steep * bell_z, 1 - share,
                              share,         share * t};
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
    double a[PARAMS * PARAMS], b[PARAMS], rms = 0, widest = 0.6 * edge->depth_px;
    if (pixels->count < 8 * PARAMS)
        return false;
    first_guess(edge, pixels, p);
    for (int round = 0; round < ROUNDS; round++) {
        rms = add_all(edge, pixels, p, round < 2 ? (double)INFINITY : 2.5 * rms + 1e-6, a, b);
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
           fabs(p[OFFSET]) + fabs(p[TURN]) < 0.75 * edge->inside_px;
}

static void move_edge(const double p[PARAMS], Edge *edge)
{
    double turn = p[TURN] / edge->half, length = hypot(1, turn);
    edge->x += p[OFFSET] * edge->nx, edge->y += p[OFFSET] * edge->ny;
    edge->ux += turn * edge->nx, edge->uy += turn * edge->ny;
    edge->ux /= length, edge->uy /= length;
    edge->nx = edge->uy, edge->ny = -edge->ux;
}

/* As much as the blur needs, but not far into what lies beyond the white, nor close to the corners;
 * at first wide, as neither blur nor place is known yet. */
static void set_band(Edge *edge, bool first)
{
    double blur = edge->blur_px, depth = edge->depth_px;
    double wanted = first ? fmax(6.0, 0.5 * depth) : 3.0 * blur + 1.5;
    edge->inside_px = within(wanted, 1.3, fmax(1.3, depth));
    edge->outside_px = within(wanted, 1.3, fmax(1.3, fmax(depth - 2 * blur, 0.45 * depth)));
    edge->half -= fmax(0.5 * edge->cell_px, fmin(2.5 * blur, 1.5 * edge->cell_px));
}

/* Where the lines of two edges cross. */
static void cross(const Edge *a, const Edge *b, double at[2])
{
    double det = a->nx * b->ny - a->ny * b->nx;
    double ca = a->nx * a->x + a->ny * a->y, cb = b->nx * b->x + b->ny * b->y;
    at[0] = (ca * b->ny - cb * a->ny) / det;
    at[1] = (a->nx * cb - b->nx * ca) / det;
}

/* All four edges once, from corners to corners (straightened). An edge that does not fit stays. */
static void refine_once(const Lens *lens, const SightGrey *picture, uint64_t black, int round,
                        double *blur_px, double corner[4][2])
{
    Edge edge[4];
    Pixels pixels;
    double p[PARAMS], blur = 0;
    int fitted = 0;
    for (int k = 0; k < 4; k++) {
        edge[k] = edge_of((const double(*)[2])corner, k, black);
        double guess = fmax(fmin(1.0, 0.4 * edge[k].depth_px), 0.1 * edge[k].depth_px);
        edge[k].blur_px = *blur_px > 0 ? *blur_px : guess;
        set_band(&edge[k], round == 0);
        take_pixels(lens, picture, &edge[k], &pixels);
        if (!fit_edge(&edge[k], &pixels, p))
            continue;
        move_edge(p, &edge[k]);
        blur += p[BLUR], fitted++;
    }
    if (fitted > 0)
        *blur_px = blur / fitted;
    for (int k = 0; k < 4; k++)
        cross(&edge[(k + 3) % 4], &edge[k], corner[k]);
}

void sight_refine(const Lens *lens, SightGrey picture, uint64_t black, double corner_px[4][2])
{
    enum { TAG_ROUNDS = 3 }; /* the second knows the blur, the third the cells */
    /* The library is wrong by a share of the blur; half a cell is another edge. */
    double farthest_px = fmax(3.0, 0.5 / 8 * sight_side_px((const double(*)[2])corner_px));
    double start[4][2], corner[4][2], blur_px = 0;
    for (int k = 0; k < 4; k++)
        camera_straighten(lens, corner_px[k], start[k]);
    memcpy(corner, start, sizeof corner);
    for (int round = 0; round < TAG_ROUNDS; round++)
        refine_once(lens, &picture, black, round, &blur_px, corner);
    for (int k = 0; k < 4; k++)
        if (hypot(corner[k][0] - start[k][0], corner[k][1] - start[k][1]) < farthest_px)
            camera_bend(lens, corner[k], corner_px[k]);
}
