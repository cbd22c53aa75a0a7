#include "report/report_template.h"

#include <math.h>
#include <stdio.h>

static const double pi = 3.14159265358979323846;
static const double piece_gap_mm = 5.0;

static void template_bar(Sheet *sheet, double x, double y, bool upright)
{
    cairo_t *cr = sheet->cr;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    if (upright)
        cairo_rotate(cr, -pi / 2.0);
    cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
    cairo_set_line_width(cr, 0.25);
    for (int mm = 0; mm <= 100; mm++) {
        cairo_move_to(cr, mm, 0.0);
        cairo_line_to(cr, mm, mm % 10 == 0 ? -4.0 : mm % 5 == 0 ? -3.0 : -1.8);
    }
    cairo_move_to(cr, 0.0, 0.0);
    cairo_line_to(cr, 100.0, 0.0);
    cairo_stroke(cr);
    for (int mm = 0; mm <= 100; mm += 50)
        sheet_put(sheet, mm + 0.7, -7.0, 20.0, 6.5, false,
                  mm == 100 ? "100 mm" : sheet_format(sheet, "%d", mm));
    cairo_restore(cr);
}

/* ---- words ---- */

static void say_how(Sheet *sheet, bool strips, bool pieces)
{
    sheet_text(sheet,
               "Print at 100 %%, not fitted to the page, and measure both bars with a ruler: "
               "each must be 100 mm, or nothing here is true to size.");
    if (strips)
        sheet_text(
            sheet,
            "Strips H1, H2, ...: the hairline with 15 mm to both sides. Cut along the thin "
            "lines. Printed side up, lay the dashed line on the middle of the forehead; ends "
            "with the same letter meet. Hair is above the heavy line.");
    if (pieces)
        sheet_text(sheet,
                   "Pieces 1, 2, ...: the area to be worked, laid flat. Cut one out, lay it on the "
                   "head with its arrow to the back, and mark the skin before you go on to the "
                   "next. At each seam stands the number of the piece beyond it; the short ticks "
                   "of both meet. Start at the middle of the head.");
}

/* ---- what each piece is worth ---- */

static void list_pieces(Sheet *sheet, const Flat *flat)
{
    static const double share[] = {0.12, 0.22, 0.16, 0.14, 0.18, 0.18};
    const char *head[] = {"Piece", "Width x height, mm",     "Area, cm\u00b2",
                          "Dots",  "Lengths off by at most", "95 % of it below"};
    const char **cell = ARENA_NEW(sheet->arena, const char *, 6 * (size_t)flat->piece_count + 1);
    if (cell == NULL) {
        sheet->full = true;
        return;
    }
    for (int p = 0; p < flat->piece_count; p++) {
        const FlatPiece *piece = &flat->piece[p];
        cell[6 * p] = sheet_format(sheet, "%d", p + 1);
        cell[6 * p + 1] =
            sheet_format(sheet, "%.0f \u00d7 %.0f", piece->width_mm, piece->height_mm);
        cell[6 * p + 2] = sheet_format(sheet, "%.1f", 0.01 * piece->area_mm2);
        cell[6 * p + 3] = sheet_count(sheet, piece->dot_count);
        cell[6 * p + 4] = sheet_format(sheet, "%.1f %%", 100.0 * piece->worst_error);
        cell[6 * p + 5] = sheet_format(sheet, "%.1f %%", 100.0 * piece->error_95);
    }
    sheet_heading(sheet, 20.0, "How true the pieces are");
    sheet_table(sheet, &(SheetTable){.columns = 6, .share = share, .align = "lrrrrr", .head = head},
                flat->piece_count, cell);
    sheet_small(sheet,
                "A head is round and paper is not: somewhere on each piece lengths are off by as "
                "much as stated, at the edges too long and in the middle too short. 1 %% of 50 mm "
                "is half a millimetre.");
}

/* ---- pages ---- */

