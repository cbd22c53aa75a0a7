#!/usr/bin/env python3
"""What iCalendar files take from a diary, against another expander: python3-dateutil and the zones of Python.

usage: calendars_end_to_end.py CALENDAR_ENTRIES [FILES]

Random calendars (events in five zones, whole days, rules, ends, exceptions) are expanded by both; every entry must be
the same, to the minute. dateutil counts weeks of a year within the year only, so weeks come with every year alone.
"""
import datetime, itertools, pathlib, random, subprocess, sys, tempfile, zoneinfo

try:
    from dateutil.rrule import rrulestr
except ImportError:
    print("1..0 # skipped: needs python3-dateutil")
    sys.exit(0)

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
UTC = datetime.timezone.utc


def moment(local, zone):
    """RFC 5545: a skipped time is meant on the clock before the gap, a doubled one is the first."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def some(rnd, values, least=1, most=3):
    return ",".join(str(value) for value in rnd.sample(values, rnd.randint(least, most)))


def by_parts(rnd, frequency):
    choice = rnd.random()
    if frequency == "DAILY":
        return ["BYMONTH=" + some(rnd, range(1, 13))] if choice < 0.3 else []
    if frequency == "WEEKLY":
        return (["BYDAY=" + some(rnd, DAYS)] if choice < 0.7 else []) + \
               (["WKST=" + rnd.choice(DAYS)] if rnd.random() < 0.5 else [])
    if frequency == "MONTHLY":
        if choice < 0.3:
            return [f"BYDAY={rnd.choice([1, 2, 3, 4, -1, -2])}{rnd.choice(DAYS)}"]
        if choice < 0.6:
            return ["BYMONTHDAY=" + some(rnd, [1, 2, 15, 28, 29, 30, 31, -1, -2, -31])]
        return ["BYDAY=MO,TU,WE,TH,FR", f"BYSETPOS={rnd.choice([1, -1, 3])}"] if choice < 0.75 else []
    if frequency == "YEARLY":
        if choice < 0.3:
            return [f"BYMONTH={rnd.randint(1, 12)}", f"BYDAY={rnd.choice([1, 2, -1])}{rnd.choice(DAYS)}"]
        if choice < 0.5:
            return [f"BYMONTHDAY={rnd.choice([1, 29, 31, -1])}", f"BYMONTH={rnd.randint(1, 12)}"]
        if choice < 0.7:
            return [f"BYYEARDAY={rnd.choice([1, 60, 366, -1, -366, 200])}"]
    return []


def random_rule(rnd, whole_days):
    frequency = rnd.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] + ([] if whole_days else ["HOURLY"]))
    interval = rnd.randint(5, 50) if frequency == "HOURLY" else rnd.choice([1, 1, 1, 2, 3, 4, 5])
    rule = [f"FREQ={frequency}", f"INTERVAL={interval}"]
    if frequency == "YEARLY" and rnd.random() < 0.1:
        return ["FREQ=YEARLY", f"BYWEEKNO={rnd.choice([1, 20, 53])}", f"BYDAY={rnd.choice(DAYS)}"]
    return rule + by_parts(rnd, frequency)


def limit_rule(rnd, rule, start, zone, whole_days, floating):
    """The rule as it is written, and as dateutil takes it, in local time."""
    choice = rnd.random()
    if choice < 0.3:
        count = [f"COUNT={rnd.randint(1, 400)}"]
        return rule + count, rule + count
    if choice < 0.4:
        return rule, rule
    until = start + datetime.timedelta(days=rnd.randint(1, 2000))
    met = list(itertools.islice(rrulestr(";".join(rule), dtstart=start), 30))
    if met and rnd.random() < 0.7:
        until = met[len(met) // 2]  # just an occurrence, which still counts
    local = until.strftime("%Y%m%dT%H%M%S")
    if whole_days:
        return rule + [f"UNTIL={until:%Y%m%d}"], rule + [f"UNTIL={local}"]
    written = local if floating else moment(until, zone).strftime("%Y%m%dT%H%M%SZ")
    return rule + [f"UNTIL={written}"], rule + [f"UNTIL={local}"]


def random_event(rnd, name, home, span):
    """The lines of an event, and what it takes of the span."""
    whole_days = rnd.random() < 0.2
    zone_name = "" if whole_days else rnd.choice(ZONES + ["", "UTC"])
    zone = UTC if zone_name == "UTC" else zoneinfo.ZoneInfo(zone_name or home)
    hour, minute = (0, 0) if whole_days else (rnd.randint(0, 23), rnd.choice([0, 0, 15, 30]))
    start = datetime.datetime(rnd.randint(2018, 2028), rnd.randint(1, 12), rnd.randint(1, 28), hour, minute)
    rule = random_rule(rnd, whole_days)
    if next(iter(rrulestr(";".join(rule), dtstart=start)), None) is None:
        return [], []  # no day fits: refused
    rule, local_rule = limit_rule(rnd, rule, start, zone, whole_days, zone_name == "")
    starts = {start}
    for at in rrulestr(";".join(local_rule), dtstart=start):
        if at.date() > span[1].date() + datetime.timedelta(days=3):
            break
        starts.add(at)
    without = set(rnd.sample(sorted(starts), min(len(starts), rnd.choice([0, 0, 1, 3]))))
    parameter = ";VALUE=DATE" if whole_days else f";TZID={zone_name}" if zone_name not in ("", "UTC") else ""
    form = "%Y%m%d" if whole_days else "%Y%m%dT%H%M%S" + ("Z" if zone_name == "UTC" else "")
    days, minutes = rnd.randint(1, 3), rnd.choice([30, 60, 90, 600, 2000])
    lines = ["BEGIN:VEVENT", f"UID:{name}", f"SUMMARY:{name}", f"DTSTART{parameter}:{start.strftime(form)}"]
    if rnd.random() < 0.5:
        lines.append(f"DURATION:P{days}D" if whole_days else f"DURATION:PT{minutes}M")
    elif whole_days:
        lines.append(f"DTEND;VALUE=DATE:{start + datetime.timedelta(days=days):%Y%m%d}")
    else:
        end = moment(start, zone) + datetime.timedelta(minutes=minutes)
        lines.append(f"DTEND:{end:%Y%m%dT%H%M%SZ}")
    lines.append("RRULE:" + ";".join(rule))
    if without:
        lines.append(f"EXDATE{parameter}:" + ",".join(at.strftime(form) for at in sorted(without)))
    lines.append("END:VEVENT")
    gone = {at if whole_days else moment(at, zone) for at in without}
    taken = []
    for at in starts:
        begin = moment(at, zone)
        if (at if whole_days else begin) in gone:
            continue
        end = moment(at + datetime.timedelta(days=days), zone) if whole_days \
            else begin + datetime.timedelta(minutes=minutes)
        if begin < span[1] and end > span[0]:
            taken.append((int(begin.timestamp()) // 60, int(end.timestamp()) // 60, name))
    return lines, taken


def compare(program, seed, folder):
    rnd = random.Random(seed)
    home = rnd.choice(ZONES)
    first = datetime.date(rnd.choice([2026, 2027, 2028]), rnd.randint(1, 12), rnd.randint(1, 28))
    last = first + datetime.timedelta(days=rnd.randint(30, 700))
    zone = zoneinfo.ZoneInfo(home)
    span = [moment(datetime.datetime.combine(day, datetime.time()), zone)
            for day in (first, last + datetime.timedelta(days=1))]
    lines, want = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests"], []
    for i in range(12):
        event, taken = random_event(rnd, f"event{i}", home, span)
        lines += event
        want += taken
    path = folder / f"{seed}.ics"
    path.write_text("\r\n".join(lines + ["END:VCALENDAR", ""]), newline="")
    run = subprocess.run([program, home, str(first), str(last), "practitioner", str(path)], capture_output=True,
                         text=True)
    got = []
    for line in run.stdout.splitlines():
        begin, end, name = line.split(" ", 2)
        got.append((int(begin), int(end), name))
    same = run.returncode == 0 and sorted(got) == sorted(want)
    if not same:
        print(f"# seed {seed}: {len(set(want) - set(got))} missing, {len(set(got) - set(want))} too many; "
              f"{run.stderr.strip()}")
    return same, len(want)


def main():
    program, files = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60
    with tempfile.TemporaryDirectory() as folder:
        results = [compare(program, seed, pathlib.Path(folder)) for seed in range(files)]
    entries = sum(count for _, count in results)
    print(f"# {files} calendars, {entries} entries")
    ok = all(same for same, _ in results) and entries > 100 * files
    print(f"{'ok' if ok else 'not ok'} 1 - calendars are expanded as another program does\n1..1")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
