#include "sample/photos_internal.h"

#include "base/parallel.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

const char *const visit_name[VISITS] = {"before", "session1", "healed", "year1", "year2", "year4"};
/* Days after the session; the client comes four hours after it, "fresh". */
static const double visit_day[VISITS] = {0.0,           4.0 / 24.0,   30.0,
                                         30.0 + 365.25, 30.0 + 730.5, 30.0 + 1461.0};

/* ---- hairs ---- */

typedef struct Growing {
    const Sample *sample;
    const Bust *bust;
    const Stubble *stubble;
    const int *first; /* [follicle] into hairs->mark */
    Hairs *hairs;
} Growing;

static void grow_follicles(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Growing *growing = ctx;
    const Sample *sample = growing->sample;
    for (int i = begin; i < end; i++) {
        const SampleFollicle *follicle = &sample->follicle[i];
        Vec3 root[SAMPLE_MAX_HAIRS], normal = bust_normal(growing->bust, follicle->position_mm);
        double length_mm = sample->params.stubble_mm * cos(follicle->lift_rad);
        SkinLook look = skin_ramp_at(&growing->stubble->root, follicle->hair_diameter_mm);
        SkinLook stub = skin_ramp_at(&growing->stubble->whole, follicle->hair_diameter_mm);
        stub.core_mm = (float)follicle->hair_diameter_mm;
        stub.core_sigma_mm = 0.01F;
        for (int c = 0; c < 3; c++) {
            stub.area_mm2[c] = fmaxf(stub.area_mm2[c] - look.area_mm2[c], 0.0F);
            stub.core_share[c] = 1.0F; /* it stands in the air: no halo */
        }
        sample_hair_roots(sample, i, root);
        int at = growing->first[i];
        for (int k = 0; k < follicle->hairs; k++) {
            double off = vec_dot(vec_sub(root[k], follicle->position_mm), normal);
            Vec3 p = vec_madd(root[k], -off, normal);
            growing->hairs->follicle[at] = i;
            growing->hairs->mark[at++] =
                (LookMark){.position_mm = p, .normal = normal, .look = look};
            if (length_mm <= 0.0)
                continue;
            growing->hairs->follicle[at] = i;
            growing->hairs->stub[at] = true;
            growing->hairs->mark[at++] =
                (LookMark){.position_mm = vec_madd(p, 0.5 * length_mm, follicle->along),
                           .normal = normal,
                           .look = stub,
                           .length_mm = length_mm,
                           .along = follicle->along};
        }
    }
}

enum { BROW_HAIRS = 1100 };

static double smooth(double edge0, double edge1, double x)
{
    double t = fmin(fmax((x - edge0) / (edge1 - edge0), 0.0), 1.0);
    return t * t * (3.0 - 2.0 * t);
}

/* What shows of one hair of a brow: 3 to 5 mm, lying on the skin, up and outwards near the nose and
 * more and more outwards and down; the brow's course is that of the scan's colours (sample_skin.c).
 */
static bool brow_hair(const Sample *sample, const Bust *bust, Rng *rng, LookMark *mark)
{
    double x = 12.0 + 42.0 * rng_f64(rng), across = 2.0 * rng_f64(rng) - 1.0;
    double side = rng_below(rng, 2) == 0 ? -1.0 : 1.0, length = 2.8 + 2.1 * rng_f64(rng);
    double arch = 26.5 + 4.5 * smooth(10.0, 36.0, x) - 6.0 * smooth(40.0, 56.0, x);
    double thick = 4.4 - 2.8 * smooth(26.0, 52.0, x), turn = rng_normal(rng);
    if (rng_f64(rng) > smooth(8.0, 18.0, x) * (1.0 - 0.6 * smooth(46.0, 55.0, x)))
        return false;
    double angle = 1.15 - 1.25 * smooth(11.0, 36.0, x) - 0.5 * smooth(38.0, 54.0, x) -
                   0.25 * across + 0.16 * turn;
    Vec3 zero = bust_to_face(bust, vec3(0, 0, 0)), one = bust_to_face(bust, vec3(1, 1, 1));
    double px = side * x / (one.x - zero.x);
    double py = (arch + 0.75 * thick * across - zero.y) / (one.y - zero.y);
    Vec3 p;
    if (!bust_hit(bust, vec3(px, py, 300.0), vec3(px, py, 0.0), false, &p))
        return false;
    Vec3 normal = bust_normal(bust, p), along = vec3(side * cos(angle), sin(angle), 0.0);
    along = vec_normalize(vec_madd(along, -vec_dot(along, normal), normal));
    double width_mm = 0.055 + 0.03 * rng_f64(rng);
    *mark = (LookMark){.position_mm = vec_madd(p, 0.3, normal),
                       .normal = normal,
                       .length_mm = length,
                       .along = along,
                       .look = {.core_mm = (float)width_mm,
                                .core_sigma_mm = 0.01F,
                                .core_share = {1.0F, 1.0F, 1.0F},
                                .halo_sigma_mm = 0.3F}};
    for (int c = 0; c < 3; c++)
        mark->look.area_mm2[c] =
            (float)(length * width_mm * sample->hair_darkness * (0.80 + 0.06 * c));
    return true;
}

