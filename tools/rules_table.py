#!/usr/bin/env python3
"""Writes the table of docs/rules.md from rules/guard_rails.json.

  rules_table.py           writes it
  rules_table.py --check   fails when what stands there is not what would be written
"""
import json, pathlib, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE, RULES = ROOT / "docs/rules.md", ROOT / "rules/guard_rails.json"
BEGIN, END = "<!-- rules_table.py begins -->\n", "<!-- rules_table.py ends -->\n"
GROUPS = [("refuse", "Not to be carried out"),
          ("confirm", "Client and practitioner agree by name before work starts"),
          ("warn", "Worth saying")]
UNITS = {"deg": "degrees", "per_cm2": "per cm²", "cm2": "cm²", "times": "times", "share": "of the density behind"}


def limit_words(rule):
    limit = rule.get("limit")
    if limit is None:
        return "an answer"
    words = f"{limit['value']:g} {UNITS.get(limit['unit'], limit['unit'])}"
    if "per_decade" in limit:
        words += f", {limit['per_decade']:g} more per decade after {limit['from_years']:g}"
    return words


def cell(text):
    return text.replace("|", "\\|")


def table(rules):
    lines = []
    for severity, title in GROUPS:
        chosen = [rule for rule in rules if rule["severity"] == severity]
        lines += [f"### {severity}: {title[0].lower() + title[1:]}", "",
                  "| rule | what is wrong | limit | what to do | source | trust |", "|---|---|---|---|---|---|"]
        lines += ["| " + " | ".join(cell(text) for text in
                                    (f"`{rule['id']}`", rule["title"], limit_words(rule), rule["advice"], rule["source"],
                                     rule["trust"])) + " |" for rule in chosen]
        lines.append("")
    return "\n".join(lines)


def main():
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    wanted = before + BEGIN + "\n" + table(json.loads(RULES.read_text(encoding="utf-8"))["rules"]) + "\n" + END + after
    if "--check" in sys.argv[1:]:
        if page != wanted:
            print("docs/rules.md does not say what rules/guard_rails.json says: run tools/rules_table.py")
        return page != wanted
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
