#include "export/flat_internal.h"

#include "head/growth.h"

static const double pi = 3.14159265358979323846;
/* Turns that are tried to make a piece fit: 3 degrees apart, to a right angle both ways. */
enum { ANGLES = 31 };
static const double angle_step_rad = 3.0 * 3.14159265358979323846 / 180.0;

static double loop_area(const FlatPiece *piece, const FlatLoop *loop)
{
    double sum = 0.0;
    for (int i = 0; i < loop->count; i++) {
        const double *a = piece->at_mm[loop->vertex[i]];
        const double *b = piece->at_mm[loop->vertex[(i + 1) % loop->count]];
        sum += 0.5 * (a[0] * b[1] - a[1] * b[0]);
    }
    return sum;
}

void flat_outside_first(FlatPiece *piece)
{
    for (int i = 1; i < piece->loop_count; i++)
        if (loop_area(piece, &piece->loop[i]) > loop_area(piece, &piece->loop[0])) {
            FlatLoop first = piece->loop[0];
            piece->loop[0] = piece->loop[i];
            piece->loop[i] = first;
        }
}

static void box_of(const FlatPiece *piece, double turn_rad, double low[2], double size[2])
{
    double high[2] = {-1e9, -1e9}, c = cos(turn_rad), s = sin(turn_rad);
    low[0] = low[1] = 1e9;
    for (int v = 0; v < piece->vertex_count; v++) {
        const double *at = piece->at_mm[v];
        double to[2] = {c * at[0] - s * at[1], s * at[0] + c * at[1]};
        for (int d = 0; d < 2; d++) {
            low[d] = fmin(low[d], to[d]);
            high[d] = fmax(high[d], to[d]);
        }
    }
    size[0] = high[0] - low[0];
    size[1] = high[1] - low[1];
}

/* Where the back of the head lies on the sheet as it is unfolded. */
static double way_back_rad(const Head *head, const FlatPiece *piece)
{
    double sum[2] = {0};
    for (int t = 0; t < piece->triangle_count; t++) {
        const int *v = piece->triangle[t];
        Vec3 middle = vec_scale(
            vec_add(vec_add(piece->head_mm[v[0]], piece->head_mm[v[1]]), piece->head_mm[v[2]]),
            1.0 / 3.0);
        Vec3 way = vec_normalize(vec_sub(middle, head->centre_mm));
        double on[2];
        flat_piece_tangent(piece, t, growth_heading_to_tangent(-0.5 * pi, way), on);
        double length = hypot(on[0], on[1]);
        for (int d = 0; d < 2 && length > 0.0; d++)
            sum[d] += on[d] / length;
    }
    return atan2(sum[1], sum[0]);
}

bool flat_place_on_page(const Head *head, const double page_mm[2], FlatPiece *piece)
{
    double upright = 0.5 * pi - way_back_rad(head, piece), low[2], size[2], turn = upright;
    bool fits = false;
    for (int i = 0; i <= 2 * ANGLES && !fits; i++) {
        turn = upright + (i % 2 == 0 ? 1 : -1) * ((i + 1) / 2) * angle_step_rad;
        box_of(piece, turn, low, size);
        fits = size[0] <= page_mm[0] && size[1] <= page_mm[1];
    }
    turn = fits ? turn : upright;
    box_of(piece, turn, low, size);
    for (int v = 0; v < piece->vertex_count; v++) {
        double *at = piece->at_mm[v], c = cos(turn), s = sin(turn);
        double to[2] = {c * at[0] - s * at[1] - low[0], s * at[0] + c * at[1] - low[1]};
        at[0] = to[0];
        at[1] = to[1];
    }
    piece->width_mm = size[0];
    piece->height_mm = size[1];
    return fits;
}

/* The vertex farthest from all borders, on a grid of every few. */
void flat_place_label(FlatPiece *piece)
{
    double most = -1.0;
    for (int v = 0; v < piece->vertex_count; v += 5) {
        double least = 1e9;
        for (int l = 0; l < piece->loop_count; l++)
            for (int i = 0; i < piece->loop[l].count; i += 2) {
                const double *at = piece->at_mm[piece->loop[l].vertex[i]];
                least = fmin(least, hypot(at[0] - piece->at_mm[v][0], at[1] - piece->at_mm[v][1]));
            }
        /* among places about as good, the one nearest to the middle of the box */
        double off = hypot(piece->at_mm[v][0] - 0.5 * piece->width_mm,
                           piece->at_mm[v][1] - 0.5 * piece->height_mm);
        if (least - 0.15 * off > most || v == 0) {
            most = least - 0.15 * off;
            piece->label_mm[0] = piece->at_mm[v][0];
            piece->label_mm[1] = piece->at_mm[v][1];
            piece->label_head_mm = piece->head_mm[v];
        }
    }
}
