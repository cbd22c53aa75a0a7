#include "dots/dots_internal.h"

#include <assert.h>
#include <string.h>

/* The joint relaxation of all session prefixes: a dot is pushed, for every prefix it belongs to, by
 * the others of that prefix, with lengths in spacings h of the prefix, at the mean density of the
 * two: where the density drops to nothing within a spacing, the sparse dot then does not push the
 * dense ones from afar. The force is the distance times T(u^2): scaled with h^2, even density
 * exerts even pressure at any gradient (docs/models.md, Dots). Kernel T(u^2): two Gaussians and a
 * soft core, found by trial against the thresholds of field/sampling 6 over widths, heights, core
 * and step; bench/dots.md has the outcome. */
#define NARROW     0.48 /* standard deviation, spacings */
#define WIDE       0.9
#define WIDE_SHARE 0.28
#define CORE       0.847 /* of the hexagonal spacing */
/* Prefixes between the first and the last order more easily, a half most of all: its perfect form
 * is stripes. */
#define CORE_MID      0.834 /* at two thirds */
#define CORE_RISE     0.13  /* per share beyond */
#define CUT           2.4   /* beyond this many spacings nothing acts */
#define FADE          0.15  /* of CUT^2: over which the kernel ends */
#define STEP          0.37
#define MOMENTUM      0.7
#define LONGEST       0.25 /* step in spacings of the last prefix */
#define LONGEST_DENSE 0.6  /* and in spacings of the densest place: sparse dots must not fly */
#define FIRST_LEVEL   1.17 /* weight of the first prefix: its dots are the first to be seen */
#define MID_LEVEL     1.08
#define LAST_LEVEL    1.04
/* Real dots beyond a border would not push quite as even ones do. */
#define FIRST_BORDER 0.92
#define LAST_BORDER  1.18
#define SETTLE       0.7 /* by how much the last step is shorter than the first when settling */
/* Neighbours are looked up once a call, farther than CUT, as dots do not wander; from time to time
 * those within CUT and a skin are brought to the front of the list, and only they are asked. */
#define LOOK_UP     3.05
#define LOOK_CLOSE  1.3 /* for projections */
#define SKIN        0.4
#define LOOK_WIDER  1.08 /* the other's spacing may be larger */
#define FARTHEST_MM 25.0
enum { KERNEL_BINS = 512, NEAR_LIMIT = 480, PAGE = 1 << 16, SORT_EVERY = 4, GROUND_EVERY = 4 };
#define GROUND_MM 6.0 /* no farther is the ground looked at */

/* How thin the wanted density may get before a dot counts as alone (per mm2). */
#define THINNEST_PER_MM2 1e-3

typedef struct Kernel {
    struct KernelBin {
        float value, slope;
    } bin[KERNEL_BINS + 2];         /* weight times T over u^2 / CUT^2 */
    float outside[KERNEL_BINS + 2]; /* integral of it from u^2 on */
} Kernel;

/* What the inner loop needs of a dot, in one place. */
typedef struct Spot {
    float at[3];
    float inverse2[DOTS_MAX_SESSIONS]; /* half of the square of the crowd's, in bins */
    float narrow;                      /* 1 / territory */
    float push[3];
    float row[3], across; /* of the crowd, over the root of 2 and over 2; without rows unused */
} Spot;

/* Who acts on whom. Fixed points are numbered behind the dots, border pieces apart. */
struct DotsRelaxing {
    Arena *scratch;
    DotsCrowd *crowd;
    int **near;         /* [count] dots of the same or an earlier session, each pair once */
    int *nears, *close; /* [count] how many; how many at the front are within CUT and SKIN */
    int **piece;        /* [count] of the border */
    int *pieces;        /* [count] */
    int *page, page_left;
    Kernel *kernel; /* [level_count] */
    Spot *spot;     /* [total] */
    Vec3 *speed_mm; /* [count] */
    Vec3 *ground;   /* [count] push of the wanted density, where it is steep */
    size_t mark;    /* of scratch, before the lists */
};

