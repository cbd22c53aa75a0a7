/* fit_internal.h - what the files of `fit` share; nothing outside the folder includes it.
 *
 * fit_model.c: the surface as a tape, a strip of paper and a camera meet it. fit_evidence.c: what
 * is read, clicked and measured, as residuals with their slopes. fit_solve.c: Gauss-Newton.
 * fit_pose.c: where each camera may stand to begin with. fit.c: the whole.
 */
#ifndef HEAD_FIT_INTERNAL_H
#define HEAD_FIT_INTERNAL_H

#include "head/fit.h"
#include "head/head_internal.h"
#include "head/place_internal.h"

enum {
    FIT_TAPES = 6,     /* in the order of FitTape */
    FIT_VIEW_SIZE = 7, /* turn 3, shift 3, log focal */
    FIT_STRIP_SIZE = 4,
    FIT_RIGID_SIZE = 6,
    FIT_MODES_AT = 9, /* in the shape */
    FIT_LIMIT = FIT_SHAPE + 3 * FIT_POINTS + 3 * FIT_MAX_TIES + FIT_STRIP_SIZE + FIT_RIGID_SIZE +
                FIT_VIEW_SIZE * FIT_MAX_PHOTOS
};

/* ---- the state: everything that is looked for ---- */

/* A camera about the middle of the head, so that turning and shifting it are nearly independent. */
typedef struct FitView {
    Vec3 right, down, forward; /* axes of the camera in the head frame */
    Vec3 middle_mm;            /* FIT_MIDDLE in the frame of the camera */
    double log_focal;          /* against the lens that was given */
} FitView;
#define FIT_MIDDLE ((Vec3){0.0, 50.0, -5.0}) /* of the part that photographs show */

typedef struct FitState {
    double shape[FIT_SHAPE]; /* logarithms of length, breadth, height scale; turn (rad) and shift
                                of the cranium; modes in SD */
    FitView view[FIT_MAX_PHOTOS];
    Vec3 point[FIT_POINTS];
    Vec3 tie[FIT_MAX_TIES];
    double strip[FIT_STRIP_SIZE]; /* pitch, roll (rad), front above the prior, offset along (mm) */
    Vec3 axis[3], shift_mm;       /* of the scan's points into the head frame */
} FitState;

VaultShape fit_shape(const FitState *state);

/* The cranium where it sits in the head. */
typedef struct FitSurface {
    Vault vault;
    double height_scale, breadth_scale;
    Vec3 turn[3], shift_mm; /* rows: head frame to vault */
    Vec3 turning[3];        /* the axis about which each component of the turn turns */
} FitSurface;
FitSurface fit_surface(const FitState *state);
/* Of a finished fit; its slopes by the turn are about the axes of the vault. */
FitSurface fit_result_surface(const HeadFit *fit);
double fit_outside(const FitSurface *surface, Vec3 p);
typedef struct FitTouch { /* as VaultTouch, with the pose */
    double outside_mm;
    Vec3 normal;
    double slope[FIT_SHAPE];
} FitTouch;
FitTouch fit_touch(const FitSurface *surface, const VaultBasis *basis, Vec3 p);
/* Whether the cranium says anything about that place. */
bool fit_holds(const FitSurface *surface, Vec3 p);

/* ---- fit_model.c ---- */

/* Where a ray from inside leaves the cranium: distance from its start, near a guess. */
double fit_reach_mm(const FitSurface *surface, Vec3 from_mm, Vec3 direction, double guess_mm);

/* Landmarks as vault_landmarks_mm finds them, in a twentieth of its time; but the glabella where
 * people have it. */
void fit_landmarks(const FitSurface *surface, Vec3 landmark_mm[HEAD_POSE_LANDMARKS]);
extern const double fit_glabella_up_mm, fit_inion_up_mm,
    fit_tragion_mm; /* times the height scale */
/* Off the vault, from the glabella: the left outer corner of the eye and the nasion, as they lie on
 * the three heads of ICT-FaceKit (landmarks 45 and 27 of its 68). */
extern const Vec3 fit_canthus_mm, fit_nasion_mm;
/* Means of all that can be clicked. */
void fit_points(const FitSurface *surface, Vec3 point_mm[FIT_POINTS]);
/* The place on the surface over a point, along the radius. */
Vec3 fit_on_surface(const FitSurface *surface, Vec3 p);
/* What head_measure reads on the canvas, for the readings that are wanted. clicked_mm: the
 * glabella, NULL: its mean place. */
void fit_measure(const FitSurface *surface, const Vec3 *clicked_mm, const bool wanted[FIT_TAPES],
                 double reading_mm[FIT_TAPES]);

enum { FIT_BAND_STEPS = 72 };
typedef struct FitBand { /* the strip's middle line, once round from the front to the left */
    Vec3 at_mm[FIT_BAND_STEPS + 1], down[FIT_BAND_STEPS + 1];
    double along_mm[FIT_BAND_STEPS + 1];
    Vec3 axis; /* normal of its plane, downwards */
} FitBand;
void fit_band(const FitSurface *surface, double front_mm, const double strip[FIT_STRIP_SIZE],
              FitBand *band);
