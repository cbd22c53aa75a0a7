#!/usr/bin/env python3
"""The quality table of the dot placement: dots_table.py --cases build/dots_cases --scorer-source point_metrics.c

Runs PROGRAM CASE COUNT SESSIONS SEED OUT.csv [--shares=45,35,20] for every case, count, seed and layout of sessions, scores
every cumulative prefix with the scorer and compares with the limits below. Writes bench/dots.md; exit 1 if a limit is broken.

Protocol of a program, ours (--cases) or a peer (--peer 'label=PROGRAM'; a peer never gets the case `hair`):
  CASE     u    unit square, uniform            g   unit square, density 10^x
           mu   closed ellipsoid, semi-axes 78 98 70 mm (icosphere, 5 subdivisions), uniform
           mg   the same, density 10^t, t the height from 0 to 1
           hair unit square, feathered hairline with clumped fixed hairs; also writes OUT-fixed.csv (x,y,z) and
                OUT-density.pgm, the target of dots and hairs together
  OUT.csv  a line `x,y,z,session` for each dot, session from 1, in order of rank: the first lines are the first session.

The scorer is any program that takes `-i CSV -n PREFIX -d box|mesh:OBJ -f uniform|exp10|z10|pgm:PGM [-x FIXED]` and prints one
line of values under the names of its `-H` line. Python's standard library only.
"""
import argparse, concurrent.futures, math, os, pathlib, shlex, statistics, subprocess, sys, tempfile, textwrap

AXES_MM = (78, 98, 70)
HEX = math.sqrt(2 / math.sqrt(3))  # spacing of the hexagonal lattice of unit density
CASES = {"u": ("box", "uniform"), "g": ("box", "exp10"), "mu": ("mesh", "uniform"), "mg": ("mesh", "z10"), "hair": ("box", "pgm")}
WORDS = {"u": "unit square, uniform", "g": "unit square, 10:1", "mu": "ellipsoid, uniform", "mg": "ellipsoid, 10:1",
         "hair": "feathered hairline with clumped fixed hairs"}

# name, column of the scorer, digits, +1: at least, -1: at most, 0: within
METRICS = [
    ("alpha", "alpha", 3, 1), ("p1", "p1", 3, 1), ("rho_min", "rho_min", 3, 1), ("CVT E", "cvtE", 4, -1),
    ("cap CV", "capCV", 3, -1), ("F50", "F50", 3, -1), ("F200", "F200", 3, -1), ("gap", "gap", 2, -1),
    ("gap99.9", "gap999", 3, -1), ("edge", "edge", 2, 0), ("decile", "decile", 3, -1), ("psi6", "psi6loc", 2, -1),
    ("hex", "hexfrac", 3, -1), ("g peak", "gpk", 2, -1), ("nu_eff", "nuEff", 2, 1), ("Omega", "Omega", 2, -1),
    ("hair min", "hair_min", 3, 1), ("hair p1", "hair_p1", 3, 1), ("F200 T", "F200_target", 3, -1), ("gap T", "gap_target", 2, -1),
]
OF_HAIR = ("hair min", "hair p1", "F200 T", "gap T")
# Pass and goal for each cumulative prefix. Pass: just outside the worst of a research prototype's 16 runs; goal: better
# than the best of 12 runs of the strongest nested peer where the prototype was not. One value stands for all prefixes.
PASS = {
    3: {"alpha": (.845, .81, .825), "p1": (.72, .72, .70), "rho_min": (.66, .65, .60), "CVT E": (.170, .179, .172),
        "cap CV": (.078, .107, .112), "F50": (.048, .062, .070), "F200": (.030, .042, .065), "gap": (.98, .98, .96),
        "gap99.9": (.74, .80, .77), "edge": ((.93, 1.06),), "psi6": (.51,), "hex": (.05,), "g peak": (2.6, 3.3, 2.4),
        "nu_eff": (.84, .68, .79), "Omega": (1.9,)},
    4: {"alpha": (.84, .785, .815, .815), "p1": (.70, .685, .695, .66), "rho_min": (.58, .58, .56, .52),
        "CVT E": (.171, .180, .176, .173), "cap CV": (.078, .115, .128, .122), "F50": (.050, .056, .082, .083),
        "F200": (.030, .032, .076, .082), "gap": (.98,), "gap99.9": (.75, .80, .80, .77), "edge": ((.91, 1.05),),
        "psi6": (.48,), "hex": (.02,), "g peak": (2.7,), "nu_eff": (.82, .66, .68, .80), "Omega": (1.8,)},
}
CLOSED_F200 = {3: .030, 4: .035}  # closed surfaces and feathered borders: no prefix above this
GOAL = {3: {"p1": (None, None, .71), "rho_min": (None, None, .70)},
        4: {"p1": (None, None, None, .705), "rho_min": (.65, .65, .66, .70), "F200": (None, None, .06, .06)}}
