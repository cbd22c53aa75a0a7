#!/usr/bin/env python3
"""The program as a person runs it, with a real PDF reader, a real disk and a real connection.

usage: end_to_end.py FOLLICLE [PART OF A NAME]
"""
import csv, json, math, os, pathlib, pty, re, shlex, shutil, signal, struct, subprocess, sys, tempfile, time
import http.client

from tap import Skip, check, main, test

FOLLICLE = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parent.parent
SCAN = ROOT.parent / "shared/data/heads/lee_perry_smith.glb"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="follicle-test-"))
SMALL = ["--picture-height-px=300"]
DOCUMENTS = ["case.json", "assessment.json", "design.json", "layout.json", "findings.json", "shade.json", "course.json",
             "protocol.json", "prices.json", "visibility.json", "dots.csv", "dots.ply", "field.csv", "head.glb",
             "plan.pdf", "work.pdf", "client.pdf", "consent.pdf", "quote.pdf", "template.pdf", "swatches.pdf", "course.ics"]
WORDS_OF_PAPERS = {"plan.pdf": ["Session plan", "Zones", "total", "Session 3"],
                   "work.pdf": ["the order of work", "stops", "breaks"],
                   "client.pdf": ["Your scalp micropigmentation", "What it is not", "Call your practitioner"],
                   "consent.pdf": ["Consent", "What can go wrong", "Who signs"],
                   "quote.pdf": ["Quotation, no obligation", "Acceptance", "USD"],
                   "template.pdf": ["1 : 1", "100 mm", "client's right"]}
STATES = ["before", "session1", "session2", "session3", "healed", "year1", "year3", "year5", "year10"]
VIEWS = ["front", "left45", "right45", "top", "crown", "side"]
SANITIZED = os.environ.get("ASAN_OPTIONS") or os.environ.get("TSAN_OPTIONS")


def run(*args, **more):
    return subprocess.run([FOLLICLE, *map(str, args)], capture_output=True, text=True, timeout=900, **more)


def client():
    """One sample for all tests that need a scan, made on first use."""
    folder = WORK / "client"
    if not folder.exists():
        done = run("sample", "--seed=3", "--norwood=6", "--texture-px=1024", "-o", folder)
        check(done.returncode == 0, done.stderr)
    truth = json.loads((folder / "truth.json").read_text())
    return folder / "scan.glb", truth


def find(document, key):
    """The first value under a key, at any depth."""
    if isinstance(document, dict):
        if key in document:
            return document[key]
        document = list(document.values())
    if isinstance(document, list):
        for item in document:
            found = find(item, key)
            if found is not None:
                return found
    return None


def plan_args(out, *more):
    scan, truth = client()
    return ["plan", scan, f"--circumference-mm={find(truth, 'circumference_mm')}", "--norwood=6",
            "--start=2027-01-11", "-o", out, *SMALL, *more]


def case():
    folder = WORK / "case"
    if not folder.exists():
        done = run(*plan_args(folder))
        check(done.returncode == 0, done.stderr)
    return folder


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def leftovers(folder):
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


def refused(done, *words, status=1):
    check(done.returncode == status, f"exit {done.returncode}: {done.stderr}")
    check(done.stderr.startswith("follicle"), done.stderr)
    for word in words:
        check(word in done.stderr, f"'{word}' not in: {done.stderr}")
    if status == 1:
        check(len(done.stderr.strip().splitlines()) == 1, done.stderr)


@test
def help_and_version_are_everywhere_and_misuse_exits_2():
    check("plan" in run("--help").stdout and run("--version").stdout.startswith("follicle "))
    for command in ("plan", "design", "shade", "dots", "sample", "serve"):
        done = run(command, "--help")
        check(done.returncode == 0 and f"follicle {command}" in done.stdout and "Examples" in done.stdout)
    refused(run(), status=2)
    refused(run("no-such"), "no-such", status=2)
    refused(run("plan"), "HEAD", status=2)
    refused(run("dots", "case"), "--check", status=2)
    refused(run("dots", "--check"), "CASE", status=2)
    refused(run("plan", "x.glb", "-o", "y", "--nonsense"), "--nonsense", status=2)
    refused(run("plan", "x.glb", "-o", "y", "--norwood=9"), "9", "1 to 7", status=2)
    refused(run("plan", "x.glb", "-o", "y", "--norwood=3", "--density-per-cm2=nan"), "nan", status=2)
    refused(run("plan", "x.glb", "-o", "y"), "--norwood", "--scar", status=2)
    refused(run("plan", "x.glb", "-o", "y", "--norwood=3", "--landmark=nose=1,2,3"), "glabella", status=2)
    refused(run("plan", "x.glb", "-o", "y", "--norwood=3", "--start=2027-02-30"), "2027-02-30", status=2)


