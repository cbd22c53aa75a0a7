#!/usr/bin/env python3
"""`follicle course` and `follicle report` as a practitioner runs them, on a case of the sample client.

usage: course_end_to_end.py FOLLICLE [PART OF A NAME]
"""
import datetime, json, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, time, unicodedata, zoneinfo

from tap import Skip, check, main, test

FOLLICLE = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = pathlib.Path(tempfile.mkdtemp(prefix="follicle-course-"))
START = "2027-01-11"
PAPERS = ["plan.pdf", "work.pdf", "client.pdf", "consent.pdf", "quote.pdf", "template.pdf", "course.ics"]
DATES = [f"--start={START}", "--quote-date=2027-01-04"]
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
        plan("original", "--norwood=6", *DATES)
    return folder


def client():
    """The scan of a client, and the tape around the head."""
    folder = WORK / "client"
    if not folder.exists():
        done("sample", "--seed=3", "--norwood=6", "--texture-px=512", "-o", folder)
    girth = re.search(r'"circumference_mm": ([0-9.]+)', (folder / "truth.json").read_text())[1]
    return [folder / "scan.glb", f"--circumference-mm={girth}"]


def plan(name, *options):
    done("plan", *client(), *options, "--picture-height-px=300", "-o", WORK / name)
    return WORK / name


def photographed():
    """Photographs of the same client; their cameras and close-ups are small."""
    folder = WORK / "photographed"
    if not folder.exists():
        done("sample", "--seed=3", "--norwood=6", "--texture-px=512", "--photos", "--follow-up", "--photo-px=1400", "-o", folder)
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


def pdf_size(path):
    return subprocess.run(["pdfinfo", path], capture_output=True, text=True).stdout


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
    for date, word in (("2027-01-24", "closed"), ("2027-01-21", "taken"), ("2027-01-12", "early"), ("2027-06-01", "late")):
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
def what_was_offered_is_what_is_accepted():
    folder = copy("offered")
    offered = course(folder, "--discount-percent=5", "--keep")["quote"]
    check([line["for"] for line in offered["lines"]][-1] == "discount")
    said = course(folder, "--accept=2027-01-08", "--keep")["quote"]
    check(said["total_minor"] == offered["total_minor"] and said["lines"] == offered["lines"])
    check(course(copy("offered2"), "--discount-percent=0")["quote"]["total_minor"] > offered["total_minor"])


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
def a_protocol_file_of_the_first_format_brings_its_own_prices():
    old = ROOT / "tests/data/format1/protocol.json"
    price = json.loads(old.read_text())["price"]
    quote = course(original(), f"--protocol={old}")["quote"]
    check((quote["list"], quote["currency"]) == ("old_standard", price["currency"]), quote["list"])
    dots = [line for line in quote["lines"] if line["for"] == "dots"]
    check(dots and all(line["unit_price_minor"] == price["per_1000_dots_minor"] for line in dots), quote["lines"])
    check(course(original(), f"--protocol={old}", "--prices=by_area")["quote"]["list"] == "by_area", "by_area")
    check("quote" not in course(original(), f"--protocol={old}", "--prices=none"), "none")


@test
def what_had_to_be_assumed_about_a_calendar_is_said():
    text = (ROOT / "tests/data/lying_zone.ics").read_text().replace("TZID=Europe/Berlin", "TZID=Nowhere Time")
    busy = f"--practitioner-busy={write('nowhere.ics', text)}"
    own = f"--clinic={clinic()}"
    said = run("course", original(), own, busy)
    check("warning: nowhere.ics: " in said.stderr, said.stderr)
    check(run("course", original(), own, busy, "--quiet").stderr == "", "quiet")
    as_json = run("course", original(), own, busy, "--json")
    notes = json.loads(as_json.stdout)["calendar_notes"]
    check([f"warning: {note}" for note in notes] == said.stderr.splitlines(), notes)
    check(as_json.stderr == "", as_json.stderr)


