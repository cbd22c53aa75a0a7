/* dots_cases CASE COUNT SESSIONS SEED OUT.csv: the cases of bench/dots.md, from which anyone can
 * make its table again with any seed and any scorer. Writes x,y,z,session in order of session. */
#include "dots/dots_testing.h"

#include "base/rng.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char usage[] =
    "usage: dots_cases CASE COUNT SESSIONS SEED OUT.csv [--shares=A,B,..] [--irregularity=S]\n"
    "                  [--uniform-ceiling] [--draft] [--units] [--times] [--spacing-mm=MM]\n"
    "  CASE  u unit square, g unit square with density 10^x, mu ellipsoid 78 x 98 x 70 mm,\n"
    "        mg ellipsoid with density 10^((z + 70) / 140), hair a feathered hairline among hairs\n"
    "        in clumps (also writes OUT-fixed.csv and OUT-density.pgm)\n";

typedef struct Request {
    const char *name, *out;
    int count, sessions;
    uint64_t seed;
    double share[DOTS_MAX_SESSIONS];
    double irregularity, spacing_mm;
    bool uniform_ceiling, draft, units, times;
} Request;

typedef struct World {
    Arena arena, scratch;
    DotsSurface surface;
    double *wanted_per_mm2; /* [vertex_count] beside the hairs */
    double *all_per_mm2;    /* [vertex_count] with them */
    double side_mm;         /* of the plane; 0: the ellipsoid */
    int fixed_count;
    DotsFixed *fixed;
} World;

enum { CELLS = 100, SPLITS = 5, PGM_PX = 512 };
/* The plane has this mean density, as skin has: what is in millimetres inside stays in its range.
 */
static const double plane_per_mm2 = 1.3;
/* Sites a little beyond what is wanted, so that zones get their exact counts. */
static const double headroom = 1.04;
/* The feather of case hair, in shares of the side, and the units per dot. */
static const double feather_from = 0.15, feather_to = 0.35, units_per_dot = 0.075;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool parse_shares(const char *text, Request *request)
{
    TextCursor cursor = text_cursor(strlen(text), text);
    double sum = 0.0;
    request->sessions = 0;
    while (cursor.at < cursor.end && request->sessions < DOTS_MAX_SESSIONS) {
        const char *comma = memchr(cursor.at, ',', (size_t)(cursor.end - cursor.at));
        TextSpan span = {cursor.at, (size_t)((comma != NULL ? comma : cursor.end) - cursor.at)};
        if (!text_to_double(span, &request->share[request->sessions]))
            return false;
        sum += request->share[request->sessions++];
        cursor.at = comma != NULL ? comma + 1 : cursor.end;
    }
    for (int s = 0; s < request->sessions; s++)
        request->share[s] /= sum;
    return sum > 0.0;
}

static bool parse(int count, char *word[], Request *request)
{
    long dots, sessions, seed;
    if (count < 6 || !text_to_long(text_span(word[2]), &dots) ||
        !text_to_long(text_span(word[3]), &sessions) || !text_to_long(text_span(word[4]), &seed) ||
        dots < 1 || dots > 550000 || sessions < 1 || sessions > DOTS_MAX_SESSIONS)
        return false;
    *request = (Request){.name = word[1],
                         .out = word[5],
                         .count = (int)dots,
                         .sessions = (int)sessions,
                         .seed = (uint64_t)seed};
    for (int s = 0; s < request->sessions; s++)
        request->share[s] = 1.0 / (double)sessions;
    for (int i = 6; i < count; i++) {
        if (strncmp(word[i], "--shares=", 9) == 0 && parse_shares(word[i] + 9, request))
            continue;
        if (strncmp(word[i], "--irregularity=", 15) == 0 &&
            text_to_double(text_span(word[i] + 15), &request->irregularity))
            continue;
        if (strncmp(word[i], "--spacing-mm=", 13) == 0 &&
            text_to_double(text_span(word[i] + 13), &request->spacing_mm))
            continue;
        bool *flag = strcmp(word[i], "--uniform-ceiling") == 0 ? &request->uniform_ceiling
                     : strcmp(word[i], "--draft") == 0         ? &request->draft
                     : strcmp(word[i], "--units") == 0         ? &request->units
                     : strcmp(word[i], "--times") == 0         ? &request->times
                                                               : NULL;
        if (flag != NULL)
            *flag = true;
        else
            return false;
    }
    return true;
}

