#include "cli/design_change.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void design_note(DesignWork *work, const char *fmt, ...)
{
    char text[EDIT_WHAT];
    va_list list;
    va_start(list, fmt);
    vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    size_t length = strlen(work->what);
    snprintf(work->what + length, sizeof work->what - length, "%s%s", length > 0 ? "; " : "", text);
}

/* ---- edits ---- */

static bool place_of(DesignWork *work, const char *option, const char *text, double uv[2], Err *err)
{
    Vec3 point;
    int count;
    if (!design_input_points(text, 1, &point, &count))
        return err_set(err, ERR_INPUT, "--%s=%.60s is no point X,Y,Z", option, text);
    head_chart(vec_normalize(vec_sub(point, work->canvas.head.centre_mm)), uv);
    return true;
}

static bool add_strokes(DesignWork *work, Err *err)
{
    Design *design = &work->design;
    Vec3 point[DESIGN_OUTLINE_POINTS];
    const char *text;
    int count;
    for (int i = 0; (text = cli_repeated(work->args, "brush", i)) != NULL; i++) {
        if (!design_input_points(text, DESIGN_OUTLINE_POINTS, point, &count))
            return err_set(err, ERR_INPUT, "--brush=%.60s is not up to %d points X,Y,Z", text,
                           DESIGN_OUTLINE_POINTS);
        if (design->stroke_count == DESIGN_STROKES || design->point_count + count > DESIGN_POINTS)
            return err_set(err, ERR_LIMIT, "the design has no room for another brush stroke");
        design->stroke[design->stroke_count++] =
            (DesignStroke){.width_mm = cli_number(work->args, "brush-width-mm", 20.0),
                           .amount = cli_number(work->args, "brush-amount", -0.5),
                           .first_point = design->point_count,
                           .point_count = count};
        for (int k = 0; k < count; k++) {
            double uv[2];
            head_chart(vec_normalize(vec_sub(point[k], work->canvas.head.centre_mm)), uv);
            design->point[design->point_count++] = (DesignPlace){uv[0], uv[1]};
        }
        design_note(work, "brush stroke");
    }
    return true;
}

static bool change_growth(DesignWork *work, Err *err)
{
    Growth *growth = &work->design.growth;
    const char *whorl = cli_text(work->args, "whorl", NULL), *text;
    const char *second = cli_text(work->args, "second-whorl", NULL);
    double uv[2];
    if (whorl != NULL) {
        if (!place_of(work, "whorl", whorl, uv, err))
            return false;
        memcpy(growth->singularity[0].uv, uv, sizeof uv);
        design_note(work, "whorl moved");
    }
    if (second != NULL) {
        if (!place_of(work, "second-whorl", second, uv, err))
            return false;
        if (!growth_add_whorl(growth, uv, growth->singularity[0].clockwise))
            return err_set(err, ERR_LIMIT, "the growth has no room for another whorl");
        design_note(work, "second whorl");
    }
    for (int i = 0; (text = cli_repeated(work->args, "growth", i)) != NULL; i++) {
        Vec3 point[GROWTH_STROKE_POINTS];
        GrowthStroke stroke = {.width_mm = 20.0, .strength = 1.0};
        if (!design_input_points(text, GROWTH_STROKE_POINTS, point, &stroke.point_count) ||
            stroke.point_count < 2)
            return err_set(err, ERR_INPUT, "--growth=%.60s is not 2 to %d points X,Y,Z", text,
                           GROWTH_STROKE_POINTS);
        if (growth->stroke_count == GROWTH_STROKES)
            return err_set(err, ERR_LIMIT, "the growth has no room for another stroke");
        for (int k = 0; k < stroke.point_count; k++)
            head_chart(vec_normalize(vec_sub(point[k], work->canvas.head.centre_mm)), stroke.uv[k]);
        growth->stroke[growth->stroke_count++] = stroke;
        design_note(work, "growth stroke");
    }
    return true;
}

static bool change_hairline(DesignWork *work, Err *err)
{
    const CliArgs *args = work->args;
    DesignHairline *line = &work->design.hairline;
    const char *mirror = cli_text(args, "mirror", NULL);
    if (cli_has(args, "raise-mm")) {
        double by_mm = cli_number(args, "raise-mm", 0.0);
        if (!hairline_raise(&work->canvas.head, &work->design, by_mm, err))
            return false;
        design_note(work, "hairline %s by %g mm", by_mm < 0.0 ? "lowered" : "raised", fabs(by_mm));
    }
    if (mirror != NULL) {
        bool left = strcmp(mirror, "left") == 0;
        if (!left && strcmp(mirror, "right") != 0)
            return err_set(err, ERR_INPUT, "--mirror=%.40s is neither left nor right", mirror);
        hairline_mirror(&work->design, left ? 0 : 1,
                        cli_number(args, "asymmetry-mm", line->asymmetry_mm));
        design_note(work, "hairline mirrored from the %s", mirror);
    }
    static const char *const number[] = {"transition-mm", "irregularity-mm", "asymmetry-mm",
                                         "density-per-cm2"};
    double *value[] = {&line->transition_mm, &line->micro_mm, &line->asymmetry_mm,
                       &work->design.density.full_per_cm2};
    for (int i = 0; i < 4; i++)
        if (cli_has(args, number[i])) {
            *value[i] = cli_number(args, number[i], 0.0);
            design_note(work, "%s %g", number[i], *value[i]);
        }
    return true;
}

