#include "export/flat_internal.h"

static const double pi = 3.14159265358979323846;
/* The first try; 2 % allow about 40 mm on a head of 80 to 90 mm. */
static const double band_start_mm = 42.0, band_least_mm = 8.0;
static const double ball_mm = 90.0; /* about a head */

enum { TRIES = 40 };

FlatParams flat_default(void)
{
    return (FlatParams){.cut = FLAT_ALONG,
                        .page_mm = {178.0, 240.0},
                        .error_most = 0.02,
                        .margin_mm = 5.0,
                        .whole_scalp = false};
}

static bool check_params(const FlatParams *params, Err *err)
{
    if (!(params->page_mm[0] >= 60.0 && params->page_mm[0] <= 3000.0 &&
          params->page_mm[1] >= 60.0 && params->page_mm[1] <= 3000.0))
        return err_set(err, ERR_INPUT, "a page of %g x %g mm is not within 60..3000 mm",
                       params->page_mm[0], params->page_mm[1]);
    if (!(params->error_most >= 0.005 && params->error_most <= 0.1))
        return err_set(err, ERR_INPUT, "an allowed error of %g is not within 0.005..0.1",
                       params->error_most);
    if (!(params->margin_mm >= 1.0 && params->margin_mm <= 20.0))
        return err_set(err, ERR_INPUT, "a margin of %g mm is not within 1..20 mm",
                       params->margin_mm);
    return true;
}

