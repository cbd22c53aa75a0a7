#!/usr/bin/env python3
"""`follicle shade` as a person runs it.

usage: shade_end_to_end.py FOLLICLE [PART OF A NAME]
"""
import json, math, os, pathlib, re, shutil, struct, subprocess, sys, tempfile, zlib

from tap import Skip, check, main, test

FOLLICLE = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = pathlib.Path(tempfile.mkdtemp(prefix="follicle-shade-"))
CLIENT = ["--skin=lab:62,9,15", "--hair=dark-brown"]


def run(*args):
    return subprocess.run([FOLLICLE, "shade", *map(str, args)], capture_output=True, text=True, timeout=300)


def shade(*args):
    done = run(*args, "--json", "--quiet")
    check(done.returncode == 0, f"exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def refused(done, *words, status=1):
    check(done.returncode == status, f"exit {done.returncode}: {done.stderr}")
    check(done.stderr.startswith("follicle"), done.stderr)
    for word in words:
        check(word in done.stderr, f"'{word}' not in: {done.stderr}")


def valid(folder):
    done = subprocess.run([sys.executable, ROOT / "tests/test_schemas.py", folder], capture_output=True, text=True)
    check(done.returncode == 0, done.stdout + done.stderr)


# --- light, as a camera without fault would see it ---

def xyz_of_lab(lab):
    white, fy = (0.95047, 1.0, 1.08883), (lab["L"] + 16) / 116
    f = (fy + lab["a"] / 500, fy, fy - lab["b"] / 200)
    return [w * (t**3 if t**3 > 216 / 24389 else (116 * t - 16) * 27 / 24389) for w, t in zip(white, f)]


def linear_of_lab(lab):
    x, y, z = xyz_of_lab(lab)
    return (3.2404542 * x - 1.5371385 * y - 0.4985314 * z, -0.969266 * x + 1.8760108 * y + 0.041556 * z,
            0.0556434 * x - 0.2040259 * y + 1.0572252 * z)


def code(linear):
    c = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return max(0, min(255, round(255 * c)))


def png(path, width, height, color_at):
    rows = b"".join(b"\0" + bytes(code(c) for x in range(width) for c in color_at(x, y)) for y in range(height))
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def png_size(path):
    return struct.unpack(">II", path.read_bytes()[16:24])


# --- choosing ---

@test
def a_shade_is_chosen_written_and_the_same_again():
    first, again = WORK / "shade", WORK / "again"
    for folder in (first, again):
        done = run(*CLIENT, "-o", folder)
        check(done.returncode == 0, done.stderr)
    for name in ("shade.json", "swatches.png", "swatches.pdf"):
        check((first / name).read_bytes() == (again / name).read_bytes(), name)
    check(sorted(p.name for p in WORK.iterdir() if p.name.startswith(".")) == [])
    valid(first)
    width, height = png_size(first / "swatches.png")
    check(width == 3104 and height > 3000, (width, height))
    refused(run(*CLIENT, "-o", first), "exists")
    check(run(*CLIENT, "-o", first, "--force").returncode == 0)


@test
def what_is_printed_is_what_is_written():
    found, said = shade(*CLIENT), run(*CLIENT).stdout
    told = [float(n) for n in re.findall(r"([0-9.]+) ml water : 1 ml pigment", said)]
    written = [session["dilution_water_per_pigment"] for session in found["sessions"]]
    check(len(told) == 3 and all(abs(a - b) < 0.06 for a, b in zip(told, written)), (told, written))
    healed = found["forecast"][1]
    told = float(re.search(r"day 30 +deltaE00 to stubble ([0-9.]+) \(", said)[1])
    check(abs(told - healed["delta_e2000_to_stubble"]["expected"]) < 0.06, said)
    water = [s["dilution_water_per_pigment"] for s in found["sessions"]]
    check(water[0] > water[1] > water[2], water)
    check(healed["delta_e2000_to_stubble"]["expected"] < 1.0, healed)


@test
def the_page_says_in_words_what_a_practitioner_needs():
    if shutil.which("pdftotext") is None:
        raise Skip("pdftotext (poppler-utils) is missing")
    folder = WORK / "page"
    check(run(*CLIENT, "--age=52", "--dot-depth-mm=0.45", "-o", folder).returncode == 0)
    text = subprocess.run(["pdftotext", "-layout", folder / "swatches.pdf", "-"], capture_output=True, text=True).stdout
    found = json.loads((folder / "shade.json").read_text())
    for word in ("Shade swatches", "Bare skin", "Own stubble", "Day 1", "Day 30", "10 years", "10 mm",
                 "Session by session", "ml water : 1 ml pigment", "A prediction, not a promise", "Take care",
                 "bluer than the stubble", "turns grey", found["pigment"]["name"]):
        check(word in text, f"'{word}' not in:\n{text}")
    check(text.count("\f") == 1, "not one page")


@test
def a_given_dilution_is_predicted():
    weak, strong = shade(*CLIENT, "--dilution=40"), shade(*CLIENT, "--dilution=3")
    check(weak["pigment"]["dilution_origin"] == "given")
    check(weak["sessions"][-1]["dilution_water_per_pigment"] == 40)
    def change(found):
        return found["forecast"][1]["lightness_change"]["expected"]
    check(0 > change(weak) > change(strong), (change(weak), change(strong)))
    check("dark-start" in [w["rule"] for w in strong["warnings"]], strong["warnings"])


@test
def skin_can_be_told_in_every_form():
    lab = shade("--skin=lab:62,9,15", "--hair=black")["skin"]["lab"]
    check(abs(lab["L"] - 62) < 0.01 and abs(lab["a"] - 9) < 0.01, lab)
    check(abs(shade("--skin=ita:20", "--hair=black")["skin"]["ita_deg"] - 20) < 1.0)
    bright = "".join(f"{code(c):02x}" for c in linear_of_lab({"L": 62, "a": 9, "b": 15}))
    hexed = shade(f"--skin=#{bright}", "--gloss=excluded", "--hair=black")["skin"]
    check(abs(hexed["lab"]["L"] - 62) < 0.5 and not hexed["shine_taken_off"], hexed)
    shiny = shade(f"--skin=#{bright}", "--hair=black")["skin"]
    check(shiny["shine_taken_off"] and shiny["lab"]["L"] < hexed["lab"]["L"] - 1, shiny)
    monk = run("--skin=monk:2", "--hair=black")
    check(monk.returncode == 0 and "lighter than skin" in monk.stderr, monk.stderr)


@test
def a_measured_spectrum_is_fitted_and_the_rest_is_told():
    table = WORK / "skin.csv"
    # bloodless-looking but skin-like: rises with wavelength, a dent at 545 and 575 nm
    rows = [(nm, 0.18 + 0.42 / (1 + math.exp(-(nm - 590) / 18)) - 0.04 * math.exp(-((nm - 560) / 25) ** 2))
            for nm in range(400, 701, 10)]
    table.write_text("wavelength_nm,reflectance\n" + "".join(f"{nm},{r:.5f}\n" for nm, r in rows))
    found = shade(f"--skin=spectrum:{table}", "--hair=black")
    check(found["skin"]["given"] == "spectrum:skin.csv" and 0 < found["skin"]["spectrum_rms"] < 0.1, found["skin"])
    check("fit to the spectrum" in run(f"--skin=spectrum:{table}", "--hair=black").stdout)
    table.write_text("wavelength_nm,reflectance\n400,0.2\n410,zero\n")
    refused(run(f"--skin=spectrum:{table}", "--hair=black"), "line 3")


ASSESSMENT = {
    "schema": "follicle/assessment", "version": 1, "head": {}, "design_area_cm2": 100.0,
    "hair": {"full_density_per_cm2": {"low": 140, "expected": 170, "high": 200},
             "full_density_origin": "published prior, not counted", "hair_diameter_mm": 0.065,
             "stubble_area_cm2": 90.0, "darkness": 0.8},
    "skin": {"lab": {"L": 58.0, "a": 11.0, "b": 16.0}, "ita_deg": 26.6, "class": "tan"},
    "quality": {"surface_share": {"measured": 1, "filled": 0, "folded": 0},
                "landmarks": {k: "given" for k in ("glabella", "tragion_left", "tragion_right", "vertex", "inion")},
                "colour_measured": True}}


@test
def skin_and_hair_come_from_an_assessment():
    folder = WORK / "assessed"
    folder.mkdir()
    (folder / "assessment.json").write_text(json.dumps(ASSESSMENT))
    for skin in (folder, folder / "assessment.json"):
        found = shade(f"--skin={skin}")
        check(abs(found["skin"]["lab"]["L"] - 58) < 0.01 and found["stubble"]["per_cm2"] == 170, found["stubble"])
        check(found["stubble"]["hairs"][0]["diameter_mm"] == 0.065)
        check(str(WORK) not in json.dumps(found))
    check(shade(f"--skin={folder}", "--hair-per-cm2=120")["stubble"]["per_cm2"] == 120)
    blind = json.loads(json.dumps(ASSESSMENT))
    del blind["skin"], blind["hair"]["darkness"]
    (folder / "blind.json").write_text(json.dumps(blind))
    refused(run(f"--skin={folder}/blind.json"), "no skin colour")
    refused(run("--skin=ita:30", f"--hair={folder}/blind.json"), "no stubble")
    (folder / "broken.json").write_text(json.dumps(ASSESSMENT)[:-9])
    refused(run(f"--skin={folder}/broken.json"), "line")


@test
def hair_that_no_pigment_can_match_is_refused_with_the_reason():
    done = run("--skin=ita:30", "--hair=white", "--json", "-o", WORK / "white")
    check(done.returncode == 1 and "refused: This hair" in done.stderr, done.stderr)
    found = json.loads(done.stdout)
    check(found["refused"] and found["warnings"][0]["severity"] == "refusal")
    check((WORK / "white/swatches.pdf").exists())


@test
def grey_hair_is_a_mixture():
    grey, share = shade("--skin=ita:40", "--hair=grey"), shade("--skin=ita:40", "--hair=dark-brown", "--grey-share=0.5")
    check(grey["sessions"] == share["sessions"] and grey["stubble"]["grey_share"] == 0.5)
    check([h["share"] for h in grey["stubble"]["hairs"]] == [0.5, 0.5])
    dark = shade("--skin=ita:40", "--hair=dark-brown")
    check(grey["sessions"][2]["dilution_water_per_pigment"] > dark["sessions"][2]["dilution_water_per_pigment"])
    check("greying" in [w["rule"] for w in grey["warnings"]])


@test
def wrong_input_is_refused_in_words():
    for args, words, status in (
            (["--hair=black"], ["--skin is missing"], 2),
            (["--skin=ita:30"], ["--hair is missing"], 2),
            (["--skin=brown", "--hair=black"], ["lab:L,a,b", "no case folder"], 2),
            (["--skin=lab:62,9", "--hair=black"], ["lab:62,9"], 2),
            (["--skin=lab:162,9,1", "--hair=black"], ["0 to 100"], 2),
            (["--skin=lab:nan,9,1", "--hair=black"], ["lab:nan"], 2),
            (["--skin=ita:95", "--hair=black"], ["-90 to 90"], 2),
            (["--skin=monk:11", "--hair=black"], ["1 to 10"], 2),
            (["--skin=#c6886", "--hair=black"], ["#rrggbb"], 2),
            (["--skin=#0a0808", "--hair=black"], ["shine", "--gloss=excluded"], 2),
            (["--skin=ita:30", "--gloss=included", "--hair=black"], ["no shine"], 2),
            (["--skin=lab:62,9,15", "--gloss=matt", "--hair=black"], ["matt"], 2),
            (["--skin=spectrum:none.csv", "--hair=black"], ["none.csv"], 1),
            (["--skin=ita:30", "--hair=blck"], ["blck", "dark-brown"], 2),
            (["--skin=ita:30", "--hair=grey", "--grey-share=0.2"], ["--grey-share"], 2),
            (["--skin=ita:30", "--hair=black", "--sessions=1,-2"], ["--sessions"], 2),
            (["--skin=ita:30", "--hair=black", "--sessions=1,1,1,1,1,1,1"], ["1 to 6"], 2),
            (["--skin=ita:30", "--hair=black", "--sessions=1", "--protocol=standard"], ["exclude"], 2),
            (["--skin=ita:30", "--hair=black", "--protocol=nobodys"], ["nobodys"], 1),
            (["--skin=ita:30", "--hair=black", "--pigment=ink"], ["ink", "carbon"], 1),
            (["--skin=ita:30", "--hair=black", "--pigment=./none.json"], ["none.json"], 1),
            (["--skin=ita:30", "--hair=black", "--dot-depth-mm=2"], ["0.1 to 1"], 2),
            (["--skin=ita:30", "--hair=black", "--dots-per-cm2=nan"], ["nan"], 2),
            (["--skin=ita:30", "--hair=black", "photo.jpg"], ["--calibrate"], 2),
            (["--calibrate=none.json"], ["PHOTO"], 2),
            (["--calibrate=none.json", "photo.jpg"], ["none.json"], 1)):
        refused(run(*args), *words, status=status)


@test
def of_several_pigments_the_best_is_chosen():
    line = json.loads((ROOT / "pigments/carbon.json").read_text())
    for name, slope in (("brown ink", 4.0), ("our black", 1.03)):
        line["name"], line["slope"] = name, slope
        (WORK / f"{name[:3]}.json").write_text(json.dumps(line))
    found = shade("--skin=ita:40", "--hair=black", f"--pigment={WORK}/bro.json", f"--pigment={WORK}/our.json")
    check(found["pigment"]["name"] == "our black", found["pigment"])


# --- learning from a photograph ---

def swatch_photo(name, uptake_factor=1.0, shine=0.0):
    """Bare skin and four swatches of 1 cm2, as the program itself predicts them for a line of another uptake."""
    line = json.loads((ROOT / "pigments/carbon.json").read_text())
    band = line["uptake"]
    truth = band["expected"] * uptake_factor
    line["uptake"] = {"low": 0.5 * truth, "expected": truth, "high": 2 * truth}
    (WORK / f"{name}-truth.json").write_text(json.dumps(line))
    skin, dilutions = {"L": 62.0, "a": 9.0, "b": 15.0}, [2, 6, 12, 25]
    light = [linear_of_lab(skin)]
    for dilution in dilutions:
        found = shade("--skin=lab:62,9,15", "--hair=black", "--sessions=1", f"--dilution={dilution}",
                      f"--pigment={WORK}/{name}-truth.json", "--dots-per-cm2=150", "--dot-diameter-mm=0.3",
                      "--dot-depth-mm=0.3")
        light.append(linear_of_lab(found["forecast"][1]["treated"]))
    png(WORK / f"{name}.png", 60 * len(light), 60, lambda x, y: [c + shine for c in light[x // 60]])
    document = {"schema": "follicle/swatches", "version": 1, "skin": skin,
                "gloss": "included" if shine else "excluded", "pigment": "carbon", "date": "2027-03-01",
                "bare": [{"x_px": 5, "y_px": 5, "width_px": 50, "height_px": 50}],
                "swatches": [{"x_px": 65 + 60 * i, "y_px": 5, "width_px": 50, "height_px": 50, "dilution": d,
                              "dots_per_cm2": 150, "diameter_mm": 0.3} for i, d in enumerate(dilutions)]}
    (WORK / f"{name}.json").write_text(json.dumps(document))
    return document, truth


@test
def a_line_learns_its_uptake_from_a_photograph_of_swatches():
    for name, factor, shine in (("plain", 1.0, 0.0), ("strong", 1.8, 0.0), ("shiny", 0.6, 0.0277778)):
        document, truth = swatch_photo(name, factor, shine)
        out = WORK / f"{name}-learned.json"
        done = run(f"--calibrate={WORK}/{name}.json", WORK / f"{name}.png", "-o", out)
        check(done.returncode == 0, done.stderr)
        learned = json.loads(out.read_text())
        check(abs(learned["uptake"]["expected"] / truth - 1) < 0.2, (learned["uptake"], truth))
        check("2027-03-01" in json.dumps(learned), learned)
        depth = float(re.search(r"at ([0-9.]+) mm", done.stderr)[1])
        check(abs(depth - 0.30) < 0.05, done.stderr)
        refused(run(f"--calibrate={WORK}/{name}.json", WORK / f"{name}.png", "-o", out), "exists")
        check(shade("--skin=ita:40", "--hair=black", f"--pigment={out}")["pigment"]["calibrated"])
    folder = WORK / "documents"
    folder.mkdir()
    shutil.copy(WORK / "plain.json", folder)
    valid(folder)


@test
def a_photograph_that_cannot_teach_is_refused_in_words():
    document, _ = swatch_photo("spoiled")
    def tried(change, *words):
        spoiled = json.loads(json.dumps(document))
        change(spoiled)
        (WORK / "spoiled.json").write_text(json.dumps(spoiled))
        refused(run(f"--calibrate={WORK}/spoiled.json", WORK / "spoiled.png"), *words)
    tried(lambda d: d["swatches"][1].update(x_px=290), "swatches[1]", "leaves the picture")
    tried(lambda d: d["bare"][0].update(width_px=10), "bare[0]", "24")
    tried(lambda d: d["bare"].clear(), "bare")
    tried(lambda d: d["swatches"][2].update(dilution=-1), "dilution")
    tried(lambda d: d["swatches"][2].update(dilutoin=1), "dilutoin")
    tried(lambda d: d.update(gloss="some"), "gloss")
    tried(lambda d: d.update(pigment="ink"), "ink")
    tried(lambda d: d.update(version=2), "version")
    tried(lambda d: d["swatches"].pop(0) and d["swatches"].pop(0), "3")
    tried(lambda d: (d["bare"][0].update(x_px=245), d["swatches"][3].update(x_px=5)), "lighter than")
    png(WORK / "white.png", 300, 60, lambda x, y: (1.0, 1.0, 1.0))
    (WORK / "spoiled.json").write_text(json.dumps(document))
    refused(run(f"--calibrate={WORK}/spoiled.json", WORK / "white.png"), "overexposed")
    (WORK / "text.png").write_text("no picture")
    refused(run(f"--calibrate={WORK}/spoiled.json", WORK / "text.png"), "text.png")


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