HAIR = {"hair min": .62, "hair p1": .75, "gap": 1.10, "gap T": 1.10}
HAIR_FROM = .1  # where the target is less than this share of its maximum it has no spacing to compare with
# Other layouts (halves, unequal shares) have no limits of their own: the loosest of the above, where they make sense at all.
SANE = {"rho_min": .52, "F50": .083, "F200": .082, "gap": 1.10, "edge": (.91, 1.06), "psi6": .51, "hex": .05}
DECILE = lambda count: .03 if count >= 20000 else .065
# user seconds on one core and MB, case mg: count -> {sessions: (pass, goal)}
SPEED = {30000: {3: (.65, .40), 4: (.80, .50)}, 60000: {3: (1.25, .80), 4: (1.60, None)}}
MEMORY_MB = 64  # at 60,000

# Measured earlier, not here: same scorer, AMD EPYC, one thread, 20,000 dots, one seed (cyCodeBase 348dad1, utk 2940c4c,
# vcglib c94ef4e1, geogram 3511fb0b). alpha, p1, rho_min, CVT E, cap CV, F50, F200, gap, edge, psi6, hex, g peak, CPU s.
QUOTED = """
u  | cySampleElim, progressive, 1/3, torus | .752 .620 .611 .1863 .169 .115 .092 1.06 -    .41 .004 1.45  0.35
u  | cySampleElim, progressive, 2/3, torus | .750 .652 .641 .1887 .175 .131 .123 1.11 -    .39 .004 1.91  0.35
u  | cySampleElim, progressive, 3/3, torus | .790 .700 .692 .1839 .161 .114 .093 1.14 -    .42 .008 2.08  0.35
u  | multi-class dart (Wei), 1/4, torus    | .771 .701 .700 .1857 .178 .144 .129 1.04 -    .41 .004 2.10 80.76
u  | multi-class dart (Wei), 2/4, torus    | .636 .496 .495 .2030 .199 .144 .128 1.13 -    .36 .001 1.59 80.76
u  | multi-class dart (Wei), 4/4, torus    | .762 .701 .700 .1896 .170 .121 .111 1.05 -    .40 .005 2.31 80.76
u  | BNOT (UTK), one set only              | .897 .810 .748 .1644 .039 .037 .018 0.77 0.99 .59 .104 3.51 37.52
u  | Gaussian blue noise, one set, torus   | .785 .607 .497 .1732 .030 .036 .019 0.83 -    .39 .003 1.65  5.68
u  | AA patterns (UTK), one set only       | .887 .869 .858 .1648 .034 .037 .019 0.74 1.06 .51 .037 3.27  0.01
u  | Fattal kernel density, one set only   | .872 .725 .559 .1661 .046 .043 .030 0.79 1.04 .51 .036 3.01  2.40
u  | weighted Voronoi, 50 it, one set only | .882 .700 .580 .1678 .141 .456 .675 0.83 0.99 .56 .084 2.57  2.61
u  | geogram CVT, one set only             | .931 .826 .745 .1626 .054 .071 .128 0.74 1.01 .80 .572 4.84  2.14
u  | VCGlib Poisson disk, one set only     | .824 .780 .779 .1796 .126 .088 .080 0.98 1.24 .45 .011 2.86  5.69
g  | cySampleElim, progressive, 3/3        | .791 .700 .693 .1856 .158 .109 .096 1.12 1.14 .42 .007 2.05  1.04
mg | cySampleElim, progressive, 1/3        | .753 .617 .609 .1865 .170 .121 .098 1.09 -    .41 .004 1.45  1.35
mg | cySampleElim, progressive, 2/3        | .750 .653 .641 .1887 .175 .118 .104 1.10 -    .39 .003 1.92  1.35
mg | cySampleElim, progressive, 3/3        | .790 .699 .691 .1837 .158 .110 .086 1.08 -    .42 .008 2.09  1.35
mg | geogram CVT, one set only             | .924 .811 .731 .1629 .063 .106 .209 0.76 -    .77 .477 4.42  2.22
mg | VCGlib Poisson disk, one set only     | .797 .743 .739 .1815 .149 .134 .225 1.02 -    .42 .007 2.60  5.28
"""