@test
def paper_and_program_say_the_same_years_of_the_same_client():
    folder = copy("habits")
    plain = course(folder)["touch_up"]["years"]
    kept = course(folder, "--sun=1", "--sweats", "--keep")["touch_up"]
    check(kept["years"]["expected"] < plain["expected"], kept)
    check({"sun", "sweat"} <= {reason["cause"] for reason in kept["reasons"]}, kept["reasons"])
    check(course(folder)["touch_up"] == kept, "kept")
    paper = (folder / "client.pdf").read_bytes()
    text = subprocess.run(["pdftotext", "-layout", folder / "client.pdf", "-"], capture_output=True, text=True).stdout
    years = re.search(r"touch-up\s+after\s+about\s+([0-9.]+)\s+years", text)
    check(years and abs(float(years[1]) - kept["years"]["expected"]) <= 0.51, text)
    done("report", folder, "--papers=client")
    check((folder / "client.pdf").read_bytes() == paper, "made again")


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


def has_word(text, word):
    """Readers give Arabic as shapes of letters and in the order of the paper: the same letters are the same word."""
    letters = sorted(unicodedata.normalize("NFKC", word))
    text = re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", " ", text) # which way to read
    return any(sorted(unicodedata.normalize("NFKC", found)) == letters for found in text.split())


@test
def names_in_any_script_are_printed_and_not_kept():
    folder = copy("names")
    before = tree(folder)
    for number, name in enumerate(("Żółć Ångström", "Иван Щукин", "محمد الأمين")):
        out = WORK / f"names-{number}"
        done("report", folder, "--papers=consent,client,quote", f"--client-name={name}", "-o", out)
        for paper in ("consent.pdf", "client.pdf", "quote.pdf"):
            text = pdf_text(out / paper)
            check(all(has_word(text, word) for word in name.split()), (name, paper))
            check("unnamed" not in text, (name, paper))
    check(tree(folder) == before, "the case was touched")
    done("report", folder, "--client-name=Иван Щукин") # into the case: printed, and in no document of data
    check(all(name.endswith(".pdf") or "Иван".encode() not in data for name, data in tree(folder).items()))


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


# --- other cases than the usual head ---

@test
def every_kind_of_case_has_its_papers_and_gives_them_again():
    kinds = {"scar": (["--preset=scar_strip"], 4), "small": (["--preset=patches"], 2), "women": (["--ludwig=2", "--ignore-stubble"], 3),
             "wished": (["--norwood=3", "--sessions=4", "--protocol=standard"], 4)}
    for name, (options, sessions) in kinds.items():
        folder = plan(name, *options, *DATES)
        holds_together(name, folder, sessions)
        check(len(course(folder)["sessions"]) == sessions, name)


def holds_together(name, folder, sessions):
    """All papers are there, say the same number of sessions, and come out of the folder as they are."""
    done("report", folder, "-o", WORK / f"{name}-again")
    again = tree(WORK / f"{name}-again")
    check(sorted(again) == sorted(PAPERS), (name, sorted(again)))
    for paper, data in again.items():
        check(data == (folder / paper).read_bytes(), (name, paper))
    plan_text, work = pdf_text(folder / "plan.pdf"), pdf_text(folder / "work.pdf")
    for number in range(1, sessions + 1):
        check(f"Session {number}" in plan_text and f"Session {number}:" in work, (name, number))
    check(f"Session {sessions + 1}" not in plan_text and f"Session {sessions + 1}:" not in work, name)
    check(f"{sessions} sessions are planned" in pdf_text(folder / "consent.pdf"), name)
    starts = re.findall(r"SUMMARY:Appointment (\d) of (\d)", (folder / "course.ics").read_text())
    check(starts == [(str(k), str(sessions)) for k in range(1, sessions + 1)], (name, starts))


