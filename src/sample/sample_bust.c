#include "sample/sample_internal.h"

#include "base/parallel.h"
#include "base/rng.h"
#include "head/vault.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* Box of the bust and how far the chart reaches: 140 degrees from the vertex. */
static const Vec3 box_low = {-200.0, -212.0, -152.0}, box_high = {200.0, 152.0, 144.0};
static const double chart_reach = 1.88;

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* Union and difference of two distances, rounded over k mm (polynomial smooth minimum). */
static double join(double a, double b, double k)
{
    double h = fmax(k - fabs(a - b), 0.0) / k;
    return fmin(a, b) - h * h * k * 0.25;
}

static double cut(double a, double b, double k)
{
    return -join(-a, b, k);
}

static double ball(Vec3 p, Vec3 c, double r)
{
    return vec_distance(p, c) - r;
}

static double egg(Vec3 p, Vec3 c, Vec3 r)
{
    Vec3 q = vec_sub(p, c);
    double k0 = vec_length(vec3(q.x / r.x, q.y / r.y, q.z / r.z));
    double k1 = vec_length(vec3(q.x / (r.x * r.x), q.y / (r.y * r.y), q.z / (r.z * r.z)));
    return k1 > 1e-9 ? k0 * (k0 - 1.0) / k1 : -fmin(r.x, fmin(r.y, r.z));
}

/* A rod whose radius goes from ra at a to rb at b. */
static double rod(Vec3 p, Vec3 a, Vec3 b, double ra, double rb)
{
    Vec3 along = vec_sub(b, a);
    double t = clamp(vec_dot(vec_sub(p, a), along) / vec_dot(along, along), 0.0, 1.0);
    return vec_distance(p, vec_madd(a, t, along)) - (ra + t * (rb - ra));
}

/* The statistical cranium with modes drawn from their distribution, kept within 1.5 SD. */
static VaultShape draw_shape(Rng *rng)
{
    VaultShape shape = vault_mean();
    shape.length_scale = 1.0 + 0.02 * clamp(rng_normal(rng), -1.5, 1.5);
    shape.breadth_scale = 1.0 + 0.02 * clamp(rng_normal(rng), -1.5, 1.5);
    shape.height_scale = 1.0 + 0.02 * clamp(rng_normal(rng), -1.5, 1.5);
    for (int i = 0; i < VAULT_MODES; i++)
        shape.mode_sd[i] = 0.5 * clamp(rng_normal(rng), -1.5, 1.5);
    return shape;
}

void bust_make(uint64_t seed, Bust *bust)
{
    Rng rng = rng_make(seed, 0x62757374);
    VaultShape shape = draw_shape(&rng);
    Vault vault = vault_make(&shape);
    bust->wide = 1.0 + 0.03 * clamp(rng_normal(&rng), -1.5, 1.5);
    bust->deep = 1.0 + 0.02 * clamp(rng_normal(&rng), -1.5, 1.5);
    bust->tall = 1.0 + 0.03 * clamp(rng_normal(&rng), -1.5, 1.5);
    bust->shape = shape;
    Vec3 landmark[HEAD_LANDMARKS];
    vault_landmarks_mm(&shape, landmark);
    bust->brow_mm = landmark[HEAD_GLABELLA].z;
    bust->ear_mm = landmark[HEAD_TRAGION_LEFT].x;
    for (int i = 0; i < BUST_POLARS; i++)
        for (int k = 0; k < BUST_AZIMUTHS; k++) {
            double polar = PI * i / (BUST_POLARS - 1), azimuth = 2.0 * PI * k / BUST_AZIMUTHS;
            Vec3 direction = vec3(sin(polar) * sin(azimuth), cos(polar), sin(polar) * cos(azimuth));
            bust->radius_mm[i][k] = (float)vault_ray_mm(&vault, direction);
        }
}

