/* A case folder, read back. */
#include "casefile/casefile_internal.h"

#include "base/io.h"
#include "base/node.h"
#include "base/sha256.h"
#include "mesh/mesh.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Far above what head.glb's floats round (1e-5 mm), far below an edge of the mesh. */
static const double off_canvas_mm = 0.01;
enum { CSV_LIMIT = 256 << 20, JSON_LIMIT = 64 << 20, GLB_LIMIT = 256 << 20 };

/* The subdivision with this many vertices; false when there is none. */
static bool topology_of(Arena *arena, int vertex_count, HeadTopology *topology, Err *err)
{
    size_t mark = arena_mark(arena);
    for (int level = 1; level <= HEAD_LEVEL; level++) {
        arena_rewind(arena, mark);
        if (!head_topology_new(arena, level, topology, err))
            return false;
        if (topology->vertex_count == vertex_count)
            return true;
    }
    return err_set(err, ERR_INPUT,
                   "head.glb: %d vertices are not those of a canvas: it is not the file that was "
                   "written",
                   vertex_count);
}

bool casefile_head_from_glb(Arena *arena, Arena *scratch, size_t size, const uint8_t bytes[],
                            HeadTopology *topology, Head *head, Err *err)
{
    Mesh mesh;
    Err cause = {0};
    const Vec3 centre_mm = HEAD_CENTRE_MM;
    size_t mark = arena_mark(scratch), own = arena_mark(arena);
    /* the mesh is only looked at: it goes to scratch, and what its reader needs to the arena */
    if (!mesh_from_bytes(scratch, arena, MESH_GLB, size, bytes, (MeshFiles){0}, &mesh, &cause))
        return err_set(err, cause.code, "head.glb: %.400s", cause.text);
    arena_rewind(arena, own);
    if (!topology_of(arena, mesh.vertex_count, topology, err))
        return false;
    double *radius_mm = ARENA_NEW(arena, double, (size_t)mesh.vertex_count);
    if (radius_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", mesh.vertex_count);
    for (int v = 0; v < mesh.vertex_count; v++) {
        Vec3 arm = vec_sub(vec_scale(mesh.position[v], mesh.unit_mm), centre_mm);
        radius_mm[v] = vec_dot(arm, topology->direction[v]);
        if (!(vec_distance(arm, vec_scale(topology->direction[v], radius_mm[v])) < off_canvas_mm) ||
            !(radius_mm[v] > 1.0 && radius_mm[v] < 1000.0))
            return err_set(err, ERR_INPUT, "head.glb: vertex %d lies off the canvas", v);
    }
    arena_rewind(scratch, mark);
    return head_new(arena, topology, radius_mm, head, err);
}

/* Reads a file of the case and notes when it is not as it was written. */
static bool open_file(Arena *scratch, const char *folder, const char *name, size_t limit_bytes,
                      CaseRead *read, size_t *size, uint8_t **bytes, Err *err)
{
    char path[IO_PATH_LIMIT], hex[65];
    if (!io_join(path, folder, name, err) ||
        !io_read_file(scratch, path, limit_bytes, size, bytes, err))
        return false;
    sha256_hex(*size, *bytes, hex);
    for (int i = 0; i < read->record.document_count; i++)
        if (strcmp(read->record.document[i].name, name) == 0 &&
            strcmp(read->record.document[i].sha256, hex) != 0 &&
            read->edited_count < CASE_DOCUMENTS)
            snprintf(read->edited[read->edited_count++], sizeof read->edited[0], "%s", name);
    return true;
}

/* A design of the second format never holds edges: then layout.json is missing. */
static bool is_first_format(size_t size, const char *design)
{
    Node root;
    int version;
    Err none = {0};
    bool first = node_open("design", 1, size, design, &root, &version, &none);
    if (first)
        node_close(&root);
    return first;
}

static bool read_record(Arena *arena, Arena *scratch, const char *folder, CaseRead *read, Err *err)
{
    size_t case_size, size;
    uint8_t *plan, *layout, *design;
    const char *edges = "layout.json";
    Err old = {0};
    if (!open_file(scratch, folder, "case.json", JSON_LIMIT, read, &case_size, &plan, err))
        return false;
    if (!open_file(scratch, folder, edges, JSON_LIMIT, read, &size, &layout, err)) {
        edges = "design.json"; /* of the first cases */
        if (!open_file(scratch, folder, edges, JSON_LIMIT, read, &size, &layout, &old) ||
            !is_first_format(size, (const char *)layout))
            return false;
    }
    if (!casefile_record_from_json(arena, case_size, (const char *)plan, size, (const char *)layout,
                                   &read->record, err))
        return false;
    /* once more, now that their digests are known */
    return open_file(scratch, folder, edges, JSON_LIMIT, read, &size, &layout, err) &&
           (strcmp(edges, "design.json") == 0 ||
            open_file(scratch, folder, "design.json", JSON_LIMIT, read, &size, &design, err));
}

static bool read_head(Arena *arena, Arena *scratch, const char *folder, CaseRead *read, Err *err)
{
    size_t size;
    uint8_t *bytes;
    return open_file(scratch, folder, "head.glb", GLB_LIMIT, read, &size, &bytes, err) &&
           casefile_head_from_glb(arena, scratch, size, bytes, &read->topology, &read->head, err);
}

static bool read_tables(Arena *arena, Arena *scratch, const char *folder, CaseRead *read, Err *err)
{
    size_t size;
    uint8_t *bytes;
    if (!open_file(scratch, folder, "dots.csv", CSV_LIMIT, read, &size, &bytes, err) ||
        !casefile_dots_from_csv(arena, size, (const char *)bytes, &read->dots, err) ||
        !open_file(scratch, folder, "field.csv", CSV_LIMIT, read, &size, &bytes, err) ||
        !casefile_field_from_csv(arena, read->topology.vertex_count, size, (const char *)bytes,
                                 &read->field, err))
        return false;
    return read->record.fixed_count == 0 ||
           (open_file(scratch, folder, "fixed.csv", CSV_LIMIT, read, &size, &bytes, err) &&
            casefile_fixed_from_csv(arena, size, (const char *)bytes, &read->fixed_count,
                                    &read->fixed, err));
}

bool casefile_read(Arena *arena, Arena *scratch, const char *folder, CaseRead *read, Err *err)
{
    size_t mark = arena_mark(scratch);
    *read = (CaseRead){0};
    bool ok = read_record(arena, scratch, folder, read, err);
    arena_rewind(scratch, mark);
    ok = ok && read_head(arena, scratch, folder, read, err);
    arena_rewind(scratch, mark);
    ok = ok && read_tables(arena, scratch, folder, read, err);
    arena_rewind(scratch, mark);
    read->head.topology = &read->topology;
    return ok;
}
