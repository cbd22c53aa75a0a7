#include "base/words_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The reader of .po files: entries of keyword lines and strings that go on over several lines.
 * Everything that is not understood is refused, so that a slip of the pen is seen when the file is
 * loaded and not by a client. */

enum { SHOWN_BYTES = 60 };

bool po_refuse(const PoReader *reader, int line, const char *fmt, ...)
{
    char why[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return err_set(reader->err, ERR_INPUT, "line %d: %s", line, why);
}

int po_shown(const char *text)
{
    size_t length = strcspn(text, "\n\t");
    if (length <= SHOWN_BYTES)
        return (int)length;
    for (length = SHOWN_BYTES; length > 0 && (text[length] & 0xC0) == 0x80;)
        length--;
    return (int)length;
}

/* --- lines --- */

/* How many bytes the UTF-8 character at `at` has; 0 when it is none (Unicode 15, table 3-7). */
static size_t character(const unsigned char *at, size_t left)
{
    unsigned a = at[0];
    size_t length = a < 0x80 ? 1 : a >= 0xC2 && a < 0xE0 ? 2 : a >= 0xE0 && a < 0xF0 ? 3 : 4;
    if (length == 1)
        return a >= 0x20 && a != 0x7F ? 1 : a == '\t' ? 1 : 0;
    if (length > left || a < 0xC2 || a > 0xF4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    if ((a == 0xE0 && at[1] < 0xA0) || (a == 0xED && at[1] > 0x9F) || (a == 0xF0 && at[1] < 0x90) ||
        (a == 0xF4 && at[1] > 0x8F))
        return 0;
    return length;
}

static bool is_clean(const PoReader *reader)
{
    const unsigned char *at = (const unsigned char *)reader->line.start;
    size_t left = reader->line.length;
    while (left > 0) {
        size_t length = character(at, left);
        if (length == 0)
            return po_refuse(reader, reader->number, "byte 0x%02X is no text in UTF-8", at[0]);
        at += length;
        left -= length;
    }
    return true;
}

/* The next line that is not blank, without blanks before it. */
static bool next_line(PoReader *reader)
{
    do {
        reader->ended = reader->at >= reader->end;
        reader->line = (TextSpan){reader->end, 0};
        if (reader->ended)
            return true;
        size_t left = (size_t)(reader->end - reader->at);
        const char *stop = memchr(reader->at, '\n', left);
        const char *start = reader->at;
        reader->at = stop == NULL ? reader->end : stop + 1;
        stop = stop == NULL ? reader->end : stop;
        stop -= stop > start && stop[-1] == '\r';
        reader->line = (TextSpan){start, (size_t)(stop - start)};
        reader->number++;
        if (!is_clean(reader))
            return false;
        while (start < stop && (*start == ' ' || *start == '\t'))
            start++;
        reader->line = (TextSpan){start, (size_t)(stop - start)};
    } while (reader->line.length == 0);
    return true;
}

/* "#, fuzzy, python-brace-format" */
static bool says_fuzzy(TextSpan line)
{
    const char *at = line.start + 2, *end = line.start + line.length;
    while (at < end) {
        const char *start = at;
        while (at < end && *at != ',' && *at != ' ' && *at != '\t')
            at++;
        if (text_equals((TextSpan){start, (size_t)(at - start)}, "fuzzy"))
            return true;
        at++;
    }
    return false;
}

/* Obsolete entries ("#~") are comments, too. */
static bool skip_comments(PoReader *reader, bool *fuzzy)
{
    *fuzzy = false;
    while (!reader->ended && reader->line.start[0] == '#') {
        if (reader->line.length > 1 && reader->line.start[1] == ',')
            *fuzzy = *fuzzy || says_fuzzy(reader->line);
        if (!next_line(reader))
            return false;
    }
    return true;
}

/* --- strings --- */

/* One "..." and nothing behind it, at `at` of the line, to the pool. */
static bool read_piece(PoReader *reader, size_t at)
{
    const char *text = reader->line.start;
    size_t end = reader->line.length;
    while (at < end && (text[at] == ' ' || text[at] == '\t'))
        at++;
    if (at == end || text[at] != '"')
        return po_refuse(reader, reader->number, "a text in quotation marks is expected");
    for (at++; at < end && text[at] != '"'; at++) {
        char c = text[at];
        if (c == '\\') {
            c = ++at < end ? text[at] : ' ';
            if (c != 'n' && c != 't' && c != '"' && c != '\\')
                return po_refuse(reader, reader->number,
                                 "a backslash is followed by one of n t \" and backslash");
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        *reader->pool++ = c;
    }
    if (at == end)
        return po_refuse(reader, reader->number, "the text has no second quotation mark");
    for (at++; at < end; at++)
        if (text[at] != ' ' && text[at] != '\t')
            return po_refuse(reader, reader->number, "something stands behind the text");
    return next_line(reader);
}

/* The line is KEYWORD "..." and perhaps more strings below it. */
static bool read_text(PoReader *reader, const char *keyword, const char **text)
{
    size_t length = strlen(keyword);
    if (!text_starts(reader->line, keyword))
        return po_refuse(reader, reader->number, "%s is expected", keyword);
    *text = reader->pool;
    if (!read_piece(reader, length))
        return false;
    while (!reader->ended && reader->line.start[0] == '"')
        if (!read_piece(reader, 0))
            return false;
    *reader->pool++ = '\0';
    return true;
}

static bool read_forms(PoReader *reader, PoEntry *entry)
{
    if (entry->texts.many == NULL) {
        entry->forms = 1;
        return read_text(reader, "msgstr", &entry->texts.form[0]);
    }
    for (entry->forms = 0; text_starts(reader->line, "msgstr"); entry->forms++) {
        char keyword[16];
        if (entry->forms == WORDS_FORMS)
            return po_refuse(reader, reader->number, "there are more than %d forms", WORDS_FORMS);
        snprintf(keyword, sizeof keyword, "msgstr[%d]", entry->forms);
        if (!read_text(reader, keyword, &entry->texts.form[entry->forms]))
            return false;
    }
    return true;
}

bool po_next(PoReader *reader, PoEntry *entry)
{
    *entry = (PoEntry){.texts = {.context = ""}};
    if (!skip_comments(reader, &entry->fuzzy))
        return false;
    if (reader->ended)
        return true;
    if (text_starts(reader->line, "msgctxt") &&
        !read_text(reader, "msgctxt", &entry->texts.context))
        return false;
    entry->texts.line = reader->number;
    if (!read_text(reader, "msgid", &entry->texts.english))
        return false;
    if (text_starts(reader->line, "msgid_plural") &&
        !read_text(reader, "msgid_plural", &entry->texts.many))
        return false;
    return read_forms(reader, entry);
}

bool po_open(size_t size, const char *bytes, char *pool, PoReader *reader, Err *err)
{
    *reader = (PoReader){.at = bytes, .end = bytes + size, .pool = pool, .err = err};
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) /* some editors' byte order mark */
        reader->at += 3;
    return next_line(reader);
}
