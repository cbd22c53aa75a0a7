#include "casefile/casefile_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Half of the lowest density a design can ask for (20 per cm2): sparser hair leaves bare skin. */
static const double between_hairs_per_mm2 = 0.10;

static const double full_turn = 6.28318530717958648;

static int nearest_corner(const Head *head, HeadPoint point)
{
    int best = 0;
    for (int k = 1; k < 3; k++)
        if (point.weight[k] > point.weight[best])
            best = k;
    return head->topology->triangle[point.triangle][best];
}

/* What the dot stands in, which is how it is worked. */
static CaseDotKind dot_kind(const Head *head, const DesignLayout *design, const Dot *dot)
{
    int vertex = nearest_corner(head, dot->point);
    if (dot->zone == DESIGN_SCAR || dot->zone == DESIGN_PUNCH || dot->zone == DESIGN_BURN)
        return CASE_IN_SCAR;
    return design->existing_per_mm2[vertex] >= between_hairs_per_mm2 ? CASE_BETWEEN_HAIRS
                                                                     : CASE_BARE;
}

static double length_of(const Case *plan, int index)
{
    return plan->dot_length_mm != NULL ? (double)plan->dot_length_mm[index] : 0.0;
}

static bool dot_is_sound(const Case *plan, int index, Err *err)
{
    const Dot *dot = &plan->dots->dot[index];
    double sum = fabs(dot->rank) + fabs(dot->target_per_mm2) + fabs(dot->beside_per_mm2) +
                 fabs(plan->dot_diameter_mm[index]) + fabs((double)plan->dot_heading_rad[index]) +
                 length_of(plan, index);
    Vec3 p = dot->position_mm, n = dot->normal;
    sum += fabs(p.x) + fabs(p.y) + fabs(p.z) + fabs(n.x) + fabs(n.y) + fabs(n.z);
    if (!(sum < 1e6 && length_of(plan, index) >= 0.0) || dot->site < 0 || dot->unit < 0)
        return err_set(err, ERR_INPUT, "dot %d holds a number that is not finite or absurd",
                       dot->site);
    if (dot->session < 0 || dot->session >= DOTS_MAX_SESSIONS)
        return err_set(err, ERR_INPUT, "dot %d is in session %d", dot->site, dot->session + 1);
    if (dot->zone < 0 || dot->zone >= DESIGN_ZONES)
        return err_set(err, ERR_INPUT, "dot %d is in zone %d", dot->site, dot->zone);
    if (dot->point.triangle < 0 || dot->point.triangle >= plan->head->topology->triangle_count)
        return err_set(err, ERR_INPUT, "dot %d lies outside the canvas", dot->site);
    return true;
}

static CaseDot make_row(const Case *plan, int index)
{
    const Dot *dot = &plan->dots->dot[index];
    return (CaseDot){.site = dot->site,
                     .rank = dot->rank,
                     .session = dot->session,
                     .zone = (DesignZone)dot->zone,
                     .kind = dot_kind(plan->head, plan->layout, dot),
                     .position_mm = dot->position_mm,
                     .normal = dot->normal,
                     .heading_rad = remainder((double)plan->dot_heading_rad[index], full_turn),
                     .diameter_mm = plan->dot_diameter_mm[index],
                     .depth_mm = plan->healed.depth_mm,
                     .dilution = plan->dilution[dot->session],
                     .target_per_mm2 = dot->target_per_mm2,
                     .beside_per_mm2 = dot->beside_per_mm2,
                     .unit = dot->unit,
                     .length_mm = length_of(plan, index)};
}

bool case_dots(Arena *arena, const Case *plan, CaseDots *dots, Err *err)
{
    *dots = (CaseDots){.count = plan->dots->count, .pigment_count = 1};
    for (int session = 0; session < DOTS_MAX_SESSIONS; session++)
        if (!(fabs(plan->dilution[session]) + fabs(plan->healed.depth_mm) < 1e6))
            return err_set(err, ERR_INPUT, "dilution %g or depth %g mm is no usable number",
                           plan->dilution[session], plan->healed.depth_mm);
    snprintf(dots->pigment[0], CASE_NAME, "%s", plan->pigment->name);
    dots->dot = ARENA_NEW(arena, CaseDot, (size_t)dots->count);
    if (dots->dot == NULL)
        return err_set(err, ERR_LIMIT, "no room for the rows of %d dots", dots->count);
    for (int i = 0; i < dots->count; i++) {
        if (!dot_is_sound(plan, i, err))
            return false;
        dots->dot[i] = make_row(plan, i);
    }
    return true;
}

