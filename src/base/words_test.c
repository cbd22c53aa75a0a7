#include "base/words_internal.h"

#include "base/embed.h"
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The two arenas every test uses: one for catalogues, one for what is said. */
static Arena catalogues, said;

static void fresh(void)
{
    Err err;
    if (catalogues.base == NULL &&
        (!arena_open(&catalogues, 4 << 20, &err) || !arena_open(&said, 1 << 20, &err)))
        abort();
    arena_rewind(&catalogues, 0);
    arena_rewind(&said, 0);
}

/* Seven lines: entries start on line 8. */
#define HEADER_OF(language, plural, more)                                                          \
    "msgid \"\"\nmsgstr \"\"\n\"Language: " language "\\n\"\n"                                     \
    "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"                                             \
    "\"Plural-Forms: " plural "\\n\"\n" more "\n\n"
#define TWO_FORMS "nplurals=2; plural=(n != 1);"
#define SIX_FORMS                                                                                  \
    "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? " \
    "4 : 5;"
#define THREE_RUSSIAN                                                                              \
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || "           \
    "n%100>=20) ? 1 : 2);"
#define HEADER   HEADER_OF("de", TWO_FORMS, "")
#define TO_RIGHT "\"X-Text-Direction: right-to-left\\n\"\n"

static bool load(const char *po, Words *words, Err *err)
{
    *err = (Err){0};
    return words_from_po(&catalogues, strlen(po), po, words, err);
}

/* A voice in a catalogue that must be right. */
static Voice voice_of(const char *po, Words *words)
{
    Err err;
    fresh();
    if (!load(po, words, &err))
        printf("# %s\n", err.text);
    return (Voice){.words = words, .arena = &said};
}

static Voice builtin(const char *language, Words *words)
{
    Err err;
    fresh();
    if (!words_open(&catalogues, language, words, &err))
        printf("# %s\n", err.text);
    return (Voice){.words = words, .arena = &said};
}

static bool is(const char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        printf("# got \"%s\", wanted \"%s\"\n", got, want);
    return strcmp(got, want) == 0;
}

/* --- the grammar --- */

TEST(a_translation_is_said_and_what_is_missing_is_said_in_english)
{
    Words words;
    Voice voice = voice_of(HEADER "msgid \"Session\"\nmsgstr \"Sitzung\"\n", &words);
    CHECK(is(words_say(&voice, "Session"), "Sitzung"));
    CHECK(is(words_say(&voice, "Sessions"), "Sessions"));
    CHECK(is(words_say(&voice, ""), ""));
    CHECK(is(words_language(&words), "de"));
    CHECK(words.count == 1 && !words.right_to_left && !voice.full);
}

TEST(nobody_in_particular_speaks_english)
{
    fresh();
    const Words empty = {0};
    Voice none = {.arena = &said}, english = {.words = &empty, .arena = &said};
    CHECK(is(words_say(&none, "Session"), "Session"));
    CHECK(is(words_say(&english, "Session"), "Session"));
    CHECK(is(words_language(NULL), "en") && is(words_language(&empty), "en"));
}

TEST(strings_go_on_over_lines_and_have_four_escapes)
{
    Words words;
    Voice voice = voice_of(HEADER "msgid \"\"\n\"one \"\n  \"two\\n\"\n\n\"th\\\"r\\\\ee\\t!\"  \n"
                                  "msgstr   \"eins\"\n\" zwei\\nd\\\"r\\\\ei\"\n",
                           &words);
    CHECK(is(words_say(&voice, "one two\nth\"r\\ee\t!"), "eins zwei\nd\"r\\ei"));
}

TEST(windows_line_ends_and_a_byte_order_mark_change_nothing)
{
    Words words;
    Voice voice = voice_of("\xEF\xBB\xBF" HEADER "# note\r\n\r\nmsgid \"a\"\r\nmsgstr \"b\"\r\n"
                           "msgid \"c\"\r\nmsgstr \"d\"",
                           &words);
    CHECK(is(words_say(&voice, "a"), "b"));
    CHECK(is(words_say(&voice, "c"), "d"));
}

TEST(the_same_english_has_a_translation_for_each_context)
{
    Words words;
    Voice voice = voice_of(HEADER "msgctxt \"month\"\nmsgid \"May\"\nmsgstr \"Mai\"\n"
                                  "msgid \"May\"\nmsgstr \"Darf\"\n",
                           &words);
    CHECK(is(words_in(&voice, "month", "May"), "Mai"));
    CHECK(is(words_say(&voice, "May"), "Darf"));
    CHECK(is(words_in(&voice, "name", "May"), "May"));
}

