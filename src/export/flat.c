#include "export/flat_internal.h"

#include <stdlib.h>

static const double pi = 3.14159265358979323846;
/* The first try; 2 % allow about 40 mm on a head of 80 to 90 mm. */
static const double band_start_mm = 42.0, band_least_mm = 8.0;
static const double ball_mm = 90.0; /* about a head */
/* Less than this beside another piece is joined to it: nobody lays down a shred. */
static const double shred_mm2 = 300.0;

enum { REGIONS = 256, BANDS = 40, LENGTHS = 12, TRIES = 40 };

typedef struct Region { /* of the worked area, by itself */
    double low_mm, high_mm;
    int bands, lengths[BANDS];
} Region;

typedef struct Cutting {
    const Case *plan;
    const FlatParams *params;
    FlatMesh base, mesh;
    int region_count;
    Region *region;
    int *part, *local, *queue, *vertex; /* [triangle_limit], vertex: [vertex_limit] */
    int part_count;
    double *part_mm2;  /* [triangle_limit] */
    int *start, *list; /* triangles of the mesh by that of the canvas */
    int *piece_of;     /* [part] */
} Cutting;

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

static bool take_room(Arena *scratch, Cutting *c, Err *err)
{
    int vertices = 3 * c->plan->head->topology->vertex_count + 4096;
    int triangles = 3 * c->plan->head->topology->triangle_count + 8192;
    int canvas = c->plan->head->topology->triangle_count;
    c->region = ARENA_NEW(scratch, Region, 2 * REGIONS); /* half to sort in */
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
static bool make_base(Arena *scratch, Cutting *c, int *worked, Err *err)
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

static void start_bands(Region *region, FlatCut cut)
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
    region->bands = bands < 1 ? 1 : bands < BANDS ? bands : BANDS;
    if (cut == FLAT_GORES)
        region->bands += region->bands % 2;
    for (int b = 0; b < BANDS; b++)
        region->lengths[b] = 1;
}

