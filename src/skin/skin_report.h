/* skin_report.h - the parts of the program skin_report: tables of what the model is worth, as CSV.
 *
 * Each prints a header and its rows on the standard output; figures over many rows (medians, worst,
 * shares) are taken by tools/skin_report.py, which makes docs/models/skin_tables.md of them.
 */
#ifndef SKIN_SKIN_REPORT_H
#define SKIN_SKIN_REPORT_H

#include "skin/mark.h"

/* Adding-doubling against others' slabs and skins, by number of directions. */
void report_doubling(void);
/* Fit, and inversion of the colour alone, of the skins of a file as skin_measured.h reads it, and
 * of some that the model made where nobody was measured. */
MUST_CHECK bool report_measured(const char *path, Err *err);
/* Of a few of them the spectra: measured, fitted, and what the colour alone says. */
MUST_CHECK bool report_spectra(const char *path, Err *err);

/* The table of marks against rows as skin_direct prints them: single dots, lattices, hairs. */
MUST_CHECK bool report_direct(Arena *arena, const SkinTable *table, const char *path, Err *err);
/* Against contrasts simulated by others: melanin, diameter, depth, strength at 550 nm, wavelength,
 * contrast of the middle (r < 0.1 mm) and at 0.2, 0.3, 0.4, 0.6, 0.8 and 1.0 mm. */
MUST_CHECK bool report_published(Arena *arena, const SkinTable *table, const char *path, Err *err);

/* One median skin per class of ITA, and in each: a standard dot, hairs, a dot by depth, dots and
 * hairs by density, a dot through time. */
MUST_CHECK bool report_classes(Arena *arena, const SkinTable *table, Err *err);
MUST_CHECK bool report_depths(Arena *arena, const SkinTable *table, Err *err);
MUST_CHECK bool report_densities(Arena *arena, const SkinTable *table, Err *err);
MUST_CHECK bool report_times(Arena *arena, const SkinTable *table, Err *err);

#endif
