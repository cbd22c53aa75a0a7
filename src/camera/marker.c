#include "camera/marker_internal.h"

#include <apriltag/apriltag.h>
#include <apriltag/tag36h11.h>
#include <assert.h>
#include <math.h>
#include <string.h>

enum { CELLS = 8, CORNERS = 12 };
/* Ids 0.. are what everybody prints; each kind has MARKER_MAX_TAGS from here. */
static const int first_id[MARKER_KINDS] = {64, 128, 192};

const char *marker_kind_name(MarkerKind kind)
{
    static const char *const name[MARKER_KINDS] = {"close", "head", "strip"};
    return name[kind];
}

int marker_first_id(MarkerKind kind)
{
    return first_id[kind];
}

bool marker_kind_of_tag(int id, MarkerKind *kind, int *tag)
{
    for (int i = 0; i < MARKER_KINDS; i++)
        if (id >= first_id[i] && id < first_id[i] + MARKER_MAX_TAGS) {
            *kind = (MarkerKind)i;
            *tag = id - first_id[i];
            return true;
        }
    return false;
}

void marker_tag_corners(const MarkerTag *tag, double corner_mm[4][2])
{
    static const double sign[4][2] = {{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}};
    for (int k = 0; k < 4; k++) {
        corner_mm[k][0] = tag->x_mm + sign[k][0] * tag->side_mm;
        corner_mm[k][1] = tag->y_mm + sign[k][1] * tag->tall_mm;
    }
}

/* The library's own picture of a tag: a white cell around the black border. */
static bool read_cells(apriltag_family_t *family, MarkerTag *tag)
{
    image_u8_t *picture = apriltag_to_image(family, tag->id);
    bool fits = picture->width == CELLS + 2 && picture->height == CELLS + 2;
    tag->black = 0;
    for (int i = 0; fits && i < CELLS * CELLS; i++)
        if (picture->buf[(i / CELLS + 1) * picture->stride + i % CELLS + 1] == 0)
            tag->black |= UINT64_C(1) << i;
    image_u8_destroy(picture);
    return fits;
}

bool marker_make(MarkerKind kind, int print_id, Marker *marker, Err *err)
{
    if (kind < 0 || kind >= MARKER_KINDS)
        return err_set(err, ERR_INPUT, "there is no marker of kind %d", (int)kind);
    if (print_id < 0 || print_id >= MARKER_PRINT_IDS)
        return err_set(err, ERR_INPUT, "print id %d is not within 0..%d", print_id,
                       MARKER_PRINT_IDS - 1);
    memset(marker, 0, sizeof *marker);
    marker->kind = kind;
    marker->version = MARKER_VERSION;
    marker->print_id = print_id;
    marker_lay_out(marker);
    apriltag_family_t *family = tag36h11_create();
    bool ok = true;
    for (int i = 0; ok && i < marker->tag_count; i++)
        ok = read_cells(family, &marker->tag[i]);
    tag36h11_destroy(family);
    marker_sort_bins(marker);
    return ok || err_set(err, ERR_NUMERIC, "libapriltag draws tags of another size");
}

/* ---- squares of the paper ---- */

typedef struct Box {
    double left, top, right, bottom;
} Box;

static Box tag_box(const MarkerTag *tag)
{
    return (Box){tag->x_mm - 0.5 * tag->side_mm, tag->y_mm - 0.5 * tag->tall_mm,
                 tag->x_mm + 0.5 * tag->side_mm, tag->y_mm + 0.5 * tag->tall_mm};
}

static Box shape_box(const MarkerShape *shape)
{
    Box box = {shape->x_mm[0], shape->y_mm[0], shape->x_mm[0], shape->y_mm[0]};
    for (int i = 1; i < (shape->kind == MARKER_BOX ? 2 : 4); i++) {
        box.left = fmin(box.left, shape->x_mm[i]);
        box.right = fmax(box.right, shape->x_mm[i]);
        box.top = fmin(box.top, shape->y_mm[i]);
        box.bottom = fmax(box.bottom, shape->y_mm[i]);
    }
    return box;
}

static int bin_at(double offset_mm, double bin_mm, int bins)
{
    int bin = (int)floor(offset_mm / bin_mm);
    return bin < 0 ? 0 : bin < bins ? bin : bins - 1;
}