bool hairs_make(Arena *arena, Arena *scratch, const Sample *sample, const Bust *bust,
                const SkinMarks *marks, Hairs *hairs, Err *err)
{
    size_t mark = arena_mark(scratch);
    int *first = ARENA_NEW(scratch, int, (size_t)sample->follicle_count + 1), each;
    if (first == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d follicles within the memory limit",
                       sample->follicle_count);
    *hairs = (Hairs){0};
    each = sample->params.stubble_mm > 0.0 ? 2 : 1;
    for (int i = 0; i < sample->follicle_count; i++) {
        first[i] = hairs->count;
        hairs->count += each * sample->follicle[i].hairs;
    }
    size_t room = (size_t)hairs->count + BROW_HAIRS;
    hairs->mark = ARENA_NEW(arena, LookMark, room);
    hairs->follicle = ARENA_NEW(arena, int, room);
    hairs->stub = ARENA_NEW(arena, bool, room);
    Stubble *stubble = ARENA_NEW(scratch, Stubble, 1);
    if (hairs->mark == NULL || hairs->follicle == NULL || hairs->stub == NULL || stubble == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d hairs within the memory limit",
                       hairs->count);
    *stubble = stubble_looks(sample, marks);
    Growing growing = {sample, bust, stubble, first, hairs};
    parallel_for(sample->params.threads, sample->follicle_count, 256, grow_follicles, &growing);
    Rng rng = rng_make(sample->params.seed, 0x62726f77u);
    for (int i = 0; i < BROW_HAIRS; i++)
        if (brow_hair(sample, bust, &rng, &hairs->mark[hairs->count]))
            hairs->follicle[hairs->count++] = -1;
    arena_rewind(scratch, mark);
    return true;
}

/* ---- dots of a session ---- */

/* How much pigment a dot of this level took, relative to the expected one. */
static double level_share(int level)
{
    return 0.12 + 1.6 * level / (DOT_LEVELS - 1);
}

static int level_of(double share)
{
    int best = -1;
    for (int i = 0; i < DOT_LEVELS; i++)
        if (share > 0.06 &&
            (best < 0 || fabs(level_share(i) - share) < fabs(level_share(best) - share)))
            best = i;
    return best;
}

/* Healed: 0.34 mm wide, 0.3 mm deep, as a dot of SMP is wanted; carbon [assumption]. */
static void make_looks(const Sample *sample, const SkinMarks *marks, Dots *dots)
{
    SkinAgeing ageing = skin_ageing(SKIN_PERMANENT, &sample->tone, NULL);
    for (int v = 1; v < VISITS; v++) {
        double redness = 1.0;
        for (int i = 0; i < DOT_LEVELS; i++) {
            SkinMark healed = {.diameter_mm = 0.34,
                               .depth_mm = 0.30,
                               .absorption_per_mm = 9.0 * level_share(i),
                               .slope = SKIN_CARBON_SLOPE};
            SkinMoment moment = skin_mark_at(healed, &ageing, visit_day[v], 0);
            dots->look[v][i] = skin_moment_look(marks, moment);
            redness = moment.blood_factor;
        }
        skin_flush_depth(&sample->tone, redness, dots->flush[v]);
    }
}

