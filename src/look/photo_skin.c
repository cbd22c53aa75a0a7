#include "photo_internal.h"

#include <math.h>
#include <stdlib.h>

/* What the skin looks like where no shine lies on it and nothing stands before it, place by place:
 * its chromaticity and its level of light. First the one colour that most of the bright, skin-like
 * cells of the canvas share, then means around each place of what is near that colour, with bright
 * pale cells (shine) and dark ones (hair) left out. By it every cell is told as skin or not.
 *
 * Chromaticity is (ln r/g, ln g/b): a light that falls on all of it moves all of it alike. Nothing
 * here asks how dark the skin is, only how a place differs from the skin around it. */

static const double CELL_MM = 0.7, NODE_MM = 4, AROUND_MM = 12;
enum { BINS = 80, PASSES = 3, LEAST_CELL_PX = 2, MOST_CELL_PX = 64 };
static const double BIN = 0.025, LOW_BIN = -0.5;

/* Linear ln r/g and ln g/b of human skin by daylight: (0.49, 0.38) in light, (0.6, 0.45) in dark
 * skin (Lab of surveys: NIST 2017, Xiao 2017); lamps and phones move it by some tenths. */
static const double SKIN_U = 0.55, SKIN_V = 0.42, SKIN_SPREAD = 0.3;
static const double OWN_SPREAD = 0.18; /* of one person's skin, from pale to flushed [assumption] */
static const double SHINE_SPREAD = 0.2, SHADE_SPREAD = 0.6; /* of ln level, above and below */
static const double PRIOR_CELLS = 20; /* the common colour counts as so many cells */
/* Angle between skin and light below which colour tells nothing, as a sine. */
static const double LEAST_ANGLE = 0.08;

static const float LUMA[3] = {0.2126F, 0.7152F, 0.0722F};

static double luma(const float rgb[3])
{
    return (double)(LUMA[0] * rgb[0] + LUMA[1] * rgb[1] + LUMA[2] * rgb[2]);
}

