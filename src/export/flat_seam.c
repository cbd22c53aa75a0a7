#include "export/flat_internal.h"

/* A seam this near to x = 0 all along is the midline. */
static const double middle_mm = 0.3;

/* Where a run of edges with one neighbour begins; 0 where the whole loop has one. */
static int first_run(const FlatLoop *loop)
{
    for (int i = 0; i < loop->count; i++)
        if (loop->across[i] != loop->across[(i + loop->count - 1) % loop->count])
            return i;
    return 0;
}

static FlatSeam make_seam(const FlatPiece *piece, int number, int first)
{
    const FlatLoop *loop = &piece->loop[number];
    FlatSeam seam = {.across = loop->across[first], .loop = number, .first = first, .middle = true};
    while (seam.edges < loop->count &&
           loop->across[(first + seam.edges) % loop->count] == seam.across) {
        Vec3 a = piece->head_mm[loop->vertex[(first + seam.edges) % loop->count]];
        Vec3 b = piece->head_mm[loop->vertex[(first + seam.edges + 1) % loop->count]];
        seam.length_mm += vec_distance(a, b);
        seam.middle &= fabs(a.x) < middle_mm && fabs(b.x) < middle_mm;
        seam.edges++;
    }
    return seam;
}

bool flat_take_seams(Arena *arena, FlatPiece *piece, Err *err)
{
    int border = 0;
    for (int l = 0; l < piece->loop_count; l++)
        border += piece->loop[l].count;
    piece->seam = ARENA_NEW(arena, FlatSeam, (size_t)border);
    if (piece->seam == NULL)
        return err_set(err, ERR_LIMIT, "no room for the seams of a piece");
    for (int l = 0; l < piece->loop_count; l++) {
        const FlatLoop *loop = &piece->loop[l];
        int first = first_run(loop);
        for (int done = 0; done < loop->count;) {
            FlatSeam seam = make_seam(piece, l, (first + done) % loop->count);
            done += seam.edges;
            if (seam.across >= 0)
                piece->seam[piece->seam_count++] = seam;
        }
    }
    return true;
}

void flat_seam_at(const FlatPiece *piece, const FlatSeam *seam, double share, double at_mm[2],
                  double inward[2])
{
    const FlatLoop *loop = &piece->loop[seam->loop];
    double rest = share * seam->length_mm;
    for (int i = 0; i < seam->edges; i++) {
        int a = loop->vertex[(seam->first + i) % loop->count];
        int b = loop->vertex[(seam->first + i + 1) % loop->count];
        double step = vec_distance(piece->head_mm[a], piece->head_mm[b]);
        if (rest > step && i + 1 < seam->edges) {
            rest -= step;
            continue;
        }
        double t = step > 0.0 ? fmin(rest / step, 1.0) : 0.0;
        double along[2] = {piece->at_mm[b][0] - piece->at_mm[a][0],
                           piece->at_mm[b][1] - piece->at_mm[a][1]};
        double length = hypot(along[0], along[1]);
        for (int d = 0; d < 2; d++)
            at_mm[d] = piece->at_mm[a][d] + t * along[d];
        inward[0] =
            length > 0.0 ? -along[1] / length : 0.0; /* loops have the piece on their left */
        inward[1] = length > 0.0 ? along[0] / length : 0.0;
        return;
    }
}