/* Another construction, form or sideburn draws the line anew; a front changes its figures. */
static bool redraw_hairline(DesignWork *work, Err *err)
{
    static const char *const anew[] = {"construction", "form", "sideburn", "hairline-height-mm",
                                       "old-line"};
    const CliArgs *args = work->args;
    bool redraw = false;
    DesignRequest *request = ARENA_NEW(&work->arena, DesignRequest, 1);
    if (request == NULL)
        return err_set(err, ERR_LIMIT, "no room for a hairline");
    design_request_default(request);
    request->pattern = DESIGN_NORWOOD; /* any: only the line is taken */
    request->hairline = work->design.hairline;
    request->client = work->design.client;
    for (size_t i = 0; i < sizeof anew / sizeof anew[0]; i++)
        if (cli_has(args, anew[i])) {
            redraw = true;
            design_note(work, "%s %.40s", anew[i], cli_text(args, anew[i], ""));
        }
    if (!design_input_hairline(args, request))
        return err_set(err, ERR_INPUT, "an option of the hairline cannot be read");
    if (redraw &&
        !hairline_propose(&work->scratch, &work->canvas.head, request, &work->design, err))
        return false;
    if (cli_has(args, "front")) {
        design_front_style(request->hairline.front, &work->design.hairline);
        design_note(work, "front %s", cli_text(args, "front", ""));
    }
    return true;
}

/* Regions by hand; points in the head frame. */
static bool add_regions(DesignWork *work, Err *err)
{
    DesignRequest *request = ARENA_NEW(&work->arena, DesignRequest, 1);
    if (request == NULL)
        return err_set(err, ERR_LIMIT, "no room for regions");
    if (!design_input_regions(work->args, request))
        return err_set(err, ERR_INPUT, "a region cannot be read");
    for (int i = 0; i < request->drawn_count; i++) {
        if (!design_add_drawn(&work->canvas.head, &request->drawn[i], &work->design, err))
            return false;
        design_note(work, "%s added", design_zone_name(request->drawn[i].zone));
    }
    return true;
}

static bool confirm(DesignWork *work, Err *err)
{
    int before = work->design.confirmed_count;
    if (!design_input_confirm(work->args, &work->rules, &work->design.confirmed_count,
                              work->design.confirmed, err))
        return false;
    for (int i = before; i < work->design.confirmed_count; i++)
        design_note(work, "confirmed %s", work->design.confirmed[i]);
    return true;
}

/* A new proposal on this head, from a preset or a stage. */
static bool propose(DesignWork *work, Err *err)
{
    const char *name = cli_text(work->args, "preset", NULL);
    DesignPreset *preset = ARENA_NEW(&work->arena, DesignPreset, 1);
    if (preset == NULL)
        return err_set(err, ERR_LIMIT, "no room for a preset");
    design_request_default(&preset->request);
    if (name != NULL && !design_input_preset(&work->arena, name, preset, err))
        return false;
    preset->request.client = work->design.client;
    preset->request.seed = work->design.seed;
    if (!design_input(work->args, &preset->request) || !design_input_covers(&preset->request))
        return err_set(err, ERR_INPUT, "the options of the recipe cannot be read");
    design_note(work, "proposed anew: %s", name != NULL ? name : "stage");
    return design_propose(&work->scratch, &work->canvas.head, &preset->request, &work->design, err);
}

bool design_change(DesignWork *work, Err *err)
{
    const CliArgs *args = work->args;
    DesignClient client = work->design.client;
    DesignMarks marks = work->design.marks;
    bool anew = cli_has(args, "preset") || cli_has(args, "norwood") || cli_has(args, "ludwig") ||
                cli_has(args, "bare");
    if (anew && !propose(work, err))
        return false;
    if (!design_input_client(args, &work->design.client) ||
        !design_input_marks(args, &work->design.marks))
        return err_set(err, ERR_INPUT, "an answer about the client cannot be read");
    if (memcmp(&client, &work->design.client, sizeof client) != 0)
        design_note(work, "client");
    if (!anew && memcmp(&marks, &work->design.marks, sizeof marks) != 0)
        design_note(work, "marks");
    if (!anew &&
        (!redraw_hairline(work, err) || !change_hairline(work, err) || !add_regions(work, err)))
        return false;
    if (!anew && cli_has(args, "counter-clockwise")) {
        for (int i = 0; i < work->design.growth.singularity_count; i++)
            work->design.growth.singularity[i].clockwise = false;
        design_note(work, "whorls counter-clockwise");
    }
    if (!add_strokes(work, err) || !change_growth(work, err) || !confirm(work, err))
        return false;
    design_settle(&work->design);
    return true;
}
