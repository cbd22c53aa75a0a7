#!/usr/bin/env python3
"""`follicle report --formats` as other tools see it: each file opened by a reader that is not ours.

usage: export_end_to_end.py FOLLICLE [PART OF A NAME]
"""
import collections, csv, json, math, os, pathlib, shutil, subprocess, sys, tempfile
import xml.etree.ElementTree as xml

from tap import Skip, check, main, test

FOLLICLE = os.path.abspath(sys.argv[1])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="follicle-export-"))
SVG, OWN = "{http://www.w3.org/2000/svg}", "{urn:follicle:flat:1}"


def run(*args):
    return subprocess.run([FOLLICLE, *map(str, args)], capture_output=True, text=True, timeout=600)


def done(*args):
    result = run(*args)
    check(result.returncode == 0, result.stderr)
    return result


def case(name="case", *more):
    folder = WORK / name
    if not folder.exists():
        if not (WORK / "client").exists():
            done("sample", "--seed=3", "--norwood=6", "--texture-px=512", "-o", WORK / "client")
        truth = json.loads((WORK / "client/truth.json").read_text())
        tape = next(part["circumference_mm"] for part in [truth, *truth.values()]
                    if isinstance(part, dict) and "circumference_mm" in part)
        done("plan", WORK / "client/scan.glb", f"--circumference-mm={tape}", "--picture-height-px=200", "-o", folder,
             *(more or ["--norwood=6"]))
    return folder


def exported(name="case", *more):
    folder = WORK / (name + "-out")
    if not folder.exists():
        done("report", case(name, *more), "--formats=svg,dxf", "-o", folder)
    return folder


def rows(name="case"):
    with open(case(name) / "dots.csv", newline="") as file:
        return {int(row["id"]): row for row in csv.DictReader(file)}


def drawing(name="case"):
    return xml.parse(exported(name) / "flat.svg").getroot()


def layer(root, name):
    found = [group for group in root.iter(SVG + "g") if group.get("id") == name]
    check(len(found) == 1, f"{len(found)} groups have the id {name}")
    return found[0]


def circles(root):
    """By the id of the dot: place, diameter, session, zone, piece; y upwards."""
    return {int(c.get("data-id")): (float(c.get("cx")), -float(c.get("cy")), 2 * float(c.get("r")),
                                    int(c.get("data-session")), c.get("data-zone"), int(c.get("data-piece")))
            for c in root.iter(SVG + "circle") if c.get("data-id") is not None}


def neighbours(places, reach):
    """Pairs of keys that are nearer than reach, in any number of dimensions."""
    cells = collections.defaultdict(list)
    for key, place in places.items():
        cells[tuple(math.floor(x / reach) for x in place)].append(key)
    around = [()]
    for _ in next(iter(places.values())):
        around = [step + (d,) for step in around for d in (-1, 0, 1)]
    for cell, keys in cells.items():
        for step in around:
            for other in cells.get(tuple(a + b for a, b in zip(cell, step)), ()):
                for key in keys:
                    if key < other and math.dist(places[key], places[other]) < reach:
                        yield key, other


def pieces(root):
    return {int(float(p.get("number"))): p for p in root.iter(OWN + "piece")}


def ezdxf_of(name="case"):
    # The system's Python has the package; this one may be another.
    script = ("import ezdxf, json, sys\n"
              "d = ezdxf.readfile(sys.argv[1]); a = d.audit()\n"
              "e = [(x.dxftype(), x.dxf.layer, list(x.dxf.center)[:2] + [x.dxf.radius] if x.dxftype() == 'CIRCLE' else\n"
              "      [list(v.dxf.location)[:2] for v in x.vertices] + [bool(x.is_closed)] if x.dxftype() == 'POLYLINE' else\n"
              "      [list(x.dxf.start)[:2], list(x.dxf.end)[:2]] if x.dxftype() == 'LINE' else x.dxf.text)\n"
              "     for x in d.modelspace()]\n"
              "print(json.dumps({'version': d.dxfversion, 'units': d.units, 'errors': len(a.errors), 'fixes': len(a.fixes),\n"
              "                  'layers': [l.dxf.name for l in d.layers], 'entities': e}))\n")
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import ezdxf"], capture_output=True).returncode == 0:
            read = subprocess.run([python, "-c", script, exported(name) / "flat.dxf"], capture_output=True, text=True)
            check(read.returncode == 0, read.stderr)
            return json.loads(read.stdout)
    raise Skip("python3-ezdxf is missing")