/* ---- dots.csv ---- */

const char *case_zone_word(int index)
{
    return index < DESIGN_ZONES ? design_zone_name((DesignZone)index) : NULL;
}

static const char *kind_word(int index)
{
    static const char *const word[CASE_DOT_KINDS] = {"bare", "between_hairs", "scar"};
    return index < CASE_DOT_KINDS ? word[index] : NULL;
}

static const char *mark_word(int index)
{
    static const char *const word[] = {"dot", "line"};
    return index < 2 ? word[index] : NULL;
}

enum {
    ID,
    RANK,
    SESSION,
    ZONE,
    KIND,
    X,
    NORMAL = X + 3,
    HEADING = NORMAL + 3,
    DIAMETER,
    DEPTH,
    PIGMENT,
    DILUTION,
    TARGET,
    BESIDE,
    UNIT,
    MARK,
    LENGTH,
    COLUMNS,
    COLUMNS_OF_DOTS = MARK /* tables of before there were lines */
};

/* Wider than anything a plan makes: what lies outside was not meant. */
static const CsvColumn column[COLUMNS] = {
    {"id", CSV_WHOLE, 0, 2147483647, NULL},
    {"rank", CSV_NUMBER, 0, 1, NULL},
    {"session", CSV_WHOLE, 1, DOTS_MAX_SESSIONS, NULL},
    {"zone", CSV_WORD, 0, 0, case_zone_word},
    {"kind", CSV_WORD, 0, 0, kind_word},
    {"x_mm", CSV_NUMBER, -1000, 1000, NULL},
    {"y_mm", CSV_NUMBER, -1000, 1000, NULL},
    {"z_mm", CSV_NUMBER, -1000, 1000, NULL},
    {"nx", CSV_NUMBER, -1.001, 1.001, NULL},
    {"ny", CSV_NUMBER, -1.001, 1.001, NULL},
    {"nz", CSV_NUMBER, -1.001, 1.001, NULL},
    {"heading_rad", CSV_NUMBER, -7, 7, NULL},
    {"diameter_mm", CSV_NUMBER, 0, 10, NULL},
    {"depth_mm", CSV_NUMBER, 0, 10, NULL},
    {"pigment", CSV_TEXT, 0, 0, NULL},
    {"dilution", CSV_NUMBER, -1, 10000, NULL},
    {"target_per_cm2", CSV_NUMBER, 0, 10000, NULL},
    {"beside_per_cm2", CSV_NUMBER, 0, 10000, NULL},
    {"unit", CSV_WHOLE, 0, 2147483647, NULL},
    {"mark", CSV_WORD, 0, 0, mark_word},
    {"length_mm", CSV_NUMBER, 0, 10, NULL},
};

/* What is written as 0.001 mm: a line has a length in the table, too. */
#define SHORTEST_MM 0.0005

/* Quoted where RFC 4180 asks; a line break becomes a blank. */
static char *put_name(char *to, const char *name)
{
    bool quoted = strpbrk(name, ",\"\r\n") != NULL;
    if (quoted)
        *to++ = '"';
    for (; *name != '\0'; name++) {
        if (*name == '"')
            *to++ = '"';
        *to++ = (unsigned char)*name < 0x20 ? ' ' : *name;
    }
    if (quoted)
        *to++ = '"';
    return to;
}

static char *put_numbers(char *to, const CaseDot *dot)
{
    const struct {
        double value;
        int decimals;
    } number[] = {{dot->position_mm.x, 3}, {dot->position_mm.y, 3}, {dot->position_mm.z, 3},
                  {dot->normal.x, 4},      {dot->normal.y, 4},      {dot->normal.z, 4},
                  {dot->heading_rad, 3},   {dot->diameter_mm, 3},   {dot->depth_mm, 3}};
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
        *to++ = ',';
        to = csv_put_fixed(to, number[i].value, number[i].decimals);
    }
    return to;
}

