#include "report/report_internal.h"

#include <math.h>
#include <string.h>

static const double caption_pt = 7.0;
/* JPEG of this quality cannot be told from the picture in print, and packs eight times as fast as
 * what cairo does otherwise (report_bench). */
enum { PICTURE_DPI = 220, PICTURE_QUALITY = 92 };

/* --- pictures on a sheet --- */

/* Cairo keeps the surface until the page is out, so its pixels live in the arena. */
static cairo_surface_t *surface_of(Sheet *sheet, const Image *picture)
{
    int stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, picture->width_px);
    uint8_t *pixels = ARENA_NEW(sheet->arena, uint8_t, (size_t)stride * (size_t)picture->height_px);
    if (pixels == NULL) {
        sheet->full = true;
        return NULL;
    }
    for (int y = 0; y < picture->height_px; y++)
        for (int x = 0; x < picture->width_px; x++) {
            const uint8_t *rgb =
                picture->rgb + ((size_t)y * (size_t)picture->width_px + (size_t)x) * 3;
            uint32_t word = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
            memcpy(pixels + (size_t)y * (size_t)stride + (size_t)x * 4, &word, 4);
        }
    return cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24, picture->width_px,
                                               picture->height_px, stride);
}

static double height_of(const Image *picture, double width_mm)
{
    return width_mm * picture->height_px / picture->width_px;
}

/* A print shows no more than its dots per inch; the file need not carry more. */
static bool for_print(Sheet *sheet, const Image *picture, double width_mm, Image *shown)
{
    Err err = {0};
    int width = (int)ceil(width_mm / 25.4 * PICTURE_DPI);
    int height = (int)ceil(height_of(picture, width_mm) / 25.4 * PICTURE_DPI);
    *shown = *picture;
    if (width < 1 || height < 1 || width >= picture->width_px || height >= picture->height_px)
        return true;
    if (!image_shrink(sheet->arena, picture, width, height, shown, &err))
        sheet->full = true;
    return !sheet->full;
}

/* The reader gets the JPEG, which lives in the arena like the pixels. */
static void attach_jpeg(Sheet *sheet, cairo_surface_t *surface, const Image *picture)
{
    size_t size;
    uint8_t *bytes;
    Err err = {0};
    if (!image_encode_jpeg(sheet->arena, picture, PICTURE_QUALITY, &size, &bytes, &err))
        sheet->full = true;
    else
        cairo_surface_set_mime_data(surface, CAIRO_MIME_TYPE_JPEG, bytes, size, NULL, NULL);
}

static void paint(Sheet *sheet, const Image *picture, double x_mm, double y_mm, double width_mm,
                  bool exact)
{
    cairo_surface_t *surface = surface_of(sheet, picture);
    if (surface == NULL)
        return;
    if (!exact)
        attach_jpeg(sheet, surface, picture);
    cairo_save(sheet->cr);
    cairo_translate(sheet->cr, sheet_x(sheet, x_mm, width_mm), y_mm);
    cairo_scale(sheet->cr, width_mm / picture->width_px,
                height_of(picture, width_mm) / picture->height_px);
    cairo_set_source_surface(sheet->cr, surface, 0.0, 0.0);
    cairo_paint(sheet->cr);
    cairo_restore(sheet->cr);
    cairo_surface_destroy(surface);
}

/* As a figure of its own, or as a part of a drawing. */
static void put_picture(Sheet *sheet, const Image *picture, double x_mm, double y_mm,
                        double width_mm, bool exact, const char *alt)
{
    double left = sheet_x(sheet, x_mm, width_mm);
    bool alone = !sheet->in_drawing;
    if (alone)
        sheet_drawing(sheet, alt);
    paint(sheet, picture, left, y_mm, width_mm, exact);
    if (alone)
        sheet_drawing_end(sheet);
}

void sheet_picture_whole(Sheet *sheet, const Image *picture, double x_mm, double y_mm,
                         double width_mm, const char *alt)
{
    put_picture(sheet, picture, x_mm, y_mm, width_mm, true, alt);
}

void sheet_picture(Sheet *sheet, const Image *picture, double x_mm, double y_mm, double width_mm,
                   const char *alt)
{
    Image shown;
    if (picture != NULL && for_print(sheet, picture, width_mm, &shown))
        put_picture(sheet, &shown, x_mm, y_mm, width_mm, false, alt);
}

static double width_of(const Image *picture, double height_mm)
{
    return height_mm * picture->width_px / picture->height_px;
}

void sheet_caption(Sheet *sheet, double x_mm, double y_mm, double width_mm, const char *text)
{
    cairo_tag_begin(sheet->cr, "Caption", NULL);
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, x_mm, y_mm, width_mm, caption_pt, false, text);
    cairo_tag_end(sheet->cr, "Caption");
}

