#include "head/place_internal.h"

#include <assert.h>
#include <string.h>

/* First surface met from far along an axis; NAN where there is none. */
static double depth(const Mesh *scan, const MeshRays *rays, const Placement *placement, Vec3 from,
                    Vec3 direction)
{
    PlaceHit hit = place_hit(scan, rays, placement, from, direction, 230.0);
    return hit.found ? -vec_dot(hit.position_mm, direction) : (double)NAN;
}

/* ---- Ears: what stands out of the side of the head by more than the side itself bends. ---- */

enum { EAR_STEP_MM = 2, EAR_LOW = -56, EAR_HIGH = 60, EAR_BACK = -72, EAR_FRONT = 48 };
enum {
    EAR_ROWS = (EAR_HIGH - EAR_LOW) / EAR_STEP_MM + 1,
    EAR_COLUMNS = (EAR_FRONT - EAR_BACK) / EAR_STEP_MM + 1
};
/* Half the opening window: an ear is 35 +- 3 mm wide, so a window of 48 mm takes it off. */
enum { EAR_WINDOW = 24 / EAR_STEP_MM };
#define EAR_STANDS_OUT_MM 5.0
/* Tragions are 73 mm from the middle and ears stand out 20 to 25 mm: what is further is not looked
 * at. */
#define EAR_START_MM 112.0

typedef struct EarMap {
    double side_mm[EAR_ROWS][EAR_COLUMNS];
    bool ear[EAR_ROWS][EAR_COLUMNS];
    int label[EAR_ROWS][EAR_COLUMNS];
} EarMap;

static void window_extreme(const double in[EAR_COLUMNS], double out[EAR_COLUMNS], double sign)
{
    for (int c = 0; c < EAR_COLUMNS; c++) {
        out[c] = HUGE_VAL;
        for (int k = c - EAR_WINDOW; k <= c + EAR_WINDOW; k++)
            if (k >= 0 && k < EAR_COLUMNS && !isnan(in[k]))
                out[c] = fmin(out[c], sign * in[k]);
        out[c] *= sign;
    }
}

static void ear_mark(EarMap *map)
{
    for (int r = 0; r < EAR_ROWS; r++) {
        double low[EAR_COLUMNS], opened[EAR_COLUMNS];
        window_extreme(map->side_mm[r], low, 1.0);
        window_extreme(low, opened, -1.0);
        for (int c = 0; c < EAR_COLUMNS; c++)
            map->ear[r][c] = map->side_mm[r][c] - opened[c] > EAR_STANDS_OUT_MM;
    }
}

typedef struct EarBox {
    int count, low, high, back, front;
} EarBox;

/* The patch of marked cells around (r, c), 8-connected, without recursion. */
static EarBox ear_flood(EarMap *map, int r0, int c0, int label)
{
    static const int reach = 2; /* the rim and the tragus may be a cell apart */
    int stack[EAR_ROWS * EAR_COLUMNS];
    int top = 0;
    EarBox box = {0, r0, r0, c0, c0};
    stack[top++] = r0 * EAR_COLUMNS + c0;
    map->label[r0][c0] = label;
    while (top > 0) {
        int cell = stack[--top], r = cell / EAR_COLUMNS, c = cell % EAR_COLUMNS;
        box.count++;
        box.low = r < box.low ? r : box.low, box.high = r > box.high ? r : box.high;
        box.back = c < box.back ? c : box.back, box.front = c > box.front ? c : box.front;
        for (int i = r - reach; i <= r + reach; i++)
            for (int k = c - reach; k <= c + reach; k++)
                if (i >= 0 && i < EAR_ROWS && k >= 0 && k < EAR_COLUMNS && map->ear[i][k] &&
                    map->label[i][k] == 0) {
                    map->label[i][k] = label;
                    stack[top++] = i * EAR_COLUMNS + k;
                }
    }
    return box;
}

/* Trims the box to where the patch is more than a thread: the 3rd to the 97th percentile. */
static void ear_trim(const EarMap *map, int label, EarBox *box)
{
    int of_row[EAR_ROWS] = {0}, of_column[EAR_COLUMNS] = {0};
    for (int r = box->low; r <= box->high; r++)
        for (int c = box->back; c <= box->front; c++)
            if (map->label[r][c] == label)
                of_row[r]++, of_column[c]++;
    int few = box->count * 3 / 100;
    for (int sum = of_row[box->low]; sum < few; sum += of_row[++box->low])
        ;
    for (int sum = of_row[box->high]; sum < few; sum += of_row[--box->high])
        ;
    for (int sum = of_column[box->back]; sum < few; sum += of_column[++box->back])
        ;
    for (int sum = of_column[box->front]; sum < few; sum += of_column[--box->front])
        ;
}