@test
def a_case_from_photographs_has_its_papers_and_gives_them_again():
    photos = photographed()
    head = json.loads((photos / "truth.json").read_text())["head"]
    places = json.loads((photos / "truth.json").read_text())["landmarks_mm"]
    height = places["vertex"][1] - (places["tragion_left"][1] + places["tragion_right"][1]) / 2
    done("plan", *[photos / f"{view}.jpg" for view in ("front", "left")], f"--clicks={photos / 'photos.json'}",
         f"--length-mm={head['length_mm']}", f"--breadth-mm={head['breadth_mm']}", f"--circumference-mm={head['circumference_mm']}",
         f"--height-mm={height:.1f}", "--norwood=6", *DATES, "--picture-height-px=220", "--naturalness=0", "-o", WORK / "photos-case")
    holds_together("photos", WORK / "photos-case", 3)


@test
def a_patch_from_one_photograph_has_its_papers_and_gives_them_again():
    done("plan", photographed() / "visit-before.jpg", "--place=crown", *DATES, "--picture-height-px=220", "-o", WORK / "patch-case")
    holds_together("patch", WORK / "patch-case", len(course(WORK / "patch-case")["sessions"]))
    check(len(json.loads(done("course", WORK / "patch-case", "--compare", "--json"))["courses"]) >= len(PRESETS))


@test
def every_paper_comes_on_letter_with_its_fonts():
    out = WORK / "letter"
    done("report", original(), "--paper=letter", "-o", out)
    for name in PAPERS[:-1]:
        check("612 x 792" in pdf_size(out / name) and "595.276 x 841.89" in pdf_size(original() / name), name)
        fonts = subprocess.run(["pdffonts", out / name], capture_output=True, text=True).stdout.splitlines()[2:]
        check(fonts and all(line.split()[-5] == "yes" for line in fonts), (name, fonts))
    check((out / "course.ics").read_bytes() == (original() / "course.ics").read_bytes())


@test
def one_thread_and_four_give_the_same_case_with_all_its_papers():
    one, four = (tree(plan(f"threads-{count}", "--norwood=3", *DATES, f"--threads={count}")) for count in (1, 4))
    check(set(PAPERS) <= set(one) and [name for name in one if one[name] != four.get(name)] == [] and set(one) == set(four))


# --- protocols ---

@test
def a_temporary_protocol_takes_a_pigment_that_goes():
    folder = plan("temporary", "--norwood=3", "--protocol=temporary", *DATES)
    used = json.loads((folder / "case.json").read_text())["parameters"]["pigment"]
    check(used["kind"] == "absorbable", used)
    usual = json.loads((original() / "case.json").read_text())["parameters"]["pigment"]
    check(usual["kind"] == "permanent", usual)
    before = tree(folder)
    refused(run("course", folder, "--protocol=standard", "--keep"), "absorbable", "permanent", "plan it again")
    check(tree(folder) == before)
    refused(run("course", original(), "--protocol=temporary", "--keep"), "absorbable", "permanent")
    check(course(original(), "--protocol=temporary")["touch_up_years"]["high"] <= 1)


@test
def a_protocol_file_of_the_first_format_keeps_its_sessions_and_prices():
    old = json.loads((ROOT / "tests/data/format1/protocol.json").read_text())
    old["price"] |= {"currency": "EUR", "per_1000_dots_minor": 20000, "deposit_permille": 250}
    folder = plan("format1", "--norwood=3", f"--protocol={write('format1.json', old)}", *DATES)
    said = course(folder)
    check(said["protocol"]["id"] == "old_standard" and len(said["sessions"]) == 3)
    quote, dots = said["quote"], sum(session["dots"] for session in said["sessions"])
    check(quote["currency"] == "EUR" and abs(quote["net_minor"] - 20 * dots) <= 20 * len(quote["lines"]), quote)
    check(abs(quote["deposit_minor"] - quote["total_minor"] / 4) <= 1, quote)
    check("EUR" in pdf_text(folder / "quote.pdf"))
    holds_together("format1", folder, 3)


