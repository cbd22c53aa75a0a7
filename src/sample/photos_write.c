#include "sample/photos_internal.h"

#include "base/io.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const light_names[SAMPLE_LIGHTS] = {"daylight", "led", "tungsten", "mixed"};

/* More digits would be noise that differs between machines. */
static json_t *rounded(double value, int digits)
{
    char text[40];
    snprintf(text, sizeof text, "%.*f", digits, value);
    return json_real(strtod(text, NULL) + 0.0);
}

static json_t *px(const double p[2], int digits)
{
    return json_pack("[o,o]", rounded(p[0], digits), rounded(p[1], digits));
}

static json_t *vector(Vec3 v, int digits)
{
    return json_pack("[o,o,o]", rounded(v.x, digits), rounded(v.y, digits), rounded(v.z, digits));
}

static json_t *color(Rgb c)
{
    return vector(vec3((double)c.r, (double)c.g, (double)c.b), 5);
}

static json_t *matrix(const float m[3][3])
{
    json_t *rows = json_array();
    for (int i = 0; i < 3; i++)
        json_array_append_new(rows,
                              vector(vec3((double)m[i][0], (double)m[i][1], (double)m[i][2]), 5));
    return rows;
}

static bool write_json(json_t *root, const char *folder, const char *name, Err *err)
{
    char path[IO_PATH_LIMIT];
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(root);
    if (text == NULL)
        return err_set(err, ERR_LIMIT, "no room for %s", name);
    bool ok = io_join(path, folder, name, err) && io_write_file(path, strlen(text), text, err);
    free(text);
    return ok;
}

/* ---- photos.json: what a user clicked ---- */

static json_t *clicked(const Clicks *clicks, bool truth, const char *which)
{
    bool marks = strcmp(which, "marks") == 0;
    json_t *object = json_object();
    for (int i = 0; i < (marks ? SCENE_MARKS : CLICK_POINTS); i++) {
        const Click *click = marks ? &clicks->mark[i] : &clicks->point[i];
        char number[8];
        snprintf(number, sizeof number, "%d", i + 1);
        if (click->seen)
            json_object_set_new(object, marks ? number : click_name[i],
                                px(truth ? click->true_px : click->px, truth ? 4 : 2));
    }
    return object;
}

static json_t *outline(const Clicks *clicks, bool truth)
{
    json_t *list = json_array();
    for (int i = 0; i < clicks->outline_count; i++)
        json_array_append_new(
            list, px(truth ? clicks->outline[i].true_px : clicks->outline[i].px, truth ? 4 : 2));
    return list;
}

bool photos_write_clicks(const PhotoSet *set, const char *folder, Err *err)
{
    json_t *root = json_pack("{s:s, s:i}", "schema", "follicle/photos", "version", 1);
    json_t *list = json_array();
    if (set->strip != NULL)
        json_object_set_new(root, "strip_front_mm", json_integer(30));
    for (int i = 0; i < set->picture_count; i++) {
        const Picture *picture = &set->picture[i];
        json_t *entry = json_pack("{s:s, s:s}", "file", picture->file, "view", picture->view);
        if (picture->place != NULL)
            json_object_set_new(entry, "place", json_string(picture->place));
        else {
            json_object_set_new(entry, "clicks", clicked(&picture->clicks, false, "clicks"));
            json_object_set_new(entry, "outline", outline(&picture->clicks, false));
            json_object_set_new(entry, "marks", clicked(&picture->clicks, false, "marks"));
        }
        json_array_append_new(list, entry);
    }
    json_object_set_new(root, "photos", list);
    return write_json(root, folder, "photos.json", err);
}

/* ---- photos_truth.json ---- */

static json_t *camera_of(const Camera *camera)
{
    const Lens *lens = &camera->lens;
    const Pose *pose = &camera->pose;
    return json_pack("{s:i, s:i, s:o, s:[o,o], s:o, s:o, s:o, s:o, s:o}", "width_px",
                     lens->width_px, "height_px", lens->height_px, "focal_px",
                     rounded(lens->focal_px, 4), "centre_px", rounded(lens->centre_x_px, 4),
                     rounded(lens->centre_y_px, 4), "k1", rounded(lens->k1, 6), "right",
                     vector(pose->right, 9), "down", vector(pose->down, 9), "forward",
                     vector(pose->forward, 9), "eye_mm", vector(pose->eye_mm, 4));
}

