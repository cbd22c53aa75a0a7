#include "look/look.h"

#include <cairo.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

/* One piece of text at a time, on one thread: pango is slow and not always reentrant. Text is drawn
 * into a grey mask of its own size and laid on the sheet, so no second full picture is needed. */

enum {
    CELL_WIDTH_PX = 272,
    GAP_PX = 10,
    MARGIN_PX = 28,
    LABEL_PX = 132, /* column of row names */
    TITLE_PX = 60,
    HEADER_PX = 30,
    FOOTER_PX = 44,
    MAX_CELLS_PER_SIDE = 32,
};
static const uint8_t PAPER = 250, INK[3] = {38, 38, 42}, PALE_INK[3] = {108, 108, 114};
static const char FOOTER[] =
    "Simulation, not a promise. Skin, healing, light and camera change what "
    "is seen.";

typedef enum Align { ALIGN_LEFT, ALIGN_MIDDLE } Align;

typedef struct Box {
    int x, y, width, height;
} Box;

static void lay_mask(Image *sheet, Box box, int stride, const uint8_t *mask, const uint8_t ink[3])
{
    for (int y = 0; y < box.height && box.y + y < sheet->height_px; y++)
        for (int x = 0; x < box.width && box.x + x < sheet->width_px; x++) {
            int share = mask[(ptrdiff_t)y * stride + x];
            uint8_t *px = &sheet->rgb[3 * ((ptrdiff_t)(box.y + y) * sheet->width_px + box.x + x)];
            for (int c = 0; c < 3; c++)
                px[c] = (uint8_t)((px[c] * (255 - share) + ink[c] * share + 127) / 255);
        }
}

/* Draws text into the box, vertically centred, wrapped and then ellipsized where it does not fit.
 */