@test
def a_discount_that_was_agreed_stays():
    folder, total = copy("discount"), course(original())["quote"]["total_minor"]
    less = course(folder, "--discount-percent=10", "--keep")["quote"]["total_minor"]
    check(abs(less - 0.9 * total) <= 1, (less, total))
    check(course(folder)["quote"]["total_minor"] == less)
    check(course(folder, "--missed=1=2027-01-11", "--keep")["quote"]["total_minor"] == less)
    check(course(folder, "--discount-percent=0")["quote"]["total_minor"] == total)


# --- dates ---

@test
def appointments_across_the_change_of_the_clock_are_at_the_right_moment():
    try:
        import icalendar
    except ImportError:
        raise Skip("python3-icalendar is missing")
    folder, zone, utc = copy("clock"), zoneinfo.ZoneInfo("Europe/Berlin"), datetime.timezone.utc
    said = course(folder, f"--clinic={clinic()}", "--start=2027-03-22", "--keep") # the clock changes on 28 March
    wanted = [(datetime.datetime.fromisoformat(f"{at['date']}T{at['from']}").replace(tzinfo=zone).astimezone(utc),
               datetime.datetime.fromisoformat(f"{at['date']}T{at['to']}").replace(tzinfo=zone).astimezone(utc))
              for session in said["sessions"] for at in session["appointments"]]
    calendar = icalendar.Calendar.from_ical((folder / "course.ics").read_bytes())
    timed = [event for event in calendar.walk("VEVENT") if isinstance(event.decoded("DTSTART"), datetime.datetime)]
    got = [(event.decoded("DTSTART").astimezone(utc), event.decoded("DTEND").astimezone(utc))
           for event in timed if str(event["SUMMARY"]).startswith("Appointment")]
    check(sorted(got) == sorted(wanted), (got, wanted))
    check({start.hour for start, _ in got} == {8, 7} and all(start.astimezone(zone).hour == 9 for start, _ in got), got)
    check(len({str(event["UID"]) for event in calendar.walk("VEVENT")}) == len(calendar.walk("VEVENT")))


@test
def a_course_can_begin_on_a_leap_day():
    folder = copy("leap")
    said = course(folder, "--start=2028-02-29", "--keep")
    dates = [day(session["date"]) for session in said["sessions"]]
    check(dates[0] == datetime.date(2028, 2, 29), dates)
    check([(b - a).days for a, b in zip(dates, dates[1:])] == [10, 28], dates)
    text = (folder / "course.ics").read_text()
    check("DTSTART;VALUE=DATE:20280229\r\nDTEND;VALUE=DATE:20280301" in (folder / "course.ics").read_bytes().decode(), text[:400])
    check("29 February 2028" in pdf_text(folder / "plan.pdf") and course(folder) == course(folder))
    refused(run("course", folder, "--start=2027-02-29"), "2027-02-29", status=2)


@test
def holidays_that_repeat_are_kept_and_their_exceptions_are_open():
    rule = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", "UID:thursdays", "DTSTAMP:20270101T000000Z",
            "DTSTART;VALUE=DATE:20270107", "DTEND;VALUE=DATE:20270108", "RRULE:FREQ=WEEKLY;BYDAY=TH;UNTIL=20270331",
            "EXDATE;VALUE=DATE:20270218", "SUMMARY:closed", "END:VEVENT", "END:VCALENDAR", ""]
    holidays = "--holidays=" + str(write("holidays.ics", "\r\n".join(rule)))
    usual = [session["date"] for session in course(original())["sessions"]]
    check(usual[1:] == ["2027-01-21", "2027-02-18"], usual) # both are Thursdays
    dates = [session["date"] for session in course(original(), holidays)["sessions"]]
    check(all(day(date).weekday() != 3 or date == "2027-02-18" for date in dates), dates)
    said = json.loads(done("course", original(), holidays, "--why=2=2027-01-21", "--json"))
    check(not said["possible"] and any("holidays.ics" in reason or "closed" in reason for reason in said["reasons"]), said)
    for date, possible in (("2027-02-11", False), ("2027-02-18", True)):
        said = json.loads(done("course", original(), holidays, f"--why=3={date}", "--json"))
        check(said["possible"] == possible, said)


