#!/usr/bin/env python3
"""How real hair is spaced, beside our dots: nearest neighbours, pair correlation, six-fold order, evenness of counts.

  stubble_statistics.py photos FOLDER [--px-per-mm=S --window=X,Y,SIDE]  stubs found in photographs of shaved scalp
  stubble_statistics.py boxes FOLDER                                     hairs marked by people in scalp microscope frames
  stubble_statistics.py pattern FOLDER                                   the same, as an endless pattern: NN cv and psi6 there
  stubble_statistics.py dots CSV... [--beside FOLDER]                    our dots, case u of dots_cases: x,y[,z,session]
  stubble_statistics.py self-test                                        finds drawn stubs and known patterns again

`photos` refuses a picture whose single stubs cannot be resolved. Without --px-per-mm it uses the most that is possible: a picture
that shows a head has at most width / 140 mm (a narrow adult head is 140 mm broad). `boxes` reads one Pascal-VOC file per frame,
named DATE_SUBJECT_FRAME.xml, two points per hair, the root first. Roots closer than --link-mm are one follicular unit. Frames hold
about five units, so their edges decide: every estimate corrects for them, and `dots` are cut into such frames and put through
the same estimate. `pattern` moves 1,024 random points on a torus until they have the pair correlation of the marked hair, and
nothing else: the least ordered pattern that has it (reconstruction after Torquato). Lengths are in units of 1 / sqrt(density): the
hexagonal lattice has 1.075. Needs numpy, scipy and Pillow (python3-numpy, python3-scipy, python3-pil).
"""
import argparse, collections, glob, os, re, sys, xml.etree.ElementTree

import numpy
from scipy import ndimage
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial import Delaunay, cKDTree

HEX = 1.07457
HEAD_MM = 140.0
LEAST_PX_PER_MM = 10.0  # below it more than 4 % (light skin) to 16 % (dark) of drawn stubs were missed in trials of detectors
FARTHEST, STEP = 2.4, 0.1
EDGES = numpy.arange(0, FARTHEST + STEP / 2, STEP)
# Of a microscope frame of 1280 x 1024 px at 361 px/mm the part where roots are marked evenly: x and y from, to.
FRAME_PX = (40, 1130, 80, 920)
FRAME_PX_PER_MM = 361.0


# --- estimates from large windows -----------------------------------------------------------------
def window_statistics(points, width, height):
    """NN cv, mean NN, g peak, psi6 of one window; points near its border serve as neighbours only."""
    spacing = 1 / numpy.sqrt(len(points) / (width * height))
    inner = numpy.minimum.reduce([points[:, 0], width - points[:, 0], points[:, 1], height - points[:, 1]]) > 1.5 * spacing
    nearest = cKDTree(points).query(points, k=2)[0][inner, 1] / spacing
    triangles = Delaunay(points)
    start, neighbour = triangles.vertex_neighbor_vertices
    order = []
    for i in numpy.flatnonzero(inner):
        d = points[neighbour[start[i]:start[i + 1]]] - points[i]
        order.append(abs(numpy.exp(6j * numpy.arctan2(d[:, 1], d[:, 0])).mean()))
    g, _ = pair_correlation({0: [points]}, width, height)
    return {"n": len(points), "NN cv": nearest.std() / nearest.mean(), "mean NN": nearest.mean() / HEX, "psi6": numpy.mean(order),
            "g peak": g[5:16].max(), "at": EDGES[5 + g[5:16].argmax()] + STEP / 2}


