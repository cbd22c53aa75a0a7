#!/usr/bin/env python3
"""Collects the texts that a client reads and keeps po/ up to date with them (docs/languages.md).

  words.py            writes po/follicle.pot and merges the texts into po/*.po
  words.py --check    fails when they are not up to date, when a catalogue that says "X-Complete: yes" lacks a
                      translation, when places or plural forms differ, when a call fills other places than its text has,
                      or when a text has a word that is not for clients
  words.py --missing LANGUAGE   prints what is not translated yet
  words.py --forget             updates, and drops the translations of texts that are gone
"""
import collections, json, pathlib, re, shutil, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PO = ROOT / "po"

# --- where texts come from ---

# In C: at which argument (from 0) the context, the English, the plural and the first name of a place stand.
Call = collections.namedtuple("Call", "context english many values", defaults=(None, None, None, None))
CALLS = {
    "words_say": Call(english=1),
    "words_in": Call(context=1, english=2),
    "words_fill": Call(english=1, values=2),
    "words_plural": Call(english=2, many=3, values=4),
    "N_": Call(english=0),
    "NC_": Call(context=0, english=1),
}
C_FILES = "src/*/*.c"
NO_C_FILES = re.compile(r"_(test|fuzz|bench|main)\.c$")

# In data: files, and where in them; [] is every item of a list or every value of an object, and where it ends in a
# list of texts, each of them.
DATA = [
    ("protocols/*.json", ["title", "variants[].when", "touch_up.factors[].text", "touch_up.factors[].text_opposite",
                          "expect[].text", "aftercare[].text", "call[].text", "notes[].text"]),
    ("prices/*.json", ["title"]),
    ("screening/*.json", ["title", "questions[].group", "questions[].ask", "questions[].text"]),
    ("rules/*.json", ["rules[].title"]),
    ("pigments/*.json", ["name"]),
]

# Words that a cosmetic procedure's papers avoid, by language: what is sold is no medicine and the program decides
# nothing about health (MDR 2017/745 Art. 2: the intended purpose is what the maker says).
AVOID = {
    "en": r"patients?\b|treat(ment|ments|ed|ing|s)?\b|therap|diagnos|contraindicat|suitab|clinical outcome|medical",
    "de": r"patient|behandl|therap|diagnos|kontraindi|medizin",
    "ar": r"مريض|مرضى|علاج|تشخيص|\bطبي(?:ة)?\b",
}
# A text that needs such a word to deny it, or to name a person: its English.
AVOID_NOT = set()

# --- texts ---


class Text:
    """An entry of a catalogue: the key is (context, english)."""

    def __init__(self, context, english, many=None):
        self.context, self.english, self.many = context, english, many
        self.places_in, self.flags, self.notes, self.forms = [], set(), [], []

    @property
    def key(self):
        return self.context, self.english

    def is_translated(self):
        return "fuzzy" not in self.flags and bool(self.forms) and all(self.forms)


PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def places(text):
    return set(PLACE.findall(text))


problems = []


def problem(words):
    problems.append(words)


# --- C ---

TOKEN = re.compile(r"""(?P<skip>/\*.*?\*/|//[^\n]*|\s+|^[ \t]*\#[^\n]*(?:\\\n[^\n]*)*)|(?P<text>"(?:\\.|[^"\\])*")|(?P<char>'(?:\\.|[^'\\])+')"""
                   r"""|(?P<word>[A-Za-z_]\w*)|(?P<other>.)""", re.S | re.M)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.S)


def unescape(literal):
    """The bytes of a C string literal, as text: \\xE2\\x80\\x93 is a character in three bytes."""
    out = bytearray()
    at = 1
    while at < len(literal) - 1:
        match = ESCAPE.match(literal, at)
        if not match:
            out += literal[at].encode()
            at += 1
            continue
        code = match[1]
        if code[0] == "u":
            out += chr(int(code[1:], 16)).encode()
        elif code[0] == "x":
            out.append(int(code[1:], 16))
        else:
            out += {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "'": "'"}[code].encode()
        at = match.end()
    return out.decode()


def tokens_of(source):
    return [(m.lastgroup, m[0], m.start()) for m in TOKEN.finditer(source) if m.lastgroup != "skip"]