# --- the domain ---------------------------------------------------------------------------------
def write_ellipsoid(path):
    """Icosphere of 5 subdivisions stretched to AXES_MM: 10,242 vertices, 20,480 triangles."""
    t = (1 + math.sqrt(5)) / 2
    corner = [(0, a, b * t) for a in (-1, 1) for b in (-1, 1)]
    corner = [p[k:] + p[:k] for k in range(3) for p in corner]
    edge = 4 + 1e-9  # squared
    near = lambda a, b: sum((x - y) ** 2 for x, y in zip(corner[a], corner[b])) <= edge
    face = []
    for a in range(12):
        for b in range(a + 1, 12):
            for c in range(b + 1, 12):
                if near(a, b) and near(b, c) and near(a, c):
                    p, q, r = corner[a], corner[b], corner[c]
                    outward = (p[0] * (q[1] * r[2] - q[2] * r[1]) + p[1] * (q[2] * r[0] - q[0] * r[2])
                               + p[2] * (q[0] * r[1] - q[1] * r[0]))
                    face.append((a, b, c) if outward > 0 else (a, c, b))
    unit = lambda p: tuple(x / math.sqrt(sum(y * y for y in p)) for x in p)
    vertex = [unit(p) for p in corner]
    for _ in range(5):
        middle, finer = {}, []

        def between(a, b):
            key = (min(a, b), max(a, b))
            if key not in middle:
                middle[key] = len(vertex)
                vertex.append(unit(tuple(x + y for x, y in zip(vertex[a], vertex[b]))))
            return middle[key]

        for a, b, c in face:
            x, y, z = between(a, b), between(b, c), between(c, a)
            finer += [(a, x, z), (b, y, x), (c, z, y), (x, y, z)]
        face = finer
    with open(path, "w") as out:
        for p in vertex:
            out.write("v %.6f %.6f %.6f\n" % tuple(x * a for x, a in zip(p, AXES_MM)))
        for f in face:
            out.write("f %d %d %d\n" % tuple(i + 1 for i in f))


class Layout:
    """Sessions: '3' is three equal ones, '45/35/20' are shares in percent."""

    def __init__(self, text):
        self.text = text
        if "/" in text:
            part = [float(p) for p in text.split("/")]
            self.share = [p / sum(part) for p in part]
            self.argument = ["--shares=" + text.replace("/", ",")]
        else:
            self.share = [1 / int(text)] * int(text)
            self.argument = []
        self.sessions = len(self.share)
        self.limited = not self.argument and self.sessions in PASS

    def title(self):
        return "shares " + self.text if self.argument else f"{self.sessions} equal sessions"

    def prefix(self, k):
        return f"{k + 1}/{self.sessions}" if not self.argument else f"{100 * sum(self.share[:k + 1]):.0f} %"


def of_prefix(values, k):
    return values[k] if len(values) > 1 else values[0]


def limit(case, count, layout, k, metric):
    """Pass limit of a metric at prefix k (from 0), None if it has none there."""
    if metric == "edge" and case not in ("u", "g"):
        return None  # elsewhere there is no hard edge
    if metric == "decile":
        return DECILE(count) if case in ("g", "mg") else None
    if case == "hair":  # hairs stand in clumps: evenness of the union is no promise
        if metric in ("F200", "F200 T") and layout.limited:
            return CLOSED_F200[layout.sessions]
        return HAIR.get(metric)
    if metric in OF_HAIR:
        return None
    if not layout.limited:
        return SANE.get(metric)
    value = of_prefix(PASS[layout.sessions][metric], k)
    if metric == "F200" and case in ("mu", "mg"):
        value = min(value, CLOSED_F200[layout.sessions])
    return value


def goal(case, layout, k, metric):
    if case == "hair" or not layout.limited or metric not in GOAL[layout.sessions]:
        return None
    return of_prefix(GOAL[layout.sessions][metric], k)


def holds(metric_sign, value, bound):
    if bound is None or value is None or math.isnan(value):
        return True
    if metric_sign == 0:
        return bound[0] <= value <= bound[1]
    return value >= bound if metric_sign > 0 else value <= bound


def worse(sign, a, b):
    """The worse of two values of a metric."""
    if math.isnan(a) or math.isnan(b):
        return b if math.isnan(a) else a
    if sign == 0:
        return max(a, b, key=lambda v: abs(v - 1))
    return min(a, b) if sign > 0 else max(a, b)