def block_interval(points, width, height, draws=200, seed=1):
    """5th and 95th percentile of NN cv and psi6: blocks of about 5 spacings drawn again with replacement."""
    tiles = max(2, int(numpy.sqrt(len(points)) / 5))
    values = collections.defaultdict(list)
    cell = (numpy.minimum((points[:, 0] / width * tiles).astype(int), tiles - 1) * tiles
            + numpy.minimum((points[:, 1] / height * tiles).astype(int), tiles - 1))
    spacing = 1 / numpy.sqrt(len(points) / (width * height))
    nearest = cKDTree(points).query(points, k=2)[0][:, 1] / spacing
    start, neighbour = Delaunay(points).vertex_neighbor_vertices
    order = numpy.array([abs(numpy.exp(6j * numpy.angle((points[neighbour[start[i]:start[i + 1]]] - points[i]) @ [1, 1j])).mean())
                         for i in range(len(points))])
    inner = numpy.minimum.reduce([points[:, 0], width - points[:, 0], points[:, 1], height - points[:, 1]]) > 1.5 * spacing
    generator = numpy.random.default_rng(seed)
    members = [numpy.flatnonzero((cell == c) & inner) for c in range(tiles * tiles)]
    for _ in range(draws):
        drawn = numpy.concatenate([members[c] for c in generator.integers(0, len(members), len(members))])
        values["NN cv"].append(nearest[drawn].std() / nearest[drawn].mean())
        values["psi6"].append(order[drawn].mean())
    return {k: tuple(numpy.percentile(v, (5, 95))) for k, v in values.items()}


# --- estimates from many small frames ---------------------------------------------------------------
def ring_cover(width, height):
    """Of all pairs a rectangle could hold: the integral of its set covariance over each ring."""
    angle = (numpy.arange(720) + .5) * 2 * numpy.pi / 720
    r = EDGES[:-1, None] + STEP * numpy.array([.1, .3, .5, .7, .9])
    overlap = (numpy.maximum(width - abs(r[..., None] * numpy.cos(angle)), 0)
               * numpy.maximum(height - abs(r[..., None] * numpy.sin(angle)), 0)).mean(-1)
    return (overlap * r).mean(1) * 2 * numpy.pi * STEP


def pair_correlation(subjects, width, height):
    """g over EDGES pooled over frames; the density is the mean over the frames of a subject."""
    found, cover = numpy.zeros(len(EDGES) - 1), numpy.zeros(len(EDGES) - 1)
    for frames in subjects.values():
        scale = numpy.sqrt(sum(map(len, frames)) / (len(frames) * width * height))
        if scale == 0:
            continue
        cover += len(frames) * ring_cover(width * scale, height * scale)
        for points in frames:
            if len(points) > 1:
                near = cKDTree(points * scale).sparse_distance_matrix(cKDTree(points * scale), FARTHEST, output_type="ndarray")["v"]
                found += numpy.histogram(near[near > 0], EDGES)[0]
    return found / numpy.maximum(cover, 1e-9), cover


def frame_statistics(subjects, width, height):
    """Statistics of frames of one size, subject -> list of points; NN weighted by the room a frame leaves for it."""
    distance, weight, variance, mean = [], [], [], []
    for frames in subjects.values():
        counts = numpy.array([len(f) for f in frames])
        if len(frames) < 2 or counts.sum() == 0:
            continue
        variance.append(counts.var(ddof=1))
        mean.append(counts.mean())
        scale = numpy.sqrt(counts.mean() / (width * height))
        w, h = width * scale, height * scale
        for points in (f * scale for f in frames if len(f) > 1):
            nearest = cKDTree(points).query(points, k=2)[0][:, 1]
            inside = nearest < numpy.minimum.reduce([points[:, 0], w - points[:, 0], points[:, 1], h - points[:, 1]])
            distance += list(nearest[inside])
            weight += list(1 / numpy.maximum((w - 2 * nearest[inside]) * (h - 2 * nearest[inside]), .3))
    distance, weight = numpy.array(distance), numpy.array(weight)
    middle = numpy.average(distance, weights=weight)
    g, _ = pair_correlation(subjects, width, height)
    return {"units": int(sum(len(f) for frames in subjects.values() for f in frames)), "per frame": numpy.mean(mean),
            "NN cv": numpy.sqrt(numpy.average((distance - middle) ** 2, weights=weight)) / middle, "mean NN": middle / HEX,
            "count var/mean": numpy.mean(variance) / numpy.mean(mean), "g peak": g[5:16].max(),
            "at": EDGES[5 + g[5:16].argmax()] + STEP / 2}, g


