#include "camera/marker_internal.h"

#include "base/doc.h"
#include "base/node.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double most_apart = 0.01; /* x against y: then the card is no plane of one scale */
static const double most_off = 0.08;   /* "fit to page" shrinks by 3 to 6 % */

static bool check_bar(const char *axis, double read_mm, double bar_mm, Err *err)
{
    double off = read_mm / bar_mm - 1.0;
    if (isfinite(off) && fabs(off) <= most_off)
        return true;
    return err_set(err, ERR_INPUT,
                   "the %s bar measures %g mm instead of %g mm, %.1f %% off: print again at 100 %% "
                   "(actual size), not fitted to the page",
                   axis, read_mm, bar_mm, 100.0 * off);
}

bool marker_print_measure(const Marker *marker, double bar_x_mm, double bar_y_mm,
                          MarkerPrint *print, Err *err)
{
    double x = bar_x_mm / marker->bar_x_mm, y = bar_y_mm / marker->bar_y_mm;
    if (!check_bar("level", bar_x_mm, marker->bar_x_mm, err) ||
        !check_bar("upright", bar_y_mm, marker->bar_y_mm, err))
        return false;
    double apart = fabs(x / y - 1.0);
    if (apart > most_apart + 1e-12)
        return err_set(err, ERR_INPUT,
                       "the print is %.1f %% %s than it should be against its height (bars %g and "
                       "%g mm; 1 %% is allowed): measure both bars again, or use another printer",
                       100.0 * apart, x > y ? "wider" : "narrower", bar_x_mm, bar_y_mm);
    *print = (MarkerPrint){.print_id = marker->print_id, .factor_x = x, .factor_y = y};
    return true;
}

static void stretch4(double box[4], double x, double y)
{
    for (int i = 0; i < 4; i++)
        box[i] *= i % 2 == 0 ? x : y;
}

static void stretch_shape(MarkerShape *shape, double x, double y)
{
    for (int i = 0; i < 4; i++) {
        shape->x_mm[i] *= x;
        shape->y_mm[i] *= y;
    }
    shape->text_mm *= shape->turned ? x : y;
}

void marker_apply_print(Marker *marker, const MarkerPrint *print)
{
    double x = print->factor_x, y = print->factor_y;
    marker->left_mm *= x;
    marker->right_mm *= x;
    marker->top_mm *= y;
    marker->bottom_mm *= y;
    marker->bar_x_mm *= x;
    marker->bar_y_mm *= y;
    stretch4(marker->window_mm, x, y);
    stretch4(marker->rim_mm, x, y);
    stretch4(marker->edge_mm, x, y);
    stretch4(marker->level_edge_mm, x, y);
    for (int i = 0; i <= marker->piece_count; i++)
        marker->piece_mm[i] *= x;
    for (int i = 0; i < marker->tag_count; i++) {
        MarkerTag *tag = &marker->tag[i];
        tag->x_mm *= x;
        tag->y_mm *= y;
        tag->side_mm *= x;
        tag->tall_mm *= y;
    }
    for (int i = 0; i < marker->patch_count; i++) {
        MarkerPatch *patch = &marker->patch[i];
        patch->x_mm *= x;
        patch->y_mm *= y;
        patch->width_mm *= x;
        patch->height_mm *= y;
    }
    for (int i = 0; i < marker->shape_count; i++)
        stretch_shape(&marker->shape[i], x, y);
    marker_sort_bins(marker);
}

const MarkerPrint *marker_prints_find(const MarkerPrints *prints, int print_id)
{
    for (int i = 0; prints != NULL && i < prints->count; i++)
        if (prints->print[i].print_id == print_id)
            return &prints->print[i];
    return NULL;
}