static double kernel_at(double square, double core)
{
    double u = sqrt(square), value;
    value =
        exp(-square / (2.0 * NARROW * NARROW)) + WIDE_SHARE * exp(-square / (2.0 * WIDE * WIDE));
    if (u < core)
        value += core / fmax(u, 0.05) - 1.0;
    double end = (1.0 - square / (CUT * CUT)) / FADE;
    return value * (end < 0.0 ? 0.0 : end < 1.0 ? end : 1.0);
}

static void make_kernel(Kernel *kernel, double core, double weight, double border)
{
    double width = CUT * CUT / KERNEL_BINS, sum = 0.0;
    struct KernelBin *bin = kernel->bin;
    bin[KERNEL_BINS + 1].value = 0.0F;
    for (int k = KERNEL_BINS; k >= 0; k--) {
        bin[k].value = (float)(weight * kernel_at(k * width, core * DOTS_HEX));
        bin[k].slope = bin[k + 1].value - bin[k].value;
        sum += 0.5 * width * ((double)bin[k].value + (double)bin[k + 1].value);
        kernel->outside[k] = (float)(border * sum);
    }
}

static double beside_at(const DotsCrowd *crowd, HeadPoint point)
{
    return crowd->fixed_per_mm2 != NULL
               ? dots_interpolate(crowd->surface, point, crowd->fixed_per_mm2)
               : 0.0;
}

Vec3 dots_heading_at(const DotsSurface *surface, HeadPoint point, const Vec3 heading[])
{
    const int *corner = surface->triangle[point.triangle];
    Vec3 sum = vec_scale(heading[corner[0]], point.weight[0]);
    for (int k = 1; k < 3; k++)
        sum = vec_madd(sum, point.weight[k], heading[corner[k]]);
    return sum;
}

/* The metric of the rows has determinant 1 along the skin, so that the density stays: exp(s) along
 * the heading, exp(-s) across. s fades where headings cancel each other: a whorl has no rows. */
static void measure_row(DotsCrowd *crowd, int i)
{
    Vec3 heading = i < crowd->count
                       ? dots_heading_at(crowd->surface, crowd->point[i], crowd->heading)
                       : crowd->heading[crowd->fixed_vertex[i - crowd->count]];
    double agreed = vec_dot(heading, heading);
    double s = crowd->rows * dots_room(crowd, i) * agreed;
    crowd->across[i] = (float)exp(-2.0 * s);
    double along = agreed > 0.0 ? sqrt((exp(2.0 * s) - exp(-2.0 * s)) / agreed) : 0.0;
    crowd->row[i] = vec_scale(heading, along);
}

/* Square of the length that counts between i and j. */
static double counted_square(const DotsCrowd *crowd, int i, int j, Vec3 off)
{
    double a = vec_dot(crowd->row[i], off), b = vec_dot(crowd->row[j], off);
    return 0.5 * (((double)crowd->across[i] + (double)crowd->across[j]) * vec_dot(off, off) +
                  a * a + b * b);
}

/* By how much more distances within the reach of the kernel may be in space. */
static double row_reach(const DotsCrowd *crowd)
{
    return crowd->rows > 0.0 ? exp(crowd->rows) : 1.0;
}

void dots_crowd_measure(DotsCrowd *crowd)
{
    for (int i = 0; i < crowd->total; i++) {
        if (i < crowd->count) {
            crowd->per_mm2[i] = dots_field_at(crowd->field, crowd->point[i]);
            crowd->beside_per_mm2[i] = beside_at(crowd, crowd->point[i]);
        }
        for (int k = 0; k < crowd->level_count; k++) {
            double density = crowd->until[k] * crowd->per_mm2[i] + crowd->beside_per_mm2[i];
            crowd->inverse[i][k] = (float)sqrt(fmax(density, THINNEST_PER_MM2));
        }
        if (crowd->rows > 0.0)
            measure_row(crowd, i);
    }
}

