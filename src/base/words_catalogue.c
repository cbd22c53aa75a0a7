#include "base/words_internal.h"

#include <string.h>

enum { SIZE_LIMIT = 4 << 20 };

/* What the parts of a catalogue are checked with. */
typedef struct Catalogue {
    PoReader po;
    Arena *arena;
    Words *words;
    bool single[WORDS_FORMS]; /* the form of one number: its text need not show it */
} Catalogue;

/* --- the header --- */

/* The rest of the line "Name: value"; length 0 when there is none. */
static TextSpan field(const char *header, const char *name)
{
    TextCursor cursor = text_cursor(strlen(header), header);
    size_t length = strlen(name);
    while (!text_at_end(&cursor)) {
        TextSpan line = text_rest_of_line(&cursor);
        if (text_starts(line, name) && line.length > length && line.start[length] == ':') {
            TextCursor value = text_cursor(line.length - length - 1, line.start + length + 1);
            return text_rest_of_line(&value);
        }
    }
    return (TextSpan){header, 0};
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "de", "pt_BR", "zh-Hant" */
static bool read_language(Catalogue *catalogue, int line, TextSpan value)
{
    bool valid = value.length >= 2 && value.length < sizeof catalogue->words->language;
    for (size_t i = 0; valid && i < value.length; i++)
        valid = is_letter(value.start[i]) ||
                (i >= 2 && (value.start[i] == '_' || value.start[i] == '-'));
    if (!valid)
        return po_refuse(&catalogue->po, line,
                         "the header needs 'Language: ' and a code such as de or pt_BR");
    memcpy(catalogue->words->language, value.start, value.length);
    return true;
}

static bool no_room(const Catalogue *catalogue)
{
    return err_set(catalogue->po.err, ERR_LIMIT, "no room for a catalogue of texts");
}

/* "nplurals=2; plural=(n != 1);" */
static bool read_plural_forms(Catalogue *catalogue, int line, TextSpan value)
{
    char why[96];
    TextSpan rest = value;
    int forms = text_starts(value, "nplurals=") && value.length > 10 ? value.start[9] - '0' : 0;
    if (forms < 1 || forms > WORDS_FORMS || value.start[10] != ';')
        return po_refuse(&catalogue->po, line,
                         "the header needs 'Plural-Forms: nplurals=N; plural=...;', N 1 to %d",
                         WORDS_FORMS);
    for (rest.start += 11, rest.length -= 11; rest.length > 0 && *rest.start == ' '; rest.length--)
        rest.start++;
    if (!text_starts(rest, "plural="))
        return po_refuse(&catalogue->po, line, "the header's Plural-Forms lack 'plural='");
    rest.start += 7;
    rest.length -= 7;
    rest.length -= rest.length > 0 && rest.start[rest.length - 1] == ';';
    char *plural = ARENA_NEW(catalogue->arena, char, rest.length + 1);
    if (plural == NULL)
        return no_room(catalogue);
    memcpy(plural, rest.start, rest.length);
    catalogue->words->forms = forms;
    catalogue->words->plural = plural;
    return words_plural_is_valid(plural, forms, catalogue->single, why) ||
           po_refuse(&catalogue->po, line, "the header's plural expression: %s", why);
}

static bool read_direction(Catalogue *catalogue, int line, TextSpan value)
{
    catalogue->words->right_to_left = text_equals(value, "right-to-left");
    return catalogue->words->right_to_left || value.length == 0 ||
           text_equals(value, "left-to-right") ||
           po_refuse(&catalogue->po, line,
                     "the header's X-Text-Direction is left-to-right or right-to-left");
}

static bool read_header(Catalogue *catalogue, const PoEntry *entry)
{
    const char *header = entry->texts.form[0];
    int line = entry->texts.line;
    if (entry->texts.english[0] != '\0' || entry->texts.context[0] != '\0' ||
        entry->texts.many != NULL)
        return po_refuse(&catalogue->po, line, "the first entry is not the header (msgid \"\")");
    if (!text_equals(field(header, "Content-Type"), "text/plain; charset=UTF-8"))
        return po_refuse(&catalogue->po, line,
                         "the header needs 'Content-Type: text/plain; charset=UTF-8'");
    return read_language(catalogue, line, field(header, "Language")) &&
           read_direction(catalogue, line, field(header, "X-Text-Direction")) &&
           read_plural_forms(catalogue, line, field(header, "Plural-Forms"));
}

/* --- what a translation may be --- */

static bool has_place(const char *text, TextSpan wanted)
{
    TextSpan name;
    while (words_next_place(&text, &name, NULL))
        if (name.length == wanted.length && memcmp(name.start, wanted.start, name.length) == 0)
            return true;
    return false;
}

/* Every place of `text` is one of `other`; {n} may be missing there if may_lack_n. Each is looked
 * for in all of `other`, hence the limit. */
static bool places_within(const Catalogue *catalogue, int line, const char *text, const char *other,
                          bool may_lack_n, const char *where)
{
    const char *at = text;
    TextSpan name;
    bool stray = false;
    for (int count = 1; words_next_place(&at, &name, &stray); count++) {
        if (count > WORDS_PLACES)
            return po_refuse(&catalogue->po, line, "'%.*s' has more than %d places", po_shown(text),
                             text, WORDS_PLACES);
        if (!has_place(other, name) && !(may_lack_n && text_equals(name, "n")))
            return po_refuse(&catalogue->po, line, "'%.*s': {%.*s} is not in %s", po_shown(text),
                             text, (int)(name.length < 40 ? name.length : 40), name.start, where);
    }
    return !stray ||
           po_refuse(&catalogue->po, line, "'%.*s' has a brace that is not part of a {place}",
                     po_shown(text), text);
}

static bool ends_alike(const char *text, const char *other)
{
    size_t length = strlen(text), other_length = strlen(other);
    return (text[0] == '\n') == (other[0] == '\n') &&
           (text[length - 1] == '\n') == (other[other_length - 1] == '\n');
}

static bool check_form(const Catalogue *catalogue, const WordsEntry *texts, int form)
{
    const char *english = texts->many == NULL ? texts->english : texts->many;
    const char *text = texts->form[form];
    bool single = texts->many != NULL && catalogue->single[form];
    if (!ends_alike(text, english))
        return po_refuse(
            &catalogue->po, texts->line,
            "'%.*s' and its translation do not both start and end with a line break, or "
            "both without",
            po_shown(english), english);
    return places_within(catalogue, texts->line, english, text, single, "the translation") &&
           places_within(catalogue, texts->line, text, english, false, "the English text");
}

/* Keeps what can be said: an entry that is fuzzy or not (all) translated is said in English. */
static bool check_entry(const Catalogue *catalogue, PoEntry *entry, bool *kept)
{
    const WordsEntry *texts = &entry->texts;
    int forms = texts->many == NULL ? 1 : catalogue->words->forms;
    if (texts->english[0] == '\0')
        return po_refuse(&catalogue->po, texts->line, "msgid is empty");
    if (texts->many != NULL && texts->many[0] == '\0')
        return po_refuse(&catalogue->po, texts->line, "msgid_plural is empty");
    if (entry->forms != forms)
        return po_refuse(&catalogue->po, texts->line, "'%.*s' has %d forms, the header says %d",
                         po_shown(texts->english), texts->english, entry->forms, forms);
    *kept = !entry->fuzzy;
    for (int i = 0; i < forms; i++)
        *kept = *kept && texts->form[i][0] != '\0';
    for (int i = 0; *kept && i < forms; i++)
        if (!check_form(catalogue, texts, i))
            return false;
    return true;
}

/* --- the catalogue --- */

static void sift(WordsEntry entry[], int root, int count)
{
    WordsEntry moved = entry[root];
    for (int child = 2 * root + 1; child < count; root = child, child = 2 * root + 1) {
        if (child + 1 < count && words_order(&entry[child], &entry[child + 1]) < 0)
            child++;
        if (words_order(&moved, &entry[child]) >= 0)
            break;
        entry[root] = entry[child];
    }
    entry[root] = moved;
}

/* Heap sort: no memory, no worst case. */
static void sort(int count, WordsEntry entry[])
{
    for (int i = count / 2 - 1; i >= 0; i--)
        sift(entry, i, count);
    for (int i = count - 1; i > 0; i--) {
        WordsEntry last = entry[0];
        entry[0] = entry[i];
        entry[i] = last;
        sift(entry, 0, i);
    }
}

/* Entries that are not kept have no form; they count as duplicates, too. */
static bool arrange(const Catalogue *catalogue, int count, WordsEntry entry[])
{
    int kept = 0;
    sort(count, entry);
    for (int i = 1; i < count; i++)
        if (words_order(&entry[i - 1], &entry[i]) == 0) {
            bool swapped = entry[i - 1].line > entry[i].line;
            return po_refuse(&catalogue->po, entry[swapped ? i - 1 : i].line,
                             "'%.*s' stands on line %d already", po_shown(entry[i].english),
                             entry[i].english, entry[swapped ? i : i - 1].line);
        }
    for (int i = 0; i < count; i++)
        if (entry[i].form[0] != NULL)
            entry[kept++] = entry[i];
    catalogue->words->entry = entry;
    catalogue->words->count = kept;
    return true;
}

/* The pattern is the number 1,234.5 as the language writes it. */
static bool learn_numbers(const Catalogue *catalogue)
{
    Words *words = catalogue->words;
    const WordsEntry *entry = words_find(words, "format", NC_("format", "1,234.5"));
    if (entry == NULL)
        return true;
    const char *text = entry->form[0];
    const char *hundreds = strstr(text, "234"), *tenth = hundreds == NULL ? NULL : hundreds + 3;
    size_t group = hundreds == NULL ? 0 : (size_t)(hundreds - text - 1);
    size_t point = tenth == NULL ? 0 : strcspn(tenth, "0123456789");
    bool valid = text[0] == '1' && hundreds != NULL && hundreds > text &&
                 strcspn(text + 1, "0123456789") == group && group < sizeof words->group &&
                 point > 0 && point < sizeof words->point && strcmp(tenth + point, "5") == 0;
    if (!valid)
        return po_refuse(&catalogue->po, entry->line,
                         "'%.*s' is not the number 1,234.5 with the language's own signs",
                         po_shown(text), text);
    memcpy(words->group, text + 1, group);
    memcpy(words->point, tenth, point);
    return true;
}

static int most_entries(size_t size, const char *bytes)
{
    TextCursor cursor = text_cursor(size, bytes);
    int most = 0;
    while (!text_at_end(&cursor)) {
        TextSpan line = text_rest_of_line(&cursor);
        most += text_starts(line, "msgid") && !text_starts(line, "msgid_plural");
    }
    return most;
}

static bool read_entries(Catalogue *catalogue, int most, WordsEntry entry[])
{
    PoEntry next;
    int count = 0;
    if (!po_next(&catalogue->po, &next))
        return false;
    if (next.texts.english == NULL)
        return po_refuse(&catalogue->po, catalogue->po.number, "there is no header");
    if (!read_header(catalogue, &next))
        return false;
    while (po_next(&catalogue->po, &next)) {
        bool kept = false;
        if (next.texts.english == NULL)
            return arrange(catalogue, count, entry) && learn_numbers(catalogue);
        if (!check_entry(catalogue, &next, &kept))
            return false;
        if (!kept)
            next.texts.form[0] = NULL;
        if (count < most)
            entry[count++] = next.texts;
    }
    return false;
}

bool words_from_po(Arena *arena, size_t size, const char *bytes, Words *words, Err *err)
{
    *words = (Words){0};
    if (size > SIZE_LIMIT)
        return err_set(err, ERR_INPUT, "%zu bytes are no catalogue; %d is the limit", size,
                       SIZE_LIMIT);
    Catalogue catalogue = {.po = {.err = err}, .arena = arena, .words = words};
    int most = most_entries(size, bytes);
    WordsEntry *entry = ARENA_NEW(arena, WordsEntry, (size_t)most);
    char *pool = ARENA_NEW(arena, char, size + 1);
    if (entry == NULL || pool == NULL)
        return no_room(&catalogue);
    return po_open(size, bytes, pool, &catalogue.po, err) && read_entries(&catalogue, most, entry);
}
