/* The plan on the client's own photographs. */
#include "plan/plan_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_HEIGHT_PX = 720, SHEET_COLUMNS = 6, PNG_LEVEL = 2, QUALITY = 95 };

/* Which states are worth a whole photograph: before, each session's day, healed and five years. */
static bool is_shown(const char *name)
{
    return strcmp(name, "before") == 0 || strncmp(name, "session", 7) == 0 ||
           strcmp(name, "healed") == 0 || strcmp(name, "year5") == 0;
}

typedef struct Crop {
    int left, top, width, height;
} Crop;

/* Around what the canvas, or the patch, fills of the photograph: sheets are small. */
static Crop crop_of(const PlanJob *job, const PlanPhoto *entry)
{
    const double margin = 0.12;
    const Lens *lens = &entry->lens;
    double low[2] = {lens->width_px, lens->height_px}, high[2] = {0.0, 0.0};
    for (int v = 0; v < job->topology.vertex_count; v++) {
        Vec3 p = job->head.position_mm[v];
        double px[2], depth_mm;
        if ((job->patch != NULL && !patch_holds(job->patch, p)) ||
            vec_dot(job->head.normal[v], vec_sub(entry->camera.pose.eye_mm, p)) < 0.0 ||
            !camera_project(&entry->camera, p, &px[0], &px[1], &depth_mm))
            continue;
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], px[k]);
            high[k] = fmax(high[k], px[k]);
        }
    }
    double size = fmax(high[0] - low[0], high[1] - low[1]) * margin;
    int left = (int)fmax(0.0, low[0] - size), top = (int)fmax(0.0, low[1] - size);
    int right = (int)fmin(lens->width_px, high[0] + size);
    int bottom = (int)fmin(lens->height_px, high[1] + size);
    if (right - left < 16 || bottom - top < 16)
        return (Crop){0, 0, lens->width_px, lens->height_px};
    return (Crop){left, top, right - left, bottom - top};
}

static bool keep_small(PlanJob *job, const PlanPhoto *entry, const ImageF *light, Image *small,
                       Err *err)
{
    size_t mark = arena_mark(&job->photo_arena);
    Crop crop = crop_of(job, entry);
    ImageF part;
    Image whole;
    int height = crop.height < SHOWN_HEIGHT_PX ? crop.height : SHOWN_HEIGHT_PX;
    int width = (int)lround((double)crop.width * height / crop.height);
    if (!image_new_f(&job->photo_arena, crop.width, crop.height, &part, err) ||
        !image_new(&job->photo_arena, crop.width, crop.height, &whole, err))
        return false;
    for (int y = 0; y < crop.height; y++)
        memcpy(
            &part.rgb[3 * (size_t)y * (size_t)crop.width],
            &light->rgb[3 * ((size_t)(crop.top + y) * (size_t)light->width_px + (size_t)crop.left)],
            3 * sizeof(float) * (size_t)crop.width);
    image_from_linear(&part, &whole);
    bool ok = image_shrink(&job->arena, &whole, width > 0 ? width : 1, height, small, err);
    arena_rewind(&job->photo_arena, mark);
    return ok;
}

/* In the colours and the quality of the file that came; without anything that tells a place. */
static bool write_photo(PlanJob *job, const PlanPhoto *entry, const Photo *photo,
                        const ImageF *light, const char *state, Err *err)
{
    char name[96], folder[IO_PATH_LIMIT], path[IO_PATH_LIMIT];
    size_t size, mark = arena_mark(&job->photo_arena);
    uint8_t *bytes;
    PhotoExport export = photo_export_default();
    export.quality = QUALITY;
    export.facts = &photo->facts;
    export.icc_size = photo->icc_size;
    export.icc = photo->icc;
    snprintf(name, sizeof name, "photo-%s-%s.jpg", entry->view, state);
    bool ok =
        photo_encode(&job->photo_arena, &job->photo_arena, light, &export, &size, &bytes, err) &&
        io_join(folder, job->folder.partial, "preview", err) && io_join(path, folder, name, err) &&
        io_write_file(path, size, bytes, err);
    arena_rewind(&job->photo_arena, mark);
    return ok;
}

