#!/usr/bin/env python3
"""`follicle course` and `follicle report` as a practitioner runs them, on a case of the sample client.

usage: course_end_to_end.py FOLLICLE [PART OF A NAME]
"""
import datetime, json, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, time

from tap import Skip, check, main, test

FOLLICLE = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = pathlib.Path(tempfile.mkdtemp(prefix="follicle-course-"))
START = "2027-01-11"
PAPERS = ["plan.pdf", "work.pdf", "client.pdf", "consent.pdf", "quote.pdf", "template.pdf", "course.ics"]
PRESETS = ["ten_days_four_weeks", "short_sessions", "numbing_optional", "two_or_three", "numbing_first"]


def run(*args, **more):
    return subprocess.run([FOLLICLE, *map(str, args)], capture_output=True, text=True, timeout=900, **more)


def done(*args):
    result = run(*args)
    check(result.returncode == 0, f"{args}: {result.stderr}")
    return result.stdout


def refused(result, *words, status=1):
    check(result.returncode == status, f"exit {result.returncode}: {result.stderr}")
    for word in words:
        check(word in result.stderr, f"'{word}' not in: {result.stderr}")


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def original():
    """One plan for all tests, made on first use and never changed."""
    folder = WORK / "original"
    if not folder.exists():
        done("sample", "--seed=3", "--norwood=6", "--texture-px=1024", "-o", WORK / "client")
        truth = (WORK / "client/truth.json").read_text()
        girth = re.search(r'"circumference_mm": ([0-9.]+)', truth)[1]
        done("plan", WORK / "client/scan.glb", f"--circumference-mm={girth}", "--norwood=6", f"--start={START}",
             "--quote-date=2027-01-04", "--picture-height-px=300", "-o", folder)
    return folder


def copy(name):
    folder = WORK / name
    shutil.copytree(original(), folder)
    return folder


def course(folder, *options):
    return json.loads(done("course", folder, "--json", *options))


def day(text):
    return datetime.date.fromisoformat(text)


def write(name, text):
    path = WORK / name
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    return path


def clinic(**more):
    hours = [["09:00", "12:30"], ["13:15", "18:00"]]
    document = {"schema": "follicle/clinic", "version": 1, "name": "Studio", "contact": ["1 Sample Street"],
                "time_zone": "Europe/Berlin", "hours": {d: hours for d in ("monday", "tuesday", "thursday", "friday")}}
    return write("clinic.json", document | more)


def busy(name, *spans):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for i, (begin, end) in enumerate(spans):
        lines += ["BEGIN:VEVENT", f"UID:{name}-{i}", "DTSTAMP:20270101T000000Z", f"DTSTART:{begin}", f"DTEND:{end}",
                  "SUMMARY:taken", "END:VEVENT"]
    return write(name + ".ics", "\r\n".join(lines + ["END:VCALENDAR", ""]))


def pdf_text(path):
    if shutil.which("pdftotext") is None:
        raise Skip("pdftotext (poppler-utils) is missing")
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


@test
def papers_made_again_have_the_bytes_of_the_plan():
    out = WORK / "again"
    done("report", original(), "-o", out)
    made = tree(out)
    check(sorted(made) == sorted(PAPERS), sorted(made))
    for name, data in made.items():
        check(data == (original() / name).read_bytes(), name)


@test
def a_course_says_what_the_case_has_agreed():
    kept, said = json.loads((original() / "course.json").read_text()), course(original())
    for key in kept:
        check(said[key] == kept[key], key)
    check(said["touch_up"]["years"]["low"] <= said["touch_up"]["years"]["expected"] <= said["touch_up"]["years"]["high"])


