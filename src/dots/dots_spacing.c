#include "dots/dots_internal.h"

/* A dot may leave its site by this share of the distance to others, in ROUNDS position-based
 * projections (Muller et al., "Position based dynamics", J. Vis. Commun. Image R. 18 (2007) 109). A
 * round carries an edit of the design one such distance further, so its effect ends after a few mm.
 */
#define LEASH       0.3
#define LEASH_SLACK 1.01
#define AIM         1.005
#define OVERSHOOT   1.8 /* of the projection: in crowds 1 gets stuck (docs/models.md, Dots) */
/* Beside the spacing, two dots shall be EVEN of the hexagonal distance apart that belongs to the
 * density of the first session that has both (the hard core of field/sampling 5.2 step 8, for all
 * prefixes at once); up to a limit, so that edits stay local where dots are sparse. */
#define EVEN          0.74
#define EVEN_LIMIT_MM 1.2
#define CELL_MM       0.6 /* of the grid; only speed depends on it */
enum { ROUNDS = 8, ROOM_RINGS = 2, ROOM_DIRECTIONS = 12 };

typedef struct Pairs {
    int *start; /* [count + 1] */
    int *near;  /* places; fixed points as count + index */
} Pairs;

typedef struct Spacer {
    const Head *head;
    const double *target_per_mm2;
    int fixed_count;
    const Vec3 *fixed_mm;
    double spacing_mm;
    double core[DOTS_MAX_SESSIONS]; /* wanted distance at 1 dot per mm2, by session */
    int count;
    DotsPlace *place;
    Vec3 *site_mm; /* [count] as in place */
    Pairs pairs;
    double *room; /* [count] target^(-1/4): the wanted distance goes with the product of two */
    Vec3 *push;   /* [count] */
} Spacer;

static Vec3 other_position(const Spacer *all, int other)
{
    return other < all->count ? all->place[other].position_mm : all->fixed_mm[other - all->count];
}

static double even_mm(const Spacer *all, double core, double room)
{
    return fmax(all->spacing_mm, fmin(core * room, EVEN_LIMIT_MM));
}

/* How far two dots shall be apart. */
static double wanted_mm(const Spacer *all, int a, int b)
{
    int session_a = all->place[a].session, session_b = all->place[b].session;
    int session = session_a > session_b ? session_a : session_b;
    return even_mm(all, all->core[session], all->room[a] * all->room[b]);
}

static double leash_mm(const Spacer *all, int i)
{
    return LEASH * even_mm(all, EVEN * DOTS_HEX, all->room[i] * all->room[i]);
}

/* From how far off a dot can matter to place i: nearest to spacing, both on their leashes; for the
 * hard core it is enough to look where the target is at least a quarter of that at place i. */
static double reach_mm(const Spacer *all, int i)
{
    double room = sqrt(2.0) * all->room[i] * all->room[i];
    double longest = LEASH * fmax(all->spacing_mm, EVEN_LIMIT_MM);
    return even_mm(all, all->core[all->place[i].session], room) +
           LEASH_SLACK * (leash_mm(all, i) + longest);
}

/* Counts the dots and follicles that could come too close to place i while dots move; writes them
 * when near is not NULL. */
static int find_near(const Spacer *all, const DotsGrid *dots, const DotsGrid *fixed, int i,
                     int near[])
{
    int found = 0, j;
    Vec3 site_mm = all->site_mm[i];
    double leash = LEASH_SLACK * leash_mm(all, i), farthest = reach_mm(all, i);
    for (DotsWalk walk = dots_walk(dots, site_mm, farthest); dots_walk_next(&walk, &j);) {
        double distance = vec_distance(site_mm, all->site_mm[j]);
        if (distance >= farthest || j == i ||
            distance >= wanted_mm(all, i, j) + leash + LEASH_SLACK * leash_mm(all, j))
            continue;
        if (near != NULL)
            near[found] = j;
        found++;
    }
    double reach = all->spacing_mm + leash;
    for (DotsWalk walk = dots_walk(fixed, site_mm, reach); dots_walk_next(&walk, &j);) {
        if (vec_distance(site_mm, all->fixed_mm[j]) >= reach)
            continue;
        if (near != NULL)
            near[found] = all->count + j;
        found++;
    }
    return found;
}

