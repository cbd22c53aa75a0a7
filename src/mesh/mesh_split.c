#include "mesh/mesh_internal.h"

#include <assert.h>

enum { FIRST_SLOT_COUNT = 1 << 12 };

bool mesh_split_init(MeshSplit *split, Arena *scratch, int file_count, Err *err)
{
    *split = (MeshSplit){.scratch = scratch,
                         .err = err,
                         .file_count = file_count,
                         .count = file_count,
                         .tag = ARENA_NEW(scratch, uint64_t, (size_t)file_count),
                         .used = ARENA_NEW(scratch, bool, (size_t)file_count)};
    if (split->tag == NULL || split->used == NULL)
        return err_set(err, ERR_LIMIT, "no room to join %d vertices within the memory limit",
                       file_count);
    return true;
}

/* The finalizer of splitmix64 (Steele, Lea, Flood, OOPSLA 2014), over both halves of the key. */
static uint64_t hash(int vertex, uint64_t tag)
{
    uint64_t z = tag + (uint64_t)(uint32_t)vertex * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The slot of this copy, or the empty one where it belongs. */
static struct MeshSplitCopy *find(const MeshSplit *split, int vertex, uint64_t tag)
{
    size_t mask = split->slot_count - 1, at = (size_t)hash(vertex, tag) & mask;
    while (split->slot[at].copy != 0 &&
           (split->slot[at].vertex != vertex || split->slot[at].tag != tag))
        at = (at + 1) & mask;
    return &split->slot[at];
}

/* Keeps the table at most half full. */
static bool grow(MeshSplit *split)
{
    size_t copies = (size_t)(split->count - split->file_count);
    if (split->slot_count > 2 * copies)
        return true;
    MeshSplit old = *split;
    split->slot_count = old.slot_count == 0 ? FIRST_SLOT_COUNT : 4 * old.slot_count;
    split->slot = ARENA_NEW(split->scratch, struct MeshSplitCopy, split->slot_count);
    if (split->slot == NULL)
        return err_set(split->err, ERR_LIMIT,
                       "no room for %zu vertices on texture seams within the memory limit", copies);
    for (size_t i = 0; i < old.slot_count; i++)
        if (old.slot[i].copy != 0)
            *find(split, old.slot[i].vertex, old.slot[i].tag) = old.slot[i];
    return true;
}

int mesh_split_vertex(MeshSplit *split, int vertex, uint64_t tag)
{
    assert(vertex >= 0 && vertex < split->file_count);
    if (!split->used[vertex]) {
        split->used[vertex] = true;
        split->tag[vertex] = tag;
    }
    if (split->tag[vertex] == tag)
        return vertex;
    if (!grow(split))
        return -1;
    struct MeshSplitCopy *slot = find(split, vertex, tag);
    if (slot->copy == 0) {
        if (split->count >= MESH_MAX_VERTICES) {
            err_set(split->err, ERR_INPUT, "texture seams make more than %d vertices",
                    MESH_MAX_VERTICES);
            return -1;
        }
        *slot = (struct MeshSplitCopy){tag, vertex, split->count++};
    }
    return slot->copy;
}

void mesh_split_list(const MeshSplit *split, uint64_t none, int vertex[], uint64_t tag[])
{
    for (int i = 0; i < split->file_count; i++) {
        vertex[i] = i;
        tag[i] = split->used[i] ? split->tag[i] : none;
    }
    for (size_t i = 0; i < split->slot_count; i++)
        if (split->slot[i].copy != 0) {
            vertex[split->slot[i].copy] = split->slot[i].vertex;
            tag[split->slot[i].copy] = split->slot[i].tag;
        }
}
