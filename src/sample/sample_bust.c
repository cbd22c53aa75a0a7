#include "sample/sample_internal.h"

#include "base/parallel.h"
#include "base/rng.h"
#include "head/vault.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* Box of the bust and how far the chart reaches: 140 degrees from the vertex. */
static const Vec3 box_low = {-182.0, -212.0, -152.0}, box_high = {182.0, 146.0, 140.0};
static const double chart_reach = 1.88;

/* The features were laid out for a brow at z = 93; the mean cranium's brow lies farther forward. */
static const double face_forward = 9.0;

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

/* Below the ears the harmonics only continue smoothly: there an ellipsoid closes the skull. */
static double cranium(const Bust *bust, Vec3 p)
{
    Vec3 q = vec_sub(p, HEAD_CENTRE_MM);
    double skull = vec_length(q) - cranium_radius(bust, q);
    double base = egg(p, vec3(0.0, 0.0, -16.0), vec3(70.0, 52.0, 80.0));
    double keep = clamp((p.y + 12.0) / 24.0, 0.0, 1.0);
    keep = keep * keep * (3.0 - 2.0 * keep);
    return keep * skull + (1.0 - keep) * fmax(skull, base);
}

static double nose(Vec3 p)
{
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    double d = rod(q, vec3(0.0, 24.0, 86.5), vec3(0.0, 8.0, 93.0), 7.0, 6.5);
    d = join(d, rod(q, vec3(0.0, 8.0, 93.0), vec3(0.0, -17.0, 106.0), 6.5, 7.5), 3.0);
    d = join(d, egg(q, vec3(0.0, -20.0, 107.5), vec3(9.5, 8.5, 9.0)), 7.0);
    d = join(d, egg(q, vec3(11.0, -24.0, 99.5), vec3(6.8, 7.0, 9.0)), 5.0);
    return cut(d, egg(q, vec3(6.2, -31.5, 103.0), vec3(3.2, 3.0, 5.0)), 2.5);
}

static double mouth(double d, Vec3 p)
{
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    d = join(d, egg(q, vec3(0.0, -50.0, 84.0), vec3(28.0, 20.0, 16.0)), 16.0);
    d = join(d, rod(q, vec3(4.0, -47.5, 97.0), vec3(22.0, -51.5, 87.0), 5.2, 1.8), 5.0);
    d = join(d, rod(q, vec3(0.0, -57.0, 96.0), vec3(20.0, -52.8, 87.0), 6.2, 1.8), 5.0);
    d = cut(d, rod(q, vec3(0.0, -51.7, 104.5), vec3(26.0, -52.6, 90.5), 0.9, 0.8), 2.2);
    d = cut(d, rod(q, vec3(0.0, -66.0, 101.0), vec3(9.0, -65.0, 99.0), 5.0, 4.0), 10.0);
    return cut(d, rod(q, vec3(0.0, -36.0, 105.0), vec3(0.0, -41.5, 104.0), 2.0, 2.4), 4.0);
}

/* Closed eyes: a hollow under the brow, the ball with its lid, and the slit between the lids. */
static double eyes(double d, Vec3 p)
{
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    d = cut(d, egg(q, vec3(31.0, 9.0, 100.0), vec3(19.0, 12.5, 19.0)), 14.0);
    d = join(d, egg(q, vec3(32.0, 9.0, 71.5), vec3(15.0, 12.0, 13.5)), 4.0);
    double slit = rod(q, vec3(21.0, 4.8, 84.5), vec3(43.5, 5.4, 79.5), 1.0, 0.8);
    slit = fmin(slit, rod(q, vec3(21.0, 4.8, 84.5), vec3(32.0, 2.6, 86.0), 1.0, 1.0));
    return cut(d, slit, 2.2);
}

static double face(const Bust *bust, Vec3 world)
{
    Vec3 p =
        vec3(world.x / bust->wide, world.y / bust->tall, (world.z - face_forward) / bust->deep);
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    double d = egg(p, vec3(0.0, -22.0, 34.0), vec3(64.0, 74.0, 58.0));
    d = join(d, egg(p, vec3(0.0, -82.0, 70.0), vec3(25.0, 19.0, 22.0)), 24.0);
    d = join(d, rod(q, vec3(50.0, -52.0, 14.0), vec3(16.0, -85.0, 70.0), 13.0, 13.0), 22.0);
    d = join(d, rod(q, vec3(60.0, -10.0, 22.0), vec3(42.0, -17.0, 70.0), 10.0, 13.0), 20.0);
    d = join(d, rod(q, vec3(6.0, 27.0, 86.0), vec3(40.0, 28.0, 72.0), 8.0, 7.0), 16.0);
    d = eyes(d, p);
    d = join(d, nose(p), 7.0);
    return mouth(d, p);
}

static double neck(Vec3 p)
{
    double d = rod(p, vec3(0.0, -48.0, -24.0), vec3(0.0, -185.0, -46.0), 57.0, 62.0);
    Vec3 q = vec3(fabs(p.x), p.y, p.z);
    d = join(d, rod(q, vec3(62.0, -30.0, -22.0), vec3(16.0, -172.0, 14.0), 11.0, 9.0), 20.0);
    d = join(d, ball(p, vec3(0.0, -112.0, 26.0), 12.0), 22.0);
    d = join(d, rod(q, vec3(40.0, -120.0, -52.0), vec3(140.0, -196.0, -52.0), 26.0, 38.0), 46.0);
    return join(d, egg(p, vec3(0.0, -226.0, -44.0), vec3(178.0, 62.0, 78.0)), 40.0);
}