void dots_crowd_go(DotsCrowd *crowd, int i, Vec3 step_mm)
{
    HeadPoint point = dots_slide(crowd->surface, crowd->facet, crowd->point[i],
                                 vec_add(crowd->position_mm[i], step_mm));
    if (!(dots_field_at(crowd->field, point) > 0.0))
        return;
    crowd->point[i] = point;
    crowd->position_mm[i] = dots_position_mm(crowd->surface, point);
}

static double mean_spacing_mm(const DotsCrowd *crowd, int level, int count, const int member[])
{
    double sum = 0.0;
    for (int k = 0; k < count; k++)
        sum += 1.0 / (double)crowd->inverse[member[k]][level];
    return count > 0 ? sum / count : 1.0;
}

/* A list of found neighbours, kept on a page. */
static bool keep_list(DotsRelaxing *all, int count, const int found[], int **list, Err *err)
{
    if (all->page_left < count) {
        all->page = ARENA_NEW(all->scratch, int, PAGE);
        all->page_left = PAGE;
        if (all->page == NULL)
            return err_set(err, ERR_LIMIT, "no room for the neighbours of %d dots",
                           all->crowd->count);
    }
    for (int k = 0; k < count; k++)
        all->page[k] = found[k];
    *list = all->page;
    all->page += count;
    all->page_left -= count;
    return true;
}

/* Neighbours of the dots of one session among all that are there by then. */
static bool look_up_level(DotsRelaxing *all, double reach, int level, int member[],
                          Vec3 position_mm[], DotsGrid *grid, Err *err)
{
    const DotsCrowd *crowd = all->crowd;
    int count = 0, found[NEAR_LIMIT];
    for (int i = 0; i < crowd->total; i++)
        if (crowd->session[i] <= level) {
            member[count] = i;
            position_mm[count++] = crowd->position_mm[i];
        }
    double cell_mm = reach * mean_spacing_mm(crowd, level, count, member);
    if (!dots_grid_new(all->scratch, count, position_mm, fmin(cell_mm, 10.0), grid, err))
        return false;
    for (int m = 0; m < count; m++) {
        int i = member[m], near = 0, other;
        if (crowd->session[i] != level || i >= crowd->count)
            continue;
        double own = (double)crowd->inverse[i][level];
        double reach_mm = fmin(LOOK_WIDER * reach / own, FARTHEST_MM);
        for (DotsWalk walk = dots_walk(grid, position_mm[m], reach_mm);
             dots_walk_next(&walk, &other) && near < NEAR_LIMIT;) {
            int j = member[other];
            if (j < crowd->count && crowd->session[j] == level && j >= i)
                continue;
            Vec3 off = vec_sub(position_mm[other], position_mm[m]);
            double theirs = (double)crowd->inverse[j][level];
            if (vec_dot(off, off) * 0.5 * (own * own + theirs * theirs) < reach * reach &&
                !(crowd->still[i] && crowd->still[j]))
                found[near++] = j;
        }
        all->nears[i] = near;
        if (!keep_list(all, near, found, &all->near[i], err))
            return false;
    }
    return true;
}

static bool look_up_border(DotsRelaxing *all, Err *err)
{
    const DotsCrowd *crowd = all->crowd;
    const DotsBorder *border = crowd->border;
    DotsGrid grid;
    int found[NEAR_LIMIT];
    if (border->count == 0)
        return true;
    if (!dots_grid_new(all->scratch, border->count, border->position_mm, 2.0, &grid, err))
        return false;
    for (int i = 0; i < crowd->count; i++) {
        int near = 0, piece;
        double reach = LOOK_UP * row_reach(crowd) / (double)crowd->inverse[i][crowd->session[i]];
        for (DotsWalk walk = dots_walk(&grid, crowd->position_mm[i], fmin(reach, 20.0));
             dots_walk_next(&walk, &piece) && near < NEAR_LIMIT;)
            if (vec_distance(border->position_mm[piece], crowd->position_mm[i]) < reach)
                found[near++] = piece;
        all->pieces[i] = near;
        if (!keep_list(all, near, found, &all->piece[i], err))
            return false;
    }
    return true;
}

