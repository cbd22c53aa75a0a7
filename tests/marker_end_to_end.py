#!/usr/bin/env python3
"""`follicle marker` as a person runs it.

usage: marker_end_to_end.py FOLLICLE [PART OF A NAME]
"""
import json, os, pathlib, shutil, subprocess, sys, tempfile

from tap import Skip, check, main, test

FOLLICLE = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = pathlib.Path(tempfile.mkdtemp(prefix="follicle-marker-"))
PATCHES = {"white": (94, 0, 1), "grey1": (83, 0, 0), "grey2": (70, 0, 0), "grey3": (58, 0, 1), "grey4": (46, 0, 0),
           "grey5": (35, 1, 0), "grey6": (24, 0, 0), "skin1": (72, 8, 13), "skin2": (66, 10, 16), "skin3": (61, 11, 17),
           "skin4": (56, 12, 17), "skin5": (47, 11, 15), "skin6": (37, 9, 10), "red": (46, 50, 28), "yellow": (82, 4, 70),
           "green": (54, -35, 30), "cyan": (60, -20, -25), "blue": (36, 12, -40), "magenta": (52, 45, -13)}


def run(*args, **environment):
    own = {"XDG_DATA_HOME": str(WORK / "data"), "HOME": str(WORK / "home"), **environment}
    env = {key: value for key, value in {**os.environ, **own}.items() if value is not None}
    return subprocess.run([FOLLICLE, "marker", *map(str, args)], capture_output=True, timeout=60, env=env)


def done(*args, **environment):
    result = run(*args, **environment)
    check(result.returncode == 0, f"exit {result.returncode}: {result.stderr.decode()}")
    return result.stdout.decode()


def refused(result, *words, status=1):
    text = result.stderr.decode()
    check(result.returncode == status, f"exit {result.returncode}: {text}")
    check(text.startswith("follicle"), text)
    for word in words:
        check(word in text, f"'{word}' not in: {text}")


def fresh(name):
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def prints(path):
    return json.loads(path.read_text())["prints"]


def pdf_text(path):
    if shutil.which("pdftotext") is None:
        raise Skip("pdftotext (poppler-utils) is missing")
    result = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True)
    check(result.returncode == 0 and result.stderr == "", result.stderr)
    return result.stdout


@test
def the_pages_say_what_to_do_on_both_papers():
    folder = fresh("pages")
    for paper, size in (("a4", "595.276 x 841.89"), ("letter", "612 x 792")):
        path = folder / f"{paper}.pdf"
        check("--print-id=513" in done("-o", path, f"--paper={paper}", "--print-id=513"))
        text = " ".join(pdf_text(path).split())
        for words in ("Card for close-ups", "Card for photographs of the head", "Strip to wear around the head",
                      "print 00513", "print at 100 %", "100 mm, line to line", "--print-id=513 --measured=X,Y",
                      "Paper cannot be disinfected"):
            check(words in text, f"{paper}: {words}")
        info = subprocess.run(["pdfinfo", path], capture_output=True, text=True).stdout
        check(size in info and "Pages:           3" in info and "Tagged:          yes" in info, info)
        done("-o", folder / "strip.pdf", "--kind=strip", "--force")
        check("Strip to wear" in pdf_text(folder / "strip.pdf"))
        check("Card for" not in pdf_text(folder / "strip.pdf"))


@test
def the_pages_go_to_standard_output_and_replace_no_file_unasked():
    folder = fresh("out")
    path = folder / "m.pdf"
    done("-o", path)
    check(run("-o", "-").stdout == path.read_bytes())
    refused(run("-o", path), "exists", "--force")
    report = json.loads(done("-o", path, "--force", "--json", "--print-id=9"))
    check(report["print_id"] == 9 and report["bytes"] == path.stat().st_size, report)


@test
def a_measured_print_is_kept_where_the_desktop_keeps_data():
    data = fresh("data-home")
    done("--measured=99.5,99.75", "--print-id=7", "--date=2027-01-31", XDG_DATA_HOME=str(data))
    kept = prints(data / "follicle/prints.json")
    check(kept == [{"print_id": 7, "date": "2027-01-31", "factor_x": 0.995, "factor_y": 0.9975}], kept)
    home = fresh("home")
    done("--measured=100,100", "--print-id=8", XDG_DATA_HOME=None, HOME=str(home))
    check(prints(home / ".local/share/follicle/prints.json")[0]["print_id"] == 8)
    refused(run("--measured=100,100", "--print-id=8", XDG_DATA_HOME=None, HOME=None), "--prints=FILE")


