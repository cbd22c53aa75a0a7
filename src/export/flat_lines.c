#include "export/flat_internal.h"

#include "head/growth.h"

static const double pi = 3.14159265358979323846;
/* Lines are laid down point by point; where they pass from piece to piece they end this near. */
static const double point_step_mm = 0.4;
/* The border of the work along the hairline is the hairline. */
static const double beside_hairline_mm = 4.0;

int flat_place(const FlatPlaces *places, const Flat *flat, HeadPoint point, double at_mm[2],
               int *triangle)
{
    double best = -1e9, weight[3] = {0};
    int found = -1;
    if (point.triangle < 0)
        return -1;
    Vec3 p = head_position_mm(places->plan->head, point);
    for (int i = places->start[point.triangle]; i < places->start[point.triangle + 1]; i++) {
        const int *v = places->mesh->triangle[places->list[i]];
        const Vec3 *at = places->mesh->position_mm;
        Vec3 normal = vec_cross(vec_sub(at[v[1]], at[v[0]]), vec_sub(at[v[2]], at[v[0]]));
        double w[3], least = 1e9;
        for (int k = 0; k < 3; k++) {
            Vec3 from = at[v[(k + 1) % 3]];
            w[k] = vec_dot(normal, vec_cross(vec_sub(at[v[(k + 2) % 3]], from), vec_sub(p, from))) /
                   vec_dot(normal, normal);
            least = fmin(least, w[k]);
        }
        if (least > best) {
            best = least;
            found = places->list[i];
            for (int k = 0; k < 3; k++)
                weight[k] = w[k];
        }
    }
    if (best < -1e-6)
        return -1;
    const FlatPiece *piece = &flat->piece[places->part[found]];
    const int *v = piece->triangle[places->local[found]];
    *triangle = places->local[found];
    for (int d = 0; d < 2; d++)
        at_mm[d] = weight[0] * piece->at_mm[v[0]][d] + weight[1] * piece->at_mm[v[1]][d] +
                   weight[2] * piece->at_mm[v[2]][d];
    return places->part[found];
}

/* ---- a pen that draws on all pieces; first it only counts ---- */

typedef struct Pen {
    const FlatPlaces *places;
    Flat *flat;
    int *lines, *points; /* [piece_count] so far */
    double (**ink)[2];   /* [piece_count] the points of a piece; NULL: only counts */
    FlatLine line;       /* being drawn */
    int piece;           /* -1: the pen is up */
} Pen;

static void pen_up(Pen *pen)
{
    if (pen->piece >= 0 && pen->line.count >= 2) {
        if (pen->ink != NULL) {
            pen->line.at_mm = pen->ink[pen->piece] + pen->points[pen->piece];
            pen->flat->piece[pen->piece].line[pen->lines[pen->piece]] = pen->line;
        }
        pen->lines[pen->piece]++;
        pen->points[pen->piece] += pen->line.count;
    }
    pen->piece = -1;
    pen->line.count = 0;
}

static void pen_to(Pen *pen, HeadPoint point)
{
    double at[2];
    int triangle, piece = flat_place(pen->places, pen->flat, point, at, &triangle);
    if (piece != pen->piece)
        pen_up(pen);
    pen->piece = piece;
    if (piece < 0)
        return;
    if (pen->ink != NULL)
        for (int d = 0; d < 2; d++)
            pen->ink[piece][pen->points[piece] + pen->line.count][d] = at[d];
    pen->line.count++;
}

/* Draws the straight way between two points on or near the surface. */
static void draw_to(Pen *pen, Vec3 from_mm, Vec3 to_mm)
{
    const Head *head = pen->places->plan->head;
    int steps = (int)ceil(vec_distance(from_mm, to_mm) / point_step_mm);
    for (int i = 1; i <= steps; i++)
        pen_to(pen, head_nearest(head, vec_lerp(from_mm, to_mm, (double)i / steps)));
}