/* How far out the cheek is just in front of the ear, clear of the ear's own edge: the middle of
 * nine readings, some of which may be hair or dirt. */
static double cheek(const Mesh *scan, const MeshRays *rays, const Placement *placement, double side,
                    double y, double z)
{
    double x[9];
    int count = 0;
    for (int i = 0; i < 9; i++) {
        Vec3 from = vec3(side * EAR_START_MM, y + 4.0 * (i / 3 - 1), z + 4.0 + 3.0 * (i % 3));
        double found = depth(scan, rays, placement, from, vec3(-side, 0.0, 0.0));
        if (isnan(found))
            continue;
        int k = count++;
        for (; k > 0 && x[k - 1] > found; k--)
            x[k] = x[k - 1];
        x[k] = found;
    }
    return count > 0 ? x[count / 2] : (double)NAN;
}

/* The tragion sits at the notch above the tragus: in the frame of the ear about 2 mm behind its
 * front edge and 1 mm above half its height (three ICT-FaceKit heads: -2..-3 and -1..+1 mm). */
static bool read_tragion(const Mesh *scan, const MeshRays *rays, const Placement *placement,
                         double side, EarMap *map, Vec3 *tragion)
{
    memset(map, 0, sizeof *map);
    for (int r = 0; r < EAR_ROWS; r++)
        for (int c = 0; c < EAR_COLUMNS; c++)
            map->side_mm[r][c] = depth(
                scan, rays, placement,
                vec3(side * EAR_START_MM, EAR_LOW + r * EAR_STEP_MM, EAR_BACK + c * EAR_STEP_MM),
                vec3(-side, 0.0, 0.0));
    ear_mark(map);
    EarBox best = {0};
    int best_label = 0, label = 0;
    for (int r = 0; r < EAR_ROWS; r++)
        for (int c = 0; c < EAR_COLUMNS; c++)
            if (map->ear[r][c] && map->label[r][c] == 0) {
                EarBox box = ear_flood(map, r, c, ++label);
                if (box.count > best.count)
                    best = box, best_label = label;
            }
    if (best_label == 0)
        return false;
    ear_trim(map, best_label, &best);
    double high = (best.high - best.low + 1) * EAR_STEP_MM;
    double wide = (best.front - best.back + 1) * EAR_STEP_MM;
    /* Ears are 63 +- 5 mm high and 36 +- 4 mm wide; what stands out is a little less. */
    if (high < 34.0 || high > 90.0 || wide < 14.0 || wide > 62.0)
        return false;
    double y = EAR_LOW + 0.5 * (best.low + best.high) * EAR_STEP_MM + 1.0;
    double z = EAR_BACK + best.front * EAR_STEP_MM - 2.0;
    if (hypot(y, z) > 30.0) /* the cranium says where ears may be */
        return false;
    double x = cheek(scan, rays, placement, side, y, z);
    if (isnan(x))
        return false;
    *tragion = vec3(side * x, y, z);
    return true;
}

/* ---- The midline. ---- */

enum { PROFILE = 120 };

/* z of the front midline at y = low + i mm: the median of three parallels. */
static void front_profile(const Mesh *scan, const MeshRays *rays, const Placement *placement,
                          double low_mm, double z_mm[PROFILE])
{
    for (int i = 0; i < PROFILE; i++) {
        double z[3];
        for (int k = 0; k < 3; k++)
            z[k] = depth(scan, rays, placement, vec3(2.0 * (k - 1), low_mm + i, 190.0),
                         vec3(0.0, 0.0, -1.0));
        double least = fmin(fmin(z[0], z[1]), z[2]), most = fmax(fmax(z[0], z[1]), z[2]);
        z_mm[i] = z[0] + z[1] + z[2] - least - most;
    }
}

/* Glabella: the most forward point of the midline between the nasion (the notch below it) and the
 * forehead. Where the forehead bulges further than the brows, 15 mm above the nasion. */
static bool read_glabella(const Mesh *scan, const MeshRays *rays, const Placement *placement,
                          Vec3 *glabella)
{
    double z[PROFILE];
    const double low = -10.0;
    front_profile(scan, rays, placement, low, z);
    int nasion = -1;
    for (int i = 20; i < 68; i++) { /* 10 to 58 mm above the tragions: a notch 5 mm around */
        bool notch = isfinite(z[i]);
        for (int k = i - 5; k <= i + 5 && notch; k++)
            notch = z[k] >= z[i];
        /* the nose below must come forward by more than a forehead ever bulges */
        if (notch && (nasion < 0 || z[i] < z[nasion]) && z[i - 20] > z[i] + 6.0)
            nasion = i;
    }
    if (nasion < 0)
        return false;
    int best = nasion + 5;
    for (int i = nasion + 5; i <= nasion + 28 && i < PROFILE; i++)
        if (z[i] > z[best])
            best = i;
    if (best >= nasion + 28)
        best = nasion + 15;
    *glabella = vec3(0.0, low + best, z[best]);
    return isfinite(z[best]);
}