static bool take_room(Arena *scratch, FlatCutting *c, Err *err)
{
    int vertices = 3 * c->plan->head->topology->vertex_count + 4096;
    int triangles = 3 * c->plan->head->topology->triangle_count + 8192;
    int canvas = c->plan->head->topology->triangle_count;
    c->region = ARENA_NEW(scratch, FlatRegion, 2 * FLAT_REGIONS); /* half to sort in */
    c->part = ARENA_NEW(scratch, int, (size_t)triangles);
    c->local = ARENA_NEW(scratch, int, (size_t)triangles);
    c->queue = ARENA_NEW(scratch, int, (size_t)triangles);
    c->part_mm2 = ARENA_NEW(scratch, double, (size_t)triangles);
    c->piece_of = ARENA_NEW(scratch, int, (size_t)triangles);
    c->vertex = ARENA_NEW(scratch, int, (size_t)vertices);
    c->start = ARENA_NEW(scratch, int, (size_t)canvas + 1);
    c->list = ARENA_NEW(scratch, int, (size_t)triangles);
    if (c->region == NULL || c->part == NULL || c->local == NULL || c->queue == NULL ||
        c->part_mm2 == NULL || c->piece_of == NULL || c->vertex == NULL || c->start == NULL ||
        c->list == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d triangles laid flat", triangles);
    return flat_mesh_new(scratch, vertices, triangles, &c->base, err) &&
           flat_mesh_new(scratch, vertices, triangles, &c->mesh, err);
}

/* Of gores: how far from the vertex, roughly. */
static void from_vertex(const Head *head, FlatMesh *mesh)
{
    for (int v = 0; v < mesh->vertex_count; v++)
        mesh->field[FLAT_BAND][v] = mesh->field[FLAT_LENGTH][v] =
            ball_mm * acos(fmin(fmax(head->topology->direction[v].y, -1.0), 1.0));
}

/* The canvas, cut along the margin and without what lies beyond it. */
static bool make_base(Arena *scratch, FlatCutting *c, int *worked, Err *err)
{
    const Head *head = c->plan->head;
    FlatMesh *mesh = &c->base;
    bool across = c->params->cut == FLAT_ACROSS;
    mesh->vertex_count = head->topology->vertex_count;
    for (int v = 0; v < mesh->vertex_count; v++)
        mesh->position_mm[v] = head->position_mm[v];
    if (!flat_outside(scratch, c->plan, c->params, mesh->field[FLAT_OUTSIDE], worked, err))
        return false;
    if (*worked == 0)
        return true;
    if (c->params->cut == FLAT_GORES)
        from_vertex(head, mesh);
    else if (!flat_from_plane(scratch, head, across, mesh->field[FLAT_BAND], err) ||
             !flat_from_plane(scratch, head, !across, mesh->field[FLAT_LENGTH], err))
        return false;
    for (int t = 0; t < head->topology->triangle_count; t++) {
        const int *v = head->topology->triangle[t];
        const double *f = mesh->field[FLAT_OUTSIDE];
        if (fmin(f[v[0]], fmin(f[v[1]], f[v[2]])) > c->params->margin_mm)
            continue;
        for (int k = 0; k < 3; k++)
            mesh->triangle[mesh->triangle_count][k] = v[k];
        mesh->cell[mesh->triangle_count] = 0;
        mesh->origin[mesh->triangle_count++] = t;
    }
    if (!flat_mesh_cut(mesh, FLAT_OUTSIDE, c->params->margin_mm, -1, err))
        return false;
    int kept = 0;
    for (int t = 0; t < mesh->triangle_count; t++) {
        if (flat_mesh_middle(mesh, FLAT_OUTSIDE, t) > c->params->margin_mm)
            continue;
        for (int k = 0; k < 3; k++)
            mesh->triangle[kept][k] = mesh->triangle[t][k];
        mesh->cell[kept] = 0;
        mesh->origin[kept++] = mesh->origin[t];
    }
    mesh->triangle_count = kept;
    return true;
}

static void start_bands(FlatRegion *region, FlatCut cut)
{
    if (cut == FLAT_GORES) { /* around the farthest circle that the work reaches, in pairs */
        region->high_mm = 2.0 * pi * ball_mm * sin(fmin(region->high_mm / ball_mm, 0.5 * pi));
        region->low_mm = 0.0;
    }
    double reach = fmax(-region->low_mm, region->high_mm);
    /* Work on both sides of the middle is cut alike on both. */
    if (region->low_mm < -0.5 * band_start_mm && region->high_mm > 0.5 * band_start_mm) {
        region->low_mm = -reach;
        region->high_mm = reach;
    }
    int bands = (int)ceil((region->high_mm - region->low_mm) / band_start_mm - 1e-9);
    region->bands = bands < 1 ? 1 : bands < FLAT_BANDS ? bands : FLAT_BANDS;
    if (cut == FLAT_GORES)
        region->bands += region->bands % 2;
    for (int b = 0; b < FLAT_BANDS; b++)
        region->lengths[b] = 1;
}

/* The worked areas, from the client's right to the left, as the cells of the base. */
static bool find_regions(FlatCutting *c, Err *err)
{
    FlatMesh *mesh = &c->base;
    int number[FLAT_REGIONS];
    flat_mesh_link(mesh);
    c->region_count = flat_mesh_parts(mesh, c->queue, c->part);
    if (c->region_count > FLAT_REGIONS)
        return err_set(err, ERR_LIMIT, "%d separate areas are worked: at most %d can be laid flat",
                       c->region_count, FLAT_REGIONS);
    for (int r = 0; r < c->region_count; r++)
        c->region[r] = (FlatRegion){.low_mm = 1e9, .high_mm = -1e9};
    for (int t = 0; t < mesh->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            FlatRegion *region = &c->region[c->part[t]];
            double at = mesh->field[FLAT_BAND][mesh->triangle[t][k]];
            region->low_mm = fmin(region->low_mm, at);
            region->high_mm = fmax(region->high_mm, at);
        }
    for (int r = 0; r < c->region_count; r++) { /* how many begin before it */
        number[r] = 0;
        for (int s = 0; s < c->region_count; s++) {
            double before = c->region[r].low_mm - c->region[s].low_mm;
            number[r] += before > 0.0 || (before >= 0.0 && s < r);
        }
    }
    for (int t = 0; t < mesh->triangle_count; t++)
        mesh->cell[t] = number[c->part[t]];
    FlatRegion *sorted = c->region + FLAT_REGIONS;
    for (int r = 0; r < c->region_count; r++)
        sorted[number[r]] = c->region[r];
    for (int r = 0; r < c->region_count; r++) {
        c->region[r] = sorted[r];
        start_bands(&c->region[r], c->params->cut);
    }
    return true;
}

/* ---- until every piece is true enough and fits ---- */

/* Asks for more bands, or shorter ones, where the piece was not good. */
static bool ask_more(FlatCutting *c, int cell, const FlatPiece *piece, bool fits, Err *err)
{
    FlatRegion *region = &c->region[cell / (FLAT_BANDS * FLAT_LENGTHS)];
    int *lengths = &region->lengths[cell / FLAT_LENGTHS % FLAT_BANDS];
    if (piece->worst_error > c->params->error_most) {
        /* errors grow with the square of the width */
        double times = fmin(0.97 * sqrt(piece->worst_error / c->params->error_most), 1.3);
        int more = (int)fmax(ceil(region->bands * (times - 1.0)), 1.0);
        more += c->params->cut == FLAT_GORES ? more % 2 : 0;
        double width = (region->high_mm - region->low_mm) / (region->bands + more);
        if (region->bands + more > FLAT_BANDS || width < band_least_mm)
            return err_set(err, ERR_NUMERIC,
                           "a piece laid flat in bands of %.0f mm is still off by %.1f %%: the "
                           "surface is too rough for an error of %.1f %%",
                           (region->high_mm - region->low_mm) / region->bands,
                           100.0 * piece->worst_error, 100.0 * c->params->error_most);
        region->bands = -region->bands - more; /* once for all its pieces */
    } else if (!fits) {
        if (*lengths + 1 >= FLAT_LENGTHS)
            return err_set(err, ERR_NUMERIC, "a band does not fit a page of %g x %g mm in %d parts",
                           c->params->page_mm[0], c->params->page_mm[1], *lengths);
        ++*lengths;
    }
    return true;
}

static int cell_of_piece(const FlatCutting *c, int number)
{
    for (int t = 0; t < c->mesh.triangle_count; t++)
        if (c->part[t] == number)
            return c->mesh.cell[t];
    return 0;
}

static bool try_pieces(Arena *arena, Arena *scratch, FlatCutting *c, Flat *flat, bool *good,
                       Err *err)
{
    flat_mesh_copy(&c->base, &c->mesh);
    if (!flat_cut_cells(c, err))
        return false;
    flat_join_shreds(c);
    *good = true;
    flat->piece_count = flat_number_parts(c);
    flat->piece = ARENA_NEW(arena, FlatPiece, (size_t)flat->piece_count);
    if (flat->piece == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d pieces", flat->piece_count);
    for (int p = 0; p < flat->piece_count; p++) {
        FlatPiece *piece = &flat->piece[p];
        int cell = cell_of_piece(c, p);
        if (c->region[cell / (FLAT_BANDS * FLAT_LENGTHS)].bands < 0) /* is cut anew */
            continue;
        if (!flat_copy_piece(arena, c, p, piece, err) ||
            !flat_copy_loops(arena, scratch, c, p, piece, err) || !flat_unfold(scratch, piece, err))
            return false;
        flat_outside_first(piece);
        bool fits = flat_place_on_page(c->plan->head, c->params->page_mm, piece);
        if (fits && piece->worst_error <= c->params->error_most)
            continue;
        *good = false;
        if (!ask_more(c, cell, piece, fits, err))
            return false;
    }
    for (int r = 0; r < c->region_count; r++)
        if (c->region[r].bands < 0) {
            c->region[r].bands = -c->region[r].bands;
            for (int b = 0; b < FLAT_BANDS; b++)
                c->region[r].lengths[b] = 1;
        }
    return true;
}

static void list_by_canvas(FlatCutting *c)
{
    const FlatMesh *mesh = &c->mesh;
    int canvas = c->plan->head->topology->triangle_count;
    for (int t = 0; t < mesh->triangle_count; t++)
        c->start[mesh->origin[t] + 1]++;
    for (int t = 0; t < canvas; t++)
        c->start[t + 1] += c->start[t];
    for (int t = mesh->triangle_count - 1; t >= 0; t--) /* fills each list from its end */
        c->list[--c->start[mesh->origin[t] + 1]] = t;
    for (int t = 0; t < canvas; t++) /* start[t + 1] has become where list t begins */
        c->start[t] = c->start[t + 1];
    c->start[canvas] = mesh->triangle_count;
}

static void sum_up(const FlatCutting *c, Flat *flat)
{
    double area = 0.0;
    for (int r = 0; r < c->region_count; r++)
        flat->band_mm =
            fmax(flat->band_mm, (c->region[r].high_mm - c->region[r].low_mm) / c->region[r].bands);
    for (int p = 0; p < flat->piece_count; p++) {
        const FlatPiece *piece = &flat->piece[p];
        flat->worst_error = fmax(flat->worst_error, piece->worst_error);
        flat->error_95 = fmax(flat->error_95, piece->error_95);
        area += piece->area_mm2;
        flat_place_label(&flat->piece[p]);
    }
    flat->area_mm2 = area;
}

static bool make(Arena *arena, Arena *scratch, FlatCutting *c, Flat *flat, Err *err)
{
    int worked = 0;
    bool good = false;
    if (!take_room(scratch, c, err) || !make_base(scratch, c, &worked, err))
        return false;
    if (worked == 0)
        return true;
    if (!find_regions(c, err))
        return false;
    for (int i = 0; i < TRIES && !good; i++) {
        size_t mark = arena_mark(arena);
        if (!try_pieces(arena, scratch, c, flat, &good, err))
            return false;
        if (!good)
            arena_rewind(arena, mark);
    }
    if (!good)
        return err_set(err, ERR_NUMERIC, "no way was found to cut the worked area in %d tries",
                       TRIES);
    list_by_canvas(c);
    sum_up(c, flat);
    for (int p = 0; p < flat->piece_count; p++)
        if (!flat_take_seams(arena, &flat->piece[p], err))
            return false;
    FlatPlaces places = {.plan = c->plan,
                         .mesh = &c->mesh,
                         .start = c->start,
                         .list = c->list,
                         .part = c->part,
                         .local = c->local};
    return flat_draw(arena, scratch, &places, flat, err);
}

bool flat_make(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params, Flat *flat,
               Err *err)
{
    size_t mark = arena_mark(scratch);
    *flat = (Flat){0};
    if (!check_params(params, err))
        return false;
    FlatCutting cutting = {.plan = plan, .params = params};
    bool ok = make(arena, scratch, &cutting, flat, err);
    arena_rewind(scratch, mark);
    return ok;
}