def arguments(tokens, at):
    """The arguments of a call whose '(' is at `at`, each a list of tokens; and where its ')' is."""
    depth, args = 0, [[]]
    for i in range(at, len(tokens)):
        sign = tokens[i][1] if tokens[i][0] == "other" else ""
        if sign and sign in "([{":
            depth += 1
            if depth == 1:
                continue
        if sign and sign in ")]}":
            depth -= 1
            if depth == 0:
                return args, i
        if sign == "," and depth == 1:
            args.append([])
        else:
            args[-1].append(tokens[i])
    return args, len(tokens)


def literal(arg):
    """The text of an argument made of string literals only; else None."""
    if not arg or any(kind != "text" for kind, _, _ in arg):
        return None
    return "".join(unescape(text) for _, text, _ in arg)


def marked_elsewhere(arg):
    """Texts within it stand in calls of their own: N_(), words_say(), a value that is filled in."""
    return any(word in CALLS for kind, word, _ in arg if kind == "word")


def check_values(where, english, many, args):
    names = [literal(arg) for arg in args[0::2]]
    if None in names:
        return
    wanted = places(english) | (places(many) - {"n"} if many else set())
    if many:
        wanted -= {"n"}
    if len(args) % 2:
        problem(f"{where}: '{english}': a name without a value")
    for name in sorted(wanted - set(names)):
        problem(f"{where}: '{english}': nothing is filled in for {{{name}}}")
    for name in sorted(set(names) - wanted):
        problem(f"{where}: '{english}' has no place {{{name}}}")


def texts_of_call(where, name, args):
    call = CALLS[name]
    pick = lambda i: literal(args[i]) if i is not None and i < len(args) else None
    english, many, context = pick(call.english), pick(call.many), pick(call.context)
    given = args[call.english] if call.english < len(args) else []
    if english is None:
        if any(kind == "text" for kind, _, _ in given) and not marked_elsewhere(given):
            problem(f"{where}: {name}(): put the English in N_(), it is not the whole argument")
        return None
    if call.context is not None and context is None:
        problem(f"{where}: {name}(\"{english}\"): the context is no literal")
    if call.many is not None and many is None:
        problem(f"{where}: {name}(\"{english}\"): the plural is no literal")
        return None
    if many and places(english) - {"n"} != places(many) - {"n"}:
        problem(f"{where}: '{english}' and '{many}' have different places")
    if call.values is not None:
        check_values(where, english, many, args[call.values:])
    return Text(context or "", english, many)


def texts_of_c(path):
    source = path.read_text(encoding="utf-8")
    tokens = tokens_of(source)
    name = path.relative_to(ROOT).as_posix()
    for i, (kind, word, start) in enumerate(tokens[:-1]):
        if kind == "word" and word in CALLS and tokens[i + 1][1] == "(":
            where = f"{name}:{source.count(chr(10), 0, start) + 1}"
            text = texts_of_call(where, word, arguments(tokens, i + 1)[0])
            if text:
                text.places_in = [name]
                yield text


# --- data ---


def values_at(value, path):
    """Every text at a path such as aftercare[].text."""
    if not path:
        return [value] if isinstance(value, str) else []
    head, _, rest = path.partition(".")
    name, many = (head[:-2], True) if head.endswith("[]") else (head, False)
    inner = value.get(name) if isinstance(value, dict) else None
    if inner is None:
        return []
    items = (inner.values() if isinstance(inner, dict) else inner) if many else [inner]
    return [text for item in items for text in values_at(item, rest)]


def texts_of_data():
    for glob, paths in DATA:
        found = {path: 0 for path in paths}
        for file in sorted(ROOT.glob(glob)):
            document = json.loads(file.read_text(encoding="utf-8"))
            for path in paths:
                for english in values_at(document, path):
                    text = Text("", english)
                    text.places_in = [file.relative_to(ROOT).as_posix()]
                    found[path] += 1
                    yield text
        for path in paths:
            if found[path] == 0:
                problem(f"tools/words.py: no file {glob} has '{path}'")


def collect():
    texts = {}
    c_files = [path for path in sorted(ROOT.glob(C_FILES)) if not NO_C_FILES.search(path.name)]
    for text in [text for path in c_files for text in texts_of_c(path)] + list(texts_of_data()):
        if not text.english:
            problem(f"{text.places_in[0]}: an empty text is the header's place in a catalogue")
            continue
        known = texts.setdefault(text.key, text)
        if text.many and known.many and text.many != known.many:
            problem(f"{text.places_in[0]}: '{text.english}' has two plurals: '{known.many}' and '{text.many}'")
        known.many = known.many or text.many
        known.places_in = sorted(set(known.places_in + text.places_in))
        if places(text.english) | places(text.many or ""):
            known.flags.add("python-brace-format")
    return texts