def interval(subjects, width, height, draws=60, seed=1):
    """5th and 95th percentile of each statistic: subjects drawn again with replacement."""
    generator, names, values = numpy.random.default_rng(seed), list(subjects), collections.defaultdict(list)
    for _ in range(draws):
        drawn = {i: subjects[names[k]] for i, k in enumerate(generator.integers(0, len(names), len(names)))}
        for key, value in frame_statistics(drawn, width, height)[0].items():
            values[key].append(value)
    return {k: tuple(numpy.percentile(v, (5, 95))) for k, v in values.items()}


def read_boxes(folder, link_mm):
    """subject -> frames of unit centres in mm within the evenly marked part; the share of units of 1, 2, ... hairs."""
    subjects, sizes = collections.defaultdict(list), collections.Counter()
    x0, x1, y0, y1 = FRAME_PX
    for path in sorted(glob.glob(os.path.join(folder, "*.xml"))):
        name = os.path.basename(path)[:-4]
        if not re.fullmatch(r"\d+_\w+_\d+", name):
            continue  # copies
        boxes = [o.find("bndbox") for o in xml.etree.ElementTree.parse(path).getroot().findall("object")]
        root = numpy.array([[float(b.find(t).text) for t in ("xmin", "ymin")] for b in boxes]).reshape(-1, 2)
        unit = fcluster(linkage(root, "single"), link_mm * FRAME_PX_PER_MM, "distance") if len(root) > 1 else numpy.ones(len(root))
        centre = numpy.array([root[unit == u].mean(0) for u in numpy.unique(unit)]).reshape(-1, 2)
        sizes.update(int((unit == u).sum()) for u in numpy.unique(unit))
        inside = (centre[:, 0] > x0) & (centre[:, 0] < x1) & (centre[:, 1] > y0) & (centre[:, 1] < y1)
        subjects[name.rsplit("_", 1)[0]].append((centre[inside] - [x0, y0]) / FRAME_PX_PER_MM)
    total = sum(sizes.values())
    return subjects, [sizes[k] / total for k in range(1, 6)], (x1 - x0) / FRAME_PX_PER_MM, (y1 - y0) / FRAME_PX_PER_MM


