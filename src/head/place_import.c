#include "head/place_internal.h"

#include "base/parallel.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The fitted cranium has no detail below 0.4 rad; between grid points 0.09 rad apart it is within
 * 0.04 mm of a bilinear surface. */
enum { RAY_BLOCK = 256, GRID = 65 };
static const double grid_reach = 1.46;

typedef struct Import {
    const Mesh *scan;
    const MeshRays *rays;
    const Placement *placement, *cranium_pose;
    const HeadTopology *topology;
    Vault vault;
    double (*grid_mm)[GRID]; /* radius of the fitted cranium on the chart, [v][u] */
    double size;             /* of this head over the mean head */
    double *expected_mm;     /* radius of the fitted cranium, below it of the mean head */
    double *cranium_mm;      /* of the fitted cranium everywhere: smooth */
    double *radius_mm;
    bool *missing, *folded;
} Import;

/* Radius of the fitted cranium in a head direction. The cranium was fitted in a frame of its own,
 * a few mm and degrees away: fixed point over the two centres. */
static double cranium_radius_mm(const Import *import, Vec3 d)
{
    const Vec3 centre = HEAD_CENTRE_MM;
    Vec3 start = place_to_head(import->cranium_pose, place_to_scan(import->placement, centre));
    Vec3 along =
        place_to_head(import->cranium_pose, place_to_scan(import->placement, vec_add(centre, d)));
    along = vec_sub(along, start);
    start = vec_sub(start, centre);
    double t = 100.0;
    for (int i = 0; i < 2; i++) {
        Vec3 p = vec_madd(start, t, along);
        double length = vec_length(p);
        t += vault_ray_mm(&import->vault, vec_scale(p, 1.0 / length)) - length;
    }
    return t;
}

static void fill_grid(void *ctx, int block, int begin, int end)
{
    (void)block;
    Import *import = ctx;
    for (int j = begin; j < end; j++)
        for (int i = 0; i < GRID; i++) {
            double uv[2] = {grid_reach * (2.0 * i / (GRID - 1) - 1.0),
                            grid_reach * (2.0 * j / (GRID - 1) - 1.0)};
            if (hypot(uv[0], uv[1]) < grid_reach + 0.1)
                import->grid_mm[j][i] = cranium_radius_mm(import, head_chart_direction(uv));
        }
}

static double grid_radius_mm(const Import *import, Vec3 d)
{
    double uv[2];
    head_chart(d, uv);
    double x = (uv[0] / grid_reach + 1.0) * 0.5 * (GRID - 1);
    double y = (uv[1] / grid_reach + 1.0) * 0.5 * (GRID - 1);
    int i = (int)fmin(fmax(x, 0.0), GRID - 2), j = (int)fmin(fmax(y, 0.0), GRID - 2);
    x -= i, y -= j;
    const double *low = &import->grid_mm[j][i], *high = &import->grid_mm[j + 1][i];
    return (1.0 - y) * ((1.0 - x) * low[0] + x * low[1]) + y * ((1.0 - x) * high[0] + x * high[1]);
}

/* What may lie how far off the expected radius and still be skin of this head: on the cranium the
 * fit is within 3 mm of any head (field/canvas 1.6), the rest is for hair; face and nape are known
 * less well; an ear stands out by 15 mm and more and shall be looked behind. */
static void skin_band(Vec3 d, double *below_mm, double *above_mm)
{
    bool cranium = cranium_holds(d), face = d.z > 0.35 && !cranium;
    bool nape = d.z < -0.35 && !cranium;
    *below_mm = face ? 30.0 : cranium ? 14.0 : 22.0;
    *above_mm = face ? 40.0 : cranium ? 14.0 : nape ? 22.0 : 10.0;
}