/* A dish that leans outward and back, hollowed, with its rim, tragus and lobe. */
static double ear(Vec3 p)
{
    Vec3 q = vec3(fabs(p.x) - 73.0, p.y + 3.0, p.z + 14.0);
    double lean = 0.42, tip = -0.14;
    Vec3 a = vec3(q.x * cos(lean) + q.z * sin(lean), q.y, -q.x * sin(lean) + q.z * cos(lean));
    Vec3 b = vec3(a.x, a.y * cos(tip) - a.z * sin(tip), a.y * sin(tip) + a.z * cos(tip));
    b = vec3(b.x - 6.0, b.y, b.z + 2.0);
    double d = egg(b, vec3(0.0, 0.0, 0.0), vec3(6.0, 27.0, 16.0));
    d = cut(d, egg(b, vec3(6.5, 2.5, 1.5), vec3(5.5, 20.5, 10.5)), 3.0);
    d = join(d, egg(b, vec3(0.5, -21.0, 4.5), vec3(4.2, 8.0, 6.5)), 5.0);
    d = join(d, rod(b, vec3(1.5, 10.0, -3.0), vec3(1.0, -8.0, -5.0), 2.6, 2.2), 3.5);
    d = cut(d, egg(b, vec3(4.5, -6.0, 5.5), vec3(5.0, 7.5, 5.5)), 3.0);
    return join(d, egg(b, vec3(2.0, -5.0, 11.5), vec3(4.0, 5.5, 3.4)), 3.0);
}

double bust_bare_distance_mm(const Bust *bust, Vec3 p)
{
    double d = join(cranium(bust, p), face(bust, p), 22.0);
    return join(d, neck(p), 18.0);
}

double bust_distance_mm(const Bust *bust, Vec3 p)
{
    double d = bust_bare_distance_mm(bust, p);
    return join(d, ear(p), 6.0);
}

Vec3 bust_normal(const Bust *bust, Vec3 p)
{
    const double h = 0.3;
    Vec3 g = {bust_distance_mm(bust, vec3(p.x + h, p.y, p.z)) -
                  bust_distance_mm(bust, vec3(p.x - h, p.y, p.z)),
              bust_distance_mm(bust, vec3(p.x, p.y + h, p.z)) -
                  bust_distance_mm(bust, vec3(p.x, p.y - h, p.z)),
              bust_distance_mm(bust, vec3(p.x, p.y, p.z + h)) -
                  bust_distance_mm(bust, vec3(p.x, p.y, p.z - h))};
    return vec_normalize(g);
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

typedef struct Grid {
    const Bust *bust;
    double cell_mm;
    int nx, ny, nz;
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
    return vec3(box_low.x + x * grid->cell_mm, box_low.y + y * grid->cell_mm,
                box_low.z + z * grid->cell_mm);
}

/* Values of one layer. Where a coarse probe says the surface is far, the probe's value stands for
 * its neighbours: only the sign matters there. */
static void fill_layers(void *ctx, int block, int begin, int end)
{
    (void)block;
    enum { COARSE = 6 };
    const Grid *grid = ctx;
    for (int z = begin; z < end; z++)
        for (int y0 = 0; y0 <= grid->ny; y0 += COARSE)
            for (int x0 = 0; x0 <= grid->nx; x0 += COARSE) {
                Vec3 middle =
                    vec_add(corner(grid, x0, y0, z),
                            vec3(0.5 * COARSE * grid->cell_mm, 0.5 * COARSE * grid->cell_mm, 0.0));
                double probe = bust_distance_mm(grid->bust, middle);
                bool far = fabs(probe) > 2.0 * COARSE * grid->cell_mm;
                for (int y = y0; y <= grid->ny && y < y0 + COARSE; y++)
                    for (int x = x0; x <= grid->nx && x < x0 + COARSE; x++)
                        grid->value[corner_index(grid, x, y, z)] =
                            (float)(far ? probe
                                        : bust_distance_mm(grid->bust, corner(grid, x, y, z)));
            }
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
                Vec3 half = vec3(0.5 * grid->cell_mm, 0.5 * grid->cell_mm, 0.5 * grid->cell_mm);
                Vec3 p = vec_add(corner(grid, x, y, z), half), n = {0};
                for (int step = 0; step < 4; step++) {
                    n = bust_normal(grid->bust, p);
                    p = vec_madd(p, -0.9 * bust_distance_mm(grid->bust, p), n);
                }
                double uv[2];
                bust_uv(p, uv);
                placing->mesh->position[vertex] = p;
                placing->normal[vertex] = n;
                placing->mesh->uv[vertex][0] = (float)uv[0];
                placing->mesh->uv[vertex][1] = (float)uv[1];
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

bool bust_mesh(Arena *arena, Arena *scratch, const Bust *bust, double cell_mm, int threads,
               Mesh *mesh, Vec3 **normal, Err *err)
{
    size_t mark = arena_mark(scratch);
    Grid grid = {.bust = bust,
                 .cell_mm = cell_mm,
                 .nx = (int)((box_high.x - box_low.x) / cell_mm),
                 .ny = (int)((box_high.y - box_low.y) / cell_mm),
                 .nz = (int)((box_high.z - box_low.z) / cell_mm)};
    grid.value = ARENA_NEW(scratch, float, corner_index(&grid, grid.nx, grid.ny, grid.nz) + 1);
    grid.vertex = ARENA_NEW(scratch, int, cell_index(&grid, 0, 0, grid.nz));
    if (grid.value == NULL || grid.vertex == NULL)
        return err_set(err, ERR_LIMIT, "no room for the grid of the bust within the memory limit");
    parallel_for(threads, grid.nz + 1, 4, fill_layers, &grid);
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
    return true;
}