# --- running and scoring ------------------------------------------------------------------------
def run_measured(command):
    """Runs it; user seconds and peak MB of the child. Linux counts the parent's pages until exec, so the MB are never
    below this script's own at that moment (20 at the start): only the timing, which comes first, reports them."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    talk = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise RuntimeError(f"{shlex.join(map(str, command))} failed ({process.returncode}): {talk.strip()[-300:]}")
    return usage.ru_utime, usage.ru_maxrss / 1024


def read_csv(path):
    with open(path) as f:
        return [tuple(map(float, line.split(","))) for line in f if line[0] in "-.0123456789"]


def session_ends(case, dots, count, layout):
    """Number of dots up to each session; says what is wrong with the file."""
    wrong = []
    if len(dots) != count:
        wrong.append(f"{len(dots)} dots instead of {count}")
    if any(not math.isfinite(v) for d in dots for v in d):
        wrong.append("a coordinate is not a number")
    if any(len(d) != 4 for d in dots):
        return [], wrong + ["a line without session"]
    order = [int(d[3]) for d in dots]
    if order != sorted(order) or (order and (order[0] < 1 or order[-1] > layout.sessions)):
        wrong.append("sessions are not in order of rank")
    ends = [sum(s <= k + 1 for s in order) for k in range(layout.sessions)]
    for k, end in enumerate(ends):
        if abs(end - count * sum(layout.share[:k + 1])) >= 1:
            wrong.append(f"{end} dots up to session {k + 1}: not the share")
    if case in ("mu", "mg"):  # the flat triangles lie up to 0.1 % inside
        outside = sum(abs(math.sqrt(sum((v / a) ** 2 for v, a in zip(d, AXES_MM))) - 1) > .002 for d in dots)
    else:
        outside = sum(not (0 <= d[0] <= 1 and 0 <= d[1] <= 1) for d in dots)
    if outside:
        wrong.append(f"{outside} dots outside the domain")
    return ends, wrong


class Field:
    """Density on the unit square: a square grid of rows from y = 1 down, bilinear between cell centres as the scorer reads it."""

    def __init__(self, rows):
        self.rows = rows
        self.mean = sum(map(sum, rows)) / sum(map(len, rows))

    @staticmethod
    def read(path):
        """An 8-bit PGM."""
        data = pathlib.Path(path).read_bytes()
        head, at = [], 0
        while len(head) < 4:
            end = at
            while not data[end:end + 1].isspace():
                end += 1
            if end > at:
                head.append(data[at:end])
            at = end + 1
        width, height = int(head[1]), int(head[2])
        return Field([list(data[at + r * width:at + (r + 1) * width]) for r in range(height)])

    def write(self, path):
        most = max(map(max, self.rows))
        with open(path, "wb") as out:
            out.write(b"P5\n%d %d\n255\n" % (len(self.rows[0]), len(self.rows)))
            for row in self.rows:
                out.write(bytes(round(255 * v / most) for v in row))

    def at(self, x, y):
        width, height = len(self.rows[0]), len(self.rows)
        u, v = x * width - .5, (1 - y) * height - .5
        i, j = math.floor(u), math.floor(v)
        a, b = u - i, v - j
        left, right = min(max(i, 0), width - 1), min(max(i + 1, 0), width - 1)
        upper, lower = self.rows[min(max(j, 0), height - 1)], self.rows[min(max(j + 1, 0), height - 1)]
        return (upper[left] * (1 - a) + upper[right] * a) * (1 - b) + (lower[left] * (1 - a) + lower[right] * a) * b


def smoothed(rows, sigma):
    """Gaussian of sigma cells, mirrored at the border."""
    reach = math.ceil(3 * sigma)
    weight = [math.exp(-.5 * (k / sigma) ** 2) for k in range(-reach, reach + 1)]
    weight = [w / sum(weight) for w in weight]
    n = len(rows)
    mirror = [k if 0 <= k < n else -1 - k if k < 0 else 2 * n - 1 - k for k in range(-reach, n + reach)]
    for _ in range(2):  # along rows, turned over, along rows again
        rows = [[sum(w * row[mirror[i + k]] for k, w in enumerate(weight)) for i in range(n)] for row in rows]
        rows = [list(column) for column in zip(*rows)]
    return rows


def union_fields(target, hairs, count, parts):
    """Densities of dots and hairs together when parts of the dots are placed: hairs, smoothed over their own spacing, and the part
    of what the target misses beside them."""
    n = min(200, round(2 * math.sqrt(len(hairs))))
    hair = [[0.0] * n for _ in range(n)]
    for x, y, *_ in hairs:
        hair[min(int((1 - y) * n), n - 1)][min(int(x * n), n - 1)] += n * n
    hair = smoothed(hair, n / math.sqrt(len(hairs)))
    shape = [[target.at((i + .5) / n, 1 - (j + .5) / n) for i in range(n)] for j in range(n)]
    low, high = 0.0, 100 * (count + len(hairs)) / target.mean
    for _ in range(50):  # the scale of the target at which what is missing is the number of dots
        scale = (low + high) / 2
        missing = sum(max(scale * s - h, 0) for a, b in zip(shape, hair) for s, h in zip(a, b)) / (n * n)
        low, high = (scale, high) if missing < count else (low, scale)
    return [Field([[h + part * max(low * s - h, 0) for s, h in zip(a, b)] for a, b in zip(shape, hair)]) for part in parts]


def hair_distances(dots, hairs, union, target):
    """Of each hair to its nearest dot, in hexagonal spacings of dots and hairs together: least, 1st percentile."""
    total = len(dots) + len(hairs)
    most = max(map(max, target.rows))
    density = lambda p: union.at(p[0], p[1]) / union.mean * total
    cell = 2 / math.sqrt(total)
    grid = {}
    for d in dots:
        grid.setdefault((int(d[0] / cell), int(d[1] / cell)), []).append((d[0], d[1], density(d)))
    nearest = []
    for h in hairs:
        if target.at(h[0], h[1]) < HAIR_FROM * most:
            continue
        here = density(h)
        cx, cy, best = int(h[0] / cell), int(h[1] / cell), math.inf
        for reach in range(8):  # rings of cells until none outside can be nearer
            for i in range(cx - reach, cx + reach + 1):
                for j in range(cy - reach, cy + reach + 1):
                    if max(abs(i - cx), abs(j - cy)) == reach:
                        for x, y, there in grid.get((i, j), ()):
                            best = min(best, ((x - h[0]) ** 2 + (y - h[1]) ** 2) * math.sqrt(here * there))
            if best <= (reach * cell) ** 2 * here:
                break
        if best < math.inf:
            nearest.append(math.sqrt(best) / HEX)
    nearest.sort()
    if not nearest:
        return {}
    return {"hair_min": nearest[0], "hair_p1": nearest[int(.01 * len(nearest))]}


def beside(path, ending):
    return str(path)[:-len(".csv")] + ending


class Bench:
    def __init__(self, folder, scorer):
        self.folder = pathlib.Path(folder)
        self.scorer = scorer
        self.columns = subprocess.run([scorer, "-H"], capture_output=True, text=True, check=True).stdout.split()
        self.mesh = self.folder / "ellipsoid.obj"
        write_ellipsoid(self.mesh)

    def score(self, case, path, prefix, picture=None):
        domain, density = CASES[case]
        command = [self.scorer, "-i", path, "-n", str(prefix), "-l", "x", "-d", f"mesh:{self.mesh}" if domain == "mesh" else domain,
                   "-f", f"pgm:{picture}" if picture else density]
        if case == "hair":
            command += ["-x", beside(path, "-fixed.csv")]
        line = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return dict(zip(self.columns[1:], map(float, line.split("\t")[1:])))

    def score_hair(self, path, dots, ends):
        """Each prefix against what dots and hairs should be then; the whole also against the program's own target."""
        hairs, target = read_csv(beside(path, "-fixed.csv")), Field.read(beside(path, "-density.pgm"))
        scores = []
        for end, union in zip(ends, union_fields(target, hairs, len(dots), [end / len(dots) for end in ends])):
            union.write(beside(path, "-union.pgm"))
            score = self.score("hair", path, end, beside(path, "-union.pgm"))
            score.update(hair_distances(dots[:end], hairs, union, target))
            scores.append(score)
        whole = self.score("hair", path, len(dots), beside(path, "-density.pgm"))
        scores[-1].update({"F200_target": whole["F200"], "gap_target": whole["gap"]})
        return scores

    def run(self, program, case, count, layout, seed, name):
        """One placement: (user seconds, [metrics of each prefix], [what is wrong])."""
        path = self.folder / f"{name}.csv"
        seconds, _ = run_measured(shlex.split(program) + [case, str(count), str(layout.sessions), str(seed), str(path)]
                                  + layout.argument)
        dots = read_csv(path)
        ends, wrong = session_ends(case, dots, count, layout)
        scores = self.score_hair(path, dots, ends) if case == "hair" else [self.score(case, path, end) for end in ends]
        for used in self.folder.glob(f"{name}*"):
            used.unlink()
        return seconds, scores, wrong

    def time(self, programs, count, layout, rounds=3):
        """Least user seconds and MB of each program, case mg, taking turns, nothing else running here."""
        seconds, memory = {}, {}
        for _ in range(rounds):
            for label, program in programs:
                path = self.folder / "time.csv"
                spent, room = run_measured(shlex.split(program) + ["mg", str(count), str(layout.sessions), "1", str(path)]
                                           + layout.argument)
                seconds[label] = min(spent, seconds.get(label, math.inf))
                memory[label] = max(room, memory.get(label, 0))
                path.unlink()
        return seconds, memory