@test
def the_svg_says_its_size_in_millimetres_and_names_its_layers():
    root = drawing()
    width, height = root.get("width"), root.get("height")
    check(width.endswith("mm") and height.endswith("mm"), (width, height))
    check(root.get("viewBox").split() == ["0", "0", width[:-2], height[:-2]], root.get("viewBox"))
    own = next(root.iter(OWN + "flat"))
    check(own.get("unit") == "mm" and own.get("scale") == "1", own.attrib)
    for name in ("cut", "labels", "zones", "hairline", "dots-1", "dots-2", "dots-3", "strip-cut", "strip-hairline", "check"):
        check(len(layer(root, name)) > 0, f"{name} is empty")
    check(int(float(own.get("pieces"))) == len(pieces(root)) == len({p.get("data-piece") for p in layer(root, "cut")}))


@test
def another_program_draws_the_svg_at_its_true_size():
    if shutil.which("rsvg-convert") is None:
        raise Skip("rsvg-convert (librsvg2-bin) is missing")
    root, path = drawing(), WORK / "flat.png"
    made = subprocess.run(["rsvg-convert", "-d", "50.8", "-p", "50.8", "-b", "white", exported() / "flat.svg", "-o", path],
                          capture_output=True, text=True)
    check(made.returncode == 0 and made.stderr == "", made.stderr)
    head = path.read_bytes()[16:24]
    size = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
    for pixels, length in zip(size, (root.get("width"), root.get("height"))):
        check(abs(pixels - 2 * float(length[:-2])) <= 1, (size, root.attrib)) # 2 px to the mm


@test
def every_dot_of_the_plan_is_in_the_svg_once_as_it_was_planned():
    root, plan = drawing(), rows()
    all_circles = [c for c in root.iter(SVG + "circle") if c.get("data-id") is not None]
    dots = circles(root)
    check(len(all_circles) == len(dots) == len(plan) and set(dots) == set(plan), (len(all_circles), len(plan)))
    for key, (_, _, diameter, session, zone, _) in dots.items():
        row = plan[key]
        check(abs(diameter - float(row["diameter_mm"])) < 0.0021, (key, diameter, row))
        check((session, zone) == (int(row["session"]), row["zone"]), (key, session, zone, row))
    for session in (1, 2, 3):
        check({int(c.get("data-session")) for c in layer(root, f"dots-{session}")} == {session})


@test
def neighbouring_dots_lie_apart_as_on_the_head_within_the_stated_error():
    root, plan = drawing(), rows()
    dots, worth = circles(root), pieces(root)
    head = {key: tuple(float(row[axis]) for axis in ("x_mm", "y_mm", "z_mm")) for key, row in plan.items()}
    count, largest = 0, 0.0
    for a, b in neighbours(head, 4.0):
        length = math.dist(head[a], head[b])
        if dots[a][5] != dots[b][5] or length < 1.0:
            continue
        off = abs(math.dist(dots[a][:2], dots[b][:2]) / length - 1.0)
        stated = float(worth[dots[a][5]].get("length-error-percent")) / 100
        # dots.csv keeps a thousandth of a millimetre at each end
        check(off <= stated + 0.002 / length + 0.002, (a, b, length, off, stated))
        count, largest = count + 1, max(largest, off)
    check(count > 10000 and largest > 0.003, (count, largest))
    check(max(float(p.get("length-error-percent")) for p in worth.values()) <= 2.0)


@test
def the_pieces_fit_an_a4_page_and_do_not_overlap():
    boxes = []
    for path in layer(drawing(), "cut"):
        points = [tuple(map(float, p.split(","))) for p in path.get("d").strip("MZ").split()]
        xs, ys = zip(*points)
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
        check(max(xs) - min(xs) <= 178.01 and max(ys) - min(ys) <= 240.01, boxes[-1])
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            check(a[0] > b[2] or b[0] > a[2] or a[1] > b[3] or b[1] > a[3], (a, b))


