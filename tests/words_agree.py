#!/usr/bin/env python3
"""Do the program's own readers of texts agree with others'? words_agree.py WORDS_CHECK

Python's gettext evaluates the same plural expressions and reads the .mo files that msgfmt makes, xgettext finds the texts
in the C sources, FriBidi orders right-to-left lines as a page shows them. What is not installed is skipped.
"""
import ctypes, ctypes.util, gettext, pathlib, re, shutil, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import Skip, check, main, test

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = sys.argv[1]

HEADER = '''msgid ""
msgstr ""
"Project-Id-Version: x\\n"
"PO-Revision-Date: 2026-11-22 00:00+0000\\n"
"Last-Translator: x\\n"
"Language-Team: x\\n"
"Language: %s\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: %s\\n"

'''
TWO = "nplurals=2; plural=(n != 1);"
RUSSIAN = ("nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);")


def need(program):
    if not shutil.which(program):
        raise Skip(f"{program} is not here (Debian: gettext)")


def run(*command):
    return subprocess.run(command, capture_output=True, check=False)


FOLDER = tempfile.TemporaryDirectory()


def written(text):
    """A new file with this text."""
    handle, path = tempfile.mkstemp(suffix=".po", dir=FOLDER.name)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def our_verdict(po):
    return run(PROGRAM, written(po))


@test
def plural_forms_are_those_of_pythons_gettext():
    # GNU gettext's manual, "Plural forms", and the CLDR for the longer ones.
    rules = {
        "ja": "nplurals=1; plural=0;", "de": TWO, "fr": "nplurals=2; plural=(n > 1);", "ru": RUSSIAN,
        "lv": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2);",
        "ga": "nplurals=5; plural=n==1 ? 0 : n==2 ? 1 : n<7 ? 2 : n<11 ? 3 : 4;",
        "ro": "nplurals=3; plural=n==1 ? 0 : (n==0 || (n%100 > 0 && n%100 < 20)) ? 1 : 2;",
        "lt": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && (n%100<10 || n%100>=20) ? 1 : 2);",
        "cs": "nplurals=3; plural=(n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2;",
        "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
        "sl": "nplurals=4; plural=(n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3);",
        "mt": "nplurals=4; plural=n==1 ? 0 : n==0 || (n%100>1 && n%100<11) ? 1 : (n%100>10 && n%100<20) ? 2 : 3;",
        "cy": "nplurals=6; plural=(n == 0) ? 0 : ((n == 1) ? 1 : ((n == 2) ? 2 : ((n == 3) ? 3 : ((n == 6) ? 4 : 5))));",
        "he": "nplurals=4; plural=(n == 1) ? 0 : ((n == 2) ? 1 : ((n > 10 && n % 10 == 0) ? 2 : 3));",
        "es": "nplurals=3; plural=n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2;",
        "is": "nplurals=2; plural=(n%10!=1 || n%100==11);",
        "mk": "nplurals=2; plural=n % 10 == 1 && n % 100 != 11 ? 0 : 1;",
        "ar": re.search(r"Plural-Forms: (.*?)\\n", (ROOT / "po/ar.po").read_text(encoding="utf-8"))[1],
    }
    for language, rule in rules.items():
        got = our_verdict(HEADER % (language, rule) + 'msgid "a"\nmsgstr "b"\n')
        check(got.returncode == 0, f"{language}: {got.stderr.decode()}")
        got = run(PROGRAM, written(HEADER % (language, rule) + 'msgid "a"\nmsgstr "b"\n'), "3000")
        form = gettext.c2py(rule.split("plural=")[1].rstrip(";"))
        check([int(n) for n in got.stdout.split(b"\n")[-2].split()] == [form(n) for n in range(3000)], language)


@test
def what_is_read_is_what_msgfmt_and_python_read():
    need("msgfmt")
    awkward = (HEADER % ("ru", RUSSIAN) + 'msgid ""\n"a\\t\\"\\\\"\n"b\\n"\nmsgstr "c\\n"\n\n#, fuzzy\nmsgid "f"\nmsgstr "F"\n\n'
               'msgctxt "x"\nmsgid "a"\nmsgstr "A"\n\nmsgid "a"\nmsgstr "B"\n\n#~ msgid "o"\n#~ msgstr "O"\n\n'
               'msgid "{n} p"\nmsgid_plural "{n} ps"\nmsgstr[0] "{n} 0"\nmsgstr[1] "{n} 1"\nmsgstr[2] "{n} 2"\n\n'
               'msgid "e"\nmsgstr ""\n')
    for po in [written(awkward)] + [str(path) for path in sorted((ROOT / "po").glob("*.po"))]:
        mo = written("")
        made = run("msgfmt", "-o", mo, po)
        check(made.returncode == 0, made.stderr.decode())
        with open(mo, "rb") as file:
            want = {key: text for key, text in gettext.GNUTranslations(file)._catalog.items() if key != ""}
        got = {}
        for record in run(PROGRAM, po, "texts").stdout.decode().split("\x1e")[:-1]:
            context, english, many, *forms = record.split("\0")[:-1]
            key = context + "\x04" + english if context else english
            if many:
                got.update({(key, i): form for i, form in enumerate(forms)})
            else:
                got[key] = forms[0]
        check(len(got) >= 5 and got == want, f"{po}: {set(got.items()) ^ set(want.items())}")