@test
def measuring_again_replaces_the_lengths_and_keeps_the_colours():
    folder = fresh("again")
    file, csv = folder / "prints.json", folder / "print.csv"
    csv.write_text("name,L,a,b\n" + "".join(f"{name},{L},{a},{b}\n" for name, (L, a, b) in PATCHES.items()))
    for print_id in (9, 3, 5):
        done("--measured=100,100", f"--print-id={print_id}", f"--prints={file}", "--date=2027-01-01")
    done("--measured=99,99", "--print-id=5", f"--prints={file}", f"--colours={csv}", "--date=2027-02-01")
    done("--measured=98,98.5", "--print-id=5", f"--prints={file}", "--date=2027-03-01")
    kept = prints(file)
    check([entry["print_id"] for entry in kept] == [3, 5, 9], kept)
    check((kept[1]["factor_x"], kept[1]["factor_y"], kept[1]["date"]) == (0.98, 0.985, "2027-03-01"), kept[1])
    check({patch["name"]: tuple(patch["lab"]) for patch in kept[1]["patches"]} == PATCHES, kept[1])
    listed = done("--list", f"--prints={file}")
    check(listed.count("print 0") == 3 and "x -2.00 %, y -1.50 %, colours measured" in listed, listed)
    check(json.loads(done("--list", "--json", f"--prints={file}"))["prints"] == kept)
    valid = subprocess.run([sys.executable, ROOT / "tests/test_schemas.py", folder], capture_output=True, text=True)
    check(valid.returncode == 0, valid.stdout + valid.stderr)
    check("was measured on 2027-03-01" in run("-o", "-", "--print-id=5", f"--prints={file}").stderr.decode())


@test
def what_was_measured_today_bears_the_date_of_today():
    import datetime
    file = fresh("today") / "prints.json"
    before = datetime.date.today().isoformat()
    done("--measured=100,100", "--print-id=1", f"--prints={file}")
    check(prints(file)[0]["date"] in (before, datetime.date.today().isoformat()))


@test
def wrong_measurements_are_refused_and_leave_the_file_alone():
    folder = fresh("wrong")
    file, csv = folder / "prints.json", folder / "print.csv"
    done("--measured=100,100", "--print-id=1", f"--prints={file}")
    want = file.read_bytes()
    common = ["--print-id=2", f"--prints={file}"]
    refused(run("--measured=101.2,100", *common), "1.2 % wider", "1 % is allowed")
    refused(run("--measured=100,101.2", *common), "narrower")
    refused(run("--measured=90,90", *common), "10.0 % off", "100 %")
    refused(run("--measured=100,100", "--date=2027-02-30", *common), "2027-02-30")
    csv.write_text("name,L,a,b\nwhite,94,0,1\n")
    refused(run("--measured=100,100", f"--colours={csv}", *common), "print.csv", "'grey1' is missing")
    csv.write_text("white,9,0,1\n")
    refused(run("--measured=100,100", f"--colours={csv}", *common), "line 1", "another patch")
    check(file.read_bytes() == want)
    for text in ("", "{}", want.decode().replace('"version": 1', '"version": 99'), "[" * 100000):
        file.write_text(text)
        refused(run("--measured=100,100", *common), "prints.json")
        check(file.read_text() == text)


@test
def wrong_usage_is_told_from_failure():
    refused(run(), "-o FILE.pdf", status=2)
    refused(run("-o", "-", "--kind=card"), "close, head, strip or all", status=2)
    refused(run("-o", "-", "--paper=a5"), "a4 or letter", status=2)
    refused(run("-o", "-", "--print-id=65536"), "65535", status=2)
    refused(run("-o", "-", "--list"), "one at a time", status=2)
    refused(run("-o", "-", "--date=2027-01-01"), "--measured", status=2)
    refused(run("--measured=100", "--print-id=1"), "two lengths", status=2)
    refused(run("--measured=100,100"), "--print-id", status=2)
    refused(run("--list", f"--prints={WORK}/nowhere.json"), "nowhere.json", status=1)
    check("no print is measured yet" in done("--list", XDG_DATA_HOME=str(fresh("empty"))))


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
