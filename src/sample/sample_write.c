#include "sample/sample_internal.h"

#include "base/io.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const tone_names[SAMPLE_TONES] = {"very-light", "light", "intermediate",
                                                     "tan",        "brown", "dark"};
static const char *const landmark_names[HEAD_LANDMARKS] = {"glabella", "tragion_left",
                                                           "tragion_right", "vertex", "inion"};

/* Numbers are rounded to a thousandth: more digits would be noise that differs between machines. */
static json_t *number(double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.3f", value);
    return json_real(strtod(text, NULL) + 0.0);
}

static json_t *point(Vec3 p)
{
    return json_pack("[o,o,o]", number(p.x), number(p.y), number(p.z));
}

static json_t *points(int count, const Vec3 p[])
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, point(p[i]));
    return list;
}

static json_t *truth(const Sample *sample)
{
    json_t *landmarks = json_object();
    for (int i = 0; i < HEAD_LANDMARKS; i++)
        json_object_set_new(landmarks, landmark_names[i], point(sample->landmark_mm[i]));
    Lab lab = sample->tone.lab;
    json_t *root = json_pack(
        "{s:s, s:i, s:I, s:s, s:i, s:o, s:{s:o, s:o, s:o}, s:{s:[o,o,o], s:o}, s:{s:i, s:o, s:o}, "
        "s:o}",
        "schema", "follicle/truth", "version", 1, "seed", (json_int_t)sample->params.seed, "skin",
        tone_names[sample->params.tone], "norwood", sample->params.norwood, "landmarks_mm",
        landmarks, "head", "circumference_mm", number(sample->circumference_mm), "length_mm",
        number(sample->length_mm), "breadth_mm", number(sample->breadth_mm), "tone", "lab",
        number(lab.L), number(lab.a), number(lab.b), "ita_deg", number(sample->tone.ita_deg),
        "follicles", "count", sample->follicle_count, "full_units_per_cm2",
        number(sample->follicles_per_cm2), "hair_darkness", number(sample->hair_darkness),
        "bald_cm2", number(sample->bald_mm2 / 100.0));
    if (root != NULL && sample->scar_point_count > 0)
        json_object_set_new(root, "scar",
                            json_pack("{s:o, s:o}", "width_mm", number(sample->scar_width_mm),
                                      "points_mm",
                                      points(sample->scar_point_count, sample->scar_mm)));
    if (root != NULL && sample->patch_point_count > 0)
        json_object_set_new(
            root, "patch",
            json_pack("{s:o}", "outline_mm", points(sample->patch_point_count, sample->patch_mm)));
    return root;
}

static bool write_truth(const Sample *sample, const char *folder, Err *err)
{
    char path[IO_PATH_LIMIT];
    json_t *root = truth(sample);
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(root);
    if (text == NULL)
        return err_set(err, ERR_LIMIT, "no room for truth.json");
    bool ok =
        io_join(path, folder, "truth.json", err) && io_write_file(path, strlen(text), text, err);
    free(text);
    return ok;
}

static bool write_follicles(Arena *scratch, const Sample *sample, const char *folder, Err *err)
{
    enum { ROW_BYTES = 96 };
    char path[IO_PATH_LIMIT];
    size_t mark = arena_mark(scratch), used = 0,
           room = ((size_t)sample->follicle_count + 1) * ROW_BYTES;
    char *text = ARENA_NEW(scratch, char, room);
    if (text == NULL)
        return err_set(err, ERR_LIMIT,
                       "no room for the list of %d follicles within the memory limit",
                       sample->follicle_count);
    used += (size_t)snprintf(text, room, "x_mm,y_mm,z_mm,hairs,hair_diameter_mm,heading_rad\n");
    for (int i = 0; i < sample->follicle_count; i++) {
        const SampleFollicle *f = &sample->follicle[i];
        used += (size_t)snprintf(text + used, room - used, "%.3f,%.3f,%.3f,%d,%.4f,%.3f\n",
                                 f->position_mm.x, f->position_mm.y, f->position_mm.z, f->hairs,
                                 f->hair_diameter_mm, f->heading_rad);
    }
    bool ok = io_join(path, folder, "follicles.csv", err) && io_write_file(path, used, text, err);
    arena_rewind(scratch, mark);
    return ok;
}

bool sample_write(Arena *arena, Arena *scratch, const Sample *sample, const char *folder, Err *err)
{
    char path[IO_PATH_LIMIT];
    size_t size, mark = arena_mark(scratch);
    uint8_t *bytes;
    bool ok = mesh_to_glb(arena, scratch, &sample->bust, sample->normal, 1e-3, 0, NULL, &size,
                          &bytes, err) &&
              io_join(path, folder, "scan.glb", err) && io_write_file(path, size, bytes, err);
    arena_rewind(scratch, mark);
    return ok && write_truth(sample, folder, err) && write_follicles(scratch, sample, folder, err);
}