@test
def what_msgfmt_refuses_is_refused():
    need("msgfmt")
    flag = "#, python-brace-format\n"
    plural = flag + 'msgid "{n} d"\nmsgid_plural "{n} ds"\n'
    entries = { # what is wrong with it: the entry, and does msgfmt see it?
        "nothing": ('msgid "a"\nmsgstr "b"\n', False),
        "nothing with places": (flag + 'msgid "{a} {b}"\nmsgstr "{b} {a} {a}"\n', False),
        "a place less": (flag + 'msgid "{a} {b}"\nmsgstr "{b}"\n', True),
        "another place": (flag + 'msgid "{a}"\nmsgstr "{b}"\n', True),
        "a brace": (flag + 'msgid "{a}"\nmsgstr "{a} {"\n', True),
        "no quotation mark": ('msgid "a"\nmsgstr "b\n', True),
        "twice": ('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', True),
        "a keyword": ('msgid "a"\nmsgstring "b"\n', True),
        "line break": ('msgid "a\\n"\nmsgstr "b"\n', True),
        "a form less": (plural + 'msgstr[0] "{n}"\n', True),
        "a form more": (plural + 'msgstr[0] "{n}"\nmsgstr[1] "{n}"\nmsgstr[2] "{n}"\n', True),
        "a plural without its number": (plural + 'msgstr[0] "{n}"\nmsgstr[1] "many"\n', True),
        "nothing, one needs no number": (plural + 'msgstr[0] "one"\nmsgstr[1] "{n}"\n', False),
        "another place in a plural": (plural + 'msgstr[0] "{n}"\nmsgstr[1] "{n} {m}"\n', True),
    }
    for name, (entry, wrong) in entries.items():
        po = HEADER % ("de", TWO) + entry
        theirs = run("msgfmt", "--check", "-o", "/dev/null", written(po)).returncode != 0
        ours = our_verdict(po)
        check(theirs == wrong, f"msgfmt and this table disagree about {name}")
        check((ours.returncode == 1) == wrong, f"{name}: {ours.stderr.decode()}")
        check(not wrong or re.search(r"line (1[3-9]|2\d): ", ours.stderr.decode()), ours.stderr.decode())


@test
def the_texts_of_the_sources_are_those_that_xgettext_finds():
    need("xgettext")
    sys.path.insert(0, str(ROOT / "tools"))
    import words
    calls = {name: call for name, call in words.CALLS.items()}
    keys = []
    for name, call in calls.items():
        parts = [f"{call.context + 1}c"] if call.context is not None else []
        parts += [str(call.english + 1)] + ([str(call.many + 1)] if call.many is not None else [])
        keys.append(f"--keyword={name}:{','.join(parts)}")
    files = [str(path) for path in sorted(ROOT.glob(words.C_FILES)) if not words.NO_C_FILES.search(path.name)]
    got = subprocess.run(["xgettext", "--language=C", "--from-code=UTF-8", "-k", *keys, "-o", "-", *files],
                         capture_output=True, text=True, check=True).stdout
    theirs = {entry.key for entry in words.po_read(pathlib.Path(written(got)))[0][1:]}
    ours = {text.key for path in files for text in words.texts_of_c(pathlib.Path(path))}
    check(theirs == ours, f"{theirs ^ ours}")
    check(len(ours) > 30)


# --- FriBidi ---


def shown(line, right_to_left):
    """A line as it stands on paper, from left to right; what cannot be seen left out."""
    library = ctypes.util.find_library("fribidi") or "libfribidi.so.0"
    try:
        bidi = ctypes.CDLL(library)
    except OSError as missing:
        raise Skip("libfribidi is not here") from missing
    letters = [ord(c) for c in line]
    source = (ctypes.c_uint32 * len(letters))(*letters)
    visual = (ctypes.c_uint32 * (len(letters) + 1))()
    # fribidi-types.h: FRIBIDI_TYPE_RTL and FRIBIDI_TYPE_LTR
    direction = ctypes.c_uint32(0x111 if right_to_left else 0x110)
    check(bidi.fribidi_log2vis(source, len(letters), ctypes.byref(direction), visual, None, None, None) != 0)
    return "".join(chr(c) for c in visual[:len(letters)] if c not in (0x2066, 0x2067, 0x2068, 0x2069))


def values(language):
    out = run(PROGRAM, str(ROOT / f"po/{language}.po")).stdout.decode()
    return dict(line.split("\t")[:2] for line in out.splitlines())


@test
def amounts_dates_and_numbers_keep_their_order_in_arabic():
    said = values("ar")
    plain = {"number": "\u22121,234,567.25", "percent": "7.5\u00a0%", "money": "\u22121,234,567.89\u00a0EUR", "time": "09:05",
             "numeric": "2027-01-11"}
    for name, text in plain.items():
        for line in (said[name], f"عربي {said[name]} عربي", f"({said[name]}) عربي", f"2 {said[name]} 3"):
            check(text in shown(line, True), f"{name}: {shown(line, True)!r}")
            check(text in shown(line, False), f"{name}: {shown(line, False)!r}")


@test
def without_isolation_they_would_not():
    bare = values("ar")["money"].strip("\u2068\u2069")
    check(bare == "\u22121,234,567.89\u00a0EUR")
    check(bare not in shown(f"عربي {bare} عربي", True))


@test
def arabic_dates_ranges_and_lists_run_from_right_to_left():
    said = values("ar")
    date = shown(said["long"], True)
    check(date.index("2027") < date.index("11") and date.startswith("2027") and "11" in date, date)
    reach = shown(f"عربي: {said['range']}.", True)
    check(reach.index("4,000") < reach.index("2\u0020") if "2 " in reach else reach.index("4,000") < reach.rindex("2"), reach)
    items = shown(f"عربي: \u2068{said['list']}\u2069.", True)
    check(items.index("EUR") < items.index("Ab-1") < items.index("1,000"), items)
    check("Ab-1" in items and "\u22121,234,567.89\u00a0EUR" in items, items)


main()