/* The worked areas, from the client's right to the left, as the cells of the base. */
static bool find_regions(Cutting *c, Err *err)
{
    FlatMesh *mesh = &c->base;
    int number[REGIONS];
    flat_mesh_link(mesh);
    c->region_count = flat_mesh_parts(mesh, c->queue, c->part);
    if (c->region_count > REGIONS)
        return err_set(err, ERR_LIMIT, "%d separate areas are worked: at most %d can be laid flat",
                       c->region_count, REGIONS);
    for (int r = 0; r < c->region_count; r++)
        c->region[r] = (Region){.low_mm = 1e9, .high_mm = -1e9};
    for (int t = 0; t < mesh->triangle_count; t++)
        for (int k = 0; k < 3; k++) {
            Region *region = &c->region[c->part[t]];
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
    Region *sorted = c->region + REGIONS;
    for (int r = 0; r < c->region_count; r++)
        sorted[number[r]] = c->region[r];
    for (int r = 0; r < c->region_count; r++) {
        c->region[r] = sorted[r];
        start_bands(&c->region[r], c->params->cut);
    }
    return true;
}

/* ---- pieces ---- */

static int cell_of(int region, int band, int length)
{
    return (region * BANDS + band) * LENGTHS + length;
}

/* Cuts a cell into equal parts of a field; cells of the parts are numbered `step` apart. */
static bool cut_cell(FlatMesh *mesh, int field, int cell, double low, double high, int parts,
                     int step, Err *err)
{
    for (int i = 1; i < parts; i++)
        if (!flat_mesh_cut(mesh, field, low + (high - low) * i / parts, cell, err))
            return false;
    for (int t = 0; t < mesh->triangle_count; t++) {
        int part = (int)floor((flat_mesh_middle(mesh, field, t) - low) / (high - low) * parts);
        if (mesh->cell[t] == cell && part > 0)
            mesh->cell[t] = cell + (part < parts ? part : parts - 1) * step;
    }
    return true;
}

static void range_of(const FlatMesh *mesh, int field, int cell, double range[2])
{
    range[0] = 1e9;
    range[1] = -1e9;
    for (int t = 0; t < mesh->triangle_count; t++)
        for (int k = 0; k < 3 && mesh->cell[t] == cell; k++) {
            double at = mesh->field[field][mesh->triangle[t][k]];
            range[0] = fmin(range[0], at);
            range[1] = fmax(range[1], at);
        }
}

/* Wedges between half planes through the vertex: lines all through it, then cells by the angle. */
static bool cut_gores(Cutting *c, int r, Err *err)
{
    FlatMesh *mesh = &c->mesh;
    const Region *region = &c->region[r];
    double step = 2.0 * pi / region->bands;
    for (int i = 0; i < region->bands / 2; i++) {
        for (int v = 0; v < mesh->vertex_count; v++) {
            Vec3 from = vec_sub(mesh->position_mm[v], c->plan->head->centre_mm);
            mesh->field[FLAT_BAND][v] = from.x * cos(i * step) - from.z * sin(i * step);
        }
        if (!flat_mesh_cut(mesh, FLAT_BAND, 0.0, cell_of(r, 0, 0), err))
            return false;
    }
    for (int t = 0; t < mesh->triangle_count; t++) {
        Vec3 sum = {0.0, 0.0, 0.0};
        if (mesh->cell[t] != cell_of(r, 0, 0))
            continue;
        for (int k = 0; k < 3; k++)
            sum = vec_add(
                sum, vec_sub(mesh->position_mm[mesh->triangle[t][k]], c->plan->head->centre_mm));
        int band = (int)floor((atan2(sum.x, sum.z) + 2.0 * pi) / step) % region->bands;
        mesh->cell[t] = cell_of(r, band, 0);
    }
    return true;
}

static bool cut_region(Cutting *c, int r, Err *err)
{
    const Region *region = &c->region[r];
    if (c->params->cut == FLAT_GORES)
        return cut_gores(c, r, err);
    return cut_cell(&c->mesh, FLAT_BAND, cell_of(r, 0, 0), region->low_mm, region->high_mm,
                    region->bands, LENGTHS, err);
}

static bool cut_cells(Cutting *c, Err *err)
{
    FlatMesh *mesh = &c->mesh;
    for (int t = 0; t < mesh->triangle_count; t++)
        mesh->cell[t] = cell_of(mesh->cell[t], 0, 0);
    for (int r = 0; r < c->region_count; r++) {
        const Region *region = &c->region[r];
        if (!cut_region(c, r, err))
            return false;
        for (int b = 0; b < region->bands; b++) {
            double range[2];
            if (region->lengths[b] < 2)
                continue;
            range_of(mesh, FLAT_LENGTH, cell_of(r, b, 0), range);
            if (range[1] > range[0] && !cut_cell(mesh, FLAT_LENGTH, cell_of(r, b, 0), range[0],
                                                 range[1], region->lengths[b], 1, err))
                return false;
        }
    }
    return true;
}

static double triangle_mm2(const FlatMesh *mesh, int t)
{
    const int *v = mesh->triangle[t];
    const Vec3 *p = mesh->position_mm;
    return 0.5 * vec_length(vec_cross(vec_sub(p[v[1]], p[v[0]]), vec_sub(p[v[2]], p[v[0]])));
}

/* The other part along most of the border of this one; -1: it stands alone. */
static int neighbour_of(Cutting *c, int part)
{
    const FlatMesh *mesh = &c->mesh;
    double most = 0.0, *shared = c->part_mm2 + c->part_count; /* room behind the areas */
    int best = -1;
    for (int p = 0; p < c->part_count; p++)
        shared[p] = 0.0;
    for (int e = 0; e < 3 * mesh->triangle_count; e++) {
        const int *v = mesh->triangle[e / 3];
        int other = mesh->across[e] >= 0 ? c->part[mesh->across[e]] : part;
        if (c->part[e / 3] != part || other == part)
            continue;
        shared[other] +=
            vec_distance(mesh->position_mm[v[e % 3]], mesh->position_mm[v[(e % 3 + 1) % 3]]);
        if (shared[other] > most) {
            most = shared[other];
            best = other;
        }
    }
    return best;
}

/* Joins what is too small to a neighbour; then numbers the pieces by their cells. */
static void join_shreds(Cutting *c)
{
    FlatMesh *mesh = &c->mesh;
    flat_mesh_link(mesh);
    c->part_count = flat_mesh_parts(mesh, c->queue, c->part);
    for (int p = 0; p < c->part_count; p++)
        c->part_mm2[p] = 0.0;
    for (int t = 0; t < mesh->triangle_count; t++)
        c->part_mm2[c->part[t]] += triangle_mm2(mesh, t);
    for (int p = 0; p < c->part_count; p++) {
        int to = c->part_mm2[p] < shred_mm2 ? neighbour_of(c, p) : -1;
        if (to < 0)
            continue;
        int cell = -1;
        for (int t = 0; t < mesh->triangle_count && cell < 0; t++)
            if (c->part[t] == to)
                cell = mesh->cell[t];
        for (int t = 0; t < mesh->triangle_count; t++)
            if (c->part[t] == p) {
                c->part[t] = to;
                mesh->cell[t] = cell;
            }
        c->part_mm2[to] += c->part_mm2[p];
        c->part_mm2[p] = 0.0;
    }
}

/* Parts in the order of their cells, those that were joined to others left out. */
static int number_parts(Cutting *c)
{
    int *cell = c->queue, pieces = 0;
    for (int t = 0; t < c->mesh.triangle_count; t++)
        cell[c->part[t]] = c->mesh.cell[t];
    for (int p = 0; p < c->part_count; p++) {
        c->piece_of[p] = 0;
        pieces += c->part_mm2[p] > 0.0;
        for (int q = 0; q < c->part_count; q++)
            c->piece_of[p] +=
                c->part_mm2[q] > 0.0 && (cell[q] < cell[p] || (cell[q] == cell[p] && q < p));
    }
    for (int t = 0; t < c->mesh.triangle_count; t++)
        c->part[t] = c->piece_of[c->part[t]];
    return pieces;
}

static bool copy_piece(Arena *arena, Cutting *c, int number, FlatPiece *piece, Err *err)
{
    const FlatMesh *mesh = &c->mesh;
    *piece = (FlatPiece){0};
    for (int v = 0; v < mesh->vertex_count; v++)
        c->vertex[v] = -1;
    for (int t = 0; t < mesh->triangle_count; t++) {
        if (c->part[t] != number)
            continue;
        c->local[t] = piece->triangle_count++;
        for (int k = 0; k < 3; k++)
            if (c->vertex[mesh->triangle[t][k]] < 0)
                c->vertex[mesh->triangle[t][k]] = piece->vertex_count++;
    }
    piece->head_mm = ARENA_NEW(arena, Vec3, (size_t)piece->vertex_count);
    piece->at_mm = arena_alloc(arena, (size_t)piece->vertex_count, sizeof *piece->at_mm);
    piece->triangle = arena_alloc(arena, (size_t)piece->triangle_count, sizeof *piece->triangle);
    if (piece->head_mm == NULL || piece->at_mm == NULL || piece->triangle == NULL)
        return err_set(err, ERR_LIMIT, "no room for a piece of %d triangles",
                       piece->triangle_count);
    for (int v = 0; v < mesh->vertex_count; v++)
        if (c->vertex[v] >= 0)
            piece->head_mm[c->vertex[v]] = mesh->position_mm[v];
    for (int t = 0; t < mesh->triangle_count; t++)
        for (int k = 0; k < 3 && c->part[t] == number; k++)
            piece->triangle[c->local[t]][k] = c->vertex[mesh->triangle[t][k]];
    return true;
}

static bool is_border(const Cutting *c, int edge)
{
    int beyond = c->mesh.across[edge];
    return beyond < 0 || c->part[beyond] != c->part[edge / 3];
}

/* The border edge that begins where this one ends, turning about that vertex within the piece. */
static int next_border(const Cutting *c, int edge)
{
    int at = edge / 3 * 3 + (edge % 3 + 1) % 3;
    int pivot = c->mesh.triangle[at / 3][at % 3];
    while (!is_border(c, at)) {
        int t = c->mesh.across[at];
        for (at = 3 * t; c->mesh.triangle[t][at % 3] != pivot;)
            at++;
    }
    return at;
}

/* Walks along all borders of a piece; loop NULL: only counts. done: [3 * triangles], false. */
static int walk_borders(const Cutting *c, int number, bool done[], FlatLoop loop[], int *edges)
{
    int loops = 0, used = 0;
    for (int e = 0; e < 3 * c->mesh.triangle_count; e++) {
        int from = used;
        if (c->part[e / 3] != number || done[e] || !is_border(c, e))
            continue;
        for (int at = e; !done[at]; at = next_border(c, at)) {
            int beyond = c->mesh.across[at];
            done[at] = true;
            if (loop != NULL) {
                loop[0].vertex[used] = c->vertex[c->mesh.triangle[at / 3][at % 3]];
                loop[0].across[used] = beyond < 0 ? -1 : c->part[beyond];
            }
            used++;
        }
        if (loop != NULL)
            loop[loops] = (FlatLoop){.count = used - from,
                                     .vertex = loop[0].vertex + from,
                                     .across = loop[0].across + from};
        loops++;
    }
    *edges = used;
    return loops;
}

static bool copy_loops(Arena *arena, Arena *scratch, const Cutting *c, int number, FlatPiece *piece,
                       Err *err)
{
    size_t mark = arena_mark(scratch), edges = 3 * (size_t)c->mesh.triangle_count;
    bool *done[2] = {ARENA_NEW(scratch, bool, edges), ARENA_NEW(scratch, bool, edges)};
    int border = 0;
    if (done[0] == NULL || done[1] == NULL)
        return err_set(err, ERR_LIMIT, "no room for the outline of a piece");
    piece->loop_count = walk_borders(c, number, done[0], NULL, &border);
    piece->loop = ARENA_NEW(arena, FlatLoop, (size_t)piece->loop_count);
    int *vertex = ARENA_NEW(arena, int, (size_t)border);
    int *across = ARENA_NEW(arena, int, (size_t)border);
    if (piece->loop == NULL || vertex == NULL || across == NULL)
        return err_set(err, ERR_LIMIT, "no room for the outline of a piece");
    piece->loop[0].vertex = vertex;
    piece->loop[0].across = across;
    walk_borders(c, number, done[1], piece->loop, &border);
    arena_rewind(scratch, mark);
    return true;
}

/* ---- until every piece is true enough and fits ---- */

/* Asks for more bands, or shorter ones, where the piece was not good. */
static bool ask_more(Cutting *c, int cell, const FlatPiece *piece, bool fits, Err *err)
{
    Region *region = &c->region[cell / (BANDS * LENGTHS)];
    int *lengths = &region->lengths[cell / LENGTHS % BANDS];
    if (piece->worst_error > c->params->error_most) {
        /* errors grow with the square of the width */
        double times = fmin(0.97 * sqrt(piece->worst_error / c->params->error_most), 1.3);
        int more = (int)fmax(ceil(region->bands * (times - 1.0)), 1.0);
        more += c->params->cut == FLAT_GORES ? more % 2 : 0;
        double width = (region->high_mm - region->low_mm) / (region->bands + more);
        if (region->bands + more > BANDS || width < band_least_mm)
            return err_set(err, ERR_NUMERIC,
                           "a piece laid flat in bands of %.0f mm is still off by %.1f %%: the "
                           "surface is too rough for an error of %.1f %%",
                           (region->high_mm - region->low_mm) / region->bands,
                           100.0 * piece->worst_error, 100.0 * c->params->error_most);
        region->bands = -region->bands - more; /* once for all its pieces */
    } else if (!fits) {
        if (*lengths + 1 >= LENGTHS)
            return err_set(err, ERR_NUMERIC, "a band does not fit a page of %g x %g mm in %d parts",
                           c->params->page_mm[0], c->params->page_mm[1], *lengths);
        ++*lengths;
    }
    return true;
}

static int cell_of_piece(const Cutting *c, int number)
{
    for (int t = 0; t < c->mesh.triangle_count; t++)
        if (c->part[t] == number)
            return c->mesh.cell[t];
    return 0;
}

static bool try_pieces(Arena *arena, Arena *scratch, Cutting *c, Flat *flat, bool *good, Err *err)
{
    flat_mesh_copy(&c->base, &c->mesh);
    if (!cut_cells(c, err))
        return false;
    join_shreds(c);
    *good = true;
    flat->piece_count = number_parts(c);
    flat->piece = ARENA_NEW(arena, FlatPiece, (size_t)flat->piece_count);
    if (flat->piece == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d pieces", flat->piece_count);
    for (int p = 0; p < flat->piece_count; p++) {
        FlatPiece *piece = &flat->piece[p];
        int cell = cell_of_piece(c, p);
        if (c->region[cell / (BANDS * LENGTHS)].bands < 0) /* is cut anew */
            continue;
        if (!copy_piece(arena, c, p, piece, err) || !copy_loops(arena, scratch, c, p, piece, err) ||
            !flat_unfold(scratch, piece, err))
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
            for (int b = 0; b < BANDS; b++)
                c->region[r].lengths[b] = 1;
        }
    return true;
}

static void list_by_canvas(Cutting *c)
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

static void sum_up(const Cutting *c, Flat *flat)
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

static bool make(Arena *arena, Arena *scratch, Cutting *c, Flat *flat, Err *err)
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
    Cutting cutting = {.plan = plan, .params = params};
    bool ok = make(arena, scratch, &cutting, flat, err);
    arena_rewind(scratch, mark);
    return ok;
}
