#include "base/words_internal.h"

#include "base/embed.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* First strong isolate and its end: what stands between does not reorder what stands around it. */
static const char isolate_start[] = "\u2068", isolate_end[] = "\u2069";
enum { ISOLATE_BYTES = 3 };

const char *words_language(const Words *words)
{
    return words == NULL || words->language[0] == '\0' ? "en" : words->language;
}

/* --- the built-in catalogues --- */

static const EmbedFile *catalogue(const char *language, size_t length)
{
    for (const EmbedFile *file = po_files; file->name != NULL; file++)
        if (strlen(file->name) == length + 3 && memcmp(file->name, language, length) == 0)
            return file;
    return NULL;
}

static bool refuse_language(const char *language, Err *err)
{
    char list[128] = "en";
    size_t used = 2;
    for (const EmbedFile *file = po_files; file->name != NULL && used < sizeof list; file++)
        used += (size_t)snprintf(list + used, sizeof list - used, ", %.*s",
                                 (int)strlen(file->name) - 3, file->name);
    return err_set(err, ERR_INPUT, "there are no words in '%.32s'; there are: %s", language, list);
}

bool words_open(Arena *arena, const char *language, Words *words, Err *err)
{
    *words = (Words){0};
    if (language == NULL || language[0] == '\0')
        return true;
    size_t base = strcspn(language, "-_.@"); /* "de-AT", "de_AT.UTF-8" */
    const EmbedFile *file = catalogue(language, strlen(language));
    if (file == NULL)
        file = catalogue(language, base);
    if (file != NULL)
        return words_from_po(arena, file->size, (const char *)file->bytes, words, err);
    return (base == 2 && memcmp(language, "en", 2) == 0) || refuse_language(language, err);
}

/* --- looking up --- */

int words_order(const WordsEntry *a, const WordsEntry *b)
{
    int by_context = strcmp(a->context, b->context);
    return by_context != 0 ? by_context : strcmp(a->english, b->english);
}

