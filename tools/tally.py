#!/usr/bin/env python3
"""Counts the single tests in the logs of one or more Meson builds: tally.py BUILD..."""
import json, pathlib, sys

passed = failed = 0
skipped = []
for build in sys.argv[1:]:
    for line in (pathlib.Path(build) / "meson-logs/testlog.json").read_text().splitlines():
        run = json.loads(line)
        out = run.get("stdout", "")
        cases = [l for l in out.splitlines() if l.startswith(("ok ", "not ok "))]
        bad = sum(l.startswith("not ok") for l in cases)
        name = run["name"].split(" / ")[-1]
        for l in out.splitlines():
            if l.startswith("# skipped") or "# SKIP" in l:
                skipped.append(f"{name}: {l.lstrip('# ')}")
        skips = sum(l.startswith("# skipped") or "# SKIP" in l for l in out.splitlines())
        said = []
        for l in out.splitlines(): # what a failed test said, then its name
            if l.startswith("not ok"):
                print("\n".join(said[-30:] + [f"failed: {name}: {l}"]))
            said = said + [l] if l.startswith("#") else []
        if cases:
            passed += max(len(cases) - bad - skips, 0)
            failed += bad
            if bad == 0 and run["result"] not in ("OK", "SKIP"):
                failed += 1
                print(f"failed: {name}: {run['result']}")
        elif run["result"] == "OK":
            passed += 1
        elif run["result"] == "SKIP":
            skipped.append(f"{name}: {out.strip().splitlines()[-1] if out.strip() else 'skipped'}")
        else:
            failed += 1
            print(f"failed: {name}: {run['result']}")
for line in skipped:
    print("skipped:", line)
print(f"{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""))
sys.exit(failed != 0)
