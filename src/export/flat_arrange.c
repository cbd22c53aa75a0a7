#include "export/flat_internal.h"

/* Shelves: the highest pieces first, each on the first shelf that has room for it. */
typedef struct Shelf {
    double used_mm, high_mm, top_mm;
    int page;
} Shelf;

static void open_shelf(int count, Shelf shelf[], double high_mm, double page_mm, double gap_mm)
{
    Shelf *new = &shelf[count];
    *new = (Shelf){.high_mm = high_mm};
    for (int s = 0; s < count; s++)
        if (shelf[s].page > new->page)
            new->page = shelf[s].page;
    for (int page = 0; page <= new->page + 1; page++) { /* the first page with room below */
        double top = 0.0;
        for (int s = 0; s < count; s++)
            if (shelf[s].page == page)
                top = fmax(top, shelf[s].top_mm + shelf[s].high_mm + gap_mm);
        if (page_mm <= 0.0 || top + high_mm <= page_mm + 1e-6 || top <= 0.0) {
            new->page = page;
            new->top_mm = top;
            return;
        }
    }
}

bool flat_arrange(Arena *scratch, const Flat *flat, const double page_mm[2], double gap_mm,
                  FlatSpot spot[], Err *err)
{
    size_t mark = arena_mark(scratch), count = (size_t)flat->piece_count;
    Shelf *shelf = ARENA_NEW(scratch, Shelf, count + 1);
    int *shelf_of = ARENA_NEW(scratch, int, count + 1), shelves = 0;
    bool *placed = ARENA_NEW(scratch, bool, count + 1);
    if (shelf == NULL || shelf_of == NULL || placed == NULL)
        return err_set(err, ERR_LIMIT, "no room to arrange %zu pieces", count);
    for (int n = 0; n < flat->piece_count; n++) {
        int next = -1, s = 0;
        for (int p = 0; p < flat->piece_count; p++)
            if (!placed[p] &&
                (next < 0 || flat->piece[p].height_mm > flat->piece[next].height_mm + 1e-9))
                next = p;
        const FlatPiece *piece = &flat->piece[next];
        while (s < shelves && shelf[s].used_mm + piece->width_mm > page_mm[0] + 1e-6)
            s++;
        if (s == shelves)
            open_shelf(shelves++, shelf, piece->height_mm, page_mm[1], gap_mm);
        shelf[s].used_mm += piece->width_mm + gap_mm;
        shelf_of[next] = s;
        placed[next] = true;
    }
    for (int s = 0; s < shelves; s++) /* on a shelf in the order of the numbers */
        shelf[s].used_mm = 0.0;
    for (int p = 0; p < flat->piece_count; p++) {
        Shelf *on = &shelf[shelf_of[p]];
        spot[p] = (FlatSpot){.page = on->page, .left_mm = on->used_mm, .top_mm = on->top_mm};
        on->used_mm += flat->piece[p].width_mm + gap_mm;
    }
    arena_rewind(scratch, mark);
    return true;
}