/* Counts an item into its bins, or puts it there. */
static void sort_item(Marker *marker, Box box, int item, uint16_t fill[], bool put)
{
    int x0 = bin_at(box.left - marker->left_mm, marker->bin_mm[0], marker->bin_columns);
    int x1 = bin_at(box.right - marker->left_mm, marker->bin_mm[0], marker->bin_columns);
    int y0 = bin_at(box.top - marker->top_mm, marker->bin_mm[1], marker->bin_rows);
    int y1 = bin_at(box.bottom - marker->top_mm, marker->bin_mm[1], marker->bin_rows);
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            uint16_t *at = &fill[y * marker->bin_columns + x];
            if (put)
                marker->bin_item[*at] = (uint16_t)item;
            (*at)++;
        }
}

static void sort_all(Marker *marker, uint16_t fill[], bool put)
{
    for (int i = 0; i < marker->shape_count; i++)
        if (marker->shape[i].kind != MARKER_TEXT)
            sort_item(marker, shape_box(&marker->shape[i]), i, fill, put);
    for (int i = 0; i < marker->tag_count; i++)
        sort_item(marker, tag_box(&marker->tag[i]), MARKER_MAX_SHAPES + i, fill, put);
}

void marker_sort_bins(Marker *marker)
{
    static const double target_mm = 3.9; /* four marks of a ruler */
    double wide = marker->right_mm - marker->left_mm, tall = marker->bottom_mm - marker->top_mm;
    uint16_t fill[MARKER_BINS] = {0};
    marker->bin_columns = (int)ceil(wide / target_mm);
    marker->bin_rows = (int)ceil(tall / target_mm);
    marker->bin_mm[0] = wide / marker->bin_columns;
    marker->bin_mm[1] = tall / marker->bin_rows;
    int bins = marker->bin_columns * marker->bin_rows;
    assert(bins <= MARKER_BINS);
    sort_all(marker, fill, false);
    marker->bin_start[0] = 0;
    for (int i = 0; i < bins; i++) {
        marker->bin_start[i + 1] = (uint16_t)(marker->bin_start[i] + fill[i]);
        fill[i] = marker->bin_start[i];
    }
    assert(marker->bin_start[bins] <= MARKER_BIN_ITEMS);
    sort_all(marker, fill, true);
}

/* ---- the surface at a place ---- */

static double overlap(double low, double high, double from, double to)
{
    return fmax(fmin(high, to) - fmax(low, from), 0.0);
}

/* Area of the tag's black cells within a box. */
static double tag_area(const MarkerTag *tag, Box box)
{
    double cell_x = tag->side_mm / CELLS, cell_y = tag->tall_mm / CELLS;
    double left = tag->x_mm - 0.5 * tag->side_mm, top = tag->y_mm - 0.5 * tag->tall_mm;
    int x0 = bin_at(box.left - left, cell_x, CELLS), x1 = bin_at(box.right - left, cell_x, CELLS);
    int y0 = bin_at(box.top - top, cell_y, CELLS), y1 = bin_at(box.bottom - top, cell_y, CELLS);
    double area = 0.0;
    for (int y = y0; y <= y1; y++) {
        double row = 0.0;
        for (int x = x0; x <= x1; x++)
            if (tag->black >> (CELLS * y + x) & 1)
                row += overlap(box.left, box.right, left + x * cell_x, left + (x + 1) * cell_x);
        area += row * overlap(box.top, box.bottom, top + y * cell_y, top + (y + 1) * cell_y);
    }
    return area;
}

/* Cuts a convex polygon along one axis: what lies beyond `at` (sign 1: above it) goes. Sutherland
 * and Hodgman, Commun. ACM 17 (1974) 32. */
static int cut(int count, const double in[][2], int axis, double sign, double at, double out[][2])
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        const double *a = in[i], *b = in[(i + 1) % count];
        double da = sign * (a[axis] - at), db = sign * (b[axis] - at);
        if (da <= 0.0)
            memcpy(out[kept++], a, 2 * sizeof(double));
        if ((da < 0.0 && db > 0.0) || (da > 0.0 && db < 0.0)) {
            double t = da / (da - db);
            out[kept][0] = a[0] + t * (b[0] - a[0]);
            out[kept++][1] = a[1] + t * (b[1] - a[1]);
        }
    }
    return kept;
}

