#include "casefile/casefile.h"

#include "base/io.h"
#include "base/sha256.h"
#include "casefile/casefile_internal.h"
#include "casefile/whole.h"
#include "design/file.h"

#include <assert.h>

static bool write_bytes(const char *folder, size_t size, const void *bytes, CaseFile *file,
                        Err *err)
{
    char path[IO_PATH_LIMIT];
    file->size = size;
    sha256_hex(size, bytes, file->sha256);
    return io_join(path, folder, file->name, err) && io_write_file(path, size, bytes, err);
}

/* Writes the document and releases it. */
static bool write_doc(Arena *scratch, Doc *doc, const char *folder, CaseFile *file, Err *err)
{
    char *text = NULL;
    size_t size = 0, mark = arena_mark(scratch);
    bool ok = doc_render(scratch, doc, file->name, &size, &text, err) &&
              write_bytes(folder, size, text, file, err);
    arena_rewind(scratch, mark);
    return ok;
}

/* The rows once, as a table and as points. */
static bool write_dots(Arena *scratch, const Case *plan, const char *folder, CaseFile file[2],
                       Err *err)
{
    size_t size, mark = arena_mark(scratch);
    char *text;
    uint8_t *points;
    CaseDots dots;
    file[0] = (CaseFile){.name = "dots.csv"};
    file[1] = (CaseFile){.name = "dots.ply"};
    bool ok = case_dots(scratch, plan, &dots, err) &&
              casefile_dots_to_csv(scratch, &dots, &size, &text, err) &&
              write_bytes(folder, size, text, &file[0], err) &&
              casefile_dots_to_ply(scratch, &dots, &size, &points, err) &&
              write_bytes(folder, size, points, &file[1], err);
    arena_rewind(scratch, mark);
    return ok;
}

static bool write_field(Arena *scratch, const Case *plan, const char *folder, CaseFile *file,
                        Err *err)
{
    size_t size, mark = arena_mark(scratch);
    char *bytes;
    *file = (CaseFile){.name = "field.csv"};
    bool ok = case_field_csv(scratch, plan, &size, &bytes, err) &&
              write_bytes(folder, size, bytes, file, err);
    arena_rewind(scratch, mark);
    return ok;
}

static bool write_fixed(Arena *scratch, const Case *plan, const char *folder, CaseFile *file,
                        Err *err)
{
    size_t size, mark = arena_mark(scratch);
    char *bytes;
    *file = (CaseFile){.name = "fixed.csv"};
    bool ok = case_fixed_csv(scratch, plan->dots_plan.sequence, &size, &bytes, err) &&
              write_bytes(folder, size, bytes, file, err);
    arena_rewind(scratch, mark);
    return ok;
}

static bool write_head(Arena *arena, Arena *scratch, const Case *plan, const Image *chart,
                       const char *folder, CaseFile *file, Err *err)
{
    size_t size, mark = arena_mark(arena);
    uint8_t *bytes;
    *file = (CaseFile){.name = "head.glb"};
    bool ok = case_head_glb(arena, scratch, plan->head, chart, &size, &bytes, err) &&
              write_bytes(folder, size, bytes, file, err);
    arena_rewind(arena, mark);
    return ok;
}

static bool write_design(Arena *scratch, const Case *plan, const char *folder, CaseFile *file,
                         Err *err)
{
    size_t size, mark = arena_mark(scratch);
    char *text;
    *file = (CaseFile){.name = "design.json"};
    bool ok = design_to_json(scratch, &plan->layout->design, &size, &text, err) &&
              write_bytes(folder, size, text, file, err);
    arena_rewind(scratch, mark);
    return ok;
}

static bool write_findings(Arena *scratch, const Case *plan, const char *folder, CaseFile *file,
                           Err *err)
{
    size_t size, mark = arena_mark(scratch);
    char *text;
    *file = (CaseFile){.name = "findings.json"};
    bool ok = rules_to_json(scratch, plan->rules, plan->findings, &size, &text, err) &&
              write_bytes(folder, size, text, file, err);
    arena_rewind(scratch, mark);
    return ok;
}

typedef void BuildFn(Doc *doc, const Case *plan);

static bool write_document(Arena *scratch, const Case *plan, const char *folder, int index,
                           CaseFile *file, Err *err)
{
    static const struct {
        const char *schema, *file;
        BuildFn *build;
    } document[] = {{"assessment", "assessment.json", case_assessment},
                    {"layout", "layout.json", case_layout},
                    {"visibility", "visibility.json", case_visibility}};
    Doc doc;
    *file = (CaseFile){.name = document[index].file};
    if (!doc_start(&doc, document[index].schema, casefile_version(document[index].schema), err))
        return false;
    document[index].build(&doc, plan);
    return write_doc(scratch, &doc, folder, file, err);
}

/* A document that somebody gave, as it was read. */
static bool write_given(const char *folder, const char *name, size_t size, const char *bytes,
                        CaseFile *file, int *count, Err *err)
{
    if (bytes == NULL)
        return true;
    file[*count] = (CaseFile){.name = name};
    return write_bytes(folder, size, bytes, &file[(*count)++], err);
}

bool case_write_course(Arena *scratch, const Case *plan, const char *folder,
                       CaseFile file[CASE_COURSE_FILES], int *count, Err *err)
{
    const Protocol *protocol = &plan->course->protocol;
    const PriceList *prices = plan->prices;
    const Clinic *clinic = plan->clinic;
    Doc doc;
    *count = 1;
    file[0] = (CaseFile){.name = "course.json"};
    return casefile_course_doc(&doc, plan, err) &&
           write_doc(scratch, &doc, folder, &file[0], err) &&
           write_given(folder, "protocol.json", protocol->size, protocol->bytes, file, count,
                       err) &&
           (prices == NULL ||
            write_given(folder, "prices.json", prices->size, prices->bytes, file, count, err)) &&
           (clinic == NULL ||
            write_given(folder, "clinic.json", clinic->size, clinic->bytes, file, count, err));
}

bool casefile_write(Arena *arena, Arena *scratch, const Case *plan, const Image *chart,
                    const char *folder, Err *err)
{
    assert(plan->head && plan->survey && plan->layout && plan->dots && plan->pigment);
    assert(plan->course && plan->dot_diameter_mm && plan->dot_heading_rad);
    const CaseDotsPlan *dots = &plan->dots_plan;
    assert(dots->sequence && dots->params && dots->wanted && dots->irregularity_source);
    CaseFile file[CASE_FILES];
    Doc doc;
    int count = 0;
    if (!write_head(arena, scratch, plan, chart, folder, &file[count++], err) ||
        !write_dots(scratch, plan, folder, &file[count], err))
        return false;
    count += 2;
    if (!write_field(scratch, plan, folder, &file[count++], err))
        return false;
    if (dots->sequence->fixed_count > 0 && !write_fixed(scratch, plan, folder, &file[count++], err))
        return false;
    if (!write_design(scratch, plan, folder, &file[count++], err))
        return false;
    if (plan->findings != NULL && !write_findings(scratch, plan, folder, &file[count++], err))
        return false;
    for (int i = 0; i < 3; i++)
        if (!write_document(scratch, plan, folder, i, &file[count++], err))
            return false;
    int more;
    if (!case_write_course(scratch, plan, folder, &file[count], &more, err))
        return false;
    count += more;
    if (!doc_start(&doc, "case", casefile_version("case"), err))
        return false;
    case_case(&doc, plan, count, file);
    file[count] = (CaseFile){.name = "case.json"};
    return write_doc(scratch, &doc, folder, &file[count], err);
}
