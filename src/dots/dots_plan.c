#include "dots/dots_internal.h"

#include <assert.h>

/* Rounds, steps and the hard core of the agreed plan (docs/models.md, Dots). */
enum { CHOICES = 8 }; /* rounds of choosing, where some units must be single */
enum { TRANSPORTS = 2, STEPS = 19, LAST_STEPS = 13, PROJECTIONS = 6, MORE_PROJECTIONS = 34 };
/* Of the hexagonal spacing of a prefix: no two of its dots are closer. Irregular dots need room. */
#define HARD_CORE     0.725
#define CORE_LOOSENED 2.2
/* Share of the hexagonal spacing that grown dots claim: all of it in use, and half of the room. */
#define FILLED      0.78
#define FILLED_HALF 0.50
/* Pieces of the border, in spacings of the last prefix. */
#define PIECE_SPACINGS 0.25

static bool check_heading(const DotsPlanning *planning, const DotsWanted *wanted, Err *err)
{
    if (wanted->heading == NULL)
        return planning->params->rows > 0.0
                   ? err_set(err, ERR_INPUT, "rows of strength %g need a direction of growth",
                             planning->params->rows)
                   : true;
    for (int v = 0; v < planning->surface->vertex_count; v++)
        if (!(vec_length(wanted->heading[v]) <= 1.0 + 1e-3)) /* also what is not finite */
            return err_set(err, ERR_INPUT, "heading at vertex %d is longer than 1", v);
    return true;
}

bool dots_planning_open(DotsPlanning *planning, const DotsWanted *wanted, Err *err)
{
    Arena *scratch = planning->scratch;
    planning->session = ARENA_NEW(scratch, int8_t, (size_t)planning->sequence->count);
    if (planning->session == NULL)
        return err_set(err, ERR_LIMIT, "no room to choose from %d sites",
                       planning->sequence->count);
    if (!dots_check_params(planning->params, planning->until, err) ||
        !check_heading(planning, wanted, err) ||
        !dots_facets_new(scratch, planning->surface, &planning->facet, err) ||
        !dots_field_new(scratch, planning->surface, wanted, &planning->field, err) ||
        !dots_check_ceiling(planning->surface, planning->sequence, &planning->field, err))
        return false;
    planning->heading = wanted->heading;
    planning->single = wanted->single;
    double step_mm = PIECE_SPACINGS / sqrt(fmax(planning->field.highest_per_mm2, 1e-2));
    return dots_border_new(scratch, &planning->field, planning->facet, step_mm, &planning->border,
                           err) &&
           dots_ground_new(scratch, &planning->field, planning->facet, &planning->ground, err);
}

