#!/usr/bin/env python3
"""Draws docs/pictures/dots_compare.png: ways to place dots, on a patch of skin at life size.

  dots_pictures.py --cases build/dots_cases [--peer 'label=PROGRAM'] [--irregularity=0.36] [-o docs/pictures/dots_compare.png]

40 x 40 mm, 132 dots per cm2, 0.35 mm soft dots, 12 px/mm (305 dpi: print at 300 dpi and it is life size). All patches have the
same number of dots of the same size and shade; only their places differ. Programs are called as bench/dots_table.py describes
(case u), ours also with --irregularity=S and --spacing-mm=0.35 (the grown dot). Needs numpy, Pillow (python3-numpy, python3-pil) and the
DejaVu fonts.
"""
import argparse, pathlib, shlex, subprocess, tempfile

import numpy
from PIL import Image, ImageDraw, ImageFont

SIDE_MM, DOT_MM, PX_PER_MM = 40.0, 0.35, 12
COUNT = 46**2  # so that a square grid has as many: 132 per cm2
SOFT_MM = 0.05  # how far the border of a dot spreads, each way
SKIN = numpy.array([0.66, 0.43, 0.33])  # linear light
DEPTH = numpy.array([0.95, 0.85, 0.75])  # optical depth of a dot in red, green, blue: greyish, a little cold
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
GAP_PX, LABEL_PX = 16, 34


def random_points(rng):
    return rng.random((COUNT, 2))


def square_grid(rng, jitter=0.0):
    """Jitter in spacings, uniform each way."""
    n = round(COUNT**.5)
    grid = numpy.stack(numpy.meshgrid(numpy.arange(n), numpy.arange(n)), -1).reshape(-1, 2) + .5
    return (grid + jitter * rng.uniform(-1, 1, grid.shape)) / n % 1


def dart_throwing(rng):
    """Plain Poisson disk on the torus: the largest radius at which darts still find COUNT places, found by shrinking it."""
    radius, placed = 0.8 / COUNT**.5, numpy.empty((0, 2))
    while len(placed) < COUNT:
        for _ in range(3000):
            dart = rng.random(2)
            d = abs(placed - dart)
            d = numpy.minimum(d, 1 - d)
            if len(placed) == 0 or (d**2).sum(1).min() >= radius**2:
                placed = numpy.vstack([placed, dart])
                if len(placed) == COUNT:
                    break
        else:
            radius *= .995
    return placed


def program_points(program, options, sessions=3):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "dots.csv"
        subprocess.run(shlex.split(program) + ["u", str(COUNT), str(sessions), "1", str(path)] + options, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        table = numpy.loadtxt(path, delimiter=",")
    return table[:, :2], table[:, 3].astype(int)


def draw(points):
    """Patch in linear light: optical depths add, so overlapping dots darken as pigment does."""
    size = round(SIDE_MM * PX_PER_MM)
    depth = numpy.zeros((size, size))
    reach = DOT_MM / 2 + 3 * SOFT_MM
    for x, y in points * SIDE_MM:
        x0, x1 = max(0, int((x - reach) * PX_PER_MM)), min(size, int((x + reach) * PX_PER_MM) + 1)
        y0, y1 = max(0, int((y - reach) * PX_PER_MM)), min(size, int((y + reach) * PX_PER_MM) + 1)
        gx, gy = (numpy.arange(x0, x1) + .5) / PX_PER_MM - x, (numpy.arange(y0, y1) + .5) / PX_PER_MM - y
        r = numpy.hypot(*numpy.meshgrid(gx, gy))
        depth[y0:y1, x0:x1] += 1 / (1 + numpy.exp((r - DOT_MM / 2) / (SOFT_MM / 2)))
    light = SKIN * numpy.exp(-depth[..., None] * DEPTH)
    code = numpy.where(light <= .0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - .055)
    return Image.fromarray((numpy.clip(code, 0, 1) * 255 + .5).astype(numpy.uint8))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", metavar="PROGRAM", help="ours (build/dots_cases)")
    parser.add_argument("--peer", action="append", default=[], metavar="LABEL=PROGRAM")
    parser.add_argument("--irregularity", default="0.36", metavar="S", help="of the patches spaced as hair is (default %(default)s: NN cv 0.19)")
    parser.add_argument("-o", "--out", default=str(pathlib.Path(__file__).resolve().parent.parent / "docs/pictures/dots_compare.png"))
    args = parser.parse_args()
    rng = numpy.random.default_rng(1)
    patches = [("random", random_points(rng)), ("square grid", square_grid(rng)), ("jittered grid", square_grid(rng, .35)),
               ("Poisson disk (darts)", dart_throwing(rng))]
    for peer in args.peer:
        label, program = peer.split("=", 1)
        patches.append((label, program_points(program, [])[0]))
    if args.cases:
        patches.append(("ours, as even as can be", program_points(args.cases, ["--irregularity=0"])[0]))
        places, session = program_points(args.cases, [f"--irregularity={args.irregularity}", "--spacing-mm=0.35"])
        patches.append(("ours, spaced as hair is", places))
        patches.append(("its first of three sessions", places[session == 1]))
    columns = 4
    rows = -(-len(patches) // columns)
    size = round(SIDE_MM * PX_PER_MM)
    sheet = Image.new("RGB", (columns * (size + GAP_PX) + GAP_PX, rows * (size + LABEL_PX + GAP_PX) + GAP_PX), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.truetype(FONT, 22)
    for k, (label, points) in enumerate(patches):
        x, y = GAP_PX + k % columns * (size + GAP_PX), GAP_PX + k // columns * (size + LABEL_PX + GAP_PX)
        pen.text((x, y), label, fill="black", font=font)
        sheet.paste(draw(points), (x, y + LABEL_PX))
    sheet.quantize(32, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(args.out, optimize=True, dpi=(300, 300))
    print(f"{args.out}: {sheet.width} x {sheet.height} px, {pathlib.Path(args.out).stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
