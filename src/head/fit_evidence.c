#include "head/fit_internal.h"

#include <string.h>

/* ---- how far things stray: standard deviations ----------------------------------------------- */

/* ANSUR II (field/canvas 1.1), 4,082 men and 1,986 women: length, breadth, tragion to top. The
 * correlation of length and breadth is given; those with the height (0.33) follow from that of
 * circumference and height, 0.39, and agree with the 5.6 mm that length, breadth and circumference
 * leave of it. */
static const double size_mean_mm[2][3] = {{199.5, 154.3, 131.1}, {189.8, 147.8, 126.5}};
static const double size_sd_mm[2][3] = {{7.0, 5.5, 6.2}, {7.4, 5.2, 6.5}};
static const double length_breadth = 0.18, with_height = 0.33;

/* One's own tape and calliper readings [assumption]: the field's simulation has 1.5 mm all round;
 * a tape round hair and skin slips a little more. The arcs also depend on where they begin. */
static const double reading_sd_mm[FIT_TAPES] = {1.5, 1.5, 1.5, 2.0, 4.0, 4.0};

/* How the cranium sits in the head frame, that is against tragions and Frankfurt plane: turn about
 * left, up, forward (rad), shift (mm). Nobody has published it; placed by its own landmarks the
 * vault is turned by 4 degrees on the heads of ICT-FaceKit, 13 on Lee Perry-Smith, 0 on the mean
 * from which the table comes, and moved by 2 to 6 mm [assumption, from these]. */
static const double seat_mean[6] = {0.07, 0.0, 0.0, 0.0, -1.5, 0.0};
static const double seat_sd[6] = {0.10, 0.03, 0.03, 1.5, 3.0, 4.5};

/* How far a person's points stray from their mean places (x, y, z mm; 0: not said). Tragions: half
 * the SD of the bitragion breadth (5.4, ANSUR II), and the asymmetry of what defines the frame;
 * glabella, inion: their height is ill defined; eyes and nasion against the glabella: biocular
 * breadth 5 mm, heights and depths 3 mm [assumption, 7 % of their size]. */
static const Vec3 point_sd_mm[FIT_POINTS] = {
    [FIT_GLABELLA] = {1.5, 5.0, 0.0},      [FIT_TRAGION_LEFT] = {3.0, 1.2, 1.2},
    [FIT_TRAGION_RIGHT] = {3.0, 1.2, 1.2}, [FIT_VERTEX] = {8.0, 0.0, 15.0},
    [FIT_INION] = {5.0, 8.0, 0.0},         [FIT_CANTHUS_LEFT] = {2.5, 3.0, 3.0},
    [FIT_CANTHUS_RIGHT] = {2.5, 3.0, 3.0}, [FIT_NASION] = {1.0, 4.5, 2.0},
};
/* and how far they are off the cranium; brows and nape are a little so [assumption]; 0: no matter
 */
static const double point_on_surface_mm[FIT_POINTS] = {
    [FIT_GLABELLA] = 1.5, [FIT_VERTEX] = 1.0, [FIT_INION] = 2.5};

/* A click on an unmarked place of the skin (field/canvas 1.7: marked 1 mm, unmarked 2 mm; how much
 * a landmark itself strays is above). */
static const double click_px = 1.0, click_mm = 1.0;
/* What 15 modes leave of a real head, 0.3 to 0.7 mm (SOURCES of the table), seen edge-on. */
static const double left_over_mm = 0.45;
static const double scan_mm = 0.5;
/* Points nearer to each other than this err together [assumption: the detail that degree 8 does
 * not resolve is some 25 mm wide]: they count as one. */
static const double apart_mm = 15.0;
static const double scan_apart_mm = 12.0; /* a scan tells finer things [assumption] */
static const double outline_length_mm = 400.0, vault_area_mm2 = 50e3;
static const double tie_on_surface_mm = 0.5;
/* The strip: where people put it. */
static const double strip_sd[FIT_STRIP_SIZE] = {0.10, 0.07, 8.0, 5.0};
static const double strip_corner_mm = 1.0; /* how far paper stands off the model */
/* How many SD pull: beyond, Geman and McClure's weight lets go. */
static const double soft_sd = 4.0;

double fit_strip_front_mm(const FitEvidence *evidence)
{
    return evidence->strip_front_mm > 0.0 ? evidence->strip_front_mm : 30.0;
}

