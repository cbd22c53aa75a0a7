#include "camera/marker_internal.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool check_bar(const char *axis, double read_mm, double bar_mm, Err *err)
{
    double off = read_mm / bar_mm - 1.0;
    if (isfinite(off) && fabs(off) <= MARKER_MOST_OFF)
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
    if (apart > MARKER_MOST_APART + 1e-12)
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

/* ---- measured colours ---- */

static const double most_delta_e = 40.0; /* more is another patch's row [assumption] */

/* "name,L,a,b" with blanks allowed around each; false when the line is not of that form. */
static bool read_row(TextSpan line, TextSpan field[4])
{
    const char *at = line.start, *end = line.start + line.length;
    for (int k = 0; k < 4; k++) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        if ((comma == NULL) != (k == 3))
            return false;
        TextCursor part = text_cursor((size_t)((k == 3 ? end : comma) - at), at);
        field[k] = text_rest_of_line(&part);
        at = k == 3 ? end : comma + 1;
    }
    return true;
}

static int patch_named(const Marker *marker, TextSpan name)
{
    for (int i = 0; i < marker->patch_count; i++)
        if (text_equals(name, marker->patch[i].name))
            return i;
    return -1;
}

static bool take_row(const Marker *marker, int line, TextSpan field[4], bool taken[],
                     MarkerPrint *print, Err *err)
{
    double lab[3];
    int width = field[0].length < 23 ? (int)field[0].length : 23;
    int patch = patch_named(marker, field[0]);
    if (patch < 0)
        return err_set(err, ERR_INPUT, "line %d: the card has no patch '%.*s'", line, width,
                       field[0].start);
    if (taken[patch])
        return err_set(err, ERR_INPUT, "line %d: patch '%s' stands there a second time", line,
                       marker->patch[patch].name);
    for (int k = 0; k < 3; k++)
        if (!text_to_double(field[1 + k], &lab[k]) || !(fabs(lab[k]) <= 128.0))
            return err_set(err, ERR_INPUT, "line %d: '%.*s' is no %c* of a colour", line,
                           field[1 + k].length < 23 ? (int)field[1 + k].length : 23,
                           field[1 + k].start, "Lab"[k]);
    print->patch[patch] = (Lab){lab[0], lab[1], lab[2]};
    double off = color_delta_e2000(print->patch[patch], marker->patch[patch].design);
    if (!(off <= most_delta_e))
        return err_set(err, ERR_INPUT,
                       "line %d: %s is %.0f deltaE00 from what was printed (%g, %g, %g): is it the "
                       "colour of another patch?",
                       line, marker->patch[patch].name, off, marker->patch[patch].design.L,
                       marker->patch[patch].design.a, marker->patch[patch].design.b);
    return taken[patch] = true;
}

bool marker_print_colours(const Marker *marker, size_t size, const char *bytes, MarkerPrint *print,
                          Err *err)
{
    bool taken[MARKER_MAX_PATCHES] = {false};
    TextCursor cursor = text_cursor(size, bytes);
    for (int line = 1; !text_at_end(&cursor); line++) {
        TextSpan row = text_rest_of_line(&cursor), field[4];
        if (row.length == 0)
            continue;
        if (!read_row(row, field))
            return err_set(err, ERR_INPUT, "line %d: expected name,L,a,b", line);
        bool heading = line == 1 && text_equals(field[0], "name");
        if (!heading && !take_row(marker, line, field, taken, print, err))
            return false;
    }
    for (int i = 0; i < marker->patch_count; i++) {
        if (!taken[i])
            return err_set(err, ERR_INPUT,
                           "the colour of patch '%s' is missing (white is the bare "
                           "paper)",
                           marker->patch[i].name);
        memcpy(print->patch_name[i], marker->patch[i].name, sizeof print->patch_name[i]);
    }
    print->patch_count = marker->patch_count;
    return true;
}
