#include "camera/marker_internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const Rgb black = {0.0f, 0.0f, 0.0f};
static const Rgb soft = {0.1f, 0.1f, 0.1f}; /* of texts and rulers: lighter than the tags */
static const double tick_mm = 0.15;         /* two dots of a 300 dpi printer at least */
static const double slant_rad = 0.0873;     /* 5 degrees: ISO 12233 */

/* ---- what goes onto the paper ---- */

static MarkerShape *add_shape(Marker *marker, MarkerShapeKind kind, Rgb color)
{
    assert(marker->shape_count < MARKER_MAX_SHAPES);
    MarkerShape *shape = &marker->shape[marker->shape_count++];
    shape->kind = kind;
    shape->color = color;
    return shape;
}

static void add_box(Marker *marker, double left, double top, double right, double bottom, Rgb color)
{
    MarkerShape *shape = add_shape(marker, MARKER_BOX, color);
    shape->x_mm[0] = left;
    shape->y_mm[0] = top;
    shape->x_mm[1] = right;
    shape->y_mm[1] = bottom;
}

static void add_quad(Marker *marker, const double xy_mm[4][2], Rgb color)
{
    MarkerShape *shape = add_shape(marker, MARKER_QUAD, color);
    for (int i = 0; i < 4; i++) {
        shape->x_mm[i] = xy_mm[i][0];
        shape->y_mm[i] = xy_mm[i][1];
    }
}

static MarkerShape *add_text(Marker *marker, double x, double y, double high_mm, double anchor,
                             const char *text)
{
    MarkerShape *shape = add_shape(marker, MARKER_TEXT, soft);
    shape->x_mm[0] = x;
    shape->y_mm[0] = y;
    shape->text_mm = high_mm;
    shape->text_anchor = anchor;
    snprintf(shape->text, sizeof shape->text, "%s", text);
    return shape;
}

static void add_tag(Marker *marker, double x, double y, double side_mm)
{
    assert(marker->tag_count < MARKER_MAX_TAGS);
    int index = marker->tag_count++;
    marker->tag[index] = (MarkerTag){.id = marker_first_id(marker->kind) + index,
                                     .x_mm = x,
                                     .y_mm = y,
                                     .side_mm = side_mm,
                                     .tall_mm = side_mm};
}

/* Makes a tag of the list one of the pair that carries the print id. */
static void carry_print(Marker *marker, int index, bool high)
{
    MarkerTag *tag = &marker->tag[index];
    int byte = high ? marker->print_id >> 8 : marker->print_id & 255;
    tag->carries_print = true;
    tag->id = MARKER_FIRST_PRINT_TAG + byte;
}

/* ---- patches ---- */

typedef struct Ink {
    const char *name;
    Lab lab;
} Ink;

/* Steps of 14 L* from the paper's white to what matt paper still holds [assumption]. */
static const Ink greys[] = {{"grey1", {86.0, 0.0, 0.0}}, {"grey2", {72.0, 0.0, 0.0}},
                            {"grey3", {58.0, 0.0, 0.0}}, {"grey4", {44.0, 0.0, 0.0}},
                            {"grey5", {30.0, 0.0, 0.0}}, {"grey6", {16.0, 0.0, 0.0}}};
/* One for each class of ITA (59, 45, 32, 15, -17, -57 degrees), chroma as skin of that lightness
 * has it [assumption, after the classes of Del Bino 2006]. */
static const Ink skins[] = {{"skin1", {72.0, 8.0, 13.0}},  {"skin2", {66.0, 10.0, 16.0}},
                            {"skin3", {61.0, 11.5, 17.5}}, {"skin4", {55.0, 12.0, 18.0}},
                            {"skin5", {45.0, 12.0, 16.0}}, {"skin6", {34.0, 9.0, 10.5}}};
/* As saturated as both sRGB and a desktop printer hold. */
static const Ink colours[] = {{"red", {44.0, 54.0, 30.0}},    {"yellow", {82.0, 4.0, 74.0}},
                              {"green", {54.0, -38.0, 32.0}}, {"cyan", {60.0, -20.0, -26.0}},
                              {"blue", {32.0, 14.0, -44.0}},  {"magenta", {52.0, 48.0, -14.0}}};
static const Ink white = {"white", {100.0, 0.0, 0.0}};
static const double skin_weight = 3.0; /* field/assess 1.3 */