TEST(fuzzy_obsolete_and_empty_entries_are_said_in_english)
{
    Words words;
    Voice voice =
        voice_of(HEADER "#. note\n#: file.c\n#, fuzzy\nmsgid \"a\"\nmsgstr \"A\"\n"
                        "#, python-brace-format, fuzzy\n#| msgid \"x\"\n"
                        "msgid \"b{n}\"\nmsgstr \"B{m}\"\n"
                        "#,fuzzy,c-format\n#, no-wrap\nmsgid \"c\"\nmsgstr \"C\"\n"
                        "#, notfuzzy\nmsgid \"d\"\nmsgstr \"D\"\n"
                        "#~ msgid \"e\"\n#~ msgstr \"E\"\n"
                        "msgid \"f\"\nmsgstr \"\"\n"
                        "msgid \"g\"\nmsgid_plural \"gs\"\nmsgstr[0] \"G\"\nmsgstr[1] \"\"\n"
                        "# the end\n",
                 &words);
    CHECK(words.count == 1);
    CHECK(is(words_say(&voice, "a"), "a"));
    CHECK(is(words_say(&voice, "b{n}"), "b{n}"));
    CHECK(is(words_say(&voice, "c"), "c"));
    CHECK(is(words_say(&voice, "d"), "D"));
    CHECK(is(words_say(&voice, "e"), "e"));
    CHECK(is(words_say(&voice, "f"), "f"));
    CHECK(is(words_plural(&voice, 2, "g", "gs"), "gs"));
}

TEST(every_entry_is_found_whatever_the_order_of_the_file)
{
    enum { COUNT = 300 };
    static char po[COUNT * 64];
    size_t used = (size_t)snprintf(po, sizeof po, "%s", HEADER);
    for (int i = 0; i < COUNT; i++) {
        int k = i * 7919 % COUNT; /* a permutation: 7919 is prime */
        used += (size_t)snprintf(po + used, sizeof po - used,
                                 "msgctxt \"c%d\"\nmsgid \"m%d\"\nmsgstr \"t%d\"\n", k % 3, k, k);
    }
    Words words;
    Voice voice = voice_of(po, &words);
    CHECK(words.count == COUNT);
    for (int k = 0; k < COUNT; k++) {
        char context[16], english[16], want[16];
        snprintf(context, sizeof context, "c%d", k % 3);
        snprintf(english, sizeof english, "m%d", k);
        snprintf(want, sizeof want, "t%d", k);
        CHECK(is(words_in(&voice, context, english), want));
    }
}

