/* What a design rests on, read back from a case folder. */
#include "casefile/casefile_internal.h"

#include "base/io.h"
#include "base/node.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FILE_LIMIT = 256 << 20 };

static bool read_named(Arena *scratch, const char *folder, const char *name, size_t *size,
                       uint8_t **bytes, Err *err)
{
    char path[IO_PATH_LIMIT];
    return io_join(path, folder, name, err) &&
           io_read_file(scratch, path, FILE_LIMIT, size, bytes, err);
}

static bool open_named(Arena *scratch, const char *folder, const char *document, Node *root,
                       Err *err)
{
    char name[64];
    size_t size;
    uint8_t *bytes;
    int version;
    snprintf(name, sizeof name, "%s.json", document);
    return read_named(scratch, folder, name, &size, &bytes, err) &&
           node_open(document, casefile_version(document), size, (const char *)bytes, root,
                     &version, err);
}

static bool read_point(const Node *parent, const char *key, Vec3 *point)
{
    Node list, number;
    double value[3];
    int count;
    if (!node_list(parent, key, 3, &list, &count))
        return false;
    for (int k = 0; k < 3; k++)
        if (!node_item(&list, k, &number) || !node_is_number(&number, -1000.0, 1000.0, &value[k]))
            return false;
    *point = vec3(value[0], value[1], value[2]);
    return true;
}

/* Cases of before the design was a document do not say where the landmarks are. */
static bool read_landmarks(const Node *root, CaseCanvas *canvas)
{
    Node list;
    if (!node_has(root, "landmarks_mm"))
        return node_refuse(root, "holds no landmarks_mm: the case was made by an older program; "
                                 "make it again with 'follicle plan --design=CASE/design.json'");
    if (!node_child(root, "landmarks_mm", &list))
        return false;
    for (int i = 0; i < HEAD_LANDMARKS; i++) {
        const char *name = case_landmark_name((HeadLandmark)i);
        bool needed = i <= HEAD_INION;
        if ((needed || node_has(&list, name)) &&
            !read_point(&list, name, &canvas->head.landmark_mm[i]))
            return false;
    }
    return true;
}

static bool read_assessment(Arena *scratch, const char *folder, CaseCanvas *canvas, Err *err)
{
    Node root, hair, density;
    HairInterval *full = &canvas->survey.hair_per_cm2;
    if (!open_named(scratch, folder, "assessment", &root, err))
        return false;
    bool ok = read_landmarks(&root, canvas) && node_child(&root, "hair", &hair) &&
              node_child(&hair, "full_density_per_cm2", &density) &&
              node_number(&density, "low", 1.0, 1000.0, &full->low) &&
              node_number(&density, "expected", 1.0, 1000.0, &full->expected) &&
              node_number(&density, "high", 1.0, 1000.0, &full->high);
    node_close(&root);
    return ok;
}

static bool read_hair(Arena *arena, Arena *scratch, const char *folder, CaseCanvas *canvas,
                      Err *err)
{
    size_t size;
    uint8_t *bytes;
    CaseField field;
    int n = canvas->topology.vertex_count;
    canvas->survey.cover = ARENA_NEW(arena, double, (size_t)n);
    if (canvas->survey.cover == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", n);
    if (!read_named(scratch, folder, "field.csv", &size, &bytes, err) ||
        !casefile_field_from_csv(scratch, n, size, (const char *)bytes, &field, err))
        return false;
    for (int v = 0; v < n; v++) {
        double cover = field.hair_per_mm2[v] * 100.0 / canvas->survey.hair_per_cm2.expected;
        canvas->survey.cover[v] = fmin(cover, 1.0);
        canvas->survey.has_stubble = canvas->survey.has_stubble || cover > 0.0;
        canvas->survey.stubble_mm2 += canvas->survey.cover[v] * canvas->head.area_mm2[v];
    }
    return true;
}

static bool read_record(Arena *scratch, const char *folder, CaseCanvas *canvas, Err *err)
{
    static const char no_edges[] = "{\"schema\": \"follicle/layout\", \"version\": 1}";
    size_t size;
    uint8_t *bytes;
    CaseRecord *record = ARENA_NEW(scratch, CaseRecord, 1);
    if (record == NULL)
        return err_set(err, ERR_LIMIT, "no room for the record of a case");
    if (!read_named(scratch, folder, "case.json", &size, &bytes, err) ||
        !casefile_record_from_json(scratch, size, (const char *)bytes, sizeof no_edges - 1,
                                   no_edges, record, err))
        return false;
    canvas->healed_diameter_mm = record->healed_diameter_mm;
    canvas->growth_years = record->growth_years;
    canvas->ageing = record->ageing;
    canvas->session_count = record->session_count;
    memcpy(canvas->share, record->share, sizeof canvas->share);
    return true;
}

/* What the healed state was judged to be. */
static bool read_visibility(Arena *scratch, const char *folder, CaseCanvas *canvas, Err *err)
{
    Node root, list, state;
    char name[32];
    int count;
    canvas->treated_darkening = canvas->step_distance_m = -1.0;
    if (!open_named(scratch, folder, "visibility", &root, err))
        return false;
    bool ok = node_list(&root, "states", 64, &list, &count);
    for (int i = 0; i < count && ok; i++) {
        ok = node_item(&list, i, &state) && node_text(&state, "state", sizeof name, name);
        if (!ok || strcmp(name, "healed") != 0)
            continue;
        ok = node_number(&state, "luminance_cd_m2", 0.0, 1e6, &canvas->luminance_cd_m2) &&
             node_number(&state, "mean_darkening", 0.0, 1.0, &canvas->treated_darkening);
        if (ok && node_has(&state, "step_distance_m"))
            ok = node_number(&state, "step_distance_m", 0.0, 1e6, &canvas->step_distance_m);
    }
    node_close(&root);
    return ok;
}

static bool read_design(Arena *scratch, const char *folder, CaseCanvas *canvas, Err *err)
{
    size_t size;
    uint8_t *bytes;
    return read_named(scratch, folder, "design.json", &size, &bytes, err) &&
           design_from_json(size, (const char *)bytes, &canvas->design, err);
}

bool casefile_canvas_read(Arena *arena, Arena *scratch, const char *folder, CaseCanvas *canvas,
                          Err *err)
{
    size_t size, mark = arena_mark(scratch);
    uint8_t *bytes;
    *canvas = (CaseCanvas){0};
    bool ok =
        read_named(scratch, folder, "head.glb", &size, &bytes, err) &&
        casefile_head_from_glb(arena, scratch, size, bytes, &canvas->topology, &canvas->head, err);
    canvas->head.topology = &canvas->topology;
    ok = ok && read_assessment(scratch, folder, canvas, err) &&
         read_hair(arena, scratch, folder, canvas, err) &&
         read_record(scratch, folder, canvas, err) &&
         read_visibility(scratch, folder, canvas, err) && read_design(scratch, folder, canvas, err);
    arena_rewind(scratch, mark);
    return ok;
}
