#include "head/place_internal.h"

#include "base/rng.h"

#include <assert.h>
#include <stdint.h>

/* ---- The mean head, coarse: for the question "which way is it turned" only. ---- */

enum { MEAN_ROWS = 15, MEAN_COLUMNS = 19 };
/* Radius (mm) at elevation -50 + 10 row, azimuth 10 column from the front to the back, the mean of
 * both sides and of three heads of ICT-FaceKit (MIT): the neutral one and two identities. Ears and
 * eye sockets are levelled by hand. */
static const uint8_t mean_radius_mm[MEAN_ROWS][MEAN_COLUMNS] = {
    {124, 122, 117, 110, 104, 98, 93, 89, 88, 89, 89, 88, 87, 87, 89, 91, 92, 93, 93},
    {132, 128, 118, 110, 104, 97, 91, 85, 80, 78, 78, 77, 77, 76, 77, 79, 80, 80, 80},
    {121, 118, 111, 106, 99, 93, 87, 81, 75, 71, 72, 72, 72, 72, 73, 74, 75, 75, 75},
    {118, 112, 105, 101, 96, 89, 83, 78, 75, 71, 70, 71, 72, 72, 73, 74, 75, 75, 75},
    {120, 105, 100, 99, 95, 88, 81, 76, 74, 71, 71, 72, 73, 74, 75, 77, 78, 78, 78},
    {116, 97, 94, 96, 93, 88, 82, 77, 74, 73, 73, 75, 76, 78, 80, 82, 83, 83, 83},
    {103, 96, 94, 93, 91, 88, 83, 79, 77, 77, 78, 79, 82, 84, 86, 88, 89, 89, 90},
    {106, 105, 104, 104, 97, 91, 86, 83, 82, 82, 83, 85, 88, 91, 93, 95, 96, 97, 97},
    {112, 112, 111, 107, 102, 97, 93, 91, 90, 90, 92, 94, 97, 99, 102, 103, 104, 104, 105},
    {118, 118, 117, 113, 109, 105, 102, 100, 99, 100, 101, 104, 106, 108, 110, 111, 112, 112, 113},
    {122, 122, 121, 118, 116, 113, 111, 110, 109, 110, 111, 113, 115, 117, 118, 119, 119, 119, 120},
    {125, 125, 124, 122, 121, 119, 118, 117, 117, 118, 119, 120, 121, 123, 124, 124, 125, 125, 125},
    {126, 126, 126, 125, 125, 124, 123, 123, 123, 123, 124, 125, 125, 126, 127, 127, 128, 128, 128},
    {127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 128, 128, 128, 128, 129, 129},
    {128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128},
};

double place_mean_radius_mm(Vec3 direction)
{
    double y = fmin(fmax(direction.y, -1.0), 1.0);
    double row = (asin(y) * 180.0 / PLACE_PI + 50.0) / 10.0;
    if (row < 0.0)
        return 0.0;
    double column = fabs(atan2(direction.x, direction.z)) * 18.0 / PLACE_PI;
    int i = (int)fmin(row, MEAN_ROWS - 2), k = (int)fmin(column, MEAN_COLUMNS - 2);
    double s = row - i, t = column - k;
    return (1.0 - s) * ((1.0 - t) * mean_radius_mm[i][k] + t * mean_radius_mm[i][k + 1]) +
           s * ((1.0 - t) * mean_radius_mm[i + 1][k] + t * mean_radius_mm[i + 1][k + 1]);
}

/* Logarithm of the mean radius on the faces of a cube, so that millions of look-ups stay cheap;
 * 0 where there is none. */
enum { CUBE_SIDE = 24 };
typedef struct Cube {
    float log_radius[6][CUBE_SIDE][CUBE_SIDE];
} Cube;

static void cube_cell(Vec3 d, int *face, double *u, double *v)
{
    double x = fabs(d.x), y = fabs(d.y), z = fabs(d.z);
    if (x >= y && x >= z)
        *face = d.x > 0.0 ? 0 : 1, *u = d.y / x, *v = d.z / x;
    else if (y >= z)
        *face = d.y > 0.0 ? 2 : 3, *u = d.z / y, *v = d.x / y;
    else
        *face = d.z > 0.0 ? 4 : 5, *u = d.x / z, *v = d.y / z;
}

