/* What stands before the skin in a photograph: markers, glasses, hands, cloth. */
#include "plan/plan_internal.h"

#include <math.h>
#include <string.h>

/* Paper casts a shadow and lifts its edge. */
static const double margin_mm = 1.5;
/* Of the cut edge of a window, which belongs to the paper. */
static const double window_edge_mm = 0.4;
/* How far beyond the middle of its tag a piece of the strip is taken for flat, mm. */
static const double strip_reach_mm = 13.0;

/* Where no tag was read the strip lies where the fit has it, to some mm. */
static const double band_margin_mm = 2.0;

typedef struct Sheet {
    int width_px, height_px;
    uint8_t *shut;
} Sheet;

/* Fills a polygon, even-odd, by rows. */
static void fill(const Sheet *sheet, int count, double px[][2])
{
    enum { CROSSINGS = 64 };
    double low = px[0][1], high = px[0][1];
    for (int i = 1; i < count; i++) {
        low = fmin(low, px[i][1]);
        high = fmax(high, px[i][1]);
    }
    int first = (int)fmax(0.0, floor(low)), last = (int)fmin(sheet->height_px - 1.0, ceil(high));
    for (int y = first; y <= last; y++) {
        double cross[CROSSINGS], middle = y + 0.5;
        int crossings = 0;
        for (int i = 0; i < count && crossings < CROSSINGS; i++) {
            const double *a = px[i], *b = px[(i + 1) % count];
            if ((a[1] <= middle) != (b[1] <= middle))
                cross[crossings++] = a[0] + (middle - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
        }
        for (int i = 1; i < crossings; i++) /* few: sorted by insertion */
            for (int k = i; k > 0 && cross[k] < cross[k - 1]; k--) {
                double swap = cross[k];
                cross[k] = cross[k - 1];
                cross[k - 1] = swap;
            }
        for (int i = 0; i + 1 < crossings; i += 2) {
            int from = (int)fmax(0.0, floor(cross[i])),
                to = (int)fmin(sheet->width_px - 1.0, ceil(cross[i + 1]));
            for (int x = from; x <= to; x++)
                sheet->shut[(size_t)y * (size_t)sheet->width_px + (size_t)x] = 1;
        }
    }
}

/* The paper of a card, without its window. */
static void fill_card(const Sheet *sheet, const MarkerSight *sight)
{
    const Marker *m = &sight->marker;
    const double outer[4] = {m->left_mm - margin_mm, m->top_mm - margin_mm, m->right_mm + margin_mm,
                             m->bottom_mm + margin_mm};
    double px[10][2], corner[5][2];
    int count = 0;
    for (int ring = 0; ring < (m->has_window ? 2 : 1); ring++) {
        const double *box = ring == 0 ? outer : m->window_mm;
        double in = ring == 0 ? 0.0 : window_edge_mm;
        const double x[5] = {box[0] + in, box[2] - in, box[2] - in, box[0] + in, box[0] + in};
        const double y[5] = {box[1] + in, box[1] + in, box[3] - in, box[3] - in, box[1] + in};
        for (int i = 0; i < 5; i++) { /* closed: even-odd leaves the window open */
            camera_plane_to_px(sight->homography, x[i], y[i], corner[i]);
            px[count][0] = corner[i][0];
            px[count++][1] = corner[i][1];
        }
    }
    fill(sheet, m->has_window ? count : 4, px);
}

/* Around each tag the strip is taken for flat: from the affine map of its four corners. */
static void fill_strip(const Sheet *sheet, const MarkerSight *sight)
{
    for (int i = 0; i < sight->tag_count; i++) {
        const SightTag *seen = &sight->tag[i];
        const MarkerTag *tag = &sight->marker.tag[seen->tag];
        const double *c[4] = {seen->corner_px[0], seen->corner_px[1], seen->corner_px[2],
                              seen->corner_px[3]};
        double half[2] = {tag->side_mm / 2.0, tag->tall_mm / 2.0}, px[4][2];
        double top = sight->marker.top_mm - margin_mm - tag->y_mm,
               bottom = sight->marker.bottom_mm + margin_mm - tag->y_mm;
        const double x[4] = {-strip_reach_mm, strip_reach_mm, strip_reach_mm, -strip_reach_mm};
        const double y[4] = {top, top, bottom, bottom};
        for (int k = 0; k < 4; k++)
            for (int axis = 0; axis < 2; axis++) {
                double middle = (c[0][axis] + c[1][axis] + c[2][axis] + c[3][axis]) / 4.0;
                double across = (c[1][axis] + c[2][axis] - c[0][axis] - c[3][axis]) / 4.0;
                double down = (c[2][axis] + c[3][axis] - c[0][axis] - c[1][axis]) / 4.0;
                px[k][axis] = middle + across * x[k] / half[0] + down * y[k] / half[1];
            }
        fill(sheet, 4, px);
    }
}

/* Where the strip was worn, also where none of its tags could be read: towards the outline of the
 * head. */
static bool fill_band(PlanJob *job, const Sheet *sheet, const PlanPhoto *photo, const Marker *strip,
                      Err *err)
{
    const Head *head = &job->head;
    const Pose *band = &job->fit->strip;
    size_t mark = arena_mark(&job->scratch);
    uint8_t *inside = ARENA_NEW(&job->scratch, uint8_t, (size_t)head->topology->vertex_count);
    double(*px)[2] = arena_alloc(&job->scratch, (size_t)head->topology->vertex_count, sizeof px[0]);
    if (inside == NULL || px == NULL)
        return err_set(err, ERR_LIMIT, "no room for the strip's place within the memory limit");
    for (int v = 0; v < head->topology->vertex_count; v++) {
        Vec3 p = head->position_mm[v], eye = photo->camera.pose.eye_mm;
        double down = vec_dot(vec_sub(p, band->eye_mm), band->down), depth_mm;
        inside[v] = down > strip->top_mm - band_margin_mm &&
                    down < strip->bottom_mm + band_margin_mm &&
                    vec_dot(head->normal[v], vec_sub(eye, p)) > 0.0 &&
                    camera_project(&photo->camera, p, &px[v][0], &px[v][1], &depth_mm);
    }
    for (int t = 0; t < head->topology->triangle_count; t++) {
        const int *corner = head->topology->triangle[t];
        double flat[3][2];
        if (!inside[corner[0]] || !inside[corner[1]] || !inside[corner[2]])
            continue;
        for (int k = 0; k < 3; k++)
            memcpy(flat[k], px[corner[k]], sizeof flat[k]);
        fill(sheet, 3, flat);
    }
    arena_rewind(&job->scratch, mark);
    return true;
}

bool plan_shut(PlanJob *job, const PlanPhoto *photo, uint8_t **shut, Err *err)
{
    Sheet sheet = {photo->lens.width_px, photo->lens.height_px, NULL};
    sheet.shut =
        ARENA_NEW(&job->photo_arena, uint8_t, (size_t)sheet.width_px * (size_t)sheet.height_px);
    if (sheet.shut == NULL)
        return err_set(err, ERR_LIMIT, "no room for a mask of %d x %d px within the memory limit",
                       sheet.width_px, sheet.height_px);
    for (int i = 0; i < photo->sights.count; i++) {
        const MarkerSight *sight = &photo->sights.sight[i];
        if (sight->marker.kind != MARKER_STRIP) {
            fill_card(&sheet, sight);
            continue;
        }
        fill_strip(&sheet, sight);
        if (job->fit != NULL && vec_length(job->fit->strip.down) > 0.5 &&
            !fill_band(job, &sheet, photo, &sight->marker, err))
            return false;
    }
    for (int i = 0; photo->entry != NULL && i < photo->entry->shut_count; i++)
        fill(&sheet, photo->entry->shut[i].count, photo->entry->shut[i].px);
    *shut = sheet.shut;
    return true;
}
