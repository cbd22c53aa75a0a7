#include "plan/plan_internal.h"

#include "base/sha256.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The share of the time that the steps take on two cores, from `follicle plan` on the sample. */
enum { AT_READ = 0, AT_PLACE = 3, AT_DESIGN = 12, AT_DOTS = 15, AT_LOOK = 35, AT_WRITE = 92 };

enum { FILE_LIMIT_BYTES = 1 << 30 };

void plan_request_default(PlanRequest *request)
{
    memset(request, 0, sizeof *request);
    design_request_default(&request->design);
    request->course.discount_permille = -1;
    request->dot_depth_mm = 0.25;
    request->growth_years = 5.0;
    request->seed = 1;
    request->threads = 2;
    request->picture_width_px = 960;
    request->picture_height_px = 1080;
    request->memory_limit_bytes = (size_t)1 << 30;
}

void plan_warn(PlanJob *job, const char *fmt, ...)
{
    if (job->plan.warning_count == CASE_WARNING_LIMIT)
        return;
    char *text = job->plan.warning[job->plan.warning_count++];
    va_list list;
    va_start(list, fmt);
    vsnprintf(text, sizeof job->plan.warning[0], fmt, list);
    va_end(list);
}

static bool at(const PlanJob *job, const char *what, int percent, Err *err)
{
    return progress_at(job->progress, what, percent / 100.0, err);
}

static bool read_scan(PlanJob *job, Err *err)
{
    const char *path = job->request->input_path[0], *slash = strrchr(path, '/');
    CaseInputFile *input = &job->plan.input[0];
    size_t mark = arena_mark(&job->scratch);
    uint8_t *bytes;
    if (!at(job, "reading the scan", AT_READ, err) ||
        !io_read_file(&job->scratch, path, FILE_LIMIT_BYTES, &input->size, &bytes, err))
        return false;
    snprintf(input->name, sizeof input->name, "%s", slash != NULL ? slash + 1 : path);
    sha256_hex(input->size, bytes, input->sha256);
    job->plan.input_count = 1;
    arena_rewind(&job->scratch, mark);
    if (!mesh_read_file(&job->arena, &job->scratch, path, &job->scan, err) ||
        !mesh_rays_open(&job->scan, &job->scan_rays, err))
        return false;
    job->scan_rays_open = true;
    return true;
}

/* A scan is one file; photographs are told by their first bytes. */
static bool are_photos(PlanJob *job, bool *photos, Err *err)
{
    for (int i = 0; i < job->request->input_count; i++) {
        uint8_t first[12];
        FILE *file = fopen(job->request->input_path[i], "rb");
        if (file == NULL)
            return err_set(err, ERR_IO, "cannot open '%s'", job->request->input_path[i]);
        size_t size = fread(first, 1, sizeof first, file);
        fclose(file);
        bool photo = plan_is_photo(size, first);
        if (i > 0 && photo != *photos)
            return err_set(err, ERR_INPUT,
                           "give either one scan or photographs, not both: '%s' is %s",
                           job->request->input_path[i], photo ? "a photograph" : "none");
        *photos = photo;
    }
    if (!*photos && job->request->input_count > 1)
        return err_set(err, ERR_INPUT, "a head comes from one scan, not from %d",
                       job->request->input_count);
    return true;
}

static bool read_inputs(PlanJob *job, Err *err)
{
    if (!(job->from_photos ? plan_read_photos(job, err) : read_scan(job, err)))
        return false;
    for (int i = 0; i < job->request->beside_count && job->from_photos; i++)
        job->plan.input[job->plan.input_count++] = job->request->beside[i];
    return true;
}

static bool canvas_from_scan(PlanJob *job, Err *err)
{
    const PlanRequest *request = job->request;
    return at(job, "finding the head in the scan", AT_PLACE, err) &&
           place_find(&job->scratch, &job->scan, &job->scan_rays, &request->landmarks,
                      request->scale, &job->placement, &job->place_warnings, err) &&
           head_topology_new(&job->arena, HEAD_LEVEL, &job->topology, err) &&
           place_import(&job->arena, &job->scratch, &job->scan, &job->scan_rays, &job->placement,
                        &job->topology, request->threads, &job->head, &job->place_warnings, err) &&
           head_measure(&job->scratch, &job->head, &job->plan.measures, err);
}