static bool write_text(Arena *scratch, Image *sheet, Box box, const char *text, const char *font,
                       Align align, const uint8_t ink[3], Err *err)
{
    size_t mark = arena_mark(scratch);
    int stride = cairo_format_stride_for_width(CAIRO_FORMAT_A8, box.width);
    uint8_t *mask = ARENA_NEW(scratch, uint8_t, (size_t)stride * (size_t)box.height);
    if (mask == NULL)
        return err_set(err, ERR_LIMIT, "no room for a caption");
    cairo_surface_t *surface =
        cairo_image_surface_create_for_data(mask, CAIRO_FORMAT_A8, box.width, box.height, stride);
    cairo_t *cairo = cairo_create(surface);
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    PangoFontDescription *description = pango_font_description_from_string(font);
    pango_layout_set_font_description(layout, description);
    pango_layout_set_text(layout, text, -1);
    pango_layout_set_width(layout, box.width * PANGO_SCALE);
    pango_layout_set_height(layout, box.height * PANGO_SCALE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_alignment(layout, align == ALIGN_LEFT ? PANGO_ALIGN_LEFT : PANGO_ALIGN_CENTER);
    int height;
    pango_layout_get_pixel_size(layout, NULL, &height);
    cairo_move_to(cairo, 0, fmax(0, (box.height - height) / 2));
    pango_cairo_show_layout(cairo, layout);
    cairo_surface_flush(surface);
    bool ok = cairo_status(cairo) == CAIRO_STATUS_SUCCESS;
    lay_mask(sheet, box, stride, mask, ink);
    pango_font_description_free(description);
    g_object_unref(layout);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    arena_rewind(scratch, mark);
    return ok || err_set(err, ERR_LIMIT, "cannot draw the caption '%.60s'", text);
}

static bool place_picture(Arena *scratch, const Image *picture, Box box, Image *sheet, Err *err)
{
    size_t mark = arena_mark(scratch);
    Image small = *picture;
    if (picture->width_px > box.width || picture->height_px > box.height) {
        double scale =
            fmin((double)box.width / picture->width_px, (double)box.height / picture->height_px);
        int width = (int)fmax(1, floor(picture->width_px * scale + 0.5));
        int height = (int)fmax(1, floor(picture->height_px * scale + 0.5));
        if (!image_shrink(scratch, picture, width, height, &small, err))
            return false;
    }
    int left = box.x + (box.width - small.width_px) / 2;
    int top = box.y + (box.height - small.height_px) / 2;
    for (int y = 0; y < small.height_px; y++)
        memcpy(&sheet->rgb[3 * ((ptrdiff_t)(top + y) * sheet->width_px + left)],
               &small.rgb[3 * (ptrdiff_t)y * small.width_px], 3 * (size_t)small.width_px);
    arena_rewind(scratch, mark);
    return true;
}

/* The cells' height: that of the tallest picture at the cell's width. */
static bool cell_height(int count, const Image *const picture[], int *height_px, Err *err)
{
    *height_px = 0;
    for (int i = 0; i < count; i++) {
        if (picture[i] == NULL)
            continue;
        if (picture[i]->width_px < 1 || picture[i]->height_px < 1 ||
            picture[i]->height_px > 8 * picture[i]->width_px)
            return err_set(err, ERR_INPUT, "picture %d of the sheet is %d x %d px", i,
                           picture[i]->width_px, picture[i]->height_px);
        int high = (int)ceil((double)CELL_WIDTH_PX * picture[i]->height_px / picture[i]->width_px);
        *height_px = high > *height_px ? high : *height_px;
    }
    return *height_px > 0 || err_set(err, ERR_INPUT, "the contact sheet has no picture");
}

static Box cell_box(int row, int column, int height_px)
{
    return (Box){MARGIN_PX + LABEL_PX + column * (CELL_WIDTH_PX + GAP_PX),
                 MARGIN_PX + TITLE_PX + HEADER_PX + row * (height_px + GAP_PX), CELL_WIDTH_PX,
                 height_px};
}

static bool write_captions(Arena *scratch, int rows, int columns, const char *const row_name[],
                           const char *const column_name[], const char *title, int cell_px,
                           Image *sheet, Err *err)
{
    int width = sheet->width_px - 2 * MARGIN_PX;
    Box top = {MARGIN_PX, MARGIN_PX / 2, width, TITLE_PX};
    Box foot = {MARGIN_PX, sheet->height_px - FOOTER_PX - MARGIN_PX / 4, width, FOOTER_PX};
    if (!write_text(scratch, sheet, top, title, "Sans Bold 20", ALIGN_LEFT, INK, err) ||
        !write_text(scratch, sheet, foot, FOOTER, "Sans 11", ALIGN_LEFT, PALE_INK, err))
        return false;
    for (int c = 0; c < columns; c++) {
        Box box = cell_box(0, c, cell_px);
        box.y -= HEADER_PX;
        box.height = HEADER_PX;
        if (!write_text(scratch, sheet, box, column_name[c], "Sans 11", ALIGN_MIDDLE, PALE_INK,
                        err))
            return false;
    }
    for (int r = 0; r < rows; r++) {
        Box box = cell_box(r, 0, cell_px);
        box.x = MARGIN_PX;
        box.width = LABEL_PX - GAP_PX;
        if (!write_text(scratch, sheet, box, row_name[r], "Sans 12", ALIGN_LEFT, INK, err))
            return false;
    }
    return true;
}

bool look_contact_sheet(Arena *arena, Arena *scratch, int rows, int columns,
                        const Image *const picture[], const char *const row_name[],
                        const char *const column_name[], const char *title, Image *sheet, Err *err)
{
    if (rows < 1 || columns < 1 || rows > MAX_CELLS_PER_SIDE || columns > MAX_CELLS_PER_SIDE)
        return err_set(err, ERR_INPUT, "a contact sheet of %d x %d cells: each must be 1 to %d",
                       rows, columns, MAX_CELLS_PER_SIDE);
    int cell_px;
    if (!cell_height(rows * columns, picture, &cell_px, err))
        return false;
    Box last = cell_box(rows - 1, columns - 1, cell_px);
    if (!image_new(arena, last.x + last.width + MARGIN_PX,
                   last.y + last.height + FOOTER_PX + GAP_PX, sheet, err))
        return false;
    memset(sheet->rgb, PAPER, 3 * (size_t)sheet->width_px * (size_t)sheet->height_px);
    for (int i = 0; i < rows * columns; i++)
        if (picture[i] != NULL &&
            !place_picture(scratch, picture[i], cell_box(i / columns, i % columns, cell_px), sheet,
                           err))
            return false;
    return write_captions(scratch, rows, columns, row_name, column_name, title, cell_px, sheet,
                          err);
}
