/* Every number of a design finite and in its range, every index in its array. */
#include "design/file_table.h"

#include <stdio.h>

static bool check_count(const char *what, int count, int most, Err *err)
{
    if (count >= 0 && count <= most)
        return true;
    return err_set(err, ERR_INPUT, "%s: %d are not within 0..%d", what, count, most);
}

static bool check_run(const char *part, const char *what, int first, int count, int of, Err *err)
{
    if (count >= 0 && first >= 0 && count <= of && first <= of - count)
        return true;
    return err_set(err, ERR_INPUT, "%s: %d %s from number %d are not within the %d there are", part,
                   count, what, first, of);
}

/* The points of a region's shapes, added up; a shape without points may point anywhere. */
static bool check_region_runs(const Design *design, int index, int *shapes, int *points, Err *err)
{
    char part[64];
    const DesignRegion *region = &design->region[index];
    snprintf(part, sizeof part, "regions[%d]", index);
    if (!check_run(part, "shapes", region->first_shape, region->shape_count, design->shape_count,
                   err))
        return false;
    *shapes += region->shape_count;
    for (int i = 0; i < region->shape_count; i++) {
        const DesignShape *shape = &design->shape[region->first_shape + i];
        snprintf(part, sizeof part, "regions[%d].shapes[%d]", index, i);
        if (shape->point_count != 0 && !check_run(part, "points", shape->first_point,
                                                  shape->point_count, design->point_count, err))
            return false;
        *points += shape->point_count;
    }
    return true;
}

static bool check_stroke_runs(const Design *design, int *points, Err *err)
{
    for (int i = 0; i < design->stroke_count; i++) {
        char part[64];
        snprintf(part, sizeof part, "strokes[%d]", i);
        if (!check_run(part, "points", design->stroke[i].first_point, design->stroke[i].point_count,
                       design->point_count, err))
            return false;
        *points += design->stroke[i].point_count;
    }
    return true;
}

bool design_check_indices(const Design *design, Err *err)
{
    int shapes = 0, points = 0;
    if (!check_count("regions", design->region_count, DESIGN_REGIONS, err) ||
        !check_count("shapes", design->shape_count, DESIGN_SHAPES, err) ||
        !check_count("strokes", design->stroke_count, DESIGN_STROKES, err) ||
        !check_count("points", design->point_count, DESIGN_POINTS, err) ||
        !check_count("confirmed", design->confirmed_count, DESIGN_CONFIRMED, err) ||
        !check_count("hairline.controls", design->hairline.control_count, DESIGN_CONTROLS, err) ||
        !check_count("growth.singularities", design->growth.singularity_count, GROWTH_SINGULARITIES,
                     err) ||
        !check_count("growth.strokes", design->growth.stroke_count, GROWTH_STROKES, err))
        return false;
    for (int i = 0; i < design->growth.stroke_count; i++)
        if (!check_count("growth.strokes: points", design->growth.stroke[i].point_count,
                         GROWTH_STROKE_POINTS, err))
            return false;
    for (int i = 0; i < design->region_count; i++)
        if (!check_region_runs(design, i, &shapes, &points, err))
            return false;
    return check_stroke_runs(design, &points, err) &&
           check_count("shapes of all regions", shapes, DESIGN_SHAPES, err) &&
           check_count("points of all shapes and strokes", points, DESIGN_POINTS, err);
}

static bool check_place(const char *part, int index, DesignPlace place, Err *err)
{
    double square = place.u * place.u + place.v * place.v;
    if (square <= FILE_CHART_REACH * FILE_CHART_REACH)
        return true;
    return err_set(err, ERR_INPUT,
                   "%s: point %d at (%g, %g) of the chart is not within %g of its middle", part,
                   index, place.u, place.v, FILE_CHART_REACH);
}

static bool check_places(const char *part, int count, const DesignPlace place[], Err *err)
{
    for (int i = 0; i < count; i++)
        if (!check_place(part, i, place[i], err))
            return false;
    return true;
}

/* A line has its two peaks, two fronto-temporal points and a middle between these. A front that is
 * neither drawn nor known has no controls. */
static bool check_hairline(const DesignHairline *line, Err *err)
{
    int count = line->control_count, middle = count / 2;
    if (!file_check("hairline", line, &file_hairline, err))
        return false;
    if (count == 0 && !line->drawn)
        return true;
    if (count < 5 || count % 2 == 0)
        return err_set(err, ERR_INPUT, "hairline.controls: %d are no odd number within 5..%d",
                       count, DESIGN_CONTROLS);
    if (line->temple[0] < 1 || line->temple[0] >= middle || line->temple[1] <= middle ||
        line->temple[1] > count - 2)
        return err_set(err, ERR_INPUT,
                       "hairline.controls: the temples, %d and %d of 0..%d, are not between an end "
                       "and the middle",
                       line->temple[0], line->temple[1], count - 1);
    return check_places("hairline.controls", count, line->control, err);
}