# --- catalogues ---

PO_ESCAPE = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def po_string(text):
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    lines = out.split("\\n")
    if len(lines) == 1 or (len(lines) == 2 and lines[1] == ""):
        return f'"{out}"'
    pieces = [line + "\\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return "\n".join(['""'] + [f'"{piece}"' for piece in pieces])


def po_entry(text):
    lines = [f"# {note}".rstrip() for note in text.notes]
    lines += [f"#: {file}" for file in text.places_in]
    if text.flags:
        lines.append("#, " + ", ".join(sorted(text.flags, key=lambda flag: (flag != "fuzzy", flag))))
    if text.context:
        lines.append("msgctxt " + po_string(text.context))
    lines.append("msgid " + po_string(text.english))
    if text.many:
        lines.append("msgid_plural " + po_string(text.many))
        lines += [f"msgstr[{i}] " + po_string(form) for i, form in enumerate(text.forms or ["", ""])]
    else:
        lines.append("msgstr " + po_string(text.forms[0] if text.forms else ""))
    return "\n".join(lines)


def po_write(entries, obsolete):
    parts = [po_entry(entry) for entry in entries]
    for entry in obsolete:
        entry.places_in = []
        parts.append("\n".join("#~ " + line if not line.startswith("# ") else line for line in po_entry(entry).split("\n")))
    return "\n\n".join(parts) + "\n"


def po_read(path):
    """(entries, obsolete entries); the header is the entry ("", "")."""
    entries, obsolete = [], []
    text = target = None

    def start():
        nonlocal text, target
        text, target = Text("", None), None
        text.is_old = False

    def add(piece):
        value = re.sub(r"\\(.)", lambda m: PO_ESCAPE[m[1]], piece[1:-1])
        if isinstance(target, int):
            text.forms[target] += value
        else:
            setattr(text, target, (getattr(text, target) or "") + value)

    start()
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines() + ["msgid \"\""], 1):
        old = line.startswith("#~")
        line = re.sub(r"^#~\|?\s*", "", line).strip() if old else line.strip()
        if not line:
            continue
        keyword = re.match(r'(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])?\s*(".*")$', line)
        begins = line[0] == "#" or (keyword and keyword[1] in ("msgctxt", "msgid"))
        if begins and text.forms:
            (obsolete if text.is_old else entries).append(text)
            start()
        text.is_old = text.is_old or old
        if line[0] == "#":
            if line.startswith("#,"):
                text.flags |= {flag.strip() for flag in line[2:].split(",")}
            elif line.startswith("#:"):
                text.places_in += line[2:].split()
            elif line.startswith("# ") or line == "#":
                text.notes.append(line[2:])
        elif keyword:
            target = {"msgctxt": "context", "msgid": "english", "msgid_plural": "many"}.get(keyword[1])
            if keyword[1] == "msgstr":
                target = int(keyword[2] or 0)
                if target != len(text.forms):
                    sys.exit(f"{path.name}:{number}: msgstr[{target}] is out of order")
                text.forms.append("")
            add(keyword[3])
        elif line[0] == '"' and line[-1] == '"' and target is not None:
            add(line)
        else:
            sys.exit(f"{path.name}:{number}: not understood: {line}")
    return entries, obsolete


def field(header, name):
    match = re.search(rf"^{name}:\s*(.*)$", header.forms[0], re.M)
    return match[1] if match else ""


TEMPLATE = """Project-Id-Version: follicle
Language: 
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
Plural-Forms: 
X-Text-Direction: left-to-right
X-Complete: no
"""


def template(texts):
    header = Text("", "")
    header.forms, header.notes = [TEMPLATE], ["The texts a client reads; docs/languages.md says how to add a language."]
    return [header] + list(texts.values())