static Vec3 cube_direction(int face, double u, double v)
{
    double s = face % 2 == 0 ? 1.0 : -1.0;
    Vec3 d = face < 2 ? vec3(s, u, v) : face < 4 ? vec3(v, s, u) : vec3(u, v, s);
    return vec_normalize(d);
}

static int cube_index(double u, int side)
{
    int i = (int)((u + 1.0) * 0.5 * side);
    return i < 0 ? 0 : i >= side ? side - 1 : i;
}

static void cube_fill(Cube *cube)
{
    for (int face = 0; face < 6; face++)
        for (int i = 0; i < CUBE_SIDE; i++)
            for (int k = 0; k < CUBE_SIDE; k++) {
                double u = (2.0 * i + 1.0) / CUBE_SIDE - 1.0, v = (2.0 * k + 1.0) / CUBE_SIDE - 1.0;
                double r = place_mean_radius_mm(cube_direction(face, u, v));
                cube->log_radius[face][i][k] = r > 0.0 ? (float)log(r) : 0.0F;
            }
}

static double cube_log_radius(const Cube *cube, Vec3 d)
{
    int face;
    double u, v;
    cube_cell(d, &face, &u, &v);
    return (double)cube->log_radius[face][cube_index(u, CUBE_SIDE)][cube_index(v, CUBE_SIDE)];
}

/* ---- Spheres that may be heads. ---- */

enum { SAMPLES = 4096, SCORED = 1024, PAIRS = 4000, BALLS = 6, BINS_SIDE = 4 };
/* A head lies within 12 % of a sphere (semi-axes 79 x 88 x 100 mm, field/canvas 1.5), and its
 * normals within about 30 degrees of the radius. */
#define BALL_BAND   0.13
#define BALL_FACING 0.82

typedef struct Sample {
    Vec3 position, normal;
} Sample;

typedef struct Ball {
    Vec3 centre;
    double radius;
    int score; /* of 96 directions, how many hold a piece of surface that fits */
} Ball;

/* Points spread over the surface, half by area, half by triangles: so neither a large floor nor a
 * finely meshed ear takes all. Normals up to their sign. */
static bool sample_surface(Arena *scratch, const Mesh *scan, Sample sample[SAMPLES], Err *err)
{
    double *sum = ARENA_NEW(scratch, double, (size_t)scan->triangle_count + 1);
    if (sum == NULL)
        return err_set(err, ERR_LIMIT, "no room for the areas of %d triangles",
                       scan->triangle_count);
    for (int t = 0; t < scan->triangle_count; t++) {
        const int *k = scan->triangle[t];
        Vec3 a = scan->position[k[0]], b = scan->position[k[1]], c = scan->position[k[2]];
        double area = 0.5 * vec_length(vec_cross(vec_sub(b, a), vec_sub(c, a)));
        sum[t + 1] = sum[t] + (isfinite(area) ? area : 0.0);
    }
    double surface = sum[scan->triangle_count], total = 2.0;
    if (!(surface > 0.0) || !isfinite(surface))
        return err_set(err, ERR_INPUT, "the scan has no surface: all %d triangles are empty",
                       scan->triangle_count);
    for (int t = 1; t <= scan->triangle_count; t++)
        sum[t] = sum[t] / surface + (double)t / scan->triangle_count;
    Rng rng = rng_make(0, 0x706c616365ULL);
    int t = 0;
    for (int i = 0; i < SAMPLES; i++) {
        double at = total * (i + rng_f64(&rng)) / SAMPLES;
        while (t + 1 < scan->triangle_count && sum[t + 1] <= at)
            t++;
        double u = rng_f64(&rng), v = rng_f64(&rng);
        if (u + v > 1.0)
            u = 1.0 - u, v = 1.0 - v;
        sample[i].position = mesh_point(scan, t, (double[3]){1.0 - u - v, u, v});
        const int *k = scan->triangle[t];
        Vec3 a = scan->position[k[0]], b = scan->position[k[1]], c = scan->position[k[2]];
        sample[i].normal = vec_normalize(vec_cross(vec_sub(b, a), vec_sub(c, a)));
    }
    for (int i = SAMPLES - 1; i > 0; i--) { /* any prefix is a fair sample */
        int k = rng_below(&rng, i + 1);
        Sample swap = sample[i];
        sample[i] = sample[k], sample[k] = swap;
    }
    return true;
}