/* The highest point of the midline, by a parabola through its top: the top is flat and a maximum
 * would follow the noise. */
static bool read_vertex(const Mesh *scan, const MeshRays *rays, const Placement *placement,
                        Vec3 *vertex)
{
    double y[PROFILE], best = -HUGE_VAL;
    int top = 0;
    for (int i = 0; i < PROFILE; i++) {
        y[i] = depth(scan, rays, placement, vec3(0.0, 220.0, i - 70.0), vec3(0.0, -1.0, 0.0));
        if (y[i] > best)
            best = y[i], top = i;
    }
    double s[5] = {0}, t[3] = {0};
    for (int i = top - 25 < 0 ? 0 : top - 25; i <= top + 25 && i < PROFILE; i++) {
        if (isnan(y[i]) || y[i] < best - 12.0)
            continue;
        double u = (i - top) / 25.0;
        for (int k = 0; k < 5; k++)
            s[k] += pow(u, k);
        for (int k = 0; k < 3; k++)
            t[k] += pow(u, k) * y[i];
    }
    double det = s[0] * (s[2] * s[4] - s[3] * s[3]) - s[1] * (s[1] * s[4] - s[2] * s[3]) +
                 s[2] * (s[1] * s[3] - s[2] * s[2]);
    double slope = s[0] * (t[1] * s[4] - s[3] * t[2]) - t[0] * (s[1] * s[4] - s[2] * s[3]) +
                   s[2] * (s[1] * t[2] - s[2] * t[1]);
    double bend = s[0] * (s[2] * t[2] - s[3] * t[1]) - s[1] * (s[1] * t[2] - s[2] * t[1]) +
                  t[0] * (s[1] * s[3] - s[2] * s[2]);
    if (s[0] < 10.0 || !(det > 0.0) || !(bend < 0.0))
        return false;
    double shift = fmin(fmax(-0.5 * slope / bend, -1.0), 1.0) * 25.0;
    double z = top - 70.0 + shift;
    double height = depth(scan, rays, placement, vec3(0.0, 220.0, z), vec3(0.0, -1.0, 0.0));
    *vertex = vec3(0.0, height, z);
    return isfinite(height);
}

/* Tragion to top, ANSUR II men (field/canvas 1.1). */
#define MEAN_HEIGHT_MM 131.1

/* Inion: on skin it is felt, rarely seen. Taken as the midline point of the back of the head 10 mm
 * above the Frankfurt plane on a head of mean height: our choice, the same as in vault.c. */
static bool read_inion(const Mesh *scan, const MeshRays *rays, const Placement *placement,
                       double height_mm, Vec3 *inion)
{
    double y = 10.0 * fmin(fmax(height_mm / MEAN_HEIGHT_MM, 0.7), 1.3);
    double back = depth(scan, rays, placement, vec3(0.0, y, -190.0), vec3(0.0, 0.0, 1.0));
    *inion = vec3(0.0, y, -back);
    return back > 40.0 && back < 140.0;
}

bool place_read_ears(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                     const Placement *placement, Vec3 tragion_mm[2], bool found[2])
{
    size_t mark = arena_mark(scratch);
    EarMap *map = ARENA_NEW(scratch, EarMap, 1);
    if (map == NULL)
        return false;
    for (int k = 0; k < 2; k++)
        found[k] = read_tragion(scan, rays, placement, k == 0 ? 1.0 : -1.0, map, &tragion_mm[k]);
    arena_rewind(scratch, mark);
    return true;
}

void place_read_midline(const Mesh *scan, const MeshRays *rays, const Placement *placement,
                        Vec3 landmark_mm[HEAD_LANDMARKS], bool found[HEAD_LANDMARKS])
{
    found[HEAD_GLABELLA] = read_glabella(scan, rays, placement, &landmark_mm[HEAD_GLABELLA]);
    found[HEAD_VERTEX] = read_vertex(scan, rays, placement, &landmark_mm[HEAD_VERTEX]);
    double height_mm = found[HEAD_VERTEX] ? landmark_mm[HEAD_VERTEX].y : MEAN_HEIGHT_MM;
    found[HEAD_INION] = read_inion(scan, rays, placement, height_mm, &landmark_mm[HEAD_INION]);
}