static double cranium_radius(const Bust *bust, Vec3 q)
{
    double polar = atan2(hypot(q.x, q.z), q.y) / PI * (BUST_POLARS - 1);
    double azimuth = atan2(q.x, q.z) / (2.0 * PI) * BUST_AZIMUTHS;
    if (azimuth < 0.0)
        azimuth += BUST_AZIMUTHS;
    int i = (int)clamp(floor(polar), 0.0, BUST_POLARS - 2), k = (int)azimuth % BUST_AZIMUTHS;
    int next = (k + 1) % BUST_AZIMUTHS;
    double u = clamp(polar - i, 0.0, 1.0), v = clamp(azimuth - floor(azimuth), 0.0, 1.0);
    double near = (1.0 - v) * (double)bust->radius_mm[i][k] + v * (double)bust->radius_mm[i][next];
    double far =
        (1.0 - v) * (double)bust->radius_mm[i + 1][k] + v * (double)bust->radius_mm[i + 1][next];
    return (1.0 - u) * near + u * far;
}

/* Intersection rounded over k mm. */
static double meet(double a, double b, double k)
{
    return -join(-a, -b, k);
}

static double smooth(double edge0, double edge1, double x)
{
    double t = clamp((x - edge0) / (edge1 - edge0), 0.0, 1.0);
    return t * t * (3.0 - 2.0 * t);
}

/* Below brow and ears the harmonics only continue smoothly: there an ellipsoid closes the skull,
 * and under the brow it steps back for the face. */
static double cranium(const Bust *bust, Vec3 p)
{
    Vec3 q = vec_sub(p, HEAD_CENTRE_MM);
    double skull = vec_length(q) - cranium_radius(bust, q);
    double front = smooth(30.0, 80.0, p.z);
    double keep = smooth(-16.0 + 8.0 * front, 14.0 + 16.0 * front, p.y);
    if (keep >= 1.0)
        return skull;
    double base = egg(p, vec3(0.0, 0.0, -3.0), vec3(82.0, 56.0, 93.0));
    return keep * skull + (1.0 - keep) * meet(skull, base, 8.0);
}

/* The features are laid out in mm for a brow at z = 103.6, as the mean cranium has it; heights and
 * breadths follow the means of ANSUR II and of Farkas: sellion-menton 122, nose 36, mouth 52,
 * pupils 64, cheekbones 142 mm apart. q is p folded to one side. */
static double nose(Vec3 p, Vec3 q)
{
    double d = rod(p, vec3(0.0, 23.0, 86.0), vec3(0.0, -15.0, 97.0), 9.0, 12.0);
    d = join(d, rod(p, vec3(0.0, 21.0, 93.0), vec3(0.0, -10.0, 110.5), 6.0, 7.0), 9.0);
    d = join(d, egg(p, vec3(0.0, -16.5, 112.5), vec3(9.2, 8.5, 9.5)), 7.0);
    d = join(d, egg(q, vec3(11.5, -20.5, 104.0), vec3(6.0, 6.8, 10.0)), 7.0);
    d = join(d, rod(p, vec3(0.0, -20.0, 113.5), vec3(0.0, -27.0, 104.0), 3.6, 3.6), 5.0);
    return cut(d, egg(q, vec3(6.6, -28.2, 108.5), vec3(2.8, 3.0, 5.0)), 2.5);
}

static double mouth(double d, Vec3 p, Vec3 q)
{
    d = join(d, egg(p, vec3(0.0, -48.0, 91.0), vec3(29.0, 23.0, 15.0)), 16.0);
    d = cut(d, rod(p, vec3(0.0, -31.0, 110.5), vec3(0.0, -41.0, 110.5), 2.0, 2.6), 4.0);
    d = join(d, rod(q, vec3(3.6, -44.8, 105.5), vec3(23.5, -50.2, 95.0), 5.6, 2.0), 5.0);
    d = join(d, egg(p, vec3(0.0, -56.0, 101.0), vec3(19.0, 7.2, 9.0)), 5.0);
    d = cut(d, rod(q, vec3(0.0, -50.6, 111.0), vec3(13.0, -50.2, 106.8), 1.2, 1.2), 3.0);
    d = cut(d, rod(q, vec3(13.0, -50.2, 106.8), vec3(25.5, -51.2, 98.5), 1.2, 1.0), 3.0);
    return cut(d, egg(p, vec3(0.0, -66.5, 106.0), vec3(17.0, 5.5, 7.0)), 8.0);
}