@test
def the_dxf_is_r12_in_millimetres_without_a_fault():
    dxf = ezdxf_of()
    check((dxf["version"], dxf["units"], dxf["errors"], dxf["fixes"]) == ("AC1009", 4, 0, 0),
          {k: v for k, v in dxf.items() if k != "entities"})
    for name in ("CUT", "HAIRLINE", "ZONES", "KEEP_OUT", "DOTS_1", "DOTS_4", "STRIP_CUT", "CHECK"):
        check(name in dxf["layers"], dxf["layers"])
    bars = [e[2] for e in dxf["entities"] if e[:2] == ["LINE", "CHECK"]]
    long = [b for b in bars if math.dist(*b) > 50]
    check(len(long) == 2 and all(abs(math.dist(*b) - 100) < 1e-6 for b in long), bars)
    check({b[0][0] == b[1][0] for b in long} == {True, False}, long) # one each way


@test
def the_dxf_has_the_same_dots_and_outlines_as_the_svg():
    dxf, root, plan = ezdxf_of(), drawing(), rows()
    height = float(root.get("height")[:-2])
    for session in (1, 2, 3):
        ours = [(float(c.get("cx")), height - float(c.get("cy")), float(c.get("r"))) for c in layer(root, f"dots-{session}")]
        theirs = [tuple(e[2]) for e in dxf["entities"] if e[:2] == ["CIRCLE", f"DOTS_{session}"]]
        check(len(ours) == len(theirs) == sum(int(row["session"]) == session for row in plan.values()))
        cells = collections.defaultdict(list)
        for x, y, r in theirs:
            cells[math.floor(x), math.floor(y)].append((x, y, r))
        for x, y, r in ours:
            near = [dot for i in (-1, 0, 1) for j in (-1, 0, 1) for dot in cells[math.floor(x) + i, math.floor(y) + j]
                    if math.dist(dot, (x, y, r)) < 0.0015]
            check(len(near) == 1, (x, y, r, near))
    cuts = [e[2] for e in dxf["entities"] if e[:2] == ["POLYLINE", "CUT"]]
    check(len(cuts) == len(layer(root, "cut")) and all(cut[-1] is True for cut in cuts))


@test
def the_files_are_of_a_sensible_size_and_the_same_each_time():
    again = WORK / "again"
    done("report", case(), "--formats=svg,dxf", "-o", again)
    dots = len(rows())
    for name, most in (("flat.svg", 130), ("flat.dxf", 75)):
        first = (exported() / name).read_bytes()
        check(first == (again / name).read_bytes(), name)
        check(len(first) < most * dots + 400000, (name, len(first), dots))


@test
def a_design_without_a_hairline_has_drawings_and_a_template():
    name = "crown"
    folder = exported(name, "--preset=crown_small")
    root = drawing(name)
    check(len(pieces(root)) >= 1 and len(circles(root)) == len(rows(name)))
    check(not [g for g in root.iter(SVG + "g") if g.get("id") in ("hairline", "strip-cut")])
    check(ezdxf_of(name)["errors"] == 0 and (folder / "flat.dxf").exists())
    done("report", case(name), "--papers=template", "-o", WORK / "papers")
    check((WORK / "papers/template.pdf").read_bytes().startswith(b"%PDF"))


@test
def the_template_prints_at_its_true_size_on_both_papers():
    if shutil.which("pdftotext") is None:
        raise Skip("pdftotext (poppler-utils) is missing")
    for paper, size in (("a4", "595.276 x 841.89"), ("letter", "612 x 792")):
        folder = WORK / f"template-{paper}"
        done("report", case(), "--papers=template", f"--paper={paper}", "-o", folder)
        path = folder / "template.pdf"
        check(size in subprocess.run(["pdfinfo", path], capture_output=True, text=True).stdout, paper)
        text = " ".join(subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True).stdout.split())
        for words in ("100 mm", "Print at 100 %", "H1", "How true the pieces are", "middle of the head", "top of head"):
            check(words in text, f"{paper}: '{words}' is missing")


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