static bool find_pairs(Arena *scratch, Spacer *all, Err *err)
{
    size_t count = (size_t)all->count;
    all->site_mm = ARENA_NEW(scratch, Vec3, count);
    all->push = ARENA_NEW(scratch, Vec3, count);
    all->room = ARENA_NEW(scratch, double, count);
    all->pairs.start = ARENA_NEW(scratch, int, count + 1);
    if (all->site_mm == NULL || all->push == NULL || all->room == NULL || all->pairs.start == NULL)
        return err_set(err, ERR_LIMIT, "no room to space %d dots", all->count);
    for (int i = 0; i < all->count; i++) {
        all->site_mm[i] = all->place[i].site_mm;
        all->room[i] = 1.0 / sqrt(sqrt(all->place[i].target_per_mm2));
    }
    DotsGrid dots, fixed;
    if (!dots_grid_new(scratch, all->count, all->site_mm, CELL_MM, &dots, err) ||
        !dots_grid_new(scratch, all->fixed_count, all->fixed_mm, CELL_MM, &fixed, err))
        return false;
    int64_t total = 0;
    for (int i = 0; i < all->count; i++) {
        total += find_near(all, &dots, &fixed, i, NULL);
        if (total > INT32_MAX)
            return err_set(err, ERR_LIMIT, "more than %d pairs of neighbouring dots", INT32_MAX);
        all->pairs.start[i + 1] = (int)total;
    }
    all->pairs.near = ARENA_NEW(scratch, int, (size_t)total);
    if (all->pairs.near == NULL)
        return err_set(err, ERR_LIMIT, "no room for %lld pairs of neighbouring dots",
                       (long long)total);
    for (int i = 0; i < all->count; i++)
        find_near(all, &dots, &fixed, i, all->pairs.near + all->pairs.start[i]);
    return true;
}

/* Where place i wants to go: half of what is missing to each dot, all of it to a follicle. */
static Vec3 push_of(const Spacer *all, int i)
{
    const DotsPlace *place = &all->place[i];
    Vec3 push = {0.0, 0.0, 0.0};
    for (int k = all->pairs.start[i]; k < all->pairs.start[i + 1]; k++) {
        int other = all->pairs.near[k];
        bool fixed = other >= all->count;
        double wanted = AIM * (fixed ? all->spacing_mm : wanted_mm(all, i, other));
        Vec3 away = vec_sub(place->position_mm, other_position(all, other));
        double distance = vec_length(away);
        if (distance >= wanted || !(distance > 0.0))
            continue;
        double share = OVERSHOOT * (fixed ? 1.0 : 0.5);
        push = vec_madd(push, share * (wanted - distance) / distance, away);
    }
    return push;
}

/* Goes to site + off along the surface; stays when that leaves the leash or the target. */
static void go(const Spacer *all, int i, Vec3 off)
{
    const Head *head = all->head;
    DotsPlace *place = &all->place[i];
    HeadPoint point = head_nearest(head, vec_add(place->site_mm, off));
    if (point.triangle < 0 || !(head_interpolate(head, point, all->target_per_mm2) > 0.0))
        return;
    Vec3 position_mm = head_position_mm(head, point);
    if (vec_distance(position_mm, place->site_mm) > LEASH_SLACK * leash_mm(all, i))
        return;
    place->point = point;
    place->position_mm = position_mm;
}

static void move(const Spacer *all, int i, Vec3 push)
{
    const DotsPlace *place = &all->place[i];
    Vec3 normal = head_normal(all->head, place->point);
    Vec3 off = vec_sub(vec_add(place->position_mm, push), place->site_mm);
    off = vec_madd(off, -vec_dot(off, normal), normal);
    double far = vec_length(off), leash = leash_mm(all, i);
    go(all, i, far > leash ? vec_scale(off, leash / far) : off);
}

static bool is_free(const Spacer *all, int i)
{
    Vec3 p = all->place[i].position_mm;
    for (int k = all->pairs.start[i]; k < all->pairs.start[i + 1]; k++) {
        int other = all->pairs.near[k];
        if (other < all->count && !all->place[other].kept)
            continue;
        if (vec_distance(p, other_position(all, other)) < all->spacing_mm)
            return false;
    }
    return true;
}