# --- the report ---------------------------------------------------------------------------------
def shown(value, digits):
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def worst_scores(runs):
    """Over seeds: for each prefix the worst value of each metric."""
    result = []
    for k in range(len(runs[0][1])):
        worst = {}
        for name, column, _, sign in METRICS:
            for _, scores, _ in runs:
                value = scores[k].get(column, math.nan)
                worst[name] = worse(sign, worst[name], value) if name in worst else value
        worst["NN cv"] = statistics.mean(scores[k]["NNcv"] for _, scores, _ in runs)
        result.append(worst)
    return result


def columns_of(case):
    """The metrics that mean something for a case."""
    absent = set(OF_HAIR) if case != "hair" else set()
    if case not in ("u", "g"):
        absent.add("edge")
    if case not in ("g", "mg", "hair"):
        absent.add("decile")
    return [m for m in METRICS if m[0] not in absent]


def rows_of(label, case, count, layout, runs, broken=None):
    """Table rows of one case and count; adds what breaks a limit to `broken`, if given."""
    rows = []
    for k, worst in enumerate(worst_scores(runs)):
        cells = []
        for name, _, digits, sign in columns_of(case):
            bound = limit(case, count, layout, k, name)
            fails = broken is not None and not holds(sign, worst[name], bound)
            if fails:
                broken.append(f"{layout.title()}, `{case}`, {count}, prefix {layout.prefix(k)}: {name} {worst[name]:.4g}, "
                              f"limit {bound_text(bound)}")
            cells.append(shown(worst[name], digits) + (" !" if fails else ""))
        last = k == layout.sessions - 1
        cost = f"{max(r[0] for r in runs):.2f}" if last else ""
        rows.append([label, str(count), layout.prefix(k)] + cells + [shown(worst["NN cv"], 3), cost])
    return rows


