#include "head/place_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define HOW_TO_MEASURE                                                                             \
    "lay a tape around the largest girth (above the brows and the ears, over the most prominent "  \
    "point of the back) and give that circumference in mm, or give length and breadth, or the "    \
    "unit of the file"

static const char *const landmark_name[HEAD_LANDMARKS] = {[HEAD_GLABELLA] = "glabella",
                                                          [HEAD_TRAGION_LEFT] = "left tragion",
                                                          [HEAD_TRAGION_RIGHT] = "right tragion",
                                                          [HEAD_VERTEX] = "vertex",
                                                          [HEAD_INION] = "inion",
                                                          [HEAD_CANTHUS_LEFT] = "left canthus",
                                                          [HEAD_CANTHUS_RIGHT] = "right canthus"};

/* ---- What comes in. ---- */

static bool check_size(const char *what, double value, double low, double high, Err *err)
{
    if (value == 0.0 || (value >= low && value <= high))
        return true;
    return err_set(err, ERR_INPUT, "a %s of %g mm is not within %g..%g", what, value, low, high);
}

static bool check_input(const Mesh *scan, const PlaceLandmarks *given, PlaceScale scale, Err *err)
{
    if (scan->triangle_count < 1)
        return err_set(err, ERR_INPUT, "the scan has no triangles");
    for (int i = 0; i < scan->vertex_count; i++)
        if (!vec_is_finite(scan->position[i]))
            return err_set(err, ERR_INPUT, "vertex %d of the scan is not a number", i + 1);
    for (int i = 0; i < HEAD_LANDMARKS; i++)
        if (given->known[i] && !vec_is_finite(given->position[i]))
            return err_set(err, ERR_INPUT, "the %s is not a number", landmark_name[i]);
    return check_size("unit", scale.unit_mm, 1e-6, 1e6, err) &&
           check_size("circumference", scale.circumference_mm, 300, 900, err) &&
           check_size("head length", scale.length_mm, 100, 320, err) &&
           check_size("head breadth", scale.breadth_mm, 80, 260, err);
}

/* ---- The pose. ---- */

/* Both tragions and one more: the pose follows from them, up to what the cranium settles. */
static bool pose_from_landmarks(const PlaceLandmarks *given, Placement *pose)
{
    if (!given->known[HEAD_TRAGION_LEFT] || !given->known[HEAD_TRAGION_RIGHT])
        return false;
    VaultShape mean = vault_mean();
    Vec3 model[HEAD_LANDMARKS];
    vault_landmarks_mm(&mean, model);
    Vec3 left = given->position[HEAD_TRAGION_LEFT], right = given->position[HEAD_TRAGION_RIGHT];
    double apart = vec_distance(left, right);
    static const HeadLandmark third[3] = {HEAD_GLABELLA, HEAD_VERTEX, HEAD_INION};
    for (int i = 0; i < 3; i++) {
        if (!given->known[third[i]] || !(apart > 0.0))
            continue;
        pose->axis[0] = vec_scale(vec_sub(left, right), 1.0 / apart);
        pose->origin = vec_lerp(left, right, 0.5);
        Vec3 d = vec_sub(given->position[third[i]], pose->origin), m = model[third[i]];
        d = vec_madd(d, -vec_dot(d, pose->axis[0]), pose->axis[0]);
        if (vec_length(d) < 0.3 * apart)
            continue; /* nearly on one line */
        /* In the midsagittal plane d stands for the model's (y, z). */
        d = vec_normalize(d);
        Vec3 across = vec_cross(d, pose->axis[0]); /* d turned by +90 degrees from z towards y */
        double length = hypot(m.y, m.z);
        pose->axis[2] = vec_madd(vec_scale(d, m.z / length), -m.y / length, across);
        pose->axis[1] = vec_cross(pose->axis[2], pose->axis[0]);
        pose->mm_per_unit =
            vec_distance(model[HEAD_TRAGION_LEFT], model[HEAD_TRAGION_RIGHT]) / apart;
        return true;
    }
    return false;
}

typedef struct Pose {
    Placement placement;
    CraniumFit fit;
    double unlike;
    bool marked; /* the landmarks given say which way it is turned */
} Pose;