static void add_patch(Marker *marker, const Ink *ink, double left, double top, double width_mm,
                      double height_mm)
{
    assert(marker->patch_count < MARKER_MAX_PATCHES);
    MarkerPatch *patch = &marker->patch[marker->patch_count++];
    bool skin = strncmp(ink->name, "skin", 4) == 0;
    *patch = (MarkerPatch){.x_mm = left,
                           .y_mm = top,
                           .width_mm = width_mm,
                           .height_mm = height_mm,
                           .design = ink->lab,
                           .weight = skin ? skin_weight : 1.0,
                           .grey = ink == &white || strncmp(ink->name, "grey", 4) == 0,
                           .skin = skin};
    snprintf(patch->name, sizeof patch->name, "%s", ink->name);
    if (ink != &white) /* bare paper */
        add_box(marker, left, top, left + width_mm, top + height_mm, color_from_lab(ink->lab));
}

/* ---- rulers and edges ---- */

/* Millimetres along one edge of a card: marks from a base line outwards, numbers beyond them. */
typedef struct Ruler {
    double base_mm, long_mm, number_mm; /* place of the base; longest mark; height of numbers */
    int millimetres;                    /* from the middle, half to each side */
} Ruler;

static double mark_length(const Ruler *ruler, int millimetre)
{
    return millimetre % 10 == 0  ? ruler->long_mm
           : millimetre % 5 == 0 ? 0.75 * ruler->long_mm
                                 : 0.5 * ruler->long_mm;
}

static void add_ruler_x(Marker *marker, const Ruler *ruler)
{
    char text[16];
    double start = -0.5 * ruler->millimetres, y = ruler->base_mm;
    for (int i = 0; i <= ruler->millimetres; i++) {
        double x = start + i, end = y + mark_length(ruler, i);
        add_box(marker, x - 0.5 * tick_mm, y, x + 0.5 * tick_mm, end, soft);
        if (i % 10 != 0)
            continue;
        snprintf(text, sizeof text, "%d", i);
        add_text(marker, x, y + ruler->long_mm + 0.3 + ruler->number_mm, ruler->number_mm, 0.5,
                 text);
    }
}

/* Along the left edge, upwards, its numbers turned. */
static void add_ruler_y(Marker *marker, const Ruler *ruler)
{
    char text[16];
    double start = 0.5 * ruler->millimetres, x = -ruler->base_mm;
    for (int i = 0; i <= ruler->millimetres; i++) {
        double y = start - i, end = x - mark_length(ruler, i);
        add_box(marker, end, y - 0.5 * tick_mm, x, y + 0.5 * tick_mm, soft);
        if (i % 10 != 0)
            continue;
        snprintf(text, sizeof text, "%d", i);
        add_text(marker, x - ruler->long_mm - 0.3, y, ruler->number_mm, 0.5, text)->turned = true;
    }
}

/* A black box turned by 5 degrees; its right side is the upright edge, its lower one the level. */
static void add_edges(Marker *marker, double x, double y, double width_mm, double height_mm)
{
    static const double corner[4][2] = {{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}};
    double c = cos(slant_rad), s = sin(slant_rad), xy[4][2];
    for (int i = 0; i < 4; i++) {
        double u = corner[i][0] * width_mm, v = corner[i][1] * height_mm;
        xy[i][0] = x + c * u - s * v;
        xy[i][1] = y + s * u + c * v;
    }
    add_quad(marker, (const double(*)[2])xy, black);
    for (int k = 0; k < 2; k++) {
        marker->edge_mm[k] = xy[2][k];
        marker->edge_mm[2 + k] = xy[1][k];
        marker->level_edge_mm[k] = xy[3][k];
        marker->level_edge_mm[2 + k] = xy[2][k];
    }
}

/* ---- the two cards ---- */

static void set_paper(Marker *marker, double half_x, double half_y, double rim_mm)
{
    marker->left_mm = -half_x;
    marker->right_mm = half_x;
    marker->top_mm = -half_y;
    marker->bottom_mm = half_y;
    marker->rim_mm[0] = rim_mm - half_x;
    marker->rim_mm[1] = rim_mm - half_y;
    marker->rim_mm[2] = half_x - rim_mm;
    marker->rim_mm[3] = half_y - rim_mm;
    marker->piece_count = 1;
    marker->piece_mm[0] = -half_x;
    marker->piece_mm[1] = half_x;
}

