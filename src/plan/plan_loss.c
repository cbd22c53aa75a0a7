#include "plan/plan_internal.h"

#include "hair/bare.h"

#include <stdio.h>
#include <string.h>

/* What shows a receding fringe: from the front, at 45 degrees, from above and from behind. */
static const LookView view_shown[] = {LOOK_FRONT, LOOK_LEFT45, LOOK_TOP, LOOK_CROWN};
enum {
    VIEWS_SHOWN = sizeof view_shown / sizeof view_shown[0],
    ROWS = 1 + PLAN_LOSSES, /* today, then the stages */
    PNG_LEVEL = 2
};

typedef struct Sheet {
    char folder[IO_PATH_LIMIT];
    int healed; /* the state whose dots are shown */
    Image picture[ROWS][VIEWS_SHOWN];
    char row_name[ROWS][32];
} Sheet;

static int at_least(int value, int least)
{
    return value > least ? value : least;
}

/* The scan without the hair that a stage takes, ready to be drawn. */
static bool stage_of(PlanJob *job, const DesignLoss *loss, LookStage **stage, Err *err)
{
    LookStageParams params = look_stage_default();
    size_t mark = arena_mark(&job->scratch);
    Rgb *color;
    Mesh bare;
    params.width_px = at_least((job->request->picture_width_px + 1) / 2, LOOK_MIN_SIDE_PX);
    params.height_px = at_least((job->request->picture_height_px + 1) / 2, LOOK_MIN_SIDE_PX);
    params.plain_skin = job->survey.tone.reflectance;
    params.threads = job->request->threads;
    for (int i = 0; i < VIEWS_SHOWN; i++)
        params.views |= 1U << view_shown[i];
    if (!place_vertex_color(&job->scratch, &job->head, &job->chart, &color, err) ||
        !hair_bare_scan(&job->arena, &job->scratch, &job->staged, &job->head, &job->survey, color,
                        loss->hair_left, job->request->threads, &bare, err))
        return false;
    arena_rewind(&job->scratch, mark);
    return look_stage_new(&job->arena, &job->scratch, &bare, &job->stage_rays, &params, NULL, stage,
                          err);
}

static bool write_png(PlanJob *job, const Sheet *sheet, const char *name, const Image *picture,
                      Err *err)
{
    char path[IO_PATH_LIMIT];
    size_t size, mark = arena_mark(&job->scratch);
    uint8_t *bytes;
    bool ok = image_encode_png(&job->scratch, picture, PNG_LEVEL, &size, &bytes, err) &&
              io_join(path, sheet->folder, name, err) && io_write_file(path, size, bytes, err);
    arena_rewind(&job->scratch, mark);
    return ok;
}

/* One stage, row 1 onwards: its pictures are kept, the rest of the memory is given back. */
static bool draw_stage(PlanJob *job, int row, Sheet *sheet, Err *err)
{
    const DesignLoss *loss = &job->loss[row - 1];
    LookState look = {.mark_count = job->mark_count[sheet->healed],
                      .mark = job->mark[sheet->healed]};
    size_t arena_before = arena_mark(&job->arena), scratch_before = arena_mark(&job->scratch);
    LookStage *stage;
    Image drawn;
    char name[64];
    if (!stage_of(job, loss, &stage, err))
        return false;
    for (int i = 0; i < VIEWS_SHOWN; i++) {
        Image *kept = &sheet->picture[row][i];
        snprintf(name, sizeof name, "loss-stage%d-%s.png", loss->pattern_stage,
                 look_view_name(view_shown[i]));
        if (!progress_at(job->progress, "drawing the loss", 0.92, err) ||
            !look_picture(&job->arena, &job->scratch, stage, view_shown[i], &look,
                          job->request->threads, &drawn, err) ||
            !write_png(job, sheet, name, &drawn, err))
            return false;
        memcpy(kept->rgb, drawn.rgb, 3 * (size_t)kept->width_px * (size_t)kept->height_px);
    }
    arena_rewind(&job->arena, arena_before);
    arena_rewind(&job->scratch, scratch_before);
    return true;
}

static bool new_pictures(PlanJob *job, Sheet *sheet, Err *err)
{
    int width = at_least((job->request->picture_width_px + 1) / 2, LOOK_MIN_SIDE_PX);
    int height = at_least((job->request->picture_height_px + 1) / 2, LOOK_MIN_SIDE_PX);
    for (int i = 0; i < VIEWS_SHOWN; i++)
        sheet->picture[0][i] = job->half[sheet->healed * LOOK_VIEWS + (int)view_shown[i]];
    for (int row = 1; row <= job->loss_count; row++)
        for (int i = 0; i < VIEWS_SHOWN; i++)
            if (!image_new(&job->arena, width, height, &sheet->picture[row][i], err))
                return false;
    return true;
}

static bool write_sheet(PlanJob *job, Sheet *sheet, Err *err)
{
    const Image *cell[ROWS * VIEWS_SHOWN];
    const char *row[ROWS], *column[VIEWS_SHOWN];
    Image picture;
    for (int r = 0; r <= job->loss_count; r++) {
        row[r] = sheet->row_name[r];
        for (int i = 0; i < VIEWS_SHOWN; i++)
            cell[r * VIEWS_SHOWN + i] = &sheet->picture[r][i];
    }
    for (int i = 0; i < VIEWS_SHOWN; i++)
        column[i] = look_view_caption(view_shown[i]);
    return look_contact_sheet(&job->arena, &job->scratch, job->loss_count + 1, VIEWS_SHOWN, cell,
                              row, column, "If the loss goes on: the same dots, less hair",
                              &picture, err) &&
           write_png(job, sheet, "loss-sheet.png", &picture, err);
}

static bool draw_all(PlanJob *job, Sheet *sheet, Err *err)
{
    if (!io_join(sheet->folder, job->folder.partial, "preview", err) ||
        !new_pictures(job, sheet, err))
        return false;
    snprintf(sheet->row_name[0], sizeof sheet->row_name[0], "Today's hair");
    for (int row = 1; row <= job->loss_count; row++) {
        const DesignLoss *loss = &job->loss[row - 1];
        snprintf(sheet->row_name[row], sizeof sheet->row_name[row], "At %s %d",
                 loss->ludwig ? "Ludwig" : "Norwood", loss->pattern_stage);
        if (!draw_stage(job, row, sheet, err))
            return false;
    }
    return write_sheet(job, sheet, err);
}

static int state_named(const PlanJob *job, const char *name)
{
    for (int i = 0; i < job->plan.state_count; i++)
        if (strcmp(job->plan.state[i].name, name) == 0)
            return i;
    return -1;
}

/* Nothing to draw: no stage is known, or the scan shows no hair that could go. A plan does not fail
 * because the second texture that this needs is more than the memory left. */
bool plan_draw_loss(PlanJob *job, Err *err)
{
    int healed = state_named(job, "healed");
    if (job->loss_count == 0 || healed < 0 || !job->survey.has_stubble || job->chart.rgb == NULL)
        return true;
    size_t scratch_before = arena_mark(&job->scratch);
    Sheet *sheet = ARENA_NEW(&job->arena, Sheet, 1);
    if (sheet == NULL)
        return err_set(err, ERR_LIMIT, "no room for pictures of the loss within the memory limit");
    sheet->healed = healed;
    bool ok = draw_all(job, sheet, err);
    arena_rewind(&job->scratch, scratch_before);
    if (ok || err->code != ERR_LIMIT)
        return ok;
    plan_warn(job, "pictures of a further loss were left out: %s", err->text);
    *err = (Err){0};
    return true;
}
