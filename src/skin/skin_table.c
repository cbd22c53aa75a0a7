#include "base/embed.h"
#include "base/text.h"
#include "skin/skin.h"
#include "skin/skin_internal.h"

#include <math.h>
#include <string.h>

enum { FIELD_LIMIT = 24, MARK_FIELDS = 13, HAIR_FIELDS = 6 };

/* One line of the file, cut at its commas. */
typedef struct Row {
    int line, count;
    TextSpan field[FIELD_LIMIT];
} Row;

typedef struct Reader {
    TextCursor cursor;
    Row row;
    Err *err;
} Reader;

static bool cut(Row *row, TextSpan line)
{
    const char *at = line.start, *end = line.start + line.length;
    for (row->count = 0; row->count < FIELD_LIMIT; at++) {
        const char *start = at;
        while (at < end && *at != ',')
            at++;
        row->field[row->count++] = (TextSpan){start, (size_t)(at - start)};
        if (at == end)
            return true;
    }
    return false;
}

/* The next line that is not a comment. */
static bool next_row(Reader *reader)
{
    while (!text_at_end(&reader->cursor)) {
        reader->row.line = reader->cursor.line;
        TextSpan line = text_rest_of_line(&reader->cursor);
        if (line.length == 0 || line.start[0] == '#')
            continue;
        if (!cut(&reader->row, line))
            return err_set(reader->err, ERR_INPUT, "dot table line %d: more than %d fields",
                           reader->row.line, FIELD_LIMIT);
        return true;
    }
    return err_set(reader->err, ERR_INPUT, "dot table: ends after line %d, rows are missing",
                   reader->cursor.line);
}

static bool get_number(const Reader *reader, int field, double low, double high, double *value)
{
    TextSpan span = reader->row.field[field];
    if (!text_to_double(span, value))
        return err_set(reader->err, ERR_INPUT, "dot table line %d: '%.*s' is not a number",
                       reader->row.line, (int)(span.length < 30 ? span.length : 30), span.start);
    if (!(*value >= low && *value <= high))
        return err_set(reader->err, ERR_INPUT, "dot table line %d: %g is not within %g..%g",
                       reader->row.line, *value, low, high);
    return true;
}

static bool is_row(const Reader *reader, const char *kind, int fields)
{
    if (reader->row.count != fields || !text_equals(reader->row.field[0], kind))
        return err_set(reader->err, ERR_INPUT, "dot table line %d: not a '%s' row of %d fields",
                       reader->row.line, kind, fields);
    return true;
}

static bool read_axis(Reader *reader, const char *name, SkinAxis *axis)
{
    if (!next_row(reader) || !is_row(reader, "axis", reader->row.count))
        return false;
    axis->count = reader->row.count - 2;
    if (axis->count < 2 || axis->count > SKIN_AXIS_LIMIT ||
        !text_equals(reader->row.field[1], name))
        return err_set(reader->err, ERR_INPUT,
                       "dot table line %d: not the axis '%s' with 2..%d values", reader->row.line,
                       name, SKIN_AXIS_LIMIT);
    for (int i = 0; i < axis->count; i++) {
        if (!get_number(reader, i + 2, 1e-4, 1e3, &axis->value[i]))
            return false;
        if (i > 0 && axis->value[i] <= axis->value[i - 1])
            return err_set(reader->err, ERR_INPUT, "dot table line %d: %s does not rise at %g",
                           reader->row.line, name, axis->value[i]);
    }
    return true;
}

/* A coordinate of a row must be what the axes say. */
static bool is_at(const Reader *reader, int field, double expected)
{
    double value;
    if (!get_number(reader, field, 0.0, 1e3, &value))
        return false;
    if (fabs(value - expected) > 1e-9 * expected)
        return err_set(reader->err, ERR_INPUT, "dot table line %d: field %d is %g, expected %g",
                       reader->row.line, field + 1, value, expected);
    return true;
}

static bool read_log_areas(const Reader *reader, int field, double log_area[3])
{
    for (int c = 0; c < 3; c++) {
        double area;
        if (!get_number(reader, field + c, 1e-9, 10.0, &area))
            return false;
        log_area[c] = log(area);
    }
    return true;
}