static double shape_at(const Request *request, Vec3 p, double side_mm)
{
    double y = side_mm > 0.0 ? p.y / side_mm : 0.0;
    if (strcmp(request->name, "g") == 0)
        return pow(10.0, p.x / side_mm);
    if (strcmp(request->name, "mg") == 0)
        return pow(10.0, (p.z + TESTING_AXES_MM.z) / (2.0 * TESTING_AXES_MM.z));
    if (strcmp(request->name, "hair") == 0)
        return fmin(fmax((y - feather_from) / (feather_to - feather_from), 0.0), 1.0);
    return 1.0;
}

static double integral(const World *world, const double field[])
{
    double sum = 0.0;
    for (int t = 0; t < world->surface.triangle_count; t++) {
        const int *c = world->surface.triangle[t];
        Vec3 a = world->surface.position_mm[c[0]];
        Vec3 across = vec_cross(vec_sub(world->surface.position_mm[c[1]], a),
                                vec_sub(world->surface.position_mm[c[2]], a));
        sum += vec_length(across) / 6.0 * (field[c[0]] + field[c[1]] + field[c[2]]);
    }
    return sum;
}

/* Units of one to three hairs a few tenths of a spacing apart, as feathered as the hairline; their
 * centres keep half of their own spacing. */
static bool grow_hairs(World *world, const Request *request, Err *err)
{
    int units = (int)(units_per_dot * request->count), limit = 3 * units, made = 0;
    double side = world->side_mm, area = side * side * (1.0 - 0.5 * (feather_from + feather_to));
    double apart = 0.5 * DOTS_HEX * sqrt(area / units), spacing = sqrt(area / request->count);
    world->fixed = ARENA_NEW(&world->arena, DotsFixed, (size_t)limit);
    Vec3 *centre = ARENA_NEW(&world->scratch, Vec3, (size_t)units);
    if (world->fixed == NULL || centre == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d hairs", limit);
    Rng rng = rng_make(request->seed, UINT64_C(9) << 40);
    for (int64_t tries = 0; made < units && tries < (int64_t)units * 200; tries++) {
        double x = side * rng_f64(&rng);
        double y = side * (feather_from + (1.0 - feather_from) * rng_f64(&rng));
        double share = shape_at(request, vec3(x, y, 0.0), side);
        bool clear = rng_f64(&rng) < share;
        for (int u = 0; clear && u < made; u++)
            clear = hypot(centre[u].x - x, centre[u].y - y) * sqrt(share) >= apart;
        if (!clear)
            continue;
        centre[made++] = vec3(x, y, 0.0);
        double draw = rng_f64(&rng);
        int hairs = draw < 0.29 ? 1 : draw < 0.82 ? 2 : 3; /* Guo 2017: 28, 53, 17 % */
        double angle = 2.0 * DOTS_PI * rng_f64(&rng);
        for (int h = 0; h < hairs; h++) {
            double off = 0.22 * spacing * (h - 0.5 * (hairs - 1));
            double hx = fmin(fmax(x + off * cos(angle), 0.0), side);
            double hy = fmin(fmax(y + off * sin(angle), 0.0), side);
            world->fixed[world->fixed_count++] =
                (DotsFixed){.position_mm = vec3(hx, hy, 0.0), .kind = DOTS_FOLLICLE};
        }
    }
    return true;
}

/* all = scale * shape with the scale at which what is missing beside the hairs is COUNT dots. */
static bool make_fields(World *world, const Request *request, Err *err)
{
    size_t vertices = (size_t)world->surface.vertex_count;
    double *shape = ARENA_NEW(&world->arena, double, vertices);
    double *hair = ARENA_NEW(&world->arena, double, vertices);
    world->wanted_per_mm2 = ARENA_NEW(&world->arena, double, vertices);
    world->all_per_mm2 = ARENA_NEW(&world->arena, double, vertices);
    Vec3 *fixed_mm = ARENA_NEW(&world->arena, Vec3, (size_t)world->fixed_count);
    int *nearest = ARENA_NEW(&world->arena, int, (size_t)world->fixed_count);
    if (shape == NULL || hair == NULL || world->wanted_per_mm2 == NULL ||
        world->all_per_mm2 == NULL || fixed_mm == NULL || nearest == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", world->surface.vertex_count);
    for (int f = 0; f < world->fixed_count; f++)
        fixed_mm[f] = world->fixed[f].position_mm;
    if (world->fixed_count > 0 &&
        !dots_density_of(&world->scratch, &world->surface, world->fixed_count, fixed_mm, nearest,
                         hair, err))
        return false;
    for (int v = 0; v < world->surface.vertex_count; v++)
        shape[v] = shape_at(request, world->surface.position_mm[v], world->side_mm);
    double low = 0.0, high = 100.0;
    for (int step = 0; step < 60; step++) {
        double scale = 0.5 * (low + high);
        for (int v = 0; v < world->surface.vertex_count; v++) {
            world->all_per_mm2[v] = scale * shape[v];
            world->wanted_per_mm2[v] = fmax(world->all_per_mm2[v] - hair[v], 0.0);
        }
        *(integral(world, world->wanted_per_mm2) < request->count ? &low : &high) = scale;
    }
    return true;
}

static bool make_world(World *world, const Request *request, Err *err)
{
    bool plane = request->name[0] != 'm';
    if (plane) {
        double full = strcmp(request->name, "hair") == 0 ? 0.7 : 1.0;
        world->side_mm = sqrt(request->count / (plane_per_mm2 * full));
        if (!dots_surface_plane(&world->arena, world->side_mm, world->side_mm, CELLS, CELLS,
                                &world->surface, err))
            return false;
    } else if (!testing_ellipsoid(&world->arena, &world->scratch, SPLITS, TESTING_AXES_MM,
                                  &world->surface, err)) {
        return false;
    }
    if (strcmp(request->name, "hair") == 0 && !grow_hairs(world, request, err))
        return false;
    return make_fields(world, request, err);
}

static bool write_point(FILE *file, const World *world, Vec3 p, int session)
{
    double scale = world->side_mm > 0.0 ? 1.0 / world->side_mm : 1.0;
    int decimals = world->side_mm > 0.0 ? 8 : 6;
    fprintf(file, "%.*f,%.*f,%.*f", decimals, p.x * scale, decimals, p.y * scale, decimals,
            p.z * scale);
    return session > 0 ? fprintf(file, ",%d\n", session) > 0 : fputc('\n', file) != EOF;
}

static FILE *open_beside(const char *out, const char *ending)
{
    char path[4096];
    size_t stem = strlen(out);
    if (stem > 4 && strcmp(out + stem - 4, ".csv") == 0)
        stem -= 4;
    snprintf(path, sizeof path, "%.*s%s", (int)stem, out, ending);
    return fopen(path, "wb");
}

static bool write_hairs(const World *world, const Request *request)
{
    FILE *fixed = open_beside(request->out, "-fixed.csv");
    if (fixed == NULL)
        return false;
    for (int f = 0; f < world->fixed_count; f++)
        write_point(fixed, world, world->fixed[f].position_mm, 0);
    if (fclose(fixed) != 0)
        return false;
    FILE *map = open_beside(request->out, "-density.pgm");
    if (map == NULL)
        return false;
    fprintf(map, "P5\n%d %d\n255\n", PGM_PX, PGM_PX);
    for (int row = 0; row < PGM_PX; row++)
        for (int column = 0; column < PGM_PX; column++) {
            double y = world->side_mm * (1.0 - (row + 0.5) / PGM_PX);
            fputc((int)lround(255.0 * shape_at(request, vec3(0.0, y, 0.0), world->side_mm)), map);
        }
    return fclose(map) == 0;
}

/* The threshold alone, as while the practitioner drags a line. */
static bool write_draft(World *world, const DotsSequence *sequence, const DotsWanted *wanted,
                        const DotsParams *params, FILE *file, Err *err)
{
    int count;
    int8_t *session = ARENA_NEW(&world->arena, int8_t, (size_t)sequence->count);
    if (session == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d sites", sequence->count);
    if (!dots_choose(&world->scratch, &world->surface, sequence, wanted, params, NULL, session,
                     &count, err))
        return false;
    for (int s = 0; s < params->session_count; s++)
        for (int i = 0; i < sequence->count; i++)
            if (session[i] == s)
                write_point(file, world, sequence->position_mm[i], s + 1);
    return true;
}

static bool run(World *world, const Request *request, FILE *file, Err *err)
{
    if (!make_world(world, request, err))
        return false;
    size_t vertices = (size_t)world->surface.vertex_count;
    double *ceiling = ARENA_NEW(&world->arena, double, vertices), highest = 0.0;
    if (ceiling == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", world->surface.vertex_count);
    for (size_t v = 0; v < vertices; v++) {
        ceiling[v] = headroom * world->wanted_per_mm2[v];
        highest = fmax(highest, ceiling[v]);
    }
    DotsSequenceParams making = {.highest_per_mm2 = highest,
                                 .ceiling_per_mm2 = request->uniform_ceiling ? NULL : ceiling,
                                 .fixed_count = world->fixed_count,
                                 .fixed = world->fixed,
                                 .seed = request->seed,
                                 .threads = 1};
    DotsWanted wanted = {.per_mm2 = world->wanted_per_mm2};
    DotsParams params = {.session_count = request->sessions,
                         .irregularity = request->irregularity,
                         .seed = request->seed};
    memcpy(params.share, request->share, sizeof params.share);
    for (int z = 0; z < DOTS_ZONES; z++)
        params.spacing_mm[z] = request->spacing_mm;
    if (request->units) /* Guo 2017, those of four and five with those of three */
        memcpy(params.unit_share, (double[]){0.284, 0.526, 0.190}, sizeof params.unit_share);
    DotsSequence sequence;
    Dots dots;
    double start = now_s();
    if (!dots_sequence(&world->arena, &world->scratch, &world->surface, &making, NULL, &sequence,
                       err))
        return false;
    double made = now_s();
    if (request->draft)
        return write_draft(world, &sequence, &wanted, &params, file, err);
    if (!dots_plan(&world->arena, &world->scratch, &world->surface, &sequence, &wanted, &params,
                   NULL, &dots, err))
        return false;
    if (request->times)
        fprintf(stderr, "sequence %.3f s of %d sites, plan %.3f s of %d dots, %d dropped\n",
                made - start, sequence.count, now_s() - made, dots.count, dots.dropped);
    for (int i = 0; i < dots.count; i++)
        write_point(file, world, dots.dot[i].position_mm, dots.dot[i].session + 1);
    return true;
}

int main(int count, char *word[])
{
    static const char *const known[] = {"u", "g", "mu", "mg", "hair"};
    Request request;
    World world = {0};
    Err err;
    bool found = false;
    for (size_t k = 0; count > 1 && k < sizeof known / sizeof known[0]; k++)
        found |= strcmp(word[1], known[k]) == 0;
    if (!found || !parse(count, word, &request)) {
        fputs(usage, stderr);
        return 2;
    }
    FILE *file = fopen(request.out, "wb");
    if (file == NULL) {
        fprintf(stderr, "dots_cases: cannot write '%s'\n", request.out);
        return 1;
    }
    size_t limit = (size_t)1 << 30;
    bool ok = arena_open(&world.arena, limit, &err) && arena_open(&world.scratch, limit, &err) &&
              run(&world, &request, file, &err);
    if (!ok)
        fprintf(stderr, "dots_cases: %s\n", err.text);
    if (fclose(file) != 0 || (ok && world.fixed_count > 0 && !write_hairs(&world, &request))) {
        fprintf(stderr, "dots_cases: cannot write beside '%s'\n", request.out);
        ok = false;
    }
    arena_close(&world.arena);
    arena_close(&world.scratch);
    return ok ? 0 : 1;
}