@test
def the_documents_satisfy_their_schemas():
    try:
        import jsonschema
    except ImportError:
        raise Skip("python3-jsonschema is missing")
    for name, document in (("course", course(original())), ("comparison", json.loads(done("course", original(), "--compare", "--json"))),
                           ("case", json.loads((original() / "case.json").read_text()))):
        schema = json.loads((ROOT / f"docs/schemas/{name}.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(document)


@test
def five_practices_on_one_head_differ_as_published():
    rows = {row["protocol"]: row for row in json.loads(done("course", original(), "--compare", "--json"))["courses"]}
    years = {"ten_days_four_weeks": (2, 3), "short_sessions": (4, 6), "numbing_optional": (2, 4)}
    for name in PRESETS:
        check(2 <= len(rows[name]["sessions"]) <= 4, name)
        total = sum(session["dots"] for session in rows[name]["sessions"])
        check(total == sum(session["dots"] for session in rows["standard"]["sessions"]), name)
    for name, (low, high) in years.items():
        check((rows[name]["touch_up_years"]["low"], rows[name]["touch_up_years"]["high"]) == (low, high), name)
    check([s["day"] for s in rows["ten_days_four_weeks"]["sessions"]][:3] == [0, 10, 38])
    table = done("course", original(), "--compare")
    check("* touch-up" in table and "* aftercare: exercise" in table, table)


@test
def appointments_keep_opening_hours_holidays_and_what_is_taken():
    taken = busy("taken", ("20270121T080000Z", "20270121T170000Z"), ("20270122T080000Z", "20270122T170000Z"))
    said = course(original(), f"--clinic={clinic()}", f"--practitioner-busy={taken}", f"--start={START}")
    last = None
    for session in said["sessions"]:
        check(session["earliest_date"] <= session["date"] <= session["latest_date"], session)
        for at in session["appointments"]:
            check(day(at["date"]).weekday() in (0, 1, 3, 4), at) # closed on Wednesdays and weekends
            check("09:00" <= at["from"] < at["to"] <= "18:00" and not at["from"] < "13:00" < at["to"], at)
            check(at["date"] not in ("2027-01-21", "2027-01-22"), at)
            check(last is None or at["date"] > last, at)
            last = at["date"]
    check(said["time_zone"] == "Europe/Berlin")


@test
def why_says_what_stands_against_a_date():
    taken = busy("why", ("20270121T070000Z", "20270121T180000Z"))
    options = [f"--clinic={clinic()}", f"--practitioner-busy={taken}", f"--start={START}"]
    for date, word in (("2027-01-24", "closed"), ("2027-01-21", "taken"), ("2027-01-12", "earli"), ("2027-06-01", "late")):
        said = json.loads(done("course", original(), *options, f"--why=2={date}", "--json"))
        check(not said["possible"] and said["reasons"], said)
        check(any(word in reason.lower() for reason in said["reasons"]), said)
    said = json.loads(done("course", original(), *options, "--why=2=2027-01-22", "--json"))
    check(said["possible"], said)


@test
def a_missed_session_plans_the_rest_again_within_the_gaps():
    folder = copy("missed")
    done("course", folder, f"--done=1={START}", "--keep")
    said = course(folder, "--missed=2=2027-01-21", "--keep")
    check([e["event"] for e in said["events"]] == ["done", "missed"])
    first, second, third = (day(s["date"]) for s in said["sessions"])
    check(first == day(START) and second > day("2027-01-21"), second)
    check(21 <= (third - second).days <= 42, (second, third))
    check(said["sessions"][0]["state"] == "held")
    again = course(folder) # kept, not only said
    check(again["sessions"] == said["sessions"])
    check(str(second.day) in pdf_text(folder / "client.pdf"))
    calendar = (folder / "course.ics").read_text()
    check(second.strftime("%Y%m%d") in calendar and "20270121" not in re.findall(r"DTSTART[^\r\n]*", calendar)[0])


@test
def agreed_days_stay_although_the_busy_times_are_gone():
    folder = copy("agreed")
    taken = busy("agreed", ("20270121T070000Z", "20270121T180000Z"))
    agreed = course(folder, f"--clinic={clinic()}", f"--practitioner-busy={taken}", f"--start={START}", "--keep")
    check(agreed["sessions"][1]["date"] != "2027-01-21")
    check(course(folder)["sessions"] == agreed["sessions"])
    accepted = course(folder, "--accept=2027-01-05", "--keep")
    check(accepted["sessions"] == agreed["sessions"])
    moved = course(folder, "--move=3=2027-03-01")
    check(moved["sessions"][:2] == agreed["sessions"][:2] and moved["sessions"][2]["date"] == "2027-03-01")


@test
def a_session_before_the_one_before_it_is_refused():
    refused(run("course", original(), "--done=1=2027-01-11", "--done=2=2027-01-05"), "session 2")
    refused(run("course", original(), "--move=9=2027-01-05"), "--move", status=2)
    refused(run("course", original(), "--move=1=2027-02-30"), "2027-02-30", status=2)


@test
def an_accepted_quotation_is_frozen():
    folder = copy("accepted")
    total = course(folder)["quote"]["total_minor"]
    said = course(folder, "--accept=2027-01-08", "--keep")
    check(said["quote"]["accepted_on"] == "2027-01-08")
    dear = json.loads((ROOT / "prices/by_dots.json").read_text())
    text = json.dumps(dear).replace("15000", "30000")
    check(course(folder, f"--prices={write('dear.json', text)}")["quote"]["total_minor"] == total)
    fresh = course(folder, f"--prices={WORK / 'dear.json'}", "--new-quote")["quote"]
    check(fresh["total_minor"] > total and "accepted_on" not in fresh)
    refused(run("course", original(), "--accept=2028-01-08"), "2027")
    check("8 " in pdf_text(folder / "quote.pdf"))


@test
def sums_of_the_quotation_can_be_checked_by_hand():
    for prices in ("by_dots", "by_area", "by_hour", "per_session", "package", "by_stage"):
        quote = course(original(), f"--prices={prices}")["quote"]
        for line in quote["lines"]:
            exact = line["unit_price_minor"] * line["quantity_milli"] * line["factor_permille"]
            rounded = (abs(exact) + 500_000) // 1_000_000 * (1 if exact >= 0 else -1)
            check(line["amount_minor"] == rounded, (prices, line))
        lines = sum(line["amount_minor"] for line in quote["lines"])
        check(lines == (quote["total_minor"] if quote["tax_included"] else quote["net_minor"]), prices)
        check(quote["net_minor"] + quote["tax_minor"] == quote["total_minor"], prices)
        check(quote["deposit_minor"] + sum(quote["due_by_session_minor"]) == quote["total_minor"], prices)


@test
def a_protocol_with_other_sessions_is_shown_and_not_kept():
    folder = copy("other")
    before = tree(folder)
    said = course(folder, "--protocol=two_sessions")
    check(said["shared_out_again"] and len(said["sessions"]) == 2)
    refused(run("course", folder, "--protocol=two_sessions", "--keep"), "plan it again", "--protocol=two_sessions")
    check(tree(folder) == before)


@test
def a_protocol_with_the_same_sessions_can_be_kept_with_its_version():
    folder = copy("kept")
    dots = (folder / "dots.csv").read_bytes()
    done("course", folder, "--protocol=short_sessions", "--keep")
    kept = json.loads((folder / "protocol.json").read_text())
    check(kept == json.loads((ROOT / "protocols/short_sessions.json").read_text()))
    record = json.loads((folder / "case.json").read_text())
    check(record["parameters"]["protocol"] == {"id": "short_sessions", "protocol_version": kept["protocol_version"]})
    check((folder / "dots.csv").read_bytes() == dots)
    check(done("dots", "--check", folder, "--json") and "edited" not in done("dots", "--check", folder))


@test
def a_pace_from_the_practitioners_own_log_changes_the_hours():
    rows = ["date,dots,minutes"] + [f"2026-{month:02d}-03,6000,60" for month in range(1, 11)]
    fast = course(original(), f"--pace={write('pace.csv', chr(10).join(rows) + chr(10))}")
    usual = course(original())
    check(fast["pace"]["logged_sessions"] == 10 and fast["hours"]["expected"] < usual["hours"]["expected"])
    check(fast["hours"]["slow"] - fast["hours"]["fast"] < usual["hours"]["slow"] - usual["hours"]["fast"])
    refused(run("course", original(), f"--pace={write('bad.csv', 'date,dots,minutes' + chr(10) + '2026-01-03,6000,0' + chr(10))}"), "bad.csv", "2")


@test
def papers_come_in_the_clients_language_and_stay_so():
    folder = copy("language")
    done("report", folder, "--language=de", "--paper=letter")
    check("Sitzung" in pdf_text(folder / "client.pdf"))
    info = subprocess.run(["pdfinfo", folder / "client.pdf"], capture_output=True, text=True).stdout
    check("612 x 792" in info and re.search(r"Tagged: +yes", info), info)
    done("course", folder, "--missed=1=2027-01-11", "--keep")
    check("Sitzung" in pdf_text(folder / "client.pdf"))
    done("report", folder, "--language=ar")
    check(re.search("[\u0600-\u06ff]{4}", pdf_text(folder / "client.pdf")), "no Arabic")
    fonts = subprocess.run(["pdffonts", folder / "client.pdf"], capture_output=True, text=True).stdout
    check(all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:]), fonts)
    refused(run("report", folder, "--language=xx"), "'xx'", "en", "de", "ar")


