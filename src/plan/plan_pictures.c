#include "plan/plan_internal.h"

#include "base/parallel.h"
#include "casefile/shade_doc.h"
#include "report/swatch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Each thread draws, shrinks and packs one picture at a time in arenas of its own. Bytes per pixel:
 * the picture, its half and its PNG; float light and optical depth with the halo's half. */
enum {
    PICTURE_BYTES = 12,
    PICTURE_SCRATCH_BYTES = 64,
    PICTURE_LEAST_BYTES = 8 << 20,
    MARK_SCRATCH_BYTES = 400, /* three spots of a mark and their place in the order */
    PICTURES_AT_ONCE = 3,
    PNG_LEVEL = 2
};

/* The scan moved into the head frame; textures and triangles are shared with the scan. */
static bool stage_scan(PlanJob *job, Err *err)
{
    const Mesh *scan = &job->scan;
    job->staged = *scan;
    job->staged.position = ARENA_NEW(&job->arena, Vec3, (size_t)scan->vertex_count);
    if (job->staged.position == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices within the memory limit",
                       scan->vertex_count);
    for (int i = 0; i < scan->vertex_count; i++)
        job->staged.position[i] = place_to_head(&job->placement, scan->position[i]);
    job->stage_rays_open = mesh_rays_open(&job->staged, &job->stage_rays, err);
    if (!job->stage_rays_open)
        return false;
    LookStageParams params = look_stage_default();
    params.width_px = job->request->picture_width_px;
    params.height_px = job->request->picture_height_px;
    params.plain_skin = job->survey.tone.reflectance;
    params.threads = job->request->threads;
    Progress part = progress_part(job->progress, 0.35, 0.55);
    return look_stage_new(&job->arena, &job->scratch, &job->staged, &job->stage_rays, &params,
                          &part, &job->stage, err);
}

typedef struct Drawing {
    PlanJob *job;
    const char *folder;
    Err *err; /* one for each picture */
    size_t arena_bytes, scratch_bytes;
} Drawing;

static bool draw_one(const Drawing *drawing, Arena *arena, Arena *scratch, int item, Err *err)
{
    PlanJob *job = drawing->job;
    int state = item / LOOK_VIEWS, view = item % LOOK_VIEWS;
    LookState look = {.mark_count = job->mark_count[state],
                      .mark = job->mark[state],
                      .flush_depth = {job->flush_depth[state][0], job->flush_depth[state][1],
                                      job->flush_depth[state][2]}};
    Image picture, half, *kept = &job->half[item];
    char name[96], path[IO_PATH_LIMIT];
    size_t size;
    uint8_t *bytes;
    snprintf(name, sizeof name, "%s-%s.png", job->plan.state[state].name,
             look_view_name((LookView)view));
    if (!progress_at(job->progress, "drawing",
                     0.55 + 0.37 * item / (job->plan.state_count * LOOK_VIEWS), err) ||
        !look_picture(arena, scratch, job->stage, (LookView)view, &look, 1, &picture, err) ||
        !image_shrink(arena, &picture, kept->width_px, kept->height_px, &half, err) ||
        !image_encode_png(arena, &picture, PNG_LEVEL, &size, &bytes, err) ||
        !io_join(path, drawing->folder, name, err) || !io_write_file(path, size, bytes, err))
        return false;
    memcpy(kept->rgb, half.rgb, (size_t)half.width_px * (size_t)half.height_px * 3);
    return true;
}

/* A few pictures one after the other in the same memory: pages that the system has to
 * hand out again and again cost more than the drawing. */
static void draw_block(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Drawing *drawing = ctx;
    Arena arena = {0}, scratch = {0};
    Err *first = &drawing->err[begin];
    bool ok = arena_open(&arena, drawing->arena_bytes, first) &&
              arena_open(&scratch, drawing->scratch_bytes, first);
    for (int item = begin; item < end && ok; item++) {
        ok = draw_one(drawing, &arena, &scratch, item, &drawing->err[item]);
        arena_rewind(&arena, 0);
        arena_rewind(&scratch, 0);
    }
    arena_close(&arena);
    arena_close(&scratch);
}

