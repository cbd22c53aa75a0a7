#include "edit/edit.h"

#include "dots/choice.h"

#include <math.h>
#include <string.h>

/* What an edit keeps beside what it shows. Surface and sequence stand here once more because the
 * choice points at them and an Edit may be copied. */
typedef struct EditInner {
    const Head *head;
    const HairSurvey *survey;
    DotsSurface surface;
    DotsSequence sequence;
    DotsChoice choice;
    double *beside_per_mm2; /* [vertex_count] NULL: nothing beside */
    double most_per_mm2;
    uint8_t *zone; /* [vertex_count] as the choice last saw it */
    Arena room;    /* of the layout, to lay it out again in the same place */
    Design before; /* the edit that is under way */
    bool torn;     /* an edit failed half way and could not be taken back yet */
} EditInner;

/* Sites wherever hair can grow: a design wants nothing elsewhere (its rim towards ears and face),
 * and the sites must not depend on the design. */
static bool make_sequence(Arena *arena, Arena *scratch, const EditParams *params, EditInner *inner,
                          Err *err)
{
    size_t mark = arena_mark(scratch), n = (size_t)inner->surface.vertex_count;
    double *ceiling = ARENA_NEW(scratch, double, n), *margin_mm = ARENA_NEW(scratch, double, n);
    if (ceiling == NULL || margin_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu vertices", n);
    hair_scalp_margin(inner->head, margin_mm);
    for (size_t v = 0; v < n; v++)
        ceiling[v] = margin_mm[v] > 0.0 ? params->highest_per_mm2 : 0.0;
    DotsSequenceParams making = {.highest_per_mm2 = params->highest_per_mm2,
                                 .ceiling_per_mm2 = ceiling,
                                 .fixed_count = params->fixed_count,
                                 .fixed = params->fixed,
                                 .seed = params->seed,
                                 .threads = params->threads};
    if (!dots_sequence(arena, scratch, &inner->surface, &making, NULL, &inner->sequence, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}

static bool take_beside(Arena *arena, const EditParams *params, EditInner *inner, Err *err)
{
    int n = inner->surface.vertex_count;
    if (!(params->most_per_mm2 > 0.0 && isfinite(params->most_per_mm2)))
        return err_set(err, ERR_INPUT, "a density of at most %g per cm2 leaves no room for dots",
                       params->most_per_mm2 * 100.0);
    inner->most_per_mm2 = params->most_per_mm2;
    if (params->beside_per_mm2 == NULL)
        return true;
    inner->beside_per_mm2 = ARENA_NEW(arena, double, (size_t)n);
    if (inner->beside_per_mm2 == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", n);
    for (int v = 0; v < n; v++) {
        double beside = params->beside_per_mm2[v];
        if (!(beside >= 0.0 && isfinite(beside)))
            return err_set(err, ERR_INPUT,
                           "density %g per cm2 beside at vertex %d is not 0 or more",
                           beside * 100.0, v);
        inner->beside_per_mm2[v] = beside;
    }
    return true;
}

static double wanted_at(const Edit *edit, int v)
{
    const EditInner *inner = edit->inner;
    double beside = inner->beside_per_mm2 != NULL ? inner->beside_per_mm2[v] : 0.0;
    double open = fmax(edit->layout.target_per_mm2[v] - beside, 0.0);
    double room = fmax(inner->most_per_mm2 - beside, 0.0);
    return fmin(fmin(open, room), inner->sequence.ceiling_per_mm2[v]);
}

static void show_counts(Edit *edit)
{
    const EditInner *inner = edit->inner;
    const DotsChoice *choice = &inner->choice;
    edit->counts = (EditCounts){
        .dots = choice->dots, .area_mm2 = edit->layout.area_mm2, .wanted = edit->layout.dots};
    memcpy(edit->counts.in_session, choice->in_session, sizeof edit->counts.in_session);
    memcpy(edit->counts.in_zone, choice->in_zone, sizeof edit->counts.in_zone);
    edit->last_changed_sites = choice->last_sites;
}

static bool choose_all(Arena *arena, const EditParams *params, Edit *edit, Err *err)
{
    EditInner *inner = edit->inner;
    size_t n = (size_t)inner->surface.vertex_count;
    DotsParams dots = {.session_count = params->session_count, .seed = params->seed};
    memcpy(dots.share, params->share, sizeof dots.share);
    edit->wanted_per_mm2 = ARENA_NEW(arena, double, n);
    inner->zone = ARENA_NEW(arena, uint8_t, n);
    if (edit->wanted_per_mm2 == NULL || inner->zone == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu vertices", n);
    for (size_t v = 0; v < n; v++)
        edit->wanted_per_mm2[v] = wanted_at(edit, (int)v);
    memcpy(inner->zone, edit->layout.zone, n);
    if (!dots_choice_new(arena, &inner->surface, &inner->sequence, &dots, &inner->choice, err) ||
        !dots_choice_all(&inner->choice, edit->wanted_per_mm2, inner->zone, err))
        return false;
    edit->session = inner->choice.session;
    show_counts(edit);
    return true;
}

bool edit_open(Arena *arena, Arena *scratch, const Head *head, const HairSurvey *survey,
               const Design *design, const EditParams *params, Edit *edit, Err *err)
{
    _Static_assert((int)DESIGN_ZONES <= (int)DOTS_ZONES, "a zone of the design is one of the dots");
    EditInner *inner = ARENA_NEW(arena, EditInner, 1);
    if (inner == NULL)
        return err_set(err, ERR_LIMIT, "no room for an edit");
    inner->head = head; /* one by one: designs and layouts are too large for the stack */
    inner->survey = survey;
    inner->surface = dots_surface(head);
    memset(edit, 0, sizeof *edit);
    edit->arena = arena;
    edit->surface = inner->surface;
    edit->inner = inner;
    size_t mark = arena_mark(arena);
    if (!design_layout(arena, scratch, head, survey, design, &edit->layout, err))
        return false;
    size_t size = arena_mark(arena) - mark;
    inner->room = (Arena){.base = arena->base + mark, .used = size, .limit = size};
    if (!take_beside(arena, params, inner, err) ||
        !make_sequence(arena, scratch, params, inner, err))
        return false;
    edit->sequence = inner->sequence;
    return choose_all(arena, params, edit, err);
}

/* Of the vertices that the layout changed, those where the choice sees a difference; in place. */
static int take_changes(Edit *edit, int changed_count, int changed[])
{
    EditInner *inner = edit->inner;
    int kept = 0;
    for (int i = 0; i < changed_count; i++) {
        int v = changed[i];
        double wanted = wanted_at(edit, v);
        uint8_t zone = edit->layout.zone[v];
        if (memcmp(&wanted, &edit->wanted_per_mm2[v], sizeof wanted) == 0 && zone == inner->zone[v])
            continue;
        edit->wanted_per_mm2[v] = wanted;
        inner->zone[v] = zone;
        changed[kept++] = v;
    }
    return kept;
}

/* After an edit that failed half way: the design before, anew in the same room. */
static bool take_back(Arena *scratch, Edit *edit, Err *err)
{
    EditInner *inner = edit->inner;
    Arena room = inner->room; /* what one design's layout took, any other's fits into */
    arena_rewind(&room, 0);
    inner->torn = !design_layout(&room, scratch, inner->head, inner->survey, &inner->before,
                                 &edit->layout, err);
    return !inner->torn;
}

static bool apply(Arena *scratch, const Design *design, Edit *edit, Err *err)
{
    EditInner *inner = edit->inner;
    int changed_count, *changed = ARENA_NEW(scratch, int, (size_t)edit->surface.vertex_count);
    if (changed == NULL)
        return err_set(err, ERR_LIMIT, "no room for an edit");
    inner->before = edit->layout.design;
    size_t mark = arena_mark(scratch);
    if (!design_relayout(scratch, design, &edit->layout, &changed_count, changed, err)) {
        Err later; /* when there is no room for it now, the next edit begins with it */
        arena_rewind(scratch, mark);
        return take_back(scratch, edit, &later) && false;
    }
    changed_count = take_changes(edit, changed_count, changed);
    if (!dots_choice_again(&inner->choice, edit->wanted_per_mm2, inner->zone, changed_count,
                           changed, err))
        return false;
    show_counts(edit);
    return true;
}

bool edit_apply(Arena *scratch, const Design *design, Edit *edit, Err *err)
{
    const EditInner *inner = edit->inner;
    size_t mark = arena_mark(scratch);
    bool ok = design_check(design, err) && (!inner->torn || take_back(scratch, edit, err)) &&
              apply(scratch, design, edit, err);
    arena_rewind(scratch, mark); /* also after a refusal: the drawing goes on */
    return ok;
}