const WordsEntry *words_find(const Words *words, const char *context, const char *english)
{
    const WordsEntry wanted = {.context = context, .english = english};
    int low = 0, high = words == NULL ? 0 : words->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        int order = words_order(&words->entry[middle], &wanted);
        if (order == 0)
            return &words->entry[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *words_in(const Voice *voice, const char *context, const char *english)
{
    const WordsEntry *entry = words_find(voice->words, context, english);
    if (entry == NULL)
        return english;
    return entry->many == NULL
               ? entry->form[0]
               : entry->form[words_plural_form(voice->words->plural, voice->words->forms, 1)];
}

const char *words_say(const Voice *voice, const char *english)
{
    return words_in(voice, "", english);
}

/* --- places --- */

static bool is_place_byte(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (!first && ((c >= '0' && c <= '9') || c == '_'));
}

bool words_next_place(const char **at, TextSpan *name, bool *stray)
{
    const char *here = *at;
    for (; *here != '\0'; here++) {
        if (*here != '{' && *here != '}')
            continue;
        const char *stop = here + 1;
        while (is_place_byte(*stop, stop == here + 1))
            stop++;
        if (*here == '{' && *stop == '}' && stop > here + 1) {
            *name = (TextSpan){here + 1, (size_t)(stop - here - 1)};
            *at = stop + 1;
            return true;
        }
        if (stray != NULL)
            *stray = true;
    }
    *at = here;
    return false;
}

static const char *value_of(TextSpan name, const char *const values[])
{
    for (int i = 0; values[i] != NULL && values[i + 1] != NULL; i += 2)
        if (text_equals(name, values[i]))
            return values[i + 1];
    return NULL;
}

/* --- direction --- */

/* A letter of a script that runs from right to left: U+0590-08FF, U+FB1D-FDFF, U+FE70-FEFF and the
 * blocks U+10800-10FFF and U+1E800-1EFFF (Unicode's DerivedBidiClass reserves them). */
static bool has_right_to_left(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
        unsigned a = at[0], b = at[1]; /* a zero at the latest */
        if ((a == 0xD6 && b >= 0x90) || (a >= 0xD7 && a <= 0xDF) ||
            (a == 0xE0 && b >= 0xA0 && b <= 0xA3))
            return true;
        if (a == 0xEF && ((b == 0xAC && at[2] >= 0x9D) || (b >= 0xAD && b <= 0xB7) || b == 0xB9 ||
                          b == 0xBA || b == 0xBB))
            return true;
        if (a == 0xF0 && ((b == 0x90 && at[2] >= 0xA0) || (b == 0x9E && at[2] >= 0xA0)))
            return true;
    }
    return false;
}

/* The whole of it stands between one isolate's start and its end. */
static bool is_isolated(const char *text)
{
    int depth = 0;
    if (strncmp(text, isolate_start, ISOLATE_BYTES) != 0)
        return false;
    for (; *text != '\0'; text++) {
        if (strncmp(text, isolate_start, ISOLATE_BYTES) == 0)
            depth++;
        else if (strncmp(text, isolate_end, ISOLATE_BYTES) == 0 && --depth == 0)
            return text[ISOLATE_BYTES] == '\0';
    }
    return false;
}

static bool wants_isolation(const Voice *voice, const char *text)
{
    bool right_to_left = voice->words != NULL && voice->words->right_to_left;
    return text[0] != '\0' && (right_to_left || has_right_to_left(text)) && !is_isolated(text);
}

/* --- filling in --- */

/* Counts, and writes where there is something to write to. */
typedef struct Pen {
    char *out;
    size_t used;
} Pen;

static void put(Pen *pen, const char *text, size_t length)
{
    if (pen->out != NULL && length > 0)
        memcpy(pen->out + pen->used, text, length);
    pen->used += length;
}

static void put_value(Pen *pen, const char *value, bool isolated)
{
    if (isolated)
        put(pen, isolate_start, ISOLATE_BYTES);
    put(pen, value, strlen(value));
    if (isolated)
        put(pen, isolate_end, ISOLATE_BYTES);
}

static void put_filled(Pen *pen, const Voice *voice, const char *text, const char *const values[],
                       WordsIsolate isolate)
{
    const char *at = text, *done = text;
    TextSpan name;
    while (words_next_place(&at, &name, NULL)) {
        const char *value = value_of(name, values);
        if (value == NULL)
            continue;
        put(pen, done, (size_t)(name.start - 1 - done));
        put_value(pen, value, isolate == WORDS_EACH && wants_isolation(voice, value));
        done = at;
    }
    put(pen, done, strlen(done));
}

const char *words_compose(Voice *voice, const char *text, const char *const values[],
                          WordsIsolate isolate)
{
    /* In a right-to-left language every such text is isolated; in others the pattern is Latin. */
    bool whole = isolate == WORDS_WHOLE && voice->words != NULL && voice->words->right_to_left;
    Pen pen = {0};
    put_filled(&pen, voice, text, values, isolate);
    size_t length = pen.used + (whole ? 2 * ISOLATE_BYTES : 0);
    char *out = voice->arena == NULL ? NULL : ARENA_NEW(voice->arena, char, length + 1);
    if (out == NULL) {
        voice->full = true;
        return "";
    }
    pen = (Pen){.out = out};
    if (whole)
        put(&pen, isolate_start, ISOLATE_BYTES);
    put_filled(&pen, voice, text, values, isolate);
    if (whole)
        put(&pen, isolate_end, ISOLATE_BYTES);
    return out;
}

const char *words_fill_list(Voice *voice, const char *const english_and_values[])
{
    return words_compose(voice, words_say(voice, english_and_values[0]), english_and_values + 1,
                         WORDS_EACH);
}

static const char *plural_text(const Words *words, long n, const char *one, const char *many)
{
    unsigned long size = n < 0 ? 0 - (unsigned long)n : (unsigned long)n;
    const WordsEntry *entry = words_find(words, "", one);
    if (entry == NULL || entry->many == NULL || strcmp(entry->many, many) != 0)
        return size == 1 ? one : many;
    return entry->form[words_plural_form(words->plural, words->forms, size)];
}

const char *words_plural_list(Voice *voice, long n, const char *const one_many_and_values[])
{
    enum { MOST = 2 * WORDS_PLACES };
    const char *values[MOST + 3] = {"n", words_count(voice, n)};
    const char *const *more = one_many_and_values + 2;
    for (int i = 0; more[i] != NULL; i++) {
        assert(i < MOST);
        values[i + 2] = more[i];
    }
    return words_compose(
        voice, plural_text(voice->words, n, one_many_and_values[0], one_many_and_values[1]), values,
        WORDS_EACH);
}