static char *put_row(char *to, const CaseDots *dots, const CaseDot *dot)
{
    to = csv_put_digits(to, (uint64_t)dot->site, 1);
    *to++ = ',';
    to = csv_put_fixed(to, dot->rank, 6);
    *to++ = ',';
    to = csv_put_digits(to, (uint64_t)dot->session + 1, 1);
    *to++ = ',';
    to = csv_put_text(to, design_zone_name(dot->zone));
    *to++ = ',';
    to = csv_put_text(to, kind_word((int)dot->kind));
    to = put_numbers(to, dot);
    *to++ = ',';
    to = put_name(to, dots->pigment[dot->pigment]);
    *to++ = ',';
    to = csv_put_fixed(to, dot->dilution, 2);
    *to++ = ',';
    to = csv_put_fixed(to, 100.0 * dot->target_per_mm2, 2);
    *to++ = ',';
    to = csv_put_fixed(to, 100.0 * dot->beside_per_mm2, 2);
    *to++ = ',';
    to = csv_put_digits(to, (uint64_t)dot->unit, 1);
    *to++ = ',';
    to = csv_put_text(to, mark_word(dot->length_mm >= SHORTEST_MM));
    *to++ = ',';
    to = csv_put_fixed(to, dot->length_mm, 3);
    *to++ = '\n';
    return to;
}

bool casefile_dots_to_csv(Arena *arena, const CaseDots *dots, size_t *size, char **bytes, Err *err)
{
    enum { ROW = 17 * 20 + 2 * CASE_NAME + 64, HEADER = 512 };
    *bytes = ARENA_NEW(arena, char, HEADER + (size_t)dots->count * ROW);
    if (*bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the table of %d dots", dots->count);
    char *to = *bytes;
    for (int c = 0; c < COLUMNS; c++) {
        to = csv_put_text(to, column[c].name);
        *to++ = c < COLUMNS - 1 ? ',' : '\n';
    }
    for (int i = 0; i < dots->count; i++)
        to = put_row(to, dots, &dots->dot[i]);
    *size = (size_t)(to - *bytes);
    return true;
}

/* Which of the table's names this is; a new one is added. */
static bool find_pigment(const Csv *csv, CaseDots *dots, int *pigment)
{
    for (*pigment = 0; *pigment < dots->pigment_count; ++*pigment)
        if (strcmp(dots->pigment[*pigment], csv->text) == 0)
            return true;
    if (dots->pigment_count == CASE_PIGMENTS)
        return csv_refuse(csv, PIGMENT, "more than %d pigments", CASE_PIGMENTS);
    memcpy(dots->pigment[dots->pigment_count++], csv->text, sizeof csv->text);
    return true;
}

static CaseDot row_of(const double value[COLUMNS], int pigment)
{
    return (CaseDot){.site = (int)value[ID],
                     .rank = value[RANK],
                     .session = (int)value[SESSION] - 1,
                     .zone = (DesignZone)value[ZONE],
                     .kind = (CaseDotKind)value[KIND],
                     .position_mm = vec3(value[X], value[X + 1], value[X + 2]),
                     .normal = vec3(value[NORMAL], value[NORMAL + 1], value[NORMAL + 2]),
                     .heading_rad = value[HEADING],
                     .diameter_mm = value[DIAMETER],
                     .depth_mm = value[DEPTH],
                     .pigment = pigment,
                     .dilution = value[DILUTION],
                     .target_per_mm2 = value[TARGET] / 100.0,
                     .beside_per_mm2 = value[BESIDE] / 100.0,
                     .unit = (int)value[UNIT],
                     .length_mm = value[LENGTH]};
}

/* How many the header has: all, or those of before there were lines. */
static int column_count(size_t size, const char *bytes)
{
    int count = 1;
    for (size_t i = 0; i < size && bytes[i] != '\n'; i++)
        count += bytes[i] == ',';
    return count == COLUMNS_OF_DOTS ? COLUMNS_OF_DOTS : COLUMNS;
}

bool casefile_dots_from_csv(Arena *arena, size_t size, const char *bytes, CaseDots *dots, Err *err)
{
    Csv csv;
    double value[COLUMNS] = {0.0};
    *dots = (CaseDots){0};
    if (!csv_open(&csv, "dots.csv", size, bytes, column_count(size, bytes), column, err))
        return false;
    int room = csv_rows_at_most(&csv);
    dots->dot = ARENA_NEW(arena, CaseDot, (size_t)room);
    if (dots->dot == NULL || room > CASE_ROW_LIMIT)
        return err_set(err, ERR_LIMIT, "dots.csv: no room for %d rows, or more than %d", room,
                       CASE_ROW_LIMIT);
    while (!csv_at_end(&csv)) {
        int pigment;
        if (!csv_row(&csv, value) || !find_pigment(&csv, dots, &pigment))
            return false;
        if ((value[MARK] > 0.0) != (value[LENGTH] > 0.0))
            return csv_refuse(&csv, LENGTH, "a %s of %g mm", mark_word((int)value[MARK]),
                              value[LENGTH]);
        dots->dot[dots->count++] = row_of(value, pigment);
    }
    return true;
}