static bool new_halves(PlanJob *job, int count, Err *err)
{
    int width = (job->request->picture_width_px + 1) / 2;
    int height = (job->request->picture_height_px + 1) / 2;
    job->half = ARENA_NEW(&job->arena, Image, (size_t)count);
    if (job->half == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d pictures within the memory limit", count);
    for (int i = 0; i < count; i++)
        if (!image_new(&job->arena, width, height, &job->half[i], err))
            return false;
    return true;
}

static bool write_sheet(PlanJob *job, const char *folder, Err *err)
{
    const Image *picture[PLAN_MAX_STATES * LOOK_VIEWS];
    const char *row[PLAN_MAX_STATES], *column[LOOK_VIEWS];
    char path[IO_PATH_LIMIT], title[160];
    Image sheet;
    size_t size, mark = arena_mark(&job->scratch);
    uint8_t *bytes;
    for (int i = 0; i < job->plan.state_count * LOOK_VIEWS; i++)
        picture[i] = &job->half[i];
    for (int i = 0; i < job->plan.state_count; i++)
        row[i] = job->plan.state[i].caption;
    for (int i = 0; i < LOOK_VIEWS; i++)
        column[i] = look_view_caption((LookView)i);
    snprintf(title, sizeof title, "%s: %d dots in %d sessions on %.0f cm\u00b2", job->plan.code,
             job->dots.count, job->course.session_count, job->layout.area_mm2 / 100.0);
    bool ok = look_contact_sheet(&job->arena, &job->scratch, job->plan.state_count, LOOK_VIEWS,
                                 picture, row, column, title, &sheet, err) &&
              image_encode_png(&job->scratch, &sheet, PNG_LEVEL, &size, &bytes, err) &&
              io_join(path, folder, "contact-sheet.png", err) &&
              io_write_file(path, size, bytes, err);
    arena_rewind(&job->scratch, mark);
    return ok;
}

bool plan_draw(PlanJob *job, Err *err)
{
    char folder[IO_PATH_LIMIT];
    int count = job->plan.state_count * LOOK_VIEWS;
    if (!io_join(folder, job->folder.partial, "preview", err))
        return false;
    if (mkdir(folder, 0755) != 0)
        return err_set(err, ERR_IO, "cannot make the folder '%s'", folder);
    if (job->patch != NULL) { /* a ball is no head: the photograph is the picture */
        job->half = ARENA_NEW(&job->arena, Image, (size_t)count);
        return job->half != NULL ||
               err_set(err, ERR_LIMIT, "no room for %d pictures within the memory limit", count);
    }
    if (!stage_scan(job, err) || !new_halves(job, count, err))
        return false;
    size_t pixels =
        (size_t)job->request->picture_width_px * (size_t)job->request->picture_height_px;
    Drawing drawing = {.job = job,
                       .folder = folder,
                       .err = ARENA_NEW(&job->arena, Err, (size_t)count),
                       .arena_bytes = PICTURE_LEAST_BYTES + pixels * PICTURE_BYTES,
                       .scratch_bytes = PICTURE_LEAST_BYTES + pixels * PICTURE_SCRATCH_BYTES +
                                        (size_t)job->dots.count * MARK_SCRATCH_BYTES};
    if (drawing.err == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d pictures within the memory limit", count);
    size_t fit =
        job->request->memory_limit_bytes / 4 / (drawing.arena_bytes + drawing.scratch_bytes);
    int threads = job->request->threads;
    if (fit < (size_t)threads)
        threads = fit > 0 ? (int)fit : 1;
    parallel_for(threads, count, PICTURES_AT_ONCE, draw_block, &drawing);
    for (int i = 0; i < count; i++)
        if (drawing.err[i].code != ERR_NONE) {
            *err = drawing.err[i];
            return false;
        }
    return write_sheet(job, folder, err);
}

static int state_named(const PlanJob *job, const char *name)
{
    for (int i = 0; i < job->plan.state_count; i++)
        if (strcmp(job->plan.state[i].name, name) == 0)
            return i;
    return 0;
}

/* The client's own photograph of a view, with the dots, where there is one. */
static const Image *photo_of(const PlanJob *job, int state, LookView view)
{
    static const struct {
        LookView view;
        const char *name;
    } like[] = {{LOOK_FRONT, "front"},    {LOOK_LEFT45, "left45"}, {LOOK_LEFT45, "left"},
                {LOOK_LEFT45, "right45"}, {LOOK_LEFT45, "right"},  {LOOK_TOP, "top"},
                {LOOK_TOP, "crown"}};
    if (job->patch != NULL)
        return view == LOOK_FRONT ? &job->photo[0].shown[state] : NULL;
    for (size_t k = 0; k < sizeof like / sizeof like[0]; k++)
        for (int i = 0; like[k].view == view && i < job->photo_count; i++)
            if (strcmp(job->photo[i].view, like[k].name) == 0)
                return &job->photo[i].shown[state];
    return NULL;
}

/* What the papers show of the client's own photographs, cut out: preview/paper-STATE-VIEW.png.
 * Pictures of the head need no such copy, the papers take the previews. */
static bool write_paper_picture(PlanJob *job, const char *state, LookView view, Err *err)
{
    const Image *photo = photo_of(job, state_named(job, state), view);
    char name[96], path[IO_PATH_LIMIT];
    size_t size, mark = arena_mark(&job->scratch);
    uint8_t *bytes;
    if (photo == NULL || photo->rgb == NULL)
        return true;
    snprintf(name, sizeof name, "preview/paper-%s-%s.png", state, look_view_name(view));
    bool ok = image_encode_png(&job->scratch, photo, PNG_LEVEL, &size, &bytes, err) &&
              io_join(path, job->folder.partial, name, err) &&
              io_write_file(path, size, bytes, err);
    arena_rewind(&job->scratch, mark);
    return ok;
}

static bool write_paper_pictures(PlanJob *job, Err *err)
{
    static const struct {
        const char *state;
        LookView view;
    } shown[] = {{"before", LOOK_FRONT},  {"healed", LOOK_FRONT},  {"year5", LOOK_FRONT},
                 {"before", LOOK_LEFT45}, {"healed", LOOK_LEFT45}, {"before", LOOK_TOP},
                 {"healed", LOOK_TOP}};
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        if (!write_paper_picture(job, shown[i].state, shown[i].view, err))
            return false;
    for (int s = 0; s < job->course.session_count; s++)
        if (!write_paper_picture(job, job->plan.state[1 + s].name,
                                 job->patch != NULL ? LOOK_FRONT : LOOK_LEFT45, err))
            return false;
    return true;
}

/* The shade for whoever mixes it: as data, and as the page that a client is shown. */
static bool write_shade(PlanJob *job, Err *err)
{
    const HairSurvey *survey = &job->survey;
    bool photos = job->from_photos;
    const char *light =
        !survey->has_color ? "there is no colour"
        : !photos          ? "the scan's own light is taken for the colour of the skin"
        : job->true_color != NULL
            ? "skin by a card in the same light; how dark the stubble is was assumed"
            : "no card: only how brown the skin is was read off the photographs; "
              "how dark the stubble is was assumed";
    const ShadeOrigin origin = {
        .skin = !survey->has_color ? "assumed"
                : photos           ? "colour of the bare skin in the photographs"
                                   : "colour of the bare skin in the scan",
        .hair = !survey->has_stubble || photos ? "assumed" : "shaved hair seen in the scan",
        .remark = light,
    };
    char json_path[IO_PATH_LIMIT], pdf_path[IO_PATH_LIMIT];
    size_t json_size, pdf_size, mark = arena_mark(&job->scratch);
    char *text;
    uint8_t *bytes;
    bool ok = io_join(json_path, job->folder.partial, "shade.json", err) &&
              io_join(pdf_path, job->folder.partial, "swatches.pdf", err) &&
              casefile_shade_to_json(&job->scratch, &job->shade_request, &job->shade, &origin,
                                     &json_size, &text, err) &&
              io_write_file(json_path, json_size, text, err) &&
              report_swatch_pdf(&job->scratch, &job->arena, &job->shade_request, &job->shade,
                                &pdf_size, &bytes, err) &&
              io_write_file(pdf_path, pdf_size, bytes, err);
    arena_rewind(&job->scratch, mark);
    return ok;
}

/* The papers are made from what now stands in the folder, as `follicle report` makes them later. */
static bool write_papers(PlanJob *job, Err *err)
{
    const PapersRequest plain = {0};
    size_t mark = arena_mark(&job->arena);
    CaseWhole *whole = ARENA_NEW(&job->arena, CaseWhole, 1);
    Err course_error = {0};
    if (whole == NULL)
        return err_set(err, ERR_LIMIT, "no room for the papers within the memory limit");
    bool ok =
        casefile_whole_read(&job->arena, &job->scratch, job->folder.partial, whole, &course_error,
                            err) &&
        (whole->has_course || err_set(err, course_error.code, "%s", course_error.text)) &&
        papers_write(&job->arena, &job->scratch, whole, job->folder.partial, job->folder.partial,
                     job->request->papers != NULL ? job->request->papers : &plain, err);
    arena_rewind(&job->arena, mark);
    return ok;
}

bool plan_write_documents(PlanJob *job, Err *err)
{
    const PapersRequest *papers = job->request->papers;
    const Image *chart = job->chart.rgb != NULL ? &job->chart : NULL;
    if (papers != NULL) {
        snprintf(job->plan.language, sizeof job->plan.language, "%s",
                 words_language(papers->style.words));
        snprintf(job->plan.paper, sizeof job->plan.paper, "%s",
                 report_paper_name(papers->style.paper));
    }
    return casefile_write(&job->arena, &job->scratch, &job->plan, chart, job->folder.partial,
                          err) &&
           write_paper_pictures(job, err) && write_shade(job, err) && write_papers(job, err);
}