static bool ball_holds(const Ball *ball, const Sample *sample, Vec3 *d)
{
    *d = vec_sub(sample->position, ball->centre);
    double r = vec_length(*d);
    return fabs(r - ball->radius) < BALL_BAND * ball->radius &&
           fabs(vec_dot(*d, sample->normal)) > BALL_FACING * r;
}

static int ball_score(const Ball *ball, int count, const Sample sample[])
{
    uint32_t seen[3] = {0};
    for (int i = 0; i < count; i++) {
        Vec3 d;
        if (!ball_holds(ball, &sample[i], &d))
            continue;
        int face;
        double u, v;
        cube_cell(d, &face, &u, &v);
        int bin =
            (face * BINS_SIDE + cube_index(u, BINS_SIDE)) * BINS_SIDE + cube_index(v, BINS_SIDE);
        seen[bin / 32] |= 1U << (bin % 32);
    }
    return __builtin_popcount(seen[0]) + __builtin_popcount(seen[1]) + __builtin_popcount(seen[2]);
}

/* The sphere that touches two surface pieces along their normals. */
static bool ball_of_pair(const Sample *a, const Sample *b, double side, Ball *ball)
{
    Vec3 m = vec_madd(a->normal, -side, b->normal), d = vec_sub(a->position, b->position);
    double mm = vec_dot(m, m);
    if (mm < 0.2) /* normals within 26 degrees: the radius would be a guess */
        return false;
    double r = vec_dot(d, m) / mm;
    if (vec_distance(d, vec_scale(m, r)) > 0.3 * fabs(r))
        return false;
    Vec3 from_a = vec_madd(a->position, -r, a->normal);
    Vec3 from_b = vec_madd(b->position, -side * r, b->normal);
    *ball = (Ball){vec_lerp(from_a, from_b, 0.5), fabs(r), 0};
    return r != 0.0;
}

static bool solve_dense(int n, double *a, double b[]);

/* Least squares on |p|^2 = 2 c.p + k over the samples that belong. */
static void ball_refine(Ball *ball, const Sample sample[SAMPLES])
{
    for (int round = 0; round < 3; round++) {
        double a[16] = {0}, b[4] = {0};
        int held = 0;
        for (int i = 0; i < SAMPLES; i++) {
            Vec3 d;
            if (!ball_holds(ball, &sample[i], &d))
                continue;
            d = vec_scale(d, 1.0 / ball->radius);
            double row[4] = {2.0 * d.x, 2.0 * d.y, 2.0 * d.z, 1.0}, want = vec_dot(d, d);
            for (int p = 0; p < 4; p++) {
                b[p] += row[p] * want;
                for (int q = 0; q < 4; q++)
                    a[4 * p + q] += row[p] * row[q];
            }
            held++;
        }
        for (int p = 0; p < 3; p++)
            a[5 * p] += 0.02 * held; /* a cap alone must not run away */
        if (held < 12 || !solve_dense(4, a, b))
            return;
        Vec3 move = vec3(b[0], b[1], b[2]);
        double r2 = b[3] + vec_dot(move, move);
        if (!(r2 > 0.5 && r2 < 2.0) || vec_length(move) > 0.5)
            return;
        ball->centre = vec_madd(ball->centre, ball->radius, move);
        ball->radius *= sqrt(r2);
    }
}

/* Keeps the best few that are not the same ball twice. */
static void ball_keep(Ball best[BALLS], Ball ball)
{
    int place = BALLS;
    for (int i = 0; i < BALLS; i++) {
        double near = 0.4 * fmax(best[i].radius, ball.radius);
        if (best[i].score > 0 && vec_distance(best[i].centre, ball.centre) < near &&
            fabs(best[i].radius - ball.radius) < near) {
            if (best[i].score >= ball.score)
                return;
            place = i;
            break;
        }
    }
    if (place == BALLS)
        place = BALLS - 1;
    if (best[place].score >= ball.score)
        return;
    best[place] = ball;
    for (int i = place; i > 0 && best[i].score > best[i - 1].score; i--) {
        Ball swap = best[i];
        best[i] = best[i - 1], best[i - 1] = swap;
    }
}