/* Each is refused, on that line, for that reason. */
TEST(what_is_wrong_is_refused_with_its_line)
{
    static const struct {
        const char *po;
        int line;
        const char *why;
    } table[] = {
        {"", 0, "there is no header"},
        {"# only\n\n# notes\n", 3, "there is no header"},
        {"msgid \"a\"\nmsgstr \"b\"\n", 1, "not the header"},
        {"\nmsgctxt \"x\"\nmsgid \"\"\nmsgstr \"\"\n", 3, "not the header"},
        {"msgid \"\"\nmsgstr \"Language: de\\n\"\n", 1, "charset=UTF-8"},
        {"msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=ISO-8859-1\\n\"\n", 1,
         "charset=UTF-8"},
        {HEADER_OF("", TWO_FORMS, ""), 1, "Language"},
        {HEADER_OF("d", TWO_FORMS, ""), 1, "Language"},
        {HEADER_OF("de/x", TWO_FORMS, ""), 1, "Language"},
        {HEADER_OF("abcdefghijklmnop", TWO_FORMS, ""), 1, "Language"},
        {HEADER_OF("de", "", ""), 1, "Plural-Forms"},
        {HEADER_OF("de", "nplurals=0; plural=0;", ""), 1, "N 1 to 6"},
        {HEADER_OF("de", "nplurals=7; plural=0;", ""), 1, "N 1 to 6"},
        {HEADER_OF("de", "nplurals=22; plural=0;", ""), 1, "N 1 to 6"},
        {HEADER_OF("de", "nplurals=2; 0;", ""), 1, "lack 'plural='"},
        {HEADER_OF("de", "nplurals=2; plural=;", ""), 1, "no number"},
        {HEADER_OF("de", "nplurals=2; plural=n > 1 ? 2 : 0;", ""), 1, "form 2 for n = 2"},
        {HEADER_OF("de", TWO_FORMS, "\"X-Text-Direction: up\\n\"\n"), 1, "X-Text-Direction"},
        {HEADER "msgid \"a\"\n", 8, "msgstr is expected"},
        {HEADER "msgid \"a\"\nmsgid \"b\"\n", 9, "msgstr is expected"},
        {HEADER "msgstr \"a\"\n", 8, "msgid is expected"},
        {HEADER "domain \"a\"\n", 8, "msgid is expected"},
        {HEADER "msgctxt \"a\"\nmsgstr \"b\"\n", 9, "msgid is expected"},
        {HEADER "msgid a\nmsgstr \"b\"\n", 8, "quotation marks is expected"},
        {HEADER "msgid \"a\nmsgstr \"b\"\n", 8, "no second quotation mark"},
        {HEADER "msgid \"a\\\nmsgstr \"b\"\n", 8, "backslash"},
        {HEADER "msgid \"a\" b\nmsgstr \"b\"\n", 8, "behind the text"},
        {HEADER "msgid \"a\\x41\"\nmsgstr \"b\"\n", 8, "backslash"},
        {HEADER "msgid \"a\"\nmsgstr \"b\\r\"\n", 9, "backslash"},
        {HEADER "msgid \"a\"\nmsgstr \"b\x01\"\n", 9, "byte 0x01"},
        {HEADER "msgid \"a\"\nmsgstr \"b\x7F\"\n", 9, "byte 0x7F"},
        {HEADER "msgid \"a\"\nmsgstr \"\xE4\"\n", 9, "byte 0xE4"},
        {HEADER "msgid \"a\"\nmsgstr \"\xC0\xAF\"\n", 9, "byte 0xC0"},
        {HEADER "msgid \"a\"\nmsgstr \"\xED\xA0\x80\"\n", 9, "byte 0xED"},
        {HEADER "msgid \"a\"\nmsgstr \"\xF4\x90\x80\x80\"\n", 9, "byte 0xF4"},
        {HEADER "# \xFF\nmsgid \"a\"\nmsgstr \"b\"\n", 8, "byte 0xFF"},
        {HEADER "msgid \"a\"\nmsgstr[0] \"b\"\n", 9, "quotation marks is expected"},
        {HEADER "msgid \"a\"\nmsgid_plural \"as\"\nmsgstr \"b\"\n", 10, "msgstr[0] is expected"},
        {HEADER "msgid \"a\"\nmsgid_plural \"as\"\nmsgstr[1] \"b\"\n", 10, "msgstr[0] is expected"},
        {HEADER "msgid \"a\"\nmsgid_plural \"as\"\nmsgstr[0] \"b\"\n", 8,
         "1 forms, the header says 2"},
        {HEADER
         "msgid \"a\"\nmsgid_plural \"as\"\nmsgstr[0] \"b\"\nmsgstr[1] \"b\"\nmsgstr[2] \"b\"\n",
         8, "3 forms, the header says 2"},
        {HEADER_OF("ar", SIX_FORMS,
                   "") "msgid \"a\"\nmsgid_plural \"as\"\nmsgstr[0] \"b\"\nmsgstr[1] \"b\"\n"
                       "msgstr[2] \"b\"\nmsgstr[3] \"b\"\nmsgstr[4] \"b\"\nmsgstr[5] "
                       "\"b\"\nmsgstr[6] \"b\"\n",
         16, "more than 6 forms"},
        {HEADER "msgid \"a\"\nmsgid_plural \"\"\nmsgstr[0] \"b\"\nmsgstr[1] \"b\"\n", 8,
         "msgid_plural is empty"},
        {HEADER "msgid \"\"\nmsgstr \"b\"\n", 8, "msgid is empty"},
        {HEADER "msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"\n", 11,
         "'a' stands on line 8 already"},
        {HEADER "msgid \"a\"\nmsgstr \"\"\nmsgid \"a\"\nmsgstr \"c\"\n", 10, "stands on line 8"},
        {HEADER "msgid \"a\\n\"\nmsgstr \"b\"\n", 8, "line break"},
        {HEADER "msgid \"a\"\nmsgstr \"\\nb\"\n", 8, "line break"},
        {HEADER "msgctxt \"format\"\nmsgid \"1,234.5\"\nmsgstr \"1.234\"\n", 9, "not the number"},
        {HEADER "msgctxt \"format\"\nmsgid \"1,234.5\"\nmsgstr \"12345\"\n", 9, "not the number"},
        {HEADER "msgctxt \"format\"\nmsgid \"1,234.5\"\nmsgstr \"234,5\"\n", 9, "not the number"},
        {HEADER "msgctxt \"format\"\nmsgid \"1,234.5\"\nmsgstr \"1.0234,5\"\n", 9,
         "not the number"},
        {HEADER "msgctxt \"format\"\nmsgid \"1,234.5\"\nmsgstr \"1.234,50\"\n", 9,
         "not the number"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Words words;
        Err err;
        char start[32];
        fresh();
        snprintf(start, sizeof start, "line %d: ", table[i].line);
        bool refused = !load(table[i].po, &words, &err) && err.code == ERR_INPUT &&
                       strncmp(err.text, start, strlen(start)) == 0 &&
                       strstr(err.text, table[i].why) != NULL;
        if (!refused)
            printf("# %d: wanted \"%s... %s\", got \"%s\"\n", (int)i, start, table[i].why,
                   err.text);
        CHECK(refused);
    }
}

TEST(a_file_of_more_than_four_megabytes_is_no_catalogue)
{
    Words words;
    Err err = {0};
    static char bytes[(4 << 20) + 1];
    CHECK(!words_from_po(&catalogues, sizeof bytes, bytes, &words, &err));
    CHECK(err.code == ERR_INPUT && strstr(err.text, "4194305 bytes") != NULL);
}

TEST(a_catalogue_cut_off_anywhere_is_refused_or_said_without_harm)
{
    static const char po[] =
        HEADER "#, fuzzy\nmsgctxt \"x\"\nmsgid \"a{b}\"\n\"\\\"c\"\nmsgid_plural "
               "\"a{b}{n}\"\nmsgstr[0] \"{b}\"\nmsgstr[1] \"{n}{b}\"\n#~ \u2068";
    for (size_t size = 0; size < sizeof po; size++) {
        Words words;
        Err err = {0};
        fresh();
        char *copy = ARENA_NEW(&said, char, size); /* ASan sees a byte read too far */
        memcpy(copy, po, size);
        CHECK(words_from_po(&catalogues, size, copy, &words, &err) || err.code == ERR_INPUT);
    }
}

/* --- plurals --- */

static int russian(unsigned long n)
{
    unsigned long ten = n % 10, hundred = n % 100;
    if (ten == 1 && hundred != 11)
        return 0;
    return ten >= 2 && ten <= 4 && !(hundred >= 12 && hundred <= 14) ? 1 : 2;
}

static int polish(unsigned long n)
{
    unsigned long ten = n % 10, hundred = n % 100;
    if (n == 1)
        return 0;
    return ten >= 2 && ten <= 4 && !(hundred >= 12 && hundred <= 14) ? 1 : 2;
}

static int arabic(unsigned long n)
{
    unsigned long hundred = n % 100;
    return n <= 2 ? (int)n : hundred >= 3 && hundred <= 10 ? 3 : hundred >= 11 ? 4 : 5;
}

static int german(unsigned long n)
{
    return n == 1 ? 0 : 1;
}

static int french(unsigned long n)
{
    return n > 1;
}

static int slovene(unsigned long n)
{
    unsigned long hundred = n % 100;
    return hundred == 1 ? 0 : hundred == 2 ? 1 : hundred == 3 || hundred == 4 ? 2 : 3;
}

static int japanese(unsigned long n)
{
    return (int)(n - n);
}

/* The rules as the CLDR (supplemental/plurals.xml) states them for whole numbers. */
TEST(plural_expressions_of_the_gettext_manual_follow_the_rules_of_the_languages)
{
    static const struct {
        const char *expression;
        int forms;
        int (*rule)(unsigned long n);
    } table[] = {
        {"(n != 1)", 2, german},
        {" n>1 ", 2, french},
        {"0", 1, japanese},
        {"n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5", 6,
         arabic},
        {"n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2", 3,
         russian},
        {"n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2", 3, polish},
        {"n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3", 4, slovene},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char why[96];
        bool single[WORDS_FORMS];
        bool same = words_plural_is_valid(table[i].expression, table[i].forms, single, why);
        for (unsigned long n = 0; n < 3000; n++)
            same = same &&
                   words_plural_form(table[i].expression, table[i].forms, n) == table[i].rule(n);
        if (!same)
            printf("# %s\n", table[i].expression);
        CHECK(same);
    }
}

TEST(operators_bind_as_in_c)
{
    static const struct {
        const char *expression;
        int value; /* for n = 7 */
    } table[] = {
        {"1||0&&0", 1},        {"(1||0)&&0", 0},      {"n==7&&n!=8", 1}, {"1<2==1", 1},
        {"2>1!=0", 1},         {"7%4%2", 1},          {"n%5==2", 1},     {"n<=7&&n>=7", 1},
        {"0?1:0?2:3", 3},      {"1?2:0?3:4", 2},      {"1?0?1:2:3", 2},  {"n<7||n>7", 0},
        {"0&&1||1", 1},        {"n==7?n%4:0", 3},     {"3>2>1", 0},      {"(((n)))%4", 3},
        {" n \t% 4 == 3 ", 1}, {"5<n?1==1?4:2:3", 4},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int got = words_plural_form(table[i].expression, 6, 7);
        if (got != table[i].value)
            printf("# %s is %d\n", table[i].expression, got);
        CHECK(got == table[i].value);
    }
}

TEST(an_expression_may_be_long_but_not_deep)
{
    char expression[400] = "", why[96];
    bool single[WORDS_FORMS];
    for (size_t i = 0; i < 60; i++)
        memcpy(expression + 5 * i, i == 0 ? "  (n)" : "||(n)", 5);
    CHECK(words_plural_is_valid(expression, 2, single, why));
    CHECK(single[0] && !single[1]);
}

TEST(what_is_no_plural_expression_is_refused)
{
    static const struct {
        const char *expression, *why;
    } table[] = {
        {"", "no number"},
        {"n+1", "goes on"},
        {"n-1", "goes on"},
        {"!n", "no number"},
        {"n%0", "above 0"},
        {"n%n", "no number"},
        {"(n", "')'"},
        {"n)", "goes on"},
        {"n?1", "':'"},
        {"n?1:", "no number"},
        {"n==", "no number"},
        {"n&1", "goes on"},
        {"n|1", "goes on"},
        {"n=1", "goes on"},
        {"m", "no number"},
        {"1234567890", "9 digits"},
        {"n", "form 2 for n = 2"},
        {"0;", "goes on"},
        {"((((((((((((((((((((((((((0))))))))))))))))))))))))))", "too deeply"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char why[96] = "";
        bool single[WORDS_FORMS];
        bool refused = !words_plural_is_valid(table[i].expression, 2, single, why) &&
                       strstr(why, table[i].why) != NULL;
        if (!refused)
            printf("# '%s': %s\n", table[i].expression, why);
        CHECK(refused);
    }
}

TEST(a_plural_takes_the_form_of_its_number)
{
    Words words;
    Voice voice =
        voice_of(HEADER_OF("ru", THREE_RUSSIAN, "") "msgid \"{n} session at {place}\"\n"
                                                    "msgid_plural \"{n} sessions at {place}\"\n"
                                                    "msgstr[0] \"{place}: {n} сеанс\"\n"
                                                    "msgstr[1] \"{place}: {n} сеанса\"\n"
                                                    "msgstr[2] \"{place}: {n} сеансов\"\n",
                 &words);
    static const struct {
        long n;
        const char *want;
    } table[] = {{0, "A: 0 сеансов"},   {1, "A: 1 сеанс"},   {3, "A: 3 сеанса"},
                 {11, "A: 11 сеансов"}, {21, "A: 21 сеанс"}, {-1, "A: \u22121 сеанс"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        CHECK(is(words_plural(&voice, table[i].n, "{n} session at {place}",
                              "{n} sessions at {place}", "place", "A"),
                 table[i].want));
}

TEST(english_has_one_and_many)
{
    fresh();
    Voice voice = {.arena = &said};
    CHECK(is(words_plural(&voice, 1, "One day", "{n} days"), "One day"));
    CHECK(is(words_plural(&voice, 0, "One day", "{n} days"), "0 days"));
    CHECK(is(words_plural(&voice, -1, "{n} day", "{n} days"), "\u22121 day"));
    CHECK(
        is(words_plural(&voice, 12345, "{n} day {x}", "{n} days {x}", "x", "y"), "12,345 days y"));
}

TEST(a_plural_said_without_a_number_is_the_form_of_one)
{
    Words words;
    Voice voice = voice_of(HEADER "msgid \"dot\"\nmsgid_plural \"dots\"\nmsgstr[0] \"Punkt\"\n"
                                  "msgstr[1] \"Punkte\"\n",
                           &words);
    CHECK(is(words_say(&voice, "dot"), "Punkt"));
    CHECK(is(words_plural(&voice, 2, "dot", "others"), "others")); /* another text altogether */
}

/* --- places --- */

TEST(places_are_filled_in_whatever_order_the_language_has)
{
    Words words;
    Voice voice = voice_of(HEADER "msgid \"{a} of {b}\"\nmsgstr \"von {b}: {a}, {a}\"\n", &words);
    CHECK(is(words_fill(&voice, "{a} of {b}", "a", "1", "b", "{a}"), "von {a}: 1, 1"));
    CHECK(is(words_fill(&voice, "no {place} {x}{", "x", "1"), "no {place} 1{"));
    CHECK(is(words_fill(&voice, "{x} {A} {} {1} { x} {xy} }{x}", "x", "1"),
             "1 {A} {} {1} { x} {xy} }1"));
    CHECK(is(words_fill(&voice, "{day_2} {day2_}", "day_2", "1", "day2_", "2"), "1 2"));
    CHECK(is(words_fill(&voice, "plain"), "plain"));
    CHECK(is(words_fill(&voice, "100 %s %n", "s", "x"), "100 %s %n"));
}

#define SIXTEEN "{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l}{m}{n}{o}{p}"

TEST(a_translation_with_other_places_is_refused)
{
    static const struct {
        const char *po, *why; /* NULL: it is right */
    } table[] = {
        {"msgid \"{a}\"\nmsgstr \"{a}{a}\"\n", NULL},
        {"msgid \"{a}\"\nmsgstr \"a\"\n", "{a} is not in the translation"},
        {"msgid \"a\"\nmsgstr \"{a}\"\n", "{a} is not in the English text"},
        {"msgid \"{a} {b}\"\nmsgstr \"{a} {ab}\"\n", "{b} is not in the translation"},
        {"msgid \"{a}\"\nmsgstr \"{a} {A}\"\n", "brace"},
        {"msgid \"{a}\"\nmsgstr \"{a} {\"\n", "brace"},
        {"msgid \"" SIXTEEN "\"\nmsgstr \"" SIXTEEN "\"\n", NULL},
        {"msgid \"" SIXTEEN "\"\nmsgstr \"" SIXTEEN "{a}\"\n", "more than 16 places"},
        {"msgid \"}\"\nmsgstr \"b\"\n", "brace"},
        {"msgid \"One\"\nmsgid_plural \"{n}\"\nmsgstr[0] \"Ein\"\nmsgstr[1] \"{n}\"\n", NULL},
        {"msgid \"One\"\nmsgid_plural \"{n}\"\nmsgstr[0] \"{n}\"\nmsgstr[1] \"{n}\"\n", NULL},
        {"msgid \"One\"\nmsgid_plural \"{n}\"\nmsgstr[0] \"Ein\"\nmsgstr[1] \"Viele\"\n",
         "{n} is not in the translation"},
        {"msgid \"One\"\nmsgid_plural \"{n} {x}\"\nmsgstr[0] \"Ein\"\nmsgstr[1] \"{n} {x}\"\n",
         "{x} is not in the translation"},
        {"msgid \"One\"\nmsgid_plural \"{n}\"\nmsgstr[0] \"{x}\"\nmsgstr[1] \"{n}\"\n",
         "{x} is not in the English text"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Words words;
        Err err;
        char po[512];
        fresh();
        snprintf(po, sizeof po, "%s%s", HEADER, table[i].po);
        bool loaded = load(po, &words, &err);
        bool right = table[i].why == NULL ? loaded
                                          : !loaded && strstr(err.text, table[i].why) != NULL &&
                                                strstr(err.text, "line 8: ") == err.text;
        if (!right)
            printf("# %s%s\n", table[i].po, err.text);
        CHECK(right);
    }
}

TEST(only_a_form_of_a_single_number_may_be_without_that_number)
{
    Words words;
    Err err;
    fresh();
    CHECK(load(HEADER_OF("ar", SIX_FORMS,
                         "") "msgid \"{n} day\"\nmsgid_plural \"{n} days\"\n"
                             "msgstr[0] \"none\"\nmsgstr[1] \"one\"\nmsgstr[2] \"two\"\n"
                             "msgstr[3] \"{n} a\"\nmsgstr[4] \"{n} b\"\nmsgstr[5] \"{n} c\"\n",
               &words, &err));
    CHECK(!load(HEADER_OF("ru", THREE_RUSSIAN,
                          "") "msgid \"{n} day\"\nmsgid_plural \"{n} days\"\n"
                              "msgstr[0] \"one\"\nmsgstr[1] \"{n} a\"\nmsgstr[2] \"{n} b\"\n",
                &words, &err)); /* 21 takes it, too */
    CHECK(!load(HEADER_OF("fr", "nplurals=2; plural=n>1;",
                          "") "msgid \"{n} day\"\nmsgid_plural \"{n} days\"\n"
                              "msgstr[0] \"one\"\nmsgstr[1] \"{n}\"\n",
                &words, &err)); /* 0 takes it, too */
}

/* --- direction --- */

#define ISOLATED(text) "\u2068" text "\u2069"

TEST(values_are_isolated_in_a_right_to_left_language)
{
    Words words;
    Voice voice = voice_of(
        HEADER_OF("ar", SIX_FORMS, TO_RIGHT) "msgid \"{a} to {b}\"\nmsgstr \"من {a} إلى {b}\"\n",
        &words);
    CHECK(words.right_to_left);
    CHECK(is(words_fill(&voice, "{a} to {b}", "a", "2 x", "b", ""), "من " ISOLATED("2 x") " إلى "));
    CHECK(is(
        words_fill(&voice, "{a} to {b}", "a", ISOLATED("2"), "b", ISOLATED("3") "-" ISOLATED("4")),
        "من " ISOLATED("2") " إلى " ISOLATED(ISOLATED("3") "-" ISOLATED("4"))));
    CHECK(is(words_fill(&voice, "{a}", "a",
                        "\u2068"
                        "2"),
             ISOLATED("\u2068"
                      "2"))); /* not closed */
    CHECK(is(words_say(&voice, "{a} to {b}"), "من {a} إلى {b}"));
    const char *nested = ISOLATED(ISOLATED("3") "-" ISOLATED("4"));
    CHECK(is(words_fill(&voice, "{a}", "a", nested), nested));
    CHECK(is(words_count(&voice, 22787), ISOLATED("22,787")));
    CHECK(is(words_money(&voice, -120000, 2, "EUR"), ISOLATED("\u22121,200.00\u00a0EUR")));
}

TEST(a_right_to_left_name_is_isolated_in_english)
{
    static const char *const names[] = {"محمد",   "דוד",        "ܕ",         "ߞ",
                                        "ࡀ",      "ࢡ",        "\uFB1D",    "\uFDF2",
                                        "\uFE8D", "\U00010800", "\U0001E900"};
    static const char *const others[] = {"Иван",   "Ngô",     "山田", "A\u2009B",   "ﬁ",
                                         "\uFF21", "Ω\u0300", "😀",    "\U00010400", ""};
    fresh();
    Voice voice = {.arena = &said};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char want[64];
        snprintf(want, sizeof want, "For \u2068%s\u2069.", names[i]);
        CHECK(is(words_fill(&voice, "For {name}.", "name", names[i]), want));
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char want[64];
        snprintf(want, sizeof want, "For %s.", others[i]);
        CHECK(is(words_fill(&voice, "For {name}.", "name", others[i]), want));
    }
}

/* --- values --- */

TEST(numbers_are_written_as_the_language_does)
{
    static const struct {
        double value;
        int decimals;
        const char *en, *de;
    } table[] = {
        {0.0, 0, "0", "0"},
        {-0.04, 1, "0.0", "0,0"},
        {-0.06, 1, "\u22120.1", "\u22120,1"},
        {999.0, 0, "999", "999"},
        {1000.0, 0, "1,000", "1.000"},
        {1234567.891, 2, "1,234,567.89", "1.234.567,89"},
        {999999.96, 1, "1,000,000.0", "1.000.000,0"},
        {-12345.0, 0, "\u221212,345", "\u221212.345"},
        {999999999999999.0, 9, "999,999,999,999,999.000000000", "999.999.999.999.999,000000000"},
        {1e15, 0, "\u2013", "\u2013"},
        {(double)NAN, 1, "\u2013", "\u2013"},
        {-(double)INFINITY, 1, "\u2013", "\u2013"},
    };
    Words words;
    Voice german_voice = builtin("de", &words), english = {.arena = &said};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        CHECK(is(words_number(&english, table[i].value, table[i].decimals), table[i].en));
        CHECK(is(words_number(&german_voice, table[i].value, table[i].decimals), table[i].de));
    }
}

TEST(counts_have_all_their_digits_in_groups_of_three)
{
    fresh();
    Voice voice = {.arena = &said};
    CHECK(is(words_count(&voice, INT64_MAX), "9,223,372,036,854,775,807"));
    CHECK(is(words_count(&voice, INT64_MIN), "\u22129,223,372,036,854,775,808"));
    for (int64_t count = 1, digits = 1; digits <= 18; count *= 10, digits++) {
        const char *text = words_count(&voice, count);
        CHECK(strlen(text) == (size_t)(digits + (digits - 1) / 3));
        for (size_t i = strlen(text), k = 1; i-- > 0; k++)
            CHECK((text[i] == ',') == (k % 4 == 0));
    }
}

TEST(a_catalogue_chooses_its_own_signs)
{
    Words words;
    Voice thin = voice_of(
        HEADER "msgctxt \"format\"\nmsgid \"1,234.5\"\nmsgstr \"1\u202f234\u066b5\"\n", &words);
    CHECK(is(words_number(&thin, 1234567.25, 2), "1\u202f234\u202f567\u066b25"));
    Voice none =
        voice_of(HEADER "msgctxt \"format\"\nmsgid \"1,234.5\"\nmsgstr \"1234,5\"\n", &words);
    CHECK(is(words_number(&none, 1234567.25, 2), "1234567,25"));
    CHECK(is(words_money(&none, 5, 3, "KWD"), "0,005\u00a0KWD"));
}

TEST(money_keeps_every_minor_unit)
{
    static const struct {
        int64_t minor;
        int digits;
        const char *currency, *en, *de, *ar;
    } table[] = {
        {123405, 2, "EUR", "1,234.05\u00a0EUR", "1.234,05\u00a0EUR", ISOLATED("1,234.05\u00a0EUR")},
        {-5, 2, "USD", "\u22120.05\u00a0USD", "\u22120,05\u00a0USD",
         ISOLATED("\u22120.05\u00a0USD")},
        {123405, 0, "JPY", "123,405\u00a0JPY", "123.405\u00a0JPY", ISOLATED("123,405\u00a0JPY")},
        {1234050, 3, "KWD", "1,234.050\u00a0KWD", "1.234,050\u00a0KWD",
         ISOLATED("1,234.050\u00a0KWD")},
        {INT64_MIN, 2, "EUR", "\u221292,233,720,368,547,758.08\u00a0EUR",
         "\u221292.233.720.368.547.758,08\u00a0EUR",
         ISOLATED("\u221292,233,720,368,547,758.08\u00a0EUR")},
    };
    Words in_german, in_arabic;
    Err err;
    Voice english = builtin("en", &in_german), de = builtin("de", &in_german), ar = english;
    REQUIRE(words_open(&catalogues, "ar", &in_arabic, &err));
    english.words = NULL;
    ar.words = &in_arabic;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        CHECK(is(words_money(&english, table[i].minor, table[i].digits, table[i].currency),
                 table[i].en));
        CHECK(
            is(words_money(&de, table[i].minor, table[i].digits, table[i].currency), table[i].de));
        CHECK(
            is(words_money(&ar, table[i].minor, table[i].digits, table[i].currency), table[i].ar));
    }
    CHECK(is(words_percent(&english, 19.0, 0), "19\u00a0%"));
    CHECK(is(words_percent(&de, 7.5, 1), "7,5\u00a0%"));
    CHECK(is(words_percent(&ar, 19.0, 0), ISOLATED("19\u00a0%")));
}

TEST(dates_are_written_as_the_language_does)
{
    static const struct {
        WordsDate form;
        const char *en, *de, *ar;
    } table[] = {
        {WORDS_DATE_LONG, "Mon 11 January 2027", "Mo, 11. Januar 2027",
         ISOLATED("الاثنين، 11 يناير 2027")},
        {WORDS_DATE_DAY, "Mon 11 Jan", "Mo, 11. Jan.", ISOLATED("الاثنين، 11 يناير")},
        {WORDS_DATE_SHORT, "11 Jan", "11. Jan.", ISOLATED("11 يناير")},
        {WORDS_DATE_MONTH, "January 2027", "Januar 2027", ISOLATED("يناير 2027")},
        {WORDS_DATE_NUMERIC, "2027-01-11", "2027-01-11", ISOLATED("2027-01-11")},
    };
    Words in_german, in_arabic;
    Err err;
    Voice de = builtin("de", &in_german), english = {.arena = &said}, ar = english;
    REQUIRE(words_open(&catalogues, "ar", &in_arabic, &err));
    ar.words = &in_arabic;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        CHECK(is(words_date(&english, 2027, 1, 11, table[i].form), table[i].en));
        CHECK(is(words_date(&de, 2027, 1, 11, table[i].form), table[i].de));
        CHECK(is(words_date(&ar, 2027, 1, 11, table[i].form), table[i].ar));
    }
    CHECK(is(words_time(&english, 9 * 60 + 5), "09:05"));
    CHECK(is(words_time(&de, 24 * 60), "24:00"));
    CHECK(is(words_time(&ar, 0), ISOLATED("00:00")));
}

TEST(weekdays_follow_one_another_over_four_centuries)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char *const names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    int weekday = 6; /* 1 January 2000 was a Saturday */
    bool right = true;
    for (int year = 2000; year < 2400; year++)
        for (int month = 1; month <= 12; month++) {
            bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            int days = lengths[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= days; day++, weekday = (weekday + 1) % 7) {
                fresh();
                Voice voice = {.arena = &said};
                const char *text = words_date(&voice, year, month, day, WORDS_DATE_DAY);
                right = right && strncmp(text, names[weekday], 3) == 0;
            }
        }
    CHECK(right);
}

