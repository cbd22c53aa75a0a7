#include "base/words_internal.h"

#include <stdlib.h>
#include <string.h>

/* The text ends, and its places are those of the English but for {n}. */
static void inspect(const char *text, const char *english)
{
    TextSpan name;
    const char *at = text;
    bool stray = false;
    while (words_next_place(&at, &name, &stray)) {
        const char *other = english;
        TextSpan same;
        bool found = false;
        while (!found && words_next_place(&other, &same, NULL))
            found = same.length == name.length && memcmp(same.start, name.start, name.length) == 0;
        if (!found)
            abort();
    }
    if (stray)
        abort();
}

static void say(const Words *words, Arena *arena)
{
    static const char *const item[] = {"a", "\u05D0", "c"};
    Voice voice = {.words = words, .arena = arena};
    for (int i = 0; i < words->count && i < 100; i++) {
        const WordsEntry *entry = &words->entry[i];
        size_t mark = arena_mark(arena);
        if (words_find(words, entry->context, entry->english) != entry)
            abort();
        for (int k = 0; k < (entry->many == NULL ? 1 : words->forms); k++)
            inspect(entry->form[k], entry->many == NULL ? entry->english : entry->many);
        if (entry->many != NULL)
            for (long n = -3; n < 130; n += 7)
                words_plural(&voice, n, entry->english, entry->many, "a", "b");
        words_fill(&voice, entry->english, "a", "b", "n", "2");
        arena_rewind(arena, mark);
    }
    words_money(&voice, -123456789, 2, "EUR");
    words_date(&voice, 2027, 1, 11, WORDS_DATE_LONG);
    words_range(&voice, "1", "2");
    words_list(&voice, 3, item);
}

/* Any bytes: refused with a line, or a catalogue that speaks. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena arena, said;
    Words words;
    Err err = {0};
    if (arena.base == NULL &&
        (!arena_open(&arena, 16 << 20, &err) || !arena_open(&said, 16 << 20, &err)))
        abort();
    arena_rewind(&arena, 0);
    arena_rewind(&said, 0);
    if (words_from_po(&arena, size, (const char *)data, &words, &err))
        say(&words, &said);
    else if (err.code != ERR_INPUT || err.text[0] == '\0')
        abort();
    return 0;
}