def bound_text(bound):
    return "-" if bound is None else f"{bound[0]:g}-{bound[1]:g}" if isinstance(bound, tuple) else f"{bound:g}"


def summary(layout, results, counts):
    """Worst of all runs of ours beside pass and goal; open box and closed surface apart where limits differ."""
    groups = [("u g", ("u", "g")), ("mu mg", ("mu", "mg")), ("hair", ("hair",))]
    rows = []
    for name, _, digits, sign in METRICS:
        for title, cases in groups:
            cells, any_limit, met = [], False, True
            for k in range(layout.sessions):
                worst, bounds, aims = math.nan, [], []
                for case in cases:
                    for count in counts:
                        runs = results.get(("", case, count, layout.text))
                        if not runs or name not in [m[0] for m in columns_of(case)]:
                            continue
                        value = worst_scores(runs)[k][name]
                        bound = limit(case, count, layout, k, name)
                        worst = worse(sign, worst, value)
                        met = met and holds(sign, value, bound)
                        if bound is not None and bound not in bounds:
                            bounds.append(bound)
                        aims.append(goal(case, layout, k, name))
                any_limit = any_limit or bool(bounds)
                aim = next((a for a in aims if a is not None), None)
                text = f"{shown(worst, digits)} ({'; '.join(bound_text(b) for b in bounds)})"
                if aim is not None:
                    text += f" goal {bound_text(aim)} {'met' if holds(sign, worst, aim) else 'missed'}"
                cells.append(text if not math.isnan(worst) else "-")
            if any_limit and any(c != "-" for c in cells):
                rows.append([name, title] + cells + ["yes" if met else "**no**"])
    return table(["metric", "cases"] + [layout.prefix(k) for k in range(layout.sessions)] + ["holds"], rows)