TEST(every_month_and_weekday_of_every_language_is_another)
{
    static const char *const languages[] = {"en", "de", "ar"};
    for (size_t i = 0; i < 3; i++) {
        Words words;
        Voice voice = builtin(languages[i], &words);
        for (int a = 1; a <= 12; a++)
            for (int b = 1; b < a; b++)
                for (int form = WORDS_DATE_LONG; form <= WORDS_DATE_MONTH; form++) {
                    const char *one = words_date(&voice, 2027, a, 1, (WordsDate)form);
                    CHECK(strcmp(one, words_date(&voice, 2027, b, 1, (WordsDate)form)) != 0);
                }
        for (int a = 0; a < 7; a++)
            for (int b = 0; b < a; b++)
                CHECK(strcmp(words_weekday(&voice, a), words_weekday(&voice, b)) != 0);
    }
}

TEST(lists_and_ranges_are_joined_as_the_language_does)
{
    static const char *const item[] = {"a", "b", "c", "d"};
    Words in_german, in_arabic;
    Err err;
    Voice de = builtin("de", &in_german), english = {.arena = &said}, ar = english;
    REQUIRE(words_open(&catalogues, "ar", &in_arabic, &err));
    ar.words = &in_arabic;
    CHECK(is(words_list(&english, 0, item), ""));
    CHECK(is(words_list(&english, 1, item), "a"));
    CHECK(is(words_list(&english, 2, item), "a and b"));
    CHECK(is(words_list(&english, 4, item), "a, b, c and d"));
    CHECK(is(words_list(&de, 3, item), "a, b und c"));
    CHECK(is(words_list(&ar, 1, item), ISOLATED("a")));
    CHECK(is(words_list(&ar, 3, item), ISOLATED("a") "، " ISOLATED("b") " و" ISOLATED("c")));
    CHECK(is(words_range(&english, "2", "4"), "2 to 4"));
    CHECK(is(words_range(&de, "2", "4"), "2 bis 4"));
    CHECK(
        is(words_range(&ar, words_count(&ar, 2), "4"), "من " ISOLATED("2") " إلى " ISOLATED("4")));
}