static void find_balls(const Sample sample[SAMPLES], Ball best[BALLS])
{
    for (int i = 0; i < BALLS; i++)
        best[i] = (Ball){0};
    Rng rng = rng_make(0, 0x62616c6cULL);
    for (int pair = 0; pair < PAIRS; pair++) {
        const Sample *a = &sample[rng_below(&rng, SAMPLES)], *b = &sample[rng_below(&rng, SAMPLES)];
        for (double side = -1.0; side < 2.0; side += 2.0) {
            Ball ball;
            if (!ball_of_pair(a, b, side, &ball))
                continue;
            ball.score = ball_score(&ball, SCORED / 4, sample);
            if (ball.score < best[BALLS - 1].score / 2)
                continue;
            ball.score = ball_score(&ball, SCORED, sample);
            ball_keep(best, ball);
        }
    }
    for (int i = 0; i < BALLS; i++)
        if (best[i].score > 0)
            ball_refine(&best[i], sample);
}

/* ---- Which way it is turned. ---- */

enum { LOOKS = 200, TURNS = 1200, AXIS_TURNS = 24, FIT = 4 };
/* Scatter of log radius between a head and the mean head: individual shape (about 4 %, field/canvas
 * 1.1) and the coarse table; beyond, a residual counts no further. */
#define LOOK_SD 0.05

typedef struct Look {
    Vec3 direction;    /* in the scan */
    double log_radius; /* of the radius in units of the ball's; NAN for a miss */
} Look;

typedef struct Turn {
    Vec3 axis[3];
    double unlike, shift[FIT];
    int ball;
} Turn;

static Turn turn_of_quaternion(double x, double y, double z, double w)
{
    Turn turn = {{vec3(1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
                  vec3(2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
                  vec3(2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y))},
                 0.0,
                 {0},
                 0};
    return turn;
}

static Vec3 unit_axis(int signed_axis)
{
    double s = signed_axis % 2 == 0 ? 1.0 : -1.0;
    return vec3(signed_axis / 2 == 0 ? s : 0.0, signed_axis / 2 == 1 ? s : 0.0,
                signed_axis / 2 == 2 ? s : 0.0);
}

/* First the 24 turns along the file's axes, then an even cover of all turns: super-Fibonacci
 * spirals, Alexa, CVPR 2022. */
static Turn turn_number(int i)
{
    if (i < AXIS_TURNS) {
        int up = i / 4, forward = (i / 4 / 2 * 2 + 2 + i % 4) % 6;
        Turn turn = {0};
        turn.axis[1] = unit_axis(up), turn.axis[2] = unit_axis(forward);
        turn.axis[0] = vec_cross(turn.axis[1], turn.axis[2]);
        return turn;
    }
    double s = i - AXIS_TURNS + 0.5, t = s / (TURNS - AXIS_TURNS);
    double a = 2.0 * PLACE_PI * s / sqrt(2.0), b = 2.0 * PLACE_PI * s / 1.533751168755204288;
    double r = sqrt(t), q = sqrt(1.0 - t);
    return turn_of_quaternion(r * sin(a), r * cos(a), q * sin(b), q * cos(b));
}

static Vec3 turned(const Turn *turn, Vec3 d)
{
    return vec3(vec_dot(turn->axis[0], d), vec_dot(turn->axis[1], d), vec_dot(turn->axis[2], d));
}

/* In-place Gauss elimination with pivoting on a row-major matrix; false when singular. */
static bool solve_dense(int n, double *a, double b[])
{
    for (int k = 0; k < n; k++) {
        int p = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[p * n + k]))
                p = i;
        if (!(fabs(a[p * n + k]) > 1e-12))
            return false;
        for (int j = 0; j < n; j++) {
            double swap = a[k * n + j];
            a[k * n + j] = a[p * n + j], a[p * n + j] = swap;
        }
        double swap = b[k];
        b[k] = b[p], b[p] = swap;
        for (int i = k + 1; i < n; i++) {
            double f = a[i * n + k] / a[k * n + k];
            for (int j = k; j < n; j++)
                a[i * n + j] -= f * a[k * n + j];
            b[i] -= f * b[k];
        }
    }
    for (int k = n - 1; k >= 0; k--) {
        for (int j = k + 1; j < n; j++)
            b[k] -= a[k * n + j] * b[j];
        b[k] /= a[k * n + k];
    }
    return true;
}