static bool check_shape(const Design *design, const char *part, const DesignShape *shape, Err *err)
{
    if (!file_check(part, shape, &file_shape, err) ||
        (file_has_width(shape->kind) && !file_check(part, shape, &file_shape_width, err)) ||
        (file_has_height(shape->kind) && !file_check(part, shape, &file_shape_height, err)))
        return false;
    int latest = shape->kind == DESIGN_NORWOOD_STAGE ? 7 : 3;
    if (file_is_stage(shape->kind) && (shape->stage < 1 || shape->stage > latest))
        return err_set(err, ERR_INPUT, "%s.stage of %d is not within 1..%d", part, shape->stage,
                       latest);
    int least = file_least_points(shape->kind);
    if (shape->point_count < least || (least == 0 && shape->point_count > 0))
        return err_set(err, ERR_INPUT, "%s: %d points are not what '%s' needs: %s%d", part,
                       shape->point_count, design_shape_name(shape->kind),
                       least > 0 ? "at least " : "", least);
    return least == 0 ||
           check_places(part, shape->point_count, &design->point[shape->first_point], err);
}

static bool check_text(const char *part, size_t capacity, const char text[], Err *err)
{
    return file_is_text(capacity, text) ||
           err_set(err, ERR_INPUT, "%s is no line of text below %zu bytes", part, capacity);
}

static bool check_region(const Design *design, int index, Err *err)
{
    char part[64];
    const DesignRegion *region = &design->region[index];
    snprintf(part, sizeof part, "regions[%d]", index);
    if (!check_text(part, sizeof region->name, region->name, err) ||
        !file_check(part, region, &file_region, err))
        return false;
    if (region->shape_count < 1)
        return err_set(err, ERR_INPUT, "%s has no shape", part);
    for (int i = 0; i < region->shape_count; i++) {
        snprintf(part, sizeof part, "regions[%d].shapes[%d]", index, i);
        if (!check_shape(design, part, &design->shape[region->first_shape + i], err))
            return false;
    }
    return true;
}

static bool check_stroke(const Design *design, int index, Err *err)
{
    char part[64];
    const DesignStroke *stroke = &design->stroke[index];
    snprintf(part, sizeof part, "strokes[%d]", index);
    if (stroke->point_count < 1)
        return err_set(err, ERR_INPUT, "%s has no point", part);
    return file_check(part, stroke, &file_stroke, err) &&
           check_places(part, stroke->point_count, &design->point[stroke->first_point], err);
}

static bool check_client(const DesignClient *client, Err *err)
{
    const int answer[] = {(int)client->active_loss, (int)client->patch_test_passed,
                          (int)client->keloid, (int)client->skin_disease,
                          (int)client->straight_wanted};
    for (size_t i = 0; i < sizeof answer / sizeof answer[0]; i++)
        if (answer[i] < DESIGN_UNKNOWN || answer[i] > DESIGN_YES)
            return err_set(err, ERR_INPUT, "client: answer %zu of %d is not within 0..2", i,
                           answer[i]);
    if ((int)client->sex < DESIGN_SEX_UNKNOWN || client->sex > DESIGN_FEMALE)
        return err_set(err, ERR_INPUT, "client.sex of %d is not within 0..2", (int)client->sex);
    return file_check("client", client, &file_client, err);
}

static bool check_confirmed(const Design *design, Err *err)
{
    for (int i = 0; i < design->confirmed_count; i++) {
        char part[64];
        snprintf(part, sizeof part, "confirmed[%d]", i);
        if (!check_text(part, sizeof design->confirmed[i], design->confirmed[i], err))
            return false;
        if (design->confirmed[i][0] == '\0')
            return err_set(err, ERR_INPUT, "%s names no rule", part);
    }
    return true;
}

bool design_check(const Design *design, Err *err)
{
    if (!design_check_indices(design, err) ||
        !check_text("title", sizeof design->title, design->title, err) ||
        !check_text("preset", sizeof design->preset, design->preset, err) ||
        !check_hairline(&design->hairline, err) ||
        !file_check("density", &design->density, &file_density, err))
        return false;
    for (int i = 0; i < design->region_count; i++)
        if (!check_region(design, i, err))
            return false;
    for (int i = 0; i < design->stroke_count; i++)
        if (!check_stroke(design, i, err))
            return false;
    return file_check_marks(&design->marks, err) && growth_check(&design->growth, err) &&
           check_client(&design->client, err) && check_confirmed(design, err);
}
