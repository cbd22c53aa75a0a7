#!/usr/bin/env python3
"""Writes the tables of docs/protocols.md from protocols/*.json.

  protocol_table.py           writes them
  protocol_table.py --check   fails when what stands there is not what would be written

The program makes the first table too (protocol_compare_text), by code of its own;
protocol_compare_test compares the two.
"""
import json, pathlib, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/protocols.md"
IDS = ["standard", "ten_days_four_weeks", "short_sessions", "numbing_optional", "two_or_three", "numbing_first"]
FOR_GOOD = 3650
LISTS = ["expect", "aftercare", "call"]


def span(low, high):
    return f"{low:g}-{high:g}" if low < high else f"{low:g}"


def counts(part, own):
    return not own or "as_in" not in part


def sessions(p, own):
    numbers = [len(v["sessions"]) for v in p["variants"] if counts(v, own)]
    return span(min(numbers), max(numbers)) if numbers else None


def gap(p, before, own):
    for v in p["variants"]:
        if len(v["sessions"]) > before:
            days = v["sessions"][before]["after_days"]
            return f"{days['target']} ({days['min']}-{days['max']})" if counts(days, own) else None
    return None


def hours(p):
    stated = [s["hours"] for s in p["variants"][0]["sessions"] if "hours" in s]
    return span(min(h["low"] for h in stated), max(h["high"] for h in stated)) if stated else None


def numbing(p, own):
    n = p["practice"]["numbing"]
    if not counts(n, own):
        return None
    return "always, first" if n["required"] else "on request" if n["offered"] else "none"


def patch_test(p, own):
    test = p["practice"]["patch_test"]
    if not counts(test, own):
        return None
    return f"{test['hours_before']:g} h before, valid for {test['valid_days']} days" if test["required"] else "not asked for"


def dots(p):
    mm = p["practice"].get("dots_mm")
    return span(mm["low"], mm["high"]) if mm else None


def touch_up(p, own):
    years = p["touch_up"]["years"]
    return span(years["low"], years["high"]) if counts(p["touch_up"], own) else None


PLAIN = [("pigment", lambda p, own: p["pigment"]), ("sessions", sessions)]
PLAIN += [(f"days before session {n}", lambda p, own, n=n: gap(p, n - 1, own)) for n in (2, 3, 4)]
PLAIN += [("hours of a session", lambda p, own: hours(p)), ("numbing", numbing), ("patch test", patch_test),
          ("dots, mm", lambda p, own: dots(p)), ("touch-up, years", touch_up)]


def days(first, last):
    return f"from {first}" if last >= FOR_GOOD else f"{first}" if first == last else f"{first} to {last}"


def merged(ranges):
    """Ranges that meet become one."""
    out = []
    for first, last in ranges:
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(last, out[-1][1]))
        else:
            out.append((first, last))
    return out


def said_by_day(p, name, topic, own):
    rules = [r for r in p[name] if r["topic"] == topic and counts(r, own)]
    if not rules:
        return None
    if name != "aftercare":
        ranges = [(r["from_day"], r["to_day"]) for r in rules]
        return ", ".join(days(*r) for r in (merged(ranges) if name == "expect" else ranges))
    parts = []
    for rule in rules:
        if not parts or parts[-1][0] != rule["kind"]:
            parts.append((rule["kind"], []))
        parts[-1][1].append(days(rule["from_day"], rule["to_day"]))
    words = {"do": "do: ", "dont": "no: "}
    return "; ".join(words[kind] + ", ".join(list_) for kind, list_ in parts)


def topics(protocols):
    yield from PLAIN
    for name in LISTS:
        seen = []
        for p in protocols:
            for rule in p[name]:
                if rule["topic"] not in seen:
                    seen.append(rule["topic"])
        for topic in seen:
            yield f"{name}: {topic}", lambda p, own, name=name, topic=topic: said_by_day(p, name, topic, own)


def cell(says, uses):
    if says is None:
        return f"({uses})" if uses is not None else ""
    return says if uses == says else f"{says} ({uses})"


def comparison(protocols):
    lines = ["| | differ | " + " | ".join(p["id"] for p in protocols) + " |", "|---|---|" + "---|" * len(protocols)]
    for name, ask in topics(protocols):
        says = [ask(p, True) for p in protocols]
        differ = "yes " if len({s for s in says if s is not None}) > 1 else ""
        lines.append(f"| {name} | {differ}| " + " | ".join(cell(s, ask(p, False)) for s, p in zip(says, protocols)) + " |")
    return "\n".join(lines) + "\n"


def own_statements(p):
    """(what, says, source) of all that a practice says of its own, beside the shares of its sessions."""
    for v in p["variants"]:
        if counts(v, True):
            yield f"{len(v['sessions'])} sessions: {v['when'][0].lower() + v['when'][1:]}", "", v["source"]
    for name, says, part in (("numbing", numbing(p, True), p["practice"]["numbing"]),
                             ("dots, mm", dots(p), p["practice"].get("dots_mm")),
                             ("touch-up, years", touch_up(p, True), p["touch_up"])):
        if says:
            yield name, says, part["source"]
    for name in ("expect", "aftercare"):
        for rule in p[name]:
            if counts(rule, True):
                yield f"{name}: {rule['topic']}", f"{days(rule['from_day'], rule['to_day'])}: {rule['text']}", rule["source"]


def sources(protocols):
    lines = []
    for p in protocols:
        lines += [f"### {p['id']}: {p['title']}", "", p["source"], "", "| what | says | rests on |", "|---|---|---|"]
        lines += [f"| {what} | {says} | {source} |" for what, says, source in own_statements(p)]
        lines.append("")
    return "\n".join(lines)


def between(page, name, text):
    begin, end = f"<!-- {name} begins -->\n", f"<!-- {name} ends -->\n"
    before, rest = page.split(begin)
    return before + begin + "\n" + text + "\n" + end + rest.split(end)[1]


def main():
    protocols = [json.loads((ROOT / "protocols" / f"{name}.json").read_text(encoding="utf-8")) for name in IDS]
    page = PAGE.read_text(encoding="utf-8")
    wanted = between(between(page, "comparison", comparison(protocols)), "sources", sources(protocols).rstrip("\n") + "\n")
    if "--check" in sys.argv[1:]:
        if page != wanted:
            print("docs/protocols.md does not say what protocols/*.json say: run tools/protocol_table.py")
        return page != wanted
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