static double quad_area(const MarkerShape *shape, Box box)
{
    double one[CORNERS][2], two[CORNERS][2], doubled = 0.0;
    for (int i = 0; i < 4; i++) {
        one[i][0] = shape->x_mm[i];
        one[i][1] = shape->y_mm[i];
    }
    int count = cut(4, (const double(*)[2])one, 0, -1.0, box.left, two);
    count = cut(count, (const double(*)[2])two, 0, 1.0, box.right, one);
    count = cut(count, (const double(*)[2])one, 1, -1.0, box.top, two);
    count = cut(count, (const double(*)[2])two, 1, 1.0, box.bottom, one);
    for (int i = 0; i < count; i++) {
        const double *a = one[i], *b = one[(i + 1) % count];
        doubled += a[0] * b[1] - a[1] * b[0];
    }
    return 0.5 * fabs(doubled);
}

static double item_area(const Marker *marker, int item, Box box, Rgb *color)
{
    if (item >= MARKER_MAX_SHAPES) {
        *color = (Rgb){0.0f, 0.0f, 0.0f};
        return tag_area(&marker->tag[item - MARKER_MAX_SHAPES], box);
    }
    const MarkerShape *shape = &marker->shape[item];
    *color = shape->color;
    if (shape->kind == MARKER_QUAD)
        return quad_area(shape, box);
    return overlap(box.left, box.right, shape->x_mm[0], shape->x_mm[1]) *
           overlap(box.top, box.bottom, shape->y_mm[0], shape->y_mm[1]);
}

/* Light that the items of one bin take from white within the box, times area. */
static void add_bin(const Marker *marker, int column, int row, Box box, double taken[3])
{
    int bin = row * marker->bin_columns + column;
    double left = marker->left_mm + column * marker->bin_mm[0];
    double top = marker->top_mm + row * marker->bin_mm[1];
    Box part = {fmax(box.left, left), fmax(box.top, top), fmin(box.right, left + marker->bin_mm[0]),
                fmin(box.bottom, top + marker->bin_mm[1])};
    if (part.right <= part.left || part.bottom <= part.top)
        return;
    for (int i = marker->bin_start[bin]; i < marker->bin_start[bin + 1]; i++) {
        Rgb color;
        double area = item_area(marker, marker->bin_item[i], part, &color);
        taken[0] += area * (1.0 - (double)color.r);
        taken[1] += area * (1.0 - (double)color.g);
        taken[2] += area * (1.0 - (double)color.b);
    }
}

static bool on_paper(const Marker *marker, double x, double y)
{
    const double *window = marker->window_mm;
    if (!(x >= marker->left_mm && x <= marker->right_mm && y >= marker->top_mm &&
          y <= marker->bottom_mm))
        return false;
    return !marker->has_window ||
           !(x > window[0] && x < window[2] && y > window[1] && y < window[3]);
}

bool marker_color_at(const Marker *marker, double x_mm, double y_mm, double side_mm, Rgb *color)
{
    /* A point is a box too small to straddle anything that matters: 0.1 um. */
    double half = fmax(0.5 * side_mm, 0.5e-4), taken[3] = {0};
    if (!on_paper(marker, x_mm, y_mm))
        return false;
    Box box = {x_mm - half, y_mm - half, x_mm + half, y_mm + half};
    int x0 = bin_at(box.left - marker->left_mm, marker->bin_mm[0], marker->bin_columns);
    int x1 = bin_at(box.right - marker->left_mm, marker->bin_mm[0], marker->bin_columns);
    int y0 = bin_at(box.top - marker->top_mm, marker->bin_mm[1], marker->bin_rows);
    int y1 = bin_at(box.bottom - marker->top_mm, marker->bin_mm[1], marker->bin_rows);
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++)
            add_bin(marker, x, y, box, taken);
    double area = 4.0 * half * half;
    color->r = (float)(1.0 - taken[0] / area);
    color->g = (float)(1.0 - taken[1] / area);
    color->b = (float)(1.0 - taken[2] / area);
    return true;
}
