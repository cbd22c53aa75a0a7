/* words.h - what a client reads, in the client's language.
 *
 * The English text in the source is the key; a catalogue (gettext .po, docs/languages.md) holds the
 * translations, and what it lacks is said in English. Texts have named places, never printf
 * formats:
 *
 *     words_fill(&voice, "Session {number} of {count}", "number", words_count(&voice, 2),
 *                "count", words_count(&voice, 3))
 *
 * tools/words.py finds the literals in calls of words_say, words_in, words_fill and words_plural
 * and in N_() and NC_(), so write the English there as a literal.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/arena.h"

#include <stdint.h>

struct WordsEntry;

/* A catalogue: read once, then only read. {0} is English. Its texts live in the arena. */
typedef struct Words {
    char language[16]; /* "de"; "" is "en" */
    bool right_to_left;
    int count;
    const struct WordsEntry *entry; /* [count] in order of context and English */
    int forms;                      /* plural forms; 0 in English */
    const char *plural;             /* the expression in n that picks one */
    char group[8], point[8];        /* of numbers; without a point they are the English ones */
} Words;

/* A built-in catalogue: "en" (or NULL), "de", "ar"; "de-AT" is "de". ERR_INPUT lists what there
 * is.*/
MUST_CHECK bool words_open(Arena *arena, const char *language, Words *words, Err *err);
/* The bytes of a .po file. ERR_INPUT names the line and the reason. */
MUST_CHECK bool words_from_po(Arena *arena, size_t size, const char *bytes, Words *words, Err *err);
/* "de"; "en" for an empty or no catalogue. */
const char *words_language(const Words *words);

/* Who speaks: a catalogue (NULL: English) and where the texts it makes live. Without room a text is
 * "" and full becomes true: look at it once, at the end. One per thread. */
typedef struct Voice {
    const Words *words;
    Arena *arena;
    bool full;
} Voice;

/* A text without places, or an English one from data. Needs no arena. */
const char *words_say(const Voice *voice, const char *english);
/* The same English with another meaning: words_in(v, "month short", "May"). */
const char *words_in(const Voice *voice, const char *context, const char *english);
/* words_fill(voice, english, name, value, ...): a place without a value stays as it is written. In
 * a right-to-left language every value is isolated (U+2068, U+2069), so that amounts and Latin
 * names keep their order. */
#define words_fill(voice, ...) words_fill_list((voice), (const char *const[]){__VA_ARGS__, NULL})
/* words_plural(voice, n, one, many, name, value, ...): the form that n takes; {n} is filled in. */
#define words_plural(voice, n, ...)                                                                \
    words_plural_list((voice), (n), (const char *const[]){__VA_ARGS__, NULL})
/* english, name, value, ..., NULL and one, many, name, value, ..., NULL. */
const char *words_fill_list(Voice *voice, const char *const english_and_values[]);
const char *words_plural_list(Voice *voice, long n, const char *const one_many_and_values[]);

/* Marks a text in a table, said later with words_say (words_in). */
#define N_(english)           english
#define NC_(context, english) english

/* ---- How values are written: the catalogue's matter, in Western digits everywhere. They come
 * isolated where text runs from right to left; what stands before a unit or a currency is a space
 * that does not break (U+00A0). */

enum { WORDS_DECIMALS = 9 };
/* "1,234.5", a minus sign (U+2212) before it; an en dash for what is no number below 1e15. */
const char *words_number(Voice *voice, double value, int decimals);
const char *words_count(Voice *voice, int64_t count);                  /* "22,787" */
const char *words_percent(Voice *voice, double percent, int decimals); /* "19 %" */
/* "1,200.00 EUR": whole minor units, of which 10^minor_digits are one unit. */
const char *words_money(Voice *voice, int64_t minor, int minor_digits, const char *currency);

typedef enum WordsDate {
    WORDS_DATE_LONG,    /* "Mon 11 January 2027" */
    WORDS_DATE_DAY,     /* "Mon 11 Jan" */
    WORDS_DATE_SHORT,   /* "11 Jan" */
    WORDS_DATE_MONTH,   /* "January 2027" */
    WORDS_DATE_NUMERIC, /* "2027-01-11" everywhere */
} WordsDate;
/* year 1..9999, month 1..12, day 1..31, Gregorian. */
const char *words_date(Voice *voice, int year, int month, int day, WordsDate form);
const char *words_weekday(Voice *voice, int weekday);    /* "Mon": 0 Sunday .. 6 Saturday */
const char *words_time(Voice *voice, int minute_of_day); /* "09:30" */

/* "2 to 4"; "a, b and c". */
const char *words_range(Voice *voice, const char *low, const char *high);
const char *words_list(Voice *voice, int count, const char *const item[]);

#endif
