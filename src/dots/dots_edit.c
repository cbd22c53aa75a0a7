#include "dots/dots_internal.h"

#include <assert.h>
#include <string.h>

/* While a design changes, only dots near what changed move; all others are what they push against.
 */
#define BAND_SPACINGS  5.0
#define WATCH_SPACINGS 11.0 /* band and the reach of the first prefix */
enum { STEPS = 8, PROJECTIONS = 5 };
#define THINNEST_PER_MM2 0.02

enum { ABSENT = -1, DROPPED = -2 };

typedef struct Edit {
    DotsPlanning planning;
    const Dots *before;
    int *was; /* [sequence->count] dot of the site in before; ABSENT, or DROPPED */
    int change_count;
    Vec3 *change_mm; /* [change_count] sites that come, go or change their session */
    uint8_t *part;   /* [sequence->count] 0 stays, 1 is watched, 2 moves */
} Edit;

/* What changed between two choices, and which dots that concerns. */
static bool find_changes(Edit *edit, Err *err)
{
    DotsPlanning *planning = &edit->planning;
    const DotsSequence *sequence = planning->sequence;
    size_t count = (size_t)sequence->count;
    edit->was = ARENA_NEW(planning->scratch, int, count);
    edit->change_mm = ARENA_NEW(planning->scratch, Vec3, count);
    edit->part = ARENA_NEW(planning->scratch, uint8_t, count);
    if (edit->was == NULL || edit->change_mm == NULL || edit->part == NULL)
        return err_set(err, ERR_LIMIT, "no room to edit %d sites", sequence->count);
    for (int i = 0; i < sequence->count; i++)
        edit->was[i] = ABSENT;
    for (int k = 0; k < edit->before->count; k++) {
        const Dot *dot = &edit->before->dot[k];
        if (dot->site < 0 || dot->site >= sequence->count) /* also of a plan of units */
            return err_set(err, ERR_INPUT, "dot %d has site %d of another sequence", k, dot->site);
        edit->was[dot->site] = k;
    }
    for (int k = 0; k < edit->before->dropped; k++)
        edit->was[edit->before->dropped_site[k]] = DROPPED;
    for (int i = 0; i < sequence->count; i++) {
        if (edit->was[i] == DROPPED)
            continue;
        int was = edit->was[i] >= 0 ? edit->before->dot[edit->was[i]].session : -1;
        if (was != planning->session[i])
            edit->change_mm[edit->change_count++] =
                edit->was[i] >= 0 ? edit->before->dot[edit->was[i]].position_mm
                                  : sequence->position_mm[i];
    }
    return true;
}

static double nearest_change_mm(const Edit *edit, const DotsGrid *grid, Vec3 p, double reach_mm)
{
    double least = reach_mm;
    int c;
    for (DotsWalk walk = dots_walk(grid, p, reach_mm); dots_walk_next(&walk, &c);)
        least = fmin(least, vec_distance(p, edit->change_mm[c]));
    return least;
}

static bool find_parts(Edit *edit, Err *err)
{
    DotsPlanning *planning = &edit->planning;
    const DotsSequence *sequence = planning->sequence;
    DotsGrid grid;
    if (!dots_grid_new(planning->scratch, edit->change_count, edit->change_mm, 5.0, &grid, err))
        return false;
    for (int i = 0; i < sequence->count; i++) {
        if (planning->session[i] < 0)
            continue;
        double wanted =
            dots_interpolate(planning->surface, sequence->point[i], planning->field.per_mm2);
        double spacing = 1.0 / sqrt(fmax(wanted, THINNEST_PER_MM2));
        double near =
            nearest_change_mm(edit, &grid, sequence->position_mm[i], WATCH_SPACINGS * spacing);
        edit->part[i] = near < BAND_SPACINGS * spacing ? 2 : near < WATCH_SPACINGS * spacing;
    }
    return true;
}

