/* text.h - reading numbers and words out of bytes that nobody has checked.
 *
 * A TextCursor walks over (size, bytes); it never reads past the end, never needs a terminating
 * zero, and does not depend on the locale.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct TextCursor {
    const char *at, *end;
    int line; /* 1 for the first */
} TextCursor;

/* A piece of the text it was cut from; not terminated. */
typedef struct TextSpan {
    const char *start;
    size_t length;
} TextSpan;

TextCursor text_cursor(size_t size, const void *bytes);
bool text_at_end(const TextCursor *cursor);
bool text_at_line_end(TextCursor *cursor); /* skips blanks first */
void text_skip_line(TextCursor *cursor);
/* The next word of this line (up to blank or line end); length 0 at the line end. */
TextSpan text_word(TextCursor *cursor);
/* The rest of this line without blanks around it; moves to the next line. */
TextSpan text_rest_of_line(TextCursor *cursor);

bool text_equals(TextSpan span, const char *word);
bool text_starts(TextSpan span, const char *word);
/* Whole-span conversions; false when anything is left over. Doubles may be inf or nan: check. */
bool text_to_double(TextSpan span, double *value);
bool text_to_long(TextSpan span, long *value);
TextSpan text_span(const char *terminated);

#endif