def cut_frames(points, per_frame, missed, seed=1):
    """Unit square -> groups of four frames of the microscope's shape with per_frame points each, in their own units."""
    generator = numpy.random.default_rng(seed)
    points = points[generator.random(len(points)) >= missed]
    side = numpy.sqrt(len(points))
    aspect = (FRAME_PX[1] - FRAME_PX[0]) / (FRAME_PX[3] - FRAME_PX[2])
    height = numpy.sqrt(per_frame / aspect)
    width = height * aspect
    column, row = (points[:, 0] * side / width).astype(int), (points[:, 1] * side / height).astype(int)
    rows, columns = int(side / height), int(side / width)
    local = points * side - numpy.stack([column * width, row * height], 1)
    frames = [local[(column == c) & (row == r)] for c in range(columns) for r in range(rows)]
    return {i: frames[4 * i:4 * i + 4] for i in range(len(frames) // 4)}, width, height


# --- photographs ------------------------------------------------------------------------------------
def find_stubs(picture, px_per_mm):
    """Centres (x, y) in px of dark spots of 0.05-0.4 mm: flattened log light, two differences of Gaussians, peaks above what
    bright peaks of the same filter say is noise, and peaks without a saddle between them joined."""
    light = numpy.where(picture <= .04045, picture / 12.92, ((picture + .055) / 1.055) ** 2.4) @ [.55, .40, .05]
    dark = -numpy.log(light + .01)
    ground = ndimage.gaussian_filter(dark, .8 * px_per_mm)
    ground = ndimage.gaussian_filter(numpy.minimum(dark, ground + .1), .8 * px_per_mm)
    response = numpy.max([ndimage.gaussian_filter(dark - ground, s) - ndimage.gaussian_filter(dark - ground, 2.2 * s)
                          for s in (max(.75, .044 * px_per_mm), max(.9, .066 * px_per_mm))], axis=0)
    noise = ndimage.uniform_filter(numpy.minimum(abs(response), 3 * numpy.median(abs(response))), 3 * px_per_mm) * 1.25 + 1e-4
    ratio = response / noise
    reach = 2 * max(1, round(.1 * px_per_mm)) + 1
    dark_peak = (response == ndimage.maximum_filter(response, reach)) & (ratio > 1.5)
    bright_peak = (response == ndimage.minimum_filter(response, reach)) & (ratio < -1.5)
    for threshold in numpy.arange(2, 6.1, .25):  # at most 4 % may be noise
        if (bright_peak & (ratio < -threshold)).sum() <= .04 * ((dark_peak & (ratio > threshold)).sum() + 1):
            break
    peak = numpy.argwhere(dark_peak & (ratio > threshold))
    if len(peak) < 2:
        return peak[:, ::-1].astype(float)
    group = numpy.arange(len(peak))
    for a, b in cKDTree(peak).query_pairs(.45 * px_per_mm):
        line = peak[a] + numpy.linspace(.1, .9, 9)[:, None] * (peak[b] - peak[a])
        if ndimage.map_coordinates(response, line.T, order=1).min() > .6 * min(response[tuple(peak[a])], response[tuple(peak[b])]):
            group[group == group[b]] = group[a]
    return numpy.array([peak[group == u].mean(0)[::-1] for u in numpy.unique(group)])


def photos(args):
    from PIL import Image
    usable = 0
    for path in sorted(p for e in ("jpg", "jpeg", "png") for p in glob.glob(os.path.join(args.input[0], "*." + e))):
        picture = numpy.asarray(Image.open(path).convert("RGB")) / 255
        height, width = picture.shape[:2]
        scale = args.px_per_mm or width / HEAD_MM
        said = f"{os.path.basename(path):<28} {width} x {height} px, {'' if args.px_per_mm else 'at most '}{scale:.1f} px/mm"
        if scale < LEAST_PX_PER_MM:
            print(f"{said}: refused, single stubs need {LEAST_PX_PER_MM:.0f}")
            continue
        x, y, side = args.window or (0, 0, min(width, height))
        stub = find_stubs(picture[y:y + side, x:x + side], scale) / scale
        side_mm = side / scale
        if len(stub) < 300:
            print(f"{said}: {len(stub)} stubs found, too few (300)")
            continue
        usable += 1
        found, band = window_statistics(stub, side_mm, side_mm), block_interval(stub, side_mm, side_mm)
        print(f"{said}: {len(stub)} stubs, {100 * len(stub) / side_mm**2:.0f} per cm2, NN cv {found['NN cv']:.3f} ({band['NN cv'][0]:.3f}-"
              f"{band['NN cv'][1]:.3f}), psi6 {found['psi6']:.3f} ({band['psi6'][0]:.3f}-{band['psi6'][1]:.3f}), "
              f"g peak {found['g peak']:.2f} at {found['at']:.2f}")
    print(f"{usable} pictures resolve single stubs")


def show(name, statistics, band=None):
    text = []
    for key, digits in (("units", 0), ("per frame", 2), ("mean NN", 3), ("NN cv", 3), ("count var/mean", 3), ("g peak", 2), ("at", 2)):
        value = f"{key} {statistics[key]:.{digits}f}"
        if band and key not in ("units", "at"):
            value += f" ({band[key][0]:.{digits}f}-{band[key][1]:.{digits}f})"
        text.append(value)
    print(f"{name}: {', '.join(text)}")


def boxes(args):
    for link in (args.link_mm - .1, args.link_mm, args.link_mm + .1):
        subjects, shares, width, height = read_boxes(args.input[0], link)
        statistics, g = frame_statistics(subjects, width, height)
        show(f"{len(subjects)} subjects, roots within {link:.2f} mm joined, {100 * statistics['per frame'] / (width * height):.1f} units/cm2",
             statistics, interval(subjects, width, height))
        print("  units of 1-5 hairs:", " ".join(f"{s:.3f}" for s in shares))
        print("  g:", " ".join(f"{v:.2f}" for v in g))


def torus_statistics(points, side):
    """NN cv and psi6 on the torus."""
    offsets = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    tiled = numpy.concatenate([points] + [points + [i * side, j * side] for i, j in offsets if i or j])
    nearest = cKDTree(tiled).query(points, k=2)[0][:, 1]
    start, neighbour = Delaunay(tiled).vertex_neighbor_vertices
    order = [abs(numpy.exp(6j * numpy.angle((tiled[neighbour[start[i]:start[i + 1]]] - points[i]) @ [1, 1j])).mean())
             for i in range(len(points))]
    return nearest.std() / nearest.mean(), nearest.mean() / HEX, numpy.mean(order)


def reconstruct(target, count=1024, moves=200000, seed=1):
    """Points on a torus of unit density whose g is the target: single moves, kept when the squared error falls (or hardly rises)."""
    generator = numpy.random.default_rng(seed)
    side = numpy.sqrt(count)
    points = generator.random((count, 2)) * side
    full = numpy.pi * (EDGES[1:] ** 2 - EDGES[:-1] ** 2) * count / 2  # pairs expected in each ring

    def ring_of(where, skip):
        d = abs(points - where)
        d = numpy.minimum(d, side - d)
        r = numpy.hypot(d[:, 0], d[:, 1])
        r[skip] = FARTHEST
        return numpy.bincount((r[r < FARTHEST] / STEP).astype(int), minlength=len(full))

    pairs = sum(ring_of(points[i], i) for i in range(count)) / 2
    weight = numpy.minimum(full / full[10], 3)  # narrow rings are few pairs
    cost = lambda p: (weight * (p / full - target) ** 2).sum()
    now, heat = cost(pairs), 1e-3
    for step in range(moves):
        i = generator.integers(count)
        to = (points[i] + generator.normal(0, .3, 2)) % side
        changed = pairs - ring_of(points[i], i) + ring_of(to, i)
        then = cost(changed)
        if then < now or generator.random() < numpy.exp((now - then) / heat):
            points[i], pairs, now = to, changed, then
        heat = 1e-3 * .97 ** (step / moves * 300)
    return points, side, pairs / full


def pattern(args):
    for link in (args.link_mm, args.link_mm + .1):
        subjects, _, width, height = read_boxes(args.input[0], link)
        target = frame_statistics(subjects, width, height)[1]
        found = []
        for seed in (1, 2, 3):
            points, side, g = reconstruct(target, seed=seed)
            found.append(torus_statistics(points, side) + (abs(g - target).mean(),))
        cv, mean, order, error = numpy.mean(found, 0)
        print(f"roots within {link:.2f} mm joined: NN cv {cv:.3f}, mean NN {mean:.3f}, psi6 {order:.3f} "
              f"(mean |g - g of hair| {error:.3f}; three seeds, NN cv within {numpy.ptp(found, 0)[0]:.3f})")


def dots(args):
    target, per_frame = None, 5.4
    if args.beside:
        subjects, _, width, height = read_boxes(args.beside, args.link_mm)
        statistics, target = frame_statistics(subjects, width, height)
        per_frame = statistics["per frame"]
        show("marked hair", statistics, interval(subjects, width, height))
    for path in args.input:
        points = numpy.loadtxt(path, delimiter=",")[:, :2]
        whole = window_statistics(points, 1.0, 1.0)
        print(f"{path}: whole square, NN cv {whole['NN cv']:.3f}, psi6 {whole['psi6']:.3f}, g peak {whole['g peak']:.2f} at {whole['at']:.2f}")
        for missed in args.missed:
            statistics, g = frame_statistics(*cut_frames(points, per_frame, missed))
            show(f"  in frames, {100 * missed:.0f} % missed", statistics)
            if target is not None:
                print(f"    mean |g - g of hair| {abs(g - target).mean():.3f}")


def self_test(_):
    """Random points look random, a jittered lattice does not, drawn stubs are found again with their statistics."""
    generator = numpy.random.default_rng(3)
    random, g = frame_statistics(*cut_frames(generator.random((20000, 2)), 5.4, 0))
    assert abs(g[2:].mean() - 1) < .06 and abs(random["count var/mean"] - 1) < .1, (g, random)
    side = 24
    grid = (numpy.stack(numpy.meshgrid(numpy.arange(side), numpy.arange(side)), -1).reshape(-1, 2) + .5) / side
    points = grid + generator.normal(0, .15 / side, grid.shape)
    points = points[((points > .02) & (points < .98)).all(1)]
    px_per_mm, mm = 16, 26.0
    y, x = numpy.mgrid[0:int(mm * px_per_mm), 0:int(mm * px_per_mm)] / px_per_mm
    shade = numpy.zeros_like(x)
    for p in points * mm:
        near = numpy.s_[max(0, int((p[1] - .5) * px_per_mm)):int((p[1] + .5) * px_per_mm),
                        max(0, int((p[0] - .5) * px_per_mm)):int((p[0] + .5) * px_per_mm)]
        shade[near] += .5 * numpy.exp(-((x[near] - p[0]) ** 2 + (y[near] - p[1]) ** 2) / (2 * .08**2))
    picture = (.75 - .1 * x / mm)[..., None] * numpy.array([1, .8, .7]) * (1 - numpy.minimum(shade, .8))[..., None]
    picture = numpy.clip(picture + generator.normal(0, .01, picture.shape), 0, 1)
    stub = find_stubs(picture, px_per_mm) / px_per_mm
    assert abs(len(stub) / len(points) - 1) < .02, (len(stub), len(points))
    drawn, found = window_statistics(points * mm, mm, mm), window_statistics(stub, mm, mm)
    assert abs(drawn["NN cv"] - found["NN cv"]) < .015 and abs(drawn["psi6"] - found["psi6"]) < .02, (drawn, found)
    print(f"ok: {len(stub)} of {len(points)} stubs found, NN cv {found['NN cv']:.3f} (drawn {drawn['NN cv']:.3f}), "
          f"psi6 {found['psi6']:.3f} ({drawn['psi6']:.3f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("photos", "boxes", "pattern", "dots", "self-test"))
    parser.add_argument("input", nargs="*")
    parser.add_argument("--px-per-mm", type=float)
    parser.add_argument("--window", type=lambda t: tuple(map(int, t.split(","))), metavar="X,Y,SIDE")
    parser.add_argument("--link-mm", type=float, default=0.4, help="roots closer than this are one unit (default %(default)s)")
    parser.add_argument("--beside", metavar="FOLDER", help="boxes to compare with")
    parser.add_argument("--missed", type=lambda t: tuple(map(float, t.split(","))), default=(0.0, 0.1), metavar="SHARES")
    args = parser.parse_args()
    if (args.command != "self-test") != bool(args.input):
        parser.error(f"{args.command}: files or a folder")
    {"photos": photos, "boxes": boxes, "pattern": pattern, "dots": dots, "self-test": self_test}[args.command](args)


if __name__ == "__main__":
    main()