static bool read_cell(Reader *reader, const double at[4], SkinCell *cell)
{
    if (!next_row(reader) || !is_row(reader, "mark", MARK_FIELDS))
        return false;
    for (int k = 0; k < 4; k++) {
        if (!is_at(reader, 1 + k, at[k]))
            return false;
    }
    for (int c = 0; c < 3; c++) {
        if (!get_number(reader, 8 + c, 0.0, 1.0, &cell->core_share[c]))
            return false;
    }
    return read_log_areas(reader, 5, cell->log_area) &&
           get_number(reader, 11, 1e-3, 5.0, &cell->core_sigma_mm) &&
           get_number(reader, 12, 1e-3, 5.0, &cell->halo_sigma_mm);
}

static bool read_cells(Reader *reader, Arena *arena, SkinTable *table)
{
    const SkinAxis *axis[4] = {&table->melanin, &table->diameter_mm, &table->depth_mm,
                               &table->absorption_per_mm};
    int count = 1;
    for (int k = 0; k < 4; k++)
        count *= axis[k]->count;
    SkinCell *cell = ARENA_NEW(arena, SkinCell, (size_t)count);
    if (cell == NULL)
        return err_set(reader->err, ERR_LIMIT, "no room for a dot table of %d rows", count);
    for (int i = 0; i < count; i++) {
        double at[4];
        for (int k = 3, rest = i; k >= 0; rest /= axis[k]->count, k--)
            at[k] = axis[k]->value[rest % axis[k]->count];
        if (!read_cell(reader, at, &cell[i]))
            return false;
    }
    table->cell = cell;
    return true;
}

/* Matching inverts the table in its strength, so the area must rise with it. */
static bool rises_with_strength(const SkinTable *table, int cells, Err *err)
{
    int n = table->absorption_per_mm.count;
    for (int i = 1; i < cells; i++) {
        for (int c = 0; c < 3 && i % n > 0; c++) {
            if (table->cell[i].log_area[c] <= table->cell[i - 1].log_area[c])
                return err_set(err, ERR_INPUT, "dot table: area of row %d does not rise", i + 1);
        }
    }
    return true;
}

static bool read_hair(Reader *reader, SkinTable *table)
{
    for (int i = 0; i < table->hair_melanin.count; i++) {
        if (!next_row(reader) || !is_row(reader, "hair", HAIR_FIELDS) ||
            !is_at(reader, 1, table->hair_melanin.value[i]) ||
            !get_number(reader, 2, 0.01, 0.5, &table->hair_diameter_mm) ||
            !read_log_areas(reader, 3, table->hair_log_area[i]))
            return false;
    }
    return true;
}

bool skin_table_parse(Arena *arena, size_t size, const void *bytes, SkinTable *table, Err *err)
{
    Reader reader = {.cursor = text_cursor(size, bytes), .err = err};
    *table = (SkinTable){0};
    if (!read_axis(&reader, "melanin", &table->melanin) ||
        !read_axis(&reader, "diameter_mm", &table->diameter_mm) ||
        !read_axis(&reader, "depth_mm", &table->depth_mm) ||
        !read_axis(&reader, "absorption_per_mm", &table->absorption_per_mm) ||
        !read_cells(&reader, arena, table))
        return false;
    int cells = table->melanin.count * table->diameter_mm.count * table->depth_mm.count *
                table->absorption_per_mm.count;
    return rises_with_strength(table, cells, err) &&
           read_axis(&reader, "hair_melanin", &table->hair_melanin) && read_hair(&reader, table);
}

bool skin_table_load(Arena *arena, SkinTable *table, Err *err)
{
    for (const EmbedFile *file = spectra_files; file->name != NULL; file++) {
        if (strcmp(file->name, "dot_area.csv") == 0)
            return skin_table_parse(arena, file->size, file->bytes, table, err);
    }
    return err_set(err, ERR_INPUT, "this build contains no spectra/dot_area.csv");
}
