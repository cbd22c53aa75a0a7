/* field.csv and fixed.csv: what was wanted where, and what stood there already. */
#include "casefile/casefile_internal.h"

#include <math.h>
#include <string.h>

/* ---- fixed.csv ---- */

const char *case_fixed_name(DotsFixedKind kind)
{
    switch (kind) {
    case DOTS_FOLLICLE:
        return "follicle";
    case DOTS_GRAFT:
        return "graft";
    case DOTS_EARLIER:
        return "earlier";
    }
    return "follicle";
}

static const char *fixed_word(int index)
{
    return index <= DOTS_EARLIER ? case_fixed_name((DotsFixedKind)index) : NULL;
}

enum { FIXED_COLUMNS = 4 };
static const CsvColumn fixed_column[FIXED_COLUMNS] = {
    {"kind", CSV_WORD, 0, 0, fixed_word},
    {"x_mm", CSV_NUMBER, -1000, 1000, NULL},
    {"y_mm", CSV_NUMBER, -1000, 1000, NULL},
    {"z_mm", CSV_NUMBER, -1000, 1000, NULL},
};

bool case_fixed_csv(Arena *arena, const DotsSequence *sequence, size_t *size, char **bytes,
                    Err *err)
{
    static const char header[] = "kind,x_mm,y_mm,z_mm\n";
    enum { ROW = 80 };
    *bytes = ARENA_NEW(arena, char, sizeof header + (size_t)sequence->fixed_count * ROW);
    if (*bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the table of %d fixed points",
                       sequence->fixed_count);
    char *to = csv_put_text(*bytes, header);
    for (int i = 0; i < sequence->fixed_count; i++) {
        Vec3 p = sequence->fixed[i].position_mm;
        if (!(fabs(p.x) <= 1000.0 && fabs(p.y) <= 1000.0 && fabs(p.z) <= 1000.0))
            return err_set(err, ERR_INPUT, "fixed point %d is not finite or absurd", i + 1);
        to = csv_put_text(to, case_fixed_name(sequence->fixed[i].kind));
        for (int k = 0; k < 3; k++) {
            *to++ = ',';
            to = csv_put_fixed(to, k == 0 ? p.x : k == 1 ? p.y : p.z, 3);
        }
        *to++ = '\n';
    }
    *size = (size_t)(to - *bytes);
    return true;
}

bool casefile_fixed_from_csv(Arena *arena, size_t size, const char *bytes, int *count,
                             DotsFixed **fixed, Err *err)
{
    Csv csv;
    double value[FIXED_COLUMNS];
    *count = 0;
    if (!csv_open(&csv, "fixed.csv", size, bytes, FIXED_COLUMNS, fixed_column, err))
        return false;
    int room = csv_rows_at_most(&csv);
    *fixed = ARENA_NEW(arena, DotsFixed, (size_t)room);
    if (*fixed == NULL || room > CASE_ROW_LIMIT)
        return err_set(err, ERR_LIMIT, "fixed.csv: no room for %d rows, or more than %d", room,
                       CASE_ROW_LIMIT);
    while (!csv_at_end(&csv)) {
        if (!csv_row(&csv, value))
            return false;
        (*fixed)[(*count)++] =
            (DotsFixed){vec3(value[1], value[2], value[3]), (DotsFixedKind)value[0]};
    }
    return true;
}

/* ---- donor hairs ---- */

bool casefile_points_from_csv(Arena *arena, size_t size, const char *bytes, int *count,
                              double (**xy_mm)[2], Err *err)
{
    static const CsvColumn column[2] = {{"x_mm", CSV_NUMBER, -1000, 1000, NULL},
                                        {"y_mm", CSV_NUMBER, -1000, 1000, NULL}};
    Csv csv;
    *count = 0;
    if (!csv_open(&csv, "donor table", size, bytes, 2, column, err))
        return false;
    int room = csv_rows_at_most(&csv);
    *xy_mm = arena_alloc(arena, (size_t)room, sizeof(double[2]));
    if (*xy_mm == NULL || room > CASE_ROW_LIMIT)
        return err_set(err, ERR_LIMIT, "donor table: no room for %d rows, or more than %d", room,
                       CASE_ROW_LIMIT);
    while (!csv_at_end(&csv))
        if (!csv_row(&csv, (*xy_mm)[(*count)++]))
            return false;
    return true;
}

/* ---- field.csv ---- */

enum { VERTEX, ZONE, WANTED, HAIR, BESIDE, FIELD_COLUMNS };
static const CsvColumn field_column[FIELD_COLUMNS] = {
    {"vertex", CSV_WHOLE, 0, 1 << 24, NULL},        {"zone", CSV_WORD, 0, 0, case_zone_word},
    {"wanted_per_cm2", CSV_NUMBER, 0, 10000, NULL}, {"hair_per_cm2", CSV_NUMBER, 0, 10000, NULL},
    {"fixed_per_cm2", CSV_NUMBER, 0, 10000, NULL},
};

