/* Tables as RFC 4180 has them: a header line, commas, quotes only where a text needs them. */
#include "casefile/casefile_internal.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- writing ---- */

char *csv_put_text(char *to, const char *text)
{
    while (*text != '\0')
        *to++ = *text++;
    return to;
}

char *csv_put_digits(char *to, uint64_t value, int least)
{
    char reversed[24];
    int count = 0;
    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || count < least);
    while (count > 0)
        *to++ = reversed[--count];
    return to;
}

char *csv_put_fixed(char *to, double value, int decimals)
{
    static const int64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    int64_t scaled = (int64_t)(value * (double)power[decimals] + (value < 0.0 ? -0.5 : 0.5));
    if (scaled < 0)
        *to++ = '-';
    uint64_t size = (uint64_t)(scaled < 0 ? -scaled : scaled), unit = (uint64_t)power[decimals];
    to = csv_put_digits(to, size / unit, 1);
    *to++ = '.';
    return csv_put_digits(to, size % unit, decimals);
}

/* ---- reading ---- */

bool csv_refuse(const Csv *csv, int column, const char *fmt, ...)
{
    char what[256];
    va_list list;
    va_start(list, fmt);
    vsnprintf(what, sizeof what, fmt, list);
    va_end(list);
    return err_set(csv->err, ERR_INPUT, "%s: line %d, column %d (%s): %s", csv->file, csv->line,
                   column + 1, csv->column[column].name, what);
}

static bool at_line_end(const Csv *csv)
{
    const char *at = csv->at;
    return at >= csv->end || *at == '\n' || (*at == '\r' && at + 1 < csv->end && at[1] == '\n');
}

static void end_line(Csv *csv)
{
    if (csv->at < csv->end && *csv->at == '\r')
        csv->at++;
    if (csv->at < csv->end)
        csv->at++;
}

/* Behind the opening quote; a quote inside is doubled. */
static bool quoted_cell(Csv *csv, int column, TextSpan *cell)
{
    size_t length = 0;
    for (csv->at++; csv->at < csv->end; csv->at++) {
        char c = *csv->at;
        if (c == '"' && csv->at + 1 < csv->end && csv->at[1] == '"') {
            csv->at++;
        } else if (c == '"') {
            csv->at++;
            *cell = (TextSpan){csv->cell, length};
            return at_line_end(csv) || *csv->at == ',' ||
                   csv_refuse(csv, column, "text behind the closing quote");
        } else if ((unsigned char)c < 0x20) {
            return csv_refuse(csv, column, "a control character (code %d)", c);
        }
        if (length == sizeof csv->cell)
            return csv_refuse(csv, column, "more than %zu bytes", sizeof csv->cell);
        csv->cell[length++] = c;
    }
    return csv_refuse(csv, column, "the quote is not closed");
}

static bool plain_cell(Csv *csv, int column, TextSpan *cell)
{
    const char *start = csv->at;
    for (; !at_line_end(csv) && *csv->at != ','; csv->at++)
        if (*csv->at == '"' || (unsigned char)*csv->at < 0x20)
            return csv_refuse(csv, column, "a quote or control character (code %d)", *csv->at);
    *cell = (TextSpan){start, (size_t)(csv->at - start)};
    return true;
}

/* The cell and the comma, or the line end, behind it. */
static bool next_cell(Csv *csv, int column, TextSpan *cell)
{
    bool quoted = csv->at < csv->end && *csv->at == '"';
    if (!(quoted ? quoted_cell(csv, column, cell) : plain_cell(csv, column, cell)))
        return false;
    bool last = column == csv->column_count - 1;
    if (at_line_end(csv) != last)
        return err_set(csv->err, ERR_INPUT, "%s: line %d has %s %d columns", csv->file, csv->line,
                       last ? "more than" : "fewer than", csv->column_count);
    if (!last)
        csv->at++;
    return true;
}

static int shown(TextSpan cell)
{
    return cell.length < 40 ? (int)cell.length : 40;
}

static bool read_word(const Csv *csv, int column, TextSpan cell, double *value)
{
    const char *word;
    for (int i = 0; (word = csv->column[column].word(i)) != NULL; i++)
        if (text_equals(cell, word)) {
            *value = i;
            return true;
        }
    return csv_refuse(csv, column, "'%.*s' is not known", shown(cell), cell.start);
}

static bool read_text(Csv *csv, int column, TextSpan cell)
{
    if (cell.length == 0 || cell.length >= sizeof csv->text)
        return csv_refuse(csv, column, "%zu bytes are not 1..%zu", cell.length,
                          sizeof csv->text - 1);
    memcpy(csv->text, cell.start, cell.length);
    csv->text[cell.length] = '\0';
    return true;
}

static bool read_value(Csv *csv, int column, TextSpan cell, double *value)
{
    const CsvColumn *at = &csv->column[column];
    long whole = 0;
    bool ok = true;
    switch (at->kind) {
    case CSV_WORD:
        return read_word(csv, column, cell, value);
    case CSV_TEXT:
        *value = 0.0;
        return read_text(csv, column, cell);
    case CSV_NUMBER:
        ok = text_to_double(cell, value);
        break;
    case CSV_WHOLE:
        ok = text_to_long(cell, &whole);
        *value = (double)whole;
        break;
    }
    if (!ok || !isfinite(*value))
        return csv_refuse(csv, column, "'%.*s' is not a %s", shown(cell), cell.start,
                          at->kind == CSV_WHOLE ? "whole number" : "finite number");
    if (!(*value >= at->low && *value <= at->high))
        return csv_refuse(csv, column, "%.*s is not within %.10g..%.10g", shown(cell), cell.start,
                          at->low, at->high);
    return true;
}

bool csv_open(Csv *csv, const char *file, size_t size, const char *bytes, int column_count,
              const CsvColumn column[], Err *err)
{
    *csv = (Csv){.file = file,
                 .at = bytes,
                 .end = bytes + size,
                 .line = 1,
                 .column_count = column_count,
                 .column = column,
                 .err = err};
    if (size == 0)
        return err_set(err, ERR_INPUT, "%s: the file is empty", file);
    for (int c = 0; c < column_count; c++) {
        TextSpan cell;
        if (!next_cell(csv, c, &cell))
            return false;
        if (!text_equals(cell, column[c].name))
            return csv_refuse(csv, c, "the header says '%.*s'", shown(cell), cell.start);
    }
    end_line(csv);
    return true;
}

bool csv_at_end(const Csv *csv)
{
    return csv->at >= csv->end;
}

int csv_rows_at_most(const Csv *csv)
{
    size_t rows = csv->at < csv->end;
    for (const char *at = csv->at; at < csv->end; at++)
        rows += *at == '\n';
    return rows < CASE_ROW_LIMIT ? (int)rows : CASE_ROW_LIMIT + 1;
}

bool csv_row(Csv *csv, double value[])
{
    csv->line++;
    for (int c = 0; c < csv->column_count; c++) {
        TextSpan cell;
        if (!next_cell(csv, c, &cell) || !read_value(csv, c, cell, &value[c]))
            return false;
    }
    end_line(csv);
    return true;
}
