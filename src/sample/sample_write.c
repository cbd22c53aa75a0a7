#include "sample/sample_internal.h"

#include "base/io.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const tone_names[SAMPLE_TONES] = {"very-light", "light", "intermediate",
                                                     "tan",        "brown", "dark"};
static const char *const landmark_names[HEAD_POSE_LANDMARKS] = {"glabella", "tragion_left",
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

/* The same places in the unit of scan.glb, metres, to a hundredth of a millimetre. */
static json_t *points_m(int count, const Vec3 p[])
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        const double mm[3] = {p[i].x, p[i].y, p[i].z};
        json_t *place = json_array();
        for (int k = 0; k < 3; k++)
            json_array_append_new(place, json_real(round(mm[k] * 100.0) / 1e5 + 0.0));
        json_array_append_new(list, place);
    }
    return list;
}

static json_t *landmarks(const Sample *sample)
{
    json_t *object = json_object();
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++)
        json_object_set_new(object, landmark_names[i], point(sample->landmark_mm[i]));
    return object;
}

static json_t *landmarks_m(const Sample *sample)
{
    json_t *object = json_object(), *list = points_m(HEAD_POSE_LANDMARKS, sample->landmark_mm);
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++)
        json_object_set(object, landmark_names[i], json_array_get(list, (size_t)i));
    json_decref(list);
    return object;
}

static json_t *hair(const Sample *sample)
{
    double hairs = 0.0, diameter_mm = 0.0;
    for (int i = 0; i < sample->follicle_count; i++) {
        hairs += sample->follicle[i].hairs;
        diameter_mm += sample->follicle[i].hairs * sample->follicle[i].hair_diameter_mm;
    }
    return json_pack("{s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "units", sample->follicle_count,
                     "hairs", (json_int_t)hairs, "full_units_per_cm2",
                     number(sample->follicles_per_cm2), "full_hairs_per_cm2",
                     number(sample->hairs_per_cm2), "mean_diameter_mm",
                     number(diameter_mm / fmax(hairs, 1.0)), "stubble_mm",
                     number(sample->params.stubble_mm), "darkness", number(sample->hair_darkness));
}

static json_t *skin(const Sample *sample)
{
    Lab lab = sample->tone.lab;
    return json_pack("{s:s, s:[o,o,o], s:o, s:s}", "tone", tone_names[sample->params.tone], "lab",
                     number(lab.L), number(lab.a), number(lab.b), "ita_deg",
                     number(sample->tone.ita_deg), "class", color_ita_class(sample->tone.ita_deg));
}

static json_t *truth(const Sample *sample)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, sample->params.seed);
    json_t *root = json_pack(
        "{s:s, s:i, s:s, s:{s:s, s:o}, s:i, s:o, s:o, s:{s:o, s:o, s:o}, s:o, s:o, s:{s:o, s:o, "
        "s:o}}",
        "schema", "follicle/truth", "version", 1, "seed", seed, "scan", "name", "scan.glb",
        "mm_per_unit", number(1000.0), "norwood", sample->params.norwood, "landmarks_mm",
        landmarks(sample), "landmarks_m", landmarks_m(sample), "head", "circumference_mm",
        number(sample->circumference_mm), "length_mm", number(sample->length_mm), "breadth_mm",
        number(sample->breadth_mm), "skin", skin(sample), "hair", hair(sample), "area", "scalp_cm2",
        number(sample->scalp_mm2 / 100.0), "bald_cm2", number(sample->bald_mm2 / 100.0),
        "stubble_cm2", number(sample->stubble_mm2 / 100.0));
    if (root != NULL && sample->params.ludwig > 0)
        json_object_set_new(root, "ludwig", json_integer(sample->params.ludwig));
    if (root != NULL && sample->params.total_loss)
        json_object_set_new(root, "total_loss", json_true());
    if (root != NULL && sample->scar_point_count > 0)
        json_object_set_new(root, "scar",
                            json_pack("{s:o, s:o, s:o}", "width_mm", number(sample->scar_width_mm),
                                      "points_mm",
                                      points(sample->scar_point_count, sample->scar_mm), "points_m",
                                      points_m(sample->scar_point_count, sample->scar_mm)));
    if (root != NULL && sample->patch_point_count > 0)
        json_object_set_new(
            root, "patch",
            json_pack("{s:o, s:o, s:o}", "area_cm2", number(sample->patch_mm2 / 100.0),
                      "outline_mm", points(sample->patch_point_count, sample->patch_mm),
                      "outline_m", points_m(sample->patch_point_count, sample->patch_mm)));
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
    used += (size_t)snprintf(text, room,
                             "x_mm,y_mm,z_mm,hairs,hair_diameter_mm,heading_rad,lift_rad\n");
    for (int i = 0; i < sample->follicle_count; i++) {
        const SampleFollicle *f = &sample->follicle[i];
        used += (size_t)snprintf(text + used, room - used, "%.3f,%.3f,%.3f,%d,%.4f,%.3f,%.3f\n",
                                 f->position_mm.x, f->position_mm.y, f->position_mm.z, f->hairs,
                                 f->hair_diameter_mm, f->heading_rad, f->lift_rad);
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