static const uint8_t *zones_of(const Case *plan)
{
    const DotsWanted *wanted = plan->dots_plan.wanted;
    return wanted->zone != NULL ? wanted->zone : plan->layout->zone;
}

/* Four decimals, so that the integral over the head is that of the plan to a thousandth of a dot.
 */
bool case_field_csv(Arena *arena, const Case *plan, size_t *size, char **bytes, Err *err)
{
    static const char header[] = "vertex,zone,wanted_per_cm2,hair_per_cm2,fixed_per_cm2\n";
    enum { ROW = 120 };
    const double *wanted = plan->dots_plan.wanted->per_mm2;
    const double *fixed = plan->dots_plan.sequence->fixed_per_mm2;
    int count = plan->head->topology->vertex_count;
    *bytes = ARENA_NEW(arena, char, sizeof header + (size_t)count * ROW);
    if (*bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the field at %d vertices", count);
    char *to = csv_put_text(*bytes, header);
    for (int v = 0; v < count; v++) {
        double value[3] = {wanted[v], plan->layout->existing_per_mm2[v],
                           fixed != NULL ? fixed[v] : 0.0};
        if (!(wanted[v] > 0.0) && !(value[2] > 0.0) && !(value[1] > 0.0))
            continue;
        if (!(value[0] + value[1] + value[2] <= 100.0 && value[1] >= 0.0 && value[2] >= 0.0))
            return err_set(err, ERR_INPUT, "the density at vertex %d is not finite or absurd", v);
        to = csv_put_digits(to, (uint64_t)v, 1);
        *to++ = ',';
        to = csv_put_text(to, design_zone_name((DesignZone)zones_of(plan)[v]));
        for (int k = 0; k < 3; k++) {
            *to++ = ',';
            to = csv_put_fixed(to, 100.0 * value[k], 4);
        }
        *to++ = '\n';
    }
    *size = (size_t)(to - *bytes);
    return true;
}

static bool field_new(Arena *arena, int vertex_count, CaseField *field, Err *err)
{
    size_t count = (size_t)vertex_count;
    *field = (CaseField){.vertex_count = vertex_count,
                         .zone = ARENA_NEW(arena, uint8_t, count),
                         .wanted_per_mm2 = ARENA_NEW(arena, double, count),
                         .hair_per_mm2 = ARENA_NEW(arena, double, count),
                         .beside_per_mm2 = ARENA_NEW(arena, double, count)};
    return (field->zone != NULL && field->wanted_per_mm2 != NULL && field->hair_per_mm2 != NULL &&
            field->beside_per_mm2 != NULL) ||
           err_set(err, ERR_LIMIT, "no room for the field at %d vertices", vertex_count);
}

bool casefile_field_from_csv(Arena *arena, int vertex_count, size_t size, const char *bytes,
                             CaseField *field, Err *err)
{
    Csv csv;
    double value[FIELD_COLUMNS];
    int last = -1;
    if (!field_new(arena, vertex_count, field, err) ||
        !csv_open(&csv, "field.csv", size, bytes, FIELD_COLUMNS, field_column, err))
        return false;
    while (!csv_at_end(&csv)) {
        if (!csv_row(&csv, value))
            return false;
        int v = (int)value[VERTEX];
        if (v <= last || v >= vertex_count)
            return err_set(err, ERR_INPUT,
                           "field.csv: line %d: vertex %d is not above the one before and below "
                           "the %d of the head",
                           csv.line, v, vertex_count);
        last = v;
        field->zone[v] = (uint8_t)value[ZONE];
        field->wanted_per_mm2[v] = value[WANTED] / 100.0;
        field->hair_per_mm2[v] = value[HAIR] / 100.0;
        field->beside_per_mm2[v] = value[BESIDE] / 100.0;
    }
    return true;
}

/* ---- the budget ---- */

void case_budget(const Case *plan, BudgetZone zone[DOTS_ZONES])
{
    const CaseDotsPlan *dots = &plan->dots_plan;
    const DotsSequence *sequence = dots->sequence;
    BudgetInput input = {
        .vertex_count = plan->head->topology->vertex_count,
        .area_mm2 = plan->head->area_mm2,
        .wanted_per_mm2 = dots->wanted->per_mm2,
        .hair_per_mm2 = plan->layout->existing_per_mm2,
        .fixed_per_mm2 = sequence->fixed_per_mm2,
        .earlier_share = casefile_earlier_share(sequence->fixed_count, sequence->fixed),
        .zone = zones_of(plan),
        .touch_up_share = budget_touch_up_share(dots->params->session_count, dots->params->share),
        .healed_diameter_mm = plan->healed.diameter_mm,
        .ageing = plan->ageing};
    memcpy(input.spacing_mm, dots->params->spacing_mm, sizeof input.spacing_mm);
    budget_make(&input, zone);
}

double casefile_earlier_share(int count, const DotsFixed fixed[])
{
    int earlier = 0;
    for (int i = 0; i < count; i++)
        earlier += fixed[i].kind == DOTS_EARLIER;
    return count > 0 ? (double)earlier / count : 0.0;
}