/* How unlike the looks are to the mean head in this turn: size and a small shift of the centre (to
 * first order a dipole) are fitted on the cranium, then everything down to the neck counts. */
static double turn_unlike(const Cube *cube, int count, const Look look[], Turn *turn)
{
    double difference[LOOKS];
    Vec3 at[LOOKS];
    for (int i = 0; i < count; i++) {
        at[i] = turned(turn, look[i].direction);
        double want = cube_log_radius(cube, at[i]);
        difference[i] = want > 0.0 ? look[i].log_radius - want : HUGE_VAL;
    }
    double *x = turn->shift;
    x[0] = -log(90.0), x[1] = x[2] = x[3] = 0.0; /* a ball of a head has about 90 mm */
    for (int round = 0; round < 2; round++) {
        double a[FIT * FIT] = {0}, b[FIT] = {0};
        for (int i = 0; i < count; i++) {
            if (!isfinite(difference[i]) || at[i].y < 0.15)
                continue;
            double row[FIT] = {1.0, at[i].x, at[i].y, at[i].z};
            double e = (difference[i] - x[0] - x[1] * row[1] - x[2] * row[2] - x[3] * row[3]);
            double w = round == 0 ? 1.0 : 1.0 / (1.0 + e * e / (LOOK_SD * LOOK_SD));
            for (int p = 0; p < FIT; p++) {
                b[p] += w * row[p] * difference[i];
                for (int q = 0; q < FIT; q++)
                    a[FIT * p + q] += w * row[p] * row[q];
            }
        }
        for (int p = 0; p < FIT; p++)
            a[FIT * p + p] += 0.1;
        b[0] += 0.1 * -log(90.0);
        if (!solve_dense(FIT, a, b))
            break;
        for (int p = 0; p < FIT; p++)
            x[p] = b[p];
    }
    double sum = 0.0, weight = 1e-9;
    for (int i = 0; i < count; i++) {
        if (isinf(difference[i]))
            continue; /* below the neck: anything may be there */
        double e = difference[i] - x[0] - x[1] * at[i].x - x[2] * at[i].y - x[3] * at[i].z;
        double e2 = e * e / (LOOK_SD * LOOK_SD);
        sum += isnan(e) ? 0.7 : e2 / (1.0 + e2);
        weight += 1.0;
    }
    return turn->unlike = sum / weight;
}

static int look_around(const MeshRays *rays, Vec3 centre, double radius, Look look[LOOKS])
{
    int hits = 0;
    for (int i = 0; i < LOOKS; i++) {
        Vec3 d = place_spread(i, LOOKS);
        MeshHit hit = mesh_rays_hit(rays, vec_madd(centre, 1.75 * radius, d), vec_scale(d, -1.0),
                                    1.3 * radius);
        double r = 1.75 * radius - hit.distance;
        look[i] = (Look){d, hit.triangle < 0 ? (double)NAN : log(r / radius)};
        hits += hit.triangle >= 0;
    }
    return hits;
}

/* Landmarks must lie roughly on the side of the centre where a head has them. */
static bool turn_agrees(const Turn *turn, Vec3 centre, const PlaceLandmarks *given)
{
    static const Vec3 side[HEAD_POSE_LANDMARKS] = {[HEAD_GLABELLA] = {0.0, 0.35, 0.93},
                                                   [HEAD_TRAGION_LEFT] = {1.0, 0.0, 0.0},
                                                   [HEAD_TRAGION_RIGHT] = {-1.0, 0.0, 0.0},
                                                   [HEAD_VERTEX] = {0.0, 1.0, 0.0},
                                                   [HEAD_INION] = {0.0, 0.1, -1.0}};
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++)
        if (given->known[i]) {
            Vec3 d = vec_normalize(vec_sub(given->position[i], centre));
            if (vec_dot(turned(turn, d), side[i]) < 0.6)
                return false;
        }
    return true;
}

static double turn_cos(const Turn *a, const Turn *b)
{
    double trace = vec_dot(a->axis[0], b->axis[0]) + vec_dot(a->axis[1], b->axis[1]) +
                   vec_dot(a->axis[2], b->axis[2]);
    return 0.5 * (trace - 1.0);
}