const Vec3 *fit_glabella(const FitProblem *problem, const FitState *state)
{
    return problem->at_point[FIT_GLABELLA] >= 0 ? &state->point[FIT_GLABELLA] : NULL;
}

void fit_prior_state(const FitEvidence *evidence, FitState *state)
{
    *state = (FitState){.axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    memcpy(&state->shape[3], seat_mean, sizeof seat_mean);
    for (int i = 0; i < 3; i++)
        state->shape[i] = log(size_mean_mm[evidence->woman][i] / size_mean_mm[0][i]);
    FitSurface surface = fit_surface(state);
    fit_points(&surface, state->point);
}

/* ---- rows ------------------------------------------------------------------------------------ */

enum { ROW_LIMIT = FIT_SHAPE + 3 + FIT_VIEW_SIZE + FIT_STRIP_SIZE + FIT_RIGID_SIZE };

typedef struct Row {
    double miss; /* in SD */
    int count;
    int at[ROW_LIMIT];
    double slope[ROW_LIMIT];
} Row;

/* A parameter block that begins at -1 is held. */
static void row_add(Row *row, int at, int count, const double slope[], double scale)
{
    for (int i = 0; at >= 0 && i < count; i++) {
        row->at[row->count] = at + i;
        row->slope[row->count++] = slope[i] * scale;
    }
}

typedef struct Sum {
    FitProblem *problem;
    const FitState *state;
    FitSurface surface;
    FitSystem *system;
    FitLedger *ledger;
    double cost;
} Sum;

/* For numeric slopes: 0.5 mm or so at the surface. */
static double bump(int i)
{
    return i < 6 ? 0.005 : i < FIT_MODES_AT ? 0.5 : 0.25;
}

static int shape_size(const FitProblem *problem)
{
    return FIT_MODES_AT + problem->modes;
}

static void sum_row(Sum *sum, const Row *row, double weight)
{
    if (sum->system == NULL)
        return;
    int n = sum->problem->size;
    for (int i = 0; i < row->count; i++) {
        double w = weight * row->slope[i];
        sum->system->b[row->at[i]] -= w * row->miss;
        for (int k = 0; k < row->count; k++)
            if (row->at[k] <= row->at[i])
                sum->system->a[(size_t)row->at[i] * (size_t)n + (size_t)row->at[k]] +=
                    w * row->slope[k];
    }
}

/* What is known beforehand: pulls without limit. */
static void sum_prior(Sum *sum, const Row *row)
{
    sum->cost += 0.5 * row->miss * row->miss;
    sum_row(sum, row, 1.0);
}

/* Rows that are believed or let go together. share: of one independent observation. True when they
 * are kept. */
static bool sum_evidence(Sum *sum, int rows, const Row row[], double share)
{
    double square = 0.0, c2 = sum->problem->soft * sum->problem->soft * soft_sd * soft_sd;
    for (int i = 0; i < rows; i++)
        square += row[i].miss * row[i].miss;
    double keep = c2 / (c2 + square), weight = share * keep * keep;
    sum->cost += 0.5 * share * square * keep;
    for (int i = 0; i < rows; i++)
        sum_row(sum, &row[i], weight);
    bool kept = keep > 0.5;
    if (sum->ledger != NULL && kept) {
        sum->ledger->misfit += share * square;
        sum->ledger->weight += share * rows;
    }
    return kept;
}

/* ---- shape, tape, points --------------------------------------------------------------------- */

static void sum_sizes(Sum *sum)
{
    const FitProblem *problem = sum->problem;
    int sex = problem->evidence->woman;
    double cover[3][3] = {{1.0, length_breadth, with_height},
                          {length_breadth, 1.0, with_height},
                          {with_height, with_height, 1.0}};
    double l[3][3] = {{0}}, sd[3], off[3];
    for (int i = 0; i < 3; i++) {
        double mean = size_mean_mm[sex][i];
        sd[i] = size_sd_mm[sex][i] / mean;
        off[i] = sum->state->shape[i] - log(mean / size_mean_mm[0][i]);
    }
    for (int i = 0; i < 3; i++)
        for (int k = 0; k <= i; k++) {
            double s = cover[i][k] * sd[i] * sd[k];
            for (int j = 0; j < k; j++)
                s -= l[i][j] * l[k][j];
            l[i][k] = i == k ? sqrt(s) : s / l[k][k];
        }
    double white[3][3] = {{0}}; /* rows of the inverse of l */
    for (int i = 0; i < 3; i++) {
        Row row = {0};
        for (int k = 0; k <= i; k++) {
            double s = i == k;
            for (int j = k; j < i; j++)
                s -= l[i][j] * white[j][k];
            white[i][k] = s / l[i][i];
            row.miss += white[i][k] * off[k];
        }
        row_add(&row, problem->at_shape, 3, white[i], 1.0);
        sum_prior(sum, &row);
    }
}

static void sum_shape_prior(Sum *sum)
{
    for (int i = 3; i < shape_size(sum->problem); i++) {
        bool mode = i >= FIT_MODES_AT;
        double sd = mode ? 1.0 : seat_sd[i - 3], mean = mode ? 0.0 : seat_mean[i - 3];
        Row row = {.miss = (sum->state->shape[i] - mean) / sd};
        row_add(&row, sum->problem->at_shape + i, 1, (double[]){1.0}, 1.0 / sd);
        sum_prior(sum, &row);
    }
}

static double tape_sd_mm(const FitTape *tape, int i)
{
    return tape->sd_mm > 0.0 ? tape->sd_mm * reading_sd_mm[i] / 2.0 : reading_sd_mm[i];
}

/* Numeric: 6 readings by 18 parameters cost 3 ms. */
static void slope_tapes(Sum *sum, const double now_mm[FIT_TAPES])
{
    FitProblem *problem = sum->problem;
    double moved = 0.0;
    for (int i = 0; i < FIT_SHAPE; i++) {
        double step = fabs(sum->state->shape[i] - problem->sloped_at.shape[i]);
        moved = fmax(moved, step / (8.0 * bump(i)));
    }
    if (problem->sloped >= shape_size(problem) && moved < 1.0)
        return;
    problem->sloped = shape_size(problem);
    problem->sloped_at = *sum->state;
    for (int i = 0; i < shape_size(problem); i++) {
        FitState bent = *sum->state;
        double step = bump(i), reading_mm[FIT_TAPES];
        bent.shape[i] += step;
        FitSurface surface = fit_surface(&bent);
        fit_measure(&surface, fit_glabella(problem, &bent), problem->tape_wanted, reading_mm);
        for (int k = 0; k < FIT_TAPES; k++)
            problem->tape_slope[k][i] = (reading_mm[k] - now_mm[k]) / step;
    }
}

static void sum_tapes(Sum *sum)
{
    FitProblem *problem = sum->problem;
    bool any = false;
    for (int i = 0; i < FIT_TAPES; i++)
        any = any || problem->tape_wanted[i];
    if (!any || problem->at_shape < 0)
        return;
    double reading_mm[FIT_TAPES];
    fit_measure(&sum->surface, fit_glabella(problem, sum->state), problem->tape_wanted, reading_mm);
    if (sum->system != NULL)
        slope_tapes(sum, reading_mm);
    for (int i = 0; i < FIT_TAPES; i++) {
        if (!problem->tape_wanted[i])
            continue;
        double sd = tape_sd_mm(&problem->evidence->tape, i);
        Row row = {.miss = (reading_mm[i] - problem->tape_mm[i]) / sd};
        row_add(&row, problem->at_shape, shape_size(problem), problem->tape_slope[i], 1.0 / sd);
        bool kept = sum_evidence(sum, 1, &row, 1.0);
        if (sum->ledger != NULL)
            sum->ledger->tape_refused[i] = !kept;
    }
}

/* Where one coordinate of a point should be: at `mean`, which may grow with a scale (its derivative
 * by the logarithm is the mean itself), or that much from the glabella. */
static void sum_coordinate(Sum *sum, FitPoint point, int axis, double mean_mm, int scale)
{
    const FitProblem *problem = sum->problem;
    const Vec3 *at = &sum->state->point[point], *sd = &point_sd_mm[point];
    const double value[3] = {at->x, at->y, at->z}, sds[3] = {sd->x, sd->y, sd->z};
    if (sds[axis] <= 0.0)
        return;
    Row row = {.miss = (value[axis] - mean_mm) / sds[axis]};
    row_add(&row, problem->at_point[point] + axis, 1, (double[]){1.0}, 1.0 / sds[axis]);
    if (scale >= 0 && problem->at_shape >= 0)
        row_add(&row, problem->at_shape + scale, 1, &mean_mm, -1.0 / sds[axis]);
    if (point >= FIT_CANTHUS_LEFT)
        row_add(&row, problem->at_point[FIT_GLABELLA] + axis, 1, (double[]){-1.0}, 1.0 / sds[axis]);
    sum_prior(sum, &row);
}

static void sum_on_surface(Sum *sum, int at, Vec3 p, double sd_mm)
{
    FitTouch touch = fit_touch(&sum->surface, &sum->problem->basis, p);
    Row row = {.miss = touch.outside_mm / sd_mm};
    const double n[3] = {touch.normal.x, touch.normal.y, touch.normal.z};
    row_add(&row, at, 3, n, 1.0 / sd_mm);
    row_add(&row, sum->problem->at_shape, shape_size(sum->problem), touch.slope, 1.0 / sd_mm);
    sum_prior(sum, &row);
}

static void sum_points(Sum *sum)
{
    FitProblem *problem = sum->problem;
    Vec3 g = sum->state->point[FIT_GLABELLA], eye = fit_canthus_mm, nasion = fit_nasion_mm;
    double tall = sum->surface.height_scale, side = fit_tragion_mm * sum->surface.breadth_scale;
    const struct {
        Vec3 mean;
        int scale[3];
    } place[FIT_POINTS] = {
        [FIT_GLABELLA] = {{0.0, fit_glabella_up_mm * tall, 0.0}, {-1, 2, -1}},
        [FIT_TRAGION_LEFT] = {{side, 0.0, 0.0}, {1, -1, -1}},
        [FIT_TRAGION_RIGHT] = {{-side, 0.0, 0.0}, {1, -1, -1}},
        [FIT_VERTEX] = {{0.0, 0.0, -10.0}, {-1, -1, -1}},
        [FIT_INION] = {{0.0, fit_inion_up_mm * tall, 0.0}, {-1, 2, -1}},
        [FIT_CANTHUS_LEFT] = {vec_add(g, eye), {-1, -1, -1}},
        [FIT_CANTHUS_RIGHT] = {vec_add(g, vec3(-eye.x, eye.y, eye.z)), {-1, -1, -1}},
        [FIT_NASION] = {vec_add(g, nasion), {-1, -1, -1}},
    };
    for (int i = 0; i < FIT_POINTS; i++) {
        if (problem->at_point[i] < 0)
            continue;
        sum_coordinate(sum, (FitPoint)i, 0, place[i].mean.x, place[i].scale[0]);
        sum_coordinate(sum, (FitPoint)i, 1, place[i].mean.y, place[i].scale[1]);
        sum_coordinate(sum, (FitPoint)i, 2, place[i].mean.z, place[i].scale[2]);
        if (point_on_surface_mm[i] > 0.0)
            sum_on_surface(sum, problem->at_point[i], sum->state->point[i], point_on_surface_mm[i]);
    }
    for (int i = 0; i < FIT_MAX_TIES; i++)
        if (problem->at_tie[i] >= 0)
            sum_on_surface(sum, problem->at_tie[i], sum->state->tie[i], tie_on_surface_mm);
}

/* ---- photographs ----------------------------------------------------------------------------- */

static void note_photo(Sum *sum, int photo, bool kept, double square_px)
{
    if (sum->ledger == NULL)
        return;
    FitPhotoResult *result = &sum->ledger->photo[photo];
    *(kept ? &result->used : &result->refused) += 1;
    sum->ledger->square_px[photo] += kept ? square_px : 0.0;
}

/* A pixel against the place it should show. by_shape[axis]: how the place moves with the shape (or
 * NULL), by_strip likewise. */
typedef struct Pointing {
    const double *px;
    Vec3 place_mm;
    int at_place; /* parameters of the place itself, or -1 */
    double sd_mm, share;
    const double (*by_shape)[FIT_SHAPE];
    const double (*by_strip)[FIT_STRIP_SIZE];
} Pointing;

static bool sum_pointing(Sum *sum, int photo, const Pointing *pointing)
{
    const FitProblem *problem = sum->problem;
    const FitEvidence *evidence = problem->evidence;
    FitPixel seen;
    if (!fit_project(&evidence->photo[photo].lens, &sum->state->view[photo], pointing->place_mm,
                     &seen)) {
        note_photo(sum, photo, false, 0.0);
        return false;
    }
    double sd_px = evidence->click_sd_px > 0.0 ? evidence->click_sd_px : click_px;
    double sd = hypot(sd_px, pointing->sd_mm * seen.px_per_mm), square_px = 0.0;
    Row row[2];
    for (int k = 0; k < 2; k++) {
        double off = seen.px[k] - pointing->px[k];
        square_px += off * off;
        row[k] = (Row){.miss = off / sd};
        row_add(&row[k], problem->at_view[photo], FIT_VIEW_SIZE - problem->coarse, seen.by_view[k],
                1.0 / sd);
        row_add(&row[k], pointing->at_place, 3, seen.by_point[k], 1.0 / sd);
        double shape[FIT_SHAPE] = {0}, strip[FIT_STRIP_SIZE] = {0};
        for (int j = 0; j < 3; j++) {
            for (int m = 0; m < FIT_SHAPE && pointing->by_shape != NULL; m++)
                shape[m] += seen.by_point[k][j] * pointing->by_shape[j][m];
            for (int m = 0; m < FIT_STRIP_SIZE && pointing->by_strip != NULL; m++)
                strip[m] += seen.by_point[k][j] * pointing->by_strip[j][m];
        }
        if (pointing->by_shape != NULL)
            row_add(&row[k], problem->at_shape, shape_size(problem), shape, 1.0 / sd);
        if (pointing->by_strip != NULL)
            row_add(&row[k], problem->at_strip, FIT_STRIP_SIZE, strip, 1.0 / sd);
    }
    bool kept = sum_evidence(sum, 2, row, pointing->share);
    note_photo(sum, photo, kept, square_px);
    return kept;
}

static void sum_clicks(Sum *sum, int photo)
{
    const FitProblem *problem = sum->problem;
    const FitPhoto *p = &problem->evidence->photo[photo];
    double sd_mm = problem->evidence->click_sd_mm > 0.0 ? problem->evidence->click_sd_mm : click_mm;
    for (int i = 0; i < p->click_count; i++) {
        FitPoint point = p->click[i].point;
        double more = 0.0; /* of a place that is held at its mean */
        if (problem->at_point[point] < 0) {
            Vec3 sd = point_sd_mm[point];
            more = fmax(2.0, vec_length(sd) / sqrt(3.0));
        }
        Pointing pointing = {.px = p->click[i].px,
                             .place_mm = sum->state->point[point],
                             .at_place = problem->at_point[point],
                             .sd_mm = hypot(sd_mm, more),
                             .share = 1.0};
        if (!sum_pointing(sum, photo, &pointing) && sum->ledger != NULL)
            sum->ledger->photo[photo].refused_clicks |= 1U << point;
    }
    for (int i = 0; i < p->tie_count && !problem->coarse; i++) {
        int tie = p->tie[i].tie;
        Pointing pointing = {.px = p->tie[i].px,
                             .place_mm = sum->state->tie[tie],
                             .at_place = problem->at_tie[tie],
                             .sd_mm = 0.5 * sd_mm, /* a mark on the skin: seen twice the same */
                             .share = 1.0};
        if (pointing.at_place >= 0)
            (void)sum_pointing(sum, photo, &pointing);
    }
}

static void sum_outline(Sum *sum, int photo)
{
    const FitProblem *problem = sum->problem;
    const FitEvidence *evidence = problem->evidence;
    const FitPhoto *p = &evidence->photo[photo];
    const FitView *view = &sum->state->view[photo];
    double sd_px = evidence->click_sd_px > 0.0 ? evidence->click_sd_px : click_px;
    double focal = p->lens.focal_px * exp(view->log_focal);
    double share = fmin(1.0, outline_length_mm / apart_mm / p->outline_count);
    for (int i = 0; i < p->outline_count; i++) {
        if (!problem->outline_holds[photo][i])
            continue;
        FitGraze graze = fit_graze(&sum->surface, &p->lens, view, p->outline_px[i]);
        FitTouch touch = fit_touch(&sum->surface, &problem->basis, graze.at_mm);
        double mm_per_px = graze.at_camera.z / focal;
        double sd = hypot(sd_px * mm_per_px, left_over_mm);
        Row row = {.miss = touch.outside_mm / sd};
        Vec3 n = vec3(vec_dot(touch.normal, view->right), vec_dot(touch.normal, view->down),
                      vec_dot(touch.normal, view->forward));
        Vec3 x = graze.at_camera, arm = vec_sub(x, view->middle_mm), turn = vec_cross(n, arm);
        double by_view[FIT_VIEW_SIZE] = {turn.x,
                                         turn.y,
                                         turn.z,
                                         -n.x,
                                         -n.y,
                                         -n.z,
                                         -(n.x * x.x + n.y * x.y) - n.z * view->middle_mm.z};
        row_add(&row, problem->at_view[photo], FIT_VIEW_SIZE, by_view, 1.0 / sd);
        row_add(&row, problem->at_shape, shape_size(problem), touch.slope, 1.0 / sd);
        bool kept = sum_evidence(sum, 1, &row, share);
        double off_px = touch.outside_mm / mm_per_px;
        note_photo(sum, photo, kept, off_px * off_px);
        if (sum->ledger != NULL && kept) {
            sum->ledger->surface_mm2 += share * touch.outside_mm * touch.outside_mm;
            sum->ledger->surface_weight += share;
        }
    }
}

/* ---- the strip ------------------------------------------------------------------------------- */

static void make_bands(Sum *sum)
{
    FitProblem *problem = sum->problem;
    double front = fit_strip_front_mm(problem->evidence);
    fit_band(&sum->surface, front, sum->state->strip, &problem->band[0]);
    if (sum->system == NULL)
        return;
    for (int i = 0; i < FIT_STRIP_SIZE && problem->at_strip >= 0; i++) {
        double strip[FIT_STRIP_SIZE];
        memcpy(strip, sum->state->strip, sizeof strip);
        strip[i] += i < 2 ? 0.005 : 0.5;
        fit_band(&sum->surface, front, strip, &problem->band[1 + i]);
    }
    for (int i = 0; i < shape_size(problem) && problem->at_shape >= 0; i++) {
        FitState bent = *sum->state;
        bent.shape[i] += bump(i);
        FitSurface surface = fit_surface(&bent);
        fit_band(&surface, front, sum->state->strip, &problem->band[1 + FIT_STRIP_SIZE + i]);
    }
}

/* strip[3]: the front mark lies that far to the wearer's left. */
static bool strip_place(const FitBand *band, const double strip[FIT_STRIP_SIZE],
                        const double strip_mm[2], Vec3 *place)
{
    double at[2] = {strip_mm[0] + strip[3], strip_mm[1]};
    return fit_band_point(band, at, place);
}

static void store(double slope[3][FIT_SHAPE], int i, Vec3 now, Vec3 then, double step)
{
    slope[0][i] = (then.x - now.x) / step;
    slope[1][i] = (then.y - now.y) / step;
    slope[2][i] = (then.z - now.z) / step;
}

static void sum_corners(Sum *sum, int photo)
{
    FitProblem *problem = sum->problem;
    const FitPhoto *p = &problem->evidence->photo[photo];
    const double *strip = sum->state->strip;
    /* the paper's standing off is common to the four corners of a tag */
    double share = p->strip_count > 0 ? fmax(0.25, fmin(1.0, 8.0 / p->strip_count)) : 1.0;
    for (int i = 0; i < p->strip_count; i++) {
        double by_shape[3][FIT_SHAPE] = {{0}}, by_strip[3][FIT_SHAPE] = {{0}};
        double strip_rows[3][FIT_STRIP_SIZE];
        Vec3 place, moved;
        if (!strip_place(&problem->band[0], strip, p->strip[i].strip_mm, &place))
            continue;
        bool sloped = sum->system != NULL;
        for (int k = 0; k < FIT_STRIP_SIZE && sloped && problem->at_strip >= 0; k++) {
            double step = k < 2 ? 0.005 : 0.5, bent[FIT_STRIP_SIZE];
            memcpy(bent, strip, sizeof bent);
            bent[k] += step;
            if (strip_place(&problem->band[1 + k], bent, p->strip[i].strip_mm, &moved))
                store(by_strip, k, place, moved, step);
        }
        for (int k = 0; k < shape_size(problem) && sloped && problem->at_shape >= 0; k++)
            if (strip_place(&problem->band[1 + FIT_STRIP_SIZE + k], strip, p->strip[i].strip_mm,
                            &moved))
                store(by_shape, k, place, moved, bump(k));
        for (int j = 0; j < 3; j++)
            memcpy(strip_rows[j], by_strip[j], sizeof strip_rows[j]);
        Pointing pointing = {.px = p->strip[i].px,
                             .place_mm = place,
                             .at_place = -1,
                             .sd_mm = problem->at_strip < 0 ? 8.0 : strip_corner_mm,
                             .share = share,
                             .by_shape = (const double(*)[FIT_SHAPE])by_shape,
                             .by_strip = (const double(*)[FIT_STRIP_SIZE])strip_rows};
        (void)sum_pointing(sum, photo, &pointing);
    }
}

static void sum_strip_prior(Sum *sum)
{
    for (int i = 0; i < FIT_STRIP_SIZE && sum->problem->at_strip >= 0; i++) {
        Row row = {.miss = sum->state->strip[i] / strip_sd[i]};
        row_add(&row, sum->problem->at_strip + i, 1, (double[]){1.0}, 1.0 / strip_sd[i]);
        sum_prior(sum, &row);
    }
}

/* ---- points of a scan ------------------------------------------------------------------------ */

static Vec3 scan_point(const FitState *state, Vec3 p)
{
    Vec3 q = vec_sub(p, FIT_MIDDLE);
    return vec_add(vec_add(vec3(vec_dot(state->axis[0], q), vec_dot(state->axis[1], q),
                                vec_dot(state->axis[2], q)),
                           FIT_MIDDLE),
                   state->shift_mm);
}

static void sum_scan(Sum *sum)
{
    const FitProblem *problem = sum->problem;
    const FitEvidence *evidence = problem->evidence;
    double share = fmin(1.0, vault_area_mm2 / (scan_apart_mm * scan_apart_mm) /
                                 fmax(1, evidence->point_count));
    double sd = hypot(scan_mm, 0.4);
    for (int i = 0; i < evidence->point_count && problem->only_photo < 0; i++) {
        if (!problem->point_holds[i])
            continue;
        Vec3 p = scan_point(sum->state, evidence->point_mm[i]);
        FitTouch touch = fit_touch(&sum->surface, &problem->basis, p);
        Row row = {.miss = touch.outside_mm / sd};
        Vec3 n = touch.normal, turn = vec_cross(vec_sub(p, FIT_MIDDLE), n);
        double rigid[FIT_RIGID_SIZE] = {turn.x, turn.y, turn.z, n.x, n.y, n.z};
        row_add(&row, problem->at_scan, FIT_RIGID_SIZE, rigid, 1.0 / sd);
        row_add(&row, problem->at_shape, shape_size(problem), touch.slope, 1.0 / sd);
        bool kept = sum_evidence(sum, 1, &row, share);
        if (sum->ledger != NULL && kept) {
            sum->ledger->surface_mm2 += share * touch.outside_mm * touch.outside_mm;
            sum->ledger->surface_weight += share;
        }
    }
}

/* A scan comes in the head frame "up to a small rigid motion" [assumption: 3 degrees, 5 mm]. */
static void sum_scan_prior(Sum *sum)
{
    if (sum->problem->at_scan < 0)
        return;
    const Vec3 *axis = sum->state->axis;
    double off[FIT_RIGID_SIZE] = {0.5 * (axis[2].y - axis[1].z), 0.5 * (axis[0].z - axis[2].x),
                                  0.5 * (axis[1].x - axis[0].y), sum->state->shift_mm.x,
                                  sum->state->shift_mm.y,        sum->state->shift_mm.z};
    for (int i = 0; i < FIT_RIGID_SIZE; i++) {
        double sd = i < 3 ? 0.05 : 5.0;
        Row row = {.miss = off[i] / sd};
        row_add(&row, sum->problem->at_scan + i, 1, (double[]){1.0}, 1.0 / sd);
        sum_prior(sum, &row);
    }
}

void fit_settle(FitProblem *problem, const FitState *state)
{
    const FitEvidence *evidence = problem->evidence;
    FitSurface surface = fit_surface(state);
    for (int i = 0; i < evidence->photo_count; i++)
        for (int k = 0; k < evidence->photo[i].outline_count && problem->at_view[i] >= 0; k++) {
            FitGraze graze = fit_graze(&surface, &evidence->photo[i].lens, &state->view[i],
                                       evidence->photo[i].outline_px[k]);
            problem->outline_holds[i][k] = fit_holds(&surface, graze.at_mm);
        }
    for (int i = 0; i < evidence->point_count && problem->only_photo < 0; i++)
        problem->point_holds[i] = fit_holds(&surface, scan_point(state, evidence->point_mm[i]));
}

/* ---- all together ---------------------------------------------------------------------------- */

static void sum_photo(Sum *sum, int photo)
{
    const FitProblem *problem = sum->problem;
    const FitPhoto *p = &problem->evidence->photo[photo];
    if (!problem->coarse && problem->at_view[photo] >= 0) {
        double sd = p->focal_sd_share > 0.0 ? p->focal_sd_share : 0.03;
        Row row = {.miss = sum->state->view[photo].log_focal / sd};
        row_add(&row, problem->at_view[photo] + 6, 1, (double[]){1.0}, 1.0 / sd);
        sum_prior(sum, &row);
    }
    sum_clicks(sum, photo);
    sum_corners(sum, photo);
    if (!problem->coarse)
        sum_outline(sum, photo);
}

double fit_evaluate(FitProblem *problem, const FitState *state, FitSystem *system,
                    FitLedger *ledger)
{
    Sum sum = {.problem = problem,
               .state = state,
               .surface = fit_surface(state),
               .system = system,
               .ledger = ledger};
    size_t n = (size_t)problem->size;
    if (system != NULL) {
        memset(system->a, 0, n * n * sizeof system->a[0]);
        memset(system->b, 0, n * sizeof system->b[0]);
    }
    if (ledger != NULL)
        *ledger = (FitLedger){0};
    if (problem->at_shape >= 0) {
        sum_sizes(&sum);
        sum_shape_prior(&sum);
        sum_tapes(&sum);
    }
    sum_points(&sum);
    bool corners = false;
    for (int i = 0; i < problem->evidence->photo_count; i++)
        corners = corners || problem->evidence->photo[i].strip_count > 0;
    if (corners)
        make_bands(&sum);
    sum_strip_prior(&sum);
    for (int i = 0; i < problem->evidence->photo_count; i++)
        if (problem->only_photo < 0 ? problem->at_view[i] >= 0 : problem->only_photo == i)
            sum_photo(&sum, i);
    sum_scan(&sum);
    sum_scan_prior(&sum);
    return sum.cost;
}

static void move_scan(FitState *state, const double step[FIT_RIGID_SIZE])
{
    /* p' = exp(w) (p - middle) + middle + shift */
    Vec3 w = vec3(step[0], step[1], step[2]);
    Vec3 column[3];
    for (int i = 0; i < 3; i++) {
        Vec3 e = vec3(state->axis[0].x, state->axis[1].x, state->axis[2].x);
        e = i == 1 ? vec3(state->axis[0].y, state->axis[1].y, state->axis[2].y) : e;
        e = i == 2 ? vec3(state->axis[0].z, state->axis[1].z, state->axis[2].z) : e;
        column[i] = fit_rotate(w, e);
    }
    column[0] = vec_normalize(column[0]);
    column[1] = vec_normalize(vec_madd(column[1], -vec_dot(column[0], column[1]), column[0]));
    column[2] = vec_cross(column[0], column[1]);
    state->axis[0] = vec3(column[0].x, column[1].x, column[2].x);
    state->axis[1] = vec3(column[0].y, column[1].y, column[2].y);
    state->axis[2] = vec3(column[0].z, column[1].z, column[2].z);
    state->shift_mm = vec_add(fit_rotate(w, state->shift_mm), vec3(step[3], step[4], step[5]));
}

void fit_state_move(const FitProblem *problem, FitState *state, const double step[])
{
    for (int i = 0; i < shape_size(problem) && problem->at_shape >= 0; i++) {
        double most = i < 6 ? 0.3 : i < FIT_MODES_AT ? 20.0 : 5.0; /* no human head is beyond */
        double value = state->shape[i] + step[problem->at_shape + i];
        state->shape[i] = fmin(fmax(value, -most), most);
    }
    for (int i = 0; i < FIT_STRIP_SIZE && problem->at_strip >= 0; i++)
        state->strip[i] += step[problem->at_strip + i];
    for (int i = 0; i < FIT_POINTS; i++)
        if (problem->at_point[i] >= 0) {
            const double *d = &step[problem->at_point[i]];
            state->point[i] = vec_add(state->point[i], vec3(d[0], d[1], d[2]));
        }
    for (int i = 0; i < FIT_MAX_TIES; i++)
        if (problem->at_tie[i] >= 0) {
            const double *d = &step[problem->at_tie[i]];
            state->tie[i] = vec_add(state->tie[i], vec3(d[0], d[1], d[2]));
        }
    if (problem->at_scan >= 0)
        move_scan(state, &step[problem->at_scan]);
    for (int i = 0; i < problem->evidence->photo_count; i++)
        if (problem->at_view[i] >= 0) {
            double d[FIT_VIEW_SIZE] = {0};
            memcpy(d, &step[problem->at_view[i]],
                   sizeof(double) * (size_t)(FIT_VIEW_SIZE - problem->coarse));
            fit_view_move(&state->view[i], d);
        }
}