/* Closed eyes: a hollow under the brow, the ball with its lid, the slit between the lids. */
static double eyes(double d, Vec3 q)
{
    d = cut(d, egg(q, vec3(30.0, 11.0, 97.0), vec3(17.0, 12.5, 15.5)), 14.0);
    d = join(d, egg(q, vec3(32.0, 8.5, 72.5), vec3(17.0, 12.5, 14.0)), 4.0);
    double slit = rod(q, vec3(19.5, 4.6, 84.5), vec3(32.0, 1.4, 87.5), 1.1, 1.2);
    slit = fmin(slit, rod(q, vec3(32.0, 1.4, 87.5), vec3(45.5, 4.6, 80.0), 1.2, 1.0));
    double fold = rod(q, vec3(21.0, 13.5, 85.5), vec3(33.0, 17.5, 85.5), 1.0, 1.0);
    fold = fmin(fold, rod(q, vec3(33.0, 17.5, 85.5), vec3(46.0, 13.0, 80.5), 1.0, 1.0));
    return cut(cut(d, slit, 3.0), fold, 3.0);
}

/* Brow, cheeks, jaw and chin. */
static double mask(Vec3 p, Vec3 q)
{
    double d = egg(p, vec3(0.0, -22.0, 42.0), vec3(65.0, 78.0, 57.0));
    d = join(d, egg(p, vec3(0.0, -82.0, 80.0), vec3(21.0, 16.0, 20.0)), 22.0);
    d = join(d, rod(q, vec3(49.0, -52.0, 22.0), vec3(14.0, -85.0, 76.0), 12.0, 11.0), 22.0);
    d = join(d, rod(q, vec3(58.0, -8.0, 0.0), vec3(48.0, -56.0, 12.0), 10.0, 12.0), 18.0);
    d = join(d, rod(q, vec3(59.0, -8.0, 28.0), vec3(42.0, -14.0, 70.0), 10.0, 12.5), 20.0);
    return join(d, rod(p, vec3(-32.0, 34.0, 83.0), vec3(32.0, 34.0, 83.0), 11.0, 11.0), 20.0);
}

Vec3 bust_to_face(const Bust *bust, Vec3 p)
{
    const double lift_mm = 4.0; /* brings brow and nasion to the heights of the mean head */
    return vec3(p.x / bust->wide, (p.y - lift_mm) / bust->tall,
                103.6 + (p.z - bust->brow_mm) / bust->deep);
}

static double with_face(const Bust *bust, Vec3 world, double skull)
{
    Vec3 p = bust_to_face(bust, world);
    if (p.z < -60.0 || ball(p, vec3(0.0, -30.0, 55.0), 105.0) > skull + 24.0)
        return skull;
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    double d = join(skull, mask(p, q), 24.0);
    if (p.z < 45.0 || p.y > 60.0 || p.y < -95.0)
        return d;
    d = eyes(d, q);
    d = join(d, nose(p, q), 6.0);
    return mouth(d, p, q);
}

static double with_neck(Vec3 p, double d)
{
    if (p.y > 20.0 && d < 60.0)
        return d;
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    double neck = rod(p, vec3(0.0, -48.0, -24.0), vec3(0.0, -185.0, -46.0), 53.0, 60.0);
    neck = join(neck, rod(q, vec3(46.0, -36.0, -26.0), vec3(16.0, -172.0, 14.0), 10.0, 9.0), 20.0);
    neck = join(neck, ball(p, vec3(0.0, -116.0, 22.0), 11.0), 24.0);
    neck =
        join(neck, rod(q, vec3(40.0, -120.0, -52.0), vec3(140.0, -196.0, -52.0), 26.0, 38.0), 46.0);
    neck = join(neck, egg(p, vec3(0.0, -226.0, -44.0), vec3(178.0, 62.0, 78.0)), 40.0);
    return join(d, neck, 18.0);
}

/* Rim of the ear from its root over the top to the lobe, and the inner fold; ear's own frame:
 * x away from the plate, y up, z forward. */
static const Vec3 helix[] = {{4.0, 1.0, 4.0},   {4.2, 6.0, 9.0},    {4.0, 14.0, 11.5},
                             {3.8, 21.5, 9.8},  {3.6, 26.5, 5.0},   {3.5, 28.6, -1.0},
                             {3.5, 27.2, -7.0}, {3.6, 22.5, -12.2}, {3.6, 15.0, -15.6},
                             {3.6, 6.0, -16.4}, {3.4, -3.0, -14.6}, {3.0, -11.0, -10.8},
                             {2.4, -18.5, -5.8}};