static void cast(void *ctx, int block, int begin, int end)
{
    (void)block;
    Import *import = ctx;
    for (int i = begin; i < end; i++) {
        Vec3 d = import->topology->direction[i];
        double below, above, mean = place_mean_radius_mm(d) * import->size;
        import->cranium_mm[i] = grid_radius_mm(import, d);
        import->expected_mm[i] = cranium_holds(d) || mean <= 0.0 ? import->cranium_mm[i] : mean;
        skin_band(d, &below, &above);
        double start = import->expected_mm[i] + above;
        PlaceHit hit =
            place_hit(import->scan, import->rays, import->placement,
                      vec_madd(HEAD_CENTRE_MM, start, d), vec_scale(d, -1.0), above + below);
        import->missing[i] = !hit.found;
        import->radius_mm[i] =
            hit.found ? vec_distance(hit.position_mm, HEAD_CENTRE_MM) : import->expected_mm[i];
    }
}

/* ---- What does not hang together with the head. ---- */

/* A step steeper than this between neighbours is an edge, not skin. */
static const double steepest = 2.0;
/* Pieces smaller than this share of the canvas are bits beside the head. */
static const double smallest_piece = 0.04;

static void drop_pieces(Import *import, double edge_mm, int label[], int stack[])
{
    const HeadTopology *topology = import->topology;
    memset(label, 0, sizeof(int) * topology->vertex_count);
    for (int seed = 0, name = 0; seed < topology->vertex_count; seed++) {
        if (label[seed] != 0 || import->missing[seed])
            continue;
        int top = 0, count = 0;
        stack[top++] = seed;
        label[seed] = ++name;
        while (top > count) { /* the stack is a queue: all of the piece stays in it */
            int i = stack[count++];
            for (int k = topology->neighbor_start[i]; k < topology->neighbor_start[i + 1]; k++) {
                int j = topology->neighbor[k];
                double step = (import->radius_mm[i] - import->cranium_mm[i]) -
                              (import->radius_mm[j] - import->cranium_mm[j]);
                if (label[j] == 0 && !import->missing[j] && fabs(step) < steepest * edge_mm) {
                    label[j] = name;
                    stack[top++] = j;
                }
            }
        }
        if (count < smallest_piece * topology->vertex_count)
            for (int k = 0; k < count; k++)
                import->missing[stack[k]] = true;
    }
}

/* ---- Where the surface folds. ---- */

/* Star-shaped heads keep cos(radius, normal) above 0.87 (field/canvas 2.2). */
static const double folded_cos = 0.7;

static void find_folds(Import *import, Vec3 normal[])
{
    const HeadTopology *topology = import->topology;
    memset(normal, 0, sizeof(Vec3) * topology->vertex_count);
    for (int t = 0; t < topology->triangle_count; t++) {
        const int *k = topology->triangle[t];
        if (import->missing[k[0]] || import->missing[k[1]] || import->missing[k[2]])
            continue;
        Vec3 p[3];
        for (int j = 0; j < 3; j++)
            p[j] = vec_scale(topology->direction[k[j]], import->radius_mm[k[j]]);
        Vec3 n = vec_cross(vec_sub(p[1], p[0]), vec_sub(p[2], p[0]));
        for (int j = 0; j < 3; j++)
            normal[k[j]] = vec_add(normal[k[j]], n);
    }
    for (int i = 0; i < topology->vertex_count; i++) {
        double length = vec_length(normal[i]);
        import->folded[i] = !import->missing[i] && length > 0.0 &&
                            vec_dot(normal[i], topology->direction[i]) < folded_cos * length;
    }
}

static void widen(const HeadTopology *topology, int rings, bool set[], bool wider[])
{
    for (int ring = 0; ring < rings; ring++) {
        memcpy(wider, set, sizeof(bool) * topology->vertex_count);
        for (int i = 0; i < topology->vertex_count; i++)
            if (set[i])
                for (int k = topology->neighbor_start[i]; k < topology->neighbor_start[i + 1]; k++)
                    wider[topology->neighbor[k]] = true;
        memcpy(set, wider, sizeof(bool) * topology->vertex_count);
    }
}

/* An ear is 63 x 36 mm and begins some 2 mm in front of the tragion; the ellipse leaves room. */
static bool within_ear(Vec3 position_mm, Vec3 tragion_mm, double size)
{
    if (position_mm.x * tragion_mm.x < 0.0)
        return false;
    double y = (position_mm.y - tragion_mm.y - 1.0) / (37.0 * size);
    double z = (position_mm.z - tragion_mm.z + 13.0) / (24.0 * size);
    return y * y + z * z < 1.0;
}