/* Starts this near to a pose already fitted would end there too. */
static bool is_near(const Placement *a, const Placement *b)
{
    double trace = 0.0;
    for (int i = 0; i < 3; i++)
        trace += vec_dot(a->axis[i], b->axis[i]);
    return trace > 1.0 + 2.0 * 0.9 && /* 25 degrees */
           vec_distance(a->origin, b->origin) * b->mm_per_unit < 40.0 &&
           fabs(log(a->mm_per_unit / b->mm_per_unit)) < 0.2;
}

/* Fits the cranium from every start and keeps the pose in which face and neck are in place too. */
static bool find_pose(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                      const PlaceLandmarks *given, const Cranium *cranium, Pose *best, Err *err)
{
    Placement start[PLACE_POSES] = {0};
    int count = 1;
    bool marked = pose_from_landmarks(given, &start[0]);
    if (!marked && !place_poses(scratch, scan, rays, given, PLACE_POSES, start, &count, err))
        return false;
    best->unlike = HUGE_VAL;
    Placement done[PLACE_POSES];
    for (int i = 0; i < count; i++) {
        bool seen = false;
        for (int k = 0; k < i; k++)
            seen = seen || is_near(&start[i], &done[k]);
        done[i] = start[i];
        if (seen)
            continue;
        Pose pose = {.placement = start[i]};
        CraniumOptions rigid = {.rounds = 8};
        pose.fit = cranium_fit(cranium, scan, rays, rigid, NULL, &pose.placement);
        pose.unlike = place_unlikeness(scan, rays, &pose.placement);
        done[i] = pose.placement;
        if (pose.unlike < best->unlike)
            *best = pose;
    }
    if (isinf(best->unlike))
        return err_set(err, ERR_INPUT, "no head was found: nothing in the mesh is round like one");
    best->marked = marked;
    CraniumOptions rigid = {.rounds = 6}, modes = {.rounds = 4, .modes = true};
    best->fit = cranium_fit(cranium, scan, rays, rigid, NULL, &best->placement);
    best->fit = cranium_fit(cranium, scan, rays, modes, &best->fit, &best->placement);
    best->unlike = place_unlikeness(scan, rays, &best->placement);
    return true;
}

/* Turned by 180 degrees about y or x: a head is far more like one the right way round. */
static double unlike_turned(const Mesh *scan, const MeshRays *rays, const Placement *placement)
{
    double least = HUGE_VAL;
    for (int k = 0; k < 2; k++) {
        Placement other = *placement;
        Vec3 centre = place_to_scan(placement, HEAD_CENTRE_MM);
        int keep = k == 0 ? 1 : 0;
        for (int i = 0; i < 3; i++)
            if (i != keep)
                other.axis[i] = vec_scale(other.axis[i], -1.0);
        Vec3 moved = place_to_scan(&other, HEAD_CENTRE_MM);
        other.origin = vec_add(other.origin, vec_sub(centre, moved));
        least = fmin(least, place_unlikeness(scan, rays, &other));
    }
    return least;
}

/* Real heads fit to 0.3-1.1 mm (field/canvas 1.6) and hair adds some; a sphere is 4.4 mm off, an
 * ellipsoid 1.5-1.8 mm (1.5) but has no face and no neck. Unlikeness measured: three ICT heads 0.15
 * to 0.16, Lee Perry-Smith 0.36, the same turned the wrong way 0.56 to 0.67; an egg 0.40. The
 * limits between are our choice. */
static const double worst_fit_mm = 2.6, least_cover = 0.55, most_unlike = 0.62, clear_front = 0.06;

static bool check_head(const Mesh *scan, const MeshRays *rays, const Pose *pose, Err *err)
{
    if (pose->fit.covered < least_cover || pose->fit.rms_mm > worst_fit_mm)
        return err_set(
            err, ERR_INPUT,
            "this mesh is no head: the best cranium meets %.0f %% of the surface, %.1f mm "
            "off on average",
            100.0 * pose->fit.covered, pose->fit.rms_mm);
    if (pose->marked)
        return true;
    if (pose->unlike > most_unlike)
        return err_set(err, ERR_INPUT,
                       "this mesh is no head: something round is there, but no face and no neck "
                       "below it");
    double turned = unlike_turned(scan, rays, &pose->placement);
    if (turned < pose->unlike + clear_front)
        return err_set(err, ERR_INPUT,
                       "cannot tell front from back in this scan: give the glabella and both "
                       "tragions");
    return true;
}

/* ---- Landmarks and frame. ---- */