/* Inserts into a list sorted by unlikeness; turns within 25 degrees count as the same. */
static void turn_keep(int capacity, Turn list[], int *count, const Turn *turn)
{
    for (int i = 0; i < *count; i++)
        if (list[i].ball == turn->ball && turn_cos(&list[i], turn) > 0.9) {
            if (list[i].unlike <= turn->unlike)
                return;
            for (int k = i; k + 1 < *count; k++)
                list[k] = list[k + 1];
            *count -= 1;
            break;
        }
    int i = *count;
    while (i > 0 && list[i - 1].unlike > turn->unlike)
        i--;
    if (i >= capacity)
        return;
    int last = *count < capacity ? (*count)++ : capacity - 1;
    for (int k = last; k > i; k--)
        list[k] = list[k - 1];
    list[i] = *turn;
}

/* From the ball and what was fitted to it to a placement: radius_scan = ball * exp(look), and the
 * mean head is look - shift in log mm, so 1 mm is ball * exp(shift). */
static Placement pose_of_turn(const Turn *turn, const Ball *ball)
{
    Placement pose = {0};
    for (int k = 0; k < 3; k++)
        pose.axis[k] = turn->axis[k];
    double units_per_mm = ball->radius * exp(turn->shift[0]);
    pose.mm_per_unit = 1.0 / units_per_mm;
    Vec3 centre = ball->centre, in_head = HEAD_CENTRE_MM;
    for (int k = 0; k < 3; k++) {
        centre = vec_madd(centre, turn->shift[1 + k] * ball->radius, turn->axis[k]);
        double along = k == 0 ? in_head.x : k == 1 ? in_head.y : in_head.z;
        centre = vec_madd(centre, -along * units_per_mm, turn->axis[k]);
    }
    pose.origin = centre;
    return pose;
}

bool place_poses(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                 const PlaceLandmarks *given, int capacity, Placement pose[], int *count, Err *err)
{
    assert(capacity <= PLACE_POSES);
    *count = 0;
    size_t mark = arena_mark(scratch);
    Sample *sample = ARENA_NEW(scratch, Sample, SAMPLES);
    Cube *cube = ARENA_NEW(scratch, Cube, 1);
    Look *look = ARENA_NEW(scratch, Look, LOOKS);
    Turn *turns = ARENA_NEW(scratch, Turn, TURNS);
    if (sample == NULL || cube == NULL || look == NULL || turns == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d surface samples", SAMPLES);
    if (!sample_surface(scratch, scan, sample, err))
        return false;
    cube_fill(cube);
    for (int i = 0; i < TURNS; i++)
        turns[i] = turn_number(i);

    Ball ball[BALLS];
    find_balls(sample, ball);
    Turn kept[PLACE_POSES];
    for (int i = 0; i < BALLS; i++) {
        if (ball[i].score < 24 || /* a quarter of the sphere */
            ball[i].score < 0.6 * ball[0].score ||
            look_around(rays, ball[i].centre, ball[i].radius, look) < LOOKS / 4)
            continue;
        for (int k = 0; k < TURNS; k++) {
            Turn turn = turns[k];
            turn.ball = i;
            if (!turn_agrees(&turn, ball[i].centre, given))
                continue;
            turn_unlike(cube, LOOKS, look, &turn);
            turn_keep(capacity, kept, count, &turn);
        }
    }
    for (int i = 0; i < *count; i++)
        pose[i] = pose_of_turn(&kept[i], &ball[kept[i].ball]);
    arena_rewind(scratch, mark);
    return true;
}

double place_unlikeness(const Mesh *scan, const MeshRays *rays, const Placement *pose)
{
    double sum = 0.0, weight = 0.0;
    for (int i = 0; i < 2 * LOOKS; i++) {
        Vec3 d = place_spread(i, 2 * LOOKS);
        double want = place_mean_radius_mm(d);
        if (want <= 0.0)
            continue;
        double start = 1.6 * want;
        PlaceHit hit = place_hit(scan, rays, pose, vec_madd(HEAD_CENTRE_MM, start, d),
                                 vec_scale(d, -1.0), start);
        double e = hit.found ? log(vec_distance(hit.position_mm, HEAD_CENTRE_MM) / want) : 0.0;
        double e2 = e * e / (LOOK_SD * LOOK_SD);
        sum += hit.found ? e2 / (1.0 + e2) : 0.7;
        weight += 1.0;
    }
    return sum / weight;
}