@test
def the_man_page_knows_every_option_that_help_knows():
    page = run("man").stdout.replace("\\-", "-")
    for command in ("plan", "design", "shade", "dots", "sample", "serve"):
        for word in run(command, "--help").stdout.split():
            if word.startswith("--") and len(word) > 3:
                check(word.split("=")[0] in page, word)
    if shutil.which("mandoc"):
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "error"], input=run("man").stdout,
                              capture_output=True, text=True)
        check(lint.returncode == 0, lint.stdout)


@test
def a_sample_is_the_same_for_the_same_seed_and_another_for_another():
    args = ["sample", "--norwood=3", "--texture-px=512", "--skin=brown", "--scar", "--patch"]
    for name, more in (("a", ["--seed=5"]), ("b", ["--seed=5", "--threads=1"]), ("c", ["--seed=6"])):
        check(run(*args, *more, "-o", WORK / f"sample-{name}").returncode == 0)
    check(tree(WORK / "sample-a") == tree(WORK / "sample-b"))
    check(tree(WORK / "sample-a") != tree(WORK / "sample-c"))


@test
def a_plan_writes_every_file_of_the_case():
    folder = case()
    for name in DOCUMENTS + [f"preview/{s}-{v}.png" for s in STATES for v in VIEWS] + ["preview/contact-sheet.png"]:
        check((folder / name).is_file() and (folder / name).stat().st_size > 100, f"{name} is missing")
    check(leftovers(WORK) == [], leftovers(WORK))


@test
def documents_satisfy_their_schemas_by_an_independent_validator():
    done = subprocess.run([sys.executable, ROOT / "tests/test_schemas.py", case(), client()[0].parent],
                          capture_output=True, text=True)
    check(done.returncode == 0, done.stdout + done.stderr)


@test
def the_defaults_that_help_names_are_those_that_a_plan_uses():
    text = " ".join(run("plan", "--help").stdout.split())
    design = json.loads((case() / "design.json").read_text())
    for name, key in (("density-per-cm2", "full_per_cm2"), ("transition-mm", "transition_mm"),
                      ("irregularity-mm", "micro_mm"), ("asymmetry-mm", "asymmetry_mm"), ("rows", "rows"),
                      ("dot-diameter-mm", "diameter_mm")):
        said = float(re.search(rf"--{name}=[^-]*?\(default ([0-9.]+)\)", text)[1])
        check(find(design, key) == said, name)
    height = float(re.search(r"--hairline-height-mm=[^-]*?\(default ([0-9.]+)\)", text)[1])
    check(abs(find(json.loads((case() / "layout.json").read_text()), "height_mm") - height) < 0.5)