static void draw_curve(Pen *pen, const FlatCurve *curve)
{
    pen_up(pen);
    pen->line = (FlatLine){.kind = curve->kind, .zone = {curve->zone[0], curve->zone[1]}};
    pen_to(pen, head_nearest(pen->places->plan->head, curve->point_mm[0]));
    int first = pen->piece;
    int before = first >= 0 ? pen->lines[first] : 0;
    for (int i = 0; i + 1 < curve->count; i++)
        draw_to(pen, curve->point_mm[i], curve->point_mm[i + 1]);
    if (curve->closed) {
        draw_to(pen, curve->point_mm[curve->count - 1], curve->point_mm[0]);
        /* never left its piece: the last point is the first */
        if (pen->piece == first && first >= 0 && pen->lines[first] == before &&
            pen->line.count > 3) {
            pen->line.closed = true;
            pen->line.count--;
        }
    }
    pen_up(pen);
}

/* Along a plane of the head frame, where no piece ends: a cut along it is drawn already. */
static void draw_plane(Pen *pen, bool coronal)
{
    const Head *head = pen->places->plan->head;
    const double beside = 0.003; /* of the radius: some 0.3 mm */
    Vec3 normal = coronal ? vec3(0, 0, 1) : vec3(1, 0, 0);
    pen_up(pen);
    pen->line = (FlatLine){.kind = coronal ? FLAT_CORONAL : FLAT_MIDLINE};
    for (double angle = -0.7 * pi; angle <= 0.7 * pi; angle += point_step_mm / 100.0) {
        Vec3 way = coronal ? vec3(sin(angle), cos(angle), 0.0) : vec3(0.0, cos(angle), sin(angle));
        double at[2];
        int triangle, side[2];
        for (int i = 0; i < 2; i++)
            side[i] = flat_place(
                pen->places, pen->flat,
                head_locate(head, vec_madd(way, i == 0 ? beside : -beside, normal)), at, &triangle);
        if (side[0] == side[1])
            pen_to(pen, head_locate(head, way));
        else
            pen_up(pen);
    }
    pen_up(pen);
}

static bool near_hairline(const DesignLayout *layout, Vec3 at)
{
    for (int i = 0; i < layout->hairline_count; i++)
        if (vec_distance(layout->hairline_mm[i], at) < beside_hairline_mm)
            return true;
    return false;
}

/* Borders of the work, but not where they are the hairline. */
static void draw_border(Pen *pen, const DesignLayout *layout, const FlatCurve *curve)
{
    bool outer = curve->zone[0] == DESIGN_NONE && layout->has_hairline;
    FlatCurve run = *curve;
    int from = 0;
    for (int i = 0; outer && i < curve->count; i++)
        if (near_hairline(layout, curve->point_mm[i])) {
            run.closed = false;
            run.point_mm = curve->point_mm + from;
            run.count = i - from;
            from = i + 1;
            if (run.count >= 2)
                draw_curve(pen, &run);
        }
    run.point_mm = curve->point_mm + from;
    run.count = curve->count - from;
    if (run.count >= 2)
        draw_curve(pen, &run);
}

static void draw_lines(Pen *pen, int count, const FlatCurve curve[])
{
    const DesignLayout *layout = pen->places->plan->layout;
    for (int i = 0; i < count; i++)
        draw_border(pen, layout, &curve[i]);
    draw_plane(pen, false);
    draw_plane(pen, true);
    if (layout->has_hairline && layout->hairline_count >= 2) {
        draw_curve(pen, &(FlatCurve){.kind = FLAT_HAIRLINE,
                                     .count = layout->hairline_count,
                                     .point_mm = layout->hairline_mm});
    }
}

static bool take_ink(Arena *arena, Pen *pen, Err *err)
{
    for (int p = 0; p < pen->flat->piece_count; p++) {
        FlatPiece *piece = &pen->flat->piece[p];
        piece->line_count = pen->lines[p];
        piece->line = ARENA_NEW(arena, FlatLine, (size_t)pen->lines[p]);
        /* one more: the lone point of a line that is not kept, the last of one that is closed */
        pen->ink[p] = arena_alloc(arena, (size_t)pen->points[p] + 1, sizeof *pen->ink[p]);
        if (piece->line == NULL || pen->ink[p] == NULL)
            return err_set(err, ERR_LIMIT, "no room for %d points of lines", pen->points[p]);
        pen->lines[p] = pen->points[p] = 0;
    }
    return true;
}