static double ramp(double x, double low, double high)
{
    double t = (x - low) / (high - low);
    return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

/* ---- cells
 * ------------------------------------------------------------------------------------------- */

typedef struct Sum {
    float rgb[3];    /* mean light */
    float weight;    /* share of its pixels that show the canvas, less where seen edge on */
    double u, v, ln; /* chromaticity, ln luminance */
} Sum;

typedef struct Node { /* weighted sums, then means, around a place */
    double weight, u, v, ln;
} Node;

typedef struct Skin {
    const ImageF *light;
    Part part;
    const Surface *surface;
    SkinMap *map;
    Sum *sum; /* [cells] */
    double u, v, ln, saturation;
    int node_side, node_width, node_height; /* cells per node */
    Node *node, *spare;
} Skin;

static void sum_cell(const Skin *skin, int cx, int cy, Sum *sum)
{
    int side = skin->map->side_px, x0 = cx * side, y0 = cy * side, all = 0, seen = 0;
    float rgb[3] = {0}, cosine = 0;
    for (int y = y0; y < y0 + side && y < skin->part.height; y++)
        for (int x = x0; x < x0 + side && x < skin->part.width; x++, all++) {
            ptrdiff_t at = (ptrdiff_t)y * skin->part.width + x;
            if (skin->surface->cosine[at] == 0)
                continue;
            ptrdiff_t px =
                (ptrdiff_t)(y + skin->part.top) * skin->light->width_px + x + skin->part.left;
            for (int k = 0; k < 3; k++)
                rgb[k] += skin->light->rgb[3 * px + k];
            cosine += (float)skin->surface->cosine[at];
            seen++;
        }
    *sum = (Sum){0};
    if (seen == 0)
        return;
    float least = 1e-4F; /* an 8-bit photograph knows nothing darker */
    for (int k = 0; k < 3; k++)
        sum->rgb[k] = fmaxf(rgb[k] / (float)seen, least);
    double facing = fmin(1, (double)cosine / seen / 128);
    sum->weight = (float)((double)seen / all * facing);
    sum->u = log((double)(sum->rgb[0] / sum->rgb[1]));
    sum->v = log((double)(sum->rgb[1] / sum->rgb[2]));
    sum->ln = log(luma(sum->rgb));
}

/* ---- the common colour
 * ------------------------------------------------------------------------------- */

static int bin_of(double x)
{
    int bin = (int)((x - LOW_BIN) / BIN);
    return bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin;
}

/* Skin is brighter than most hair: cells count by their light, up to a bright one's. */
static double vote(const Sum *sum, double bright)
{
    double du = (sum->u - SKIN_U) / SKIN_SPREAD, dv = (sum->v - SKIN_V) / SKIN_SPREAD;
    double y = luma(sum->rgb);
    return (double)sum->weight * fmin(1, y / bright) / (1 + (du * du + dv * dv));
}

static void find_common(Skin *skin, double *histogram)
{
    int cells = skin->map->width * skin->map->height, best = 0;
    double light = 0, weight = 0;
    for (int i = 0; i < cells; i++) {
        light += (double)skin->sum[i].weight * luma(skin->sum[i].rgb);
        weight += (double)skin->sum[i].weight;
    }
    double bright = 1.5 * light / fmax(weight, 1e-9);
    for (int i = 0; i < cells; i++) {
        const Sum *s = &skin->sum[i];
        if (!(s->weight > 0))
            continue;
        int bu = bin_of(s->u), bv = bin_of(s->v);
        for (int y = -2; y <= 2; y++)
            for (int x = -2; x <= 2; x++)
                if (bu + x >= 0 && bu + x < BINS && bv + y >= 0 && bv + y < BINS)
                    histogram[(bv + y) * BINS + bu + x] += vote(s, bright) / (1 + x * x + y * y);
    }
    for (int b = 0; b < BINS * BINS; b++)
        best = histogram[b] > histogram[best] ? b : best;
    skin->u = LOW_BIN + BIN * (best % BINS + 0.5);
    skin->v = LOW_BIN + BIN * (best / BINS + 0.5);
    for (int pass = 0; pass < 4; pass++) { /* mean shift */
        double sums[4] = {0};
        for (int i = 0; i < cells; i++) {
            const Sum *s = &skin->sum[i];
            double du = s->u - skin->u, dv = s->v - skin->v;
            if (!(s->weight > 0) || du * du + dv * dv > 0.15 * 0.15)
                continue;
            double w = vote(s, bright);
            sums[0] += w, sums[1] += w * s->u, sums[2] += w * s->v, sums[3] += w * s->ln;
        }
        if (!(sums[0] > 0))
            break;
        skin->u = sums[1] / sums[0], skin->v = sums[2] / sums[0], skin->ln = sums[3] / sums[0];
    }
}

/* ---- around each place
 * ------------------------------------------------------------------------------- */

static Node *node_of(const Skin *skin, int cx, int cy)
{
    return &skin->node[(ptrdiff_t)(cy / skin->node_side) * skin->node_width + cx / skin->node_side];
}

/* How much a cell has to say about the skin around it. */
static double belief(const Skin *skin, const Sum *s, const Node *around, bool first)
{
    double u = first ? skin->u : around->u, v = first ? skin->v : around->v;
    double du = (s->u - u) / OWN_SPREAD, dv = (s->v - v) / OWN_SPREAD, dl = 0;
    if (!first) {
        dl = s->ln - around->ln;
        dl /= dl > 0 ? SHINE_SPREAD : SHADE_SPREAD;
    }
    double bright = first ? fmin(1, exp(s->ln - skin->ln)) : 1; /* hair is darker */
    return (double)s->weight * bright * exp(-0.5 * (du * du + dv * dv + dl * dl));
}

static void blur_nodes(int count, int stride, const Node from[], Node to[], double sigma)
{
    int reach = (int)(3 * sigma) + 1;
    for (int i = 0; i < count; i++) {
        Node sum = {0};
        for (int j = i > reach ? i - reach : 0; j <= i + reach && j < count; j++) {
            double w = exp(-0.5 * (j - i) * (j - i) / (sigma * sigma));
            const Node *n = &from[(ptrdiff_t)j * stride];
            sum.weight += w * n->weight, sum.u += w * n->u, sum.v += w * n->v, sum.ln += w * n->ln;
        }
        to[(ptrdiff_t)i * stride] = sum;
    }
}

static void gather(Skin *skin, double sigma_nodes, bool first)
{
    const SkinMap *map = skin->map;
    int nodes = skin->node_width * skin->node_height;
    for (int i = 0; i < nodes; i++)
        skin->spare[i] = (Node){0};
    for (int y = 0; y < map->height; y++)
        for (int x = 0; x < map->width; x++) {
            const Sum *s = &skin->sum[(ptrdiff_t)y * map->width + x];
            if (!(s->weight > 0))
                continue;
            ptrdiff_t n = node_of(skin, x, y) - skin->node;
            double w = belief(skin, s, &skin->node[n], first);
            Node *sum = &skin->spare[n];
            sum->weight += w, sum->u += w * s->u, sum->v += w * s->v, sum->ln += w * s->ln;
        }
    for (int y = 0; y < skin->node_height; y++)
        blur_nodes(skin->node_width, 1, &skin->spare[y * skin->node_width],
                   &skin->node[y * skin->node_width], sigma_nodes);
    for (int x = 0; x < skin->node_width; x++)
        blur_nodes(skin->node_height, skin->node_width, &skin->node[x], &skin->spare[x],
                   sigma_nodes);
    for (int i = 0; i < nodes; i++) {
        Node sum = skin->spare[i];
        double all = sum.weight + PRIOR_CELLS;
        skin->node[i] = (Node){.weight = sum.weight,
                               .u = (sum.u + PRIOR_CELLS * skin->u) / all,
                               .v = (sum.v + PRIOR_CELLS * skin->v) / all,
                               .ln = (sum.ln + PRIOR_CELLS * skin->ln) / all};
    }
}

/* ---- what each cell is
 * ------------------------------------------------------------------------------- */

/* Bilinear between the middles of nodes. */
static Node around(const Skin *skin, int cx, int cy)
{
    double x = fmax((cx + 0.5) / skin->node_side - 0.5, 0);
    double y = fmax((cy + 0.5) / skin->node_side - 0.5, 0);
    int x0 = (int)x, y0 = (int)y;
    int x1 = x0 + 1 < skin->node_width ? x0 + 1 : skin->node_width - 1;
    int y1 = y0 + 1 < skin->node_height ? y0 + 1 : skin->node_height - 1;
    x0 = x0 < x1 ? x0 : x1, y0 = y0 < y1 ? y0 : y1;
    const Node *n[4] = {
        &skin->node[y0 * skin->node_width + x0], &skin->node[y0 * skin->node_width + x1],
        &skin->node[y1 * skin->node_width + x0], &skin->node[y1 * skin->node_width + x1]};
    double fx = fmin(x - x0, 1), fy = fmin(y - y0, 1);
    double w[4] = {(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy};
    Node at = {0};
    for (int k = 0; k < 4; k++)
        at.u += w[k] * n[k]->u, at.v += w[k] * n[k]->v, at.ln += w[k] * n[k]->ln;
    return at;
}

static void skin_color(const Node *node, double rgb[3])
{
    double r = exp(node->u), b = exp(-node->v);
    double y = (double)LUMA[0] * r + (double)LUMA[1] + (double)LUMA[2] * b;
    rgb[0] = r / y, rgb[1] = 1 / y, rgb[2] = b / y;
}

/* light = m d + s e in the least squares: rows of the pseudo-inverse; d and e of luminance 1. */
static bool solve_cell(const double d[3], const double e[3], SkinCell *cell)
{
    double dd = 0, de = 0, ee = 0;
    for (int k = 0; k < 3; k++)
        dd += d[k] * d[k], de += d[k] * e[k], ee += e[k] * e[k];
    double det = dd * ee - de * de;
    double odd[3] = {d[1] * e[2] - d[2] * e[1], d[2] * e[0] - d[0] * e[2],
                     d[0] * e[1] - d[1] * e[0]};
    if (!(det > LEAST_ANGLE * LEAST_ANGLE * dd * ee)) {
        for (int k = 0; k < 3; k++)
            cell->diffuse[k] = LUMA[k], cell->shine[k] = cell->odd[k] = 0;
        return false;
    }
    for (int k = 0; k < 3; k++) {
        cell->diffuse[k] = (float)((ee * d[k] - de * e[k]) / det);
        cell->shine[k] = (float)((dd * e[k] - de * d[k]) / det);
        cell->odd[k] = (float)(odd[k] / sqrt(det));
    }
    return true;
}

static double along(const float row[3], const float rgb[3])
{
    return (double)(row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]);
}

/* 1 where a cell is not skin: of another hue, pale without being bright (grey hair, a wall, cloth),
 * more saturated than a shadow on skin can be, or dark as hair that hides the skin. */
static double foreign_share(const float rgb[3], const SkinCell *cell, bool grey)
{
    double m = along(cell->diffuse, rgb), s = along(cell->shine, rgb), y = fmax(m + s, 1e-6);
    double size = sqrt((double)(rgb[0] * rgb[0] + rgb[1] * rgb[1] + rgb[2] * rgb[2]));
    double bright = y / (double)cell->level;
    double dark = 1 - ramp(bright, 0.08, 0.18);
    if (grey)
        return dark;
    double hue = ramp(fabs(along(cell->odd, rgb)) / size, 0.12, 0.22);
    double pale = ramp(s / y, 0.55, 0.8) * (1 - ramp(bright, 1.0, 1.2));
    double rich = ramp(-s / y, 1.0, 1.8);
    return 1 - (1 - dark) * (1 - hue) * (1 - pale) * (1 - rich);
}

/* The mean of a cell and its neighbours, 1-2-1: what one hair does is told pixel by pixel. */
static bool mean_around(const Skin *skin, int cx, int cy, float rgb[3])
{
    const SkinMap *map = skin->map;
    float all = 0;
    rgb[0] = rgb[1] = rgb[2] = 0;
    for (int y = cy - 1; y <= cy + 1; y++)
        for (int x = cx - 1; x <= cx + 1; x++) {
            if (x < 0 || y < 0 || x >= map->width || y >= map->height)
                continue;
            const Sum *s = &skin->sum[(ptrdiff_t)y * map->width + x];
            float w = s->weight * (float)((2 - abs(x - cx)) * (2 - abs(y - cy)));
            all += w;
            for (int k = 0; k < 3; k++)
                rgb[k] += w * s->rgb[k];
        }
    for (int k = 0; k < 3 && all > 0; k++)
        rgb[k] /= all;
    return all > 0;
}

/* What a hair is dark against: half way (as eyes go) between the skin around and the place itself,
 * so that a shadow is not hair, and a lock of it is. */
static float hair_level(const Skin *skin, int cx, int cy, float level)
{
    enum { REACH = 2 };
    const SkinMap *map = skin->map;
    double squares = 0, all = 0;
    for (int y = cy - REACH; y <= cy + REACH; y++)
        for (int x = cx - REACH; x <= cx + REACH; x++) {
            if (x < 0 || y < 0 || x >= map->width || y >= map->height)
                continue;
            const Sum *s = &skin->sum[(ptrdiff_t)y * map->width + x];
            double light = luma(s->rgb);
            squares += (double)s->weight * light * light;
            all += (double)s->weight;
        }
    float here = all > 0 ? (float)sqrt(squares / all) : level;
    return sqrtf(level * fminf(level, here));
}

static void fill_cells(Skin *skin)
{
    SkinMap *map = skin->map;
    double e[3] = {(double)map->illuminant.r, (double)map->illuminant.g, (double)map->illuminant.b};
    for (int y = 0; y < map->height; y++)
        for (int x = 0; x < map->width; x++) {
            SkinCell *cell = &map->cell[(ptrdiff_t)y * map->width + x];
            Node node = around(skin, x, y);
            double d[3];
            float rgb[3];
            skin_color(&node, d);
            bool told = solve_cell(d, e, cell);
            cell->level = (float)exp(node.ln);
            cell->hair_level = hair_level(skin, x, y, cell->level);
            cell->foreign = mean_around(skin, x, y, rgb)
                                ? (float)foreign_share(rgb, cell, map->grey || !told)
                                : 1;
        }
}

/* The light of highlights: what bright pale cells have more than the skin around them. Few of them,
 * or burnt out ones, leave the white that the camera chose. */
static void find_illuminant(Skin *skin)
{
    SkinMap *map = skin->map;
    const double burnt = 0.75; /* above, phones bend one channel before the others */
    const double trust = 200;  /* the camera's own white counts as so many bright cells */
    const double most = 1.25;  /* a channel over green: what automatic white leaves over */
    double sum[3] = {trust, trust, trust};
    for (int i = 0; i < map->width * map->height; i++) {
        const Sum *s = &skin->sum[i];
        const SkinCell *cell = &map->cell[i];
        double y = luma(s->rgb), level = (double)cell->level;
        if (!(s->weight > 0.5F) || y < 1.25 * level || cell->foreign > 0.2F ||
            (double)fmaxf(s->rgb[0], fmaxf(s->rgb[1], s->rgb[2])) > burnt)
            continue;
        Node node = around(skin, i % map->width, i / map->width);
        double d[3], more[3], size = 0;
        skin_color(&node, d);
        for (int k = 0; k < 3; k++)
            more[k] = fmax((double)s->rgb[k] - level * d[k], 0), size += more[k] / 3;
        if (along(cell->shine, s->rgb) < 0.5 * (y - level)) /* merely better lit */
            continue;
        for (int k = 0; k < 3; k++)
            sum[k] += more[k] / size;
    }
    double green = sum[1];
    for (int k = 0; k < 3; k++)
        sum[k] = fmin(fmax(sum[k] / green, 1 / most), most);
    double y = (double)LUMA[0] * sum[0] + (double)LUMA[1] * sum[1] + (double)LUMA[2] * sum[2];
    map->illuminant = (Rgb){(float)(sum[0] / y), (float)(sum[1] / y), (float)(sum[2] / y)};
}

static bool new_map(Arena *arena, Skin *skin, Err *err)
{
    SkinMap *map = skin->map;
    double side = CELL_MM * skin->surface->px_per_mm + 0.5;
    map->side_px = (int)fmin(fmax(side, LEAST_CELL_PX), MOST_CELL_PX);
    map->width = (skin->part.width + map->side_px - 1) / map->side_px;
    map->height = (skin->part.height + map->side_px - 1) / map->side_px;
    size_t cells = (size_t)map->width * (size_t)map->height;
    map->cell = ARENA_NEW(arena, SkinCell, cells);
    if (map->cell == NULL)
        return err_set(err, ERR_LIMIT, "no room for the skin of %zu cells", cells);
    return true;
}

static bool new_sums(Arena *scratch, Skin *skin, Err *err)
{
    const SkinMap *map = skin->map;
    double cell_mm = map->side_px / skin->surface->px_per_mm;
    skin->node_side = (int)fmax(NODE_MM / cell_mm, 1);
    skin->node_width = (map->width + skin->node_side - 1) / skin->node_side;
    skin->node_height = (map->height + skin->node_side - 1) / skin->node_side;
    size_t cells = (size_t)map->width * (size_t)map->height;
    size_t nodes = (size_t)skin->node_width * (size_t)skin->node_height;
    skin->sum = ARENA_NEW(scratch, Sum, cells);
    skin->node = ARENA_NEW(scratch, Node, nodes);
    skin->spare = ARENA_NEW(scratch, Node, nodes);
    if (skin->sum == NULL || skin->node == NULL || skin->spare == NULL)
        return err_set(err, ERR_LIMIT, "no room for the skin of %zu cells", cells);
    return true;
}

bool look_photo_skin(Arena *arena, Arena *scratch, const ImageF *light, Part part,
                     const Surface *surface, SkinMap *map, Err *err)
{
    *map = (SkinMap){.illuminant = {1, 1, 1}};
    Skin skin = {.light = light, .part = part, .surface = surface, .map = map};
    if (!new_map(arena, &skin, err))
        return false;
    size_t mark = arena_mark(scratch);
    double *histogram = ARENA_NEW(scratch, double, BINS *BINS);
    if (histogram == NULL)
        return err_set(err, ERR_LIMIT, "no room for the colours of the skin");
    if (!new_sums(scratch, &skin, err))
        return false;
    for (int i = 0; i < map->width * map->height; i++)
        sum_cell(&skin, i % map->width, i / map->width, &skin.sum[i]);
    find_common(&skin, histogram);
    map->grey = hypot(skin.u, skin.v) < LEAST_ANGLE;
    double sigma_nodes = AROUND_MM / (skin.node_side * map->side_px / surface->px_per_mm);
    for (int pass = 0; pass <= PASSES; pass++)
        gather(&skin, sigma_nodes, pass == 0);
    fill_cells(&skin);
    find_illuminant(&skin);
    fill_cells(&skin);
    arena_rewind(scratch, mark);
    return true;
}