def speed_section(bench, args, programs, broken):
    """User seconds and memory of each program, taking turns."""
    rows = []
    for count in args.speed:
        for sessions in (3, 4):
            seconds, memory = bench.time(programs, count, Layout(str(sessions)))
            bound, aim = SPEED.get(count, {}).get(sessions, (None, None))
            for label, _ in programs:
                ours = label == programs[0][0]
                mark = ""
                if ours and bound is not None and seconds[label] > bound:
                    mark = " !"
                    broken.append(f"speed, {count}, {sessions} sessions: {seconds[label]:.2f} s, limit {bound}")
                heavy = ""
                if ours and count >= 60000 and memory[label] > MEMORY_MB:
                    heavy = " !"
                    broken.append(f"memory, {count}, {sessions} sessions: {memory[label]:.0f} MB, limit {MEMORY_MB}")
                limits = (f"{bound} / {aim if aim else '-'}" if bound else "-") if ours else "-"
                rows.append([label, str(count), str(sessions), f"{seconds[label]:.2f}{mark}", limits, f"{memory[label]:.0f}{heavy}"])
    return table(["program", "dots", "sessions", "user s", "pass / goal s", "peak MB"], rows)


def quoted_section():
    head = ["case", "method", "alpha", "p1", "rho_min", "CVT E", "cap CV", "F50", "F200", "gap", "edge", "psi6", "hex", "g peak",
            "user s"]
    rows = []
    for line in QUOTED.strip().splitlines():
        case, method, values = (part.strip() for part in line.split("|"))
        rows.append([case, method] + ["0" + v if v[0] == "." else v for v in values.split()])
    return table(head, rows)


def section_of(layout, peers, results, args, broken):
    lines = [f"## {layout.title().capitalize()}", ""]
    for case in args.case_list:
        rows = []
        for count in args.count_list:
            for label in [""] + [p[0] for p in peers]:
                runs = results.get((label, case, count, layout.text))
                if runs:
                    rows += rows_of(label or "ours", case, count, layout, runs, broken if not label else None)
        if rows:
            head = ["", "N", "prefix"] + [m[0] for m in columns_of(case)] + ["NN cv", "user s"]
            lines += [f"Case `{case}`: {WORDS[case]}.", ""] + table(head, rows)
    return lines


def command_text(args):
    words = ["bench/dots_table.py", "--cases build/dots_cases", "--scorer-source point_metrics.c", f"--cases-of {args.cases_of}",
             f"--counts {args.counts}", f"--seeds {args.seeds}", f"--sessions {args.sessions}"]
    return " ".join(words + [f"--peer '{p.split('=')[0]}=PROGRAM'" for p in args.peer])


def grouped(broken):
    """One line for each place, with all that is broken there."""
    places = {}
    for text in broken:
        place, what = text.split(": ", 1)
        places.setdefault(place, []).append(what)
    return [f"{place}: {'; '.join(what)}" for place, what in places.items()]