/* ---- dots and landmarks ---- */

static bool take_dots(Arena *arena, Arena *scratch, const FlatPlaces *places, Flat *flat, Err *err)
{
    const Dots *dots = places->plan->dots;
    int *piece_of = ARENA_NEW(scratch, int, (size_t)dots->count), triangle;
    FlatDot *at = ARENA_NEW(scratch, FlatDot, (size_t)dots->count);
    if (piece_of == NULL || at == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d dots laid flat", dots->count);
    for (int i = 0; i < dots->count; i++) {
        HeadPoint point = dots->dot[i].point;
        at[i].dot = i;
        piece_of[i] = flat_place(places, flat, point, at[i].at_mm, &triangle);
        if (piece_of[i] < 0)
            return err_set(err, ERR_NUMERIC, "dot %d lies on no piece", i);
        FlatPiece *piece = &flat->piece[piece_of[i]];
        piece->dot_count++;
        double heading =
            places->plan->dot_heading_rad == NULL ? 0.0 : (double)places->plan->dot_heading_rad[i];
        double on[2];
        flat_piece_tangent(piece, triangle,
                           growth_heading_to_surface(places->plan->head, heading, point), on);
        at[i].heading_rad = atan2(on[1], on[0]);
    }
    for (int p = 0; p < flat->piece_count; p++) {
        FlatPiece *piece = &flat->piece[p];
        piece->dot = ARENA_NEW(arena, FlatDot, (size_t)piece->dot_count);
        if (piece->dot == NULL)
            return err_set(err, ERR_LIMIT, "no room for %d dots laid flat", piece->dot_count);
        piece->dot_count = 0;
    }
    for (int i = 0; i < dots->count; i++) {
        FlatPiece *piece = &flat->piece[piece_of[i]];
        piece->dot[piece->dot_count++] = at[i];
    }
    return true;
}

static bool take_marks(Arena *arena, const FlatPlaces *places, Flat *flat, Err *err)
{
    const Head *head = places->plan->head;
    for (int i = 0; i < HEAD_LANDMARKS; i++) {
        FlatMark mark = {.landmark = (HeadLandmark)i};
        int triangle;
        if (!head_knows(head, (HeadLandmark)i))
            continue;
        int p = flat_place(places, flat, head_nearest(head, head->landmark_mm[i]), mark.at_mm,
                           &triangle);
        if (p < 0)
            continue;
        FlatPiece *piece = &flat->piece[p];
        if (piece->mark == NULL)
            piece->mark = ARENA_NEW(arena, FlatMark, HEAD_LANDMARKS);
        if (piece->mark == NULL)
            return err_set(err, ERR_LIMIT, "no room for the landmarks of a piece");
        piece->mark[piece->mark_count++] = mark;
    }
    return true;
}

bool flat_draw(Arena *arena, Arena *scratch, const FlatPlaces *places, Flat *flat, Err *err)
{
    size_t pieces = (size_t)flat->piece_count;
    int curves = 0;
    FlatCurve *curve = NULL;
    Pen pen = {.places = places,
               .flat = flat,
               .piece = -1,
               .lines = ARENA_NEW(scratch, int, pieces),
               .points = ARENA_NEW(scratch, int, pieces)};
    double(**ink)[2] = arena_alloc(scratch, pieces, sizeof *ink);
    if (pen.lines == NULL || pen.points == NULL || ink == NULL)
        return err_set(err, ERR_LIMIT, "no room for the lines of %zu pieces", pieces);
    /* the curves stay in the arena: there is only one scratch */
    if (!flat_borders(arena, scratch, places->plan->head, places->plan->layout->zone, &curves,
                      &curve, err))
        return false;
    draw_lines(&pen, curves, curve);
    pen.ink = ink;
    if (!take_ink(arena, &pen, err))
        return false;
    draw_lines(&pen, curves, curve);
    return take_dots(arena, scratch, places, flat, err) && take_marks(arena, places, flat, err);
}
