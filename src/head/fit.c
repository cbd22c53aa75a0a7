#include "head/fit.h"
#include "head/fit_internal.h"

#include <assert.h>
#include <string.h>

const char *fit_point_name(FitPoint point)
{
    static const char *const name[FIT_POINTS] = {"glabella",      "tragion_left", "tragion_right",
                                                 "vertex",        "inion",        "canthus_left",
                                                 "canthus_right", "nasion"};
    return name[point];
}

/* ---- what is given --------------------------------------------------------------------------- */

static const char *const tape_name[FIT_TAPES] = {
    "length", "breadth", "height", "circumference", "ear-to-ear arc", "front-to-back arc"};

static void list_tape(const FitTape *tape, double mm[FIT_TAPES])
{
    const double list[FIT_TAPES] = {tape->length_mm,      tape->breadth_mm,
                                    tape->height_mm,      tape->circumference_mm,
                                    tape->coronal_arc_mm, tape->sagittal_arc_mm};
    memcpy(mm, list, sizeof list);
}

/* Hair under callipers counts once on each side that has any, under a tape all the way. */
static double under_hair_mm(int i, double hair_mm)
{
    const double times[FIT_TAPES] = {1.0, 2.0, 1.0, 2.0 * PLACE_PI * 0.75, PLACE_PI, PLACE_PI};
    return times[i] * hair_mm;
}

static bool check_tape(const FitTape *tape, Err *err)
{
    /* far beyond any adult: a wrong unit or a slip */
    static const double low[FIT_TAPES] = {140, 110, 90, 430, 240, 240};
    static const double high[FIT_TAPES] = {250, 200, 180, 720, 480, 480};
    double mm[FIT_TAPES];
    list_tape(tape, mm);
    for (int i = 0; i < FIT_TAPES; i++)
        if (!isfinite(mm[i]) || mm[i] < 0.0 || (mm[i] > 0.0 && (mm[i] < low[i] || mm[i] > high[i])))
            return err_set(err, ERR_INPUT,
                           "head %s %g mm is not of an adult (%g to %g mm): check the tape and the "
                           "unit",
                           tape_name[i], mm[i], low[i], high[i]);
    if (!(tape->hair_mm >= 0.0 && tape->hair_mm < 60.0))
        return err_set(err, ERR_INPUT, "hair of %g mm under the tape is not within 0 to 60",
                       tape->hair_mm);
    return true;
}

static bool check_photo(const FitPhoto *photo, int number, Err *err)
{
    if (!(photo->lens.focal_px > 0.0) || photo->lens.width_px <= 0)
        return err_set(err, ERR_INPUT, "photograph %d has no lens: give its focal length", number);
    bool many = photo->click_count > FIT_MAX_CLICKS || photo->outline_count > FIT_MAX_OUTLINE ||
                photo->tie_count > FIT_MAX_TIES || photo->strip_count > FIT_MAX_CORNERS;
    if (many)
        return err_set(err, ERR_LIMIT,
                       "photograph %d has more clicks than a fit takes (%d landmarks, "
                       "%d of the outline)",
                       number, FIT_MAX_CLICKS, FIT_MAX_OUTLINE);
    if (photo->click_count < 3 && photo->strip_count < 8)
        return err_set(err, ERR_INPUT,
                       "photograph %d cannot be placed by %d landmarks and %d corners of the "
                       "strip: click at least three landmarks, or show two tags of the strip",
                       number, photo->click_count, photo->strip_count);
    for (int i = 0; i < photo->click_count; i++)
        if (!isfinite(photo->click[i].px[0]) || !isfinite(photo->click[i].px[1]) ||
            photo->click[i].point >= FIT_POINTS)
            return err_set(err, ERR_INPUT, "click %d of photograph %d is not a place", i + 1,
                           number);
    for (int i = 0; i < photo->tie_count; i++)
        if (photo->tie[i].tie < 0 || photo->tie[i].tie >= FIT_MAX_TIES)
            return err_set(err, ERR_INPUT, "mark %d of photograph %d is not within 0 to %d",
                           photo->tie[i].tie, number, FIT_MAX_TIES - 1);
    return true;
}