def write_report(args, layouts, peers, results, wrong, speed, broken):
    sections = []
    for layout in layouts:
        sections += section_of(layout, peers, results, args, broken)
    broken += wrong
    seeds = args.seeds.replace(",", ", ")
    lines = ["# Quality of the dot placement", "",
             f"Each value is the worst over the seeds {seeds} (NN cv: the mean); each row is a cumulative prefix of the sessions. Columns:",
             "NN distances in hexagonal spacings of the local target (mean `alpha`, 1st percentile `p1`, least `rho_min`); second moment and",
             "spread of the Voronoi cells (`CVT E`, `cap CV`); variance over mean of the count in discs that expect 50 and 200 dots (`F50`,",
             "`F200`); largest empty disc in spacings (`gap`, and its 99.9th percentile); dots over expected along a hard border (`edge`); worst",
             "error of ten bands of density (`decile`); lattice guard (`psi6`, `hex`, `g peak`); spectrum (`nu_eff`, `Omega`); nearest dot of each",
             "hair in hexagonal spacings of dots and hairs together (`hair min`, `hair p1`). In case `hair` dots and hairs are scored together,",
             "each prefix against the hairs (smoothed over their spacing) and its share of what the target misses beside them; `F200 T` and",
             "`gap T` are those of all dots and hairs against the target itself. Hairs where it is below a tenth of its maximum do not count.",
             "`!` breaks a limit. Limits stand in `bench/dots_table.py` with their origin. Made again by", "", f"    {command_text(args)}", ""]
    for layout in layouts:
        if layout.limited:
            lines += [f"## Summary, {layout.title()}", "", "Worst of all runs (limit).", ""] + summary(layout, results, args.count_list)
    lines += ["## Limits broken", ""]
    for text in grouped(broken) or ["None."]:
        lines += textwrap.wrap("- " + text if broken else text, 150, subsequent_indent="  ", break_on_hyphens=False)
    lines.append("")
    if speed:
        lines += ["## Speed and memory", "",
                  f"Case `mg`, whole program with its file, least of {args.rounds} runs, programs taking turns on one thread.", ""] + speed
    lines += sections
    lines += ["## Peers, quoted", "", "Not measured in this run: 20,000 dots, one seed, the same scorer, one thread of an AMD EPYC; `torus` is",
              "scored without borders; `one set only` cannot nest sessions.", ""] + quoted_section()
    pathlib.Path(args.out).write_text("\n".join(lines).rstrip("\n") + "\n")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", required=True, metavar="PROGRAM", help="our program (build/dots_cases)")
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--scorer", metavar="PROGRAM", help="the compiled scorer")
    group.add_argument("--scorer-source", metavar="FILE.c", help="compile it to a temporary folder")
    parser.add_argument("--cases-of", default="u,g,mu,mg,hair", metavar="LIST", help="cases to run (default %(default)s)")
    parser.add_argument("--counts", default="5000,20000,60000", metavar="LIST")
    parser.add_argument("--seeds", default="1,2,3", metavar="LIST")
    parser.add_argument("--sessions", default="3,4,2,45/35/20", metavar="LIST",
                        help="equal sessions, or shares in percent; limits of their own have 3 and 4 (default %(default)s)")
    parser.add_argument("--speed", default="30000,60000", metavar="LIST", help="counts to time; empty: none")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each program when timing")
    parser.add_argument("--peer", action="append", default=[], metavar="LABEL=PROGRAM", help="may be given more than once")
    parser.add_argument("--peer-seeds", default="1", metavar="LIST")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", default=str(pathlib.Path(__file__).resolve().parent / "dots.md"), metavar="FILE")
    args = parser.parse_args()
    numbers = lambda text: [int(v) for v in text.split(",") if v]
    args.case_list, args.count_list = args.cases_of.split(","), numbers(args.counts)
    args.seed_list, args.peer_seed_list, args.speed = numbers(args.seeds), numbers(args.peer_seeds), numbers(args.speed)
    return args


def compile_scorer(source, folder):
    program = os.path.join(folder, "scorer")
    subprocess.run(["gcc", "-O3", "-march=native", "-ffast-math", "-fno-finite-math-only", "-w", "-o", program, source, "-lm"], check=True)
    return program


def main():
    args = parse_arguments()
    layouts = [Layout(text) for text in args.sessions.split(",") if text]
    peers = [tuple(p.split("=", 1)) for p in args.peer]
    results, wrong, broken = {}, [], []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder, args.scorer or compile_scorer(args.scorer_source, folder))
        speed = speed_section(bench, args, [("ours", args.cases)] + peers, broken) if args.speed else []
        jobs = []
        for layout in layouts:
            for case in args.case_list:
                for count in args.count_list:
                    jobs += [("", args.cases, case, count, layout, seed) for seed in args.seed_list]
                    jobs += [(label, program, case, count, layout, seed) for label, program in peers for seed in args.peer_seed_list
                             if case != "hair"]
        jobs.sort(key=lambda job: -job[3])  # the long ones first

        def work(number, job):
            label, program, case, count, layout, seed = job
            return job, bench.run(program, case, count, layout, seed, f"run{number}-")

        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            waiting = [pool.submit(work, number, job) for number, job in enumerate(jobs)]
            for done, future in enumerate(concurrent.futures.as_completed(waiting), 1):
                (label, _, case, count, layout, seed), run = future.result()
                results.setdefault((label, case, count, layout.text), []).append(run)
                wrong += [f"{label or 'ours'}, {layout.title()}, `{case}`, {count}, seed {seed}: {w}" for w in run[2]]
                if sys.stderr.isatty():
                    print(f"\r{done} of {len(jobs)} runs ", end="\n" if done == len(jobs) else "", file=sys.stderr)
        write_report(args, layouts, peers, results, wrong, speed, broken)
    for line in grouped(broken):
        print(line)
    print(f"{args.out}: {len(broken)} limits broken")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