/* Corners and middles of the sides of a square; the left and right middles carry the print id. */
static void add_ring_of_tags(Marker *marker, double reach_mm, double side_mm)
{
    static const int place[8][2] = {{-1, -1}, {0, -1}, {1, -1}, {-1, 0},
                                    {1, 0},   {-1, 1}, {0, 1},  {1, 1}};
    for (int i = 0; i < 8; i++)
        add_tag(marker, place[i][0] * reach_mm, place[i][1] * reach_mm, side_mm);
    carry_print(marker, 3, true);
    carry_print(marker, 4, false);
}

/* 70 mm; from the window outwards: white 15..19, tags and patches 19..27, rulers and texts
 * 28..31.5, white rim 31.5..35. */
static void lay_out_close(Marker *marker)
{
    enum { SLOTS = 6 };
    static const double near_mm = 19.0, deep_mm = 8.0, wide_mm = 4.0;
    /* Three patches to each side of the tag in the middle of a side: 5 (its quiet zone) to 18. */
    static const double slot_mm[SLOTS] = {-17.7, -13.45, -9.2, 5.2, 9.45, 13.7};
    static const Ruler ruler = {
        .base_mm = 28.2, .long_mm = 1.6, .number_mm = 1.3, .millimetres = 50};
    char text[48];
    set_paper(marker, 35.0, 35.0, 3.5);
    marker->has_window = true;
    for (int i = 0; i < 4; i++)
        marker->window_mm[i] = i < 2 ? -15.0 : 15.0;
    add_ring_of_tags(marker, 23.0, deep_mm);
    add_patch(marker, &white, slot_mm[3], -near_mm - deep_mm, slot_mm[5] + wide_mm - slot_mm[3],
              deep_mm);
    for (int i = 0; i < SLOTS; i++) {
        add_patch(marker, &greys[i], slot_mm[i], near_mm, wide_mm, deep_mm);
        add_patch(marker, &skins[i], -near_mm - deep_mm, slot_mm[i], deep_mm, wide_mm);
        add_patch(marker, &colours[i], near_mm, slot_mm[i], deep_mm, wide_mm);
    }
    add_edges(marker, -11.5, -23.0, 8.0, 6.0);
    add_ruler_x(marker, &ruler);
    add_ruler_y(marker, &ruler);
    snprintf(text, sizeof text, "Follicle close v%d \xC2\xB7 print %05d", marker->version,
             marker->print_id);
    add_text(marker, 0.0, -29.0, 1.7, 0.5, text);
    add_text(marker, 0.0, -16.0, 1.4, 0.5, "this side up");
    add_text(marker, 30.0, 0.0, 1.4, 0.5, "lay flat on the skin, the spot in the window")->turned =
        true;
}

/* 100 mm; from the middle outwards: patches to 19, tags and greys 22..38, rulers and texts
 * 40.2..45, white rim 45..50. */
static void lay_out_head(Marker *marker)
{
    enum { COLUMNS = 4 };
    static const double near_mm = 22.0, deep_mm = 16.0, side_mm = 16.0;
    static const Ruler ruler = {
        .base_mm = 40.4, .long_mm = 2.2, .number_mm = 1.7, .millimetres = 80};
    static const double wide_mm = 8.8, tall_mm = 11.6, pitch_x = 9.4, pitch_y = 12.2;
    char text[48];
    set_paper(marker, 50.0, 50.0, 5.0);
    add_ring_of_tags(marker, 30.0, side_mm);
    /* Between two tags' quiet zones lie 10..20: one large grey each, the white and the edges. */
    add_patch(marker, &white, 10.5, -near_mm - deep_mm, 9.0, deep_mm);
    for (int i = 0; i < 2; i++) {
        double at = i == 0 ? -19.0 : 11.0;
        add_patch(marker, &greys[i], -near_mm - deep_mm, at, deep_mm, 8.0);
        add_patch(marker, &greys[2 + i], at, near_mm, 8.0, deep_mm);
        add_patch(marker, &greys[5 - i], near_mm, at, deep_mm, 8.0);
    }
    for (int i = 0; i < 12; i++) {
        const Ink *ink = i < 6 ? &skins[i] : &colours[i - 6];
        double left = -0.5 * (COLUMNS * pitch_x - (pitch_x - wide_mm)) + i % COLUMNS * pitch_x;
        add_patch(marker, ink, left, -18.0 + i / COLUMNS * pitch_y, wide_mm, tall_mm);
    }
    add_edges(marker, -15.0, -30.0, 6.0, 12.0);
    add_ruler_x(marker, &ruler);
    add_ruler_y(marker, &ruler);
    snprintf(text, sizeof text, "Follicle head v%d \xC2\xB7 print %05d \xC2\xB7 this side up",
             marker->version, marker->print_id);
    add_text(marker, 0.0, -41.4, 2.2, 0.5, text);
    add_text(marker, 43.2, 0.0, 2.0, 0.5, "hold flat beside the head, facing the camera")->turned =
        true;
}