@test
def grown_dots_keep_one_and_a_half_diameters_apart():
    folder = case()
    record = json.loads((folder / "case.json").read_text())
    spacing = find(record, "spacing_mm")
    grown = find(record, "grown_diameter_mm")
    check(abs(spacing - 1.5 * grown) < 0.002, (spacing, grown))
    with open(folder / "dots.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    points = [(float(r["x_mm"]), float(r["y_mm"]), float(r["z_mm"])) for r in rows]
    cells = {}
    for i, p in enumerate(points):
        cells.setdefault(tuple(int(math.floor(c / 2.0)) for c in p), []).append(i)
    nearest = 1e9
    for (a, b, c), inside in cells.items():
        near = [j for da in (-1, 0, 1) for db in (-1, 0, 1) for dc in (-1, 0, 1)
                for j in cells.get((a + da, b + db, c + dc), ())]
        for i in inside:
            for j in near:
                if i < j:
                    nearest = min(nearest, math.dist(points[i], points[j]))
    check(nearest >= spacing - 0.002, f"nearest {nearest}, rule {spacing}")
    share = [sum(r["session"] == s for r in rows) / len(rows) for s in ("1", "2", "3")]
    for got, want in zip(share, (0.45, 0.35, 0.20)):
        check(abs(got - want) < 0.015, share)
    check(len({r["id"] for r in rows}) == len(rows))


def rows_of(folder):
    with open(folder / "dots.csv", newline="") as file:
        return list(csv.DictReader(file))


def put_rows(folder, rows):
    with open(folder / "dots.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def place(row):
    return float(row["x_mm"]), float(row["y_mm"]), float(row["z_mm"])


def damaged(name):
    """A copy of what an audit reads, to be spoiled."""
    folder = WORK / f"damaged-{name}"
    folder.mkdir()
    for file in ("case.json", "design.json", "layout.json", "dots.csv", "field.csv", "head.glb", "fixed.csv"):
        if (case() / file).exists():
            shutil.copy(case() / file, folder)
    return folder


def audit(folder):
    """The document of `dots --check`; its exit status must agree."""
    done = run("dots", "--check", "--json", folder)
    check(done.stderr == "", done.stderr)
    found = json.loads(done.stdout)
    check(done.returncode == (1 if found["defects"] else 0), (done.returncode, found["findings"]))
    return found


def told(folder, found):
    """What people read must say the same."""
    done = run("dots", "--check", folder)
    check(done.stderr == "" and done.returncode == (1 if found["defects"] else 0), done.stderr)
    for item in found["findings"]:
        check(("defect: " if item["defect"] else "remark: ") + item["text"] in done.stdout, done.stdout)
    end = f"{found['defects']} defect" if found["defects"] else "no defect"
    check(done.stdout.splitlines()[-1].startswith(end), done.stdout)


def finding(found, kind):
    for item in found["findings"]:
        if item["kind"] == kind:
            return item
    check(False, f"no {kind} in {[(f['kind'], f['text']) for f in found['findings']]}")


def nearest_pair(rows, zone):
    """Two rows of a zone that stand close together, away from its border."""
    inside = [r for r in rows if r["zone"] == zone]
    middle = [sum(c) / len(inside) for c in zip(*map(place, inside))]
    inside.sort(key=lambda r: math.dist(place(r), middle))
    return inside[0], min(inside[1:200], key=lambda r: math.dist(place(r), place(inside[0])))


@test
def a_plan_passes_its_own_audit():
    found = audit(case())
    check(found["defects"] == 0, [f["text"] for f in found["findings"]])
    check(all(f["kind"] != "edited" for f in found["findings"]))
    told(case(), found)
    sessions = {part["session"] for part in found["parts"]}
    check(sessions == {1, 2, 3} and found["dots"] == len(rows_of(case())))
    for part in found["parts"]:
        check(part["found"] == part["placed"], part)
    folder = WORK / "audit"
    folder.mkdir()
    (folder / "audit.json").write_text(json.dumps(found))
    done = subprocess.run([sys.executable, ROOT / "tests/test_schemas.py", folder], capture_output=True, text=True)
    check(done.returncode == 0, done.stdout + done.stderr)


@test
def an_audit_finds_dots_on_one_spot_and_says_where():
    folder = damaged("spot")
    rows = rows_of(folder)
    one, other = nearest_pair(rows, "crown")
    for column in ("x_mm", "y_mm", "z_mm"):
        other[column] = one[column]
    put_rows(folder, rows)
    found = audit(folder)
    item = finding(found, "too_close")
    check("crown" in item["text"] and set(item["dots"]) == {int(one["id"]), int(other["id"])}, item)
    check("dots.csv" in finding(found, "edited")["text"])
    told(folder, found)


@test
def an_audit_finds_dots_moved_off_the_head():
    folder = damaged("off")
    rows = rows_of(folder)
    for row in rows[100:103]:
        row["y_mm"] = f"{float(row['y_mm']) + 4:.3f}"
    put_rows(folder, rows)
    found = audit(folder)
    check(sum(f["count"] for f in found["findings"] if f["kind"] == "off_skin") == 3, found["findings"])
    check("off the skin" in finding(found, "off_skin")["text"])


@test
def an_audit_finds_rows_taken_out_and_the_gap_they_leave():
    folder = damaged("gap")
    rows = rows_of(folder)
    centre = place(nearest_pair(rows, "midscalp")[0])
    kept = [r for r in rows if math.dist(place(r), centre) > 3.0]
    put_rows(folder, kept)
    found = audit(folder)
    check("missing" in finding(found, "counts")["text"])
    gap = next(f for f in found["findings"] if f["kind"] == "gap" and f["zone"] == "midscalp" and f["session"] == 3)
    check(math.dist(gap["place_mm"], centre) < 2.0 and "gap of" in gap["text"], gap)


@test
def an_audit_finds_a_row_used_twice_and_a_session_too_many():
    folder = damaged("twice")
    rows = rows_of(folder)
    rows.insert(500, dict(rows[500]))
    put_rows(folder, rows)
    found = audit(folder)
    check("twice" in finding(found, "rows")["text"] and "too many" in finding(found, "counts")["text"])


@test
def an_audit_finds_dots_where_somebody_forbade_them():
    folder = damaged("keep")
    rows = rows_of(folder)
    centre = place(nearest_pair(rows, "frontal")[0])
    layout = json.loads((folder / "layout.json").read_text())
    # clockwise seen from above, where x runs to the right and z down
    ring = [[centre[0] + 6 * math.cos(a), centre[1], centre[2] + 6 * math.sin(a)]
            for a in (0.0, 0.8, 1.6, 2.4, 3.2, 4.0, 4.8, 5.6)]
    layout["edges"] = [{"kind": "keep_out", "ramp_mm": 0.0, "points_mm": ring}]
    (folder / "layout.json").write_text(json.dumps(layout))
    found = audit(folder)
    item = finding(found, "keep_out")
    inside = sum(math.hypot(p[0] - centre[0], p[2] - centre[2]) < 5 for p in map(place, rows))
    check(item["count"] >= inside - 5 and "kept free" in item["text"], (item, inside))
    check("layout.json" in finding(found, "edited")["text"])


@test
def an_audit_finds_clumps_that_random_places_make():
    """Every dot takes the row of another at random: the same places, but sessions in a muddle."""
    folder = damaged("random")
    rows = rows_of(folder)
    shuffled, state = list(range(len(rows))), 12345
    for i in range(len(rows) - 1, 0, -1):
        state = (1103515245 * state + 12345) % 2**31
        j = state % (i + 1)
        if rows[shuffled[i]]["zone"] == rows[shuffled[j]]["zone"]:
            shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
    keep = [r["session"] for r in rows]
    for row, i in zip(rows, shuffled):
        row["session"] = keep[i]
    put_rows(folder, sorted(rows, key=lambda r: int(r["session"])))
    found = audit(folder)
    item = finding(found, "clumped")
    check(item["session"] in (1, 2) and "after session" in item["text"], item)


@test
def a_case_that_cannot_be_audited_is_refused_in_one_sentence():
    folder = damaged("files")
    for name in ("head.glb", "field.csv", "layout.json", "design.json", "case.json", "dots.csv"):
        kept = (folder / name).read_bytes()
        (folder / name).unlink()
        refused(run("dots", "--check", folder), name)
        (folder / name).write_bytes(kept)
    rows = (folder / "dots.csv").read_text().splitlines()
    for line, old, new, words in ((7, ",1,", ",one,", ("line 7", "session")),
                                  (9, ",bare,", ",bald,", ("line 9", "kind", "bald")),
                                  (11, rows[10], rows[10].rsplit(",", 1)[0], ("line 11", "fewer")),
                                  (13, ",", ",nan", ("line 13", "rank"))):
        spoiled = list(rows)
        if old == ",bare," and old not in spoiled[line - 1]:
            old = ",between_hairs,"
        spoiled[line - 1] = spoiled[line - 1].replace(old, new, 1)
        (folder / "dots.csv").write_text("\n".join(spoiled) + "\n")
        refused(run("dots", "--check", folder), "dots.csv", *words)
    refused(run("dots", "--check", WORK / "nowhere"), "case.json")


def ply_header(data):
    head, body = data.split(b"end_header\n", 1)
    return head.decode().splitlines(), body


@test
def the_points_of_the_case_are_its_dots():
    """By an independent reader, which knows nothing of Follicle."""
    try:
        import meshio
    except ImportError:
        raise Skip("python3-meshio is missing")
    mesh, rows = meshio.read(case() / "dots.ply"), rows_of(case())
    check(len(mesh.points) == len(rows))
    palette = {"1": (0, 114, 178), "2": (230, 159, 0), "3": (0, 158, 115), "4": (204, 121, 167)}
    data = mesh.point_data
    for i, row in enumerate(rows):
        check(math.dist(mesh.points[i], place(row)) < 0.001, row)
        color = tuple(int(data[c][i]) % 256 for c in ("red", "green", "blue"))
        check(color == palette[row["session"]] and str(data["session"][i]) == row["session"], row)
        check(abs(float(data["diameter"][i]) - float(row["diameter_mm"])) < 0.00051, row)


@test
def the_points_open_in_meshlab():
    tools = shutil.which("meshlabserver"), shutil.which("xvfb-run")
    if None in tools:
        raise Skip("meshlabserver (meshlab) or xvfb-run (xvfb) is missing")
    out, rows = WORK / "meshlab.ply", rows_of(case())
    done = subprocess.run([tools[1], "-a", tools[0], "-i", case() / "dots.ply", "-o", out, "-m", "vc", "vn"],
                          capture_output=True, text=True, timeout=120)
    check(f"loaded has {len(rows)} vn 0 fn" in done.stdout + done.stderr, done.stdout + done.stderr)
    head, body = ply_header(out.read_bytes())
    check(f"element vertex {len(rows)}" in head, head)
    names = [line.split()[-1] for line in head if line.startswith("property") and "list" not in line]
    check(names[:10] == ["x", "y", "z", "nx", "ny", "nz", "red", "green", "blue", "alpha"], names)
    for i in (0, len(rows) // 2, len(rows) - 1): # MeshLab keeps the order
        x, y, z = struct.unpack_from("<3f", body, 28 * i)
        check(math.dist((x, y, z), place(rows[i])) < 0.001, rows[i])


@test
def the_head_of_the_sample_is_measured_back():
    truth = client()[1]
    record = json.loads((case() / "case.json").read_text())
    want, got = find(truth, "circumference_mm"), find(record, "circumference_mm")
    check(abs(got / want - 1.0) < 0.005, (want, got))
    for key in ("length_mm", "breadth_mm"):
        want, got = find(truth, key), find(record, key)
        check(abs(got / want - 1.0) < 0.02, (key, want, got))


@test
def any_number_of_threads_gives_the_same_bytes():
    want = tree(case())
    for threads in (1, 8):
        folder = WORK / f"threads{threads}"
        done = run(*plan_args(folder, f"--threads={threads}"))
        check(done.returncode == 0, done.stderr)
        got = tree(folder)
        different = [n for n in want if got.get(n) != want[n]]
        check(different == [] and set(got) == set(want), different)
        shutil.rmtree(folder)


@test
def the_pdfs_open_in_a_real_reader():
    if shutil.which("pdftotext") is None:
        raise Skip("pdftotext (poppler-utils) is missing")
    folder = case()
    for name, words in WORDS_OF_PAPERS.items():
        text = subprocess.run(["pdftotext", "-layout", folder / name, "-"], capture_output=True, text=True)
        check(text.returncode == 0 and text.stderr == "", text.stderr)
        for word in words:
            check(word in text.stdout, f"{name}: {word}")
        info = subprocess.run(["pdfinfo", folder / name], capture_output=True, text=True).stdout
        check("595.276 x 841.89" in info, info)


@test
def the_template_is_true_to_scale():
    """The 100 mm bar, rendered by a real reader at 300 dpi, is 100 mm long."""
    if shutil.which("pdftoppm") is None:
        raise Skip("pdftoppm (poppler-utils) is missing")
    out = WORK / "template"
    subprocess.run(["pdftoppm", "-r", "300", "-gray", "-singlefile", case() / "template.pdf", out], check=True)
    data = out.with_suffix(".pgm").read_bytes()
    fields = data.split(None, 4)
    width, height = int(fields[1]), int(fields[2])
    pixels = data[-width * height:]
    best = 0
    for y in range(height):
        run_length = longest = 0
        for value in pixels[y * width:(y + 1) * width]:
            run_length = run_length + 1 if value < 110 else 0
            longest = max(longest, run_length)
        if longest < 1500: # the rule of the foot line is paler and longer
            best = max(best, longest)
    check(abs(best / 300 * 25.4 - 100.0) < 0.5, best / 300 * 25.4)


@test
def the_calendar_has_the_sessions_on_their_days():
    text = (case() / "course.ics").read_bytes()
    check(text.startswith(b"BEGIN:VCALENDAR\r\n") and text.endswith(b"END:VCALENDAR\r\n"))
    check(all(len(line) <= 75 for line in text.split(b"\r\n")), "a line is longer than 75 octets")
    check(b"METHOD" not in text, "an invitation that somebody must answer")
    days = re.findall(rb"DTSTART;VALUE=DATE:(\d+)\r\nDTEND;VALUE=DATE:\d+\r\nSUMMARY:Appointment (\d) of 3\r", text)
    check(days == [(b"20270111", b"1"), (b"20270121", b"2"), (b"20270218", b"3")], days) # 10 days, then 4 weeks
    check(re.search(rb"DTSTART[^\r]*T\d{6}", text) is None, "a time of day, and no clinic has said when it is open")
    for word in (b"scalp", b"skin", b"hair", b"pigment", b"shave", b"dots"): # a calendar is read over a shoulder
        check(word not in text.lower(), word)


@test
def an_existing_case_is_kept_unless_force_is_given():
    folder = WORK / "kept"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    refused(run(*plan_args(folder)), "exists", "--force")
    check((folder / "mine.txt").read_text() == "mine")
    done = run(*plan_args(folder, "--force"))
    check(done.returncode == 0 and (folder / "case.json").exists() and not (folder / "mine.txt").exists())
    check(leftovers(WORK) == [])


def start_and_stop(folder, number, after_s):
    process = subprocess.Popen([FOLLICLE, *map(str, plan_args(folder, "--force"))],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(after_s)
    process.send_signal(number)
    _, talk = process.communicate(timeout=300)
    return process.returncode, talk


@test
def an_interrupted_run_leaves_the_old_case_or_none():
    folder, before, answered = WORK / "interrupted", None, 0
    client()
    for after_s in (0.05, 0.3, 0.8, 1.5):
        status, talk = start_and_stop(folder, signal.SIGINT, after_s)
        if status == 1:
            check("stopped" in talk, talk)
            answered += 1
        else: # done already, or not yet at the point where it listens
            check(status == 0 or (status == -signal.SIGINT and after_s < 0.5), (status, talk))
        check(leftovers(WORK) == [], leftovers(WORK))
        check(not folder.exists() or status == 0 or tree(folder) == before)
        before = tree(folder) if folder.exists() else None
    check(answered > 0, "no run was stopped in the middle")


@test
def a_killed_run_leaves_the_old_case_and_the_next_run_cleans_up():
    folder = WORK / "killed"
    shutil.copytree(case(), folder)
    before = tree(folder)
    start_and_stop(folder, signal.SIGKILL, 0.7)
    check(tree(folder) == before)
    done = run(*plan_args(folder, "--force"))
    check(done.returncode == 0 and leftovers(WORK) == [], (done.stderr, leftovers(WORK)))
    shutil.rmtree(folder)


@test
def a_full_disk_is_said_and_leaves_nothing():
    disk = WORK / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], capture_output=True).returncode:
        raise Skip("a small disk cannot be mounted here (needs root)")
    try:
        refused(run(*plan_args(disk / "case")), "No space left")
        check(list(disk.iterdir()) == [], list(disk.iterdir()))
    finally:
        subprocess.run(["umount", disk], check=True)
    with open("/dev/full", "w") as full:
        done = subprocess.run([FOLLICLE, "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
    check(done.returncode == 1 and "standard output" in done.stderr)


@test
def a_folder_that_cannot_be_written_is_said():
    refused(run(*plan_args("/proc/follicle-case")), "/proc")
    refused(run(*plan_args(WORK / "no" / "such" / "case")), "No such file")


@test
def memory_has_a_limit():
    if SANITIZED:
        raise Skip("a sanitizer needs its own memory")
    refused(run(*plan_args(WORK / "tight", "--memory-mb=64")), "memory")
    check(not (WORK / "tight").exists() and leftovers(WORK) == [])


@test
def what_is_no_head_is_refused_in_one_sentence():
    scan = client()[0].read_bytes()
    cube = "".join(f"v {x} {y} {z}\n" for x in (0, 1) for y in (0, 1) for z in (0, 1))
    cube += "f 1 2 4 3\nf 5 7 8 6\nf 1 5 6 2\nf 3 4 8 7\nf 1 3 7 5\nf 2 6 8 4\n"
    inputs = {"empty.glb": b"", "noise.glb": bytes(range(256)) * 40, "half.glb": scan[:len(scan) // 2],
              "cube.obj": cube.encode(), "nan.obj": b"v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
              "picture.ply": b"\x89PNG\r\n\x1a\n" + bytes(100)}
    for name, data in inputs.items():
        (WORK / name).write_bytes(data)
        refused(run("plan", WORK / name, "--circumference-mm=570", "--norwood=3", "-o", WORK / "x"))
        check(not (WORK / "x").exists())
    refused(run("plan", WORK / "missing.glb", "--norwood=3", "--unit=mm", "-o", WORK / "x"), "missing.glb")
    refused(run("plan", WORK, "--norwood=3", "--unit=mm", "-o", WORK / "x"), "not a file")


def on_terminal(*args):
    """What a person sees on a terminal of their own."""
    try:
        master, slave = pty.openpty()
    except OSError as refusal:
        raise Skip(f"no terminal can be had here: {refusal}")
    process = subprocess.Popen([FOLLICLE, *map(str, args)], stderr=slave, stdout=subprocess.PIPE)
    os.close(slave)
    seen = b""
    while True:
        try:
            chunk = os.read(master, 4096)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    process.communicate()
    os.close(master)
    return process.returncode, seen


@test
def a_meter_is_shown_on_a_terminal_and_nowhere_else():
    status, seen = on_terminal(*plan_args(WORK / "meter"))
    check(status == 0 and b" %" in seen and b"drawing" in seen, seen)
    check(b"%" not in on_terminal(*plan_args(WORK / "meter", "--force", "--quiet"))[1])
    done = run(*plan_args(WORK / "meter", "--force"))
    check(" %" not in done.stderr, done.stderr)


@test
def json_on_stdout_is_json_and_quiet_is_quiet():
    done = run(*plan_args(WORK / "quiet", "--json", "--quiet"))
    check(done.returncode == 0 and done.stderr == "", done.stderr)
    result = json.loads(done.stdout)
    check(result["dots"] > 1000 and result["sessions"] == 3)


@test
def a_case_is_served_on_this_machine_only():
    process = subprocess.Popen([FOLLICLE, "serve", "--port=0", case()], stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline().rsplit(":", 1)[1])

        def ask(path, method="GET", host=None):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request(method, path, headers={"Host": host or f"127.0.0.1:{port}"})
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())

        status, page, headers = ask("/")
        check(status == 200 and b"healed" in page and "default-src 'none'" in headers["Content-Security-Policy"])
        check(ask("/case.css")[0] == 200)
        for name, data in tree(case()).items(): # all there is, but what the papers alone use
            status, body, _ = ask("/" + name)
            check((status, body) == (200, data) if not name.startswith("preview/paper-") else status == 404, name)
            shown = name.startswith("preview/paper-") or f'href="/{name}"'.encode() in page
            check(shown, f"no link to {name}")
        for path in ("/../case.json", "/preview/", "/%2e%2e/etc/passwd", "/nothing"):
            check(ask(path)[0] in (400, 404), path)
        check(ask("/", "POST")[0] == 405)
        check(ask("/", host="evil.example")[0] == 421)
    finally:
        process.send_signal(signal.SIGINT)
        check(process.wait(timeout=20) == 0)
    refused(run("serve", WORK), "not a case")


@test
def the_command_that_a_sample_prints_plans_its_scar_and_patch():
    made = run("sample", "--seed=5", "--norwood=3", "--texture-px=512", "--skin=dark", "--scar", "--patch",
               "-o", WORK / "marked")
    check(made.returncode == 0, made.stderr)
    words = shlex.split(made.stdout.split("next: follicle ")[1])
    done = run(*words[:-2], *SMALL, "-o", WORK / "marked-case")
    check(done.returncode == 0, done.stderr)
    zones = {row["zone"] for row in csv.DictReader(open(WORK / "marked-case/dots.csv", newline=""))}
    check({"scar", "patch", "hairline"} <= zones, zones)


def dots_cases(program, name, *args):
    out = WORK / name
    done = subprocess.run([program, *args[:4], out, *args[4:]], capture_output=True, text=True, timeout=600)
    check(done.returncode == 0, done.stderr)
    return out.read_bytes()


@test
def gcc_and_clang_place_the_same_dots():
    ours = pathlib.Path(FOLLICLE).with_name("dots_cases")
    if not ours.exists() or not shutil.which("clang"):
        raise Skip("clang or dots_cases is missing")
    if SANITIZED:
        raise Skip("once without sanitizers is enough")
    files = [*(ROOT / "src/dots").glob("dots_*.c"), *(ROOT / "src/dots").glob("route*.c")]
    sources = [p for p in sorted(files)
               if not p.name.endswith(("_test.c", "_bench.c")) and "pattern" not in p.name]
    base = [ROOT / f"src/base/{name}.c" for name in ("arena", "err", "parallel", "progress", "rng", "text")]
    theirs = WORK / "dots_cases_clang"
    done = subprocess.run(["clang", "-std=c17", "-O2", "-ffp-contract=off", "-D_POSIX_C_SOURCE=200809L",
                           "-D_DEFAULT_SOURCE", "-I", ROOT / "src", *sources, *base, "-lm", "-lpthread",
                           "-o", theirs], capture_output=True, text=True, timeout=600)
    check(done.returncode == 0, done.stderr)
    for case_args in (["mg", "4000", "3", "1"], ["hair", "4000", "4", "2"],
                      ["u", "4000", "2", "3", "--irregularity=0.3", "--units"]):
        check(dots_cases(ours, "gcc.csv", *case_args) == dots_cases(theirs, "clang.csv", *case_args),
              f"{case_args}: gcc and clang differ")


@test
def a_treated_head_is_planned_again_around_its_dots():
    first, second = WORK / "first", WORK / "second"
    check(run(*plan_args(first, "--density-per-cm2=90")).returncode == 0)
    done = run(*plan_args(second, "--density-per-cm2=140", f"--fixed={first / 'dots.csv'}"))
    check(done.returncode == 0, done.stderr)
    old, new = rows_of(first), rows_of(second)
    check(0.25 * len(old) < len(new) < 0.9 * len(old), (len(old), len(new)))
    cells = {}
    for r in old:
        p = tuple(float(r[k]) for k in ("x_mm", "y_mm", "z_mm"))
        cells.setdefault(tuple(int(c // 1) for c in p), []).append(p)
    spacing = find(json.loads((second / "case.json").read_text()), "spacing_mm")
    spacing = spacing if isinstance(spacing, (int, float)) else max(spacing.values())
    nearest = min(math.dist(p, q) for r in new
                  for p in [tuple(float(r[k]) for k in ("x_mm", "y_mm", "z_mm"))]
                  for dx in (-1, 0, 1) for dy in (-1, 0, 1) for dz in (-1, 0, 1)
                  for q in cells.get((int(p[0] // 1) + dx, int(p[1] // 1) + dy, int(p[2] // 1) + dz), []))
    check(nearest >= spacing - 0.002, f"a new dot is {nearest} mm from an earlier one, {spacing} are kept")


@test
def an_area_to_be_kept_free_is_kept_free():
    x, y, z = 0.010, 0.125, -0.020  # beside the top of the head, metres in the scan
    around = [(x - 0.008, z - 0.006), (x + 0.008, z - 0.006), (x + 0.008, z + 0.006), (x - 0.008, z + 0.006)]
    points = " ".join(f"{a:.4f},{y},{b:.4f}" for a, b in around)
    free = WORK / "kept_free"
    done = run(*plan_args(free, f"--keep-out={points}"))
    check(done.returncode == 0, done.stderr)
    edge = find(json.loads((free / "layout.json").read_text()), "edges")[0]
    line = [(p[0], p[2]) for p in edge["points_mm"]]  # in the head frame, seen from above

    def is_inside(x, z):
        odd = False
        for (ax, az), (bx, bz) in zip(line, line[1:] + line[:1]):
            if (az > z) != (bz > z) and x < ax + (z - az) / (bz - az) * (bx - ax):
                odd = not odd
        return odd

    def deep(x, z):
        """mm from the line, which is straight on paper and bent on the skin: a few um are its own."""
        best = 1e9
        for (ax, az), (bx, bz) in zip(line, line[1:] + line[:1]):
            length = math.hypot(bx - ax, bz - az)
            t = max(0, min(1, ((x - ax) * (bx - ax) + (z - az) * (bz - az)) / length**2))
            best = min(best, math.hypot(x - ax - t * (bx - ax), z - az - t * (bz - az)))
        return best

    def inside(folder):
        places = [(float(r["x_mm"]), float(r["z_mm"])) for r in rows_of(folder) if float(r["y_mm"]) > 60]
        return sum(is_inside(x, z) and deep(x, z) > 0.02 for x, z in places)
    check(inside(case()) > 30, inside(case()))
    check(inside(free) == 0, inside(free))
    done = run("dots", "--check", free)
    check("keep" not in done.stdout.lower().split("defect", 1)[-1] or "no defect" in done.stdout, done.stdout)


@test
def thinning_is_planned_without_a_hairline():
    scan, truth = client()
    done = run("plan", scan, f"--circumference-mm={find(truth, 'circumference_mm')}", "--ludwig=2",
               "--ignore-stubble", "-o", WORK / "ludwig", *SMALL)
    check(done.returncode == 0, done.stderr)
    rows = list(csv.DictReader(open(WORK / "ludwig/dots.csv", newline="")))
    check(len(rows) > 1000 and {row["zone"] for row in rows} == {"diffuse"})
    text = subprocess.run(["pdftotext", "-layout", WORK / "ludwig/template.pdf", "-"], capture_output=True, text=True).stdout
    check("100 mm" in text and "H1" not in text, text) # pieces of the scalp, no strip of a hairline


@test
def a_head_in_centimetres_becomes_a_plan():
    scan = SCAN.parent / "identity000.obj"
    if not scan.exists():
        raise Skip("needs ../shared/data/heads/identity000.obj")
    done = run("plan", scan, "--unit=cm", "--norwood=3", "-o", WORK / "centimetres", *SMALL)
    check(done.returncode == 0, done.stderr)
    check("no colour" in done.stderr, done.stderr)


@test
def a_real_scan_becomes_a_plan():
    if not SCAN.exists():
        raise Skip("needs ../shared/data/heads/lee_perry_smith.glb")
    folder = WORK / "real"
    done = run("plan", SCAN, "--circumference-mm=575", "--norwood=6", "-o", folder, *SMALL)
    check(done.returncode == 0, done.stderr)
    record = json.loads((folder / "case.json").read_text())
    check(abs(find(record, "circumference_mm") / 575 - 1) < 0.005)
    scalp = find(record, "scalp_cm2")
    check(522 * 0.97 < scalp < 548 * 1.03, scalp)
    refused(run("plan", SCAN, "--norwood=6", "-o", WORK / "unscaled"), "circumference")


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
