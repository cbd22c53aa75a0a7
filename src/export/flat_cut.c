/* The worked areas cut into bands and lengths, and shreds joined to what they lie beside. */
#include "export/flat_internal.h"

static const double pi = 3.14159265358979323846;
/* Less than this beside another piece is joined to it: nobody lays down a shred. */
static const double shred_mm2 = 300.0;

static int cell_of(int region, int band, int length)
{
    return (region * FLAT_BANDS + band) * FLAT_LENGTHS + length;
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
static bool cut_gores(FlatCutting *c, int r, Err *err)
{
    FlatMesh *mesh = &c->mesh;
    const FlatRegion *region = &c->region[r];
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

static bool cut_region(FlatCutting *c, int r, Err *err)
{
    const FlatRegion *region = &c->region[r];
    if (c->params->cut == FLAT_GORES)
        return cut_gores(c, r, err);
    return cut_cell(&c->mesh, FLAT_BAND, cell_of(r, 0, 0), region->low_mm, region->high_mm,
                    region->bands, FLAT_LENGTHS, err);
}

bool flat_cut_cells(FlatCutting *c, Err *err)
{
    FlatMesh *mesh = &c->mesh;
    for (int t = 0; t < mesh->triangle_count; t++)
        mesh->cell[t] = cell_of(mesh->cell[t], 0, 0);
    for (int r = 0; r < c->region_count; r++) {
        const FlatRegion *region = &c->region[r];
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
static int neighbour_of(FlatCutting *c, int part)
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
void flat_join_shreds(FlatCutting *c)
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
int flat_number_parts(FlatCutting *c)
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