@test
def names_in_any_script_are_printed_and_not_kept():
    folder = copy("names")
    for name in ("Żółć Ångström", "Иван Щукин", "محمد الأمين"):
        out = WORK / f"names-{len(name)}"
        done("report", folder, "--papers=consent,client", f"--client-name={name}", "-o", out, "--force")
        text = pdf_text(out / "consent.pdf")
        check(name.split()[0] in text or name.split()[0][::-1] in text or "\u0645" in text, name)
        check(all(name.encode() not in data for data in tree(folder).values()), "a name stands in the case")


@test
def a_clinics_letterhead_stays_with_the_case():
    folder = copy("letterhead")
    done("course", folder, f"--clinic={clinic(name='Studio Nine')}", "--keep")
    check("Studio Nine" in pdf_text(folder / "quote.pdf"))
    done("report", folder)
    check("Studio Nine" in pdf_text(folder / "quote.pdf"))


@test
def papers_without_matter_are_refused_by_name():
    folder = copy("matter")
    done("course", folder, "--prices=none", "--keep")
    check(not (folder / "quote.pdf").exists(), "a quotation without prices")
    refused(run("report", folder, "--papers=quote", "-o", WORK / "none"), "--prices")
    refused(run("report", folder, "--papers=nonsense"), "nonsense", "consent", status=2)
    refused(run("report", folder, "--formats=svg"), "--output", status=2)