/* False where the strip would overlap itself. */
bool fit_band_point(const FitBand *band, const double strip_mm[2], Vec3 *point_mm);

/* ---- cameras ---- */

typedef struct FitPixel { /* a projected point and how it moves */
    double px[2];
    double by_point[2][3]; /* with the point, head frame */
    double by_view[2][FIT_VIEW_SIZE];
    double px_per_mm;
} FitPixel;
/* False when not in front. */
bool fit_project(const Lens *lens, const FitView *view, Vec3 point_mm, FitPixel *pixel);
/* The place on the ray of a pixel that is nearest to the surface or deepest in it. */
typedef struct FitGraze {
    Vec3 at_mm;      /* head frame */
    Vec3 at_camera;  /* the same in the camera's frame */
    double depth_mm; /* along the ray from the eye */
} FitGraze;
FitGraze fit_graze(const FitSurface *surface, const Lens *lens, const FitView *view,
                   const double px[2]);
Vec3 fit_eye_mm(const FitView *view);
Camera fit_camera(const Lens *lens, const FitView *view);
void fit_view_move(FitView *view, const double step[FIT_VIEW_SIZE]);
Vec3 fit_rotate(Vec3 turn, Vec3 v);

/* ---- fit_evidence.c ---- */

typedef struct FitProblem {
    const FitEvidence *evidence;
    VaultBasis basis;
    int modes;      /* that are free; the others stay 0 */
    double soft;    /* how many SD still pull fully: large at first */
    int only_photo; /* -1: all */
    bool coarse;    /* clicks and corners only */
    /* Where the parameters of each thing begin, -1: held. */
    int size, at_shape, at_strip, at_scan, at_view[FIT_MAX_PHOTOS], at_point[FIT_POINTS],
        at_tie[FIT_MAX_TIES];
    bool tape_wanted[FIT_TAPES], points_clicked[FIT_POINTS];
    double tape_mm[FIT_TAPES]; /* read, without hair */
    /* Slopes that are costly and change little: taken anew when the shape has moved. */
    double tape_slope[FIT_TAPES][FIT_SHAPE];
    FitState sloped_at;
    int sloped; /* how many columns are known */
    /* Which outline and scan points lie where the cranium says something: settled between
     * descents, or points would flee over the border. */
    bool *outline_holds[FIT_MAX_PHOTOS], *point_holds;
    FitBand *band; /* [1 + FIT_STRIP_SIZE + FIT_SHAPE]: as it is, and each parameter moved */
} FitProblem;

typedef struct FitSystem { /* normal equations, lower triangle [size][size] */
    double *a, *b;
} FitSystem;

typedef struct FitLedger {
    FitPhotoResult photo[FIT_MAX_PHOTOS];
    double square_px[FIT_MAX_PHOTOS];
    bool tape_refused[FIT_TAPES];
    double misfit; /* weighted mean square of what was kept, in SD: 1 when the SDs are right */
    double weight;
    double surface_mm2, surface_weight; /* of outlines and scan, mm^2 */
} FitLedger;

/* Settles *_holds anew. */
void fit_settle(FitProblem *problem, const FitState *state);
/* Half the sum of squares; system and ledger may be NULL. */
double fit_evaluate(FitProblem *problem, const FitState *state, FitSystem *system,
                    FitLedger *ledger);
void fit_state_move(const FitProblem *problem, FitState *state, const double step[]);
/* The glabella of the state where it was clicked, else NULL. */
const Vec3 *fit_glabella(const FitProblem *problem, const FitState *state);
void fit_prior_state(const FitEvidence *evidence, FitState *state);
double fit_strip_front_mm(const FitEvidence *evidence);

/* ---- fit.c ---- */

/* All unknowns of the evidence, numbered for `modes` modes. */
MUST_CHECK bool fit_problem_new(Arena *arena, const FitEvidence *evidence, FitProblem **problem,
                                Err *err);
void fit_number_unknowns(FitProblem *problem);

/* ---- fit_solve.c ---- */

typedef struct FitWork {
    FitSystem system;
    double *factor, *step; /* [size][size], [size] */
    FitProblem *held;      /* a problem of which most is held; 20 kB, too much for a stack */
    int iterations;
} FitWork;
MUST_CHECK bool fit_work_new(Arena *arena, FitWork *work, Err *err);
/* Levenberg-Marquardt from *state, at most `rounds` steps; the cost reached. */
double fit_descend(FitProblem *problem, FitWork *work, int rounds, FitState *state);
/* Cholesky factor, lower, of a + damp diag(a), rows `stride` apart; false when not positive. l may
 * be a; log_det may be NULL. */
bool fit_factor(int n, int stride, const double a[], double damp, double l[], double *log_det);
void fit_back_substitute(int n, int stride, const double l[], double x[]);

/* ---- fit_pose.c ---- */

/* The best of several starts for one photograph with the shape as it is. */
void fit_pose(FitProblem *problem, FitWork *work, int photo, FitState *state);

#endif
