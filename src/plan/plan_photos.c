#include "plan/plan_internal.h"

#include "base/sha256.h"

#include <stdio.h>
#include <string.h>

enum { PHOTO_FILE_LIMIT = 256 << 20 };

bool plan_is_photo(size_t size, const uint8_t bytes[])
{
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff}, png[] = {0x89, 'P', 'N', 'G'};
    return (size >= 3 && memcmp(bytes, jpeg, 3) == 0) ||
           (size >= 4 && memcmp(bytes, png, 4) == 0) ||
           (size >= 12 && memcmp(bytes + 4, "ftyp", 4) == 0);
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Whose photograph it was is not in the message: only its name. */
static bool about(const char *path, Err *err)
{
    Err said = *err;
    return err_set(err, said.code, "%.100s: %.390s", file_name(path), said.text);
}

static bool decode(PlanJob *job, const char *path, CaseInputFile *input, Photo *photo, Err *err)
{
    size_t size, mark = arena_mark(&job->scratch);
    uint8_t *bytes;
    arena_rewind(&job->photo_arena, 0);
    if (!io_read_file(&job->scratch, path, PHOTO_FILE_LIMIT, &size, &bytes, err))
        return false;
    if (input != NULL) {
        *input = (CaseInputFile){.size = size};
        snprintf(input->name, sizeof input->name, "%.255s", file_name(path));
        sha256_hex(size, bytes, input->sha256);
    }
    bool ok = photo_decode(&job->photo_arena, photo_limits_default(), size, bytes, photo, err);
    arena_rewind(&job->scratch, mark);
    return ok || about(path, err);
}

bool plan_room_for_photos(PlanJob *job, Err *err)
{
    return job->photo_arena.base != NULL ||
           arena_open(&job->photo_arena, job->request->memory_limit_bytes / 16 * 6, err);
}

bool plan_open_photo(PlanJob *job, const PlanPhoto *entry, Photo *photo, Err *err)
{
    return decode(job, entry->path, NULL, photo, err);
}

/* The name of a file without its ending. */
static void name_view(const char *path, char view[32])
{
    snprintf(view, 32, "%.31s", file_name(path));
    char *dot = strrchr(view, '.');
    if (dot != NULL && dot != view)
        *dot = '\0';
}

/* That a print was not measured is true of all photographs: said once. */
static void warn_of_faults(PlanJob *job, const PlanPhoto *photo)
{
    for (int i = 0; i < photo->sights.count; i++)
        for (unsigned bit = 1; bit <= SIGHT_AMBIGUOUS; bit <<= 1) {
            if ((photo->sights.sight[i].faults & bit) == 0)
                continue;
            if (bit != SIGHT_PRINT_UNKNOWN)
                plan_warn(job, "%s: %s", photo->view, sight_fault_text((SightFault)bit));
            else if (!job->print_unknown)
                plan_warn(job, "%s", sight_fault_text(SIGHT_PRINT_UNKNOWN));
            job->print_unknown = job->print_unknown || bit == SIGHT_PRINT_UNKNOWN;
        }
}

const MarkerSight *plan_card_of(const PlanPhoto *photo)
{
    for (int i = 0; i < photo->sights.count; i++)
        if (photo->sights.sight[i].marker.kind != MARKER_STRIP)
            return &photo->sights.sight[i];
    return NULL;
}

/* A ColorChecker wins over the card: its colours are known. Without either the photograph keeps
 * the phone's own colours. */
static bool find_color(PlanJob *job, PlanPhoto *photo, const Photo *pixels, Err *err)
{
    const MarkerSight *card = plan_card_of(photo);
    if (photo->entry != NULL && photo->entry->has_checker)
        photo->has_color = card_color_fit_checker(&job->scratch, &pixels->light,
                                                  photo->entry->checker_px, &photo->color, err);
    else if (card != NULL)
        photo->has_color = card_color_fit(&job->scratch, &pixels->light, card, job->request->prints,
                                          &photo->color, err);
    else
        return true;
    if (photo->has_color || err->code == ERR_LIMIT)
        return photo->has_color;
    plan_warn(job, "%s: its colours are the phone's own, for %s", photo->view, err->text);
    *err = (Err){0};
    return true;
}

static bool read_photo(PlanJob *job, int index, Err *err)
{
    PlanPhoto *photo = &job->photo[index];
    Photo pixels;
    photo->path = job->request->input_path[index];
    if (job->request->photos != NULL)
        photo->entry = photos_entry(job->request->photos, photo->path);
    if (photo->entry != NULL)
        snprintf(photo->view, sizeof photo->view, "%s", photo->entry->view);
    else
        name_view(photo->path, photo->view);
    if (!decode(job, photo->path, &job->plan.input[index], &pixels, err))
        return false;
    photo->facts = pixels.facts;
    photo->lens = camera_lens(&pixels.facts, pixels.light.width_px, pixels.light.height_px,
                              &photo->focal_sd_share);
    if (!sight_find(&job->arena, &job->scratch, &photo->lens, pixels.grey, job->request->prints,
                    &photo->sights, err))
        return about(photo->path, err);
    warn_of_faults(job, photo);
    return find_color(job, photo, &pixels, err) &&
           photo_quality(&job->scratch, &pixels, plan_card_of(photo), NULL, &photo->quality, err);
}

static bool check_views(const PlanJob *job, Err *err)
{
    for (int i = 0; i < job->photo_count; i++)
        for (int k = 0; k < i; k++)
            if (strcmp(job->photo[i].view, job->photo[k].view) == 0)
                return err_set(err, ERR_INPUT,
                               "two photographs are called '%s': give their files different names",
                               job->photo[i].view);
    return true;
}

bool plan_read_photos(PlanJob *job, Err *err)
{
    const PlanRequest *request = job->request;
    job->photo_count = job->plan.input_count = request->input_count;
    job->photo = ARENA_NEW(&job->arena, PlanPhoto, (size_t)request->input_count);
    if (job->photo == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d photographs within the memory limit",
                       request->input_count);
    if (!plan_room_for_photos(job, err))
        return false;
    for (int i = 0; i < job->photo_count; i++)
        if (!progress_at(job->progress, "reading the photographs", 0.08 * i / job->photo_count,
                         err) ||
            !read_photo(job, i, err))
            return false;
    return check_views(job, err);
}
