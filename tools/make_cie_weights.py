#!/usr/bin/env python3
"""Makes src/color/spectrum_weights.h: make_cie_weights.py > src/color/spectrum_weights.h (from the project's folder)

XYZ of a reflectance is a sum over the 1 nm rows of spectra/cie_1931.csv. The reflectance at a row is linear between
its samples every 10 nm, constant before the first and after the last, so each row's share is split between the two
samples beside it, and what is left is one weight per sample. src/color/spectrum_test.c makes them again and compares.
"""
import csv, math

BANDS = [400 + 10 * i for i in range(31)]
LIGHTS, FUNCTIONS = ["D65", "D50", "A"], ["x", "y", "z"]


def share(band, nm):
    """Of the sample at `band` in the reflectance at `nm`."""
    nm = min(max(nm, BANDS[0]), BANDS[-1])
    return max(0.0, 1.0 - abs(nm - band) / 10.0)


with open("spectra/cie_1931.csv") as file:
    rows = [{key: float(value) for key, value in row.items()}
            for row in csv.DictReader(line for line in file if not line.startswith("#"))]

print("""/* Made by tools/make_cie_weights.py from spectra/cie_1931.csv: not to be edited. */
#ifndef COLOR_SPECTRUM_WEIGHTS_H
#define COLOR_SPECTRUM_WEIGHTS_H

#include "color/spectrum.h"

/* clang-format off */
/* Of each band in x, y, z under each light; y sums to 1. */
static const double spectrum_weights[3][3][SPECTRUM_BANDS] = {""")
for light in LIGHTS:
    power = math.fsum(row["y"] * row[light] for row in rows)
    print(f"    [SPECTRUM_{light}] = {{")
    for function in FUNCTIONS:
        weights = [math.fsum(share(band, row["wavelength_nm"]) * row[function] * row[light] for row in rows) / power
                   for band in BANDS]
        lines = [", ".join(f"{w:.17g}" for w in weights[i:i + 4]) for i in range(0, len(weights), 4)]
        print("        {" + ",\n         ".join(lines) + "},")
    print("    },")
print("""};
/* clang-format on */

#endif""")