/* Looks for a free place on rings around the site. */
static bool find_room(const Spacer *all, int i)
{
    Vec3 normal = head_normal(all->head, all->place[i].point);
    Vec3 aside = fabs(normal.x) < 0.6 ? vec3(1.0, 0.0, 0.0) : vec3(0.0, 1.0, 0.0);
    Vec3 u = vec_normalize(vec_cross(aside, normal)), v = vec_cross(normal, u);
    for (int ring = 0; ring <= ROOM_RINGS; ring++)
        for (int k = 0; k < (ring == 0 ? 1 : ROOM_DIRECTIONS); k++) {
            double angle = 2.0 * 3.141592653589793 * k / ROOM_DIRECTIONS;
            double far = leash_mm(all, i) * ring / ROOM_RINGS;
            go(all, i, vec_madd(vec_scale(u, far * cos(angle)), far * sin(angle), v));
            if (is_free(all, i))
                return true;
        }
    return false;
}

/* Earlier sessions first, in a session the lower rank. */
static void keep_free_ones(const Spacer *all)
{
    for (int i = 0; i < all->count; i++)
        all->place[i].kept = false;
    for (int session = 0; session < DOTS_MAX_SESSIONS; session++)
        for (int i = 0; i < all->count; i++)
            if (all->place[i].session == session)
                all->place[i].kept = is_free(all, i) || find_room(all, i);
}

bool dots_keep_apart(Arena *scratch, const Head *head, const double target_per_mm2[],
                     int fixed_count, const Vec3 fixed_mm[], double spacing_mm, int session_count,
                     const double until[], int count, DotsPlace place[], Err *err)
{
    for (int i = 0; i < count; i++)
        place[i].kept = true;
    if (!(spacing_mm > 0.0))
        return true;
    size_t mark = arena_mark(scratch);
    Spacer all = {.head = head,
                  .target_per_mm2 = target_per_mm2,
                  .fixed_count = fixed_count,
                  .fixed_mm = fixed_mm,
                  .spacing_mm = spacing_mm,
                  .count = count,
                  .place = place};
    for (int session = 0; session < session_count; session++)
        all.core[session] = EVEN * DOTS_HEX / sqrt(until[session]);
    if (!find_pairs(scratch, &all, err))
        return false;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < count; i++)
            all.push[i] = push_of(&all, i);
        for (int i = 0; i < count; i++)
            if (vec_dot(all.push[i], all.push[i]) > 0.0)
                move(&all, i, all.push[i]);
    }
    keep_free_ones(&all);
    arena_rewind(scratch, mark);
    return true;
}

/* The smallest distance below reach, or reach. */
static double nearest_within(const DotsGrid *grid, int count, const Vec3 position_mm[],
                             double reach_mm)
{
    double best = reach_mm;
    for (int i = 0; i < count; i++) {
        int j;
        for (DotsWalk walk = dots_walk(grid, position_mm[i], best); dots_walk_next(&walk, &j);)
            if (j > i)
                best = fmin(best, vec_distance(position_mm[i], position_mm[j]));
    }
    return best;
}

bool dots_nearest_mm(Arena *scratch, int count, const DotsPlace place[], double *nearest_mm,
                     Err *err)
{
    size_t mark = arena_mark(scratch);
    Vec3 *position_mm = ARENA_NEW(scratch, Vec3, (size_t)count);
    if (position_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", count);
    int kept = 0;
    for (int i = 0; i < count; i++)
        if (place[i].kept)
            position_mm[kept++] = place[i].position_mm;
    *nearest_mm = 0.0;
    double farthest = 1.0; /* no two dots are farther apart */
    for (int i = 1; i < kept; i++)
        farthest += vec_distance(position_mm[i], position_mm[0]);
    bool found = kept < 2;
    for (double reach = 1.0; !found; reach *= 4.0) {
        DotsGrid grid;
        size_t grid_mark = arena_mark(scratch);
        if (!dots_grid_new(scratch, kept, position_mm, reach, &grid, err))
            return false;
        *nearest_mm = nearest_within(&grid, kept, position_mm, reach);
        found = *nearest_mm < reach || reach > farthest;
        arena_rewind(scratch, grid_mark);
    }
    arena_rewind(scratch, mark);
    return true;
}