static bool check_given(const PlaceLandmarks *given, const Pose *pose, Err *err)
{
    /* Clicks are 2 mm off, people 15 mm; a wrong unit, axis or name is further. */
    const double far_mm = 40.0;
    Vec3 model[HEAD_LANDMARKS];
    vault_landmarks_mm(&pose->fit.shape, model);
    /* The outer corners of the eyes: 91 mm apart (Farkas), 20 mm below the glabella and 25 behind.
     */
    for (int k = 0; k < 2; k++)
        model[HEAD_CANTHUS_LEFT + k] =
            vec_add(model[HEAD_GLABELLA], vec3(k == 0 ? 45.6 : -45.6, -20.0, -25.0));
    for (int i = 0; i < HEAD_LANDMARKS; i++)
        if (given->known[i]) {
            Vec3 p = place_to_head(&pose->placement, given->position[i]);
            double off = vec_distance(p, model[i]);
            if (off > far_mm)
                return err_set(
                    err, ERR_INPUT,
                    "the %s given is about %.0f mm from where this head has it: is it in "
                    "the axes and the unit of the file, and left and right as the subject "
                    "has them?",
                    landmark_name[i], off);
        }
    return true;
}

/* Sets the tragions (head frame of the pose): given, seen, mirrored or by proportion. */
static bool settle_tragions(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                            const PlaceLandmarks *given, const Pose *pose, Vec3 tragion[2],
                            int *ears, PlaceWarnings *warnings, Err *err)
{
    bool found[2];
    if (!place_read_ears(scratch, scan, rays, &pose->placement, tragion, found))
        return err_set(err, ERR_LIMIT, "no room to look for the ears");
    for (int k = 0; k < 2; k++)
        if (given->known[HEAD_TRAGION_LEFT + k]) {
            tragion[k] = place_to_head(&pose->placement, given->position[HEAD_TRAGION_LEFT + k]);
            found[k] = true;
        }
    *ears = found[0] + found[1];
    for (int k = 0; k < 2; k++)
        if (!found[k] && found[1 - k]) {
            tragion[k] = vec3(-tragion[1 - k].x, tragion[1 - k].y, tragion[1 - k].z);
            place_warn(warnings,
                       "no ear was seen on the %s: its tragion is the mirror image of the other "
                       "one; please check",
                       k == 0 ? "left" : "right");
        }
    if (!found[0] && !found[1]) {
        Vec3 model[HEAD_LANDMARKS];
        vault_landmarks_mm(&pose->fit.shape, model);
        tragion[0] = model[HEAD_TRAGION_LEFT], tragion[1] = model[HEAD_TRAGION_RIGHT];
        place_warn(warnings, "no ears were seen: the tragions follow from the shape of the cranium "
                             "(some 6 mm uncertain); please check");
    }
    return true;
}

/* The head frame proper: origin midway between the tragions and x along them (a crooked cranium
 * must not turn the face); without both, x square to the symmetry of the fit; pitch from the fit.
 */
static Placement settle_frame(const Placement *pose, const Vec3 tragion[2], bool both)
{
    Vec3 x = both ? vec_normalize(vec_sub(tragion[0], tragion[1])) : vec3(1.0, 0.0, 0.0);
    Vec3 z = vec3(0.0, 0.0, 1.0);
    z = vec_normalize(vec_madd(z, -vec_dot(z, x), x));
    Placement placement = *pose;
    placement.axis[0] = place_direction_to_scan(pose, x);
    placement.axis[1] = place_direction_to_scan(pose, vec_cross(z, x));
    placement.axis[2] = place_direction_to_scan(pose, z);
    placement.origin = place_to_scan(pose, vec_lerp(tragion[0], tragion[1], 0.5));
    return placement;
}

