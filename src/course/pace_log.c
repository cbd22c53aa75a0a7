/* A practitioner's log of sessions as CSV (RFC 4180). */
#include "course/pace.h"

#include "course/pace_internal.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CELL = 48, LOG_SIZE_LIMIT = 1 << 20 };

typedef struct Log {
    const char *at, *end;
    int line, columns; /* line 1 is the heading; 3 columns or 4 */
    Err *err;
} Log;

static bool refuse(const Log *log, int column, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool refuse(const Log *log, int column, const char *fmt, ...)
{
    char what[256];
    va_list list;
    va_start(list, fmt);
    vsnprintf(what, sizeof what, fmt, list);
    va_end(list);
    return err_set(
        log->err, ERR_INPUT, "pace log: line %d, column %d (%s): %s", log->line, column + 1,
        column < PACE_COLUMNS ? pace_column_name((PaceColumn)column) : "one too many", what);
}

static bool at_line_end(const Log *log)
{
    return log->at == log->end || *log->at == '\n' ||
           (*log->at == '\r' && log->at + 1 < log->end && log->at[1] == '\n');
}

static bool put(const Log *log, int column, size_t *used, char cell[CELL])
{
    char c = *log->at;
    if ((unsigned char)c < 0x20 || c == 0x7f || (unsigned char)c >= 0x80)
        return refuse(log, column, "a character (code %d) that no date or number has",
                      (unsigned char)c);
    if (*used + 1 >= CELL)
        return refuse(log, column, "more than %d characters", CELL - 1);
    cell[(*used)++] = c;
    return true;
}

/* Behind the opening quote; a quote inside is doubled. */
static bool read_quoted(Log *log, int column, char cell[CELL])
{
    size_t used = 0;
    for (; log->at < log->end; log->at++) {
        if (*log->at == '"' && !(log->at + 1 < log->end && log->at[1] == '"')) {
            log->at++;
            cell[used] = '\0';
            return at_line_end(log) || *log->at == ',' ||
                   refuse(log, column, "text behind the closing quote");
        }
        if (!put(log, column, &used, cell))
            return false;
        log->at += *log->at == '"';
    }
    return refuse(log, column, "the quote is not closed");
}

static bool read_cell(Log *log, int column, char cell[CELL])
{
    size_t used = 0;
    if (log->at < log->end && *log->at == '"') {
        log->at++;
        return read_quoted(log, column, cell);
    }
    for (; !at_line_end(log) && *log->at != ','; log->at++) {
        if (*log->at == '"')
            return refuse(log, column, "a quote inside of a cell that does not begin with one");
        if (!put(log, column, &used, cell))
            return false;
    }
    cell[used] = '\0';
    return true;
}

/* The cells of a line; the comma behind one is taken with it. */
static bool read_cells(Log *log, int *count, char cell[PACE_COLUMNS][CELL])
{
    *count = 0;
    for (;;) {
        if (*count == PACE_COLUMNS)
            return refuse(log, *count, "a line has at most %d cells", PACE_COLUMNS);
        if (!read_cell(log, *count, cell[*count]))
            return false;
        (*count)++;
        if (at_line_end(log))
            break;
        log->at++;
    }
    return true;
}

static void next_line(Log *log)
{
    if (log->at < log->end && *log->at == '\r')
        log->at++;
    if (log->at < log->end)
        log->at++;
    log->line++;
}

/* date,dots,minutes or date,dots,minutes,difficulty: other orders are refused, because dots and
 * minutes that have changed places can look like each other. */
static bool read_heading(Log *log)
{
    char cell[PACE_COLUMNS][CELL];
    static const unsigned char mark[3] = {0xef, 0xbb, 0xbf}; /* of UTF-8 */
    if (log->end - log->at >= 3 && memcmp(log->at, mark, 3) == 0)
        log->at += 3;
    if (!read_cells(log, &log->columns, cell))
        return false;
    if (log->columns == 1 && strchr(cell[0], ';') != NULL)
        return refuse(log, 0,
                      "the cells are parted by ';', not by ',': save it as CSV with commas");
    for (int i = 0; i < log->columns; i++)
        if (strcmp(cell[i], pace_column_name((PaceColumn)i)) != 0)
            return refuse(log, i, "the heading is '%s', not '%s'", cell[i],
                          pace_column_name((PaceColumn)i));
    return log->columns >= 3 ||
           refuse(log, log->columns, "the heading is missing: date,dots,minutes[,difficulty]");
}

static bool read_whole(const Log *log, int column, const char *cell, int *value)
{
    long wide;
    bool digits = cell[0] != '\0' && strspn(cell, "0123456789") == strlen(cell);
    if (!digits || !text_to_long(text_span(cell), &wide) || wide > 1000000000)
        return refuse(log, column, "'%s' is no whole number", cell);
    *value = (int)wide;
    return true;
}

static bool read_number(const Log *log, int column, const char *cell, double *value)
{
    bool plain = cell[0] != '\0' && strspn(cell, "0123456789.") == strlen(cell);
    if (plain && text_to_double(text_span(cell), value))
        return true;
    return refuse(log, column, "'%s' is no number%s", cell,
                  strchr(cell, ',') != NULL ? " (a point, not a comma, goes before the decimals)"
                                            : "");
}

static bool read_entry(Log *log, PaceEntry *entry)
{
    char cell[PACE_COLUMNS][CELL];
    int count;
    Err why;
    if (!read_cells(log, &count, cell))
        return false;
    if (count != log->columns)
        return refuse(log, count < log->columns ? count : log->columns,
                      "the line has %d cells, the heading %d", count, log->columns);
    if (!course_date_parse(cell[0], &entry->date, &why))
        return refuse(log, 0, "%s", why.text);
    entry->difficulty = 1.0;
    if (!read_whole(log, 1, cell[1], &entry->dots) ||
        !read_number(log, 2, cell[2], &entry->minutes) ||
        (log->columns == 4 && !read_number(log, 3, cell[3], &entry->difficulty)))
        return false;
    return pace_check_entry(entry, log->line, log->err);
}

static int count_lines(size_t size, const char *bytes)
{
    int lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    return lines;
}

bool pace_log_from_csv(Arena *arena, size_t size, const char *bytes, int *count, PaceEntry **entry,
                       Err *err)
{
    Log log = {.at = bytes, .end = bytes + size, .line = 1, .err = err};
    if (size > LOG_SIZE_LIMIT)
        return err_set(err, ERR_LIMIT, "pace log: %zu bytes are more than the limit of %d", size,
                       LOG_SIZE_LIMIT);
    int most = count_lines(size, bytes);
    most = most < PACE_MAX_LOG ? most : PACE_MAX_LOG;
    *count = 0;
    *entry = ARENA_NEW(arena, PaceEntry, (size_t)most);
    if (*entry == NULL)
        return err_set(err, ERR_LIMIT, "no room for a pace log of %d sessions", most);
    if (!read_heading(&log))
        return false;
    for (next_line(&log); log.at < log.end; next_line(&log)) {
        if (*count == most)
            return err_set(err, ERR_LIMIT,
                           "pace log: line %d is one more than %d sessions: leave "
                           "out the oldest",
                           log.line, PACE_MAX_LOG);
        if (!read_entry(&log, &(*entry)[*count]))
            return false;
        (*count)++;
    }
    return true;
}