static const Vec3 antihelix[] = {{2.6, 17.0, 2.0}, {3.0, 14.0, -3.5}, {3.4, 8.0, -7.2},
                                 {3.4, 0.0, -8.4}, {3.3, -7.0, -6.8}, {3.2, -12.5, -2.0},
                                 {3.2, -14.0, 3.0}};
enum {
    HELIX_POINTS = sizeof helix / sizeof helix[0],
    ANTIHELIX_POINTS = sizeof antihelix / sizeof antihelix[0]
};

static double chain(Vec3 p, int count, const Vec3 point[], double radius)
{
    double d = 1e9;
    for (int i = 0; i + 1 < count; i++)
        d = join(d, rod(p, point[i], point[i + 1], radius, radius), 1.5);
    return d;
}

/* A dish that leans outward and back, hollowed, with its rim, inner fold, tragus and lobe. */
static double ear(const Bust *bust, Vec3 p)
{
    const double lean = 0.45, tip = -0.16, roll = 0.14; /* the top stands out more than the lobe */
    Vec3 q = vec3(fabs(p.x) - bust->ear_mm - 7.0 - roll * p.y, p.y + 1.0, p.z + 13.0);
    Vec3 a = vec3(q.x * cos(lean) + q.z * sin(lean), q.y, -q.x * sin(lean) + q.z * cos(lean));
    Vec3 b = vec3(a.x, a.y * cos(tip) - a.z * sin(tip), a.y * sin(tip) + a.z * cos(tip));
    double d = egg(b, vec3(0.0, 1.0, -1.0), vec3(4.5, 27.0, 15.0));
    d = join(d, egg(b, vec3(0.5, -22.5, 3.0), vec3(3.8, 8.5, 7.0)), 6.0);
    d = cut(d, egg(b, vec3(6.5, 5.0, -1.0), vec3(5.0, 20.0, 12.0)), 3.0);
    d = join(d, chain(b, HELIX_POINTS, helix, 2.5), 2.5);
    d = join(d, chain(b, ANTIHELIX_POINTS, antihelix, 2.2), 3.0);
    d = cut(d, egg(b, vec3(4.0, -4.0, 4.0), vec3(5.5, 8.0, 6.5)), 3.0);
    return join(d, egg(b, vec3(1.5, -6.0, 12.0), vec3(4.0, 5.5, 3.4)), 3.5);
}

double bust_bare_distance_mm(const Bust *bust, Vec3 p)
{
    return with_neck(p, with_face(bust, p, cranium(bust, p)));
}

double bust_distance_mm(const Bust *bust, Vec3 p)
{
    const double round_mm = 6.0, reach_mm = 46.0;
    double d = bust_bare_distance_mm(bust, p);
    if (ball(vec3(fabs(p.x), p.y, p.z), vec3(bust->ear_mm + 7.0, -1.0, -13.0), reach_mm) >
        fmax(d, 0.0) + round_mm)
        return d;
    return join(d, ear(bust, p), round_mm);
}

/* Gradient from the corners of a tetrahedron; their mean is the distance itself. */
static Vec3 gradient(const Bust *bust, Vec3 p, double *distance_mm)
{
    const double h = 0.25;
    const Vec3 corner[4] = {{h, -h, -h}, {-h, -h, h}, {-h, h, -h}, {h, h, h}};
    Vec3 sum = {0};
    *distance_mm = 0.0;
    for (int i = 0; i < 4; i++) {
        double d = bust_distance_mm(bust, vec_add(p, corner[i]));
        sum = vec_madd(sum, d / (4.0 * h * h), corner[i]);
        *distance_mm += 0.25 * d;
    }
    return sum;
}

Vec3 bust_normal(const Bust *bust, Vec3 p)
{
    double distance_mm;
    return vec_normalize(gradient(bust, p, &distance_mm));
}

bool bust_hit(const Bust *bust, Vec3 from, Vec3 toward, bool ears, Vec3 *hit)
{
    Vec3 along = vec_normalize(vec_sub(toward, from));
    double reach = vec_distance(from, toward), t = 0.0;
    for (int step = 0; step < 400 && t < reach; step++) {
        Vec3 p = vec_madd(from, t, along);
        double d = ears ? bust_distance_mm(bust, p) : bust_bare_distance_mm(bust, p);
        if (d < 0.002) {
            *hit = p;
            return true;
        }
        t += 0.7 * d; /* the distances are not exact: walk a little short of them */
    }
    return false;
}

