/* report_template.h - what a template is drawn of, each at its true size. */
#ifndef REPORT_REPORT_TEMPLATE_H
#define REPORT_REPORT_TEMPLATE_H

#include "export/flat.h"
#include "export/strip.h"
#include "report/report_internal.h"

/* The strips of a hairline with where their ends lie, from the sheet's y on. */
void template_strips(Sheet *sheet, const Case *plan, const ExportStrip *strip);
/* A piece with the lower left corner of its box at (x, y) of the page. */
void template_piece(Sheet *sheet, const Case *plan, const Flat *flat, int number, double x_mm,
                    double y_mm);
/* The head from above, the face below, with the pieces and their numbers; in a drawing. */
void template_overview(Sheet *sheet, const Case *plan, const Flat *flat, double x_mm, double y_mm,
                       double side_mm);
/* A line of each kind and its name; returns the height. */
double template_key(Sheet *sheet, double x_mm, double y_mm);

#endif