/* --- built in --- */

TEST(every_builtin_catalogue_is_right)
{
    int count = 0;
    for (const EmbedFile *file = po_files; file->name != NULL; file++, count++) {
        Words words;
        Err err = {0};
        fresh();
        bool loaded =
            words_from_po(&catalogues, file->size, (const char *)file->bytes, &words, &err);
        if (!loaded)
            printf("# %s: %s\n", file->name, err.text);
        REQUIRE(loaded);
        CHECK(strncmp(file->name, words.language, strlen(words.language)) == 0);
        CHECK(words.right_to_left == (strcmp(words.language, "ar") == 0));
        CHECK(words.count > 50);
    }
    CHECK(count == 2);
}

TEST(a_language_is_opened_by_its_code_and_others_are_refused_with_a_list)
{
    static const struct {
        const char *asked, *language;
    } table[] = {{"en", "en"}, {"en-GB", "en"}, {"", "en"},      {NULL, "en"},         {"de", "de"},
                 {"ar", "ar"}, {"de-AT", "de"}, {"ar_EG", "ar"}, {"de_DE.UTF-8", "de"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Words words;
        Err err = {0};
        fresh();
        CHECK(words_open(&catalogues, table[i].asked, &words, &err));
        CHECK(is(words_language(&words), table[i].language));
    }
    static const char *const unknown[] = {"fr", "d", "deu", "eng", "../po/de", "EN"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        Words words;
        Err err = {0};
        CHECK(!words_open(&catalogues, unknown[i], &words, &err));
        CHECK(err.code == ERR_INPUT && strstr(err.text, "en, ar, de") != NULL);
    }
}

/* --- memory --- */

TEST(without_room_a_catalogue_is_refused_and_with_room_it_is_read)
{
    static const char po[] = HEADER "msgid \"a\"\nmsgstr \"b\"\n";
    size_t needed = 0;
    Words words;
    Err err;
    fresh();
    REQUIRE(load(po, &words, &err));
    needed = arena_mark(&catalogues);
    for (size_t limit = 0; limit <= needed; limit += 8) {
        Arena small = catalogues;
        small.used = 0;
        small.limit = limit;
        bool loaded = words_from_po(&small, sizeof po - 1, po, &words, &err);
        CHECK(loaded == (limit == needed));
        CHECK(loaded || err.code == ERR_LIMIT);
    }
}

/* What a page says, in all ways there are. */
static void say_everything(Voice *voice)
{
    static const char *const item[] = {"a", "b", "c"};
    const char *text[] = {
        words_fill(voice, "{a} of {b}", "a", "1", "b", words_count(voice, 22787)),
        words_plural(voice, 5, "One day", "{n} days"),
        words_number(voice, 1234.5, 1),
        words_percent(voice, 19.0, 0),
        words_money(voice, 120000, 2, "EUR"),
        words_date(voice, 2027, 1, 11, WORDS_DATE_LONG),
        words_date(voice, 2027, 1, 11, WORDS_DATE_NUMERIC),
        words_time(voice, 540),
        words_range(voice, "2", "4"),
        words_list(voice, 3, item),
    };
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        CHECK(text[i] != NULL && strlen(text[i]) < 200);
}

TEST(without_room_nothing_is_said_and_the_voice_knows)
{
    Words words;
    Voice voice = builtin("ar", &words);
    say_everything(&voice);
    CHECK(!voice.full);
    size_t needed = arena_mark(&said);
    for (size_t limit = 0; limit <= needed; limit += 64) {
        Arena small = said;
        small.used = 0;
        small.limit = limit;
        Voice low = {.words = &words, .arena = &small};
        say_everything(&low);
        CHECK(low.full == (limit < needed));
    }
    Voice homeless = {.words = &words};
    say_everything(&homeless);
    CHECK(homeless.full);
    CHECK(is(words_in(&homeless, "month", "January"), "يناير"));
}
