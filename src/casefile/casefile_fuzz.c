#include "casefile/casefile.h"
#include "casefile/photos_doc.h"
#include "casefile/read.h"
#include "casefile/shade_doc.h"
#include "casefile/whole.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 8 << 20, VERTICES = 500 };

/* A refusal carries a sentence. */
static bool said(bool ok, const Err *err)
{
    if (!ok && (err->code == ERR_NONE || strlen(err->text) == 0))
        abort();
    return ok;
}

/* Any bytes as any kind of document: accepted, or refused with a sentence. At most one kind can
 * accept them, since each names its schema. */
static void as_document(size_t size, const char *text)
{
    static const char *const name[] = {"case",     "assessment", "design",   "layout",
                                       "findings", "course",     "protocol", "prices",
                                       "clinic",   "visibility", "audit",    "shade",
                                       "swatches", "screening",  "answers",  "projector"};
    int accepted = 0;
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        Err err = {0};
        accepted += said(casefile_check(name[i], size, text, &err), &err);
    }
    if (accepted > 1)
        abort();
}

/* A table of dots that is accepted is written, and what is written reads back with the same bytes.
 */
static void as_dots(Arena *arena, size_t size, const char *text)
{
    CaseDots dots, again;
    Err err = {0};
    size_t first_size, second_size;
    char *first, *second;
    if (!said(casefile_dots_from_csv(arena, size, text, &dots, &err), &err) ||
        !said(casefile_dots_to_csv(arena, &dots, &first_size, &first, &err), &err))
        return;
    if (!said(casefile_dots_from_csv(arena, first_size, first, &again, &err), &err)) {
        if (err.code != ERR_LIMIT)
            abort();
        return;
    }
    if (!casefile_dots_to_csv(arena, &again, &second_size, &second, &err))
        return;
    if (first_size != second_size || memcmp(first, second, first_size) != 0)
        abort();
}

static void as_photos(Arena *arena, size_t size, const char *text)
{
    Err err = {0};
    PhotosDoc *doc = ARENA_NEW(arena, PhotosDoc, 1);
    if (doc != NULL && said(casefile_photos_from_json(arena, size, text, doc, &err), &err))
        for (int i = 0; i < doc->count; i++)
            if (photos_entry(doc, doc->entry[i].file) == NULL)
                abort();
}

static void as_tables(Arena *arena, size_t size, const char *text)
{
    int count;
    DotsFixed *fixed;
    CaseField field;
    double(*xy_mm)[2];
    Err err = {0};
    said(casefile_points_from_csv(arena, size, text, &count, &xy_mm, &err), &err);
    said(casefile_fixed_from_csv(arena, size, text, &count, &fixed, &err), &err);
    said(casefile_field_from_csv(arena, VERTICES, size, text, &field, &err), &err);
}

/* The bytes as case.json beside a plain design, and as the design beside a plain case. */
static void as_record(Arena *arena, size_t size, const char *text)
{
    static const char design[] = "{\"schema\": \"follicle/design\", \"version\": 1}";
    static const char plan[] =
        "{\"schema\": \"follicle/case\", \"version\": 1, \"code\": \"x\", \"documents\": [], "
        "\"parameters\": {\"healed_dot\": {\"diameter_mm\": 0.3}, \"growth_years\": 5.0, "
        "\"ageing\": {\"healed_mass_ratio\": {\"low\": 0.5, \"expected\": 0.6, \"high\": 0.7}, "
        "\"half_life_years\": {\"low\": 3, \"expected\": 6, \"high\": 8}, "
        "\"healed_diameter_ratio\": {\"low\": 0.5, \"expected\": 0.6, \"high\": 0.7}, "
        "\"growth_ratio_per_year\": {\"low\": 0.03, \"expected\": 0.04, \"high\": 0.05}}}, "
        "\"dots\": {\"count\": 0, \"dropped\": 0, \"shares\": [1.0], "
        "\"irregularity\": {\"value\": 0}, \"zones\": []}}";
    CaseRecord record;
    Err err = {0};
    said(casefile_record_from_json(arena, size, text, sizeof design - 1, design, &record, &err),
         &err);
    err = (Err){0};
    bool ok = casefile_record_from_json(arena, sizeof plan - 1, plan, size, text, &record, &err);
    if (!said(ok, &err) && strncmp(err.text, "case.json", 9) == 0)
        abort(); /* the plain case is sound */
}

/* Read once: it takes longer than all the rest. */
static const Protocol *standard(void)
{
    static Arena own;
    static Protocol *protocol;
    Err err;
    if (protocol == NULL &&
        (!arena_open(&own, ROOM, &err) || (protocol = ARENA_NEW(&own, Protocol, 1)) == NULL ||
         !protocol_builtin(&own, "standard", protocol, &err)))
        abort();
    return protocol;
}

/* A course that is accepted has no more of anything than there is room for. */
static void as_course(Arena *arena, size_t size, const char *text)
{
    Course *course = ARENA_NEW(arena, Course, 1);
    Err err = {0};
    if (course == NULL ||
        !said(casefile_course_from_json(standard(), size, text, course, &err), &err))
        return;
    if (course->session_count > COURSE_MAX_SESSIONS || course->event_count > COURSE_EVENTS ||
        course->remark_count > COURSE_REMARKS || course->quote.line_count > PRICES_MAX_LINES)
        abort();
    for (int s = 0; s < course->session_count; s++)
        if (course->session[s].sittings < 1 || course->session[s].sittings > COURSE_MAX_SITTINGS)
            abort();
}

/* What is read of swatches stays within what the reader promises. */
static void as_shade(size_t size, const char *text)
{
    CaseSwatches swatches;
    CaseAssessment assessment;
    Err err = {0};
    if (said(casefile_swatches_from_json(size, text, &swatches, &err), &err) &&
        (swatches.swatches.bare_count > SWATCHES_MAX_BARE ||
         swatches.swatches.swatch_count > SKIN_MAX_SWATCHES))
        abort();
    err = (Err){0};
    said(casefile_assessment_from_json(size, text, &assessment, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena;
    Err err;
    const char *text = (const char *)data;
    as_document(size, text);
    as_shade(size, text);
    if (!arena_open(&arena, ROOM, &err))
        return 0;
    as_dots(&arena, size, text);
    arena_rewind(&arena, 0);
    as_photos(&arena, size, text);
    arena_rewind(&arena, 0);
    as_tables(&arena, size, text);
    arena_rewind(&arena, 0);
    as_record(&arena, size, text);
    arena_rewind(&arena, 0);
    as_course(&arena, size, text);
    arena_close(&arena);
    return 0;
}