static LookPhotoParams params_of(const PlanJob *job, const PlanPhoto *entry, const uint8_t *shut)
{
    LookPhotoParams params = look_photo_default();
    params.quality = &entry->quality;
    params.sd_mm = job->sd_mm;
    params.shut = shut;
    params.grain_seed = job->request->seed;
    params.threads = job->request->threads;
    if (job->patch != NULL) {
        params.patch_middle_mm = job->patch->middle_mm;
        params.patch_reach_mm = job->patch->reach_mm;
    }
    return params;
}

/* Phones bend contrast: where the card tells how, a mark's optical depth is bent the same way. Near
 * the skin's own level the curve is a power of the light; its exponent, 1 without a card. */
static double contrast_of(const PlanJob *job, const PlanPhoto *entry)
{
    const double step = 1.02, low = 0.4, high = 2.5; /* beyond, the greys were misread */
    double wanted = color_luminance(job->survey.tone.reflectance);
    if (!entry->has_color || !(wanted > 0.0))
        return 1.0;
    double middle = entry->lens.centre_x_px, last = 0.0;
    for (double light = 0.005; light < 1.0; light *= step) {
        float grey = (float)light;
        Rgb seen = card_color_at(&entry->color, (Rgb){grey, grey, grey}, middle,
                                 entry->lens.centre_y_px, entry->lens.width_px);
        double now = color_luminance(seen);
        if (now >= wanted && last > 0.0 && now > last)
            return fmin(fmax(log(step) / log(now / last), low), high);
        last = now;
    }
    return 1.0;
}

static bool bend_marks(PlanJob *job, int s, double contrast, LookMark **mark, Err *err)
{
    *mark = ARENA_NEW(&job->photo_arena, LookMark, (size_t)job->mark_count[s]);
    if (*mark == NULL && job->mark_count[s] > 0)
        return err_set(err, ERR_LIMIT, "no room for %d dots within the memory limit",
                       job->mark_count[s]);
    for (int i = 0; i < job->mark_count[s]; i++) {
        (*mark)[i] = job->mark[s][i];
        for (int k = 0; k < 3; k++)
            (*mark)[i].look.area_mm2[k] *= (float)contrast;
    }
    return true;
}

static bool draw_states(PlanJob *job, PlanPhoto *entry, const Photo *photo, const LookPhoto *look,
                        ImageF *out, Err *err)
{
    size_t bytes = 3 * sizeof(float) * (size_t)out->width_px * (size_t)out->height_px;
    double contrast = contrast_of(job, entry);
    for (int s = 0; s < job->plan.state_count; s++) {
        const char *name = job->plan.state[s].name;
        size_t mark_before = arena_mark(&job->photo_arena);
        LookMark *mark;
        if (!is_shown(name))
            continue;
        if (!bend_marks(job, s, contrast, &mark, err))
            return false;
        LookState state = {.mark_count = job->mark_count[s], .mark = mark};
        for (int k = 0; k < 3; k++)
            state.flush_depth[k] = (float)contrast * job->flush_depth[s][k];
        memcpy(out->rgb, photo->light.rgb, bytes);
        if (!look_photo_draw(&job->photo_arena, look, &state, out, err) ||
            !keep_small(job, entry, out, &entry->shown[s], err) ||
            !write_photo(job, entry, photo, out, name, err))
            return false;
        arena_rewind(&job->photo_arena, mark_before);
    }
    return true;
}

