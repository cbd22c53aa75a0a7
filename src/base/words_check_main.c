/* words_check FILE.po [FORMS]: is it a catalogue, and how does it write values? For translators,
 * and for tests/words_agree.py. FORMS: the plural forms of 0..FORMS-1, too. */
#include "base/words_internal.h"

#include "base/io.h"

#include <stdio.h>
#include <string.h>

static void print_values(Voice *voice)
{
    static const char *const form[] = {"long", "day", "short", "month", "numeric"};
    const char *money = words_money(voice, -123456789, 2, "EUR");
    const char *const item[] = {words_count(voice, 1000), "Ab-1", money};
    printf("number\t%s\n", words_number(voice, -1234567.25, 2));
    printf("percent\t%s\n", words_percent(voice, 7.5, 1));
    printf("money\t%s\n", money);
    for (int i = WORDS_DATE_LONG; i <= WORDS_DATE_NUMERIC; i++)
        printf("%s\t%s\n", form[i], words_date(voice, 2027, 1, 11, (WordsDate)i));
    printf("time\t%s\n", words_time(voice, 9 * 60 + 5));
    printf("range\t%s\n", words_range(voice, words_count(voice, 2), words_count(voice, 4000)));
    printf("list\t%s\n", words_list(voice, 3, item));
}

/* Context, English, plural and forms, each with a zero behind it; a record separator ends each. */
static void print_texts(const Words *words)
{
    for (int i = 0; i < words->count; i++) {
        const WordsEntry *entry = &words->entry[i];
        printf("%s%c%s%c%s%c", entry->context, 0, entry->english, 0,
               entry->many == NULL ? "" : entry->many, 0);
        for (int k = 0; k < (entry->many == NULL ? 1 : words->forms); k++)
            printf("%s%c", entry->form[k], 0);
        putchar('\x1e');
    }
}

static void print_forms(const Words *words, int count)
{
    for (int n = 0; n < count; n++)
        printf("%d%s", words_plural_form(words->plural, words->forms, (unsigned long)n),
               n < count - 1 ? " " : "\n");
}

static bool check(Arena *arena, Arena *scratch, const char *path, const char *more, Err *err)
{
    size_t size;
    uint8_t *bytes;
    Words words;
    Voice voice = {.words = &words, .arena = scratch};
    long forms = 0;
    if (!io_read_file(scratch, path, 8 << 20, &size, &bytes, err) ||
        !words_from_po(arena, size, (const char *)bytes, &words, err))
        return false;
    if (strcmp(more, "texts") == 0) {
        print_texts(&words);
        return true;
    }
    printf("language\t%s\t%s\t%d texts\t%d forms\n", words.language,
           words.right_to_left ? "right-to-left" : "left-to-right", words.count, words.forms);
    print_values(&voice);
    if (text_to_long(text_span(more), &forms) && forms > 0 && forms <= 100000)
        print_forms(&words, (int)forms);
    return true;
}

int main(int argc, char **argv)
{
    Err err = {0};
    Arena arena = {0}, scratch = {0};
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: words_check FILE.po [texts | FORMS]\n");
        return 2;
    }
    bool done = arena_open(&arena, 64 << 20, &err) && arena_open(&scratch, 64 << 20, &err) &&
                check(&arena, &scratch, argv[1], argc == 3 ? argv[2] : "", &err);
    if (!done)
        fprintf(stderr, "%s: %s\n", argv[1], err.text);
    arena_close(&arena);
    arena_close(&scratch);
    return done ? 0 : 1;
}
