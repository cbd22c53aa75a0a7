#!/usr/bin/env python3
"""tools/words.py on a small project of its own: what it collects, keeps and refuses."""
import json, pathlib, shutil, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import check, main, test

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = '''msgid ""
msgstr ""
"Language: %s\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"X-Complete: %s\\n"
'''
SOURCE = '''
/* words_say(v, "in a comment") */ // N_("in another")
#define N_(english) english
static const char *const table[] = {N_("Session"), NC_("month", "May")};
static void page(Voice *v, int n)
{
    sheet(words_say(v, "Keep it dry."), words_say(v, table[n]), "not a text");
    words_fill(v, "{n} of {m}", "n", words_count(v, (n, 2)), "m", f("x, y"));
    words_plural(v, n, "One " "dot\\n", "{n} dots \\u00b7\\xC2\\xB2\\n");
    words_fill(v, n ? N_("On {day}") : N_("{day}"), "day", "3");
    words_say(v, n ? words_say(v, "a") : words_say(v, "b"));
}
'''


class Project:
    def __init__(self, source=SOURCE, complete="no", entries=""):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        for name in ("src/room", "tools", "po", "protocols", "prices", "screening", "rules", "pigments"):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(ROOT / "tools/words.py", self.folder / "tools")
        self.write("src/room/room.c", source)
        self.write("src/room/room_test.c", 'words_say(v, "of a test");')
        self.data({"text": "Wash.", "source": "not a text"})
        self.write("po/de.po", HEADER % ("de", complete) + entries)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def data(self, rule):
        rule = dict(rule, text_opposite="Opposite.")
        self.write("protocols/p.json", json.dumps({
            "title": "Title", "variants": [{"when": "Always"}], "touch_up": {"factors": [rule]},
            "expect": [rule], "aftercare": [rule], "call": [rule], "notes": [rule]}))
        self.write("prices/p.json", json.dumps({"title": "Price"}))
        self.write("screening/s.json", json.dumps({"title": "Questions", "questions": [
            {"id": "not a text", "group": "Health", "ask": "Is it so?", "text": "Wait."}]}))
        self.write("rules/r.json", json.dumps({"rules": [{"title": "Too low", "advice": "not a text"}]}))
        self.write("pigments/p.json", json.dumps({"name": "black", "source": "not a text"}))

    def run(self, *args):
        return subprocess.run([sys.executable, self.folder / "tools/words.py", *args], capture_output=True, text=True, check=False)

    def says(self, *args):
        return self.run(*args).stdout

    def catalogue(self, name="de.po"):
        return (self.folder / "po" / name).read_text(encoding="utf-8")

    def translate(self, english, german):
        before = f'msgid "{english}"\nmsgstr ""'
        check(before in self.catalogue(), self.catalogue())
        self.write("po/de.po", self.catalogue().replace(before, f'msgid "{english}"\nmsgstr "{german}"'))


@test
def texts_of_calls_tables_and_data_are_collected_and_others_are_not():
    with Project() as project:
        check(project.run().returncode == 0, project.says())
        template = project.catalogue("follicle.pot")
        for english in ("Session", "Keep it dry.", "{n} of {m}", "On {day}", "{day}", "a", "b", "Wash.", "Title", "Always", "Price",
                        "Opposite.", "Questions", "Health", "Is it so?", "Wait.", "Too low", "black"):
            check(f'msgid "{english}"\n' in template, english)
        check('msgctxt "month"\nmsgid "May"\n' in template)
        check('msgid "One dot\\n"\nmsgid_plural "{n} dots ·²\\n"\n' in template, template)
        check('#, python-brace-format\nmsgid "{day}"' in template)
        for other in ("comment", "another", "not a text", "of a test", "x, y", '"m"'):
            check(other not in template, other)


@test
def nothing_is_wrong_after_an_update_and_everything_is_before():
    with Project() as project:
        check("de.po does not have the texts of today" in project.says("--check"))
        check("follicle.pot does not have" in project.says("--check"))
        project.run()
        first = project.catalogue()
        check(project.run("--check").returncode == 0, project.says("--check"))
        project.run()
        check(project.catalogue() == first)


