#!/usr/bin/env python3
"""The main job from photographs against the main job from the scan, for clients of several skins.

usage: photographs_plan.py FOLLICLE [PHOTO_PX]

Prints a row for each client and set of photographs: the planned area against the scan's, and the rms distance of the
hairline in each photograph, mm. About two minutes on two cores at 2400 px.
"""
import json, math, pathlib, subprocess, sys, tempfile

FOLLICLE, PHOTO_PX = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "2400"
CLIENTS = [(3, 6, "light"), (8, 5, "tan"), (5, 3, "dark")]
SETS = [("front", "left", "right", "top", "back"), ("front", "left", "top")]


def run(*args):
    subprocess.run([FOLLICLE, *map(str, args)], check=True, capture_output=True)


def load(folder, name):
    return json.loads((folder / name).read_text())


def in_picture(camera, point):
    apart = [point[k] - camera["eye_mm"][k] for k in range(3)]
    along = {axis: sum(camera[axis][k] * apart[k] for k in range(3)) for axis in ("right", "down", "forward")}
    centre = camera.get("centre_px") or (camera["centre_x_px"], camera["centre_y_px"])
    return [centre[0] + camera["focal_px"] * along["right"] / along["forward"],
            centre[1] + camera["focal_px"] * along["down"] / along["forward"]]


def to_line(p, line):
    def to_segment(a, b):
        ab = [b[k] - a[k] for k in range(2)]
        t = sum((p[k] - a[k]) * ab[k] for k in range(2)) / max(sum(x * x for x in ab), 1e-12)
        return math.dist(p, [a[k] + min(1.0, max(0.0, t)) * ab[k] for k in range(2)])
    return min(to_segment(a, b) for a, b in zip(line, line[1:]))


def hairline_mm(client, scan, case, view):
    seen = {p["view"]: p["camera"] for p in load(case, "case.json")["photographs"]}[view]
    true = {p["view"]: p for p in load(client, "photos_truth.json")["photos"]}[view]
    line = [in_picture(seen, p) for p in load(case, "layout.json")["hairline"]["curve_mm"]]
    other = [in_picture(true["camera"], p) for p in load(scan, "layout.json")["hairline"]["curve_mm"]]
    return math.sqrt(sum((to_line(p, other) / true["px_per_mm"]) ** 2 for p in line) / len(line))


work = pathlib.Path(tempfile.mkdtemp(prefix="follicle-bench-"))
print("| client | photographs | stubble seen | area | hairline, mm rms |\n|---|---|---|---|---|")
for seed, norwood, skin in CLIENTS:
    client = work / skin
    run("sample", f"--seed={seed}", f"--norwood={norwood}", f"--skin={skin}", "--texture-px=1024", "--photos",
        f"--photo-px={PHOTO_PX}", "-o", client)
    truth = load(client, "truth.json")
    head, top = truth["head"], truth["landmarks_mm"]["vertex"][1]
    common = [f"--norwood={norwood}", "--naturalness=0", "--picture-height-px=200"]
    places = [f"--landmark={k.replace('_', '-')}={','.join(map(str, v))}" for k, v in truth["landmarks_m"].items()]
    scan = work / f"{skin}-scan"
    run("plan", client / "scan.glb", *places, f"--circumference-mm={head['circumference_mm']}", *common, "-o", scan)
    for views in SETS:
        case = work / f"{skin}-{len(views)}"
        run("plan", *[client / f"{v}.jpg" for v in views], f"--clicks={client / 'photos.json'}",
            f"--length-mm={head['length_mm']}", f"--breadth-mm={head['breadth_mm']}", f"--height-mm={top}",
            f"--circumference-mm={head['circumference_mm']}", *common, "-o", case)
        area = load(case, "layout.json")["area_cm2"] / load(scan, "layout.json")["area_cm2"] - 1
        stubble = "yes" if "stubble_area_cm2" in load(case, "assessment.json")["hair"] else "**no**"
        lines = ", ".join(f"{v} {hairline_mm(client, scan, case, v):.1f}" for v in views)
        print(f"| {skin}, Norwood {norwood} | {len(views)} | {stubble} | {100 * area:+.1f} % | {lines} |", flush=True)