void bust_uv(Vec3 p, double uv[2])
{
    Vec3 d = vec_normalize(vec_sub(p, HEAD_CENTRE_MM));
    double side = hypot(d.x, d.z), polar = atan2(side, d.y);
    double radius = 2.0 * sin(0.5 * fmin(polar, 2.0 * asin(chart_reach / 2.0)));
    double scale = side > 1e-12 ? radius / side : 0.0;
    uv[0] = 0.5 + 0.5 * d.x * scale / chart_reach;
    uv[1] = 0.5 - 0.5 * d.z * scale / chart_reach;
}

/* --- surface nets: one vertex in each cell the surface passes, one quad for each edge it cuts;
 * Gibson, "Constrained elastic surface nets", MICCAI 1998 --- */

enum { AXIS_LIMIT = 640 };

/* Rectilinear: fine over face and ears, coarse on the shoulders. */
typedef struct Grid {
    const Bust *bust;
    int nx, ny, nz;
    double x_mm[AXIS_LIMIT], y_mm[AXIS_LIMIT], z_mm[AXIS_LIMIT];
    float *value; /* [nz + 1][ny + 1][nx + 1] */
    int *vertex;  /* [nz][ny][nx] or -1 */
} Grid;

static size_t corner_index(const Grid *grid, int x, int y, int z)
{
    return ((size_t)z * (size_t)(grid->ny + 1) + (size_t)y) * (size_t)(grid->nx + 1) + (size_t)x;
}

static size_t cell_index(const Grid *grid, int x, int y, int z)
{
    return ((size_t)z * (size_t)grid->ny + (size_t)y) * (size_t)grid->nx + (size_t)x;
}

static Vec3 corner(const Grid *grid, int x, int y, int z)
{
    return vec3(grid->x_mm[x], grid->y_mm[y], grid->z_mm[z]);
}

typedef struct Span {
    double end_mm, cell_mm; /* cells of this size up to here */
} Span;

/* Number of cells; the coordinates of their borders from low on. */
static int divide(double low, int span_count, const Span span[], double coordinate_mm[AXIS_LIMIT])
{
    int cells = 0;
    coordinate_mm[0] = low;
    for (int i = 0; i < span_count; i++)
        while (coordinate_mm[cells] < span[i].end_mm && cells + 1 < AXIS_LIMIT) {
            coordinate_mm[cells + 1] = coordinate_mm[cells] + span[i].cell_mm;
            cells++;
        }
    return cells;
}

static void divide_box(double cell_mm, Grid *grid)
{
    const double fine = 0.75 * cell_mm, coarse = 2.25 * cell_mm;
    const Span x[] = {{-96.0, coarse}, {-62.0, fine}, {-48.0, cell_mm},    {48.0, fine},
                      {62.0, cell_mm}, {96.0, fine},  {box_high.x, coarse}};
    const Span y[] = {{-112.0, coarse}, {-72.0, cell_mm}, {32.0, fine}, {box_high.y, cell_mm}};
    const Span z[] = {
        {-112.0, coarse}, {-40.0, cell_mm}, {4.0, fine}, {64.0, cell_mm}, {box_high.z, fine}};
    grid->nx = divide(box_low.x, 7, x, grid->x_mm);
    grid->ny = divide(box_low.y, 4, y, grid->y_mm);
    grid->nz = divide(box_low.z, 5, z, grid->z_mm);
}

enum { COARSE = 4 }; /* cells that one probe may stand for */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Values of a block of corners. Where a probe in its middle says the surface is far, the probe's
 * value stands for all: only the sign matters there. */
static void fill_block(const Grid *grid, int x0, int y0, int z0)
{
    const double doubt = 1.6; /* the distances are not exact */
    int x1 = least(x0 + COARSE, grid->nx + 1), y1 = least(y0 + COARSE, grid->ny + 1),
        z1 = least(z0 + COARSE, grid->nz + 1);
    Vec3 low = corner(grid, x0, y0, z0), high = corner(grid, x1 - 1, y1 - 1, z1 - 1);
    double probe = bust_distance_mm(grid->bust, vec_lerp(low, high, 0.5));
    bool far = fabs(probe) > doubt * 0.5 * vec_distance(low, high) + 1.0;
    for (int z = z0; z < z1; z++)
        for (int y = y0; y < y1; y++)
            for (int x = x0; x < x1; x++)
                grid->value[corner_index(grid, x, y, z)] =
                    (float)(far ? probe : bust_distance_mm(grid->bust, corner(grid, x, y, z)));
}