/* A crowd of the watched alone, where they were. */
static bool gather_crowd(Edit *edit, Err *err)
{
    DotsPlanning *planning = &edit->planning;
    int sites = planning->sequence->count;
    int8_t *all = planning->session;
    int8_t *watched = ARENA_NEW(planning->scratch, int8_t, (size_t)sites);
    if (watched == NULL)
        return err_set(err, ERR_LIMIT, "no room to edit %d sites", sites);
    planning->chosen = 0;
    for (int i = 0; i < sites; i++) {
        bool there = edit->part[i] == 2 || (edit->part[i] == 1 && edit->was[i] != DROPPED);
        watched[i] = there ? all[i] : -1;
        planning->chosen += watched[i] >= 0;
    }
    planning->session = watched;
    if (!dots_crowd_new(planning, err))
        return false;
    planning->session = all;
    DotsCrowd *crowd = &planning->crowd;
    for (int i = 0; i < crowd->count; i++) {
        int was = edit->was[planning->site[i]];
        crowd->still[i] = edit->part[planning->site[i]] != 2 && was >= 0;
        if (was < 0)
            continue;
        crowd->point[i] = edit->before->dot[was].point;
        crowd->position_mm[i] = edit->before->dot[was].position_mm;
    }
    dots_crowd_measure(crowd);
    return true;
}

static bool relax_band(Edit *edit, uint8_t kept[], Err *err)
{
    DotsPlanning *planning = &edit->planning;
    DotsRelaxing *relaxing;
    if (!dots_relaxing_new(planning->scratch, &planning->crowd, &relaxing, err) ||
        !dots_relax(relaxing, STEPS, true, err) ||
        !dots_project(relaxing, dots_hard_core(planning->params), PROJECTIONS, PROJECTIONS, err))
        return false;
    return dots_drop_close(planning->scratch, &planning->crowd, kept, err);
}

static bool merge_dots(Arena *arena, Edit *edit, const uint8_t kept[], Dots *dots, Err *err)
{
    DotsPlanning *planning = &edit->planning;
    const DotsCrowd *crowd = &planning->crowd;
    const Dots *before = edit->before;
    dots->dot = ARENA_NEW(arena, Dot, (size_t)(before->count + crowd->count));
    dots->dropped_site = ARENA_NEW(arena, int, (size_t)(before->dropped + crowd->count));
    if (dots->dot == NULL || dots->dropped_site == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", before->count + crowd->count);
    for (int k = 0; k < before->dropped; k++) {
        int site = before->dropped_site[k];
        if (planning->session[site] >= 0 && edit->part[site] != 2)
            dots->dropped_site[dots->dropped++] = site;
    }
    for (int k = 0; k < before->count; k++) {
        const Dot *old = &before->dot[k];
        if (planning->session[old->site] >= 0 && edit->part[old->site] != 2)
            dots_count(dots, old);
    }
    for (int i = 0; i < crowd->count; i++) {
        Dot dot = dots_make_dot(planning, i);
        if (!kept[i])
            dots->dropped_site[dots->dropped++] = planning->site[i];
        else if (!crowd->still[i])
            dots_count(dots, &dot);
    }
    return dots_order(arena, planning->scratch, dots->count, dots->dot, err);
}

bool dots_edit(Arena *arena, Arena *scratch, const DotsSurface *surface,
               const DotsSequence *sequence, const Dots *before, const DotsWanted *wanted,
               const DotsParams *params, Dots *dots, Err *err)
{
    assert(arena != scratch);
    if (dots_unit_mean(params) > 1.0)
        return dots_plan(arena, scratch, surface, sequence, wanted, params, NULL, dots, err);
    size_t mark = arena_mark(scratch);
    Edit edit = {.planning = {.scratch = scratch,
                              .surface = surface,
                              .sequence = sequence,
                              .params = params},
                 .before = before};
    DotsPlanning *planning = &edit.planning;
    *dots = (Dots){.session_count = params->session_count, .cut = before->cut};
    memcpy(dots->wanted, before->wanted, sizeof dots->wanted);
    if (!dots_planning_open(planning, wanted, err))
        return false;
    dots_choose_sites(sequence, &planning->field, params->session_count, &before->cut,
                      planning->session, &planning->chosen);
    if (!find_changes(&edit, err) || !find_parts(&edit, err) || !gather_crowd(&edit, err))
        return false;
    uint8_t *kept = ARENA_NEW(scratch, uint8_t, (size_t)planning->crowd.total);
    if (kept == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", planning->crowd.total);
    if (!relax_band(&edit, kept, err) || !merge_dots(arena, &edit, kept, dots, err) ||
        !dots_nearest_mm(scratch, dots->count, dots->dot, &dots->nearest_mm, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