@test
def answers_are_printed_and_not_kept():
    folder, answers = copy("answers"), {"schema": "follicle/answers", "version": 1, "screening": "standard",
                                        "screening_version": 1, "given_on": "2027-01-04",
                                        "answers": [{"id": "diabetes", "yes": True, "remark": "type one"}]}
    before = tree(folder)
    done("report", folder, "--papers=consent", f"--answers={write('answers.json', answers)}", "-o", WORK / "answered")
    check("letter" in pdf_text(WORK / "answered/consent.pdf"))
    check(tree(folder) == before)
    answers["screening_version"] = 7
    refused(run("report", folder, "--papers=consent", f"--answers={write('old.json', answers)}", "-o", WORK / "old"), "version 7")


@test
def what_the_clinic_asked_to_be_shown_comes_with_its_day():
    answers = {"schema": "follicle/answers", "version": 1, "screening": "standard", "screening_version": 1,
               "given_on": "2027-01-04", "answers": [{"id": "peel", "yes": True, "since": "2027-01-02"},
                                                     {"id": "wound", "yes": False}]}
    shown = course(original(), f"--answers={write('peel.json', answers)}")["screening"]
    found = {entry["question"]: entry for entry in shown["to_be_shown"]}
    check(not shown["answers_are_old"] and found["peel"]["until_date"] == "2027-01-16")
    check("wound" not in found and not found["diabetes"]["answered"])
    later = course(original(), f"--answers={WORK / 'peel.json'}", "--start=2027-01-18")["screening"]
    check("peel" not in {entry["question"] for entry in later["to_be_shown"]})
    check(course(original(), f"--answers={WORK / 'peel.json'}", "--start=2028-01-18")["screening"]["answers_are_old"])


@test
def a_killed_course_leaves_the_case_as_it_was_or_as_it_shall_be():
    folder, after = copy("killed"), copy("after")
    options = ["--done=1=2027-01-11", "--move=2=2027-01-25", "--keep"]
    done("course", after, *options)
    before, wanted, stopped = tree(folder), tree(after), 0
    for step in range(8):
        process = subprocess.Popen([FOLLICLE, "course", folder, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.05 + 0.25 * step)
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = tree(folder)
        check(now in (before, wanted), [name for name in now if now.get(name) != before.get(name)])
        if now == wanted:
            break
        stopped += 1
    check(stopped > 0, "no run was stopped in the middle")
    if tree(folder) != wanted:
        done("course", folder, *options)
    check(tree(folder) == wanted)


@test
def a_full_disk_leaves_the_case_as_it_was():
    if not os.path.exists("/dev/full"):
        raise Skip("/dev/full is missing")
    with open("/dev/full", "w") as full:
        result = subprocess.run([FOLLICLE, "course", original(), "--json"], stdout=full, stderr=subprocess.PIPE, text=True)
    refused(result, "cannot write")


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