static void fill_layers(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Grid *grid = ctx;
    for (int z = begin; z < end; z++)
        for (int y = 0; y <= grid->ny; y += COARSE)
            for (int x = 0; x <= grid->nx; x += COARSE)
                fill_block(grid, x, y, z * COARSE);
}

static bool is_crossed(const Grid *grid, int x, int y, int z)
{
    int inside = 0;
    for (int i = 0; i < 8; i++)
        inside +=
            grid->value[corner_index(grid, x + (i & 1), y + (i >> 1 & 1), z + (i >> 2))] < 0.0f;
    return inside != 0 && inside != 8;
}

static int count_vertices(Grid *grid)
{
    int count = 0;
    for (int z = 0; z < grid->nz; z++)
        for (int y = 0; y < grid->ny; y++)
            for (int x = 0; x < grid->nx; x++)
                grid->vertex[cell_index(grid, x, y, z)] = is_crossed(grid, x, y, z) ? count++ : -1;
    return count;
}

typedef struct Placing {
    const Grid *grid;
    Mesh *mesh;
    Vec3 *normal;
} Placing;

/* Moves a vertex onto the surface from nearby. */
static void settle(const Bust *bust, Vec3 p, int vertex, Mesh *mesh, Vec3 normal[])
{
    double uv[2];
    for (int step = 0; step < 2; step++) {
        double distance_mm;
        Vec3 slope = gradient(bust, p, &distance_mm);
        p = vec_madd(p, -distance_mm / fmax(vec_dot(slope, slope), 0.25), slope);
    }
    bust_uv(p, uv);
    mesh->position[vertex] = p;
    normal[vertex] = bust_normal(bust, p);
    mesh->uv[vertex][0] = (float)uv[0];
    mesh->uv[vertex][1] = (float)uv[1];
}

/* Each vertex starts in the middle of its cell and walks to the surface. */
static void place_layers(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Placing *placing = ctx;
    const Grid *grid = placing->grid;
    for (int z = begin; z < end; z++)
        for (int y = 0; y < grid->ny; y++)
            for (int x = 0; x < grid->nx; x++) {
                int vertex = grid->vertex[cell_index(grid, x, y, z)];
                if (vertex < 0)
                    continue;
                Vec3 p = vec_lerp(corner(grid, x, y, z), corner(grid, x + 1, y + 1, z + 1), 0.5);
                settle(grid->bust, p, vertex, placing->mesh, placing->normal);
            }
}

static void add_quad(Mesh *mesh, int a, int b, int c, int d, bool turned)
{
    int quad[4] = {a, turned ? d : b, c, turned ? b : d};
    int(*t)[3] = mesh->triangle + mesh->triangle_count;
    memcpy(t[0], (int[]){quad[0], quad[1], quad[2]}, sizeof t[0]);
    memcpy(t[1], (int[]){quad[0], quad[2], quad[3]}, sizeof t[1]);
    mesh->triangle_count += 2;
}