@test
def translations_stay_when_texts_move_and_come_back_when_they_do():
    with Project() as project:
        project.run()
        project.translate("Session", "Sitzung")
        project.translate("Keep it dry.", "Trocken halten.")
        project.write("po/de.po", project.catalogue().replace('msgid "Session"', 'msgid "Session"', 1))
        project.write("src/room/room.c", 'words_say(v, "New");' + SOURCE.replace("Keep it dry.", "Keep it very dry."))
        check("texts of today" in project.says("--check"))
        project.run()
        check('msgid "Session"\nmsgstr "Sitzung"' in project.catalogue())
        check('msgid "Keep it very dry."\nmsgstr ""' in project.catalogue())
        check('#~ msgid "Keep it dry."\n#~ msgstr "Trocken halten."' in project.catalogue(), project.catalogue())
        check(project.run("--check").returncode == 0)
        project.write("src/room/room.c", SOURCE)
        project.run()
        check('\nmsgid "Keep it dry."\nmsgstr "Trocken halten."' in project.catalogue())
        check("#~" not in project.catalogue())
        project.write("src/room/room.c", "")
        project.run()
        check("#~ msgid" in project.catalogue())
        project.run("--forget")
        check("#~" not in project.catalogue() and project.run("--check").returncode == 0)


@test
def what_a_translator_wrote_beside_the_texts_stays():
    with Project(entries='\n# a note\n#, fuzzy\nmsgid "Session"\nmsgstr ""\n"Sitz"\n"ung"\n') as project:
        project.run()
        check('# a note\n#: src/room/room.c\n#, fuzzy\nmsgid "Session"\nmsgstr "Sitzung"' in project.catalogue(), project.catalogue())


@test
def a_complete_catalogue_must_be_complete():
    with Project(complete="yes") as project:
        project.run()
        said = project.says("--check")
        check("not translated: 'Session'" in said and "not translated: 'May'" in said, said)
        project.translate("Session", "Sitzung")
        check("'Session'" not in project.says("--check"))
        project.write("po/de.po", project.catalogue().replace('msgid "Session"', '#, fuzzy\nmsgid "Session"'))
        check("not translated: 'Session'" in project.says("--check"))
        check('msgid "Session"' in project.says("--missing", "de"))


@test
def slips_are_found():
    slips = {
        'words_fill(v, "{a} {b}", "a", x);': "nothing is filled in for {b}",
        'words_fill(v, "{a}", "a", x, "c", y);': "has no place {c}",
        'words_plural(v, n, "{x} one", "{n}");': "different places",
        'words_plural(v, n, "one", "{n} {x}", "n", "2", "x", "y");': "different places",
        'words_plural(v, n, "{n}", "{n}", "n", "2");': "has no place {n}",
        'words_say(v, n ? "a" : "b");': "put the English in N_()",
        'words_in(v, context, "May");': "the context is no literal",
        'words_say(v, "");': "an empty text",
        'words_say(v, "A patient");': "'patient' is not a word for clients",
        'words_say(v, "It is treated");': "'treated' is not a word for clients",
        'words_plural(v, n, "dot", "dots"); words_plural(v, n, "dot", "points");': "two plurals",
    }
    for source, said in slips.items():
        with Project(source=source) as project:
            project.run()
            run = project.run("--check")
            check(run.returncode == 1 and said in run.stdout, f"{source}: {run.stdout}")


@test
def slips_of_translators_are_found():
    slips = {
        ("{n} of {m}", "{n} von {x}"): "the places of '{n} von {x}' are not those of the English",
        ("{n} of {m}", "{n}"): "the places of",
        ("Session", "Behandlung"): "'Behandl' is not a word for clients",
    }
    for (english, german), said in slips.items():
        with Project() as project:
            project.run()
            project.translate(english, german)
            run = project.run("--check")
            check(run.returncode == 1 and said in run.stdout, f"{german}: {run.stdout}")


@test
def data_without_the_texts_it_should_have_are_noticed():
    with Project() as project:
        project.write("prices/p.json", "{}")
        check("no file prices/*.json has 'title'" in project.says("--check"))


main()
