/* A part of the cut mesh as a piece: its vertices, triangles and outlines. */
#include "export/flat_internal.h"

bool flat_copy_piece(Arena *arena, FlatCutting *c, int number, FlatPiece *piece, Err *err)
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

static bool is_border(const FlatCutting *c, int edge)
{
    int beyond = c->mesh.across[edge];
    return beyond < 0 || c->part[beyond] != c->part[edge / 3];
}

/* The border edge that begins where this one ends, turning about that vertex within the piece. */
static int next_border(const FlatCutting *c, int edge)
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
static int walk_borders(const FlatCutting *c, int number, bool done[], FlatLoop loop[], int *edges)
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

bool flat_copy_loops(Arena *arena, Arena *scratch, const FlatCutting *c, int number,
                     FlatPiece *piece, Err *err)
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