void sheet_stamp(Sheet *sheet, double x_mm, double y_mm, double width_mm)
{
    const double points = width_mm < 30.0 ? 5.5 : 6.5, inset_mm = 0.6;
    const char *text = words_say(&sheet->voice, "Illustration");
    double wide = sheet_width(sheet, points, true, text) + 2.0 * inset_mm;
    double high = sheet_height(sheet, wide, points, true, text);
    double top = y_mm - high, x = x_mm + width_mm - wide;
    cairo_set_source_rgba(sheet->cr, 1.0, 1.0, 1.0, 0.8);
    cairo_rectangle(sheet->cr, sheet_x(sheet, x, wide), top, wide, high);
    cairo_fill(sheet->cr);
    sheet_ink(sheet, SHEET_BLACK);
    sheet_put(sheet, x + inset_mm, top, wide, points, true, text);
}

void sheet_pictures(Sheet *sheet, int count, const Image *const picture[],
                    const char *const caption[], double highest_mm, unsigned calculated)
{
    const double gap_mm = 2.5;
    double aspect = 0.0, x = sheet->left_mm, under = 0.0;
    int shown = 0;
    for (int i = 0; i < count; i++)
        if (picture[i] != NULL) {
            aspect += width_of(picture[i], 1.0);
            shown++;
        }
    if (shown == 0)
        return;
    double height = fmin(highest_mm, (sheet->width_mm - gap_mm * (shown - 1)) / aspect);
    for (int i = 0; i < count; i++)
        if (picture[i] != NULL)
            under = fmax(under, sheet_height(sheet, width_of(picture[i], height), caption_pt, false,
                                             caption[i]));
    sheet_need(sheet, height + under + 3.0);
    for (int i = 0; i < count; i++) {
        if (picture[i] == NULL)
            continue;
        double width = width_of(picture[i], height);
        sheet_picture(sheet, picture[i], x, sheet->y_mm, width, caption[i]);
        if (calculated >> i & 1)
            sheet_stamp(sheet, x, sheet->y_mm + height, width);
        sheet_caption(sheet, x, sheet->y_mm + height + 0.8, width, caption[i]);
        x += width + gap_mm;
    }
    sheet->y_mm += height + under + 3.0;
}

/* --- a picture instead of a sheet --- */

bool sheet_open_picture(Sheet *sheet, Arena *arena, const Words *words, double height_mm,
                        double edge_mm, double px_per_mm, Err *err)
{
    const double text_mm = 210.0 - 2.0 * SHEET_MARGIN_MM; /* of an A4 page */
    int width_px = (int)lround((text_mm + 2.0 * edge_mm) * px_per_mm);
    int height_px = (int)lround(height_mm * px_per_mm);
    int stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, width_px);
    uint8_t *pixels = ARENA_NEW(arena, uint8_t, (size_t)stride * (size_t)height_px);
    if (pixels == NULL)
        return err_set(err, ERR_LIMIT, "no room for a picture of %d x %d px", width_px, height_px);
    *sheet = (Sheet){.arena = arena,
                     .style = {.words = words},
                     .voice = {.words = words, .arena = arena},
                     .mirrored = words != NULL && words->right_to_left,
                     .page_width_mm = text_mm + 2.0 * edge_mm,
                     .text_mm = text_mm,
                     .left_mm = edge_mm,
                     .width_mm = text_mm,
                     .y_mm = edge_mm,
                     .bottom_mm = (double)INFINITY};
    sheet->surface = cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24, width_px,
                                                         height_px, stride);
    sheet->cr = cairo_create(sheet->surface);
    cairo_set_source_rgb(sheet->cr, 1.0, 1.0, 1.0);
    cairo_paint(sheet->cr);
    cairo_scale(sheet->cr, px_per_mm, px_per_mm);
    sheet_begin(sheet);
    return true;
}

static void copy_pixels(cairo_surface_t *surface, const Image *picture)
{
    const uint8_t *pixels = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < picture->height_px; y++)
        for (int x = 0; x < picture->width_px; x++) {
            uint32_t word;
            memcpy(&word, pixels + (size_t)y * (size_t)stride + (size_t)x * 4, 4);
            uint8_t *rgb = picture->rgb + 3 * ((size_t)y * (size_t)picture->width_px + (size_t)x);
            rgb[0] = (uint8_t)(word >> 16);
            rgb[1] = (uint8_t)(word >> 8);
            rgb[2] = (uint8_t)word;
        }
}

bool sheet_close_picture(Sheet *sheet, double px_per_mm, Image *picture, Err *err)
{
    int height_px = (int)lround(sheet->y_mm * px_per_mm);
    cairo_surface_flush(sheet->surface);
    int width_px = cairo_image_surface_get_width(sheet->surface);
    int most_px = cairo_image_surface_get_height(sheet->surface);
    cairo_status_t status = cairo_status(sheet->cr);
    bool ok = status == CAIRO_STATUS_SUCCESS && !sheet->full && !sheet->voice.full;
    if (!ok)
        err_set(err, ERR_LIMIT, "cannot draw the picture: %s", cairo_status_to_string(status));
    ok = ok &&
         image_new(sheet->arena, width_px, height_px < most_px ? height_px : most_px, picture, err);
    if (ok)
        copy_pixels(sheet->surface, picture);
    sheet_end(sheet);
    cairo_surface_destroy(sheet->surface);
    return ok;
}