static bool check_evidence(const FitEvidence *evidence, Err *err)
{
    double mm[FIT_TAPES], any = 0.0;
    list_tape(&evidence->tape, mm);
    for (int i = 0; i < FIT_TAPES; i++)
        any += mm[i];
    if (any <= 0.0 && evidence->photo_count == 0 && evidence->point_count == 0)
        return err_set(err, ERR_INPUT,
                       "nothing to fit a head to: give tape readings, photographs or a scan");
    bool strip = false;
    for (int i = 0; i < evidence->photo_count; i++)
        strip = strip || evidence->photo[i].strip_count > 0;
    if (any <= 0.0 && evidence->point_count == 0 && !strip)
        return err_set(err, ERR_INPUT,
                       "photographs alone have no scale: measure the head's length or "
                       "circumference, or put the strip on");
    if (evidence->photo_count > FIT_MAX_PHOTOS)
        return err_set(err, ERR_LIMIT, "%d photographs are more than the %d of a fit",
                       evidence->photo_count, FIT_MAX_PHOTOS);
    for (int i = 0; i < evidence->photo_count; i++)
        if (!check_photo(&evidence->photo[i], i + 1, err))
            return false;
    return check_tape(&evidence->tape, err);
}

/* ---- the problem ----------------------------------------------------------------------------- */

void fit_number_unknowns(FitProblem *problem)
{
    const FitEvidence *evidence = problem->evidence;
    int tie_seen[FIT_MAX_TIES] = {0}, n = FIT_MODES_AT + problem->modes;
    bool strip = false;
    problem->at_shape = 0;
    problem->at_strip = problem->at_scan = -1;
    problem->only_photo = -1;
    for (int i = 0; i < FIT_POINTS; i++)
        problem->points_clicked[i] = false;
    for (int i = 0; i < FIT_MAX_PHOTOS; i++)
        problem->at_view[i] = -1;
    for (int i = 0; i < evidence->photo_count; i++) {
        const FitPhoto *p = &evidence->photo[i];
        problem->at_view[i] = n;
        n += FIT_VIEW_SIZE;
        strip = strip || p->strip_count > 0;
        for (int k = 0; k < p->click_count; k++)
            problem->points_clicked[p->click[k].point] = true;
        for (int k = 0; k < p->tie_count; k++)
            tie_seen[p->tie[k].tie]++;
    }
    for (int i = FIT_CANTHUS_LEFT; i < FIT_POINTS; i++) /* they are told from the glabella */
        problem->points_clicked[FIT_GLABELLA] |= problem->points_clicked[i];
    for (int i = 0; i < FIT_POINTS; i++) {
        problem->at_point[i] = problem->points_clicked[i] ? n : -1;
        n += problem->points_clicked[i] ? 3 : 0;
    }
    for (int i = 0; i < FIT_MAX_TIES; i++) {
        problem->at_tie[i] = tie_seen[i] > 1 ? n : -1;
        n += tie_seen[i] > 1 ? 3 : 0;
    }
    if (strip) {
        problem->at_strip = n;
        n += FIT_STRIP_SIZE;
    }
    if (evidence->point_count > 0) {
        problem->at_scan = n;
        n += FIT_RIGID_SIZE;
    }
    problem->size = n;
    assert(n <= FIT_LIMIT);
}