/* Share of the ear region that must be torn before it counts as an ear. */
static const double ear_share = 0.15;

static void take_off_ear(Import *import, Vec3 tragion_mm)
{
    const HeadTopology *topology = import->topology;
    int inside = 0, torn = 0;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < topology->vertex_count; i++) {
            Vec3 p = vec_madd(HEAD_CENTRE_MM, import->expected_mm[i], topology->direction[i]);
            if (!within_ear(p, tragion_mm, import->size))
                continue;
            if (round == 1)
                import->folded[i] = true;
            inside++;
            torn += import->folded[i] || import->missing[i];
        }
        if (torn < ear_share * inside)
            return;
    }
}

/* ---- Words for places. ---- */

/* Writes where on a head a direction points, as one says it to a person. */
static void say_place(Vec3 d, size_t size, char text[])
{
    double up = asin(fmin(fmax(d.y, -1.0), 1.0)) * 180.0 / PLACE_PI;
    double around = fabs(atan2(d.x, d.z)) * 180.0 / PLACE_PI;
    const char *side = d.x > 0.0 ? "left" : "right";
    if (up > 65.0)
        snprintf(text, size, "on the top of the head");
    else if (around < 40.0)
        snprintf(text, size, up > 40.0 ? "above the forehead" : "on the forehead");
    else if (around > 145.0)
        snprintf(text, size,
                 up > 35.0  ? "on the crown"
                 : up > 0.0 ? "on the back of the head"
                            : "at the nape");
    else if (around < 78.0)
        snprintf(text, size, "%s the %s temple", up > 35.0 ? "above" : "at", side);
    else
        snprintf(text, size, "%s the %s ear", around > 108.0 && up < 25.0 ? "behind" : "above",
                 side);
}

/* The hair-bearing part and the skin next to it: not the face, not the ears, not the neck. */
static bool on_scalp(Vec3 position_mm)
{
    double lowest = position_mm.z > 40.0 ? 75.0 : position_mm.z > -45.0 ? 45.0 : -25.0;
    return position_mm.y > lowest;
}

/* Fillings and folds smaller than this on the scalp (a thumbnail) are not worth a line. */
static const double worth_telling_mm2 = 100.0;

/* One line for each connected patch of a source on the scalp: its place and area. */
static void tell_patches(const Head *head, HeadSource source, int stack[], bool seen[],
                         PlaceWarnings *warnings)
{
    const HeadTopology *topology = head->topology;
    memset(seen, 0, sizeof(bool) * topology->vertex_count);
    for (int seed = 0; seed < topology->vertex_count; seed++) {
        if (head->source[seed] != source || seen[seed])
            continue;
        int top = 0, count = 0;
        double area = 0.0;
        Vec3 sum = {0};
        stack[top++] = seed;
        seen[seed] = true;
        while (count < top) {
            int i = stack[count++];
            if (on_scalp(head->position_mm[i])) {
                area += head->area_mm2[i];
                sum = vec_madd(sum, head->area_mm2[i], topology->direction[i]);
            }
            for (int k = topology->neighbor_start[i]; k < topology->neighbor_start[i + 1]; k++) {
                int j = topology->neighbor[k];
                if (head->source[j] == source && !seen[j])
                    seen[j] = true, stack[top++] = j;
            }
        }
        if (area < worth_telling_mm2)
            continue;
        char where[64];
        say_place(vec_normalize(sum), sizeof where, where);
        place_warn(warnings,
                   source == HEAD_FOLDED
                       ? "the surface folds over itself %s: %.0f cm2 were smoothed"
                       : "the scan has no surface %s: %.0f cm2 were filled in smoothly",
                   where, area / 100.0);
    }
}

/* One warning for everything off the scalp: folds there are what heads are like. */
static void tell_rest(const Head *head, PlaceWarnings *warnings)
{
    double area = 0.0;
    for (int i = 0; i < head->topology->vertex_count; i++)
        if (!on_scalp(head->position_mm[i]) && head->source[i] != HEAD_MEASURED)
            area += head->area_mm2[i];
    if (area > worth_telling_mm2)
        place_warn(warnings,
                   "below the scalp (ears, face, neck) %.0f cm2 were smoothed over; nothing can be "
                   "planned there",
                   area / 100.0);
}

