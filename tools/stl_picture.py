#!/usr/bin/env python3
"""A binary STL from two sides, as a picture (PPM on standard output): for docs/gallery.md.

usage: tools/stl_picture.py guide.stl [PX_PER_MM] > guide.ppm     needs numpy (it comes with python3-meshio)
"""
import sys

import numpy as np

VIEWS = [((0.0, -0.35, -1.0), (0.0, 1.0, 0.0)), ((-0.8, -0.45, -0.6), (0.0, 1.0, 0.0))]  # the way one looks, and what is up
LIGHT = np.array([0.25, 0.85, 0.46])
COLOUR = np.array([236.0, 214.0, 178.0])
SAMPLES = 4  # for each pixel that a triangle covers, so that none stays open


def triangles(path):
    data = np.fromfile(path, dtype=np.uint8)
    count = int(np.frombuffer(data[80:84], dtype="<u4")[0])
    row = np.dtype([("normal", "<f4", 3), ("corner", "<f4", (3, 3)), ("more", "<u2")])
    return np.frombuffer(data[84:84 + 50 * count], dtype=row)["corner"].astype(float)


def unit(vector):
    return vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-12)


def view(corner, forward, up, px_per_mm):
    """Points are strewn over the triangles and drawn from the farthest to the nearest."""
    rng = np.random.default_rng(1)
    forward = unit(np.array(forward))
    right = unit(np.cross(forward, up))
    above = np.cross(right, forward)
    across = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    count = np.ceil(np.linalg.norm(across, axis=1) / 2 * px_per_mm**2 * SAMPLES).astype(int).clip(1)
    of = np.repeat(np.arange(len(corner)), count)
    a, b = np.sqrt(rng.random(len(of)))[:, None], rng.random(len(of))[:, None]
    point = corner[of, 0] * (1 - a) + corner[of, 1] * a * (1 - b) + corner[of, 2] * a * b
    shade = 0.35 + 0.65 * np.abs(unit(across)[of] @ LIGHT)
    x, y = point @ right, -(point @ above)
    column, line = (((value - value.min()) * px_per_mm).astype(int) + 8 for value in (x, y))
    picture = np.full((line.max() + 9, column.max() + 9, 3), 255, np.uint8)
    order = np.argsort(-(point @ forward), kind="stable")
    picture[line[order], column[order]] = (COLOUR * shade[order, None]).astype(np.uint8)
    return picture


def main():
    px_per_mm = float(sys.argv[2]) if len(sys.argv) > 2 else 4.0
    views = [view(triangles(sys.argv[1]), *way, px_per_mm) for way in VIEWS]
    high = max(picture.shape[0] for picture in views)
    whole = np.concatenate([np.pad(picture, ((0, high - picture.shape[0]), (0, 0), (0, 0)), constant_values=255)
                            for picture in views], axis=1)
    sys.stdout.buffer.write(f"P6\n{whole.shape[1]} {whole.shape[0]}\n255\n".encode() + whole.tobytes())


if __name__ == "__main__":
    main()