bool fit_problem_new(Arena *arena, const FitEvidence *evidence, FitProblem **problem, Err *err)
{
    *problem = ARENA_NEW(arena, FitProblem, 1);
    FitBand *band = ARENA_NEW(arena, FitBand, 1 + FIT_STRIP_SIZE + FIT_SHAPE);
    if (*problem == NULL || band == NULL)
        return err_set(err, ERR_LIMIT, "no room to fit a head");
    FitProblem *p = *problem;
    bool room = true;
    for (int i = 0; i < evidence->photo_count; i++) {
        p->outline_holds[i] = ARENA_NEW(arena, bool, FIT_MAX_OUTLINE);
        room = room && p->outline_holds[i] != NULL;
    }
    p->point_holds = ARENA_NEW(arena, bool, (size_t)evidence->point_count + 1);
    if (!room || p->point_holds == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d points of a scan", evidence->point_count);
    p->evidence = evidence;
    p->band = band;
    p->soft = 1.0;
    vault_basis_make(&p->basis);
    list_tape(&evidence->tape, p->tape_mm);
    for (int i = 0; i < FIT_TAPES; i++) {
        p->tape_wanted[i] = p->tape_mm[i] > 0.0;
        p->tape_mm[i] -= p->tape_wanted[i] ? under_hair_mm(i, evidence->tape.hair_mm) : 0.0;
    }
    fit_number_unknowns(p);
    return true;
}

/* ---- the course of a fit --------------------------------------------------------------------- */

/* The shape that tape and points of a scan ask for, without the photographs. */
static void fit_without_photos(FitProblem *problem, FitWork *work, FitState *state)
{
    FitProblem *bare = work->held;
    *bare = *problem;
    for (int i = 0; i < FIT_MAX_PHOTOS; i++)
        bare->at_view[i] = -1;
    for (int i = 0; i < FIT_POINTS; i++)
        bare->at_point[i] = -1;
    for (int i = 0; i < FIT_MAX_TIES; i++)
        bare->at_tie[i] = -1;
    bare->at_strip = -1;
    bare->size = FIT_MODES_AT + bare->modes;
    if (bare->at_scan >= 0) {
        bare->at_scan = bare->size;
        bare->size += FIT_RIGID_SIZE;
    }
    for (bare->soft = 4.0; bare->soft > 0.9; bare->soft *= 0.5) {
        fit_settle(bare, state);
        (void)fit_descend(bare, work, 8, state);
    }
    problem->sloped = bare->sloped;
    problem->sloped_at = bare->sloped_at;
    memcpy(problem->tape_slope, bare->tape_slope, sizeof bare->tape_slope);
    FitSurface surface = fit_surface(state);
    fit_points(&surface, state->point);
}

/* A mark that nobody has placed yet: where the first photograph that shows it meets the head. */
static void place_ties(const FitProblem *problem, FitState *state)
{
    FitSurface surface = fit_surface(state);
    const FitEvidence *evidence = problem->evidence;
    for (int i = evidence->photo_count - 1; i >= 0; i--)
        for (int k = 0; k < evidence->photo[i].tie_count; k++) {
            const FitView *view = &state->view[i];
            FitGraze graze =
                fit_graze(&surface, &evidence->photo[i].lens, view, evidence->photo[i].tie[k].px);
            Vec3 at = graze.at_mm, eye = fit_eye_mm(view);
            if (fit_outside(&surface, at) < 0.0) {
                Vec3 back = vec_normalize(vec_sub(eye, at));
                at = vec_madd(at, fit_reach_mm(&surface, at, back, 60.0), back);
            }
            state->tie[evidence->photo[i].tie[k].tie] = at;
        }
}

/* Half the sum of squares, and log det of the normal equations: what Laplace's approximation of
 * the evidence is made of. Every mode brings its own prior N(0, 1), so the constants cancel. */
static double minus_log_evidence(FitProblem *problem, FitWork *work, const FitState *state)
{
    double log_det = 0.0;
    double cost = fit_evaluate(problem, state, &work->system, NULL);
    if (!fit_factor(problem->size, problem->size, work->system.a, 0.0, work->factor, &log_det))
        return HUGE_VAL;
    return cost + 0.5 * log_det;
}

static int surface_points(const FitProblem *problem)
{
    const FitEvidence *evidence = problem->evidence;
    int count = evidence->point_count;
    for (int i = 0; i < evidence->photo_count; i++)
        count += evidence->photo[i].outline_count + evidence->photo[i].strip_count / 4;
    return count;
}

/* More modes as long as the evidence pays for them. */
static void choose_modes(FitProblem *problem, FitWork *work, FitState *state)
{
    static const int step[] = {5, 10, VAULT_MODES, FIT_MODES};
    if (surface_points(problem) < 30) /* field/canvas 1.6: they do not help then */
        return;
    fit_settle(problem, state); /* once: evidences compare over the same points */
    (void)fit_descend(problem, work, 8, state);
    double best = minus_log_evidence(problem, work, state);
    int chosen = problem->modes;
    FitState kept = *state;
    for (size_t i = 0; i < sizeof step / sizeof step[0]; i++) {
        FitState tried = kept;
        problem->modes = step[i];
        fit_number_unknowns(problem);
        (void)fit_descend(problem, work, 12, &tried);
        double value = minus_log_evidence(problem, work, &tried);
        if (value < best) {
            best = value;
            chosen = step[i];
            kept = tried;
        }
    }
    problem->modes = chosen;
    fit_number_unknowns(problem);
    *state = kept;
}

static void solve(FitProblem *problem, FitWork *work, FitState *state)
{
    const FitEvidence *evidence = problem->evidence;
    fit_prior_state(evidence, state);
    fit_without_photos(problem, work, state);
    for (int i = 0; i < evidence->photo_count; i++)
        fit_pose(problem, work, i, state);
    place_ties(problem, state);
    if (evidence->photo_count > 0)
        for (problem->soft = 2.0; problem->soft > 0.9; problem->soft *= 0.5) {
            fit_settle(problem, state);
            (void)fit_descend(problem, work, 12, state);
        }
    problem->soft = 1.0;
    choose_modes(problem, work, state);
}

/* ---- what comes out -------------------------------------------------------------------------- */

static int packed(int i, int k)
{
    return i * (i + 1) / 2 + k;
}

/* Columns of the inverse of the normal equations: the shape, whatever the cameras. Modes that were
 * not asked keep the spread between people. */
static void take_covariance(FitProblem *problem, FitWork *work, const FitState *state, double scale,
                            HeadFit *fit)
{
    (void)fit_evaluate(problem, state, &work->system, NULL);
    int n = problem->size, shape = FIT_MODES_AT + problem->modes;
    bool ok = fit_factor(n, n, work->system.a, 0.0, work->factor, NULL);
    for (int i = 0; i < FIT_SHAPE; i++)
        for (int k = 0; k <= i; k++)
            fit->covariance[packed(i, k)] = i == k && (i >= shape || !ok) ? 1.0 : 0.0;
    for (int i = 0; i < shape && ok; i++) {
        memset(work->step, 0, (size_t)n * sizeof work->step[0]);
        work->step[i] = 1.0;
        fit_back_substitute(n, n, work->factor, work->step);
        for (int k = 0; k <= i; k++)
            fit->covariance[packed(i, k)] = scale * work->step[k];
    }
}

static void take_photos(const FitProblem *problem, FitWork *work, const FitState *state,
                        const FitLedger *ledger, HeadFit *fit)
{
    const FitEvidence *evidence = problem->evidence;
    int n = problem->size;
    for (int i = 0; i < evidence->photo_count; i++) {
        FitPhotoResult *result = &fit->photo[i];
        *result = ledger->photo[i];
        result->camera = fit_camera(&evidence->photo[i].lens, &state->view[i]);
        result->rms_px = result->used > 0 ? sqrt(ledger->square_px[i] / result->used) : 0.0;
        memset(work->step, 0, (size_t)n * sizeof work->step[0]);
        work->step[problem->at_view[i] + 6] = 1.0;
        fit_back_substitute(n, n, work->factor, work->step);
        result->focal_sd_share = sqrt(fmax(0.0, work->step[problem->at_view[i] + 6]));
    }
}

static void take_strip(const FitProblem *problem, const FitState *state, HeadFit *fit)
{
    if (problem->at_strip < 0)
        return;
    FitSurface surface = fit_surface(state);
    FitBand *band = &problem->band[0];
    fit_band(&surface, fit_strip_front_mm(problem->evidence), state->strip, band);
    Vec3 front;
    double middle[2] = {state->strip[3], 0.0};
    if (!fit_band_point(band, middle, &front))
        front = band->at_mm[0];
    Vec3 forward = vec_normalize(vec_sub(band->at_mm[0], band->at_mm[FIT_BAND_STEPS / 2]));
    forward = vec_normalize(vec_madd(forward, -vec_dot(forward, band->axis), band->axis));
    fit->strip = (Pose){.right = vec_cross(band->axis, forward),
                        .down = band->axis,
                        .forward = forward,
                        .eye_mm = front};
}

/* What the fit leaves at the surface where it was looked at, and never less than what 15 modes
 * leave of a real head. */
static double model_sd_mm(const FitLedger *ledger)
{
    const double left_mm = 0.5;
    double seen =
        ledger->surface_weight > 0.0 ? sqrt(ledger->surface_mm2 / ledger->surface_weight) : left_mm;
    return fmax(left_mm, fmin(seen, 3.0));
}

static void warn_tape(const FitEvidence *evidence, const FitLedger *ledger, HeadFit *fit,
                      PlaceWarnings *warnings)
{
    const FitTape *tape = &evidence->tape;
    static const double low[FIT_TAPES] = {172, 136, 110, 521},
                        high[FIT_TAPES] = {215, 168, 145, 614};
    double mm[FIT_TAPES];
    list_tape(tape, mm);
    for (int i = 0; i < 4; i++)
        if (mm[i] > 0.0 && (mm[i] < low[i] || mm[i] > high[i]))
            place_warn(warnings,
                       "head %s %.0f mm is outside %.0f to %.0f mm, where 98 of 100 adults lie: "
                       "check the tape",
                       tape_name[i], mm[i], low[i], high[i]);
    for (int i = 0; i < FIT_TAPES; i++)
        if (mm[i] > 0.0 && ledger->tape_refused[i])
            place_warn(warnings,
                       "the %s of %.0f mm does not go with the rest (the head has %.0f mm) and was "
                       "left out: measure it again",
                       tape_name[i], mm[i], mm[i] + fit->tape_residual_mm[i]);
    /* Field/canvas 1.1: C = a + b L + c B, residual SD; its heads had hair under the tape, some
     * 14 mm (the bare mean vault has 560.4 mm at the mean length and breadth, not 574). */
    static const double rule[2][4] = {{44.0, 1.711, 1.225, 6.2}, {35.3, 1.771, 1.283, 10.8}};
    if (mm[0] > 0.0 && mm[1] > 0.0 && mm[3] > 0.0) {
        const double *r = rule[evidence->woman], bare = 14.0;
        double off = mm[3] - (r[0] + r[1] * mm[0] + r[2] * mm[1]);
        if (off > 2.5 * r[3] || off < -bare - 2.5 * r[3])
            place_warn(warnings,
                       "length %.0f, breadth %.0f and circumference %.0f mm contradict each other: "
                       "to such a length and breadth belong about %.0f mm around",
                       mm[0], mm[1], mm[3], mm[3] - off - 0.5 * bare);
    }
}

static void warn_photo(const FitEvidence *evidence, int photo, const HeadFit *fit,
                       PlaceWarnings *warnings)
{
    const FitPhotoResult *result = &fit->photo[photo];
    unsigned both = 1U << FIT_TRAGION_LEFT | 1U << FIT_TRAGION_RIGHT;
    if ((result->refused_clicks & both) == both)
        place_warn(warnings,
                   "photograph %d: left and right tragion do not fit; are they exchanged? (left is "
                   "the client's left)",
                   photo + 1);
    for (int i = 0; i < FIT_POINTS; i++)
        if ((result->refused_clicks >> i & 1U) != 0)
            place_warn(warnings, "photograph %d: the click on %s does not fit and was left out",
                       photo + 1, fit_point_name((FitPoint)i));
    double grown = result->camera.lens.focal_px / evidence->photo[photo].lens.focal_px - 1.0;
    if (fabs(grown) > 0.10)
        place_warn(warnings,
                   "photograph %d: its focal length came out %.0f %% %s than the file says; was it "
                   "cropped?",
                   photo + 1, 100.0 * fabs(grown), grown > 0.0 ? "longer" : "shorter");
    if (result->used < 3 || result->refused > result->used)
        place_warn(warnings, "photograph %d: only %d of %d clicks agree with the head", photo + 1,
                   result->used, result->used + result->refused);
}

static void take(FitProblem *problem, FitWork *work, const FitState *state, HeadFit *fit,
                 PlaceWarnings *warnings)
{
    const FitEvidence *evidence = problem->evidence;
    FitLedger ledger;
    fit_settle(problem, state);
    (void)fit_evaluate(problem, state, NULL, &ledger);
    memset(fit, 0, sizeof *fit);
    fit->shape = fit_shape(state);
    fit->modes = problem->modes;
    fit->iterations = work->iterations;
    memcpy(fit->ripple_sd, &state->shape[FIT_MODES_AT + VAULT_MODES], sizeof fit->ripple_sd);
    double misfit = ledger.weight > 0.0 ? ledger.misfit / ledger.weight : 1.0;
    take_covariance(problem, work, state, fmax(1.0, misfit), fit);
    take_photos(problem, work, state, &ledger, fit);
    take_strip(problem, state, fit);
    fit->model_sd_mm = model_sd_mm(&ledger);
    for (int i = 0; i < FIT_MAX_TIES; i++) {
        fit->tie_known[i] = problem->at_tie[i] >= 0;
        fit->tie_mm[i][0] = state->tie[i].x;
        fit->tie_mm[i][1] = state->tie[i].y;
        fit->tie_mm[i][2] = state->tie[i].z;
    }
    double reading_mm[FIT_TAPES];
    FitSurface surface = fit_surface(state);
    memcpy(fit->turn, surface.turn, sizeof fit->turn);
    fit->shift_mm = surface.shift_mm;
    fit_measure(&surface, fit_glabella(problem, state), problem->tape_wanted, reading_mm);
    for (int i = 0; i < FIT_TAPES; i++)
        fit->tape_residual_mm[i] =
            problem->tape_wanted[i] ? reading_mm[i] - problem->tape_mm[i] : 0.0;
    warn_tape(evidence, &ledger, fit, warnings);
    for (int i = 0; i < evidence->photo_count; i++)
        warn_photo(evidence, i, fit, warnings);
    for (int i = 0; i < FIT_POINTS; i++)
        if ((fit->point_known[i] = problem->at_point[i] >= 0))
            fit->point_mm[i] = state->point[i];
}

bool head_fit(Arena *scratch, const FitEvidence *evidence, HeadFit *fit, PlaceWarnings *warnings,
              Err *err)
{
    size_t mark = arena_mark(scratch);
    FitProblem *problem = NULL;
    FitWork work;
    bool ok = check_evidence(evidence, err) && fit_problem_new(scratch, evidence, &problem, err) &&
              fit_work_new(scratch, &work, err);
    if (ok) {
        FitState state;
        solve(problem, &work, &state);
        take(problem, &work, &state, fit, warnings);
    }
    arena_rewind(scratch, mark);
    return ok;
}

/* ---- the canvas ------------------------------------------------------------------------------ */

/* How the radius of the canvas moves with the shape, first order, and its variance. */
static double variance_mm2(const HeadFit *fit, const FitTouch *touch, Vec3 direction)
{
    double facing = vec_dot(touch->normal, direction), sum = 0.0;
    int used = FIT_MODES_AT + fit->modes; /* beyond, only the diagonal */
    for (int i = 0; i < FIT_SHAPE; i++) {
        double row = 0.5 * touch->slope[i] * fit->covariance[packed(i, i)];
        for (int k = 0; k < i && i < used; k++)
            row += touch->slope[k] * fit->covariance[packed(i, k)];
        sum += 2.0 * touch->slope[i] * row;
    }
    return (sum + fit->model_sd_mm * fit->model_sd_mm) / (facing * facing);
}

FitSurface fit_result_surface(const HeadFit *fit)
{
    FitSurface surface = {.vault = vault_make(&fit->shape),
                          .height_scale = fit->shape.height_scale,
                          .breadth_scale = fit->shape.breadth_scale,
                          .turn = {fit->turn[0], fit->turn[1], fit->turn[2]},
                          .shift_mm = fit->shift_mm,
                          .turning = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    vault_add_ripples(&surface.vault, fit->ripple_sd);
    return surface;
}

bool head_fit_canvas(Arena *arena, Arena *scratch, const HeadFit *fit, const HeadTopology *topology,
                     Head *head, double **sd_mm, Err *err)
{
    size_t mark = arena_mark(scratch), count = (size_t)topology->vertex_count;
    double *radius_mm = ARENA_NEW(scratch, double, count);
    VaultBasis *basis = ARENA_NEW(scratch, VaultBasis, 1);
    *sd_mm = ARENA_NEW(arena, double, count);
    if (radius_mm == NULL || basis == NULL || *sd_mm == NULL)
        return err_set(err, ERR_LIMIT, "no room for a canvas of %zu vertices", count);
    FitSurface surface = fit_result_surface(fit);
    double reach = 95.0;
    for (int i = 0; i < topology->vertex_count; i++)
        radius_mm[i] = reach =
            fit_reach_mm(&surface, HEAD_CENTRE_MM, topology->direction[i], reach);
    bool ok = head_new(arena, topology, radius_mm, head, err);
    if (ok) {
        vault_basis_make(basis);
        for (int i = 0; i < topology->vertex_count; i++) {
            FitTouch touch = fit_touch(&surface, basis, head->position_mm[i]);
            (*sd_mm)[i] = sqrt(variance_mm2(fit, &touch, topology->direction[i]));
            head->source[i] = cranium_holds(topology->direction[i]) ? HEAD_MEASURED : HEAD_FILLED;
        }
        fit_landmarks(&surface, head->landmark_mm);
        if (fit->point_known[FIT_GLABELLA])
            head->landmark_mm[HEAD_GLABELLA] =
                fit_on_surface(&surface, fit->point_mm[FIT_GLABELLA]);
        static const FitPoint eye[2] = {FIT_CANTHUS_LEFT, FIT_CANTHUS_RIGHT};
        for (int k = 0; k < 2; k++)
            if (fit->point_known[eye[k]])
                head->landmark_mm[HEAD_CANTHUS_LEFT + k] = fit->point_mm[eye[k]];
    }
    arena_rewind(scratch, mark);
    return ok;
}
