#!/usr/bin/env python3
"""Do the links of the documentation lead anywhere? Every relative link, picture and #anchor of the Markdown files in git.

usage: tools/links.py [--check]     --check says nothing when all is right (the lint test `links`)

Pages of other servers are not asked for. Anchors are those that GitHub makes of headings; a file that is linked must be in git,
so that it is there for others, too. Paths of the repository that stand between marks (`docs/rules.md`) are looked for as well,
where their folder is one of LOOKED_FOR; words in capitals (`po/LANGUAGE.po`) stand for something.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOOKED_FOR = ("bench", "docs", "pigments", "po", "presets", "prices", "protocols", "rules", "screening", "spectra", "src", "tests", "tools", "web")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
MARK = re.compile(r"`([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+)`")


def without_code(text):
    """Fenced and indented blocks and marks hold no links; their lines stay, for the line numbers."""
    lines, fenced, blank = [], False, True
    for line in text.splitlines():
        fence = line.lstrip().startswith("```")
        code = fenced or fence or (blank and line.startswith("    "))
        fenced ^= fence
        lines.append("" if code else re.sub(r"`[^`]*`", "", line))
        blank = not line.strip() or (code and not fence)
    return lines


def anchor(heading):
    """As GitHub: marks and links bare, lower case, punctuation gone, blanks to hyphens."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def anchors(path, known={}):
    if path not in known:
        seen, found, fenced = {}, set(), False
        for line in path.read_text(encoding="utf-8").splitlines():
            fenced ^= line.lstrip().startswith("```")
            match = None if fenced else re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
            if match:
                name = anchor(match[1])
                count = seen.get(name, 0)
                seen[name] = count + 1
                found.add(f"{name}-{count}" if count else name)
        known[path] = found
    return known[path]


def refusal(page, target, kept):
    """Why a link of a page leads nowhere; None when it is right."""
    if re.match(r"[a-z]+:", target):
        return None
    name, _, fragment = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if path != ROOT and ROOT not in path.parents:
        return "leads out of the repository"
    inside = path.relative_to(ROOT).as_posix()
    if inside not in kept and not any(file.startswith(inside + "/") for file in kept):
        return "is not in git" if path.exists() else "is not there"
    if fragment and path.suffix == ".md" and fragment not in anchors(path):
        return f"has no heading '{fragment}'"
    return None


def check_page(page, kept):
    text = page.read_text(encoding="utf-8")
    for number, line in enumerate(without_code(text), 1):
        for match in LINK.finditer(line):
            why = refusal(page, match[1], kept)
            if why:
                yield number, f"({match[1]}) {why}"
    for number, line in enumerate(text.splitlines(), 1):
        for match in MARK.finditer(line):
            path = match[1]
            template = any(word.isupper() for word in re.split(r"[/._-]", path))  # po/LANGUAGE.po is no file
            if path.split("/")[0] in LOOKED_FOR and "." in path.split("/")[-1] and not template and path not in kept:
                yield number, f"`{path}` is not in git"


def main():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    kept = set(listed.stdout.split("\n")) if listed.returncode == 0 else {
        path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()}
    pages = sorted(ROOT / name for name in kept if name.endswith(".md"))
    bad = [f"{page.relative_to(ROOT)}:{number}: {text}" for page in pages for number, text in check_page(page, kept)]
    for line in bad:
        print(line)
    if "--check" not in sys.argv[1:]:
        print(f"{len(pages)} pages, {len(bad)} links that lead nowhere")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
