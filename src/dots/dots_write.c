#include "dots/dots_internal.h"

bool dots_nearest_mm(Arena *scratch, int count, const Dot dot[], double *least_mm, Err *err)
{
    size_t mark = arena_mark(scratch);
    Vec3 *position_mm = ARENA_NEW(scratch, Vec3, (size_t)count);
    if (position_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", count);
    double farthest = 1.0; /* no two dots are farther apart */
    for (int i = 0; i < count; i++) {
        position_mm[i] = dot[i].position_mm;
        farthest += vec_distance(position_mm[i], position_mm[0]);
    }
    *least_mm = 0.0;
    bool found = count < 2;
    for (double reach = 1.0; !found; reach *= 4.0) {
        DotsGrid grid;
        size_t grid_mark = arena_mark(scratch);
        if (!dots_grid_new(scratch, count, position_mm, reach, &grid, err))
            return false;
        *least_mm = reach;
        for (int i = 0; i < count; i++) {
            int j;
            for (DotsWalk walk = dots_walk(&grid, position_mm[i], *least_mm);
                 dots_walk_next(&walk, &j);)
                if (j > i)
                    *least_mm = fmin(*least_mm, vec_distance(position_mm[i], position_mm[j]));
        }
        found = *least_mm < reach || reach > farthest;
        arena_rewind(scratch, grid_mark);
    }
    arena_rewind(scratch, mark);
    return true;
}

Dot dots_make_dot(const DotsPlanning *planning, int i)
{
    const DotsCrowd *crowd = &planning->crowd;
    int site = planning->site[i];
    int unit = planning->unit != NULL ? planning->unit[i] : site;
    return (Dot){.site = site,
                 .session = crowd->session[i],
                 .zone = planning->zone[i],
                 .unit = unit,
                 .point = crowd->point[i],
                 .position_mm = crowd->position_mm[i],
                 .normal = dots_normal(planning->surface, crowd->point[i]),
                 .rank = planning->sequence->rank[unit],
                 .target_per_mm2 = dots_field_at(&planning->field, crowd->point[i]),
                 .beside_per_mm2 = crowd->beside_per_mm2[i],
                 .size = planning->size[i],
                 .shade = planning->shade[i]};
}

void dots_count(Dots *dots, const Dot *dot)
{
    dots->dot[dots->count++] = *dot;
    dots->in_session[dot->session]++;
    dots->in_zone[dot->zone][dot->session]++;
}

bool dots_write(Arena *arena, DotsPlanning *planning, Dots *dots, Err *err)
{
    Arena *scratch = planning->scratch;
    DotsCrowd *crowd = &planning->crowd;
    size_t count = (size_t)crowd->count, mark = arena_mark(scratch);
    uint8_t *kept = ARENA_NEW(scratch, uint8_t, (size_t)crowd->total);
    if (kept == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", crowd->count);
    if (!dots_drop_close(scratch, crowd, kept, err))
        return false;
    dots->dropped_site = ARENA_NEW(arena, int, count);
    dots->dot = ARENA_NEW(arena, Dot, count);
    if (dots->dropped_site == NULL || dots->dot == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots", crowd->count);
    for (int i = 0; i < crowd->count; i++) {
        if (!kept[i]) {
            dots->dropped_site[dots->dropped++] = planning->site[i];
            continue;
        }
        Dot dot = dots_make_dot(planning, i);
        dots_count(dots, &dot);
    }
    if (!dots_order(arena, scratch, dots->count, dots->dot, err) ||
        !dots_nearest_mm(scratch, dots->count, dots->dot, &dots->nearest_mm, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