static json_t *exposure_of(const Exposure *e)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "gain",
                     rounded(e->gain, 6), "balance", color(e->balance), "matrix",
                     matrix((const float(*)[3])e->matrix), "contrast", rounded(e->contrast, 4),
                     "sharpen", rounded(e->sharpen, 4), "blur_px", rounded(e->blur_px, 4),
                     "smear_px", rounded(e->smear_px, 4), "noise_a", rounded(e->noise_a, 9),
                     "noise_b", rounded(e->noise_b, 9), "vignette", rounded(e->vignette, 4));
}

static json_t *tags_in(const Picture *picture)
{
    json_t *list = json_array();
    for (int i = 0; i < picture->tag_count; i++) {
        const TagTruth *tag = &picture->tag[i];
        json_t *corners = json_array();
        for (int k = 0; k < 4; k++)
            json_array_append_new(corners, px(tag->corner_px[k], 4));
        json_array_append_new(list,
                              json_pack("{s:s, s:i, s:i, s:o, s:o}", "marker",
                                        marker_kind_name(tag->kind), "tag", tag->tag, "id", tag->id,
                                        "facing", rounded(tag->facing, 4), "corners_px", corners));
    }
    return list;
}

static json_t *picture_truth(const Picture *picture)
{
    json_t *entry = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "file", picture->file, "view",
                              picture->view, "camera", camera_of(&picture->camera), "exposure",
                              exposure_of(&picture->exposure), "px_per_mm",
                              rounded(picture->px_per_mm, 4), "tags", tags_in(picture));
    if (entry == NULL)
        return NULL;
    if (picture->visit < 0) {
        json_object_set_new(entry, "clicks", clicked(&picture->clicks, true, "clicks"));
        json_object_set_new(entry, "outline", outline(&picture->clicks, true));
        json_object_set_new(entry, "marks", clicked(&picture->clicks, true, "marks"));
    } else
        json_object_set_new(entry, "visit", json_string(visit_name[picture->visit]));
    if (picture->has_sheet)
        json_object_set_new(entry, "card",
                            json_pack("{s:s, s:o, s:o, s:o, s:o}", "marker",
                                      marker_kind_name(picture->sheet.marker->kind), "middle_mm",
                                      vector(picture->sheet.middle, 4), "x",
                                      vector(picture->sheet.x, 9), "y", vector(picture->sheet.y, 9),
                                      "normal", vector(picture->sheet.normal, 9)));
    return entry;
}

static json_t *lamps(const Room *room)
{
    json_t *list = json_array();
    for (int l = 0; l < ROOM_LOBES; l++)
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", l == 0 ? "room" : "lamp",
                            "towards", vector(room->lobe[l].towards, 6), "strength",
                            rounded(room->lobe[l].strength, 4), "power",
                            rounded(room->lobe[l].power, 2), "color", color(room->lobe[l].color)));
    return list;
}

static json_t *strip_of(const Strip *strip)
{
    json_t *knots = json_array();
    for (int k = 0; k < strip->count; k += 5)
        json_array_append_new(knots, vector(strip->knot[k], 3));
    return json_pack("{s:i, s:o, s:o, s:o, s:i, s:o}", "print_id", strip->marker->print_id,
                     "front_mm", vector(strip->front, 4), "axis", vector(strip->axis, 9),
                     "first_mm", rounded(strip->first_mm, 3), "knot_step_mm", 5, "knots_mm", knots);
}

bool photos_write_truth(const PhotoSet *set, const char *folder, Err *err)
{
    json_t *list = json_array(), *points = json_object(), *marks = json_object();
    for (int i = 0; i < set->picture_count; i++)
        json_array_append_new(list, picture_truth(&set->picture[i]));
    for (int i = 0; i < CLICK_POINTS; i++)
        json_object_set_new(points, click_name[i], vector(set->point[i], 4));
    for (int i = 0; i < SCENE_MARKS; i++) {
        char number[8];
        snprintf(number, sizeof number, "%d", i + 1);
        json_object_set_new(marks, number, vector(set->mark[i], 4));
    }
    json_t *root = json_pack("{s:s, s:i, s:s, s:s, s:o, s:o, s:o, s:o}", "schema",
                             "follicle/photos_truth", "version", 1, "phone", set->phone->camera,
                             "light", light_names[set->room->light], "lamps", lamps(set->room),
                             "points_mm", points, "marks_mm", marks, "photos", list);
    if (root != NULL && set->strip != NULL)
        json_object_set_new(root, "strip", strip_of(set->strip));
    return write_json(root, folder, "photos_truth.json", err);
}