def merge(path, texts):
    """The catalogue with the texts of today: translations stay, what is gone becomes obsolete."""
    entries, obsolete = po_read(path)
    header, known = entries[0], {entry.key: entry for entry in obsolete + entries[1:]}
    merged, forms = [header], int(re.search(r"nplurals=(\d)", field(header, "Plural-Forms"))[1])
    for text in texts.values():
        entry = Text(text.context, text.english, text.many)
        entry.places_in, entry.flags = text.places_in, set(text.flags)
        old = known.get(text.key)
        if old and old.many == text.many:
            entry.forms, entry.notes = old.forms, old.notes
            entry.flags |= old.flags & {"fuzzy"}
        else:
            entry.forms = [""] * (forms if text.many else 1)
        merged.append(entry)
    gone = [entry for entry in entries[1:] + obsolete if entry.key not in texts and any(entry.forms)]
    for entry in gone:
        entry.flags -= {"python-brace-format"}
    return merged, gone


# --- checks ---


def facts(entries):
    return [(e.context, e.english, e.many, e.forms if any(e.forms) else [], sorted(e.flags), e.places_in) for e in entries]


def c_plural(expression):
    """The form of n by Python's own reader of such expressions."""
    import gettext
    return gettext.c2py(expression)


def check_translation(name, header, entry):
    forms = 1
    if entry.many:
        rule = re.match(r"nplurals=(\d);\s*plural=(.*?);?$", field(header, "Plural-Forms"))
        forms, form_of = int(rule[1]), c_plural(rule[2])
        taken = collections.Counter(form_of(n) for n in range(1001))
    if len(entry.forms) != forms:
        problem(f"{name}: '{entry.english}' has {len(entry.forms)} forms of {forms}")
    wanted = places(entry.many or entry.english)
    for i, form in enumerate(entry.forms):
        may_lack = {"n"} if entry.many and taken[i] < 2 else set()
        if places(form) - wanted or wanted - places(form) - may_lack:
            problem(f"{name}: '{entry.english}': the places of '{form}' are not those of the English")


def check_words(language, english, text):
    rule = AVOID.get(language)
    found = re.search(rule, text, re.I) if rule and english not in AVOID_NOT else None
    if found:
        problem(f"{language}: '{text}': '{found[0]}' is not a word for clients (docs/languages.md)")


def check_catalogue(path, texts):
    name = path.name
    header = po_read(path)[0][0]
    language = field(header, "Language")
    if language + ".po" != name:
        problem(f"{name}: its header says Language: {language}")
    if facts(po_read(path)[0]) != facts(merge(path, texts)[0]):
        problem(f"{name} does not have the texts of today: run tools/words.py")
    missing = [entry for entry in merge(path, texts)[0] if not entry.is_translated()]
    if field(header, "X-Complete") == "yes":
        for entry in missing:
            problem(f"{name}: not translated: '{entry.english}'")
    for entry in po_read(path)[0][1:]:
        if entry.is_translated():
            check_translation(name, header, entry)
            for form in entry.forms:
                check_words(language, entry.english, form)


def check_by_gettext(path):
    run = subprocess.run(["msgfmt", "--check-format", "--check-domain", "-o", "/dev/null", str(path)],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        problem(f"msgfmt --check: {run.stderr.strip()}")


def check(texts):
    pot = PO / "follicle.pot"
    if not pot.exists() or facts(po_read(pot)[0][1:]) != facts(template(texts)[1:]):
        problem("po/follicle.pot does not have the texts of today: run tools/words.py")
    for text in texts.values():
        for form in filter(None, (text.english, text.many)):
            check_words("en", text.english, form)
    for path in sorted(PO.glob("*.po")):
        check_catalogue(path, texts)
        if shutil.which("msgfmt"):
            check_by_gettext(path)
    if not shutil.which("msgfmt"):
        print("# skipped: msgfmt is not here (Debian: gettext)")


def update(texts, forget):
    (PO / "follicle.pot").write_text(po_write(template(texts), []), encoding="utf-8")
    for path in sorted(PO.glob("*.po")):
        merged, gone = merge(path, texts)
        path.write_text(po_write(merged, [] if forget else gone), encoding="utf-8")
        left = sum(not entry.is_translated() for entry in merged)
        print(f"{path.name}: {len(merged) - 1 - left} of {len(merged) - 1} texts translated")


def main(args):
    texts = collect()
    if args == ["--check"]:
        check(texts)
    elif len(args) == 2 and args[0] == "--missing":
        print(po_write([entry for entry in merge(PO / f"{args[1]}.po", texts)[0] if not entry.is_translated()], []), end="")
    elif args and args != ["--forget"]:
        sys.exit(__doc__)
    else:
        update(texts, bool(args))
    for line in problems:
        print(line)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
