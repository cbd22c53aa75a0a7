/* Tables, figures in a band, and blanks to fill in by hand. */
#include "report/report_internal.h"

#include <math.h>

static const double small_pt = 7.0, table_pt = 8.0;

void sheet_rule(Sheet *sheet, double x_mm, double width_mm, double y_mm, SheetInk ink)
{
    double left = sheet_x(sheet, x_mm, width_mm);
    sheet_ink(sheet, ink);
    cairo_set_line_width(sheet->cr, 0.2);
    cairo_move_to(sheet->cr, left, y_mm);
    cairo_line_to(sheet->cr, left + width_mm, y_mm);
    cairo_stroke(sheet->cr);
}

void sheet_box(Sheet *sheet, double x_mm, double y_mm, double side_mm)
{
    const double line_mm = 0.25;
    sheet_ink(sheet, SHEET_GREY);
    cairo_set_line_width(sheet->cr, line_mm);
    cairo_rectangle(sheet->cr, sheet_x(sheet, x_mm, side_mm) + 0.5 * line_mm, y_mm + 0.5 * line_mm,
                    side_mm - line_mm, side_mm - line_mm);
    cairo_stroke(sheet->cr);
}

/* --- tables --- */

static double cell_width(const Sheet *sheet, const SheetTable *table, int column)
{
    return table->share[column] * sheet->width_mm - 2.0;
}

static double row_height(Sheet *sheet, const SheetTable *table, const char *const cell[], bool bold)
{
    double height = 0.0;
    if (cell[1] == NULL)
        return sheet_height(sheet, sheet->width_mm - 2.0, table_pt, true, cell[0]) + 2.6;
    for (int i = 0; i < table->columns; i++)
        height =
            fmax(height, sheet_height(sheet, cell_width(sheet, table, i), table_pt, bold, cell[i]));
    return height + 1.7;
}

static void put_cell(Sheet *sheet, const SheetTable *table, int column, double x_mm, bool bold,
                     const char *text)
{
    double width = cell_width(sheet, table, column);
    if (table->align[column] == 'r')
        sheet_put_end(sheet, x_mm + 1.0, sheet->y_mm + 0.7, width, table_pt, bold, text);
    else
        sheet_put(sheet, x_mm + 1.0, sheet->y_mm + 0.7, width, table_pt, bold, text);
}

static void put_row(Sheet *sheet, const SheetTable *table, const char *const cell[], bool head,
                    bool bold)
{
    double x = sheet->left_mm, height = row_height(sheet, table, cell, head || bold);
    bool title = cell[1] == NULL;
    const char *tag = head || title ? "TH" : "TD";
    cairo_tag_begin(sheet->cr, "TR", NULL);
    for (int i = 0; i < table->columns && cell[i] != NULL; i++) {
        cairo_tag_begin(sheet->cr, tag, NULL);
        sheet_ink(sheet, head ? SHEET_GREY : title ? SHEET_ACCENT : SHEET_BLACK);
        if (title)
            sheet_put(sheet, x + 1.0, sheet->y_mm + 1.8, sheet->width_mm - 2.0, table_pt, true,
                      cell[i]);
        else
            put_cell(sheet, table, i, x, head || bold, cell[i]);
        cairo_tag_end(sheet->cr, tag);
        x += table->share[i] * sheet->width_mm;
    }
    cairo_tag_end(sheet->cr, "TR");
    sheet->y_mm += height;
    sheet_rule(sheet, sheet->left_mm, sheet->width_mm, sheet->y_mm, head ? SHEET_GREY : SHEET_PALE);
}

/* The height that has to stay together from row r on: a heading and the first row with the one
 * after, the last but one with the last. */
static double kept_height(Sheet *sheet, const SheetTable *table, int rows, const char *const cell[],
                          int r)
{
    bool with_next = r == 0 || r == rows - 2 || cell[r * table->columns + 1] == NULL;
    double height = row_height(sheet, table, cell + r * table->columns, false);
    if (r + 1 < rows && with_next)
        height += row_height(sheet, table, cell + (r + 1) * table->columns, table->total);
    return height;
}

void sheet_table(Sheet *sheet, const SheetTable *table, int rows, const char *const cell[])
{
    cairo_tag_begin(sheet->cr, "Table", NULL);
    for (int r = 0, page = 0; r < rows; r++) {
        double head = table->head == NULL ? 0.0 : row_height(sheet, table, table->head, true);
        sheet_need(sheet,
                   kept_height(sheet, table, rows, cell, r) + (page == sheet->page ? 0.0 : head));
        if (page != sheet->page && table->head != NULL)
            put_row(sheet, table, table->head, true, false);
        page = sheet->page;
        put_row(sheet, table, cell + r * table->columns, false, table->total && r == rows - 1);
    }
    cairo_tag_end(sheet->cr, "Table");
    sheet->y_mm += 1.2;
}

/* --- figures and blanks --- */

void sheet_figures(Sheet *sheet, int count, const char *const figure[], const char *const word[])
{
    const double high_mm = 13.5;
    double wide = sheet->width_mm / count;
    sheet_need(sheet, high_mm + 3.0);
    cairo_set_source_rgb(sheet->cr, 0.925, 0.948, 0.952);
    cairo_rectangle(sheet->cr, sheet_x(sheet, sheet->left_mm, sheet->width_mm), sheet->y_mm,
                    sheet->width_mm, high_mm);
    cairo_fill(sheet->cr);
    for (int i = 0; i < count; i++) {
        double x = sheet->left_mm + i * wide + 2.5;
        double points = 13.0;
        while (points > 7.0 && sheet_width(sheet, points, true, figure[i]) > wide - 3.0)
            points -= 0.5; /* a long price still stands on one line */
        cairo_tag_begin(sheet->cr, "P", NULL);
        sheet_ink(sheet, SHEET_ACCENT);
        sheet_put(sheet, x, sheet->y_mm + 1.8 + (13.0 - points) * 0.3, wide - 3.0, points, true,
                  figure[i]);
        sheet_ink(sheet, SHEET_GREY);
        sheet_put(sheet, x, sheet->y_mm + 8.6, wide - 3.0, small_pt, false, word[i]);
        cairo_tag_end(sheet->cr, "P");
    }
    sheet->y_mm += high_mm + 2.0;
}

void sheet_blank(Sheet *sheet, double from, double to, const char *name)
{
    double x = sheet->left_mm + from * sheet->width_mm, end = sheet->left_mm + to * sheet->width_mm;
    cairo_tag_begin(sheet->cr, "P", NULL);
    sheet_ink(sheet, SHEET_GREY);
    sheet_put(sheet, x, sheet->y_mm, end - x, small_pt, false, name);
    cairo_tag_end(sheet->cr, "P");
    double start = x + sheet_width(sheet, small_pt, false, name) + 1.5;
    sheet_rule(sheet, start, fmax(end - start - 2.0, 0.0), sheet->y_mm + 3.1, SHEET_GREY);
}