bool dots_crowd_alloc(Arena *scratch, DotsCrowd *crowd, Err *err)
{
    size_t count = (size_t)crowd->count, total = (size_t)crowd->total;
    crowd->point = ARENA_NEW(scratch, HeadPoint, count);
    crowd->position_mm = ARENA_NEW(scratch, Vec3, total);
    crowd->session = ARENA_NEW(scratch, uint8_t, total);
    crowd->still = ARENA_NEW(scratch, uint8_t, total);
    crowd->per_mm2 = ARENA_NEW(scratch, double, total);
    crowd->beside_per_mm2 = ARENA_NEW(scratch, double, total);
    crowd->territory = ARENA_NEW(scratch, float, total);
    crowd->least_mm = ARENA_NEW(scratch, float, total);
    crowd->inverse = arena_alloc(scratch, total, sizeof *crowd->inverse);
    size_t with_rows = crowd->rows > 0.0 ? total : 0;
    crowd->row = ARENA_NEW(scratch, Vec3, with_rows);
    crowd->across = ARENA_NEW(scratch, float, with_rows);
    if (crowd->point == NULL || crowd->position_mm == NULL || crowd->session == NULL ||
        crowd->still == NULL || crowd->per_mm2 == NULL || crowd->beside_per_mm2 == NULL ||
        crowd->territory == NULL || crowd->least_mm == NULL || crowd->inverse == NULL ||
        crowd->row == NULL || crowd->across == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", crowd->total);
    return true;
}

double dots_crowd_weight(const DotsCrowd *crowd, int i)
{
    return crowd->weight != NULL && i < crowd->count
               ? dots_interpolate(crowd->surface, crowd->point[i], crowd->weight)
               : 1.0;
}

/* Where grown dots must keep nearly all of the spacing there is, no room is left for irregularity
 * or rows. */
double dots_room(const DotsCrowd *crowd, int i)
{
    double apart = 2.0 * (double)crowd->least_mm[i];
    double filled = apart * sqrt(crowd->per_mm2[i] / dots_crowd_weight(crowd, i)) / DOTS_HEX;
    return fmin(fmax((FILLED - filled) / (FILLED - FILLED_HALF), 0.0), 1.0);
}

/* Log-normal with mean square 1, so that the density stays; a large dot has a large territory. */
static float territory_of(const DotsPlanning *planning, int i)
{
    double spread = planning->params->irregularity * dots_room(&planning->crowd, i);
    return (float)exp(spread * planning->size[i] - spread * spread);
}

/* The chosen sites in the order of a grid: neighbours lie close in memory. */
static bool sort_sites(DotsPlanning *planning, Err *err)
{
    const DotsSequence *sequence = planning->sequence;
    Arena *scratch = planning->scratch;
    size_t count = (size_t)planning->chosen;
    planning->site = ARENA_NEW(scratch, int, count);
    planning->zone = ARENA_NEW(scratch, int, count);
    planning->size = ARENA_NEW(scratch, double, count);
    planning->shade = ARENA_NEW(scratch, double, count);
    size_t mark = arena_mark(scratch);
    int *site = ARENA_NEW(scratch, int, count), at = 0;
    Vec3 *position_mm = ARENA_NEW(scratch, Vec3, count);
    if (planning->site == NULL || planning->zone == NULL || planning->size == NULL ||
        planning->shade == NULL || site == NULL || position_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", planning->chosen);
    for (int i = 0; i < sequence->count; i++)
        if (planning->session[i] >= 0) {
            site[at] = i;
            position_mm[at++] = sequence->position_mm[i];
        }
    assert(at == planning->chosen);
    DotsGrid grid;
    if (!dots_grid_new(scratch, at, position_mm, 3.0, &grid, err))
        return false;
    for (int k = 0; k < at; k++)
        planning->site[k] = site[grid.item[k]];
    arena_rewind(scratch, mark);
    return true;
}

static void add_fixed(DotsPlanning *planning, int index)
{
    DotsCrowd *crowd = &planning->crowd;
    const DotsFixed *fixed = &planning->sequence->fixed[index];
    int i = crowd->count + index, nearest = planning->sequence->fixed_vertex[index];
    crowd->position_mm[i] = fixed->position_mm;
    crowd->still[i] = 1;
    crowd->territory[i] = 1.0F;
    crowd->beside_per_mm2[i] = planning->sequence->fixed_per_mm2[nearest];
    crowd->per_mm2[i] = crowd->field->open[nearest];
    int zone = planning->field.zone != NULL ? planning->field.zone[nearest] : 0;
    crowd->least_mm[i] =
        fixed->kind == DOTS_EARLIER ? (float)(0.5 * planning->params->spacing_mm[zone]) : 0.0F;
}

bool dots_crowd_new(DotsPlanning *planning, Err *err)
{
    const DotsSequence *sequence = planning->sequence;
    DotsCrowd *crowd = &planning->crowd;
    bool weighed = planning->weight != NULL;
    *crowd = (DotsCrowd){.surface = planning->surface,
                         .facet = planning->facet,
                         .field = weighed ? &planning->unit_field : &planning->field,
                         .border = &planning->border,
                         .ground = weighed ? &planning->unit_ground : &planning->ground,
                         .weight = planning->weight,
                         .level_count = planning->params->session_count,
                         .count = planning->chosen,
                         .total = planning->chosen + sequence->fixed_count,
                         .fixed_vertex = sequence->fixed_vertex,
                         .fixed_per_mm2 = sequence->fixed_per_mm2,
                         .rows = planning->params->rows,
                         .heading = planning->heading};
    for (int s = 0; s < crowd->level_count; s++)
        crowd->until[s] = planning->until[s] / dots_unit_mean(planning->params);
    if (!sort_sites(planning, err) || !dots_crowd_alloc(planning->scratch, crowd, err))
        return false;
    for (int i = 0; i < crowd->count; i++) {
        int site = planning->site[i];
        crowd->point[i] = sequence->point[site];
        crowd->position_mm[i] = sequence->position_mm[site];
        crowd->session[i] = (uint8_t)planning->session[site];
        planning->size[i] = dots_size_deviate(planning->params->seed, site);
        planning->shade[i] = dots_shade_deviate(planning->params->seed, site);
        crowd->territory[i] = 1.0F;
        planning->zone[i] = dots_zone_at(&planning->field, crowd->point[i]);
        crowd->least_mm[i] = (float)(0.5 * planning->params->spacing_mm[planning->zone[i]]);
    }
    for (int f = 0; f < sequence->fixed_count; f++)
        add_fixed(planning, f);
    dots_crowd_measure(crowd);
    return true;
}

/* Sizes and shades traded so that equals do not meet; the territories of the sizes then even out
 * over few dots. */
static bool trade_marks(DotsPlanning *planning, Err *err)
{
    DotsCrowd *crowd = &planning->crowd;
    size_t mark = arena_mark(planning->scratch);
    DotsMarks marks;
    if (!dots_marks_new(planning->scratch, crowd->count, crowd->position_mm, crowd->per_mm2,
                        crowd->session, &marks, err))
        return false;
    dots_trade(&marks, planning->params->seed, planning->size);
    dots_trade(&marks, planning->params->seed + 1, planning->shade);
    for (int i = 0; i < crowd->count; i++)
        crowd->territory[i] = territory_of(planning, i);
    dots_level_squares(&marks, planning->scratch, crowd->territory);
    arena_rewind(planning->scratch, mark);
    dots_crowd_measure(crowd);
    return true;
}

double dots_hard_core(const DotsParams *params)
{
    return HARD_CORE * exp(-CORE_LOOSENED * params->irregularity);
}

static bool settle(DotsPlanning *planning, const DotsMass *mass, const Progress *progress, Err *err)
{
    Arena *scratch = planning->scratch;
    DotsCrowd *crowd = &planning->crowd;
    DotsRelaxing *relaxing;
    for (int round = 0; round < TRANSPORTS; round++)
        if (!dots_transport(scratch, crowd, mass, DOTS_FLOW_BY_LEVEL, err))
            return false;
    if (!progress_at(progress, "relaxing the dots", 0.2, err) ||
        !dots_relaxing_new(scratch, crowd, &relaxing, err) ||
        !dots_relax(relaxing, STEPS, false, err) ||
        !progress_at(progress, "relaxing the dots", 0.6, err) ||
        !dots_transport(scratch, crowd, mass, DOTS_FLOW_BY_LEVEL, err) ||
        !dots_relax(relaxing, LAST_STEPS, true, err) ||
        (planning->params->irregularity > 0.0 &&
         !dots_transport(scratch, crowd, mass, DOTS_FLOW_TOGETHER, err)))
        return false;
    return dots_project(relaxing, dots_hard_core(planning->params), PROJECTIONS, MORE_PROJECTIONS,
                        err) &&
           progress_at(progress, "relaxing the dots", 0.9, err);
}

/* The sites of exactly these numbers of units; of more, where single ones leave too many dots for
 * the others. */
static bool choose_units(DotsPlanning *planning, int units[DOTS_ZONES][DOTS_MAX_SESSIONS],
                         Dots *dots, Err *err)
{
    const DotsField *field = planning->weight != NULL ? &planning->unit_field : &planning->field;
    int sessions = planning->params->session_count;
    for (int round = 0; round < CHOICES; round++) {
        if (!dots_cut_exact(planning->scratch, planning->sequence, field, sessions, units,
                            &dots->cut, err))
            return false;
        dots_choose_sites(planning->sequence, field, sessions, &dots->cut, planning->session,
                          &planning->chosen);
        if (dots_units_suffice(planning, dots->wanted, units))
            break;
    }
    return true;
}

/* Chooses the exact numbers, relaxes them, and turns units into dots. */
static bool place(DotsPlanning *planning, const Progress *progress, Dots *dots, Err *err)
{
    const DotsParams *params = planning->params;
    DotsMass mass, unit_mass;
    int units[DOTS_ZONES][DOTS_MAX_SESSIONS] = {{0}};
    double mean = dots_unit_mean(params);
    if (!dots_mass_new(planning->scratch, &planning->field, planning->facet, &mass, err) ||
        (mean > 1.0 && !dots_units_weigh(planning, err)))
        return false;
    unit_mass = mass;
    if (planning->weight != NULL &&
        !dots_mass_new(planning->scratch, &planning->unit_field, planning->facet, &unit_mass, err))
        return false;
    dots_whole_counts(&mass, params->session_count, planning->until, dots->wanted);
    dots_unit_counts(mean, &mass, &unit_mass, dots->wanted, units);
    if (!choose_units(planning, units, dots, err) || !dots_crowd_new(planning, err) ||
        !trade_marks(planning, err) ||
        (mean > 1.0 && !dots_units_assign(planning, dots->wanted, err)) ||
        !settle(planning, &unit_mass, progress, err) ||
        (mean > 1.0 && !dots_units_expand(planning, err)))
        return false;
    dots->short_of = (int)lround(mass.total) - planning->crowd.count;
    return true;
}

bool dots_plan(Arena *arena, Arena *scratch, const DotsSurface *surface,
               const DotsSequence *sequence, const DotsWanted *wanted, const DotsParams *params,
               const Progress *progress, Dots *dots, Err *err)
{
    assert(arena != scratch);
    size_t mark = arena_mark(scratch);
    DotsPlanning planning = {
        .scratch = scratch, .surface = surface, .sequence = sequence, .params = params};
    *dots = (Dots){.session_count = params->session_count};
    if (!dots_planning_open(&planning, wanted, err) || !place(&planning, progress, dots, err) ||
        !dots_write(arena, &planning, dots, err))
        return false;
    arena_rewind(scratch, mark);
    return progress_at(progress, "relaxing the dots", 1.0, err);
}