static bool look_up(DotsRelaxing *all, double reach, Err *err)
{
    DotsCrowd *crowd = all->crowd;
    arena_rewind(all->scratch, all->mark);
    all->page_left = 0;
    int *member = ARENA_NEW(all->scratch, int, (size_t)crowd->total);
    Vec3 *position_mm = ARENA_NEW(all->scratch, Vec3, (size_t)crowd->total);
    DotsGrid grid;
    if (member == NULL || position_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for the neighbours of %d dots", crowd->count);
    dots_crowd_measure(crowd);
    for (int level = 0; level < crowd->level_count; level++)
        if (!look_up_level(all, reach * row_reach(crowd), level, member, position_mm, &grid, err))
            return false;
    return reach < LOOK_UP || look_up_border(all, err);
}

bool dots_relaxing_new(Arena *scratch, DotsCrowd *crowd, DotsRelaxing **relaxing, Err *err)
{
    size_t count = (size_t)crowd->count, total = (size_t)crowd->total;
    DotsRelaxing *all = ARENA_NEW(scratch, DotsRelaxing, 1);
    if (all == NULL)
        return err_set(err, ERR_LIMIT, "no room to relax %d dots", crowd->count);
    *all = (DotsRelaxing){.scratch = scratch,
                          .crowd = crowd,
                          .near = arena_alloc(scratch, count, sizeof(int *)),
                          .nears = ARENA_NEW(scratch, int, count),
                          .close = ARENA_NEW(scratch, int, count),
                          .piece = arena_alloc(scratch, count, sizeof(int *)),
                          .pieces = ARENA_NEW(scratch, int, count),
                          .kernel = ARENA_NEW(scratch, Kernel, (size_t)crowd->level_count),
                          .spot = ARENA_NEW(scratch, Spot, total),
                          .speed_mm = ARENA_NEW(scratch, Vec3, count),
                          .ground = ARENA_NEW(scratch, Vec3, count)};
    if (all->near == NULL || all->nears == NULL || all->close == NULL || all->piece == NULL ||
        all->pieces == NULL || all->kernel == NULL || all->spot == NULL || all->speed_mm == NULL ||
        all->ground == NULL)
        return err_set(err, ERR_LIMIT, "no room to relax %d dots", crowd->count);
    for (int k = 0; k < crowd->level_count; k++) {
        bool last = k + 1 == crowd->level_count;
        double weight = last ? LAST_LEVEL : k == 0 ? FIRST_LEVEL : MID_LEVEL;
        double middle =
            CORE_MID +
            CORE_RISE * (crowd->until[k] / crowd->until[crowd->level_count - 1] - 2.0 / 3.0);
        make_kernel(&all->kernel[k], last || k == 0 ? CORE : middle, weight,
                    last     ? LAST_BORDER
                    : k == 0 ? FIRST_BORDER
                             : 1.0);
    }
    *relaxing = all;
    all->mark = arena_mark(scratch);
    return true;
}

static void take_spots(DotsRelaxing *all)
{
    const DotsCrowd *crowd = all->crowd;
    const float scale = (float)(0.5 * KERNEL_BINS / (CUT * CUT));
    for (int i = 0; i < crowd->total; i++) {
        Spot *spot = &all->spot[i];
        spot->at[0] = (float)crowd->position_mm[i].x;
        spot->at[1] = (float)crowd->position_mm[i].y;
        spot->at[2] = (float)crowd->position_mm[i].z;
        for (int k = 0; k < crowd->level_count; k++)
            spot->inverse2[k] = scale * crowd->inverse[i][k] * crowd->inverse[i][k];
        spot->narrow = 1.0F / crowd->territory[i];
        memset(spot->push, 0, sizeof spot->push);
        if (crowd->rows > 0.0) {
            const float half = 0.70710678F;
            spot->row[0] = half * (float)crowd->row[i].x;
            spot->row[1] = half * (float)crowd->row[i].y;
            spot->row[2] = half * (float)crowd->row[i].z;
            spot->across = 0.5F * crowd->across[i];
        }
    }
}

/* Square of the distance that counts. */
static inline float square_of(const Spot *a, const Spot *b, float dx, float dy, float dz, bool rows)
{
    float square = dx * dx + dy * dy + dz * dz;
    if (!rows)
        return square;
    float of_a = a->row[0] * dx + a->row[1] * dy + a->row[2] * dz;
    float of_b = b->row[0] * dx + b->row[1] * dy + b->row[2] * dz;
    return (a->across + b->across) * square + of_a * of_a + of_b * of_b;
}

/* Sum over the prefixes from `level` on of the kernel at the distance. Beyond CUT the last bin
 * counts, which is 0: a branch there would be guessed wrongly half of the time. */
static inline float pull_of(const DotsRelaxing *all, int levels, const Spot *a, const Spot *b,
                            float square, int level)
{
    float sum = 0.0F;
    square *= a->narrow * b->narrow;
    for (int k = level; k < levels; k++) {
        float at = square * (a->inverse2[k] + b->inverse2[k]);
        at = at < (float)KERNEL_BINS ? at : (float)KERNEL_BINS;
        int bin = (int)at;
        struct KernelBin kernel = all->kernel[k].bin[bin];
        sum += kernel.value + (at - (float)bin) * kernel.slope;
    }
    return sum;
}

/* Brings to the front of each list who may come within CUT before the next time. */
static void sort_near(DotsRelaxing *all)
{
    const bool rows = all->crowd->rows > 0.0;
    const float reach = (float)(KERNEL_BINS * ((CUT + SKIN) / CUT) * ((CUT + SKIN) / CUT));
    for (int i = 0; i < all->crowd->count; i++) {
        const Spot *mine = &all->spot[i];
        int *near = all->near[i], close = 0, level = all->crowd->session[i];
        for (int k = 0; k < all->nears[i]; k++) {
            int j = near[k];
            const Spot *other = &all->spot[j];
            float dx = mine->at[0] - other->at[0], dy = mine->at[1] - other->at[1],
                  dz = mine->at[2] - other->at[2];
            float square = square_of(mine, other, dx, dy, dz, rows);
            if (square * (mine->inverse2[level] + other->inverse2[level]) * mine->narrow *
                    other->narrow <
                reach) {
                near[k] = near[close];
                near[close++] = j;
            }
        }
        all->close[i] = close;
    }
}

/* The push of rows is along the line between two, as without: that is the gradient of the energy in
 * the stretched skin, brought back to this one. */
static inline void push_pairs(DotsRelaxing *all, bool rows)
{
    const DotsCrowd *crowd = all->crowd;
    int levels = crowd->level_count;
    for (int i = 0; i < crowd->count; i++) {
        Spot *mine = &all->spot[i];
        const int *near = all->near[i];
        int level = crowd->session[i], close = all->close[i];
        float x = 0.0F, y = 0.0F, z = 0.0F;
        for (int k = 0; k < close; k++) {
            Spot *other = &all->spot[near[k]];
            float dx = mine->at[0] - other->at[0], dy = mine->at[1] - other->at[1],
                  dz = mine->at[2] - other->at[2];
            float square = square_of(mine, other, dx, dy, dz, rows);
            float pull = pull_of(all, levels, mine, other, square, level);
            x += pull * dx;
            y += pull * dy;
            z += pull * dz;
            other->push[0] -= pull * dx;
            other->push[1] -= pull * dy;
            other->push[2] -= pull * dz;
        }
        mine->push[0] += x;
        mine->push[1] += y;
        mine->push[2] += z;
    }
}

static void push_apart(DotsRelaxing *all)
{
    if (all->crowd->rows > 0.0)
        push_pairs(all, true);
    else
        push_pairs(all, false);
}

/* Beyond a border nothing stands that could push back. What evenly spread dots there would do is an
 * integral over the region outside; by the divergence theorem it is one over the border: half of
 * the kernel's outer integral times the inward normal, so any polyline has its exact share. */
static void push_off_border(DotsRelaxing *all)
{
    const bool rows = all->crowd->rows > 0.0;
    const DotsCrowd *crowd = all->crowd;
    const DotsBorder *border = crowd->border;
    const float to_bin = (float)(KERNEL_BINS / (CUT * CUT));
    for (int i = 0; i < crowd->count; i++)
        for (int n = 0; n < all->pieces[i]; n++) {
            int piece = all->piece[i][n];
            Vec3 off = vec_sub(crowd->position_mm[i], border->position_mm[piece]);
            double counted = rows ? counted_square(crowd, i, i, off) : vec_dot(off, off);
            float square = (float)counted * all->spot[i].narrow * all->spot[i].narrow;
            float sum = 0.0F;
            for (int k = crowd->session[i]; k < crowd->level_count; k++) {
                float at = square * crowd->inverse[i][k] * crowd->inverse[i][k] * to_bin;
                if (!(at < (float)KERNEL_BINS))
                    break; /* later prefixes are denser: the same distance is more spacings */
                sum += all->kernel[k].outside[(int)at];
            }
            Vec3 inward = border->inward_mm[piece];
            if (rows) /* the normal in the stretched skin: the inverse of the metric times this */
                inward = vec_madd(vec_scale(inward, 1.0 / (double)crowd->across[i]),
                                  -vec_dot(crowd->row[i], inward), crowd->row[i]);
            all->spot[i].push[0] += 0.5F * sum * (float)inward.x;
            all->spot[i].push[1] += 0.5F * sum * (float)inward.y;
            all->spot[i].push[2] += 0.5F * sum * (float)inward.z;
        }
}

static Vec3 along_surface(Vec3 v, Vec3 normal)
{
    return vec_madd(v, -vec_dot(v, normal), normal);
}

/* What the wanted density around dot i would push, as a continuum, in all prefixes of the dot. */
static Vec3 ground_push(const DotsRelaxing *all, int i)
{
    const DotsCrowd *crowd = all->crowd;
    const DotsGround *ground = crowd->ground;
    const double to_bin = KERNEL_BINS / (CUT * CUT);
    Vec3 p = crowd->position_mm[i], push = {0.0, 0.0, 0.0};
    int session = crowd->session[i], g;
    double reach =
        fmin(CUT * sqrt(2.0) * row_reach(crowd) / (double)crowd->inverse[i][session], GROUND_MM);
    for (DotsWalk walk = dots_walk(&ground->grid, p, reach); dots_walk_next(&walk, &g);) {
        Vec3 off = vec_sub(p, ground->position_mm[g]);
        double square = crowd->rows > 0.0 ? counted_square(crowd, i, i, off) : vec_dot(off, off);
        double sum = 0.0;
        for (int k = session; k < crowd->level_count; k++) {
            double mine = (double)crowd->inverse[i][k] * (double)crowd->inverse[i][k];
            double theirs = crowd->until[k] * ground->per_mm2[g];
            double at = square * 0.5 * (mine + theirs) * to_bin;
            if (!(at < KERNEL_BINS))
                break;
            struct KernelBin kernel = all->kernel[k].bin[(int)at];
            sum +=
                crowd->until[k] * ((double)kernel.value + (at - floor(at)) * (double)kernel.slope);
        }
        push = vec_madd(push, sum * ground->dots[g], off);
    }
    return push;
}

/* Beside a hard line the line's own integral stands for all that is missing. */
static void take_ground(DotsRelaxing *all)
{
    const DotsCrowd *crowd = all->crowd;
    for (int i = 0; i < crowd->count; i++)
        all->ground[i] = !crowd->still[i] && all->pieces[i] == 0 &&
                                 dots_is_by_steep(crowd->ground, crowd->point[i].triangle)
                             ? ground_push(all, i)
                             : vec3(0.0, 0.0, 0.0);
}

static Vec3 pushed(const Spot *spot)
{
    return vec3((double)spot->push[0], (double)spot->push[1], (double)spot->push[2]);
}

static double dense_step_mm(const DotsCrowd *crowd)
{
    return LONGEST_DENSE / sqrt(fmax(crowd->field->highest_per_mm2, 1e-2));
}

static void move_all(DotsRelaxing *all, double step)
{
    DotsCrowd *crowd = all->crowd;
    double dense = dense_step_mm(crowd);
    for (int i = 0; i < crowd->count; i++) {
        if (crowd->still[i])
            continue;
        Vec3 push = vec_sub(pushed(&all->spot[i]), all->ground[i]);
        Vec3 speed = vec_madd(vec_scale(all->speed_mm[i], MOMENTUM), step, push);
        speed = along_surface(speed, crowd->facet[crowd->point[i].triangle].normal);
        double spacing = 1.0 / (double)crowd->inverse[i][crowd->level_count - 1];
        double length = vec_length(speed), longest = fmin(LONGEST * spacing, dense);
        if (length > longest)
            speed = vec_scale(speed, longest / length);
        all->speed_mm[i] = speed;
        dots_crowd_go(crowd, i, speed);
    }
}

bool dots_relax(DotsRelaxing *all, int steps, bool settle, Err *err)
{
    if (!look_up(all, LOOK_UP, err))
        return false;
    memset(all->speed_mm, 0, (size_t)all->crowd->count * sizeof(Vec3));
    for (int n = 0; n < steps; n++) {
        if (n % SORT_EVERY == 0)
            dots_crowd_measure(all->crowd);
        take_spots(all);
        if (n % SORT_EVERY == 0)
            sort_near(all);
        if (n % GROUND_EVERY == 0 && all->crowd->ground->count > 0)
            take_ground(all);
        push_apart(all);
        push_off_border(all);
        move_all(all, STEP * (settle ? 1.0 - SETTLE * n / steps : 1.0));
    }
    return true;
}

/* Grown dots aim a little farther than they must. */
#define AIM 1.003

/* Dots keep this much from what is fixed, however irregular they are. */
#define FIXED_CORE  0.77
#define FIXED_LEAST 0.625 /* closer ones are dropped; asked is 0.62 (field/sampling 6) */

/* Lengths between dots count this much more, in the direction of off, than in space. What is fixed
 * keeps its distance in space. */
static double stretch_of(const DotsCrowd *crowd, int i, int j, Vec3 off)
{
    double square = vec_dot(off, off);
    if (!(crowd->rows > 0.0) || j >= crowd->count || !(square > 0.0))
        return 1.0;
    return sqrt(counted_square(crowd, i, j, off) / square);
}

/* How far apart two shall be (mm): the core of the first prefix that has both, and what they keep
 * when they are grown. */
static double wanted_mm(const DotsCrowd *crowd, int i, int j, Vec3 off, double core)
{
    int level = crowd->session[i] > crowd->session[j] ? crowd->session[i] : crowd->session[j];
    double mine = (double)crowd->inverse[i][level], theirs = (double)crowd->inverse[j][level];
    double unit = sqrt(2.0 / (mine * mine + theirs * theirs));
    if (j >= crowd->count)
        core = FIXED_CORE;
    else
        unit *= sqrt((double)crowd->territory[i] * (double)crowd->territory[j]);
    double grown = AIM * ((double)crowd->least_mm[i] + (double)crowd->least_mm[j]);
    return fmax(core * DOTS_HEX * unit / stretch_of(crowd, i, j, off), grown);
}

/* A little more than is missing: in crowds exact projections get stuck. */
#define OVERSHOOT 1.05

/* How many pairs grown dots make too close. */
static int project_once(DotsRelaxing *all, double core)
{
    DotsCrowd *crowd = all->crowd;
    int crowded = 0;
    double longest = dense_step_mm(crowd);
    take_spots(all);
    for (int i = 0; i < crowd->count; i++)
        for (int k = 0; k < all->close[i]; k++) {
            int j = all->near[i][k];
            Vec3 off = vec_sub(crowd->position_mm[i], crowd->position_mm[j]);
            double wanted = wanted_mm(crowd, i, j, off, core), distance = vec_length(off);
            if (distance >= wanted || !(distance > 0.0))
                continue;
            crowded += j >= crowd->count ||
                       distance < (double)crowd->least_mm[i] + (double)crowd->least_mm[j];
            double share = OVERSHOOT * (wanted - distance) / distance;
            double mine = crowd->still[j] ? 1.0 : crowd->still[i] ? 0.0 : 0.5;
            double back[3] = {off.x * share, off.y * share, off.z * share};
            for (int n = 0; n < 3; n++) {
                all->spot[i].push[n] += (float)(mine * back[n]);
                all->spot[j].push[n] -= (float)((1.0 - mine) * back[n]);
            }
        }
    for (int i = 0; i < crowd->count; i++) {
        Vec3 push = pushed(&all->spot[i]);
        double length = vec_length(push);
        if (length > longest)
            push = vec_scale(push, longest / length);
        if (!crowd->still[i] && length > 0.0)
            dots_crowd_go(crowd, i,
                          along_surface(push, crowd->facet[crowd->point[i].triangle].normal));
    }
    return crowded;
}

static bool project_some(DotsRelaxing *all, double core, int steps, bool until_free, Err *err)
{
    if (!look_up(all, LOOK_CLOSE, err))
        return false;
    take_spots(all);
    sort_near(all);
    for (int n = 0; n < steps; n++)
        if (project_once(all, core) == 0 && until_free)
            break;
    return true;
}

bool dots_project(DotsRelaxing *all, double core, int steps, int more_steps, Err *err)
{
    return project_some(all, core, steps, false, err) &&
           (more_steps == 0 || project_some(all, 0.0, more_steps, true, err));
}

/* How far dot i must be from dot or fixed point j. */
static double needed_mm(const DotsCrowd *crowd, int i, int j)
{
    double grown = (double)crowd->least_mm[i] + (double)crowd->least_mm[j];
    if (j < crowd->count)
        return grown;
    return fmax(grown, FIXED_LEAST * DOTS_HEX / (double)crowd->inverse[i][crowd->session[i]]);
}

static bool is_clear(const DotsCrowd *crowd, const DotsGrid *grid, const uint8_t kept[], int i,
                     double reach_mm)
{
    Vec3 p = crowd->position_mm[i];
    int j;
    for (DotsWalk walk = dots_walk(grid, p, reach_mm); dots_walk_next(&walk, &j);)
        if (j != i && kept[j] && vec_distance(p, crowd->position_mm[j]) < needed_mm(crowd, i, j))
            return false;
    return true;
}

/* Earlier sessions first, in a session the earlier place. */
bool dots_drop_close(Arena *scratch, DotsCrowd *crowd, uint8_t kept[], Err *err)
{
    size_t mark = arena_mark(scratch);
    DotsGrid grid;
    double most = 0.0;
    dots_crowd_measure(crowd);
    for (int i = 0; i < crowd->total; i++)
        most = fmax(most, (double)crowd->least_mm[i]);
    if (!dots_grid_new(scratch, crowd->total, crowd->position_mm, fmax(2.0 * most, 0.5), &grid,
                       err))
        return false;
    for (int i = 0; i < crowd->total; i++)
        kept[i] = i >= crowd->count || crowd->still[i];
    for (int session = 0; session < crowd->level_count; session++)
        for (int i = 0; i < crowd->count; i++) {
            if (crowd->session[i] != session || crowd->still[i])
                continue;
            double reach = (double)crowd->least_mm[i] + most;
            if (crowd->total > crowd->count)
                reach = fmax(reach, fmin(FIXED_LEAST * DOTS_HEX /
                                             (double)crowd->inverse[i][crowd->session[i]],
                                         FARTHEST_MM));
            kept[i] = is_clear(crowd, &grid, kept, i, reach);
        }
    arena_rewind(scratch, mark);
    return true;
}
