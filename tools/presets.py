#!/usr/bin/env python3
"""Carries every preset out on three synthetic heads and makes its pictures.

usage: presets.py FOLLICLE WORK [PRESET]...

Writes presets/ID.jpg (before and healed, one head), which is built into the program, and
docs/pictures/presets-1.jpg ... (every preset, three heads of different shape and skin).
Needs ImageMagick. Samples and cases stay in WORK and are not made twice.
"""
import json, pathlib, subprocess, sys

FOLLICLE, WORK = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADS = [(1, "light", 575), (4, "brown", 560), (7, "dark", 590)]  # seed, skin, tape
# What the client has: by preset, else the preset's own stage; 8: nothing.
HAS = {"total_loss": 8, "transplant": 5, "crown_small": 4, "crown_large": 5, "soft_light": 5, "edge_up": 2,
       "patches": 1, "temple_infill": 2, "women_hairline": 1}
THINNED = {"women_1": 1, "women_2": 2, "women_3": 3, "part_line": 2, "diffuse_men": 2}
MORE = {"women_hairline": ["--hairline-height-mm=55"], "temple_infill": ["--hairline-height-mm=66"]}
# Which side shows it.
VIEW = {"crown": "crown", "scar": "crown", "donor": "crown", "women": "top", "part": "top", "diffuse": "top",
        "patches": "side", "scar_burn": "side", "total": "left45", "women_hairline": "front"}
# What the sample is made with, and as what its place is given to the plan.
MARKED = {"patches": ("patch", "patch"), "scar_burn": ("patch", "burn"), "scar_strip": ("scar", "scar"),
          "scar_other": ("scar", "scar")}
ROWS = 8  # of a sheet


def run(*args):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, args))}\n{done.stderr}")
    return done.stdout


def sample(norwood, seed, skin, mark=None, ludwig=0):
    folder = WORK / f"sample-{seed}-{norwood}{mark or ''}{ludwig or ''}"
    if not folder.exists():
        stage = ["--total-loss"] if norwood == 8 else [f"--norwood={norwood}"]
        stage = [f"--ludwig={ludwig}"] if ludwig else stage
        stage += [f"--{mark}"] if mark else []
        run(FOLLICLE, "sample", *stage, f"--seed={seed}", f"--skin={skin}", "--texture-px=2048", "-o", folder)
    return folder / "scan.glb"


def place(folder, mark, option):
    truth = json.loads((folder / "truth.json").read_text())[mark]
    points = truth["outline_m" if mark == "patch" else "points_m"]
    return f"--{option}=" + " ".join(",".join("%g" % c for c in p) for p in points)


def case(preset, document, head):
    seed, skin, tape = head
    folder = WORK / f"case-{preset}-{seed}"
    if not folder.exists():
        stage = document.get("stage", 0) if document.get("pattern") == "norwood" else 1
        norwood = HAS.get(preset, stage or 1)
        more = list(MORE.get(preset, []))
        if document.get("pattern") == "ludwig" or preset in ("diffuse_men", "part_line", "women_hairline"):
            more += ["--sex=male" if preset == "diffuse_men" else "--sex=female"]
        mark, option = MARKED.get(preset, (None, None))
        scan = sample(norwood, seed, skin, mark, THINNED.get(preset, 0))
        more += [place(scan.parent, mark, option)] if mark else []
        run(FOLLICLE, "plan", scan, f"--circumference-mm={tape}", f"--preset={preset}",
            "--age=40", "--picture-height-px=540", *more, "-o", folder)
    return folder


def view(preset):
    best = [v for k, v in sorted(VIEW.items(), key=lambda i: len(i[0])) if preset.startswith(k)]
    return best[-1] if best else "left45"


def pair(folder, side, out, width):
    pictures = [folder / "preview" / f"{state}-{side}.png" for state in ("before", "healed")]
    run("convert", *pictures, "+append", "-resize", f"{width}x", "-strip", "-quality", "84", out)


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    listed = json.loads(run(FOLLICLE, "design", "--list", "--json"))
    wanted = sys.argv[3:] or [p["id"] for p in listed]
    rows = []
    for preset in (p for p in listed if p["id"] in wanted):
        document = json.loads((ROOT / "presets" / f"{preset['id']}.json").read_text())
        cells = []
        for head in HEADS:
            folder, cell = case(preset["id"], document, head), WORK / f"cell-{preset['id']}-{head[0]}.png"
            pair(folder, view(preset["id"]), cell, 440)
            cells.append(cell)
        pair(case(preset["id"], document, HEADS[0]), view(preset["id"]), ROOT / "presets" / f"{preset['id']}.jpg", 480)
        row = WORK / f"row-{preset['id']}.png"
        run("convert", "-background", "white", "-fill", "#222", "-font", "DejaVu-Sans", "-pointsize", "17", "-size",
            "230x", f"caption:{preset['title']}", "-gravity", "west", "-extent", "240x247", *cells, "+append", row)
        rows.append(row)
    for i in range(0, len(rows), ROWS):
        if not sys.argv[3:]:
            run("convert", *rows[i:i + ROWS], "-append", "-resize", "1400x", "-strip", "-quality", "80",
                ROOT / "docs" / "pictures" / f"presets-{i // ROWS + 1}.jpg")


main()