# --- what is damaged or old ---

@test
def a_damaged_document_is_refused_by_its_name_and_never_replaced():
    folder = copy("damaged")
    for name in ("course.json", "protocol.json", "prices.json", "dots.csv", "case.json"):
        whole = (folder / name).read_bytes()
        for spoiled in (b"", whole[:len(whole) // 2 - 7], whole.replace(b'"version": ', b'"version": 9', 1).replace(b"\n1", b"\nx", 1)):
            (folder / name).write_bytes(spoiled)
            before = tree(folder)
            for command in (["course", folder, "--protocol=standard", "--keep"], ["report", folder], ["course", folder, "--compare"]):
                result = run(*command)
                refused(result, name.split(".")[0])
                check(name in result.stderr or name == "case.json", result.stderr)
                check(len(result.stderr.strip().splitlines()) == 1 and result.stdout == "", result.stderr)
            check(tree(folder) == before)
        (folder / name).write_bytes(whole)
    check(course(folder) == course(original()))


@test
def a_case_of_an_older_program_says_what_to_do_and_can_be_renewed():
    folder = copy("older")
    for name in ("protocol.json", "prices.json", "work.pdf", "consent.pdf", "quote.pdf"): # which that program did not write
        (folder / name).unlink()
    text = (folder / "course.json").read_text()
    (folder / "course.json").write_text(text.replace('"version": 2', '"version": 1', 1))
    before = tree(folder)
    for command in (["course", folder], ["report", folder], ["course", folder, "--keep"]):
        refused(run(*command), "older program", "--protocol=NAME --keep")
    check(tree(folder) == before)
    check(done("dots", "--check", folder))
    done("course", folder, "--protocol=standard", *DATES, "--keep")
    renewed, wanted = tree(folder), tree(original())
    check([name for name in wanted if renewed.get(name) != wanted[name]] == [], "not as a new plan is")


# --- memory ---

def peak_mb(*args):
    """Exit status, what it said and the most memory that it held."""
    reader, writer = os.pipe()
    process = subprocess.Popen([FOLLICLE, *map(str, args)], stdout=subprocess.DEVNULL, stderr=writer)
    os.close(writer)
    with os.fdopen(reader) as talk:
        said = talk.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, usage.ru_maxrss / 1024


@test
def commands_keep_within_their_memory_and_refuse_too_little_in_one_sentence():
    if os.environ.get("ASAN_OPTIONS") or os.environ.get("TSAN_OPTIONS"):
        raise Skip("a sanitizer needs its own memory")
    folder = copy("memory")
    whole = ["plan", *client(), "--norwood=6", *DATES, "--quiet", "--force", "-o", WORK / "memory-plan"]
    for name, command in (("plan", whole), ("course", ["course", folder, "--move=1=2027-01-12", "--keep"]),
                          ("report", ["report", folder, "--quiet"])):
        status, said, peak = peak_mb(*command)
        print(f"# {name}: {peak:.0f} MB at the default limit of 1024 MB")
        check(status == 0 and peak < 1024, (name, status, said, peak))
    for kept, command in ((WORK / "memory-plan", whole), (folder, ["course", folder, "--move=1=2027-01-13", "--keep"]), (folder, ["report", folder])):
        before = tree(kept)
        for limit in (64, 100):
            status, said, peak = peak_mb(*command, f"--memory-mb={limit}")
            check(status == 1 and "memory" in said and len(said.strip().splitlines()) == 1, (command, limit, status, said))
            check(peak < limit + 100, (command, limit, peak)) # the libraries' own code and tables beside
            check(tree(kept) == before)


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