/* A scan that shows less than this of the scalp is no base for a plan. */
static const double least_scalp_share = 0.35;

static bool check_cover(const Import *import, Err *err)
{
    int all = 0, seen = 0;
    for (int i = 0; i < import->topology->vertex_count; i++)
        if (on_scalp(
                vec_madd(HEAD_CENTRE_MM, import->expected_mm[i], import->topology->direction[i]))) {
            all++;
            seen += !import->missing[i];
        }
    if (seen < least_scalp_share * all)
        return err_set(err, ERR_INPUT,
                       "the scan shows only %.0f %% of the scalp: scan the head from all sides and "
                       "from above",
                       100.0 * seen / all);
    return true;
}

/* ---- All of it. ---- */

/* One low-pass step that leaves curvature alone (lambda | mu, Taubin, SIGGRAPH 1995): takes the
 * vertex-to-vertex noise of a scanner down by a half, moves smooth skin by less than 0.05 mm. */
static void calm(const HeadTopology *topology, double value[], double before[])
{
    static const double stride[2] = {0.30, -0.31};
    for (int pass = 0; pass < 2; pass++) {
        memcpy(before, value, sizeof(double) * topology->vertex_count);
        for (int i = 0; i < topology->vertex_count; i++) {
            int begin = topology->neighbor_start[i], end = topology->neighbor_start[i + 1];
            if (end - begin < 5)
                continue; /* the rim has no full ring */
            double sum = 0.0;
            for (int k = begin; k < end; k++)
                sum += before[topology->neighbor[k]];
            value[i] += stride[pass] * (sum / (end - begin) - before[i]);
        }
    }
}

/* The cranium once more, in its own frame: the placement says where the landmarks are, which is
 * not exactly where the mean cranium would have them. */
static bool fit_expected(Arena *scratch, const Cranium *cranium, Import *import,
                         Placement *cranium_pose, Err *err)
{
    if (cranium == NULL)
        cranium = cranium_new(scratch);
    if (cranium == NULL)
        return err_set(err, ERR_LIMIT, "no room for the cranium");
    *cranium_pose = *import->placement;
    CraniumOptions rigid = {.rounds = 4, .fixed_scale = true};
    CraniumOptions modes = {.rounds = 3, .fixed_scale = true, .modes = true};
    CraniumFit fit = cranium_fit(cranium, import->scan, import->rays, rigid, NULL, cranium_pose);
    fit = cranium_fit(cranium, import->scan, import->rays, modes, &fit, cranium_pose);
    if (fit.covered < 0.3)
        return err_set(err, ERR_INPUT,
                       "the scan does not match a head where the landmarks say it is: only %.0f %% "
                       "of the cranium is met",
                       100.0 * fit.covered);
    VaultShape mean_shape = vault_mean();
    Vault mean = vault_make(&mean_shape);
    import->cranium_pose = cranium_pose;
    import->vault = vault_make(&fit.shape);
    Vec3 up = vec3(0.0, 1.0, 0.0), side = vec3(1.0, 0.0, 0.0), front = vec3(0.0, 0.0, 1.0);
    import->size = cbrt(vault_ray_mm(&import->vault, up) / vault_ray_mm(&mean, up) *
                        vault_ray_mm(&import->vault, side) / vault_ray_mm(&mean, side) *
                        vault_ray_mm(&import->vault, front) / vault_ray_mm(&mean, front));
    return true;
}

/* Everything that decides what is skin: fills import->missing and ->folded. */
static void sort_out(Import *import, double edge_mm, const Vec3 tragion_mm[2], Vec3 normal[],
                     int label[], int stack[], bool wider[])
{
    drop_pieces(import, edge_mm, label, stack);
    find_folds(import, normal);
    widen(import->topology, 1, import->folded, wider);
    for (int side = 0; side < 2; side++)
        take_off_ear(import, tragion_mm[side]);
}