static bool canvas_from_photos(PlanJob *job, Err *err)
{
    if (!at(job, "fitting the head", AT_PLACE, err) || !plan_canvas_from_photos(job, err) ||
        !plan_bake_photos(job, err) || !mesh_rays_open(&job->scan, &job->scan_rays, err))
        return false;
    job->scan_rays_open = true;
    return true;
}

static bool make_canvas(PlanJob *job, Err *err)
{
    if (!(job->photo_count > 0 ? canvas_from_photos(job, err) : canvas_from_scan(job, err)))
        return false;
    if (job->patch == NULL)
        place_check_size(&job->plan.measures, &job->place_warnings);
    for (int i = 0; i < job->place_warnings.count; i++)
        plan_warn(job, "%s", job->place_warnings.text[i]);
    job->plan.mm_per_unit = job->placement.mm_per_unit;
    memcpy(job->plan.landmark_proposed, job->placement.proposed,
           sizeof job->plan.landmark_proposed);
    job->plan.head = &job->head;
    return true;
}

static bool survey_hair(PlanJob *job, Err *err)
{
    Rgb *color = NULL;
    double *roughness = NULL;
    HairPhotos photos = {.true_color = job->true_color};
    if (!at(job, "looking at skin and hair", AT_PLACE + 4, err))
        return false;
    if (job->photo_count > 0) {
        if (!place_vertex_color(&job->scratch, &job->head, &job->chart, &color, err) ||
            !place_vertex_roughness(&job->scratch, &job->head, &job->chart, &roughness, err))
            return false;
        if (!plan_sees_hair(job))
            memset(roughness, 0, (size_t)job->topology.vertex_count * sizeof *roughness);
        photos.roughness = roughness;
    } else if (mesh_has_color(&job->scan)) {
        if (!place_bake(&job->arena, &job->scan, &job->scan_rays, &job->placement, &job->head,
                        PLAN_CHART_PX, job->request->threads, &job->chart, err) ||
            !place_vertex_color(&job->scratch, &job->head, &job->chart, &color, err))
            return false;
    } else {
        plan_warn(job, "the scan has no colour: skin tone and existing hair are assumed, not seen");
    }
    if (!hair_survey(&job->arena, &job->scratch, &job->head, color,
                     job->photo_count > 0 ? &photos : NULL, &job->survey, err))
        return false;
    job->plan.survey = &job->survey;
    if (job->photo_count > 0)
        plan_fill_unseen(job);
    return true;
}

static bool place_dots(PlanJob *job, Err *err)
{
    Progress part = progress_part(job->progress, AT_DOTS / 100.0, AT_LOOK / 100.0);
    return at(job, "placing the dots", AT_DOTS, err) && plan_place_dots(job, &part, err);
}

static bool load_protocol(PlanJob *job, Err *err)
{
    if (job->request->protocol == NULL)
        return protocol_builtin(&job->arena, "standard", &job->protocol, err);
    job->protocol = *job->request->protocol;
    return true;
}

/* How many sessions this case gets, now that its area is known. */
static bool settle_protocol(PlanJob *job, Err *err)
{
    ProtocolSituation situation = {.area_cm2 = job->layout.area_mm2 / 100.0,
                                   .scar_share = design_scar_share(&job->layout),
                                   .session_count = job->request->wanted_sessions};
    return protocol_settle(&job->protocol, situation, err);
}