static void record(PlanJob *job, int index, double px_per_mm)
{
    const PlanPhoto *entry = &job->photo[index];
    CasePhoto *record = &job->case_fit.photo[index];
    static const char *const trust[] = {"designed", "measured", "checker"};
    memcpy(record->name, job->plan.input[index].name, sizeof record->name);
    snprintf(record->view, sizeof record->view, "%s", entry->view);
    record->camera = entry->camera;
    record->rms_px = job->fit != NULL ? job->fit->photo[index].rms_px : -1.0;
    record->px_per_mm = px_per_mm;
    record->blur_px = entry->quality.blur_px;
    record->color_trust = entry->has_color ? trust[entry->color.trust] : "none";
    record->color_delta_e = entry->color.mean_delta_e;
    record->tilt_rad = record->scale_error = -1.0;
    for (int i = 0; i < entry->sights.count; i++) {
        const MarkerSight *sight = &entry->sights.sight[i];
        record->tags += sight->tag_count;
        if (sight->marker.kind == MARKER_STRIP)
            continue;
        record->tilt_rad = sight->tilt_rad;
        record->scale_error = sight->scale_error;
    }
}

static bool draw_on(PlanJob *job, int index, Err *err)
{
    PlanPhoto *entry = &job->photo[index];
    Photo photo;
    uint8_t *shut;
    LookPhoto *look;
    ImageF out;
    entry->shown = ARENA_NEW(&job->arena, Image, PLAN_MAX_STATES);
    if (entry->shown == NULL)
        return err_set(err, ERR_LIMIT, "no room for pictures within the memory limit");
    if (!plan_open_photo(job, entry, &photo, err) || !plan_shut(job, entry, &shut, err) ||
        !image_new_f(&job->photo_arena, photo.light.width_px, photo.light.height_px, &out, err))
        return false;
    LookPhotoParams params = params_of(job, entry, shut);
    if (!look_photo_new(&job->photo_arena, &job->scratch, &photo.light, &entry->camera, &job->head,
                        &params, &look, err) ||
        !draw_states(job, entry, &photo, look, &out, err))
        return false;
    record(job, index, look_photo_facts(look).px_per_mm);
    return true;
}

static bool write_sheet(PlanJob *job, Err *err)
{
    const Image *cell[PLAN_MAX_STATES * SHEET_COLUMNS];
    const char *row[PLAN_MAX_STATES], *column[SHEET_COLUMNS];
    char folder[IO_PATH_LIMIT], path[IO_PATH_LIMIT], title[160];
    size_t size, mark = arena_mark(&job->scratch), arena_before = arena_mark(&job->arena);
    uint8_t *bytes;
    Image sheet;
    int rows = 0, columns = job->photo_count < SHEET_COLUMNS ? job->photo_count : SHEET_COLUMNS;
    for (int s = 0; s < job->plan.state_count; s++) {
        if (!is_shown(job->plan.state[s].name))
            continue;
        for (int c = 0; c < columns; c++)
            cell[rows * columns + c] = &job->photo[c].shown[s];
        row[rows++] = job->plan.state[s].caption;
    }
    for (int c = 0; c < columns; c++)
        column[c] = job->photo[c].view;
    snprintf(title, sizeof title, "%s: on the photographs, %d dots on %.0f cm²", job->plan.code,
             job->dots.count, job->layout.area_mm2 / 100.0);
    bool ok = look_contact_sheet(&job->arena, &job->scratch, rows, columns, cell, row, column,
                                 title, &sheet, err) &&
              image_encode_png(&job->scratch, &sheet, PNG_LEVEL, &size, &bytes, err) &&
              io_join(folder, job->folder.partial, "preview", err) &&
              io_join(path, folder, "photo-sheet.png", err) &&
              io_write_file(path, size, bytes, err);
    arena_rewind(&job->scratch, mark);
    arena_rewind(&job->arena, arena_before);
    return ok;
}

bool plan_draw_on_photos(PlanJob *job, Err *err)
{
    job->case_fit.photo_count = job->photo_count;
    if (job->photo_count > 0 && !plan_room_for_photos(job, err))
        return false;
    for (int i = 0; i < job->photo_count; i++)
        if (!progress_at(job->progress, "drawing on the photographs",
                         0.75 + 0.16 * i / job->photo_count, err) ||
            !draw_on(job, i, err))
            return false;
    return job->photo_count == 0 || write_sheet(job, err);
}