/* What became of one dot: some never take (lost), some fade more than others (faded) [assumption:
 * shares as in field/assess 3.4, where each fades by up to 65 %]. */
static void live(const Dots *looks, Dot *dot, Rng *rng)
{
    double strength = exp(0.18 * rng_normal(rng)), u = rng_f64(rng),
           kept = 0.75 + 0.25 * rng_f64(rng);
    dot->fate = u < 0.07 ? DOT_LOST : u < 0.27 ? DOT_FADED : DOT_RETAINED;
    double loss = dot->fate == DOT_FADED ? 0.35 + 0.35 * rng_f64(rng) : 1.0;
    for (int v = 0; v < VISITS; v++) {
        double years = fmax(visit_day[v] - 30.0, 0.0) / 365.25;
        double share = strength * (v < 2 ? 1.0 : kept);
        if (dot->fate == DOT_FADED)
            share *= 1.0 - (1.0 - loss) * (v < 2 ? 0.0 : fmin(0.4 + 0.15 * years, 1.0));
        if (dot->fate == DOT_LOST && v >= 2)
            share = 0.0;
        dot->level[v] = v == 0 ? -1 : level_of(share);
        dot->area_mm2[v] = dot->level[v] < 0 ? 0.0F : looks->look[v][dot->level[v]].area_mm2[1];
    }
}

/* Dots no nearer than 0.8 mm to each other, thrown at random onto the skin around the place, where
 * no follicle stands within 0.35 mm: what a practitioner aims at. */
bool dots_make(Arena *arena, Arena *scratch, const Sample *sample, const Bust *bust,
               const SkinMarks *marks, Vec3 place, uint64_t seed, Dots *dots, Err *err)
{
    enum { THROWS = 60000, MOST = 3000, NEAR = 4000 };
    const double reach_mm = 25.0, apart_mm = 0.80, clear_mm = 0.35;
    size_t mark = arena_mark(scratch);
    *dots = (Dots){.dot = ARENA_NEW(arena, Dot, MOST)};
    Vec3 *hair = ARENA_NEW(scratch, Vec3, NEAR);
    double(*thrown)[2] = arena_alloc(scratch, MOST, sizeof *thrown);
    if (dots->dot == NULL || hair == NULL || thrown == NULL)
        return err_set(err, ERR_LIMIT, "no room for the dots of a session within the memory limit");
    int hairs = 0;
    for (int i = 0; i < sample->follicle_count && hairs < NEAR; i++)
        if (vec_distance(sample->follicle[i].position_mm, place) < 1.5 * reach_mm)
            hair[hairs++] = sample->follicle[i].position_mm;
    make_looks(sample, marks, dots);
    Vec3 normal = bust_normal(bust, place);
    Vec3 s = vec_normalize(vec_cross(vec3(0.0, 0.0, 1.0), normal)), t = vec_cross(normal, s);
    Rng rng = rng_make(seed, 0x646f7473u);
    for (int i = 0; i < THROWS && dots->count < MOST; i++) {
        double a = reach_mm * (2.0 * rng_f64(&rng) - 1.0);
        double b = reach_mm * (2.0 * rng_f64(&rng) - 1.0);
        bool free = true;
        for (int k = 0; k < dots->count && free; k++)
            free = hypot(thrown[k][0] - a, thrown[k][1] - b) > apart_mm;
        Vec3 from = vec_madd(vec_madd(vec_madd(place, a, s), b, t), 20.0, normal), p;
        if (!free || !bust_hit(bust, from, vec_madd(from, -60.0, normal), true, &p))
            continue;
        for (int k = 0; k < hairs && free; k++)
            free = vec_distance(hair[k], p) > clear_mm;
        if (!free)
            continue;
        thrown[dots->count][0] = a;
        thrown[dots->count][1] = b;
        Dot *dot = &dots->dot[dots->count++];
        dot->position = p;
        dot->normal = bust_normal(bust, p);
        Rng own = rng_make(seed, 0x646f7400u + (uint64_t)dots->count);
        live(dots, dot, &own);
    }
    arena_rewind(scratch, mark);
    return true;
}