static bool make_course(PlanJob *job, Err *err)
{
    const CourseInput *terms = &job->request->course;
    CourseInput input;
    casefile_course_input(&job->plan, &input);
    input.pace = terms->pace;
    input.prices = terms->prices;
    input.discount_permille = terms->discount_permille;
    input.has_start = terms->has_start;
    input.start = terms->start;
    input.has_quote_date = terms->has_quote_date;
    input.quote_date = terms->quote_date;
    input.diary = terms->diary;
    job->plan.course = &job->course;
    job->plan.prices = terms->prices;
    job->plan.clinic = job->request->clinic;
    if (!course_make(&job->protocol, &input, &job->course, err))
        return false;
    for (int i = 0; terms->diary != NULL && i < terms->diary->note_count; i++)
        plan_warn(job, "%s", terms->diary->note[i]);
    for (int i = 0; i < job->course.remark_count; i++)
        plan_warn(job, "%s", job->course.remark[i].text);
    return true;
}

static bool run_steps(PlanJob *job, Err *err)
{
    return load_protocol(job, err) && read_inputs(job, err) && make_canvas(job, err) &&
           survey_hair(job, err) && at(job, "designing", AT_DESIGN, err) &&
           plan_make_design(job, err) && settle_protocol(job, err) && plan_choose_shade(job, err) &&
           place_dots(job, err) && make_course(job, err) && plan_make_states(job, err) &&
           plan_check_rules(job, err) && at(job, "drawing", AT_LOOK, err) && plan_draw(job, err) &&
           plan_draw_loss(job, err) && plan_draw_on_photos(job, err) &&
           at(job, "writing the documents", AT_WRITE, err) && plan_write_documents(job, err) &&
           at(job, "finishing", 100, err);
}

static void summarize(const PlanJob *job, PlanResult *result)
{
    *result = (PlanResult){.dots = job->dots.count,
                           .area_cm2 = job->layout.area_mm2 / 100.0,
                           .hours = job->course.hours[1],
                           .sessions = job->course.session_count,
                           .total_minor = job->course.quote.total,
                           .refused = job->findings.refused,
                           .open = job->findings.open,
                           .warning_count = job->plan.warning_count};
    const Quote *quote = &job->course.quote;
    memcpy(result->currency, quote->currency, sizeof result->currency);
    if (quote->line_count > 0)
        quote_money(quote->currency, quote->minor_digits, quote->total, result->price);
    memcpy(result->warning, job->plan.warning, sizeof result->warning);
}

bool plan_run(const PlanRequest *request, const Progress *progress, PlanResult *result, Err *err)
{
    PlanJob *job = NULL;
    Arena own = {0};
    bool ok = false;
    if (request->input_count < 1)
        return err_set(err, ERR_INPUT, "there is no scan and no photograph");
    if (!arena_open(&own, sizeof(PlanJob) + 4096, err))
        return false;
    job = ARENA_NEW(&own, PlanJob, 1);
    job->request = request;
    job->progress = progress;
    job->folder.lock = -1;
    snprintf(job->plan.code, sizeof job->plan.code, "%s",
             request->code != NULL ? request->code : "unnamed");
    job->plan.seed = request->seed;
    job->plan.arguments = request->arguments;
    job->plan.growth_years = request->growth_years;
    /* A quarter is for drawing (plan_pictures.c), an eighth for the libraries. The pixels of a
     * photograph (6, plan_photos.c) are not there while pictures of the head are drawn. */
    bool photos = false;
    size_t sixteenth = request->memory_limit_bytes / 16;
    if (!are_photos(job, &photos, err) ||
        !arena_open(&job->arena, (photos ? 4 : 6) * sixteenth, err) ||
        !arena_open(&job->scratch, 4 * sixteenth, err))
        goto out;
    job->from_photos = photos;
    if (!io_folder_open(&job->folder, request->output_path, request->replace, err))
        goto out;
    ok = run_steps(job, err) && io_folder_commit(&job->folder, err);
    if (ok)
        summarize(job, result);
out:
    io_folder_abandon(&job->folder);
    if (job->scan_rays_open)
        mesh_rays_close(&job->scan_rays);
    if (job->stage_rays_open)
        mesh_rays_close(&job->stage_rays);
    arena_close(&job->arena);
    arena_close(&job->scratch);
    arena_close(&job->photo_arena);
    arena_close(&own);
    return ok;
}