static void first_page(Sheet *sheet, const Case *plan, const ExportStrip *strip, const Flat *flat)
{
    sheet_title(sheet, "Template, 1 : 1",
                strip == NULL
                    ? plan->code
                    : sheet_format(sheet,
                                   "%s \u00b7 hairline %.0f mm along the skin, its middle %.0f mm "
                                   "above the glabella",
                                   plan->code, strip->length_mm, plan->layout->hairline_height_mm));
    say_how(sheet, strip != NULL, flat->piece_count > 0);
    double top = sheet->y_mm + 9.0, left = SHEET_MARGIN_MM;
    sheet_drawing(sheet, "Two bars of 100 mm, the kinds of lines, and the head from above with the "
                         "numbers of the pieces");
    template_bar(sheet, left + 8.0, top, false);
    template_bar(sheet, left + 8.0, top + 102.0, true);
    template_overview(sheet, plan, flat, left + 22.0, top + 8.0, 84.0);
    template_key(sheet, left + 118.0, top + 14.0);
    sheet_drawing_end(sheet);
    sheet->y_mm = top + 108.0;
    if (flat->piece_count > 0)
        list_pieces(sheet, flat);
    if (strip != NULL)
        sheet_small(
            sheet,
            "The strips keep the lengths and bends of the heavy line as on the skin; beside "
            "it lengths are off by at most %.1f %% (95 %% of the paper below %.1f %%). "
            "Where the line bends sharply a strip is narrower on the inner side, or it "
            "would fold.",
            100.0 * strip->worst_error, 100.0 * strip->error_95);
}

static bool piece_pages(Sheet *sheet, Arena *scratch, const Case *plan, const Flat *flat, Err *err)
{
    const double head_mm = 9.0;
    double page[2] = {sheet->text_mm, sheet->bottom_mm - SHEET_MARGIN_MM - head_mm};
    FlatSpot *spot = ARENA_NEW(scratch, FlatSpot, (size_t)flat->piece_count + 1);
    if (spot == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d pieces of a template", flat->piece_count);
    if (!flat_arrange(scratch, flat, page, piece_gap_mm, spot, err))
        return false;
    int pages = 0;
    for (int p = 0; p < flat->piece_count; p++)
        pages = spot[p].page >= pages ? spot[p].page + 1 : pages;
    for (int n = 0; n < pages; n++) {
        sheet_new_page(sheet);
        sheet_drawing(sheet, sheet_format(sheet, "Pieces of the worked area, 1:1, page %d of %d",
                                          n + 1, pages));
        sheet_ink(sheet, SHEET_GREY);
        sheet_put(sheet, SHEET_MARGIN_MM, sheet->y_mm, sheet->text_mm, 7.5, false,
                  "Pieces 1 : 1, printed side up. The numbers at the seams are those of the pieces "
                  "beyond.");
        for (int p = 0; p < flat->piece_count; p++)
            if (spot[p].page == n)
                template_piece(sheet, plan, flat, p, SHEET_MARGIN_MM + spot[p].left_mm,
                               SHEET_MARGIN_MM + head_mm + spot[p].top_mm +
                                   flat->piece[p].height_mm);
        sheet_drawing_end(sheet);
    }
    return true;
}

static bool draw(Sheet *sheet, Arena *scratch, const Case *plan, const ExportStrip *strip, Err *err)
{
    Flat flat;
    FlatParams params = flat_default();
    params.page_mm[0] = sheet->text_mm;
    params.page_mm[1] = sheet->bottom_mm - SHEET_MARGIN_MM - 9.0;
    if (!flat_make(sheet->arena, scratch, plan, &params, &flat, err))
        return false;
    if (strip == NULL && flat.piece_count == 0)
        return err_set(err, ERR_INPUT,
                       "the design has neither a hairline nor an area to be worked: there is "
                       "nothing to print as a template");
    first_page(sheet, plan, strip, &flat);
    if (strip != NULL) {
        sheet_new_page(sheet);
        template_strips(sheet, plan, strip);
    }
    return piece_pages(sheet, scratch, plan, &flat, err);
}

bool report_template_pdf(Arena *arena, Arena *scratch, const Case *plan, const ReportStyle *style,
                         size_t *size, uint8_t **bytes, Err *err)
{
    Sheet sheet;
    ExportStrip strip;
    char foot[200];
    const DesignLayout *layout = plan->layout;
    ReportStyle own = style == NULL ? (ReportStyle){0} : *style;
    own.words = NULL; /* the practitioner's */
    bool lined = layout->has_hairline && layout->hairline_count > 0;
    if (lined && !export_strip_make(arena, plan->head, layout->hairline_count, layout->hairline_mm,
                                    &strip, err))
        return false;
    snprintf(foot, sizeof foot,
             "Follicle %s \u00b7 %s \u00b7 print at 100 %%, not fitted to the page",
             FOLLICLE_VERSION, plan->code);
    if (!sheet_open(&sheet, arena, &own, "Template 1:1", foot, err))
        return false;
    size_t mark = arena_mark(scratch), unused;
    bool ok = draw(&sheet, scratch, plan, lined ? &strip : NULL, err);
    arena_rewind(scratch, mark);
    Err ignored;
    if (ok)
        return sheet_close(&sheet, size, bytes, err);
    uint8_t *nothing;
    ok = sheet_close(&sheet, &unused, &nothing, &ignored); /* gives cairo's things back */
    return false;
}