/* ---- the strip ---- */

enum { STRIP_TAGS = 36 };
static const double strip_pitch_mm = 18.0, strip_half_mm = 12.5;

/* 648 x 25 mm, more than 99 of 100 heads measure around (field/canvas 1.1): tags -10.1..2.9, text,
 * numbers, marks down to the lower edge. Three pieces meet between two tags. */
static void add_strip_ruler(Marker *marker)
{
    static const Ruler ruler = {.long_mm = 2.4};
    char text[16];
    int half = (int)(0.5 * STRIP_TAGS * strip_pitch_mm);
    for (int i = -half + 1; i < half; i++) {
        double top = strip_half_mm - mark_length(&ruler, i < 0 ? -i : i);
        add_box(marker, i - 0.5 * tick_mm, top, i + 0.5 * tick_mm, strip_half_mm, soft);
        int to_joint = abs(abs(i) - (int)lround(marker->piece_mm[2]));
        if (i % 10 != 0 || to_joint < 3) /* or the cut goes through the number */
            continue;
        snprintf(text, sizeof text, "%d", i);
        add_text(marker, i, 9.6, 1.6, 0.5, text);
    }
}

static void add_strip_texts(Marker *marker)
{
    char text[48];
    double piece_mm = marker->piece_mm[1] - marker->piece_mm[0];
    snprintf(text, sizeof text, "Follicle strip v%d \xC2\xB7 print %05d", marker->version,
             marker->print_id);
    for (int i = 0; i < marker->piece_count; i++) {
        double middle = 0.5 * (marker->piece_mm[i] + marker->piece_mm[i + 1]);
        add_text(marker, middle + 0.25 * piece_mm, 6.3, 1.4, 0.5, text);
        add_text(marker, middle - 0.25 * piece_mm, 6.3, 1.4, 0.5,
                 "to the wearer's left \xE2\x86\x92");
    }
    add_text(marker, 0.0, 6.3, 1.4, 0.5, "front: over the nose");
}

/* An arrow head at the upper edge and a line between the tags beside it. */
static void add_front_mark(Marker *marker)
{
    static const double arrow[4][2] = {{-1.1, -12.5}, {1.1, -12.5}, {0.0, -9.8}, {0.0, -9.8}};
    add_quad(marker, arrow, black);
    add_box(marker, -0.2, -9.8, 0.2, 4.4, black);
}

static void lay_out_strip(Marker *marker)
{
    static const double side_mm = 13.0, tag_y_mm = -3.6;
    /* Pairs with the print id: one wherever five to nine tags are in sight, none at the front. */
    static const int pair[] = {4, 13, 21, 30};
    double half_mm = 0.5 * STRIP_TAGS * strip_pitch_mm;
    set_paper(marker, half_mm, strip_half_mm, 0.0);
    marker->piece_count = MARKER_MAX_PIECES;
    for (int i = 0; i <= MARKER_MAX_PIECES; i++)
        marker->piece_mm[i] = (2.0 * i / MARKER_MAX_PIECES - 1.0) * half_mm;
    for (int i = 0; i < STRIP_TAGS; i++)
        add_tag(marker, (i + 0.5) * strip_pitch_mm - half_mm, tag_y_mm, side_mm);
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        carry_print(marker, pair[i], true);
        carry_print(marker, pair[i] + 1, false);
    }
    add_front_mark(marker);
    add_strip_ruler(marker);
    add_strip_texts(marker);
}

void marker_lay_out(Marker *marker)
{
    marker->bar_x_mm = marker->bar_y_mm = 100.0;
    switch (marker->kind) {
    case MARKER_CLOSE:
        lay_out_close(marker);
        break;
    case MARKER_HEAD:
        lay_out_head(marker);
        break;
    case MARKER_STRIP:
        lay_out_strip(marker);
        break;
    case MARKER_KINDS:
        break;
    }
}