static bool settle_landmarks(const Mesh *scan, const MeshRays *rays, const PlaceLandmarks *given,
                             const Pose *pose, const Vec3 tragion_scan[2], bool ear_seen,
                             Placement *placement, PlaceWarnings *warnings, Err *err)
{
    Vec3 read[HEAD_LANDMARKS], model[HEAD_LANDMARKS];
    bool found[HEAD_LANDMARKS] = {false};
    place_read_midline(scan, rays, placement, read, found);
    vault_landmarks_mm(&pose->fit.shape, model);
    bool face_seen = found[HEAD_GLABELLA] || given->known[HEAD_GLABELLA];
    if (!ear_seen && !face_seen)
        return err_set(
            err, ERR_INPUT,
            "this is no head, or its ears and face are not in the scan: something round "
            "was found, but neither an ear nor a brow above a nose; if it is a head, give "
            "the glabella and both tragions");
    for (int i = HEAD_POSE_LANDMARKS; i < HEAD_LANDMARKS; i++) { /* nothing proposes these */
        placement->landmarks.known[i] = given->known[i];
        placement->landmarks.position[i] = given->known[i] ? given->position[i] : vec3(0, 0, 0);
        placement->proposed[i] = false;
    }
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++) {
        bool tragion = i == HEAD_TRAGION_LEFT || i == HEAD_TRAGION_RIGHT;
        placement->landmarks.known[i] = true;
        placement->proposed[i] = !given->known[i];
        if (given->known[i])
            placement->landmarks.position[i] = given->position[i];
        else if (tragion)
            placement->landmarks.position[i] = tragion_scan[i - HEAD_TRAGION_LEFT];
        else if (found[i])
            placement->landmarks.position[i] = place_to_scan(placement, read[i]);
        else {
            placement->landmarks.position[i] = place_to_scan(&pose->placement, model[i]);
            place_warn(warnings,
                       "the %s was not seen: its place follows from the shape of the cranium; "
                       "please check",
                       landmark_name[i]);
        }
    }
    return true;
}

/* ---- The scale. ---- */

/* A circumference that may be a human being's at all: 20 % beyond the percentiles of adults. */
static bool is_human(double circumference_mm)
{
    return circumference_mm >= 0.8 * PLACE_CIRCUMFERENCE_P1_MM &&
           circumference_mm <= 1.2 * PLACE_CIRCUMFERENCE_P99_MM;
}

typedef struct Witness { /* one thing that says how large the head is */
    const char *what;
    double said_mm, factor; /* on the present mm_per_unit; 0 when silent */
} Witness;

/* Tape before caliper before unit: the tape closes the loop (field/canvas 1.7). */
enum { WITNESSES = 4 };
static void hear(const HeadMeasures *now, PlaceScale scale, double mm_per_unit,
                 Witness witness[WITNESSES])
{
    witness[0] = (Witness){"circumference", scale.circumference_mm,
                           scale.circumference_mm / now->circumference_mm};
    witness[1] = (Witness){"head length", scale.length_mm, scale.length_mm / now->length_mm};
    witness[2] = (Witness){"head breadth", scale.breadth_mm, scale.breadth_mm / now->breadth_mm};
    witness[3] = (Witness){"unit", scale.unit_mm, scale.unit_mm / mm_per_unit};
}

static bool stated_scale(const Mesh *scan, const PlaceLandmarks *given, const HeadMeasures *now,
                         double mm_per_unit, double *factor, PlaceWarnings *warnings, Err *err)
{
    if (!(scan->unit_mm > 0.0))
        return err_set(err, ERR_INPUT, "the scan has no scale: " HOW_TO_MEASURE);
    *factor = scan->unit_mm / mm_per_unit;
    double around = *factor * now->circumference_mm;
    bool marked = given->known[HEAD_GLABELLA] && given->known[HEAD_TRAGION_LEFT] &&
                  given->known[HEAD_TRAGION_RIGHT];
    if (!marked || !is_human(around))
        return err_set(err, ERR_INPUT,
                       "nobody said how large the scan is (with the %g mm per unit that the file "
                       "states this head would be %.0f mm around): " HOW_TO_MEASURE,
                       scan->unit_mm, around);
    place_warn(warnings,
               "the scale is the file's own (%g mm per unit: the head is %.0f mm around); a tape "
               "would make it certain",
               scan->unit_mm, around);
    return true;
}