bool place_radii(Arena *scratch, const Mesh *scan, const MeshRays *rays, const Placement *placement,
                 const Cranium *cranium, const HeadTopology *topology, int threads,
                 double radius_mm[], uint8_t source[], Err *err)
{
    size_t n = (size_t)topology->vertex_count, mark = arena_mark(scratch);
    Import import = {.scan = scan,
                     .rays = rays,
                     .placement = placement,
                     .topology = topology,
                     .expected_mm = ARENA_NEW(scratch, double, n),
                     .cranium_mm = ARENA_NEW(scratch, double, n),
                     .radius_mm = radius_mm,
                     .missing = ARENA_NEW(scratch, bool, n),
                     .folded = ARENA_NEW(scratch, bool, n),
                     .grid_mm = arena_alloc(scratch, GRID, sizeof(double[GRID]))};
    Vec3 *normal = ARENA_NEW(scratch, Vec3, n);
    double *value = ARENA_NEW(scratch, double, n), *before = ARENA_NEW(scratch, double, n);
    int *label = ARENA_NEW(scratch, int, n), *stack = ARENA_NEW(scratch, int, n);
    bool *unknown = ARENA_NEW(scratch, bool, n);
    if (import.expected_mm == NULL || import.cranium_mm == NULL || import.missing == NULL ||
        import.grid_mm == NULL || import.folded == NULL || normal == NULL || value == NULL ||
        before == NULL || label == NULL || stack == NULL || unknown == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu vertices", n);
    Placement cranium_pose;
    if (!fit_expected(scratch, cranium, &import, &cranium_pose, err))
        return false;
    parallel_for(threads, GRID, 8, fill_grid, &import);
    parallel_for(threads, topology->vertex_count, RAY_BLOCK, cast, &import);

    double edge_mm = 95.0 * vec_distance(topology->direction[topology->triangle[0][0]],
                                         topology->direction[topology->triangle[0][1]]);
    Vec3 tragion_mm[2];
    for (int k = 0; k < 2; k++)
        tragion_mm[k] =
            place_to_head(placement, placement->landmarks.position[HEAD_TRAGION_LEFT + k]);
    sort_out(&import, edge_mm, tragion_mm, normal, label, stack, unknown);
    if (!check_cover(&import, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        unknown[i] = import.missing[i] || import.folded[i];
        value[i] = radius_mm[i] - import.cranium_mm[i];
        source[i] = import.folded[i]    ? HEAD_FOLDED
                    : import.missing[i] ? HEAD_FILLED
                                        : HEAD_MEASURED;
    }
    if (!place_fill(scratch, topology, edge_mm, unknown, value, err))
        return false;
    calm(topology, value, before);
    for (size_t i = 0; i < n; i++)
        radius_mm[i] = import.cranium_mm[i] + value[i];
    arena_rewind(scratch, mark);
    return true;
}

bool place_import(Arena *arena, Arena *scratch, const Mesh *scan, const MeshRays *rays,
                  const Placement *placement, const HeadTopology *topology, int threads, Head *head,
                  PlaceWarnings *warnings, Err *err)
{
    size_t n = (size_t)topology->vertex_count, mark = arena_mark(scratch);
    double *radius_mm = ARENA_NEW(scratch, double, n);
    uint8_t *source = ARENA_NEW(scratch, uint8_t, n);
    int *stack = ARENA_NEW(scratch, int, n);
    bool *seen = ARENA_NEW(scratch, bool, n);
    if (radius_mm == NULL || source == NULL || stack == NULL || seen == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu vertices", n);
    if (!place_radii(scratch, scan, rays, placement, NULL, topology, threads, radius_mm, source,
                     err) ||
        !head_new(arena, topology, radius_mm, head, err))
        return false;
    memcpy(head->source, source, n);
    for (int i = 0; i < HEAD_LANDMARKS; i++)
        head->landmark_mm[i] = placement->landmarks.known[i]
                                   ? place_to_head(placement, placement->landmarks.position[i])
                                   : vec3(0.0, 0.0, 0.0);
    tell_patches(head, HEAD_FILLED, stack, seen, warnings);
    tell_patches(head, HEAD_FOLDED, stack, seen, warnings);
    tell_rest(head, warnings);
    arena_rewind(scratch, mark);
    return true;
}