/* The four cells around each grid edge that the surface cuts; counted first, then written. */
static int quads(const Grid *grid, Mesh *mesh)
{
    int count = 0;
    for (int z = 1; z < grid->nz; z++)
        for (int y = 1; y < grid->ny; y++)
            for (int x = 1; x < grid->nx; x++) {
                bool here = grid->value[corner_index(grid, x, y, z)] < 0.0f;
                const int step[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
                for (int axis = 0; axis < 3; axis++) {
                    const int *e = step[axis], *f = step[(axis + 1) % 3], *g = step[(axis + 2) % 3];
                    bool there =
                        grid->value[corner_index(grid, x + e[0], y + e[1], z + e[2])] < 0.0f;
                    if (here == there)
                        continue;
                    count++;
                    if (mesh == NULL)
                        continue;
                    int c[4];
                    for (int i = 0; i < 4; i++) {
                        int df = i == 1 || i == 2, dg = i >= 2;
                        c[i] = grid->vertex[cell_index(grid, x - (1 - df) * f[0] - (1 - dg) * g[0],
                                                       y - (1 - df) * f[1] - (1 - dg) * g[1],
                                                       z - (1 - df) * f[2] - (1 - dg) * g[2])];
                    }
                    add_quad(mesh, c[0], c[1], c[2], c[3], !here);
                }
            }
    return count;
}

/* At the thin rims of the ears the walk leaves notches: there the vertices spread evenly, each to
 * the mean of its neighbours and back onto the surface. */
static bool even_ears(Arena *scratch, const Bust *bust, Mesh *mesh, Vec3 normal[], Err *err)
{
    enum { PASSES = 4 };
    size_t mark = arena_mark(scratch), count = (size_t)mesh->vertex_count;
    Vec3 *sum = ARENA_NEW(scratch, Vec3, count);
    int *neighbors = ARENA_NEW(scratch, int, count);
    if (sum == NULL || neighbors == NULL)
        return err_set(err, ERR_LIMIT, "no room for the ears within the memory limit");
    for (int pass = 0; pass < PASSES; pass++) {
        memset(sum, 0, count * sizeof *sum);
        memset(neighbors, 0, count * sizeof *neighbors);
        for (int i = 0; i < mesh->triangle_count; i++)
            for (int k = 0; k < 3; k++) {
                int a = mesh->triangle[i][k], b = mesh->triangle[i][(k + 1) % 3];
                sum[a] = vec_add(sum[a], mesh->position[b]);
                sum[b] = vec_add(sum[b], mesh->position[a]);
                neighbors[a]++;
                neighbors[b]++;
            }
        for (int v = 0; v < mesh->vertex_count; v++) {
            Vec3 p = mesh->position[v];
            if (neighbors[v] > 0 && fabs(p.x) > 66.0 && fabs(p.y) < 48.0 && fabs(p.z + 15.0) < 40.0)
                settle(bust, vec_scale(sum[v], 1.0 / neighbors[v]), v, mesh, normal);
        }
    }
    arena_rewind(scratch, mark);
    return true;
}

bool bust_mesh(Arena *arena, Arena *scratch, const Bust *bust, double cell_mm, int threads,
               Mesh *mesh, Vec3 **normal, Err *err)
{
    size_t mark = arena_mark(scratch);
    Grid grid = {.bust = bust};
    divide_box(cell_mm, &grid);
    grid.value = ARENA_NEW(scratch, float, corner_index(&grid, grid.nx, grid.ny, grid.nz) + 1);
    grid.vertex = ARENA_NEW(scratch, int, cell_index(&grid, 0, 0, grid.nz));
    if (grid.value == NULL || grid.vertex == NULL)
        return err_set(err, ERR_LIMIT, "no room for the grid of the bust within the memory limit");
    parallel_for(threads, (grid.nz + COARSE) / COARSE, 2, fill_layers, &grid);
    *mesh = (Mesh){.vertex_count = count_vertices(&grid), .unit_mm = 1.0, .material_count = 1};
    size_t count = (size_t)mesh->vertex_count;
    mesh->position = ARENA_NEW(arena, Vec3, count);
    mesh->uv = arena_alloc(arena, count, sizeof *mesh->uv);
    *normal = ARENA_NEW(arena, Vec3, count);
    mesh->triangle = arena_alloc(arena, (size_t)quads(&grid, NULL) * 2, sizeof *mesh->triangle);
    mesh->material_list = ARENA_NEW(arena, MeshMaterial, 1);
    mesh->image = ARENA_NEW(arena, Image, 1);
    if (mesh->position == NULL || mesh->uv == NULL || *normal == NULL || mesh->triangle == NULL ||
        mesh->material_list == NULL || mesh->image == NULL)
        return err_set(err, ERR_LIMIT, "no room for the bust within the memory limit");
    mesh->material_list[0] = (MeshMaterial){.base_color = {1.0f, 1.0f, 1.0f}, .image = 0};
    Placing placing = {&grid, mesh, *normal};
    parallel_for(threads, grid.nz, 4, place_layers, &placing);
    quads(&grid, mesh);
    arena_rewind(scratch, mark);
    return even_ears(scratch, bust, mesh, *normal, err);
}
