/* words_internal.h - what the parts of words.h share. */
#ifndef BASE_WORDS_INTERNAL_H
#define BASE_WORDS_INTERNAL_H

#include "base/words.h"

#include "base/text.h"

enum { WORDS_FORMS = 6 };   /* Arabic has six, no language of the CLDR more */
enum { WORDS_PLACES = 16 }; /* in a text */

typedef struct WordsEntry {
    const char *context; /* "" for none */
    const char *english;
    const char *many; /* NULL: no plural */
    const char *form[WORDS_FORMS];
    int line; /* of its msgid */
} WordsEntry;

/* < 0, 0, > 0 as a stands before b. */
int words_order(const WordsEntry *a, const WordsEntry *b);
/* NULL when there is none. */
const WordsEntry *words_find(const Words *words, const char *context, const char *english);

/* words_plural.c: expressions as gettext writes them, without + - * / and !, and % by a literal.
 * False with what is wrong in `why` when the expression is none, or leaves 0..forms-1. single: at
 * most one n takes the form, so its text need not show n. */
enum { WORDS_PLURAL_TRIED = 1000 }; /* n up to there, as gettext's own check */
bool words_plural_is_valid(const char *expression, int forms, bool single[WORDS_FORMS],
                           char why[96]);
int words_plural_form(const char *expression, int forms, unsigned long n);

/* Moves *at behind the next place "{name}" and gives its name; false at the end of the text.
 * Braces that are no place are passed over; *stray, if asked for, says that there was one. */
bool words_next_place(const char **at, TextSpan *name, bool *stray);

/* words_po.c: the grammar of .po files. Everything that is not understood is refused, so that a
 * slip of the pen is seen when the file is loaded and not by a client. */
typedef struct PoReader {
    const char *at, *end; /* what follows the line */
    TextSpan line;        /* without its end; empty behind the last */
    int number;           /* of the line; 1 for the first */
    bool ended;           /* behind the last */
    char *pool;           /* where strings go: never more bytes than the file has */
    Err *err;
} PoReader;

typedef struct PoEntry {
    WordsEntry texts; /* english NULL: the file ended */
    int forms;
    bool fuzzy;
} PoEntry;

/* pool[size + 1] keeps the strings. */
bool po_open(size_t size, const char *bytes, char *pool, PoReader *reader, Err *err);
bool po_next(PoReader *reader, PoEntry *entry);
/* "line 12: ..." */
bool po_refuse(const PoReader *reader, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* How many bytes of a text a message shows: whole characters of its first line. */
int po_shown(const char *text);

typedef enum WordsIsolate { WORDS_NONE, WORDS_EACH, WORDS_WHOLE } WordsIsolate;
/* The text with its places filled from {name, value, ..., NULL}; nothing, each value or the whole
 * is isolated where that is needed; "" without room. */
const char *words_compose(Voice *voice, const char *text, const char *const values[],
                          WordsIsolate isolate);

#endif
