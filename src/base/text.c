#include "base/text.h"

#include <math.h>
#include <string.h>

TextCursor text_cursor(size_t size, const void *bytes)
{
    const char *start = bytes;
    return (TextCursor){.at = start, .end = start + size, .line = 1};
}

bool text_at_end(const TextCursor *cursor)
{
    return cursor->at >= cursor->end;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static void skip_blanks(TextCursor *cursor)
{
    while (cursor->at < cursor->end && is_blank(*cursor->at))
        cursor->at++;
}

bool text_at_line_end(TextCursor *cursor)
{
    skip_blanks(cursor);
    return cursor->at >= cursor->end || *cursor->at == '\n';
}

void text_skip_line(TextCursor *cursor)
{
    size_t left = (size_t)(cursor->end - cursor->at);
    const char *newline = left > 0 ? memchr(cursor->at, '\n', left) : NULL;
    if (newline == NULL) {
        cursor->at = cursor->end;
        return;
    }
    cursor->at = newline + 1;
    cursor->line++;
}

TextSpan text_word(TextCursor *cursor)
{
    skip_blanks(cursor);
    const char *start = cursor->at;
    while (cursor->at < cursor->end && *cursor->at != '\n' && !is_blank(*cursor->at))
        cursor->at++;
    return (TextSpan){start, (size_t)(cursor->at - start)};
}

TextSpan text_rest_of_line(TextCursor *cursor)
{
    skip_blanks(cursor);
    const char *start = cursor->at;
    while (cursor->at < cursor->end && *cursor->at != '\n')
        cursor->at++;
    const char *stop = cursor->at;
    while (stop > start && is_blank(stop[-1]))
        stop--;
    text_skip_line(cursor);
    return (TextSpan){start, (size_t)(stop - start)};
}

bool text_equals(TextSpan span, const char *word)
{
    return strlen(word) == span.length && memcmp(span.start, word, span.length) == 0;
}

bool text_starts(TextSpan span, const char *word)
{
    size_t length = strlen(word);
    return span.length >= length && memcmp(span.start, word, length) == 0;
}

TextSpan text_span(const char *terminated)
{
    return (TextSpan){terminated, strlen(terminated)};
}

static bool same_word(const char *at, size_t left, const char *word)
{
    size_t length = strlen(word);
    if (left != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((at[i] | 32) != word[i])
            return false;
    return true;
}

/* Up to 19 digits are kept in an integer, the rest only move the exponent; the result is within a
 * few units in the last place, which is far below what any scanner or ruler knows. */
bool text_to_double(TextSpan span, double *value)
{
    const char *at = span.start, *end = span.start + span.length;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    size_t left = (size_t)(end - at);
    if (same_word(at, left, "nan")) {
        *value = (double)NAN;
        return true;
    }
    if (same_word(at, left, "inf") || same_word(at, left, "infinity")) {
        *value = negative ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    unsigned long long mantissa = 0;
    int digits = 0, exponent = 0;
    bool any = false, fraction = false;
    for (; at < end && ((*at >= '0' && *at <= '9') || (*at == '.' && !fraction)); at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        any = true;
        if (digits < 19) {
            mantissa = mantissa * 10 + (unsigned)(*at - '0');
            digits += mantissa != 0;
            exponent -= fraction;
        } else if (!fraction) {
            exponent++;
        }
    }
    if (!any)
        return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        long written;
        if (!text_to_long((TextSpan){at + 1, (size_t)(end - at - 1)}, &written))
            return false;
        written = written > 9999 ? 9999 : written < -9999 ? -9999 : written;
        exponent += (int)written;
        at = end;
    }
    if (at != end)
        return false;
    long double result = (long double)mantissa;
    if (mantissa != 0 && exponent != 0)
        result = exponent > 0 ? result * powl(10.0L, (long double)exponent)
                              : result / powl(10.0L, (long double)-exponent);
    *value = (double)(negative ? -result : result);
    return true;
}

bool text_to_long(TextSpan span, long *value)
{
    const char *at = span.start, *end = span.start + span.length;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    long result = 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        if (result > 99999999999999999L)
            return false;
        result = result * 10 + (*at - '0');
    }
    *value = negative ? -result : result;
    return true;
}