static bool settle_scale(const Mesh *scan, const PlaceLandmarks *given, PlaceScale scale,
                         const HeadMeasures *now, Placement *placement, PlaceWarnings *warnings,
                         Err *err)
{
    /* Two ways to measure one head differ by a tape's slack and hair: 3 % (field/canvas 1.7). */
    const double tolerance = 0.03;
    Witness witness[WITNESSES];
    hear(now, scale, placement->mm_per_unit, witness);
    int first = 0;
    while (first < WITNESSES && !(witness[first].factor > 0.0))
        first++;
    double factor = 0.0;
    if (first == WITNESSES) {
        if (!stated_scale(scan, given, now, placement->mm_per_unit, &factor, warnings, err))
            return false;
    } else if (first == 1 && witness[2].factor > 0.0) {
        factor = 0.5 * (witness[1].factor + witness[2].factor); /* both calipers count alike */
    } else {
        factor = witness[first].factor;
    }
    double around = factor * now->circumference_mm;
    if (!is_human(around))
        return err_set(
            err, ERR_INPUT,
            "with a %s of %g mm this head would be %.0f mm around, and adults have %.0f to "
            "%.0f: check it, or " HOW_TO_MEASURE,
            witness[first].what, witness[first].said_mm, around, PLACE_CIRCUMFERENCE_P1_MM,
            PLACE_CIRCUMFERENCE_P99_MM);
    for (int i = 0; i < WITNESSES; i++) {
        double off = witness[i].factor / factor - 1.0;
        if (witness[i].factor > 0.0 && fabs(off) > tolerance)
            place_warn(warnings,
                       "the %s of %g mm would make the head %.1f %% %s than the %s used for the "
                       "scale: measure again",
                       witness[i].what, witness[i].said_mm, 100.0 * fabs(off),
                       off > 0.0 ? "larger" : "smaller",
                       first == 1 && witness[2].factor > 0.0 ? "mean of length and breadth"
                                                             : witness[first].what);
    }
    placement->mm_per_unit *= factor;
    placement->fit_mm *= factor;
    return true;
}

/* The measures as they will be read off the canvas, at the present scale. */
static bool measure_scan(Arena *scratch, const Mesh *scan, const MeshRays *rays,
                         const Cranium *cranium, const Placement *placement, HeadMeasures *measures,
                         Err *err)
{
    enum { LEVEL = 5 }; /* 3.4 mm: the girth is exact to 0.01 % */
    HeadTopology topology;
    Head head;
    size_t mark = arena_mark(scratch);
    if (!head_topology_new(scratch, LEVEL, &topology, err))
        return false;
    double *radius_mm = ARENA_NEW(scratch, double, (size_t)topology.vertex_count);
    uint8_t *source = ARENA_NEW(scratch, uint8_t, (size_t)topology.vertex_count);
    if (radius_mm == NULL || source == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d vertices", topology.vertex_count);
    if (!place_radii(scratch, scan, rays, placement, cranium, &topology, 1, radius_mm, source,
                     err) ||
        !head_new(scratch, &topology, radius_mm, &head, err))
        return false;
    for (int i = 0; i < HEAD_POSE_LANDMARKS; i++)
        head.landmark_mm[i] = place_to_head(placement, placement->landmarks.position[i]);
    if (!head_measure(scratch, &head, measures, err))
        return false;
    arena_rewind(scratch, mark);
    if (!(measures->circumference_mm > 0.0) || !(measures->length_mm > 0.0) ||
        !(measures->breadth_mm > 0.0))
        return err_set(err, ERR_NUMERIC, "the girth of the scan cannot be measured");
    return true;
}

bool place_find(Arena *scratch, const Mesh *scan, const MeshRays *rays, const PlaceLandmarks *given,
                PlaceScale scale, Placement *placement, PlaceWarnings *warnings, Err *err)
{
    if (!check_input(scan, given, scale, err))
        return false;
    size_t mark = arena_mark(scratch);
    Cranium *cranium = cranium_new(scratch);
    if (cranium == NULL)
        return err_set(err, ERR_LIMIT, "no room for the cranium");
    Pose pose;
    Vec3 tragion[2];
    int ears = 0;
    if (!find_pose(scratch, scan, rays, given, cranium, &pose, err) ||
        !check_head(scan, rays, &pose, err) || !check_given(given, &pose, err) ||
        !settle_tragions(scratch, scan, rays, given, &pose, tragion, &ears, warnings, err))
        return false;
    *placement = settle_frame(&pose.placement, tragion, ears == 2);
    placement->fit_mm = pose.fit.rms_mm;
    Vec3 tragion_scan[2];
    for (int k = 0; k < 2; k++)
        tragion_scan[k] = place_to_scan(&pose.placement, tragion[k]);
    HeadMeasures now;
    if (!settle_landmarks(scan, rays, given, &pose, tragion_scan, ears > 0, placement, warnings,
                          err) ||
        !measure_scan(scratch, scan, rays, cranium, placement, &now, err) ||
        !settle_scale(scan, given, scale, &now, placement, warnings, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}
